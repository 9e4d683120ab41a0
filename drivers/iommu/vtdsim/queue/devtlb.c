// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device-TLB invalidations under way (VT-d specification sections 4.3, 6.5.2.5 and
 * 6.5.2.11).
 *
 * The unit sends an invalidation with an ITag and goes on. The endpoint completes
 * it when nothing uses the translations any more. An ITag is reused as late as
 * possible, so that a late completion finds it free.
 *
 * There is no timer. Software that waits for an invalidation reads registers, often
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
	struct vtdsim_requester *r;

	if (d->busy == VTDSIM_ITAGS || devtlb_count_busy(unit, pfsid) >= limit)
		return false;

	do {
		d->last = (d->last + 1) % VTDSIM_ITAGS;
		slot = &d->slots[d->last];
	} while (slot->busy);

	*slot = (struct vtdsim_devtlb_slot) {
		.deadline = ktime_add_us(ktime_get(), d->timeout_us),
		.sid = sid,
		.pfsid = pfsid,
		.busy = true,
	};
	d->busy++;
	unit->stats.devtlb_invs++;
	inv->itag = d->last;
	r = vtdsim_requester_find(unit, sid);
	if (r && r->ops->invalidate(r, inv))
		devtlb_release(unit, slot);
	return true;
}

static void devtlb_set_error(struct vtdsim_unit *unit, u64 field, u16 sid, u32 status)
{
	u64 info = vtdsim_reg_get64(unit, VTDSIM_IQERCD) & ~field;

	info |= (u64)sid << __bf_shf(field);
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
 * not stop the queue.
 *
 * Return: true if it was under way.
 */
bool vtdsim_devtlb_complete(struct vtdsim_unit *unit, u16 sid, u8 itag)
{
	struct vtdsim_devtlb_slot *slot = &unit->devtlb.slots[itag % VTDSIM_ITAGS];

	if (itag >= VTDSIM_ITAGS || !slot->busy || slot->sid != sid) {
		devtlb_set_error(unit, VTDSIM_IQERCD_ICESID, sid, VTDSIM_FSTS_ICE);
		return false;
	}
	devtlb_release(unit, slot);
	return true;
}

/**
 * vtdsim_devtlb_check() - has an invalidation timed out?
 * @unit: unit
 *
 * Section 6.5.2.11: invalidations that have timed out are dropped, and so is a wait
 * descriptor that waits for them. The queue stops until software has cleared the
 * Invalidation Time-out Error. One error is reported at a time.
 */
void vtdsim_devtlb_check(struct vtdsim_unit *unit)
{
	struct vtdsim_devtlb *d = &unit->devtlb;
	struct vtdsim_requester *r;
	bool expired = false;
	unsigned int i;
	ktime_t now;

	if (!d->busy ||
	    vtdsim_reg_get32(unit, VTDSIM_FSTS) & VTDSIM_FSTS_ITE)
		return;

	now = ktime_get();
	for (i = 0; i < VTDSIM_ITAGS; i++) {
		struct vtdsim_devtlb_slot *slot = &d->slots[i];

		if (!slot->busy || ktime_before(now, slot->deadline))
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
	if (expired)
		d->waiting = false;
}
