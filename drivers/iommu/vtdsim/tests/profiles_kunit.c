// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the profiles: a field that is clear has those clear that need it (sections 11.4.2 and
 * 11.4.3 of the VT-d specification; the unit is of version 6).
 */
#include "boot/profiles.h"
#include "fixture_unit.h"

#define CAP_RWBF	BIT_ULL(4)
#define CAP_PI		BIT_ULL(59)
#define ECAP_RESERVED	(BIT_ULL(63) | BIT_ULL(54) | BIT_ULL(32) | BIT_ULL(30) | BIT_ULL(28) | \
			 BIT_ULL(27) | BIT_ULL(24) | BIT_ULL(19) | BIT_ULL(18) | BIT_ULL(5))

/* Which bits are clear where a bit of the Extended Capability Register is */
static const struct {
	u64 without;
	u64 cap;
	u64 ecap;
} profiles_needs[] = {
	{ ECAP_QI, 0, ECAP_DT | ECAP_IR | ECAP_SMTS },
	{ ECAP_IR, CAP_PI, ECAP_EIM | ECAP_MHMV(15) },
	{ ECAP_DT, 0, ECAP_PRS | ECAP_NWFS | ECAP_DIT | ECAP_PDS },
	{ ECAP_SMTS, 0, ECAP_MTS | ECAP_NEST | ECAP_PRS | ECAP_SRS | ECAP_PSS(32) | ECAP_PASID |
			ECAP_FSTS | ECAP_SMPWCS | ECAP_RPS },
	{ ECAP_FSTS, CAP_FS1GP | CAP_FS5LP, ECAP_NEST | ECAP_EAFS },
	{ ECAP_SSTS, CAP_SAGAW(31), ECAP_NEST },
	{ ECAP_SMPWCS, 0, ECAP_EAFS | ECAP_SSADS },
	{ ECAP_SRS, 0, ECAP_RPRIVS },
};

static void profiles_fit(struct kunit *test)
{
	const struct vtdsim_profile *p;
	unsigned int i, n;

	for (n = 0; n < vtdsim_profile_count; n++) {
		p = &vtdsim_profiles[n];
		for (i = 0; i < ARRAY_SIZE(profiles_needs); i++) {
			if (p->ecap & profiles_needs[i].without)
				continue;
			KUNIT_EXPECT_EQ_MSG(test, p->cap & profiles_needs[i].cap, 0,
					    "%s without %#llx", p->name, profiles_needs[i].without);
			KUNIT_EXPECT_EQ_MSG(test, p->ecap & profiles_needs[i].ecap, 0,
					    "%s without %#llx", p->name, profiles_needs[i].without);
		}
	}
}

/* What every unit with scalable mode has, and what none has */
static void profiles_have(struct kunit *test)
{
	const struct vtdsim_profile *p;
	unsigned int n;

	KUNIT_EXPECT_GT(test, vtdsim_profile_count, 0);
	for (n = 0; n < vtdsim_profile_count; n++) {
		p = &vtdsim_profiles[n];
		KUNIT_EXPECT_EQ_MSG(test, p->ecap & (ECAP_QI | ECAP_SMTS), ECAP_QI | ECAP_SMTS,
				    "%s", p->name);
		KUNIT_EXPECT_NE_MSG(test, p->cap & CAP_MGAW(64), 0, "%s", p->name);
		KUNIT_EXPECT_EQ_MSG(test, p->cap & CAP_RWBF, 0, "%s", p->name);
		KUNIT_EXPECT_EQ_MSG(test, p->ecap & ECAP_RESERVED, 0, "%s", p->name);
		KUNIT_EXPECT_EQ_MSG(test, !(p->cap & CAP_SAGAW(31)), !(p->ecap & ECAP_SSTS),
				    "%s", p->name);
	}
}

static struct kunit_case profiles_cases[] = {
	KUNIT_CASE(profiles_fit),
	KUNIT_CASE(profiles_have),
	{}
};

static struct kunit_suite profiles_suite = {
	.name = "vtdsim-profiles",
	.test_cases = profiles_cases,
};

kunit_test_suite(profiles_suite);
