// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page requests of devices whose DMA is nested: a page that is missing in the
 * guest's table is asked for through the fault queue of the nested page table,
 * and DMA waits until user space has answered.
 */
#include <errno.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "vtd_nested_pri.h"

FIXTURE(fault)
{
	struct faulting f;
};

FIXTURE_SETUP(fault)
{
	const char *skip;
	int ret = faulting_open(&self->f, &skip);

	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, vfio_attach(&self->f.n.dev[0], self->f.s1.hwpt));
}

FIXTURE_TEARDOWN(fault)
{
	EXPECT_EQ(0, faulting_close(&self->f));
}

TEST_F_TIMEOUT(fault, read, 600)
{
	struct faulting *f = &self->f;
	__u64 page = nested_page(&f->n);

	EXPECT_EQ(f->page, nested_see(&f->n, 0, IOVA));
	EXPECT_FALSE(wait_queue(f, 0));

	start_read(f, 0, MISSING + 0x10);
	ASSERT_EQ(1, next_group(f));
	EXPECT_EQ(f->n.dev[0].id, f->got[0].dev_id);
	EXPECT_EQ(MISSING, f->got[0].addr);
	EXPECT_EQ(GROUP, f->got[0].grpid);
	EXPECT_EQ(IOMMU_PGFAULT_PERM_READ, f->got[0].perm);
	EXPECT_EQ(IOMMU_PGFAULT_FLAGS_LAST_PAGE, f->got[0].flags);
	EXPECT_TRUE(endpoint_busy(&f->n.dev[0]));

	*(__u64 *)guest_va(&f->n.guest, page + 0x10) = 0x1234;
	faulting_map(f, MISSING, page);
	EXPECT_TRUE(endpoint_busy(&f->n.dev[0]));
	ASSERT_EQ(0, respond_ok(f));
	EXPECT_EQ(0x1234, finish(f, 0));
	EXPECT_EQ(PRG_SUCCESS, f->n.last.response);

	/* Nothing to ask for any more. */
	EXPECT_EQ(page, nested_see(&f->n, 0, MISSING));
	EXPECT_FALSE(wait_queue(f, 0));
}

TEST_F_TIMEOUT(fault, write, 600)
{
	struct faulting *f = &self->f;
	__u64 page = nested_page(&f->n);

	*endpoint_buffer(f, 0, 0) = 0x77;
	start_dma(f, 0, VTDSIM_EP_OP_WRITE, MISSING, 8);
	ASSERT_EQ(1, next_group(f));
	EXPECT_EQ(IOMMU_PGFAULT_PERM_WRITE, f->got[0].perm);
	faulting_map(f, MISSING, page);
	ASSERT_EQ(0, respond_ok(f));
	EXPECT_EQ(0x77, finish(f, 0));
	EXPECT_EQ(0x77, *(__u64 *)guest_va(&f->n.guest, page));
	EXPECT_TRUE(stage1_get(stage1_entry(&f->s1.t, MISSING, 1)) & S1_DIRTY);
}

/* The page is there, but not to be written: copy on write, for example. */
TEST_F_TIMEOUT(fault, write_to_a_read_only_page, 600)
{
	struct faulting *f = &self->f;
	__u64 page = nested_page(&f->n);

	stage1_map(&f->s1.t, MISSING, f->page, S1_4K, S1_RO);
	ASSERT_EQ(f->page, nested_see(&f->n, 0, MISSING));
	*endpoint_buffer(f, 0, 0) = 0x88;
	start_dma(f, 0, VTDSIM_EP_OP_WRITE, MISSING, 8);
	ASSERT_EQ(1, next_group(f));
	EXPECT_EQ(IOMMU_PGFAULT_PERM_WRITE, f->got[0].perm);
	faulting_map(f, MISSING, page);
	ASSERT_EQ(0, nested_invalidate(&f->n, f->s1.hwpt, MISSING, 1, 0));
	ASSERT_EQ(0, respond_ok(f));
	EXPECT_EQ(0x88, finish(f, 0));
	EXPECT_EQ(0x88, *(__u64 *)guest_va(&f->n.guest, page));
	EXPECT_EQ(f->page, *(__u64 *)guest_va(&f->n.guest, f->page));
}

TEST_F_TIMEOUT(fault, fetch_add, 600)
{
	struct faulting *f = &self->f;
	__u64 page = nested_page(&f->n);

	start_dma(f, 0, VTDSIM_EP_OP_FETCH_ADD, MISSING, 8);
	ASSERT_EQ(1, next_group(f));
	EXPECT_EQ(IOMMU_PGFAULT_PERM_READ | IOMMU_PGFAULT_PERM_WRITE,
		  f->got[0].perm);
	faulting_map(f, MISSING, page);
	ASSERT_EQ(0, respond_ok(f));
	finish(f, 0);
	EXPECT_EQ(VTDSIM_EP_S_OK, f->n.last.status);
	EXPECT_EQ(page, f->n.last.old);
	EXPECT_EQ(page + 1, *(__u64 *)guest_va(&f->n.guest, page));
}

/* One page after the other, as the endpoint comes to them. */
TEST_F_TIMEOUT(fault, several_pages, 600)
{
	struct faulting *f = &self->f;
	__u64 page[3];
	int i;

	start_dma(f, 0, VTDSIM_EP_OP_READ, MISSING, 3 * PAGE);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(1, next_group(f));
		EXPECT_EQ(MISSING + i * PAGE, f->got[0].addr);
		page[i] = nested_page(&f->n);
		faulting_map(f, MISSING + i * PAGE, page[i]);
		ASSERT_EQ(0, respond_ok(f));
	}
	EXPECT_EQ(page[0], finish(f, 0));
	EXPECT_EQ(3 * PAGE, f->n.last.count);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(page[i], *endpoint_buffer(f, 0, i * PAGE));
}

/* DMA that does not ask is told what is wrong, and nobody else is. */
TEST_F_TIMEOUT(fault, nobody_asks, 600)
{
	struct faulting *f = &self->f;

	EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(&f->n, 0, MISSING));
	EXPECT_FALSE(wait_queue(f, 200));
	EXPECT_EQ(0, fault_in(f, 0, MISSING));
}

TEST_F_TIMEOUT(fault, refused, 600)
{
	struct faulting *f = &self->f;

	start_read(f, 0, MISSING);
	ASSERT_EQ(1, next_group(f));
	ASSERT_EQ(0, respond(f, f->got[0].cookie, IOMMUFD_PAGE_RESP_INVALID));
	EXPECT_EQ(REFUSED, finish(f, 0));
	EXPECT_EQ(PRG_INVALID, f->n.last.response);
	EXPECT_EQ(0, fault_in(f, 0, MISSING));
}

/* What is no answer leaves the request as it is. */
TEST_F_TIMEOUT(fault, wrong_answers, 600)
{
	struct faulting *f = &self->f;
	__u32 cookie;

	start_read(f, 0, MISSING);
	ASSERT_EQ(1, next_group(f));
	cookie = f->got[0].cookie;
	EXPECT_EQ(-EINVAL, respond(f, cookie + 1, IOMMUFD_PAGE_RESP_SUCCESS));
	EXPECT_EQ(-EINVAL, respond(f, cookie, 2));
	EXPECT_EQ(-EINVAL, respond(f, cookie, 0xf));
	EXPECT_TRUE(endpoint_busy(&f->n.dev[0]));
	faulting_map(f, MISSING, f->page);
	ASSERT_EQ(0, respond(f, cookie, IOMMUFD_PAGE_RESP_SUCCESS));
	EXPECT_EQ(f->page, finish(f, 0));
	EXPECT_EQ(-EINVAL, respond(f, cookie, IOMMUFD_PAGE_RESP_SUCCESS));
}

/* "Done" without having done it: the endpoint gives up, in the end. */
TEST_F_TIMEOUT(fault, success_without_a_page, 600)
{
	struct faulting *f = &self->f;
	int asked;

	start_read(f, 0, MISSING);
	for (asked = 0; endpoint_busy(&f->n.dev[0]) && asked < 100;) {
		if (!wait_queue(f, 100))
			continue;
		ASSERT_EQ(1, next_group(f));
		ASSERT_EQ(0, respond_ok(f));
		asked++;
	}
	EXPECT_LT(1, asked);
	EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), finish(f, 0));
	EXPECT_EQ(0, fault_in(f, 0, MISSING));
}

/* One answer for all pages of a group; it is read whole or not at all. */
TEST_F_TIMEOUT(fault, group_of_three, 600)
{
	struct faulting *f = &self->f;
	bool seen[3] = {};
	int i, at;

	ASSERT_EQ(0, ask(f, 0, MISSING, VTDSIM_EP_F_READ));
	ASSERT_EQ(0, ask(f, 0, MISSING + PAGE, VTDSIM_EP_F_WRITE));
	EXPECT_FALSE(wait_queue(f, 100));
	ask(f, 0, MISSING + 2 * PAGE, VTDSIM_EP_F_READ | VTDSIM_EP_F_LAST);

	ASSERT_TRUE(wait_queue(f, PATIENCE_MS));
	EXPECT_EQ(-1, read(f->fd, f->got, 2 * sizeof(f->got[0])));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(3, next_group(f));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(GROUP, f->got[i].grpid);
		EXPECT_EQ(f->got[0].cookie, f->got[i].cookie);
		at = (f->got[i].addr - MISSING) / PAGE;
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
	ASSERT_EQ(0, respond_ok(f));
	finish(f, 0);
	EXPECT_EQ(VTDSIM_EP_S_OK, f->n.last.status);
	EXPECT_EQ(PRG_SUCCESS, f->n.last.response);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(f->page, nested_see(&f->n, 0, MISSING + i * PAGE));
}

TEST_F_TIMEOUT(fault, two_devices_answered_in_reverse, 600)
{
	struct faulting *f = &self->f;
	__u64 page[2] = { nested_page(&f->n), nested_page(&f->n) };
	int i, n, first;

	ASSERT_EQ(0, vfio_attach(&f->n.dev[1], f->s1.hwpt));
	start_read(f, 0, MISSING);
	start_read(f, 1, MISSING + PAGE);
	for (n = 0; n < 2; n += i) {
		ASSERT_TRUE(wait_queue(f, PATIENCE_MS));
		i = read(f->fd, &f->got[n], (RECORDS - n) * sizeof(f->got[0]));
		ASSERT_LT(0, i);
		i /= (int)sizeof(f->got[0]);
	}
	ASSERT_EQ(2, n);
	first = f->got[0].dev_id == f->n.dev[1].id;
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(f->n.dev[i ^ first].id, f->got[i].dev_id);
		EXPECT_EQ(MISSING + (i ^ first) * PAGE, f->got[i].addr);
	}
	ASSERT_NE(f->got[0].cookie, f->got[1].cookie);

	faulting_map(f, MISSING, page[0]);
	faulting_map(f, MISSING + PAGE, page[1]);
	ASSERT_EQ(0, respond(f, f->got[1].cookie, IOMMUFD_PAGE_RESP_SUCCESS));
	EXPECT_EQ(page[1 ^ first], finish(f, 1 ^ first));
	EXPECT_TRUE(endpoint_busy(&f->n.dev[first]));
	ASSERT_EQ(0, respond(f, f->got[0].cookie, IOMMUFD_PAGE_RESP_INVALID));
	EXPECT_EQ(REFUSED, finish(f, first));
}

/* Attached from detached, from the parent, from tables with and without. */
TEST_F_TIMEOUT(fault, ways_to_attach, 600)
{
	struct faulting *f = &self->f;
	struct s1 plain, other;
	int i;

	ASSERT_EQ(0, nested_s1_create(&f->n, &plain, 4));
	stage1_create(&other.t, &f->n.guest, 4);
	ASSERT_EQ(0, faulting_hwpt(f, &other.t, &other.hwpt));
	const __u32 from[] = { f->n.parent, f->n.ioas, plain.hwpt, other.hwpt };

	EXPECT_EQ(0, fault_in(f, 0, MISSING));
	for (i = 0; i < (int)ARRAY_SIZE(from); i++) {
		ASSERT_EQ(0, vfio_attach(&f->n.dev[0], from[i]));
		ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
		EXPECT_EQ(0, fault_in(f, 0, MISSING + (i + 1) * PAGE));
		ASSERT_EQ(0, vfio_detach(&f->n.dev[0]));
		ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
		EXPECT_EQ(f->page, nested_see(&f->n, 0, IOVA));
	}
	/* Without a queue nobody is asked. */
	ASSERT_EQ(0, vfio_attach(&f->n.dev[0], plain.hwpt));
	start_read(f, 0, MISSING);
	finish(f, 0);
	EXPECT_NE(VTDSIM_EP_S_OK, f->n.last.status);
	EXPECT_FALSE(wait_queue(f, 100));
}

TEST_HARNESS_MAIN
