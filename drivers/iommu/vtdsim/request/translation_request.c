// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translation requests of endpoints, and what the unit answers (VT-d
 * specification section 4.2; PCI Express section 10.2 for the messages).
 *
 * A page that is not present, or lacks a right, is no error of a translation
 * request: the completion lacks the right, nothing is recorded, and the endpoint
 * may send a page request (section 7.1.2). Table 30 of section 7.1.3 has the
 * errors and their completion status; these are recorded as for any request.
 */
#include <linux/bits.h>
#include <linux/mm.h>

#include "cache/caches.h"
#include "request/translate.h"
#include "request/translation_request.h"
#include "unit/fault_log.h"
#include "unit/fault_reasons.h"
#include "unit/interrupts.h"
#include "unit/messages.h"
#include "unit/registers.h"
#include "unit/unit.h"

/*
 * Table 30: conditions that give a completion without any rights and no record.
 * A page request cannot resolve all of them.
 */
static bool ats_is_without_rights(u8 reason)
{
	switch (reason) {
	case VTDSIM_FR_DIR_PRESENT:
	case VTDSIM_FR_PASID_PRESENT:
	case VTDSIM_FR_PASID_EXEC:
	case VTDSIM_FR_PASID_SRE:
	case VTDSIM_FR_FS_ACCESS:
	case VTDSIM_FR_FS_PRESENT:
	case VTDSIM_FR_FS_RESERVED:
	case VTDSIM_FR_FS_ROOT_ACCESS:
	case VTDSIM_FR_FS_NEST_WIDTH:
	case VTDSIM_FR_FS_NEST_ROOT_READ:
	case VTDSIM_FR_FS_NEST_READ:
	case VTDSIM_FR_FS_NEST_WRITE:
	case VTDSIM_FR_FS_AD_NO_SNOOP:
	case VTDSIM_FR_FS_AD_UPDATE:
	case VTDSIM_FR_SS_PRESENT:
	case VTDSIM_FR_CANONICAL:
	case VTDSIM_FR_USER:
	case VTDSIM_FR_HAW:
	case VTDSIM_FR_WIDTH:
	case VTDSIM_FR_WRITE:
	case VTDSIM_FR_READ:
		return true;
	default:
		return false;
	}
}

/* Table 30: the status for all other conditions */
static enum vtdsim_completion_status ats_refusal_status(u8 reason)
{
	switch (reason) {
	case VTDSIM_FR_RTA_PASID:
	case VTDSIM_FR_ROOT_PRESENT:
	case VTDSIM_FR_CTX_PRESENT:
	case VTDSIM_FR_CTX_DTE:
	case VTDSIM_FR_CTX_PASIDE:
	case VTDSIM_FR_CTX_PASID_SIZE:
	case VTDSIM_FR_CTX_RID_PASID:
	case VTDSIM_FR_PASID_WIDTH:
		return VTDSIM_CPL_UR;
	default:
		return VTDSIM_CPL_CA;
	}
}

/*
 * Removes rights from the request until the rest is allowed. Each right is removed
 * once at most, so there are three walks at most.
 */
static u8 ats_find_rights(struct vtdsim_unit *unit, struct vtdsim_req *req,
			  const struct vtdsim_target *t, struct vtdsim_map *map,
			  u8 *withheld)
{
	u8 reason;

	for (;;) {
		reason = vtdsim_find_map(unit, req, t, map);
		if (reason == VTDSIM_FR_WRITE && req->read)
			req->write = false;
		else if (reason == VTDSIM_FR_READ && req->write)
			req->read = false;
		else
			return reason;
		*withheld = reason;
	}
}

static bool ats_spans_interrupts(u64 addr, u8 shift)
{
	u64 first = addr & (~0ULL << shift);
	u64 last = first | ~(~0ULL << shift);

	return first <= VTDSIM_INTERRUPT_LAST && last >= VTDSIM_INTERRUPT_FIRST;
}

/*
 * The address of a completion, and its S bit: the size is encoded by the lowest
 * zero bit of the page number (PCIe 10.2.3.2).
 */
static void ats_set_address(struct vtdsim_completion *out, u64 in, u64 hpa,
			    u8 shift)
{
	/* Make the range small enough to have no interrupt addresses. */
	while (shift > PAGE_SHIFT &&
	       (ats_spans_interrupts(in, shift) || ats_spans_interrupts(hpa, shift)))
		shift--;

	out->addr = hpa & (~0ULL << shift);
	out->size = shift > PAGE_SHIFT;
	if (out->size)
		out->addr |= GENMASK_ULL(shift - 1, PAGE_SHIFT) ^ BIT_ULL(shift - 1);
}

/*
 * Section 3.15: interrupts are sent as untranslated requests, and cannot be read
 * (section 7.1.3, S.1 and S.2).
 */
static void ats_answer_interrupt(const struct vtdsim_req *req,
				 struct vtdsim_completion *out)
{
	ats_set_address(out, req->addr, req->addr, PAGE_SHIFT);
	out->write = req->write;
	out->untranslated = req->write;
}

/* Sections 11.4.2 and 3.6: the largest page of any stage */
static u8 ats_largest_shift(const struct vtdsim_caps *caps)
{
	bool first = caps->ecap & VTDSIM_ECAP_FSTS, second = caps->ecap & VTDSIM_ECAP_SSTS;

	if ((first && caps->cap & VTDSIM_CAP_FS1GP) || (second && caps->cap & VTDSIM_CAP_SSLPS_1G))
		return PUD_SHIFT;
	if (first || (second && caps->cap & VTDSIM_CAP_SSLPS_2M))
		return PMD_SHIFT;
	return PAGE_SHIFT;
}

static u8 ats_answer(struct vtdsim_unit *unit, struct vtdsim_req req,
		     struct vtdsim_completion *out, bool *quiet)
{
	struct vtdsim_map map = { .shift = PAGE_SHIFT };
	struct vtdsim_target t;
	bool pass;
	u8 reason;

	reason = vtdsim_find_entry(unit, &req, &t);
	*quiet = t.quiet;
	if (reason)
		return reason;

	pass = vtdsim_passes_through(unit, &req, &t);
	if (vtdsim_in_interrupt_range(req.addr)) {
		if (!req.with_pasid) {
			ats_answer_interrupt(&req, out);
			return 0;
		}
		if (pass)
			return VTDSIM_FR_INTERRUPT;
	}

	if (pass) {
		if (req.addr >> unit->caps.haw)
			return VTDSIM_FR_HAW;
		vtdsim_note_pass_through(unit, &req, &t);
		/* Of a mapping that is only cached any more, one page is. */
		if (t.pe.pgtt == VTDSIM_PGTT_PASS)
			map.shift = ats_largest_shift(&unit->caps);
		map.in = req.addr & ~0ULL << map.shift;
		map.out = map.in;
	} else {
		reason = ats_find_rights(unit, &req, &t, &map, &out->reason);
		if (reason)
			return reason;
	}

	ats_set_address(out, req.addr, map.out + (req.addr - map.in), map.shift);
	out->read = req.read;
	out->write = req.write;
	if (!pass)
		vtdsim_cache_note_lent(unit->cache, map.out, map.shift);
	out->no_snoop = t.pe.pgsnp || map.snoop;
	return 0;
}

/**
 * vtdsim_ats_translate() - answer a translation request
 * @unit: the unit that the endpoint is behind
 * @req: the request: its address, PASID and attributes; @req->write is clear
 *	if No Write is set in it. Reading is always asked for.
 * @out: the completion
 *
 * Section 4.2.3. A fault that is an error is recorded, and @out has no
 * translation. Otherwise @out has the rights there are, of those asked for;
 * with none, the privilege is all that it tells. No Write keeps the page from
 * being marked dirty.
 *
 * Context: Caller holds the unit's lock and has asked vtdsim_cache_ready().
 */
void vtdsim_ats_translate(struct vtdsim_unit *unit,
			  const struct vtdsim_req *req,
			  struct vtdsim_completion *out)
{
	struct vtdsim_req r = *req;
	bool quiet;
	u8 reason;

	unit->stats.requests++;
	*out = (struct vtdsim_completion) {};
	if (!(vtdsim_reg_get32(unit, VTDSIM_GSTS) & VTDSIM_G_TRANSLATION)) {
		out->status = VTDSIM_CPL_UR;
		return;
	}

	/* With whatever rights; privilege by RID_PRIV does not show */
	out->priv = req->priv && req->with_pasid;
	r.at = VTDSIM_AT_TRANSLATION;
	r.read = true;
	/* Without support for it, No Write is ignored */
	r.write |= !(unit->caps.ecap & VTDSIM_ECAP_NWFS);
	reason = ats_answer(unit, r, out, &quiet);
	if (!reason)
		return;
	out->reason = reason;
	if (!ats_is_without_rights(reason))
		out->status = ats_refusal_status(reason);
	else if (reason != VTDSIM_FR_FS_AD_UPDATE)
		return;

	unit->stats.faults++;
	/* Translation requests are recorded as reads (section 11.4.7.6). */
	r.write = false;
	if (!quiet)
		vtdsim_fault_record(unit, &r, reason);
}
