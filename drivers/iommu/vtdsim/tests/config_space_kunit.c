// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the configuration space of PCI functions: writable bits, capability
 * lists, reset, power states, MSI. Offsets and masks are numbers of the tests' own.
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/sched.h>
#include <uapi/linux/vtdsim.h>

#include "fixture_endpoint.h"

static void header_identifies(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x00, 4), 0x7d511234);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x00, 2), 0x1234);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x02, 2), 0x7d51);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_COMMAND, 4), 0x00100000);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x08, 4) >> 8, 0xff0000);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x0b, 1), 0xff);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x0e, 1), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_BAR, 4), TEST_BAR);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x2c, 4), 0x7d511234);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x3d, 1), 0);
}

static void outside_reads_ones(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x1000, 1), 0xff);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x0fff, 2), 0xffff);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x1000, 4), 0xffffffff);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, U32_MAX, 4), 0xffffffff);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x0ffc, 4), 0);
	vtdsim_function_write(fn, 0x0ffe, 0, 4);
	vtdsim_function_write(fn, U32_MAX, 0, 4);
}

struct masked {
	u16 at;
	u32 mask;
};

/* Writable bits by dword, without those that change the state */
static const struct masked endpoint_masks[] = {
	{ 0x04, 0x00000546 },
	{ 0x0c, 0x000000ff },
	{ 0x10, 0xffff0000 },
	{ CFG_PM + 4, 0x00000003 },
	{ CFG_MSI + 0x00, 0x00010000 },
	{ CFG_MSI + 0x04, 0xfffffffc },
	{ CFG_MSI + 0x08, 0xffffffff },
	{ CFG_MSI + 0x0c, 0x0000ffff },
	{ CFG_MSI + 0x10, 0x00000001 },
	{ CFG_EXPRESS + 0x08, 0x000079ff },
	{ CFG_EXPRESS + 0x28, 0x00000050 },
	{ CFG_PASID + 4, 0x00070000 },
	{ CFG_ATS + 4, 0x801f0000 },
	{ CFG_PRI_ALLOC, 0xffffffff },
};

static u32 expected_mask(u32 at)
{
	for (size_t i = 0; i < ARRAY_SIZE(endpoint_masks); i++)
		if (endpoint_masks[i].at == at)
			return endpoint_masks[i].mask;
	return 0;
}

static void writes_change_what_they_may(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	for (u32 at = 0; at < 0x1000; at += 4) {
		u32 mask = expected_mask(at);
		u32 old = vtdsim_function_read(fn, at, 4);
		/*
		 * Initiate FLR is a command, not a bit that stays. Enabling page
		 * requests clears Stopped, and is tested elsewhere.
		 */
		u32 ones = at == CFG_EXPRESS + 8 ? ~BIT(15) : at == CFG_PRI_CTRL ? ~BIT(0) : ~0;

		vtdsim_function_write(fn, at, ones, 4);
		KUNIT_EXPECT_EQ_MSG(test, vtdsim_function_read(fn, at, 4),
				    old | mask, "at %#x", at);
		vtdsim_function_write(fn, at, 0, 4);
		KUNIT_EXPECT_EQ_MSG(test, vtdsim_function_read(fn, at, 4),
				    old & ~mask, "at %#x", at);
		vtdsim_function_write(fn, at, old, 4);
	}
}

static void narrow_writes_stay_narrow(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	vtdsim_function_write(fn, CFG_MSI + 0x08, 0x11223344, 4);
	vtdsim_function_write(fn, CFG_MSI + 0x09, 0xffffffaa, 1);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_MSI + 0x08, 4), 0x1122aa44);
	vtdsim_function_write(fn, CFG_MSI + 0x0a, 0xffff5566, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_MSI + 0x08, 4), 0x5566aa44);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_MSI + 0x0c, 2), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_MSI + 0x09, 2), 0x66aa);
}

static void bar_sizes_and_stays(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	vtdsim_function_write(fn, CFG_COMMAND, 0x2, 2);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).answers);
	vtdsim_function_write(fn, CFG_BAR, 0xffffffff, 4);
	KUNIT_EXPECT_EQ(test, ~vtdsim_function_read(fn, CFG_BAR, 4) + 1, VTDSIM_EP_BAR_SIZE);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).answers);
	vtdsim_function_write(fn, CFG_BAR, TEST_BAR + 0x10000, 4);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_BAR, 4), TEST_BAR + 0x10000);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).answers);
	vtdsim_function_write(fn, CFG_BAR, TEST_BAR | 0xffff, 4);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_BAR, 4), TEST_BAR);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).answers);
}

/* Walks the first list; each member must be aligned, inside and new. */
static void capability_list_holds(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;
	DECLARE_BITMAP(used, 0x100) = {};
	static const u8 sizes[] = { [0x01] = 8, [0x05] = 24, [0x10] = 0x2c };
	u32 seen = 0;
	u8 at;

	KUNIT_EXPECT_TRUE(test, vtdsim_function_read(fn, 0x06, 2) & BIT(4));
	at = vtdsim_function_read(fn, 0x34, 1);
	while (at) {
		u8 id = vtdsim_function_read(fn, at, 1);

		KUNIT_EXPECT_EQ(test, at & 3, 0);
		KUNIT_ASSERT_GE(test, at, 0x40);
		KUNIT_ASSERT_LT(test, id, ARRAY_SIZE(sizes));
		KUNIT_ASSERT_NE(test, sizes[id], 0);
		KUNIT_ASSERT_LE(test, at + sizes[id], 0x100);
		for (u8 i = 0; i < sizes[id]; i++)
			KUNIT_ASSERT_FALSE(test, __test_and_set_bit(at + i, used));
		seen |= BIT(id);
		at = vtdsim_function_read(fn, at + 1, 1);
	}
	KUNIT_EXPECT_EQ(test, seen, BIT(0x01) | BIT(0x05) | BIT(0x10));
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_PM, 1), 0x01);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_MSI, 1), 0x05);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_EXPRESS, 1), 0x10);
}

static void extended_list_holds(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;
	unsigned int count = 0;
	bool pasid = false, ats = false, pri = false;
	u32 at = 0x100;

	while (at) {
		u32 header = vtdsim_function_read(fn, at, 4);
		u32 next = header >> 20;

		KUNIT_EXPECT_EQ(test, at & 3, 0);
		KUNIT_ASSERT_NE(test, header, 0);
		KUNIT_EXPECT_EQ(test, header >> 16 & 0xf, 1);
		KUNIT_ASSERT_TRUE(test, !next || next >= at + 8);
		pasid |= (header & 0xffff) == 0x1b;
		ats |= (header & 0xffff) == 0x0f;
		pri |= (header & 0xffff) == 0x13;
		at = next;
		count++;
	}
	KUNIT_EXPECT_TRUE(test, pasid);
	KUNIT_EXPECT_TRUE(test, ats);
	KUNIT_EXPECT_TRUE(test, pri);
	KUNIT_EXPECT_EQ(test, count, 3);
}

static void express_is_integrated_endpoint(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	/* version 2, type 9 */
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_EXPRESS + 2, 2), 0x0092);
	/* FLR; role-based errors; extended tag; 256 bytes */
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_EXPRESS + 4, 4), 0x10008021);
	/* end-end prefixes, one */
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_EXPRESS + 0x24, 4), 0x00600010);
}

static void pasid_switches(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	/* 20 bits; exec, priv */
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_PASID + 4, 2), 0x1406);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).pasid);
	vtdsim_function_write(fn, CFG_PASID_CTRL, 0x1, 2);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).pasid);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).exec);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).priv);
	vtdsim_function_write(fn, CFG_PASID_CTRL, 0x3, 2);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).exec);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).priv);
	vtdsim_function_write(fn, CFG_PASID_CTRL, 0x5, 2);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).exec);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).priv);
}

static void power_states(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	vtdsim_function_write(fn, CFG_COMMAND, 0x6, 2);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).answers);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).master);
	vtdsim_function_write(fn, CFG_PM + 4, 1, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_PM + 4, 2), 0x8);
	vtdsim_function_write(fn, CFG_PM + 4, 3, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_PM + 4, 2), 0xb);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).answers);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).master);
	vtdsim_function_write(fn, CFG_PM + 4, 2, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_PM + 4, 2), 0xb);
	/* No_Soft_Reset: nothing lost */
	vtdsim_function_write(fn, CFG_PM + 4, 0, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_COMMAND, 2), 0x6);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).answers);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).master);
}

static void command_bits_rule(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).answers);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).master);
	vtdsim_function_write(fn, CFG_COMMAND, 0x4, 2);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).answers);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).master);
	vtdsim_function_write(fn, CFG_COMMAND, 0x2, 2);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).answers);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).master);
}

static void atomics_switch(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).atomics);
	vtdsim_function_write(fn, CFG_EXPRESS + 0x28, 0x40, 2);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).atomics);
	vtdsim_function_write(fn, CFG_EXPRESS + 0x28, 0x10, 2);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).atomics);
}

static void msi_enable(struct vtdsim_function *fn)
{
	vtdsim_function_write(fn, CFG_COMMAND, 0x6, 2);
	vtdsim_function_write(fn, CFG_MSI + 0x04, 0xfee01004, 4);
	vtdsim_function_write(fn, CFG_MSI + 0x08, 0x12, 4);
	vtdsim_function_write(fn, CFG_MSI + 0x0c, 0x4023, 2);
	vtdsim_function_write(fn, CFG_MSI + 0x02, 0x1, 2);
}

static void flr_resets(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;
	struct vtdsim_function *fresh;

	fresh = kunit_kzalloc(test, sizeof(*fresh), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fresh);
	vtdsim_function_init_endpoint(fresh, &vtdsim_endpoint_own.layout, TEST_BAR);

	msi_enable(fn);
	vtdsim_function_raise(fn);
	vtdsim_function_write(fn, CFG_PASID_CTRL, 0x7, 2);
	vtdsim_function_write(fn, CFG_BAR, 0, 4);
	vtdsim_function_write(fn, CFG_EXPRESS + 0x09, 0x80, 1);

	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).resetting);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).answers);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).master);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).message);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0, 4), 0xffffffff);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 4, 2), 0xffff);
	vtdsim_function_write(fn, CFG_COMMAND, 0x6, 2);

	vtdsim_function_reset_done(fn);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).resetting);
	KUNIT_EXPECT_MEMEQ(test, fn->data, fresh->data, sizeof(fn->data));
	KUNIT_EXPECT_MEMEQ(test, fn->writable, fresh->writable,
			   sizeof(fn->writable));
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_BAR, 4), TEST_BAR);
}

static void flr_bit_reads_zero(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	/* Not the bit: no reset. */
	vtdsim_function_write(fn, CFG_EXPRESS + 0x08, 0x79ff, 2);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).resetting);
	vtdsim_function_write(fn, CFG_EXPRESS + 0x08, 0x8000, 2);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).resetting);
	KUNIT_EXPECT_EQ(test, fn->data[CFG_EXPRESS + 0x09] & 0x80, 0);
}

static void msi_delivers_once(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;
	struct vtdsim_message msg;

	msi_enable(fn);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).message);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_take_message(fn, &msg));
	vtdsim_function_raise(fn);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).message);
	KUNIT_ASSERT_TRUE(test, vtdsim_function_take_message(fn, &msg));
	KUNIT_EXPECT_EQ(test, msg.addr, 0x12fee01004ull);
	KUNIT_EXPECT_EQ(test, msg.data, 0x4023);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_take_message(fn, &msg));
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).message);
}

static void msi_mask_holds_back(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;
	struct vtdsim_message msg;

	msi_enable(fn);
	vtdsim_function_write(fn, CFG_MSI + 0x10, 1, 4);
	vtdsim_function_raise(fn);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_MSI + 0x14, 4), 1);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).message);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_take_message(fn, &msg));
	vtdsim_function_write(fn, CFG_MSI + 0x10, 0, 4);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_function_state(fn).message);
	KUNIT_EXPECT_TRUE(test, vtdsim_function_take_message(fn, &msg));
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_MSI + 0x14, 4), 0);
}

static void msi_disabled_is_lost(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	vtdsim_function_write(fn, CFG_COMMAND, 0x6, 2);
	vtdsim_function_raise(fn);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_MSI + 0x14, 4), 0);

	msi_enable(fn);
	vtdsim_function_write(fn, CFG_MSI + 0x10, 1, 4);
	vtdsim_function_raise(fn);
	vtdsim_function_write(fn, CFG_MSI + 0x02, 0, 2);
	vtdsim_function_write(fn, CFG_MSI + 0x10, 0, 4);
	vtdsim_function_write(fn, CFG_MSI + 0x02, 1, 2);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).message);
}

static void msi_needs_master(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;
	struct vtdsim_message msg;

	msi_enable(fn);
	vtdsim_function_write(fn, CFG_COMMAND, 0x2, 2);
	vtdsim_function_raise(fn);
	vtdsim_function_write(fn, CFG_COMMAND, 0x6, 2);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_take_message(fn, &msg));

	/* Raised while mastering was enabled, but not sent before it was disabled. */
	vtdsim_function_raise(fn);
	vtdsim_function_write(fn, CFG_COMMAND, 0x2, 2);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_take_message(fn, &msg));
	vtdsim_function_write(fn, CFG_COMMAND, 0x6, 2);
	KUNIT_EXPECT_TRUE(test, vtdsim_function_take_message(fn, &msg));
}

static void write_wakes_engine(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	fn->engine = current;
	set_current_state(TASK_IDLE);
	vtdsim_function_write(fn, CFG_COMMAND, 0x2, 2);
	KUNIT_EXPECT_TRUE(test, task_is_running(current));
	__set_current_state(TASK_RUNNING);
}

static void functions_of_a_device(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x0e, 1), 0);
	vtdsim_function_set_place(fn, PCI_EXP_TYPE_RC_END, true, false);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x0e, 1), 0x80);
	/* No PASID: ATS and PRI come first. */
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x100, 4), 0x1081000f);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x108, 4), 0x00010013);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_function_state(fn).pasid);
	vtdsim_function_set_place(fn, PCI_EXP_TYPE_RC_END, true, true);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_PRI, 4) >> 20, 0x120);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x120, 4), 0x0001000d);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x124, 4), 0x0000000c);
	vtdsim_function_write(fn, 0x124, ~0, 4);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x124, 4), 0x000c000c);
	/* Which device a function is of does not change in a reset. */
	vtdsim_function_write(fn, CFG_EXPRESS + 0x08, 0x8000, 2);
	vtdsim_function_reset_done(fn);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x0e, 1), 0x80);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x124, 4), 0x0000000c);
}

static void bridge_is_bare(struct kunit *test)
{
	struct vtdsim_function *fn = test->priv;

	vtdsim_function_init_bridge(fn);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x00, 2), 0x1234);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, 0x08, 4) >> 8, 0x060000);
	for (u32 at = 0; at < 0x1000; at += 4)
		vtdsim_function_write(fn, at, ~0, 4);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, CFG_COMMAND, 4), 0x00000546);
	for (u32 at = 0x10; at < 0x28; at += 4)
		KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, at, 4), 0);
	for (u32 at = 0x30; at < 0x1000; at += 4)
		KUNIT_EXPECT_EQ(test, vtdsim_function_read(fn, at, 4), 0);
}

static struct kunit_case config_space_cases[] = {
	KUNIT_CASE(header_identifies),
	KUNIT_CASE(outside_reads_ones),
	KUNIT_CASE(writes_change_what_they_may),
	KUNIT_CASE(narrow_writes_stay_narrow),
	KUNIT_CASE(bar_sizes_and_stays),
	KUNIT_CASE(capability_list_holds),
	KUNIT_CASE(extended_list_holds),
	KUNIT_CASE(express_is_integrated_endpoint),
	KUNIT_CASE(pasid_switches),
	KUNIT_CASE(power_states),
	KUNIT_CASE(command_bits_rule),
	KUNIT_CASE(atomics_switch),
	KUNIT_CASE(flr_resets),
	KUNIT_CASE(flr_bit_reads_zero),
	KUNIT_CASE(msi_delivers_once),
	KUNIT_CASE(msi_mask_holds_back),
	KUNIT_CASE(msi_disabled_is_lost),
	KUNIT_CASE(msi_needs_master),
	KUNIT_CASE(write_wakes_engine),
	KUNIT_CASE(functions_of_a_device),
	KUNIT_CASE(bridge_is_bare),
	{}
};

static struct kunit_suite config_space_suite = {
	.name = "vtdsim-config-space",
	.init = vtdsim_test_function_init,
	.test_cases = config_space_cases,
};

kunit_test_suite(config_space_suite);
