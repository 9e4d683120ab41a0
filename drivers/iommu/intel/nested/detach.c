// SPDX-License-Identifier: GPL-2.0-only
/*
 * Detaches stage-1 domains. The base driver clears the PASID entry and flushes what
 * was cached from it; the steps before and after that are here.
 */

#include <linux/pci.h>

#include "nested.h"
#include "attachment.h"
#include "compat.h"

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

	vtd_parent_leave(att);
	intel_pasid_tear_down_entry(info->iommu, info->dev, pasid, false);
	vtd_attachment_destroy(att);
}

/*
 * A function in D3hot sends nothing but power management messages (PCIe 5.3.1.4.1),
 * so it need not answer an invalidation. ATS can be disabled in D3hot, and then the
 * device TLB is empty when it is enabled again (PCIe 10.5.1.3). So the order of 6.12
 * is right: first disable ATS, then clear the entry. What other threads send
 * meanwhile must not go to the function either.
 *
 * With stage-1 domains on other PASIDs ATS has to stay on. Linux 7 leaves it on in any
 * case, and then the device TLB has to get all invalidations: the function may be awake
 * before current_state says so, with what it had cached.
 */
static void vtd_attachment_forget_devtlb(struct vtd_attachment *att)
{
	struct device_domain_info *info = att->link->info;

	if (!vtd_blocks_without_ats() ||
	    !dev_is_pci(info->dev) || to_pci_dev(info->dev)->current_state != PCI_D3hot ||
	    !list_is_singular(&info->nested->attachments))
		return;

	down_write(&att->s1->sem);
	att->ats = false;
	up_write(&att->s1->sem);
	vtd_cache_tag_unassign(&att->devtlb_tag, att->link->parent);
	info->nested->sleeps = true;
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
	vtd_attachment_forget_devtlb(att);
	vtd_parent_leave(att);
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
