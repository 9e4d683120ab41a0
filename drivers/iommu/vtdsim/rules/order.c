// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule checker: the order of IOTLB and device-TLB invalidations.
 *
 * Translation requests are served from the IOTLB. If the device TLB is invalidated
 * while the IOTLB still has the translation, the device may fetch it again, and keep
 * it after the IOTLB is invalidated. Software has to invalidate the IOTLB first
 * (sections 6.5.2.5, 6.5.2.6).
 *
 * A violation is a device-TLB invalidation, then an IOTLB invalidation of a translation
 * that was in the IOTLB all the time, and no further device-TLB invalidation. Between
 * two wait descriptors nothing excuses it, and the second one reports it. If a wait
 * came between, the device-TLB invalidation that is missing may still follow, and the
 * translation need not have changed: what the device may have fetched is noted for the
 * audit (order_late.c).
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

static void order_decode_gone(const struct vtdsim_unit *unit, const u64 *desc, bool with_pasid,
			      struct order_gone *g)
{
	u64 g_field = FIELD_GET(VTDSIM_INV0_G, desc[0]);
	unsigned int shift = PAGE_SHIFT + FIELD_GET(VTDSIM_INV1_AM, desc[1]);
	u64 addr = with_pasid ? desc[1] & VTDSIM_INV1_ADDR : vtdsim_iotlb_address(unit, desc);

	*g = (struct order_gone) {
		.last = U64_MAX,
		.pasid = FIELD_GET(VTDSIM_INV0_PASID, desc[0]),
		.did = FIELD_GET(VTDSIM_INV0_DID, desc[0]) & vtdsim_did_mask(&unit->caps),
		.with_pasid = with_pasid,
		.global = !with_pasid && g_field == VTDSIM_IOTLB_G_GLOBAL,
		.range = g_field == (with_pasid ? VTDSIM_PIOTLB_G_PAGES :
						  VTDSIM_IOTLB_G_PAGES),
	};
	if (!g->range || shift >= 64)
		return;
	g->first = addr & (~0ULL << shift);
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
	s->all_pasids = with_pasid && desc[1] & VTDSIM_PDEVTLB1_G;
	if (with_pasid && !s->all_pasids)
		s->pasid = FIELD_GET(VTDSIM_INV0_PASID, desc[0]);
	if (shift >= 64)
		return;
	s->first = desc[1] & VTDSIM_DEVTLB1_ADDR & (~0ULL << shift);
	s->last = s->first + BIT_ULL(shift) - 1;
}

static void order_take_out_of_all(struct vtdsim_sent_list *list,
				  const struct vtdsim_sent *s, bool complaints)
{
	unsigned int i, kept = 0;

	for (i = 0; i < list->count; i++)
		if (!vtdsim_order_take_out(&list->s[i], s, complaints))
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

/**
 * struct order_visit - a look at mappings that an endpoint can fetch
 * @unit: the unit
 * @s: the device-TLB invalidation
 * @g: the IOTLB invalidation, or NULL
 * @found: there is a mapping that both are about
 *
 * Without @g, @found says whether there is a mapping that @s is about.
 */
struct order_visit {
	struct vtdsim_unit *unit;
	const struct vtdsim_sent *s;
	const struct order_gone *g;
	bool found;
};

/*
 * A second-stage range takes all first-stage and nested mappings of the domain with it
 * (table 23). A first-stage range takes no second-stage mappings (table 24).
 */
static bool order_takes_away(const struct order_gone *g, const struct vtdsim_key *key, bool first)
{
	if (!g->global && key->id != g->did)
		return false;
	if (g->with_pasid && g->pasid != key->pasid)
		return false;
	if (!g->range)
		return true;
	if (first != g->with_pasid)
		return first;
	return key->addr <= g->last && g->first <= key->addr + (BIT_ULL(key->shift) - 1);
}

static void order_visit_mapping(struct order_visit *v, const struct vtdsim_cached *e, bool first)
{
	const struct vtdsim_sent *s = v->s;

	if (e->key.addr > s->last || s->first > e->key.addr + (BIT_ULL(e->key.shift) - 1))
		return;
	if (v->g && !order_takes_away(v->g, &e->key, first))
		return;
	/* Whether a nested mapping depends on a second-stage range is for the audit to see. */
	if (!v->g || !v->g->range || first == v->g->with_pasid)
		v->found = true;
	if (v->g && e->born <= s->born)
		vtdsim_order_note_late(v->unit, s, e);
}

/* Is it less work to look a range up page by page than to look at all mappings? */
static bool order_is_small(const struct vtdsim_cache *c, enum vtdsim_kind kind,
			   const struct vtdsim_sent *s)
{
	u64 pages = (s->last - s->first) >> PAGE_SHIFT;

	return pages < 8 || pages < c->count[kind] / 4;
}

/* Visits the mappings that requests with a PASID entry are served from. */
static void order_visit_target(struct order_visit *v, const struct vtdsim_pasid *pe, u32 pasid)
{
	struct vtdsim_cache *c = v->unit->cache;
	bool first = pe->pgtt != VTDSIM_PGTT_SECOND;
	enum vtdsim_kind kind = first ? VTDSIM_KIND_IOTLB_FIRST : VTDSIM_KIND_IOTLB_SECOND;
	const struct vtdsim_cached *e;
	u64 addr;

	if (pe->pgtt == VTDSIM_PGTT_PASS)
		return;
	if (order_is_small(c, kind, v->s)) {
		for (addr = v->s->first; addr - v->s->first < v->s->last - v->s->first + 1;
		     addr += PAGE_SIZE) {
			e = vtdsim_cache_find_mapping(c, pe, pasid, addr);
			if (e)
				order_visit_mapping(v, e, first);
		}
		return;
	}
	list_for_each_entry(e, vtdsim_cache_domain(c, pe->did), domain)
		if (e->key.kind == kind && e->key.id == pe->did && e->key.pasid == pasid)
			order_visit_mapping(v, e, first);
}

static void order_visit_entries(struct order_visit *v, struct list_head *entries, u32 pasid,
				bool all)
{
	struct vtdsim_cached *e;

	list_for_each_entry(e, entries, live)
		if (e->key.id == v->s->sid && (all ? e->key.pasid != pasid : e->key.pasid == pasid))
			order_visit_target(v, &e->pe, e->key.pasid);
}

/*
 * Only a cached mapping can serve a translation request, and only if the PASID entry
 * is or was cached. An entry that was changed and invalidated counts until software
 * has invalidated its mappings.
 */
static void order_visit_all(struct order_visit *v)
{
	struct vtdsim_cache *c = v->unit->cache;
	const struct vtdsim_sent *s = v->s;
	struct vtdsim_context ctx = {};
	struct vtdsim_pasid pe;
	u32 pasid = s->pasid;

	if (!s->with_pasid || s->all_pasids) {
		if (!vtdsim_cache_find_context(c, s->sid, &ctx))
			return;
		pasid = ctx.rid_pasid;
	}
	if (s->all_pasids)
		order_visit_entries(v, &c->live[VTDSIM_KIND_PASID], pasid, true);
	else if (vtdsim_cache_find_pasid(c, s->sid, pasid, &pe))
		order_visit_target(v, &pe, pasid);
	order_visit_entries(v, &c->owed, pasid, s->all_pasids);
}

/*
 * A later device-TLB invalidation corrects the order for its addresses. It is itself
 * too early if there is a mapping to be fetched.
 */
static void order_note_sent(struct vtdsim_unit *unit, struct vtdsim_sent *s)
{
	struct vtdsim_order *o = &vtdsim_unit_rules(unit)->order;
	struct order_visit v = { .unit = unit, .s = s };

	vtdsim_order_make_up(unit, s);
	order_take_out_of_all(&o->wrong, s, true);
	order_take_out_of_all(&o->sent, s, false);
	s->born = unit->cache->births;
	order_visit_all(&v);
	if (v.found)
		order_append(&o->sent, s);
}

static void order_note_gone(struct vtdsim_unit *unit, const struct order_gone *g)
{
	struct vtdsim_order *o = &vtdsim_unit_rules(unit)->order;
	unsigned int i;

	for (i = 0; i < o->sent.count; i++) {
		struct vtdsim_sent wrong = o->sent.s[i];
		struct order_visit v = { .unit = unit, .s = &o->sent.s[i], .g = g };

		order_visit_all(&v);
		if (!v.found || wrong.waited)
			continue;
		if (g->range) {
			wrong.first = max(wrong.first, g->first);
			wrong.last = min(wrong.last, g->last);
		}
		order_append(&o->wrong, &wrong);
	}
}

static void order_report(struct vtdsim_unit *unit)
{
	struct vtdsim_order *o = &vtdsim_unit_rules(unit)->order;
	unsigned int i;

	for (i = 0; i < o->wrong.count; i++) {
		const struct vtdsim_sent *s = &o->wrong.s[i];

		vtdsim_violation(unit, "6.5.2.5",
				 "IOTLB invalidated after the device TLB of %04x PASID %u, addresses %#llx to %#llx",
				 s->sid, s->pasid, s->first, s->last);
		/* The audit is not to report it again. */
		vtdsim_order_make_up(unit, s);
	}
	o->wrong.count = 0;
	for (i = 0; i < o->sent.count; i++)
		o->sent.s[i].waited = true;
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
		order_note_sent(unit, &sent);
		break;
	case VTDSIM_DESC_PDEVTLB:
		order_decode_sent(desc, true, &sent);
		order_note_sent(unit, &sent);
		break;
	case VTDSIM_DESC_IOTLB:
	case VTDSIM_DESC_PIOTLB:
		if (!vtdsim_unit_rules(unit)->order.sent.count)
			break;
		order_decode_gone(unit, desc, type == VTDSIM_DESC_PIOTLB, &gone);
		order_note_gone(unit, &gone);
		break;
	case VTDSIM_DESC_WAIT:
		order_report(unit);
		break;
	}
}
