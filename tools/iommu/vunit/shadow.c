// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shadow backend: what the guest's second-stage tables map is mapped in the host, for
 * each device in an IO address space of its own.
 */
#include <errno.h>

#include "unit.h"

static int shadow_device_init(struct vunit *unit, struct vunit_device *dev)
{
	return unit->config.host_ops->ioas_alloc(unit->config.host, &dev->ioas);
}

static void shadow_device_exit(struct vunit *unit, struct vunit_device *dev)
{
	vunit_unmap_all(unit, dev);
	vunit_mappings_clear(&dev->mappings);
	unit->config.host_ops->destroy(unit->config.host, dev->ioas);
	vunit_batch_free(&dev->batch);
}

/* The address space is complete before the device is attached to it. */
static int shadow_table_attach(struct vunit *unit, struct vunit_device *dev,
			       const struct vunit_translation *to)
{
	int ret;

	if (to->kind != VUNIT_SECOND)
		return -EOPNOTSUPP;
	ret = vunit_sync(unit, dev, to, 0, ~0ULL);
	if (ret || dev->now.kind == VUNIT_SECOND)
		return ret;
	return unit->config.host_ops->attach(unit->config.host, dev->host_dev, dev->ioas);
}

static void shadow_invalidate(struct vunit *unit, const struct vunit_invalidation *inv)
{
	struct vunit_device *dev;

	for (dev = unit->devices; dev; dev = dev->next) {
		if (dev->now.kind == VUNIT_SECOND && (inv->global || dev->now.did == inv->did))
			vunit_batch_add(&dev->batch, inv);
		/* Its table may be one that the host can be given now. */
		dev->stale |= dev->failed;
	}
}

static int device_sync(struct vunit *unit, struct vunit_device *dev)
{
	const struct iommu_hwpt_vtd_s1_invalidate *e;
	int ret = 0;
	__u32 i;

	if (dev->batch.all)
		return vunit_sync(unit, dev, &dev->now, 0, ~0ULL);
	for (i = 0; i < dev->batch.num && !ret; i++) {
		e = &dev->batch.entries[i];
		ret = vunit_sync(unit, dev, &dev->now, e->addr,
				 e->addr + (e->npages << 12) - 1);
	}
	return ret;
}

/* A device that cannot follow the guest's table is blocked, and the guest gets a fault. */
static int shadow_flush(struct vunit *unit, __u16 *sid)
{
	struct vunit_device *dev;
	int ret;

	(void)sid;
	for (dev = unit->devices; dev; dev = dev->next) {
		ret = dev->now.kind == VUNIT_SECOND ? device_sync(unit, dev) : 0;
		vunit_batch_clear(&dev->batch);
		if (ret)
			vunit_device_block(unit, dev, vunit_refusal(unit, &dev->now));
	}
	return 0;
}

const struct vunit_backend vunit_shadow = {
	.device_init = shadow_device_init,
	.device_exit = shadow_device_exit,
	.table_attach = shadow_table_attach,
	.table_leave = vunit_unmap_all,
	.invalidate = shadow_invalidate,
	.flush = shadow_flush,
};
