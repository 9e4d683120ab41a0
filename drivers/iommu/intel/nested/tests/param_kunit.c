// SPDX-License-Identifier: GPL-2.0-only
/* Tests of param.c: what each word of intel_iommu_nested= changes, and what it leaves. */

#include <kunit/test.h>
#include <linux/string.h>

#include "../nested.h"

struct param_case {
	const char *words;
	bool on, base_unmap;
	enum vtd_erratum_param erratum;
};

static const struct param_case param_cases[] = {
	{ "", true, false, VTD_ERRATUM_BY_UNIT },
	{ "base", false, false, VTD_ERRATUM_BY_UNIT },
	{ "erratum", true, false, VTD_ERRATUM_PRESENT },
	{ "no-erratum", true, false, VTD_ERRATUM_ABSENT },
	{ "base-unmap", true, true, VTD_ERRATUM_BY_UNIT },
	{ "base,base-unmap", false, true, VTD_ERRATUM_BY_UNIT },
	{ "base-unmap,no-erratum", true, true, VTD_ERRATUM_ABSENT },
	/* The last one counts. */
	{ "erratum,no-erratum", true, false, VTD_ERRATUM_ABSENT },
	{ "no-erratum,erratum", true, false, VTD_ERRATUM_PRESENT },
	/* Words are whole, and others do not keep the rest from counting. */
	{ "bas", true, false, VTD_ERRATUM_BY_UNIT },
	{ "base ", true, false, VTD_ERRATUM_BY_UNIT },
	{ "basement,erratum", true, false, VTD_ERRATUM_PRESENT },
	{ ",,base,", false, false, VTD_ERRATUM_BY_UNIT },
};

static void param_case_to_desc(const struct param_case *c, char *desc)
{
	strscpy(desc, c->words, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(param, param_cases, param_case_to_desc);

/* Boot parameters are read-only later, so this suite runs while the kernel boots. */
static void __init words_test(struct kunit *test)
{
	const struct param_case *c = test->param_value;
	const struct param_case was = {
		.on = vtd_nested_on,
		.base_unmap = !vtd_unmap_mended,
		.erratum = vtd_erratum_param,
	};
	struct intel_iommu *unit = kunit_kzalloc(test, sizeof(*unit), GFP_KERNEL);
	struct param_case now;
	bool affected;
	char words[32];
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, unit);
	unit->reg_phys = ~0ULL << VTD_PAGE_SHIFT;

	strscpy(words, c->words);
	vtd_nested_on = true;
	vtd_unmap_mended = true;
	vtd_erratum_param = VTD_ERRATUM_BY_UNIT;
	ret = vtd_nested_setup(words);
	affected = vtd_unit_affected(unit);
	now = (struct param_case) {
		.on = vtd_nested_on,
		.base_unmap = !vtd_unmap_mended,
		.erratum = vtd_erratum_param,
	};
	vtd_nested_on = was.on;
	vtd_unmap_mended = !was.base_unmap;
	vtd_erratum_param = was.erratum;

	KUNIT_EXPECT_EQ(test, ret, 1);
	KUNIT_EXPECT_EQ(test, now.on, c->on);
	/* The base's nesting comes with the base's unmapping. */
	KUNIT_EXPECT_EQ(test, now.base_unmap, c->base_unmap || !c->on);
	KUNIT_EXPECT_EQ(test, now.erratum, c->erratum);
	if (c->erratum != VTD_ERRATUM_BY_UNIT)
		KUNIT_EXPECT_EQ(test, affected, c->erratum == VTD_ERRATUM_PRESENT);
}

static struct kunit_case __refdata param_test_cases[] = {
	KUNIT_CASE_PARAM(words_test, param_gen_params),
	{}
};

static struct kunit_suite param_suite = {
	.name = "intel-nested-param",
	.test_cases = param_test_cases,
};

kunit_test_init_section_suite(param_suite);
