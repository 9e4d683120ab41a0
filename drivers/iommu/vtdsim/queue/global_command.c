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
#include "remap/remap.h"
#include "unit/registers.h"
#include "unit/unit.h"
#include "unit/violation.h"

/* The longest time of a command */
#define COMMAND_NS		16000

/* What stays until software changes it. All other commands are one-shot. */
#define COMMAND_LASTING		(VTDSIM_G_QI | VTDSIM_G_TRANSLATION |	\
				 VTDSIM_G_IR | VTDSIM_G_CFI)
#define COMMAND_ONE_SHOT	(VTDSIM_G_RTP | VTDSIM_G_IRTP)
/* Those of interrupt remapping */
#define COMMAND_INTERRUPTS	(VTDSIM_G_IR | VTDSIM_G_IRTP | VTDSIM_G_CFI)

/**
 * vtdsim_command_drop_caches() - invalidate everything that a unit has cached
 * @unit: unit
 *
 * Software knows that this is complete.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_command_drop_caches(struct vtdsim_unit *unit)
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
		vtdsim_command_drop_caches(unit);
}

/* A unit with scalable mode invalidates all caches (section 11.4.4.1, TE). */
static void command_disable_translation(struct vtdsim_unit *unit)
{
	if (unit->caps.ecap & VTDSIM_ECAP_SMTS)
		vtdsim_command_drop_caches(unit);
}

/*
 * A unit with Enhanced SIRTP support invalidates the interrupt entry cache when the
 * table changes, and when remapping is disabled (section 11.4.2, ESIRTPS).
 */
static void command_drop_irtes(struct vtdsim_unit *unit)
{
	if (unit->caps.cap & VTDSIM_CAP_ESIRTPS)
		vtdsim_remap_drop_all(unit);
}

/* Section 7.2.1: with nothing left that can fault, recording starts over. */
static void command_end_faults(struct vtdsim_unit *unit, u32 ended, u32 status)
{
	const u32 can_fault = VTDSIM_G_TRANSLATION | VTDSIM_G_IR;

	if (ended & can_fault && !(status & can_fault))
		unit->fault_next = 0;
}

/*
 * Software may change only one bit at a time, and has to write all others as they are in
 * the status. A set SRTP or SIRTP is always a change: these are one-shot commands.
 */
static void command_check(struct vtdsim_unit *unit, u32 val, u32 status)
{
	u32 change = ((val ^ status) & COMMAND_LASTING) | (val & COMMAND_ONE_SHOT);

	if (change & (change - 1))
		vtdsim_violation(unit, "11.4.4",
				 "global commands %#x given at once", change);
	if (change & val & VTDSIM_G_TRANSLATION && !(status & VTDSIM_G_RTP))
		vtdsim_violation(unit, "11.4.4",
				 "translation enabled without a root table");
	if (change & val & VTDSIM_G_IR && !(status & VTDSIM_G_IRTP))
		vtdsim_violation(unit, "11.4.4",
				 "interrupt remapping enabled without a table");
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
	u32 started = val & ~status, ended = status & ~val;

	unit->async.command_pending = false;
	if (val & VTDSIM_G_RTP) {
		command_set_root_table(unit);
		status |= VTDSIM_G_RTP;
	}
	if (val & VTDSIM_G_IRTP) {
		vtdsim_remap_set_table(unit);
		status |= VTDSIM_G_IRTP;
	}
	if (ended & VTDSIM_G_TRANSLATION)
		command_disable_translation(unit);
	if (val & VTDSIM_G_IRTP || ended & VTDSIM_G_IR)
		command_drop_irtes(unit);
	status = (status & ~COMMAND_LASTING) | (val & COMMAND_LASTING);
	vtdsim_reg_set32(unit, VTDSIM_GSTS, status);
	command_end_faults(unit, ended, status);
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

	if (!(unit->caps.ecap & VTDSIM_ECAP_IR))
		val &= ~(u64)COMMAND_INTERRUPTS;
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
	/* Section 11.4.4.2, RTPS and IRTPS: clear until the new pointer is in force */
	vtdsim_reg_set32(unit, VTDSIM_GSTS, status & ~(val & COMMAND_ONE_SHOT));
	a->command_due = ktime_add_ns(ktime_get(), vtdsim_unit_random(unit, COMMAND_NS));
	a->command_pending = true;
	vtdsim_timing_arm(unit);
}
