/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VTDCTL_MONITOR_H
#define _VTDCTL_MONITOR_H

int monitor_command(int argc, char **argv);

#endif /* _VTDCTL_MONITOR_H */
