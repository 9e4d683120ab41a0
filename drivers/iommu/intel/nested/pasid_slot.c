// SPDX-License-Identifier: GPL-2.0-only
/* Writes PASID-table entries, and flushes what hardware cached of them. */

#include <linux/pci.h>

#include "compat.h"

static void vtd_pasid_cache_desc(u16 did, ioasid_t pasid, struct qi_desc *desc)
{
	*desc = (struct qi_desc) {
		.qw0 = QI_PC_DID(did) | QI_PC_GRAN(QI_PC_PASID_SEL) |
		       QI_PC_PASID(pasid) | QI_PC_TYPE,
	};
}

/**
 * vtd_slot_publish() - make a PASID-table entry present
 * @iommu: the unit
 * @slot: the entry in the table, not present
 * @next: what to write
 * @pasid: PASID of the entry
 * @did: domain id of @next
 *
 * Hardware does not see Present before the rest of the entry.
 *
 * Context: Caller holds @iommu->lock. Does not sleep.
 */
void vtd_slot_publish(struct intel_iommu *iommu, struct pasid_entry *slot,
		      const struct pasid_entry *next, ioasid_t pasid, u16 did)
{
	struct qi_desc desc[2] = {};
	int i;

	for (i = ARRAY_SIZE(slot->val) - 1; i > 0; i--)
		WRITE_ONCE(slot->val[i], next->val[i]);
	dma_wmb();
	WRITE_ONCE(slot->val[0], next->val[0]);
	__iommu_flush_cache(iommu, slot, sizeof(*slot));

	if (!cap_caching_mode(iommu->cap)) {
		iommu_flush_write_buffer(iommu);
		return;
	}

	/* A unit in caching mode may have cached that it was not present (6.1). */
	vtd_pasid_cache_desc(did, pasid, &desc[0]);
	vtd_desc_piotlb_all(did, pasid, &desc[1]);
	qi_submit_sync(iommu, desc, ARRAY_SIZE(desc), 0);
}

/**
 * vtd_slot_store() - change the first stage of a present PASID-table entry
 * @iommu: the unit
 * @slot: the entry in the table
 * @first_stage: what %VTD_FIRST_STAGE_QWORD shall be
 *
 * Hardware may go on with the old value until vtd_slot_flush() has returned.
 *
 * Context: Caller holds @iommu->lock. Does not sleep.
 */
void vtd_slot_store(struct intel_iommu *iommu, struct pasid_entry *slot, u64 first_stage)
{
	WRITE_ONCE(slot->val[VTD_FIRST_STAGE_QWORD], first_stage);
	__iommu_flush_cache(iommu, slot, sizeof(*slot));
}

/*
 * A device that has been pulled, or has no power, does not answer, and each time-out would
 * stop others on the unit. It has nothing cached when it is back.
 */
static struct qi_desc *vtd_slot_add_devtlb(struct device_domain_info *info, ioasid_t pasid,
					   struct qi_desc *desc)
{
	if (!pci_device_is_present(to_pci_dev(info->dev)))
		return desc;

	return vtd_add_devtlb(info, pasid, 0, MAX_AGAW_PFN_WIDTH, desc);
}

/**
 * vtd_slot_flush() - flush what is cached of a changed first stage
 * @info: the device
 * @pasid: PASID of the entry
 * @did: domain id of the entry
 * @ats: flush the device TLB, too, if the device is present
 *
 * When this returns 0, hardware uses what vtd_slot_store() has written and
 * nothing cached from the value before. The invalidations are those of VT-d
 * 6.5.3.3 for a change that leaves SSADE and Present alone, in one submission:
 * PASID cache, IOTLB by PASID, device TLB. What other PASIDs have cached stays.
 *
 * Context: Process. Caller has made sure that the entry keeps its domain id and
 * that ATS is not switched meanwhile. May sleep.
 * Return: 0; -ETIMEDOUT if the device did not answer; the unit's own caches are
 * flushed even then.
 */
int vtd_slot_flush(struct device_domain_info *info, ioasid_t pasid, u16 did, bool ats)
{
	struct qi_desc desc[4] = {};
	struct qi_desc *end = &desc[2];

	vtd_pasid_cache_desc(did, pasid, &desc[0]);
	vtd_desc_piotlb_all(did, pasid, &desc[1]);
	if (ats)
		end = vtd_slot_add_devtlb(info, pasid, end);

	return vtd_queue_submit(info->iommu, desc, end - desc);
}

/**
 * vtd_slot_track() - have hardware set second-stage accessed and dirty flags
 * @iommu: the unit
 * @slot: the entry in the table, present
 *
 * Hardware may go on without until vtd_slot_flush_tracked() has returned.
 *
 * Context: Caller holds @iommu->lock. Does not sleep.
 * Return: false if SSADE was set already.
 */
bool vtd_slot_track(struct intel_iommu *iommu, struct pasid_entry *slot)
{
	if (pasid_get_ssade(slot))
		return false;
	pasid_set_ssade(slot);
	__iommu_flush_cache(iommu, slot, sizeof(*slot));

	return true;
}

/**
 * vtd_slot_flush_tracked() - flush what is cached from before vtd_slot_track()
 * @info: the device
 * @pasid: PASID of the entry
 * @did: domain id of the entry
 * @ats: flush the device TLB, too, if the device is present
 *
 * The invalidations are those of VT-d 6.5.3.3 for a change of SSADE, in one
 * submission: PASID cache, IOTLB by domain, device TLB.
 *
 * Context: Process. Caller has made sure that the entry keeps its domain id and
 * that ATS is not switched meanwhile. May sleep.
 * Return: 0; -ETIMEDOUT if the device did not answer; the unit's own caches are
 * flushed even then.
 */
int vtd_slot_flush_tracked(struct device_domain_info *info, ioasid_t pasid, u16 did, bool ats)
{
	struct qi_desc desc[4] = {};
	struct qi_desc *end = &desc[2];

	vtd_pasid_cache_desc(did, pasid, &desc[0]);
	qi_desc_iotlb(info->iommu, did, 0, 0, DMA_TLB_DSI_FLUSH, &desc[1]);
	if (ats)
		end = vtd_slot_add_devtlb(info, pasid, end);

	return vtd_queue_submit(info->iommu, desc, end - desc);
}
