// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of registers: values after reset, writable bits, and what writes set off.
 * Expected values are numbers of the tests' own.
 */
#include "fixture_cache.h"
#include "fixture_unit.h"

static void reset_values(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	u32 offset;

	for (offset = 0; offset < VTDSIM_REG_BYTES; offset += 8) {
		u64 expect = 0;

		if (offset == 0x00)
			expect = 0x60;
		else if (offset == 0x08)
			expect = TEST_CAP;
		else if (offset == 0x10)
			expect = TEST_ECAP;
		else if (offset == 0x38 || offset == 0xa0)
			expect = 0x80000000;
		KUNIT_EXPECT_EQ_MSG(test, read64(unit, offset), expect,
				    "register %#x", offset);
	}
}

/* What reads after all ones, and after all zeroes, have been written */
static void writable_bits(struct kunit *test)
{
	static const struct {
		u32 offset;
		u32 mask;
	} regs[] = {
		{ 0x20, 0xfffffc00 }, { 0x24, 0xffffffff },	/* RTADDR */
		{ 0x38, 0x80000000 },				/* FECTL */
		{ 0x3c, 0x0000ffff },				/* FEDATA */
		{ 0x40, 0xfffffffc }, { 0x44, 0xffffffff },	/* FEADDR */
		{ 0x88, 0x0007fff0 },				/* IQT */
		{ 0x90, 0xfffff807 }, { 0x94, 0xffffffff },	/* IQA */
		{ 0xa0, 0x80000000 },				/* IECTL */
		{ 0xa4, 0x0000ffff },				/* IEDATA */
		{ 0xa8, 0xfffffffc }, { 0xac, 0xffffffff },	/* IEADDR */
		{ TEST_IOTLB, 0xfffff07f },			/* IVA */
		{ TEST_IOTLB + 4, 0xffffffff },
	};
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		write32(unit, regs[i].offset, ~0);
		KUNIT_EXPECT_EQ_MSG(test, read32(unit, regs[i].offset),
				    regs[i].mask, "register %#x", regs[i].offset);
		write32(unit, regs[i].offset, 0);
		KUNIT_EXPECT_EQ_MSG(test, read32(unit, regs[i].offset), 0,
				    "register %#x", regs[i].offset);
	}
}

/* Everything else: constant registers, status, registers that do not exist. */
static void read_only(struct kunit *test)
{
	static const u32 writable[] = {
		0x20, 0x24, 0x28, 0x2c, 0x38, 0x3c, 0x40, 0x44, 0x88, 0x90,
		0x94, 0xa0, 0xa4, 0xa8, 0xac, TEST_IOTLB, TEST_IOTLB + 4,
		TEST_IOTLB + 8, TEST_IOTLB + 12,
	};
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	unsigned int i;
	u32 offset;

	for (offset = 0; offset < VTDSIM_REG_BYTES; offset += 4) {
		u32 before = read32(unit, offset);

		for (i = 0; i < ARRAY_SIZE(writable); i++)
			if (writable[i] == offset)
				break;
		/* GCMD reads as zero; commands show in GSTS. */
		if (i < ARRAY_SIZE(writable) || offset == 0x18)
			continue;
		write32(unit, offset, ~0);
		KUNIT_EXPECT_EQ_MSG(test, read32(unit, offset), before,
				    "register %#x", offset);
	}
}

static void eight_bytes(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);

	/* One register of 8 bytes, written in halves */
	write64(unit, 0x20, 0x0123456789abcc00);
	KUNIT_EXPECT_EQ(test, read32(unit, 0x20), 0x89abcc00);
	KUNIT_EXPECT_EQ(test, read32(unit, 0x24), 0x01234567);
	write32(unit, 0x24, 0x76543210);
	KUNIT_EXPECT_EQ(test, read64(unit, 0x20), 0x7654321089abcc00);
	write32(unit, 0x20, 0xfedcb800);
	KUNIT_EXPECT_EQ(test, read64(unit, 0x20), 0x76543210fedcb800);

	/* Two registers of 4 bytes, written at once */
	write64(unit, 0x38, 0x0000414100000000);
	KUNIT_EXPECT_EQ(test, read32(unit, 0x38), 0);
	KUNIT_EXPECT_EQ(test, read32(unit, 0x3c), 0x4141);
	write64(unit, 0x40, 0x00000100fee01000);
	KUNIT_EXPECT_EQ(test, read32(unit, 0x40), 0xfee01000);
	KUNIT_EXPECT_EQ(test, read32(unit, 0x44), 0x100);
	KUNIT_EXPECT_EQ(test, read64(unit, 0x40), 0x00000100fee01000);

	/* The command register, with the status register in the upper half */
	write64(unit, 0x18, 0xffffffff00000000 | GCMD_SRTP);
	KUNIT_EXPECT_EQ(test, read64(unit, 0x18), (u64)GCMD_SRTP << 32);
}

static void root_table_pointer(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);

	write64(unit, 0x20, 0x12345400);
	KUNIT_EXPECT_EQ(test, unit->rtaddr, 0);
	KUNIT_EXPECT_EQ(test, read32(unit, 0x1c), 0);

	write32(unit, 0x18, GCMD_SRTP);
	KUNIT_EXPECT_EQ(test, unit->rtaddr, 0x12345400);
	KUNIT_EXPECT_EQ(test, read32(unit, 0x1c), GCMD_SRTP);
	KUNIT_EXPECT_EQ(test, read32(unit, 0x18), 0);

	/* One-shot: a write without the bit changes nothing. */
	write64(unit, 0x20, 0x54321400);
	write32(unit, 0x18, 0);
	KUNIT_EXPECT_EQ(test, unit->rtaddr, 0x12345400);
	KUNIT_EXPECT_EQ(test, read32(unit, 0x1c), GCMD_SRTP);
	write32(unit, 0x18, GCMD_SRTP);
	KUNIT_EXPECT_EQ(test, unit->rtaddr, 0x54321400);
}

static void fill_caches(struct kunit *test, struct vtdsim_unit *unit)
{
	vtdsim_test_add_context(test, unit, 0x10, NULL);
	vtdsim_test_add_pasid(test, unit, 0x10, 1, 2);
	vtdsim_test_add_page(test, unit, VTDSIM_PGTT_FIRST, 2, 1, 0x4000);
	vtdsim_test_add_page(test, unit, VTDSIM_PGTT_SECOND, 3, 0, 0x4000);
}

static void expect_caches(struct kunit *test, struct vtdsim_unit *unit,
			  bool filled)
{
	KUNIT_EXPECT_EQ(test, vtdsim_test_has_context(unit, 0x10), filled);
	KUNIT_EXPECT_EQ(test, vtdsim_test_has_pasid(unit, 0x10, 1), filled);
	KUNIT_EXPECT_EQ(test, vtdsim_test_has_page(unit, VTDSIM_PGTT_FIRST, 2, 1, 0x4000), filled);
	KUNIT_EXPECT_EQ(test, vtdsim_test_has_page(unit, VTDSIM_PGTT_SECOND, 3, 0, 0x4000), filled);
}

static void root_table_invalidates(struct kunit *test)
{
	struct vtdsim_unit *enhanced = vtdsim_test_unit(test);
	struct vtdsim_unit *plain =
		vtdsim_test_unit_with(test, TEST_CAP & ~VTDSIM_CAP_ESRTPS, TEST_ECAP);

	fill_caches(test, enhanced);
	expect_caches(test, enhanced, true);
	write32(enhanced, 0x18, 0);
	expect_caches(test, enhanced, true);
	write32(enhanced, 0x18, GCMD_SRTP);
	expect_caches(test, enhanced, false);

	fill_caches(test, plain);
	write32(plain, 0x18, GCMD_SRTP);
	expect_caches(test, plain, true);
}

/* A unit with scalable mode drops all caches when translation is disabled. */
static void disable_invalidates(struct kunit *test)
{
	struct vtdsim_unit *scalable = vtdsim_test_unit(test);
	struct vtdsim_unit *legacy =
		vtdsim_test_unit_with(test, TEST_CAP, TEST_ECAP & ~VTDSIM_ECAP_SMTS);

	write32(scalable, 0x18, GCMD_SRTP);
	write32(scalable, 0x18, GCMD_TE);
	fill_caches(test, scalable);
	write32(scalable, 0x18, GCMD_TE | GCMD_QIE);
	expect_caches(test, scalable, true);
	write32(scalable, 0x18, GCMD_QIE);
	expect_caches(test, scalable, false);

	/* Translation was not enabled */
	fill_caches(test, scalable);
	write32(scalable, 0x18, 0);
	expect_caches(test, scalable, true);

	write32(legacy, 0x18, GCMD_SRTP);
	write32(legacy, 0x18, GCMD_TE);
	fill_caches(test, legacy);
	write32(legacy, 0x18, 0);
	expect_caches(test, legacy, true);
}

static void translation_enable(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);

	write32(unit, 0x18, GCMD_SRTP);
	write32(unit, 0x18, GCMD_TE);
	KUNIT_EXPECT_EQ(test, read32(unit, 0x1c), GCMD_TE | GCMD_SRTP);
	write32(unit, 0x18, GCMD_TE | GCMD_QIE);
	KUNIT_EXPECT_EQ(test, read32(unit, 0x1c), GCMD_TE | GCMD_SRTP | GCMD_QIE);
	write32(unit, 0x18, GCMD_QIE);
	KUNIT_EXPECT_EQ(test, read32(unit, 0x1c), GCMD_SRTP | GCMD_QIE);
	write32(unit, 0x18, 0);
	KUNIT_EXPECT_EQ(test, read32(unit, 0x1c), GCMD_SRTP);
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 0);
}

/* SFL, EAFL, WBF, IRE, SIRTP and CFI are not supported. */
static void commands_of_absent_features(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	unsigned int bit;

	for (bit = 0; bit < 30; bit++) {
		if (BIT(bit) == GCMD_QIE)
			continue;
		write32(unit, 0x18, BIT(bit));
		KUNIT_EXPECT_EQ_MSG(test, read32(unit, 0x1c), 0, "bit %u", bit);
	}
}

static void command_rules(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);

	/* No root table yet */
	write32(unit, 0x18, GCMD_TE);
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 1);
	write32(unit, 0x18, 0);
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 1);

	/* Two at once, of any kind */
	write32(unit, 0x18, GCMD_SRTP | GCMD_QIE);
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 2);
	write32(unit, 0x18, GCMD_TE);
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 3);

	/* One more, the rest as it is */
	write32(unit, 0x18, GCMD_TE | GCMD_SRTP);
	write32(unit, 0x18, GCMD_TE | GCMD_QIE);
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 3);
}

static void invalidation_by_register(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);

	fill_caches(test, unit);

	/* Context-cache, global: done, at granularity "none" */
	write64(unit, 0x28, 0xb800000000000000);
	KUNIT_EXPECT_EQ(test, read64(unit, 0x28), 0x2000000000000000);
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 1);

	/* Only the half with the request bit starts anything. */
	write32(unit, 0x28, 0xffffffff);
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 1);
	write32(unit, 0x2c, 0x80000000);
	KUNIT_EXPECT_EQ(test, read64(unit, 0x28), 0x00000000ffffffff);
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 2);

	/* IOTLB, global */
	write64(unit, TEST_IOTLB, 0x1000);
	write64(unit, TEST_IOTLB + 8, 0x9603000500000000);
	KUNIT_EXPECT_EQ(test, read64(unit, TEST_IOTLB + 8), 0x1003000500000000);
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 3);
	write32(unit, TEST_IOTLB + 12, 0x10000000);
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 3);

	expect_caches(test, unit, true);
}

static void odd_accesses(struct kunit *test)
{
	static const struct {
		u32 offset;
		unsigned int size;
	} bad[] = {
		{ 0x20, 1 }, { 0x20, 2 }, { 0x20, 16 }, { 0x22, 4 },
		{ 0x24, 8 }, { VTDSIM_REG_BYTES, 4 }, { VTDSIM_REG_BYTES, 8 },
	};
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		vtdsim_reg_write(unit, bad[i].offset, ~0ULL, bad[i].size);
		KUNIT_EXPECT_EQ(test, unit->stats.violations, 2 * i + 1);
		KUNIT_EXPECT_EQ(test, vtdsim_reg_read(unit, bad[i].offset,
						      bad[i].size), ~0ULL);
		KUNIT_EXPECT_EQ(test, unit->stats.violations, 2 * i + 2);
	}
	KUNIT_EXPECT_EQ(test, read64(unit, 0x20), 0);
}

static struct kunit_case regs_cases[] = {
	KUNIT_CASE(reset_values),
	KUNIT_CASE(writable_bits),
	KUNIT_CASE(read_only),
	KUNIT_CASE(eight_bytes),
	KUNIT_CASE(root_table_pointer),
	KUNIT_CASE(root_table_invalidates),
	KUNIT_CASE(disable_invalidates),
	KUNIT_CASE(translation_enable),
	KUNIT_CASE(commands_of_absent_features),
	KUNIT_CASE(command_rules),
	KUNIT_CASE(invalidation_by_register),
	KUNIT_CASE(odd_accesses),
	{}
};

static struct kunit_suite regs_suite = {
	.name = "vtdsim-regs",
	.test_cases = regs_cases,
};

kunit_test_suite(regs_suite);
