// SPDX-License-Identifier: GPL-2.0-only
/* Merges the ranges of a piece of an invalidation array. */

#include "nested.h"

/*
 * Shellsort with Ciura's gaps. For a piece of this size it takes a fifth of the
 * instructions of sort(), which makes two indirect calls per step.
 */
static void vtd_inv_sort(struct vtd_inv_range *range, unsigned int n)
{
	static const u16 gaps[] = { 701, 301, 132, 57, 23, 10, 4, 1 };
	unsigned int g, i, j;

	for (g = 0; g < ARRAY_SIZE(gaps); g++) {
		unsigned int gap = gaps[g];

		for (i = gap; i < n; i++) {
			struct vtd_inv_range moved = range[i];

			for (j = i; j >= gap && range[j - gap].pfn > moved.pfn; j -= gap)
				range[j] = range[j - gap];
			range[j] = moved;
		}
	}
}

/* True if the ranges ascend, and no two overlap or touch. */
static bool vtd_inv_is_merged(const struct vtd_inv_range *range, unsigned int n)
{
	unsigned int i;

	for (i = 1; i < n; i++) {
		if (range[i].pfn <= range[i - 1].pfn + range[i - 1].npages)
			return false;
	}

	return true;
}

/* Merges each range into the one before it if they overlap or touch. */
static unsigned int vtd_inv_merge_neighbours(struct vtd_inv_range *range, unsigned int n)
{
	struct vtd_inv_range *into = range;
	u64 into_end = into->pfn + into->npages;
	unsigned int i;

	for (i = 1; i < n; i++) {
		u64 end = range[i].pfn + range[i].npages;

		if (range[i].pfn > into_end || end < into->pfn) {
			*++into = range[i];
			into_end = end;
			continue;
		}
		into->pfn = min(into->pfn, range[i].pfn);
		into_end = max(into_end, end);
		into->npages = into_end - into->pfn;
		into->leaf &= range[i].leaf;
	}

	return into - range + 1;
}

/**
 * vtd_inv_merge() - merge ranges that overlap or touch
 * @range: ranges that vtd_inv_check() has accepted; overwritten
 * @n: how many, at least one
 *
 * If one of the merged ranges asks for more than leaf entries, the result does:
 * it may invalidate too much, but never too little. A request for everything
 * replaces all others. Guests unmap most buffers in ascending or descending order,
 * so neighbours are merged first, and the ranges are sorted only if that leaves
 * some out of order.
 *
 * Context: Any.
 * Return: the number of ranges left in @range, in ascending order.
 */
unsigned int vtd_inv_merge(struct vtd_inv_range *range, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (!range[i].npages) {
			range[0] = (struct vtd_inv_range) {};
			return 1;
		}
	}

	n = vtd_inv_merge_neighbours(range, n);
	if (vtd_inv_is_merged(range, n))
		return n;

	vtd_inv_sort(range, n);
	return vtd_inv_merge_neighbours(range, n);
}
