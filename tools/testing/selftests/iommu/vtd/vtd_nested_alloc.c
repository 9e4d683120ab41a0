// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU_GET_HW_INFO and IOMMU_HWPT_ALLOC on VT-d: what is reported, what is
 * accepted, and what is refused with which error.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kselftest_harness.h"
#include "nested.h"

FIXTURE(alloc)
{
	struct nested n;
};

FIXTURE_SETUP(alloc)
{
	NESTED_SETUP(return, nested_open, &self->n, 1);
}

FIXTURE_TEARDOWN(alloc)
{
	EXPECT_EQ(0, nested_close(&self->n));
}

TEST_F(alloc, hw_info)
{
	struct nested *n = &self->n;

	EXPECT_EQ(0, n->unit.__reserved);
	EXPECT_EQ(0, n->unit.flags & ~IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17);
	EXPECT_NE(0, vtd_stage2_width(n->unit.cap_reg));
	EXPECT_LE(39, vtd_stage2_width(n->unit.cap_reg));
}

TEST_F(alloc, hw_info_lengths)
{
	struct nested *n = &self->n;
	struct {
		struct iommu_hw_info_vtd vtd;
		__u8 tail[8];
	} buf;
	struct iommu_hw_info cmd = {
		.size = sizeof(cmd),
		.dev_id = n->dev[0].id,
	};

	/* Without a buffer, the kernel reports the length of its data. */
	ASSERT_EQ(0, iommufd_ioctl(n->iommufd, IOMMU_GET_HW_INFO, &cmd));
	EXPECT_EQ(sizeof(buf.vtd), cmd.data_len);
	EXPECT_EQ(IOMMU_HW_INFO_TYPE_INTEL_VTD, cmd.out_data_type);

	/* The kernel zeroes the rest of a longer buffer. */
	memset(&buf, 0xff, sizeof(buf));
	cmd.data_len = sizeof(buf);
	cmd.data_uptr = (uintptr_t)&buf;
	ASSERT_EQ(0, iommufd_ioctl(n->iommufd, IOMMU_GET_HW_INFO, &cmd));
	EXPECT_EQ(sizeof(buf.vtd), cmd.data_len);
	EXPECT_EQ(0, memcmp(&buf.vtd, &n->unit, sizeof(buf.vtd)));
	EXPECT_EQ(0, buf.tail[0]);
	EXPECT_EQ(0, buf.tail[7]);

	/* It fills a shorter buffer as far as it goes. */
	memset(&buf, 0xff, sizeof(buf));
	cmd.data_len = offsetof(struct iommu_hw_info_vtd, ecap_reg);
	ASSERT_EQ(0, iommufd_ioctl(n->iommufd, IOMMU_GET_HW_INFO, &cmd));
	EXPECT_EQ(sizeof(buf.vtd), cmd.data_len);
	EXPECT_EQ(n->unit.cap_reg, buf.vtd.cap_reg);
	EXPECT_EQ(~0ULL, buf.vtd.ecap_reg);
}

TEST_F(alloc, hw_info_refused)
{
	struct nested *n = &self->n;
	struct iommu_hw_info cmd = {
		.size = sizeof(cmd),
		.dev_id = n->dev[0].id,
		.flags = 1U << 31,
	};

	EXPECT_EQ(-EOPNOTSUPP,
		  iommufd_ioctl(n->iommufd, IOMMU_GET_HW_INFO, &cmd));
	cmd.flags = 0;
	cmd.dev_id = n->ioas;
	EXPECT_EQ(-ENOENT,
		  iommufd_ioctl(n->iommufd, IOMMU_GET_HW_INFO, &cmd));
}

/* Those who read a width of PASIDs may attach one, which takes a call of Linux 6.15. */
TEST_F(alloc, hw_info_pasids)
{
	const __u32 alloc_pasid = 1 << 3;	/* IOMMU_HWPT_ALLOC_PASID */
	const __u64 caps = IOMMU_HW_CAP_PCI_PASID_EXEC | IOMMU_HW_CAP_PCI_PASID_PRIV;
	struct nested *n = &self->n;
	struct iommu_hwpt_alloc cmd = {
		.flags = alloc_pasid,
		.dev_id = n->dev[0].id,
		.pt_id = n->ioas,
		.data_type = IOMMU_HWPT_DATA_NONE,
	};
	struct iommu_hw_info info;
	__u32 hwpt;
	int ret;

	ASSERT_EQ(0, iommufd_hw_info(n->iommufd, n->dev[0].id, &info, &n->unit));
	ret = iommufd_hwpt_alloc(n->iommufd, &cmd, &hwpt);
	if (ret) {
		EXPECT_EQ(-EOPNOTSUPP, ret);
		EXPECT_EQ(0, info.out_max_pasid_log2);
		EXPECT_EQ(0, info.out_capabilities & caps);
		return;
	}
	EXPECT_NE(0, info.out_max_pasid_log2);
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, hwpt));
}

TEST_F(alloc, parents)
{
	struct nested *n = &self->n;
	__u32 more[2];

	/* An address space can have several parents. */
	ASSERT_EQ(0, iommufd_hwpt_alloc_parent(n->iommufd, n->dev[0].id,
					       n->ioas, &more[0]));
	ASSERT_EQ(0, iommufd_hwpt_alloc_parent(n->iommufd, n->dev[0].id,
					       n->ioas, &more[1]));
	EXPECT_NE(n->parent, more[0]);
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, more[0]));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, n->parent));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, more[1]));
}

TEST_F(alloc, s1_48_bits)
{
	struct nested *n = &self->n;
	struct nested_s1 s1;
	__u64 page;

	ASSERT_EQ(0, nested_s1_create_mapped(n, &s1, &page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], s1.hwpt));
	EXPECT_EQ(page, nested_see(n, 0, NESTED_IOVA));
}

TEST_F(alloc, s1_57_bits)
{
	struct nested *n = &self->n;
	const __u64 iova = 0x00ab800000000000ULL;	/* only 5 levels reach */
	struct nested_s1 s1;
	__u64 page;
	int ret;

	ret = nested_s1_create(n, &s1, 5);
	if (!(n->unit.cap_reg & VTD_CAP_FS5LP)) {
		EXPECT_EQ(-EOPNOTSUPP, ret);
		return;
	}
	ASSERT_EQ(0, ret);
	page = nested_page(n);
	stage1_map(&s1.t, iova, page, S1_4K, S1_RW);
	ASSERT_EQ(0, vfio_attach(&n->dev[0], s1.hwpt));
	EXPECT_EQ(page, nested_see(n, 0, iova));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_CANONICAL), nested_see(n, 0, 1ULL << 56));
}

TEST_F(alloc, s1_flags)
{
	static const struct {
		__u64 flag, ecap;
	} flags[] = {
		{ IOMMU_VTD_S1_SRE, VTD_ECAP_SRS },
		{ IOMMU_VTD_S1_EAFE, VTD_ECAP_EAFS },
		{ IOMMU_VTD_S1_WPE, 0 },	/* needs nothing */
	};
	struct nested *n = &self->n;
	struct stage1 t;
	unsigned int i;
	__u64 page;

	page = nested_page(n);
	stage1_create(&t, &n->guest, 4);
	stage1_map(&t, NESTED_IOVA, page, S1_4K, S1_RW);
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		struct iommu_hwpt_vtd_s1 cfg = {
			.flags = flags[i].flag,
			.pgtbl_addr = t.root,
			.addr_width = 48,
		};
		bool has = (n->unit.ecap_reg & flags[i].ecap) == flags[i].ecap;
		__u32 hwpt;
		int ret;

		TH_LOG("flag %#llx: unit %s it", flags[i].flag,
		       has ? "has" : "lacks");
		ret = nested_s1_alloc(n, &cfg, &hwpt);
		ASSERT_EQ(has ? 0 : -EOPNOTSUPP, ret);
		if (ret)
			continue;
		ASSERT_EQ(0, vfio_attach(&n->dev[0], hwpt));
		EXPECT_EQ(page, nested_see(n, 0, NESTED_IOVA));
	}
}

TEST_F(alloc, s1_root_at_the_end)
{
	struct nested *n = &self->n;
	struct iommu_hwpt_vtd_s1 cfg = { .addr_width = 48 };
	__u64 end = 1ULL << vtd_stage2_width(n->unit.cap_reg);
	__u32 hwpt;

	/* There is no memory, which is found when a device walks the table. */
	cfg.pgtbl_addr = end - PAGE;
	EXPECT_EQ(0, nested_s1_alloc(n, &cfg, &hwpt));
	cfg.pgtbl_addr = end;
	EXPECT_EQ(-EINVAL, nested_s1_alloc(n, &cfg, &hwpt));
	cfg.pgtbl_addr = -PAGE;
	EXPECT_EQ(-EINVAL, nested_s1_alloc(n, &cfg, &hwpt));
}

/* Refused stage-1 tables: each differs in one field from a valid one. */
FIXTURE(refused)
{
	struct nested n;
	struct nested_s1 s1;
	__u64 page;
};

FIXTURE_VARIANT(refused)
{
	__u64 flags;
	__u64 root;
	__u32 width;
	__u32 reserved;
	int err;
};

FIXTURE_VARIANT_ADD(refused, flag_bit_3)
{
	.flags = 1ULL << 3, .width = 48, .err = -EOPNOTSUPP,
};

FIXTURE_VARIANT_ADD(refused, flag_bit_63)
{
	.flags = 1ULL << 63, .width = 48, .err = -EOPNOTSUPP,
};

FIXTURE_VARIANT_ADD(refused, reserved_field)
{
	.reserved = 1, .width = 48, .err = -EOPNOTSUPP,
};

FIXTURE_VARIANT_ADD(refused, width_0)
{
	.width = 0, .err = -EINVAL,
};

FIXTURE_VARIANT_ADD(refused, width_39)
{
	.width = 39, .err = -EINVAL,
};

FIXTURE_VARIANT_ADD(refused, width_49)
{
	.width = 49, .err = -EINVAL,
};

FIXTURE_VARIANT_ADD(refused, width_64)
{
	.width = 64, .err = -EINVAL,
};

FIXTURE_VARIANT_ADD(refused, root_unaligned_1)
{
	.root = 1, .width = 48, .err = -EINVAL,
};

FIXTURE_VARIANT_ADD(refused, root_unaligned_2k)
{
	.root = 0x800, .width = 48, .err = -EINVAL,
};

FIXTURE_VARIANT_ADD(refused, root_beyond_bit_57)
{
	.root = 1ULL << 57, .width = 48, .err = -EINVAL,
};

FIXTURE_VARIANT_ADD(refused, root_beyond_bit_63)
{
	.root = 1ULL << 63, .width = 48, .err = -EINVAL,
};

FIXTURE_SETUP(refused)
{
	NESTED_SETUP(return, nested_open, &self->n, 1);
	ASSERT_EQ(0, nested_s1_create_mapped(&self->n, &self->s1, &self->page));
}

FIXTURE_TEARDOWN(refused)
{
	EXPECT_EQ(0, nested_close(&self->n));
}

TEST_F(refused, s1)
{
	struct iommu_hwpt_vtd_s1 cfg = {
		.flags = variant->flags,
		.pgtbl_addr = self->s1.t.root | variant->root,
		.addr_width = variant->width,
		.__reserved = variant->reserved,
	};
	struct nested *n = &self->n;
	__u32 hwpt = 0;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	EXPECT_EQ(variant->err, nested_s1_alloc(n, &cfg, &hwpt));
	EXPECT_EQ(0, hwpt);

	/* The old table still works, and a valid one can still be allocated. */
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	cfg = (struct iommu_hwpt_vtd_s1) {
		.pgtbl_addr = self->s1.t.root,
		.addr_width = 48,
	};
	EXPECT_EQ(0, nested_s1_alloc(n, &cfg, &hwpt));
}

static int hwpt_alloc_raw(struct nested *n, __u32 pt, __u32 type, __u32 len,
			  const void *data, __u32 flags)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.dev_id = n->dev[0].id,
		.pt_id = pt,
		.data_type = type,
		.data_len = len,
		.data_uptr = (uintptr_t)data,
	};

	return iommufd_ioctl(n->iommufd, IOMMU_HWPT_ALLOC, &cmd);
}

TEST_F(alloc, s1_parent_is_none)
{
	struct iommu_hwpt_vtd_s1 cfg = { .addr_width = 48 };
	struct nested *n = &self->n;
	__u32 plain, hwpt;
	struct nested_s1 s1;

	ASSERT_EQ(0, nested_s1_create(n, &s1, 4));
	cfg.pgtbl_addr = s1.t.root;

	/* A stage-2 table that is not a nest parent. */
	ASSERT_EQ(0, nested_hwpt_alloc(n, 0, 0, &plain));
	EXPECT_EQ(-EINVAL, iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id,
						 plain, &cfg, &hwpt));
	/* A stage-1 table; an address space; a device; nothing at all. */
	EXPECT_EQ(-EINVAL, iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id,
						 s1.hwpt, &cfg, &hwpt));
	EXPECT_EQ(-EOPNOTSUPP, iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id,
						     n->ioas, &cfg, &hwpt));
	EXPECT_EQ(-EINVAL, iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id,
						 n->dev[0].id, &cfg, &hwpt));
	EXPECT_EQ(-EINVAL, iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id,
						 ~0U, &cfg, &hwpt));
}

TEST_F(alloc, s1_data)
{
	struct {
		struct iommu_hwpt_vtd_s1 cfg;
		__u64 tail;
	} data = { .cfg.addr_width = 48 };
	const __u32 len = sizeof(data.cfg);
	struct nested *n = &self->n;
	struct stage1 t;

	stage1_create(&t, &n->guest, 4);
	data.cfg.pgtbl_addr = t.root;
	EXPECT_EQ(0, hwpt_alloc_raw(n, n->parent, IOMMU_HWPT_DATA_VTD_S1, len,
				    &data, 0));

	/* Another length, another type, no data, data that cannot be read. */
	EXPECT_EQ(-EINVAL, hwpt_alloc_raw(n, n->parent, IOMMU_HWPT_DATA_VTD_S1,
					  len - 8, &data, 0));
	EXPECT_EQ(-EINVAL, hwpt_alloc_raw(n, n->parent, IOMMU_HWPT_DATA_VTD_S1,
					  sizeof(data), &data, 0));
	EXPECT_EQ(-EOPNOTSUPP, hwpt_alloc_raw(n, n->parent, 77, len, &data, 0));
	EXPECT_EQ(-EINVAL, hwpt_alloc_raw(n, n->parent, IOMMU_HWPT_DATA_VTD_S1, 0,
					  &data, 0));
	EXPECT_EQ(-EINVAL, hwpt_alloc_raw(n, n->parent, IOMMU_HWPT_DATA_NONE, len,
					  &data, 0));
	EXPECT_EQ(-EFAULT, hwpt_alloc_raw(n, n->parent, IOMMU_HWPT_DATA_VTD_S1, len,
					  NULL, 0));

	/* Flags for a stage-2 table, and undefined ones. */
	EXPECT_EQ(-EOPNOTSUPP, hwpt_alloc_raw(n, n->parent, IOMMU_HWPT_DATA_VTD_S1,
					      len, &data,
					 IOMMU_HWPT_ALLOC_NEST_PARENT));
	EXPECT_EQ(-EOPNOTSUPP, hwpt_alloc_raw(n, n->parent, IOMMU_HWPT_DATA_VTD_S1,
					      len, &data, 1U << 31));
	/* A stage-2 table takes no data. */
	EXPECT_EQ(-EOPNOTSUPP, hwpt_alloc_raw(n, n->ioas, IOMMU_HWPT_DATA_VTD_S1,
					      len, &data,
					 IOMMU_HWPT_ALLOC_NEST_PARENT));
}

TEST_F(alloc, destroy_order)
{
	struct nested *n = &self->n;
	struct nested_s1 s1;

	ASSERT_EQ(0, nested_s1_create(n, &s1, 4));
	EXPECT_EQ(-EBUSY, iommufd_destroy(n->iommufd, n->ioas));
	EXPECT_EQ(-EBUSY, iommufd_destroy(n->iommufd, n->parent));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, s1.hwpt));
	EXPECT_EQ(-ENOENT, iommufd_destroy(n->iommufd, s1.hwpt));
	EXPECT_EQ(-EBUSY, iommufd_destroy(n->iommufd, n->ioas));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, n->parent));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, n->ioas));
}

TEST_F(alloc, destroy_while_attached)
{
	struct nested *n = &self->n;
	struct nested_s1 s1;
	__u64 page;

	ASSERT_EQ(0, nested_s1_create_mapped(n, &s1, &page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], s1.hwpt));
	EXPECT_EQ(-EBUSY, iommufd_destroy(n->iommufd, s1.hwpt));
	EXPECT_EQ(-EBUSY, iommufd_destroy(n->iommufd, n->parent));
	EXPECT_EQ(-EBUSY, iommufd_destroy(n->iommufd, n->ioas));
	EXPECT_EQ(-EBUSY, iommufd_destroy(n->iommufd, n->dev[0].id));
	EXPECT_EQ(page, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(0, vfio_detach(&n->dev[0]));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, s1.hwpt));
}

TEST_HARNESS_MAIN
