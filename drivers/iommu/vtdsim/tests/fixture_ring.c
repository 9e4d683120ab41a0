// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test fixture: an invalidation queue, see fixture_ring.h.
 */
#include <linux/sizes.h>

#include "fixture_ring.h"

/* Bits of GSTS that a write of GCMD has to repeat; the others are one-shot */
#define GSTS_LASTING	0x96ffffff

/**
 * vtdsim_test_set_root() - give a unit its root table
 * @unit: the unit
 * @rtaddr: contents of the Root Table Address Register
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_test_set_root(struct vtdsim_unit *unit, u64 rtaddr)
{
	write64(unit, RTADDR, rtaddr);
	write32(unit, GCMD, (read32(unit, GSTS) & GSTS_LASTING) | GCMD_SRTP);
}

/**
 * vtdsim_test_translation() - enable or disable translation
 * @unit: the unit, which has a root table
 * @on: enable it
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_test_translation(struct vtdsim_unit *unit, bool on)
{
	u32 lasting = read32(unit, GSTS) & GSTS_LASTING;

	write32(unit, GCMD, on ? lasting | GCMD_TE : lasting & ~GCMD_TE);
}

/**
 * vtdsim_test_ring_new() - give a unit a queue, and enable it
 * @test: the test
 * @unit: the unit
 * @order: log2 of the pages
 * @wide: descriptors of 256 bits
 *
 * Context: A test; fails it without memory. Takes the unit's lock.
 * Return: the queue, which goes when the test ends.
 */
struct vtdsim_test_ring *vtdsim_test_ring_new(struct kunit *test, struct vtdsim_unit *unit,
					      unsigned int order, bool wide)
{
	struct vtdsim_test_ring *ring = kunit_kzalloc(test, sizeof(*ring), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ring);
	ring->unit = unit;
	ring->bytes = SZ_4K << order;
	ring->step = wide ? 32 : 16;
	ring->mem = kunit_kzalloc(test, ring->bytes, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ring->mem);
	ring->status = kunit_kzalloc(test, SZ_4K, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ring->status);

	write64(unit, IQA, virt_to_phys(ring->mem) | (wide ? IQA_WIDE : 0) | order);
	write32(unit, GCMD, (read32(unit, GSTS) & GSTS_LASTING) | GCMD_QIE);
	return ring;
}

/**
 * vtdsim_test_ring_scalable() - make a unit with the queue that a driver gives it
 * @test: the test
 * @cap: Capability Register
 * @ecap: Extended Capability Register
 *
 * Context: A test; fails it without memory.
 * Return: a wide queue of one page, in scalable mode.
 */
struct vtdsim_test_ring *vtdsim_test_ring_scalable(struct kunit *test, u64 cap, u64 ecap)
{
	struct vtdsim_unit *unit = vtdsim_test_unit_with(test, cap, ecap);

	vtdsim_test_set_root(unit, RTADDR_SCALABLE);
	return vtdsim_test_ring_new(test, unit, 0, true);
}

/**
 * vtdsim_test_put4() - add a descriptor that the unit does not see yet
 * @ring: the queue
 * @q0: first word
 * @q1: second word
 * @q2: third word; not in a narrow queue
 * @q3: fourth word; not in a narrow queue
 *
 * Context: Any.
 * Return: where the descriptor is.
 */
u64 *vtdsim_test_put4(struct vtdsim_test_ring *ring, u64 q0, u64 q1, u64 q2, u64 q3)
{
	u64 *desc = ring->mem + ring->tail;

	desc[0] = q0;
	desc[1] = q1;
	if (ring->step == 32) {
		desc[2] = q2;
		desc[3] = q3;
	}
	ring->tail = (ring->tail + ring->step) % ring->bytes;
	return desc;
}

/**
 * vtdsim_test_expect_done() - expect that the unit has fetched all descriptors
 * @test: the test
 * @ring: the queue
 *
 * Context: A test.
 */
void vtdsim_test_expect_done(struct kunit *test, struct vtdsim_test_ring *ring)
{
	KUNIT_EXPECT_EQ(test, read32(ring->unit, FSTS), 0);
	KUNIT_EXPECT_EQ(test, read64(ring->unit, IQH), ring->tail);
}

/**
 * vtdsim_test_expect_stopped() - expect that an error has stopped the queue
 * @test: the test
 * @ring: the queue
 * @head: where
 * @iqei: the reason in the error record
 *
 * The event has to be held pending.
 *
 * Context: A test.
 */
void vtdsim_test_expect_stopped(struct kunit *test, struct vtdsim_test_ring *ring, u32 head,
				u32 iqei)
{
	KUNIT_EXPECT_EQ(test, read32(ring->unit, FSTS), FSTS_IQE);
	KUNIT_EXPECT_EQ(test, read64(ring->unit, IQERCD), iqei);
	KUNIT_EXPECT_EQ(test, read64(ring->unit, IQH), head);
	KUNIT_EXPECT_EQ(test, read32(ring->unit, FECTL), EVENT_IM | EVENT_IP);
}

/**
 * vtdsim_test_expect_recovers() - expect the queue to go on after an error
 * @test: the test
 * @ring: the queue
 * @head: where the bad descriptor is; a wait without effect takes its place
 *
 * Context: A test.
 */
void vtdsim_test_expect_recovers(struct kunit *test, struct vtdsim_test_ring *ring, u32 head)
{
	u64 *desc = ring->mem + head;

	memset(desc, 0, ring->step);
	desc[0] = DESC_WAIT;
	write32(ring->unit, FSTS, FSTS_IQE);
	vtdsim_test_expect_done(test, ring);
	KUNIT_EXPECT_EQ(test, read32(ring->unit, FECTL), EVENT_IM);
}
