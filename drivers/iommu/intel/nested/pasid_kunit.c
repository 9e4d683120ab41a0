// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of stage-1 domains on PASIDs, against the modelled unit (vtdsim=on on
 * the command line): no user API of this kernel attaches PASIDs, so the test
 * is the caller in the kernel. DMA goes to the model directly, with the PASID
 * and source-id of an endpoint.
 */

#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/mman.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/uaccess.h>

#include "../../iommu-priv.h"
#include "../../vtdsim/vtdsim.h"
#include "nested.h"

#include <uapi/linux/vtdsim.h>

/* Reasons of VT-d 7.1.3 */
#define FR_PASID_NOT_PRESENT	0x59
#define FR_FIRST_NOT_PRESENT	0x71

/* Guest memory: one page each for the tables of a guest, then its data. */
#define GUEST_ORDER	6
#define GUEST_PAGES	BIT(GUEST_ORDER)
#define GPA		SZ_4G
#define PTE_ALL		0x7ULL	/* present, writable, user */

/**
 * struct rig - an endpoint, and guest memory behind a nest parent
 * @pdev: the endpoint
 * @ops: IOMMU driver's operations
 * @iommu: the unit's driver
 * @parent: nest parent that maps @page at GPA
 * @page: guest memory
 * @mem: the same
 * @used: pages handed out
 * @user: user memory for requests
 * @ids: domain ids in use before the test
 */
struct rig {
	struct pci_dev *pdev;
	const struct iommu_ops *ops;
	struct intel_iommu *iommu;
	struct iommu_domain *parent;
	struct page *page;
	void *mem;
	unsigned int used;
	void __user *user;
	unsigned int ids;
};

static unsigned int ids_in_use(struct rig *rig)
{
	return bitmap_weight(rig->iommu->domain_ids, cap_ndoms(rig->iommu->cap));
}

static unsigned int new_page(struct kunit *test, struct rig *rig)
{
	KUNIT_ASSERT_LT(test, rig->used, GUEST_PAGES);
	return rig->used++;
}

static u64 gpa_of(unsigned int page)
{
	return GPA + (u64)page * PAGE_SIZE;
}

/* What the page holds first, so that a read tells which page it came from. */
static u64 stamp_of(unsigned int page)
{
	return 0x5a5a000000000000ULL | page;
}

static unsigned int new_data(struct kunit *test, struct rig *rig)
{
	unsigned int page = new_page(test, rig);

	*(u64 *)(rig->mem + page * PAGE_SIZE) = stamp_of(page);
	return page;
}

/* A 4-level table that leads from @iova to page @data. Returns its root. */
static unsigned int new_table(struct kunit *test, struct rig *rig, u64 iova,
			      unsigned int data)
{
	unsigned int table[4];
	int level;

	for (level = 0; level < 4; level++)
		table[level] = new_page(test, rig);
	for (level = 3; level >= 0; level--) {
		u64 *entries = rig->mem + table[3 - level] * PAGE_SIZE;
		unsigned int next = level ? table[3 - level + 1] : data;

		memset(entries, 0, PAGE_SIZE);
		entries[iova >> (12 + 9 * level) & 511] = gpa_of(next) | PTE_ALL;
	}

	return table[0];
}

/* Where the entry of @iova is in the last level of a table from new_table(). */
static u64 *leaf_of(struct rig *rig, unsigned int root, u64 iova)
{
	return (u64 *)(rig->mem + (root + 3) * PAGE_SIZE) + (iova >> 12 & 511);
}

static struct iommu_domain *new_parent(struct kunit *test, struct rig *rig)
{
	struct iommu_domain *parent;

	parent = rig->ops->domain_alloc_user(&rig->pdev->dev,
					     IOMMU_HWPT_ALLOC_NEST_PARENT, NULL, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, parent);
	parent->owner = rig->ops;
	KUNIT_ASSERT_EQ(test, 0, iommu_map(parent, GPA, page_to_phys(rig->page),
					   GUEST_PAGES * PAGE_SIZE,
					   IOMMU_READ | IOMMU_WRITE, GFP_KERNEL));
	return parent;
}

static struct iommu_domain *new_s1(struct kunit *test, struct rig *rig,
				   struct iommu_domain *parent, unsigned int root)
{
	struct iommu_hwpt_vtd_s1 cfg = {
		.addr_width = 48,
		.pgtbl_addr = gpa_of(root),
	};
	struct iommu_user_data data = {
		.type = IOMMU_HWPT_DATA_VTD_S1,
		.uptr = rig->user,
		.len = sizeof(cfg),
	};
	struct iommu_domain *s1;

	KUNIT_ASSERT_EQ(test, 0, copy_to_user(rig->user, &cfg, sizeof(cfg)));
	s1 = rig->ops->domain_alloc_user(&rig->pdev->dev, 0, parent, &data);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s1);
	s1->owner = rig->ops;
	return s1;
}

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

/* What the device reads at @iova, or the reason why it does not. */
static u64 see(struct rig *rig, ioasid_t pasid, u64 iova)
{
	struct vtdsim_req req = {
		.addr = iova,
		.sid = pci_dev_id(rig->pdev),
		.pasid = pasid,
		.with_pasid = true,
	};
	struct vtdsim_outcome out;
	u64 val = 0;

	if (vtdsim_dma_read(&vtdsim_unit0, &req, &val, sizeof(val), &out))
		return out.reason;
	return val;
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

#define IOVA	0x123456789000ULL

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
	int i, failed = 0;

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
		cond_resched();
	}
	KUNIT_EXPECT_GT(test, READ_ONCE(stream.reads), before);
	kthread_stop(thread);

	KUNIT_EXPECT_EQ(test, failed, 0);
	KUNIT_EXPECT_EQ(test, stream.bad, 0);
	KUNIT_EXPECT_EQ(test, see(rig, 9, IOVA), stamp_of(a));

	detach(rig, s1[0], 9);
	iommu_domain_free(s1[0]);
	iommu_domain_free(s1[1]);
}

/* The old attachment goes on working, and nothing is left of the new one. */
static void failed_replace_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	unsigned int a = new_data(test, rig), b = new_data(test, rig);
	unsigned long max = cap_ndoms(rig->iommu->cap);
	struct iommu_domain *other = new_parent(test, rig);
	struct iommu_domain *s1a, *s1b;
	unsigned long *saved;

	s1a = new_s1(test, rig, rig->parent, new_table(test, rig, IOVA, a));
	s1b = new_s1(test, rig, other, new_table(test, rig, IOVA, b));
	KUNIT_ASSERT_EQ(test, attach(rig, s1a, 3), 0);
	KUNIT_EXPECT_EQ(test, see(rig, 3, IOVA), stamp_of(a));

	saved = bitmap_alloc(max, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, saved);
	spin_lock(&rig->iommu->lock);
	bitmap_copy(saved, rig->iommu->domain_ids, max);
	bitmap_fill(rig->iommu->domain_ids, max);
	spin_unlock(&rig->iommu->lock);

	KUNIT_EXPECT_EQ(test, replace(rig, s1b, 3, s1a), -ENOSPC);
	KUNIT_EXPECT_EQ(test, replace(rig, s1b, 4, NULL), -ENOSPC);

	spin_lock(&rig->iommu->lock);
	KUNIT_EXPECT_TRUE(test, bitmap_full(rig->iommu->domain_ids, max));
	bitmap_copy(rig->iommu->domain_ids, saved, max);
	spin_unlock(&rig->iommu->lock);
	bitmap_free(saved);

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

#define CYCLES	5000

/* A domain id that is not returned would be missing before long. */
static void many_cycles_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	unsigned int a = new_data(test, rig);
	struct iommu_domain *s1;
	int i, failed = 0;

	s1 = new_s1(test, rig, rig->parent, new_table(test, rig, IOVA, a));
	for (i = 0; i < CYCLES; i++) {
		ioasid_t pasid = 1 + i % 500;

		if (attach(rig, s1, pasid)) {
			failed++;
			continue;
		}
		if (!(i % 100))
			KUNIT_EXPECT_EQ(test, see(rig, pasid, IOVA), stamp_of(a));
		detach(rig, s1, pasid);
		cond_resched();
	}
	KUNIT_EXPECT_EQ(test, failed, 0);
	KUNIT_EXPECT_EQ(test, ids_in_use(rig), rig->ids);
	iommu_domain_free(s1);
}

static int pasid_init(struct kunit *test)
{
	struct device_domain_info *info;
	struct rig *rig;

	if (!vtdsim_config.enabled || !vtd_nested_enabled())
		kunit_skip(test, "needs vtdsim=on and the extension enabled");

	rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	if (!rig)
		return -ENOMEM;

	rig->pdev = pci_get_device(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, NULL);
	if (!rig->pdev)
		return -ENODEV;
	test->priv = rig;

	info = dev_iommu_priv_get(&rig->pdev->dev);
	rig->iommu = info->iommu;
	rig->ops = dev_iommu_ops(&rig->pdev->dev);
	if (!nested_supported(rig->iommu) || !info->pasid_enabled)
		kunit_skip(test, "the unit has no nesting or no PASIDs");

	rig->page = alloc_pages(GFP_KERNEL | __GFP_ZERO, GUEST_ORDER);
	if (!rig->page)
		return -ENOMEM;
	rig->mem = page_address(rig->page);
	rig->user = (void __user *)kunit_vm_mmap(test, NULL, 0, PAGE_SIZE,
						 PROT_READ | PROT_WRITE,
						 MAP_ANONYMOUS | MAP_PRIVATE, 0);
	if (!rig->user)
		return -ENOMEM;
	rig->parent = new_parent(test, rig);
	rig->ids = ids_in_use(rig);

	return 0;
}

static void pasid_exit(struct kunit *test)
{
	struct rig *rig = test->priv;

	if (!rig)
		return;

	if (rig->parent)
		iommu_domain_free(rig->parent);
	if (rig->page)
		__free_pages(rig->page, GUEST_ORDER);
	pci_dev_put(rig->pdev);
}

static struct kunit_case pasid_cases[] = {
	KUNIT_CASE(two_pasids_test),
	KUNIT_CASE(shared_domain_test),
	KUNIT_CASE(stage2_unmap_test),
	KUNIT_CASE(failed_replace_test),
	KUNIT_CASE_SLOW(hitless_test),
	KUNIT_CASE_SLOW(many_cycles_test),
	{}
};

static struct kunit_suite pasid_suite = {
	.name = "intel-nested-pasid",
	.init = pasid_init,
	.exit = pasid_exit,
	.test_cases = pasid_cases,
};

kunit_test_suite(pasid_suite);
