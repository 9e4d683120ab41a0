// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invalidations that are collected between two waits, for one domain or one device.
 */
#include <stdlib.h>

#include "unit.h"

/**
 * vunit_batch_add() - add an invalidation
 * @batch: batch
 * @inv: the invalidation
 *
 * Without memory for one more it becomes an invalidation of everything, which is never
 * less.
 */
void vunit_batch_add(struct vunit_batch *batch, const struct vunit_invalidation *inv)
{
	struct iommu_hwpt_vtd_s1_invalidate *entries;
	__u32 room = batch->room ? 2 * batch->room : 16;

	if (batch->all)
		return;
	if (!inv->pages) {
		batch->all = true;
		return;
	}
	if (batch->num == batch->room) {
		entries = realloc(batch->entries, room * sizeof(*entries));
		if (!entries) {
			batch->all = true;
			return;
		}
		batch->entries = entries;
		batch->room = room;
	}
	batch->entries[batch->num++] = (struct iommu_hwpt_vtd_s1_invalidate) {
		.addr = inv->addr,
		.npages = inv->npages,
		.flags = inv->leaf ? IOMMU_VTD_INV_FLAGS_LEAF : 0,
	};
}

/**
 * vunit_batch_clear() - forget what was collected
 * @batch: batch
 */
void vunit_batch_clear(struct vunit_batch *batch)
{
	batch->num = 0;
	batch->all = false;
}

/**
 * vunit_batch_free() - free the memory of a batch
 * @batch: batch
 */
void vunit_batch_free(struct vunit_batch *batch)
{
	free(batch->entries);
	*batch = (struct vunit_batch) {};
}
