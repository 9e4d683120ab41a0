/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A remapping unit: what it can do, and its state.
 *
 * Locking
 *	vtdsim_unit.lock (raw, interrupts off) protects everything in a unit:
 *	registers, queue state, caches, counters. It is the innermost lock of
 *	all: a driver writes registers below its own raw spinlocks, so nothing
 *	under it may sleep, allocate, free, or take a lock that is not raw.
 *	Memory for cache entries is therefore allocated before the lock is
 *	taken (vtdsim_cache_reserve()) and returned to the unit's own free
 *	list, never to the allocator, below it. A whole DMA transaction of at
 *	most one 4 KiB page (translation and copy) runs in one critical
 *	section, and so does the handling of one register write with all
 *	descriptors it makes the unit fetch: an invalidation that has been
 *	reported complete is never followed by a DMA that uses what it removed.
 *	An endpoint's translations (its device TLB) are under the same lock.
 *	Only the lock of a function's configuration space, and those of timers,
 *	are taken below it.
 */
#ifndef _VTDSIM_UNIT_H
#define _VTDSIM_UNIT_H

#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/prandom.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "unit/messages.h"

struct dentry;
struct vtdsim_cache;
struct vtdsim_irte_cache;
struct vtdsim_lines;
struct vtdsim_observer;

/**
 * struct vtdsim_caps - what a unit can do
 * @cap: Capability Register, section 11.4.2
 * @ecap: Extended Capability Register, section 11.4.3
 * @haw: host address width in bits
 * @erratum_772415: accessed and dirty flags of first-stage entries are set
 *	although the second stage maps the table read-only
 * @lines: cache lines as last flushed, for a unit that does not snoop the CPUs'
 *	caches; NULL for one that does
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
 * @printed: violations that the log has
 * @devtlb_invs: invalidations sent to endpoints
 * @page_requests: page requests received, dropped ones included
 * @page_responses: page group responses that software has sent
 * @prq_overflows: page requests dropped because the queue had no room
 * @register_cycles: time that accesses to registers have taken, by the CPU's time
 *	stamp counter
 */
struct vtdsim_stats {
	u64 doorbells;
	u64 descriptors;
	u64 waits;
	u64 requests;
	u64 walks;
	u64 faults;
	u64 violations;
	u64 printed;
	u64 devtlb_invs;
	u64 page_requests;
	u64 page_responses;
	u64 prq_overflows;
	u64 register_cycles;
};

#define VTDSIM_REG_BYTES	0x1000

/* ITags, which tell device-TLB invalidations under way apart (PCIe 10.3.1) */
#define VTDSIM_ITAGS		32

/**
 * enum vtdsim_devtlb_way - how far a device-TLB invalidation has come
 * @VTDSIM_DEVTLB_OUT: on the way to the endpoint
 * @VTDSIM_DEVTLB_THERE: at the endpoint, which has not completed it
 * @VTDSIM_DEVTLB_BACK: completed, and the completion is on the way
 */
enum vtdsim_devtlb_way {
	VTDSIM_DEVTLB_OUT,
	VTDSIM_DEVTLB_THERE,
	VTDSIM_DEVTLB_BACK,
};

/**
 * struct vtdsim_devtlb_slot - a device-TLB invalidation, by its ITag
 * @deadline: when it times out
 * @arrives: when it is at the end of its way, unless that is the endpoint's matter
 * @number: &vtdsim_stats.devtlb_invs when it was sent
 * @inv: what to invalidate
 * @way: how far it has come
 * @sid: endpoint that has to answer
 * @pfsid: function whose queue it is in
 * @busy: it is under way; otherwise the ITag is free
 */
struct vtdsim_devtlb_slot {
	ktime_t deadline;
	ktime_t arrives;
	u64 number;
	struct vtdsim_devtlb_inv inv;
	enum vtdsim_devtlb_way way;
	u16 sid;
	u16 pfsid;
	bool busy;
};

/**
 * struct vtdsim_devtlb - device-TLB invalidations under way
 * @slots: by ITag
 * @busy: number of busy slots
 * @last: ITag that was used last
 * @timeout_us: how long an endpoint may take
 * @waiting: the queue has stopped at the wait descriptor @wait, which completes
 *	when no invalidation is under way any more
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

/* Descriptors that a unit has in flight at most */
#define VTDSIM_FLIGHTS		64

/**
 * struct vtdsim_flight - a descriptor in flight
 * @node: among those in flight, in the order of the queue; or among the unused ones
 * @desc: quadwords 0 and 1
 * @epoch: epoch of the caches in which it was fetched
 * @number: &vtdsim_devtlb_slot.number, if it has been sent to an endpoint; or 0
 * @stuck: a device-TLB invalidation that another one has to make room for
 */
struct vtdsim_flight {
	struct list_head node;
	u64 desc[2];
	u64 epoch;
	u64 number;
	bool stuck;
};

/**
 * struct vtdsim_async - a unit that works beside the CPUs
 * @timer: lets it go on
 * @due: when the queue is to go on
 * @owed_ns: time of the descriptors since the last wait
 * @pending: the queue must not go on before @due
 * @seed: &vtdsim_unit.queue_async or not, the unit does what it may in any order, and
 *	takes times that nobody knows, all by random numbers that begin with this; or 0
 * @random: state of these numbers
 * @flights: descriptors in flight, in the order of the queue
 * @unused: the other elements of @flight
 * @flying: number of @flights
 * @flight: memory of both
 * @command: value of the Global Command Register that is being carried out
 * @command_due: when it has been
 * @command_pending: that is to come
 * @suspended_seed: @seed, while there are no timers
 * @suspended_queue: &vtdsim_unit.queue_async, while there are no timers
 */
struct vtdsim_async {
	struct hrtimer timer;
	ktime_t due;
	u64 owed_ns;
	bool pending;
	u32 seed;
	struct rnd_state random;
	struct list_head flights;
	struct list_head unused;
	unsigned int flying;
	struct vtdsim_flight flight[VTDSIM_FLIGHTS];
	u32 command;
	ktime_t command_due;
	bool command_pending;
	u32 suspended_seed;
	bool suspended_queue;
};

/* Default time-out of a device-TLB invalidation */
#define VTDSIM_DEVTLB_TIMEOUT_US	100000

/* Longest delay of a descriptor, in ns: interrupts are off during it. */
#define VTDSIM_MAX_DELAY	20000

/**
 * struct vtdsim_unit - one remapping unit
 * @lock: see the top of this file
 * @caps: capabilities, constant once the unit is visible
 * @regs: register file, by offset (section 11.4)
 * @rtaddr: root table in force, latched by GCMD.SRTP
 * @irta: interrupt remapping table in force, latched by GCMD.SIRTP
 * @fault_next: index of the fault recording register that comes next
 * @cache: all translation caches
 * @irtes: interrupt entry cache; NULL if the unit keeps no entries
 * @stats: counters
 * @devtlb: invalidations under way
 * @requesters: endpoints behind the unit, by &vtdsim_requester.node
 * @observer: observer of what software does, or NULL
 * @queue_delay: time that a wait descriptor takes, in ns
 * @desc_delay: time that any other invalidation descriptor takes, in ns
 * @queue_async: the invalidation queue works beside the CPUs, in order
 * @async: how the unit works beside the CPUs
 * @fill_line: a walk caches all translations whose leaf is in the same cache line
 * @misbehave: endpoints lose and delay invalidations, and send translated requests of
 *	their own making, if a program tells them to
 * @name: for messages
 * @dir: the unit's directory in debugfs, or NULL
 */
struct vtdsim_unit {
	raw_spinlock_t lock;
	struct vtdsim_caps caps;
	u8 regs[VTDSIM_REG_BYTES] __aligned(8);
	u64 rtaddr;
	u64 irta;
	unsigned int fault_next;
	struct vtdsim_cache *cache;
	struct vtdsim_irte_cache *irtes;
	struct vtdsim_stats stats;
	struct vtdsim_devtlb devtlb;
	struct list_head requesters;
	const struct vtdsim_observer *observer;
	u32 queue_delay;
	u32 desc_delay;
	bool queue_async;
	struct vtdsim_async async;
	bool fill_line;
	bool misbehave;
	const char *name;
	struct dentry *dir;
};

void vtdsim_unit_init(struct vtdsim_unit *unit, const struct vtdsim_caps *caps,
		      const char *name);
void vtdsim_unit_reset(struct vtdsim_unit *unit);
u32 vtdsim_unit_random(struct vtdsim_unit *unit, u32 max);

#endif /* _VTDSIM_UNIT_H */
