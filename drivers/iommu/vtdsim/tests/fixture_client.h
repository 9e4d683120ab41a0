/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test fixture: a user of the kernel's IOMMU interfaces. An endpoint of the first
 * unit, whose driver is at work, and memory for it.
 */
#ifndef _VTDSIM_TEST_FIXTURE_CLIENT_H
#define _VTDSIM_TEST_FIXTURE_CLIENT_H

#include <kunit/test.h>
#include <linux/dma-direction.h>
#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/sizes.h>

#define CLIENT_PAGES	(SZ_2M / PAGE_SIZE)
/* What page @n holds to begin with */
#define STAMP(n)	(0x57a3900000000000ULL + (n))

/**
 * struct vtdsim_test_client - an endpoint and memory for it
 * @pdev: the endpoint
 * @dev: the same
 * @ops: the driver's operations
 * @mem: memory of 2 MiB, aligned to its size
 * @domain: the domain that a test has attached
 */
struct vtdsim_test_client {
	struct pci_dev *pdev;
	struct device *dev;
	const struct iommu_ops *ops;
	void *mem;
	struct iommu_domain *domain;
};

/**
 * struct vtdsim_test_streaming - a mapping of dma_map_single()
 * @dev: the device
 * @addr: where the device finds it
 * @bytes: its size
 * @dir: its direction
 */
struct vtdsim_test_streaming {
	struct device *dev;
	dma_addr_t addr;
	size_t bytes;
	enum dma_data_direction dir;
};

int vtdsim_test_client_init(struct kunit *test);
u64 vtdsim_test_client_read(struct vtdsim_test_client *c, u64 addr, u32 pasid);
u64 vtdsim_test_client_write(struct vtdsim_test_client *c, u64 addr, u64 val, u32 pasid);
bool vtdsim_test_client_gone(struct vtdsim_test_client *c, u64 addr);
struct vtdsim_test_streaming *vtdsim_test_map_streaming(struct kunit *test,
							struct vtdsim_test_client *c,
							unsigned int page, unsigned int pages,
							enum dma_data_direction dir);
void vtdsim_test_unmap_streaming(struct kunit *test, struct vtdsim_test_streaming *s);

static inline u64 client_reads(struct vtdsim_test_client *c, u64 addr)
{
	return vtdsim_test_client_read(c, addr, IOMMU_NO_PASID);
}

static inline u64 client_writes(struct vtdsim_test_client *c, u64 addr, u64 val)
{
	return vtdsim_test_client_write(c, addr, val, IOMMU_NO_PASID);
}

static inline u64 *page_of(struct vtdsim_test_client *c, unsigned int page)
{
	return c->mem + page * PAGE_SIZE;
}

static inline phys_addr_t phys_of(struct vtdsim_test_client *c, unsigned int page)
{
	return virt_to_phys(page_of(c, page));
}

#endif /* _VTDSIM_TEST_FIXTURE_CLIENT_H */
