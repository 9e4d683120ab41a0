// SPDX-License-Identifier: GPL-2.0-only
/* Untranslated requests of an endpoint: a single one, and transfers of any length. */
#include <kunit/static_stub.h>
#include <linux/delay.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "endpoint/endpoint.h"
#include "request/dma.h"

/* A request does not cross such a boundary; it is one critical section. */
#define REQUEST_BYTES	SZ_4K

/* In microseconds: how long to wait for memory */
#define NAP_US		1000

/**
 * vtdsim_endpoint_request() - send one untranslated request to the unit
 * @ep: the endpoint
 * @req: the request; within one 4 KiB page
 * @data: destination of a read, source of a write; for a fetch-add a u64 that
 *	holds the addend before and the old value after
 * @len: bytes; 4 or 8 for a fetch-add
 * @out: how it ended, if it was blocked
 *
 * Context: Process context, may sleep.
 * Return: 0, -EFAULT or -ENOMEM as vtdsim_dma_read() and the like.
 */
int vtdsim_endpoint_request(struct vtdsim_endpoint *ep,
			    const struct vtdsim_req *req, void *data,
			    size_t len, struct vtdsim_outcome *out)
{
	u64 *operand = data;

	KUNIT_STATIC_STUB_REDIRECT(vtdsim_endpoint_request, ep, req, data, len,
				   out);

	if (req->read && req->write)
		return vtdsim_dma_fetch_add(ep->unit, req, *operand, len,
					    operand, out);
	if (req->read)
		return vtdsim_dma_read(ep->unit, req, data, len, out);
	return vtdsim_dma_write(ep->unit, req, data, len, out);
}

/* Each request needs the permission anew: a reset ends a transfer in the middle. */
static enum vtdsim_moved requests_move(struct vtdsim_endpoint *ep, struct vtdsim_req *req,
				       void *data, size_t len)
{
	struct vtdsim_function_state state;
	struct vtdsim_outcome out;
	int ret;

	while (len) {
		size_t n = min_t(size_t, len, REQUEST_BYTES - req->addr % REQUEST_BYTES);

		vtdsim_function_get_state(&ep->fn, &state);
		if (!state.answers || !state.master)
			return VTDSIM_MOVE_STOPPED;
		ret = vtdsim_endpoint_request(ep, req, data, n, &out);
		if (ret == -ENOMEM) {
			/* Hardware does not run out of memory: retry later. */
			usleep_range_state(NAP_US, 2 * NAP_US, TASK_IDLE);
			continue;
		}
		if (ret)
			return VTDSIM_MOVE_BLOCKED;
		req->addr += n;
		data += n;
		len -= n;
		cond_resched();
	}
	return VTDSIM_MOVED;
}

/**
 * vtdsim_endpoint_read() - read memory, without PASID
 * @ep: the endpoint
 * @addr: address
 * @data: where to put the bytes
 * @len: how many
 *
 * Context: Process context, may sleep; the endpoint's thread.
 * Return: how it ended; unless all bytes have been moved, some of them may have been.
 */
enum vtdsim_moved vtdsim_endpoint_read(struct vtdsim_endpoint *ep, u64 addr, void *data,
				       size_t len)
{
	struct vtdsim_req req = { .addr = addr, .sid = ep->requester.sid, .read = true };

	return requests_move(ep, &req, data, len);
}

/**
 * vtdsim_endpoint_write() - write memory, without PASID
 * @ep: the endpoint
 * @addr: address
 * @data: the bytes
 * @len: how many
 *
 * Context: Process context, may sleep; the endpoint's thread.
 * Return: as vtdsim_endpoint_read().
 */
enum vtdsim_moved vtdsim_endpoint_write(struct vtdsim_endpoint *ep, u64 addr,
					const void *data, size_t len)
{
	struct vtdsim_req req = { .addr = addr, .sid = ep->requester.sid, .write = true };

	return requests_move(ep, &req, (void *)data, len);
}
