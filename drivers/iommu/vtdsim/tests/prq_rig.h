/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unit for tests of page requests: with the tables of dma_rig.h, a page
 * request queue, an invalidation queue, and two endpoints that remember the
 * answers they get. Registers and descriptors are spelled out as numbers.
 */
#ifndef _VTDSIM_PRQ_RIG_H
#define _VTDSIM_PRQ_RIG_H

#include <linux/io.h>

#include "dma_rig.h"
#include "unit_kunit.h"

#define GCMD		0x18
#define GCMD_TE		0x80000000
#define GCMD_QIE	0x04000000
#define FSTS		0x34
#define FSTS_IQE	0x10
#define FRCD		0x200
#define IQH		0x80
#define IQT		0x88
#define IQA		0x90
#define IQA_WIDE	0x800
#define IQERCD		0xb0
#define PQH		0xc0
#define PQT		0xc8
#define PQA		0xd0
#define PRS		0xdc
#define PRS_PPR		1
#define PRS_PRO		2
#define PECTL		0xe0
#define EVENT_IM	0x80000000
#define EVENT_IP	0x40000000

#define ECAP_PRS	BIT_ULL(29)
#define ECAP_PDS	BIT_ULL(42)
/* Also device-TLBs, without which there are no page requests, QI, SMTS, NWFS */
#define ECAP_PAGES	(ECAP_PRS | ECAP_PDS | BIT_ULL(2) | BIT_ULL(1) | BIT_ULL(43) | \
			 BIT_ULL(33))

#define CTX_DTE		BIT_ULL(2)
#define CTX_PRE		BIT_ULL(4)

#define DESC_BYTES	32
#define QUEUE_DESCS	128	/* in a page */

/**
 * struct asker - an endpoint
 * @r: as the unit knows it
 * @resp: the last answer
 * @responses: number of answers
 */
struct asker {
	struct vtdsim_requester r;
	struct vtdsim_page_response resp;
	unsigned int responses;
};

/**
 * struct prq - the rig
 * @rig: unit and tables
 * @unit: the unit
 * @queue: page request queue of one page
 * @iq: invalidation queue of one page, 256-bit descriptors
 * @iq_tail: where its next descriptor goes
 * @a: endpoint SID, whose RID_PASID and PASID are pass-through
 * @b: endpoint SID_B, the same
 */
struct prq {
	struct rig *rig;
	struct vtdsim_unit *unit;
	u64 *queue;
	u64 *iq;
	u32 iq_tail;
	struct asker *a;
	struct asker *b;
};

static inline void asker_respond(struct vtdsim_requester *r,
				 const struct vtdsim_page_response *resp)
{
	struct asker *asker = container_of(r, struct asker, r);

	asker->resp = *resp;
	asker->responses++;
}

static inline struct asker *asker_make(struct kunit *test,
				       struct vtdsim_unit *unit, u16 sid)
{
	static const struct vtdsim_requester_ops ops = {
		.respond = asker_respond,
	};
	struct asker *asker = kunit_kzalloc(test, sizeof(*asker), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, asker);
	asker->r.ops = &ops;
	asker->r.sid = sid;
	vtdsim_requester_add(unit, &asker->r);
	return asker;
}

static inline struct prq *prq_make(struct kunit *test)
{
	struct prq *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->rig = rig_make(test);
	p->unit = p->rig->unit;
	p->unit->caps.ecap |= ECAP_PAGES;
	p->rig->ctx[0] |= CTX_DTE | CTX_PRE;
	rig_set_pass(p->rig, RID_PASID, 1);
	rig_set_pass(p->rig, PASID, 1);
	p->queue = rig_page(test);
	write64(p->unit, PQA, virt_to_phys(p->queue));
	write32(p->unit, PECTL, EVENT_IM);
	p->iq = rig_page(test);
	write64(p->unit, IQA, virt_to_phys(p->iq) | IQA_WIDE);
	write32(p->unit, GCMD, GCMD_TE | GCMD_QIE);
	p->a = asker_make(test, p->unit, SID);
	p->b = asker_make(test, p->unit, SID_B);
	return p;
}

/* A group of one request, of endpoint a */
static inline struct vtdsim_page_request page_at(u64 addr)
{
	return (struct vtdsim_page_request){
		.addr = addr, .sid = SID, .pasid = PASID, .with_pasid = true,
		.read = true, .last = true,
	};
}

static inline void ask(struct prq *p, struct vtdsim_page_request req)
{
	vtdsim_page_request(p->unit, &req);
}

static inline void submit4(struct prq *p, u64 q0, u64 q1, u64 q2, u64 q3)
{
	u64 *desc = p->iq + p->iq_tail / sizeof(*p->iq);

	desc[0] = q0;
	desc[1] = q1;
	desc[2] = q2;
	desc[3] = q3;
	p->iq_tail = (p->iq_tail + DESC_BYTES) % PAGE_SIZE;
	write64(p->unit, IQT, p->iq_tail);
}

static inline void submit2(struct prq *p, u64 q0, u64 q1)
{
	submit4(p, q0, q1, 0, 0);
}

#endif /* _VTDSIM_PRQ_RIG_H */
