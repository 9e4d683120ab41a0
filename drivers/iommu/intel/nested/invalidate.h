/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between invalidate.c, which takes the array of user space apart, the shorter
 * way of invalidate_one.c, and invalidate_units.c, which gives each unit its
 * descriptors.
 */
#ifndef _INTEL_NESTED_INVALIDATE_H
#define _INTEL_NESTED_INVALIDATE_H

#include "nested.h"
#include "trace.h"

/**
 * struct vtd_inv_count - what a call adds to struct vtd_s1_stats
 * @ranges: address ranges
 * @descriptors: without wait descriptors
 * @submissions: batches that these were in
 * @timeouts: submissions that left out a device
 */
struct vtd_inv_count {
	unsigned int ranges;
	unsigned int descriptors;
	unsigned int submissions;
	unsigned int timeouts;
};

/**
 * struct vtd_inv_work - the state of one call
 * @req: a piece of the user's array
 * @range: in the same memory, the requests checked and merged
 * @block: the ranges in aligned powers of two of pages
 * @desc: descriptors to be submitted
 * @sub: the same by unit
 * @max_reqs: room in @req
 * @max_blocks: room in @block
 * @max_descs: room in @desc
 * @max_subs: room in @sub
 * @nranges: how many ranges the piece has
 * @nblocks: how many blocks there are; 0 means everything
 * @ndescs: how many descriptors there are
 * @nsubs: for how many units
 * @spent: blocks of the pieces before
 * @whole: everything has been invalidated, on every unit
 * @count: for the statistics
 */
struct vtd_inv_work {
	struct iommu_hwpt_vtd_s1_invalidate *req;
	struct vtd_inv_range *range;
	struct vtd_inv_block *block;
	struct qi_desc *desc;
	struct vtd_submission *sub;
	unsigned int max_reqs;
	unsigned int max_blocks;
	unsigned int max_descs;
	unsigned int max_subs;
	unsigned int nranges;
	unsigned int nblocks;
	unsigned int ndescs;
	unsigned int nsubs;
	unsigned int spent;
	bool whole;
	struct vtd_inv_count count;
};

/* What stands for all that a PASID has cached, see vtd_inv_cover(). */
extern const struct vtd_inv_block vtd_inv_everything;

/**
 * vtd_inv_compose_iotlb() - compose invalidations of the IOTLB by page
 * @att: PASID of a device
 * @block: what to invalidate
 * @n: how many blocks
 * @desc: where to write
 *
 * VT-d 6.5.2.4. The hint says that no non-leaf entry was changed.
 *
 * Context: Any.
 * Return: the place after the last descriptor.
 */
static inline struct qi_desc *
vtd_inv_compose_iotlb(const struct vtd_attachment *att, const struct vtd_inv_block *block,
		      unsigned int n, struct qi_desc *desc)
{
	u64 tag = QI_EIOTLB_TYPE | QI_EIOTLB_DID(att->link->did) |
		  QI_EIOTLB_GRAN(QI_GRAN_PSI_PASID) | QI_EIOTLB_PASID((u64)att->pasid);

	for (; n--; block++, desc++) {
		desc->qw0 = tag;
		desc->qw1 = block->pfn << VTD_PAGE_SHIFT | QI_EIOTLB_IH((u64)block->leaf) |
			    QI_EIOTLB_AM(block->order);
		desc->qw2 = 0;
		desc->qw3 = 0;
	}

	return desc;
}

/**
 * vtd_inv_compose_iotlb_all() - compose an invalidation of the IOTLB by PASID
 * @att: PASID of a device
 * @desc: where to write
 *
 * Context: Any.
 * Return: the place after the descriptor.
 */
static inline struct qi_desc *
vtd_inv_compose_iotlb_all(const struct vtd_attachment *att, struct qi_desc *desc)
{
	*desc = (struct qi_desc) {
		.qw0 = QI_EIOTLB_TYPE | QI_EIOTLB_DID(att->link->did) |
		       QI_EIOTLB_GRAN(QI_GRAN_NONG_PASID) | QI_EIOTLB_PASID((u64)att->pasid),
	};

	return desc + 1;
}

/**
 * vtd_inv_compose_devtlb() - compose invalidations of a device TLB
 * @att: PASID of a device with ATS
 * @block: what to invalidate
 * @n: how many blocks
 * @desc: where to write, room for two descriptors a block
 *
 * Context: Any.
 * Return: the place after the last descriptor.
 */
static inline struct qi_desc *
vtd_inv_compose_devtlb(const struct vtd_attachment *att, const struct vtd_inv_block *block,
		       unsigned int n, struct qi_desc *desc)
{
	for (; n--; block++)
		desc = vtd_add_devtlb(att->link->info, att->pasid,
				      block->pfn << VTD_PAGE_SHIFT, block->order, desc);

	return desc;
}

/**
 * vtd_inv_count_call() - add a call to the counters of a domain
 * @s1: the domain
 * @count: what it took
 * @done: requests that were carried out
 *
 * Context: Any.
 */
static inline void vtd_inv_count_call(struct vtd_s1_domain *s1,
				      const struct vtd_inv_count *count, u32 done)
{
	struct vtd_s1_stats *stats = &s1->stats;

	trace_vtd_s1_invalidate(s1, count, done);
	atomic64_add(done, &stats->entries);
	atomic64_add(count->ranges, &stats->ranges);
	atomic64_add(count->descriptors, &stats->descriptors);
	atomic64_add(count->submissions, &stats->submissions);
	if (count->timeouts)
		atomic64_add(count->timeouts, &stats->timeouts);
}

int vtd_inv_flush_ranges(struct vtd_s1_domain *s1, struct vtd_inv_work *work);
int vtd_inv_one_request(struct vtd_s1_domain *s1, const struct iommu_user_data_array *array,
			u32 *done);

#endif /* _INTEL_NESTED_INVALIDATE_H */
