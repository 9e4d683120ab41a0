// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ATS and Page Request capabilities of an endpoint. Offsets and bits are
 * spelled out here, not taken from the code under test.
 */
#include <kunit/test.h>
#include <linux/bits.h>

#include "endpoint/endpoint.h"

#define EXPRESS	0x60
#define ATS	0x108
#define PRI	0x110

static int pri_test_init(struct kunit *test)
{
	struct vtdsim_function *fn;

	fn = kunit_kzalloc(test, sizeof(*fn), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fn);
	vtdsim_function_init_endpoint(fn, 0x7ff10000);
	test->priv = fn;
	return 0;
}

static struct vtdsim_function_state state_of(struct vtdsim_function *fn)
{
	struct vtdsim_function_state state;

	vtdsim_function_get_state(fn, &state);
	return state;
}

/* 32 invalidations, whole pages; enable and STU */
static void ats_enabling_starts_anew(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;
	u32 epoch;

	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, ATS + 4, 4), 0x00000020);
	KUNIT_EXPECT_FALSE(test, state_of(fn).ats);
	vtdsim_function_write(fn, ATS + 6, 0x8000, 2);
	KUNIT_EXPECT_TRUE(test, state_of(fn).ats);

	/* Translations last while it is enabled without a break. */
	epoch = state_of(fn).ats_epoch;
	vtdsim_function_write(fn, ATS + 6, 0x8001, 2);
	vtdsim_function_write(fn, 0x04, 0x6, 2);
	KUNIT_EXPECT_EQ(test, state_of(fn).ats_epoch, epoch);
	vtdsim_function_write(fn, ATS + 6, 0x0000, 2);
	KUNIT_EXPECT_FALSE(test, state_of(fn).ats);
	vtdsim_function_write(fn, ATS + 6, 0x8000, 2);
	KUNIT_EXPECT_NE(test, state_of(fn).ats_epoch, epoch);

	epoch = state_of(fn).ats_epoch;
	vtdsim_function_write(fn, EXPRESS + 8, BIT(15), 2);
	KUNIT_EXPECT_FALSE(test, state_of(fn).ats);
	vtdsim_function_reset_done(fn);
	KUNIT_EXPECT_FALSE(test, state_of(fn).ats);
	vtdsim_function_write(fn, ATS + 6, 0x8000, 2);
	KUNIT_EXPECT_NE(test, state_of(fn).ats_epoch, epoch);
}

static u16 pri_status(struct vtdsim_function *fn)
{
	return vtdsim_function_read(fn, PRI + 6, 2);
}

static void pri_requests_are_counted(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	/* Response needs PASID; stopped */
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, PRI + 4, 4), 0x81000000);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, PRI + 8, 4), 64);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, PRI + 12, 4), 0);

	/* Disabled, and enabled without an allocation */
	KUNIT_EXPECT_FALSE(test, vtdsim_function_request_page(fn, 1));
	vtdsim_function_write(fn, PRI + 4, 1, 2);
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8000);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_request_page(fn, 1));
	vtdsim_function_write(fn, PRI + 12, 3, 4);
	KUNIT_EXPECT_TRUE(test, vtdsim_function_request_page(fn, 1));
	KUNIT_EXPECT_TRUE(test, vtdsim_function_request_page(fn, 1));
	KUNIT_EXPECT_TRUE(test, vtdsim_function_request_page(fn, 511));
	KUNIT_EXPECT_FALSE(test, vtdsim_function_request_page(fn, 2));

	/* A response answers all of its group, and only once. */
	KUNIT_EXPECT_TRUE(test, vtdsim_function_answer_pages(fn, 1, 0));
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8000);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_answer_pages(fn, 1, 0));
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8002);
	vtdsim_function_write(fn, PRI + 6, 0x0001, 2);
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8002);
	vtdsim_function_write(fn, PRI + 6, 0xffff, 2);
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8000);

	/* Not stopped before the last answer is there */
	vtdsim_function_write(fn, PRI + 4, 0, 2);
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8000);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_request_page(fn, 2));
	KUNIT_EXPECT_TRUE(test, vtdsim_function_answer_pages(fn, 511, 1));
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8100);
}

static void pri_has_limits(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	vtdsim_function_write(fn, PRI + 12, 1000, 4);
	vtdsim_function_write(fn, PRI + 4, 1, 2);
	for (int i = 0; i < 64; i++)
		KUNIT_EXPECT_TRUE(test, vtdsim_function_request_page(fn, i % 8));
	KUNIT_EXPECT_FALSE(test, vtdsim_function_request_page(fn, 9));
	/* Reset: only while disabled, and then all is forgotten. */
	vtdsim_function_write(fn, PRI + 4, 3, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, PRI + 4, 2), 1);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_request_page(fn, 9));
	vtdsim_function_write(fn, PRI + 4, 2, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, PRI + 4, 4), 0x81000000);
	vtdsim_function_write(fn, PRI + 4, 1, 2);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_answer_pages(fn, 0, 0));
	KUNIT_EXPECT_TRUE(test, vtdsim_function_request_page(fn, 9));
}

/* It goes dead until it is enabled anew, and ignores responses till then. */
static void pri_dies_of_failure(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	vtdsim_function_write(fn, PRI + 12, 8, 4);
	vtdsim_function_write(fn, PRI + 4, 1, 2);
	vtdsim_function_request_page(fn, 1);
	vtdsim_function_request_page(fn, 2);
	KUNIT_EXPECT_TRUE(test, vtdsim_function_answer_pages(fn, 1, 0xf));
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8001);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_request_page(fn, 3));
	KUNIT_EXPECT_FALSE(test, vtdsim_function_answer_pages(fn, 2, 0));
	KUNIT_EXPECT_FALSE(test, vtdsim_function_answer_pages(fn, 5, 0));
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8001);
	vtdsim_function_write(fn, PRI + 6, 0x0001, 2);
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8000);
	vtdsim_function_write(fn, PRI + 4, 2, 2);
	vtdsim_function_write(fn, PRI + 4, 1, 2);
	KUNIT_EXPECT_TRUE(test, vtdsim_function_request_page(fn, 3));
}

static struct kunit_case pri_cases[] = {
	KUNIT_CASE(ats_enabling_starts_anew),
	KUNIT_CASE(pri_requests_are_counted),
	KUNIT_CASE(pri_has_limits),
	KUNIT_CASE(pri_dies_of_failure),
	{}
};

static struct kunit_suite pri_suite = {
	.name = "vtdsim-pri",
	.init = pri_test_init,
	.test_cases = pri_cases,
};

kunit_test_suite(pri_suite);
