/* SPDX-License-Identifier: GPL-2.0-only */
/* Between queue.c, which decides what goes into a ring, and queue_ring.c. */
#ifndef _INTEL_NESTED_QUEUE_RING_H
#define _INTEL_NESTED_QUEUE_RING_H

#include <linux/types.h>

#include "../iommu.h"

struct vtd_submission;

/* Slots of a ring that a batch may take, its wait descriptor included. */
#define VTD_RING_SHARE		(QI_LENGTH / 2)

/* The same when a submission of the base has just had to wait behind a batch. */
#define VTD_RING_SHARE_CROWDED	4

/* Slots that the smallest batch takes: a descriptor, the wait, the empty slot. */
#define VTD_RING_LEAST	3

/**
 * vtd_ring_idle() - can a batch go into the ring?
 * @qi: the queue
 *
 * Context: Any; the answer is a hint without q_lock.
 * Return: true if there is no batch in the ring, and room for one.
 */
static inline bool vtd_ring_idle(const struct q_inval *qi)
{
	return !READ_ONCE(qi->nested.status) && READ_ONCE(qi->free_cnt) >= VTD_RING_LEAST;
}

/**
 * vtd_ring_share() - how much of the ring may a batch take?
 * @qi: the queue
 *
 * The unit takes descriptors in order, and who submits behind a batch waits for all
 * of it. After that has happened the share is small, and grows by a slot with each
 * batch that has nothing behind it.
 *
 * Context: Caller holds q_lock.
 * Return: slots, including that of the wait descriptor.
 */
static inline unsigned int vtd_ring_share(const struct q_inval *qi)
{
	return VTD_RING_SHARE - qi->nested.withheld;
}

/**
 * vtd_ring_done() - has the unit finished with the batch?
 * @qi: the queue
 *
 * Looks at memory only.
 *
 * Context: Any; the answer is a hint without q_lock.
 * Return: true if the wait descriptor is complete or was aborted.
 */
static inline bool vtd_ring_done(const struct q_inval *qi)
{
	const int *status = READ_ONCE(qi->nested.status);

	return status && READ_ONCE(*status) != QI_IN_USE;
}

void vtd_ring_post(struct intel_iommu *iommu);
void vtd_ring_collect(struct q_inval *qi);
void vtd_ring_check_faults(struct intel_iommu *iommu);
void vtd_ring_report(struct intel_iommu *iommu);
void vtd_ring_drop_device(struct vtd_submission *sub, u16 sid);

#endif /* _INTEL_NESTED_QUEUE_RING_H */
