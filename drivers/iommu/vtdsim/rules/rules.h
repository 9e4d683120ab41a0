/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The rule checker: mistakes of software that the specification forbids and
 * hardware does not report. It is an observer of a unit (unit/observer.h).
 */
#ifndef _VTDSIM_RULES_H
#define _VTDSIM_RULES_H

#include <linux/container_of.h>
#include <linux/list.h>
#include <linux/types.h>

#include "cache/caches.h"
#include "unit/observer.h"

struct vtdsim_cached;
struct vtdsim_now;
struct vtdsim_pasid;
struct vtdsim_unit;

/**
 * struct vtdsim_sent - addresses that a device-TLB invalidation was about
 * @first: first address
 * @last: last address
 * @born: &vtdsim_cache.births at that time
 * @pasid: 0 unless @with_pasid
 * @sid: endpoint
 * @with_pasid: the invalidation was PASID-based
 * @all_pasids: it was for all PASIDs
 * @waited: a wait descriptor has come since
 */
struct vtdsim_sent {
	u64 first;
	u64 last;
	u64 born;
	u32 pasid;
	u16 sid;
	bool with_pasid;
	bool all_pasids;
	bool waited;
};

/**
 * struct vtdsim_sent_list - the last of them, oldest first
 * @s: elements
 * @count: number of elements
 */
struct vtdsim_sent_list {
	struct vtdsim_sent s[16];
	unsigned int count;
};

/**
 * struct vtdsim_refetch - a translation that a device TLB may have again
 * @sent: the invalidation that was too early; its addresses are those of the
 *	translation that are still to be made up for
 * @map: the translation, as it was in the IOTLB
 * @epoch: vtdsim_requester_ops.epoch at that time
 */
struct vtdsim_refetch {
	struct vtdsim_sent sent;
	struct vtdsim_map map;
	u32 epoch;
};

#define VTDSIM_MAX_REFETCHES		64

/**
 * struct vtdsim_order - device-TLB invalidations that came too early, or may have
 * @sent: those of translations that were in the IOTLB
 * @wrong: those whose addresses were invalidated in the IOTLB afterwards, before the
 *	next wait descriptor
 * @late: translations that were invalidated in the IOTLB afterwards, oldest first
 * @late_count: number of them
 */
struct vtdsim_order {
	struct vtdsim_sent_list sent;
	struct vtdsim_sent_list wrong;
	struct vtdsim_refetch late[VTDSIM_MAX_REFETCHES];
	unsigned int late_count;
};

/**
 * struct vtdsim_rules - the rule checker of a unit
 * @observer: the observer that the unit calls
 * @unit: the unit
 * @order: state of the rule about the order of IOTLB and device-TLB invalidations
 * @watch: on the list of rule checkers that watch pages being freed
 */
struct vtdsim_rules {
	struct vtdsim_observer observer;
	struct vtdsim_unit *unit;
	struct vtdsim_order order;
	struct list_head watch;
};

/**
 * vtdsim_unit_rules() - the rule checker of a unit
 * @unit: the unit
 *
 * Return: what vtdsim_rules_install() has installed in it.
 */
static inline struct vtdsim_rules *vtdsim_unit_rules(const struct vtdsim_unit *unit)
{
	return container_of(unit->observer, struct vtdsim_rules, observer);
}

void vtdsim_rules_install(struct vtdsim_rules *rules, struct vtdsim_unit *unit);

/* ---- conflicting_tags.c; lock held ---- */

bool vtdsim_rule_tags(struct vtdsim_unit *unit, u16 sid, u32 pasid,
		      const struct vtdsim_pasid *pe);

/* ---- changed_entries.c, reused_tags.c: entries against caches; lock held ---- */

void vtdsim_rule_entries(struct vtdsim_unit *unit);
void vtdsim_rule_reuse(struct vtdsim_unit *unit, u16 sid, u32 pasid,
		       const struct vtdsim_pasid *pe);

/* ---- order.c, order_late.c: descriptors in the queue; lock held ---- */

void vtdsim_rule_order(struct vtdsim_unit *unit, u32 type, const u64 *desc);
void vtdsim_order_note_late(struct vtdsim_unit *unit, const struct vtdsim_sent *s,
			    const struct vtdsim_cached *e);
bool vtdsim_order_take_out(struct vtdsim_sent *old, const struct vtdsim_sent *s, bool complaint);
void vtdsim_order_make_up(struct vtdsim_unit *unit, const struct vtdsim_sent *s);
unsigned int vtdsim_order_copy_late(struct vtdsim_unit *unit, struct vtdsim_refetch *copies);
bool vtdsim_order_forget_late(struct vtdsim_unit *unit, const struct vtdsim_refetch *copy);
/* Process context, without the lock. */
const char *vtdsim_order_compare_late(const struct vtdsim_now *now, const struct vtdsim_refetch *l);

/* ---- freed_memory.c, freed_translations.c: memory that is still in use ---- */

/* Any context; takes the unit's lock. */
void vtdsim_rule_freed(struct vtdsim_unit *unit, u64 hpa, u64 size);
/* Lock held. */
void vtdsim_rule_lent(struct vtdsim_unit *unit, u64 hpa, u64 size);
void vtdsim_rule_roots(struct vtdsim_unit *unit, u16 sid, u32 pasid,
		       const struct vtdsim_pasid *pe);
/* May sleep. From here on, vtdsim_rule_freed() is called for each page freed. */
int vtdsim_watch(struct vtdsim_unit *unit);
void vtdsim_unwatch(struct vtdsim_unit *unit);

/* ---- unanswered_requests.c: page requests; lock held ---- */

unsigned int vtdsim_rule_unanswered(struct vtdsim_unit *unit);

/* ---- audit.c: caches that no longer say what the tables say ---- */

/* May sleep; takes the unit's lock. */
int vtdsim_audit(struct vtdsim_unit *unit);

#endif /* _VTDSIM_RULES_H */
