// SPDX-License-Identifier: GPL-2.0-only
/* The time that descriptors take in a queue that works beside the CPUs. */
#include <linux/hrtimer.h>
#include <linux/ktime.h>

#include "queue/timing.h"
#include "unit/unit.h"

/**
 * vtdsim_timing_start() - have the unit's timer expire
 * @unit: unit
 * @ns: nanoseconds from now
 *
 * The queue is not ready until then.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_timing_start(struct vtdsim_unit *unit, u64 ns)
{
	unit->async.pending = true;
	unit->async.due = ktime_add_ns(ktime_get(), ns);
	hrtimer_start(&unit->async.timer, unit->async.due, VTDSIM_TIMING_MODE);
}

/**
 * vtdsim_timing_charge() - a descriptor takes time
 * @unit: unit
 * @ns: how much, in nanoseconds
 * @wait: it is a wait descriptor, which is complete when the time of all
 *	descriptors since the last one has passed
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_timing_charge(struct vtdsim_unit *unit, u32 ns, bool wait)
{
	unit->async.owed_ns += ns;
	if (!wait || !unit->async.owed_ns)
		return;
	vtdsim_timing_start(unit, unit->async.owed_ns);
	unit->async.owed_ns = 0;
}

/**
 * vtdsim_timing_ready() - may the queue go on now?
 * @unit: unit
 *
 * Context: Caller holds the unit's lock.
 * Return: false until the time of a wait descriptor has passed.
 */
bool vtdsim_timing_ready(struct vtdsim_unit *unit)
{
	if (unit->async.pending && ktime_before(ktime_get(), unit->async.due))
		return false;
	unit->async.pending = false;
	return true;
}
