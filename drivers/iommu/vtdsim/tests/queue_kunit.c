// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the invalidation queue: the effect of each type of descriptor, head and
 * tail.
 */
#include "fixture_cache.h"
#include "fixture_ring.h"
#include "kunit_case.h"

static void context_cache(struct kunit *test)
{
	struct vtdsim_test_ring *ring = vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP);
	struct vtdsim_unit *unit = ring->unit;

	vtdsim_test_add_context(test, unit, 0x108, NULL);
	vtdsim_test_add_context(test, unit, 0x10f, NULL);
	ring_submit(ring, DESC_CONTEXT(3) | DESC_HIGH(0x108), 0);
	vtdsim_test_expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_context(unit, 0x108));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_context(unit, 0x10f));

	/* Function mask: the low three bits of the source-id */
	vtdsim_test_add_context(test, unit, 0x108, NULL);
	vtdsim_test_add_context(test, unit, 0x110, NULL);
	ring_submit(ring, DESC_CONTEXT(3) | DESC_HIGH(0x3010a), 0);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_context(unit, 0x108));
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_context(unit, 0x10f));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_context(unit, 0x110));

	ring_submit(ring, DESC_CONTEXT(1), 0);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_context(unit, 0x110));

	/* Domain-selective: the model drops everything */
	vtdsim_test_add_context(test, unit, 0x110, NULL);
	ring_submit(ring, DESC_CONTEXT(2) | DESC_DID(9), 0);
	vtdsim_test_expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_context(unit, 0x110));
}

static void pasid_cache(struct kunit *test)
{
	struct vtdsim_test_ring *ring = vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP);
	struct vtdsim_unit *unit = ring->unit;

	vtdsim_test_add_pasid(test, unit, 8, 0xabcde, 0x8001);
	vtdsim_test_add_pasid(test, unit, 8, 2, 0x8001);
	vtdsim_test_add_pasid(test, unit, 8, 3, 7);
	ring_submit(ring, DESC_PASID(1) | DESC_DID(0x8001) | DESC_HIGH(0xabcde), 0);
	vtdsim_test_expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_pasid(unit, 8, 0xabcde));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_pasid(unit, 8, 2));

	ring_submit(ring, DESC_PASID(0) | DESC_DID(0x8001), 0);
	vtdsim_test_expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_pasid(unit, 8, 2));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_pasid(unit, 8, 3));

	ring_submit(ring, DESC_PASID(3), 0);
	vtdsim_test_expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_pasid(unit, 8, 3));
}

static void queue_iotlb(struct kunit *test)
{
	const enum vtdsim_pgtt second = VTDSIM_PGTT_SECOND;
	struct vtdsim_test_ring *ring = vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP);
	struct vtdsim_unit *unit = ring->unit;

	vtdsim_test_add_page(test, unit, second, 5, 0, 0x10000);
	vtdsim_test_add_page(test, unit, second, 5, 0, 0x13000);
	vtdsim_test_add_page(test, unit, second, 5, 0, 0x14000);
	vtdsim_test_add_page(test, unit, second, 6, 0, 0x10000);

	/* One page, with drains; then four pages */
	ring_submit(ring, DESC_IOTLB(3) | DESC_DID(5) | 0xc0, 0x13000);
	vtdsim_test_expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_page(unit, second, 5, 0, 0x13000));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_page(unit, second, 5, 0, 0x10000));
	vtdsim_test_add_page(test, unit, second, 5, 0, 0x13000);
	ring_submit(ring, DESC_IOTLB(3) | DESC_DID(5), 0x10000 | 2);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_page(unit, second, 5, 0, 0x10000));
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_page(unit, second, 5, 0, 0x13000));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_page(unit, second, 5, 0, 0x14000));

	/* Masked bits of the address are ignored. */
	vtdsim_test_add_page(test, unit, second, 5, 0, 0x10000);
	ring_submit(ring, DESC_IOTLB(3) | DESC_DID(5), 0x13000 | 2);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_page(unit, second, 5, 0, 0x10000));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_page(unit, second, 5, 0, 0x14000));

	/* Nor do those beyond the guest address width count, which first-stage addresses have. */
	vtdsim_test_add_page(test, unit, second, 5, 0, 0x10000);
	vtdsim_test_add_page(test, unit, VTDSIM_PGTT_FIRST, 6, 1, 0x10000);
	ring_submit(ring, DESC_PIOTLB(3) | DESC_DID(6) | DESC_HIGH(1), TEST_BEYOND | 0x10000);
	ring_submit(ring, DESC_IOTLB(3) | DESC_DID(5), TEST_BEYOND | 0x10000);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_page(unit, second, 5, 0, 0x10000));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_page(unit, VTDSIM_PGTT_FIRST, 6, 1, 0x10000));

	ring_submit(ring, DESC_IOTLB(2) | DESC_DID(5), 0);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_page(unit, second, 5, 0, 0x14000));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_page(unit, second, 6, 0, 0x10000));
	ring_submit(ring, DESC_IOTLB(1), 0);
	vtdsim_test_expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_page(unit, second, 6, 0, 0x10000));
}

static void pasid_iotlb(struct kunit *test)
{
	const enum vtdsim_pgtt first = VTDSIM_PGTT_FIRST;
	struct vtdsim_test_ring *ring = vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP);
	struct vtdsim_unit *unit = ring->unit;

	vtdsim_test_add_page(test, unit, first, 5, 0xabcde, 0x200000);
	vtdsim_test_add_page(test, unit, first, 5, 0xabcde, 0x3ff000);
	vtdsim_test_add_page(test, unit, first, 5, 0xabcde, 0x400000);
	vtdsim_test_add_page(test, unit, first, 5, 2, 0x200000);
	vtdsim_test_add_page(test, unit, first, 6, 0xabcde, 0x200000);

	ring_submit(ring, DESC_PIOTLB(3) | DESC_DID(5) | DESC_HIGH(0xabcde), 0x3ff000 | 0x40);
	vtdsim_test_expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_page(unit, first, 5, 0xabcde, 0x3ff000));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_page(unit, first, 5, 0xabcde, 0x200000));

	/* The most pages that the unit takes at once: 2 MiB */
	vtdsim_test_add_page(test, unit, first, 5, 0xabcde, 0x3ff000);
	ring_submit(ring, DESC_PIOTLB(3) | DESC_DID(5) | DESC_HIGH(0xabcde), 0x200000 | TEST_MAMV);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_page(unit, first, 5, 0xabcde, 0x200000));
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_page(unit, first, 5, 0xabcde, 0x3ff000));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_page(unit, first, 5, 0xabcde, 0x400000));

	ring_submit(ring, DESC_PIOTLB(2) | DESC_DID(5) | DESC_HIGH(0xabcde), 0);
	vtdsim_test_expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_page(unit, first, 5, 0xabcde, 0x400000));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_page(unit, first, 5, 2, 0x200000));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_page(unit, first, 6, 0xabcde, 0x200000));
}

static bool has_table(struct vtdsim_unit *unit, enum vtdsim_stage stage)
{
	const struct vtdsim_pasid pe = { .did = 5 };
	struct vtdsim_psc psc;

	return vtdsim_cache_find_psc(unit->cache, stage, &pe, 1, 0x10000, 2, &psc);
}

static void add_table(struct vtdsim_unit *unit, enum vtdsim_stage stage)
{
	const struct vtdsim_pasid pe = { .did = 5 };
	const struct vtdsim_psc psc = {};

	vtdsim_cache_add_psc(unit->cache, stage, &pe, 1, 0x10000, 2, &psc);
}

/* With the hint, only leaf entries have changed: the others stay. */
static void leaf_hint(struct kunit *test)
{
	struct vtdsim_test_ring *ring = vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP);
	struct vtdsim_unit *unit = ring->unit;

	add_table(unit, VTDSIM_STAGE_SECOND);
	add_table(unit, VTDSIM_STAGE_FIRST);
	ring_submit(ring, DESC_PIOTLB(3) | DESC_DID(5) | DESC_HIGH(1), 0x10000 | INV_IH);
	KUNIT_EXPECT_TRUE(test, has_table(unit, VTDSIM_STAGE_FIRST));
	ring_submit(ring, DESC_PIOTLB(3) | DESC_DID(5) | DESC_HIGH(1), 0x10000);
	KUNIT_EXPECT_FALSE(test, has_table(unit, VTDSIM_STAGE_FIRST));
	ring_submit(ring, DESC_IOTLB(3) | DESC_DID(5), 0x10000 | INV_IH);
	KUNIT_EXPECT_TRUE(test, has_table(unit, VTDSIM_STAGE_SECOND));
	ring_submit(ring, DESC_IOTLB(3) | DESC_DID(5), 0x10000);
	KUNIT_EXPECT_FALSE(test, has_table(unit, VTDSIM_STAGE_SECOND));
	vtdsim_test_expect_done(test, ring);
}

static void wait_status(struct kunit *test)
{
	struct vtdsim_test_ring *ring = vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP);
	u32 *status = ring->status;

	/* The four bytes at the address, and no other; flag bit 6 is a fence. */
	ring_submit(ring, DESC_WAIT | 0x60 | DESC_HIGH(0x89abcdef), virt_to_phys(&status[1]));
	vtdsim_test_expect_done(test, ring);
	KUNIT_EXPECT_EQ(test, status[0], 0);
	KUNIT_EXPECT_EQ(test, status[1], 0x89abcdef);
	KUNIT_EXPECT_EQ(test, status[2], 0);

	/* No status write asked for */
	ring_submit(ring, DESC_WAIT | DESC_HIGH(1), virt_to_phys(&status[1]));
	KUNIT_EXPECT_EQ(test, status[1], 0x89abcdef);
	KUNIT_EXPECT_EQ(test, read32(ring->unit, ICS), 0);
	KUNIT_EXPECT_EQ(test, ring->unit->stats.violations, 0);

	/* Beyond the host address width the address is ignored */
	ring_submit(ring, DESC_WAIT | 0x20 | DESC_HIGH(2), virt_to_phys(&status[2]) | ~0ULL << 46);
	vtdsim_test_expect_done(test, ring);
	KUNIT_EXPECT_EQ(test, status[2], 2);
	KUNIT_EXPECT_EQ(test, ring->unit->stats.violations, 0);

	/* A status write to where there is no memory */
	ring_submit(ring, DESC_WAIT | 0x20, BIT_ULL(45));
	vtdsim_test_expect_done(test, ring);
	KUNIT_EXPECT_EQ(test, ring->unit->stats.violations, 1);
}

static void wait_interrupt(struct kunit *test)
{
	struct vtdsim_test_ring *ring = vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP);
	struct vtdsim_unit *unit = ring->unit;

	ring_submit(ring, DESC_WAIT | 0x10, 0);
	vtdsim_test_expect_done(test, ring);
	KUNIT_EXPECT_EQ(test, read32(unit, ICS), 1);
	KUNIT_EXPECT_EQ(test, read32(unit, IECTL), EVENT_IM | EVENT_IP);

	/* Unmasking sends the event; no other follows until it is serviced. */
	write32(unit, IECTL, 0);
	KUNIT_EXPECT_EQ(test, read32(unit, IECTL), 0);
	write32(unit, IECTL, EVENT_IM);
	ring_submit(ring, DESC_WAIT | 0x10, 0);
	KUNIT_EXPECT_EQ(test, read32(unit, IECTL), EVENT_IM);
	write32(unit, ICS, 1);
	KUNIT_EXPECT_EQ(test, read32(unit, ICS), 0);

	/* Clearing ICS clears the pending event; writing 0 does not. */
	ring_submit(ring, DESC_WAIT | 0x10, 0);
	write32(unit, ICS, 0);
	KUNIT_EXPECT_EQ(test, read32(unit, ICS), 1);
	KUNIT_EXPECT_EQ(test, read32(unit, IECTL), EVENT_IM | EVENT_IP);
	write32(unit, ICS, 1);
	KUNIT_EXPECT_EQ(test, read32(unit, IECTL), EVENT_IM);

	/* It is not the fault event. */
	KUNIT_EXPECT_EQ(test, read32(unit, FECTL), EVENT_IM);
}

/* Software knows of an invalidation by a status write, or by an interrupt. */
static void wait_reports(struct kunit *test)
{
	static const u64 flags[] = { WAIT_SW, WAIT_IF };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		struct vtdsim_test_ring *ring =
			vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP);
		struct vtdsim_unit *unit = ring->unit;

		vtdsim_test_add_page(test, unit, VTDSIM_PGTT_SECOND, 5, 0, 0x10000);
		vtdsim_test_add_page(test, unit, VTDSIM_PGTT_SECOND, 5, 0, 0x20000);
		ring_submit(ring, DESC_IOTLB(1), 0);
		ring_submit(ring, DESC_WAIT, 0);
		vtdsim_rule_freed(unit, 0x10000, PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, unit->stats.violations, 1);
		ring_submit(ring, DESC_WAIT | flags[i], virt_to_phys(ring->status));
		vtdsim_rule_freed(unit, 0x20000, PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, unit->stats.violations, 1);
	}
}

static void queue_counters(struct kunit *test)
{
	struct vtdsim_test_ring *ring = vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP);
	struct vtdsim_stats *stats = &ring->unit->stats;

	ring_put(ring, DESC_IOTLB(1), 0);
	ring_put(ring, DESC_PASID(3), 0);
	ring_put(ring, DESC_WAIT, 0);
	KUNIT_EXPECT_EQ(test, stats->descriptors, 0);
	ring_kick(ring);
	KUNIT_EXPECT_EQ(test, stats->doorbells, 1);
	KUNIT_EXPECT_EQ(test, stats->descriptors, 3);
	KUNIT_EXPECT_EQ(test, stats->waits, 1);

	/* The same tail again, 8 bytes wide; the half that holds no tail */
	write64(ring->unit, IQT, ring->tail);
	write32(ring->unit, IQT + 4, 0);
	KUNIT_EXPECT_EQ(test, stats->doorbells, 2);
	KUNIT_EXPECT_EQ(test, stats->descriptors, 3);
}

/* Twice around a queue of two pages, in both widths */
static void wrap_around(struct kunit *test)
{
	unsigned int wide;

	for (wide = 0; wide < 2; wide++) {
		struct vtdsim_test_ring *ring =
			vtdsim_test_ring_new(test, vtdsim_test_unit(test), 1, wide);
		u32 *status = ring->status, slots = ring->bytes / ring->step;
		u32 i;

		KUNIT_EXPECT_EQ(test, slots, wide ? 256 : 512);
		for (i = 1; i <= 2 * slots + 3; i++) {
			ring_put(ring, DESC_IOTLB(1), 0);
			ring_put(ring, DESC_WAIT | 0x20 | DESC_HIGH(i), virt_to_phys(status));
			ring_kick(ring);
			if (*status != i)
				break;
		}
		KUNIT_EXPECT_EQ(test, i, 2 * slots + 4);
		KUNIT_EXPECT_EQ(test, ring->unit->stats.waits, 2 * slots + 3);
		vtdsim_test_expect_done(test, ring);

		/* All but one slot at once, across the end */
		for (i = 0; i < slots - 1; i++)
			ring_put(ring, DESC_WAIT | 0x20 | DESC_HIGH(i), virt_to_phys(status));
		ring_kick(ring);
		KUNIT_EXPECT_EQ(test, *status, slots - 2);
		vtdsim_test_expect_done(test, ring);
	}
}

static void queue_disabled(struct kunit *test)
{
	struct vtdsim_test_ring *ring = vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP);
	struct vtdsim_unit *unit = ring->unit;

	ring_submit(ring, DESC_IOTLB(1), 0);
	KUNIT_EXPECT_EQ(test, read64(unit, IQH), 32);

	/* Disabling resets the head, and nothing is fetched. */
	write32(unit, GCMD, 0);
	KUNIT_EXPECT_EQ(test, read64(unit, IQH), 0);
	ring_submit(ring, DESC_IOTLB(1), 0);
	KUNIT_EXPECT_EQ(test, unit->stats.descriptors, 1);
	KUNIT_EXPECT_EQ(test, read64(unit, IQH), 0);

	/* Enabling starts from there. */
	write32(unit, GCMD, GCMD_QIE);
	KUNIT_EXPECT_EQ(test, unit->stats.descriptors, 3);
	vtdsim_test_expect_done(test, ring);
}

static struct kunit_case qi_cases[] = {
	KUNIT_CASE(context_cache),
	KUNIT_CASE(pasid_cache),
	VTDSIM_CASE(queue, iotlb),
	KUNIT_CASE(pasid_iotlb),
	KUNIT_CASE(leaf_hint),
	KUNIT_CASE(wait_status),
	KUNIT_CASE(wait_interrupt),
	KUNIT_CASE(wait_reports),
	VTDSIM_CASE(queue, counters),
	KUNIT_CASE(wrap_around),
	VTDSIM_CASE(queue, disabled),
	{}
};

static struct kunit_suite qi_suite = {
	.name = "vtdsim-qi",
	.test_cases = qi_cases,
};

kunit_test_suite(qi_suite);
