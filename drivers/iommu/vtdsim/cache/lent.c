// SPDX-License-Identifier: GPL-2.0-only
/*
 * A filter of memory that device TLBs may reach: whether freed memory may be in one is
 * asked for each page that is freed, without a lock.
 *
 * Translations go from device TLBs without the caches being told. The filter therefore
 * only grows, until it gives a wrong answer. Then it is collected anew. A bit that is
 * set before and after is set all the time for those who look meanwhile.
 */
#include <linux/bitmap.h>
#include <linux/compiler.h>

#include "cache/internals.h"

static const u8 lent_shifts[VTDSIM_SIZES] = { 12, 21, 30 };

static void lent_set(unsigned long map[VTDSIM_SIZES][BITS_TO_LONGS(VTDSIM_REFERRED_PLACES)],
		     u64 hpa, u8 shift)
{
	unsigned int size = VTDSIM_SIZES - 1;
	u64 at, end = hpa + BIT_ULL(shift);

	while (lent_shifts[size] > shift)
		size--;
	/* Larger than all places together */
	if (shift >= lent_shifts[size] + 16) {
		bitmap_fill(map[size], VTDSIM_REFERRED_PLACES);
		return;
	}
	for (at = hpa; at < end; at += BIT_ULL(lent_shifts[size]))
		__set_bit((at >> lent_shifts[size]) % VTDSIM_REFERRED_PLACES, map[size]);
}

/**
 * vtdsim_cache_note_lent() - a translation is given to a device
 * @c: caches, or NULL
 * @hpa: host address
 * @shift: 1 << @shift bytes, 12 or more
 *
 * Context: Caller holds the lock of the caches' unit.
 */
void vtdsim_cache_note_lent(struct vtdsim_cache *c, u64 hpa, u8 shift)
{
	if (c)
		lent_set(c->lent, hpa, shift);
}

/**
 * vtdsim_cache_may_be_lent() - may a device have a translation to some memory?
 * @c: the caches
 * @hpa: host address
 * @size: bytes
 *
 * Context: Any, without the lock; as vtdsim_cache_may_refer().
 * Return: false if none does.
 */
bool vtdsim_cache_may_be_lent(const struct vtdsim_cache *c, u64 hpa, u64 size)
{
	unsigned int i;
	u64 at;

	for (i = 0; i < VTDSIM_SIZES; i++)
		for (at = hpa & (~0ULL << lent_shifts[i]); at < hpa + size;
		     at += BIT_ULL(lent_shifts[i]))
			/* No race: a bit that changes meanwhile is that of other memory. */
			if (data_race(test_bit((at >> lent_shifts[i]) % VTDSIM_REFERRED_PLACES,
					       c->lent[i])))
				return true;
	return false;
}

/**
 * vtdsim_cache_collect_lent() - begin to collect the filter anew
 * @c: the caches
 *
 * Context: Caller holds the lock of the caches' unit, until
 *	vtdsim_cache_collected_lent().
 */
void vtdsim_cache_collect_lent(struct vtdsim_cache *c)
{
	unsigned int i;

	for (i = 0; i < VTDSIM_SIZES; i++)
		bitmap_zero(c->lent_next[i], VTDSIM_REFERRED_PLACES);
}

/**
 * vtdsim_cache_keep_lent() - a translation is still in a device TLB
 * @c: the caches
 * @hpa: host address
 * @shift: 1 << @shift bytes, 12 or more
 *
 * Context: Caller holds the lock of the caches' unit.
 */
void vtdsim_cache_keep_lent(struct vtdsim_cache *c, u64 hpa, u8 shift)
{
	lent_set(c->lent_next, hpa, shift);
}

/**
 * vtdsim_cache_collected_lent() - use the filter that was collected
 * @c: the caches
 *
 * Context: Caller holds the lock of the caches' unit.
 */
void vtdsim_cache_collected_lent(struct vtdsim_cache *c)
{
	unsigned int i, word;

	for (i = 0; i < VTDSIM_SIZES; i++)
		for (word = 0; word < BITS_TO_LONGS(VTDSIM_REFERRED_PLACES); word++)
			WRITE_ONCE(c->lent[i][word], c->lent_next[i][word]);
}
