// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lifetime of devices and tables under nested translation: drivers unbound
 * and devices removed while in use, processes that end or share a unit, and many
 * tables.
 */
#include <errno.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "nested.h"
#include "nested_child.h"
#include "nested_event.h"
#include "nested_user.h"

#define TABLES	100

/**
 * struct many - a guest with many tables, which its devices take in turn
 * @n: guest
 * @s1: the tables
 * @progress: event, signalled for each attach
 */
struct many {
	struct nested n;
	struct nested_s1 s1[TABLES];
	int progress;
};

FIXTURE(life)
{
	char bdf[NESTED_DEVICES_MAX][PCI_BDF_LEN];
	int present;
	struct nested_user u;
	pid_t user;
	pid_t writer;
	struct worker remover;
};

static int find_endpoints(char bdf[NESTED_DEVICES_MAX][PCI_BDF_LEN])
{
	return endpoint_find(bdf, NESTED_DEVICES_MAX);
}

FIXTURE_SETUP(life)
{
	struct nested_user *u = &self->u;

	NESTED_SETUP(return, nested_open, &u->n, 2);
	EXPECT_EQ(0, nested_close(&u->n));
	self->present = find_endpoints(self->bdf);
	u->progress = event_create();
	ASSERT_LT(0, u->progress);
	u->release = event_create();
	ASSERT_LT(0, u->release);
}

/* Users go first: whoever unbinds or removes a device waits for them. */
FIXTURE_TEARDOWN(life)
{
	EXPECT_EQ(0, child_kill(&self->user));
	EXPECT_EQ(0, nested_close(&self->u.n));
	worker_stop(&self->remover);
	EXPECT_EQ(0, child_wait(&self->writer));
	EXPECT_EQ(0, pci_rescan());
}

/* Open the second device alone, and use it. */
static int open_second(struct nested_user *u, __u64 mark)
{
	struct nested *n = &u->n;
	const char *skip;
	int ret = nested_open(n, 2, &skip);

	if (ret)
		return ret;
	vfio_close(&n->dev[0]);
	n->dev[0] = n->dev[1];
	n->ndev = 1;
	u->mark = mark;
	return nested_user_begin(u);
}

/* The driver cannot be unbound from a device that is in use. */
TEST_F_TIMEOUT(life, driver_unbound_in_use, 600)
{
	self->user = nested_user_fork(&self->u, 0x1000);
	ASSERT_LT(0, self->user);
	self->writer = child_unbind_driver(self->bdf[0]);
	ASSERT_LT(0, self->writer);
	ASSERT_TRUE(event_wait(self->u.release, 1));
	EXPECT_TRUE(child_running(self->writer));
	EXPECT_TRUE(child_running(self->user));

	ASSERT_EQ(0, child_kill(&self->user));
	EXPECT_EQ(0, child_wait(&self->writer));
	EXPECT_EQ(0, nested_user_works(0x1001));
}

TEST_F_TIMEOUT(life, device_removed_in_use, 600)
{
	char bdf[NESTED_DEVICES_MAX][PCI_BDF_LEN];
	struct nested_user *u = &self->u;

	self->user = nested_user_fork(u, 0x2000);
	ASSERT_LT(0, self->user);
	self->writer = child_remove(self->bdf[0]);
	ASSERT_LT(0, self->writer);
	ASSERT_TRUE(event_wait(u->release, 1));
	EXPECT_TRUE(child_running(self->writer));
	EXPECT_TRUE(child_running(self->user));

	ASSERT_EQ(0, child_kill(&self->user));
	EXPECT_EQ(0, child_wait(&self->writer));
	EXPECT_EQ(self->present - 1, find_endpoints(bdf));
	/* The second endpoint is the first now, and works. */
	EXPECT_EQ(0, nested_user_open(u, 0x2001));
	EXPECT_STREQ(self->bdf[1], u->n.dev[0].bdf);
	EXPECT_EQ(0, nested_close(&u->n));

	ASSERT_EQ(0, pci_rescan());
	ASSERT_EQ(self->present, find_endpoints(bdf));
	EXPECT_STREQ(self->bdf[0], bdf[0]);
	EXPECT_EQ(0, nested_user_open(u, 0x2002));
	EXPECT_STREQ(self->bdf[0], u->n.dev[0].bdf);
	EXPECT_EQ(0, nested_close(&u->n));
}

TEST_F_TIMEOUT(life, process_killed_while_dma_runs, 600)
{
	int i;

	for (i = 0; i < 5; i++) {
		self->user = nested_user_fork(&self->u, 0x3000 + i);
		ASSERT_LT(0, self->user);
		ASSERT_TRUE(event_wait(self->u.progress, 1 + 5 * i));
		ASSERT_EQ(0, child_kill(&self->user));
		EXPECT_EQ(0, nested_user_works(0x3100 + i));
	}
}

/* A device keeps what it needs of a context that its process has closed. */
TEST_F_TIMEOUT(life, context_closed_first, 600)
{
	struct nested_user *u = &self->u;
	struct nested *n = &u->n;
	int i;

	ASSERT_EQ(0, nested_user_open(u, 0x4000));
	close(n->iommufd);
	n->iommufd = -1;
	for (i = 0; i < 10; i++)
		EXPECT_EQ(0x4000, nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	EXPECT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
	EXPECT_EQ(0, nested_close(n));
	EXPECT_EQ(0, nested_user_works(0x4001));
}

/* Map a page for a device, have the device read it, and invalidate it. */
static void map_and_invalidate(struct __test_metadata *_metadata,
			       struct nested_user *u, int dev)
{
	const __u64 iova = NESTED_IOVA + PAGE;
	struct nested *n = &u->n;

	stage1_map(&u->s1.t, iova, u->page, S1_4K, S1_RW);
	EXPECT_EQ(u->mark, nested_see(n, dev, iova));
	stage1_set(stage1_entry(&u->s1.t, iova, 1), 0);
	EXPECT_EQ(0, nested_invalidate(n, u->s1.hwpt, iova, 1, 0));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, dev, iova));
}

/* Two guests use the same addresses. One is killed, and the other goes on. */
TEST_F_TIMEOUT(life, two_processes, 600)
{
	struct nested_user first = {}, *second = &self->u;
	int i;

	ASSERT_EQ(0, open_second(second, 0x5555));
	for (i = 0; i < 3; i++) {
		self->user = nested_user_fork(&first, 0x5000 + i);
		ASSERT_LT(0, self->user);
		EXPECT_EQ(0x5555, nested_see(&second->n, 0, NESTED_IOVA));
		map_and_invalidate(_metadata, second, 0);
		EXPECT_TRUE(child_running(self->user));
		ASSERT_EQ(0, child_kill(&self->user));
		EXPECT_EQ(0x5555, nested_see(&second->n, 0, NESTED_IOVA));
	}
	EXPECT_EQ(0, nested_close(&second->n));
}

TEST_F_TIMEOUT(life, a_hundred_tables, 600)
{
	static struct nested_s1 s1[TABLES];
	static __u64 page[TABLES];
	struct nested *n = &self->u.n;
	const char *skip;
	int i;

	ASSERT_EQ(0, nested_open(n, 2, &skip));
	for (i = 0; i < TABLES; i++)
		ASSERT_EQ(0, nested_s1_create_mapped(n, &s1[i], &page[i]));
	/* Both devices use all tables, in different orders. */
	for (i = 0; i < TABLES; i++) {
		ASSERT_EQ(0, vfio_attach(&n->dev[0], s1[i].hwpt));
		ASSERT_EQ(0, vfio_attach(&n->dev[1],
					 s1[(i * 7 + 1) % TABLES].hwpt));
		EXPECT_EQ(page[i], nested_see(n, 0, NESTED_IOVA));
		EXPECT_EQ(page[(i * 7 + 1) % TABLES], nested_see(n, 1, NESTED_IOVA));
	}
	/* Tables without a device can be invalidated and destroyed. */
	ASSERT_EQ(0, vfio_attach(&n->dev[0], s1[50].hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], s1[51].hwpt));
	for (i = 0; i < TABLES; i++) {
		EXPECT_EQ(0, nested_invalidate(n, s1[i].hwpt, 0, ~0ULL, 0));
		EXPECT_EQ(i == 50 || i == 51 ? -EBUSY : 0,
			  iommufd_destroy(n->iommufd, s1[i].hwpt));
	}
	EXPECT_EQ(page[50], nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(page[51], nested_see(n, 1, NESTED_IOVA));
	EXPECT_EQ(-EBUSY, iommufd_destroy(n->iommufd, n->parent));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	ASSERT_EQ(0, vfio_detach(&n->dev[1]));
	ASSERT_EQ(0, iommufd_destroy(n->iommufd, s1[50].hwpt));
	ASSERT_EQ(0, iommufd_destroy(n->iommufd, s1[51].hwpt));
	EXPECT_EQ(0, iommufd_destroy(n->iommufd, n->parent));
	EXPECT_EQ(0, nested_close(n));
}

static bool remove_device(void *arg)
{
	pci_attr_write(arg, "remove", "1");
	return false;
}

/* Of two devices on a table, one is removed, and returns to the table. */
TEST_F_TIMEOUT(life, one_of_two_removed, 600)
{
	struct nested_user *u = &self->u;
	struct nested *n = &u->n;
	const char *skip;
	int i;

	u->mark = 0x7000;
	ASSERT_EQ(0, nested_open(n, 2, &skip));
	ASSERT_EQ(0, nested_user_begin(u));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], u->s1.hwpt));
	for (i = 0; i < 2; i++) {
		char bdf[NESTED_DEVICES_MAX][PCI_BDF_LEN];

		EXPECT_EQ(0x7000, nested_see(n, 0, NESTED_IOVA));
		EXPECT_EQ(0x7000, nested_see(n, 1, NESTED_IOVA));
		event_count(u->release, 0);
		ASSERT_EQ(0, worker_start(&self->remover, remove_device,
					  self->bdf[0]));
		ASSERT_TRUE(event_wait(u->release, 1));
		EXPECT_FALSE(worker_ended(&self->remover));
		vfio_close(&n->dev[0]);
		worker_stop(&self->remover);
		EXPECT_EQ(self->present - 1, find_endpoints(bdf));

		EXPECT_EQ(0x7000, nested_see(n, 1, NESTED_IOVA));
		map_and_invalidate(_metadata, u, 1);

		ASSERT_EQ(0, pci_rescan());
		ASSERT_EQ(0, endpoint_open(&n->dev[0], self->bdf[0],
					   n->iommufd));
		ASSERT_EQ(0, vfio_release_eventfd(&n->dev[0], u->release));
		EXPECT_EQ(NESTED_FAULT(VTD_FR_PASID_PRESENT),
			  nested_see(n, 0, NESTED_IOVA));
		ASSERT_EQ(0, vfio_attach(&n->dev[0], u->s1.hwpt));
	}
	EXPECT_EQ(0x7000, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(0, nested_close(n));
}

static int many_begin(void *arg)
{
	struct many *m = arg;
	const char *skip;
	int i, ret = nested_open(&m->n, 2, &skip);
	__u64 page;

	for (i = 0; !ret && i < TABLES; i++)
		ret = nested_s1_create_mapped(&m->n, &m->s1[i], &page);
	return ret ?: vfio_attach(&m->n.dev[1], m->s1[0].hwpt);
}

static void many_take_turns(void *arg)
{
	struct many *m = arg;
	int i;

	for (i = 0; !vfio_attach(&m->n.dev[i & 1], m->s1[i % TABLES].hwpt); i++) {
		event_signal(m->progress);
		nested_see(&m->n, i & 1, NESTED_IOVA);
	}
}

/* Killed during a replacement, during DMA, or in between. */
TEST_F_TIMEOUT(life, killed_with_many_tables, 600)
{
	static struct many m;
	int i;

	m.progress = self->u.progress;
	for (i = 0; i < 3; i++) {
		event_count(m.progress, 0);
		self->user = child_start(many_begin, many_take_turns, &m);
		ASSERT_LT(0, self->user);
		ASSERT_TRUE(event_wait(m.progress, 7 + 3 * i));
		ASSERT_EQ(0, child_kill(&self->user));
		EXPECT_EQ(0, nested_user_works(0x8000 + i));
	}
}

TEST_HARNESS_MAIN
