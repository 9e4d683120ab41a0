// SPDX-License-Identifier: GPL-2.0-only
/* Save, load and reset. */
#include <errno.h>
#include <string.h>

#include "fixture.h"

static struct vunit_state state;

static void set_word(__u32 reg, __u64 val)
{
	memcpy(state.regs + reg, &val, sizeof(val));
}

/* After reset and load, the device is where it was, and the guest sees what it left. */
static void test_load(void)
{
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_SECOND);
	fixture_nest(&f, &table);
	driver_map(&f.d, table, 0x400000, HIGH_GPA, DRIVER_4K, DRIVER_R | DRIVER_W);
	driver_queue_domain(&f.d, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT(fixture_reaches(&f, 0x400000, HIGH_GPA));
	vunit_fault(f.unit, SID, 0x1000, true, 0x86);
	vunit_save(f.unit, &state);
	vunit_reset(f.unit);
	EXPECT_EQ(f.host.attached[0], f.config.ioas);
	EXPECT_EQ(f.unit->devices->mappings.num, 0);
	EXPECT_EQ(vunit_load(f.unit, &state), 0);
	EXPECT(fixture_reaches(&f, 0x400000, HIGH_GPA));
	EXPECT_EQ(fixture_fault(&f, 0), 0x86);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_GSTS, 4), VUNIT_G_RTP | VUNIT_G_TE | VUNIT_G_QI);
	EXPECT_EQ(f.unit->fault_next, 1);
	EXPECT(driver_wait(&f.d));
	fixture_close(&f);
}

static void load_refused(struct fixture *f)
{
	EXPECT_EQ(vunit_load(f->unit, &state), -EINVAL);
	EXPECT_EQ(vunit_read(f->unit, VUNIT_GSTS, 4), 0);
	EXPECT_EQ(f->unit->fault_next, 0);
	EXPECT_EQ(vunit_read(f->unit, VUNIT_CAP, 8), f->unit->cap);
}

static void test_bad_state(void)
{
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_FIRST);
	fixture_nest(&f, &table);
	vunit_save(f.unit, &state);
	state.version++;
	load_refused(&f);
	vunit_save(f.unit, &state);
	state.fault_next = VUNIT_FRCD_COUNT;
	load_refused(&f);
	vunit_save(f.unit, &state);
	set_word(VUNIT_IQH, 8);
	load_refused(&f);
	vunit_save(f.unit, &state);
	set_word(VUNIT_IQT, BIT_ULL(19));
	load_refused(&f);
	vunit_save(f.unit, &state);
	set_word(VUNIT_PQT, 8);
	load_refused(&f);
	vunit_save(f.unit, &state);
	set_word(VUNIT_CAP, 0);
	load_refused(&f);
	vunit_save(f.unit, &state);
	set_word(VUNIT_ECAP, ~0ULL);
	load_refused(&f);
	fixture_close(&f);
}

static const struct test_case cases[] = {
	{ "save, reset and load", test_load },
	{ "states that are refused", test_bad_state },
	{}
};

const struct test_suite suite_state = { "state", cases };
