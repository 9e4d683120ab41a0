// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors in flight, in a unit that works beside the CPUs.
 *
 * The unit fetches ahead, and carries out what it has fetched in any order that
 * sections 6.5.2.12 and 7.8 leave open, but for one thing: a device-TLB invalidation stays
 * behind invalidations of all caches, not only those that 6.5.2.12 names for it. Else an
 * invalidation may overtake all that it does not depend on, waits included. A wait
 * descriptor is complete when everything in front of it is. Only one with the fence flag
 * holds up what is behind it.
 *
 * What is done next, and when, is random. The numbers come from a seed. What comes of
 * them also depends on the time that passes between the accesses to registers.
 */
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/list.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "cache/caches.h"
#include "queue/descriptors.h"
#include "queue/devtlb.h"
#include "queue/flights.h"
#include "queue/queue.h"
#include "queue/timing.h"
#include "unit/unit.h"

/* The longest time between two steps, and how many things are done at most in one */
#define FLIGHTS_REST_NS		4000
#define FLIGHTS_STEP		8

/**
 * vtdsim_flights_init() - nothing is in flight
 * @unit: unit
 *
 * Context: Nobody else uses the unit.
 */
void vtdsim_flights_init(struct vtdsim_unit *unit)
{
	struct vtdsim_async *a = &unit->async;
	unsigned int i;

	INIT_LIST_HEAD(&a->flights);
	INIT_LIST_HEAD(&a->unused);
	for (i = 0; i < VTDSIM_FLIGHTS; i++)
		list_add_tail(&a->flight[i].node, &a->unused);
}

static void flight_end(struct vtdsim_unit *unit, struct vtdsim_flight *f)
{
	list_move(&f->node, &unit->async.unused);
	unit->async.flying--;
}

static bool flight_is_unsent(const struct vtdsim_flight *f)
{
	return vtdsim_descriptor_order(f->desc) == VTDSIM_ORDER_DEVTLB && !f->number;
}

/*
 * The rule checker takes descriptors in the order of the queue, and looks for mappings
 * that an IOTLB invalidation finds. Those that an earlier one is still to remove it
 * must not see, if a device-TLB invalidation is in between.
 */
static bool flights_hide(const struct vtdsim_unit *unit, enum vtdsim_desc_order order)
{
	const struct vtdsim_flight *f;
	bool earlier = false;

	if (order != VTDSIM_ORDER_IOTLB)
		return false;
	list_for_each_entry(f, &unit->async.flights, node) {
		if (vtdsim_descriptor_order(f->desc) == VTDSIM_ORDER_IOTLB)
			earlier = true;
		else if (earlier && flight_is_unsent(f))
			return true;
	}
	return false;
}

static void flights_fetch(struct vtdsim_unit *unit)
{
	struct vtdsim_async *a = &unit->async;
	enum vtdsim_desc_order order;
	struct vtdsim_flight *f;
	u64 desc[4] = {};

	if (!vtdsim_qi_fetch(unit, desc))
		return;
	order = vtdsim_descriptor_order(desc);
	if (!flights_hide(unit, order))
		vtdsim_descriptor_observe(unit, desc);

	f = list_first_entry(&a->unused, struct vtdsim_flight, node);
	memcpy(f->desc, desc, sizeof(f->desc));
	f->number = 0;
	f->stuck = false;
	if (order == VTDSIM_ORDER_WAIT) {
		unit->stats.waits++;
		f->epoch = vtdsim_inv_fetch_wait(unit->cache);
	} else {
		f->epoch = vtdsim_inv_fetch(unit->cache);
	}
	list_move_tail(&f->node, &a->flights);
	a->flying++;
}

static void flight_carry_out(struct vtdsim_unit *unit, struct vtdsim_flight *f)
{
	switch (vtdsim_descriptor_order(f->desc)) {
	case VTDSIM_ORDER_WAIT:
		vtdsim_wait_complete(unit, f->desc, f->epoch);
		break;
	case VTDSIM_ORDER_DEVTLB:
		f->stuck = !vtdsim_descriptor_run(unit, f->desc);
		if (!f->stuck)
			f->number = unit->stats.devtlb_invs;
		return;
	default:
		vtdsim_inv_carry_out(unit->cache, f->epoch);
		vtdsim_descriptor_run(unit, f->desc);
		break;
	}
	flight_end(unit, f);
}

static void flights_end_answered(struct vtdsim_unit *unit)
{
	struct vtdsim_flight *f, *next;

	list_for_each_entry_safe(f, next, &unit->async.flights, node)
		if (f->number && !vtdsim_devtlb_under_way(unit, f->number))
			flight_end(unit, f);
}

/* One of @n things that can be done now is chosen. Returns true for the last one. */
static bool flights_choose(struct vtdsim_unit *unit, unsigned int n)
{
	return !(prandom_u32_state(&unit->async.random) % n);
}

/* What each kind of descriptor has to stay behind, if that is in front of it in the queue */
static const u32 flight_follows[] = {
	[VTDSIM_ORDER_PASID] = BIT(VTDSIM_ORDER_CONTEXT),
	[VTDSIM_ORDER_IOTLB] = BIT(VTDSIM_ORDER_CONTEXT) | BIT(VTDSIM_ORDER_PASID),
	[VTDSIM_ORDER_DEVTLB] = BIT(VTDSIM_ORDER_IEC) | BIT(VTDSIM_ORDER_CONTEXT) |
				BIT(VTDSIM_ORDER_PASID) | BIT(VTDSIM_ORDER_IOTLB),
	[VTDSIM_ORDER_RESPONSE] = 0,
};

static bool flight_is_message(const struct vtdsim_flight *f)
{
	enum vtdsim_desc_order order = vtdsim_descriptor_order(f->desc);

	return order == VTDSIM_ORDER_DEVTLB || order == VTDSIM_ORDER_RESPONSE;
}

/*
 * Section 7.8: messages to one endpoint stay in order. A response takes no time to the
 * endpoint, so that it waits until an invalidation in front of it is there, complete or not.
 */
static bool flight_holds_up(const struct vtdsim_unit *unit, const struct vtdsim_flight *f,
			    const struct vtdsim_flight *later)
{
	if (!flight_is_message(f) ||
	    vtdsim_descriptor_endpoint(f->desc) != vtdsim_descriptor_endpoint(later->desc))
		return false;
	return !f->number || (vtdsim_descriptor_order(later->desc) == VTDSIM_ORDER_RESPONSE &&
			      vtdsim_devtlb_on_its_way(unit, f->number));
}

static bool flight_is_held_up(const struct vtdsim_unit *unit, const struct vtdsim_flight *f)
{
	const struct vtdsim_flight *ahead = f;

	if (!flight_is_message(f))
		return false;
	list_for_each_entry_continue_reverse(ahead, &unit->async.flights, node)
		if (flight_holds_up(unit, ahead, f))
			return true;
	return false;
}

/*
 * Chooses among the descriptors that can be carried out. Returns NULL if there is none,
 * or the choice falls on @fetch.
 */
static struct vtdsim_flight *flights_find(struct vtdsim_unit *unit, bool fetch)
{
	struct vtdsim_flight *f, *chosen = NULL;
	enum vtdsim_desc_order order;
	unsigned int n = fetch;
	u32 ahead = 0;

	list_for_each_entry(f, &unit->async.flights, node) {
		order = vtdsim_descriptor_order(f->desc);
		if (order == VTDSIM_ORDER_WAIT) {
			if (list_is_first(&f->node, &unit->async.flights) &&
			    flights_choose(unit, ++n))
				chosen = f;
			if (f->desc[0] & VTDSIM_WAIT0_FN)
				break;
			continue;
		}
		if (!(flight_follows[order] & ahead) && !f->number && !f->stuck &&
		    !flight_is_held_up(unit, f) && flights_choose(unit, ++n))
			chosen = f;
		ahead |= BIT(order);
	}
	return chosen;
}

/* Returns false if there is nothing to do. */
static bool flights_do_one(struct vtdsim_unit *unit)
{
	struct vtdsim_async *a = &unit->async;
	bool fetch = READ_ONCE(a->seed) && a->flying < VTDSIM_FLIGHTS &&
		     !unit->devtlb.waiting && vtdsim_qi_can_fetch(unit);
	struct vtdsim_flight *f;

	flights_end_answered(unit);
	f = flights_find(unit, fetch);
	if (f)
		flight_carry_out(unit, f);
	else if (fetch)
		flights_fetch(unit);
	return f || fetch;
}

/**
 * vtdsim_flights_go_on() - do some of what can be done
 * @unit: unit
 *
 * Context: Caller holds the unit's lock.
 * Return: false if none is in flight, and none will be: the queue works in order again.
 */
bool vtdsim_flights_go_on(struct vtdsim_unit *unit)
{
	unsigned int n = 1 + vtdsim_unit_random(unit, FLIGHTS_STEP - 1);

	vtdsim_qi_end_wait(unit);
	while (n && flights_do_one(unit))
		n--;
	if (n)
		return READ_ONCE(unit->async.seed) || unit->async.flying;
	vtdsim_timing_start(unit, vtdsim_unit_random(unit, FLIGHTS_REST_NS));
	return true;
}

/* There may be room now for messages that found none. */
static void flights_unstick(struct vtdsim_unit *unit)
{
	struct vtdsim_flight *f;

	list_for_each_entry(f, &unit->async.flights, node)
		f->stuck = false;
}

/**
 * vtdsim_flights_wake() - there may be something to do
 * @unit: unit
 *
 * Context: Caller holds the unit's lock.
 * Return: false if the unit has not several descriptors in flight.
 */
bool vtdsim_flights_wake(struct vtdsim_unit *unit)
{
	if (!READ_ONCE(unit->async.seed) && !unit->async.flying)
		return false;
	flights_unstick(unit);
	if (!unit->async.pending)
		vtdsim_timing_start(unit, vtdsim_unit_random(unit, FLIGHTS_REST_NS));
	return true;
}

static void flights_drop_waits(struct vtdsim_unit *unit)
{
	struct vtdsim_flight *f, *next;

	list_for_each_entry_safe(f, next, &unit->async.flights, node)
		if (vtdsim_descriptor_order(f->desc) == VTDSIM_ORDER_WAIT)
			flight_end(unit, f);
}

/**
 * vtdsim_flights_abort_waits() - an endpoint has not answered in time
 * @unit: unit
 *
 * Section 6.5.2.11: the waits that were fetched are dropped. The invalidations go on.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_flights_abort_waits(struct vtdsim_unit *unit)
{
	if (!unit->async.flying)
		return;
	flights_drop_waits(unit);
	vtdsim_flights_wake(unit);
}

/**
 * vtdsim_flights_drop() - drop all descriptors that are in flight
 * @unit: unit
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_flights_drop(struct vtdsim_unit *unit)
{
	struct vtdsim_flight *f, *next;

	if (!unit->async.flying)
		return;
	list_for_each_entry_safe(f, next, &unit->async.flights, node)
		flight_end(unit, f);
}

/**
 * vtdsim_flights_end() - the queue has been disabled
 * @unit: unit
 *
 * The waits are dropped. All else is carried out. Messages arrive, but for those that
 * find no room until an endpoint answers, and those behind them.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_flights_end(struct vtdsim_unit *unit)
{
	struct vtdsim_flight *f;

	if (!unit->async.flying)
		return;
	flights_drop_waits(unit);
	do {
		flights_unstick(unit);
		while ((f = flights_find(unit, false)))
			flight_carry_out(unit, f);
	} while (vtdsim_devtlb_deliver(unit, KTIME_MAX));
	vtdsim_flights_drop(unit);
}
