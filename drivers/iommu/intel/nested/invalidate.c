// SPDX-License-Identifier: GPL-2.0-only
/*
 * HWPT_INVALIDATE: what a guest changed in its stage-1 table leaves the caches.
 *
 * The array of user space is handled in pieces. A piece is copied at once,
 * checked up to its first bad request, and merged into as few ranges as there
 * are; these become blocks that descriptors can name, and the descriptors go to
 * each unit's queue as full submissions with one wait at the end of each.
 */

#define dev_fmt(fmt)	"nested: " fmt

#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "nested.h"

/*
 * The base's ring has 256 slots; one stays empty and one is for the wait. A
 * device of which more page-selective descriptors would be needed than go into
 * one submission gets one that names the whole PASID instead: the queue, and
 * not the page walks that follow, would be what takes the time.
 */
#define MAX_DESCS	(QI_LENGTH - 2)

/* Requests per piece: enough that a ring's worth of scattered pages fits. */
#define MAX_REQS	256

/**
 * struct inv_work - the memory of one call
 * @req: a piece of the user's array
 * @range: the same, checked and merged
 * @block: the ranges in aligned powers of two of pages
 * @desc: descriptors to be submitted
 * @max_reqs: room in @req and @range
 * @max_descs: room in @desc
 * @nblocks: how many blocks there are; 0 means everything
 * @ndescs: how many descriptors there are
 */
struct inv_work {
	struct iommu_hwpt_vtd_s1_invalidate *req;
	struct vtd_inv_range *range;
	struct vtd_inv_block *block;
	struct qi_desc *desc;
	unsigned int max_reqs;
	unsigned int max_descs;
	unsigned int nblocks;
	unsigned int ndescs;
};

#define BYTES_PER_REQ	(sizeof(struct iommu_hwpt_vtd_s1_invalidate) +	\
			 sizeof(struct vtd_inv_range) +			\
			 VTD_INV_MAX_BLOCKS * sizeof(struct vtd_inv_block))
#define BYTES_PER_DESC	sizeof(struct qi_desc)

static struct inv_work make_work(u64 *room, unsigned int max_reqs,
				 unsigned int max_descs)
{
	struct inv_work work = {
		.max_reqs = max_reqs,
		.max_descs = max_descs,
	};

	work.desc = (void *)room;
	work.req = (void *)(work.desc + max_descs);
	work.range = (void *)(work.req + max_reqs);
	work.block = (void *)(work.range + max_reqs);

	return work;
}

static int submit(struct intel_iommu *iommu, struct inv_work *work)
{
	int ret = 0;

	if (work->ndescs)
		ret = qi_submit_sync(iommu, work->desc, work->ndescs, 0);
	work->ndescs = 0;

	return ret;
}

/* The next @n descriptors, or NULL with *ret set if making room failed. */
static struct qi_desc *take_descs(struct intel_iommu *iommu, struct inv_work *work,
				  unsigned int n, int *ret)
{
	struct qi_desc *desc;

	if (work->ndescs + n > work->max_descs) {
		*ret = submit(iommu, work);
		if (*ret)
			return NULL;
	}

	desc = &work->desc[work->ndescs];
	memset(desc, 0, n * sizeof(*desc));
	work->ndescs += n;
	return desc;
}

static int add_iotlb(struct vtd_attachment *att, struct inv_work *work)
{
	struct intel_iommu *iommu = att->link->info->iommu;
	u16 did = att->link->did;
	struct qi_desc *desc;
	unsigned int i = 0;
	int ret;

	do {
		const struct vtd_inv_block *block = &work->block[i];

		desc = take_descs(iommu, work, 1, &ret);
		if (!desc)
			return ret;
		if (work->nblocks)
			qi_desc_piotlb(did, att->pasid,
				       block->pfn << VTD_PAGE_SHIFT,
				       1UL << block->order, block->leaf, desc);
		else
			qi_desc_piotlb(did, att->pasid, 0, -1, false, desc);
	} while (++i < work->nblocks);

	return 0;
}

static int add_devtlb(struct vtd_attachment *att, struct inv_work *work)
{
	static const struct vtd_inv_block everything = { .order = MAX_AGAW_PFN_WIDTH };
	struct device_domain_info *info = att->link->info;
	struct qi_desc *desc;
	unsigned int i = 0;
	int ret;

	do {
		const struct vtd_inv_block *block = work->nblocks ? &work->block[i] :
								    &everything;

		desc = take_descs(info->iommu, work, info->dtlb_extra_inval ? 2 : 1, &ret);
		if (!desc)
			return ret;
		vtd_add_devtlb(info, att->pasid, block->pfn << VTD_PAGE_SHIFT,
			       block->order, desc);
	} while (++i < work->nblocks);

	return 0;
}

/*
 * The IOTLB comes before the device TLB, which would otherwise be filled from
 * it again (VT-d 6.5.2.5).
 */
static int flush_attachment(struct vtd_attachment *att, struct inv_work *work)
{
	int ret;

	ret = add_iotlb(att, work);
	if (!ret && att->ats)
		ret = add_devtlb(att, work);

	return ret;
}

static void make_blocks(struct inv_work *work, unsigned int nranges,
			unsigned int max_order)
{
	unsigned int i;
	int n;

	work->nblocks = 0;
	for (i = 0; i < nranges; i++) {
		n = vtd_inv_cover(&work->range[i], max_order,
				  &work->block[work->nblocks]);
		if (!n || work->nblocks + n > MAX_DESCS) {
			work->nblocks = 0;
			return;
		}
		work->nblocks += n;
	}
}

/* Carries out the first @n requests of a piece for every device. */
static int flush_piece(struct vtd_s1_domain *s1, unsigned int n,
		       struct inv_work *work)
{
	struct intel_iommu *iommu = NULL;
	struct vtd_attachment *att;
	int ret = 0;

	if (!n)
		return 0;
	n = vtd_inv_merge(work->range, n);

	down_read(&s1->sem);
	list_for_each_entry(att, &s1->attachments, s1_node) {
		if (att->link->info->iommu != iommu) {
			ret = submit(iommu, work);
			if (ret)
				break;
			iommu = att->link->info->iommu;
			make_blocks(work, n, cap_max_amask_val(iommu->cap));
		}
		ret = flush_attachment(att, work);
		if (ret)
			break;
	}
	if (!ret)
		ret = submit(iommu, work);
	up_read(&s1->sem);

	if (ret) {
		work->ndescs = 0;
		pr_warn_ratelimited("DMAR: %s: nested: stage-1 invalidation failed: %d\n",
				    iommu->name, ret);
	}

	return ret;
}

/*
 * Copies a piece's requests from @first on, @n at the most. Returns how many
 * are there; fewer than @n come with the error of the next in *err.
 */
static unsigned int copy_requests(const struct iommu_user_data_array *array,
				  u32 first, unsigned int n,
				  struct inv_work *work, int *err)
{
	const size_t len = sizeof(work->req[0]);
	size_t left;

	left = copy_from_user(work->req, array->uptr + first * len, n * len);
	*err = left ? -EFAULT : 0;

	return (n * len - left) / len;
}

/* Checks @n requests; returns how many are good, and the error of the next. */
static unsigned int check_requests(struct inv_work *work, unsigned int n, int *err)
{
	unsigned int i;
	int ret;

	for (i = 0; i < n; i++) {
		ret = vtd_inv_check(&work->req[i], &work->range[i]);
		if (ret) {
			*err = ret;
			break;
		}
	}

	return i;
}

static int invalidate_array(struct vtd_s1_domain *s1,
			    const struct iommu_user_data_array *array,
			    struct inv_work *work, u32 *done)
{
	int ret = 0;

	while (*done < array->entry_num && !ret) {
		unsigned int n = min(array->entry_num - *done, work->max_reqs);
		int err;

		if (fatal_signal_pending(current))
			return -EINTR;

		n = copy_requests(array, *done, n, work, &ret);
		n = check_requests(work, n, &ret);
		err = flush_piece(s1, n, work);
		if (err)
			return err;
		*done += n;
		cond_resched();
	}

	return ret;
}

/* What a guest sends for one unmap: nothing is allocated for it. */
#define SMALL_REQS	2
#define SMALL_DESCS	8

static int invalidate_small(struct vtd_s1_domain *s1,
			    const struct iommu_user_data_array *array, u32 *done)
{
	u64 room[(SMALL_REQS * BYTES_PER_REQ + SMALL_DESCS * BYTES_PER_DESC) / sizeof(u64)];
	struct inv_work work = make_work(room, SMALL_REQS, SMALL_DESCS);

	return invalidate_array(s1, array, &work, done);
}

static int invalidate_large(struct vtd_s1_domain *s1,
			    const struct iommu_user_data_array *array, u32 *done)
{
	struct inv_work work;
	void *room;
	int ret;

	room = kvmalloc(MAX_REQS * BYTES_PER_REQ + MAX_DESCS * BYTES_PER_DESC,
			GFP_KERNEL_ACCOUNT);
	if (!room)
		return -ENOMEM;

	work = make_work(room, MAX_REQS, MAX_DESCS);
	ret = invalidate_array(s1, array, &work, done);
	kvfree(room);

	return ret;
}

/**
 * vtd_s1_invalidate_user() - invalidate what caches hold of a stage-1 table
 * @domain: a stage-1 domain
 * @array: struct iommu_hwpt_vtd_s1_invalidate in user memory; on return
 *         entry_num is the number of requests that are done
 *
 * When a request is refused, those before it are done and those after it are
 * not looked at. Nothing is allocated once the first has been carried out.
 *
 * Context: Process. May sleep.
 * Return: 0; the error of the first request that was refused (-EINVAL,
 * -EOPNOTSUPP, see vtd_inv_check()); -EINVAL for another type or length of
 * requests; -EFAULT; -ENOMEM; -EINTR for a killed caller; -ETIMEDOUT if a
 * device did not answer.
 */
int vtd_s1_invalidate_user(struct iommu_domain *domain,
			   struct iommu_user_data_array *array)
{
	struct vtd_s1_domain *s1 = to_vtd_s1(domain);
	u32 done = 0;
	int ret;

	/* Of the request there is one version so far, and so one length. */
	if (array->type != IOMMU_HWPT_INVALIDATE_DATA_VTD_S1 ||
	    (array->entry_num &&
	     array->entry_len != sizeof(struct iommu_hwpt_vtd_s1_invalidate)))
		ret = -EINVAL;
	else if (array->entry_num <= SMALL_REQS)
		ret = invalidate_small(s1, array, &done);
	else
		ret = invalidate_large(s1, array, &done);

	array->entry_num = done;
	return ret;
}
