// SPDX-License-Identifier: GPL-2.0-only
/*
 * A nest parent is attached behind a unit that walks fewer levels than its table
 * has, while a device nests on it. With intel_iommu_nested=base this shows that the
 * base driver frees a table that a PASID entry leads to.
 */

#include <kunit/test.h>

#include "fixture.h"

/* A nested PASID-table entry: second-stage root (VT-d 9.6) */
#define S2_ROOT		GENMASK_ULL(51, 12)

static u64 second_stage_root(struct pci_dev *pdev)
{
	return intel_pasid_get_entry(&pdev->dev, IOMMU_NO_PASID)->val[0] & S2_ROOT;
}

static void fewer_levels_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *parent = vtd_test_parent(test, fx);
	struct dmar_domain *table = to_dmar_domain(parent);
	struct intel_iommu *narrow;
	struct pci_dev *other = vtd_test_second_unit(test, &narrow);
	struct iommu_domain *s1 = vtd_test_s1(test, fx, parent, 0);
	phys_addr_t root;

	if (table->agaw < 3)
		kunit_skip(test, "needs a unit that walks five levels");
	/* As on units whose guest addresses have 48 bits (MGAW). */
	table->max_addr = BIT_ULL(48);
	narrow->agaw = 2;

	KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, s1), 0);
	KUNIT_EXPECT_EQ(test, prepare_domain_attach_device(parent, &other->dev), -EINVAL);
	root = second_stage_root(fx->pdev);
	KUNIT_EXPECT_EQ(test, root, virt_to_phys(table->pgd));
	KUNIT_EXPECT_GT(test, page_count(virt_to_page(phys_to_virt(root))), 0);

	/* Nothing walks the table any more. */
	vtd_test_restore_device(test);
	KUNIT_EXPECT_EQ(test, prepare_domain_attach_device(parent, &other->dev), 0);
	KUNIT_EXPECT_EQ(test, table->agaw, 2);
	vtd_test_free(test, s1);
	vtd_test_free(test, parent);
}

/* The device is being detached, and its PASID entry is there still. */
static void detaching_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *parent = vtd_test_parent(test, fx);
	struct dmar_domain *table = to_dmar_domain(parent);
	struct iommu_domain *s1 = vtd_test_s1(test, fx, parent, 0);
	struct intel_iommu *narrow;
	struct pci_dev *other = vtd_test_second_unit(test, &narrow);

	if (!vtd_nested_enabled())
		kunit_skip(test, "the base driver has no attachments");
	if (table->agaw < 3)
		kunit_skip(test, "needs a unit that walks five levels");
	table->max_addr = BIT_ULL(48);
	narrow->agaw = 2;

	KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, s1), 0);
	vtd_parent_leave(vtd_find_attachment(dev_iommu_priv_get(&fx->pdev->dev),
					     IOMMU_NO_PASID));
	KUNIT_EXPECT_EQ(test, prepare_domain_attach_device(parent, &other->dev), -EINVAL);
	KUNIT_EXPECT_EQ(test, second_stage_root(fx->pdev), virt_to_phys(table->pgd));

	vtd_test_restore_device(test);
	vtd_test_free(test, s1);
	vtd_test_free(test, parent);
}

static struct kunit_case parent_levels_cases[] = {
	KUNIT_CASE(fewer_levels_test),
	KUNIT_CASE(detaching_test),
	{}
};

static struct kunit_suite parent_levels_suite = {
	.name = "intel-nested-parent-levels",
	.init = vtd_test_init_client,
	.test_cases = parent_levels_cases,
};

kunit_test_suite(parent_levels_suite);
