/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vtdsim: a VT-d remapping unit modelled at register level.
 *
 * Interfaces between the files of the model. The model is written from the
 * Intel VT-d specification; sections and tables are named in all of its files
 * as revision 5.1 numbers them. It includes no header of a driver: a bit that
 * a driver has wrong must show.
 *
 * Locking
 *	vtdsim_unit.lock (raw, interrupts off) protects everything in a unit:
 *	registers, queue state, caches, counters. It is the innermost lock of
 *	all: a driver writes registers below its own raw spinlocks, so nothing
 *	under it may sleep, allocate, free, or take a lock that is not raw.
 *	Memory for cache entries is therefore set aside before the lock is
 *	taken (vtdsim_cache_reserve()) and returned to the unit's own free
 *	list, never to the allocator, below it. A whole DMA transaction of at
 *	most one 4 KiB page (translation and copy) runs in one critical
 *	section, and so does the handling of one register write with all
 *	descriptors it makes the unit fetch: an invalidation that has been
 *	reported complete is never followed by a DMA that uses what it removed.
 *	An endpoint's translations (its device TLB) are under the same lock.
 *	Only the lock of a function's configuration space is taken below it.
 */
#ifndef _VTDSIM_H
#define _VTDSIM_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct dentry;

/* PASID Granular Translation Type, section 9.6 */
enum vtdsim_pgtt {
	VTDSIM_PGTT_FIRST	= 1,
	VTDSIM_PGTT_SECOND	= 2,
	VTDSIM_PGTT_NESTED	= 3,
	VTDSIM_PGTT_PASS	= 4,
};

/**
 * struct vtdsim_caps - what a unit can do
 * @cap: Capability Register, section 11.4.2
 * @ecap: Extended Capability Register, section 11.4.3
 * @haw: host address width in bits
 * @erratum_772415: accessed and dirty flags of first-stage entries are set
 *	although the second stage maps the table read-only
 */
struct vtdsim_caps {
	u64 cap;
	u64 ecap;
	u8 haw;
	bool erratum_772415;
};

/**
 * enum vtdsim_at - address type of a request (PCIe 10.2.1)
 * @VTDSIM_AT_UNTRANSLATED: the unit translates the address
 * @VTDSIM_AT_TRANSLATION: a translation request, which moves no bytes
 * @VTDSIM_AT_TRANSLATED: the address is the host's already
 */
enum vtdsim_at {
	VTDSIM_AT_UNTRANSLATED	= 0,
	VTDSIM_AT_TRANSLATION	= 1,
	VTDSIM_AT_TRANSLATED	= 2,
};

/**
 * struct vtdsim_req - one request of an endpoint, section 3.2
 * @addr: input address, or host address if @at says so
 * @at: address type
 * @pasid: PASID of the request, used only if @with_pasid
 * @sid: source-id, the requester's bus, device and function
 * @with_pasid: request carries a PASID
 * @read: request reads (an AtomicOp both reads and writes)
 * @write: request writes
 * @exec: execute-requested, for reads with PASID
 * @priv: privileged-mode-requested, for requests with PASID
 */
struct vtdsim_req {
	u64 addr;
	enum vtdsim_at at;
	u32 pasid;
	u16 sid;
	bool with_pasid;
	bool read;
	bool write;
	bool exec;
	bool priv;
};

/**
 * struct vtdsim_context - a scalable-mode context-entry, decoded (section 9.4)
 * @pasid_dir: address of the PASID directory
 * @pasids: number of PASIDs that the directory can hold (PDTTS)
 * @rid_pasid: PASID of requests without PASID
 * @rid_priv: requests without PASID are privileged (RID_PRIV)
 * @dte: device-TLB enable
 * @pasid_en: PASID enable
 * @pre: page request enable
 * @fpd: fault processing disable
 * @at: host address that the entry was read from, or 0
 * @raw: the entry as it was read
 */
struct vtdsim_context {
	u64 pasid_dir;
	u32 pasids;
	u32 rid_pasid;
	bool rid_priv;
	bool dte;
	bool pasid_en;
	bool pre;
	bool fpd;
	u64 at;
	u64 raw[4];
};

/**
 * struct vtdsim_pasid - a scalable-mode PASID-table entry, decoded (section 9.6)
 * @fs_root: first-stage page table pointer (FSPTPTR); guest address when nested
 * @ss_root: second-stage page table pointer (SSPTPTR)
 * @did: domain-id
 * @pgtt: translation type
 * @fs_levels: levels of first-stage paging, 4 or 5 (FSPM)
 * @ss_levels: levels of second-stage paging, 3 to 5 (AW)
 * @fpd: fault processing disable
 * @ssade: second-stage access/dirty enable
 * @sre: supervisor request enable
 * @wpe: write protect enable
 * @eafe: extended access flag enable
 * @pwsnp: page-walk snoop
 * @pgsnp: page snoop
 * @at: host address that the entry was read from, or 0
 * @raw: the entry as it was read
 */
struct vtdsim_pasid {
	u64 fs_root;
	u64 ss_root;
	u16 did;
	u8 pgtt;
	u8 fs_levels;
	u8 ss_levels;
	bool fpd;
	bool ssade;
	bool sre;
	bool wpe;
	bool eafe;
	bool pwsnp;
	bool pgsnp;
	u64 at;
	u64 raw[8];
};

/**
 * struct vtdsim_map - one translation, as walked or as cached
 * @in: input address, aligned to 1 << @shift
 * @out: host physical address, aligned to 1 << @shift
 * @shift: 12, 21 or 30; for nested the smaller of the two stages
 * @read: reads allowed (always, for first stage)
 * @write: writes allowed
 * @user: user-mode requests allowed (U/S set on the whole way)
 * @super_write: supervisor writes allowed: @write, or WPE clear (section 3.6.1)
 * @dirty: a write through this translation needs no dirty-bit update any more
 * @snoop: the second-stage leaf has Snoop set
 */
struct vtdsim_map {
	u64 in;
	u64 out;
	u8 shift;
	bool read;
	bool write;
	bool user;
	bool super_write;
	bool dirty;
	bool snoop;
};

struct vtdsim_cache;
struct vtdsim_cached;
struct vtdsim_page_request;
struct vtdsim_unit;

/**
 * struct vtdsim_walk - what a page walk needs besides the address
 * @caps: the unit's capabilities
 * @pe: the PASID-table entry in force
 * @cache: paging-structure caches to consult and fill, or NULL for none
 * @pasid: PASID of the request (or RID_PASID)
 */
struct vtdsim_walk {
	const struct vtdsim_caps *caps;
	const struct vtdsim_pasid *pe;
	struct vtdsim_cache *cache;
	u32 pasid;
};

/* ---- mem.c: host memory, as a unit's page walker and DMA engine see it ---- */

/* All return false where the address is not RAM (an unsupported request). */
bool vtdsim_mem_read(u64 hpa, void *buf, size_t len);
bool vtdsim_mem_write(u64 hpa, const void *buf, size_t len);
bool vtdsim_mem_read64(u64 hpa, u64 *val);
bool vtdsim_mem_cmpxchg64(u64 hpa, u64 *expected, u64 val, bool *swapped);
bool vtdsim_mem_fetch_add(u64 hpa, u64 operand, size_t size, u64 *old);

/* ---- tables.c: root, context, PASID directory and table (chapter 9) ---- */

/*
 * All return 0 or the fault reason of section 7.1.3 (table of scalable mode).
 * The result's fpd says, also on a fault, whether that fault is to be recorded.
 */
u8 vtdsim_fetch_context(const struct vtdsim_caps *caps, u64 rtaddr, u16 sid,
			struct vtdsim_context *ctx);
u8 vtdsim_fetch_pasid(const struct vtdsim_caps *caps,
		      const struct vtdsim_context *ctx, u32 pasid,
		      struct vtdsim_pasid *pe);

/* ---- second.c, first.c: page walks (sections 3.6 to 3.8, 9.7, 9.8) ---- */

/*
 * Both return 0 or a fault reason, set accessed and dirty bits as the request
 * demands, and fill *map. vtdsim_walk_first() does nested translation when the
 * PASID entry says so: every first-stage entry is read through the second
 * stage, and so is the final address.
 */
u8 vtdsim_walk_second(const struct vtdsim_walk *w, u64 addr, bool read,
		      bool write, struct vtdsim_map *map);
u8 vtdsim_walk_first(const struct vtdsim_walk *w, const struct vtdsim_req *req,
		     struct vtdsim_map *map);
/* Does an existing translation allow the request? 0 or the fault reason. */
u8 vtdsim_check_access(const struct vtdsim_pasid *pe,
		       const struct vtdsim_req *req,
		       const struct vtdsim_map *map);

/* ---- cache.c: context, PASID, IOTLB, paging-structure caches (6.2) ---- */

enum vtdsim_stage { VTDSIM_STAGE_FIRST, VTDSIM_STAGE_SECOND };

/**
 * struct vtdsim_psc - a paging-structure-cache entry (section 6.2.5)
 * @table: host address of the table that the cached non-leaf entry points to
 * @guest: guest address of the same table (first stage, nested)
 * @write: writes allowed so far
 * @read: reads allowed so far (second stage)
 * @user: user access allowed so far
 */
struct vtdsim_psc {
	u64 table;
	u64 guest;
	bool write;
	bool read;
	bool user;
};

struct vtdsim_cache *vtdsim_cache_create(void);
void vtdsim_cache_destroy(struct vtdsim_cache *cache);
/* May sleep. Makes sure that one request can be translated without allocating. */
int vtdsim_cache_reserve(struct vtdsim_unit *unit);
/* Lock held. Is that room still there? */
bool vtdsim_cache_ready(const struct vtdsim_cache *c);

bool vtdsim_cache_find_context(struct vtdsim_cache *c, u16 sid,
			       struct vtdsim_context *ctx);
void vtdsim_cache_add_context(struct vtdsim_cache *c, u16 sid,
			      const struct vtdsim_context *ctx);
bool vtdsim_cache_find_pasid(struct vtdsim_cache *c, u16 sid, u32 pasid,
			     struct vtdsim_pasid *pe);
void vtdsim_cache_add_pasid(struct vtdsim_cache *c, u16 sid, u32 pasid,
			    const struct vtdsim_pasid *pe);
/* The entry after *pos, which starts as NULL; NULL at the end. */
const struct vtdsim_pasid *
vtdsim_cache_next_pasid(struct vtdsim_cache *c, struct vtdsim_cached **pos,
			u16 *sid, u32 *pasid);
bool vtdsim_cache_find_iotlb(struct vtdsim_cache *c,
			     const struct vtdsim_pasid *pe, u32 pasid,
			     u64 addr, struct vtdsim_map *map);
void vtdsim_cache_add_iotlb(struct vtdsim_cache *c,
			    const struct vtdsim_pasid *pe, u32 pasid,
			    const struct vtdsim_map *map);
/*
 * @level is the level of the cached non-leaf entry: 2 for a PDE (it points to
 * a page table), up to 5. @pasid is ignored for second-stage entries.
 */
bool vtdsim_cache_find_psc(struct vtdsim_cache *c, enum vtdsim_stage stage,
			   const struct vtdsim_pasid *pe, u32 pasid, u64 addr,
			   int level, struct vtdsim_psc *psc);
void vtdsim_cache_add_psc(struct vtdsim_cache *c, enum vtdsim_stage stage,
			  const struct vtdsim_pasid *pe, u32 pasid, u64 addr,
			  int level, const struct vtdsim_psc *psc);

/* Invalidations, one per granularity of section 6.5.2. */
void vtdsim_inv_context_all(struct vtdsim_cache *c);
void vtdsim_inv_context_device(struct vtdsim_cache *c, u16 sid, u8 fm);
void vtdsim_inv_pasid_all(struct vtdsim_cache *c);
void vtdsim_inv_pasid_domain(struct vtdsim_cache *c, u16 did);
void vtdsim_inv_pasid_one(struct vtdsim_cache *c, u16 did, u32 pasid);
void vtdsim_inv_iotlb_all(struct vtdsim_cache *c);
void vtdsim_inv_iotlb_domain(struct vtdsim_cache *c, u16 did);
void vtdsim_inv_iotlb_pages(struct vtdsim_cache *c, u16 did, u64 addr, u8 am,
			    bool ih);
void vtdsim_inv_piotlb_pasid(struct vtdsim_cache *c, u16 did, u32 pasid);
void vtdsim_inv_piotlb_pages(struct vtdsim_cache *c, u16 did, u32 pasid,
			     u64 addr, u8 am, bool ih);
/* Software gets to know that all invalidations so far are complete. */
void vtdsim_inv_complete(struct vtdsim_cache *c);

/* ---- fault.c: primary fault logging (sections 7.2, 7.3, 11.4.7) ---- */

/* Caller holds the unit's lock. */
void vtdsim_fault_record(struct vtdsim_unit *unit, const struct vtdsim_req *req,
			 u8 reason);
void vtdsim_fault_record_page(struct vtdsim_unit *unit,
			      const struct vtdsim_page_request *req, u8 reason);

/* ---- irq.c: message signalled interrupts to the local APIC ---- */

/* Any context. False where @addr and @data address no CPU that is there. */
bool vtdsim_msi_send(u64 addr, u32 data);

/* ---- regs.c, qi.c: the register file and the invalidation queue ---- */

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
 * struct vtdsim_sent - a device-TLB invalidation that rules_order.c remembers
 * @first: first address
 * @last: last address
 * @pasid: 0 unless @with_pasid
 * @sid: endpoint
 * @with_pasid: PASID-based
 * @late: the IOTLB was invalidated after it
 */
struct vtdsim_sent {
	u64 first;
	u64 last;
	u32 pasid;
	u16 sid;
	bool with_pasid;
	bool late;
};

/**
 * struct vtdsim_order - device-TLB invalidations since the last wait descriptor
 * @sent: the last ones, oldest first
 * @count: how many there are
 */
struct vtdsim_order {
	struct vtdsim_sent sent[16];
	unsigned int count;
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
 * @order: rules_order.c's
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

/* ---- rules.c: what software must not do ---- */

/* Counts and prints "NAME: violation: ..."; lock held. */
__printf(3, 4)
void vtdsim_violation(struct vtdsim_unit *unit, const char *section,
		      const char *fmt, ...);
/* A PASID entry is about to be cached: do its tags clash with another's? */
bool vtdsim_rule_tags(struct vtdsim_unit *unit, u16 sid, u32 pasid,
		      const struct vtdsim_pasid *pe);

/* ---- rules_entry.c, rules_reuse.c: entries against caches; lock held ---- */

void vtdsim_rule_entries(struct vtdsim_unit *unit);
void vtdsim_rule_reuse(struct vtdsim_unit *unit, u16 sid, u32 pasid,
		       const struct vtdsim_pasid *pe);

/* ---- rules_order.c: descriptors in the queue; lock held ---- */

void vtdsim_rule_order(struct vtdsim_unit *unit, u32 type, const u64 *desc);

/* ---- rules_memory.c: memory that a unit may still use ---- */

/* Any context; takes the unit's lock. */
void vtdsim_rule_freed(struct vtdsim_unit *unit, u64 hpa, u64 size);
/* Lock held. */
void vtdsim_rule_roots(struct vtdsim_unit *unit, u16 sid, u32 pasid,
		       const struct vtdsim_pasid *pe);
/* May sleep. From here on vtdsim_rule_freed() is told of every page freed. */
int vtdsim_watch(struct vtdsim_unit *unit);
void vtdsim_unwatch(struct vtdsim_unit *unit);

/* ---- dma.c: a request from an endpoint, from translation to completion ---- */

/**
 * struct vtdsim_outcome - how a DMA request ended
 * @reason: 0, or the fault reason of section 7.1.3
 * @addr: address of the fault, page aligned as recorded
 * @unsupported: translated, but nothing answers at the host address
 * @recoverable: the endpoint has asked for a translation and got none that
 *	would do; a page request may help. @reason is what stood in the way,
 *	and was not recorded.
 */
struct vtdsim_outcome {
	u8 reason;
	u64 addr;
	bool unsupported;
	bool recoverable;
};

/*
 * Calls @fn below the unit's lock, with room for one request in the caches.
 * May sleep before. Return: 0, or -ENOMEM if @fn was not called.
 */
int vtdsim_transact(struct vtdsim_unit *unit,
		    void (*fn)(struct vtdsim_unit *unit, void *data),
		    void *data);

/*
 * One request within one 4 KiB page. May sleep before it takes the lock.
 * Return: 0; -EFAULT with *out filled when blocked; -ENOMEM.
 */
int vtdsim_dma_read(struct vtdsim_unit *unit, const struct vtdsim_req *req,
		    void *buf, size_t len, struct vtdsim_outcome *out);
int vtdsim_dma_write(struct vtdsim_unit *unit, const struct vtdsim_req *req,
		     const void *buf, size_t len, struct vtdsim_outcome *out);
int vtdsim_dma_fetch_add(struct vtdsim_unit *unit, const struct vtdsim_req *req,
			 u64 operand, size_t size, u64 *old,
			 struct vtdsim_outcome *out);

/* ---- ats.c: translation requests (section 4.2) ---- */

/* Status of a completion, PCIe 2.2.9 */
enum vtdsim_completion_status {
	VTDSIM_CPL_SUCCESS,
	VTDSIM_CPL_UR,		/* unsupported request */
	VTDSIM_CPL_CA,		/* completer abort */
};

/**
 * struct vtdsim_completion - a translation completion (PCIe 10.2.3)
 * @status: how it went; nothing else but @reason has a meaning unless success
 * @addr: host address; if @size, the number of pages is in the low bits of the
 *	page number: one page more than twice the ones below the lowest zero
 * @size: S, more than one page
 * @no_snoop: N, do not use No Snoop
 * @untranslated: U, access is possible with untranslated requests only
 * @read: R
 * @write: W
 * @exec: Exe
 * @priv: Priv, the translation is for privileged mode
 * @reason: not in the message: why a right that was asked for is not there, a
 *	fault reason of section 7.1.3, or 0
 */
struct vtdsim_completion {
	enum vtdsim_completion_status status;
	u64 addr;
	bool size;
	bool no_snoop;
	bool untranslated;
	bool read;
	bool write;
	bool exec;
	bool priv;
	u8 reason;
};

/* Lock held, and vtdsim_cache_ready(): from within vtdsim_transact(). */
void vtdsim_ats_translate(struct vtdsim_unit *unit,
			  const struct vtdsim_req *req,
			  struct vtdsim_completion *out);

/* ---- requester.c: how a unit reaches the endpoints behind it ---- */

/**
 * struct vtdsim_devtlb_inv - a device-TLB invalidation (6.5.2.5, 6.5.2.6)
 * @addr: first address, a multiple of the size
 * @order: log2 of the number of 4 KiB pages; 52 for everything
 * @pasid: used only if @with_pasid
 * @with_pasid: PASID-based invalidation
 * @global: of all PASIDs (G bit of a PASID-based invalidation)
 * @itag: tells this invalidation from others that are not complete yet
 */
struct vtdsim_devtlb_inv {
	u64 addr;
	u8 order;
	u32 pasid;
	bool with_pasid;
	bool global;
	u8 itag;
};

/**
 * struct vtdsim_page_request - a page request message (section 7.4)
 * @addr: page
 * @pasid: used only if @with_pasid
 * @sid: requester
 * @group: page request group index
 * @with_pasid: request carries a PASID
 * @read: read access asked for
 * @write: write access asked for
 * @exec: execute access asked for
 * @priv: privileged access asked for
 * @last: last request of its group
 *
 * With neither @read nor @write, and @last, it is a stop marker: no request.
 */
struct vtdsim_page_request {
	u64 addr;
	u32 pasid;
	u16 sid;
	u16 group;
	bool with_pasid;
	bool read;
	bool write;
	bool exec;
	bool priv;
	bool last;
};

/* Response codes of a page group response (section 7.6.1, table 32) */
#define VTDSIM_PRG_SUCCESS	0x0
#define VTDSIM_PRG_INVALID	0x1
#define VTDSIM_PRG_FAILURE	0xf

/**
 * struct vtdsim_page_response - a page group response (section 7.6)
 * @pasid: used only if @with_pasid
 * @group: page request group index
 * @code: VTDSIM_PRG_*
 * @with_pasid: response carries a PASID
 */
struct vtdsim_page_response {
	u32 pasid;
	u16 group;
	u8 code;
	bool with_pasid;
};

/* Values of a page request group index */
#define VTDSIM_PAGE_GROUPS	512

/**
 * struct vtdsim_page_group - what an endpoint waits for, by group index
 * @pasid: PASID of the last request that software got
 * @waiting: requests that software got and has still to answer
 * @with_pasid: @pasid counts
 * @mixed: there was another waiting when that request came
 */
struct vtdsim_page_group {
	u32 pasid;
	u32 waiting;
	bool with_pasid;
	bool mixed;
};

struct vtdsim_requester;

/**
 * struct vtdsim_requester_ops - what an endpoint does when the unit calls
 * @invalidate: drop translations from the endpoint's cache. Returns true if
 *	that is complete; otherwise vtdsim_devtlb_done() follows, or never does
 * @respond: a page group response has arrived
 *
 * Both are called with the unit's lock held.
 */
struct vtdsim_requester_ops {
	bool (*invalidate)(struct vtdsim_requester *r,
			   const struct vtdsim_devtlb_inv *inv);
	void (*respond)(struct vtdsim_requester *r,
			const struct vtdsim_page_response *resp);
};

/**
 * struct vtdsim_requester - an endpoint as the unit knows it
 * @node: on the unit's list
 * @ops: see there
 * @sid: source-id
 * @groups: prq.c's
 */
struct vtdsim_requester {
	struct list_head node;
	const struct vtdsim_requester_ops *ops;
	u16 sid;
	struct vtdsim_page_group groups[VTDSIM_PAGE_GROUPS];
};

void vtdsim_requester_add(struct vtdsim_unit *unit, struct vtdsim_requester *r);
void vtdsim_requester_remove(struct vtdsim_unit *unit,
			     struct vtdsim_requester *r);
/* Lock held. NULL if nothing with that source-id is there. */
struct vtdsim_requester *vtdsim_requester_find(struct vtdsim_unit *unit, u16 sid);

/* ---- devtlb.c: invalidations of device TLBs (sections 4.3, 6.5.2.11) ---- */

/* Lock held; an invalidate operation has returned false for @itag. */
void vtdsim_devtlb_done(struct vtdsim_unit *unit, u16 sid, u8 itag);

/* ---- prq.c: the page request queue (sections 7.4 to 7.8) ---- */

/*
 * Hands a page request to software, or answers it as the specification
 * prescribes when it cannot. Any context; takes the unit's lock.
 */
void vtdsim_page_request(struct vtdsim_unit *unit,
			 const struct vtdsim_page_request *req);
/* Passes software's answer on to the endpoint; lock held. */
void vtdsim_page_respond(struct vtdsim_unit *unit, u16 sid,
			 const struct vtdsim_page_response *resp);

/* ---- param.c: boot parameter and profiles ---- */

/**
 * struct vtdsim_config - what the boot parameter asked for
 * @caps: capabilities of the unit
 * @endpoints: number of endpoints
 * @segment: PCI segment
 * @queue_delay: see &vtdsim_unit
 * @desc_delay: see &vtdsim_unit
 * @bar_base: physical address of the endpoints' BARs, set aside at boot
 * @reg_base: physical address at which the unit's registers appear
 * @enabled: the model was asked for and everything it needs is there
 */
struct vtdsim_config {
	struct vtdsim_caps caps;
	unsigned int endpoints;
	u16 segment;
	u32 queue_delay;
	u32 desc_delay;
	u64 bar_base;
	u64 reg_base;
	bool enabled;
};

extern struct vtdsim_config vtdsim_config;

/* The unit that appears in the DMAR table. Usable from early boot on. */
extern struct vtdsim_unit vtdsim_unit0;

#endif /* _VTDSIM_H */
