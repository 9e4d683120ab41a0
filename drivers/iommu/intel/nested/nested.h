/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two-stage (nested) translation: what the files of the extension share.
 *
 * The order of work is always the same: functions without side effects check
 * what user space asked for and compute what hardware must be told (config.c,
 * entry.c, plan.c, range.c); domain.c, attach.c and invalidate.c then allocate
 * what can fail, and only after that change anything.
 *
 * Domain ids
 *	Hardware tags what it caches with (domain id, PASID). Entries with one
 *	domain id must share the second-stage table, entries with the same
 *	(domain id, PASID) the first-stage table too. An attachment therefore
 *	has a domain id of its own, which it keeps while stage-1 domains on the
 *	same parent replace each other.
 *
 * Locks, outermost first
 *	iommu_group.mutex (IOMMU core)
 *		serialises attach, replace and detach of one device, and with
 *		it device_domain_info.nested.
 *	vtd_s1_domain.sem
 *		protects vtd_s1_domain.attachments and, for the devices on that
 *		list, the state an invalidation looks at (domain id, ATS).
 *		Read: invalidation. Write: attach, replace, detach, until all
 *		caches are flushed. Two of them are taken in the order of their
 *		addresses.
 *	dmar_domain.lock of the parent (base driver)
 *		dirty tracking on or off; holds it steady while a PASID entry
 *		that depends on it is written.
 *	dmar_domain.s1_lock of the parent (base driver)
 *		protects dmar_domain.s1_domains, the parent's attachments.
 *	dmar_domain.cache_lock of the parent (base driver)
 *		protects dmar_domain.cache_tags, through which a change of the
 *		stage-2 table reaches the caches of every attachment.
 *	intel_iommu.lock (base driver)
 *		protects PASID entries and the unit's domain ids.
 */
#ifndef _INTEL_NESTED_H
#define _INTEL_NESTED_H

#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/rwsem.h>

#include "../iommu.h"
#include "../pasid.h"
#include "hooks.h"

/**
 * struct vtd_s1_domain - a guest's stage-1 table on a stage-2 parent
 * @domain: what the IOMMU core and iommufd see; type IOMMU_DOMAIN_NESTED
 * @parent: the stage-2 domain; iommufd keeps it alive
 * @cfg: the checked request of user space; constant
 * @sem: see the top of this file
 * @attachments: &vtd_attachment.s1_node
 */
struct vtd_s1_domain {
	struct iommu_domain domain;
	struct dmar_domain *parent;
	struct iommu_hwpt_vtd_s1 cfg;
	struct rw_semaphore sem;
	struct list_head attachments;
};

/**
 * struct vtd_attachment - a device whose requests without PASID are nested
 * @s1: the stage-1 domain in force
 * @s1_node: on &vtd_s1_domain.attachments
 * @parent: the stage-2 domain in force
 * @parent_node: on &dmar_domain.s1_domains of @parent
 * @info: the device
 * @iotlb_tag: on the parent's cache tags, names the IOTLB entries
 * @devtlb_tag: on the parent's cache tags while ATS is enabled
 * @did: domain id on the device's unit, owned by this attachment
 */
struct vtd_attachment {
	struct vtd_s1_domain *s1;
	struct list_head s1_node;
	struct dmar_domain *parent;
	struct list_head parent_node;
	struct device_domain_info *info;
	struct cache_tag iotlb_tag;
	struct cache_tag devtlb_tag;
	u16 did;
};

static inline struct vtd_s1_domain *to_vtd_s1(struct iommu_domain *domain)
{
	return container_of(domain, struct vtd_s1_domain, domain);
}

/* config.c */
int vtd_s1_check_request(const struct iommu_hwpt_vtd_s1 *cfg, unsigned int gaw);
int vtd_s1_check_unit(const struct iommu_hwpt_vtd_s1 *cfg, u64 cap, u64 ecap,
		      const char **why);

/**
 * struct vtd_s2_needs - what a stage-2 domain demands of a unit
 * @agaw: levels of the table, less two
 * @superpage: 0 for 4 KiB only, 1 with 2 MiB, 2 with 1 GiB
 * @max_addr: highest address mapped, plus one
 * @force_snooping: all DMA must snoop
 * @dirty_ops: dirty tracking was asked for
 * @coherent: table is written without flushing CPU caches
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

/* entry.c */

/**
 * struct vtd_nested_target - what a nested PASID entry is made of
 * @s1: stage-1 table and attributes
 * @s2_root: host address of the stage-2 table
 * @s2_agaw: levels of the stage-2 table, less two
 * @did: domain id
 * @force_snooping: all DMA must snoop
 * @dirty_tracking: stage-2 accessed and dirty bits are wanted
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

/* plan.c */
enum vtd_plan {
	VTD_PLAN_NONE,
	VTD_PLAN_PUBLISH,
	VTD_PLAN_IN_PLACE,
	VTD_PLAN_BREAK,
};

enum vtd_plan vtd_plan_update(const struct pasid_entry *now,
			      const struct pasid_entry *next, int *qword);

/* slot.c */
void vtd_slot_publish(struct intel_iommu *iommu, struct pasid_entry *slot,
		      const struct pasid_entry *next, u16 did);
void vtd_slot_store(struct device_domain_info *info, struct pasid_entry *slot,
		    int qword, u64 val, u16 did);

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

/* invalidate.c */
int vtd_s1_invalidate_user(struct iommu_domain *domain,
			   struct iommu_user_data_array *array);

/* attach.c */
int vtd_s1_attach(struct iommu_domain *domain, struct device *dev);

#endif /* _INTEL_NESTED_H */
