// SPDX-License-Identifier: GPL-2.0-only
/* Rules of the specification that software broke: counted and reported. */
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/stdarg.h>

#include "unit/unit.h"
#include "unit/violation.h"

/**
 * vtdsim_violation() - count and print a broken rule
 * @unit: the unit that noticed
 * @section: section of the specification that has the rule
 * @fmt: what was seen
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_violation(struct vtdsim_unit *unit, const char *section,
		      const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	unit->stats.violations++;
	pr_err("%s: violation: %pV [%s]\n", unit->name, &vaf, section);
	va_end(args);
}
