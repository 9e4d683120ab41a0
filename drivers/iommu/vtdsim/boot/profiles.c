// SPDX-License-Identifier: GPL-2.0-only
/*
 * Profiles of units: what their Capability Registers say. Fields that the specification makes
 * depend on each other have to fit (sections 11.4.2 and 11.4.3).
 */
#include <linux/array_size.h>
#include <linux/bitfield.h>
#include <linux/bits.h>

#include "boot/profiles.h"
#include "unit/registers.h"

/* Registers in the unit's page */
#define FRO			(0x600 / 16)
#define IRO			(0x500 / 16)
#define FAULT_RECORDS		8

/* 64K domains; 4 and 5 levels, 57 bits; pages of 2 MiB and 1 GiB */
#define CAP_COMMON							\
	(FIELD_PREP_CONST(VTDSIM_CAP_ND, 6) |				\
	 FIELD_PREP_CONST(VTDSIM_CAP_SAGAW, BIT(2) | BIT(3)) |		\
	 FIELD_PREP_CONST(VTDSIM_CAP_MGAW, 56) |			\
	 FIELD_PREP_CONST(VTDSIM_CAP_FRO, FRO) |			\
	 FIELD_PREP_CONST(VTDSIM_CAP_SSLPS, BIT(0) | BIT(1)) |		\
	 FIELD_PREP_CONST(VTDSIM_CAP_NFR, FAULT_RECORDS - 1) |		\
	 VTDSIM_CAP_ZLR | VTDSIM_CAP_PSI | VTDSIM_CAP_DWD |		\
	 VTDSIM_CAP_DRD | VTDSIM_CAP_FS1GP | VTDSIM_CAP_FS5LP |		\
	 VTDSIM_CAP_ESRTPS)

/* Scalable mode, PASIDs of 20 bits, device TLBs, page requests */
#define ECAP_COMMON							\
	(VTDSIM_ECAP_C | VTDSIM_ECAP_QI | VTDSIM_ECAP_PT |		\
	 VTDSIM_ECAP_DT | VTDSIM_ECAP_DIT |				\
	 VTDSIM_ECAP_SC | FIELD_PREP_CONST(VTDSIM_ECAP_IRO, IRO) |	\
	 VTDSIM_ECAP_PRS | VTDSIM_ECAP_PDS |				\
	 VTDSIM_ECAP_SRS | VTDSIM_ECAP_NWFS | VTDSIM_ECAP_EAFS |	\
	 FIELD_PREP_CONST(VTDSIM_ECAP_PSS, 19) | VTDSIM_ECAP_PASID |	\
	 VTDSIM_ECAP_SMTS | VTDSIM_ECAP_SSADS | VTDSIM_ECAP_SSTS |	\
	 VTDSIM_ECAP_FSTS | VTDSIM_ECAP_SMPWCS | VTDSIM_ECAP_RPS)

/* Invalidations of all of a 57-bit address space, or of 1 GiB at most */
#define MAMV_LARGE	FIELD_PREP_CONST(VTDSIM_CAP_MAMV, 45)
#define MAMV_SMALL	FIELD_PREP_CONST(VTDSIM_CAP_MAMV, 18)

const struct vtdsim_profile vtdsim_profiles[] = {
	{ "spr", CAP_COMMON | MAMV_LARGE, ECAP_COMMON | VTDSIM_ECAP_NEST, true },
	{ "gnr", CAP_COMMON | MAMV_LARGE, ECAP_COMMON | VTDSIM_ECAP_NEST },
	{ "icx", CAP_COMMON | MAMV_SMALL, ECAP_COMMON },
	{ "fsonly", (CAP_COMMON | MAMV_LARGE) & ~VTDSIM_CAP_SAGAW,
	  ECAP_COMMON & ~(VTDSIM_ECAP_SSTS | VTDSIM_ECAP_SSADS) },
	{ "noncoherent", CAP_COMMON | MAMV_LARGE,
	  (ECAP_COMMON | VTDSIM_ECAP_NEST) &
	  ~(VTDSIM_ECAP_C | VTDSIM_ECAP_SMPWCS | VTDSIM_ECAP_SSADS | VTDSIM_ECAP_EAFS) },
};

const unsigned int vtdsim_profile_count = ARRAY_SIZE(vtdsim_profiles);
