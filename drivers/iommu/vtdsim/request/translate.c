// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translation of requests, through the caches and tables (chapter 3, sections
 * 6.2 and 7.1).
 *
 * Context of all functions: the caller holds the unit's lock and has asked
 * vtdsim_cache_ready().
 */
#include <linux/bitfield.h>

#include "cache/caches.h"
#include "request/translate.h"
#include "unit/fault_reasons.h"
#include "unit/observer.h"
#include "unit/registers.h"
#include "walk/rights.h"
#include "walk/walk.h"

#define CREATE_TRACE_POINTS
#include "request/trace.h"

/**
 * vtdsim_find_context() - find the context entry of a device
 * @unit: unit
 * @sid: source-id
 * @t: gets the entry, and whether a fault is to be recorded
 *
 * Return: 0 or the fault reason.
 */
u8 vtdsim_find_context(struct vtdsim_unit *unit, u16 sid,
		       struct vtdsim_target *t)
{
	u8 reason = 0;

	if (!vtdsim_cache_find_context(unit->cache, sid, &t->ctx)) {
		reason = vtdsim_fetch_context(&unit->caps, unit->rtaddr, sid,
					      &t->ctx);
		if (!reason)
			vtdsim_cache_add_context(unit->cache, sid, &t->ctx);
	}
	t->quiet = t->ctx.fpd;
	return reason;
}

static u8 translate_find_pasid(struct vtdsim_unit *unit, u16 sid,
			       struct vtdsim_target *t)
{
	u8 reason;

	if (vtdsim_cache_find_pasid(unit->cache, sid, t->pasid, &t->pe))
		return 0;
	reason = vtdsim_fetch_pasid(&unit->caps, &t->ctx, t->pasid, &t->pe);
	if (reason)
		return reason;
	vtdsim_observe_pasid_entry(unit, sid, t->pasid, &t->pe);
	vtdsim_cache_add_pasid(unit->cache, sid, t->pasid, &t->pe);
	return 0;
}

/* Section 7.1.3, SCT.6, SCT.7, SCT.9 and SGN.10 */
static u8 translate_check_pasid(const struct vtdsim_unit *unit,
				const struct vtdsim_context *ctx, u32 pasid)
{
	if (!ctx->pasid_en)
		return VTDSIM_FR_CTX_PASIDE;
	if (pasid >= ctx->pasids)
		return VTDSIM_FR_CTX_PASID_SIZE;
	if (pasid == ctx->rid_pasid)
		return VTDSIM_FR_CTX_RID_PASID;
	/* The field is the number of bits less one */
	if (pasid >> 1 >> FIELD_GET(VTDSIM_ECAP_PSS, unit->caps.ecap))
		return VTDSIM_FR_PASID_WIDTH;
	return 0;
}

/**
 * vtdsim_find_entry() - find the table entries that a request is subject to
 * @unit: unit
 * @req: the request; without PASID, its attributes are set as the context
 *	entry says
 * @t: the entries
 *
 * Return: 0 or the fault reason.
 */
u8 vtdsim_find_entry(struct vtdsim_unit *unit, struct vtdsim_req *req,
		     struct vtdsim_target *t)
{
	u8 reason;

	t->quiet = false;
	if (req->with_pasid && FIELD_GET(VTDSIM_RTADDR_TTM, unit->rtaddr) ==
			       VTDSIM_TTM_LEGACY)
		return VTDSIM_FR_RTA_PASID;
	reason = vtdsim_find_context(unit, req->sid, t);
	if (reason)
		return reason;
	if (req->at != VTDSIM_AT_UNTRANSLATED && !t->ctx.dte)
		return VTDSIM_FR_CTX_DTE;

	if (req->with_pasid) {
		reason = translate_check_pasid(unit, &t->ctx, req->pasid);
		if (reason)
			return reason;
		t->pasid = req->pasid;
	} else {
		t->pasid = t->ctx.rid_pasid;
		req->priv = t->ctx.rid_priv;
		req->exec = false;
	}

	reason = translate_find_pasid(unit, req->sid, t);
	t->quiet = t->pe.fpd && vtdsim_fault_qualified(reason);
	if (reason)
		return reason;
	/* No unit may report ERS (section 11.4.3) */
	if (req->exec)
		return VTDSIM_FR_PASID_EXEC;
	/* Unlike the fields beside it, SRE applies to all translation types. */
	return req->priv && !t->pe.sre ? VTDSIM_FR_PASID_SRE : 0;
}

/**
 * vtdsim_passes_through() - is the address of a request its host address?
 * @unit: unit
 * @req: the request
 * @t: from vtdsim_find_entry()
 *
 * A unit finds mappings by source-id and PASID (section 6.2.4.1). So a pass-through
 * mapping that software has not invalidated is used even if the PASID entry has
 * another translation type and domain-id by now.
 *
 * Return: true if it is.
 */
bool vtdsim_passes_through(const struct vtdsim_unit *unit, const struct vtdsim_req *req,
			   const struct vtdsim_target *t)
{
	return t->pe.pgtt == VTDSIM_PGTT_PASS ||
	       vtdsim_cache_find_pass(unit->cache, req->sid, t->pasid, req->addr);
}

/**
 * vtdsim_note_pass_through() - cache the mapping of a request that passed through
 * @unit: unit
 * @req: the request
 * @t: from vtdsim_find_entry()
 */
void vtdsim_note_pass_through(struct vtdsim_unit *unit, const struct vtdsim_req *req,
			      const struct vtdsim_target *t)
{
	if (!vtdsim_cache_find_pass(unit->cache, req->sid, t->pasid, req->addr))
		vtdsim_cache_add_pass(unit->cache, req->sid, t->pasid, t->pe.did, req->addr);
}

/* Entries in a cache line of 64 bytes */
#define TRANSLATE_LINE	8

/*
 * A unit reads tables by cache lines, and may cache all translations that it comes
 * across, if their entries have the flags that it would have to set (section 6.2.4.1).
 */
static void translate_fill_line(struct vtdsim_unit *unit, const struct vtdsim_req *req,
				const struct vtdsim_target *t, const struct vtdsim_map *map)
{
	u64 bytes = BIT_ULL(map->shift), first = map->in & ~(TRANSLATE_LINE * bytes - 1), addr;
	bool second = t->pe.pgtt == VTDSIM_PGTT_SECOND;
	unsigned int i;
	u8 reason;

	for (i = 0, addr = first; i < TRANSLATE_LINE; i++, addr += bytes) {
		const struct vtdsim_req any = { .addr = addr, .sid = req->sid, .priv = true };
		struct vtdsim_look look = {};
		const struct vtdsim_walk w = {
			.caps = &unit->caps, .pe = &t->pe, .pasid = t->pasid, .look = &look,
		};
		struct vtdsim_map found;

		if (addr == map->in ||
		    vtdsim_cache_find_iotlb(unit->cache, &t->pe, t->pasid, addr, &found))
			continue;
		reason = second ? vtdsim_walk_second(&w, addr, false, false, &found) :
				  vtdsim_walk_first(&w, &any, &found);
		if (!reason && !look.unmarked)
			vtdsim_cache_add_iotlb(unit->cache, &t->pe, t->pasid, &found);
	}
}

static u8 translate_walk(struct vtdsim_unit *unit, const struct vtdsim_req *req,
			 const struct vtdsim_target *t, struct vtdsim_map *map)
{
	const struct vtdsim_walk w = {
		.caps = &unit->caps, .pe = &t->pe, .cache = unit->cache,
		.pasid = t->pasid,
	};
	u8 reason;

	unit->stats.walks++;
	if (t->pe.pgtt == VTDSIM_PGTT_SECOND)
		reason = vtdsim_walk_second(&w, req->addr, req->read,
					    req->write, map);
	else
		reason = vtdsim_walk_first(&w, req, map);
	if (!reason)
		vtdsim_cache_add_iotlb(unit->cache, &t->pe, t->pasid, map);
	if (!reason && unit->fill_line)
		translate_fill_line(unit, req, t, map);
	trace_vtdsim_walk(unit, req, &t->pe, t->pasid, map, reason);
	return reason;
}

/**
 * vtdsim_find_map() - find the translation that serves a request
 * @unit: unit
 * @req: the request
 * @t: from vtdsim_find_entry(); its translation type is not pass-through
 * @map: the translation
 *
 * A cached mapping without the right blocks the request, even if the tables have
 * the right by now. Software need not invalidate when it gives more rights to
 * devices with page requests (section 6.5.3.5): a page request invalidates
 * (section 6.5.3.1).
 *
 * Return: 0 or the fault reason.
 */
u8 vtdsim_find_map(struct vtdsim_unit *unit, const struct vtdsim_req *req,
		   const struct vtdsim_target *t, struct vtdsim_map *map)
{
	u8 reason;

	if (vtdsim_cache_find_iotlb(unit->cache, &t->pe, t->pasid, req->addr,
				    map)) {
		reason = vtdsim_check_access(&t->pe, req, map);
		trace_vtdsim_hit(unit, req, &t->pe, t->pasid, map, reason);
		if (reason || map->dirty || !req->write)
			return reason;
	}
	return translate_walk(unit, req, t, map);
}
