// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of devices and tables under nested translation: drivers unbound and
 * devices removed while in use, processes that end or share a unit, and many
 * tables.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "../../../../iommu/sysfs.h"
#include "vtd_nested.h"
#include "vtd_nested_child.h"

/**
 * struct user - a guest with a table that is in use
 * @n: the guest
 * @s1: its table, attached to the first device
 * @page: data page at IOVA, with @mark in it
 * @mark: a number of this guest's own
 */
struct user {
	struct nested n;
	struct s1 s1;
	__u64 page;
	__u64 mark;
};

/* Attached, and seen to do DMA. */
static int begin(struct user *u)
{
	struct nested *n = &u->n;
	int ret;

	ret = nested_s1_create(n, &u->s1, 4);
	if (!ret)
		ret = vfio_attach(&n->dev[0], u->s1.hwpt);
	if (ret)
		return ret;
	u->page = nested_page(n);
	*(__u64 *)guest_va(&n->guest, u->page) = u->mark;
	stage1_map(&u->s1.t, IOVA, u->page, S1_4K, S1_RW);
	return nested_see(n, 0, IOVA) == u->mark ? 0 : -EIO;
}

static int open_user(struct user *u, __u64 mark)
{
	const char *skip;
	int ret = nested_open(&u->n, 1, &skip);

	u->mark = mark;
	return ret ?: begin(u);
}

/* The same with the second device alone. */
static int open_second(struct user *u, __u64 mark)
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
	return begin(u);
}

/* A device works from the beginning to the end. */
static int use_and_close(__u64 mark)
{
	struct user u;
	int ret = open_user(&u, mark);
	int broken = nested_close(&u.n);

	return ret ?: broken;
}

static int begin_user(void *arg)
{
	struct user *u = arg;

	return open_user(u, u->mark);
}

/* Reads until something is wrong. */
static void keep_reading(void *arg)
{
	struct user *u = arg;

	while (nested_see(&u->n, 0, IOVA) == u->mark)
		;
}

/* A process that uses the first device until it is killed. */
static pid_t start_user(__u64 mark)
{
	struct user u = { .mark = mark };

	return child_start(begin_user, keep_reading, &u);
}

FIXTURE(life)
{
	char bdf[DEVICES_MAX][PCI_BDF_LEN];
	int present;
};

FIXTURE_SETUP(life)
{
	struct nested n;
	const char *skip;
	int ret = nested_open(&n, 2, &skip);

	nested_close(&n);
	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
	self->present = pci_find(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID,
				  self->bdf, DEVICES_MAX);
}

FIXTURE_TEARDOWN(life)
{
}

/* The driver does not let go of a device that is in use. */
TEST_F_TIMEOUT(life, driver_unbound_in_use, 600)
{
	char path[PATH_MAX];
	pid_t user, unbind;

	snprintf(path, sizeof(path), SYSFS_PCI "devices/%s/driver/unbind",
		 self->bdf[0]);
	user = start_user(0x1000);
	ASSERT_LT(0, user);
	unbind = child_write(path, self->bdf[0]);
	ASSERT_LT(0, unbind);
	usleep(A_WHILE_US);
	EXPECT_FALSE(child_ended(unbind));
	EXPECT_FALSE(child_ended(user));

	ASSERT_EQ(0, child_kill(user));
	EXPECT_EQ(0, child_wait(unbind));
	EXPECT_EQ(0, use_and_close(0x1001));
}

TEST_F_TIMEOUT(life, device_removed_in_use, 600)
{
	char path[PATH_MAX], bdf[DEVICES_MAX][PCI_BDF_LEN];
	pid_t user, removal;
	struct user u;

	snprintf(path, sizeof(path), SYSFS_PCI "devices/%s/remove",
		 self->bdf[0]);
	user = start_user(0x2000);
	ASSERT_LT(0, user);
	removal = child_write(path, "1");
	ASSERT_LT(0, removal);
	usleep(A_WHILE_US);
	EXPECT_FALSE(child_ended(removal));
	EXPECT_FALSE(child_ended(user));

	ASSERT_EQ(0, child_kill(user));
	EXPECT_EQ(0, child_wait(removal));
	EXPECT_EQ(self->present - 1,
		  pci_find(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, bdf,
			    DEVICES_MAX));
	/* The other one is the first now, and none the worse. */
	EXPECT_EQ(0, open_user(&u, 0x2001));
	EXPECT_STREQ(self->bdf[1], u.n.dev[0].bdf);
	EXPECT_EQ(0, nested_close(&u.n));

	ASSERT_EQ(0, sysfs_write(SYSFS_PCI "rescan", "1"));
	ASSERT_EQ(self->present,
		  pci_find(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, bdf,
			    DEVICES_MAX));
	EXPECT_STREQ(self->bdf[0], bdf[0]);
	EXPECT_EQ(0, open_user(&u, 0x2002));
	EXPECT_STREQ(self->bdf[0], u.n.dev[0].bdf);
	EXPECT_EQ(0, nested_close(&u.n));
}

TEST_F_TIMEOUT(life, process_killed_while_dma_runs, 600)
{
	pid_t user;
	int i;

	for (i = 0; i < 5; i++) {
		user = start_user(0x3000 + i);
		ASSERT_LT(0, user);
		usleep(1000 + 7000 * i);
		ASSERT_EQ(0, child_kill(user));
		EXPECT_EQ(0, use_and_close(0x3100 + i));
	}
}

/* The device keeps what it needs of a context that its process has closed. */
TEST_F_TIMEOUT(life, context_closed_first, 600)
{
	struct user u;
	int i;

	ASSERT_EQ(0, open_user(&u, 0x4000));
	close(u.n.iommufd);
	u.n.iommufd = -1;
	for (i = 0; i < 10; i++)
		EXPECT_EQ(0x4000, nested_see(&u.n, 0, IOVA));
	ASSERT_EQ(0, vfio_detach(&u.n.dev[0]));
	nested_see(&u.n, 0, IOVA);
	EXPECT_EQ(VTDSIM_EP_S_FAULT, u.n.last.status);
	EXPECT_EQ(0, nested_close(&u.n));
	EXPECT_EQ(0, use_and_close(0x4001));
}

/* Two guests with the same addresses; the death of one is not the other's. */
TEST_F_TIMEOUT(life, two_processes, 600)
{
	struct user second;
	pid_t user;
	int i;

	ASSERT_EQ(0, open_second(&second, 0x5555));
	for (i = 0; i < 3; i++) {
		user = start_user(0x5000 + i);
		ASSERT_LT(0, user);
		EXPECT_EQ(0x5555, nested_see(&second.n, 0, IOVA));
		stage1_map(&second.s1.t, IOVA + PAGE, second.page, S1_4K, S1_RW);
		EXPECT_EQ(0x5555, nested_see(&second.n, 0, IOVA + PAGE));
		stage1_set(stage1_entry(&second.s1.t, IOVA + PAGE, 1), 0);
		EXPECT_EQ(0, nested_invalidate(&second.n, second.s1.hwpt,
					       IOVA + PAGE, 1, 0));
		EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT),
			  nested_see(&second.n, 0, IOVA + PAGE));
		EXPECT_FALSE(child_ended(user));
		ASSERT_EQ(0, child_kill(user));
		EXPECT_EQ(0x5555, nested_see(&second.n, 0, IOVA));
	}
	EXPECT_EQ(0, nested_close(&second.n));
}

#define TABLES	100

TEST_F_TIMEOUT(life, a_hundred_tables, 600)
{
	static struct s1 s1[TABLES];
	static __u64 page[TABLES];
	const char *skip;
	struct nested n;
	int i;

	ASSERT_EQ(0, nested_open(&n, 2, &skip));
	for (i = 0; i < TABLES; i++) {
		ASSERT_EQ(0, nested_s1_create(&n, &s1[i], 4));
		page[i] = nested_page(&n);
		stage1_map(&s1[i].t, IOVA, page[i], S1_4K, S1_RW);
	}
	/* Both devices go through all of them, one ahead of the other. */
	for (i = 0; i < TABLES; i++) {
		ASSERT_EQ(0, vfio_attach(&n.dev[0], s1[i].hwpt));
		ASSERT_EQ(0, vfio_attach(&n.dev[1],
					 s1[(i * 7 + 1) % TABLES].hwpt));
		EXPECT_EQ(page[i], nested_see(&n, 0, IOVA));
		EXPECT_EQ(page[(i * 7 + 1) % TABLES], nested_see(&n, 1, IOVA));
	}
	/* Those that nobody uses can be invalidated and destroyed. */
	ASSERT_EQ(0, vfio_attach(&n.dev[0], s1[50].hwpt));
	ASSERT_EQ(0, vfio_attach(&n.dev[1], s1[51].hwpt));
	for (i = 0; i < TABLES; i++) {
		EXPECT_EQ(0, nested_invalidate(&n, s1[i].hwpt, 0, ~0ULL, 0));
		EXPECT_EQ(i == 50 || i == 51 ? -EBUSY : 0,
			  iommufd_destroy(n.iommufd, s1[i].hwpt));
	}
	EXPECT_EQ(page[50], nested_see(&n, 0, IOVA));
	EXPECT_EQ(page[51], nested_see(&n, 1, IOVA));
	EXPECT_EQ(-EBUSY, iommufd_destroy(n.iommufd, n.parent));
	ASSERT_EQ(0, vfio_detach(&n.dev[0]));
	ASSERT_EQ(0, vfio_detach(&n.dev[1]));
	ASSERT_EQ(0, iommufd_destroy(n.iommufd, s1[50].hwpt));
	ASSERT_EQ(0, iommufd_destroy(n.iommufd, s1[51].hwpt));
	EXPECT_EQ(0, iommufd_destroy(n.iommufd, n.parent));
	EXPECT_EQ(0, nested_close(&n));
}

/**
 * struct removal - a device that is removed by a thread of its user
 * @path: file of sysfs that does it
 * @done: it is
 * @ret: error
 */
struct removal {
	char path[PATH_MAX];
	bool done;
	int ret;
};

static void *remove_device(void *arg)
{
	struct removal *r = arg;

	r->ret = sysfs_write(r->path, "1");
	__atomic_store_n(&r->done, true, __ATOMIC_RELEASE);
	return NULL;
}

/* Of two devices on one table, one goes, and comes back to the same table. */
TEST_F_TIMEOUT(life, one_of_two_removed, 600)
{
	struct removal r;
	struct user u;
	struct nested *n = &u.n;
	const char *skip;
	pthread_t thread;
	int i;

	u.mark = 0x7000;
	ASSERT_EQ(0, nested_open(n, 2, &skip));
	ASSERT_EQ(0, begin(&u));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], u.s1.hwpt));
	snprintf(r.path, sizeof(r.path), SYSFS_PCI "devices/%s/remove",
		 self->bdf[0]);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0x7000, nested_see(n, 0, IOVA));
		EXPECT_EQ(0x7000, nested_see(n, 1, IOVA));
		r.done = false;
		ASSERT_EQ(0, pthread_create(&thread, NULL, remove_device, &r));
		usleep(A_WHILE_US);
		EXPECT_FALSE(__atomic_load_n(&r.done, __ATOMIC_ACQUIRE));
		vfio_close(&n->dev[0]);
		pthread_join(thread, NULL);
		EXPECT_EQ(0, r.ret);

		EXPECT_EQ(0x7000, nested_see(n, 1, IOVA));
		stage1_map(&u.s1.t, IOVA + PAGE, u.page, S1_4K, S1_RW);
		EXPECT_EQ(0x7000, nested_see(n, 1, IOVA + PAGE));
		stage1_set(stage1_entry(&u.s1.t, IOVA + PAGE, 1), 0);
		EXPECT_EQ(0, nested_invalidate(n, u.s1.hwpt, IOVA + PAGE, 1,
					       0));
		EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT),
			  nested_see(n, 1, IOVA + PAGE));

		ASSERT_EQ(0, sysfs_write(SYSFS_PCI "rescan", "1"));
		ASSERT_EQ(0, vfio_bind_driver(self->bdf[0]));
		ASSERT_EQ(0, vfio_open(&n->dev[0], self->bdf[0], n->iommufd));
		ASSERT_EQ(0, endpoint_check(&n->dev[0]));
		ASSERT_EQ(0, vfio_bus_master(&n->dev[0], true));
		EXPECT_EQ(FAULT(VTD_FR_PASID_PRESENT), nested_see(n, 0, IOVA));
		ASSERT_EQ(0, vfio_attach(&n->dev[0], u.s1.hwpt));
	}
	EXPECT_EQ(0x7000, nested_see(n, 0, IOVA));
	EXPECT_EQ(0, nested_close(n));
}

/**
 * struct many - a guest with many tables, which its devices take in turn
 * @n: the guest
 * @s1: the tables
 */
struct many {
	struct nested n;
	struct s1 s1[TABLES];
};

static int begin_many(void *arg)
{
	struct many *m = arg;
	const char *skip;
	int i, ret = nested_open(&m->n, 2, &skip);

	for (i = 0; !ret && i < TABLES; i++) {
		ret = nested_s1_create(&m->n, &m->s1[i], 4);
		stage1_map(&m->s1[i].t, IOVA, nested_page(&m->n), S1_4K, S1_RW);
	}
	return ret ?: vfio_attach(&m->n.dev[1], m->s1[0].hwpt);
}

static void take_turns(void *arg)
{
	struct many *m = arg;
	int i;

	for (i = 0; !vfio_attach(&m->n.dev[i & 1], m->s1[i % TABLES].hwpt); i++)
		nested_see(&m->n, i & 1, IOVA);
}

/* Killed in the middle of a replacement, or of DMA, or in between. */
TEST_F_TIMEOUT(life, killed_with_many_tables, 600)
{
	static struct many m;
	pid_t user;
	int i;

	for (i = 0; i < 3; i++) {
		user = child_start(begin_many, take_turns, &m);
		ASSERT_LT(0, user);
		usleep(20000 + 5003 * i);
		ASSERT_EQ(0, child_kill(user));
		EXPECT_EQ(0, use_and_close(0x8000 + i));
	}
}

TEST_HARNESS_MAIN
