// SPDX-License-Identifier: GPL-2.0-only
/* Critical sections of a unit that have room in its caches. */
#include "cache/caches.h"
#include "request/transact.h"
#include "unit/unit.h"

/**
 * vtdsim_transact() - call a function with the unit's lock and room in its caches
 * @unit: unit
 * @fn: called once, with the unit's lock held
 * @data: for @fn
 *
 * There is room for all that one request can add to the caches.
 *
 * Context: Process context, may sleep; takes the unit's lock.
 * Return: 0, or -ENOMEM if @fn was not called.
 */
int vtdsim_transact(struct vtdsim_unit *unit,
		    void (*fn)(struct vtdsim_unit *unit, void *data),
		    void *data)
{
	unsigned long flags;
	bool ready;
	int ret;

	do {
		ret = vtdsim_cache_reserve(unit);
		if (ret)
			return ret;
		raw_spin_lock_irqsave(&unit->lock, flags);
		/* Another request may have used the room meanwhile. */
		ready = vtdsim_cache_ready(unit->cache);
		if (ready)
			fn(unit, data);
		raw_spin_unlock_irqrestore(&unit->lock, flags);
	} while (!ready);
	return 0;
}
