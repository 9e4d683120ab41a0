// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of what the kernel's own users of an IOMMU do, without nested translation,
 * through the driver that runs the unit: the DMA API, identity, blocking and paging
 * domains, dirty tracking, shared virtual addressing. The results have to be the
 * same with every implementation of nesting.
 */
#include <kunit/test.h>
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/iova_bitmap.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/scatterlist.h>
#include <linux/sched/mm.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#include <uapi/linux/iommufd.h>

#include "compat.h"
#include "fixture_client.h"
#include "vtdsim.h"

#define IOVA		0x140000000ULL
#define RW		(IOMMU_READ | IOMMU_WRITE)
#define PASID		23

/**
 * struct coherent - memory of dma_alloc_coherent()
 * @dev: the device
 * @mem: the memory
 * @addr: where the device finds it
 */
struct coherent {
	struct device *dev;
	void *mem;
	dma_addr_t addr;
};

/*
 * What undoes a step of a test. A test that goes on after undoing it calls
 * kunit_release_action(); otherwise it happens when the test ends, however it ends.
 */
KUNIT_DEFINE_ACTION_WRAPPER(free_domain, iommu_domain_free, struct iommu_domain *);
KUNIT_DEFINE_ACTION_WRAPPER(release_owner, iommu_device_release_dma_owner, struct device *);

static void free_coherent(void *data)
{
	struct coherent *co = data;

	dma_free_coherent(co->dev, SZ_64K, co->mem, co->addr);
}

static void detach_client(void *data)
{
	struct vtdsim_test_client *c = data;

	iommu_detach_device(c->domain, c->dev);
}

static void detach_client_pasid(void *data)
{
	struct vtdsim_test_client *c = data;

	iommu_detach_device_pasid(c->domain, c->dev, PASID);
}

/* Attaches the domain of the DMA API again. */
static void attach_dma_domain(void *data)
{
	struct vtdsim_test_client *c = data;

	WARN_ON(vtdsim_test_attach_domain(c->domain, c->dev, c->ops->identity_domain));
}

static void dma_map_test(struct kunit *test)
{
	struct vtdsim_test_client *c = test->priv;
	struct vtdsim_test_streaming *to = vtdsim_test_map_streaming(test, c, 3, 1, DMA_TO_DEVICE);
	struct vtdsim_test_streaming *both =
		vtdsim_test_map_streaming(test, c, 4, 3, DMA_BIDIRECTIONAL);

	KUNIT_EXPECT_EQ(test, client_reads(c, to->addr), STAMP(3));
	KUNIT_EXPECT_EQ(test, client_reads(c, both->addr + 2 * PAGE_SIZE), STAMP(6));
	KUNIT_EXPECT_EQ(test, client_writes(c, both->addr + PAGE_SIZE, 0x77), 0);
	KUNIT_EXPECT_EQ(test, *page_of(c, 5), 0x77);

	vtdsim_test_unmap_streaming(test, to);
	vtdsim_test_unmap_streaming(test, both);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_client_gone(c, to->addr));
	KUNIT_EXPECT_TRUE(test, vtdsim_test_client_gone(c, both->addr));
}

static void dma_coherent_test(struct kunit *test)
{
	struct vtdsim_test_client *c = test->priv;
	struct coherent *co;
	unsigned int i;
	u64 *mem;

	/* Otherwise the memory is freed before it is invalidated, which breaks a rule. */
	if (iommu_get_domain_for_dev(c->dev)->type == IOMMU_DOMAIN_DMA_FQ)
		kunit_skip(test, "needs iommu.strict=1");

	co = kunit_kzalloc(test, sizeof(*co), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, co);
	co->dev = c->dev;
	mem = dma_alloc_coherent(c->dev, SZ_64K, &co->addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mem);
	co->mem = mem;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_coherent, co), 0);
	for (i = 0; i < SZ_64K; i += PAGE_SIZE) {
		KUNIT_EXPECT_EQ(test, client_writes(c, co->addr + i, STAMP(i)), 0);
		KUNIT_EXPECT_EQ(test, mem[i / sizeof(*mem)], STAMP(i));
	}
	kunit_release_action(test, free_coherent, co);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_client_gone(c, co->addr));
}

static void dma_sg_test(struct kunit *test)
{
	struct vtdsim_test_client *c = test->priv;
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
			KUNIT_EXPECT_EQ(test, client_reads(c, sg_dma_address(sg) + offset),
					STAMP(from[n++]));
	}
	KUNIT_EXPECT_EQ(test, n, ARRAY_SIZE(from));
	dma_unmap_sg(c->dev, list, ARRAY_SIZE(list), DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_client_gone(c, sg_dma_address(list)));
}

/* A mapping of the DMA API has to work again after the test has used other domains. */
static struct vtdsim_test_streaming *map_before(struct kunit *test, struct vtdsim_test_client *c)
{
	struct vtdsim_test_streaming *s =
		vtdsim_test_map_streaming(test, c, 1, 1, DMA_BIDIRECTIONAL);

	KUNIT_EXPECT_EQ(test, client_reads(c, s->addr), STAMP(1));
	return s;
}

static void unmap_after(struct kunit *test, struct vtdsim_test_client *c,
			struct vtdsim_test_streaming *s)
{
	KUNIT_EXPECT_EQ(test, client_reads(c, s->addr), STAMP(1));
	vtdsim_test_unmap_streaming(test, s);
	KUNIT_EXPECT_TRUE(test, vtdsim_test_client_gone(c, s->addr));
}

static void identity_test(struct kunit *test)
{
	struct vtdsim_test_client *c = test->priv;
	struct vtdsim_test_streaming *before = map_before(test, c);
	struct iommu_domain *identity = c->ops->identity_domain;

	KUNIT_ASSERT_NOT_NULL(test, identity);
	c->domain = iommu_get_domain_for_dev(c->dev);
	KUNIT_ASSERT_EQ(test, vtdsim_test_attach_domain(identity, c->dev, c->domain), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, attach_dma_domain, c), 0);
	KUNIT_EXPECT_EQ(test, client_reads(c, phys_of(c, 7)), STAMP(7));
	KUNIT_EXPECT_EQ(test, client_writes(c, phys_of(c, 8), 0x88), 0);
	KUNIT_EXPECT_EQ(test, *page_of(c, 8), 0x88);

	kunit_release_action(test, attach_dma_domain, c);
	KUNIT_EXPECT_NE(test, client_reads(c, phys_of(c, 7)), STAMP(7));
	unmap_after(test, c, before);
}

static void blocked_test(struct kunit *test)
{
	struct vtdsim_test_client *c = test->priv;
	struct vtdsim_test_streaming *before = map_before(test, c);

	KUNIT_ASSERT_EQ(test, iommu_device_claim_dma_owner(c->dev, c), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, release_owner, c->dev), 0);
	KUNIT_EXPECT_LE(test, client_reads(c, before->addr), U8_MAX);
	KUNIT_EXPECT_LE(test, client_reads(c, phys_of(c, 1)), U8_MAX);
	kunit_release_action(test, release_owner, c->dev);
	unmap_after(test, c, before);
}

static void client_attach(struct kunit *test, struct vtdsim_test_client *c,
			  struct iommu_domain *domain)
{
	KUNIT_ASSERT_EQ(test, iommu_attach_device(domain, c->dev), 0);
	c->domain = domain;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, detach_client, c), 0);
}

static struct iommu_domain *user_domain(struct kunit *test, struct vtdsim_test_client *c, u32 flags)
{
	struct iommu_domain *domain = vtdsim_test_alloc_domain(c->ops, c->dev, flags);

	if (PTR_ERR_OR_ZERO(domain) == -EOPNOTSUPP || PTR_ERR_OR_ZERO(domain) == -EINVAL)
		kunit_skip(test, "not for this unit and driver");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_domain, domain), 0);
	domain->type = IOMMU_DOMAIN_UNMANAGED;
	domain->owner = c->ops;
	return domain;
}

static void use_pages(struct kunit *test, struct vtdsim_test_client *c, struct iommu_domain *domain)
{
	unsigned int i;

	/* A large page, then small pages in its place */
	KUNIT_ASSERT_EQ(test, iommu_map(domain, IOVA, phys_of(c, 0), SZ_2M, RW, GFP_KERNEL), 0);
	for (i = 0; i < CLIENT_PAGES; i += 37)
		KUNIT_EXPECT_EQ(test, client_reads(c, IOVA + i * PAGE_SIZE), STAMP(i));
	KUNIT_EXPECT_EQ(test, client_writes(c, IOVA + 2 * PAGE_SIZE, 0x22), 0);
	KUNIT_EXPECT_EQ(test, *page_of(c, 2), 0x22);
	KUNIT_EXPECT_EQ(test, iommu_unmap(domain, IOVA, SZ_2M), SZ_2M);
	KUNIT_EXPECT_LE(test, client_reads(c, IOVA), U8_MAX);

	KUNIT_ASSERT_EQ(test, iommu_map(domain, IOVA, phys_of(c, 9), PAGE_SIZE, IOMMU_READ,
					GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, client_reads(c, IOVA), STAMP(9));
	KUNIT_EXPECT_NE(test, client_writes(c, IOVA, 1), 0);
	KUNIT_EXPECT_EQ(test, *page_of(c, 9), STAMP(9));
	KUNIT_EXPECT_LE(test, client_reads(c, IOVA + PAGE_SIZE), U8_MAX);
	KUNIT_EXPECT_EQ(test, iommu_unmap(domain, IOVA, PAGE_SIZE), PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, iommu_map(domain, IOVA, phys_of(c, 10), PAGE_SIZE, RW,
					GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, client_reads(c, IOVA), STAMP(10));
	KUNIT_EXPECT_EQ(test, client_writes(c, IOVA, 0x1010), 0);
	KUNIT_EXPECT_EQ(test, *page_of(c, 10), 0x1010);
	KUNIT_EXPECT_EQ(test, iommu_unmap(domain, IOVA, PAGE_SIZE), PAGE_SIZE);
}

static void paging_test(struct kunit *test)
{
	struct vtdsim_test_client *c = test->priv;
	struct iommu_domain *domain = iommu_paging_domain_alloc(c->dev);
	struct vtdsim_test_streaming *before;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_domain, domain), 0);
	before = map_before(test, c);
	client_attach(test, c, domain);
	use_pages(test, c, domain);
	kunit_release_action(test, detach_client, c);
	kunit_release_action(test, free_domain, domain);
	unmap_after(test, c, before);
}

/* The domain that iommufd gets, which may be of another stage */
static void user_paging_test(struct kunit *test)
{
	struct vtdsim_test_client *c = test->priv;
	struct iommu_domain *domain = user_domain(test, c, 0);
	struct vtdsim_test_streaming *before = map_before(test, c);

	client_attach(test, c, domain);
	use_pages(test, c, domain);
	kunit_release_action(test, detach_client, c);
	kunit_release_action(test, free_domain, domain);
	unmap_after(test, c, before);
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
	/* An assertion before it is freed would leak it */
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
	struct vtdsim_test_client *c = test->priv;
	struct iommu_domain *domain = user_domain(test, c, IOMMU_HWPT_ALLOC_DIRTY_TRACKING);
	u64 __user *bits;
	unsigned int i;

	bits = (u64 __user *)kunit_vm_mmap(test, NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
					   MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NOT_NULL(test, (void __force *)bits);
	for (i = 0; i < 64; i++)
		KUNIT_ASSERT_EQ(test, iommu_map(domain, IOVA + i * PAGE_SIZE, phys_of(c, i),
						PAGE_SIZE, RW, GFP_KERNEL), 0);
	client_attach(test, c, domain);

	/* Writes before dirty tracking starts need not be reported. */
	KUNIT_EXPECT_EQ(test, client_writes(c, IOVA + 5 * PAGE_SIZE, 1), 0);
	KUNIT_ASSERT_EQ(test, domain->dirty_ops->set_dirty_tracking(domain, true), 0);
	dirty_pages(test, domain, bits);
	KUNIT_EXPECT_EQ(test, dirty_pages(test, domain, bits), 0);
	KUNIT_EXPECT_EQ(test, client_writes(c, IOVA + 3 * PAGE_SIZE, 1), 0);
	KUNIT_EXPECT_EQ(test, client_writes(c, IOVA + 63 * PAGE_SIZE, 1), 0);
	KUNIT_EXPECT_EQ(test, client_reads(c, IOVA + 4 * PAGE_SIZE), STAMP(4));
	KUNIT_EXPECT_EQ(test, dirty_pages(test, domain, bits), BIT_ULL(3) | BIT_ULL(63));
	KUNIT_EXPECT_EQ(test, dirty_pages(test, domain, bits), 0);
	KUNIT_EXPECT_EQ(test, client_writes(c, IOVA + 3 * PAGE_SIZE, 2), 0);
	KUNIT_EXPECT_EQ(test, dirty_pages(test, domain, bits), BIT_ULL(3));
	KUNIT_EXPECT_EQ(test, domain->dirty_ops->set_dirty_tracking(domain, false), 0);
	KUNIT_EXPECT_EQ(test, client_writes(c, IOVA + 6 * PAGE_SIZE, 2), 0);
	kunit_release_action(test, detach_client, c);
	kunit_release_action(test, free_domain, domain);
}

/*
 * iommu_sva_bind_device() of this base refuses all x86 machines, so the test calls
 * the driver below it. The CPU touches the pages first, which makes them present.
 */
static void sva_test(struct kunit *test)
{
	struct vtdsim_test_client *c = test->priv;
	struct iommu_domain *domain;
	unsigned long at;
	u64 __user *user;
	u64 val = 0;

	/* A process's tables are never flushed, so the driver does not enable SVA. */
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
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_domain, domain), 0);

	KUNIT_EXPECT_LE(test, vtdsim_test_client_read(c, at, PASID), U8_MAX);
	KUNIT_ASSERT_EQ(test, iommu_attach_device_pasid(domain, c->dev, PASID, NULL), 0);
	c->domain = domain;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, detach_client_pasid, c), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_test_client_read(c, at, PASID), STAMP(1));
	KUNIT_EXPECT_EQ(test, vtdsim_test_client_read(c, at + PAGE_SIZE, PASID), STAMP(2));
	KUNIT_EXPECT_EQ(test, vtdsim_test_client_write(c, at, 0x1234, PASID), 0);
	KUNIT_EXPECT_EQ(test, get_user(val, user), 0);
	KUNIT_EXPECT_EQ(test, val, 0x1234);

	/* The endpoint loses what the process unmaps. */
	KUNIT_EXPECT_EQ(test, vm_munmap(at + PAGE_SIZE, PAGE_SIZE), 0);
	KUNIT_EXPECT_LE(test, vtdsim_test_client_read(c, at + PAGE_SIZE, PASID), U8_MAX);
	KUNIT_EXPECT_EQ(test, vtdsim_test_client_read(c, at, PASID), 0x1234);

	kunit_release_action(test, detach_client_pasid, c);
	KUNIT_EXPECT_LE(test, vtdsim_test_client_read(c, at, PASID), U8_MAX);
	kunit_release_action(test, free_domain, domain);
}

static struct kunit_case client_cases[] = {
	/* First: after a fault the base dumps tables, which pass-through does not have. */
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
	.init = vtdsim_test_client_init,
	.test_cases = client_cases,
};

kunit_test_suite(client_suite);
