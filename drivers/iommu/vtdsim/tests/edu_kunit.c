// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the educational device: its registers, and its DMA. Offsets and values are
 * numbers of the tests' own, from docs/specs/edu of QEMU.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "fixture_kind.h"

#define MSI_ADDR	0xfee01000u
#define MSI_DATA	0x4042u

static int edu_test_init(struct kunit *test)
{
	struct vtdsim_test_kind *k = vtdsim_test_kind_new(test, &vtdsim_endpoint_edu);
	u16 msi = k->ep.fn.msi;

	vtdsim_function_write(&k->ep.fn, msi + 4, MSI_ADDR, 4);
	vtdsim_function_write(&k->ep.fn, msi + 12, MSI_DATA, 2);
	vtdsim_function_write(&k->ep.fn, msi + 2, 1, 2);
	/* Held back, so that the test sees whether it is pending */
	vtdsim_function_write(&k->ep.fn, msi + 16, 1, 4);
	test->priv = k;
	return 0;
}

/* Takes the interrupt that is pending, if there is one. */
static bool edu_interrupted(struct vtdsim_test_kind *k)
{
	struct vtdsim_message msg = {};
	bool any;

	vtdsim_function_write(&k->ep.fn, k->ep.fn.msi + 16, 0, 4);
	any = vtdsim_function_take_message(&k->ep.fn, &msg);
	vtdsim_function_write(&k->ep.fn, k->ep.fn.msi + 16, 1, 4);
	return any && msg.addr == MSI_ADDR && msg.data == MSI_DATA;
}

static void edu_start_dma(struct vtdsim_test_kind *k, u64 from, u64 to, u64 count, u32 command)
{
	writeq(from, k->ep.bar + 0x80);
	writeq(to, k->ep.bar + 0x88);
	writeq(count, k->ep.bar + 0x90);
	bar_write(&k->ep, 0x98, command);
}

static void edu_identifies(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&k->ep.fn, 0, 4), 0x11e81234);
	vtdsim_function_write(&k->ep.fn, 0x10, ~0, 4);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&k->ep.fn, 0x10, 4), 0xfff00000);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&k->ep.fn, 0x100, 4), 0);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0), 0x010000ed);
	bar_write(&k->ep, 0, 0);
	k->ep.kind->publish(&k->ep);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0), 0x010000ed);
}

static void edu_inverts(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	bar_write(&k->ep, 0x04, 0x12345678);
	KUNIT_EXPECT_EQ(test, vtdsim_test_poll(k), 1);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x04), ~0x12345678u);
	bar_write(&k->ep, 0x04, 0x12345678);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x04), ~0x12345678u);
	bar_write(&k->ep, 0x04, 0);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x04), ~0u);
}

static void edu_computes_factorials(struct kunit *test)
{
	static const struct { u32 n, product; } cases[] = {
		{ 5, 120 }, { 1, 1 }, { 12, 479001600 }, { 13, 1932053504 }, { 0, 1 },
		{ 34, 0 }, { 0xffffffff, 0 },
	};
	struct vtdsim_test_kind *k = test->priv;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bar_write(&k->ep, 0x08, cases[i].n);
		vtdsim_test_poll(k);
		KUNIT_EXPECT_EQ_MSG(test, bar_read(&k->ep, 0x08), cases[i].product, "%u!",
				    cases[i].n);
		KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x20), 0);
	}
	KUNIT_EXPECT_FALSE(test, edu_interrupted(k));
}

static void edu_interrupts_after_factorial(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	bar_write(&k->ep, 0x20, 0x80);
	bar_write(&k->ep, 0x08, 6);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x08), 720);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x20), 0x80);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x24), 0x1);
	KUNIT_EXPECT_TRUE(test, edu_interrupted(k));
}

static void edu_raises_and_acknowledges(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	bar_write(&k->ep, 0x60, 0xa0);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x24), 0xa0);
	KUNIT_EXPECT_TRUE(test, edu_interrupted(k));
	/* The same value once more is seen, too. */
	bar_write(&k->ep, 0x60, 0xa0);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_TRUE(test, edu_interrupted(k));
	bar_write(&k->ep, 0x60, 0x03);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x24), 0xa3);
	KUNIT_EXPECT_TRUE(test, edu_interrupted(k));
	bar_write(&k->ep, 0x64, 0x21);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x24), 0x82);
	KUNIT_EXPECT_FALSE(test, edu_interrupted(k));
}

static void edu_moves_both_ways(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;
	const u64 from = TEST_MEMORY + SZ_4K - 100, to = TEST_MEMORY + 3 * SZ_4K - 50;

	for (unsigned int i = 0; i < 600; i++)
		k->memory[SZ_4K - 100 + i] = i * 7 + 1;
	edu_start_dma(k, from, 0x40010, 600, 0x1);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x98), 0);
	KUNIT_EXPECT_FALSE(test, edu_interrupted(k));
	edu_start_dma(k, 0x40010, to, 600, 0x7);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x98), 0x6);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x24), 0x100);
	KUNIT_EXPECT_TRUE(test, edu_interrupted(k));
	KUNIT_EXPECT_MEMEQ(test, k->memory + SZ_4K - 100, k->memory + 3 * SZ_4K - 50, 600);
	KUNIT_EXPECT_EQ(test, k->memory[3 * SZ_4K - 51], 0);
	KUNIT_EXPECT_EQ(test, k->memory[3 * SZ_4K + 550], 0);
	/* The buffer is not part of the BAR. */
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x40010), 0);
}

static void edu_drives_28_bits(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	k->memory[0] = 0x5a;
	edu_start_dma(k, TEST_MEMORY | 0xf70000000ull, 0x40000, 1, 0x1);
	vtdsim_test_poll(k);
	edu_start_dma(k, 0x40000, (TEST_MEMORY + 1) | 0x10000000ull, 1, 0x3);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, k->memory[1], 0x5a);
}

static void edu_stays_in_its_buffer(struct kunit *test)
{
	static const struct { u64 at, count; } outside[] = {
		{ 0x3ffff, 2 }, { 0x40000, 0x1001 }, { 0x40fff, 2 }, { 0x41001, 0 },
		{ 0, 16 }, { 0x40008, ~0ull }, { ~0ull, 2 },
	};
	struct vtdsim_test_kind *k = test->priv;

	for (size_t i = 0; i < ARRAY_SIZE(outside); i++) {
		edu_start_dma(k, TEST_MEMORY, outside[i].at, outside[i].count, 0x1);
		vtdsim_test_poll(k);
		edu_start_dma(k, outside[i].at, TEST_MEMORY, outside[i].count, 0x3);
		vtdsim_test_poll(k);
		KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x98), 0x2);
	}
	KUNIT_EXPECT_EQ(test, k->requests, 0);
	edu_start_dma(k, TEST_MEMORY, 0x40000, 0x1000, 0x1);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, k->requests, 1);
}

static void edu_needs_master(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	vtdsim_function_write(&k->ep.fn, CFG_COMMAND, 0x2, 2);
	edu_start_dma(k, TEST_MEMORY, 0x40000, 16, 0x1);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, k->requests, 0);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x98), 0x1);
	vtdsim_function_write(&k->ep.fn, CFG_COMMAND, 0x6, 2);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, k->requests, 1);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x98), 0);
}

static void edu_rests_in_d3hot(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	bar_write(&k->ep, 0x60, 0x8);
	vtdsim_test_poll(k);
	vtdsim_function_write(&k->ep.fn, k->ep.fn.pm + 4, 3, 2);
	edu_start_dma(k, TEST_MEMORY, 0x40000, 16, 0x1);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&k->ep), VTDSIM_ENDPOINT_OFF);
	vtdsim_function_write(&k->ep.fn, k->ep.fn.pm + 4, 0, 2);
	KUNIT_EXPECT_EQ(test, bar_read(&k->ep, 0x24), 0x8);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, k->requests, 1);
}

static void edu_reset_during_request(struct vtdsim_test_kind *k)
{
	if (k->requests == 1)
		vtdsim_test_flr(k);
}

static void edu_reset_ends_dma(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	bar_write(&k->ep, 0x60, 0x8);
	bar_write(&k->ep, 0x04, 0x1);
	vtdsim_test_poll(k);
	k->during = edu_reset_during_request;
	edu_start_dma(k, TEST_MEMORY + 2048, 0x40000, 4096, 0x5);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, k->requests, 1);
	for (u32 at = 4; at < 0x100; at += 4)
		KUNIT_EXPECT_EQ_MSG(test, bar_read(&k->ep, at), 0, "at %#x", at);
	/* Nothing of the buffer is left. */
	vtdsim_function_write(&k->ep.fn, CFG_COMMAND, 0x6, 2);
	memset(k->memory, 0xee, 16);
	edu_start_dma(k, 0x40000, TEST_MEMORY, 16, 0x3);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, k->memory[0], 0);
	KUNIT_EXPECT_EQ(test, k->memory[15], 0);
}

static struct kunit_case edu_cases[] = {
	KUNIT_CASE(edu_identifies),
	KUNIT_CASE(edu_inverts),
	KUNIT_CASE(edu_computes_factorials),
	KUNIT_CASE(edu_interrupts_after_factorial),
	KUNIT_CASE(edu_raises_and_acknowledges),
	KUNIT_CASE(edu_moves_both_ways),
	KUNIT_CASE(edu_drives_28_bits),
	KUNIT_CASE(edu_stays_in_its_buffer),
	KUNIT_CASE(edu_needs_master),
	KUNIT_CASE(edu_rests_in_d3hot),
	KUNIT_CASE(edu_reset_ends_dma),
	{}
};

static struct kunit_suite edu_suite = {
	.name = "vtdsim-edu",
	.init = edu_test_init,
	.test_cases = edu_cases,
};

kunit_test_suite(edu_suite);
