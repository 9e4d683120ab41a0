// SPDX-License-Identifier: GPL-2.0-only
/* Tests of merge.c. */

#include <kunit/test.h>
#include <linux/prandom.h>

#include "../nested.h"

#define LAST_PFN	(U64_MAX >> 12)

struct merge_case {
	const char *what;
	unsigned int n, want_n;
	struct vtd_inv_range range[4], want[4];
};

static const struct merge_case merge_cases[] = {
	{ "one", 1, 1, { { 5, 2, true } }, { { 5, 2, true } } },
	{ "apart", 2, 2, { { 5, 1, true }, { 7, 1, false } },
	  { { 5, 1, true }, { 7, 1, false } } },
	{ "touching", 2, 1, { { 5, 1, true }, { 6, 1, true } }, { { 5, 2, true } } },
	{ "touching, one not only leaves", 2, 1, { { 5, 1, true }, { 6, 1, false } },
	  { { 5, 2, false } } },
	{ "same", 3, 1, { { 5, 1, true }, { 5, 1, true }, { 5, 1, true } },
	  { { 5, 1, true } } },
	{ "overlap", 2, 1, { { 5, 4, true }, { 7, 9, true } }, { { 5, 11, true } } },
	{ "inside", 2, 1, { { 5, 9, true }, { 7, 2, true } }, { { 5, 9, true } } },
	{ "inside, not only leaves", 2, 1, { { 5, 9, true }, { 7, 2, false } },
	  { { 5, 9, false } } },
	{ "descending", 3, 1, { { 7, 1, true }, { 6, 1, true }, { 5, 1, true } },
	  { { 5, 3, true } } },
	{ "bridged by the last", 3, 1, { { 9, 1, true }, { 5, 1, true }, { 6, 3, true } },
	  { { 5, 5, true } } },
	{ "everything wins", 3, 1, { { 9, 1, true }, { 0, 0, true }, { 5, 1, true } },
	  { { 0, 0, false } } },
	{ "end of the space", 2, 1, { { LAST_PFN, 1, true }, { LAST_PFN - 1, 1, true } },
	  { { LAST_PFN - 1, 2, true } } },
	{ "whole space", 2, 1, { { 0, LAST_PFN + 1, true }, { LAST_PFN, 1, true } },
	  { { 0, LAST_PFN + 1, true } } },
	{ "far apart", 2, 2, { { LAST_PFN, 1, true }, { 0, 1, true } },
	  { { 0, 1, true }, { LAST_PFN, 1, true } } },
};

KUNIT_ARRAY_PARAM_DESC(merge, merge_cases, what);

static void merge_test(struct kunit *test)
{
	const struct merge_case *c = test->param_value;
	struct vtd_inv_range range[4];
	unsigned int i;

	memcpy(range, c->range, sizeof(range));
	KUNIT_ASSERT_EQ(test, vtd_inv_merge(range, c->n), c->want_n);
	for (i = 0; i < c->want_n; i++) {
		KUNIT_EXPECT_EQ(test, range[i].pfn, c->want[i].pfn);
		KUNIT_EXPECT_EQ(test, range[i].npages, c->want[i].npages);
		KUNIT_EXPECT_EQ(test, range[i].leaf, c->want[i].leaf);
	}
}

#define SPACE	128
#define MOST	24

static void mark_pages(const struct vtd_inv_range *range, unsigned int n, u8 *map)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		memset(map + range[i].pfn, 1, range[i].npages);
}

/* The same pages before and after, in ascending ranges with gaps between. */
static void merge_random_test(struct kunit *test)
{
	struct vtd_inv_range *range;
	struct rnd_state rnd;
	unsigned int round, i;

	range = kunit_kcalloc(test, MOST, sizeof(*range), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, range);
	prandom_seed_state(&rnd, 6512);
	for (round = 0; round < 20000; round++) {
		unsigned int n = 1 + prandom_u32_state(&rnd) % MOST;
		u8 before[SPACE] = {}, after[SPACE] = {};

		for (i = 0; i < n; i++) {
			range[i].pfn = prandom_u32_state(&rnd) % (SPACE - 8);
			range[i].npages = 1 + prandom_u32_state(&rnd) % 8;
			range[i].leaf = true;
		}
		mark_pages(range, n, before);
		n = vtd_inv_merge(range, n);
		mark_pages(range, n, after);
		KUNIT_ASSERT_MEMEQ(test, before, after, SPACE);
		for (i = 1; i < n; i++)
			KUNIT_ASSERT_GT(test, range[i].pfn,
					range[i - 1].pfn + range[i - 1].npages);
	}
}

static struct kunit_case merge_kunit_cases[] = {
	KUNIT_CASE_PARAM(merge_test, merge_gen_params),
	KUNIT_CASE(merge_random_test),
	{}
};

static struct kunit_suite merge_suite = {
	.name = "intel-nested-merge",
	.test_cases = merge_kunit_cases,
};

kunit_test_suite(merge_suite);
