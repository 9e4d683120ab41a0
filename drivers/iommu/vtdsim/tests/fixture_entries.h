/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables for one device and one PASID, for the tests of decoding them. */
#ifndef _VTDSIM_TEST_FIXTURE_ENTRIES_H
#define _VTDSIM_TEST_FIXTURE_ENTRIES_H

#include "unit/fault_reasons.h"
#include "fixture_tables.h"
#include "fixture_unit.h"

#define ECAP_ALL	(ECAP_DT | ECAP_PT | ECAP_SC | ECAP_MTS | ECAP_NEST | \
			 ECAP_PRS | ECAP_SRS | ECAP_EAFS | ECAP_PASID |	    \
			 ECAP_SSADS | ECAP_SSTS | ECAP_FSTS |  \
			 ECAP_SMPWCS | ECAP_RPS | ECAP_RPRIVS)
#define SID		0xa5c7	/* bus a5, upper half, 0x47 in it */
#define PASID		0x54321

/**
 * struct tables - tables for SID and PASID, and what decoding them gave
 * @caps: what the unit can do
 * @e: the entries; the directory has all PASIDs, and the PASID entry is first-stage
 * @ctx: the context entry decoded
 * @pasid: the PASID entry decoded
 */
struct tables {
	struct vtdsim_caps caps;
	struct vtdsim_test_entries e;
	struct vtdsim_context ctx;
	struct vtdsim_pasid pasid;
};

static inline struct tables *tables_new(struct kunit *test)
{
	struct tables *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	vtdsim_test_entries_init(&t->e, test, SID, PASID);
	t->caps.haw = TEST_HAW;
	t->caps.ecap = ECAP_ALL;
	t->caps.cap = CAP_ND_16 | CAP_FS5LP | CAP_SAGAW(0xe) | CAP_MGAW(57);
	t->e.ctx[0] |= CTX_PDTS(7);
	t->e.pasid[0] = PE_PGTT(VTDSIM_PGTT_FIRST) | PRESENT;
	KUNIT_ASSERT_LT(test, t->e.ctx[0], BIT_ULL(TEST_HAW));
	return t;
}

static inline u8 tables_context(struct tables *t)
{
	memset(&t->ctx, 0xff, sizeof(t->ctx));
	return vtdsim_fetch_context(&t->caps, t->e.rtaddr, SID, &t->ctx);
}

static inline u8 tables_pasid(struct tables *t)
{
	u8 reason = tables_context(t);

	memset(&t->pasid, 0xff, sizeof(t->pasid));
	return reason ?: vtdsim_fetch_pasid(&t->caps, &t->ctx, PASID, &t->pasid);
}

#endif /* _VTDSIM_TEST_FIXTURE_ENTRIES_H */
