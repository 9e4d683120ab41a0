// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ports and bridges: their configuration space (PCI Express section 7.5.1.3), which is all
 * that there is of them.
 *
 * Bus numbers and windows are fixed, as if firmware had set them, because BARs of the model
 * do not move. There is no power management, no interrupt and no secondary bus reset, so
 * drivers of ports find nothing to do.
 */
#include <linux/bitfield.h>
#include <linux/string.h>
#include <uapi/linux/vtdsim.h>

#include "endpoint/function.h"
#include "endpoint/port.h"

/* Not registered, like those of endpoint and host bridge */
#define PORT_DEVICE_ID	0x7d52

#define PORT_CLASS	0x060400	/* PCI to PCI bridge */

static const struct vtdsim_layout port_layout = {
	.vendor = VTDSIM_PCI_VENDOR_ID,
	.device = PORT_DEVICE_ID,
	.revision = 1,
	.class = PORT_CLASS,
};

/* PCIe 7.5.1.3. Only memory is forwarded. */
static void port_fill_header(struct vtdsim_port *port)
{
	struct vtdsim_function *fn = &port->fn;

	fn->data[PCI_HEADER_TYPE] |= PCI_HEADER_TYPE_BRIDGE;
	/* No subsystem: something else is there in this header. */
	config_set32(fn, PCI_SUBSYSTEM_VENDOR_ID, 0);
	fn->data[PCI_PRIMARY_BUS] = port->place.bdf >> 8;
	fn->data[PCI_SECONDARY_BUS] = port->place.secondary;
	fn->data[PCI_SUBORDINATE_BUS] = port->place.subordinate;
	/* A window whose base is above its limit forwards nothing. */
	fn->data[PCI_IO_BASE] = PCI_IO_RANGE_MASK & 0xff;
	config_set16(fn, PCI_PREF_MEMORY_BASE, PCI_PREF_RANGE_MASK & 0xffff);
	config_set16(fn, PCI_MEMORY_BASE, port->base >> 16);
	config_set16(fn, PCI_MEMORY_LIMIT, (port->end - 1) >> 16 & PCI_MEMORY_RANGE_MASK);
	config_allow16(fn, PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_PARITY | PCI_BRIDGE_CTL_SERR);
}

static void port_fill(struct vtdsim_port *port)
{
	vtdsim_config_fill(&port->fn);
	port_fill_header(port);
	vtdsim_config_fill_port(&port->fn);
}

static struct vtdsim_port *port_of(struct vtdsim_requester *r)
{
	return container_of(r, struct vtdsim_port, requester);
}

/* Bus numbers and windows are there again, as firmware sets them before it resumes the kernel. */
static void port_lose_power(struct vtdsim_requester *r)
{
	struct vtdsim_port *port = port_of(r);
	unsigned long irq;

	raw_spin_lock_irqsave(&port->fn.lock, irq);
	port_fill(port);
	raw_spin_unlock_irqrestore(&port->fn.lock, irq);
}

/* A port has no device TLB, and never answers. */
static bool port_invalidate(struct vtdsim_requester *r, const struct vtdsim_devtlb_inv *inv)
{
	return false;
}

static void port_respond(struct vtdsim_requester *r, const struct vtdsim_page_response *resp)
{
}

static const struct vtdsim_requester_ops port_ops = {
	.invalidate = port_invalidate,
	.respond = port_respond,
	.lose_power = port_lose_power,
};

/**
 * vtdsim_port_init() - make a port or a bridge
 * @port: memory for it, all zero
 * @place: where it is
 * @base: first address that it forwards, a multiple of 1 MiB
 * @end: the address after the last one, a multiple of 1 MiB
 * @acs: it has Access Control Services, unless it is a bridge or an upstream port
 *
 * Context: Any; nobody else uses the port.
 */
void vtdsim_port_init(struct vtdsim_port *port, const struct vtdsim_port_place *place,
		      u32 base, u32 end, bool acs)
{
	struct vtdsim_function *fn = &port->fn;

	raw_spin_lock_init(&fn->lock);
	port->place = *place;
	port->base = base;
	port->end = end;
	port->requester.ops = &port_ops;
	port->requester.sid = place->bdf;
	fn->layout = &port_layout;
	fn->type = place->type;
	fn->multifunction = place->multifunction;
	fn->acs = acs && (place->type == PCI_EXP_TYPE_ROOT_PORT ||
			  place->type == PCI_EXP_TYPE_DOWNSTREAM);
	port_fill(port);
}
