// SPDX-License-Identifier: GPL-2.0-only
/*
 * The window through which a driver sees the registers of the unit in the DMAR
 * table: from addresses, as interpose.h catches them, to register offsets.
 */
#include <linux/vtdsim.h>

#include "vtdsim.h"
#include "window.h"

DEFINE_STATIC_KEY_FALSE(vtdsim_active);

/* Only its address counts. */
u8 vtdsim_window[PAGE_SIZE] __aligned(PAGE_SIZE);

static u32 window_offset(const void __iomem *addr)
{
	return (unsigned long)addr - (unsigned long)vtdsim_window;
}

/**
 * vtdsim_window_covers() - are these the registers of the modelled unit?
 * @phys: physical address that a driver is about to map
 * @size: number of bytes
 *
 * Context: Any.
 * Return: true if the model is enabled and the range starts at the unit's
 * registers and does not go beyond them.
 */
bool vtdsim_window_covers(resource_size_t phys, unsigned long size)
{
	return static_branch_unlikely(&vtdsim_active) &&
	       phys == vtdsim_config.reg_base && size <= VTDSIM_REG_BYTES;
}

/**
 * vtdsim_has_erratum_772415() - does a unit have erratum 772415?
 * @regs: physical address of the unit's registers
 *
 * Hardware has no register for an erratum: software goes by the model of the
 * CPU which the unit is part of. The modelled unit is part of none, so it says
 * itself what its profile has.
 *
 * Context: Any.
 * Return: 1 or 0 for the modelled unit; -ENODEV for any other.
 */
int vtdsim_has_erratum_772415(phys_addr_t regs)
{
	if (!vtdsim_window_covers(regs, VTDSIM_REG_BYTES))
		return -ENODEV;

	return vtdsim_unit0.caps.erratum_772415;
}

/**
 * vtdsim_window_read() - a driver reads a register
 * @addr: address in the window
 * @size: 4 or 8 bytes
 *
 * Context: Any.
 * Return: what the register shows.
 */
u64 vtdsim_window_read(const void __iomem *addr, unsigned int size)
{
	return vtdsim_reg_read(&vtdsim_unit0, window_offset(addr), size);
}

/**
 * vtdsim_window_write() - a driver writes a register
 * @addr: address in the window
 * @val: value
 * @size: 4 or 8 bytes
 *
 * Context: Any.
 */
void vtdsim_window_write(void __iomem *addr, u64 val, unsigned int size)
{
	vtdsim_reg_write(&vtdsim_unit0, window_offset(addr), val, size);
}
