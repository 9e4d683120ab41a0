// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of invalidation queue errors: what stops the queue, the reason recorded, and
 * how the queue resumes.
 */
#include "fixture_cache.h"
#include "fixture_ring.h"
#include "kunit_case.h"

/* All types, in both widths and both modes */
static void queue_error_widths(struct kunit *test)
{
	/* Valid with 128 bits in legacy mode; with 256 bits in either mode */
	static const struct {
		u64 q0;
		bool narrow;
		bool wide;
	} types[] = {
		{ 0x0, false, false },
		{ DESC_CONTEXT(1), true, true },
		{ DESC_IOTLB(1), true, true },
		{ 0x3, false, false },		/* device TLB */
		{ 0x4, false, false },		/* interrupt entry cache */
		{ DESC_WAIT, true, true },
		{ DESC_PIOTLB(2), false, true },
		{ DESC_PASID(3), false, true },
		{ 0x8, false, false },		/* PASID-based device TLB */
		{ 0x9, false, false },		/* page group response */
		{ 0xa, false, false },
		{ 0xf, false, false },
		{ DESC_CONTEXT(1) | 0x200, false, false },	/* upper type bits */
		{ DESC_IOTLB(1) | 0x400, false, false },
		{ DESC_WAIT | 0x800, false, false },
	};
	unsigned int i, mode;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		for (mode = 0; mode < 4; mode++) {
			bool wide = mode & 1, scalable = mode & 2;
			struct vtdsim_unit *unit = vtdsim_test_unit(test);
			struct vtdsim_test_ring *ring;
			bool valid;
			u32 code;

			vtdsim_test_set_root(unit, scalable ? RTADDR_SCALABLE : 0);
			ring = vtdsim_test_ring_new(test, unit, 0, wide);
			ring_submit(ring, types[i].q0, 0);
			valid = wide ? types[i].wide :
				       types[i].narrow && !scalable;
			/* In scalable mode the width itself is the error */
			code = !wide && scalable ? 5 : 3;
			KUNIT_EXPECT_EQ_MSG(test, read32(unit, FSTS),
					    valid ? 0 : FSTS_IQE,
					    "descriptor %#llx, mode %u",
					    types[i].q0, mode);
			if (valid)
				vtdsim_test_expect_done(test, ring);
			else
				vtdsim_test_expect_stopped(test, ring, 0, code);
		}
	}
}

/* Every bit of every type: reserved ones stop the queue. */
static void reserved_bits(struct kunit *test)
{
	static const struct {
		u64 q0;
		u64 valid0;
		u64 valid1;
	} types[] = {
		{ DESC_CONTEXT(1), 0x0003ffffffff0e3f, 0 },
		{ DESC_IOTLB(1), 0x00000000ffff0eff, 0xfffffffffffff07f },
		{ DESC_WAIT, 0xffffffff00000e7f, 0xfffffffffffffffc },
		{ DESC_PIOTLB(2), 0x000fffffffff0e3f, 0xfffffffffffff07f },
		{ DESC_PASID(3), 0x000fffffffff0e3f, 0 },
	};
	/* These have a meaning that is tested elsewhere. */
	const u64 skip = 0xe3f;
	unsigned int i, bit;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		struct vtdsim_test_ring *ring =
			vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP);
		u64 valid[4] = { types[i].valid0, types[i].valid1 };

		for (bit = 0; bit < 256; bit++) {
			u64 flip[4] = {};
			u32 head = ring->tail;

			flip[bit / 64] = BIT_ULL(bit % 64);
			if (flip[0] & skip)
				continue;
			vtdsim_test_put4(ring, types[i].q0 | flip[0], flip[1], flip[2], flip[3]);
			ring_kick(ring);
			if (valid[bit / 64] & flip[bit / 64]) {
				vtdsim_test_expect_done(test, ring);
				continue;
			}
			KUNIT_EXPECT_EQ_MSG(test, read32(ring->unit, FSTS),
					    FSTS_IQE, "type %llu, bit %u",
					    types[i].q0 & 0xf, bit);
			vtdsim_test_expect_stopped(test, ring, head, 4);
			vtdsim_test_expect_recovers(test, ring, head);
		}
	}
}

static void queue_error_encodings(struct kunit *test)
{
	static const struct {
		u64 q0;
		u64 q1;
		bool valid;
	} descs[] = {
		{ DESC_CONTEXT(0), 0, false },
		{ DESC_IOTLB(0), 0, false },
		{ DESC_PIOTLB(0), 0, false },
		{ DESC_PIOTLB(1), 0, false },
		{ DESC_PASID(2), 0, false },
		/* Pages: as many as the capability register tells, or fewer */
		{ DESC_IOTLB(3), TEST_MAMV, true },
		{ DESC_IOTLB(3), TEST_MAMV + 1, false },
		{ DESC_IOTLB(3), 63, false },
		{ DESC_PIOTLB(3), TEST_MAMV, true },
		/* MAMV applies to the second stage only */
		{ DESC_PIOTLB(3), TEST_MAMV + 1, true },
		{ DESC_PIOTLB(3), 63, true },
		/* No limit where no pages are selected */
		{ DESC_IOTLB(2), 63, true },
		{ DESC_PIOTLB(2), 63, true },
		/* Page-request drain: not without page requests */
		{ DESC_WAIT | 0x80, 0, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(descs); i++) {
		struct vtdsim_test_ring *ring =
			vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP);

		ring_submit(ring, descs[i].q0, descs[i].q1);
		KUNIT_EXPECT_EQ_MSG(test, read32(ring->unit, FSTS),
				    descs[i].valid ? 0 : FSTS_IQE,
				    "descriptor %#llx %#llx", descs[i].q0,
				    descs[i].q1);
		if (descs[i].valid) {
			vtdsim_test_expect_done(test, ring);
			continue;
		}
		vtdsim_test_expect_stopped(test, ring, 0, 4);
		vtdsim_test_expect_recovers(test, ring, 0);
	}
}

/* Without page-selective invalidation, which PASID-based ones always have */
static void no_pages(struct kunit *test)
{
	struct vtdsim_test_ring *ring =
		vtdsim_test_ring_scalable(test, TEST_CAP & ~VTDSIM_CAP_PSI, TEST_ECAP);

	ring_submit(ring, DESC_IOTLB(2), 0);
	ring_submit(ring, DESC_PIOTLB(3), 0);
	vtdsim_test_expect_done(test, ring);
	ring_submit(ring, DESC_IOTLB(3), 0);
	vtdsim_test_expect_stopped(test, ring, 64, 4);
}

/* A bad descriptor and those behind it have no effect. */
static void stops_and_resumes(struct kunit *test)
{
	struct vtdsim_test_ring *ring = vtdsim_test_ring_scalable(test, TEST_CAP, TEST_ECAP);
	struct vtdsim_unit *unit = ring->unit;

	vtdsim_test_add_context(test, unit, 8, NULL);
	vtdsim_test_add_pasid(test, unit, 8, 1, 5);
	vtdsim_test_add_page(test, unit, VTDSIM_PGTT_FIRST, 5, 1, 0x1000);
	ring_put(ring, DESC_PIOTLB(2) | DESC_DID(5) | DESC_HIGH(1), 0);
	ring_put(ring, DESC_PASID(3) | BIT_ULL(63), 0);
	ring_put(ring, DESC_CONTEXT(1), 0);
	ring_kick(ring);
	vtdsim_test_expect_stopped(test, ring, 32, 4);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_page(unit, VTDSIM_PGTT_FIRST, 5, 1, 0x1000));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_pasid(unit, 8, 1));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_context(unit, 8));
	KUNIT_EXPECT_EQ(test, unit->stats.descriptors, 2);

	/* Only writing 1 to IQE resumes the queue; a doorbell does not. */
	ring_submit(ring, DESC_WAIT, 0);
	write32(unit, FSTS, ~FSTS_IQE);
	vtdsim_test_expect_stopped(test, ring, 32, 4);
	KUNIT_EXPECT_EQ(test, unit->stats.descriptors, 2);

	/* Not repaired: stopped again, with a new event */
	write32(unit, FECTL, 0);
	write32(unit, FECTL, EVENT_IM);
	write32(unit, FSTS, FSTS_IQE);
	vtdsim_test_expect_stopped(test, ring, 32, 4);

	vtdsim_test_expect_recovers(test, ring, 32);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_pasid(unit, 8, 1));
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_context(unit, 8));
}

static void bad_tail(struct kunit *test)
{
	unsigned int wide;

	for (wide = 0; wide < 2; wide++) {
		struct vtdsim_test_ring *ring =
			vtdsim_test_ring_new(test, vtdsim_test_unit(test), 0, wide);

		write32(ring->unit, IQT, ring->bytes);
		vtdsim_test_expect_stopped(test, ring, 0, 1);
		KUNIT_EXPECT_EQ(test, ring->unit->stats.descriptors, 0);
		write32(ring->unit, IQT, 0);
		write32(ring->unit, FSTS, FSTS_IQE);
		vtdsim_test_expect_done(test, ring);

		/* 16 bytes: one narrow descriptor, half of a wide one */
		ring_put(ring, DESC_WAIT, 0);
		write32(ring->unit, IQT, 16);
		if (wide) {
			vtdsim_test_expect_stopped(test, ring, 0, 6);
			ring_kick(ring);
			write32(ring->unit, FSTS, FSTS_IQE);
		}
		vtdsim_test_expect_done(test, ring);
	}
}

static void bad_queue(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	struct vtdsim_test_ring *ring = vtdsim_test_ring_new(test, unit, 0, true);

	/* No memory at the queue's address */
	ring_put(ring, DESC_WAIT, 0);
	write64(unit, IQA, BIT_ULL(51) | IQA_WIDE);
	ring_kick(ring);
	vtdsim_test_expect_stopped(test, ring, 0, 2);
	KUNIT_EXPECT_EQ(test, unit->stats.descriptors, 0);
	write64(unit, IQA, virt_to_phys(ring->mem) | IQA_WIDE);
	write32(unit, FSTS, FSTS_IQE);
	vtdsim_test_expect_done(test, ring);

	/* A translation table mode that does not exist */
	unit = vtdsim_test_unit(test);
	vtdsim_test_set_root(unit, 0x800);
	ring = vtdsim_test_ring_new(test, unit, 0, true);
	vtdsim_test_expect_stopped(test, ring, 0, 7);
	write64(unit, RTADDR, RTADDR_SCALABLE);
	write32(unit, GCMD, GCMD_QIE | GCMD_SRTP);
	write32(unit, FSTS, FSTS_IQE);
	ring_submit(ring, DESC_WAIT, 0);
	vtdsim_test_expect_done(test, ring);

	/* Abort-DMA mode: not supported, and then supported, which needs a wide queue */
	unit = vtdsim_test_unit(test);
	vtdsim_test_set_root(unit, 0xc00);
	ring = vtdsim_test_ring_new(test, unit, 0, true);
	vtdsim_test_expect_stopped(test, ring, 0, 7);
	unit = vtdsim_test_unit_with(test, TEST_CAP, TEST_ECAP | VTDSIM_ECAP_ADMS);
	vtdsim_test_set_root(unit, 0xc00);
	ring = vtdsim_test_ring_new(test, unit, 0, false);
	vtdsim_test_expect_stopped(test, ring, 0, 5);
	write64(unit, IQA, virt_to_phys(ring->mem) | IQA_WIDE);
	write32(unit, FSTS, FSTS_IQE);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), 0);

	/* 256 bits, in a unit without scalable mode */
	unit = vtdsim_test_unit_with(test, TEST_CAP, TEST_ECAP & ~VTDSIM_ECAP_SMTS);
	ring = vtdsim_test_ring_new(test, unit, 0, true);
	vtdsim_test_expect_stopped(test, ring, 0, 5);

	/* The width changes while the queue is enabled. */
	ring = vtdsim_test_ring_new(test, vtdsim_test_unit(test), 0, false);
	ring_submit(ring, DESC_WAIT, 0);
	write64(ring->unit, IQA, virt_to_phys(ring->mem) | IQA_WIDE);
	write32(ring->unit, IQT, 32);
	vtdsim_test_expect_stopped(test, ring, 16, 6);
}

static struct kunit_case qi_error_cases[] = {
	VTDSIM_CASE(queue_error, widths),
	KUNIT_CASE(reserved_bits),
	VTDSIM_CASE(queue_error, encodings),
	KUNIT_CASE(no_pages),
	KUNIT_CASE(stops_and_resumes),
	KUNIT_CASE(bad_tail),
	KUNIT_CASE(bad_queue),
	{}
};

static struct kunit_suite qi_error_suite = {
	.name = "vtdsim-qi-error",
	.test_cases = qi_error_cases,
};

kunit_test_suite(qi_error_suite);
