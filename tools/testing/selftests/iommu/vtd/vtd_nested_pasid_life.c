// SPDX-License-Identifier: GPL-2.0-only
/*
 * PASIDs of a device while it does DMA with them: tables that replace each other, a
 * process that is killed, a driver that is unbound.
 */
#include <string.h>

#include "kselftest_harness.h"
#include "nested_child.h"
#include "nested_event.h"
#include "nested_pasid.h"
#include "sysfs.h"

#define REPLACES	200

/**
 * struct owner - a guest whose device does DMA with PASIDs
 * @n: the guest
 * @s1: table of both PASIDs, and of requests without PASID
 * @page: what it maps at NESTED_IOVA
 * @progress: event, signalled for each round of DMA; 0 if there is none
 * @release: event, signalled when the kernel wants the device back; 0 if there is none
 */
struct owner {
	struct nested n;
	struct nested_s1 s1;
	__u64 page;
	int progress;
	int release;
};

/**
 * struct reading - a thread that has the device read with PASID_A
 * @worker: the thread
 * @n: guest
 * @page: what the device has to read at NESTED_IOVA
 * @wrong: how often it read something else, or nothing
 * @seen: the last of these
 */
struct reading {
	struct worker worker;
	struct nested *n;
	__u64 page;
	unsigned int wrong;
	__u64 seen;
};

FIXTURE(pasid_life)
{
	struct owner owner;
	struct reading reading;
	pid_t user;
	pid_t writer;
	char bdf[NESTED_DEVICES_MAX][PCI_BDF_LEN];
};

FIXTURE_SETUP(pasid_life)
{
	struct owner *o = &self->owner;

	NESTED_SETUP(return, nested_open, &o->n, 1);
	if (!pasids_can_be_attached(&o->n))
		SKIP(return, "iommufd attaches no PASIDs");
	EXPECT_EQ(0, nested_close(&o->n));
	ASSERT_LE(1, endpoint_find(self->bdf, NESTED_DEVICES_MAX));
	o->progress = event_create();
	ASSERT_LT(0, o->progress);
	o->release = event_create();
	ASSERT_LT(0, o->release);
}

FIXTURE_TEARDOWN(pasid_life)
{
	EXPECT_EQ(0, child_kill(&self->user));
	worker_stop(&self->reading.worker);
	EXPECT_EQ(0, nested_close(&self->owner.n));
	EXPECT_EQ(0, child_wait(&self->writer));
}

static int owner_attach(struct owner *o)
{
	struct nested *n = &o->n;
	int ret = pasid_s1_create(n, &o->s1, &o->page);

	if (!ret)
		ret = vfio_attach(&n->dev[0], o->s1.hwpt);
	if (!ret)
		ret = vfio_attach_pasid(&n->dev[0], PASID_A, o->s1.hwpt);
	if (!ret)
		ret = vfio_attach_pasid(&n->dev[0], PASID_B, o->s1.hwpt);
	return ret;
}

static bool owner_works(struct owner *o)
{
	struct nested *n = &o->n;

	return nested_see(n, 0, NESTED_IOVA) == o->page &&
	       pasid_see(n, PASID_A, NESTED_IOVA) == o->page &&
	       pasid_see(n, PASID_B, NESTED_IOVA) == o->page;
}

static int owner_begin(void *arg)
{
	struct owner *o = arg;
	const char *skip;
	int ret = nested_open(&o->n, 1, &skip);

	if (!ret)
		ret = vfio_release_eventfd(&o->n.dev[0], o->release);
	return ret ?: owner_attach(o);
}

static void owner_go_on(void *arg)
{
	struct owner *o = arg;

	while (owner_works(o))
		event_signal(o->progress);
}

/* The PASIDs of the owner before reach nothing, and can be attached again. */
static void next_owner_works(struct __test_metadata *_metadata, struct owner *o)
{
	const char *skip;

	ASSERT_EQ(0, nested_open(&o->n, 1, &skip));
	EXPECT_TRUE(nested_blocked(&o->n, 0, NESTED_IOVA));
	EXPECT_TRUE(pasid_blocked(&o->n, PASID_A, NESTED_IOVA));
	EXPECT_TRUE(pasid_blocked(&o->n, PASID_B, NESTED_IOVA));
	ASSERT_EQ(0, owner_attach(o));
	EXPECT_TRUE(owner_works(o));
	EXPECT_EQ(0, nested_close(&o->n));
}

/* Is the nesting that of the driver, and not of the extension? */
static bool nesting_of_base(void)
{
	char cmdline[4096] = "";

	return !sysfs_read("/proc/cmdline", cmdline, sizeof(cmdline)) &&
	       strstr(cmdline, "intel_iommu_nested=base");
}

static bool read_once(void *arg)
{
	struct reading *r = arg;
	__u64 seen = pasid_see(r->n, PASID_A, NESTED_IOVA);

	if (seen != r->page) {
		r->wrong++;
		r->seen = seen;
	}
	return true;
}

/* Two tables of the guest map the same page: the device cannot tell when one takes over. */
TEST_F_TIMEOUT(pasid_life, replaced_while_dma_runs, 600)
{
	struct reading *r = &self->reading;
	struct nested *n = &self->owner.n;
	struct nested_s1 s1[2];
	const char *skip;
	__u64 other;
	int i;

	ASSERT_EQ(0, nested_open(n, 1, &skip));
	ASSERT_EQ(0, pasid_s1_create(n, &s1[0], &r->page));
	ASSERT_EQ(0, pasid_s1_create(n, &s1[1], &other));
	stage1_map(&s1[1].t, NESTED_IOVA, r->page, S1_4K, S1_RW);
	ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, s1[0].hwpt));
	r->n = n;
	ASSERT_EQ(0, worker_start(&r->worker, read_once, r));
	for (i = 1; i <= REPLACES; i++) {
		ASSERT_EQ(0, vfio_attach_pasid(&n->dev[0], PASID_A, s1[i & 1].hwpt));
		ASSERT_TRUE(worker_wait_steps(&r->worker, 1));
	}
	worker_stop(&r->worker);
	if (r->wrong && nesting_of_base())
		SKIP(return, "the driver breaks the entry: %u reads were blocked", r->wrong);
	EXPECT_EQ(0, r->wrong) {
		TH_LOG("the last of them got %#llx", r->seen);
	}
}

TEST_F_TIMEOUT(pasid_life, killed_while_dma_runs, 600)
{
	struct owner *o = &self->owner;
	int i;

	for (i = 0; i < 5; i++) {
		event_count(o->progress, 0);
		self->user = child_start(owner_begin, owner_go_on, o);
		ASSERT_LT(0, self->user);
		ASSERT_TRUE(event_wait(o->progress, 1 + 5 * i));
		ASSERT_EQ(0, child_kill(&self->user));
		next_owner_works(_metadata, o);
	}
}

/* Whoever unbinds the driver waits until the owner is gone, and its PASIDs with it. */
TEST_F_TIMEOUT(pasid_life, driver_unbound_in_use, 600)
{
	struct owner *o = &self->owner;

	event_count(o->release, 0);
	self->user = child_start(owner_begin, owner_go_on, o);
	ASSERT_LT(0, self->user);
	self->writer = child_unbind_driver(self->bdf[0]);
	ASSERT_LT(0, self->writer);
	ASSERT_TRUE(event_wait(o->release, 1));
	EXPECT_TRUE(child_running(self->writer));
	EXPECT_TRUE(child_running(self->user));
	event_count(o->progress, 0);
	ASSERT_TRUE(event_wait(o->progress, 1));

	ASSERT_EQ(0, child_kill(&self->user));
	EXPECT_EQ(0, child_wait(&self->writer));
	next_owner_works(_metadata, o);
}

TEST_HARNESS_MAIN
