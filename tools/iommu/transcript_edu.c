// SPDX-License-Identifier: GPL-2.0-only
/*
 * QEMU's educational device, as its specification describes it. It copies
 * between memory and a buffer of its own that programs cannot access, so the
 * data of reads and writes passes through the scratch page.
 *
 * A copy takes a tenth of a second. The device does not report whether it
 * worked: when a request is blocked, the copy goes on.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "transcript.h"

/* Registers in BAR 0 */
#define EDU_ID		0x00
#define EDU_SRC		0x80
#define EDU_DST		0x88
#define EDU_COUNT	0x90
#define EDU_COMMAND	0x98

#define EDU_ID_MASK	0x0000ffffU
#define EDU_ID_VALUE	0x000000edU	/* below: major and minor version */
#define EDU_RUN		BIT_ULL(0)
#define EDU_TO_MEMORY	BIT_ULL(1)

/* The device's buffer, as its DMA engine addresses it */
#define EDU_BUFFER	0x40000ULL
/* The buffer has 4096 bytes; some versions do not copy the last of them. */
#define EDU_COPY_MAX	2048U

#define NAP_NS		10000000L
#define NAPS_MAX	1000

static __u64 *edu_reg(struct vfio_dev *dev, unsigned int offset)
{
	return (__u64 *)((char *)dev->bar + offset);
}

/* Release: the device sees the operands of a command before the command. */
static void edu_write(struct vfio_dev *dev, unsigned int offset, __u64 val)
{
	__atomic_store_n(edu_reg(dev, offset), val, __ATOMIC_RELEASE);
}

static int edu_check(struct vfio_dev *dev)
{
	const __u32 *id = (__u32 *)((char *)dev->bar + EDU_ID);

	if (dev->bar_size <= EDU_COMMAND)
		return -ENODEV;
	return (__atomic_load_n(id, __ATOMIC_RELAXED) & EDU_ID_MASK) ==
		EDU_ID_VALUE ? 0 : -ENODEV;
}

static int edu_copy(struct vfio_dev *dev, bool to_memory, __u64 iova,
		    __u32 len)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	unsigned int i;

	edu_write(dev, EDU_SRC, to_memory ? EDU_BUFFER : iova);
	edu_write(dev, EDU_DST, to_memory ? iova : EDU_BUFFER);
	edu_write(dev, EDU_COUNT, len);
	edu_write(dev, EDU_COMMAND, EDU_RUN | (to_memory ? EDU_TO_MEMORY : 0));
	for (i = 0; i < NAPS_MAX; i++) {
		nanosleep(&nap, NULL);
		if (!(__atomic_load_n(edu_reg(dev, EDU_COMMAND), __ATOMIC_ACQUIRE) &
		      EDU_RUN))
			return 0;
	}
	return -ETIMEDOUT;
}

/* The driver has logged a fault before the device shows that it is done. */
static int edu_copy_logged(struct vfio_dev *dev, struct fault_log *log,
			   bool to_memory, __u64 iova, __u32 len)
{
	int ret = edu_copy(dev, to_memory, iova, len);

	return ret ? ret : fault_log_read(log);
}

static int edu_access(struct vfio_dev *dev, unsigned char *scratch,
		      struct fault_log *log, struct dma *dma)
{
	__u32 n;
	int ret;

	for (dma->done = 0; dma->done < dma->len; dma->done += n) {
		__u64 iova = dma->iova + dma->done;
		unsigned char *data = dma->data + dma->done;

		/* No request on PCI Express crosses a 4 KiB boundary. */
		n = PAGE - iova % PAGE;
		if (n > dma->len - dma->done)
			n = dma->len - dma->done;
		if (n > EDU_COPY_MAX)
			n = EDU_COPY_MAX;

		if (dma->write)
			memcpy(scratch, data, n);
		ret = edu_copy_logged(dev, log, false,
				      dma->write ? SCRATCH_IOVA : iova, n);
		if (!ret && !log->n)
			ret = edu_copy_logged(dev, log, true,
					      dma->write ? iova : SCRATCH_IOVA,
					      n);
		if (ret || log->n)
			return ret;
		if (!dma->write)
			memcpy(data, scratch, n);
	}
	return 0;
}

const struct dma_device transcript_edu = {
	.name = "edu",
	.vendor = 0x1234,
	.device = 0x11e8,
	.check = edu_check,
	.access = edu_access,
};
