// SPDX-License-Identifier: GPL-2.0-only
/*
 * An endpoint of vtdsim. It reports how an access ended, which must agree with
 * what the driver logged.
 */
#include <errno.h>
#include <poll.h>

#include "endpoint.h"
#include "transcript.h"

#define WAIT_MS		1000
#define RECORDS_MAX	1000	/* of the log, that are no faults */

/* The unit's fault interrupt may come after the endpoint's answer. */
static int fault_log_wait(struct fault_log *log)
{
	struct pollfd p = { .fd = log->fd, .events = POLLIN };
	unsigned int i;
	int ret;

	for (i = 0; i < RECORDS_MAX; i++) {
		ret = fault_log_read(log);
		if (ret || log->n)
			return ret;
		ret = poll(&p, 1, WAIT_MS);
		if (ret <= 0)
			return ret < 0 ? -errno : 0;
	}
	return 0;
}

static int endpoint_access(struct vfio_dev *dev, unsigned char *scratch,
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
	return dma->reason ? fault_log_wait(log) : fault_log_read(log);
}

const struct dma_device transcript_endpoint = {
	.name = "vtdsim endpoint",
	.vendor = VTDSIM_PCI_VENDOR_ID,
	.device = VTDSIM_PCI_DEVICE_ID,
	.check = endpoint_check,
	.access = endpoint_access,
};
