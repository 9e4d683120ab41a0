// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule checker: PASID entries whose tags (domain-id, and PASID) are those of
 * another entry with other tables. Hardware would quietly use wrong translations.
 */
#include "cache/caches.h"
#include "rules/rules.h"
#include "tables/entries.h"
#include "unit/unit.h"
#include "unit/violation.h"

static bool tags_same_second(const struct vtdsim_pasid *a,
			     const struct vtdsim_pasid *b)
{
	return a->ss_root == b->ss_root && a->ss_levels == b->ss_levels;
}

static bool tags_same_first(const struct vtdsim_pasid *a,
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

		if (vtdsim_uses_second_stage(pe) != vtdsim_uses_second_stage(other))
			clash = "with and without second stage";
		else if (vtdsim_uses_second_stage(pe) && !tags_same_second(pe, other))
			clash = "for different second-stage tables";
		else if (pasid == other_pasid && vtdsim_uses_first_stage(pe) &&
			 vtdsim_uses_first_stage(other) && !tags_same_first(pe, other))
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
