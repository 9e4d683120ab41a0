// SPDX-License-Identifier: GPL-2.0-only
/* The time that things take in a unit that works beside the CPUs. */
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/minmax.h>

#include "queue/devtlb.h"
#include "queue/timing.h"
#include "unit/unit.h"

/**
 * vtdsim_timing_next() - when is something due?
 * @unit: unit
 *
 * Context: Caller holds the unit's lock.
 * Return: when, or KTIME_MAX.
 */
ktime_t vtdsim_timing_next(const struct vtdsim_unit *unit)
{
	const struct vtdsim_async *a = &unit->async;
	ktime_t next = vtdsim_devtlb_next(unit);

	if (a->pending)
		next = min(next, a->due);
	if (a->command_pending)
		next = min(next, a->command_due);
	return next;
}

/**
 * vtdsim_timing_arm() - have the unit's timer expire when something is due
 * @unit: unit
 *
 * Context: Caller holds the unit's lock.
 * Return: false if nothing will be.
 */
bool vtdsim_timing_arm(struct vtdsim_unit *unit)
{
	ktime_t next = vtdsim_timing_next(unit);

	if (next == KTIME_MAX)
		return false;
	hrtimer_start(&unit->async.timer, next, VTDSIM_TIMING_MODE);
	return true;
}

/**
 * vtdsim_timing_start() - let the queue go on after some time
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
	vtdsim_timing_arm(unit);
}

/* A wait is complete when the time of all descriptors since the last one has passed. */
static void timing_charge(struct vtdsim_unit *unit, u32 ns, bool wait)
{
	unit->async.owed_ns += ns;
	if (!wait || !unit->async.owed_ns)
		return;
	vtdsim_timing_start(unit, unit->async.owed_ns);
	unit->async.owed_ns = 0;
}

/**
 * vtdsim_timing_take() - a descriptor takes time, in a queue that works in order
 * @unit: unit
 * @wait: it is a wait descriptor
 *
 * Most of the time of a hardware queue is the round trip: the unit sees the new tail,
 * fetches, drains, and writes the status. It is the same for one descriptor in front
 * of a wait as for many, because a unit fetches ahead. So a wait descriptor takes
 * queue_delay, and all others take desc_delay.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_timing_take(struct vtdsim_unit *unit, bool wait)
{
	u32 ns = wait ? READ_ONCE(unit->queue_delay) : READ_ONCE(unit->desc_delay);

	if (READ_ONCE(unit->queue_async))
		timing_charge(unit, ns, wait);
	else if (ns)
		ndelay(ns);
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
