/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Access to the stored configuration space of a function, for the files that
 * implement its capabilities. The caller holds the function's lock.
 */
#ifndef _VTDSIM_FUNCTION_H
#define _VTDSIM_FUNCTION_H

#include <linux/unaligned.h>

#include "endpoint/endpoint.h"

static inline u16 config_get16(const struct vtdsim_function *fn, u16 at)
{
	return get_unaligned_le16(fn->data + at);
}

static inline u32 config_get32(const struct vtdsim_function *fn, u16 at)
{
	return get_unaligned_le32(fn->data + at);
}

static inline void config_set16(struct vtdsim_function *fn, u16 at, u16 val)
{
	put_unaligned_le16(val, fn->data + at);
}

static inline void config_set32(struct vtdsim_function *fn, u16 at, u32 val)
{
	put_unaligned_le32(val, fn->data + at);
}

/* Bits that a write changes */
static inline void config_allow16(struct vtdsim_function *fn, u16 at, u16 mask)
{
	put_unaligned_le16(mask, fn->writable + at);
}

static inline void config_allow32(struct vtdsim_function *fn, u16 at, u32 mask)
{
	put_unaligned_le32(mask, fn->writable + at);
}

/* Bits that writing 1 clears */
static inline void config_allow_clear16(struct vtdsim_function *fn, u16 at, u16 mask)
{
	put_unaligned_le16(mask, fn->clearable + at);
}

/* Power states, PCIe 7.5.2.2 */
enum { VTDSIM_POWER_D0, VTDSIM_POWER_D1, VTDSIM_POWER_D2, VTDSIM_POWER_D3HOT };

static inline u8 config_power_state(const struct vtdsim_function *fn)
{
	return config_get16(fn, fn->pm + PCI_PM_CTRL) & PCI_PM_CTRL_STATE_MASK;
}

/* Bus mastering, and with it interrupts, needs D0: PCIe 5.3.1.4. */
static inline bool config_is_master(const struct vtdsim_function *fn)
{
	return !fn->resetting && config_power_state(fn) == VTDSIM_POWER_D0 &&
	       config_get16(fn, PCI_COMMAND) & PCI_COMMAND_MASTER;
}

/* config_layout.c */
void vtdsim_config_fill(struct vtdsim_function *fn);
void vtdsim_config_fill_port(struct vtdsim_function *fn);

/* interrupt.c */
void vtdsim_msix_fill(struct vtdsim_function *fn, u16 at);
void vtdsim_interrupt_written(struct vtdsim_function *fn);
bool vtdsim_interrupt_is_ready(const struct vtdsim_function *fn);

/* pri.c */
void vtdsim_pri_fill(struct vtdsim_function *fn, u16 at);
void vtdsim_pri_written(struct vtdsim_function *fn);

#endif /* _VTDSIM_FUNCTION_H */
