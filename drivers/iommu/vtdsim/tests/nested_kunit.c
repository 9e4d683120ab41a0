// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of nested translation: first-stage tables at guest addresses, every
 * access through the second stage.
 */
#include "unit/fault_reasons.h"
#include "walk_bench.h"

#define ADDR	0x4c2a95aab555ULL
/* Guest address of the page, 1 GiB aligned, apart from the tables */
#define GPA	0x2540000000ULL
#define OUT	0x155540000000ULL

static void nested_bench(struct kunit *test, struct walk_bench *b, int fs_levels,
			 int ss_levels)
{
	bench_init(b, test, VTDSIM_PGTT_NESTED, fs_levels, ss_levels);
}

/* A bench with one page of 4 KiB in either stage */
static void nested_simple(struct kunit *test, struct walk_bench *b, int fs_levels)
{
	nested_bench(test, b, fs_levels, 4);
	bench_fs_map(b, ADDR, GPA | FS_ALL, 1);
	bench_ss_map(b, GPA, OUT | SS_RW, 1);
}

/* A page of one size in the first stage on a page of another in the second */
static void nested_size(struct walk_bench *b, int fs, int ss)
{
	u64 fs_mask = GENMASK_ULL(2 + 9 * fs, 0);
	u64 ss_mask = GENMASK_ULL(2 + 9 * ss, 0);
	u64 mask = min(fs_mask, ss_mask);
	/* The guest page of the request, and the host page for it */
	u64 guest = GPA | (ADDR & fs_mask);
	u64 host = OUT | (guest & ss_mask);

	bench_fs_map(b, ADDR, GPA | FS_ALL, fs);
	bench_ss_map(b, guest, OUT | SS_RW, ss);
	KUNIT_EXPECT_EQ(b->test, bench_first(b, ADDR, true, true), 0);
	KUNIT_EXPECT_EQ(b->test, b->map.shift, 3 + 9 * min(fs, ss));
	KUNIT_EXPECT_EQ(b->test, b->map.in, ADDR & ~mask);
	KUNIT_EXPECT_EQ(b->test, b->map.out, host & ~mask);
	bench_expect_full(b);
}

static void nested_sizes(struct kunit *test)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	int fs_levels, ss_levels, sizes;

	for (fs_levels = 4; fs_levels <= 5; fs_levels++) {
		for (ss_levels = 3; ss_levels <= 5; ss_levels++) {
			for (sizes = 0; sizes < 9; sizes++) {
				nested_bench(test, b, fs_levels, ss_levels);
				nested_size(b, sizes / 3 + 1, sizes % 3 + 1);
			}
		}
	}
}

/* The second stage denies a first-stage table, at each level */
static void nested_table_fault(struct walk_bench *b, int level)
{
	bool top = level == b->pe.fs_levels;
	u64 *ss = bench_ss_of_table(b, ADDR, level);
	u64 good = *ss;

	*ss = good & ~SS_RW;
	KUNIT_EXPECT_EQ(b->test, bench_first(b, ADDR, true, false),
			VTDSIM_FR_SS_PRESENT);
	*ss = good & ~SS_R;
	KUNIT_EXPECT_EQ(b->test, bench_first(b, ADDR, true, false),
			top ? VTDSIM_FR_FS_NEST_ROOT_READ : VTDSIM_FR_FS_NEST_READ);
	*ss = good | BIT_ULL(62);
	KUNIT_EXPECT_EQ(b->test, bench_first(b, ADDR, true, false),
			VTDSIM_FR_SS_RESERVED);
	*ss = BENCH_HOLE | SS_RW;
	KUNIT_EXPECT_EQ(b->test, bench_first(b, ADDR, true, false),
			top ? VTDSIM_FR_FS_ROOT_ACCESS : VTDSIM_FR_FS_ACCESS);

	/* Read only will do until a flag has to be set */
	*ss = good & ~SS_W;
	KUNIT_EXPECT_EQ(b->test, bench_first(b, ADDR, true, false),
			VTDSIM_FR_FS_NEST_WRITE);
	KUNIT_EXPECT_FALSE(b->test, *bench_fs_entry(b, ADDR, level) & FS_A);
	*bench_fs_entry(b, ADDR, level) |= FS_A;
	KUNIT_EXPECT_EQ(b->test, bench_first(b, ADDR, true, false), 0);
	KUNIT_EXPECT_EQ(b->test, bench_first(b, ADDR, false, true),
			level == 1 ? VTDSIM_FR_FS_NEST_WRITE : 0);
	b->pe.eafe = true;
	KUNIT_EXPECT_EQ(b->test, bench_first(b, ADDR, true, false),
			VTDSIM_FR_FS_NEST_WRITE);
	b->pe.eafe = false;

	/* With second-stage flags it has to be writable to be read */
	b->pe.ssade = true;
	KUNIT_EXPECT_EQ(b->test, bench_first(b, ADDR, true, false),
			VTDSIM_FR_FS_NEST_WRITE);
	*ss = good;
	KUNIT_EXPECT_EQ(b->test, bench_first(b, ADDR, true, true), 0);
}

static void nested_table_faults(struct kunit *test)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	int levels, level;

	for (levels = 4; levels <= 5; levels++) {
		for (level = 1; level <= levels; level++) {
			nested_simple(test, b, levels);
			nested_table_fault(b, level);
		}
	}
}

/* Guest addresses of tables that are wider than the second stage */
static void nested_width(struct kunit *test)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	int level, ss_levels;
	u64 good;

	for (ss_levels = 3; ss_levels <= 4; ss_levels++) {
		u64 beyond = 1ULL << (12 + 9 * ss_levels);
		u8 want = ss_levels == 3 ? VTDSIM_FR_FS_NEST_WIDTH :
					   VTDSIM_FR_FS_RESERVED;

		nested_bench(test, b, 4, ss_levels);
		bench_fs_map(b, ADDR, GPA | FS_ALL, 1);
		bench_ss_map(b, GPA, OUT | SS_RW, 1);
		for (level = 1; level <= 4; level++) {
			u64 *entry = bench_fs_entry(b, ADDR, level);

			good = *entry;
			*entry |= beyond;
			KUNIT_EXPECT_EQ(test, want,
					bench_first(b, ADDR, true, false));
			*entry = good;
		}
		KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, false), 0);
		b->pe.fs_root |= beyond;
		KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, false),
				VTDSIM_FR_FS_NEST_WIDTH);
	}

	/* What the second stage could translate, but no entry can hold */
	for (level = 1; level <= 4; level++) {
		nested_simple(test, b, 4);
		*bench_fs_entry(b, ADDR, level) |= BIT_ULL(BENCH_HAW);
		KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, false),
				VTDSIM_FR_FS_RESERVED);
	}
}

/* The second stage denies the page itself */
static void nested_page_faults(struct kunit *test)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	u64 *ss;

	nested_simple(test, b, 4);
	ss = bench_ss_entry(b, GPA, 1);
	*ss = OUT | SS_R;
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, false), 0);
	KUNIT_EXPECT_TRUE(test, b->map.read);
	KUNIT_EXPECT_FALSE(test, b->map.write || b->map.super_write);
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, false, true), VTDSIM_FR_WRITE);
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, true), VTDSIM_FR_WRITE);
	*ss = OUT | SS_W;
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, false, true), 0);
	KUNIT_EXPECT_FALSE(test, b->map.read);
	KUNIT_EXPECT_TRUE(test, b->map.write && b->map.super_write);
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, false), VTDSIM_FR_READ);
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, true), VTDSIM_FR_READ);
	*ss = OUT;
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, false),
			VTDSIM_FR_SS_PRESENT);
	*ss = OUT | SS_RW | BIT_ULL(62);
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, false),
			VTDSIM_FR_SS_RESERVED);
	*ss = 0xfee00000 | SS_RW;
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, false),
			VTDSIM_FR_INTERRUPT);
	b->pe.ss_root = BENCH_HOLE;
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, false),
			VTDSIM_FR_SS_ROOT_ACCESS);
}

/* Both stages have a say, and a cached translation says the same */
static void nested_combine(struct walk_bench *b, int fs, int ss)
{
	struct vtdsim_map map;
	int kind;

	*bench_fs_entry(b, ADDR, 1) = GPA | FS_P | fs << 1 | FS_A | FS_D;
	*bench_ss_entry(b, GPA, 1) = OUT | ss;
	/* What there is to cache, if a supervisor can get in at all */
	b->req.priv = true;
	if (!(ss & 1) && b->pe.wpe && !(fs & 1))
		return;
	KUNIT_ASSERT_EQ(b->test, 0, bench_first(b, ADDR, ss & 1, !(ss & 1)));
	map = b->map;
	for (kind = 0; kind < 6; kind++) {
		bool write = kind % 3, read = kind % 3 != 1, priv = kind / 3;
		bool fs_write = fs & 1 || (priv && !b->pe.wpe);
		u8 want = 0;

		if (!priv && !(fs & 2))
			want = VTDSIM_FR_USER;
		else if (write && !(fs_write && ss & 2))
			want = VTDSIM_FR_WRITE;
		else if (read && !(ss & 1))
			want = VTDSIM_FR_READ;
		b->req.priv = priv;
		KUNIT_EXPECT_EQ_MSG(b->test, want,
				    bench_first(b, ADDR, read, write),
				    "wpe %d fs %d ss %d kind %d", b->pe.wpe, fs,
				    ss, kind);
		KUNIT_EXPECT_EQ_MSG(b->test, want,
				    vtdsim_check_access(&b->pe, &b->req, &map),
				    "wpe %d fs %d ss %d kind %d", b->pe.wpe, fs,
				    ss, kind);
	}
}

static void nested_rights(struct kunit *test)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	int combo;

	nested_simple(test, b, 4);
	b->pe.sre = true;
	for (combo = 0; combo < 24; combo++) {
		b->pe.wpe = combo >= 12;
		nested_combine(b, combo % 4, combo / 4 % 3 + 1);
	}
}

/* Where the flags of both stages must appear, and where not */
static void nested_flags(struct kunit *test)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	u64 *ss, *fs;
	int level;

	nested_simple(test, b, 4);
	ss = bench_ss_entry(b, GPA, 1);
	fs = bench_fs_entry(b, ADDR, 1);
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, false, true), 0);
	KUNIT_EXPECT_EQ(test, *ss, OUT | SS_RW);
	KUNIT_EXPECT_EQ(test, *fs, GPA | FS_ALL | FS_A | FS_D);
	KUNIT_EXPECT_TRUE(test, b->map.dirty);

	/* Tables are only read: accessed in the second stage */
	b->pe.ssade = true;
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, false), 0);
	KUNIT_EXPECT_EQ(test, *ss, OUT | SS_RW | SS_A);
	KUNIT_EXPECT_FALSE(test, b->map.dirty);
	for (level = 1; level <= 4; level++)
		KUNIT_EXPECT_EQ(test, SS_A, (SS_A | SS_D) &
				*bench_ss_of_table(b, ADDR, level));

	/* A flag set in a table makes its page dirty, and no other */
	*bench_fs_entry(b, ADDR, 3) &= ~FS_A;
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, false), 0);
	KUNIT_EXPECT_TRUE(test, *bench_fs_entry(b, ADDR, 3) & FS_A);
	for (level = 1; level <= 4; level++)
		KUNIT_EXPECT_EQ(test, level == 3 ? SS_A | SS_D : SS_A,
				(SS_A | SS_D) & *bench_ss_of_table(b, ADDR, level));
	KUNIT_EXPECT_FALSE(test, *ss & SS_D);

	/* Dirty only if both stages are */
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, false, true), 0);
	KUNIT_EXPECT_EQ(test, *ss, OUT | SS_RW | SS_A | SS_D);
	KUNIT_EXPECT_TRUE(test, b->map.dirty);
	*fs &= ~FS_D;
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, false), 0);
	KUNIT_EXPECT_FALSE(test, b->map.dirty);

	/* A page that the second stage protects does not become dirty there */
	*ss = OUT | SS_R;
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, false, true), VTDSIM_FR_WRITE);
	KUNIT_EXPECT_EQ(test, *ss & ~SS_A, OUT | SS_R);
	/* ... nor in the first stage, which says yes */
	KUNIT_EXPECT_FALSE(test, *fs & FS_D);
	KUNIT_EXPECT_EQ(test, bench_first(b, ADDR, true, true), VTDSIM_FR_WRITE);
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
