// SPDX-License-Identifier: GPL-2.0-only
/*
 * PASIDs from user space: page tables of both kinds on PASIDs of a device, as VMMs
 * attach them for the PASID table of a guest. The calls are those of Linux 6.15 and
 * later; on an older kernel the tests skip.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/vfio.h>

#include "kselftest_harness.h"
#include "nested.h"

/* IOMMU_HWPT_ALLOC_PASID, VFIO_DEVICE_ATTACH_PASID: not in older headers */
#define ALLOC_PASID	0x8
#define WITH_PASID	0x1

#define PASID_A		23U
#define PASID_B		0x1234U

FIXTURE(pasid)
{
	struct nested n;
	__u32 width;	/* of PASIDs, in bits */
};

/* struct vfio_device_attach_iommufd_pt with PASID */
struct attach_pasid {
	__u32 argsz;
	__u32 flags;
	__u32 pt_id;
	__u32 pasid;
};

/* struct vfio_device_detach_iommufd_pt with PASID */
struct detach_pasid {
	__u32 argsz;
	__u32 flags;
	__u32 pasid;
};

static int pasid_attach(struct nested *n, __u32 pasid, __u32 hwpt)
{
	struct attach_pasid arg = {
		.argsz = sizeof(arg),
		.flags = WITH_PASID,
		.pt_id = hwpt,
		.pasid = pasid,
	};

	return ioctl(n->dev[0].fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &arg) ? -errno : 0;
}

static int pasid_detach(struct nested *n, __u32 pasid)
{
	struct detach_pasid arg = {
		.argsz = sizeof(arg),
		.flags = WITH_PASID,
		.pasid = pasid,
	};

	return ioctl(n->dev[0].fd, VFIO_DEVICE_DETACH_IOMMUFD_PT, &arg) ? -errno : 0;
}

/* Eight bytes that the device reads with a PASID, as nested_see() without. */
static __u64 pasid_see(struct nested *n, __u32 pasid, __u64 iova)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_READ,
		.flags = VTDSIM_EP_F_PASID,
		.pasid = pasid,
		.addr = iova,
		.len = sizeof(__u64),
	};
	char *buf = (char *)n->dev[0].bar + VTDSIM_EP_BUFFER;
	__u64 val;
	int ret;

	memset(buf, 0x5a, sizeof(val));
	ret = endpoint_run(&n->dev[0], &cmd, &n->last);
	memcpy(&val, buf, sizeof(val));
	return nested_answer(n, ret, val);
}

static bool pasid_blocked(struct nested *n, __u32 pasid, __u64 iova)
{
	__u64 seen = pasid_see(n, pasid, iova);

	return seen != NESTED_NO_ANSWER && n->last.status == VTDSIM_EP_S_FAULT;
}

/* A stage-1 table that maps a new page at NESTED_IOVA, and its object for PASIDs */
static int pasid_s1_create(struct nested *n, struct nested_s1 *s1, __u64 *page)
{
	struct iommu_hwpt_vtd_s1 cfg = { .addr_width = 48 };
	struct iommu_hwpt_alloc cmd = {
		.flags = ALLOC_PASID,
		.dev_id = n->dev[0].id,
		.pt_id = n->parent,
		.data_type = IOMMU_HWPT_DATA_VTD_S1,
		.data_len = sizeof(cfg),
		.data_uptr = (uintptr_t)&cfg,
	};

	stage1_create(&s1->t, &n->guest, 4);
	cfg.pgtbl_addr = s1->t.root;
	*page = nested_page(n);
	stage1_map(&s1->t, NESTED_IOVA, *page, S1_4K, S1_RW);
	return iommufd_hwpt_alloc(n->iommufd, &cmd, &s1->hwpt);
}

FIXTURE_SETUP(pasid)
{
	struct iommu_hw_info info;
	__u32 hwpt;
	int ret;

	NESTED_SETUP(return, nested_open, &self->n, 1);
	ret = nested_hwpt_alloc(&self->n, 0, ALLOC_PASID, &hwpt);
	if (ret == -EOPNOTSUPP)
		SKIP(return, "iommufd attaches no PASIDs");
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, iommufd_destroy(self->n.iommufd, hwpt));
	ASSERT_EQ(0, iommufd_hw_info(self->n.iommufd, self->n.dev[0].id, &info,
				     &self->n.unit));
	self->width = info.out_max_pasid_log2;
	ASSERT_LT(0, self->width);
}

FIXTURE_TEARDOWN(pasid)
{
	EXPECT_EQ(0, nested_close(&self->n));
}

TEST_F(pasid, paging)
{
	struct nested *n = &self->n;
	__u64 page = nested_page(n);
	__u32 hwpt;

	ASSERT_EQ(0, nested_hwpt_alloc(n, 0, ALLOC_PASID, &hwpt));
	ASSERT_EQ(0, pasid_attach(n, PASID_A, hwpt));
	EXPECT_EQ(page, pasid_see(n, PASID_A, page));
	EXPECT_TRUE(pasid_blocked(n, PASID_B, page));
	EXPECT_TRUE(nested_blocked(n, 0, page));
	EXPECT_EQ(-EBUSY, iommufd_destroy(n->iommufd, hwpt));
	ASSERT_EQ(0, pasid_detach(n, PASID_A));
	EXPECT_TRUE(pasid_blocked(n, PASID_A, page));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, hwpt));
}

/* What is unmapped from the parent is gone for PASIDs, too. */
TEST_F(pasid, stage2_unmap)
{
	struct nested *n = &self->n;
	struct nested_s1 s1;
	__u64 page;

	ASSERT_EQ(0, pasid_s1_create(n, &s1, &page));
	ASSERT_EQ(0, pasid_attach(n, PASID_A, s1.hwpt));
	EXPECT_EQ(page, pasid_see(n, PASID_A, NESTED_IOVA));
	ASSERT_EQ(0, nested_unmap_half(n, NESTED_LOW_HALF));
	EXPECT_TRUE(pasid_blocked(n, PASID_A, NESTED_IOVA));
}

TEST_F(pasid, nested_invalidate)
{
	struct nested *n = &self->n;
	struct nested_s1 s1;
	__u64 page, other;

	ASSERT_EQ(0, pasid_s1_create(n, &s1, &page));
	ASSERT_EQ(0, pasid_attach(n, PASID_A, s1.hwpt));
	EXPECT_EQ(page, pasid_see(n, PASID_A, NESTED_IOVA));
	other = nested_page(n);
	stage1_map(&s1.t, NESTED_IOVA, other, S1_4K, S1_RW);
	EXPECT_EQ(page, pasid_see(n, PASID_A, NESTED_IOVA));
	ASSERT_EQ(0, nested_invalidate(n, s1.hwpt, NESTED_IOVA, 1, 0));
	EXPECT_EQ(other, pasid_see(n, PASID_A, NESTED_IOVA));
}

/* One invalidation is for all: two PASIDs, and requests without any. */
TEST_F(pasid, shared_domain)
{
	struct nested *n = &self->n;
	struct nested_s1 s1;
	__u64 page, other;

	ASSERT_EQ(0, pasid_s1_create(n, &s1, &page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], s1.hwpt));
	ASSERT_EQ(0, pasid_attach(n, PASID_A, s1.hwpt));
	ASSERT_EQ(0, pasid_attach(n, PASID_B, s1.hwpt));
	EXPECT_EQ(page, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(page, pasid_see(n, PASID_A, NESTED_IOVA));
	EXPECT_EQ(page, pasid_see(n, PASID_B, NESTED_IOVA));

	other = nested_page(n);
	stage1_map(&s1.t, NESTED_IOVA, other, S1_4K, S1_RW);
	ASSERT_EQ(0, nested_invalidate(n, s1.hwpt, NESTED_IOVA, 1, 0));
	EXPECT_EQ(other, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(other, pasid_see(n, PASID_A, NESTED_IOVA));
	EXPECT_EQ(other, pasid_see(n, PASID_B, NESTED_IOVA));

	ASSERT_EQ(0, pasid_detach(n, PASID_A));
	EXPECT_TRUE(pasid_blocked(n, PASID_A, NESTED_IOVA));
	EXPECT_EQ(other, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(other, pasid_see(n, PASID_B, NESTED_IOVA));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	EXPECT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
	EXPECT_EQ(other, pasid_see(n, PASID_B, NESTED_IOVA));
}

TEST_F(pasid, tables_apart)
{
	struct nested *n = &self->n;
	struct nested_s1 a, b;
	__u64 in_a, in_b;

	ASSERT_EQ(0, pasid_s1_create(n, &a, &in_a));
	ASSERT_EQ(0, pasid_s1_create(n, &b, &in_b));
	ASSERT_EQ(0, pasid_attach(n, PASID_A, a.hwpt));
	ASSERT_EQ(0, pasid_attach(n, PASID_B, b.hwpt));
	EXPECT_EQ(in_a, pasid_see(n, PASID_A, NESTED_IOVA));
	EXPECT_EQ(in_b, pasid_see(n, PASID_B, NESTED_IOVA));
	EXPECT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
}

TEST_F(pasid, replace)
{
	struct nested *n = &self->n;
	struct nested_s1 a, b;
	__u64 in_a, in_b;

	ASSERT_EQ(0, pasid_s1_create(n, &a, &in_a));
	ASSERT_EQ(0, pasid_s1_create(n, &b, &in_b));
	ASSERT_EQ(0, pasid_attach(n, PASID_A, a.hwpt));
	EXPECT_EQ(in_a, pasid_see(n, PASID_A, NESTED_IOVA));
	ASSERT_EQ(0, pasid_attach(n, PASID_A, b.hwpt));
	EXPECT_EQ(in_b, pasid_see(n, PASID_A, NESTED_IOVA));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, a.hwpt));
	EXPECT_EQ(in_b, pasid_see(n, PASID_A, NESTED_IOVA));
	ASSERT_EQ(0, pasid_detach(n, PASID_A));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, b.hwpt));
}

/* A failed attach leaves what there was. */
TEST_F(pasid, refused)
{
	struct nested *n = &self->n;
	struct nested_s1 s1;
	__u64 page;
	__u32 plain;

	ASSERT_EQ(0, pasid_s1_create(n, &s1, &page));
	ASSERT_EQ(0, nested_hwpt_alloc(n, 0, 0, &plain));
	EXPECT_EQ(-EINVAL, pasid_attach(n, PASID_A, plain));
	EXPECT_EQ(-EINVAL, pasid_attach(n, 1U << self->width, s1.hwpt));
	ASSERT_EQ(0, pasid_attach(n, PASID_A, s1.hwpt));
	EXPECT_EQ(-EINVAL, pasid_attach(n, PASID_A, plain));
	EXPECT_EQ(-EINVAL, vfio_attach(&n->dev[0], plain));
	EXPECT_EQ(page, pasid_see(n, PASID_A, NESTED_IOVA));
	EXPECT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
}

/* The device is closed with a table on a PASID: the next owner's is not reached. */
TEST_F(pasid, closed_in_between)
{
	struct nested *n = &self->n;
	char bdf[1][PCI_BDF_LEN];
	struct nested_s1 s1;
	__u64 page;

	ASSERT_EQ(0, pasid_s1_create(n, &s1, &page));
	ASSERT_EQ(0, pasid_attach(n, PASID_A, s1.hwpt));
	EXPECT_EQ(page, pasid_see(n, PASID_A, NESTED_IOVA));
	ASSERT_LE(1, endpoint_find(bdf, 1));
	vfio_close(&n->dev[0]);
	ASSERT_EQ(0, endpoint_open(&n->dev[0], bdf[0], n->iommufd));
	EXPECT_TRUE(pasid_blocked(n, PASID_A, NESTED_IOVA));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, s1.hwpt));
}

TEST_HARNESS_MAIN
