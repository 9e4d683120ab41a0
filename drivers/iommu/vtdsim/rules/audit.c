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
 *
 * There may be very many entries, so they are copied some at a time under the unit's
 * lock, and compared without it.
 */
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/stdarg.h>
#include <linux/time64.h>

#include "cache/internals.h"
#include "remap/entry_cache.h"
#include "remap/remap.h"
#include "rules/rules.h"
#include "rules/tables_now.h"
#include "tables/cache_lines.h"
#include "unit/registers.h"
#include "unit/requesters.h"
#include "unit/unit.h"
#include "unit/violation.h"

/* Print at most this many stale entries of an audit; all are counted. */
#define AUDIT_MAX_PRINTED	8

/**
 * struct audit - state of an audit
 * @unit: the unit
 * @now: its tables
 * @found: number of stale entries
 * @copies: copies of cache entries
 * @late: copies of translations that device TLBs may have
 */
struct audit {
	struct vtdsim_unit *unit;
	struct vtdsim_now now;
	unsigned int found;
	struct vtdsim_cached copies[VTDSIM_CACHE_RESERVE];
	struct vtdsim_refetch late[VTDSIM_MAX_REFETCHES];
};

/* The caller holds the unit's lock. */
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

/* Each entry is reported once, by any rule. */
static void audit_report_entry(struct audit *a, const struct vtdsim_cached *copy,
			       const char *wrong)
{
	struct vtdsim_cached *e;
	char text[VTDSIM_TEXT];
	unsigned long flags;

	raw_spin_lock_irqsave(&a->unit->lock, flags);
	e = vtdsim_cache_find_same(a->unit->cache, copy);
	if (e && !e->told) {
		e->told = true;
		audit_complain(a, "6.5.3.3", "%s, which %s", vtdsim_cached_describe(e, text),
			       wrong);
	}
	raw_spin_unlock_irqrestore(&a->unit->lock, flags);
}

static int audit_caches(struct audit *a)
{
	struct vtdsim_chunk *pos = NULL;
	const char *wrong;
	unsigned int i, n;
	int ret;

	do {
		n = vtdsim_cache_copy(a->unit, &pos, a->copies);
		for (i = 0; i < n; i++) {
			if (a->copies[i].told)
				continue;
			ret = vtdsim_now_compare(&a->now, &a->copies[i], &wrong);
			if (ret)
				return ret;
			if (wrong)
				audit_report_entry(a, &a->copies[i], wrong);
		}
		cond_resched();
	} while (pos);
	return 0;
}

/**
 * struct audit_device - copies of all translations in a device TLB
 * @room: number of elements of @t
 * @count: number of translations
 * @t: copies of the first of them
 */
struct audit_device {
	unsigned int room;
	unsigned int count;
	struct vtdsim_translation t[];
};

static void audit_copy_translation(void *data, const struct vtdsim_translation *t)
{
	struct audit_device *d = data;

	/* Interrupt addresses have no translation. */
	if (t->untranslated)
		return;
	if (d->count < d->room)
		d->t[d->count] = *t;
	d->count++;
}

/* Memory cannot be allocated under the lock, so guess the size and retry. */
static struct audit_device *audit_copy_device(struct vtdsim_unit *unit, u16 sid)
{
	struct vtdsim_requester *r;
	struct audit_device *d;
	unsigned int room = 64;
	unsigned long flags;

	for (;;) {
		d = kvzalloc(struct_size(d, t, room), GFP_KERNEL);
		if (!d)
			return NULL;
		d->room = room;
		raw_spin_lock_irqsave(&unit->lock, flags);
		r = vtdsim_requester_find(unit, sid);
		if (r && r->ops->each)
			r->ops->each(r, audit_copy_translation, d);
		raw_spin_unlock_irqrestore(&unit->lock, flags);
		if (d->count <= room)
			return d;
		room = d->count + 64;
		kvfree(d);
	}
}

static void audit_report_translation(struct audit *a, u16 sid, const struct vtdsim_translation *t,
				     const char *wrong)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&a->unit->lock, flags);
	audit_complain(a, "6.5.3.3", "device TLB of %04x: %s%u address %#llx+%#llx, which %s", sid,
		       t->with_pasid ? "PASID " : "no PASID, ", t->with_pasid ? t->pasid : 0,
		       t->in, BIT_ULL(t->shift), wrong);
	raw_spin_unlock_irqrestore(&a->unit->lock, flags);
}

static int audit_device(struct audit *a, u16 sid)
{
	struct audit_device *d = audit_copy_device(a->unit, sid);
	const char *wrong;
	unsigned int i;

	if (!d)
		return -ENOMEM;
	for (i = 0; i < d->count; i++) {
		wrong = vtdsim_now_compare_translation(&a->now, sid, &d->t[i]);
		if (wrong)
			audit_report_translation(a, sid, &d->t[i], wrong);
	}
	kvfree(d);
	return 0;
}

static void audit_report_late(struct audit *a, const struct vtdsim_refetch *l, const char *wrong)
{
	const struct vtdsim_sent *s = &l->sent;
	unsigned long flags;

	raw_spin_lock_irqsave(&a->unit->lock, flags);
	if (vtdsim_order_forget_late(a->unit, l))
		audit_complain(a, "6.5.2.5",
			       "device TLB of %04x was invalidated before the IOTLB: it may have %s%u addresses %#llx to %#llx, which %s",
			       s->sid, s->with_pasid ? "PASID " : "no PASID, ", s->pasid, s->first,
			       s->last, wrong);
	raw_spin_unlock_irqrestore(&a->unit->lock, flags);
}

/* Translations that device TLBs may have fetched when they were invalidated too early */
static void audit_order(struct audit *a)
{
	unsigned int i, n;
	const char *wrong;
	unsigned long flags;

	raw_spin_lock_irqsave(&a->unit->lock, flags);
	n = vtdsim_order_copy_late(a->unit, a->late);
	raw_spin_unlock_irqrestore(&a->unit->lock, flags);
	for (i = 0; i < n; i++) {
		wrong = vtdsim_order_compare_late(&a->now, &a->late[i]);
		if (wrong)
			audit_report_late(a, &a->late[i], wrong);
	}
}

/*
 * A changed PASID entry was invalidated in the PASID-cache, and its mappings were not,
 * or before that: a request may have brought them back by way of the old entry.
 */
static void audit_owed(struct audit *a)
{
	struct vtdsim_cached *e;

	list_for_each_entry(e, &a->unit->cache->owed, live) {
		if (e->told)
			continue;
		e->told = true;
		audit_complain(a, "6.5.3.3",
			       "mappings of %04x PASID %u, domain-id %u, not invalidated after its entry was in the PASID-cache",
			       e->key.id, e->key.pasid, e->pe.did);
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

/* An entry that is not used any more must not be cached either: its handle may be guessed. */
static void audit_irtes(struct audit *a)
{
	const struct vtdsim_irte_cached *e;
	struct vtdsim_irte now;

	for (e = a->unit->irtes->entry; e < a->unit->irtes->entry + VTDSIM_IRTE_CACHE; e++) {
		if (!e->used)
			continue;
		if (!vtdsim_remap_fetch(a->unit, e->index, &now))
			now = (struct vtdsim_irte) {};
		if (memcmp(&now, &e->irte, sizeof(now)))
			audit_complain(a, "6.5.3.3",
				       "interrupt remapping table entry %u is cached as %#llx %#llx, and is %#llx %#llx",
				       e->index, e->irte.q[1], e->irte.q[0], now.q[1], now.q[0]);
	}
}

/* What takes little time, and has to be looked at under the lock */
static void audit_locked(struct audit *a)
{
	struct vtdsim_unit *unit = a->unit;
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	if (unit->cache)
		audit_owed(a);
	if (unit->irtes)
		audit_irtes(a);
	if (unit->caps.lines)
		audit_lines(a);
	if (a->found > AUDIT_MAX_PRINTED)
		vtdsim_violation_more(unit, a->found - AUDIT_MAX_PRINTED);
	a->found += vtdsim_rule_unanswered(unit);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

static int audit_run(struct audit *a)
{
	unsigned int i;
	int ret = 0;

	if (a->unit->cache)
		ret = audit_caches(a);
	for (i = 0; i < a->now.count && !ret; i++)
		ret = audit_device(a, a->now.sids[i]);
	if (ret)
		return ret;
	audit_order(a);
	audit_locked(a);
	return 0;
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
 * audit that finds it, and so is each PASID entry whose mappings were not invalidated,
 * and each translation that a device TLB may have because of the order of
 * invalidations. Each stale translation in a device TLB, page request without response,
 * and unflushed line of which the unit read old contents is one violation in each audit.
 * While translation is disabled, nothing is compared: no cached entry can be used.
 *
 * Context: Process context, may sleep; takes the unit's lock.
 * Return: number of violations found, or -ENOMEM.
 */
int vtdsim_audit(struct vtdsim_unit *unit)
{
	struct audit *a;
	int ret = 0;

	if (!audit_is_translating(unit))
		return 0;
	a = kvzalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return -ENOMEM;
	a->unit = unit;
	vtdsim_now_init(&a->now, unit);
	ret = audit_run(a) ?: a->found;
	vtdsim_now_destroy(&a->now);
	kvfree(a);
	return ret;
}
