// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks requests for stage-1 domains, and whether a unit can do what a domain
 * needs. Pure functions.
 */

#include "nested.h"

/* Width of the addresses that a table takes: 9 bits for each level (VT-d 3.7). */
#define VTD_AGAW_WIDTH(agaw)	(30 + 9 * (agaw))
#define VTD_S1_FLAGS	(IOMMU_VTD_S1_SRE | IOMMU_VTD_S1_EAFE | IOMMU_VTD_S1_WPE)

/**
 * vtd_s1_check_request() - check a request for a stage-1 domain
 * @cfg: the request, copied from user space
 * @gaw: width in bits of the guest addresses that the stage-2 parent takes
 *
 * Checks everything that does not depend on a unit. The root of the table is
 * a guest-physical address: the first-stage page table pointer of a nested
 * PASID entry is an input of the second stage (VT-d 3.8).
 *
 * Context: Any.
 * Return: 0; -EOPNOTSUPP for unknown flags and for reserved fields that are not
 * zero; -EINVAL for invalid values.
 */
int vtd_s1_check_request(const struct iommu_hwpt_vtd_s1 *cfg, unsigned int gaw)
{
	if ((cfg->flags & ~(u64)VTD_S1_FLAGS) || cfg->__reserved)
		return -EOPNOTSUPP;

	if (cfg->addr_width != ADDR_WIDTH_4LEVEL &&
	    cfg->addr_width != ADDR_WIDTH_5LEVEL)
		return -EINVAL;

	if (!IS_ALIGNED(cfg->pgtbl_addr, VTD_PAGE_SIZE) ||
	    cfg->pgtbl_addr >> gaw)
		return -EINVAL;

	return 0;
}

/**
 * vtd_s1_check_unit() - check if a unit can walk a stage-1 table
 * @cfg: a request that vtd_s1_check_request() has accepted
 * @cap: the unit's Capability Register (VT-d 11.4.2)
 * @ecap: the unit's Extended Capability Register (VT-d 11.4.3)
 * @why: set to the reason if it cannot
 *
 * IOMMU_VTD_S1_WPE needs no capability: it says how supervisor requests are
 * checked and means nothing without IOMMU_VTD_S1_SRE.
 *
 * Context: Any.
 * Return: 0 or -EOPNOTSUPP.
 */
int vtd_s1_check_unit(const struct iommu_hwpt_vtd_s1 *cfg, u64 cap, u64 ecap,
		      const char **why)
{
	if (!ecap_smts(ecap) || !ecap_nest(ecap))
		*why = "no nested translation";
	else if (cfg->addr_width == ADDR_WIDTH_5LEVEL && !cap_fl5lp_support(cap))
		*why = "no 5-level paging in the first stage";
	else if ((cfg->flags & IOMMU_VTD_S1_SRE) && !ecap_srs(ecap))
		*why = "no supervisor requests";
	else if ((cfg->flags & IOMMU_VTD_S1_EAFE) && !ecap_eafs(ecap))
		*why = "no extended accessed flag";
	else
		return 0;

	return -EOPNOTSUPP;
}

/**
 * vtd_s2_check_unit() - check if a unit can walk a stage-2 table
 * @s2: what the table demands
 * @cap: the unit's Capability Register (VT-d 11.4.2)
 * @ecap: the unit's Extended Capability Register (VT-d 11.4.3)
 * @why: set to the reason if it cannot
 *
 * A parent is allocated for one device, and may be used for another behind a
 * unit that can do less.
 *
 * Context: Any.
 * Return: 0; -EINVAL if not, which tells iommufd that another domain may do.
 */
int vtd_s2_check_unit(const struct vtd_s2_needs *s2, u64 cap, u64 ecap,
		      const char **why)
{
	u64 limit = BIT_ULL(min_t(unsigned int, VTD_AGAW_WIDTH(s2->agaw), cap_mgaw(cap)));

	if (!(cap_sagaw(cap) & BIT_ULL(s2->agaw)))
		*why = "stage-2 table has levels that the unit lacks";
	else if (s2->superpage > fls(cap_super_page_val(cap)))
		*why = "stage-2 table has pages larger than the unit's";
	else if (s2->max_addr > limit)
		*why = "stage-2 mappings are beyond the unit's address width";
	else if (s2->force_snooping && !ecap_sc_support(ecap))
		*why = "no snoop control";
	else if (s2->dirty_ops && !(ecap_slads(ecap) && ecap_smpwc(ecap)))
		*why = "no dirty tracking";
	else if (s2->coherent && !ecap_smpwc(ecap))
		*why = "page walks are not coherent";
	else
		return 0;

	return -EINVAL;
}
