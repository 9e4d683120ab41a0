/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PCI side of the model: functions, their configuration space, and the
 * DMA engine of an endpoint. Shared by pci.c, config_space.c, endpoint.c and
 * their tests only.
 *
 * Locking
 *	vtdsim_function.lock (raw) protects a function's configuration space.
 *	Configuration writes arrive below the PCI core's raw lock, and the MSI
 *	mask register is written below an interrupt descriptor's, so nothing
 *	under it may sleep or take a lock that is not raw. It is a leaf: the
 *	engine's thread is woken after it has been dropped, and requests to the
 *	unit are made without it.
 *	Everything else in a vtdsim_endpoint belongs to its thread alone.
 */
#ifndef _VTDSIM_PCI_H
#define _VTDSIM_PCI_H

#include <linux/pci_regs.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "vtdsim.h"

struct task_struct;

/**
 * struct vtdsim_function - a PCI function as its configuration space shows it
 * @lock: see the top of this file
 * @engine: thread to wake when something that it watches has changed, or NULL
 * @bar: where the function's memory is and stays; 0 if it has none
 * @resetting: a Function Level Reset is under way
 * @pm: offset of the Power Management capability
 * @msi: offset of the MSI capability
 * @express: offset of the PCI Express capability
 * @pasid: offset of the PASID extended capability
 * @data: what a read returns
 * @writable: bits that a write changes
 */
struct vtdsim_function {
	raw_spinlock_t lock;
	struct task_struct *engine;
	u32 bar;
	bool resetting;
	u16 pm;
	u16 msi;
	u16 express;
	u16 pasid;
	u8 data[PCI_CFG_SPACE_EXP_SIZE];
	u8 writable[PCI_CFG_SPACE_EXP_SIZE];
};

/**
 * struct vtdsim_function_state - what software allows a function to do
 * @resetting: a reset waits for vtdsim_function_reset_done()
 * @answers: the registers in the BAR are decoded
 * @master: requests may be sent
 * @message: an interrupt message is ready to be sent
 * @pasid: requests may carry a PASID
 * @exec: ... and ask for execute permission
 * @priv: ... and for privileged mode
 */
struct vtdsim_function_state {
	bool resetting;
	bool answers;
	bool master;
	bool message;
	bool pasid;
	bool exec;
	bool priv;
};

/**
 * struct vtdsim_message - a message signalled interrupt
 * @addr: address to write to
 * @data: what to write there
 */
struct vtdsim_message {
	u64 addr;
	u32 data;
};

/**
 * struct vtdsim_command - what a program asked an endpoint to do
 * @addr: address in memory
 * @operand: addend of fetch-add
 * @len: bytes
 * @buf: offset into the endpoint's buffer
 * @pasid: PASID, if @flags says so
 * @flags: VTDSIM_EP_F_*
 * @op: VTDSIM_EP_OP_*
 */
struct vtdsim_command {
	u64 addr;
	u64 operand;
	u32 len;
	u32 buf;
	u32 pasid;
	u32 flags;
	u32 op;
};

/**
 * struct vtdsim_result - what the status registers say about a command
 * @fault_addr: page of the fault
 * @result: value before fetch-add
 * @done: sequence number of the command
 * @status: VTDSIM_EP_S_*
 * @reason: fault reason
 * @count: bytes moved
 */
struct vtdsim_result {
	u64 fault_addr;
	u64 result;
	u32 done;
	u32 status;
	u32 reason;
	u32 count;
};

/**
 * struct vtdsim_endpoint - an endpoint: a function with a DMA engine
 * @fn: its configuration space
 * @bar: its registers and buffer
 * @page: where a page's bytes are on their way between BAR and memory
 * @last: the status registers as they must read
 * @seq: number of the last command taken from the doorbell
 * @sid: source-id of its requests
 */
struct vtdsim_endpoint {
	struct vtdsim_function fn;
	void __iomem *bar;
	void *page;
	struct vtdsim_result last;
	u32 seq;
	u16 sid;
};

/* PASIDs have 20 bits, PCIe 6.20.2. */
#define VTDSIM_PASID_BITS	20

/* ---- config_space.c ---- */

void vtdsim_function_init_bridge(struct vtdsim_function *fn);
void vtdsim_function_init_endpoint(struct vtdsim_function *fn, u32 bar);
u32 vtdsim_function_read(struct vtdsim_function *fn, u32 offset,
			 unsigned int size);
void vtdsim_function_write(struct vtdsim_function *fn, u32 offset, u32 val,
			   unsigned int size);
void vtdsim_function_reset_done(struct vtdsim_function *fn);
void vtdsim_function_get_state(struct vtdsim_function *fn,
			       struct vtdsim_function_state *state);
void vtdsim_function_raise(struct vtdsim_function *fn);
bool vtdsim_function_take_message(struct vtdsim_function *fn,
				  struct vtdsim_message *msg);

/* ---- endpoint.c ---- */

/**
 * enum vtdsim_endpoint_work - what a look at an endpoint found
 * @VTDSIM_ENDPOINT_OFF: nothing to do, and only a configuration write changes that
 * @VTDSIM_ENDPOINT_QUIET: nothing to do, but the doorbell may ring
 * @VTDSIM_ENDPOINT_BUSY: something was done, there may be more
 */
enum vtdsim_endpoint_work {
	VTDSIM_ENDPOINT_OFF,
	VTDSIM_ENDPOINT_QUIET,
	VTDSIM_ENDPOINT_BUSY,
};

int vtdsim_endpoint_start(struct vtdsim_endpoint *ep, u32 bar, u16 sid);
void vtdsim_endpoint_stop(struct vtdsim_endpoint *ep);
enum vtdsim_endpoint_work vtdsim_endpoint_poll(struct vtdsim_endpoint *ep);
u32 vtdsim_endpoint_check(const struct vtdsim_command *cmd);
u32 vtdsim_endpoint_permit(const struct vtdsim_function_state *state,
			   const struct vtdsim_command *cmd);
int vtdsim_endpoint_request(const struct vtdsim_req *req, void *data,
			    size_t len, struct vtdsim_outcome *out);

#endif /* _VTDSIM_PCI_H */
