/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page walks (first_stage.c, second_stage.c: sections 3.6 to 3.8, 9.7, 9.8), rights
 * (rights.c), and the memory that they go through (host_memory.c).
 */
#ifndef _VTDSIM_WALK_H
#define _VTDSIM_WALK_H

#include <linux/types.h>

#include "cache/caches.h"

struct vtdsim_caps;
struct vtdsim_pasid;
struct vtdsim_req;

/* ---- host_memory.c: host memory, as a unit's page walker and DMA engine see it ---- */

/* All return false where the address is not RAM (an unsupported request). */
bool vtdsim_mem_read(u64 hpa, void *buf, size_t len);
bool vtdsim_mem_write(u64 hpa, const void *buf, size_t len);
bool vtdsim_mem_read64(u64 hpa, u64 *val);
bool vtdsim_mem_cmpxchg64(u64 hpa, u64 *expected, u64 val, bool *swapped);
bool vtdsim_mem_fetch_add(u64 hpa, u64 operand, size_t size, u64 *old);

/* ---- translations, and walks that find them ---- */

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
 * struct vtdsim_look - what a walk that only looks has gone through
 * @first: non-leaf entries of the first stage, by level
 * @second: non-leaf entries of the second stage, by level; if there were several
 *	walks through it, of all of them
 * @dirty: a write needs no dirty-bit update of the last second-stage leaf
 *
 * Entries that were not met have no table.
 */
struct vtdsim_look {
	struct vtdsim_psc first[6];
	struct vtdsim_psc second[6];
	bool dirty;
};

/**
 * struct vtdsim_walk - what a page walk needs besides the address
 * @caps: the unit's capabilities
 * @pe: the PASID-table entry in force
 * @cache: paging-structure caches to consult and fill, or NULL for none
 * @pasid: PASID of the request (or RID_PASID)
 * @look: leave the tables as they are, without accessed and dirty bits, and note
 *	what is met; NULL for a walk that serves a request
 */
struct vtdsim_walk {
	const struct vtdsim_caps *caps;
	const struct vtdsim_pasid *pe;
	struct vtdsim_cache *cache;
	u32 pasid;
	struct vtdsim_look *look;
};

/*
 * Both return 0 or a fault reason, set accessed and dirty bits as the request
 * demands, and fill *map. vtdsim_walk_first() does nested translation when the
 * PASID entry says so: every first-stage entry is read through the second
 * stage, and so is the final address.
 */
u8 vtdsim_walk_second(const struct vtdsim_walk *w, u64 addr, bool read,
		      bool write, struct vtdsim_map *map);
u8 vtdsim_walk_first(const struct vtdsim_walk *w, const struct vtdsim_req *req,
		     struct vtdsim_map *map);
/* Does an existing translation allow the request? 0 or the fault reason. */
u8 vtdsim_check_access(const struct vtdsim_pasid *pe,
		       const struct vtdsim_req *req,
		       const struct vtdsim_map *map);

#endif /* _VTDSIM_WALK_H */
