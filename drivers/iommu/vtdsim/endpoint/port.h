/* SPDX-License-Identifier: GPL-2.0-only */
/* Ports and bridges between the root bus and endpoints. */
#ifndef _VTDSIM_PORT_H
#define _VTDSIM_PORT_H

#include "endpoint/endpoint.h"
#include "endpoint/topology.h"
#include "unit/requesters.h"

/**
 * struct vtdsim_port - a port or bridge
 * @fn: its configuration space
 * @requester: the port as the unit knows it
 * @place: where it is
 * @base: first address that it forwards to the buses behind it, a multiple of 1 MiB
 * @end: the address after the last one, a multiple of 1 MiB
 */
struct vtdsim_port {
	struct vtdsim_function fn;
	struct vtdsim_requester requester;
	struct vtdsim_port_place place;
	u32 base;
	u32 end;
};

void vtdsim_port_init(struct vtdsim_port *port, const struct vtdsim_port_place *place,
		      u32 base, u32 end, bool acs);

#endif /* _VTDSIM_PORT_H */
