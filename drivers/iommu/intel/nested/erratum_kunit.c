// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of erratum.c against the modelled unit: read-only mappings and stage-1
 * domains exclude each other on affected units, whichever comes first.
 */

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/sizes.h>

#include "rig_kunit.h"

/* Read-only mappings go here, apart from the rig's memory. */
#define ROM		SZ_1G

static bool affected(void)
{
	return true;
}

static bool unaffected(void)
{
	return false;
}

static int map(struct rig *rig, struct iommu_domain *parent, u64 gpa,
	       unsigned int pages, int prot)
{
	return iommu_map(parent, gpa, page_to_phys(rig->page), pages * PAGE_SIZE,
			 prot, GFP_KERNEL);
}

static void unmap(struct kunit *test, struct iommu_domain *parent, u64 gpa,
		  unsigned int pages)
{
	KUNIT_EXPECT_EQ(test, iommu_unmap(parent, gpa, pages * PAGE_SIZE),
			pages * PAGE_SIZE);
}

static bool s1_allowed(struct rig *rig, struct iommu_domain *parent)
{
	struct iommu_domain *s1 = try_s1(rig, parent, 0);

	if (IS_ERR(s1))
		return false;
	iommu_domain_free(s1);
	return true;
}

static void read_only_first_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct iommu_domain *s1;

	kunit_activate_static_stub(test, vtd_nested_erratum, affected);
	KUNIT_EXPECT_TRUE(test, s1_allowed(rig, rig->parent));

	KUNIT_ASSERT_EQ(test, map(rig, rig->parent, ROM, 1, IOMMU_READ), 0);
	s1 = try_s1(rig, rig->parent, 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(s1), -EINVAL);

	unmap(test, rig->parent, ROM, 1);
	KUNIT_EXPECT_TRUE(test, s1_allowed(rig, rig->parent));
}

static void stage1_first_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct iommu_domain *s1, *second;

	kunit_activate_static_stub(test, vtd_nested_erratum, affected);
	s1 = new_s1(test, rig, rig->parent, 0);
	second = new_s1(test, rig, rig->parent, 1);

	KUNIT_EXPECT_EQ(test, map(rig, rig->parent, ROM, 3, IOMMU_READ), -EINVAL);
	KUNIT_EXPECT_EQ(test, iommu_iova_to_phys(rig->parent, ROM), 0);
	KUNIT_EXPECT_EQ(test, map(rig, rig->parent, ROM, 3, IOMMU_READ | IOMMU_WRITE), 0);
	unmap(test, rig->parent, ROM, 3);

	iommu_domain_free(s1);
	KUNIT_EXPECT_EQ(test, map(rig, rig->parent, ROM, 3, IOMMU_READ), -EINVAL);
	iommu_domain_free(second);
	KUNIT_EXPECT_EQ(test, map(rig, rig->parent, ROM, 3, IOMMU_READ), 0);
	unmap(test, rig->parent, ROM, 3);
}

static void partial_unmap_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	static const struct { u64 first, n; } holes[] = {
		{ 3, 2 }, { 0, 1 }, { 9, 1 }, { 1, 2 }, { 6, 3 },
	};
	unsigned int i;

	kunit_activate_static_stub(test, vtd_nested_erratum, affected);
	KUNIT_ASSERT_EQ(test, map(rig, rig->parent, ROM, 10, IOMMU_READ), 0);
	for (i = 0; i < ARRAY_SIZE(holes); i++) {
		unmap(test, rig->parent, ROM + holes[i].first * PAGE_SIZE, holes[i].n);
		KUNIT_EXPECT_FALSE(test, s1_allowed(rig, rig->parent));
	}

	/* A writable mapping in a hole changes nothing, nor does its end. */
	KUNIT_ASSERT_EQ(test, map(rig, rig->parent, ROM + 3 * PAGE_SIZE, 2,
				  IOMMU_READ | IOMMU_WRITE), 0);
	KUNIT_EXPECT_FALSE(test, s1_allowed(rig, rig->parent));
	unmap(test, rig->parent, ROM + 3 * PAGE_SIZE, 2);
	KUNIT_EXPECT_FALSE(test, s1_allowed(rig, rig->parent));

	unmap(test, rig->parent, ROM + 5 * PAGE_SIZE, 1);
	KUNIT_EXPECT_TRUE(test, s1_allowed(rig, rig->parent));
}

static void other_parent_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct iommu_domain *other = bare_parent(test, rig);
	struct iommu_domain *s1;

	kunit_activate_static_stub(test, vtd_nested_erratum, affected);
	s1 = new_s1(test, rig, rig->parent, 0);
	KUNIT_EXPECT_EQ(test, map(rig, other, ROM, 2, IOMMU_READ), 0);
	KUNIT_EXPECT_FALSE(test, s1_allowed(rig, other));
	iommu_domain_free(s1);

	/* Freed with its read-only mappings still there. */
	iommu_domain_free(other);
}

static void unaffected_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct iommu_domain *s1;

	kunit_activate_static_stub(test, vtd_nested_erratum, unaffected);
	KUNIT_ASSERT_EQ(test, map(rig, rig->parent, ROM, 2, IOMMU_READ), 0);
	s1 = new_s1(test, rig, rig->parent, 0);
	KUNIT_EXPECT_EQ(test, map(rig, rig->parent, ROM + SZ_1M, 2, IOMMU_READ), 0);
	unmap(test, rig->parent, ROM, 2);
	unmap(test, rig->parent, ROM + SZ_1M, 2);
	iommu_domain_free(s1);
}

/**
 * struct race - two sides that must never both have won
 * @rig: the rig
 * @read_only: a read-only mapping is there
 * @stage1: a stage-1 domain is there
 * @maps: read-only mappings that were made
 * @both: how often both were there
 */
struct race {
	struct rig *rig;
	atomic_t read_only;
	atomic_t stage1;
	unsigned long maps;
	unsigned long both;
};

static int race_thread(void *data)
{
	struct race *race = data;
	struct dmar_domain *parent = to_dmar_domain(race->rig->parent);

	/* Under the test's stub, which only its own thread sees: by the parts. */
	while (!kthread_should_stop()) {
		if (!vtd_parent_expose(parent, &race->rig->pdev->dev)) {
			atomic_set(&race->stage1, 1);
			if (atomic_read(&race->read_only))
				WRITE_ONCE(race->both, race->both + 1);
			atomic_set(&race->stage1, 0);
			vtd_parent_conceal(parent);
		}
		cond_resched();
	}

	return 0;
}

static void race_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct race race = { .rig = rig };
	struct task_struct *thread;
	int i;

	kunit_activate_static_stub(test, vtd_nested_erratum, affected);
	thread = kthread_run(race_thread, &race, "nested-race");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, thread);
	for (i = 0; i < 20000; i++) {
		if (!map(rig, rig->parent, ROM, 1, IOMMU_READ)) {
			atomic_set(&race.read_only, 1);
			race.maps++;
			if (atomic_read(&race.stage1))
				WRITE_ONCE(race.both, race.both + 1);
			atomic_set(&race.read_only, 0);
			unmap(test, rig->parent, ROM, 1);
		}
		cond_resched();
	}
	kthread_stop(thread);

	KUNIT_EXPECT_EQ(test, race.both, 0);
	KUNIT_EXPECT_GT(test, race.maps, 0);
}

static struct kunit_case erratum_cases[] = {
	KUNIT_CASE(read_only_first_test),
	KUNIT_CASE(stage1_first_test),
	KUNIT_CASE(partial_unmap_test),
	KUNIT_CASE(other_parent_test),
	KUNIT_CASE(unaffected_test),
	KUNIT_CASE_SLOW(race_test),
	{}
};

static struct kunit_suite erratum_suite = {
	.name = "intel-nested-erratum",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = erratum_cases,
};

kunit_test_suite(erratum_suite);
