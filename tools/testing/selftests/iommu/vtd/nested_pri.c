// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest whose nested page table has a fault queue, for the tests of page
 * requests.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <unistd.h>

#include "nested_pri.h"

static int fault_queue_alloc(struct nested *n, __u32 *queue, int *fd)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };
	int ret = iommufd_ioctl(n->iommufd, IOMMU_FAULT_QUEUE_ALLOC, &cmd);

	if (ret)
		return ret;
	*queue = cmd.out_fault_id;
	*fd = cmd.out_fault_fd;
	return 0;
}

/**
 * faulting_hwpt() - allocate a nested page table with the guest's fault queue
 * @f: guest, with a fault queue
 * @t: table
 * @hwpt: ID of the object
 *
 * Return: 0 or a negative errno.
 */
int faulting_hwpt(struct faulting *f, const struct stage1 *t, __u32 *hwpt)
{
	struct iommu_hwpt_vtd_s1 cfg = {
		.pgtbl_addr = t->root,
		.addr_width = 48,
	};
	struct iommu_hwpt_alloc cmd = {
		.flags = IOMMU_HWPT_FAULT_ID_VALID,
		.dev_id = f->n.dev[0].id,
		.pt_id = f->n.parent,
		.data_type = IOMMU_HWPT_DATA_VTD_S1,
		.data_len = sizeof(cfg),
		.data_uptr = (uintptr_t)&cfg,
		.fault_id = f->queue,
	};

	return iommufd_hwpt_alloc(f->n.iommufd, &cmd, hwpt);
}

/**
 * faulting_open() - open a guest with two devices and a table with a fault queue
 * @f: filled; nothing is attached yet
 * @skip: set to a reason if this machine cannot have such a guest, else NULL
 *
 * Return: 0 or a negative errno; faulting_close() has to be called either way.
 */
int faulting_open(struct faulting *f, const char **skip)
{
	struct nested *n = &f->n;
	int ret;

	*f = (struct faulting) { .fd = -1 };
	ret = nested_open(n, 2, skip);
	if (ret)
		return ret;
	if (!(n->unit.ecap_reg & VTD_ECAP_PRS)) {
		*skip = "the unit takes no page requests";
		return -ENODEV;
	}
	stage1_create(&f->s1.t, &n->guest, 4);
	f->page = nested_page(n);
	stage1_map(&f->s1.t, NESTED_IOVA, f->page, S1_4K, S1_RW);
	ret = fault_queue_alloc(n, &f->queue, &f->fd);
	if (!ret)
		ret = faulting_hwpt(f, &f->s1.t, &f->s1.hwpt);
	return ret;
}

/**
 * faulting_open_attached() - open a guest, and attach its first device
 * @f: filled
 * @skip: set to a reason if this machine cannot have such a guest, else NULL
 *
 * Return: 0 or a negative errno; faulting_close() has to be called either way.
 */
int faulting_open_attached(struct faulting *f, const char **skip)
{
	int ret = faulting_open(f, skip);

	return ret ?: vfio_attach(&f->n.dev[0], f->s1.hwpt);
}

/**
 * faulting_close() - close everything, whatever is in flight
 * @f: guest, also one that faulting_open() did not finish, or that is closed
 *
 * Return: as nested_close().
 */
__u64 faulting_close(struct faulting *f)
{
	if (f->n.open && f->fd >= 0)
		close(f->fd);
	f->fd = -1;
	return nested_close(&f->n);
}

/**
 * faulting_wait() - wait for page requests in the queue
 * @f: guest
 * @ms: milliseconds to wait at most
 *
 * Return: true if there are some.
 */
bool faulting_wait(struct faulting *f, int ms)
{
	struct pollfd p = { .fd = f->fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1 && p.revents & POLLIN;
}

/**
 * faulting_next_group() - wait for page requests, and read them
 * @f: guest; the requests are in @f->got
 *
 * Return: number of requests, 0 if none came, or a negative errno.
 */
int faulting_next_group(struct faulting *f)
{
	ssize_t n;

	if (!faulting_wait(f, FAULTING_PATIENCE_MS))
		return 0;
	n = read(f->fd, f->got, sizeof(f->got));
	return n < 0 ? -errno : n / (ssize_t)sizeof(f->got[0]);
}

/**
 * faulting_respond() - respond to a group
 * @f: guest
 * @cookie: cookie of the group
 * @code: IOMMUFD_PAGE_RESP_*
 *
 * Return: 0 or a negative errno.
 */
int faulting_respond(struct faulting *f, __u32 cookie, __u32 code)
{
	const struct iommu_hwpt_page_response r = {
		.cookie = cookie,
		.code = code,
	};

	return write(f->fd, &r, sizeof(r)) == sizeof(r) ? 0 : -errno;
}

/**
 * faulting_respond_ok() - report success for the group read last
 * @f: guest
 *
 * Return: 0 or a negative errno.
 */
int faulting_respond_ok(struct faulting *f)
{
	return faulting_respond(f, f->got[0].cookie, IOMMUFD_PAGE_RESP_SUCCESS);
}

/**
 * faulting_start_dma() - start DMA that requests missing pages
 * @f: guest
 * @dev: index of the device
 * @op: VTDSIM_EP_OP_*
 * @addr: gIOVA
 * @len: bytes
 */
void faulting_start_dma(struct faulting *f, int dev, __u32 op, __u64 addr, __u32 len)
{
	const struct endpoint_cmd cmd = {
		.op = op,
		.flags = VTDSIM_EP_F_PAGE_REQUEST,
		.addr = addr,
		.len = len,
		.operand = 1,
		.group = FAULTING_GROUP,
	};

	endpoint_start(&f->n.dev[dev], &cmd);
}

/**
 * faulting_start_read() - start to read eight bytes, requesting missing pages
 * @f: guest
 * @dev: index of the device
 * @addr: gIOVA
 */
void faulting_start_read(struct faulting *f, int dev, __u64 addr)
{
	faulting_start_dma(f, dev, VTDSIM_EP_OP_READ, addr, 8);
}

/**
 * faulting_buffer() - find eight bytes in an endpoint's buffer
 * @f: guest
 * @dev: index of the device
 * @offset: where in the buffer
 *
 * Return: their address in this process.
 */
__u64 *faulting_buffer(struct faulting *f, int dev, unsigned int offset)
{
	return (__u64 *)((char *)f->n.dev[dev].bar + VTDSIM_EP_BUFFER + offset);
}

/**
 * faulting_finish() - wait for the end of a read
 * @f: guest
 * @dev: index of the device
 *
 * Return: as nested_see().
 */
__u64 faulting_finish(struct faulting *f, int dev)
{
	struct nested *n = &f->n;
	int ret = endpoint_finish(&n->dev[dev], &n->last);

	return nested_answer(n, ret, __atomic_load_n(faulting_buffer(f, dev, 0),
						     __ATOMIC_ACQUIRE));
}

/**
 * faulting_map() - map a page in the guest's table
 * @f: guest
 * @iova: gIOVA
 * @gpa: the page
 */
void faulting_map(struct faulting *f, __u64 iova, __u64 gpa)
{
	stage1_map(&f->s1.t, iova, gpa, S1_4K, S1_RW);
}

/**
 * faulting_fault_in() - read a missing page, and map it when it is requested
 * @f: guest
 * @dev: index of the device
 * @iova: gIOVA that is not mapped
 *
 * Return: 0, or what the device read instead of the page.
 */
__u64 faulting_fault_in(struct faulting *f, int dev, __u64 iova)
{
	__u64 page = nested_page(&f->n);
	__u64 seen;

	faulting_start_read(f, dev, iova);
	if (faulting_next_group(f) != 1)
		return NESTED_NO_ANSWER;
	faulting_map(f, iova, page);
	if (faulting_respond_ok(f))
		return NESTED_NO_ANSWER;
	seen = faulting_finish(f, dev);
	return seen == page ? 0 : seen;
}

/**
 * faulting_ask() - send a page request without DMA
 * @f: guest
 * @dev: index of the device
 * @addr: gIOVA
 * @flags: VTDSIM_EP_F_READ, VTDSIM_EP_F_WRITE, VTDSIM_EP_F_LAST; the last
 *	request of a group is only started, and faulting_finish() waits for
 *	its response
 *
 * Return: 0, VTDSIM_EP_S_*, or a negative errno.
 */
int faulting_ask(struct faulting *f, int dev, __u64 addr, __u32 flags)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_PAGE_REQUEST,
		.flags = flags,
		.addr = addr,
		.group = FAULTING_GROUP,
	};

	if (flags & VTDSIM_EP_F_LAST) {
		endpoint_start(&f->n.dev[dev], &cmd);
		return 0;
	}
	return endpoint_run(&f->n.dev[dev], &cmd, &f->n.last) ?:
	       (int)f->n.last.status;
}
