// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translation caches of a unit: look-up and fill (section 6.2).
 *
 * Entries stay until they are invalidated. Hardware may evict entries at any
 * time; only a cache that never does makes each missing invalidation visible. If
 * a limit has been set, the oldest entry is evicted.
 */
#include <linux/minmax.h>
#include <linux/sched/clock.h>
#include <linux/string.h>

#include "cache/internals.h"

/* Page sizes of mappings: 4 KiB, 2 MiB, 1 GiB (sections 9.7 and 9.8). */
static const u8 cache_map_shifts[] = { 12, 21, 30 };

static struct vtdsim_cached *cache_find(struct vtdsim_cache *c,
					const struct vtdsim_key *key)
{
	struct vtdsim_cached *e;

	if (!c)
		return NULL;
	hlist_for_each_entry(e, vtdsim_cache_bucket(c, key), hash)
		if (!memcmp(&e->key, key, sizeof(*key)))
			return e;
	return NULL;
}

/*
 * Finds or creates the entry with a key; an existing entry keeps its age. NULL if the
 * tables changed during a request, so that it met more entries than there was room
 * for. A unit need not cache, so that is no error.
 */
static struct vtdsim_cached *cache_get(struct vtdsim_cache *c,
				       const struct vtdsim_key *key)
{
	struct vtdsim_cached *e = cache_find(c, key);

	if (e)
		vtdsim_cache_forget_references(c, e);
	if (e || !c)
		return e;

	vtdsim_cache_evict(c, key->kind);
	e = list_first_entry_or_null(&c->free, struct vtdsim_cached, live);
	if (!e)
		return NULL;

	vtdsim_cache_forget_references(c, e);
	c->free_count--;
	c->count[key->kind]++;
	list_move_tail(&e->live, &c->live[key->kind]);
	hlist_add_head(&e->hash, vtdsim_cache_bucket(c, key));
	if (vtdsim_kind_has_domain(key->kind))
		list_add_tail(&e->domain, vtdsim_cache_domain(c, key->id));
	e->born = ++c->births;
	e->key = *key;
	return e;
}

/* For mappings, @pe is the PASID entry that they were found through. */
static void cache_filled(struct vtdsim_cache *c, struct vtdsim_cached *e,
			 const struct vtdsim_pasid *pe)
{
	bool first = e->key.kind == VTDSIM_KIND_IOTLB_FIRST ||
		     e->key.kind == VTDSIM_KIND_PSC_FIRST;

	e->since = local_clock();
	e->told = false;
	e->fs_root = pe && first ? pe->fs_root : 0;
	e->ss_root = pe ? pe->ss_root : 0;
	vtdsim_cache_note_references(c, e);
}

/**
 * vtdsim_cache_find_same() - find the entry that a copy was made of
 * @c: caches
 * @copy: from vtdsim_cache_copy()
 *
 * Context: Caller holds the unit's lock.
 * Return: the entry; NULL if it is not in use any more.
 */
struct vtdsim_cached *vtdsim_cache_find_same(struct vtdsim_cache *c,
					     const struct vtdsim_cached *copy)
{
	struct vtdsim_cached *e = cache_find(c, &copy->key);

	return e && e->born == copy->born ? e : NULL;
}

static u64 cache_align(u64 addr, u8 shift)
{
	return addr & (~0ULL << shift);
}

/**
 * vtdsim_cache_find_context() - look into the context-cache (section 6.2.2)
 * @c: caches, or NULL for empty ones
 * @sid: source-id of the request
 * @ctx: filled when found
 *
 * Context: Caller holds the unit's lock.
 * Return: true when found.
 */
bool vtdsim_cache_find_context(struct vtdsim_cache *c, u16 sid,
			       struct vtdsim_context *ctx)
{
	struct vtdsim_key key = { .id = sid, .kind = VTDSIM_KIND_CONTEXT };
	struct vtdsim_cached *e = cache_find(c, &key);

	if (e)
		*ctx = e->ctx;
	return e;
}

/**
 * vtdsim_cache_add_context() - put an entry into the context-cache
 * @c: caches, or NULL for none
 * @sid: source-id that it was found for
 * @ctx: present entry without errors; others are not cached (section 6.1)
 *
 * Context: Caller holds the unit's lock and has asked vtdsim_cache_ready().
 */
void vtdsim_cache_add_context(struct vtdsim_cache *c, u16 sid,
			      const struct vtdsim_context *ctx)
{
	struct vtdsim_key key = { .id = sid, .kind = VTDSIM_KIND_CONTEXT };
	struct vtdsim_cached *e = cache_get(c, &key);

	if (!e)
		return;
	e->ctx = *ctx;
	cache_filled(c, e, NULL);
}

/**
 * vtdsim_cache_find_pasid() - look into the PASID-cache (section 6.2.3)
 * @c: caches, or NULL for empty ones
 * @sid: source-id of the request
 * @pasid: PASID of the request, or RID_PASID
 * @pe: filled when found
 *
 * Context: Caller holds the unit's lock.
 * Return: true when found.
 */
bool vtdsim_cache_find_pasid(struct vtdsim_cache *c, u16 sid, u32 pasid,
			     struct vtdsim_pasid *pe)
{
	struct vtdsim_key key = {
		.pasid = pasid, .id = sid, .kind = VTDSIM_KIND_PASID,
	};
	struct vtdsim_cached *e = cache_find(c, &key);

	if (e)
		*pe = e->pe;
	return e;
}

/**
 * vtdsim_cache_add_pasid() - put an entry into the PASID-cache
 * @c: caches, or NULL for none
 * @sid: source-id that it was found for
 * @pasid: PASID that it was found for
 * @pe: present entry without errors; others are not cached (section 6.1)
 *
 * Context: Caller holds the unit's lock and has asked vtdsim_cache_ready().
 */
void vtdsim_cache_add_pasid(struct vtdsim_cache *c, u16 sid, u32 pasid,
			    const struct vtdsim_pasid *pe)
{
	struct vtdsim_key key = {
		.pasid = pasid, .id = sid, .kind = VTDSIM_KIND_PASID,
	};
	struct vtdsim_cached *e = cache_get(c, &key);

	if (!e)
		return;
	e->pe = *pe;
	cache_filled(c, e, NULL);
}

/**
 * vtdsim_cache_next_pasid() - iterate over the PASID-cache
 * @c: caches, or NULL for empty ones
 * @pos: cursor; *pos is NULL to begin with
 * @sid: source-id of the entry
 * @pasid: PASID of the entry
 *
 * Context: Caller holds the unit's lock from the first to the last call.
 * Return: the next entry, oldest first; NULL after the last.
 */
const struct vtdsim_pasid *
vtdsim_cache_next_pasid(struct vtdsim_cache *c, struct vtdsim_cached **pos,
			u16 *sid, u32 *pasid)
{
	struct list_head *list, *next;

	if (!c)
		return NULL;
	list = &c->live[VTDSIM_KIND_PASID];
	next = *pos ? (*pos)->live.next : list->next;
	if (next == list)
		return NULL;

	*pos = list_entry(next, struct vtdsim_cached, live);
	*sid = (*pos)->key.id;
	*pasid = (*pos)->key.pasid;
	return &(*pos)->pe;
}

static struct vtdsim_key cache_map_key(const struct vtdsim_pasid *pe, u32 pasid,
				       u64 addr, u8 shift)
{
	struct vtdsim_key key = {
		.addr = cache_align(addr, shift), .id = pe->did, .shift = shift,
		.pasid = pasid, .kind = VTDSIM_KIND_IOTLB_SECOND,
	};

	if (pe->pgtt != VTDSIM_PGTT_SECOND)
		key.kind = VTDSIM_KIND_IOTLB_FIRST;
	return key;
}

/**
 * vtdsim_cache_find_mapping() - find the IOTLB entry that serves an address
 * @c: caches, or NULL for empty ones
 * @pe: the PASID entry in force, for its domain-id and type; not pass-through
 * @pasid: PASID of the request, or RID_PASID
 * @addr: input address
 *
 * If mappings of different sizes cover the address, hardware may use any of them.
 * The oldest one is used, as the most likely to be stale.
 *
 * Context: Caller holds the unit's lock.
 * Return: the entry, or NULL.
 */
struct vtdsim_cached *vtdsim_cache_find_mapping(struct vtdsim_cache *c,
						const struct vtdsim_pasid *pe, u32 pasid,
						u64 addr)
{
	struct vtdsim_cached *e, *oldest = NULL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cache_map_shifts); i++) {
		struct vtdsim_key key = cache_map_key(pe, pasid, addr, cache_map_shifts[i]);

		e = cache_find(c, &key);
		if (e && (!oldest || e->born < oldest->born))
			oldest = e;
	}
	return oldest;
}

/**
 * vtdsim_cache_find_iotlb() - look into the IOTLB (section 6.2.4)
 * @c: caches, or NULL for empty ones
 * @pe: the PASID entry in force, for its domain-id and type; not pass-through
 * @pasid: PASID of the request, or RID_PASID
 * @addr: input address
 * @map: filled when found
 *
 * Context: Caller holds the unit's lock.
 * Return: true when found.
 */
bool vtdsim_cache_find_iotlb(struct vtdsim_cache *c,
			     const struct vtdsim_pasid *pe, u32 pasid,
			     u64 addr, struct vtdsim_map *map)
{
	struct vtdsim_cached *e = vtdsim_cache_find_mapping(c, pe, pasid, addr);

	if (e)
		*map = e->map;
	return e;
}

/**
 * vtdsim_cache_add_iotlb() - put a translation into the IOTLB
 * @c: caches, or NULL for none
 * @pe: the PASID entry in force, for its domain-id and type; not pass-through
 * @pasid: PASID of the request, or RID_PASID
 * @map: the translation
 *
 * Context: Caller holds the unit's lock and has asked vtdsim_cache_ready().
 */
void vtdsim_cache_add_iotlb(struct vtdsim_cache *c,
			    const struct vtdsim_pasid *pe, u32 pasid,
			    const struct vtdsim_map *map)
{
	struct vtdsim_key key = cache_map_key(pe, pasid, map->in, map->shift);
	struct vtdsim_cached *e = cache_get(c, &key);

	if (!e)
		return;
	e->map = *map;
	cache_filled(c, e, pe);
}

static struct vtdsim_key cache_pass_key(u16 sid, u32 pasid, u64 addr)
{
	return (struct vtdsim_key){
		.addr = cache_align(addr, cache_map_shifts[0]), .pasid = pasid, .id = sid,
		.kind = VTDSIM_KIND_IOTLB_PASS, .shift = cache_map_shifts[0],
	};
}

/**
 * vtdsim_cache_find_pass() - look for a pass-through mapping (section 6.2.4)
 * @c: caches, or NULL for empty ones
 * @sid: source-id of the request
 * @pasid: PASID of the request, or RID_PASID
 * @addr: input address
 *
 * Context: Caller holds the unit's lock.
 * Return: true when found.
 */
bool vtdsim_cache_find_pass(struct vtdsim_cache *c, u16 sid, u32 pasid, u64 addr)
{
	struct vtdsim_key key = cache_pass_key(sid, pasid, addr);

	return cache_find(c, &key);
}

/**
 * vtdsim_cache_add_pass() - put a pass-through mapping into the IOTLB
 * @c: caches, or NULL for none
 * @sid: source-id of the request
 * @pasid: PASID of the request, or RID_PASID
 * @did: domain-id of the PASID entry in force
 * @addr: input address
 *
 * Context: Caller holds the unit's lock and has asked vtdsim_cache_ready().
 */
void vtdsim_cache_add_pass(struct vtdsim_cache *c, u16 sid, u32 pasid, u16 did, u64 addr)
{
	struct vtdsim_key key = cache_pass_key(sid, pasid, addr);
	struct vtdsim_cached *e = cache_get(c, &key);

	if (!e)
		return;
	e->pass_did = did;
	cache_filled(c, e, NULL);
}

static struct vtdsim_key cache_psc_key(enum vtdsim_stage stage,
				       const struct vtdsim_pasid *pe, u32 pasid,
				       u64 addr, int level)
{
	/* An entry of level 2 stands for the 512 pages of the table below. */
	u8 shift = 12 + 9 * (level - 1);
	struct vtdsim_key key = {
		.addr = cache_align(addr, shift), .id = pe->did, .shift = shift,
		.kind = VTDSIM_KIND_PSC_SECOND,
	};

	if (stage == VTDSIM_STAGE_FIRST) {
		key.kind = VTDSIM_KIND_PSC_FIRST;
		key.pasid = pasid;
	}
	return key;
}

/**
 * vtdsim_cache_find_psc() - look into the paging-structure caches (section 6.2.5)
 * @c: caches, or NULL for empty ones
 * @stage: which stage's tables
 * @pe: the PASID entry in force, for its domain-id
 * @pasid: PASID of the request, or RID_PASID; does not matter in second stage
 * @addr: input address of the stage
 * @level: level of the non-leaf entry, 2 to 5
 * @psc: filled when found
 *
 * Second-stage entries are shared by second-stage and nested translation.
 *
 * Context: Caller holds the unit's lock.
 * Return: true when found.
 */
bool vtdsim_cache_find_psc(struct vtdsim_cache *c, enum vtdsim_stage stage,
			   const struct vtdsim_pasid *pe, u32 pasid, u64 addr,
			   int level, struct vtdsim_psc *psc)
{
	struct vtdsim_key key = cache_psc_key(stage, pe, pasid, addr, level);
	struct vtdsim_cached *e = cache_find(c, &key);

	if (e)
		*psc = e->psc;
	return e;
}

/**
 * vtdsim_cache_add_psc() - put a non-leaf entry into a paging-structure cache
 * @c: caches, or NULL for none
 * @stage: which stage's tables
 * @pe: the PASID entry in force, for its domain-id
 * @pasid: PASID of the request, or RID_PASID; does not matter in second stage
 * @addr: input address of the stage
 * @level: level of the non-leaf entry, 2 to 5
 * @psc: what the entry and those above it say
 *
 * Context: Caller holds the unit's lock and has asked vtdsim_cache_ready().
 */
void vtdsim_cache_add_psc(struct vtdsim_cache *c, enum vtdsim_stage stage,
			  const struct vtdsim_pasid *pe, u32 pasid, u64 addr,
			  int level, const struct vtdsim_psc *psc)
{
	struct vtdsim_key key = cache_psc_key(stage, pe, pasid, addr, level);
	struct vtdsim_cached *e = cache_get(c, &key);

	if (!e)
		return;
	e->psc = *psc;
	cache_filled(c, e, pe);
}
