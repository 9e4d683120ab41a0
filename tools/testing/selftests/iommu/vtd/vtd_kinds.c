// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kinds of simulated endpoints, driven through VFIO: QEMU's educational device
 * (vtdsim=on,endpoint=edu), and the model's own endpoint with MSI-X
 * (endpoint=own-msix). The kernel has a driver for the third one, see vtd_ioat.sh.
 */
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "nested.h"
#include "nested_event.h"
#include "pattern.h"

#define EDU_VENDOR	0x1234
#define EDU_DEVICE	0x11e8

/* Registers of the educational device */
#define EDU_ID		0x00
#define EDU_ALIVE	0x04
#define EDU_FACTORIAL	0x08
#define EDU_STATUS	0x20
#define EDU_CAUSE	0x24
#define EDU_ACK		0x64
#define EDU_SOURCE	0x80
#define EDU_TARGET	0x88
#define EDU_COUNT	0x90
#define EDU_COMMAND	0x98

#define EDU_BUFFER	0x40000

/* The device drives 28 bits of an address. */
#define IOVA		0x5400000ULL

#define POLLS_MAX	100000
#define POLL_NS		1000000L

FIXTURE(edu)
{
	int iommufd;
	struct vfio_dev dev;
	__u32 ioas;
	unsigned char *mem;
	int irq;
};

FIXTURE_SETUP(edu)
{
	char bdf[1][PCI_BDF_LEN];

	if (pci_find(EDU_VENDOR, EDU_DEVICE, bdf, 1) < 1)
		SKIP(return, "no educational device");
	self->mem = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->mem);
	self->irq = event_create();
	ASSERT_LE(0, self->irq);
	self->iommufd = iommufd_open();
	ASSERT_LE(0, self->iommufd);
	ASSERT_EQ(0, vfio_bind_driver(bdf[0]));
	ASSERT_EQ(0, vfio_open(&self->dev, bdf[0], self->iommufd));
	ASSERT_EQ(0, vfio_bus_master(&self->dev, true));
	ASSERT_EQ(0, iommufd_ioas_alloc(self->iommufd, &self->ioas));
	ASSERT_EQ(0, vfio_attach(&self->dev, self->ioas));
}

FIXTURE_TEARDOWN(edu)
{
	vfio_close(&self->dev);
	close(self->iommufd);
	close(self->irq);
	munmap(self->mem, 2 * PAGE);
}

static __u32 edu_read(struct vfio_dev *dev, unsigned int reg)
{
	return __atomic_load_n((__u32 *)((char *)dev->bar + reg), __ATOMIC_ACQUIRE);
}

static void edu_write(struct vfio_dev *dev, unsigned int reg, __u32 val)
{
	__atomic_store_n((__u32 *)((char *)dev->bar + reg), val, __ATOMIC_RELEASE);
}

static void edu_write64(struct vfio_dev *dev, unsigned int reg, __u64 val)
{
	__atomic_store_n((__u64 *)((char *)dev->bar + reg), val, __ATOMIC_RELEASE);
}

/* Waits until a register has a value under a mask. */
static bool edu_becomes(struct vfio_dev *dev, unsigned int reg, __u32 mask, __u32 val)
{
	const struct timespec nap = { .tv_nsec = POLL_NS };
	int i;

	for (i = 0; i < POLLS_MAX; i++) {
		if ((edu_read(dev, reg) & mask) == val)
			return true;
		nanosleep(&nap, NULL);
	}
	return false;
}

static bool edu_copy(struct vfio_dev *dev, __u64 source, __u64 target, __u64 len, __u32 command)
{
	edu_write64(dev, EDU_SOURCE, source);
	edu_write64(dev, EDU_TARGET, target);
	edu_write64(dev, EDU_COUNT, len);
	edu_write(dev, EDU_COMMAND, command | 1);
	return edu_becomes(dev, EDU_COMMAND, 1, 0);
}

TEST_F(edu, registers_work)
{
	struct vfio_dev *dev = &self->dev;

	EXPECT_EQ(0x100000U, dev->bar_size);
	EXPECT_EQ(0x010000edU, edu_read(dev, EDU_ID));
	edu_write(dev, EDU_ALIVE, 0x0f1e2d3c);
	EXPECT_TRUE(edu_becomes(dev, EDU_ALIVE, ~0U, ~0x0f1e2d3cU));
	ASSERT_EQ(0, vfio_msi_enable(dev, self->irq));
	edu_write(dev, EDU_STATUS, 0x80);
	edu_write(dev, EDU_FACTORIAL, 10);
	EXPECT_EQ(1, event_count(self->irq, EVENT_PATIENCE_MS));
	EXPECT_EQ(3628800U, edu_read(dev, EDU_FACTORIAL));
	EXPECT_EQ(1U, edu_read(dev, EDU_CAUSE));
	edu_write(dev, EDU_ACK, 1);
	EXPECT_TRUE(edu_becomes(dev, EDU_CAUSE, ~0U, 0));
}

TEST_F(edu, copies_through_the_unit)
{
	struct vfio_dev *dev = &self->dev;
	unsigned char *copy = self->mem + PAGE;

	ASSERT_EQ(0, iommufd_ioas_map(self->iommufd, self->ioas, self->mem, 2 * PAGE, IOVA,
				      IOMMUFD_MAP_RW));
	ASSERT_EQ(0, vfio_msi_enable(dev, self->irq));
	pattern_fill(self->mem, PAGE, 7);
	ASSERT_TRUE(edu_copy(dev, IOVA, EDU_BUFFER, PAGE, 0));
	ASSERT_TRUE(edu_copy(dev, EDU_BUFFER, IOVA + PAGE, PAGE, 6));
	EXPECT_EQ(0, memcmp(self->mem, copy, PAGE));
	EXPECT_EQ(1, event_count(self->irq, EVENT_PATIENCE_MS));
	EXPECT_EQ(0x100U, edu_read(dev, EDU_CAUSE));

	/* What is not mapped any more does not change. */
	ASSERT_EQ(0, iommufd_ioas_unmap(self->iommufd, self->ioas, IOVA, 2 * PAGE));
	memset(copy, 0x55, PAGE);
	ASSERT_TRUE(edu_copy(dev, EDU_BUFFER, IOVA + PAGE, PAGE, 2));
	EXPECT_EQ(0x55, copy[0]);
	EXPECT_EQ(0x55, copy[PAGE - 1]);
}

TEST_F(edu, reset_forgets)
{
	struct vfio_dev *dev = &self->dev;

	ASSERT_EQ(0, iommufd_ioas_map(self->iommufd, self->ioas, self->mem, 2 * PAGE, IOVA,
				      IOMMUFD_MAP_RW));
	pattern_fill(self->mem, PAGE, 9);
	ASSERT_TRUE(edu_copy(dev, IOVA, EDU_BUFFER, PAGE, 4));
	ASSERT_EQ(0x100U, edu_read(dev, EDU_CAUSE));
	ASSERT_EQ(0, vfio_reset(dev));
	ASSERT_EQ(0, vfio_bus_master(dev, true));
	EXPECT_EQ(0x010000edU, edu_read(dev, EDU_ID));
	EXPECT_EQ(0U, edu_read(dev, EDU_CAUSE));
	EXPECT_EQ(0U, edu_read(dev, EDU_COMMAND));
	ASSERT_TRUE(edu_copy(dev, EDU_BUFFER, IOVA, PAGE, 2));
	EXPECT_EQ(0, self->mem[0]);
	EXPECT_EQ(0, self->mem[PAGE - 1]);
}

/* However many are asked for, the lowest addresses are found, in ascending order. */
TEST(lowest_first)
{
	char all[NESTED_DEVICES_MAX][PCI_BDF_LEN], some[NESTED_DEVICES_MAX][PCI_BDF_LEN];
	int i, j, count = endpoint_find(all, NESTED_DEVICES_MAX);

	if (count < 2)
		SKIP(return, "less than two vtdsim endpoints");
	for (i = 1; i <= count; i++) {
		ASSERT_EQ(i, endpoint_find(some, i));
		for (j = 0; j < i; j++)
			EXPECT_STREQ(all[j], some[j]);
	}
	for (i = 1; i < count; i++)
		EXPECT_LT(0, strcmp(all[i], all[i - 1]));
}

FIXTURE(msix)
{
	int iommufd;
	struct vfio_dev dev;
	int irq;
};

FIXTURE_SETUP(msix)
{
	char bdf[NESTED_DEVICES_MAX][PCI_BDF_LEN];
	int i, count = endpoint_find(bdf, NESTED_DEVICES_MAX);

	if (count < 1)
		SKIP(return, "no vtdsim endpoint");
	self->irq = event_create();
	ASSERT_LE(0, self->irq);
	self->iommufd = iommufd_open();
	ASSERT_LE(0, self->iommufd);
	for (i = 0; i < count; i++) {
		ASSERT_EQ(0, endpoint_open(&self->dev, bdf[i], self->iommufd));
		if (!vfio_msix_enable(&self->dev, self->irq))
			return;
		vfio_close(&self->dev);
	}
	SKIP(return, "no vtdsim endpoint with MSI-X");
}

FIXTURE_TEARDOWN(msix)
{
	vfio_close(&self->dev);
	close(self->iommufd);
	close(self->irq);
}

TEST_F(msix, arrives)
{
	const struct endpoint_cmd cmd = { .op = VTDSIM_EP_OP_NOP, .flags = VTDSIM_EP_F_MSI };
	struct vfio_dev *dev = &self->dev;
	struct endpoint_result res;
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, endpoint_run(dev, &cmd, &res));
		EXPECT_EQ(1, event_count(self->irq, EVENT_PATIENCE_MS));
	}
	/* The table is masked and empty after a reset, until the kernel writes it again. */
	ASSERT_EQ(0, endpoint_reset(dev));
	ASSERT_EQ(0, endpoint_run(dev, &cmd, &res));
	EXPECT_EQ(1, event_count(self->irq, EVENT_PATIENCE_MS));
}

TEST_HARNESS_MAIN
