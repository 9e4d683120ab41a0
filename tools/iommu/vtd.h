/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Capabilities and fault reasons of a VT-d unit, and their texts.
 */
#ifndef _TOOLS_IOMMU_VTD_H
#define _TOOLS_IOMMU_VTD_H

#include <stdbool.h>
#include <linux/types.h>

#include "util.h"

/* Capability register, VT-d section 11.4.2 */
#define VTD_CAP_DOMAINS(cap)	(1U << (4 + 2 * ((cap) & 7)))
#define VTD_CAP_SAGAW(cap)	((unsigned int)((cap) >> 8) & 0x1f)
#define VTD_CAP_MGAW(cap)	(((unsigned int)((cap) >> 16) & 0x3f) + 1)
#define VTD_CAP_SSLPS(cap)	((unsigned int)((cap) >> 34) & 0xf)
#define VTD_CAP_MAMV(cap)	((unsigned int)((cap) >> 48) & 0x3f)
#define VTD_CAP_FS1GP		BIT_ULL(56)
#define VTD_CAP_FS5LP		BIT_ULL(60)

/* Extended capability register, section 11.4.3 */
#define VTD_ECAP_PSS(ecap)	(((unsigned int)((ecap) >> 35) & 0x1f) + 1)
#define VTD_ECAP_C		BIT_ULL(0)
#define VTD_ECAP_DT		BIT_ULL(2)
#define VTD_ECAP_SC		BIT_ULL(7)
#define VTD_ECAP_NEST		BIT_ULL(26)
#define VTD_ECAP_PRS		BIT_ULL(29)
#define VTD_ECAP_ERS		BIT_ULL(30)
#define VTD_ECAP_SRS		BIT_ULL(31)
#define VTD_ECAP_EAFS		BIT_ULL(34)
#define VTD_ECAP_PASID		BIT_ULL(40)
#define VTD_ECAP_SMTS		BIT_ULL(43)
#define VTD_ECAP_SSADS		BIT_ULL(45)
#define VTD_ECAP_SSTS		BIT_ULL(46)
#define VTD_ECAP_FSTS		BIT_ULL(47)
#define VTD_ECAP_SMPWC		BIT_ULL(48)

/* Interrupt address range: requests to it are not translated, section 3.15 */
#define VTD_MSI_FIRST		0xfee00000ULL
#define VTD_MSI_LAST		0xfeefffffULL

/* Fault reasons of nested translation, section 7.1.3 */
#define VTD_FR_PASID_PRESENT	0x59
#define VTD_FR_FS_ACCESS	0x70
#define VTD_FR_FS_PRESENT	0x71
#define VTD_FR_FS_RESERVED	0x72
#define VTD_FR_FS_NEST_WIDTH	0x74
#define VTD_FR_FS_NEST_ROOT	0x75
#define VTD_FR_FS_NEST_READ	0x76
#define VTD_FR_FS_NEST_WRITE	0x77
#define VTD_FR_SS_PRESENT	0x79
#define VTD_FR_CANONICAL	0x80
#define VTD_FR_USER		0x81
#define VTD_FR_WIDTH		0x84
#define VTD_FR_WRITE		0x85
#define VTD_FR_READ		0x86
#define VTD_FR_INTERRUPT	0x87

unsigned int vtd_stage2_width(__u64 cap);
bool vtd_can_nest(__u64 ecap);
void vtd_describe(void (*say)(const char *fmt, ...) __printf(1, 2),
		  __u64 cap, __u64 ecap);
const char *vtd_fault_text(unsigned int reason);

#endif /* _TOOLS_IOMMU_VTD_H */
