// SPDX-License-Identifier: GPL-2.0-only
/* Cache coherency that whoever owns a nest parent insists on. */

#include "nested.h"

/**
 * vtd_nested_force_snooping() - let all DMA through a nest parent snoop
 * @parent: the parent, without mappings
 *
 * From here on leaf entries of the stage-2 table have SNP, and PASID entries
 * that nest on it have PGSNP. Both are made with it and never changed later:
 * the parent refuses while something nests on it.
 *
 * Context: Caller holds @parent->lock. Does not sleep.
 * Return: true if all DMA will snoop.
 */
bool vtd_nested_force_snooping(struct dmar_domain *parent)
{
	bool idle;

	spin_lock(&parent->s1_lock);
	idle = list_empty(&parent->s1_domains);
	if (idle) {
		parent->set_pte_snp = true;
		parent->force_snooping = true;
	}
	spin_unlock(&parent->s1_lock);

	return idle;
}
