// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule checker: memory freed while the unit may still use it.
 *
 * The unit may use the memory that a cache entry refers to until software has
 * invalidated the entry and knows that this is complete (sections 6.5.2.9 and
 * 6.5.3.3). A tracepoint of the page allocator reports each page that is freed.
 */
#include <linux/bitfield.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <trace/events/kmem.h>

#include "cache/internals.h"
#include "remap/remap.h"
#include "rules/rules.h"
#include "tables/cache_lines.h"
#include "tables/entries.h"
#include "tables/formats.h"
#include "unit/registers.h"
#include "unit/unit.h"
#include "unit/violation.h"

static DEFINE_MUTEX(vtdsim_watch_lock);
static LIST_HEAD(vtdsim_watched);

/**
 * struct freed - memory being freed, and entries that refer to it
 * @hpa: host address
 * @size: bytes
 * @oldest: oldest of the entries found that have not been reported before; those in
 *	use, and those that were invalidated
 * @count: number of these entries
 */
struct freed {
	u64 hpa;
	u64 size;
	struct vtdsim_cached *oldest[2];
	unsigned int count[2];
};

enum { FREED_LIVE, FREED_DROPPED };

static void freed_note_entry(struct vtdsim_cached *e, bool live, void *data)
{
	unsigned int which = live ? FREED_LIVE : FREED_DROPPED;
	struct freed *f = data;

	if (e->told)
		return;
	e->told = true;
	f->count[which]++;
	if (!f->oldest[which] || e->born < f->oldest[which]->born)
		f->oldest[which] = e;
}

static void freed_report(struct vtdsim_unit *unit, const struct freed *f,
			 unsigned int which, const char *section, const char *how)
{
	const struct vtdsim_cached *e = f->oldest[which];
	char text[VTDSIM_TEXT];

	if (!e)
		return;
	vtdsim_violation(unit, section, "%s freed at %#llx while %u cache entries %s; %s",
			 vtdsim_cached_refers(e, f->hpa, f->size), f->hpa, f->count[which], how,
			 vtdsim_cached_describe(e, text));
}

static void freed_check_caches(struct vtdsim_unit *unit, u64 hpa, u64 size)
{
	struct freed f = { .hpa = hpa, .size = size };

	vtdsim_cache_each_reference(unit->cache, hpa, size, freed_note_entry, &f);
	freed_report(unit, &f, FREED_LIVE, "6.5.3.3", "refer to it");
	freed_report(unit, &f, FREED_DROPPED, "6.5.2.9",
		     "were invalidated, but the wait has not completed");
}

/**
 * struct freed_used - memory that a register points to
 * @what: name for messages; NULL if none of it is freed
 * @section: section of the specification that has the register
 */
struct freed_used {
	const char *what;
	const char *section;
};

static bool freed_overlaps(u64 first, u64 bytes, u64 hpa, u64 size)
{
	return first < hpa + size && hpa < first + bytes;
}

static struct freed_used freed_find_used(const struct vtdsim_unit *unit, u64 hpa, u64 size)
{
	u32 gsts = vtdsim_reg_get32(unit, VTDSIM_GSTS);
	u64 iqa = vtdsim_reg_get64(unit, VTDSIM_IQA);
	u64 pqa = vtdsim_reg_get64(unit, VTDSIM_PQA);

	if (gsts & VTDSIM_G_TRANSLATION &&
	    freed_overlaps(unit->rtaddr & TBL_POINTER, PAGE_SIZE, hpa, size))
		return (struct freed_used){
			"root table freed while translation is enabled", "11.4.5",
		};
	if (gsts & VTDSIM_G_IR &&
	    freed_overlaps(unit->irta & VTDSIM_IRTA_IRTA, vtdsim_remap_table_bytes(unit),
			   hpa, size))
		return (struct freed_used){
			"interrupt remapping table freed while it is in use", "11.4.10",
		};
	if (gsts & VTDSIM_G_QI &&
	    freed_overlaps(iqa & VTDSIM_IQA_IQA,
			   (u64)PAGE_SIZE << FIELD_GET(VTDSIM_IQA_QS, iqa), hpa, size))
		return (struct freed_used){
			"invalidation queue freed while it is enabled", "11.4.9.3",
		};
	/* Software disables this queue by clearing its address. */
	if (pqa & VTDSIM_PQA_PQA &&
	    freed_overlaps(pqa & VTDSIM_PQA_PQA,
			   (u64)PAGE_SIZE << FIELD_GET(VTDSIM_PQA_PQS, pqa), hpa, size))
		return (struct freed_used){
			"page request queue freed while its address is set", "11.4.11.3",
		};
	return (struct freed_used){};
}

/**
 * vtdsim_rule_freed() - memory is being freed: may the unit still use it?
 * @unit: the unit
 * @hpa: host address
 * @size: bytes
 *
 * Any number of entries that refer to it counts as one violation.
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_rule_freed(struct vtdsim_unit *unit, u64 hpa, u64 size)
{
	struct vtdsim_cache *c = READ_ONCE(unit->cache);
	/* No race for correct software: it changes the registers before it frees memory. */
	struct freed_used used = data_race(freed_find_used(unit, hpa, size));
	bool lines = vtdsim_lines_may_have(unit->caps.lines, hpa, size);
	unsigned long flags;
	bool lent;

	if (!c)
		return;
	lent = vtdsim_cache_may_be_lent(c, hpa, size);
	if (!used.what && !lines && !lent && !vtdsim_cache_may_refer(c, hpa, size))
		return;

	raw_spin_lock_irqsave(&unit->lock, flags);
	if (lines)
		vtdsim_lines_forget(unit->caps.lines, hpa, size);
	if (used.what)
		vtdsim_violation(unit, used.section, "%s, at %#llx", used.what,
				 hpa);
	freed_check_caches(unit, hpa, size);
	if (lent)
		vtdsim_rule_lent(unit, hpa, size);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

static void rule_check_root(struct vtdsim_unit *unit, u16 sid, u32 pasid,
			    const char *what, u64 root)
{
	u64 pfn = PHYS_PFN(root);

	/* A page table is a page of its own, so the page has a count. */
	if (pfn_valid(pfn) && !page_count(pfn_to_page(pfn)))
		vtdsim_violation(unit, "6.5.3.3",
				 "PASID-table entry of %04x PASID %u has its %s in free memory at %#llx",
				 sid, pasid, what, root);
}

/**
 * vtdsim_rule_roots() - does a PASID entry point to memory that is free?
 * @unit: the unit
 * @sid: source-id that the entry was found for
 * @pasid: PASID that the entry was found for
 * @pe: the entry, present and without errors
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_rule_roots(struct vtdsim_unit *unit, u16 sid, u32 pasid,
		       const struct vtdsim_pasid *pe)
{
	if (vtdsim_uses_second_stage(pe))
		rule_check_root(unit, sid, pasid, "second-stage root", pe->ss_root);
	else if (pe->pgtt == VTDSIM_PGTT_FIRST)
		rule_check_root(unit, sid, pasid, "first-stage root", pe->fs_root);
}

static void vtdsim_page_freed(void *unused, struct page *page, unsigned int order)
{
	struct vtdsim_rules *rules;

	/* Tracepoints are called with preemption disabled. */
	list_for_each_entry_rcu(rules, &vtdsim_watched, watch,
				rcu_read_lock_sched_held())
		vtdsim_rule_freed(rules->unit, page_to_phys(page),
				  PAGE_SIZE << order);
}

/**
 * vtdsim_watch() - check all memory that is freed, for a unit
 * @unit: the unit, with the rule checker installed
 *
 * Context: Process context, may sleep.
 * Return: 0, or why pages cannot be watched.
 */
int vtdsim_watch(struct vtdsim_unit *unit)
{
	int ret = 0;

	mutex_lock(&vtdsim_watch_lock);
	if (list_empty(&vtdsim_watched))
		ret = register_trace_mm_page_free(vtdsim_page_freed, NULL);
	if (!ret)
		list_add_rcu(&vtdsim_unit_rules(unit)->watch, &vtdsim_watched);
	mutex_unlock(&vtdsim_watch_lock);
	return ret;
}

/**
 * vtdsim_unwatch() - undo vtdsim_watch()
 * @unit: the unit, which is not called any more on return
 *
 * Context: Process context, may sleep.
 */
void vtdsim_unwatch(struct vtdsim_unit *unit)
{
	mutex_lock(&vtdsim_watch_lock);
	list_del_rcu(&vtdsim_unit_rules(unit)->watch);
	if (list_empty(&vtdsim_watched))
		unregister_trace_mm_page_free(vtdsim_page_freed, NULL);
	mutex_unlock(&vtdsim_watch_lock);
	tracepoint_synchronize_unregister();
}
