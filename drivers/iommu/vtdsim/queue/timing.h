/* SPDX-License-Identifier: GPL-2.0-only */
/* The time that things take in a unit that works beside the CPUs. */
#ifndef _VTDSIM_TIMING_H
#define _VTDSIM_TIMING_H

#include <linux/ktime.h>
#include <linux/types.h>

struct vtdsim_unit;

#define VTDSIM_TIMING_MODE	HRTIMER_MODE_ABS_PINNED_HARD

ktime_t vtdsim_timing_next(const struct vtdsim_unit *unit);
bool vtdsim_timing_arm(struct vtdsim_unit *unit);
void vtdsim_timing_start(struct vtdsim_unit *unit, u64 ns);
void vtdsim_timing_take(struct vtdsim_unit *unit, bool wait);
bool vtdsim_timing_ready(struct vtdsim_unit *unit);

#endif /* _VTDSIM_TIMING_H */
