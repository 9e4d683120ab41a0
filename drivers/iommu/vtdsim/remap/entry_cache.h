/* SPDX-License-Identifier: GPL-2.0-only */
/* The interrupt entry cache of a unit. */
#ifndef _VTDSIM_ENTRY_CACHE_H
#define _VTDSIM_ENTRY_CACHE_H

#include <linux/types.h>

#include "remap/irte.h"

/* Entries that fit; two whose indexes differ by a multiple of it do not at once. */
#define VTDSIM_IRTE_CACHE	1024

/**
 * struct vtdsim_irte_cached - a cached entry
 * @irte: the entry, present and without reserved bits
 * @index: its index in the table
 * @used: there is one
 */
struct vtdsim_irte_cached {
	struct vtdsim_irte irte;
	u32 index;
	bool used;
};

/**
 * struct vtdsim_irte_cache - the interrupt entry cache of a unit
 * @entry: by index, modulo their number
 */
struct vtdsim_irte_cache {
	struct vtdsim_irte_cached entry[VTDSIM_IRTE_CACHE];
};

/* May sleep. NULL without memory. */
struct vtdsim_irte_cache *vtdsim_irte_cache_create(void);
void vtdsim_irte_cache_destroy(struct vtdsim_irte_cache *c);

/* The lock of the cache's unit is held. */
bool vtdsim_irte_cache_find(const struct vtdsim_irte_cache *c, u32 index,
			    struct vtdsim_irte *irte);
void vtdsim_irte_cache_add(struct vtdsim_irte_cache *c, u32 index,
			   const struct vtdsim_irte *irte);
void vtdsim_irte_cache_drop(struct vtdsim_irte_cache *c, u32 first, u32 last);

#endif /* _VTDSIM_ENTRY_CACHE_H */
