// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attach, replace and detach of nested page tables: a device uses the table
 * it is attached to, all of it and nothing else.
 *
 * All stage-1 tables map the same addresses, so that a device that uses a
 * translation of a table it has left is noticed.
 */
#include <errno.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "nested.h"

#define DOMAINS	2

FIXTURE(attach)
{
	struct nested n;
	struct nested_s1 s1[DOMAINS];
	__u64 page[DOMAINS];
};

static int open_two_tables(struct nested *n, int ndev, struct nested_s1 *s1,
			   __u64 *page, const char **skip)
{
	int i, ret;

	ret = nested_open(n, ndev, skip);
	for (i = 0; !ret && i < DOMAINS; i++)
		ret = nested_s1_create_mapped(n, &s1[i], &page[i]);
	return ret;
}

FIXTURE_SETUP(attach)
{
	NESTED_SETUP(return, open_two_tables, &self->n, 1, self->s1, self->page);
}

FIXTURE_TEARDOWN(attach)
{
	EXPECT_EQ(0, nested_finish(&self->n));
}

TEST_F(attach, nothing_before_and_after)
{
	struct nested *n = &self->n;

	EXPECT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
	EXPECT_TRUE(nested_blocked(n, 0, self->page[0]));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
	EXPECT_TRUE(nested_blocked(n, 0, self->page[0]));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	EXPECT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
	EXPECT_TRUE(nested_blocked(n, 0, self->page[0]));
}

TEST_F(attach, again_and_again)
{
	struct nested *n = &self->n;
	int i;

	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[i & 1].hwpt));
		ASSERT_EQ(self->page[i & 1], nested_see(n, 0, NESTED_IOVA));
		ASSERT_EQ(0, vfio_detach(&n->dev[0]));
		ASSERT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
	}
}

TEST_F(attach, replace_s1_by_s1)
{
	struct nested *n = &self->n;
	int i;

	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[i & 1].hwpt));
		ASSERT_EQ(self->page[i & 1], nested_see(n, 0, NESTED_IOVA));
	}
}

TEST_F(attach, replace_by_itself)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, self->s1[0].hwpt));
}

/* Translations that only one of the two tables has. */
TEST_F(attach, replace_leaves_nothing_behind)
{
	const __u64 only0 = NESTED_IOVA + PAGE, only1 = NESTED_IOVA + (1ULL << 39);
	struct nested *n = &self->n;

	stage1_map(&self->s1[0].t, only0, self->page[0], S1_4K, S1_RW);
	stage1_map(&self->s1[1].t, only1, self->page[1], S1_4K, S1_RW);
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	ASSERT_EQ(self->page[0], nested_see(n, 0, only0));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[1].hwpt));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, only0));
	EXPECT_EQ(self->page[1], nested_see(n, 0, only1));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, only1));
	EXPECT_EQ(self->page[0], nested_see(n, 0, only0));
}

TEST_F(attach, replace_s1_by_s2_and_back)
{
	struct nested *n = &self->n;
	int i;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
		/* A guest without IOMMU: its addresses are GPAs. */
		ASSERT_EQ(0, vfio_attach(&n->dev[0], n->parent));
		ASSERT_EQ(self->page[1], nested_see(n, 0, self->page[1]));
		ASSERT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
		ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
		ASSERT_TRUE(nested_blocked(n, 0, self->page[1]));
	}
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
}

TEST_F(attach, replace_by_an_address_space)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	ASSERT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));
	EXPECT_EQ(self->page[1], nested_see(n, 0, self->page[1]));
	EXPECT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[1].hwpt));
	EXPECT_EQ(self->page[1], nested_see(n, 0, NESTED_IOVA));
	EXPECT_TRUE(nested_blocked(n, 0, self->page[1]));
}

/* Another guest's memory at the same GPAs. */
TEST_F(attach, replace_parent)
{
	struct iommu_hwpt_vtd_s1 cfg = { .addr_width = 48 };
	struct nested *n = &self->n;
	__u32 ioas, parent, hwpt;
	struct guest other;

	ASSERT_EQ(0, guest_create(&other, NESTED_GPA, NESTED_HALF_SIZE));
	/* A copy with the table, and another mark in the page. */
	memcpy(other.va, n->guest.va, NESTED_HALF_SIZE);
	*(__u64 *)guest_va(&other, self->page[0]) = 0x2222;
	ASSERT_EQ(0, iommufd_ioas_alloc(n->iommufd, &ioas));
	ASSERT_EQ(0, iommufd_ioas_map(n->iommufd, ioas, other.va, other.size,
				      other.gpa, IOMMUFD_MAP_RW));
	ASSERT_EQ(0, iommufd_hwpt_alloc_parent(n->iommufd, n->dev[0].id, ioas,
					       &parent));
	cfg.pgtbl_addr = self->s1[0].t.root;
	ASSERT_EQ(0, iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id, parent,
					   &cfg, &hwpt));

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], hwpt));
	EXPECT_EQ(0x2222, nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));

	/* The first guest's memory is gone for this device, too. */
	ASSERT_EQ(0, vfio_attach(&n->dev[0], hwpt));
	ASSERT_EQ(0, nested_unmap_half(n, NESTED_LOW_HALF));
	EXPECT_EQ(0x2222, nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	guest_destroy(&other);
}

/* No invalidation is needed for a table that no device uses. */
TEST_F(attach, table_changed_while_detached)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	ASSERT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	stage1_map(&self->s1[0].t, NESTED_IOVA, self->page[1], S1_4K, S1_RW);
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	EXPECT_EQ(self->page[1], nested_see(n, 0, NESTED_IOVA));
}

TEST_F(attach, table_changed_while_replaced)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	ASSERT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[1].hwpt));
	stage1_map(&self->s1[0].t, NESTED_IOVA, self->page[1], S1_4K, S1_RW);
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	EXPECT_EQ(self->page[1], nested_see(n, 0, NESTED_IOVA));
}

/* IDs and memory that the kernel uses again come without stale entries. */
TEST_F(attach, new_objects_after_old)
{
	struct nested *n = &self->n;
	struct nested_s1 s1;
	__u64 page;
	int i;

	for (i = 0; i < 8; i++) {
		ASSERT_EQ(0, nested_s1_create_mapped(n, &s1, &page));
		ASSERT_EQ(0, vfio_attach(&n->dev[0], s1.hwpt));
		ASSERT_EQ(page, nested_see(n, 0, NESTED_IOVA));
		ASSERT_EQ(0, vfio_detach(&n->dev[0]));
		ASSERT_EQ(0, iommufd_destroy(n->iommufd, s1.hwpt));
	}
}

TEST_F(attach, refused_leaves_the_old)
{
	struct nested *n = &self->n;
	__u32 ioas, parent, hwpt;
	struct iommu_hwpt_vtd_s1 cfg = { .addr_width = 48 };
	void *mem;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	EXPECT_EQ(-ENOENT, vfio_attach(&n->dev[0], ~0U));
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(-EINVAL, vfio_attach(&n->dev[0], n->dev[0].id));
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));

	/* No device can be attached to a mapping of the interrupt range. */
	mem = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, mem);
	ASSERT_EQ(0, iommufd_ioas_alloc(n->iommufd, &ioas));
	ASSERT_EQ(0, iommufd_ioas_map(n->iommufd, ioas, mem, PAGE, VTD_MSI_FIRST,
				      IOMMUFD_MAP_RW));
	EXPECT_EQ(-EADDRINUSE, vfio_attach(&n->dev[0], ioas));
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, iommufd_hwpt_alloc_parent(n->iommufd, n->dev[0].id, ioas,
					       &parent));
	EXPECT_EQ(-EADDRINUSE, vfio_attach(&n->dev[0], parent));
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
	cfg.pgtbl_addr = VTD_MSI_FIRST;
	ASSERT_EQ(0, iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id, parent,
					   &cfg, &hwpt));
	EXPECT_EQ(-EADDRINUSE, vfio_attach(&n->dev[0], hwpt));
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));

	/* A refused attach leaves no references, and the old table can be left. */
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, hwpt));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, parent));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, ioas));
	EXPECT_EQ(0, vfio_attach(&n->dev[0], self->s1[1].hwpt));
	EXPECT_EQ(self->page[1], nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, self->s1[0].hwpt));
}

TEST_F(attach, first_refused)
{
	struct nested *n = &self->n;

	EXPECT_EQ(-ENOENT, vfio_attach(&n->dev[0], ~0U));
	EXPECT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
}

TEST_F(attach, interrupt_range_stays_free)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	EXPECT_EQ(-EINVAL, iommufd_ioas_map(n->iommufd, n->ioas, n->guest.va,
					    PAGE, VTD_MSI_FIRST, IOMMUFD_MAP_RW));
	EXPECT_EQ(-EINVAL, iommufd_ioas_map(n->iommufd, n->ioas, n->guest.va,
					    2 * PAGE, VTD_MSI_FIRST - PAGE,
					    IOMMUFD_MAP_RW));
	EXPECT_EQ(-EINVAL, iommufd_ioas_map(n->iommufd, n->ioas, n->guest.va,
					    PAGE, VTD_MSI_LAST + 1 - PAGE, IOMMUFD_MAP_RW));
	EXPECT_EQ(0, iommufd_ioas_map(n->iommufd, n->ioas, n->guest.va, PAGE,
				      VTD_MSI_LAST + 1, IOMMUFD_MAP_RW));
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
}

/* Two devices. */
FIXTURE(two)
{
	struct nested n;
	struct nested_s1 s1[DOMAINS];
	__u64 page[DOMAINS];
};

FIXTURE_SETUP(two)
{
	NESTED_SETUP(return, open_two_tables, &self->n, 2, self->s1, self->page);
}

FIXTURE_TEARDOWN(two)
{
	EXPECT_EQ(0, nested_finish(&self->n));
}

TEST_F(two, one_table)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	ASSERT_TRUE(nested_blocked(n, 1, NESTED_IOVA));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], self->s1[0].hwpt));
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(self->page[0], nested_see(n, 1, NESTED_IOVA));

	stage1_map(&self->s1[0].t, NESTED_IOVA, self->page[1], S1_4K, S1_RW);
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(self->page[0], nested_see(n, 1, NESTED_IOVA));
	ASSERT_EQ(0, nested_invalidate(n, self->s1[0].hwpt, NESTED_IOVA, 1, 0));
	EXPECT_EQ(self->page[1], nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(self->page[1], nested_see(n, 1, NESTED_IOVA));

	stage1_map(&self->s1[0].t, NESTED_IOVA, self->page[0], S1_4K, S1_RW);
	ASSERT_EQ(0, nested_invalidate(n, self->s1[0].hwpt, 0, ~0ULL, 0));
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(self->page[0], nested_see(n, 1, NESTED_IOVA));

	/* One leaves, the other stays, and is still invalidated. */
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	EXPECT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
	EXPECT_EQ(self->page[0], nested_see(n, 1, NESTED_IOVA));
	EXPECT_EQ(-EBUSY, iommufd_destroy(n->iommufd, self->s1[0].hwpt));
	stage1_map(&self->s1[0].t, NESTED_IOVA, self->page[1], S1_4K, S1_RW);
	ASSERT_EQ(0, nested_invalidate(n, self->s1[0].hwpt, NESTED_IOVA, 1, 0));
	EXPECT_EQ(self->page[1], nested_see(n, 1, NESTED_IOVA));
}

TEST_F(two, two_tables)
{
	struct nested *n = &self->n;
	int i;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], self->s1[1].hwpt));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
		EXPECT_EQ(self->page[1], nested_see(n, 1, NESTED_IOVA));
	}

	/* They change places, one after the other. */
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[1].hwpt));
	EXPECT_EQ(self->page[1], nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(self->page[1], nested_see(n, 1, NESTED_IOVA));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], self->s1[0].hwpt));
	EXPECT_EQ(self->page[1], nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(self->page[0], nested_see(n, 1, NESTED_IOVA));
}

TEST_F(two, stage1_and_stage2)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], n->parent));
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(self->page[1], nested_see(n, 1, self->page[1]));
	EXPECT_TRUE(nested_blocked(n, 1, NESTED_IOVA));
	EXPECT_TRUE(nested_blocked(n, 0, self->page[1]));

	/* The host takes memory from both. */
	nested_stamp(n, NESTED_HIGH_GPA);
	stage1_map(&self->s1[0].t, NESTED_IOVA + PAGE, NESTED_HIGH_GPA, S1_4K, S1_RW);
	ASSERT_EQ(NESTED_HIGH_GPA, nested_see(n, 0, NESTED_IOVA + PAGE));
	ASSERT_EQ(NESTED_HIGH_GPA, nested_see(n, 1, NESTED_HIGH_GPA));
	ASSERT_EQ(0, nested_unmap_half(n, NESTED_HIGH_HALF));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, NESTED_IOVA + PAGE));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT), nested_see(n, 1, NESTED_HIGH_GPA));
}

TEST_F(two, stage2_unmapped_below_two_tables)
{
	struct nested *n = &self->n;
	int i;

	nested_stamp(n, NESTED_HIGH_GPA);
	for (i = 0; i < 2; i++) {
		stage1_map(&self->s1[i].t, NESTED_IOVA + PAGE, NESTED_HIGH_GPA, S1_4K,
			   S1_RW);
		ASSERT_EQ(0, vfio_attach(&n->dev[i], self->s1[i].hwpt));
		ASSERT_EQ(NESTED_HIGH_GPA, nested_see(n, i, NESTED_IOVA + PAGE));
	}
	ASSERT_EQ(0, nested_unmap_half(n, NESTED_HIGH_HALF));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT),
			  nested_see(n, i, NESTED_IOVA + PAGE));
		EXPECT_EQ(self->page[i], nested_see(n, i, NESTED_IOVA));
	}
}

TEST_HARNESS_MAIN
