/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules of the specification that software broke: counted and reported. */
#ifndef _VTDSIM_VIOLATION_H
#define _VTDSIM_VIOLATION_H

#include <linux/compiler_attributes.h>

struct vtdsim_unit;

__printf(3, 4)
void vtdsim_violation(struct vtdsim_unit *unit, const char *section,
		      const char *fmt, ...);
void vtdsim_violation_more(const struct vtdsim_unit *unit, unsigned int more);

#endif /* _VTDSIM_VIOLATION_H */
