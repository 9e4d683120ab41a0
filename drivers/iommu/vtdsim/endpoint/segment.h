/* SPDX-License-Identifier: GPL-2.0-only */
/* PCI segments: a root bus with endpoints behind a unit. */
#ifndef _VTDSIM_SEGMENT_H
#define _VTDSIM_SEGMENT_H

#include <linux/types.h>

struct vtdsim_unit;

int vtdsim_segment_add(struct vtdsim_unit *unit, u16 domain, u32 base,
		       unsigned int count, u32 devtlb_limit);

#endif /* _VTDSIM_SEGMENT_H */
