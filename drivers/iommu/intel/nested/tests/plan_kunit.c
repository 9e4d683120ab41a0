// SPDX-License-Identifier: GPL-2.0-only
/* Tests of pasid_entry.c: when a PASID-table entry may be changed while present. */

#include <kunit/test.h>

#include "../nested.h"

static void not_present_test(struct kunit *test)
{
	struct pasid_entry now = {}, next = { .val = { 1, 2, 3 } };

	KUNIT_EXPECT_EQ(test, vtd_plan_update(&now, &next), VTD_PLAN_PUBLISH);

	/* Fault processing disabled, remains of an old entry: still not present. */
	now = next;
	now.val[0] = 2;
	KUNIT_EXPECT_EQ(test, vtd_plan_update(&now, &next), VTD_PLAN_PUBLISH);
}

static void same_test(struct kunit *test)
{
	struct pasid_entry now = { .val = { 1, 2, 3, 4, 5, 6, 7, 8 } };
	struct pasid_entry next = now;

	KUNIT_EXPECT_EQ(test, vtd_plan_update(&now, &next), VTD_PLAN_NONE);
}

/* In place is for bits 128 to 191 alone. */
static void one_quadword_test(struct kunit *test)
{
	int i, bit;

	for (i = 0; i < 8; i++) {
		for (bit = 0; bit < 64; bit++) {
			struct pasid_entry now = { .val = { 1, 2, 3, 4, 5, 6, 7, 8 } };
			struct pasid_entry next = now;

			/* Present itself is never cleared by an update. */
			if (!i && !bit)
				continue;
			next.val[i] ^= BIT_ULL(bit);
			KUNIT_EXPECT_EQ(test, vtd_plan_update(&now, &next),
					i == 2 ? VTD_PLAN_IN_PLACE : VTD_PLAN_BREAK);
		}
	}
}

static void two_quadwords_test(struct kunit *test)
{
	int i, j;

	for (i = 0; i < 8; i++) {
		for (j = i + 1; j < 8; j++) {
			struct pasid_entry now = { .val = { 1 } };
			struct pasid_entry next = now;

			next.val[i] |= BIT_ULL(12);
			next.val[j] |= BIT_ULL(12);
			KUNIT_EXPECT_EQ(test, vtd_plan_update(&now, &next),
					VTD_PLAN_BREAK);
		}
	}
}

static struct kunit_case plan_cases[] = {
	KUNIT_CASE(not_present_test),
	KUNIT_CASE(same_test),
	KUNIT_CASE(one_quadword_test),
	KUNIT_CASE(two_quadwords_test),
	{}
};

static struct kunit_suite plan_suite = {
	.name = "intel-nested-plan",
	.test_cases = plan_cases,
};

kunit_test_suite(plan_suite);
