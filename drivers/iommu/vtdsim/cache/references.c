// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that cache entries refer to: the tables that a walk continues at, and the
 * page of a mapping.
 */
#include <linux/compiler.h>
#include <linux/hash.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "cache/internals.h"
#include "tables/entries.h"
#include "tables/formats.h"
#include "unit/unit.h"

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
	case VTDSIM_KIND_IOTLB_PASS:
		/* All memory is reached where addresses are passed through. */
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

static const u8 references_shifts[VTDSIM_SIZES] = { 12, 21, 30 };

/* Index of the size of what an entry refers to */
static unsigned int references_size(const struct vtdsim_cached *e)
{
	bool map = e->key.kind == VTDSIM_KIND_IOTLB_SECOND ||
		   e->key.kind == VTDSIM_KIND_IOTLB_FIRST;

	return map ? (e->map.shift - references_shifts[0]) / 9 : 0;
}

static struct hlist_head *references_bucket(struct vtdsim_cache *c, unsigned int size,
					    u64 hpa)
{
	u64 place = hpa >> references_shifts[size];

	return &c->memory[hash_64(place * VTDSIM_SIZES + size, VTDSIM_CACHE_BITS)];
}

static void references_count(struct vtdsim_cache *c, const struct vtdsim_cached *e, int by)
{
	struct vtdsim_span spans[VTDSIM_MAX_SPANS + 1], *s;
	unsigned int size = references_size(e);
	u8 shift = references_shifts[size];
	u32 *count;
	u64 at;

	vtdsim_cached_spans(e, spans);
	for (s = spans; s->what; s++) {
		for (at = s->first; at < s->first + s->bytes; at += BIT_ULL(shift)) {
			count = &c->referred[size][(at >> shift) % VTDSIM_REFERRED_PLACES];
			WRITE_ONCE(*count, *count + by);
		}
	}
}

/**
 * vtdsim_cache_note_references() - note which memory an entry refers to
 * @c: the caches
 * @e: an entry of them, just filled
 *
 * Context: Caller holds the lock of the caches' unit.
 */
void vtdsim_cache_note_references(struct vtdsim_cache *c, struct vtdsim_cached *e)
{
	struct vtdsim_span spans[VTDSIM_MAX_SPANS + 1];

	if (vtdsim_kind_has_domain(e->key.kind)) {
		vtdsim_cached_spans(e, spans);
		hlist_add_head(&e->memory, references_bucket(c, references_size(e),
							     spans[0].first));
	}
	references_count(c, e, 1);
	e->noted = true;
}

/**
 * vtdsim_cache_forget_references() - an entry refers to nothing any more
 * @c: the caches
 * @e: an entry of them, about to be filled anew, or long out of use
 *
 * Context: Caller holds the lock of the caches' unit.
 */
void vtdsim_cache_forget_references(struct vtdsim_cache *c, struct vtdsim_cached *e)
{
	if (!e->noted)
		return;
	references_count(c, e, -1);
	if (vtdsim_kind_has_domain(e->key.kind))
		hlist_del_init(&e->memory);
	e->noted = false;
}

static bool references_counted(const struct vtdsim_cache *c, unsigned int size, u64 hpa)
{
	/* A counter that changes at the same time does so for other memory. */
	return data_race(c->referred[size][(hpa >> references_shifts[size]) %
					   VTDSIM_REFERRED_PLACES]);
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
	unsigned int i;
	u64 at;

	for (i = 0; i < VTDSIM_SIZES; i++)
		for (at = hpa & (~0ULL << references_shifts[i]); at < hpa + size;
		     at += BIT_ULL(references_shifts[i]))
			if (references_counted(c, i, at))
				return true;
	return false;
}

/* An entry was invalidated, and software knows. */
static bool references_are_past(const struct vtdsim_cache *c, const struct vtdsim_cached *e)
{
	return hlist_unhashed(&e->hash) && e->dropped < c->told;
}

/**
 * vtdsim_cache_each_reference() - find the entries that refer to some memory
 * @c: the caches
 * @hpa: host address
 * @size: bytes
 * @fn: called for each entry that does: @live, or invalidated while software
 *	cannot know yet
 * @data: for @fn
 *
 * Context: Caller holds the lock of the caches' unit.
 */
void vtdsim_cache_each_reference(struct vtdsim_cache *c, u64 hpa, u64 size,
				 void (*fn)(struct vtdsim_cached *e, bool live, void *data),
				 void *data)
{
	struct vtdsim_cached *e;
	struct hlist_node *next;
	unsigned int i;
	u64 at;

	list_for_each_entry(e, &c->live[VTDSIM_KIND_CONTEXT], live)
		if (vtdsim_cached_refers(e, hpa, size))
			fn(e, true, data);
	list_for_each_entry(e, &c->live[VTDSIM_KIND_PASID], live)
		if (vtdsim_cached_refers(e, hpa, size))
			fn(e, true, data);
	if (c->tables_dropped >= c->told) {
		list_for_each_entry_reverse(e, &c->free, live) {
			/* No two descriptors in flight are further apart. */
			if (e->dropped + VTDSIM_FLIGHTS < c->told)
				break;
			if (e->dropped >= c->told && !vtdsim_kind_has_domain(e->key.kind) &&
			    vtdsim_cached_refers(e, hpa, size))
				fn(e, false, data);
		}
		list_for_each_entry(e, &c->owed, live)
			if (e->dropped >= c->told && vtdsim_cached_refers(e, hpa, size))
				fn(e, false, data);
	}

	for (i = 0; i < VTDSIM_SIZES; i++) {
		for (at = hpa & (~0ULL << references_shifts[i]); at < hpa + size;
		     at += BIT_ULL(references_shifts[i])) {
			if (!references_counted(c, i, at))
				continue;
			hlist_for_each_entry_safe(e, next, references_bucket(c, i, at), memory) {
				if (references_are_past(c, e))
					vtdsim_cache_forget_references(c, e);
				else if (references_size(e) == i &&
					 vtdsim_cached_refers(e, at, BIT_ULL(references_shifts[i])))
					fn(e, !hlist_unhashed(&e->hash), data);
			}
		}
	}
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
