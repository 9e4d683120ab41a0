// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PCI function as user space drives it without iommufd: VFIO's group and
 * container.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>

#include "util.h"
#include "vfio_type1.h"

/**
 * vfio_type1_open() - make a container
 * @c: filled
 *
 * Return: 0 or a negative errno, -EOPNOTSUPP if the kernel has no type 1.
 */
int vfio_type1_open(struct vfio_type1 *c)
{
	memset(c, 0, sizeof(*c));
	c->fd = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (c->fd < 0)
		return -errno;
	if (ioctl(c->fd, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) == 1)
		return 0;
	close(c->fd);
	c->fd = -1;
	return -EOPNOTSUPP;
}

/* /dev/vfio/N, where N is the number of the function's IOMMU group. */
static int type1_open_group(const char *bdf)
{
	char path[PATH_MAX], link[PATH_MAX];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group",
		 bdf);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return -errno;
	link[n] = '\0';
	snprintf(path, sizeof(path), "/dev/vfio/%s", strrchr(link, '/') + 1);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/**
 * vfio_type1_add() - open a PCI function and put it into a container
 * @c: container
 * @dev: filled
 * @bdf: address of a function that vfio-pci drives, alone in its group
 *
 * The device uses the mappings of the container. vfio_close() releases it, and
 * must come before vfio_type1_close().
 *
 * Return: 0 or a negative errno.
 */
int vfio_type1_add(struct vfio_type1 *c, struct vfio_dev *dev, const char *bdf)
{
	int group, ret;

	if (c->ngroups == ARRAY_SIZE(c->group))
		return -ENOSPC;
	group = type1_open_group(bdf);
	if (group < 0)
		return group;
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &c->fd)) {
		ret = -errno;
		goto err_close;
	}
	if (!c->ngroups && ioctl(c->fd, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU)) {
		ret = -errno;
		goto err_close;
	}

	memset(dev, 0, sizeof(*dev));
	snprintf(dev->bdf, sizeof(dev->bdf), "%s", bdf);
	dev->fd = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, bdf);
	if (dev->fd < 0) {
		ret = -errno;
		goto err_close;
	}
	ret = vfio_map_regions(dev);
	if (ret) {
		close(dev->fd);
		goto err_close;
	}
	c->group[c->ngroups++] = group;
	return 0;

err_close:
	close(group);
	return ret;
}

/**
 * vfio_type1_remove() - take the device that came last out of a container, and close it
 * @c: container
 * @dev: device
 */
void vfio_type1_remove(struct vfio_type1 *c, struct vfio_dev *dev)
{
	vfio_close(dev);
	close(c->group[--c->ngroups]);
}

/**
 * vfio_type1_close() - destroy a container and its mappings
 * @c: container without open devices
 */
void vfio_type1_close(struct vfio_type1 *c)
{
	while (c->ngroups)
		close(c->group[--c->ngroups]);
	close(c->fd);
	c->fd = -1;
}

/**
 * vfio_type1_map() - map memory for the devices of a container
 * @c: container with a device in it
 * @va: the memory
 * @length: bytes
 * @iova: address by which the devices know it
 * @access: VFIO_DMA_MAP_FLAG_READ, VFIO_DMA_MAP_FLAG_WRITE or both
 *
 * Return: 0 or a negative errno.
 */
int vfio_type1_map(struct vfio_type1 *c, void *va, __u64 length, __u64 iova,
		   __u32 access)
{
	struct vfio_iommu_type1_dma_map cmd = {
		.argsz = sizeof(cmd),
		.flags = access,
		.vaddr = (uintptr_t)va,
		.iova = iova,
		.size = length,
	};

	return ioctl(c->fd, VFIO_IOMMU_MAP_DMA, &cmd) ? -errno : 0;
}

/**
 * vfio_type1_unmap() - unmap memory
 * @c: container
 * @iova: as mapped
 * @length: as mapped
 *
 * Return: 0 or a negative errno.
 */
int vfio_type1_unmap(struct vfio_type1 *c, __u64 iova, __u64 length)
{
	struct vfio_iommu_type1_dma_unmap cmd = {
		.argsz = sizeof(cmd),
		.iova = iova,
		.size = length,
	};

	if (ioctl(c->fd, VFIO_IOMMU_UNMAP_DMA, &cmd))
		return -errno;
	return cmd.size == length ? 0 : -EINVAL;
}
