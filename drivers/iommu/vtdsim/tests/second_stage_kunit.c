// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the second-stage page walk.
 */
#include "unit/fault_reasons.h"
#include "fixture_walk.h"

/* Has a one, and a zero, in the index of every level; below 2^38 */
#define ADDR	0x2a95aab555ULL
#define OUT	0x155540000000ULL

static void second_init(struct kunit *test, struct vtdsim_test_walk *w, int levels)
{
	vtdsim_test_walk_init(w, test, VTDSIM_PGTT_SECOND, 0, levels);
}

/* Higher bits of ADDR with more levels */
static u64 second_top(int levels)
{
	return levels == 5 ? 0x1a5ULL << 48 | 0x99ULL << 39 :
	       levels == 4 ? 0x199ULL << 39 : 0;
}

static void second_sizes(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	int levels, leaf;

	for (levels = 3; levels <= 5; levels++) {
		for (leaf = 1; leaf <= 3; leaf++) {
			u64 addr = second_top(levels) | ADDR;
			u64 mask = (1ULL << (3 + 9 * leaf)) - 1;

			second_init(test, w, levels);
			vtdsim_test_ss_map(w, addr, OUT | SS_RW, leaf);
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, addr, true, true), 0);
			KUNIT_EXPECT_EQ(test, w->map.in, addr & ~mask);
			KUNIT_EXPECT_EQ(test, w->map.out, OUT);
			KUNIT_EXPECT_EQ(test, w->map.shift, 12 + 9 * (leaf - 1));
			vtdsim_test_expect_full(w);
			/* The ends of the page, and what lies beyond */
			KUNIT_EXPECT_EQ(test, 0,
					vtdsim_test_walk_second(w, addr & ~mask, true, false));
			KUNIT_EXPECT_EQ(test, 0,
					vtdsim_test_walk_second(w, addr | mask, true, false));
			KUNIT_EXPECT_EQ(test, VTDSIM_FR_SS_PRESENT,
					vtdsim_test_walk_second(w, (addr | mask) + 1, true, false));
			KUNIT_EXPECT_EQ(test, VTDSIM_FR_SS_PRESENT,
					vtdsim_test_walk_second(w, (addr & ~mask) - 1, true,
								false));
		}
	}
}

/* All combinations of rights at the leaf and at one level above it */
static void second_combine(struct vtdsim_test_walk *w, u64 addr, int leaf, int upper)
{
	u64 *lo = vtdsim_test_ss_map(w, addr, OUT, leaf);
	u64 *hi = vtdsim_test_ss_entry(w, addr, upper);
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
		KUNIT_EXPECT_EQ_MSG(w->test, want, vtdsim_test_walk_second(w, addr, read, write),
				    "leaf %d upper %d combo %#x", leaf, upper, combo);
		if (want)
			continue;
		KUNIT_EXPECT_EQ(w->test, w->map.read, !!(both & 1));
		KUNIT_EXPECT_EQ(w->test, w->map.write, !!(both & 2));
		KUNIT_EXPECT_EQ(w->test, w->map.super_write, !!(both & 2));
	}
}

static void second_rights(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	int levels, leaf, upper;

	for (levels = 3; levels <= 5; levels++) {
		for (leaf = 1; leaf <= 3; leaf++) {
			for (upper = leaf + 1; upper <= levels; upper++) {
				second_init(test, w, levels);
				second_combine(w, second_top(levels) | ADDR, leaf, upper);
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
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	u64 addr = second_top(5) | ADDR;
	u64 *entry, good, address;
	int i, bit;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		second_init(test, w, 5);
		entry = vtdsim_test_ss_map(w, addr, OUT | SS_RW,
					   kinds[i].leaf ? kinds[i].level : 1);
		if (!kinds[i].leaf)
			entry = vtdsim_test_ss_entry(w, addr, kinds[i].level);
		good = *entry;
		/* Other bits of the address are not reserved */
		address = GENMASK_ULL(TEST_HAW - 1, 12) & ~kinds[i].reserved;
		for (bit = 0; bit < 64; bit++) {
			u64 flip = BIT_ULL(bit);
			bool reserved = kinds[i].reserved & flip;

			if (flip & (address | SS_RW))
				continue;
			if (flip == PTE_PS && !reserved && kinds[i].level > 1)
				continue;
			*entry = good | flip;
			KUNIT_EXPECT_EQ_MSG(test, vtdsim_test_walk_second(w, addr, true, false),
					    reserved ? VTDSIM_FR_SS_RESERVED : 0, "kind %d bit %d",
					    i, bit);
			/* An entry that is not present may hold anything */
			*entry = ~0ULL & ~SS_RW;
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, addr, true, false),
					VTDSIM_FR_SS_PRESENT);
		}
	}

	/* SNP in a leaf exists with snoop control only */
	second_init(test, w, 4);
	entry = vtdsim_test_ss_map(w, ADDR, OUT | SS_RW | 1 << 11, 1);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, true, false), 0);
	w->caps.ecap &= ~ECAP_SC;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, true, false), VTDSIM_FR_SS_RESERVED);
	*entry &= ~BIT_ULL(11);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, true, false), 0);
}

static void second_large_pages(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	u64 other = ADDR ^ BIT_ULL(37);

	second_init(test, w, 3);
	vtdsim_test_ss_map(w, ADDR, OUT | SS_RW, 2);
	vtdsim_test_ss_map(w, other, OUT | SS_RW, 3);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, true, false), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, other, true, false), 0);
	w->caps.cap &= ~CAP_SPS_2M;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, true, false), VTDSIM_FR_SS_RESERVED);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, other, true, false), 0);
	w->caps.cap |= CAP_SPS_2M;
	w->caps.cap &= ~CAP_SPS_1G;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, true, false), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, other, true, false),
			VTDSIM_FR_SS_RESERVED);
}

static void second_width(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	static const int mgaws[] = { 39, 42, 48, 57 };
	int levels, i;

	for (levels = 3; levels <= 5; levels++) {
		for (i = 0; i < ARRAY_SIZE(mgaws); i++) {
			int width = min(mgaws[i], 12 + 9 * levels);
			u64 last = (1ULL << width) - 1;

			second_init(test, w, levels);
			w->caps.cap &= ~CAP_MGAW(64);
			w->caps.cap |= CAP_MGAW(mgaws[i]);
			vtdsim_test_ss_map(w, last, OUT | SS_RW, 1);
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, last, true, false), 0);
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, last + 1, true, false),
					VTDSIM_FR_WIDTH);
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, BIT_ULL(63), true, false),
					VTDSIM_FR_WIDTH);
		}
	}
}

static void second_no_memory(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	int levels, level;

	for (levels = 3; levels <= 5; levels++) {
		for (level = 2; level <= levels; level++) {
			second_init(test, w, levels);
			vtdsim_test_ss_map(w, ADDR, OUT | SS_RW, 1);
			*vtdsim_test_ss_entry(w, ADDR, level) = TEST_HOLE | SS_RW;
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, true, false),
					VTDSIM_FR_SS_ACCESS);
		}
		w->pe.ss_root = TEST_HOLE;
		KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, true, false),
				VTDSIM_FR_SS_ROOT_ACCESS);
	}
}

/* All entries of a walk and what their A and D bits should be */
static void second_expect_flags(struct vtdsim_test_walk *w, u64 addr, int leaf, u64 upper, u64 last)
{
	int level;

	for (level = w->pe.ss_levels; level > leaf; level--)
		KUNIT_EXPECT_EQ_MSG(w->test, upper,
				    (SS_A | SS_D) & *vtdsim_test_ss_entry(w, addr, level),
				    "level %d", level);
	KUNIT_EXPECT_EQ(w->test, last, *vtdsim_test_ss_entry(w, addr, leaf) & (SS_A | SS_D));
}

static void second_flags_at(struct vtdsim_test_walk *w, int leaf)
{
	u64 *entry;

	entry = vtdsim_test_ss_map(w, ADDR, OUT | SS_RW, leaf);
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_second(w, ADDR, true, true), 0);
	second_expect_flags(w, ADDR, leaf, 0, 0);
	KUNIT_EXPECT_TRUE(w->test, w->map.dirty);

	w->pe.ssade = true;
	w->pe.pwsnp = false;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_second(w, ADDR, true, false),
			VTDSIM_FR_SS_AD_NO_SNOOP);
	second_expect_flags(w, ADDR, leaf, 0, 0);

	w->pe.pwsnp = true;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_second(w, ADDR, true, false), 0);
	second_expect_flags(w, ADDR, leaf, SS_A, SS_A);
	KUNIT_EXPECT_FALSE(w->test, w->map.dirty);

	/* A request that is refused leaves the leaf alone */
	*entry &= ~(SS_W | SS_A);
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_second(w, ADDR, false, true), VTDSIM_FR_WRITE);
	second_expect_flags(w, ADDR, leaf, SS_A, 0);

	*entry |= SS_W;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_second(w, ADDR, false, true), 0);
	second_expect_flags(w, ADDR, leaf, SS_A, SS_A | SS_D);
	KUNIT_EXPECT_TRUE(w->test, w->map.dirty);

	/* No flag has to be set, so no snooping is needed */
	w->pe.pwsnp = false;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_second(w, ADDR, true, true), 0);
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_second(w, ADDR, true, false), 0);
	KUNIT_EXPECT_TRUE(w->test, w->map.dirty);
}

static void second_flags(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	int levels, leaf;

	for (levels = 3; levels <= 5; levels++) {
		for (leaf = 1; leaf <= 3; leaf++) {
			second_init(test, w, levels);
			second_flags_at(w, leaf);
		}
	}
}

static void second_interrupt(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	u64 *entry;

	second_init(test, w, 4);
	w->pe.ssade = true;
	entry = vtdsim_test_ss_map(w, ADDR, 0, 1);
	*entry = 0xfee00000 | SS_RW;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, false, true), VTDSIM_FR_INTERRUPT);
	KUNIT_EXPECT_FALSE(test, *entry & (SS_A | SS_D));
	*entry = 0xfeeff000 | SS_RW;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, false, true), VTDSIM_FR_INTERRUPT);
	*entry = 0xfedff000 | SS_RW;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, false, true), 0);
	*entry = 0xfef00000 | SS_RW;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, false, true), 0);

	/* Only a part of the large page is in the interrupt range */
	second_init(test, w, 4);
	vtdsim_test_ss_map(w, 0x40000000, 0xfee00000 | SS_RW, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, 0x40000000, true, false),
			VTDSIM_FR_INTERRUPT);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, 0x400fffff, true, false),
			VTDSIM_FR_INTERRUPT);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, 0x40100000, true, false), 0);
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
