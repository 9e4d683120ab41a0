// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device TLBs come and go with ATS, which the base driver switches for the
 * whole device whenever its requests without PASID get another domain; nested
 * attachments on other PASIDs stay.
 */

#include "nested.h"

static void vtd_ats_flush_devtlb(struct vtd_attachment *att)
{
	struct device_domain_info *info = att->link->info;
	struct qi_desc desc[2];
	struct qi_desc *end;

	end = vtd_add_devtlb(info, att->pasid, 0, MAX_AGAW_PFN_WIDTH, desc);
	qi_submit_sync(info->iommu, desc, end - desc, 0);
}

static void vtd_ats_set(struct vtd_attachment *att, bool on)
{
	down_write(&att->s1->sem);
	att->ats = on;
	up_write(&att->s1->sem);
}

/**
 * vtd_nested_ats_begin() - the base driver is about to switch a device's ATS
 * @info: the device
 *
 * A device whose ATS is off has nothing to invalidate, and waiting for its
 * answer may end in a time-out. When this returns, nobody sends it invalidations
 * any more.
 *
 * Context: Process, under the device's group mutex. May sleep.
 */
void vtd_nested_ats_begin(struct device_domain_info *info)
{
	struct vtd_attachment *att;

	if (!info->nested)
		return;

	list_for_each_entry(att, &info->nested->attachments, dev_node) {
		if (!att->ats)
			continue;
		vtd_ats_set(att, false);
		vtd_cache_tag_unassign(&att->devtlb_tag, att->link->parent);
	}
}

/**
 * vtd_nested_ats_end() - the base driver has switched a device's ATS
 * @info: the device
 *
 * What the device may have cached before invalidations could reach it is
 * dropped.
 *
 * Context: Process, under the device's group mutex. May sleep.
 */
void vtd_nested_ats_end(struct device_domain_info *info)
{
	struct vtd_attachment *att;

	if (!info->nested || !info->ats_enabled)
		return;

	list_for_each_entry(att, &info->nested->attachments, dev_node) {
		vtd_cache_tag_assign(&att->devtlb_tag, att->link->parent);
		vtd_ats_set(att, true);
		vtd_ats_flush_devtlb(att);
	}
}
