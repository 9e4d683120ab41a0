// SPDX-License-Identifier: GPL-2.0-only
/*
 * Surprise removal of a device that does DMA under nested translation, and hot-add. The
 * device is gone before the kernel is told: it answers no invalidation any more.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "counters.h"
#include "kselftest_harness.h"
#include "nested_child.h"
#include "nested_event.h"
#include "nested_pri.h"
#include "nested_user.h"
#include "sysfs.h"

#define ROUNDS	3

/**
 * struct puller - a thread that pulls a device out, and waits for its users
 * @path: file of the device
 * @thread: the thread
 * @started: it was started, and not joined yet
 * @done: it has ended
 * @ret: result of the write
 *
 * Another process would inherit the device, and so be one of those it waits for.
 */
struct puller {
	char path[64];
	pthread_t thread;
	bool started;
	bool done;
	int ret;
};

FIXTURE(hotplug)
{
	struct puller puller;
	int present;
	struct nested_user u;
	struct faulting f;
	pid_t user;
};

/* Returns how many endpoints there are; the first one is what nested_open() takes. */
static int hotplug_find(char bdf[NESTED_DEVICES_MAX][PCI_BDF_LEN])
{
	return endpoint_find(bdf, NESTED_DEVICES_MAX);
}

static int hotplug_count(void)
{
	char bdf[NESTED_DEVICES_MAX][PCI_BDF_LEN];

	return hotplug_find(bdf);
}

static bool hotplug_is_there(const char *path)
{
	__u64 there;

	return !sysfs_read_u64(path, &there) && there;
}

static void *puller_run(void *arg)
{
	struct puller *p = arg;

	p->ret = sysfs_write(p->path, "0");
	__atomic_store_n(&p->done, true, __ATOMIC_RELEASE);
	return NULL;
}

/* Returns 0 when the device is gone; the kernel may still have to remove it. */
static int puller_start(struct puller *p)
{
	p->done = false;
	p->started = !pthread_create(&p->thread, NULL, puller_run, p);
	if (!p->started)
		return -EAGAIN;
	while (hotplug_is_there(p->path))
		usleep(1000);
	return 0;
}

static bool puller_waits(struct puller *p)
{
	return !__atomic_load_n(&p->done, __ATOMIC_ACQUIRE);
}

/* Waits until the kernel has removed the device. */
static int puller_finish(struct puller *p)
{
	if (!p->started)
		return 0;
	p->started = false;
	return pthread_join(p->thread, NULL) ? -ESRCH : p->ret;
}

FIXTURE_SETUP(hotplug)
{
	struct nested_user *u = &self->u;
	char bdf[NESTED_DEVICES_MAX][PCI_BDF_LEN];

	NESTED_SETUP(return, nested_open, &u->n, 1);
	EXPECT_EQ(0, nested_close(&u->n));
	self->present = hotplug_find(bdf);
	ASSERT_LE(1, self->present);
	snprintf(self->puller.path, sizeof(self->puller.path),
		 "/sys/kernel/debug/vtdsim/present-%s", strrchr(bdf[0], ':') + 1);
	if (!hotplug_is_there(self->puller.path))
		SKIP(return, "the device cannot be pulled out");
	u->progress = event_create();
	ASSERT_LT(0, u->progress);
	u->release = event_create();
	ASSERT_LT(0, u->release);
}

FIXTURE_TEARDOWN(hotplug)
{
	EXPECT_EQ(0, child_kill(&self->user));
	EXPECT_EQ(0, faulting_close(&self->f));
	EXPECT_EQ(0, nested_close(&self->u.n));
	EXPECT_EQ(0, puller_finish(&self->puller));
	if (!hotplug_is_there(self->puller.path))
		EXPECT_EQ(0, sysfs_write(self->puller.path, "1"));
}

/* Nobody uses the device any more: the removal ends, and the device comes back as new. */
static void hotplug_comes_back(struct __test_metadata *_metadata, struct puller *p, int present,
			       __u64 mark)
{
	EXPECT_EQ(0, puller_finish(p));
	EXPECT_EQ(present - 1, hotplug_count());
	EXPECT_EQ(0, vtdsim_audit());
	ASSERT_EQ(0, sysfs_write(p->path, "1"));
	EXPECT_EQ(present, hotplug_count());
	EXPECT_EQ(0, nested_user_works(mark));
}

TEST_F_TIMEOUT(hotplug, pulled_while_dma_runs, 600)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		self->user = nested_user_fork(&self->u, 0x1000 + i);
		ASSERT_LT(0, self->user);
		ASSERT_TRUE(event_wait(self->u.progress, 1));
		ASSERT_EQ(0, puller_start(&self->puller));
		ASSERT_TRUE(event_wait(self->u.release, 1));
		EXPECT_TRUE(puller_waits(&self->puller));
		ASSERT_EQ(0, child_kill(&self->user));
		hotplug_comes_back(_metadata, &self->puller, self->present, 0x1100 + i);
	}
}

/* The guest does not know yet, and goes on to change its tables and its memory. */
TEST_F_TIMEOUT(hotplug, pulled_under_a_guest, 600)
{
	struct nested_user *u = &self->u;
	struct nested *n = &u->n;
	int ret;

	ASSERT_EQ(0, nested_user_open(u, 0x2000));
	EXPECT_EQ(0x2000, nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, puller_start(&self->puller));

	stage1_set(stage1_entry(&u->s1.t, NESTED_IOVA, 1), 0);
	ret = nested_invalidate(n, u->s1.hwpt, NESTED_IOVA, 1, 0);
	EXPECT_TRUE(!ret || ret == -ETIMEDOUT);
	EXPECT_EQ(0, nested_unmap_half(n, NESTED_HIGH_HALF));
	EXPECT_EQ(0, nested_map_half(n, NESTED_HIGH_HALF));
	EXPECT_EQ(0, vfio_attach(&n->dev[0], n->parent));
	EXPECT_EQ(0, vfio_detach(&n->dev[0]));
	EXPECT_TRUE(puller_waits(&self->puller));
	EXPECT_EQ(0, nested_close(n));
	hotplug_comes_back(_metadata, &self->puller, self->present, 0x2001);
}

/* A page request has no device any more that waits for the response. */
TEST_F_TIMEOUT(hotplug, pulled_with_a_page_request, 600)
{
	struct faulting *f = &self->f;
	const char *skip;

	ASSERT_EQ(0, faulting_open_attached(f, &skip));
	faulting_start_read(f, 0, FAULTING_MISSING);
	ASSERT_TRUE(faulting_wait(f, FAULTING_PATIENCE_MS));
	ASSERT_EQ(1, faulting_next_group(f));
	ASSERT_EQ(0, puller_start(&self->puller));
	EXPECT_EQ(0, faulting_respond_ok(f));
	EXPECT_EQ(0, faulting_close(f));
	hotplug_comes_back(_metadata, &self->puller, self->present, 0x3000);
}

/* Through stage 2 first, and then nested, with a fault queue: page requests are on by then. */
static int hotplug_nest_first(void)
{
	struct faulting f;
	const char *skip;
	int ret;

	ret = faulting_open(&f, &skip);
	if (!ret)
		ret = vfio_attach(&f.n.dev[0], f.n.parent);
	if (!ret)
		ret = vfio_attach(&f.n.dev[0], f.s1.hwpt);
	if (!ret)
		ret = nested_see(&f.n, 0, NESTED_IOVA) == f.page ? 0 : EIO;
	return faulting_close(&f) ? EIO : ret;
}

/*
 * A device that has never been nested before, as it is after its arrival. If the attach
 * waits for ever, the process does not end.
 */
TEST_F_TIMEOUT(hotplug, arrives_and_takes_faults, 600)
{
	ASSERT_EQ(0, puller_start(&self->puller));
	ASSERT_EQ(0, puller_finish(&self->puller));
	ASSERT_EQ(0, sysfs_write(self->puller.path, "1"));
	ASSERT_EQ(self->present, hotplug_count());
	self->user = fork();
	if (!self->user)
		_exit(hotplug_nest_first());
	ASSERT_LT(0, self->user);
	EXPECT_EQ(0, child_wait(&self->user));
}

TEST_HARNESS_MAIN
