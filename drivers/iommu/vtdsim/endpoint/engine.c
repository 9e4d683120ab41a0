// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine of an endpoint: polls the doorbell in the function's BAR, executes
 * commands, and writes the status registers.
 *
 * The BAR is plain memory that a program maps through VFIO. The engine is not
 * notified of stores to it, and any of it may change at any time. So the engine
 * polls, reads each command register once, validates all of it, and keeps its state
 * elsewhere.
 *
 * Each endpoint has a thread of its own: endpoints do DMA in parallel, as devices
 * do, and a slow one does not delay the others. Without a decoded BAR the thread
 * sleeps until configuration space is written; with one it spins for a moment after
 * each command and then sleeps for increasing times, up to a millisecond. It is not
 * freezable, as hardware is not: a driver stops its device for suspend, by power
 * state and Bus Master Enable.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <uapi/linux/vtdsim.h>

#include "endpoint/endpoint.h"

/* In microseconds: time to spin after a command, then times to sleep */
#define SPIN_US		500
#define NAP_MIN_US	20
#define NAP_MAX_US	1000

/*
 * Writes the status registers, with DONE after all others, and the identification,
 * which a program may have overwritten.
 */
static void engine_publish_status(struct vtdsim_endpoint *ep)
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

/* The next user of the device must not see anything of the last one. */
static void engine_reset(struct vtdsim_endpoint *ep)
{
	memset_io(ep->bar, 0, VTDSIM_EP_BAR_SIZE);
	ep->last = (struct vtdsim_result) {};
	ep->seq = 0;
	ep->busy = false;
	vtdsim_endpoint_ats_reset(ep);
	engine_publish_status(ep);
}

/* Stores before that to the doorbell are visible here. */
static void engine_fetch_command(struct vtdsim_endpoint *ep, struct vtdsim_command *cmd)
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
static bool engine_run_command(struct vtdsim_endpoint *ep)
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
	engine_publish_status(ep);
	if (ep->cmd.flags & VTDSIM_EP_F_MSI)
		vtdsim_function_raise(&ep->fn);
	return true;
}

static void engine_start_command(struct vtdsim_endpoint *ep, u32 seq)
{
	ep->seq = seq;
	ep->tries = 0;
	ep->busy = true;
	engine_fetch_command(ep, &ep->cmd);
	ep->next = (struct vtdsim_result) {
		.done = seq,
		.status = vtdsim_endpoint_check(&ep->cmd),
	};
	engine_run_command(ep);
}

/* An MSI is a write of four bytes like any other. */
static void engine_send_message(struct vtdsim_endpoint *ep, struct vtdsim_message *msg)
{
	struct vtdsim_req req = {
		.addr = msg->addr,
		.sid = ep->requester.sid,
		.write = true,
	};
	struct vtdsim_outcome out;

	while (vtdsim_endpoint_request(ep, &req, &msg->data,
				       sizeof(msg->data), &out) == -ENOMEM)
		usleep_range_state(NAP_MAX_US, 2 * NAP_MAX_US, TASK_IDLE);
}

/**
 * vtdsim_endpoint_poll() - do the next work of an endpoint, if any
 * @ep: the endpoint
 *
 * That is one of: end a reset, complete invalidations, send an interrupt, run a
 * command.
 *
 * Context: Process context, may sleep; one caller at a time.
 * Return: whether there was work.
 */
enum vtdsim_endpoint_work vtdsim_endpoint_poll(struct vtdsim_endpoint *ep)
{
	struct vtdsim_function_state state;
	struct vtdsim_message msg;
	u32 seq;

	vtdsim_function_get_state(&ep->fn, &state);
	if (state.resetting) {
		engine_reset(ep);
		vtdsim_function_reset_done(&ep->fn);
		return VTDSIM_ENDPOINT_BUSY;
	}
	if (vtdsim_endpoint_answer_late(ep))
		return VTDSIM_ENDPOINT_BUSY;
	if (state.message && vtdsim_function_take_message(&ep->fn, &msg)) {
		engine_send_message(ep, &msg);
		return VTDSIM_ENDPOINT_BUSY;
	}
	if (ep->busy)
		return engine_run_command(ep) ? VTDSIM_ENDPOINT_BUSY : VTDSIM_ENDPOINT_QUIET;
	if (!state.answers)
		return vtdsim_endpoint_is_late(ep) ? VTDSIM_ENDPOINT_QUIET :
						     VTDSIM_ENDPOINT_OFF;

	/* An acquire: x86 does not reorder loads. */
	seq = readl(ep->bar + VTDSIM_EP_DOORBELL);
	if (!seq || seq == ep->seq)
		return VTDSIM_ENDPOINT_QUIET;
	engine_start_command(ep, seq);
	return VTDSIM_ENDPOINT_BUSY;
}

/* Sleeps until a configuration write has changed something for the engine. */
static void engine_wait_for_config(struct vtdsim_endpoint *ep)
{
	struct vtdsim_function_state state;

	set_current_state(TASK_IDLE);
	vtdsim_function_get_state(&ep->fn, &state);
	if (!state.resetting && !state.answers && !state.message &&
	    !kthread_should_stop())
		schedule();
	__set_current_state(TASK_RUNNING);
}

static int engine_thread(void *data)
{
	struct vtdsim_endpoint *ep = data;
	ktime_t spin_until = 0;
	unsigned int nap = NAP_MIN_US;

	while (!kthread_should_stop()) {
		switch (vtdsim_endpoint_poll(ep)) {
		case VTDSIM_ENDPOINT_OFF:
			engine_wait_for_config(ep);
			fallthrough;
		case VTDSIM_ENDPOINT_BUSY:
			spin_until = ktime_add_us(ktime_get(), SPIN_US);
			nap = NAP_MIN_US;
			cond_resched();
			break;
		case VTDSIM_ENDPOINT_QUIET:
			if (ktime_before(ktime_get(), spin_until)) {
				cpu_relax();
				cond_resched();
				break;
			}
			/* Overwrite what a program wrote to status registers. */
			engine_publish_status(ep);
			usleep_range_state(nap, 2 * nap, TASK_IDLE);
			nap = min(2 * nap, NAP_MAX_US);
			break;
		}
	}
	return 0;
}

/**
 * vtdsim_endpoint_init() - bring an endpoint into its state before power-on
 * @ep: memory for the endpoint, all zero
 * @unit: the unit that it is behind
 * @bar: physical address of its BAR
 * @sid: source-id of its requests
 *
 * Context: Any; nobody else uses the endpoint.
 */
void vtdsim_endpoint_init(struct vtdsim_endpoint *ep, struct vtdsim_unit *unit,
			  u32 bar, u16 sid)
{
	vtdsim_function_init_endpoint(&ep->fn, bar);
	vtdsim_atc_init(&ep->atc);
	ep->unit = unit;
	ep->requester.ops = &vtdsim_endpoint_ops;
	ep->requester.sid = sid;
}

/**
 * vtdsim_endpoint_start() - bring an endpoint to life
 * @ep: memory for the endpoint
 * @unit: the unit that it is behind
 * @bar: physical address of its BAR
 * @sid: source-id of its requests
 * @devtlb_limit: entries in its device TLB, 0 for any number
 *
 * The BAR is mapped uncached although it is memory: VFIO gives user space an
 * uncached mapping, and x86 must not have one page mapped both ways.
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM, or the error of starting a thread.
 */
int vtdsim_endpoint_start(struct vtdsim_endpoint *ep, struct vtdsim_unit *unit,
			  u32 bar, u16 sid, u32 devtlb_limit)
{
	struct task_struct *thread;

	vtdsim_endpoint_init(ep, unit, bar, sid);
	ep->atc.limit = devtlb_limit;
	ep->page = kmalloc(SZ_4K, GFP_KERNEL);
	if (!ep->page)
		return -ENOMEM;
	ep->bar = ioremap(bar, VTDSIM_EP_BAR_SIZE);
	if (!ep->bar) {
		kfree(ep->page);
		return -ENOMEM;
	}
	engine_reset(ep);

	thread = kthread_run(engine_thread, ep, "vtdsim/%02x.%x", sid >> 3 & 0x1f,
			     sid & 7);
	if (IS_ERR(thread)) {
		iounmap(ep->bar);
		kfree(ep->page);
		return PTR_ERR(thread);
	}
	ep->fn.engine = thread;
	vtdsim_requester_add(ep->unit, &ep->requester);
	return 0;
}

/**
 * vtdsim_endpoint_stop() - undo vtdsim_endpoint_start()
 * @ep: the endpoint; no configuration access reaches it any more
 *
 * Context: Process context, may sleep.
 */
void vtdsim_endpoint_stop(struct vtdsim_endpoint *ep)
{
	vtdsim_requester_remove(ep->unit, &ep->requester);
	kthread_stop(ep->fn.engine);
	ep->fn.engine = NULL;
	vtdsim_atc_destroy(&ep->atc);
	iounmap(ep->bar);
	kfree(ep->page);
}
