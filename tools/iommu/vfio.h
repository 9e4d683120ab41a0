/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PCI function as user space drives it: VFIO's character device, bound to an
 * iommufd context.
 *
 * Functions return 0 or a negative errno unless said otherwise.
 */
#ifndef _TOOLS_IOMMU_VFIO_H
#define _TOOLS_IOMMU_VFIO_H

#include <stdbool.h>
#include <linux/types.h>

#include "pci.h"

/**
 * struct vfio_dev - an open PCI function
 * @bdf: address as sysfs writes it
 * @fd: VFIO character device
 * @id: the device's object in the iommufd context
 * @bar: BAR 0, mapped
 * @bar_size: its size in bytes
 * @config: offset of PCI configuration space in @fd
 * @seq: number of the last command given to an endpoint (endpoint.c)
 */
struct vfio_dev {
	char bdf[PCI_BDF_LEN];
	int fd;
	__u32 id;
	void *bar;
	__u64 bar_size;
	__u64 config;
	__u32 seq;
};

int vfio_bind_driver(const char *bdf);
int vfio_map_regions(struct vfio_dev *dev);
int vfio_open(struct vfio_dev *dev, const char *bdf, int iommufd);
void vfio_close(struct vfio_dev *dev);

int vfio_attach(struct vfio_dev *dev, __u32 pt_id);
int vfio_detach(struct vfio_dev *dev);
int vfio_attach_pasid(struct vfio_dev *dev, __u32 pasid, __u32 pt_id);
int vfio_detach_pasid(struct vfio_dev *dev, __u32 pasid);

int vfio_bus_master(struct vfio_dev *dev, bool on);
int vfio_enable_atomics(struct vfio_dev *dev);
int vfio_msi_enable(struct vfio_dev *dev, int eventfd);
int vfio_msi_disable(struct vfio_dev *dev);
int vfio_msix_enable(struct vfio_dev *dev, int eventfd);
int vfio_release_eventfd(struct vfio_dev *dev, int eventfd);
int vfio_can_reset(struct vfio_dev *dev, bool *yes);
int vfio_reset(struct vfio_dev *dev);

#endif /* _TOOLS_IOMMU_VFIO_H */
