// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translation caches of a unit: the memory that their entries are in.
 *
 * Memory is allocated for one request at a time, before the unit's lock is taken, and
 * stays with the caches. There is a limit, because tables of a guest decide how much
 * is cached: caches that have reached it evict their oldest entries.
 */
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "cache/internals.h"
#include "unit/unit.h"

static void cache_adopt_chunk(struct vtdsim_cache *c, struct vtdsim_chunk *chunk)
{
	unsigned int i;

	/* Use new entries before those that were invalidated last. */
	list_add_tail(&chunk->node, &c->chunks);
	for (i = 0; i < ARRAY_SIZE(chunk->entries); i++) {
		INIT_LIST_HEAD(&chunk->entries[i].domain);
		list_add(&chunk->entries[i].live, &c->free);
	}
	c->free_count += ARRAY_SIZE(chunk->entries);
	c->entries += ARRAY_SIZE(chunk->entries);
}

/* At most an eighth of all memory */
static unsigned int cache_default_entries(void)
{
	u64 bytes = (u64)totalram_pages() << (PAGE_SHIFT - 3);

	return min_t(u64, VTDSIM_CACHE_ENTRIES, bytes / sizeof(struct vtdsim_cached));
}

/**
 * vtdsim_cache_create() - create empty caches with room for one request
 *
 * Context: Process context, may sleep.
 * Return: the caches, to be given to vtdsim_cache_destroy(); NULL when there
 *	is no memory.
 */
struct vtdsim_cache *vtdsim_cache_create(void)
{
	struct vtdsim_chunk *chunk;
	struct vtdsim_cache *c;
	unsigned int i;

	c = kvzalloc(sizeof(*c), GFP_KERNEL);
	chunk = kzalloc(sizeof(*chunk), GFP_KERNEL);
	if (!c || !chunk) {
		kvfree(c);
		kfree(chunk);
		return NULL;
	}

	for (i = 0; i < ARRAY_SIZE(c->live); i++)
		INIT_LIST_HEAD(&c->live[i]);
	for (i = 0; i < ARRAY_SIZE(c->domains); i++)
		INIT_LIST_HEAD(&c->domains[i]);
	INIT_LIST_HEAD(&c->free);
	INIT_LIST_HEAD(&c->owed);
	INIT_LIST_HEAD(&c->chunks);
	c->epoch = 1;
	c->dropping = 1;
	c->told = 1;
	c->max_entries = cache_default_entries();
	cache_adopt_chunk(c, chunk);
	return c;
}

/**
 * vtdsim_cache_destroy() - free caches with all that they hold
 * @cache: from vtdsim_cache_create(), or NULL
 *
 * Context: Process context. Nobody uses the caches any more.
 */
void vtdsim_cache_destroy(struct vtdsim_cache *cache)
{
	struct vtdsim_chunk *chunk, *next;

	if (!cache)
		return;
	list_for_each_entry_safe(chunk, next, &cache->chunks, node)
		kfree(chunk);
	kvfree(cache);
}

/**
 * vtdsim_cache_ready() - is there room for all that one request can add?
 * @c: caches, or NULL
 *
 * Context: Caller holds the lock of the caches' unit.
 * Return: true if there is; never for NULL.
 */
bool vtdsim_cache_ready(const struct vtdsim_cache *c)
{
	return c && c->free_count >= VTDSIM_CACHE_RESERVE;
}

/* Makes room without more memory. Returns true if software is to be told. */
static bool cache_make_room(struct vtdsim_cache *c)
{
	bool first = !c->full;

	vtdsim_cache_evict_oldest(c, VTDSIM_CACHE_RESERVE);
	c->full = true;
	return first;
}

/**
 * vtdsim_cache_reserve() - make room in a unit's caches for one request
 * @unit: the unit; gets its caches here if it has none
 *
 * Another request may use up the room before the caller gets to take the
 * unit's lock, so vtdsim_cache_ready() has to be asked below the lock. Caches that have
 * as many entries as they may have evict their oldest ones. What software has still to
 * invalidate is not evicted: if that leaves too little room, the caches grow.
 *
 * Context: Process context, may sleep; takes the unit's lock.
 * Return: 0 or -ENOMEM.
 */
int vtdsim_cache_reserve(struct vtdsim_unit *unit)
{
	struct vtdsim_cache *cache = NULL;
	struct vtdsim_chunk *chunk = NULL;
	bool exists, ready, full = false;
	unsigned int max = 0;
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	exists = unit->cache;
	ready = vtdsim_cache_ready(unit->cache);
	if (exists && !ready && unit->cache->entries >= unit->cache->max_entries) {
		max = unit->cache->max_entries;
		full = cache_make_room(unit->cache);
		ready = vtdsim_cache_ready(unit->cache);
	}
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	if (full)
		pr_warn("%s: %u cache entries: the oldest are evicted from now on, and what is forgotten may not show\n",
			unit->name, max);
	if (ready)
		return 0;

	if (exists)
		chunk = kzalloc(sizeof(*chunk), GFP_KERNEL);
	else
		cache = vtdsim_cache_create();
	if (!chunk && !cache)
		return -ENOMEM;

	raw_spin_lock_irqsave(&unit->lock, flags);
	if (chunk)
		cache_adopt_chunk(unit->cache, chunk);
	else if (!unit->cache)
		swap(unit->cache, cache);
	raw_spin_unlock_irqrestore(&unit->lock, flags);

	/* Another caller has created the caches meanwhile. */
	vtdsim_cache_destroy(cache);
	return 0;
}

/**
 * vtdsim_cache_copy() - copy the entries that are in use, some at a time
 * @unit: the unit, with its caches
 * @pos: cursor; *@pos is NULL to begin with, and after the last call
 * @copies: room for VTDSIM_CACHE_RESERVE entries
 *
 * The caches may hold very many entries, so the lock is not kept from one call to the
 * next. Memory of entries is never freed while the caches are in use.
 *
 * Context: Any; takes the unit's lock.
 * Return: number of copies.
 */
unsigned int vtdsim_cache_copy(struct vtdsim_unit *unit, struct vtdsim_chunk **pos,
			       struct vtdsim_cached *copies)
{
	struct vtdsim_cache *c = unit->cache;
	unsigned int i, count = 0;
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	*pos = *pos ? list_next_entry(*pos, node) :
		      list_first_entry(&c->chunks, struct vtdsim_chunk, node);
	for (i = 0; i < VTDSIM_CACHE_RESERVE; i++)
		if (!hlist_unhashed(&(*pos)->entries[i].hash))
			copies[count++] = (*pos)->entries[i];
	if (list_is_last(&(*pos)->node, &c->chunks))
		*pos = NULL;
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return count;
}
