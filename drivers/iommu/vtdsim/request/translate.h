/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a request to its translation: common to DMA and translation requests.
 */
#ifndef _VTDSIM_TRANSLATE_H
#define _VTDSIM_TRANSLATE_H

#include <linux/types.h>

#include "tables/entries.h"
#include "unit/messages.h"
#include "unit/unit.h"

struct vtdsim_map;

/**
 * struct vtdsim_target - the table entries that a request is subject to
 * @ctx: context entry of the device
 * @pe: PASID-table entry in force
 * @pasid: its PASID: the request's, or RID_PASID
 * @quiet: a fault is not to be recorded (FPD)
 */
struct vtdsim_target {
	struct vtdsim_context ctx;
	struct vtdsim_pasid pe;
	u32 pasid;
	bool quiet;
};

u8 vtdsim_find_context(struct vtdsim_unit *unit, u16 sid,
		       struct vtdsim_target *t);
u8 vtdsim_find_entry(struct vtdsim_unit *unit, struct vtdsim_req *req,
		     struct vtdsim_target *t);
bool vtdsim_passes_through(const struct vtdsim_unit *unit, const struct vtdsim_req *req,
			   const struct vtdsim_target *t);
void vtdsim_note_pass_through(struct vtdsim_unit *unit, const struct vtdsim_req *req,
			      const struct vtdsim_target *t);
u8 vtdsim_find_map(struct vtdsim_unit *unit, const struct vtdsim_req *req,
		   const struct vtdsim_target *t, struct vtdsim_map *map);

#endif /* _VTDSIM_TRANSLATE_H */
