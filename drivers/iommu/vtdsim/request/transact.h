/* SPDX-License-Identifier: GPL-2.0-only */
/* Critical sections of a unit that have room in its caches. */
#ifndef _VTDSIM_TRANSACT_H
#define _VTDSIM_TRANSACT_H

struct vtdsim_unit;

int vtdsim_transact(struct vtdsim_unit *unit,
		    void (*fn)(struct vtdsim_unit *unit, void *data),
		    void *data);

#endif /* _VTDSIM_TRANSACT_H */
