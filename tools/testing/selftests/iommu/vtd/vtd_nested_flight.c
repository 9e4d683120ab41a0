// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of page requests that are in flight when their device, their
 * table, their fault queue or the process that answers them goes.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "../../../../iommu/sysfs.h"
#include "vtd_nested_child.h"
#include "vtd_nested_pri.h"

FIXTURE(flight)
{
	struct faulting f;
};

FIXTURE_SETUP(flight)
{
	const char *skip;
	int ret = faulting_open(&self->f, &skip);

	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, vfio_attach(&self->f.n.dev[0], self->f.s1.hwpt));
}

FIXTURE_TEARDOWN(flight)
{
	EXPECT_EQ(0, faulting_close(&self->f));
}

/* Requests that user space has seen, and requests that it has not. */
static int in_flight(struct faulting *f, bool seen)
{
	start_read(f, 0, MISSING);
	if (!wait_queue(f, PATIENCE_MS))
		return -ETIMEDOUT;
	return seen && next_group(f) != 1 ? -EIO : 0;
}

/* Is there no trace of the request, and was the endpoint told? */
static bool released(struct faulting *f, bool seen)
{
	return finish(f, 0) == REFUSED && f->n.last.response == PRG_INVALID &&
	       !wait_queue(f, 0) && (!seen || respond_ok(f) == -EINVAL);
}

TEST_F_TIMEOUT(flight, detached_in_flight, 600)
{
	struct faulting *f = &self->f;
	int seen;

	for (seen = 0; seen < 2; seen++) {
		ASSERT_EQ(0, in_flight(f, seen));
		ASSERT_EQ(0, vfio_detach(&f->n.dev[0]));
		EXPECT_TRUE(released(f, seen));
		ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
		EXPECT_EQ(0, fault_in(f, 0, MISSING + PAGE * (seen + 1)));
	}
}

TEST_F_TIMEOUT(flight, replaced_in_flight, 600)
{
	struct faulting *f = &self->f;
	struct s1 plain, other;
	int i, seen;

	ASSERT_EQ(0, nested_s1_create(&f->n, &plain, 4));
	stage1_create(&other.t, &f->n.guest, 4);
	ASSERT_EQ(0, faulting_hwpt(f, &other.t, &other.hwpt));
	const __u32 by[] = { plain.hwpt, other.hwpt, f->n.parent };

	for (i = 0; i < (int)ARRAY_SIZE(by); i++) {
		for (seen = 0; seen < 2; seen++) {
			ASSERT_EQ(0, in_flight(f, seen));
			ASSERT_EQ(0, vfio_attach(&f->n.dev[0], by[i]));
			EXPECT_TRUE(released(f, seen));
			ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
			EXPECT_EQ(f->page, nested_see(&f->n, 0, IOVA));
		}
	}
	EXPECT_EQ(0, fault_in(f, 0, MISSING));
	ASSERT_EQ(0, vfio_attach(&f->n.dev[0], other.hwpt));
	ASSERT_EQ(0, iommufd_destroy(f->n.iommufd, f->s1.hwpt));
}

/* The table, and then its queue, go as soon as nobody uses them. */
TEST_F_TIMEOUT(flight, destroyed_in_flight, 600)
{
	struct faulting *f = &self->f;

	ASSERT_EQ(0, in_flight(f, true));
	EXPECT_EQ(-EBUSY, iommufd_destroy(f->n.iommufd, f->s1.hwpt));
	EXPECT_EQ(-EBUSY, iommufd_destroy(f->n.iommufd, f->queue));
	EXPECT_TRUE(endpoint_busy(&f->n.dev[0]));
	ASSERT_EQ(0, vfio_detach(&f->n.dev[0]));
	ASSERT_EQ(0, iommufd_destroy(f->n.iommufd, f->s1.hwpt));
	EXPECT_TRUE(released(f, true));
	ASSERT_EQ(0, close(f->fd));
	f->fd = -1;
	EXPECT_EQ(0, iommufd_destroy(f->n.iommufd, f->queue));
}

/* Nobody can answer any more, but the table is still there. */
TEST_F_TIMEOUT(flight, queue_closed_in_flight, 600)
{
	struct faulting *f = &self->f;

	ASSERT_EQ(0, in_flight(f, true));
	ASSERT_EQ(0, close(f->fd));
	f->fd = -1;
	EXPECT_TRUE(endpoint_busy(&f->n.dev[0]));
	ASSERT_EQ(0, vfio_detach(&f->n.dev[0]));
	EXPECT_EQ(REFUSED, finish(f, 0));
	ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
	EXPECT_EQ(f->page, nested_see(&f->n, 0, IOVA));
}

/* The answer comes after the device has forgotten what it asked. */
TEST_F_TIMEOUT(flight, reset_in_flight, 600)
{
	struct faulting *f = &self->f;
	int seen;

	for (seen = 0; seen < 2; seen++) {
		ASSERT_EQ(0, in_flight(f, seen));
		ASSERT_EQ(0, vfio_reset(&f->n.dev[0]));
		ASSERT_EQ(0, endpoint_check(&f->n.dev[0]));
		ASSERT_EQ(0, vfio_bus_master(&f->n.dev[0], true));
		EXPECT_EQ(f->page, nested_see(&f->n, 0, IOVA));
		if (!seen)
			ASSERT_EQ(1, next_group(f));
		EXPECT_EQ(0, respond_ok(f));
		EXPECT_EQ(f->page, nested_see(&f->n, 0, IOVA));
		EXPECT_EQ(0, fault_in(f, 0, MISSING + PAGE * (seen + 1)));
	}
}

/* Half a group is no group: nobody is told, and it is forgotten. */
TEST_F_TIMEOUT(flight, half_a_group, 600)
{
	struct faulting *f = &self->f;
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, ask(f, 0, MISSING, VTDSIM_EP_F_READ));
		ASSERT_EQ(0, ask(f, 0, MISSING + PAGE, VTDSIM_EP_F_READ));
		EXPECT_FALSE(wait_queue(f, 100));
		if (i & 1) {
			ASSERT_EQ(0, vfio_reset(&f->n.dev[0]));
			ASSERT_EQ(0, endpoint_check(&f->n.dev[0]));
			ASSERT_EQ(0, vfio_bus_master(&f->n.dev[0], true));
		}
		ASSERT_EQ(0, vfio_detach(&f->n.dev[0]));
		ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
		EXPECT_FALSE(wait_queue(f, 100));
		/* One page in the group: the other two are not in it. */
		EXPECT_EQ(0, fault_in(f, 0, MISSING + (10 + i) * PAGE));
	}
}

/* Everything is closed at once, and opened anew. */
TEST_F_TIMEOUT(flight, closed_in_flight, 600)
{
	struct faulting *f = &self->f;
	const char *skip;

	ASSERT_EQ(0, vfio_attach(&f->n.dev[1], f->s1.hwpt));
	ASSERT_EQ(0, in_flight(f, true));
	start_read(f, 1, MISSING + PAGE);
	ASSERT_TRUE(wait_queue(f, PATIENCE_MS));
	EXPECT_EQ(0, faulting_close(f));
	ASSERT_EQ(0, faulting_open(f, &skip));
	ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
	EXPECT_EQ(f->page, nested_see(&f->n, 0, IOVA));
	EXPECT_EQ(0, fault_in(f, 0, MISSING));
}

/* These open and close their guests themselves. */
FIXTURE(process)
{
	struct faulting f;
};

FIXTURE_SETUP(process)
{
	const char *skip;
	int ret = faulting_open(&self->f, &skip);

	faulting_close(&self->f);
	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
}

FIXTURE_TEARDOWN(process)
{
	EXPECT_EQ(0, faulting_close(&self->f));
}

static int get_in_flight(struct faulting *f, bool seen)
{
	const char *skip;
	int ret = faulting_open(f, &skip);

	if (!ret)
		ret = vfio_attach(&f->n.dev[0], f->s1.hwpt);
	return ret ?: in_flight(f, seen);
}

static int begin_unseen(void *arg)
{
	return get_in_flight(arg, false);
}

static int begin_seen(void *arg)
{
	return get_in_flight(arg, true);
}

/* A request that waits, and half of a group that nobody has been told of. */
static int begin_half(void *arg)
{
	struct faulting *f = arg;
	const char *skip;
	int ret = faulting_open(f, &skip);

	if (!ret)
		ret = vfio_attach(&f->n.dev[0], f->s1.hwpt);
	if (!ret)
		ret = vfio_attach(&f->n.dev[1], f->s1.hwpt);
	if (!ret)
		ret = ask(f, 1, MISSING, VTDSIM_EP_F_READ);
	return ret ?: in_flight(f, false);
}

static int (* const begin[])(void *arg) = {
	begin_unseen, begin_seen, begin_half,
};

static void stay(void *unused)
{
	(void)unused;
	pause();
}

/* Opened anew, a device is as good as ever. */
static __u64 works(struct faulting *f)
{
	const char *skip;
	__u64 wrong;

	if (faulting_open(f, &skip) ||
	    vfio_attach(&f->n.dev[0], f->s1.hwpt))
		return NO_ANSWER;
	if (nested_see(&f->n, 0, IOVA) != f->page)
		return NO_ANSWER;
	wrong = fault_in(f, 0, MISSING);
	return faulting_close(f) ?: wrong;
}

TEST_F_TIMEOUT(process, killed_in_flight, 600)
{
	struct faulting *f = &self->f;
	pid_t pid;
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(begin); i++) {
		pid = child_start(begin[i], stay, f);
		ASSERT_LT(0, pid);
		ASSERT_EQ(0, child_kill(pid));
		EXPECT_EQ(0, works(f));
	}
}

/* The driver lets go of the device when its user is gone, and not before. */
TEST_F_TIMEOUT(process, driver_unbound_in_flight, 600)
{
	struct faulting *f = &self->f;
	char bdf[1][PCI_BDF_LEN], path[PATH_MAX];
	pid_t user, unbind;
	int i;

	ASSERT_EQ(1, pci_find(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, bdf,
			       1));
	snprintf(path, sizeof(path), SYSFS_PCI "devices/%s/driver/unbind",
		 bdf[0]);
	for (i = 0; i < 2; i++) {
		user = child_start(begin[i], stay, f);
		ASSERT_LT(0, user);
		unbind = child_write(path, bdf[0]);
		ASSERT_LT(0, unbind);
		usleep(A_WHILE_US);
		EXPECT_FALSE(child_ended(unbind));
		ASSERT_EQ(0, child_kill(user));
		EXPECT_EQ(0, child_wait(unbind));
		EXPECT_EQ(0, works(f));
	}
}

TEST_F_TIMEOUT(process, device_removed_in_flight, 600)
{
	struct faulting *f = &self->f;
	char bdf[2][PCI_BDF_LEN], path[PATH_MAX];
	pid_t user, removal;
	int i;

	ASSERT_EQ(2, pci_find(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, bdf,
			       2));
	snprintf(path, sizeof(path), SYSFS_PCI "devices/%s/remove", bdf[0]);
	for (i = 1; i < (int)ARRAY_SIZE(begin); i++) {
		user = child_start(begin[i], stay, f);
		ASSERT_LT(0, user);
		removal = child_write(path, "1");
		ASSERT_LT(0, removal);
		usleep(A_WHILE_US);
		EXPECT_FALSE(child_ended(removal));
		ASSERT_EQ(0, child_kill(user));
		EXPECT_EQ(0, child_wait(removal));
		ASSERT_EQ(0, sysfs_write(SYSFS_PCI "rescan", "1"));
		EXPECT_EQ(0, works(f));
	}
}

TEST_HARNESS_MAIN
