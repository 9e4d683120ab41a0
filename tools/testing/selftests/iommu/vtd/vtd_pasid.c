// SPDX-License-Identifier: GPL-2.0-only
/*
 * PASIDs from user space without nesting: each has a page table of the kernel's. Behind
 * the virtual unit of a guest these are first-stage tables, which a VMM that offers
 * PASIDs hands to the host.
 */
#include "kselftest_harness.h"
#include "nested_pasid.h"

FIXTURE(pasid_flat)
{
	struct nested n;
	__u32 hwpt;
	__u64 page;
};

/* Requests without PASID may have a page table, too; a PASID must not depend on that. */
FIXTURE_VARIANT(pasid_flat)
{
	bool attached;
};

FIXTURE_VARIANT_ADD(pasid_flat, alone)
{
	.attached = false,
};

FIXTURE_VARIANT_ADD(pasid_flat, beside)
{
	.attached = true,
};

FIXTURE_SETUP(pasid_flat)
{
	struct nested *n = &self->n;

	NESTED_SETUP(return, nested_open_flat, n, 1);
	if (!pasids_can_be_attached(n))
		SKIP(return, "iommufd attaches no PASIDs");
	ASSERT_EQ(0, nested_hwpt_alloc(n, 0, IOMMUFD_ALLOC_PASID, &self->hwpt));
	if (variant->attached) {
		__u32 hwpt;

		ASSERT_EQ(0, nested_hwpt_alloc(n, 0, IOMMUFD_ALLOC_PASID, &hwpt));
		ASSERT_EQ(0, vfio_attach(&n->dev[0], hwpt));
	}
	self->page = nested_page(n);
}

FIXTURE_TEARDOWN(pasid_flat)
{
	EXPECT_EQ(0, nested_close(&self->n));
}

/* A PASID that has a table reaches memory; others do not, whatever requests without any do. */
TEST_F(pasid_flat, dma)
{
	struct nested *n = &self->n;

	EXPECT_TRUE(pasid_blocked(n, PASID_A, self->page));
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, self->hwpt));
	EXPECT_EQ(self->page, pasid_see(n, PASID_A, self->page));
	EXPECT_EQ(VTDSIM_EP_S_OK, pasid_poke(n, PASID_A, self->page + 8));
	EXPECT_TRUE(pasid_blocked(n, PASID_B, self->page));
	EXPECT_EQ(!variant->attached, nested_blocked(n, 0, self->page));
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_B, self->hwpt));
	EXPECT_EQ(self->page, pasid_see(n, PASID_B, self->page));
	ASSERT_EQ(0, vfio_detach_pasid(&n->dev[0], PASID_A));
	EXPECT_TRUE(pasid_blocked(n, PASID_A, self->page));
	EXPECT_EQ(self->page, pasid_see(n, PASID_B, self->page));
}

TEST_F(pasid_flat, unmapped_is_gone)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, self->hwpt));
	EXPECT_EQ(self->page, pasid_see(n, PASID_A, self->page));
	ASSERT_EQ(0, nested_unmap_half(n, NESTED_LOW_HALF));
	EXPECT_TRUE(pasid_blocked(n, PASID_A, self->page));
	ASSERT_EQ(0, nested_map_half(n, NESTED_LOW_HALF));
	EXPECT_EQ(self->page, pasid_see(n, PASID_A, self->page));
}

/* Another table takes over on a PASID. */
TEST_F(pasid_flat, replaced)
{
	struct nested *n = &self->n;
	__u32 other;

	ASSERT_EQ(0, nested_hwpt_alloc(n, 0, IOMMUFD_ALLOC_PASID, &other));
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, self->hwpt));
	EXPECT_EQ(self->page, pasid_see(n, PASID_A, self->page));
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, other));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, self->hwpt));
	EXPECT_EQ(self->page, pasid_see(n, PASID_A, self->page));
}

TEST_HARNESS_MAIN
