/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random programs: a device that no program touches, whose DMA goes on all the time.
 */
#ifndef _SELFTESTS_IOMMU_VTD_FUZZ_BYSTANDER_H
#define _SELFTESTS_IOMMU_VTD_FUZZ_BYSTANDER_H

#include <stdbool.h>

/**
 * struct bystander_verdict - what the bystander tells
 * @accesses: accesses that have ended
 * @wrong: pairs of accesses that did not find their page
 * @why: what the first of them found
 */
struct bystander_verdict {
	unsigned long accesses;
	unsigned long wrong;
	char why[160];
};

struct bystander_verdict *bystander_start(const char *bdf);
bool bystander_runs(void);

#endif /* _SELFTESTS_IOMMU_VTD_FUZZ_BYSTANDER_H */
