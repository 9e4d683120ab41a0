/* SPDX-License-Identifier: GPL-2.0-only */
/* debugfs: counters of a unit, and delays of descriptors. */
#ifndef _VTDSIM_COUNTERS_H
#define _VTDSIM_COUNTERS_H

struct vtdsim_unit;

void vtdsim_counter_files(struct vtdsim_unit *unit);

#endif /* _VTDSIM_COUNTERS_H */
