// SPDX-License-Identifier: GPL-2.0-only
/* Boot parameter of the nested extension, and which units have erratum 772415. */

#define pr_fmt(fmt)	"DMAR: nested: " fmt

#include <kunit/static_stub.h>
#include <linux/init.h>
#include <linux/string.h>
#include <linux/vtdsim.h>

#include <asm/cpu_device_id.h>
#include <asm/intel-family.h>

#include "nested.h"

bool vtd_nested_on __ro_after_init = true;

enum vtd_erratum { ERRATUM_BY_UNIT, ERRATUM_PRESENT, ERRATUM_ABSENT };

static enum vtd_erratum erratum_772415 __ro_after_init = ERRATUM_BY_UNIT;

static const struct x86_cpu_id erratum_772415_cpus[] = {
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

	if (erratum_772415 != ERRATUM_BY_UNIT)
		return erratum_772415 == ERRATUM_PRESENT;

	simulated = vtdsim_has_erratum_772415(iommu->reg_phys);
	if (simulated >= 0)
		return simulated;

	return x86_match_cpu(erratum_772415_cpus);
}

static int __init vtd_nested_setup(char *str)
{
	char *word;

	while ((word = strsep(&str, ","))) {
		if (!strcmp(word, "base"))
			vtd_nested_on = false;
		else if (!strcmp(word, "erratum"))
			erratum_772415 = ERRATUM_PRESENT;
		else if (!strcmp(word, "no-erratum"))
			erratum_772415 = ERRATUM_ABSENT;
		else
			pr_warn("unknown word '%s' in intel_iommu_nested=\n", word);
	}

	return 1;
}
__setup("intel_iommu_nested=", vtd_nested_setup);
