/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test fixture: page requests. The unit and tables of fixture_dma.h with a page
 * request queue, an invalidation queue, and two endpoints.
 */
#ifndef _VTDSIM_TEST_FIXTURE_PRQ_H
#define _VTDSIM_TEST_FIXTURE_PRQ_H

#include "fixture_dma.h"
#include "fixture_requester.h"
#include "fixture_ring.h"

/* An entry of the page request queue, and how many there are in a page */
#define PRQ_ENTRY_BYTES	32
#define PRQ_ENTRIES	128

/**
 * struct vtdsim_test_prq - unit, tables, queues and endpoints
 * @dma: unit and tables
 * @unit: the unit
 * @queue: page request queue of one page
 * @ring: invalidation queue of one page, 256-bit descriptors
 * @a: endpoint SID, whose RID_PASID and PASID are pass-through
 * @b: endpoint SID_B, the same
 */
struct vtdsim_test_prq {
	struct vtdsim_test_dma *dma;
	struct vtdsim_unit *unit;
	u64 *queue;
	struct vtdsim_test_ring *ring;
	struct vtdsim_test_requester *a;
	struct vtdsim_test_requester *b;
};

struct vtdsim_test_prq *vtdsim_test_prq_new(struct kunit *test);

/* A group of one request, of endpoint @a */
static inline struct vtdsim_page_request page_at(u64 addr)
{
	return (struct vtdsim_page_request){
		.addr = addr, .sid = SID, .pasid = PASID, .with_pasid = true,
		.read = true, .last = true,
	};
}

static inline void request_page(struct vtdsim_test_prq *p, struct vtdsim_page_request req)
{
	vtdsim_page_request(p->unit, &req);
}

#endif /* _VTDSIM_TEST_FIXTURE_PRQ_H */
