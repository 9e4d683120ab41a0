/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test fixture: an invalidation queue. Descriptors in real memory, fetched on a
 * write of the tail register.
 *
 * Descriptors are put together from numbers of the tests' own, as software has to,
 * counted out from section 6.5.2 of the VT-d specification.
 */
#ifndef _VTDSIM_TEST_FIXTURE_RING_H
#define _VTDSIM_TEST_FIXTURE_RING_H

#include <linux/io.h>

#include "fixture_unit.h"

/* First words, by type; @g is a granularity */
#define DESC_CONTEXT(g)		(0x1ULL | (g) << 4)
#define DESC_IOTLB(g)		(0x2ULL | (g) << 4)
#define DESC_DEVTLB(sid)	(0x3ULL | (u64)(sid) << 32)
#define DESC_IEC_ONE(index)	(0x14ULL | (u64)(index) << 32)
#define DESC_WAIT		0x5ULL
#define DESC_PIOTLB(g)		(0x6ULL | (g) << 4)
#define DESC_PASID(g)		(0x7ULL | (g) << 4)
#define DESC_PDEVTLB(sid, pasid) (0x8ULL | (u64)(sid) << 16 | (u64)(pasid) << 32)
#define DESC_RESPONSE(sid)	(0x9ULL | (u64)(sid) << 16)
/* A domain-id, and what stands in the upper half: PASID, source-id, status data */
#define DESC_DID(did)		((u64)(did) << 16)
#define DESC_HIGH(x)		((u64)(x) << 32)
/* Bits of a wait: interrupt flag, status write, fence, page-request drain */
#define WAIT_IF			BIT_ULL(4)
#define WAIT_SW			BIT_ULL(5)
#define WAIT_FN			BIT_ULL(6)
#define WAIT_PD			BIT_ULL(7)
/* A wait that writes @data */
#define DESC_WAIT_WRITE(data)	(DESC_WAIT | WAIT_SW | DESC_HIGH(data))
/* Invalidation hint in the second word of an IOTLB invalidation */
#define INV_IH			BIT_ULL(6)
/* Second word of a device-TLB invalidation of everything */
#define DEVTLB_ALL		0x7ffffffffffff001ULL

/**
 * struct vtdsim_test_ring - a queue of one page or two
 * @unit: the unit that it belongs to
 * @mem: memory of the queue
 * @bytes: its size
 * @step: bytes of a descriptor
 * @tail: where the next descriptor goes
 * @status: 4 KiB where waits can write
 */
struct vtdsim_test_ring {
	struct vtdsim_unit *unit;
	void *mem;
	u32 bytes;
	u32 step;
	u32 tail;
	u32 *status;
};

void vtdsim_test_set_root(struct vtdsim_unit *unit, u64 rtaddr);
struct vtdsim_test_ring *vtdsim_test_ring_new(struct kunit *test, struct vtdsim_unit *unit,
					      unsigned int order, bool wide);
struct vtdsim_test_ring *vtdsim_test_ring_scalable(struct kunit *test, u64 cap, u64 ecap);
void vtdsim_test_translation(struct vtdsim_unit *unit, bool on);
u64 *vtdsim_test_put4(struct vtdsim_test_ring *ring, u64 q0, u64 q1, u64 q2, u64 q3);
void vtdsim_test_expect_done(struct kunit *test, struct vtdsim_test_ring *ring);
void vtdsim_test_expect_stopped(struct kunit *test, struct vtdsim_test_ring *ring, u32 head,
				u32 iqei);
void vtdsim_test_expect_recovers(struct kunit *test, struct vtdsim_test_ring *ring, u32 head);

/* Adds a descriptor that the unit does not see before the next ring_kick(). */
static inline void ring_put(struct vtdsim_test_ring *ring, u64 q0, u64 q1)
{
	vtdsim_test_put4(ring, q0, q1, 0, 0);
}

/* Adds a wait that writes @i + 1 to status word @i. */
static inline void ring_put_wait(struct vtdsim_test_ring *ring, unsigned int i)
{
	ring_put(ring, DESC_WAIT_WRITE(i + 1), virt_to_phys(&ring->status[i]));
}

static inline void ring_kick(struct vtdsim_test_ring *ring)
{
	write32(ring->unit, IQT, ring->tail);
}

static inline void ring_submit(struct vtdsim_test_ring *ring, u64 q0, u64 q1)
{
	ring_put(ring, q0, q1);
	ring_kick(ring);
}

#endif /* _VTDSIM_TEST_FIXTURE_RING_H */
