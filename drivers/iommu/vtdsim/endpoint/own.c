// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model's own kind of endpoint (include/uapi/linux/vtdsim.h): its doorbell, and its
 * command and status registers. commands.c carries the commands out.
 *
 * Any register may change at any time. So each command register is read once, all of
 * it is validated, and what has to last is kept outside of the BAR.
 */
#include <linux/io.h>
#include <uapi/linux/vtdsim.h>

#include "endpoint/endpoint.h"

#define OWN_CLASS	0xff0000

/*
 * Writes the status registers, with DONE after all others, and the identification,
 * which a program may have overwritten.
 */
static void own_publish_status(struct vtdsim_endpoint *ep)
{
	writel(VTDSIM_EP_MAGIC_VALUE, ep->bar + VTDSIM_EP_MAGIC);
	writel(VTDSIM_EP_VERSION_VALUE, ep->bar + VTDSIM_EP_VERSION);
	writel(ep->last.status, ep->bar + VTDSIM_EP_STATUS);
	writel(ep->last.reason, ep->bar + VTDSIM_EP_REASON);
	writel(ep->last.count, ep->bar + VTDSIM_EP_COUNT);
	writeq(ep->last.fault_addr, ep->bar + VTDSIM_EP_FAULT_ADDR);
	writeq(ep->last.result, ep->bar + VTDSIM_EP_RESULT);
	writel(ep->last.response, ep->bar + VTDSIM_EP_RESPONSE);
	writel(ep->last.rights, ep->bar + VTDSIM_EP_RIGHTS);
	writel(ep->last.size, ep->bar + VTDSIM_EP_SIZE);
	/* writel() may not be ordered after the accesses that filled the buffer. */
	wmb();
	writel(ep->last.done, ep->bar + VTDSIM_EP_DONE);
}

static void own_reset(struct vtdsim_endpoint *ep)
{
	ep->last = (struct vtdsim_result) {};
	ep->seq = 0;
	ep->busy = false;
	own_publish_status(ep);
}

/* Stores before that to the doorbell are visible here. */
static void own_fetch_command(struct vtdsim_endpoint *ep, struct vtdsim_command *cmd)
{
	*cmd = (struct vtdsim_command) {
		.addr = readq(ep->bar + VTDSIM_EP_ADDR),
		.operand = readq(ep->bar + VTDSIM_EP_OPERAND),
		.len = readl(ep->bar + VTDSIM_EP_LEN),
		.buf = readl(ep->bar + VTDSIM_EP_BUF),
		.pasid = readl(ep->bar + VTDSIM_EP_PASID),
		.flags = readl(ep->bar + VTDSIM_EP_FLAGS),
		.op = readl(ep->bar + VTDSIM_EP_OP),
		.group = readl(ep->bar + VTDSIM_EP_GROUP),
	};
}

/* Returns false if the command has to wait. */
static bool own_run_command(struct vtdsim_endpoint *ep)
{
	enum vtdsim_command_end end = VTDSIM_COMMAND_DONE;

	if (!ep->next.status)
		end = vtdsim_command_run(ep);
	if (end == VTDSIM_COMMAND_WAITS)
		return false;

	ep->busy = false;
	if (end == VTDSIM_COMMAND_GONE)
		return true;
	ep->last = ep->next;
	own_publish_status(ep);
	if (ep->cmd.flags & VTDSIM_EP_F_MSI)
		vtdsim_function_raise(&ep->fn);
	return true;
}

static void own_start_command(struct vtdsim_endpoint *ep, u32 seq)
{
	ep->seq = seq;
	ep->tries = 0;
	ep->busy = true;
	own_fetch_command(ep, &ep->cmd);
	ep->next = (struct vtdsim_result) {
		.done = seq,
		.status = vtdsim_endpoint_check(&ep->cmd),
	};
	own_run_command(ep);
}

static bool own_work(struct vtdsim_endpoint *ep)
{
	u32 seq;

	if (ep->busy)
		return own_run_command(ep);

	/* An acquire: x86 does not reorder loads. */
	seq = readl(ep->bar + VTDSIM_EP_DOORBELL);
	if (!seq || seq == ep->seq)
		return false;
	own_start_command(ep, seq);
	return true;
}

static bool own_abandon(struct vtdsim_endpoint *ep)
{
	unsigned long flags;

	if (!ep->busy)
		return false;
	ep->busy = false;
	raw_spin_lock_irqsave(&ep->unit->lock, flags);
	ep->group.waiting = false;
	ep->group.answered = false;
	raw_spin_unlock_irqrestore(&ep->unit->lock, flags);
	return true;
}

#define OWN_OPERATIONS			\
	.reset = own_reset,		\
	.work = own_work,		\
	.abandon = own_abandon,		\
	.publish = own_publish_status

const struct vtdsim_endpoint_kind vtdsim_endpoint_own = {
	.name = "own",
	.layout = {
		.vendor = VTDSIM_PCI_VENDOR_ID,
		.device = VTDSIM_PCI_DEVICE_ID,
		.revision = 1,
		.class = OWN_CLASS,
		.bar_size = VTDSIM_EP_BAR_SIZE,
		.has = VTDSIM_HAS_PASID | VTDSIM_HAS_ATS | VTDSIM_HAS_MSI,
	},
	OWN_OPERATIONS,
};

const struct vtdsim_endpoint_kind vtdsim_endpoint_own_msix = {
	.name = "own-msix",
	.layout = {
		.vendor = VTDSIM_PCI_VENDOR_ID,
		.device = VTDSIM_PCI_DEVICE_ID,
		.revision = 1,
		.class = OWN_CLASS,
		.bar_size = VTDSIM_EP_BAR_SIZE,
		.has = VTDSIM_HAS_PASID | VTDSIM_HAS_ATS | VTDSIM_HAS_MSIX,
		.msix_table = VTDSIM_EP_MSIX_TABLE,
		.msix_pba = VTDSIM_EP_MSIX_PBA,
	},
	OWN_OPERATIONS,
};
