// SPDX-License-Identifier: GPL-2.0-only
/*
 * Properties of a unit that its capability registers do not tell: erratum
 * 772415, and whether AW matters where there is no second stage.
 */

#include <kunit/static_stub.h>
#include <linux/io.h>

#include <asm/cpu_device_id.h>
#include <asm/intel-family.h>

#include "nested.h"

/* The extension has to compile in a tree without the simulated unit. */
#ifdef CONFIG_VTDSIM
#include <linux/vtdsim.h>
#else
static inline int vtdsim_has_erratum_772415(phys_addr_t regs)
{
	return -ENODEV;
}
#endif

static const struct x86_cpu_id vtd_erratum_772415_cpus[] = {
	X86_MATCH_VFM(INTEL_SAPPHIRERAPIDS_X, NULL),
	X86_MATCH_VFM(INTEL_EMERALDRAPIDS_X, NULL),
	{}
};

/**
 * vtd_unit_affected() - is a unit affected by erratum 772415?
 * @iommu: the unit
 *
 * On affected units hardware may ignore that a stage-2 mapping is read-only
 * when it sets accessed and dirty bits in stage-1 tables. A unit is part of the
 * CPU package, so the CPU's model tells; a simulated unit tells itself.
 * intel_iommu_nested=erratum and =no-erratum override both, for all units.
 *
 * The answer for a unit never changes.
 *
 * Context: Any.
 * Return: true if it is.
 */
bool vtd_unit_affected(const struct intel_iommu *iommu)
{
	int simulated;

	KUNIT_STATIC_STUB_REDIRECT(vtd_unit_affected, iommu);

	if (vtd_erratum_param != VTD_ERRATUM_BY_UNIT)
		return vtd_erratum_param == VTD_ERRATUM_PRESENT;

	simulated = vtdsim_has_erratum_772415(iommu->reg_phys);
	if (simulated >= 0)
		return simulated;

	return x86_match_cpu(vtd_erratum_772415_cpus);
}

/**
 * vtd_unit_wants_aw() - does AW matter where there is no second stage?
 * @iommu: the unit
 *
 * The field is the second stage's address width. In entries without a second
 * stage, units that have one ignore it; units that have none treat it as
 * reserved (VT-d 9.6). QEMU's unit has none while its first stage is on, and
 * takes from there how wide first-stage addresses are: with the field clear,
 * most of them are not canonical to it. It says that it has version 1.0.
 *
 * Context: Any.
 * Return: true if the field has to be, or may as well be, set.
 */
bool vtd_unit_wants_aw(const struct intel_iommu *iommu)
{
	return ecap_slts(iommu->ecap) ||
	       DMAR_VER_MAJOR(readl(iommu->reg + DMAR_VER_REG)) == 1;
}
