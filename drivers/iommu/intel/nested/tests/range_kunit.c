// SPDX-License-Identifier: GPL-2.0-only
/* Tests of range.c: what is refused, and that blocks cover what they must. */

#include <kunit/test.h>
#include <linux/prandom.h>

#include "../nested.h"

#define LAST_PFN	(U64_MAX >> 12)

struct check_case {
	const char *what;
	struct iommu_hwpt_vtd_s1_invalidate req;
	int want;
	struct vtd_inv_range range;
};

#define GOOD(_what, _pfn, _npages, _leaf, ...)				\
	{ .what = _what, .range = { _pfn, _npages, _leaf }, .req = { __VA_ARGS__ } }
#define BAD(_what, _want, ...)						\
	{ .what = _what, .want = _want, .req = { __VA_ARGS__ } }

static const struct check_case check_cases[] = {
	GOOD("one page", 1, 1, false, .addr = 0x1000, .npages = 1),
	GOOD("leaf only", 2, 3, true, .addr = 0x2000, .npages = 3, .flags = 1),
	GOOD("everything", 0, 0, false, .npages = U64_MAX),
	GOOD("everything, leaf only", 0, 0, true, .npages = U64_MAX, .flags = 1),
	GOOD("last page", LAST_PFN, 1, false, .addr = LAST_PFN << 12, .npages = 1),
	GOOD("whole space by number", 0, LAST_PFN + 1, false, .npages = LAST_PFN + 1),
	GOOD("up to the end", 1, LAST_PFN, false, .addr = 0x1000, .npages = LAST_PFN),
	BAD("unaligned", -EINVAL, .addr = 0x1001, .npages = 1),
	BAD("unaligned by half", -EINVAL, .addr = 0x800, .npages = 1),
	BAD("no pages", -EINVAL, .addr = 0x1000),
	BAD("no pages at zero", -EINVAL, .addr = 0),
	BAD("everything at an address", -EINVAL, .addr = 0x1000, .npages = U64_MAX),
	BAD("everything at the last page", -EINVAL, .addr = LAST_PFN << 12,
	    .npages = U64_MAX),
	BAD("one page too many", -EINVAL, .addr = LAST_PFN << 12, .npages = 2),
	BAD("one page over the space", -EINVAL, .npages = LAST_PFN + 2),
	BAD("bytes overflow to a small size", -EINVAL, .addr = 0x1000,
	    .npages = BIT_ULL(52) + 1),
	BAD("bytes overflow to zero", -EINVAL, .npages = BIT_ULL(63)),
	BAD("nearly everything", -EINVAL, .npages = U64_MAX - 1),
	BAD("flag 1", -EOPNOTSUPP, .addr = 0x1000, .npages = 1, .flags = 2),
	BAD("flag 31", -EOPNOTSUPP, .addr = 0x1000, .npages = 1, .flags = BIT(31)),
	BAD("reserved", -EOPNOTSUPP, .addr = 0x1000, .npages = 1, .__reserved = 1),
	BAD("reserved before address", -EOPNOTSUPP, .addr = 1, .__reserved = 1),
};

KUNIT_ARRAY_PARAM_DESC(check, check_cases, what);

static void check_test(struct kunit *test)
{
	const struct check_case *c = test->param_value;
	struct vtd_inv_range range = {};

	KUNIT_ASSERT_EQ(test, vtd_inv_check(&c->req, &range), c->want);
	if (c->want)
		return;
	KUNIT_EXPECT_EQ(test, range.pfn, c->range.pfn);
	KUNIT_EXPECT_EQ(test, range.npages, c->range.npages);
	KUNIT_EXPECT_EQ(test, range.leaf, c->range.leaf);
}

struct cover_case {
	const char *what;
	u64 pfn, npages;
	unsigned int max_order;
	int want;
	struct vtd_inv_block block[VTD_INV_MAX_BLOCKS];
};

static const struct cover_case cover_cases[] = {
	{ "one page", 5, 1, 18, 1, { { 5, 0 } } },
	{ "aligned pair", 4, 2, 18, 1, { { 4, 1 } } },
	{ "pair over an odd border", 5, 2, 18, 2, { { 5, 0 }, { 6, 0 } } },
	{ "pair over a huge border", BIT_ULL(30) - 1, 2, 18, 2,
	  { { BIT_ULL(30) - 1, 0 }, { BIT_ULL(30), 0 } } },
	{ "three in four", 4, 3, 18, 1, { { 4, 2 } } },
	{ "three in two blocks", 6, 3, 18, 2, { { 6, 1 }, { 8, 0 } } },
	{ "aligned 512", 512, 512, 18, 1, { { 512, 9 } } },
	{ "largest block", 0, BIT_ULL(18), 18, 1, { { 0, 18 } } },
	{ "larger than the largest block", 0, BIT_ULL(18) + 1, 18, 0 },
	{ "one and the largest", BIT_ULL(18) - 1, BIT_ULL(18), 18, 2,
	  { { BIT_ULL(18) - 1, 0 }, { BIT_ULL(18), 18 } } },
	{ "the largest and half of it", BIT_ULL(17) - 1, BIT_ULL(18), 18, 2,
	  { { 0, 18 }, { BIT_ULL(18), 17 } } },
	{ "left part too large", 1, BIT_ULL(18), 17, 0 },
	{ "right part too large", BIT_ULL(20) - 1, BIT_ULL(18) + 2, 18, 0 },
	{ "no mask at all", 7, 1, 0, 1, { { 7, 0 } } },
	{ "no mask, two pages", 8, 2, 0, 0 },
	{ "everything", 0, 0, 18, 0 },
	{ "last page", LAST_PFN, 1, 18, 1, { { LAST_PFN, 0 } } },
	{ "end of the space", LAST_PFN - 2, 3, 18, 1, { { LAST_PFN - 3, 2 } } },
	{ "whole space", 0, LAST_PFN + 1, 52, 1, { { 0, 52 } } },
	{ "all but the first page", 1, LAST_PFN, 52, 1, { { 0, 52 } } },
};

KUNIT_ARRAY_PARAM_DESC(cover, cover_cases, what);

static void cover_test(struct kunit *test)
{
	const struct cover_case *c = test->param_value;
	struct vtd_inv_range range = { .pfn = c->pfn, .npages = c->npages, .leaf = true };
	struct vtd_inv_block block[VTD_INV_MAX_BLOCKS] = {};
	int i;

	KUNIT_ASSERT_EQ(test, vtd_inv_cover(&range, c->max_order, block), c->want);
	for (i = 0; i < c->want; i++) {
		KUNIT_EXPECT_EQ(test, block[i].pfn, c->block[i].pfn);
		KUNIT_EXPECT_EQ(test, block[i].order, c->block[i].order);
		KUNIT_EXPECT_TRUE(test, block[i].leaf);
	}
}

/* Nothing of a range is missed, and not much more is hit, wherever it lies. */
static void cover_random_test(struct kunit *test)
{
	struct rnd_state rnd;
	int round;

	prandom_seed_state(&rnd, 772415);
	for (round = 0; round < 20000; round++) {
		unsigned int size_bits = prandom_u32_state(&rnd) % 20;
		unsigned int pfn_bits = 1 + prandom_u32_state(&rnd) % 51;
		struct vtd_inv_block block[VTD_INV_MAX_BLOCKS];
		struct vtd_inv_range range;
		u64 at, end, total = 0;
		int i, n;

		range.pfn = (u64)prandom_u32_state(&rnd) << 32;
		range.pfn = (range.pfn | prandom_u32_state(&rnd)) & GENMASK_ULL(pfn_bits - 1, 0);
		range.npages = 1 + (prandom_u32_state(&rnd) & ((1U << size_bits) - 1));

		n = vtd_inv_cover(&range, 52, block);
		KUNIT_ASSERT_GE(test, n, 1);
		KUNIT_ASSERT_LE(test, n, VTD_INV_MAX_BLOCKS);

		at = range.pfn;
		end = range.pfn + range.npages;
		for (i = 0; i < n; i++) {
			u64 size = BIT_ULL(block[i].order);

			KUNIT_ASSERT_EQ(test, block[i].pfn & (size - 1), 0);
			KUNIT_ASSERT_LE(test, block[i].pfn, at);
			at = block[i].pfn + size;
			total += size;
		}
		KUNIT_ASSERT_GE(test, at, end);
		KUNIT_ASSERT_LT(test, total, 2 * range.npages);
	}
}

static struct kunit_case range_cases[] = {
	KUNIT_CASE_PARAM(check_test, check_gen_params),
	KUNIT_CASE_PARAM(cover_test, cover_gen_params),
	KUNIT_CASE(cover_random_test),
	{}
};

static struct kunit_suite range_suite = {
	.name = "intel-nested-range",
	.test_cases = range_cases,
};

kunit_test_suite(range_suite);
