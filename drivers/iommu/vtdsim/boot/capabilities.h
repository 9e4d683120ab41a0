/* SPDX-License-Identifier: GPL-2.0-only */
/* Single capabilities by name, for the boot parameter. */
#ifndef _VTDSIM_CAPS_H
#define _VTDSIM_CAPS_H

#include <linux/types.h>

struct vtdsim_caps;

bool vtdsim_caps_word(struct vtdsim_caps *caps, const char *word);

#endif /* _VTDSIM_CAPS_H */
