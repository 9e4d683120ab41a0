/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Macros that the kernel has and user space lacks. kselftest.h defines some of
 * them, too; a test includes it first.
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

/* Sizes of pages */
#define PAGE		4096ULL
#define SIZE_2M		BIT_ULL(21)
#define SIZE_1G		BIT_ULL(30)

#endif /* _TOOLS_IOMMU_UTIL_H */
