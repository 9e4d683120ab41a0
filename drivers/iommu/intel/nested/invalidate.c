// SPDX-License-Identifier: GPL-2.0-only
/*
 * HWPT_INVALIDATE: what a guest changed in its stage-1 table leaves the caches.
 *
 * The array of user space is handled in pieces. A piece is copied at once and
 * checked up to its first bad request; the descriptors of the good ones go to
 * the queue of each unit in few submissions, each with one wait at its end.
 */

#define dev_fmt(fmt)	"nested: " fmt

#include <linux/pci.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "nested.h"

/* Requests per piece, descriptors per submission: the ring takes 254. */
#define PIECE_REQUESTS		64
#define BATCH_DESCS		128

/**
 * struct inv_work - memory of one call
 * @req: a piece of the user's array
 * @range: the same, checked
 * @desc: descriptors to be submitted
 * @ndesc: how many
 */
struct inv_work {
	struct iommu_hwpt_vtd_s1_invalidate req[PIECE_REQUESTS];
	struct vtd_inv_range range[PIECE_REQUESTS];
	struct qi_desc desc[BATCH_DESCS];
	unsigned int ndesc;
};

static int submit(struct intel_iommu *iommu, struct inv_work *work)
{
	int ret;

	if (!work->ndesc)
		return 0;

	ret = qi_submit_sync(iommu, work->desc, work->ndesc, 0);
	work->ndesc = 0;
	return ret;
}

/* Makes room for @n descriptors; returns the first, zeroed. */
static struct qi_desc *room(struct intel_iommu *iommu, struct inv_work *work,
			    unsigned int n, int *ret)
{
	struct qi_desc *desc;

	if (work->ndesc + n > BATCH_DESCS) {
		*ret = submit(iommu, work);
		if (*ret)
			return NULL;
	}

	desc = &work->desc[work->ndesc];
	memset(desc, 0, n * sizeof(*desc));
	work->ndesc += n;
	return desc;
}

static int add_iotlb(struct vtd_attachment *att, const struct vtd_inv_range *range,
		     struct inv_work *work)
{
	struct intel_iommu *iommu = att->info->iommu;
	struct vtd_inv_block block[VTD_INV_MAX_BLOCKS];
	struct qi_desc *desc;
	int i, n, ret = 0;

	n = vtd_inv_cover(range, cap_max_amask_val(iommu->cap), block);
	desc = room(iommu, work, max(n, 1), &ret);
	if (!desc)
		return ret;

	if (!n)
		qi_desc_piotlb(att->did, IOMMU_NO_PASID, 0, -1, false, desc);
	for (i = 0; i < n; i++)
		qi_desc_piotlb(att->did, IOMMU_NO_PASID,
			       block[i].pfn << VTD_PAGE_SHIFT,
			       1UL << block[i].order, range->leaf, &desc[i]);

	return 0;
}

static int add_devtlb(struct vtd_attachment *att, const struct vtd_inv_range *range,
		      struct inv_work *work)
{
	struct device_domain_info *info = att->info;
	struct vtd_inv_block block[VTD_INV_MAX_BLOCKS];
	unsigned int copies = info->dtlb_extra_inval ? 2 : 1;
	u16 sid = PCI_DEVID(info->bus, info->devfn);
	struct qi_desc *desc;
	int i, n, ret = 0;

	n = vtd_inv_cover(range, MAX_AGAW_PFN_WIDTH - 1, block);
	if (!n) {
		block[0] = (struct vtd_inv_block) { .order = MAX_AGAW_PFN_WIDTH };
		n = 1;
	}

	desc = room(info->iommu, work, n * copies, &ret);
	if (!desc)
		return ret;

	for (i = 0; i < n * copies; i++)
		qi_desc_dev_iotlb(sid, info->pfsid, info->ats_qdep,
				  block[i % n].pfn << VTD_PAGE_SHIFT,
				  block[i % n].order, &desc[i]);

	return 0;
}

/*
 * The IOTLB comes before the device TLB, which would otherwise be filled from
 * it again (VT-d 6.5.2.5).
 */
static int flush_attachment(struct vtd_attachment *att, unsigned int nranges,
			    struct inv_work *work)
{
	struct intel_iommu *iommu = att->info->iommu;
	unsigned int i;
	int ret;

	for (i = 0; i < nranges; i++) {
		ret = add_iotlb(att, &work->range[i], work);
		if (ret)
			return ret;
	}

	if (att->info->ats_enabled) {
		for (i = 0; i < nranges; i++) {
			ret = add_devtlb(att, &work->range[i], work);
			if (ret)
				return ret;
		}
	}

	return submit(iommu, work);
}

static int flush_piece(struct vtd_s1_domain *s1, unsigned int nranges,
		       struct inv_work *work)
{
	struct vtd_attachment *att;
	int ret = 0;

	down_read(&s1->sem);
	list_for_each_entry(att, &s1->attachments, s1_node) {
		ret = flush_attachment(att, nranges, work);
		if (ret) {
			dev_warn_ratelimited(att->info->dev,
					     "stage-1 invalidation failed: %d\n", ret);
			work->ndesc = 0;
			break;
		}
	}
	up_read(&s1->sem);

	return ret;
}

/*
 * Copies requests from @first on, @n at the most; in one go where user space
 * and kernel agree on their length. Returns how many are there; fewer than @n
 * come with the error of the next in *err.
 */
static unsigned int copy_requests(const struct iommu_user_data_array *array,
				  u32 first, unsigned int n,
				  struct inv_work *work, int *err)
{
	const size_t len = sizeof(work->req[0]);
	unsigned int i;

	if (array->entry_len == len) {
		size_t left = copy_from_user(work->req, array->uptr + first * len,
					     n * len);

		*err = left ? -EFAULT : 0;
		return (n * len - left) / len;
	}

	for (i = 0; i < n; i++) {
		*err = iommu_copy_struct_from_user_array(&work->req[i], array,
							 IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
							 first + i, __reserved);
		if (*err)
			break;
	}

	return i;
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

/**
 * vtd_s1_invalidate_user() - invalidate what caches hold of a stage-1 table
 * @domain: a stage-1 domain
 * @array: struct iommu_hwpt_vtd_s1_invalidate in user memory; on return
 *         entry_num is the number of requests that are done
 *
 * When a request is refused, those before it are done and those after it are
 * not looked at.
 *
 * Context: Process. May sleep.
 * Return: 0; the error of the first request that was refused (-EINVAL,
 * -EOPNOTSUPP, see vtd_inv_check(); -E2BIG for bytes set beyond what is
 * known); -EFAULT; -ENOMEM; -EINTR for a killed caller; -ETIMEDOUT if a
 * device did not answer.
 */
int vtd_s1_invalidate_user(struct iommu_domain *domain,
			   struct iommu_user_data_array *array)
{
	struct vtd_s1_domain *s1 = to_vtd_s1(domain);
	u32 total = array->entry_num;
	struct inv_work *work;
	u32 done = 0;
	int ret = 0;

	array->entry_num = 0;
	if (array->type != IOMMU_HWPT_INVALIDATE_DATA_VTD_S1)
		return -EINVAL;
	if (!total)
		return 0;

	work = kmalloc(sizeof(*work), GFP_KERNEL_ACCOUNT);
	if (!work)
		return -ENOMEM;
	work->ndesc = 0;

	/* The helper that copies one request wants to see the whole array. */
	array->entry_num = total;

	while (done < total && !ret) {
		unsigned int n = min_t(u32, total - done, PIECE_REQUESTS);
		int err;

		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			break;
		}

		n = copy_requests(array, done, n, work, &ret);
		n = check_requests(work, n, &ret);
		err = flush_piece(s1, n, work);
		if (err) {
			ret = err;
			break;
		}
		done += n;
		cond_resched();
	}

	kfree(work);
	array->entry_num = done;
	return ret;
}
