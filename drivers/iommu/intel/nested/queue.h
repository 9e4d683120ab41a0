/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the nested extension keeps for each invalidation queue: the submissions
 * of callers that meet there, and the batch of them that is in the ring.
 */
#ifndef _INTEL_NESTED_QUEUE_H
#define _INTEL_NESTED_QUEUE_H

#include <linux/list.h>
#include <linux/llist.h>
#include <linux/types.h>

struct intel_iommu;

#ifdef CONFIG_INTEL_IOMMU_NESTED
/**
 * struct vtd_queue - callers at the invalidation queue of a unit
 * @joined: &vtd_submission.joined, what has just come; no lock
 * @waiting: &vtd_submission.node, what has still to go into the ring, in order
 * @batch: &vtd_submission.node, what is in the ring
 * @status: status of the batch's wait descriptor; NULL if there is no batch
 * @first: slot of the first descriptor of the batch
 * @withheld: slots of their share that batches do without, see vtd_ring_share()
 * @refused: the last descriptor that the unit refused, its first two words
 * @unreported: no event has told of it
 * @used: a batch has been in the ring
 * @timeouts: invalidations that were given up as a device did not answer
 * @errors: descriptors that the unit refused
 *
 * q_inval.q_lock protects all but @joined and the counters. Callers look at @status without it,
 * and the handler of fault events at @used:
 * the queue of a unit stays for as long as the unit does.
 */
struct vtd_queue {
	struct llist_head joined;
	struct list_head waiting;
	struct list_head batch;
	int *status;
	unsigned int first;
	unsigned int withheld;
	u64 refused[2];
	bool unreported;
	bool used;
	atomic64_t timeouts;
	atomic64_t errors;
};

static inline void vtd_queue_init(struct vtd_queue *queue)
{
	*queue = (struct vtd_queue) {};
	INIT_LIST_HEAD(&queue->waiting);
	INIT_LIST_HEAD(&queue->batch);
}

void vtd_queue_make_room(struct intel_iommu *iommu);
void vtd_queue_timed_out(struct intel_iommu *iommu, u16 sid);
void vtd_queue_refused(struct intel_iommu *iommu);
bool vtd_queue_fault_event(struct intel_iommu *iommu);
#else
struct vtd_queue {
};

static inline void vtd_queue_init(struct vtd_queue *queue)
{
}

static inline void vtd_queue_make_room(struct intel_iommu *iommu)
{
}

static inline void vtd_queue_timed_out(struct intel_iommu *iommu, u16 sid)
{
}

static inline void vtd_queue_refused(struct intel_iommu *iommu)
{
}

static inline bool vtd_queue_fault_event(struct intel_iommu *iommu)
{
	return false;
}
#endif

#endif /* _INTEL_NESTED_QUEUE_H */
