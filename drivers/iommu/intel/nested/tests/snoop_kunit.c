// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of cache coherency under nested translation: DMA that has to snoop, and
 * page walks that do, as the units can and not otherwise.
 */

#include <kunit/test.h>

#include "compat.h"
#include "fixture.h"

/* A nested PASID-table entry, bits 64 to 127 (VT-d 9.6) */
#define PWSNP		BIT_ULL(87 - 64)
#define PGSNP		BIT_ULL(88 - 64)
/* A second-stage leaf (VT-d 9.8) */
#define SNP		BIT_ULL(11)
/* Extended Capability Register (VT-d 11.4.3) */
#define ECAP_SC		BIT_ULL(7)
#define ECAP_SMPWCS	BIT_ULL(48)

#define PASID		4

static u64 snoop_attributes(struct pci_dev *pdev, ioasid_t pasid)
{
	return intel_pasid_get_entry(&pdev->dev, pasid)->val[1] & (PWSNP | PGSNP);
}

static bool enforce_coherency(struct iommu_domain *parent)
{
	return parent->ops->enforce_cache_coherency(parent);
}

static int map_guest_memory(struct vtd_test *fx, struct iommu_domain *parent)
{
	return iommu_map(parent, GPA, page_to_phys(fx->page), GUEST_PAGES * PAGE_SIZE,
			 IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);
}

/* The leaf of a 4 KiB mapping at @gpa, found by the levels of the table. */
static u64 stage2_leaf(struct iommu_domain *domain, u64 gpa)
{
	struct dmar_domain *parent = to_dmar_domain(domain);
	u64 *table = phys_to_virt(vtd_s2_root(parent)), entry = 0;
	int level;

	for (level = vtd_s2_agaw(parent) + 2; level > 0; level--) {
		entry = table[gpa >> (12 + 9 * (level - 1)) & 511];
		if (!(entry & 3))
			return 0;
		table = phys_to_virt(entry & GENMASK_ULL(51, 12));
	}

	return entry;
}

static void not_forced_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *s1 = vtd_test_s1(test, fx, fx->parent, 0);

	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, PASID), 0);
	KUNIT_EXPECT_EQ(test, snoop_attributes(fx->pdev, PASID),
			fx->iommu->ecap & ECAP_SMPWCS ? PWSNP : 0);
	KUNIT_EXPECT_EQ(test, stage2_leaf(fx->parent, GPA) & SNP, 0);

	/* Some entries of the table say otherwise, which is too late for Linux 6.12. */
	vtd_test_detach(test, fx->pdev, PASID);
	KUNIT_EXPECT_EQ(test, enforce_coherency(fx->parent), vtd_test_base_snoops_late());
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, PASID), 0);
	KUNIT_EXPECT_EQ(test, snoop_attributes(fx->pdev, PASID) & PGSNP,
			vtd_test_base_snoops_late() ? PGSNP : 0);
	vtd_test_detach(test, fx->pdev, PASID);
	vtd_test_free(test, s1);
}

static void forced_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	unsigned int a = vtd_test_data_page(test, fx), b = vtd_test_data_page(test, fx);
	struct iommu_domain *parent = vtd_test_bare_parent(test, fx), *s1a, *s1b;

	KUNIT_EXPECT_TRUE(test, enforce_coherency(parent));
	KUNIT_EXPECT_TRUE(test, enforce_coherency(parent));
	KUNIT_ASSERT_EQ(test, map_guest_memory(fx, parent), 0);
	KUNIT_EXPECT_EQ(test, stage2_leaf(parent, GPA) & SNP, SNP);
	s1a = vtd_test_s1(test, fx, parent, vtd_test_table(test, fx, IOVA, a));
	s1b = vtd_test_s1(test, fx, parent, vtd_test_table(test, fx, IOVA, b));

	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1a, fx->pdev, PASID), 0);
	KUNIT_EXPECT_EQ(test, snoop_attributes(fx->pdev, PASID), PWSNP | PGSNP);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, PASID, IOVA), vtd_test_stamp(a));
	KUNIT_ASSERT_EQ(test, vtd_test_replace(test, s1b, fx->pdev, PASID, s1a), 0);
	KUNIT_EXPECT_EQ(test, snoop_attributes(fx->pdev, PASID), PWSNP | PGSNP);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, PASID, IOVA), vtd_test_stamp(b));
	vtd_test_detach(test, fx->pdev, PASID);

	KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, s1a), 0);
	KUNIT_EXPECT_EQ(test, snoop_attributes(fx->pdev, IOMMU_NO_PASID), PWSNP | PGSNP);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, IOMMU_NO_PASID, IOVA), vtd_test_stamp(a));
	vtd_test_restore_device(test);

	vtd_test_free(test, s1a);
	vtd_test_free(test, s1b);
	vtd_test_free(test, parent);
}

/* A parent that something nests on stays as it is, whatever it maps. */
static void forced_late_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *parent = vtd_test_bare_parent(test, fx), *s1a, *s1b;

	s1a = vtd_test_s1(test, fx, parent, 0);
	s1b = vtd_test_s1(test, fx, parent, 1);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1a, fx->pdev, PASID), 0);
	KUNIT_EXPECT_FALSE(test, enforce_coherency(parent));
	KUNIT_EXPECT_EQ(test, snoop_attributes(fx->pdev, PASID) & PGSNP, 0);
	KUNIT_EXPECT_EQ(test, vtd_test_replace(test, s1b, fx->pdev, PASID, s1a), 0);
	KUNIT_EXPECT_EQ(test, snoop_attributes(fx->pdev, PASID) & PGSNP, 0);
	vtd_test_detach(test, fx->pdev, PASID);

	KUNIT_EXPECT_TRUE(test, enforce_coherency(parent));
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1a, fx->pdev, PASID), 0);
	KUNIT_EXPECT_EQ(test, snoop_attributes(fx->pdev, PASID) & PGSNP, PGSNP);
	vtd_test_detach(test, fx->pdev, PASID);

	vtd_test_free(test, s1a);
	vtd_test_free(test, s1b);
	vtd_test_free(test, parent);
}

/* Without snoop control PGSNP and SNP are reserved, and nobody sets them. */
static void no_snoop_control_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct intel_iommu *unit;
	struct pci_dev *second = vtd_test_second_unit(test, &unit);
	struct iommu_domain *parent = vtd_test_bare_parent(test, fx), *s1;

	unit->ecap &= ~ECAP_SC;
	KUNIT_EXPECT_TRUE(test, enforce_coherency(parent));
	s1 = vtd_test_s1(test, fx, parent, 0);
	KUNIT_EXPECT_EQ(test, vtd_test_attach(test, s1, fx->pdev, PASID), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_attach(test, s1, second, PASID), -EINVAL);
	KUNIT_EXPECT_EQ(test, snoop_attributes(second, PASID), 0);
	vtd_test_detach(test, fx->pdev, PASID);
	vtd_test_free(test, s1);
	vtd_test_free(test, parent);

	s1 = vtd_test_s1(test, fx, fx->parent, 0);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, second, PASID), 0);
	KUNIT_EXPECT_EQ(test, snoop_attributes(second, PASID) & PGSNP, 0);
	vtd_test_detach(test, second, PASID);
	vtd_test_free(test, s1);
}

/* Where page walks do not snoop, PWSNP is reserved, and tables are flushed. */
static void no_walk_snoop_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct intel_iommu *unit;
	struct pci_dev *second = vtd_test_second_unit(test, &unit), *first = fx->pdev;
	struct iommu_domain *parent, *s1;

	unit->ecap &= ~ECAP_SMPWCS;
	s1 = vtd_test_s1(test, fx, fx->parent, 0);
	KUNIT_EXPECT_EQ(test, vtd_test_attach(test, s1, second, PASID), -EINVAL);
	vtd_test_free(test, s1);

	/* A parent made for that unit does for both. */
	fx->pdev = second;
	parent = vtd_test_bare_parent(test, fx);
	fx->pdev = first;
	KUNIT_EXPECT_FALSE(test, vtd_s2_coherent(to_dmar_domain(parent)));
	s1 = vtd_test_s1(test, fx, parent, 0);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, second, PASID), 0);
	KUNIT_EXPECT_EQ(test, snoop_attributes(second, PASID), 0);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, first, PASID), 0);
	KUNIT_EXPECT_EQ(test, snoop_attributes(first, PASID), PWSNP);
	vtd_test_detach(test, first, PASID);
	vtd_test_detach(test, second, PASID);
	vtd_test_free(test, s1);
	vtd_test_free(test, parent);
}

/*
 * A unit that does not snoop nests on the parent, which is then attached directly
 * behind one that does: its tables are flushed as before.
 */
static void direct_attach_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct intel_iommu *unit;
	struct pci_dev *second = vtd_test_second_unit(test, &unit), *first = fx->pdev;
	struct iommu_domain *parent, *s1;

	if (!(fx->iommu->ecap & ECAP_SMPWCS))
		kunit_skip(test, "the unit does not snoop");

	unit->ecap &= ~ECAP_SMPWCS;
	fx->pdev = second;
	parent = vtd_test_bare_parent(test, fx);
	fx->pdev = first;
	s1 = vtd_test_s1(test, fx, parent, 0);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, second, PASID), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_attach_device(test, parent), 0);
	KUNIT_EXPECT_FALSE(test, vtd_s2_coherent(to_dmar_domain(parent)));
	vtd_test_restore_device(test);
	KUNIT_EXPECT_FALSE(test, vtd_s2_coherent(to_dmar_domain(parent)));

	vtd_test_detach(test, second, PASID);
	vtd_test_free(test, s1);
	vtd_test_free(test, parent);
}

static struct kunit_case snoop_cases[] = {
	KUNIT_CASE(not_forced_test),
	KUNIT_CASE(forced_test),
	KUNIT_CASE(forced_late_test),
	KUNIT_CASE(no_snoop_control_test),
	KUNIT_CASE(no_walk_snoop_test),
	KUNIT_CASE(direct_attach_test),
	{}
};

static struct kunit_suite snoop_suite = {
	.name = "intel-nested-snoop",
	.init = vtd_test_init,
	.test_cases = snoop_cases,
};

kunit_test_suite(snoop_suite);
