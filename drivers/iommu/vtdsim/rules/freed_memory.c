// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule checker: memory freed while the unit may still use it.
 *
 * What a cache entry refers to belongs to the unit until software has
 * invalidated the entry and knows that this is complete (sections 6.5.2.9 and
 * 6.5.3.3): the tables that a walk would go on from, and the page that a
 * mapping leads to. The page allocator tells of each page that is freed.
 */
#include <linux/bitfield.h>
#include <linux/bitmap.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <trace/events/kmem.h>

#include "cache/internals.h"
#include "tables/cache_lines.h"
#include "tables/formats.h"
#include "unit/registers.h"

static DEFINE_MUTEX(watch_lock);
static LIST_HEAD(watched);

/**
 * struct span - memory that an entry refers to
 * @what: name for messages; NULL ends a list
 * @first: host address
 * @bytes: size
 */
struct span {
	const char *what;
	u64 first;
	u64 bytes;
};

#define MAX_SPANS	3

static bool uses_second(const struct vtdsim_pasid *pe)
{
	return pe->pgtt == VTDSIM_PGTT_SECOND || pe->pgtt == VTDSIM_PGTT_NESTED;
}

static void context_spans(const struct vtdsim_context *ctx, struct span *s)
{
	s[0] = (struct span){ "context table", ctx->at & PAGE_MASK, PAGE_SIZE };
	s[1] = (struct span){
		"PASID directory", ctx->pasid_dir,
		max(ctx->pasids >> TBL_PASID_TABLE_SHIFT, 1U) * TBL_DIR_BYTES,
	};
}

/* The first stage's root is a guest address when nested. */
static void pasid_spans(const struct vtdsim_pasid *pe, struct span *s)
{
	*s++ = (struct span){ "PASID table", pe->at & PAGE_MASK, PAGE_SIZE };
	if (uses_second(pe))
		*s++ = (struct span){
			"second-stage root", pe->ss_root, PAGE_SIZE,
		};
	else if (pe->pgtt == VTDSIM_PGTT_FIRST)
		*s++ = (struct span){
			"first-stage root", pe->fs_root, PAGE_SIZE,
		};
}

static void spans_of(const struct vtdsim_cached *e, struct span s[MAX_SPANS + 1])
{
	memset(s, 0, (MAX_SPANS + 1) * sizeof(*s));
	switch (e->key.kind) {
	case VTDSIM_KIND_CONTEXT:
		context_spans(&e->ctx, s);
		break;
	case VTDSIM_KIND_PASID:
		pasid_spans(&e->pe, s);
		break;
	case VTDSIM_KIND_PSC_SECOND:
		s[0] = (struct span){
			"second-stage table", e->psc.table, PAGE_SIZE,
		};
		break;
	case VTDSIM_KIND_PSC_FIRST:
		s[0] = (struct span){
			"first-stage table", e->psc.table, PAGE_SIZE,
		};
		break;
	default:
		s[0] = (struct span){
			"mapped page", e->map.out, BIT_ULL(e->map.shift),
		};
		break;
	}
}

/**
 * vtdsim_cache_hold() - note that an entry refers to memory
 * @c: the caches
 * @e: an entry of them, just filled
 *
 * Context: Caller holds the lock of the caches' unit.
 */
void vtdsim_cache_hold(struct vtdsim_cache *c, const struct vtdsim_cached *e)
{
	struct span spans[MAX_SPANS + 1], *s;

	spans_of(e, spans);
	for (s = spans; s->what; s++) {
		u64 pages = DIV_ROUND_UP(s->bytes, PAGE_SIZE);
		unsigned int first = PHYS_PFN(s->first) % VTDSIM_HELD_PAGES;
		unsigned int n = min(pages, VTDSIM_HELD_PAGES - first);

		if (pages >= VTDSIM_HELD_PAGES) {
			bitmap_fill(c->held, VTDSIM_HELD_PAGES);
			return;
		}
		bitmap_set(c->held, first, n);
		bitmap_set(c->held, 0, pages - n);
	}
}

/*
 * Without the lock: an entry that refers to memory which is being freed was
 * made, and noted, before software came to free it.
 */
static bool may_be_held(const struct vtdsim_cache *c, u64 hpa, u64 size)
{
	u64 pfn;

	for (pfn = PHYS_PFN(hpa); pfn < PHYS_PFN(hpa + size); pfn++)
		/* Bits that others set meanwhile are of other memory. */
		if (data_race(test_bit(pfn % VTDSIM_HELD_PAGES, c->held)))
			return true;
	return false;
}

/* What part of it does an entry refer to? NULL for none. */
static const char *held_part(const struct vtdsim_cached *e, u64 hpa, u64 size)
{
	struct span spans[MAX_SPANS + 1], *s;

	spans_of(e, spans);
	for (s = spans; s->what; s++)
		if (s->first < hpa + size && hpa < s->first + s->bytes)
			return s->what;
	return NULL;
}

/**
 * struct freed - memory being freed, and who refers to it
 * @hpa: host address
 * @size: bytes
 * @entry: oldest entry found, which has not been reported
 * @count: number of such entries
 */
struct freed {
	u64 hpa;
	u64 size;
	struct vtdsim_cached *entry;
	unsigned int count;
};

static void check(struct vtdsim_cache *c, struct vtdsim_cached *e,
		  struct freed *f)
{
	vtdsim_cache_hold(c, e);
	if (e->told || !held_part(e, f->hpa, f->size))
		return;
	e->told = true;
	f->count++;
	if (!f->entry || e->born < f->entry->born)
		f->entry = e;
}

static void report(struct vtdsim_unit *unit, const struct freed *f,
		   const char *section, const char *how)
{
	char text[VTDSIM_TEXT];

	vtdsim_violation(unit, section,
			 "%s freed at %#llx while %u cache entries %s; %s",
			 held_part(f->entry, f->hpa, f->size), f->hpa, f->count,
			 how, vtdsim_describe(f->entry, text));
}

/* Entries that were invalidated, but software does not know yet */
static void check_dropped(struct vtdsim_unit *unit, struct freed f)
{
	struct vtdsim_cache *c = unit->cache;
	struct vtdsim_cached *e;

	list_for_each_entry_reverse(e, &c->free, live) {
		if (e->dropped != c->epoch)
			break;
		check(c, e, &f);
	}
	if (f.entry)
		report(unit, &f, "6.5.2.9",
		       "were invalidated, but the wait has not completed");
}

static void check_live(struct vtdsim_unit *unit, struct freed f)
{
	struct vtdsim_cache *c = unit->cache;
	struct vtdsim_cached *e;
	unsigned int kind;

	for (kind = 0; kind < VTDSIM_KINDS; kind++)
		list_for_each_entry(e, &c->live[kind], live)
			check(c, e, &f);
	if (f.entry)
		report(unit, &f, "6.5.3.3", "refer to it");
}

/**
 * struct used - memory that the unit has been told of by register
 * @what: name for messages; NULL if none is freed
 * @section: section that has the register
 */
struct used {
	const char *what;
	const char *section;
};

static bool is_in(u64 first, u64 bytes, u64 hpa, u64 size)
{
	return first < hpa + size && hpa < first + bytes;
}

static struct used find_used(const struct vtdsim_unit *unit, u64 hpa, u64 size)
{
	u32 gsts = vtdsim_reg_get32(unit, VTDSIM_GSTS);
	u64 iqa = vtdsim_reg_get64(unit, VTDSIM_IQA);
	u64 pqa = vtdsim_reg_get64(unit, VTDSIM_PQA);

	if (gsts & VTDSIM_G_TRANSLATION &&
	    is_in(unit->rtaddr & TBL_POINTER, PAGE_SIZE, hpa, size))
		return (struct used){
			"root table freed while translation is enabled", "11.4.5",
		};
	if (gsts & VTDSIM_G_QI &&
	    is_in(iqa & VTDSIM_IQA_IQA,
		  (u64)PAGE_SIZE << FIELD_GET(VTDSIM_IQA_QS, iqa), hpa, size))
		return (struct used){
			"invalidation queue freed while it is enabled", "11.4.9.3",
		};
	/* There is no other way to say that there is none. */
	if (pqa & VTDSIM_PQA_PQA &&
	    is_in(pqa & VTDSIM_PQA_PQA,
		  (u64)PAGE_SIZE << FIELD_GET(VTDSIM_PQA_PQS, pqa), hpa, size))
		return (struct used){
			"page request queue freed while its address is set", "11.4.11.3",
		};
	return (struct used){};
}

/**
 * vtdsim_rule_freed() - memory is being freed: may the unit still use it?
 * @unit: the unit
 * @hpa: host address
 * @size: bytes
 *
 * However many entries refer to it, they make one violation.
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_rule_freed(struct vtdsim_unit *unit, u64 hpa, u64 size)
{
	struct vtdsim_cache *c = READ_ONCE(unit->cache);
	const struct freed f = { .hpa = hpa, .size = size };
	/* Who frees it has changed the registers before, or not. */
	struct used used = data_race(find_used(unit, hpa, size));
	bool lines = vtdsim_lines_may_have(unit->caps.lines, hpa, size);
	unsigned long flags;

	if (!c || (!used.what && !lines && !may_be_held(c, hpa, size)))
		return;

	raw_spin_lock_irqsave(&unit->lock, flags);
	if (lines)
		vtdsim_lines_forget(unit->caps.lines, hpa, size);
	if (used.what)
		vtdsim_violation(unit, used.section, "%s, at %#llx", used.what,
				 hpa);
	/* Noted anew below: what is no longer referred to costs no more. */
	bitmap_zero(c->held, VTDSIM_HELD_PAGES);
	check_live(unit, f);
	check_dropped(unit, f);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

static void check_root(struct vtdsim_unit *unit, u16 sid, u32 pasid,
		       const char *what, u64 root)
{
	u64 pfn = PHYS_PFN(root);

	/* A page table is a page of its own, so that it has a count. */
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
	if (uses_second(pe))
		check_root(unit, sid, pasid, "second-stage root", pe->ss_root);
	else if (pe->pgtt == VTDSIM_PGTT_FIRST)
		check_root(unit, sid, pasid, "first-stage root", pe->fs_root);
}

static void page_freed(void *unused, struct page *page, unsigned int order)
{
	struct vtdsim_unit *unit;

	/* Tracepoints are called below rcu_read_lock_sched(), or better. */
	list_for_each_entry_rcu(unit, &watched, watch,
				rcu_read_lock_sched_held())
		vtdsim_rule_freed(unit, page_to_phys(page), PAGE_SIZE << order);
}

/**
 * vtdsim_watch() - have a unit check all memory that is freed
 * @unit: the unit
 *
 * Context: Process context, may sleep.
 * Return: 0, or why pages cannot be watched.
 */
int vtdsim_watch(struct vtdsim_unit *unit)
{
	int ret = 0;

	mutex_lock(&watch_lock);
	if (list_empty(&watched))
		ret = register_trace_mm_page_free(page_freed, NULL);
	if (!ret)
		list_add_rcu(&unit->watch, &watched);
	mutex_unlock(&watch_lock);
	return ret;
}

/**
 * vtdsim_unwatch() - undo vtdsim_watch()
 * @unit: the unit; nothing calls into it any more on return
 *
 * Context: Process context, may sleep.
 */
void vtdsim_unwatch(struct vtdsim_unit *unit)
{
	mutex_lock(&watch_lock);
	list_del_rcu(&unit->watch);
	if (list_empty(&watched))
		unregister_trace_mm_page_free(page_freed, NULL);
	mutex_unlock(&watch_lock);
	tracepoint_synchronize_unregister();
}
