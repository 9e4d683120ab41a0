// SPDX-License-Identifier: GPL-2.0-only
/*
 * An invalidation queue that works beside the CPUs.
 *
 * Otherwise the unit carries out all descriptors within the write of its tail
 * register, and takes their time there. With queue_async that write only starts
 * the unit. A timer fetches descriptors up to a wait descriptor, completes that
 * when its time has passed, and goes on with what is behind it.
 *
 * A driver may wait with interrupts off on the CPU that has the timer. Its next
 * access to a register takes the timer's place then.
 */
#include <linux/hrtimer.h>

#include "queue/async.h"
#include "queue/queue.h"
#include "queue/timing.h"
#include "unit/compat.h"
#include "unit/unit.h"

static enum hrtimer_restart vtdsim_async_expired(struct hrtimer *timer)
{
	struct vtdsim_unit *unit = container_of(timer, struct vtdsim_unit, async.timer);
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	vtdsim_qi_run(unit);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return HRTIMER_NORESTART;
}

/**
 * vtdsim_async_init() - prepare the timer of a unit
 * @unit: unit
 *
 * To be called before @unit->queue_async is set.
 *
 * Context: Process context, when timers can be used.
 */
void vtdsim_async_init(struct vtdsim_unit *unit)
{
	vtdsim_timer_setup(&unit->async.timer, vtdsim_async_expired, VTDSIM_TIMING_MODE);
}

/**
 * vtdsim_async_kick() - the tail register has been written
 * @unit: unit
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_async_kick(struct vtdsim_unit *unit)
{
	if (!READ_ONCE(unit->queue_async))
		vtdsim_qi_run(unit);
	else if (!unit->async.pending)
		vtdsim_timing_start(unit, 0);
}

/**
 * vtdsim_async_check() - let the queue go on if its time has come
 * @unit: unit
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_async_check(struct vtdsim_unit *unit)
{
	if (unlikely(unit->async.pending))
		vtdsim_qi_run(unit);
}
