/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the unit asks of the host: the calls of /dev/iommu and of VFIO, one each.
 *
 * The structures are those of include/uapi/linux/iommufd.h. Every call returns 0 or
 * a negative errno. Calls are made with the unit's lock held, and must not call the
 * unit.
 */
#ifndef _VUNIT_HOST_H
#define _VUNIT_HOST_H

#include <linux/iommufd.h>
#include <linux/types.h>

/**
 * struct vunit_host_ops - calls to the host
 * @ioas_alloc: make an empty IO address space (IOMMU_IOAS_ALLOC)
 * @map: map @len bytes of this process at @iova (IOMMU_IOAS_MAP); @access is
 *	IOMMU_IOAS_MAP_READABLE and IOMMU_IOAS_MAP_WRITEABLE
 * @unmap: unmap all mappings in a range (IOMMU_IOAS_UNMAP). No device reaches the
 *	memory any more when it returns
 * @alloc_s1: make a stage-1 domain for @dev on the nest parent @parent
 *	(IOMMU_HWPT_ALLOC, VTD_S1)
 * @destroy: destroy an IO address space or a domain that nothing uses (IOMMU_DESTROY)
 * @attach: attach @dev to a domain or an IO address space, whatever it is attached to
 *	(VFIO_DEVICE_ATTACH_IOMMUFD_PT). On failure the device stays where it is
 * @detach: detach @dev; its DMA is blocked then (VFIO_DEVICE_DETACH_IOMMUFD_PT)
 * @invalidate: carry out @num requests (IOMMU_HWPT_INVALIDATE); @num is how many were
 *	done on return
 */
struct vunit_host_ops {
	int (*ioas_alloc)(void *host, __u32 *ioas);
	int (*map)(void *host, __u32 ioas, void *va, __u64 len, __u64 iova, __u32 access);
	int (*unmap)(void *host, __u32 ioas, __u64 iova, __u64 len);
	int (*alloc_s1)(void *host, void *dev, __u32 parent,
			const struct iommu_hwpt_vtd_s1 *s1, __u32 *hwpt);
	int (*destroy)(void *host, __u32 id);
	int (*attach)(void *host, void *dev, __u32 pt_id);
	int (*detach)(void *host, void *dev);
	int (*invalidate)(void *host, __u32 hwpt,
			  const struct iommu_hwpt_vtd_s1_invalidate *entries, __u32 *num);
};

#endif /* _VUNIT_HOST_H */
