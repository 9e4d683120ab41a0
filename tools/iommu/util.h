/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every file of the kernel has, and user space has not.
 */
#ifndef _TOOLS_IOMMU_UTIL_H
#define _TOOLS_IOMMU_UTIL_H

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BIT_ULL(n)	(1ULL << (n))
#define __printf(f, a)	__attribute__((__format__(__printf__, f, a)))

#endif /* _TOOLS_IOMMU_UTIL_H */
