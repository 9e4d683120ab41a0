// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of devtlb.c: PASIDs with stage-1 domains across changes of the requests
 * without PASID, which is when the base driver switches ATS. The modelled endpoint
 * counts what its device TLB is asked for.
 */

#include <kunit/test.h>
#include <linux/uaccess.h>

#include "vtdsim.h"
#include "compat.h"
#include "fixture_queue.h"

#define PASID		5

/* Domains of the requests without PASID; stage-1 domains on both parents. */
enum {
	BLOCKED,
	IDENTITY,
	PAGING,
	PARENT,
	NESTED,
	NESTED_ELSEWHERE,
	KINDS
};

static void make_domains(struct kunit *test, struct vtd_test *fx, struct iommu_domain **domain)
{
	unsigned int root = vtd_test_table(test, fx, IOVA, vtd_test_data_page(test, fx));

	domain[BLOCKED] = fx->ops->blocked_domain;
	domain[IDENTITY] = fx->ops->identity_domain;
	domain[PAGING] = vtd_test_alloc_paging(fx->ops, &fx->pdev->dev, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain[PAGING]);
	vtd_test_own(test, domain[PAGING]);
	domain[PARENT] = fx->parent;
	domain[NESTED] = vtd_test_s1(test, fx, fx->parent, root);
	domain[NESTED_ELSEWHERE] = vtd_test_s1(test, fx, vtd_test_parent(test, fx), root);
}

/* Pages two apart, which are not merged; 0 is for everything. */
static int invalidate_pages(struct vtd_test *fx, struct iommu_domain *s1, unsigned int n)
{
	struct iommu_user_data_array array = {
		.type = IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
		.uptr = fx->user,
		.entry_len = sizeof(struct iommu_hwpt_vtd_s1_invalidate),
		.entry_num = max(n, 1),
	};
	unsigned int i;

	for (i = 0; i < array.entry_num; i++) {
		struct iommu_hwpt_vtd_s1_invalidate req = {
			.addr = n ? IOVA + 2ULL * i * PAGE_SIZE : 0,
			.npages = n ? 1 : U64_MAX,
		};

		if (copy_to_user(fx->user + i * sizeof(req), &req, sizeof(req)))
			return -EFAULT;
	}
	return s1->ops->cache_invalidate_user(s1, &array);
}

/* How often an invalidation of the stage-1 domain asks the device TLB. */
static unsigned int asked_by_stage1(struct kunit *test, struct iommu_domain *s1)
{
	vtd_mute.asked = 0;
	KUNIT_EXPECT_EQ(test, invalidate_pages(test->priv, s1, 0), 0);
	return vtd_mute.asked;
}

/* The same for a change of the stage-2 table; the page is of no use to anybody. */
static unsigned int asked_by_stage2(struct kunit *test, struct iommu_domain *parent)
{
	const u64 gpa = GPA + SZ_1G;
	struct vtd_test *fx = test->priv;

	KUNIT_EXPECT_EQ(test, iommu_map(parent, gpa, page_to_phys(fx->page), PAGE_SIZE,
					IOMMU_READ | IOMMU_WRITE, GFP_KERNEL), 0);
	vtd_mute.asked = 0;
	KUNIT_EXPECT_EQ(test, iommu_unmap(parent, gpa, PAGE_SIZE), PAGE_SIZE);
	return vtd_mute.asked;
}

static void expect_on(struct kunit *test, unsigned int kind, struct iommu_domain *s1, u64 sees)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	bool by_parent = kind == NESTED || kind == PARENT;

	KUNIT_EXPECT_TRUE(test, info->ats_enabled);
	KUNIT_EXPECT_TRUE(test, fx->pdev->ats_enabled);
	KUNIT_EXPECT_EQ(test, asked_by_stage1(test, s1), 1);
	KUNIT_EXPECT_EQ(test, asked_by_stage2(test, fx->parent), by_parent ? 2 : 1);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, PASID, IOVA), sees);
}

/* The device TLB stays on, and every invalidation goes to it. */
static void stays_on_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	unsigned int data = vtd_test_data_page(test, fx), from, to;
	struct iommu_domain *domain[KINDS], *s1;

	vtd_mute_init(test, 0, 600 * USEC_PER_SEC);
	make_domains(test, fx, domain);
	s1 = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, data));
	KUNIT_ASSERT_TRUE(test, info->ats_enabled);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, PASID), 0);

	for (from = 0; from < KINDS; from++) {
		for (to = 0; to < KINDS; to++) {
			KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, domain[from]), 0);
			expect_on(test, from, s1, vtd_test_stamp(data));
			KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, domain[to]), 0);
			expect_on(test, to, s1, vtd_test_stamp(data));
		}
	}

	/* Without it ATS is switched as the base has it. */
	vtd_test_detach(test, fx->pdev, PASID);
	KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, domain[PAGING]), 0);
	KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, domain[BLOCKED]), 0);
	KUNIT_EXPECT_EQ(test, !!info->ats_enabled, vtd_test_base_keeps_ats());
	KUNIT_EXPECT_EQ(test, !!fx->pdev->ats_enabled, vtd_test_base_keeps_ats());
}

/* Attached while ATS is off, a PASID has no device TLB, and gets none meanwhile. */
static void stays_off_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	unsigned int data = vtd_test_data_page(test, fx), kind;
	struct iommu_domain *domain[KINDS], *s1;

	if (vtd_test_base_keeps_ats())
		kunit_skip(test, "the driver never switches ATS off");
	vtd_mute_init(test, 0, 600 * USEC_PER_SEC);
	make_domains(test, fx, domain);
	s1 = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, data));
	KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, domain[BLOCKED]), 0);
	KUNIT_ASSERT_FALSE(test, info->ats_enabled);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, PASID), 0);

	for (kind = 0; kind < KINDS; kind++) {
		KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, domain[kind]), 0);
		KUNIT_EXPECT_FALSE(test, info->ats_enabled);
		KUNIT_EXPECT_FALSE(test, fx->pdev->ats_enabled);
		KUNIT_EXPECT_EQ(test, asked_by_stage1(test, s1), 0);
		KUNIT_EXPECT_EQ(test, asked_by_stage2(test, fx->parent), 0);
		KUNIT_EXPECT_EQ(test, vtd_test_read(fx, PASID, IOVA), vtd_test_stamp(data));
	}

	/* Afterwards ATS is on again with the next domain, for PASIDs, too. */
	vtd_test_detach(test, fx->pdev, PASID);
	KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, domain[PAGING]), 0);
	KUNIT_EXPECT_TRUE(test, info->ats_enabled);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, PASID), 0);
	KUNIT_EXPECT_EQ(test, asked_by_stage1(test, s1), 1);
	KUNIT_EXPECT_EQ(test, asked_by_stage2(test, fx->parent), 1);
}

/* The device TLB is asked by each PASID, and not by one that is gone. */
static void each_pasid_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	unsigned int root = vtd_test_table(test, fx, IOVA, vtd_test_data_page(test, fx));
	struct iommu_domain *s1 = vtd_test_s1(test, fx, fx->parent, root);
	struct iommu_domain *other = vtd_test_s1(test, fx, fx->parent, root);
	unsigned int n;

	vtd_mute_init(test, 0, 600 * USEC_PER_SEC);
	for (n = 1; n <= 4; n++) {
		KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, n), 0);
		KUNIT_EXPECT_EQ(test, asked_by_stage1(test, s1), n);
		KUNIT_EXPECT_EQ(test, asked_by_stage2(test, fx->parent), n);
	}
	KUNIT_EXPECT_EQ(test, vtd_test_replace(test, other, fx->pdev, 2, s1), 0);
	KUNIT_EXPECT_EQ(test, asked_by_stage1(test, s1), 3);
	KUNIT_EXPECT_EQ(test, asked_by_stage1(test, other), 1);
	KUNIT_EXPECT_EQ(test, asked_by_stage2(test, fx->parent), 4);
	for (n = 4; n; n--) {
		vtd_test_detach(test, fx->pdev, n);
		KUNIT_EXPECT_EQ(test, asked_by_stage2(test, fx->parent), n - 1);
	}
}

/* More than go into a batch, and each of them goes out. */
static void many_pages_test(struct kunit *test)
{
	const unsigned int n = 120;
	struct vtd_test *fx = test->priv;
	unsigned int root = vtd_test_table(test, fx, IOVA, vtd_test_data_page(test, fx));
	struct iommu_domain *s1 = vtd_test_s1(test, fx, fx->parent, root);

	vtd_mute_init(test, 0, 600 * USEC_PER_SEC);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, PASID), 0);
	vtd_mute.asked = 0;
	KUNIT_EXPECT_EQ(test, invalidate_pages(fx, s1, n), 0);
	KUNIT_EXPECT_EQ(test, vtd_mute.asked, n);
}

static void ask_once_again(void *info)
{
	((struct device_domain_info *)info)->dtlb_extra_inval = 0;
}

/* A device that has to be asked twice, by more PASIDs than one request has room for. */
static void ask_twice_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	unsigned int root = vtd_test_table(test, fx, IOVA, vtd_test_data_page(test, fx));
	struct iommu_domain *s1 = vtd_test_s1(test, fx, fx->parent, root);
	unsigned int n;

	vtd_mute_init(test, 0, 600 * USEC_PER_SEC);
	info->dtlb_extra_inval = 1;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, ask_once_again, info), 0);
	for (n = 1; n <= 9; n++) {
		KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, n), 0);
		KUNIT_EXPECT_EQ(test, asked_by_stage1(test, s1), 2 * n);
	}
}

/* With a stage-1 domain on a PASID ATS stays on for a function in D3hot, too. */
static void asleep_with_pasid_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	struct iommu_domain *domain[KINDS];

	vtd_mute_init(test, 0, 600 * USEC_PER_SEC);
	make_domains(test, fx, domain);
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, domain[NESTED], fx->pdev, PASID), 0);
	KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, domain[NESTED]), 0);
	fx->pdev->current_state = PCI_D3hot;
	/* The entry is present yet, and invalidations go to the device TLB. */
	vtd_nested_block_begin(info);
	KUNIT_EXPECT_EQ(test, asked_by_stage1(test, domain[NESTED]), 2);
	KUNIT_EXPECT_EQ(test, asked_by_stage2(test, fx->parent), 2);
	vtd_test_restore_device(test);
	fx->pdev->current_state = PCI_D0;
	KUNIT_EXPECT_TRUE(test, info->ats_enabled);
	KUNIT_EXPECT_EQ(test, asked_by_stage1(test, domain[NESTED]), 1);
	KUNIT_EXPECT_EQ(test, asked_by_stage2(test, fx->parent), 1);
}

/* A function in D3hot gets another domain, and wakes up: all is as for the others. */
static void woken_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	struct iommu_domain *domain[KINDS];

	vtd_mute_init(test, 0, 600 * USEC_PER_SEC);
	make_domains(test, fx, domain);
	KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, domain[NESTED_ELSEWHERE]), 0);
	fx->pdev->current_state = PCI_D3hot;
	KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, domain[NESTED]), 0);
	fx->pdev->current_state = PCI_D0;
	KUNIT_EXPECT_EQ(test, asked_by_stage1(test, domain[NESTED]), 1);

	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, domain[NESTED], fx->pdev, PASID), 0);
	KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, domain[BLOCKED]), 0);
	KUNIT_EXPECT_TRUE(test, info->ats_enabled);
	KUNIT_EXPECT_EQ(test, asked_by_stage1(test, domain[NESTED]), 1);
}

/**
 * struct neighbour - another endpoint of the unit, which answers
 * @pdev: the endpoint
 * @real: what it does
 * @asked: invalidations that it was asked for
 */
static struct neighbour {
	struct pci_dev *pdev;
	const struct vtdsim_requester_ops *real;
	unsigned int asked;
} neighbour;

static bool neighbour_invalidate(struct vtdsim_requester *r, const struct vtdsim_devtlb_inv *inv)
{
	neighbour.asked++;
	return neighbour.real->invalidate(r, inv);
}

static const struct vtdsim_requester_ops neighbour_ops = { .invalidate = neighbour_invalidate };

static void neighbour_use_ops(const struct vtdsim_requester_ops *ops)
{
	struct vtdsim_unit *unit = &vtdsim_units[0];
	struct vtdsim_requester *r;
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	r = vtdsim_requester_find(unit, pci_dev_id(neighbour.pdev));
	neighbour.real = r->ops;
	r->ops = ops;
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

static void neighbour_exit(void *unused)
{
	neighbour_use_ops(neighbour.real);
	pci_dev_put(neighbour.pdev);
}

static void neighbour_init(struct kunit *test, struct vtd_test *fx)
{
	struct device_domain_info *info;

	neighbour = (struct neighbour) {
		.pdev = pci_get_device(fx->pdev->vendor, fx->pdev->device,
				       pci_dev_get(fx->pdev)),
	};
	info = neighbour.pdev ? dev_iommu_priv_get(&neighbour.pdev->dev) : NULL;
	if (!info || info->iommu != fx->iommu || !info->ats_enabled) {
		pci_dev_put(neighbour.pdev);
		kunit_skip(test, "needs two endpoints with ATS behind one unit");
	}
	neighbour_use_ops(&neighbour_ops);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, neighbour_exit, NULL), 0);
}

static const struct silent_case {
	const char *what;
	ioasid_t pasid;
	bool comes_last;
} silent_cases[] = {
	{ "with PASID, first", PASID, false },
	{ "with PASID, last", PASID, true },
	{ "without PASID, first", IOMMU_NO_PASID, false },
	{ "without PASID, last", IOMMU_NO_PASID, true },
};

KUNIT_ARRAY_PARAM_DESC(silent, silent_cases, what);

/* What goes to the others in the same submission is not left out with a silent device. */
static void silent_neighbour_test(struct kunit *test)
{
	const struct silent_case *c = test->param_value;
	struct vtd_test *fx = test->priv;
	unsigned int root = vtd_test_table(test, fx, IOVA, vtd_test_data_page(test, fx));
	struct iommu_domain *s1 = vtd_test_s1(test, fx, fx->parent, root);
	unsigned int i;

	vtd_mute_init(test, 0, 20 * USEC_PER_MSEC);
	neighbour_init(test, fx);
	for (i = 0; i < 2; i++) {
		if (i != c->comes_last)
			KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, neighbour.pdev, PASID), 0);
		else if (c->pasid != IOMMU_NO_PASID)
			KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1, fx->pdev, c->pasid), 0);
		else
			KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, s1), 0);
	}

	vtd_mute.keep = UINT_MAX;
	vtd_mute.asked = 0;
	neighbour.asked = 0;
	KUNIT_EXPECT_EQ(test, invalidate_pages(fx, s1, 0), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, vtd_mute.asked, 2);
	/* Along with the silent one, and once more without it. */
	KUNIT_EXPECT_EQ(test, neighbour.asked, 2 + 1);
	vtd_mute_answer();
}

static struct kunit_case ats_cases[] = {
	KUNIT_CASE(stays_on_test),
	KUNIT_CASE(stays_off_test),
	KUNIT_CASE(each_pasid_test),
	KUNIT_CASE(many_pages_test),
	KUNIT_CASE(ask_twice_test),
	KUNIT_CASE(asleep_with_pasid_test),
	KUNIT_CASE(woken_test),
	KUNIT_CASE_PARAM(silent_neighbour_test, silent_gen_params),
	{}
};

static struct kunit_suite ats_suite = {
	.name = "intel-nested-ats",
	.init = vtd_test_init,
	.test_cases = ats_cases,
};

kunit_test_suite(ats_suite);
