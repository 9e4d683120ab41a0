// SPDX-License-Identifier: GPL-2.0-only
/*
 * The default domain of an endpoint's IOMMU group. With type "identity" the
 * endpoint uses physical addresses, with "DMA" nothing is mapped unless a driver
 * maps it. The endpoint has no driver: the test drives it through sysfs, with
 * the physical addresses of its own memory.
 *
 * In a guest, a change of the type is one between pass-through and translation by
 * the guest's tables (vtd_nested_vmm.sh, vtd_shadow_vmm.sh).
 *
 * A driver of user space takes an endpoint that passes through, has it translated, and gives it
 * back, while another endpoint passes through all the time.
 *
 * Groups of two endpoints: what is done to one of them is done to the other, nested page
 * tables too. They are functions of one device (functions=2 in the boot parameter), or behind
 * root ports without Access Control Services (ports, which are in the group as well), or
 * behind a bridge that sends their requests as its own (bridge). With Access Control Services
 * (switch,acs), each has a group of its own. One unit is for each.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <linux/vfio.h>
#include <sys/mman.h>

#include "kselftest_harness.h"

#include "counters.h"
#include "nested.h"
#include "nested_reader.h"
#include "pattern.h"
#include "vfio_type1.h"

#define SWITCHES	10
#define TYPE		"iommu_group/type"
#define NO_MEMORY	BIT_ULL(37)	/* no machine here has so much */
#define MAP_RW		(VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)

FIXTURE(group)
{
	struct vfio_dev dev;
	char was[16];
	unsigned char *mem;
	__u64 phys;
};

/* Physical address of a locked page, or 0 */
static __u64 physical_address(const void *va)
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

/* An endpoint without a driver */
static void take_endpoint(struct __test_metadata *_metadata, struct vfio_dev *dev,
			  const char *bdf)
{
	int ret = pci_unbind_driver(bdf);

	ASSERT_TRUE(!ret || ret == -ENOENT);	/* no driver is bound */
	ASSERT_EQ(0, endpoint_open_sysfs(dev, bdf));
}

/* A locked page and its physical address */
static unsigned char *lock_page(struct __test_metadata *_metadata, __u64 *phys)
{
	unsigned char *mem;

	mem = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, mem);
	ASSERT_EQ(0, mlock(mem, PAGE));
	*phys = physical_address(mem);
	ASSERT_NE(0, *phys);
	return mem;
}

FIXTURE_SETUP(group)
{
	char bdf[1][PCI_BDF_LEN];

	if (endpoint_find(bdf, 1) < 1)
		SKIP(return, "no vtdsim endpoint");
	if (pci_attr_read(bdf[0], TYPE, self->was, sizeof(self->was)))
		SKIP(return, "the kernel does not tell the group's type");

	self->mem = lock_page(_metadata, &self->phys);
	take_endpoint(_metadata, &self->dev, bdf[0]);
}

FIXTURE_TEARDOWN(group)
{
	struct vfio_dev *dev = &self->dev;

	EXPECT_EQ(0, pci_attr_write(dev->bdf, TYPE, self->was));
	munmap(dev->bar, dev->bar_size);
	munmap(self->mem, PAGE);
}

/* Do the right bytes arrive, in both directions? */
static bool moves_bytes(struct vfio_dev *dev, __u64 addr, unsigned char *mem,
			unsigned int seed)
{
	unsigned char data[PAGE];

	pattern_fill(mem, PAGE, seed);
	if (!endpoint_reads(dev, addr, mem, PAGE))
		return false;
	pattern_fill(data, PAGE, ~seed);
	return endpoint_writes(dev, addr, data, PAGE) &&
	       !memcmp(data, mem, PAGE);
}

/* Change the type of the group, and read it back. */
static void set_type(struct __test_metadata *_metadata, const char *bdf,
		     const char *type)
{
	char now[16];

	ASSERT_EQ(0, pci_attr_write(bdf, TYPE, type));
	ASSERT_EQ(0, pci_attr_read(bdf, TYPE, now, sizeof(now)));
	ASSERT_STREQ(type, now);
}

TEST_F(group, identity_is_physical)
{
	struct vfio_dev *dev = &self->dev;

	set_type(_metadata, dev->bdf, "identity");
	EXPECT_TRUE(moves_bytes(dev, self->phys, self->mem, 3));
}

TEST_F(group, translated_is_not)
{
	struct vfio_dev *dev = &self->dev;

	set_type(_metadata, dev->bdf, "DMA");
	EXPECT_TRUE(endpoint_blocked(dev, self->phys));
}

/* What the unit has cached of one type must not be used with the other. */
TEST_F(group, back_and_forth)
{
	struct vfio_dev *dev = &self->dev;
	int i;

	for (i = 0; i < SWITCHES; i++) {
		set_type(_metadata, dev->bdf, "identity");
		EXPECT_TRUE(moves_bytes(dev, self->phys, self->mem, 0x10 + i));
		set_type(_metadata, dev->bdf, "DMA");
		EXPECT_TRUE(endpoint_blocked(dev, self->phys));
	}
}

/* What a device that passes through finds where there is no memory: in a guest, a fault. */
static bool finds_nothing(struct vfio_dev *dev, __u64 addr)
{
	struct endpoint_result res;
	__u64 val;

	return !endpoint_read(dev, addr, &val, sizeof(val), &res) && !res.count &&
	       (res.status == VTDSIM_EP_S_UNSUPPORTED || res.status == VTDSIM_EP_S_FAULT);
}

/* A driver of user space has the endpoint for a while, which is translated while it is open. */
static void lend_endpoint(struct __test_metadata *_metadata, const char *bdf, unsigned char *mem,
			  __u64 phys, unsigned int seed)
{
	struct vfio_type1 c;
	struct vfio_dev dev;

	ASSERT_EQ(0, vfio_bind_driver(bdf));
	ASSERT_EQ(0, vfio_type1_open(&c));
	ASSERT_EQ(0, vfio_type1_add(&c, &dev, bdf));
	ASSERT_EQ(0, endpoint_enable(&dev));
	EXPECT_TRUE(endpoint_blocked(&dev, phys));
	ASSERT_EQ(0, vfio_type1_map(&c, mem, PAGE, NO_MEMORY, MAP_RW));
	EXPECT_TRUE(moves_bytes(&dev, NO_MEMORY, mem, seed));
	vfio_close(&dev);
	vfio_type1_close(&c);
}

/* Pass-through, a driver's domain, and pass-through: none uses what another one has cached. */
TEST_F_TIMEOUT(group, lent_and_back, 600)
{
	struct vfio_dev *dev = &self->dev;
	char bdf[PCI_BDF_LEN];
	int i;

	if (access("/dev/vfio/vfio", F_OK))
		SKIP(return, "no /dev/vfio/vfio");
	set_type(_metadata, dev->bdf, "identity");
	memcpy(bdf, dev->bdf, sizeof(bdf));
	for (i = 0; i < SWITCHES; i++) {
		EXPECT_TRUE(moves_bytes(dev, self->phys, self->mem, 0x20 + i));
		munmap(dev->bar, dev->bar_size);
		lend_endpoint(_metadata, bdf, self->mem, self->phys, 0x40 + i);
		take_endpoint(_metadata, dev, bdf);
		EXPECT_TRUE(finds_nothing(dev, NO_MEMORY));
	}
	EXPECT_TRUE(moves_bytes(dev, self->phys, self->mem, 0x60));
}

FIXTURE(beside)
{
	char bdf[2][PCI_BDF_LEN];
	char was[2][16];
	struct vfio_dev dev;
	unsigned char *mem[2];
	__u64 phys[2];
};

FIXTURE_SETUP(beside)
{
	int i;

	if (endpoint_find(self->bdf, 2) < 2 || pci_same_group(self->bdf[0], self->bdf[1]))
		SKIP(return, "no two endpoints with a group each");
	if (access("/dev/vfio/vfio", F_OK))
		SKIP(return, "no /dev/vfio/vfio");
	for (i = 0; i < 2; i++) {
		if (pci_attr_read(self->bdf[i], TYPE, self->was[i], sizeof(self->was[i])))
			SKIP(return, "the kernel does not tell the group's type");
		self->mem[i] = lock_page(_metadata, &self->phys[i]);
	}
	take_endpoint(_metadata, &self->dev, self->bdf[0]);
}

FIXTURE_TEARDOWN(beside)
{
	int i;

	if (!self->dev.bar)
		return;
	munmap(self->dev.bar, self->dev.bar_size);
	pci_unbind_driver(self->bdf[1]);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, pci_attr_write(self->bdf[i], TYPE, self->was[i]));
		munmap(self->mem[i], PAGE);
	}
}

/* One endpoint passes through all the time, and the other one changes. */
TEST_F_TIMEOUT(beside, dma_goes_on, 600)
{
	struct reader r = { .dev = &self->dev };
	int i;

	pci_unbind_driver(self->bdf[1]);
	for (i = 0; i < 2; i++)
		set_type(_metadata, self->bdf[i], "identity");
	pattern_fill(self->mem[0], PAGE, 0x71);
	for (i = 0; i < READER_PAGES; i++) {
		r.iova[i] = self->phys[0] + i * PAGE / READER_PAGES;
		r.data[i] = self->mem[0] + i * PAGE / READER_PAGES;
	}
	ASSERT_EQ(0, reader_start(&r));
	for (i = 0; i < SWITCHES; i++) {
		lend_endpoint(_metadata, self->bdf[1], self->mem[1], self->phys[1], 0x80 + i);
		reader_wait(&r, 1);
		ASSERT_EQ(0, pci_unbind_driver(self->bdf[1]));
		set_type(_metadata, self->bdf[1], i % 2 ? "identity" : "DMA");
		reader_wait(&r, 1);
	}
	ASSERT_EQ(0, reader_stop(&r));
	EXPECT_EQ(0, r.faults);
	EXPECT_LE(2 * SWITCHES, r.reads);
}

FIXTURE(shared)
{
	struct nested n;
	struct nested_s1 s1;
	__u64 page;
	__u64 violations;
};

FIXTURE_VARIANT(shared)
{
	const char *segment;
	const char *violations;
	const char *devtlb_invs;
	bool ats;
};

FIXTURE_VARIANT_ADD(shared, functions)
{
	.segment = "1000:",
	.violations = "violations",
	.devtlb_invs = "devtlb_invs",
	.ats = true,
};

FIXTURE_VARIANT_ADD(shared, ports)
{
	.segment = "1001:",
	.violations = "../vtdsim1/violations",
	.devtlb_invs = "../vtdsim1/devtlb_invs",
	.ats = true,
};

FIXTURE_VARIANT_ADD(shared, bridge)
{
	.segment = "1003:",
	.violations = "../vtdsim3/violations",
	.devtlb_invs = "../vtdsim3/devtlb_invs",
	.ats = false,
};

FIXTURE_SETUP(shared)
{
	struct nested *n = &self->n;

	NESTED_SETUP(return, nested_open_in, n, variant->segment, 2);
	if (!pci_same_group(n->dev[0].bdf, n->dev[1].bdf)) {
		nested_close(n);
		SKIP(return, "the first two endpoints are in two groups");
	}
	ASSERT_EQ(0, vtdsim_counter(variant->violations, &self->violations));
	ASSERT_EQ(0, nested_s1_create_mapped(n, &self->s1, &self->page));
}

FIXTURE_TEARDOWN(shared)
{
	__u64 now;

	EXPECT_EQ(0, nested_close(&self->n));
	EXPECT_EQ(0, vtdsim_counter(variant->violations, &now));
	EXPECT_EQ(self->violations, now);
}

TEST_F(shared, attach_both)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], self->s1.hwpt));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(self->page, nested_see(n, 1, NESTED_IOVA));

	/* One goes, and the other stays; the group has the table until both have gone. */
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	EXPECT_EQ(self->page, nested_see(n, 1, NESTED_IOVA));
	ASSERT_EQ(0, vfio_detach(&n->dev[1]));
	EXPECT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
	EXPECT_TRUE(nested_blocked(n, 1, NESTED_IOVA));
}

TEST_F(shared, replace_both)
{
	struct nested *n = &self->n;
	struct nested_s1 other;
	__u64 page;

	ASSERT_EQ(0, nested_s1_create_mapped(n, &other, &page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], self->s1.hwpt));
	ASSERT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(self->page, nested_see(n, 1, NESTED_IOVA));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], other.hwpt));
	EXPECT_EQ(page, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(page, nested_see(n, 1, NESTED_IOVA));
	/* By the nest parent, and back */
	ASSERT_EQ(0, vfio_attach(&n->dev[1], n->parent));
	EXPECT_EQ(page, nested_see(n, 0, page));
	EXPECT_EQ(page, nested_see(n, 1, page));
	EXPECT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(self->page, nested_see(n, 1, NESTED_IOVA));
}

/* Neither endpoint may use what it had cached, in the unit or in its device TLB. */
TEST_F(shared, invalidate_both)
{
	struct nested *n = &self->n;
	__u64 page;
	int i;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], self->s1.hwpt));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(self->page, nested_see(n, i, NESTED_IOVA));
	page = nested_page(n);
	ASSERT_NE(0, page);
	stage1_map(&self->s1.t, NESTED_IOVA, page, S1_4K, S1_RW);
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 1, 0));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(page, nested_see(n, i, NESTED_IOVA));
	stage1_set(stage1_entry(&self->s1.t, NESTED_IOVA, 1), 0);
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, 0, ~0ULL, 0));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, i, NESTED_IOVA));
}

/* Root ports forward ATS, and a bridge to PCI does not. */
TEST_F(shared, device_tlbs)
{
	struct nested *n = &self->n;
	__u64 before, after;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(0, vtdsim_counter(variant->devtlb_invs, &before));
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 1, 0));
	ASSERT_EQ(0, vtdsim_counter(variant->devtlb_invs, &after));
	/* One for each device of the group */
	EXPECT_EQ(variant->ats ? 2 : 0, after - before);
}

FIXTURE(apart)
{
	struct nested n;
};

FIXTURE_SETUP(apart)
{
	NESTED_SETUP(return, nested_open_in, &self->n, "1002:", 2);
}

FIXTURE_TEARDOWN(apart)
{
	EXPECT_EQ(0, nested_close(&self->n));
}

/* Behind a switch with Access Control Services, each endpoint is in a group of its own. */
TEST_F(apart, each_has_its_own)
{
	struct nested *n = &self->n;
	struct nested_s1 s1[2];
	__u64 page[2];
	int i;

	ASSERT_FALSE(pci_same_group(n->dev[0].bdf, n->dev[1].bdf));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, nested_s1_create_mapped(n, &s1[i], &page[i]));
		ASSERT_EQ(0, vfio_attach(&n->dev[i], s1[i].hwpt));
	}
	for (i = 0; i < 2; i++)
		EXPECT_EQ(page[i], nested_see(n, i, NESTED_IOVA));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	EXPECT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
	EXPECT_EQ(page[1], nested_see(n, 1, NESTED_IOVA));
}

TEST_HARNESS_MAIN
