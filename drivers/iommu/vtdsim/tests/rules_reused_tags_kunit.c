// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the rule checker: tags used again while mappings have them. */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/sizes.h>

#include "cache/internals.h"
#include "fixture_dma.h"

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
	KUNIT_EXPECT_FALSE(test, test_bit(DID, c->replaced));
}

/* What ends a replacement, and what does not */
static void replaced_until(struct kunit *test)
{
	struct vtdsim_test_dma *d = first_cached(test);
	struct vtdsim_cache *c = d->unit->cache;

	/* Unchanged, so nothing is replaced */
	vtdsim_inv_pasid_one(c, DID, PASID);
	KUNIT_EXPECT_FALSE(test, test_bit(DID, c->replaced));

	KUNIT_EXPECT_EQ(test, 0x1234, vtdsim_test_read(d, pasid_req(ADDR, PASID)));
	vtdsim_test_pasid_entry(d, PASID)[2] = virt_to_phys(vtdsim_test_page(test));
	vtdsim_inv_pasid_one(c, DID, PASID);
	KUNIT_EXPECT_TRUE(test, test_bit(DID, c->replaced));
	vtdsim_inv_piotlb_pages(c, DID, PASID, 0, 45, false);
	vtdsim_inv_iotlb_pages(c, DID, 0, 45, false);
	vtdsim_inv_iotlb_domain(c, DID + 1);
	vtdsim_inv_piotlb_pasid(c, DID + 1, PASID);
	KUNIT_EXPECT_TRUE(test, test_bit(DID, c->replaced));
	vtdsim_inv_iotlb_domain(c, DID);
	KUNIT_EXPECT_FALSE(test, test_bit(DID, c->replaced));

	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_read(d, pasid_req(ADDR, PASID)));
	vtdsim_test_pasid_entry(d, PASID)[2] = virt_to_phys(vtdsim_test_page(test));
	vtdsim_inv_pasid_all(c);
	KUNIT_EXPECT_TRUE(test, test_bit(DID, c->replaced));
	vtdsim_inv_iotlb_all(c);
	KUNIT_EXPECT_FALSE(test, test_bit(DID, c->replaced));
}

static struct kunit_case reuse_cases[] = {
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
