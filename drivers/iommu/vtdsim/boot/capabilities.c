// SPDX-License-Identifier: GPL-2.0-only
/*
 * Single capabilities by name, to change a profile by the boot parameter. Not
 * included are fields with the place of registers, and features that scalable mode
 * requires.
 */
#include <linux/array_size.h>
#include <linux/bitops.h>
#include <linux/kstrtox.h>
#include <linux/string.h>

#include "boot/capabilities.h"
#include "unit/registers.h"
#include "unit/unit.h"

static const struct vtdsim_caps_field {
	const char *name;
	u64 mask;
	bool ecap;
} vtdsim_caps_fields[] = {
	{ "cap.nd=", VTDSIM_CAP_ND },
	{ "cap.sagaw=", VTDSIM_CAP_SAGAW },
	{ "cap.mgaw=", VTDSIM_CAP_MGAW },
	{ "cap.sslps=", VTDSIM_CAP_SSLPS },
	{ "cap.mamv=", VTDSIM_CAP_MAMV },
	{ "cap.fs1gp=", VTDSIM_CAP_FS1GP },
	{ "cap.fs5lp=", VTDSIM_CAP_FS5LP },
	{ "cap.esirtps=", VTDSIM_CAP_ESIRTPS },
	{ "cap.esrtps=", VTDSIM_CAP_ESRTPS },
	{ "ecap.c=", VTDSIM_ECAP_C, true },
	{ "ecap.dt=", VTDSIM_ECAP_DT, true },
	{ "ecap.ir=", VTDSIM_ECAP_IR, true },
	{ "ecap.eim=", VTDSIM_ECAP_EIM, true },
	{ "ecap.pt=", VTDSIM_ECAP_PT, true },
	{ "ecap.sc=", VTDSIM_ECAP_SC, true },
	{ "ecap.mhmv=", VTDSIM_ECAP_MHMV, true },
	{ "ecap.nest=", VTDSIM_ECAP_NEST, true },
	{ "ecap.prs=", VTDSIM_ECAP_PRS, true },
	{ "ecap.srs=", VTDSIM_ECAP_SRS, true },
	{ "ecap.eafs=", VTDSIM_ECAP_EAFS, true },
	{ "ecap.pss=", VTDSIM_ECAP_PSS, true },
	{ "ecap.pasid=", VTDSIM_ECAP_PASID, true },
	{ "ecap.dit=", VTDSIM_ECAP_DIT, true },
	{ "ecap.pds=", VTDSIM_ECAP_PDS, true },
	{ "ecap.ssads=", VTDSIM_ECAP_SSADS, true },
	{ "ecap.ssts=", VTDSIM_ECAP_SSTS, true },
	{ "ecap.fsts=", VTDSIM_ECAP_FSTS, true },
	{ "ecap.smpwcs=", VTDSIM_ECAP_SMPWCS, true },
	{ "ecap.rps=", VTDSIM_ECAP_RPS, true },
};

/**
 * vtdsim_caps_word() - set a capability as a word of the boot parameter says
 * @caps: capabilities
 * @word: cap.FIELD=VALUE or ecap.FIELD=VALUE, the names in lower case as in
 *	sections 11.4.2 and 11.4.3, the value as in the register
 *
 * Context: Any, also in early boot.
 * Return: false, and nothing changed, if there is no such field, or if the
 *	value does not fit into it.
 */
bool vtdsim_caps_word(struct vtdsim_caps *caps, const char *word)
{
	const struct vtdsim_caps_field *f;
	u64 *reg, val;
	size_t len;

	for (f = vtdsim_caps_fields; f < vtdsim_caps_fields + ARRAY_SIZE(vtdsim_caps_fields); f++) {
		len = str_has_prefix(word, f->name);
		if (!len)
			continue;
		if (kstrtou64(word + len, 0, &val) ||
		    val > f->mask >> __ffs64(f->mask))
			return false;
		reg = f->ecap ? &caps->ecap : &caps->cap;
		*reg = (*reg & ~f->mask) | val << __ffs64(f->mask);
		return true;
	}
	return false;
}
