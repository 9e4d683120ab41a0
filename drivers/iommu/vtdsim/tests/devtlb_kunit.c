// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of device-TLB invalidations: what an endpoint gets of a descriptor, how the
 * queue waits for its answer, and time-outs.
 */
#include <linux/io.h>

#include "fixture_requester.h"
#include "fixture_ring.h"
#include "kunit_case.h"

#define S		1ULL
#define PS		0x800ULL
#define G		1ULL
#define SID_A		0x0108
#define SID_B		0x0110
#define DONE		0x600dULL

/**
 * struct devtlb - a queue and two endpoints
 * @ring: the queue
 * @unit: its unit
 * @a: endpoint SID_A
 * @b: endpoint SID_B
 */
struct devtlb {
	struct vtdsim_test_ring *ring;
	struct vtdsim_unit *unit;
	struct vtdsim_test_requester *a;
	struct vtdsim_test_requester *b;
};

static struct devtlb *devtlb_with(struct kunit *test, u64 ecap)
{
	struct devtlb *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->ring = vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP | ecap);
	t->unit = t->ring->unit;
	vtdsim_test_translation(t->unit, true);
	t->unit->devtlb.timeout_us = TEST_HOUR_US;
	t->a = vtdsim_test_requester_new(test, t->unit, SID_A);
	t->b = vtdsim_test_requester_new(test, t->unit, SID_B);
	return t;
}

static struct devtlb *devtlb_new(struct kunit *test)
{
	return devtlb_with(test, ECAP_DT);
}

/* A wait that writes DONE */
static void put_wait(struct devtlb *t)
{
	ring_put(t->ring, DESC_WAIT_WRITE(DONE), virt_to_phys(t->ring->status));
}

static void devtlb_done(struct devtlb *t, u16 sid, u8 itag)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&t->unit->lock, flags);
	vtdsim_devtlb_done(t->unit, sid, itag);
	raw_spin_unlock_irqrestore(&t->unit->lock, flags);
	vtdsim_test_settle(t->unit);
}

static void devtlb_ranges(struct kunit *test)
{
	static const struct {
		u64 q1;
		u64 addr;
		u8 order;
	} cases[] = {
		{ 0x5000, 0x5000, 0 },
		{ 0xffffffffffffffff & ~0xfffull, 0xfffffffffffff000, 0 },
		{ 0x4000 | S, 0x4000, 1 },
		{ 0x7fff000 | S, 0, 16 },
		{ 0x10ff000 | S, 0x1000000, 9 },
		{ 0x7ffffffffffff000 | S, 0, 52 },
		{ 0xbffffffffffff000 | S, 0x8000000000000000, 51 },
	};
	struct devtlb *t = devtlb_new(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ring_submit(t->ring, DESC_DEVTLB(SID_A), cases[i].q1);
		KUNIT_EXPECT_EQ(test, t->a->inv.addr, cases[i].addr);
		KUNIT_EXPECT_EQ(test, t->a->inv.order, cases[i].order);
		KUNIT_EXPECT_FALSE(test, t->a->inv.with_pasid);
		ring_submit(t->ring, DESC_PDEVTLB(SID_B, 0xabcde),
			    (cases[i].q1 & ~S) | (cases[i].q1 & S) * PS);
		KUNIT_EXPECT_EQ(test, t->b->inv.addr, cases[i].addr);
		KUNIT_EXPECT_EQ(test, t->b->inv.order, cases[i].order);
		KUNIT_EXPECT_EQ(test, t->b->inv.pasid, 0xabcde);
		KUNIT_EXPECT_TRUE(test, t->b->inv.with_pasid);
		KUNIT_EXPECT_FALSE(test, t->b->inv.global);
	}
	ring_submit(t->ring, DESC_PDEVTLB(SID_B, 3), 0x5000 | G);
	KUNIT_EXPECT_TRUE(test, t->b->inv.global);
	vtdsim_test_expect_done(test, t->ring);
	KUNIT_EXPECT_EQ(test, t->a->invs, ARRAY_SIZE(cases));
	KUNIT_EXPECT_EQ(test, t->b->invs, ARRAY_SIZE(cases) + 1);
	KUNIT_EXPECT_EQ(test, t->unit->stats.violations, 0);

	/* All ones: there is no such size. */
	ring_submit(t->ring, DESC_DEVTLB(SID_A), ~0xfffull | S);
	KUNIT_EXPECT_EQ(test, t->a->inv.order, 52);
	KUNIT_EXPECT_EQ(test, t->a->inv.addr, 0);
	KUNIT_EXPECT_EQ(test, t->unit->stats.violations, 1);
}

static void expect_reserved(struct kunit *test, struct devtlb *t, u64 q0, u64 q1)
{
	u32 head = t->ring->tail;
	unsigned int count = t->a->invs;

	ring_submit(t->ring, q0, q1);
	KUNIT_EXPECT_EQ_MSG(test, read32(t->unit, FSTS), FSTS_IQE, "%#llx %#llx", q0, q1);
	vtdsim_test_expect_stopped(test, t->ring, head, 4);
	vtdsim_test_expect_recovers(test, t->ring, head);
	KUNIT_EXPECT_EQ(test, t->a->invs, count);
}

static void reserved_bits(struct kunit *test)
{
	struct devtlb *t = devtlb_new(test);
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		u64 flip = BIT_ULL(bit);

		/* MIP, SID; S, address. Then MIP, SID, PASID; G, S, address. */
		if (!(flip & (0x0000ffff001f0e0full)))
			expect_reserved(test, t, DESC_DEVTLB(SID_A) | flip, 0);
		if (!(flip & 0xfffffffffffff001))
			expect_reserved(test, t, DESC_DEVTLB(SID_A), flip);
		if (!(flip & 0x000fffffffff0fffull))
			expect_reserved(test, t, DESC_PDEVTLB(SID_A, 1) | flip, 0);
		if (!(flip & 0xfffffffffffff801))
			expect_reserved(test, t, DESC_PDEVTLB(SID_A, 1), flip);
	}
	vtdsim_test_put4(t->ring, DESC_DEVTLB(SID_A), 0, 1, 0);
	ring_kick(t->ring);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), FSTS_IQE);
	KUNIT_EXPECT_EQ(test, read64(t->unit, IQERCD), 4);
}

/* With throttling there is a PFSID, in two parts. */
static void physical_function(struct kunit *test)
{
	struct devtlb *t = devtlb_with(test, ECAP_DT | ECAP_DIT);
	u64 pfsid = 0x8ull << 12 | 0x010ull << 52;

	ring_submit(t->ring, DESC_DEVTLB(SID_A) | pfsid, 0);
	ring_submit(t->ring, DESC_PDEVTLB(SID_A, 1) | pfsid, 0);
	vtdsim_test_expect_done(test, t->ring);
	KUNIT_EXPECT_EQ(test, t->a->invs, 2);
	KUNIT_EXPECT_EQ(test, t->unit->stats.violations, 0);
	ring_submit(t->ring, DESC_DEVTLB(SID_B) | pfsid, 0);
	KUNIT_EXPECT_EQ(test, t->unit->stats.violations, 1);
}

static void feature_is_needed(struct kunit *test)
{
	struct devtlb *t = devtlb_with(test, 0);

	ring_submit(t->ring, DESC_DEVTLB(SID_A), 0);
	vtdsim_test_expect_stopped(test, t->ring, 0, 3);
	vtdsim_test_expect_recovers(test, t->ring, 0);
	ring_submit(t->ring, DESC_PDEVTLB(SID_A, 0), 0);
	vtdsim_test_expect_stopped(test, t->ring, 32, 3);
}

/* A wait, and everything behind it, stops until the endpoint has answered. */
static void wait_stalls(struct kunit *test)
{
	struct devtlb *t = devtlb_new(test);
	u32 head;

	/* In a unit that works in order */
	vtdsim_async_seed(t->unit, 0);
	t->a->slow = true;
	ring_put(t->ring, DESC_DEVTLB(SID_A), 0x1000);
	ring_put(t->ring, DESC_DEVTLB(SID_B), 0x2000);
	put_wait(t);
	head = t->ring->tail;
	ring_put(t->ring, DESC_DEVTLB(SID_B), 0x3000);
	put_wait(t);
	ring_kick(t->ring);
	/* Fetched, but not complete */
	KUNIT_EXPECT_EQ(test, read64(t->unit, IQH), head);
	KUNIT_EXPECT_EQ(test, *t->ring->status, 0);
	KUNIT_EXPECT_EQ(test, t->b->inv.addr, 0x2000);
	KUNIT_EXPECT_EQ(test, t->unit->stats.waits, 1);
	ring_kick(t->ring);
	KUNIT_EXPECT_EQ(test, *t->ring->status, 0);

	devtlb_done(t, SID_A, t->a->inv.itag);
	KUNIT_EXPECT_EQ(test, *t->ring->status, DONE);
	KUNIT_EXPECT_EQ(test, t->b->inv.addr, 0x3000);
	KUNIT_EXPECT_EQ(test, t->unit->stats.waits, 2);
	KUNIT_EXPECT_EQ(test, t->unit->stats.descriptors, 5);
	KUNIT_EXPECT_EQ(test, t->unit->stats.devtlb_invs, 3);
	vtdsim_test_expect_done(test, t->ring);
}

/* A wait needs all answers, in any order. */
static void wait_needs_all(struct kunit *test)
{
	struct devtlb *t = devtlb_new(test);
	u8 first, second;

	t->a->slow = true;
	t->b->slow = true;
	ring_submit(t->ring, DESC_DEVTLB(SID_A), 0);
	first = t->a->inv.itag;
	ring_submit(t->ring, DESC_DEVTLB(SID_A), 0);
	second = t->a->inv.itag;
	KUNIT_EXPECT_NE(test, first, second);
	ring_submit(t->ring, DESC_DEVTLB(SID_B), 0);
	put_wait(t);
	ring_kick(t->ring);
	devtlb_done(t, SID_A, second);
	devtlb_done(t, SID_B, t->b->inv.itag);
	KUNIT_EXPECT_EQ(test, *t->ring->status, 0);
	devtlb_done(t, SID_A, first);
	KUNIT_EXPECT_EQ(test, *t->ring->status, DONE);
	vtdsim_test_expect_done(test, t->ring);
}

/* MIP limits the invalidations of an endpoint; there are 32 tags. */
static void devtlb_throttled(struct kunit *test)
{
	struct devtlb *t = devtlb_new(test);
	unsigned int i;
	u8 tag;

	/* In a unit that works in order */
	vtdsim_async_seed(t->unit, 0);
	t->a->slow = true;
	for (i = 0; i < 3; i++)
		ring_put(t->ring, DESC_DEVTLB(SID_A) | 2 << 16, 0x1000 * i);
	ring_put(t->ring, DESC_DEVTLB(SID_B), 0);
	ring_kick(t->ring);
	KUNIT_EXPECT_EQ(test, t->a->invs, 2);
	KUNIT_EXPECT_EQ(test, t->b->invs, 0);
	KUNIT_EXPECT_EQ(test, read64(t->unit, IQH), 64);
	KUNIT_EXPECT_EQ(test, t->unit->stats.descriptors, 2);
	tag = t->a->inv.itag;
	devtlb_done(t, SID_A, tag);
	KUNIT_EXPECT_EQ(test, t->a->invs, 3);
	KUNIT_EXPECT_NE(test, t->a->inv.itag, tag);
	KUNIT_EXPECT_EQ(test, t->b->invs, 1);
	vtdsim_test_expect_done(test, t->ring);

	for (i = 0; i < 31; i++)
		ring_submit(t->ring, DESC_PDEVTLB(SID_A, 1), 0);
	KUNIT_EXPECT_EQ(test, t->a->invs, 33);
	ring_submit(t->ring, DESC_DEVTLB(SID_B), 0);
	KUNIT_EXPECT_EQ(test, t->b->invs, 1);
	devtlb_done(t, SID_A, t->a->inv.itag);
	KUNIT_EXPECT_EQ(test, t->a->invs, 34);
	devtlb_done(t, SID_A, t->a->inv.itag);
	KUNIT_EXPECT_EQ(test, t->b->invs, 2);
	vtdsim_test_expect_done(test, t->ring);
}

static void unexpected_completion(struct kunit *test)
{
	struct devtlb *t = devtlb_new(test);

	t->a->slow = true;
	ring_put(t->ring, DESC_DEVTLB(SID_A), 0);
	put_wait(t);
	ring_kick(t->ring);
	/* A tag that is free; one of another endpoint; one that does not exist */
	devtlb_done(t, SID_A, (t->a->inv.itag + 1) % 32);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), FSTS_ICE);
	KUNIT_EXPECT_EQ(test, read64(t->unit, IQERCD), (u64)SID_A << 48);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FECTL), EVENT_IM | EVENT_IP);
	/* The first one is recorded until software has cleared the error. */
	devtlb_done(t, SID_B, t->a->inv.itag);
	KUNIT_EXPECT_EQ(test, read64(t->unit, IQERCD), (u64)SID_A << 48);
	devtlb_done(t, SID_A, t->a->inv.itag + 32);
	KUNIT_EXPECT_EQ(test, *t->ring->status, 0);
	write32(t->unit, FSTS, FSTS_ICE);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), 0);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FECTL), EVENT_IM);
	devtlb_done(t, SID_B, t->a->inv.itag);
	KUNIT_EXPECT_EQ(test, read64(t->unit, IQERCD), (u64)SID_B << 48);
	write32(t->unit, FSTS, FSTS_ICE);

	/* That error does not stop the queue. */
	devtlb_done(t, SID_A, (t->a->inv.itag + 1) % 32);
	devtlb_done(t, SID_A, t->a->inv.itag);
	KUNIT_EXPECT_EQ(test, *t->ring->status, DONE);
}

/* Sends an invalidation and a wait, and lets the invalidation time out. */
static void time_out(struct kunit *test, struct devtlb *t, u16 sid)
{
	*t->ring->status = 0;
	ring_put(t->ring, DESC_DEVTLB(sid), 0);
	put_wait(t);
	ring_kick(t->ring);
	vtdsim_test_expire(t->unit, sid);
}

static void times_out(struct kunit *test)
{
	struct devtlb *t = devtlb_new(test);
	u32 head;
	u8 tag;

	t->a->slow = true;
	time_out(test, t, SID_A);
	tag = t->a->inv.itag;
	head = t->ring->tail;
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), FSTS_ITE);
	KUNIT_EXPECT_EQ(test, read64(t->unit, IQERCD), (u64)SID_A << 32);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FECTL), EVENT_IM | EVENT_IP);
	/* The wait has been fetched, so software has to submit it again. */
	KUNIT_EXPECT_EQ(test, read64(t->unit, IQH), head);

	/* Nothing is fetched meanwhile. */
	ring_put(t->ring, DESC_DEVTLB(SID_B), 0);
	put_wait(t);
	ring_kick(t->ring);
	KUNIT_EXPECT_EQ(test, read64(t->unit, IQH), head);
	KUNIT_EXPECT_EQ(test, t->b->invs, 0);
	write32(t->unit, FSTS, FSTS_IQE | FSTS_ICE);
	KUNIT_EXPECT_EQ(test, t->b->invs, 0);

	/* A late answer is unexpected */
	devtlb_done(t, SID_A, tag);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), FSTS_ITE | FSTS_ICE);
	KUNIT_EXPECT_EQ(test, read64(t->unit, IQERCD), (u64)SID_A << 48 | (u64)SID_A << 32);
	KUNIT_EXPECT_EQ(test, *t->ring->status, 0);
	write32(t->unit, FSTS, FSTS_ICE);

	/* The wait that was fetched never completes; the next one does. */
	t->ring->tail = head;
	ring_put(t->ring, DESC_DEVTLB(SID_B), 0);
	ring_put(t->ring, DESC_WAIT, 0);
	write32(t->unit, FSTS, FSTS_ITE);
	vtdsim_test_expect_done(test, t->ring);
	KUNIT_EXPECT_EQ(test, t->b->invs, 1);
	KUNIT_EXPECT_EQ(test, *t->ring->status, 0);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FECTL), EVENT_IM);
}

/* A write of a register finds a time-out, too; no endpoint is there. */
static void nobody_answers(struct kunit *test)
{
	struct devtlb *t = devtlb_new(test);

	time_out(test, t, 0x1234);
	write32(t->unit, IQT, t->ring->tail);
	KUNIT_EXPECT_EQ(test, vtdsim_reg_get32(t->unit, FSTS), FSTS_ITE);
	KUNIT_EXPECT_EQ(test, read64(t->unit, IQERCD), 0x1234ULL << 32);
	KUNIT_EXPECT_EQ(test, *t->ring->status, 0);
	KUNIT_EXPECT_EQ(test, t->a->invs + t->b->invs, 0);
}

/* No time-out before the deadline, nor while an error is pending */
static void one_error_at_a_time(struct kunit *test)
{
	struct devtlb *t = devtlb_new(test);

	t->a->slow = true;
	t->b->slow = true;
	ring_submit(t->ring, DESC_DEVTLB(SID_B), 0);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), 0);
	time_out(test, t, SID_A);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), FSTS_ITE);
	KUNIT_EXPECT_EQ(test, read64(t->unit, IQERCD), (u64)SID_A << 32);
	write32(t->unit, FSTS, FSTS_ITE);

	/* The next wait waits for B, which has not answered. */
	put_wait(t);
	ring_kick(t->ring);
	KUNIT_EXPECT_EQ(test, *t->ring->status, 0);
	t->unit->devtlb.slots[t->b->inv.itag].deadline = ktime_get();
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), FSTS_ITE);
	KUNIT_EXPECT_EQ(test, read64(t->unit, IQERCD), (u64)SID_B << 32);

	write32(t->unit, FSTS, FSTS_ITE);
	ring_submit(t->ring, DESC_DEVTLB(SID_A), 0);
	ring_submit(t->ring, DESC_DEVTLB(SID_B), 0);
	vtdsim_test_expire(t->unit, SID_A);
	vtdsim_test_expire(t->unit, SID_B);
	/* Both time out: the first is recorded, and both end. */
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), FSTS_ITE);
	write32(t->unit, FSTS, FSTS_ITE);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), 0);
	put_wait(t);
	ring_kick(t->ring);
	KUNIT_EXPECT_EQ(test, *t->ring->status, DONE);
}

/* Only translation makes the unit take completions, when they arrive. */
static void needs_translation(struct kunit *test)
{
	struct devtlb *t = devtlb_new(test);

	/* B answers at once; A before and after translation is enabled again. */
	t->a->slow = true;
	vtdsim_test_translation(t->unit, false);
	ring_put(t->ring, DESC_DEVTLB(SID_B), 0);
	ring_put(t->ring, DESC_DEVTLB(SID_A), 0);
	put_wait(t);
	ring_kick(t->ring);
	devtlb_done(t, SID_A, t->a->inv.itag);
	KUNIT_EXPECT_EQ(test, t->a->invs, 1);
	KUNIT_EXPECT_EQ(test, t->b->invs, 1);
	KUNIT_EXPECT_EQ(test, t->unit->devtlb.busy, 2);
	vtdsim_test_translation(t->unit, true);
	devtlb_done(t, SID_A, t->a->inv.itag);
	KUNIT_EXPECT_EQ(test, t->unit->devtlb.busy, 1);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), 0);
	KUNIT_EXPECT_EQ(test, *t->ring->status, 0);

	vtdsim_test_expire(t->unit, SID_B);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), FSTS_ITE);
	KUNIT_EXPECT_EQ(test, read64(t->unit, IQERCD), (u64)SID_B << 32);
	KUNIT_EXPECT_EQ(test, *t->ring->status, 0);

	/* Nor is one unexpected that nobody looks at. */
	vtdsim_test_translation(t->unit, false);
	devtlb_done(t, SID_B, t->b->inv.itag);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), FSTS_ITE);
}

static void disabled_queue_forgets(struct kunit *test)
{
	struct devtlb *t = devtlb_new(test);

	t->a->slow = true;
	ring_put(t->ring, DESC_DEVTLB(SID_A), 0);
	put_wait(t);
	ring_kick(t->ring);
	write32(t->unit, GCMD, GCMD_TE);
	devtlb_done(t, SID_A, t->a->inv.itag);
	t->ring->tail = 0;
	ring_put(t->ring, DESC_CONTEXT(1), 0);
	ring_kick(t->ring);
	write32(t->unit, GCMD, GCMD_TE | GCMD_QIE);
	KUNIT_EXPECT_EQ(test, *t->ring->status, 0);
	vtdsim_test_expect_done(test, t->ring);
}

/* MIP counts the invalidations of one endpoint only. */
static void throttled_alone(struct kunit *test)
{
	struct devtlb *t = devtlb_new(test);

	t->a->slow = true;
	t->b->slow = true;
	ring_submit(t->ring, DESC_DEVTLB(SID_B), 0);
	ring_submit(t->ring, DESC_DEVTLB(SID_A) | 1 << 16, 0);
	KUNIT_EXPECT_EQ(test, t->a->invs, 1);
	ring_submit(t->ring, DESC_DEVTLB(SID_A) | 1 << 16, 0);
	KUNIT_EXPECT_EQ(test, t->a->invs, 1);
	devtlb_done(t, SID_A, t->a->inv.itag);
	KUNIT_EXPECT_EQ(test, t->a->invs, 2);
	vtdsim_test_expect_done(test, t->ring);
}

/* A second error raises no event while the first is pending. */
static void errors_share_event(struct kunit *test)
{
	struct devtlb *t = devtlb_new(test);

	t->a->slow = true;
	time_out(test, t, SID_A);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), FSTS_ITE);
	write32(t->unit, FECTL, 0);
	write32(t->unit, FECTL, EVENT_IM);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FECTL), EVENT_IM);
	devtlb_done(t, SID_A, t->a->inv.itag);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), FSTS_ITE | FSTS_ICE);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FECTL), EVENT_IM);
}

static struct kunit_case devtlb_cases[] = {
	VTDSIM_CASE(devtlb, ranges),
	KUNIT_CASE(reserved_bits),
	KUNIT_CASE(physical_function),
	KUNIT_CASE(feature_is_needed),
	KUNIT_CASE(wait_stalls),
	KUNIT_CASE(wait_needs_all),
	VTDSIM_CASE(devtlb, throttled),
	KUNIT_CASE(throttled_alone),
	KUNIT_CASE(unexpected_completion),
	KUNIT_CASE(times_out),
	KUNIT_CASE(nobody_answers),
	KUNIT_CASE(one_error_at_a_time),
	KUNIT_CASE(needs_translation),
	KUNIT_CASE(errors_share_event),
	KUNIT_CASE(disabled_queue_forgets),
	{}
};

static struct kunit_suite devtlb_suite = {
	.name = "vtdsim-devtlb",
	.test_cases = devtlb_cases,
};

kunit_test_suite(devtlb_suite);
