// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule checker: what the specification tells software not to do, and hardware
 * does not report. Real hardware would quietly use wrong translations.
 */
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/stdarg.h>

#include "vtdsim.h"

/**
 * vtdsim_violation - count and print a broken rule
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

static bool uses_second(const struct vtdsim_pasid *pe)
{
	return pe->pgtt == VTDSIM_PGTT_SECOND || pe->pgtt == VTDSIM_PGTT_NESTED;
}

static bool uses_first(const struct vtdsim_pasid *pe)
{
	return pe->pgtt == VTDSIM_PGTT_FIRST || pe->pgtt == VTDSIM_PGTT_NESTED;
}

static bool same_second(const struct vtdsim_pasid *a,
			const struct vtdsim_pasid *b)
{
	return a->ss_root == b->ss_root && a->ss_levels == b->ss_levels;
}

static bool same_first(const struct vtdsim_pasid *a,
		       const struct vtdsim_pasid *b)
{
	return a->fs_root == b->fs_root && a->fs_levels == b->fs_levels;
}

/**
 * vtdsim_rule_tags - do a PASID entry's tags clash with another's?
 * @unit: the unit
 * @sid: source-id that the entry was found for
 * @pasid: PASID that the entry was found for
 * @pe: the entry, about to be cached
 *
 * Mappings are tagged with the domain-id, first-stage and nested ones also with
 * the PASID, but never with the source-id. So all entries of one domain-id have
 * to use the same second-stage table, or all of them none, and those of one
 * domain-id and PASID also the same first-stage table (section 6.2.3.1). Only
 * entries in the PASID-cache are compared: one that was invalidated is not in
 * use any more. One violation is counted for each cached entry that clashes.
 *
 * Context: Caller holds the unit's lock.
 * Return: true if they do.
 */
bool vtdsim_rule_tags(struct vtdsim_unit *unit, u16 sid, u32 pasid,
		      const struct vtdsim_pasid *pe)
{
	struct vtdsim_cached *pos = NULL;
	const struct vtdsim_pasid *other;
	bool clashes = false;
	u32 other_pasid;
	u16 other_sid;

	while ((other = vtdsim_cache_next_pasid(unit->cache, &pos, &other_sid,
						&other_pasid))) {
		const char *clash = NULL;

		if (other->did != pe->did)
			continue;

		if (uses_second(pe) != uses_second(other))
			clash = "with and without second stage";
		else if (uses_second(pe) && !same_second(pe, other))
			clash = "for different second-stage tables";
		else if (pasid == other_pasid && uses_first(pe) &&
			 uses_first(other) && !same_first(pe, other))
			clash = "and PASID for different first-stage tables";

		if (!clash)
			continue;
		clashes = true;
		vtdsim_violation(unit, "6.2.3.1",
				 "domain-id %u used %s: %04x PASID %u, %04x PASID %u",
				 pe->did, clash, other_sid, other_pasid, sid,
				 pasid);
	}
	return clashes;
}
