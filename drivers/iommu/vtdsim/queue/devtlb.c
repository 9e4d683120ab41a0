// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device-TLB invalidations under way (VT-d specification sections 4.3, 6.5.2.5 and
 * 6.5.2.11).
 *
 * The unit sends an invalidation with an ITag and goes on. The endpoint completes
 * it when nothing uses the translations any more. An ITag is reused as late as
 * possible, so that a late completion finds it free.
 *
 * In a unit that works beside the CPUs the messages to and from endpoints take time.
 * One may overtake another: nothing orders them between endpoints, and completions of
 * one endpoint come in any order, too. Only those to one endpoint stay in order, page group
 * responses included (section 7.8).
 *
 * While translation is disabled, completions are Unsupported Requests (section 4.2.1): the ITag
 * stays in use until the invalidation has timed out.
 *
 * There is no timer for time-outs. Software that waits for an invalidation reads registers, often
 * with interrupts off, so each register access checks for time-outs.
 *
 * Context of all functions: the caller holds the unit's lock.
 */
#include <linux/bitfield.h>
#include <linux/ktime.h>

#include "queue/devtlb.h"
#include "unit/fault_log.h"
#include "unit/messages.h"
#include "unit/registers.h"
#include "unit/requesters.h"
#include "unit/unit.h"

/**
 * vtdsim_devtlb_busy() - is any invalidation under way?
 * @unit: unit
 *
 * Return: true if one is.
 */
bool vtdsim_devtlb_busy(const struct vtdsim_unit *unit)
{
	return unit->devtlb.busy;
}

/* Number of invalidations under way in the queue of one physical function */
static unsigned int devtlb_count_busy(const struct vtdsim_unit *unit, u16 pfsid)
{
	unsigned int i, count = 0;

	for (i = 0; i < VTDSIM_ITAGS; i++)
		count += unit->devtlb.slots[i].busy &&
			 unit->devtlb.slots[i].pfsid == pfsid;
	return count;
}

static void devtlb_release(struct vtdsim_unit *unit, struct vtdsim_devtlb_slot *slot)
{
	slot->busy = false;
	unit->devtlb.busy--;
}

/* The longest time of a message */
#define DEVTLB_TRAVEL_NS	8000

static void devtlb_travel(struct vtdsim_unit *unit, struct vtdsim_devtlb_slot *slot,
			  enum vtdsim_devtlb_way way)
{
	slot->way = way;
	slot->arrives = ktime_add_ns(ktime_get(), vtdsim_unit_random(unit, DEVTLB_TRAVEL_NS));
}

/* When has the endpoint had all that is on the way to it? */
static ktime_t devtlb_last_arrival(const struct vtdsim_unit *unit, u16 sid)
{
	const struct vtdsim_devtlb_slot *slot;
	ktime_t last = 0;
	unsigned int i;

	for (i = 0; i < VTDSIM_ITAGS; i++) {
		slot = &unit->devtlb.slots[i];
		if (slot->busy && slot->way == VTDSIM_DEVTLB_OUT && slot->sid == sid)
			last = max(last, slot->arrives);
	}
	return last;
}

static void devtlb_travel_out(struct vtdsim_unit *unit, struct vtdsim_devtlb_slot *slot)
{
	ktime_t last = devtlb_last_arrival(unit, slot->sid);

	devtlb_travel(unit, slot, VTDSIM_DEVTLB_OUT);
	slot->arrives = max(slot->arrives, last + 1);
}

static bool devtlb_takes_completions(const struct vtdsim_unit *unit)
{
	return vtdsim_reg_get32(unit, VTDSIM_GSTS) & VTDSIM_G_TRANSLATION;
}

/* A completion is at the unit. Returns true if the invalidation is complete with that. */
static bool devtlb_completion_arrives(struct vtdsim_unit *unit, struct vtdsim_devtlb_slot *slot)
{
	slot->way = VTDSIM_DEVTLB_THERE;
	if (!devtlb_takes_completions(unit))
		return false;
	devtlb_release(unit, slot);
	return true;
}

/* The message is at the endpoint. Returns true if it has been completed at once. */
static bool devtlb_hand_over(struct vtdsim_unit *unit, struct vtdsim_devtlb_slot *slot)
{
	struct vtdsim_requester *r = vtdsim_requester_find(unit, slot->sid);

	slot->way = VTDSIM_DEVTLB_THERE;
	return r && r->ops->invalidate(r, &slot->inv);
}

/**
 * vtdsim_devtlb_send() - send an invalidation to an endpoint
 * @unit: unit
 * @sid: the endpoint's source-id
 * @pfsid: source-id of the function whose invalidation queue the endpoint shares
 * @limit: how many invalidations may be under way in that queue, with this one
 * @inv: what to invalidate; the ITag is set here
 *
 * An invalidation that no endpoint accepts is under way until it times out.
 *
 * Return: false if another one has to complete first.
 */
bool vtdsim_devtlb_send(struct vtdsim_unit *unit, u16 sid, u16 pfsid,
			unsigned int limit, struct vtdsim_devtlb_inv *inv)
{
	struct vtdsim_devtlb *d = &unit->devtlb;
	struct vtdsim_devtlb_slot *slot;

	if (d->busy == VTDSIM_ITAGS || devtlb_count_busy(unit, pfsid) >= limit)
		return false;

	do {
		d->last = (d->last + 1) % VTDSIM_ITAGS;
		slot = &d->slots[d->last];
	} while (slot->busy);

	inv->itag = d->last;
	*slot = (struct vtdsim_devtlb_slot) {
		.deadline = ktime_add_us(ktime_get(), d->timeout_us),
		.number = ++unit->stats.devtlb_invs,
		.inv = *inv,
		.sid = sid,
		.pfsid = pfsid,
		.busy = true,
	};
	d->busy++;
	if (READ_ONCE(unit->async.seed))
		devtlb_travel_out(unit, slot);
	else if (devtlb_hand_over(unit, slot))
		devtlb_completion_arrives(unit, slot);
	return true;
}

/* The invalidation of that number, or NULL if it is complete, or has timed out */
static const struct vtdsim_devtlb_slot *devtlb_find(const struct vtdsim_unit *unit, u64 number)
{
	unsigned int i;

	for (i = 0; i < VTDSIM_ITAGS; i++)
		if (unit->devtlb.slots[i].busy && unit->devtlb.slots[i].number == number)
			return &unit->devtlb.slots[i];
	return NULL;
}

/**
 * vtdsim_devtlb_under_way() - is an invalidation under way?
 * @unit: unit
 * @number: number of invalidations sent, with this one
 *
 * Return: false if it is complete, or has timed out.
 */
bool vtdsim_devtlb_under_way(const struct vtdsim_unit *unit, u64 number)
{
	return devtlb_find(unit, number);
}

/**
 * vtdsim_devtlb_on_its_way() - is an invalidation on the way to its endpoint?
 * @unit: unit
 * @number: number of invalidations sent, with this one
 *
 * Return: false if the endpoint has had it.
 */
bool vtdsim_devtlb_on_its_way(const struct vtdsim_unit *unit, u64 number)
{
	const struct vtdsim_devtlb_slot *slot = devtlb_find(unit, number);

	return slot && slot->way == VTDSIM_DEVTLB_OUT;
}

/* The message that arrives next, or NULL */
static const struct vtdsim_devtlb_slot *devtlb_find_next(const struct vtdsim_unit *unit)
{
	const struct vtdsim_devtlb_slot *slot, *next = NULL;
	unsigned int i;

	for (i = 0; unit->devtlb.busy && i < VTDSIM_ITAGS; i++) {
		slot = &unit->devtlb.slots[i];
		if (slot->busy && slot->way != VTDSIM_DEVTLB_THERE &&
		    (!next || ktime_before(slot->arrives, next->arrives)))
			next = slot;
	}
	return next;
}

/**
 * vtdsim_devtlb_next() - when does the next message arrive?
 * @unit: unit
 *
 * Return: when, or KTIME_MAX.
 */
ktime_t vtdsim_devtlb_next(const struct vtdsim_unit *unit)
{
	const struct vtdsim_devtlb_slot *slot = devtlb_find_next(unit);

	return slot ? slot->arrives : KTIME_MAX;
}

/**
 * vtdsim_devtlb_deliver() - let messages arrive that are due
 * @unit: unit
 * @now: the time
 *
 * Return: true if the queue may go on with that.
 */
bool vtdsim_devtlb_deliver(struct vtdsim_unit *unit, ktime_t now)
{
	const struct vtdsim_devtlb_slot *next;
	struct vtdsim_devtlb_slot *slot;
	bool arrived = false;

	while ((next = devtlb_find_next(unit)) && !ktime_before(now, next->arrives)) {
		slot = &unit->devtlb.slots[next->inv.itag];
		if (slot->way == VTDSIM_DEVTLB_BACK) {
			arrived |= devtlb_completion_arrives(unit, slot);
			continue;
		}
		arrived = true;
		if (devtlb_hand_over(unit, slot))
			devtlb_travel(unit, slot, VTDSIM_DEVTLB_BACK);
	}
	return arrived;
}

/* Section 11.4.9.9: the source-id of the first error stays until software has cleared that. */
static void devtlb_set_error(struct vtdsim_unit *unit, u64 field, u16 sid, u32 status)
{
	u64 info = vtdsim_reg_get64(unit, VTDSIM_IQERCD) & ~field;

	info |= (u64)sid << __bf_shf(field);
	if (!(vtdsim_reg_get32(unit, VTDSIM_FSTS) & status))
		vtdsim_reg_set64(unit, VTDSIM_IQERCD, info);
	vtdsim_fault_status_set(unit, status);
}

/**
 * vtdsim_devtlb_complete() - complete an invalidation
 * @unit: unit
 * @sid: the endpoint's source-id
 * @itag: its ITag
 *
 * A completion of nothing under way is an Invalidation Completion Error, which does
 * not stop the queue. While translation is disabled the unit looks at no completion.
 *
 * Return: true if the invalidation was under way, and is complete.
 */
bool vtdsim_devtlb_complete(struct vtdsim_unit *unit, u16 sid, u8 itag)
{
	struct vtdsim_devtlb_slot *slot = &unit->devtlb.slots[itag % VTDSIM_ITAGS];

	if (!devtlb_takes_completions(unit))
		return false;
	if (itag >= VTDSIM_ITAGS || !slot->busy || slot->sid != sid ||
	    slot->way != VTDSIM_DEVTLB_THERE) {
		devtlb_set_error(unit, VTDSIM_IQERCD_ICESID, sid, VTDSIM_FSTS_ICE);
		return false;
	}
	return devtlb_completion_arrives(unit, slot);
}

/**
 * vtdsim_devtlb_check() - has an invalidation timed out?
 * @unit: unit
 *
 * Section 6.5.2.11: invalidations that have timed out are dropped. The queue stops until
 * software has cleared the Invalidation Time-out Error. One error is reported at a time.
 *
 * Context: Caller holds the unit's lock.
 * Return: true if an error was reported now. All wait descriptors that were fetched and
 * are not complete are to be dropped.
 */
bool vtdsim_devtlb_check(struct vtdsim_unit *unit)
{
	struct vtdsim_devtlb *d = &unit->devtlb;
	struct vtdsim_requester *r;
	bool expired = false;
	unsigned int i;
	ktime_t now;

	if (!d->busy ||
	    vtdsim_reg_get32(unit, VTDSIM_FSTS) & VTDSIM_FSTS_ITE)
		return false;

	now = ktime_get();
	for (i = 0; i < VTDSIM_ITAGS; i++) {
		struct vtdsim_devtlb_slot *slot = &d->slots[i];

		/* The way there and back is not the endpoint's time. */
		if (!slot->busy || slot->way != VTDSIM_DEVTLB_THERE ||
		    ktime_before(now, slot->deadline))
			continue;
		devtlb_release(unit, slot);
		r = vtdsim_requester_find(unit, slot->sid);
		if (r)
			r->timed_out = true;
		if (expired)
			continue;
		expired = true;
		devtlb_set_error(unit, VTDSIM_IQERCD_ITESID, slot->sid,
				 VTDSIM_FSTS_ITE);
	}
	return expired;
}
