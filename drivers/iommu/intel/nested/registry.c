// SPDX-License-Identifier: GPL-2.0-only
/*
 * All nest parents and stage-1 domains, in the order in which they were made, for
 * those who show them. Each has a number that is never used again.
 */

#include <linux/maple_tree.h>
#include <linux/mutex.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include "compat.h"

static DEFINE_MUTEX(vtd_registry_lock);
static DECLARE_WAIT_QUEUE_HEAD(vtd_registry_unpinned);
static DEFINE_XARRAY(vtd_registry_domains);
static DEFINE_XARRAY(vtd_registry_parents);
static unsigned long vtd_registry_last_id;
static atomic_t vtd_registry_changes;

/**
 * vtd_registry_changed() - something that a reader shows has come, gone or moved
 *
 * Called before the lock is released that the change was made under, so that a
 * reader who has seen the change sees the new generation, too.
 *
 * Context: Any.
 */
void vtd_registry_changed(void)
{
	atomic_inc(&vtd_registry_changes);
}

/**
 * vtd_registry_generation() - which state of the objects this is
 *
 * Context: Any.
 * Return: another number, never 0, after each change.
 */
unsigned int vtd_registry_generation(void)
{
	return atomic_read(&vtd_registry_changes) << 1 | 1;
}

static int vtd_registry_add(struct xarray *objects, void *object, unsigned long *id)
{
	int ret;

	mutex_lock(&vtd_registry_lock);
	*id = ++vtd_registry_last_id;
	ret = xa_err(xa_store(objects, *id, object, GFP_KERNEL_ACCOUNT));
	if (!ret)
		vtd_registry_changed();
	mutex_unlock(&vtd_registry_lock);

	return ret;
}

/**
 * vtd_registry_add_domain() - give a stage-1 domain its number and make it known
 * @s1: the domain, ready to be shown
 *
 * Context: Process. May sleep.
 * Return: 0 or -ENOMEM.
 */
int vtd_registry_add_domain(struct vtd_s1_domain *s1)
{
	return vtd_registry_add(&vtd_registry_domains, s1, &s1->id);
}

static bool vtd_registry_erase_unpinned(struct vtd_s1_domain *s1)
{
	bool unpinned;

	mutex_lock(&vtd_registry_lock);
	unpinned = !s1->pins;
	if (unpinned) {
		xa_erase(&vtd_registry_domains, s1->id);
		vtd_registry_changed();
	}
	mutex_unlock(&vtd_registry_lock);

	return unpinned;
}

/**
 * vtd_registry_remove_domain() - forget a stage-1 domain
 * @s1: the domain; when this returns nobody who shows it uses it
 *
 * Context: Process. May sleep.
 */
void vtd_registry_remove_domain(struct vtd_s1_domain *s1)
{
	while (!vtd_registry_erase_unpinned(s1))
		wait_event(vtd_registry_unpinned, !READ_ONCE(s1->pins));
}

/**
 * vtd_registry_pin_domain() - find a stage-1 domain and keep it
 * @id: number of the domain
 *
 * Context: Process. May sleep.
 * Return: the domain with the lowest number that is not below @id, for
 * vtd_registry_unpin_domain(), or NULL.
 */
struct vtd_s1_domain *vtd_registry_pin_domain(unsigned long id)
{
	struct vtd_s1_domain *s1;

	mutex_lock(&vtd_registry_lock);
	s1 = xa_find(&vtd_registry_domains, &id, ULONG_MAX, XA_PRESENT);
	if (s1)
		WRITE_ONCE(s1->pins, s1->pins + 1);
	mutex_unlock(&vtd_registry_lock);

	return s1;
}

/**
 * vtd_registry_unpin_domain() - let a domain go
 * @s1: from vtd_registry_pin_domain()
 *
 * Context: Process. May sleep.
 */
void vtd_registry_unpin_domain(struct vtd_s1_domain *s1)
{
	bool last;

	mutex_lock(&vtd_registry_lock);
	WRITE_ONCE(s1->pins, s1->pins - 1);
	last = !s1->pins;
	mutex_unlock(&vtd_registry_lock);
	if (last)
		wake_up_all(&vtd_registry_unpinned);
}

/**
 * vtd_registry_add_parent() - give a nest parent its number and make it known
 * @ext: the extension's state of it, ready to be shown
 *
 * Context: Process. May sleep.
 * Return: 0 or -ENOMEM.
 */
int vtd_registry_add_parent(struct vtd_parent *ext)
{
	return vtd_registry_add(&vtd_registry_parents, ext, &ext->id);
}

/**
 * vtd_registry_remove_parent() - forget a nest parent
 * @ext: the extension's state of it
 *
 * Context: Process. May sleep.
 */
void vtd_registry_remove_parent(struct vtd_parent *ext)
{
	mutex_lock(&vtd_registry_lock);
	xa_erase(&vtd_registry_parents, ext->id);
	vtd_registry_changed();
	mutex_unlock(&vtd_registry_lock);
}

static void vtd_registry_copy_parent(struct vtd_parent *ext, struct vtd_parent_state *state)
{
	struct dmar_domain *parent = ext->domain;
	unsigned long page = 0;

	*state = (struct vtd_parent_state) {
		.id = ext->id,
		.width = vtd_s2_width(parent),
		.levels = agaw_to_level(vtd_s2_agaw(parent)),
	};
	spin_lock(&parent->s1_lock);
	state->dirty = ext->dirty;
	state->force_snooping = parent->force_snooping;
	spin_unlock(&parent->s1_lock);

	mutex_lock(&ext->lock);
	state->read_only = mt_find(&ext->read_only, &page, ULONG_MAX);
	state->exposures = list_count_nodes(&ext->exposures);
	mutex_unlock(&ext->lock);
}

/**
 * vtd_registry_describe_parent() - what there is to say of a nest parent
 * @id: number of the parent
 * @state: filled with that of the parent with the lowest number that is not below
 *	   @id
 *
 * Context: Process. May sleep.
 * Return: false if there is none.
 */
bool vtd_registry_describe_parent(unsigned long id, struct vtd_parent_state *state)
{
	struct vtd_parent *ext;

	mutex_lock(&vtd_registry_lock);
	ext = xa_find(&vtd_registry_parents, &id, ULONG_MAX, XA_PRESENT);
	if (ext)
		vtd_registry_copy_parent(ext, state);
	mutex_unlock(&vtd_registry_lock);

	return ext;
}
