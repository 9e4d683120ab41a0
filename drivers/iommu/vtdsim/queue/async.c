// SPDX-License-Identifier: GPL-2.0-only
/*
 * A unit that works beside the CPUs.
 *
 * Otherwise the unit carries out all descriptors within the write of its tail
 * register, and takes their time there. Global commands and messages to endpoints take
 * none.
 *
 * With queue_async that write only starts the unit. A timer fetches descriptors up to a
 * wait descriptor, completes that when its time has passed, and goes on with what is
 * behind it.
 *
 * With a seed the timer also lets global commands take effect and messages arrive, and
 * the queue has several descriptors in flight, see flights.c.
 *
 * A driver may wait with interrupts off on the CPU that has the timer. Its next
 * access to a register takes the timer's place then.
 */
#include <linux/hrtimer.h>
#include <linux/prandom.h>

#include "queue/async.h"
#include "queue/control.h"
#include "queue/devtlb.h"
#include "queue/flights.h"
#include "queue/global_command.h"
#include "queue/timing.h"
#include "unit/compat.h"
#include "unit/unit.h"

static void async_do_due(struct vtdsim_unit *unit, ktime_t now)
{
	struct vtdsim_async *a = &unit->async;

	if (a->command_pending && !ktime_before(now, a->command_due))
		vtdsim_command_carry_out(unit);
	if (vtdsim_devtlb_deliver(unit, now))
		vtdsim_qi_run(unit);
	if (!a->pending || ktime_before(now, a->due))
		return;
	a->pending = false;
	if ((READ_ONCE(a->seed) || a->flying) && vtdsim_flights_go_on(unit))
		return;
	vtdsim_qi_run(unit);
}

/*
 * What comes due while the timer's interrupt is handled needs no other one. An emulated
 * CPU takes longer for an interrupt than most things here are apart.
 */
#define ASYNC_STEPS	4

static enum hrtimer_restart vtdsim_async_expired(struct hrtimer *timer)
{
	struct vtdsim_unit *unit = container_of(timer, struct vtdsim_unit, async.timer);
	unsigned int left = ASYNC_STEPS;
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	do {
		async_do_due(unit, ktime_get());
	} while (--left && !ktime_before(ktime_get(), vtdsim_timing_next(unit)));
	vtdsim_timing_arm(unit);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return HRTIMER_NORESTART;
}

/**
 * vtdsim_async_init() - prepare the timer of a unit
 * @unit: unit
 *
 * To be called before @unit->queue_async is set, or vtdsim_async_seed() called.
 *
 * Context: Process context, when timers can be used.
 */
void vtdsim_async_init(struct vtdsim_unit *unit)
{
	vtdsim_flights_init(unit);
	vtdsim_timer_setup(&unit->async.timer, vtdsim_async_expired, VTDSIM_TIMING_MODE);
}

/**
 * vtdsim_async_seed() - have a unit work beside the CPUs, in any order, or not
 * @unit: unit
 * @seed: seed of the random numbers; 0 ends it
 *
 * What is in flight is carried out in any case.
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_async_seed(struct vtdsim_unit *unit, u32 seed)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	prandom_seed_state(&unit->async.random, seed);
	WRITE_ONCE(unit->async.seed, seed);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

/**
 * vtdsim_async_suspend() - have a unit work in step with the CPUs while there are no timers
 * @unit: unit
 *
 * What it is about to do is done at once.
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_async_suspend(struct vtdsim_unit *unit)
{
	struct vtdsim_async *a = &unit->async;
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	a->suspended_seed = a->seed;
	a->suspended_queue = unit->queue_async;
	WRITE_ONCE(a->seed, 0);
	WRITE_ONCE(unit->queue_async, false);
	while (vtdsim_async_step(unit, KTIME_MAX))
		;
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

/**
 * vtdsim_async_resume() - have a unit work beside the CPUs again, if it did
 * @unit: unit
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_async_resume(struct vtdsim_unit *unit)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	WRITE_ONCE(unit->async.seed, unit->async.suspended_seed);
	WRITE_ONCE(unit->queue_async, unit->async.suspended_queue);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

/**
 * vtdsim_async_kick() - the tail register has been written
 * @unit: unit
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_async_kick(struct vtdsim_unit *unit)
{
	if (!READ_ONCE(unit->queue_async) || READ_ONCE(unit->async.seed))
		vtdsim_qi_run(unit);
	else if (!unit->async.pending)
		vtdsim_timing_start(unit, 0);
}

/**
 * vtdsim_async_step() - do what is due
 * @unit: unit
 * @now: the time
 *
 * Context: Caller holds the unit's lock.
 * Return: false if nothing is left to be done later.
 */
bool vtdsim_async_step(struct vtdsim_unit *unit, ktime_t now)
{
	async_do_due(unit, now);
	return vtdsim_timing_arm(unit);
}

/**
 * vtdsim_async_check() - let the unit go on if the time has come
 * @unit: unit
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_async_check(struct vtdsim_unit *unit)
{
	const struct vtdsim_async *a = &unit->async;
	ktime_t now;

	if (likely(!a->pending && !a->command_pending && !unit->devtlb.busy))
		return;
	now = ktime_get();
	if (!ktime_before(now, vtdsim_timing_next(unit)))
		vtdsim_async_step(unit, now);
}
