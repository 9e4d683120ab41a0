// SPDX-License-Identifier: GPL-2.0-only
/*
 * A unit with several descriptors in flight: what may overtake what, and what may not.
 *
 * Interrupts are off where a test looks at what has not happened yet, and nothing but
 * the test has the unit: it goes on only when the test lets it.
 */
#include <linux/irqflags.h>

#include "fixture_cache.h"
#include "fixture_requester.h"
#include "fixture_ring.h"
#include "queue/devtlb.h"

#define SID		0x0108
#define DID		5
#define PASID		7
#define PAGE_A		0x10000
#define PAGE_B		0x20000
#define SEEDS		32

/**
 * struct flights - a queue and an endpoint
 * @ring: the queue
 * @unit: its unit
 * @requester: the endpoint
 */
struct flights {
	struct vtdsim_test_ring *ring;
	struct vtdsim_unit *unit;
	struct vtdsim_test_requester *requester;
};

static struct flights *flights_new(struct kunit *test, u32 seed)
{
	struct flights *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->ring = vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP | ECAP_DT);
	t->unit = t->ring->unit;
	vtdsim_test_translation(t->unit, true);
	t->unit->devtlb.timeout_us = TEST_HOUR_US;
	t->requester = vtdsim_test_requester_new(test, t->unit, SID);
	vtdsim_async_seed(t->unit, seed);
	return t;
}

/* Writes the tail register, and looks at nothing. */
static void flights_kick(struct flights *t)
{
	vtdsim_reg_write(t->unit, IQT, t->ring->tail, 4);
}

/* What is due next. Returns false if nothing is left that does not wait for the endpoint. */
static bool flights_step(struct flights *t)
{
	bool more;

	raw_spin_lock(&t->unit->lock);
	more = vtdsim_async_step(t->unit, KTIME_MAX);
	raw_spin_unlock(&t->unit->lock);
	return more;
}

static void flights_answer(struct flights *t)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&t->unit->lock, flags);
	vtdsim_devtlb_done(t->unit, SID, t->requester->inv.itag);
	raw_spin_unlock_irqrestore(&t->unit->lock, flags);
	vtdsim_test_settle(t->unit);
}

static bool flights_have(struct flights *t, u64 addr)
{
	return vtdsim_test_has_page(t->unit, VTDSIM_PGTT_FIRST, DID, PASID, addr);
}

static void flights_add(struct kunit *test, struct flights *t, u64 addr)
{
	vtdsim_test_add_page(test, t->unit, VTDSIM_PGTT_FIRST, DID, PASID, addr);
}

static void put_page(struct flights *t, u64 addr)
{
	ring_put(t->ring, DESC_PIOTLB(3) | DESC_DID(DID) | DESC_HIGH(PASID), addr);
}

static void put_fence(struct flights *t, unsigned int i)
{
	ring_put(t->ring, DESC_WAIT_WRITE(i + 1) | WAIT_FN, virt_to_phys(&t->ring->status[i]));
}

/* The write of the tail register starts the unit, and the timer does the rest. */
static void tail_write_starts(struct kunit *test)
{
	struct flights *t = flights_new(test, 1);
	unsigned int looks;
	u64 within;
	u32 status;

	ring_put(t->ring, DESC_IOTLB(1), 0);
	ring_put_wait(t->ring, 0);
	local_irq_disable();
	flights_kick(t);
	within = t->unit->stats.descriptors;
	status = t->ring->status[0];
	local_irq_enable();
	KUNIT_EXPECT_EQ(test, within, 0);
	KUNIT_EXPECT_EQ(test, status, 0);

	for (looks = 0; looks < 100000000 && !READ_ONCE(t->ring->status[0]); looks++)
		cpu_relax();
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 1);
	vtdsim_test_expect_done(test, t->ring);
}

/* An invalidation behind a wait does not wait, unless the wait has the fence flag. */
static void only_a_fence_orders(struct kunit *test)
{
	struct flights *t;
	unsigned int fence;
	bool left;
	u32 status;

	for (fence = 0; fence < 2; fence++) {
		t = flights_new(test, 1);
		t->requester->slow = true;
		flights_add(test, t, PAGE_A);
		ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
		if (fence)
			put_fence(t, 0);
		else
			ring_put_wait(t->ring, 0);
		put_page(t, PAGE_A);
		ring_kick(t->ring);
		status = t->ring->status[0];
		left = flights_have(t, PAGE_A);
		flights_answer(t);
		KUNIT_EXPECT_EQ(test, status, 0);
		KUNIT_EXPECT_EQ(test, left, fence);
		KUNIT_EXPECT_EQ(test, t->ring->status[0], 1);
		KUNIT_EXPECT_FALSE(test, flights_have(t, PAGE_A));
		vtdsim_test_expect_done(test, t->ring);
	}
}

/* A wait is complete when all in front of it is, and not before. */
static void wait_comes_last(struct kunit *test)
{
	bool left, waited = false, early = false;
	struct flights *t;
	u32 seed, status;

	for (seed = 1; seed <= SEEDS; seed++) {
		t = flights_new(test, seed);
		flights_add(test, t, PAGE_A);
		flights_add(test, t, PAGE_B);
		put_page(t, PAGE_A);
		ring_put_wait(t->ring, 0);
		put_page(t, PAGE_B);
		ring_put_wait(t->ring, 1);
		local_irq_disable();
		flights_kick(t);
		do {
			status = t->ring->status[1];
			left = flights_have(t, PAGE_A) || flights_have(t, PAGE_B);
			early |= (t->ring->status[0] && flights_have(t, PAGE_A)) ||
				 (status && (left || !t->ring->status[0]));
			waited |= !left && !status;
		} while (flights_step(t));
		local_irq_enable();
		KUNIT_EXPECT_EQ(test, t->ring->status[0], 1);
		KUNIT_EXPECT_EQ(test, t->ring->status[1], 2);
	}
	KUNIT_EXPECT_FALSE(test, early);
	KUNIT_EXPECT_TRUE(test, waited);
}

/* PASID-cache, then IOTLB, then device TLB; those of one kind in any order */
static void kinds_in_order(struct kunit *test)
{
	bool a, b, wrong = false, a_first = false, b_first = false;
	struct flights *t;
	u32 seed;

	for (seed = 1; seed <= SEEDS; seed++) {
		t = flights_new(test, seed);
		vtdsim_test_add_pasid(test, t->unit, SID, PASID, DID);
		flights_add(test, t, PAGE_A);
		flights_add(test, t, PAGE_B);
		ring_put(t->ring, DESC_PASID(1) | DESC_DID(DID) | DESC_HIGH(PASID), 0);
		put_page(t, PAGE_A);
		put_page(t, PAGE_B);
		ring_put(t->ring, DESC_PDEVTLB(SID, PASID), PAGE_A);
		local_irq_disable();
		flights_kick(t);
		do {
			a = flights_have(t, PAGE_A);
			b = flights_have(t, PAGE_B);
			a_first |= !a && b;
			b_first |= a && !b;
			wrong |= (!a || !b) && vtdsim_test_has_pasid(t->unit, SID, PASID);
			wrong |= t->requester->invs && (a || b);
		} while (flights_step(t));
		local_irq_enable();
		KUNIT_EXPECT_EQ(test, t->requester->invs, 1);
		vtdsim_test_expect_done(test, t->ring);
	}
	KUNIT_EXPECT_FALSE(test, wrong);
	KUNIT_EXPECT_TRUE(test, a_first);
	KUNIT_EXPECT_TRUE(test, b_first);
}

#define MESSAGES	16

/* Device-TLB invalidations arrive in any order, but for those to one endpoint. */
static void messages_in_order(struct kunit *test)
{
	struct vtdsim_test_requester *other;
	unsigned int i, overtaken = 0;
	struct flights *t;
	u32 seed;

	for (seed = 1; seed <= SEEDS; seed++) {
		t = flights_new(test, seed);
		other = vtdsim_test_requester_new(test, t->unit, SID + 8);
		for (i = 0; i < MESSAGES; i++) {
			ring_put(t->ring, DESC_DEVTLB(SID), i << 12);
			ring_put(t->ring, DESC_PDEVTLB(SID + 8, 0), i << 12);
		}
		ring_put_wait(t->ring, 0);
		local_irq_disable();
		flights_kick(t);
		do {
			overtaken += other->invs > t->requester->invs;
		} while (flights_step(t));
		local_irq_enable();
		KUNIT_EXPECT_EQ(test, t->ring->status[0], 1);
		vtdsim_test_expect_done(test, t->ring);
		for (i = 0; i < MESSAGES; i++) {
			KUNIT_EXPECT_EQ(test, t->requester->addrs[i], i << 12);
			KUNIT_EXPECT_EQ(test, other->addrs[i], i << 12);
		}
	}
	KUNIT_EXPECT_GT(test, overtaken, 0);
}

/* The completion of an endpoint that answers at once takes its time to the unit. */
static void completion_takes_time(struct kunit *test)
{
	struct flights *t;
	bool apart = false;
	u32 seed;

	for (seed = 1; seed <= SEEDS; seed++) {
		t = flights_new(test, seed);
		ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
		ring_put_wait(t->ring, 0);
		local_irq_disable();
		flights_kick(t);
		do {
			raw_spin_lock(&t->unit->lock);
			apart |= t->requester->invs && t->unit->devtlb.busy;
			vtdsim_async_step(t->unit, vtdsim_devtlb_next(t->unit));
			raw_spin_unlock(&t->unit->lock);
		} while (!t->ring->status[0]);
		local_irq_enable();
	}
	KUNIT_EXPECT_TRUE(test, apart);
}

/* What is complete with one wait is not what a wait behind it is for. */
static void freed_before_its_wait(struct kunit *test)
{
	struct flights *t = flights_new(test, 1);

	t->requester->slow = true;
	flights_add(test, t, PAGE_A);
	flights_add(test, t, PAGE_B);
	put_page(t, PAGE_A);
	ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	ring_put_wait(t->ring, 0);
	put_page(t, PAGE_B);
	ring_kick(t->ring);
	KUNIT_EXPECT_FALSE(test, flights_have(t, PAGE_A));
	KUNIT_EXPECT_FALSE(test, flights_have(t, PAGE_B));
	flights_answer(t);
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 1);

	vtdsim_rule_freed(t->unit, PAGE_A, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, t->unit->stats.violations, 0);
	vtdsim_rule_freed(t->unit, PAGE_B, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, t->unit->stats.violations, 1);

	flights_add(test, t, PAGE_B);
	put_page(t, PAGE_B);
	ring_put_wait(t->ring, 1);
	ring_kick(t->ring);
	KUNIT_EXPECT_EQ(test, t->ring->status[1], 2);
	vtdsim_rule_freed(t->unit, PAGE_B, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, t->unit->stats.violations, 1);
}

/* The same for a table that an entry of the PASID-cache is in */
static void table_freed_before_its_wait(struct kunit *test)
{
	const struct vtdsim_pasid pe[] = {
		{ .did = DID, .at = PAGE_A }, { .did = DID + 1, .at = PAGE_B },
	};
	struct flights *t = flights_new(test, 1);
	unsigned int i;

	raw_spin_lock_irq(&t->unit->lock);
	for (i = 0; i < ARRAY_SIZE(pe); i++)
		vtdsim_cache_add_pasid(t->unit->cache, SID, i, &pe[i]);
	/* The second wait's is carried out first. */
	for (i = ARRAY_SIZE(pe); i--;) {
		vtdsim_inv_carry_out(t->unit->cache, 1 + i);
		vtdsim_inv_pasid_domain(t->unit->cache, pe[i].did);
	}
	vtdsim_inv_complete_epoch(t->unit->cache, 1);
	raw_spin_unlock_irq(&t->unit->lock);

	vtdsim_rule_freed(t->unit, PAGE_A, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, t->unit->stats.violations, 0);
	vtdsim_rule_freed(t->unit, PAGE_B, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, t->unit->stats.violations, 1);
}

/* A time-out takes all waits with it that were fetched, and no invalidation. */
static void timeout_aborts_waits(struct kunit *test)
{
	struct flights *t = flights_new(test, 1);
	u32 fault;

	t->requester->slow = true;
	flights_add(test, t, PAGE_A);
	ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	ring_put_wait(t->ring, 0);
	ring_put_wait(t->ring, 1);
	ring_kick(t->ring);
	vtdsim_test_expire(t->unit, SID);
	fault = read32(t->unit, FSTS);
	KUNIT_EXPECT_EQ(test, fault, FSTS_ITE);

	put_page(t, PAGE_A);
	ring_put_wait(t->ring, 2);
	ring_kick(t->ring);
	KUNIT_EXPECT_EQ(test, t->ring->status[2], 0);
	write32(t->unit, FSTS, FSTS_ITE);
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 0);
	KUNIT_EXPECT_EQ(test, t->ring->status[1], 0);
	KUNIT_EXPECT_EQ(test, t->ring->status[2], 3);
	KUNIT_EXPECT_FALSE(test, flights_have(t, PAGE_A));
	vtdsim_test_expect_done(test, t->ring);
}

/* What was fetched before an error goes on. */
static void error_stops_fetching(struct kunit *test)
{
	struct flights *t = flights_new(test, 1);
	u32 head = 2 * t->ring->step;

	t->requester->slow = true;
	ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	ring_put_wait(t->ring, 0);
	ring_put(t->ring, 0xf, 0);
	ring_put_wait(t->ring, 1);
	ring_kick(t->ring);
	vtdsim_test_expect_stopped(test, t->ring, head, VTDSIM_IQEI_TYPE);
	flights_answer(t);
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 1);
	KUNIT_EXPECT_EQ(test, t->ring->status[1], 0);
	vtdsim_test_expect_recovers(test, t->ring, head);
	KUNIT_EXPECT_EQ(test, t->ring->status[1], 2);
}

/* Disabling the queue drops waits, and carries out what else was fetched. */
static void queue_disabled(struct kunit *test)
{
	struct flights *t = flights_new(test, 1);

	t->requester->slow = true;
	flights_add(test, t, PAGE_A);
	ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	put_fence(t, 0);
	put_page(t, PAGE_A);
	ring_kick(t->ring);
	KUNIT_EXPECT_TRUE(test, flights_have(t, PAGE_A));
	write32(t->unit, GCMD, GCMD_TE);
	KUNIT_EXPECT_FALSE(test, flights_have(t, PAGE_A));
	KUNIT_EXPECT_EQ(test, read64(t->unit, IQH), 0);
	flights_answer(t);
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 0);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), 0);
}

/* What is in flight when the mode ends is carried out, and so is what comes after. */
static void mode_ends(struct kunit *test)
{
	struct flights *t = flights_new(test, 1);

	t->requester->slow = true;
	ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	ring_put_wait(t->ring, 0);
	ring_kick(t->ring);
	vtdsim_async_seed(t->unit, 0);
	ring_put_wait(t->ring, 1);
	ring_kick(t->ring);
	KUNIT_EXPECT_EQ(test, t->ring->status[1], 0);

	local_irq_disable();
	raw_spin_lock(&t->unit->lock);
	vtdsim_devtlb_done(t->unit, SID, t->requester->inv.itag);
	raw_spin_unlock(&t->unit->lock);
	while (flights_step(t))
		;
	local_irq_enable();
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 1);
	KUNIT_EXPECT_EQ(test, t->ring->status[1], 2);
	ring_put_wait(t->ring, 2);
	ring_kick(t->ring);
	KUNIT_EXPECT_EQ(test, t->ring->status[2], 3);
}

/* More device-TLB invalidations than ITags, and more descriptors than may be in flight */
static void many_at_once(struct kunit *test)
{
	struct flights *t = flights_new(test, 1);
	unsigned int i;

	for (i = 0; i < 100; i++)
		ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	ring_put_wait(t->ring, 0);
	ring_kick(t->ring);
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 1);
	KUNIT_EXPECT_EQ(test, t->requester->invs, 100);
	vtdsim_test_expect_done(test, t->ring);
}

/* Where one endpoint has as many as it takes, the others get theirs. */
static void throttled_alone(struct kunit *test)
{
	struct flights *t = flights_new(test, 1);
	struct vtdsim_test_requester *other = vtdsim_test_requester_new(test, t->unit, SID + 8);
	unsigned int i;

	t->requester->slow = true;
	for (i = 0; i < 3; i++)
		ring_put(t->ring, DESC_DEVTLB(SID) | 2 << 16, 0x1000 * i);
	ring_put_wait(t->ring, 0);
	ring_put(t->ring, DESC_DEVTLB(SID + 8), 0);
	ring_kick(t->ring);
	vtdsim_test_expect_done(test, t->ring);
	KUNIT_EXPECT_EQ(test, t->requester->invs, 2);
	KUNIT_EXPECT_EQ(test, other->invs, 1);
	flights_answer(t);
	KUNIT_EXPECT_EQ(test, t->requester->invs, 3);
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 0);
	flights_answer(t);
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 0);
	KUNIT_EXPECT_EQ(test, t->unit->devtlb.busy, 1);
}

/* A global command shows in the status later; the next one has to wait for that. */
static void command_takes_time(struct kunit *test)
{
	struct flights *t = flights_new(test, 1);
	u32 before, lasting;
	unsigned int i;

	vtdsim_test_translation(t->unit, false);
	lasting = read32(t->unit, GSTS) & GCMD_QIE;
	local_irq_disable();
	vtdsim_reg_write(t->unit, GCMD, lasting | GCMD_SRTP, 4);
	before = vtdsim_reg_get32(t->unit, GSTS);
	local_irq_enable();
	KUNIT_EXPECT_EQ(test, before & GCMD_SRTP, 0);
	KUNIT_EXPECT_EQ(test, read32(t->unit, GSTS) & GCMD_SRTP, GCMD_SRTP);

	/* By itself, after a time */
	vtdsim_reg_write(t->unit, GCMD, lasting | GCMD_TE, 4);
	for (i = 0; i < 1000000 && !(vtdsim_reg_read(t->unit, GSTS, 4) & GCMD_TE); i++)
		cpu_relax();
	KUNIT_EXPECT_EQ(test, read32(t->unit, GSTS) & GCMD_TE, GCMD_TE);
	KUNIT_EXPECT_EQ(test, t->unit->stats.violations, 0);
}

static void command_before_status(struct kunit *test)
{
	struct flights *t = flights_new(test, 1);
	u32 lasting;

	vtdsim_test_translation(t->unit, false);
	lasting = read32(t->unit, GSTS) & GCMD_QIE;
	local_irq_disable();
	vtdsim_reg_write(t->unit, GCMD, lasting | GCMD_TE, 4);
	t->unit->async.command_due = KTIME_MAX;
	vtdsim_reg_write(t->unit, GCMD, lasting | GCMD_TE | GCMD_SRTP, 4);
	local_irq_enable();
	KUNIT_EXPECT_EQ(test, t->unit->stats.violations, 1);
	KUNIT_EXPECT_EQ(test, read32(t->unit, GSTS), lasting | GCMD_TE | GCMD_SRTP);
}

static struct kunit_case flights_cases[] = {
	KUNIT_CASE(tail_write_starts),
	KUNIT_CASE(only_a_fence_orders),
	KUNIT_CASE(wait_comes_last),
	KUNIT_CASE(kinds_in_order),
	KUNIT_CASE(messages_in_order),
	KUNIT_CASE(completion_takes_time),
	KUNIT_CASE(freed_before_its_wait),
	KUNIT_CASE(table_freed_before_its_wait),
	KUNIT_CASE(timeout_aborts_waits),
	KUNIT_CASE(error_stops_fetching),
	KUNIT_CASE(queue_disabled),
	KUNIT_CASE(mode_ends),
	KUNIT_CASE(many_at_once),
	KUNIT_CASE(throttled_alone),
	KUNIT_CASE(command_takes_time),
	KUNIT_CASE(command_before_status),
	{}
};

static struct kunit_suite flights_suite = {
	.name = "vtdsim-queue-flights",
	.test_cases = flights_cases,
};

kunit_test_suite(flights_suite);
