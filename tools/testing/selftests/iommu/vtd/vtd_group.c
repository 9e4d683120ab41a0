// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel's own domain of an IOMMU group lets an endpoint do: with type
 * "identity" addresses are physical ones, with "DMA" nothing is mapped unless
 * a driver does it. The endpoint has no driver; it is driven through sysfs,
 * with bytes at physical addresses that this process owns.
 *
 * In a guest, each change of the type is one between pass-through and
 * first-stage translation (vtd_nested_vmm.sh).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/pci_regs.h>
#include <sys/mman.h>

#include "kselftest_harness.h"

#include "../../../../iommu/endpoint.h"
#include "../../../../iommu/util.h"

/* For what hangs, not for what is slow under emulation. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	300

#define SWITCHES	10
#define PCI_DEVICES	"/sys/bus/pci/devices"

FIXTURE(group)
{
	struct vfio_dev dev;
	char was[16];
	unsigned char *mem;
	__u64 phys;
};

static int open_attr(const char *bdf, const char *name, int flags)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", bdf, name);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int write_attr(const char *bdf, const char *name, const char *text)
{
	int fd = open_attr(bdf, name, O_WRONLY);
	int ret = 0;

	if (fd < 0)
		return fd;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static int read_type(const char *bdf, char type[16])
{
	int fd = open_attr(bdf, "iommu_group/type", O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, type, 15);
	close(fd);
	if (n <= 0)
		return -EIO;
	type[n] = '\0';
	type[strcspn(type, "\n")] = '\0';
	return 0;
}

/* Memory space and bus mastering, which a driver would switch on. */
static int enable(const char *bdf)
{
	__u16 command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	int fd = open_attr(bdf, "config", O_RDWR);
	int ret = 0;

	if (fd < 0)
		return fd;
	if (pwrite(fd, &command, sizeof(command), PCI_COMMAND) != sizeof(command))
		ret = -EIO;
	close(fd);
	return ret;
}

static int map_bar(struct vfio_dev *dev)
{
	int fd = open_attr(dev->bdf, "resource0", O_RDWR | O_SYNC);

	if (fd < 0)
		return fd;
	dev->bar_size = VTDSIM_EP_BAR_SIZE;
	dev->bar = mmap(NULL, dev->bar_size, PROT_READ | PROT_WRITE, MAP_SHARED,
			fd, 0);
	close(fd);
	return dev->bar == MAP_FAILED ? -errno : 0;
}

/* The physical address of a page that stays where it is, or 0. */
static __u64 physical(const void *va)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	__u64 entry = 0;

	if (fd < 0)
		return 0;
	if (pread(fd, &entry, sizeof(entry),
		  (uintptr_t)va / PAGE * sizeof(entry)) != sizeof(entry))
		entry = 0;
	close(fd);
	return entry & BIT_ULL(63) ? (entry & (BIT_ULL(55) - 1)) * PAGE : 0;
}

FIXTURE_SETUP(group)
{
	struct vfio_dev *dev = &self->dev;
	char bdf[1][PCI_BDF_LEN];

	if (pci_find(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, bdf, 1) < 1)
		SKIP(return, "no vtdsim endpoint");
	memcpy(dev->bdf, bdf[0], sizeof(dev->bdf));
	if (read_type(dev->bdf, self->was))
		SKIP(return, "the kernel does not tell the group's type");

	self->mem = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, self->mem);
	ASSERT_EQ(0, mlock(self->mem, PAGE));
	self->phys = physical(self->mem);
	ASSERT_NE(0, self->phys);

	/* There is none to unbind if it has not had one yet. */
	pci_unbind_driver(dev->bdf);
	ASSERT_EQ(0, map_bar(dev));
	ASSERT_EQ(0, enable(dev->bdf));
	ASSERT_EQ(0, endpoint_check(dev));
}

FIXTURE_TEARDOWN(group)
{
	struct vfio_dev *dev = &self->dev;

	if (dev->bar) {
		EXPECT_EQ(0, write_attr(dev->bdf, "iommu_group/type", self->was));
		munmap(dev->bar, dev->bar_size);
	}
	if (self->mem)
		munmap(self->mem, PAGE);
}

static void fill(unsigned char *p, unsigned int seed)
{
	unsigned int i;

	for (i = 0; i < PAGE; i++)
		p[i] = seed + i * 5 + (i >> 8);
}

/* Do the right bytes arrive, in both directions? */
static bool moves(struct vfio_dev *dev, __u64 addr, unsigned char *mem,
		  unsigned int seed)
{
	struct endpoint_result res;
	unsigned char data[PAGE];

	fill(mem, seed);
	if (endpoint_read(dev, addr, data, PAGE, &res) ||
	    res.status != VTDSIM_EP_S_OK || memcmp(data, mem, PAGE))
		return false;
	fill(data, ~seed);
	if (endpoint_write(dev, addr, data, PAGE, &res) ||
	    res.status != VTDSIM_EP_S_OK)
		return false;
	return !memcmp(data, mem, PAGE);
}

static bool is_blocked(struct vfio_dev *dev, __u64 addr)
{
	struct endpoint_result res;
	unsigned char data[8];

	return !endpoint_read(dev, addr, data, sizeof(data), &res) &&
	       res.status == VTDSIM_EP_S_FAULT && !res.count;
}

TEST_F(group, identity_is_physical)
{
	struct vfio_dev *dev = &self->dev;
	char type[16];

	ASSERT_EQ(0, write_attr(dev->bdf, "iommu_group/type", "identity"));
	ASSERT_EQ(0, read_type(dev->bdf, type));
	EXPECT_STREQ("identity", type);
	EXPECT_TRUE(moves(dev, self->phys, self->mem, 3));
}

TEST_F(group, translated_is_not)
{
	struct vfio_dev *dev = &self->dev;
	char type[16];

	ASSERT_EQ(0, write_attr(dev->bdf, "iommu_group/type", "DMA"));
	ASSERT_EQ(0, read_type(dev->bdf, type));
	EXPECT_STREQ("DMA", type);
	EXPECT_TRUE(is_blocked(dev, self->phys));
}

/* What a unit cached of one type must not outlive it. */
TEST_F(group, back_and_forth)
{
	struct vfio_dev *dev = &self->dev;
	int i;

	for (i = 0; i < SWITCHES; i++) {
		ASSERT_EQ(0, write_attr(dev->bdf, "iommu_group/type",
					"identity"));
		EXPECT_TRUE(moves(dev, self->phys, self->mem, 0x10 + i));
		ASSERT_EQ(0, write_attr(dev->bdf, "iommu_group/type", "DMA"));
		EXPECT_TRUE(is_blocked(dev, self->phys));
	}
}

TEST_HARNESS_MAIN
