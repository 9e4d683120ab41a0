// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the interrupt entry cache: what stays until software invalidates it, the
 * commands and descriptors that do, and the rules.
 */
#include <linux/io.h>
#include <linux/sizes.h>

#include "fixture_remap.h"
#include "kunit_case.h"
#include "queue/power.h"
#include "remap/entry_cache.h"
#include "rules/rules.h"

/* Descriptors of section 6.5.2: all entries, or those of an index without its low bits */
#define DESC_IEC		0x4ULL
#define DESC_IEC_INDEX(index, mask) (0x14ULL | (u64)(mask) << 27 | (u64)(index) << 32)
#define IEC_MHMV		3

/* Vector of an entry before and after it was changed */
#define OLD			0x41ULL
#define NEW			0x42ULL
#define CACHED			16

/* Entries 0 to CACHED - 1 are cached, and have changed since. */
static void remap_make_stale(struct kunit *test)
{
	struct remap_test *t = test->priv;
	unsigned int i;

	vtdsim_test_descriptor(t->unit, DESC_IEC, 0);
	for (i = 0; i < CACHED; i++) {
		t->table[i].q[0] = ENTRY(OLD);
		KUNIT_EXPECT_EQ(test, OLD, vtdsim_test_remap_send(t, HANDLE(i), 0));
		t->table[i].q[0] = ENTRY(NEW);
	}
}

static void remap_expect_stale(struct kunit *test, u32 stale)
{
	unsigned int i;

	for (i = 0; i < CACHED; i++)
		KUNIT_EXPECT_EQ_MSG(test, stale & BIT(i) ? OLD : NEW,
				    vtdsim_test_remap_send(test->priv, HANDLE(i), 0),
				    "entry %u", i);
}

static void remap_invalidate(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, ECAP_MHMV(IEC_MHMV), 0);

	remap_make_stale(test);
	remap_expect_stale(test, 0xffff);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_descriptor(t->unit, DESC_IEC_INDEX(5, 0), 0));
	remap_expect_stale(test, 0xffdf);
	/* The low bits of the index do not count. */
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_descriptor(t->unit, DESC_IEC_INDEX(10, 2), 0));
	remap_expect_stale(test, 0xf0df);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_descriptor(t->unit, DESC_IEC_INDEX(0, 3), 0));
	remap_expect_stale(test, 0xf000);
	/* Nothing is there. */
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_descriptor(t->unit, DESC_IEC_INDEX(0x400c, 0), 0));
	remap_expect_stale(test, 0xf000);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_descriptor(t->unit, DESC_IEC, 0));
	remap_expect_stale(test, 0);
	KUNIT_EXPECT_EQ(test, 0, t->unit->stats.faults);
}

/* Entries that share a place take it from each other. */
static void remap_shared_place(struct kunit *test)
{
	const u32 one = 3, other = one + VTDSIM_IRTE_CACHE;
	struct vtdsim_irte_cache *c = vtdsim_irte_cache_create();
	struct vtdsim_irte irte = { .q[0] = ENTRY(OLD) };

	KUNIT_ASSERT_NOT_NULL(test, c);
	vtdsim_irte_cache_add(c, one, &irte);
	KUNIT_EXPECT_FALSE(test, vtdsim_irte_cache_find(c, other, &irte));
	vtdsim_irte_cache_add(c, other, &irte);
	KUNIT_EXPECT_TRUE(test, vtdsim_irte_cache_find(c, other, &irte));
	KUNIT_EXPECT_FALSE(test, vtdsim_irte_cache_find(c, one, &irte));
	vtdsim_irte_cache_destroy(c);
}

static void remap_without_power(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, 0, 0);
	struct vtdsim_irte irte;

	t->table[0].q[0] = ENTRY(OLD);
	KUNIT_EXPECT_EQ(test, OLD, vtdsim_test_remap_send(t, HANDLE(0), 0));
	KUNIT_EXPECT_TRUE(test, vtdsim_irte_cache_find(t->unit->irtes, 0, &irte));
	vtdsim_unit_lose_power(t->unit);
	KUNIT_EXPECT_FALSE(test, vtdsim_irte_cache_find(t->unit->irtes, 0, &irte));
}

/* A handle that was given back works as long as it is cached, for whom it was given to. */
static void remap_removed(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, 0, 0);

	t->table[5] = (struct vtdsim_irte) { { ENTRY(OLD), SOURCE(REMAP_SID) } };
	KUNIT_EXPECT_EQ(test, OLD, vtdsim_test_remap_send(t, HANDLE(5), 0));
	t->table[5] = (struct vtdsim_irte) {};
	KUNIT_EXPECT_EQ(test, OLD, vtdsim_test_remap_send(t, HANDLE(5), 0));
	vtdsim_test_remap_send_from(t, REMAP_OTHER, HANDLE(5), 0);
	KUNIT_EXPECT_EQ(test, 0x26, t->out.reason);
	vtdsim_test_descriptor(t->unit, DESC_IEC_INDEX(5, 0), 0);
	vtdsim_test_remap_blocked(test, HANDLE(5), 0, 0x22);
}

/* What causes a fault is not cached: software need not invalidate it to make it valid. */
static void remap_not_cached(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, 0, 0);

	vtdsim_test_remap_blocked(test, HANDLE(5), 0, 0x22);
	t->table[5].q[0] = ENTRY(OLD) | BIT(24);
	vtdsim_test_remap_blocked(test, HANDLE(5), 0, 0x24);
	t->table[5] = (struct vtdsim_irte) { { ENTRY(NEW), SOURCE(REMAP_OTHER) } };
	vtdsim_test_remap_blocked(test, HANDLE(5), 0, 0x26);
	t->table[5] = (struct vtdsim_irte) { { ENTRY(OLD), SOURCE(REMAP_SID) } };
	KUNIT_EXPECT_EQ(test, OLD, vtdsim_test_remap_send(t, HANDLE(5), 0));
}

static void remap_descriptor_errors(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, ECAP_MHMV(IEC_MHMV), 0);
	struct vtdsim_unit *without = vtdsim_test_unit(test);
	unsigned int bit;

	for (bit = 5; bit < 64; bit++) {
		/* 11:9 are part of the type. */
		bool type = bit >= 9 && bit <= 11;
		bool field = (bit >= 27 && bit <= 31) || (bit >= 32 && bit <= 47);

		KUNIT_EXPECT_EQ_MSG(test, type ? 3 : field ? 0 : 4,
				    vtdsim_test_descriptor(t->unit, DESC_IEC | BIT_ULL(bit), 0),
				    "bit %u", bit);
	}
	for (bit = 0; bit < 64; bit++)
		KUNIT_EXPECT_EQ(test, 4, vtdsim_test_descriptor(t->unit, DESC_IEC, BIT_ULL(bit)));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_descriptor(t->unit, DESC_IEC_INDEX(0, 3), 0));
	KUNIT_EXPECT_EQ(test, 4, vtdsim_test_descriptor(t->unit, DESC_IEC_INDEX(0, 4), 0));
	KUNIT_EXPECT_EQ(test, 3, vtdsim_test_descriptor(without, DESC_IEC, 0));
}

/* ESIRTPS: a new table, and the end of remapping, invalidate all entries. */
static void remap_enhanced(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, CAP_ESIRTPS, 0, 0);

	remap_make_stale(test);
	vtdsim_test_remap_command(t->unit, GCMD_SIRTP, 0);
	remap_expect_stale(test, 0);
	remap_make_stale(test);
	vtdsim_test_remap_command(t->unit, 0, GCMD_IRE);
	vtdsim_test_remap_command(t->unit, GCMD_IRE, 0);
	remap_expect_stale(test, 0);

	t = vtdsim_test_remap_enabled(test, 0, 0, 0);
	remap_make_stale(test);
	vtdsim_test_remap_command(t->unit, GCMD_SIRTP, 0);
	vtdsim_test_remap_command(t->unit, 0, GCMD_IRE);
	vtdsim_test_remap_command(t->unit, GCMD_IRE, 0);
	remap_expect_stale(test, 0xffff);
}

static void remap_status(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, 0, 0);

	vtdsim_test_remap_command(t->unit, GCMD_CFI, 0);
	KUNIT_EXPECT_EQ(test, GCMD_IRE | GCMD_SIRTP | GCMD_CFI, read32(t->unit, GSTS));
	vtdsim_test_remap_command(t->unit, 0, GCMD_IRE);
	KUNIT_EXPECT_EQ(test, GCMD_SIRTP | GCMD_CFI, read32(t->unit, GSTS));
	KUNIT_EXPECT_EQ(test, 0, t->unit->stats.violations);
	/* Reserved bits of the register stay clear. */
	write64(t->unit, IRTA, ~0ULL);
	KUNIT_EXPECT_EQ(test, 0xfffffffffffff00fULL, read64(t->unit, IRTA));
	/* One of them is there with Extended Interrupt Mode. */
	t = vtdsim_test_remap_enabled(test, 0, ECAP_EIM, 0);
	write64(t->unit, IRTA, ~0ULL);
	KUNIT_EXPECT_EQ(test, 0xfffffffffffff80fULL, read64(t->unit, IRTA));
}

static void remap_command_rules(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_new(test, 0, 0);

	/* No table yet */
	vtdsim_test_remap_command(t->unit, GCMD_IRE, 0);
	KUNIT_EXPECT_EQ(test, 1, t->unit->stats.violations);
	vtdsim_test_remap_command(t->unit, GCMD_CFI | GCMD_SIRTP, 0);
	KUNIT_EXPECT_EQ(test, 2, t->unit->stats.violations);
	vtdsim_test_remap_command(t->unit, 0, GCMD_CFI | GCMD_IRE);
	KUNIT_EXPECT_EQ(test, 3, t->unit->stats.violations);
}

/* Recording starts over when neither requests nor interrupts can fault any more. */
static void remap_fault_index(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, 0, 0);

	write64(t->unit, RTADDR, RTADDR_SCALABLE);
	vtdsim_test_remap_command(t->unit, GCMD_SRTP, 0);
	vtdsim_test_remap_command(t->unit, GCMD_TE, 0);
	vtdsim_test_remap_blocked(test, HANDLE(4), 0, 0x22);
	KUNIT_EXPECT_EQ(test, 1, t->unit->fault_next);
	vtdsim_test_remap_command(t->unit, 0, GCMD_TE);
	KUNIT_EXPECT_EQ(test, 1, t->unit->fault_next);
	vtdsim_test_remap_command(t->unit, GCMD_TE, 0);
	vtdsim_test_remap_command(t->unit, 0, GCMD_IRE);
	KUNIT_EXPECT_EQ(test, 1, t->unit->fault_next);
	vtdsim_test_remap_command(t->unit, 0, GCMD_TE);
	KUNIT_EXPECT_EQ(test, 0, t->unit->fault_next);
}

static void remap_audit(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, 0, 0);

	vtdsim_reg_set32(t->unit, GSTS, GCMD_TE | GCMD_IRE | GCMD_SIRTP);
	t->table[5].q[0] = ENTRY(OLD);
	KUNIT_EXPECT_EQ(test, OLD, vtdsim_test_remap_send(t, HANDLE(5), 0));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(t->unit));
	t->table[5].q[0] = 0;
	KUNIT_EXPECT_EQ(test, 1, vtdsim_audit(t->unit));
	t->table[5] = (struct vtdsim_irte) { { ENTRY(OLD), SOURCE(REMAP_SID) } };
	KUNIT_EXPECT_EQ(test, 1, vtdsim_audit(t->unit));
	vtdsim_test_descriptor(t->unit, DESC_IEC_INDEX(5, 0), 0);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(t->unit));
}

static void remap_freed(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, 0, 0);
	u64 table = virt_to_phys(t->table);

	vtdsim_rule_freed(t->unit, table + SZ_4K, SZ_4K);
	KUNIT_EXPECT_EQ(test, 0, t->unit->stats.violations);
	vtdsim_rule_freed(t->unit, table, SZ_4K);
	KUNIT_EXPECT_EQ(test, 1, t->unit->stats.violations);
	/* 512 entries */
	vtdsim_test_remap_set_table(t, table | (REMAP_SIZE + 1));
	vtdsim_rule_freed(t->unit, table + SZ_4K, SZ_4K);
	KUNIT_EXPECT_EQ(test, 2, t->unit->stats.violations);
	vtdsim_test_remap_command(t->unit, 0, GCMD_IRE);
	vtdsim_rule_freed(t->unit, table, SZ_4K);
	KUNIT_EXPECT_EQ(test, 2, t->unit->stats.violations);
}

static struct kunit_case remap_cache_cases[] = {
	VTDSIM_CASE(remap, invalidate),
	VTDSIM_CASE(remap, shared_place),
	VTDSIM_CASE(remap, without_power),
	VTDSIM_CASE(remap, removed),
	VTDSIM_CASE(remap, not_cached),
	VTDSIM_CASE(remap, descriptor_errors),
	VTDSIM_CASE(remap, enhanced),
	VTDSIM_CASE(remap, status),
	VTDSIM_CASE(remap, command_rules),
	VTDSIM_CASE(remap, fault_index),
	VTDSIM_CASE(remap, audit),
	VTDSIM_CASE(remap, freed),
	{}
};

static struct kunit_suite remap_cache_suite = {
	.name = "vtdsim-remap-cache",
	.test_cases = remap_cache_cases,
};

kunit_test_suite(remap_cache_suite);
