/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The window through which a driver sees the registers of the unit in the DMAR
 * table, shared by the files of the model and interpose.h.
 */
#ifndef _VTDSIM_WINDOW_H
#define _VTDSIM_WINDOW_H

#include <linux/jump_label.h>
#include <linux/types.h>

#include <asm/page_types.h>

/* The model is enabled. */
DECLARE_STATIC_KEY_FALSE(vtdsim_active);

/* What ioremap() returns for the unit's registers: never dereferenced. */
extern u8 vtdsim_window[PAGE_SIZE];

u64 vtdsim_window_read(const void __iomem *addr, unsigned int size);
void vtdsim_window_write(void __iomem *addr, u64 val, unsigned int size);
bool vtdsim_window_covers(resource_size_t phys, unsigned long size);

#endif /* _VTDSIM_WINDOW_H */
