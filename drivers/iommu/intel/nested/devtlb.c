// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device TLBs: composes invalidations (VT-d 6.5.2.5 and 6.5.2.6), and decides when
 * ATS may be switched.
 */

#include <linux/pci.h>

#include "nested.h"

/**
 * vtd_add_devtlb() - compose invalidations of a device TLB
 * @info: the device
 * @pasid: PASID, or IOMMU_NO_PASID for what was translated without one
 * @addr: first address, a multiple of the size
 * @order: log2 of the number of 4 KiB pages; MAX_AGAW_PFN_WIDTH for all
 * @desc: where to write, room for two descriptors
 *
 * Some devices need each invalidation twice, see dev_needs_extra_dtlb_flush().
 *
 * Context: Any.
 * Return: the place after the last descriptor.
 */
struct qi_desc *vtd_add_devtlb(struct device_domain_info *info, ioasid_t pasid,
			       u64 addr, unsigned int order, struct qi_desc *desc)
{
	unsigned int times = info->dtlb_extra_inval ? 2 : 1;
	u16 sid = PCI_DEVID(info->bus, info->devfn);

	for (; times--; desc++) {
		*desc = (struct qi_desc) {};
		if (pasid == IOMMU_NO_PASID)
			qi_desc_dev_iotlb(sid, info->pfsid, info->ats_qdep,
					  addr, order, desc);
		else
			qi_desc_dev_iotlb_pasid(sid, info->pfsid, pasid,
						info->ats_qdep, addr, order, desc);
	}

	return desc;
}

/**
 * vtd_nested_pins_ats() - check if ATS must not be switched
 * @info: the device
 *
 * The base driver switches ATS of a device whenever requests without PASID get
 * another domain. Stage-1 domains on PASIDs stay attached meanwhile. Their
 * invalidations, and flushes of their parents, run in other threads: sent while
 * ATS is off, they are not answered; left out while it is on, they leave stale
 * translations. So the switch is not made.
 *
 * Context: Process, under the device's group mutex.
 * Return: true while stage-1 domains are attached, but for the last one of a
 * function in D3hot while it is detached.
 */
bool vtd_nested_pins_ats(const struct device_domain_info *info)
{
	return info->nested && !list_empty(&info->nested->attachments) &&
	       !info->nested->sleeps;
}

/**
 * vtd_nested_drains_less() - check if draining must leave out the device TLB
 * @info: the device
 *
 * iommufd disables page requests of a device after it has detached the last domain
 * that takes them, and enables them before it attaches the first. ATS may be off when
 * the device is drained in between, so that nobody would answer.
 *
 * Context: Process, under the device's group mutex.
 * Return: true if the device gets, has, or had a stage-1 domain and its ATS is off.
 */
bool vtd_nested_drains_less(const struct device_domain_info *info)
{
	return info->nests && !info->ats_enabled;
}
