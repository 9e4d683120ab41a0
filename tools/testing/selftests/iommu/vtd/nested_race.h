/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages that are unmapped one by one while a device is attached or detached.
 */
#ifndef _SELFTESTS_IOMMU_VTD_NESTED_RACE_H
#define _SELFTESTS_IOMMU_VTD_NESTED_RACE_H

#include "nested.h"

#define RACE_PAGES	32U
#define RACE_GPA	(NESTED_GPA + SIZE_1G)

/**
 * struct race - a guest with pages that have no other user than its address space
 * @n: the guest
 * @mem: where this process maps the pages in the moment in which they are pinned
 * @table: what the first device is attached to: object ID for VFIO
 * @iova: address of the first page for the device
 */
struct race {
	struct nested n;
	unsigned char *mem;
	__u32 table;
	__u64 iova;
};

int race_open(struct race *r, int ndev, const char **skip);
__u64 race_close(struct race *r);
void race_delay(__u64 ns);

int race_detach_rounds(struct race *r, unsigned int rounds);
int race_attach_rounds(struct race *r, unsigned int rounds);

#endif /* _SELFTESTS_IOMMU_VTD_NESTED_RACE_H */
