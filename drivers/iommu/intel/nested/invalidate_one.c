// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VMM sends one request for one unmap of its guest, so this is the most frequent
 * call and has a path of its own: it allocates nothing, and initialises nothing that
 * it does not use. Descriptors of up to 16 devices fit into one submission.
 */

#include <linux/uaccess.h>

#include "invalidate.h"

const struct vtd_inv_block vtd_inv_everything = { .order = MAX_AGAW_PFN_WIDTH };

#define ONE_DESCS	16
#define ONE_UNITS	2

/* All variables of such a call, on the stack */
struct inv_one {
	struct iommu_hwpt_vtd_s1_invalidate req;
	struct vtd_inv_range range;
	struct vtd_inv_block block[VTD_INV_MAX_BLOCKS];
	struct qi_desc desc[ONE_DESCS];
	struct vtd_submission sub[ONE_UNITS];
	struct vtd_inv_count count;
};

/* One request, for a domain with one attachment. */
static int invalidate_one_device(struct vtd_s1_domain *s1, struct inv_one *one)
{
	struct vtd_attachment *att = list_first_entry(&s1->attachments, struct vtd_attachment,
						      s1_node);
	struct intel_iommu *iommu = att->link->info->iommu;
	struct vtd_submission *sub = one->sub;
	struct qi_desc *end;
	int n, ret;

	n = vtd_inv_cover(&one->range, cap_max_amask_val(iommu->cap), one->block);
	if (n) {
		end = vtd_inv_compose_iotlb(att, one->block, n, one->desc);
		if (att->ats)
			end = vtd_inv_compose_devtlb(att, one->block, n, end);
	} else {
		end = vtd_inv_compose_iotlb_all(att, one->desc);
		if (att->ats)
			end = vtd_inv_compose_devtlb(att, &vtd_inv_everything, 1, end);
	}

	sub->iommu = iommu;
	sub->desc = one->desc;
	sub->count = end - one->desc;
	one->count.ranges = 1;
	one->count.descriptors = sub->count;
	ret = vtd_queue_run_one(sub);
	one->count.submissions = sub->batches;
	one->count.timeouts = ret == -ETIMEDOUT;

	return ret;
}

/* One request, for a domain with several attachments, or none. */
static noinline_for_stack int invalidate_one_list(struct vtd_s1_domain *s1, struct inv_one *one)
{
	struct vtd_inv_work work = {
		.range = &one->range,
		.nranges = 1,
		.block = one->block,
		.max_blocks = ARRAY_SIZE(one->block),
		.desc = one->desc,
		.max_descs = ARRAY_SIZE(one->desc),
		.sub = one->sub,
		.max_subs = ARRAY_SIZE(one->sub),
		.count = { .ranges = 1 },
	};
	int ret;

	ret = vtd_inv_flush_ranges(s1, &work);
	one->count = work.count;

	return ret;
}

/* In fewer instructions than copy_from_user(). */
static int copy_one_request(struct iommu_hwpt_vtd_s1_invalidate *req,
			    const struct iommu_hwpt_vtd_s1_invalidate __user *from)
{
	if (!user_read_access_begin(from, sizeof(*from)))
		return -EFAULT;
	unsafe_get_user(req->addr, &from->addr, fault);
	unsafe_get_user(req->npages, &from->npages, fault);
	unsafe_get_user(req->flags, &from->flags, fault);
	unsafe_get_user(req->__reserved, &from->__reserved, fault);
	user_read_access_end();
	return 0;

fault:
	user_read_access_end();
	return -EFAULT;
}

/**
 * vtd_inv_one_request() - carry out an array of one request
 * @s1: the domain
 * @array: the array
 * @done: set to 1 if the request is done
 *
 * Context: Process. May sleep.
 * Return: 0 or the error of vtd_s1_invalidate_user().
 */
int vtd_inv_one_request(struct vtd_s1_domain *s1, const struct iommu_user_data_array *array,
			u32 *done)
{
	struct inv_one one __uninitialized;
	int ret;

	ret = copy_one_request(&one.req, array->uptr);
	if (ret)
		return ret;
	ret = vtd_inv_check(&one.req, &one.range);
	if (ret)
		return ret;

	down_read(&s1->sem);
	if (list_is_singular(&s1->attachments))
		ret = invalidate_one_device(s1, &one);
	else
		ret = invalidate_one_list(s1, &one);
	up_read(&s1->sem);
	*done = !ret;
	vtd_inv_count_call(s1, &one.count, *done);

	return ret;
}
