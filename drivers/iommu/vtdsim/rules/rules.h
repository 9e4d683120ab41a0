/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rule checker: what the specification tells software not to do, and
 * hardware does not report.
 */
#ifndef _VTDSIM_RULES_H
#define _VTDSIM_RULES_H

#include <linux/compiler_attributes.h>
#include <linux/types.h>

struct vtdsim_pasid;
struct vtdsim_unit;

/* Counts and prints "NAME: violation: ..."; lock held. */
__printf(3, 4)
void vtdsim_violation(struct vtdsim_unit *unit, const char *section,
		      const char *fmt, ...);
/* A PASID entry is about to be cached: do its tags clash with another's? */
bool vtdsim_rule_tags(struct vtdsim_unit *unit, u16 sid, u32 pasid,
		      const struct vtdsim_pasid *pe);

/* ---- changed_entries.c, reused_tags.c: entries against caches; lock held ---- */

void vtdsim_rule_entries(struct vtdsim_unit *unit);
void vtdsim_rule_reuse(struct vtdsim_unit *unit, u16 sid, u32 pasid,
		       const struct vtdsim_pasid *pe);

/* ---- order.c: descriptors in the queue; lock held ---- */

void vtdsim_rule_order(struct vtdsim_unit *unit, u32 type, const u64 *desc);

/* ---- freed_memory.c: memory that a unit may still use ---- */

/* Any context; takes the unit's lock. */
void vtdsim_rule_freed(struct vtdsim_unit *unit, u64 hpa, u64 size);
/* Lock held. */
void vtdsim_rule_roots(struct vtdsim_unit *unit, u16 sid, u32 pasid,
		       const struct vtdsim_pasid *pe);
/* May sleep. From here on vtdsim_rule_freed() is told of every page freed. */
int vtdsim_watch(struct vtdsim_unit *unit);
void vtdsim_unwatch(struct vtdsim_unit *unit);

/* ---- unanswered_requests.c: page requests; lock held ---- */

unsigned int vtdsim_rule_unanswered(struct vtdsim_unit *unit);

/* ---- audit.c: caches that no longer say what the tables say ---- */

/* May sleep; takes the unit's lock. Software claims that it has invalidated. */
int vtdsim_audit(struct vtdsim_unit *unit);

#endif /* _VTDSIM_RULES_H */
