// SPDX-License-Identifier: GPL-2.0-only
/* The shadow backend. */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "../formats.h"
#include "fixture.h"

#define IOVA	0x40000000ULL
#define RW	(DRIVER_R | DRIVER_W)

static const enum driver_mode modes[] = { DRIVER_SECOND, DRIVER_LEGACY };

static void flush_domain(struct fixture *f)
{
	driver_queue_domain(&f->d, DID);
	EXPECT(driver_wait(&f->d));
}

static void flush_pages(struct fixture *f, __u64 iova, int order)
{
	driver_queue_pages(&f->d, DID, iova, order);
	EXPECT(driver_wait(&f->d));
}

static void clear_calls(struct fixture *f)
{
	memset(&f->host.calls, 0, sizeof(f->host.calls));
}

/* Map, see nothing before the invalidation, change, unmap. */
static void test_pages(void)
{
	struct fixture f;
	__u64 table;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		fixture_open(&f, modes[i]);
		EXPECT_EQ(f.host.attached[0], f.config.ioas);
		fixture_nest(&f, &table);
		EXPECT(f.host.attached[0] && f.host.attached[0] != f.config.ioas);
		driver_map(&f.d, table, IOVA, HIGH_GPA, DRIVER_4K, RW);
		EXPECT(fixture_blocked(&f, IOVA));
		flush_pages(&f, IOVA, 0);
		EXPECT(fixture_reaches(&f, IOVA, HIGH_GPA));
		EXPECT(fixture_blocked(&f, IOVA + PAGE));
		driver_map(&f.d, table, IOVA, HIGH_GPA + PAGE, DRIVER_4K, RW);
		EXPECT(fixture_reaches(&f, IOVA, HIGH_GPA));
		flush_pages(&f, IOVA, 0);
		EXPECT(fixture_reaches(&f, IOVA, HIGH_GPA + PAGE));
		driver_unmap(&f.d, table, IOVA, DRIVER_4K);
		flush_pages(&f, IOVA, 0);
		EXPECT(fixture_blocked(&f, IOVA));
		fixture_close(&f);
	}
}

/* One invalidation across directories of all levels; pages beside it are not looked at. */
static void test_directories(void)
{
	const __u64 at[] = { BIT_ULL(39) - PAGE, BIT_ULL(39), BIT_ULL(39) + SIZE_1G - PAGE,
			     BIT_ULL(39) + SIZE_1G, BIT_ULL(39) + SIZE_1G + SIZE_2M };
	struct fixture f;
	__u64 table;
	unsigned int i;

	fixture_open(&f, DRIVER_SECOND);
	fixture_nest(&f, &table);
	for (i = 0; i < ARRAY_SIZE(at); i++)
		driver_map(&f.d, table, at[i], HIGH_GPA + i * PAGE, DRIVER_4K, RW);
	flush_pages(&f, BIT_ULL(39), 19);
	EXPECT(fixture_blocked(&f, at[0]));
	EXPECT(fixture_reaches(&f, at[1], HIGH_GPA + PAGE));
	EXPECT(fixture_reaches(&f, at[2], HIGH_GPA + 2 * PAGE));
	EXPECT(fixture_reaches(&f, at[3], HIGH_GPA + 3 * PAGE));
	EXPECT(fixture_reaches(&f, at[4], HIGH_GPA + 4 * PAGE));
	flush_pages(&f, 0, 36);
	EXPECT(fixture_reaches(&f, at[0], HIGH_GPA));
	for (i = 0; i < ARRAY_SIZE(at); i++)
		driver_unmap(&f.d, table, at[i], DRIVER_4K);
	clear_calls(&f);
	flush_pages(&f, 0, 36);
	EXPECT_EQ(fake_host_mapped(&f.host, fake_host_dev(0)), 0);
	EXPECT_EQ(f.host.calls.unmap, 1);
	fixture_close(&f);
}

/* The differences only, and what is mapped before and after is reached all the time. */
static void test_differences(void)
{
	struct fixture f;
	__u64 table, i;

	fixture_open(&f, DRIVER_SECOND);
	fixture_nest(&f, &table);
	for (i = 0; i < 64; i++)
		driver_map(&f.d, table, IOVA + i * PAGE, HIGH_GPA + i * PAGE, DRIVER_4K, RW);
	flush_domain(&f);
	EXPECT_EQ(fake_host_mapped(&f.host, fake_host_dev(0)), 64);
	for (i = 0; i < 4; i++)
		f.host.watch[i] = (struct fake_watch) {
			fake_host_dev(0), IOVA + (15 + i * 16) * PAGE,
			f.high + (15 + i * 16) * PAGE
		};
	clear_calls(&f);
	flush_domain(&f);
	EXPECT_EQ(f.host.calls.map + f.host.calls.unmap, 0);
	/* A row that is gone, one beside it and two others that are changed, and two new ones */
	for (i = 3; i < 9; i++)
		driver_unmap(&f.d, table, IOVA + i * PAGE, DRIVER_4K);
	driver_map(&f.d, table, IOVA + 9 * PAGE, HIGH_GPA + 98 * PAGE, DRIVER_4K, RW);
	driver_map(&f.d, table, IOVA + 20 * PAGE, HIGH_GPA + 99 * PAGE, DRIVER_4K, RW);
	driver_map(&f.d, table, IOVA + 21 * PAGE, HIGH_GPA + 21 * PAGE, DRIVER_4K, DRIVER_R);
	driver_map(&f.d, table, IOVA + 70 * PAGE, HIGH_GPA + 70 * PAGE, DRIVER_4K, RW);
	driver_map(&f.d, table, IOVA - PAGE, HIGH_GPA + 71 * PAGE, DRIVER_4K, RW);
	flush_domain(&f);
	EXPECT_EQ(f.host.calls.unmap, 4);
	EXPECT_EQ(f.host.calls.map, 5);
	EXPECT_EQ(f.host.calls.attach + f.host.calls.detach, 0);
	EXPECT_EQ(f.host.missed, 0);
	EXPECT(fixture_blocked(&f, IOVA + 5 * PAGE));
	EXPECT(fixture_reaches(&f, IOVA + 20 * PAGE, HIGH_GPA + 99 * PAGE));
	EXPECT(!fixture_reaches(&f, IOVA + 21 * PAGE, HIGH_GPA + 21 * PAGE));
	EXPECT(!fixture_blocked(&f, IOVA + 21 * PAGE));
	EXPECT(vunit_mappings_valid(&f.unit->devices->mappings));

	/* Another table with the same pages: the watched ones are not touched. */
	table = driver_page(&f.d);
	for (i = 15; i < 64; i += 16)
		driver_map(&f.d, table, IOVA + i * PAGE, HIGH_GPA + i * PAGE, DRIVER_4K, RW);
	driver_use_table(&f.d, SID, DID, table);
	clear_calls(&f);
	driver_queue_context(&f.d, SID, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.missed, 0);
	EXPECT_EQ(f.host.calls.map + f.host.calls.attach, 0);
	EXPECT_EQ(fake_host_mapped(&f.host, fake_host_dev(0)), 4);
	memset(f.host.watch, 0, sizeof(f.host.watch));
	fixture_close(&f);
}

/* Large pages are one mapping each, and the same in small pages is no difference. */
static void test_large(void)
{
	struct fixture f;
	__u64 table, i;

	fixture_open(&f, DRIVER_SECOND);
	fixture_nest(&f, &table);
	driver_map(&f.d, table, IOVA, HIGH_GPA, DRIVER_2M, RW);
	flush_domain(&f);
	EXPECT_EQ(fake_host_mapped(&f.host, fake_host_dev(0)), 1);
	EXPECT(fixture_reaches(&f, IOVA + SIZE_2M - 8, HIGH_GPA + SIZE_2M - 8));
	*driver_entry(&f.d, table, IOVA, 2) = 0;
	for (i = 0; i < 512; i++)
		driver_map(&f.d, table, IOVA + i * PAGE, HIGH_GPA + i * PAGE, DRIVER_4K, RW);
	clear_calls(&f);
	flush_domain(&f);
	EXPECT_EQ(f.host.calls.map + f.host.calls.unmap, 0);
	/* One of them goes: the host cannot take a part away, so all is mapped anew. */
	driver_unmap(&f.d, table, IOVA + 5 * PAGE, DRIVER_4K);
	flush_pages(&f, IOVA + 5 * PAGE, 0);
	EXPECT(fixture_blocked(&f, IOVA + 5 * PAGE));
	EXPECT(fixture_reaches(&f, IOVA + 6 * PAGE, HIGH_GPA + 6 * PAGE));
	EXPECT(fixture_reaches(&f, IOVA, HIGH_GPA));
	EXPECT_EQ(fake_host_mapped(&f.host, fake_host_dev(0)), 511);
	EXPECT_EQ(f.host.calls.unmap, 1);
	fixture_close(&f);
}

/* A table that may not be written makes all that is below it read-only. */
static void test_rights(void)
{
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_SECOND);
	fixture_nest(&f, &table);
	driver_map(&f.d, table, IOVA, HIGH_GPA, DRIVER_4K, RW);
	*driver_entry(&f.d, table, IOVA, 2) &= ~htole64(VUNIT_SS_W);
	flush_domain(&f);
	EXPECT(!fixture_blocked(&f, IOVA));
	EXPECT(!fixture_reaches(&f, IOVA, HIGH_GPA));
	*driver_entry(&f.d, table, IOVA, 2) |= htole64(VUNIT_SS_W);
	flush_domain(&f);
	EXPECT(fixture_reaches(&f, IOVA, HIGH_GPA));
	*driver_entry(&f.d, table, IOVA, 3) &= ~htole64(VUNIT_SS_R | VUNIT_SS_W);
	flush_domain(&f);
	EXPECT(fixture_blocked(&f, IOVA));
	fixture_close(&f);
}

/* 1 GiB over the end of memory and over a ROM; the interrupt range is left out. */
static void test_holes(void)
{
	const __u64 first = 0xc0000000ULL;
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_SECOND);
	fixture_nest(&f, &table);
	driver_map(&f.d, table, 0, LOW_GPA, DRIVER_1G, RW);
	driver_map(&f.d, table, 2 * SIZE_1G, ROM_GPA, DRIVER_1G, RW);
	flush_domain(&f);
	EXPECT_EQ(fake_host_mapped(&f.host, fake_host_dev(0)), 2);
	EXPECT(fixture_reaches(&f, RAM_SIZE - 8, LOW_GPA + RAM_SIZE - 8));
	EXPECT(fixture_blocked(&f, RAM_SIZE));
	EXPECT(!fixture_blocked(&f, 2 * SIZE_1G));
	EXPECT(!fixture_reaches(&f, 2 * SIZE_1G, ROM_GPA));
	EXPECT(fixture_blocked(&f, 2 * SIZE_1G + ROM_SIZE));
	driver_map(&f.d, table, 0xfee00000 - SIZE_2M, HIGH_GPA, DRIVER_2M, RW);
	driver_map(&f.d, table, 0xfee00000, HIGH_GPA, DRIVER_2M, RW);
	driver_map(&f.d, table, first, HIGH_GPA, DRIVER_2M, RW);
	flush_domain(&f);
	EXPECT(fixture_blocked(&f, 0xfee00000));
	EXPECT(fixture_blocked(&f, 0xfeefffff));
	EXPECT(fixture_reaches(&f, 0xfee00000 - 8, HIGH_GPA + SIZE_2M - 8));
	EXPECT(fixture_reaches(&f, 0xfef00000, HIGH_GPA + SIZE_1G / 1024));
	EXPECT(fixture_reaches(&f, first, HIGH_GPA));
	fixture_close(&f);
}

/* Domains do not concern each other; a device's address space goes with it. */
static void test_domains(void)
{
	struct fixture f;
	__u64 table, other;

	fixture_open(&f, DRIVER_SECOND);
	fixture_nest(&f, &table);
	other = driver_page(&f.d);
	driver_use_table(&f.d, SID_2, DID + 1, other);
	EXPECT_EQ(vunit_device_add(f.unit, SID_2, fake_host_dev(1)), 0);
	EXPECT(f.host.attached[1] && f.host.attached[1] != f.host.attached[0]);
	driver_map(&f.d, table, IOVA, HIGH_GPA, DRIVER_4K, RW);
	driver_map(&f.d, other, IOVA, HIGH_GPA + PAGE, DRIVER_4K, RW);
	driver_queue_domain(&f.d, DID + 1);
	EXPECT(driver_wait(&f.d));
	EXPECT(fixture_blocked(&f, IOVA));
	EXPECT(fake_host_reach(&f.host, fake_host_dev(1), IOVA, 0) == f.high + PAGE);
	driver_queue(&f.d, VUNIT_DESC_IOTLB | 1 << 4, 0);
	EXPECT(driver_wait(&f.d));
	EXPECT(fixture_reaches(&f, IOVA, HIGH_GPA));
	vunit_device_remove(f.unit, SID_2);
	EXPECT_EQ(f.host.calls.destroy, 1);
	EXPECT(fixture_reaches(&f, IOVA, HIGH_GPA));
	fixture_close(&f);
}

/* Pass-through and back; nothing stays mapped meanwhile. */
static void test_moves(void)
{
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_SECOND);
	fixture_nest(&f, &table);
	driver_map(&f.d, table, IOVA, HIGH_GPA, DRIVER_4K, RW);
	flush_domain(&f);
	driver_use_pass(&f.d, SID, DID);
	driver_queue_context(&f.d, SID, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.attached[0], f.config.ioas);
	EXPECT_EQ(f.unit->devices->mappings.num, 0);
	EXPECT(fixture_reaches(&f, HIGH_GPA, HIGH_GPA));
	driver_use_nothing(&f.d, SID);
	driver_queue_context(&f.d, SID, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.attached[0], 0);
	driver_use_table(&f.d, SID, DID, table);
	driver_queue_context(&f.d, SID, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT(fixture_reaches(&f, IOVA, HIGH_GPA));
	driver_disable(&f.d);
	EXPECT_EQ(f.host.attached[0], f.config.ioas);
	fixture_close(&f);
}

/* Memory is unplugged and plugged, while tables map it. */
static void test_memory(void)
{
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_SECOND);
	fixture_nest(&f, &table);
	driver_map(&f.d, table, IOVA, HIGH_GPA, DRIVER_2M, RW);
	driver_map(&f.d, table, 0, LOW_GPA, DRIVER_2M, RW);
	flush_domain(&f);
	f.no_high = true;
	EXPECT_EQ(vunit_memory_remove(f.unit, HIGH_GPA, RAM_SIZE), 0);
	EXPECT(fixture_blocked(&f, IOVA));
	EXPECT(fixture_reaches(&f, 0, LOW_GPA));
	f.no_high = false;
	EXPECT_EQ(vunit_memory_add(f.unit, HIGH_GPA, RAM_SIZE, f.high, true), 0);
	EXPECT(fixture_reaches(&f, IOVA, HIGH_GPA));
	fixture_close(&f);
}

/* The host refuses an address: it is blocked, the guest gets a fault, the rest works. */
static void test_refused(void)
{
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_LEGACY);
	fixture_nest(&f, &table);
	driver_map(&f.d, table, IOVA, HIGH_GPA, DRIVER_4K, RW);
	driver_map(&f.d, table, IOVA + PAGE, HIGH_GPA, DRIVER_4K, RW);
	f.host.refused_iova = IOVA;
	flush_domain(&f);
	EXPECT(fixture_blocked(&f, IOVA));
	EXPECT(fixture_reaches(&f, IOVA + PAGE, HIGH_GPA));
	EXPECT_EQ(fixture_fault(&f, 0), 0x07);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FRCD, 8), IOVA);
	f.host.refused_iova = 0;
	flush_domain(&f);
	EXPECT(fixture_reaches(&f, IOVA, HIGH_GPA));
	/* What cannot be unmapped: the device must not reach it. */
	driver_unmap(&f.d, table, IOVA, DRIVER_4K);
	f.host.fail_unmap = -EIO;
	flush_domain(&f);
	EXPECT_EQ(f.host.attached[0], 0);
	EXPECT_EQ(fixture_fault(&f, 1), 0x07);
	flush_domain(&f);
	EXPECT(fixture_blocked(&f, IOVA));
	EXPECT(fixture_reaches(&f, IOVA + PAGE, HIGH_GPA));
	fixture_close(&f);
}

static const struct test_case cases[] = {
	{ "pages", test_pages },
	{ "across directories", test_directories },
	{ "differences", test_differences },
	{ "large pages", test_large },
	{ "rights of tables", test_rights },
	{ "holes, read-only memory, interrupt range", test_holes },
	{ "domains", test_domains },
	{ "pass through and block", test_moves },
	{ "memory comes and goes", test_memory },
	{ "the host refuses", test_refused },
	{}
};

const struct test_suite suite_shadow = { "shadow", cases };
