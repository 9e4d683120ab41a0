// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the ATS and Page Request capabilities of an endpoint. Offsets and bits
 * are numbers of the tests' own.
 */
#include <kunit/test.h>
#include <linux/bits.h>

#include "fixture_endpoint.h"

/* 32 invalidations, whole pages; enable and STU */
static void ats_enabling_starts_anew(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;
	u32 epoch;

	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_ATS + 4, 4), 0x00000020);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).ats);
	vtdsim_function_write(fn, CFG_ATS_CTRL, 0x8000, 2);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).ats);

	/* Translations stay valid while ATS stays enabled. */
	epoch = vtdsim_test_function_state(fn).ats_epoch;
	vtdsim_function_write(fn, CFG_ATS_CTRL, 0x8001, 2);
	vtdsim_function_write(fn, CFG_COMMAND, 0x6, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_test_function_state(fn).ats_epoch, epoch);
	vtdsim_function_write(fn, CFG_ATS_CTRL, 0x0000, 2);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).ats);
	vtdsim_function_write(fn, CFG_ATS_CTRL, 0x8000, 2);
	KUNIT_EXPECT_NE(test, vtdsim_test_function_state(fn).ats_epoch, epoch);

	epoch = vtdsim_test_function_state(fn).ats_epoch;
	vtdsim_function_write(fn, CFG_DEVCTL, BIT(15), 2);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).ats);
	vtdsim_function_reset_done(fn);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).ats);
	vtdsim_function_write(fn, CFG_ATS_CTRL, 0x8000, 2);
	KUNIT_EXPECT_NE(test, vtdsim_test_function_state(fn).ats_epoch, epoch);
}

static u16 pri_status(struct vtdsim_function *fn)
{
	return vtdsim_function_read(fn, CFG_PRI_STATUS, 2);
}

static void pri_requests_are_counted(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	/* Response needs PASID; stopped */
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_PRI_CTRL, 4), 0x81000000);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_PRI + 8, 4), 128);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_PRI_ALLOC, 4), 0);

	/* Disabled, and enabled without an allocation */
	KUNIT_EXPECT_FALSE(test, vtdsim_function_request_page(fn, 1));
	vtdsim_function_write(fn, CFG_PRI_CTRL, 1, 2);
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8000);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_request_page(fn, 1));
	vtdsim_function_write(fn, CFG_PRI_ALLOC, 3, 4);
	KUNIT_EXPECT_TRUE(test, vtdsim_function_request_page(fn, 1));
	KUNIT_EXPECT_TRUE(test, vtdsim_function_request_page(fn, 1));
	KUNIT_EXPECT_TRUE(test, vtdsim_function_request_page(fn, 511));
	KUNIT_EXPECT_FALSE(test, vtdsim_function_request_page(fn, 2));

	/* A response answers all of its group, and only once. */
	KUNIT_EXPECT_TRUE(test, vtdsim_function_answer_pages(fn, 1, 0));
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8000);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_answer_pages(fn, 1, 0));
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8002);
	vtdsim_function_write(fn, CFG_PRI_STATUS, 0x0001, 2);
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8002);
	vtdsim_function_write(fn, CFG_PRI_STATUS, 0xffff, 2);
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8000);

	/* Not stopped before the last response */
	vtdsim_function_write(fn, CFG_PRI_CTRL, 0, 2);
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8000);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_request_page(fn, 2));
	KUNIT_EXPECT_TRUE(test, vtdsim_function_answer_pages(fn, 511, 1));
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8100);
}

static void pri_has_limits(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	vtdsim_function_write(fn, CFG_PRI_ALLOC, 1000, 4);
	vtdsim_function_write(fn, CFG_PRI_CTRL, 1, 2);
	for (int i = 0; i < 128; i++)
		KUNIT_EXPECT_TRUE(test, vtdsim_function_request_page(fn, i % 8));
	KUNIT_EXPECT_FALSE(test, vtdsim_function_request_page(fn, 9));
	/* Reset works only while disabled, and forgets all requests. */
	vtdsim_function_write(fn, CFG_PRI_CTRL, 3, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_PRI_CTRL, 2), 1);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_request_page(fn, 9));
	vtdsim_function_write(fn, CFG_PRI_CTRL, 2, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_PRI_CTRL, 4), 0x81000000);
	vtdsim_function_write(fn, CFG_PRI_CTRL, 1, 2);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_answer_pages(fn, 0, 0));
	KUNIT_EXPECT_TRUE(test, vtdsim_function_request_page(fn, 9));
}

/*
 * A failure response stops page requests until they are enabled again; other
 * responses are ignored till then.
 */
static void pri_dies_of_failure(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	vtdsim_function_write(fn, CFG_PRI_ALLOC, 8, 4);
	vtdsim_function_write(fn, CFG_PRI_CTRL, 1, 2);
	vtdsim_function_request_page(fn, 1);
	vtdsim_function_request_page(fn, 2);
	KUNIT_EXPECT_TRUE(test, vtdsim_function_answer_pages(fn, 1, 0xf));
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8001);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_request_page(fn, 3));
	KUNIT_EXPECT_FALSE(test, vtdsim_function_answer_pages(fn, 2, 0));
	KUNIT_EXPECT_FALSE(test, vtdsim_function_answer_pages(fn, 5, 0));
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8001);
	vtdsim_function_write(fn, CFG_PRI_STATUS, 0x0001, 2);
	KUNIT_EXPECT_EQ(test, pri_status(fn), 0x8000);
	vtdsim_function_write(fn, CFG_PRI_CTRL, 2, 2);
	vtdsim_function_write(fn, CFG_PRI_CTRL, 1, 2);
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
	.init = vtdsim_test_function_init,
	.test_cases = pri_cases,
};

kunit_test_suite(pri_suite);
