// SPDX-License-Identifier: GPL-2.0-only
/* A unit and its endpoints lose power, and have it again. */
#include "queue/flights.h"
#include "queue/global_command.h"
#include "queue/power.h"
#include "remap/remap.h"
#include "tables/cache_lines.h"
#include "unit/observer.h"
#include "unit/requesters.h"
#include "unit/unit.h"

/**
 * vtdsim_unit_lose_power() - forget everything that needs power
 * @unit: unit
 *
 * Registers, caches, the queue, the fault log and all that is under way are as after a
 * reset, and translation is disabled: requests use physical addresses until software has
 * brought up the unit again. Memory keeps what is in it, and what the CPUs had in their
 * caches is written there first.
 *
 * Counters and options are no state of the hardware, and stay.
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_unit_lose_power(struct vtdsim_unit *unit)
{
	struct vtdsim_async *a = &unit->async;
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	vtdsim_flights_drop(unit);
	a->pending = false;
	a->owed_ns = 0;
	a->command = 0;
	a->command_pending = false;
	vtdsim_command_drop_caches(unit);
	vtdsim_remap_drop_all(unit);
	vtdsim_unit_reset(unit);
	vtdsim_requesters_lose_power(unit);
	vtdsim_observe_power_lost(unit);
	if (unit->caps.lines)
		vtdsim_lines_write_back(unit->caps.lines);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}
