// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of page walks with paging-structure caches: a walk starts below the lowest
 * cached entry, whatever the tables above it hold now.
 */
#include "unit/fault_reasons.h"
#include "fixture_walk.h"

#define ADDR	0x2a95aab555ULL
#define GPA	0x2540000000ULL
#define OUT	0x155540000000ULL
#define OTHER	0x2aaa40000000ULL

static struct vtdsim_test_walk *cached_walk(struct kunit *test, u8 pgtt, u8 fs_levels, u8 ss_levels)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	struct vtdsim_unit *unit = vtdsim_test_unit(test);

	vtdsim_test_walk_init(w, test, pgtt, fs_levels, ss_levels);
	w->walk.cache = unit->cache;
	w->pe.did = 5;
	return w;
}

/*
 * After a walk only the leaf is read again, whatever changes above it. An address
 * that shares some tables starts below the lowest shared entry.
 */
static void second_starts_low(struct kunit *test)
{
	struct vtdsim_test_walk *w;
	int levels, level, up;

	for (levels = 3; levels <= 5; levels++) {
		for (level = 1; level < levels; level++) {
			u64 other = ADDR ^ BIT_ULL(3 + 9 * level);

			w = cached_walk(test, VTDSIM_PGTT_SECOND, 0, levels);
			vtdsim_test_ss_map(w, ADDR, OUT | SS_RW, 1);
			vtdsim_test_ss_map(w, other, OTHER | SS_RW, 1);
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, true, true), 0);
			for (up = levels; up > level; up--)
				*vtdsim_test_ss_entry(w, ADDR, up) ^= SS_RW;
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, true, true), 0);
			KUNIT_EXPECT_EQ(test, w->map.out, OUT);
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, other, true, true), 0);
			KUNIT_EXPECT_EQ(test, w->map.out, OTHER);
			vtdsim_inv_iotlb_all(w->walk.cache);
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, true, true),
					VTDSIM_FR_SS_PRESENT);
		}
	}
}

static void first_starts_low(struct kunit *test)
{
	struct vtdsim_test_walk *w;
	int levels, level, up;

	for (levels = 4; levels <= 5; levels++) {
		for (level = 1; level < levels; level++) {
			u64 other = ADDR ^ BIT_ULL(3 + 9 * level);

			w = cached_walk(test, VTDSIM_PGTT_FIRST, levels, 0);
			vtdsim_test_fs_map(w, ADDR, OUT | FS_URW, 1);
			vtdsim_test_fs_map(w, other, OTHER | FS_URW, 1);
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, true), 0);
			for (up = levels; up > level; up--)
				*vtdsim_test_fs_entry(w, ADDR, up) ^= FS_P;
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, true), 0);
			KUNIT_EXPECT_EQ(test, w->map.out, OUT);
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, other, true, true), 0);
			KUNIT_EXPECT_EQ(test, w->map.out, OTHER);
			vtdsim_inv_iotlb_all(w->walk.cache);
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, true),
					VTDSIM_FR_FS_PRESENT);
		}
	}
}

/* A cached entry has the rights of the entries above it. */
static void second_rights_cached(struct kunit *test)
{
	struct vtdsim_test_walk *w = cached_walk(test, VTDSIM_PGTT_SECOND, 0, 4);
	u64 *entry;

	vtdsim_test_ss_map(w, ADDR, OUT | SS_RW, 1);
	entry = vtdsim_test_ss_entry(w, ADDR, 3);
	*entry ^= SS_W;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, true, false), 0);
	*entry ^= SS_RW;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, true, false), 0);
	KUNIT_EXPECT_FALSE(test, w->map.write);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, false, true), VTDSIM_FR_WRITE);
	vtdsim_inv_iotlb_all(w->walk.cache);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, false, true), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, true, false), VTDSIM_FR_READ);
}

static void first_rights_cached(struct kunit *test)
{
	static const u64 denied[] = { FS_RW, FS_US };
	struct vtdsim_test_walk *w;
	u64 *entry;
	int i;

	for (i = 0; i < ARRAY_SIZE(denied); i++) {
		w = cached_walk(test, VTDSIM_PGTT_FIRST, 4, 0);
		w->pe.sre = true;
		w->pe.wpe = true;
		w->req.priv = true;
		vtdsim_test_fs_map(w, ADDR, OUT | FS_URW, 1);
		entry = vtdsim_test_fs_entry(w, ADDR, 3);
		*entry ^= denied[i];
		KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false), 0);
		*entry ^= denied[i];
		KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false), 0);
		KUNIT_EXPECT_EQ(test, w->map.write, denied[i] != FS_RW);
		KUNIT_EXPECT_EQ(test, w->map.user, denied[i] != FS_US);
	}
}

/*
 * A cached first-stage entry has the host address of its table, so the second stage
 * is walked again only to set a flag.
 */
static void nested_table_cached(struct kunit *test)
{
	struct vtdsim_test_walk *w = cached_walk(test, VTDSIM_PGTT_NESTED, 4, 4);
	u64 *ss, *fs, good;

	fs = vtdsim_test_fs_map(w, ADDR, GPA | FS_URW, 1);
	vtdsim_test_ss_map(w, GPA, OUT | SS_RW, 1);
	ss = vtdsim_test_ss_of_table(w, ADDR, 1);
	good = *ss;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false), 0);
	*ss = 0;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, false, true), VTDSIM_FR_SS_PRESENT);
	*ss = good & ~SS_W;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, false, true),
			VTDSIM_FR_FS_NEST_WRITE);
	KUNIT_EXPECT_FALSE(test, *fs & FS_D);
	*ss = good;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, false, true), 0);
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
