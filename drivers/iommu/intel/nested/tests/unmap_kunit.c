// SPDX-License-Identifier: GPL-2.0-only
/*
 * When are tables freed that a change of a domain has emptied: before the flush that
 * takes them out of the unit's caches, or after it? The domain has nothing to do with
 * nesting. The answer depends on intel_iommu_nested= alone, so it is expected by what
 * the command line has, and not by what the driver has made of it.
 */

#include <kunit/test.h>
#include <linux/init.h>
#include <linux/string.h>

#include "../../trace.h"
#include "fixture.h"

#define RW		(IOMMU_READ | IOMMU_WRITE)
#define LOW		SZ_1G
#define HIGH		(2ULL * SZ_1G)

/**
 * struct vtd_flushes - what a test sees of the invalidation queue
 * @table: a table that is about to be freed
 * @seen: how many invalidations there were
 * @alive: @table was not free when the last of them was submitted
 */
static struct vtd_flushes {
	struct page *table;
	unsigned int seen;
	bool alive;
} vtd_flushes;

static void note_flush(void *data, struct intel_iommu *iommu, u64 qw0, u64 qw1, u64 qw2, u64 qw3)
{
	if ((qw0 & 0xf) != QI_IOTLB_TYPE)
		return;
	vtd_flushes.seen++;
	vtd_flushes.alive = page_count(vtd_flushes.table) > 0;
}

static void stop_noting(void *unused)
{
	unregister_trace_qi_submit(note_flush, NULL);
	tracepoint_synchronize_unregister();
}

/* The last-level table of a second stage that maps @iova with a small page. */
static struct page *last_table(struct iommu_domain *domain, u64 iova)
{
	struct dmar_domain *paging = to_dmar_domain(domain);
	u64 *table = (u64 *)paging->pgd;
	int level;

	for (level = paging->agaw + 2; level > 1; level--)
		table = phys_to_virt(table[iova >> (12 + 9 * (level - 1)) & 511] &
				     GENMASK_ULL(51, 12));

	return virt_to_page(table);
}

static bool base_order(void)
{
	return strstr(saved_command_line, "intel_iommu_nested=base");
}

static struct iommu_domain *attach_new_domain(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *domain = fx->ops->domain_alloc_user(&fx->pdev->dev, 0, NULL, NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	domain->owner = fx->ops;
	vtd_test_own(test, domain);
	KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, domain), 0);

	return domain;
}

static void watch_flushes(struct kunit *test, struct page *table)
{
	vtd_flushes = (struct vtd_flushes) { .table = table };
	KUNIT_ASSERT_EQ(test, register_trace_qi_submit(note_flush, NULL), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_noting, NULL), 0);
}

/* Two ranges that do not touch; only the second one empties a table. */
static void two_ranges_test(struct kunit *test)
{
	struct iommu_domain *domain = attach_new_domain(test);
	struct vtd_test *fx = test->priv;
	struct iommu_iotlb_gather gather;
	unsigned long at;

	KUNIT_ASSERT_EQ(test, 0, iommu_map(domain, LOW, page_to_phys(fx->page), PAGE_SIZE, RW,
					   GFP_KERNEL));
	for (at = HIGH; at < HIGH + SZ_2M; at += PAGE_SIZE)
		KUNIT_ASSERT_EQ(test, 0, iommu_map(domain, at, page_to_phys(fx->page), PAGE_SIZE,
						   RW, GFP_KERNEL));
	watch_flushes(test, last_table(domain, HIGH));

	iommu_iotlb_gather_init(&gather);
	KUNIT_EXPECT_EQ(test, iommu_unmap_fast(domain, LOW, PAGE_SIZE, &gather), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, vtd_flushes.seen, 0);
	KUNIT_EXPECT_EQ(test, iommu_unmap_fast(domain, HIGH, SZ_2M, &gather), SZ_2M);
	iommu_iotlb_sync(domain, &gather);

	KUNIT_EXPECT_EQ(test, vtd_flushes.seen, 2);
	KUNIT_EXPECT_EQ(test, vtd_flushes.alive, !base_order());
	vtd_test_restore_device(test);
}

/* A table without mappings gives way to a large page. */
static void large_page_test(struct kunit *test)
{
	struct iommu_domain *domain = attach_new_domain(test);
	struct vtd_test *fx = test->priv;
	struct page *large;

	if (!to_dmar_domain(domain)->iommu_superpage)
		kunit_skip(test, "needs large pages");
	KUNIT_ASSERT_EQ(test, 0, iommu_map(domain, HIGH, page_to_phys(fx->page), PAGE_SIZE, RW,
					   GFP_KERNEL));
	watch_flushes(test, last_table(domain, HIGH));
	KUNIT_ASSERT_EQ(test, iommu_unmap(domain, HIGH, PAGE_SIZE), PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, vtd_flushes.alive);

	large = alloc_pages(GFP_KERNEL, get_order(SZ_2M));
	KUNIT_ASSERT_NOT_NULL(test, large);
	vtd_flushes.seen = 0;
	KUNIT_EXPECT_EQ(test, 0, iommu_map(domain, HIGH, page_to_phys(large), SZ_2M, RW,
					   GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, vtd_flushes.seen, 1);
	KUNIT_EXPECT_EQ(test, vtd_flushes.alive, !base_order());

	KUNIT_EXPECT_EQ(test, iommu_unmap(domain, HIGH, SZ_2M), SZ_2M);
	__free_pages(large, get_order(SZ_2M));
	vtd_test_restore_device(test);
}

static struct kunit_case unmap_cases[] = {
	KUNIT_CASE(two_ranges_test),
	KUNIT_CASE(large_page_test),
	{}
};

static struct kunit_suite unmap_suite = {
	.name = "intel-nested-unmap-client",
	.init = vtd_test_init_client,
	.test_cases = unmap_cases,
};

kunit_test_suite(unmap_suite);
