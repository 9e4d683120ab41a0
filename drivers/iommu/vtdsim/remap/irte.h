/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Formats of interrupt remapping: interrupt requests (VT-d specification section 5.1)
 * and interrupt remapping table entries (section 9.10). Nothing here looks at a unit.
 */
#ifndef _VTDSIM_IRTE_H
#define _VTDSIM_IRTE_H

#include <linux/types.h>

struct vtdsim_interrupt;

#define VTDSIM_IRTE_BYTES	16

/**
 * struct vtdsim_irte - an interrupt remapping table entry as it is in memory
 * @q: bits 63:0 and bits 127:64
 */
struct vtdsim_irte {
	u64 q[2];
};

bool vtdsim_interrupt_is_remappable(u64 addr);
bool vtdsim_interrupt_has_reserved(u64 addr, u32 data);
u32 vtdsim_interrupt_index(u64 addr, u32 data);

bool vtdsim_irte_is_quiet(const struct vtdsim_irte *e);
u8 vtdsim_irte_check(const struct vtdsim_irte *e, bool extended);
bool vtdsim_irte_admits(const struct vtdsim_irte *e, u16 sid);
void vtdsim_irte_decode(const struct vtdsim_irte *e, bool extended,
			struct vtdsim_interrupt *irq);

#endif /* _VTDSIM_IRTE_H */
