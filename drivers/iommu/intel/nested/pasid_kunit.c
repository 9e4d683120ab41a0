// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of stage-1 domains on PASIDs, against the modelled unit: no user API of
 * this kernel attaches PASIDs, so the test is the caller in the kernel.
 */

#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/uaccess.h>

#include "rig_kunit.h"

static int attach(struct rig *rig, struct iommu_domain *s1, ioasid_t pasid)
{
	return iommu_attach_device_pasid(s1, &rig->pdev->dev, pasid, NULL);
}

static void detach(struct rig *rig, struct iommu_domain *s1, ioasid_t pasid)
{
	iommu_detach_device_pasid(s1, &rig->pdev->dev, pasid);
}

/* The core of this kernel does not replace; the driver's operation does. */
static int replace(struct rig *rig, struct iommu_domain *s1, ioasid_t pasid,
		   struct iommu_domain *old)
{
	return s1->ops->set_dev_pasid(s1, &rig->pdev->dev, pasid, old);
}

static int invalidate(struct kunit *test, struct rig *rig, struct iommu_domain *s1,
		      u64 addr, u64 npages)
{
	struct iommu_hwpt_vtd_s1_invalidate req = { .addr = addr, .npages = npages };
	struct iommu_user_data_array array = {
		.type = IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
		.uptr = rig->user,
		.entry_len = sizeof(req),
		.entry_num = 1,
	};

	KUNIT_ASSERT_EQ(test, 0, copy_to_user(rig->user, &req, sizeof(req)));
	return s1->ops->cache_invalidate_user(s1, &array);
}

static void two_pasids_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	unsigned int a = new_data(test, rig), b = new_data(test, rig);
	struct iommu_domain *s1a, *s1b;

	s1a = new_s1(test, rig, rig->parent, new_table(test, rig, IOVA, a));
	s1b = new_s1(test, rig, rig->parent, new_table(test, rig, IOVA, b));

	KUNIT_EXPECT_EQ(test, see(rig, 5, IOVA), FR_PASID_NOT_PRESENT);
	KUNIT_ASSERT_EQ(test, attach(rig, s1a, 5), 0);
	KUNIT_ASSERT_EQ(test, attach(rig, s1b, 70), 0);
	KUNIT_EXPECT_EQ(test, ids_in_use(rig), rig->ids + 1);
	KUNIT_EXPECT_EQ(test, see(rig, 5, IOVA), stamp_of(a));
	KUNIT_EXPECT_EQ(test, see(rig, 70, IOVA), stamp_of(b));
	KUNIT_EXPECT_EQ(test, see(rig, 6, IOVA), FR_PASID_NOT_PRESENT);
	KUNIT_EXPECT_EQ(test, see(rig, 5, IOVA + PAGE_SIZE), FR_FIRST_NOT_PRESENT);

	detach(rig, s1a, 5);
	KUNIT_EXPECT_EQ(test, see(rig, 5, IOVA), FR_PASID_NOT_PRESENT);
	KUNIT_EXPECT_EQ(test, see(rig, 70, IOVA), stamp_of(b));
	detach(rig, s1b, 70);
	KUNIT_EXPECT_EQ(test, see(rig, 70, IOVA), FR_PASID_NOT_PRESENT);
	KUNIT_EXPECT_EQ(test, ids_in_use(rig), rig->ids);

	iommu_domain_free(s1a);
	iommu_domain_free(s1b);
}

static void shared_domain_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	unsigned int a = new_data(test, rig), b = new_data(test, rig);
	unsigned int root = new_table(test, rig, IOVA, a);
	struct iommu_domain *s1 = new_s1(test, rig, rig->parent, root);
	ioasid_t pasid;

	for (pasid = 1; pasid <= 4; pasid++) {
		KUNIT_ASSERT_EQ(test, attach(rig, s1, pasid), 0);
		KUNIT_EXPECT_EQ(test, see(rig, pasid, IOVA), stamp_of(a));
	}

	*leaf_of(rig, root, IOVA) = gpa_of(b) | PTE_ALL;
	for (pasid = 1; pasid <= 4; pasid++)
		KUNIT_EXPECT_EQ(test, see(rig, pasid, IOVA), stamp_of(a));
	KUNIT_EXPECT_EQ(test, invalidate(test, rig, s1, IOVA, 1), 0);
	for (pasid = 1; pasid <= 4; pasid++) {
		KUNIT_EXPECT_EQ(test, see(rig, pasid, IOVA), stamp_of(b));
		detach(rig, s1, pasid);
	}

	iommu_domain_free(s1);
}

static void stage2_unmap_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	unsigned int a = new_data(test, rig);
	struct iommu_domain *s1;
	u64 *leaf;

	s1 = new_s1(test, rig, rig->parent, new_table(test, rig, IOVA, a));
	KUNIT_ASSERT_EQ(test, attach(rig, s1, 1), 0);
	KUNIT_ASSERT_EQ(test, attach(rig, s1, 2), 0);
	KUNIT_EXPECT_EQ(test, see(rig, 1, IOVA), stamp_of(a));
	KUNIT_EXPECT_EQ(test, see(rig, 2, IOVA), stamp_of(a));

	leaf = rig->mem + a * PAGE_SIZE;
	KUNIT_ASSERT_EQ(test, iommu_unmap(rig->parent, gpa_of(a), PAGE_SIZE), PAGE_SIZE);
	*leaf = 0;
	KUNIT_EXPECT_NE(test, see(rig, 1, IOVA), 0);
	KUNIT_EXPECT_NE(test, see(rig, 2, IOVA), 0);

	detach(rig, s1, 1);
	detach(rig, s1, 2);
	iommu_domain_free(s1);
}

/**
 * struct stream - a device that reads all the time
 * @rig: the rig
 * @pasid: PASID to read with
 * @good: what it may read
 * @reads: how often it has
 * @bad: the first thing it read that it may not
 */
struct stream {
	struct rig *rig;
	ioasid_t pasid;
	u64 good[2];
	unsigned long reads;
	u64 bad;
};

static int stream_thread(void *data)
{
	struct stream *s = data;

	while (!kthread_should_stop()) {
		u64 val = see(s->rig, s->pasid, IOVA);

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
	struct rig *rig = test->priv;
	unsigned int a = new_data(test, rig), b = new_data(test, rig);
	struct stream stream = {
		.rig = rig,
		.pasid = 9,
		.good = { stamp_of(a), stamp_of(b) },
	};
	struct iommu_domain *s1[2];
	struct task_struct *thread;
	unsigned long before;
	int i, failed = 0, stale = 0;

	s1[0] = new_s1(test, rig, rig->parent, new_table(test, rig, IOVA, a));
	s1[1] = new_s1(test, rig, rig->parent, new_table(test, rig, IOVA, b));
	KUNIT_ASSERT_EQ(test, attach(rig, s1[0], 9), 0);

	thread = kthread_run(stream_thread, &stream, "nested-stream");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, thread);
	while (!READ_ONCE(stream.reads))
		cond_resched();
	before = stream.reads;
	for (i = 0; i < REPLACEMENTS; i++) {
		failed += !!replace(rig, s1[(i + 1) & 1], 9, s1[i & 1]);
		/* The one that was replaced is not seen any more. */
		stale += see(rig, 9, IOVA) != stream.good[(i + 1) & 1];
		cond_resched();
	}
	KUNIT_EXPECT_GT(test, READ_ONCE(stream.reads), before);
	kthread_stop(thread);

	KUNIT_EXPECT_EQ(test, failed, 0);
	KUNIT_EXPECT_EQ(test, stale, 0);
	KUNIT_EXPECT_EQ(test, stream.bad, 0);
	KUNIT_EXPECT_EQ(test, see(rig, 9, IOVA), stamp_of(a));

	detach(rig, s1[0], 9);
	iommu_domain_free(s1[0]);
	iommu_domain_free(s1[1]);
}

/* Invalidations follow the attachment from one domain to the other. */
static void replaced_invalidation_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	unsigned int a = new_data(test, rig), b = new_data(test, rig);
	unsigned int c = new_data(test, rig);
	unsigned int root = new_table(test, rig, IOVA, b);
	struct iommu_domain *s1a, *s1b;

	s1a = new_s1(test, rig, rig->parent, new_table(test, rig, IOVA, a));
	s1b = new_s1(test, rig, rig->parent, root);
	KUNIT_ASSERT_EQ(test, attach(rig, s1a, 8), 0);
	KUNIT_EXPECT_EQ(test, see(rig, 8, IOVA), stamp_of(a));
	KUNIT_ASSERT_EQ(test, replace(rig, s1b, 8, s1a), 0);
	KUNIT_EXPECT_EQ(test, see(rig, 8, IOVA), stamp_of(b));

	*leaf_of(rig, root, IOVA) = gpa_of(c) | PTE_ALL;
	KUNIT_EXPECT_EQ(test, invalidate(test, rig, s1a, 0, U64_MAX), 0);
	KUNIT_EXPECT_EQ(test, see(rig, 8, IOVA), stamp_of(b));
	KUNIT_EXPECT_EQ(test, invalidate(test, rig, s1b, 0, U64_MAX), 0);
	KUNIT_EXPECT_EQ(test, see(rig, 8, IOVA), stamp_of(c));

	iommu_domain_free(s1a);
	detach(rig, s1b, 8);
	iommu_domain_free(s1b);
}

/* Takes every domain id of the unit; returns what was taken before. */
static unsigned long *take_all_ids(struct kunit *test, struct rig *rig)
{
	unsigned long max = cap_ndoms(rig->iommu->cap);
	unsigned long *saved = bitmap_alloc(max, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, saved);
	spin_lock(&rig->iommu->lock);
	bitmap_copy(saved, rig->iommu->domain_ids, max);
	bitmap_fill(rig->iommu->domain_ids, max);
	spin_unlock(&rig->iommu->lock);

	return saved;
}

/* Gives them back; none may have been returned meanwhile. */
static void give_back_ids(struct kunit *test, struct rig *rig, unsigned long *saved)
{
	unsigned long max = cap_ndoms(rig->iommu->cap);

	spin_lock(&rig->iommu->lock);
	KUNIT_EXPECT_TRUE(test, bitmap_full(rig->iommu->domain_ids, max));
	bitmap_copy(rig->iommu->domain_ids, saved, max);
	spin_unlock(&rig->iommu->lock);
	bitmap_free(saved);
}

/* The old attachment goes on working, and nothing is left of the new one. */
static void failed_replace_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	unsigned int a = new_data(test, rig), b = new_data(test, rig);
	struct iommu_domain *other = new_parent(test, rig);
	struct iommu_domain *s1a, *s1b;
	unsigned long *saved;

	s1a = new_s1(test, rig, rig->parent, new_table(test, rig, IOVA, a));
	s1b = new_s1(test, rig, other, new_table(test, rig, IOVA, b));
	KUNIT_ASSERT_EQ(test, attach(rig, s1a, 3), 0);
	KUNIT_EXPECT_EQ(test, see(rig, 3, IOVA), stamp_of(a));

	saved = take_all_ids(test, rig);
	KUNIT_EXPECT_EQ(test, replace(rig, s1b, 3, s1a), -ENOSPC);
	KUNIT_EXPECT_EQ(test, replace(rig, s1b, 4, NULL), -ENOSPC);

	give_back_ids(test, rig, saved);

	KUNIT_EXPECT_EQ(test, see(rig, 3, IOVA), stamp_of(a));
	KUNIT_EXPECT_EQ(test, replace(rig, s1b, 3, NULL), -EBUSY);
	KUNIT_EXPECT_EQ(test, replace(rig, s1b, 4, s1a), -EBUSY);
	KUNIT_EXPECT_EQ(test, see(rig, 3, IOVA), stamp_of(a));
	KUNIT_EXPECT_EQ(test, see(rig, 4, IOVA), FR_PASID_NOT_PRESENT);

	/* With an id to be had it works, and takes the other's place. */
	KUNIT_EXPECT_EQ(test, replace(rig, s1b, 3, s1a), 0);
	KUNIT_EXPECT_EQ(test, see(rig, 3, IOVA), stamp_of(b));
	KUNIT_EXPECT_EQ(test, ids_in_use(rig), rig->ids + 1);

	detach(rig, s1b, 3);
	KUNIT_EXPECT_EQ(test, ids_in_use(rig), rig->ids);
	iommu_domain_free(s1a);
	iommu_domain_free(s1b);
	iommu_domain_free(other);
}

/*
 * The same for requests without PASID. They belong to the core, so the test
 * calls the driver where the core would, and gives them back afterwards.
 */
static void failed_attach_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	unsigned int a = new_data(test, rig), b = new_data(test, rig);
	struct iommu_domain *before = iommu_get_domain_for_dev(&rig->pdev->dev);
	struct iommu_domain *other = new_parent(test, rig);
	struct iommu_domain *s1a, *s1b;
	unsigned long *saved;

	KUNIT_ASSERT_NOT_NULL(test, before);
	s1a = new_s1(test, rig, rig->parent, new_table(test, rig, IOVA, a));
	s1b = new_s1(test, rig, other, new_table(test, rig, IOVA, b));
	KUNIT_ASSERT_EQ(test, s1a->ops->attach_dev(s1a, &rig->pdev->dev), 0);
	KUNIT_EXPECT_EQ(test, see(rig, IOMMU_NO_PASID, IOVA), stamp_of(a));

	saved = take_all_ids(test, rig);
	KUNIT_EXPECT_EQ(test, s1b->ops->attach_dev(s1b, &rig->pdev->dev), -ENOSPC);
	KUNIT_EXPECT_EQ(test, see(rig, IOMMU_NO_PASID, IOVA), stamp_of(a));
	give_back_ids(test, rig, saved);

	KUNIT_EXPECT_EQ(test, s1b->ops->attach_dev(s1b, &rig->pdev->dev), 0);
	KUNIT_EXPECT_EQ(test, see(rig, IOMMU_NO_PASID, IOVA), stamp_of(b));

	KUNIT_EXPECT_EQ(test, before->ops->attach_dev(before, &rig->pdev->dev), 0);
	KUNIT_EXPECT_EQ(test, ids_in_use(rig), rig->ids);
	iommu_domain_free(s1a);
	iommu_domain_free(s1b);
	iommu_domain_free(other);
}

static struct kunit_case pasid_cases[] = {
	KUNIT_CASE(two_pasids_test),
	KUNIT_CASE(shared_domain_test),
	KUNIT_CASE(stage2_unmap_test),
	KUNIT_CASE(replaced_invalidation_test),
	KUNIT_CASE(failed_replace_test),
	KUNIT_CASE(failed_attach_test),
	KUNIT_CASE_SLOW(hitless_test),
	{}
};

static struct kunit_suite pasid_suite = {
	.name = "intel-nested-pasid",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = pasid_cases,
};

kunit_test_suite(pasid_suite);
