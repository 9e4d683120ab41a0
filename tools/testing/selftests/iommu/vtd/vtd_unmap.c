// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unmapping in pieces of several sizes. The IOMMU core takes a range away in
 * pieces as large as pages may be, flushes where the size changes, and frees the
 * tables that have become empty: whatever the order, nothing may be left that
 * the unit has cached, and no table be freed before the unit has forgotten it.
 */
#include <unistd.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "vtd_nested.h"

#define IN_LARGE	512U	/* small pages in the room of a large one */
#define BOUNDARY	0x400000000000ULL

FIXTURE(unmap)
{
	int iommufd;
	struct vfio_dev dev;
	bool opened;
	__u32 ioas;
	unsigned char *mem;
	size_t len;
	struct endpoint_result res;
};

FIXTURE_SETUP(unmap)
{
	char bdf[1][PCI_BDF_LEN];
	size_t i;

	self->iommufd = -1;
	if (pci_find(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, bdf, 1) < 1)
		SKIP(return, "no vtdsim endpoint");
	self->len = (IN_LARGE + 2) * PAGE;
	self->mem = mmap(NULL, self->len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->mem);
	/* From the end, or they might be contiguous, and get a large page. */
	for (i = self->len; i; i -= PAGE)
		self->mem[i - PAGE] = 1 + i / PAGE;

	ASSERT_EQ(0, vfio_bind_driver(bdf[0]));
	self->iommufd = iommufd_open();
	ASSERT_LE(0, self->iommufd);
	ASSERT_EQ(0, vfio_open(&self->dev, bdf[0], self->iommufd));
	self->opened = true;
	ASSERT_EQ(0, endpoint_check(&self->dev));
	ASSERT_EQ(0, iommufd_ioas_alloc(self->iommufd, &self->ioas));
	ASSERT_EQ(0, vfio_attach(&self->dev, self->ioas));
	ASSERT_EQ(0, vfio_bus_master(&self->dev, true));
}

FIXTURE_TEARDOWN(unmap)
{
	if (self->opened)
		vfio_close(&self->dev);
	if (self->iommufd >= 0)
		close(self->iommufd);
	if (self->mem)
		munmap(self->mem, self->len);
}

/* Does the device, at @iova, read what is at @va? */
static bool reads(struct vfio_dev *dev, __u64 iova, const unsigned char *va)
{
	struct endpoint_result res;
	unsigned char byte;

	return !endpoint_read(dev, iova, &byte, 1, &res) &&
	       res.status == VTDSIM_EP_S_OK && byte == *va;
}

/*
 * One small page, those of a whole large page, and another small one: the second
 * piece makes a table empty, and the flush of the first comes after that.
 */
TEST_F(unmap, table_in_the_middle)
{
	const __u64 iova = BOUNDARY - PAGE;
	unsigned int i;

	ASSERT_EQ(0, iommufd_ioas_map(self->iommufd, self->ioas, self->mem,
				      self->len, iova, IOMMUFD_MAP_RW));
	for (i = 0; i < self->len / PAGE; i += 57)
		EXPECT_TRUE(reads(&self->dev, iova + i * PAGE,
				  self->mem + i * PAGE));
	ASSERT_EQ(0, iommufd_ioas_unmap(self->iommufd, self->ioas, iova,
					self->len));

	/* What the unit has cached of single pages is gone; of tables, too? */
	for (i = 0; i < self->len / PAGE; i++) {
		unsigned char byte;

		ASSERT_EQ(0, endpoint_read(&self->dev, iova + i * PAGE, &byte,
					   1, &self->res));
		ASSERT_EQ(VTDSIM_EP_S_FAULT, self->res.status)
			TH_LOG("page %u is still mapped", i);
	}
}

/* The same addresses with other memory, small pages in place of large. */
TEST_F(unmap, other_memory_after_that)
{
	const __u64 iova = BOUNDARY - PAGE;
	unsigned int i, round;

	for (round = 0; round < 4; round++) {
		unsigned char *va = self->mem + round * PAGE;
		size_t len = self->len - round * PAGE;

		ASSERT_EQ(0, iommufd_ioas_map(self->iommufd, self->ioas, va,
					      len, iova, IOMMUFD_MAP_RW));
		for (i = 0; i < len / PAGE; i += 31)
			ASSERT_TRUE(reads(&self->dev, iova + i * PAGE,
					  va + i * PAGE));
		ASSERT_EQ(0, iommufd_ioas_unmap(self->iommufd, self->ioas,
						iova, len));
	}
}

TEST_HARNESS_MAIN
