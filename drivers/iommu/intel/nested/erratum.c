// SPDX-License-Identifier: GPL-2.0-only
/*
 * Erratum 772415: hardware may ignore that a stage-2 mapping is read-only when
 * it sets accessed and dirty bits in a stage-1 table. A stage-2 domain that an
 * affected unit may nest on holds no read-only mapping, whichever comes first.
 *
 * Which units are affected is a matter of each unit, and no parent is of one
 * unit alone: it may have been used on others before. So read-only mappings are
 * on record for every parent, and what counts against them is
 *
 *	- a stage-1 domain allocated for a device of an affected unit, for as
 *	  long as it exists (domain.c);
 *	- a device of an affected unit that nests on the parent, whatever device
 *	  the stage-1 domain was allocated for (link.c).
 */

#define dev_fmt(fmt)	"nested: " fmt

#include "nested.h"

static bool vtd_parent_has_read_only(struct vtd_parent *ext, unsigned long first,
				     unsigned long last)
{
	return mt_find(&ext->read_only, &first, last);
}

/**
 * vtd_parent_expose() - an affected unit is going to nest on a parent
 * @parent: a nest parent
 * @dev: the device it is for
 * @exposure: on success, what keeps read-only mappings out of the parent from
 *            now on, until vtd_parent_conceal(); holds the device
 *
 * Context: Process. May sleep.
 * Return: 0; -EINVAL if the parent holds read-only mappings.
 */
int vtd_parent_expose(struct dmar_domain *parent, struct device *dev,
		      struct vtd_exposure *exposure)
{
	struct vtd_parent *ext = parent->nested;
	int ret = 0;

	mutex_lock(&ext->lock);
	if (vtd_parent_has_read_only(ext, 0, ULONG_MAX)) {
		ret = -EINVAL;
	} else {
		exposure->dev = get_device(dev);
		list_add_tail(&exposure->node, &ext->exposures);
	}
	mutex_unlock(&ext->lock);

	if (ret)
		vtd_refuse(dev, VTD_REFUSED_ERRATUM,
			   "refused: stage 2 has read-only mappings (erratum 772415)\n");
	return ret;
}

/**
 * vtd_parent_conceal() - undo one vtd_parent_expose()
 * @parent: the same nest parent
 * @exposure: the same exposure
 *
 * Context: Process. May sleep.
 */
void vtd_parent_conceal(struct dmar_domain *parent, struct vtd_exposure *exposure)
{
	mutex_lock(&parent->nested->lock);
	list_del(&exposure->node);
	mutex_unlock(&parent->nested->lock);

	put_device(exposure->dev);
	exposure->dev = NULL;
}

/**
 * vtd_nested_map_read_only() - a nest parent is about to get a read-only mapping
 * @parent: the parent
 * @iova: first address
 * @size: bytes, not 0
 *
 * The mapping is on record before it is in the table, and stays there if mapping
 * fails, since part of it may be in the table then.
 *
 * Context: Process. May sleep.
 * Return: 0; -EINVAL if nesting on an affected unit forbids it; -ENOMEM.
 */
int vtd_nested_map_read_only(struct dmar_domain *parent, unsigned long iova,
			     size_t size)
{
	struct vtd_parent *ext = parent->nested;
	struct vtd_exposure *exposure;
	int ret;

	if (!ext)
		return 0;

	mutex_lock(&ext->lock);
	exposure = list_first_entry_or_null(&ext->exposures, struct vtd_exposure, node);
	if (exposure) {
		ret = -EINVAL;
		vtd_refuse(exposure->dev, VTD_REFUSED_ERRATUM,
			   "read-only mapping at %#lx refused: the device nests on it (erratum 772415)\n",
			   iova);
	} else {
		ret = mtree_store_range(&ext->read_only, iova >> VTD_PAGE_SHIFT,
					(iova + size - 1) >> VTD_PAGE_SHIFT,
					ext, GFP_KERNEL_ACCOUNT);
	}
	mutex_unlock(&ext->lock);

	return ret;
}

/**
 * vtd_nested_unmapped() - a mapping of a nest parent is gone
 * @parent: the parent
 * @iova: first address
 * @size: bytes, not 0
 *
 * Forgetting part of a range may need memory, of the small kind that the
 * allocator does not refuse.
 *
 * Context: Process. May sleep.
 */
void vtd_nested_unmapped(struct dmar_domain *parent, unsigned long iova,
			 size_t size)
{
	unsigned long first = iova >> VTD_PAGE_SHIFT;
	unsigned long last = (iova + size - 1) >> VTD_PAGE_SHIFT;
	struct vtd_parent *ext = parent->nested;

	if (!ext)
		return;

	mutex_lock(&ext->lock);
	if (vtd_parent_has_read_only(ext, first, last))
		mtree_store_range(&ext->read_only, first, last, NULL,
				  GFP_KERNEL | __GFP_NOFAIL);
	mutex_unlock(&ext->lock);
}
