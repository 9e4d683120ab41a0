// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages between an endpoint and a unit that has several descriptors in flight: what has to
 * happen before one is sent, and when it counts.
 *
 * Interrupts are off while the test lets the unit go on, so that nothing else does.
 */
#include <linux/irqflags.h>

#include "fixture_requester.h"
#include "fixture_ring.h"
#include "queue/global_command.h"
#include "queue/timing.h"
#include "remap/entry_cache.h"
#include "remap/irte.h"

#define SID		0x0108
#define SEEDS		32
#define ENTRIES		16

/**
 * struct messages - a queue and an endpoint
 * @ring: the queue
 * @unit: its unit, which translates
 * @requester: the endpoint
 */
struct messages {
	struct vtdsim_test_ring *ring;
	struct vtdsim_unit *unit;
	struct vtdsim_test_requester *requester;
};

static struct messages *messages_new(struct kunit *test, u64 ecap, u32 seed)
{
	struct messages *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->ring = vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP | ECAP_DT | ecap);
	t->unit = t->ring->unit;
	vtdsim_test_translation(t->unit, true);
	t->unit->devtlb.timeout_us = TEST_HOUR_US;
	t->requester = vtdsim_test_requester_new(test, t->unit, SID);
	vtdsim_async_seed(t->unit, seed);
	return t;
}

/* Does what is due next. Returns false if nothing is left that does not wait for the endpoint. */
static bool messages_step(struct messages *t)
{
	bool more;

	raw_spin_lock(&t->unit->lock);
	more = vtdsim_async_step(t->unit, vtdsim_timing_next(t->unit));
	raw_spin_unlock(&t->unit->lock);
	return more;
}

/* A completion counts if translation is enabled when it arrives. */
static void completion_without_translation(struct kunit *test)
{
	struct messages *t = messages_new(test, 0, 1);

	struct vtdsim_devtlb_slot *slot;

	t->requester->slow = true;
	ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	ring_put_wait(t->ring, 0);
	local_irq_disable();
	vtdsim_reg_write(t->unit, IQT, t->ring->tail, 4);
	while (!t->requester->invs)
		messages_step(t);
	slot = &t->unit->devtlb.slots[t->requester->inv.itag];
	slot->way = VTDSIM_DEVTLB_BACK;
	slot->arrives = KTIME_MAX - 1;
	vtdsim_reg_write(t->unit, GCMD, GCMD_QIE, 4);
	raw_spin_lock(&t->unit->lock);
	vtdsim_command_carry_out(t->unit);
	raw_spin_unlock(&t->unit->lock);
	while (messages_step(t))
		;
	local_irq_enable();
	KUNIT_EXPECT_EQ(test, t->unit->devtlb.busy, 1);
	KUNIT_EXPECT_EQ(test, t->ring->status[0], 0);
	vtdsim_test_expire(t->unit, SID);
	KUNIT_EXPECT_EQ(test, read32(t->unit, FSTS), FSTS_ITE);
}

/* Returns the next device-TLB invalidation that is sent, maybe there already. */
static struct vtdsim_devtlb_slot *messages_send(struct messages *t)
{
	u64 sent = t->unit->stats.devtlb_invs;

	ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	vtdsim_reg_write(t->unit, IQT, t->ring->tail, 4);
	while (t->unit->stats.devtlb_invs == sent)
		messages_step(t);
	return &t->unit->devtlb.slots[t->unit->devtlb.last];
}

/* However long one is on its way, the next one to the endpoint arrives after it. */
static void next_message_arrives_later(struct kunit *test)
{
	struct vtdsim_devtlb_slot *slot, *next;
	unsigned int late = 0;
	struct messages *t;
	u32 seed;

	for (seed = 1; seed <= SEEDS; seed++) {
		t = messages_new(test, 0, seed);
		t->requester->slow = true;
		local_irq_disable();
		slot = messages_send(t);
		if (slot->way == VTDSIM_DEVTLB_OUT) {
			late++;
			slot->arrives = KTIME_MAX - 2;
			next = messages_send(t);
			KUNIT_EXPECT_EQ(test, next->way, VTDSIM_DEVTLB_OUT);
			KUNIT_EXPECT_EQ(test, next->arrives, KTIME_MAX - 1);
		}
		local_irq_enable();
	}
	KUNIT_EXPECT_GT(test, late, 0);
}

/* Page group responses and device-TLB invalidations do not overtake each other. */
static void responses_in_order(struct kunit *test)
{
	struct messages *t;
	unsigned int i;
	u32 seed;

	for (seed = 1; seed <= SEEDS; seed++) {
		t = messages_new(test, ECAP_PRS, seed);
		for (i = 0; i < 2; i++) {
			t->requester->requester.groups[i].waiting = 2;
			ring_put(t->ring, DESC_RESPONSE(SID), i << 3);
			ring_put(t->ring, DESC_RESPONSE(SID), i << 3);
			ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
		}
		ring_put_wait(t->ring, 0);
		local_irq_disable();
		vtdsim_reg_write(t->unit, IQT, t->ring->tail, 4);
		while (messages_step(t))
			;
		local_irq_enable();
		KUNIT_EXPECT_EQ(test, t->requester->invs, 2);
		KUNIT_EXPECT_EQ(test, t->requester->responses, 4);
		KUNIT_EXPECT_EQ(test, t->requester->responses_before, 4);
		KUNIT_EXPECT_EQ(test, t->requester->invs_before, 1);
		KUNIT_EXPECT_EQ(test, t->requester->resp.group, 1);
		KUNIT_EXPECT_EQ(test, t->ring->status[0], 1);
	}
}

/* Disables the queue as soon as all descriptors have been fetched. */
static void messages_disable(struct messages *t)
{
	local_irq_disable();
	vtdsim_reg_write(t->unit, IQT, t->ring->tail, 4);
	while (vtdsim_reg_get64(t->unit, IQH) != t->ring->tail)
		messages_step(t);
	vtdsim_reg_write(t->unit, GCMD, GCMD_TE, 4);
	raw_spin_lock(&t->unit->lock);
	vtdsim_command_carry_out(t->unit);
	raw_spin_unlock(&t->unit->lock);
	local_irq_enable();
}

/* What was fetched gets to the endpoint, in order, when the queue is disabled. */
static void responses_of_disabled_queue(struct kunit *test)
{
	struct messages *t;
	u32 seed;

	for (seed = 1; seed <= SEEDS; seed++) {
		t = messages_new(test, ECAP_PRS, seed);
		t->requester->requester.groups[0].waiting = 1;
		ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
		ring_put(t->ring, DESC_RESPONSE(SID), 0);
		ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
		messages_disable(t);
		KUNIT_EXPECT_EQ(test, t->requester->invs, 2);
		KUNIT_EXPECT_EQ(test, t->requester->responses, 1);
		KUNIT_EXPECT_EQ(test, t->requester->invs_before, 1);
		KUNIT_EXPECT_EQ(test, t->unit->async.flying, 0);
	}
}

/* The endpoint has room for one invalidation, and answers the first. */
static void no_room_in_disabled_queue(struct kunit *test)
{
	struct messages *t;
	u32 seed;

	for (seed = 1; seed <= SEEDS; seed++) {
		t = messages_new(test, ECAP_PRS, seed);
		t->requester->requester.groups[0].waiting = 1;
		ring_put(t->ring, DESC_DEVTLB(SID) | 1 << 16, DEVTLB_ALL);
		ring_put(t->ring, DESC_DEVTLB(SID) | 1 << 16, DEVTLB_ALL);
		ring_put(t->ring, DESC_RESPONSE(SID), 0);
		messages_disable(t);
		KUNIT_EXPECT_EQ(test, t->requester->invs, 2);
		KUNIT_EXPECT_EQ(test, t->requester->responses, 1);
		KUNIT_EXPECT_EQ(test, t->requester->invs_before, 2);
		KUNIT_EXPECT_EQ(test, t->unit->async.flying, 0);
	}
}

/* Is one of the first @count entries cached, whose invalidations must all be complete? */
static bool entries_left(struct messages *t, unsigned int count)
{
	struct vtdsim_irte irte;
	unsigned int i;

	for (i = 0; i < count; i++)
		if (vtdsim_irte_cache_find(t->unit->irtes, i, &irte))
			return true;
	return false;
}

/* Interrupt remapping table entries go before what the endpoint has cached. */
static void interrupt_entries_first(struct kunit *test)
{
	const struct vtdsim_irte irte = {};
	bool wrong = false;
	struct messages *t;
	unsigned int i;
	u32 seed;

	for (seed = 1; seed <= SEEDS; seed++) {
		t = messages_new(test, ECAP_IR, seed);
		for (i = 0; i < ENTRIES; i++) {
			vtdsim_irte_cache_add(t->unit->irtes, i, &irte);
			ring_put(t->ring, DESC_IEC_ONE(i), 0);
			ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
		}
		local_irq_disable();
		vtdsim_reg_write(t->unit, IQT, t->ring->tail, 4);
		do {
			wrong |= entries_left(t, t->unit->stats.devtlb_invs);
		} while (messages_step(t));
		local_irq_enable();
		KUNIT_EXPECT_EQ(test, t->requester->invs, ENTRIES);
		KUNIT_EXPECT_FALSE(test, entries_left(t, ENTRIES));
	}
	KUNIT_EXPECT_FALSE(test, wrong);
}

/* An endpoint that does not complete an invalidation gets its responses. */
static void response_needs_no_completion(struct kunit *test)
{
	struct messages *t = messages_new(test, ECAP_PRS, 1);

	t->requester->slow = true;
	t->requester->requester.groups[0].waiting = 1;
	ring_put(t->ring, DESC_DEVTLB(SID), DEVTLB_ALL);
	ring_put(t->ring, DESC_RESPONSE(SID), 0);
	ring_kick(t->ring);
	KUNIT_EXPECT_EQ(test, t->requester->invs, 1);
	KUNIT_EXPECT_EQ(test, t->requester->responses, 1);
}

static struct kunit_case messages_cases[] = {
	KUNIT_CASE(completion_without_translation),
	KUNIT_CASE(next_message_arrives_later),
	KUNIT_CASE(responses_in_order),
	KUNIT_CASE(responses_of_disabled_queue),
	KUNIT_CASE(no_room_in_disabled_queue),
	KUNIT_CASE(interrupt_entries_first),
	KUNIT_CASE(response_needs_no_completion),
	{}
};

static struct kunit_suite messages_suite = {
	.name = "vtdsim-queue-messages",
	.test_cases = messages_cases,
};

kunit_test_suite(messages_suite);
