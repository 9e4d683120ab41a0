// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page requests of devices whose DMA is nested. A device requests a page that
 * the guest's table does not map; the request goes to the fault queue of the
 * nested page table, and DMA waits until user space has responded.
 */
#include <errno.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "nested_pri.h"

FIXTURE(fault)
{
	struct faulting f;
};

FIXTURE_SETUP(fault)
{
	NESTED_SETUP(return, faulting_open_attached, &self->f);
}

FIXTURE_TEARDOWN(fault)
{
	EXPECT_EQ(0, faulting_close(&self->f));
}

TEST_F_TIMEOUT(fault, read, 600)
{
	struct faulting *f = &self->f;
	__u64 page = nested_page(&f->n);

	EXPECT_EQ(f->page, nested_see(&f->n, 0, NESTED_IOVA));
	EXPECT_FALSE(faulting_wait(f, 0));

	faulting_start_read(f, 0, FAULTING_MISSING + 0x10);
	ASSERT_EQ(1, faulting_next_group(f));
	EXPECT_EQ(f->n.dev[0].id, f->got[0].dev_id);
	EXPECT_EQ(FAULTING_MISSING, f->got[0].addr);
	EXPECT_EQ(FAULTING_GROUP, f->got[0].grpid);
	EXPECT_EQ(IOMMU_PGFAULT_PERM_READ, f->got[0].perm);
	EXPECT_EQ(IOMMU_PGFAULT_FLAGS_LAST_PAGE, f->got[0].flags);
	EXPECT_TRUE(endpoint_busy(&f->n.dev[0]));

	*(__u64 *)guest_va(&f->n.guest, page + 0x10) = 0x1234;
	faulting_map(f, FAULTING_MISSING, page);
	EXPECT_TRUE(endpoint_busy(&f->n.dev[0]));
	ASSERT_EQ(0, faulting_respond_ok(f));
	EXPECT_EQ(0x1234, faulting_finish(f, 0));
	EXPECT_EQ(FAULTING_PRG_SUCCESS, f->n.last.response);

	/* No further request is needed. */
	EXPECT_EQ(page, nested_see(&f->n, 0, FAULTING_MISSING));
	EXPECT_FALSE(faulting_wait(f, 0));
}

TEST_F_TIMEOUT(fault, write, 600)
{
	struct faulting *f = &self->f;
	__u64 page = nested_page(&f->n);

	*faulting_buffer(f, 0, 0) = 0x77;
	faulting_start_dma(f, 0, VTDSIM_EP_OP_WRITE, FAULTING_MISSING, 8);
	ASSERT_EQ(1, faulting_next_group(f));
	EXPECT_EQ(IOMMU_PGFAULT_PERM_WRITE, f->got[0].perm);
	faulting_map(f, FAULTING_MISSING, page);
	ASSERT_EQ(0, faulting_respond_ok(f));
	EXPECT_EQ(0x77, faulting_finish(f, 0));
	EXPECT_EQ(0x77, *(__u64 *)guest_va(&f->n.guest, page));
	EXPECT_TRUE(stage1_get(stage1_entry(&f->s1.t, FAULTING_MISSING, 1)) & S1_DIRTY);
}

/* The page is mapped read-only, as for copy on write. */
TEST_F_TIMEOUT(fault, write_to_a_read_only_page, 600)
{
	struct faulting *f = &self->f;
	__u64 page = nested_page(&f->n);

	stage1_map(&f->s1.t, FAULTING_MISSING, f->page, S1_4K, S1_RO);
	ASSERT_EQ(f->page, nested_see(&f->n, 0, FAULTING_MISSING));
	*faulting_buffer(f, 0, 0) = 0x88;
	faulting_start_dma(f, 0, VTDSIM_EP_OP_WRITE, FAULTING_MISSING, 8);
	ASSERT_EQ(1, faulting_next_group(f));
	EXPECT_EQ(IOMMU_PGFAULT_PERM_WRITE, f->got[0].perm);
	faulting_map(f, FAULTING_MISSING, page);
	ASSERT_EQ(0, nested_invalidate(&f->n, f->s1.hwpt, FAULTING_MISSING, 1, 0));
	ASSERT_EQ(0, faulting_respond_ok(f));
	EXPECT_EQ(0x88, faulting_finish(f, 0));
	EXPECT_EQ(0x88, *(__u64 *)guest_va(&f->n.guest, page));
	EXPECT_EQ(f->page, *(__u64 *)guest_va(&f->n.guest, f->page));
}

TEST_F_TIMEOUT(fault, fetch_add, 600)
{
	struct faulting *f = &self->f;
	__u64 page = nested_page(&f->n);

	faulting_start_dma(f, 0, VTDSIM_EP_OP_FETCH_ADD, FAULTING_MISSING, 8);
	ASSERT_EQ(1, faulting_next_group(f));
	EXPECT_EQ(IOMMU_PGFAULT_PERM_READ | IOMMU_PGFAULT_PERM_WRITE,
		  f->got[0].perm);
	faulting_map(f, FAULTING_MISSING, page);
	ASSERT_EQ(0, faulting_respond_ok(f));
	faulting_finish(f, 0);
	EXPECT_EQ(VTDSIM_EP_S_OK, f->n.last.status);
	EXPECT_EQ(page, f->n.last.old);
	EXPECT_EQ(page + 1, *(__u64 *)guest_va(&f->n.guest, page));
}

/* The endpoint requests pages one by one, as it comes to them. */
TEST_F_TIMEOUT(fault, several_pages, 600)
{
	struct faulting *f = &self->f;
	__u64 page[3];
	int i;

	faulting_start_dma(f, 0, VTDSIM_EP_OP_READ, FAULTING_MISSING, 3 * PAGE);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(1, faulting_next_group(f));
		EXPECT_EQ(FAULTING_MISSING + i * PAGE, f->got[0].addr);
		page[i] = nested_page(&f->n);
		faulting_map(f, FAULTING_MISSING + i * PAGE, page[i]);
		ASSERT_EQ(0, faulting_respond_ok(f));
	}
	EXPECT_EQ(page[0], faulting_finish(f, 0));
	EXPECT_EQ(3 * PAGE, f->n.last.count);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(page[i], *faulting_buffer(f, 0, i * PAGE));
}

/* DMA without page requests gets a fault, and the queue stays empty. */
TEST_F_TIMEOUT(fault, nobody_asks, 600)
{
	struct faulting *f = &self->f;

	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(&f->n, 0, FAULTING_MISSING));
	EXPECT_FALSE(faulting_wait(f, 200));
	EXPECT_EQ(0, faulting_fault_in(f, 0, FAULTING_MISSING));
}

TEST_F_TIMEOUT(fault, refused, 600)
{
	struct faulting *f = &self->f;

	faulting_start_read(f, 0, FAULTING_MISSING);
	ASSERT_EQ(1, faulting_next_group(f));
	ASSERT_EQ(0, faulting_respond(f, f->got[0].cookie, IOMMUFD_PAGE_RESP_INVALID));
	EXPECT_EQ(FAULTING_REFUSED, faulting_finish(f, 0));
	EXPECT_EQ(FAULTING_PRG_INVALID, f->n.last.response);
	EXPECT_EQ(0, faulting_fault_in(f, 0, FAULTING_MISSING));
}

/* An invalid response does not end the request. */
TEST_F_TIMEOUT(fault, wrong_answers, 600)
{
	struct faulting *f = &self->f;
	__u32 cookie;

	faulting_start_read(f, 0, FAULTING_MISSING);
	ASSERT_EQ(1, faulting_next_group(f));
	cookie = f->got[0].cookie;
	EXPECT_EQ(-EINVAL, faulting_respond(f, cookie + 1, IOMMUFD_PAGE_RESP_SUCCESS));
	EXPECT_EQ(-EINVAL, faulting_respond(f, cookie, 2));
	EXPECT_EQ(-EINVAL, faulting_respond(f, cookie, 0xf));
	EXPECT_TRUE(endpoint_busy(&f->n.dev[0]));
	faulting_map(f, FAULTING_MISSING, f->page);
	ASSERT_EQ(0, faulting_respond(f, cookie, IOMMUFD_PAGE_RESP_SUCCESS));
	EXPECT_EQ(f->page, faulting_finish(f, 0));
	EXPECT_EQ(-EINVAL, faulting_respond(f, cookie, IOMMUFD_PAGE_RESP_SUCCESS));
}

/* Success without a mapping: the endpoint gives up after some tries. */
TEST_F_TIMEOUT(fault, success_without_a_page, 600)
{
	struct faulting *f = &self->f;
	int asked;

	faulting_start_read(f, 0, FAULTING_MISSING);
	for (asked = 0; endpoint_busy(&f->n.dev[0]) && asked < 100;) {
		if (!faulting_wait(f, 100))
			continue;
		ASSERT_EQ(1, faulting_next_group(f));
		ASSERT_EQ(0, faulting_respond_ok(f));
		asked++;
	}
	EXPECT_LT(1, asked);
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), faulting_finish(f, 0));
	EXPECT_EQ(0, faulting_fault_in(f, 0, FAULTING_MISSING));
}

/* A group has one response for all pages, and is read as a whole. */
TEST_F_TIMEOUT(fault, group_of_three, 600)
{
	struct faulting *f = &self->f;
	bool seen[3] = {};
	int i, at;

	ASSERT_EQ(0, faulting_ask(f, 0, FAULTING_MISSING, VTDSIM_EP_F_READ));
	ASSERT_EQ(0, faulting_ask(f, 0, FAULTING_MISSING + PAGE, VTDSIM_EP_F_WRITE));
	EXPECT_FALSE(faulting_wait(f, 100));
	faulting_ask(f, 0, FAULTING_MISSING + 2 * PAGE, VTDSIM_EP_F_READ | VTDSIM_EP_F_LAST);

	ASSERT_TRUE(faulting_wait(f, FAULTING_PATIENCE_MS));
	EXPECT_EQ(-1, read(f->fd, f->got, 2 * sizeof(f->got[0])));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(3, faulting_next_group(f));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(FAULTING_GROUP, f->got[i].grpid);
		EXPECT_EQ(f->got[0].cookie, f->got[i].cookie);
		at = (f->got[i].addr - FAULTING_MISSING) / PAGE;
		ASSERT_TRUE(at >= 0 && at < 3);
		EXPECT_FALSE(seen[at]);
		seen[at] = true;
		EXPECT_EQ(at == 1 ? IOMMU_PGFAULT_PERM_WRITE :
				    IOMMU_PGFAULT_PERM_READ, f->got[i].perm);
		EXPECT_EQ(i == 2 ? IOMMU_PGFAULT_FLAGS_LAST_PAGE : 0,
			  f->got[i].flags);
		faulting_map(f, f->got[i].addr, f->page);
	}
	EXPECT_TRUE(seen[0] && seen[1] && seen[2]);
	EXPECT_TRUE(endpoint_busy(&f->n.dev[0]));
	ASSERT_EQ(0, faulting_respond_ok(f));
	faulting_finish(f, 0);
	EXPECT_EQ(VTDSIM_EP_S_OK, f->n.last.status);
	EXPECT_EQ(FAULTING_PRG_SUCCESS, f->n.last.response);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(f->page, nested_see(&f->n, 0, FAULTING_MISSING + i * PAGE));
}

TEST_F_TIMEOUT(fault, two_devices_answered_in_reverse, 600)
{
	struct faulting *f = &self->f;
	__u64 page[2] = { nested_page(&f->n), nested_page(&f->n) };
	int i, n, first;

	ASSERT_EQ(0, vfio_attach(&f->n.dev[1], f->s1.hwpt));
	faulting_start_read(f, 0, FAULTING_MISSING);
	faulting_start_read(f, 1, FAULTING_MISSING + PAGE);
	for (n = 0; n < 2; n += i) {
		ASSERT_TRUE(faulting_wait(f, FAULTING_PATIENCE_MS));
		i = read(f->fd, &f->got[n], (FAULTING_RECORDS - n) * sizeof(f->got[0]));
		ASSERT_LT(0, i);
		i /= (int)sizeof(f->got[0]);
	}
	ASSERT_EQ(2, n);
	first = f->got[0].dev_id == f->n.dev[1].id;
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(f->n.dev[i ^ first].id, f->got[i].dev_id);
		EXPECT_EQ(FAULTING_MISSING + (i ^ first) * PAGE, f->got[i].addr);
	}
	ASSERT_NE(f->got[0].cookie, f->got[1].cookie);

	faulting_map(f, FAULTING_MISSING, page[0]);
	faulting_map(f, FAULTING_MISSING + PAGE, page[1]);
	ASSERT_EQ(0, faulting_respond(f, f->got[1].cookie, IOMMUFD_PAGE_RESP_SUCCESS));
	EXPECT_EQ(page[1 ^ first], faulting_finish(f, 1 ^ first));
	EXPECT_TRUE(endpoint_busy(&f->n.dev[first]));
	ASSERT_EQ(0, faulting_respond(f, f->got[0].cookie, IOMMUFD_PAGE_RESP_INVALID));
	EXPECT_EQ(FAULTING_REFUSED, faulting_finish(f, first));
}

/* Attach from detached, from the parent, and from tables of both kinds. */
TEST_F_TIMEOUT(fault, ways_to_attach, 600)
{
	struct faulting *f = &self->f;
	struct nested_s1 plain, other;
	int i;

	ASSERT_EQ(0, nested_s1_create(&f->n, &plain, 4));
	stage1_create(&other.t, &f->n.guest, 4);
	ASSERT_EQ(0, faulting_hwpt(f, &other.t, &other.hwpt));
	const __u32 from[] = { f->n.parent, f->n.ioas, plain.hwpt, other.hwpt };

	EXPECT_EQ(0, faulting_fault_in(f, 0, FAULTING_MISSING));
	for (i = 0; i < (int)ARRAY_SIZE(from); i++) {
		ASSERT_EQ(0, vfio_attach(&f->n.dev[0], from[i]));
		ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
		EXPECT_EQ(0, faulting_fault_in(f, 0, FAULTING_MISSING + (i + 1) * PAGE));
		ASSERT_EQ(0, vfio_detach(&f->n.dev[0]));
		ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
		EXPECT_EQ(f->page, nested_see(&f->n, 0, NESTED_IOVA));
	}
	/* A table without a queue. */
	ASSERT_EQ(0, vfio_attach(&f->n.dev[0], plain.hwpt));
	faulting_start_read(f, 0, FAULTING_MISSING);
	faulting_finish(f, 0);
	EXPECT_NE(VTDSIM_EP_S_OK, f->n.last.status);
	EXPECT_FALSE(faulting_wait(f, 100));
}

TEST_HARNESS_MAIN
