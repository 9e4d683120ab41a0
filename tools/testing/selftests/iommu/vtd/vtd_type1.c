// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA of an endpoint through VFIO's container, the interface of programs without
 * iommufd. In a guest, it makes the guest's driver build first-stage tables and
 * invalidate them. So this is the guest's part of the test of nested translation
 * with a real VMM (vtd_nested_vmm.sh).
 *
 * Where interrupts are not remapped, the kernel needs
 * vfio_iommu_type1.allow_unsafe_interrupts=1.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <linux/vfio.h>
#include <sys/mman.h>

#include "kselftest_harness.h"

#include "endpoint.h"
#include "nested_event.h"
#include "nested_reader.h"
#include "pattern.h"
#include "util.h"
#include "vfio_type1.h"

#define PAGES		16U
#define LEN		(PAGES * PAGE)
#define IOVA		0x40000000ULL
#define MAP_R		VFIO_DMA_MAP_FLAG_READ
#define MAP_RW		(MAP_R | VFIO_DMA_MAP_FLAG_WRITE)
#define ROUNDS		20

FIXTURE(type1)
{
	struct vfio_type1 container;
	struct vfio_dev dev[2];
	char bdf[2][PCI_BDF_LEN];
	int present;
	int ndev;
	unsigned char *mem;
	unsigned char data[PAGE];
	struct endpoint_result res;
};

static int add_device(struct vfio_type1 *c, struct vfio_dev *dev,
		      const char *bdf)
{
	int ret;

	ret = vfio_bind_driver(bdf);
	if (!ret)
		ret = vfio_type1_add(c, dev, bdf);
	return ret ?: endpoint_enable(dev);
}

FIXTURE_SETUP(type1)
{
	self->container.fd = -1;
	self->present = endpoint_find(self->bdf, 2);
	if (self->present < 1)
		SKIP(return, "no vtdsim endpoint");
	if (access("/dev/vfio/vfio", F_OK))
		SKIP(return, "no /dev/vfio/vfio");
	self->mem = mmap(NULL, LEN, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, self->mem);
	ASSERT_EQ(0, vfio_type1_open(&self->container));
	ASSERT_EQ(0, add_device(&self->container, &self->dev[0], self->bdf[0]))
		TH_LOG("%s (vfio_iommu_type1.allow_unsafe_interrupts=1?)",
		       self->bdf[0]);
	self->ndev = 1;
}

FIXTURE_TEARDOWN(type1)
{
	while (self->ndev)
		vfio_close(&self->dev[--self->ndev]);
	if (self->container.fd >= 0)
		vfio_type1_close(&self->container);
	if (self->mem)
		munmap(self->mem, LEN);
}

static bool reads_page(struct vfio_dev *dev, __u64 iova, const void *va)
{
	return endpoint_reads(dev, iova, va, PAGE);
}

TEST_F(type1, moves_bytes_both_ways)
{
	unsigned int i;

	pattern_fill(self->mem, LEN, 1);
	ASSERT_EQ(0, vfio_type1_map(&self->container, self->mem, LEN, IOVA,
				    MAP_RW));
	for (i = 0; i < PAGES; i++)
		EXPECT_TRUE(reads_page(&self->dev[0], IOVA + i * PAGE,
				       self->mem + i * PAGE));

	pattern_fill(self->data, PAGE, 0x80);
	for (i = 0; i < PAGES; i++) {
		EXPECT_TRUE(endpoint_writes(&self->dev[0], IOVA + i * PAGE,
					    self->data, PAGE));
		EXPECT_EQ(0, memcmp(self->mem + i * PAGE, self->data, PAGE));
	}

	/* Across a page. */
	pattern_fill(self->data, PAGE, 0x33);
	EXPECT_TRUE(endpoint_writes(&self->dev[0], IOVA + PAGE / 2, self->data,
				    PAGE));
	EXPECT_EQ(0, memcmp(self->mem + PAGE / 2, self->data, PAGE));
}

TEST_F(type1, adds_atomically)
{
	__u64 *number = (__u64 *)(self->mem + 64);

	*number = 40;
	ASSERT_EQ(0, vfio_type1_map(&self->container, self->mem, PAGE, IOVA,
				    MAP_RW));
	ASSERT_EQ(0, endpoint_fetch_add(&self->dev[0], IOVA + 64, 2, 8,
					&self->res));
	EXPECT_EQ(VTDSIM_EP_S_OK, self->res.status);
	EXPECT_EQ(40, self->res.old);
	EXPECT_EQ(42, *number);
}

TEST_F(type1, not_mapped_is_blocked)
{
	EXPECT_TRUE(endpoint_blocked(&self->dev[0], IOVA));
	ASSERT_EQ(0, vfio_type1_map(&self->container, self->mem, PAGE, IOVA,
				    MAP_RW));
	EXPECT_TRUE(reads_page(&self->dev[0], IOVA, self->mem));
	EXPECT_TRUE(endpoint_blocked(&self->dev[0], IOVA + PAGE));
	EXPECT_TRUE(endpoint_blocked(&self->dev[0], IOVA - PAGE));
	EXPECT_TRUE(endpoint_blocked(&self->dev[0], 0));
}

TEST_F(type1, read_only_is_not_written)
{
	pattern_fill(self->mem, PAGE, 5);
	ASSERT_EQ(0, vfio_type1_map(&self->container, self->mem, PAGE, IOVA,
				    MAP_R));
	EXPECT_TRUE(reads_page(&self->dev[0], IOVA, self->mem));
	memset(self->data, 0, PAGE);
	ASSERT_EQ(0, endpoint_write(&self->dev[0], IOVA, self->data, PAGE,
				    &self->res));
	EXPECT_EQ(VTDSIM_EP_S_FAULT, self->res.status);
	EXPECT_EQ(0, self->res.count);
	EXPECT_TRUE(reads_page(&self->dev[0], IOVA, self->mem));
}

/* What the unit has cached of a mapping must not be used after it. */
TEST_F(type1, unmapped_is_gone)
{
	unsigned int i;

	ASSERT_EQ(0, vfio_type1_map(&self->container, self->mem, LEN, IOVA,
				    MAP_RW));
	for (i = 0; i < PAGES; i++)
		EXPECT_TRUE(reads_page(&self->dev[0], IOVA + i * PAGE,
				       self->mem + i * PAGE));
	ASSERT_EQ(0, vfio_type1_unmap(&self->container, IOVA, LEN));
	for (i = 0; i < PAGES; i++)
		EXPECT_TRUE(endpoint_blocked(&self->dev[0], IOVA + i * PAGE));
}

TEST_F(type1, remapped_leads_elsewhere)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		pattern_fill(self->mem + i * PAGE, PAGE, 0x11 * i);
	for (i = 0; i < ROUNDS; i++) {
		unsigned char *page = self->mem + i % PAGES * PAGE;

		ASSERT_EQ(0, vfio_type1_map(&self->container, page, PAGE, IOVA,
					    MAP_RW));
		EXPECT_TRUE(reads_page(&self->dev[0], IOVA, page));
		ASSERT_EQ(0, vfio_type1_unmap(&self->container, IOVA, PAGE));
	}
	EXPECT_TRUE(endpoint_blocked(&self->dev[0], IOVA));
}

/* Tables that become empty are freed, and their memory is used again. */
TEST_F(type1, far_apart_and_back)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		pattern_fill(self->mem + i * PAGE, PAGE, 0x0f * i);
	for (i = 0; i < PAGES; i++)
		ASSERT_EQ(0, vfio_type1_map(&self->container,
					    self->mem + i * PAGE, PAGE,
					    IOVA + i * SIZE_1G, MAP_RW));
	for (i = 0; i < PAGES; i++)
		EXPECT_TRUE(reads_page(&self->dev[0], IOVA + i * SIZE_1G,
				       self->mem + i * PAGE));
	for (i = 0; i < PAGES; i += 2)
		ASSERT_EQ(0, vfio_type1_unmap(&self->container,
					      IOVA + i * SIZE_1G, PAGE));
	for (i = 0; i < PAGES; i++) {
		__u64 iova = IOVA + i * SIZE_1G;

		EXPECT_TRUE(i % 2 ? reads_page(&self->dev[0], iova, self->mem + i * PAGE) :
				    endpoint_blocked(&self->dev[0], iova));
	}
}

TEST_F(type1, message_arrives)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_NOP,
		.flags = VTDSIM_EP_F_MSI,
	};
	int irq = event_create();

	ASSERT_LE(0, irq);
	ASSERT_EQ(0, vfio_msi_enable(&self->dev[0], irq));
	ASSERT_EQ(0, endpoint_run(&self->dev[0], &cmd, &self->res));
	EXPECT_EQ(1, event_count(irq, EVENT_PATIENCE_MS));
	EXPECT_EQ(0, vfio_msi_disable(&self->dev[0]));
	close(irq);
}

TEST_F(type1, reset_stops_it_and_no_more)
{
	pattern_fill(self->mem, PAGE, 9);
	ASSERT_EQ(0, vfio_type1_map(&self->container, self->mem, PAGE, IOVA,
				    MAP_RW));
	EXPECT_TRUE(reads_page(&self->dev[0], IOVA, self->mem));
	ASSERT_EQ(0, endpoint_reset(&self->dev[0]));
	EXPECT_TRUE(reads_page(&self->dev[0], IOVA, self->mem));
}

TEST_F(type1, unbound_and_bound_again)
{
	pattern_fill(self->mem, PAGE, 0x21);
	vfio_close(&self->dev[0]);
	self->ndev = 0;
	vfio_type1_close(&self->container);
	ASSERT_EQ(0, pci_unbind_driver(self->bdf[0]));

	ASSERT_EQ(0, vfio_type1_open(&self->container));
	ASSERT_EQ(0, add_device(&self->container, &self->dev[0],
				self->bdf[0]));
	self->ndev = 1;
	EXPECT_TRUE(endpoint_blocked(&self->dev[0], IOVA));
	ASSERT_EQ(0, vfio_type1_map(&self->container, self->mem, PAGE, IOVA,
				    MAP_RW));
	EXPECT_TRUE(reads_page(&self->dev[0], IOVA, self->mem));
}

TEST_F(type1, two_devices_share_mappings)
{
	if (self->present < 2)
		SKIP(return, "one endpoint only");
	pattern_fill(self->mem, LEN, 0x42);
	ASSERT_EQ(0, vfio_type1_map(&self->container, self->mem, PAGE, IOVA,
				    MAP_RW));
	EXPECT_TRUE(reads_page(&self->dev[0], IOVA, self->mem));
	ASSERT_EQ(0, add_device(&self->container, &self->dev[1],
				self->bdf[1]));
	self->ndev = 2;
	EXPECT_TRUE(reads_page(&self->dev[1], IOVA, self->mem));

	ASSERT_EQ(0, vfio_type1_map(&self->container, self->mem + PAGE, PAGE,
				    IOVA + PAGE, MAP_RW));
	EXPECT_TRUE(reads_page(&self->dev[0], IOVA + PAGE, self->mem + PAGE));
	EXPECT_TRUE(reads_page(&self->dev[1], IOVA + PAGE, self->mem + PAGE));
	ASSERT_EQ(0, vfio_type1_unmap(&self->container, IOVA, PAGE));
	EXPECT_TRUE(endpoint_blocked(&self->dev[0], IOVA));
	EXPECT_TRUE(endpoint_blocked(&self->dev[1], IOVA));

	/* One leaves; the other goes on. */
	vfio_close(&self->dev[1]);
	self->ndev = 1;
	EXPECT_TRUE(reads_page(&self->dev[0], IOVA + PAGE, self->mem + PAGE));
}

/* Another device comes, uses the mapping between those that the first one reads, and goes. */
static bool other_comes_and_goes(struct vfio_type1 *c, const char *bdf, void *page)
{
	struct vfio_dev dev;
	bool ok;

	if (add_device(c, &dev, bdf))
		return false;
	ok = reads_page(&dev, IOVA + PAGE, page) && !vfio_type1_unmap(c, IOVA + PAGE, PAGE) &&
	     endpoint_blocked(&dev, IOVA + PAGE) &&
	     !vfio_type1_map(c, page, PAGE, IOVA + PAGE, MAP_RW);
	vfio_type1_remove(c, &dev);
	return ok;
}

/*
 * DMA goes on through every flush of its domain: of pages between those that it uses, and of the
 * whole domain when another device comes.
 */
TEST_F_TIMEOUT(type1, flushes_do_not_interrupt, 600)
{
	struct reader r = { .dev = &self->dev[0] };
	unsigned int i;

	pattern_fill(self->mem, LEN, 0x77);
	for (i = 0; i < READER_PAGES; i++) {
		r.iova[i] = IOVA + i * (PAGES - 1) * PAGE;
		r.data[i] = self->mem + i * (PAGES - 1) * PAGE;
		ASSERT_EQ(0, vfio_type1_map(&self->container, (void *)r.data[i], PAGE, r.iova[i],
					    MAP_R));
	}
	ASSERT_EQ(0, reader_start(&r));
	for (i = 0; i < ROUNDS; i++) {
		unsigned char *page = self->mem + (1 + i % (PAGES - 2)) * PAGE;

		ASSERT_EQ(0, vfio_type1_map(&self->container, page, PAGE, IOVA + PAGE, MAP_RW));
		ASSERT_EQ(0, vfio_type1_map(&self->container, self->mem + 2 * PAGE,
					    (PAGES - 3) * PAGE, IOVA + 2 * PAGE, MAP_RW));
		reader_wait(&r, 1);
		if (self->present > 1 && !(i % 4))
			EXPECT_TRUE(other_comes_and_goes(&self->container, self->bdf[1], page));
		ASSERT_EQ(0, vfio_type1_unmap(&self->container, IOVA + PAGE, (PAGES - 2) * PAGE));
		reader_wait(&r, 1);
	}
	ASSERT_EQ(0, reader_stop(&r));
	EXPECT_EQ(0, r.faults);
	EXPECT_LE(2 * ROUNDS, r.reads);
	EXPECT_TRUE(endpoint_blocked(&self->dev[0], IOVA + PAGE));
}

TEST_HARNESS_MAIN
