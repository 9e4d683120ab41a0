// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of DMA with caches: which requests share an entry, when the tables are read
 * again, and how much a request caches.
 */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/sizes.h>

#include "cache/internals.h"
#include "fixture_dma.h"
#include "kunit_case.h"
#include "unit/fault_reasons.h"

static void devices_share_iotlb(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *page = vtdsim_test_page(test);
	struct vtdsim_req other = rid_req(SZ_4K);

	other.sid = SID_B;
	page[0] = 0xa;
	vtdsim_test_set_second(d, RID_PASID, 5, root);
	vtdsim_test_map_second(d, root, SZ_4K, page, SS_RW);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, rid_req(SZ_4K)));
	KUNIT_EXPECT_EQ(test, 1, d->unit->stats.walks);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, other));
	KUNIT_EXPECT_EQ(test, 1, d->unit->stats.walks);
}

/* One domain-id for two tables gives the wrong bytes, and a violation. */
static void wrong_domain_shows(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *root2 = vtdsim_test_page(test);
	u64 *a = vtdsim_test_page(test), *b = vtdsim_test_page(test);

	a[0] = 0xa;
	b[0] = 0xb;
	vtdsim_test_set_second(d, RID_PASID, 5, root);
	vtdsim_test_set_second(d, PASID, 5, root2);
	vtdsim_test_map_second(d, root, SZ_4K, a, SS_RW);
	vtdsim_test_map_second(d, root2, SZ_4K, b, SS_RW);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, rid_req(SZ_4K)));
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.violations);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, pasid_req(SZ_4K, PASID)));
	KUNIT_EXPECT_EQ(test, 1, d->unit->stats.violations);

	/* Now found in the PASID-cache, and therefore not counted again */
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, pasid_req(SZ_4K, PASID)));
	KUNIT_EXPECT_EQ(test, 1, d->unit->stats.violations);

	vtdsim_test_set_second(d, PASID, 6, root2);
	vtdsim_inv_pasid_one(d->unit->cache, 5, PASID);
	KUNIT_EXPECT_EQ(test, 0xb, vtdsim_test_read(d, pasid_req(SZ_4K, PASID)));
	KUNIT_EXPECT_EQ(test, 1, d->unit->stats.violations);
}

/* The first write through a clean mapping sets the dirty bit in the table. */
static void dirty_second(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *page = vtdsim_test_page(test);
	u64 *pte = vtdsim_test_pte(test, root, 4, 1, SZ_4K, SS_RW);

	page[0] = 0xa;
	vtdsim_test_set_second(d, RID_PASID, 5, root);
	vtdsim_test_pasid_entry(d, RID_PASID)[0] |= PE_SSADE;
	*pte = virt_to_phys(page) | SS_RW;

	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, rid_req(SZ_4K)));
	KUNIT_EXPECT_FALSE(test, *pte & SS_D);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_write(d, rid_req(SZ_4K), 0xb));
	KUNIT_EXPECT_TRUE(test, *pte & SS_D);
	KUNIT_EXPECT_EQ(test, 2, d->unit->stats.walks);

	/* Cached as dirty: the flag is not set again until an invalidation */
	*pte &= ~SS_D;
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_write(d, rid_req(SZ_4K), 0xc));
	KUNIT_EXPECT_FALSE(test, *pte & SS_D);
	KUNIT_EXPECT_EQ(test, 2, d->unit->stats.walks);
	vtdsim_inv_iotlb_pages(d->unit->cache, 5, SZ_4K, 0, true);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_write(d, rid_req(SZ_4K), 0xd));
	KUNIT_EXPECT_TRUE(test, *pte & SS_D);
	KUNIT_EXPECT_EQ(test, 0xd, page[0]);
}

static void dirty_first(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *page = vtdsim_test_page(test);
	u64 *pte = vtdsim_test_pte(test, root, 4, 1, SZ_4K, FS_URW), old;
	struct vtdsim_req req = pasid_req(SZ_4K, PASID);

	page[0] = 0xa;
	vtdsim_test_set_first(d, PASID, 6, root);
	*pte = virt_to_phys(page) | FS_URW;
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, req));
	KUNIT_EXPECT_FALSE(test, *pte & FS_D);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_dma_fetch_add(d->unit, &req, 1, 8, &old, &d->out));
	KUNIT_EXPECT_EQ(test, 0xb, page[0]);
	KUNIT_EXPECT_TRUE(test, *pte & FS_D);
	KUNIT_EXPECT_EQ(test, 2, d->unit->stats.walks);
}

/* More rights in the second stage need an invalidation. */
static void rights_second(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *page = vtdsim_test_page(test);

	page[0] = 0xa;
	vtdsim_test_set_second(d, RID_PASID, 5, root);
	vtdsim_test_map_second(d, root, SZ_4K, page, SS_R);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, rid_req(SZ_4K)));
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_test_write(d, rid_req(SZ_4K), 1));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_WRITE, d->out.reason);
	vtdsim_test_map_second(d, root, SZ_4K, page, SS_RW);
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_test_write(d, rid_req(SZ_4K), 1));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_WRITE, d->out.reason);
	vtdsim_inv_iotlb_pages(d->unit->cache, 5, SZ_4K, 0, true);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_write(d, rid_req(SZ_4K), 1));

	/* So do fewer rights */
	vtdsim_test_map_second(d, root, SZ_4K, page, SS_R);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_write(d, rid_req(SZ_4K), 2));
	KUNIT_EXPECT_EQ(test, 2, page[0]);
}

/*
 * More rights in the first stage need one, too, for a device without page requests
 * (section 6.5.3.5).
 */
static void rights_first(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *page = vtdsim_test_page(test);
	struct vtdsim_req req = pasid_req(SZ_4K, PASID);

	page[0] = 0xa;
	vtdsim_test_set_first(d, PASID, 6, root);
	vtdsim_test_map_first(d, root, SZ_4K, page, FS_UR);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, req));
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_test_write(d, req, 1));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_WRITE, d->out.reason);
	vtdsim_test_map_first(d, root, SZ_4K, page, FS_URW);
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_test_write(d, req, 1));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_WRITE, d->out.reason);
	vtdsim_inv_piotlb_pages(d->unit->cache, 6, PASID, SZ_4K, 0, true);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_write(d, req, 1));
	vtdsim_test_map_first(d, root, SZ_4K, page, FS_UR);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_write(d, req, 2));
	KUNIT_EXPECT_EQ(test, 2, page[0]);
	vtdsim_inv_piotlb_pages(d->unit->cache, 6, PASID, SZ_4K, 0, true);
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_test_write(d, req, 3));
	KUNIT_EXPECT_EQ(test, 2, page[0]);
}

/* A request without PASID has no privilege. */
static void no_privilege_without_pasid(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *page = vtdsim_test_page(test);
	struct vtdsim_req req = rid_req(SZ_4K);

	page[0] = 0xa;
	vtdsim_test_set_first(d, RID_PASID, 6, root);
	vtdsim_test_map_first(d, root, SZ_4K, page, FS_UR);
	req.priv = true;
	req.exec = true;
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, req));
	vtdsim_test_set_first(d, PASID, 6, root);
	req.with_pasid = true;
	req.pasid = PASID;
	req.exec = false;
	vtdsim_test_expect_fault(d, req, VTDSIM_FR_PASID_SRE, true);
}

/* Guest address of the page in nested tests; the tables are below. */
#define GPA_PAGE	(8ULL * SZ_1G + 5 * SZ_2M + 7 * SZ_4K)

/*
 * First-stage tables of PASID that map @addr, as far apart from each other as to
 * need second-stage tables of their own.
 */
static void make_guest(struct vtdsim_test_dma *d, struct vtdsim_test_guest *g, int levels,
		       u64 addr, u64 leaf)
{
	u64 step = SZ_1G;

	if (levels == 5)
		step |= BIT_ULL(48) | BIT_ULL(39);
	*g = (struct vtdsim_test_guest) {
		.test = d->test, .ss_root = vtdsim_test_page(d->test), .ss_levels = levels,
		.first = step, .step = step,
	};
	vtdsim_test_set_nested(d, PASID, 5, vtdsim_test_guest_page(g), g->ss_root);
	*vtdsim_test_guest_pte(g, step, levels, 1, addr) = leaf;
}

static void dma_cache_nested(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *a = vtdsim_test_page(test), *b = vtdsim_test_page(test);
	struct vtdsim_req req = pasid_req(SZ_4K, PASID);
	struct vtdsim_test_guest g;

	a[0] = 0xa;
	b[0] = 0xb;
	make_guest(d, &g, 4, SZ_4K, GPA_PAGE | FS_URW);
	vtdsim_test_map_second(d, g.ss_root, GPA_PAGE, a, SS_RW);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, req));

	/* A second-stage change: no PASID-based invalidation is enough ... */
	vtdsim_test_map_second(d, g.ss_root, GPA_PAGE, b, SS_RW);
	vtdsim_inv_piotlb_pages(d->unit->cache, 5, PASID, SZ_8K, 0, false);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, req));

	/* ... but a page-selective one of the guest address is */
	vtdsim_inv_iotlb_pages(d->unit->cache, 5, GPA_PAGE, 0, true);
	KUNIT_EXPECT_EQ(test, 0xb, vtdsim_test_read(d, req));

	/* Second-stage-only translation shares the tables, and no mappings */
	vtdsim_test_set_second(d, RID_PASID, 5, g.ss_root);
	KUNIT_EXPECT_EQ(test, 0xb, vtdsim_test_read(d, rid_req(GPA_PAGE)));
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.violations);
}

/*
 * A second-stage leaf under a first-stage table changes. The invalidation with
 * hint has to reach the first stage's cached addresses of tables too.
 */
static void nested_table_moves(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *a = vtdsim_test_page(test), *b = vtdsim_test_page(test);
	struct vtdsim_req req = pasid_req(SZ_4K, PASID);
	u64 *table = vtdsim_test_page(test), gpa;
	struct vtdsim_test_guest g;

	a[0] = 0xa;
	b[0] = 0xb;
	make_guest(d, &g, 4, SZ_4K, GPA_PAGE | FS_URW);
	vtdsim_test_map_second(d, g.ss_root, GPA_PAGE, a, SS_RW);
	vtdsim_test_map_second(d, g.ss_root, GPA_PAGE + SZ_4K, b, SS_RW);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, req));

	table[1] = (GPA_PAGE + SZ_4K) | FS_URW;
	gpa = *vtdsim_test_guest_pte(&g, g.first, 4, 2, SZ_4K) & PTE_ADDR;
	vtdsim_test_map_second(d, g.ss_root, gpa, table, SS_RW);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, req));
	vtdsim_inv_iotlb_pages(d->unit->cache, 5, gpa, 0, true);
	KUNIT_EXPECT_EQ(test, 0xb, vtdsim_test_read(d, req));
}

/* The worst case of VTDSIM_CACHE_RESERVE */
static void reserve_suffices(struct kunit *test)
{
	const u64 addr = 1ULL << 48 | 1ULL << 39 | SZ_1G | SZ_2M | SZ_4K;
	const u64 page_at = 9ULL << 48 | 9ULL << 39 | GPA_PAGE;
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *page = vtdsim_test_page(test);
	struct vtdsim_test_guest g;
	unsigned int used = 0;
	struct list_head *pos;
	int i;

	page[0] = 0xa;
	d->unit->caps.haw = 52;
	make_guest(d, &g, 5, addr, page_at | FS_URW);
	*vtdsim_test_pte(test, g.ss_root, 5, 1, page_at, SS_RW) = virt_to_phys(page) | SS_RW;
	vtdsim_test_pasid_entry(d, PASID)[0] += 1 << 2;	/* AW: 57 bits */
	vtdsim_test_pasid_entry(d, PASID)[2] |= 1 << 2;	/* FSPM: 5 levels */

	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, pasid_req(addr, PASID)));
	for (i = 0; i < VTDSIM_KINDS; i++)
		list_for_each(pos, &d->unit->cache->live[i])
			used++;
	KUNIT_EXPECT_EQ(test, VTDSIM_CACHE_RESERVE, used);
}

static void large_pages(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *page = vtdsim_test_page(test);
	u64 at = virt_to_phys(page);

	page[0] = 0xa;
	vtdsim_test_set_second(d, RID_PASID, 5, root);
	*vtdsim_test_pte(test, root, 4, 2, at, SS_RW) = ALIGN_DOWN(at, SZ_2M) | PTE_PS | SS_RW;
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, rid_req(at)));
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, rid_req(at)));
	KUNIT_EXPECT_EQ(test, 1, d->unit->stats.walks);

	/* Invalidating any page of it drops all of it */
	*vtdsim_test_pte(test, root, 4, 2, at, SS_RW) = 0;
	vtdsim_inv_iotlb_pages(d->unit->cache, 5, at ^ SZ_4K, 0, false);
	vtdsim_test_expect_fault(d, rid_req(at), VTDSIM_FR_SS_PRESENT, true);
}

/* A translation to an address without memory is no fault. */
static void no_memory(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test);

	vtdsim_test_set_second(d, RID_PASID, 5, root);
	*vtdsim_test_pte(test, root, 4, 1, SZ_4K, SS_RW) = BIT_ULL(45) | SS_RW;
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_test_write(d, rid_req(SZ_4K), 1));
	KUNIT_EXPECT_TRUE(test, d->out.unsupported);
	KUNIT_EXPECT_EQ(test, 0, d->out.reason);
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.faults);
}

static struct kunit_case dma_cache_cases[] = {
	KUNIT_CASE(devices_share_iotlb),
	KUNIT_CASE(wrong_domain_shows),
	KUNIT_CASE(dirty_second),
	KUNIT_CASE(dirty_first),
	KUNIT_CASE(rights_second),
	KUNIT_CASE(rights_first),
	KUNIT_CASE(no_privilege_without_pasid),
	VTDSIM_CASE(dma_cache, nested),
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
