/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables for one device and one PASID, for the tests of decoding them. */
#ifndef _VTDSIM_TABLES_KUNIT_H
#define _VTDSIM_TABLES_KUNIT_H

#include "unit/fault_reasons.h"
#include "walk_bench.h"

#define ECAP_DT		BIT_ULL(2)
#define ECAP_PT		BIT_ULL(6)
#define ECAP_SC		BIT_ULL(7)
#define ECAP_MTS	BIT_ULL(25)
#define ECAP_NEST	BIT_ULL(26)
#define ECAP_PRS	BIT_ULL(29)
#define ECAP_SRS	BIT_ULL(31)
#define ECAP_EAFS	BIT_ULL(34)
#define ECAP_PASID	BIT_ULL(40)
#define ECAP_SSADS	BIT_ULL(45)
#define ECAP_SSTS	BIT_ULL(46)
#define ECAP_FSTS	BIT_ULL(47)
#define ECAP_SMPWCS	BIT_ULL(48)
#define ECAP_RPS	BIT_ULL(49)
#define ECAP_RPRIVS	BIT_ULL(53)
#define ECAP_ALL	(ECAP_DT | ECAP_PT | ECAP_SC | ECAP_MTS | ECAP_NEST | \
			 ECAP_PRS | ECAP_SRS | ECAP_EAFS | ECAP_PASID |	    \
			 ECAP_SSADS | ECAP_SSTS | ECAP_FSTS |  \
			 ECAP_SMPWCS | ECAP_RPS | ECAP_RPRIVS)
#define CAP_SAGAW(mask)	((u64)(mask) << 8)

#define SID		0xa5c7	/* bus a5, upper half, 0x47 in it */
#define PASID		0x54321

/* Tables for one device and PASID, and what decoding them gave */
struct tables {
	struct vtdsim_caps caps;
	u64 rtaddr;
	u64 *root;
	u64 *ce;
	u64 *dir;
	u64 *pe;
	struct vtdsim_context ctx;
	struct vtdsim_pasid pasid;
};

static inline struct tables *tables_new(struct kunit *test)
{
	struct tables *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	u64 root, ctx, dir, table;

	KUNIT_ASSERT_NOT_NULL(test, t);
	root = bench_page(test);
	ctx = bench_page(test);
	table = bench_page(test);
	/* A directory for all PASIDs is large: have only the page that is used */
	dir = bench_page(test) - ((PASID >> 6) * 8 & ~0xfffULL);
	KUNIT_ASSERT_LT(test, dir, BIT_ULL(BENCH_HAW));

	t->caps.haw = BENCH_HAW;
	t->caps.ecap = ECAP_ALL;
	t->caps.cap = BENCH_CAP_FS5LP | CAP_SAGAW(0xe) | BENCH_CAP_MGAW(57);
	t->rtaddr = root | 1 << 10;
	t->root = bench_at(root + 0xa5 * 16 + 8);
	t->ce = bench_at(ctx + 0x47 * 32);
	t->dir = bench_at(dir + (PASID >> 6) * 8);
	t->pe = bench_at(table + (PASID & 63) * 64);
	*t->root = ctx | 1;
	t->ce[0] = dir | 7 << 9 | 1;
	*t->dir = table | 1;
	t->pe[0] = 1 << 6 | 1;
	return t;
}

static inline u8 tables_context(struct tables *t)
{
	memset(&t->ctx, 0xff, sizeof(t->ctx));
	return vtdsim_fetch_context(&t->caps, t->rtaddr, SID, &t->ctx);
}

static inline u8 tables_pasid(struct tables *t)
{
	u8 reason = tables_context(t);

	memset(&t->pasid, 0xff, sizeof(t->pasid));
	return reason ?: vtdsim_fetch_pasid(&t->caps, &t->ctx, PASID, &t->pasid);
}

#endif /* _VTDSIM_TABLES_KUNIT_H */
