// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of stage-1 domains on PASIDs, against the modelled unit: no user API of
 * this kernel attaches PASIDs, so the test is the caller in the kernel.
 */

#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "fixture.h"

static int invalidate_pages(struct kunit *test, struct vtd_test *fx, struct iommu_domain *s1,
			    u64 addr, u64 npages)
{
	struct iommu_hwpt_vtd_s1_invalidate req = { .addr = addr, .npages = npages };
	struct iommu_user_data_array array = {
		.type = IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
		.uptr = fx->user,
		.entry_len = sizeof(req),
		.entry_num = 1,
	};

	KUNIT_ASSERT_EQ(test, 0, copy_to_user(fx->user, &req, sizeof(req)));
	return s1->ops->cache_invalidate_user(s1, &array);
}

static void two_pasids_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	unsigned int a = vtd_test_data_page(test, fx), b = vtd_test_data_page(test, fx);
	struct iommu_domain *s1a, *s1b;

	s1a = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, a));
	s1b = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, b));

	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 5, IOVA), FR_PASID_NOT_PRESENT);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1a, fx->pdev, 5), 0);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1b, fx->pdev, 70), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_ids_in_use(fx), fx->ids + 1);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 5, IOVA), vtd_test_stamp(a));
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 70, IOVA), vtd_test_stamp(b));
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 6, IOVA), FR_PASID_NOT_PRESENT);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 5, IOVA + PAGE_SIZE), FR_FIRST_NOT_PRESENT);

	vtd_test_detach(test, fx->pdev, 5);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 5, IOVA), FR_PASID_NOT_PRESENT);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 70, IOVA), vtd_test_stamp(b));
	vtd_test_detach(test, fx->pdev, 70);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 70, IOVA), FR_PASID_NOT_PRESENT);
	KUNIT_EXPECT_EQ(test, vtd_test_ids_in_use(fx), fx->ids);

	vtd_test_free(test, s1a);
	vtd_test_free(test, s1b);
}

static void shared_domain_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	unsigned int a = vtd_test_data_page(test, fx), b = vtd_test_data_page(test, fx);
	unsigned int root = vtd_test_table(test, fx, IOVA, a);
	struct iommu_domain *s1 = vtd_test_s1(test, fx, fx->parent, root);
	ioasid_t pasid;

	for (pasid = 1; pasid <= 4; pasid++) {
		KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, pasid), 0);
		KUNIT_EXPECT_EQ(test, vtd_test_read(fx, pasid, IOVA), vtd_test_stamp(a));
	}

	*vtd_test_leaf(fx, root, IOVA) = vtd_test_gpa(b) | PTE_ALL;
	for (pasid = 1; pasid <= 4; pasid++)
		KUNIT_EXPECT_EQ(test, vtd_test_read(fx, pasid, IOVA), vtd_test_stamp(a));
	KUNIT_EXPECT_EQ(test, invalidate_pages(test, fx, s1, IOVA, 1), 0);
	for (pasid = 1; pasid <= 4; pasid++) {
		KUNIT_EXPECT_EQ(test, vtd_test_read(fx, pasid, IOVA), vtd_test_stamp(b));
		vtd_test_detach(test, fx->pdev, pasid);
	}

	vtd_test_free(test, s1);
}

static void stage2_unmap_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	unsigned int a = vtd_test_data_page(test, fx);
	struct iommu_domain *s1;
	u64 *leaf;

	s1 = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, a));
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, 1), 0);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, 2), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 1, IOVA), vtd_test_stamp(a));
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 2, IOVA), vtd_test_stamp(a));

	leaf = fx->mem + a * PAGE_SIZE;
	KUNIT_ASSERT_EQ(test, iommu_unmap(fx->parent, vtd_test_gpa(a), PAGE_SIZE), PAGE_SIZE);
	*leaf = 0;
	KUNIT_EXPECT_NE(test, vtd_test_read(fx, 1, IOVA), 0);
	KUNIT_EXPECT_NE(test, vtd_test_read(fx, 2, IOVA), 0);

	vtd_test_detach(test, fx->pdev, 1);
	vtd_test_detach(test, fx->pdev, 2);
	vtd_test_free(test, s1);
}

/**
 * struct stream - a device that reads all the time
 * @fx: the fixture
 * @pasid: PASID to read with
 * @good: what it may read
 * @reads: how often it has
 * @seen: how often it was which of @good
 * @bad: the first thing it read that it may not
 */
struct stream {
	struct vtd_test *fx;
	ioasid_t pasid;
	u64 good[2];
	unsigned long reads;
	unsigned long seen[2];
	u64 bad;
};

static int stream_thread(void *data)
{
	struct stream *s = data;

	while (!kthread_should_stop()) {
		u64 val = vtd_test_read(s->fx, s->pasid, IOVA);
		int i;

		for (i = 0; i < ARRAY_SIZE(s->good); i++)
			WRITE_ONCE(s->seen[i], s->seen[i] + (val == s->good[i]));
		if (val != s->good[0] && val != s->good[1] && !s->bad)
			WRITE_ONCE(s->bad, val);
		WRITE_ONCE(s->reads, s->reads + 1);
		cond_resched();
	}

	return 0;
}

#define REPLACEMENTS	10000

static void hitless_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	unsigned int a = vtd_test_data_page(test, fx), b = vtd_test_data_page(test, fx);
	struct stream stream = {
		.fx = fx,
		.pasid = 9,
		.good = { vtd_test_stamp(a), vtd_test_stamp(b) },
	};
	struct iommu_domain *s1[2];
	struct task_struct *thread;
	unsigned long before;
	int i, failed = 0, stale = 0;

	s1[0] = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, a));
	s1[1] = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, b));
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1[0], fx->pdev, 9), 0);

	thread = kthread_run(stream_thread, &stream, "nested-stream");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, thread);
	while (!READ_ONCE(stream.reads))
		cond_resched();
	before = stream.reads;
	for (i = 0; i < REPLACEMENTS; i++) {
		failed += !!vtd_test_replace(test, s1[(i + 1) & 1], fx->pdev, 9, s1[i & 1]);
		/* The one that was replaced is not seen any more. */
		stale += vtd_test_read(fx, 9, IOVA) != stream.good[(i + 1) & 1];
		cond_resched();
	}
	KUNIT_EXPECT_GT(test, READ_ONCE(stream.reads), before);
	kthread_stop(thread);

	KUNIT_EXPECT_EQ(test, failed, 0);
	KUNIT_EXPECT_EQ(test, stale, 0);
	KUNIT_EXPECT_EQ(test, stream.bad, 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 9, IOVA), vtd_test_stamp(a));

	vtd_test_detach(test, fx->pdev, 9);
	vtd_test_free(test, s1[0]);
	vtd_test_free(test, s1[1]);
}

/* Invalidations follow the attachment from one domain to the other. */
static void replaced_invalidation_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	unsigned int a = vtd_test_data_page(test, fx), b = vtd_test_data_page(test, fx);
	unsigned int c = vtd_test_data_page(test, fx);
	unsigned int root = vtd_test_table(test, fx, IOVA, b);
	struct iommu_domain *s1a, *s1b;

	s1a = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, a));
	s1b = vtd_test_s1(test, fx, fx->parent, root);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1a, fx->pdev, 8), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 8, IOVA), vtd_test_stamp(a));
	KUNIT_ASSERT_EQ(test, vtd_test_replace(test, s1b, fx->pdev, 8, s1a), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 8, IOVA), vtd_test_stamp(b));

	*vtd_test_leaf(fx, root, IOVA) = vtd_test_gpa(c) | PTE_ALL;
	KUNIT_EXPECT_EQ(test, invalidate_pages(test, fx, s1a, 0, U64_MAX), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 8, IOVA), vtd_test_stamp(b));
	KUNIT_EXPECT_EQ(test, invalidate_pages(test, fx, s1b, 0, U64_MAX), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 8, IOVA), vtd_test_stamp(c));

	vtd_test_free(test, s1a);
	vtd_test_detach(test, fx->pdev, 8);
	vtd_test_free(test, s1b);
}

/*
 * A domain that is equal to the one it replaces, down to the PASID entry, still
 * leaves nothing cached of what the guest changed before.
 */
static void equal_replace_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	unsigned int a = vtd_test_data_page(test, fx), b = vtd_test_data_page(test, fx);
	unsigned int root = vtd_test_table(test, fx, IOVA, a);
	struct iommu_domain *s1a, *s1b;

	s1a = vtd_test_s1(test, fx, fx->parent, root);
	s1b = vtd_test_s1(test, fx, fx->parent, root);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1a, fx->pdev, 8), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 8, IOVA), vtd_test_stamp(a));
	*vtd_test_leaf(fx, root, IOVA) = vtd_test_gpa(b) | PTE_ALL;
	KUNIT_EXPECT_EQ(test, vtd_test_replace(test, s1b, fx->pdev, 8, s1a), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 8, IOVA), vtd_test_stamp(b));

	vtd_test_detach(test, fx->pdev, 8);
	vtd_test_free(test, s1a);
	vtd_test_free(test, s1b);
}

/* A device that does not answer keeps its domain, and nobody waits for it for ever. */
static void silent_replace_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	unsigned int a = vtd_test_data_page(test, fx), b = vtd_test_data_page(test, fx);
	struct kmsg_dump_iter log = {};
	struct iommu_domain *s1a, *s1b;
	u64 silent;

	if (!info->ats_enabled)
		kunit_skip(test, "the endpoint's ATS is off");

	s1a = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, a));
	s1b = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, b));
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1a, fx->pdev, 8), 0);
	vtd_test_lose_answers(test, fx, 50);
	silent = vtd_stats_refusals(VTD_REFUSED_SILENT);
	vtd_test_log_lines(fx->pdev, &log, "");
	KUNIT_EXPECT_EQ(test, vtd_test_replace(test, s1b, fx->pdev, 8, s1a), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, vtd_test_log_lines(fx->pdev, &log, "replace refused"), 1);
	KUNIT_EXPECT_EQ(test, vtd_stats_refusals(VTD_REFUSED_SILENT), silent + 1);
	vtd_test_lose_answers(test, fx, 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 8, IOVA), vtd_test_stamp(a));

	KUNIT_EXPECT_EQ(test, vtd_test_replace(test, s1b, fx->pdev, 8, s1a), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 8, IOVA), vtd_test_stamp(b));
	vtd_test_detach(test, fx->pdev, 8);
	vtd_test_free(test, s1a);
	vtd_test_free(test, s1b);
}

/* Tables of a crashed kernel, which still has DMA under way, stay as they are. */
static void copied_tables_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *s1 = vtd_test_s1(test, fx, fx->parent, 0);
	struct kmsg_dump_iter log = {};
	struct device_domain_info *info;
	struct intel_iommu *unit;
	struct pci_dev *pdev = vtd_test_second_unit(test, &unit);
	u64 busy = vtd_stats_refusals(VTD_REFUSED_BUSY);

	info = dev_iommu_priv_get(&pdev->dev);
	unit->copied_tables = kunit_kcalloc(test, BITS_TO_LONGS(BIT(16)), sizeof(long), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, unit->copied_tables);
	__set_bit(info->bus << 8 | info->devfn, unit->copied_tables);

	vtd_test_log_lines(pdev, &log, "");
	KUNIT_EXPECT_EQ(test, vtd_test_attach(test, s1, pdev, 8), -EBUSY);
	KUNIT_EXPECT_EQ(test, vtd_test_log_lines(pdev, &log, "a crashed kernel's tables"), 1);
	KUNIT_EXPECT_EQ(test, vtd_stats_refusals(VTD_REFUSED_BUSY), busy + 1);

	__clear_bit(info->bus << 8 | info->devfn, unit->copied_tables);
	KUNIT_EXPECT_EQ(test, vtd_test_attach(test, s1, pdev, 8), 0);
	vtd_test_detach(test, pdev, 8);
	vtd_test_free(test, s1);
}

#define REFUSALS	20

/* What it has read meanwhile of the domain that was refused, it does not read any more. */
static void silent_replace_busy_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	unsigned int a = vtd_test_data_page(test, fx), b = vtd_test_data_page(test, fx);
	struct stream stream = {
		.fx = fx,
		.pasid = 8,
		.good = { vtd_test_stamp(a), vtd_test_stamp(b) },
	};
	struct iommu_domain *s1a, *s1b;
	struct task_struct *thread;
	int i;

	if (!info->ats_enabled)
		kunit_skip(test, "the endpoint's ATS is off");

	s1a = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, a));
	s1b = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, b));
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1a, fx->pdev, 8), 0);
	thread = kthread_run(stream_thread, &stream, "nested-stream");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, thread);
	while (!READ_ONCE(stream.seen[0]))
		cond_resched();
	/*
	 * As often as it takes to read while both may be read, and some more: the driver does
	 * not take long to put the old one back after the last flush.
	 */
	for (i = 0; i < 100 && (i < REFUSALS || !READ_ONCE(stream.seen[1])); i++) {
		vtd_test_lose_answers(test, fx, 50);
		KUNIT_EXPECT_EQ(test, vtd_test_replace(test, s1b, fx->pdev, 8, s1a), -ETIMEDOUT);
		vtd_test_lose_answers(test, fx, 0);
		KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 8, IOVA), vtd_test_stamp(a));
	}
	kthread_stop(thread);
	KUNIT_EXPECT_GT(test, stream.seen[1], 0);
	KUNIT_EXPECT_EQ(test, stream.bad, 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 8, IOVA), vtd_test_stamp(a));
}

/* The old attachment goes on working, and nothing is left of the new one. */
static void failed_replace_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	unsigned int a = vtd_test_data_page(test, fx), b = vtd_test_data_page(test, fx);
	struct iommu_domain *other = vtd_test_parent(test, fx);
	struct kmsg_dump_iter log = {};
	struct iommu_domain *s1a, *s1b;
	unsigned long *saved;
	u64 no_id, busy;

	s1a = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, a));
	s1b = vtd_test_s1(test, fx, other, vtd_test_table(test, fx, IOVA, b));
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1a, fx->pdev, 3), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 3, IOVA), vtd_test_stamp(a));

	no_id = vtd_stats_refusals(VTD_REFUSED_NO_ID);
	busy = vtd_stats_refusals(VTD_REFUSED_BUSY);
	saved = vtd_test_take_ids(fx->iommu);
	KUNIT_ASSERT_NOT_NULL(test, saved);
	vtd_test_log_lines(fx->pdev, &log, "");
	KUNIT_EXPECT_EQ(test, vtd_test_replace(test, s1b, fx->pdev, 3, s1a), -ENOSPC);
	KUNIT_EXPECT_EQ(test, vtd_test_log_lines(fx->pdev, &log, "no domain id left"), 1);
	KUNIT_EXPECT_EQ(test, vtd_test_replace(test, s1b, fx->pdev, 4, NULL), -ENOSPC);
	KUNIT_EXPECT_EQ(test, vtd_stats_refusals(VTD_REFUSED_NO_ID), no_id + 2);

	KUNIT_EXPECT_TRUE(test, vtd_test_return_ids(fx->iommu, saved));

	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 3, IOVA), vtd_test_stamp(a));
	vtd_test_log_lines(fx->pdev, &log, "");
	KUNIT_EXPECT_EQ(test, vtd_test_replace(test, s1b, fx->pdev, 3, NULL), -EBUSY);
	KUNIT_EXPECT_EQ(test, vtd_test_log_lines(fx->pdev, &log, "has a domain that stays"), 1);
	KUNIT_EXPECT_EQ(test, vtd_test_replace(test, s1b, fx->pdev, 4, s1a), -EBUSY);
	KUNIT_EXPECT_EQ(test, vtd_stats_refusals(VTD_REFUSED_BUSY), busy + 2);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 3, IOVA), vtd_test_stamp(a));
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 4, IOVA), FR_PASID_NOT_PRESENT);

	/* With an id to be had it works, and takes the other's place. */
	KUNIT_EXPECT_EQ(test, vtd_test_replace(test, s1b, fx->pdev, 3, s1a), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 3, IOVA), vtd_test_stamp(b));
	KUNIT_EXPECT_EQ(test, vtd_test_ids_in_use(fx), fx->ids + 1);

	vtd_test_detach(test, fx->pdev, 3);
	KUNIT_EXPECT_EQ(test, vtd_test_ids_in_use(fx), fx->ids);
	vtd_test_free(test, s1a);
	vtd_test_free(test, s1b);
	vtd_test_free(test, other);
}

/* The same for requests without PASID. */
static void failed_attach_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	unsigned int a = vtd_test_data_page(test, fx), b = vtd_test_data_page(test, fx);
	struct iommu_domain *other = vtd_test_parent(test, fx);
	struct iommu_domain *s1a, *s1b;
	unsigned long *saved;

	s1a = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, a));
	s1b = vtd_test_s1(test, fx, other, vtd_test_table(test, fx, IOVA, b));
	KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, s1a), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, IOMMU_NO_PASID, IOVA), vtd_test_stamp(a));

	saved = vtd_test_take_ids(fx->iommu);
	KUNIT_ASSERT_NOT_NULL(test, saved);
	KUNIT_EXPECT_EQ(test, vtd_test_attach_device(test, s1b), -ENOSPC);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, IOMMU_NO_PASID, IOVA), vtd_test_stamp(a));
	KUNIT_EXPECT_TRUE(test, vtd_test_return_ids(fx->iommu, saved));

	KUNIT_EXPECT_EQ(test, vtd_test_attach_device(test, s1b), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, IOMMU_NO_PASID, IOVA), vtd_test_stamp(b));

	vtd_test_restore_device(test);
	KUNIT_EXPECT_EQ(test, vtd_test_ids_in_use(fx), fx->ids);
	vtd_test_free(test, s1a);
	vtd_test_free(test, s1b);
	vtd_test_free(test, other);
}

static struct kunit_case pasid_cases[] = {
	KUNIT_CASE(two_pasids_test),
	KUNIT_CASE(shared_domain_test),
	KUNIT_CASE(stage2_unmap_test),
	KUNIT_CASE(replaced_invalidation_test),
	KUNIT_CASE(equal_replace_test),
	KUNIT_CASE(silent_replace_test),
	KUNIT_CASE(copied_tables_test),
	KUNIT_CASE(silent_replace_busy_test),
	KUNIT_CASE(failed_replace_test),
	KUNIT_CASE(failed_attach_test),
	KUNIT_CASE_SLOW(hitless_test),
	{}
};

static struct kunit_suite pasid_suite = {
	.name = "intel-nested-pasid",
	.init = vtd_test_init,
	.test_cases = pasid_cases,
};

kunit_test_suite(pasid_suite);
