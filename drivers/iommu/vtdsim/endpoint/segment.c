// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI segment of a unit: a root bus with a host bridge, the endpoints, and the ports
 * and bridges that may be in front of them, all behind the unit.
 *
 * A segment is never removed. Its functions are independent of the PCI core's
 * devices: a pci_dev may be removed and found again by a rescan, without any effect
 * on the function. What happens when a function goes is in hotplug.c.
 */
#define pr_fmt(fmt) "vtdsim: " fmt

#include <linux/align.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/init.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/limits.h>
#include <linux/numa.h>
#include <linux/overflow.h>
#include <linux/pci.h>
#include <linux/pm.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "endpoint/endpoint.h"
#include "endpoint/port.h"
#include "endpoint/segment.h"

/**
 * struct vtdsim_segment - a PCI segment
 * @power: what supplies the endpoints with power; parent of the root bus
 * @sysdata: the architecture's data of a root bus
 * @busn: bus numbers
 * @window: range of the BARs
 * @bridge: 00.0
 * @place: where the endpoints are
 * @ports: ports and bridges in front of them
 * @port_count: how many
 * @count: number of endpoints
 * @endpoints: the endpoints
 */
struct vtdsim_segment {
	struct device power;
	struct pci_sysdata sysdata;
	struct resource busn;
	struct resource window;
	struct vtdsim_function bridge;
	struct vtdsim_place place;
	struct vtdsim_port *ports;
	unsigned int port_count;
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
	u16 bdf = PCI_DEVID(bus->number, devfn);
	unsigned int n;

	if (!bdf)
		return &seg->bridge;
	for (n = 0; n < seg->port_count; n++)
		if (seg->ports[n].place.bdf == bdf)
			return &seg->ports[n].fn;
	for (n = 0; n < seg->count; n++)
		if (seg->endpoints[n].bdf == bdf)
			return &seg->endpoints[n].fn;
	return NULL;
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
	if (dev->bus->ops == &segment_ops && dev->resource[0].flags)
		dev->resource[0].flags |= IORESOURCE_PCI_FIXED;
}
DECLARE_PCI_FIXUP_HEADER(PCI_ANY_ID, PCI_ANY_ID, vtdsim_keep_bar);

/*
 * A BAR is aligned to its size. What is behind a port is in a window of whole MiB. Returns
 * the BAR's place, and moves @at behind it.
 */
static u64 __init segment_place_bar(const struct vtdsim_segment_plan *plan, unsigned int n,
				    u64 *at)
{
	u32 size = plan->kinds[n]->layout.bar_size;
	u64 bar;

	if (vtdsim_place_begins_window(&plan->place, n))
		*at = ALIGN(*at, SZ_1M);
	bar = ALIGN(*at, size);
	*at = bar + size;
	return bar;
}

/**
 * vtdsim_segment_bytes() - how much memory do the BARs of a segment take?
 * @plan: what is to be there; its base is not looked at
 *
 * Context: Early boot.
 * Return: bytes, a multiple of 1 MiB, from an address that is one.
 */
u64 __init vtdsim_segment_bytes(const struct vtdsim_segment_plan *plan)
{
	u64 at = 0;

	for (unsigned int i = 0; i < plan->place.count; i++)
		segment_place_bar(plan, i, &at);
	return ALIGN(at, SZ_1M);
}

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
					  const struct vtdsim_segment_plan *plan)
{
	const struct vtdsim_place *place = &plan->place;
	u64 at = plan->base;

	for (unsigned int i = 0; i < seg->count; i++) {
		struct vtdsim_endpoint *ep = &seg->endpoints[i];
		u64 bar = segment_place_bar(plan, i, &at);
		int ret;

		ep->segment = plan->domain;
		ep->bdf = vtdsim_place_bdf(place, i);
		ret = vtdsim_endpoint_start(ep, plan->kinds[i], unit, bar,
					    vtdsim_place_requester(place, i), plan->devtlb_limit);
		if (ret) {
			while (i--)
				vtdsim_endpoint_stop(&seg->endpoints[i]);
			return ret;
		}
		vtdsim_function_set_place(&ep->fn, vtdsim_place_type(place),
					  place->functions > 1, plan->acs);
	}
	return 0;
}

static void __init segment_stop_endpoints(struct vtdsim_segment *seg)
{
	for (unsigned int i = 0; i < seg->count; i++)
		vtdsim_endpoint_stop(&seg->endpoints[i]);
}

/* The endpoints have their BARs. */
static int __init segment_add_ports(struct vtdsim_segment *seg, struct vtdsim_unit *unit,
				    bool acs)
{
	unsigned int count = vtdsim_place_ports(&seg->place);

	if (!count)
		return 0;
	seg->ports = kcalloc(count, sizeof(*seg->ports), GFP_KERNEL);
	if (!seg->ports)
		return -ENOMEM;
	for (unsigned int i = 0; i < count; i++) {
		struct vtdsim_port_place place = vtdsim_place_port(&seg->place, i);
		const struct vtdsim_endpoint *last = &seg->endpoints[place.last];
		u32 base = ALIGN_DOWN(seg->endpoints[place.first].fn.bar, SZ_1M);
		u32 end = ALIGN(last->fn.bar + last->kind->layout.bar_size, SZ_1M);

		vtdsim_port_init(&seg->ports[i], &place, base, end, acs);
		vtdsim_requester_add(unit, &seg->ports[i].requester);
	}
	seg->port_count = count;
	return 0;
}

static void __init segment_remove_ports(struct vtdsim_segment *seg, struct vtdsim_unit *unit)
{
	for (unsigned int i = 0; i < seg->port_count; i++)
		vtdsim_requester_remove(unit, &seg->ports[i].requester);
	kfree(seg->ports);
}

/*
 * The endpoints have lost power, unless this was only a test of the first steps, or a
 * suspend to idle. The PCI core restores configuration space next.
 */
static int segment_resume(struct device *power)
{
	struct vtdsim_segment *seg = container_of(power, struct vtdsim_segment, power);
	int ret = 0;

	for (unsigned int i = 0; i < seg->count; i++)
		ret = vtdsim_endpoint_power_up(&seg->endpoints[i]) ?: ret;
	return ret;
}

static const struct dev_pm_ops segment_power_ops = {
	NOIRQ_SYSTEM_SLEEP_PM_OPS(NULL, segment_resume)
};

static void segment_release(struct device *power)
{
	kfree(container_of(power, struct vtdsim_segment, power));
}

static const struct device_type segment_power_type = {
	.name = "vtdsim",
	.release = segment_release,
	.pm = &segment_power_ops,
};

/*
 * Devices are resumed in parallel, but none before its parent. So the root bus has a
 * parent, which waits until the endpoints are ready.
 */
static int __init segment_add_power(struct vtdsim_segment *seg)
{
	int ret;

	seg->power.type = &segment_power_type;
	ret = dev_set_name(&seg->power, "vtdsim%04x", seg->sysdata.domain);
	return ret ?: device_add(&seg->power);
}

static int __init segment_add_bus(struct vtdsim_segment *seg)
{
	LIST_HEAD(resources);
	struct pci_bus *bus;

	pci_add_resource(&resources, &seg->busn);
	pci_add_resource(&resources, &seg->window);

	pci_lock_rescan_remove();
	bus = pci_scan_root_bus(&seg->power, 0, &segment_ops, &seg->sysdata,
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
	for (unsigned int i = 0; i < seg->count; i++)
		vtdsim_endpoint_slot(&seg->endpoints[i]);
	return 0;
}

static struct vtdsim_segment *__init segment_create(const struct vtdsim_segment_plan *plan)
{
	u64 size = vtdsim_segment_bytes(plan);
	struct vtdsim_segment *seg;

	if (!vtdsim_place_fits(&plan->place) ||
	    !IS_ALIGNED(plan->base, SZ_1M) || plan->base + size > U32_MAX)
		return NULL;

	seg = kzalloc(struct_size(seg, endpoints, plan->place.count), GFP_KERNEL);
	if (!seg)
		return NULL;

	device_initialize(&seg->power);
	seg->count = plan->place.count;
	seg->place = plan->place;
	seg->sysdata.domain = plan->domain;
	seg->sysdata.node = NUMA_NO_NODE;
	seg->busn = DEFINE_RES_NAMED(0, vtdsim_place_last_bus(&plan->place) + 1, "vtdsim bus",
				     IORESOURCE_BUS);
	seg->window = DEFINE_RES_MEM_NAMED(plan->base, size, "vtdsim endpoints");
	vtdsim_function_init_bridge(&seg->bridge);
	return seg;
}

/**
 * vtdsim_segment_add() - add a PCI segment with endpoints
 * @unit: the unit that they are behind
 * @plan: what is to be there
 *
 * Context: Process context, may sleep.
 * Return: 0, or a negative error code after a message.
 */
int __init vtdsim_segment_add(struct vtdsim_unit *unit, const struct vtdsim_segment_plan *plan)
{
	struct vtdsim_segment *seg;
	int ret;

	seg = segment_create(plan);
	if (!seg) {
		pr_err("no PCI segment for %u endpoints at %#x\n", plan->place.count, plan->base);
		return -EINVAL;
	}

	ret = segment_request_window(&seg->window);
	if (ret)
		goto err_free;
	ret = segment_start_endpoints(seg, unit, plan);
	if (ret)
		goto err_window;
	ret = segment_add_ports(seg, unit, plan->acs);
	if (ret)
		goto err_endpoints;
	ret = segment_add_power(seg);
	if (ret)
		goto err_ports;
	ret = segment_add_bus(seg);
	if (ret)
		goto err_power;
	return 0;

err_power:
	device_del(&seg->power);
err_ports:
	segment_remove_ports(seg, unit);
err_endpoints:
	segment_stop_endpoints(seg);
err_window:
	release_resource(&seg->window);
err_free:
	pr_err("PCI segment %04x: error %d\n", seg->sysdata.domain, ret);
	put_device(&seg->power);
	return ret;
}
