// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device-TLB invalidations: what endpoints get to see of a descriptor, how the
 * queue waits for their answers, and what happens if there is none. Software's
 * side is done by hand, as a driver that polls does it.
 */
#include "ring_kunit.h"

#define DEVTLB		0x3ULL
#define PDEVTLB		0x8ULL
#define S		1ULL
#define PS		0x800ULL
#define G		1ULL
#define SID_A		0x0108
#define SID_B		0x0110
#define FSTS_ICE	0x20
#define FSTS_ITE	0x40
#define DONE		0x600dULL

/* Wait with status write of DONE, and of what is told */
#define SW		(WAIT | 0x20 | DONE << 32)

/**
 * struct target - an endpoint that remembers what it was told
 * @r: as the unit knows it
 * @inv: the last invalidation
 * @count: how many there were
 * @slow: they are not complete at once
 */
struct target {
	struct vtdsim_requester r;
	struct vtdsim_devtlb_inv inv;
	unsigned int count;
	bool slow;
};

static bool target_invalidate(struct vtdsim_requester *r,
			      const struct vtdsim_devtlb_inv *inv)
{
	struct target *t = container_of(r, struct target, r);

	t->inv = *inv;
	t->count++;
	return !t->slow;
}

static const struct vtdsim_requester_ops target_ops = {
	.invalidate = target_invalidate,
};

/**
 * struct bench - a queue, two endpoints, and a status word for waits
 * @ring: the queue
 * @unit: its unit
 * @a: endpoint SID_A
 * @b: endpoint SID_B
 * @status: where waits write
 */
struct bench {
	struct ring *ring;
	struct vtdsim_unit *unit;
	struct target a;
	struct target b;
	u32 *status;
};

static struct bench *bench_with(struct kunit *test, u64 ecap)
{
	struct bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	b->unit = test_unit_with(test, TEST_CAP, TEST_ECAP | ecap);
	write64(b->unit, RTADDR, SCALABLE);
	write32(b->unit, GCMD, GCMD_SRTP);
	b->ring = ring_create(test, b->unit, 0, true);
	b->a.r = (struct vtdsim_requester) { .ops = &target_ops, .sid = SID_A };
	b->b.r = (struct vtdsim_requester) { .ops = &target_ops, .sid = SID_B };
	vtdsim_requester_add(b->unit, &b->a.r);
	vtdsim_requester_add(b->unit, &b->b.r);
	b->status = kunit_kzalloc(test, SZ_4K, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, b->status);
	return b;
}

static struct bench *bench(struct kunit *test)
{
	return bench_with(test, VTDSIM_ECAP_DT);
}

static u64 to(u16 sid)
{
	return DEVTLB | (u64)sid << 32;
}

static u64 pto(u16 sid, u32 pasid)
{
	return PDEVTLB | (u64)sid << 16 | (u64)pasid << 32;
}

static void put_wait(struct bench *b)
{
	put(b->ring, SW, virt_to_phys(b->status));
}

static void done(struct bench *b, u16 sid, u8 itag)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&b->unit->lock, flags);
	vtdsim_devtlb_done(b->unit, sid, itag);
	raw_spin_unlock_irqrestore(&b->unit->lock, flags);
}

static void ranges(struct kunit *test)
{
	static const struct {
		u64 q1;
		u64 addr;
		u8 order;
	} cases[] = {
		{ 0x5000, 0x5000, 0 },
		{ 0xffffffffffffffff & ~0xfffull, 0xfffffffffffff000, 0 },
		{ 0x4000 | S, 0x4000, 1 },
		{ 0x7fff000 | S, 0, 16 },
		{ 0x10ff000 | S, 0x1000000, 9 },
		{ 0x7ffffffffffff000 | S, 0, 52 },
		{ 0xbffffffffffff000 | S, 0x8000000000000000, 51 },
	};
	struct bench *b = bench(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		submit(b->ring, to(SID_A), cases[i].q1);
		KUNIT_EXPECT_EQ(test, b->a.inv.addr, cases[i].addr);
		KUNIT_EXPECT_EQ(test, b->a.inv.order, cases[i].order);
		KUNIT_EXPECT_FALSE(test, b->a.inv.with_pasid);
		submit(b->ring, pto(SID_B, 0xabcde),
		       (cases[i].q1 & ~S) | (cases[i].q1 & S) * PS);
		KUNIT_EXPECT_EQ(test, b->b.inv.addr, cases[i].addr);
		KUNIT_EXPECT_EQ(test, b->b.inv.order, cases[i].order);
		KUNIT_EXPECT_EQ(test, b->b.inv.pasid, 0xabcde);
		KUNIT_EXPECT_TRUE(test, b->b.inv.with_pasid);
		KUNIT_EXPECT_FALSE(test, b->b.inv.global);
	}
	submit(b->ring, pto(SID_B, 3), 0x5000 | G);
	KUNIT_EXPECT_TRUE(test, b->b.inv.global);
	expect_done(test, b->ring);
	KUNIT_EXPECT_EQ(test, b->a.count, ARRAY_SIZE(cases));
	KUNIT_EXPECT_EQ(test, b->b.count, ARRAY_SIZE(cases) + 1);
	KUNIT_EXPECT_EQ(test, b->unit->stats.violations, 0);

	/* All ones: there is no such size. */
	submit(b->ring, to(SID_A), ~0xfffull | S);
	KUNIT_EXPECT_EQ(test, b->a.inv.order, 52);
	KUNIT_EXPECT_EQ(test, b->a.inv.addr, 0);
	KUNIT_EXPECT_EQ(test, b->unit->stats.violations, 1);
}

static void expect_reserved(struct kunit *test, struct bench *b, u64 q0, u64 q1)
{
	u32 head = b->ring->tail;
	unsigned int count = b->a.count;

	submit(b->ring, q0, q1);
	KUNIT_EXPECT_EQ_MSG(test, read32(b->unit, FSTS), FSTS_IQE,
			    "%#llx %#llx", q0, q1);
	expect_stopped(test, b->ring, head, 4);
	expect_recovers(test, b->ring, head);
	KUNIT_EXPECT_EQ(test, b->a.count, count);
}

static void reserved_bits(struct kunit *test)
{
	struct bench *b = bench(test);
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		u64 flip = BIT_ULL(bit);

		/* MIP, SID; S, address. Then MIP, SID, PASID; G, S, address. */
		if (!(flip & (0x0000ffff001f0e0full)))
			expect_reserved(test, b, to(SID_A) | flip, 0);
		if (!(flip & 0xfffffffffffff001))
			expect_reserved(test, b, to(SID_A), flip);
		if (!(flip & 0x000fffffffff0fffull))
			expect_reserved(test, b, pto(SID_A, 1) | flip, 0);
		if (!(flip & 0xfffffffffffff801))
			expect_reserved(test, b, pto(SID_A, 1), flip);
	}
	put4(b->ring, to(SID_A), 0, 1, 0);
	kick(b->ring);
	KUNIT_EXPECT_EQ(test, read32(b->unit, FSTS), FSTS_IQE);
	KUNIT_EXPECT_EQ(test, read64(b->unit, IQERCD), 4);
}

/* With throttling there is a PFSID, in two parts. */
static void physical_function(struct kunit *test)
{
	struct bench *b = bench_with(test, VTDSIM_ECAP_DT | BIT_ULL(41));
	u64 pfsid = 0x8ull << 12 | 0x010ull << 52;

	submit(b->ring, to(SID_A) | pfsid, 0);
	submit(b->ring, pto(SID_A, 1) | pfsid, 0);
	expect_done(test, b->ring);
	KUNIT_EXPECT_EQ(test, b->a.count, 2);
	KUNIT_EXPECT_EQ(test, b->unit->stats.violations, 0);
	submit(b->ring, to(SID_B) | pfsid, 0);
	KUNIT_EXPECT_EQ(test, b->unit->stats.violations, 1);
}

static void feature_is_needed(struct kunit *test)
{
	struct bench *b = bench_with(test, 0);

	submit(b->ring, to(SID_A), 0);
	expect_stopped(test, b->ring, 0, 3);
	expect_recovers(test, b->ring, 0);
	submit(b->ring, pto(SID_A, 0), 0);
	expect_stopped(test, b->ring, 32, 3);
}

/* A wait, and all behind it, until the endpoint has answered */
static void wait_stalls(struct kunit *test)
{
	struct bench *b = bench(test);
	u32 head;

	b->a.slow = true;
	put(b->ring, to(SID_A), 0x1000);
	put(b->ring, to(SID_B), 0x2000);
	put_wait(b);
	head = b->ring->tail;
	put(b->ring, to(SID_B), 0x3000);
	put_wait(b);
	kick(b->ring);
	/* Fetched, but not complete */
	KUNIT_EXPECT_EQ(test, read64(b->unit, IQH), head);
	KUNIT_EXPECT_EQ(test, *b->status, 0);
	KUNIT_EXPECT_EQ(test, b->b.inv.addr, 0x2000);
	KUNIT_EXPECT_EQ(test, b->unit->stats.waits, 1);
	kick(b->ring);
	KUNIT_EXPECT_EQ(test, *b->status, 0);

	done(b, SID_A, b->a.inv.itag);
	KUNIT_EXPECT_EQ(test, *b->status, DONE);
	KUNIT_EXPECT_EQ(test, b->b.inv.addr, 0x3000);
	KUNIT_EXPECT_EQ(test, b->unit->stats.waits, 2);
	KUNIT_EXPECT_EQ(test, b->unit->stats.descriptors, 5);
	KUNIT_EXPECT_EQ(test, b->unit->stats.devtlb_invs, 3);
	expect_done(test, b->ring);
}

/* All of several, in any order */
static void wait_needs_all(struct kunit *test)
{
	struct bench *b = bench(test);
	u8 first, second;

	b->a.slow = true;
	b->b.slow = true;
	submit(b->ring, to(SID_A), 0);
	first = b->a.inv.itag;
	submit(b->ring, to(SID_A), 0);
	second = b->a.inv.itag;
	KUNIT_EXPECT_NE(test, first, second);
	submit(b->ring, to(SID_B), 0);
	put_wait(b);
	kick(b->ring);
	done(b, SID_A, second);
	done(b, SID_B, b->b.inv.itag);
	KUNIT_EXPECT_EQ(test, *b->status, 0);
	done(b, SID_A, first);
	KUNIT_EXPECT_EQ(test, *b->status, DONE);
	expect_done(test, b->ring);
}

/* MIP holds back those of one endpoint; 32 tags are all there are. */
static void throttled(struct kunit *test)
{
	struct bench *b = bench(test);
	unsigned int i;
	u8 tag;

	b->a.slow = true;
	for (i = 0; i < 3; i++)
		put(b->ring, to(SID_A) | 2 << 16, 0x1000 * i);
	put(b->ring, to(SID_B), 0);
	kick(b->ring);
	KUNIT_EXPECT_EQ(test, b->a.count, 2);
	KUNIT_EXPECT_EQ(test, b->b.count, 0);
	KUNIT_EXPECT_EQ(test, read64(b->unit, IQH), 64);
	KUNIT_EXPECT_EQ(test, b->unit->stats.descriptors, 2);
	tag = b->a.inv.itag;
	done(b, SID_A, tag);
	KUNIT_EXPECT_EQ(test, b->a.count, 3);
	KUNIT_EXPECT_NE(test, b->a.inv.itag, tag);
	KUNIT_EXPECT_EQ(test, b->b.count, 1);
	expect_done(test, b->ring);

	for (i = 0; i < 31; i++)
		submit(b->ring, pto(SID_A, 1), 0);
	KUNIT_EXPECT_EQ(test, b->a.count, 33);
	submit(b->ring, to(SID_B), 0);
	KUNIT_EXPECT_EQ(test, b->b.count, 1);
	done(b, SID_A, b->a.inv.itag);
	KUNIT_EXPECT_EQ(test, b->a.count, 34);
	done(b, SID_A, b->a.inv.itag);
	KUNIT_EXPECT_EQ(test, b->b.count, 2);
	expect_done(test, b->ring);
}

static void unexpected_completion(struct kunit *test)
{
	struct bench *b = bench(test);

	b->a.slow = true;
	put(b->ring, to(SID_A), 0);
	put_wait(b);
	kick(b->ring);
	/* A tag that is free; one of somebody else; none at all */
	done(b, SID_A, (b->a.inv.itag + 1) % 32);
	KUNIT_EXPECT_EQ(test, read32(b->unit, FSTS), FSTS_ICE);
	KUNIT_EXPECT_EQ(test, read64(b->unit, IQERCD), (u64)SID_A << 48);
	KUNIT_EXPECT_EQ(test, read32(b->unit, FECTL), EVENT_IM | EVENT_IP);
	done(b, SID_B, b->a.inv.itag);
	KUNIT_EXPECT_EQ(test, read64(b->unit, IQERCD), (u64)SID_B << 48);
	done(b, SID_A, b->a.inv.itag + 32);
	KUNIT_EXPECT_EQ(test, *b->status, 0);
	write32(b->unit, FSTS, FSTS_ICE);
	KUNIT_EXPECT_EQ(test, read32(b->unit, FSTS), 0);
	KUNIT_EXPECT_EQ(test, read32(b->unit, FECTL), EVENT_IM);

	/* The queue has never stopped for that. */
	done(b, SID_A, (b->a.inv.itag + 1) % 32);
	done(b, SID_A, b->a.inv.itag);
	KUNIT_EXPECT_EQ(test, *b->status, DONE);
}

/* Sends one that is never answered, with a wait, and has it time out. */
static void time_out(struct kunit *test, struct bench *b, u16 sid)
{
	*b->status = 0;
	b->unit->devtlb.timeout_us = TEST_HOUR_US;
	put(b->ring, to(sid), 0);
	put_wait(b);
	kick(b->ring);
	test_time_is_up(b->unit, sid);
}

static void times_out(struct kunit *test)
{
	struct bench *b = bench(test);
	u32 head;
	u8 tag;

	b->a.slow = true;
	time_out(test, b, SID_A);
	tag = b->a.inv.itag;
	head = b->ring->tail;
	KUNIT_EXPECT_EQ(test, read32(b->unit, FSTS), FSTS_ITE);
	KUNIT_EXPECT_EQ(test, read64(b->unit, IQERCD), (u64)SID_A << 32);
	KUNIT_EXPECT_EQ(test, read32(b->unit, FECTL), EVENT_IM | EVENT_IP);
	/* The wait is among those that software has to give up. */
	KUNIT_EXPECT_EQ(test, read64(b->unit, IQH), head);

	/* Nothing is fetched meanwhile. */
	put(b->ring, to(SID_B), 0);
	put_wait(b);
	kick(b->ring);
	KUNIT_EXPECT_EQ(test, read64(b->unit, IQH), head);
	KUNIT_EXPECT_EQ(test, b->b.count, 0);
	write32(b->unit, FSTS, FSTS_IQE | FSTS_ICE);
	KUNIT_EXPECT_EQ(test, b->b.count, 0);

	/* Too late to be an answer */
	done(b, SID_A, tag);
	KUNIT_EXPECT_EQ(test, read32(b->unit, FSTS), FSTS_ITE | FSTS_ICE);
	KUNIT_EXPECT_EQ(test, read64(b->unit, IQERCD),
			(u64)SID_A << 48 | (u64)SID_A << 32);
	KUNIT_EXPECT_EQ(test, *b->status, 0);
	write32(b->unit, FSTS, FSTS_ICE);

	/* The wait that was given up stays so; the next one counts. */
	b->ring->tail = head;
	put(b->ring, to(SID_B), 0);
	put(b->ring, WAIT, 0);
	write32(b->unit, FSTS, FSTS_ITE);
	expect_done(test, b->ring);
	KUNIT_EXPECT_EQ(test, b->b.count, 1);
	KUNIT_EXPECT_EQ(test, *b->status, 0);
	KUNIT_EXPECT_EQ(test, read32(b->unit, FECTL), EVENT_IM);
}

/* Found out on a write as on a read; and nobody is there to answer. */
static void nobody_answers(struct kunit *test)
{
	struct bench *b = bench(test);

	time_out(test, b, 0x1234);
	write32(b->unit, IQT, b->ring->tail);
	KUNIT_EXPECT_EQ(test, vtdsim_reg_get32(b->unit, FSTS), FSTS_ITE);
	KUNIT_EXPECT_EQ(test, read64(b->unit, IQERCD), 0x1234ULL << 32);
	KUNIT_EXPECT_EQ(test, *b->status, 0);
	KUNIT_EXPECT_EQ(test, b->a.count + b->b.count, 0);
}

/* Not before its time, and not while an error waits to be seen */
static void one_error_at_a_time(struct kunit *test)
{
	struct bench *b = bench(test);

	b->a.slow = true;
	b->b.slow = true;
	b->unit->devtlb.timeout_us = TEST_HOUR_US;
	submit(b->ring, to(SID_B), 0);
	KUNIT_EXPECT_EQ(test, read32(b->unit, FSTS), 0);
	time_out(test, b, SID_A);
	KUNIT_EXPECT_EQ(test, read32(b->unit, FSTS), FSTS_ITE);
	KUNIT_EXPECT_EQ(test, read64(b->unit, IQERCD), (u64)SID_A << 32);
	write32(b->unit, FSTS, FSTS_ITE);

	/* B has still to answer, and the next wait waits for it. */
	put_wait(b);
	kick(b->ring);
	KUNIT_EXPECT_EQ(test, *b->status, 0);
	b->unit->devtlb.slots[b->b.inv.itag].deadline = ktime_get();
	KUNIT_EXPECT_EQ(test, read32(b->unit, FSTS), FSTS_ITE);
	KUNIT_EXPECT_EQ(test, read64(b->unit, IQERCD), (u64)SID_B << 32);

	write32(b->unit, FSTS, FSTS_ITE);
	submit(b->ring, to(SID_A), 0);
	submit(b->ring, to(SID_B), 0);
	test_time_is_up(b->unit, SID_A);
	test_time_is_up(b->unit, SID_B);
	/* Both at once: the first is named, neither is under way any more. */
	KUNIT_EXPECT_EQ(test, read32(b->unit, FSTS), FSTS_ITE);
	write32(b->unit, FSTS, FSTS_ITE);
	KUNIT_EXPECT_EQ(test, read32(b->unit, FSTS), 0);
	put_wait(b);
	kick(b->ring);
	KUNIT_EXPECT_EQ(test, *b->status, DONE);
}

static void disabled_queue_forgets(struct kunit *test)
{
	struct bench *b = bench(test);

	b->a.slow = true;
	put(b->ring, to(SID_A), 0);
	put_wait(b);
	kick(b->ring);
	write32(b->unit, GCMD, 0);
	done(b, SID_A, b->a.inv.itag);
	b->ring->tail = 0;
	put(b->ring, CONTEXT(1), 0);
	kick(b->ring);
	write32(b->unit, GCMD, GCMD_QIE);
	KUNIT_EXPECT_EQ(test, *b->status, 0);
	expect_done(test, b->ring);
}

static struct kunit_case devtlb_cases[] = {
	KUNIT_CASE(ranges),
	KUNIT_CASE(reserved_bits),
	KUNIT_CASE(physical_function),
	KUNIT_CASE(feature_is_needed),
	KUNIT_CASE(wait_stalls),
	KUNIT_CASE(wait_needs_all),
	KUNIT_CASE(throttled),
	KUNIT_CASE(unexpected_completion),
	KUNIT_CASE(times_out),
	KUNIT_CASE(nobody_answers),
	KUNIT_CASE(one_error_at_a_time),
	KUNIT_CASE(disabled_queue_forgets),
	{}
};

static struct kunit_suite devtlb_suite = {
	.name = "vtdsim-devtlb",
	.test_cases = devtlb_cases,
};

kunit_test_suite(devtlb_suite);
