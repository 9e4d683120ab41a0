/* SPDX-License-Identifier: GPL-2.0-only */
/* What sets the invalidation queue going, and what ends its waiting. */
#ifndef _VTDSIM_CONTROL_H
#define _VTDSIM_CONTROL_H

#include <linux/types.h>

struct vtdsim_unit;

void vtdsim_qi_run(struct vtdsim_unit *unit);
void vtdsim_qi_stop(struct vtdsim_unit *unit);
void vtdsim_qi_check_endpoints(struct vtdsim_unit *unit);
void vtdsim_devtlb_done(struct vtdsim_unit *unit, u16 sid, u8 itag);

#endif /* _VTDSIM_CONTROL_H */
