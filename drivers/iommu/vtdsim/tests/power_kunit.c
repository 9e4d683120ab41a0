// SPDX-License-Identifier: GPL-2.0-only
/* Tests of a loss of power: a unit and an endpoint that have forgotten everything. */
#include <linux/io.h>

#include "fixture_dma.h"
#include "fixture_endpoint.h"
#include "fixture_requester.h"
#include "fixture_ring.h"
#include "queue/power.h"
#include "tables/cache_lines.h"
#include "unit/fault_reasons.h"

#define DID		2
#define ADDR		0x40000000ULL
#define ALL		0x7ffffffffffff000ULL
#define ONES		0xffffffffu

/* What a driver does to have a unit translate again */
static void bring_up(struct vtdsim_unit *unit, u64 rtaddr)
{
	write64(unit, RTADDR, rtaddr);
	write32(unit, GCMD, read32(unit, GSTS) | GCMD_SRTP);
	write32(unit, GCMD, (read32(unit, GSTS) & ~GCMD_SRTP) | GCMD_TE);
}

/* A queue that is empty, from the beginning of its memory */
static void bring_up_queue(struct vtdsim_test_ring *ring)
{
	struct vtdsim_unit *unit = ring->unit;

	ring->tail = 0;
	write32(unit, IQT, 0);
	write64(unit, IQA, virt_to_phys(ring->mem) | IQA_WIDE);
	write32(unit, GCMD, (read32(unit, GSTS) & ~GCMD_SRTP) | GCMD_QIE);
}

/* Every register has its reset value, those that nothing but a loss of power resets, too. */
static void power_resets_registers(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	struct vtdsim_unit *unit = e->p->unit;
	struct vtdsim_unit *fresh = vtdsim_test_unit_with(test, unit->caps.cap, unit->caps.ecap);
	unsigned int i;

	write32(unit, FECTL, 0);
	write32(unit, PECTL, 0);
	write32(unit, FECTL + VTDSIM_EVENT_DATA, 0x31);
	write32(unit, PECTL + VTDSIM_EVENT_ADDR, 0xfee00000);
	vtdsim_test_expect_fault(e->p->dma, pasid_req(0x5000, PASID), VTDSIM_FR_FS_PRESENT, true);
	KUNIT_EXPECT_NE(test, 0, read32(unit, FSTS));
	KUNIT_EXPECT_NE(test, 0, recorded_fault(e->p->dma));

	vtdsim_unit_lose_power(unit);
	for (i = 0; i < VTDSIM_REG_BYTES; i += sizeof(u64))
		KUNIT_EXPECT_EQ_MSG(test, read64(fresh, i), read64(unit, i), "register %#x", i);
	KUNIT_EXPECT_EQ(test, 0, unit->rtaddr);
	KUNIT_EXPECT_EQ(test, 0, unit->fault_next);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);
}

/* A mapping that was cached is looked up again, without any invalidation. */
static void power_empties_caches(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_cached(test, VTDSIM_PGTT_FIRST, DID, ADDR);
	u64 *root = vtdsim_test_page(test), *page = vtdsim_test_page(test);
	u64 rtaddr = d->unit->rtaddr;

	vtdsim_test_requester_new(test, d->unit, SID);
	*page = 0x5678;
	vtdsim_test_map_first(d, root, ADDR, page, FS_URW);
	vtdsim_test_set_first(d, PASID, DID, root);
	KUNIT_EXPECT_EQ(test, 0x1234, vtdsim_test_read(d, pasid_req(ADDR, PASID)));
	vtdsim_unit_lose_power(d->unit);
	bring_up(d->unit, rtaddr);
	KUNIT_EXPECT_EQ(test, 0x5678, vtdsim_test_read(d, pasid_req(ADDR, PASID)));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(d->unit));
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.violations);
}

/* Until software has brought up the unit, requests are not translated (section 11.4.4.1). */
static void power_disables_translation(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_cached(test, VTDSIM_PGTT_SECOND, DID, ADDR);
	u64 rtaddr = d->unit->rtaddr, *page = vtdsim_test_page(test);
	u64 faults = d->unit->stats.faults;

	*page = 0x9abc;
	KUNIT_EXPECT_NE(test, 0x9abc, vtdsim_test_read(d, rid_req(virt_to_phys(page))));
	KUNIT_EXPECT_EQ(test, faults + 1, d->unit->stats.faults);
	vtdsim_unit_lose_power(d->unit);
	KUNIT_EXPECT_EQ(test, 0x9abc, vtdsim_test_read(d, rid_req(virt_to_phys(page))));
	bring_up(d->unit, rtaddr);
	KUNIT_EXPECT_NE(test, 0x9abc, vtdsim_test_read(d, rid_req(virt_to_phys(page))));
	KUNIT_EXPECT_EQ(test, faults + 2, d->unit->stats.faults);
}

/* An invalidation that nobody answers, and the wait behind it, are gone: no time-out comes. */
static void power_ends_invalidations(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	struct vtdsim_test_ring *ring = e->p->ring;
	struct vtdsim_unit *unit = e->p->unit;
	u64 rtaddr = unit->rtaddr;

	e->p->b->slow = true;
	ring_put(ring, DESC_DEVTLB(SID_B), DEVTLB_ALL);
	ring_put_wait(ring, 0);
	ring_kick(ring);
	KUNIT_EXPECT_EQ(test, 0, ring->status[0]);
	KUNIT_EXPECT_EQ(test, 1, unit->devtlb.busy);

	vtdsim_unit_lose_power(unit);
	KUNIT_EXPECT_EQ(test, 0, unit->devtlb.busy);
	vtdsim_test_expire(unit, SID_B);
	KUNIT_EXPECT_EQ(test, 0, read32(unit, FSTS));
	KUNIT_EXPECT_EQ(test, 0, ring->status[0]);

	bring_up(unit, rtaddr);
	bring_up_queue(ring);
	ring_put(ring, DESC_IOTLB(1), 0);
	ring_put_wait(ring, 1);
	ring_kick(ring);
	KUNIT_EXPECT_EQ(test, 2, ring->status[1]);
	vtdsim_test_expect_done(test, ring);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);
}

/* The unit comes up without what it was about to do, at whatever time. */
static void power_ends_async(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	struct vtdsim_test_ring *ring = e->p->ring;
	struct vtdsim_unit *unit = e->p->unit;
	unsigned int i;
	u32 status;

	vtdsim_async_seed(unit, 7);
	for (i = 0; i < 20; i++) {
		ring_put(ring, DESC_IOTLB(1), 0);
		ring_put_wait(ring, i);
	}
	vtdsim_reg_write(unit, IQT, ring->tail, 4);
	vtdsim_reg_write(unit, RTADDR, 0x1000, 8);
	vtdsim_reg_write(unit, GCMD, GCMD_TE | GCMD_QIE | GCMD_SRTP, 4);
	vtdsim_unit_lose_power(unit);
	/* It may have come as far as this. */
	status = ring->status[19];
	vtdsim_test_settle(unit);
	KUNIT_EXPECT_EQ(test, 0, unit->async.flying);
	KUNIT_EXPECT_EQ(test, status, ring->status[19]);
	KUNIT_EXPECT_EQ(test, 0, read32(unit, GSTS));
	KUNIT_EXPECT_EQ(test, 0, unit->rtaddr);
}

/* Without timers the unit does everything at once, what it was about to do included. */
static void suspend_needs_no_timers(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	struct vtdsim_test_ring *ring = e->p->ring;
	struct vtdsim_unit *unit = e->p->unit;

	vtdsim_async_seed(unit, 7);
	ring_put(ring, DESC_IOTLB(1), 0);
	ring_put_wait(ring, 0);
	vtdsim_reg_write(unit, IQT, ring->tail, 4);
	vtdsim_async_suspend(unit);
	KUNIT_EXPECT_EQ(test, 1, ring->status[0]);
	ring_put(ring, DESC_IOTLB(1), 0);
	ring_put_wait(ring, 1);
	vtdsim_reg_write(unit, IQT, ring->tail, 4);
	KUNIT_EXPECT_EQ(test, 2, ring->status[1]);
	vtdsim_reg_write(unit, GCMD, GCMD_QIE, 4);
	KUNIT_EXPECT_EQ(test, GCMD_QIE, vtdsim_reg_read(unit, GSTS, 4));

	vtdsim_unit_lose_power(unit);
	vtdsim_async_resume(unit);
	KUNIT_EXPECT_EQ(test, 7, unit->async.seed);
}

/* An endpoint comes up as after power-on, when its engine gets to it, and not before. */
static void power_resets_endpoint(struct kunit *test)
{
	struct vtdsim_test_endpoint *e = test->priv;
	struct vtdsim_function *fn = &e->ep.fn;
	u32 id = vtdsim_function_read(fn, 0, 4);

	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_run(e, VTDSIM_EP_OP_READ, 0x1000, F_PASID));
	KUNIT_EXPECT_EQ(test, 1, e->ep.atc.count);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_start(e, VTDSIM_EP_OP_READ, 0x2000,
						   F_PASID | VTDSIM_EP_F_PAGE_REQUEST));
	vtdsim_unit_lose_power(e->p->unit);
	KUNIT_EXPECT_EQ(test, ONES, vtdsim_function_read(fn, 0, 4));
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).master);
	KUNIT_EXPECT_EQ(test, 0, e->ep.requester.ops->epoch(&e->ep.requester));

	KUNIT_EXPECT_EQ(test, VTDSIM_ENDPOINT_BUSY, vtdsim_endpoint_poll(&e->ep));
	KUNIT_EXPECT_EQ(test, id, vtdsim_function_read(fn, 0, 4));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_function_read(fn, CFG_COMMAND, 2));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_function_read(fn, CFG_ATS_CTRL, 2));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_function_read(fn, CFG_PRI_CTRL, 2));
	KUNIT_EXPECT_EQ(test, 0, e->ep.atc.count);
	KUNIT_EXPECT_EQ(test, 0, bar_read(&e->ep, VTDSIM_EP_DONE));
	KUNIT_EXPECT_FALSE(test, e->ep.busy);
	/* Software owes no answer to what the endpoint has forgotten. */
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(e->p->unit));
	KUNIT_EXPECT_EQ(test, 0, e->p->unit->stats.violations);
}

/* What was in the wrong order before does not matter: no device TLB has a translation. */
static void power_ends_rules(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_cached(test, VTDSIM_PGTT_FIRST, DID, ADDR);
	struct vtdsim_unit *unit = d->unit;

	unit->caps.ecap |= VTDSIM_ECAP_DT;
	vtdsim_test_requester_new(test, unit, SID);
	vtdsim_test_descriptor(unit, DESC_PDEVTLB(SID, PASID), ALL | BIT(11));
	vtdsim_test_descriptor(unit, DESC_PIOTLB(2) | DESC_DID(DID) | DESC_HIGH(PASID), 0);
	vtdsim_unit_lose_power(unit);
	vtdsim_test_descriptor(unit, DESC_WAIT | WAIT_FN, 0);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);
}

/* The CPUs write back their caches before power goes. */
static void power_writes_back_lines(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	struct vtdsim_lines *lines = vtdsim_lines_create(d->unit);
	u64 *table = vtdsim_test_page(test), now, later;
	unsigned long flags;

	KUNIT_ASSERT_NOT_NULL(test, lines);
	d->unit->caps.lines = lines;
	*table = 1;
	vtdsim_lines_flush(lines, virt_to_phys(table), sizeof(*table));
	*table = 2;
	raw_spin_lock_irqsave(&d->unit->lock, flags);
	vtdsim_lines_read64(lines, virt_to_phys(table), 0, &now);
	raw_spin_unlock_irqrestore(&d->unit->lock, flags);
	vtdsim_unit_lose_power(d->unit);
	raw_spin_lock_irqsave(&d->unit->lock, flags);
	vtdsim_lines_read64(lines, virt_to_phys(table), 0, &later);
	raw_spin_unlock_irqrestore(&d->unit->lock, flags);
	KUNIT_EXPECT_EQ(test, 1, now);
	KUNIT_EXPECT_EQ(test, 2, later);
	KUNIT_EXPECT_NULL(test, vtdsim_lines_next(lines, NULL));
	d->unit->caps.lines = NULL;
	vtdsim_lines_destroy(lines);
}

static struct kunit_case power_cases[] = {
	KUNIT_CASE(power_resets_registers),
	KUNIT_CASE(power_empties_caches),
	KUNIT_CASE(power_disables_translation),
	KUNIT_CASE(power_ends_invalidations),
	KUNIT_CASE(power_ends_async),
	KUNIT_CASE(suspend_needs_no_timers),
	KUNIT_CASE(power_resets_endpoint),
	KUNIT_CASE(power_ends_rules),
	KUNIT_CASE(power_writes_back_lines),
	{}
};

static struct kunit_suite power_suite = {
	.name = "vtdsim-power",
	.init = vtdsim_test_endpoint_init,
	.test_cases = power_cases,
};

kunit_test_suite(power_suite);
