// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that cache entries refer to: the tables that a walk continues at, and the
 * page of a mapping.
 */
#include <linux/bitmap.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "cache/internals.h"
#include "tables/entries.h"
#include "tables/formats.h"

/**
 * struct vtdsim_span - a range of memory that an entry refers to
 * @what: name for messages; NULL ends a list
 * @first: host address
 * @bytes: size
 */
struct vtdsim_span {
	const char *what;
	u64 first;
	u64 bytes;
};

#define VTDSIM_MAX_SPANS	3

static void vtdsim_context_spans(const struct vtdsim_context *ctx, struct vtdsim_span *s)
{
	s[0] = (struct vtdsim_span){ "context table", ctx->at & PAGE_MASK, PAGE_SIZE };
	s[1] = (struct vtdsim_span){
		"PASID directory", ctx->pasid_dir,
		max(ctx->pasids >> TBL_PASID_TABLE_SHIFT, 1U) * TBL_DIR_BYTES,
	};
}

/* The root of a nested first stage is a guest address: not included. */
static void vtdsim_pasid_spans(const struct vtdsim_pasid *pe, struct vtdsim_span *s)
{
	*s++ = (struct vtdsim_span){ "PASID table", pe->at & PAGE_MASK, PAGE_SIZE };
	if (vtdsim_uses_second_stage(pe))
		*s++ = (struct vtdsim_span){
			"second-stage root", pe->ss_root, PAGE_SIZE,
		};
	else if (pe->pgtt == VTDSIM_PGTT_FIRST)
		*s++ = (struct vtdsim_span){
			"first-stage root", pe->fs_root, PAGE_SIZE,
		};
}

static void vtdsim_cached_spans(const struct vtdsim_cached *e,
				struct vtdsim_span s[VTDSIM_MAX_SPANS + 1])
{
	memset(s, 0, (VTDSIM_MAX_SPANS + 1) * sizeof(*s));
	switch (e->key.kind) {
	case VTDSIM_KIND_CONTEXT:
		vtdsim_context_spans(&e->ctx, s);
		break;
	case VTDSIM_KIND_PASID:
		vtdsim_pasid_spans(&e->pe, s);
		break;
	case VTDSIM_KIND_PSC_SECOND:
		s[0] = (struct vtdsim_span){
			"second-stage table", e->psc.table, PAGE_SIZE,
		};
		break;
	case VTDSIM_KIND_PSC_FIRST:
		s[0] = (struct vtdsim_span){
			"first-stage table", e->psc.table, PAGE_SIZE,
		};
		break;
	default:
		s[0] = (struct vtdsim_span){
			"mapped page", e->map.out, BIT_ULL(e->map.shift),
		};
		break;
	}
}

/**
 * vtdsim_cache_note_references() - note which memory an entry refers to
 * @c: the caches
 * @e: an entry of them, just filled
 *
 * Context: Caller holds the lock of the caches' unit.
 */
void vtdsim_cache_note_references(struct vtdsim_cache *c, const struct vtdsim_cached *e)
{
	struct vtdsim_span spans[VTDSIM_MAX_SPANS + 1], *s;

	vtdsim_cached_spans(e, spans);
	for (s = spans; s->what; s++) {
		u64 pages = DIV_ROUND_UP(s->bytes, PAGE_SIZE);
		unsigned int first = PHYS_PFN(s->first) % VTDSIM_REFERRED_PAGES;
		unsigned int n = min(pages, VTDSIM_REFERRED_PAGES - first);

		if (pages >= VTDSIM_REFERRED_PAGES) {
			bitmap_fill(c->referred, VTDSIM_REFERRED_PAGES);
			return;
		}
		bitmap_set(c->referred, first, n);
		bitmap_set(c->referred, 0, pages - n);
	}
}

/**
 * vtdsim_cache_forget_references() - forget which memory entries refer to
 * @c: the caches; the caller notes the references of all entries again
 *
 * This takes out memory that no entry refers to any more.
 *
 * Context: Caller holds the lock of the caches' unit.
 */
void vtdsim_cache_forget_references(struct vtdsim_cache *c)
{
	bitmap_zero(c->referred, VTDSIM_REFERRED_PAGES);
}

/**
 * vtdsim_cache_may_refer() - may entries refer to some memory?
 * @c: the caches
 * @hpa: host address
 * @size: bytes
 *
 * Context: Any, without the lock. An entry that refers to memory which is being
 *	freed was made, and noted, before software came to free it.
 * Return: false if none does.
 */
bool vtdsim_cache_may_refer(const struct vtdsim_cache *c, u64 hpa, u64 size)
{
	u64 pfn;

	for (pfn = PHYS_PFN(hpa); pfn < PHYS_PFN(hpa + size); pfn++)
		/* No race: a bit that is being set meanwhile is that of memory in use. */
		if (data_race(test_bit(pfn % VTDSIM_REFERRED_PAGES, c->referred)))
			return true;
	return false;
}

/**
 * vtdsim_cached_refers() - does an entry refer to some memory?
 * @e: the entry
 * @hpa: host address
 * @size: bytes
 *
 * Context: Caller holds the lock of the caches' unit.
 * Return: what the memory is to the entry, for messages; NULL if nothing.
 */
const char *vtdsim_cached_refers(const struct vtdsim_cached *e, u64 hpa, u64 size)
{
	struct vtdsim_span spans[VTDSIM_MAX_SPANS + 1], *s;

	vtdsim_cached_spans(e, spans);
	for (s = spans; s->what; s++)
		if (s->first < hpa + size && hpa < s->first + s->bytes)
			return s->what;
	return NULL;
}
