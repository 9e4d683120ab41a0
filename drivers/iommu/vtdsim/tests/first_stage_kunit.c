// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the first-stage page walk, not nested, and of access checks.
 */
#include "unit/fault_reasons.h"
#include "fixture_walk.h"

/* Positive in 48 and in 57 bits, with ones and zeroes in every index */
#define ADDR	0x4c2a95aab555ULL
#define ADDR5	(0xa5ULL << 48 | ADDR)
#define OUT	0x155540000000ULL

static void first_init(struct kunit *test, struct vtdsim_test_walk *w, int levels)
{
	vtdsim_test_walk_init(w, test, VTDSIM_PGTT_FIRST, levels, 0);
}

static void first_sizes(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	int levels, leaf;

	for (levels = 4; levels <= 5; levels++) {
		for (leaf = 1; leaf <= 3; leaf++) {
			u64 addr = levels == 5 ? ADDR5 : ADDR;
			u64 mask = (1ULL << (3 + 9 * leaf)) - 1;

			first_init(test, w, levels);
			vtdsim_test_fs_map(w, addr, OUT | FS_URW, leaf);
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, addr, true, true), 0);
			KUNIT_EXPECT_EQ(test, w->map.in, addr & ~mask);
			KUNIT_EXPECT_EQ(test, w->map.out, OUT);
			KUNIT_EXPECT_EQ(test, w->map.shift, 3 + 9 * leaf);
			vtdsim_test_expect_full(w);
			KUNIT_EXPECT_EQ(test, 0,
					vtdsim_test_walk_first(w, addr & ~mask, true, false));
			KUNIT_EXPECT_EQ(test, 0,
					vtdsim_test_walk_first(w, addr | mask, true, false));
			KUNIT_EXPECT_EQ(test, VTDSIM_FR_FS_PRESENT,
					vtdsim_test_walk_first(w, (addr | mask) + 1, true, false));
			KUNIT_EXPECT_EQ(test, VTDSIM_FR_FS_PRESENT,
					vtdsim_test_walk_first(w, (addr & ~mask) - 1, true, false));
		}
	}
	/* Without 1 GiB pages the bit that asks for one is reserved */
	first_init(test, w, 4);
	vtdsim_test_fs_map(w, ADDR, OUT | FS_URW, 3);
	w->caps.cap &= ~CAP_FS1GP;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false), VTDSIM_FR_FS_RESERVED);
}

static void first_canonical(struct kunit *test)
{
	static const struct {
		int levels;
		u64 addr;
		bool good;
	} cases[] = {
		{ 4, 0x0000000000000000, true },
		{ 4, 0x00007fffffffffff, true },
		{ 4, 0x0000800000000000, false },
		{ 4, 0xffff7fffffffffff, false },
		{ 4, 0xffff800000000000, true },
		{ 4, 0xffffffffffffffff, true },
		{ 4, 0x7fff800000000000, false },
		{ 5, 0x0000800000000000, true },
		{ 5, 0x00ffffffffffffff, true },
		{ 5, 0x0100000000000000, false },
		{ 5, 0xfeffffffffffffff, false },
		{ 5, 0xff00000000000000, true },
		{ 5, 0xffff7fffffffffff, true },
	};
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		u8 want = VTDSIM_FR_CANONICAL;

		if (cases[i].good)
			want = 0;
		first_init(test, w, cases[i].levels);
		vtdsim_test_fs_map(w, cases[i].addr, OUT | FS_URW, 1);
		KUNIT_EXPECT_EQ_MSG(test, want,
				    vtdsim_test_walk_first(w, cases[i].addr, true, false),
				    "case %d", i);
	}
}

/* The rules of section 3.6.1, written independently of the model */
static u8 first_rule(const struct vtdsim_test_walk *w, u64 rights)
{
	const struct vtdsim_req *req = &w->req;
	const struct vtdsim_pasid *pe = &w->pe;

	if (req->priv)
		return req->write && pe->wpe && !(rights & FS_RW) ?
			VTDSIM_FR_WRITE : 0;
	if (!(rights & FS_US))
		return VTDSIM_FR_USER;
	return req->write && !(rights & FS_RW) ? VTDSIM_FR_WRITE : 0;
}

/* All kinds of request, by a walk and by a cached translation */
static void first_requests(struct vtdsim_test_walk *w, const struct vtdsim_map *map, u64 rights)
{
	int kind;

	for (kind = 0; kind < 6; kind++) {
		bool read = kind % 3 != 1;
		bool write = kind % 3;
		u8 walk;

		w->req.priv = kind / 3;
		walk = vtdsim_test_walk_first(w, ADDR, read, write);
		KUNIT_EXPECT_EQ_MSG(w->test, walk, first_rule(w, rights), "rights %#llx kind %d",
				    rights, kind);
		KUNIT_EXPECT_EQ(w->test, walk, vtdsim_check_access(&w->pe, &w->req, map));
	}
}

/*
 * Every combination of rights at the leaf and at one level above it, with and
 * without write protection. Execute-disable is ignored.
 */
static void first_combine(struct vtdsim_test_walk *w, int leaf, int upper)
{
	u64 *last = vtdsim_test_fs_map(w, ADDR, OUT, leaf);
	u64 *entry = vtdsim_test_fs_entry(w, ADDR, upper);
	u64 last_empty = *last;
	u64 entry_empty = *entry & ~FS_URW;
	struct vtdsim_map map;
	int combo, wpe;
	u64 lo, hi;

	for (combo = 0; combo < 64; combo++) {
		lo = (combo & 3) << 1 | (combo & 4 ? FS_XD : 0);
		hi = (combo & 24) >> 2 | (combo & 32 ? FS_XD : 0);
		*last = last_empty | FS_P | lo;
		*entry = entry_empty | FS_P | hi;
		for (wpe = 0; wpe < 2; wpe++) {
			w->pe.wpe = wpe;
			/* A read by a supervisor always works */
			w->req.priv = true;
			KUNIT_ASSERT_EQ(w->test, 0, vtdsim_test_walk_first(w, ADDR, true, false));
			map = w->map;
			first_requests(w, &map, lo & hi & (FS_RW | FS_US));
		}
	}
}

static void first_rights(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	int levels, leaf, upper;

	for (levels = 4; levels <= 5; levels++) {
		for (leaf = 1; leaf <= 3; leaf++) {
			for (upper = leaf + 1; upper <= levels; upper++) {
				first_init(test, w, levels);
				first_combine(w, leaf, upper);
			}
		}
	}
}

/* Reserved bits by kind of entry, from section 9.7; address bits apart */
static void first_reserved(struct kunit *test)
{
	static const struct {
		int level;
		bool leaf;
		u64 reserved;
	} kinds[] = {
		{ 1, true,  0x000fc00000000000 },
		{ 2, true,  0x000fc000001fe000 },
		{ 3, true,  0x000fc0003fffe000 },
		{ 2, false, 0x000fc00000000000 },
		{ 3, false, 0x000fc00000000000 },
		{ 4, false, 0x000fc00000000080 },
		{ 5, false, 0x000fc00000000080 },
	};
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	u64 *entry, good, address;
	int i, bit;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		first_init(test, w, 5);
		entry = vtdsim_test_fs_map(w, ADDR5, OUT | FS_URW,
					   kinds[i].leaf ? kinds[i].level : 1);
		if (!kinds[i].leaf)
			entry = vtdsim_test_fs_entry(w, ADDR5, kinds[i].level);
		good = *entry;
		address = GENMASK_ULL(TEST_HAW - 1, 12) & ~kinds[i].reserved;
		if (kinds[i].leaf && kinds[i].level > 1)
			address &= ~BIT_ULL(12);	/* PAT */
		for (bit = 1; bit < 64; bit++) {
			u64 flip = BIT_ULL(bit);

			if (flip & (address | FS_RW | FS_US))
				continue;
			if (flip == PTE_PS && kinds[i].level > 1 &&
			    kinds[i].level < 4)
				continue;
			*entry = good | flip;
			KUNIT_EXPECT_EQ_MSG(test, vtdsim_test_walk_first(w, ADDR5, true, false),
					    kinds[i].reserved & flip ? VTDSIM_FR_FS_RESERVED : 0,
					    "kind %d bit %d", i, bit);
			*entry = ~FS_P;
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR5, true, false),
					VTDSIM_FR_FS_PRESENT);
		}
	}
}

static void first_no_memory(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	int levels, level;

	for (levels = 4; levels <= 5; levels++) {
		for (level = 2; level <= levels; level++) {
			first_init(test, w, levels);
			vtdsim_test_fs_map(w, ADDR, OUT | FS_URW, 1);
			*vtdsim_test_fs_entry(w, ADDR, level) = TEST_HOLE | FS_URW;
			KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false),
					VTDSIM_FR_FS_ACCESS);
		}
		w->pe.fs_root = TEST_HOLE;
		KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false),
				VTDSIM_FR_FS_ROOT_ACCESS);
	}
}

static void first_expect_flags(struct vtdsim_test_walk *w, int leaf, u64 upper, u64 last)
{
	u64 mask = FS_A | FS_D | FS_EA;
	int level;

	for (level = w->pe.fs_levels; level > leaf; level--)
		KUNIT_EXPECT_EQ_MSG(w->test, upper, *vtdsim_test_fs_entry(w, ADDR, level) & mask,
				    "level %d", level);
	KUNIT_EXPECT_EQ(w->test, last, *vtdsim_test_fs_entry(w, ADDR, leaf) & mask);
}

static void first_flags_at(struct vtdsim_test_walk *w, int leaf)
{
	u64 *entry;

	entry = vtdsim_test_fs_map(w, ADDR, OUT | FS_URW, leaf);
	w->pe.pwsnp = false;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, true, false),
			VTDSIM_FR_FS_AD_NO_SNOOP);
	first_expect_flags(w, leaf, 0, 0);
	w->pe.pwsnp = true;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, true, false), 0);
	first_expect_flags(w, leaf, FS_A, FS_A);
	KUNIT_EXPECT_FALSE(w->test, w->map.dirty);

	/* A request that is refused leaves the leaf alone */
	*entry &= ~(FS_RW | FS_A);
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, false, true), VTDSIM_FR_WRITE);
	first_expect_flags(w, leaf, FS_A, 0);
	*entry |= FS_RW;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, false, true), 0);
	first_expect_flags(w, leaf, FS_A, FS_A | FS_D);
	KUNIT_EXPECT_TRUE(w->test, w->map.dirty);

	w->pe.eafe = true;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, true, false), 0);
	first_expect_flags(w, leaf, FS_A | FS_EA, FS_A | FS_D | FS_EA);
	w->pe.pwsnp = false;
	KUNIT_EXPECT_EQ(w->test, vtdsim_test_walk_first(w, ADDR, true, true), 0);
	KUNIT_EXPECT_TRUE(w->test, w->map.dirty);
}

static void first_flags(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	int levels, leaf;

	for (levels = 4; levels <= 5; levels++) {
		for (leaf = 1; leaf <= 3; leaf++) {
			first_init(test, w, levels);
			first_flags_at(w, leaf);
		}
	}
}

static void first_interrupt(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	struct vtdsim_map map;
	u64 *entry;

	first_init(test, w, 4);
	entry = vtdsim_test_fs_map(w, ADDR, 0xfee00000 | FS_URW, 1);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, false, true), VTDSIM_FR_INTERRUPT);
	KUNIT_EXPECT_FALSE(test, *entry & (FS_A | FS_D));
	*entry = 0xfeeff000 | FS_URW;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, false, true), VTDSIM_FR_INTERRUPT);
	*entry = 0xfef00000 | FS_URW;
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, false, true), 0);

	/* The part of a large page outside the interrupt range works, cached or not */
	first_init(test, w, 4);
	vtdsim_test_fs_map(w, 0x40000000, 0xfee00000 | FS_URW, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, 0x40100000, true, false), 0);
	map = w->map;
	KUNIT_EXPECT_EQ(test, vtdsim_check_access(&w->pe, &w->req, &map), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, 0x400fffff, true, false),
			VTDSIM_FR_INTERRUPT);
	KUNIT_EXPECT_EQ(test, vtdsim_check_access(&w->pe, &w->req, &map), VTDSIM_FR_INTERRUPT);
}

/* Access checks of second-stage-only translation */
static void access_second(struct kunit *test)
{
	struct vtdsim_pasid pe = { .pgtt = VTDSIM_PGTT_SECOND };
	struct vtdsim_map map = { .shift = 12, .user = true };
	struct vtdsim_req req = { };
	int i;

	for (i = 0; i < 32; i++) {
		bool write = i & 2 && !(i & 8), read = i & 1 && !(i & 4);

		req.read = i & 1;
		req.write = i & 2;
		req.priv = i & 16;
		req.exec = i & 16;
		map.read = i & 4;
		map.write = i & 8;
		map.super_write = map.write;
		KUNIT_EXPECT_EQ_MSG(test, vtdsim_check_access(&pe, &req, &map),
				    write ? VTDSIM_FR_WRITE :
				    read ? VTDSIM_FR_READ : 0, "case %#x", i);
	}
}

static struct kunit_case first_cases[] = {
	KUNIT_CASE(first_sizes),
	KUNIT_CASE(first_canonical),
	KUNIT_CASE(first_rights),
	KUNIT_CASE(first_reserved),
	KUNIT_CASE(first_no_memory),
	KUNIT_CASE(first_flags),
	KUNIT_CASE(first_interrupt),
	KUNIT_CASE(access_second),
	{}
};

static struct kunit_suite first_suite = {
	.name = "vtdsim-first",
	.test_cases = first_cases,
};

kunit_test_suite(first_suite);
