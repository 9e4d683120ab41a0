// SPDX-License-Identifier: GPL-2.0-only
/*
 * A unit without nested translation (vtdsim=icx): what needs it is refused by
 * the book, and everything else works as ever.
 */
#include <errno.h>

#include "kselftest_harness.h"
#include "vtd_nested.h"

FIXTURE(icx)
{
	struct nested n;
};

FIXTURE_SETUP(icx)
{
	struct nested *n = &self->n;
	const char *skip;
	int ret = nested_open_flat(n, 2, &skip);

	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
	if (n->unit.ecap_reg & VTD_ECAP_NEST)
		SKIP(return, "the unit does nest (boot with vtdsim=icx)");
}

FIXTURE_TEARDOWN(icx)
{
	EXPECT_EQ(0, nested_close(&self->n));
}

static bool reads(struct nested *n, int dev, __u64 addr, __u64 *val)
{
	struct endpoint_result r;

	return !endpoint_read(&n->dev[dev], addr, val, sizeof(*val), &r) &&
	       r.status == VTDSIM_EP_S_OK;
}

static bool writes(struct nested *n, int dev, __u64 addr, __u64 val)
{
	struct endpoint_result r;

	return !endpoint_write(&n->dev[dev], addr, &val, sizeof(val), &r) &&
	       r.status == VTDSIM_EP_S_OK;
}

TEST_F(icx, no_nesting)
{
	struct nested *n = &self->n;
	struct iommu_hwpt_vtd_s1 cfg = {
		.pgtbl_addr = RAM_GPA,
		.addr_width = 48,
	};
	struct iommu_hwpt_alloc plain = {
		.size = sizeof(plain),
		.dev_id = n->dev[0].id,
		.pt_id = n->ioas,
	};
	__u32 hwpt;

	EXPECT_FALSE(vtd_can_nest(n->unit.ecap_reg));
	EXPECT_EQ(-EOPNOTSUPP, iommufd_hwpt_alloc_parent(n->iommufd,
							 n->dev[0].id, n->ioas,
							 &hwpt));
	ASSERT_EQ(0, iommufd_ioctl(n->iommufd, IOMMU_HWPT_ALLOC, &plain));
	/* Nothing here can be a parent, so that comes before the unit. */
	EXPECT_EQ(-EINVAL, iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id,
						 plain.out_hwpt_id, &cfg,
						 &hwpt));
	EXPECT_EQ(-EOPNOTSUPP, iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id,
						     n->ioas, &cfg, &hwpt));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, plain.out_hwpt_id));
}

TEST_F(icx, dma)
{
	struct nested *n = &self->n;
	__u64 gpa[2], *va[2], val;
	int i, round;

	for (i = 0; i < 2; i++) {
		gpa[i] = guest_alloc(&n->guest, PAGE, PAGE);
		va[i] = guest_va(&n->guest, gpa[i]);
	}
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 2; i++) {
			EXPECT_FALSE(reads(n, i, gpa[i], &val));
			ASSERT_EQ(0, vfio_attach(&n->dev[i], n->ioas));
			*va[i] = 0x1000 + round;
			EXPECT_TRUE(reads(n, i, gpa[i], &val));
			EXPECT_EQ(0x1000 + round, val);
			EXPECT_TRUE(writes(n, i, gpa[i], 0x2000 + round));
			EXPECT_EQ(0x2000 + round, *va[i]);
			EXPECT_FALSE(reads(n, i, IOVA, &val));
		}
		for (i = 0; i < 2; i++)
			ASSERT_EQ(0, vfio_detach(&n->dev[i]));
	}
}

TEST_F(icx, page_table_and_unmap)
{
	struct nested *n = &self->n;
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.dev_id = n->dev[0].id,
		.pt_id = n->ioas,
	};
	__u64 val;

	ASSERT_EQ(0, iommufd_ioctl(n->iommufd, IOMMU_HWPT_ALLOC, &cmd));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], cmd.out_hwpt_id));
	EXPECT_TRUE(reads(n, 0, RAM_GPA, &val));
	ASSERT_EQ(0, nested_unmap_half(n, RAM_LOW));
	EXPECT_FALSE(reads(n, 0, RAM_GPA, &val));
	ASSERT_EQ(0, iommufd_ioas_map(n->iommufd, n->ioas, n->guest.va,
				      RAM_HALF, RAM_GPA,
				      IOMMU_IOAS_MAP_READABLE));
	EXPECT_TRUE(reads(n, 0, RAM_GPA, &val));
	EXPECT_FALSE(writes(n, 0, RAM_GPA, 1));
}

TEST_HARNESS_MAIN
