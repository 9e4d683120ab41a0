// SPDX-License-Identifier: GPL-2.0-only
/* Guests that are wrong or malicious: errors for them, and nothing else. */
#include "fixture.h"

#define IOVA	0x40000000ULL
#define RW	(DRIVER_R | DRIVER_W)

static void errors_open(struct fixture *f, __u64 *table, __u32 max_mappings)
{
	f->config = (struct vunit_config) {
		.hw = { .cap_reg = HOST_CAP, .ecap_reg = HOST_ECAP & ~VUNIT_ECAP_SC },
		.max_mappings = max_mappings,
	};
	fixture_open_config(f, DRIVER_SECOND);
	fixture_nest(f, table);
}

/* Every entry of the top table leads to the top table itself, in all levels. */
static void test_loop(void)
{
	struct fixture f;
	__u64 table, i, at;
	int level;

	errors_open(&f, &table, 4096);
	at = table;
	for (i = 0; i < 512; i++)
		*driver_word(&f.d, table + i * 8) = table | RW;
	driver_queue_domain(&f.d, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.attached[0], 0);
	EXPECT_EQ(fixture_fault(&f, 0), 0x78);
	EXPECT(f.reads < 20000);
	EXPECT_EQ(f.unit->devices->mappings.num, 0);

	/* Millions of ways to one table, which maps nothing */
	for (level = 3; level > 0; level--) {
		for (i = 0; i < 512; i++)
			*driver_word(&f.d, at + i * 8) = f.d.next | RW;
		at = driver_page(&f.d);
	}
	f.reads = 0;
	driver_queue_domain(&f.d, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.attached[0], 0);
	EXPECT(f.reads < 20000);

	/* The guest mends its table: the device works again. */
	for (i = 0; i < 512; i++)
		*driver_word(&f.d, table + i * 8) = 0;
	driver_map(&f.d, table, IOVA, HIGH_GPA, DRIVER_4K, RW);
	driver_queue_domain(&f.d, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT(fixture_reaches(&f, IOVA, HIGH_GPA));
	fixture_close(&f);
}

static void test_too_many(void)
{
	struct fixture f;
	__u64 table, i;

	errors_open(&f, &table, 16);
	for (i = 0; i < 16; i++)
		driver_map(&f.d, table, IOVA + i * PAGE, HIGH_GPA, DRIVER_4K, RW);
	driver_queue_domain(&f.d, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT(fixture_reaches(&f, IOVA + 15 * PAGE, HIGH_GPA));
	driver_map(&f.d, table, IOVA + 16 * PAGE, HIGH_GPA, DRIVER_4K, RW);
	driver_queue_domain(&f.d, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.attached[0], 0);
	EXPECT_EQ(fixture_fault(&f, 0), 0x78);
	fixture_close(&f);
}

/* Entries with reserved bits and without rights, tables and pages that are no memory */
static void test_bad_entries(void)
{
	struct fixture f;
	__u64 table, *e, good = HIGH_GPA | RW;
	const __u64 bad[] = { HIGH_GPA, HIGH_GPA | RW | VUNIT_SS_SNP, ROM_GPA * 16 | RW };
	unsigned int i;

	errors_open(&f, &table, 64);
	driver_map(&f.d, table, IOVA + PAGE, HIGH_GPA + PAGE, DRIVER_4K, RW);
	e = driver_entry(&f.d, table, IOVA, 1);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		*e = good;
		driver_queue_pages(&f.d, DID, IOVA, 1);
		EXPECT(driver_wait(&f.d));
		EXPECT(fixture_reaches(&f, IOVA, HIGH_GPA));
		*e = bad[i];
		driver_queue_pages(&f.d, DID, IOVA, 1);
		EXPECT(driver_wait(&f.d));
		EXPECT(fixture_blocked(&f, IOVA));
		EXPECT(fixture_reaches(&f, IOVA + PAGE, HIGH_GPA + PAGE));
	}
	/* A table that is no memory, a large page that is not aligned, a top-level page */
	*driver_entry(&f.d, table, 2 * IOVA, 2) = ROM_GPA * 16 | RW;
	*driver_entry(&f.d, table, 3 * IOVA, 2) = (HIGH_GPA + PAGE) | RW | VUNIT_SS_PS;
	*driver_entry(&f.d, table, BIT_ULL(40), 4) = HIGH_GPA | RW | VUNIT_SS_PS;
	/* Rights of a table that its entries do not have */
	*driver_entry(&f.d, table, 4 * IOVA, 2) = driver_page(&f.d) | DRIVER_R;
	driver_map(&f.d, table, 4 * IOVA, HIGH_GPA, DRIVER_4K, DRIVER_W);
	driver_map(&f.d, table, 4 * IOVA + PAGE, HIGH_GPA, DRIVER_4K, RW);
	driver_queue_domain(&f.d, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT(fixture_blocked(&f, 2 * IOVA));
	EXPECT(fixture_blocked(&f, 3 * IOVA));
	EXPECT(fixture_blocked(&f, BIT_ULL(40)));
	EXPECT(fixture_blocked(&f, 4 * IOVA));
	EXPECT(!fixture_blocked(&f, 4 * IOVA + PAGE));
	EXPECT(!fixture_reaches(&f, 4 * IOVA + PAGE, HIGH_GPA));
	EXPECT(fixture_reaches(&f, IOVA + PAGE, HIGH_GPA + PAGE));
	fixture_close(&f);
}

/* The guest changes a table whenever it is read: another leaf, another table, nothing. */
static void change_tables(struct fixture *f)
{
	__u64 *e = driver_word(&f->d, f->d.status + 8);
	__u64 *word = driver_word(&f->d, *e);

	word[f->reads % 512] ^= PAGE << f->reads % 9;
	word[f->reads * 7 % 512] ^= RW;
}

static void test_changing(void)
{
	struct fixture f;
	__u64 table, i;

	errors_open(&f, &table, 1024);
	for (i = 0; i < 200; i++)
		driver_map(&f.d, table, IOVA + i * PAGE, HIGH_GPA + i * PAGE, DRIVER_4K, RW);
	*driver_word(&f.d, f.d.status + 8) =
		*driver_entry(&f.d, table, IOVA, 2) & VUNIT_POINTER;
	f.on_read = change_tables;
	for (i = 0; i < 50; i++) {
		driver_queue_domain(&f.d, DID);
		EXPECT(driver_wait(&f.d));
		EXPECT(vunit_mappings_valid(&f.unit->devices->mappings));
	}
	/* Quiet again: the host has what the table has. */
	f.on_read = NULL;
	for (i = 0; i < 512; i++)
		*driver_entry(&f.d, table, IOVA + i * PAGE, 1) = 0;
	driver_map(&f.d, table, IOVA, HIGH_GPA, DRIVER_4K, RW);
	driver_queue_domain(&f.d, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(fake_host_mapped(&f.host, fake_host_dev(0)), 1);
	EXPECT(fixture_reaches(&f, IOVA, HIGH_GPA));
	fixture_close(&f);
}

static const struct test_case cases[] = {
	{ "tables in a circle", test_loop },
	{ "too many mappings", test_too_many },
	{ "bad entries", test_bad_entries },
	{ "tables that change", test_changing },
	{}
};

const struct test_suite suite_guest_errors = { "guest_errors", cases };
