// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page requests of devices whose DMA is nested: a page that is missing in the
 * guest's table is asked for through the fault queue of the nested page table,
 * and DMA waits until user space has answered.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "vtd_nested.h"

#define MISSING		(IOVA + PAGE)
#define GROUP		7
#define RECORDS		8

/* How long a request may take from the endpoint to here, under emulation. */
#define PATIENCE_MS	10000

/* PRI response codes, PCIe 10.4.2.1 */
#define PRG_SUCCESS	0
#define PRG_INVALID	1

/**
 * struct faulting - a guest that gets page requests of two devices
 * @n: the guest
 * @s1: table with a fault queue; @page is at IOVA
 * @page: page of data
 * @queue: the fault queue
 * @fd: where page requests are read, and answers written
 * @got: page requests, filled by next_group()
 */
struct faulting {
	struct nested n;
	struct s1 s1;
	__u64 page;
	__u32 queue;
	int fd;
	struct iommu_hwpt_pgfault got[RECORDS];
};

static int new_queue(struct nested *n, __u32 *queue, int *fd)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };
	int ret = iommufd_ioctl(n->iommufd, IOMMU_FAULT_QUEUE_ALLOC, &cmd);

	*queue = cmd.out_fault_id;
	*fd = cmd.out_fault_fd;
	return ret;
}

/* A nested page table whose page requests go to a queue. */
static int new_hwpt(struct nested *n, const struct stage1 *t, __u32 queue,
		    __u32 *hwpt)
{
	struct iommu_hwpt_vtd_s1 cfg = {
		.pgtbl_addr = t->root,
		.addr_width = 48,
	};
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = IOMMU_HWPT_FAULT_ID_VALID,
		.dev_id = n->dev[0].id,
		.pt_id = n->parent,
		.data_type = IOMMU_HWPT_DATA_VTD_S1,
		.data_len = sizeof(cfg),
		.data_uptr = (uintptr_t)&cfg,
		.fault_id = queue,
	};
	int ret = iommufd_ioctl(n->iommufd, IOMMU_HWPT_ALLOC, &cmd);

	*hwpt = cmd.out_hwpt_id;
	return ret;
}

static int open_faulting(struct faulting *f, const char **skip)
{
	struct nested *n = &f->n;
	int ret;

	ret = nested_open(n, 2, skip);
	if (ret)
		return ret;
	if (!(n->unit.ecap_reg & VTD_ECAP_PRS)) {
		*skip = "the unit takes no page requests";
		return -ENODEV;
	}
	stage1_create(&f->s1.t, &n->guest, 4);
	f->page = nested_page(n);
	stage1_map(&f->s1.t, IOVA, f->page, S1_4K, S1_RW);
	ret = new_queue(n, &f->queue, &f->fd);
	if (!ret)
		ret = new_hwpt(n, &f->s1.t, f->queue, &f->s1.hwpt);
	return ret;
}

static __u64 close_faulting(struct faulting *f)
{
	if (f->fd > 0)
		close(f->fd);
	return nested_close(&f->n);
}

static int wait_queue(struct faulting *f, int ms)
{
	struct pollfd p = { .fd = f->fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1 && p.revents & POLLIN;
}

/* Reads one group if there is no more; returns the number of its requests. */
static int next_group(struct faulting *f)
{
	ssize_t n;

	if (!wait_queue(f, PATIENCE_MS))
		return 0;
	n = read(f->fd, f->got, sizeof(f->got));
	return n < 0 ? -errno : n / (ssize_t)sizeof(f->got[0]);
}

static int respond(struct faulting *f, __u32 cookie, __u32 code)
{
	const struct iommu_hwpt_page_response r = {
		.cookie = cookie,
		.code = code,
	};

	return write(f->fd, &r, sizeof(r)) == sizeof(r) ? 0 : -errno;
}

static int respond_ok(struct faulting *f)
{
	return respond(f, f->got[0].cookie, IOMMUFD_PAGE_RESP_SUCCESS);
}

/* DMA that asks for pages. */
static void start_dma(struct faulting *f, int dev, __u32 op, __u64 addr,
		      __u32 len)
{
	const struct endpoint_cmd cmd = {
		.op = op,
		.flags = VTDSIM_EP_F_PAGE_REQUEST,
		.addr = addr,
		.len = len,
		.operand = 1,
		.group = GROUP,
	};

	endpoint_start(&f->n.dev[dev], &cmd);
}

static void start_read(struct faulting *f, int dev, __u64 addr)
{
	start_dma(f, dev, VTDSIM_EP_OP_READ, addr, 8);
}

/* Eight bytes in the endpoint's buffer. */
static __u64 *buffer(struct faulting *f, int dev, unsigned int offset)
{
	return (__u64 *)((char *)f->n.dev[dev].bar + VTDSIM_EP_BUFFER + offset);
}

/* What was read, or why not: as nested_see(). */
static __u64 finish(struct faulting *f, int dev)
{
	struct nested *n = &f->n;

	if (endpoint_finish(&n->dev[dev], &n->last))
		return NO_ANSWER;
	if (n->last.status == VTDSIM_EP_S_FAULT)
		return FAULT(n->last.reason);
	if (n->last.status != VTDSIM_EP_S_OK)
		return STATUS(n->last.status);
	return __atomic_load_n(buffer(f, dev, 0), __ATOMIC_ACQUIRE);
}

#define REFUSED	STATUS(VTDSIM_EP_S_PAGE_REQUEST_FAILED)

static void map_page(struct faulting *f, __u64 iova, __u64 gpa)
{
	stage1_map(&f->s1.t, iova, gpa, S1_4K, S1_RW);
}

/* The whole way once, with a page that is missing. */
static __u64 fault_in(struct faulting *f, int dev, __u64 iova)
{
	__u64 page = nested_page(&f->n);
	__u64 seen;

	start_read(f, dev, iova);
	if (next_group(f) != 1)
		return NO_ANSWER;
	map_page(f, iova, page);
	if (respond_ok(f))
		return NO_ANSWER;
	seen = finish(f, dev);
	return seen == page ? 0 : seen;
}

FIXTURE(fault)
{
	struct faulting f;
};

FIXTURE_SETUP(fault)
{
	const char *skip;
	int ret = open_faulting(&self->f, &skip);

	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, vfio_attach(&self->f.n.dev[0], self->f.s1.hwpt));
}

FIXTURE_TEARDOWN(fault)
{
	EXPECT_EQ(0, close_faulting(&self->f));
}

TEST_F_TIMEOUT(fault, read, 600)
{
	struct faulting *f = &self->f;
	__u64 page = nested_page(&f->n);

	EXPECT_EQ(f->page, nested_see(&f->n, 0, IOVA));
	EXPECT_FALSE(wait_queue(f, 0));

	start_read(f, 0, MISSING + 0x10);
	ASSERT_EQ(1, next_group(f));
	EXPECT_EQ(f->n.dev[0].id, f->got[0].dev_id);
	EXPECT_EQ(MISSING, f->got[0].addr);
	EXPECT_EQ(GROUP, f->got[0].grpid);
	EXPECT_EQ(IOMMU_PGFAULT_PERM_READ, f->got[0].perm);
	EXPECT_EQ(IOMMU_PGFAULT_FLAGS_LAST_PAGE, f->got[0].flags);
	EXPECT_TRUE(endpoint_busy(&f->n.dev[0]));

	*(__u64 *)guest_va(&f->n.guest, page + 0x10) = 0x1234;
	map_page(f, MISSING, page);
	EXPECT_TRUE(endpoint_busy(&f->n.dev[0]));
	ASSERT_EQ(0, respond_ok(f));
	EXPECT_EQ(0x1234, finish(f, 0));
	EXPECT_EQ(PRG_SUCCESS, f->n.last.response);

	/* Nothing to ask for any more. */
	EXPECT_EQ(page, nested_see(&f->n, 0, MISSING));
	EXPECT_FALSE(wait_queue(f, 0));
}

TEST_F_TIMEOUT(fault, write, 600)
{
	struct faulting *f = &self->f;
	__u64 page = nested_page(&f->n);

	*buffer(f, 0, 0) = 0x77;
	start_dma(f, 0, VTDSIM_EP_OP_WRITE, MISSING, 8);
	ASSERT_EQ(1, next_group(f));
	EXPECT_EQ(IOMMU_PGFAULT_PERM_WRITE, f->got[0].perm);
	map_page(f, MISSING, page);
	ASSERT_EQ(0, respond_ok(f));
	EXPECT_EQ(0x77, finish(f, 0));
	EXPECT_EQ(0x77, *(__u64 *)guest_va(&f->n.guest, page));
	EXPECT_TRUE(stage1_get(stage1_entry(&f->s1.t, MISSING, 1)) & S1_DIRTY);
}

/* The page is there, but not to be written: copy on write, for example. */
TEST_F_TIMEOUT(fault, write_to_a_read_only_page, 600)
{
	struct faulting *f = &self->f;
	__u64 page = nested_page(&f->n);

	stage1_map(&f->s1.t, MISSING, f->page, S1_4K, S1_RO);
	ASSERT_EQ(f->page, nested_see(&f->n, 0, MISSING));
	*buffer(f, 0, 0) = 0x88;
	start_dma(f, 0, VTDSIM_EP_OP_WRITE, MISSING, 8);
	ASSERT_EQ(1, next_group(f));
	EXPECT_EQ(IOMMU_PGFAULT_PERM_WRITE, f->got[0].perm);
	map_page(f, MISSING, page);
	ASSERT_EQ(0, nested_invalidate(&f->n, f->s1.hwpt, MISSING, 1, 0));
	ASSERT_EQ(0, respond_ok(f));
	EXPECT_EQ(0x88, finish(f, 0));
	EXPECT_EQ(0x88, *(__u64 *)guest_va(&f->n.guest, page));
	EXPECT_EQ(f->page, *(__u64 *)guest_va(&f->n.guest, f->page));
}

TEST_F_TIMEOUT(fault, fetch_add, 600)
{
	struct faulting *f = &self->f;
	__u64 page = nested_page(&f->n);

	start_dma(f, 0, VTDSIM_EP_OP_FETCH_ADD, MISSING, 8);
	ASSERT_EQ(1, next_group(f));
	EXPECT_EQ(IOMMU_PGFAULT_PERM_READ | IOMMU_PGFAULT_PERM_WRITE,
		  f->got[0].perm);
	map_page(f, MISSING, page);
	ASSERT_EQ(0, respond_ok(f));
	finish(f, 0);
	EXPECT_EQ(VTDSIM_EP_S_OK, f->n.last.status);
	EXPECT_EQ(page, f->n.last.old);
	EXPECT_EQ(page + 1, *(__u64 *)guest_va(&f->n.guest, page));
}

/* One page after the other, as the endpoint comes to them. */
TEST_F_TIMEOUT(fault, several_pages, 600)
{
	struct faulting *f = &self->f;
	__u64 page[3];
	int i;

	start_dma(f, 0, VTDSIM_EP_OP_READ, MISSING, 3 * PAGE);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(1, next_group(f));
		EXPECT_EQ(MISSING + i * PAGE, f->got[0].addr);
		page[i] = nested_page(&f->n);
		map_page(f, MISSING + i * PAGE, page[i]);
		ASSERT_EQ(0, respond_ok(f));
	}
	EXPECT_EQ(page[0], finish(f, 0));
	EXPECT_EQ(3 * PAGE, f->n.last.count);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(page[i], *buffer(f, 0, i * PAGE));
}

/* DMA that does not ask is told what is wrong, and nobody else is. */
TEST_F_TIMEOUT(fault, nobody_asks, 600)
{
	struct faulting *f = &self->f;

	EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(&f->n, 0, MISSING));
	EXPECT_FALSE(wait_queue(f, 200));
	EXPECT_EQ(0, fault_in(f, 0, MISSING));
}

TEST_F_TIMEOUT(fault, refused, 600)
{
	struct faulting *f = &self->f;

	start_read(f, 0, MISSING);
	ASSERT_EQ(1, next_group(f));
	ASSERT_EQ(0, respond(f, f->got[0].cookie, IOMMUFD_PAGE_RESP_INVALID));
	EXPECT_EQ(REFUSED, finish(f, 0));
	EXPECT_EQ(PRG_INVALID, f->n.last.response);
	EXPECT_EQ(0, fault_in(f, 0, MISSING));
}

/* What is no answer leaves the request as it is. */
TEST_F_TIMEOUT(fault, wrong_answers, 600)
{
	struct faulting *f = &self->f;
	__u32 cookie;

	start_read(f, 0, MISSING);
	ASSERT_EQ(1, next_group(f));
	cookie = f->got[0].cookie;
	EXPECT_EQ(-EINVAL, respond(f, cookie + 1, IOMMUFD_PAGE_RESP_SUCCESS));
	EXPECT_EQ(-EINVAL, respond(f, cookie, 2));
	EXPECT_EQ(-EINVAL, respond(f, cookie, 0xf));
	EXPECT_TRUE(endpoint_busy(&f->n.dev[0]));
	map_page(f, MISSING, f->page);
	ASSERT_EQ(0, respond(f, cookie, IOMMUFD_PAGE_RESP_SUCCESS));
	EXPECT_EQ(f->page, finish(f, 0));
	EXPECT_EQ(-EINVAL, respond(f, cookie, IOMMUFD_PAGE_RESP_SUCCESS));
}

/* "Done" without having done it: the endpoint gives up, in the end. */
TEST_F_TIMEOUT(fault, success_without_a_page, 600)
{
	struct faulting *f = &self->f;
	int asked;

	start_read(f, 0, MISSING);
	for (asked = 0; endpoint_busy(&f->n.dev[0]) && asked < 100;) {
		if (!wait_queue(f, 100))
			continue;
		ASSERT_EQ(1, next_group(f));
		ASSERT_EQ(0, respond_ok(f));
		asked++;
	}
	EXPECT_LT(1, asked);
	EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), finish(f, 0));
	EXPECT_EQ(0, fault_in(f, 0, MISSING));
}

static int ask(struct faulting *f, __u64 addr, __u32 flags)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_PAGE_REQUEST,
		.flags = flags,
		.addr = addr,
		.group = GROUP,
	};

	if (flags & VTDSIM_EP_F_LAST) {
		endpoint_start(&f->n.dev[0], &cmd);
		return 0;
	}
	return endpoint_run(&f->n.dev[0], &cmd, &f->n.last) ?:
	       (int)f->n.last.status;
}

/* One answer for all pages of a group; it is read whole or not at all. */
TEST_F_TIMEOUT(fault, group_of_three, 600)
{
	struct faulting *f = &self->f;
	bool seen[3] = {};
	int i, at;

	ASSERT_EQ(0, ask(f, MISSING, VTDSIM_EP_F_READ));
	ASSERT_EQ(0, ask(f, MISSING + PAGE, VTDSIM_EP_F_WRITE));
	EXPECT_FALSE(wait_queue(f, 100));
	ask(f, MISSING + 2 * PAGE, VTDSIM_EP_F_READ | VTDSIM_EP_F_LAST);

	ASSERT_TRUE(wait_queue(f, PATIENCE_MS));
	EXPECT_EQ(-1, read(f->fd, f->got, 2 * sizeof(f->got[0])));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(3, next_group(f));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(GROUP, f->got[i].grpid);
		EXPECT_EQ(f->got[0].cookie, f->got[i].cookie);
		at = (f->got[i].addr - MISSING) / PAGE;
		ASSERT_TRUE(at >= 0 && at < 3);
		EXPECT_FALSE(seen[at]);
		seen[at] = true;
		EXPECT_EQ(at == 1 ? IOMMU_PGFAULT_PERM_WRITE :
				    IOMMU_PGFAULT_PERM_READ, f->got[i].perm);
		EXPECT_EQ(i == 2 ? IOMMU_PGFAULT_FLAGS_LAST_PAGE : 0,
			  f->got[i].flags);
		map_page(f, f->got[i].addr, f->page);
	}
	EXPECT_TRUE(seen[0] && seen[1] && seen[2]);
	EXPECT_TRUE(endpoint_busy(&f->n.dev[0]));
	ASSERT_EQ(0, respond_ok(f));
	finish(f, 0);
	EXPECT_EQ(VTDSIM_EP_S_OK, f->n.last.status);
	EXPECT_EQ(PRG_SUCCESS, f->n.last.response);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(f->page, nested_see(&f->n, 0, MISSING + i * PAGE));
}

TEST_F_TIMEOUT(fault, two_devices_answered_in_reverse, 600)
{
	struct faulting *f = &self->f;
	__u64 page[2] = { nested_page(&f->n), nested_page(&f->n) };
	int i, n, first;

	ASSERT_EQ(0, vfio_attach(&f->n.dev[1], f->s1.hwpt));
	start_read(f, 0, MISSING);
	start_read(f, 1, MISSING + PAGE);
	for (n = 0; n < 2; n += i) {
		ASSERT_TRUE(wait_queue(f, PATIENCE_MS));
		i = read(f->fd, &f->got[n], (RECORDS - n) * sizeof(f->got[0]));
		ASSERT_LT(0, i);
		i /= (int)sizeof(f->got[0]);
	}
	ASSERT_EQ(2, n);
	first = f->got[0].dev_id == f->n.dev[1].id;
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(f->n.dev[i ^ first].id, f->got[i].dev_id);
		EXPECT_EQ(MISSING + (i ^ first) * PAGE, f->got[i].addr);
	}
	ASSERT_NE(f->got[0].cookie, f->got[1].cookie);

	map_page(f, MISSING, page[0]);
	map_page(f, MISSING + PAGE, page[1]);
	ASSERT_EQ(0, respond(f, f->got[1].cookie, IOMMUFD_PAGE_RESP_SUCCESS));
	EXPECT_EQ(page[1 ^ first], finish(f, 1 ^ first));
	EXPECT_TRUE(endpoint_busy(&f->n.dev[first]));
	ASSERT_EQ(0, respond(f, f->got[0].cookie, IOMMUFD_PAGE_RESP_INVALID));
	EXPECT_EQ(REFUSED, finish(f, first));
}

/* Attached from detached, from the parent, from tables with and without. */
TEST_F_TIMEOUT(fault, ways_to_attach, 600)
{
	struct faulting *f = &self->f;
	struct s1 plain, other;
	int i;

	ASSERT_EQ(0, nested_s1_create(&f->n, &plain, 4));
	stage1_create(&other.t, &f->n.guest, 4);
	ASSERT_EQ(0, new_hwpt(&f->n, &other.t, f->queue, &other.hwpt));
	const __u32 from[] = { f->n.parent, f->n.ioas, plain.hwpt, other.hwpt };

	EXPECT_EQ(0, fault_in(f, 0, MISSING));
	for (i = 0; i < (int)ARRAY_SIZE(from); i++) {
		ASSERT_EQ(0, vfio_attach(&f->n.dev[0], from[i]));
		ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
		EXPECT_EQ(0, fault_in(f, 0, MISSING + (i + 1) * PAGE));
		ASSERT_EQ(0, vfio_detach(&f->n.dev[0]));
		ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
		EXPECT_EQ(f->page, nested_see(&f->n, 0, IOVA));
	}
	/* Without a queue nobody is asked. */
	ASSERT_EQ(0, vfio_attach(&f->n.dev[0], plain.hwpt));
	start_read(f, 0, MISSING);
	finish(f, 0);
	EXPECT_NE(VTDSIM_EP_S_OK, f->n.last.status);
	EXPECT_FALSE(wait_queue(f, 100));
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

TEST_F_TIMEOUT(fault, detached_in_flight, 600)
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

TEST_F_TIMEOUT(fault, replaced_in_flight, 600)
{
	struct faulting *f = &self->f;
	struct s1 plain, other;
	int i, seen;

	ASSERT_EQ(0, nested_s1_create(&f->n, &plain, 4));
	stage1_create(&other.t, &f->n.guest, 4);
	ASSERT_EQ(0, new_hwpt(&f->n, &other.t, f->queue, &other.hwpt));
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
TEST_F_TIMEOUT(fault, destroyed_in_flight, 600)
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
TEST_F_TIMEOUT(fault, queue_closed_in_flight, 600)
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
TEST_F_TIMEOUT(fault, reset_in_flight, 600)
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

/* Everything is closed at once, and opened anew. */
TEST_F_TIMEOUT(fault, closed_in_flight, 600)
{
	struct faulting *f = &self->f;
	const char *skip;

	ASSERT_EQ(0, vfio_attach(&f->n.dev[1], f->s1.hwpt));
	ASSERT_EQ(0, in_flight(f, true));
	start_read(f, 1, MISSING + PAGE);
	ASSERT_TRUE(wait_queue(f, PATIENCE_MS));
	EXPECT_EQ(0, close_faulting(f));
	ASSERT_EQ(0, open_faulting(f, &skip));
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
	int ret = open_faulting(&self->f, &skip);

	close_faulting(&self->f);
	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
}

FIXTURE_TEARDOWN(process)
{
	EXPECT_EQ(0, close_faulting(&self->f));
}

static int get_in_flight(struct faulting *f, bool seen)
{
	const char *skip;
	int ret = open_faulting(f, &skip);

	if (!ret)
		ret = vfio_attach(&f->n.dev[0], f->s1.hwpt);
	return ret ?: in_flight(f, seen);
}

TEST_F_TIMEOUT(process, killed_in_flight, 600)
{
	struct faulting *f = &self->f;
	const char *skip;
	int ready[2], i;
	char byte;
	pid_t pid;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, pipe(ready));
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			/* Not to outlive a test that fails. */
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			byte = get_in_flight(f, i) ? 'n' : 'y';
			if (write(ready[1], &byte, 1) == 1)
				pause();
			_exit(1);
		}
		close(ready[1]);
		ASSERT_EQ(1, read(ready[0], &byte, 1));
		EXPECT_EQ('y', byte);
		close(ready[0]);
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, NULL, 0));

		ASSERT_EQ(0, open_faulting(f, &skip));
		ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
		EXPECT_EQ(f->page, nested_see(&f->n, 0, IOVA));
		EXPECT_EQ(0, fault_in(f, 0, MISSING));
		EXPECT_EQ(0, close_faulting(f));
	}
}

TEST_HARNESS_MAIN
