// SPDX-License-Identifier: GPL-2.0-only
/* Tests of check.c. Bits of registers are given by their number (VT-d 11.4). */

#include <kunit/test.h>

#include "../nested.h"

#define CAP_FS5LP	BIT_ULL(60)
#define ECAP_SMTS	BIT_ULL(43)
#define ECAP_NEST	BIT_ULL(26)
#define ECAP_SRS	BIT_ULL(31)
#define ECAP_EAFS	BIT_ULL(34)
#define ECAP_SC		BIT_ULL(7)
#define ECAP_SSADS	BIT_ULL(45)
#define ECAP_SMPWCS	BIT_ULL(48)

struct request_case {
	const char *what;
	struct iommu_hwpt_vtd_s1 cfg;
	unsigned int gaw;
	int want;
};

#define REQUEST(_what, _want, _gaw, ...) \
	{ .what = _what, .want = _want, .gaw = _gaw, .cfg = { __VA_ARGS__ } }

static const struct request_case request_cases[] = {
	REQUEST("4 levels", 0, 48, .addr_width = 48, .pgtbl_addr = 0x1000),
	REQUEST("5 levels", 0, 57, .addr_width = 57, .pgtbl_addr = 0x1000),
	REQUEST("root at zero", 0, 48, .addr_width = 48),
	REQUEST("every flag", 0, 48, .addr_width = 48, .flags = 7),
	REQUEST("highest root", 0, 48, .addr_width = 48,
		.pgtbl_addr = BIT_ULL(48) - 0x1000),
	REQUEST("root just beyond", -EINVAL, 48, .addr_width = 48,
		.pgtbl_addr = BIT_ULL(48)),
	REQUEST("root far beyond", -EINVAL, 48, .addr_width = 48,
		.pgtbl_addr = BIT_ULL(63)),
	REQUEST("highest root of 57 bits", 0, 57, .addr_width = 48,
		.pgtbl_addr = BIT_ULL(57) - 0x1000),
	REQUEST("root beyond 57 bits", -EINVAL, 57, .addr_width = 57,
		.pgtbl_addr = BIT_ULL(57)),
	REQUEST("root unaligned", -EINVAL, 48, .addr_width = 48, .pgtbl_addr = 0x1800),
	REQUEST("root odd", -EINVAL, 48, .addr_width = 48, .pgtbl_addr = 1),
	REQUEST("no width", -EINVAL, 48, .addr_width = 0),
	REQUEST("39 bits", -EINVAL, 48, .addr_width = 39),
	REQUEST("47 bits", -EINVAL, 48, .addr_width = 47),
	REQUEST("64 bits", -EINVAL, 57, .addr_width = 64),
	REQUEST("width with high bits", -EINVAL, 48, .addr_width = 48 | BIT(31)),
	REQUEST("flag 3", -EOPNOTSUPP, 48, .addr_width = 48, .flags = BIT_ULL(3)),
	REQUEST("flag 32", -EOPNOTSUPP, 48, .addr_width = 48, .flags = BIT_ULL(32)),
	REQUEST("flag 63", -EOPNOTSUPP, 48, .addr_width = 48, .flags = BIT_ULL(63)),
	REQUEST("reserved", -EOPNOTSUPP, 48, .addr_width = 48, .__reserved = 1),
	REQUEST("reserved before width", -EOPNOTSUPP, 48, .addr_width = 1,
		.__reserved = BIT(31)),
};

KUNIT_ARRAY_PARAM_DESC(request, request_cases, what);

static void request_test(struct kunit *test)
{
	const struct request_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, vtd_s1_check_request(&c->cfg, c->gaw), c->want);
}

struct unit_case {
	const char *what;
	struct iommu_hwpt_vtd_s1 cfg;
	u64 cap, ecap;
	int want;
};

#define UNIT(_what, _want, _cap, _ecap, ...) \
	{ .what = _what, .want = _want, .cap = _cap, .ecap = _ecap, .cfg = { __VA_ARGS__ } }

#define NESTING		(ECAP_SMTS | ECAP_NEST)

static const struct unit_case unit_cases[] = {
	UNIT("plain", 0, 0, NESTING, .addr_width = 48),
	UNIT("no nesting", -EOPNOTSUPP, ~0ULL, ~ECAP_NEST, .addr_width = 48),
	UNIT("no scalable mode", -EOPNOTSUPP, ~0ULL, ~ECAP_SMTS, .addr_width = 48),
	UNIT("5 levels", 0, CAP_FS5LP, NESTING, .addr_width = 57),
	UNIT("no 5 levels", -EOPNOTSUPP, ~CAP_FS5LP, ~0ULL, .addr_width = 57),
	UNIT("4 levels of 5", 0, CAP_FS5LP, NESTING, .addr_width = 48),
	UNIT("supervisor", 0, 0, NESTING | ECAP_SRS, .addr_width = 48,
	     .flags = IOMMU_VTD_S1_SRE),
	UNIT("no supervisor", -EOPNOTSUPP, ~0ULL, ~ECAP_SRS, .addr_width = 48,
	     .flags = IOMMU_VTD_S1_SRE),
	UNIT("extended accessed", 0, 0, NESTING | ECAP_EAFS, .addr_width = 48,
	     .flags = IOMMU_VTD_S1_EAFE),
	UNIT("no extended accessed", -EOPNOTSUPP, ~0ULL, ~ECAP_EAFS,
	     .addr_width = 48, .flags = IOMMU_VTD_S1_EAFE),
	UNIT("write protect needs nothing", 0, 0, NESTING, .addr_width = 48,
	     .flags = IOMMU_VTD_S1_WPE),
};

KUNIT_ARRAY_PARAM_DESC(unit, unit_cases, what);

static void unit_test(struct kunit *test)
{
	const struct unit_case *c = test->param_value;
	const char *why = NULL;

	KUNIT_EXPECT_EQ(test, vtd_s1_check_unit(&c->cfg, c->cap, c->ecap, &why),
			c->want);
	if (c->want)
		KUNIT_EXPECT_NOT_NULL(test, why);
	else
		KUNIT_EXPECT_NULL(test, why);
}

struct stage2_case {
	const char *what;
	struct vtd_s2_needs s2;
	u64 cap, ecap;
	int want;
};

/* SAGAW is bits 12:8, MGAW less one bits 21:16, SLLPS bits 37:34. */
#define CAP(sagaw, mgaw, sps) \
	((u64)(sagaw) << 8 | (u64)((mgaw) - 1) << 16 | (u64)(sps) << 34)
#define CAP_48		CAP(BIT(2), 48, 3)
#define CAP_57		CAP(BIT(2) | BIT(3), 57, 3)

#define STAGE2(_what, _want, _cap, _ecap, ...) \
	{ .what = _what, .want = _want, .cap = _cap, .ecap = _ecap, .s2 = { __VA_ARGS__ } }

static const struct stage2_case stage2_cases[] = {
	STAGE2("4 levels", 0, CAP_48, 0, .agaw = 2),
	STAGE2("5 levels", 0, CAP_57, 0, .agaw = 3),
	STAGE2("5 levels on 4", -EINVAL, CAP_48, ~0ULL, .agaw = 3),
	STAGE2("4 levels on 5 only", -EINVAL, CAP(BIT(3), 57, 3), ~0ULL, .agaw = 2),
	STAGE2("1 GiB pages", 0, CAP_48, 0, .agaw = 2, .superpage = 2),
	STAGE2("1 GiB pages on 2 MiB", -EINVAL, CAP(BIT(2), 48, 1), ~0ULL,
	       .agaw = 2, .superpage = 2),
	STAGE2("2 MiB pages on 2 MiB", 0, CAP(BIT(2), 48, 1), 0,
	       .agaw = 2, .superpage = 1),
	STAGE2("2 MiB pages on 4 KiB", -EINVAL, CAP(BIT(2), 48, 0), ~0ULL,
	       .agaw = 2, .superpage = 1),
	STAGE2("mapped to the end", 0, CAP_48, 0, .agaw = 2, .max_addr = BIT_ULL(48)),
	STAGE2("mapped beyond MGAW", -EINVAL, CAP(BIT(2), 46, 3), ~0ULL, .agaw = 2,
	       .max_addr = BIT_ULL(46) + 1),
	STAGE2("mapped beyond the table", -EINVAL, CAP(BIT(2), 57, 3), ~0ULL,
	       .agaw = 2, .max_addr = BIT_ULL(48) + 1),
	STAGE2("snoop", 0, CAP_48, ECAP_SC, .agaw = 2, .force_snooping = true),
	STAGE2("no snoop", -EINVAL, ~0ULL, ~ECAP_SC, .agaw = 2, .force_snooping = true),
	STAGE2("dirty", 0, CAP_48, ECAP_SSADS | ECAP_SMPWCS, .agaw = 2,
	       .dirty_ops = true),
	STAGE2("no dirty bits", -EINVAL, ~0ULL, ~ECAP_SSADS, .agaw = 2,
	       .dirty_ops = true),
	STAGE2("dirty bits without coherency", -EINVAL, ~0ULL, ~ECAP_SMPWCS,
	       .agaw = 2, .dirty_ops = true),
	STAGE2("coherent", 0, CAP_48, ECAP_SMPWCS, .agaw = 2, .coherent = true),
	STAGE2("not coherent", -EINVAL, ~0ULL, ~ECAP_SMPWCS, .agaw = 2,
	       .coherent = true),
};

KUNIT_ARRAY_PARAM_DESC(stage2, stage2_cases, what);

static void stage2_test(struct kunit *test)
{
	const struct stage2_case *c = test->param_value;
	const char *why = NULL;

	KUNIT_EXPECT_EQ(test, vtd_s2_check_unit(&c->s2, c->cap, c->ecap, &why),
			c->want);
	if (c->want)
		KUNIT_EXPECT_NOT_NULL(test, why);
	else
		KUNIT_EXPECT_NULL(test, why);
}

static struct kunit_case check_cases[] = {
	KUNIT_CASE_PARAM(request_test, request_gen_params),
	KUNIT_CASE_PARAM(unit_test, unit_gen_params),
	KUNIT_CASE_PARAM(stage2_test, stage2_gen_params),
	{}
};

static struct kunit_suite check_suite = {
	.name = "intel-nested-check",
	.test_cases = check_cases,
};

kunit_test_suite(check_suite);
