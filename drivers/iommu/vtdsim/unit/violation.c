// SPDX-License-Identifier: GPL-2.0-only
/* Rules of the specification that software broke: counted and reported. */
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/stdarg.h>

#include "unit/unit.h"
#include "unit/violation.h"

/* A guest or the user of an endpoint may cause any number of violations. */
static DEFINE_RATELIMIT_STATE(violation_limit, 5 * HZ, 200);

/**
 * vtdsim_violation() - count and print a broken rule
 * @unit: the unit that noticed
 * @section: section of the specification that has the rule
 * @fmt: what was seen
 *
 * The message goes into the log at once and to consoles later, without the lock. All
 * violations count, but of very many in a short time not all are printed.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_violation(struct vtdsim_unit *unit, const char *section,
		      const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	unit->stats.violations++;
	if (!__ratelimit(&violation_limit))
		return;
	unit->stats.printed++;
	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	printk_deferred("%s%s: violation: %pV [%s]\n",
			KERN_ERR, unit->name, &vaf, section);
	va_end(args);
}

/**
 * vtdsim_violation_more() - print that there were more violations, counted already
 * @unit: the unit that noticed
 * @more: how many
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_violation_more(const struct vtdsim_unit *unit, unsigned int more)
{
	printk_deferred("%s%s: violation: %u more\n",
			KERN_ERR, unit->name, more);
}
