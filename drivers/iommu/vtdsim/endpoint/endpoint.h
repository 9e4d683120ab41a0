/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Endpoints: PCI functions, their configuration space, and their DMA engine.
 *
 * Locking
 *	vtdsim_function.lock (raw) protects a function's configuration space.
 *	Configuration writes arrive below the PCI core's raw lock, and the MSI
 *	mask register is written below an interrupt descriptor's, so nothing
 *	under it may sleep or take a lock that is not raw. No lock is taken
 *	inside it: the engine's thread is woken after it has been released, and
 *	requests to the unit are made without it. It may be taken inside the
 *	unit's lock.
 *	vtdsim_unit.lock protects what the unit's operations use: atc, atc_epoch,
 *	late and group of a vtdsim_endpoint.
 *	All else in a vtdsim_endpoint is used by its thread only.
 */
#ifndef _VTDSIM_ENDPOINT_H
#define _VTDSIM_ENDPOINT_H

#include <linux/pci_regs.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "endpoint/atc.h"
#include "endpoint/kind.h"
#include "unit/messages.h"
#include "unit/requesters.h"
#include "unit/unit.h"

struct task_struct;

/* Page requests that an endpoint can have sent, and indices of their groups */
#define VTDSIM_PRI_CAPACITY	128
#define VTDSIM_PRI_GROUPS	512

/**
 * struct vtdsim_pri - a Page Request Interface
 * @at: offset of the extended capability; 0 if there is none
 * @failed: a Response Failure has stopped the interface
 * @outstanding: page requests that wait for an answer
 * @pages: how many of them are of each group
 */
struct vtdsim_pri {
	u16 at;
	bool failed;
	u32 outstanding;
	u8 pages[VTDSIM_PRI_GROUPS];
};

/**
 * struct vtdsim_function - a PCI function as its configuration space shows it
 * @lock: see the top of this file
 * @engine: thread to wake when configuration space has changed, or NULL
 * @layout: what configuration space is after a reset
 * @type: device/port type, PCI_EXP_TYPE_*. An endpoint of the type PCI_BRIDGE is a
 *	conventional PCI device behind a bridge
 * @multifunction: there are other functions in the same device
 * @acs: it has Access Control Services
 * @bar: where the function's memory is and stays; 0 if it has none
 * @resetting: a Function Level Reset is under way
 * @absent: it was pulled out; @resetting is set, too
 * @msix_pending: the vector of MSI-X is pending
 * @msix_entry: the one entry of the MSI-X table, in the BAR
 * @pm: offset of the Power Management capability
 * @msi: offset of the MSI capability; 0 if there is none
 * @msix: offset of the MSI-X capability; 0 if there is none
 * @express: offset of the PCI Express capability; 0 if there is none
 * @af: offset of the Advanced Features capability; 0 if there is none
 * @pasid: offset of the PASID extended capability; 0 if there is none
 * @ats: offset of the ATS extended capability; 0 if there is none
 * @ats_epoch: grows whenever all earlier translations become invalid
 * @pri: Page Request Interface
 * @data: what a read returns
 * @writable: bits that a write changes
 * @clearable: bits that writing 1 clears
 */
struct vtdsim_function {
	raw_spinlock_t lock;
	struct task_struct *engine;
	const struct vtdsim_layout *layout;
	u8 type;
	bool multifunction;
	bool acs;
	u32 bar;
	bool resetting;
	bool absent;
	bool msix_pending;
	void __iomem *msix_entry;
	u16 pm;
	u16 msi;
	u16 msix;
	u16 express;
	u16 af;
	u16 pasid;
	u16 ats;
	u32 ats_epoch;
	struct vtdsim_pri pri;
	u8 data[PCI_CFG_SPACE_EXP_SIZE];
	u8 writable[PCI_CFG_SPACE_EXP_SIZE];
	u8 clearable[PCI_CFG_SPACE_EXP_SIZE];
};

/**
 * struct vtdsim_function_state - a function as software has configured it
 * @absent: the function is not there
 * @resetting: a reset waits for vtdsim_function_reset_done()
 * @answers: the registers in the BAR are decoded
 * @master: requests may be sent
 * @message: an interrupt message is ready to be sent
 * @atomics: ... and may be AtomicOps
 * @pasid: requests may carry a PASID
 * @exec: ... and ask for execute permission
 * @priv: ... and for privileged mode
 * @ats: ATS is enabled
 * @ats_epoch: translations of another epoch are invalid
 */
struct vtdsim_function_state {
	bool absent;
	bool resetting;
	bool answers;
	bool master;
	bool message;
	bool atomics;
	bool pasid;
	bool exec;
	bool priv;
	bool ats;
	u32 ats_epoch;
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
 * struct vtdsim_command - a command of a program
 * @addr: address in memory
 * @operand: addend of fetch-add
 * @len: bytes
 * @buf: offset into the endpoint's buffer
 * @pasid: PASID, if @flags says so
 * @flags: VTDSIM_EP_F_*
 * @op: VTDSIM_EP_OP_*
 * @group: page request group index
 */
struct vtdsim_command {
	u64 addr;
	u64 operand;
	u32 len;
	u32 buf;
	u32 pasid;
	u32 flags;
	u32 op;
	u32 group;
};

/**
 * struct vtdsim_result - the status registers of a command
 * @fault_addr: page of the fault
 * @result: value before fetch-add, or host address
 * @done: sequence number of the command
 * @status: VTDSIM_EP_S_*
 * @reason: fault reason
 * @count: bytes moved
 * @response: code of a page group response
 * @rights: VTDSIM_EP_R_* of a translation
 * @size: log2 of the bytes that a translation covers
 */
struct vtdsim_result {
	u64 fault_addr;
	u64 result;
	u32 done;
	u32 status;
	u32 reason;
	u32 count;
	u32 response;
	u32 rights;
	u32 size;
};

/**
 * struct vtdsim_late - an invalidation that the endpoint completes later
 * @inv: the invalidation
 * @due: time of its completion
 * @pending: it is not complete yet
 */
struct vtdsim_late {
	struct vtdsim_devtlb_inv inv;
	ktime_t due;
	bool pending;
};

/**
 * struct vtdsim_group - the page request group that a command waits for
 * @index: group index
 * @pasid: used only if @with_pasid
 * @with_pasid: the requests carried a PASID
 * @waiting: the command has not processed the response yet
 * @answered: the response has arrived
 * @code: response code, VTDSIM_PRG_*
 */
struct vtdsim_group {
	u16 index;
	u32 pasid;
	bool with_pasid;
	bool waiting;
	bool answered;
	u8 code;
};

/**
 * struct vtdsim_endpoint - an endpoint: a function with a DMA engine
 * @fn: its configuration space
 * @kind: what its registers mean
 * @requester: the endpoint as the unit knows it
 * @unit: the unit that it is behind
 * @bar: its registers and buffer
 * @page: bounce buffer between BAR and memory
 * @state: what the kind keeps outside of the BAR, if its state_bytes are not 0
 * @atc: its translations
 * @atc_epoch: &vtdsim_function.ats_epoch of the translations
 * @late: invalidations to be completed later, by ITag
 * @late_count: number of pending ones
 * @group: page request group that the command waits for
 * @cmd: the own kind's command under way, if @busy
 * @last: contents of the status registers
 * @next: contents of the status registers after @cmd
 * @tries: page requests sent for the current page of @cmd
 * @seq: number of the last command taken from the doorbell
 * @busy: a command is under way
 * @pulled: the engine knows that the function is not there
 * @segment: PCI segment that it is in
 * @bdf: its bus, device and function there. A bridge may give its requests another
 *	requester-id
 */
struct vtdsim_endpoint {
	struct vtdsim_function fn;
	const struct vtdsim_endpoint_kind *kind;
	struct vtdsim_requester requester;
	struct vtdsim_unit *unit;
	void __iomem *bar;
	void *page;
	void *state;
	struct vtdsim_atc atc;
	u32 atc_epoch;
	struct vtdsim_late late[VTDSIM_ITAGS];
	unsigned int late_count;
	struct vtdsim_group group;
	struct vtdsim_command cmd;
	struct vtdsim_result last;
	struct vtdsim_result next;
	unsigned int tries;
	u32 seq;
	bool busy;
	bool pulled;
	u16 segment;
	u16 bdf;
};

/* PASIDs have 20 bits, PCIe 6.20.2. */
#define VTDSIM_PASID_BITS	20

/* ---- config_space.c ---- */

void vtdsim_function_init_bridge(struct vtdsim_function *fn);
void vtdsim_function_init_endpoint(struct vtdsim_function *fn,
				   const struct vtdsim_layout *layout, u32 bar);
void vtdsim_function_set_place(struct vtdsim_function *fn, u8 type, bool multifunction, bool acs);
u32 vtdsim_function_read(struct vtdsim_function *fn, u32 offset,
			 unsigned int size);
void vtdsim_function_write(struct vtdsim_function *fn, u32 offset, u32 val,
			   unsigned int size);
void vtdsim_function_reset_done(struct vtdsim_function *fn);
void vtdsim_function_pull(struct vtdsim_function *fn);
void vtdsim_function_plug(struct vtdsim_function *fn);
void vtdsim_function_lose_power(struct vtdsim_function *fn);
bool vtdsim_function_global_invalidate(struct vtdsim_function *fn);
void vtdsim_function_get_state(struct vtdsim_function *fn,
			       struct vtdsim_function_state *state);

/* ---- interrupt.c ---- */

void vtdsim_msix_reset(struct vtdsim_function *fn);
void vtdsim_msix_publish(struct vtdsim_function *fn, void __iomem *pba);
void vtdsim_function_raise(struct vtdsim_function *fn);
bool vtdsim_function_take_message(struct vtdsim_function *fn,
				  struct vtdsim_message *msg);

/* ---- pri.c ---- */

bool vtdsim_function_request_page(struct vtdsim_function *fn, u16 group);
bool vtdsim_function_answer_pages(struct vtdsim_function *fn, u16 group,
				  u8 code);
bool vtdsim_function_waits_for_pages(struct vtdsim_function *fn, u16 group);

/* ---- engine.c ---- */

/**
 * enum vtdsim_endpoint_work - result of polling an endpoint
 * @VTDSIM_ENDPOINT_OFF: nothing to do until the next configuration write
 * @VTDSIM_ENDPOINT_QUIET: nothing to do until the doorbell is written
 * @VTDSIM_ENDPOINT_BUSY: something was done, there may be more
 */
enum vtdsim_endpoint_work {
	VTDSIM_ENDPOINT_OFF,
	VTDSIM_ENDPOINT_QUIET,
	VTDSIM_ENDPOINT_BUSY,
};

void vtdsim_endpoint_init(struct vtdsim_endpoint *ep, const struct vtdsim_endpoint_kind *kind,
			  struct vtdsim_unit *unit, u32 bar, u16 sid);
int vtdsim_endpoint_start(struct vtdsim_endpoint *ep, const struct vtdsim_endpoint_kind *kind,
			  struct vtdsim_unit *unit, u32 bar, u16 sid, u32 devtlb_limit);
void vtdsim_endpoint_reset(struct vtdsim_endpoint *ep);
void vtdsim_endpoint_stop(struct vtdsim_endpoint *ep);
int vtdsim_endpoint_power_up(struct vtdsim_endpoint *ep);
enum vtdsim_endpoint_work vtdsim_endpoint_poll(struct vtdsim_endpoint *ep);

/* ---- hotplug.c ---- */

void vtdsim_endpoint_slot(struct vtdsim_endpoint *ep);

/* ---- requests.c ---- */

/**
 * enum vtdsim_moved - how a transfer of any length ended
 * @VTDSIM_MOVED: all bytes have been moved
 * @VTDSIM_MOVE_BLOCKED: the unit blocked a request, or there is no memory
 * @VTDSIM_MOVE_STOPPED: the function was reset, or may not send requests any more
 */
enum vtdsim_moved {
	VTDSIM_MOVED,
	VTDSIM_MOVE_BLOCKED,
	VTDSIM_MOVE_STOPPED,
};

int vtdsim_endpoint_request(struct vtdsim_endpoint *ep,
			    const struct vtdsim_req *req, void *data,
			    size_t len, struct vtdsim_outcome *out);
enum vtdsim_moved vtdsim_endpoint_read(struct vtdsim_endpoint *ep, u64 addr, void *data,
				       size_t len);
enum vtdsim_moved vtdsim_endpoint_write(struct vtdsim_endpoint *ep, u64 addr,
					const void *data, size_t len);

/* ---- commands.c ---- */

/**
 * enum vtdsim_command_end - state of a command after a step
 * @VTDSIM_COMMAND_MORE: there are more steps
 * @VTDSIM_COMMAND_DONE: it has ended; &vtdsim_endpoint.next has the result
 * @VTDSIM_COMMAND_WAITS: it waits for a page group response
 * @VTDSIM_COMMAND_GONE: the function was reset or disabled, and the command dropped
 */
enum vtdsim_command_end {
	VTDSIM_COMMAND_MORE,
	VTDSIM_COMMAND_DONE,
	VTDSIM_COMMAND_WAITS,
	VTDSIM_COMMAND_GONE,
};

u32 vtdsim_endpoint_check(const struct vtdsim_command *cmd);
u32 vtdsim_endpoint_permit(const struct vtdsim_function_state *state,
			   const struct vtdsim_command *cmd);
enum vtdsim_command_end vtdsim_command_run(struct vtdsim_endpoint *ep);

/* ---- ats.c ---- */

int vtdsim_endpoint_ats_request(struct vtdsim_endpoint *ep,
				const struct vtdsim_req *req, void *data,
				size_t len, struct vtdsim_outcome *out);
int vtdsim_endpoint_translate(struct vtdsim_endpoint *ep,
			      const struct vtdsim_req *req,
			      struct vtdsim_completion *cpl,
			      struct vtdsim_translation *t);
bool vtdsim_endpoint_answer_late(struct vtdsim_endpoint *ep);
bool vtdsim_endpoint_is_late(struct vtdsim_endpoint *ep);
void vtdsim_endpoint_ats_reset(struct vtdsim_endpoint *ep);
extern const struct vtdsim_requester_ops vtdsim_endpoint_ops;

#endif /* _VTDSIM_ENDPOINT_H */
