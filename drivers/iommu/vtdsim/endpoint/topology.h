/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is between the endpoints of a segment and its root complex: where ports, bridges
 * and endpoints are. Bus numbers are those that firmware would have given.
 */
#ifndef _VTDSIM_TOPOLOGY_H
#define _VTDSIM_TOPOLOGY_H

#include <linux/types.h>

/**
 * enum vtdsim_topology - what is between endpoints and root complex
 * @VTDSIM_INTEGRATED: nothing, the endpoints are on the root bus
 * @VTDSIM_PORTS: each device of endpoints is behind a root port
 * @VTDSIM_SWITCH: each is behind a downstream port of one PCI Express switch
 * @VTDSIM_BRIDGE: all are behind one PCI Express to PCI bridge, and are conventional PCI
 *	devices
 */
enum vtdsim_topology {
	VTDSIM_INTEGRATED,
	VTDSIM_PORTS,
	VTDSIM_SWITCH,
	VTDSIM_BRIDGE,
};

/**
 * struct vtdsim_place - where endpoints are
 * @topology: what is between them and the root complex
 * @functions: how many endpoints are functions of one device, 1 to 8
 * @count: number of endpoints
 */
struct vtdsim_place {
	enum vtdsim_topology topology;
	unsigned int functions;
	unsigned int count;
};

/**
 * struct vtdsim_port_place - a port or bridge: a function with a bus behind it
 * @type: device/port type of the PCI Express capability, PCI_EXP_TYPE_*
 * @bdf: its bus, device and function
 * @secondary: number of the bus behind it
 * @subordinate: highest number of a bus behind it
 * @first: the first endpoint behind it
 * @last: the last one
 * @multifunction: there are others in the same device
 */
struct vtdsim_port_place {
	u8 type;
	u16 bdf;
	u8 secondary;
	u8 subordinate;
	unsigned int first;
	unsigned int last;
	bool multifunction;
};

bool vtdsim_place_fits(const struct vtdsim_place *p);
u8 vtdsim_place_last_bus(const struct vtdsim_place *p);
u8 vtdsim_place_type(const struct vtdsim_place *p);
u16 vtdsim_place_bdf(const struct vtdsim_place *p, unsigned int endpoint);
u16 vtdsim_place_requester(const struct vtdsim_place *p, unsigned int endpoint);
bool vtdsim_place_begins_window(const struct vtdsim_place *p, unsigned int endpoint);
unsigned int vtdsim_place_ports(const struct vtdsim_place *p);
struct vtdsim_port_place vtdsim_place_port(const struct vtdsim_place *p, unsigned int port);

#endif /* _VTDSIM_TOPOLOGY_H */
