/* SPDX-License-Identifier: GPL-2.0-only */
/* Cache lines as last flushed, for units that do not snoop (section 3.10). */
#ifndef _VTDSIM_LINES_H
#define _VTDSIM_LINES_H

#include <linux/types.h>

struct vtdsim_line;
struct vtdsim_lines;
struct vtdsim_unit;

/* May sleep. */
struct vtdsim_lines *vtdsim_lines_create(struct vtdsim_unit *unit);
void vtdsim_lines_destroy(struct vtdsim_lines *lines);

/* Any context; takes the unit's lock. */
void vtdsim_lines_flush(struct vtdsim_lines *lines, u64 hpa, u64 size);
/* Without the lock: may there be lines of that memory? */
bool vtdsim_lines_may_have(const struct vtdsim_lines *lines, u64 hpa, u64 size);

/* Lock held. */
void vtdsim_lines_write_back(struct vtdsim_lines *lines);
void vtdsim_lines_forget(struct vtdsim_lines *lines, u64 hpa, u64 size);
/* With @lines NULL, as a unit reads that snoops. False where there is no RAM. */
bool vtdsim_lines_read64(struct vtdsim_lines *lines, u64 hpa, u64 ignored, u64 *val);
/* The next of the lines that were read while they were newer in the caches */
struct vtdsim_line *vtdsim_lines_next(struct vtdsim_lines *lines,
				      struct vtdsim_line *pos);
/* Is it still newer, in bits that matter? @got is what the unit read, @now what software wrote. */
bool vtdsim_line_differs(const struct vtdsim_line *line, u64 *hpa, u64 *got,
			 u64 *now, u64 *since);

#endif /* _VTDSIM_LINES_H */
