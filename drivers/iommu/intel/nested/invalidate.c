// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU_HWPT_INVALIDATE: invalidates what was cached of a guest's stage-1 table.
 *
 * The array of user space is handled in pieces. A piece is copied, checked up to
 * its first bad request, and merged into as few ranges as possible, which
 * invalidate_units.c flushes. An array of one request goes the short way of
 * invalidate_one.c.
 *
 * A device gets at most as many page-selective descriptors in one call as its
 * ring holds. If these do not suffice, a PASID-selective invalidation takes their
 * place. It makes the device walk tables again, but not more often than it has
 * pages in use. As the change comes when the descriptors have cost about as much
 * as those walks, a call costs at most twice the cheaper of the two ways.
 */

#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "invalidate.h"

/* Most blocks of a PASID, and most descriptors of a unit: what a ring holds. */
#define MAX_DESCS	(QI_LENGTH - 2)

/* Requests per piece; a multiple of what a page of descriptors holds. */
#define MAX_REQS	1024

/* Most units that work at the same time; further ones take turns. */
#define MAX_UNITS	8

/* A range takes the place of the request that it was made from. */
static_assert(sizeof(struct vtd_inv_range) ==
	      sizeof(struct iommu_hwpt_vtd_s1_invalidate));

/* A range's blocks are computed before they are counted: there is room for one more range. */
#define WORK_BYTES(reqs, blocks, descs)					\
	((descs) * sizeof(struct qi_desc) +				\
	 MAX_UNITS * sizeof(struct vtd_submission) +			\
	 (reqs) * sizeof(struct iommu_hwpt_vtd_s1_invalidate) +		\
	 ((blocks) + VTD_INV_MAX_BLOCKS) * sizeof(struct vtd_inv_block))

static struct vtd_inv_work make_work(void *room, unsigned int max_reqs,
				     unsigned int max_blocks, unsigned int max_descs)
{
	struct qi_desc *desc = room;
	struct vtd_submission *sub = room + max_descs * sizeof(*desc);
	void *req = sub + MAX_UNITS;

	return (struct vtd_inv_work) {
		.desc = desc,
		.sub = sub,
		.req = req,
		.range = req,
		.block = req + max_reqs * sizeof(struct vtd_inv_range),
		.max_reqs = max_reqs,
		.max_blocks = max_blocks,
		.max_descs = max_descs,
		.max_subs = MAX_UNITS,
	};
}

/*
 * Carries out the first @n requests of a piece for every device. An invalidation
 * of all that the PASIDs have cached completes the rest of the array, too: the
 * guest has changed its table for the whole array before the call, so whatever is
 * cached from now on comes from the changed table, also for devices that are
 * attached from now on.
 */
static int flush_piece(struct vtd_s1_domain *s1, unsigned int n,
		       struct vtd_inv_work *work)
{
	int ret;

	if (!n || work->whole)
		return 0;

	work->nranges = n > 1 ? vtd_inv_merge(work->range, n) : 1;
	work->count.ranges += work->nranges;

	down_read(&s1->sem);
	ret = vtd_inv_flush_ranges(s1, work);
	up_read(&s1->sem);

	return ret;
}

/*
 * Copies at most @n requests of a piece, from @first on. Returns the number of
 * requests copied. If it is less than @n, *err has the error of the next one.
 */
static unsigned int copy_requests(const struct iommu_user_data_array *array,
				  u32 first, unsigned int n,
				  struct vtd_inv_work *work, int *err)
{
	const size_t len = sizeof(work->req[0]);
	size_t left;

	left = copy_from_user(work->req, array->uptr + first * len, n * len);
	if (!left)
		return n;
	*err = -EFAULT;

	return (n * len - left) / len;
}

/* Returns how many of @n requests are valid; *err has the error of the next one. */
static unsigned int check_requests(struct vtd_inv_work *work, unsigned int n, int *err)
{
	unsigned int i;
	int ret;

	for (i = 0; i < n; i++) {
		struct iommu_hwpt_vtd_s1_invalidate req = work->req[i];

		ret = vtd_inv_check(&req, &work->range[i]);
		if (ret) {
			*err = ret;
			break;
		}
	}

	return i;
}

static int invalidate_array(struct vtd_s1_domain *s1,
			    const struct iommu_user_data_array *array,
			    struct vtd_inv_work *work, u32 *done)
{
	u32 entry_num = array->entry_num;
	int ret = 0, err;

	while (*done < entry_num) {
		unsigned int n = min(entry_num - *done, work->max_reqs);

		n = copy_requests(array, *done, n, work, &ret);
		n = check_requests(work, n, &ret);
		err = flush_piece(s1, n, work);
		if (err)
			return err;
		*done += n;
		if (ret || *done == entry_num)
			break;
		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
	}

	return ret;
}

/* Number of units that the domain is attached to at the moment; a hint. */
static unsigned int count_units(struct vtd_s1_domain *s1)
{
	struct intel_iommu *last = NULL;
	struct vtd_attachment *att;
	unsigned int n = 0;

	down_read(&s1->sem);
	list_for_each_entry(att, &s1->attachments, s1_node) {
		n += att->link->info->iommu != last;
		last = att->link->info->iommu;
	}
	up_read(&s1->sem);

	return clamp(n, 1, MAX_UNITS);
}

static int invalidate_large(struct vtd_s1_domain *s1,
			    const struct iommu_user_data_array *array, u32 *done)
{
	unsigned int reqs = min_t(u32, array->entry_num, MAX_REQS);
	unsigned int blocks = min(reqs * VTD_INV_MAX_BLOCKS, MAX_DESCS);
	unsigned int descs = count_units(s1) * MAX_DESCS;
	struct vtd_inv_work work;
	void *room;
	int ret;

	room = kvmalloc(WORK_BYTES(reqs, blocks, descs), GFP_KERNEL_ACCOUNT);
	if (!room)
		return -ENOMEM;

	work = make_work(room, reqs, blocks, descs);
	ret = invalidate_array(s1, array, &work, done);
	vtd_inv_count_call(s1, &work.count, *done);
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
	int ret = 0;

	/* The request has only one version so far, and so one length. */
	if (array->type != IOMMU_HWPT_INVALIDATE_DATA_VTD_S1 ||
	    (array->entry_num &&
	     array->entry_len != sizeof(struct iommu_hwpt_vtd_s1_invalidate)))
		ret = -EINVAL;
	else if (array->entry_num == 1)
		ret = vtd_inv_one_request(s1, array, &done);
	else if (array->entry_num)
		ret = invalidate_large(s1, array, &done);

	array->entry_num = done;
	return ret;
}
