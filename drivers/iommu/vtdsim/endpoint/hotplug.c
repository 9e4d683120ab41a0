// SPDX-License-Identifier: GPL-2.0-only
/*
 * Surprise removal and hot-add of an endpoint, by a file in debugfs.
 *
 * The function goes first, with whatever it has under way. Only then is the kernel told,
 * as a hot-plug controller would: the device is marked as disconnected, and removed.
 * Whoever holds it open delays that.
 */
#include <linux/debugfs.h>
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/pci.h>

#include "endpoint/endpoint.h"

static DEFINE_MUTEX(hotplug_lock);

static bool hotplug_is_present(struct vtdsim_endpoint *ep)
{
	struct vtdsim_function_state state;

	vtdsim_function_get_state(&ep->fn, &state);
	return !state.absent;
}

static int hotplug_remove(struct vtdsim_endpoint *ep)
{
	struct pci_dev *pdev;

	vtdsim_function_pull(&ep->fn);
	pdev = pci_get_domain_bus_and_slot(ep->segment, PCI_BUS_NUM(ep->bdf), ep->bdf & 0xff);
	if (!pdev)
		return 0;
	pdev->error_state = pci_channel_io_perm_failure;
	pci_stop_and_remove_bus_device_locked(pdev);
	pci_dev_put(pdev);
	return 0;
}

static int hotplug_add(struct vtdsim_endpoint *ep)
{
	struct pci_bus *bus;
	unsigned long flags;
	int ret;

	/* A new device has no invalidations behind it that it never answered. */
	raw_spin_lock_irqsave(&ep->unit->lock, flags);
	ep->requester.timed_out = false;
	raw_spin_unlock_irqrestore(&ep->unit->lock, flags);
	vtdsim_function_plug(&ep->fn);
	ret = vtdsim_endpoint_power_up(ep);
	if (ret)
		return ret;
	pci_lock_rescan_remove();
	/* Software may have removed a port, and the bus behind it. */
	bus = pci_find_bus(ep->segment, PCI_BUS_NUM(ep->bdf));
	if (bus)
		pci_rescan_bus(bus);
	pci_unlock_rescan_remove();
	return 0;
}

static int hotplug_get(void *data, u64 *val)
{
	*val = hotplug_is_present(data);
	return 0;
}

static int hotplug_set(void *data, u64 val)
{
	struct vtdsim_endpoint *ep = data;
	int ret = 0;

	if (val > 1)
		return -EINVAL;
	if (mutex_lock_interruptible(&hotplug_lock))
		return -EINTR;
	if (val != hotplug_is_present(ep))
		ret = val ? hotplug_add(ep) : hotplug_remove(ep);
	mutex_unlock(&hotplug_lock);
	return ret;
}
DEFINE_DEBUGFS_ATTRIBUTE(hotplug_fops, hotplug_get, hotplug_set, "%llu\n");

/**
 * vtdsim_endpoint_slot() - make the file that pulls an endpoint out and puts it back
 * @ep: the endpoint, of a unit that has a directory
 *
 * Context: Process context, may sleep.
 */
void vtdsim_endpoint_slot(struct vtdsim_endpoint *ep)
{
	char name[] = "present-BB:DD.F";
	u8 bus = PCI_BUS_NUM(ep->bdf), slot = PCI_SLOT(ep->bdf), fn = PCI_FUNC(ep->bdf);

	if (bus)
		snprintf(name, sizeof(name), "present-%02x:%02x.%x", bus, slot, fn);
	else
		snprintf(name, sizeof(name), "present-%02x.%x", slot, fn);
	debugfs_create_file_unsafe(name, 0600, ep->unit->dir, ep, &hotplug_fops);
}
