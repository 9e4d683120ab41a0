// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of an endpoint with PRI behind a unit with tables and queues: how it asks
 * for pages, and what it does with the answers.
 */
#include "fixture_endpoint.h"

/* Software answers a group; @code is one of section 7.6.1. */
static void endpoint_answer(struct vtdsim_test_endpoint *e, u16 group, u32 code)
{
	ring_submit(e->p->ring,
		    DESC_RESPONSE(SID) | BIT_ULL(4) | (u64)code << 12 | (u64)PASID << 32,
		    (u64)group << 3);
}

static bool endpoint_finished(struct vtdsim_test_endpoint *e)
{
	vtdsim_test_look(e);
	return bar_read(&e->ep, VTDSIM_EP_DONE) == e->seq;
}

/* An entry of the page request queue */
static u64 *endpoint_asked(struct vtdsim_test_endpoint *e, unsigned int index)
{
	return e->p->queue + 4 * index;
}

static void page_request(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	u32 flags = F_PASID | VTDSIM_EP_F_READ | VTDSIM_EP_F_WRITE;

	bar_write(&e->ep, VTDSIM_EP_GROUP, 300);
	/* Two that wait for no answer, then the last, which does */
	KUNIT_EXPECT_EQ(test, vtdsim_test_run(e, VTDSIM_EP_OP_PAGE_REQUEST, 0x5123, flags), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_test_run(e, VTDSIM_EP_OP_PAGE_REQUEST, 0x6000, flags), 0);
	KUNIT_EXPECT_EQ(test, read64(e->p->unit, PQT), 64);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_start(e, VTDSIM_EP_OP_PAGE_REQUEST, 0x7000,
						   F_PASID | VTDSIM_EP_F_READ | VTDSIM_EP_F_LAST));
	KUNIT_EXPECT_FALSE(test, endpoint_finished(e));
	KUNIT_EXPECT_EQ(test, read64(e->p->unit, PQT), 96);
	KUNIT_EXPECT_EQ(test, endpoint_asked(e, 0)[0],
			0x101ULL | (u64)SID << 16 | (u64)PASID << 32);
	KUNIT_EXPECT_EQ(test, endpoint_asked(e, 0)[1], 0x5000ULL | 300 << 3 | 3);
	KUNIT_EXPECT_EQ(test, endpoint_asked(e, 2)[1], 0x7000ULL | 300 << 3 | 5);

	/* An answer to another group; then to the right one */
	endpoint_answer(e, 299, 0);
	KUNIT_EXPECT_FALSE(test, endpoint_finished(e));
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&e->ep.fn, CFG_PRI_STATUS, 2) & 3, 2);
	endpoint_answer(e, 300, 0);
	KUNIT_EXPECT_TRUE(test, endpoint_finished(e));
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);
	KUNIT_EXPECT_EQ(test, e->ep.fn.pri.outstanding, 0);

	KUNIT_EXPECT_FALSE(test, vtdsim_test_start(e, VTDSIM_EP_OP_PAGE_REQUEST, 0x7000,
						   flags | VTDSIM_EP_F_LAST));
	endpoint_answer(e, 300, 1);
	KUNIT_EXPECT_TRUE(test, endpoint_finished(e));
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_PAGE_REQUEST_FAILED);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_RESPONSE), 1);
}

static void answer_needs_the_pasid(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;

	KUNIT_EXPECT_FALSE(test, vtdsim_test_start(e, VTDSIM_EP_OP_PAGE_REQUEST, 0x7000,
						   F_PASID | VTDSIM_EP_F_READ | VTDSIM_EP_F_LAST));
	/* The right PASID, without the bit that says so */
	ring_submit(e->p->ring, DESC_RESPONSE(SID) | (u64)PASID << 32, 0);
	KUNIT_EXPECT_TRUE(test, endpoint_finished(e));
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_RESPONSE), 1);
}

static void page_request_needs_permission(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	u32 flags = F_PASID | VTDSIM_EP_F_READ;

	vtdsim_function_write(&e->ep.fn, CFG_PRI_ALLOC, 1, 4);
	KUNIT_EXPECT_EQ(test, vtdsim_test_run(e, VTDSIM_EP_OP_PAGE_REQUEST, 0x5000, flags), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_test_run(e, VTDSIM_EP_OP_PAGE_REQUEST, 0x6000, flags),
			VTDSIM_EP_S_NO_PRI);
	vtdsim_function_write(&e->ep.fn, CFG_PRI_CTRL, 0, 2);
	KUNIT_EXPECT_EQ(test,
			vtdsim_test_run(e, VTDSIM_EP_OP_READ, 0x5000,
					F_PASID | VTDSIM_EP_F_PAGE_REQUEST),
			VTDSIM_EP_S_NO_PRI);
	KUNIT_EXPECT_EQ(test, read64(e->p->unit, PQT), 32);
}

/* The unit answers itself if the context entry has no PRE. */
static void unit_answers_at_once(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;

	e->p->dma->ctx[0] &= ~CTX_PRE;
	vtdsim_inv_context_all(e->p->unit->cache);
	vtdsim_test_start(e, VTDSIM_EP_OP_PAGE_REQUEST, 0x5000,
			  F_PASID | VTDSIM_EP_F_READ | VTDSIM_EP_F_LAST);
	KUNIT_EXPECT_TRUE(test, endpoint_finished(e));
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_PAGE_REQUEST_FAILED);
}

static void fault_and_retry(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	u32 flags = F_PASID | VTDSIM_EP_F_PAGE_REQUEST;

	vtdsim_test_remap(e, e->a, 0);
	bar_write(&e->ep, VTDSIM_EP_GROUP, 9);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_start(e, VTDSIM_EP_OP_READ, 0x1008, flags));
	KUNIT_EXPECT_EQ(test, endpoint_asked(e, 0)[1], 0x1000ULL | 9 << 3 | 5);
	vtdsim_test_map_first(e->p->dma, e->root, 0x1000, e->a, FS_UR);
	endpoint_answer(e, 9, 0);
	KUNIT_EXPECT_TRUE(test, endpoint_finished(e));
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_COUNT), 8);

	/* Then a write; at first software answers without mapping the page. */
	KUNIT_EXPECT_FALSE(test, vtdsim_test_start(e, VTDSIM_EP_OP_WRITE, 0x1000, flags));
	KUNIT_EXPECT_EQ(test, endpoint_asked(e, 1)[1], 0x1000ULL | 9 << 3 | 6);
	endpoint_answer(e, 9, 0);
	KUNIT_EXPECT_FALSE(test, endpoint_finished(e));
	KUNIT_EXPECT_EQ(test, endpoint_asked(e, 2)[1], 0x1000ULL | 9 << 3 | 6);
	vtdsim_test_map_first(e->p->dma, e->root, 0x1000, e->a, FS_URW);
	endpoint_answer(e, 9, 0);
	KUNIT_EXPECT_TRUE(test, endpoint_finished(e));
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);

	/* A failure response disables page requests */
	KUNIT_EXPECT_FALSE(test, vtdsim_test_start(e, VTDSIM_EP_OP_READ, 0x2000, flags));
	endpoint_answer(e, 9, 0xf);
	KUNIT_EXPECT_TRUE(test, endpoint_finished(e));
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_PAGE_REQUEST_FAILED);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_RESPONSE), 0xf);
	KUNIT_EXPECT_EQ(test, vtdsim_test_run(e, VTDSIM_EP_OP_READ, 0x2000, flags),
			VTDSIM_EP_S_NO_PRI);
}

/* A PASID entry goes while a request is unanswered; RID_PASID likewise. */
static void left_unanswered(struct kunit *test)
{
	u32 flags = VTDSIM_EP_F_READ | VTDSIM_EP_F_LAST;
	struct vtdsim_test_endpoint *e = test->priv;
	u64 *violations = &e->p->unit->stats.violations;
	u64 *entry = vtdsim_test_pasid_entry(e->p->dma, PASID);
	u64 was = entry[0];

	bar_write(&e->ep, VTDSIM_EP_GROUP, 7);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_start(e, VTDSIM_EP_OP_PAGE_REQUEST, 0x7000,
						   F_PASID | flags));
	/* Software may still answer. */
	KUNIT_EXPECT_EQ(test, vtdsim_audit(e->p->unit), 0);
	entry[0] = 0;
	vtdsim_inv_pasid_all(e->p->unit->cache);
	vtdsim_inv_iotlb_all(e->p->unit->cache);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(e->p->unit), 1);
	KUNIT_EXPECT_EQ(test, *violations, 1);
	endpoint_answer(e, 7, 1);
	KUNIT_EXPECT_TRUE(test, endpoint_finished(e));
	KUNIT_EXPECT_EQ(test, vtdsim_audit(e->p->unit), 0);

	entry[0] = was;
	entry = vtdsim_test_pasid_entry(e->p->dma, RID_PASID);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_start(e, VTDSIM_EP_OP_PAGE_REQUEST, 0x7000, flags));
	entry[0] = 0;
	vtdsim_inv_pasid_all(e->p->unit->cache);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(e->p->unit), 1);
	KUNIT_EXPECT_EQ(test, *violations, 2);
	/* After a reset the endpoint waits no more. */
	vtdsim_function_write(&e->ep.fn, CFG_DEVCTL, BIT(15), 2);
	vtdsim_test_look(e);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(e->p->unit), 0);
	KUNIT_EXPECT_EQ(test, *violations, 2);
}

/* The number of retries is limited. */
static void retries_end(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	unsigned int i;

	vtdsim_test_start(e, VTDSIM_EP_OP_READ, 0x2000, F_PASID | VTDSIM_EP_F_PAGE_REQUEST);
	for (i = 0; i < 100 && !endpoint_finished(e); i++)
		endpoint_answer(e, 0, 0);
	KUNIT_EXPECT_EQ(test, i, 16);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_FAULT);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_REASON), 0x71);
}

static void only_recoverable_faults_ask(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;

	/* A reserved bit in the PASID entry */
	vtdsim_test_pasid_entry(e->p->dma, PASID)[0] |= BIT_ULL(5);
	vtdsim_inv_pasid_all(e->p->unit->cache);
	KUNIT_EXPECT_EQ(test,
			vtdsim_test_run(e, VTDSIM_EP_OP_READ, 0x2000,
					F_PASID | VTDSIM_EP_F_PAGE_REQUEST),
			VTDSIM_EP_S_FAULT);
	KUNIT_EXPECT_EQ(test, read64(e->p->unit, PQT), 0);
}

/* Invalidations and resets work while a command waits for a response. */
static void waiting_is_not_deaf(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	u32 *status = e->p->ring->status;

	e->p->unit->devtlb.timeout_us = TEST_HOUR_US;
	bar_write(&e->ep, VTDSIM_EP_INV_DELAY, TEST_HOUR_US);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_start(e, VTDSIM_EP_OP_READ, 0x2000,
						   F_PASID | VTDSIM_EP_F_PAGE_REQUEST));
	ring_submit(e->p->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	ring_submit(e->p->ring, DESC_WAIT_WRITE(7), virt_to_phys(status));
	vtdsim_test_answers_due(e);
	vtdsim_test_look(e);
	KUNIT_EXPECT_EQ(test, *status, 7);

	vtdsim_function_write(&e->ep.fn, CFG_DEVCTL, BIT(15), 2);
	KUNIT_EXPECT_EQ(test, vtdsim_test_look(e), VTDSIM_ENDPOINT_BUSY);
	vtdsim_function_write(&e->ep.fn, CFG_COMMAND, 0x6, 2);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_DONE), 0);
	/* A response to a request from before the reset is unexpected. */
	endpoint_answer(e, 0, 0);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&e->ep.fn, CFG_PRI_STATUS, 2) & 3, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_test_run(e, VTDSIM_EP_OP_NOP, 0, 0), 0);
}

/* Two groups: the response to the one that the command waits for ends it. */
static void answer_to_other_group(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	u32 flags = F_PASID | VTDSIM_EP_F_READ;

	bar_write(&e->ep, VTDSIM_EP_GROUP, 5);
	KUNIT_EXPECT_EQ(test, vtdsim_test_run(e, VTDSIM_EP_OP_PAGE_REQUEST, 0x5000, flags), 0);
	bar_write(&e->ep, VTDSIM_EP_GROUP, 6);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_start(e, VTDSIM_EP_OP_PAGE_REQUEST, 0x6000,
						   flags | VTDSIM_EP_F_LAST));
	endpoint_answer(e, 5, 0);
	KUNIT_EXPECT_FALSE(test, endpoint_finished(e));
	endpoint_answer(e, 6, 0);
	KUNIT_EXPECT_TRUE(test, endpoint_finished(e));
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);
}

static struct kunit_case endpoint_pri_cases[] = {
	KUNIT_CASE(page_request),
	KUNIT_CASE(answer_needs_the_pasid),
	KUNIT_CASE(answer_to_other_group),
	KUNIT_CASE(page_request_needs_permission),
	KUNIT_CASE(unit_answers_at_once),
	KUNIT_CASE(fault_and_retry),
	KUNIT_CASE(left_unanswered),
	KUNIT_CASE(retries_end),
	KUNIT_CASE(only_recoverable_faults_ask),
	KUNIT_CASE(waiting_is_not_deaf),
	{}
};

static struct kunit_suite endpoint_pri_suite = {
	.name = "vtdsim-endpoint-pri",
	.init = vtdsim_test_endpoint_init,
	.test_cases = endpoint_pri_cases,
};

kunit_test_suite(endpoint_pri_suite);
