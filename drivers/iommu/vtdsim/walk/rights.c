// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access rights: does a translation allow a request? Walks and look-ups in the
 * IOTLB share this, so that both give the same fault reason (section 3.6.1 for
 * the first stage, 3.7.1 for the second, 3.15 for interrupt addresses).
 */
#include "cache/caches.h"
#include "tables/entries.h"
#include "unit/fault_reasons.h"
#include "unit/interrupts.h"
#include "unit/messages.h"
#include "walk/rights.h"

/**
 * vtdsim_check_first() - check a request against first-stage rights
 * @req: the request
 * @map: rights that all first-stage entries together give
 *
 * Reads need no right of their own in the first stage. If several rights are
 * missing, the lowest fault reason is given.
 *
 * Context: Any.
 * Return: 0 or the fault reason.
 */
u8 vtdsim_check_first(const struct vtdsim_req *req,
		      const struct vtdsim_map *map)
{
	if (!req->priv && !map->user)
		return VTDSIM_FR_USER;
	if (req->write && !(req->priv ? map->super_write : map->write))
		return VTDSIM_FR_WRITE;
	return 0;
}

/**
 * vtdsim_check_output() - check that a translation does not reach interrupts
 * @map: translation to a host address
 * @addr: input address of the request
 *
 * Only the request's own address counts: a large page may span the range.
 *
 * Context: Any.
 * Return: 0 or the fault reason.
 */
u8 vtdsim_check_output(const struct vtdsim_map *map, u64 addr)
{
	u64 hpa = map->out + (addr - map->in);

	return vtdsim_in_interrupt_range(hpa) ? VTDSIM_FR_INTERRUPT : 0;
}

/**
 * vtdsim_check_access() - does an existing translation allow a request?
 * @pe: PASID-table entry in force; its translation type is not pass-through
 * @req: the request
 * @map: translation of the request's address, as a walk gave it
 *
 * Context: Any.
 * Return: 0, or the fault reason that a new walk through the same tables would
 *	give.
 */
u8 vtdsim_check_access(const struct vtdsim_pasid *pe,
		       const struct vtdsim_req *req,
		       const struct vtdsim_map *map)
{
	u8 reason = 0;

	if (pe->pgtt != VTDSIM_PGTT_SECOND)
		reason = vtdsim_check_first(req, map);
	else if (req->write && !map->write)
		reason = VTDSIM_FR_WRITE;
	if (!reason && req->read && !map->read)
		reason = VTDSIM_FR_READ;
	if (!reason)
		reason = vtdsim_check_output(map, req->addr);
	return reason;
}
