// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invalidations of a stage-1 domain that is attached behind three units, or behind
 * units that can invalidate different ranges. What is stale on one of them shows.
 */

#include <kunit/test.h>
#include <linux/mman.h>
#include <linux/pci.h>
#include <linux/uaccess.h>
#include <uapi/linux/vtdsim.h>

#include "vtdsim.h"
#include "fixture.h"

#define UNITS		3
#define REQUESTS	2048	/* two pieces of an array */

/* Capability Register, Maximum Address Mask Value (VT-d 11.4.2) */
#define CAP_MAMV	GENMASK_ULL(53, 48)

/**
 * struct behind - an endpoint behind each of three units
 * @fx: the fixture
 * @pdev: the endpoints; the first two are behind one unit of the model, which the
 *	  driver takes for two
 * @model: the units of the model
 * @unit: the driver's second unit
 * @s1: a stage-1 domain
 * @leaf: where its table leads to a page from IOVA
 * @page: the pages that it leads to, in turn
 * @now: which of them
 * @req: requests
 * @user: room for them in user memory
 */
struct behind {
	struct vtd_test *fx;
	struct pci_dev *pdev[UNITS];
	struct vtdsim_unit *model[UNITS];
	struct intel_iommu *unit;
	struct iommu_domain *s1;
	u64 *leaf;
	unsigned int page[2];
	unsigned int now;
	struct iommu_hwpt_vtd_s1_invalidate *req;
	void __user *user;
};

static struct behind *set_up(struct kunit *test)
{
	struct behind *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	struct device_domain_info *info;
	unsigned int root;

	KUNIT_ASSERT_NOT_NULL(test, b);
	if (vtdsim_unit_count < 2)
		kunit_skip(test, "needs two units: vtdsim=on,unit");

	b->fx = test->priv;
	b->pdev[0] = b->fx->pdev;
	b->pdev[1] = vtd_test_second_unit(test, &b->unit);
	b->pdev[2] = pci_get_domain_bus_and_slot(vtdsim_options[1].segment, 0, PCI_DEVFN(1, 0));
	KUNIT_ASSERT_NOT_NULL(test, b->pdev[2]);
	pci_dev_put(b->pdev[2]);	/* the model's endpoints stay */
	info = dev_iommu_priv_get(&b->pdev[2]->dev);
	if (!nested_supported(info->iommu) || !info->pasid_enabled)
		kunit_skip(test, "the second unit has no nesting or no PASIDs");
	b->model[0] = &vtdsim_units[0];
	b->model[1] = &vtdsim_units[0];
	b->model[2] = &vtdsim_units[1];

	b->page[0] = vtd_test_data_page(test, b->fx);
	b->page[1] = vtd_test_data_page(test, b->fx);
	root = vtd_test_table(test, b->fx, IOVA, b->page[0]);
	b->leaf = vtd_test_leaf(b->fx, root, IOVA);
	b->s1 = vtd_test_s1(test, b->fx, b->fx->parent, root);

	b->req = kunit_kcalloc(test, REQUESTS, sizeof(*b->req), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, b->req);
	b->user = (void __user *)kunit_vm_mmap(test, NULL, 0, REQUESTS * sizeof(*b->req),
					       PROT_READ | PROT_WRITE,
					       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NOT_NULL(test, (void __force *)b->user);

	return b;
}

static u64 read_behind(struct behind *b, unsigned int i, ioasid_t pasid)
{
	struct vtdsim_req req = {
		.addr = IOVA,
		.sid = pci_dev_id(b->pdev[i]),
		.pasid = pasid,
		.with_pasid = true,
	};
	struct vtdsim_outcome out;
	u64 val = 0;

	if (vtdsim_dma_read(b->model[i], &req, &val, sizeof(val), &out))
		return out.reason;
	return val;
}

static void expect_read(struct kunit *test, struct behind *b, unsigned int pasids)
{
	unsigned int i, pasid;

	for (i = 0; i < UNITS; i++) {
		for (pasid = 1; pasid <= pasids; pasid++)
			KUNIT_EXPECT_EQ_MSG(test, read_behind(b, i, pasid),
					    vtd_test_stamp(b->page[b->now]),
					    "unit %u, PASID %u", i, pasid);
	}
}

/* The guest changes its table and says so in @n requests. */
static void change_page_of(struct kunit *test, struct behind *b, unsigned int n)
{
	struct iommu_user_data_array array = {
		.type = IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
		.uptr = b->user,
		.entry_len = sizeof(*b->req),
		.entry_num = n,
	};

	KUNIT_ASSERT_EQ(test, 0, copy_to_user(b->user, b->req, n * sizeof(*b->req)));

	b->now ^= 1;
	*b->leaf = vtd_test_gpa(b->page[b->now]) | PTE_ALL;
	KUNIT_EXPECT_EQ(test, b->s1->ops->cache_invalidate_user(b->s1, &array), 0);
	KUNIT_EXPECT_EQ(test, array.entry_num, n);
}

/* The page is in the last of @n requests. */
static void change_page(struct kunit *test, struct behind *b, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		b->req[i] = (struct iommu_hwpt_vtd_s1_invalidate) {
			.addr = i == n - 1 ? IOVA : (u64)i * PAGE_SIZE,
			.npages = 1,
		};
	change_page_of(test, b, n);
}

/* The page is in a request for more pages, before one for another page. */
static void change_pages(struct kunit *test, struct behind *b)
{
	b->req[0] = (struct iommu_hwpt_vtd_s1_invalidate) { .addr = IOVA, .npages = 4 };
	b->req[1] = (struct iommu_hwpt_vtd_s1_invalidate) {
		.addr = IOVA + 16 * PAGE_SIZE,
		.npages = 1,
	};
	change_page_of(test, b, 2);
}

struct units_case {
	const char *what;
	unsigned int pasids, requests;
};

/* One request has room for 16 descriptors and two units. */
static const struct units_case units_cases[] = {
	{ "one request", 1, 1 },
	{ "one request, three PASIDs", 3, 1 },
	{ "one request, nine PASIDs", 9, 1 },
	{ "two requests", 1, 2 },
	{ "two pieces, nine PASIDs", 9, REQUESTS },
};

KUNIT_ARRAY_PARAM_DESC(units, units_cases, what);

static void three_units_test(struct kunit *test)
{
	const struct units_case *c = test->param_value;
	struct behind *b = set_up(test);
	unsigned int i, pasid, round;

	/* In turns, so that the order of attaching is not that of the units. */
	for (pasid = 1; pasid <= c->pasids; pasid++) {
		for (i = 0; i < UNITS; i++)
			KUNIT_ASSERT_EQ(test, 0, vtd_test_attach(test, b->s1, b->pdev[i], pasid));
	}
	expect_read(test, b, c->pasids);
	for (round = 0; round < 2; round++) {
		change_page(test, b, c->requests);
		expect_read(test, b, c->pasids);
	}
	KUNIT_EXPECT_EQ(test, atomic64_read(&to_vtd_s1(b->s1)->stats.entries), 2 * c->requests);
}

static const struct order_case {
	const char *what;
	unsigned int unit[UNITS];
} order_cases[] = {
	{ "first", { 1, 0, 2 } },
	{ "second", { 0, 1, 2 } },
	{ "last", { 2, 0, 1 } },
};

KUNIT_ARRAY_PARAM_DESC(order, order_cases, what);

/*
 * A unit that cannot invalidate ranges has everything invalidated by the first
 * piece of an array. The others have not, and depend on the second.
 */
static void small_mask_test(struct kunit *test)
{
	const struct order_case *c = test->param_value;
	struct behind *b = set_up(test);
	unsigned int i;

	b->unit->cap &= ~CAP_MAMV;
	for (i = 0; i < UNITS; i++)
		KUNIT_ASSERT_EQ(test, 0, vtd_test_attach(test, b->s1, b->pdev[c->unit[i]], 1));
	expect_read(test, b, 1);
	change_page(test, b, REQUESTS);
	expect_read(test, b, 1);
	/* A page for itself is within what any unit can do. */
	change_page(test, b, 1);
	expect_read(test, b, 1);
}

/* The unit has no descriptor for one of two ranges. */
static void range_beyond_mask_test(struct kunit *test)
{
	struct behind *b = set_up(test);

	b->unit->cap &= ~CAP_MAMV;
	KUNIT_ASSERT_EQ(test, 0, vtd_test_attach(test, b->s1, b->pdev[1], 1));
	KUNIT_EXPECT_EQ(test, read_behind(b, 1, 1), vtd_test_stamp(b->page[b->now]));
	change_pages(test, b);
	KUNIT_EXPECT_EQ(test, read_behind(b, 1, 1), vtd_test_stamp(b->page[b->now]));
}

static struct kunit_case units_test_cases[] = {
	KUNIT_CASE_PARAM(three_units_test, units_gen_params),
	KUNIT_CASE_PARAM(small_mask_test, order_gen_params),
	KUNIT_CASE(range_beyond_mask_test),
	{}
};

static struct kunit_suite units_suite = {
	.name = "intel-nested-units",
	.init = vtd_test_init,
	.test_cases = units_test_cases,
};

kunit_test_suite(units_suite);
