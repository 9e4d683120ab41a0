// SPDX-License-Identifier: GPL-2.0-only
/* How a PASID-table entry gets from what it is to what it shall be. */

#include "nested.h"

/**
 * vtd_plan_update() - plan the update of a PASID-table entry
 * @now: the entry as hardware may see it
 * @next: the entry as it shall be; present
 *
 * Hardware may fetch the 64 bytes of an entry in pieces of 128 bits (VT-d
 * 9.6), so a present entry may change only within one piece at a time, or it
 * is seen torn. A single aligned quad-word is what the CPU stores at once.
 *
 * VTD_PLAN_NONE: nothing to do. VTD_PLAN_PUBLISH: the entry is not present:
 * write everything, Present last. VTD_PLAN_IN_PLACE: nothing but the first
 * stage changes: one store of %VTD_FIRST_STAGE_QWORD, no DMA is blocked.
 * VTD_PLAN_BREAK: clear Present, flush, then publish; DMA faults in between.
 *
 * The other quad-words are never changed in place, even one alone: they have
 * the translation type and the domain id, which say what has to be flushed, and
 * how. A break flushes by what the entry was before.
 *
 * Context: Any.
 * Return: the plan.
 */
enum vtd_plan vtd_plan_update(const struct pasid_entry *now,
			      const struct pasid_entry *next)
{
	enum vtd_plan plan = VTD_PLAN_NONE;
	int i;

	if (!(now->val[0] & PASID_PTE_PRESENT))
		return VTD_PLAN_PUBLISH;

	for (i = 0; i < ARRAY_SIZE(next->val); i++) {
		if (now->val[i] == next->val[i])
			continue;
		if (i != VTD_FIRST_STAGE_QWORD)
			return VTD_PLAN_BREAK;
		plan = VTD_PLAN_IN_PLACE;
	}

	return plan;
}
