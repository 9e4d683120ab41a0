// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of cache invalidation: all caches are filled in one way, and each case names
 * the entries that its granularity and range have to drop. All others have to stay.
 */
#include <kunit/test.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "cache/internals.h"
#include "fixture_dma.h"

enum what { CTX, PE, SS, FS, NEST, SS_PSC, FS_PSC };

#define TOP	0xfffffffffffff000ULL

/*
 * @name: one letter, to name it in a test case
 * @level: 1 to 3 for a mapping of 4 KiB, 2 MiB, 1 GiB; level of the non-leaf
 *	entry for a paging-structure cache
 */
static const struct item {
	char name;
	enum what what;
	u16 sid;
	u16 did;
	u32 pasid;
	u64 addr;
	int level;
} items[] = {
	/* Functions 0, 1, 4 and 6 of one device, function 0 of another */
	{ 'a', CTX, .sid = 0x108 },
	{ 'b', CTX, .sid = 0x109 },
	{ 'c', CTX, .sid = 0x10c },
	{ 'd', CTX, .sid = 0x10e },
	{ 'e', CTX, .sid = 0x208 },

	{ 'f', PE, .sid = 0x108, .pasid = 1, .did = 5 },
	{ 'g', PE, .sid = 0x109, .pasid = 1, .did = 5 },
	{ 'h', PE, .sid = 0x108, .pasid = 2, .did = 5 },
	{ 'i', PE, .sid = 0x108, .pasid = 3, .did = 6 },

	{ 'A', SS, .did = 5, .pasid = 1, .addr = SZ_2M, .level = 1 },
	{ 'B', SS, .did = 5, .pasid = 2, .addr = SZ_2M + SZ_4K, .level = 1 },
	{ 'C', SS, .did = 5, .pasid = 1, .addr = SZ_4M, .level = 2 },
	{ 'D', SS, .did = 5, .pasid = 1, .addr = SZ_1G, .level = 3 },
	{ 'E', SS, .did = 6, .pasid = 2, .addr = SZ_2M, .level = 1 },
	{ 'F', FS, .did = 5, .pasid = 1, .addr = SZ_2M, .level = 1 },
	{ 'G', FS, .did = 5, .pasid = 1, .addr = SZ_4M, .level = 2 },
	{ 'H', FS, .did = 5, .pasid = 2, .addr = SZ_2M, .level = 1 },
	{ 'I', NEST, .did = 5, .pasid = 1, .addr = SZ_2M + SZ_4K, .level = 1 },
	{ 'J', NEST, .did = 6, .pasid = 1, .addr = SZ_2M, .level = 1 },
	{ 'S', SS, .did = 5, .pasid = 1, .addr = TOP, .level = 1 },
	{ 'T', FS, .did = 5, .pasid = 1, .addr = TOP, .level = 1 },

	{ 'K', SS_PSC, .did = 5, .addr = SZ_2M, .level = 2 },
	{ 'L', SS_PSC, .did = 5, .addr = 0, .level = 3 },
	{ 'M', SS_PSC, .did = 5, .addr = SZ_4M, .level = 2 },
	{ 'N', SS_PSC, .did = 6, .addr = SZ_2M, .level = 2 },
	{ 'O', FS_PSC, .did = 5, .pasid = 1, .addr = SZ_2M, .level = 2 },
	{ 'P', FS_PSC, .did = 5, .pasid = 1, .addr = SZ_4M, .level = 2 },
	{ 'Q', FS_PSC, .did = 5, .pasid = 2, .addr = SZ_2M, .level = 2 },
	{ 'R', FS_PSC, .did = 6, .pasid = 1, .addr = SZ_2M, .level = 2 },
};

static struct vtdsim_pasid pe_of(const struct item *it)
{
	return (struct vtdsim_pasid){
		.did = it->did,
		.pgtt = it->what == FS ? VTDSIM_PGTT_FIRST :
			it->what == SS ? VTDSIM_PGTT_SECOND :
			VTDSIM_PGTT_NESTED,
	};
}

static void cache_put(struct vtdsim_unit *unit, const struct item *it)
{
	const struct vtdsim_pasid pe = pe_of(it);
	const struct vtdsim_context ctx = {};
	const struct vtdsim_psc psc = {};
	const struct vtdsim_map map = {
		.in = it->addr, .shift = 12 + 9 * (it->level - 1),
	};

	switch (it->what) {
	case CTX:
		vtdsim_cache_add_context(unit->cache, it->sid, &ctx);
		break;
	case PE:
		vtdsim_cache_add_pasid(unit->cache, it->sid, it->pasid, &pe);
		break;
	case SS:
	case FS:
	case NEST:
		vtdsim_cache_add_iotlb(unit->cache, &pe, it->pasid, &map);
		break;
	case SS_PSC:
		vtdsim_cache_add_psc(unit->cache, VTDSIM_STAGE_SECOND, &pe,
				     it->pasid, it->addr, it->level, &psc);
		break;
	case FS_PSC:
		vtdsim_cache_add_psc(unit->cache, VTDSIM_STAGE_FIRST, &pe,
				     it->pasid, it->addr, it->level, &psc);
		break;
	}
}

static bool is_there(struct vtdsim_unit *unit, const struct item *it)
{
	struct vtdsim_pasid pe = pe_of(it), found;
	struct vtdsim_context ctx;
	struct vtdsim_psc psc;
	struct vtdsim_map map;

	switch (it->what) {
	case CTX:
		return vtdsim_cache_find_context(unit->cache, it->sid, &ctx);
	case PE:
		return vtdsim_cache_find_pasid(unit->cache, it->sid, it->pasid,
					       &found);
	case SS:
	case FS:
	case NEST:
		return vtdsim_cache_find_iotlb(unit->cache, &pe, it->pasid,
					       it->addr, &map);
	case SS_PSC:
		return vtdsim_cache_find_psc(unit->cache, VTDSIM_STAGE_SECOND,
					     &pe, it->pasid, it->addr,
					     it->level, &psc);
	case FS_PSC:
		return vtdsim_cache_find_psc(unit->cache, VTDSIM_STAGE_FIRST,
					     &pe, it->pasid, it->addr,
					     it->level, &psc);
	}
	return false;
}

enum how {
	CTX_ALL, CTX_DEVICE, PC_ALL, PC_DOMAIN, PC_ONE, ALL, DOMAIN, PAGES,
	P_ALL, P_PAGES,
};

/* First-stage entries of domain 5, which any second-stage invalidation drops */
#define FS5	"FGHITOPQ"
#define SS5	"ABCDSKLM"

/* @gone: names of the items that have to go; the rest has to stay */
static const struct inv {
	const char *name;
	enum how how;
	u16 did;
	u32 pasid;
	u64 addr;
	u8 am;
	bool ih;
	u16 sid;
	u8 fm;
	const char *gone;
} invs[] = {
	{ "context, all", CTX_ALL, .gone = "abcde" },
	{ "context, one function", CTX_DEVICE, .sid = 0x108, .gone = "a" },
	{ "context, bit 2 masked", CTX_DEVICE, .sid = 0x108, .fm = 1,
	  .gone = "ac" },
	{ "context, bits 2:1 masked", CTX_DEVICE, .sid = 0x108, .fm = 2,
	  .gone = "acd" },
	{ "context, bits 2:0 masked", CTX_DEVICE, .sid = 0x10f, .fm = 3,
	  .gone = "abcd" },
	{ "context, function not there", CTX_DEVICE, .sid = 0x10f, .gone = "" },

	{ "PASID, all", PC_ALL, .gone = "fghi" },
	{ "PASID, domain", PC_DOMAIN, .did = 5, .gone = "fgh" },
	{ "PASID, one", PC_ONE, .did = 5, .pasid = 1, .gone = "fg" },
	{ "PASID, one, other domain", PC_ONE, .did = 6, .pasid = 1,
	  .gone = "" },

	{ "IOTLB, all", ALL, .gone = FS5 SS5 "EJNR" },
	{ "IOTLB, domain 5", DOMAIN, .did = 5, .gone = FS5 SS5 },
	{ "IOTLB, domain 6", DOMAIN, .did = 6, .gone = "EJNR" },
	{ "IOTLB, domain not there", DOMAIN, .did = 7, .gone = "" },

	{ "page", PAGES, .did = 5, .addr = SZ_2M, .gone = FS5 "AKL" },
	{ "page, hint", PAGES, .did = 5, .addr = SZ_2M, .ih = true,
	  .gone = FS5 "A" },
	{ "next page", PAGES, .did = 5, .addr = SZ_2M + SZ_4K,
	  .gone = FS5 "BKL" },
	{ "page not mapped", PAGES, .did = 5, .addr = SZ_2M + SZ_8K,
	  .gone = FS5 "KL" },
	{ "page, other domain", PAGES, .did = 6, .addr = SZ_2M,
	  .gone = "EJNR" },
	{ "two pages", PAGES, .did = 5, .addr = SZ_2M, .am = 1,
	  .gone = FS5 "ABKL" },
	{ "two pages, unaligned", PAGES, .did = 5, .addr = SZ_2M + SZ_4K,
	  .am = 1, .gone = FS5 "ABKL" },
	{ "2 MiB", PAGES, .did = 5, .addr = SZ_2M, .am = 9,
	  .gone = FS5 "ABKL" },
	{ "before the large page", PAGES, .did = 5, .addr = SZ_4M - SZ_4K,
	  .gone = FS5 "KL" },
	{ "start of the large page", PAGES, .did = 5, .addr = SZ_4M,
	  .gone = FS5 "CLM" },
	{ "end of the large page", PAGES, .did = 5,
	  .addr = SZ_4M + SZ_2M - SZ_4K, .gone = FS5 "CLM" },
	{ "behind the large page", PAGES, .did = 5, .addr = SZ_4M + SZ_2M,
	  .gone = FS5 "L" },
	{ "end of the huge page, hint", PAGES, .did = 5,
	  .addr = 2ULL * SZ_1G - SZ_4K, .ih = true, .gone = FS5 "D" },
	{ "behind the huge page", PAGES, .did = 5, .addr = 2ULL * SZ_1G,
	  .gone = FS5 },
	{ "8 MiB", PAGES, .did = 5, .addr = 0, .am = 11,
	  .gone = FS5 "ABCKLM" },
	{ "last page", PAGES, .did = 5, .addr = TOP, .gone = FS5 "S" },
	{ "lower half", PAGES, .did = 5, .addr = 0, .am = 51,
	  .gone = FS5 "ABCDKLM" },
	{ "upper half", PAGES, .did = 5, .addr = TOP, .am = 51,
	  .gone = FS5 "S" },
	{ "everything", PAGES, .did = 5, .addr = SZ_2M, .am = 52,
	  .gone = FS5 SS5 },
	{ "largest mask", PAGES, .did = 5, .addr = 0, .am = 63,
	  .gone = FS5 SS5 },

	{ "PASID 1", P_ALL, .did = 5, .pasid = 1, .gone = "FGITOPACDS" },
	{ "PASID 2", P_ALL, .did = 5, .pasid = 2, .gone = "HQB" },
	{ "PASID 1, other domain", P_ALL, .did = 6, .pasid = 1,
	  .gone = "JR" },
	{ "PASID 2, other domain", P_ALL, .did = 6, .pasid = 2, .gone = "E" },
	{ "PASID page", P_PAGES, .did = 5, .pasid = 1, .addr = SZ_2M,
	  .gone = "FO" },
	{ "PASID page, hint", P_PAGES, .did = 5, .pasid = 1, .addr = SZ_2M,
	  .ih = true, .gone = "F" },
	{ "PASID next page", P_PAGES, .did = 5, .pasid = 1,
	  .addr = SZ_2M + SZ_4K, .gone = "IO" },
	{ "other PASID page", P_PAGES, .did = 5, .pasid = 2, .addr = SZ_2M,
	  .gone = "HQ" },
	{ "PASID page, other domain", P_PAGES, .did = 6, .pasid = 1,
	  .addr = SZ_2M, .gone = "JR" },
	{ "PASID two pages, unaligned", P_PAGES, .did = 5, .pasid = 1,
	  .addr = SZ_2M + SZ_4K, .am = 1, .gone = "FIO" },
	{ "PASID before the large page", P_PAGES, .did = 5, .pasid = 1,
	  .addr = SZ_4M - SZ_4K, .gone = "O" },
	{ "PASID in the large page", P_PAGES, .did = 5, .pasid = 1,
	  .addr = SZ_4M + SZ_2M - SZ_4K, .gone = "GP" },
	{ "PASID behind the large page", P_PAGES, .did = 5, .pasid = 1,
	  .addr = SZ_4M + SZ_2M, .gone = "" },
	{ "PASID last page", P_PAGES, .did = 5, .pasid = 1, .addr = TOP,
	  .gone = "T" },
	{ "PASID upper half", P_PAGES, .did = 5, .pasid = 1, .addr = TOP,
	  .am = 51, .gone = "T" },
	{ "PASID everything", P_PAGES, .did = 5, .pasid = 1, .addr = TOP,
	  .am = 52, .gone = "FGITOP" },
	{ "PASID largest mask, hint", P_PAGES, .did = 5, .pasid = 1,
	  .am = 63, .ih = true, .gone = "FGIT" },
};

static void cache_invalidate(struct vtdsim_cache *c, const struct inv *inv)
{
	switch (inv->how) {
	case CTX_ALL:
		vtdsim_inv_context_all(c);
		break;
	case CTX_DEVICE:
		vtdsim_inv_context_device(c, inv->sid, inv->fm);
		break;
	case PC_ALL:
		vtdsim_inv_pasid_all(c);
		break;
	case PC_DOMAIN:
		vtdsim_inv_pasid_domain(c, inv->did);
		break;
	case PC_ONE:
		vtdsim_inv_pasid_one(c, inv->did, inv->pasid);
		break;
	case ALL:
		vtdsim_inv_iotlb_all(c);
		break;
	case DOMAIN:
		vtdsim_inv_iotlb_domain(c, inv->did);
		break;
	case PAGES:
		vtdsim_inv_iotlb_pages(c, inv->did, inv->addr, inv->am,
				       inv->ih);
		break;
	case P_ALL:
		vtdsim_inv_piotlb_pasid(c, inv->did, inv->pasid);
		break;
	case P_PAGES:
		vtdsim_inv_piotlb_pages(c, inv->did, inv->pasid, inv->addr,
					inv->am, inv->ih);
		break;
	}
}

KUNIT_ARRAY_PARAM_DESC(inv, invs, name);

static void inv_takes(struct kunit *test)
{
	const struct inv *inv = test->param_value;
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
	unsigned int i;

	BUILD_BUG_ON(ARRAY_SIZE(items) > VTDSIM_CACHE_RESERVE);
	for (i = 0; i < ARRAY_SIZE(items); i++)
		cache_put(unit, &items[i]);
	for (i = 0; i < ARRAY_SIZE(items); i++)
		KUNIT_ASSERT_TRUE_MSG(test, is_there(unit, &items[i]),
				      "%c not put", items[i].name);

	cache_invalidate(unit->cache, inv);
	for (i = 0; i < ARRAY_SIZE(items); i++)
		KUNIT_EXPECT_EQ_MSG(test, !strchr(inv->gone, items[i].name),
				    is_there(unit, &items[i]), "%c",
				    items[i].name);
	KUNIT_EXPECT_EQ(test, VTDSIM_CACHE_RESERVE - ARRAY_SIZE(items) +
			strlen(inv->gone), unit->cache->free_count);
}

static struct kunit_case inv_cases[] = {
	KUNIT_CASE_PARAM(inv_takes, inv_gen_params),
	{}
};

static struct kunit_suite inv_suite = {
	.name = "vtdsim-invalidate",
	.test_cases = inv_cases,
};

kunit_test_suite(inv_suite);
