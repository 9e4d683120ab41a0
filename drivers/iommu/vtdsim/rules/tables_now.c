// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule checker: compares what is cached with what the tables in memory say now.
 *
 * The tables are read as software wrote them, flushed or not, without the unit's lock
 * and without any side effect: no flag is set and no cache is filled.
 */
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "cache/internals.h"
#include "rules/tables_now.h"
#include "tables/entries.h"
#include "tables/formats.h"
#include "unit/fault_reasons.h"
#include "unit/messages.h"
#include "unit/unit.h"
#include "walk/walk.h"

/* Walks between two chances to reschedule */
#define NOW_WALKS	512

/**
 * struct vtdsim_now_second - a PASID entry that has a second stage
 * @pasid: its PASID
 * @sid: source-id
 * @found: there is one
 */
struct vtdsim_now_second {
	u32 pasid;
	u16 sid;
	bool found;
};

#define NOW_DOMAINS	(U16_MAX + 1)

/**
 * vtdsim_now_init() - look at a unit's tables in memory
 * @now: to be given to vtdsim_now_destroy()
 * @unit: the unit
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_now_init(struct vtdsim_now *now, struct vtdsim_unit *unit)
{
	*now = (struct vtdsim_now){
		.caps = unit->caps,
		.rtaddr = READ_ONCE(unit->rtaddr),
	};
	now->caps.lines = NULL;
	now->count = vtdsim_requester_sids(unit, now->sids, ARRAY_SIZE(now->sids));
}

/**
 * vtdsim_now_destroy() - undo vtdsim_now_init()
 * @now: state
 *
 * Context: Process context.
 */
void vtdsim_now_destroy(struct vtdsim_now *now)
{
	kvfree(now->second);
}

static bool now_find_pasid(const struct vtdsim_now *now, u16 sid, u32 pasid,
			   struct vtdsim_now_entry *t)
{
	struct vtdsim_context ctx;

	t->pasid = pasid;
	return !vtdsim_fetch_context(&now->caps, now->rtaddr, sid, &ctx) &&
	       !vtdsim_fetch_pasid(&now->caps, &ctx, pasid, &t->pe);
}

/* A directory entry that is not present stands for a whole PASID table. */
static void now_note_second(struct vtdsim_now *now, u16 sid)
{
	struct vtdsim_context ctx;
	struct vtdsim_pasid pe;
	u32 pasid;
	u8 reason;

	if (vtdsim_fetch_context(&now->caps, now->rtaddr, sid, &ctx))
		return;
	for (pasid = 0; pasid < ctx.pasids; pasid++) {
		reason = vtdsim_fetch_pasid(&now->caps, &ctx, pasid, &pe);
		if (reason == VTDSIM_FR_DIR_PRESENT)
			pasid |= BIT(TBL_PASID_TABLE_SHIFT) - 1;
		else if (!reason && vtdsim_uses_second_stage(&pe))
			now->second[pe.did] = (struct vtdsim_now_second){
				.pasid = pasid, .sid = sid, .found = true,
			};
		if (!(pasid % NOW_WALKS))
			cond_resched();
	}
}

/* Which PASID entry has the second stage of a domain-id? Any will do. */
static int now_index_second(struct vtdsim_now *now)
{
	unsigned int i;

	if (now->second)
		return 0;
	now->second = kvcalloc(NOW_DOMAINS, sizeof(*now->second), GFP_KERNEL);
	if (!now->second)
		return -ENOMEM;
	for (i = 0; i < now->count; i++)
		now_note_second(now, now->sids[i]);
	return 0;
}

/* Any entry with these tags will do: all must have the same tables. */
static int now_find_tags(struct vtdsim_now *now, const struct vtdsim_key *key,
			 struct vtdsim_now_entry *t)
{
	bool second = key->kind == VTDSIM_KIND_IOTLB_SECOND;
	const struct vtdsim_now_second *s;
	unsigned int i;

	/* Second-stage non-leaf entries have no PASID. */
	if (key->kind == VTDSIM_KIND_PSC_SECOND) {
		if (now_index_second(now))
			return -ENOMEM;
		s = &now->second[key->id];
		return s->found && now_find_pasid(now, s->sid, s->pasid, t);
	}

	for (i = 0; i < now->count; i++)
		if (now_find_pasid(now, now->sids[i], key->pasid, t) &&
		    t->pe.did == key->id &&
		    (second ? vtdsim_uses_second_stage(&t->pe) :
			      vtdsim_uses_first_stage(&t->pe)))
			return true;
	return false;
}

/*
 * Translates an address by both stages or by the second alone, with no right asked
 * for. @map has the rights.
 */
static u8 now_look_at(const struct vtdsim_now *now, const struct vtdsim_now_entry *t, bool first,
		      u64 addr, struct vtdsim_map *map, struct vtdsim_look *look)
{
	const struct vtdsim_req req = { .addr = addr, .priv = true };
	const struct vtdsim_walk w = {
		.caps = &now->caps, .pe = &t->pe, .pasid = t->pasid,
		.look = look,
	};

	memset(look, 0, sizeof(*look));
	if (first)
		return vtdsim_walk_first(&w, &req, map);
	return vtdsim_walk_second(&w, addr, false, false, map);
}

static const char *now_compare_piece(const struct vtdsim_map *old, u64 addr,
				     const struct vtdsim_map *now)
{
	if (old->out + (addr - old->in) != now->out + (addr - now->in))
		return "leads elsewhere in the tables";
	if (old->read > now->read || old->write > now->write ||
	    old->user > now->user || old->super_write > now->super_write)
		return "has fewer rights in the tables";
	/* Or the unit would not set the flag again when a device writes. */
	if (old->dirty && !now->dirty)
		return "is not dirty any more in the tables";
	return NULL;
}

/* Returns what is stale about a cached mapping, or NULL. */
static const char *now_compare_map(const struct vtdsim_now *now, const struct vtdsim_now_entry *t,
				   bool first, const struct vtdsim_map *old)
{
	u64 addr = old->in, last = old->in + (BIT_ULL(old->shift) - 1);
	struct vtdsim_look look;
	const char *wrong = NULL;
	unsigned int walks = 0;
	struct vtdsim_map map;
	u8 reason;

	while (!wrong) {
		reason = now_look_at(now, t, first, addr, &map, &look);
		if (!reason)
			wrong = now_compare_piece(old, addr, &map);
		else if (reason != VTDSIM_FR_INTERRUPT)
			return "leads nowhere in the tables";
		/* Skip a page with interrupt addresses: nothing to compare. */
		if (reason)
			map = (struct vtdsim_map) {
				.in = addr, .shift = PAGE_SHIFT,
			};
		if (map.in + (BIT_ULL(map.shift) - 1) >= last)
			break;
		addr = map.in + BIT_ULL(map.shift);
		if (!(++walks % NOW_WALKS))
			cond_resched();
	}
	return wrong;
}

static const char *now_compare_psc(const struct vtdsim_now *now, const struct vtdsim_now_entry *t,
				   const struct vtdsim_cached *e)
{
	unsigned int level = (e->key.shift - PAGE_SHIFT) / 9 + 1;
	bool first = e->key.kind == VTDSIM_KIND_PSC_FIRST;
	const struct vtdsim_psc *old = &e->psc, *is;
	struct vtdsim_look look;
	struct vtdsim_map map;

	/* The walk may end at a lower level, where nothing is mapped. */
	now_look_at(now, t, first, e->key.addr, &map, &look);
	is = first ? &look.first[level] : &look.second[level];
	if (!is->table)
		return "leads nowhere in the tables";
	if (old->table != is->table || old->guest != is->guest)
		return "leads elsewhere in the tables";
	if (old->read > is->read || old->write > is->write ||
	    old->user > is->user)
		return "has fewer rights in the tables";
	return NULL;
}

static const char *now_compare_context(const struct vtdsim_now *now,
				       const struct vtdsim_cached *e)
{
	struct vtdsim_context ctx;

	if (vtdsim_fetch_context(&now->caps, now->rtaddr, e->key.id, &ctx))
		return "is not there in the tables";
	if (memcmp(ctx.raw, e->ctx.raw, sizeof(ctx.raw)) || ctx.at != e->ctx.at)
		return "is another in the tables";
	return NULL;
}

static const char *now_compare_pasid(const struct vtdsim_now *now, const struct vtdsim_cached *e)
{
	struct vtdsim_now_entry t;

	if (!now_find_pasid(now, e->key.id, e->key.pasid, &t))
		return "is not there in the tables";
	if (memcmp(t.pe.raw, e->pe.raw, sizeof(t.pe.raw)) || t.pe.at != e->pe.at)
		return "is another in the tables";
	return NULL;
}

static const char *now_compare_pass(const struct vtdsim_now *now, const struct vtdsim_cached *e)
{
	struct vtdsim_now_entry t;

	if (!now_find_pasid(now, e->key.id, e->key.pasid, &t))
		return "is of a PASID without an entry";
	if (t.pe.pgtt != VTDSIM_PGTT_PASS || t.pe.did != e->pass_did)
		return "has tags that no PASID entry has";
	return NULL;
}

/**
 * vtdsim_now_compare() - does a cache entry say what the tables say?
 * @now: the tables
 * @e: a copy of the entry
 * @wrong: what is stale about it, or NULL
 *
 * Context: Process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int vtdsim_now_compare(struct vtdsim_now *now, const struct vtdsim_cached *e, const char **wrong)
{
	struct vtdsim_now_entry t;
	int found;

	switch (e->key.kind) {
	case VTDSIM_KIND_CONTEXT:
		*wrong = now_compare_context(now, e);
		return 0;
	case VTDSIM_KIND_PASID:
		*wrong = now_compare_pasid(now, e);
		return 0;
	case VTDSIM_KIND_IOTLB_PASS:
		*wrong = now_compare_pass(now, e);
		return 0;
	}

	found = now_find_tags(now, &e->key, &t);
	if (found < 0)
		return found;
	if (!found)
		*wrong = "has tags that no PASID entry has";
	else if (e->key.kind == VTDSIM_KIND_PSC_FIRST || e->key.kind == VTDSIM_KIND_PSC_SECOND)
		*wrong = now_compare_psc(now, &t, e);
	else
		*wrong = now_compare_map(now, &t, e->key.kind == VTDSIM_KIND_IOTLB_FIRST,
					 &e->map);
	return 0;
}

/**
 * vtdsim_now_compare_translation() - does a device TLB say what the tables say?
 * @now: the tables
 * @sid: source-id of the device
 * @t: a translation in its device TLB
 *
 * Context: Process context, may sleep.
 * Return: what is stale about it, or NULL.
 */
const char *vtdsim_now_compare_translation(const struct vtdsim_now *now, u16 sid,
					   const struct vtdsim_translation *t)
{
	const struct vtdsim_map old = {
		.in = t->in, .out = t->out, .shift = t->shift,
		.read = t->read,
		.write = t->write && !t->priv,
		.super_write = t->write && t->priv,
		.user = !t->priv,
		.dirty = t->write,
	};
	struct vtdsim_now_entry entry;
	struct vtdsim_context ctx;

	if (vtdsim_fetch_context(&now->caps, now->rtaddr, sid, &ctx) ||
	    !now_find_pasid(now, sid, t->with_pasid ? t->pasid : ctx.rid_pasid, &entry))
		return "is of a PASID without an entry";
	if (entry.pe.pgtt == VTDSIM_PGTT_PASS)
		return t->in == t->out ? NULL : "leads elsewhere in the tables";
	return now_compare_map(now, &entry, vtdsim_uses_first_stage(&entry.pe), &old);
}
