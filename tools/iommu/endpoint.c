// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands to a vtdsim endpoint (include/uapi/linux/vtdsim.h).
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "endpoint.h"
#include "util.h"

#define TIMEOUT_S	10
#define BYTES_MAX	VTDSIM_EP_BUFFER_SIZE

static __u32 get32(struct vfio_dev *dev, unsigned int reg)
{
	return __atomic_load_n((__u32 *)((char *)dev->bar + reg),
			       __ATOMIC_ACQUIRE);
}

static __u64 get64(struct vfio_dev *dev, unsigned int reg)
{
	return __atomic_load_n((__u64 *)((char *)dev->bar + reg),
			       __ATOMIC_ACQUIRE);
}

/* Whoever sees the new value sees all that was written before it. */
static void set32(struct vfio_dev *dev, unsigned int reg, __u32 val)
{
	__atomic_store_n((__u32 *)((char *)dev->bar + reg), val,
			 __ATOMIC_RELEASE);
}

static void set64(struct vfio_dev *dev, unsigned int reg, __u64 val)
{
	__atomic_store_n((__u64 *)((char *)dev->bar + reg), val,
			 __ATOMIC_RELEASE);
}

/**
 * endpoint_check() - is this device a vtdsim endpoint that we can drive?
 * @dev: device
 *
 * Return: 0, or -ENODEV.
 */
int endpoint_check(struct vfio_dev *dev)
{
	if (dev->bar_size < VTDSIM_EP_BAR_SIZE ||
	    get32(dev, VTDSIM_EP_MAGIC) != VTDSIM_EP_MAGIC_VALUE ||
	    get32(dev, VTDSIM_EP_VERSION) != VTDSIM_EP_VERSION_VALUE)
		return -ENODEV;
	/* Whoever drove it before may have left any number behind. */
	dev->seq = get32(dev, VTDSIM_EP_DONE);
	return 0;
}

static int wait_done(struct vfio_dev *dev)
{
	const struct timespec nap = { .tv_nsec = 20 * 1000 };
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += TIMEOUT_S;
	while (endpoint_busy(dev)) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > end.tv_sec)
			return -ETIMEDOUT;
		nanosleep(&nap, NULL);
	}
	return 0;
}

/**
 * endpoint_start() - give the endpoint a command, and do not wait
 * @dev: endpoint, without a command that it has not finished
 * @cmd: command
 *
 * Other threads and processes can do what the command waits for.
 */
void endpoint_start(struct vfio_dev *dev, const struct endpoint_cmd *cmd)
{
	set64(dev, VTDSIM_EP_ADDR, cmd->addr);
	set32(dev, VTDSIM_EP_LEN, cmd->len);
	set32(dev, VTDSIM_EP_BUF, cmd->buf);
	set32(dev, VTDSIM_EP_PASID, cmd->pasid);
	set32(dev, VTDSIM_EP_FLAGS, cmd->flags);
	set64(dev, VTDSIM_EP_OPERAND, cmd->operand);
	set32(dev, VTDSIM_EP_GROUP, cmd->group);
	set32(dev, VTDSIM_EP_OP, cmd->op);

	dev->seq++;
	if (!dev->seq)
		dev->seq++;
	set32(dev, VTDSIM_EP_DOORBELL, dev->seq);
}

/**
 * endpoint_busy() - has the endpoint a command to finish?
 * @dev: endpoint
 *
 * Return: true from endpoint_start() until the command is done.
 */
bool endpoint_busy(struct vfio_dev *dev)
{
	return get32(dev, VTDSIM_EP_DONE) != dev->seq;
}

/**
 * endpoint_finish() - wait until a command is done
 * @dev: endpoint, after endpoint_start()
 * @res: filled with the endpoint's answer
 *
 * Return: 0 if the endpoint answered, however the command went; -ETIMEDOUT.
 */
int endpoint_finish(struct vfio_dev *dev, struct endpoint_result *res)
{
	int ret;

	memset(res, 0, sizeof(*res));
	ret = wait_done(dev);
	if (ret)
		return ret;

	res->status = get32(dev, VTDSIM_EP_STATUS);
	res->reason = get32(dev, VTDSIM_EP_REASON);
	res->count = get32(dev, VTDSIM_EP_COUNT);
	res->fault_addr = get64(dev, VTDSIM_EP_FAULT_ADDR);
	res->old = get64(dev, VTDSIM_EP_RESULT);
	res->response = get32(dev, VTDSIM_EP_RESPONSE);
	return 0;
}

/**
 * endpoint_run() - give the endpoint a command and wait until it is done
 * @dev: endpoint
 * @cmd: command
 * @res: filled with the endpoint's answer
 *
 * Return: 0 if the endpoint answered, however the command went; -ETIMEDOUT.
 */
int endpoint_run(struct vfio_dev *dev, const struct endpoint_cmd *cmd,
		 struct endpoint_result *res)
{
	endpoint_start(dev, cmd);
	return endpoint_finish(dev, res);
}

/**
 * endpoint_read() - have the device read memory
 * @dev: endpoint
 * @addr: address that the device puts on the bus
 * @data: what the device got; what was in its buffer before, where it got less
 * @len: bytes, at most VTDSIM_EP_BUFFER_SIZE
 * @res: filled with the endpoint's answer
 *
 * Return: 0 if the endpoint answered, or a negative errno.
 */
int endpoint_read(struct vfio_dev *dev, __u64 addr, void *data, __u32 len,
		  struct endpoint_result *res)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_READ,
		.addr = addr,
		.len = len,
	};
	char *buf = (char *)dev->bar + VTDSIM_EP_BUFFER;
	int ret;

	if (len > BYTES_MAX)
		return -EINVAL;
	/* Bytes of an earlier command must not pass for those of this one. */
	memset(buf, 0x5a, len);
	ret = endpoint_run(dev, &cmd, res);
	if (!ret)
		memcpy(data, buf, len);
	return ret;
}

/**
 * endpoint_write() - have the device write memory
 * @dev: endpoint
 * @addr: address that the device puts on the bus
 * @data: bytes that the device shall write
 * @len: how many, at most VTDSIM_EP_BUFFER_SIZE
 * @res: filled with the endpoint's answer
 *
 * Return: 0 if the endpoint answered, or a negative errno.
 */
int endpoint_write(struct vfio_dev *dev, __u64 addr, const void *data,
		   __u32 len, struct endpoint_result *res)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_WRITE,
		.addr = addr,
		.len = len,
	};

	if (len > BYTES_MAX)
		return -EINVAL;
	memcpy((char *)dev->bar + VTDSIM_EP_BUFFER, data, len);
	return endpoint_run(dev, &cmd, res);
}

/**
 * endpoint_fetch_add() - have the device add to a number in memory, atomically
 * @dev: endpoint
 * @addr: address that the device puts on the bus
 * @operand: addend
 * @len: size of the number, 4 or 8 bytes
 * @res: filled with the endpoint's answer; @res->old is the number before
 *
 * Return: 0 if the endpoint answered, or a negative errno.
 */
int endpoint_fetch_add(struct vfio_dev *dev, __u64 addr, __u64 operand,
		       __u32 len, struct endpoint_result *res)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_FETCH_ADD,
		.addr = addr,
		.len = len,
		.operand = operand,
	};

	return endpoint_run(dev, &cmd, res);
}

/**
 * endpoint_status_text() - a status in words
 * @status: VTDSIM_EP_S_*
 *
 * Return: the words.
 */
const char *endpoint_status_text(__u32 status)
{
	static const char * const text[] = {
		[VTDSIM_EP_S_OK] = "ok",
		[VTDSIM_EP_S_FAULT] = "blocked by the VT-d unit",
		[VTDSIM_EP_S_UNSUPPORTED] = "no memory at the address",
		[VTDSIM_EP_S_BAD_COMMAND] = "bad command",
		[VTDSIM_EP_S_NO_MASTER] = "bus master enable is clear",
		[VTDSIM_EP_S_NO_PASID] = "PASID not enabled, or too wide",
		[VTDSIM_EP_S_NO_ATS] = "ATS not enabled",
		[VTDSIM_EP_S_NO_PRI] = "page requests not enabled, or used up",
		[VTDSIM_EP_S_PAGE_REQUEST_FAILED] = "page request failed",
	};

	if (status >= ARRAY_SIZE(text))
		return "unknown status";
	return text[status];
}
