// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of nested translation: first-stage tables at guest addresses, every
 * access through the second stage.
 */
#include "unit/fault_reasons.h"
#include "fixture_walk.h"

#define ADDR	0x4c2a95aab555ULL
/* Guest address of the page, 1 GiB aligned, apart from the tables */
#define GPA	0x2540000000ULL
#define OUT	0x155540000000ULL

static void nested_init(struct kunit *test, struct vtdsim_test_walk *w, int fs_levels,
			int ss_levels)
{
	vtdsim_test_walk_init(w, test, VTDSIM_PGTT_NESTED, fs_levels, ss_levels);
}

/* One page of 4 KiB in either stage */
static void nested_simple(struct kunit *test, struct vtdsim_test_walk *w, int fs_levels)
{
	nested_init(test, w, fs_levels, 4);
	vtdsim_test_fs_map(w, ADDR, GPA | FS_URW, 1);
	vtdsim_test_ss_map(w, GPA, OUT | SS_RW, 1);
}

/* A page of one size in the first stage on a page of another in the second */
static void nested_size(struct vtdsim_test_walk *w, int fs, int ss)
{
	u64 fs_mask = GENMASK_ULL(2 + 9 * fs, 0);
	u64 ss_mask = GENMASK_ULL(2 + 9 * ss, 0);
	u64 mask = min(fs_mask, ss_mask);
	/* The guest page of the request, and the host page for it */
	u64 guest = GPA | (ADDR & fs_mask);
	u64 host = OUT | (guest & ss_mask);

	vtdsim_test_fs_map(w, ADDR, GPA | FS_URW, fs);
	vtdsim_test_ss_map(w, guest, OUT | SS_RW, ss);
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, true, true), 0);
	KUNIT_EXPECT_EQ(w->test, w->map.shift, 3 + 9 * min(fs, ss));
	KUNIT_EXPECT_EQ(w->test, w->map.in, ADDR & ~mask);
	KUNIT_EXPECT_EQ(w->test, w->map.out, host & ~mask);
	vtdsim_test_expect_full(w);
}

static void nested_sizes(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	int fs_levels, ss_levels, sizes;

	for (fs_levels = 4; fs_levels <= 5; fs_levels++) {
		for (ss_levels = 3; ss_levels <= 5; ss_levels++) {
			for (sizes = 0; sizes < 9; sizes++) {
				nested_init(test, w, fs_levels, ss_levels);
				nested_size(w, sizes / 3 + 1, sizes % 3 + 1);
			}
		}
	}
}

/* The second stage denies a first-stage table, at each level */
static void nested_table_fault(struct vtdsim_test_walk *w, int level)
{
	bool top = level == w->pe.fs_levels;
	u64 *ss = vtdsim_test_ss_of_table(w, ADDR, level);
	u64 good = *ss;

	*ss = good & ~SS_RW;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, true, false),
			VTDSIM_FR_SS_PRESENT);
	*ss = good & ~SS_R;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, true, false),
			top ? VTDSIM_FR_FS_NEST_ROOT_READ : VTDSIM_FR_FS_NEST_READ);
	*ss = good | BIT_ULL(62);
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, true, false),
			VTDSIM_FR_SS_RESERVED);
	*ss = TEST_HOLE | SS_RW;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, true, false),
			top ? VTDSIM_FR_FS_ROOT_ACCESS : VTDSIM_FR_FS_ACCESS);

	/* Read-only is enough until a flag has to be set */
	*ss = good & ~SS_W;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, true, false),
			VTDSIM_FR_FS_NEST_WRITE);
	KUNIT_EXPECT_FALSE(w->test, *vtdsim_test_fs_entry(w, ADDR, level) & FS_A);
	*vtdsim_test_fs_entry(w, ADDR, level) |= FS_A;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, true, false), 0);
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, false, true),
			level == 1 ? VTDSIM_FR_FS_NEST_WRITE : 0);
	w->pe.eafe = true;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, true, false),
			VTDSIM_FR_FS_NEST_WRITE);
	w->pe.eafe = false;

	/* With second-stage flags a table has to be writable */
	w->pe.ssade = true;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, true, false),
			VTDSIM_FR_FS_NEST_WRITE);
	*ss = good;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, true, true), 0);
}

static void nested_table_faults(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	int levels, level;

	for (levels = 4; levels <= 5; levels++) {
		for (level = 1; level <= levels; level++) {
			nested_simple(test, w, levels);
			nested_table_fault(w, level);
		}
	}
}

/* Guest addresses of tables that are wider than the second stage */
static void nested_width(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	int level, ss_levels;
	u64 good;

	for (ss_levels = 3; ss_levels <= 4; ss_levels++) {
		u64 beyond = 1ULL << (12 + 9 * ss_levels);
		u8 want = ss_levels == 3 ? VTDSIM_FR_FS_NEST_WIDTH :
					   VTDSIM_FR_FS_RESERVED;

		nested_init(test, w, 4, ss_levels);
		vtdsim_test_fs_map(w, ADDR, GPA | FS_URW, 1);
		vtdsim_test_ss_map(w, GPA, OUT | SS_RW, 1);
		for (level = 1; level <= 4; level++) {
			u64 *entry = vtdsim_test_fs_entry(w, ADDR, level);

			good = *entry;
			*entry |= beyond;
			KUNIT_EXPECT_EQ(test, want, vtdsim_test_walk_first(w, ADDR, true, false));
			*entry = good;
		}
		KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false), 0);
		w->pe.fs_root |= beyond;
		KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false),
				VTDSIM_FR_FS_NEST_WIDTH);
	}

	/* Addresses that the second stage could translate, but entries cannot hold */
	for (level = 1; level <= 4; level++) {
		nested_simple(test, w, 4);
		*vtdsim_test_fs_entry(w, ADDR, level) |= BIT_ULL(TEST_HAW);
		KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false),
				VTDSIM_FR_FS_RESERVED);
	}
}

/* The second stage denies the page itself */
static void nested_page_faults(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	u64 *ss;

	nested_simple(test, w, 4);
	ss = vtdsim_test_ss_entry(w, GPA, 1);
	*ss = OUT | SS_R;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false), 0);
	KUNIT_EXPECT_TRUE(test, w->map.read);
	KUNIT_EXPECT_FALSE(test, w->map.write || w->map.super_write);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, false, true), VTDSIM_FR_WRITE);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, true), VTDSIM_FR_WRITE);
	*ss = OUT | SS_W;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, false, true), 0);
	KUNIT_EXPECT_FALSE(test, w->map.read);
	KUNIT_EXPECT_TRUE(test, w->map.write && w->map.super_write);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false), VTDSIM_FR_READ);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, true), VTDSIM_FR_READ);
	*ss = OUT;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false), VTDSIM_FR_SS_PRESENT);
	*ss = OUT | SS_RW | BIT_ULL(62);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false), VTDSIM_FR_SS_RESERVED);
	*ss = 0xfee00000 | SS_RW;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false), VTDSIM_FR_INTERRUPT);
	w->pe.ss_root = TEST_HOLE;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false),
			VTDSIM_FR_SS_ROOT_ACCESS);
}

/* Rights of both stages, by a walk and by a cached translation */
static void nested_combine(struct vtdsim_test_walk *w, int fs, int ss)
{
	struct vtdsim_map map;
	int kind;

	*vtdsim_test_fs_entry(w, ADDR, 1) = GPA | FS_P | fs << 1 | FS_A | FS_D;
	*vtdsim_test_ss_entry(w, GPA, 1) = OUT | ss;
	/* The translation to cache, if a supervisor has access at all */
	w->req.priv = true;
	if (!(ss & 1) && w->pe.wpe && !(fs & 1))
		return;
	KUNIT_ASSERT_EQ(w->test, 0, vtdsim_test_walk_first(w, ADDR, ss & 1, !(ss & 1)));
	map = w->map;
	for (kind = 0; kind < 6; kind++) {
		bool write = kind % 3, read = kind % 3 != 1, priv = kind / 3;
		bool fs_write = fs & 1 || (priv && !w->pe.wpe);
		u8 want = 0;

		if (!priv && !(fs & 2))
			want = VTDSIM_FR_USER;
		else if (write && !(fs_write && ss & 2))
			want = VTDSIM_FR_WRITE;
		else if (read && !(ss & 1))
			want = VTDSIM_FR_READ;
		w->req.priv = priv;
		KUNIT_EXPECT_EQ_MSG(w->test, want, vtdsim_test_walk_first(w, ADDR, read, write),
				    "wpe %d fs %d ss %d kind %d", w->pe.wpe, fs, ss, kind);
		KUNIT_EXPECT_EQ_MSG(w->test, want, vtdsim_check_access(&w->pe, &w->req, &map),
				    "wpe %d fs %d ss %d kind %d", w->pe.wpe, fs, ss, kind);
	}
}

static void nested_rights(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	int combo;

	nested_simple(test, w, 4);
	w->pe.sre = true;
	for (combo = 0; combo < 24; combo++) {
		w->pe.wpe = combo >= 12;
		nested_combine(w, combo % 4, combo / 4 % 3 + 1);
	}
}

/* Where the walk sets flags of both stages, and where not */
static void nested_flags(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	u64 *ss, *fs;
	int level;

	nested_simple(test, w, 4);
	ss = vtdsim_test_ss_entry(w, GPA, 1);
	fs = vtdsim_test_fs_entry(w, ADDR, 1);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, false, true), 0);
	KUNIT_EXPECT_EQ(test, *ss, OUT | SS_RW);
	KUNIT_EXPECT_EQ(test, *fs, GPA | FS_URW | FS_A | FS_D);
	KUNIT_EXPECT_TRUE(test, w->map.dirty);

	/* Tables are only read: accessed in the second stage */
	w->pe.ssade = true;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false), 0);
	KUNIT_EXPECT_EQ(test, *ss, OUT | SS_RW | SS_A);
	KUNIT_EXPECT_FALSE(test, w->map.dirty);
	for (level = 1; level <= 4; level++)
		KUNIT_EXPECT_EQ(test, SS_A,
				(SS_A | SS_D) & *vtdsim_test_ss_of_table(w, ADDR, level));

	/* A flag set in a table makes its page dirty, and no other */
	*vtdsim_test_fs_entry(w, ADDR, 3) &= ~FS_A;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false), 0);
	KUNIT_EXPECT_TRUE(test, *vtdsim_test_fs_entry(w, ADDR, 3) & FS_A);
	for (level = 1; level <= 4; level++)
		KUNIT_EXPECT_EQ(test, level == 3 ? SS_A | SS_D : SS_A,
				(SS_A | SS_D) & *vtdsim_test_ss_of_table(w, ADDR, level));
	KUNIT_EXPECT_FALSE(test, *ss & SS_D);

	/* Dirty only if both stages are */
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, false, true), 0);
	KUNIT_EXPECT_EQ(test, *ss, OUT | SS_RW | SS_A | SS_D);
	KUNIT_EXPECT_TRUE(test, w->map.dirty);
	*fs &= ~FS_D;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false), 0);
	KUNIT_EXPECT_FALSE(test, w->map.dirty);

	/* A page that the second stage protects does not become dirty there ... */
	*ss = OUT | SS_R;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, false, true), VTDSIM_FR_WRITE);
	KUNIT_EXPECT_EQ(test, *ss & ~SS_A, OUT | SS_R);
	/* ... nor in the first stage, which allows the write */
	KUNIT_EXPECT_FALSE(test, *fs & FS_D);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, true), VTDSIM_FR_WRITE);
	KUNIT_EXPECT_FALSE(test, *fs & FS_D);
}

static struct kunit_case nested_cases[] = {
	KUNIT_CASE(nested_sizes),
	KUNIT_CASE(nested_table_faults),
	KUNIT_CASE(nested_width),
	KUNIT_CASE(nested_page_faults),
	KUNIT_CASE(nested_rights),
	KUNIT_CASE(nested_flags),
	{}
};

static struct kunit_suite nested_suite = {
	.name = "vtdsim-nested",
	.test_cases = nested_cases,
};

kunit_test_suite(nested_suite);
