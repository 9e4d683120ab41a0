// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translation caches of a unit: eviction, when a cache is as full as it may be or when there
 * is no unused entry.
 */
#include <linux/list.h>

#include "cache/internals.h"

/**
 * vtdsim_cache_take_out() - make an entry unused, the first of these to be filled again
 * @c: caches
 * @e: entry in use
 *
 * Context: Caller holds the lock of the caches' unit.
 */
void vtdsim_cache_take_out(struct vtdsim_cache *c, struct vtdsim_cached *e)
{
	hlist_del_init(&e->hash);
	list_del_init(&e->domain);
	list_move(&e->live, &c->free);
	e->dropped = 0;
	c->count[e->key.kind]--;
	c->free_count++;
}

/* Do two kinds share a cache, and so its limit? */
static bool evict_shares(enum vtdsim_kind a, enum vtdsim_kind b)
{
	bool psc = a == VTDSIM_KIND_PSC_SECOND || a == VTDSIM_KIND_PSC_FIRST;

	return a == b || (vtdsim_kind_is_mapping(a) && vtdsim_kind_is_mapping(b)) ||
	       (psc && (b == VTDSIM_KIND_PSC_SECOND || b == VTDSIM_KIND_PSC_FIRST));
}

/* The oldest entry of all kinds, or of those that share a cache with *@kind */
static struct vtdsim_cached *evict_find_oldest(struct vtdsim_cache *c,
					       const enum vtdsim_kind *kind)
{
	struct vtdsim_cached *e, *oldest = NULL;
	enum vtdsim_kind i;

	for (i = 0; i < VTDSIM_KINDS; i++) {
		if (kind && !evict_shares(i, *kind))
			continue;
		e = list_first_entry_or_null(&c->live[i], struct vtdsim_cached, live);
		if (e && (!oldest || e->born < oldest->born))
			oldest = e;
	}
	return oldest;
}

static u32 evict_limit(const struct vtdsim_cache *c, enum vtdsim_kind kind)
{
	if (kind == VTDSIM_KIND_CONTEXT)
		return 0;
	if (kind == VTDSIM_KIND_PASID)
		return c->limits.pasid;
	return vtdsim_kind_is_mapping(kind) ? c->limits.iotlb : c->limits.psc;
}

/**
 * vtdsim_cache_evict() - evict an entry if the limit for its kind is reached
 * @c: caches
 * @kind: kind of the entry
 *
 * Context: Caller holds the lock of the caches' unit.
 */
void vtdsim_cache_evict(struct vtdsim_cache *c, enum vtdsim_kind kind)
{
	u32 limit = evict_limit(c, kind);
	unsigned int count = 0;
	enum vtdsim_kind i;

	if (!limit)
		return;
	for (i = 0; i < VTDSIM_KINDS; i++)
		if (evict_shares(i, kind))
			count += c->count[i];
	if (count >= limit)
		vtdsim_cache_take_out(c, evict_find_oldest(c, &kind));
}

/**
 * vtdsim_cache_evict_oldest() - evict the oldest entries of all kinds
 * @c: caches
 * @room: how many entries are to be unused after that
 *
 * Context: Caller holds the lock of the caches' unit.
 */
void vtdsim_cache_evict_oldest(struct vtdsim_cache *c, unsigned int room)
{
	struct vtdsim_cached *oldest;

	while (c->free_count < room) {
		oldest = evict_find_oldest(c, NULL);
		if (!oldest)
			return;
		vtdsim_cache_take_out(c, oldest);
	}
}
