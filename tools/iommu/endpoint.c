// SPDX-License-Identifier: GPL-2.0-only
/*
 * An endpoint of vtdsim, driven through VFIO (include/uapi/linux/vtdsim.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <linux/pci_regs.h>
#include <sys/mman.h>

#include "endpoint.h"
#include "util.h"

#define TIMEOUT_S	100
#define POLL_NS		20000L

static __u32 reg_read32(struct vfio_dev *dev, unsigned int reg)
{
	return __atomic_load_n((__u32 *)((char *)dev->bar + reg),
			       __ATOMIC_ACQUIRE);
}

static __u64 reg_read64(struct vfio_dev *dev, unsigned int reg)
{
	return __atomic_load_n((__u64 *)((char *)dev->bar + reg),
			       __ATOMIC_ACQUIRE);
}

/* A reader that sees the new value sees everything written before it. */
static void reg_write32(struct vfio_dev *dev, unsigned int reg, __u32 val)
{
	__atomic_store_n((__u32 *)((char *)dev->bar + reg), val,
			 __ATOMIC_RELEASE);
}

static void reg_write64(struct vfio_dev *dev, unsigned int reg, __u64 val)
{
	__atomic_store_n((__u64 *)((char *)dev->bar + reg), val,
			 __ATOMIC_RELEASE);
}

/**
 * endpoint_find() - find the endpoints of a machine
 * @bdf: filled with their addresses, the lowest ones in ascending order
 * @max: places in @bdf
 *
 * Return: how many were found, at most @max, or a negative errno.
 */
int endpoint_find(char bdf[][PCI_BDF_LEN], int max)
{
	return pci_find(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, bdf, max);
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
	    reg_read32(dev, VTDSIM_EP_MAGIC) != VTDSIM_EP_MAGIC_VALUE ||
	    reg_read32(dev, VTDSIM_EP_VERSION) != VTDSIM_EP_VERSION_VALUE)
		return -ENODEV;
	/* Its previous user may have left any number behind. */
	dev->seq = reg_read32(dev, VTDSIM_EP_DONE);
	return 0;
}

/**
 * endpoint_enable() - prepare an open device for commands
 * @dev: device, open
 *
 * The device becomes a bus master, and may send AtomicOps if it can.
 *
 * Return: 0 or a negative errno, -ENODEV if it is not a vtdsim endpoint.
 */
int endpoint_enable(struct vfio_dev *dev)
{
	int ret = endpoint_check(dev);

	if (ret)
		return ret;
	ret = vfio_enable_atomics(dev);
	/* A conventional PCI device has none. */
	return ret && ret != -ENODEV ? ret : vfio_bus_master(dev, true);
}

/**
 * endpoint_open() - open an endpoint and bind it to an iommufd context
 * @dev: filled
 * @bdf: address of the endpoint; its driver becomes vfio-pci
 * @iommufd: iommufd context
 *
 * The endpoint is a bus master then, and its DMA is blocked.
 *
 * Return: 0 or a negative errno.
 */
int endpoint_open(struct vfio_dev *dev, const char *bdf, int iommufd)
{
	int ret;

	ret = vfio_bind_driver(bdf);
	if (ret)
		return ret;
	ret = vfio_open(dev, bdf, iommufd);
	if (ret)
		return ret;
	ret = endpoint_enable(dev);
	if (ret)
		vfio_close(dev);
	return ret;
}

static int endpoint_map_sysfs(struct vfio_dev *dev)
{
	int fd = pci_attr_open(dev->bdf, "resource0", O_RDWR | O_SYNC);

	if (fd < 0)
		return fd;
	dev->bar = mmap(NULL, VTDSIM_EP_BAR_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (dev->bar == MAP_FAILED)
		return -errno;
	dev->bar_size = VTDSIM_EP_BAR_SIZE;
	return 0;
}

/* As a driver would do. */
static int endpoint_enable_sysfs(const char *bdf)
{
	__u16 command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	int fd = pci_attr_open(bdf, "config", O_RDWR);
	int ret = 0;

	if (fd < 0)
		return fd;
	if (pwrite(fd, &command, sizeof(command), PCI_COMMAND) != sizeof(command))
		ret = -EIO;
	close(fd);
	return ret;
}

/**
 * endpoint_open_sysfs() - drive an endpoint that has no driver, or that another process has open
 * @dev: filled; VFIO's calls do not work on it. Its @bar is to be unmapped in the end
 * @bdf: address of the endpoint
 *
 * The endpoint is a bus master then.
 *
 * Return: 0 or a negative errno.
 */
int endpoint_open_sysfs(struct vfio_dev *dev, const char *bdf)
{
	int ret;

	*dev = (struct vfio_dev) { .fd = -1 };
	snprintf(dev->bdf, sizeof(dev->bdf), "%s", bdf);
	ret = endpoint_map_sysfs(dev);
	if (ret)
		return ret;
	ret = endpoint_enable_sysfs(bdf);
	if (!ret)
		ret = endpoint_check(dev);
	if (ret)
		munmap(dev->bar, dev->bar_size);
	return ret;
}

/**
 * endpoint_reset() - reset an endpoint, and make it ready for commands again
 * @dev: endpoint
 *
 * Return: 0 or a negative errno.
 */
int endpoint_reset(struct vfio_dev *dev)
{
	int ret = vfio_reset(dev);

	return ret ? ret : endpoint_enable(dev);
}

static int endpoint_wait(struct vfio_dev *dev)
{
	const struct timespec nap = { .tv_nsec = POLL_NS };
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
	reg_write64(dev, VTDSIM_EP_ADDR, cmd->addr);
	reg_write32(dev, VTDSIM_EP_LEN, cmd->len);
	reg_write32(dev, VTDSIM_EP_BUF, cmd->buf);
	reg_write32(dev, VTDSIM_EP_PASID, cmd->pasid);
	reg_write32(dev, VTDSIM_EP_FLAGS, cmd->flags);
	reg_write64(dev, VTDSIM_EP_OPERAND, cmd->operand);
	reg_write32(dev, VTDSIM_EP_GROUP, cmd->group);
	reg_write32(dev, VTDSIM_EP_OP, cmd->op);

	dev->seq++;
	if (!dev->seq)
		dev->seq++;
	reg_write32(dev, VTDSIM_EP_DOORBELL, dev->seq);
}

/**
 * endpoint_busy() - has the endpoint a command to finish?
 * @dev: endpoint
 *
 * Return: true from endpoint_start() until the command is done.
 */
bool endpoint_busy(struct vfio_dev *dev)
{
	return reg_read32(dev, VTDSIM_EP_DONE) != dev->seq;
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
	ret = endpoint_wait(dev);
	if (ret)
		return ret;

	res->status = reg_read32(dev, VTDSIM_EP_STATUS);
	res->reason = reg_read32(dev, VTDSIM_EP_REASON);
	res->count = reg_read32(dev, VTDSIM_EP_COUNT);
	res->fault_addr = reg_read64(dev, VTDSIM_EP_FAULT_ADDR);
	res->old = reg_read64(dev, VTDSIM_EP_RESULT);
	res->response = reg_read32(dev, VTDSIM_EP_RESPONSE);
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

	if (len > VTDSIM_EP_BUFFER_SIZE)
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

	if (len > VTDSIM_EP_BUFFER_SIZE)
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
 * endpoint_reads() - does the device read these bytes?
 * @dev: endpoint
 * @addr: address that the device puts on the bus
 * @expected: the bytes
 * @len: how many, at most VTDSIM_EP_BUFFER_SIZE
 *
 * Return: true if it reads all of them, and without a fault.
 */
bool endpoint_reads(struct vfio_dev *dev, __u64 addr, const void *expected,
		    __u32 len)
{
	unsigned char data[VTDSIM_EP_BUFFER_SIZE];
	struct endpoint_result res;

	return !endpoint_read(dev, addr, data, len, &res) &&
	       res.status == VTDSIM_EP_S_OK && res.count == len &&
	       !memcmp(data, expected, len);
}

/**
 * endpoint_writes() - can the device write these bytes?
 * @dev: endpoint
 * @addr: address that the device puts on the bus
 * @data: the bytes
 * @len: how many, at most VTDSIM_EP_BUFFER_SIZE
 *
 * Return: true if it writes all of them, and without a fault.
 */
bool endpoint_writes(struct vfio_dev *dev, __u64 addr, const void *data,
		     __u32 len)
{
	struct endpoint_result res;

	return !endpoint_write(dev, addr, data, len, &res) &&
	       res.status == VTDSIM_EP_S_OK && res.count == len;
}

/**
 * endpoint_blocked() - does the VT-d unit block reads at an address?
 * @dev: endpoint
 * @addr: address that the device puts on the bus
 *
 * Return: true if a read faults, and moves no byte.
 */
bool endpoint_blocked(struct vfio_dev *dev, __u64 addr)
{
	struct endpoint_result res;
	__u64 val;

	return !endpoint_read(dev, addr, &val, sizeof(val), &res) &&
	       res.status == VTDSIM_EP_S_FAULT && !res.count;
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
		[VTDSIM_EP_S_NO_ATOMICS] = "AtomicOps not enabled",
		[VTDSIM_EP_S_NO_MISBEHAVIOUR] = "misbehaviour not allowed",
	};

	if (status >= ARRAY_SIZE(text))
		return "unknown status";
	return text[status];
}
