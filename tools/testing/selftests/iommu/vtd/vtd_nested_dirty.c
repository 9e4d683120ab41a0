// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dirty tracking of guest memory under nested translation: exactly the pages
 * that devices write through both stages are in the bitmap of the nest parent.
 *
 * The unit writes accessed and dirty bits into the pages of the guest's table.
 * These pages are dirty as well, because a migration has to copy them.
 */
#include <errno.h>
#include <stdint.h>

#include "kselftest_harness.h"
#include "nested_event.h"
#include "nested_tracked.h"

/* Which of the data pages are dirty, as a mask. */
static unsigned int dirty_data(const struct tracked *t)
{
	unsigned int mask = 0;
	int i;

	for (i = 0; i < TRACKED_PAGES; i++)
		mask |= tracked_is_dirty(t, t->page[i]) << i;
	return mask;
}

static int count_dirty(const struct tracked *t)
{
	unsigned int i;
	int n = 0;

	for (i = 0; i < ARRAY_SIZE(t->map); i++)
		n += __builtin_popcountll(t->map[i]);
	return n;
}

/* GPA of the table with the entry of an address at a level */
static __u64 table_page(const struct nested_s1 *s1, __u64 iova, int level)
{
	const char *entry = (const char *)stage1_entry(&s1->t, iova, level);
	__u64 offset = entry - (const char *)s1->t.guest->va;

	return s1->t.guest->gpa + (offset & ~(PAGE - 1));
}

/* Number of dirty tables among the four that translate an address */
static int dirty_tables(const struct tracked *t, const struct nested_s1 *s1)
{
	int level, n = 0;

	for (level = 1; level <= 4; level++)
		n += tracked_is_dirty(t, table_page(s1, NESTED_IOVA, level));
	return n;
}

/**
 * struct writer - a device that writes its pages, again and again
 * @t: guest
 * @worker: thread that drives the device
 * @writes: writes so far
 * @wrong: answer to a write that failed, or 0
 */
struct writer {
	struct tracked *t;
	struct worker worker;
	int writes;
	__u64 wrong;
};

FIXTURE(dirty)
{
	struct tracked t;
	struct writer w;
};

FIXTURE_SETUP(dirty)
{
	NESTED_SETUP(return, tracked_open, &self->t);
}

FIXTURE_TEARDOWN(dirty)
{
	worker_stop(&self->w.worker);
	EXPECT_EQ(0, nested_close(&self->t.n));
}

TEST_F_TIMEOUT(dirty, written_and_not_written, 600)
{
	struct tracked *t = &self->t;
	struct nested *n = &t->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, tracked_switch(t, true));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(0, count_dirty(t));

	EXPECT_EQ(0, nested_poke(n, 0, tracked_iova(1), 0x11));
	EXPECT_EQ(0, nested_poke(n, 0, tracked_iova(6), 0x66));
	EXPECT_EQ(t->page[2], nested_see(n, 0, tracked_iova(2)));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 1 | 1U << 6, dirty_data(t));

	/* The unit has marked entries of the guest's table, and nothing else. */
	EXPECT_TRUE(stage1_get(stage1_entry(&t->s1.t, tracked_iova(1), 1)) & S1_DIRTY);
	EXPECT_TRUE(tracked_is_dirty(t, table_page(&t->s1, NESTED_IOVA, 1)));
	EXPECT_EQ(2 + dirty_tables(t, &t->s1), count_dirty(t));
}

TEST_F_TIMEOUT(dirty, fetch_add_and_pages_in_a_row, 600)
{
	static char bytes[2 * PAGE];
	struct tracked *t = &self->t;
	struct nested *n = &t->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, tracked_switch(t, true));
	ASSERT_EQ(0, endpoint_fetch_add(&n->dev[0], tracked_iova(0), 1, 8, &n->last));
	ASSERT_EQ(VTDSIM_EP_S_OK, n->last.status);
	/* Two pages and a bit. */
	ASSERT_EQ(0, endpoint_write(&n->dev[0], tracked_iova(3) + 8, bytes, sizeof(bytes),
				    &n->last));
	ASSERT_EQ(VTDSIM_EP_S_OK, n->last.status);
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 0 | 7U << 3, dirty_data(t));
}

TEST_F_TIMEOUT(dirty, cleared_by_reading, 600)
{
	struct tracked *t = &self->t;
	struct nested *n = &t->n;
	int i;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, tracked_switch(t, true));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, nested_poke(n, 0, tracked_iova(1), i));
		ASSERT_EQ(0, tracked_read(t, 0));
		EXPECT_EQ(1U << 1, dirty_data(t));
		ASSERT_EQ(0, tracked_read(t, 0));
		EXPECT_EQ(0, count_dirty(t));
	}
	/* Another page, which was in no bitmap so far */
	ASSERT_EQ(0, nested_poke(n, 0, tracked_iova(2), 1));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 2, dirty_data(t));
}

TEST_F_TIMEOUT(dirty, read_without_clearing, 600)
{
	struct tracked *t = &self->t;
	struct nested *n = &t->n;
	int i;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, tracked_switch(t, true));
	ASSERT_EQ(0, nested_poke(n, 0, tracked_iova(1), 1));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, tracked_read(t, IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR));
		EXPECT_EQ(1U << 1, dirty_data(t));
	}
	ASSERT_EQ(0, nested_poke(n, 0, tracked_iova(4), 1));
	ASSERT_EQ(0, tracked_read(t, IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR));
	EXPECT_EQ(1U << 1 | 1U << 4, dirty_data(t));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 1 | 1U << 4, dirty_data(t));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(0, count_dirty(t));
}

/* Tracking starts with an empty bitmap, whatever was written before. */
TEST_F_TIMEOUT(dirty, off_and_on, 600)
{
	struct tracked *t = &self->t;
	struct nested *n = &t->n;
	int i;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, nested_poke(n, 0, tracked_iova(0), 1));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, tracked_switch(t, true));
		ASSERT_EQ(0, tracked_switch(t, true));
		ASSERT_EQ(0, tracked_read(t, 0));
		EXPECT_EQ(0, dirty_data(t));
		ASSERT_EQ(0, nested_poke(n, 0, tracked_iova(1), 1));
		ASSERT_EQ(0, tracked_read(t, IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR));
		EXPECT_EQ(1U << 1, dirty_data(t));
		ASSERT_EQ(0, tracked_switch(t, false));
		ASSERT_EQ(0, tracked_switch(t, false));
		ASSERT_EQ(0, tracked_read(t, 0));
		EXPECT_EQ(0, count_dirty(t));
		ASSERT_EQ(0, nested_poke(n, 0, tracked_iova(2), 1));
	}
}

/* There is nothing to flush then, and the kernel must not make up an address for it. */
TEST_F(dirty, nothing_is_dirty)
{
	struct tracked *t = &self->t;
	struct nested *n = &t->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->parent));
	ASSERT_EQ(0, tracked_switch(t, true));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(0, count_dirty(t));
	ASSERT_EQ(0, nested_poke(n, 0, t->page[1], 1));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 1, dirty_data(t));
}

/* Devices that are attached later are tracked as well. */
TEST_F_TIMEOUT(dirty, attached_after_it_was_turned_on, 600)
{
	struct tracked *t = &self->t;
	struct nested *n = &t->n;
	struct nested_s1 other;

	ASSERT_EQ(0, tracked_table(t, &other));
	ASSERT_EQ(0, tracked_switch(t, true));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, nested_poke(n, 0, tracked_iova(0), 1));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 0, dirty_data(t));

	ASSERT_EQ(0, vfio_attach(&n->dev[0], other.hwpt));
	ASSERT_EQ(0, nested_poke(n, 0, tracked_iova(1), 1));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 1, dirty_data(t));

	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->parent));
	ASSERT_EQ(0, nested_poke(n, 0, t->page[2], 1));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], t->s1.hwpt));
	ASSERT_EQ(0, nested_poke(n, 1, tracked_iova(3), 1));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 2 | 1U << 3, dirty_data(t));

	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, nested_poke(n, 0, tracked_iova(4), 1));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 4, dirty_data(t));

	/* Turned off after one device has left and another one has come. */
	ASSERT_EQ(0, tracked_switch(t, false));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, tracked_switch(t, true));
	ASSERT_EQ(0, nested_poke(n, 0, tracked_iova(5), 1));
	ASSERT_EQ(0, nested_poke(n, 1, tracked_iova(6), 1));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 5 | 1U << 6, dirty_data(t));
}

/* Pages stay dirty when the device that wrote them leaves. */
TEST_F_TIMEOUT(dirty, detached_before_it_was_read, 600)
{
	struct tracked *t = &self->t;
	struct nested *n = &t->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, tracked_switch(t, true));
	ASSERT_EQ(0, nested_poke(n, 0, tracked_iova(3), 1));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	ASSERT_EQ(0, iommufd_destroy(n->iommufd, t->s1.hwpt));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 3, dirty_data(t));
	ASSERT_EQ(0, tracked_switch(t, false));
}

/* Tracking belongs to the parent; a nested page table cannot have it. */
TEST_F(dirty, refused)
{
	struct tracked *t = &self->t;
	struct nested *n = &t->n;
	struct iommu_hwpt_set_dirty_tracking set = {
		.size = sizeof(set),
		.flags = IOMMU_HWPT_DIRTY_TRACKING_ENABLE,
		.hwpt_id = t->s1.hwpt,
	};
	struct iommu_hwpt_alloc alloc = {
		.size = sizeof(alloc),
		.flags = IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
		.dev_id = n->dev[0].id,
		.pt_id = n->parent,
		.data_type = IOMMU_HWPT_DATA_VTD_S1,
	};
	struct iommu_hwpt_vtd_s1 cfg = {
		.pgtbl_addr = t->s1.t.root,
		.addr_width = 48,
	};

	EXPECT_GT(0, iommufd_ioctl(n->iommufd, IOMMU_HWPT_SET_DIRTY_TRACKING,
				   &set));
	alloc.data_len = sizeof(cfg);
	alloc.data_uptr = (uintptr_t)&cfg;
	EXPECT_EQ(-EOPNOTSUPP, iommufd_ioctl(n->iommufd, IOMMU_HWPT_ALLOC,
					     &alloc));
	/* Tracking is still off. */
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(0, count_dirty(t));
}

static bool write_next_page(void *arg)
{
	struct writer *w = arg;

	w->wrong = nested_poke(&w->t->n, 0, tracked_iova(w->writes % 4),
			       w->writes);
	w->writes++;
	return !w->wrong;
}

static int start_writer(struct writer *w, struct tracked *t)
{
	w->t = t;
	return worker_start(&w->worker, write_next_page, w);
}

/* No write faults, and no write that begins while tracking is on is lost. */
TEST_F_TIMEOUT(dirty, switched_while_dma_runs, 600)
{
	struct writer *w = &self->w;
	struct tracked *t = &self->t;
	struct nested *n = &t->n;
	int i;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, start_writer(w, t));
	for (i = 0; i < 20; i++) {
		EXPECT_EQ(0, tracked_switch(t, true));
		/* Six writes: each of the four pages at least once. */
		EXPECT_TRUE(worker_wait_steps(&w->worker, 6));
		EXPECT_EQ(0, tracked_read(t, i & 1 ?
				IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR : 0));
		EXPECT_EQ(0xf, dirty_data(t));
		EXPECT_TRUE(worker_wait_steps(&w->worker, 6));
		EXPECT_EQ(0, tracked_read(t, 0));
		EXPECT_EQ(0xf, dirty_data(t));
		EXPECT_EQ(0, tracked_switch(t, false));
		EXPECT_TRUE(worker_wait_steps(&w->worker, 1));
	}
	worker_stop(&w->worker);
	EXPECT_EQ(0, w->wrong);
}

/* The device is moved to another table while it writes. */
TEST_F_TIMEOUT(dirty, replaced_while_dma_runs, 600)
{
	struct writer *w = &self->w;
	struct tracked *t = &self->t;
	struct nested *n = &t->n;
	struct nested_s1 other;
	int i;

	ASSERT_EQ(0, tracked_table(t, &other));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, start_writer(w, t));
	for (i = 0; i < 20; i++) {
		EXPECT_EQ(0, tracked_switch(t, i & 2));
		EXPECT_EQ(0, vfio_attach(&n->dev[0], i & 1 ? t->s1.hwpt :
							     other.hwpt));
		EXPECT_EQ(0, tracked_switch(t, true));
		EXPECT_TRUE(worker_wait_steps(&w->worker, 6));
		EXPECT_EQ(0, tracked_read(t, 0));
		EXPECT_EQ(0xf, dirty_data(t));
	}
	worker_stop(&w->worker);
	EXPECT_EQ(0, w->wrong);
}

TEST_HARNESS_MAIN
