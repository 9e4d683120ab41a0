// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of attaching where it has to fail, on the modelled unit: units that cannot
 * walk the parent's table, a kdump kernel, domain ids that are used up, a domain
 * that is no parent. What was refused has changed nothing.
 */

#include <kunit/static_stub.h>
#include <kunit/test.h>

#include "compat.h"
#include "fixture.h"

#define PASID		6

/* Capability Register (VT-d 11.4.2) */
#define CAP_SAGAW	GENMASK_ULL(12, 8)
#define CAP_MGAW	GENMASK_ULL(21, 16)
#define CAP_MGAW_32	(31ULL << 16)
#define CAP_SSLPS	GENMASK_ULL(37, 34)
/* Extended Capability Register (VT-d 11.4.3) */
#define ECAP_NEST	BIT_ULL(26)
#define ECAP_SRS	BIT_ULL(31)
#define ECAP_SMTS	BIT_ULL(43)
#define ECAP_SSADS	BIT_ULL(45)

/* A unit that lacks what the domain needs; the fixture's unit has it. */
struct lack_case {
	const char *what;
	u64 cap_clear, cap_set, ecap_clear;
	bool dirty_tracking;
	int ret;
	int alloc_ret;	/* for that unit in the first place */
};

static const struct lack_case lack_cases[] = {
	{ .what = "nothing" },
	{ .what = "nothing, dirty tracking", .dirty_tracking = true },
	{ .what = "nesting", .ecap_clear = ECAP_NEST, .ret = -EINVAL,
	  .alloc_ret = -EOPNOTSUPP },
	{ .what = "levels", .cap_clear = CAP_SAGAW, .ret = -EINVAL },
	{ .what = "address width", .cap_clear = CAP_MGAW, .cap_set = CAP_MGAW_32,
	  .ret = -EINVAL },
	{ .what = "large pages", .cap_clear = CAP_SSLPS, .ret = -EINVAL },
	{ .what = "dirty flags", .ecap_clear = ECAP_SSADS, .dirty_tracking = true,
	  .ret = -EINVAL },
	{ .what = "dirty flags that nobody needs", .ecap_clear = ECAP_SSADS },
	{ .what = "scalable mode", .ecap_clear = ECAP_SMTS, .ret = -EOPNOTSUPP,
	  .alloc_ret = -EOPNOTSUPP },
};

KUNIT_ARRAY_PARAM_DESC(lack, lack_cases, what);

static bool is_affected(const struct intel_iommu *iommu)
{
	return true;
}

static bool is_untouched(struct pci_dev *pdev, ioasid_t pasid)
{
	static const struct pasid_entry clear;

	return !memcmp(intel_pasid_get_entry(&pdev->dev, pasid), &clear, sizeof(clear));
}

static struct iommu_domain *parent_for(struct kunit *test, struct vtd_test *fx, u32 flags)
{
	struct iommu_domain *parent;

	parent = vtd_test_alloc_paging(fx->ops, &fx->pdev->dev,
				       IOMMU_HWPT_ALLOC_NEST_PARENT | flags);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, parent);
	vtd_test_own(test, parent);
	KUNIT_ASSERT_EQ(test, 0, iommu_map(parent, GPA, page_to_phys(fx->page),
					   GUEST_PAGES * PAGE_SIZE,
					   IOMMU_READ | IOMMU_WRITE, GFP_KERNEL));
	return parent;
}

static void lack_test(struct kunit *test)
{
	const struct lack_case *c = test->param_value;
	struct vtd_test *fx = test->priv;
	struct intel_iommu *unit;
	struct pci_dev *second = vtd_test_second_unit(test, &unit);
	unsigned int data = vtd_test_data_page(test, fx);
	struct iommu_domain *parent, *s1, *own;
	u64 refused;

	if (c->dirty_tracking && !(fx->iommu->ecap & ECAP_SSADS))
		kunit_skip(test, "the unit has no dirty flags");

	unit->cap = (unit->cap & ~c->cap_clear) | c->cap_set;
	unit->ecap &= ~c->ecap_clear;
	parent = parent_for(test, fx, c->dirty_tracking ? IOMMU_HWPT_ALLOC_DIRTY_TRACKING : 0);
	s1 = vtd_test_s1(test, fx, parent, vtd_test_table(test, fx, IOVA, data));

	own = vtd_test_try_s1_for(fx, second, parent, 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(own), c->alloc_ret);
	if (!IS_ERR(own))
		vtd_test_own(test, own);

	refused = vtd_stats_refusals(VTD_REFUSED_UNIT);
	KUNIT_EXPECT_EQ(test, vtd_test_attach(test, s1, second, PASID), c->ret);
	KUNIT_EXPECT_EQ(test, vtd_stats_refusals(VTD_REFUSED_UNIT) - refused, c->ret == -EINVAL);
	if (c->ret) {
		KUNIT_EXPECT_TRUE(test, is_untouched(second, PASID));
		KUNIT_EXPECT_EQ(test, vtd_test_ids_in_use(fx), fx->ids);
	} else {
		KUNIT_EXPECT_EQ(test, vtd_test_read_from(second, PASID, IOVA),
				vtd_test_stamp(data));
	}
}

/* Until its own tables are in force, a kdump kernel leaves the crashed kernel's alone. */
static void kdump_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct intel_iommu *unit;
	struct pci_dev *second = vtd_test_second_unit(test, &unit);
	unsigned int data = vtd_test_data_page(test, fx);
	unsigned long *copied;
	struct iommu_domain *s1;
	u64 busy;

	copied = kunit_kcalloc(test, BITS_TO_LONGS(BIT(16)), sizeof(*copied), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, copied);
	s1 = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, data));

	set_bit(pci_dev_id(second), copied);
	unit->copied_tables = copied;
	busy = vtd_stats_refusals(VTD_REFUSED_BUSY);
	KUNIT_EXPECT_EQ(test, vtd_test_attach(test, s1, second, PASID), -EBUSY);
	KUNIT_EXPECT_EQ(test, vtd_test_op_attach(s1, &second->dev, NULL), -EBUSY);
	KUNIT_EXPECT_EQ(test, vtd_stats_refusals(VTD_REFUSED_BUSY) - busy, 2);
	KUNIT_EXPECT_TRUE(test, is_untouched(second, PASID));
	KUNIT_EXPECT_EQ(test, vtd_test_ids_in_use(fx), fx->ids);

	/* It is about this device, not about the unit. */
	clear_bit(pci_dev_id(second), copied);
	set_bit(pci_dev_id(fx->pdev), copied);
	KUNIT_EXPECT_EQ(test, vtd_test_attach(test, s1, second, PASID), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read_from(second, PASID, IOVA), vtd_test_stamp(data));
}

/* The last domain id serves one parent after the other, and no two at a time. */
static void last_id_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	unsigned int last = cap_ndoms(fx->iommu->cap) - 1;
	struct iommu_domain *other = vtd_test_parent(test, fx), *s1[2];
	unsigned long *saved;
	int i;

	s1[0] = vtd_test_s1(test, fx, fx->parent, 0);
	s1[1] = vtd_test_s1(test, fx, other, 0);
	KUNIT_ASSERT_FALSE(test, vtd_test_id_in_use(fx->iommu, last));

	saved = vtd_test_take_ids(fx->iommu);
	KUNIT_ASSERT_NOT_NULL(test, saved);
	vtd_test_spare_id(fx->iommu, saved, last);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, vtd_test_attach(test, s1[i & 1], fx->pdev, PASID), 0);
		KUNIT_EXPECT_EQ(test, (u16)intel_pasid_get_entry(&fx->pdev->dev, PASID)->val[1],
				last);
		KUNIT_EXPECT_EQ(test, vtd_test_attach(test, s1[~i & 1], fx->pdev, PASID + 1),
				-ENOSPC);
		KUNIT_EXPECT_TRUE(test, is_untouched(fx->pdev, PASID + 1));
		/* No other is needed for a second PASID. */
		KUNIT_EXPECT_EQ(test, vtd_test_attach(test, s1[i & 1], fx->pdev, PASID + 1), 0);
		vtd_test_detach(test, fx->pdev, PASID);
		KUNIT_EXPECT_TRUE(test, vtd_test_id_in_use(fx->iommu, last));
		vtd_test_detach(test, fx->pdev, PASID + 1);
		KUNIT_EXPECT_FALSE(test, vtd_test_id_in_use(fx->iommu, last));
	}
	vtd_test_return_ids(fx->iommu, saved);
}

/* A device whose requests are those of another one, as behind a VMD endpoint. */
static void no_table_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct pci_dev *other = vtd_test_other_endpoint(test);
	struct device_domain_info *info = dev_iommu_priv_get(&other->dev);
	struct pasid_table *table = info->pasid_table;
	struct iommu_domain *s1 = vtd_test_s1(test, fx, fx->parent, 0);
	u64 refused = vtd_stats_refusals(VTD_REFUSED_UNIT);

	info->pasid_table = NULL;
	KUNIT_EXPECT_EQ(test, vtd_test_attach(test, s1, other, PASID), -EOPNOTSUPP);
	info->pasid_table = table;
	KUNIT_EXPECT_EQ(test, vtd_stats_refusals(VTD_REFUSED_UNIT) - refused, 1);
	KUNIT_EXPECT_TRUE(test, is_untouched(other, PASID));
	KUNIT_EXPECT_NULL(test, info->nested);
}

/* The first stage needs what the guest asks for from the unit of the device alone. */
static void flags_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct intel_iommu *unit;
	struct pci_dev *second = vtd_test_second_unit(test, &unit);
	struct iommu_domain *s1;
	u64 refused;

	if (!(fx->iommu->ecap & ECAP_SRS))
		kunit_skip(test, "the unit has no supervisor requests");

	fx->flags = IOMMU_VTD_S1_SRE;
	vtd_test_s1(test, fx, fx->parent, 0);
	unit->ecap &= ~ECAP_SRS;
	refused = vtd_stats_refusals(VTD_REFUSED_UNIT);
	s1 = vtd_test_try_s1_for(fx, second, fx->parent, 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(s1), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, vtd_stats_refusals(VTD_REFUSED_UNIT) - refused, 1);
}

/* A device that gets no domain id keeps nothing of the attempt, nor does the parent. */
static void no_id_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	struct iommu_domain *parent = vtd_test_bare_parent(test, fx), *s1;
	unsigned long *saved;

	kunit_activate_static_stub(test, vtd_unit_affected, is_affected);
	s1 = vtd_test_s1(test, fx, parent, 0);
	KUNIT_ASSERT_NULL(test, info->nested);

	saved = vtd_test_take_ids(fx->iommu);
	KUNIT_ASSERT_NOT_NULL(test, saved);
	KUNIT_EXPECT_EQ(test, vtd_test_attach(test, s1, fx->pdev, PASID), -ENOSPC);
	KUNIT_EXPECT_TRUE(test, vtd_test_return_ids(fx->iommu, saved));
	KUNIT_EXPECT_TRUE(test, is_untouched(fx->pdev, PASID));
	KUNIT_EXPECT_NULL(test, info->nested);

	vtd_test_free(test, s1);
	KUNIT_EXPECT_EQ(test, 0, iommu_map(parent, GPA, page_to_phys(fx->page), PAGE_SIZE,
					   IOMMU_READ, GFP_KERNEL));
}

/* iommufd asks, too, so this is for other callers. */
static void no_parent_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *domain = vtd_test_alloc_paging(fx->ops, &fx->pdev->dev, 0), *s1;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	vtd_test_own(test, domain);
	s1 = vtd_test_try_s1(fx, domain, 0);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(s1), -EINVAL);
}

static struct kunit_case attach_cases[] = {
	KUNIT_CASE_PARAM(lack_test, lack_gen_params),
	KUNIT_CASE(kdump_test),
	KUNIT_CASE(last_id_test),
	KUNIT_CASE(no_table_test),
	KUNIT_CASE(flags_test),
	KUNIT_CASE(no_id_test),
	KUNIT_CASE(no_parent_test),
	{}
};

static struct kunit_suite attach_suite = {
	.name = "intel-nested-attach",
	.init = vtd_test_init,
	.test_cases = attach_cases,
};

kunit_test_suite(attach_suite);
