/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of a unit: offsets and fields (VT-d specification section 11.4), and
 * their stored values.
 *
 * Only what the model implements is named here. A register that is not named
 * reads as zero and ignores writes.
 */
#ifndef _VTDSIM_REGISTERS_H
#define _VTDSIM_REGISTERS_H

#include <linux/bits.h>
#include <linux/types.h>

struct vtdsim_unit;

#define VTDSIM_VER		0x00
#define VTDSIM_VER_VALUE	0x60	/* version 6.0 */

#define VTDSIM_CAP		0x08
#define VTDSIM_CAP_ND		GENMASK_ULL(2, 0)
#define VTDSIM_CAP_SAGAW	GENMASK_ULL(12, 8)
#define VTDSIM_CAP_MGAW		GENMASK_ULL(21, 16)
#define VTDSIM_CAP_ZLR		BIT_ULL(22)
#define VTDSIM_CAP_FRO		GENMASK_ULL(33, 24)
#define VTDSIM_CAP_SSLPS	GENMASK_ULL(37, 34)
#define VTDSIM_CAP_SSLPS_2M	BIT_ULL(34)
#define VTDSIM_CAP_SSLPS_1G	BIT_ULL(35)
#define VTDSIM_CAP_PSI		BIT_ULL(39)
#define VTDSIM_CAP_NFR		GENMASK_ULL(47, 40)
#define VTDSIM_CAP_MAMV		GENMASK_ULL(53, 48)
#define VTDSIM_CAP_DWD		BIT_ULL(54)
#define VTDSIM_CAP_DRD		BIT_ULL(55)
#define VTDSIM_CAP_FS1GP	BIT_ULL(56)
#define VTDSIM_CAP_FS5LP	BIT_ULL(60)
#define VTDSIM_CAP_ESIRTPS	BIT_ULL(62)
#define VTDSIM_CAP_ESRTPS	BIT_ULL(63)

#define VTDSIM_ECAP		0x10
#define VTDSIM_ECAP_C		BIT_ULL(0)
#define VTDSIM_ECAP_QI		BIT_ULL(1)
#define VTDSIM_ECAP_DT		BIT_ULL(2)
#define VTDSIM_ECAP_IR		BIT_ULL(3)
#define VTDSIM_ECAP_EIM		BIT_ULL(4)
#define VTDSIM_ECAP_PT		BIT_ULL(6)
#define VTDSIM_ECAP_SC		BIT_ULL(7)
#define VTDSIM_ECAP_IRO		GENMASK_ULL(17, 8)
#define VTDSIM_ECAP_MHMV	GENMASK_ULL(23, 20)
#define VTDSIM_ECAP_MTS		BIT_ULL(25)
#define VTDSIM_ECAP_NEST	BIT_ULL(26)
#define VTDSIM_ECAP_PRS		BIT_ULL(29)
#define VTDSIM_ECAP_SRS		BIT_ULL(31)
#define VTDSIM_ECAP_NWFS	BIT_ULL(33)
#define VTDSIM_ECAP_EAFS	BIT_ULL(34)
#define VTDSIM_ECAP_PSS		GENMASK_ULL(39, 35)
#define VTDSIM_ECAP_PASID	BIT_ULL(40)
#define VTDSIM_ECAP_DIT		BIT_ULL(41)
#define VTDSIM_ECAP_PDS		BIT_ULL(42)
#define VTDSIM_ECAP_SMTS	BIT_ULL(43)
#define VTDSIM_ECAP_SSADS	BIT_ULL(45)
#define VTDSIM_ECAP_SSTS	BIT_ULL(46)
#define VTDSIM_ECAP_FSTS	BIT_ULL(47)
#define VTDSIM_ECAP_SMPWCS	BIT_ULL(48)
#define VTDSIM_ECAP_RPS		BIT_ULL(49)
#define VTDSIM_ECAP_ADMS	BIT_ULL(52)
#define VTDSIM_ECAP_RPRIVS	BIT_ULL(53)

/* Global command and status share the positions of their bits */
#define VTDSIM_GCMD		0x18
#define VTDSIM_GSTS		0x1c
#define VTDSIM_G_CFI		BIT(23)	/* CFI, CFIS */
#define VTDSIM_G_IRTP		BIT(24)	/* SIRTP, IRTPS */
#define VTDSIM_G_IR		BIT(25)	/* IRE, IRES */
#define VTDSIM_G_QI		BIT(26)	/* QIE, QIES */
#define VTDSIM_G_RTP		BIT(30)	/* SRTP, RTPS */
#define VTDSIM_G_TRANSLATION	BIT(31)	/* TE, TES */

#define VTDSIM_RTADDR		0x20
#define VTDSIM_RTADDR_TTM	GENMASK_ULL(11, 10)
#define VTDSIM_TTM_LEGACY	0
#define VTDSIM_TTM_SCALABLE	1
#define VTDSIM_TTM_RESERVED	2
#define VTDSIM_TTM_ABORT	3

#define VTDSIM_CCMD		0x28
#define VTDSIM_CCMD_CAIG	GENMASK_ULL(60, 59)
#define VTDSIM_CCMD_ICC		BIT_ULL(63)

#define VTDSIM_FSTS		0x34
#define VTDSIM_FSTS_PFO		BIT(0)
#define VTDSIM_FSTS_PPF		BIT(1)
#define VTDSIM_FSTS_IQE		BIT(4)
#define VTDSIM_FSTS_ICE		BIT(5)
#define VTDSIM_FSTS_ITE		BIT(6)
#define VTDSIM_FSTS_FRI		GENMASK(15, 8)

/* The events for faults, invalidations and page requests: four registers each */
#define VTDSIM_FECTL		0x38
#define VTDSIM_IECTL		0xa0
#define VTDSIM_PECTL		0xe0
#define VTDSIM_EVENT_DATA	0x4	/* offset from the control register */
#define VTDSIM_EVENT_ADDR	0x8
#define VTDSIM_EVENT_UADDR	0xc
#define VTDSIM_EVENT_IP		BIT(30)
#define VTDSIM_EVENT_IM		BIT(31)

#define VTDSIM_IQH		0x80
#define VTDSIM_IQT		0x88
#define VTDSIM_IQT_QT		GENMASK_ULL(18, 4)
#define VTDSIM_IQA		0x90
#define VTDSIM_IQA_QS		GENMASK_ULL(2, 0)
#define VTDSIM_IQA_DW		BIT_ULL(11)
#define VTDSIM_IQA_IQA		GENMASK_ULL(63, 12)

#define VTDSIM_ICS		0x9c
#define VTDSIM_ICS_IWC		BIT(0)

#define VTDSIM_IQERCD		0xb0
#define VTDSIM_IQERCD_IQEI	GENMASK_ULL(3, 0)
#define VTDSIM_IQERCD_ITESID	GENMASK_ULL(47, 32)
#define VTDSIM_IQERCD_ICESID	GENMASK_ULL(63, 48)

#define VTDSIM_IRTA		0xb8
#define VTDSIM_IRTA_S		GENMASK_ULL(3, 0)
#define VTDSIM_IRTA_EIME	BIT_ULL(11)
#define VTDSIM_IRTA_IRTA	GENMASK_ULL(63, 12)

#define VTDSIM_PQH		0xc0
#define VTDSIM_PQT		0xc8
#define VTDSIM_PQ_OFFSET	GENMASK_ULL(18, 5)	/* in both */
#define VTDSIM_PQA		0xd0
#define VTDSIM_PQA_PQS		GENMASK_ULL(2, 0)
#define VTDSIM_PQA_PQA		GENMASK_ULL(63, 12)

#define VTDSIM_PRS		0xdc
#define VTDSIM_PRS_PPR		BIT(0)
#define VTDSIM_PRS_PRO		BIT(1)

/* Invalidation queue error information, IQERCD bits 3:0 */
enum vtdsim_iqei {
	VTDSIM_IQEI_NONE	= 0,
	VTDSIM_IQEI_TAIL	= 1,	/* tail beyond the end of the queue */
	VTDSIM_IQEI_FETCH	= 2,	/* descriptor cannot be read */
	VTDSIM_IQEI_TYPE	= 3,	/* descriptor type invalid here */
	VTDSIM_IQEI_RESERVED	= 4,	/* reserved field or encoding */
	VTDSIM_IQEI_WIDTH	= 5,	/* width that the unit does not support */
	VTDSIM_IQEI_MISALIGNED	= 6,	/* tail not a multiple of 256 bits */
	VTDSIM_IQEI_TTM		= 7,	/* reserved translation table mode */
};

/* At the offset that CAP.FRO tells, CAP.NFR + 1 records of 16 bytes */
#define VTDSIM_FRCD_BYTES	16
#define VTDSIM_FRCD_LO		0x0
#define VTDSIM_FRCD_FI		GENMASK_ULL(63, 12)
#define VTDSIM_FRCD_FI_INDEX_SHIFT 48	/* of interrupt requests */
#define VTDSIM_FRCD_HI		0x8
#define VTDSIM_FRCD_SID		GENMASK_ULL(15, 0)
#define VTDSIM_FRCD_T2		BIT_ULL(28)
#define VTDSIM_FRCD_PRIV	BIT_ULL(29)
#define VTDSIM_FRCD_EXE		BIT_ULL(30)
#define VTDSIM_FRCD_PP		BIT_ULL(31)
#define VTDSIM_FRCD_FR		GENMASK_ULL(39, 32)
#define VTDSIM_FRCD_PV		GENMASK_ULL(59, 40)
#define VTDSIM_FRCD_AT		GENMASK_ULL(61, 60)
#define VTDSIM_FRCD_T1		BIT_ULL(62)
#define VTDSIM_FRCD_F		BIT_ULL(63)

/* At the offset that ECAP.IRO tells */
#define VTDSIM_IVA		0x0
#define VTDSIM_IOTLB		0x8
#define VTDSIM_IOTLB_IAIG	GENMASK_ULL(58, 57)
#define VTDSIM_IOTLB_IVT	BIT_ULL(63)

u32 vtdsim_reg_get32(const struct vtdsim_unit *unit, u32 offset);
void vtdsim_reg_set32(struct vtdsim_unit *unit, u32 offset, u32 val);
u64 vtdsim_reg_get64(const struct vtdsim_unit *unit, u32 offset);
void vtdsim_reg_set64(struct vtdsim_unit *unit, u32 offset, u64 val);

#endif /* _VTDSIM_REGISTERS_H */
