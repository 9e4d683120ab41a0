/* SPDX-License-Identifier: GPL-2.0-only */
/* A unit that works beside the CPUs. */
#ifndef _VTDSIM_ASYNC_H
#define _VTDSIM_ASYNC_H

#include <linux/ktime.h>
#include <linux/types.h>

struct vtdsim_unit;

void vtdsim_async_init(struct vtdsim_unit *unit);
void vtdsim_async_seed(struct vtdsim_unit *unit, u32 seed);
void vtdsim_async_suspend(struct vtdsim_unit *unit);
void vtdsim_async_resume(struct vtdsim_unit *unit);
void vtdsim_async_kick(struct vtdsim_unit *unit);
bool vtdsim_async_step(struct vtdsim_unit *unit, ktime_t now);
void vtdsim_async_check(struct vtdsim_unit *unit);

#endif /* _VTDSIM_ASYNC_H */
