/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the simulated VT-d unit tells of itself besides its registers: things
 * that software knows of hardware without asking it.
 */
#ifndef _LINUX_VTDSIM_H
#define _LINUX_VTDSIM_H

#include <linux/types.h>

int vtdsim_has_erratum_772415(phys_addr_t regs);

#endif /* _LINUX_VTDSIM_H */
