// SPDX-License-Identifier: GPL-2.0-only
/*
 * Primary fault logging, VT-d specification sections 7.2, 7.3 and 11.4.7.
 *
 * The fault recording registers form a ring. A fault goes into the next one. If
 * software has not cleared that one yet, the fault is lost, and so are all later
 * ones until software clears the overflow.
 */
#include <linux/bitfield.h>
#include <linux/bitops.h>

#include "unit/fault_log.h"
#include "unit/interrupts.h"
#include "unit/messages.h"
#include "unit/registers.h"
#include "unit/unit.h"

#define CREATE_TRACE_POINTS
#include "unit/trace.h"

static u32 frcd_offset(const struct vtdsim_unit *unit, unsigned int index)
{
	return 16 * FIELD_GET(VTDSIM_CAP_FRO, unit->caps.cap) +
	       index * VTDSIM_FRCD_BYTES;
}

static unsigned int frcd_count(const struct vtdsim_unit *unit)
{
	return FIELD_GET(VTDSIM_CAP_NFR, unit->caps.cap) + 1;
}

/* Bits 127:64 of a fault recording register, section 11.4.7.6. */
static u64 frcd_high(const struct vtdsim_req *req, u8 reason)
{
	u64 val = VTDSIM_FRCD_F | FIELD_PREP(VTDSIM_FRCD_FR, reason) |
		  FIELD_PREP(VTDSIM_FRCD_SID, req->sid) |
		  FIELD_PREP(VTDSIM_FRCD_AT, req->at);

	/* T1 and T2: 0 and 0 write, 1 and 0 read, 1 and 1 AtomicOp */
	if (req->read)
		val |= VTDSIM_FRCD_T1;
	if (req->read && req->write)
		val |= VTDSIM_FRCD_T2;
	if (!req->with_pasid)
		return val;

	val |= VTDSIM_FRCD_PP | FIELD_PREP(VTDSIM_FRCD_PV, req->pasid);
	if (req->exec)
		val |= VTDSIM_FRCD_EXE;
	if (req->priv)
		val |= VTDSIM_FRCD_PRIV;
	return val;
}

/* T1 and T2 are 0 and 1, and execute is an attribute of reads only. */
static u64 frcd_high_page(const struct vtdsim_page_request *req, u8 reason)
{
	u64 val = VTDSIM_FRCD_F | FIELD_PREP(VTDSIM_FRCD_FR, reason) |
		  FIELD_PREP(VTDSIM_FRCD_SID, req->sid) | VTDSIM_FRCD_T2;

	if (req->with_pasid)
		val |= VTDSIM_FRCD_PP | FIELD_PREP(VTDSIM_FRCD_PV, req->pasid) |
		       FIELD_PREP(VTDSIM_FRCD_PRIV, req->priv);
	return val;
}

/**
 * vtdsim_fault_status_set() - set bits of the fault status register
 * @unit: unit
 * @bits: VTDSIM_FSTS_PPF, with an index in VTDSIM_FSTS_FRI, or an error of the
 *	invalidation queue
 *
 * Raises the fault event, unless the register already has a status that software
 * has not cleared (section 7.3).
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_fault_status_set(struct vtdsim_unit *unit, u32 bits)
{
	u32 waiting = VTDSIM_FSTS_PFO | VTDSIM_FSTS_PPF | VTDSIM_FSTS_IQE |
		      VTDSIM_FSTS_ICE | VTDSIM_FSTS_ITE;
	u32 old = vtdsim_reg_get32(unit, VTDSIM_FSTS);

	if (bits & VTDSIM_FSTS_PPF)
		old &= ~VTDSIM_FSTS_FRI;
	vtdsim_reg_set32(unit, VTDSIM_FSTS, old | bits);
	if (!(old & waiting))
		vtdsim_event_raise(unit, VTDSIM_FECTL);
}

/**
 * vtdsim_fault_status_update() - software has cleared status bits
 * @unit: unit
 *
 * Clears Primary Pending Fault when no record is left, and a pending fault event
 * when no status is left to service.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_fault_status_update(struct vtdsim_unit *unit)
{
	u32 status = vtdsim_reg_get32(unit, VTDSIM_FSTS);
	u64 faults = 0;
	unsigned int i;

	for (i = 0; i < frcd_count(unit); i++)
		faults |= vtdsim_reg_get64(unit, frcd_offset(unit, i) +
						 VTDSIM_FRCD_HI);
	if (!(faults & VTDSIM_FRCD_F))
		status &= ~VTDSIM_FSTS_PPF;
	vtdsim_reg_set32(unit, VTDSIM_FSTS, status);
	if (!(status & ~VTDSIM_FSTS_FRI))
		vtdsim_event_serviced(unit, VTDSIM_FECTL);
}

/*
 * Address bits from the largest supported AGAW on are not recorded (11.4.7.6).
 * Bit 0 of SAGAW would be 30 bits, and each one above adds a level of tables.
 */
static u64 frcd_address(const struct vtdsim_unit *unit, u64 addr)
{
	int widest = fls(FIELD_GET(VTDSIM_CAP_SAGAW, unit->caps.cap)) - 1;

	if (widest >= 0)
		addr &= GENMASK_ULL(30 + 9 * widest - 1, 0);
	return addr & VTDSIM_FRCD_FI;
}

/* @info is what bits 63:0 are to have of the request with @addr. */
static void fault_record(struct vtdsim_unit *unit, u64 addr, u64 info, u64 high)
{
	u32 status = vtdsim_reg_get32(unit, VTDSIM_FSTS);
	unsigned int index = unit->fault_next;
	u32 at = frcd_offset(unit, index);

	trace_vtdsim_fault(unit, addr, high);
	if (status & VTDSIM_FSTS_PFO)
		return;
	if (vtdsim_reg_get64(unit, at + VTDSIM_FRCD_HI) & VTDSIM_FRCD_F) {
		/* The record there is pending, so the event has been raised. */
		vtdsim_reg_set32(unit, VTDSIM_FSTS, status | VTDSIM_FSTS_PFO);
		return;
	}

	vtdsim_reg_set64(unit, at + VTDSIM_FRCD_LO, info);
	vtdsim_reg_set64(unit, at + VTDSIM_FRCD_HI, high);
	unit->fault_next = (index + 1) % frcd_count(unit);

	/* FRI is the index of the first record until all are cleared. */
	if (!(status & VTDSIM_FSTS_PPF))
		vtdsim_fault_status_set(unit, VTDSIM_FSTS_PPF |
					FIELD_PREP(VTDSIM_FSTS_FRI, index));
}

/**
 * vtdsim_fault_record() - record a non-recoverable fault
 * @unit: unit
 * @req: the request that was blocked
 * @reason: fault reason of section 7.1.3
 *
 * Each fault gets its own record. Section 7.2.1 allows a unit to collapse the
 * faults of one requester, but does not require it.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_fault_record(struct vtdsim_unit *unit, const struct vtdsim_req *req,
			 u8 reason)
{
	fault_record(unit, req->addr, frcd_address(unit, req->addr), frcd_high(req, reason));
}

/**
 * vtdsim_fault_record_page() - record that a page request was dropped
 * @unit: unit
 * @req: the page request
 * @reason: fault reason of section 7.1.3
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_fault_record_page(struct vtdsim_unit *unit,
			      const struct vtdsim_page_request *req, u8 reason)
{
	fault_record(unit, req->addr, frcd_address(unit, req->addr),
		     frcd_high_page(req, reason));
}

/**
 * vtdsim_fault_record_interrupt() - record that an interrupt request was blocked
 * @unit: unit
 * @sid: source-id
 * @addr: address of the request
 * @index: interrupt_index of the request, of which 16 bits are recorded; 0 if it has none
 * @reason: fault reason of section 5.1.4.1
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_fault_record_interrupt(struct vtdsim_unit *unit, u16 sid, u64 addr, u32 index,
				   u8 reason)
{
	u64 high = VTDSIM_FRCD_F | FIELD_PREP(VTDSIM_FRCD_FR, reason) |
		   FIELD_PREP(VTDSIM_FRCD_SID, sid);

	fault_record(unit, addr, (u64)index << VTDSIM_FRCD_FI_INDEX_SHIFT, high);
}
