/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _VTDCTL_STATS_H
#define _VTDCTL_STATS_H

const char *refusal_name(unsigned long long reason);

int stats_command(int argc, char **argv);

#endif /* _VTDCTL_STATS_H */
