/* SPDX-License-Identifier: GPL-2.0-only */
/* An invalidation queue that works beside the CPUs. */
#ifndef _VTDSIM_ASYNC_H
#define _VTDSIM_ASYNC_H

#include <linux/types.h>

struct vtdsim_unit;

void vtdsim_async_init(struct vtdsim_unit *unit);
void vtdsim_async_kick(struct vtdsim_unit *unit);
void vtdsim_async_check(struct vtdsim_unit *unit);

#endif /* _VTDSIM_ASYNC_H */
