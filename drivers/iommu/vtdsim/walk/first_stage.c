// SPDX-License-Identifier: GPL-2.0-only
/*
 * First-stage page walk, alone and nested (VT-d specification sections 3.6,
 * 3.8, 9.7).
 *
 * When nested, tables are at guest addresses: the second stage must allow reads
 * of a table, and writes where a flag has to be set in it. The address of the page
 * is a guest address, too, and goes through the second stage with the rights that
 * the request needs.
 *
 * Flags are set in the order of the walk, each after its entry was found valid:
 * accessed in each entry passed, accessed in the leaf after the first stage has
 * allowed the request, and dirty after both stages have.
 */
#include <linux/bitops.h>
#include <linux/minmax.h>

#include "cache/caches.h"
#include "tables/cache_lines.h"
#include "tables/entries.h"
#include "tables/formats.h"
#include "tables/host_memory.h"
#include "unit/fault_reasons.h"
#include "unit/messages.h"
#include "unit/registers.h"
#include "unit/unit.h"
#include "walk/rights.h"
#include "walk/walk.h"

/* State of one walk */
struct first_walk {
	const struct vtdsim_walk *w;
	const struct vtdsim_req *req;
	bool nested;
	int level;		/* of the table that is looked at next */
	u64 guest;		/* address of the table in the entry above */
	u64 host;		/* the same, translated by the second stage when nested */
	bool write;		/* rights so far */
	bool user;
};

/*
 * Second-stage translation of the table at @f->guest. General faults have fault
 * reasons of their own when they are about a table: SFS.5 to SFS.8.
 */
static u8 first_translate_table(const struct first_walk *f, bool write,
				u64 *host)
{
	struct vtdsim_map map;
	u8 reason;

	reason = vtdsim_walk_second(f->w, f->guest, true, write, &map);
	/* With second-stage flags enabled, a table must be writable */
	if (!reason && f->w->pe->ssade && !map.write)
		reason = VTDSIM_FR_WRITE;
	switch (reason) {
	case 0:
		*host = map.out + (f->guest - map.in);
		return 0;
	case VTDSIM_FR_WIDTH:
		return VTDSIM_FR_FS_NEST_WIDTH;
	case VTDSIM_FR_WRITE:
		return VTDSIM_FR_FS_NEST_WRITE;
	case VTDSIM_FR_READ:
		return f->level == f->w->pe->fs_levels ?
			VTDSIM_FR_FS_NEST_ROOT_READ : VTDSIM_FR_FS_NEST_READ;
	default:
		return reason;
	}
}

/* Go to the table of level @level at @guest */
static u8 first_open_table(struct first_walk *f, u64 guest, int level)
{
	f->guest = guest;
	f->level = level;
	if (f->nested)
		return first_translate_table(f, false, &f->host);
	f->host = guest;
	return 0;
}

/* Start below the lowest entry that is cached, or at the root */
static u8 first_start(struct first_walk *f)
{
	const struct vtdsim_pasid *pe = f->w->pe;
	struct vtdsim_psc psc;
	int level;

	for (level = 2; level <= pe->fs_levels; level++) {
		if (!vtdsim_cache_find_psc(f->w->cache, VTDSIM_STAGE_FIRST, pe,
					   f->w->pasid, f->req->addr, level,
					   &psc))
			continue;
		f->level = level - 1;
		f->guest = psc.guest;
		f->host = psc.table;
		f->write = psc.write;
		f->user = psc.user;
		return 0;
	}

	f->write = true;
	f->user = true;
	return first_open_table(f, pe->fs_root, pe->fs_levels);
}

/* Go down by one level, through the non-leaf entry @pte */
static u8 first_descend(struct first_walk *f, u64 pte)
{
	struct vtdsim_psc psc;
	u8 reason;

	f->write &= !!(pte & TBL_FS_RW);
	f->user &= !!(pte & TBL_FS_US);
	reason = first_open_table(f, pte & TBL_PTE_ADDR, f->level - 1);
	if (reason)
		return reason;
	psc = (struct vtdsim_psc) {
		.table = f->host,
		.guest = f->guest,
		.read = true,
		.write = f->write,
		.user = f->user,
	};
	vtdsim_cache_add_psc(f->w->cache, VTDSIM_STAGE_FIRST, f->w->pe,
			     f->w->pasid, f->req->addr, f->level + 1, &psc);
	if (f->w->look)
		f->w->look->first[f->level + 1] = psc;
	return 0;
}

static bool first_is_leaf(const struct vtdsim_caps *caps, u64 pte, int level)
{
	switch (level) {
	case 1:
		return true;
	case 2:
		return pte & TBL_PTE_PS;
	case 3:
		return pte & TBL_PTE_PS && caps->cap & VTDSIM_CAP_FS1GP;
	default:
		return false;
	}
}

/*
 * When nested, the address in an entry is a guest address, but limited to the
 * host address width. Beyond the second stage's width, it is SFS.5.
 */
static u64 first_reserved(const struct first_walk *f, bool leaf)
{
	u64 reserved = GENMASK_ULL(51, f->w->caps->haw);

	if (!leaf)
		reserved |= TBL_PTE_PS;
	else if (f->level > 1)
		reserved |= GENMASK_ULL(tbl_shift(f->level) - 1, 12) &
			    ~TBL_FS_LARGE_PAT;
	return reserved;
}

/* The translation by the leaf @pte, before the second stage */
static void first_map(const struct first_walk *f, u64 pte,
		      struct vtdsim_map *map)
{
	u64 offset = GENMASK_ULL(tbl_shift(f->level) - 1, 0);
	bool write = f->write && pte & TBL_FS_RW;

	*map = (struct vtdsim_map) {
		.in = f->req->addr & ~offset,
		.out = pte & TBL_PTE_ADDR & ~offset,
		.shift = tbl_shift(f->level),
		.read = true,
		.write = write,
		.super_write = write || !f->w->pe->wpe,
		.user = f->user && pte & TBL_FS_US,
		.dirty = pte & TBL_FS_D,
	};
}

static u8 first_check(const struct first_walk *f, u64 pte, bool leaf)
{
	struct vtdsim_map map;
	u8 reason;

	if (!(pte & TBL_FS_P))
		return VTDSIM_FR_FS_PRESENT;
	if (pte & first_reserved(f, leaf))
		return VTDSIM_FR_FS_RESERVED;
	if (!leaf)
		return 0;

	first_map(f, pte, &map);
	reason = vtdsim_check_first(f->req, &map);
	if (!reason && !f->nested)
		reason = vtdsim_check_output(&map, f->req->addr);
	return reason;
}

/*
 * Erratum 772415 (Sapphire and Emerald Rapids): the unit sets flags in a table
 * although the second stage maps it read-only. The address is known from opening
 * the table for reads.
 */
static bool first_ignores_read_only(const struct first_walk *f, u8 reason)
{
	return reason == VTDSIM_FR_FS_NEST_WRITE && f->w->caps->erratum_772415;
}

/*
 * Second-stage translation of the page. An address beyond its width that comes
 * from the first stage has a fault reason of its own: SFS.5.
 */
static u8 first_translate_page(const struct first_walk *f,
			       const struct vtdsim_map *map, bool write,
			       struct vtdsim_map *ss)
{
	u64 guest = map->out + (f->req->addr - map->in);
	u8 reason;

	reason = vtdsim_walk_second(f->w, guest, f->req->read, write, ss);
	return reason == VTDSIM_FR_WIDTH ? VTDSIM_FR_FS_NEST_WIDTH : reason;
}

/*
 * Does the second stage allow a write to the page? Unlike the accessed flag, the
 * dirty flag must not be set for a request that is blocked (section 3.6.2).
 */
static u8 first_check_write(const struct first_walk *f, u64 pte)
{
	struct vtdsim_map map, ss;
	u8 reason;

	first_map(f, pte, &map);
	reason = first_translate_page(f, &map, false, &ss);
	if (!reason && !ss.write)
		reason = VTDSIM_FR_WRITE;
	return reason;
}

/* Sets accessed and dirty flags. Clears *@done if the entry has changed. */
static u8 first_update(const struct first_walk *f, u64 at, u64 *pte, bool leaf,
		       bool *done)
{
	const struct vtdsim_pasid *pe = f->w->pe;
	u64 want = *pte | TBL_FS_A;
	u8 reason;
	u64 host;

	*done = true;
	if (pe->eafe)
		want |= TBL_FS_EA;
	if (leaf && f->req->write)
		want |= TBL_FS_D;
	if (want == *pte)
		return 0;
	if (f->w->look) {
		f->w->look->unmarked = true;
		return 0;
	}
	if (!pe->pwsnp)
		return VTDSIM_FR_FS_AD_NO_SNOOP;
	if (f->nested) {
		if (want & ~*pte & TBL_FS_D) {
			reason = first_check_write(f, *pte);
			if (reason)
				return reason;
		}
		/* Checks the right to write, sets the second stage's dirty bit */
		reason = first_translate_table(f, true, &host);
		if (reason && !first_ignores_read_only(f, reason))
			return reason;
	}
	if (!vtdsim_mem_cmpxchg64(at, pte, want, done))
		return VTDSIM_FR_FS_AD_UPDATE;
	if (*done)
		*pte = want;
	return 0;
}

/*
 * Section 3.10. When nested, tables are read as the CPUs see them: the model does
 * not learn of flushes by a guest.
 */
static struct vtdsim_lines *first_lines(const struct first_walk *f)
{
	return f->w->pe->pwsnp || f->nested ? NULL : f->w->caps->lines;
}

/* Reads and checks the entry of this level, and sets its flags */
static u8 first_entry(const struct first_walk *f, u64 *pte, bool *leaf)
{
	u64 at = tbl_pte(f->host, f->req->addr, f->level);
	unsigned int tries = 0;
	bool done;
	u8 reason;

	if (!vtdsim_lines_read64(first_lines(f), at, TBL_FS_IGNORED, pte))
		return f->level == f->w->pe->fs_levels ?
			VTDSIM_FR_FS_ROOT_ACCESS : VTDSIM_FR_FS_ACCESS;
	do {
		if (tries++ == VTDSIM_WALK_TRIES)
			return VTDSIM_FR_FS_AD_UPDATE;
		*leaf = first_is_leaf(f->w->caps, *pte, f->level);
		reason = first_check(f, *pte, *leaf);
		if (!reason)
			reason = first_update(f, at, pte, *leaf, &done);
	} while (!reason && !done);
	return reason;
}

/* Combine a first-stage translation with the second stage */
static u8 first_nest(const struct first_walk *f, struct vtdsim_map *map)
{
	const struct vtdsim_req *req = f->req;
	u64 guest = map->out + (req->addr - map->in);
	struct vtdsim_map ss;
	u64 offset;
	u8 reason;

	reason = first_translate_page(f, map, req->write, &ss);
	if (reason)
		return reason;

	map->shift = min(map->shift, ss.shift);
	offset = BIT_ULL(map->shift) - 1;
	map->in = req->addr & ~offset;
	map->out = ss.out + ((guest & ~offset) - ss.in);
	map->read &= ss.read;
	map->write &= ss.write;
	map->super_write &= ss.write;
	map->dirty &= ss.dirty;
	map->snoop = ss.snoop;
	return 0;
}

static bool first_canonical(const struct vtdsim_pasid *pe, u64 addr)
{
	return (u64)sign_extend64(addr, tbl_shift(pe->fs_levels + 1) - 1) == addr;
}

/**
 * vtdsim_walk_first() - translate a request by the first stage, or by both
 * @w: the unit, and a PASID-table entry whose translation type is first stage
 *	or nested
 * @req: the request; read or write or both are asked for
 * @map: the translation to host addresses; has a meaning only on success
 *
 * Context: Any. The caller holds what protects @w->cache and the lines of
 *	@w->caps, if there are any.
 * Return: 0 or the fault reason.
 */
u8 vtdsim_walk_first(const struct vtdsim_walk *w, const struct vtdsim_req *req,
		     struct vtdsim_map *map)
{
	struct first_walk f = {
		.w = w,
		.req = req,
		.nested = w->pe->pgtt == VTDSIM_PGTT_NESTED,
	};
	bool leaf;
	u8 reason;
	u64 pte;

	if (!first_canonical(w->pe, req->addr))
		return VTDSIM_FR_CANONICAL;

	reason = first_start(&f);
	while (!reason) {
		reason = first_entry(&f, &pte, &leaf);
		if (reason)
			break;
		if (leaf) {
			first_map(&f, pte, map);
			return f.nested ? first_nest(&f, map) : 0;
		}
		reason = first_descend(&f, pte);
	}
	return reason;
}
