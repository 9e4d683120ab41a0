// SPDX-License-Identifier: GPL-2.0-only
/*
 * Callers of the invalidation queues.
 *
 * The base's qi_submit_sync() has every caller post for itself and then poll,
 * with interrupts off and the queue's lock taken and dropped at each look. Here
 * callers that meet at a queue share. What all of them have to submit goes into
 * the ring as one batch with one wait descriptor, and they look at its status
 * in memory, without a lock and with interrupts on. Whoever sees first that it
 * is complete takes the batch out of the ring, puts the next one in, and tells
 * the others. There is one batch of a queue in the ring at a time. What waits
 * for the next is served in order, and a submission that needs several batches
 * goes behind the others after each.
 *
 * A device TLB that does not answer makes the unit abort what it had fetched,
 * whoever submitted it (VT-d 6.5.2.11). It is submitted again, however often.
 * Only a submission that asks the silent device is told to: its caller submits
 * it alone, so that nobody else is aborted with it, and leaves the device out
 * after VTD_QUEUE_TRIES time-outs.
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

/* Time-outs of its devices until a submission leaves one of them out. */
#define VTD_QUEUE_TRIES		2

/*
 * The first caller of the batch in the ring is its poller. It looks at memory
 * for many times as long as an IOTLB takes, and then sleeps in between: device
 * TLBs may take long.
 */
#define VTD_POLLER_LOOKS	4096
#define VTD_POLLER_NAP_MIN	10	/* microseconds */
#define VTD_POLLER_NAP_MAX	1000

/* Looks between two at the fault status, which costs a register access. */
#define VTD_POLLER_FAULT_LOOKS	1024

/*
 * All others look for as long as nobody else wants their CPU, and then sleep
 * until they are woken, or until it looks as if the poller did not get to run.
 */
#define VTD_CALLER_LOOKS	256
#define VTD_CALLER_NAP		1	/* jiffy */

static struct vtd_queue *vtd_submission_queue(const struct vtd_submission *sub)
{
	return &sub->iommu->qi->nested;
}

static void vtd_submission_join(struct vtd_submission *sub)
{
	sub->posted = 0;
	sub->late = false;
	sub->polls = false;
	WRITE_ONCE(sub->state, VTD_SUBMISSION_WAITS);
	llist_add(&sub->joined, &vtd_submission_queue(sub)->joined);
}

/* When its caller sees the state the submission may be gone. */
static void vtd_submission_return(struct vtd_submission *sub,
				  enum vtd_submission_state state,
				  struct wake_q_head *wake)
{
	struct task_struct *task = sub->task;

	list_del(&sub->node);
	if (task == current) {
		WRITE_ONCE(sub->state, state);
		return;
	}
	get_task_struct(task);
	/* Pairs with vtd_submissions_waiting(): the last that is done to it. */
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
	llist_for_each_entry_safe(sub, next, joined, joined) {
		list_add_tail(&sub->node, &queue->waiting);
		queue->submissions++;
	}
}

/*
 * The batch is out of the ring. What was aborted, or found no room, goes first;
 * what is not finished yet has had its turn.
 */
static void vtd_queue_settle_batch(struct vtd_queue *queue, struct wake_q_head *wake)
{
	struct vtd_submission *sub, *next;
	LIST_HEAD(first);

	list_for_each_entry_safe(sub, next, &queue->batch, node) {
		WRITE_ONCE(sub->polls, false);
		if (sub->late) {
			vtd_submission_return(sub, VTD_SUBMISSION_LATE, wake);
			continue;
		}
		if (sub->aborted || (sub->count && !sub->posted)) {
			queue->retries += sub->aborted;
			list_move_tail(&sub->node, &first);
			continue;
		}
		sub->desc += sub->posted;
		sub->count -= sub->posted;
		if (sub->count)
			list_move_tail(&sub->node, &queue->waiting);
		else
			vtd_submission_return(sub, VTD_SUBMISSION_DONE, wake);
	}
	list_splice(&first, &queue->waiting);
}

static void vtd_queue_fill_batch(struct vtd_queue *queue)
{
	struct vtd_submission *sub, *next;
	unsigned int count = 0;

	list_for_each_entry_safe(sub, next, &queue->waiting, node) {
		if (count >= VTD_RING_SHARE - 1 || (sub->alone && count))
			break;
		list_move_tail(&sub->node, &queue->batch);
		count += sub->alone ? VTD_RING_SHARE : sub->count;
	}
}

static void vtd_queue_post_batch(struct intel_iommu *iommu, struct wake_q_head *wake)
{
	struct vtd_queue *queue = &iommu->qi->nested;
	struct vtd_submission *poller;

	vtd_queue_fill_batch(queue);
	if (list_empty(&queue->batch))
		return;

	if (!vtd_ring_post(iommu)) {
		list_splice_init(&queue->batch, &queue->waiting);
		return;
	}

	poller = list_first_entry(&queue->batch, struct vtd_submission, node);
	WRITE_ONCE(poller->polls, true);
	if (poller->task != current)
		wake_q_add(wake, poller->task);
}

/* Does what there is to do for a queue, unless somebody else does it just now. */
static void vtd_queue_advance(struct intel_iommu *iommu)
{
	struct vtd_queue *queue = &iommu->qi->nested;
	DEFINE_WAKE_Q(wake);

	if (READ_ONCE(queue->slots) && !vtd_ring_done(iommu))
		return;
	if (!raw_spin_trylock(&queue->lock))
		return;

	vtd_queue_take_joined(queue);
	if (vtd_ring_done(iommu)) {
		vtd_ring_collect(iommu);
		vtd_queue_settle_batch(queue, &wake);
	}
	if (!queue->slots)
		vtd_queue_post_batch(iommu, &wake);

	raw_spin_unlock(&queue->lock);
	wake_up_q(&wake);
}

/* A device that the submission asks has let it time out. */
static void vtd_submission_retry(struct vtd_submission *sub)
{
	struct device *dev = device_rbtree_find(sub->iommu, sub->late_sid);

	sub->alone = true;
	if (!dev || !dev_is_pci(dev) || !pci_device_is_present(to_pci_dev(dev)) ||
	    ++sub->tries == VTD_QUEUE_TRIES) {
		if (dev)
			dev_warn_ratelimited(dev, "device TLB does not answer, invalidation given up\n");
		sub->err = -ETIMEDOUT;
		sub->tries = 0;
		vtd_ring_drop_device(sub, sub->late_sid);
	}

	if (sub->count)
		vtd_submission_join(sub);
	else
		sub->state = VTD_SUBMISSION_DONE;
}

/* How many are not done; *polls tells whether one of them leads a batch. */
static unsigned int vtd_submissions_waiting(struct vtd_submission *sub, unsigned int n,
					    bool *polls)
{
	unsigned int i, waiting = 0;

	*polls = false;
	for (i = 0; i < n; i++) {
		/* Pairs with vtd_submission_return(): nobody else uses it now. */
		if (smp_load_acquire(&sub[i].state) == VTD_SUBMISSION_LATE)
			vtd_submission_retry(&sub[i]);
		if (sub[i].state == VTD_SUBMISSION_DONE)
			continue;
		*polls |= READ_ONCE(sub[i].polls);
		waiting++;
	}

	return waiting;
}

static void vtd_submissions_check_faults(struct vtd_submission *sub, unsigned int n)
{
	while (n--)
		vtd_ring_check_faults(sub[n].iommu);
}

/* Is there something that the caller has to do itself? */
static bool vtd_submissions_changed(struct vtd_submission *sub, unsigned int n,
				    unsigned int waiting)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (READ_ONCE(sub[i].state) != VTD_SUBMISSION_WAITS)
			continue;
		if (READ_ONCE(sub[i].polls) || !READ_ONCE(vtd_submission_queue(&sub[i])->slots))
			return true;
		waiting--;
	}

	return waiting;
}

static void vtd_submissions_sleep(struct vtd_submission *sub, unsigned int n,
				  unsigned int waiting)
{
	set_current_state(TASK_IDLE);
	if (!vtd_submissions_changed(sub, n, waiting))
		schedule_timeout(VTD_CALLER_NAP);
	__set_current_state(TASK_RUNNING);
	vtd_submissions_check_faults(sub, n);
}

static void vtd_queue_wait(struct vtd_submission *sub, unsigned int n)
{
	unsigned int i, waiting, looks = 0, nap = VTD_POLLER_NAP_MIN;
	bool polls, polled = false;

	while ((waiting = vtd_submissions_waiting(sub, n, &polls))) {
		for (i = 0; i < n; i++)
			vtd_queue_advance(sub[i].iommu);

		if (polls != polled) {
			polled = polls;
			looks = 0;
			nap = VTD_POLLER_NAP_MIN;
		}
		looks++;

		if (!polls && (looks > VTD_CALLER_LOOKS || !single_task_running())) {
			vtd_submissions_sleep(sub, n, waiting);
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

/**
 * vtd_queue_run() - have units carry out invalidations, and wait for them
 * @sub: what to submit; on return @err of each tells how it went, and its
 *	 descriptors are used up
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
	unsigned int i;
	u64 since = 0;
	int ret = 0;

	if (dmar_latency_enabled(sub->iommu, DMAR_LATENCY_INV_IOTLB))
		since = ktime_get_ns();

	for (i = 0; i < n; i++) {
		sub[i].task = current;
		sub[i].err = 0;
		sub[i].batches = 0;
		sub[i].tries = 0;
		sub[i].alone = false;
		vtd_submission_join(&sub[i]);
	}
	vtd_queue_wait(sub, n);
	for (i = n; i--; )
		ret = sub[i].err ?: ret;

	if (since)
		dmar_latency_update(sub->iommu, DMAR_LATENCY_INV_IOTLB,
				    ktime_get_ns() - since);

	return ret;
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

	return vtd_queue_run(&sub, 1);
}
