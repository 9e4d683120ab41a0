// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the rule checker: tags used again while mappings have them. */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/sizes.h>

#include "cache/internals.h"
#include "fixture_dma.h"
#include "fixture_requester.h"

#define DID	5
#define ADDR	0x3000ULL

static struct vtdsim_test_dma *first_cached(struct kunit *test)
{
	return vtdsim_test_dma_cached(test, VTDSIM_PGTT_FIRST, DID, ADDR);
}

static struct vtdsim_test_dma *second_cached(struct kunit *test)
{
	return vtdsim_test_dma_cached(test, VTDSIM_PGTT_SECOND, DID, ADDR);
}

/* The domain-id is used again while mappings of the old entry are cached. */
static void reuse_second(struct kunit *test)
{
	struct vtdsim_test_dma *d = second_cached(test);

	vtdsim_test_pasid_entry(d, PASID)[0] = 0;
	vtdsim_inv_pasid_all(d->unit->cache);
	vtdsim_test_set_second(d, RID_PASID, DID, vtdsim_test_page(test));
	vtdsim_test_read(d, rid_req(ADDR + SZ_4K));
	KUNIT_EXPECT_EQ(test, 1, d->unit->stats.violations);

	/* Reported once */
	vtdsim_inv_pasid_all(d->unit->cache);
	vtdsim_test_read(d, rid_req(ADDR + SZ_4K));
	KUNIT_EXPECT_EQ(test, 1, d->unit->stats.violations);
}

static void reuse_after_invalidation(struct kunit *test)
{
	struct vtdsim_test_dma *d = second_cached(test);

	vtdsim_test_pasid_entry(d, PASID)[0] = 0;
	vtdsim_inv_pasid_all(d->unit->cache);
	vtdsim_inv_iotlb_domain(d->unit->cache, DID);
	vtdsim_test_set_second(d, RID_PASID, DID, vtdsim_test_page(test));
	vtdsim_test_read(d, rid_req(ADDR + SZ_4K));
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.violations);
}

/* An invalidation with the hint leaves paging-structure caches. */
static void reuse_of_upper_levels(struct kunit *test)
{
	struct vtdsim_test_dma *d = second_cached(test);

	vtdsim_test_pasid_entry(d, PASID)[0] = 0;
	vtdsim_inv_pasid_all(d->unit->cache);
	vtdsim_inv_iotlb_pages(d->unit->cache, DID, ADDR, 0, true);
	vtdsim_test_set_second(d, RID_PASID, DID, vtdsim_test_page(test));
	vtdsim_test_read(d, rid_req(ADDR + SZ_4K));
	KUNIT_EXPECT_EQ(test, 1, d->unit->stats.violations);
}

static void other_domain(struct kunit *test)
{
	struct vtdsim_test_dma *d = second_cached(test);

	vtdsim_test_set_second(d, RID_PASID, DID + 1, vtdsim_test_page(test));
	vtdsim_test_read(d, rid_req(ADDR));
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.violations);
}

/* The first stage's tags are domain-id and PASID. */
static void reuse_first(struct kunit *test)
{
	struct vtdsim_test_dma *d = first_cached(test);

	vtdsim_test_set_first(d, RID_PASID, DID, vtdsim_test_page(test));
	vtdsim_test_read(d, rid_req(ADDR));
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.violations);

	vtdsim_test_pasid_entry(d, PASID)[0] = 0;
	vtdsim_inv_pasid_one(d->unit->cache, DID, PASID);
	vtdsim_test_set_first(d, PASID, DID, vtdsim_test_page(test));
	vtdsim_test_read(d, pasid_req(ADDR + SZ_4K, PASID));
	KUNIT_EXPECT_EQ(test, 1, d->unit->stats.violations);
}

static void same_tables_again(struct kunit *test)
{
	struct vtdsim_test_dma *d = first_cached(test);
	u64 *e = vtdsim_test_pasid_entry(d, PASID), low = e[0];

	e[0] = 0;
	vtdsim_inv_pasid_one(d->unit->cache, DID, PASID);
	e[0] = low;
	KUNIT_EXPECT_EQ(test, 0x1234, vtdsim_test_read(d, pasid_req(ADDR, PASID)));
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.violations);
}

/* Between the two invalidations of a replacement, DMA may go on. */
static void replaced_in_place(struct kunit *test)
{
	struct vtdsim_test_dma *d = first_cached(test);
	struct vtdsim_cache *c = d->unit->cache;
	u64 *e = vtdsim_test_pasid_entry(d, PASID);

	e[2] = virt_to_phys(vtdsim_test_page(test));
	vtdsim_inv_pasid_one(c, DID, PASID);
	KUNIT_EXPECT_EQ(test, 0x1234, vtdsim_test_read(d, pasid_req(ADDR, PASID)));
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.violations);
	vtdsim_inv_piotlb_pasid(c, DID, PASID);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_read(d, pasid_req(ADDR, PASID)));
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.violations);
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_is_replaced(c, DID, PASID));
}

/* What ends a replacement, and what does not */
static void replaced_until(struct kunit *test)
{
	struct vtdsim_test_dma *d = first_cached(test);
	struct vtdsim_cache *c = d->unit->cache;

	/* Unchanged, so nothing is replaced */
	vtdsim_inv_pasid_one(c, DID, PASID);
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_is_replaced(c, DID, PASID));

	KUNIT_EXPECT_EQ(test, 0x1234, vtdsim_test_read(d, pasid_req(ADDR, PASID)));
	vtdsim_test_pasid_entry(d, PASID)[2] = virt_to_phys(vtdsim_test_page(test));
	vtdsim_inv_pasid_one(c, DID, PASID);
	KUNIT_EXPECT_TRUE(test, vtdsim_cache_is_replaced(c, DID, PASID));
	vtdsim_inv_piotlb_pages(c, DID, PASID, 0, 45, false);
	vtdsim_inv_iotlb_pages(c, DID, 0, 45, false);
	vtdsim_inv_iotlb_domain(c, DID + 1);
	vtdsim_inv_piotlb_pasid(c, DID + 1, PASID);
	vtdsim_inv_piotlb_pasid(c, DID, PASID + 1);
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_is_replaced(c, DID, PASID + 1));
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_is_replaced(c, DID + 1, PASID));
	KUNIT_EXPECT_TRUE(test, vtdsim_cache_is_replaced(c, DID, PASID));
	vtdsim_inv_iotlb_domain(c, DID);
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_is_replaced(c, DID, PASID));

	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_read(d, pasid_req(ADDR, PASID)));
	vtdsim_test_pasid_entry(d, PASID)[2] = virt_to_phys(vtdsim_test_page(test));
	vtdsim_inv_pasid_all(c);
	KUNIT_EXPECT_TRUE(test, vtdsim_cache_is_replaced(c, DID, PASID));
	vtdsim_inv_iotlb_all(c);
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_is_replaced(c, DID, PASID));
}

/* What follows a change of a PASID entry, in order */
enum follow { END, INV_PASID, INV_ENTRY, INV_IOTLB, INV_PAGES, INV_MAPPINGS, INV_OTHERS };

static const struct followed {
	const char *name;
	enum follow steps[4];
	bool wrong;
} followed[] = {
	{ "right", { INV_ENTRY, INV_MAPPINGS } },
	{ "whole domain", { INV_PASID, INV_IOTLB } },
	{ "mappings first", { INV_MAPPINGS, INV_ENTRY }, .wrong = true },
	{ "domain first", { INV_IOTLB, INV_PASID }, .wrong = true },
	{ "made up for", { INV_MAPPINGS, INV_ENTRY, INV_MAPPINGS } },
	{ "no mappings", { INV_ENTRY }, .wrong = true },
	{ "pages only", { INV_ENTRY, INV_PAGES }, .wrong = true },
	{ "of another PASID", { INV_ENTRY, INV_OTHERS }, .wrong = true },
};

KUNIT_ARRAY_PARAM_DESC(followed, followed, name);

static void follow_with(struct vtdsim_cache *c, enum follow step)
{
	switch (step) {
	case INV_PASID:
		vtdsim_inv_pasid_domain(c, DID);
		break;
	case INV_ENTRY:
		vtdsim_inv_pasid_one(c, DID, PASID);
		break;
	case INV_IOTLB:
		vtdsim_inv_iotlb_domain(c, DID);
		break;
	case INV_PAGES:
		vtdsim_inv_piotlb_pages(c, DID, PASID, 0, 45, false);
		break;
	case INV_MAPPINGS:
		vtdsim_inv_piotlb_pasid(c, DID, PASID);
		break;
	default:
		vtdsim_inv_piotlb_pasid(c, DID, PASID + 1);
		break;
	}
	vtdsim_inv_complete(c);
}

/*
 * A PASID entry is cleared: its mappings have to be invalidated after it, in one
 * submission or in several (section 6.5.3.3).
 */
static void mappings_after_entry(struct kunit *test)
{
	const struct followed *f = test->param_value;
	struct vtdsim_test_dma *d = first_cached(test);
	const enum follow *step;

	vtdsim_test_pasid_entry(d, PASID)[0] = 0;
	for (step = f->steps; *step; step++)
		follow_with(d->unit->cache, *step);
	/* What is left in the caches is a mistake of its own. */
	vtdsim_inv_iotlb_pages(d->unit->cache, DID, 0, 45, false);
	KUNIT_EXPECT_EQ(test, f->wrong, vtdsim_audit(d->unit));
	KUNIT_EXPECT_EQ(test, f->wrong, d->unit->stats.violations);
	/* Reported once */
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(d->unit));
}

/* An entry that did not change owes nothing. */
static void unchanged_entry(struct kunit *test)
{
	struct vtdsim_test_dma *d = first_cached(test);

	vtdsim_test_requester_new(test, d->unit, SID);
	vtdsim_inv_pasid_one(d->unit->cache, DID, PASID);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(d->unit));
}

static struct kunit_case reuse_cases[] = {
	KUNIT_CASE_PARAM(mappings_after_entry, followed_gen_params),
	KUNIT_CASE(unchanged_entry),
	KUNIT_CASE(reuse_second),
	KUNIT_CASE(reuse_after_invalidation),
	KUNIT_CASE(reuse_of_upper_levels),
	KUNIT_CASE(other_domain),
	KUNIT_CASE(reuse_first),
	KUNIT_CASE(same_tables_again),
	KUNIT_CASE(replaced_in_place),
	KUNIT_CASE(replaced_until),
	{}
};

static struct kunit_suite reuse_suite = {
	.name = "vtdsim-rules-reuse",
	.test_cases = reuse_cases,
};

kunit_test_suite(reuse_suite);
