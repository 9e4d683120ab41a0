// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DMA engine of an endpoint: watches the doorbell in the function's BAR,
 * carries out commands, reports how they went.
 *
 * The BAR is plain memory that a program maps through VFIO, so nothing tells
 * the engine about a store to it, and everything in it may change at any time.
 * The engine therefore polls, reads every command register once, believes
 * nothing in it, and keeps what it needs to remember to itself.
 *
 * Each endpoint has a thread of its own: endpoints then do DMA side by side,
 * as devices do, and one that is slow does not hold up the others. Without a
 * decoded BAR the thread sleeps until configuration space is written; with
 * one it spins for a moment after each command and then naps ever longer, up
 * to a millisecond. It is not freezable, for neither is hardware: what stops a
 * device over suspend is its driver, by its power state and Bus Master Enable.
 */
#include <kunit/static_stub.h>
#include <linux/bits.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <uapi/linux/vtdsim.h>

#include "pci.h"

/* In microseconds: how long to spin after a command, then nap lengths. */
#define SPIN_US		500
#define NAP_MIN_US	20
#define NAP_MAX_US	1000

/* A request does not cross this, and is one critical section of the unit. */
#define REQUEST_BYTES	SZ_4K

#define PASID_FLAGS	(VTDSIM_EP_F_PASID | VTDSIM_EP_F_PRIV | VTDSIM_EP_F_EXEC)
#define ALL_FLAGS	(PASID_FLAGS | VTDSIM_EP_F_MSI)

static bool flags_valid(const struct vtdsim_command *cmd)
{
	if (cmd->flags & ~ALL_FLAGS)
		return false;
	/* Both attributes are bits of the PASID prefix, PCIe 6.20.2.2. */
	if (!(cmd->flags & VTDSIM_EP_F_PASID))
		return !(cmd->flags & PASID_FLAGS);
	/* Only a read can ask for execute permission. */
	return !(cmd->flags & VTDSIM_EP_F_EXEC) ||
	       cmd->op == VTDSIM_EP_OP_READ || cmd->op == VTDSIM_EP_OP_NOP;
}

static bool range_valid(const struct vtdsim_command *cmd)
{
	u64 last;

	return cmd->len && cmd->len <= VTDSIM_EP_BUFFER_SIZE &&
	       cmd->buf <= VTDSIM_EP_BUFFER_SIZE - cmd->len &&
	       !check_add_overflow(cmd->addr, cmd->len - 1, &last);
}

/**
 * vtdsim_endpoint_check - can a command be carried out at all?
 * @cmd: the command, any values
 *
 * Return: VTDSIM_EP_S_OK, or VTDSIM_EP_S_BAD_COMMAND.
 */
u32 vtdsim_endpoint_check(const struct vtdsim_command *cmd)
{
	bool valid;

	switch (cmd->op) {
	case VTDSIM_EP_OP_NOP:
		valid = true;
		break;
	case VTDSIM_EP_OP_READ:
	case VTDSIM_EP_OP_WRITE:
		valid = range_valid(cmd);
		break;
	case VTDSIM_EP_OP_FETCH_ADD:
		valid = (cmd->len == sizeof(u32) || cmd->len == sizeof(u64)) &&
			!(cmd->addr & (cmd->len - 1));
		break;
	default:
		valid = false;
	}

	return valid && flags_valid(cmd) ? VTDSIM_EP_S_OK :
					   VTDSIM_EP_S_BAD_COMMAND;
}

/**
 * vtdsim_endpoint_permit - may a command's requests be sent?
 * @state: what software allows the function
 * @cmd: a command that vtdsim_endpoint_check() has passed
 *
 * PCIe 7.8.9.3: the PASID capability must be enabled for requests with PASID,
 * and for each of the two attributes on its own.
 *
 * Return: VTDSIM_EP_S_OK, VTDSIM_EP_S_NO_MASTER or VTDSIM_EP_S_NO_PASID.
 */
u32 vtdsim_endpoint_permit(const struct vtdsim_function_state *state,
			   const struct vtdsim_command *cmd)
{
	if (!state->master)
		return VTDSIM_EP_S_NO_MASTER;
	if (!(cmd->flags & VTDSIM_EP_F_PASID))
		return VTDSIM_EP_S_OK;
	if (!state->pasid || cmd->pasid >= BIT(VTDSIM_PASID_BITS))
		return VTDSIM_EP_S_NO_PASID;
	if ((cmd->flags & VTDSIM_EP_F_EXEC && !state->exec) ||
	    (cmd->flags & VTDSIM_EP_F_PRIV && !state->priv))
		return VTDSIM_EP_S_NO_PASID;
	return VTDSIM_EP_S_OK;
}

/**
 * vtdsim_endpoint_request - send one request to the unit
 * @req: the request; within one 4 KiB page
 * @data: destination of a read, source of a write; for a fetch-add a u64 that
 *	holds the addend before and the old value after
 * @len: bytes; 4 or 8 for a fetch-add
 * @out: how it ended, if it was blocked
 *
 * Context: may sleep.
 * Return: 0, -EFAULT or -ENOMEM as vtdsim_dma_read() and the like.
 */
int vtdsim_endpoint_request(const struct vtdsim_req *req, void *data,
			    size_t len, struct vtdsim_outcome *out)
{
	u64 *operand = data;

	KUNIT_STATIC_STUB_REDIRECT(vtdsim_endpoint_request, req, data, len, out);

	if (req->read && req->write)
		return vtdsim_dma_fetch_add(&vtdsim_unit0, req, *operand, len,
					    operand, out);
	if (req->read)
		return vtdsim_dma_read(&vtdsim_unit0, req, data, len, out);
	return vtdsim_dma_write(&vtdsim_unit0, req, data, len, out);
}

/*
 * Status registers, and DONE after all others: who sees the number sees the
 * rest. Identification too, which programs can overwrite.
 */
static void publish(struct vtdsim_endpoint *ep)
{
	writel(VTDSIM_EP_MAGIC_VALUE, ep->bar + VTDSIM_EP_MAGIC);
	writel(VTDSIM_EP_VERSION_VALUE, ep->bar + VTDSIM_EP_VERSION);
	writel(ep->last.status, ep->bar + VTDSIM_EP_STATUS);
	writel(ep->last.reason, ep->bar + VTDSIM_EP_REASON);
	writel(ep->last.count, ep->bar + VTDSIM_EP_COUNT);
	writeq(ep->last.fault_addr, ep->bar + VTDSIM_EP_FAULT_ADDR);
	writeq(ep->last.result, ep->bar + VTDSIM_EP_RESULT);
	/* The buffer was filled by accesses that writel() may not order. */
	wmb();
	writel(ep->last.done, ep->bar + VTDSIM_EP_DONE);
}

/* The next user of the device must find nothing of the last one's. */
static void reset(struct vtdsim_endpoint *ep)
{
	memset_io(ep->bar, 0, VTDSIM_EP_BAR_SIZE);
	ep->last = (struct vtdsim_result) {};
	ep->seq = 0;
	publish(ep);
}

/* The doorbell has been read: what was stored before it rang is here. */
static void fetch(struct vtdsim_endpoint *ep, struct vtdsim_command *cmd)
{
	*cmd = (struct vtdsim_command) {
		.addr = readq(ep->bar + VTDSIM_EP_ADDR),
		.operand = readq(ep->bar + VTDSIM_EP_OPERAND),
		.len = readl(ep->bar + VTDSIM_EP_LEN),
		.buf = readl(ep->bar + VTDSIM_EP_BUF),
		.pasid = readl(ep->bar + VTDSIM_EP_PASID),
		.flags = readl(ep->bar + VTDSIM_EP_FLAGS),
		.op = readl(ep->bar + VTDSIM_EP_OP),
	};
}

/* One request of a command, with its bytes; returns as the unit does. */
static int move_page(struct vtdsim_endpoint *ep,
		     const struct vtdsim_command *cmd, u32 count, u32 len,
		     struct vtdsim_outcome *out)
{
	struct vtdsim_req req = {
		.addr = cmd->addr + count,
		.pasid = cmd->pasid,
		.sid = ep->sid,
		.with_pasid = cmd->flags & VTDSIM_EP_F_PASID,
		.read = cmd->op != VTDSIM_EP_OP_WRITE,
		.write = cmd->op != VTDSIM_EP_OP_READ,
		.exec = cmd->flags & VTDSIM_EP_F_EXEC,
		.priv = cmd->flags & VTDSIM_EP_F_PRIV,
	};
	void __iomem *buf = ep->bar + VTDSIM_EP_BUFFER + cmd->buf + count;
	u64 operand = cmd->operand;
	int ret;

	if (cmd->op == VTDSIM_EP_OP_FETCH_ADD) {
		ret = vtdsim_endpoint_request(&req, &operand, len, out);
		if (!ret)
			ep->last.result = operand;
		return ret;
	}

	if (req.write)
		memcpy_fromio(ep->page, buf, len);
	ret = vtdsim_endpoint_request(&req, ep->page, len, out);
	if (!ret && req.read)
		memcpy_toio(buf, ep->page, len);
	return ret;
}

/*
 * Carries a command out, request by request, as long as software lets it.
 * Returns false if the function has been reset or switched off meanwhile:
 * then nobody waits for an answer any more.
 */
static bool move(struct vtdsim_endpoint *ep, const struct vtdsim_command *cmd)
{
	struct vtdsim_result *res = &ep->last;

	while (res->count < cmd->len) {
		u64 addr = cmd->addr + res->count;
		u32 len = min(cmd->len - res->count,
			      REQUEST_BYTES - (u32)(addr % REQUEST_BYTES));
		struct vtdsim_outcome out = {};
		struct vtdsim_function_state state;
		int ret;

		vtdsim_function_get_state(&ep->fn, &state);
		if (!state.answers)
			return false;
		res->status = vtdsim_endpoint_permit(&state, cmd);
		if (res->status)
			return true;

		ret = move_page(ep, cmd, res->count, len, &out);
		if (ret == -ENOMEM) {
			/* Hardware does not run out of memory; it is slow. */
			usleep_idle_range(NAP_MAX_US, 2 * NAP_MAX_US);
			continue;
		}
		if (ret) {
			res->status = out.unsupported ? VTDSIM_EP_S_UNSUPPORTED :
							VTDSIM_EP_S_FAULT;
			res->reason = out.reason;
			res->fault_addr = out.addr;
			return true;
		}
		res->count += len;
		cond_resched();
	}
	return true;
}

static void run(struct vtdsim_endpoint *ep, u32 seq)
{
	struct vtdsim_result before = ep->last;
	struct vtdsim_command cmd;

	ep->seq = seq;
	fetch(ep, &cmd);
	ep->last = (struct vtdsim_result) {
		.done = seq,
		.status = vtdsim_endpoint_check(&cmd),
	};
	if (!ep->last.status && cmd.op != VTDSIM_EP_OP_NOP && !move(ep, &cmd)) {
		ep->last = before;
		return;
	}
	publish(ep);
	if (cmd.flags & VTDSIM_EP_F_MSI)
		vtdsim_function_raise(&ep->fn);
}

/* An MSI is a write of four bytes, which the unit sees like any other. */
static void send_message(struct vtdsim_endpoint *ep, struct vtdsim_message *msg)
{
	struct vtdsim_req req = {
		.addr = msg->addr,
		.sid = ep->sid,
		.write = true,
	};
	struct vtdsim_outcome out;

	while (vtdsim_endpoint_request(&req, &msg->data, sizeof(msg->data),
				       &out) == -ENOMEM)
		usleep_idle_range(NAP_MAX_US, 2 * NAP_MAX_US);
}

/**
 * vtdsim_endpoint_poll - do what an endpoint has to do now, if anything
 * @ep: the endpoint
 *
 * At most one thing: end a reset, send an interrupt, or run a command.
 *
 * Context: may sleep; one caller at a time.
 * Return: what there was to do.
 */
enum vtdsim_endpoint_work vtdsim_endpoint_poll(struct vtdsim_endpoint *ep)
{
	struct vtdsim_function_state state;
	struct vtdsim_message msg;
	u32 seq;

	vtdsim_function_get_state(&ep->fn, &state);
	if (state.resetting) {
		reset(ep);
		vtdsim_function_reset_done(&ep->fn);
		return VTDSIM_ENDPOINT_BUSY;
	}
	if (state.message && vtdsim_function_take_message(&ep->fn, &msg)) {
		send_message(ep, &msg);
		return VTDSIM_ENDPOINT_BUSY;
	}
	if (!state.answers)
		return VTDSIM_ENDPOINT_OFF;

	/* An acquire: on x86 no load passes an earlier one. */
	seq = readl(ep->bar + VTDSIM_EP_DOORBELL);
	if (!seq || seq == ep->seq)
		return VTDSIM_ENDPOINT_QUIET;
	run(ep, seq);
	return VTDSIM_ENDPOINT_BUSY;
}

/* Sleeps until a configuration write has changed something for the engine. */
static void wait_for_config(struct vtdsim_endpoint *ep)
{
	struct vtdsim_function_state state;

	set_current_state(TASK_IDLE);
	vtdsim_function_get_state(&ep->fn, &state);
	if (!state.resetting && !state.answers && !state.message &&
	    !kthread_should_stop())
		schedule();
	__set_current_state(TASK_RUNNING);
}

static int engine(void *data)
{
	struct vtdsim_endpoint *ep = data;
	ktime_t spin_until = 0;
	unsigned int nap = NAP_MIN_US;

	while (!kthread_should_stop()) {
		switch (vtdsim_endpoint_poll(ep)) {
		case VTDSIM_ENDPOINT_OFF:
			wait_for_config(ep);
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
			/* What a program wrote to status registers is lost. */
			publish(ep);
			usleep_idle_range(nap, 2 * nap);
			nap = min(2 * nap, NAP_MAX_US);
			break;
		}
	}
	return 0;
}

/**
 * vtdsim_endpoint_start - bring an endpoint to life
 * @ep: memory for the endpoint
 * @bar: physical address of its BAR
 * @sid: source-id of its requests
 *
 * The BAR is mapped uncached although it is memory: VFIO gives user space an
 * uncached mapping, and x86 must not have one page mapped both ways.
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or the error of starting a thread.
 */
int vtdsim_endpoint_start(struct vtdsim_endpoint *ep, u32 bar, u16 sid)
{
	struct task_struct *thread;

	vtdsim_function_init_endpoint(&ep->fn, bar);
	ep->sid = sid;
	ep->page = kmalloc(REQUEST_BYTES, GFP_KERNEL);
	if (!ep->page)
		return -ENOMEM;
	ep->bar = ioremap(bar, VTDSIM_EP_BAR_SIZE);
	if (!ep->bar) {
		kfree(ep->page);
		return -ENOMEM;
	}
	reset(ep);

	thread = kthread_run(engine, ep, "vtdsim/%02x.%x", sid >> 3 & 0x1f,
			     sid & 7);
	if (IS_ERR(thread)) {
		iounmap(ep->bar);
		kfree(ep->page);
		return PTR_ERR(thread);
	}
	ep->fn.engine = thread;
	return 0;
}

/**
 * vtdsim_endpoint_stop - undo vtdsim_endpoint_start()
 * @ep: the endpoint; no configuration access reaches it any more
 *
 * Context: may sleep.
 */
void vtdsim_endpoint_stop(struct vtdsim_endpoint *ep)
{
	kthread_stop(ep->fn.engine);
	ep->fn.engine = NULL;
	iounmap(ep->bar);
	kfree(ep->page);
}
