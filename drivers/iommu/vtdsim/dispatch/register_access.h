/* SPDX-License-Identifier: GPL-2.0-only */
/* Accesses of software to the registers of a unit. */
#ifndef _VTDSIM_REGISTER_ACCESS_H
#define _VTDSIM_REGISTER_ACCESS_H

#include <linux/types.h>

struct vtdsim_unit;

u64 vtdsim_reg_read(struct vtdsim_unit *unit, u32 offset, unsigned int size);
void vtdsim_reg_write(struct vtdsim_unit *unit, u32 offset, u64 val,
		      unsigned int size);

#endif /* _VTDSIM_REGISTER_ACCESS_H */
