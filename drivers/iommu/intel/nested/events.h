/* SPDX-License-Identifier: GPL-2.0-only */
/* Between netlink.c, which registers the family, and events.c. */
#ifndef _INTEL_NESTED_EVENTS_H
#define _INTEL_NESTED_EVENTS_H

void vtd_events_start(void);

#endif /* _INTEL_NESTED_EVENTS_H */
