// SPDX-License-Identifier: GPL-2.0-only
/*
 * A unit without nested translation (vtdsim=icx): what needs it is refused by
 * the book, and everything else works as ever.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "kselftest_harness.h"
#include "vtd_nested.h"

/**
 * struct plain - two endpoints and memory, without a nest parent
 * @iommufd: iommufd context
 * @dev: the endpoints, bus masters
 * @ndev: how many of them are open
 * @unit: what the unit can do
 * @guest: memory
 * @ioas: the memory, at its GPAs
 */
struct plain {
	int iommufd;
	struct vfio_dev dev[2];
	int ndev;
	struct iommu_hw_info_vtd unit;
	struct guest guest;
	__u32 ioas;
};

static void close_plain(struct plain *p)
{
	while (p->ndev)
		vfio_close(&p->dev[--p->ndev]);
	if (p->iommufd > 0)
		close(p->iommufd);
	if (p->guest.va)
		guest_destroy(&p->guest);
}

static int open_device(struct plain *p, const char *bdf)
{
	struct vfio_dev *dev = &p->dev[p->ndev];
	int ret;

	ret = vfio_bind_driver(bdf);
	if (!ret)
		ret = vfio_open(dev, bdf, p->iommufd);
	if (ret)
		return ret;
	p->ndev++;
	ret = endpoint_check(dev);
	return ret ?: vfio_bus_master(dev, true);
}

static int open_plain(struct plain *p, const char **skip)
{
	char bdf[2][VFIO_BDF_LEN];
	struct iommu_hw_info info;
	int ret;

	*skip = NULL;
	memset(p, 0, sizeof(*p));
	if (vfio_find(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, bdf, 2) < 2) {
		*skip = "not enough vtdsim endpoints (boot with vtdsim=icx)";
		return -ENODEV;
	}
	p->iommufd = iommufd_open();
	if (p->iommufd < 0)
		return p->iommufd;
	ret = open_device(p, bdf[0]);
	if (!ret)
		ret = open_device(p, bdf[1]);
	if (!ret)
		ret = iommufd_hw_info(p->iommufd, p->dev[0].id, &info, &p->unit);
	if (ret)
		return ret;
	if (p->unit.ecap_reg & VTD_ECAP_NEST) {
		*skip = "the unit does nest (boot with vtdsim=icx)";
		return -ENODEV;
	}
	ret = guest_create(&p->guest, RAM_GPA, RAM_HALF);
	if (!ret)
		ret = iommufd_ioas_alloc(p->iommufd, &p->ioas);
	return ret ?: iommufd_ioas_map(p->iommufd, p->ioas, p->guest.va,
				       RAM_HALF, RAM_GPA, IOMMUFD_MAP_RW);
}

FIXTURE(icx)
{
	struct plain p;
};

FIXTURE_SETUP(icx)
{
	const char *skip;
	int ret = open_plain(&self->p, &skip);

	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
}

FIXTURE_TEARDOWN(icx)
{
	close_plain(&self->p);
}

static bool reads(struct plain *p, int dev, __u64 addr, __u64 *val)
{
	struct endpoint_result r;

	return !endpoint_read(&p->dev[dev], addr, val, sizeof(*val), &r) &&
	       r.status == VTDSIM_EP_S_OK;
}

static bool writes(struct plain *p, int dev, __u64 addr, __u64 val)
{
	struct endpoint_result r;

	return !endpoint_write(&p->dev[dev], addr, &val, sizeof(val), &r) &&
	       r.status == VTDSIM_EP_S_OK;
}

TEST_F(icx, no_nesting)
{
	struct plain *p = &self->p;
	struct iommu_hwpt_vtd_s1 cfg = {
		.pgtbl_addr = RAM_GPA,
		.addr_width = 48,
	};
	struct iommu_hwpt_alloc plain = {
		.size = sizeof(plain),
		.dev_id = p->dev[0].id,
		.pt_id = p->ioas,
	};
	__u32 hwpt;

	EXPECT_FALSE(vtd_can_nest(p->unit.ecap_reg));
	EXPECT_EQ(-EOPNOTSUPP, iommufd_hwpt_alloc_parent(p->iommufd,
							 p->dev[0].id, p->ioas,
							 &hwpt));
	ASSERT_EQ(0, iommufd_ioctl(p->iommufd, IOMMU_HWPT_ALLOC, &plain));
	/* Nothing here can be a parent, so that comes before the unit. */
	EXPECT_EQ(-EINVAL, iommufd_hwpt_alloc_s1(p->iommufd, p->dev[0].id,
						 plain.out_hwpt_id, &cfg,
						 &hwpt));
	EXPECT_EQ(-EOPNOTSUPP, iommufd_hwpt_alloc_s1(p->iommufd, p->dev[0].id,
						     p->ioas, &cfg, &hwpt));
	EXPECT_EQ(0, iommufd_destroy(p->iommufd, plain.out_hwpt_id));
}

TEST_F(icx, dma)
{
	struct plain *p = &self->p;
	__u64 gpa[2], *va[2], val;
	int i, round;

	for (i = 0; i < 2; i++) {
		gpa[i] = guest_alloc(&p->guest, PAGE, PAGE);
		va[i] = guest_va(&p->guest, gpa[i]);
	}
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 2; i++) {
			EXPECT_FALSE(reads(p, i, gpa[i], &val));
			ASSERT_EQ(0, vfio_attach(&p->dev[i], p->ioas));
			*va[i] = 0x1000 + round;
			EXPECT_TRUE(reads(p, i, gpa[i], &val));
			EXPECT_EQ(0x1000 + round, val);
			EXPECT_TRUE(writes(p, i, gpa[i], 0x2000 + round));
			EXPECT_EQ(0x2000 + round, *va[i]);
			EXPECT_FALSE(reads(p, i, IOVA, &val));
		}
		for (i = 0; i < 2; i++)
			ASSERT_EQ(0, vfio_detach(&p->dev[i]));
	}
}

TEST_F(icx, page_table_and_unmap)
{
	struct plain *p = &self->p;
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.dev_id = p->dev[0].id,
		.pt_id = p->ioas,
	};
	__u64 val;

	ASSERT_EQ(0, iommufd_ioctl(p->iommufd, IOMMU_HWPT_ALLOC, &cmd));
	ASSERT_EQ(0, vfio_attach(&p->dev[0], cmd.out_hwpt_id));
	EXPECT_TRUE(reads(p, 0, RAM_GPA, &val));
	ASSERT_EQ(0, iommufd_ioas_unmap(p->iommufd, p->ioas, RAM_GPA, RAM_HALF));
	EXPECT_FALSE(reads(p, 0, RAM_GPA, &val));
	ASSERT_EQ(0, iommufd_ioas_map(p->iommufd, p->ioas, p->guest.va,
				      RAM_HALF, RAM_GPA,
				      IOMMU_IOAS_MAP_READABLE));
	EXPECT_TRUE(reads(p, 0, RAM_GPA, &val));
	EXPECT_FALSE(writes(p, 0, RAM_GPA, 1));
}

TEST_HARNESS_MAIN
