// SPDX-License-Identifier: GPL-2.0-only
/* Tests of unit.c: which units have erratum 772415, and which are given AW. */

#include <kunit/test.h>

#include <asm/cpu_device_id.h>
#include <asm/intel-family.h>
#include <asm/processor.h>

#include "../nested.h"

/*
 * Intel's specification updates list it for Sapphire Rapids (SPR17) and for Emerald
 * Rapids; not for the generation before, and not for those after.
 */
static const struct cpu_case {
	const char *what;
	u32 vfm;
	bool affected;
} cpu_cases[] = {
	{ "Ice Lake", INTEL_ICELAKE_X, false },
	{ "Ice Lake D", INTEL_ICELAKE_D, false },
	{ "Sapphire Rapids", INTEL_SAPPHIRERAPIDS_X, true },
	{ "Emerald Rapids", INTEL_EMERALDRAPIDS_X, true },
	{ "Granite Rapids", INTEL_GRANITERAPIDS_X, false },
	{ "Granite Rapids D", INTEL_GRANITERAPIDS_D, false },
	{ "Sierra Forest", INTEL_ATOM_CRESTMONT_X, false },
	{ "AMD, same numbers", VFM_MAKE(X86_VENDOR_AMD, 6, 0x8f), false },
};

KUNIT_ARRAY_PARAM_DESC(cpu, cpu_cases, what);

static void cpu_test(struct kunit *test)
{
	const struct cpu_case *c = test->param_value;
	/* No unit is there, simulated or not. */
	struct intel_iommu *unit = kunit_kzalloc(test, sizeof(*unit), GFP_KERNEL);
	u32 was = boot_cpu_data.x86_vfm;
	bool affected;

	KUNIT_ASSERT_NOT_NULL(test, unit);
	if (vtd_erratum_param != VTD_ERRATUM_BY_UNIT)
		kunit_skip(test, "the boot parameter decides");

	unit->reg_phys = ~0ULL << VTD_PAGE_SHIFT;
	boot_cpu_data.x86_vfm = c->vfm;
	affected = vtd_unit_affected(unit);
	boot_cpu_data.x86_vfm = was;
	KUNIT_EXPECT_EQ(test, affected, c->affected);
}

/* Extended Capability Register (VT-d 11.4.3) */
#define ECAP_SSTS	BIT_ULL(46)

static const struct aw_case {
	const char *what;
	u64 ecap;
	u32 version;
	bool wanted;
} aw_cases[] = {
	{ "second stage, version 5.0", ECAP_SSTS, 0x50, true },
	{ "second stage, version 1.0", ECAP_SSTS, 0x10, true },
	{ "no second stage, version 5.0", ~ECAP_SSTS, 0x50, false },
	{ "no second stage, version 6.1", ~ECAP_SSTS, 0x61, false },
	{ "no second stage, version 1.0", ~ECAP_SSTS, 0x10, true },
};

KUNIT_ARRAY_PARAM_DESC(aw, aw_cases, what);

static void aw_test(struct kunit *test)
{
	const struct aw_case *c = test->param_value;
	struct intel_iommu *unit = kunit_kzalloc(test, sizeof(*unit), GFP_KERNEL);
	u32 *regs = kunit_kzalloc(test, 0x100, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, unit);
	KUNIT_ASSERT_NOT_NULL(test, regs);
	regs[DMAR_VER_REG / sizeof(*regs)] = c->version;
	unit->reg = (void __force __iomem *)regs;
	unit->ecap = c->ecap;
	KUNIT_EXPECT_EQ(test, vtd_unit_wants_aw(unit), c->wanted);
}

static struct kunit_case unit_cases[] = {
	KUNIT_CASE_PARAM(cpu_test, cpu_gen_params),
	KUNIT_CASE_PARAM(aw_test, aw_gen_params),
	{}
};

static struct kunit_suite unit_suite = {
	.name = "intel-nested-unit",
	.test_cases = unit_cases,
};

kunit_test_suite(unit_suite);
