// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of a unit as stored values, without side effects. What software
 * sets off by writing one is in dispatch/register_access.c.
 */
#include <linux/string.h>

#include "unit/registers.h"
#include "unit/unit.h"

/**
 * vtdsim_reg_get32() - the stored value of a 4-byte register
 * @unit: unit
 * @offset: offset of the register, a multiple of 4
 *
 * Context: Caller holds the unit's lock.
 * Return: the value.
 */
u32 vtdsim_reg_get32(const struct vtdsim_unit *unit, u32 offset)
{
	u32 val;

	memcpy(&val, unit->regs + offset, sizeof(val));
	return val;
}

/**
 * vtdsim_reg_set32() - store a 4-byte register, without side effects
 * @unit: unit
 * @offset: offset of the register, a multiple of 4
 * @val: value
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_reg_set32(struct vtdsim_unit *unit, u32 offset, u32 val)
{
	memcpy(unit->regs + offset, &val, sizeof(val));
}

/**
 * vtdsim_reg_get64() - the stored value of an 8-byte register
 * @unit: unit
 * @offset: offset of the register, a multiple of 8
 *
 * Context: Caller holds the unit's lock.
 * Return: the value.
 */
u64 vtdsim_reg_get64(const struct vtdsim_unit *unit, u32 offset)
{
	u64 val;

	memcpy(&val, unit->regs + offset, sizeof(val));
	return val;
}

/**
 * vtdsim_reg_set64() - store an 8-byte register, without side effects
 * @unit: unit
 * @offset: offset of the register, a multiple of 8
 * @val: value
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_reg_set64(struct vtdsim_unit *unit, u32 offset, u64 val)
{
	memcpy(unit->regs + offset, &val, sizeof(val));
}
