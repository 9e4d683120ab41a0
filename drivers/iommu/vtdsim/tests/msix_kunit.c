// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of MSI-X: the capability, the table in the BAR, masks, and the Pending Bit
 * Array; and of the names of kinds. Offsets and bits are numbers of the tests' own.
 */
#include <kunit/test.h>

#include "fixture_kind.h"

#define TABLE	0x4000
#define PBA	0x5000

static int msix_test_init(struct kunit *test)
{
	struct vtdsim_test_kind *k = vtdsim_test_kind_new(test, &vtdsim_endpoint_own_msix);

	writel(0xfee01000, k->ep.bar + TABLE);
	writel(0x12, k->ep.bar + TABLE + 4);
	writel(0x89ab4023, k->ep.bar + TABLE + 8);
	test->priv = k;
	return 0;
}

static void msix_control(struct vtdsim_test_kind *k, u16 control)
{
	vtdsim_function_write(&k->ep.fn, k->ep.fn.msix + 2, control, 2);
}

static void msix_mask(struct vtdsim_test_kind *k, u32 mask)
{
	writel(mask, k->ep.bar + TABLE + 12);
}

static bool msix_pending_shown(struct vtdsim_test_kind *k)
{
	vtdsim_msix_publish(&k->ep.fn, k->ep.bar + PBA);
	return readq(k->ep.bar + PBA) == 1;
}

static void msix_capability(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;
	u16 at = k->ep.fn.msix;

	KUNIT_EXPECT_EQ(test, k->ep.fn.msi, 0);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&k->ep.fn, at, 1), 0x11);
	vtdsim_function_write(&k->ep.fn, at, ~0, 4);
	/* One vector; both bits can be set. */
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&k->ep.fn, at + 2, 2), 0xc000);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&k->ep.fn, at + 4, 4), TABLE);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&k->ep.fn, at + 8, 4), PBA);
}

static void msix_delivers_once(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;
	struct vtdsim_message msg;

	msix_control(k, 0x8000);
	msix_mask(k, 0);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_take_message(&k->ep.fn, &msg));
	vtdsim_function_raise(&k->ep.fn);
	KUNIT_ASSERT_TRUE(test, vtdsim_function_take_message(&k->ep.fn, &msg));
	KUNIT_EXPECT_EQ(test, msg.addr, 0x12fee01000ull);
	KUNIT_EXPECT_EQ(test, msg.data, 0x89ab4023);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_take_message(&k->ep.fn, &msg));
}

static void msix_masks_hold_back(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;
	struct vtdsim_message msg;

	/* The vector's mask is set after a reset. */
	msix_control(k, 0x8000);
	KUNIT_EXPECT_FALSE(test, msix_pending_shown(k));
	vtdsim_function_raise(&k->ep.fn);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_take_message(&k->ep.fn, &msg));
	KUNIT_EXPECT_TRUE(test, msix_pending_shown(k));
	msix_control(k, 0xc000);
	msix_mask(k, 0);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_take_message(&k->ep.fn, &msg));
	msix_control(k, 0x8000);
	KUNIT_EXPECT_TRUE(test, vtdsim_function_take_message(&k->ep.fn, &msg));
	KUNIT_EXPECT_FALSE(test, msix_pending_shown(k));
}

static void msix_disabled_is_lost(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;
	struct vtdsim_message msg;

	msix_mask(k, 0);
	vtdsim_function_raise(&k->ep.fn);
	msix_control(k, 0x8000);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_take_message(&k->ep.fn, &msg));
	msix_mask(k, 1);
	vtdsim_function_raise(&k->ep.fn);
	msix_control(k, 0);
	msix_mask(k, 0);
	msix_control(k, 0x8000);
	KUNIT_EXPECT_FALSE(test, vtdsim_function_take_message(&k->ep.fn, &msg));
}

static void msix_reset_masks(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	msix_control(k, 0x8000);
	vtdsim_function_raise(&k->ep.fn);
	vtdsim_test_flr(k);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_FALSE(test, msix_pending_shown(k));
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&k->ep.fn, k->ep.fn.msix + 2, 2), 0);
	for (u32 at = 0; at < 12; at += 4)
		KUNIT_EXPECT_EQ(test, readl(k->ep.bar + TABLE + at), 0);
	KUNIT_EXPECT_EQ(test, readl(k->ep.bar + TABLE + 12), 1);
}

static void kinds_have_names(struct kunit *test)
{
	KUNIT_EXPECT_PTR_EQ(test, vtdsim_endpoint_kind_find("own"), &vtdsim_endpoint_own);
	KUNIT_EXPECT_PTR_EQ(test, vtdsim_endpoint_kind_find("own-msix"), &vtdsim_endpoint_own_msix);
	KUNIT_EXPECT_PTR_EQ(test, vtdsim_endpoint_kind_find("edu"), &vtdsim_endpoint_edu);
	KUNIT_EXPECT_PTR_EQ(test, vtdsim_endpoint_kind_find("ioat"), &vtdsim_endpoint_ioat);
	KUNIT_EXPECT_NULL(test, vtdsim_endpoint_kind_find("ow"));
	KUNIT_EXPECT_NULL(test, vtdsim_endpoint_kind_find(""));
}

static struct kunit_case msix_cases[] = {
	KUNIT_CASE(msix_capability),
	KUNIT_CASE(msix_delivers_once),
	KUNIT_CASE(msix_masks_hold_back),
	KUNIT_CASE(msix_disabled_is_lost),
	KUNIT_CASE(msix_reset_masks),
	KUNIT_CASE(kinds_have_names),
	{}
};

static struct kunit_suite msix_suite = {
	.name = "vtdsim-msix",
	.init = msix_test_init,
	.test_cases = msix_cases,
};

kunit_test_suite(msix_suite);
