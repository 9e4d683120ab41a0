/* SPDX-License-Identifier: GPL-2.0-only */
/* The invalidation queue (section 6.5.2). */
#ifndef _VTDSIM_QUEUE_H
#define _VTDSIM_QUEUE_H

#include <linux/types.h>

struct vtdsim_unit;

bool vtdsim_qi_can_fetch(const struct vtdsim_unit *unit);
bool vtdsim_qi_fetch(struct vtdsim_unit *unit, u64 *desc);
bool vtdsim_qi_end_wait(struct vtdsim_unit *unit);
void vtdsim_qi_run_in_order(struct vtdsim_unit *unit);

#endif /* _VTDSIM_QUEUE_H */
