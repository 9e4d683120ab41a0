// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the rule checker: entries changed while they are present. */
#include <kunit/test.h>
#include <linux/io.h>

#include "fixture_dma.h"

#define DID	5
#define ADDR	0x3000ULL

static struct vtdsim_test_dma *entry_cached(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_cached(test, VTDSIM_PGTT_FIRST, DID, ADDR);

	vtdsim_rule_entries(d->unit);
	KUNIT_ASSERT_EQ(test, 0, d->unit->stats.violations);
	return d;
}

/* Changes within 128 bits are allowed; changes of two such pieces are not. */
static void entry_pieces(struct kunit *test, bool context)
{
	unsigned int qwords = context ? 4 : 8, a, b;

	for (a = 0; a < qwords; a++) {
		for (b = 0; b < qwords; b++) {
			struct vtdsim_test_dma *d = entry_cached(test);
			u64 *e = context ? d->ctx : vtdsim_test_pasid_entry(d, PASID);

			e[a] ^= BIT_ULL(40);
			e[b] ^= BIT_ULL(41);
			vtdsim_rule_entries(d->unit);
			KUNIT_EXPECT_EQ_MSG(test, a / 2 != b / 2, d->unit->stats.violations,
					    "%u and %u", a, b);
			/* Reported once */
			vtdsim_rule_entries(d->unit);
			KUNIT_EXPECT_EQ(test, a / 2 != b / 2, d->unit->stats.violations);
		}
	}
}

static void torn_pasid(struct kunit *test)
{
	entry_pieces(test, false);
}

static void torn_context(struct kunit *test)
{
	entry_pieces(test, true);
}

/* Break-before-make is allowed, and so is a change while the entry is not cached. */
static void not_torn(struct kunit *test)
{
	struct vtdsim_test_dma *d = entry_cached(test);
	u64 *e = vtdsim_test_pasid_entry(d, PASID);

	e[0] &= ~PRESENT;
	vtdsim_rule_entries(d->unit);
	e[2] ^= BIT_ULL(40);
	e[1] ^= 1;
	vtdsim_rule_entries(d->unit);
	vtdsim_inv_pasid_all(d->unit->cache);
	e[0] |= PRESENT;
	vtdsim_rule_entries(d->unit);
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.violations);
}

/* Cleared and set again, but not invalidated in between */
static void torn_without_invalidation(struct kunit *test)
{
	struct vtdsim_test_dma *d = entry_cached(test);
	u64 *e = vtdsim_test_pasid_entry(d, PASID);

	e[0] &= ~PRESENT;
	e[1] ^= 1;
	e[2] ^= BIT_ULL(40);
	e[0] |= PRESENT;
	vtdsim_rule_entries(d->unit);
	KUNIT_EXPECT_EQ(test, 1, d->unit->stats.violations);
}

/* Cached entries without memory behind them are not compared. */
static void no_memory(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
	struct vtdsim_pasid pe = { .did = DID };
	struct vtdsim_context ctx = {};

	vtdsim_cache_add_pasid(unit->cache, SID, 1, &pe);
	vtdsim_cache_add_context(unit->cache, SID, &ctx);
	vtdsim_rule_entries(unit);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);
	vtdsim_cache_destroy(unit->cache);
	unit->cache = NULL;
	vtdsim_rule_entries(unit);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);
}

static struct kunit_case entry_cases[] = {
	KUNIT_CASE(torn_pasid),
	KUNIT_CASE(torn_context),
	KUNIT_CASE(not_torn),
	KUNIT_CASE(torn_without_invalidation),
	KUNIT_CASE(no_memory),
	{}
};

static struct kunit_suite entry_suite = {
	.name = "vtdsim-rules-entry",
	.test_cases = entry_cases,
};

kunit_test_suite(entry_suite);
