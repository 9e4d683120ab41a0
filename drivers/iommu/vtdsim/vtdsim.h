/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vtdsim: a VT-d remapping unit modelled at register level.
 *
 * Interfaces between the files of the model, by what they are about. The model
 * is written from the Intel VT-d specification; sections and tables are named
 * in all of its files as revision 5.1 numbers them. It includes no header of a
 * driver: a bit that a driver has wrong must show.
 *
 * Locking
 *	vtdsim_unit.lock (raw, interrupts off) protects everything in a unit:
 *	registers, queue state, caches, counters. It is the innermost lock of
 *	all: a driver writes registers below its own raw spinlocks, so nothing
 *	under it may sleep, allocate, free, or take a lock that is not raw.
 *	Memory for cache entries is therefore set aside before the lock is
 *	taken (vtdsim_cache_reserve()) and returned to the unit's own free
 *	list, never to the allocator, below it. A whole DMA transaction of at
 *	most one 4 KiB page (translation and copy) runs in one critical
 *	section, and so does the handling of one register write with all
 *	descriptors it makes the unit fetch: an invalidation that has been
 *	reported complete is never followed by a DMA that uses what it removed.
 *	An endpoint's translations (its device TLB) are under the same lock.
 *	Only the lock of a function's configuration space is taken below it.
 */
#ifndef _VTDSIM_H
#define _VTDSIM_H

#include "boot/parameter.h"
#include "cache/caches.h"
#include "rules/rules.h"
#include "tables/entries.h"
#include "unit/requesters.h"
#include "unit/requests.h"
#include "unit/unit.h"
#include "walk/walk.h"

#endif /* _VTDSIM_H */
