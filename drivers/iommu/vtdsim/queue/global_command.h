/* SPDX-License-Identifier: GPL-2.0-only */
/* Global commands. */
#ifndef _VTDSIM_GLOBAL_COMMAND_H
#define _VTDSIM_GLOBAL_COMMAND_H

#include <linux/types.h>

struct vtdsim_unit;

void vtdsim_command_written(struct vtdsim_unit *unit, u64 val);
void vtdsim_command_carry_out(struct vtdsim_unit *unit);
void vtdsim_command_drop_caches(struct vtdsim_unit *unit);

#endif /* _VTDSIM_GLOBAL_COMMAND_H */
