// SPDX-License-Identifier: GPL-2.0-only
/*
 * An endpoint with PRI before a unit with tables and queues: how it asks for
 * pages, and what it makes of the answers.
 */
#include "endpoint_rig.h"

/* Software answers the last request: the codes are those of section 7.6.1. */
static void answer(struct lab *l, u16 group, u32 code)
{
	submit2(l->p, 0x9ULL | BIT_ULL(4) | (u64)code << 12 | (u64)SID << 16 |
		(u64)PASID << 32, (u64)group << 3);
}

static bool finished(struct lab *l)
{
	vtdsim_endpoint_poll(&l->ep);
	return get(l, VTDSIM_EP_DONE) == l->seq;
}

/* Quadwords of the page request that software would look at next */
static u64 *asked(struct lab *l, unsigned int index)
{
	return l->p->queue + 4 * index;
}

static void page_request(struct kunit *test)
{
	struct lab *l = test->priv;
	u32 flags = F_PASID | VTDSIM_EP_F_READ | VTDSIM_EP_F_WRITE;

	put(l, VTDSIM_EP_GROUP, 300);
	/* Two at once, then the last, which waits. */
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_PAGE_REQUEST, 0x5123, flags), 0);
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_PAGE_REQUEST, 0x6000, flags), 0);
	KUNIT_EXPECT_EQ(test, read64(l->p->unit, PQT), 64);
	KUNIT_EXPECT_FALSE(test, start(l, VTDSIM_EP_OP_PAGE_REQUEST, 0x7000,
				       F_PASID | VTDSIM_EP_F_READ | VTDSIM_EP_F_LAST));
	KUNIT_EXPECT_FALSE(test, finished(l));
	KUNIT_EXPECT_EQ(test, read64(l->p->unit, PQT), 96);
	KUNIT_EXPECT_EQ(test, asked(l, 0)[0], 0x101ULL | (u64)SID << 16 |
			(u64)PASID << 32);
	KUNIT_EXPECT_EQ(test, asked(l, 0)[1], 0x5000ULL | 300 << 3 | 3);
	KUNIT_EXPECT_EQ(test, asked(l, 2)[1], 0x7000ULL | 300 << 3 | 5);

	/* Of another group; then the right one */
	answer(l, 299, 0);
	KUNIT_EXPECT_FALSE(test, finished(l));
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&l->ep.fn, PRI_STATUS, 2) & 3, 2);
	answer(l, 300, 0);
	KUNIT_EXPECT_TRUE(test, finished(l));
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);
	KUNIT_EXPECT_EQ(test, l->ep.fn.pri.outstanding, 0);

	KUNIT_EXPECT_FALSE(test, start(l, VTDSIM_EP_OP_PAGE_REQUEST, 0x7000,
				       flags | VTDSIM_EP_F_LAST));
	answer(l, 300, 1);
	KUNIT_EXPECT_TRUE(test, finished(l));
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_STATUS),
			VTDSIM_EP_S_PAGE_REQUEST_FAILED);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_RESPONSE), 1);
}

static void answer_needs_the_pasid(struct kunit *test)
{
	struct lab *l = test->priv;

	KUNIT_EXPECT_FALSE(test, start(l, VTDSIM_EP_OP_PAGE_REQUEST, 0x7000,
				       F_PASID | VTDSIM_EP_F_READ | VTDSIM_EP_F_LAST));
	/* The right number, but not marked as one */
	submit2(l->p, 0x9ULL | (u64)SID << 16 | (u64)PASID << 32, 0);
	KUNIT_EXPECT_TRUE(test, finished(l));
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_RESPONSE), 1);
}

static void page_request_needs_permission(struct kunit *test)
{
	struct lab *l = test->priv;
	u32 flags = F_PASID | VTDSIM_EP_F_READ;

	config(l, PRI_ALLOC, 1, 4);
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_PAGE_REQUEST, 0x5000, flags), 0);
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_PAGE_REQUEST, 0x6000, flags),
			VTDSIM_EP_S_NO_PRI);
	config(l, PRI_CTRL, 0, 2);
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_READ, 0x5000,
				  F_PASID | VTDSIM_EP_F_PAGE_REQUEST),
			VTDSIM_EP_S_NO_PRI);
	KUNIT_EXPECT_EQ(test, read64(l->p->unit, PQT), 32);
}

/* The unit itself refuses if the context entry has no PRE. */
static void unit_answers_at_once(struct kunit *test)
{
	struct lab *l = test->priv;

	l->p->rig->ctx[0] &= ~CTX_PRE;
	vtdsim_inv_context_all(l->p->unit->cache);
	start(l, VTDSIM_EP_OP_PAGE_REQUEST, 0x5000,
	      F_PASID | VTDSIM_EP_F_READ | VTDSIM_EP_F_LAST);
	KUNIT_EXPECT_TRUE(test, finished(l));
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_STATUS),
			VTDSIM_EP_S_PAGE_REQUEST_FAILED);
}

static void fault_and_retry(struct kunit *test)
{
	struct lab *l = test->priv;
	u32 flags = F_PASID | VTDSIM_EP_F_PAGE_REQUEST;

	remap(l, l->a, 0);
	put(l, VTDSIM_EP_GROUP, 9);
	KUNIT_EXPECT_FALSE(test, start(l, VTDSIM_EP_OP_READ, 0x1008, flags));
	KUNIT_EXPECT_EQ(test, asked(l, 0)[1], 0x1000ULL | 9 << 3 | 5);
	rig_map_first(l->p->rig, l->root, 0x1000, l->a, FS_UR);
	answer(l, 9, 0);
	KUNIT_EXPECT_TRUE(test, finished(l));
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_COUNT), 8);

	/* Now to write; the first time software does not do what it says. */
	KUNIT_EXPECT_FALSE(test, start(l, VTDSIM_EP_OP_WRITE, 0x1000, flags));
	KUNIT_EXPECT_EQ(test, asked(l, 1)[1], 0x1000ULL | 9 << 3 | 6);
	answer(l, 9, 0);
	KUNIT_EXPECT_FALSE(test, finished(l));
	KUNIT_EXPECT_EQ(test, asked(l, 2)[1], 0x1000ULL | 9 << 3 | 6);
	rig_map_first(l->p->rig, l->root, 0x1000, l->a, FS_URW);
	answer(l, 9, 0);
	KUNIT_EXPECT_TRUE(test, finished(l));
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);

	/* No; and no, for good */
	KUNIT_EXPECT_FALSE(test, start(l, VTDSIM_EP_OP_READ, 0x2000, flags));
	answer(l, 9, 0xf);
	KUNIT_EXPECT_TRUE(test, finished(l));
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_STATUS),
			VTDSIM_EP_S_PAGE_REQUEST_FAILED);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_RESPONSE), 0xf);
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_READ, 0x2000, flags),
			VTDSIM_EP_S_NO_PRI);
}

/* The PASID goes, and the request stays unanswered; without PASID likewise. */
static void left_unanswered(struct kunit *test)
{
	u32 flags = VTDSIM_EP_F_READ | VTDSIM_EP_F_LAST;
	struct lab *l = test->priv;
	u64 *violations = &l->p->unit->stats.violations;
	u64 *entry = rig_entry(l->p->rig, PASID);
	u64 was = entry[0];

	put(l, VTDSIM_EP_GROUP, 7);
	KUNIT_EXPECT_FALSE(test, start(l, VTDSIM_EP_OP_PAGE_REQUEST, 0x7000,
				       F_PASID | flags));
	/* Somebody may be busy with it. */
	KUNIT_EXPECT_EQ(test, vtdsim_audit(l->p->unit), 0);
	entry[0] = 0;
	vtdsim_inv_pasid_all(l->p->unit->cache);
	vtdsim_inv_iotlb_all(l->p->unit->cache);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(l->p->unit), 1);
	KUNIT_EXPECT_EQ(test, *violations, 1);
	answer(l, 7, 1);
	KUNIT_EXPECT_TRUE(test, finished(l));
	KUNIT_EXPECT_EQ(test, vtdsim_audit(l->p->unit), 0);

	entry[0] = was;
	entry = rig_entry(l->p->rig, RID_PASID);
	KUNIT_EXPECT_FALSE(test, start(l, VTDSIM_EP_OP_PAGE_REQUEST, 0x7000,
				       flags));
	entry[0] = 0;
	vtdsim_inv_pasid_all(l->p->unit->cache);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(l->p->unit), 1);
	KUNIT_EXPECT_EQ(test, *violations, 2);
	/* Who has been reset waits no more. */
	config(l, DEVCTL, BIT(15), 2);
	vtdsim_endpoint_poll(&l->ep);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(l->p->unit), 0);
	KUNIT_EXPECT_EQ(test, *violations, 2);
}

/* Software that never does what it says is asked so many times, not for ever. */
static void retries_end(struct kunit *test)
{
	struct lab *l = test->priv;
	unsigned int i;

	start(l, VTDSIM_EP_OP_READ, 0x2000, F_PASID | VTDSIM_EP_F_PAGE_REQUEST);
	for (i = 0; i < 100 && !finished(l); i++)
		answer(l, 0, 0);
	KUNIT_EXPECT_EQ(test, i, 16);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_STATUS), VTDSIM_EP_S_FAULT);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_REASON), 0x71);
}

static void only_recoverable_faults_ask(struct kunit *test)
{
	struct lab *l = test->priv;

	/* A reserved bit in the PASID entry */
	rig_entry(l->p->rig, PASID)[0] |= BIT_ULL(5);
	vtdsim_inv_pasid_all(l->p->unit->cache);
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_READ, 0x2000,
				  F_PASID | VTDSIM_EP_F_PAGE_REQUEST),
			VTDSIM_EP_S_FAULT);
	KUNIT_EXPECT_EQ(test, read64(l->p->unit, PQT), 0);
}

/* Waiting for software holds up neither invalidations nor a reset. */
static void waiting_is_not_deaf(struct kunit *test)
{
	struct lab *l = test->priv;
	u64 *status = rig_page(test);

	l->p->unit->devtlb.timeout_us = TEST_HOUR_US;
	put(l, VTDSIM_EP_INV_DELAY, TEST_HOUR_US);
	KUNIT_EXPECT_FALSE(test, start(l, VTDSIM_EP_OP_READ, 0x2000,
				       F_PASID | VTDSIM_EP_F_PAGE_REQUEST));
	drop_all(l);
	submit2(l->p, WAIT_7, virt_to_phys(status));
	answers_are_due(l);
	vtdsim_endpoint_poll(&l->ep);
	KUNIT_EXPECT_EQ(test, *status, 7);

	config(l, DEVCTL, BIT(15), 2);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&l->ep), VTDSIM_ENDPOINT_BUSY);
	config(l, COMMAND, 0x6, 2);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_DONE), 0);
	/* An answer to what was asked before is none to anything. */
	answer(l, 0, 0);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&l->ep.fn, PRI_STATUS, 2) & 3, 2);
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_NOP, 0, 0), 0);
}

static struct kunit_case endpoint_pri_cases[] = {
	KUNIT_CASE(page_request),
	KUNIT_CASE(answer_needs_the_pasid),
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
	.init = lab_init,
	.test_cases = endpoint_pri_cases,
};

kunit_test_suite(endpoint_pri_suite);
