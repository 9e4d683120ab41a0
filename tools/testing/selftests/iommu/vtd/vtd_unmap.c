// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unmapping in pieces of several sizes. The IOMMU core unmaps a range in pieces
 * as large as pages may be, flushes where the size changes, and frees tables
 * that have become empty. Whatever the order, the unit may not use anything it
 * has cached, and no table may be freed before it is invalidated.
 */
#include <unistd.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "nested.h"

#define IN_LARGE	512U	/* 4 KiB pages in a large page */
#define BOUNDARY	0x400000000000ULL

FIXTURE(unmap)
{
	int iommufd;
	struct vfio_dev dev;
	__u32 ioas;
	unsigned char *mem;
	size_t len;
};

FIXTURE_SETUP(unmap)
{
	char bdf[1][PCI_BDF_LEN];
	size_t i;

	if (endpoint_find(bdf, 1) < 1)
		SKIP(return, "no vtdsim endpoint");
	self->len = (IN_LARGE + 2) * PAGE;
	self->mem = mmap(NULL, self->len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->mem);
	/* Backwards, or the pages might be contiguous and mapped as a large one. */
	for (i = self->len; i; i -= PAGE)
		self->mem[i - PAGE] = 1 + i / PAGE;

	self->iommufd = iommufd_open();
	ASSERT_LE(0, self->iommufd);
	ASSERT_EQ(0, endpoint_open(&self->dev, bdf[0], self->iommufd));
	ASSERT_EQ(0, iommufd_ioas_alloc(self->iommufd, &self->ioas));
	ASSERT_EQ(0, vfio_attach(&self->dev, self->ioas));
}

FIXTURE_TEARDOWN(unmap)
{
	vfio_close(&self->dev);
	close(self->iommufd);
	munmap(self->mem, self->len);
}

/*
 * A small page, all small pages of a large one, and another small page. The
 * second piece makes a table empty, before the flush of the first piece.
 */
TEST_F(unmap, table_in_the_middle)
{
	const __u64 iova = BOUNDARY - PAGE;
	unsigned int i;

	ASSERT_EQ(0, iommufd_ioas_map(self->iommufd, self->ioas, self->mem,
				      self->len, iova, IOMMUFD_MAP_RW));
	for (i = 0; i < self->len / PAGE; i += 57)
		EXPECT_TRUE(endpoint_reads(&self->dev, iova + i * PAGE,
					   self->mem + i * PAGE, 1));
	ASSERT_EQ(0, iommufd_ioas_unmap(self->iommufd, self->ioas, iova,
					self->len));

	/* Neither pages nor tables may still be cached. */
	for (i = 0; i < self->len / PAGE; i++)
		ASSERT_TRUE(endpoint_blocked(&self->dev, iova + i * PAGE))
			TH_LOG("page %u is still mapped", i);
}

/* Map other memory at the same addresses. */
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
			ASSERT_TRUE(endpoint_reads(&self->dev, iova + i * PAGE,
						   va + i * PAGE, 1));
		ASSERT_EQ(0, iommufd_ioas_unmap(self->iommufd, self->ioas,
						iova, len));
	}
}

TEST_HARNESS_MAIN
