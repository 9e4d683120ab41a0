// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dirty tracking while devices write through both stages and do not wait for
 * anybody: every page that is written once is in a bitmap once, however
 * reading, clearing, switching and changes of tables fall in between.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "vtd_nested_tracked.h"

#define DEVICES		2
#define MANY		400	/* pages of each device */
#define BASE		(IOVA + SIZE_1G)
#define ROUNDS		12

/**
 * struct writer - a device that writes each of its pages once
 * @n: guest, with @n->last of this device's own
 * @dev: index of the device
 * @done: pages written
 * @wrong: answer to a write that failed, or 0
 */
struct writer {
	struct nested n;
	int dev;
	int done;
	__u64 wrong;
};

FIXTURE(load)
{
	struct tracked t;
	struct s1 s1[DEVICES][2];
	__u64 page[DEVICES];
	struct writer w[DEVICES];
	pthread_t thread[DEVICES];
	__u64 sum[RAM / PAGE / 64];
};

static __u64 iova_of(int i)
{
	return BASE + i * PAGE;
}

/* Each device has pages of its own, and two tables that lead there. */
FIXTURE_SETUP(load)
{
	struct tracked *t = &self->t;
	const char *skip;
	int d, k, i, ret = tracked_open(t, &skip);

	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
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
	EXPECT_EQ(0, nested_close(&self->t.n));
}

static void *write_all(void *arg)
{
	struct writer *w = arg;
	int i;

	for (i = 0; i < MANY && !w->wrong; i++) {
		w->wrong = nested_poke(&w->n, w->dev, iova_of(i), i);
		__atomic_store_n(&w->done, i + 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static int start(struct writer *w, const struct nested *n, int dev,
		 pthread_t *thread)
{
	*w = (struct writer) { .n = *n, .dev = dev };
	return pthread_create(thread, NULL, write_all, w);
}

static bool working(struct writer *w)
{
	return __atomic_load_n(&w->done, __ATOMIC_ACQUIRE) < MANY && !w->wrong;
}

static void add_up(struct tracked *t, __u64 *sum)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(t->map); i++)
		sum[i] |= t->map[i];
}

static bool in_sum(const __u64 *sum, __u64 gpa)
{
	__u64 bit = (gpa - RAM_GPA) / PAGE;

	return sum[bit / 64] >> (bit % 64) & 1;
}

/* How many of a device's pages are not in the sum of all bitmaps? */
static int missing(const __u64 *sum, __u64 page)
{
	int i, n = 0;

	for (i = 0; i < MANY; i++)
		n += !in_sum(sum, page + i * PAGE);
	return n;
}

/* Bitmaps are read and cleared all the time; no page gets lost. */
TEST_F_TIMEOUT(load, read_while_all_write, 600)
{
	struct tracked *t = &self->t;
	int d, reads = 0;

	ASSERT_EQ(0, tracked_switch(t, true));
	for (d = 0; d < DEVICES; d++)
		ASSERT_EQ(0, start(&self->w[d], &t->n, d, &self->thread[d]));
	while (working(&self->w[0]) || working(&self->w[1])) {
		EXPECT_EQ(0, tracked_read(t, 0));
		add_up(t, self->sum);
		reads++;
	}
	for (d = 0; d < DEVICES; d++) {
		pthread_join(self->thread[d], NULL);
		EXPECT_EQ(0, self->w[d].wrong);
	}
	EXPECT_LT(1, reads);
	EXPECT_EQ(0, tracked_read(t, 0));
	add_up(t, self->sum);
	for (d = 0; d < DEVICES; d++)
		EXPECT_EQ(0, missing(self->sum, self->page[d]));
	/* What nobody wrote is clean, and by now everything is. */
	EXPECT_FALSE(in_sum(self->sum, t->page[0]));
	EXPECT_EQ(0, tracked_read(t, 0));
	for (d = 0; d < DEVICES; d++)
		EXPECT_FALSE(is_dirty(t, self->page[d]));
}

/* The same, and each device gets its other table again and again. */
TEST_F_TIMEOUT(load, tables_replaced_while_all_write, 600)
{
	struct tracked *t = &self->t;
	int d, i;

	ASSERT_EQ(0, tracked_switch(t, true));
	for (d = 0; d < DEVICES; d++)
		ASSERT_EQ(0, start(&self->w[d], &t->n, d, &self->thread[d]));
	for (i = 1; working(&self->w[0]) || working(&self->w[1]); i++) {
		d = i & 1;
		EXPECT_EQ(0, vfio_attach(&t->n.dev[d],
					 self->s1[d][i >> 1 & 1].hwpt));
		EXPECT_EQ(0, tracked_read(t, i & 2 ? 0 :
				IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR));
		add_up(t, self->sum);
	}
	for (d = 0; d < DEVICES; d++) {
		pthread_join(self->thread[d], NULL);
		EXPECT_EQ(0, self->w[d].wrong);
	}
	EXPECT_EQ(0, tracked_read(t, 0));
	add_up(t, self->sum);
	for (d = 0; d < DEVICES; d++)
		EXPECT_EQ(0, missing(self->sum, self->page[d]));
}

/* A device's writes are not lost when it leaves before they are read. */
TEST_F_TIMEOUT(load, devices_leave, 600)
{
	struct tracked *t = &self->t;
	int d;

	ASSERT_EQ(0, tracked_switch(t, true));
	for (d = 0; d < DEVICES; d++)
		ASSERT_EQ(0, start(&self->w[d], &t->n, d, &self->thread[d]));
	pthread_join(self->thread[0], NULL);
	ASSERT_EQ(0, vfio_detach(&t->n.dev[0]));
	ASSERT_EQ(0, iommufd_destroy(t->n.iommufd, self->s1[0][0].hwpt));
	ASSERT_EQ(0, iommufd_destroy(t->n.iommufd, self->s1[0][1].hwpt));
	pthread_join(self->thread[1], NULL);
	ASSERT_EQ(0, vfio_attach(&t->n.dev[1], t->n.parent));
	for (d = 0; d < DEVICES; d++)
		EXPECT_EQ(0, self->w[d].wrong);
	EXPECT_EQ(0, tracked_read(t, 0));
	add_up(t, self->sum);
	for (d = 0; d < DEVICES; d++)
		EXPECT_EQ(0, missing(self->sum, self->page[d]));
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
		EXPECT_EQ(i == 0 || i == 3, is_dirty(t, page + i * PAGE));

	ASSERT_EQ(0, tracked_read_part(t, RAM_GPA, RAM, SIZE_2M,
				       IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR));
	EXPECT_TRUE(t->map[0] >> ((page - RAM_GPA) / SIZE_2M) & 1);
	EXPECT_FALSE(t->map[0] >> (RAM / SIZE_2M - 1) & 1);
	ASSERT_EQ(0, tracked_read_part(t, RAM_GPA, RAM, SIZE_2M, 0));
	ASSERT_EQ(0, tracked_read(t, 0));
	for (i = 0; i < 4; i++)
		EXPECT_FALSE(is_dirty(t, page + i * PAGE));
	/* A page that was cleared, and is written again. */
	ASSERT_EQ(0, nested_poke(n, 0, iova_of(1), 1));
	ASSERT_EQ(0, tracked_read(t, 0));
	EXPECT_TRUE(is_dirty(t, page + PAGE));
	EXPECT_FALSE(is_dirty(t, page));
}

/* On for a while, off for a while; what is written while it is on counts. */
TEST_F_TIMEOUT(load, switched_while_one_writes, 600)
{
	struct tracked *t = &self->t;
	struct writer *w = &self->w[0];
	int i, from, until, k;

	ASSERT_EQ(0, start(w, &t->n, 0, &self->thread[0]));
	for (i = 0; i < ROUNDS && working(w); i++) {
		EXPECT_EQ(0, tracked_switch(t, true));
		from = __atomic_load_n(&w->done, __ATOMIC_ACQUIRE);
		usleep(2000);
		until = __atomic_load_n(&w->done, __ATOMIC_ACQUIRE);
		EXPECT_EQ(0, tracked_read(t, i & 1 ?
				IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR : 0));
		/* The one after @from may have begun before. */
		for (k = from + 1; k < until; k++)
			EXPECT_TRUE(is_dirty(t, self->page[0] + k * PAGE));
		EXPECT_EQ(0, tracked_switch(t, false));
	}
	pthread_join(self->thread[0], NULL);
	EXPECT_EQ(0, w->wrong);
	EXPECT_EQ(MANY, w->done);
}

TEST_HARNESS_MAIN
