// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scalable-mode PASID-table entries (VT-d 9.6): composes the entry for nested
 * translation, and plans how the entry in the table becomes another. Both
 * functions are pure; pasid_slot.c writes.
 */

#include "nested.h"

/**
 * vtd_compose_nested() - compose a PASID-table entry (VT-d 9.6)
 * @t: the two stages and their attributes, checked by vtd_s1_check_request(),
 *     vtd_s1_check_unit() and vtd_s2_check_unit()
 * @entry: the entry, complete and with Present set; not in any table yet
 *
 * Hardware uses Write Protect Enable for supervisor requests only. It is left
 * clear without them, so that entries that behave alike are equal.
 *
 * Context: Any.
 */
void vtd_compose_nested(const struct vtd_nested_target *t,
			struct pasid_entry *entry)
{
	pasid_clear_entry(entry);

	pasid_set_flptr(entry, t->s1.pgtbl_addr);
	pasid_set_flpm(entry, t->s1.addr_width == ADDR_WIDTH_5LEVEL);
	if (t->s1.flags & IOMMU_VTD_S1_SRE) {
		pasid_set_sre(entry);
		if (t->s1.flags & IOMMU_VTD_S1_WPE)
			pasid_set_wpe(entry);
	}
	if (t->s1.flags & IOMMU_VTD_S1_EAFE)
		pasid_set_eafe(entry);

	pasid_set_slptr(entry, t->s2_root);
	pasid_set_address_width(entry, t->s2_agaw);
	if (t->dirty_tracking)
		pasid_set_ssade(entry);

	pasid_set_domain_id(entry, t->did);
	pasid_set_page_snoop(entry, t->walk_snoop);
	if (t->force_snooping)
		pasid_set_pgsnp(entry);

	pasid_set_translation_type(entry, PASID_ENTRY_PGTT_NESTED);
	pasid_set_present(entry);
}

/**
 * vtd_plan_update() - plan the update of a PASID-table entry
 * @now: the entry as hardware may see it
 * @next: the entry as it shall be; present
 *
 * Hardware may fetch the 64 bytes of an entry in pieces of 128 bits (VT-d
 * 9.6). A present entry that changes in more than one piece may be seen torn. The
 * CPU stores one aligned quad-word at a time.
 *
 * * VTD_PLAN_NONE: the entries are equal.
 * * VTD_PLAN_PUBLISH: @now is not present. Write everything, Present last.
 * * VTD_PLAN_IN_PLACE: only the first stage changes. Store
 *   %VTD_FIRST_STAGE_QWORD; no DMA is blocked.
 * * VTD_PLAN_BREAK: clear Present, flush, publish. DMA faults in between.
 *
 * The other quad-words are never changed in place, not even one alone. They hold
 * the translation type and the domain id, which decide what has to be flushed. A
 * break flushes according to @now.
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
