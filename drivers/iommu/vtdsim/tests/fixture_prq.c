// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test fixture: page requests, see fixture_prq.h.
 */
#include "fixture_prq.h"

/* Page requests need device-TLBs, and come with draining and No Write. */
#define ECAP_PAGES	(ECAP_PRS | ECAP_PDS | ECAP_DT | ECAP_QI | ECAP_SMTS | ECAP_NWFS)

/**
 * vtdsim_test_prq_new() - make a unit with both queues and two endpoints
 * @test: the test
 *
 * The page request event is masked.
 *
 * Context: A test; fails it without memory.
 * Return: unit, tables, queues and endpoints, which go when the test ends.
 */
struct vtdsim_test_prq *vtdsim_test_prq_new(struct kunit *test)
{
	struct vtdsim_test_prq *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->dma = vtdsim_test_dma_new(test);
	p->unit = p->dma->unit;
	p->unit->caps.ecap |= ECAP_PAGES;
	p->dma->ctx[0] |= CTX_DTE | CTX_PRE;
	vtdsim_test_set_pass(p->dma, RID_PASID, 1);
	vtdsim_test_set_pass(p->dma, PASID, 1);
	p->queue = vtdsim_test_page(test);
	write64(p->unit, PQA, virt_to_phys(p->queue));
	write32(p->unit, PECTL, EVENT_IM);
	p->ring = vtdsim_test_ring_new(test, p->unit, 0, true);
	p->a = vtdsim_test_requester_new(test, p->unit, SID);
	p->b = vtdsim_test_requester_new(test, p->unit, SID_B);
	return p;
}
