// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PCI function as user space drives it: VFIO's character device, bound to an
 * iommufd context.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "vfio.h"

/* A directory with one entry: the name of the function's device node */
static void vfio_cdev_dir(char path[PATH_MAX], const char *bdf)
{
	snprintf(path, PATH_MAX, "/sys/bus/pci/devices/%s/vfio-dev", bdf);
}

/**
 * vfio_bind_driver() - have vfio-pci drive a PCI function
 * @bdf: its address
 *
 * Return: 0 or a negative errno, -ENODEV if there is no such function or
 * vfio-pci does not take it.
 */
int vfio_bind_driver(const char *bdf)
{
	char path[PATH_MAX];
	int ret;

	ret = pci_bind_driver(bdf, "vfio-pci");
	if (ret)
		return ret;
	vfio_cdev_dir(path, bdf);
	return access(path, F_OK) ? -ENODEV : 0;
}

static int vfio_cdev_open(const char *bdf)
{
	char path[PATH_MAX], name[64] = "";
	struct dirent *e;
	DIR *dir;
	int fd;

	vfio_cdev_dir(path, bdf);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((e = readdir(dir))) {
		if (!strncmp(e->d_name, "vfio", 4)) {
			snprintf(name, sizeof(name), "%.63s", e->d_name);
			break;
		}
	}
	closedir(dir);
	if (!name[0])
		return -ENODEV;

	snprintf(path, sizeof(path), "/dev/vfio/devices/%s", name);
	fd = open(path, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int vfio_region_info(int fd, __u32 index, struct vfio_region_info *info)
{
	*info = (struct vfio_region_info) {
		.argsz = sizeof(*info),
		.index = index,
	};
	return ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, info) ? -errno : 0;
}

/**
 * vfio_map_regions() - find configuration space, and map BAR 0
 * @dev: a device with its @fd open, which is ready for use
 *
 * Return: 0 or a negative errno.
 */
int vfio_map_regions(struct vfio_dev *dev)
{
	struct vfio_region_info info;
	int ret;

	ret = vfio_region_info(dev->fd, VFIO_PCI_CONFIG_REGION_INDEX, &info);
	if (ret)
		return ret;
	dev->config = info.offset;

	ret = vfio_region_info(dev->fd, VFIO_PCI_BAR0_REGION_INDEX, &info);
	if (ret)
		return ret;
	dev->bar_size = info.size;
	dev->bar = mmap(NULL, info.size, PROT_READ | PROT_WRITE, MAP_SHARED,
			dev->fd, info.offset);
	return dev->bar == MAP_FAILED ? -errno : 0;
}

/**
 * vfio_open() - open a PCI function and bind it to an iommufd context
 * @dev: filled
 * @bdf: address of a function that vfio-pci drives
 * @iommufd: iommufd context
 *
 * DMA of the device is blocked until vfio_attach().
 *
 * Return: 0 or a negative errno, -EBUSY if it is open already.
 */
int vfio_open(struct vfio_dev *dev, const char *bdf, int iommufd)
{
	struct vfio_device_bind_iommufd bind = {
		.argsz = sizeof(bind),
		.iommufd = iommufd,
	};
	int ret;

	memset(dev, 0, sizeof(*dev));
	snprintf(dev->bdf, sizeof(dev->bdf), "%s", bdf);
	dev->fd = vfio_cdev_open(bdf);
	if (dev->fd < 0)
		return dev->fd;

	if (ioctl(dev->fd, VFIO_DEVICE_BIND_IOMMUFD, &bind)) {
		ret = -errno;
		goto err_close;
	}
	dev->id = bind.out_devid;

	ret = vfio_map_regions(dev);
	if (ret)
		goto err_close;
	return 0;

err_close:
	close(dev->fd);
	dev->fd = -1;
	return ret;
}

/**
 * vfio_close() - detach and release a PCI function
 * @dev: from vfio_open(); does nothing if it is closed
 */
void vfio_close(struct vfio_dev *dev)
{
	if (dev->fd < 0)
		return;
	munmap(dev->bar, dev->bar_size);
	close(dev->fd);
	dev->fd = -1;
}

/**
 * vfio_attach() - have the device's DMA go through a page table
 * @dev: device
 * @pt_id: page table, or an IO address space
 *
 * Replaces the page table of a device that is attached; on failure, the device
 * stays attached to the old one.
 *
 * Return: 0 or a negative errno.
 */
int vfio_attach(struct vfio_dev *dev, __u32 pt_id)
{
	struct vfio_device_attach_iommufd_pt arg = {
		.argsz = sizeof(arg),
		.pt_id = pt_id,
	};

	return ioctl(dev->fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &arg) ? -errno : 0;
}

/**
 * vfio_detach() - block the device's DMA
 * @dev: device
 *
 * Return: 0 or a negative errno.
 */
int vfio_detach(struct vfio_dev *dev)
{
	struct vfio_device_detach_iommufd_pt arg = { .argsz = sizeof(arg) };

	return ioctl(dev->fd, VFIO_DEVICE_DETACH_IOMMUFD_PT, &arg) ? -errno : 0;
}

/* struct vfio_device_attach_iommufd_pt of Linux 6.15 and later */
struct attach_pasid {
	__u32 argsz;
	__u32 flags;
	__u32 pt_id;
	__u32 pasid;
};

/* struct vfio_device_detach_iommufd_pt of Linux 6.15 and later */
struct detach_pasid {
	__u32 argsz;
	__u32 flags;
	__u32 pasid;
};

/* VFIO_DEVICE_ATTACH_PASID, VFIO_DEVICE_DETACH_PASID */
#define WITH_PASID	0x1

/**
 * vfio_attach_pasid() - have the device's DMA with a PASID go through a page table
 * @dev: device
 * @pasid: PASID
 * @pt_id: page table, allocated with IOMMU_HWPT_ALLOC_PASID
 *
 * Replaces the page table that is attached to the PASID, as vfio_attach().
 *
 * Return: 0 or a negative errno.
 */
int vfio_attach_pasid(struct vfio_dev *dev, __u32 pasid, __u32 pt_id)
{
	struct attach_pasid arg = {
		.argsz = sizeof(arg),
		.flags = WITH_PASID,
		.pt_id = pt_id,
		.pasid = pasid,
	};

	return ioctl(dev->fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &arg) ? -errno : 0;
}

/**
 * vfio_detach_pasid() - block the device's DMA with a PASID
 * @dev: device
 * @pasid: PASID
 *
 * Return: 0 or a negative errno.
 */
int vfio_detach_pasid(struct vfio_dev *dev, __u32 pasid)
{
	struct detach_pasid arg = {
		.argsz = sizeof(arg),
		.flags = WITH_PASID,
		.pasid = pasid,
	};

	return ioctl(dev->fd, VFIO_DEVICE_DETACH_IOMMUFD_PT, &arg) ? -errno : 0;
}

/**
 * vfio_bus_master() - enable or disable DMA and interrupts of the device
 * @dev: device
 * @on: value of Bus Master Enable
 *
 * Return: 0 or a negative errno.
 */
int vfio_bus_master(struct vfio_dev *dev, bool on)
{
	off_t offset = dev->config + PCI_COMMAND;
	__u16 command;

	if (pread(dev->fd, &command, sizeof(command), offset) !=
	    sizeof(command))
		return -EIO;
	command &= ~PCI_COMMAND_MASTER;
	command |= PCI_COMMAND_MEMORY | (on ? PCI_COMMAND_MASTER : 0);
	if (pwrite(dev->fd, &command, sizeof(command), offset) !=
	    sizeof(command))
		return -EIO;
	return 0;
}

/* Offset of a capability in configuration space, or a negative errno */
static int vfio_find_capability(struct vfio_dev *dev, __u8 id)
{
	__u8 at = PCI_CAPABILITY_LIST - PCI_CAP_LIST_NEXT;
	__u8 link[2];

	do {
		if (pread(dev->fd, &at, 1, dev->config + at + PCI_CAP_LIST_NEXT) != 1 || !at ||
		    pread(dev->fd, link, sizeof(link), dev->config + at) != sizeof(link))
			return -ENODEV;
	} while (link[PCI_CAP_LIST_ID] != id);
	return at;
}

/**
 * vfio_enable_atomics() - have the device send AtomicOps
 * @dev: device
 *
 * Return: 0 or a negative errno.
 */
int vfio_enable_atomics(struct vfio_dev *dev)
{
	int at = vfio_find_capability(dev, PCI_CAP_ID_EXP);
	__u16 control;

	if (at < 0)
		return at;
	if (pread(dev->fd, &control, sizeof(control), dev->config + at + PCI_EXP_DEVCTL2) !=
	    sizeof(control))
		return -EIO;
	control |= PCI_EXP_DEVCTL2_ATOMIC_REQ;
	if (pwrite(dev->fd, &control, sizeof(control), dev->config + at + PCI_EXP_DEVCTL2) !=
	    sizeof(control))
		return -EIO;
	return 0;
}

static int vfio_irq_eventfd(struct vfio_dev *dev, __u32 index, int eventfd)
{
	struct {
		struct vfio_irq_set set;
		__s32 fd;
	} arg = {
		.set = {
			.argsz = sizeof(arg),
			.flags = VFIO_IRQ_SET_DATA_EVENTFD |
				 VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = index,
			.count = 1,
		},
		.fd = eventfd,
	};

	return ioctl(dev->fd, VFIO_DEVICE_SET_IRQS, &arg) ? -errno : 0;
}

/**
 * vfio_msi_enable() - have MSI vector 0 signal an eventfd
 * @dev: device
 * @eventfd: the eventfd
 *
 * Return: 0 or a negative errno.
 */
int vfio_msi_enable(struct vfio_dev *dev, int eventfd)
{
	return vfio_irq_eventfd(dev, VFIO_PCI_MSI_IRQ_INDEX, eventfd);
}

/**
 * vfio_msi_disable() - undo vfio_msi_enable()
 * @dev: device
 *
 * Return: 0 or a negative errno.
 */
int vfio_msi_disable(struct vfio_dev *dev)
{
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_MSI_IRQ_INDEX,
	};

	return ioctl(dev->fd, VFIO_DEVICE_SET_IRQS, &set) ? -errno : 0;
}

/**
 * vfio_msix_enable() - have MSI-X vector 0 signal an eventfd
 * @dev: device
 * @eventfd: the eventfd
 *
 * Return: 0 or a negative errno.
 */
int vfio_msix_enable(struct vfio_dev *dev, int eventfd)
{
	return vfio_irq_eventfd(dev, VFIO_PCI_MSIX_IRQ_INDEX, eventfd);
}

/**
 * vfio_release_eventfd() - have release requests of the kernel signal an eventfd
 * @dev: device
 * @eventfd: the eventfd
 *
 * The kernel requests the release when the driver is unbound or the function is
 * removed, and waits until the device is closed.
 *
 * Return: 0 or a negative errno.
 */
int vfio_release_eventfd(struct vfio_dev *dev, int eventfd)
{
	return vfio_irq_eventfd(dev, VFIO_PCI_REQ_IRQ_INDEX, eventfd);
}

/**
 * vfio_can_reset() - does the device support reset?
 * @dev: device
 * @yes: the answer
 *
 * Return: 0 or a negative errno.
 */
int vfio_can_reset(struct vfio_dev *dev, bool *yes)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };

	if (ioctl(dev->fd, VFIO_DEVICE_GET_INFO, &info))
		return -errno;
	*yes = info.flags & VFIO_DEVICE_FLAGS_RESET;
	return 0;
}

/**
 * vfio_reset() - reset the device
 * @dev: device
 *
 * Return: 0 or a negative errno.
 */
int vfio_reset(struct vfio_dev *dev)
{
	return ioctl(dev->fd, VFIO_DEVICE_RESET) ? -errno : 0;
}
