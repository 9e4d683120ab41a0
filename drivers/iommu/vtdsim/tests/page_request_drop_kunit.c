// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of page requests that cannot be delivered: every condition, the
 * fault recorded, and the answer (VT-d specification sections 7.1.3 and 7.4.1).
 */
#include "fixture_cache.h"
#include "fixture_prq.h"
#include "kunit_case.h"

#define INVALID_REQUEST	1

/* Below the width of addresses, and no memory there */
#define NOWHERE		(BIT_ULL(46) - 0x100000)

static void prq_legacy(struct vtdsim_test_prq *p)
{
	p->unit->rtaddr &= PAGE_MASK;
}

static void ttm_reserved(struct vtdsim_test_prq *p)
{
	p->unit->rtaddr ^= 0xc00;
}

static void root_nowhere(struct vtdsim_test_prq *p)
{
	p->unit->rtaddr = NOWHERE | 0x400;
}

static void root_absent(struct vtdsim_test_prq *p)
{
	*p->dma->root &= ~PRESENT;
}

static void root_reserved(struct vtdsim_test_prq *p)
{
	*p->dma->root |= 2;
}

static void ctx_nowhere(struct vtdsim_test_prq *p)
{
	*p->dma->root = NOWHERE | PRESENT;
}

static void ctx_absent(struct vtdsim_test_prq *p)
{
	p->dma->ctx[0] &= ~PRESENT;
}

static void ctx_reserved(struct vtdsim_test_prq *p)
{
	p->dma->ctx[2] = 1;
}

static void ctx_no_pasid(struct vtdsim_test_prq *p)
{
	p->dma->ctx[0] &= ~CTX_PASIDE;
}

static void ctx_no_pages(struct vtdsim_test_prq *p)
{
	p->dma->ctx[0] &= ~CTX_PRE;
}

static void ctx_rid_pasid(struct vtdsim_test_prq *p)
{
	p->dma->ctx[1] = PASID;
}

static void dir_nowhere(struct vtdsim_test_prq *p)
{
	p->dma->ctx[0] = NOWHERE | (p->dma->ctx[0] & ~PAGE_MASK);
}

static void dir_absent(struct vtdsim_test_prq *p)
{
	p->dma->dir[1] &= ~PRESENT;
}

static void dir_reserved(struct vtdsim_test_prq *p)
{
	p->dma->dir[1] |= 4;
}

static void table_nowhere(struct vtdsim_test_prq *p)
{
	p->dma->dir[1] = NOWHERE | PRESENT;
}

static void pasid_absent(struct vtdsim_test_prq *p)
{
	*vtdsim_test_pasid_entry(p->dma, PASID) &= ~PRESENT;
}

static void pasid_reserved(struct vtdsim_test_prq *p)
{
	*vtdsim_test_pasid_entry(p->dma, PASID) |= BIT(5);
}

static void pasid_type(struct vtdsim_test_prq *p)
{
	*vtdsim_test_pasid_entry(p->dma, PASID) &= ~(7ULL << 6);
}

static const struct {
	void (*spoil)(struct vtdsim_test_prq *p);
	u8 reason;
	bool fpd;		/* the context entry can keep it quiet */
} undeliverable[] = {
	{ prq_legacy, 0x32, false },
	{ ttm_reserved, 0x30, false },
	{ root_nowhere, 0x38, false },
	{ root_absent, 0x39, false },
	{ root_reserved, 0x3a, false },
	{ ctx_nowhere, 0x40, false },
	{ ctx_absent, 0x41, true },
	{ ctx_reserved, 0x42, true },
	{ ctx_no_pasid, 0x45, true },
	{ ctx_no_pages, 0x47, true },
	{ ctx_rid_pasid, 0x48, true },
	{ dir_nowhere, 0x50, false },
	{ dir_absent, 0x51, true },
	{ dir_reserved, 0x52, true },
	{ table_nowhere, 0x58, false },
	{ pasid_absent, 0x59, true },
	{ pasid_reserved, 0x5a, true },
	{ pasid_type, 0x5b, true },
};

static void expect_dropped(struct kunit *test, struct vtdsim_test_prq *p, u8 reason, bool recorded)
{
	u64 high = 0x8000460090000000 | (u64)reason << 32 | SID;

	KUNIT_EXPECT_EQ_MSG(test, read64(p->unit, DMA_FRCD_HIGH), recorded ? high : 0, "reason %#x",
			    reason);
	KUNIT_EXPECT_EQ_MSG(test, read64(p->unit, DMA_FRCD), recorded ? 0x7000 : 0, "reason %#x",
			    reason);
	KUNIT_EXPECT_EQ_MSG(test, p->a->responses, 1, "reason %#x", reason);
	KUNIT_EXPECT_EQ_MSG(test, p->a->resp.code, INVALID_REQUEST, "reason %#x",
			    reason);
	KUNIT_EXPECT_EQ(test, p->b->responses, 0);
	KUNIT_EXPECT_EQ(test, read64(p->unit, PQT), 0);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PRS), 0);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PECTL), EVENT_IM);
}

/* Every fault of the table in section 7.1.3 that a page request can meet */
static void prq_dropped(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(undeliverable); i++) {
		struct vtdsim_page_request req = page_at(0x7000);
		struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);

		undeliverable[i].spoil(p);
		request_page(p, req);
		expect_dropped(test, p, undeliverable[i].reason, true);

		/* A stop marker, and a request that is not the last, get no response. */
		req.read = false;
		request_page(p, req);
		req.read = true;
		req.last = false;
		request_page(p, req);
		KUNIT_EXPECT_EQ(test, p->a->responses, 1);
		KUNIT_EXPECT_EQ(test, p->unit->stats.faults, 3);
	}
}

static void dropped_quietly(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(undeliverable); i++) {
		struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);

		p->dma->ctx[0] |= FPD;
		undeliverable[i].spoil(p);
		request_page(p, page_at(0x7000));
		expect_dropped(test, p, undeliverable[i].reason,
			       !undeliverable[i].fpd);
	}
}

/* A PASID beyond the directory, a privileged request, one without PASID */
static void dropped_fields(struct kunit *test)
{
	struct vtdsim_page_request req = page_at(0x7123);
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);

	req.pasid = 0x2000;
	req.write = true;
	req.exec = true;
	req.priv = true;
	request_page(p, req);
	KUNIT_EXPECT_EQ(test, read64(p->unit, DMA_FRCD), 0x7000);
	KUNIT_EXPECT_EQ(test, read64(p->unit, DMA_FRCD_HIGH), 0x80200046b0000000 | SID);

	write64(p->unit, DMA_FRCD_HIGH, ~0ULL);
	*vtdsim_test_pasid_entry(p->dma, RID_PASID) = 0;
	req.with_pasid = false;
	request_page(p, req);
	KUNIT_EXPECT_EQ(test, read64(p->unit, DMA_FRCD_HIGH), 0x8000005910000000 | SID);
	KUNIT_EXPECT_FALSE(test, p->a->resp.with_pasid);
}

/* The directory size applies to cached PASID entries, too. */
static void dropped_size(struct kunit *test)
{
	struct vtdsim_context ctx = { .pasids = PASID, .pasid_en = true, .pre = true };
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);

	vtdsim_test_add_pasid(test, p->unit, SID, PASID, 1);
	vtdsim_test_add_context(test, p->unit, SID, &ctx);
	request_page(p, page_at(0x7000));
	expect_dropped(test, p, 0x46, true);

	ctx.pasids++;
	vtdsim_test_add_context(test, p->unit, SID, &ctx);
	request_page(p, page_at(0x7000));
	KUNIT_EXPECT_EQ(test, read32(p->unit, PRS), PRS_PPR);
	KUNIT_EXPECT_EQ(test, p->unit->stats.faults, 1);
}

/* With translation disabled the unit reads no tables and records no fault. */
static void dropped_disabled(struct kunit *test)
{
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);

	write32(p->unit, GCMD, GCMD_QIE);
	request_page(p, page_at(0x7000));
	expect_dropped(test, p, 0, false);
}

static void dropped_no_queue(struct kunit *test)
{
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);

	write64(p->unit, PQA, 0);
	request_page(p, page_at(0x7000));
	expect_dropped(test, p, 0, false);
	KUNIT_EXPECT_EQ(test, p->unit->stats.violations, 1);
	write64(p->unit, PQA, NOWHERE);
	request_page(p, page_at(0x7000));
	KUNIT_EXPECT_EQ(test, p->unit->stats.violations, 2);
	KUNIT_EXPECT_EQ(test, read64(p->unit, PQT), 0);
}

static struct kunit_case drop_cases[] = {
	VTDSIM_CASE(prq, dropped),
	KUNIT_CASE(dropped_quietly),
	KUNIT_CASE(dropped_fields),
	KUNIT_CASE(dropped_size),
	KUNIT_CASE(dropped_disabled),
	KUNIT_CASE(dropped_no_queue),
	{}
};

static struct kunit_suite drop_suite = {
	.name = "vtdsim-page-request-drop",
	.test_cases = drop_cases,
};

kunit_test_suite(drop_suite);
