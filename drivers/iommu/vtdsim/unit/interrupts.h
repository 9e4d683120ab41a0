/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts: the events of a unit, and message signalled interrupts to the local
 * APIC.
 */
#ifndef _VTDSIM_INTERRUPTS_H
#define _VTDSIM_INTERRUPTS_H

#include <linux/types.h>

struct vtdsim_unit;

/* Interrupt address range, section 3.15: requests to it are interrupts. */
#define VTDSIM_INTERRUPT_FIRST	0xfee00000ULL
#define VTDSIM_INTERRUPT_LAST	0xfeefffffULL

/**
 * vtdsim_in_interrupt_range() - is an address in the interrupt address range?
 * @addr: address
 *
 * Return: true for 0xfeexxxxx.
 */
static inline bool vtdsim_in_interrupt_range(u64 addr)
{
	return addr >= VTDSIM_INTERRUPT_FIRST && addr <= VTDSIM_INTERRUPT_LAST;
}

/**
 * struct vtdsim_interrupt - an interrupt as local APICs get it
 * @dest: destination: an APIC id, or a logical destination
 * @logical: destination mode
 * @delivery: delivery mode, as in a message's data
 * @vector: vector
 * @level: trigger mode
 */
struct vtdsim_interrupt {
	u32 dest;
	bool logical;
	u8 delivery;
	u8 vector;
	bool level;
};

bool vtdsim_interrupt_deliver(const struct vtdsim_interrupt *irq);
#if IS_ENABLED(CONFIG_VTDSIM_KUNIT_TEST)
extern typeof(vtdsim_interrupt_deliver) *vtdsim_interrupt_deliver_stub;
#endif
bool vtdsim_msi_send(u64 addr, u32 data);

/* Events, by their control register: VTDSIM_FECTL, VTDSIM_IECTL or VTDSIM_PECTL */
void vtdsim_event_raise(struct vtdsim_unit *unit, u32 ctl);
void vtdsim_event_unmask(struct vtdsim_unit *unit, u32 ctl);
void vtdsim_event_serviced(struct vtdsim_unit *unit, u32 ctl);

#endif /* _VTDSIM_INTERRUPTS_H */
