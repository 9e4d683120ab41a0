// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt entry cache of a unit (VT-d specification chapter 6).
 *
 * It keeps an entry until software invalidates it, or an entry with another index
 * needs the place. An entry that causes a fault is not cached: the unit does not
 * report caching mode.
 */
#include <linux/limits.h>
#include <linux/slab.h>

#include "remap/entry_cache.h"

/**
 * vtdsim_irte_cache_create() - create an empty interrupt entry cache
 *
 * Context: Process context, may sleep.
 * Return: the cache, or NULL when there is no memory.
 */
struct vtdsim_irte_cache *vtdsim_irte_cache_create(void)
{
	return kvzalloc(sizeof(struct vtdsim_irte_cache), GFP_KERNEL);
}

/**
 * vtdsim_irte_cache_destroy() - free an interrupt entry cache
 * @c: from vtdsim_irte_cache_create(), or NULL
 *
 * Context: Process context, may sleep.
 */
void vtdsim_irte_cache_destroy(struct vtdsim_irte_cache *c)
{
	kvfree(c);
}

/**
 * vtdsim_irte_cache_find() - look an entry up
 * @c: the cache
 * @index: index of the entry
 * @irte: the entry
 *
 * Context: Caller holds the lock of the cache's unit.
 * Return: false if it is not cached.
 */
bool vtdsim_irte_cache_find(const struct vtdsim_irte_cache *c, u32 index,
			    struct vtdsim_irte *irte)
{
	const struct vtdsim_irte_cached *e = &c->entry[index % VTDSIM_IRTE_CACHE];

	if (!e->used || e->index != index)
		return false;
	*irte = e->irte;
	return true;
}

/**
 * vtdsim_irte_cache_add() - cache an entry
 * @c: the cache
 * @index: index of the entry
 * @irte: the entry
 *
 * Context: Caller holds the lock of the cache's unit.
 */
void vtdsim_irte_cache_add(struct vtdsim_irte_cache *c, u32 index,
			   const struct vtdsim_irte *irte)
{
	c->entry[index % VTDSIM_IRTE_CACHE] = (struct vtdsim_irte_cached) {
		.irte = *irte, .index = index, .used = true,
	};
}

/**
 * vtdsim_irte_cache_drop() - invalidate entries
 * @c: the cache
 * @first: index of the first one
 * @last: index of the last one
 *
 * Context: Caller holds the lock of the cache's unit.
 */
void vtdsim_irte_cache_drop(struct vtdsim_irte_cache *c, u32 first, u32 last)
{
	struct vtdsim_irte_cached *e;

	for (e = c->entry; e < c->entry + VTDSIM_IRTE_CACHE; e++)
		if (e->index >= first && e->index <= last)
			e->used = false;
}
