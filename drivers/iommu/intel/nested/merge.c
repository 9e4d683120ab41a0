// SPDX-License-Identifier: GPL-2.0-only
/* Makes the ranges of a piece of an invalidation array as few as they can be. */

#include <linux/sort.h>

#include "nested.h"

static int by_pfn(const void *a, const void *b)
{
	const struct vtd_inv_range *x = a, *y = b;

	return x->pfn < y->pfn ? -1 : x->pfn > y->pfn;
}

static bool is_sorted(const struct vtd_inv_range *range, unsigned int n)
{
	unsigned int i;

	for (i = 1; i < n; i++) {
		if (range[i].pfn < range[i - 1].pfn)
			return false;
	}

	return true;
}

/**
 * vtd_inv_merge() - merge ranges that overlap or touch
 * @range: ranges that vtd_inv_check() has accepted; overwritten
 * @n: how many, at least one
 *
 * A range that asks for more than leaf entries makes the whole of what it is
 * merged into ask for more: that invalidates a bit too much, and never too
 * little. A request for everything swallows all others. A guest sends most
 * arrays in ascending order; others are sorted first.
 *
 * Context: Any.
 * Return: how many ranges are left in @range.
 */
unsigned int vtd_inv_merge(struct vtd_inv_range *range, unsigned int n)
{
	unsigned int i, last = 0;

	for (i = 0; i < n; i++) {
		if (!range[i].npages) {
			range[0] = (struct vtd_inv_range) {};
			return 1;
		}
	}

	if (!is_sorted(range, n))
		sort(range, n, sizeof(*range), by_pfn, NULL);

	for (i = 1; i < n; i++) {
		struct vtd_inv_range *into = &range[last];
		u64 into_end = into->pfn + into->npages;
		u64 end = range[i].pfn + range[i].npages;

		if (range[i].pfn > into_end) {
			range[++last] = range[i];
			continue;
		}
		into->npages = max(into_end, end) - into->pfn;
		into->leaf &= range[i].leaf;
	}

	return last + 1;
}
