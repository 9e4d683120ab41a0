// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of fault logging and of the fault event, by registers.
 */
#include "fixture_unit.h"
#include "kunit_case.h"

#define FRCD(n)		(TEST_FRCD + 16 * (n))
#define FRCD_F		0x80000000	/* in the last of its four words */

static void fault_record(struct vtdsim_unit *unit, const struct vtdsim_req *req,
			 u8 reason)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	vtdsim_fault_record(unit, req, reason);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

static void record_simple(struct vtdsim_unit *unit, u64 addr)
{
	const struct vtdsim_req req = { .addr = addr, .sid = 0x10, .read = true };

	fault_record(unit, &req, 0x71);
}

static void clear_record(struct vtdsim_unit *unit, unsigned int n)
{
	write32(unit, FRCD(n) + 12, FRCD_F);
}

static void fault_layout(struct kunit *test)
{
	static const struct {
		struct vtdsim_req req;
		u8 reason;
		u64 low;
		u64 high;
	} faults[] = {
		/* A write, without PASID */
		{ { .addr = 0x123456789abcdef0, .sid = 0xfedc, .write = true },
		  0x79, 0x123456789abcd000, 0x800000790000fedc },
		/* Fields that need a PASID are zero without one. */
		{ { .addr = 0xfff, .pasid = 0xfffff, .sid = 1, .read = true,
		    .exec = true, .priv = true },
		  0x01, 0, 0xc000000100000001 },
		/* A read, with PASID */
		{ { .addr = 0x1000, .pasid = 0xfffff, .with_pasid = true,
		    .read = true },
		  0xff, 0x1000, 0xcfffffff80000000 },
		/* PASID 0 is a PASID. */
		{ { .addr = 0x2000, .with_pasid = true, .write = true },
		  0x58, 0x2000, 0x8000005880000000 },
		/* AtomicOp */
		{ { .addr = 0x3000, .sid = 8, .read = true, .write = true },
		  0x59, 0x3000, 0xc000005910000008 },
		/* Privileged, and execute */
		{ { .addr = 0x4000, .pasid = 0x12345, .with_pasid = true,
		    .read = true, .priv = true },
		  0x80, 0x4000, 0xc1234580a0000000 },
		{ { .addr = 0x4000, .pasid = 0x12345, .with_pasid = true,
		    .read = true, .exec = true },
		  0x80, 0x4000, 0xc1234580c0000000 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		struct vtdsim_unit *unit = vtdsim_test_unit(test);

		fault_record(unit, &faults[i].req, faults[i].reason);
		KUNIT_EXPECT_EQ_MSG(test, read64(unit, FRCD(0)),
				    faults[i].low, "fault %u", i);
		KUNIT_EXPECT_EQ_MSG(test, read64(unit, FRCD(0) + 8),
				    faults[i].high, "fault %u", i);
	}
}

/* As many address bits as the widest second stage can translate are recorded. */
static void address_width(struct kunit *test)
{
	static const struct {
		u64 sagaw;
		u64 low;
	} widths[] = {
		{ 0x2, 0x000000789abcd000 & GENMASK_ULL(38, 0) },
		{ 0x4, 0x000056789abcd000 },
		{ 0xe, 0x003456789abcd000 },
	};
	const struct vtdsim_req req = { .addr = 0x123456789abcdef0, .write = true };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(widths); i++) {
		struct vtdsim_unit *unit =
			vtdsim_test_unit_with(test, TEST_CAP | widths[i].sagaw << 8, TEST_ECAP);

		fault_record(unit, &req, 0x79);
		KUNIT_EXPECT_EQ(test, read64(unit, FRCD(0)), widths[i].low);
	}
}

/* After translation is disabled the first register is the next one. */
static void ring_starts_over(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);

	write32(unit, 0x18, 0x40000000);
	write32(unit, 0x18, 0x80000000);
	record_simple(unit, 0x1000);
	clear_record(unit, 0);
	write32(unit, 0x18, 0x84000000);
	record_simple(unit, 0x2000);
	KUNIT_EXPECT_EQ(test, read64(unit, FRCD(1)), 0x2000);
	clear_record(unit, 1);
	write32(unit, 0x18, 0x04000000);
	write32(unit, 0x18, 0x84000000);
	record_simple(unit, 0x3000);
	KUNIT_EXPECT_EQ(test, read64(unit, FRCD(0)), 0x3000);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_PPF);
}

/* The index names the oldest record; records are used in turn. */
static void fault_ring(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);

	record_simple(unit, 0x1000);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_PPF);
	record_simple(unit, 0x2000);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_PPF);
	KUNIT_EXPECT_EQ(test, read64(unit, FRCD(0)), 0x1000);
	KUNIT_EXPECT_EQ(test, read64(unit, FRCD(1)), 0x2000);

	/* The fault is pending while any record is left. */
	clear_record(unit, 0);
	KUNIT_EXPECT_EQ(test, read32(unit, FRCD(0) + 12) & FRCD_F, 0);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_PPF);
	clear_record(unit, 1);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS) & FSTS_PPF, 0);

	/* The next ones, around the end */
	record_simple(unit, 0x3000);
	KUNIT_EXPECT_EQ(test, read64(unit, FRCD(2)), 0x3000);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_PPF | 2 << 8);
	record_simple(unit, 0x4000);
	KUNIT_EXPECT_EQ(test, read64(unit, FRCD(0)), 0x4000);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_PPF | 2 << 8);

	/* The index after all have been cleared */
	clear_record(unit, 2);
	clear_record(unit, 0);
	record_simple(unit, 0x5000);
	KUNIT_EXPECT_EQ(test, read64(unit, FRCD(1)), 0x5000);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_PPF | 1 << 8);
}

/* Writing 1 to F clears it; nothing else can be written. */
static void record_write(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	u64 high;

	record_simple(unit, 0x1000);
	high = read64(unit, FRCD(0) + 8);
	write64(unit, FRCD(0), ~0ULL);
	write64(unit, FRCD(0) + 8, ~BIT_ULL(63));
	write32(unit, FRCD(0) + 8, ~0);
	KUNIT_EXPECT_EQ(test, read64(unit, FRCD(0)), 0x1000);
	KUNIT_EXPECT_EQ(test, read64(unit, FRCD(0) + 8), high);

	write64(unit, FRCD(0) + 8, ~0ULL);
	KUNIT_EXPECT_EQ(test, read64(unit, FRCD(0) + 8), high & ~BIT_ULL(63));
	KUNIT_EXPECT_EQ(test, read64(unit, FRCD(0)), 0x1000);
}

static void fault_overflow(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	unsigned int i;

	for (i = 0; i < TEST_RECORDS; i++)
		record_simple(unit, (i + 1) * 0x1000);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_PPF);
	record_simple(unit, 0x9000);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_PPF | FSTS_PFO);
	KUNIT_EXPECT_EQ(test, read64(unit, FRCD(0)), 0x1000);

	/* Free registers alone do not resume recording. */
	for (i = 0; i < TEST_RECORDS; i++)
		clear_record(unit, i);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_PFO);
	record_simple(unit, 0x9000);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_PFO);

	write32(unit, FSTS, FSTS_PFO);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), 0);
	record_simple(unit, 0xa000);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_PPF);
	KUNIT_EXPECT_EQ(test, read64(unit, FRCD(0)), 0xa000);
}

/* Software cannot clear PPF and the index. */
static void status_write(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);

	record_simple(unit, 0x1000);
	clear_record(unit, 0);
	record_simple(unit, 0x2000);
	write32(unit, FSTS, ~0);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_PPF | 1 << 8);
}

static void event_pending(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);

	/* Masked: held pending until everything has been serviced. */
	record_simple(unit, 0x1000);
	KUNIT_EXPECT_EQ(test, read32(unit, FECTL), EVENT_IM | EVENT_IP);
	record_simple(unit, 0x2000);
	clear_record(unit, 0);
	KUNIT_EXPECT_EQ(test, read32(unit, FECTL), EVENT_IM | EVENT_IP);
	clear_record(unit, 1);
	KUNIT_EXPECT_EQ(test, read32(unit, FECTL), EVENT_IM);

	/* Unmasking sends it. */
	record_simple(unit, 0x3000);
	KUNIT_EXPECT_EQ(test, read32(unit, FECTL), EVENT_IM | EVENT_IP);
	write32(unit, FECTL, EVENT_IM);
	KUNIT_EXPECT_EQ(test, read32(unit, FECTL), EVENT_IM | EVENT_IP);
	write32(unit, FECTL, 0);
	KUNIT_EXPECT_EQ(test, read32(unit, FECTL), 0);

	/* No new event while the first fault is pending. */
	write32(unit, FECTL, EVENT_IM);
	record_simple(unit, 0x4000);
	KUNIT_EXPECT_EQ(test, read32(unit, FECTL), EVENT_IM);

	/* Not masked: sent at once */
	clear_record(unit, 2);
	clear_record(unit, 0);
	write32(unit, FECTL, 0);
	record_simple(unit, 0x5000);
	KUNIT_EXPECT_EQ(test, read32(unit, FECTL), 0);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_PPF | 1 << 8);
}

/* Fault and queue error share the event; it is pending until both are serviced. */
static void event_shared(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);

	/* A tail beyond the end of the queue */
	write32(unit, 0x88, 0x1000);
	write32(unit, 0x18, 0x04000000);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_IQE);
	KUNIT_EXPECT_EQ(test, read32(unit, FECTL), EVENT_IM | EVENT_IP);
	write32(unit, FECTL, 0);
	write32(unit, FECTL, EVENT_IM);

	record_simple(unit, 0x1000);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_IQE | FSTS_PPF);
	KUNIT_EXPECT_EQ(test, read32(unit, FECTL), EVENT_IM);
	write32(unit, 0x88, 0);
	write32(unit, FSTS, FSTS_IQE);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_PPF);

	/* The other way round, with the event still pending */
	clear_record(unit, 0);
	record_simple(unit, 0x2000);
	KUNIT_EXPECT_EQ(test, read32(unit, FECTL), EVENT_IM | EVENT_IP);
	write32(unit, 0x88, 0x1000);
	KUNIT_EXPECT_EQ(test, read32(unit, FSTS), FSTS_IQE | FSTS_PPF | 1 << 8);
	clear_record(unit, 1);
	KUNIT_EXPECT_EQ(test, read32(unit, FECTL), EVENT_IM | EVENT_IP);
	write32(unit, 0x88, 0);
	write32(unit, FSTS, FSTS_IQE);
	KUNIT_EXPECT_EQ(test, read32(unit, FECTL), EVENT_IM);
}

/* None of these may reach a CPU. */
static void messages_refused(struct kunit *test)
{
	static const struct {
		u64 addr;
		u32 data;
	} bad[] = {
		{ 0x00000000, 0x30 },		/* not the interrupt range */
		{ 0xfed00000, 0x30 },
		{ 0x1fee00000, 0x30 },		/* reserved address bits */
		{ 0xfee00010, 0x30 },
		{ 0xfee00000, 0x0f },		/* exceptions' vectors */
		{ 0xfee00000, 0x230 },		/* SMI */
		{ 0xfee00000, 0x430 },		/* NMI */
		{ 0xfee00000, 0x8030 },		/* level triggered */
		{ 0xfeefe000, 0x30 },		/* no such CPU */
		{ 0x4000fee00000, 0x30 },	/* ... nor this, beyond 8 bits */
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_FALSE_MSG(test,
				       vtdsim_msi_send(bad[i].addr, bad[i].data),
				       "message %u", i);
}

static struct kunit_case fault_cases[] = {
	VTDSIM_CASE(fault, layout),
	KUNIT_CASE(address_width),
	VTDSIM_CASE(fault, ring),
	KUNIT_CASE(ring_starts_over),
	KUNIT_CASE(record_write),
	VTDSIM_CASE(fault, overflow),
	KUNIT_CASE(status_write),
	KUNIT_CASE(event_pending),
	KUNIT_CASE(event_shared),
	KUNIT_CASE(messages_refused),
	{}
};

static struct kunit_suite fault_suite = {
	.name = "vtdsim-fault",
	.test_cases = fault_cases,
};

kunit_test_suite(fault_suite);
