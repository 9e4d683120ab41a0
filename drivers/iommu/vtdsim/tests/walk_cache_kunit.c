// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of page walks with paging-structure caches: which entry a walk starts
 * below, and that what is cached counts, not what the tables say now.
 */
#include "unit/fault_reasons.h"
#include "unit_kunit.h"
#include "walk_bench.h"

#define ADDR	0x2a95aab555ULL
#define GPA	0x2540000000ULL
#define OUT	0x155540000000ULL
#define OTHER	0x2aaa40000000ULL

static struct walk_bench *bench_cached(struct kunit *test, u8 pgtt, u8 fs_levels,
				       u8 ss_levels)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	struct vtdsim_unit *unit = test_unit(test);

	KUNIT_ASSERT_NOT_NULL(test, b);
	KUNIT_ASSERT_EQ(test, 0, vtdsim_cache_reserve(unit));
	bench_init(b, test, pgtt, fs_levels, ss_levels);
	b->w.cache = unit->cache;
	b->pe.did = 5;
	return b;
}

/*
 * Once walked, the leaf is all that is read again, however the tables above it
 * change; an address that shares less finds the lowest entry that it shares.
 */
static void second_starts_low(struct kunit *test)
{
	struct walk_bench *b;
	int levels, level, up;

	for (levels = 3; levels <= 5; levels++) {
		for (level = 1; level < levels; level++) {
			u64 other = ADDR ^ BIT_ULL(3 + 9 * level);

			b = bench_cached(test, VTDSIM_PGTT_SECOND, 0, levels);
			bench_ss_map(b, ADDR, OUT | SS_RW, 1);
			bench_ss_map(b, other, OTHER | SS_RW, 1);
			KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, true, true), 0);
			for (up = levels; up > level; up--)
				*bench_ss_entry(b, ADDR, up) ^= SS_RW;
			KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, true, true), 0);
			KUNIT_EXPECT_EQ(test, b->map.out, OUT);
			KUNIT_EXPECT_EQ(test, bench_second(b, other, true, true), 0);
			KUNIT_EXPECT_EQ(test, b->map.out, OTHER);
			vtdsim_inv_iotlb_all(b->w.cache);
			KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, true, true),
					VTDSIM_FR_SS_PRESENT);
		}
	}
}

static void first_starts_low(struct kunit *test)
{
	struct walk_bench *b;
	int levels, level, up;

	for (levels = 4; levels <= 5; levels++) {
		for (level = 1; level < levels; level++) {
			u64 other = ADDR ^ BIT_ULL(3 + 9 * level);

			b = bench_cached(test, VTDSIM_PGTT_FIRST, levels, 0);
			bench_fs_map(b, ADDR, OUT | FS_ALL, 1);
			bench_fs_map(b, other, OTHER | FS_ALL, 1);
			KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, true), 0);
			for (up = levels; up > level; up--)
				*bench_fs_entry(b, ADDR, up) ^= FS_P;
			KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, true), 0);
			KUNIT_EXPECT_EQ(test, b->map.out, OUT);
			KUNIT_EXPECT_EQ(test, bench_first(b, other, true, true), 0);
			KUNIT_EXPECT_EQ(test, b->map.out, OTHER);
			vtdsim_inv_iotlb_all(b->w.cache);
			KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, true),
					VTDSIM_FR_FS_PRESENT);
		}
	}
}

/* Rights of the entries passed are cached with them */
static void second_rights_cached(struct kunit *test)
{
	struct walk_bench *b = bench_cached(test, VTDSIM_PGTT_SECOND, 0, 4);
	u64 *entry;

	bench_ss_map(b, ADDR, OUT | SS_RW, 1);
	entry = bench_ss_entry(b, ADDR, 3);
	*entry ^= SS_W;
	KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, true, false), 0);
	*entry ^= SS_RW;
	KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, true, false), 0);
	KUNIT_EXPECT_FALSE(test, b->map.write);
	KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, false, true), VTDSIM_FR_WRITE);
	vtdsim_inv_iotlb_all(b->w.cache);
	KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, false, true), 0);
	KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, true, false), VTDSIM_FR_READ);
}

static void first_rights_cached(struct kunit *test)
{
	static const u64 denied[] = { FS_RW, FS_US };
	struct walk_bench *b;
	u64 *entry;
	int i;

	for (i = 0; i < ARRAY_SIZE(denied); i++) {
		b = bench_cached(test, VTDSIM_PGTT_FIRST, 4, 0);
		b->pe.sre = true;
		b->pe.wpe = true;
		b->req.priv = true;
		bench_fs_map(b, ADDR, OUT | FS_ALL, 1);
		entry = bench_fs_entry(b, ADDR, 3);
		*entry ^= denied[i];
		KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, false), 0);
		*entry ^= denied[i];
		KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, false), 0);
		KUNIT_EXPECT_EQ(test, b->map.write, denied[i] != FS_RW);
		KUNIT_EXPECT_EQ(test, b->map.user, denied[i] != FS_US);
	}
}

/*
 * A cached first-stage entry has the host address of its table, so the second
 * stage is not asked again; except that a flag must be set.
 */
static void nested_table_cached(struct kunit *test)
{
	struct walk_bench *b = bench_cached(test, VTDSIM_PGTT_NESTED, 4, 4);
	u64 *ss, *fs, good;

	fs = bench_fs_map(b, ADDR, GPA | FS_ALL, 1);
	bench_ss_map(b, GPA, OUT | SS_RW, 1);
	ss = bench_ss_of_table(b, ADDR, 1);
	good = *ss;
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, false), 0);
	*ss = 0;
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, false), 0);
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, false, true),
			VTDSIM_FR_SS_PRESENT);
	*ss = good & ~SS_W;
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, false, true),
			VTDSIM_FR_FS_NEST_WRITE);
	KUNIT_EXPECT_FALSE(test, *fs & FS_D);
	*ss = good;
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, false, true), 0);
	KUNIT_EXPECT_TRUE(test, *fs & FS_D);
}

static struct kunit_case walk_cache_cases[] = {
	KUNIT_CASE(second_starts_low),
	KUNIT_CASE(first_starts_low),
	KUNIT_CASE(second_rights_cached),
	KUNIT_CASE(first_rights_cached),
	KUNIT_CASE(nested_table_cached),
	{}
};

static struct kunit_suite walk_cache_suite = {
	.name = "vtdsim-walk-cache",
	.test_cases = walk_cache_cases,
};

kunit_test_suite(walk_cache_suite);
