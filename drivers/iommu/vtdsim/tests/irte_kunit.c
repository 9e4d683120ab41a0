// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of decoding interrupt requests and interrupt remapping table entries. They are
 * plain numbers here, counted out from sections 5.1.2 and 9.10 of the VT-d specification.
 */
#include <kunit/test.h>
#include <linux/bits.h>

#include "kunit_case.h"
#include "remap/irte.h"
#include "unit/interrupts.h"

static void irte_request_format(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, vtdsim_interrupt_is_remappable(0xfee00000));
	KUNIT_EXPECT_FALSE(test, vtdsim_interrupt_is_remappable(0xfeefffef));
	KUNIT_EXPECT_TRUE(test, vtdsim_interrupt_is_remappable(0xfee00010));
}

static void irte_request_index(struct kunit *test)
{
	unsigned int bit;

	for (bit = 0; bit < 15; bit++)
		KUNIT_EXPECT_EQ(test, BIT(bit),
				vtdsim_interrupt_index(0xfee00010 | BIT(5 + bit), 0));
	KUNIT_EXPECT_EQ(test, 0x8000, vtdsim_interrupt_index(0xfee00014, 0));
	KUNIT_EXPECT_EQ(test, 0xffff, vtdsim_interrupt_index(0xfeeffff7, ~0));

	/* With a subhandle: the sum, which may leave the 16 bits */
	KUNIT_EXPECT_EQ(test, 7, vtdsim_interrupt_index(0xfee00018 | 4 << 5, 3));
	KUNIT_EXPECT_EQ(test, 0x1fffe, vtdsim_interrupt_index(0xfeefffff, 0xffff));
	KUNIT_EXPECT_EQ(test, 4, vtdsim_interrupt_index(0xfee00010 | 4 << 5, 3));
}

static void irte_request_reserved(struct kunit *test)
{
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		KUNIT_EXPECT_FALSE(test, vtdsim_interrupt_has_reserved(0xfee00010, BIT(bit)));
		KUNIT_EXPECT_EQ(test, bit >= 16,
				vtdsim_interrupt_has_reserved(0xfee00018, BIT(bit)));
	}
}

/* Is a bit reserved in a present entry of the remapped format, without posted interrupts? */
static bool irte_reserves(unsigned int bit, bool extended)
{
	if (bit >= 12 && bit <= 15)
		return true;
	if (bit >= 24 && bit <= 31)
		return true;
	if (bit >= 32 && bit <= 63)
		return !extended && (bit < 40 || bit > 47);
	return bit >= 84;
}

static void irte_reserved_bits(struct kunit *test)
{
	struct vtdsim_irte e;
	unsigned int bit;
	int extended;

	for (extended = 0; extended < 2; extended++) {
		for (bit = 1; bit < 128; bit++) {
			e = (struct vtdsim_irte) { { 1 } };
			e.q[bit / 64] |= BIT_ULL(bit % 64);
			KUNIT_EXPECT_EQ_MSG(test, irte_reserves(bit, extended) ? 0x24 : 0,
					    vtdsim_irte_check(&e, extended), "bit %u", bit);
			e.q[0] &= ~1ULL;
			KUNIT_EXPECT_EQ(test, 0x22, vtdsim_irte_check(&e, extended));
		}
	}
}

static void irte_quiet(struct kunit *test)
{
	struct vtdsim_irte e = { { 2 } };

	KUNIT_EXPECT_TRUE(test, vtdsim_irte_is_quiet(&e));
	e.q[0] = ~2ULL;
	KUNIT_EXPECT_FALSE(test, vtdsim_irte_is_quiet(&e));
}

/* SVT in bits 83:82, SQ in bits 81:80, SID in bits 79:64 */
static bool irte_test_admits(unsigned int svt, unsigned int sq, u16 sid, u16 requester)
{
	const struct vtdsim_irte e = { { 1, svt << 18 | sq << 16 | sid } };

	return vtdsim_irte_admits(&e, requester);
}

static void irte_source(struct kunit *test)
{
	static const u16 ignored[] = { 0, 4, 6, 7 };
	unsigned int sq, bit;

	for (sq = 0; sq < 4; sq++) {
		KUNIT_EXPECT_TRUE(test, irte_test_admits(1, sq, 0x1234, 0x1234));
		for (bit = 0; bit < 16; bit++) {
			u16 other = 0x1234 ^ BIT(bit);

			KUNIT_EXPECT_EQ_MSG(test, !!(ignored[sq] & BIT(bit)),
					    irte_test_admits(1, sq, 0x1234, other),
					    "SQ %u bit %u", sq, bit);
			KUNIT_EXPECT_TRUE(test, irte_test_admits(0, sq, 0x1234, other));
			KUNIT_EXPECT_FALSE(test, irte_test_admits(3, sq, 0x1234, other));
		}
		KUNIT_EXPECT_FALSE(test, irte_test_admits(3, sq, 0x1234, 0x1234));
	}
}

static void irte_source_bus(struct kunit *test)
{
	/* From bus 0x12 to bus 0x14 */
	KUNIT_EXPECT_FALSE(test, irte_test_admits(2, 0, 0x1214, 0x11ff));
	KUNIT_EXPECT_TRUE(test, irte_test_admits(2, 0, 0x1214, 0x1200));
	KUNIT_EXPECT_TRUE(test, irte_test_admits(2, 0, 0x1214, 0x1355));
	KUNIT_EXPECT_TRUE(test, irte_test_admits(2, 0, 0x1214, 0x14ff));
	KUNIT_EXPECT_FALSE(test, irte_test_admits(2, 0, 0x1214, 0x1500));
}

static void irte_fields(struct kunit *test)
{
	const struct vtdsim_irte none = { { 1 } };
	struct vtdsim_irte e = { { 1 | 0xabULL << 16 } };
	struct vtdsim_interrupt irq;

	vtdsim_irte_decode(&e, false, &irq);
	KUNIT_EXPECT_EQ(test, 0xab, irq.vector);
	KUNIT_EXPECT_EQ(test, 0, irq.dest);
	KUNIT_EXPECT_EQ(test, 0, irq.delivery);
	KUNIT_EXPECT_FALSE(test, irq.logical);
	KUNIT_EXPECT_FALSE(test, irq.level);

	e.q[0] = none.q[0] | BIT(2);
	vtdsim_irte_decode(&e, false, &irq);
	KUNIT_EXPECT_TRUE(test, irq.logical);
	KUNIT_EXPECT_FALSE(test, irq.level);
	e.q[0] = none.q[0] | BIT(4);
	vtdsim_irte_decode(&e, false, &irq);
	KUNIT_EXPECT_TRUE(test, irq.level);
	KUNIT_EXPECT_FALSE(test, irq.logical);
	e.q[0] = none.q[0] | 5 << 5;
	vtdsim_irte_decode(&e, false, &irq);
	KUNIT_EXPECT_EQ(test, 5, irq.delivery);
	KUNIT_EXPECT_EQ(test, 0, irq.vector);

	e.q[0] = none.q[0] | 0x12345678ULL << 32;
	vtdsim_irte_decode(&e, true, &irq);
	KUNIT_EXPECT_EQ(test, 0x12345678, irq.dest);
	e.q[0] = none.q[0] | 0x9eULL << 40;
	vtdsim_irte_decode(&e, false, &irq);
	KUNIT_EXPECT_EQ(test, 0x9e, irq.dest);
}

static struct kunit_case irte_cases[] = {
	VTDSIM_CASE(irte, request_format),
	VTDSIM_CASE(irte, request_index),
	VTDSIM_CASE(irte, request_reserved),
	VTDSIM_CASE(irte, reserved_bits),
	VTDSIM_CASE(irte, quiet),
	VTDSIM_CASE(irte, source),
	VTDSIM_CASE(irte, source_bus),
	VTDSIM_CASE(irte, fields),
	{}
};

static struct kunit_suite irte_suite = {
	.name = "vtdsim-irte",
	.test_cases = irte_cases,
};

kunit_test_suite(irte_suite);
