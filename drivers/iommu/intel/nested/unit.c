// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a unit wants in PASID entries beside what its capabilities say.
 */
#include <linux/io.h>

#include "nested.h"

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
