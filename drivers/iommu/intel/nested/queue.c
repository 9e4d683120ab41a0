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

/* Only units in scalable mode nest, and there descriptors have 256 bits (6.5.2). */
#define DESC_SHIFT	ilog2(sizeof(struct qi_desc))

static void put(struct q_inval *qi, unsigned int slot, const struct qi_desc *desc)
{
	struct qi_desc *ring = qi->desc;

	ring[slot] = *desc;
	qi->desc_status[slot] = QI_IN_USE;
}

/* Section 6.5.2.8; the status is not looked at before the unit has written it. */
static inline void put_wait(struct q_inval *qi, unsigned int slot)
{
	const struct qi_desc wait = {
		.qw0 = QI_IWD_STATUS_DATA(QI_DONE) | QI_IWD_STATUS_WRITE | QI_IWD_TYPE,
		.qw1 = virt_to_phys(&qi->desc_status[slot]),
	};

	put(qi, slot, &wait);
}

/* False if there is no room. The caller holds the queue's lock. */
static bool post(struct vtd_submission *sub)
{
	struct intel_iommu *iommu = sub->iommu;
	struct q_inval *qi = iommu->qi;
	unsigned int i, slot = qi->free_head, count = sub->count;

	/* One slot is for the wait, and one stays empty. */
	if (qi->free_cnt < count + 2)
		return false;

	sub->first = slot;
	for (i = 0; i < count; i++) {
		const struct qi_desc *desc = &sub->desc[i];

		put(qi, slot, desc);
		slot = (slot + 1) % QI_LENGTH;
		trace_qi_submit(iommu, desc->qw0, desc->qw1, desc->qw2, desc->qw3);
	}
	put_wait(qi, slot);
	qi->free_head = (slot + 1) % QI_LENGTH;
	qi->free_cnt -= count + 1;
	writel(qi->free_head << DESC_SHIFT, iommu->reg + DMAR_IQT_REG);

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
	head = readl(iommu->reg + DMAR_IQH_REG) >> DESC_SHIFT;
	if ((head - sub->first) % QI_LENGTH >= sub->count)
		return false;

	put_wait(iommu->qi, head);
	writel(DMA_FSTS_IQE, iommu->reg + DMAR_FSTS_REG);
	return true;
}

/* The caller holds the queue's lock, and has not when this returns. */
static void collect(struct vtd_submission *sub)
	__releases(&sub->iommu->qi->q_lock)
{
	struct intel_iommu *iommu = sub->iommu;
	unsigned int slot = sub->first, last = (slot + sub->count) % QI_LENGTH;
	struct q_inval *qi = iommu->qi;
	int ret;

	sub->err = 0;
	while (READ_ONCE(qi->desc_status[last]) != QI_DONE) {
		if (mend_queue(sub))
			sub->err = -EINVAL;
		ret = qi_check_fault(iommu, sub->first, last);
		if (ret == -EAGAIN) {
			sub->err = ret;
			break;
		}
		/*
		 * A time-out is told to whoever looks first. What it has not
		 * aborted the unit has still to do: its slots stay in use.
		 */
		if (ret == -EINVAL)
			sub->err = ret;
		raw_spin_unlock(&qi->q_lock);
		cpu_relax();
		raw_spin_lock(&qi->q_lock);
	}
	for (; slot != last; slot = (slot + 1) % QI_LENGTH)
		qi->desc_status[slot] = QI_FREE;
	qi->desc_status[last] = QI_FREE;
	reclaim_free_desc(qi);
	raw_spin_unlock(&qi->q_lock);
}

static void run(struct vtd_submission *sub, unsigned int n)
{
	struct vtd_submission *last = sub + n - 1, *first = sub;
	unsigned long flags;

	/*
	 * An interrupt that invalidates must not find a queue full of what
	 * its own CPU has yet to collect.
	 */
	local_irq_save(flags);
	for (; ; sub++) {
		raw_spin_lock(&sub->iommu->qi->q_lock);
		while (!post(sub)) {
			raw_spin_unlock(&sub->iommu->qi->q_lock);
			/* And two CPUs must not wait for each other's room. */
			if (first < sub) {
				raw_spin_lock(&first->iommu->qi->q_lock);
				collect(first++);
			} else {
				cpu_relax();
			}
			raw_spin_lock(&sub->iommu->qi->q_lock);
		}
		if (sub == last)
			break;
		raw_spin_unlock(&sub->iommu->qi->q_lock);
	}

	/* In their order: what comes later in a queue is not done earlier. */
	if (first != last) {
		raw_spin_unlock(&last->iommu->qi->q_lock);
		raw_spin_lock(&first->iommu->qi->q_lock);
	}
	collect(first);
	while (first != last) {
		first++;
		raw_spin_lock(&first->iommu->qi->q_lock);
		collect(first);
	}
	local_irq_restore(flags);
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
		if (likely(!sub[i].err))
			continue;
		for (try = 1; sub[i].err == -EAGAIN && try < MAX_TRIES; try++)
			run(&sub[i], 1);
		if (sub[i].err == -EAGAIN)
			sub[i].err = -ETIMEDOUT;
		if (!ret)
			ret = sub[i].err;
	}

	if (since)
		dmar_latency_update(sub->iommu, DMAR_LATENCY_INV_IOTLB,
				    ktime_get_ns() - since);

	return ret;
}
