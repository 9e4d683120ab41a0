// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaching a device's requests without PASID to a stage-1 domain, replacing
 * the domain by another, and letting go when the base driver blocks the
 * device.
 *
 * Whatever can fail is done before the device's translation is touched: a
 * failed attach leaves the old one as it was.
 */

#define dev_fmt(fmt)	"nested: " fmt

#include <linux/pci.h>
#include <linux/slab.h>

#include "nested.h"

static int check_device(struct vtd_s1_domain *s1, struct device_domain_info *info)
{
	struct dmar_domain *parent = s1->parent;
	struct intel_iommu *iommu = info->iommu;
	struct vtd_s2_needs needs = {
		.agaw = parent->agaw,
		.superpage = parent->iommu_superpage,
		.max_addr = parent->max_addr,
		.force_snooping = parent->force_snooping,
		.dirty_ops = parent->domain.dirty_ops,
		.coherent = parent->iommu_coherency,
	};
	const char *why;

	/* A kdump kernel that still runs on the crashed kernel's tables. */
	if (context_copied(iommu, info->bus, info->devfn))
		return -EBUSY;

	/*
	 * Both are -EINVAL to the core, which may try another domain. It is
	 * no user's mistake, so nothing goes to the log.
	 */
	if (!sm_supported(iommu) ||
	    vtd_s1_check_unit(&s1->cfg, iommu->cap, iommu->ecap, &why) ||
	    vtd_s2_check_unit(&needs, iommu->cap, iommu->ecap, &why)) {
		dev_dbg(info->dev, "attach refused: %s\n", why);
		return -EINVAL;
	}

	return 0;
}

static int take_domain_id(struct intel_iommu *iommu, u16 *did)
{
	unsigned long num, max = cap_ndoms(iommu->cap);

	spin_lock(&iommu->lock);
	num = find_first_zero_bit(iommu->domain_ids, max);
	if (num < max)
		set_bit(num, iommu->domain_ids);
	spin_unlock(&iommu->lock);

	if (num >= max)
		return -ENOSPC;

	*did = num;
	return 0;
}

/* Only after everything tagged with @did is flushed. */
static void return_domain_id(struct intel_iommu *iommu, u16 did)
{
	spin_lock(&iommu->lock);
	clear_bit(did, iommu->domain_ids);
	spin_unlock(&iommu->lock);
}

/* The base driver's stage-2 flush needs it and allocates it on first attach. */
static int give_parent_batch(struct dmar_domain *parent)
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

static void init_tag(struct cache_tag *tag, enum cache_tag_type type,
		     struct vtd_attachment *att, struct device *where)
{
	tag->type = type;
	tag->iommu = att->info->iommu;
	tag->dev = where;
	tag->domain_id = att->did;
	tag->pasid = IOMMU_NO_PASID;
	tag->users = 1;
	INIT_LIST_HEAD(&tag->node);
}

static struct vtd_attachment *new_attachment(struct vtd_s1_domain *s1,
					     struct device_domain_info *info)
{
	struct intel_iommu *iommu = info->iommu;
	struct vtd_attachment *att;
	int ret;

	att = kzalloc(sizeof(*att), GFP_KERNEL_ACCOUNT);
	if (!att)
		return ERR_PTR(-ENOMEM);

	ret = give_parent_batch(s1->parent);
	if (ret)
		goto err_free;

	ret = take_domain_id(iommu, &att->did);
	if (ret) {
		dev_warn_ratelimited(info->dev, "attach refused: %s has no domain id left\n",
				     iommu->name);
		goto err_free;
	}

	att->s1 = s1;
	att->parent = s1->parent;
	att->info = info;
	init_tag(&att->iotlb_tag, CACHE_TAG_NESTING_IOTLB, att, iommu->iommu.dev);
	init_tag(&att->devtlb_tag, CACHE_TAG_NESTING_DEVTLB, att, info->dev);

	return att;

err_free:
	kfree(att);
	return ERR_PTR(ret);
}

static void compose(const struct vtd_attachment *att,
		    const struct vtd_s1_domain *s1, struct pasid_entry *entry)
{
	const struct dmar_domain *parent = att->parent;
	struct vtd_nested_target target = {
		.s1 = s1->cfg,
		.s2_root = virt_to_phys(parent->pgd),
		.s2_agaw = parent->agaw,
		.did = att->did,
		.force_snooping = parent->force_snooping,
		.dirty_tracking = parent->dirty_tracking,
		.walk_snoop = ecap_smpwc(att->info->iommu->ecap),
	};

	vtd_compose_nested(&target, entry);
}

static void show_to_parent(struct cache_tag *tag, struct dmar_domain *parent)
{
	unsigned long flags;

	spin_lock_irqsave(&parent->cache_lock, flags);
	list_add_tail(&tag->node, &parent->cache_tags);
	spin_unlock_irqrestore(&parent->cache_lock, flags);
}

static void hide_from_parent(struct cache_tag *tag, struct dmar_domain *parent)
{
	unsigned long flags;

	spin_lock_irqsave(&parent->cache_lock, flags);
	list_del_init(&tag->node);
	spin_unlock_irqrestore(&parent->cache_lock, flags);
}

/*
 * Attach to a device that may be attached to anything but a stage-1 domain on
 * the same parent. Breaks before it makes: DMA faults in between.
 */
static int install(struct vtd_s1_domain *s1, struct device_domain_info *info)
{
	struct dmar_domain *parent = s1->parent;
	struct intel_iommu *iommu = info->iommu;
	struct vtd_attachment *att;
	struct pasid_entry *slot;
	struct pasid_entry next;
	unsigned long flags;

	att = new_attachment(s1, info);
	if (IS_ERR(att))
		return PTR_ERR(att);

	spin_lock(&iommu->lock);
	slot = intel_pasid_get_entry(info->dev, IOMMU_NO_PASID);
	spin_unlock(&iommu->lock);
	if (!slot) {
		return_domain_id(iommu, att->did);
		kfree(att);
		return -ENOMEM;
	}

	/* Nothing fails from here on. */
	device_block_translation(info->dev);

	down_write(&s1->sem);
	list_add_tail(&att->s1_node, &s1->attachments);
	show_to_parent(&att->iotlb_tag, parent);

	spin_lock_irqsave(&parent->lock, flags);
	spin_lock(&parent->s1_lock);
	list_add_tail(&att->parent_node, &parent->s1_domains);
	spin_unlock(&parent->s1_lock);

	compose(att, s1, &next);
	spin_lock(&iommu->lock);
	vtd_slot_publish(iommu, slot, &next, att->did);
	spin_unlock(&iommu->lock);
	spin_unlock_irqrestore(&parent->lock, flags);

	/*
	 * A stage-2 flush must know of the device TLB as soon as there is one,
	 * and must not send it anything before.
	 */
	spin_lock_irqsave(&parent->cache_lock, flags);
	iommu_enable_pci_caps(info);
	if (info->ats_enabled)
		list_add_tail(&att->devtlb_tag.node, &parent->cache_tags);
	spin_unlock_irqrestore(&parent->cache_lock, flags);

	info->nested = att;
	info->domain_attached = true;
	up_write(&s1->sem);

	return 0;
}

static void lock_both(struct vtd_s1_domain *a, struct vtd_s1_domain *b)
{
	if (a > b)
		swap(a, b);
	down_write(&a->sem);
	down_write_nested(&b->sem, SINGLE_DEPTH_NESTING);
}

/*
 * Replace the stage-1 domain of an attachment by another on the same parent.
 * One store into the PASID entry: DMA sees the old table or the new one and
 * never a fault. Nothing in here fails.
 */
static void exchange(struct vtd_attachment *att, struct vtd_s1_domain *s1)
{
	struct vtd_s1_domain *old = att->s1;
	struct device_domain_info *info = att->info;
	struct intel_iommu *iommu = info->iommu;
	struct pasid_entry next;
	struct pasid_entry *slot;
	unsigned long flags;
	int qword;

	if (old == s1)
		return;

	lock_both(old, s1);
	spin_lock_irqsave(&att->parent->lock, flags);
	spin_lock(&iommu->lock);

	compose(att, s1, &next);
	slot = intel_pasid_get_entry(info->dev, IOMMU_NO_PASID);
	switch (vtd_plan_update(slot, &next, &qword)) {
	case VTD_PLAN_NONE:
		break;
	case VTD_PLAN_IN_PLACE:
		vtd_slot_store(info, slot, qword, next.val[qword], att->did);
		break;
	case VTD_PLAN_PUBLISH:
	case VTD_PLAN_BREAK:
		/* All that a stage-1 domain decides is in one quad-word. */
		WARN_ON_ONCE(1);
		break;
	}

	spin_unlock(&iommu->lock);
	spin_unlock_irqrestore(&att->parent->lock, flags);

	list_move_tail(&att->s1_node, &s1->attachments);
	att->s1 = s1;
	up_write(&old->sem);
	up_write(&s1->sem);
}

/**
 * vtd_s1_attach() - attach a device's requests without PASID
 * @domain: a stage-1 domain
 * @dev: the device, attached to whatever it is attached to
 *
 * From a stage-1 domain on the same parent the change is hitless; from
 * anything else DMA is blocked in between.
 *
 * Context: Process, under the device's group mutex. May sleep.
 * Return: 0; -EINVAL if the unit cannot do what the domain wants; -ENOMEM;
 * -ENOSPC if the unit has no domain id left; -EBUSY in a kdump kernel. After
 * an error the old attachment is as it was.
 */
int vtd_s1_attach(struct iommu_domain *domain, struct device *dev)
{
	struct device_domain_info *info = dev_iommu_priv_get(dev);
	struct vtd_s1_domain *s1 = to_vtd_s1(domain);
	int ret;

	ret = check_device(s1, info);
	if (ret)
		return ret;

	if (info->nested && info->nested->parent == s1->parent) {
		exchange(info->nested, s1);
		return 0;
	}

	return install(s1, info);
}

/**
 * vtd_nested_block_begin() - the base driver is about to block a device
 * @info: the device, attached to something
 *
 * From here to vtd_nested_block_end() no invalidation runs for the stage-1
 * domain, since ATS goes off and the caches are flushed as a whole. The
 * parent's flushes still reach the IOTLB until that is done.
 *
 * Context: Process, under the device's group mutex. May sleep.
 */
void vtd_nested_block_begin(struct device_domain_info *info)
{
	struct vtd_attachment *att = info->nested;

	if (!att)
		return;

	down_write(&att->s1->sem);
	hide_from_parent(&att->devtlb_tag, att->parent);

	spin_lock(&att->parent->s1_lock);
	list_del(&att->parent_node);
	spin_unlock(&att->parent->s1_lock);
}

/**
 * vtd_nested_block_end() - the base driver has blocked a device
 * @info: the device; its PASID entry is clear and its caches are flushed
 *
 * Context: Process, under the device's group mutex. May sleep.
 */
void vtd_nested_block_end(struct device_domain_info *info)
{
	struct vtd_attachment *att = info->nested;

	if (!att)
		return;

	info->nested = NULL;
	hide_from_parent(&att->iotlb_tag, att->parent);
	list_del(&att->s1_node);
	up_write(&att->s1->sem);

	return_domain_id(info->iommu, att->did);
	kfree(att);
}

/**
 * vtd_nested_set_dirty() - switch dirty tracking of a parent's attachments
 * @parent: a nest parent
 * @enable: on or off
 *
 * Context: Caller holds @parent->lock. Does not sleep.
 * Return: 0, or the error of the first PASID entry that refused, with the
 * others as they were.
 */
int vtd_nested_set_dirty(struct dmar_domain *parent, bool enable)
{
	struct vtd_attachment *att;
	int ret = 0;

	spin_lock(&parent->s1_lock);
	list_for_each_entry(att, &parent->s1_domains, parent_node) {
		ret = intel_pasid_setup_dirty_tracking(att->info->iommu,
						       att->info->dev,
						       IOMMU_NO_PASID, enable);
		if (ret)
			break;
	}
	if (ret) {
		list_for_each_entry_continue_reverse(att, &parent->s1_domains,
						     parent_node)
			intel_pasid_setup_dirty_tracking(att->info->iommu,
							 att->info->dev,
							 IOMMU_NO_PASID, !enable);
	}
	spin_unlock(&parent->s1_lock);

	return ret;
}
