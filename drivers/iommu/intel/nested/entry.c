// SPDX-License-Identifier: GPL-2.0-only
/* Composes a scalable-mode PASID-table entry for nested translation. */

#include "nested.h"

/**
 * vtd_compose_nested() - compose a PASID-table entry (VT-d 9.6)
 * @t: the two stages and their attributes, checked by vtd_s1_check_request(),
 *     vtd_s1_check_unit() and vtd_s2_check_unit()
 * @entry: the entry, complete and with Present set; not in any table yet
 *
 * Write Protect Enable is looked at by hardware only for supervisor requests;
 * it is left clear when there are none, so that equal behaviour is an equal
 * entry.
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
