// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of pasid_entry.c: every field of a nested PASID-table entry against its
 * place in the specification (VT-d 9.6), given by bit number, not through the
 * helpers that compose it.
 */

#include <kunit/test.h>

#include "../nested.h"

#define P		BIT_ULL(0)
#define AW(agaw)	((u64)(agaw) << 2)
#define PGTT_NESTED	(3ULL << 6)
#define SSADE		BIT_ULL(9)
/* Bits 64 to 127 */
#define DID(did)	((u64)(did))
#define PWSNP		BIT_ULL(87 - 64)
#define PGSNP		BIT_ULL(88 - 64)
/* Bits 128 to 191 */
#define SRE		BIT_ULL(128 - 128)
#define FSPM_5		(1ULL << (130 - 128))
#define WPE		BIT_ULL(132 - 128)
#define EAFE		BIT_ULL(135 - 128)

static const struct vtd_nested_target plain = {
	.s1 = { .addr_width = 48, .pgtbl_addr = 0x123456789000 },
	.s2_root = 0xabcdef012000,
	.s2_agaw = 2,
	.did = 0x5a5a,
};

static void expect_entry(struct kunit *test, const struct vtd_nested_target *t,
			 u64 q0, u64 q1, u64 q2)
{
	struct pasid_entry e;
	int i;

	memset(&e, 0xff, sizeof(e));
	vtd_compose_nested(t, &e);
	KUNIT_EXPECT_EQ(test, e.val[0], q0);
	KUNIT_EXPECT_EQ(test, e.val[1], q1);
	KUNIT_EXPECT_EQ(test, e.val[2], q2);
	for (i = 3; i < 8; i++)
		KUNIT_EXPECT_EQ(test, e.val[i], 0);
}

#define Q0	(0xabcdef012000ULL | PGTT_NESTED | P)
#define Q1	DID(0x5a5a)
#define Q2	0x123456789000ULL

static void plain_test(struct kunit *test)
{
	expect_entry(test, &plain, Q0 | AW(2), Q1, Q2);
}

static void second_stage_test(struct kunit *test)
{
	struct vtd_nested_target t = plain;

	t.s2_agaw = 3;
	expect_entry(test, &t, Q0 | AW(3), Q1, Q2);
	t.s2_agaw = 1;
	expect_entry(test, &t, Q0 | AW(1), Q1, Q2);
	t.s2_root = GENMASK_ULL(51, 12);
	expect_entry(test, &t, GENMASK_ULL(51, 12) | PGTT_NESTED | P | AW(1), Q1, Q2);
	t.s2_root = 0;
	expect_entry(test, &t, PGTT_NESTED | P | AW(1), Q1, Q2);
}

static void domain_id_test(struct kunit *test)
{
	struct vtd_nested_target t = plain;

	t.did = 0xffff;
	expect_entry(test, &t, Q0 | AW(2), 0xffff, Q2);
	t.did = 2;
	expect_entry(test, &t, Q0 | AW(2), 2, Q2);
}

static void first_stage_test(struct kunit *test)
{
	struct vtd_nested_target t = plain;

	t.s1.addr_width = 57;
	expect_entry(test, &t, Q0 | AW(2), Q1, Q2 | FSPM_5);
	t.s1.pgtbl_addr = GENMASK_ULL(56, 12);
	expect_entry(test, &t, Q0 | AW(2), Q1, GENMASK_ULL(56, 12) | FSPM_5);
}

static void flags_test(struct kunit *test)
{
	static const u64 want[] = {
		[0] = 0,
		[IOMMU_VTD_S1_SRE] = SRE,
		[IOMMU_VTD_S1_EAFE] = EAFE,
		[IOMMU_VTD_S1_SRE | IOMMU_VTD_S1_EAFE] = SRE | EAFE,
		/* Alone it has nothing to protect. */
		[IOMMU_VTD_S1_WPE] = 0,
		[IOMMU_VTD_S1_WPE | IOMMU_VTD_S1_SRE] = WPE | SRE,
		[IOMMU_VTD_S1_WPE | IOMMU_VTD_S1_EAFE] = EAFE,
		[IOMMU_VTD_S1_WPE | IOMMU_VTD_S1_SRE | IOMMU_VTD_S1_EAFE] =
			WPE | SRE | EAFE,
	};
	struct vtd_nested_target t = plain;

	for (t.s1.flags = 0; t.s1.flags < ARRAY_SIZE(want); t.s1.flags++)
		expect_entry(test, &t, Q0 | AW(2), Q1, Q2 | want[t.s1.flags]);
}

static void attributes_test(struct kunit *test)
{
	struct vtd_nested_target t = plain;

	t.walk_snoop = true;
	expect_entry(test, &t, Q0 | AW(2), Q1 | PWSNP, Q2);
	t.force_snooping = true;
	expect_entry(test, &t, Q0 | AW(2), Q1 | PWSNP | PGSNP, Q2);
	t.walk_snoop = false;
	expect_entry(test, &t, Q0 | AW(2), Q1 | PGSNP, Q2);
	t.dirty_tracking = true;
	expect_entry(test, &t, Q0 | AW(2) | SSADE, Q1 | PGSNP, Q2);
}

/*
 * Whatever two stage-1 domains on one parent differ in is in one quad-word, so
 * that replacing one by the other needs no break (vtd_test_read vtd_plan_update()).
 */
static void same_parent_test(struct kunit *test)
{
	struct vtd_nested_target t = plain;
	struct pasid_entry a, b;

	vtd_compose_nested(&plain, &a);
	t.s1.pgtbl_addr = 0x7000;
	t.s1.addr_width = 57;
	t.s1.flags = IOMMU_VTD_S1_SRE | IOMMU_VTD_S1_WPE | IOMMU_VTD_S1_EAFE;
	vtd_compose_nested(&t, &b);
	KUNIT_EXPECT_EQ(test, vtd_plan_update(&a, &b), VTD_PLAN_IN_PLACE);
}

static struct kunit_case entry_cases[] = {
	KUNIT_CASE(plain_test),
	KUNIT_CASE(second_stage_test),
	KUNIT_CASE(domain_id_test),
	KUNIT_CASE(first_stage_test),
	KUNIT_CASE(flags_test),
	KUNIT_CASE(attributes_test),
	KUNIT_CASE(same_parent_test),
	{}
};

static struct kunit_suite entry_suite = {
	.name = "intel-nested-entry",
	.test_cases = entry_cases,
};

kunit_test_suite(entry_suite);
