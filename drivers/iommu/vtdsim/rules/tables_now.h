/* SPDX-License-Identifier: GPL-2.0-only */
/* Comparison of what is cached with what the tables in memory say. */
#ifndef _VTDSIM_TABLES_NOW_H
#define _VTDSIM_TABLES_NOW_H

#include <linux/types.h>

#include "tables/entries.h"
#include "unit/requesters.h"
#include "unit/unit.h"

struct vtdsim_cached;
struct vtdsim_now_second;

/**
 * struct vtdsim_now - a unit's tables in memory
 * @caps: the unit's capabilities, changed to read tables as software wrote them
 * @rtaddr: Root Table Address Register in force
 * @sids: source-ids of the unit's requesters
 * @count: how many there are
 * @second: by domain-id, where a PASID entry with a second stage is; NULL until needed
 */
struct vtdsim_now {
	struct vtdsim_caps caps;
	u64 rtaddr;
	u16 sids[VTDSIM_MAX_REQUESTERS];
	unsigned int count;
	struct vtdsim_now_second *second;
};

/**
 * struct vtdsim_now_entry - a PASID entry in memory
 * @pe: what it says
 * @pasid: its PASID
 */
struct vtdsim_now_entry {
	struct vtdsim_pasid pe;
	u32 pasid;
};

void vtdsim_now_init(struct vtdsim_now *now, struct vtdsim_unit *unit);
void vtdsim_now_destroy(struct vtdsim_now *now);
int vtdsim_now_compare(struct vtdsim_now *now, const struct vtdsim_cached *e,
		       const char **wrong);
const char *vtdsim_now_compare_translation(const struct vtdsim_now *now, u16 sid,
					   const struct vtdsim_translation *t);

#endif /* _VTDSIM_TABLES_NOW_H */
