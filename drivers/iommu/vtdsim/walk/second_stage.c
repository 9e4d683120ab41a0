// SPDX-License-Identifier: GPL-2.0-only
/*
 * Second-stage page walk (VT-d specification sections 3.7, 9.8).
 *
 * An entry is present if it grants reads or writes. Each level can only take
 * rights away. If the PASID-table entry enables accessed and dirty bits, they are
 * set by compare and exchange. An entry that has changed meanwhile is checked
 * again, so that no bit is set in an entry that the walk does not use. An entry that
 * changes each time is a failed update.
 */
#include <linux/minmax.h>

#include "cache/caches.h"
#include "tables/cache_lines.h"
#include "tables/entries.h"
#include "tables/formats.h"
#include "tables/host_memory.h"
#include "unit/fault_reasons.h"
#include "unit/registers.h"
#include "unit/unit.h"
#include "walk/rights.h"
#include "walk/walk.h"

/* State of one walk */
struct second_walk {
	const struct vtdsim_walk *w;
	u64 addr;
	bool want_read;
	bool want_write;
	int level;		/* of the table that is looked at next */
	u64 table;
	bool read;		/* rights so far */
	bool write;
};

/* Can a present entry of this level map a page? Section 11.4.2, SSLPS. */
static bool second_maps_page(const struct vtdsim_caps *caps, int level)
{
	switch (level) {
	case 1:
		return true;
	case 2:
		return caps->cap & VTDSIM_CAP_SSLPS_2M;
	case 3:
		return caps->cap & VTDSIM_CAP_SSLPS_1G;
	default:
		return false;
	}
}

static bool second_is_leaf(const struct vtdsim_caps *caps, u64 pte, int level)
{
	return level == 1 ||
	       (pte & TBL_PTE_PS && second_maps_page(caps, level));
}

static u64 second_reserved(const struct vtdsim_caps *caps, bool leaf, int level)
{
	u64 reserved = GENMASK_ULL(51, caps->haw) | TBL_SS_RESERVED_62;

	if (!leaf)
		return reserved | TBL_SS_SNP | TBL_PTE_PS;
	if (!(caps->ecap & VTDSIM_ECAP_SC))
		reserved |= TBL_SS_SNP;
	if (level > 1)
		reserved |= GENMASK_ULL(tbl_shift(level) - 1, 12);
	return reserved;
}

/* Start below the lowest entry that is cached, or at the root */
static void second_start(struct second_walk *s)
{
	const struct vtdsim_pasid *pe = s->w->pe;
	struct vtdsim_psc psc;
	int level;

	s->level = pe->ss_levels;
	s->table = pe->ss_root;
	s->read = true;
	s->write = true;
	for (level = 2; level <= pe->ss_levels; level++) {
		if (!vtdsim_cache_find_psc(s->w->cache, VTDSIM_STAGE_SECOND, pe,
					   s->w->pasid, s->addr, level, &psc))
			continue;
		s->level = level - 1;
		s->table = psc.table;
		s->read = psc.read;
		s->write = psc.write;
		return;
	}
}

/* Go down by one level, through the non-leaf entry @pte */
static void second_descend(struct second_walk *s, u64 pte)
{
	struct vtdsim_psc psc = { .user = true };

	s->table = pte & TBL_PTE_ADDR;
	s->read &= !!(pte & TBL_SS_R);
	s->write &= !!(pte & TBL_SS_W);
	psc.table = s->table;
	psc.read = s->read;
	psc.write = s->write;
	vtdsim_cache_add_psc(s->w->cache, VTDSIM_STAGE_SECOND, s->w->pe,
			     s->w->pasid, s->addr, s->level, &psc);
	if (s->w->look)
		s->w->look->second[s->level] = psc;
	s->level--;
}

static void second_map(const struct second_walk *s, u64 pte,
		       struct vtdsim_map *map)
{
	u64 offset = GENMASK_ULL(tbl_shift(s->level) - 1, 0);

	*map = (struct vtdsim_map) {
		.in = s->addr & ~offset,
		.out = pte & TBL_PTE_ADDR & ~offset,
		.shift = tbl_shift(s->level),
		.read = s->read && pte & TBL_SS_R,
		.write = s->write && pte & TBL_SS_W,
		.super_write = s->write && pte & TBL_SS_W,
		.user = true,
		.dirty = !s->w->pe->ssade || pte & TBL_SS_D,
		.snoop = pte & TBL_SS_SNP,
	};
}

static u8 second_check(const struct second_walk *s, u64 pte, bool leaf)
{
	struct vtdsim_map map;

	if (!(pte & (TBL_SS_R | TBL_SS_W)))
		return VTDSIM_FR_SS_PRESENT;
	if (pte & second_reserved(s->w->caps, leaf, s->level))
		return VTDSIM_FR_SS_RESERVED;
	/* An entry that no right is left of counts as not present */
	if (!(s->read && pte & TBL_SS_R) && !(s->write && pte & TBL_SS_W))
		return VTDSIM_FR_SS_PRESENT;
	if (!leaf)
		return 0;

	second_map(s, pte, &map);
	if (s->want_write && !map.write)
		return VTDSIM_FR_WRITE;
	if (s->want_read && !map.read)
		return VTDSIM_FR_READ;
	return vtdsim_check_output(&map, s->addr);
}

/* Sets accessed and dirty bits. Clears *@done if the entry has changed. */
static u8 second_update(const struct second_walk *s, u64 at, u64 *pte,
			bool leaf, bool *done)
{
	const struct vtdsim_pasid *pe = s->w->pe;
	u64 want = *pte;

	*done = true;
	if (!pe->ssade)
		return 0;
	want |= TBL_SS_A;
	if (leaf && s->want_write)
		want |= TBL_SS_D;
	if (want == *pte)
		return 0;
	if (s->w->look) {
		s->w->look->unmarked = true;
		return 0;
	}
	if (!pe->pwsnp)
		return VTDSIM_FR_SS_AD_NO_SNOOP;
	if (!vtdsim_mem_cmpxchg64(at, pte, want, done))
		return VTDSIM_FR_SS_AD_UPDATE;
	if (*done)
		*pte = want;
	return 0;
}

/* Reads and checks the entry of this level, and sets its bits */
static u8 second_entry(const struct second_walk *s, u64 *pte, bool *leaf)
{
	/* Section 3.10: paging structures are snooped if software asks for it */
	struct vtdsim_lines *lines = s->w->pe->pwsnp ? NULL : s->w->caps->lines;
	u64 at = tbl_pte(s->table, s->addr, s->level);
	unsigned int tries = 0;
	bool done;
	u8 reason;

	if (!vtdsim_lines_read64(lines, at, TBL_SS_IGNORED, pte))
		return s->level == s->w->pe->ss_levels ?
			VTDSIM_FR_SS_ROOT_ACCESS : VTDSIM_FR_SS_ACCESS;
	do {
		if (tries++ == VTDSIM_WALK_TRIES)
			return VTDSIM_FR_SS_AD_UPDATE;
		*leaf = second_is_leaf(s->w->caps, *pte, s->level);
		reason = second_check(s, *pte, *leaf);
		if (!reason)
			reason = second_update(s, at, pte, *leaf, &done);
	} while (!reason && !done);
	return reason;
}

/**
 * vtdsim_walk_second() - translate an address by the second stage
 * @w: the unit, and a PASID-table entry that has a second stage
 * @addr: input address, a guest address when nested
 * @read: reads are asked for
 * @write: writes are asked for
 * @map: the translation, set only on success
 *
 * Sets accessed bits on the way and the dirty bit for @write, if enabled.
 * Entries passed before a fault keep their accessed bit.
 *
 * Context: Any. The caller holds what protects @w->cache and the lines of
 *	@w->caps, if there are any.
 * Return: 0 or the fault reason.
 */
u8 vtdsim_walk_second(const struct vtdsim_walk *w, u64 addr, bool read,
		      bool write, struct vtdsim_map *map)
{
	struct second_walk s = {
		.w = w,
		.addr = addr,
		.want_read = read,
		.want_write = write,
	};
	bool leaf;
	u8 reason;
	u64 pte;

	if (addr & tbl_beyond(vtdsim_second_width(w->caps, w->pe)))
		return VTDSIM_FR_WIDTH;

	second_start(&s);
	for (;;) {
		reason = second_entry(&s, &pte, &leaf);
		if (reason)
			return reason;
		if (leaf)
			break;
		second_descend(&s, pte);
	}
	second_map(&s, pte, map);
	if (w->look)
		w->look->dirty = map->dirty;
	return 0;
}
