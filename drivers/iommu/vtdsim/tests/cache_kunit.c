// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the translation caches: what a look-up finds, and what each
 * granularity of invalidation takes and leaves (sections 6.2 and 6.5.2).
 */
#include <kunit/test.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "cache/internals.h"
#include "fixture_dma.h"

static struct vtdsim_pasid pe_of(u8 pgtt, u16 did)
{
	return (struct vtdsim_pasid){ .pgtt = pgtt, .did = did };
}

static void add_map(struct kunit *test, struct vtdsim_unit *unit, u8 pgtt, u16 did, u32 pasid,
		    u64 in, u8 shift, u64 out)
{
	struct vtdsim_pasid pe = pe_of(pgtt, did);
	struct vtdsim_map map = { .in = in, .out = out, .shift = shift };

	KUNIT_ASSERT_EQ(test, 0, vtdsim_cache_reserve(unit));
	vtdsim_cache_add_iotlb(unit->cache, &pe, pasid, &map);
}

/* The output address found, or 0: none of the tests maps to 0. */
static u64 find_map(struct vtdsim_unit *unit, u8 pgtt, u16 did, u32 pasid,
		    u64 addr)
{
	struct vtdsim_pasid pe = pe_of(pgtt, did);
	struct vtdsim_map map;

	if (!vtdsim_cache_find_iotlb(unit->cache, &pe, pasid, addr, &map))
		return 0;
	return map.out;
}

/* ---- what a look-up finds ---- */

static void tags_context(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
	struct vtdsim_context ctx = { .pasid_dir = 0x1000, .rid_pasid = 7 };
	struct vtdsim_context found;

	KUNIT_EXPECT_FALSE(test, vtdsim_cache_find_context(unit->cache, 0x108,
							   &found));
	vtdsim_cache_add_context(unit->cache, 0x108, &ctx);
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_find_context(unit->cache, 0x109,
							   &found));
	KUNIT_ASSERT_TRUE(test, vtdsim_cache_find_context(unit->cache, 0x108,
							  &found));
	KUNIT_EXPECT_MEMEQ(test, &ctx, &found, sizeof(ctx));
}

static void tags_pasid(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
	struct vtdsim_pasid pe = { .did = 3, .ss_root = 0x5000 };
	struct vtdsim_pasid found;

	vtdsim_cache_add_pasid(unit->cache, 0x108, 9, &pe);
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_find_pasid(unit->cache, 0x109, 9,
							 &found));
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_find_pasid(unit->cache, 0x108, 8,
							 &found));
	KUNIT_ASSERT_TRUE(test, vtdsim_cache_find_pasid(unit->cache, 0x108, 9,
							&found));
	KUNIT_EXPECT_MEMEQ(test, &pe, &found, sizeof(pe));
}

static void tags_iotlb(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);

	add_map(test, unit, VTDSIM_PGTT_SECOND, 5, 1, SZ_2M, 12, 0xa000);
	add_map(test, unit, VTDSIM_PGTT_FIRST, 6, 1, SZ_2M, 12, 0xb000);
	add_map(test, unit, VTDSIM_PGTT_NESTED, 7, 1, SZ_2M, 12, 0xc000);

	/* Only that PASID of the domain, whatever the type */
	KUNIT_EXPECT_EQ(test, 0xa000,
			find_map(unit, VTDSIM_PGTT_SECOND, 5, 1, SZ_2M));
	KUNIT_EXPECT_EQ(test, 0,
			find_map(unit, VTDSIM_PGTT_SECOND, 5, 2, SZ_2M));
	KUNIT_EXPECT_EQ(test, 0,
			find_map(unit, VTDSIM_PGTT_SECOND, 6, 1, SZ_2M));
	KUNIT_EXPECT_EQ(test, 0,
			find_map(unit, VTDSIM_PGTT_SECOND, 7, 1, SZ_2M));

	KUNIT_EXPECT_EQ(test, 0,
			find_map(unit, VTDSIM_PGTT_FIRST, 5, 1, SZ_2M));
	KUNIT_EXPECT_EQ(test, 0,
			find_map(unit, VTDSIM_PGTT_FIRST, 6, 2, SZ_2M));
	KUNIT_EXPECT_EQ(test, 0,
			find_map(unit, VTDSIM_PGTT_NESTED, 7, 2, SZ_2M));
	KUNIT_EXPECT_EQ(test, 0xb000,
			find_map(unit, VTDSIM_PGTT_FIRST, 6, 1, SZ_2M));
	KUNIT_EXPECT_EQ(test, 0xc000,
			find_map(unit, VTDSIM_PGTT_NESTED, 7, 1, SZ_2M));
	/* The tags do not tell the two apart */
	KUNIT_EXPECT_EQ(test, 0xb000,
			find_map(unit, VTDSIM_PGTT_NESTED, 6, 1, SZ_2M));
}

static bool find_psc(struct vtdsim_unit *unit, enum vtdsim_stage stage, u8 pgtt,
		     u16 did, u32 pasid, u64 addr, int level, u64 *table)
{
	struct vtdsim_pasid pe = pe_of(pgtt, did);
	struct vtdsim_psc psc;

	if (!vtdsim_cache_find_psc(unit->cache, stage, &pe, pasid, addr, level,
				   &psc))
		return false;
	*table = psc.table;
	return true;
}

static void tags_psc(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
	struct vtdsim_pasid pe = pe_of(VTDSIM_PGTT_NESTED, 5);
	struct vtdsim_psc second = { .table = 0x1000 };
	struct vtdsim_psc first = { .table = 0x2000 };
	const u64 at = SZ_1G + SZ_2M;
	u64 table;
	int level;

	vtdsim_cache_add_psc(unit->cache, VTDSIM_STAGE_SECOND, &pe, 1, at, 2,
			     &second);
	vtdsim_cache_add_psc(unit->cache, VTDSIM_STAGE_FIRST, &pe, 1, at, 2,
			     &first);

	/* The second stage is shared with second-stage-only translation */
	KUNIT_ASSERT_TRUE(test, find_psc(unit, VTDSIM_STAGE_SECOND,
					 VTDSIM_PGTT_SECOND, 5, 9,
					 at + SZ_2M - 1, 2, &table));
	KUNIT_EXPECT_EQ(test, 0x1000, table);
	KUNIT_ASSERT_TRUE(test, find_psc(unit, VTDSIM_STAGE_FIRST,
					 VTDSIM_PGTT_NESTED, 5, 1,
					 at + SZ_2M - 1, 2, &table));
	KUNIT_EXPECT_EQ(test, 0x2000, table);

	KUNIT_EXPECT_FALSE(test, find_psc(unit, VTDSIM_STAGE_SECOND,
					  VTDSIM_PGTT_NESTED, 6, 1, at, 2,
					  &table));
	KUNIT_EXPECT_FALSE(test, find_psc(unit, VTDSIM_STAGE_FIRST,
					  VTDSIM_PGTT_NESTED, 5, 2, at, 2,
					  &table));
	KUNIT_EXPECT_FALSE(test, find_psc(unit, VTDSIM_STAGE_SECOND,
					  VTDSIM_PGTT_NESTED, 5, 1, at + SZ_2M,
					  2, &table));
	for (level = 3; level <= 5; level++)
		KUNIT_EXPECT_FALSE(test, find_psc(unit, VTDSIM_STAGE_SECOND,
						  VTDSIM_PGTT_NESTED, 5, 1, at,
						  level, &table));
}

/* A cached entry of each level covers what its table maps, and no more. */
static void psc_reach(struct kunit *test)
{
	static const u64 bytes[] = { SZ_2M, SZ_1G, 512ULL * SZ_1G,
				     512ULL * 512 * SZ_1G };
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
	struct vtdsim_pasid pe = pe_of(VTDSIM_PGTT_SECOND, 5);
	struct vtdsim_psc psc = { .table = 0x1000 };
	u64 table;
	int level;

	for (level = 2; level <= 5; level++) {
		u64 size = bytes[level - 2];
		u64 at = 4 * size;

		vtdsim_cache_add_psc(unit->cache, VTDSIM_STAGE_SECOND, &pe, 0,
				     at + size / 2, level, &psc);
		KUNIT_EXPECT_TRUE(test, find_psc(unit, VTDSIM_STAGE_SECOND,
						 VTDSIM_PGTT_SECOND, 5, 0, at,
						 level, &table));
		KUNIT_EXPECT_TRUE(test, find_psc(unit, VTDSIM_STAGE_SECOND,
						 VTDSIM_PGTT_SECOND, 5, 0,
						 at + size - 1, level, &table));
		KUNIT_EXPECT_FALSE(test, find_psc(unit, VTDSIM_STAGE_SECOND,
						  VTDSIM_PGTT_SECOND, 5, 0,
						  at - 1, level, &table));
		KUNIT_EXPECT_FALSE(test, find_psc(unit, VTDSIM_STAGE_SECOND,
						  VTDSIM_PGTT_SECOND, 5, 0,
						  at + size, level, &table));
	}
}

static void map_reach(struct kunit *test)
{
	static const u8 shifts[] = { 12, 21, 30 };
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shifts); i++) {
		u64 size = 1ULL << shifts[i];
		u64 in = 4 * size;
		u16 did = 5 + i;

		add_map(test, unit, VTDSIM_PGTT_SECOND, did, 0, in, shifts[i], in);
		KUNIT_EXPECT_EQ(test, in, find_map(unit, VTDSIM_PGTT_SECOND,
						   did, 0, in));
		KUNIT_EXPECT_EQ(test, in, find_map(unit, VTDSIM_PGTT_SECOND,
						   did, 0, in + size - 1));
		KUNIT_EXPECT_EQ(test, 0, find_map(unit, VTDSIM_PGTT_SECOND, did,
						  0, in - 1));
		KUNIT_EXPECT_EQ(test, 0, find_map(unit, VTDSIM_PGTT_SECOND, did,
						  0, in + size));
	}
}

static void oldest_wins(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
	const u8 ss = VTDSIM_PGTT_SECOND;

	add_map(test, unit, ss, 5, 0, SZ_2M, 21, SZ_2M);
	add_map(test, unit, ss, 5, 0, SZ_2M, 12, 0xa000);
	add_map(test, unit, ss, 5, 0, 0, 30, SZ_1G);
	KUNIT_EXPECT_EQ(test, SZ_2M, find_map(unit, ss, 5, 0, SZ_2M));

	/* Filled again, it is still the oldest */
	add_map(test, unit, ss, 5, 0, SZ_2M, 21, 2 * SZ_2M);
	KUNIT_EXPECT_EQ(test, 2 * SZ_2M, find_map(unit, ss, 5, 0, SZ_2M));

	add_map(test, unit, ss, 6, 0, SZ_2M, 12, 0xa000);
	add_map(test, unit, ss, 6, 0, SZ_2M, 21, SZ_2M);
	KUNIT_EXPECT_EQ(test, 0xa000, find_map(unit, ss, 6, 0, SZ_2M));
	KUNIT_EXPECT_EQ(test, SZ_2M, find_map(unit, ss, 6, 0, SZ_2M + SZ_4K));
}

static void all_pasids(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
	struct vtdsim_pasid a = pe_of(VTDSIM_PGTT_SECOND, 5);
	struct vtdsim_pasid b = pe_of(VTDSIM_PGTT_FIRST, 6);
	struct vtdsim_cached *pos = NULL;
	const struct vtdsim_pasid *pe;
	u32 pasid;
	u16 sid;

	vtdsim_cache_add_pasid(unit->cache, 0x108, 1, &a);
	vtdsim_cache_add_pasid(unit->cache, 0x208, 2, &b);

	pe = vtdsim_cache_next_pasid(unit->cache, &pos, &sid, &pasid);
	KUNIT_ASSERT_NOT_NULL(test, pe);
	KUNIT_EXPECT_EQ(test, 5, pe->did);
	KUNIT_EXPECT_EQ(test, 0x108, sid);
	KUNIT_EXPECT_EQ(test, 1, pasid);
	pe = vtdsim_cache_next_pasid(unit->cache, &pos, &sid, &pasid);
	KUNIT_ASSERT_NOT_NULL(test, pe);
	KUNIT_EXPECT_EQ(test, 6, pe->did);
	KUNIT_EXPECT_EQ(test, 0x208, sid);
	KUNIT_EXPECT_EQ(test, 2, pasid);
	KUNIT_EXPECT_NULL(test, vtdsim_cache_next_pasid(unit->cache, &pos, &sid,
							&pasid));
}

/* ---- memory ---- */

static void reserve_again(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
	unsigned int room = unit->cache->free_count;
	struct vtdsim_context ctx = {};

	KUNIT_EXPECT_TRUE(test, vtdsim_cache_ready(unit->cache));
	KUNIT_EXPECT_EQ(test, VTDSIM_CACHE_RESERVE, room);
	vtdsim_cache_add_context(unit->cache, 0x108, &ctx);
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_ready(unit->cache));

	/* Filling an entry again takes no room */
	vtdsim_cache_add_context(unit->cache, 0x108, &ctx);
	KUNIT_EXPECT_EQ(test, room - 1, unit->cache->free_count);

	KUNIT_EXPECT_EQ(test, 0, vtdsim_cache_reserve(unit));
	KUNIT_EXPECT_TRUE(test, vtdsim_cache_ready(unit->cache));
	KUNIT_EXPECT_TRUE(test, vtdsim_cache_find_context(unit->cache, 0x108,
							  &ctx));

	/* Invalidated entries are room again, so nothing is allocated */
	vtdsim_inv_context_all(unit->cache);
	KUNIT_EXPECT_EQ(test, 2 * room, unit->cache->free_count);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_cache_reserve(unit));
	KUNIT_EXPECT_EQ(test, 2 * room, unit->cache->free_count);
}

static void never_evicts(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
	const unsigned int pages = 20000;
	unsigned int found = 0;
	u64 i;

	for (i = 1; i <= pages; i++)
		add_map(test, unit, VTDSIM_PGTT_SECOND, 5, 0, i << 12, 12, i << 12);
	for (i = 1; i <= pages; i++)
		found += find_map(unit, VTDSIM_PGTT_SECOND, 5, 0, i << 12) ==
			 i << 12;
	KUNIT_EXPECT_EQ(test, pages, found);
	vtdsim_inv_iotlb_domain(unit->cache, 5);
	KUNIT_EXPECT_TRUE(test, list_empty(&unit->cache->live[VTDSIM_KIND_IOTLB_SECOND]));
	KUNIT_EXPECT_EQ(test, 0, find_map(unit, VTDSIM_PGTT_SECOND, 5, 0,
					  SZ_4K));
}

static void no_cache(struct kunit *test)
{
	struct vtdsim_pasid pe = pe_of(VTDSIM_PGTT_SECOND, 5);
	struct vtdsim_cached *pos = NULL;
	struct vtdsim_context ctx = {};
	struct vtdsim_map map = { .shift = 12 };
	struct vtdsim_psc psc = {};
	u32 pasid;
	u16 sid;

	vtdsim_inv_context_all(NULL);
	vtdsim_inv_context_device(NULL, 0x108, 0);
	vtdsim_inv_pasid_all(NULL);
	vtdsim_inv_pasid_domain(NULL, 5);
	vtdsim_inv_pasid_one(NULL, 5, 1);
	vtdsim_inv_iotlb_all(NULL);
	vtdsim_inv_iotlb_domain(NULL, 5);
	vtdsim_inv_iotlb_pages(NULL, 5, 0, 0, false);
	vtdsim_inv_piotlb_pasid(NULL, 5, 1);
	vtdsim_inv_piotlb_pages(NULL, 5, 1, 0, 0, false);
	vtdsim_cache_add_context(NULL, 0x108, &ctx);
	vtdsim_cache_add_pasid(NULL, 0x108, 1, &pe);
	vtdsim_cache_add_iotlb(NULL, &pe, 1, &map);
	vtdsim_cache_add_psc(NULL, VTDSIM_STAGE_SECOND, &pe, 1, 0, 2, &psc);

	KUNIT_EXPECT_FALSE(test, vtdsim_cache_ready(NULL));
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_find_context(NULL, 0x108, &ctx));
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_find_pasid(NULL, 0x108, 1, &pe));
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_find_iotlb(NULL, &pe, 1, 0,
							 &map));
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_find_psc(NULL,
						       VTDSIM_STAGE_SECOND, &pe,
						       1, 0, 2, &psc));
	KUNIT_EXPECT_NULL(test, vtdsim_cache_next_pasid(NULL, &pos, &sid,
							&pasid));
}

static struct kunit_case cache_cases[] = {
	KUNIT_CASE(tags_context),
	KUNIT_CASE(tags_pasid),
	KUNIT_CASE(tags_iotlb),
	KUNIT_CASE(tags_psc),
	KUNIT_CASE(psc_reach),
	KUNIT_CASE(map_reach),
	KUNIT_CASE(oldest_wins),
	KUNIT_CASE(all_pasids),
	KUNIT_CASE(reserve_again),
	KUNIT_CASE(never_evicts),
	KUNIT_CASE(no_cache),
	{}
};

static struct kunit_suite cache_suite = {
	.name = "vtdsim-cache",
	.test_cases = cache_cases,
};

kunit_test_suite(cache_suite);
