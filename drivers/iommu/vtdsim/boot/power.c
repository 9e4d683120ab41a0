// SPDX-License-Identifier: GPL-2.0-only
/*
 * The units when the machine is suspended to memory: they lose power.
 *
 * The last steps of a suspend and the first of a resume are system core operations, which
 * run on one CPU with interrupts off. Among them are those of drivers that save their units'
 * registers, invalidate caches and disable translation or interrupt remapping, and bring it
 * all up again. Operations are suspended in the reverse order of their registration and
 * resumed in that order. So the loss of power is registered before any initcall of a driver or
 * of the local APIC, whose operations use units as well: power goes when all others have been
 * suspended, and is there before the first of them is resumed.
 *
 * Timekeeping has such an operation, too, and a unit that works beside the CPUs needs timers.
 * Other operations are registered last, and have units work in step with the CPUs in the
 * meantime.
 *
 * When the machine is suspended to idle, units and endpoints keep power.
 */
#include <linux/init.h>

#include "boot/units.h"
#include "queue/async.h"
#include "queue/power.h"
#include "unit/compat.h"

static int vtdsim_power_off(VTDSIM_SYSCORE_DATA)
{
	unsigned int i;

	for (i = 0; i < vtdsim_unit_count; i++)
		vtdsim_unit_lose_power(&vtdsim_units[i]);
	return 0;
}

static struct vtdsim_syscore vtdsim_power = {
	.ops.suspend = vtdsim_power_off,
};

static int vtdsim_timing_suspend(VTDSIM_SYSCORE_DATA)
{
	unsigned int i;

	for (i = 0; i < vtdsim_unit_count; i++)
		vtdsim_async_suspend(&vtdsim_units[i]);
	return 0;
}

static void vtdsim_timing_resume(VTDSIM_SYSCORE_DATA)
{
	unsigned int i;

	for (i = 0; i < vtdsim_unit_count; i++)
		vtdsim_async_resume(&vtdsim_units[i]);
}

static struct vtdsim_syscore vtdsim_timing = {
	.ops.suspend = vtdsim_timing_suspend,
	.ops.resume = vtdsim_timing_resume,
};

static int __init vtdsim_power_set_up(void)
{
	if (vtdsim_unit_count)
		vtdsim_syscore_register(&vtdsim_power);
	return 0;
}
early_initcall(vtdsim_power_set_up);

static int __init vtdsim_timing_set_up(void)
{
	if (vtdsim_unit_count)
		vtdsim_syscore_register(&vtdsim_timing);
	return 0;
}
late_initcall(vtdsim_timing_set_up);
