/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An invalidation queue for tests: descriptors in real memory, fetched on a
 * write of the tail register. Registers and descriptors are spelled out as
 * numbers, as software would have to put them together.
 */
#ifndef _VTDSIM_RING_KUNIT_H
#define _VTDSIM_RING_KUNIT_H

#include <linux/io.h>
#include <linux/sizes.h>

#include "unit_kunit.h"

#define GCMD		0x18
#define GCMD_SRTP	0x40000000
#define GCMD_QIE	0x04000000
#define RTADDR		0x20
#define FSTS		0x34
#define FSTS_IQE	0x10
#define FECTL		0x38
#define IQH		0x80
#define IQT		0x88
#define IQA		0x90
#define ICS		0x9c
#define IECTL		0xa0
#define IQERCD		0xb0
#define EVENT_IM	0x80000000
#define EVENT_IP	0x40000000

#define WIDE		0x800
#define SCALABLE	0x400

/* Types and granularities */
#define CONTEXT(g)	(0x1ULL | (g) << 4)
#define IOTLB(g)	(0x2ULL | (g) << 4)
#define WAIT		0x5ULL
#define PIOTLB(g)	(0x6ULL | (g) << 4)
#define PASID(g)	(0x7ULL | (g) << 4)
#define DID(d)		((u64)(d) << 16)
#define HIGH(x)		((u64)(x) << 32)

/**
 * struct ring - a queue of one page or two
 * @unit: the unit that it belongs to
 * @mem: memory of the queue
 * @bytes: its size
 * @step: bytes of a descriptor
 * @tail: where the next descriptor goes
 */
struct ring {
	struct vtdsim_unit *unit;
	void *mem;
	u32 bytes;
	u32 step;
	u32 tail;
};

static inline struct ring *ring_create(struct kunit *test,
				       struct vtdsim_unit *unit,
				       unsigned int order, bool wide)
{
	struct ring *ring = kunit_kzalloc(test, sizeof(*ring), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, ring);
	ring->unit = unit;
	ring->bytes = SZ_4K << order;
	ring->step = wide ? 32 : 16;
	ring->mem = kunit_kzalloc(test, ring->bytes, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ring->mem);

	write64(unit, IQA, virt_to_phys(ring->mem) | (wide ? WIDE : 0) | order);
	write32(unit, GCMD, GCMD_QIE);
	return ring;
}

/* A wide queue in scalable mode: what a driver has. */
static inline struct ring *ring_scalable(struct kunit *test)
{
	struct vtdsim_unit *unit = test_unit(test);

	write64(unit, RTADDR, SCALABLE);
	write32(unit, GCMD, GCMD_SRTP);
	return ring_create(test, unit, 0, true);
}

static inline void put4(struct ring *ring, u64 q0, u64 q1, u64 q2, u64 q3)
{
	u64 *desc = ring->mem + ring->tail;

	desc[0] = q0;
	desc[1] = q1;
	if (ring->step == 32) {
		desc[2] = q2;
		desc[3] = q3;
	}
	ring->tail = (ring->tail + ring->step) % ring->bytes;
}

static inline void put(struct ring *ring, u64 q0, u64 q1)
{
	put4(ring, q0, q1, 0, 0);
}

static inline void kick(struct ring *ring)
{
	write32(ring->unit, IQT, ring->tail);
}

static inline void submit(struct ring *ring, u64 q0, u64 q1)
{
	put(ring, q0, q1);
	kick(ring);
}

static inline void expect_done(struct kunit *test, struct ring *ring)
{
	KUNIT_EXPECT_EQ(test, read32(ring->unit, FSTS), 0);
	KUNIT_EXPECT_EQ(test, read64(ring->unit, IQH), ring->tail);
}

/* Stopped at @head, for the reason @iqei, with the event held pending. */
static inline void expect_stopped(struct kunit *test, struct ring *ring,
				  u32 head, u32 iqei)
{
	KUNIT_EXPECT_EQ(test, read32(ring->unit, FSTS), FSTS_IQE);
	KUNIT_EXPECT_EQ(test, read64(ring->unit, IQERCD), iqei);
	KUNIT_EXPECT_EQ(test, read64(ring->unit, IQH), head);
	KUNIT_EXPECT_EQ(test, read32(ring->unit, FECTL), EVENT_IM | EVENT_IP);
}

/* Puts something harmless in place of a bad descriptor and goes on. */
static inline void expect_recovers(struct kunit *test, struct ring *ring,
				   u32 head)
{
	u64 *desc = ring->mem + head;

	memset(desc, 0, ring->step);
	desc[0] = WAIT;
	write32(ring->unit, FSTS, FSTS_IQE);
	expect_done(test, ring);
	KUNIT_EXPECT_EQ(test, read32(ring->unit, FECTL), EVENT_IM);
}

#endif /* _VTDSIM_RING_KUNIT_H */
