// SPDX-License-Identifier: GPL-2.0-only
/* Dirty tracking of a stage-2 table through the PASID entries that nest on it. */

#include "nested.h"

static int set_dirty(struct vtd_attachment *att, bool enable)
{
	struct device_domain_info *info = att->link->info;

	return intel_pasid_setup_dirty_tracking(info->iommu, info->dev,
						att->pasid, enable);
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
		ret = set_dirty(att, enable);
		if (ret)
			break;
	}
	if (ret) {
		list_for_each_entry_continue_reverse(att, &parent->s1_domains,
						     parent_node)
			set_dirty(att, !enable);
	} else {
		parent->nested->dirty = enable;
	}
	spin_unlock(&parent->s1_lock);

	return ret;
}
