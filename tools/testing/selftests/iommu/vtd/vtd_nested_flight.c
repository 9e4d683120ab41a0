// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page requests in flight, whose device, table, fault queue or process goes away
 * before they have a response.
 */
#include <errno.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "nested_child.h"
#include "nested_event.h"
#include "nested_pri.h"

FIXTURE(flight)
{
	struct faulting f;
};

FIXTURE_SETUP(flight)
{
	NESTED_SETUP(return, faulting_open_attached, &self->f);
}

FIXTURE_TEARDOWN(flight)
{
	EXPECT_EQ(0, faulting_close(&self->f));
}

/* Have the device request a page; @seen: user space has read the request. */
static int request_page(struct faulting *f, bool seen)
{
	faulting_start_read(f, 0, FAULTING_MISSING);
	if (!faulting_wait(f, FAULTING_PATIENCE_MS))
		return -ETIMEDOUT;
	return seen && faulting_next_group(f) != 1 ? -EIO : 0;
}

/* Was the request ended with a response, and is it gone from the queue? */
static bool request_refused(struct faulting *f, bool seen)
{
	return faulting_finish(f, 0) == FAULTING_REFUSED &&
	       f->n.last.response == FAULTING_PRG_INVALID &&
	       !faulting_wait(f, 0) && (!seen || faulting_respond_ok(f) == -EINVAL);
}

TEST_F_TIMEOUT(flight, detached_in_flight, 600)
{
	struct faulting *f = &self->f;
	int seen;

	for (seen = 0; seen < 2; seen++) {
		ASSERT_EQ(0, request_page(f, seen));
		ASSERT_EQ(0, vfio_detach(&f->n.dev[0]));
		EXPECT_TRUE(request_refused(f, seen));
		ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
		EXPECT_EQ(0, faulting_fault_in(f, 0, FAULTING_MISSING + PAGE * (seen + 1)));
	}
}

TEST_F_TIMEOUT(flight, replaced_in_flight, 600)
{
	struct faulting *f = &self->f;
	struct nested_s1 plain, other;
	int i, seen;

	ASSERT_EQ(0, nested_s1_create(&f->n, &plain, 4));
	stage1_create(&other.t, &f->n.guest, 4);
	ASSERT_EQ(0, faulting_hwpt(f, &other.t, &other.hwpt));
	const __u32 by[] = { plain.hwpt, other.hwpt, f->n.parent };

	for (i = 0; i < (int)ARRAY_SIZE(by); i++) {
		for (seen = 0; seen < 2; seen++) {
			ASSERT_EQ(0, request_page(f, seen));
			ASSERT_EQ(0, vfio_attach(&f->n.dev[0], by[i]));
			EXPECT_TRUE(request_refused(f, seen));
			ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
			EXPECT_EQ(f->page, nested_see(&f->n, 0, NESTED_IOVA));
		}
	}
	EXPECT_EQ(0, faulting_fault_in(f, 0, FAULTING_MISSING));
	ASSERT_EQ(0, vfio_attach(&f->n.dev[0], other.hwpt));
	ASSERT_EQ(0, iommufd_destroy(f->n.iommufd, f->s1.hwpt));
}

/* A table, and then its queue, can be destroyed once they are not in use. */
TEST_F_TIMEOUT(flight, destroyed_in_flight, 600)
{
	struct faulting *f = &self->f;

	ASSERT_EQ(0, request_page(f, true));
	EXPECT_EQ(-EBUSY, iommufd_destroy(f->n.iommufd, f->s1.hwpt));
	EXPECT_EQ(-EBUSY, iommufd_destroy(f->n.iommufd, f->queue));
	EXPECT_TRUE(endpoint_busy(&f->n.dev[0]));
	ASSERT_EQ(0, vfio_detach(&f->n.dev[0]));
	ASSERT_EQ(0, iommufd_destroy(f->n.iommufd, f->s1.hwpt));
	EXPECT_TRUE(request_refused(f, true));
	ASSERT_EQ(0, close(f->fd));
	f->fd = -1;
	EXPECT_EQ(0, iommufd_destroy(f->n.iommufd, f->queue));
}

/* The file of the queue is closed, and the table stays. */
TEST_F_TIMEOUT(flight, queue_closed_in_flight, 600)
{
	struct faulting *f = &self->f;

	ASSERT_EQ(0, request_page(f, true));
	ASSERT_EQ(0, close(f->fd));
	f->fd = -1;
	EXPECT_TRUE(endpoint_busy(&f->n.dev[0]));
	ASSERT_EQ(0, vfio_detach(&f->n.dev[0]));
	EXPECT_EQ(FAULTING_REFUSED, faulting_finish(f, 0));
	ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
	EXPECT_EQ(f->page, nested_see(&f->n, 0, NESTED_IOVA));
}

/* The response comes after the device was reset. */
TEST_F_TIMEOUT(flight, reset_in_flight, 600)
{
	struct faulting *f = &self->f;
	int seen;

	for (seen = 0; seen < 2; seen++) {
		ASSERT_EQ(0, request_page(f, seen));
		ASSERT_EQ(0, endpoint_reset(&f->n.dev[0]));
		EXPECT_EQ(f->page, nested_see(&f->n, 0, NESTED_IOVA));
		if (!seen)
			ASSERT_EQ(1, faulting_next_group(f));
		EXPECT_EQ(0, faulting_respond_ok(f));
		EXPECT_EQ(f->page, nested_see(&f->n, 0, NESTED_IOVA));
		EXPECT_EQ(0, faulting_fault_in(f, 0, FAULTING_MISSING + PAGE * (seen + 1)));
	}
}

/* A group without its last request is not delivered, and is dropped. */
TEST_F_TIMEOUT(flight, half_a_group, 600)
{
	struct faulting *f = &self->f;
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, faulting_ask(f, 0, FAULTING_MISSING, VTDSIM_EP_F_READ));
		ASSERT_EQ(0, faulting_ask(f, 0, FAULTING_MISSING + PAGE, VTDSIM_EP_F_READ));
		EXPECT_FALSE(faulting_wait(f, 100));
		if (i & 1)
			ASSERT_EQ(0, endpoint_reset(&f->n.dev[0]));
		ASSERT_EQ(0, vfio_detach(&f->n.dev[0]));
		ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
		EXPECT_FALSE(faulting_wait(f, 100));
		/* The next group has one page, and none of the old two. */
		EXPECT_EQ(0, faulting_fault_in(f, 0, FAULTING_MISSING + (10 + i) * PAGE));
	}
}

/* Everything is closed at once, and opened again. */
TEST_F_TIMEOUT(flight, closed_in_flight, 600)
{
	struct faulting *f = &self->f;
	const char *skip;

	ASSERT_EQ(0, vfio_attach(&f->n.dev[1], f->s1.hwpt));
	ASSERT_EQ(0, request_page(f, true));
	faulting_start_read(f, 1, FAULTING_MISSING + PAGE);
	ASSERT_TRUE(faulting_wait(f, FAULTING_PATIENCE_MS));
	EXPECT_EQ(0, faulting_close(f));
	ASSERT_EQ(0, faulting_open_attached(f, &skip));
	EXPECT_EQ(f->page, nested_see(&f->n, 0, NESTED_IOVA));
	EXPECT_EQ(0, faulting_fault_in(f, 0, FAULTING_MISSING));
}

/**
 * struct owner - a process with page requests in flight
 * @f: its guest
 * @release: event, signalled when the kernel wants the first device back
 */
struct owner {
	struct faulting f;
	int release;
};

FIXTURE(process)
{
	char bdf[2][PCI_BDF_LEN];
	struct owner o;
	pid_t user;
	pid_t writer;
};

FIXTURE_SETUP(process)
{
	NESTED_SETUP(return, faulting_open, &self->o.f);
	EXPECT_EQ(0, faulting_close(&self->o.f));
	ASSERT_EQ(2, endpoint_find(self->bdf, 2));
	self->o.release = event_create();
	ASSERT_LT(0, self->o.release);
}

/* The user goes first: whoever unbinds or removes a device waits for it. */
FIXTURE_TEARDOWN(process)
{
	EXPECT_EQ(0, child_kill(&self->user));
	EXPECT_EQ(0, faulting_close(&self->o.f));
	EXPECT_EQ(0, child_wait(&self->writer));
	EXPECT_EQ(0, pci_rescan());
}

static int begin_with_request(struct owner *o, bool seen)
{
	struct faulting *f = &o->f;
	const char *skip;
	int ret = faulting_open_attached(f, &skip);

	if (!ret)
		ret = vfio_release_eventfd(&f->n.dev[0], o->release);
	return ret ?: request_page(f, seen);
}

static int begin_unseen(void *arg)
{
	return begin_with_request(arg, false);
}

static int begin_seen(void *arg)
{
	return begin_with_request(arg, true);
}

/* A request in flight, and the first half of a group. */
static int begin_half(void *arg)
{
	struct owner *o = arg;
	struct faulting *f = &o->f;
	int ret = begin_with_request(o, false);

	if (!ret)
		ret = vfio_attach(&f->n.dev[1], f->s1.hwpt);
	return ret ?: faulting_ask(f, 1, FAULTING_MISSING, VTDSIM_EP_F_READ);
}

static int (* const begin[])(void *arg) = {
	begin_unseen, begin_seen, begin_half,
};

/* The first half of a group, through a table that has replaced another one. */
static int begin_half_after_replace(void *arg)
{
	struct faulting *f = &((struct owner *)arg)->f;
	struct nested_s1 other;
	const char *skip;
	int ret = faulting_open_attached(f, &skip);

	if (ret)
		return ret;
	stage1_create(&other.t, &f->n.guest, 4);
	ret = faulting_hwpt(f, &other.t, &other.hwpt);
	if (!ret)
		ret = vfio_attach(&f->n.dev[0], other.hwpt);
	return ret ?: faulting_ask(f, 0, FAULTING_MISSING, VTDSIM_EP_F_READ);
}

static void wait_to_be_killed(void *unused)
{
	(void)unused;
	pause();
}

/* Does the first device work, from open to close? */
static __u64 use_device(struct faulting *f)
{
	const char *skip;
	__u64 wrong;

	if (faulting_open_attached(f, &skip) ||
	    nested_see(&f->n, 0, NESTED_IOVA) != f->page)
		return NESTED_NO_ANSWER;
	wrong = faulting_fault_in(f, 0, FAULTING_MISSING);
	return faulting_close(f) ?: wrong;
}

TEST_F_TIMEOUT(process, killed_in_flight, 600)
{
	struct owner *o = &self->o;
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(begin); i++) {
		self->user = child_start(begin[i], wait_to_be_killed, o);
		ASSERT_LT(0, self->user);
		ASSERT_EQ(0, child_kill(&self->user));
		EXPECT_EQ(0, use_device(&o->f));
	}
}

/* The next owner gets no page request of the one before. */
TEST_F_TIMEOUT(process, killed_after_replace, 600)
{
	struct owner *o = &self->o;

	self->user = child_start(begin_half_after_replace, wait_to_be_killed, o);
	ASSERT_LT(0, self->user);
	ASSERT_EQ(0, child_kill(&self->user));
	EXPECT_EQ(0, use_device(&o->f));
}

/* The driver releases a device as soon as its user is gone. */
TEST_F_TIMEOUT(process, driver_unbound_in_flight, 600)
{
	struct owner *o = &self->o;
	int i;

	for (i = 0; i < 2; i++) {
		event_count(o->release, 0);
		self->user = child_start(begin[i], wait_to_be_killed, o);
		ASSERT_LT(0, self->user);
		self->writer = child_unbind_driver(self->bdf[0]);
		ASSERT_LT(0, self->writer);
		ASSERT_TRUE(event_wait(o->release, 1));
		EXPECT_TRUE(child_running(self->writer));
		ASSERT_EQ(0, child_kill(&self->user));
		EXPECT_EQ(0, child_wait(&self->writer));
		EXPECT_EQ(0, use_device(&o->f));
	}
}

TEST_F_TIMEOUT(process, device_removed_in_flight, 600)
{
	struct owner *o = &self->o;
	int i;

	for (i = 1; i < (int)ARRAY_SIZE(begin); i++) {
		event_count(o->release, 0);
		self->user = child_start(begin[i], wait_to_be_killed, o);
		ASSERT_LT(0, self->user);
		self->writer = child_remove(self->bdf[0]);
		ASSERT_LT(0, self->writer);
		ASSERT_TRUE(event_wait(o->release, 1));
		EXPECT_TRUE(child_running(self->writer));
		ASSERT_EQ(0, child_kill(&self->user));
		EXPECT_EQ(0, child_wait(&self->writer));
		ASSERT_EQ(0, pci_rescan());
		EXPECT_EQ(0, use_device(&o->f));
	}
}

TEST_HARNESS_MAIN
