// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the second-stage page walk.
 */
#include "unit/fault_reasons.h"
#include "walk_bench.h"

/* Has a one, and a zero, in the index of every level; below 2^38 */
#define ADDR	0x2a95aab555ULL
#define OUT	0x155540000000ULL

static void second_bench(struct kunit *test, struct walk_bench *b, int levels)
{
	bench_init(b, test, VTDSIM_PGTT_SECOND, 0, levels);
}

/* What ADDR can have on top with more levels */
static u64 second_top(int levels)
{
	return levels == 5 ? 0x1a5ULL << 48 | 0x99ULL << 39 :
	       levels == 4 ? 0x199ULL << 39 : 0;
}

static void second_sizes(struct kunit *test)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	int levels, leaf;

	for (levels = 3; levels <= 5; levels++) {
		for (leaf = 1; leaf <= 3; leaf++) {
			u64 addr = second_top(levels) | ADDR;
			u64 mask = (1ULL << (3 + 9 * leaf)) - 1;

			second_bench(test, b, levels);
			bench_ss_map(b, addr, OUT | SS_RW, leaf);
			KUNIT_EXPECT_EQ(test, bench_second(b, addr, true, true), 0);
			KUNIT_EXPECT_EQ(test, b->map.in, addr & ~mask);
			KUNIT_EXPECT_EQ(test, b->map.out, OUT);
			KUNIT_EXPECT_EQ(test, b->map.shift, 12 + 9 * (leaf - 1));
			bench_expect_full(b);
			/* The ends of the page, and what lies beyond */
			KUNIT_EXPECT_EQ(test, 0,
					bench_second(b, addr & ~mask, true, false));
			KUNIT_EXPECT_EQ(test, 0,
					bench_second(b, addr | mask, true, false));
			KUNIT_EXPECT_EQ(test, VTDSIM_FR_SS_PRESENT,
					bench_second(b, (addr | mask) + 1, true, false));
			KUNIT_EXPECT_EQ(test, VTDSIM_FR_SS_PRESENT,
					bench_second(b, (addr & ~mask) - 1, true, false));
		}
	}
}

/* Rights at the leaf and at one level above it, all four by all four */
static void second_combine(struct walk_bench *b, u64 addr, int leaf, int upper)
{
	u64 *lo = bench_ss_map(b, addr, OUT, leaf);
	u64 *hi = bench_ss_entry(b, addr, upper);
	u64 lo_empty = *lo;
	u64 hi_empty = *hi & ~SS_RW;
	int combo;

	for (combo = 0; combo < 64; combo++) {
		bool read = combo & 16, write = combo & 32;
		int both = (combo & 3) & (combo >> 2 & 3);
		u8 want = 0;

		if (!both)
			want = VTDSIM_FR_SS_PRESENT;
		else if (write && !(both & 2))
			want = VTDSIM_FR_WRITE;
		else if (read && !(both & 1))
			want = VTDSIM_FR_READ;
		*lo = lo_empty | (combo & 3);
		*hi = hi_empty | (combo >> 2 & 3);
		KUNIT_EXPECT_EQ_MSG(b->test, want,
				    bench_second(b, addr, read, write),
				    "leaf %d upper %d combo %#x", leaf, upper,
				    combo);
		if (want)
			continue;
		KUNIT_EXPECT_EQ(b->test, b->map.read, !!(both & 1));
		KUNIT_EXPECT_EQ(b->test, b->map.write, !!(both & 2));
		KUNIT_EXPECT_EQ(b->test, b->map.super_write, !!(both & 2));
	}
}

static void second_rights(struct kunit *test)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	int levels, leaf, upper;

	for (levels = 3; levels <= 5; levels++) {
		for (leaf = 1; leaf <= 3; leaf++) {
			for (upper = leaf + 1; upper <= levels; upper++) {
				second_bench(test, b, levels);
				second_combine(b, second_top(levels) | ADDR,
					       leaf, upper);
			}
		}
	}
}

/* Reserved bits by kind of entry, from section 9.8; address bits apart */
static void second_reserved(struct kunit *test)
{
	static const struct {
		int level;
		bool leaf;
		u64 reserved;
	} kinds[] = {
		{ 1, true,  0x400fc00000000000 },
		{ 2, true,  0x400fc000001ff000 },
		{ 3, true,  0x400fc0003ffff000 },
		{ 2, false, 0x400fc00000000800 },
		{ 3, false, 0x400fc00000000800 },
		{ 4, false, 0x400fc00000000880 },
		{ 5, false, 0x400fc00000000880 },
	};
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	u64 addr = second_top(5) | ADDR;
	u64 *entry, good, address;
	int i, bit;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		second_bench(test, b, 5);
		entry = bench_ss_map(b, addr, OUT | SS_RW,
				     kinds[i].leaf ? kinds[i].level : 1);
		if (!kinds[i].leaf)
			entry = bench_ss_entry(b, addr, kinds[i].level);
		good = *entry;
		/* Other bits of the address lead elsewhere, which is fine */
		address = GENMASK_ULL(BENCH_HAW - 1, 12) & ~kinds[i].reserved;
		for (bit = 0; bit < 64; bit++) {
			u64 flip = BIT_ULL(bit);
			bool reserved = kinds[i].reserved & flip;

			if (flip & (address | SS_RW))
				continue;
			if (flip == PTE_PS && !reserved && kinds[i].level > 1)
				continue;
			*entry = good | flip;
			KUNIT_EXPECT_EQ_MSG(test, bench_second(b, addr, true, false),
					    reserved ? VTDSIM_FR_SS_RESERVED : 0,
					    "kind %d bit %d", i, bit);
			/* An entry that is not present may hold anything */
			*entry = ~0ULL & ~SS_RW;
			KUNIT_EXPECT_EQ(test, bench_second(b, addr, true, false),
					VTDSIM_FR_SS_PRESENT);
		}
	}

	/* SNP in a leaf exists with snoop control only */
	second_bench(test, b, 4);
	entry = bench_ss_map(b, ADDR, OUT | SS_RW | 1 << 11, 1);
	KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, true, false), 0);
	b->caps.ecap &= ~BENCH_ECAP_SC;
	KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, true, false),
			VTDSIM_FR_SS_RESERVED);
	*entry &= ~BIT_ULL(11);
	KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, true, false), 0);
}

static void second_large_pages(struct kunit *test)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	u64 other = ADDR ^ BIT_ULL(37);

	second_bench(test, b, 3);
	bench_ss_map(b, ADDR, OUT | SS_RW, 2);
	bench_ss_map(b, other, OUT | SS_RW, 3);
	KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, true, false), 0);
	KUNIT_EXPECT_EQ(test, bench_second(b, other, true, false), 0);
	b->caps.cap &= ~BENCH_CAP_SPS_2M;
	KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, true, false),
			VTDSIM_FR_SS_RESERVED);
	KUNIT_EXPECT_EQ(test, bench_second(b, other, true, false), 0);
	b->caps.cap |= BENCH_CAP_SPS_2M;
	b->caps.cap &= ~BENCH_CAP_SPS_1G;
	KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, true, false), 0);
	KUNIT_EXPECT_EQ(test, bench_second(b, other, true, false),
			VTDSIM_FR_SS_RESERVED);
}

static void second_width(struct kunit *test)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	static const int mgaws[] = { 39, 42, 48, 57 };
	int levels, i;

	for (levels = 3; levels <= 5; levels++) {
		for (i = 0; i < ARRAY_SIZE(mgaws); i++) {
			int width = min(mgaws[i], 12 + 9 * levels);
			u64 last = (1ULL << width) - 1;

			second_bench(test, b, levels);
			b->caps.cap &= ~BENCH_CAP_MGAW(64);
			b->caps.cap |= BENCH_CAP_MGAW(mgaws[i]);
			bench_ss_map(b, last, OUT | SS_RW, 1);
			KUNIT_EXPECT_EQ(test, bench_second(b, last, true, false), 0);
			KUNIT_EXPECT_EQ(test, bench_second(b, last + 1, true, false),
					VTDSIM_FR_WIDTH);
			KUNIT_EXPECT_EQ(test, bench_second(b, BIT_ULL(63), true, false),
					VTDSIM_FR_WIDTH);
		}
	}
}

static void second_no_memory(struct kunit *test)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	int levels, level;

	for (levels = 3; levels <= 5; levels++) {
		for (level = 2; level <= levels; level++) {
			second_bench(test, b, levels);
			bench_ss_map(b, ADDR, OUT | SS_RW, 1);
			*bench_ss_entry(b, ADDR, level) = BENCH_HOLE | SS_RW;
			KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, true, false),
					VTDSIM_FR_SS_ACCESS);
		}
		b->pe.ss_root = BENCH_HOLE;
		KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, true, false),
				VTDSIM_FR_SS_ROOT_ACCESS);
	}
}

/* All entries of a walk and what their A and D bits should be */
static void second_expect_flags(struct walk_bench *b, u64 addr, int leaf,
				u64 upper, u64 last)
{
	int level;

	for (level = b->pe.ss_levels; level > leaf; level--)
		KUNIT_EXPECT_EQ_MSG(b->test, upper, (SS_A | SS_D) &
				    *bench_ss_entry(b, addr, level),
				    "level %d", level);
	KUNIT_EXPECT_EQ(b->test, last,
			*bench_ss_entry(b, addr, leaf) & (SS_A | SS_D));
}

static void second_flags_at(struct walk_bench *b, int leaf)
{
	u64 *entry;

	entry = bench_ss_map(b, ADDR, OUT | SS_RW, leaf);
	KUNIT_EXPECT_EQ(b->test, bench_second(b, ADDR, true, true), 0);
	second_expect_flags(b, ADDR, leaf, 0, 0);
	KUNIT_EXPECT_TRUE(b->test, b->map.dirty);

	b->pe.ssade = true;
	b->pe.pwsnp = false;
	KUNIT_EXPECT_EQ(b->test, bench_second(b, ADDR, true, false),
			VTDSIM_FR_SS_AD_NO_SNOOP);
	second_expect_flags(b, ADDR, leaf, 0, 0);

	b->pe.pwsnp = true;
	KUNIT_EXPECT_EQ(b->test, bench_second(b, ADDR, true, false), 0);
	second_expect_flags(b, ADDR, leaf, SS_A, SS_A);
	KUNIT_EXPECT_FALSE(b->test, b->map.dirty);

	/* A request that is refused leaves the leaf alone */
	*entry &= ~(SS_W | SS_A);
	KUNIT_EXPECT_EQ(b->test, bench_second(b, ADDR, false, true),
			VTDSIM_FR_WRITE);
	second_expect_flags(b, ADDR, leaf, SS_A, 0);

	*entry |= SS_W;
	KUNIT_EXPECT_EQ(b->test, bench_second(b, ADDR, false, true), 0);
	second_expect_flags(b, ADDR, leaf, SS_A, SS_A | SS_D);
	KUNIT_EXPECT_TRUE(b->test, b->map.dirty);

	/* Nothing to set any more: no snooping is needed */
	b->pe.pwsnp = false;
	KUNIT_EXPECT_EQ(b->test, bench_second(b, ADDR, true, true), 0);
	KUNIT_EXPECT_EQ(b->test, bench_second(b, ADDR, true, false), 0);
	KUNIT_EXPECT_TRUE(b->test, b->map.dirty);
}

static void second_flags(struct kunit *test)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	int levels, leaf;

	for (levels = 3; levels <= 5; levels++) {
		for (leaf = 1; leaf <= 3; leaf++) {
			second_bench(test, b, levels);
			second_flags_at(b, leaf);
		}
	}
}

static void second_interrupt(struct kunit *test)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	u64 *entry;

	second_bench(test, b, 4);
	b->pe.ssade = true;
	entry = bench_ss_map(b, ADDR, 0, 1);
	*entry = 0xfee00000 | SS_RW;
	KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, false, true),
			VTDSIM_FR_INTERRUPT);
	KUNIT_EXPECT_FALSE(test, *entry & (SS_A | SS_D));
	*entry = 0xfeeff000 | SS_RW;
	KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, false, true),
			VTDSIM_FR_INTERRUPT);
	*entry = 0xfedff000 | SS_RW;
	KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, false, true), 0);
	*entry = 0xfef00000 | SS_RW;
	KUNIT_EXPECT_EQ(test, bench_second(b, ADDR, false, true), 0);

	/* A large page is forbidden ground in part only */
	second_bench(test, b, 4);
	bench_ss_map(b, 0x40000000, 0xfee00000 | SS_RW, 2);
	KUNIT_EXPECT_EQ(test, bench_second(b, 0x40000000, true, false),
			VTDSIM_FR_INTERRUPT);
	KUNIT_EXPECT_EQ(test, bench_second(b, 0x400fffff, true, false),
			VTDSIM_FR_INTERRUPT);
	KUNIT_EXPECT_EQ(test, bench_second(b, 0x40100000, true, false), 0);
}

static struct kunit_case second_cases[] = {
	KUNIT_CASE(second_sizes),
	KUNIT_CASE(second_rights),
	KUNIT_CASE(second_reserved),
	KUNIT_CASE(second_large_pages),
	KUNIT_CASE(second_width),
	KUNIT_CASE(second_no_memory),
	KUNIT_CASE(second_flags),
	KUNIT_CASE(second_interrupt),
	{}
};

static struct kunit_suite second_suite = {
	.name = "vtdsim-second",
	.test_cases = second_cases,
};

kunit_test_suite(second_suite);
