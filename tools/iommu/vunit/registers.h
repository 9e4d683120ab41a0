/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of a VT-d unit: offsets and fields, VT-d specification section 11.4.
 * Only those that the unit for guests has are named.
 */
#ifndef _VUNIT_REGISTERS_H
#define _VUNIT_REGISTERS_H

#include <linux/types.h>

#include "../util.h"

/* Bits @h to @l of a register or of an entry */
#define VUNIT_BITS(h, l)	((~0ULL << (l)) & (~0ULL >> (63 - (h))))

/**
 * vunit_get() - the value of a field
 * @field: its bits
 * @val: what it is in
 *
 * Return: the value.
 */
static inline __u64 vunit_get(__u64 field, __u64 val)
{
	return (val & field) / (field & -field);
}

/**
 * vunit_put() - a value in its field
 * @field: bits of the field
 * @val: the value
 *
 * Return: what has the value in the field, and zero elsewhere.
 */
static inline __u64 vunit_put(__u64 field, __u64 val)
{
	return (val * (field & -field)) & field;
}

/* All registers are in one page */
#define VUNIT_REGS_SIZE		4096

#define VUNIT_VER		0x00
#define VUNIT_VER_VALUE		0x60	/* 6.0: invalidations by queue only, 6.5.1 */

#define VUNIT_CAP		0x08
#define VUNIT_CAP_ND		VUNIT_BITS(2, 0)
#define VUNIT_CAP_CM		BIT_ULL(7)
#define VUNIT_CAP_SAGAW		VUNIT_BITS(12, 8)
#define VUNIT_CAP_MGAW		VUNIT_BITS(21, 16)
#define VUNIT_CAP_ZLR		BIT_ULL(22)
#define VUNIT_CAP_FRO		VUNIT_BITS(33, 24)
#define VUNIT_CAP_SSLPS		VUNIT_BITS(37, 34)
#define VUNIT_CAP_PSI		BIT_ULL(39)
#define VUNIT_CAP_NFR		VUNIT_BITS(47, 40)
#define VUNIT_CAP_MAMV		VUNIT_BITS(53, 48)
#define VUNIT_CAP_DWD		BIT_ULL(54)
#define VUNIT_CAP_DRD		BIT_ULL(55)
#define VUNIT_CAP_FS1GP		BIT_ULL(56)
#define VUNIT_CAP_FS5LP		BIT_ULL(60)
#define VUNIT_CAP_ESRTPS	BIT_ULL(63)

#define VUNIT_ECAP		0x10
#define VUNIT_ECAP_C		BIT_ULL(0)
#define VUNIT_ECAP_QI		BIT_ULL(1)
#define VUNIT_ECAP_DT		BIT_ULL(2)
#define VUNIT_ECAP_PT		BIT_ULL(6)
#define VUNIT_ECAP_SC		BIT_ULL(7)
#define VUNIT_ECAP_IRO		VUNIT_BITS(17, 8)
#define VUNIT_ECAP_NEST		BIT_ULL(26)
#define VUNIT_ECAP_PRS		BIT_ULL(29)
#define VUNIT_ECAP_SRS		BIT_ULL(31)
#define VUNIT_ECAP_EAFS		BIT_ULL(34)
#define VUNIT_ECAP_PDS		BIT_ULL(42)
#define VUNIT_ECAP_SMTS		BIT_ULL(43)
#define VUNIT_ECAP_SSTS		BIT_ULL(46)
#define VUNIT_ECAP_FSTS		BIT_ULL(47)
#define VUNIT_ECAP_SMPWCS	BIT_ULL(48)

/* Commands and their status have the same positions */
#define VUNIT_GCMD		0x18
#define VUNIT_GSTS		0x1c
#define VUNIT_G_QI		BIT_ULL(26)
#define VUNIT_G_RTP		BIT_ULL(30)
#define VUNIT_G_TE		BIT_ULL(31)

#define VUNIT_RTADDR		0x20
#define VUNIT_RTADDR_TTM	VUNIT_BITS(11, 10)
#define VUNIT_TTM_LEGACY	0
#define VUNIT_TTM_SCALABLE	1

#define VUNIT_FSTS		0x34
#define VUNIT_FSTS_PFO		BIT_ULL(0)
#define VUNIT_FSTS_PPF		BIT_ULL(1)
#define VUNIT_FSTS_IQE		BIT_ULL(4)
#define VUNIT_FSTS_ITE		BIT_ULL(6)
#define VUNIT_FSTS_FRI		VUNIT_BITS(15, 8)

/* Events of faults, invalidations and page requests: four registers each */
#define VUNIT_FECTL		0x38
#define VUNIT_IECTL		0xa0
#define VUNIT_PECTL		0xe0
#define VUNIT_EVENT_DATA	0x4	/* from the control register */
#define VUNIT_EVENT_ADDR	0x8
#define VUNIT_EVENT_UADDR	0xc
#define VUNIT_EVENT_IP		BIT_ULL(30)
#define VUNIT_EVENT_IM		BIT_ULL(31)

#define VUNIT_IQH		0x80
#define VUNIT_IQT		0x88
#define VUNIT_IQT_QT		VUNIT_BITS(18, 4)
#define VUNIT_IQA		0x90
#define VUNIT_IQA_QS		VUNIT_BITS(2, 0)
#define VUNIT_IQA_DW		BIT_ULL(11)
#define VUNIT_IQA_IQA		VUNIT_BITS(63, 12)

#define VUNIT_ICS		0x9c
#define VUNIT_ICS_IWC		BIT_ULL(0)

#define VUNIT_IQERCD		0xb0
#define VUNIT_IQERCD_IQEI	VUNIT_BITS(3, 0)
#define VUNIT_IQERCD_ITESID	VUNIT_BITS(47, 32)

#define VUNIT_PQH		0xc0
#define VUNIT_PQT		0xc8
#define VUNIT_PQ_OFFSET		VUNIT_BITS(18, 5)
#define VUNIT_PQA		0xd0
#define VUNIT_PQA_PQS		VUNIT_BITS(2, 0)
#define VUNIT_PQA_PQA		VUNIT_BITS(63, 12)

#define VUNIT_PRS		0xdc
#define VUNIT_PRS_PPR		BIT_ULL(0)
#define VUNIT_PRS_PRO		BIT_ULL(1)

/* Invalidation Queue Error Information, section 11.4.9.9 */
enum vunit_iqei {
	VUNIT_IQEI_NONE		= 0,
	VUNIT_IQEI_TAIL		= 1,	/* tail beyond the end of the queue */
	VUNIT_IQEI_FETCH	= 2,	/* descriptor cannot be read */
	VUNIT_IQEI_TYPE		= 3,
	VUNIT_IQEI_RESERVED	= 4,
	VUNIT_IQEI_WIDTH	= 5,	/* width of descriptors */
	VUNIT_IQEI_MISALIGNED	= 6,	/* tail of a queue of 256-bit descriptors */
	VUNIT_IQEI_TTM		= 7,	/* translation table mode */
};

/* Where this unit has its fault recording and its IOTLB registers */
#define VUNIT_FRCD		0x400
#define VUNIT_FRCD_COUNT	8
#define VUNIT_FRCD_SIZE		16
#define VUNIT_IOTLB_REGS	0x500

/* Fault recording register, section 11.4.7.6: low and high half */
#define VUNIT_FRCD_HIGH		8
#define VUNIT_FRCD_FI		VUNIT_BITS(63, 12)
#define VUNIT_FRCD_SID		VUNIT_BITS(15, 0)
#define VUNIT_FRCD_FR		VUNIT_BITS(39, 32)
#define VUNIT_FRCD_T1		BIT_ULL(62)
#define VUNIT_FRCD_F		BIT_ULL(63)

#endif /* _VUNIT_REGISTERS_H */
