/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What memory holds of cache lines of which CPUs may have newer contents, for
 * units that do not look into the CPUs' caches (section 3.10).
 */
#ifndef _VTDSIM_LINES_H
#define _VTDSIM_LINES_H

#include <linux/types.h>

struct vtdsim_line;
struct vtdsim_lines;
struct vtdsim_unit;

/* May sleep. */
struct vtdsim_lines *vtdsim_lines_create(struct vtdsim_unit *unit);
void vtdsim_lines_destroy(struct vtdsim_lines *lines);

/* Any context; takes the unit's lock. Software has flushed what is there. */
void vtdsim_lines_flush(struct vtdsim_lines *lines, u64 hpa, u64 size);
/* Without the lock: may there be lines of that memory? */
bool vtdsim_lines_may_have(const struct vtdsim_lines *lines, u64 hpa, u64 size);

/* Lock held. */
void vtdsim_lines_forget(struct vtdsim_lines *lines, u64 hpa, u64 size);
/*
 * For NULL instead of @lines, as a unit reads that does look into the caches.
 * Returns false where the address is not RAM.
 */
bool vtdsim_lines_read64(struct vtdsim_lines *lines, u64 hpa, u64 *val);
/* The line after @pos, of those that were read and not as software left them */
struct vtdsim_line *vtdsim_lines_next(struct vtdsim_lines *lines,
				      struct vtdsim_line *pos);
/* Is it still not? Then what the unit got, what is there, and since when. */
bool vtdsim_line_differs(const struct vtdsim_line *line, u64 *hpa, u64 *got,
			 u64 *now, u64 *since);

#endif /* _VTDSIM_LINES_H */
