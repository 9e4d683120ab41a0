// SPDX-License-Identifier: GPL-2.0-only
/* A unit as it comes out of a reset, and its random numbers. */
#include <linux/prandom.h>
#include <linux/string.h>

#include "unit/registers.h"
#include "unit/unit.h"

/**
 * vtdsim_unit_reset() - bring registers into their state after reset
 * @unit: unit, whose capabilities are set
 *
 * Section 11.4 tells the reset values: the events are masked, everything else that is
 * not constant is zero. Device-TLB invalidations under way are forgotten.
 *
 * Context: Caller holds the unit's lock, or nobody else uses the unit.
 */
void vtdsim_unit_reset(struct vtdsim_unit *unit)
{
	u32 timeout_us = unit->devtlb.timeout_us;

	memset(unit->regs, 0, sizeof(unit->regs));
	unit->rtaddr = 0;
	unit->irta = 0;
	unit->fault_next = 0;
	unit->devtlb = (struct vtdsim_devtlb) { .timeout_us = timeout_us };

	vtdsim_reg_set32(unit, VTDSIM_VER, VTDSIM_VER_VALUE);
	vtdsim_reg_set64(unit, VTDSIM_CAP, unit->caps.cap);
	vtdsim_reg_set64(unit, VTDSIM_ECAP, unit->caps.ecap);
	vtdsim_reg_set32(unit, VTDSIM_FECTL, VTDSIM_EVENT_IM);
	vtdsim_reg_set32(unit, VTDSIM_IECTL, VTDSIM_EVENT_IM);
	if (unit->caps.ecap & VTDSIM_ECAP_PRS)
		vtdsim_reg_set32(unit, VTDSIM_PECTL, VTDSIM_EVENT_IM);
}

/**
 * vtdsim_unit_init() - bring a unit into its state after reset
 * @unit: unit
 * @caps: what it can do
 * @name: name for messages; must stay valid
 *
 * @unit->cache and @unit->irtes are left alone, for the caller to create: a unit is
 * needed long before memory can be allocated.
 *
 * Context: Any, from early boot on; nobody else uses the unit.
 */
void vtdsim_unit_init(struct vtdsim_unit *unit, const struct vtdsim_caps *caps,
		      const char *name)
{
	raw_spin_lock_init(&unit->lock);
	unit->caps = *caps;
	memset(&unit->stats, 0, sizeof(unit->stats));
	unit->devtlb.timeout_us = VTDSIM_DEVTLB_TIMEOUT_US;
	INIT_LIST_HEAD(&unit->requesters);
	unit->observer = NULL;
	unit->queue_delay = 0;
	unit->desc_delay = 0;
	unit->queue_async = false;
	memset(&unit->async, 0, sizeof(unit->async));
	unit->fill_line = false;
	unit->misbehave = false;
	unit->name = name;
	unit->dir = NULL;
	vtdsim_unit_reset(unit);
}

/**
 * vtdsim_unit_random() - what a unit does at random
 * @unit: unit that works beside the CPUs
 * @max: the largest number
 *
 * Context: Caller holds the unit's lock.
 * Return: the next number of @unit->async.random, from 0 to @max.
 */
u32 vtdsim_unit_random(struct vtdsim_unit *unit, u32 max)
{
	return prandom_u32_state(&unit->async.random) % (max + 1);
}
