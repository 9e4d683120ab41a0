// SPDX-License-Identifier: GPL-2.0-only
/*
 * Global commands, and the status that shows what became of them (VT-d specification
 * sections 11.4.4.1 and 11.4.4.2).
 *
 * In a unit that works beside the CPUs a command takes time. Software has to wait for
 * the status.
 */
#include <linux/ktime.h>

#include "cache/caches.h"
#include "queue/control.h"
#include "queue/global_command.h"
#include "queue/timing.h"
#include "unit/registers.h"
#include "unit/unit.h"
#include "unit/violation.h"

/* The longest time of a command */
#define COMMAND_NS		16000

/* What stays until software changes it. All other commands are one-shot. */
#define COMMAND_LASTING		(VTDSIM_G_QI | VTDSIM_G_TRANSLATION)

static void command_drop_caches(struct vtdsim_unit *unit)
{
	vtdsim_inv_context_all(unit->cache);
	vtdsim_inv_pasid_all(unit->cache);
	vtdsim_inv_iotlb_all(unit->cache);
	vtdsim_inv_complete(unit->cache);
}

/*
 * Set Root Table Pointer. A unit with Enhanced SRTP support invalidates all caches
 * (section 11.4.2, ESRTPS).
 */
static void command_set_root_table(struct vtdsim_unit *unit)
{
	unit->rtaddr = vtdsim_reg_get64(unit, VTDSIM_RTADDR);
	if (unit->caps.cap & VTDSIM_CAP_ESRTPS)
		command_drop_caches(unit);
}

/*
 * A unit with scalable mode invalidates all caches when translation is disabled
 * (section 11.4.4.1, TE). The next fault goes into the first recording register
 * (section 7.2.1), as interrupt remapping is never enabled.
 */
static void command_disable_translation(struct vtdsim_unit *unit)
{
	if (unit->caps.ecap & VTDSIM_ECAP_SMTS)
		command_drop_caches(unit);
	unit->fault_next = 0;
}

/*
 * Software may change only one bit at a time, and has to write all others as they are in
 * the status. A set SRTP is always a change: it is a one-shot command.
 */
static void command_check(struct vtdsim_unit *unit, u32 val, u32 status)
{
	u32 change = ((val ^ status) & COMMAND_LASTING) | (val & VTDSIM_G_RTP);

	if (change & (change - 1))
		vtdsim_violation(unit, "11.4.4",
				 "global commands %#x given at once", change);
	if (change & val & VTDSIM_G_TRANSLATION && !(status & VTDSIM_G_RTP))
		vtdsim_violation(unit, "11.4.4",
				 "translation enabled without a root table");
}

/**
 * vtdsim_command_carry_out() - carry out the last command
 * @unit: unit
 *
 * Section 11.4.4: commands of features that the unit lacks are ignored.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_command_carry_out(struct vtdsim_unit *unit)
{
	u32 status = vtdsim_reg_get32(unit, VTDSIM_GSTS);
	u32 val = unit->async.command;
	u32 started = val & ~status;

	unit->async.command_pending = false;
	if (val & VTDSIM_G_RTP) {
		command_set_root_table(unit);
		status |= VTDSIM_G_RTP;
	}
	if (status & ~val & VTDSIM_G_TRANSLATION)
		command_disable_translation(unit);
	status = (status & ~COMMAND_LASTING) | (val & COMMAND_LASTING);
	vtdsim_reg_set32(unit, VTDSIM_GSTS, status);
	if (!(status & VTDSIM_G_QI))
		vtdsim_qi_stop(unit);
	else if (started & VTDSIM_G_QI)
		vtdsim_qi_run(unit);
}

/**
 * vtdsim_command_written() - the Global Command Register has been written
 * @unit: unit
 * @val: the value
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_command_written(struct vtdsim_unit *unit, u64 val)
{
	struct vtdsim_async *a = &unit->async;
	u32 status;

	if (a->command_pending) {
		vtdsim_violation(unit, "11.4.4",
				 "global command %#llx before the status of the last one", val);
		vtdsim_command_carry_out(unit);
	}
	status = vtdsim_reg_get32(unit, VTDSIM_GSTS);
	command_check(unit, val, status);
	a->command = val;
	if (!READ_ONCE(a->seed)) {
		vtdsim_command_carry_out(unit);
		return;
	}
	/* Section 11.4.4.2, RTPS: clear until the new pointer is in force */
	if (val & VTDSIM_G_RTP)
		vtdsim_reg_set32(unit, VTDSIM_GSTS, status & ~VTDSIM_G_RTP);
	a->command_due = ktime_add_ns(ktime_get(), vtdsim_unit_random(unit, COMMAND_NS));
	a->command_pending = true;
	vtdsim_timing_arm(unit);
}
