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

#define PCI_DEVICES	"/sys/bus/pci/devices"

static int read_hex(const char *bdf, const char *name, unsigned int *val)
{
	char path[PATH_MAX];
	FILE *f;
	int n;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", bdf, name);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	n = fscanf(f, "%x", val);
	fclose(f);
	return n == 1 ? 0 : -EIO;
}

/**
 * write_sysfs() - write a file of sysfs or debugfs
 * @path: the file
 * @text: what to write
 *
 * Return: 0 or a negative errno.
 */
int write_sysfs(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static int cmp_bdf(const void *a, const void *b)
{
	return strcmp(a, b);
}

/**
 * vfio_find() - PCI functions of one kind, in the order of their addresses
 * @vendor: PCI vendor ID
 * @device: PCI device ID
 * @bdf: filled with their addresses
 * @max: places in @bdf
 *
 * Return: how many were found, at most @max, or a negative errno.
 */
int vfio_find(unsigned int vendor, unsigned int device,
	      char bdf[][VFIO_BDF_LEN], int max)
{
	unsigned int v, d;
	struct dirent *e;
	int n = 0;
	DIR *dir;

	dir = opendir(PCI_DEVICES);
	if (!dir)
		return -errno;
	while (n < max && (e = readdir(dir))) {
		if (e->d_name[0] == '.' || strlen(e->d_name) >= VFIO_BDF_LEN)
			continue;
		if (read_hex(e->d_name, "vendor", &v) || v != vendor ||
		    read_hex(e->d_name, "device", &d) || d != device)
			continue;
		snprintf(bdf[n++], VFIO_BDF_LEN, "%.15s", e->d_name);
	}
	closedir(dir);
	qsort(bdf, n, VFIO_BDF_LEN, cmp_bdf);
	return n;
}

/**
 * pci_bind_driver() - have a driver drive a PCI function
 * @bdf: its address
 * @name: the driver's name
 *
 * A driver that has it already is told to let go, unless it is that one.
 *
 * Return: 0 or a negative errno, -ENODEV if there is no such function.
 */
int pci_bind_driver(const char *bdf, const char *name)
{
	char path[PATH_MAX], link[PATH_MAX];
	const char *driver;
	ssize_t n;
	int ret;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s", bdf);
	if (access(path, F_OK))
		return -ENODEV;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/driver_override", bdf);
	ret = write_sysfs(path, name);
	if (ret)
		return ret;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/driver", bdf);
	n = readlink(path, link, sizeof(link) - 1);
	if (n > 0) {
		link[n] = '\0';
		driver = strrchr(link, '/');
		if (driver && !strcmp(driver + 1, name))
			return 0;
		snprintf(path, sizeof(path), PCI_DEVICES "/%s/driver/unbind",
			 bdf);
		ret = write_sysfs(path, bdf);
		if (ret)
			return ret;
	}

	return write_sysfs("/sys/bus/pci/drivers_probe", bdf);
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
	snprintf(path, sizeof(path), PCI_DEVICES "/%s/vfio-dev", bdf);
	return access(path, F_OK) ? -ENODEV : 0;
}

/**
 * vfio_unbind_driver() - have no driver drive a PCI function
 * @bdf: its address; vfio-pci drives it, and nobody has it open
 *
 * Return: 0 or a negative errno.
 */
int vfio_unbind_driver(const char *bdf)
{
	return write_sysfs("/sys/bus/pci/drivers/vfio-pci/unbind", bdf);
}

/* The function's node below /dev/vfio/devices has the name in its vfio-dev/. */
static int open_cdev(const char *bdf)
{
	char path[PATH_MAX], name[64] = "";
	struct dirent *e;
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/vfio-dev", bdf);
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

static int region(int fd, __u32 index, struct vfio_region_info *info)
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

	ret = region(dev->fd, VFIO_PCI_CONFIG_REGION_INDEX, &info);
	if (ret)
		return ret;
	dev->config = info.offset;

	ret = region(dev->fd, VFIO_PCI_BAR0_REGION_INDEX, &info);
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
 * Return: 0 or a negative errno, -EBUSY if somebody else has it open.
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
	dev->fd = open_cdev(bdf);
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
 * @dev: from vfio_open()
 */
void vfio_close(struct vfio_dev *dev)
{
	munmap(dev->bar, dev->bar_size);
	close(dev->fd);
	dev->fd = -1;
}

/**
 * vfio_attach() - have the device's DMA go through a page table
 * @dev: device
 * @pt_id: page table, or an IO address space
 *
 * If the device is attached already, the page table is replaced; if that
 * fails, the old one stays in force.
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

/**
 * vfio_bus_master() - let the device do DMA and send interrupts, or not
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

/**
 * vfio_msi_enable() - have MSI vector 0 signal an eventfd
 * @dev: device
 * @eventfd: the eventfd
 *
 * Return: 0 or a negative errno.
 */
int vfio_msi_enable(struct vfio_dev *dev, int eventfd)
{
	struct {
		struct vfio_irq_set set;
		__s32 fd;
	} arg = {
		.set = {
			.argsz = sizeof(arg),
			.flags = VFIO_IRQ_SET_DATA_EVENTFD |
				 VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = VFIO_PCI_MSI_IRQ_INDEX,
			.count = 1,
		},
		.fd = eventfd,
	};

	return ioctl(dev->fd, VFIO_DEVICE_SET_IRQS, &arg) ? -errno : 0;
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
 * vfio_can_reset() - does the device know a way to be reset?
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
