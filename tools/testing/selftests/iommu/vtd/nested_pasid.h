/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PASIDs of a device, as VMMs attach page tables to them. The calls are those of
 * Linux 6.15 and later.
 */
#ifndef _SELFTESTS_IOMMU_VTD_NESTED_PASID_H
#define _SELFTESTS_IOMMU_VTD_NESTED_PASID_H

#include <stdbool.h>

#include "nested.h"

#define PASID_A		23U
#define PASID_B		0x1234U

bool pasids_can_be_attached(struct nested *n);
int pasid_hwpt_alloc(struct nested *n, const struct stage1 *t, __u32 fault, __u32 *hwpt);
int pasid_s1_create(struct nested *n, struct nested_s1 *s1, __u64 *page);

__u64 pasid_see(struct nested *n, __u32 pasid, __u64 iova);
__u32 pasid_poke(struct nested *n, __u32 pasid, __u64 iova);
bool pasid_blocked(struct nested *n, __u32 pasid, __u64 iova);

#endif /* _SELFTESTS_IOMMU_VTD_NESTED_PASID_H */
