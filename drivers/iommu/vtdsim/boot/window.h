/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The window through which a driver accesses the registers of the units in the DMAR
 * table, and the cache lines that it flushes. Used by interpose.h.
 */
#ifndef _VTDSIM_WINDOW_H
#define _VTDSIM_WINDOW_H

#include <linux/jump_label.h>
#include <linux/types.h>

#include <asm/page_types.h>

/* The model is enabled. */
DECLARE_STATIC_KEY_FALSE(vtdsim_active);

#define VTDSIM_WINDOW_BYTES	(4 * PAGE_SIZE)

/* What ioremap() of the units' registers returns; never dereferenced */
extern u8 vtdsim_window[VTDSIM_WINDOW_BYTES];

u64 vtdsim_window_read(const void __iomem *addr, unsigned int size);
void vtdsim_window_write(void __iomem *addr, u64 val, unsigned int size);
void __iomem *vtdsim_window_find(resource_size_t phys, unsigned long size);
void __iomem *vtdsim_window_map(resource_size_t phys, unsigned long size);
void vtdsim_flushed(void *addr, unsigned int size);

#endif /* _VTDSIM_WINDOW_H */
