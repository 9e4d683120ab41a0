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

/* pri.c */
void vtdsim_pri_fill(struct vtdsim_function *fn, u16 at);
void vtdsim_pri_written(struct vtdsim_function *fn);

#endif /* _VTDSIM_FUNCTION_H */
