// SPDX-License-Identifier: GPL-2.0-only
/*
 * A model of nested translation, as simple as possible.
 */
#include "nested_shadow.h"

/* The set of one leaf. Leaves without rights are all the same element. */
static __u32 leaf_set(struct shadow_leaf leaf)
{
	return 1U << (leaf.rights == SHADOW_NOTHING ? 0 :
					       3 * leaf.frame + leaf.rights);
}

/**
 * shadow_edit() - the guest changes its table
 * @sh: model
 * @table: which table
 * @slot: which entry
 * @leaf: its new value
 *
 * Until the next invalidation, the old and the new leaf may both be cached. A
 * leaf that is not present is not cached.
 */
void shadow_edit(struct shadow *sh, int table, int slot,
		 struct shadow_leaf leaf)
{
	struct shadow_domain *dom;

	sh->leaf[table][slot] = leaf;
	for (dom = sh->domain; dom < sh->domain + SHADOW_DOMAINS; dom++) {
		if (dom->table != table)
			continue;
		dom->cached[slot] &= ~1U;
		dom->cached[slot] |= leaf_set(leaf);
	}
}

/**
 * shadow_invalidate() - drop what is cached of a domain
 * @sh: model
 * @domain: which domain
 * @first: first slot
 * @last: last slot
 */
void shadow_invalidate(struct shadow *sh, int domain, int first, int last)
{
	struct shadow_domain *dom = &sh->domain[domain];
	int s;

	for (s = first; s <= last; s++)
		dom->cached[s] = leaf_set(sh->leaf[dom->table][s]);
}

/**
 * shadow_new_domain() - a stage-1 domain is created
 * @sh: model
 * @domain: which domain
 * @table: the guest's table that it is made of
 * @parent: the nest parent that it is on
 */
void shadow_new_domain(struct shadow *sh, int domain, int table, int parent)
{
	sh->domain[domain] = (struct shadow_domain) {
		.table = table,
		.parent = parent,
	};
	shadow_invalidate(sh, domain, 0, SHADOW_SLOTS - 1);
}

/**
 * shadow_detach() - a device is detached
 * @sh: model
 * @device: which device
 */
void shadow_detach(struct shadow *sh, int device)
{
	struct shadow_device *dev = &sh->device[device];

	if (dev->where == SHADOW_ON_DOMAIN)
		sh->domain[dev->index].users--;
	dev->where = SHADOW_DETACHED;
}

/**
 * shadow_attach_parent() - a device is attached to stage 2 alone
 * @sh: model
 * @device: which device
 * @parent: which parent
 */
void shadow_attach_parent(struct shadow *sh, int device, int parent)
{
	shadow_detach(sh, device);
	sh->device[device] = (struct shadow_device) {
		.where = SHADOW_ON_PARENT,
		.index = parent,
	};
}

/* A move between domains of the same table and parent changes no entry. */
static void domain_inherit(struct shadow *sh, const struct shadow_device *dev,
			   struct shadow_domain *dom)
{
	const struct shadow_domain *old = &sh->domain[dev->index];
	int s;

	if (dev->where != SHADOW_ON_DOMAIN || old->table != dom->table ||
	    old->parent != dom->parent)
		return;
	for (s = 0; s < SHADOW_SLOTS; s++)
		dom->cached[s] |= old->cached[s];
}

/**
 * shadow_attach_domain() - a device is attached to a stage-1 domain
 * @sh: model
 * @device: which device
 * @domain: which domain
 *
 * All devices of a domain share what may be cached of it, until the last one
 * leaves.
 */
void shadow_attach_domain(struct shadow *sh, int device, int domain)
{
	struct shadow_device *dev = &sh->device[device];
	struct shadow_domain *dom = &sh->domain[domain];

	if (dev->where == SHADOW_ON_DOMAIN && dev->index == domain)
		return;
	if (!dom->users)
		shadow_invalidate(sh, domain, 0, SHADOW_SLOTS - 1);
	domain_inherit(sh, dev, dom);
	shadow_detach(sh, device);
	dom->users++;
	*dev = (struct shadow_device) { .where = SHADOW_ON_DOMAIN, .index = domain };
}

static bool access_fits(const struct shadow *sh, const struct shadow_access *a,
			int frame, enum shadow_rights rights)
{
	const struct shadow_frame *f = &sh->frame[frame];

	if (rights > f->rights)
		rights = f->rights;
	if (rights < (a->write ? SHADOW_READ_WRITE : SHADOW_READ_ONLY))
		return a->faulted;
	return !a->faulted && (!a->read || a->seen == sh->word[f->backing]);
}

/**
 * shadow_allows() - is the result of a device's access possible?
 * @sh: model
 * @device: which device
 * @slot: slot of the guest's table; or frame, of a device on a parent
 * @a: the access
 *
 * Return: true if it is.
 */
bool shadow_allows(const struct shadow *sh, int device, int slot,
		   const struct shadow_access *a)
{
	const struct shadow_device *dev = &sh->device[device];
	__u32 set;
	int bit;

	switch (dev->where) {
	case SHADOW_DETACHED:
		return a->faulted;
	case SHADOW_ON_PARENT:
		return access_fits(sh, a, slot, SHADOW_READ_WRITE);
	case SHADOW_ON_DOMAIN:
		break;
	}
	set = sh->domain[dev->index].cached[slot];
	if (set & 1 && a->faulted)
		return true;
	for (bit = 1; bit < 3 * SHADOW_FRAMES; bit++)
		if (set & 1U << bit && access_fits(sh, a, bit / 3, bit % 3))
			return true;
	return false;
}
