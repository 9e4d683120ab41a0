// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every allocation of an operation fails once: the operation then fails, or
 * succeeds without, and what was there before goes on working. That nothing
 * leaks shows in what can be destroyed afterwards: an object with a reference
 * to it cannot.
 *
 * Needs CONFIG_FAILSLAB; the kernel counts the calling thread's allocations
 * down from the number in /proc/self/fail-nth (Documentation/fault-injection).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "nested.h"
#include "sysfs.h"

#define FAILSLAB	"/sys/kernel/debug/failslab/"
#define FAIL_IOMMUFD	"/sys/kernel/debug/iommufd/fail_iommufd/"
#define MOST		200	/* no operation allocates so often */

/* Allocations that may wait fail as well; no stack trace for each. */
static int prepare(void)
{
	int ret = sysfs_write(FAILSLAB "ignore-gfp-wait", "N");

	/* Only in a kernel with CONFIG_IOMMUFD_TEST. */
	sysfs_write(FAIL_IOMMUFD "verbose", "0");
	if (!ret)
		ret = sysfs_write(FAILSLAB "verbose", "0");
	return ret ?: access("/proc/self/fail-nth", W_OK) ? -errno : 0;
}

static void arm(int fd, int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", nth);

	if (pwrite(fd, text, len, 0) != len)
		abort();
}

/* Returns whether an allocation failed since arm(). */
static bool disarm(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		abort();
	arm(fd, 0);
	return !atoi(text);
}

/* With CONFIG_IOMMUFD_TEST, iommufd's look-ups of objects fail as well. */
static bool out_of_luck(int ret)
{
	return ret == -ENOMEM || ret == -ENOENT || ret == -EINVAL;
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
	const char *skip;
	int i, ret;

	if (prepare())
		SKIP(return, "needs CONFIG_FAILSLAB and debugfs");
	self->fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ret = nested_open(&self->n, 2, &skip);
	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, nested_s1_create(&self->n, &self->s1[i], 4));
		self->page[i] = nested_page(&self->n);
		stage1_map(&self->s1[i].t, NESTED_IOVA, self->page[i], S1_4K, S1_RW);
	}
}

FIXTURE_TEARDOWN(nth)
{
	close(self->fd);
	EXPECT_EQ(0, nested_close(&self->n));
}

/* Does the operation see the n-th allocation fail? Its result is in @ret. */
#define FAIL_NTH(nth, ret, operation) ({				\
	arm(self->fd, nth);						\
	ret = operation;						\
	disarm(self->fd);						\
})

/* From nothing, from a parent, from a table, and back. */
TEST_F_TIMEOUT(nth, attach, 600)
{
	struct nested *n = &self->n;
	int i, ret, failed = 0;

	for (i = 1; i < MOST; i++) {
		bool injected = FAIL_NTH(i, ret, vfio_attach(&n->dev[0],
							     self->s1[0].hwpt));

		if (!ret) {
			EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
			ASSERT_EQ(0, vfio_detach(&n->dev[0]));
			if (!injected)
				break;
			continue;
		}
		ASSERT_TRUE(injected);
		EXPECT_TRUE(out_of_luck(ret));
		failed++;
		nested_see(n, 0, NESTED_IOVA);
		EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
	}
	EXPECT_LT(i, MOST);
	EXPECT_LT(0, failed);
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, self->s1[0].hwpt));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, self->s1[1].hwpt));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, n->parent));
}

/**
 * struct way - a replacement
 * @from: attached before
 * @to: attached by the operation
 * @iova: where the device looks
 * @before: what it sees there while attached to @from
 * @after: and to @to
 */
struct way {
	__u32 from, to;
	__u64 iova[2];
	__u64 before, after;
};

/* Adds to @failed how often the operation failed. */
static void try_replace(struct __test_metadata *_metadata, struct nested *n,
			int fd, const struct way *w, int *failed)
{
	bool injected;
	int i, ret;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], w->from));
	for (i = 1; i < MOST; i++) {
		arm(fd, i);
		ret = vfio_attach(&n->dev[0], w->to);
		injected = disarm(fd);
		if (!ret) {
			EXPECT_EQ(w->after, nested_see(n, 0, w->iova[1]));
			ASSERT_EQ(0, vfio_attach(&n->dev[0], w->from));
			if (!injected)
				break;
			continue;
		}
		ASSERT_TRUE(injected);
		EXPECT_TRUE(out_of_luck(ret));
		(*failed)++;
		EXPECT_EQ(w->before, nested_see(n, 0, w->iova[0]));
	}
	EXPECT_LT(i, MOST);
	EXPECT_EQ(w->before, nested_see(n, 0, w->iova[0]));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
}

TEST_F_TIMEOUT(nth, replace, 300)
{
	struct nested *n = &self->n;
	const struct way ways[] = {
		/* s1 by s1, s2 by s1, s1 by s2 */
		{ self->s1[0].hwpt, self->s1[1].hwpt, { NESTED_IOVA, NESTED_IOVA },
		  self->page[0], self->page[1] },
		{ n->parent, self->s1[0].hwpt, { self->page[1], NESTED_IOVA },
		  self->page[1], self->page[0] },
		{ self->s1[0].hwpt, n->parent, { NESTED_IOVA, self->page[1] },
		  self->page[0], self->page[1] },
		{ self->s1[0].hwpt, n->ioas, { NESTED_IOVA, self->page[1] },
		  self->page[0], self->page[1] },
	};
	int failed = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		try_replace(_metadata, n, self->fd, &ways[i], &failed);
	EXPECT_LT(0, failed);
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, self->s1[0].hwpt));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, self->s1[1].hwpt));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, n->parent));
}

/* A second device comes to a table that is in use. */
TEST_F_TIMEOUT(nth, second_device, 600)
{
	struct nested *n = &self->n;
	int i, ret;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	for (i = 1; i < MOST; i++) {
		bool injected = FAIL_NTH(i, ret, vfio_attach(&n->dev[1],
							     self->s1[0].hwpt));

		EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
		if (!ret) {
			EXPECT_EQ(self->page[0], nested_see(n, 1, NESTED_IOVA));
			ASSERT_EQ(0, vfio_detach(&n->dev[1]));
			if (!injected)
				break;
			continue;
		}
		ASSERT_TRUE(injected);
		EXPECT_TRUE(out_of_luck(ret));
		/* Invalidations reach the one that is there. */
		stage1_map(&self->s1[0].t, NESTED_IOVA, self->page[i & 1], S1_4K,
			   S1_RW);
		ASSERT_EQ(0, nested_invalidate(n, self->s1[0].hwpt, NESTED_IOVA, 1, 0));
		EXPECT_EQ(self->page[i & 1], nested_see(n, 0, NESTED_IOVA));
		stage1_map(&self->s1[0].t, NESTED_IOVA, self->page[0], S1_4K, S1_RW);
		ASSERT_EQ(0, nested_invalidate(n, self->s1[0].hwpt, NESTED_IOVA, 1, 0));
	}
	EXPECT_LT(i, MOST);
}

TEST_F_TIMEOUT(nth, allocate, 600)
{
	struct nested *n = &self->n;
	struct iommu_hwpt_vtd_s1 cfg = {
		.pgtbl_addr = self->s1[0].t.root,
		.addr_width = 48,
	};
	__u32 parent, hwpt = 0;
	int i, ret, failed = 0;

	for (i = 1; i < MOST; i++) {
		bool injected = FAIL_NTH(i, ret,
				iommufd_hwpt_alloc_parent(n->iommufd,
							  n->dev[0].id, n->ioas,
							  &parent));

		if (!ret) {
			ASSERT_EQ(0, iommufd_destroy(n->iommufd, parent));
			if (!injected)
				break;
			continue;
		}
		ASSERT_TRUE(injected);
		EXPECT_TRUE(out_of_luck(ret));
		failed++;
	}
	EXPECT_LT(i, MOST);
	EXPECT_LT(0, failed);

	failed = 0;
	for (i = 1; i < MOST; i++) {
		bool injected = FAIL_NTH(i, ret, nested_s1_alloc(n, &cfg, &hwpt));

		if (!ret) {
			ASSERT_EQ(0, iommufd_destroy(n->iommufd, hwpt));
			if (!injected)
				break;
			continue;
		}
		ASSERT_TRUE(injected);
		EXPECT_TRUE(out_of_luck(ret));
		failed++;
	}
	EXPECT_LT(i, MOST);
	EXPECT_LT(0, failed);

	/* A reference that was left over would hold the parent. */
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, self->s1[0].hwpt));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, self->s1[1].hwpt));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, n->parent));
}

#define ENTRIES	600

/* The entries that are reported as done are done. */
TEST_F_TIMEOUT(nth, invalidate, 600)
{
	static struct iommu_hwpt_vtd_s1_invalidate inv[ENTRIES];
	struct nested *n = &self->n;
	__u32 num;
	int i, k, ret;

	for (i = 0; i < ENTRIES; i++) {
		inv[i].addr = NESTED_IOVA + 2ULL * i * PAGE;
		inv[i].npages = 1;
	}
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], self->s1[0].hwpt));
	for (i = 1; i < MOST; i++) {
		bool injected;

		ASSERT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
		stage1_map(&self->s1[0].t, NESTED_IOVA, self->page[1], S1_4K, S1_RW);
		num = ENTRIES;
		injected = FAIL_NTH(i, ret,
				    iommufd_hwpt_invalidate(n->iommufd,
							    self->s1[0].hwpt,
							    inv, &num));
		EXPECT_LE(num, ENTRIES);
		EXPECT_EQ(!ret, num == ENTRIES);
		for (k = 0; num && k < 2; k++)
			EXPECT_EQ(self->page[1], nested_see(n, k, NESTED_IOVA));
		if (ret) {
			ASSERT_TRUE(injected);
			EXPECT_TRUE(out_of_luck(ret));
		}
		stage1_map(&self->s1[0].t, NESTED_IOVA, self->page[0], S1_4K, S1_RW);
		num = ENTRIES;
		ASSERT_EQ(0, iommufd_hwpt_invalidate(n->iommufd,
						     self->s1[0].hwpt, inv,
						     &num));
		if (!injected)
			break;
	}
	EXPECT_LT(i, MOST);
	EXPECT_EQ(self->page[0], nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(self->page[0], nested_see(n, 1, NESTED_IOVA));
}

TEST_HARNESS_MAIN
