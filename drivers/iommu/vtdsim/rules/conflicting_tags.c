// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule checker: PASID entries with the domain-id (and PASID) of another entry, but
 * with other tables. Hardware would use wrong translations without a fault.
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
 * vtdsim_rule_tags() - do the tags of a PASID entry conflict with another entry's?
 * @unit: the unit
 * @sid: source-id that the entry was found for
 * @pasid: PASID that the entry was found for
 * @pe: the entry, about to be cached
 *
 * Mappings are tagged with the domain-id, first-stage and nested ones also with
 * the PASID, but never with the source-id. So entries with the same domain-id must
 * have the same second-stage table, or all have none, and those with the same
 * domain-id and PASID must also have the same first-stage table (section 6.2.3.1).
 * The entry is compared with those in the PASID-cache: an invalidated entry is not
 * in use. Each conflict with a cached entry counts as one violation.
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
