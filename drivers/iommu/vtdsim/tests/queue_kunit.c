// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the invalidation queue: what each type of descriptor does,
 * and how the queue moves.
 */
#include "ring_kunit.h"

static void context_cache(struct kunit *test)
{
	struct ring *ring = ring_scalable(test);
	struct vtdsim_unit *unit = ring->unit;

	test_add_context(test, unit, 0x108);
	test_add_context(test, unit, 0x10f);
	submit(ring, CONTEXT(3) | HIGH(0x108), 0);
	expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, test_has_context(unit, 0x108));
	KUNIT_EXPECT_TRUE(test, test_has_context(unit, 0x10f));

	/* Function mask: the low three bits of the source-id */
	test_add_context(test, unit, 0x108);
	test_add_context(test, unit, 0x110);
	submit(ring, CONTEXT(3) | HIGH(0x3010a), 0);
	KUNIT_EXPECT_FALSE(test, test_has_context(unit, 0x108));
	KUNIT_EXPECT_FALSE(test, test_has_context(unit, 0x10f));
	KUNIT_EXPECT_TRUE(test, test_has_context(unit, 0x110));

	submit(ring, CONTEXT(1), 0);
	KUNIT_EXPECT_FALSE(test, test_has_context(unit, 0x110));

	/* Domain-selective: no less than that, so everything */
	test_add_context(test, unit, 0x110);
	submit(ring, CONTEXT(2) | DID(9), 0);
	expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, test_has_context(unit, 0x110));
}

static void pasid_cache(struct kunit *test)
{
	struct ring *ring = ring_scalable(test);
	struct vtdsim_unit *unit = ring->unit;

	test_add_pasid(test, unit, 8, 0xabcde, 0x8001);
	test_add_pasid(test, unit, 8, 2, 0x8001);
	test_add_pasid(test, unit, 8, 3, 7);
	submit(ring, PASID(1) | DID(0x8001) | HIGH(0xabcde), 0);
	expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, test_has_pasid(unit, 8, 0xabcde));
	KUNIT_EXPECT_TRUE(test, test_has_pasid(unit, 8, 2));

	submit(ring, PASID(0) | DID(0x8001), 0);
	expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, test_has_pasid(unit, 8, 2));
	KUNIT_EXPECT_TRUE(test, test_has_pasid(unit, 8, 3));

	submit(ring, PASID(3), 0);
	expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, test_has_pasid(unit, 8, 3));
}

static void iotlb(struct kunit *test)
{
	const enum vtdsim_pgtt second = VTDSIM_PGTT_SECOND;
	struct ring *ring = ring_scalable(test);
	struct vtdsim_unit *unit = ring->unit;

	test_add_page(test, unit, second, 5, 0, 0x10000);
	test_add_page(test, unit, second, 5, 0, 0x13000);
	test_add_page(test, unit, second, 5, 0, 0x14000);
	test_add_page(test, unit, second, 6, 0, 0x10000);

	/* One page, with drains asked for; then four of them */
	submit(ring, IOTLB(3) | DID(5) | 0xc0, 0x13000);
	expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, test_has_page(unit, second, 5, 0, 0x13000));
	KUNIT_EXPECT_TRUE(test, test_has_page(unit, second, 5, 0, 0x10000));
	test_add_page(test, unit, second, 5, 0, 0x13000);
	submit(ring, IOTLB(3) | DID(5), 0x10000 | 2);
	KUNIT_EXPECT_FALSE(test, test_has_page(unit, second, 5, 0, 0x10000));
	KUNIT_EXPECT_FALSE(test, test_has_page(unit, second, 5, 0, 0x13000));
	KUNIT_EXPECT_TRUE(test, test_has_page(unit, second, 5, 0, 0x14000));

	/* Masked bits of the address do not count. */
	test_add_page(test, unit, second, 5, 0, 0x10000);
	submit(ring, IOTLB(3) | DID(5), 0x13000 | 2);
	KUNIT_EXPECT_FALSE(test, test_has_page(unit, second, 5, 0, 0x10000));
	KUNIT_EXPECT_TRUE(test, test_has_page(unit, second, 5, 0, 0x14000));

	submit(ring, IOTLB(2) | DID(5), 0);
	KUNIT_EXPECT_FALSE(test, test_has_page(unit, second, 5, 0, 0x14000));
	KUNIT_EXPECT_TRUE(test, test_has_page(unit, second, 6, 0, 0x10000));
	submit(ring, IOTLB(1), 0);
	expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, test_has_page(unit, second, 6, 0, 0x10000));
}

static void pasid_iotlb(struct kunit *test)
{
	const enum vtdsim_pgtt first = VTDSIM_PGTT_FIRST;
	struct ring *ring = ring_scalable(test);
	struct vtdsim_unit *unit = ring->unit;

	test_add_page(test, unit, first, 5, 0xabcde, 0x200000);
	test_add_page(test, unit, first, 5, 0xabcde, 0x3ff000);
	test_add_page(test, unit, first, 5, 0xabcde, 0x400000);
	test_add_page(test, unit, first, 5, 2, 0x200000);
	test_add_page(test, unit, first, 6, 0xabcde, 0x200000);

	submit(ring, PIOTLB(3) | DID(5) | HIGH(0xabcde), 0x3ff000 | 0x40);
	expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, test_has_page(unit, first, 5, 0xabcde, 0x3ff000));
	KUNIT_EXPECT_TRUE(test, test_has_page(unit, first, 5, 0xabcde, 0x200000));

	/* As many as the unit takes at once: 2 MiB */
	test_add_page(test, unit, first, 5, 0xabcde, 0x3ff000);
	submit(ring, PIOTLB(3) | DID(5) | HIGH(0xabcde), 0x200000 | TEST_MAMV);
	KUNIT_EXPECT_FALSE(test, test_has_page(unit, first, 5, 0xabcde, 0x200000));
	KUNIT_EXPECT_FALSE(test, test_has_page(unit, first, 5, 0xabcde, 0x3ff000));
	KUNIT_EXPECT_TRUE(test, test_has_page(unit, first, 5, 0xabcde, 0x400000));

	submit(ring, PIOTLB(2) | DID(5) | HIGH(0xabcde), 0);
	expect_done(test, ring);
	KUNIT_EXPECT_FALSE(test, test_has_page(unit, first, 5, 0xabcde, 0x400000));
	KUNIT_EXPECT_TRUE(test, test_has_page(unit, first, 5, 2, 0x200000));
	KUNIT_EXPECT_TRUE(test, test_has_page(unit, first, 6, 0xabcde, 0x200000));
}

static void wait_status(struct kunit *test)
{
	struct ring *ring = ring_scalable(test);
	u32 *status = kunit_kzalloc(test, 16, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, status);

	/* The four bytes at the address, and no other; flag bit 6 is a fence. */
	submit(ring, WAIT | 0x60 | HIGH(0x89abcdef), virt_to_phys(&status[1]));
	expect_done(test, ring);
	KUNIT_EXPECT_EQ(test, status[0], 0);
	KUNIT_EXPECT_EQ(test, status[1], 0x89abcdef);
	KUNIT_EXPECT_EQ(test, status[2], 0);

	/* Not asked for */
	submit(ring, WAIT | HIGH(1), virt_to_phys(&status[1]));
	KUNIT_EXPECT_EQ(test, status[1], 0x89abcdef);
	KUNIT_EXPECT_EQ(test, read32(ring->unit, ICS), 0);
	KUNIT_EXPECT_EQ(test, ring->unit->stats.violations, 0);

	/* Beyond the host address width the address is ignored */
	submit(ring, WAIT | 0x20 | HIGH(2), virt_to_phys(&status[2]) | ~0ULL << 46);
	expect_done(test, ring);
	KUNIT_EXPECT_EQ(test, status[2], 2);
	KUNIT_EXPECT_EQ(test, ring->unit->stats.violations, 0);

	/* To where there is no memory */
	submit(ring, WAIT | 0x20, BIT_ULL(45));
	expect_done(test, ring);
	KUNIT_EXPECT_EQ(test, ring->unit->stats.violations, 1);
}

static void wait_interrupt(struct kunit *test)
{
	struct ring *ring = ring_scalable(test);
	struct vtdsim_unit *unit = ring->unit;

	submit(ring, WAIT | 0x10, 0);
	expect_done(test, ring);
	KUNIT_EXPECT_EQ(test, read32(unit, ICS), 1);
	KUNIT_EXPECT_EQ(test, read32(unit, IECTL), EVENT_IM | EVENT_IP);

	/* Unmasking sends it; until serviced there will be no other. */
	write32(unit, IECTL, 0);
	KUNIT_EXPECT_EQ(test, read32(unit, IECTL), 0);
	write32(unit, IECTL, EVENT_IM);
	submit(ring, WAIT | 0x10, 0);
	KUNIT_EXPECT_EQ(test, read32(unit, IECTL), EVENT_IM);
	write32(unit, ICS, 1);
	KUNIT_EXPECT_EQ(test, read32(unit, ICS), 0);

	/* Servicing it takes back what is pending; writing 0 does not. */
	submit(ring, WAIT | 0x10, 0);
	write32(unit, ICS, 0);
	KUNIT_EXPECT_EQ(test, read32(unit, ICS), 1);
	KUNIT_EXPECT_EQ(test, read32(unit, IECTL), EVENT_IM | EVENT_IP);
	write32(unit, ICS, 1);
	KUNIT_EXPECT_EQ(test, read32(unit, IECTL), EVENT_IM);

	/* It is not the fault event. */
	KUNIT_EXPECT_EQ(test, read32(unit, FECTL), EVENT_IM);
}

static void counters(struct kunit *test)
{
	struct ring *ring = ring_scalable(test);
	struct vtdsim_stats *stats = &ring->unit->stats;

	put(ring, IOTLB(1), 0);
	put(ring, PASID(3), 0);
	put(ring, WAIT, 0);
	KUNIT_EXPECT_EQ(test, stats->descriptors, 0);
	kick(ring);
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
	u32 *status = kunit_kzalloc(test, sizeof(*status), GFP_KERNEL);
	unsigned int wide;

	KUNIT_ASSERT_NOT_NULL(test, status);
	for (wide = 0; wide < 2; wide++) {
		struct ring *ring = ring_create(test, test_unit(test), 1, wide);
		u32 slots = ring->bytes / ring->step;
		u32 i;

		KUNIT_EXPECT_EQ(test, slots, wide ? 256 : 512);
		for (i = 1; i <= 2 * slots + 3; i++) {
			put(ring, IOTLB(1), 0);
			put(ring, WAIT | 0x20 | HIGH(i), virt_to_phys(status));
			kick(ring);
			if (*status != i)
				break;
		}
		KUNIT_EXPECT_EQ(test, i, 2 * slots + 4);
		KUNIT_EXPECT_EQ(test, ring->unit->stats.waits, 2 * slots + 3);
		expect_done(test, ring);

		/* All but one slot at once, across the end */
		for (i = 0; i < slots - 1; i++)
			put(ring, WAIT | 0x20 | HIGH(i), virt_to_phys(status));
		kick(ring);
		KUNIT_EXPECT_EQ(test, *status, slots - 2);
		expect_done(test, ring);
	}
}

static void disabled(struct kunit *test)
{
	struct ring *ring = ring_scalable(test);
	struct vtdsim_unit *unit = ring->unit;

	submit(ring, IOTLB(1), 0);
	KUNIT_EXPECT_EQ(test, read64(unit, IQH), 32);

	/* Disabling takes the head back; nothing is fetched meanwhile. */
	write32(unit, GCMD, 0);
	KUNIT_EXPECT_EQ(test, read64(unit, IQH), 0);
	submit(ring, IOTLB(1), 0);
	KUNIT_EXPECT_EQ(test, unit->stats.descriptors, 1);
	KUNIT_EXPECT_EQ(test, read64(unit, IQH), 0);

	/* Enabling starts from there. */
	write32(unit, GCMD, GCMD_QIE);
	KUNIT_EXPECT_EQ(test, unit->stats.descriptors, 3);
	expect_done(test, ring);
}

static struct kunit_case qi_cases[] = {
	KUNIT_CASE(context_cache),
	KUNIT_CASE(pasid_cache),
	KUNIT_CASE(iotlb),
	KUNIT_CASE(pasid_iotlb),
	KUNIT_CASE(wait_status),
	KUNIT_CASE(wait_interrupt),
	KUNIT_CASE(counters),
	KUNIT_CASE(wrap_around),
	KUNIT_CASE(disabled),
	{}
};

static struct kunit_suite qi_suite = {
	.name = "vtdsim-qi",
	.test_cases = qi_cases,
};

kunit_test_suite(qi_suite);
