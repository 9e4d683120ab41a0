// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of erratum.c against the modelled unit: read-only mappings and stage-1
 * domains exclude each other on affected units, whichever comes first, and
 * not elsewhere.
 */

#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/kthread.h>
#include <linux/sizes.h>

#include "fixture.h"

/* Read-only mappings go here, apart from the fixture's guest memory. */
#define ROM		SZ_1G

static bool every_unit_affected(const struct intel_iommu *iommu)
{
	return true;
}

static bool no_unit_affected(const struct intel_iommu *iommu)
{
	return false;
}

static int map_pages(struct vtd_test *fx, struct iommu_domain *parent, u64 gpa,
		     unsigned int pages, int prot)
{
	return iommu_map(parent, gpa, page_to_phys(fx->page), pages * PAGE_SIZE,
			 prot, GFP_KERNEL);
}

static void unmap_pages(struct kunit *test, struct iommu_domain *parent, u64 gpa,
			unsigned int pages)
{
	KUNIT_EXPECT_EQ(test, iommu_unmap(parent, gpa, pages * PAGE_SIZE),
			pages * PAGE_SIZE);
}

static bool s1_allowed(struct vtd_test *fx, struct iommu_domain *parent)
{
	struct iommu_domain *s1 = vtd_test_try_s1(fx, parent, 0);

	if (IS_ERR(s1))
		return false;
	iommu_domain_free(s1);
	return true;
}

static void read_only_first_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *s1;

	kunit_activate_static_stub(test, vtd_unit_affected, every_unit_affected);
	KUNIT_EXPECT_TRUE(test, s1_allowed(fx, fx->parent));

	KUNIT_ASSERT_EQ(test, map_pages(fx, fx->parent, ROM, 1, IOMMU_READ), 0);
	s1 = vtd_test_try_s1(fx, fx->parent, 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(s1), -EINVAL);

	unmap_pages(test, fx->parent, ROM, 1);
	KUNIT_EXPECT_TRUE(test, s1_allowed(fx, fx->parent));
}

static void stage1_first_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *s1, *second;
	u64 refused;

	kunit_activate_static_stub(test, vtd_unit_affected, every_unit_affected);
	s1 = vtd_test_s1(test, fx, fx->parent, 0);
	second = vtd_test_s1(test, fx, fx->parent, 1);

	refused = vtd_stats_refusals(VTD_REFUSED_ERRATUM);
	KUNIT_EXPECT_EQ(test, map_pages(fx, fx->parent, ROM, 3, IOMMU_READ), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtd_stats_refusals(VTD_REFUSED_ERRATUM), refused + 1);
	KUNIT_EXPECT_EQ(test, iommu_iova_to_phys(fx->parent, ROM), 0);
	KUNIT_EXPECT_EQ(test, map_pages(fx, fx->parent, ROM, 3, IOMMU_READ | IOMMU_WRITE), 0);
	unmap_pages(test, fx->parent, ROM, 3);

	vtd_test_free(test, s1);
	KUNIT_EXPECT_EQ(test, map_pages(fx, fx->parent, ROM, 3, IOMMU_READ), -EINVAL);
	vtd_test_free(test, second);
	KUNIT_EXPECT_EQ(test, map_pages(fx, fx->parent, ROM, 3, IOMMU_READ), 0);
	unmap_pages(test, fx->parent, ROM, 3);
}

static void partial_unmap_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	static const struct { u64 first, n; } holes[] = {
		{ 3, 2 }, { 0, 1 }, { 9, 1 }, { 1, 2 }, { 6, 3 },
	};
	unsigned int i;

	kunit_activate_static_stub(test, vtd_unit_affected, every_unit_affected);
	KUNIT_ASSERT_EQ(test, map_pages(fx, fx->parent, ROM, 10, IOMMU_READ), 0);
	for (i = 0; i < ARRAY_SIZE(holes); i++) {
		unmap_pages(test, fx->parent, ROM + holes[i].first * PAGE_SIZE, holes[i].n);
		KUNIT_EXPECT_FALSE(test, s1_allowed(fx, fx->parent));
	}

	/* A writable mapping in a hole changes nothing, nor does its end. */
	KUNIT_ASSERT_EQ(test, map_pages(fx, fx->parent, ROM + 3 * PAGE_SIZE, 2,
					IOMMU_READ | IOMMU_WRITE), 0);
	KUNIT_EXPECT_FALSE(test, s1_allowed(fx, fx->parent));
	unmap_pages(test, fx->parent, ROM + 3 * PAGE_SIZE, 2);
	KUNIT_EXPECT_FALSE(test, s1_allowed(fx, fx->parent));

	unmap_pages(test, fx->parent, ROM + 5 * PAGE_SIZE, 1);
	KUNIT_EXPECT_TRUE(test, s1_allowed(fx, fx->parent));
}

static void other_parent_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *other = vtd_test_bare_parent(test, fx);
	struct iommu_domain *s1;

	kunit_activate_static_stub(test, vtd_unit_affected, every_unit_affected);
	s1 = vtd_test_s1(test, fx, fx->parent, 0);
	KUNIT_EXPECT_EQ(test, map_pages(fx, other, ROM, 2, IOMMU_READ), 0);
	KUNIT_EXPECT_FALSE(test, s1_allowed(fx, other));
	vtd_test_free(test, s1);

	/* Freed with its read-only mappings still there. */
	vtd_test_free(test, other);
}

static void unaffected_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *s1;

	kunit_activate_static_stub(test, vtd_unit_affected, no_unit_affected);
	KUNIT_ASSERT_EQ(test, map_pages(fx, fx->parent, ROM, 2, IOMMU_READ), 0);
	s1 = vtd_test_s1(test, fx, fx->parent, 0);
	KUNIT_EXPECT_EQ(test, map_pages(fx, fx->parent, ROM + SZ_1M, 2, IOMMU_READ), 0);
	unmap_pages(test, fx->parent, ROM, 2);
	unmap_pages(test, fx->parent, ROM + SZ_1M, 2);
	vtd_test_free(test, s1);
}

/**
 * struct race - two sides that must never both have won
 * @fx: the fixture
 * @read_only: a read-only mapping is there
 * @stage1: a stage-1 domain is there
 * @maps: read-only mappings that were made
 * @maps_before: these before the first round
 * @wins: stage-1 domains that were made
 * @both: how often both were there
 */
struct race {
	struct vtd_test *fx;
	atomic_t read_only;
	atomic_t stage1;
	unsigned long maps;
	unsigned long maps_before;
	unsigned long wins;
	unsigned long both;
};

static int race_thread(void *data)
{
	struct race *race = data;
	struct vtd_test *fx = race->fx;

	while (!kthread_should_stop()) {
		if (!map_pages(fx, fx->parent, ROM, 1, IOMMU_READ)) {
			atomic_set(&race->read_only, 1);
			WRITE_ONCE(race->maps, race->maps + 1);
			if (atomic_read(&race->stage1))
				WRITE_ONCE(race->both, race->both + 1);
			atomic_set(&race->read_only, 0);
			iommu_unmap(fx->parent, ROM, PAGE_SIZE);
		}
		cond_resched();
	}

	return 0;
}

/* One side of the race is the caller's, the other maps read-only memory. */
static struct task_struct *start_race(struct kunit *test, struct race *race)
{
	struct task_struct *thread = kthread_run(race_thread, race, "nested-race");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, thread);
	while (!READ_ONCE(race->maps))
		cond_resched();
	race->maps_before = READ_ONCE(race->maps);

	return thread;
}

static void stage1_is_there(struct race *race)
{
	atomic_set(&race->stage1, 1);
	race->wins++;
	if (atomic_read(&race->read_only))
		WRITE_ONCE(race->both, race->both + 1);
	atomic_set(&race->stage1, 0);
}

static void end_race(struct kunit *test, struct race *race, struct task_struct *thread)
{
	kthread_stop(thread);
	KUNIT_EXPECT_EQ(test, race->both, 0);
	KUNIT_EXPECT_GT(test, race->wins, 0);
	KUNIT_EXPECT_GT(test, race->maps, race->maps_before);
}

#define ROUNDS		2000	/* at least, and until both have won */
#define ROUNDS_MAX	200000

static bool race_goes_on(struct race *race, int round)
{
	if (round < ROUNDS)
		return true;
	return round < ROUNDS_MAX &&
	       (!race->wins || READ_ONCE(race->maps) == race->maps_before);
}

static void race_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct race race = { .fx = fx };
	struct task_struct *thread;
	struct iommu_domain *s1;
	int i;

	kunit_activate_static_stub(test, vtd_unit_affected, every_unit_affected);
	thread = start_race(test, &race);
	for (i = 0; race_goes_on(&race, i); i++) {
		s1 = vtd_test_try_s1(fx, fx->parent, 0);
		if (!IS_ERR(s1)) {
			stage1_is_there(&race);
			iommu_domain_free(s1);
		}
		cond_resched();
	}
	end_race(test, &race, thread);
}

static bool second_affected(const struct intel_iommu *iommu)
{
	struct vtd_test *fx = kunit_get_current_test()->priv;

	return iommu != fx->iommu;
}

/* Two units: one with the erratum for the second endpoint, the fixture's without. */
static struct pci_dev *affected_second(struct kunit *test)
{
	struct intel_iommu *unit;
	struct pci_dev *second = vtd_test_second_unit(test, &unit);

	kunit_activate_static_stub(test, vtd_unit_affected, second_affected);

	return second;
}

static void two_units_test(struct kunit *test)
{
	struct pci_dev *second = affected_second(test);
	struct device_domain_info *info = dev_iommu_priv_get(&second->dev);
	struct vtd_test *fx = test->priv;
	struct iommu_domain *s1;

	KUNIT_EXPECT_EQ(test, vtd_nested_hw_flags(fx->iommu), 0);
	KUNIT_EXPECT_EQ(test, vtd_nested_hw_flags(info->iommu),
			IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17);

	/* A read-only mapping is in the way of the one unit only. */
	KUNIT_ASSERT_EQ(test, map_pages(fx, fx->parent, ROM, 2, IOMMU_READ), 0);
	KUNIT_EXPECT_TRUE(test, s1_allowed(fx, fx->parent));
	s1 = vtd_test_try_s1_for(fx, second, fx->parent, 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(s1), -EINVAL);
	unmap_pages(test, fx->parent, ROM, 2);

	/* And so is a stage-1 domain in the way of a mapping. */
	s1 = vtd_test_try_s1_for(fx, second, fx->parent, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s1);
	vtd_test_own(test, s1);
	KUNIT_EXPECT_EQ(test, map_pages(fx, fx->parent, ROM, 2, IOMMU_READ), -EINVAL);
	vtd_test_free(test, s1);
	s1 = vtd_test_s1(test, fx, fx->parent, 0);
	KUNIT_EXPECT_EQ(test, map_pages(fx, fx->parent, ROM, 2, IOMMU_READ), 0);
	unmap_pages(test, fx->parent, ROM, 2);
	vtd_test_free(test, s1);
}

/* A stage-1 domain for the unit without the erratum, attached behind the other. */
static void attach_elsewhere_test(struct kunit *test)
{
	struct pci_dev *second = affected_second(test);
	struct vtd_test *fx = test->priv;
	unsigned int a = vtd_test_data_page(test, fx);
	struct iommu_domain *s1;

	s1 = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, a));
	KUNIT_ASSERT_EQ(test, map_pages(fx, fx->parent, ROM, 2, IOMMU_READ), 0);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, 1), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 1, IOVA), vtd_test_stamp(a));
	KUNIT_EXPECT_EQ(test, vtd_test_attach(test, s1, second, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtd_test_read_from(second, 1, IOVA), FR_PASID_NOT_PRESENT);
	KUNIT_EXPECT_EQ(test, vtd_test_ids_in_use(fx), fx->ids + 1);

	/* Not to be had at all, it stands in no mapping's way either. */
	KUNIT_EXPECT_EQ(test, map_pages(fx, fx->parent, ROM + SZ_1M, 1, IOMMU_READ), 0);
	unmap_pages(test, fx->parent, ROM + SZ_1M, 1);

	unmap_pages(test, fx->parent, ROM, 2);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, second, 1), 0);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, second, 2), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read_from(second, 1, IOVA), vtd_test_stamp(a));
	KUNIT_EXPECT_EQ(test, vtd_test_read_from(second, 2, IOVA), vtd_test_stamp(a));
	KUNIT_EXPECT_EQ(test, map_pages(fx, fx->parent, ROM, 2, IOMMU_READ), -EINVAL);
	vtd_test_detach(test, second, 1);
	KUNIT_EXPECT_EQ(test, map_pages(fx, fx->parent, ROM, 2, IOMMU_READ), -EINVAL);
	vtd_test_detach(test, second, 2);
	KUNIT_EXPECT_EQ(test, map_pages(fx, fx->parent, ROM, 2, IOMMU_READ), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 1, IOVA), vtd_test_stamp(a));

	unmap_pages(test, fx->parent, ROM, 2);
	vtd_test_detach(test, fx->pdev, 1);
	vtd_test_free(test, s1);
}

/* What was attached before a refused attachment still is. */
static void refused_replace_test(struct kunit *test)
{
	struct pci_dev *second = affected_second(test);
	struct vtd_test *fx = test->priv;
	unsigned int a = vtd_test_data_page(test, fx), b = vtd_test_data_page(test, fx);
	struct iommu_domain *other = vtd_test_parent(test, fx);
	struct iommu_domain *s1a, *s1b;

	s1a = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, a));
	s1b = vtd_test_s1(test, fx, other, vtd_test_table(test, fx, IOVA, b));
	KUNIT_ASSERT_EQ(test, map_pages(fx, other, ROM, 1, IOMMU_READ), 0);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1a, second, 3), 0);

	KUNIT_EXPECT_EQ(test, vtd_test_replace(test, s1b, second, 3, s1a), -EINVAL);
	KUNIT_EXPECT_EQ(test, vtd_test_read_from(second, 3, IOVA), vtd_test_stamp(a));
	KUNIT_EXPECT_EQ(test, map_pages(fx, fx->parent, ROM, 1, IOMMU_READ), -EINVAL);

	/* The place of a read-only mapping is the parent, not the device. */
	unmap_pages(test, other, ROM, 1);
	KUNIT_EXPECT_EQ(test, vtd_test_replace(test, s1b, second, 3, s1a), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read_from(second, 3, IOVA), vtd_test_stamp(b));
	KUNIT_EXPECT_EQ(test, map_pages(fx, other, ROM, 1, IOMMU_READ), -EINVAL);
	KUNIT_EXPECT_EQ(test, map_pages(fx, fx->parent, ROM, 1, IOMMU_READ), 0);

	unmap_pages(test, fx->parent, ROM, 1);
	vtd_test_detach(test, second, 3);
	vtd_test_free(test, s1a);
	vtd_test_free(test, s1b);
	vtd_test_free(test, other);
}

static void attach_race_test(struct kunit *test)
{
	struct pci_dev *second = affected_second(test);
	struct vtd_test *fx = test->priv;
	struct race race = { .fx = fx };
	struct iommu_domain *s1 = vtd_test_s1(test, fx, fx->parent, 0);
	struct task_struct *thread = start_race(test, &race);
	int i;

	for (i = 0; race_goes_on(&race, i); i++) {
		if (!iommu_attach_device_pasid(s1, &second->dev, 1, NULL)) {
			stage1_is_there(&race);
			iommu_detach_device_pasid(s1, &second->dev, 1);
		}
		cond_resched();
	}
	end_race(test, &race, thread);
	KUNIT_EXPECT_EQ(test, vtd_test_ids_in_use(fx), fx->ids);
	vtd_test_free(test, s1);
}

static struct kunit_case erratum_cases[] = {
	KUNIT_CASE(read_only_first_test),
	KUNIT_CASE(stage1_first_test),
	KUNIT_CASE(partial_unmap_test),
	KUNIT_CASE(other_parent_test),
	KUNIT_CASE(unaffected_test),
	KUNIT_CASE(two_units_test),
	KUNIT_CASE(attach_elsewhere_test),
	KUNIT_CASE(refused_replace_test),
	KUNIT_CASE_SLOW(race_test),
	KUNIT_CASE_SLOW(attach_race_test),
	{}
};

static struct kunit_suite erratum_suite = {
	.name = "intel-nested-erratum",
	.init = vtd_test_init,
	.test_cases = erratum_cases,
};

kunit_test_suite(erratum_suite);
