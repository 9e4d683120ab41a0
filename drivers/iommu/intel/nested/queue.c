// SPDX-License-Identifier: GPL-2.0-only
/*
 * Submissions to the invalidation queues of several units at a time.
 *
 * The base's qi_submit_sync() has one unit work while the caller waits, and
 * starts again for as long as a device TLB does not answer. Here the units
 * work side by side, and a user who waits for a device that never answers gets
 * to know.
 */

#include <linux/ktime.h>

#include "nested.h"
#include "../perf.h"
#include "../trace.h"

/*
 * How often descriptors are submitted until their device is said not to
 * answer. Once is too few: an invalidation that times out takes others with it.
 */
#define MAX_TRIES	2

static unsigned int slot_of(const struct vtd_submission *sub, unsigned int i)
{
	return (sub->first + i) % QI_LENGTH;
}

static void put(struct intel_iommu *iommu, unsigned int slot, const struct qi_desc *desc)
{
	unsigned int shift = qi_shift(iommu);

	memcpy(iommu->qi->desc + (slot << shift), desc, 1 << shift);
	iommu->qi->desc_status[slot] = QI_IN_USE;
}

/* Section 6.5.2.8; the status is not looked at before the unit has written it. */
static void put_wait(struct intel_iommu *iommu, unsigned int slot)
{
	const struct qi_desc wait = {
		.qw0 = QI_IWD_STATUS_DATA(QI_DONE) | QI_IWD_STATUS_WRITE | QI_IWD_TYPE,
		.qw1 = virt_to_phys(&iommu->qi->desc_status[slot]),
	};

	put(iommu, slot, &wait);
}

/* False if there is no room. */
static bool post(struct vtd_submission *sub)
{
	struct intel_iommu *iommu = sub->iommu;
	struct q_inval *qi = iommu->qi;
	unsigned int i;

	raw_spin_lock(&qi->q_lock);
	/* One slot is for the wait, and one stays empty. */
	if (qi->free_cnt < sub->count + 2) {
		raw_spin_unlock(&qi->q_lock);
		return false;
	}

	sub->first = qi->free_head;
	for (i = 0; i < sub->count; i++) {
		const struct qi_desc *desc = &sub->desc[i];

		put(iommu, slot_of(sub, i), desc);
		trace_qi_submit(iommu, desc->qw0, desc->qw1, desc->qw2, desc->qw3);
	}
	put_wait(iommu, slot_of(sub, i));
	qi->free_head = slot_of(sub, i + 1);
	qi->free_cnt -= i + 1;
	writel(qi->free_head << qi_shift(iommu), iommu->reg + DMAR_IQT_REG);
	raw_spin_unlock(&qi->q_lock);

	return true;
}

/*
 * The unit has stopped at a descriptor that it does not take (6.5.2.11). The
 * base knows what to do if that is the first of a submission; another of them
 * becomes a wait descriptor here, so that the unit goes on to the last.
 */
static bool mend_queue(const struct vtd_submission *sub)
{
	struct intel_iommu *iommu = sub->iommu;
	unsigned int head;

	if (!(readl(iommu->reg + DMAR_FSTS_REG) & DMA_FSTS_IQE))
		return false;
	head = readl(iommu->reg + DMAR_IQH_REG) >> qi_shift(iommu);
	if ((head - sub->first) % QI_LENGTH >= sub->count)
		return false;

	put_wait(iommu, head);
	writel(DMA_FSTS_IQE, iommu->reg + DMAR_FSTS_REG);
	return true;
}

static void collect(struct vtd_submission *sub)
{
	struct intel_iommu *iommu = sub->iommu;
	unsigned int i, last = slot_of(sub, sub->count);
	struct q_inval *qi = iommu->qi;
	int ret;

	sub->err = 0;
	raw_spin_lock(&qi->q_lock);
	while (READ_ONCE(qi->desc_status[last]) != QI_DONE) {
		if (mend_queue(sub))
			sub->err = -EINVAL;
		ret = qi_check_fault(iommu, sub->first, last);
		if (ret) {
			sub->err = ret;
			break;
		}
		raw_spin_unlock(&qi->q_lock);
		cpu_relax();
		raw_spin_lock(&qi->q_lock);
	}
	for (i = 0; i <= sub->count; i++)
		qi->desc_status[slot_of(sub, i)] = QI_FREE;
	reclaim_free_desc(qi);
	raw_spin_unlock(&qi->q_lock);
}

static void run(struct vtd_submission *sub, unsigned int n)
{
	unsigned int posted, collected = 0;
	unsigned long flags;

	/*
	 * An interrupt that invalidates must not find a queue full of what
	 * its own CPU has yet to collect.
	 */
	local_irq_save(flags);
	for (posted = 0; posted < n; posted++) {
		while (!post(&sub[posted])) {
			/* And two CPUs must not wait for each other's room. */
			if (collected < posted)
				collect(&sub[collected++]);
			else
				cpu_relax();
		}
	}
	while (collected < n)
		collect(&sub[collected++]);
	local_irq_restore(flags);
}

static bool aborted(const struct vtd_submission *sub)
{
	return sub->err == -EAGAIN || sub->err == -ETIMEDOUT;
}

/**
 * vtd_queue_run() - have units carry out invalidations, and wait for them
 * @sub: what to submit, each with a wait at its end; on return @err of each
 *       tells how it went
 * @n: how many
 *
 * Descriptors of one submission are carried out in their order, those of
 * different submissions side by side.
 *
 * Context: Any.
 * Return: 0, or the first error of @sub: -ETIMEDOUT if a device TLB did not
 * answer, -EINVAL if the unit refused a descriptor.
 */
int vtd_queue_run(struct vtd_submission *sub, unsigned int n)
{
	u64 since = 0;
	unsigned int i, try;
	int ret = 0;

	if (dmar_latency_enabled(sub->iommu, DMAR_LATENCY_INV_IOTLB))
		since = ktime_get_ns();

	run(sub, n);
	for (i = 0; i < n; i++) {
		for (try = 1; aborted(&sub[i]) && try < MAX_TRIES; try++)
			run(&sub[i], 1);
		if (aborted(&sub[i]))
			sub[i].err = -ETIMEDOUT;
		if (!ret)
			ret = sub[i].err;
	}

	if (since)
		dmar_latency_update(sub->iommu, DMAR_LATENCY_INV_IOTLB,
				    ktime_get_ns() - since);

	return ret;
}
