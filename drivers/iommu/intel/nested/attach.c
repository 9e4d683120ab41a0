// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches PASIDs of devices, and requests without PASID, to stage-1 domains,
 * replaces the domains and detaches them.
 *
 * Everything that can fail is done before the device's translation is changed, so
 * a failed attach leaves the old attachment as it was.
 */

#define dev_fmt(fmt)	"nested: " fmt

#include <linux/pci.h>
#include <linux/slab.h>

#include "compat.h"

static int vtd_check_device(struct vtd_s1_domain *s1, struct device_domain_info *info)
{
	struct dmar_domain *parent = s1->parent;
	struct intel_iommu *iommu = info->iommu;
	struct vtd_s2_needs needs = {
		.agaw = vtd_s2_agaw(parent),
		.superpage = vtd_s2_superpage(parent),
		.max_addr = vtd_s2_max_addr(parent),
		.force_snooping = parent->force_snooping,
		.dirty_ops = parent->domain.dirty_ops,
		.coherent = vtd_s2_coherent(parent),
	};
	const char *why = "no scalable mode";

	/* A kdump kernel that still runs on the crashed kernel's tables. */
	if (context_copied(iommu, info->bus, info->devfn)) {
		vtd_refuse(info->dev, VTD_REFUSED_BUSY,
			   "attach refused: %s runs on a crashed kernel's tables\n", iommu->name);
		return -EBUSY;
	}

	/* -EINVAL tells iommufd that another domain may do. */
	if (!sm_supported(iommu) ||
	    vtd_s1_check_unit(&s1->cfg, iommu->cap, iommu->ecap, &why) ||
	    vtd_s2_check_unit(&needs, iommu->cap, iommu->ecap, &why)) {
		vtd_refuse(info->dev, VTD_REFUSED_UNIT, "attach refused: %s\n", why);
		return -EINVAL;
	}

	return 0;
}

static void vtd_compose_attachment(const struct vtd_attachment *att,
				   const struct vtd_s1_domain *s1, struct pasid_entry *entry)
{
	struct dmar_domain *parent = att->link->parent;
	struct vtd_nested_target target = {
		.s1 = s1->cfg,
		.s2_root = vtd_s2_root(parent),
		.s2_agaw = vtd_s2_agaw(parent),
		.did = att->link->did,
		.force_snooping = parent->force_snooping,
		.dirty_tracking = parent->nested->dirty,
		.walk_snoop = ecap_smpwc(att->link->info->iommu->ecap),
	};

	vtd_compose_nested(&target, entry);
}

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

static struct vtd_attachment *vtd_attachment_alloc(struct vtd_s1_domain *s1,
						   struct device_domain_info *info,
					     ioasid_t pasid)
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

	return att;

err_drop:
	vtd_device_release(info);
err_free:
	kfree(att);
	return ERR_PTR(ret);
}

/* Where to add an attachment, so that those of one unit are adjacent. */
static struct list_head *vtd_s1_place_for_unit(struct vtd_s1_domain *s1, struct intel_iommu *iommu)
{
	struct vtd_attachment *att;

	list_for_each_entry(att, &s1->attachments, s1_node) {
		if (att->link->info->iommu == iommu)
			return &att->s1_node;
	}

	return &s1->attachments;
}

/* Writes the PASID entry of a new attachment, which is not present. Cannot fail. */
static void vtd_attachment_activate(struct vtd_attachment *att)
{
	struct device_domain_info *info = att->link->info;
	struct dmar_domain *parent = att->link->parent;
	struct vtd_s1_domain *s1 = att->s1;
	struct pasid_entry next;

	info->nests = true;
	info->nested->sleeps = false;
	down_write(&s1->sem);
	list_add_tail(&att->dev_node, &info->nested->attachments);
	list_add_tail(&att->s1_node, vtd_s1_place_for_unit(s1, info->iommu));
	att->ats = info->ats_enabled;
	if (att->ats)
		vtd_cache_tag_assign(&att->devtlb_tag, parent);

	spin_lock(&parent->s1_lock);
	list_add_tail(&att->parent_node, &parent->s1_domains);
	vtd_compose_attachment(att, s1, &next);
	spin_lock(&info->iommu->lock);
	vtd_slot_publish(info->iommu, intel_pasid_get_entry(info->dev, att->pasid),
			 &next, att->pasid, att->link->did);
	spin_unlock(&info->iommu->lock);
	spin_unlock(&parent->s1_lock);

	up_write(&s1->sem);
}

/* Before the PASID entry is cleared, so that dirty tracking does not change it. */
static void vtd_attachment_leave_parent(struct vtd_attachment *att)
{
	struct dmar_domain *parent = att->link->parent;

	spin_lock(&parent->s1_lock);
	list_del(&att->parent_node);
	spin_unlock(&parent->s1_lock);
}

/*
 * After the PASID entry has been cleared, and everything cached from it has been
 * flushed. Until here, flushes of the parent and invalidations reach the caches.
 */
static void vtd_attachment_destroy(struct vtd_attachment *att)
{
	struct device_domain_info *info = att->link->info;

	down_write(&att->s1->sem);
	list_del(&att->s1_node);
	up_write(&att->s1->sem);
	vtd_cache_tag_unassign(&att->devtlb_tag, att->link->parent);
	list_del(&att->dev_node);

	vtd_link_put(att->link);
	kfree(att);
	vtd_device_release(info);
}

static void vtd_s1_lock_both(struct vtd_s1_domain *a, struct vtd_s1_domain *b)
{
	if (a > b)
		swap(a, b);
	down_write(&a->sem);
	down_write_nested(&b->sem, SINGLE_DEPTH_NESTING);
}

/* Fails, and changes nothing, if more than the first stage differs. */
static int vtd_attachment_store_s1(struct vtd_attachment *att, const struct vtd_s1_domain *s1)
{
	struct vtd_link *link = att->link;
	struct intel_iommu *iommu = link->info->iommu;
	struct pasid_entry next;
	struct pasid_entry *slot;
	enum vtd_plan plan;

	spin_lock(&link->parent->s1_lock);
	spin_lock(&iommu->lock);
	vtd_compose_attachment(att, s1, &next);
	slot = intel_pasid_get_entry(link->info->dev, att->pasid);
	plan = vtd_plan_update(slot, &next);
	if (plan == VTD_PLAN_IN_PLACE)
		vtd_slot_store(iommu, slot, next.val[VTD_FIRST_STAGE_QWORD]);
	spin_unlock(&iommu->lock);
	spin_unlock(&link->parent->s1_lock);

	/* All that a stage-1 domain decides is in that quad-word. */
	return WARN_ON_ONCE(plan == VTD_PLAN_PUBLISH || plan == VTD_PLAN_BREAK) ? -EINVAL : 0;
}

/*
 * Replaces the stage-1 domain of an attachment by another on the same parent,
 * with one store into the PASID entry: DMA uses the old table or the new one and
 * never faults. The store is made under the spinlocks. The flush is waited for
 * outside of them, since a device TLB may take long. Until it is done, hardware
 * may use either table. This is what may happen meanwhile:
 *
 *	- HWPT_INVALIDATE of either domain: waits for its semaphore.
 *	- Unmapping from the parent: flushes by domain id, and the whole device
 *	  TLB, so it covers what was cached from either table.
 *	- Switching dirty tracking: changes SSADE, in another quad-word, under
 *	  the same spinlocks, and does its own flush.
 *	- Detaching, another replacement: wait for the group mutex.
 *
 * The flush is done for domains with equal entries, too. The guest may have
 * changed the table before the replacement, and an invalidation through the old
 * domain no longer reaches this device.
 *
 * If the device TLB does not answer, the old domain is put back. The device TLB
 * may hold translations of the new domain then, through the same parent.
 */
static int vtd_attachment_exchange_s1(struct vtd_attachment *att, struct vtd_s1_domain *s1)
{
	struct vtd_s1_domain *old = att->s1;
	struct vtd_link *link = att->link;
	struct device_domain_info *info = link->info;
	int ret;

	if (old == s1)
		return 0;

	vtd_s1_lock_both(old, s1);
	ret = vtd_attachment_store_s1(att, s1);
	if (ret)
		goto out_unlock;
	ret = vtd_slot_flush(info, att->pasid, link->did, att->ats);
	if (ret) {
		vtd_refuse(info->dev, VTD_REFUSED_SILENT,
			   "replace refused: flushing the old domain failed: %d\n", ret);
		vtd_attachment_store_s1(att, old);
		vtd_slot_flush(info, att->pasid, link->did, false);
		goto out_unlock;
	}
	list_move_tail(&att->s1_node, vtd_s1_place_for_unit(s1, info->iommu));
	att->s1 = s1;

out_unlock:
	up_write(&old->sem);
	up_write(&s1->sem);
	return ret;
}

/**
 * vtd_s1_attach() - attach a device's requests without PASID
 * @domain: a stage-1 domain
 * @dev: the device, attached to whatever it is attached to
 * @old: the domain that it is attached to, if the core tells
 *
 * If a stage-1 domain on the same parent is attached, DMA goes on during the
 * change. Otherwise the device is blocked first, and DMA faults in between.
 *
 * Context: Process, under the device's group mutex. May sleep.
 * Return: 0; -EINVAL if the unit cannot do what the domain wants; -ENOMEM;
 * -ENOSPC if the unit has no domain id left; -EBUSY in a kdump kernel;
 * -ETIMEDOUT if the device did not answer when its device TLB was to be flushed.
 * After an error the old attachment is as it was.
 */
int vtd_s1_attach(struct iommu_domain *domain, struct device *dev,
		  struct iommu_domain *old)
{
	struct device_domain_info *info = dev_iommu_priv_get(dev);
	struct vtd_s1_domain *s1 = to_vtd_s1(domain);
	struct vtd_attachment *att;
	int ret;

	ret = vtd_check_device(s1, info);
	if (ret)
		return ret;

	ret = vtd_switch_page_requests(domain, old, dev);
	if (ret)
		return ret;

	att = vtd_find_attachment(info, IOMMU_NO_PASID);
	if (att && att->link->parent == s1->parent) {
		ret = vtd_attachment_exchange_s1(att, s1);
		if (ret)
			vtd_switch_page_requests(old, domain, dev);
		return ret;
	}

	att = vtd_attachment_alloc(s1, info, IOMMU_NO_PASID);
	if (IS_ERR(att)) {
		vtd_switch_page_requests(old, domain, dev);
		return PTR_ERR(att);
	}

	/*
	 * ATS is on before there is anything to translate, so that nothing gets
	 * into the device TLB before invalidations can reach it.
	 */
	device_block_translation(dev);
	vtd_enable_ats(info);
	vtd_attachment_activate(att);
	info->domain_attached = true;

	return 0;
}

/**
 * vtd_s1_set_dev_pasid() - attach a PASID of a device
 * @domain: a stage-1 domain
 * @dev: the device
 * @pasid: PASID, not IOMMU_NO_PASID
 * @old: the domain that the PASID is attached to, or NULL
 *
 * DMA goes on while a stage-1 domain on the same parent is replaced, and faults
 * while one on another parent is. Other domains have to be detached first.
 *
 * Context: Process, under the device's group mutex. May sleep.
 * Return: as vtd_s1_attach(); -EOPNOTSUPP if the device or its unit has no
 * PASIDs; -EBUSY if something that cannot be replaced is attached.
 */
int vtd_s1_set_dev_pasid(struct iommu_domain *domain, struct device *dev,
			 ioasid_t pasid, struct iommu_domain *old)
{
	struct device_domain_info *info = dev_iommu_priv_get(dev);
	struct vtd_s1_domain *s1 = to_vtd_s1(domain);
	struct vtd_attachment *att, *replaced;
	int ret;

	if (!pasid_supported(info->iommu) || !info->pasid_enabled)
		return -EOPNOTSUPP;

	ret = vtd_check_device(s1, info);
	if (ret)
		return ret;

	replaced = vtd_find_attachment(info, pasid);
	if (!replaced != !old && !(old && vtd_can_take_over(old))) {
		vtd_refuse(dev, VTD_REFUSED_BUSY,
			   "attach refused: PASID %u has a domain that stays\n", pasid);
		return -EBUSY;
	}
	ret = vtd_switch_page_requests(domain, old, dev);
	if (ret)
		return ret;
	if (replaced && replaced->link->parent == s1->parent) {
		ret = vtd_attachment_exchange_s1(replaced, s1);
		if (ret)
			vtd_switch_page_requests(old, domain, dev);
		return ret;
	}

	att = vtd_attachment_alloc(s1, info, pasid);
	if (IS_ERR(att)) {
		vtd_switch_page_requests(old, domain, dev);
		return PTR_ERR(att);
	}

	if (replaced)
		vtd_nested_remove_pasid(info, pasid);
	else if (old)
		vtd_take_over_pasid(info, pasid, old);
	vtd_attachment_activate(att);

	return 0;
}

/**
 * vtd_nested_remove_pasid() - detach a PASID of a device
 * @info: the device
 * @pasid: PASID with a stage-1 domain attached, not IOMMU_NO_PASID
 *
 * Page requests of the PASID are drained.
 *
 * Context: Process, under the device's group mutex. May sleep.
 */
void vtd_nested_remove_pasid(struct device_domain_info *info, u32 pasid)
{
	struct vtd_attachment *att = vtd_find_attachment(info, pasid);

	if (WARN_ON(!att))
		return;

	vtd_attachment_leave_parent(att);
	intel_pasid_tear_down_entry(info->iommu, info->dev, pasid, false);
	vtd_attachment_destroy(att);
}

/*
 * A function in D3hot sends nothing but power management messages (PCIe 5.3.1.4.1),
 * so it need not answer an invalidation. ATS can be disabled in D3hot, and then the
 * device TLB is empty when it is enabled again (PCIe 10.5.1.3). So the base driver's
 * order is right: first disable ATS, then clear the entry. What other threads send
 * meanwhile must not go to the function either.
 *
 * With stage-1 domains on other PASIDs ATS has to stay on.
 */
static void vtd_attachment_forget_devtlb(struct vtd_attachment *att)
{
	struct device_domain_info *info = att->link->info;

	if (!dev_is_pci(info->dev) || to_pci_dev(info->dev)->current_state != PCI_D3hot ||
	    !list_is_singular(&info->nested->attachments))
		return;

	down_write(&att->s1->sem);
	att->ats = false;
	up_write(&att->s1->sem);
	vtd_cache_tag_unassign(&att->devtlb_tag, att->link->parent);
	info->nested->sleeps = true;
}

/**
 * vtd_nested_forget_pasid() - a PASID with a stage-1 domain has got another entry
 * @info: the device
 * @pasid: PASID, not IOMMU_NO_PASID
 *
 * What hardware has cached of the stage-1 domain has been flushed.
 *
 * Context: Process, under the device's group mutex. May sleep.
 */
void vtd_nested_forget_pasid(struct device_domain_info *info, u32 pasid)
{
	struct vtd_attachment *att = vtd_find_attachment(info, pasid);

	/* Removed already, with its entry. */
	if (!att)
		return;

	vtd_attachment_leave_parent(att);
	vtd_attachment_destroy(att);
}

/**
 * vtd_nested_block_begin() - prepare for blocking a device
 * @info: the device; its requests without PASID are attached to a domain
 *
 * Context: Process, under the device's group mutex.
 */
void vtd_nested_block_begin(struct device_domain_info *info)
{
	struct vtd_attachment *att = vtd_find_attachment(info, IOMMU_NO_PASID);

	if (!att)
		return;
	vtd_attachment_leave_parent(att);
	vtd_attachment_forget_devtlb(att);
}

/**
 * vtd_nested_block_end() - detach the stage-1 domain of a blocked device
 * @info: the device; its PASID entry is clear and its caches are flushed
 *
 * Context: Process, under the device's group mutex. May sleep.
 */
void vtd_nested_block_end(struct device_domain_info *info)
{
	struct vtd_attachment *att = vtd_find_attachment(info, IOMMU_NO_PASID);

	if (att)
		vtd_attachment_destroy(att);
}
