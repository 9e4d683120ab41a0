/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every file of the kernel has, and user space has not; kselftest.h,
 * which a test includes first, brings some of it.
 */
#ifndef _TOOLS_IOMMU_UTIL_H
#define _TOOLS_IOMMU_UTIL_H

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

#ifndef __printf
#define __printf(f, a)	__attribute__((__format__(__printf__, f, a)))
#endif

#define BIT_ULL(n)	(1ULL << (n))

#endif /* _TOOLS_IOMMU_UTIL_H */
