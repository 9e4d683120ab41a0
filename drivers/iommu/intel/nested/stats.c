// SPDX-License-Identifier: GPL-2.0-only
/* Counts what was refused. */

#include "nested.h"
#include "trace.h"

static atomic64_t vtd_stats_refused_count[VTD_REFUSALS];

/**
 * vtd_stats_refused() - count a refusal and report it
 * @dev: the device that it was for
 * @why: the reason
 *
 * Context: Any but hard interrupts and raw spinlocks.
 */
void vtd_stats_refused(struct device *dev, enum vtd_refusal why)
{
	atomic64_inc(&vtd_stats_refused_count[why]);
	trace_vtd_refused(dev, why);
	vtd_event_refused(dev, why);
}

/**
 * vtd_stats_refusals() - how often something was refused
 * @why: the reason
 *
 * Context: Any.
 * Return: the count since boot.
 */
u64 vtd_stats_refusals(enum vtd_refusal why)
{
	return atomic64_read(&vtd_stats_refused_count[why]);
}
