/* SPDX-License-Identifier: GPL-2.0-only */
/* Profiles of units, by name. */
#ifndef _VTDSIM_PROFILES_H
#define _VTDSIM_PROFILES_H

#include <linux/types.h>

/**
 * struct vtdsim_profile - what a kind of unit can do
 * @name: word of the boot parameter
 * @cap: Capability Register, section 11.4.2
 * @ecap: Extended Capability Register, section 11.4.3
 * @erratum: see &vtdsim_caps.erratum_772415
 */
struct vtdsim_profile {
	const char *name;
	u64 cap;
	u64 ecap;
	bool erratum;
};

extern const struct vtdsim_profile vtdsim_profiles[];
extern const unsigned int vtdsim_profile_count;

#endif /* _VTDSIM_PROFILES_H */
