// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI segment of a unit: a root bus with a host bridge and the endpoints, all
 * behind the unit.
 *
 * A segment is never removed. Its functions are independent of the PCI core's
 * devices: a pci_dev may be removed and found again by a rescan, without any effect
 * on the function.
 */
#define pr_fmt(fmt) "vtdsim: " fmt

#include <linux/align.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/limits.h>
#include <linux/numa.h>
#include <linux/overflow.h>
#include <linux/pci.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <uapi/linux/vtdsim.h>

#include "endpoint/endpoint.h"
#include "endpoint/segment.h"

/**
 * struct vtdsim_segment - a PCI segment
 * @sysdata: the architecture's data of a root bus
 * @busn: its one bus number
 * @window: range of the BARs
 * @bridge: 00.0
 * @count: number of endpoints
 * @endpoints: 01.0, 02.0 and so on
 */
struct vtdsim_segment {
	struct pci_sysdata sysdata;
	struct resource busn;
	struct resource window;
	struct vtdsim_function bridge;
	unsigned int count;
	struct vtdsim_endpoint endpoints[] __counted_by(count);
};

static struct vtdsim_segment *segment_of_bus(struct pci_bus *bus)
{
	return container_of(to_pci_sysdata(bus), struct vtdsim_segment, sysdata);
}

static struct vtdsim_function *segment_find_function(struct pci_bus *bus,
						     unsigned int devfn)
{
	struct vtdsim_segment *seg = segment_of_bus(bus);
	unsigned int slot = PCI_SLOT(devfn);

	if (bus->number || PCI_FUNC(devfn) || slot > seg->count)
		return NULL;
	return slot ? &seg->endpoints[slot - 1].fn : &seg->bridge;
}

static int segment_config_read(struct pci_bus *bus, unsigned int devfn, int where,
			       int size, u32 *val)
{
	struct vtdsim_function *fn = segment_find_function(bus, devfn);

	if (!fn) {
		PCI_SET_ERROR_RESPONSE(val);
		return PCIBIOS_DEVICE_NOT_FOUND;
	}
	*val = vtdsim_function_read(fn, where, size);
	return PCIBIOS_SUCCESSFUL;
}

static int segment_config_write(struct pci_bus *bus, unsigned int devfn, int where,
				int size, u32 val)
{
	struct vtdsim_function *fn = segment_find_function(bus, devfn);

	if (!fn)
		return PCIBIOS_DEVICE_NOT_FOUND;
	vtdsim_function_write(fn, where, val, size);
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops segment_ops = {
	.read = segment_config_read,
	.write = segment_config_write,
};

/*
 * The BARs cannot move: x86 does not assign memory that the firmware's map calls
 * reserved. Fixed BARs stay where they are, also in a rescan. A guest with this
 * kernel may see the same IDs on a bus that is not the model's.
 */
static void vtdsim_keep_bar(struct pci_dev *dev)
{
	if (dev->bus->ops == &segment_ops)
		dev->resource[0].flags |= IORESOURCE_PCI_FIXED;
}
DECLARE_PCI_FIXUP_HEADER(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, vtdsim_keep_bar);

/* The window is in a range that the firmware's memory map calls reserved. */
static int __init segment_request_window(struct resource *window)
{
	struct resource *outer;

	outer = request_resource_conflict(&iomem_resource, window);
	if (!outer)
		return 0;
	return request_resource(outer, window);
}

static int __init segment_start_endpoints(struct vtdsim_segment *seg, struct vtdsim_unit *unit,
					  u32 devtlb_limit)
{
	for (unsigned int i = 0; i < seg->count; i++) {
		int ret = vtdsim_endpoint_start(&seg->endpoints[i], unit,
				seg->window.start + i * VTDSIM_EP_BAR_SIZE,
				PCI_DEVID(0, PCI_DEVFN(i + 1, 0)), devtlb_limit);

		if (ret) {
			while (i--)
				vtdsim_endpoint_stop(&seg->endpoints[i]);
			return ret;
		}
	}
	return 0;
}

static void __init segment_stop_endpoints(struct vtdsim_segment *seg)
{
	for (unsigned int i = 0; i < seg->count; i++)
		vtdsim_endpoint_stop(&seg->endpoints[i]);
}

static int __init segment_add_bus(struct vtdsim_segment *seg)
{
	LIST_HEAD(resources);
	struct pci_bus *bus;

	pci_add_resource(&resources, &seg->busn);
	pci_add_resource(&resources, &seg->window);

	pci_lock_rescan_remove();
	bus = pci_scan_root_bus(NULL, 0, &segment_ops, &seg->sysdata,
				&resources);
	if (bus) {
		pci_bus_claim_resources(bus);
		pci_bus_add_devices(bus);
	}
	pci_unlock_rescan_remove();

	if (!bus) {
		pci_free_resource_list(&resources);
		return -ENODEV;
	}
	return 0;
}

static struct vtdsim_segment *__init segment_create(u16 domain, u32 base,
						     unsigned int count)
{
	struct vtdsim_segment *seg;
	u64 size = (u64)count * VTDSIM_EP_BAR_SIZE;

	/* A bus has 32 devices, and one of them is the bridge. */
	if (!count || count > 31 || !IS_ALIGNED(base, VTDSIM_EP_BAR_SIZE) ||
	    base + size > U32_MAX)
		return NULL;

	seg = kzalloc(struct_size(seg, endpoints, count), GFP_KERNEL);
	if (!seg)
		return NULL;

	seg->count = count;
	seg->sysdata.domain = domain;
	seg->sysdata.node = NUMA_NO_NODE;
	seg->busn = DEFINE_RES_NAMED(0, 1, "vtdsim bus", IORESOURCE_BUS);
	seg->window = DEFINE_RES_MEM_NAMED(base, size,
					   "vtdsim endpoints");
	vtdsim_function_init_bridge(&seg->bridge);
	return seg;
}

/**
 * vtdsim_segment_add() - add a PCI segment with endpoints
 * @unit: the unit that they are behind
 * @domain: number of the segment
 * @base: physical address of the first BAR; the others follow
 * @count: number of endpoints
 * @devtlb_limit: entries in the device TLB of each endpoint, 0 for any number
 *
 * Context: Process context, may sleep.
 * Return: 0, or a negative error code after a message.
 */
int __init vtdsim_segment_add(struct vtdsim_unit *unit, u16 domain, u32 base,
			      unsigned int count, u32 devtlb_limit)
{
	struct vtdsim_segment *seg;
	int ret;

	seg = segment_create(domain, base, count);
	if (!seg) {
		pr_err("no PCI segment for %u endpoints at %#x\n", count, base);
		return -EINVAL;
	}

	ret = segment_request_window(&seg->window);
	if (ret)
		goto err_free;
	ret = segment_start_endpoints(seg, unit, devtlb_limit);
	if (ret)
		goto err_window;
	ret = segment_add_bus(seg);
	if (ret)
		goto err_endpoints;
	return 0;

err_endpoints:
	segment_stop_endpoints(seg);
err_window:
	release_resource(&seg->window);
err_free:
	pr_err("PCI segment %04x: error %d\n", seg->sysdata.domain, ret);
	kfree(seg);
	return ret;
}
