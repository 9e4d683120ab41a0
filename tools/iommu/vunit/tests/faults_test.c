// SPDX-License-Identifier: GPL-2.0-only
/* Fault recording. */
#include "fixture.h"

static void clear_record(struct fixture *f, unsigned int index)
{
	vunit_write(f->unit, VUNIT_FRCD + index * VUNIT_FRCD_SIZE + VUNIT_FRCD_HIGH,
		    VUNIT_FRCD_F, 8);
}

static void test_record(void)
{
	struct fixture f;

	fixture_open(&f, DRIVER_SECOND);
	vunit_write(f.unit, VUNIT_FECTL + VUNIT_EVENT_DATA, 0x51, 4);
	vunit_write(f.unit, VUNIT_FECTL + VUNIT_EVENT_ADDR, 0xfee01000, 4);
	vunit_write(f.unit, VUNIT_FECTL + VUNIT_EVENT_UADDR, 1, 4);
	vunit_write(f.unit, VUNIT_FECTL, 0, 4);
	vunit_fault(f.unit, SID, 0x12345678, true, 0x71);
	EXPECT_EQ(f.interrupts, 1);
	EXPECT_EQ(f.irq_addr, 0x1fee01000);
	EXPECT_EQ(f.irq_data, 0x51);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FSTS, 4), VUNIT_FSTS_PPF);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FRCD, 8), 0x12345000);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FRCD + 8, 8),
		  VUNIT_FRCD_F | VUNIT_FRCD_T1 | 0x71ULL << 32 | SID);
	/* The event is not raised again before the guest has looked. */
	vunit_fault(f.unit, SID, 0x2000, false, 0x85);
	EXPECT_EQ(f.interrupts, 1);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FRCD + 24, 8), VUNIT_FRCD_F | 0x85ULL << 32 | SID);
	clear_record(&f, 0);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FSTS, 4), VUNIT_FSTS_PPF);
	clear_record(&f, 1);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FSTS, 4) & VUNIT_FSTS_PPF, 0);
	vunit_fault(f.unit, SID, 0x3000, false, 0x85);
	EXPECT_EQ(f.interrupts, 2);
	EXPECT_EQ(vunit_get(VUNIT_FSTS_FRI, vunit_read(f.unit, VUNIT_FSTS, 4)), 2);
	fixture_close(&f);
}

static void test_overflow(void)
{
	struct fixture f;
	unsigned int i;

	fixture_open(&f, DRIVER_SECOND);
	for (i = 0; i < VUNIT_FRCD_COUNT; i++)
		vunit_fault(f.unit, SID, i * PAGE, false, 0x85);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FSTS, 4), VUNIT_FSTS_PPF);
	vunit_fault(f.unit, SID, 0x99000, false, 0x85);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FSTS, 4), VUNIT_FSTS_PPF | VUNIT_FSTS_PFO);
	/* Lost, although there is room, until the overflow is cleared. */
	clear_record(&f, 0);
	vunit_fault(f.unit, SID, 0x99000, false, 0x85);
	EXPECT_EQ(fixture_fault(&f, 0), 0);
	vunit_write(f.unit, VUNIT_FSTS, VUNIT_FSTS_PFO, 4);
	vunit_fault(f.unit, SID, 0x99000, false, 0x86);
	EXPECT_EQ(fixture_fault(&f, 0), 0x86);
	fixture_close(&f);
}

/* Masked, the event is pending, until its reason is gone. */
static void test_masked(void)
{
	struct fixture f;

	fixture_open(&f, DRIVER_SECOND);
	vunit_fault(f.unit, SID, 0, false, 0x85);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FECTL, 4), VUNIT_EVENT_IM | VUNIT_EVENT_IP);
	clear_record(&f, 0);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FECTL, 4), VUNIT_EVENT_IM);
	vunit_fault(f.unit, SID, 0, false, 0x85);
	EXPECT_EQ(f.interrupts, 0);
	vunit_write(f.unit, VUNIT_FECTL, 0, 4);
	EXPECT_EQ(f.interrupts, 1);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FECTL, 4), 0);
	fixture_close(&f);
}

static const struct test_case cases[] = {
	{ "records and the event", test_record },
	{ "overflow", test_overflow },
	{ "masked event", test_masked },
	{}
};

const struct test_suite suite_faults = { "faults", cases };
