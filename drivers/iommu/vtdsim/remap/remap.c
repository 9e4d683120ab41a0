// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupt remapping (VT-d specification section 5.1): what becomes of an interrupt
 * request of an endpoint.
 *
 * While remapping is disabled, every request is taken for one in compatibility format,
 * and reaches the CPU that it names. Once it is enabled, requests in compatibility
 * format are blocked unless software allows them, and others are the interrupt that
 * their entry in the table stands for, if the entry admits their source-id.
 */
#include <linux/bitfield.h>
#include <linux/limits.h>

#include "remap/entry_cache.h"
#include "remap/irte.h"
#include "remap/remap.h"
#include "tables/cache_lines.h"
#include "unit/fault_log.h"
#include "unit/fault_reasons.h"
#include "unit/interrupts.h"
#include "unit/messages.h"
#include "unit/registers.h"
#include "unit/unit.h"

static u32 remap_entries(const struct vtdsim_unit *unit)
{
	return 2U << FIELD_GET(VTDSIM_IRTA_S, unit->irta);
}

static bool remap_is_extended(const struct vtdsim_unit *unit)
{
	return unit->irta & VTDSIM_IRTA_EIME;
}

/**
 * vtdsim_remap_set_table() - put the interrupt remapping table into force
 * @unit: unit
 *
 * What the Set Interrupt Remap Table Pointer command does.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_remap_set_table(struct vtdsim_unit *unit)
{
	unit->irta = vtdsim_reg_get64(unit, VTDSIM_IRTA);
}

/**
 * vtdsim_remap_table_bytes() - the size of the interrupt remapping table in force
 * @unit: unit
 *
 * Context: Any.
 * Return: number of bytes.
 */
u64 vtdsim_remap_table_bytes(const struct vtdsim_unit *unit)
{
	return (u64)remap_entries(unit) * VTDSIM_IRTE_BYTES;
}

static bool remap_is_beyond(const struct vtdsim_unit *unit, u64 hpa)
{
	return hpa >> unit->caps.haw;
}

static u64 remap_address(const struct vtdsim_unit *unit, u32 index)
{
	return (unit->irta & VTDSIM_IRTA_IRTA) + (u64)index * VTDSIM_IRTE_BYTES;
}

/* How often to read an entry that changes all the time */
#define REMAP_TRIES	64

/**
 * vtdsim_remap_fetch() - read an entry of the interrupt remapping table
 * @unit: unit
 * @index: its index, within the table
 * @irte: the entry; both halves have been there at the same time
 *
 * Context: Caller holds the unit's lock.
 * Return: false if this is no memory.
 */
bool vtdsim_remap_fetch(const struct vtdsim_unit *unit, u32 index, struct vtdsim_irte *irte)
{
	struct vtdsim_lines *lines = unit->caps.ecap & VTDSIM_ECAP_C ? NULL : unit->caps.lines;
	u64 hpa = remap_address(unit, index);
	unsigned int tries;
	u64 low;

	if (!vtdsim_lines_read64(lines, hpa, 0, &low))
		return false;
	for (tries = 0; tries < REMAP_TRIES; tries++) {
		irte->q[0] = low;
		if (!vtdsim_lines_read64(lines, hpa + sizeof(u64), 0, &irte->q[1]) ||
		    !vtdsim_lines_read64(lines, hpa, 0, &low))
			return false;
		if (low == irte->q[0])
			return true;
	}
	return false;
}

static u8 remap_check_source(const struct vtdsim_irte *irte, u16 sid)
{
	return vtdsim_irte_admits(irte, sid) ? 0 : VTDSIM_FR_INTERRUPT_SOURCE;
}

/* Section 5.1.4: is the entry present, may the requester use it, and is it valid, in this order. */
static u8 remap_check_entry(const struct vtdsim_unit *unit, const struct vtdsim_irte *irte, u16 sid)
{
	u8 reason = vtdsim_irte_check(irte, remap_is_extended(unit));

	if (reason == VTDSIM_FR_IRTE_PRESENT)
		return reason;
	return remap_check_source(irte, sid) ?: reason;
}

/* Section 6.4: an entry with which a request faults is not cached, as CAP.CM is clear. */
static u8 remap_find_entry(struct vtdsim_unit *unit, u16 sid, u32 index, struct vtdsim_irte *irte)
{
	u8 reason;

	if (unit->irtes && vtdsim_irte_cache_find(unit->irtes, index, irte))
		return remap_check_source(irte, sid);
	if (!vtdsim_remap_fetch(unit, index, irte)) {
		*irte = (struct vtdsim_irte) {};
		return VTDSIM_FR_IRTE_ACCESS;
	}
	reason = remap_check_entry(unit, irte, sid);
	if (!reason && unit->irtes)
		vtdsim_irte_cache_add(unit->irtes, index, irte);
	return reason;
}

/* Section 5.1.4. Sets *@quiet if the entry disables the recording of a fault. */
static u8 remap_translate(struct vtdsim_unit *unit, u16 sid, u64 addr, u32 data,
			  struct vtdsim_interrupt *irq, bool *quiet)
{
	u32 index = vtdsim_interrupt_index(addr, data);
	struct vtdsim_irte irte;
	u8 reason;

	if (vtdsim_interrupt_has_reserved(addr, data))
		return VTDSIM_FR_INTERRUPT_RESERVED;
	/* Table 15: also if the entry is beyond the Host Address Width */
	if (index >= remap_entries(unit) || remap_is_beyond(unit, unit->irta) ||
	    remap_is_beyond(unit, remap_address(unit, index)))
		return VTDSIM_FR_INTERRUPT_INDEX;
	reason = remap_find_entry(unit, sid, index, &irte);
	*quiet = vtdsim_irte_is_quiet(&irte);
	if (reason)
		return reason;
	vtdsim_irte_decode(&irte, remap_is_extended(unit), irq);
	return 0;
}

/* Extended Interrupt Mode blocks the compatibility format whatever CFI says. */
static bool remap_allows_compatibility(const struct vtdsim_unit *unit)
{
	return vtdsim_reg_get32(unit, VTDSIM_GSTS) & VTDSIM_G_CFI && !remap_is_extended(unit);
}

/**
 * vtdsim_interrupt_request() - an endpoint has sent an interrupt request
 * @unit: unit
 * @sid: source-id of the endpoint
 * @addr: address, in the interrupt address range
 * @data: data
 * @out: how it ended
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_interrupt_request(struct vtdsim_unit *unit, u16 sid, u64 addr, u32 data,
			      struct vtdsim_outcome *out)
{
	bool on = vtdsim_reg_get32(unit, VTDSIM_GSTS) & VTDSIM_G_IR;
	bool remappable = vtdsim_interrupt_is_remappable(addr);
	struct vtdsim_interrupt irq;
	bool quiet = false;

	if (!on || (!remappable && remap_allows_compatibility(unit))) {
		out->unsupported = !vtdsim_msi_send(addr, data);
		return;
	}
	if (remappable)
		out->reason = remap_translate(unit, sid, addr, data, &irq, &quiet);
	else
		out->reason = VTDSIM_FR_INTERRUPT_COMPATIBILITY;
	if (!out->reason) {
		out->unsupported = !vtdsim_interrupt_deliver(&irq);
		return;
	}

	unit->stats.faults++;
	out->addr = addr & ~0xfffULL;
	if (!quiet)
		vtdsim_fault_record_interrupt(unit, sid, addr,
					      remappable ? vtdsim_interrupt_index(addr, data) : 0,
					      out->reason);
}

/**
 * vtdsim_remap_drop() - invalidate cached interrupt remapping table entries
 * @unit: unit
 * @first: index of the first one
 * @last: index of the last one
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_remap_drop(struct vtdsim_unit *unit, u32 first, u32 last)
{
	if (unit->irtes)
		vtdsim_irte_cache_drop(unit->irtes, first, last);
}

/**
 * vtdsim_remap_drop_all() - invalidate all cached interrupt remapping table entries
 * @unit: unit
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_remap_drop_all(struct vtdsim_unit *unit)
{
	vtdsim_remap_drop(unit, 0, U32_MAX);
}
