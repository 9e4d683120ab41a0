// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the rule checker: tags used again while mappings have them. */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/sizes.h>

#include "cache/internals.h"
#include "dma_rig.h"

#define DID	5
#define ADDR	0x3000ULL

/* A rig whose PASID uses the second stage at @root, with ADDR cached */
static struct rig *second_rig(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test), *page = rig_page(test);

	page[0] = 0x1234;
	rig_set_second(r, PASID, DID, root);
	rig_map_second(r, root, ADDR, page, SS_RW);
	KUNIT_ASSERT_EQ(test, 0x1234, rig_read(r, rig_pasid(ADDR, PASID)));
	return r;
}

static struct rig *first_rig(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test), *page = rig_page(test);

	page[0] = 0x1234;
	rig_set_first(r, PASID, DID, root);
	rig_map_first(r, root, ADDR, page, FS_URW);
	KUNIT_ASSERT_EQ(test, 0x1234, rig_read(r, rig_pasid(ADDR, PASID)));
	return r;
}

/* The entry goes, its mappings stay, and the domain-id is used again. */
static void reuse_second(struct kunit *test)
{
	struct rig *r = second_rig(test);

	rig_entry(r, PASID)[0] = 0;
	vtdsim_inv_pasid_all(r->unit->cache);
	rig_set_second(r, RID_PASID, DID, rig_page(test));
	rig_read(r, rig_rid(ADDR + SZ_4K));
	KUNIT_EXPECT_EQ(test, 1, r->unit->stats.violations);

	/* Reported once */
	vtdsim_inv_pasid_all(r->unit->cache);
	rig_read(r, rig_rid(ADDR + SZ_4K));
	KUNIT_EXPECT_EQ(test, 1, r->unit->stats.violations);
}

static void reuse_after_invalidation(struct kunit *test)
{
	struct rig *r = second_rig(test);

	rig_entry(r, PASID)[0] = 0;
	vtdsim_inv_pasid_all(r->unit->cache);
	vtdsim_inv_iotlb_domain(r->unit->cache, DID);
	rig_set_second(r, RID_PASID, DID, rig_page(test));
	rig_read(r, rig_rid(ADDR + SZ_4K));
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.violations);
}

/* A leaf-only invalidation leaves what leads there. */
static void reuse_of_upper_levels(struct kunit *test)
{
	struct rig *r = second_rig(test);

	rig_entry(r, PASID)[0] = 0;
	vtdsim_inv_pasid_all(r->unit->cache);
	vtdsim_inv_iotlb_pages(r->unit->cache, DID, ADDR, 0, true);
	rig_set_second(r, RID_PASID, DID, rig_page(test));
	rig_read(r, rig_rid(ADDR + SZ_4K));
	KUNIT_EXPECT_EQ(test, 1, r->unit->stats.violations);
}

static void other_domain(struct kunit *test)
{
	struct rig *r = second_rig(test);

	rig_set_second(r, RID_PASID, DID + 1, rig_page(test));
	rig_read(r, rig_rid(ADDR));
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.violations);
}

/* First stage: the domain-id is not enough, it has to be the PASID as well. */
static void reuse_first(struct kunit *test)
{
	struct rig *r = first_rig(test);

	rig_set_first(r, RID_PASID, DID, rig_page(test));
	rig_read(r, rig_rid(ADDR));
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.violations);

	rig_entry(r, PASID)[0] = 0;
	vtdsim_inv_pasid_one(r->unit->cache, DID, PASID);
	rig_set_first(r, PASID, DID, rig_page(test));
	rig_read(r, rig_pasid(ADDR + SZ_4K, PASID));
	KUNIT_EXPECT_EQ(test, 1, r->unit->stats.violations);
}

static void same_tables_again(struct kunit *test)
{
	struct rig *r = first_rig(test);
	u64 *e = rig_entry(r, PASID), low = e[0];

	e[0] = 0;
	vtdsim_inv_pasid_one(r->unit->cache, DID, PASID);
	e[0] = low;
	KUNIT_EXPECT_EQ(test, 0x1234, rig_read(r, rig_pasid(ADDR, PASID)));
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.violations);
}

/* Between the two invalidations of a replacement, DMA may go on. */
static void replaced_in_place(struct kunit *test)
{
	struct rig *r = first_rig(test);
	struct vtdsim_cache *c = r->unit->cache;
	u64 *e = rig_entry(r, PASID);

	e[2] = virt_to_phys(rig_page(test));
	vtdsim_inv_pasid_one(c, DID, PASID);
	KUNIT_EXPECT_EQ(test, 0x1234, rig_read(r, rig_pasid(ADDR, PASID)));
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.violations);
	vtdsim_inv_piotlb_pasid(c, DID, PASID);
	KUNIT_EXPECT_EQ(test, 0, rig_read(r, rig_pasid(ADDR, PASID)));
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.violations);
	KUNIT_EXPECT_FALSE(test, test_bit(DID, c->replaced));
}

/* What ends a replacement, and what does not */
static void replaced_until(struct kunit *test)
{
	struct rig *r = first_rig(test);
	struct vtdsim_cache *c = r->unit->cache;

	/* Unchanged, so nothing is replaced */
	vtdsim_inv_pasid_one(c, DID, PASID);
	KUNIT_EXPECT_FALSE(test, test_bit(DID, c->replaced));

	KUNIT_EXPECT_EQ(test, 0x1234, rig_read(r, rig_pasid(ADDR, PASID)));
	rig_entry(r, PASID)[2] = virt_to_phys(rig_page(test));
	vtdsim_inv_pasid_one(c, DID, PASID);
	KUNIT_EXPECT_TRUE(test, test_bit(DID, c->replaced));
	vtdsim_inv_piotlb_pages(c, DID, PASID, 0, 45, false);
	vtdsim_inv_iotlb_pages(c, DID, 0, 45, false);
	vtdsim_inv_iotlb_domain(c, DID + 1);
	vtdsim_inv_piotlb_pasid(c, DID + 1, PASID);
	KUNIT_EXPECT_TRUE(test, test_bit(DID, c->replaced));
	vtdsim_inv_iotlb_domain(c, DID);
	KUNIT_EXPECT_FALSE(test, test_bit(DID, c->replaced));

	KUNIT_EXPECT_EQ(test, 0, rig_read(r, rig_pasid(ADDR, PASID)));
	rig_entry(r, PASID)[2] = virt_to_phys(rig_page(test));
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
