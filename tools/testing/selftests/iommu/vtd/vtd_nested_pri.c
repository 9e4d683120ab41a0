// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that gets page requests, for the tests of them.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <unistd.h>

#include "vtd_nested_pri.h"

static int new_queue(struct nested *n, __u32 *queue, int *fd)
{
	struct iommu_fault_alloc cmd = { .size = sizeof(cmd) };
	int ret = iommufd_ioctl(n->iommufd, IOMMU_FAULT_QUEUE_ALLOC, &cmd);

	*queue = cmd.out_fault_id;
	*fd = cmd.out_fault_fd;
	return ret;
}

/**
 * faulting_hwpt() - a nested page table whose page requests go to the queue
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
		.size = sizeof(cmd),
		.flags = IOMMU_HWPT_FAULT_ID_VALID,
		.dev_id = f->n.dev[0].id,
		.pt_id = f->n.parent,
		.data_type = IOMMU_HWPT_DATA_VTD_S1,
		.data_len = sizeof(cfg),
		.data_uptr = (uintptr_t)&cfg,
		.fault_id = f->queue,
	};
	int ret = iommufd_ioctl(f->n.iommufd, IOMMU_HWPT_ALLOC, &cmd);

	*hwpt = cmd.out_hwpt_id;
	return ret;
}

/**
 * faulting_open() - a guest with two devices and a table with a fault queue
 * @f: filled; nothing is attached yet
 * @skip: set to a reason if this machine cannot have such a guest, else NULL
 *
 * Return: 0 or a negative errno.
 */
int faulting_open(struct faulting *f, const char **skip)
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
		ret = faulting_hwpt(f, &f->s1.t, &f->s1.hwpt);
	return ret;
}

/**
 * faulting_close() - give everything back, whatever is in flight
 * @f: guest, also one that faulting_open() did not finish
 *
 * Return: as nested_close().
 */
__u64 faulting_close(struct faulting *f)
{
	if (f->fd > 0)
		close(f->fd);
	return nested_close(&f->n);
}

/**
 * wait_queue() - wait until there is something to be read
 * @f: guest
 * @ms: milliseconds to wait at most
 *
 * Return: true if there is.
 */
bool wait_queue(struct faulting *f, int ms)
{
	struct pollfd p = { .fd = f->fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1 && p.revents & POLLIN;
}

/**
 * next_group() - read one group if there is no more
 * @f: guest; the requests are in @f->got
 *
 * Return: the number of requests, 0 if none came, or a negative errno.
 */
int next_group(struct faulting *f)
{
	ssize_t n;

	if (!wait_queue(f, PATIENCE_MS))
		return 0;
	n = read(f->fd, f->got, sizeof(f->got));
	return n < 0 ? -errno : n / (ssize_t)sizeof(f->got[0]);
}

/**
 * respond() - answer a group
 * @f: guest
 * @cookie: names the group
 * @code: IOMMUFD_PAGE_RESP_*
 *
 * Return: 0 or a negative errno.
 */
int respond(struct faulting *f, __u32 cookie, __u32 code)
{
	const struct iommu_hwpt_page_response r = {
		.cookie = cookie,
		.code = code,
	};

	return write(f->fd, &r, sizeof(r)) == sizeof(r) ? 0 : -errno;
}

/**
 * respond_ok() - tell that the pages of the group read last are there
 * @f: guest
 *
 * Return: 0 or a negative errno.
 */
int respond_ok(struct faulting *f)
{
	return respond(f, f->got[0].cookie, IOMMUFD_PAGE_RESP_SUCCESS);
}

/**
 * start_dma() - begin DMA that asks for pages
 * @f: guest
 * @dev: index of the device
 * @op: VTDSIM_EP_OP_*
 * @addr: gIOVA
 * @len: bytes
 */
void start_dma(struct faulting *f, int dev, __u32 op, __u64 addr, __u32 len)
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

/**
 * start_read() - begin to read eight bytes, asking for the page
 * @f: guest
 * @dev: index of the device
 * @addr: gIOVA
 */
void start_read(struct faulting *f, int dev, __u64 addr)
{
	start_dma(f, dev, VTDSIM_EP_OP_READ, addr, 8);
}

/**
 * endpoint_buffer() - eight bytes in an endpoint's buffer
 * @f: guest
 * @dev: index of the device
 * @offset: where in the buffer
 *
 * Return: where this process sees them.
 */
__u64 *endpoint_buffer(struct faulting *f, int dev, unsigned int offset)
{
	return (__u64 *)((char *)f->n.dev[dev].bar + VTDSIM_EP_BUFFER + offset);
}

/**
 * finish() - wait for the end of a read
 * @f: guest
 * @dev: index of the device
 *
 * Return: as nested_see().
 */
__u64 finish(struct faulting *f, int dev)
{
	struct nested *n = &f->n;

	if (endpoint_finish(&n->dev[dev], &n->last))
		return NO_ANSWER;
	if (n->last.status == VTDSIM_EP_S_FAULT)
		return FAULT(n->last.reason);
	if (n->last.status != VTDSIM_EP_S_OK)
		return STATUS(n->last.status);
	return __atomic_load_n(endpoint_buffer(f, dev, 0), __ATOMIC_ACQUIRE);
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
 * fault_in() - the whole way once, with a page that is missing
 * @f: guest
 * @dev: index of the device
 * @iova: gIOVA that is not mapped
 *
 * Return: 0, or what the device saw that is not the page given to it.
 */
__u64 fault_in(struct faulting *f, int dev, __u64 iova)
{
	__u64 page = nested_page(&f->n);
	__u64 seen;

	start_read(f, dev, iova);
	if (next_group(f) != 1)
		return NO_ANSWER;
	faulting_map(f, iova, page);
	if (respond_ok(f))
		return NO_ANSWER;
	seen = finish(f, dev);
	return seen == page ? 0 : seen;
}

/**
 * ask() - a page request by itself
 * @f: guest
 * @dev: index of the device
 * @addr: gIOVA
 * @flags: VTDSIM_EP_F_READ, VTDSIM_EP_F_WRITE, VTDSIM_EP_F_LAST; the last one
 *	of a group is begun only, and finish() waits for the answer
 *
 * Return: 0, VTDSIM_EP_S_*, or a negative errno.
 */
int ask(struct faulting *f, int dev, __u64 addr, __u32 flags)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_PAGE_REQUEST,
		.flags = flags,
		.addr = addr,
		.group = GROUP,
	};

	if (flags & VTDSIM_EP_F_LAST) {
		endpoint_start(&f->n.dev[dev], &cmd);
		return 0;
	}
	return endpoint_run(&f->n.dev[dev], &cmd, &f->n.last) ?:
	       (int)f->n.last.status;
}
