// SPDX-License-Identifier: GPL-2.0-only
/*
 * A model of nested translation that is small enough to be seen to be right.
 */
#include "vtd_nested_shadow.h"

/* The set that has one leaf; those that allow nothing are one and the same. */
static __u32 set_of(struct shadow_leaf leaf)
{
	return 1U << (leaf.rights == NOTHING ? 0 :
					       3 * leaf.frame + leaf.rights);
}

/**
 * shadow_edit() - the guest changes its table
 * @sh: model
 * @table: which table
 * @slot: which entry
 * @leaf: its new value
 *
 * It may be cached from now on, with what was there before. That there was
 * nothing is not cached.
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
		dom->cached[slot] |= set_of(leaf);
	}
}

/**
 * shadow_invalidate() - what was cached of a domain is gone
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
		dom->cached[s] = set_of(sh->leaf[dom->table][s]);
}

/**
 * shadow_new_domain() - a stage-1 domain is made
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

	if (dev->where == ON_DOMAIN)
		sh->domain[dev->index].users--;
	dev->where = DETACHED;
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
		.where = ON_PARENT,
		.index = parent,
	};
}

/* To another domain of the same table and parent the unit sees no change. */
static void inherit(struct shadow *sh, const struct shadow_device *dev,
		    struct shadow_domain *dom)
{
	const struct shadow_domain *old = &sh->domain[dev->index];
	int s;

	if (dev->where != ON_DOMAIN || old->table != dom->table ||
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
 * What may be cached of a domain is of all devices that it is attached to; it
 * is gone with the last one.
 */
void shadow_attach_domain(struct shadow *sh, int device, int domain)
{
	struct shadow_device *dev = &sh->device[device];
	struct shadow_domain *dom = &sh->domain[domain];

	if (dev->where == ON_DOMAIN && dev->index == domain)
		return;
	if (!dom->users)
		shadow_invalidate(sh, domain, 0, SHADOW_SLOTS - 1);
	inherit(sh, dev, dom);
	shadow_detach(sh, device);
	dom->users++;
	*dev = (struct shadow_device) { .where = ON_DOMAIN, .index = domain };
}

static bool fits(const struct shadow *sh, const struct shadow_access *a,
		 int frame, enum rights rights)
{
	const struct shadow_frame *f = &sh->frame[frame];

	if (rights > f->rights)
		rights = f->rights;
	if (rights < (a->write ? READ_WRITE : READ_ONLY))
		return a->faulted;
	return !a->faulted && (!a->read || a->seen == sh->word[f->backing]);
}

/**
 * shadow_allows() - can it be that a device's access ended like this?
 * @sh: model
 * @device: which device
 * @slot: slot of the guest's table; or frame, of a device on a parent
 * @a: the access
 *
 * Return: true if it can.
 */
bool shadow_allows(const struct shadow *sh, int device, int slot,
		   const struct shadow_access *a)
{
	const struct shadow_device *dev = &sh->device[device];
	__u32 set;
	int bit;

	switch (dev->where) {
	case DETACHED:
		return a->faulted;
	case ON_PARENT:
		return fits(sh, a, slot, READ_WRITE);
	case ON_DOMAIN:
		break;
	}
	set = sh->domain[dev->index].cached[slot];
	if (set & 1 && a->faulted)
		return true;
	for (bit = 1; bit < 3 * SHADOW_FRAMES; bit++)
		if (set & 1U << bit && fits(sh, a, bit / 3, bit % 3))
			return true;
	return false;
}
