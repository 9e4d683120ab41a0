/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Translation caches: context-cache, PASID-cache, IOTLB and paging-structure
 * caches (section 6.2), by look-up, fill and invalidation. What they are made of
 * is in internals.h.
 */
#ifndef _VTDSIM_CACHES_H
#define _VTDSIM_CACHES_H

#include <linux/types.h>

struct vtdsim_cache;
struct vtdsim_cached;
struct vtdsim_context;
struct vtdsim_pasid;
struct vtdsim_unit;

enum vtdsim_stage { VTDSIM_STAGE_FIRST, VTDSIM_STAGE_SECOND };

/**
 * struct vtdsim_psc - a paging-structure-cache entry (section 6.2.5)
 * @table: host address of the table that the cached non-leaf entry points to
 * @guest: guest address of the same table (first stage, nested)
 * @write: writes allowed so far
 * @read: reads allowed so far (second stage)
 * @user: user access allowed so far
 */
struct vtdsim_psc {
	u64 table;
	u64 guest;
	bool write;
	bool read;
	bool user;
};

/**
 * struct vtdsim_map - one translation, as walked or as cached
 * @in: input address, aligned to 1 << @shift
 * @out: host physical address, aligned to 1 << @shift
 * @shift: 12, 21 or 30; for nested the smaller of the two stages
 * @read: reads allowed (always, for first stage)
 * @write: writes allowed
 * @user: user-mode requests allowed (U/S set on the whole way)
 * @super_write: supervisor writes allowed: @write, or WPE clear (section 3.6.1)
 * @dirty: a write through this translation needs no dirty-bit update any more
 * @snoop: the second-stage leaf has Snoop set
 */
struct vtdsim_map {
	u64 in;
	u64 out;
	u8 shift;
	bool read;
	bool write;
	bool user;
	bool super_write;
	bool dirty;
	bool snoop;
};

/**
 * struct vtdsim_limits - how many entries caches hold, 0 for any number
 * @iotlb: IOTLB, mappings of all stages together
 * @pasid: PASID-cache
 * @psc: paging-structure caches, of both stages together
 */
struct vtdsim_limits {
	u32 iotlb;
	u32 pasid;
	u32 psc;
};

struct vtdsim_cache *vtdsim_cache_create(void);
void vtdsim_cache_destroy(struct vtdsim_cache *cache);
/* May sleep. Allocates what the translation of one request may need. */
int vtdsim_cache_reserve(struct vtdsim_unit *unit);
/* Lock held. Is there still room for one request? */
bool vtdsim_cache_ready(const struct vtdsim_cache *c);

bool vtdsim_cache_find_context(struct vtdsim_cache *c, u16 sid,
			       struct vtdsim_context *ctx);
void vtdsim_cache_add_context(struct vtdsim_cache *c, u16 sid,
			      const struct vtdsim_context *ctx);
bool vtdsim_cache_find_pasid(struct vtdsim_cache *c, u16 sid, u32 pasid,
			     struct vtdsim_pasid *pe);
void vtdsim_cache_add_pasid(struct vtdsim_cache *c, u16 sid, u32 pasid,
			    const struct vtdsim_pasid *pe);
/* The entry after *pos, which starts as NULL; NULL at the end. */
const struct vtdsim_pasid *
vtdsim_cache_next_pasid(struct vtdsim_cache *c, struct vtdsim_cached **pos,
			u16 *sid, u32 *pasid);
bool vtdsim_cache_find_iotlb(struct vtdsim_cache *c,
			     const struct vtdsim_pasid *pe, u32 pasid,
			     u64 addr, struct vtdsim_map *map);
void vtdsim_cache_add_iotlb(struct vtdsim_cache *c,
			    const struct vtdsim_pasid *pe, u32 pasid,
			    const struct vtdsim_map *map);
/* Pass-through mappings are found by the requester, whatever is in force now. */
bool vtdsim_cache_find_pass(struct vtdsim_cache *c, u16 sid, u32 pasid, u64 addr);
void vtdsim_cache_add_pass(struct vtdsim_cache *c, u16 sid, u32 pasid, u16 did, u64 addr);
/*
 * @level is the level of the cached non-leaf entry: 2 for a PDE (it points to
 * a page table), up to 5. @pasid is ignored for second-stage entries.
 */
bool vtdsim_cache_find_psc(struct vtdsim_cache *c, enum vtdsim_stage stage,
			   const struct vtdsim_pasid *pe, u32 pasid, u64 addr,
			   int level, struct vtdsim_psc *psc);
void vtdsim_cache_add_psc(struct vtdsim_cache *c, enum vtdsim_stage stage,
			  const struct vtdsim_pasid *pe, u32 pasid, u64 addr,
			  int level, const struct vtdsim_psc *psc);

/* A device may keep a translation to 1 << @shift bytes at @hpa. */
void vtdsim_cache_note_lent(struct vtdsim_cache *c, u64 hpa, u8 shift);

/* Invalidations, one per granularity of section 6.5.2. */
void vtdsim_inv_context_all(struct vtdsim_cache *c);
void vtdsim_inv_context_device(struct vtdsim_cache *c, u16 sid, u8 fm);
void vtdsim_inv_pasid_all(struct vtdsim_cache *c);
void vtdsim_inv_pasid_domain(struct vtdsim_cache *c, u16 did);
void vtdsim_inv_pasid_one(struct vtdsim_cache *c, u16 did, u32 pasid);
void vtdsim_inv_iotlb_all(struct vtdsim_cache *c);
void vtdsim_inv_iotlb_domain(struct vtdsim_cache *c, u16 did);
void vtdsim_inv_iotlb_pages(struct vtdsim_cache *c, u16 did, u64 addr, u8 am,
			    bool ih);
void vtdsim_inv_piotlb_pasid(struct vtdsim_cache *c, u16 did, u32 pasid);
void vtdsim_inv_piotlb_pages(struct vtdsim_cache *c, u16 did, u32 pasid,
			     u64 addr, u8 am, bool ih);
/* Descriptors in flight: what belongs to which wait descriptor, and is complete with it. */
u64 vtdsim_inv_fetch(const struct vtdsim_cache *c);
u64 vtdsim_inv_fetch_wait(struct vtdsim_cache *c);
void vtdsim_inv_carry_out(struct vtdsim_cache *c, u64 epoch);
void vtdsim_inv_complete_epoch(struct vtdsim_cache *c, u64 epoch);
/* That of a page request, which software cannot rely on (section 6.5.3.1) */
void vtdsim_inv_implicit_domain(struct vtdsim_cache *c, u16 did);
/* Software learns that all invalidations so far are complete. */
void vtdsim_inv_complete(struct vtdsim_cache *c);

#endif /* _VTDSIM_CACHES_H */
