/* SPDX-License-Identifier: GPL-2.0-only */
/* Page walks through both stages (sections 3.6 to 3.8, 9.7, 9.8). */
#ifndef _VTDSIM_WALK_H
#define _VTDSIM_WALK_H

#include <linux/types.h>

#include "cache/caches.h"

struct vtdsim_caps;
struct vtdsim_pasid;
struct vtdsim_req;

/*
 * How often a walk tries to set flags in an entry that changes all the time. Tables of
 * a first stage may belong to a guest, which must not keep the unit from going on.
 */
#define VTDSIM_WALK_TRIES	16

/**
 * struct vtdsim_look - non-leaf entries that a walk without side effects met
 * @first: those of the first stage, by level
 * @second: those of the second stage, by level; of all its walks, if several
 * @dirty: a write needs no dirty-bit update of the last second-stage leaf
 * @unmarked: a read would set a flag in an entry that was met
 *
 * Entries that were not met have no table.
 */
struct vtdsim_look {
	struct vtdsim_psc first[6];
	struct vtdsim_psc second[6];
	bool dirty;
	bool unmarked;
};

/**
 * struct vtdsim_walk - what a page walk needs besides the address
 * @caps: the unit's capabilities
 * @pe: the PASID-table entry in force
 * @cache: paging-structure caches to consult and fill, or NULL for none
 * @pasid: PASID of the request (or RID_PASID)
 * @look: set no accessed and dirty bits, and note the entries met here; NULL for
 *	a walk that serves a request
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

#endif /* _VTDSIM_WALK_H */
