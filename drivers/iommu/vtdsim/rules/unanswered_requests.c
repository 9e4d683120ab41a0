// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule checker: page requests without a response.
 *
 * When software revokes a PASID, it has to respond to all requests that it received
 * for it (section 7.11); the same for requests without PASID when a device loses its
 * entry. After a reset of the endpoint or of its page request interface, the
 * endpoint waits for no response (section 7.9). Software may clear the entry before
 * it responds, so this is checked in an audit.
 */
#include "rules/rules.h"
#include "tables/entries.h"
#include "unit/fault_reasons.h"
#include "unit/requesters.h"
#include "unit/unit.h"
#include "unit/violation.h"

/* Is there a PASID entry for the requests? Other faults count as one. */
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

	/* Read what software has written, flushed or not. */
	caps.lines = NULL;
	for (i = 0; i < VTDSIM_PAGE_GROUPS; i++) {
		const struct vtdsim_page_group *group = &r->groups[i];

		/* Of several requests, some may be older than a reset. */
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
 * vtdsim_rule_unanswered() - are there page requests without a response?
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
