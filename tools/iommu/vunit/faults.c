// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fault recording registers and the fault status register (VT-d specification sections
 * 7.2, 7.3 and 11.4.7).
 */
#include "unit.h"

static __u32 frcd_offset(unsigned int index)
{
	return VUNIT_FRCD + index * VUNIT_FRCD_SIZE;
}

/**
 * vunit_fault_status_set() - set bits of the fault status register
 * @unit: unit
 * @bits: bits, and the index of the record with VUNIT_FSTS_PPF
 *
 * Raises the fault event, unless the guest has an older status to service.
 */
void vunit_fault_status_set(struct vunit *unit, __u64 bits)
{
	__u64 old = vunit_reg_get(unit, VUNIT_FSTS, 4);

	if (bits & VUNIT_FSTS_PPF)
		old &= ~VUNIT_FSTS_FRI;
	vunit_reg_set(unit, VUNIT_FSTS, old | bits, 4);
	if (!(old & ~VUNIT_FSTS_FRI))
		vunit_event_raise(unit, VUNIT_FECTL);
}

/**
 * vunit_fault_status_update() - the guest has cleared status bits or records
 * @unit: unit
 */
void vunit_fault_status_update(struct vunit *unit)
{
	__u64 status = vunit_reg_get(unit, VUNIT_FSTS, 4), pending = 0;
	unsigned int i;

	for (i = 0; i < VUNIT_FRCD_COUNT; i++)
		pending |= vunit_reg_get(unit, frcd_offset(i) + VUNIT_FRCD_HIGH, 8);
	if (!(pending & VUNIT_FRCD_F))
		status &= ~VUNIT_FSTS_PPF;
	vunit_reg_set(unit, VUNIT_FSTS, status, 4);
	if (!(status & ~VUNIT_FSTS_FRI))
		vunit_event_serviced(unit, VUNIT_FECTL);
}

/**
 * vunit_fault_record() - record a fault
 * @unit: unit
 * @sid: source-id of the device
 * @addr: address of the request
 * @read: it was a read
 * @reason: fault reason
 *
 * If the next register still holds a fault, this one is lost and the overflow recorded.
 */
void vunit_fault_record(struct vunit *unit, __u16 sid, __u64 addr, bool read, __u8 reason)
{
	__u64 status = vunit_reg_get(unit, VUNIT_FSTS, 4);
	__u32 index = unit->fault_next, at = frcd_offset(index);

	if (status & VUNIT_FSTS_PFO)
		return;
	if (vunit_reg_get(unit, at + VUNIT_FRCD_HIGH, 8) & VUNIT_FRCD_F) {
		vunit_fault_status_set(unit, VUNIT_FSTS_PFO);
		return;
	}
	vunit_reg_set(unit, at, addr & VUNIT_FRCD_FI, 8);
	vunit_reg_set(unit, at + VUNIT_FRCD_HIGH,
		      VUNIT_FRCD_F | (read ? VUNIT_FRCD_T1 : 0) |
		      vunit_put(VUNIT_FRCD_FR, reason) | sid, 8);
	unit->fault_next = (index + 1) % VUNIT_FRCD_COUNT;
	if (!(status & VUNIT_FSTS_PPF))
		vunit_fault_status_set(unit, VUNIT_FSTS_PPF |
				       vunit_put(VUNIT_FSTS_FRI, index));
}

/**
 * vunit_fault() - tell the guest of a fault of a device
 * @unit: unit
 * @sid: source-id of the device
 * @addr: address of the request
 * @read: it was a read
 * @reason: fault reason, VT-d section 7.1.3
 *
 * For a VMM that hears of faults of the host's unit, or whose own devices do DMA.
 */
void vunit_fault(struct vunit *unit, __u16 sid, __u64 addr, bool read, __u8 reason)
{
	pthread_mutex_lock(&unit->lock);
	vunit_fault_record(unit, sid, addr, read, reason);
	pthread_mutex_unlock(&unit->lock);
}
