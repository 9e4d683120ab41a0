/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions of the nested extension that the base driver calls.
 *
 * With CONFIG_INTEL_IOMMU_NESTED=n, or with intel_iommu_nested=base on the
 * command line, vtd_nested_enabled() is false and the base driver behaves as
 * if none of this existed.
 */
#ifndef _INTEL_NESTED_HOOKS_H
#define _INTEL_NESTED_HOOKS_H

#include <linux/types.h>
#include <uapi/linux/iommufd.h>

struct device;
struct device_domain_info;
struct dmar_domain;
struct intel_iommu;
struct iommu_domain;
struct iommu_user_data;

#ifdef CONFIG_INTEL_IOMMU_NESTED
extern bool vtd_nested_on;
extern bool vtd_unmap_mended;

static inline bool vtd_nested_enabled(void)
{
	return vtd_nested_on;
}

/* Are the flushes of all domains mended: tables freed after them, and none of an empty range? */
static inline bool vtd_mends_unmap(void)
{
	return vtd_unmap_mended;
}
#else
static inline bool vtd_nested_enabled(void)
{
	return false;
}

static inline bool vtd_mends_unmap(void)
{
	return false;
}
#endif

/*
 * Calls below are reached only while vtd_nested_enabled() is true; each is
 * described where it is defined, in nested/.
 */
struct iommu_domain *vtd_nested_alloc(struct device *dev,
				      struct iommu_domain *parent,
				      const struct iommu_user_data *user_data);
int vtd_nested_parent_init(struct dmar_domain *parent);
void vtd_nested_parent_free(struct dmar_domain *parent);
bool vtd_nested_parent_fits(struct dmar_domain *parent, struct device *dev);
int vtd_nested_map_read_only(struct dmar_domain *parent, unsigned long iova,
			     size_t size);
void vtd_nested_unmapped(struct dmar_domain *parent, unsigned long iova,
			 size_t size);
int vtd_nested_set_dirty(struct dmar_domain *parent, bool enable);
bool vtd_nested_force_snooping(struct dmar_domain *parent);

void vtd_nested_block_begin(struct device_domain_info *info);
void vtd_nested_block_end(struct device_domain_info *info);
bool vtd_nested_pins_ats(const struct device_domain_info *info);
bool vtd_nested_drains_less(const struct device_domain_info *info);
void vtd_nested_remove_pasid(struct device_domain_info *info, u32 pasid);

#ifdef CONFIG_INTEL_IOMMU_NESTED_NETLINK
void vtd_event_page_requests_lost(struct intel_iommu *iommu);
#else
static inline void vtd_event_page_requests_lost(struct intel_iommu *iommu)
{
}
#endif

void vtd_resume_page_requests(struct intel_iommu *iommu);

bool vtd_unit_wants_aw(const struct intel_iommu *iommu);
bool vtd_unit_affected(const struct intel_iommu *iommu);

/* Flags of struct iommu_hw_info_vtd. The base driver reports the erratum for all units. */
static inline u32 vtd_nested_hw_flags(const struct intel_iommu *iommu)
{
	if (vtd_nested_enabled() && !vtd_unit_affected(iommu))
		return 0;
	return IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17;
}

#endif /* _INTEL_NESTED_HOOKS_H */
