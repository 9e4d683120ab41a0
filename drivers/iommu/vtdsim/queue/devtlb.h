/* SPDX-License-Identifier: GPL-2.0-only */
/* Invalidations of device TLBs that are under way. */
#ifndef _VTDSIM_DEVTLB_H
#define _VTDSIM_DEVTLB_H

#include <linux/ktime.h>
#include <linux/types.h>

struct vtdsim_devtlb_inv;
struct vtdsim_unit;

bool vtdsim_devtlb_busy(const struct vtdsim_unit *unit);
bool vtdsim_devtlb_send(struct vtdsim_unit *unit, u16 sid, u16 pfsid,
			unsigned int limit, struct vtdsim_devtlb_inv *inv);
bool vtdsim_devtlb_under_way(const struct vtdsim_unit *unit, u64 number);
bool vtdsim_devtlb_on_its_way(const struct vtdsim_unit *unit, u64 number);
ktime_t vtdsim_devtlb_next(const struct vtdsim_unit *unit);
bool vtdsim_devtlb_deliver(struct vtdsim_unit *unit, ktime_t now);
bool vtdsim_devtlb_complete(struct vtdsim_unit *unit, u16 sid, u8 itag);
bool vtdsim_devtlb_check(struct vtdsim_unit *unit);

#endif /* _VTDSIM_DEVTLB_H */
