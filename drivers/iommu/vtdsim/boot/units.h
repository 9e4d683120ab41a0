/* SPDX-License-Identifier: GPL-2.0-only */
/* The units of the DMAR table, and what the boot parameter asked of them. */
#ifndef _VTDSIM_UNITS_H
#define _VTDSIM_UNITS_H

#include <linux/types.h>

#include "cache/caches.h"
#include "unit/unit.h"

/**
 * struct vtdsim_config - what the boot parameter asked for, of one unit
 * @caps: capabilities of the unit
 * @endpoints: number of endpoints
 * @segment: PCI segment of the unit and its endpoints
 * @queue_delay: see &vtdsim_unit
 * @desc_delay: see &vtdsim_unit
 * @limits: sizes of caches
 * @bar_base: physical address of the endpoints' BARs, set aside at boot
 * @reg_base: physical address at which the unit's registers appear
 */
struct vtdsim_config {
	struct vtdsim_caps caps;
	u32 endpoints;
	u16 segment;
	u32 queue_delay;
	u32 desc_delay;
	struct vtdsim_limits limits;
	u64 bar_base;
	u64 reg_base;
};

#define VTDSIM_MAX_UNITS	4

/* How many units there are; 0 unless the model was asked for. */
extern unsigned int vtdsim_unit_count;
extern struct vtdsim_config vtdsim_configs[VTDSIM_MAX_UNITS];

/* The units that appear in the DMAR table. Usable from early boot on. */
extern struct vtdsim_unit vtdsim_units[VTDSIM_MAX_UNITS];

void vtdsim_units_start(unsigned int n);

#endif /* _VTDSIM_UNITS_H */
