// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts: the events of a unit, VT-d specification sections 7.3 and 6.5.2.10,
 * and the delivery of message signalled interrupts to the local APIC.
 *
 * A message is delivered as an inter-processor interrupt, sent with the
 * kernel's APIC driver to the CPU that its address selects. The CPU cannot tell
 * it from a write to the interrupt address range.
 */
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/smp.h>

#include <asm/apic.h>

#include "unit/interrupts.h"
#include "unit/raw_stub.h"
#include "unit/registers.h"
#include "unit/unit.h"

/* Interrupt message address and data, Intel SDM volume 3, section 11.11 */
#define MSI_ADDR_MODE_LOGICAL	BIT_ULL(2)
#define MSI_ADDR_DEST		GENMASK_ULL(19, 12)
#define MSI_ADDR_BASE		GENMASK_ULL(31, 20)
#define MSI_ADDR_BASE_VALUE	0xfee
#define MSI_ADDR_DEST_HIGH	GENMASK_ULL(63, 40)
#define MSI_ADDR_RESERVED	(GENMASK_ULL(39, 32) | GENMASK_ULL(11, 4))

#define MSI_DATA_VECTOR		GENMASK(7, 0)
#define MSI_DATA_DELIVERY	GENMASK(10, 8)
#define MSI_DATA_LEVEL		BIT(15)

enum { DELIVERY_FIXED = 0, DELIVERY_LOWEST = 1 };

#define VECTOR_FIRST_VALID	16

#if IS_ENABLED(CONFIG_VTDSIM_KUNIT_TEST)
typeof(vtdsim_interrupt_deliver) *vtdsim_interrupt_deliver_stub;
#endif

/*
 * Does a logical destination include a CPU? @id is what the APIC driver would put
 * into a message for that CPU. An x2APIC id has a cluster and a bit in it; an id
 * of the flat model of the xAPIC has the bit only.
 */
static bool msi_logical_match(u32 dest, u32 id)
{
	if (x2apic_mode && dest >> 16 != id >> 16)
		return false;
	return dest & id & GENMASK(15, 0);
}

static bool msi_addresses_cpu(unsigned int cpu, u32 dest, bool logical)
{
	if (!logical)
		return cpu_physical_id(cpu) == dest;
	return apic->dest_mode_logical &&
	       msi_logical_match(dest, apic->calc_dest_apicid(cpu));
}

/**
 * vtdsim_interrupt_deliver() - deliver an interrupt to the local APIC of a CPU
 * @irq: the interrupt
 *
 * Fixed and lowest priority delivery, edge triggered; an interrupt for several
 * CPUs goes to the first of them.
 *
 * Context: Any.
 * Return: false if no CPU is online where it goes, or if it is one that is not
 *	delivered.
 */
bool vtdsim_interrupt_deliver(const struct vtdsim_interrupt *irq)
{
	unsigned int cpu;

	VTDSIM_RAW_STUB_REDIRECT(vtdsim_interrupt_deliver, irq);

	if (irq->delivery > DELIVERY_LOWEST || irq->level || irq->vector < VECTOR_FIRST_VALID)
		return false;
	for_each_online_cpu(cpu) {
		if (msi_addresses_cpu(cpu, irq->dest, irq->logical)) {
			__apic_send_IPI(cpu, irq->vector);
			return true;
		}
	}
	return false;
}

/**
 * vtdsim_msi_send() - deliver a message signalled interrupt
 * @addr: address of the message
 * @data: data of the message
 *
 * Bits 63:40 of the address extend the destination, as they do for the events of a
 * unit.
 *
 * Context: Any.
 * Return: false if the message is not valid, or vtdsim_interrupt_deliver() is.
 */
bool vtdsim_msi_send(u64 addr, u32 data)
{
	const struct vtdsim_interrupt irq = {
		.dest = FIELD_GET(MSI_ADDR_DEST_HIGH, addr) << 8 | FIELD_GET(MSI_ADDR_DEST, addr),
		.logical = addr & MSI_ADDR_MODE_LOGICAL,
		.delivery = FIELD_GET(MSI_DATA_DELIVERY, data),
		.vector = FIELD_GET(MSI_DATA_VECTOR, data),
		.level = data & MSI_DATA_LEVEL,
	};

	if (FIELD_GET(MSI_ADDR_BASE, addr) != MSI_ADDR_BASE_VALUE ||
	    addr & MSI_ADDR_RESERVED)
		return false;
	return vtdsim_interrupt_deliver(&irq);
}

static void event_send(struct vtdsim_unit *unit, u32 ctl)
{
	u32 data = vtdsim_reg_get32(unit, ctl + VTDSIM_EVENT_DATA);
	u64 addr = vtdsim_reg_get32(unit, ctl + VTDSIM_EVENT_ADDR);

	addr |= (u64)vtdsim_reg_get32(unit, ctl + VTDSIM_EVENT_UADDR) << 32;
	vtdsim_msi_send(addr, data);
}

/**
 * vtdsim_event_raise() - a new interrupt condition has come up
 * @unit: unit
 * @ctl: control register of the event, VTDSIM_FECTL and the like
 *
 * Sends the message, or holds it pending while it is masked (section 7.3).
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_event_raise(struct vtdsim_unit *unit, u32 ctl)
{
	u32 val = vtdsim_reg_get32(unit, ctl);

	if (val & VTDSIM_EVENT_IM)
		vtdsim_reg_set32(unit, ctl, val | VTDSIM_EVENT_IP);
	else
		event_send(unit, ctl);
}

/**
 * vtdsim_event_unmask() - software wrote the control register of an event
 * @unit: unit
 * @ctl: control register of the event
 *
 * Sends the message that was held pending, if it is not masked any more.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_event_unmask(struct vtdsim_unit *unit, u32 ctl)
{
	u32 val = vtdsim_reg_get32(unit, ctl);

	if (val & VTDSIM_EVENT_IM || !(val & VTDSIM_EVENT_IP))
		return;
	vtdsim_reg_set32(unit, ctl, val & ~VTDSIM_EVENT_IP);
	event_send(unit, ctl);
}

/**
 * vtdsim_event_serviced() - software has cleared all conditions of an event
 * @unit: unit
 * @ctl: control register of the event
 *
 * A message that is still pending will not be sent.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_event_serviced(struct vtdsim_unit *unit, u32 ctl)
{
	u32 val = vtdsim_reg_get32(unit, ctl);

	vtdsim_reg_set32(unit, ctl, val & ~VTDSIM_EVENT_IP);
}
