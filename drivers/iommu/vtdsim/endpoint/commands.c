// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands of an endpoint, and the requests that they send.
 *
 * A command may have to wait for a page group response for any time. It is then
 * suspended and resumed later.
 */
#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <uapi/linux/vtdsim.h>

#include "endpoint/endpoint.h"
#include "request/page_request.h"

/* A request does not cross such a boundary; it is one critical section. */
#define REQUEST_BYTES	SZ_4K

/* In microseconds: how long to wait for memory */
#define NAP_US		1000

/* Give up a page after this many successful responses. */
#define PAGE_TRIES	16

#define PASID_FLAGS	(VTDSIM_EP_F_PASID | VTDSIM_EP_F_PRIV | VTDSIM_EP_F_EXEC)
/* Of these there can be one only: page requests follow translation requests. */
#define DMA_FLAGS	(VTDSIM_EP_F_UNTRANSLATED | VTDSIM_EP_F_PAGE_REQUEST | \
			 VTDSIM_EP_F_TRANSLATED)
#define PAGE_FLAGS	(VTDSIM_EP_F_READ | VTDSIM_EP_F_WRITE | VTDSIM_EP_F_LAST)

/* Flags that only some commands know */
static u32 command_op_flags(u32 op)
{
	switch (op) {
	case VTDSIM_EP_OP_READ:
	case VTDSIM_EP_OP_WRITE:
	case VTDSIM_EP_OP_FETCH_ADD:
		return DMA_FLAGS;
	case VTDSIM_EP_OP_TRANSLATE:
		return VTDSIM_EP_F_WRITE;
	case VTDSIM_EP_OP_PAGE_REQUEST:
		return PAGE_FLAGS;
	default:
		return 0;
	}
}

static bool command_flags_valid(const struct vtdsim_command *cmd)
{
	if (cmd->flags & ~(PASID_FLAGS | VTDSIM_EP_F_MSI | command_op_flags(cmd->op)))
		return false;
	if (hweight32(cmd->flags & DMA_FLAGS) > 1)
		return false;
	/* The tables of a PASID have no say in a translated request. */
	if (cmd->flags & VTDSIM_EP_F_TRANSLATED && cmd->flags & PASID_FLAGS)
		return false;
	/* Both attributes are bits of the PASID prefix, PCIe 6.20.2.2. */
	if (!(cmd->flags & VTDSIM_EP_F_PASID))
		return !(cmd->flags & PASID_FLAGS);
	/* Only a read can request execute permission. */
	return !(cmd->flags & VTDSIM_EP_F_EXEC) ||
	       (cmd->op != VTDSIM_EP_OP_WRITE &&
		cmd->op != VTDSIM_EP_OP_FETCH_ADD);
}

static bool command_range_valid(const struct vtdsim_command *cmd)
{
	u64 last;

	return cmd->len && cmd->len <= VTDSIM_EP_BUFFER_SIZE &&
	       cmd->buf <= VTDSIM_EP_BUFFER_SIZE - cmd->len &&
	       !check_add_overflow(cmd->addr, cmd->len - 1, &last);
}

/**
 * vtdsim_endpoint_check() - is a command valid?
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
		valid = command_range_valid(cmd);
		break;
	case VTDSIM_EP_OP_FETCH_ADD:
		valid = (cmd->len == sizeof(u32) || cmd->len == sizeof(u64)) &&
			!(cmd->addr & (cmd->len - 1));
		break;
	case VTDSIM_EP_OP_TRANSLATE:
		valid = true;
		break;
	case VTDSIM_EP_OP_PAGE_REQUEST:
		valid = cmd->group < VTDSIM_PRI_GROUPS &&
			cmd->flags & (VTDSIM_EP_F_READ | VTDSIM_EP_F_WRITE);
		break;
	default:
		valid = false;
	}
	if (cmd->flags & VTDSIM_EP_F_PAGE_REQUEST)
		valid = valid && cmd->group < VTDSIM_PRI_GROUPS;

	return valid && command_flags_valid(cmd) ? VTDSIM_EP_S_OK :
					   VTDSIM_EP_S_BAD_COMMAND;
}

/**
 * vtdsim_endpoint_permit() - may a command's requests be sent?
 * @state: what software allows the function
 * @cmd: a command that vtdsim_endpoint_check() has passed
 *
 * PCIe 7.8.9.3: the PASID capability must be enabled for requests with PASID,
 * and for each of the two attributes on its own. PCIe 7.5.3.16: AtomicOps need
 * AtomicOp Requester Enable beside Bus Master Enable.
 *
 * Return: VTDSIM_EP_S_OK, VTDSIM_EP_S_NO_MASTER, VTDSIM_EP_S_NO_ATOMICS or
 * VTDSIM_EP_S_NO_PASID.
 */
u32 vtdsim_endpoint_permit(const struct vtdsim_function_state *state,
			   const struct vtdsim_command *cmd)
{
	if (!state->master)
		return VTDSIM_EP_S_NO_MASTER;
	if (cmd->op == VTDSIM_EP_OP_FETCH_ADD && !state->atomics)
		return VTDSIM_EP_S_NO_ATOMICS;
	if (!(cmd->flags & VTDSIM_EP_F_PASID))
		return VTDSIM_EP_S_OK;
	if (!state->pasid || cmd->pasid >= BIT(VTDSIM_PASID_BITS))
		return VTDSIM_EP_S_NO_PASID;
	if ((cmd->flags & VTDSIM_EP_F_EXEC && !state->exec) ||
	    (cmd->flags & VTDSIM_EP_F_PRIV && !state->priv))
		return VTDSIM_EP_S_NO_PASID;
	return VTDSIM_EP_S_OK;
}

/* Hardware does not run out of memory: retry later. */
static void command_wait_for_memory(void)
{
	usleep_range_state(NAP_US, 2 * NAP_US, TASK_IDLE);
}

static struct vtdsim_req command_to_request(const struct vtdsim_endpoint *ep, u64 addr)
{
	const struct vtdsim_command *cmd = &ep->cmd;

	return (struct vtdsim_req) {
		.addr = addr,
		.pasid = cmd->pasid,
		.sid = ep->requester.sid,
		.with_pasid = cmd->flags & VTDSIM_EP_F_PASID,
		.exec = cmd->flags & VTDSIM_EP_F_EXEC,
		.priv = cmd->flags & VTDSIM_EP_F_PRIV,
	};
}

static int command_send_request(struct vtdsim_endpoint *ep,
				const struct vtdsim_function_state *state,
				const struct vtdsim_req *req, void *data, size_t len,
				struct vtdsim_outcome *out)
{
	if (state->ats && req->at == VTDSIM_AT_UNTRANSLATED &&
	    !(ep->cmd.flags & VTDSIM_EP_F_UNTRANSLATED))
		return vtdsim_endpoint_ats_request(ep, req, data, len, out);
	return vtdsim_endpoint_request(ep, req, data, len, out);
}

/* Sends one request of a command with its bytes. Returns the unit's result. */
static int command_move_page(struct vtdsim_endpoint *ep,
			     const struct vtdsim_function_state *state, u64 addr,
			     u32 len, struct vtdsim_outcome *out)
{
	const struct vtdsim_command *cmd = &ep->cmd;
	struct vtdsim_req req = command_to_request(ep, addr);
	void __iomem *buf;
	u64 operand = cmd->operand;
	int ret;

	req.read = cmd->op != VTDSIM_EP_OP_WRITE;
	req.write = cmd->op != VTDSIM_EP_OP_READ;
	if (cmd->flags & VTDSIM_EP_F_TRANSLATED)
		req.at = VTDSIM_AT_TRANSLATED;
	if (cmd->op == VTDSIM_EP_OP_FETCH_ADD) {
		ret = command_send_request(ep, state, &req, &operand, len, out);
		if (!ret)
			ep->next.result = operand;
		return ret;
	}

	buf = ep->bar + VTDSIM_EP_BUFFER + cmd->buf + ep->next.count;
	if (req.write)
		memcpy_fromio(ep->page, buf, len);
	ret = command_send_request(ep, state, &req, ep->page, len, out);
	if (!ret && req.read)
		memcpy_toio(buf, ep->page, len);
	return ret;
}

/*
 * Sends a page request, with the rights of @req. If it is the last of its
 * group, the command has to wait for the response.
 */
static enum vtdsim_command_end command_send_page_request(struct vtdsim_endpoint *ep,
							 const struct vtdsim_req *req,
							 bool last)
{
	const struct vtdsim_page_request page = {
		.addr = req->addr & PAGE_MASK,
		.pasid = req->pasid,
		.sid = req->sid,
		.group = ep->cmd.group,
		.with_pasid = req->with_pasid,
		.read = req->read,
		.write = req->write,
		.exec = req->exec,
		.priv = req->priv,
		.last = last,
	};
	unsigned long flags;

	if (!vtdsim_function_request_page(&ep->fn, page.group)) {
		ep->next.status = VTDSIM_EP_S_NO_PRI;
		return VTDSIM_COMMAND_DONE;
	}
	if (last) {
		raw_spin_lock_irqsave(&ep->unit->lock, flags);
		ep->group = (struct vtdsim_group) {
			.index = page.group,
			.pasid = page.pasid,
			.with_pasid = page.with_pasid,
			.waiting = true,
		};
		raw_spin_unlock_irqrestore(&ep->unit->lock, flags);
	}
	vtdsim_page_request(ep->unit, &page);
	return last ? VTDSIM_COMMAND_WAITS : VTDSIM_COMMAND_DONE;
}

/*
 * Checks for the response that the command waits for, and puts its code into the
 * status registers.
 */
static enum vtdsim_command_end command_take_response(struct vtdsim_endpoint *ep)
{
	enum vtdsim_command_end end = VTDSIM_COMMAND_WAITS;
	unsigned long flags;

	raw_spin_lock_irqsave(&ep->unit->lock, flags);
	if (ep->group.answered) {
		ep->group.waiting = false;
		ep->group.answered = false;
		ep->next.response = ep->group.code;
		end = VTDSIM_COMMAND_DONE;
	}
	raw_spin_unlock_irqrestore(&ep->unit->lock, flags);

	if (end == VTDSIM_COMMAND_DONE && ep->next.response)
		ep->next.status = VTDSIM_EP_S_PAGE_REQUEST_FAILED;
	return end;
}

static void command_report_fault(struct vtdsim_endpoint *ep,
				 const struct vtdsim_outcome *out)
{
	ep->next.status = out->unsupported ? VTDSIM_EP_S_UNSUPPORTED :
					     VTDSIM_EP_S_FAULT;
	ep->next.reason = out->reason;
	ep->next.fault_addr = out->addr;
}

static enum vtdsim_command_end
command_move(struct vtdsim_endpoint *ep, const struct vtdsim_function_state *state)
{
	const struct vtdsim_command *cmd = &ep->cmd;
	u64 addr = cmd->addr + ep->next.count;
	u32 len = min(cmd->len - ep->next.count,
		      REQUEST_BYTES - (u32)(addr % REQUEST_BYTES));
	struct vtdsim_outcome out = {};
	struct vtdsim_req req;
	int ret;

	ret = command_move_page(ep, state, addr, len, &out);
	if (ret == -ENOMEM) {
		command_wait_for_memory();
		return VTDSIM_COMMAND_MORE;
	}
	if (!ret) {
		ep->next.count += len;
		ep->tries = 0;
		return ep->next.count < cmd->len ? VTDSIM_COMMAND_MORE :
						   VTDSIM_COMMAND_DONE;
	}
	if (!out.recoverable || !(cmd->flags & VTDSIM_EP_F_PAGE_REQUEST) ||
	    ep->tries++ == PAGE_TRIES) {
		command_report_fault(ep, &out);
		return VTDSIM_COMMAND_DONE;
	}

	req = command_to_request(ep, addr);
	req.read = cmd->op != VTDSIM_EP_OP_WRITE;
	req.write = cmd->op != VTDSIM_EP_OP_READ;
	return command_send_page_request(ep, &req, true);
}

static enum vtdsim_command_end
command_translate(struct vtdsim_endpoint *ep, const struct vtdsim_function_state *state)
{
	struct vtdsim_req req = command_to_request(ep, ep->cmd.addr);
	struct vtdsim_completion cpl;
	struct vtdsim_translation t;

	if (!state->ats) {
		ep->next.status = VTDSIM_EP_S_NO_ATS;
		return VTDSIM_COMMAND_DONE;
	}
	req.read = true;
	req.write = ep->cmd.flags & VTDSIM_EP_F_WRITE;
	if (vtdsim_endpoint_translate(ep, &req, &cpl, &t)) {
		command_wait_for_memory();
		return VTDSIM_COMMAND_MORE;
	}

	ep->next.reason = cpl.reason;
	if (cpl.status != VTDSIM_CPL_SUCCESS) {
		ep->next.status = cpl.reason ? VTDSIM_EP_S_FAULT :
					       VTDSIM_EP_S_UNSUPPORTED;
		ep->next.fault_addr = req.addr & PAGE_MASK;
		return VTDSIM_COMMAND_DONE;
	}
	if (cpl.read)
		ep->next.rights |= VTDSIM_EP_R_READ;
	if (cpl.write)
		ep->next.rights |= VTDSIM_EP_R_WRITE;
	if (cpl.exec)
		ep->next.rights |= VTDSIM_EP_R_EXEC;
	if (cpl.priv)
		ep->next.rights |= VTDSIM_EP_R_PRIV;
	if (cpl.untranslated)
		ep->next.rights |= VTDSIM_EP_R_UNTRANSLATED;
	if (cpl.no_snoop)
		ep->next.rights |= VTDSIM_EP_R_SNOOP;
	if (!cpl.read && !cpl.write)
		return VTDSIM_COMMAND_DONE;
	ep->next.result = t.out | (req.addr & ~(~0ULL << t.shift));
	ep->next.size = t.shift;
	return VTDSIM_COMMAND_DONE;
}

static enum vtdsim_command_end command_request_page(struct vtdsim_endpoint *ep)
{
	struct vtdsim_req req = command_to_request(ep, ep->cmd.addr);

	req.read = ep->cmd.flags & VTDSIM_EP_F_READ;
	req.write = ep->cmd.flags & VTDSIM_EP_F_WRITE;
	return command_send_page_request(ep, &req, ep->cmd.flags & VTDSIM_EP_F_LAST);
}

/* Executes the next step of a command. */
static enum vtdsim_command_end command_step(struct vtdsim_endpoint *ep)
{
	struct vtdsim_function_state state;
	enum vtdsim_command_end end;

	vtdsim_function_get_state(&ep->fn, &state);
	if (!state.answers)
		return VTDSIM_COMMAND_GONE;
	if (ep->group.waiting) {
		end = command_take_response(ep);
		if (end == VTDSIM_COMMAND_DONE && !ep->next.status &&
		    ep->cmd.op != VTDSIM_EP_OP_PAGE_REQUEST)
			end = VTDSIM_COMMAND_MORE;
		return end;
	}

	/* A command without requests needs no permission. */
	if (ep->cmd.op == VTDSIM_EP_OP_NOP)
		return VTDSIM_COMMAND_DONE;
	ep->next.status = vtdsim_endpoint_permit(&state, &ep->cmd);
	if (ep->cmd.flags & VTDSIM_EP_F_TRANSLATED && !READ_ONCE(ep->unit->misbehave))
		ep->next.status = VTDSIM_EP_S_NO_MISBEHAVIOUR;
	if (ep->next.status)
		return VTDSIM_COMMAND_DONE;
	switch (ep->cmd.op) {
	case VTDSIM_EP_OP_TRANSLATE:
		return command_translate(ep, &state);
	case VTDSIM_EP_OP_PAGE_REQUEST:
		return command_request_page(ep);
	default:
		return command_move(ep, &state);
	}
}

/**
 * vtdsim_command_run() - execute a command until it ends or waits
 * @ep: the endpoint; @ep->cmd has passed vtdsim_endpoint_check()
 *
 * Context: Process context, may sleep; the endpoint's thread.
 * Return: the state of the command; to be called again if it waits.
 */
enum vtdsim_command_end vtdsim_command_run(struct vtdsim_endpoint *ep)
{
	enum vtdsim_command_end end;

	do {
		end = command_step(ep);
		cond_resched();
	} while (end == VTDSIM_COMMAND_MORE);
	return end;
}
