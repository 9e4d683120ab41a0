// SPDX-License-Identifier: GPL-2.0-only
/*
 * Callers of the invalidation queues.
 *
 * In the base's qi_submit_sync() every caller posts its own descriptors, and then
 * polls with interrupts off, taking and dropping the queue's lock at each look.
 * Here callers that meet at a queue share a batch: the descriptors of all of them
 * go into the ring together, with one wait descriptor. One caller polls the
 * wait's status in memory, without a lock and with interrupts on. When the batch
 * is complete, this caller takes it out of the ring, posts the next one, and wakes
 * the others. A queue has at most one batch in the ring. Submissions that wait for
 * the next batch are served in order. One that needs several batches goes behind
 * the others after each.
 *
 * A device TLB that does not answer makes the unit abort all that it had fetched,
 * whoever submitted it (VT-d 6.5.2.11). Aborted descriptors are submitted again,
 * however often. Only a submission with descriptors for the silent device is
 * returned to its caller. The caller submits it alone, so that no other submission
 * is aborted with it, and leaves the device out after VTD_QUEUE_TRIES time-outs.
 */

#define dev_fmt(fmt)	"nested: " fmt

#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/sched/stat.h>
#include <linux/sched/wake_q.h>

#include "nested.h"
#include "queue_ring.h"
#include "../perf.h"

/* A submission leaves a device out after so many time-outs. */
#define VTD_QUEUE_TRIES		2

/*
 * The first caller of the batch in the ring is its poller. It spins for many times
 * as long as an IOTLB invalidation takes, and then sleeps between its looks, because
 * device TLBs may take long.
 */
#define VTD_POLLER_LOOKS	4096
#define VTD_POLLER_NAP_MIN	10	/* microseconds */
#define VTD_POLLER_NAP_MAX	1000

/* Looks at memory for each look at the fault status, which is a register access */
#define VTD_POLLER_FAULT_LOOKS	1024

/*
 * All others spin as long as nobody else wants their CPU. Then they sleep until they
 * are woken, or until the poller seems not to get a CPU.
 */
#define VTD_CALLER_LOOKS	256
#define VTD_CALLER_NAP		1	/* jiffy */

static void vtd_submission_join(struct vtd_submission *sub)
{
	sub->posted = 0;
	sub->late = false;
	sub->polls = false;
	WRITE_ONCE(sub->state, VTD_SUBMISSION_WAITS);
	llist_add(&sub->joined, &sub->iommu->qi->nested.joined);
}

/* Once its caller sees the new state, the submission may be gone. */
static void vtd_submission_return(struct vtd_submission *sub,
				  enum vtd_submission_state state,
				  struct wake_q_head *wake)
{
	struct task_struct *task = sub->task;

	__list_del_entry(&sub->node);
	if (task == current) {
		WRITE_ONCE(sub->state, state);
		return;
	}
	get_task_struct(task);
	/* Pairs with vtd_submission_waits(). The last access to the submission. */
	smp_store_release(&sub->state, state);
	wake_q_add_safe(wake, task);
}

static void vtd_queue_take_joined(struct vtd_queue *queue)
{
	struct vtd_submission *sub, *next;
	struct llist_node *joined;

	if (llist_empty(&queue->joined))
		return;

	joined = llist_reverse_order(llist_del_all(&queue->joined));
	llist_for_each_entry_safe(sub, next, joined, joined)
		list_add_tail(&sub->node, &queue->waiting);
}

/*
 * The batch is out of the ring. Submissions that were aborted or found no room come
 * first in the next one. Those with descriptors left go behind all others.
 */
static noinline void vtd_queue_settle_batch(struct vtd_queue *queue, struct wake_q_head *wake)
{
	struct vtd_submission *sub, *next;
	LIST_HEAD(first);

	list_for_each_entry_safe(sub, next, &queue->batch, node) {
		WRITE_ONCE(sub->polls, false);
		if (sub->late || (!sub->aborted && sub->count == sub->posted)) {
			vtd_submission_return(sub, sub->late ? VTD_SUBMISSION_LATE :
							       VTD_SUBMISSION_DONE, wake);
		} else if (sub->aborted || !sub->posted) {
			list_move_tail(&sub->node, &first);
		} else {
			sub->desc += sub->posted;
			sub->count -= sub->posted;
			vtd_queue_take_joined(queue);
			list_move_tail(&sub->node, &queue->waiting);
		}
	}
	list_splice(&first, &queue->waiting);
}

static void vtd_queue_fill_batch(struct q_inval *qi)
{
	struct vtd_queue *queue = &qi->nested;
	struct vtd_submission *sub, *next;
	unsigned int count = 0;

	list_for_each_entry_safe(sub, next, &queue->waiting, node) {
		if (count >= vtd_ring_share(qi) - 1 || (sub->alone && count))
			break;
		list_move_tail(&sub->node, &queue->batch);
		count += sub->alone ? VTD_RING_SHARE : sub->count;
	}
}

/* Is there anything for the next batch? A hint without q_lock. */
static bool vtd_queue_awaited(const struct q_inval *qi)
{
	return !llist_empty(&qi->nested.joined) || !list_empty(&qi->nested.waiting);
}

/* Caller holds q_lock. */
static void vtd_queue_post_batch(struct intel_iommu *iommu, struct wake_q_head *wake)
{
	struct vtd_queue *queue = &iommu->qi->nested;
	struct vtd_submission *poller;

	vtd_queue_take_joined(queue);
	vtd_queue_fill_batch(iommu->qi);
	if (list_empty(&queue->batch))
		return;

	vtd_ring_post(iommu);
	poller = list_first_entry(&queue->batch, struct vtd_submission, node);
	WRITE_ONCE(poller->polls, true);
	if (poller->task != current)
		wake_q_add(wake, poller->task);
}

static noinline void vtd_queue_post(struct intel_iommu *iommu, struct wake_q_head *wake)
{
	struct q_inval *qi = iommu->qi;

	raw_spin_lock_irq(&qi->q_lock);
	if (vtd_ring_idle(qi))
		vtd_queue_post_batch(iommu, wake);
	raw_spin_unlock_irq(&qi->q_lock);
}

/*
 * Takes a complete batch out of the ring, and posts the next one. Interrupts are on
 * in between, because both take time.
 */
static noinline void vtd_queue_advance(struct intel_iommu *iommu)
{
	struct q_inval *qi = iommu->qi;
	struct vtd_queue *queue = &qi->nested;
	DEFINE_WAKE_Q(wake);

	raw_spin_lock_irq(&qi->q_lock);
	if (vtd_ring_done(qi)) {
		vtd_ring_collect(qi);
		vtd_queue_settle_batch(queue, &wake);
	}
	raw_spin_unlock_irq(&qi->q_lock);

	if (vtd_queue_awaited(qi))
		vtd_queue_post(iommu, &wake);
	if (!wake_q_empty(&wake))
		wake_up_q(&wake);
}

/**
 * vtd_queue_make_room() - take a complete batch out of the ring, so that its slots are free
 * @iommu: the unit
 *
 * For qi_submit_sync(), which finds no room. Interrupts are on while callers wait
 * for a batch, so somebody who submits may have interrupted the only task that
 * would take it out. The batch after it is left to those who wait.
 *
 * Context: Any. Takes q_lock. Does not sleep.
 */
void vtd_queue_make_room(struct intel_iommu *iommu)
{
	struct q_inval *qi = iommu->qi;
	DEFINE_WAKE_Q(wake);
	unsigned long flags;

	if (!vtd_ring_done(qi))
		return;

	raw_spin_lock_irqsave(&qi->q_lock, flags);
	if (vtd_ring_done(qi)) {
		vtd_ring_collect(qi);
		vtd_queue_settle_batch(&qi->nested, &wake);
	}
	raw_spin_unlock_irqrestore(&qi->q_lock, flags);
	wake_up_q(&wake);
}

/* The usual case: nobody else uses the queue, and the submission is the batch. */
static bool vtd_submission_post_now(struct vtd_submission *sub)
{
	struct q_inval *qi = sub->iommu->qi;
	struct vtd_queue *queue = &qi->nested;
	bool posted = false;

	if (READ_ONCE(queue->status))
		return false;

	raw_spin_lock_irq(&qi->q_lock);
	if (vtd_ring_idle(qi) && !vtd_queue_awaited(qi)) {
		list_add(&sub->node, &queue->batch);
		sub->polls = true;
		vtd_ring_post(sub->iommu);
		posted = true;
	}
	raw_spin_unlock_irq(&qi->q_lock);

	return posted;
}

/* Returns true if it is in the ring, as a batch. */
static bool vtd_submission_start(struct vtd_submission *sub)
{
	memset_startat(sub, 0, err);
	sub->task = current;
	if (vtd_submission_post_now(sub))
		return true;
	vtd_submission_join(sub);

	return false;
}

/*
 * Most of the time the unit is done by then, too, and the batch is still the one that
 * was posted, without others to wake. Of what is not in order the caller learns when
 * it waits.
 */
static void vtd_submission_finish_now(struct vtd_submission *sub)
{
	struct q_inval *qi = sub->iommu->qi;

	raw_spin_lock_irq(&qi->q_lock);
	if (sub->polls && vtd_ring_done(qi) && list_is_singular(&qi->nested.batch)) {
		vtd_ring_collect(qi);
		if (likely(!sub->late && !sub->aborted && sub->count == sub->posted)) {
			__list_del_entry(&sub->node);
			sub->state = VTD_SUBMISSION_DONE;
		} else {
			vtd_queue_settle_batch(&qi->nested, NULL);
		}
	}
	raw_spin_unlock_irq(&qi->q_lock);

	if (vtd_queue_awaited(qi))
		vtd_queue_advance(sub->iommu);
}

/* A device TLB of the submission has timed out: submit it again, maybe without the device. */
static noinline void vtd_submission_retry(struct vtd_submission *sub)
{
	struct device *dev = device_rbtree_find(sub->iommu, sub->late_sid);

	sub->alone = true;
	if (!dev || !dev_is_pci(dev) || !pci_device_is_present(to_pci_dev(dev)) ||
	    ++sub->tries == VTD_QUEUE_TRIES) {
		if (dev)
			dev_warn_ratelimited(dev, "device TLB does not answer, invalidation given up\n");
		else
			pr_warn_ratelimited("DMAR: %s: nested: %02x:%02x.%x is gone, invalidation of its device TLB given up\n",
					    sub->iommu->name, PCI_BUS_NUM(sub->late_sid),
					    PCI_SLOT(sub->late_sid & 0xff),
					    PCI_FUNC(sub->late_sid & 0xff));
		atomic64_inc(&sub->iommu->qi->nested.timeouts);
		vtd_event_device_silent(sub->iommu, dev, sub->late_sid);
		sub->err = -ETIMEDOUT;
		sub->tries = 0;
		vtd_ring_drop_device(sub, sub->late_sid);
	}

	if (sub->count)
		vtd_submission_join(sub);
	else
		sub->state = VTD_SUBMISSION_DONE;
}

/*
 * Advances the queue if it is this submission's turn: its caller polls the batch, or
 * has waited so long (@overdue) that the poller seems not to get a CPU. Returns true
 * until the submission is done.
 */
static bool vtd_submission_waits(struct vtd_submission *sub, bool overdue)
{
	struct q_inval *qi = sub->iommu->qi;

	if (READ_ONCE(sub->state) == VTD_SUBMISSION_WAITS &&
	    (READ_ONCE(sub->polls) || overdue ? vtd_ring_done(qi) : vtd_ring_idle(qi)))
		vtd_queue_advance(sub->iommu);

	/* Pairs with vtd_submission_return(): no other caller uses the submission any more. */
	if (smp_load_acquire(&sub->state) == VTD_SUBMISSION_LATE)
		vtd_submission_retry(sub);

	return sub->state != VTD_SUBMISSION_DONE;
}

static void vtd_submissions_check_faults(struct vtd_submission *sub, unsigned int n)
{
	while (n--)
		vtd_ring_check_faults(sub[n].iommu);
}

/* Has a submission been returned, or does it poll, or can it go into the ring? */
static bool vtd_submissions_changed(struct vtd_submission *sub, unsigned int n,
				    unsigned int waiting)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (READ_ONCE(sub[i].state) != VTD_SUBMISSION_WAITS)
			continue;
		if (READ_ONCE(sub[i].polls) || vtd_ring_idle(sub[i].iommu->qi))
			return true;
		waiting--;
	}

	return waiting;
}

/* Returns true if nobody woke the caller in time. */
static bool vtd_submissions_sleep(struct vtd_submission *sub, unsigned int n,
				  unsigned int waiting)
{
	long left = 1;

	set_current_state(TASK_IDLE);
	if (!vtd_submissions_changed(sub, n, waiting))
		left = schedule_timeout(VTD_CALLER_NAP);
	__set_current_state(TASK_RUNNING);

	return !left;
}

static noinline void vtd_submissions_wait(struct vtd_submission *sub, unsigned int n)
{
	unsigned int i, waiting, looks = 0, nap = VTD_POLLER_NAP_MIN;
	bool polls, polled = false, overdue = false;

	for (;;) {
		waiting = 0;
		polls = false;
		for (i = 0; i < n; i++) {
			if (!vtd_submission_waits(&sub[i], overdue))
				continue;
			waiting++;
			polls |= READ_ONCE(sub[i].polls);
		}
		if (!waiting)
			return;

		if (polls != polled) {
			polled = polls;
			looks = 0;
			nap = VTD_POLLER_NAP_MIN;
		}
		looks++;

		if (!polls && (looks > VTD_CALLER_LOOKS || !single_task_running())) {
			overdue = vtd_submissions_sleep(sub, n, waiting);
			if (overdue)
				vtd_submissions_check_faults(sub, n);
		} else if (looks < VTD_POLLER_LOOKS) {
			if (looks % VTD_POLLER_FAULT_LOOKS == 0)
				vtd_submissions_check_faults(sub, n);
			cpu_relax();
			cond_resched();
		} else {
			vtd_submissions_check_faults(sub, n);
			usleep_range_state(nap, 2 * nap, TASK_IDLE);
			nap = min(2 * nap, VTD_POLLER_NAP_MAX);
		}
	}
}

static u64 vtd_queue_clock(struct intel_iommu *iommu)
{
	return dmar_latency_enabled(iommu, DMAR_LATENCY_INV_IOTLB) ? ktime_get_ns() : 0;
}

static void vtd_queue_note_latency(struct intel_iommu *iommu, u64 since)
{
	if (since)
		dmar_latency_update(iommu, DMAR_LATENCY_INV_IOTLB, ktime_get_ns() - since);
}

/**
 * vtd_queue_run() - have units carry out invalidations, and wait for them
 * @sub: what to submit; on return @err of each tells how it went, and nothing
 *	 else but @batches has a meaning
 * @n: how many
 *
 * Descriptors of one submission are carried out in their order, those of
 * different submissions side by side. A descriptor that the unit refuses is
 * left out, a device that does not answer as well; all others are carried out.
 *
 * Context: Process. May sleep.
 * Return: 0, or the first error of @sub: -ETIMEDOUT if a device TLB did not
 * answer, -EINVAL if the unit refused a descriptor.
 */
int vtd_queue_run(struct vtd_submission *sub, unsigned int n)
{
	u64 since = vtd_queue_clock(sub->iommu);
	unsigned int i;
	int ret = 0;

	for (i = 0; i < n; i++)
		vtd_submission_start(&sub[i]);
	vtd_submissions_wait(sub, n);
	for (i = 0; i < n; i++) {
		if (likely(!sub[i].err))
			continue;
		vtd_ring_report(sub[i].iommu);
		ret = ret ?: sub[i].err;
	}
	vtd_queue_note_latency(sub->iommu, since);

	return ret;
}

/**
 * vtd_queue_run_one() - have a unit carry out invalidations, and wait for them
 * @sub: what to submit; on return nothing but @err and @batches has a meaning
 *
 * In most cases the unit is done when its tail register has been written.
 *
 * Context: Process. May sleep.
 * Return: 0 or the error of vtd_queue_run().
 */
int vtd_queue_run_one(struct vtd_submission *sub)
{
	u64 since = vtd_queue_clock(sub->iommu);

	if (vtd_submission_start(sub) && vtd_ring_done(sub->iommu->qi))
		vtd_submission_finish_now(sub);
	/* Pairs with vtd_submission_return(), as in vtd_submission_waits(). */
	if (smp_load_acquire(&sub->state) != VTD_SUBMISSION_DONE)
		vtd_submissions_wait(sub, 1);
	vtd_queue_note_latency(sub->iommu, since);
	if (unlikely(sub->err))
		vtd_ring_report(sub->iommu);

	return sub->err;
}

/**
 * vtd_queue_submit() - have a unit carry out invalidations, and wait for them
 * @iommu: the unit
 * @desc: the descriptors; used up on return
 * @count: how many
 *
 * Context: Process. May sleep.
 * Return: 0 or the error of vtd_queue_run().
 */
int vtd_queue_submit(struct intel_iommu *iommu, struct qi_desc *desc, unsigned int count)
{
	struct vtd_submission sub = { .iommu = iommu, .desc = desc, .count = count };

	return vtd_queue_run_one(&sub);
}
