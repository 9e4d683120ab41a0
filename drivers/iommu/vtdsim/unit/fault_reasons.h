/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fault reasons of interrupt remapping, VT-d specification section 5.1.4.1, and of
 * scalable mode, section 7.1.3.
 *
 * The comment behind each value names the condition as the specification
 * numbers it.
 */
#ifndef _VTDSIM_FAULTS_H
#define _VTDSIM_FAULTS_H

#include <linux/types.h>

/* Interrupt requests */
#define VTDSIM_FR_INTERRUPT_RESERVED	0x20	/* reserved bits of the request */
#define VTDSIM_FR_INTERRUPT_INDEX	0x21	/* beyond the table */
#define VTDSIM_FR_IRTE_PRESENT		0x22
#define VTDSIM_FR_IRTE_ACCESS		0x23
#define VTDSIM_FR_IRTE_RESERVED		0x24
#define VTDSIM_FR_INTERRUPT_COMPATIBILITY 0x25	/* format is not allowed */
#define VTDSIM_FR_INTERRUPT_SOURCE	0x26	/* not the source-id of the entry */

/* Root table address */
#define VTDSIM_FR_RTA_INVALID		0x30	/* RTA.1: TTM not usable */
#define VTDSIM_FR_RTA_PASID		0x31	/* RTA.2: legacy, with PASID */
#define VTDSIM_FR_RTA_PRS		0x32	/* RTA.3: legacy, page request */

/* Root entry */
#define VTDSIM_FR_ROOT_ACCESS		0x38	/* SRT.1 */
#define VTDSIM_FR_ROOT_PRESENT		0x39	/* SRT.2: LP or UP clear */
#define VTDSIM_FR_ROOT_RESERVED		0x3a	/* SRT.3 */

/* Context entry */
#define VTDSIM_FR_CTX_ACCESS		0x40	/* SCT.1 */
#define VTDSIM_FR_CTX_PRESENT		0x41	/* SCT.2 */
#define VTDSIM_FR_CTX_RESERVED		0x42	/* SCT.3 */
#define VTDSIM_FR_CTX_INVALID		0x43	/* SCT.4 */
#define VTDSIM_FR_CTX_DTE		0x44	/* SCT.5: ATS while DTE clear */
#define VTDSIM_FR_CTX_PASIDE		0x45	/* SCT.6: PASID, PASIDE clear */
#define VTDSIM_FR_CTX_PASID_SIZE	0x46	/* SCT.7: PASID beyond PDTS */
#define VTDSIM_FR_CTX_PRE		0x47	/* SCT.8: page request, PRE clear */
#define VTDSIM_FR_CTX_RID_PASID		0x48	/* SCT.9: request's is RID_PASID */

/* PASID directory entry */
#define VTDSIM_FR_DIR_ACCESS		0x50	/* SPD.1 */
#define VTDSIM_FR_DIR_PRESENT		0x51	/* SPD.2 */
#define VTDSIM_FR_DIR_RESERVED		0x52	/* SPD.3 */

/* PASID table entry */
#define VTDSIM_FR_PASID_ACCESS		0x58	/* SPT.1 */
#define VTDSIM_FR_PASID_PRESENT		0x59	/* SPT.2 */
#define VTDSIM_FR_PASID_RESERVED	0x5a	/* SPT.3 */
#define VTDSIM_FR_PASID_INVALID		0x5b	/* SPT.4: unsupported setting */
#define VTDSIM_FR_PASID_EXEC		0x5c	/* SPT.5: execute-requested */
#define VTDSIM_FR_PASID_SRE		0x5d	/* SPT.6: privileged, SRE clear */

/* First-stage paging entry */
#define VTDSIM_FR_FS_ACCESS		0x70	/* SFS.1: not the top table */
#define VTDSIM_FR_FS_PRESENT		0x71	/* SFS.2 */
#define VTDSIM_FR_FS_RESERVED		0x72	/* SFS.3 */
#define VTDSIM_FR_FS_ROOT_ACCESS	0x73	/* SFS.4: top table, by FSPTPTR */
#define VTDSIM_FR_FS_NEST_WIDTH		0x74	/* SFS.5: table beyond stage 2 */
#define VTDSIM_FR_FS_NEST_ROOT_READ	0x75	/* SFS.6: top table not readable */
#define VTDSIM_FR_FS_NEST_READ		0x76	/* SFS.7: table not readable */
#define VTDSIM_FR_FS_NEST_WRITE		0x77	/* SFS.8: A/D/EA not writable */
#define VTDSIM_FR_FS_AD_NO_SNOOP	0x90	/* SFS.9: A/D without snoop */
#define VTDSIM_FR_FS_AD_UPDATE		0x91	/* SFS.10: A/D/EA update failed */

/* Second-stage paging entry */
#define VTDSIM_FR_SS_ACCESS		0x78	/* SSS.1: not the top table */
#define VTDSIM_FR_SS_PRESENT		0x79	/* SSS.2: R and W both clear */
#define VTDSIM_FR_SS_RESERVED		0x7a	/* SSS.3 */
#define VTDSIM_FR_SS_ROOT_ACCESS	0x7b	/* SSS.4: top table, by SSPTPTR */
#define VTDSIM_FR_SS_AD_NO_SNOOP	0x7c	/* SSS.5: A/D without snoop */
#define VTDSIM_FR_SS_AD_UPDATE		0x7d	/* SSS.6: A/D update failed */

/* General */
#define VTDSIM_FR_CANONICAL		0x80	/* SGN.1: first-stage input */
#define VTDSIM_FR_USER			0x81	/* SGN.2: U/S clear, user request */
#define VTDSIM_FR_HAW			0x83	/* SGN.4: pass-through input */
#define VTDSIM_FR_WIDTH			0x84	/* SGN.5: second-stage input */
#define VTDSIM_FR_WRITE			0x85	/* SGN.6: write not allowed */
#define VTDSIM_FR_READ			0x86	/* SGN.7: read not allowed */
#define VTDSIM_FR_INTERRUPT		0x87	/* SGN.8: 0xFEEx_xxxx */
#define VTDSIM_FR_PASID_WIDTH		0x89	/* SGN.10: PASID beyond PSS */

/**
 * vtdsim_fault_qualified() - can software keep a fault from being recorded?
 * @reason: fault reason
 *
 * FPD does that, except where the entry that led to a table could not be relied
 * on: errors in reading the tables (section 7.1.3, column for qualified faults).
 * Of faults met before there was an FPD to see, it does not matter.
 *
 * Return: true if FPD counts.
 */
static inline bool vtdsim_fault_qualified(u8 reason)
{
	return reason != VTDSIM_FR_DIR_ACCESS &&
	       reason != VTDSIM_FR_PASID_ACCESS;
}

#endif /* _VTDSIM_FAULTS_H */
