/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PCI function as user space drives it without iommufd: VFIO's group and
 * container. Programs need it in a guest whose iommufd does not support the
 * guest's IOMMU.
 *
 * Functions return 0 or a negative errno.
 */
#ifndef _TOOLS_IOMMU_VFIO_TYPE1_H
#define _TOOLS_IOMMU_VFIO_TYPE1_H

#include <linux/types.h>

#include "vfio.h"

/**
 * struct vfio_type1 - a container: an address space for the devices in it
 * @fd: the container
 * @ngroups: groups in it
 * @group: their file descriptors
 */
struct vfio_type1 {
	int fd;
	int ngroups;
	int group[2];
};

int vfio_type1_open(struct vfio_type1 *c);
int vfio_type1_add(struct vfio_type1 *c, struct vfio_dev *dev,
		   const char *bdf);
void vfio_type1_remove(struct vfio_type1 *c, struct vfio_dev *dev);
void vfio_type1_close(struct vfio_type1 *c);

int vfio_type1_map(struct vfio_type1 *c, void *va, __u64 length, __u64 iova,
		   __u32 access);
int vfio_type1_unmap(struct vfio_type1 *c, __u64 iova, __u64 length);

#endif /* _TOOLS_IOMMU_VFIO_TYPE1_H */
