/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the base driver calls in the nested extension.
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
struct iommu_domain;
struct iommu_user_data;

#ifdef CONFIG_INTEL_IOMMU_NESTED
extern bool vtd_nested_on;

static inline bool vtd_nested_enabled(void)
{
	return vtd_nested_on;
}
#else
static inline bool vtd_nested_enabled(void)
{
	return false;
}
#endif

/* Calls below are reached only while vtd_nested_enabled() is true. */
struct iommu_domain *vtd_nested_alloc(struct device *dev,
				      struct iommu_domain *parent,
				      const struct iommu_user_data *user_data);
void vtd_nested_block_begin(struct device_domain_info *info);
void vtd_nested_block_end(struct device_domain_info *info);
int vtd_nested_set_dirty(struct dmar_domain *parent, bool enable);
bool vtd_nested_erratum(void);

/* Flags of struct iommu_hw_info_vtd. */
static inline u32 vtd_nested_hw_flags(void)
{
	if (vtd_nested_enabled() && !vtd_nested_erratum())
		return 0;
	return IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17;
}

/* May a stage-2 that serves as a nest parent hold read-only mappings? */
static inline bool vtd_nested_read_only_ok(void)
{
	return vtd_nested_enabled() && !vtd_nested_erratum();
}

#endif /* _INTEL_NESTED_HOOKS_H */
