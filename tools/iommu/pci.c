// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI functions and their drivers, as sysfs shows them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/types.h>

#include "pci.h"
#include "sysfs.h"

#define PCI_SYSFS	"/sys/bus/pci"
#define PCI_DEVICES	PCI_SYSFS "/devices"

static void pci_attr_path(char path[PATH_MAX], const char *bdf,
			  const char *name)
{
	snprintf(path, PATH_MAX, PCI_DEVICES "/%s/%s", bdf, name);
}

/**
 * pci_attr_open() - open an attribute of a PCI function
 * @bdf: address of the function
 * @name: path of the attribute below the function's directory
 * @flags: as for open(); O_CLOEXEC is added
 *
 * Return: a file descriptor or a negative errno.
 */
int pci_attr_open(const char *bdf, const char *name, int flags)
{
	char path[PATH_MAX];
	int fd;

	pci_attr_path(path, bdf, name);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/**
 * pci_attr_read() - read the first line of an attribute of a PCI function
 * @bdf: address of the function
 * @name: path of the attribute below the function's directory
 * @text: the line, without its newline
 * @size: bytes in @text
 *
 * Return: 0 or a negative errno.
 */
int pci_attr_read(const char *bdf, const char *name, char *text, size_t size)
{
	char path[PATH_MAX];

	pci_attr_path(path, bdf, name);
	return sysfs_read(path, text, size);
}

/**
 * pci_attr_write() - write an attribute of a PCI function
 * @bdf: address of the function
 * @name: path of the attribute below the function's directory
 * @text: what to write
 *
 * Return: 0 or a negative errno.
 */
int pci_attr_write(const char *bdf, const char *name, const char *text)
{
	char path[PATH_MAX];

	pci_attr_path(path, bdf, name);
	return sysfs_write(path, text);
}

static bool pci_id_is(const char *bdf, const char *name, unsigned int id)
{
	char path[PATH_MAX];
	__u64 val;

	pci_attr_path(path, bdf, name);
	return !sysfs_read_u64(path, &val) && val == id;
}

/* Keeps the lowest addresses in ascending order; directories have none. Returns how many. */
static int insert_bdf(char bdf[][PCI_BDF_LEN], int n, int max, const char *name)
{
	int at = n;

	while (at > 0 && strcmp(name, bdf[at - 1]) < 0)
		at--;
	if (at == max)
		return n;
	if (n < max)
		n++;
	memmove(bdf[at + 1], bdf[at], (n - 1 - at) * PCI_BDF_LEN);
	snprintf(bdf[at], PCI_BDF_LEN, "%.15s", name);
	return n;
}

/**
 * pci_find() - find the PCI functions of one kind
 * @vendor: PCI vendor ID
 * @device: PCI device ID
 * @bdf: filled with their addresses, the lowest ones in ascending order
 * @max: places in @bdf
 *
 * Return: how many were found, at most @max, or a negative errno.
 */
int pci_find(unsigned int vendor, unsigned int device,
	     char bdf[][PCI_BDF_LEN], int max)
{
	struct dirent *e;
	int n = 0;
	DIR *dir;

	dir = opendir(PCI_DEVICES);
	if (!dir)
		return -errno;
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.' || strlen(e->d_name) >= PCI_BDF_LEN)
			continue;
		if (!pci_id_is(e->d_name, "vendor", vendor) ||
		    !pci_id_is(e->d_name, "device", device))
			continue;
		n = insert_bdf(bdf, n, max, e->d_name);
	}
	closedir(dir);
	return n;
}

/**
 * pci_rescan() - have the kernel look for functions that it does not know
 *
 * Brings back functions that were removed through sysfs.
 *
 * Return: 0 or a negative errno.
 */
int pci_rescan(void)
{
	return sysfs_write(PCI_SYSFS "/rescan", "1");
}

/**
 * pci_same_group() - are two PCI functions in one IOMMU group?
 * @bdf: address of one
 * @other: address of the other
 *
 * Return: true if so, false also if one of them is in none.
 */
bool pci_same_group(const char *bdf, const char *other)
{
	const char *const function[2] = { bdf, other };
	char path[PATH_MAX], group[2][PATH_MAX];
	ssize_t len[2];
	int i;

	for (i = 0; i < 2; i++) {
		pci_attr_path(path, function[i], "iommu_group");
		len[i] = readlink(path, group[i], sizeof(group[i]));
	}
	return len[0] > 0 && len[0] == len[1] && !memcmp(group[0], group[1], len[0]);
}

/**
 * pci_bind_driver() - have a driver drive a PCI function
 * @bdf: its address
 * @name: the driver's name
 *
 * Another driver that is bound to the function is unbound first. If it is this
 * driver already, nothing is written, so that this needs no privilege.
 *
 * Return: 0 or a negative errno, -ENODEV if there is no such function.
 */
int pci_bind_driver(const char *bdf, const char *name)
{
	char path[PATH_MAX], link[PATH_MAX];
	const char *driver;
	ssize_t n;
	int ret;

	pci_attr_path(path, bdf, "");
	if (access(path, F_OK))
		return -ENODEV;
	pci_attr_path(path, bdf, "driver");
	n = readlink(path, link, sizeof(link) - 1);
	if (n > 0) {
		link[n] = '\0';
		driver = strrchr(link, '/');
		if (driver && !strcmp(driver + 1, name))
			return 0;
	}
	ret = pci_attr_write(bdf, "driver_override", name);
	if (ret)
		return ret;
	if (n > 0) {
		ret = pci_unbind_driver(bdf);
		if (ret)
			return ret;
	}
	return sysfs_write(PCI_SYSFS "/drivers_probe", bdf);
}

/**
 * pci_unbind_driver() - have no driver drive a PCI function
 * @bdf: its address
 *
 * Waits until nobody uses the function any more.
 *
 * Return: 0 or a negative errno, -ENOENT if it has no driver.
 */
int pci_unbind_driver(const char *bdf)
{
	return pci_attr_write(bdf, "driver/unbind", bdf);
}
