// SPDX-License-Identifier: GPL-2.0-only
/*
 * The nested backend: the guest's first-stage tables become stage-1 domains, which the
 * host's unit walks.
 *
 * Devices with the same table share a domain. One that moves between domains of the same
 * parent is not interrupted. A domain that no device uses any more is destroyed.
 */
#include <errno.h>
#include <stdlib.h>

#include "unit.h"

static struct vunit_domain *domain_find(struct vunit *unit, const struct vunit_translation *t)
{
	struct vunit_domain *dom;

	for (dom = unit->domains; dom; dom = dom->next)
		if (dom->root == t->root && dom->levels == t->levels && dom->flags == t->flags)
			break;
	return dom;
}

static int domain_alloc(struct vunit *unit, struct vunit_device *dev,
			const struct vunit_translation *t, struct vunit_domain **dom)
{
	const struct iommu_hwpt_vtd_s1 s1 = {
		.flags = t->flags,
		.pgtbl_addr = t->root,
		.addr_width = t->levels == 5 ? 57 : 48,
	};
	struct vunit_domain *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return -ENOMEM;
	ret = unit->config.host_ops->alloc_s1(unit->config.host, dev->host_dev,
					      unit->config.parent, &s1, &new->hwpt);
	if (ret) {
		free(new);
		return ret;
	}
	new->root = t->root;
	new->flags = t->flags;
	new->levels = t->levels;
	new->next = unit->domains;
	unit->domains = new;
	*dom = new;
	return 0;
}

static void domain_free_unused(struct vunit *unit, struct vunit_domain *dom)
{
	struct vunit_domain **link;

	if (!dom || dom->users)
		return;
	for (link = &unit->domains; *link != dom; link = &(*link)->next)
		;
	*link = dom->next;
	unit->config.host_ops->destroy(unit->config.host, dom->hwpt);
	vunit_batch_free(&dom->batch);
	free(dom);
}

/* The host has attached the device to @dom, or to no domain. */
static void device_use_domain(struct vunit *unit, struct vunit_device *dev,
			      struct vunit_domain *dom)
{
	struct vunit_domain *old = dev->domain;

	if (dom)
		dom->users++;
	dev->domain = dom;
	if (!old)
		return;
	old->users--;
	domain_free_unused(unit, old);
}

static int nested_table_attach(struct vunit *unit, struct vunit_device *dev,
			       const struct vunit_translation *to)
{
	struct vunit_domain *dom;
	int ret;

	if (to->kind != VUNIT_FIRST)
		return -EOPNOTSUPP;
	dom = domain_find(unit, to);
	if (!dom) {
		ret = domain_alloc(unit, dev, to, &dom);
		if (ret)
			return ret;
	}
	ret = unit->config.host_ops->attach(unit->config.host, dev->host_dev, dom->hwpt);
	if (ret)
		domain_free_unused(unit, dom);
	else
		device_use_domain(unit, dev, dom);
	return ret;
}

static int nested_table_leave(struct vunit *unit, struct vunit_device *dev)
{
	device_use_domain(unit, dev, NULL);
	return 0;
}

static int nested_device_init(struct vunit *unit, struct vunit_device *dev)
{
	(void)unit;
	(void)dev;
	return 0;
}

static void nested_device_exit(struct vunit *unit, struct vunit_device *dev)
{
	device_use_domain(unit, dev, NULL);
}

static struct vunit_device *domain_device(const struct vunit *unit, const struct vunit_domain *dom)
{
	struct vunit_device *dev;

	for (dev = unit->devices; dev && dev->domain != dom; dev = dev->next)
		;
	return dev;
}

/* Devices that share a table may have it under several domain-ids. */
static bool domain_has_did(const struct vunit *unit, const struct vunit_domain *dom, __u16 did)
{
	const struct vunit_device *dev;

	for (dev = unit->devices; dev; dev = dev->next)
		if (dev->domain == dom && dev->now.did == did)
			return true;
	return false;
}

static void nested_invalidate(struct vunit *unit, const struct vunit_invalidation *inv)
{
	struct vunit_domain *dom;

	for (dom = unit->domains; dom; dom = dom->next)
		if (inv->global || domain_has_did(unit, dom, inv->did))
			vunit_batch_add(&dom->batch, inv);
}

/* What cannot be done request by request is tried as a whole, but for a silent device. */
static int domain_flush(struct vunit *unit, struct vunit_domain *dom)
{
	const struct iommu_hwpt_vtd_s1_invalidate all = { .npages = ~0ULL };
	struct vunit_batch *batch = &dom->batch;
	__u32 num = batch->num;
	int ret = -EINVAL;

	if (!batch->all)
		ret = unit->config.host_ops->invalidate(unit->config.host, dom->hwpt,
							batch->entries, &num);
	if (ret && ret != -ETIMEDOUT) {
		num = 1;
		ret = unit->config.host_ops->invalidate(unit->config.host, dom->hwpt, &all,
							&num);
	}
	vunit_batch_clear(batch);
	return ret;
}

static int nested_flush(struct vunit *unit, __u16 *sid)
{
	struct vunit_domain *dom;
	int ret = 0, err;

	for (dom = unit->domains; dom; dom = dom->next) {
		if (!dom->batch.all && !dom->batch.num)
			continue;
		err = domain_flush(unit, dom);
		if (!err || ret)
			continue;
		ret = err;
		*sid = domain_device(unit, dom)->sid;
	}
	return ret;
}

const struct vunit_backend vunit_nested = {
	.device_init = nested_device_init,
	.device_exit = nested_device_exit,
	.table_attach = nested_table_attach,
	.table_leave = nested_table_leave,
	.invalidate = nested_invalidate,
	.flush = nested_flush,
};
