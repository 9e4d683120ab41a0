// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test bench for page walks, see walk_bench.h.
 */
#include <linux/gfp.h>
#include <linux/io.h>

#include "walk_bench.h"

KUNIT_DEFINE_ACTION_WRAPPER(bench_free_page, free_page, unsigned long);

/**
 * bench_page() - a page of zeroes that lives as long as the test
 * @test: the test
 *
 * Return: its host address.
 */
u64 bench_page(struct kunit *test)
{
	unsigned long page = get_zeroed_page(GFP_KERNEL);

	KUNIT_ASSERT_NE(test, page, 0UL);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, bench_free_page,
							   (void *)page));
	return virt_to_phys((void *)page);
}

/**
 * bench_at() - look at memory
 * @hpa: host address
 *
 * Return: pointer to what is there.
 */
u64 *bench_at(u64 hpa)
{
	return phys_to_virt(hpa);
}

/* Host address of a table, given its address as it stands in an entry */
static u64 bench_host(struct walk_bench *b, u64 table)
{
	if (b->pe.pgtt != VTDSIM_PGTT_NESTED)
		return table;
	KUNIT_ASSERT_LT(b->test, (table - BENCH_GUEST) >> 12, b->tables);
	return b->host[(table - BENCH_GUEST) >> 12];
}

/* A new first-stage table; when nested, a guest page that stage 2 maps */
static u64 bench_fs_table(struct walk_bench *b)
{
	u64 page = bench_page(b->test);
	u64 guest;

	if (b->pe.pgtt != VTDSIM_PGTT_NESTED)
		return page;
	KUNIT_ASSERT_LT(b->test, b->tables, BENCH_TABLES);
	guest = BENCH_GUEST + b->tables * 4096ULL;
	b->host[b->tables++] = page;
	bench_ss_map(b, guest, page | SS_RW, 1);
	return guest;
}

/**
 * bench_init() - set up a PASID entry with empty page tables
 * @b: the bench
 * @test: the test
 * @pgtt: translation type
 * @fs_levels: first-stage levels, if the type has a first stage
 * @ss_levels: second-stage levels, if the type has a second stage
 *
 * The result is a unit that can do everything, and a PASID entry that enables
 * nothing of what can be enabled except page-walk snooping.
 */
void bench_init(struct walk_bench *b, struct kunit *test, u8 pgtt,
		u8 fs_levels, u8 ss_levels)
{
	memset(b, 0, sizeof(*b));
	b->test = test;
	b->caps.haw = BENCH_HAW;
	b->caps.cap = BENCH_CAP_FS5LP | BENCH_CAP_FS1GP | BENCH_CAP_SPS_1G |
		      BENCH_CAP_SPS_2M | BENCH_CAP_MGAW(57);
	b->caps.ecap = BENCH_ECAP_SC;
	b->w.caps = &b->caps;
	b->w.pe = &b->pe;
	b->w.pasid = 7;
	b->req.with_pasid = true;
	b->req.pasid = 7;
	b->pe.pgtt = pgtt;
	b->pe.pwsnp = true;
	b->pe.fs_levels = fs_levels;
	b->pe.ss_levels = ss_levels;
	if (pgtt != VTDSIM_PGTT_FIRST)
		b->pe.ss_root = bench_page(test);
	if (pgtt != VTDSIM_PGTT_SECOND)
		b->pe.fs_root = bench_fs_table(b);
}

static unsigned int bench_index(u64 addr, int level)
{
	return (addr >> (3 + 9 * level)) & 511;
}

/**
 * bench_ss_entry() - the second-stage entry that a walk meets
 * @b: the bench
 * @addr: input address
 * @level: level of the entry; the tables above it must exist
 *
 * Return: pointer to the entry.
 */
u64 *bench_ss_entry(struct walk_bench *b, u64 addr, int level)
{
	u64 table = b->pe.ss_root;
	int l;

	for (l = b->pe.ss_levels; l > level; l--)
		table = bench_at(table)[bench_index(addr, l)] & 0xffffffffff000;
	return &bench_at(table)[bench_index(addr, level)];
}

/**
 * bench_fs_entry() - the first-stage entry that a walk meets
 * @b: the bench
 * @addr: input address
 * @level: level of the entry; the tables above it must exist
 *
 * Return: pointer to the entry, also when nested.
 */
u64 *bench_fs_entry(struct walk_bench *b, u64 addr, int level)
{
	u64 table = bench_host(b, b->pe.fs_root);
	int l;

	for (l = b->pe.fs_levels; l > level; l--)
		table = bench_host(b, bench_at(table)[bench_index(addr, l)] &
				      0xffffffffff000);
	return &bench_at(table)[bench_index(addr, level)];
}

/**
 * bench_ss_map() - enter a second-stage mapping, with tables as needed
 * @b: the bench
 * @addr: input address
 * @out: the whole leaf entry but for the page size bit
 * @level: level of the leaf
 *
 * Entries of new tables grant everything.
 *
 * Return: pointer to the leaf entry.
 */
u64 *bench_ss_map(struct walk_bench *b, u64 addr, u64 out, int level)
{
	u64 *entry;
	int l;

	for (l = b->pe.ss_levels; l > level; l--) {
		entry = bench_ss_entry(b, addr, l);
		if (!*entry)
			*entry = bench_page(b->test) | SS_RW;
	}
	entry = bench_ss_entry(b, addr, level);
	*entry = out | (level > 1 ? PTE_PS : 0);
	return entry;
}

/**
 * bench_fs_map() - enter a first-stage mapping, with tables as needed
 * @b: the bench
 * @addr: input address
 * @out: the whole leaf entry but for the page size bit
 * @level: level of the leaf
 *
 * Entries of new tables grant everything.
 *
 * Return: pointer to the leaf entry.
 */
u64 *bench_fs_map(struct walk_bench *b, u64 addr, u64 out, int level)
{
	u64 *entry;
	int l;

	for (l = b->pe.fs_levels; l > level; l--) {
		entry = bench_fs_entry(b, addr, l);
		if (!*entry)
			*entry = bench_fs_table(b) | FS_ALL;
	}
	entry = bench_fs_entry(b, addr, level);
	*entry = out | (level > 1 ? PTE_PS : 0);
	return entry;
}

/**
 * bench_ss_of_table() - the second-stage leaf that maps a first-stage table
 * @b: the bench, nested
 * @addr: input address of the first stage
 * @level: level of the table
 *
 * Return: pointer to the second-stage entry.
 */
u64 *bench_ss_of_table(struct walk_bench *b, u64 addr, int level)
{
	u64 guest = b->pe.fs_root;

	if (level < b->pe.fs_levels)
		guest = *bench_fs_entry(b, addr, level + 1) & 0xffffffffff000;
	return bench_ss_entry(b, guest, 1);
}

/**
 * bench_expect_full() - expect the last translation to allow everything
 * @b: the bench
 */
void bench_expect_full(struct walk_bench *b)
{
	KUNIT_EXPECT_TRUE(b->test, b->map.read);
	KUNIT_EXPECT_TRUE(b->test, b->map.write);
	KUNIT_EXPECT_TRUE(b->test, b->map.super_write);
	KUNIT_EXPECT_TRUE(b->test, b->map.user);
	KUNIT_EXPECT_TRUE(b->test, b->map.dirty);
}

/**
 * bench_second() - walk the second stage
 * @b: the bench; the translation is left in @b->map
 * @addr: input address
 * @read: read request
 * @write: write request
 *
 * Return: the fault reason.
 */
u8 bench_second(struct walk_bench *b, u64 addr, bool read, bool write)
{
	memset(&b->map, 0xff, sizeof(b->map));
	return vtdsim_walk_second(&b->w, addr, read, write, &b->map);
}

/**
 * bench_first() - walk the first stage, or both
 * @b: the bench; the translation is left in @b->map, and @b->req is what else
 *	the request is
 * @addr: input address
 * @read: read request
 * @write: write request
 *
 * Return: the fault reason.
 */
u8 bench_first(struct walk_bench *b, u64 addr, bool read, bool write)
{
	b->req.addr = addr;
	b->req.read = read;
	b->req.write = write;
	memset(&b->map, 0xff, sizeof(b->map));
	return vtdsim_walk_first(&b->w, &b->req, &b->map);
}
