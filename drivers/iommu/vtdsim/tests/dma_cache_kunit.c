// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of DMA from request to bytes: what caching does to it. Who shares an
 * entry, when the tables are looked at again, and how much a request caches.
 */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/sizes.h>

#include "cache/internals.h"
#include "dma_rig.h"
#include "unit/fault_reasons.h"

static void devices_share_iotlb(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test), *page = rig_page(test);
	struct vtdsim_req other = rig_rid(SZ_4K);

	other.sid = SID_B;
	page[0] = 0xa;
	rig_set_second(r, RID_PASID, 5, root);
	rig_map_second(r, root, SZ_4K, page, SS_RW);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_rid(SZ_4K)));
	KUNIT_EXPECT_EQ(test, 1, r->unit->stats.walks);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, other));
	KUNIT_EXPECT_EQ(test, 1, r->unit->stats.walks);
}

/* One domain-id for two tables: the wrong bytes, and a violation. */
static void wrong_domain_shows(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test), *root2 = rig_page(test);
	u64 *a = rig_page(test), *b = rig_page(test);

	a[0] = 0xa;
	b[0] = 0xb;
	rig_set_second(r, RID_PASID, 5, root);
	rig_set_second(r, PASID, 5, root2);
	rig_map_second(r, root, SZ_4K, a, SS_RW);
	rig_map_second(r, root2, SZ_4K, b, SS_RW);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_rid(SZ_4K)));
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.violations);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_pasid(SZ_4K, PASID)));
	KUNIT_EXPECT_EQ(test, 1, r->unit->stats.violations);

	/* Found in the PASID-cache now, so not counted once more */
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_pasid(SZ_4K, PASID)));
	KUNIT_EXPECT_EQ(test, 1, r->unit->stats.violations);

	rig_set_second(r, PASID, 6, root2);
	vtdsim_inv_pasid_one(r->unit->cache, 5, PASID);
	KUNIT_EXPECT_EQ(test, 0xb, rig_read(r, rig_pasid(SZ_4K, PASID)));
	KUNIT_EXPECT_EQ(test, 1, r->unit->stats.violations);
}

/* The first write through a clean mapping sets the dirty bit in the table. */
static void dirty_second(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test), *page = rig_page(test);
	u64 *pte = rig_slot(test, root, 4, 1, SZ_4K, SS_RW);

	page[0] = 0xa;
	rig_set_second(r, RID_PASID, 5, root);
	rig_entry(r, RID_PASID)[0] |= PE_SSADE;
	*pte = virt_to_phys(page) | SS_RW;

	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_rid(SZ_4K)));
	KUNIT_EXPECT_FALSE(test, *pte & SS_D);
	KUNIT_EXPECT_EQ(test, 0, rig_write(r, rig_rid(SZ_4K), 0xb));
	KUNIT_EXPECT_TRUE(test, *pte & SS_D);
	KUNIT_EXPECT_EQ(test, 2, r->unit->stats.walks);

	/* Dirty in the cache: not seen again until it is invalidated */
	*pte &= ~SS_D;
	KUNIT_EXPECT_EQ(test, 0, rig_write(r, rig_rid(SZ_4K), 0xc));
	KUNIT_EXPECT_FALSE(test, *pte & SS_D);
	KUNIT_EXPECT_EQ(test, 2, r->unit->stats.walks);
	vtdsim_inv_iotlb_pages(r->unit->cache, 5, SZ_4K, 0, true);
	KUNIT_EXPECT_EQ(test, 0, rig_write(r, rig_rid(SZ_4K), 0xd));
	KUNIT_EXPECT_TRUE(test, *pte & SS_D);
	KUNIT_EXPECT_EQ(test, 0xd, page[0]);
}

static void dirty_first(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test), *page = rig_page(test);
	u64 *pte = rig_slot(test, root, 4, 1, SZ_4K, FS_URW), old;
	struct vtdsim_req req = rig_pasid(SZ_4K, PASID);

	page[0] = 0xa;
	rig_set_first(r, PASID, 6, root);
	*pte = virt_to_phys(page) | FS_URW;
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, req));
	KUNIT_EXPECT_FALSE(test, *pte & FS_D);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_dma_fetch_add(r->unit, &req, 1, 8, &old,
						      &r->out));
	KUNIT_EXPECT_EQ(test, 0xb, page[0]);
	KUNIT_EXPECT_TRUE(test, *pte & FS_D);
	KUNIT_EXPECT_EQ(test, 2, r->unit->stats.walks);
}

/* More rights in the second stage need an invalidation. */
static void rights_second(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test), *page = rig_page(test);

	page[0] = 0xa;
	rig_set_second(r, RID_PASID, 5, root);
	rig_map_second(r, root, SZ_4K, page, SS_R);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_rid(SZ_4K)));
	KUNIT_EXPECT_EQ(test, -EFAULT, rig_write(r, rig_rid(SZ_4K), 1));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_WRITE, r->out.reason);
	rig_map_second(r, root, SZ_4K, page, SS_RW);
	KUNIT_EXPECT_EQ(test, -EFAULT, rig_write(r, rig_rid(SZ_4K), 1));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_WRITE, r->out.reason);
	vtdsim_inv_iotlb_pages(r->unit->cache, 5, SZ_4K, 0, true);
	KUNIT_EXPECT_EQ(test, 0, rig_write(r, rig_rid(SZ_4K), 1));

	/* Less rights do so as well */
	rig_map_second(r, root, SZ_4K, page, SS_R);
	KUNIT_EXPECT_EQ(test, 0, rig_write(r, rig_rid(SZ_4K), 2));
	KUNIT_EXPECT_EQ(test, 2, page[0]);
}

/*
 * And so do more rights in the first stage, with a device that could not ask
 * for the page (section 6.5.3.5).
 */
static void rights_first(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test), *page = rig_page(test);
	struct vtdsim_req req = rig_pasid(SZ_4K, PASID);

	page[0] = 0xa;
	rig_set_first(r, PASID, 6, root);
	rig_map_first(r, root, SZ_4K, page, FS_UR);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, req));
	KUNIT_EXPECT_EQ(test, -EFAULT, rig_write(r, req, 1));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_WRITE, r->out.reason);
	rig_map_first(r, root, SZ_4K, page, FS_URW);
	KUNIT_EXPECT_EQ(test, -EFAULT, rig_write(r, req, 1));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_WRITE, r->out.reason);
	vtdsim_inv_piotlb_pages(r->unit->cache, 6, PASID, SZ_4K, 0, true);
	KUNIT_EXPECT_EQ(test, 0, rig_write(r, req, 1));
	rig_map_first(r, root, SZ_4K, page, FS_UR);
	KUNIT_EXPECT_EQ(test, 0, rig_write(r, req, 2));
	KUNIT_EXPECT_EQ(test, 2, page[0]);
	vtdsim_inv_piotlb_pages(r->unit->cache, 6, PASID, SZ_4K, 0, true);
	KUNIT_EXPECT_EQ(test, -EFAULT, rig_write(r, req, 3));
	KUNIT_EXPECT_EQ(test, 2, page[0]);
}

/* Privilege comes with the PASID; a request without has none to bring. */
static void no_privilege_without_pasid(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test), *page = rig_page(test);
	struct vtdsim_req req = rig_rid(SZ_4K);

	page[0] = 0xa;
	rig_set_first(r, RID_PASID, 6, root);
	rig_map_first(r, root, SZ_4K, page, FS_UR);
	req.priv = true;
	req.exec = true;
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, req));
	rig_set_first(r, PASID, 6, root);
	req.with_pasid = true;
	req.pasid = PASID;
	req.exec = false;
	rig_expect_fault(r, req, VTDSIM_FR_PASID_SRE, true);
}

/* Guest addresses of the nested tests: the tables, and the page. */
#define GPA_TABLES	(1ULL * SZ_1G)
#define GPA_PAGE	(8ULL * SZ_1G + 5 * SZ_2M + 7 * SZ_4K)

/* A chain of first-stage tables at guest addresses that share no table. */
static u64 make_guest(struct rig *r, u64 *ss_root, int ss_levels, int levels,
		      u64 addr, u64 leaf)
{
	struct kunit *test = r->test;
	u64 gpa = 0, entry = leaf;
	int level;

	for (level = 1; level <= levels; level++) {
		u64 *table = rig_page(test);

		/* Far enough apart to need second-stage tables of their own */
		gpa = GPA_TABLES * level;
		if (ss_levels == 5)
			gpa |= (u64)level << 48 | (u64)level << 39;
		table[addr >> (12 + 9 * (level - 1)) & 511] = entry;
		*rig_slot(test, ss_root, ss_levels, 1, gpa, SS_RW) =
			virt_to_phys(table) | SS_RW;
		entry = gpa | FS_URW;
	}
	return gpa;
}

static void nested(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *ss = rig_page(test);
	u64 *a = rig_page(test), *b = rig_page(test);
	struct vtdsim_req req = rig_pasid(SZ_4K, PASID);
	u64 gpa;

	a[0] = 0xa;
	b[0] = 0xb;
	gpa = make_guest(r, ss, 4, 4, SZ_4K, GPA_PAGE | FS_URW);
	rig_set_nested(r, PASID, 5, gpa, ss);
	rig_map_second(r, ss, GPA_PAGE, a, SS_RW);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, req));

	/* The second stage moves: no PASID-based invalidation is enough ... */
	rig_map_second(r, ss, GPA_PAGE, b, SS_RW);
	vtdsim_inv_piotlb_pages(r->unit->cache, 5, PASID, SZ_8K, 0, false);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, req));

	/* ... but a page-selective one of the guest address is */
	vtdsim_inv_iotlb_pages(r->unit->cache, 5, GPA_PAGE, 0, true);
	KUNIT_EXPECT_EQ(test, 0xb, rig_read(r, req));

	/* Shared with second-stage-only translation: the tables, no more */
	rig_set_second(r, RID_PASID, 5, ss);
	KUNIT_EXPECT_EQ(test, 0xb, rig_read(r, rig_rid(GPA_PAGE)));
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.violations);
}

/*
 * A second-stage leaf under a first-stage table changes. The invalidation with
 * hint has to reach the first stage's cached addresses of tables too.
 */
static void nested_table_moves(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *ss = rig_page(test), *table = rig_page(test);
	u64 *a = rig_page(test), *b = rig_page(test);
	struct vtdsim_req req = rig_pasid(SZ_4K, PASID);
	u64 gpa;

	a[0] = 0xa;
	b[0] = 0xb;
	gpa = make_guest(r, ss, 4, 4, SZ_4K, GPA_PAGE | FS_URW);
	rig_set_nested(r, PASID, 5, gpa, ss);
	rig_map_second(r, ss, GPA_PAGE, a, SS_RW);
	rig_map_second(r, ss, GPA_PAGE + SZ_4K, b, SS_RW);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, req));

	table[1] = (GPA_PAGE + SZ_4K) | FS_URW;
	rig_map_second(r, ss, GPA_TABLES, table, SS_RW);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, req));
	vtdsim_inv_iotlb_pages(r->unit->cache, 5, GPA_TABLES, 0, true);
	KUNIT_EXPECT_EQ(test, 0xb, rig_read(r, req));
}

/* The worst case that VTDSIM_CACHE_RESERVE is made for. */
static void reserve_suffices(struct kunit *test)
{
	const u64 addr = 1ULL << 48 | 1ULL << 39 | SZ_1G | SZ_2M | SZ_4K;
	const u64 page_at = 9ULL << 48 | 9ULL << 39 | GPA_PAGE;
	struct rig *r = rig_make(test);
	u64 *ss = rig_page(test), *page = rig_page(test);
	unsigned int used = 0;
	struct list_head *pos;
	u64 gpa;
	int i;

	page[0] = 0xa;
	r->unit->caps.haw = 52;
	gpa = make_guest(r, ss, 5, 5, addr, page_at | FS_URW);
	*rig_slot(test, ss, 5, 1, page_at, SS_RW) = virt_to_phys(page) | SS_RW;
	rig_set_nested(r, PASID, 5, gpa, ss);
	rig_entry(r, PASID)[0] += 1 << 2;	/* AW: 57 bits */
	rig_entry(r, PASID)[2] |= 1 << 2;	/* FSPM: 5 levels */

	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_pasid(addr, PASID)));
	for (i = 0; i < VTDSIM_KINDS; i++)
		list_for_each(pos, &r->unit->cache->live[i])
			used++;
	KUNIT_EXPECT_EQ(test, VTDSIM_CACHE_RESERVE, used);
}

static void large_pages(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test), *page = rig_page(test);
	u64 at = virt_to_phys(page);

	page[0] = 0xa;
	rig_set_second(r, RID_PASID, 5, root);
	*rig_slot(test, root, 4, 2, at, SS_RW) = ALIGN_DOWN(at, SZ_2M) | PS |
						 SS_RW;
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_rid(at)));
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_rid(at)));
	KUNIT_EXPECT_EQ(test, 1, r->unit->stats.walks);

	/* Any page of it takes all of it */
	*rig_slot(test, root, 4, 2, at, SS_RW) = 0;
	vtdsim_inv_iotlb_pages(r->unit->cache, 5, at ^ SZ_4K, 0, false);
	rig_expect_fault(r, rig_rid(at), VTDSIM_FR_SS_PRESENT, true);
}

/* Translated, but to an address where there is no memory. */
static void no_memory(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test);

	rig_set_second(r, RID_PASID, 5, root);
	*rig_slot(test, root, 4, 1, SZ_4K, SS_RW) = BIT_ULL(45) | SS_RW;
	KUNIT_EXPECT_EQ(test, -EFAULT, rig_write(r, rig_rid(SZ_4K), 1));
	KUNIT_EXPECT_TRUE(test, r->out.unsupported);
	KUNIT_EXPECT_EQ(test, 0, r->out.reason);
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.faults);
}

static struct kunit_case dma_cache_cases[] = {
	KUNIT_CASE(devices_share_iotlb),
	KUNIT_CASE(wrong_domain_shows),
	KUNIT_CASE(dirty_second),
	KUNIT_CASE(dirty_first),
	KUNIT_CASE(rights_second),
	KUNIT_CASE(rights_first),
	KUNIT_CASE(no_privilege_without_pasid),
	KUNIT_CASE(nested),
	KUNIT_CASE(nested_table_moves),
	KUNIT_CASE(reserve_suffices),
	KUNIT_CASE(large_pages),
	KUNIT_CASE(no_memory),
	{}
};

static struct kunit_suite dma_cache_suite = {
	.name = "vtdsim-dma-cache",
	.test_cases = dma_cache_cases,
};

kunit_test_suite(dma_cache_suite);
