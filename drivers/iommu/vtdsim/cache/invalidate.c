// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translation caches of a unit: invalidation (section 6.5.2).
 *
 * Each function invalidates exactly what its granularity requires, although
 * hardware may invalidate more. A PASID-cache invalidation keeps the mappings
 * found through the entry: software has to follow up with an IOTLB invalidation
 * (section 6.5.3.3).
 *
 * Drivers invalidate at boot, when a unit may have no caches yet.
 * Context of all functions: the caller holds the lock of the caches' unit.
 */
#include <linux/bits.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "cache/internals.h"
#include "tables/formats.h"
#include "tables/host_memory.h"

/**
 * struct invalidate_scope - which entries of a kind an invalidation selects
 * @by: combination of BY_*; 0 for all entries
 * @did: domain-id, for BY_DID
 * @pasid: PASID, for BY_PASID
 * @addr: any address in the range, for BY_RANGE
 * @am: the range is 1 << @am pages, naturally aligned
 */
struct invalidate_scope {
#define BY_DID		BIT(0)
#define BY_PASID	BIT(1)
#define BY_RANGE	BIT(2)
	unsigned int by;
	u16 did;
	u32 pasid;
	u64 addr;
	u8 am;
};

/* Has software changed the entry in memory, or cleared it? */
static bool invalidate_has_changed(const struct vtdsim_pasid *pe, bool *present)
{
	u64 raw[ARRAY_SIZE(pe->raw)];

	if (!pe->at || !vtdsim_mem_read(pe->at, raw, sizeof(raw)))
		return false;
	*present = raw[0] & TBL_PASID0_P;
	return memcmp(raw, pe->raw, sizeof(raw));
}

static bool invalidate_is_same(const struct vtdsim_cached *a, const struct vtdsim_cached *b)
{
	return !memcmp(&a->key, &b->key, sizeof(a->key)) && a->pe.did == b->pe.did &&
	       !memcmp(a->pe.raw, b->pe.raw, sizeof(a->pe.raw));
}

static void invalidate_owe_no_more(struct vtdsim_cache *c, struct vtdsim_cached *e)
{
	if (e->dropped >= c->told)
		list_move_tail(&e->live, &c->free);
	else
		list_move(&e->live, &c->free);
	c->free_count++;
}

/*
 * Mappings that were found through an entry have to be invalidated after it (section
 * 6.5.3.3): until then, remember it. Once is enough for an entry that comes and goes.
 */
static void invalidate_owe(struct vtdsim_cache *c, struct vtdsim_cached *e)
{
	struct vtdsim_cached *other, *next;

	if (!invalidate_has_changed(&e->pe, &e->replaced))
		return;
	list_for_each_entry_safe(other, next, &c->owed, live) {
		if (!invalidate_is_same(other, e))
			continue;
		e->replaced |= other->replaced;
		invalidate_owe_no_more(c, other);
	}
	list_move(&e->live, &c->owed);
	c->free_count--;
}

/* Mappings of a domain-id or of all, and of a PASID or of all, are invalidated. */
static void invalidate_pay(struct vtdsim_cache *c, const u16 *did, const u32 *pasid)
{
	struct vtdsim_cached *e, *next;

	if (!c)
		return;
	list_for_each_entry_safe(e, next, &c->owed, live) {
		if ((did && e->pe.did != *did) || (pasid && e->key.pasid != *pasid))
			continue;
		invalidate_owe_no_more(c, e);
	}
}

/**
 * vtdsim_cache_is_replaced() - is an entry being replaced by another present one?
 * @c: caches
 * @did: domain-id
 * @pasid: PASID
 *
 * Context: Caller holds the lock of the caches' unit.
 * Return: true from the invalidation of the old entry in the PASID-cache to that of
 *	the mappings with its domain-id and PASID.
 */
bool vtdsim_cache_is_replaced(const struct vtdsim_cache *c, u16 did, u32 pasid)
{
	const struct vtdsim_cached *e;

	list_for_each_entry(e, &c->owed, live)
		if (e->replaced && e->pe.did == did && e->key.pasid == pasid)
			return true;
	return false;
}

/*
 * What an entry refers to stays in use until software learns that the invalidation
 * is complete.
 */
static void invalidate_one(struct vtdsim_cache *c, struct vtdsim_cached *e)
{
	vtdsim_cache_take_out(c, e);
	list_move_tail(&e->live, &c->free);
	e->dropped = c->dropping;
	if (!vtdsim_kind_has_domain(e->key.kind))
		c->tables_dropped = max(c->tables_dropped, c->dropping);
	if (e->key.kind == VTDSIM_KIND_PASID)
		invalidate_owe(c, e);
}

static u16 invalidate_did(const struct vtdsim_cached *e)
{
	switch (e->key.kind) {
	case VTDSIM_KIND_PASID:
		return e->pe.did;
	case VTDSIM_KIND_IOTLB_PASS:
		return e->pass_did;
	default:
		return e->key.id;
	}
}

/*
 * Of two naturally aligned ranges whose sizes are powers of two, the larger one
 * contains the smaller one, or they are disjoint. A large page is selected, too,
 * if only a part of it is in the invalidated range.
 */
static bool invalidate_overlaps(const struct vtdsim_key *key, u64 addr, u8 am)
{
	unsigned int shift = max_t(unsigned int, key->shift, 12 + am);

	return shift >= 64 || !((key->addr ^ addr) >> shift);
}

static bool invalidate_selects(const struct vtdsim_cached *e, const struct invalidate_scope *s)
{
	if ((s->by & BY_DID) && invalidate_did(e) != s->did)
		return false;
	if ((s->by & BY_PASID) && e->key.pasid != s->pasid)
		return false;
	if ((s->by & BY_RANGE) && !invalidate_overlaps(&e->key, s->addr, s->am))
		return false;
	return true;
}

/* Ranges of up to this many pages are looked up page by page. */
#define INVALIDATE_FEW_PAGES	9

/* What entries of a kind cover: mappings by size, non-leaf entries by level */
static const u8 invalidate_map_shifts[] = { 12, 21, 30 };
static const u8 invalidate_psc_shifts[] = { 21, 30, 39, 48 };

/* Selects by range, without looking at all that is cached. */
static void invalidate_few_pages(struct vtdsim_cache *c, enum vtdsim_kind kind,
				 const struct invalidate_scope *s)
{
	bool map = vtdsim_kind_is_mapping(kind);
	const u8 *shifts = map ? invalidate_map_shifts : invalidate_psc_shifts;
	unsigned int n = map ? ARRAY_SIZE(invalidate_map_shifts) :
			       ARRAY_SIZE(invalidate_psc_shifts);
	u64 first = s->addr & (~0ULL << (12 + s->am));
	struct vtdsim_cached *e;
	struct hlist_node *next;
	unsigned int i;
	u64 at;

	for (i = 0; i < n; i++) {
		struct vtdsim_key key = {
			.id = s->did, .pasid = s->pasid, .kind = kind, .shift = shifts[i],
		};

		for (at = first; at - first < BIT_ULL(12 + s->am); at += BIT_ULL(shifts[i])) {
			key.addr = at & (~0ULL << shifts[i]);
			hlist_for_each_entry_safe(e, next, vtdsim_cache_bucket(c, &key), hash)
				if (e->key.kind == kind && invalidate_selects(e, s))
					invalidate_one(c, e);
		}
	}
}

static void invalidate_domain(struct vtdsim_cache *c, enum vtdsim_kind kind,
			      const struct invalidate_scope *s)
{
	struct vtdsim_cached *e, *next;

	list_for_each_entry_safe(e, next, vtdsim_cache_domain(c, s->did), domain)
		if (e->key.kind == kind && invalidate_selects(e, s))
			invalidate_one(c, e);
}

static void invalidate_selected(struct vtdsim_cache *c, enum vtdsim_kind kind,
				const struct invalidate_scope *s)
{
	struct vtdsim_cached *e, *next;

	if (!c || !c->count[kind])
		return;
	if (s->by & BY_RANGE && s->am <= INVALIDATE_FEW_PAGES) {
		invalidate_few_pages(c, kind, s);
		return;
	}
	if (s->by & BY_DID && vtdsim_kind_has_domain(kind)) {
		invalidate_domain(c, kind, s);
		return;
	}
	list_for_each_entry_safe(e, next, &c->live[kind], live)
		if (invalidate_selects(e, s))
			invalidate_one(c, e);
}

/**
 * vtdsim_inv_context_all() - global context-cache invalidation (section 6.5.2.1)
 * @c: caches, or NULL
 *
 * In scalable mode the domain-selective granularity does the same: there is no
 * domain-id in the context entry to select by.
 */
void vtdsim_inv_context_all(struct vtdsim_cache *c)
{
	invalidate_selected(c, VTDSIM_KIND_CONTEXT, &(struct invalidate_scope){});
}

/**
 * vtdsim_inv_context_device() - device-selective context-cache invalidation
 * @c: caches, or NULL
 * @sid: source-id
 * @fm: function mask, 0 to 3: how many bits of the function number, counted
 *	from the top, do not matter (section 6.5.2.1)
 */
void vtdsim_inv_context_device(struct vtdsim_cache *c, u16 sid, u8 fm)
{
	static const u16 ignored[] = { 0, BIT(2), GENMASK(2, 1), GENMASK(2, 0) };
	struct vtdsim_cached *e, *next;

	if (!c)
		return;
	list_for_each_entry_safe(e, next, &c->live[VTDSIM_KIND_CONTEXT], live)
		if (!((e->key.id ^ sid) & ~ignored[fm & 3]))
			invalidate_one(c, e);
}

/**
 * vtdsim_inv_pasid_all() - global PASID-cache invalidation (section 6.5.2.2)
 * @c: caches, or NULL
 */
void vtdsim_inv_pasid_all(struct vtdsim_cache *c)
{
	invalidate_selected(c, VTDSIM_KIND_PASID, &(struct invalidate_scope){});
}

/**
 * vtdsim_inv_pasid_domain() - domain-selective PASID-cache invalidation
 * @c: caches, or NULL
 * @did: domain-id in the cached entries, whatever is in the tables by now
 */
void vtdsim_inv_pasid_domain(struct vtdsim_cache *c, u16 did)
{
	invalidate_selected(c, VTDSIM_KIND_PASID,
			    &(struct invalidate_scope){ .by = BY_DID, .did = did });
}

/**
 * vtdsim_inv_pasid_one() - PASID-selective PASID-cache invalidation
 * @c: caches, or NULL
 * @did: domain-id in the cached entries, whatever is in the tables by now
 * @pasid: PASID, of any source-id
 */
void vtdsim_inv_pasid_one(struct vtdsim_cache *c, u16 did, u32 pasid)
{
	invalidate_selected(c, VTDSIM_KIND_PASID, &(struct invalidate_scope){
		.by = BY_DID | BY_PASID, .did = did, .pasid = pasid,
	});
}

static void invalidate_mappings(struct vtdsim_cache *c, const struct invalidate_scope *s)
{
	invalidate_selected(c, VTDSIM_KIND_IOTLB_PASS, s);
	invalidate_selected(c, VTDSIM_KIND_IOTLB_SECOND, s);
	invalidate_selected(c, VTDSIM_KIND_IOTLB_FIRST, s);
	invalidate_selected(c, VTDSIM_KIND_PSC_SECOND, s);
	invalidate_selected(c, VTDSIM_KIND_PSC_FIRST, s);
}

/**
 * vtdsim_inv_iotlb_all() - global IOTLB invalidation (section 6.5.2.3)
 * @c: caches, or NULL
 */
void vtdsim_inv_iotlb_all(struct vtdsim_cache *c)
{
	invalidate_pay(c, NULL, NULL);
	invalidate_mappings(c, &(struct invalidate_scope){});
}

/**
 * vtdsim_inv_iotlb_domain() - domain-selective IOTLB invalidation
 * @c: caches, or NULL
 * @did: domain-id
 *
 * Invalidates mappings of all types and both stages' paging-structure caches.
 */
void vtdsim_inv_iotlb_domain(struct vtdsim_cache *c, u16 did)
{
	invalidate_pay(c, &did, NULL);
	invalidate_mappings(c, &(struct invalidate_scope){ .by = BY_DID, .did = did });
}

/**
 * vtdsim_inv_implicit_domain() - domain-selective invalidation on a page request
 * @c: caches, or NULL
 * @did: domain-id
 *
 * Section 6.5.3.1. It does not stand for an invalidation that software has to make.
 */
void vtdsim_inv_implicit_domain(struct vtdsim_cache *c, u16 did)
{
	invalidate_mappings(c, &(struct invalidate_scope){ .by = BY_DID, .did = did });
}

/**
 * vtdsim_inv_iotlb_pages() - page-selective-within-domain IOTLB invalidation
 * @c: caches, or NULL
 * @did: domain-id
 * @addr: address in second-stage input; the low @am page bits are ignored
 * @am: address mask, 1 << @am pages
 * @ih: hint: no non-leaf entry was changed
 *
 * Of second-stage and pass-through mappings, those in the range are invalidated (table
 * 23). It is unknown which first-stage or nested mappings depend on the second-stage
 * range, so all of the domain are invalidated. So are the first-stage
 * paging-structure caches, even with the hint: a nested entry has the host address
 * of its table, which comes from a second-stage leaf.
 */
void vtdsim_inv_iotlb_pages(struct vtdsim_cache *c, u16 did, u64 addr, u8 am,
			    bool ih)
{
	const struct invalidate_scope domain = { .by = BY_DID, .did = did };
	const struct invalidate_scope range = {
		.by = BY_DID | BY_RANGE, .did = did, .addr = addr, .am = am,
	};

	invalidate_selected(c, VTDSIM_KIND_IOTLB_PASS, &range);
	invalidate_selected(c, VTDSIM_KIND_IOTLB_SECOND, &range);
	invalidate_selected(c, VTDSIM_KIND_IOTLB_FIRST, &domain);
	invalidate_selected(c, VTDSIM_KIND_PSC_FIRST, &domain);
	if (!ih)
		invalidate_selected(c, VTDSIM_KIND_PSC_SECOND, &range);
}

/**
 * vtdsim_inv_piotlb_pasid() - PASID-selective PASID-based IOTLB invalidation
 * @c: caches, or NULL
 * @did: domain-id
 * @pasid: PASID
 *
 * This granularity invalidates mappings of all types, also second-stage and
 * pass-through ones (section 6.5.2.4, table 24). The second stage's paging-structure
 * caches have no PASID, and stay.
 */
void vtdsim_inv_piotlb_pasid(struct vtdsim_cache *c, u16 did, u32 pasid)
{
	const struct invalidate_scope one = {
		.by = BY_DID | BY_PASID, .did = did, .pasid = pasid,
	};

	invalidate_pay(c, &did, &pasid);
	invalidate_selected(c, VTDSIM_KIND_IOTLB_PASS, &one);
	invalidate_selected(c, VTDSIM_KIND_IOTLB_SECOND, &one);
	invalidate_selected(c, VTDSIM_KIND_IOTLB_FIRST, &one);
	invalidate_selected(c, VTDSIM_KIND_PSC_FIRST, &one);
}

/**
 * vtdsim_inv_piotlb_pages() - page-selective PASID-based IOTLB invalidation
 * @c: caches, or NULL
 * @did: domain-id
 * @pasid: PASID
 * @addr: address in first-stage input; the low @am page bits are ignored
 * @am: address mask, 1 << @am pages
 * @ih: hint: no non-leaf entry was changed
 *
 * First-stage and nested mappings only (section 6.5.2.4).
 */
void vtdsim_inv_piotlb_pages(struct vtdsim_cache *c, u16 did, u32 pasid,
			     u64 addr, u8 am, bool ih)
{
	const struct invalidate_scope range = {
		.by = BY_DID | BY_PASID | BY_RANGE,
		.did = did, .pasid = pasid, .addr = addr, .am = am,
	};

	invalidate_selected(c, VTDSIM_KIND_IOTLB_FIRST, &range);
	if (!ih)
		invalidate_selected(c, VTDSIM_KIND_PSC_FIRST, &range);
}

/**
 * vtdsim_inv_fetch() - an invalidation is fetched
 * @c: caches, or NULL
 *
 * Return: the epoch that it belongs to.
 */
u64 vtdsim_inv_fetch(const struct vtdsim_cache *c)
{
	return c ? c->epoch : 0;
}

/**
 * vtdsim_inv_fetch_wait() - a wait descriptor is fetched
 * @c: caches, or NULL
 *
 * Return: the epoch that it ends.
 */
u64 vtdsim_inv_fetch_wait(struct vtdsim_cache *c)
{
	return c ? c->epoch++ : 0;
}

/**
 * vtdsim_inv_carry_out() - the functions above are called for an invalidation next
 * @c: caches, or NULL
 * @epoch: what vtdsim_inv_fetch() has returned for it
 */
void vtdsim_inv_carry_out(struct vtdsim_cache *c, u64 epoch)
{
	if (c)
		c->dropping = epoch;
}

/**
 * vtdsim_inv_complete_epoch() - software learns that a wait descriptor is complete
 * @c: caches, or NULL
 * @epoch: what vtdsim_inv_fetch_wait() has returned for it
 *
 * By a status write or an interrupt (section 6.5.2.9). Until then, software must
 * assume that the entries are still in use.
 */
void vtdsim_inv_complete_epoch(struct vtdsim_cache *c, u64 epoch)
{
	if (!c)
		return;
	c->told = max(c->told, epoch + 1);
	c->epoch = max(c->epoch, c->told);
	c->dropping = max(c->dropping, c->told);
}

/**
 * vtdsim_inv_complete() - software learns that all invalidations are complete
 * @c: caches, or NULL
 */
void vtdsim_inv_complete(struct vtdsim_cache *c)
{
	vtdsim_inv_complete_epoch(c, vtdsim_inv_fetch(c));
}
