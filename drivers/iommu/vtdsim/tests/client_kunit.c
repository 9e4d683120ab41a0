// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel's own users of an IOMMU do with an endpoint, through the
 * driver that runs the unit, and without nested translation: the DMA API,
 * identity, blocking, paging domains, dirty tracking, shared virtual addressing.
 * All of it has to be the same whatever that driver's nesting is.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/iova_bitmap.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pci.h>
#include <linux/scatterlist.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#include <uapi/linux/iommufd.h>
#include <uapi/linux/vtdsim.h>

#include "../../iommu-priv.h"
#include "vtdsim.h"

#define IOVA		0x140000000ULL
#define STAMP(n)	(0x57a3900000000000ULL + (n))
#define RW		(IOMMU_READ | IOMMU_WRITE)

/* Enough for every page to be another, and for a page of 2 MiB */
#define ORDER		9
#define PAGES		BIT(ORDER)
#define PASID		23

/**
 * struct client - an endpoint and memory for it
 * @pdev: the endpoint
 * @dev: the same
 * @ops: the driver's operations
 * @page: memory, a multiple of its size
 * @mem: the same
 */
struct client {
	struct pci_dev *pdev;
	struct device *dev;
	const struct iommu_ops *ops;
	struct page *page;
	void *mem;
};

static struct vtdsim_req req_of(struct client *c, u64 addr, u32 pasid)
{
	return (struct vtdsim_req) {
		.addr = addr,
		.sid = pci_dev_id(c->pdev),
		.pasid = pasid,
		.with_pasid = pasid != IOMMU_NO_PASID,
	};
}

/* What the endpoint reads, or the reason why it does not. */
static u64 reads_pasid(struct client *c, u64 addr, u32 pasid)
{
	struct vtdsim_req req = req_of(c, addr, pasid);
	struct vtdsim_outcome out;
	u64 val = 0;

	if (vtdsim_dma_read(&vtdsim_units[0], &req, &val, sizeof(val), &out))
		return out.reason;
	return val;
}

static u64 reads(struct client *c, u64 addr)
{
	return reads_pasid(c, addr, IOMMU_NO_PASID);
}

/* 0, or the reason why it does not write. */
static u64 writes_pasid(struct client *c, u64 addr, u64 val, u32 pasid)
{
	struct vtdsim_req req = req_of(c, addr, pasid);
	struct vtdsim_outcome out;

	return vtdsim_dma_write(&vtdsim_units[0], &req, &val, sizeof(val), &out) ? out.reason : 0;
}

static u64 writes(struct client *c, u64 addr, u64 val)
{
	return writes_pasid(c, addr, val, IOMMU_NO_PASID);
}

static u64 *page_of(struct client *c, unsigned int page)
{
	return c->mem + page * PAGE_SIZE;
}

static phys_addr_t phys_of(struct client *c, unsigned int page)
{
	return page_to_phys(c->page) + page * PAGE_SIZE;
}

static void stamp(struct client *c)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		*page_of(c, i) = STAMP(i);
}

/* With iommu.strict=0 the DMA API defers invalidations, but not for ever. */
static bool gone(struct client *c, u64 addr)
{
	int i;

	for (i = 0; i < 500; i++) {
		if (reads(c, addr) <= U8_MAX)
			return true;
		msleep(20);
	}

	return false;
}

static void dma_map_test(struct kunit *test)
{
	struct client *c = test->priv;
	dma_addr_t to, both;

	to = dma_map_single(c->dev, page_of(c, 3), PAGE_SIZE, DMA_TO_DEVICE);
	both = dma_map_single(c->dev, page_of(c, 4), 3 * PAGE_SIZE, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_FALSE(test, dma_mapping_error(c->dev, to));
	KUNIT_ASSERT_FALSE(test, dma_mapping_error(c->dev, both));

	KUNIT_EXPECT_EQ(test, reads(c, to), STAMP(3));
	KUNIT_EXPECT_EQ(test, reads(c, both + 2 * PAGE_SIZE), STAMP(6));
	KUNIT_EXPECT_EQ(test, writes(c, both + PAGE_SIZE, 0x77), 0);
	KUNIT_EXPECT_EQ(test, *page_of(c, 5), 0x77);

	dma_unmap_single(c->dev, to, PAGE_SIZE, DMA_TO_DEVICE);
	dma_unmap_single(c->dev, both, 3 * PAGE_SIZE, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, gone(c, to));
	KUNIT_EXPECT_TRUE(test, gone(c, both));
}

static void dma_coherent_test(struct kunit *test)
{
	struct client *c = test->priv;
	dma_addr_t addr;
	unsigned int i;
	u64 *mem;

	/* Otherwise the memory is freed first, which the model complains of. */
	if (iommu_get_domain_for_dev(c->dev)->type == IOMMU_DOMAIN_DMA_FQ)
		kunit_skip(test, "needs iommu.strict=1");

	mem = dma_alloc_coherent(c->dev, SZ_64K, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mem);
	for (i = 0; i < SZ_64K; i += PAGE_SIZE) {
		KUNIT_EXPECT_EQ(test, writes(c, addr + i, STAMP(i)), 0);
		KUNIT_EXPECT_EQ(test, mem[i / sizeof(*mem)], STAMP(i));
	}
	dma_free_coherent(c->dev, SZ_64K, mem, addr);
	KUNIT_EXPECT_TRUE(test, gone(c, addr));
}

static void dma_sg_test(struct kunit *test)
{
	struct client *c = test->priv;
	static const unsigned int from[] = { 9, 2, 30, 31, 5 };
	struct scatterlist list[ARRAY_SIZE(from)], *sg;
	unsigned int i, n = 0;
	u64 offset;
	int mapped;

	sg_init_table(list, ARRAY_SIZE(list));
	for (i = 0; i < ARRAY_SIZE(from); i++)
		sg_set_buf(&list[i], page_of(c, from[i]), PAGE_SIZE);
	mapped = dma_map_sg(c->dev, list, ARRAY_SIZE(list), DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_GT(test, mapped, 0);
	for_each_sg(list, sg, mapped, i) {
		for (offset = 0; offset < sg_dma_len(sg); offset += PAGE_SIZE)
			KUNIT_EXPECT_EQ(test, reads(c, sg_dma_address(sg) + offset),
					STAMP(from[n++]));
	}
	KUNIT_EXPECT_EQ(test, n, ARRAY_SIZE(from));
	dma_unmap_sg(c->dev, list, ARRAY_SIZE(list), DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, gone(c, sg_dma_address(list)));
}

/* Mappings of the DMA API are there again after what comes in between. */
static dma_addr_t map_before(struct kunit *test, struct client *c)
{
	dma_addr_t addr = dma_map_single(c->dev, page_of(c, 1), PAGE_SIZE, DMA_BIDIRECTIONAL);

	KUNIT_ASSERT_FALSE(test, dma_mapping_error(c->dev, addr));
	KUNIT_EXPECT_EQ(test, reads(c, addr), STAMP(1));
	return addr;
}

static void unmap_after(struct kunit *test, struct client *c, dma_addr_t addr)
{
	KUNIT_EXPECT_EQ(test, reads(c, addr), STAMP(1));
	dma_unmap_single(c->dev, addr, PAGE_SIZE, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, gone(c, addr));
}

static void identity_test(struct kunit *test)
{
	struct client *c = test->priv;
	struct iommu_domain *before = iommu_get_domain_for_dev(c->dev);
	dma_addr_t addr = map_before(test, c);
	struct iommu_domain *identity = c->ops->identity_domain;

	KUNIT_ASSERT_NOT_NULL(test, identity);
	KUNIT_ASSERT_EQ(test, identity->ops->attach_dev(identity, c->dev), 0);
	KUNIT_EXPECT_EQ(test, reads(c, phys_of(c, 7)), STAMP(7));
	KUNIT_EXPECT_EQ(test, writes(c, phys_of(c, 8), 0x88), 0);
	KUNIT_EXPECT_EQ(test, *page_of(c, 8), 0x88);

	KUNIT_ASSERT_EQ(test, before->ops->attach_dev(before, c->dev), 0);
	KUNIT_EXPECT_NE(test, reads(c, phys_of(c, 7)), STAMP(7));
	unmap_after(test, c, addr);
}

static void blocked_test(struct kunit *test)
{
	struct client *c = test->priv;
	dma_addr_t addr = map_before(test, c);

	KUNIT_ASSERT_EQ(test, iommu_device_claim_dma_owner(c->dev, c), 0);
	KUNIT_EXPECT_LE(test, reads(c, addr), U8_MAX);
	KUNIT_EXPECT_LE(test, reads(c, phys_of(c, 1)), U8_MAX);
	iommu_device_release_dma_owner(c->dev);
	unmap_after(test, c, addr);
}

static struct iommu_domain *user_domain(struct kunit *test, struct client *c, u32 flags)
{
	struct iommu_domain *domain = c->ops->domain_alloc_user(c->dev, flags, NULL, NULL);

	if (PTR_ERR_OR_ZERO(domain) == -EOPNOTSUPP || PTR_ERR_OR_ZERO(domain) == -EINVAL)
		kunit_skip(test, "not for this unit and driver");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	domain->type = IOMMU_DOMAIN_UNMANAGED;
	domain->owner = c->ops;
	return domain;
}

static void use_pages(struct kunit *test, struct client *c, struct iommu_domain *domain)
{
	unsigned int i;

	/* One large page; part of it goes, and comes back as another. */
	KUNIT_ASSERT_EQ(test, iommu_map(domain, IOVA, phys_of(c, 0), SZ_2M, RW, GFP_KERNEL), 0);
	for (i = 0; i < PAGES; i += 37)
		KUNIT_EXPECT_EQ(test, reads(c, IOVA + i * PAGE_SIZE), STAMP(i));
	KUNIT_EXPECT_EQ(test, writes(c, IOVA + 2 * PAGE_SIZE, 0x22), 0);
	KUNIT_EXPECT_EQ(test, *page_of(c, 2), 0x22);
	KUNIT_EXPECT_EQ(test, iommu_unmap(domain, IOVA, SZ_2M), SZ_2M);
	KUNIT_EXPECT_LE(test, reads(c, IOVA), U8_MAX);

	KUNIT_ASSERT_EQ(test, iommu_map(domain, IOVA, phys_of(c, 9), PAGE_SIZE, IOMMU_READ,
					GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, reads(c, IOVA), STAMP(9));
	KUNIT_EXPECT_NE(test, writes(c, IOVA, 1), 0);
	KUNIT_EXPECT_EQ(test, *page_of(c, 9), STAMP(9));
	KUNIT_EXPECT_LE(test, reads(c, IOVA + PAGE_SIZE), U8_MAX);
	KUNIT_EXPECT_EQ(test, iommu_unmap(domain, IOVA, PAGE_SIZE), PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, iommu_map(domain, IOVA, phys_of(c, 10), PAGE_SIZE, RW,
					GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, reads(c, IOVA), STAMP(10));
	KUNIT_EXPECT_EQ(test, writes(c, IOVA, 0x1010), 0);
	KUNIT_EXPECT_EQ(test, *page_of(c, 10), 0x1010);
	KUNIT_EXPECT_EQ(test, iommu_unmap(domain, IOVA, PAGE_SIZE), PAGE_SIZE);
}

static void paging_test(struct kunit *test)
{
	struct client *c = test->priv;
	struct iommu_domain *domain = iommu_paging_domain_alloc(c->dev);
	dma_addr_t addr = map_before(test, c);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	KUNIT_ASSERT_EQ(test, iommu_attach_device(domain, c->dev), 0);
	use_pages(test, c, domain);
	iommu_detach_device(domain, c->dev);
	iommu_domain_free(domain);
	unmap_after(test, c, addr);
}

/* The same as iommufd has it, which some units answer with another table. */
static void user_paging_test(struct kunit *test)
{
	struct client *c = test->priv;
	struct iommu_domain *domain = user_domain(test, c, 0);
	dma_addr_t addr = map_before(test, c);

	KUNIT_ASSERT_EQ(test, iommu_attach_device(domain, c->dev), 0);
	use_pages(test, c, domain);
	iommu_detach_device(domain, c->dev);
	iommu_domain_free(domain);
	unmap_after(test, c, addr);
}

static u64 dirty_pages(struct kunit *test, struct iommu_domain *domain, u64 __user *bits)
{
	struct iommu_iotlb_gather gather;
	struct iommu_dirty_bitmap dirty;
	struct iova_bitmap *bitmap;
	u64 val = 0;

	KUNIT_EXPECT_EQ(test, put_user(val, bits), 0);
	bitmap = iova_bitmap_alloc(IOVA, 64 * PAGE_SIZE, PAGE_SIZE, bits);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, bitmap);
	iommu_dirty_bitmap_init(&dirty, bitmap, &gather);
	KUNIT_EXPECT_EQ(test, domain->dirty_ops->read_and_clear_dirty(domain, IOVA, 64 * PAGE_SIZE,
								      0, &dirty), 0);
	/* The base's driver makes an invalidation of 2^64 bytes of no range. */
	if (gather.start <= gather.end)
		iommu_iotlb_sync(domain, &gather);
	iova_bitmap_free(bitmap);
	KUNIT_EXPECT_EQ(test, get_user(val, bits), 0);

	return val;
}

static void dirty_test(struct kunit *test)
{
	struct client *c = test->priv;
	struct iommu_domain *domain = user_domain(test, c, IOMMU_HWPT_ALLOC_DIRTY_TRACKING);
	u64 __user *bits;
	unsigned int i;

	bits = (u64 __user *)kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
					   MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NOT_NULL(test, (void __force *)bits);
	for (i = 0; i < 64; i++)
		KUNIT_ASSERT_EQ(test, iommu_map(domain, IOVA + i * PAGE_SIZE, phys_of(c, i),
						PAGE_SIZE, RW, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, iommu_attach_device(domain, c->dev), 0);

	/* What is written while nobody looks is nobody's business. */
	KUNIT_EXPECT_EQ(test, writes(c, IOVA + 5 * PAGE_SIZE, 1), 0);
	KUNIT_ASSERT_EQ(test, domain->dirty_ops->set_dirty_tracking(domain, true), 0);
	dirty_pages(test, domain, bits);
	KUNIT_EXPECT_EQ(test, dirty_pages(test, domain, bits), 0);
	KUNIT_EXPECT_EQ(test, writes(c, IOVA + 3 * PAGE_SIZE, 1), 0);
	KUNIT_EXPECT_EQ(test, writes(c, IOVA + 63 * PAGE_SIZE, 1), 0);
	KUNIT_EXPECT_EQ(test, reads(c, IOVA + 4 * PAGE_SIZE), STAMP(4));
	KUNIT_EXPECT_EQ(test, dirty_pages(test, domain, bits), BIT_ULL(3) | BIT_ULL(63));
	KUNIT_EXPECT_EQ(test, dirty_pages(test, domain, bits), 0);
	KUNIT_EXPECT_EQ(test, writes(c, IOVA + 3 * PAGE_SIZE, 2), 0);
	KUNIT_EXPECT_EQ(test, dirty_pages(test, domain, bits), BIT_ULL(3));
	KUNIT_EXPECT_EQ(test, domain->dirty_ops->set_dirty_tracking(domain, false), 0);
	KUNIT_EXPECT_EQ(test, writes(c, IOVA + 6 * PAGE_SIZE, 2), 0);

	iommu_detach_device(domain, c->dev);
	iommu_domain_free(domain);
}

/*
 * iommu_sva_bind_device() of this base refuses all x86 machines; below it the
 * driver's part is all there. Pages are made present by who touches them first.
 */
static void sva_test(struct kunit *test)
{
	struct client *c = test->priv;
	struct iommu_domain *domain;
	unsigned long at;
	u64 __user *user;
	u64 val = 0;

	/* Nobody flushes a process's tables, so the driver does not enable it. */
	if (vtdsim_units[0].caps.lines)
		kunit_skip(test, "the unit does not see what CPUs have cached");
	at = kunit_vm_mmap(test, NULL, 0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
			   MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE(test, at, 0);
	user = (u64 __user *)at;
	KUNIT_ASSERT_EQ(test, put_user(STAMP(1), user), 0);
	KUNIT_ASSERT_EQ(test, put_user(STAMP(2), user + PAGE_SIZE / sizeof(*user)), 0);

	domain = c->ops->domain_alloc_sva(c->dev, current->mm);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	domain->type = IOMMU_DOMAIN_SVA;
	domain->owner = c->ops;
	domain->mm = current->mm;
	mmgrab(domain->mm);

	KUNIT_EXPECT_LE(test, reads_pasid(c, at, PASID), U8_MAX);
	KUNIT_ASSERT_EQ(test, iommu_attach_device_pasid(domain, c->dev, PASID, NULL), 0);
	KUNIT_EXPECT_EQ(test, reads_pasid(c, at, PASID), STAMP(1));
	KUNIT_EXPECT_EQ(test, reads_pasid(c, at + PAGE_SIZE, PASID), STAMP(2));
	KUNIT_EXPECT_EQ(test, writes_pasid(c, at, 0x1234, PASID), 0);
	KUNIT_EXPECT_EQ(test, get_user(val, user), 0);
	KUNIT_EXPECT_EQ(test, val, 0x1234);

	/* What the process gives back, the endpoint has no more. */
	KUNIT_EXPECT_EQ(test, vm_munmap(at + PAGE_SIZE, PAGE_SIZE), 0);
	KUNIT_EXPECT_LE(test, reads_pasid(c, at + PAGE_SIZE, PASID), U8_MAX);
	KUNIT_EXPECT_EQ(test, reads_pasid(c, at, PASID), 0x1234);

	iommu_detach_device_pasid(domain, c->dev, PASID);
	KUNIT_EXPECT_LE(test, reads_pasid(c, at, PASID), U8_MAX);
	iommu_domain_free(domain);
}

static int client_init(struct kunit *test)
{
	struct client *c;
	int ret;

	if (!vtdsim_unit_count)
		kunit_skip(test, "needs vtdsim=on");

	c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	if (!c)
		return -ENOMEM;
	c->pdev = pci_get_device(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, NULL);
	if (!c->pdev)
		return -ENODEV;
	test->priv = c;
	c->dev = &c->pdev->dev;
	c->ops = dev_iommu_ops(c->dev);
	ret = dma_set_mask_and_coherent(c->dev, DMA_BIT_MASK(64));
	if (ret)
		return ret;

	c->page = alloc_pages(GFP_KERNEL | __GFP_ZERO, ORDER);
	if (!c->page)
		return -ENOMEM;
	c->mem = page_address(c->page);
	stamp(c);

	return 0;
}

static void client_exit(struct kunit *test)
{
	struct client *c = test->priv;

	if (!c)
		return;
	if (c->page)
		__free_pages(c->page, ORDER);
	pci_dev_put(c->pdev);
}

static struct kunit_case client_cases[] = {
	/* First: the base dumps tables after a fault, and pass-through has none. */
	KUNIT_CASE(identity_test),
	KUNIT_CASE(dma_map_test),
	KUNIT_CASE(dma_coherent_test),
	KUNIT_CASE(dma_sg_test),
	KUNIT_CASE(blocked_test),
	KUNIT_CASE(paging_test),
	KUNIT_CASE(user_paging_test),
	KUNIT_CASE(dirty_test),
	KUNIT_CASE(sva_test),
	{}
};

static struct kunit_suite client_suite = {
	.name = "vtdsim-client",
	.init = client_init,
	.exit = client_exit,
	.test_cases = client_cases,
};

kunit_test_suite(client_suite);
