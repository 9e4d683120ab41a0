/* SPDX-License-Identifier: GPL-2.0-only */
/* PCI segments: a root bus with endpoints behind a unit. */
#ifndef _VTDSIM_SEGMENT_H
#define _VTDSIM_SEGMENT_H

#include <linux/types.h>

#include "endpoint/topology.h"

struct vtdsim_endpoint_kind;
struct vtdsim_unit;

/**
 * struct vtdsim_segment_plan - what is to be in a PCI segment
 * @domain: number of the segment
 * @base: physical address of the BARs, of vtdsim_segment_bytes()
 * @kinds: the endpoints
 * @place: where they are
 * @acs: functions of one device and ports have Access Control Services, and so are not of one
 *	IOMMU group
 * @devtlb_limit: entries in the device TLB of each endpoint, 0 for any number
 */
struct vtdsim_segment_plan {
	u16 domain;
	u32 base;
	const struct vtdsim_endpoint_kind * const *kinds;
	struct vtdsim_place place;
	bool acs;
	u32 devtlb_limit;
};

u64 vtdsim_segment_bytes(const struct vtdsim_segment_plan *plan);
int vtdsim_segment_add(struct vtdsim_unit *unit, const struct vtdsim_segment_plan *plan);

#endif /* _VTDSIM_SEGMENT_H */
