// SPDX-License-Identifier: GPL-2.0-only
/*
 * A unit that has no second stage (vtdsim=fsonly), as a guest sees one whose
 * VMM leaves stage 1 to it: iommufd maps with first-stage tables there.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../../../iommu/counters.h"
#include "kselftest_harness.h"
#include "vtd_nested.h"

#define RAM	(2 * RAM_HALF)

FIXTURE(fsonly)
{
	struct nested n;
};

FIXTURE_SETUP(fsonly)
{
	struct nested *n = &self->n;
	const char *skip;
	int ret = nested_open_flat(n, 2, &skip);

	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
	if (n->unit.ecap_reg & VTD_ECAP_SSTS)
		SKIP(return, "the unit has a second stage (boot with vtdsim=fsonly)");
}

FIXTURE_TEARDOWN(fsonly)
{
	EXPECT_EQ(0, nested_close(&self->n));
}

static int alloc(struct nested *n, int dev, __u32 flags, __u32 *hwpt)
{
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.dev_id = n->dev[dev].id,
		.pt_id = n->ioas,
	};
	int ret = iommufd_ioctl(n->iommufd, IOMMU_HWPT_ALLOC, &cmd);

	*hwpt = cmd.out_hwpt_id;
	return ret;
}

static int map(struct nested *n, __u64 iova, __u64 gpa, __u64 len, __u32 access)
{
	return iommufd_ioas_map(n->iommufd, n->ioas, guest_va(&n->guest, gpa),
				len, iova, access);
}

static int unmap(struct nested *n, __u64 iova, __u64 len)
{
	return iommufd_ioas_unmap(n->iommufd, n->ioas, iova, len);
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
		.pgtbl_addr = RAM_GPA,
		.addr_width = 48,
	};
	__u32 hwpt, s1;

	EXPECT_EQ(-EOPNOTSUPP, iommufd_hwpt_alloc_parent(n->iommufd,
							 n->dev[0].id, n->ioas,
							 &hwpt));
	EXPECT_EQ(-EOPNOTSUPP, alloc(n, 0, IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
				     &hwpt));
	EXPECT_EQ(-EOPNOTSUPP, alloc(n, 0, IOMMU_HWPT_ALLOC_NEST_PARENT |
				     IOMMU_HWPT_ALLOC_DIRTY_TRACKING, &hwpt));
	ASSERT_EQ(0, alloc(n, 0, 0, &hwpt));
	/* Not a parent, which comes first; and no parent at all. */
	EXPECT_EQ(-EINVAL, iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id,
						 hwpt, &cfg, &s1));
	EXPECT_EQ(-EOPNOTSUPP, iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id,
						     n->ioas, &cfg, &s1));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, hwpt));
	/* The address space is as good as before. */
	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));
	nested_stamp(n, RAM_GPA);
	EXPECT_EQ(RAM_GPA, nested_see(n, 0, RAM_GPA));
}

/* Attached to an address space, or to a page table made from it. */
TEST_F(fsonly, dma)
{
	struct nested *n = &self->n;
	__u64 page = nested_page(n);
	__u64 *va = guest_va(&n->guest, page);
	__u32 hwpt, id;
	int i;

	ASSERT_EQ(0, alloc(n, 0, 0, &hwpt));
	for (i = 0; i < 4; i++) {
		id = i & 1 ? hwpt : n->ioas;
		EXPECT_EQ(FAULT(VTD_FR_PASID_PRESENT), nested_see(n, 0, page));
		ASSERT_EQ(0, vfio_attach(&n->dev[0], id));
		nested_stamp(n, page);
		EXPECT_EQ(page, nested_see(n, 0, page));
		EXPECT_EQ(0, nested_poke(n, 0, page + 8, 0x1234 + i));
		EXPECT_EQ(0x1234 + i, va[1]);
		EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, IOVA));
		EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT),
			  nested_poke(n, 0, RAM_GPA - PAGE, 1));
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

		EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, IOVA));
		ASSERT_EQ(0, map(n, IOVA, page, PAGE, IOMMUFD_MAP_RW));
		EXPECT_EQ(page, nested_see(n, 0, IOVA));
		ASSERT_EQ(0, unmap(n, IOVA, PAGE));
	}
	EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, IOVA));

	/* Of areas side by side the others stay. */
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, map(n, IOVA + i * PAGE, i & 1 ? b : a, PAGE,
				 IOMMUFD_MAP_RW));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(i & 1 ? b : a, nested_see(n, 0, IOVA + i * PAGE));
	ASSERT_EQ(0, unmap(n, IOVA + PAGE, PAGE));
	EXPECT_EQ(a, nested_see(n, 0, IOVA));
	EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, IOVA + PAGE));
	EXPECT_EQ(a, nested_see(n, 0, IOVA + 2 * PAGE));
	ASSERT_EQ(0, unmap(n, IOVA, PAGE));
	ASSERT_EQ(0, unmap(n, IOVA + 2 * PAGE, PAGE));
}

TEST_F(fsonly, read_only)
{
	struct nested *n = &self->n;
	__u64 page = nested_page(n);
	int i;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, map(n, IOVA, page, PAGE, IOMMU_IOAS_MAP_READABLE));
		EXPECT_EQ(page, nested_see(n, 0, IOVA));
		EXPECT_EQ(FAULT(VTD_FR_WRITE), nested_poke(n, 0, IOVA, 1));
		ASSERT_EQ(0, endpoint_fetch_add(&n->dev[0], IOVA, 5, 8,
						&n->last));
		EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
		EXPECT_EQ(page, nested_see(n, 0, IOVA));

		/* With the right to write, and without it again. */
		ASSERT_EQ(0, unmap(n, IOVA, PAGE));
		ASSERT_EQ(0, map(n, IOVA, page, PAGE, IOMMUFD_MAP_RW));
		EXPECT_EQ(0, nested_poke(n, 0, IOVA, page));
		ASSERT_EQ(0, unmap(n, IOVA, PAGE));
	}
}

static bool reserve_huge_pages(void)
{
	static const char pages[] = "8\n";
	int fd = open("/proc/sys/vm/nr_hugepages", O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, pages, sizeof(pages) - 1) > 0;

	close(fd);
	return ok;
}

/*
 * One walk finds a huge page, whatever part of it is used next. A huge page
 * goes as a whole; those next to it stay.
 */
TEST_F(fsonly, huge_pages)
{
	struct nested *n = &self->n;
	struct guest huge;
	__u64 before, after, addr;
	int i;

	ASSERT_TRUE(reserve_huge_pages());
	ASSERT_EQ(0, guest_create(&huge, 0, 4 * SIZE_2M));
	if (!huge.huge)
		SKIP(guest_destroy(&huge); return, "no 2 MiB pages to be had");
	for (addr = 0; addr < huge.size; addr += PAGE)
		*(__u64 *)guest_va(&huge, addr) = addr + 1;
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, iommufd_ioas_map(n->iommufd, n->ioas,
					      guest_va(&huge, i * SIZE_2M),
					      SIZE_2M, IOVA + i * SIZE_2M,
					      IOMMUFD_MAP_RW));
	ASSERT_EQ(0, iommufd_ioas_map(n->iommufd, n->ioas,
				      guest_va(&huge, 3 * SIZE_2M), SIZE_2M,
				      IOVA + 3 * SIZE_2M + PAGE,
				      IOMMUFD_MAP_RW));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));

	for (i = 0; i < 3; i++) {
		EXPECT_EQ(i * SIZE_2M + 1, nested_see(n, 0, IOVA + i * SIZE_2M));
		ASSERT_EQ(0, vtdsim_counter("walks", &before));
		for (addr = i * SIZE_2M; addr < (i + 1) * SIZE_2M;
		     addr += 31 * PAGE)
			EXPECT_EQ(addr + 1, nested_see(n, 0, IOVA + addr));
		ASSERT_EQ(0, vtdsim_counter("walks", &after));
		EXPECT_EQ(before, after);
	}
	EXPECT_EQ(4 * SIZE_2M - PAGE + 1,
		  nested_see(n, 0, IOVA + 4 * SIZE_2M));

	EXPECT_GT(0, unmap(n, IOVA + SIZE_2M + PAGE, PAGE));
	EXPECT_EQ(SIZE_2M + PAGE + 1, nested_see(n, 0, IOVA + SIZE_2M + PAGE));
	ASSERT_EQ(0, unmap(n, IOVA + SIZE_2M, SIZE_2M));
	for (addr = 0; addr < 3 * SIZE_2M; addr += 63 * PAGE)
		EXPECT_EQ(addr / SIZE_2M == 1 ? FAULT(VTD_FR_FS_PRESENT) :
						addr + 1,
			  nested_see(n, 0, IOVA + addr));
	/* In small pieces where the big one was. */
	for (addr = SIZE_2M; addr < SIZE_2M + 8 * PAGE; addr += PAGE)
		ASSERT_EQ(0, iommufd_ioas_map(n->iommufd, n->ioas,
					      guest_va(&huge, addr ^ PAGE),
					      PAGE, IOVA + addr,
					      IOMMUFD_MAP_RW));
	for (addr = SIZE_2M; addr < SIZE_2M + 8 * PAGE; addr += PAGE)
		EXPECT_EQ((addr ^ PAGE) + 1, nested_see(n, 0, IOVA + addr));
	EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT),
		  nested_see(n, 0, IOVA + SIZE_2M + 8 * PAGE));
	/* Everything but the guest's memory. */
	ASSERT_EQ(0, unmap(n, IOVA, 4 * SIZE_2M + PAGE));
	for (addr = 0; addr < 4 * SIZE_2M; addr += 63 * PAGE)
		EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT),
			  nested_see(n, 0, IOVA + addr));
	guest_destroy(&huge);
}

TEST_F(fsonly, two_devices)
{
	struct nested *n = &self->n;
	__u64 page = nested_page(n);
	__u32 hwpt;
	int i;

	ASSERT_EQ(0, alloc(n, 1, 0, &hwpt));
	for (i = 0; i < 4; i++) {
		/* On one page table, and on one each. */
		ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));
		ASSERT_EQ(0, vfio_attach(&n->dev[1], i & 1 ? hwpt : n->ioas));
		ASSERT_EQ(0, map(n, IOVA, page, PAGE, IOMMUFD_MAP_RW));
		EXPECT_EQ(page, nested_see(n, 0, IOVA));
		EXPECT_EQ(page, nested_see(n, 1, IOVA));
		ASSERT_EQ(0, unmap(n, IOVA, PAGE));
		EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, IOVA));
		EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(n, 1, IOVA));

		/* One leaves, and what it cached with it. */
		ASSERT_EQ(0, map(n, IOVA, page, PAGE, IOMMUFD_MAP_RW));
		EXPECT_EQ(page, nested_see(n, 0, IOVA));
		EXPECT_EQ(page, nested_see(n, 1, IOVA));
		ASSERT_EQ(0, vfio_detach(&n->dev[i & 1]));
		EXPECT_EQ(FAULT(VTD_FR_PASID_PRESENT),
			  nested_see(n, i & 1, IOVA));
		EXPECT_EQ(page, nested_see(n, !(i & 1), IOVA));
		ASSERT_EQ(0, vfio_detach(&n->dev[!(i & 1)]));
		ASSERT_EQ(0, unmap(n, IOVA, PAGE));
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
		.dst_iova = IOVA + 5 * PAGE,
		.src_iova = IOVA,
	};

	ASSERT_EQ(0, iommufd_ioas_alloc(n->iommufd, &copy.dst_ioas_id));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], copy.dst_ioas_id));
	ASSERT_EQ(0, map(n, IOVA, page, PAGE, IOMMUFD_MAP_RW));
	EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(n, 1, copy.dst_iova));
	ASSERT_EQ(0, iommufd_ioctl(n->iommufd, IOMMU_IOAS_COPY, &copy));
	EXPECT_EQ(page, nested_see(n, 1, copy.dst_iova));
	EXPECT_EQ(FAULT(VTD_FR_WRITE), nested_poke(n, 1, copy.dst_iova, 1));
	EXPECT_EQ(0, nested_poke(n, 0, IOVA, page));

	/* It does not depend on what it was copied from. */
	ASSERT_EQ(0, unmap(n, IOVA, PAGE));
	EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, IOVA));
	EXPECT_EQ(page, nested_see(n, 1, copy.dst_iova));
	/* Each device is moved to where the other was. */
	ASSERT_EQ(0, vfio_attach(&n->dev[0], copy.dst_ioas_id));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], n->ioas));
	EXPECT_EQ(page, nested_see(n, 0, copy.dst_iova));
	EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(n, 1, copy.dst_iova));
	ASSERT_EQ(0, iommufd_ioas_unmap(n->iommufd, copy.dst_ioas_id,
					copy.dst_iova, PAGE));
	EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, copy.dst_iova));
}

/* First-stage addresses are canonical: the upper half is not for devices. */
TEST_F(fsonly, last_address)
{
	struct nested *n = &self->n;
	struct iommu_iova_range range[32];
	struct iommu_ioas_iova_ranges cmd = {
		.size = sizeof(cmd),
		.ioas_id = n->ioas,
		.num_iovas = ARRAY_SIZE(range),
		.allowed_iovas = (uintptr_t)range,
	};
	__u64 page = nested_page(n);
	__u64 end = 0;
	unsigned int i;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));
	ASSERT_EQ(0, iommufd_ioctl(n->iommufd, IOMMU_IOAS_IOVA_RANGES, &cmd));
	for (i = 0; i < cmd.num_iovas; i++) {
		if (range[i].last + 1 > end)
			end = range[i].last + 1;
		/* Interrupts are no memory here either. */
		EXPECT_TRUE(range[i].last < 0xfee00000 ||
			    range[i].start > 0xfeefffff);
	}
	EXPECT_EQ(n->unit.cap_reg & VTD_CAP_FS5LP ? BIT_ULL(56) : BIT_ULL(47),
		  end);
	ASSERT_EQ(0, map(n, end - PAGE, page, PAGE, IOMMUFD_MAP_RW));
	EXPECT_EQ(page, nested_see(n, 0, end - PAGE));
	EXPECT_GT(0, map(n, end, page, PAGE, IOMMUFD_MAP_RW));
	EXPECT_GT(0, map(n, -end, page, PAGE, IOMMUFD_MAP_RW));
	nested_see(n, 0, end);
	EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
	ASSERT_EQ(0, unmap(n, end - PAGE, PAGE));
	EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, end - PAGE));
}

/**
 * struct reader - a device that reads without pause
 * @n: guest
 * @addr: where
 * @stop: set when it shall stop
 * @reads: how often it has read
 * @wrong: what it saw that is not @addr's stamp, or 0
 */
struct reader {
	struct nested *n;
	__u64 addr;
	bool stop;
	int reads;
	__u64 wrong;
};

static void *keep_reading(void *arg)
{
	struct reader *r = arg;
	__u64 seen;

	while (!__atomic_load_n(&r->stop, __ATOMIC_ACQUIRE)) {
		seen = nested_see(r->n, 0, r->addr);
		if (seen != r->addr) {
			r->wrong = seen;
			break;
		}
		__atomic_add_fetch(&r->reads, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

/* What is mapped stays so, whatever is mapped and unmapped beside it. */
TEST_F(fsonly, changes_while_dma_runs)
{
	struct nested *n = &self->n;
	struct reader r = { .n = n, .addr = nested_page(n) };
	__u64 page = nested_page(n);
	struct endpoint_result res;
	pthread_t thread;
	__u64 val;
	int i;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->ioas));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], n->ioas));
	ASSERT_EQ(0, pthread_create(&thread, NULL, keep_reading, &r));
	for (i = 0; i < 50; i++) {
		__u64 iova = RAM_GPA + RAM + (i % 3 ? i * PAGE : i * SIZE_2M);

		EXPECT_EQ(0, map(n, iova, page, PAGE, IOMMUFD_MAP_RW));
		EXPECT_EQ(0, endpoint_read(&n->dev[1], iova, &val, 8, &res));
		EXPECT_EQ(VTDSIM_EP_S_OK, res.status);
		EXPECT_EQ(page, val);
		EXPECT_EQ(0, unmap(n, iova, PAGE));
		EXPECT_EQ(0, endpoint_read(&n->dev[1], iova, &val, 8, &res));
		EXPECT_EQ(VTDSIM_EP_S_FAULT, res.status);
	}
	while (__atomic_load_n(&r.reads, __ATOMIC_ACQUIRE) < 10 && !r.wrong)
		usleep(1000);
	__atomic_store_n(&r.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, r.wrong);
}

TEST_HARNESS_MAIN
