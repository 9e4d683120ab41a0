// SPDX-License-Identifier: GPL-2.0-only
/*
 * Links of devices and stage-2 parents: the domain id, and the cache tags through
 * which the parent's flushes reach the device's caches.
 */

#define dev_fmt(fmt)	"nested: " fmt

#include <linux/slab.h>

#include "compat.h"

/* The base driver allocates this on first attach, for its flushes. */
static int vtd_parent_alloc_batch(struct dmar_domain *parent)
{
	struct qi_batch *batch = kzalloc(sizeof(*batch), GFP_KERNEL);
	unsigned long flags;

	if (!batch)
		return -ENOMEM;

	spin_lock_irqsave(&parent->cache_lock, flags);
	if (!parent->qi_batch)
		swap(parent->qi_batch, batch);
	spin_unlock_irqrestore(&parent->cache_lock, flags);
	kfree(batch);

	return 0;
}

/**
 * vtd_cache_tag_assign() - add a cache tag to a parent
 * @tag: the cache tag, not assigned
 * @parent: the stage-2 domain
 *
 * Context: Any; takes the parent's cache_lock.
 */
void vtd_cache_tag_assign(struct cache_tag *tag, struct dmar_domain *parent)
{
	unsigned long flags;

	spin_lock_irqsave(&parent->cache_lock, flags);
	list_add_tail(&tag->node, &parent->cache_tags);
	spin_unlock_irqrestore(&parent->cache_lock, flags);
}

/**
 * vtd_cache_tag_unassign() - take a cache tag away from a parent
 * @tag: the cache tag, assigned or not
 * @parent: the stage-2 domain
 *
 * Flushes hold the same lock, so none uses the tag when this returns.
 *
 * Context: Any; takes the parent's cache_lock.
 */
void vtd_cache_tag_unassign(struct cache_tag *tag, struct dmar_domain *parent)
{
	unsigned long flags;

	spin_lock_irqsave(&parent->cache_lock, flags);
	list_del_init(&tag->node);
	spin_unlock_irqrestore(&parent->cache_lock, flags);
}

static struct vtd_link *vtd_link_find(struct device_domain_info *info,
				      struct dmar_domain *parent)
{
	struct vtd_attachment *att;

	if (!info->nested)
		return NULL;
	list_for_each_entry(att, &info->nested->attachments, dev_node) {
		if (att->link->parent == parent)
			return att->link;
	}

	return NULL;
}

/**
 * vtd_link_get() - find or make the link of a device and a parent
 * @info: the device
 * @parent: a nest parent
 *
 * From here on the parent's flushes cover the link's domain id.
 *
 * Context: Process, under the device's group mutex. May sleep.
 * Return: the link, for vtd_link_put(); ERR_PTR(-ENOMEM); ERR_PTR(-ENOSPC) if
 * the unit has no domain id left; ERR_PTR(-EINVAL) if erratum 772415 forbids it.
 */
struct vtd_link *vtd_link_get(struct device_domain_info *info,
			      struct dmar_domain *parent)
{
	struct vtd_link *link = vtd_link_find(info, parent);
	struct intel_iommu *iommu = info->iommu;
	int ret;

	if (link) {
		link->users++;
		return link;
	}

	link = kzalloc(sizeof(*link), GFP_KERNEL_ACCOUNT);
	if (!link)
		return ERR_PTR(-ENOMEM);

	ret = vtd_parent_alloc_batch(parent);
	if (ret)
		goto err_free;

	if (vtd_unit_affected(iommu)) {
		ret = vtd_parent_expose(parent, info->dev, &link->exposure);
		if (ret)
			goto err_free;
	}

	ret = vtd_unit_alloc_did(iommu);
	if (ret < 0) {
		if (ret == -ENOSPC)
			vtd_refuse(info->dev, VTD_REFUSED_NO_ID,
				   "attach refused: %s has no domain id left\n", iommu->name);
		goto err_conceal;
	}

	link->did = ret;
	link->parent = parent;
	link->info = info;
	link->users = 1;
	link->iotlb_tag = (struct cache_tag) {
		.type = CACHE_TAG_NESTING_IOTLB,
		.iommu = iommu,
		.dev = iommu->iommu.dev,
		.domain_id = link->did,
		.pasid = IOMMU_NO_PASID,
		.users = 1,
	};
	vtd_cache_tag_assign(&link->iotlb_tag, parent);

	return link;

err_conceal:
	if (link->exposure.dev)
		vtd_parent_conceal(parent, &link->exposure);
err_free:
	kfree(link);
	return ERR_PTR(ret);
}

/**
 * vtd_link_put() - drop a reference to a link
 * @link: from vtd_link_get()
 *
 * The last reference frees the domain id. The caller must have flushed everything
 * that is tagged with it.
 *
 * Context: Process, under the device's group mutex. May sleep.
 */
void vtd_link_put(struct vtd_link *link)
{
	if (--link->users)
		return;

	vtd_cache_tag_unassign(&link->iotlb_tag, link->parent);
	vtd_unit_free_did(link->info->iommu, link->did);
	if (link->exposure.dev)
		vtd_parent_conceal(link->parent, &link->exposure);
	kfree(link);
}
