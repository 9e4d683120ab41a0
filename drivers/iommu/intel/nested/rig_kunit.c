// SPDX-License-Identifier: GPL-2.0-only
/* The test rig of rig_kunit.h. */

#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/mman.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "../../iommu-priv.h"
#include "../../vtdsim/vtdsim.h"
#include "rig_kunit.h"

#include <uapi/linux/vtdsim.h>

static void leave_second(void *data)
{
	struct rig *rig = kunit_get_current_test()->priv;
	struct pci_dev *pdev = data;
	struct device_domain_info *info = dev_iommu_priv_get(&pdev->dev);

	info->iommu = rig->iommu;
	pci_dev_put(pdev);
}

/*
 * Another endpoint, until the test ends, behind a unit of its own as far as the
 * driver can tell: @unit says what it can do, and what the driver tells it, the
 * rig's unit gets to know. It is for PASIDs; requests without one are not its.
 */
struct pci_dev *second_unit(struct kunit *test, struct intel_iommu **unit)
{
	struct rig *rig = test->priv;
	struct device_domain_info *info;
	struct pci_dev *pdev;

	*unit = kunit_kmalloc(test, sizeof(**unit), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, *unit);
	pdev = pci_get_device(rig->pdev->vendor, rig->pdev->device, pci_dev_get(rig->pdev));
	info = pdev ? dev_iommu_priv_get(&pdev->dev) : NULL;
	if (!info || info->iommu != rig->iommu) {
		pci_dev_put(pdev);
		kunit_skip(test, "needs two endpoints behind one unit");
	}

	**unit = *rig->iommu;
	spin_lock_init(&(*unit)->lock);
	info->iommu = *unit;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, leave_second, pdev), 0);

	return pdev;
}

unsigned int ids_in_use(struct rig *rig)
{
	return bitmap_weight(rig->iommu->domain_ids, cap_ndoms(rig->iommu->cap));
}

static unsigned int new_page(struct kunit *test, struct rig *rig)
{
	KUNIT_ASSERT_LT(test, rig->used, GUEST_PAGES);
	return rig->used++;
}

u64 gpa_of(unsigned int page)
{
	return GPA + (u64)page * PAGE_SIZE;
}

/* What the page holds first, so that a read tells which page it came from. */
u64 stamp_of(unsigned int page)
{
	return 0x5a5a000000000000ULL | page;
}

unsigned int new_data(struct kunit *test, struct rig *rig)
{
	unsigned int page = new_page(test, rig);

	*(u64 *)(rig->mem + page * PAGE_SIZE) = stamp_of(page);
	return page;
}

/* A 4-level table that leads from @iova to page @data. Returns its root. */
unsigned int new_table(struct kunit *test, struct rig *rig, u64 iova,
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
u64 *leaf_of(struct rig *rig, unsigned int root, u64 iova)
{
	return (u64 *)(rig->mem + (root + 3) * PAGE_SIZE) + (iova >> 12 & 511);
}

struct iommu_domain *bare_parent(struct kunit *test, struct rig *rig)
{
	struct iommu_domain *parent;

	parent = rig->ops->domain_alloc_user(&rig->pdev->dev,
					     IOMMU_HWPT_ALLOC_NEST_PARENT, NULL, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, parent);
	parent->owner = rig->ops;
	return parent;
}

struct iommu_domain *new_parent(struct kunit *test, struct rig *rig)
{
	struct iommu_domain *parent = bare_parent(test, rig);

	KUNIT_ASSERT_EQ(test, 0, iommu_map(parent, GPA, page_to_phys(rig->page),
					   GUEST_PAGES * PAGE_SIZE,
					   IOMMU_READ | IOMMU_WRITE, GFP_KERNEL));
	return parent;
}

/* For another endpoint than the rig's. */
struct iommu_domain *try_s1_for(struct rig *rig, struct pci_dev *pdev,
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

	if (copy_to_user(rig->user, &cfg, sizeof(cfg)))
		return ERR_PTR(-EFAULT);
	s1 = rig->ops->domain_alloc_user(&pdev->dev, 0, parent, &data);
	if (!IS_ERR(s1))
		s1->owner = rig->ops;
	return s1;
}

struct iommu_domain *try_s1(struct rig *rig, struct iommu_domain *parent,
			    unsigned int root)
{
	return try_s1_for(rig, rig->pdev, parent, root);
}

struct iommu_domain *new_s1(struct kunit *test, struct rig *rig,
			    struct iommu_domain *parent, unsigned int root)
{
	struct iommu_domain *s1 = try_s1(rig, parent, root);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, s1);
	return s1;
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
u64 see_from(struct pci_dev *pdev, ioasid_t pasid, u64 iova)
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

u64 see(struct rig *rig, ioasid_t pasid, u64 iova)
{
	return see_from(rig->pdev, pasid, iova);
}

int rig_init(struct kunit *test)
{
	struct device_domain_info *info;
	struct rig *rig;

	if (!vtdsim_unit_count || !vtd_nested_enabled())
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

void rig_exit(struct kunit *test)
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
