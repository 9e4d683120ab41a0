/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Observations: what a unit reports about software's actions as they happen. The
 * rule checker is an observer. The unit works the same without one.
 */
#ifndef _VTDSIM_OBSERVER_H
#define _VTDSIM_OBSERVER_H

#include <linux/types.h>

#include "unit/unit.h"

struct vtdsim_pasid;

/**
 * struct vtdsim_observer_ops - operations of an observer
 * @pasid_entry: a present PASID entry, found for a source-id and a PASID, is about
 *	to be put into the PASID-cache
 * @invalidate_entries: entries are about to be invalidated in the context-cache
 *	or in the PASID-cache
 * @descriptor: a descriptor of that type is about to be carried out
 * @complete: software is about to be told that all invalidations so far are
 *	complete
 * @power_lost: the unit has lost power, and with it all that it had cached
 *
 * All are called with the unit's lock held, and change nothing in the unit but
 * its count of violations.
 */
struct vtdsim_observer_ops {
	void (*pasid_entry)(struct vtdsim_unit *unit, u16 sid, u32 pasid,
			    const struct vtdsim_pasid *pe);
	void (*invalidate_entries)(struct vtdsim_unit *unit);
	void (*descriptor)(struct vtdsim_unit *unit, u32 type, const u64 *desc);
	void (*complete)(struct vtdsim_unit *unit);
	void (*power_lost)(struct vtdsim_unit *unit);
};

/**
 * struct vtdsim_observer - an observer of a unit
 * @ops: its operations
 */
struct vtdsim_observer {
	const struct vtdsim_observer_ops *ops;
};

/* Report to the observer of a unit, if it has one; lock held. */

static inline void vtdsim_observe_pasid_entry(struct vtdsim_unit *unit, u16 sid,
					      u32 pasid,
					      const struct vtdsim_pasid *pe)
{
	if (unit->observer)
		unit->observer->ops->pasid_entry(unit, sid, pasid, pe);
}

static inline void vtdsim_observe_invalidate_entries(struct vtdsim_unit *unit)
{
	if (unit->observer)
		unit->observer->ops->invalidate_entries(unit);
}

static inline void vtdsim_observe_descriptor(struct vtdsim_unit *unit, u32 type,
					     const u64 *desc)
{
	if (unit->observer)
		unit->observer->ops->descriptor(unit, type, desc);
}

static inline void vtdsim_observe_complete(struct vtdsim_unit *unit)
{
	if (unit->observer)
		unit->observer->ops->complete(unit);
}

static inline void vtdsim_observe_power_lost(struct vtdsim_unit *unit)
{
	if (unit->observer)
		unit->observer->ops->power_lost(unit);
}

#endif /* _VTDSIM_OBSERVER_H */
