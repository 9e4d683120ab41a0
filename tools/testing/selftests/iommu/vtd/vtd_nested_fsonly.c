// SPDX-License-Identifier: GPL-2.0-only
/*
 * A unit without a second stage (vtdsim=fsonly), such as the virtual unit of a
 * guest that owns stage 1: iommufd maps with first-stage tables there.
 */
#include <errno.h>

#include "counters.h"
#include "kselftest_harness.h"
#include "nested.h"
#include "nested_event.h"

/**
 * struct reader - a device that reads the same page again and again
 * @worker: thread that drives the device
 * @n: guest
 * @addr: address of the page, and its stamp
 * @wrong: what it read instead of the stamp, or 0
 */
struct reader {
	struct worker worker;
	struct nested *n;
	__u64 addr;
	__u64 wrong;
};

FIXTURE(fsonly)
{
	struct nested n;
	struct reader r;
};

FIXTURE_SETUP(fsonly)
{
	struct nested *n = &self->n;

	NESTED_SETUP(return, nested_open_flat, n, 2);
	if (n->unit.ecap_reg & VTD_ECAP_SSTS)
		SKIP(return, "the unit has a second stage (boot with vtdsim=fsonly)");
}

FIXTURE_TEARDOWN(fsonly)
{
	worker_stop(&self->r.worker);
	EXPECT_EQ(0, nested_close(&self->n));
}

TEST_F(fsonly, what_it_offers)
{
	struct nested *n = &self->n;
	struct iommu_hw_info info;
	struct iommu_hw_info_vtd vtd;

	EXPECT_TRUE(n->unit.ecap_reg & VTD_ECAP_FSTS);
	EXPECT_FALSE(vtd_can_nest(n->unit.ecap_reg));
	ASSERT_EQ(0, iommufd_hw_info(n->iommufd, n->dev[1].id, &info, &vtd));
	EXPECT_FALSE(info.out_capabilities & IOMMU_HW_CAP_DIRTY_TRACKING);
}

TEST_F(fsonly, refused)
{
	struct nested *n = &self->n;
	const struct iommu_hwpt_vtd_s1 cfg = {
		.pgtbl_addr = NESTED_GPA,
		.addr_width = 48,
	};
	__u32 hwpt, s1;

	EXPECT_EQ(-EOPNOTSUPP, iommufd_hwpt_alloc_parent(n->iommufd,
							 n->dev[0].id, n->ioas,
							 &hwpt));
	EXPECT_EQ(-EOPNOTSUPP, nested_hwpt_alloc(n, 0, IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
						 &hwpt));
	EXPECT_EQ(-EOPNOTSUPP, nested_hwpt_alloc(n, 0, IOMMU_HWPT_ALLOC_NEST_PARENT |
				     IOMMU_HWPT_ALLOC_DIRTY_TRACKING, &hwpt));
	ASSERT_EQ(0, nested_hwpt_alloc(n, 0, 0, &hwpt));
	/* A page table that is no nest parent, and an address space. */
	EXPECT_EQ(-EINVAL, iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id,
						 hwpt, &cfg, &s1));
	EXPECT_EQ(-EOPNOTSUPP, iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id,
						     n->ioas, &cfg, &s1));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, hwpt));
	/* The address space still works. */
	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));
	nested_stamp(n, NESTED_GPA);
	EXPECT_EQ(NESTED_GPA, nested_see(n, 0, NESTED_GPA));
}

/* Attached to an address space, or to a page table made from it. */
TEST_F(fsonly, dma)
{
	struct nested *n = &self->n;
	__u64 page = nested_page(n);
	__u64 *va = guest_va(&n->guest, page);
	__u32 hwpt, id;
	int i;

	ASSERT_EQ(0, nested_hwpt_alloc(n, 0, 0, &hwpt));
	for (i = 0; i < 4; i++) {
		id = i & 1 ? hwpt : n->ioas;
		EXPECT_EQ(NESTED_FAULT(VTD_FR_PASID_PRESENT), nested_see(n, 0, page));
		ASSERT_EQ(0, vfio_attach(&n->dev[0], id));
		nested_stamp(n, page);
		EXPECT_EQ(page, nested_see(n, 0, page));
		EXPECT_EQ(0, nested_poke(n, 0, page + 8, 0x1234 + i));
		EXPECT_EQ(0x1234 + i, va[1]);
		EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, NESTED_IOVA));
		EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT),
			  nested_poke(n, 0, NESTED_GPA - PAGE, 1));
		ASSERT_EQ(0, endpoint_fetch_add(&n->dev[0], page, 5, 8,
						&n->last));
		EXPECT_EQ(VTDSIM_EP_S_OK, n->last.status);
		EXPECT_EQ(page, n->last.old);
		EXPECT_EQ(page + 5, va[0]);
		ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	}
}

TEST_F(fsonly, unmapped_is_gone)
{
	struct nested *n = &self->n;
	__u64 a = nested_page(n), b = nested_page(n);
	int i;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));
	for (i = 0; i < 10; i++) {
		__u64 page = i & 1 ? b : a;

		EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, NESTED_IOVA));
		ASSERT_EQ(0, nested_map(n, NESTED_IOVA, page, PAGE, IOMMUFD_MAP_RW));
		EXPECT_EQ(page, nested_see(n, 0, NESTED_IOVA));
		ASSERT_EQ(0, nested_unmap(n, NESTED_IOVA, PAGE));
	}
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, NESTED_IOVA));

	/* Unmapping one of three adjacent areas leaves the others. */
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, nested_map(n, NESTED_IOVA + i * PAGE, i & 1 ? b : a, PAGE,
					IOMMUFD_MAP_RW));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(i & 1 ? b : a, nested_see(n, 0, NESTED_IOVA + i * PAGE));
	ASSERT_EQ(0, nested_unmap(n, NESTED_IOVA + PAGE, PAGE));
	EXPECT_EQ(a, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, NESTED_IOVA + PAGE));
	EXPECT_EQ(a, nested_see(n, 0, NESTED_IOVA + 2 * PAGE));
	ASSERT_EQ(0, nested_unmap(n, NESTED_IOVA, PAGE));
	ASSERT_EQ(0, nested_unmap(n, NESTED_IOVA + 2 * PAGE, PAGE));
}

TEST_F(fsonly, read_only)
{
	struct nested *n = &self->n;
	__u64 page = nested_page(n);
	int i;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, nested_map(n, NESTED_IOVA, page, PAGE, IOMMU_IOAS_MAP_READABLE));
		EXPECT_EQ(page, nested_see(n, 0, NESTED_IOVA));
		EXPECT_EQ(NESTED_FAULT(VTD_FR_WRITE), nested_poke(n, 0, NESTED_IOVA, 1));
		ASSERT_EQ(0, endpoint_fetch_add(&n->dev[0], NESTED_IOVA, 5, 8,
						&n->last));
		EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
		EXPECT_EQ(page, nested_see(n, 0, NESTED_IOVA));

		/* Map it writable, and read-only again in the next round. */
		ASSERT_EQ(0, nested_unmap(n, NESTED_IOVA, PAGE));
		ASSERT_EQ(0, nested_map(n, NESTED_IOVA, page, PAGE, IOMMUFD_MAP_RW));
		EXPECT_EQ(0, nested_poke(n, 0, NESTED_IOVA, page));
		ASSERT_EQ(0, nested_unmap(n, NESTED_IOVA, PAGE));
	}
}

/*
 * After one walk, a huge page is cached as a whole. It can only be unmapped as a
 * whole, and its neighbours stay.
 */
TEST_F(fsonly, huge_pages)
{
	struct nested *n = &self->n;
	struct guest huge;
	__u64 before, after, addr;
	int i, ret;

	ret = nested_huge_create(&huge, 4 * SIZE_2M);
	if (ret == -ENOMEM)
		SKIP(return, "there are no pages of 2 MiB");
	ASSERT_EQ(0, ret);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, iommufd_ioas_map(n->iommufd, n->ioas,
					      guest_va(&huge, i * SIZE_2M),
					      SIZE_2M, NESTED_IOVA + i * SIZE_2M,
					      IOMMUFD_MAP_RW));
	ASSERT_EQ(0, iommufd_ioas_map(n->iommufd, n->ioas,
				      guest_va(&huge, 3 * SIZE_2M), SIZE_2M,
				      NESTED_IOVA + 3 * SIZE_2M + PAGE,
				      IOMMUFD_MAP_RW));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));

	for (i = 0; i < 3; i++) {
		EXPECT_EQ(i * SIZE_2M + 1, nested_see(n, 0, NESTED_IOVA + i * SIZE_2M));
		ASSERT_EQ(0, vtdsim_counter("walks", &before));
		for (addr = i * SIZE_2M; addr < (i + 1) * SIZE_2M;
		     addr += 31 * PAGE)
			EXPECT_EQ(addr + 1, nested_see(n, 0, NESTED_IOVA + addr));
		ASSERT_EQ(0, vtdsim_counter("walks", &after));
		EXPECT_EQ(before, after);
	}
	EXPECT_EQ(4 * SIZE_2M - PAGE + 1,
		  nested_see(n, 0, NESTED_IOVA + 4 * SIZE_2M));

	EXPECT_GT(0, nested_unmap(n, NESTED_IOVA + SIZE_2M + PAGE, PAGE));
	EXPECT_EQ(SIZE_2M + PAGE + 1, nested_see(n, 0, NESTED_IOVA + SIZE_2M + PAGE));
	ASSERT_EQ(0, nested_unmap(n, NESTED_IOVA + SIZE_2M, SIZE_2M));
	for (addr = 0; addr < 3 * SIZE_2M; addr += 63 * PAGE)
		EXPECT_EQ(addr / SIZE_2M == 1 ? NESTED_FAULT(VTD_FR_FS_PRESENT) :
						addr + 1,
			  nested_see(n, 0, NESTED_IOVA + addr));
	/* Map small pages where the huge one was. */
	for (addr = SIZE_2M; addr < SIZE_2M + 8 * PAGE; addr += PAGE)
		ASSERT_EQ(0, iommufd_ioas_map(n->iommufd, n->ioas,
					      guest_va(&huge, addr ^ PAGE),
					      PAGE, NESTED_IOVA + addr,
					      IOMMUFD_MAP_RW));
	for (addr = SIZE_2M; addr < SIZE_2M + 8 * PAGE; addr += PAGE)
		EXPECT_EQ((addr ^ PAGE) + 1, nested_see(n, 0, NESTED_IOVA + addr));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT),
		  nested_see(n, 0, NESTED_IOVA + SIZE_2M + 8 * PAGE));
	/* Unmap everything but the guest's memory. */
	ASSERT_EQ(0, nested_unmap(n, NESTED_IOVA, 4 * SIZE_2M + PAGE));
	for (addr = 0; addr < 4 * SIZE_2M; addr += 63 * PAGE)
		EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT),
			  nested_see(n, 0, NESTED_IOVA + addr));
	guest_destroy(&huge);
}

TEST_F(fsonly, two_devices)
{
	struct nested *n = &self->n;
	__u64 page = nested_page(n);
	__u32 hwpt;
	int i;

	ASSERT_EQ(0, nested_hwpt_alloc(n, 1, 0, &hwpt));
	for (i = 0; i < 4; i++) {
		/* On one page table, and on one for each. */
		ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));
		ASSERT_EQ(0, vfio_attach(&n->dev[1], i & 1 ? hwpt : n->ioas));
		ASSERT_EQ(0, nested_map(n, NESTED_IOVA, page, PAGE, IOMMUFD_MAP_RW));
		EXPECT_EQ(page, nested_see(n, 0, NESTED_IOVA));
		EXPECT_EQ(page, nested_see(n, 1, NESTED_IOVA));
		ASSERT_EQ(0, nested_unmap(n, NESTED_IOVA, PAGE));
		EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, NESTED_IOVA));
		EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 1, NESTED_IOVA));

		/* One device leaves, and the other one goes on. */
		ASSERT_EQ(0, nested_map(n, NESTED_IOVA, page, PAGE, IOMMUFD_MAP_RW));
		EXPECT_EQ(page, nested_see(n, 0, NESTED_IOVA));
		EXPECT_EQ(page, nested_see(n, 1, NESTED_IOVA));
		ASSERT_EQ(0, vfio_detach(&n->dev[i & 1]));
		EXPECT_EQ(NESTED_FAULT(VTD_FR_PASID_PRESENT),
			  nested_see(n, i & 1, NESTED_IOVA));
		EXPECT_EQ(page, nested_see(n, !(i & 1), NESTED_IOVA));
		ASSERT_EQ(0, vfio_detach(&n->dev[!(i & 1)]));
		ASSERT_EQ(0, nested_unmap(n, NESTED_IOVA, PAGE));
	}
}

TEST_F(fsonly, copied_mapping)
{
	struct nested *n = &self->n;
	__u64 page = nested_page(n);
	struct iommu_ioas_copy copy = {
		.size = sizeof(copy),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE,
		.src_ioas_id = n->ioas,
		.length = PAGE,
		.dst_iova = NESTED_IOVA + 5 * PAGE,
		.src_iova = NESTED_IOVA,
	};

	ASSERT_EQ(0, iommufd_ioas_alloc(n->iommufd, &copy.dst_ioas_id));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], copy.dst_ioas_id));
	ASSERT_EQ(0, nested_map(n, NESTED_IOVA, page, PAGE, IOMMUFD_MAP_RW));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 1, copy.dst_iova));
	ASSERT_EQ(0, iommufd_ioctl(n->iommufd, IOMMU_IOAS_COPY, &copy));
	EXPECT_EQ(page, nested_see(n, 1, copy.dst_iova));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_WRITE), nested_poke(n, 1, copy.dst_iova, 1));
	EXPECT_EQ(0, nested_poke(n, 0, NESTED_IOVA, page));

	/* A copy stays when its source is unmapped. */
	ASSERT_EQ(0, nested_unmap(n, NESTED_IOVA, PAGE));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(page, nested_see(n, 1, copy.dst_iova));
	/* The devices change places. */
	ASSERT_EQ(0, vfio_attach(&n->dev[0], copy.dst_ioas_id));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], n->ioas));
	EXPECT_EQ(page, nested_see(n, 0, copy.dst_iova));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 1, copy.dst_iova));
	ASSERT_EQ(0, iommufd_ioas_unmap(n->iommufd, copy.dst_ioas_id,
					copy.dst_iova, PAGE));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, copy.dst_iova));
}

/* First-stage addresses are canonical, and only the lower half is mapped. */
TEST_F(fsonly, last_address)
{
	struct nested *n = &self->n;
	struct iommu_iova_range range[32];
	__u32 i, num = ARRAY_SIZE(range);
	__u64 page = nested_page(n);
	__u64 end = 0;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));
	ASSERT_EQ(0, iommufd_ioas_iova_ranges(n->iommufd, n->ioas, range, &num));
	for (i = 0; i < num; i++) {
		if (range[i].last + 1 > end)
			end = range[i].last + 1;
		/* The interrupt range is not for memory here either. */
		EXPECT_TRUE(range[i].last < VTD_MSI_FIRST ||
			    range[i].start > VTD_MSI_LAST);
	}
	EXPECT_EQ(n->unit.cap_reg & VTD_CAP_FS5LP ? BIT_ULL(56) : BIT_ULL(47),
		  end);
	ASSERT_EQ(0, nested_map(n, end - PAGE, page, PAGE, IOMMUFD_MAP_RW));
	EXPECT_EQ(page, nested_see(n, 0, end - PAGE));
	EXPECT_GT(0, nested_map(n, end, page, PAGE, IOMMUFD_MAP_RW));
	EXPECT_GT(0, nested_map(n, -end, page, PAGE, IOMMUFD_MAP_RW));
	EXPECT_TRUE(nested_blocked(n, 0, end));
	ASSERT_EQ(0, nested_unmap(n, end - PAGE, PAGE));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, end - PAGE));
}

static bool read_page(void *arg)
{
	struct reader *r = arg;
	__u64 seen = nested_see(r->n, 0, r->addr);

	if (seen != r->addr)
		r->wrong = seen;
	return !r->wrong;
}

/* A mapping works while others are mapped and unmapped. */
TEST_F(fsonly, changes_while_dma_runs)
{
	struct nested *n = &self->n;
	struct reader *r = &self->r;
	__u64 page;
	int i;

	r->n = n;
	r->addr = nested_page(n);
	page = nested_page(n);
	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], n->ioas));
	ASSERT_EQ(0, worker_start(&r->worker, read_page, r));
	for (i = 0; i < 50; i++) {
		__u64 iova = NESTED_GPA + NESTED_SIZE +
			     (i % 3 ? i * PAGE : i * SIZE_2M);

		EXPECT_EQ(0, nested_map(n, iova, page, PAGE, IOMMUFD_MAP_RW));
		EXPECT_TRUE(endpoint_reads(&n->dev[1], iova, &page,
					   sizeof(page)));
		EXPECT_EQ(0, nested_unmap(n, iova, PAGE));
		EXPECT_TRUE(endpoint_blocked(&n->dev[1], iova));
	}
	EXPECT_TRUE(worker_wait_steps(&r->worker, 10));
	worker_stop(&r->worker);
	EXPECT_EQ(0, r->wrong);
}

TEST_HARNESS_MAIN
