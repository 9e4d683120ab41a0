/* SPDX-License-Identifier: GPL-2.0-only */
/* Loss of power. */
#ifndef _VTDSIM_POWER_H
#define _VTDSIM_POWER_H

struct vtdsim_unit;

void vtdsim_unit_lose_power(struct vtdsim_unit *unit);

#endif /* _VTDSIM_POWER_H */
