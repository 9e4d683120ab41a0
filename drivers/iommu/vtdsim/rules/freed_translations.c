// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule checker: memory freed while a device TLB has a translation to it.
 *
 * A device writes to it without asking the unit, until its translation is invalidated
 * (section 6.5.2.5). A device that did not answer an invalidation keeps what it has,
 * which is not the fault of software.
 */
#include <linux/mm.h>

#include "cache/internals.h"
#include "rules/rules.h"
#include "unit/requesters.h"
#include "unit/unit.h"
#include "unit/violation.h"

/**
 * struct lent - memory being freed, and translations to it
 * @c: the caches with the filter
 * @hpa: host address
 * @size: bytes
 * @first: the first translation found
 * @count: number of them
 */
struct lent {
	struct vtdsim_cache *c;
	u64 hpa;
	u64 size;
	struct vtdsim_translation first;
	unsigned int count;
};

static void lent_check(void *data, const struct vtdsim_translation *t)
{
	struct lent *l = data;

	/*
	 * All memory is reached where addresses are passed through, and nobody
	 * invalidates it. The same addresses in tables are taken for that.
	 */
	if (t->untranslated || t->in == t->out)
		return;
	vtdsim_cache_keep_lent(l->c, t->out, t->shift);
	if (t->out >= l->hpa + l->size || l->hpa > t->out + (BIT_ULL(t->shift) - 1))
		return;
	if (!l->count++)
		l->first = *t;
}

/**
 * vtdsim_rule_lent() - memory is being freed: may a device still use it?
 * @unit: the unit
 * @hpa: host address
 * @size: bytes
 *
 * Any number of translations in one device TLB counts as one violation.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_rule_lent(struct vtdsim_unit *unit, u64 hpa, u64 size)
{
	struct vtdsim_requester *r;

	vtdsim_cache_collect_lent(unit->cache);
	list_for_each_entry(r, &unit->requesters, node) {
		struct lent l = { .c = unit->cache, .hpa = hpa, .size = size };

		if (!r->ops->each)
			continue;
		r->ops->each(r, lent_check, &l);
		if (l.count && !r->timed_out)
			vtdsim_violation(unit, "6.5.2.5",
					 "memory freed at %#llx while %u translations of %04x lead to it; %s%u address %#llx+%#llx",
					 hpa, l.count, r->sid,
					 l.first.with_pasid ? "PASID " : "no PASID, ",
					 l.first.with_pasid ? l.first.pasid : 0, l.first.in,
					 BIT_ULL(l.first.shift));
	}
	vtdsim_cache_collected_lent(unit->cache);
}
