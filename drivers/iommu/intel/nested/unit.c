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
 * vtd_unit_affected() - check if a unit has erratum 772415
 * @iommu: the unit
 *
 * An affected unit may ignore that a stage-2 mapping is read-only when it sets
 * accessed and dirty bits in stage-1 tables. The unit is part of the CPU package,
 * so this goes by the CPU's model. A simulated unit is asked.
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
 * vtd_unit_wants_aw() - check if AW is to be set without a second stage
 * @iommu: the unit
 *
 * AW is the address width of the second stage. In entries that do not use the
 * second stage, units that have one ignore AW, and units without one treat it as
 * reserved (VT-d 9.6). QEMU's unit has no second stage while its first stage is
 * on, but takes the width of first-stage addresses from AW, and finds most of
 * them not canonical if AW is clear. It reports version 1.0.
 *
 * Context: Any.
 * Return: true if AW must be set, or may be.
 */
bool vtd_unit_wants_aw(const struct intel_iommu *iommu)
{
	return ecap_slts(iommu->ecap) ||
	       DMAR_VER_MAJOR(readl(iommu->reg + DMAR_VER_REG)) == 1;
}
