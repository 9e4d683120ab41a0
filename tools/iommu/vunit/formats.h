/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a VT-d unit reads in memory: tables (VT-d specification chapter 9) and
 * descriptors of the invalidation queue (sections 6.5.2 and 7.6.1).
 */
#ifndef _VUNIT_FORMATS_H
#define _VUNIT_FORMATS_H

#include "registers.h"

/* A pointer to a table. Bits from 52 on are reserved in all entries. */
#define VUNIT_POINTER		VUNIT_BITS(51, 12)
#define VUNIT_BEYOND		VUNIT_BITS(63, 52)

/* Root entries, sections 9.1 and 9.2 */
#define VUNIT_ROOT_SIZE		16
#define VUNIT_ROOT_P		BIT_ULL(0)
#define VUNIT_ROOT_RESERVED	(VUNIT_BITS(11, 1) | VUNIT_BEYOND)

/* Legacy context entry, section 9.3 */
#define VUNIT_LCTX_SIZE		16
#define VUNIT_LCTX0_P		BIT_ULL(0)
#define VUNIT_LCTX0_FPD		BIT_ULL(1)
#define VUNIT_LCTX0_TT		VUNIT_BITS(3, 2)
#define VUNIT_LCTX0_RESERVED	(VUNIT_BITS(11, 4) | VUNIT_BEYOND)
#define VUNIT_LCTX1_AW		VUNIT_BITS(2, 0)
#define VUNIT_LCTX1_DID		VUNIT_BITS(23, 8)
#define VUNIT_LCTX1_RESERVED	(VUNIT_BITS(63, 24) | BIT_ULL(7))
#define VUNIT_TT_SECOND		0
#define VUNIT_TT_DEVTLB		1
#define VUNIT_TT_PASS		2

/* Scalable-mode context entry, section 9.4 */
#define VUNIT_CTX_SIZE		32
#define VUNIT_CTX0_P		BIT_ULL(0)
#define VUNIT_CTX0_FPD		BIT_ULL(1)
#define VUNIT_CTX0_DTE		BIT_ULL(2)
#define VUNIT_CTX0_PASIDE	BIT_ULL(3)
#define VUNIT_CTX0_PRE		BIT_ULL(4)
#define VUNIT_CTX0_RESERVED	(VUNIT_BITS(8, 5) | VUNIT_BEYOND)

/* Scalable-mode PASID directory entry, section 9.5 */
#define VUNIT_DIR_P		BIT_ULL(0)
#define VUNIT_DIR_FPD		BIT_ULL(1)
#define VUNIT_DIR_RESERVED	(VUNIT_BITS(11, 2) | VUNIT_BEYOND)

/* Scalable-mode PASID table entry, section 9.6 */
#define VUNIT_PASID_SIZE	64
#define VUNIT_PASID0_P		BIT_ULL(0)
#define VUNIT_PASID0_FPD	BIT_ULL(1)
#define VUNIT_PASID0_AW		VUNIT_BITS(4, 2)
#define VUNIT_PASID0_PGTT	VUNIT_BITS(8, 6)
#define VUNIT_PASID0_RESERVED	(BIT_ULL(5) | VUNIT_BITS(11, 9) | VUNIT_BEYOND)
#define VUNIT_PASID1_DID	VUNIT_BITS(15, 0)
#define VUNIT_PASID1_PWSNP	BIT_ULL(23)
#define VUNIT_PASID1_PGSNP	BIT_ULL(24)
#define VUNIT_PASID1_RESERVED	(VUNIT_BITS(22, 16) | VUNIT_BITS(63, 25))
#define VUNIT_PASID2_SRE	BIT_ULL(0)
#define VUNIT_PASID2_FSPM	VUNIT_BITS(3, 2)
#define VUNIT_PASID2_WPE	BIT_ULL(4)
#define VUNIT_PASID2_EAFE	BIT_ULL(7)
#define VUNIT_PASID2_RESERVED	(BIT_ULL(1) | VUNIT_BITS(6, 5) | VUNIT_BITS(11, 8) | VUNIT_BEYOND)
#define VUNIT_PGTT_FIRST	1
#define VUNIT_PGTT_SECOND	2
#define VUNIT_PGTT_PASS		4

/* Second-stage paging entry, section 9.8 */
#define VUNIT_SS_R		BIT_ULL(0)
#define VUNIT_SS_W		BIT_ULL(1)
#define VUNIT_SS_PS		BIT_ULL(7)
#define VUNIT_SS_SNP		BIT_ULL(11)

/* Type of a descriptor: the number has its upper three bits apart */
#define VUNIT_DESC0_TYPE	VUNIT_BITS(3, 0)
#define VUNIT_DESC0_TYPE_HIGH	VUNIT_BITS(11, 9)
#define VUNIT_DESC_CONTEXT	1
#define VUNIT_DESC_IOTLB	2
#define VUNIT_DESC_DEVTLB	3
#define VUNIT_DESC_WAIT		5
#define VUNIT_DESC_PIOTLB	6
#define VUNIT_DESC_PASID	7
#define VUNIT_DESC_PDEVTLB	8
#define VUNIT_DESC_PAGE		9

/* Invalidations */
#define VUNIT_INV0_G		VUNIT_BITS(5, 4)
#define VUNIT_INV0_DID		VUNIT_BITS(31, 16)
#define VUNIT_INV0_PASID	VUNIT_BITS(51, 32)
#define VUNIT_INV1_AM		VUNIT_BITS(5, 0)
#define VUNIT_INV1_IH		BIT_ULL(6)
#define VUNIT_INV1_ADDR		VUNIT_BITS(63, 12)

#define VUNIT_CONTEXT0_SID	VUNIT_BITS(47, 32)
#define VUNIT_CONTEXT0_FM	VUNIT_BITS(49, 48)
#define VUNIT_CONTEXT_GLOBAL	1
#define VUNIT_CONTEXT_DOMAIN	2
#define VUNIT_CONTEXT_DEVICE	3

#define VUNIT_IOTLB0_DRAIN	VUNIT_BITS(7, 6)
#define VUNIT_IOTLB_GLOBAL	1
#define VUNIT_IOTLB_DOMAIN	2
#define VUNIT_IOTLB_PAGES	3

#define VUNIT_PIOTLB_PASID	2
#define VUNIT_PIOTLB_PAGES	3

#define VUNIT_PASID_DOMAIN	0
#define VUNIT_PASID_ONE		1
#define VUNIT_PASID_GLOBAL	3

#define VUNIT_WAIT0_IF		BIT_ULL(4)
#define VUNIT_WAIT0_SW		BIT_ULL(5)
#define VUNIT_WAIT0_FN		BIT_ULL(6)
#define VUNIT_WAIT0_PD		BIT_ULL(7)
#define VUNIT_WAIT0_DATA	VUNIT_BITS(63, 32)
#define VUNIT_WAIT1_ADDR	VUNIT_BITS(63, 2)

/* Page group response */
#define VUNIT_PAGE0_PP		BIT_ULL(4)
#define VUNIT_PAGE0_RC		VUNIT_BITS(15, 12)
#define VUNIT_PAGE0_RID		VUNIT_BITS(31, 16)
#define VUNIT_PAGE0_PASID	VUNIT_BITS(51, 32)
#define VUNIT_PAGE1_PRGI	VUNIT_BITS(11, 3)

/* Page request descriptor, section 7.4.1.1 */
#define VUNIT_PRQ_SIZE		32
#define VUNIT_PRQ0_TYPE_PAGE	1
#define VUNIT_PRQ0_RID		VUNIT_BITS(31, 16)
#define VUNIT_PRQ1_RDR		BIT_ULL(0)
#define VUNIT_PRQ1_WRR		BIT_ULL(1)
#define VUNIT_PRQ1_LPIG		BIT_ULL(2)
#define VUNIT_PRQ1_PRGI		VUNIT_BITS(11, 3)
#define VUNIT_PRQ1_ADDR		VUNIT_BITS(63, 12)

#endif /* _VUNIT_FORMATS_H */
