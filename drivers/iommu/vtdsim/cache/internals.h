/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the translation caches are made of, for the files that look up, fill and
 * invalidate, and for those that look into the caches from outside.
 *
 * All caches of a unit are in one hash table. A look-up compares keys, which have
 * the kind of cache and the tags of section 6.2.1. Only keys of the context-cache, of
 * the PASID-cache and of pass-through mappings have a source-id: all other entries are
 * shared by devices.
 */
#ifndef _VTDSIM_CACHE_INTERNALS_H
#define _VTDSIM_CACHE_INTERNALS_H

#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/types.h>

#include "cache/caches.h"
#include "tables/entries.h"

/**
 * enum vtdsim_kind - the caches of section 6.2
 * @VTDSIM_KIND_CONTEXT: context-cache, by source-id
 * @VTDSIM_KIND_PASID: PASID-cache, by source-id and PASID; the domain-id that
 *	invalidations select by is in the cached entry
 * @VTDSIM_KIND_IOTLB_PASS: IOTLB, pass-through mappings, by source-id and PASID; the
 *	domain-id that invalidations select by is in the cached entry
 * @VTDSIM_KIND_IOTLB_SECOND: IOTLB, second-stage mappings, by domain-id and
 *	PASID
 * @VTDSIM_KIND_IOTLB_FIRST: IOTLB, first-stage and nested mappings, by
 *	domain-id and PASID. No invalidation treats the two differently.
 * @VTDSIM_KIND_PSC_SECOND: second-stage paging-structure caches, by domain-id
 * @VTDSIM_KIND_PSC_FIRST: first-stage paging-structure caches (with addresses
 *	already translated by the second stage when nested), by domain-id and
 *	PASID
 * @VTDSIM_KINDS: number of kinds
 */
enum vtdsim_kind {
	VTDSIM_KIND_CONTEXT,
	VTDSIM_KIND_PASID,
	VTDSIM_KIND_IOTLB_PASS,
	VTDSIM_KIND_IOTLB_SECOND,
	VTDSIM_KIND_IOTLB_FIRST,
	VTDSIM_KIND_PSC_SECOND,
	VTDSIM_KIND_PSC_FIRST,
	VTDSIM_KINDS,
};

/**
 * struct vtdsim_key - what a look-up compares; fields not in use are zero
 * @addr: first input address covered (IOTLB, paging-structure caches)
 * @pasid: PASID
 * @id: source-id (context-cache, PASID-cache, pass-through) or domain-id (all others)
 * @kind: enum vtdsim_kind
 * @shift: 1 << @shift addresses are covered
 *
 * Hashed and compared as bytes, so there must be no padding.
 */
struct vtdsim_key {
	u64 addr;
	u32 pasid;
	u16 id;
	u8 kind;
	u8 shift;
};

static_assert(sizeof(struct vtdsim_key) == 16);

/**
 * struct vtdsim_cached - one cache entry, of any kind
 * @hash: in its hash bucket
 * @live: among the entries of its kind, oldest first; or on the free list
 * @domain: mappings and non-leaf entries: among those whose domain-ids share a list
 * @memory: the same: among those that refer to memory in the same bucket
 * @born: grows with every entry made; tells which of two is older
 * @key: what it is found by
 * @since: when it was filled, in ns of local_clock()
 * @dropped: epoch (&vtdsim_cache.dropping) of the descriptor that invalidated it
 * @told: a violation about this entry has been reported
 * @replaced: the entry was invalidated in the PASID-cache while another one was
 *	present in memory
 * @noted: it counts in &vtdsim_cache.referred
 * @fs_root: first-stage table that a mapping comes from, or 0
 * @ss_root: second-stage table that a mapping comes from, or 0
 * @ctx: contents, VTDSIM_KIND_CONTEXT
 * @pe: contents, VTDSIM_KIND_PASID
 * @pass_did: contents, VTDSIM_KIND_IOTLB_PASS: domain-id
 * @map: contents, VTDSIM_KIND_IOTLB_SECOND and VTDSIM_KIND_IOTLB_FIRST
 * @psc: contents, VTDSIM_KIND_PSC_*
 */
struct vtdsim_cached {
	struct hlist_node hash;
	struct list_head live;
	struct list_head domain;
	struct hlist_node memory;
	u64 born;
	struct vtdsim_key key;
	u64 since;
	u64 dropped;
	bool told;
	bool replaced;
	bool noted;
	u64 fs_root;
	u64 ss_root;
	union {
		struct vtdsim_context ctx;
		struct vtdsim_pasid pe;
		u16 pass_did;
		struct vtdsim_map map;
		struct vtdsim_psc psc;
	};
};

/*
 * The most entries that one request adds: five-level nested translation with
 * nothing cached. A context entry, a PASID entry and a mapping; four non-leaf
 * entries of the first stage; and six second-stage walks, for five first-stage
 * tables and the final address, with four non-leaf entries each. A walk that is
 * repeated within a request has the same addresses, and so the same keys, unless
 * software changes tables meanwhile; what has no room then is not cached.
 */
#define VTDSIM_CACHE_RESERVE	(3 + 4 + 6 * 4)

#define VTDSIM_CACHE_BITS	14
#define VTDSIM_DOMAIN_LISTS	256

/* Sizes of what entries refer to: 4 KiB, 2 MiB, 1 GiB */
#define VTDSIM_SIZES		3

/* Places of memory with the same number modulo this share a counter. */
#define VTDSIM_REFERRED_PLACES	BIT(16)

/*
 * Entries of a unit's caches if nothing else is said: some 250 MiB. Fewer on a machine
 * with less than 2 GiB of memory.
 */
#define VTDSIM_CACHE_ENTRIES	BIT(20)

/**
 * struct vtdsim_chunk - memory for entries, allocated at once
 * @node: on the list of the caches
 * @entries: the entries
 */
struct vtdsim_chunk {
	struct list_head node;
	struct vtdsim_cached entries[VTDSIM_CACHE_RESERVE];
};

/**
 * struct vtdsim_cache - all translation caches of a unit
 * @buckets: hash table
 * @live: entries in use, by kind
 * @count: how many are on @live, by kind
 * @limits: how many may be
 * @domains: mappings and non-leaf entries in use, by domain-id modulo the lists
 * @memory: the same, and those invalidated, by the memory that they refer to
 * @entries: all entries, unused ones included
 * @max_entries: how many there may be
 * @full: they have been as many, and software was told
 * @free: unused entries; those invalidated last are at the end
 * @free_count: how many are on @free
 * @births: last number given as vtdsim_cached.born
 * @epoch: grows with each wait descriptor that is fetched. A descriptor belongs to the
 *	epoch in which it is fetched, wherever in it the unit carries it out.
 * @dropping: epoch of the descriptor that is being carried out
 * @told: software knows that the invalidations of all epochs before are complete
 * @tables_dropped: the last epoch by which an entry without @memory was invalidated
 * @referred: number of entries that refer to memory, by size and place; also of
 *	entries that are unused by now
 * @lent: places of memory that translations were given out for, by size; and others
 * @lent_next: those that are still in device TLBs, while they are collected
 * @owed: entries that were invalidated in the PASID-cache after they had changed in
 *	memory, and whose mappings software has not invalidated since
 * @chunks: memory that the entries are in
 *
 * Protected by the lock of the unit that it belongs to.
 */
struct vtdsim_cache {
	struct hlist_head buckets[1 << VTDSIM_CACHE_BITS];
	struct hlist_head memory[1 << VTDSIM_CACHE_BITS];
	struct list_head domains[VTDSIM_DOMAIN_LISTS];
	struct list_head live[VTDSIM_KINDS];
	unsigned int count[VTDSIM_KINDS];
	struct vtdsim_limits limits;
	struct list_head free;
	unsigned int free_count;
	unsigned int entries;
	unsigned int max_entries;
	bool full;
	u64 births;
	u64 epoch;
	u64 dropping;
	u64 told;
	u64 tables_dropped;
	u32 referred[VTDSIM_SIZES][VTDSIM_REFERRED_PLACES];
	DECLARE_BITMAP(lent[VTDSIM_SIZES], VTDSIM_REFERRED_PLACES);
	DECLARE_BITMAP(lent_next[VTDSIM_SIZES], VTDSIM_REFERRED_PLACES);
	struct list_head owed;
	struct list_head chunks;
};

/* Has an entry of a kind a domain-id for its tag? */
static inline bool vtdsim_kind_has_domain(enum vtdsim_kind kind)
{
	return kind >= VTDSIM_KIND_IOTLB_SECOND;
}

/* The bucket of the hash table that a key is in */
static inline struct hlist_head *vtdsim_cache_bucket(struct vtdsim_cache *c,
						     const struct vtdsim_key *key)
{
	/* Second-stage invalidations know no PASID and source-id, and have to find these. */
	bool pass = key->kind == VTDSIM_KIND_IOTLB_PASS;
	u64 pasid = pass || key->kind == VTDSIM_KIND_IOTLB_SECOND ? 0 : key->pasid;
	u64 id = pass ? 0 : key->id;
	u64 tags = pasid << 32 | id << 16 | (u64)key->kind << 8 | key->shift;

	return &c->buckets[hash_64(hash_64(key->addr, 64) ^ tags, VTDSIM_CACHE_BITS)];
}

/* The list that has all mappings and non-leaf entries of a domain-id, and others */
static inline struct list_head *vtdsim_cache_domain(struct vtdsim_cache *c, u16 did)
{
	return &c->domains[did % VTDSIM_DOMAIN_LISTS];
}

/* Is an entry a mapping? */
static inline bool vtdsim_kind_is_mapping(enum vtdsim_kind kind)
{
	return kind == VTDSIM_KIND_IOTLB_PASS || kind == VTDSIM_KIND_IOTLB_SECOND ||
	       kind == VTDSIM_KIND_IOTLB_FIRST;
}

bool vtdsim_cache_is_replaced(const struct vtdsim_cache *c, u16 did, u32 pasid);
void vtdsim_cache_take_out(struct vtdsim_cache *c, struct vtdsim_cached *e);
void vtdsim_cache_evict(struct vtdsim_cache *c, enum vtdsim_kind kind);
void vtdsim_cache_evict_oldest(struct vtdsim_cache *c, unsigned int room);
unsigned int vtdsim_cache_copy(struct vtdsim_unit *unit, struct vtdsim_chunk **pos,
			       struct vtdsim_cached *copies);
struct vtdsim_cached *vtdsim_cache_find_mapping(struct vtdsim_cache *c,
						const struct vtdsim_pasid *pe, u32 pasid,
						u64 addr);
struct vtdsim_cached *vtdsim_cache_find_same(struct vtdsim_cache *c,
					     const struct vtdsim_cached *copy);

/* Memory that entries refer to */
void vtdsim_cache_note_references(struct vtdsim_cache *c, struct vtdsim_cached *e);
void vtdsim_cache_forget_references(struct vtdsim_cache *c, struct vtdsim_cached *e);
bool vtdsim_cache_may_refer(const struct vtdsim_cache *c, u64 hpa, u64 size);
void vtdsim_cache_each_reference(struct vtdsim_cache *c, u64 hpa, u64 size,
				 void (*fn)(struct vtdsim_cached *e, bool live, void *data),
				 void *data);
const char *vtdsim_cached_refers(const struct vtdsim_cached *e, u64 hpa, u64 size);

/* Memory that device TLBs may reach */
bool vtdsim_cache_may_be_lent(const struct vtdsim_cache *c, u64 hpa, u64 size);
void vtdsim_cache_collect_lent(struct vtdsim_cache *c);
void vtdsim_cache_keep_lent(struct vtdsim_cache *c, u64 hpa, u8 shift);
void vtdsim_cache_collected_lent(struct vtdsim_cache *c);

#define VTDSIM_TEXT	128

const char *vtdsim_cached_describe(const struct vtdsim_cached *e, char *buf);

#endif /* _VTDSIM_CACHE_INTERNALS_H */
