/* SPDX-License-Identifier: GPL-2.0-only */
/* Between queue.c, which decides what goes into a ring, and queue_ring.c. */
#ifndef _INTEL_NESTED_QUEUE_RING_H
#define _INTEL_NESTED_QUEUE_RING_H

#include <linux/types.h>

#include "../iommu.h"

struct vtd_submission;

/* Slots of a ring that a batch may take, its wait descriptor included. */
#define VTD_RING_SHARE	(QI_LENGTH / 2)

bool vtd_ring_post(struct intel_iommu *iommu);
bool vtd_ring_done(struct intel_iommu *iommu);
void vtd_ring_collect(struct intel_iommu *iommu);
void vtd_ring_check_faults(struct intel_iommu *iommu);
void vtd_ring_drop_device(struct vtd_submission *sub, u16 sid);

#endif /* _INTEL_NESTED_QUEUE_RING_H */
