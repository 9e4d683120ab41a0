/* SPDX-License-Identifier: GPL-2.0-only */
/* Interrupt remapping: interrupt requests of endpoints, and the cache of entries. */
#ifndef _VTDSIM_REMAP_H
#define _VTDSIM_REMAP_H

#include <linux/types.h>

struct vtdsim_irte;
struct vtdsim_outcome;
struct vtdsim_unit;

/* All with the unit's lock held */
void vtdsim_interrupt_request(struct vtdsim_unit *unit, u16 sid, u64 addr, u32 data,
			      struct vtdsim_outcome *out);
void vtdsim_remap_set_table(struct vtdsim_unit *unit);
u64 vtdsim_remap_table_bytes(const struct vtdsim_unit *unit);
bool vtdsim_remap_fetch(const struct vtdsim_unit *unit, u32 index, struct vtdsim_irte *irte);
void vtdsim_remap_drop(struct vtdsim_unit *unit, u32 first, u32 last);
void vtdsim_remap_drop_all(struct vtdsim_unit *unit);

#endif /* _VTDSIM_REMAP_H */
