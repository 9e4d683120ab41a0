// SPDX-License-Identifier: GPL-2.0-only
/*
 * A unit without nested translation (vtdsim=icx) refuses it with the documented
 * errors. Everything else works.
 */
#include <errno.h>

#include "kselftest_harness.h"
#include "nested.h"

FIXTURE(icx)
{
	struct nested n;
};

FIXTURE_SETUP(icx)
{
	struct nested *n = &self->n;

	NESTED_SETUP(return, nested_open_flat, n, 2);
	if (n->unit.ecap_reg & VTD_ECAP_NEST)
		SKIP(return, "the unit does nest (boot with vtdsim=icx)");
}

FIXTURE_TEARDOWN(icx)
{
	EXPECT_EQ(0, nested_close(&self->n));
}

TEST_F(icx, no_nesting)
{
	struct nested *n = &self->n;
	struct iommu_hwpt_vtd_s1 cfg = {
		.pgtbl_addr = NESTED_GPA,
		.addr_width = 48,
	};
	__u32 plain, hwpt;

	EXPECT_FALSE(vtd_can_nest(n->unit.ecap_reg));
	EXPECT_EQ(-EOPNOTSUPP, iommufd_hwpt_alloc_parent(n->iommufd,
							 n->dev[0].id, n->ioas,
							 &hwpt));
	ASSERT_EQ(0, nested_hwpt_alloc(n, 0, 0, &plain));
	/* The error of a page table that is no nest parent comes first. */
	EXPECT_EQ(-EINVAL, iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id,
						 plain, &cfg, &hwpt));
	EXPECT_EQ(-EOPNOTSUPP, iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id,
						     n->ioas, &cfg, &hwpt));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, plain));
}

TEST_F(icx, dma)
{
	struct nested *n = &self->n;
	__u64 gpa[2], *va[2];
	int i, round;

	for (i = 0; i < 2; i++) {
		gpa[i] = nested_page(n);
		va[i] = guest_va(&n->guest, gpa[i]);
	}
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 2; i++) {
			EXPECT_TRUE(nested_blocked(n, i, gpa[i]));
			ASSERT_EQ(0, vfio_attach(&n->dev[i], n->ioas));
			*va[i] = 0x1000 + round;
			EXPECT_EQ(0x1000 + round, nested_see(n, i, gpa[i]));
			EXPECT_EQ(0, nested_poke(n, i, gpa[i], 0x2000 + round));
			EXPECT_EQ(0x2000 + round, *va[i]);
			EXPECT_TRUE(nested_blocked(n, i, NESTED_IOVA));
		}
		for (i = 0; i < 2; i++)
			ASSERT_EQ(0, vfio_detach(&n->dev[i]));
	}
}

TEST_F(icx, page_table_and_unmap)
{
	struct nested *n = &self->n;
	__u64 page = nested_page(n);
	__u32 hwpt;

	ASSERT_EQ(0, nested_hwpt_alloc(n, 0, 0, &hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], hwpt));
	EXPECT_EQ(page, nested_see(n, 0, page));
	ASSERT_EQ(0, nested_unmap_half(n, NESTED_LOW_HALF));
	EXPECT_TRUE(nested_blocked(n, 0, page));
	ASSERT_EQ(0, nested_map(n, NESTED_GPA, NESTED_GPA, NESTED_HALF_SIZE,
				IOMMU_IOAS_MAP_READABLE));
	EXPECT_EQ(page, nested_see(n, 0, page));
	nested_poke(n, 0, page, 1);
	EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
	EXPECT_EQ(page, nested_see(n, 0, page));
}

TEST_HARNESS_MAIN
