// SPDX-License-Identifier: GPL-2.0-only
/* Makes the ranges of a piece of an invalidation array as few as they can be. */

#include "nested.h"

/*
 * Shell's method, with the gaps that Ciura found. A piece is so small that this
 * takes a fifth of the instructions of sort(), which calls two functions for
 * each step.
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

/* In ascending order, with something between each two? */
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
 * A range that asks for more than leaf entries makes the whole of what it is
 * merged into ask for more: that invalidates a bit too much, and never too
 * little. A request for everything swallows all others. A guest unmaps most
 * buffers in ascending or in descending order; only what is left after that
 * in no order has to be sorted.
 *
 * Context: Any.
 * Return: how many ranges are left in @range, in ascending order.
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
