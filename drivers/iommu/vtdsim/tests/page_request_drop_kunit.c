// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of page requests that cannot be delivered: every condition, the
 * fault recorded, and the answer (VT-d specification sections 7.1.3 and 7.4.1).
 */
#include "prq_rig.h"

#define INVALID_REQUEST	1

static u64 *root_of(struct prq *p)
{
	return (u64 *)phys_to_virt(p->unit->rtaddr & PAGE_MASK) + (SID >> 8) * 2;
}

/* Below the width of addresses, and no memory there */
#define NOWHERE		(BIT_ULL(46) - 0x100000)

static void legacy(struct prq *p)
{
	p->unit->rtaddr &= PAGE_MASK;
}

static void ttm_reserved(struct prq *p)
{
	p->unit->rtaddr ^= 0xc00;
}

static void root_nowhere(struct prq *p)
{
	p->unit->rtaddr = NOWHERE | 0x400;
}

static void root_absent(struct prq *p)
{
	*root_of(p) &= ~PRESENT;
}

static void root_reserved(struct prq *p)
{
	*root_of(p) |= 2;
}

static void ctx_nowhere(struct prq *p)
{
	*root_of(p) = NOWHERE | PRESENT;
}

static void ctx_absent(struct prq *p)
{
	p->rig->ctx[0] &= ~PRESENT;
}

static void ctx_reserved(struct prq *p)
{
	p->rig->ctx[2] = 1;
}

static void ctx_no_pasid(struct prq *p)
{
	p->rig->ctx[0] &= ~CTX_PASIDE;
}

static void ctx_no_pages(struct prq *p)
{
	p->rig->ctx[0] &= ~CTX_PRE;
}

static void ctx_rid_pasid(struct prq *p)
{
	p->rig->ctx[1] = PASID;
}

static void dir_nowhere(struct prq *p)
{
	p->rig->ctx[0] = NOWHERE | (p->rig->ctx[0] & ~PAGE_MASK);
}

static void dir_absent(struct prq *p)
{
	p->rig->dir[1] &= ~PRESENT;
}

static void dir_reserved(struct prq *p)
{
	p->rig->dir[1] |= 4;
}

static void table_nowhere(struct prq *p)
{
	p->rig->dir[1] = NOWHERE | PRESENT;
}

static void pasid_absent(struct prq *p)
{
	*rig_entry(p->rig, PASID) &= ~PRESENT;
}

static void pasid_reserved(struct prq *p)
{
	*rig_entry(p->rig, PASID) |= BIT(5);
}

static void pasid_type(struct prq *p)
{
	*rig_entry(p->rig, PASID) &= ~(7ULL << 6);
}

static const struct {
	void (*spoil)(struct prq *p);
	u8 reason;
	bool fpd;		/* the context entry can keep it quiet */
} undeliverable[] = {
	{ legacy, 0x32, false },
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

static void expect_dropped(struct kunit *test, struct prq *p, u8 reason,
			   bool recorded)
{
	u64 high = 0x8000460090000000 | (u64)reason << 32 | SID;

	KUNIT_EXPECT_EQ_MSG(test, read64(p->unit, FRCD + 8),
			    recorded ? high : 0, "reason %#x", reason);
	KUNIT_EXPECT_EQ_MSG(test, read64(p->unit, FRCD),
			    recorded ? 0x7000 : 0, "reason %#x", reason);
	KUNIT_EXPECT_EQ_MSG(test, p->a->responses, 1, "reason %#x", reason);
	KUNIT_EXPECT_EQ_MSG(test, p->a->resp.code, INVALID_REQUEST, "reason %#x",
			    reason);
	KUNIT_EXPECT_EQ(test, p->b->responses, 0);
	KUNIT_EXPECT_EQ(test, read64(p->unit, PQT), 0);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PRS), 0);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PECTL), EVENT_IM);
}

/* Every fault of the table in section 7.1.3 that a page request can meet */
static void dropped(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(undeliverable); i++) {
		struct vtdsim_page_request req = page_at(0x7000);
		struct prq *p = prq_make(test);

		undeliverable[i].spoil(p);
		ask(p, req);
		expect_dropped(test, p, undeliverable[i].reason, true);

		/* Two that want no response get none: a stop marker, and */
		req.read = false;
		ask(p, req);
		req.read = true;
		req.last = false;
		ask(p, req);
		KUNIT_EXPECT_EQ(test, p->a->responses, 1);
		KUNIT_EXPECT_EQ(test, p->unit->stats.faults, 3);
	}
}

static void dropped_quietly(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(undeliverable); i++) {
		struct prq *p = prq_make(test);

		p->rig->ctx[0] |= FPD;
		undeliverable[i].spoil(p);
		ask(p, page_at(0x7000));
		expect_dropped(test, p, undeliverable[i].reason,
			       !undeliverable[i].fpd);
	}
}

/* A PASID beyond the directory, a privileged request, one without PASID */
static void dropped_fields(struct kunit *test)
{
	struct vtdsim_page_request req = page_at(0x7123);
	struct prq *p = prq_make(test);

	req.pasid = 0x2000;
	req.write = true;
	req.exec = true;
	req.priv = true;
	ask(p, req);
	KUNIT_EXPECT_EQ(test, read64(p->unit, FRCD), 0x7000);
	KUNIT_EXPECT_EQ(test, read64(p->unit, FRCD + 8),
			0x80200046b0000000 | SID);

	write64(p->unit, FRCD + 8, ~0ULL);
	*rig_entry(p->rig, RID_PASID) = 0;
	req.with_pasid = false;
	ask(p, req);
	KUNIT_EXPECT_EQ(test, read64(p->unit, FRCD + 8),
			0x8000005910000000 | SID);
	KUNIT_EXPECT_FALSE(test, p->a->resp.with_pasid);
}

/* The directory's size counts for a PASID whose entry is cached, too. */
static void dropped_size(struct kunit *test)
{
	struct vtdsim_context ctx = { .pasids = PASID, .pasid_en = true, .pre = true };
	struct prq *p = prq_make(test);
	unsigned long flags;

	test_add_pasid(test, p->unit, SID, PASID, 1);
	test_reserve(test, p->unit);
	raw_spin_lock_irqsave(&p->unit->lock, flags);
	vtdsim_cache_add_context(p->unit->cache, SID, &ctx);
	raw_spin_unlock_irqrestore(&p->unit->lock, flags);
	ask(p, page_at(0x7000));
	expect_dropped(test, p, 0x46, true);

	ctx.pasids++;
	raw_spin_lock_irqsave(&p->unit->lock, flags);
	vtdsim_cache_add_context(p->unit->cache, SID, &ctx);
	raw_spin_unlock_irqrestore(&p->unit->lock, flags);
	ask(p, page_at(0x7000));
	KUNIT_EXPECT_EQ(test, read32(p->unit, PRS), PRS_PPR);
	KUNIT_EXPECT_EQ(test, p->unit->stats.faults, 1);
}

/* With remapping off there are no tables to ask and no fault to tell. */
static void dropped_disabled(struct kunit *test)
{
	struct prq *p = prq_make(test);

	write32(p->unit, GCMD, GCMD_QIE);
	ask(p, page_at(0x7000));
	expect_dropped(test, p, 0, false);
}

static void dropped_no_queue(struct kunit *test)
{
	struct prq *p = prq_make(test);

	write64(p->unit, PQA, 0);
	ask(p, page_at(0x7000));
	expect_dropped(test, p, 0, false);
	KUNIT_EXPECT_EQ(test, p->unit->stats.violations, 1);
	write64(p->unit, PQA, NOWHERE);
	ask(p, page_at(0x7000));
	KUNIT_EXPECT_EQ(test, p->unit->stats.violations, 2);
	KUNIT_EXPECT_EQ(test, read64(p->unit, PQT), 0);
}

static struct kunit_case drop_cases[] = {
	KUNIT_CASE(dropped),
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
