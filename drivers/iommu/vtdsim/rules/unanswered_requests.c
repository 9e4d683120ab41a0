// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule checker: page requests that are left without an answer.
 *
 * Before software revokes a PASID, all requests that it got for it have to be
 * answered (section 7.11); so has it to be for requests without PASID when a
 * device loses its entry. An endpoint that has been reset, or whose page request
 * interface has, waits for nothing any more (7.9). Software takes the entry away
 * first and answers then, so this is checked when it says that it is done.
 */
#include "rules/rules.h"
#include "tables/entries.h"
#include "unit/fault_reasons.h"
#include "unit/requesters.h"
#include "unit/unit.h"
#include "unit/violation.h"

/* Is there an entry that the requests could be of? In doubt there is. */
static bool unanswered_has_entry(struct vtdsim_unit *unit, const struct vtdsim_caps *caps,
				 u16 sid, const struct vtdsim_page_group *group)
{
	struct vtdsim_context ctx;
	struct vtdsim_pasid pe;
	u8 reason;

	reason = vtdsim_fetch_context(caps, unit->rtaddr, sid, &ctx);
	if (!reason)
		reason = vtdsim_fetch_pasid(caps, &ctx, group->with_pasid ?
					    group->pasid : ctx.rid_pasid, &pe);
	return reason != VTDSIM_FR_ROOT_PRESENT &&
	       reason != VTDSIM_FR_CTX_PRESENT &&
	       reason != VTDSIM_FR_DIR_PRESENT &&
	       reason != VTDSIM_FR_PASID_PRESENT;
}

static unsigned int unanswered_check(struct vtdsim_unit *unit, struct vtdsim_requester *r)
{
	struct vtdsim_caps caps = unit->caps;
	unsigned int i, found = 0;

	/* What software has written counts, flushed or not. */
	caps.lines = NULL;
	for (i = 0; i < VTDSIM_PAGE_GROUPS; i++) {
		const struct vtdsim_page_group *group = &r->groups[i];

		/* Of several, some may be of before a reset. */
		if (!group->waiting || group->mixed || !r->ops->waits(r, i) ||
		    unanswered_has_entry(unit, &caps, r->sid, group))
			continue;
		found++;
		vtdsim_violation(unit, "7.11",
				 "%04x waits for an answer to page request group %u, %s%u, which has no PASID entry any more",
				 r->sid, i,
				 group->with_pasid ? "PASID " : "no PASID, ",
				 group->with_pasid ? group->pasid : 0);
	}
	return found;
}

/**
 * vtdsim_rule_unanswered() - are there requests that nobody will answer?
 * @unit: the unit
 *
 * Context: Caller holds the unit's lock.
 * Return: number of page request groups.
 */
unsigned int vtdsim_rule_unanswered(struct vtdsim_unit *unit)
{
	struct vtdsim_requester *r;
	unsigned int found = 0;

	list_for_each_entry(r, &unit->requesters, node)
		if (r->ops->waits)
			found += unanswered_check(unit, r);
	return found;
}
