// SPDX-License-Identifier: GPL-2.0-only
/*
 * PASIDs from user space: page tables of both kinds on PASIDs of a device, as VMMs
 * attach them for the PASID table of a guest. The calls are those of Linux 6.15 and
 * later; on an older kernel the tests skip.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "nested_event.h"
#include "nested_pasid.h"
#include "nested_pri.h"
#include "nested_tracked.h"
#include "sysfs.h"

FIXTURE(pasid)
{
	struct nested n;
	__u32 width;	/* of PASIDs, in bits */
};

FIXTURE_SETUP(pasid)
{
	struct iommu_hw_info info;
	__u32 hwpt;
	int ret;

	NESTED_SETUP(return, nested_open, &self->n, 1);
	ret = nested_hwpt_alloc(&self->n, 0, IOMMUFD_ALLOC_PASID, &hwpt);
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

	ASSERT_EQ(0, nested_hwpt_alloc(n, 0, IOMMUFD_ALLOC_PASID, &hwpt));
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, hwpt));
	EXPECT_EQ(page, pasid_see(n, PASID_A, page));
	EXPECT_TRUE(pasid_blocked(n, PASID_B, page));
	EXPECT_TRUE(nested_blocked(n, 0, page));
	EXPECT_EQ(-EBUSY, iommufd_destroy(n->iommufd, hwpt));
	ASSERT_EQ(0, vfio_detach_pasid(&n->dev[0], PASID_A));
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
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, s1.hwpt));
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
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, s1.hwpt));
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
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, s1.hwpt));
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_B, s1.hwpt));
	EXPECT_EQ(page, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(page, pasid_see(n, PASID_A, NESTED_IOVA));
	EXPECT_EQ(page, pasid_see(n, PASID_B, NESTED_IOVA));

	other = nested_page(n);
	stage1_map(&s1.t, NESTED_IOVA, other, S1_4K, S1_RW);
	ASSERT_EQ(0, nested_invalidate(n, s1.hwpt, NESTED_IOVA, 1, 0));
	EXPECT_EQ(other, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(other, pasid_see(n, PASID_A, NESTED_IOVA));
	EXPECT_EQ(other, pasid_see(n, PASID_B, NESTED_IOVA));

	ASSERT_EQ(0, vfio_detach_pasid(&n->dev[0], PASID_A));
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
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, a.hwpt));
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_B, b.hwpt));
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
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, a.hwpt));
	EXPECT_EQ(in_a, pasid_see(n, PASID_A, NESTED_IOVA));
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, b.hwpt));
	EXPECT_EQ(in_b, pasid_see(n, PASID_A, NESTED_IOVA));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, a.hwpt));
	EXPECT_EQ(in_b, pasid_see(n, PASID_A, NESTED_IOVA));
	ASSERT_EQ(0, vfio_detach_pasid(&n->dev[0], PASID_A));
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
	EXPECT_EQ(-EINVAL, vfio_attach_pasid(&n->dev[0], PASID_A, plain));
	EXPECT_EQ(-EINVAL, vfio_attach_pasid(&n->dev[0], 1U << self->width, s1.hwpt));
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, s1.hwpt));
	EXPECT_EQ(-EINVAL, vfio_attach_pasid(&n->dev[0], PASID_A, plain));
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
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, s1.hwpt));
	EXPECT_EQ(page, pasid_see(n, PASID_A, NESTED_IOVA));
	ASSERT_LE(1, endpoint_find(bdf, 1));
	vfio_close(&n->dev[0]);
	ASSERT_EQ(0, endpoint_open(&n->dev[0], bdf[0], n->iommufd));
	EXPECT_TRUE(pasid_blocked(n, PASID_A, NESTED_IOVA));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, s1.hwpt));
}

/* Faults of PASIDs, all in the queue of one table */
FIXTURE(pasid_fault)
{
	struct faulting f;
	__u32 hwpt;
};

FIXTURE_SETUP(pasid_fault)
{
	struct faulting *f = &self->f;

	NESTED_SETUP(return, faulting_open, f);
	if (!pasids_can_be_attached(&f->n))
		SKIP(return, "iommufd attaches no PASIDs");
	ASSERT_EQ(0, pasid_hwpt_alloc(&f->n, &f->s1.t, f->queue, &self->hwpt));
	ASSERT_EQ(0, vfio_attach_pasid(&f->n.dev[0], PASID_A, self->hwpt));
	ASSERT_EQ(0, vfio_attach_pasid(&f->n.dev[0], PASID_B, self->hwpt));
}

FIXTURE_TEARDOWN(pasid_fault)
{
	EXPECT_EQ(0, faulting_close(&self->f));
}

/* One request of a group; the last one waits for the response. */
static void pasid_ask(struct faulting *f, __u32 pasid, __u64 addr, bool last)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_PAGE_REQUEST,
		.flags = VTDSIM_EP_F_PASID | VTDSIM_EP_F_READ | (last ? VTDSIM_EP_F_LAST : 0),
		.pasid = pasid,
		.addr = addr,
		.group = FAULTING_GROUP,
	};

	if (last)
		endpoint_start(&f->n.dev[0], &cmd);
	else
		endpoint_run(&f->n.dev[0], &cmd, &f->n.last);
}

/* Each request says which PASID it is for, and the response goes back to it. */
TEST_F_TIMEOUT(pasid_fault, which_pasid, 600)
{
	const __u32 pasids[] = { PASID_A, PASID_B };
	struct faulting *f = &self->f;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pasids); i++) {
		const struct endpoint_cmd cmd = {
			.op = VTDSIM_EP_OP_READ,
			.flags = VTDSIM_EP_F_PASID | VTDSIM_EP_F_PAGE_REQUEST,
			.pasid = pasids[i],
			.addr = FAULTING_MISSING + i * PAGE,
			.len = sizeof(__u64),
			.group = FAULTING_GROUP,
		};
		__u64 page = nested_page(&f->n);

		endpoint_start(&f->n.dev[0], &cmd);
		ASSERT_EQ(1, faulting_next_group(f));
		EXPECT_EQ(pasids[i], f->got[0].pasid);
		EXPECT_TRUE(f->got[0].flags & IOMMU_PGFAULT_FLAGS_PASID_VALID);
		EXPECT_EQ(FAULTING_MISSING + i * PAGE, f->got[0].addr);
		faulting_map(f, FAULTING_MISSING + i * PAGE, page);
		ASSERT_EQ(0, faulting_respond_ok(f));
		EXPECT_EQ(page, faulting_finish(f, 0));
	}
}

/* Fewer than an endpoint may have under way */
#define MANY_FAULTS	100

/* All requests of a group come in one read. */
TEST_F_TIMEOUT(pasid_fault, hundred_in_one_read, 600)
{
	static struct iommu_hwpt_pgfault got[MANY_FAULTS + 1];
	struct faulting *f = &self->f;
	unsigned int i, n;

	for (i = 0; i < MANY_FAULTS; i++)
		pasid_ask(f, PASID_B, FAULTING_MISSING + i * PAGE, i == MANY_FAULTS - 1);
	ASSERT_TRUE(faulting_wait(f, FAULTING_PATIENCE_MS));
	n = read(f->fd, got, sizeof(got)) / sizeof(got[0]);
	ASSERT_EQ(MANY_FAULTS, n);
	for (i = 0; i < n; i++) {
		EXPECT_EQ(PASID_B, got[i].pasid);
		EXPECT_EQ(got[0].cookie, got[i].cookie);
		EXPECT_EQ(FAULTING_MISSING + i * PAGE, got[i].addr);
	}
	ASSERT_EQ(0, faulting_respond(f, got[0].cookie, IOMMUFD_PAGE_RESP_SUCCESS));
	faulting_finish(f, 0);
	EXPECT_EQ(FAULTING_PRG_SUCCESS, f->n.last.response);
}

/* A request without its last one goes with the PASID that is detached. */
TEST_F_TIMEOUT(pasid_fault, detached_with_half_a_group, 600)
{
	struct faulting *f = &self->f;

	pasid_ask(f, PASID_A, FAULTING_MISSING, false);
	ASSERT_EQ(0, vfio_detach_pasid(&f->n.dev[0], PASID_A));
	ASSERT_EQ(0, vfio_detach_pasid(&f->n.dev[0], PASID_B));
	ASSERT_EQ(0, vfio_attach_pasid(&f->n.dev[0], PASID_A, self->hwpt));
	pasid_ask(f, PASID_A, FAULTING_MISSING + PAGE, true);
	ASSERT_EQ(1, faulting_next_group(f));
	ASSERT_EQ(0, faulting_respond_ok(f));
	faulting_finish(f, 0);
}

/**
 * struct toggler - who switches dirty tracking on and off
 * @t: the guest
 * @failed: how often that failed
 */
struct toggler {
	struct tracked *t;
	int failed;
};

FIXTURE(pasid_dirty)
{
	struct tracked t;
	struct nested_s1 s1;
	struct worker w;
	struct toggler toggler;
};

FIXTURE_SETUP(pasid_dirty)
{
	struct tracked *t = &self->t;
	int i;

	NESTED_SETUP(return, tracked_open, t);
	if (!pasids_can_be_attached(&t->n))
		SKIP(return, "iommufd attaches no PASIDs");
	stage1_create(&self->s1.t, &t->n.guest, 4);
	for (i = 0; i < TRACKED_PAGES; i++)
		stage1_map(&self->s1.t, tracked_iova(i), t->page[i], S1_4K, S1_RW);
	ASSERT_EQ(0, pasid_hwpt_alloc(&t->n, &self->s1.t, 0, &self->s1.hwpt));
}

FIXTURE_TEARDOWN(pasid_dirty)
{
	worker_stop(&self->w);
	EXPECT_EQ(0, nested_close(&self->t.n));
}

/* What a PASID writes is in the bitmap, whether it was attached before or after. */
TEST_F_TIMEOUT(pasid_dirty, written, 600)
{
	struct tracked *t = &self->t;
	struct nested *n = &t->n;

	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, self->s1.hwpt));
	ASSERT_EQ(0, tracked_switch(t, true));
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_B, self->s1.hwpt));
	EXPECT_EQ(VTDSIM_EP_S_OK, pasid_poke(n, PASID_A, tracked_iova(1)));
	EXPECT_EQ(VTDSIM_EP_S_OK, pasid_poke(n, PASID_B, tracked_iova(6)));
	EXPECT_EQ(t->page[2], pasid_see(n, PASID_A, tracked_iova(2)));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_TRUE(tracked_is_dirty(t, t->page[1]));
	EXPECT_TRUE(tracked_is_dirty(t, t->page[6]));
	EXPECT_FALSE(tracked_is_dirty(t, t->page[2]));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_FALSE(tracked_is_dirty(t, t->page[1]));
	ASSERT_EQ(0, tracked_switch(t, false));
}

/* Is the nesting that of the driver, and not of the extension? */
static bool nesting_of_base(void)
{
	char cmdline[4096] = "";

	return !sysfs_read("/proc/cmdline", cmdline, sizeof(cmdline)) &&
	       strstr(cmdline, "intel_iommu_nested=base");
}

static bool switch_twice(void *arg)
{
	struct toggler *toggler = arg;

	toggler->failed += !!tracked_switch(toggler->t, true);
	toggler->failed += !!tracked_switch(toggler->t, false);
	return true;
}

/* Switching looks at no PASID that another kind of table has, or is about to get. */
TEST_F_TIMEOUT(pasid_dirty, switched_while_replaced, 600)
{
	struct nested *n = &self->t.n;
	__u32 paging;
	int i;

	ASSERT_EQ(0, nested_hwpt_alloc(n, 0, IOMMUFD_ALLOC_PASID, &paging));
	ASSERT_EQ(0, sysfs_write("/sys/kernel/debug/vtdsim/queue_delay", "20000"));
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, paging));
	self->toggler.t = &self->t;
	ASSERT_EQ(0, worker_start(&self->w, switch_twice, &self->toggler));
	for (i = 0; i < 60; i++) {
		EXPECT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, self->s1.hwpt));
		EXPECT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, paging));
	}
	worker_stop(&self->w);
	EXPECT_EQ(0, sysfs_write("/sys/kernel/debug/vtdsim/queue_delay", "0"));
	EXPECT_EQ(0, vfio_detach_pasid(&n->dev[0], PASID_A));
	if (self->toggler.failed && nesting_of_base())
		SKIP(return, "the driver switches PASIDs that are being replaced: %d failed",
		     self->toggler.failed);
	EXPECT_EQ(0, self->toggler.failed);
}

TEST_HARNESS_MAIN
