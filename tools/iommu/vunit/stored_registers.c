// SPDX-License-Identifier: GPL-2.0-only
/*
 * The values of registers, which have no side effects here.
 */
#include <endian.h>
#include <string.h>

#include "unit.h"

/**
 * vunit_reg_get() - get the value of a register
 * @unit: unit
 * @offset: offset of the register
 * @size: 4 or 8 bytes
 *
 * Return: its value.
 */
__u64 vunit_reg_get(const struct vunit *unit, __u32 offset, unsigned int size)
{
	__u64 val = 0;

	memcpy(&val, unit->regs + offset, size);
	return le64toh(val);
}

/**
 * vunit_reg_set() - set the value of a register
 * @unit: unit
 * @offset: offset of the register
 * @val: its value
 * @size: 4 or 8 bytes
 */
void vunit_reg_set(struct vunit *unit, __u32 offset, __u64 val, unsigned int size)
{
	val = htole64(val);
	memcpy(unit->regs + offset, &val, size);
}

/**
 * vunit_regs_reset() - set all registers to their values after a reset
 * @unit: unit
 *
 * Events are masked (sections 11.4.7 to 11.4.11), everything else is off.
 */
void vunit_regs_reset(struct vunit *unit)
{
	memset(unit->regs, 0, sizeof(unit->regs));
	unit->root = 0;
	unit->fault_next = 0;
	vunit_reg_set(unit, VUNIT_VER, VUNIT_VER_VALUE, 4);
	vunit_reg_set(unit, VUNIT_CAP, unit->cap, 8);
	vunit_reg_set(unit, VUNIT_ECAP, unit->ecap, 8);
	vunit_reg_set(unit, VUNIT_FECTL, VUNIT_EVENT_IM, 4);
	vunit_reg_set(unit, VUNIT_IECTL, VUNIT_EVENT_IM, 4);
	if (unit->ecap & VUNIT_ECAP_PRS)
		vunit_reg_set(unit, VUNIT_PECTL, VUNIT_EVENT_IM, 4);
}
