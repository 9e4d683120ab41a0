// SPDX-License-Identifier: GPL-2.0-only
/* How a PASID-table entry gets from what it is to what it shall be. */

#include "nested.h"

/**
 * vtd_plan_update() - plan the update of a PASID-table entry
 * @now: the entry as hardware may see it
 * @next: the entry as it shall be; present
 * @qword: set for VTD_PLAN_IN_PLACE to the index of the quad-word to store
 *
 * Hardware may fetch the 64 bytes of an entry in pieces of 128 bits (VT-d
 * 9.6), so a present entry may change only within one piece at a time, or it
 * is seen torn. A single aligned quad-word is what the CPU stores at once.
 *
 * VTD_PLAN_NONE: nothing to do. VTD_PLAN_PUBLISH: the entry is not present:
 * write everything, Present last. VTD_PLAN_IN_PLACE: one store, no DMA is
 * blocked. VTD_PLAN_BREAK: clear Present, flush, then publish; DMA faults in
 * between.
 *
 * Context: Any.
 * Return: the plan.
 */
enum vtd_plan vtd_plan_update(const struct pasid_entry *now,
			      const struct pasid_entry *next, int *qword)
{
	int changed = 0;
	int i;

	if (!(now->val[0] & PASID_PTE_PRESENT))
		return VTD_PLAN_PUBLISH;

	for (i = 0; i < ARRAY_SIZE(next->val); i++) {
		if (now->val[i] == next->val[i])
			continue;
		*qword = i;
		changed++;
	}

	if (!changed)
		return VTD_PLAN_NONE;

	return changed == 1 ? VTD_PLAN_IN_PLACE : VTD_PLAN_BREAK;
}
