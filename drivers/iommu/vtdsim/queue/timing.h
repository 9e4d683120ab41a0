/* SPDX-License-Identifier: GPL-2.0-only */
/* The time that descriptors take in a queue that works beside the CPUs. */
#ifndef _VTDSIM_TIMING_H
#define _VTDSIM_TIMING_H

#include <linux/types.h>

struct vtdsim_unit;

#define VTDSIM_TIMING_MODE	HRTIMER_MODE_ABS_PINNED_HARD

void vtdsim_timing_start(struct vtdsim_unit *unit, u64 ns);
void vtdsim_timing_charge(struct vtdsim_unit *unit, u32 ns, bool wait);
bool vtdsim_timing_ready(struct vtdsim_unit *unit);

#endif /* _VTDSIM_TIMING_H */
