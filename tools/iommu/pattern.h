/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes that tell where they come from.
 */
#ifndef _TOOLS_IOMMU_PATTERN_H
#define _TOOLS_IOMMU_PATTERN_H

#include <stddef.h>

/**
 * pattern_fill() - fill memory with bytes that differ from their neighbours
 * @p: filled
 * @len: bytes
 * @seed: another seed gives other bytes everywhere
 *
 * The pattern does not repeat from page to page.
 */
static inline void pattern_fill(void *p, size_t len, unsigned int seed)
{
	unsigned char *byte = p;
	size_t i;

	for (i = 0; i < len; i++)
		byte[i] = seed + i * 7 + (i >> 8);
}

#endif /* _TOOLS_IOMMU_PATTERN_H */
