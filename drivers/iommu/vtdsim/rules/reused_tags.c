// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule checker: a domain-id (and PASID) that is reused while mappings with it are
 * still cached.
 *
 * Mappings are found by domain-id (and PASID) only. If a cached mapping comes from
 * other tables than those of the PASID entry, requests are translated by tables
 * that software no longer uses. Pass-through mappings are found by source-id and PASID,
 * and are used whatever the new entry is.
 *
 * This is no mistake after software has replaced an entry in place and invalidated
 * the PASID-cache, until the IOTLB invalidation that has to follow (section 6.5.3.3).
 */
#include "cache/internals.h"
#include "rules/rules.h"
#include "unit/unit.h"
#include "unit/violation.h"

static bool tags_from_other_tables(const struct vtdsim_cached *e, u32 pasid,
				   const struct vtdsim_pasid *pe)
{
	bool first = e->key.kind == VTDSIM_KIND_IOTLB_FIRST ||
		     e->key.kind == VTDSIM_KIND_PSC_FIRST;

	if (e->key.id != pe->did || (first && e->key.pasid != pasid))
		return false;
	return e->ss_root != pe->ss_root || (first && e->fs_root != pe->fs_root);
}

/* Pass-through mappings are found by source-id, whatever the domain-id is now. */
static bool tags_left_of_pass(const struct vtdsim_cache *c, const struct vtdsim_cached *e,
			      u16 sid, u32 pasid, const struct vtdsim_pasid *pe)
{
	if (e->key.id != sid || e->key.pasid != pasid || e->told)
		return false;
	return (pe->pgtt != VTDSIM_PGTT_PASS || e->pass_did != pe->did) &&
	       !vtdsim_cache_is_replaced(c, e->pass_did, pasid);
}

static void rule_reuse_pass(struct vtdsim_unit *unit, u16 sid, u32 pasid,
			    const struct vtdsim_pasid *pe)
{
	struct vtdsim_cache *c = unit->cache;
	struct vtdsim_cached *e, *stale = NULL;
	unsigned int count = 0;
	char text[VTDSIM_TEXT];

	list_for_each_entry(e, &c->live[VTDSIM_KIND_IOTLB_PASS], live) {
		if (!tags_left_of_pass(c, e, sid, pasid, pe))
			continue;
		e->told = true;
		stale = stale ?: e;
		count++;
	}
	if (stale)
		vtdsim_violation(unit, "6.5.3.3",
				 "%04x PASID %u has another entry while %u pass-through mappings are cached; %s",
				 sid, pasid, count, vtdsim_cached_describe(stale, text));
}

/**
 * vtdsim_rule_reuse() - are mappings of other tables cached for an entry?
 * @unit: the unit
 * @sid: source-id that the entry was found for
 * @pasid: PASID that the entry was found for
 * @pe: the entry, about to be cached
 *
 * Any number of mappings counts as one violation. The message names the oldest
 * one.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_rule_reuse(struct vtdsim_unit *unit, u16 sid, u32 pasid,
		       const struct vtdsim_pasid *pe)
{
	struct vtdsim_cache *c = unit->cache;
	struct vtdsim_cached *e, *stale = NULL;
	unsigned int count = 0;
	char text[VTDSIM_TEXT];

	if (!c)
		return;
	rule_reuse_pass(unit, sid, pasid, pe);
	if (vtdsim_cache_is_replaced(c, pe->did, pasid))
		return;
	list_for_each_entry(e, vtdsim_cache_domain(c, pe->did), domain) {
		if (e->told || !tags_from_other_tables(e, pasid, pe))
			continue;
		e->told = true;
		stale = stale ?: e;
		count++;
	}
	if (stale)
		vtdsim_violation(unit, "6.5.3.3",
				 "domain-id %u used by %04x PASID %u while %u mappings of other tables are cached; %s",
				 pe->did, sid, pasid, count,
				 vtdsim_cached_describe(stale, text));
}
