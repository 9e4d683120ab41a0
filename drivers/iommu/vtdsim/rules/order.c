// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule checker: the order of IOTLB and device-TLB invalidations.
 *
 * Translation requests are served from the IOTLB. If the device TLB is invalidated
 * while the IOTLB still has the translation, the device may fetch it again, and keep
 * it after the IOTLB is invalidated. Software has to invalidate the IOTLB first
 * (section 6.5.2.5).
 *
 * A violation is, between two wait descriptors, a device-TLB invalidation, then an
 * IOTLB invalidation of a translation that the device could have fetched, and no
 * further device-TLB invalidation. It is reported only if a matching translation was
 * in the IOTLB.
 */
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "cache/internals.h"
#include "queue/descriptors.h"
#include "rules/rules.h"
#include "unit/unit.h"
#include "unit/violation.h"

/**
 * struct order_gone - the selection of an IOTLB invalidation
 * @first: first address
 * @last: last address
 * @pasid: used only if @with_pasid
 * @did: domain-id, unless @global
 * @with_pasid: PASID-based: mappings of the first stage, and nested ones
 * @global: of all domain-ids
 * @range: only addresses from @first to @last
 */
struct order_gone {
	u64 first;
	u64 last;
	u32 pasid;
	u16 did;
	bool with_pasid;
	bool global;
	bool range;
};

static void order_decode_gone(const u64 *desc, bool with_pasid, struct order_gone *g)
{
	u64 g_field = FIELD_GET(VTDSIM_INV0_G, desc[0]);
	unsigned int shift = PAGE_SHIFT + FIELD_GET(VTDSIM_INV1_AM, desc[1]);

	*g = (struct order_gone) {
		.last = U64_MAX,
		.pasid = FIELD_GET(VTDSIM_INV0_PASID, desc[0]),
		.did = FIELD_GET(VTDSIM_INV0_DID, desc[0]),
		.with_pasid = with_pasid,
		.global = !with_pasid && g_field == VTDSIM_IOTLB_G_GLOBAL,
		.range = g_field == (with_pasid ? VTDSIM_PIOTLB_G_PAGES :
						  VTDSIM_IOTLB_G_PAGES),
	};
	if (!g->range || shift >= 64)
		return;
	g->first = desc[1] & VTDSIM_INV1_ADDR & (~0ULL << shift);
	g->last = g->first + BIT_ULL(shift) - 1;
}

static void order_decode_sent(const u64 *desc, bool with_pasid, struct vtdsim_sent *s)
{
	u64 page = desc[1] >> PAGE_SHIFT;
	bool many = desc[1] & (with_pasid ? VTDSIM_PDEVTLB1_S :
					    VTDSIM_DEVTLB1_S);
	unsigned int shift = PAGE_SHIFT + (many ? ffz(page) + 1 : 0);

	*s = (struct vtdsim_sent) {
		.last = U64_MAX,
		.with_pasid = with_pasid,
		.sid = with_pasid ? FIELD_GET(VTDSIM_PDEVTLB0_SID, desc[0]) :
				    FIELD_GET(VTDSIM_DEVTLB0_SID, desc[0]),
	};
	if (with_pasid)
		s->pasid = FIELD_GET(VTDSIM_INV0_PASID, desc[0]);
	if (shift >= 64)
		return;
	s->first = desc[1] & VTDSIM_DEVTLB1_ADDR & (~0ULL << shift);
	s->last = s->first + BIT_ULL(shift) - 1;
}

static bool order_same_context(const struct vtdsim_sent *a, const struct vtdsim_sent *b)
{
	return a->sid == b->sid && a->with_pasid == b->with_pasid &&
	       a->pasid == b->pasid;
}

/*
 * Removes the addresses of @s from @old. Returns true if none are left. @old is one
 * range, so if addresses are left on both sides of @s, it is not changed. For a
 * @complaint the function returns true then: better no report than a wrong one.
 */
static bool order_take_out(struct vtdsim_sent *old, const struct vtdsim_sent *s,
			   bool complaint)
{
	if (!order_same_context(s, old) || s->first > old->last || s->last < old->first)
		return false;
	if (s->first <= old->first && s->last >= old->last)
		return true;
	if (s->first <= old->first)
		old->first = s->last + 1;
	else if (s->last >= old->last)
		old->last = s->first - 1;
	else
		return complaint;
	return false;
}

static void order_take_out_of_all(struct vtdsim_sent_list *list,
				  const struct vtdsim_sent *s, bool complaints)
{
	unsigned int i, kept = 0;

	for (i = 0; i < list->count; i++)
		if (!order_take_out(&list->s[i], s, complaints))
			list->s[kept++] = list->s[i];
	list->count = kept;
}

static void order_append(struct vtdsim_sent_list *list, const struct vtdsim_sent *s)
{
	/* If the list is full, drop the oldest element. */
	if (list->count == ARRAY_SIZE(list->s))
		memmove(&list->s[0], &list->s[1],
			--list->count * sizeof(list->s[0]));
	list->s[list->count++] = *s;
}

/* A later device-TLB invalidation corrects the order for its addresses. */
static void order_note_sent(struct vtdsim_order *o, const struct vtdsim_sent *s)
{
	order_take_out_of_all(&o->late, s, true);
	order_take_out_of_all(&o->sent, s, false);
	order_append(&o->sent, s);
}

/* Only a cached entry could have served a translation request. */
static bool order_find_entry(struct vtdsim_cache *c, const struct vtdsim_sent *s,
			     struct vtdsim_pasid *pe, u32 *pasid)
{
	struct vtdsim_context ctx;

	*pasid = s->pasid;
	if (!s->with_pasid) {
		if (!vtdsim_cache_find_context(c, s->sid, &ctx))
			return false;
		*pasid = ctx.rid_pasid;
	}
	return vtdsim_cache_find_pasid(c, s->sid, *pasid, pe);
}

static bool order_overlaps(const struct vtdsim_key *key, u64 first, u64 last)
{
	return key->addr <= last &&
	       first <= key->addr + (BIT_ULL(key->shift) - 1);
}

/* Does the IOTLB invalidation select a cached mapping of these addresses? */
static bool order_takes_away(struct vtdsim_cache *c, const struct vtdsim_sent *s,
			     const struct order_gone *g)
{
	enum vtdsim_kind kind = VTDSIM_KIND_IOTLB_FIRST;
	struct vtdsim_cached *e;
	struct vtdsim_pasid pe;
	bool first;
	u32 pasid;

	if (!order_find_entry(c, s, &pe, &pasid) || pe.pgtt == VTDSIM_PGTT_PASS)
		return false;
	if (!g->global && pe.did != g->did)
		return false;
	first = pe.pgtt != VTDSIM_PGTT_SECOND;
	if (!first)
		kind = VTDSIM_KIND_IOTLB_SECOND;
	if (g->with_pasid != first && g->range)
		return false;	/* a range in another address space */
	if (g->with_pasid && g->pasid != pasid)
		return false;

	list_for_each_entry(e, vtdsim_cache_domain(c, pe.did), domain) {
		if (e->key.kind != kind || e->key.id != pe.did || (first && e->key.pasid != pasid))
			continue;
		if (order_overlaps(&e->key, g->first, g->last) &&
		    order_overlaps(&e->key, s->first, s->last))
			return true;
	}
	return false;
}

static void order_note_gone(struct vtdsim_unit *unit, const struct order_gone *g)
{
	struct vtdsim_order *o = &vtdsim_unit_rules(unit)->order;
	unsigned int i;

	for (i = 0; i < o->sent.count; i++) {
		struct vtdsim_sent late = o->sent.s[i];

		if (!order_takes_away(unit->cache, &late, g))
			continue;
		if (g->range) {
			late.first = max(late.first, g->first);
			late.last = min(late.last, g->last);
		}
		order_append(&o->late, &late);
	}
}

static void order_report(struct vtdsim_unit *unit)
{
	struct vtdsim_order *o = &vtdsim_unit_rules(unit)->order;
	unsigned int i;

	for (i = 0; i < o->late.count; i++) {
		const struct vtdsim_sent *s = &o->late.s[i];

		vtdsim_violation(unit, "6.5.2.5",
				 "IOTLB invalidated after the device TLB of %04x PASID %u, addresses %#llx to %#llx",
				 s->sid, s->pasid, s->first, s->last);
	}
	o->sent.count = 0;
	o->late.count = 0;
}

/**
 * vtdsim_rule_order() - are descriptors in the right order?
 * @unit: the unit
 * @type: type of the descriptor
 * @desc: the descriptor that is carried out next
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_rule_order(struct vtdsim_unit *unit, u32 type, const u64 *desc)
{
	struct vtdsim_sent sent;
	struct order_gone gone;

	if (!unit->cache)
		return;
	switch (type) {
	case VTDSIM_DESC_DEVTLB:
		order_decode_sent(desc, false, &sent);
		order_note_sent(&vtdsim_unit_rules(unit)->order, &sent);
		break;
	case VTDSIM_DESC_PDEVTLB:
		/* For all PASIDs: their entries are unknown. */
		if (desc[1] & VTDSIM_PDEVTLB1_G)
			break;
		order_decode_sent(desc, true, &sent);
		order_note_sent(&vtdsim_unit_rules(unit)->order, &sent);
		break;
	case VTDSIM_DESC_IOTLB:
		order_decode_gone(desc, false, &gone);
		order_note_gone(unit, &gone);
		break;
	case VTDSIM_DESC_PIOTLB:
		order_decode_gone(desc, true, &gone);
		order_note_gone(unit, &gone);
		break;
	case VTDSIM_DESC_WAIT:
		order_report(unit);
		break;
	}
}
