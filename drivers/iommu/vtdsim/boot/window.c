// SPDX-License-Identifier: GPL-2.0-only
/*
 * The window: from addresses that a driver accesses to registers of the units in the
 * DMAR table. interpose.h redirects the accesses.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/vtdsim.h>

#include "boot/units.h"
#include "boot/window.h"
#include "dispatch/register_access.h"
#include "tables/cache_lines.h"
#include "unit/unit.h"

DEFINE_STATIC_KEY_FALSE(vtdsim_active);

/* Never accessed: only its address is used. */
u8 vtdsim_window[VTDSIM_WINDOW_BYTES] __aligned(PAGE_SIZE);

static_assert(sizeof(vtdsim_window) == VTDSIM_MAX_UNITS * VTDSIM_REG_BYTES);

/* Each unit has one page of the window. */
static struct vtdsim_unit *vtdsim_window_register(const void __iomem *addr, u32 *offset)
{
	unsigned long at = (unsigned long)addr - (unsigned long)vtdsim_window;

	*offset = at % VTDSIM_REG_BYTES;
	return &vtdsim_units[at / VTDSIM_REG_BYTES];
}

/* Number of the unit with registers at that address, or -ENODEV. */
static int vtdsim_window_unit(phys_addr_t regs)
{
	unsigned int i;

	for (i = 0; i < vtdsim_unit_count; i++) {
		if (regs == vtdsim_options[i].reg_base)
			return i;
	}
	return -ENODEV;
}

/**
 * vtdsim_window_find() - find the window of a modelled unit's registers
 * @phys: physical address that a driver is about to map
 * @size: number of bytes
 *
 * Context: Any.
 * Return: the unit's place in the window if the range starts at its registers
 * and does not go beyond them, or NULL.
 */
void __iomem *vtdsim_window_find(resource_size_t phys, unsigned long size)
{
	int i = vtdsim_window_unit(phys);

	if (i < 0 || size > VTDSIM_REG_BYTES)
		return NULL;
	return (void __iomem __force *)vtdsim_window + i * VTDSIM_REG_BYTES;
}

/**
 * vtdsim_window_map() - as vtdsim_window_find(), for a driver that will use the unit
 * @phys: physical address that a driver is about to map
 * @size: number of bytes
 *
 * Context: Process context, may sleep; memory can be allocated.
 * Return: as vtdsim_window_find(), with all that a unit needs to work.
 */
void __iomem *vtdsim_window_map(resource_size_t phys, unsigned long size)
{
	void __iomem *window = vtdsim_window_find(phys, size);

	if (window)
		vtdsim_units_allocate();
	return window;
}

/**
 * vtdsim_has_erratum_772415() - does a unit have erratum 772415?
 * @regs: physical address of the unit's registers
 *
 * Hardware has no register for an erratum: software goes by the model of the CPU
 * that has the unit. No CPU has a modelled unit, so its profile tells.
 *
 * Context: Any.
 * Return: 1 or 0 for a modelled unit; -ENODEV for any other.
 */
int vtdsim_has_erratum_772415(phys_addr_t regs)
{
	int i = vtdsim_window_unit(regs);

	return i < 0 ? i : vtdsim_units[i].caps.erratum_772415;
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
	u32 offset;
	struct vtdsim_unit *unit = vtdsim_window_register(addr, &offset);

	return vtdsim_reg_read(unit, offset, size);
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
	u32 offset;
	struct vtdsim_unit *unit = vtdsim_window_register(addr, &offset);

	vtdsim_reg_write(unit, offset, val, size);
}

/**
 * vtdsim_flushed() - a driver has flushed cache lines
 * @addr: first address, in the direct map
 * @size: bytes
 *
 * Context: Any; takes the units' locks.
 */
void vtdsim_flushed(void *addr, unsigned int size)
{
	unsigned int i;

	if (!size || !virt_addr_valid(addr))
		return;
	for (i = 0; i < vtdsim_unit_count; i++)
		if (vtdsim_units[i].caps.lines)
			vtdsim_lines_flush(vtdsim_units[i].caps.lines,
					   virt_to_phys(addr), size);
}
