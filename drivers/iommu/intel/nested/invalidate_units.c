// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ranges of a stage-1 table become blocks that descriptors can name, and the
 * descriptors go to the queues of all units at the same time, as few submissions
 * as have room.
 */

#include "invalidate.h"

static int submit_work(struct vtd_inv_work *work)
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
static struct qi_desc *take_descs(struct intel_iommu *iommu, struct vtd_inv_work *work,
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

static int add_iotlb(struct vtd_attachment *att, struct vtd_inv_work *work)
{
	struct intel_iommu *iommu = att->link->info->iommu;
	unsigned int i = 0;
	int ret;

	do {
		struct qi_desc *desc = take_descs(iommu, work, 1, &ret);

		if (!desc)
			return ret;
		if (work->nblocks)
			vtd_inv_compose_iotlb(att, &work->block[i], 1, desc);
		else
			vtd_inv_compose_iotlb_all(att, desc);
	} while (++i < work->nblocks);

	return 0;
}

static int add_devtlb(struct vtd_attachment *att, struct vtd_inv_work *work)
{
	struct device_domain_info *info = att->link->info;
	unsigned int n = info->dtlb_extra_inval ? 2 : 1;
	unsigned int i = 0;
	int ret;

	do {
		struct qi_desc *desc = take_descs(info->iommu, work, n, &ret);

		if (!desc)
			return ret;
		vtd_inv_compose_devtlb(att, work->nblocks ? &work->block[i] : &vtd_inv_everything,
				       1, desc);
	} while (++i < work->nblocks);

	return 0;
}

/*
 * The IOTLB comes before the device TLB, which would otherwise be filled from
 * it again (VT-d 6.5.2.5).
 */
static int flush_attachment(struct vtd_attachment *att, struct vtd_inv_work *work)
{
	int ret;

	ret = add_iotlb(att, work);
	if (!ret && att->ats)
		ret = add_devtlb(att, work);

	return ret;
}

/* Room for blocks is what is left of a device's share. */
static void make_blocks(struct vtd_inv_work *work, unsigned int max_order)
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

/**
 * vtd_inv_flush_ranges() - invalidate ranges for every device that a domain is attached to
 * @s1: the domain
 * @work: @range and @nranges of it
 *
 * Each unit is given as many descriptors as there is room for before any is
 * waited for.
 *
 * Context: Process. Caller holds the domain's semaphore. May sleep.
 * Return: 0 or the error of vtd_queue_run().
 */
int vtd_inv_flush_ranges(struct vtd_s1_domain *s1, struct vtd_inv_work *work)
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
