// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of parent.c: dirty tracking of a parent is on for all that nests on it, or
 * for nothing, also when switching it fails in the middle.
 */

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>

#include "vtdsim.h"
#include "compat.h"
#include "fixture_queue.h"

/* A PASID-table entry (VT-d 9.6) */
#define PGTT		GENMASK_ULL(8, 6)
#define PGTT_FIRST	BIT_ULL(6)
#define SSADE		BIT_ULL(9)

#define PASIDS		3

static u64 *first_qword(struct vtd_test *fx, ioasid_t pasid)
{
	return &intel_pasid_get_entry(&fx->pdev->dev, pasid)->val[0];
}

/* PASIDs with SSADE set, a bit for each. */
static unsigned int tracking_pasids(struct vtd_test *fx)
{
	unsigned int pasid, mask = 0;

	for (pasid = 1; pasid <= PASIDS; pasid++)
		mask |= *first_qword(fx, pasid) & SSADE ? BIT(pasid) : 0;

	return mask;
}

static int set_dirty(struct iommu_domain *parent, bool enable)
{
	return parent->dirty_ops->set_dirty_tracking(parent, enable);
}

/* The base refuses an entry of another type; nobody does DMA with it meanwhile. */
static int set_dirty_in_vain(struct vtd_test *fx, struct iommu_domain *parent, bool enable,
			     ioasid_t spoilt)
{
	u64 *qword = first_qword(fx, spoilt), was;
	int ret;

	spin_lock(&fx->iommu->lock);
	was = *qword;
	WRITE_ONCE(*qword, (was & ~PGTT) | PGTT_FIRST);
	spin_unlock(&fx->iommu->lock);
	ret = set_dirty(parent, enable);
	spin_lock(&fx->iommu->lock);
	WRITE_ONCE(*qword, (*qword & ~PGTT) | (was & PGTT));
	spin_unlock(&fx->iommu->lock);

	return ret;
}

static struct iommu_domain *tracked_parent(struct kunit *test, struct vtd_test *fx)
{
	struct iommu_domain *parent;

	parent = vtd_test_alloc_paging(fx->ops, &fx->pdev->dev, IOMMU_HWPT_ALLOC_NEST_PARENT |
				       IOMMU_HWPT_ALLOC_DIRTY_TRACKING);
	if (PTR_ERR_OR_ZERO(parent) == -EOPNOTSUPP)
		kunit_skip(test, "the unit has no dirty tracking");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, parent);
	vtd_test_own(test, parent);

	return parent;
}

#define ALL	GENMASK(PASIDS, 1)

static void switch_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *parent = tracked_parent(test, fx);
	struct iommu_domain *s1[2] = {
		vtd_test_s1(test, fx, parent, 0),
		vtd_test_s1(test, fx, parent, 1),
	};
	ioasid_t pasid;

	for (pasid = 1; pasid < PASIDS; pasid++)
		KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1[pasid & 1], fx->pdev, pasid), 0);
	KUNIT_EXPECT_EQ(test, tracking_pasids(fx), 0);
	KUNIT_EXPECT_EQ(test, set_dirty(parent, true), 0);
	KUNIT_EXPECT_EQ(test, tracking_pasids(fx), ALL & ~BIT(PASIDS));

	/* What comes later is tracked, and so is what takes another's place. */
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1[0], fx->pdev, PASIDS), 0);
	KUNIT_EXPECT_EQ(test, tracking_pasids(fx), ALL);
	KUNIT_EXPECT_EQ(test, vtd_test_replace(test, s1[1], fx->pdev, PASIDS, s1[0]), 0);
	KUNIT_EXPECT_EQ(test, tracking_pasids(fx), ALL);

	KUNIT_EXPECT_EQ(test, set_dirty(parent, false), 0);
	KUNIT_EXPECT_EQ(test, tracking_pasids(fx), 0);
	vtd_test_detach(test, fx->pdev, PASIDS);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1[0], fx->pdev, PASIDS), 0);
	KUNIT_EXPECT_EQ(test, tracking_pasids(fx), 0);
}

static void rollback_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *parent = tracked_parent(test, fx);
	struct iommu_domain *s1 = vtd_test_s1(test, fx, parent, 0);
	ioasid_t pasid, spoilt;
	int on;

	for (pasid = 1; pasid < PASIDS; pasid++)
		KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, pasid), 0);
	for (on = 0; on <= 1; on++) {
		unsigned int as_before;

		KUNIT_ASSERT_EQ(test, set_dirty(parent, on), 0);
		as_before = tracking_pasids(fx);
		KUNIT_EXPECT_EQ(test, as_before, on ? ALL & ~BIT(PASIDS) : 0);
		for (spoilt = 1; spoilt < PASIDS; spoilt++) {
			KUNIT_EXPECT_NE(test, set_dirty_in_vain(fx, parent, !on, spoilt), 0);
			KUNIT_EXPECT_EQ(test, tracking_pasids(fx), as_before);

			/* What comes later is like the others. */
			KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, PASIDS), 0);
			KUNIT_EXPECT_EQ(test, tracking_pasids(fx), on ? ALL : 0);
			vtd_test_detach(test, fx->pdev, PASIDS);
		}
	}
	/* And it can be switched when nothing is in the way. */
	KUNIT_EXPECT_EQ(test, set_dirty(parent, false), 0);
	KUNIT_EXPECT_EQ(test, tracking_pasids(fx), 0);
}

/*
 * Dirty tracking is switched by one thread while another detaches: before the entry is
 * cleared, and when it has been.
 */
static void detach_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *parent = tracked_parent(test, fx);
	struct iommu_domain *s1 = vtd_test_s1(test, fx, parent, 0);
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	struct pasid_entry *entry, before;
	ioasid_t pasid;

	for (pasid = 1; pasid < PASIDS; pasid++)
		KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, pasid), 0);
	entry = intel_pasid_get_entry(&fx->pdev->dev, 1);
	before = *entry;
	vtd_parent_leave(vtd_find_attachment(info, 1));
	KUNIT_EXPECT_EQ(test, set_dirty(parent, true), 0);
	KUNIT_EXPECT_EQ(test, tracking_pasids(fx), ALL & ~BIT(PASIDS));
	KUNIT_EXPECT_EQ(test, set_dirty(parent, false), 0);
	KUNIT_EXPECT_EQ(test, tracking_pasids(fx), BIT(1));

	intel_pasid_tear_down_entry(info->iommu, &fx->pdev->dev, 1, false);
	KUNIT_EXPECT_EQ(test, set_dirty(parent, true), 0);
	KUNIT_EXPECT_EQ(test, tracking_pasids(fx), BIT(2));
	KUNIT_EXPECT_EQ(test, *first_qword(fx, 1), 0);

	/* The test's own detach begins from the start. */
	*entry = before;
	vtd_test_detach(test, fx->pdev, 1);
	KUNIT_EXPECT_EQ(test, set_dirty(parent, false), 0);
	KUNIT_EXPECT_EQ(test, tracking_pasids(fx), 0);
}

/* A thread that detaches has switched it on, and waits for the caches to be flushed. */
static void unflushed_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *parent = tracked_parent(test, fx);
	struct iommu_domain *s1 = vtd_test_s1(test, fx, parent, 0);
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	struct vtd_attachment *att;
	u64 before;

	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, 1), 0);
	att = vtd_find_attachment(info, 1);
	KUNIT_ASSERT_EQ(test, intel_pasid_setup_dirty_tracking(info->iommu, info->dev, 1, true), 0);
	att->unflushed = true;
	before = vtdsim_units[0].stats.descriptors;
	KUNIT_EXPECT_EQ(test, set_dirty(parent, true), 0);
	KUNIT_EXPECT_GT(test, vtdsim_units[0].stats.descriptors, before);
	KUNIT_EXPECT_EQ(test, tracking_pasids(fx), BIT(1));

	att->unflushed = false;
	before = vtdsim_units[0].stats.descriptors;
	KUNIT_EXPECT_EQ(test, set_dirty(parent, true), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_units[0].stats.descriptors, before);
	KUNIT_EXPECT_EQ(test, set_dirty(parent, false), 0);
}

/* A thread that detaches */
static struct leaver {
	struct vtd_attachment *att;
	struct completion done;
} leaver;

static int leaver_main(void *unused)
{
	vtd_parent_leave(leaver.att);
	complete_all(&leaver.done);
	return 0;
}

/*
 * Others can use the parent while a device TLB does not answer, and nothing goes untracked:
 * not even if tracking is switched off meanwhile, and on again after that.
 */
static void silent_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct pasid_entry *entry = intel_pasid_get_entry(&fx->pdev->dev, 1);
	struct iommu_domain *parent = tracked_parent(test, fx);
	struct iommu_domain *s1 = vtd_test_s1(test, fx, parent, 0);
	struct dmar_domain *domain = to_dmar_domain(parent);

	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, 1), 0);
	leaver.att = vtd_find_attachment(dev_iommu_priv_get(&fx->pdev->dev), 1);
	init_completion(&leaver.done);
	vtd_mute_init(test, 2, 600 * USEC_PER_SEC);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(leaver_main, NULL, "nested-leaver"));
	KUNIT_EXPECT_TRUE(test, vtd_mute_wait_asked(1));
	KUNIT_EXPECT_EQ(test, tracking_pasids(fx), BIT(1));
	if (spin_trylock(&domain->s1_lock)) {
		KUNIT_EXPECT_TRUE(test, leaver.att->unflushed);
		/* Switching it off would wait for the device, too. */
		spin_lock(&fx->iommu->lock);
		pasid_clear_ssade(entry);
		spin_unlock(&fx->iommu->lock);
		spin_unlock(&domain->s1_lock);
	} else {
		KUNIT_FAIL(test, "the parent's lock is held");
	}
	vtd_mute_answer();
	wait_for_completion(&leaver.done);
	KUNIT_EXPECT_FALSE(test, leaver.att->unflushed);
	KUNIT_EXPECT_EQ(test, tracking_pasids(fx), BIT(1));
	vtd_test_detach(test, fx->pdev, 1);
}

static struct kunit_case dirty_cases[] = {
	KUNIT_CASE(switch_test),
	KUNIT_CASE(rollback_test),
	KUNIT_CASE(detach_test),
	KUNIT_CASE(unflushed_test),
	KUNIT_CASE(silent_test),
	{}
};

static struct kunit_suite dirty_suite = {
	.name = "intel-nested-dirty",
	.init = vtd_test_init,
	.test_cases = dirty_cases,
};

kunit_test_suite(dirty_suite);
