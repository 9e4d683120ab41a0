// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the user API has got after Linux 6.12, below a stage-1 table: memory that is
 * mapped by its file, and the capability that says whether a device has ATS. On older
 * kernels the tests skip.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "nested.h"
#include "sysfs.h"

/* IOMMU_IOAS_MAP_FILE, IOMMU_HW_CAP_PCI_ATS_NOT_SUPPORTED: not in older headers */
#define IOAS_MAP_FILE		_IO(IOMMUFD_TYPE, 0x8f)
#define CAP_ATS_NOT_SUPPORTED	0x8

/* Beside the guest's memory */
#define FILE_GPA	(NESTED_GPA + SIZE_1G)
#define FILE_SIZE	(2ULL << 20)

/* struct iommu_ioas_map_file */
struct map_file {
	__u32 size;
	__u32 flags;
	__u32 ioas_id;
	__s32 fd;
	__aligned_u64 start;
	__aligned_u64 length;
	__aligned_u64 iova;
};

FIXTURE(newer)
{
	struct nested n;
	int file;
	__u64 *mem;
};

FIXTURE_SETUP(newer)
{
	NESTED_SETUP(return, nested_open, &self->n, 1);
	self->file = memfd_create("memory of a guest", MFD_CLOEXEC);
	ASSERT_LT(0, self->file);
	ASSERT_EQ(0, ftruncate(self->file, FILE_SIZE));
	self->mem = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, self->file, 0);
	ASSERT_NE(MAP_FAILED, self->mem);
}

FIXTURE_TEARDOWN(newer)
{
	EXPECT_EQ(0, nested_close(&self->n));
	munmap(self->mem, FILE_SIZE);
	close(self->file);
}

static int file_map(struct nested *n, int fd, __u64 iova, __u32 access)
{
	struct map_file cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | access,
		.ioas_id = n->ioas,
		.fd = fd,
		.length = FILE_SIZE,
		.iova = iova,
	};

	return iommufd_ioctl(n->iommufd, IOAS_MAP_FILE, &cmd);
}

/* Memory is in the parent's table whether its address or its file was named. */
TEST_F(newer, memory_by_file)
{
	struct nested *n = &self->n;
	struct nested_s1 s1;
	int ret = file_map(n, self->file, FILE_GPA, IOMMUFD_MAP_RW);

	if (ret == -ENOTTY)
		SKIP(return, "iommufd maps no files");
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, nested_s1_create(n, &s1, 4));
	stage1_map(&s1.t, NESTED_IOVA, FILE_GPA + PAGE, S1_4K, S1_RW);
	ASSERT_EQ(0, vfio_attach(&n->dev[0], s1.hwpt));
	self->mem[PAGE / 8] = 0xf11e;
	EXPECT_EQ(0xf11e, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(0, nested_poke(n, 0, NESTED_IOVA + 8, 0xbac4));
	EXPECT_EQ(0xbac4, self->mem[PAGE / 8 + 1]);
	ASSERT_EQ(0, nested_unmap(n, FILE_GPA, FILE_SIZE));
	EXPECT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
}

/* Erratum 772415 does not ask how the memory was named. */
TEST_F(newer, read_only_by_file)
{
	struct nested *n = &self->n;
	bool affected = n->unit.flags & IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17;
	struct nested_s1 s1;
	int ret;

	ASSERT_EQ(0, nested_s1_create(n, &s1, 4));
	ret = file_map(n, self->file, FILE_GPA, IOMMU_IOAS_MAP_READABLE);
	if (ret == -ENOTTY)
		SKIP(return, "iommufd maps no files");
	EXPECT_EQ(affected ? -EINVAL : 0, ret);
}

/* A VMM shows ATS to its guest only if the kernel can use it. */
TEST_F(newer, ats_can_be_used)
{
	struct nested *n = &self->n;
	struct iommu_hw_info info;
	struct iommu_hw_info_vtd vtd;
	char cmdline[4096] = "";
	bool without;

	if (file_map(n, -1, FILE_GPA, IOMMUFD_MAP_RW) == -ENOTTY)
		SKIP(return, "iommufd is older than the capability");
	ASSERT_EQ(0, sysfs_read("/proc/cmdline", cmdline, sizeof(cmdline)));
	without = strstr(cmdline, "pci=noats");
	ASSERT_EQ(0, iommufd_hw_info(n->iommufd, n->dev[0].id, &info, &vtd));
	EXPECT_EQ(without, !!(info.out_capabilities & CAP_ATS_NOT_SUPPORTED));
}

TEST_HARNESS_MAIN
