/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is not the same in all drivers that the extension is built into, behind one
 * function each: stage-2 tables of the driver's own and generic page tables
 * (VTD_GENERIC_PT), and who counts the users of page requests and ATS. Nothing else
 * in the extension depends on the kernel's version.
 */
#ifndef _INTEL_NESTED_COMPAT_H
#define _INTEL_NESTED_COMPAT_H

#include <linux/slab.h>
#include <linux/version.h>

#include "nested.h"

#define VTD_GENERIC_PT	(LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0))

#if VTD_GENERIC_PT

/**
 * vtd_is_stage2() - is a domain a stage-2 table of this driver?
 * @domain: what user space names as a parent
 *
 * Return: true if it is; nest parents are among these.
 */
static inline bool vtd_is_stage2(struct iommu_domain *domain)
{
	return domain->ops == &intel_ss_paging_domain_ops;
}

/**
 * vtd_blocks_without_ats() - does the driver disable ATS before it blocks a device?
 *
 * Return: true if so.
 */
static inline bool vtd_blocks_without_ats(void)
{
	return false;
}

/**
 * vtd_s2_root() - where the table of a parent begins
 * @parent: a stage-2 domain
 *
 * Return: host address of its top level, for a PASID entry.
 */
static inline phys_addr_t vtd_s2_root(struct dmar_domain *parent)
{
	struct pt_iommu_vtdss_hw_info info;

	pt_iommu_vtdss_hw_info(&parent->sspt, &info);
	return info.ssptptr;
}

/**
 * vtd_s2_agaw() - how many levels the table of a parent has
 * @parent: a stage-2 domain
 *
 * Return: the number of levels, less two.
 */
static inline int vtd_s2_agaw(struct dmar_domain *parent)
{
	struct pt_iommu_vtdss_hw_info info;

	pt_iommu_vtdss_hw_info(&parent->sspt, &info);
	return info.aw;
}

/**
 * vtd_s2_width() - how wide addresses the table of a parent takes
 * @parent: a stage-2 domain
 *
 * Return: the width in bits.
 */
static inline unsigned int vtd_s2_width(const struct dmar_domain *parent)
{
	return parent->sspt.vtdss_pt.common.max_vasz_lg2;
}

/**
 * vtd_s2_superpage() - largest pages that the table of a parent may have
 * @parent: a stage-2 domain
 *
 * Return: 0 for 4 KiB only, 1 with 2 MiB, 2 with 1 GiB.
 */
static inline int vtd_s2_superpage(const struct dmar_domain *parent)
{
	if (parent->domain.pgsize_bitmap & SZ_1G)
		return 2;
	return !!(parent->domain.pgsize_bitmap & SZ_2M);
}

/**
 * vtd_s2_max_addr() - up to where a parent may have mappings
 * @parent: a stage-2 domain
 *
 * Return: highest address that may be mapped, plus one. A generic page table does
 * not tell what is mapped, so all of it may be.
 */
static inline u64 vtd_s2_max_addr(const struct dmar_domain *parent)
{
	return BIT_ULL(vtd_s2_width(parent));
}

/**
 * vtd_s2_coherent() - is the table of a parent written without flushing CPU caches?
 * @parent: a stage-2 domain
 *
 * Return: true if units that walk it have to snoop.
 */
static inline bool vtd_s2_coherent(const struct dmar_domain *parent)
{
	return !(parent->sspt.vtdss_pt.common.features & BIT(PT_FEAT_DMA_INCOHERENT));
}

/**
 * vtd_s2_set_snoop() - have leaf entries made with SNP from here on
 * @parent: a stage-2 domain
 *
 * Context: Caller holds @parent->lock.
 */
static inline void vtd_s2_set_snoop(struct dmar_domain *parent)
{
	parent->sspt.vtdss_pt.common.features |= BIT(PT_FEAT_VTDSS_FORCE_COHERENCE);
}

/**
 * vtd_s2_narrow() - take the upper levels off the table of a parent
 * @parent: a stage-2 domain without mappings that need them
 * @agaw: number of levels to leave, less two
 *
 * Generic page tables keep the levels that they were made with.
 *
 * Context: Caller holds dmar_domain.s1_lock of @parent. Does not sleep.
 */
static inline void vtd_s2_narrow(struct dmar_domain *parent, int agaw)
{
}

static inline int vtd_s2_map_range(struct pt_iommu *table, dma_addr_t iova, phys_addr_t paddr,
				   dma_addr_t len, unsigned int prot, gfp_t gfp, size_t *mapped)
{
	struct dmar_domain *parent = container_of(table, struct dmar_domain, iommu);
	int ret;

	if (!(prot & IOMMU_WRITE)) {
		ret = vtd_nested_map_read_only(parent, iova, len);
		if (ret)
			return ret;
	}
	return parent->nested->base_ops->map_range(table, iova, paddr, len, prot, gfp, mapped);
}

static inline size_t vtd_s2_unmap_range(struct pt_iommu *table, dma_addr_t iova, dma_addr_t len,
					struct iommu_iotlb_gather *gather)
{
	struct dmar_domain *parent = container_of(table, struct dmar_domain, iommu);
	size_t unmapped;

	unmapped = parent->nested->base_ops->unmap_range(table, iova, len, gather);
	if (unmapped)
		vtd_nested_unmapped(parent, iova, unmapped);
	return unmapped;
}

/**
 * vtd_s2_watch() - have the extension told of what is mapped and unmapped
 * @parent: a nest parent without mappings, with its extension state
 *
 * Context: Process. May sleep.
 * Return: 0 or -ENOMEM.
 */
static inline int vtd_s2_watch(struct dmar_domain *parent)
{
	struct pt_iommu_ops *ops = kmemdup(parent->iommu.ops, sizeof(*ops), GFP_KERNEL_ACCOUNT);

	if (!ops)
		return -ENOMEM;
	ops->map_range = vtd_s2_map_range;
	ops->unmap_range = vtd_s2_unmap_range;
	parent->nested->base_ops = parent->iommu.ops;
	parent->iommu.ops = ops;

	return 0;
}

/**
 * vtd_s2_unwatch() - undo vtd_s2_watch()
 * @parent: a nest parent that is being freed
 */
static inline void vtd_s2_unwatch(struct dmar_domain *parent)
{
	kfree(parent->iommu.ops);
	parent->iommu.ops = parent->nested->base_ops;
}

/**
 * vtd_unit_alloc_did() - take a domain id of a unit
 * @iommu: the unit
 *
 * Context: Process. May sleep.
 * Return: the domain id; -ENOSPC if there is none left; -ENOMEM.
 */
static inline int vtd_unit_alloc_did(struct intel_iommu *iommu)
{
	guard(mutex)(&iommu->did_lock);
	return ida_alloc_range(&iommu->domain_ida, IDA_START_DID, iommu->max_domain_id - 1,
			       GFP_KERNEL);
}

/**
 * vtd_unit_free_did() - give a domain id back
 * @iommu: the unit
 * @did: from vtd_unit_alloc_did()
 *
 * Context: Process. May sleep.
 */
static inline void vtd_unit_free_did(struct intel_iommu *iommu, u16 did)
{
	guard(mutex)(&iommu->did_lock);
	ida_free(&iommu->domain_ida, did);
}

/**
 * vtd_unit_count_dids() - how many domain ids of a unit are taken
 * @iommu: the unit
 *
 * Context: Process. May sleep.
 * Return: the number, with those that the driver reserves.
 */
static inline unsigned int vtd_unit_count_dids(struct intel_iommu *iommu)
{
	unsigned int count = 0;
	int did;

	for (did = 0; did < iommu->max_domain_id; did++)
		count += ida_exists(&iommu->domain_ida, did);
	return count;
}

/**
 * vtd_desc_piotlb_all() - compose an IOTLB invalidation of a whole PASID (VT-d 6.5.2.4)
 * @did: domain id
 * @pasid: PASID
 * @desc: where to write
 */
static inline void vtd_desc_piotlb_all(u16 did, ioasid_t pasid, struct qi_desc *desc)
{
	qi_desc_piotlb_all(did, pasid, desc);
}

/**
 * vtd_enable_ats() - enable ATS, where the driver does so by domain
 * @info: the device, blocked
 *
 * Context: Process, under the device's group mutex.
 */
static inline void vtd_enable_ats(struct device_domain_info *info)
{
}

/**
 * vtd_take_page_requests() - count page requests of a device for one more domain
 * @domain: the domain that will get them
 * @dev: the device
 *
 * Context: Process, under the device's group mutex.
 * Return: 0, or the error of enabling them.
 */
static inline int vtd_take_page_requests(struct iommu_domain *domain, struct device *dev)
{
	return iopf_for_domain_set(domain, dev);
}

/**
 * vtd_drop_page_requests() - undo vtd_take_page_requests()
 * @domain: the domain, or NULL
 * @dev: the device
 *
 * Context: Process, under the device's group mutex.
 */
static inline void vtd_drop_page_requests(struct iommu_domain *domain, struct device *dev)
{
	iopf_for_domain_remove(domain, dev);
}

/**
 * vtd_can_take_over() - can a PASID get a stage-1 domain while another kind is attached?
 * @old: the domain that is attached
 *
 * Return: true if vtd_take_over_pasid() detaches it.
 */
static inline bool vtd_can_take_over(const struct iommu_domain *old)
{
	return old->type != IOMMU_DOMAIN_NESTED;
}

/**
 * vtd_take_over_pasid() - detach a domain of the driver from a PASID
 * @info: the device
 * @pasid: PASID
 * @old: the domain
 *
 * Context: Process, under the device's group mutex. May sleep.
 */
static inline void vtd_take_over_pasid(struct device_domain_info *info, ioasid_t pasid,
				       struct iommu_domain *old)
{
	intel_pasid_tear_down_entry(info->iommu, info->dev, pasid, false);
	domain_remove_dev_pasid(old, info->dev, pasid);
}

/**
 * vtd_op_attach_dev() - vtd_s1_attach() as the operation that the core calls
 * @domain: a stage-1 domain
 * @dev: the device
 * @old: the domain that is attached
 *
 * Return: as vtd_s1_attach().
 */
static inline int vtd_op_attach_dev(struct iommu_domain *domain, struct device *dev,
				    struct iommu_domain *old)
{
	return vtd_s1_attach(domain, dev, old);
}

#else /* stage-2 tables of the driver's own, described by struct dmar_domain */

#include <linux/mm.h>

#include "../../iommu-pages.h"

static inline bool vtd_is_stage2(struct iommu_domain *domain)
{
	return domain->ops == intel_iommu_ops.default_domain_ops;
}

static inline bool vtd_blocks_without_ats(void)
{
	return true;
}

static inline phys_addr_t vtd_s2_root(struct dmar_domain *parent)
{
	return virt_to_phys(parent->pgd);
}

static inline int vtd_s2_agaw(struct dmar_domain *parent)
{
	return parent->agaw;
}

static inline unsigned int vtd_s2_width(const struct dmar_domain *parent)
{
	return parent->gaw;
}

static inline int vtd_s2_superpage(const struct dmar_domain *parent)
{
	return parent->iommu_superpage;
}

static inline u64 vtd_s2_max_addr(const struct dmar_domain *parent)
{
	/* A mapping made at the same time may be missed, as by the base driver. */
	return data_race(parent->max_addr);
}

static inline bool vtd_s2_coherent(const struct dmar_domain *parent)
{
	/* Constant, but written again when the parent itself is attached. */
	return data_race(!!parent->iommu_coherency);
}

static inline void vtd_s2_set_snoop(struct dmar_domain *parent)
{
	parent->set_pte_snp = true;
}

static inline void vtd_s2_narrow(struct dmar_domain *parent, int agaw)
{
	while (parent->agaw > agaw) {
		struct dma_pte *top = parent->pgd;

		if (dma_pte_present(top)) {
			parent->pgd = phys_to_virt(dma_pte_addr(top));
			iommu_free_page(top);
		}
		parent->agaw--;
	}
}

/* The driver calls where it maps and unmaps. */
static inline int vtd_s2_watch(struct dmar_domain *parent)
{
	return 0;
}

static inline void vtd_s2_unwatch(struct dmar_domain *parent)
{
}

static inline int vtd_unit_alloc_did(struct intel_iommu *iommu)
{
	unsigned long num, max = cap_ndoms(iommu->cap);

	spin_lock(&iommu->lock);
	num = find_first_zero_bit(iommu->domain_ids, max);
	if (num < max)
		set_bit(num, iommu->domain_ids);
	spin_unlock(&iommu->lock);

	return num < max ? num : -ENOSPC;
}

static inline void vtd_unit_free_did(struct intel_iommu *iommu, u16 did)
{
	spin_lock(&iommu->lock);
	clear_bit(did, iommu->domain_ids);
	spin_unlock(&iommu->lock);
}

static inline unsigned int vtd_unit_count_dids(struct intel_iommu *iommu)
{
	return iommu->domain_ids ? bitmap_weight(iommu->domain_ids, cap_ndoms(iommu->cap)) : 0;
}

static inline void vtd_desc_piotlb_all(u16 did, ioasid_t pasid, struct qi_desc *desc)
{
	qi_desc_piotlb(did, pasid, 0, -1, 0, desc);
}

static inline void vtd_enable_ats(struct device_domain_info *info)
{
	iommu_enable_pci_caps(info);
}

/* iommufd switches them for the whole device. */
static inline int vtd_take_page_requests(struct iommu_domain *domain, struct device *dev)
{
	return 0;
}

static inline void vtd_drop_page_requests(struct iommu_domain *domain, struct device *dev)
{
}

static inline bool vtd_can_take_over(const struct iommu_domain *old)
{
	return false;
}

static inline void vtd_take_over_pasid(struct device_domain_info *info, ioasid_t pasid,
				       struct iommu_domain *old)
{
}

static inline int vtd_op_attach_dev(struct iommu_domain *domain, struct device *dev)
{
	return vtd_s1_attach(domain, dev, NULL);
}

#endif /* VTD_GENERIC_PT */

#endif /* _INTEL_NESTED_COMPAT_H */
