// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of invalidation queue errors: everything that stops the queue,
 * with the reason reported, and how it gets going again.
 */
#include "ring_kunit.h"

/* All types, in both widths and both modes */
static void widths(struct kunit *test)
{
	/* Valid with 128 bits in legacy mode; with 256 bits in either mode */
	static const struct {
		u64 q0;
		bool narrow;
		bool wide;
	} types[] = {
		{ 0x0, false, false },
		{ CONTEXT(1), true, true },
		{ IOTLB(1), true, true },
		{ 0x3, false, false },		/* device TLB */
		{ 0x4, false, false },		/* interrupt entry cache */
		{ WAIT, true, true },
		{ PIOTLB(2), false, true },
		{ PASID(3), false, true },
		{ 0x8, false, false },		/* PASID-based device TLB */
		{ 0x9, false, false },		/* page group response */
		{ 0xa, false, false },
		{ 0xf, false, false },
		{ CONTEXT(1) | 0x200, false, false },	/* upper type bits */
		{ IOTLB(1) | 0x400, false, false },
		{ WAIT | 0x800, false, false },
	};
	unsigned int i, mode;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		for (mode = 0; mode < 4; mode++) {
			bool wide = mode & 1, scalable = mode & 2;
			struct vtdsim_unit *unit = test_unit(test);
			struct ring *ring;
			bool valid;
			u32 code;

			write64(unit, RTADDR, scalable ? SCALABLE : 0);
			write32(unit, GCMD, GCMD_SRTP);
			ring = ring_create(test, unit, 0, wide);
			submit(ring, types[i].q0, 0);
			valid = wide ? types[i].wide :
				       types[i].narrow && !scalable;
			/* Not a matter of the descriptor in scalable mode */
			code = !wide && scalable ? 5 : 3;
			KUNIT_EXPECT_EQ_MSG(test, read32(unit, FSTS),
					    valid ? 0 : FSTS_IQE,
					    "descriptor %#llx, mode %u",
					    types[i].q0, mode);
			if (valid)
				expect_done(test, ring);
			else
				expect_stopped(test, ring, 0, code);
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
		{ CONTEXT(1), 0x0003ffffffff0e3f, 0 },
		{ IOTLB(1), 0x00000000ffff0eff, 0xfffffffffffff07f },
		{ WAIT, 0xffffffff00000e7f, 0xfffffffffffffffc },
		{ PIOTLB(2), 0x000fffffffff0e3f, 0xfffffffffffff07f },
		{ PASID(3), 0x000fffffffff0e3f, 0 },
	};
	/* These have a meaning that is tested elsewhere. */
	const u64 skip = 0xe3f;
	unsigned int i, bit;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		struct ring *ring = ring_scalable(test);
		u64 valid[4] = { types[i].valid0, types[i].valid1 };

		for (bit = 0; bit < 256; bit++) {
			u64 flip[4] = {};
			u32 head = ring->tail;

			flip[bit / 64] = BIT_ULL(bit % 64);
			if (flip[0] & skip)
				continue;
			put4(ring, types[i].q0 | flip[0], flip[1], flip[2],
			     flip[3]);
			kick(ring);
			if (valid[bit / 64] & flip[bit / 64]) {
				expect_done(test, ring);
				continue;
			}
			KUNIT_EXPECT_EQ_MSG(test, read32(ring->unit, FSTS),
					    FSTS_IQE, "type %llu, bit %u",
					    types[i].q0 & 0xf, bit);
			expect_stopped(test, ring, head, 4);
			expect_recovers(test, ring, head);
		}
	}
}

static void encodings(struct kunit *test)
{
	static const struct {
		u64 q0;
		u64 q1;
		bool valid;
	} descs[] = {
		{ CONTEXT(0), 0, false },
		{ IOTLB(0), 0, false },
		{ PIOTLB(0), 0, false },
		{ PIOTLB(1), 0, false },
		{ PASID(2), 0, false },
		/* Pages: as many as the capability register tells, or fewer */
		{ IOTLB(3), TEST_MAMV, true },
		{ IOTLB(3), TEST_MAMV + 1, false },
		{ IOTLB(3), 63, false },
		{ PIOTLB(3), TEST_MAMV, true },
		/* That is about the second stage only */
		{ PIOTLB(3), TEST_MAMV + 1, true },
		{ PIOTLB(3), 63, true },
		/* No pages, no limit */
		{ IOTLB(2), 63, true },
		{ PIOTLB(2), 63, true },
		/* Page-request drain: not without page requests */
		{ WAIT | 0x80, 0, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(descs); i++) {
		struct ring *ring = ring_scalable(test);

		submit(ring, descs[i].q0, descs[i].q1);
		KUNIT_EXPECT_EQ_MSG(test, read32(ring->unit, FSTS),
				    descs[i].valid ? 0 : FSTS_IQE,
				    "descriptor %#llx %#llx", descs[i].q0,
				    descs[i].q1);
		if (descs[i].valid) {
			expect_done(test, ring);
			continue;
		}
		expect_stopped(test, ring, 0, 4);
		expect_recovers(test, ring, 0);
	}
}

/* Without page-selective invalidation, which PASID-based ones always have */
static void no_pages(struct kunit *test)
{
	struct vtdsim_unit *unit =
		test_unit_with(test, TEST_CAP & ~VTDSIM_CAP_PSI, TEST_ECAP);
	struct ring *ring;

	write64(unit, RTADDR, SCALABLE);
	write32(unit, GCMD, GCMD_SRTP);
	ring = ring_create(test, unit, 0, true);
	submit(ring, IOTLB(2), 0);
	submit(ring, PIOTLB(3), 0);
	expect_done(test, ring);
	submit(ring, IOTLB(3), 0);
	expect_stopped(test, ring, 64, 4);
}

/* A bad descriptor has no effect, and those behind it have to wait. */
static void stops_and_resumes(struct kunit *test)
{
	struct ring *ring = ring_scalable(test);
	struct vtdsim_unit *unit = ring->unit;

	test_add_context(test, unit, 8);
	test_add_pasid(test, unit, 8, 1, 5);
	test_add_page(test, unit, VTDSIM_PGTT_FIRST, 5, 1, 0x1000);
	put(ring, PIOTLB(2) | DID(5) | HIGH(1), 0);
	put(ring, PASID(3) | BIT_ULL(63), 0);
	put(ring, CONTEXT(1), 0);
	kick(ring);
	expect_stopped(test, ring, 32, 4);
	KUNIT_EXPECT_FALSE(test, test_has_page(unit, VTDSIM_PGTT_FIRST, 5, 1,
					       0x1000));
	KUNIT_EXPECT_TRUE(test, test_has_pasid(unit, 8, 1));
	KUNIT_EXPECT_TRUE(test, test_has_context(unit, 8));
	KUNIT_EXPECT_EQ(test, unit->stats.descriptors, 2);

	/* No doorbell helps, nor anything but the write of 1 to the error. */
	submit(ring, WAIT, 0);
	write32(unit, FSTS, ~FSTS_IQE);
	expect_stopped(test, ring, 32, 4);
	KUNIT_EXPECT_EQ(test, unit->stats.descriptors, 2);

	/* Not repaired: stopped again, with a new event */
	write32(unit, FECTL, 0);
	write32(unit, FECTL, EVENT_IM);
	write32(unit, FSTS, FSTS_IQE);
	expect_stopped(test, ring, 32, 4);

	expect_recovers(test, ring, 32);
	KUNIT_EXPECT_TRUE(test, test_has_pasid(unit, 8, 1));
	KUNIT_EXPECT_FALSE(test, test_has_context(unit, 8));
}

static void bad_tail(struct kunit *test)
{
	unsigned int wide;

	for (wide = 0; wide < 2; wide++) {
		struct ring *ring = ring_create(test, test_unit(test), 0, wide);

		write32(ring->unit, IQT, ring->bytes);
		expect_stopped(test, ring, 0, 1);
		KUNIT_EXPECT_EQ(test, ring->unit->stats.descriptors, 0);
		write32(ring->unit, IQT, 0);
		write32(ring->unit, FSTS, FSTS_IQE);
		expect_done(test, ring);

		/* 16 bytes: fine for one width, half of the other */
		put(ring, WAIT, 0);
		write32(ring->unit, IQT, 16);
		if (wide) {
			expect_stopped(test, ring, 0, 6);
			kick(ring);
			write32(ring->unit, FSTS, FSTS_IQE);
		}
		expect_done(test, ring);
	}
}

static void bad_queue(struct kunit *test)
{
	struct vtdsim_unit *unit = test_unit(test);
	struct ring *ring = ring_create(test, unit, 0, true);

	/* No memory at the queue's address */
	put(ring, WAIT, 0);
	write64(unit, IQA, BIT_ULL(51) | WIDE);
	kick(ring);
	expect_stopped(test, ring, 0, 2);
	KUNIT_EXPECT_EQ(test, unit->stats.descriptors, 0);
	write64(unit, IQA, virt_to_phys(ring->mem) | WIDE);
	write32(unit, FSTS, FSTS_IQE);
	expect_done(test, ring);

	/* A translation table mode that does not exist */
	unit = test_unit(test);
	write64(unit, RTADDR, 0x800);
	write32(unit, GCMD, GCMD_SRTP);
	ring = ring_create(test, unit, 0, true);
	expect_stopped(test, ring, 0, 7);
	write64(unit, RTADDR, SCALABLE);
	write32(unit, GCMD, GCMD_QIE | GCMD_SRTP);
	write32(unit, FSTS, FSTS_IQE);
	submit(ring, WAIT, 0);
	expect_done(test, ring);

	/* Abort-DMA mode: the same without support, and wide only with it */
	unit = test_unit(test);
	write64(unit, RTADDR, 0xc00);
	write32(unit, GCMD, GCMD_SRTP);
	ring = ring_create(test, unit, 0, true);
	expect_stopped(test, ring, 0, 7);
	unit = test_unit_with(test, TEST_CAP, TEST_ECAP | VTDSIM_ECAP_ADMS);
	write64(unit, RTADDR, 0xc00);
	write32(unit, GCMD, GCMD_SRTP);
	ring = ring_create(test, unit, 0, false);
	expect_stopped(test, ring, 0, 5);
	write64(unit, IQA, virt_to_phys(ring->mem) | WIDE);
	write32(unit, FSTS, FSTS_IQE);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), 0);

	/* 256 bits, in a unit without scalable mode */
	unit = test_unit_with(test, TEST_CAP, TEST_ECAP & ~VTDSIM_ECAP_SMTS);
	ring = ring_create(test, unit, 0, true);
	expect_stopped(test, ring, 0, 5);

	/* A width changed under way must not send the unit astray. */
	ring = ring_create(test, test_unit(test), 0, false);
	submit(ring, WAIT, 0);
	write64(ring->unit, IQA, virt_to_phys(ring->mem) | WIDE);
	write32(ring->unit, IQT, 32);
	expect_stopped(test, ring, 16, 6);
}

static struct kunit_case qi_error_cases[] = {
	KUNIT_CASE(widths),
	KUNIT_CASE(reserved_bits),
	KUNIT_CASE(encodings),
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
