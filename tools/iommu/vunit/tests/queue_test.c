// SPDX-License-Identifier: GPL-2.0-only
/* The invalidation queue. */
#include "fixture.h"

#define DESC(type)	vunit_put(VUNIT_DESC0_TYPE, type)

/* Queue a bad descriptor between two waits; the error, and only the first wait is complete. */
static __u64 error_of(struct fixture *f, __u64 desc0, __u64 desc1)
{
	__u32 size = f->d.mode == DRIVER_LEGACY ? 16 : 32, at;
	__u64 err;

	driver_queue_wait(&f->d);
	at = f->d.tail;
	driver_queue(&f->d, desc0, desc1);
	driver_kick(&f->d);
	EXPECT(driver_waited(&f->d));
	EXPECT_EQ(vunit_read(f->unit, VUNIT_FSTS, 4) & VUNIT_FSTS_IQE, VUNIT_FSTS_IQE);
	EXPECT_EQ(vunit_read(f->unit, VUNIT_IQH, 8), at);
	err = vunit_read(f->unit, VUNIT_IQERCD, 8) & VUNIT_IQERCD_IQEI;
	/* Stopped until the guest clears the error. */
	EXPECT(!driver_wait(&f->d));
	*driver_word(&f->d, f->d.queue + at) = DESC(VUNIT_DESC_WAIT);
	*driver_word(&f->d, f->d.queue + at + 8) = 0;
	*driver_word(&f->d, f->d.queue + at + size - 8) = 0;
	vunit_write(f->unit, VUNIT_FSTS, VUNIT_FSTS_IQE, 4);
	EXPECT(driver_waited(&f->d));
	EXPECT_EQ(vunit_read(f->unit, VUNIT_IQH, 8), f->d.tail);
	return err;
}

static void test_wide(void)
{
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_FIRST);
	fixture_nest(&f, &table);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(error_of(&f, 0, 0), VUNIT_IQEI_TYPE);
	EXPECT_EQ(error_of(&f, DESC(4), 0), VUNIT_IQEI_TYPE);
	EXPECT_EQ(error_of(&f, DESC(15), 0), VUNIT_IQEI_TYPE);
	EXPECT_EQ(error_of(&f, DESC(5) | BIT_ULL(9), 0), VUNIT_IQEI_TYPE);
	/* Without device TLBs and page requests */
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_DEVTLB), 0), VUNIT_IQEI_TYPE);
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_PDEVTLB), 0), VUNIT_IQEI_TYPE);
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_PAGE), 0), VUNIT_IQEI_TYPE);
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_WAIT) | VUNIT_WAIT0_PD, 0), VUNIT_IQEI_RESERVED);
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_WAIT) | BIT_ULL(8), 0), VUNIT_IQEI_RESERVED);
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_WAIT), 1), VUNIT_IQEI_RESERVED);
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_CONTEXT), 0), VUNIT_IQEI_RESERVED);
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_CONTEXT) | 1 << 4, 1), VUNIT_IQEI_RESERVED);
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_IOTLB), 0), VUNIT_IQEI_RESERVED);
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_IOTLB) | 3 << 4, 53), VUNIT_IQEI_RESERVED);
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_PIOTLB) | 1 << 4, 0), VUNIT_IQEI_RESERVED);
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_PIOTLB) | 2 << 4, 0x80), VUNIT_IQEI_RESERVED);
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_PASID) | 2 << 4, 0), VUNIT_IQEI_RESERVED);
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_PASID) | 3 << 4, 1), VUNIT_IQEI_RESERVED);
	fixture_close(&f);
}

static void test_narrow(void)
{
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_LEGACY);
	fixture_nest(&f, &table);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_PIOTLB) | 2 << 4, 0), VUNIT_IQEI_TYPE);
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_PASID) | 3 << 4, 0), VUNIT_IQEI_TYPE);
	EXPECT_EQ(error_of(&f, DESC(VUNIT_DESC_WAIT) | BIT_ULL(12), 0), VUNIT_IQEI_RESERVED);
	fixture_close(&f);
}

/* Quadwords 2 and 3 are reserved in all descriptors. */
static void test_upper_half(void)
{
	struct fixture f;
	__u64 table;
	int i;

	fixture_open(&f, DRIVER_FIRST);
	fixture_nest(&f, &table);
	for (i = 2; i < 4; i++) {
		__u64 *word = driver_word(&f.d, f.d.queue + f.d.tail) + i;

		driver_queue_domain(&f.d, DID);
		*word = 1;
		driver_kick(&f.d);
		EXPECT_EQ(vunit_read(f.unit, VUNIT_IQERCD, 8), VUNIT_IQEI_RESERVED);
		*word = 0;
		vunit_write(f.unit, VUNIT_FSTS, VUNIT_FSTS_IQE, 4);
		EXPECT_EQ(vunit_read(f.unit, VUNIT_FSTS, 4), 0);
	}
	fixture_close(&f);
}

static __u64 error_with(struct fixture *f, __u64 iqa, __u64 tail)
{
	__u64 err;

	vunit_write(f->unit, VUNIT_GCMD, VUNIT_G_TE, 4);
	vunit_write(f->unit, VUNIT_IQA, iqa, 8);
	vunit_write(f->unit, VUNIT_IQT, tail, 8);
	vunit_write(f->unit, VUNIT_GCMD, VUNIT_G_TE | VUNIT_G_QI, 4);
	err = vunit_read(f->unit, VUNIT_IQERCD, 8) & VUNIT_IQERCD_IQEI;
	EXPECT_EQ(!!(vunit_read(f->unit, VUNIT_FSTS, 4) & VUNIT_FSTS_IQE), !!err);
	vunit_write(f->unit, VUNIT_GCMD, VUNIT_G_TE, 4);
	vunit_write(f->unit, VUNIT_FSTS, VUNIT_FSTS_IQE, 4);
	f->unit->regs[VUNIT_IQERCD] = 0;
	return err;
}

static void test_queue_itself(void)
{
	struct fixture f;
	__u64 table, wide = VUNIT_IQA_DW;

	fixture_open(&f, DRIVER_FIRST);
	fixture_nest(&f, &table);
	EXPECT_EQ(error_with(&f, f.d.queue | wide, 0), 0);
	EXPECT_EQ(error_with(&f, f.d.queue, 16), VUNIT_IQEI_WIDTH);
	EXPECT_EQ(error_with(&f, f.d.queue | wide, 16), VUNIT_IQEI_MISALIGNED);
	EXPECT_EQ(error_with(&f, f.d.queue | wide, PAGE), VUNIT_IQEI_TAIL);
	EXPECT_EQ(error_with(&f, ROM_GPA * 16 | wide, 32), VUNIT_IQEI_FETCH);
	fixture_close(&f);
}

/* The queue wraps, and the guest moves the tail to before the head. */
static void test_wrap(void)
{
	struct fixture f;
	__u64 table;
	int i;

	fixture_open(&f, DRIVER_FIRST);
	fixture_nest(&f, &table);
	for (i = 0; i < 300; i++) {
		driver_queue_pages(&f.d, DID, i * PAGE, 0);
		if (i % 7 == 0)
			EXPECT(driver_wait(&f.d));
	}
	EXPECT(driver_wait(&f.d));
	f.host.calls.invalidate = 0;
	/* Back by one descriptor: all but that one are done once more. */
	vunit_write(f.unit, VUNIT_IQT, (f.d.tail + PAGE - 32) % PAGE, 8);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_IQH, 8), (f.d.tail + PAGE - 32) % PAGE);
	EXPECT_EQ(f.host.calls.invalidate, 1);
	fixture_close(&f);
}

/* The interrupt of a wait comes once, until the guest clears IWC. */
static void test_interrupt(void)
{
	struct fixture f;
	__u64 table, flag = DESC(VUNIT_DESC_WAIT) | VUNIT_WAIT0_IF;

	fixture_open(&f, DRIVER_FIRST);
	fixture_nest(&f, &table);
	vunit_write(f.unit, VUNIT_IECTL + VUNIT_EVENT_DATA, 0x4321, 4);
	vunit_write(f.unit, VUNIT_IECTL + VUNIT_EVENT_ADDR, 0xfee00000, 4);
	driver_queue(&f.d, flag, 0);
	driver_kick(&f.d);
	EXPECT_EQ(f.interrupts, 0);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_IECTL, 4), VUNIT_EVENT_IM | VUNIT_EVENT_IP);
	vunit_write(f.unit, VUNIT_IECTL, 0, 4);
	EXPECT_EQ(f.interrupts, 1);
	EXPECT_EQ(f.irq_addr, 0xfee00000);
	EXPECT_EQ(f.irq_data, 0x4321);
	driver_queue(&f.d, flag, 0);
	driver_kick(&f.d);
	EXPECT_EQ(f.interrupts, 1);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_ICS, 4), VUNIT_ICS_IWC);
	vunit_write(f.unit, VUNIT_ICS, VUNIT_ICS_IWC, 4);
	driver_queue(&f.d, flag, 0);
	driver_kick(&f.d);
	EXPECT_EQ(f.interrupts, 2);
	/* Cleared while it is masked: nothing is pending any more. */
	vunit_write(f.unit, VUNIT_ICS, VUNIT_ICS_IWC, 4);
	vunit_write(f.unit, VUNIT_IECTL, VUNIT_EVENT_IM, 4);
	driver_queue(&f.d, flag, 0);
	driver_kick(&f.d);
	vunit_write(f.unit, VUNIT_ICS, VUNIT_ICS_IWC, 4);
	vunit_write(f.unit, VUNIT_IECTL, 0, 4);
	EXPECT_EQ(f.interrupts, 2);
	fixture_close(&f);
}

static const struct test_case cases[] = {
	{ "descriptors of 256 bits in error", test_wide },
	{ "descriptors of 128 bits in error", test_narrow },
	{ "upper half of a descriptor", test_upper_half },
	{ "errors of the queue itself", test_queue_itself },
	{ "a queue that wraps", test_wrap },
	{ "interrupt of a wait", test_interrupt },
	{}
};

const struct test_suite suite_queue = { "queue", cases };
