// SPDX-License-Identifier: GPL-2.0-only
/*
 * The address translation cache of an endpoint (PCI Express section 10.1).
 *
 * Like the unit's own caches it keeps entries until they are invalidated, so that
 * each missing invalidation shows. If a limit has been set, the oldest entry is
 * evicted. Memory for an entry is allocated before the unit's lock is taken.
 */
#include <linux/bits.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "endpoint/atc.h"

struct atc_entry {
	struct hlist_node hash;
	struct list_head node;
	struct vtdsim_translation t;
};

/**
 * vtdsim_atc_init() - make an empty cache
 * @atc: memory for it
 *
 * Context: Any; the cache is not in use yet.
 */
void vtdsim_atc_init(struct vtdsim_atc *atc)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(atc->buckets); i++)
		INIT_HLIST_HEAD(&atc->buckets[i]);
	INIT_LIST_HEAD(&atc->live);
	INIT_LIST_HEAD(&atc->free);
	atc->count = 0;
	atc->limit = 0;
	atc->shifts = 0;
}

/**
 * vtdsim_atc_destroy() - free what a cache holds
 * @atc: cache
 *
 * Context: Process context; the cache is not in use any more.
 */
void vtdsim_atc_destroy(struct vtdsim_atc *atc)
{
	struct atc_entry *e, *next;

	vtdsim_atc_flush(atc);
	list_for_each_entry_safe(e, next, &atc->free, node)
		kfree(e);
	INIT_LIST_HEAD(&atc->free);
}

/**
 * vtdsim_atc_reserve() - make room for one translation
 * @unit: the unit that the endpoint is behind
 * @atc: cache
 *
 * The room stays: only the caller adds translations.
 *
 * Context: Process context, may sleep; takes the unit's lock.
 * Return: 0 or -ENOMEM.
 */
int vtdsim_atc_reserve(struct vtdsim_unit *unit, struct vtdsim_atc *atc)
{
	struct atc_entry *e;
	unsigned long flags;
	bool ready;

	raw_spin_lock_irqsave(&unit->lock, flags);
	ready = !list_empty(&atc->free);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	if (ready)
		return 0;

	e = kzalloc(sizeof(*e), GFP_KERNEL);
	if (!e)
		return -ENOMEM;
	raw_spin_lock_irqsave(&unit->lock, flags);
	list_add(&e->node, &atc->free);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return 0;
}

static struct hlist_head *atc_bucket(struct vtdsim_atc *atc, u64 addr, u8 shift)
{
	return &atc->buckets[hash_64(addr >> shift, VTDSIM_ATC_BITS)];
}

static bool atc_same_requests(const struct vtdsim_translation *a,
			      const struct vtdsim_translation *b)
{
	return a->with_pasid == b->with_pasid && a->priv == b->priv &&
	       (!a->with_pasid || a->pasid == b->pasid);
}

/* Is a translation for such requests, whatever its rights? */
static bool atc_covers(const struct vtdsim_translation *t,
		       const struct vtdsim_req *req)
{
	return t->in == (req->addr & ~0ULL << t->shift) &&
	       t->with_pasid == req->with_pasid &&
	       (!t->with_pasid ||
		(t->pasid == req->pasid && t->priv == req->priv));
}

/**
 * vtdsim_atc_find() - look for a translation that serves a request
 * @atc: cache
 * @req: the request
 * @t: filled when found
 *
 * Context: Caller holds the unit's lock.
 * Return: true when found; large translations are preferred.
 */
bool vtdsim_atc_find(struct vtdsim_atc *atc, const struct vtdsim_req *req,
		     struct vtdsim_translation *t)
{
	unsigned int shift;
	struct atc_entry *e;

	for (shift = 63; shift >= PAGE_SHIFT; shift--) {
		if (!(atc->shifts & BIT_ULL(shift)))
			continue;
		hlist_for_each_entry(e, atc_bucket(atc, req->addr, shift), hash) {
			if (e->t.shift != shift || !atc_covers(&e->t, req) ||
			    !vtdsim_translation_allows(&e->t, req))
				continue;
			*t = e->t;
			return true;
		}
	}
	return false;
}

static void atc_drop(struct vtdsim_atc *atc, struct atc_entry *e)
{
	hlist_del(&e->hash);
	list_move(&e->node, &atc->free);
	atc->count--;
}

/**
 * vtdsim_atc_add() - keep a translation
 * @atc: cache, vtdsim_atc_reserve() has made room
 * @t: the translation; takes the place of one of the same range
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_atc_add(struct vtdsim_atc *atc, const struct vtdsim_translation *t)
{
	struct hlist_head *head = atc_bucket(atc, t->in, t->shift);
	struct atc_entry *e;

	hlist_for_each_entry(e, head, hash) {
		if (e->t.in == t->in && e->t.shift == t->shift &&
		    atc_same_requests(&e->t, t)) {
			e->t = *t;
			return;
		}
	}

	if (atc->limit && atc->count >= atc->limit)
		atc_drop(atc, list_first_entry(&atc->live, struct atc_entry, node));
	e = list_first_entry_or_null(&atc->free, struct atc_entry, node);
	if (WARN_ON_ONCE(!e))
		return;
	atc->count++;
	e->t = *t;
	hlist_add_head(&e->hash, head);
	list_move_tail(&e->node, &atc->live);
	atc->shifts |= BIT_ULL(t->shift);
}

/*
 * Without PASID, an invalidation selects all translations in the range. With
 * PASID it selects those of that PASID, or of all PASIDs if it is global (PCIe
 * 10.3.8).
 */
static bool atc_selected(const struct vtdsim_translation *t,
			 const struct vtdsim_devtlb_inv *inv)
{
	unsigned int shift = max_t(unsigned int, t->shift,
				   PAGE_SHIFT + inv->order);

	if (inv->with_pasid &&
	    (!t->with_pasid || (!inv->global && t->pasid != inv->pasid)))
		return false;
	return shift >= 64 || !((t->in ^ inv->addr) >> shift);
}

/**
 * vtdsim_atc_invalidate() - drop translations that an invalidation selects
 * @atc: cache
 * @inv: the invalidation
 *
 * Drops translations that are only in part in the range, too.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_atc_invalidate(struct vtdsim_atc *atc,
			   const struct vtdsim_devtlb_inv *inv)
{
	struct atc_entry *e, *next;

	list_for_each_entry_safe(e, next, &atc->live, node)
		if (atc_selected(&e->t, inv))
			atc_drop(atc, e);
}

/**
 * vtdsim_atc_flush() - drop everything
 * @atc: cache
 *
 * Context: Caller holds the unit's lock, or nobody else uses the cache.
 */
void vtdsim_atc_flush(struct vtdsim_atc *atc)
{
	struct atc_entry *e, *next;

	list_for_each_entry_safe(e, next, &atc->live, node)
		atc_drop(atc, e);
}

/**
 * vtdsim_atc_each() - iterate over a cache
 * @atc: cache
 * @fn: called for each translation, oldest first; must not change the cache
 * @data: for @fn
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_atc_each(struct vtdsim_atc *atc,
		     void (*fn)(void *data, const struct vtdsim_translation *t),
		     void *data)
{
	struct atc_entry *e;

	list_for_each_entry(e, &atc->live, node)
		fn(data, &e->t);
}

/**
 * vtdsim_translation_decode() - decode a completion
 * @req: the request that it answers
 * @cpl: a successful completion
 * @t: the translation
 *
 * Context: Any.
 */
void vtdsim_translation_decode(const struct vtdsim_req *req,
			       const struct vtdsim_completion *cpl,
			       struct vtdsim_translation *t)
{
	u8 shift = PAGE_SHIFT;

	if (cpl->size)
		shift += ffz(cpl->addr >> PAGE_SHIFT) + 1;
	*t = (struct vtdsim_translation) {
		.in = req->addr & ~0ULL << shift,
		.out = cpl->addr & ~0ULL << shift,
		.pasid = req->pasid,
		.shift = shift,
		.with_pasid = req->with_pasid,
		.priv = req->with_pasid && req->priv,
		.untranslated = cpl->untranslated,
		.read = cpl->read,
		.write = cpl->write,
		.exec = cpl->exec,
	};
}

/**
 * vtdsim_translation_allows() - does a translation have the rights for a request?
 * @t: translation
 * @req: the request
 *
 * Context: Any.
 * Return: true if it has.
 */
bool vtdsim_translation_allows(const struct vtdsim_translation *t,
			       const struct vtdsim_req *req)
{
	return (t->read || !req->read) && (t->write || !req->write) &&
	       (t->exec || !req->exec);
}
