/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the nested extension keeps for each invalidation queue: the submissions
 * of callers that meet there, and the batch of them that is in the ring.
 */
#ifndef _INTEL_NESTED_QUEUE_H
#define _INTEL_NESTED_QUEUE_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct intel_iommu;

#ifdef CONFIG_INTEL_IOMMU_NESTED
/**
 * struct vtd_queue - callers at the invalidation queue of a unit
 * @lock: see below; taken with trylock only, since who does not get it has
 *	  somebody else do the same work
 * @joined: &vtd_submission.joined, what has just come; no lock
 * @waiting: &vtd_submission.node, what has still to go into the ring, in order
 * @batch: &vtd_submission.node, what is in the ring
 * @first: slot of the first descriptor of the batch
 * @slots: slots of the batch, its wait descriptor included; 0 if there is none
 * @submissions: how many have joined
 * @batches: how often a batch went into the ring: doorbells, wait descriptors
 * @retries: submissions that were aborted by a time-out of somebody else's
 *	     device and went into the ring again
 *
 * Who holds @lock may change everything but @joined. @batch stays as it is
 * while @slots is not 0, and @slots and @first change with q_inval.q_lock held
 * as well: who holds only that lock may look at them.
 */
struct vtd_queue {
	raw_spinlock_t lock;	/* see above */
	struct llist_head joined;
	struct list_head waiting;
	struct list_head batch;
	unsigned int first;
	unsigned int slots;
	u64 submissions;
	u64 batches;
	u64 retries;
};

static inline void vtd_queue_init(struct vtd_queue *queue)
{
	*queue = (struct vtd_queue) {};
	raw_spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->waiting);
	INIT_LIST_HEAD(&queue->batch);
}

void vtd_queue_timed_out(struct intel_iommu *iommu, u16 sid);
#else
struct vtd_queue {
};

static inline void vtd_queue_init(struct vtd_queue *queue)
{
}

static inline void vtd_queue_timed_out(struct intel_iommu *iommu, u16 sid)
{
}
#endif

#endif /* _INTEL_NESTED_QUEUE_H */
