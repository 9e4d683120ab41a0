/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The address translation cache of an endpoint: its device TLB, in the terms of the
 * VT-d specification.
 */
#ifndef _VTDSIM_ATC_H
#define _VTDSIM_ATC_H

#include <linux/list.h>
#include <linux/types.h>

#include "unit/messages.h"
#include "unit/requesters.h"
#include "unit/unit.h"

#define VTDSIM_ATC_BITS		8

/**
 * struct vtdsim_atc - an endpoint's translations
 * @buckets: hash table
 * @live: entries in use, oldest first
 * @free: entries not in use
 * @count: number of entries in use
 * @limit: limit of @count, or 0
 * @shifts: bit n is set once an entry of 1 << n bytes was added
 *
 * Protected by the lock of the unit that the endpoint is behind.
 */
struct vtdsim_atc {
	struct hlist_head buckets[1 << VTDSIM_ATC_BITS];
	struct list_head live;
	struct list_head free;
	unsigned int count;
	u32 limit;
	u64 shifts;
};

void vtdsim_atc_init(struct vtdsim_atc *atc);
void vtdsim_atc_destroy(struct vtdsim_atc *atc);
int vtdsim_atc_reserve(struct vtdsim_unit *unit, struct vtdsim_atc *atc);
bool vtdsim_atc_find(struct vtdsim_atc *atc, const struct vtdsim_req *req,
		     struct vtdsim_translation *t);
void vtdsim_atc_add(struct vtdsim_atc *atc, const struct vtdsim_translation *t);
void vtdsim_atc_invalidate(struct vtdsim_atc *atc,
			   const struct vtdsim_devtlb_inv *inv);
void vtdsim_atc_flush(struct vtdsim_atc *atc);
void vtdsim_atc_each(struct vtdsim_atc *atc,
		     void (*fn)(void *data, const struct vtdsim_translation *t),
		     void *data);

void vtdsim_translation_decode(const struct vtdsim_req *req,
			       const struct vtdsim_completion *cpl,
			       struct vtdsim_translation *t);
bool vtdsim_translation_allows(const struct vtdsim_translation *t,
			       const struct vtdsim_req *req);

#endif /* _VTDSIM_ATC_H */
