// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dirty tracking while devices write through both stages without pause. Each
 * page is written once and must be in one of the bitmaps, whatever happens in
 * between: bitmaps are read and cleared, tracking is switched, tables are
 * replaced.
 */
#include "kselftest_harness.h"
#include "nested_event.h"
#include "nested_tracked.h"

#define DEVICES		2
#define MANY		400	/* pages of each device */
#define BASE		(NESTED_IOVA + SIZE_1G)
#define ROUNDS		12

/**
 * struct writer - a device that writes each of its pages once
 * @worker: thread that drives the device
 * @n: copy of the guest, so that @n.last is this device's own
 * @dev: index of the device
 * @done: pages written so far
 * @wrong: answer to a write that failed, or 0
 */
struct writer {
	struct worker worker;
	struct nested n;
	int dev;
	int done;
	__u64 wrong;
};

FIXTURE(load)
{
	struct tracked t;
	struct nested_s1 s1[DEVICES][2];
	__u64 page[DEVICES];
	struct writer w[DEVICES];
	__u64 sum[NESTED_SIZE / PAGE / 64];
};

static __u64 iova_of(int i)
{
	return BASE + i * PAGE;
}

/* Each device has pages of its own, and two tables that map them. */
FIXTURE_SETUP(load)
{
	struct tracked *t = &self->t;
	int d, k, i;

	NESTED_SETUP(return, tracked_open, t);
	for (d = 0; d < DEVICES; d++) {
		self->page[d] = guest_alloc(&t->n.guest, MANY * PAGE, PAGE);
		for (k = 0; k < 2; k++) {
			ASSERT_EQ(0, nested_s1_create(&t->n, &self->s1[d][k],
						      4));
			for (i = 0; i < MANY; i++)
				stage1_map(&self->s1[d][k].t, iova_of(i),
					   self->page[d] + i * PAGE, S1_4K,
					   S1_RW);
		}
		ASSERT_EQ(0, vfio_attach(&t->n.dev[d], self->s1[d][0].hwpt));
	}
}

FIXTURE_TEARDOWN(load)
{
	int d;

	for (d = 0; d < DEVICES; d++)
		worker_stop(&self->w[d].worker);
	EXPECT_EQ(0, nested_close(&self->t.n));
}

static bool write_next_page(void *arg)
{
	struct writer *w = arg;
	int i = w->done;

	w->wrong = nested_poke(&w->n, w->dev, iova_of(i), i);
	__atomic_store_n(&w->done, i + 1, __ATOMIC_RELEASE);
	return i + 1 < MANY && !w->wrong;
}

static int pages_written(const struct writer *w)
{
	return __atomic_load_n(&w->done, __ATOMIC_ACQUIRE);
}

static int start_writer(struct writer *w, const struct nested *n, int dev)
{
	w->n = *n;
	w->dev = dev;
	return worker_start(&w->worker, write_next_page, w);
}

static bool all_written(struct writer w[DEVICES])
{
	return worker_ended(&w[0].worker) && worker_ended(&w[1].worker);
}

static void add_up(struct tracked *t, __u64 *sum)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t->map); i++)
		sum[i] |= t->map[i];
}

static bool in_sum(const __u64 *sum, __u64 gpa)
{
	__u64 bit = (gpa - NESTED_GPA) / PAGE;

	return sum[bit / 64] >> (bit % 64) & 1;
}

/* Did all writes succeed, and are all pages in one of the bitmaps? */
static bool all_dirty(const struct writer w[DEVICES], struct tracked *t,
		      __u64 *sum, const __u64 page[DEVICES])
{
	int d, i;

	if (tracked_read(t, 0))
		return false;
	add_up(t, sum);
	for (d = 0; d < DEVICES; d++) {
		if (w[d].wrong)
			return false;
		for (i = 0; i < MANY; i++)
			if (!in_sum(sum, page[d] + i * PAGE))
				return false;
	}
	return true;
}

/* Bitmaps are read and cleared all the time, and no page gets lost. */
TEST_F_TIMEOUT(load, read_while_all_write, 600)
{
	struct tracked *t = &self->t;
	int d, reads = 0;

	ASSERT_EQ(0, tracked_switch(t, true));
	for (d = 0; d < DEVICES; d++)
		ASSERT_EQ(0, start_writer(&self->w[d], &t->n, d));
	while (!all_written(self->w)) {
		EXPECT_EQ(0, tracked_read(t, 0));
		add_up(t, self->sum);
		reads++;
	}
	EXPECT_LT(1, reads);
	EXPECT_TRUE(all_dirty(self->w, t, self->sum, self->page));
	/* Pages that were not written are clean, and now all pages are. */
	EXPECT_FALSE(in_sum(self->sum, t->page[0]));
	EXPECT_EQ(0, tracked_read(t, 0));
	for (d = 0; d < DEVICES; d++)
		EXPECT_FALSE(tracked_is_dirty(t, self->page[d]));
}

/* The same, while devices move between their tables. */
TEST_F_TIMEOUT(load, tables_replaced_while_all_write, 600)
{
	struct tracked *t = &self->t;
	int d, i;

	ASSERT_EQ(0, tracked_switch(t, true));
	for (d = 0; d < DEVICES; d++)
		ASSERT_EQ(0, start_writer(&self->w[d], &t->n, d));
	for (i = 1; !all_written(self->w); i++) {
		d = i & 1;
		EXPECT_EQ(0, vfio_attach(&t->n.dev[d],
					 self->s1[d][i >> 1 & 1].hwpt));
		EXPECT_EQ(0, tracked_read(t, i & 2 ? 0 :
				IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR));
		add_up(t, self->sum);
	}
	EXPECT_TRUE(all_dirty(self->w, t, self->sum, self->page));
}

/* Writes of devices that leave are not lost. */
TEST_F_TIMEOUT(load, devices_leave, 600)
{
	struct tracked *t = &self->t;
	int d;

	ASSERT_EQ(0, tracked_switch(t, true));
	for (d = 0; d < DEVICES; d++)
		ASSERT_EQ(0, start_writer(&self->w[d], &t->n, d));
	ASSERT_TRUE(worker_wait_ended(&self->w[0].worker));
	ASSERT_EQ(0, vfio_detach(&t->n.dev[0]));
	ASSERT_EQ(0, iommufd_destroy(t->n.iommufd, self->s1[0][0].hwpt));
	ASSERT_EQ(0, iommufd_destroy(t->n.iommufd, self->s1[0][1].hwpt));
	ASSERT_TRUE(worker_wait_ended(&self->w[1].worker));
	ASSERT_EQ(0, vfio_attach(&t->n.dev[1], t->n.parent));
	EXPECT_TRUE(all_dirty(self->w, t, self->sum, self->page));
}

/* Reading a part clears that part; a bit may stand for more than a page. */
TEST_F_TIMEOUT(load, parts_and_larger_pages, 600)
{
	struct tracked *t = &self->t;
	struct nested *n = &t->n;
	__u64 page = self->page[0];
	int i;

	ASSERT_EQ(0, tracked_switch(t, true));
	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, nested_poke(n, 0, iova_of(i), i));
	ASSERT_EQ(0, tracked_read_part(t, page + PAGE, 2 * PAGE, PAGE, 0));
	EXPECT_EQ(3, t->map[0]);
	ASSERT_EQ(0, tracked_read(t, IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(i == 0 || i == 3, tracked_is_dirty(t, page + i * PAGE));

	ASSERT_EQ(0, tracked_read_part(t, NESTED_GPA, NESTED_SIZE, SIZE_2M,
				       IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR));
	EXPECT_TRUE(t->map[0] >> ((page - NESTED_GPA) / SIZE_2M) & 1);
	EXPECT_FALSE(t->map[0] >> (NESTED_SIZE / SIZE_2M - 1) & 1);
	ASSERT_EQ(0, tracked_read_part(t, NESTED_GPA, NESTED_SIZE, SIZE_2M, 0));
	ASSERT_EQ(0, tracked_read(t, 0));
	for (i = 0; i < 4; i++)
		EXPECT_FALSE(tracked_is_dirty(t, page + i * PAGE));
	/* A page is written again after its bit was cleared. */
	ASSERT_EQ(0, nested_poke(n, 0, iova_of(1), 1));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_TRUE(tracked_is_dirty(t, page + PAGE));
	EXPECT_FALSE(tracked_is_dirty(t, page));
}

/* Pages that are written while tracking is on are in the bitmap. */
TEST_F_TIMEOUT(load, switched_while_one_writes, 600)
{
	struct tracked *t = &self->t;
	struct writer *w = &self->w[0];
	int i, from, until, k;

	ASSERT_EQ(0, start_writer(w, &t->n, 0));
	for (i = 0; i < ROUNDS && !worker_ended(&w->worker); i++) {
		EXPECT_EQ(0, tracked_switch(t, true));
		from = pages_written(w);
		/* Returns early at the last page. */
		worker_wait_steps(&w->worker, 3);
		until = pages_written(w);
		EXPECT_EQ(0, tracked_read(t, i & 1 ?
				IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR : 0));
		/* The write of page @from may have begun before. */
		for (k = from + 1; k < until; k++)
			EXPECT_TRUE(tracked_is_dirty(t, self->page[0] + k * PAGE));
		EXPECT_EQ(0, tracked_switch(t, false));
	}
	EXPECT_LT(1, i);
	ASSERT_TRUE(worker_wait_ended(&w->worker));
	EXPECT_EQ(0, w->wrong);
	EXPECT_EQ(MANY, w->done);
}

TEST_HARNESS_MAIN
