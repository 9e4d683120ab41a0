// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rule checker: entries changed while they are present.
 *
 * The unit reads an entry in pieces of 128 bits. Each piece is read atomically, the
 * entry is not. Software may change one piece of a present entry. To change more,
 * it has to clear the present bit, invalidate, and only then write (section
 * 6.5.3.3). A cached entry that is still present in memory, but differs there in
 * more than one piece, was therefore changed in the wrong way.
 */
#include <linux/array_size.h>

#include "cache/internals.h"
#include "rules/rules.h"
#include "tables/formats.h"
#include "tables/host_memory.h"
#include "unit/unit.h"
#include "unit/violation.h"

#define PIECE_QWORDS	2

static_assert(TBL_CTX0_P == TBL_PASID0_P);

/* Number of pieces that differ in memory; 0 if the entry is not present there */
static unsigned int rule_pieces_changed(u64 at, const u64 *raw, unsigned int qwords)
{
	u64 now[TBL_PASID_QWORDS];
	unsigned int i, changed = 0;

	if (!at || !vtdsim_mem_read(at, now, qwords * sizeof(u64)) ||
	    !(now[0] & TBL_PASID0_P))
		return 0;
	for (i = 0; i < qwords; i += PIECE_QWORDS)
		changed += now[i] != raw[i] || now[i + 1] != raw[i + 1];
	return changed;
}

static void rule_check_entry(struct vtdsim_unit *unit, struct vtdsim_cached *e,
			     const char *what, u64 at, const u64 *raw, unsigned int qwords)
{
	unsigned int changed;
	char text[VTDSIM_TEXT];

	if (e->told)
		return;
	changed = rule_pieces_changed(at, raw, qwords);
	if (changed < 2)
		return;
	e->told = true;
	vtdsim_violation(unit, "6.5.3.3",
			 "%s entry at %#llx changed in %u pieces while present; %s",
			 what, at, changed, vtdsim_cached_describe(e, text));
}

/**
 * vtdsim_rule_entries() - was a present entry changed in several pieces?
 * @unit: the unit, of which all cached entries are checked
 *
 * To be called before entries are invalidated, and when software is told that
 * invalidations are complete. Each entry is reported once.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_rule_entries(struct vtdsim_unit *unit)
{
	struct vtdsim_cache *c = unit->cache;
	struct vtdsim_cached *e;

	if (!c)
		return;
	list_for_each_entry(e, &c->live[VTDSIM_KIND_CONTEXT], live)
		rule_check_entry(unit, e, "context", e->ctx.at, e->ctx.raw,
				 ARRAY_SIZE(e->ctx.raw));
	list_for_each_entry(e, &c->live[VTDSIM_KIND_PASID], live)
		rule_check_entry(unit, e, "PASID-table", e->pe.at, e->pe.raw,
				 ARRAY_SIZE(e->pe.raw));
}
