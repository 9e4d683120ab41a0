/* SPDX-License-Identifier: GPL-2.0-only */
/* The units of the DMAR table, and what the boot parameter asked of them. */
#ifndef _VTDSIM_UNITS_H
#define _VTDSIM_UNITS_H

#include <linux/types.h>

#include "cache/caches.h"
#include "endpoint/topology.h"
#include "unit/unit.h"

struct vtdsim_endpoint_kind;

#define VTDSIM_MAX_ENDPOINTS	16

/**
 * struct vtdsim_options - options of one unit, from the boot parameter
 * @caps: capabilities of the unit
 * @endpoints: number of endpoints
 * @kinds: what they are
 * @place: where they are
 * @acs: functions of one device, and ports, have Access Control Services
 * @segment: PCI segment of the unit and its endpoints
 * @queue_delay: see &vtdsim_unit
 * @desc_delay: see &vtdsim_unit
 * @queue_async: see &vtdsim_unit
 * @async: see &vtdsim_async.seed
 * @fill_line: see &vtdsim_unit
 * @limits: sizes of the unit's caches
 * @devtlb: size of each endpoint's device TLB, 0 for any
 * @bar_base: physical address of the endpoints' BARs, reserved at boot
 * @reg_base: physical address at which the unit's registers appear
 */
struct vtdsim_options {
	struct vtdsim_caps caps;
	u32 endpoints;
	const struct vtdsim_endpoint_kind *kinds[VTDSIM_MAX_ENDPOINTS];
	struct vtdsim_place place;
	bool acs;
	u16 segment;
	u32 queue_delay;
	u32 desc_delay;
	bool queue_async;
	u32 async;
	bool fill_line;
	struct vtdsim_limits limits;
	u32 devtlb;
	u64 bar_base;
	u64 reg_base;
};

#define VTDSIM_MAX_UNITS	4

/* Number of units; 0 without the boot parameter. */
extern unsigned int vtdsim_unit_count;
extern struct vtdsim_options vtdsim_options[VTDSIM_MAX_UNITS];

/* The units of the DMAR table, usable from early boot on */
extern struct vtdsim_unit vtdsim_units[VTDSIM_MAX_UNITS];

void vtdsim_units_start(unsigned int n);
void vtdsim_units_allocate(void);

#endif /* _VTDSIM_UNITS_H */
