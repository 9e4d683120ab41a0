// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where ports, bridges and endpoints are.
 *
 *	integrated	bus 0: endpoints from 01.0 on
 *	ports		bus 0: root ports, functions of devices 01, 02; bus 1 + n: the
 *			endpoints of device n
 *	switch		bus 0: a root port, 01.0; bus 1: the upstream port; bus 2:
 *			downstream ports, a device each; bus 3 + n: the endpoints of device n
 *	bridge		bus 0: the bridge, 01.0; bus 1: endpoints from 00.0 on
 *
 * Root ports are functions of one device, as those of a chipset are. Unless they have Access
 * Control Services, requests may be routed from one to another past the unit, and all that
 * is behind them is in one IOMMU group.
 */
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/pci.h>

#include "endpoint/topology.h"

#define SWITCH_FIRST	3	/* the first bus behind a switch */

static unsigned int place_devices(const struct vtdsim_place *p)
{
	return DIV_ROUND_UP(p->count, p->functions);
}

/**
 * vtdsim_place_fits() - can endpoints be placed so?
 * @p: the places
 *
 * Context: Any.
 * Return: false if there are none, or too many for the buses.
 */
bool vtdsim_place_fits(const struct vtdsim_place *p)
{
	/* A bus has 32 devices, and one of them may be the host bridge. */
	return p->count && p->functions && p->functions <= 8 && place_devices(p) <= 31;
}

/**
 * vtdsim_place_last_bus() - the highest bus number
 * @p: the places
 *
 * Context: Any.
 * Return: the number.
 */
u8 vtdsim_place_last_bus(const struct vtdsim_place *p)
{
	switch (p->topology) {
	case VTDSIM_PORTS:
		return place_devices(p);
	case VTDSIM_SWITCH:
		return SWITCH_FIRST + place_devices(p) - 1;
	case VTDSIM_BRIDGE:
		return 1;
	default:
		return 0;
	}
}

/**
 * vtdsim_place_type() - what kind of PCI Express device is an endpoint?
 * @p: the places
 *
 * Context: Any.
 * Return: PCI_EXP_TYPE_*; PCI_EXP_TYPE_PCI_BRIDGE for a conventional PCI device, which is
 *	behind such a bridge.
 */
u8 vtdsim_place_type(const struct vtdsim_place *p)
{
	switch (p->topology) {
	case VTDSIM_PORTS:
	case VTDSIM_SWITCH:
		return PCI_EXP_TYPE_ENDPOINT;
	case VTDSIM_BRIDGE:
		return PCI_EXP_TYPE_PCI_BRIDGE;
	default:
		return PCI_EXP_TYPE_RC_END;
	}
}

/**
 * vtdsim_place_bdf() - where is an endpoint?
 * @p: the places
 * @endpoint: its number
 *
 * Context: Any.
 * Return: bus, device and function.
 */
u16 vtdsim_place_bdf(const struct vtdsim_place *p, unsigned int endpoint)
{
	unsigned int device = endpoint / p->functions;
	unsigned int fn = endpoint % p->functions;

	switch (p->topology) {
	case VTDSIM_PORTS:
		return PCI_DEVID(1 + device, PCI_DEVFN(0, fn));
	case VTDSIM_SWITCH:
		return PCI_DEVID(SWITCH_FIRST + device, PCI_DEVFN(0, fn));
	case VTDSIM_BRIDGE:
		return PCI_DEVID(1, PCI_DEVFN(device, fn));
	default:
		return PCI_DEVID(0, PCI_DEVFN(1 + device, fn));
	}
}

/**
 * vtdsim_place_requester() - with which requester-id do an endpoint's requests arrive?
 * @p: the places
 * @endpoint: its number
 *
 * A PCI Express to PCI bridge sends requests of the conventional devices behind it as its
 * own, with the secondary bus number and device and function 0 (PCI Express to PCI/PCI-X
 * Bridge Specification, section 2.3).
 *
 * Context: Any.
 * Return: the requester-id.
 */
u16 vtdsim_place_requester(const struct vtdsim_place *p, unsigned int endpoint)
{
	if (p->topology == VTDSIM_BRIDGE)
		return PCI_DEVID(1, 0);
	return vtdsim_place_bdf(p, endpoint);
}

/**
 * vtdsim_place_begins_window() - does the window of a port begin with an endpoint's BAR?
 * @p: the places
 * @endpoint: its number
 *
 * Context: Any.
 * Return: true if it does: the endpoint is the first behind a port.
 */
bool vtdsim_place_begins_window(const struct vtdsim_place *p, unsigned int endpoint)
{
	return p->topology != VTDSIM_INTEGRATED && p->topology != VTDSIM_BRIDGE &&
	       !(endpoint % p->functions);
}

/**
 * vtdsim_place_ports() - how many ports and bridges are there?
 * @p: the places
 *
 * Context: Any.
 * Return: how many, without the host bridge.
 */
unsigned int vtdsim_place_ports(const struct vtdsim_place *p)
{
	switch (p->topology) {
	case VTDSIM_PORTS:
		return place_devices(p);
	case VTDSIM_SWITCH:
		return 2 + place_devices(p);
	case VTDSIM_BRIDGE:
		return 1;
	default:
		return 0;
	}
}

/* The port in front of one device of endpoints */
static struct vtdsim_port_place place_port_of(const struct vtdsim_place *p, unsigned int device)
{
	bool root = p->topology == VTDSIM_PORTS;
	u8 bus = (root ? 1 : SWITCH_FIRST) + device;
	u16 bdf = root ? PCI_DEVID(0, PCI_DEVFN(1, 0) + device) :
			 PCI_DEVID(SWITCH_FIRST - 1, PCI_DEVFN(device, 0));

	return (struct vtdsim_port_place) {
		.type = root ? PCI_EXP_TYPE_ROOT_PORT : PCI_EXP_TYPE_DOWNSTREAM,
		.bdf = bdf,
		.secondary = bus,
		.subordinate = bus,
		.first = device * p->functions,
		.last = min((device + 1) * p->functions, p->count) - 1,
		.multifunction = root && place_devices(p) > 1,
	};
}

/**
 * vtdsim_place_port() - where is a port or a bridge?
 * @p: the places
 * @port: its number, below vtdsim_place_ports()
 *
 * Context: Any.
 * Return: its place.
 */
struct vtdsim_port_place vtdsim_place_port(const struct vtdsim_place *p, unsigned int port)
{
	struct vtdsim_port_place whole = {
		.type = PCI_EXP_TYPE_PCI_BRIDGE,
		.bdf = PCI_DEVID(0, PCI_DEVFN(1, 0)),
		.secondary = 1,
		.subordinate = vtdsim_place_last_bus(p),
		.last = p->count - 1,
	};

	if (p->topology == VTDSIM_PORTS)
		return place_port_of(p, port);
	if (p->topology == VTDSIM_BRIDGE)
		return whole;
	if (port >= 2)
		return place_port_of(p, port - 2);
	whole.type = port ? PCI_EXP_TYPE_UPSTREAM : PCI_EXP_TYPE_ROOT_PORT;
	if (port) {
		whole.bdf = PCI_DEVID(1, 0);
		whole.secondary = 2;
	}
	return whole;
}
