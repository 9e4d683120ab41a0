// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nest parents: the extension's state of them, and what nested PASID entries depend
 * on: the levels of the table, dirty tracking and forced snooping.
 */

#define dev_fmt(fmt)	"nested: " fmt

#include <linux/slab.h>

#include "compat.h"

/**
 * vtd_nested_parent_init() - make a stage-2 domain a nest parent
 * @parent: the domain, not in use yet
 *
 * Context: Process. May sleep.
 * Return: 0 or -ENOMEM.
 */
int vtd_nested_parent_init(struct dmar_domain *parent)
{
	struct vtd_parent *ext = kzalloc(sizeof(*ext), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!ext)
		return -ENOMEM;

	mutex_init(&ext->lock);
	mt_init(&ext->read_only);
	INIT_LIST_HEAD(&ext->exposures);
	ext->domain = parent;
	parent->nested = ext;
	ret = vtd_s2_watch(parent);
	if (ret)
		goto err_free;
	ret = vtd_registry_add_parent(ext);
	if (ret)
		goto err_unwatch;

	return 0;

err_unwatch:
	vtd_s2_unwatch(parent);
err_free:
	parent->nested = NULL;
	kfree(ext);
	return ret;
}

/**
 * vtd_nested_parent_free() - free the extension's state of a nest parent
 * @parent: the domain, a nest parent or not
 *
 * Context: Process. May sleep.
 */
void vtd_nested_parent_free(struct dmar_domain *parent)
{
	if (!parent->nested)
		return;

	vtd_registry_remove_parent(parent->nested);
	vtd_s2_unwatch(parent);
	WARN_ON(!list_empty(&parent->nested->exposures));
	mtree_destroy(&parent->nested->read_only);
	kfree(parent->nested);
}

/**
 * vtd_nested_parent_fits() - make the table of a parent fit a unit that walks it directly
 * @parent: a nest parent, to be attached to @dev; its mappings need no more levels than
 *	    the unit walks
 * @dev: a device of the unit
 *
 * Takes off upper levels that the unit does not walk. PASID entries of devices that
 * nest on the parent lead to its topmost table, so this fails as long as there are any.
 *
 * Context: Process, under the device's group mutex. Does not sleep.
 * Return: true if the unit can walk the table.
 */
bool vtd_nested_parent_fits(struct dmar_domain *parent, struct device *dev)
{
	struct device_domain_info *info = dev_iommu_priv_get(dev);
	int agaw = info->iommu->agaw;
	bool fits;

	spin_lock(&parent->s1_lock);
	fits = list_empty(&parent->s1_domains) || vtd_s2_agaw(parent) <= agaw;
	if (fits)
		vtd_s2_narrow(parent, agaw);
	spin_unlock(&parent->s1_lock);
	if (!fits)
		vtd_refuse(dev, VTD_REFUSED_UNIT,
			   "attach refused: devices nest on a table with more levels than %s walks\n",
			   info->iommu->name);

	return fits;
}

static int vtd_entry_set_dirty(struct vtd_attachment *att, bool enable)
{
	struct device_domain_info *info = att->link->info;

	return intel_pasid_setup_dirty_tracking(info->iommu, info->dev,
						att->pasid, enable);
}

static int vtd_attachment_set_dirty(struct vtd_attachment *att, bool enable)
{
	if (att->leaves)
		return 0;
	/* It is on already, and who has switched it on may not have flushed the caches. */
	if (att->unflushed && enable)
		vtd_entry_set_dirty(att, false);

	return vtd_entry_set_dirty(att, enable);
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
		ret = vtd_attachment_set_dirty(att, enable);
		if (ret)
			break;
	}
	if (ret) {
		list_for_each_entry_continue_reverse(att, &parent->s1_domains,
						     parent_node)
			vtd_attachment_set_dirty(att, !enable);
	} else {
		parent->nested->dirty = enable;
	}
	spin_unlock(&parent->s1_lock);

	return ret;
}

/* Caller holds s1_lock. Returns true if what is cached has to be flushed. */
static bool vtd_attachment_track(struct vtd_attachment *att)
{
	struct device_domain_info *info = att->link->info;
	bool changed;

	spin_lock(&info->iommu->lock);
	changed = vtd_slot_track(info->iommu, intel_pasid_get_entry(info->dev, att->pasid));
	spin_unlock(&info->iommu->lock);

	return changed;
}

/**
 * vtd_parent_leave() - before the PASID entry of an attachment is cleared
 * @att: the attachment, its entry present
 *
 * The base driver clears the entry without a lock that keeps dirty tracking from
 * being switched, so that this leaves the entry alone from now on. Until then the
 * device may write: what it writes is tracked in any case. The attachment stays on
 * the list of its parent, whose table the entry still leads to.
 *
 * Waiting for a device TLB may take long, so no lock is held meanwhile that others
 * on the parent need. A function that vtd_device.sleeps is about writes nothing, and
 * is not asked.
 *
 * Context: Process, under the device's group mutex. May sleep.
 */
void vtd_parent_leave(struct vtd_attachment *att)
{
	struct vtd_link *link = att->link;
	struct dmar_domain *parent = link->parent;
	bool tracks = parent->domain.dirty_ops && !link->info->nested->sleeps;
	bool flush = false;

	if (tracks) {
		spin_lock(&parent->s1_lock);
		flush = vtd_attachment_track(att);
		att->unflushed = flush;
		spin_unlock(&parent->s1_lock);
	}
	if (flush)
		vtd_slot_flush_tracked(link->info, att->pasid, link->did, att->ats);

	spin_lock(&parent->s1_lock);
	att->unflushed = false;
	/* Nothing is left to do, unless it was switched off meanwhile. */
	if (tracks)
		vtd_attachment_set_dirty(att, true);
	att->leaves = true;
	spin_unlock(&parent->s1_lock);
}

/**
 * vtd_nested_force_snooping() - force DMA through a nest parent to snoop
 * @parent: the parent
 *
 * From here on, leaf entries of the stage-2 table are made with SNP, and nested
 * PASID entries with PGSNP. Entries that exist are not changed, so this fails
 * while something nests on the parent. Linux 6.12 does not call it for a parent
 * with mappings; Linux 7 does, as for any other domain.
 *
 * Context: Caller holds @parent->lock. Does not sleep.
 * Return: true if all DMA through entries made from now on will snoop.
 */
bool vtd_nested_force_snooping(struct dmar_domain *parent)
{
	bool idle;

	spin_lock(&parent->s1_lock);
	idle = list_empty(&parent->s1_domains);
	if (idle) {
		vtd_s2_set_snoop(parent);
		parent->force_snooping = true;
	}
	spin_unlock(&parent->s1_lock);

	return idle;
}
