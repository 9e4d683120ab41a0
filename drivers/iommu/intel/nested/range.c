// SPDX-License-Identifier: GPL-2.0-only
/* Checks invalidation requests, and covers their ranges with descriptors. */

#include <linux/log2.h>

#include "nested.h"

/**
 * vtd_inv_check() - check one request of an invalidation array
 * @req: the request, copied from user space
 * @range: set to the checked range
 *
 * Context: Any.
 * Return: 0; -EOPNOTSUPP for unknown flags and for reserved fields that are not
 * zero; -EINVAL for an unaligned address, no pages, all pages with an address, or
 * a range that exceeds the address space.
 */
int vtd_inv_check(const struct iommu_hwpt_vtd_s1_invalidate *req,
		  struct vtd_inv_range *range)
{
	const u64 last_pfn = U64_MAX >> VTD_PAGE_SHIFT;

	if ((req->flags & ~IOMMU_VTD_INV_FLAGS_LEAF) || req->__reserved)
		return -EOPNOTSUPP;

	if (!IS_ALIGNED(req->addr, VTD_PAGE_SIZE) || !req->npages)
		return -EINVAL;

	range->pfn = req->addr >> VTD_PAGE_SHIFT;
	range->leaf = req->flags & IOMMU_VTD_INV_FLAGS_LEAF;

	if (req->npages == U64_MAX) {
		range->npages = 0;
		return req->addr ? -EINVAL : 0;
	}

	if (req->npages - 1 > last_pfn - range->pfn)
		return -EINVAL;

	range->npages = req->npages;
	return 0;
}

/* The smallest aligned power of two of pages from @first to @last. */
static struct vtd_inv_block vtd_inv_block_around(u64 first, u64 last, bool leaf)
{
	unsigned int order = fls64(first ^ last);

	return (struct vtd_inv_block) {
		.pfn = first >> order << order,
		.order = order,
		.leaf = leaf,
	};
}

/**
 * vtd_inv_cover() - cover a range with aligned blocks
 * @range: a range that vtd_inv_check() has accepted
 * @max_order: the unit's Maximum Address Mask Value (VT-d 11.4.2, MAMV)
 * @blocks: set to the blocks
 *
 * A page-selective invalidation takes an aligned power of two of pages (VT-d
 * 6.5.2.4). A range of n pages meets at most two aligned blocks of n rounded
 * up to a power of two. Each of the two is shrunk as far as its part of the
 * range allows, so that less than twice the range is invalidated, however it
 * lies.
 *
 * Context: Any.
 * Return: the number of blocks, or 0 if everything has to be invalidated.
 */
int vtd_inv_cover(const struct vtd_inv_range *range, unsigned int max_order,
		  struct vtd_inv_block blocks[VTD_INV_MAX_BLOCKS])
{
	u64 first = range->pfn, last = first + range->npages - 1;
	unsigned int order;
	int n = 0;

	if (!range->npages)
		return 0;

	/* The most frequent case by far. */
	if (range->npages == 1) {
		blocks[0] = (struct vtd_inv_block) {
			.pfn = range->pfn,
			.leaf = range->leaf,
		};
		return 1;
	}

	order = order_base_2(range->npages);
	if (first >> order == last >> order) {
		blocks[n++] = vtd_inv_block_around(first, last, range->leaf);
	} else {
		u64 border = last >> order << order;

		blocks[n++] = vtd_inv_block_around(first, border - 1, range->leaf);
		blocks[n++] = vtd_inv_block_around(border, last, range->leaf);
	}

	if (blocks[0].order > max_order || blocks[n - 1].order > max_order)
		return 0;

	return n;
}
