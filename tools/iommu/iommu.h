/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ioctls of /dev/iommu that nested translation needs, one function each.
 *
 * Every function returns 0 or a negative errno; object IDs are those of the
 * iommufd context that @fd refers to.
 */
#ifndef _TOOLS_IOMMU_IOMMU_H
#define _TOOLS_IOMMU_IOMMU_H

#include <linux/iommufd.h>
#include <linux/types.h>

int iommufd_open(void);
int iommufd_ioctl(int fd, unsigned long request, void *cmd);

int iommufd_ioas_alloc(int fd, __u32 *ioas);
int iommufd_ioas_iova_ranges(int fd, __u32 ioas, struct iommu_iova_range *range,
			     __u32 *num);
int iommufd_ioas_map(int fd, __u32 ioas, void *va, __u64 length, __u64 iova,
		     __u32 access);
int iommufd_ioas_unmap(int fd, __u32 ioas, __u64 iova, __u64 length);
int iommufd_destroy(int fd, __u32 id);

int iommufd_hw_info(int fd, __u32 dev_id, struct iommu_hw_info *cmd,
		    struct iommu_hw_info_vtd *vtd);
int iommufd_hwpt_alloc(int fd, struct iommu_hwpt_alloc *cmd, __u32 *hwpt);
int iommufd_hwpt_alloc_parent(int fd, __u32 dev_id, __u32 ioas, __u32 *hwpt);
int iommufd_hwpt_alloc_s1(int fd, __u32 dev_id, __u32 parent,
			  const struct iommu_hwpt_vtd_s1 *s1, __u32 *hwpt);
int iommufd_hwpt_invalidate(int fd, __u32 hwpt,
			    const struct iommu_hwpt_vtd_s1_invalidate *entries,
			    __u32 *num);

#define IOMMUFD_MAP_RW	(IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE)

/* IOMMU_HWPT_ALLOC_PASID, which headers before Linux 6.15 do not have */
#define IOMMUFD_ALLOC_PASID	0x8

#endif /* _TOOLS_IOMMU_IOMMU_H */
