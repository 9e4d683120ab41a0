// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of an endpoint with ATS behind a unit with tables and queues: use of its
 * translation cache, and invalidations.
 */
#include "cache/internals.h"
#include "fixture_endpoint.h"

static u64 endpoint_result(struct vtdsim_test_endpoint *e)
{
	return readq(e->ep.bar + VTDSIM_EP_RESULT);
}

/* Reads 0x1000 with PASID; 0 if that fails */
static u64 fetch_flags(struct vtdsim_test_endpoint *e, u32 flags)
{
	writeq(0, e->ep.bar + VTDSIM_EP_BUFFER);
	if (vtdsim_test_run(e, VTDSIM_EP_OP_READ, 0x1000, F_PASID | flags))
		return 0;
	return readq(e->ep.bar + VTDSIM_EP_BUFFER);
}

static u64 endpoint_fetch(struct vtdsim_test_endpoint *e)
{
	return fetch_flags(e, 0);
}

static u32 endpoint_store(struct vtdsim_test_endpoint *e, u64 val)
{
	writeq(val, e->ep.bar + VTDSIM_EP_BUFFER);
	return vtdsim_test_run(e, VTDSIM_EP_OP_WRITE, 0x1000, F_PASID);
}

static void cache_is_used_until_invalidated(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;

	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);
	vtdsim_test_remap(e, e->b, FS_URW);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);
	KUNIT_EXPECT_EQ(test, fetch_flags(e, VTDSIM_EP_F_UNTRANSLATED), 0xbbbb);
	ring_submit(e->p->ring, DESC_DEVTLB(SID), 0x2000);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);
	ring_submit(e->p->ring, DESC_DEVTLB(SID), 0x1000);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xbbbb);

	/* The same without any tables */
	e->root[0] = 0;
	vtdsim_test_pasid_entry(e->p->dma, PASID)[0] = 0;
	vtdsim_inv_pasid_all(e->p->unit->cache);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xbbbb);
	ring_submit(e->p->ring, DESC_PDEVTLB(SID, PASID), 0x1000);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_FAULT);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_REASON), 0x59);
}

/* The endpoint asks for a right only if its cache does not have it. */
static void rights_are_asked_for(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;

	vtdsim_test_remap(e, e->a, FS_UR);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);
	KUNIT_EXPECT_EQ(test, endpoint_store(e, 1), VTDSIM_EP_S_FAULT);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_REASON), 0x85);
	KUNIT_EXPECT_EQ(test, readq(e->ep.bar + VTDSIM_EP_FAULT_ADDR), 0x1000);
	KUNIT_EXPECT_EQ(test, e->p->unit->stats.faults, 0);
	vtdsim_test_remap(e, e->a, FS_URW);
	KUNIT_EXPECT_EQ(test, endpoint_store(e, 1), VTDSIM_EP_S_OK);
	KUNIT_EXPECT_EQ(test, e->a[0], 1);
	vtdsim_test_remap(e, e->a, FS_UR);
	KUNIT_EXPECT_EQ(test, endpoint_store(e, 2), VTDSIM_EP_S_OK);
	KUNIT_EXPECT_EQ(test, e->a[0], 2);

	/* The same for AtomicOps */
	KUNIT_EXPECT_EQ(test, vtdsim_test_run(e, VTDSIM_EP_OP_FETCH_ADD, 0x1000, F_PASID),
			VTDSIM_EP_S_OK);
	KUNIT_EXPECT_EQ(test, endpoint_result(e), 2);
	ring_submit(e->p->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	KUNIT_EXPECT_EQ(test, vtdsim_test_run(e, VTDSIM_EP_OP_FETCH_ADD, 0x1000, F_PASID),
			VTDSIM_EP_S_FAULT);
}

/* Absence is not cached: a new mapping needs no invalidation. */
static void absence_is_not_cached(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;

	vtdsim_test_remap(e, e->a, 0);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_REASON), 0x71);
	vtdsim_test_remap(e, e->a, FS_URW);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);
}

static void disabling_drops(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;

	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);
	vtdsim_test_remap(e, e->b, FS_URW);
	vtdsim_function_write(&e->ep.fn, CFG_ATS_CTRL, 0, 2);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xbbbb);
	vtdsim_function_write(&e->ep.fn, CFG_ATS_CTRL, 0x8000, 2);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xbbbb);
	/* The same with no command in between */
	vtdsim_test_remap(e, e->a, FS_URW);
	vtdsim_function_write(&e->ep.fn, CFG_ATS_CTRL, 0, 2);
	vtdsim_function_write(&e->ep.fn, CFG_ATS_CTRL, 0x8000, 2);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);

	vtdsim_function_write(&e->ep.fn, CFG_ATS_CTRL, 0, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_test_run(e, VTDSIM_EP_OP_TRANSLATE, 0x1000, F_PASID),
			VTDSIM_EP_S_NO_ATS);
}

static void reset_drops(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;

	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);
	vtdsim_test_remap(e, e->b, FS_URW);
	vtdsim_function_write(&e->ep.fn, CFG_DEVCTL, BIT(15), 2);
	vtdsim_test_look(e);
	vtdsim_function_write(&e->ep.fn, CFG_COMMAND, 0x6, 2);
	vtdsim_function_write(&e->ep.fn, CFG_PASID_CTRL, 0x7, 2);
	vtdsim_function_write(&e->ep.fn, CFG_ATS_CTRL, 0x8000, 2);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xbbbb);
}

static void translate_shows(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;

	KUNIT_EXPECT_EQ(test, vtdsim_test_run(e, VTDSIM_EP_OP_TRANSLATE, 0x1234, F_PASID), 0);
	KUNIT_EXPECT_EQ(test, endpoint_result(e), virt_to_phys(e->a) + 0x234);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_RIGHTS), VTDSIM_EP_R_READ);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_SIZE), 12);
	KUNIT_EXPECT_EQ(test,
			vtdsim_test_run(e, VTDSIM_EP_OP_TRANSLATE, 0x1234,
					F_PASID | VTDSIM_EP_F_WRITE),
			0);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_RIGHTS),
			VTDSIM_EP_R_READ | VTDSIM_EP_R_WRITE);
	KUNIT_EXPECT_EQ(test, vtdsim_test_run(e, VTDSIM_EP_OP_TRANSLATE, 0x2000, F_PASID), 0);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_RIGHTS), 0);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_REASON), 0x71);
	KUNIT_EXPECT_EQ(test, endpoint_result(e), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_test_run(e, VTDSIM_EP_OP_TRANSLATE, BIT_ULL(47), F_PASID), 0);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_RIGHTS), 0);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_REASON), 0x80);
	/* Without PASID: RID_PASID passes through. */
	KUNIT_EXPECT_EQ(test, vtdsim_test_run(e, VTDSIM_EP_OP_TRANSLATE, 0x5678, 0), 0);
	KUNIT_EXPECT_EQ(test, endpoint_result(e), 0x5678);

	/* The translation was cached, and is used. */
	vtdsim_test_remap(e, e->b, FS_URW);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);

	write32(e->p->unit, GCMD, GCMD_QIE);
	KUNIT_EXPECT_EQ(test, vtdsim_test_run(e, VTDSIM_EP_OP_TRANSLATE, 0x1000, F_PASID),
			VTDSIM_EP_S_UNSUPPORTED);
}

static void delayed_invalidation(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	u32 *status = e->p->ring->status;

	e->p->unit->devtlb.timeout_us = TEST_HOUR_US;
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);
	vtdsim_test_remap(e, e->b, FS_URW);
	bar_write(&e->ep, VTDSIM_EP_INV_DELAY, TEST_HOUR_US);
	ring_submit(e->p->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	ring_submit(e->p->ring, DESC_WAIT_WRITE(7), virt_to_phys(status));
	/* In use until it is complete */
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);
	KUNIT_EXPECT_EQ(test, *status, 0);
	vtdsim_test_answers_due(e);
	KUNIT_EXPECT_EQ(test, vtdsim_test_look(e), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, *status, 7);
	KUNIT_EXPECT_EQ(test, read32(e->p->unit, FSTS), 0);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xbbbb);
	KUNIT_EXPECT_EQ(test, vtdsim_test_look(e), VTDSIM_ENDPOINT_QUIET);

	/* The answer comes although the BAR is off now; without the BAR it comes at once */
	*status = 0;
	ring_submit(e->p->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	ring_submit(e->p->ring, DESC_WAIT_WRITE(7), virt_to_phys(status));
	vtdsim_function_write(&e->ep.fn, CFG_COMMAND, 0x4, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_test_look(e), VTDSIM_ENDPOINT_QUIET);
	vtdsim_test_answers_due(e);
	KUNIT_EXPECT_EQ(test, vtdsim_test_look(e), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, *status, 7);
	KUNIT_EXPECT_EQ(test, vtdsim_test_look(e), VTDSIM_ENDPOINT_OFF);
	*status = 0;
	ring_submit(e->p->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	ring_submit(e->p->ring, DESC_WAIT_WRITE(7), virt_to_phys(status));
	KUNIT_EXPECT_EQ(test, *status, 7);
}

/* The unit's caches have been invalidated, the device-TLB has not. */
static void stale_translation(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	u64 *violations = &e->p->unit->stats.violations;

	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);
	/* Without PASID: passes through */
	KUNIT_EXPECT_EQ(test, vtdsim_test_run(e, VTDSIM_EP_OP_TRANSLATE, 0x5678, 0), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(e->p->unit), 0);
	vtdsim_test_remap(e, e->b, FS_URW);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(e->p->unit), 1);
	KUNIT_EXPECT_EQ(test, *violations, 1);
	ring_submit(e->p->ring, DESC_DEVTLB(SID), 0x1000);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(e->p->unit), 0);

	/* Fewer rights are stale; more rights are not. */
	KUNIT_EXPECT_EQ(test, endpoint_store(e, 1), VTDSIM_EP_S_OK);
	vtdsim_test_remap(e, e->b, FS_UR);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(e->p->unit), 1);
	ring_submit(e->p->ring, DESC_DEVTLB(SID), 0x1000);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 1);
	vtdsim_test_remap(e, e->b, FS_URW);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(e->p->unit), 0);

	/* A translation of a PASID without an entry is stale. */
	vtdsim_test_pasid_entry(e->p->dma, PASID)[0] = 0;
	vtdsim_inv_pasid_all(e->p->unit->cache);
	vtdsim_inv_piotlb_pasid(e->p->unit->cache, 2, PASID);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(e->p->unit), 1);
	vtdsim_function_write(&e->ep.fn, CFG_ATS_CTRL, 0, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(e->p->unit), 0);
	KUNIT_EXPECT_EQ(test, *violations, 3);
}

static void lost_invalidation(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	u32 *status = e->p->ring->status;

	e->p->unit->devtlb.timeout_us = TEST_HOUR_US;
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);
	vtdsim_test_remap(e, e->b, FS_URW);
	bar_write(&e->ep, VTDSIM_EP_INV_LOSE, 1);
	ring_submit(e->p->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	ring_submit(e->p->ring, DESC_WAIT_WRITE(7), virt_to_phys(status));
	vtdsim_test_expire(e->p->unit, SID);
	KUNIT_EXPECT_EQ(test, read32(e->p->unit, FSTS), FSTS_ITE);
	KUNIT_EXPECT_EQ(test, read64(e->p->unit, IQERCD), (u64)SID << 32);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_INV_LOSE), 0);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);

	/* The next one works. */
	ring_submit(e->p->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	ring_submit(e->p->ring, DESC_WAIT_WRITE(7), virt_to_phys(status));
	KUNIT_EXPECT_EQ(test, *status, 0);
	write32(e->p->unit, FSTS, FSTS_ITE);
	KUNIT_EXPECT_EQ(test, *status, 7);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xbbbb);

	/* Without ATS the endpoint does not answer the message. */
	vtdsim_function_write(&e->ep.fn, CFG_ATS_CTRL, 0, 2);
	ring_submit(e->p->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	vtdsim_test_expire(e->p->unit, SID);
	KUNIT_EXPECT_EQ(test, read32(e->p->unit, FSTS), FSTS_ITE);
}

/* Memory is freed that a device TLB still has a translation to. */
static void freed_memory(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	struct vtdsim_unit *unit = e->p->unit;
	u64 a = virt_to_phys(e->a), b = virt_to_phys(e->b);
	u64 same = a + VTDSIM_REFERRED_PLACES * PAGE_SIZE;

	unit->devtlb.timeout_us = TEST_HOUR_US;
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);
	vtdsim_test_remap(e, e->b, FS_URW);
	vtdsim_inv_complete(unit->cache);
	vtdsim_rule_freed(unit, b, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 0);
	/* The filter is collected anew for memory that has its place, and is whole after that. */
	KUNIT_EXPECT_TRUE(test, vtdsim_cache_may_be_lent(unit->cache, same, PAGE_SIZE));
	vtdsim_rule_freed(unit, same, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 0);
	vtdsim_rule_freed(unit, a, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 1);

	ring_submit(e->p->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	vtdsim_rule_freed(unit, a, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 1);
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_may_be_lent(unit->cache, a, PAGE_SIZE));

	/* The device lost an invalidation: software can do no more. */
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xbbbb);
	bar_write(&e->ep, VTDSIM_EP_INV_LOSE, 1);
	ring_submit(e->p->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	vtdsim_test_expire(unit, SID);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_ITE);
	vtdsim_inv_iotlb_all(unit->cache);
	vtdsim_inv_complete(unit->cache);
	vtdsim_rule_freed(unit, b, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 1);
}

/* The endpoint does not support the Global Invalidate bit, and ignores it. */
static void global_bit_ignored(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;

	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);
	vtdsim_test_remap(e, e->b, FS_URW);
	ring_submit(e->p->ring, DESC_PDEVTLB(SID, PASID + 1), 0x7ffffffffffff801ULL);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);
	ring_submit(e->p->ring, DESC_PDEVTLB(SID, PASID), 0x7ffffffffffff800ULL);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xbbbb);
}

/* Whoever owns the BAR cannot have invalidations lost or delayed, unless root allows it. */
static void misbehaviour_not_allowed(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	u64 *status = vtdsim_test_page(test);

	e->p->unit->misbehave = false;
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xaaaa);
	vtdsim_test_remap(e, e->b, FS_URW);
	bar_write(&e->ep, VTDSIM_EP_INV_LOSE, 1);
	bar_write(&e->ep, VTDSIM_EP_INV_DELAY, TEST_HOUR_US);
	ring_submit(e->p->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	ring_submit(e->p->ring, DESC_WAIT_WRITE(7), virt_to_phys(status));
	KUNIT_EXPECT_EQ(test, *status, 7);
	KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_INV_LOSE), 1);
	KUNIT_EXPECT_EQ(test, endpoint_fetch(e), 0xbbbb);
}

static u32 run_translated(struct vtdsim_test_endpoint *e, u32 op, void *page)
{
	writeq(0xcccc, e->ep.bar + VTDSIM_EP_BUFFER);
	return vtdsim_test_run(e, op, virt_to_phys(page), VTDSIM_EP_F_TRANSLATED);
}

/* The endpoint says that an address is translated, and no translation was asked for. */
static void translated_by_itself(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	static const u16 ats[] = { 0x8000, 0 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ats); i++) {
		vtdsim_function_write(&e->ep.fn, CFG_ATS_CTRL, ats[i], 2);
		e->b[0] = 0xbbbb;
		e->p->dma->ctx[0] |= CTX_DTE;
		vtdsim_inv_context_all(e->p->unit->cache);
		KUNIT_EXPECT_EQ(test, run_translated(e, VTDSIM_EP_OP_READ, e->b), 0);
		KUNIT_EXPECT_EQ(test, readq(e->ep.bar + VTDSIM_EP_BUFFER), 0xbbbb);
		KUNIT_EXPECT_EQ(test, run_translated(e, VTDSIM_EP_OP_WRITE, e->b), 0);
		KUNIT_EXPECT_EQ(test, e->b[0], 0xcccc);
		KUNIT_EXPECT_EQ(test, run_translated(e, VTDSIM_EP_OP_FETCH_ADD, e->b), 0);
		KUNIT_EXPECT_EQ(test, endpoint_result(e), 0xcccc);

		e->p->dma->ctx[0] &= ~(CTX_DTE | CTX_PRE);
		vtdsim_inv_context_all(e->p->unit->cache);
		e->b[0] = 0xbbbb;
		KUNIT_EXPECT_EQ(test, run_translated(e, VTDSIM_EP_OP_READ, e->b),
				VTDSIM_EP_S_FAULT);
		KUNIT_EXPECT_EQ(test, bar_read(&e->ep, VTDSIM_EP_REASON), 0x44);
		KUNIT_EXPECT_EQ(test, readq(e->ep.bar + VTDSIM_EP_BUFFER), 0xcccc);
		KUNIT_EXPECT_EQ(test, run_translated(e, VTDSIM_EP_OP_WRITE, e->b),
				VTDSIM_EP_S_FAULT);
		KUNIT_EXPECT_EQ(test, e->b[0], 0xbbbb);
	}

	e->p->dma->ctx[0] |= CTX_DTE;
	vtdsim_inv_context_all(e->p->unit->cache);
	e->p->unit->misbehave = false;
	KUNIT_EXPECT_EQ(test, run_translated(e, VTDSIM_EP_OP_WRITE, e->b),
			VTDSIM_EP_S_NO_MISBEHAVIOUR);
	KUNIT_EXPECT_EQ(test, e->b[0], 0xbbbb);
}

/* A tag that is used again before its answer is due has one answer. */
static void late_tag_again(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	unsigned int i;

	e->p->unit->devtlb.timeout_us = TEST_HOUR_US;
	bar_write(&e->ep, VTDSIM_EP_INV_DELAY, TEST_HOUR_US);
	ring_submit(e->p->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	vtdsim_test_expire(e->p->unit, SID);
	KUNIT_EXPECT_EQ(test, read32(e->p->unit, FSTS), FSTS_ITE);
	write32(e->p->unit, FSTS, FSTS_ITE);
	for (i = 0; i < VTDSIM_ITAGS; i++)
		ring_submit(e->p->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	KUNIT_EXPECT_TRUE(test, vtdsim_endpoint_is_late(&e->ep));
	vtdsim_test_answers_due(e);
	vtdsim_test_look(e);
	KUNIT_EXPECT_FALSE(test, vtdsim_endpoint_is_late(&e->ep));
	KUNIT_EXPECT_EQ(test, read32(e->p->unit, FSTS), 0);
}

static struct kunit_case endpoint_ats_cases[] = {
	KUNIT_CASE(cache_is_used_until_invalidated),
	KUNIT_CASE(rights_are_asked_for),
	KUNIT_CASE(absence_is_not_cached),
	KUNIT_CASE(disabling_drops),
	KUNIT_CASE(reset_drops),
	KUNIT_CASE(translate_shows),
	KUNIT_CASE(delayed_invalidation),
	KUNIT_CASE(stale_translation),
	KUNIT_CASE(lost_invalidation),
	KUNIT_CASE(freed_memory),
	KUNIT_CASE(global_bit_ignored),
	KUNIT_CASE(misbehaviour_not_allowed),
	KUNIT_CASE(translated_by_itself),
	KUNIT_CASE(late_tag_again),
	{}
};

static struct kunit_suite endpoint_ats_suite = {
	.name = "vtdsim-endpoint-ats",
	.init = vtdsim_test_endpoint_init,
	.test_cases = endpoint_ats_cases,
};

kunit_test_suite(endpoint_ats_suite);
