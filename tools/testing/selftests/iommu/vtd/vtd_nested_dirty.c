// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dirty tracking of guest memory under nested translation: a page that a
 * device writes through both stages is in the bitmap of the nest parent, and
 * one that it does not write is not.
 *
 * The unit itself writes, too: accessed and dirty bits into the pages of the
 * guest's table. Migrating a guest needs those pages, so they are dirty.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>

#include "kselftest_harness.h"
#include "vtd_nested_tracked.h"

/* Which of the data pages are dirty, as a mask. */
static unsigned int dirty_data(const struct tracked *t)
{
	unsigned int mask = 0;
	int i;

	for (i = 0; i < PAGES; i++)
		mask |= is_dirty(t, t->page[i]) << i;
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

/* The page that holds the entry of an address at a level. */
static __u64 table_page(const struct s1 *s1, __u64 iova, int level)
{
	const char *entry = (const char *)stage1_entry(&s1->t, iova, level);
	__u64 offset = entry - (const char *)s1->t.guest->va;

	return s1->t.guest->gpa + (offset & ~(PAGE - 1));
}

/* How many of the four tables on the way to an address are dirty? */
static int dirty_tables(const struct tracked *t, const struct s1 *s1)
{
	int level, n = 0;

	for (level = 1; level <= 4; level++)
		n += is_dirty(t, table_page(s1, IOVA, level));
	return n;
}

FIXTURE(dirty)
{
	struct tracked t;
};

FIXTURE_SETUP(dirty)
{
	const char *skip;
	int ret = tracked_open(&self->t, &skip);

	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
}

FIXTURE_TEARDOWN(dirty)
{
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

	EXPECT_EQ(0, nested_poke(n, 0, at(1), 0x11));
	EXPECT_EQ(0, nested_poke(n, 0, at(6), 0x66));
	EXPECT_EQ(t->page[2], nested_see(n, 0, at(2)));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 1 | 1U << 6, dirty_data(t));

	/* The unit has marked entries of the guest's table, and nothing else. */
	EXPECT_TRUE(stage1_get(stage1_entry(&t->s1.t, at(1), 1)) & S1_DIRTY);
	EXPECT_TRUE(is_dirty(t, table_page(&t->s1, IOVA, 1)));
	EXPECT_EQ(2 + dirty_tables(t, &t->s1), count_dirty(t));
}

TEST_F_TIMEOUT(dirty, fetch_add_and_pages_in_a_row, 600)
{
	static char bytes[2 * PAGE];
	struct tracked *t = &self->t;
	struct nested *n = &t->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, tracked_switch(t, true));
	ASSERT_EQ(0, endpoint_fetch_add(&n->dev[0], at(0), 1, 8, &n->last));
	ASSERT_EQ(VTDSIM_EP_S_OK, n->last.status);
	/* Two pages and a bit. */
	ASSERT_EQ(0, endpoint_write(&n->dev[0], at(3) + 8, bytes, sizeof(bytes),
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
		ASSERT_EQ(0, nested_poke(n, 0, at(1), i));
		ASSERT_EQ(0, tracked_read(t, 0));
		EXPECT_EQ(1U << 1, dirty_data(t));
		ASSERT_EQ(0, tracked_read(t, 0));
		EXPECT_EQ(0, count_dirty(t));
	}
	/* The other page was in no bitmap so far. */
	ASSERT_EQ(0, nested_poke(n, 0, at(2), 1));
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
	ASSERT_EQ(0, nested_poke(n, 0, at(1), 1));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, tracked_read(t, IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR));
		EXPECT_EQ(1U << 1, dirty_data(t));
	}
	ASSERT_EQ(0, nested_poke(n, 0, at(4), 1));
	ASSERT_EQ(0, tracked_read(t, IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR));
	EXPECT_EQ(1U << 1 | 1U << 4, dirty_data(t));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 1 | 1U << 4, dirty_data(t));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(0, count_dirty(t));
}

/* Turned on, it starts from nothing, whatever was written before. */
TEST_F_TIMEOUT(dirty, off_and_on, 600)
{
	struct tracked *t = &self->t;
	struct nested *n = &t->n;
	int i;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, nested_poke(n, 0, at(0), 1));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, tracked_switch(t, true));
		ASSERT_EQ(0, tracked_switch(t, true));
		ASSERT_EQ(0, tracked_read(t, 0));
		EXPECT_EQ(0, dirty_data(t));
		ASSERT_EQ(0, nested_poke(n, 0, at(1), 1));
		ASSERT_EQ(0, tracked_read(t, IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR));
		EXPECT_EQ(1U << 1, dirty_data(t));
		ASSERT_EQ(0, tracked_switch(t, false));
		ASSERT_EQ(0, tracked_switch(t, false));
		ASSERT_EQ(0, tracked_read(t, 0));
		EXPECT_EQ(0, count_dirty(t));
		ASSERT_EQ(0, nested_poke(n, 0, at(2), 1));
	}
}

/* Whoever comes later is tracked as well, on whatever way it comes. */
TEST_F_TIMEOUT(dirty, attached_after_it_was_turned_on, 600)
{
	struct tracked *t = &self->t;
	struct nested *n = &t->n;
	struct s1 other;

	ASSERT_EQ(0, tracked_table(t, &other));
	ASSERT_EQ(0, tracked_switch(t, true));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, nested_poke(n, 0, at(0), 1));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 0, dirty_data(t));

	ASSERT_EQ(0, vfio_attach(&n->dev[0], other.hwpt));
	ASSERT_EQ(0, nested_poke(n, 0, at(1), 1));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 1, dirty_data(t));

	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->parent));
	ASSERT_EQ(0, nested_poke(n, 0, t->page[2], 1));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], t->s1.hwpt));
	ASSERT_EQ(0, nested_poke(n, 1, at(3), 1));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 2 | 1U << 3, dirty_data(t));

	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, nested_poke(n, 0, at(4), 1));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 4, dirty_data(t));

	/* Off, with one that is gone and one that has come meanwhile. */
	ASSERT_EQ(0, tracked_switch(t, false));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, tracked_switch(t, true));
	ASSERT_EQ(0, nested_poke(n, 0, at(5), 1));
	ASSERT_EQ(0, nested_poke(n, 1, at(6), 1));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 5 | 1U << 6, dirty_data(t));
}

/* What was dirty when a device left is not forgotten. */
TEST_F_TIMEOUT(dirty, detached_before_it_was_read, 600)
{
	struct tracked *t = &self->t;
	struct nested *n = &t->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, tracked_switch(t, true));
	ASSERT_EQ(0, nested_poke(n, 0, at(3), 1));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	ASSERT_EQ(0, iommufd_destroy(n->iommufd, t->s1.hwpt));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(1U << 3, dirty_data(t));
	ASSERT_EQ(0, tracked_switch(t, false));
}

/* Tracking is of the parent; a table of the guest's knows no GPAs. */
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
	/* Nothing is on that was not turned on. */
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_EQ(0, count_dirty(t));
}

/**
 * struct writer - a device that writes its pages, again and again
 * @t: guest
 * @stop: set when it shall stop
 * @writes: how often it has written
 * @wrong: answer to a write that failed, or 0
 */
struct writer {
	struct tracked *t;
	bool stop;
	int writes;
	__u64 wrong;
};

static void *keep_writing(void *arg)
{
	struct writer *w = arg;
	int i;

	for (i = 0; !__atomic_load_n(&w->stop, __ATOMIC_ACQUIRE); i++) {
		w->wrong = nested_poke(&w->t->n, 0, at(i % 4), i);
		if (w->wrong)
			break;
		__atomic_add_fetch(&w->writes, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void wait_writes(struct writer *w, int more)
{
	int until = __atomic_load_n(&w->writes, __ATOMIC_ACQUIRE) + more;

	while (__atomic_load_n(&w->writes, __ATOMIC_ACQUIRE) < until &&
	       !w->wrong)
		usleep(100);
}

/* Not one write faults, and none that begins while tracking is on is lost. */
TEST_F_TIMEOUT(dirty, switched_while_dma_runs, 600)
{
	struct writer w = { .t = &self->t };
	struct tracked *t = &self->t;
	struct nested *n = &t->n;
	pthread_t thread;
	int i;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, pthread_create(&thread, NULL, keep_writing, &w));
	for (i = 0; i < 20; i++) {
		EXPECT_EQ(0, tracked_switch(t, true));
		/* All four pages, at least once each. */
		wait_writes(&w, 6);
		EXPECT_EQ(0, tracked_read(t, i & 1 ?
				IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR : 0));
		EXPECT_EQ(0xf, dirty_data(t));
		wait_writes(&w, 6);
		EXPECT_EQ(0, tracked_read(t, 0));
		EXPECT_EQ(0xf, dirty_data(t));
		EXPECT_EQ(0, tracked_switch(t, false));
		wait_writes(&w, 1);
	}
	__atomic_store_n(&w.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, w.wrong);
}

/* The device gets another table of the guest's while it writes. */
TEST_F_TIMEOUT(dirty, replaced_while_dma_runs, 600)
{
	struct writer w = { .t = &self->t };
	struct tracked *t = &self->t;
	struct nested *n = &t->n;
	pthread_t thread;
	struct s1 other;
	int i;

	ASSERT_EQ(0, tracked_table(t, &other));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], t->s1.hwpt));
	ASSERT_EQ(0, pthread_create(&thread, NULL, keep_writing, &w));
	for (i = 0; i < 20; i++) {
		EXPECT_EQ(0, tracked_switch(t, i & 2));
		EXPECT_EQ(0, vfio_attach(&n->dev[0], i & 1 ? t->s1.hwpt :
							     other.hwpt));
		EXPECT_EQ(0, tracked_switch(t, true));
		wait_writes(&w, 6);
		EXPECT_EQ(0, tracked_read(t, 0));
		EXPECT_EQ(0xf, dirty_data(t));
	}
	__atomic_store_n(&w.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, w.wrong);
}

TEST_HARNESS_MAIN
