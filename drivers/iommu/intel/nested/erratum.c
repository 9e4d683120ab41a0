// SPDX-License-Identifier: GPL-2.0-only
/*
 * Erratum 772415: hardware may ignore that a stage-2 mapping is read-only when
 * it sets accessed and dirty bits in a stage-1 table. A stage-2 domain that an
 * affected unit may nest on holds no read-only mapping, whichever comes first.
 *
 * A parent may be used by several units, affected or not, and an affected one may
 * come last. So the read-only mappings of every parent are recorded. They are
 * refused while the parent is exposed to an affected unit, by
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
 * vtd_parent_expose() - let an affected unit nest on a parent
 * @parent: a nest parent
 * @dev: the device it is for
 * @exposure: on success, added to the parent, which gets no read-only mapping
 *            until vtd_parent_conceal(); holds a reference to @dev
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
 * @parent: the nest parent
 * @exposure: the exposure that was added
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
 * vtd_nested_map_read_only() - record a read-only mapping of a nest parent
 * @parent: the parent
 * @iova: first address
 * @size: bytes, not 0
 *
 * Called before the mapping is made. The record stays if mapping fails, since
 * part of it may be in the table then.
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
 * vtd_nested_unmapped() - forget read-only mappings of a nest parent
 * @parent: the parent
 * @iova: first address
 * @size: bytes, not 0
 *
 * Removing part of a range may need memory. Unmapping cannot fail, so this
 * allocates with __GFP_NOFAIL; it is less than a page.
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
