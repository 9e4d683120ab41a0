/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counters and audit of vtdsim, in debugfs.
 */
#ifndef _TOOLS_IOMMU_COUNTERS_H
#define _TOOLS_IOMMU_COUNTERS_H

#include <linux/types.h>

int vtdsim_counter(const char *name, __u64 *val);
int vtdsim_violations(__u64 *val);
int vtdsim_audit(void);

#endif /* _TOOLS_IOMMU_COUNTERS_H */
