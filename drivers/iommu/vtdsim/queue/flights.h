/* SPDX-License-Identifier: GPL-2.0-only */
/* Descriptors in flight. */
#ifndef _VTDSIM_FLIGHTS_H
#define _VTDSIM_FLIGHTS_H

#include <linux/types.h>

struct vtdsim_unit;

void vtdsim_flights_init(struct vtdsim_unit *unit);
bool vtdsim_flights_wake(struct vtdsim_unit *unit);
bool vtdsim_flights_go_on(struct vtdsim_unit *unit);
void vtdsim_flights_abort_waits(struct vtdsim_unit *unit);
void vtdsim_flights_end(struct vtdsim_unit *unit);
void vtdsim_flights_drop(struct vtdsim_unit *unit);

#endif /* _VTDSIM_FLIGHTS_H */
