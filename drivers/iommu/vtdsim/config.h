/* SPDX-License-Identifier: GPL-2.0-only */
/* What the boot parameter asked for (param.c), and the unit that it made. */
#ifndef _VTDSIM_CONFIG_H
#define _VTDSIM_CONFIG_H

#include <linux/types.h>

#include "unit.h"

/**
 * struct vtdsim_config - what the boot parameter asked for
 * @caps: capabilities of the unit
 * @endpoints: number of endpoints
 * @segment: PCI segment
 * @queue_delay: see &vtdsim_unit
 * @desc_delay: see &vtdsim_unit
 * @bar_base: physical address of the endpoints' BARs, set aside at boot
 * @reg_base: physical address at which the unit's registers appear
 * @enabled: the model was asked for and everything it needs is there
 */
struct vtdsim_config {
	struct vtdsim_caps caps;
	unsigned int endpoints;
	u16 segment;
	u32 queue_delay;
	u32 desc_delay;
	u64 bar_base;
	u64 reg_base;
	bool enabled;
};

extern struct vtdsim_config vtdsim_config;

/* The unit that appears in the DMAR table. Usable from early boot on. */
extern struct vtdsim_unit vtdsim_unit0;

#endif /* _VTDSIM_CONFIG_H */
