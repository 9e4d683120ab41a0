// SPDX-License-Identifier: GPL-2.0-only
/* Composes invalidations of device TLBs (VT-d 6.5.2.5 and 6.5.2.6). */

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
