/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A remapping unit: what it can do, its state, and its registers (registers.c, queue.c,
 * fault_log.c, interrupts.c).
 */
#ifndef _VTDSIM_UNIT_H
#define _VTDSIM_UNIT_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct dentry;
struct vtdsim_cache;
struct vtdsim_lines;
struct vtdsim_page_request;
struct vtdsim_req;

/**
 * struct vtdsim_caps - what a unit can do
 * @cap: Capability Register, section 11.4.2
 * @ecap: Extended Capability Register, section 11.4.3
 * @haw: host address width in bits
 * @erratum_772415: accessed and dirty flags of first-stage entries are set
 *	although the second stage maps the table read-only
 * @lines: what the unit reads of tables that it is not coherent for, or NULL if
 *	it sees everything as the CPUs do
 */
struct vtdsim_caps {
	u64 cap;
	u64 ecap;
	u8 haw;
	bool erratum_772415;
	struct vtdsim_lines *lines;
};

/**
 * struct vtdsim_stats - what a unit has done; exact counts
 * @doorbells: writes of the invalidation queue tail register
 * @descriptors: invalidation descriptors fetched, waits included
 * @waits: invalidation wait descriptors
 * @requests: DMA requests
 * @walks: page walks
 * @faults: non-recoverable faults met (recorded or not)
 * @violations: rules of the specification that software broke
 * @devtlb_invs: invalidations sent to endpoints
 * @page_requests: page requests received, dropped ones included
 * @page_responses: page group responses that software has sent
 * @prq_overflows: page requests dropped because the queue had no room
 */
struct vtdsim_stats {
	u64 doorbells;
	u64 descriptors;
	u64 waits;
	u64 requests;
	u64 walks;
	u64 faults;
	u64 violations;
	u64 devtlb_invs;
	u64 page_requests;
	u64 page_responses;
	u64 prq_overflows;
};

#define VTDSIM_REG_BYTES	0x1000

/* Tags of invalidations under way, PCIe 10.3.1 */
#define VTDSIM_ITAGS		32

/**
 * struct vtdsim_devtlb_slot - an invalidation of a device TLB, by its tag
 * @deadline: when it times out
 * @sid: endpoint that has to answer
 * @pfsid: function whose queue it is in
 * @busy: it is under way; otherwise the tag is free
 */
struct vtdsim_devtlb_slot {
	ktime_t deadline;
	u16 sid;
	u16 pfsid;
	bool busy;
};

/**
 * struct vtdsim_devtlb - invalidations of device TLBs that are under way
 * @slots: by tag
 * @busy: how many slots are
 * @last: tag that was given last
 * @timeout_us: how long an endpoint may take
 * @waiting: the queue has stopped behind the descriptor @wait, which is
 *	complete when nothing is under way any more
 * @wait: quadwords 0 and 1 of that descriptor
 */
struct vtdsim_devtlb {
	struct vtdsim_devtlb_slot slots[VTDSIM_ITAGS];
	unsigned int busy;
	unsigned int last;
	u32 timeout_us;
	bool waiting;
	u64 wait[2];
};

/* Longest time for a descriptor, in ns: interrupts are off meanwhile. */
#define VTDSIM_MAX_DELAY	20000

/**
 * struct vtdsim_sent - addresses in a device TLB that order.c remembers
 * @first: first address
 * @last: last address
 * @pasid: 0 unless @with_pasid
 * @sid: endpoint
 * @with_pasid: the invalidation was PASID-based
 */
struct vtdsim_sent {
	u64 first;
	u64 last;
	u32 pasid;
	u16 sid;
	bool with_pasid;
};

/**
 * struct vtdsim_sent_list - the last of them, oldest first
 * @s: elements
 * @count: how many there are
 */
struct vtdsim_sent_list {
	struct vtdsim_sent s[16];
	unsigned int count;
};

/**
 * struct vtdsim_order - device-TLB invalidations since the last wait descriptor
 * @sent: what they invalidated
 * @late: of that, what was invalidated in the IOTLB afterwards
 */
struct vtdsim_order {
	struct vtdsim_sent_list sent;
	struct vtdsim_sent_list late;
};

/**
 * struct vtdsim_unit - one remapping unit
 * @lock: see the top of this file
 * @caps: capabilities, constant once the unit is visible
 * @regs: register file, by offset (section 11.4)
 * @rtaddr: root table in force, latched by GCMD.SRTP
 * @fault_next: index of the fault recording register that comes next
 * @cache: all translation caches
 * @stats: counters
 * @devtlb: invalidations under way
 * @requesters: &vtdsim_requester.node
 * @order: order.c's
 * @watch: on the list of units that get to know of pages being freed
 * @queue_delay: time that a wait descriptor takes, in ns
 * @desc_delay: time that any other invalidation descriptor takes, in ns
 * @name: for messages
 * @dir: the unit's directory in debugfs, or NULL
 */
struct vtdsim_unit {
	raw_spinlock_t lock;
	struct vtdsim_caps caps;
	u8 regs[VTDSIM_REG_BYTES] __aligned(8);
	u64 rtaddr;
	unsigned int fault_next;
	struct vtdsim_cache *cache;
	struct vtdsim_stats stats;
	struct vtdsim_devtlb devtlb;
	struct list_head requesters;
	struct vtdsim_order order;
	struct list_head watch;
	u32 queue_delay;
	u32 desc_delay;
	const char *name;
	struct dentry *dir;
};

/*
 * Resets all but @cache, which is the caller's to create: the unit is needed
 * long before memory can be allocated.
 */
void vtdsim_unit_init(struct vtdsim_unit *unit, const struct vtdsim_caps *caps,
		      const char *name);
/* @size is 4 or 8; @offset must be a multiple of it. Any context. */
u64 vtdsim_reg_read(struct vtdsim_unit *unit, u32 offset, unsigned int size);
void vtdsim_reg_write(struct vtdsim_unit *unit, u32 offset, u64 val,
		      unsigned int size);
/* Raw access to the stored value, for the files of the model; lock held. */
u32 vtdsim_reg_get32(const struct vtdsim_unit *unit, u32 offset);
void vtdsim_reg_set32(struct vtdsim_unit *unit, u32 offset, u32 val);
u64 vtdsim_reg_get64(const struct vtdsim_unit *unit, u32 offset);
void vtdsim_reg_set64(struct vtdsim_unit *unit, u32 offset, u64 val);
/* Fetches and carries out descriptors from head to tail; lock held. */
void vtdsim_qi_run(struct vtdsim_unit *unit);
/* The queue has been disabled; lock held. */
void vtdsim_qi_stop(struct vtdsim_unit *unit);

/* ---- fault_log.c: primary fault logging (sections 7.2, 7.3, 11.4.7) ---- */

/* Caller holds the unit's lock. */
void vtdsim_fault_record(struct vtdsim_unit *unit, const struct vtdsim_req *req,
			 u8 reason);
void vtdsim_fault_record_page(struct vtdsim_unit *unit,
			      const struct vtdsim_page_request *req, u8 reason);

/* ---- interrupts.c: message signalled interrupts to the local APIC ---- */

/* Any context. False where @addr and @data address no CPU that is there. */
bool vtdsim_msi_send(u64 addr, u32 data);

#endif /* _VTDSIM_UNIT_H */
