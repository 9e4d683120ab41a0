// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule checker: translations that a device TLB may have got back, because it was
 * invalidated before the IOTLB was (sections 6.5.2.5, 6.5.2.6).
 *
 * Software may still invalidate the device TLB again, and it may have invalidated the
 * IOTLB in more places than it has changed. So nothing is wrong before an audit, and
 * only if the tables have another translation then.
 */
#include <linux/bits.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "cache/internals.h"
#include "rules/rules.h"
#include "rules/tables_now.h"
#include "unit/requesters.h"
#include "unit/unit.h"

/* 0 for an endpoint that cannot keep translations */
static u32 order_epoch(struct vtdsim_unit *unit, u16 sid)
{
	struct vtdsim_requester *r = vtdsim_requester_find(unit, sid);

	if (!r)
		return 0;
	return r->ops->epoch ? r->ops->epoch(r) : 1;
}

static void order_drop_late(struct vtdsim_order *o, unsigned int i)
{
	o->late_count--;
	memmove(&o->late[i], &o->late[i + 1], (o->late_count - i) * sizeof(o->late[0]));
}

static bool order_same_late(const struct vtdsim_refetch *a, const struct vtdsim_refetch *b)
{
	return a->sent.sid == b->sent.sid && a->sent.pasid == b->sent.pasid &&
	       a->sent.with_pasid == b->sent.with_pasid && a->sent.first == b->sent.first &&
	       a->sent.last == b->sent.last && a->map.in == b->map.in &&
	       a->map.out == b->map.out && a->map.shift == b->map.shift;
}

/**
 * vtdsim_order_note_late() - a mapping is invalidated too late
 * @unit: the unit
 * @s: an invalidation of a device TLB that came before
 * @e: the mapping, in the IOTLB since before that
 *
 * If there are too many, the oldest one is forgotten.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_order_note_late(struct vtdsim_unit *unit, const struct vtdsim_sent *s,
			    const struct vtdsim_cached *e)
{
	struct vtdsim_order *o = &vtdsim_unit_rules(unit)->order;
	struct vtdsim_refetch late = {
		.sent = *s, .map = e->map, .epoch = order_epoch(unit, s->sid),
	};
	unsigned int i;

	if (!late.epoch)
		return;
	late.sent.first = max(s->first, e->key.addr);
	late.sent.last = min(s->last, e->key.addr + (BIT_ULL(e->key.shift) - 1));
	late.sent.all_pasids = false;
	if (s->with_pasid)
		late.sent.pasid = e->key.pasid;
	for (i = 0; i < o->late_count; i++)
		if (order_same_late(&o->late[i], &late))
			return;
	if (o->late_count == VTDSIM_MAX_REFETCHES)
		order_drop_late(o, 0);
	o->late[o->late_count++] = late;
}

/*
 * Does a device drop all that @old is about, as far as addresses go, when it gets @s?
 * Without PASID, an invalidation selects translations of all PASIDs (PCIe 10.3.8).
 */
static bool order_selects(const struct vtdsim_sent *s, const struct vtdsim_sent *old)
{
	if (s->sid != old->sid)
		return false;
	if (!s->with_pasid)
		return true;
	return old->with_pasid &&
	       (s->all_pasids || (!old->all_pasids && s->pasid == old->pasid));
}

/**
 * vtdsim_order_take_out() - an invalidation makes up for an earlier one
 * @old: the earlier one; loses the addresses of @s
 * @s: the invalidation
 * @complaint: @old is to be reported
 *
 * @old is one range, so if addresses are left on both sides of @s, it is not changed.
 * For a @complaint the function returns true then: better no report than a wrong one.
 *
 * Context: Caller holds the unit's lock.
 * Return: true if nothing of @old is left.
 */
bool vtdsim_order_take_out(struct vtdsim_sent *old, const struct vtdsim_sent *s, bool complaint)
{
	if (!order_selects(s, old) || s->first > old->last || s->last < old->first)
		return false;
	if (s->first <= old->first && s->last >= old->last)
		return true;
	if (s->first <= old->first)
		old->first = s->last + 1;
	else if (s->last >= old->last)
		old->last = s->first - 1;
	else
		return complaint;
	return false;
}

/**
 * vtdsim_order_make_up() - a device TLB is invalidated
 * @unit: the unit
 * @s: the invalidation
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_order_make_up(struct vtdsim_unit *unit, const struct vtdsim_sent *s)
{
	struct vtdsim_order *o = &vtdsim_unit_rules(unit)->order;
	unsigned int i;

	for (i = o->late_count; i--;)
		if (vtdsim_order_take_out(&o->late[i].sent, s, true))
			order_drop_late(o, i);
}

/**
 * vtdsim_order_copy_late() - copy the translations that device TLBs may have again
 * @unit: the unit
 * @copies: room for VTDSIM_MAX_REFETCHES of them
 *
 * Those of a device TLB that was disabled or reset meanwhile are forgotten.
 *
 * Context: Caller holds the unit's lock.
 * Return: number of copies.
 */
unsigned int vtdsim_order_copy_late(struct vtdsim_unit *unit, struct vtdsim_refetch *copies)
{
	struct vtdsim_order *o = &vtdsim_unit_rules(unit)->order;
	unsigned int i;

	for (i = o->late_count; i--;)
		if (order_epoch(unit, o->late[i].sent.sid) != o->late[i].epoch)
			order_drop_late(o, i);
	memcpy(copies, o->late, o->late_count * sizeof(*copies));
	return o->late_count;
}

/**
 * vtdsim_order_forget_late() - forget a translation that is to be reported
 * @unit: the unit
 * @copy: copy of it
 *
 * Context: Caller holds the unit's lock.
 * Return: false if it was forgotten before.
 */
bool vtdsim_order_forget_late(struct vtdsim_unit *unit, const struct vtdsim_refetch *copy)
{
	struct vtdsim_order *o = &vtdsim_unit_rules(unit)->order;
	unsigned int i;

	for (i = 0; i < o->late_count; i++) {
		if (order_same_late(&o->late[i], copy)) {
			order_drop_late(o, i);
			return true;
		}
	}
	return false;
}

/* The largest page size up to that of the mapping that fits at an address */
static u8 order_piece(const struct vtdsim_refetch *l, u64 addr)
{
	u8 shift = PAGE_SHIFT;

	while (shift < l->map.shift && !(addr & (BIT_ULL(shift + 9) - 1)) &&
	       l->sent.last - addr >= BIT_ULL(shift + 9) - 1)
		shift += 9;
	return shift;
}

/**
 * vtdsim_order_compare_late() - do the tables still have what a device TLB may have?
 * @now: the tables
 * @l: the translation
 *
 * Context: Process context, may sleep.
 * Return: what is stale about it, or NULL.
 */
const char *vtdsim_order_compare_late(const struct vtdsim_now *now, const struct vtdsim_refetch *l)
{
	const struct vtdsim_map *map = &l->map;
	struct vtdsim_translation t = {
		.pasid = l->sent.pasid,
		.with_pasid = l->sent.with_pasid,
		.priv = !map->user,
		.read = map->read,
		/* The page is marked dirty before a device gets the right to write. */
		.write = map->dirty && (map->user ? map->write : map->super_write),
	};
	const char *wrong;

	for (t.in = l->sent.first; t.in - l->sent.first <= l->sent.last - l->sent.first;
	     t.in += BIT_ULL(t.shift)) {
		t.shift = order_piece(l, t.in);
		t.out = map->out + (t.in - map->in);
		wrong = vtdsim_now_compare_translation(now, l->sent.sid, &t);
		if (wrong)
			return wrong;
	}
	return NULL;
}
