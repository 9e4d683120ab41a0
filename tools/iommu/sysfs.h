/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files of sysfs, debugfs and procfs that hold one value.
 */
#ifndef _TOOLS_IOMMU_SYSFS_H
#define _TOOLS_IOMMU_SYSFS_H

#include <stddef.h>
#include <linux/types.h>

int sysfs_write(const char *path, const char *text);
int sysfs_read(const char *path, char *text, size_t size);
int sysfs_read_u64(const char *path, __u64 *val);

#endif /* _TOOLS_IOMMU_SYSFS_H */
