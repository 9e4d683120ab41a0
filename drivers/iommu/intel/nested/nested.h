/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two-stage (nested) translation: declarations shared by the extension's files.
 *
 * Each request is handled in the same order. Functions without side effects
 * check what user space asked for and compute what to tell the hardware
 * (check.c, pasid_entry.c, range.c, merge.c). Then domain.c, attach.c and
 * invalidate.c allocate. Nothing is changed before everything that can fail has
 * been done.
 *
 * Domain ids
 *	Hardware tags what it caches with (domain id, PASID). Entries with one
 *	domain id must share the second-stage table, entries with the same
 *	(domain id, PASID) the first-stage table, too. So each pair of a device
 *	and a stage-2 parent has one domain id, for all PASIDs and stage-1
 *	domains. It does not change when stage-1 domains replace each other, and
 *	a change of the parent's table is flushed once per device.
 *
 * Erratum 772415
 *	vtd_unit_affected() tells whether a unit is affected: by the boot
 *	parameter, by what a simulated unit says of itself, by the CPU's model.
 *	An affected unit does not nest on a parent with read-only mappings, and
 *	a parent that it nests on gets none. Other units take both. See
 *	erratum.c.
 *
 * Locks, outermost first
 *	iommu_group.mutex (IOMMU core)
 *		serialises attach, replace and detach of one device, and with
 *		it device_domain_info.nested and vtd_device.attachments.
 *	vtd_s1_domain.sem
 *		protects vtd_s1_domain.attachments. Read: invalidation. Write:
 *		attach, replace, detach. Taking it for writing waits for
 *		invalidations that use the old state, and keeps them from
 *		running between a change of a PASID entry and its flush. Two
 *		semaphores are taken in the order of their addresses.
 *	vtd_parent.lock
 *		protects vtd_parent.read_only and vtd_parent.exposures, which
 *		exclude each other (erratum 772415).
 *	dmar_domain.s1_lock of the parent (base driver)
 *		protects dmar_domain.s1_domains, the parent's attachments, and
 *		vtd_parent.dirty. Held while a PASID entry that depends on
 *		vtd_parent.dirty is composed and written. Nests inside
 *		dmar_domain.lock of the parent where dirty tracking is switched
 *		and snooping is forced.
 *	dmar_domain.cache_lock of the parent (base driver)
 *		protects dmar_domain.cache_tags, through which a change of the
 *		stage-2 table reaches the caches of every device.
 *	intel_iommu.lock (base driver)
 *		protects PASID entries and the unit's domain ids.
 *	q_inval.q_lock (base driver)
 *		protects a unit's invalidation queue, struct vtd_queue included.
 *		Never hold two of them, and never wait in it.
 *	vtd_registry_lock (registry.c)
 *		protects the tables of all parents and stage-1 domains.
 *		vtd_parent.lock and s1_lock nest inside, where a parent is shown.
 */
#ifndef _INTEL_NESTED_H
#define _INTEL_NESTED_H

#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/maple_tree.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>

#include "../iommu.h"
#include "../pasid.h"
#include "hooks.h"

struct pt_iommu_ops;

/**
 * struct vtd_parent - the extension's state of a nest parent
 * @lock: see the top of this file
 * @read_only: ranges of guest pages with read-only mappings (erratum 772415)
 * @exposures: &vtd_exposure.node of stage-1 domains and links of affected units
 * @dirty: dirty tracking is on
 * @base_ops: operations of a generic page table that the extension's stand in for
 * @domain: the stage-2 domain
 * @id: its number in registry.c
 */
struct vtd_parent {
	struct mutex lock;	/* read_only and exposures */
	struct maple_tree read_only;
	struct list_head exposures;
	bool dirty;
	const struct pt_iommu_ops *base_ops;
	struct dmar_domain *domain;
	unsigned long id;
};

/**
 * struct vtd_parent_state - what there is to say of a nest parent
 * @id: its number in registry.c
 * @width: bits of the guest addresses that it maps
 * @levels: levels of its table
 * @exposures: how many forbid read-only mappings
 * @dirty: dirty tracking is on
 * @force_snooping: all DMA through it snoops
 * @read_only: it has read-only mappings
 */
struct vtd_parent_state {
	unsigned long id;
	unsigned int width;
	unsigned int levels;
	unsigned int exposures;
	bool dirty;
	bool force_snooping;
	bool read_only;
};

/**
 * struct vtd_exposure - a reason to refuse read-only mappings of a nest parent
 * @node: on &vtd_parent.exposures
 * @dev: device of an affected unit; NULL while not in use
 */
struct vtd_exposure {
	struct list_head node;
	struct device *dev;
};

/**
 * struct vtd_s1_stats - counters of HWPT_INVALIDATE for a stage-1 domain
 * @entries: requests of user space that were carried out
 * @ranges: address ranges that these were merged into
 * @descriptors: invalidation descriptors, without wait descriptors
 * @submissions: batches that these were in, with one doorbell and one wait each;
 *		 those of other callers may have been in the same
 * @timeouts: submissions that left out a device which did not answer
 */
struct vtd_s1_stats {
	atomic64_t entries;
	atomic64_t ranges;
	atomic64_t descriptors;
	atomic64_t submissions;
	atomic64_t timeouts;
};

/**
 * struct vtd_s1_domain - a guest's stage-1 table on a stage-2 parent
 * @domain: what the IOMMU core and iommufd see; type IOMMU_DOMAIN_NESTED
 * @parent: the stage-2 domain; iommufd keeps it alive
 * @cfg: the request of user space, checked; constant
 * @exposure: in use if made for a unit with erratum 772415
 * @sem: see the top of this file
 * @attachments: &vtd_attachment.s1_node, those of one unit next to each other
 * @stats: counters
 * @id: its number in registry.c
 * @pins: how many look at it; it is not freed meanwhile
 */
struct vtd_s1_domain {
	struct iommu_domain domain;
	struct dmar_domain *parent;
	struct iommu_hwpt_vtd_s1 cfg;
	struct vtd_exposure exposure;
	struct rw_semaphore sem;
	struct list_head attachments;
	struct vtd_s1_stats stats;
	unsigned long id;
	unsigned int pins;
};

/* Keep it small: a guest with PASIDs needs one for each process that uses the device. */
static_assert(sizeof(struct vtd_s1_domain) <= 1024);

/**
 * struct vtd_device - the extension's state of a device
 * @attachments: &vtd_attachment.dev_node, one for each PASID
 * @users: number of attachments, including those that are being made
 * @sleeps: its function is in D3hot, and the last attachment is on its way out
 */
struct vtd_device {
	struct list_head attachments;
	unsigned int users;
	bool sleeps;
};

/**
 * struct vtd_link - what the attachments of a device to one parent share
 * @parent: the stage-2 domain
 * @info: the device
 * @users: number of attachments that share this
 * @iotlb_tag: cache tag of the parent for the IOTLB entries with @did
 * @did: domain id on the device's unit, owned by this link
 * @exposure: in use if the unit has erratum 772415
 */
struct vtd_link {
	struct dmar_domain *parent;
	struct device_domain_info *info;
	unsigned int users;
	struct cache_tag iotlb_tag;
	u16 did;
	struct vtd_exposure exposure;
};

/**
 * struct vtd_attachment - a PASID of a device, attached to a stage-1 domain
 * @s1: the stage-1 domain
 * @link: the device and the stage-2 domain
 * @s1_node: on &vtd_s1_domain.attachments
 * @parent_node: on &dmar_domain.s1_domains of the parent
 * @dev_node: on &vtd_device.attachments
 * @devtlb_tag: cache tag of the parent for the device TLB, if @ats
 * @pasid: IOMMU_NO_PASID for requests without PASID
 * @ats: there is a device TLB to invalidate; does not change while the entry is
 *	 present, see vtd_nested_pins_ats() and vtd_attachment_forget_devtlb()
 * @leaves: the entry is about to be cleared, dirty tracking leaves it alone
 * @unflushed: dirty tracking has been switched on, and the caches are not flushed yet
 */
struct vtd_attachment {
	struct vtd_s1_domain *s1;
	struct vtd_link *link;
	struct list_head s1_node;
	struct list_head parent_node;
	struct list_head dev_node;
	struct cache_tag devtlb_tag;
	ioasid_t pasid;
	bool ats;
	bool leaves;
	bool unflushed;
};

/* Keep it small: what a device with one attachment needs. */
static_assert(sizeof(struct vtd_attachment) + sizeof(struct vtd_link) +
	      sizeof(struct vtd_device) <= 512);

/* param.c */
enum vtd_erratum_param {
	VTD_ERRATUM_BY_UNIT,
	VTD_ERRATUM_PRESENT,
	VTD_ERRATUM_ABSENT,
};

extern enum vtd_erratum_param vtd_erratum_param;

#if IS_ENABLED(CONFIG_KUNIT)
int vtd_nested_setup(char *str);
#endif

static inline struct vtd_s1_domain *to_vtd_s1(struct iommu_domain *domain)
{
	return container_of(domain, struct vtd_s1_domain, domain);
}

/* check.c */
int vtd_s1_check_request(const struct iommu_hwpt_vtd_s1 *cfg, unsigned int gaw);
int vtd_s1_check_unit(const struct iommu_hwpt_vtd_s1 *cfg, u64 cap, u64 ecap,
		      const char **why);

/**
 * struct vtd_s2_needs - what a stage-2 domain needs of a unit
 * @agaw: levels of the table, less two
 * @superpage: 0 for 4 KiB only, 1 with 2 MiB, 2 with 1 GiB
 * @max_addr: highest address mapped, plus one
 * @force_snooping: all DMA must snoop
 * @dirty_ops: dirty tracking was asked for
 * @coherent: tables are written without flushing CPU caches
 */
struct vtd_s2_needs {
	int agaw;
	int superpage;
	u64 max_addr;
	bool force_snooping;
	bool dirty_ops;
	bool coherent;
};

int vtd_s2_check_unit(const struct vtd_s2_needs *s2, u64 cap, u64 ecap,
		      const char **why);

/* pasid_entry.c */

/**
 * struct vtd_nested_target - contents of a nested PASID entry
 * @s1: stage-1 table and attributes
 * @s2_root: host address of the stage-2 table
 * @s2_agaw: levels of the stage-2 table, less two
 * @did: domain id
 * @force_snooping: all DMA must snoop
 * @dirty_tracking: the unit sets stage-2 accessed and dirty bits
 * @walk_snoop: the unit can snoop the CPU caches when it walks tables
 */
struct vtd_nested_target {
	struct iommu_hwpt_vtd_s1 s1;
	u64 s2_root;
	int s2_agaw;
	u16 did;
	bool force_snooping;
	bool dirty_tracking;
	bool walk_snoop;
};

void vtd_compose_nested(const struct vtd_nested_target *t,
			struct pasid_entry *entry);

enum vtd_plan {
	VTD_PLAN_NONE,
	VTD_PLAN_PUBLISH,
	VTD_PLAN_IN_PLACE,
	VTD_PLAN_BREAK,
};

/* Root, paging mode and flags of the first stage (VT-d 9.6). */
#define VTD_FIRST_STAGE_QWORD	2

enum vtd_plan vtd_plan_update(const struct pasid_entry *now,
			      const struct pasid_entry *next);

/* pasid_slot.c */
void vtd_slot_publish(struct intel_iommu *iommu, struct pasid_entry *slot,
		      const struct pasid_entry *next, ioasid_t pasid, u16 did);
void vtd_slot_store(struct intel_iommu *iommu, struct pasid_entry *slot, u64 first_stage);
int vtd_slot_flush(struct device_domain_info *info, ioasid_t pasid, u16 did, bool ats);
bool vtd_slot_track(struct intel_iommu *iommu, struct pasid_entry *slot);
int vtd_slot_flush_tracked(struct device_domain_info *info, ioasid_t pasid, u16 did, bool ats);

/* devtlb.c */
struct qi_desc *vtd_add_devtlb(struct device_domain_info *info, ioasid_t pasid,
			       u64 addr, unsigned int order, struct qi_desc *desc);

/* range.c */

/**
 * struct vtd_inv_range - a checked invalidation request
 * @pfn: first 4 KiB page
 * @npages: number of pages, 0 for everything
 * @leaf: only leaf entries were changed
 */
struct vtd_inv_range {
	u64 pfn;
	u64 npages;
	bool leaf;
};

/**
 * struct vtd_inv_block - a naturally aligned power of two of pages
 * @pfn: first 4 KiB page, a multiple of 1 << @order
 * @order: log2 of the number of pages
 * @leaf: only leaf entries were changed
 */
struct vtd_inv_block {
	u64 pfn;
	unsigned int order;
	bool leaf;
};

#define VTD_INV_MAX_BLOCKS	2

int vtd_inv_check(const struct iommu_hwpt_vtd_s1_invalidate *req,
		  struct vtd_inv_range *range);
int vtd_inv_cover(const struct vtd_inv_range *range, unsigned int max_order,
		  struct vtd_inv_block blocks[VTD_INV_MAX_BLOCKS]);

/* merge.c */
unsigned int vtd_inv_merge(struct vtd_inv_range *range, unsigned int n);

/* queue.c */

enum vtd_submission_state {
	VTD_SUBMISSION_WAITS,
	VTD_SUBMISSION_LATE,
	VTD_SUBMISSION_DONE,
};

/**
 * struct vtd_submission - descriptors for the invalidation queue of a unit
 * @iommu: the unit
 * @desc: the descriptors, those left to do
 * @count: how many
 * @joined: on &vtd_queue.joined
 * @node: on &vtd_queue.waiting or &vtd_queue.batch
 * @task: the caller
 * @err: how it went
 * @batches: how many batches it has been in
 * @posted: how many of @desc are in the ring
 * @slot: slot of the first of them
 * @late_sid: source-id of the device, if @late
 * @tries: time-outs since a device was left out
 * @late: a device has let an invalidation time out
 * @aborted: the unit has given up one of @posted
 * @alone: in no batch with others
 * @polls: first of the batch in the ring
 * @state: VTD_SUBMISSION_LATE hands the submission back to the caller, to find
 *	   out about the device
 *
 * The caller sets the first three; everything else is queue.c's, which clears it
 * from @err on. In between q_inval.q_lock protects it.
 */
struct vtd_submission {
	struct intel_iommu *iommu;
	struct qi_desc *desc;
	unsigned int count;
	union {
		struct llist_node joined;
		struct list_head node;
	};
	struct task_struct *task;
	int err;
	u16 batches;
	u16 posted;
	u16 slot;
	u16 late_sid;
	u8 tries;
	bool late;
	bool aborted;
	bool alone;
	bool polls;
	enum vtd_submission_state state;
};

int vtd_queue_run(struct vtd_submission *sub, unsigned int n);
int vtd_queue_run_one(struct vtd_submission *sub);
int vtd_queue_submit(struct intel_iommu *iommu, struct qi_desc *desc, unsigned int count);

/* invalidate.c */
int vtd_s1_invalidate_user(struct iommu_domain *domain,
			   struct iommu_user_data_array *array);

/**
 * enum vtd_refusal - why what a user asked for was refused
 * @VTD_REFUSED_UNIT: the unit cannot do what a domain needs
 * @VTD_REFUSED_ERRATUM: erratum 772415
 * @VTD_REFUSED_NO_ID: the unit has no domain id left (-ENOSPC)
 * @VTD_REFUSED_BUSY: something is attached that cannot be replaced, or the unit
 *                    runs on a crashed kernel's tables (-EBUSY)
 * @VTD_REFUSED_SILENT: a device TLB did not answer (-ETIMEDOUT)
 * @VTD_REFUSALS: how many there are
 */
enum vtd_refusal {
	VTD_REFUSED_UNIT,
	VTD_REFUSED_ERRATUM,
	VTD_REFUSED_NO_ID,
	VTD_REFUSED_BUSY,
	VTD_REFUSED_SILENT,
	VTD_REFUSALS
};

/* events.c */
#ifdef CONFIG_INTEL_IOMMU_NESTED_NETLINK
void vtd_event_refused(struct device *dev, enum vtd_refusal why);
void vtd_event_device_silent(struct intel_iommu *iommu, struct device *dev, u16 sid);
void vtd_event_queue_error(struct intel_iommu *iommu, u64 qw0, u64 qw1);
void vtd_event_replaced(struct device *dev, ioasid_t pasid, u64 from, u64 to, bool hitless);
#else
static inline void vtd_event_refused(struct device *dev, enum vtd_refusal why)
{
}

static inline void vtd_event_device_silent(struct intel_iommu *iommu, struct device *dev, u16 sid)
{
}

static inline void vtd_event_queue_error(struct intel_iommu *iommu, u64 qw0, u64 qw1)
{
}

static inline void vtd_event_replaced(struct device *dev, ioasid_t pasid, u64 from, u64 to,
				      bool hitless)
{
}
#endif

/* stats.c */
void vtd_stats_refused(struct device *dev, enum vtd_refusal why);
u64 vtd_stats_refusals(enum vtd_refusal why);

/* Count a refusal, and tell who listens and the log which device it was and why. */
#define vtd_refuse(dev, why, fmt, ...)					\
do {									\
	struct device *vtd_refused_dev = (dev);				\
									\
	vtd_stats_refused(vtd_refused_dev, why);			\
	dev_warn_ratelimited(vtd_refused_dev, fmt, ##__VA_ARGS__);	\
} while (0)

/* registry.c */
void vtd_registry_changed(void);
unsigned int vtd_registry_generation(void);
int vtd_registry_add_domain(struct vtd_s1_domain *s1);
void vtd_registry_remove_domain(struct vtd_s1_domain *s1);
struct vtd_s1_domain *vtd_registry_pin_domain(unsigned long id);
void vtd_registry_unpin_domain(struct vtd_s1_domain *s1);
int vtd_registry_add_parent(struct vtd_parent *ext);
void vtd_registry_remove_parent(struct vtd_parent *ext);
bool vtd_registry_describe_parent(unsigned long id, struct vtd_parent_state *state);

/* erratum.c */
int vtd_parent_expose(struct dmar_domain *parent, struct device *dev,
		      struct vtd_exposure *exposure);
void vtd_parent_conceal(struct dmar_domain *parent, struct vtd_exposure *exposure);

/* link.c */
struct vtd_link *vtd_link_get(struct device_domain_info *info,
			      struct dmar_domain *parent);
void vtd_link_put(struct vtd_link *link);
void vtd_cache_tag_assign(struct cache_tag *tag, struct dmar_domain *parent);
void vtd_cache_tag_unassign(struct cache_tag *tag, struct dmar_domain *parent);

/* parent.c */
void vtd_parent_leave(struct vtd_attachment *att);

/* attachment.c */
struct vtd_attachment *vtd_find_attachment(struct device_domain_info *info,
					   ioasid_t pasid);

/* attach.c */
int vtd_s1_attach(struct iommu_domain *domain, struct device *dev,
		  struct iommu_domain *old);
int vtd_s1_set_dev_pasid(struct iommu_domain *domain, struct device *dev,
			 ioasid_t pasid, struct iommu_domain *old);

#endif /* _INTEL_NESTED_H */
