// SPDX-License-Identifier: GPL-2.0-only
/*
 * An endpoint of vtdsim, which reports how an access ended. What it reports and
 * what the driver logged must agree.
 */
#include <errno.h>
#include <time.h>

#include "endpoint.h"
#include "transcript.h"

#define NAP_NS		1000000L
#define NAPS_MAX	1000

/* The unit's interrupt may come after the endpoint's answer. */
static int wait_for_fault(struct fault_log *log)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	unsigned int i;
	int ret;

	for (i = 0; i < NAPS_MAX; i++) {
		ret = fault_log_read(log);
		if (ret || log->n)
			return ret;
		nanosleep(&nap, NULL);
	}
	return 0;
}

static int endpoint_dma(struct vfio_dev *dev, unsigned char *scratch,
			struct fault_log *log, struct dma *dma)
{
	struct endpoint_result res;
	int ret;

	(void)scratch;
	if (dma->write)
		ret = endpoint_write(dev, dma->iova, dma->data, dma->len, &res);
	else
		ret = endpoint_read(dev, dma->iova, dma->data, dma->len, &res);
	if (ret)
		return ret;
	if (res.status != VTDSIM_EP_S_OK && res.status != VTDSIM_EP_S_FAULT)
		return -EPROTO;

	dma->done = res.count;
	dma->known = true;
	dma->reason = res.reason;
	dma->addr = res.fault_addr;
	return dma->reason ? wait_for_fault(log) : fault_log_read(log);
}

const struct dma_device endpoint_device = {
	.name = "vtdsim endpoint",
	.vendor = VTDSIM_PCI_VENDOR_ID,
	.device = VTDSIM_PCI_DEVICE_ID,
	.check = endpoint_check,
	.run = endpoint_dma,
};
