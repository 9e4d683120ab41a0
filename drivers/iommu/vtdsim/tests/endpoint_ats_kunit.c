// SPDX-License-Identifier: GPL-2.0-only
/*
 * An endpoint with ATS before a unit with tables and queues: what software sees
 * of its cache, and of its invalidations.
 */
#include "endpoint_rig.h"

#define FSTS_ITE	0x40

static u64 result(struct lab *l)
{
	return readq(l->ep.bar + VTDSIM_EP_RESULT);
}

/* What a read of PASID's 0x1000 brings; 0 if it fails */
static u64 fetch_flags(struct lab *l, u32 flags)
{
	writeq(0, l->ep.bar + VTDSIM_EP_BUFFER);
	if (run(l, VTDSIM_EP_OP_READ, 0x1000, F_PASID | flags))
		return 0;
	return readq(l->ep.bar + VTDSIM_EP_BUFFER);
}

static u64 fetch(struct lab *l)
{
	return fetch_flags(l, 0);
}

static u32 store(struct lab *l, u64 val)
{
	writeq(val, l->ep.bar + VTDSIM_EP_BUFFER);
	return run(l, VTDSIM_EP_OP_WRITE, 0x1000, F_PASID);
}

static void cache_is_used_until_invalidated(struct kunit *test)
{
	struct lab *l = test->priv;

	KUNIT_EXPECT_EQ(test, fetch(l), 0xaaaa);
	remap(l, l->b, FS_URW);
	KUNIT_EXPECT_EQ(test, fetch(l), 0xaaaa);
	KUNIT_EXPECT_EQ(test, fetch_flags(l, VTDSIM_EP_F_UNTRANSLATED), 0xbbbb);
	drop_page(l, 0x2000);
	KUNIT_EXPECT_EQ(test, fetch(l), 0xaaaa);
	drop_page(l, 0x1000);
	KUNIT_EXPECT_EQ(test, fetch(l), 0xbbbb);

	/* Even without any tables */
	l->root[0] = 0;
	rig_entry(l->p->rig, PASID)[0] = 0;
	vtdsim_inv_pasid_all(l->p->unit->cache);
	KUNIT_EXPECT_EQ(test, fetch(l), 0xbbbb);
	submit2(l->p, 0x8ULL | (u64)SID << 16 | (u64)PASID << 32, 0x1000);
	KUNIT_EXPECT_EQ(test, fetch(l), 0);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_STATUS), VTDSIM_EP_S_FAULT);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_REASON), 0x59);
}

/* A right that the cache has not is asked for; one it has is not. */
static void rights_are_asked_for(struct kunit *test)
{
	struct lab *l = test->priv;

	remap(l, l->a, FS_UR);
	KUNIT_EXPECT_EQ(test, fetch(l), 0xaaaa);
	KUNIT_EXPECT_EQ(test, store(l, 1), VTDSIM_EP_S_FAULT);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_REASON), 0x85);
	KUNIT_EXPECT_EQ(test, readq(l->ep.bar + VTDSIM_EP_FAULT_ADDR), 0x1000);
	KUNIT_EXPECT_EQ(test, l->p->unit->stats.faults, 0);
	remap(l, l->a, FS_URW);
	KUNIT_EXPECT_EQ(test, store(l, 1), VTDSIM_EP_S_OK);
	KUNIT_EXPECT_EQ(test, l->a[0], 1);
	remap(l, l->a, FS_UR);
	KUNIT_EXPECT_EQ(test, store(l, 2), VTDSIM_EP_S_OK);
	KUNIT_EXPECT_EQ(test, l->a[0], 2);

	/* AtomicOps go the same way. */
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_FETCH_ADD, 0x1000, F_PASID),
			VTDSIM_EP_S_OK);
	KUNIT_EXPECT_EQ(test, result(l), 2);
	drop_all(l);
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_FETCH_ADD, 0x1000, F_PASID),
			VTDSIM_EP_S_FAULT);
}

/* What is not there is not kept: no invalidation is needed to see it come. */
static void absence_is_not_cached(struct kunit *test)
{
	struct lab *l = test->priv;

	remap(l, l->a, 0);
	KUNIT_EXPECT_EQ(test, fetch(l), 0);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_REASON), 0x71);
	remap(l, l->a, FS_URW);
	KUNIT_EXPECT_EQ(test, fetch(l), 0xaaaa);
}

static void disabling_drops(struct kunit *test)
{
	struct lab *l = test->priv;

	KUNIT_EXPECT_EQ(test, fetch(l), 0xaaaa);
	remap(l, l->b, FS_URW);
	config(l, ATS_CTRL, 0, 2);
	KUNIT_EXPECT_EQ(test, fetch(l), 0xbbbb);
	config(l, ATS_CTRL, 0x8000, 2);
	KUNIT_EXPECT_EQ(test, fetch(l), 0xbbbb);
	/* Not noticed by any command in between */
	remap(l, l->a, FS_URW);
	config(l, ATS_CTRL, 0, 2);
	config(l, ATS_CTRL, 0x8000, 2);
	KUNIT_EXPECT_EQ(test, fetch(l), 0xaaaa);

	config(l, ATS_CTRL, 0, 2);
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_TRANSLATE, 0x1000, F_PASID),
			VTDSIM_EP_S_NO_ATS);
}

static void reset_drops(struct kunit *test)
{
	struct lab *l = test->priv;

	KUNIT_EXPECT_EQ(test, fetch(l), 0xaaaa);
	remap(l, l->b, FS_URW);
	config(l, DEVCTL, BIT(15), 2);
	vtdsim_endpoint_poll(&l->ep);
	config(l, COMMAND, 0x6, 2);
	config(l, PASID_CTRL, 0x7, 2);
	config(l, ATS_CTRL, 0x8000, 2);
	KUNIT_EXPECT_EQ(test, fetch(l), 0xbbbb);
}

static void translate_shows(struct kunit *test)
{
	struct lab *l = test->priv;

	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_TRANSLATE, 0x1234, F_PASID), 0);
	KUNIT_EXPECT_EQ(test, result(l), virt_to_phys(l->a) + 0x234);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_RIGHTS), VTDSIM_EP_R_READ);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_SIZE), 12);
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_TRANSLATE, 0x1234,
				  F_PASID | VTDSIM_EP_F_WRITE), 0);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_RIGHTS),
			VTDSIM_EP_R_READ | VTDSIM_EP_R_WRITE);
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_TRANSLATE, 0x2000, F_PASID), 0);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_RIGHTS), 0);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_REASON), 0x71);
	KUNIT_EXPECT_EQ(test, result(l), 0);
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_TRANSLATE, BIT_ULL(47), F_PASID), 0);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_RIGHTS), 0);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_REASON), 0x80);
	/* Without PASID: the rig's RID_PASID passes through. */
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_TRANSLATE, 0x5678, 0), 0);
	KUNIT_EXPECT_EQ(test, result(l), 0x5678);

	/* It was kept, and is used. */
	remap(l, l->b, FS_URW);
	KUNIT_EXPECT_EQ(test, fetch(l), 0xaaaa);

	write32(l->p->unit, GCMD, GCMD_QIE);
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_TRANSLATE, 0x1000, F_PASID),
			VTDSIM_EP_S_UNSUPPORTED);
}

static void delayed_invalidation(struct kunit *test)
{
	struct lab *l = test->priv;
	u64 *status = rig_page(test);

	l->p->unit->devtlb.timeout_us = TEST_HOUR_US;
	KUNIT_EXPECT_EQ(test, fetch(l), 0xaaaa);
	remap(l, l->b, FS_URW);
	put(l, VTDSIM_EP_INV_DELAY, TEST_HOUR_US);
	drop_all(l);
	submit2(l->p, WAIT_7, virt_to_phys(status));
	/* In use until it is complete */
	KUNIT_EXPECT_EQ(test, fetch(l), 0xaaaa);
	KUNIT_EXPECT_EQ(test, *status, 0);
	answers_are_due(l);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&l->ep), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, *status, 7);
	KUNIT_EXPECT_EQ(test, read32(l->p->unit, FSTS), 0);
	KUNIT_EXPECT_EQ(test, fetch(l), 0xbbbb);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&l->ep), VTDSIM_ENDPOINT_QUIET);

	/* Answered too though the BAR has gone meanwhile; at once without it */
	*status = 0;
	drop_all(l);
	submit2(l->p, WAIT_7, virt_to_phys(status));
	config(l, COMMAND, 0x4, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&l->ep), VTDSIM_ENDPOINT_QUIET);
	answers_are_due(l);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&l->ep), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, *status, 7);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&l->ep), VTDSIM_ENDPOINT_OFF);
	*status = 0;
	drop_all(l);
	submit2(l->p, WAIT_7, virt_to_phys(status));
	KUNIT_EXPECT_EQ(test, *status, 7);
}

/* The unit has invalidated, the device has not. */
static void stale_translation(struct kunit *test)
{
	struct lab *l = test->priv;
	u64 *violations = &l->p->unit->stats.violations;

	KUNIT_EXPECT_EQ(test, fetch(l), 0xaaaa);
	/* Without PASID: passes through */
	KUNIT_EXPECT_EQ(test, run(l, VTDSIM_EP_OP_TRANSLATE, 0x5678, 0), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(l->p->unit), 0);
	remap(l, l->b, FS_URW);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(l->p->unit), 1);
	KUNIT_EXPECT_EQ(test, *violations, 1);
	drop_page(l, 0x1000);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(l->p->unit), 0);

	/* Fewer rights; more of them are no mistake. */
	KUNIT_EXPECT_EQ(test, store(l, 1), VTDSIM_EP_S_OK);
	remap(l, l->b, FS_UR);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(l->p->unit), 1);
	drop_page(l, 0x1000);
	KUNIT_EXPECT_EQ(test, fetch(l), 1);
	remap(l, l->b, FS_URW);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(l->p->unit), 0);

	/* What a device has of a PASID without an entry it should not have. */
	rig_entry(l->p->rig, PASID)[0] = 0;
	vtdsim_inv_pasid_all(l->p->unit->cache);
	vtdsim_inv_piotlb_pasid(l->p->unit->cache, 2, PASID);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(l->p->unit), 1);
	config(l, ATS_CTRL, 0, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_audit(l->p->unit), 0);
	KUNIT_EXPECT_EQ(test, *violations, 3);
}

static void lost_invalidation(struct kunit *test)
{
	struct lab *l = test->priv;
	u64 *status = rig_page(test);

	l->p->unit->devtlb.timeout_us = TEST_HOUR_US;
	KUNIT_EXPECT_EQ(test, fetch(l), 0xaaaa);
	remap(l, l->b, FS_URW);
	put(l, VTDSIM_EP_INV_LOSE, 1);
	drop_all(l);
	submit2(l->p, WAIT_7, virt_to_phys(status));
	test_time_is_up(l->p->unit, SID);
	KUNIT_EXPECT_EQ(test, read32(l->p->unit, FSTS), FSTS_ITE);
	KUNIT_EXPECT_EQ(test, read64(l->p->unit, IQERCD), (u64)SID << 32);
	KUNIT_EXPECT_EQ(test, get(l, VTDSIM_EP_INV_LOSE), 0);
	KUNIT_EXPECT_EQ(test, fetch(l), 0xaaaa);

	/* The next one works. */
	drop_all(l);
	submit2(l->p, WAIT_7, virt_to_phys(status));
	KUNIT_EXPECT_EQ(test, *status, 0);
	write32(l->p->unit, FSTS, FSTS_ITE);
	KUNIT_EXPECT_EQ(test, *status, 7);
	KUNIT_EXPECT_EQ(test, fetch(l), 0xbbbb);

	/* Without ATS, the endpoint does not know the message. */
	config(l, ATS_CTRL, 0, 2);
	drop_all(l);
	test_time_is_up(l->p->unit, SID);
	KUNIT_EXPECT_EQ(test, read32(l->p->unit, FSTS), FSTS_ITE);
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
	{}
};

static struct kunit_suite endpoint_ats_suite = {
	.name = "vtdsim-endpoint-ats",
	.init = lab_init,
	.test_cases = endpoint_ats_cases,
};

kunit_test_suite(endpoint_ats_suite);
