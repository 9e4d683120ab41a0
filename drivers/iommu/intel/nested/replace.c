// SPDX-License-Identifier: GPL-2.0-only
/* Replaces one stage-1 domain by another on the same parent, while DMA goes on. */

#define dev_fmt(fmt)	"nested: " fmt

#include "nested.h"
#include "attachment.h"
#include "trace.h"

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
	vtd_attachment_compose(att, s1, &next);
	slot = intel_pasid_get_entry(link->info->dev, att->pasid);
	plan = vtd_plan_update(slot, &next);
	if (plan == VTD_PLAN_IN_PLACE)
		vtd_slot_store(iommu, slot, next.val[VTD_FIRST_STAGE_QWORD]);
	spin_unlock(&iommu->lock);
	spin_unlock(&link->parent->s1_lock);

	/* All that a stage-1 domain decides is in that quad-word. */
	return WARN_ON_ONCE(plan == VTD_PLAN_PUBLISH || plan == VTD_PLAN_BREAK) ? -EINVAL : 0;
}

/**
 * vtd_attachment_exchange_s1() - replace the stage-1 domain of an attachment
 * @att: the attachment, with its entry present
 * @s1: another stage-1 domain on the same parent, or the same
 *
 * One store into the PASID entry replaces it: DMA uses the old table or the new one
 * and never faults. The store is made under the spinlocks. The flush is waited for
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
 *
 * Context: Process, under the device's group mutex. May sleep.
 * Return: 0, or -ETIMEDOUT if the device TLB did not answer.
 */
int vtd_attachment_exchange_s1(struct vtd_attachment *att, struct vtd_s1_domain *s1)
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
	vtd_registry_changed();

out_unlock:
	up_write(&old->sem);
	up_write(&s1->sem);
	if (!ret) {
		trace_vtd_s1_attach(info->dev, att->pasid, old->id, s1->id, VTD_PLAN_IN_PLACE, 0);
		vtd_event_replaced(info->dev, att->pasid, old->id, s1->id, true);
	}
	return ret;
}
