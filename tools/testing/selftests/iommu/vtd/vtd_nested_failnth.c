// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations whose allocations fail, one after the other. An operation then
 * fails or succeeds without, and everything that existed before still works.
 * An object with a leaked reference cannot be destroyed, so the tests destroy
 * all objects in the end.
 *
 * Needs CONFIG_FAILSLAB: the kernel counts the allocations of the calling thread
 * down from the number in its fail-nth (Documentation/fault-injection).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "nested.h"
#include "sysfs.h"

#define FAILSLAB	"/sys/kernel/debug/failslab/"
#define FAIL_IOMMUFD	"/sys/kernel/debug/iommufd/fail_iommufd/"
#define NTH_MAX		200	/* more than an operation allocates */

/**
 * struct nth - an operation that is done with each allocation failing in turn
 * @fd: fail-nth of the calling thread
 * @nth: allocation that fails in this round, from 1 on; 0 before the first one
 * @injected: an allocation has failed in this round
 * @faults: rounds in which an allocation has failed
 * @failed: rounds in which the operation has failed
 * @ret: result of the operation
 */
struct nth {
	int fd;
	int nth;
	bool injected;
	int faults;
	int failed;
	int ret;
};

/* Have allocations fail that may sleep, too, and print no stack traces. */
static int nth_prepare(void)
{
	int ret = sysfs_write(FAILSLAB "ignore-gfp-wait", "N");

	if (!ret)
		ret = sysfs_write(FAILSLAB "verbose", "0");
	if (ret)
		return ret;
	/* Only a kernel with CONFIG_IOMMUFD_TEST has this one. */
	ret = sysfs_write(FAIL_IOMMUFD "verbose", "0");
	return ret == -ENOENT ? 0 : ret;
}

static void nth_write(int fd, int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", nth);

	if (pwrite(fd, text, len, 0) != len)
		abort();
}

/* Begin a round. No assertion may come before nth_disarm(). */
static void nth_arm(struct nth *s)
{
	nth_write(s->fd, s->nth);
}

static void nth_disarm(struct nth *s, int ret)
{
	char text[16] = "";

	if (pread(s->fd, text, sizeof(text) - 1, 0) <= 0)
		abort();
	nth_write(s->fd, 0);
	s->ret = ret;
	s->injected = !atoi(text);
	s->faults += s->injected;
	s->failed += !!ret;
}

/* Is there one more round? The last one is the first without a fault. */
static bool nth_next(struct nth *s)
{
	if (s->nth && !s->injected)
		return false;
	return ++s->nth < NTH_MAX;
}

/* Do the operation with one allocation failing; returns its result. */
#define NTH_DO(s, operation) ({					\
	struct nth *armed = (s);				\
								\
	nth_arm(armed);						\
	nth_disarm(armed, operation);				\
	armed->ret;						\
})

/*
 * An operation may only fail in a round with a fault. With CONFIG_IOMMUFD_TEST,
 * iommufd's look-ups of objects fail as well, with errors of their own.
 */
static void nth_expect_fault(struct __test_metadata *_metadata,
			     const struct nth *s)
{
	ASSERT_TRUE(s->injected);
	EXPECT_TRUE(s->ret == -ENOMEM || s->ret == -ENOENT ||
		    s->ret == -EINVAL);
}

/* All allocations have failed once, and there were some. */
static void nth_expect_complete(struct __test_metadata *_metadata,
				const struct nth *s)
{
	EXPECT_LT(s->nth, NTH_MAX);
	EXPECT_LT(0, s->faults);
}

FIXTURE(nth)
{
	struct nested n;
	struct nested_s1 s1[2];
	__u64 page[2];
	int fd;
};

FIXTURE_SETUP(nth)
{
	int i;

	if (nth_prepare())
		SKIP(return, "needs CONFIG_FAILSLAB and debugfs");
	NESTED_SETUP(return, nested_open, &self->n, 2);
	self->fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, nested_s1_create_mapped(&self->n, &self->s1[i],
						     &self->page[i]));
}

FIXTURE_TEARDOWN(nth)
{
	close(self->fd);
	EXPECT_EQ(0, nested_close(&self->n));
}

/* Nothing has leaked a reference to the tables and their parent. */
static void expect_destroyed(struct __test_metadata *_metadata,
			     struct nested *n, const struct nested_s1 s1[2])
{
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, s1[0].hwpt));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, s1[1].hwpt));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, n->parent));
}

TEST_F_TIMEOUT(nth, attach, 600)
{
	struct nth s = { .fd = self->fd };
	struct nested *n = &self->n;

	while (nth_next(&s)) {
		if (!NTH_DO(&s, vfio_attach(&n->dev[0], self->s1[0].hwpt))) {
			EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
			ASSERT_EQ(0, vfio_detach(&n->dev[0]));
			continue;
		}
		nth_expect_fault(_metadata, &s);
		EXPECT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
	}
	nth_expect_complete(_metadata, &s);
	EXPECT_LT(0, s.failed);
	expect_destroyed(_metadata, n, self->s1);
}

/**
 * struct way - a replacement
 * @from: attached before
 * @to: attached by the operation
 * @iova: address to read while attached to @from, and to @to
 * @before: what the device reads at @iova[0] while attached to @from
 * @after: what it reads at @iova[1] while attached to @to
 */
struct way {
	__u32 from, to;
	__u64 iova[2];
	__u64 before, after;
};

static void replace_each(struct __test_metadata *_metadata, struct nested *n,
			 const struct way *w, struct nth *s)
{
	s->nth = 0;
	ASSERT_EQ(0, vfio_attach(&n->dev[0], w->from));
	while (nth_next(s)) {
		if (!NTH_DO(s, vfio_attach(&n->dev[0], w->to))) {
			EXPECT_EQ(w->after, nested_see(n, 0, w->iova[1]));
			ASSERT_EQ(0, vfio_attach(&n->dev[0], w->from));
			continue;
		}
		nth_expect_fault(_metadata, s);
		EXPECT_EQ(w->before, nested_see(n, 0, w->iova[0]));
	}
	nth_expect_complete(_metadata, s);
	EXPECT_EQ(w->before, nested_see(n, 0, w->iova[0]));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
}

TEST_F_TIMEOUT(nth, replace, 300)
{
	struct nth s = { .fd = self->fd };
	struct nested *n = &self->n;
	const struct way ways[] = {
		{ self->s1[0].hwpt, self->s1[1].hwpt,
		  { NESTED_IOVA, NESTED_IOVA }, self->page[0], self->page[1] },
		{ n->parent, self->s1[0].hwpt, { self->page[1], NESTED_IOVA },
		  self->page[1], self->page[0] },
		{ self->s1[0].hwpt, n->parent, { NESTED_IOVA, self->page[1] },
		  self->page[0], self->page[1] },
		{ self->s1[0].hwpt, n->ioas, { NESTED_IOVA, self->page[1] },
		  self->page[0], self->page[1] },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		replace_each(_metadata, n, &ways[i], &s);
	EXPECT_LT(0, s.failed);
	expect_destroyed(_metadata, n, self->s1);
}

/* Map another page at NESTED_IOVA, and invalidate. */
static int remap_page(struct nested *n, struct nested_s1 *s1, __u64 page)
{
	stage1_map(&s1->t, NESTED_IOVA, page, S1_4K, S1_RW);
	return nested_invalidate(n, s1->hwpt, NESTED_IOVA, 1, 0);
}

/* A second device is attached to a table that is in use. */
TEST_F_TIMEOUT(nth, second_device, 600)
{
	struct nth s = { .fd = self->fd };
	struct nested *n = &self->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	while (nth_next(&s)) {
		int ret = NTH_DO(&s, vfio_attach(&n->dev[1], self->s1[0].hwpt));

		EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
		if (!ret) {
			EXPECT_EQ(self->page[0], nested_see(n, 1, NESTED_IOVA));
			ASSERT_EQ(0, vfio_detach(&n->dev[1]));
			continue;
		}
		nth_expect_fault(_metadata, &s);
		/* Invalidations still reach the first device. */
		ASSERT_EQ(0, remap_page(n, &self->s1[0], self->page[1]));
		EXPECT_EQ(self->page[1], nested_see(n, 0, NESTED_IOVA));
		ASSERT_EQ(0, remap_page(n, &self->s1[0], self->page[0]));
	}
	nth_expect_complete(_metadata, &s);
	EXPECT_LT(0, s.failed);
}

static int alloc_parent(struct nested *n, __u32 *hwpt)
{
	return iommufd_hwpt_alloc_parent(n->iommufd, n->dev[0].id, n->ioas,
					 hwpt);
}

static int alloc_s1(struct nested *n, __u32 *hwpt)
{
	/* There is no table at this address, and nobody looks. */
	const struct iommu_hwpt_vtd_s1 cfg = {
		.pgtbl_addr = NESTED_GPA,
		.addr_width = 48,
	};

	return nested_s1_alloc(n, &cfg, hwpt);
}

TEST_F_TIMEOUT(nth, allocate, 600)
{
	static int (* const alloc[])(struct nested *n, __u32 *hwpt) = {
		alloc_parent, alloc_s1,
	};
	struct nested *n = &self->n;
	unsigned int i;
	__u32 hwpt;

	for (i = 0; i < ARRAY_SIZE(alloc); i++) {
		struct nth s = { .fd = self->fd };

		while (nth_next(&s)) {
			if (NTH_DO(&s, alloc[i](n, &hwpt))) {
				nth_expect_fault(_metadata, &s);
				continue;
			}
			ASSERT_EQ(0, iommufd_destroy(n->iommufd, hwpt));
		}
		nth_expect_complete(_metadata, &s);
		EXPECT_LT(0, s.failed);
	}
	expect_destroyed(_metadata, n, self->s1);
}

#define ENTRIES	600

/* The entries that are reported as done are done. */
TEST_F_TIMEOUT(nth, invalidate, 600)
{
	static struct iommu_hwpt_vtd_s1_invalidate inv[ENTRIES];
	struct nth s = { .fd = self->fd };
	struct nested *n = &self->n;
	int i, ret;
	__u32 num;

	for (i = 0; i < ENTRIES; i++) {
		inv[i].addr = NESTED_IOVA + 2ULL * i * PAGE;
		inv[i].npages = 1;
	}
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, vfio_attach(&n->dev[i], self->s1[0].hwpt));
	while (nth_next(&s)) {
		for (i = 0; i < 2; i++)
			ASSERT_EQ(self->page[0], nested_see(n, i, NESTED_IOVA));
		stage1_map(&self->s1[0].t, NESTED_IOVA, self->page[1], S1_4K,
			   S1_RW);
		num = ENTRIES;
		ret = NTH_DO(&s, iommufd_hwpt_invalidate(n->iommufd,
							 self->s1[0].hwpt, inv,
							 &num));
		EXPECT_LE(num, ENTRIES);
		EXPECT_EQ(!ret, num == ENTRIES);
		for (i = 0; num && i < 2; i++)
			EXPECT_EQ(self->page[1], nested_see(n, i, NESTED_IOVA));
		if (ret)
			nth_expect_fault(_metadata, &s);
		stage1_map(&self->s1[0].t, NESTED_IOVA, self->page[0], S1_4K,
			   S1_RW);
		num = ENTRIES;
		ASSERT_EQ(0, iommufd_hwpt_invalidate(n->iommufd,
						     self->s1[0].hwpt, inv,
						     &num));
	}
	nth_expect_complete(_metadata, &s);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(self->page[0], nested_see(n, i, NESTED_IOVA));
}

TEST_HARNESS_MAIN
