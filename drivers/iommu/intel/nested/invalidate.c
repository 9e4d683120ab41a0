// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU_HWPT_INVALIDATE: invalidates what was cached of a guest's stage-1 table.
 *
 * The array of user space is handled in pieces. A piece is copied, checked up to
 * its first bad request, and merged into as few ranges as possible. Each range
 * is covered by aligned blocks, because a descriptor names an aligned block. The
 * descriptors are submitted to all units at the same time.
 *
 * A device gets at most as many page-selective descriptors in one call as its
 * ring holds. If these do not suffice, a PASID-selective invalidation takes their
 * place. It makes the device walk tables again, but not more often than it has
 * pages in use. As the change comes when the descriptors have cost about as much
 * as those walks, a call costs at most twice the cheaper of the two ways.
 */

#define dev_fmt(fmt)	"nested: " fmt

#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "nested.h"

/* Most blocks of a PASID, and most descriptors of a unit: what a ring holds. */
#define MAX_DESCS	(QI_LENGTH - 2)

/* Requests per piece; a multiple of what a page of descriptors holds. */
#define MAX_REQS	1024

/* Most units that work at the same time; further ones take turns. */
#define MAX_UNITS	8

/* What a call adds to struct vtd_s1_stats. */
struct inv_count {
	unsigned int ranges;
	unsigned int descriptors;
	unsigned int submissions;
	unsigned int timeouts;
};

/**
 * struct inv_work - the state of one call
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
struct inv_work {
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
	struct inv_count count;
};

/* A range takes the place of the request that it was made from. */
static_assert(sizeof(struct vtd_inv_range) ==
	      sizeof(struct iommu_hwpt_vtd_s1_invalidate));

/* A range's blocks are computed before they are counted: there is room for one more range. */
#define WORK_BYTES(reqs, blocks, descs)					\
	((descs) * sizeof(struct qi_desc) +				\
	 MAX_UNITS * sizeof(struct vtd_submission) +			\
	 (reqs) * sizeof(struct iommu_hwpt_vtd_s1_invalidate) +		\
	 ((blocks) + VTD_INV_MAX_BLOCKS) * sizeof(struct vtd_inv_block))

static struct inv_work make_work(void *room, unsigned int max_reqs,
				 unsigned int max_blocks, unsigned int max_descs)
{
	struct qi_desc *desc = room;
	struct vtd_submission *sub = room + max_descs * sizeof(*desc);
	void *req = sub + MAX_UNITS;

	return (struct inv_work) {
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

static int submit_work(struct inv_work *work)
{
	unsigned int i;
	int ret;

	if (!work->nsubs)
		return 0;

	ret = vtd_queue_run(work->sub, work->nsubs);
	work->count.descriptors += work->ndescs;
	for (i = 0; i < work->nsubs; i++) {
		work->count.submissions += work->sub[i].batches;
		work->count.timeouts += work->sub[i].err == -ETIMEDOUT;
	}
	work->ndescs = 0;
	work->nsubs = 0;

	return ret;
}

/* Returns the next @n descriptors. NULL, with an error in *ret, if making room failed. */
static struct qi_desc *take_descs(struct intel_iommu *iommu, struct inv_work *work,
				  unsigned int n, int *ret)
{
	struct vtd_submission *sub = NULL;
	struct qi_desc *desc;

	if (work->nsubs && work->sub[work->nsubs - 1].iommu == iommu)
		sub = &work->sub[work->nsubs - 1];

	if (work->ndescs + n > work->max_descs ||
	    (!sub && work->nsubs == work->max_subs)) {
		*ret = submit_work(work);
		if (*ret)
			return NULL;
		sub = NULL;
	}

	desc = &work->desc[work->ndescs];
	if (!sub) {
		sub = &work->sub[work->nsubs++];
		sub->iommu = iommu;
		sub->desc = desc;
		sub->count = 0;
	}
	sub->count += n;
	work->ndescs += n;
	return desc;
}

/* VT-d 6.5.2.4. The hint says that no non-leaf entry was changed. */
static struct qi_desc *compose_iotlb(const struct vtd_attachment *att,
				     const struct vtd_inv_block *block, unsigned int n,
				     struct qi_desc *desc)
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

static struct qi_desc *compose_iotlb_all(const struct vtd_attachment *att,
					 struct qi_desc *desc)
{
	*desc = (struct qi_desc) {
		.qw0 = QI_EIOTLB_TYPE | QI_EIOTLB_DID(att->link->did) |
		       QI_EIOTLB_GRAN(QI_GRAN_NONG_PASID) | QI_EIOTLB_PASID((u64)att->pasid),
	};

	return desc + 1;
}

static struct qi_desc *compose_devtlb(const struct vtd_attachment *att,
				      const struct vtd_inv_block *block, unsigned int n,
				      struct qi_desc *desc)
{
	for (; n--; block++)
		desc = vtd_add_devtlb(att->link->info, att->pasid,
				      block->pfn << VTD_PAGE_SHIFT, block->order, desc);

	return desc;
}

static const struct vtd_inv_block inv_everything = { .order = MAX_AGAW_PFN_WIDTH };

static int add_iotlb(struct vtd_attachment *att, struct inv_work *work)
{
	struct intel_iommu *iommu = att->link->info->iommu;
	unsigned int i = 0;
	int ret;

	do {
		struct qi_desc *desc = take_descs(iommu, work, 1, &ret);

		if (!desc)
			return ret;
		if (work->nblocks)
			compose_iotlb(att, &work->block[i], 1, desc);
		else
			compose_iotlb_all(att, desc);
	} while (++i < work->nblocks);

	return 0;
}

static int add_devtlb(struct vtd_attachment *att, struct inv_work *work)
{
	struct device_domain_info *info = att->link->info;
	unsigned int n = info->dtlb_extra_inval ? 2 : 1;
	unsigned int i = 0;
	int ret;

	do {
		struct qi_desc *desc = take_descs(info->iommu, work, n, &ret);

		if (!desc)
			return ret;
		compose_devtlb(att, work->nblocks ? &work->block[i] : &inv_everything, 1, desc);
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

/* Room for blocks is what is left of a device's share. */
static void make_blocks(struct inv_work *work, unsigned int max_order)
{
	unsigned int i;
	int n;

	work->nblocks = 0;
	for (i = 0; i < work->nranges; i++) {
		n = vtd_inv_cover(&work->range[i], max_order,
				  &work->block[work->nblocks]);
		if (!n || work->spent + work->nblocks + n > work->max_blocks) {
			work->nblocks = 0;
			return;
		}
		work->nblocks += n;
	}
}

/* Caller holds the domain's semaphore. */
static int flush_ranges(struct vtd_s1_domain *s1, struct inv_work *work)
{
	struct intel_iommu *iommu = NULL;
	struct vtd_attachment *att;
	unsigned int most = 0;
	bool whole = true;
	int ret = 0;

	list_for_each_entry(att, &s1->attachments, s1_node) {
		if (att->link->info->iommu != iommu) {
			iommu = att->link->info->iommu;
			make_blocks(work, cap_max_amask_val(iommu->cap));
			most = max(most, work->nblocks);
			whole &= !work->nblocks;
		}
		ret = flush_attachment(att, work);
		if (ret)
			break;
	}
	if (!ret)
		ret = submit_work(work);
	if (ret)
		return ret;
	work->spent += most;
	work->whole = whole;

	return 0;
}

/*
 * Carries out the first @n requests of a piece for every device. An invalidation
 * of all that the PASIDs have cached completes the rest of the array, too: the
 * guest has changed its table for the whole array before the call, so whatever is
 * cached from now on comes from the changed table, also for devices that are
 * attached from now on.
 */
static int flush_piece(struct vtd_s1_domain *s1, unsigned int n,
		       struct inv_work *work)
{
	int ret;

	if (!n || work->whole)
		return 0;

	work->nranges = n > 1 ? vtd_inv_merge(work->range, n) : 1;
	work->count.ranges += work->nranges;

	down_read(&s1->sem);
	ret = flush_ranges(s1, work);
	up_read(&s1->sem);

	return ret;
}

/*
 * Copies at most @n requests of a piece, from @first on. Returns the number of
 * requests copied. If it is less than @n, *err has the error of the next one.
 */
static unsigned int copy_requests(const struct iommu_user_data_array *array,
				  u32 first, unsigned int n,
				  struct inv_work *work, int *err)
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
static unsigned int check_requests(struct inv_work *work, unsigned int n, int *err)
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
			    struct inv_work *work, u32 *done)
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

static inline void count_work(struct vtd_s1_domain *s1, const struct inv_count *count, u32 done)
{
	struct vtd_s1_stats *stats = &s1->stats;

	atomic64_add(done, &stats->entries);
	atomic64_add(count->ranges, &stats->ranges);
	atomic64_add(count->descriptors, &stats->descriptors);
	atomic64_add(count->submissions, &stats->submissions);
	if (count->timeouts)
		atomic64_add(count->timeouts, &stats->timeouts);
}

/*
 * A VMM sends one request for one unmap of its guest, so this is the most frequent
 * call and has a path of its own: it allocates nothing, and initialises nothing that
 * it does not use. Descriptors of up to 16 devices fit into one submission.
 */
#define ONE_DESCS	16
#define ONE_UNITS	2

/* All variables of such a call, on the stack */
struct inv_one {
	struct iommu_hwpt_vtd_s1_invalidate req;
	struct vtd_inv_range range;
	struct vtd_inv_block block[VTD_INV_MAX_BLOCKS];
	struct qi_desc desc[ONE_DESCS];
	struct vtd_submission sub[ONE_UNITS];
	struct inv_count count;
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
		end = compose_iotlb(att, one->block, n, one->desc);
		if (att->ats)
			end = compose_devtlb(att, one->block, n, end);
	} else {
		end = compose_iotlb_all(att, one->desc);
		if (att->ats)
			end = compose_devtlb(att, &inv_everything, 1, end);
	}

	sub->iommu = iommu;
	sub->desc = one->desc;
	sub->count = end - one->desc;
	one->count.ranges = 1;
	one->count.descriptors = sub->count;
	ret = vtd_queue_run(sub, 1);
	one->count.submissions = sub->batches;
	one->count.timeouts = ret == -ETIMEDOUT;

	return ret;
}

/* One request, for a domain with several attachments, or none. */
static noinline_for_stack int invalidate_one_list(struct vtd_s1_domain *s1, struct inv_one *one)
{
	struct inv_work work = {
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

	ret = flush_ranges(s1, &work);
	one->count = work.count;

	return ret;
}

static int invalidate_one(struct vtd_s1_domain *s1,
			  const struct iommu_user_data_array *array, u32 *done)
{
	struct inv_one one __uninitialized;
	int ret;

	if (copy_from_user(&one.req, array->uptr, sizeof(one.req)))
		return -EFAULT;
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
	count_work(s1, &one.count, *done);

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
	struct inv_work work;
	void *room;
	int ret;

	room = kvmalloc(WORK_BYTES(reqs, blocks, descs), GFP_KERNEL_ACCOUNT);
	if (!room)
		return -ENOMEM;

	work = make_work(room, reqs, blocks, descs);
	ret = invalidate_array(s1, array, &work, done);
	count_work(s1, &work.count, *done);
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
		ret = invalidate_one(s1, array, &done);
	else if (array->entry_num)
		ret = invalidate_large(s1, array, &done);

	array->entry_num = done;
	return ret;
}
