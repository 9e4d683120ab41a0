// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ring of an invalidation queue (VT-d 6.5.2): a batch of submissions goes
 * in with one wait descriptor and one doorbell, and its slots come back when
 * the unit is done with it.
 *
 * The base driver uses the same ring, from interrupts too. A batch takes half
 * of the ring at most and never waits for more room than one descriptor needs.
 * Where the base finds no room, it takes a complete batch out itself
 * (vtd_queue_make_room()). Where something of the base's had to wait behind a
 * batch, the batches that follow are short.
 */

#include "nested.h"
#include "queue_ring.h"
#include "trace.h"
#include "../trace.h"

/* Only units in scalable mode nest, and there descriptors have 256 bits (6.5.2). */
#define VTD_RING_SHIFT	ilog2(sizeof(struct qi_desc))

static void vtd_ring_write(struct q_inval *qi, unsigned int slot,
			   const struct qi_desc *desc)
{
	struct qi_desc *ring = qi->desc;

	ring[slot] = *desc;
	qi->desc_status[slot] = QI_IN_USE;
}

/* Section 6.5.2.9: the unit writes the status of the slot. */
static __always_inline void vtd_ring_write_wait(struct q_inval *qi, unsigned int slot)
{
	struct qi_desc *wait = (struct qi_desc *)qi->desc + slot;

	qi->desc_status[slot] = QI_IN_USE;
	wait->qw0 = QI_IWD_STATUS_DATA(QI_DONE) | QI_IWD_STATUS_WRITE | QI_IWD_TYPE;
	wait->qw1 = virt_to_phys(&qi->desc_status[slot]);
	wait->qw2 = 0;
	wait->qw3 = 0;
}

/**
 * vtd_ring_post() - put a batch into the ring and ring the doorbell
 * @iommu: the unit; its batch is not empty, and vtd_ring_idle() is true
 *
 * What does not fit into the share of a batch, or into the ring as it is,
 * stays with its submission: &vtd_submission.posted says how much went in.
 *
 * Context: Caller holds q_lock. Does not sleep.
 */
void vtd_ring_post(struct intel_iommu *iommu)
{
	struct q_inval *qi = iommu->qi;
	struct vtd_queue *queue = &qi->nested;
	unsigned int slot = qi->free_head, room, i;
	struct vtd_submission *sub;

	/* One slot is for the wait, and one of the ring stays empty. */
	room = min_t(unsigned int, qi->free_cnt - 1, vtd_ring_share(qi)) - 1;
	queue->first = slot;
	/* Read with another lock: vtd_queue_fault_event(). */
	WRITE_ONCE(queue->used, true);

	list_for_each_entry(sub, &queue->batch, node) {
		sub->posted = min(sub->count, room);
		sub->slot = slot;
		sub->batches += sub->posted > 0;
		room -= sub->posted;
		for (i = 0; i < sub->posted; i++) {
			const struct qi_desc *desc = &sub->desc[i];

			vtd_ring_write(qi, slot, desc);
			slot = (slot + 1) % QI_LENGTH;
			trace_qi_submit(iommu, desc->qw0, desc->qw1, desc->qw2, desc->qw3);
		}
	}

	vtd_ring_write_wait(qi, slot);
	WRITE_ONCE(queue->status, &qi->desc_status[slot]);
	slot = (slot + 1) % QI_LENGTH;
	qi->free_head = slot;
	qi->free_cnt -= (slot - queue->first) % QI_LENGTH;
	trace_vtd_ring_batch(iommu);
	writel(slot << VTD_RING_SHIFT, iommu->reg + DMAR_IQT_REG);
}

/**
 * vtd_ring_collect() - take a batch that is finished out of the ring
 * @qi: the queue, whose vtd_ring_done() is true
 *
 * On return &vtd_submission.aborted tells of each submission of the batch
 * whether it has to go into the ring again. A time-out aborts what the unit had
 * fetched. Where the wait descriptor came later it is complete in spite of that,
 * so each descriptor counts.
 *
 * Context: Caller holds q_lock. Does not sleep.
 */
void vtd_ring_collect(struct q_inval *qi)
{
	struct vtd_queue *queue = &qi->nested;
	bool all = *queue->status == QI_ABORT;
	unsigned int slot = queue->first;
	int *status = qi->desc_status;
	struct vtd_submission *sub;

	list_for_each_entry(sub, &queue->batch, node) {
		unsigned int left = sub->posted;
		bool aborted = all && left;

		for (; left--; slot = (slot + 1) % QI_LENGTH) {
			aborted |= status[slot] == QI_ABORT;
			status[slot] = QI_FREE;
		}
		sub->aborted = aborted;
	}
	status[slot] = QI_FREE;
	WRITE_ONCE(queue->status, NULL);

	slot = (slot + 1) % QI_LENGTH;
	if (slot != qi->free_head)
		queue->withheld = VTD_RING_SHARE - VTD_RING_SHARE_CROWDED;
	else if (queue->withheld)
		queue->withheld--;

	/* What reclaim_free_desc() would do slot by slot. */
	if (qi->free_tail == queue->first) {
		qi->free_cnt += (slot - queue->first) % QI_LENGTH;
		qi->free_tail = slot;
	}
	if (qi->free_tail != qi->free_head)
		reclaim_free_desc(qi);
}

/* The submission of the batch that has a slot. Caller holds q_lock. */
static struct vtd_submission *vtd_ring_owner(struct vtd_queue *queue, unsigned int slot)
{
	struct vtd_submission *sub;

	list_for_each_entry(sub, &queue->batch, node) {
		if ((slot - sub->slot) % QI_LENGTH < sub->posted)
			return sub;
	}

	return NULL;
}

/**
 * vtd_queue_refused() - the unit has stopped at a descriptor that it refuses
 * @iommu: the unit
 *
 * If it belongs to the batch, replaces it by a wait descriptor, so that the unit goes
 * on (VT-d 6.5.2.11). Any other is left to whoever submitted it.
 *
 * Context: Any. Caller holds the queue's q_lock.
 */
void vtd_queue_refused(struct intel_iommu *iommu)
{
	struct q_inval *qi = iommu->qi;
	struct vtd_queue *queue = &qi->nested;
	struct vtd_submission *sub;
	const struct qi_desc *bad;
	unsigned int head;

	if (!queue->status)
		return;

	head = readl(iommu->reg + DMAR_IQH_REG) >> VTD_RING_SHIFT;
	sub = vtd_ring_owner(queue, head);
	if (!sub)
		return;

	bad = &sub->desc[(head - sub->slot) % QI_LENGTH];
	pr_err_ratelimited("DMAR: %s: nested: invalidation descriptor refused: qw0 = %#llx, qw1 = %#llx\n",
			   iommu->name, bad->qw0, bad->qw1);
	atomic64_inc(&queue->errors);
	queue->refused[0] = bad->qw0;
	queue->refused[1] = bad->qw1;
	queue->unreported = true;
	sub->err = -EINVAL;
	vtd_ring_write_wait(qi, head);
	writel(DMA_FSTS_IQE, iommu->reg + DMAR_FSTS_REG);
}

/**
 * vtd_ring_report() - send the event of a refused descriptor, if it has not been sent
 * @iommu: the unit
 *
 * Context: Process, interrupts on. Takes q_lock.
 */
void vtd_ring_report(struct intel_iommu *iommu)
{
	struct q_inval *qi = iommu->qi;
	u64 qw0, qw1;
	bool report;

	raw_spin_lock_irq(&qi->q_lock);
	qw0 = qi->nested.refused[0];
	qw1 = qi->nested.refused[1];
	report = qi->nested.unreported;
	qi->nested.unreported = false;
	raw_spin_unlock_irq(&qi->q_lock);

	if (report)
		vtd_event_queue_error(iommu, qw0, qw1);
}

/* Invalidation Completion Error (VT-d 6.5.2.11): a device has answered what nobody asked. */
static bool vtd_ring_clear_completion_error(struct intel_iommu *iommu)
{
	u64 source;

	if (!(readl(iommu->reg + DMAR_FSTS_REG) & DMA_FSTS_ICE))
		return false;

	source = DMAR_IQER_REG_ICESID(readq(iommu->reg + DMAR_IQER_REG));
	pr_warn_ratelimited("DMAR: %s: nested: %02llx:%02llx.%llx has completed no invalidation under way\n",
			    iommu->name, source >> 8, source >> 3 & 0x1f, source & 7);
	writel(DMA_FSTS_ICE, iommu->reg + DMAR_FSTS_REG);

	return true;
}

/* The base driver clears a time-out, and tells vtd_queue_timed_out(). */
static noinline void vtd_ring_clear_faults(struct intel_iommu *iommu)
{
	struct q_inval *qi = iommu->qi;
	struct vtd_queue *queue = &qi->nested;
	u32 fault;

	raw_spin_lock_irq(&qi->q_lock);
	fault = queue->status ? readl(iommu->reg + DMAR_FSTS_REG) : 0;
	if (fault & DMA_FSTS_IQE)
		vtd_queue_refused(iommu);
	if (fault & DMA_FSTS_ITE) {
		/* Of refused descriptors none is the base's: no slot has that index. */
		qi_check_fault(iommu, QI_LENGTH, queue->status - qi->desc_status);
	}
	vtd_ring_clear_completion_error(iommu);
	raw_spin_unlock_irq(&qi->q_lock);

	vtd_ring_report(iommu);
}

/**
 * vtd_ring_check_faults() - has the unit stopped at the batch?
 * @iommu: the unit
 *
 * One register is read, and no lock is taken unless there is a fault.
 *
 * Context: Process, interrupts on. Takes q_lock. Does not sleep.
 */
void vtd_ring_check_faults(struct intel_iommu *iommu)
{
	u32 faults = DMA_FSTS_IQE | DMA_FSTS_ITE | DMA_FSTS_ICE;

	if (unlikely(readl(iommu->reg + DMAR_FSTS_REG) & faults))
		vtd_ring_clear_faults(iommu);
}

/**
 * vtd_queue_fault_event() - the unit has sent a fault event
 * @iommu: the unit
 *
 * While an error of its queue is set a unit sends no event for faults of DMA
 * (VT-d 7.3). Time-outs and refused descriptors keep somebody waiting who looks
 * at the status. A completion of nothing does not, and a device may send one at
 * any time. Before the extension has used the queue, all who wait are the base's,
 * and look at the status themselves.
 *
 * Context: Hard interrupt. Caller holds the unit's register_lock.
 * Return: true if there was one, and the status is worth another look.
 */
bool vtd_queue_fault_event(struct intel_iommu *iommu)
{
	struct q_inval *qi = iommu->qi;

	return qi && READ_ONCE(qi->nested.used) && vtd_ring_clear_completion_error(iommu);
}

/* Source-id of a device-TLB invalidation (6.5.2.5, 6.5.2.6), or -1 for others. */
static int vtd_desc_devtlb_sid(const struct qi_desc *desc)
{
	switch (desc->qw0 & 0xf) {
	case QI_DIOTLB_TYPE:
		return (desc->qw0 >> 32) & 0xffff;
	case QI_DEIOTLB_TYPE:
		return (desc->qw0 >> 16) & 0xffff;
	default:
		return -1;
	}
}

/**
 * vtd_queue_timed_out() - a device has not answered an invalidation in time
 * @iommu: the unit
 * @sid: source-id of the device (ITESID, VT-d 11.4.9.9); 0 if the unit does not
 *	 tell, and then each device that was asked may be the one
 *
 * Leaves a mark on the submissions in the ring that asked the device.
 *
 * Context: Caller holds the queue's q_lock.
 */
void vtd_queue_timed_out(struct intel_iommu *iommu, u16 sid)
{
	struct vtd_queue *queue = &iommu->qi->nested;
	struct vtd_submission *sub;
	unsigned int i;
	int asked;

	if (!queue->status)
		return;

	list_for_each_entry(sub, &queue->batch, node) {
		for (i = 0; i < sub->posted; i++) {
			asked = vtd_desc_devtlb_sid(&sub->desc[i]);
			if (asked < 0 || (sid && asked != sid))
				continue;
			sub->late = true;
			sub->late_sid = asked;
			break;
		}
	}
}

/**
 * vtd_ring_drop_device() - leave out what a submission asks of a device
 * @sub: the submission, not in the ring
 * @sid: source-id of the device
 *
 * Context: Any; nobody else uses @sub.
 */
void vtd_ring_drop_device(struct vtd_submission *sub, u16 sid)
{
	unsigned int from, to = 0;

	for (from = 0; from < sub->count; from++) {
		if (vtd_desc_devtlb_sid(&sub->desc[from]) != sid)
			sub->desc[to++] = sub->desc[from];
	}
	sub->count = to;
}
