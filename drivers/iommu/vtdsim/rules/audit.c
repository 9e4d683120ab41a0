// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule checker: the audit, which compares all that is cached with the tables.
 *
 * While software changes tables, its invalidations are still to come, and only
 * software knows when it has done them all. Then it asks for an audit: no entry in
 * the unit or in a device TLB may have another address, or more rights, than the
 * tables have. Otherwise an invalidation is missing or was too narrow for the
 * change (section 6.5.3.3, table 28).
 *
 * Fewer rights in a cache than in the tables are no mistake (section 6.5.3.5).
 */
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/stdarg.h>
#include <linux/time64.h>

#include "cache/internals.h"
#include "rules/rules.h"
#include "tables/cache_lines.h"
#include "tables/entries.h"
#include "tables/formats.h"
#include "unit/fault_reasons.h"
#include "unit/messages.h"
#include "unit/registers.h"
#include "unit/requesters.h"
#include "unit/unit.h"
#include "unit/violation.h"
#include "walk/walk.h"

/* Compare at most this many 4 KiB pieces of a cached large page. */
#define AUDIT_MAX_PIECES	512

/* Print at most this many stale entries of an audit; all are counted. */
#define AUDIT_MAX_PRINTED	8

#define AUDIT_MAX_TARGETS	1024

/**
 * struct audit_target - a PASID entry in memory
 * @pe: what it says
 * @pasid: PASID
 * @sid: source-id
 * @rid: also for requests without PASID
 */
struct audit_target {
	struct vtdsim_pasid pe;
	u32 pasid;
	u16 sid;
	bool rid;
};

/**
 * struct audit - state of an audit
 * @unit: the unit
 * @caps: its capabilities, changed to read tables as software wrote them
 * @sid: source-id of the device TLB that is being compared
 * @found: number of stale entries
 * @missed: there are more PASID entries than @targets has room for
 * @count: number of @targets
 * @targets: all PASID entries of the unit's requesters
 */
struct audit {
	struct vtdsim_unit *unit;
	struct vtdsim_caps caps;
	u16 sid;
	unsigned int found;
	bool missed;
	unsigned int count;
	struct audit_target targets[AUDIT_MAX_TARGETS];
};

/* A directory entry that is not present stands for a whole PASID table. */
static void audit_add_targets(struct audit *a, u16 sid)
{
	const struct vtdsim_caps *caps = &a->caps;
	struct vtdsim_context ctx;
	u32 pasid;
	u8 reason;

	if (vtdsim_fetch_context(caps, READ_ONCE(a->unit->rtaddr), sid, &ctx))
		return;
	for (pasid = 0; pasid < ctx.pasids; pasid++) {
		struct audit_target *t = &a->targets[a->count];

		if (a->count == AUDIT_MAX_TARGETS) {
			a->missed = true;
			return;
		}
		reason = vtdsim_fetch_pasid(caps, &ctx, pasid, &t->pe);
		if (reason == VTDSIM_FR_DIR_PRESENT)
			pasid |= BIT(TBL_PASID_TABLE_SHIFT) - 1;
		if (reason)
			continue;
		t->pasid = pasid;
		t->sid = sid;
		t->rid = pasid == ctx.rid_pasid;
		a->count++;
	}
}

__printf(3, 4)
static void audit_complain(struct audit *a, const char *section, const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	if (a->found++ >= AUDIT_MAX_PRINTED) {
		a->unit->stats.violations++;
		return;
	}
	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	vtdsim_violation(a->unit, section, "stale: %pV", &vaf);
	va_end(args);
}

/*
 * Translates an address by both stages or by the second alone, with no right asked
 * for. @map has the rights.
 */
static u8 audit_look_at(const struct audit *a, const struct audit_target *t, bool first,
			u64 addr, struct vtdsim_map *map, struct vtdsim_look *look)
{
	const struct vtdsim_req req = { .addr = addr, .priv = true };
	const struct vtdsim_walk w = {
		.caps = &a->caps, .pe = &t->pe, .pasid = t->pasid,
		.look = look,
	};

	memset(look, 0, sizeof(*look));
	if (first)
		return vtdsim_walk_first(&w, &req, map);
	return vtdsim_walk_second(&w, addr, false, false, map);
}

static const char *audit_compare_piece(const struct audit_target *t,
				       const struct vtdsim_map *old, u64 addr,
				       const struct vtdsim_map *now, bool dirty)
{
	if (old->out + (addr - old->in) != now->out + (addr - now->in))
		return "leads elsewhere in the tables";
	if (old->read > now->read || old->write > now->write ||
	    old->user > now->user || old->super_write > now->super_write)
		return "has fewer rights in the tables";
	if (vtdsim_uses_second_stage(&t->pe) && t->pe.ssade && old->dirty && !dirty)
		return "is not dirty any more in the tables";
	return NULL;
}

/* Returns what is stale about a cached mapping, or NULL. */
static const char *audit_compare_map(const struct audit *a, const struct audit_target *t,
				     bool first, const struct vtdsim_map *old)
{
	u64 addr = old->in, last = old->in + (BIT_ULL(old->shift) - 1);
	struct vtdsim_look look;
	const char *wrong = NULL;
	struct vtdsim_map now;
	unsigned int pieces;
	u8 reason;

	for (pieces = 0; !wrong && pieces < AUDIT_MAX_PIECES; pieces++) {
		reason = audit_look_at(a, t, first, addr, &now, &look);
		if (!reason)
			wrong = audit_compare_piece(t, old, addr, &now, look.dirty);
		else if (reason != VTDSIM_FR_INTERRUPT)
			return "leads nowhere in the tables";
		/* Skip a page with interrupt addresses: nothing to compare. */
		if (reason)
			now = (struct vtdsim_map) {
				.in = addr, .shift = PAGE_SHIFT,
			};
		if (now.in + (BIT_ULL(now.shift) - 1) >= last)
			break;
		addr = now.in + BIT_ULL(now.shift);
	}
	return wrong;
}

static const struct audit_target *audit_find_pasid(const struct audit *a, u16 sid, u32 pasid)
{
	unsigned int i;

	for (i = 0; i < a->count; i++)
		if (a->targets[i].sid == sid && a->targets[i].pasid == pasid)
			return &a->targets[i];
	return NULL;
}

/* Any entry with these tags will do: all must have the same tables. */
static const struct audit_target *audit_find_tags(const struct audit *a,
						  const struct vtdsim_key *key)
{
	bool second = key->kind == VTDSIM_KIND_IOTLB_SECOND ||
		      key->kind == VTDSIM_KIND_PSC_SECOND;
	unsigned int i;

	for (i = 0; i < a->count; i++) {
		const struct audit_target *t = &a->targets[i];

		if (t->pe.did != key->id ||
		    !(second ? vtdsim_uses_second_stage(&t->pe) : vtdsim_uses_first_stage(&t->pe)))
			continue;
		/* Second-stage non-leaf entries have no PASID. */
		if (key->kind == VTDSIM_KIND_PSC_SECOND ||
		    t->pasid == key->pasid)
			return t;
	}
	return NULL;
}

static const char *audit_compare_psc(const struct audit *a, const struct audit_target *t,
				     const struct vtdsim_cached *e)
{
	unsigned int level = (e->key.shift - PAGE_SHIFT) / 9 + 1;
	bool first = e->key.kind == VTDSIM_KIND_PSC_FIRST;
	const struct vtdsim_psc *old = &e->psc, *now;
	struct vtdsim_look look;
	struct vtdsim_map map;

	/* The walk may end at a lower level, where nothing is mapped. */
	audit_look_at(a, t, first, e->key.addr, &map, &look);
	now = first ? &look.first[level] : &look.second[level];
	if (!now->table)
		return "leads nowhere in the tables";
	if (old->table != now->table || old->guest != now->guest)
		return "leads elsewhere in the tables";
	if (old->read > now->read || old->write > now->write ||
	    old->user > now->user)
		return "has fewer rights in the tables";
	return NULL;
}

static bool audit_same_pasid(const struct vtdsim_pasid *a, const struct vtdsim_pasid *b)
{
	return !memcmp(a->raw, b->raw, sizeof(a->raw)) && a->at == b->at;
}

static const char *audit_compare_context(const struct audit *a,
					 const struct vtdsim_cached *e)
{
	struct vtdsim_context now;

	if (vtdsim_fetch_context(&a->caps, a->unit->rtaddr, e->key.id,
				 &now))
		return "is not there in the tables";
	if (memcmp(now.raw, e->ctx.raw, sizeof(now.raw)) || now.at != e->ctx.at)
		return "is another in the tables";
	return NULL;
}

static const char *audit_compare_pasid(const struct audit *a,
				       const struct vtdsim_cached *e)
{
	const struct audit_target *t = audit_find_pasid(a, e->key.id, e->key.pasid);

	if (!t)
		return a->missed ? NULL : "is not there in the tables";
	return audit_same_pasid(&t->pe, &e->pe) ? NULL : "is another in the tables";
}

static const char *audit_compare(const struct audit *a, const struct vtdsim_cached *e)
{
	const struct audit_target *t;

	if (e->key.kind == VTDSIM_KIND_CONTEXT)
		return audit_compare_context(a, e);
	if (e->key.kind == VTDSIM_KIND_PASID)
		return audit_compare_pasid(a, e);

	t = audit_find_tags(a, &e->key);
	if (!t)
		return a->missed ? NULL : "has tags that no PASID entry has";
	if (e->key.kind == VTDSIM_KIND_PSC_FIRST ||
	    e->key.kind == VTDSIM_KIND_PSC_SECOND)
		return audit_compare_psc(a, t, e);
	return audit_compare_map(a, t, e->key.kind == VTDSIM_KIND_IOTLB_FIRST,
				 &e->map);
}

static const struct audit_target *audit_find_requests(const struct audit *a,
						      const struct vtdsim_translation *t)
{
	unsigned int i;

	if (t->with_pasid)
		return audit_find_pasid(a, a->sid, t->pasid);
	for (i = 0; i < a->count; i++)
		if (a->targets[i].sid == a->sid && a->targets[i].rid)
			return &a->targets[i];
	return NULL;
}

static const char *audit_compare_translation(const struct audit *a,
					     const struct vtdsim_translation *t)
{
	const struct audit_target *target = audit_find_requests(a, t);
	const struct vtdsim_map old = {
		.in = t->in, .out = t->out, .shift = t->shift,
		.read = t->read,
		.write = t->write && !t->priv,
		.super_write = t->write && t->priv,
		.user = !t->priv,
		.dirty = t->write,
	};

	if (!target)
		return a->missed ? NULL : "is of a PASID without an entry";
	if (target->pe.pgtt == VTDSIM_PGTT_PASS)
		return t->in == t->out ? NULL : "leads elsewhere in the tables";
	return audit_compare_map(a, target, vtdsim_uses_first_stage(&target->pe), &old);
}

static void audit_check_translation(void *data, const struct vtdsim_translation *t)
{
	struct audit *a = data;
	const char *wrong;

	/* Interrupt addresses have no translation. */
	if (t->untranslated)
		return;
	wrong = audit_compare_translation(a, t);
	if (wrong)
		audit_complain(a, "6.5.3.3",
			       "device TLB of %04x: %s%u address %#llx+%#llx, which %s",
			       a->sid, t->with_pasid ? "PASID " : "no PASID, ",
			       t->with_pasid ? t->pasid : 0, t->in,
			       BIT_ULL(t->shift), wrong);
}

/* Each entry is reported once, by any rule. */
static void audit_caches(struct audit *a)
{
	struct vtdsim_cached *e;
	char text[VTDSIM_TEXT];
	const char *wrong;
	unsigned int kind;

	for (kind = 0; kind < VTDSIM_KINDS; kind++) {
		list_for_each_entry(e, &a->unit->cache->live[kind], live) {
			if (e->told)
				continue;
			wrong = audit_compare(a, e);
			if (!wrong)
				continue;
			e->told = true;
			audit_complain(a, "6.5.3.3", "%s, which %s",
				       vtdsim_cached_describe(e, text), wrong);
		}
	}
}

static void audit_devices(struct audit *a)
{
	struct vtdsim_requester *r;

	list_for_each_entry(r, &a->unit->requesters, node) {
		if (!r->ops->each)
			continue;
		a->sid = r->sid;
		r->ops->each(r, audit_check_translation, a);
	}
}

/* Reports lines that were read by the unit after they were written, and are not flushed yet. */
static void audit_lines(struct audit *a)
{
	struct vtdsim_lines *lines = a->unit->caps.lines;
	struct vtdsim_line *line = NULL;
	u64 hpa, got, now, since;

	while ((line = vtdsim_lines_next(lines, line)))
		if (vtdsim_line_differs(line, &hpa, &got, &now, &since))
			audit_complain(a, "3.10",
				       "memory at %#llx has %#llx instead of %#llx: not flushed since %llu.%06llu",
				       hpa, got, now, since / NSEC_PER_SEC,
				       since % NSEC_PER_SEC / NSEC_PER_USEC);
}

static void audit_run(struct vtdsim_unit *unit, struct audit *a)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	if (unit->cache)
		audit_caches(a);
	audit_devices(a);
	if (unit->caps.lines)
		audit_lines(a);
	if (a->found > AUDIT_MAX_PRINTED)
		pr_err("%s: violation: %u more stale entries\n", unit->name,
		       a->found - AUDIT_MAX_PRINTED);
	a->found += vtdsim_rule_unanswered(unit);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

static bool audit_is_translating(struct vtdsim_unit *unit)
{
	unsigned long flags;
	u32 status;

	raw_spin_lock_irqsave(&unit->lock, flags);
	status = vtdsim_reg_get32(unit, VTDSIM_GSTS);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return status & VTDSIM_G_TRANSLATION;
}

/**
 * vtdsim_audit() - compare all that is cached with the tables
 * @unit: the unit
 *
 * To be called when software does not change tables, and all invalidations that it
 * needs are complete. Each stale entry of the unit is one violation, in the first
 * audit that finds it. Each stale translation in a device TLB, page request without
 * response, and unflushed line of which the unit read old contents is one violation
 * in each audit. While translation is disabled, nothing is compared: no cached entry
 * can be used.
 *
 * Context: Process context, may sleep; takes the unit's lock.
 * Return: number of violations found, or -ENOMEM.
 */
int vtdsim_audit(struct vtdsim_unit *unit)
{
	u16 sids[VTDSIM_MAX_REQUESTERS];
	unsigned int i, n;
	struct audit *a;
	int found = 0;

	a = kvzalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return -ENOMEM;
	a->unit = unit;
	a->caps = unit->caps;
	a->caps.lines = NULL;
	if (audit_is_translating(unit)) {
		/* Reading all tables takes long, and needs no lock. */
		n = vtdsim_requester_sids(unit, sids, ARRAY_SIZE(sids));
		for (i = 0; i < n; i++)
			audit_add_targets(a, sids[i]);
		audit_run(unit, a);
		found = a->found;
	}
	kvfree(a);
	return found;
}
