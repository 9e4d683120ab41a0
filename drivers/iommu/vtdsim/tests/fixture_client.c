// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test fixture: a user of the kernel's IOMMU interfaces, see fixture_client.h.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/pci.h>
#include <uapi/linux/vtdsim.h>

#include "../../iommu-priv.h"
#include "fixture_client.h"
#include "fixture_tables.h"
#include "vtdsim.h"

KUNIT_DEFINE_ACTION_WRAPPER(put_device_action, pci_dev_put, struct pci_dev *);

/**
 * vtdsim_test_client_init() - take an endpoint, and allocate memory
 * @test: the test, skipped if there is no unit
 *
 * An init function for suites: the client is in @test->priv, and its pages are
 * stamped.
 *
 * Context: Before a test.
 * Return: 0, or an error.
 */
int vtdsim_test_client_init(struct kunit *test)
{
	struct vtdsim_test_client *c;
	unsigned int i;
	int ret;

	if (!vtdsim_unit_count)
		kunit_skip(test, "needs vtdsim=on");

	c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	if (!c)
		return -ENOMEM;
	c->pdev = pci_get_device(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, NULL);
	if (!c->pdev)
		return -ENODEV;
	ret = kunit_add_action_or_reset(test, put_device_action, c->pdev);
	if (ret)
		return ret;
	test->priv = c;
	c->dev = &c->pdev->dev;
	c->ops = dev_iommu_ops(c->dev);
	c->mem = vtdsim_test_large_page(test);
	for (i = 0; i < CLIENT_PAGES; i++)
		*page_of(c, i) = STAMP(i);
	return dma_set_mask_and_coherent(c->dev, DMA_BIT_MASK(64));
}

static struct vtdsim_req req_of(struct vtdsim_test_client *c, u64 addr, u32 pasid)
{
	return (struct vtdsim_req) {
		.addr = addr,
		.sid = pci_dev_id(c->pdev),
		.pasid = pasid,
		.with_pasid = pasid != IOMMU_NO_PASID,
	};
}

/**
 * vtdsim_test_client_read() - read 64 bits by DMA
 * @c: the client
 * @addr: address
 * @pasid: PASID, or IOMMU_NO_PASID
 *
 * Context: A test.
 * Return: what the endpoint reads, or the reason why it does not.
 */
u64 vtdsim_test_client_read(struct vtdsim_test_client *c, u64 addr, u32 pasid)
{
	struct vtdsim_req req = req_of(c, addr, pasid);
	struct vtdsim_outcome out;
	u64 val = 0;

	if (vtdsim_dma_read(&vtdsim_units[0], &req, &val, sizeof(val), &out))
		return out.reason;
	return val;
}

/**
 * vtdsim_test_client_write() - write 64 bits by DMA
 * @c: the client
 * @addr: address
 * @val: what to write
 * @pasid: PASID, or IOMMU_NO_PASID
 *
 * Context: A test.
 * Return: 0, or the reason why the endpoint does not write.
 */
u64 vtdsim_test_client_write(struct vtdsim_test_client *c, u64 addr, u64 val, u32 pasid)
{
	struct vtdsim_req req = req_of(c, addr, pasid);
	struct vtdsim_outcome out;

	return vtdsim_dma_write(&vtdsim_units[0], &req, &val, sizeof(val), &out) ? out.reason : 0;
}

/**
 * vtdsim_test_client_gone() - wait until the endpoint cannot read
 * @c: the client
 * @addr: address
 *
 * With iommu.strict=0 the DMA API defers invalidations, but not for ever.
 *
 * Context: A test; sleeps.
 * Return: false if it still can after ten seconds.
 */
bool vtdsim_test_client_gone(struct vtdsim_test_client *c, u64 addr)
{
	int i;

	for (i = 0; i < 500; i++) {
		if (client_reads(c, addr) <= U8_MAX)
			return true;
		msleep(20);
	}

	return false;
}

static void unmap_streaming(void *data)
{
	struct vtdsim_test_streaming *s = data;

	dma_unmap_single(s->dev, s->addr, s->bytes, s->dir);
}

/**
 * vtdsim_test_map_streaming() - map pages with dma_map_single()
 * @test: the test
 * @c: the client
 * @page: index of the first page
 * @pages: number of pages
 * @dir: direction
 *
 * Context: A test; fails it if it cannot map.
 * Return: the mapping, which goes when the test ends.
 */
struct vtdsim_test_streaming *vtdsim_test_map_streaming(struct kunit *test,
							struct vtdsim_test_client *c,
							unsigned int page, unsigned int pages,
							enum dma_data_direction dir)
{
	struct vtdsim_test_streaming *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->dev = c->dev;
	s->bytes = pages * PAGE_SIZE;
	s->dir = dir;
	s->addr = dma_map_single(c->dev, page_of(c, page), s->bytes, dir);
	KUNIT_ASSERT_FALSE(test, dma_mapping_error(c->dev, s->addr));
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unmap_streaming, s), 0);
	return s;
}

/**
 * vtdsim_test_unmap_streaming() - unmap before the test ends
 * @test: the test
 * @s: the mapping
 *
 * Context: A test.
 */
void vtdsim_test_unmap_streaming(struct kunit *test, struct vtdsim_test_streaming *s)
{
	kunit_release_action(test, unmap_streaming, s);
}
