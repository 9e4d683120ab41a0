// SPDX-License-Identifier: GPL-2.0-only
/* What sets the invalidation queue going, and what ends its waiting. */
#include "queue/control.h"
#include "queue/devtlb.h"
#include "queue/flights.h"
#include "queue/queue.h"
#include "unit/registers.h"
#include "unit/unit.h"

/**
 * vtdsim_qi_run() - fetch and carry out descriptors from head to tail
 * @unit: unit
 *
 * A unit that has several descriptors in flight goes on with them later.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_qi_run(struct vtdsim_unit *unit)
{
	if (!vtdsim_flights_wake(unit))
		vtdsim_qi_run_in_order(unit);
}

/**
 * vtdsim_qi_stop() - the queue has been disabled
 * @unit: unit
 *
 * Drops wait descriptors that were fetched, and carries out all others, see
 * vtdsim_flights_end(). Endpoints have as long as ever to answer device-TLB invalidations.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_qi_stop(struct vtdsim_unit *unit)
{
	vtdsim_flights_end(unit);
	vtdsim_reg_set64(unit, VTDSIM_IQH, 0);
	unit->devtlb.waiting = false;
	unit->async.pending = false;
	unit->async.owed_ns = 0;
}

/**
 * vtdsim_qi_check_endpoints() - does the queue wait in vain for an endpoint?
 * @unit: unit
 *
 * Section 6.5.2.11: when an invalidation has timed out, all wait descriptors that were
 * fetched and are not complete are dropped.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_qi_check_endpoints(struct vtdsim_unit *unit)
{
	if (!vtdsim_devtlb_check(unit))
		return;
	unit->devtlb.waiting = false;
	vtdsim_flights_abort_waits(unit);
}

/**
 * vtdsim_devtlb_done() - an endpoint has completed an invalidation
 * @unit: unit
 * @sid: the endpoint's source-id
 * @itag: ITag of the invalidation; its invalidate operation has returned false
 *
 * Runs the queue, which may have been waiting for that.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_devtlb_done(struct vtdsim_unit *unit, u16 sid, u8 itag)
{
	if (vtdsim_devtlb_complete(unit, sid, itag))
		vtdsim_qi_run(unit);
}
