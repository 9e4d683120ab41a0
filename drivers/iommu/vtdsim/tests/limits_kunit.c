// SPDX-License-Identifier: GPL-2.0-only
/* Tests of caches with limits: the oldest entry makes room. */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/sizes.h>

#include "cache/internals.h"
#include "fixture_cache.h"
#include "fixture_dma.h"
#include "endpoint/atc.h"
#include "fixture_unit.h"
#include "kunit_case.h"
#include "unit/violation.h"

#define DID	5

/* Which of the first eight pages are there, by bits */
static unsigned int cached_pages(struct vtdsim_unit *unit, enum vtdsim_pgtt pgtt)
{
	unsigned int i, found = 0;

	for (i = 0; i < 8; i++)
		found |= vtdsim_test_has_page(unit, pgtt, DID, 1, i * SZ_4K) << i;
	return found;
}

static void add_page(struct kunit *test, struct vtdsim_unit *unit,
		     enum vtdsim_pgtt pgtt, unsigned int i)
{
	vtdsim_test_add_page(test, unit, pgtt, DID, 1, i * SZ_4K);
}

static void limits_iotlb(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	unsigned int i;

	unit->cache->limits.iotlb = 3;
	for (i = 0; i < 3; i++)
		add_page(test, unit, VTDSIM_PGTT_SECOND, i);
	KUNIT_EXPECT_EQ(test, 0x7, cached_pages(unit, VTDSIM_PGTT_SECOND));
	/* Filling an entry again takes no room, and does not make it younger. */
	add_page(test, unit, VTDSIM_PGTT_SECOND, 0);
	KUNIT_EXPECT_EQ(test, 0x7, cached_pages(unit, VTDSIM_PGTT_SECOND));
	/* The limit is that of all stages together. */
	add_page(test, unit, VTDSIM_PGTT_FIRST, 3);
	KUNIT_EXPECT_EQ(test, 0x6, cached_pages(unit, VTDSIM_PGTT_SECOND));
	KUNIT_EXPECT_EQ(test, 0x8, cached_pages(unit, VTDSIM_PGTT_FIRST));
	add_page(test, unit, VTDSIM_PGTT_SECOND, 4);
	add_page(test, unit, VTDSIM_PGTT_SECOND, 5);
	KUNIT_EXPECT_EQ(test, 0x30, cached_pages(unit, VTDSIM_PGTT_SECOND));
	KUNIT_EXPECT_EQ(test, 0x8, cached_pages(unit, VTDSIM_PGTT_FIRST));
	add_page(test, unit, VTDSIM_PGTT_SECOND, 6);
	KUNIT_EXPECT_EQ(test, 0x70, cached_pages(unit, VTDSIM_PGTT_SECOND));
	KUNIT_EXPECT_EQ(test, 0x0, cached_pages(unit, VTDSIM_PGTT_FIRST));

	/* Invalidated entries leave room. */
	vtdsim_inv_iotlb_pages(unit->cache, DID, 5 * SZ_4K, 0, true);
	add_page(test, unit, VTDSIM_PGTT_SECOND, 7);
	KUNIT_EXPECT_EQ(test, 0xd0, cached_pages(unit, VTDSIM_PGTT_SECOND));
}

/* Pass-through mappings count as well. */
static void limits_pass(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);

	unit->cache->limits.iotlb = 2;
	add_page(test, unit, VTDSIM_PGTT_SECOND, 0);
	vtdsim_cache_add_pass(unit->cache, 0x108, 1, DID, 0);
	vtdsim_cache_add_pass(unit->cache, 0x108, 1, DID, SZ_4K);
	KUNIT_EXPECT_EQ(test, 0x0, cached_pages(unit, VTDSIM_PGTT_SECOND));
	add_page(test, unit, VTDSIM_PGTT_FIRST, 3);
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_find_pass(unit->cache, 0x108, 1, 0));
	KUNIT_EXPECT_TRUE(test, vtdsim_cache_find_pass(unit->cache, 0x108, 1, SZ_4K));
}

/* All violations count, and the log does not get all of very many. */
static void limits_messages(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < 5000; i++) {
		raw_spin_lock_irqsave(&unit->lock, flags);
		vtdsim_violation(unit, "0", "one of very many");
		raw_spin_unlock_irqrestore(&unit->lock, flags);
	}
	KUNIT_EXPECT_EQ(test, 5000, unit->stats.violations);
	KUNIT_EXPECT_LT(test, unit->stats.printed, 5000);
}

static void pasid_cache(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	unsigned int i;

	unit->cache->limits.pasid = 2;
	unit->cache->limits.iotlb = 1;
	for (i = 0; i < 3; i++)
		vtdsim_test_add_pasid(test, unit, 0x108, i, DID);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_pasid(unit, 0x108, 0));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_pasid(unit, 0x108, 1));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_pasid(unit, 0x108, 2));
}

static bool has_psc(struct vtdsim_unit *unit, enum vtdsim_stage stage, u64 addr)
{
	const struct vtdsim_pasid pe = { .did = DID };
	struct vtdsim_psc psc;

	return vtdsim_cache_find_psc(unit->cache, stage, &pe, 1, addr, 2, &psc);
}

static void paging_structures(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	const struct vtdsim_pasid pe = { .did = DID };
	const struct vtdsim_psc psc = { .table = SZ_4K };
	unsigned int i;

	unit->cache->limits.psc = 2;
	for (i = 0; i < 3; i++)
		vtdsim_cache_add_psc(unit->cache, i & 1, &pe, 1, i * SZ_2M, 2,
				     &psc);
	KUNIT_EXPECT_FALSE(test, has_psc(unit, 0, 0));
	KUNIT_EXPECT_TRUE(test, has_psc(unit, 1, SZ_2M));
	KUNIT_EXPECT_TRUE(test, has_psc(unit, 0, 2 * SZ_2M));
}

static void limits_unbounded(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	unsigned int i;

	for (i = 0; i < 1000; i++)
		add_page(test, unit, VTDSIM_PGTT_SECOND, i);
	for (i = 0; i < 1000; i++)
		if (!vtdsim_test_has_page(unit, VTDSIM_PGTT_SECOND, DID, 1, i * SZ_4K))
			KUNIT_FAIL(test, "page %u", i);
}

KUNIT_DEFINE_ACTION_WRAPPER(destroy_atc, vtdsim_atc_destroy, struct vtdsim_atc *);

static void device_tlb(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	struct vtdsim_atc *atc = kunit_kzalloc(test, sizeof(*atc), GFP_KERNEL);
	struct vtdsim_translation t = { .shift = 12, .read = true };
	struct vtdsim_req req = { .read = true };
	const struct vtdsim_devtlb_inv inv = { .addr = 4 * SZ_4K };
	unsigned int i, found = 0;

	KUNIT_ASSERT_NOT_NULL(test, atc);
	vtdsim_atc_init(atc);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, destroy_atc,
							   atc));
	atc->limit = 3;
	for (i = 0; i < 6; i++) {
		/* Page 4 is invalidated, which leaves room for page 5. */
		if (i == 5)
			vtdsim_atc_invalidate(atc, &inv);
		KUNIT_ASSERT_EQ(test, 0, vtdsim_atc_reserve(unit, atc));
		t.in = i * SZ_4K;
		vtdsim_atc_add(atc, &t);
	}
	for (i = 0; i < 6; i++) {
		req.addr = i * SZ_4K;
		found |= vtdsim_atc_find(atc, &req, &t) << i;
	}
	KUNIT_EXPECT_EQ(test, 0x2c, found);
}

/* The smallest caches give the same translations, by more walks. */
static void one_of_each(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *ss = vtdsim_test_page(test), *fs = vtdsim_test_page(test), *page[3], walks;
	struct vtdsim_req req = pasid_req(0, PASID);
	unsigned int i, round;

	d->unit->cache->limits = (struct vtdsim_limits) {
		.iotlb = 1, .pasid = 1, .psc = 1,
	};
	for (i = 0; i < 3; i++) {
		page[i] = vtdsim_test_page(test);
		*page[i] = i + 1;
		vtdsim_test_map_first(d, fs, i * SZ_2M, page[i], FS_URW);
		vtdsim_test_map_identity(test, ss, page[i]);
		vtdsim_test_map_tables(test, ss, fs, i * SZ_2M);
	}
	vtdsim_test_set_nested(d, PASID, DID, virt_to_phys(fs), ss);
	walks = d->unit->stats.walks;
	for (round = 0; round < 3; round++) {
		for (i = 0; i < 3; i++) {
			req.addr = i * SZ_2M;
			KUNIT_EXPECT_EQ(test, i + 1, vtdsim_test_read(d, req));
		}
	}
	KUNIT_EXPECT_EQ(test, walks + 9, d->unit->stats.walks);
	KUNIT_EXPECT_EQ(test, 3, vtdsim_test_read(d, req));
	KUNIT_EXPECT_EQ(test, walks + 9, d->unit->stats.walks);
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.violations);
}

/*
 * Memory of an evicted entry may be freed. Memory of an invalidated entry may not,
 * until the wait.
 */
static void evicted_is_not_held(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);

	unit->cache->limits.iotlb = 1;
	add_page(test, unit, VTDSIM_PGTT_SECOND, 1);
	add_page(test, unit, VTDSIM_PGTT_SECOND, 2);
	vtdsim_rule_freed(unit, SZ_4K, SZ_4K);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);
	vtdsim_inv_iotlb_all(unit->cache);
	vtdsim_rule_freed(unit, 2 * SZ_4K, SZ_4K);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
}

/* Caches that have all the memory they may have evict the oldest entries of all kinds. */
static void all_entries(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	unsigned int i;

	unit->cache->max_entries = 4 * VTDSIM_CACHE_RESERVE;
	vtdsim_test_add_context(test, unit, 0x108, NULL);
	for (i = 0; i < 3 * VTDSIM_CACHE_RESERVE; i++)
		vtdsim_test_add_page(test, unit, VTDSIM_PGTT_SECOND, DID, 1, i * SZ_4K);
	KUNIT_EXPECT_FALSE(test, unit->cache->full);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_has_context(unit, 0x108));
	for (; i < 8 * VTDSIM_CACHE_RESERVE; i++)
		vtdsim_test_add_page(test, unit, VTDSIM_PGTT_SECOND, DID, 1, i * SZ_4K);
	KUNIT_EXPECT_TRUE(test, unit->cache->full);
	KUNIT_EXPECT_EQ(test, unit->cache->entries, 4 * VTDSIM_CACHE_RESERVE);
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_context(unit, 0x108));
	KUNIT_EXPECT_FALSE(test, vtdsim_test_has_page(unit, VTDSIM_PGTT_SECOND, DID, 1, 0));
	for (i -= 2 * VTDSIM_CACHE_RESERVE; i < 8 * VTDSIM_CACHE_RESERVE; i++)
		KUNIT_EXPECT_TRUE(test, vtdsim_test_has_page(unit, VTDSIM_PGTT_SECOND, DID, 1,
							     i * SZ_4K));
}

/* Entries that software has still to invalidate mappings for are not in the way of requests. */
static void owed_entries(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	u64 *table = vtdsim_test_page(test);
	struct vtdsim_pasid pe = { .did = DID, .pgtt = VTDSIM_PGTT_FIRST };
	unsigned int i;

	unit->cache->max_entries = VTDSIM_CACHE_RESERVE;
	for (i = 0; i < VTDSIM_CACHE_RESERVE; i++) {
		pe.at = virt_to_phys(table);
		pe.raw[0] = 1;
		vtdsim_cache_add_pasid(unit->cache, 0x108, i, &pe);
	}
	vtdsim_inv_pasid_all(unit->cache);
	KUNIT_EXPECT_EQ(test, 0, unit->cache->free_count);
	for (i = 0; i < 3 * VTDSIM_CACHE_RESERVE; i++) {
		KUNIT_ASSERT_EQ(test, 0, vtdsim_cache_reserve(unit));
		KUNIT_ASSERT_TRUE(test, vtdsim_cache_ready(unit->cache));
		vtdsim_cache_add_pass(unit->cache, 0x108, 1, DID, i * SZ_4K);
	}
	KUNIT_EXPECT_EQ(test, 2 * VTDSIM_CACHE_RESERVE, unit->cache->entries);
}

/* An entry that software changes and has invalidated again and again is owed once. */
static void owed_once(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	struct vtdsim_pasid pe = { .did = DID, .pgtt = VTDSIM_PGTT_FIRST };
	u64 *table = vtdsim_test_page(test);
	unsigned int i, count;

	count = unit->cache->free_count;
	pe.at = virt_to_phys(table);
	for (i = 0; i < 6; i++) {
		pe.raw[0] = 1 + i % 2;
		vtdsim_cache_add_pasid(unit->cache, 0x108, 1, &pe);
		vtdsim_inv_pasid_all(unit->cache);
	}
	KUNIT_EXPECT_EQ(test, count - 2, unit->cache->free_count);
	vtdsim_inv_iotlb_all(unit->cache);
	KUNIT_EXPECT_EQ(test, count, unit->cache->free_count);
}

static struct kunit_case limits_cases[] = {
	VTDSIM_CASE(limits, iotlb),
	KUNIT_CASE(limits_pass),
	KUNIT_CASE(limits_messages),
	KUNIT_CASE(pasid_cache),
	KUNIT_CASE(paging_structures),
	VTDSIM_CASE(limits, unbounded),
	KUNIT_CASE(device_tlb),
	KUNIT_CASE(one_of_each),
	KUNIT_CASE(evicted_is_not_held),
	KUNIT_CASE(all_entries),
	KUNIT_CASE(owed_entries),
	KUNIT_CASE(owed_once),
	{}
};

static struct kunit_suite limits_suite = {
	.name = "vtdsim-limits",
	.test_cases = limits_cases,
};

kunit_test_suite(limits_suite);
