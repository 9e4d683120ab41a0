// SPDX-License-Identifier: GPL-2.0-only
/*
 * An attachment of a device, with or without PASID, to a stage-1 domain, from its
 * allocation to its end. Whoever attaches and detaches puts these steps in order.
 */

#include <linux/slab.h>

#include "compat.h"
#include "attachment.h"

/**
 * vtd_find_attachment() - find the attachment of a PASID
 * @info: the device
 * @pasid: PASID, or IOMMU_NO_PASID
 *
 * Context: Process, under the device's group mutex.
 * Return: the attachment, or NULL if no stage-1 domain is attached there.
 */
struct vtd_attachment *vtd_find_attachment(struct device_domain_info *info,
					   ioasid_t pasid)
{
	struct vtd_attachment *att;

	if (!info->nested)
		return NULL;
	list_for_each_entry(att, &info->nested->attachments, dev_node) {
		if (att->pasid == pasid)
			return att;
	}

	return NULL;
}

static int vtd_device_hold(struct device_domain_info *info)
{
	if (!info->nested) {
		info->nested = kzalloc(sizeof(*info->nested), GFP_KERNEL_ACCOUNT);
		if (!info->nested)
			return -ENOMEM;
		INIT_LIST_HEAD(&info->nested->attachments);
	}
	info->nested->users++;

	return 0;
}

static void vtd_device_release(struct device_domain_info *info)
{
	if (--info->nested->users)
		return;

	kfree(info->nested);
	info->nested = NULL;
}

/**
 * vtd_attachment_alloc() - allocate all that an attachment needs
 * @s1: the stage-1 domain to attach
 * @info: the device
 * @pasid: PASID, or IOMMU_NO_PASID
 *
 * Hardware and invalidations see nothing of it until vtd_attachment_activate().
 *
 * Context: Process, under the device's group mutex. May sleep.
 * Return: the attachment; -ENOMEM, or an error of vtd_link_get(), as an ERR_PTR().
 */
struct vtd_attachment *vtd_attachment_alloc(struct vtd_s1_domain *s1,
					    struct device_domain_info *info, ioasid_t pasid)
{
	struct vtd_attachment *att;
	struct pasid_entry *slot;
	int ret = -ENOMEM;

	att = kzalloc(sizeof(*att), GFP_KERNEL_ACCOUNT);
	if (!att)
		return ERR_PTR(-ENOMEM);

	/* Allocates the PASID table, so that it is there later. */
	spin_lock(&info->iommu->lock);
	slot = intel_pasid_get_entry(info->dev, pasid);
	spin_unlock(&info->iommu->lock);
	if (!slot)
		goto err_free;

	ret = vtd_device_hold(info);
	if (ret)
		goto err_free;

	att->link = vtd_link_get(info, s1->parent);
	if (IS_ERR(att->link)) {
		ret = PTR_ERR(att->link);
		goto err_drop;
	}

	att->s1 = s1;
	att->pasid = pasid;
	att->devtlb_tag = (struct cache_tag) {
		.type = CACHE_TAG_NESTING_DEVTLB,
		.iommu = info->iommu,
		.dev = info->dev,
		.domain_id = att->link->did,
		.pasid = pasid,
		.users = 1,
	};
	INIT_LIST_HEAD(&att->devtlb_tag.node);
	/* The device may be blocked, and drained, before the attachment is in force. */
	info->nests = true;

	return att;

err_drop:
	vtd_device_release(info);
err_free:
	kfree(att);
	return ERR_PTR(ret);
}

/**
 * vtd_attachment_compose() - compose the PASID entry of an attachment
 * @att: the attachment
 * @s1: the stage-1 domain that the entry is to lead to
 * @entry: the entry
 *
 * Context: Caller holds dmar_domain.s1_lock of the parent.
 */
void vtd_attachment_compose(const struct vtd_attachment *att,
			    const struct vtd_s1_domain *s1, struct pasid_entry *entry)
{
	struct dmar_domain *parent = att->link->parent;
	struct vtd_nested_target target = {
		.s1 = s1->cfg,
		.s2_root = vtd_s2_root(parent),
		.s2_agaw = vtd_s2_agaw(parent),
		.did = att->link->did,
		/* Constant by now; Linux 7 writes another bit of its byte. */
		.force_snooping = data_race(!!parent->force_snooping),
		.dirty_tracking = parent->nested->dirty,
		.walk_snoop = ecap_smpwc(att->link->info->iommu->ecap),
	};

	vtd_compose_nested(&target, entry);
}

/**
 * vtd_s1_place_for_unit() - where to add an attachment to a stage-1 domain
 * @s1: the stage-1 domain
 * @iommu: the unit of the attachment's device
 *
 * Attachments of one unit are adjacent in the list.
 *
 * Context: Caller holds &vtd_s1_domain.sem for writing.
 * Return: what to add the attachment in front of.
 */
struct list_head *vtd_s1_place_for_unit(struct vtd_s1_domain *s1, struct intel_iommu *iommu)
{
	struct vtd_attachment *att;

	list_for_each_entry(att, &s1->attachments, s1_node) {
		if (att->link->info->iommu == iommu)
			return &att->s1_node;
	}

	return &s1->attachments;
}

/**
 * vtd_attachment_activate() - write the PASID entry of a new attachment
 * @att: the attachment; its entry is not present
 *
 * Cannot fail. Invalidations and flushes of the parent reach the device from now on.
 *
 * Context: Process, under the device's group mutex. May sleep.
 */
void vtd_attachment_activate(struct vtd_attachment *att)
{
	struct device_domain_info *info = att->link->info;
	struct dmar_domain *parent = att->link->parent;
	struct vtd_s1_domain *s1 = att->s1;
	struct pasid_entry next;

	info->nested->sleeps = false;
	down_write(&s1->sem);
	list_add_tail(&att->dev_node, &info->nested->attachments);
	list_add_tail(&att->s1_node, vtd_s1_place_for_unit(s1, info->iommu));
	att->ats = info->ats_enabled;
	if (att->ats)
		vtd_cache_tag_assign(&att->devtlb_tag, parent);

	spin_lock(&parent->s1_lock);
	list_add_tail(&att->parent_node, &parent->s1_domains);
	vtd_attachment_compose(att, s1, &next);
	spin_lock(&info->iommu->lock);
	vtd_slot_publish(info->iommu, intel_pasid_get_entry(info->dev, att->pasid),
			 &next, att->pasid, att->link->did);
	spin_unlock(&info->iommu->lock);
	spin_unlock(&parent->s1_lock);

	vtd_registry_changed();
	up_write(&s1->sem);
}

/**
 * vtd_attachment_destroy() - after the PASID entry has been cleared
 * @att: the attachment; everything cached from its entry has been flushed
 *
 * Until here, flushes of the parent and invalidations reach the caches.
 *
 * Context: Process, under the device's group mutex. May sleep.
 */
void vtd_attachment_destroy(struct vtd_attachment *att)
{
	struct device_domain_info *info = att->link->info;
	struct dmar_domain *parent = att->link->parent;

	spin_lock(&parent->s1_lock);
	list_del(&att->parent_node);
	spin_unlock(&parent->s1_lock);

	down_write(&att->s1->sem);
	list_del(&att->s1_node);
	vtd_registry_changed();
	up_write(&att->s1->sem);
	vtd_cache_tag_unassign(&att->devtlb_tag, parent);
	list_del(&att->dev_node);

	vtd_link_put(att->link);
	kfree(att);
	vtd_device_release(info);
}
