// SPDX-License-Identifier: GPL-2.0-only
/* Tests of an endpoint that is pulled out and put back. */
#include "fixture_endpoint.h"

#define PULL_ONES	0xffffffffu

static void pull_endpoint(struct vtdsim_test_endpoint *e)
{
	vtdsim_function_pull(&e->ep.fn);
	KUNIT_EXPECT_EQ(e->p->dma->test, VTDSIM_ENDPOINT_BUSY, vtdsim_endpoint_poll(&e->ep));
	KUNIT_EXPECT_EQ(e->p->dma->test, VTDSIM_ENDPOINT_OFF, vtdsim_endpoint_poll(&e->ep));
}

static void plug_endpoint(struct vtdsim_test_endpoint *e)
{
	vtdsim_function_plug(&e->ep.fn);
	KUNIT_EXPECT_EQ(e->p->dma->test, VTDSIM_ENDPOINT_BUSY, vtdsim_endpoint_poll(&e->ep));
	vtdsim_function_write(&e->ep.fn, CFG_COMMAND, 0x6, 2);
	vtdsim_function_write(&e->ep.fn, CFG_PASID_CTRL, 0x7, 2);
}

/* Nothing of it can be read, and nothing written stays. */
static void pulled_is_silent(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	u32 id = vtdsim_function_read(&e->ep.fn, 0, 4);

	/* Configuration space goes at once, and the BAR when the engine notices. */
	vtdsim_function_pull(&e->ep.fn);
	KUNIT_EXPECT_EQ(test, PULL_ONES, vtdsim_function_read(&e->ep.fn, 0, 4));
	vtdsim_endpoint_poll(&e->ep);
	KUNIT_EXPECT_EQ(test, PULL_ONES, bar_read(&e->ep, 0));
	KUNIT_EXPECT_EQ(test, PULL_ONES, bar_read(&e->ep, VTDSIM_EP_DONE));
	vtdsim_function_write(&e->ep.fn, CFG_COMMAND, 0x6, 2);
	KUNIT_EXPECT_EQ(test, 0xffff, vtdsim_function_read(&e->ep.fn, CFG_COMMAND, 2));

	vtdsim_function_plug(&e->ep.fn);
	KUNIT_EXPECT_EQ(test, PULL_ONES, vtdsim_function_read(&e->ep.fn, 0, 4));
	vtdsim_endpoint_poll(&e->ep);
	KUNIT_EXPECT_EQ(test, id, vtdsim_function_read(&e->ep.fn, 0, 4));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_function_read(&e->ep.fn, CFG_COMMAND, 2));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_function_read(&e->ep.fn, CFG_ATS_CTRL, 2));
	KUNIT_EXPECT_EQ(test, 0, bar_read(&e->ep, VTDSIM_EP_DONE));
}

/* A command that waits for a page is gone, and so is the request. */
static void pulled_drops_command(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	u64 requests;

	KUNIT_EXPECT_FALSE(test, vtdsim_test_start(e, VTDSIM_EP_OP_READ, 0x2000,
						   F_PASID | VTDSIM_EP_F_PAGE_REQUEST));
	KUNIT_EXPECT_EQ(test, 1, e->p->unit->stats.page_requests);
	pull_endpoint(e);
	requests = e->p->unit->stats.requests;
	vtdsim_endpoint_poll(&e->ep);
	KUNIT_EXPECT_EQ(test, requests, e->p->unit->stats.requests);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(e->p->unit));

	plug_endpoint(e);
	e->seq = 0;
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_run(e, VTDSIM_EP_OP_READ, 0x1000, F_PASID));
}

/* Translations go with it, and invalidations are not answered. */
static void pulled_loses_translations(struct kunit *test)
{
	const struct vtdsim_devtlb_inv inv = { .order = 52 };
	struct vtdsim_test_endpoint *e = test->priv;
	struct vtdsim_requester *r = &e->ep.requester;
	u32 before = r->ops->epoch(r);
	unsigned long flags;
	bool answered;

	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_run(e, VTDSIM_EP_OP_READ, 0x1000, F_PASID));
	KUNIT_EXPECT_EQ(test, 1, e->ep.atc.count);
	pull_endpoint(e);
	KUNIT_EXPECT_EQ(test, 0, e->ep.atc.count);
	raw_spin_lock_irqsave(&e->p->unit->lock, flags);
	answered = r->ops->invalidate(r, &inv);
	raw_spin_unlock_irqrestore(&e->p->unit->lock, flags);
	KUNIT_EXPECT_FALSE(test, answered);
	KUNIT_EXPECT_EQ(test, 0, r->ops->epoch(r));

	/* Nothing but the pull itself can tell that these are other translations. */
	vtdsim_function_plug(&e->ep.fn);
	vtdsim_endpoint_poll(&e->ep);
	vtdsim_function_write(&e->ep.fn, CFG_ATS_CTRL, 0x8000, 2);
	KUNIT_EXPECT_NE(test, before, r->ops->epoch(r));
	KUNIT_EXPECT_NE(test, 0, r->ops->epoch(r));
}

static struct kunit_case pull_cases[] = {
	KUNIT_CASE(pulled_is_silent),
	KUNIT_CASE(pulled_drops_command),
	KUNIT_CASE(pulled_loses_translations),
	{}
};

static struct kunit_suite pull_suite = {
	.name = "vtdsim-hotplug",
	.init = vtdsim_test_endpoint_init,
	.test_cases = pull_cases,
};

kunit_test_suite(pull_suite);
