// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's iommu-testdev, as its specification describes it. It writes, and what it writes is
 * always the same four bytes again and again, at once when a register is read. It reads memory
 * back without translation; nobody looks at what comes of that.
 */
#include <errno.h>

#include "transcript.h"

/* Registers in BAR 0, of 32 bits each */
#define TESTDEV_TRIGGER		0x00
#define TESTDEV_ADDR_LOW	0x04
#define TESTDEV_ADDR_HIGH	0x08
#define TESTDEV_LEN		0x0c
#define TESTDEV_RESULT		0x10
#define TESTDEV_DOORBELL	0x14

#define TESTDEV_IDLE		0xffffffffU
#define TESTDEV_ARMED		0xfffffffeU
#define TESTDEV_BLOCKED		0xdead0002U
#define TESTDEV_MISMATCH	0xdead0004U

static __u32 testdev_read(const struct vfio_dev *dev, unsigned int offset)
{
	return __atomic_load_n((__u32 *)((char *)dev->bar + offset), __ATOMIC_SEQ_CST);
}

static void testdev_write(struct vfio_dev *dev, unsigned int offset, __u32 val)
{
	__atomic_store_n((__u32 *)((char *)dev->bar + offset), val, __ATOMIC_SEQ_CST);
}

/* Another device of QEMU's has the same ID, and no result that says that it is idle. */
static int testdev_check(struct vfio_dev *dev)
{
	if (dev->bar_size < PAGE)
		return -ENODEV;
	testdev_write(dev, TESTDEV_DOORBELL, 0);
	return testdev_read(dev, TESTDEV_RESULT) == TESTDEV_IDLE ? 0 : -ENODEV;
}

static int testdev_run(struct vfio_dev *dev, __u64 iova, __u32 len)
{
	testdev_write(dev, TESTDEV_ADDR_LOW, iova);
	testdev_write(dev, TESTDEV_ADDR_HIGH, iova >> 32);
	testdev_write(dev, TESTDEV_LEN, len);
	testdev_write(dev, TESTDEV_DOORBELL, 1);
	if (testdev_read(dev, TESTDEV_RESULT) != TESTDEV_ARMED)
		return -EIO;
	testdev_read(dev, TESTDEV_TRIGGER);
	switch (testdev_read(dev, TESTDEV_RESULT)) {
	case 0:
	case TESTDEV_BLOCKED:
	case TESTDEV_MISMATCH:
		return 0;
	}
	return -EIO;
}

static int testdev_access(struct vfio_dev *dev, unsigned char *scratch,
			  struct fault_log *log, struct dma *dma)
{
	__u64 iova;
	__u32 n;
	int ret;

	(void)scratch;
	for (dma->done = 0; dma->done < dma->len; dma->done += n) {
		iova = dma->iova + dma->done;
		n = PAGE - iova % PAGE;
		if (n > dma->len - dma->done)
			n = dma->len - dma->done;
		ret = testdev_run(dev, iova, n);
		if (!ret)
			ret = fault_log_read(log);
		if (ret || log->n)
			return ret;
	}
	return 0;
}

const struct dma_device transcript_testdev = {
	.name = "iommu-testdev",
	.vendor = 0x1b36,
	.device = 0x0005,
	.check = testdev_check,
	.access = testdev_access,
};
