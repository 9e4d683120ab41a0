// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events: interrupts that the unit itself sends, for faults, invalidations that are
 * complete and page requests (VT-d specification sections 7.3 and 6.5.2.9).
 *
 * An event is named by its control register. Data and address follow in the three
 * registers after it.
 */
#include "unit.h"

static void event_send(struct vunit *unit, __u32 ctl)
{
	__u64 addr = vunit_reg_get(unit, ctl + VUNIT_EVENT_ADDR, 4) |
		     vunit_reg_get(unit, ctl + VUNIT_EVENT_UADDR, 4) << 32;

	unit->config.ops->interrupt(unit->config.vmm, addr,
				    vunit_reg_get(unit, ctl + VUNIT_EVENT_DATA, 4));
}

/**
 * vunit_event_raise() - send an event's interrupt, or leave it pending
 * @unit: unit
 * @ctl: control register of the event
 */
void vunit_event_raise(struct vunit *unit, __u32 ctl)
{
	__u64 val = vunit_reg_get(unit, ctl, 4);

	if (val & VUNIT_EVENT_IM)
		vunit_reg_set(unit, ctl, val | VUNIT_EVENT_IP, 4);
	else
		event_send(unit, ctl);
}

/**
 * vunit_event_unmask() - send an interrupt that is pending and no longer masked
 * @unit: unit
 * @ctl: control register of the event, which was written
 */
void vunit_event_unmask(struct vunit *unit, __u32 ctl)
{
	__u64 val = vunit_reg_get(unit, ctl, 4);

	if (val & VUNIT_EVENT_IM || !(val & VUNIT_EVENT_IP))
		return;
	vunit_event_serviced(unit, ctl);
	event_send(unit, ctl);
}

/**
 * vunit_event_serviced() - drop a pending interrupt: its reason is gone
 * @unit: unit
 * @ctl: control register of the event
 */
void vunit_event_serviced(struct vunit *unit, __u32 ctl)
{
	vunit_reg_set(unit, ctl, vunit_reg_get(unit, ctl, 4) & ~VUNIT_EVENT_IP, 4);
}
