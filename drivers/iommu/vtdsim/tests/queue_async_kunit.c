// SPDX-License-Identifier: GPL-2.0-only
/*
 * A queue that works beside the CPUs: when waits are complete, and in what order.
 *
 * Where interrupts are off, and nothing but the test has the unit, it goes on only
 * when a register is accessed. So what has not happened yet can be told for certain.
 */
#include <linux/delay.h>
#include <linux/irqflags.h>

#include "fixture_requester.h"
#include "fixture_ring.h"
#include "queue/async.h"

#define SID		0x0108
#define ASYNC_NS	VTDSIM_MAX_DELAY
/* More than the queue can need if it goes on at all */
#define ASYNC_LOOKS	10000000

/**
 * struct async - a queue and an endpoint
 * @ring: the queue
 * @unit: its unit
 * @requester: the endpoint
 */
struct async {
	struct vtdsim_test_ring *ring;
	struct vtdsim_unit *unit;
	struct vtdsim_test_requester *requester;
};

static struct async *async_new(struct kunit *test, u32 queue_ns, u32 desc_ns)
{
	struct async *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->ring = vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP | ECAP_DT);
	t->unit = t->ring->unit;
	vtdsim_test_translation(t->unit, true);
	t->requester = vtdsim_test_requester_new(test, t->unit, SID);
	vtdsim_async_seed(t->unit, 0);
	t->unit->queue_async = true;
	t->unit->queue_delay = queue_ns;
	t->unit->desc_delay = desc_ns;
	return t;
}

/* Looks at a register until wait number @i is complete. */
static bool look_until_done(struct async *t, unsigned int i)
{
	unsigned int looks;

	for (looks = 0; looks < ASYNC_LOOKS && !READ_ONCE(t->ring->status[i]); looks++)
		read32(t->unit, FSTS);
	return t->ring->status[i] == i + 1;
}

/* The write of the tail register starts the unit, and does not wait for it. */
static void tail_write_returns(struct kunit *test)
{
	struct async *t = async_new(test, 0, 0);
	u64 within, after;
	u32 status;

	ring_put(t->ring, DESC_IOTLB(1), 0);
	ring_put_wait(t->ring, 0);
	local_irq_disable();
	ring_kick(t->ring);
	within = t->unit->stats.descriptors;
	status = t->ring->status[0];
	read32(t->unit, FSTS);
	after = t->unit->stats.descriptors;
	local_irq_enable();

	KUNIT_EXPECT_EQ(test, within, 0);
	KUNIT_EXPECT_EQ(test, status, 0);
	KUNIT_EXPECT_EQ(test, after, 2);
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 1);
	KUNIT_EXPECT_EQ(test, t->unit->stats.doorbells, 1);
	vtdsim_test_expect_done(test, t->ring);
}

/* What is behind a wait is fetched when the wait is complete. */
static void waits_in_order(struct kunit *test)
{
	struct async *t = async_new(test, ASYNC_NS, 0);
	u32 first, second, behind;
	u64 fetched[2];

	ring_put_wait(t->ring, 0);
	ring_put_wait(t->ring, 1);
	ring_put_wait(t->ring, 2);
	local_irq_disable();
	ring_kick(t->ring);
	read32(t->unit, FSTS);
	fetched[0] = t->unit->stats.descriptors;
	first = t->ring->status[0];
	look_until_done(t, 0);
	fetched[1] = t->unit->stats.descriptors;
	second = t->ring->status[1];
	look_until_done(t, 1);
	behind = t->ring->status[2];
	look_until_done(t, 2);
	local_irq_enable();

	KUNIT_EXPECT_EQ(test, fetched[0], 1);
	KUNIT_EXPECT_EQ(test, first, 0);
	KUNIT_EXPECT_EQ(test, fetched[1], 2);
	KUNIT_EXPECT_EQ(test, second, 0);
	KUNIT_EXPECT_EQ(test, behind, 0);
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 1);
	KUNIT_EXPECT_EQ(test, t->ring->status[1], 2);
	KUNIT_EXPECT_EQ(test, t->ring->status[2], 3);
	vtdsim_test_expect_done(test, t->ring);
}

/* Another doorbell does not make a wait complete sooner. */
static void doorbell_behind_a_wait(struct kunit *test)
{
	struct async *t = async_new(test, ASYNC_NS, 0);
	u32 status;

	ring_put_wait(t->ring, 0);
	local_irq_disable();
	ring_kick(t->ring);
	read32(t->unit, FSTS);
	ring_put_wait(t->ring, 1);
	ring_kick(t->ring);
	look_until_done(t, 0);
	status = t->ring->status[1];
	look_until_done(t, 1);
	local_irq_enable();

	KUNIT_EXPECT_EQ(test, status, 0);
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 1);
	KUNIT_EXPECT_EQ(test, t->ring->status[1], 2);
	KUNIT_EXPECT_EQ(test, t->unit->stats.doorbells, 2);
	vtdsim_test_expect_done(test, t->ring);
}

/* The time of other descriptors is that of the wait behind them. */
static void descriptors_take_time(struct kunit *test)
{
	struct async *t = async_new(test, 0, ASYNC_NS);
	u32 head, status;

	ring_put(t->ring, DESC_IOTLB(1), 0);
	ring_put(t->ring, DESC_PASID(3), 0);
	ring_put_wait(t->ring, 0);
	local_irq_disable();
	ring_kick(t->ring);
	head = read64(t->unit, IQH);
	status = t->ring->status[0];
	look_until_done(t, 0);
	local_irq_enable();

	KUNIT_EXPECT_EQ(test, head, t->ring->tail);
	KUNIT_EXPECT_EQ(test, status, 0);
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 1);
	vtdsim_test_expect_done(test, t->ring);
}

/* Nobody looks at a register: the timer alone makes the unit go on. */
static void timer_goes_on(struct kunit *test)
{
	struct async *t = async_new(test, ASYNC_NS, 0);
	unsigned int i;

	ring_put_wait(t->ring, 0);
	ring_put_wait(t->ring, 1);
	ring_kick(t->ring);
	for (i = 0; i < 500 && !READ_ONCE(t->ring->status[1]); i++)
		msleep(20);
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 1);
	KUNIT_EXPECT_EQ(test, t->ring->status[1], 2);
	vtdsim_test_expect_done(test, t->ring);
}

/* A wait that was fetched is forgotten; enabling the queue starts from its head. */
static void queue_disabled(struct kunit *test)
{
	/* Four seconds, so that it is not complete before the queue is disabled */
	struct async *t = async_new(test, U32_MAX, 0);
	u32 status;

	ring_put_wait(t->ring, 0);
	local_irq_disable();
	ring_kick(t->ring);
	read32(t->unit, FSTS);
	write32(t->unit, GCMD, GCMD_TE);
	t->unit->async.due = 0;
	read32(t->unit, FSTS);
	status = t->ring->status[0];
	local_irq_enable();
	KUNIT_EXPECT_EQ(test, status, 0);
	KUNIT_EXPECT_EQ(test, read64(t->unit, IQH), 0);

	t->unit->queue_delay = ASYNC_NS;
	write32(t->unit, GCMD, GCMD_TE | GCMD_QIE);
	KUNIT_EXPECT_TRUE(test, look_until_done(t, 0));
	vtdsim_test_expect_done(test, t->ring);
	KUNIT_EXPECT_EQ(test, t->unit->stats.waits, 2);
}

/* The error of a descriptor shows when the wait in front of it is complete. */
static void error_behind_a_wait(struct kunit *test)
{
	struct async *t = async_new(test, ASYNC_NS, 0);
	u32 head = t->ring->step, early;

	ring_put_wait(t->ring, 0);
	ring_put(t->ring, 0xf, 0);
	local_irq_disable();
	ring_kick(t->ring);
	read32(t->unit, FSTS);
	early = vtdsim_reg_get32(t->unit, FSTS);
	look_until_done(t, 0);
	local_irq_enable();

	KUNIT_EXPECT_EQ(test, early, 0);
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 1);
	vtdsim_test_expect_stopped(test, t->ring, head, VTDSIM_IQEI_TYPE);
	vtdsim_test_expect_recovers(test, t->ring, head);
}

/* A time-out of a device TLB takes the wait with it, and the queue goes on later. */
static void timeout_aborts_wait(struct kunit *test)
{
	struct async *t = async_new(test, ASYNC_NS, 0);
	u32 fault, status;

	t->requester->slow = true;
	t->unit->devtlb.timeout_us = TEST_HOUR_US;
	ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	ring_put_wait(t->ring, 0);
	ring_put_wait(t->ring, 1);
	local_irq_disable();
	ring_kick(t->ring);
	read32(t->unit, FSTS);
	vtdsim_test_expire(t->unit, SID);
	fault = read32(t->unit, FSTS);
	status = t->ring->status[0];
	write32(t->unit, FSTS, FSTS_ITE);
	look_until_done(t, 1);
	local_irq_enable();

	KUNIT_EXPECT_EQ(test, fault, FSTS_ITE);
	KUNIT_EXPECT_EQ(test, status, 0);
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 0);
	KUNIT_EXPECT_EQ(test, t->ring->status[1], 2);
	vtdsim_test_expect_done(test, t->ring);
}

/* Both the endpoint and time are waited for, whichever takes longer. */
static void wait_for_endpoint(struct kunit *test)
{
	struct async *t = async_new(test, ASYNC_NS, 0);
	unsigned long flags;
	unsigned int i;
	u32 status;

	t->requester->slow = true;
	t->unit->devtlb.timeout_us = TEST_HOUR_US;
	ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	ring_put_wait(t->ring, 0);
	local_irq_save(flags);
	ring_kick(t->ring);
	for (i = 0; i < 4; i++) {
		read32(t->unit, FSTS);
		udelay(ASYNC_NS / 1000);
	}
	status = t->ring->status[0];
	raw_spin_lock(&t->unit->lock);
	vtdsim_devtlb_done(t->unit, SID, t->requester->inv.itag);
	raw_spin_unlock(&t->unit->lock);
	look_until_done(t, 0);
	local_irq_restore(flags);

	KUNIT_EXPECT_EQ(test, status, 0);
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 1);
	vtdsim_test_expect_done(test, t->ring);
}

static struct kunit_case async_cases[] = {
	KUNIT_CASE(tail_write_returns),
	KUNIT_CASE(waits_in_order),
	KUNIT_CASE(doorbell_behind_a_wait),
	KUNIT_CASE(descriptors_take_time),
	KUNIT_CASE(timer_goes_on),
	KUNIT_CASE(queue_disabled),
	KUNIT_CASE(error_behind_a_wait),
	KUNIT_CASE(timeout_aborts_wait),
	KUNIT_CASE(wait_for_endpoint),
	{}
};

static struct kunit_suite async_suite = {
	.name = "vtdsim-queue-async",
	.test_cases = async_cases,
};

kunit_test_suite(async_suite);
