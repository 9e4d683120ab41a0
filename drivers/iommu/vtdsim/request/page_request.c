// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page requests from an endpoint to the page request queue in memory, and the
 * responses back (VT-d specification sections 7.4 to 7.8).
 *
 * A request is in the queue, and in the tail register, before its sender goes on:
 * software sees all requests that the unit has received. Draining (section 7.7)
 * therefore only depends on the order in which the endpoint sends.
 */
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/mm.h>

#include "cache/caches.h"
#include "request/page_request.h"
#include "tables/entries.h"
#include "tables/host_memory.h"
#include "unit/fault_log.h"
#include "unit/fault_reasons.h"
#include "unit/interrupts.h"
#include "unit/messages.h"
#include "unit/registers.h"
#include "unit/requesters.h"
#include "unit/unit.h"
#include "unit/violation.h"

/* Page request descriptor, section 7.4.1.1; the upper half is reserved */
#define PRQ_BYTES	32
#define PRQ_QWORDS	4
#define PRQ0_TYPE	GENMASK_ULL(7, 0)
#define PRQ_TYPE_PAGE	1
#define PRQ0_PP		BIT_ULL(8)
#define PRQ0_RID	GENMASK_ULL(31, 16)
#define PRQ0_PASID	GENMASK_ULL(51, 32)
#define PRQ0_EXR	BIT_ULL(52)
#define PRQ0_PMR	BIT_ULL(53)
#define PRQ1_RDR	BIT_ULL(0)
#define PRQ1_WRR	BIT_ULL(1)
#define PRQ1_LPIG	BIT_ULL(2)
#define PRQ1_PRGI	GENMASK_ULL(11, 3)
#define PRQ1_ADDR	GENMASK_ULL(63, 12)

/**
 * struct prq_target - what the tables say about the page of a request
 * @pe: PASID-table entry
 * @pasid: its PASID
 * @quiet: faults are not to be recorded
 */
struct prq_target {
	struct vtdsim_pasid pe;
	u32 pasid;
	bool quiet;
};

/* Only the last request of a group gets a response; a stop marker is no request. */
static bool prq_wants_response(const struct vtdsim_page_request *req)
{
	return req->last && (req->read || req->write);
}

/* Section 7.1.3: may a device with this context entry send page requests? */
static u8 prq_check_context(const struct vtdsim_context *ctx,
			    const struct vtdsim_page_request *req)
{
	if (req->with_pasid && !ctx->pasid_en)
		return VTDSIM_FR_CTX_PASIDE;
	if (req->with_pasid && req->pasid >= ctx->pasids)
		return VTDSIM_FR_CTX_PASID_SIZE;
	if (!ctx->pre)
		return VTDSIM_FR_CTX_PRE;
	if (req->with_pasid && req->pasid == ctx->rid_pasid)
		return VTDSIM_FR_CTX_RID_PASID;
	return 0;
}

/*
 * Uses the caches, but does not fill them: there may be no room. Returns 0 or the
 * fault reason.
 */
static u8 prq_look_up(struct vtdsim_unit *unit,
		      const struct vtdsim_page_request *req,
		      struct prq_target *target)
{
	struct vtdsim_context ctx;
	u8 reason = 0;

	target->quiet = false;
	if (FIELD_GET(VTDSIM_RTADDR_TTM, unit->rtaddr) == VTDSIM_TTM_LEGACY)
		return VTDSIM_FR_RTA_PRS;

	if (!vtdsim_cache_find_context(unit->cache, req->sid, &ctx))
		reason = vtdsim_fetch_context(&unit->caps, unit->rtaddr,
					      req->sid, &ctx);
	target->quiet = ctx.fpd;
	if (!reason)
		reason = prq_check_context(&ctx, req);
	if (reason)
		return reason;

	target->pasid = req->with_pasid ? req->pasid : ctx.rid_pasid;
	if (!vtdsim_cache_find_pasid(unit->cache, req->sid, target->pasid,
				     &target->pe))
		reason = vtdsim_fetch_pasid(&unit->caps, &ctx, target->pasid,
					    &target->pe);
	target->quiet = target->pe.fpd && vtdsim_fault_qualified(reason);
	return reason;
}

/*
 * Implicit invalidation (section 6.5.3.1, table 27): a cached translation may lack
 * a right that software has since added, which needs no invalidation.
 */
static void prq_invalidate(struct vtdsim_unit *unit, u64 addr,
			   const struct prq_target *target)
{
	u16 did = target->pe.did;

	switch (target->pe.pgtt) {
	case VTDSIM_PGTT_FIRST:
		vtdsim_inv_piotlb_pages(unit->cache, did, target->pasid, addr,
					0, false);
		break;
	case VTDSIM_PGTT_NESTED:
		vtdsim_inv_implicit_domain(unit->cache, did);
		break;
	default:
		vtdsim_inv_iotlb_pages(unit->cache, did, addr, 0, false);
	}
}

/* Section 7.5: raises an event unless a status was already set. */
static void prq_status_set(struct vtdsim_unit *unit, u32 bit)
{
	u32 old = vtdsim_reg_get32(unit, VTDSIM_PRS);

	vtdsim_reg_set32(unit, VTDSIM_PRS, old | bit);
	if (!(old & (VTDSIM_PRS_PPR | VTDSIM_PRS_PRO)))
		vtdsim_event_raise(unit, VTDSIM_PECTL);
}

static u32 prq_next(struct vtdsim_unit *unit, u32 offset)
{
	u64 pqa = vtdsim_reg_get64(unit, VTDSIM_PQA);
	u64 bytes = (u64)PAGE_SIZE << FIELD_GET(VTDSIM_PQA_PQS, pqa);

	return (offset + PRQ_BYTES) % bytes;
}

/* After an overflow, requests are dropped until software has cleared PRO. */
static bool prq_has_room(struct vtdsim_unit *unit)
{
	u32 tail = vtdsim_reg_get64(unit, VTDSIM_PQT);

	if (vtdsim_reg_get32(unit, VTDSIM_PRS) & VTDSIM_PRS_PRO)
		return false;
	if (prq_next(unit, tail) != vtdsim_reg_get64(unit, VTDSIM_PQH))
		return true;
	prq_status_set(unit, VTDSIM_PRS_PRO);
	return false;
}

static void prq_expect_response(struct vtdsim_unit *unit,
				const struct vtdsim_page_request *req)
{
	struct vtdsim_requester *r = vtdsim_requester_find(unit, req->sid);
	struct vtdsim_page_group *group;

	if (!r)
		return;
	group = &r->groups[req->group];
	group->mixed = group->waiting++;
	group->pasid = req->pasid;
	group->with_pasid = req->with_pasid;
}

/* Returns false if the queue is not in memory. */
static bool prq_write(struct vtdsim_unit *unit,
		      const struct vtdsim_page_request *req)
{
	u64 queue = vtdsim_reg_get64(unit, VTDSIM_PQA) & VTDSIM_PQA_PQA;
	u32 tail = vtdsim_reg_get64(unit, VTDSIM_PQT);
	u64 desc[PRQ_QWORDS] = {
		FIELD_PREP(PRQ0_TYPE, PRQ_TYPE_PAGE) |
		FIELD_PREP(PRQ0_RID, req->sid),
		FIELD_PREP(PRQ1_PRGI, req->group) | (req->addr & PRQ1_ADDR),
	};

	if (req->with_pasid)
		desc[0] |= PRQ0_PP | FIELD_PREP(PRQ0_PASID, req->pasid) |
			   FIELD_PREP(PRQ0_EXR, req->exec) |
			   FIELD_PREP(PRQ0_PMR, req->priv);
	desc[1] |= FIELD_PREP(PRQ1_RDR, req->read) |
		   FIELD_PREP(PRQ1_WRR, req->write) |
		   FIELD_PREP(PRQ1_LPIG, req->last);

	if (!vtdsim_mem_write(queue + tail, desc, sizeof(desc))) {
		vtdsim_violation(unit, "11.4.11.3",
				 "page requests enabled, queue at %#llx", queue);
		return false;
	}
	vtdsim_reg_set64(unit, VTDSIM_PQT, prq_next(unit, tail));
	if (prq_wants_response(req))
		prq_expect_response(unit, req);
	prq_status_set(unit, VTDSIM_PRS_PPR);
	return true;
}

/*
 * Section 7.4.1. Returns true if the request is in the queue; otherwise *@code is
 * the unit's own response (table 31).
 */
static bool prq_accept(struct vtdsim_unit *unit,
		       const struct vtdsim_page_request *req, u8 *code)
{
	struct prq_target target;
	u8 reason;

	/* Without remapping there are no tables, and no fault to record. */
	*code = VTDSIM_PRG_INVALID;
	if (!(vtdsim_reg_get32(unit, VTDSIM_GSTS) & VTDSIM_G_TRANSLATION))
		return false;

	reason = prq_look_up(unit, req, &target);
	if (reason) {
		unit->stats.faults++;
		if (!target.quiet)
			vtdsim_fault_record_page(unit, req, reason);
		return false;
	}

	/* The endpoint finds the page still missing, and asks again. */
	if (!prq_has_room(unit)) {
		unit->stats.prq_overflows++;
		*code = VTDSIM_PRG_SUCCESS;
		return false;
	}

	prq_invalidate(unit, req->addr, &target);
	return prq_write(unit, req);
}

static void prq_answer(struct vtdsim_unit *unit,
		       const struct vtdsim_page_request *req, u8 code)
{
	struct vtdsim_requester *r = vtdsim_requester_find(unit, req->sid);
	const struct vtdsim_page_response resp = {
		.pasid = req->pasid,
		.group = req->group,
		.code = code,
		.with_pasid = req->with_pasid,
	};

	if (r)
		r->ops->respond(r, &resp);
}

/**
 * vtdsim_page_request() - an endpoint sends a page request
 * @unit: the unit that the endpoint is behind
 * @req: the request; @req->group is below VTDSIM_PAGE_GROUPS
 *
 * Section 7.4.1. Puts the request into the page request queue. If it cannot, it
 * records a fault or reports an overflow, and responds itself to the last request
 * of a group.
 *
 * Context: Any; takes the unit's lock. The endpoint's respond operation may
 * run before this returns.
 */
void vtdsim_page_request(struct vtdsim_unit *unit,
			 const struct vtdsim_page_request *req)
{
	unsigned long flags;
	u8 code;

	raw_spin_lock_irqsave(&unit->lock, flags);
	unit->stats.page_requests++;
	if (!prq_accept(unit, req, &code) && prq_wants_response(req))
		prq_answer(unit, req, code);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

/* Section 7.6: software sends one response for each last request of a group. */
static void prq_check_response(struct vtdsim_unit *unit,
			       struct vtdsim_requester *r,
			       const struct vtdsim_page_response *resp)
{
	struct vtdsim_page_group *group = &r->groups[resp->group];

	if (!group->waiting) {
		vtdsim_violation(unit, "7.6",
				 "page group response to %04x, whose group %u waits for none",
				 r->sid, resp->group);
		return;
	}
	/* Of several requests, some may be older than a reset. */
	if (!group->mixed &&
	    (group->with_pasid != resp->with_pasid ||
	     (group->with_pasid && group->pasid != resp->pasid)))
		vtdsim_violation(unit, "7.6.1",
				 "page group response to %04x, group %u, with another PASID",
				 r->sid, resp->group);
	group->waiting--;
}

/**
 * vtdsim_page_respond() - software responds to a page request group
 * @unit: unit
 * @sid: the endpoint's source-id
 * @resp: the response
 *
 * Section 7.6.1. The unit forwards any response; an endpoint drops those that it
 * does not expect.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_page_respond(struct vtdsim_unit *unit, u16 sid,
			 const struct vtdsim_page_response *resp)
{
	struct vtdsim_requester *r = vtdsim_requester_find(unit, sid);

	unit->stats.page_responses++;
	if (resp->code > VTDSIM_PRG_INVALID && resp->code != VTDSIM_PRG_FAILURE)
		vtdsim_violation(unit, "7.6.1",
				 "page group response to %04x, group %u, with code %#x",
				 sid, resp->group, resp->code);
	if (!r) {
		vtdsim_violation(unit, "7.6.1",
				 "page group response to %04x, which is not there",
				 sid);
		return;
	}
	prq_check_response(unit, r, resp);
	r->ops->respond(r, resp);
}

/**
 * vtdsim_page_status_update() - software has cleared page request status bits
 * @unit: unit
 *
 * Section 7.5: clearing the last status clears a pending event.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_page_status_update(struct vtdsim_unit *unit)
{
	if (!vtdsim_reg_get32(unit, VTDSIM_PRS))
		vtdsim_event_serviced(unit, VTDSIM_PECTL);
}
