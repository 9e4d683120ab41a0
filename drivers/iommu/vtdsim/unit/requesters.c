// SPDX-License-Identifier: GPL-2.0-only
/* Endpoints as a unit knows them: by source-id. */
#include <linux/string.h>

#include "unit/requesters.h"
#include "unit/unit.h"

/**
 * vtdsim_requester_add() - put an endpoint behind a unit
 * @unit: unit
 * @r: the endpoint, with its operations and source-id set
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_requester_add(struct vtdsim_unit *unit, struct vtdsim_requester *r)
{
	unsigned long flags;

	memset(r->groups, 0, sizeof(r->groups));
	r->timed_out = false;
	raw_spin_lock_irqsave(&unit->lock, flags);
	list_add_tail(&r->node, &unit->requesters);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

/**
 * vtdsim_requester_remove() - take an endpoint away again
 * @unit: unit
 * @r: an endpoint that vtdsim_requester_add() has put there
 *
 * No operation of it runs any more when this returns.
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_requester_remove(struct vtdsim_unit *unit,
			     struct vtdsim_requester *r)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	list_del(&r->node);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

/**
 * vtdsim_requester_find() - find an endpoint by its source-id
 * @unit: unit
 * @sid: source-id
 *
 * Context: Caller holds the unit's lock.
 * Return: the endpoint, or NULL.
 */
struct vtdsim_requester *vtdsim_requester_find(struct vtdsim_unit *unit, u16 sid)
{
	struct vtdsim_requester *r;

	list_for_each_entry(r, &unit->requesters, node)
		if (r->sid == sid)
			return r;
	return NULL;
}

static bool requester_is_among(u16 sid, const u16 *sids, unsigned int count)
{
	while (count--)
		if (sids[count] == sid)
			return true;
	return false;
}

/**
 * vtdsim_requester_sids() - get the source-ids of all endpoints
 * @unit: unit
 * @sids: their source-ids; that which endpoints behind a bridge share is there once
 * @room: number of elements of @sids
 *
 * Context: Any; takes the unit's lock.
 * Return: number of source-ids in @sids.
 */
unsigned int vtdsim_requester_sids(struct vtdsim_unit *unit, u16 *sids,
				   unsigned int room)
{
	struct vtdsim_requester *r;
	unsigned int count = 0;
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	list_for_each_entry(r, &unit->requesters, node)
		if (count < room && !requester_is_among(r->sid, sids, count))
			sids[count++] = r->sid;
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return count;
}

/**
 * vtdsim_requesters_lose_power() - all endpoints have lost power
 * @unit: unit
 *
 * Software may still answer page requests that it has got from them before.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_requesters_lose_power(struct vtdsim_unit *unit)
{
	struct vtdsim_requester *r;

	list_for_each_entry(r, &unit->requesters, node) {
		r->timed_out = false;
		if (r->ops->lose_power)
			r->ops->lose_power(r);
	}
}
