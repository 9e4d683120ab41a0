// SPDX-License-Identifier: GPL-2.0-only
/* The test fixture of fixture.h. */

#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/mman.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "../../../iommu-priv.h"
#include "../../../vtdsim/vtdsim.h"
#include "compat.h"
#include "fixture.h"

#include <uapi/linux/vtdsim.h>

static void leave_second(void *data)
{
	struct vtd_test *fx = kunit_get_current_test()->priv;
	struct pci_dev *pdev = data;
	struct device_domain_info *info = dev_iommu_priv_get(&pdev->dev);

	vtd_test_drop_unit(info->iommu);
	info->iommu = fx->iommu;
}

static void put_endpoint(void *pdev)
{
	pci_dev_put(pdev);
}

/* Another endpoint behind the fixture's unit, until the test ends. */
struct pci_dev *vtd_test_other_endpoint(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info;
	struct pci_dev *pdev;

	pdev = pci_get_device(fx->pdev->vendor, fx->pdev->device, pci_dev_get(fx->pdev));
	if (pdev)
		KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, put_endpoint, pdev));
	info = pdev ? dev_iommu_priv_get(&pdev->dev) : NULL;
	if (!info || info->iommu != fx->iommu)
		kunit_skip(test, "needs two endpoints behind one unit");

	return pdev;
}

/*
 * Another endpoint, until the test ends, behind a unit of its own as far as the
 * driver can tell: @unit says what it can do, and what the driver tells it, the
 * fixture's unit gets to know. It is for PASIDs; requests without one are not its.
 */
struct pci_dev *vtd_test_second_unit(struct kunit *test, struct intel_iommu **unit)
{
	struct pci_dev *pdev = vtd_test_other_endpoint(test);
	struct device_domain_info *info = dev_iommu_priv_get(&pdev->dev);
	struct vtd_test *fx = test->priv;

	*unit = kunit_kmalloc(test, sizeof(**unit), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, *unit);
	vtd_test_copy_unit(*unit, fx->iommu);
	info->iommu = *unit;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, leave_second, pdev), 0);

	return pdev;
}

unsigned int vtd_test_ids_in_use(struct vtd_test *fx)
{
	return vtd_test_unit_ids(fx->iommu);
}

static unsigned int new_page(struct kunit *test, struct vtd_test *fx)
{
	KUNIT_ASSERT_LT(test, fx->used, GUEST_PAGES);
	return fx->used++;
}

u64 vtd_test_gpa(unsigned int page)
{
	return GPA + (u64)page * PAGE_SIZE;
}

/* What the page holds first, so that a read tells which page it came from. */
u64 vtd_test_stamp(unsigned int page)
{
	return 0x5a5a000000000000ULL | page;
}

unsigned int vtd_test_data_page(struct kunit *test, struct vtd_test *fx)
{
	unsigned int page = new_page(test, fx);

	*(u64 *)(fx->mem + page * PAGE_SIZE) = vtd_test_stamp(page);
	return page;
}

/* A 4-level table that leads from @iova to page @data. Returns its root. */
unsigned int vtd_test_table(struct kunit *test, struct vtd_test *fx, u64 iova,
			    unsigned int data)
{
	unsigned int table[4];
	int level;

	for (level = 0; level < 4; level++)
		table[level] = new_page(test, fx);
	for (level = 3; level >= 0; level--) {
		u64 *entries = fx->mem + table[3 - level] * PAGE_SIZE;
		unsigned int next = level ? table[3 - level + 1] : data;

		memset(entries, 0, PAGE_SIZE);
		entries[iova >> (12 + 9 * level) & 511] = vtd_test_gpa(next) | PTE_ALL;
	}

	return table[0];
}

/* Where the entry of @iova is in the last level of a table from vtd_test_table(). */
u64 *vtd_test_leaf(struct vtd_test *fx, unsigned int root, u64 iova)
{
	return (u64 *)(fx->mem + (root + 3) * PAGE_SIZE) + (iova >> 12 & 511);
}

KUNIT_DEFINE_ACTION_WRAPPER(free_domain, iommu_domain_free, struct iommu_domain *);

/* The domain is freed when the test ends. */
void vtd_test_own(struct kunit *test, struct iommu_domain *domain)
{
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_domain, domain), 0);
}

void vtd_test_free(struct kunit *test, struct iommu_domain *domain)
{
	kunit_release_action(test, free_domain, domain);
}

struct iommu_domain *vtd_test_bare_parent(struct kunit *test, struct vtd_test *fx)
{
	struct iommu_domain *parent;

	parent = vtd_test_alloc_paging(fx->ops, &fx->pdev->dev, IOMMU_HWPT_ALLOC_NEST_PARENT);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, parent);
	vtd_test_own(test, parent);
	return parent;
}

struct iommu_domain *vtd_test_parent(struct kunit *test, struct vtd_test *fx)
{
	struct iommu_domain *parent = vtd_test_bare_parent(test, fx);

	KUNIT_ASSERT_EQ(test, 0, iommu_map(parent, GPA, page_to_phys(fx->page),
					   GUEST_PAGES * PAGE_SIZE,
					   IOMMU_READ | IOMMU_WRITE, GFP_KERNEL));
	return parent;
}

/* For another endpoint than the fixture's. Whoever gets it frees it, or owns it. */
struct iommu_domain *vtd_test_try_s1_for(struct vtd_test *fx, struct pci_dev *pdev,
					 struct iommu_domain *parent, unsigned int root)
{
	struct iommu_hwpt_vtd_s1 cfg = {
		.flags = fx->flags,
		.addr_width = 48,
		.pgtbl_addr = vtd_test_gpa(root),
	};
	struct iommu_user_data data = {
		.type = IOMMU_HWPT_DATA_VTD_S1,
		.uptr = fx->user,
		.len = sizeof(cfg),
	};
	struct iommu_domain *s1;

	if (copy_to_user(fx->user, &cfg, sizeof(cfg)))
		return ERR_PTR(-EFAULT);
	s1 = vtd_test_alloc_nested(fx->ops, &pdev->dev, parent, &data);
	if (!IS_ERR(s1))
		s1->owner = fx->ops;
	return s1;
}

struct iommu_domain *vtd_test_try_s1(struct vtd_test *fx, struct iommu_domain *parent,
				     unsigned int root)
{
	return vtd_test_try_s1_for(fx, fx->pdev, parent, root);
}

struct iommu_domain *vtd_test_s1(struct kunit *test, struct vtd_test *fx,
				 struct iommu_domain *parent, unsigned int root)
{
	struct iommu_domain *s1 = vtd_test_try_s1(fx, parent, root);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s1);
	vtd_test_own(test, s1);
	return s1;
}

/**
 * struct attached - a PASID that a test has attached
 * @node: on &vtd_test.attached
 * @domain: what is attached
 * @pdev: the endpoint
 * @pasid: the PASID
 */
struct attached {
	struct list_head node;
	struct iommu_domain *domain;
	struct pci_dev *pdev;
	ioasid_t pasid;
};

static void detach_pasid(void *data)
{
	struct attached *a = data;

	list_del(&a->node);
	iommu_detach_device_pasid(a->domain, &a->pdev->dev, a->pasid);
}

static struct attached *find_attached(struct kunit *test, struct pci_dev *pdev,
				      ioasid_t pasid)
{
	struct vtd_test *fx = test->priv;
	struct attached *a;

	list_for_each_entry(a, &fx->attached, node) {
		if (a->pdev == pdev && a->pasid == pasid)
			return a;
	}

	return NULL;
}

int vtd_test_attach(struct kunit *test, struct iommu_domain *domain,
		    struct pci_dev *pdev, ioasid_t pasid)
{
	struct attached *a = kunit_kzalloc(test, sizeof(*a), GFP_KERNEL);
	struct vtd_test *fx = test->priv;
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, a);
	ret = iommu_attach_device_pasid(domain, &pdev->dev, pasid, NULL);
	if (ret)
		return ret;

	a->domain = domain;
	a->pdev = pdev;
	a->pasid = pasid;
	list_add(&a->node, &fx->attached);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, detach_pasid, a), 0);

	return 0;
}

/*
 * The core of this kernel does not replace what a PASID is attached to; the
 * driver's operation does.
 */
int vtd_test_replace(struct kunit *test, struct iommu_domain *domain,
		     struct pci_dev *pdev, ioasid_t pasid, struct iommu_domain *old)
{
	struct attached *a = find_attached(test, pdev, pasid);
	int ret = domain->ops->set_dev_pasid(domain, &pdev->dev, pasid, old);

	if (ret || !a)
		return ret;

	a->domain = domain;
	/* It has to be undone before the domain is freed, which may be newer. */
	kunit_remove_action(test, detach_pasid, a);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, detach_pasid, a), 0);

	return 0;
}

void vtd_test_detach(struct kunit *test, struct pci_dev *pdev, ioasid_t pasid)
{
	struct attached *a = find_attached(test, pdev, pasid);

	KUNIT_ASSERT_NOT_NULL(test, a);
	kunit_release_action(test, detach_pasid, a);
}

static void restore_device(void *data)
{
	struct vtd_test *fx = data;
	struct iommu_domain *before = fx->before;

	fx->before = NULL;
	WARN_ON(vtd_test_op_attach(before, &fx->pdev->dev, fx->now));
}

/*
 * Requests without PASID belong to the core, so this calls the driver where the
 * core would.
 */
int vtd_test_attach_device(struct kunit *test, struct iommu_domain *domain)
{
	struct vtd_test *fx = test->priv;
	int ret;

	if (!fx->before) {
		fx->before = iommu_get_domain_for_dev(&fx->pdev->dev);
		fx->now = fx->before;
	} else {
		kunit_remove_action(test, restore_device, fx);
	}
	KUNIT_ASSERT_NOT_NULL(test, fx->before);
	ret = vtd_test_op_attach(domain, &fx->pdev->dev, fx->now);
	if (!ret)
		fx->now = domain;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, restore_device, fx), 0);

	return ret;
}

void vtd_test_restore_device(struct kunit *test)
{
	kunit_release_action(test, restore_device, test->priv);
}

/* Fault Status Register, Primary Pending Fault (VT-d 11.4.7.1) */
#define FSTS		0x34
#define FSTS_PPF	BIT(1)

/*
 * The base driver's fault handler walks whatever table the PASID entry has by
 * then, also where pass-through has none: the next change is not to meet it.
 */
static void let_handler_finish(struct intel_iommu *iommu)
{
	int i;

	for (i = 0; i < 1000 && vtdsim_reg_read(&vtdsim_units[0], FSTS, 4) & FSTS_PPF; i++)
		msleep(20);
	synchronize_irq(iommu->irq);
}

/* What an endpoint reads at @iova, or the reason why it does not. */
u64 vtd_test_read_from(struct pci_dev *pdev, ioasid_t pasid, u64 iova)
{
	struct vtdsim_req req = {
		.addr = iova,
		.sid = pci_dev_id(pdev),
		.pasid = pasid,
		.with_pasid = pasid != IOMMU_NO_PASID,
	};
	struct vtdsim_outcome out;
	u64 val = 0;

	if (!vtdsim_dma_read(&vtdsim_units[0], &req, &val, sizeof(val), &out))
		return val;

	let_handler_finish(((struct device_domain_info *)dev_iommu_priv_get(&pdev->dev))->iommu);
	return out.reason;
}

u64 vtd_test_read(struct vtd_test *fx, ioasid_t pasid, u64 iova)
{
	return vtd_test_read_from(fx->pdev, pasid, iova);
}

/*
 * How many lines of the log since the last call name the endpoint and have a text.
 * The first call is for *since = {}.
 */
unsigned int vtd_test_log_lines(struct pci_dev *pdev, struct kmsg_dump_iter *since,
				const char *text)
{
	unsigned int lines = 0;
	char line[256];
	size_t len;

	if (!since->cur_seq)
		kmsg_dump_rewind(since);
	while (kmsg_dump_get_line(since, false, line, sizeof(line) - 1, &len)) {
		line[len] = '\0';
		lines += strstr(line, dev_name(&pdev->dev)) && strstr(line, text);
	}

	return lines;
}

/* What a test changes of the model, to be put back. */
struct answers {
	void __iomem *bar;
	struct pci_dev *pdev;
	u32 timeout_us;
};

static void answer_again(void *data)
{
	struct answers *a = data;

	writel(0, a->bar + VTDSIM_EP_INV_LOSE);
	pci_iounmap(a->pdev, a->bar);
	vtdsim_units[0].devtlb.timeout_us = a->timeout_us;
}

/*
 * The endpoint loses the next @count answers to invalidations of its device TLB,
 * and the unit does not wait long for them. 0 ends it, as the end of the test does.
 */
void vtd_test_lose_answers(struct kunit *test, struct vtd_test *fx, u32 count)
{
	struct answers *a = fx->answers;

	if (!a) {
		a = kunit_kzalloc(test, sizeof(*a), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, a);
		a->pdev = fx->pdev;
		a->timeout_us = vtdsim_units[0].devtlb.timeout_us;
		a->bar = pci_iomap(fx->pdev, 0, 0);
		KUNIT_ASSERT_NOT_NULL(test, (void __force *)a->bar);
		KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, answer_again, a), 0);
		fx->answers = a;
	}
	vtdsim_units[0].devtlb.timeout_us = count ? 1000 : a->timeout_us;
	writel(count, a->bar + VTDSIM_EP_INV_LOSE);
}

KUNIT_DEFINE_ACTION_WRAPPER(put_pdev, pci_dev_put, struct pci_dev *);

static void free_guest_memory(void *page)
{
	__free_pages(page, GUEST_ORDER);
}

/* For what does not nest: with the extension disabled, too. */
int vtd_test_init_client(struct kunit *test)
{
	struct device_domain_info *info;
	struct vtd_test *fx;
	int ret;

	if (!vtdsim_unit_count)
		kunit_skip(test, "needs vtdsim=on");

	fx = kunit_kzalloc(test, sizeof(*fx), GFP_KERNEL);
	if (!fx)
		return -ENOMEM;
	INIT_LIST_HEAD(&fx->attached);
	test->priv = fx;

	fx->pdev = pci_get_device(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, NULL);
	if (!fx->pdev)
		return -ENODEV;
	ret = kunit_add_action_or_reset(test, put_pdev, fx->pdev);
	if (ret)
		return ret;

	info = dev_iommu_priv_get(&fx->pdev->dev);
	fx->iommu = info->iommu;
	fx->ops = dev_iommu_ops(&fx->pdev->dev);
	if (!nested_supported(fx->iommu) || !info->pasid_enabled)
		kunit_skip(test, "the unit has no nesting or no PASIDs");

	fx->page = alloc_pages(GFP_KERNEL | __GFP_ZERO, GUEST_ORDER);
	if (!fx->page)
		return -ENOMEM;
	ret = kunit_add_action_or_reset(test, free_guest_memory, fx->page);
	if (ret)
		return ret;
	fx->mem = page_address(fx->page);
	fx->user = (void __user *)kunit_vm_mmap(test, NULL, 0, PAGE_SIZE,
						 PROT_READ | PROT_WRITE,
						 MAP_ANONYMOUS | MAP_PRIVATE, 0);
	if (!fx->user)
		return -ENOMEM;
	fx->ids = vtd_test_ids_in_use(fx);

	return 0;
}

int vtd_test_init(struct kunit *test)
{
	struct vtd_test *fx;
	int ret;

	if (!vtd_nested_enabled())
		kunit_skip(test, "needs the extension enabled");
	ret = vtd_test_init_client(test);
	if (ret)
		return ret;

	fx = test->priv;
	fx->parent = vtd_test_parent(test, fx);
	fx->ids = vtd_test_ids_in_use(fx);

	return 0;
}
