/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Formats of the structures in memory that a remapping unit reads: root,
 * context and PASID tables (VT-d specification sections 9.1 to 9.6), first-
 * and second-stage paging entries (9.7, 9.8).
 */
#ifndef _VTDSIM_FORMATS_H
#define _VTDSIM_FORMATS_H

#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/types.h>

#include "unit/registers.h"

/* Every pointer to a 4 KiB table, before the host address width is applied */
#define TBL_POINTER		GENMASK_ULL(63, 12)

/* Scalable-mode root entry, section 9.2: two equal halves of 64 bits */
#define TBL_ROOT_BYTES		16
#define TBL_ROOT_P		BIT_ULL(0)
#define TBL_ROOT_RESERVED	GENMASK_ULL(11, 1)

/* Scalable-mode context entry, section 9.4 */
#define TBL_CTX_BYTES		32
#define TBL_CTX_QWORDS		4
#define TBL_CTX0_P		BIT_ULL(0)
#define TBL_CTX0_FPD		BIT_ULL(1)
#define TBL_CTX0_DTE		BIT_ULL(2)
#define TBL_CTX0_PASIDE		BIT_ULL(3)
#define TBL_CTX0_PRE		BIT_ULL(4)
#define TBL_CTX0_RESERVED	GENMASK_ULL(8, 5)
#define TBL_CTX0_PDTS		GENMASK_ULL(11, 9)
#define TBL_CTX1_RID_PASID	GENMASK_ULL(19, 0)
#define TBL_CTX1_RID_PRIV	BIT_ULL(20)
#define TBL_CTX1_RESERVED	GENMASK_ULL(63, 21)

/* Scalable-mode PASID directory entry, section 9.5 */
#define TBL_DIR_BYTES		8
#define TBL_DIR_P		BIT_ULL(0)
#define TBL_DIR_FPD		BIT_ULL(1)
#define TBL_DIR_RESERVED	GENMASK_ULL(11, 2)
#define TBL_DIR_MIN_SHIFT	7	/* PDTS 0 stands for 2^7 entries */

/* Scalable-mode PASID table entry, section 9.6 */
#define TBL_PASID_BYTES		64
#define TBL_PASID_QWORDS	8
#define TBL_PASID_TABLE_SHIFT	6	/* 64 entries fill one table */
#define TBL_PASID0_P		BIT_ULL(0)
#define TBL_PASID0_FPD		BIT_ULL(1)
#define TBL_PASID0_AW		GENMASK_ULL(4, 2)
#define TBL_PASID0_PGTT		GENMASK_ULL(8, 6)
#define TBL_PASID0_SSADE	BIT_ULL(9)
#define TBL_PASID0_RESERVED	(BIT_ULL(5) | GENMASK_ULL(11, 10))
#define TBL_PASID1_DID		GENMASK_ULL(15, 0)
#define TBL_PASID1_RESERVED	GENMASK_ULL(22, 16)
#define TBL_PASID1_PWSNP	BIT_ULL(23)
#define TBL_PASID1_PGSNP	BIT_ULL(24)
/* CD, EMTE, EMT, PWT, PCD and PAT: they exist only with MTS */
#define TBL_PASID1_MEMTYPE	GENMASK_ULL(63, 25)
#define TBL_PASID2_SRE		BIT_ULL(0)
#define TBL_PASID2_FSPM		GENMASK_ULL(3, 2)
#define TBL_PASID2_WPE		BIT_ULL(4)
#define TBL_PASID2_EAFE		BIT_ULL(7)
#define TBL_PASID2_RESERVED	(BIT_ULL(1) | GENMASK_ULL(11, 8))
#define TBL_FSPM_4_LEVELS	0
#define TBL_FSPM_5_LEVELS	1
#define TBL_AW_3_LEVELS		1	/* 39 bits; one more level per step */
#define TBL_AW_5_LEVELS		3	/* 57 bits */

/* Paging entries of both stages */
#define TBL_PTE_BYTES		8
#define TBL_PTE_PS		BIT_ULL(7)	/* page, at levels 2 and 3 */
#define TBL_PTE_ADDR		GENMASK_ULL(51, 12)
#define TBL_LEVEL_BITS		9

/* First-stage paging entry, section 9.7 */
#define TBL_FS_P		BIT_ULL(0)
#define TBL_FS_RW		BIT_ULL(1)
#define TBL_FS_US		BIT_ULL(2)
#define TBL_FS_A		BIT_ULL(5)
#define TBL_FS_D		BIT_ULL(6)
#define TBL_FS_EA		BIT_ULL(10)
#define TBL_FS_LARGE_PAT	BIT_ULL(12)
#define TBL_FS_IGNORED		(BIT_ULL(9) | BIT_ULL(11) | GENMASK_ULL(62, 52))

/* Second-stage paging entry, section 9.8 */
#define TBL_SS_R		BIT_ULL(0)
#define TBL_SS_W		BIT_ULL(1)
#define TBL_SS_A		BIT_ULL(8)
#define TBL_SS_D		BIT_ULL(9)
#define TBL_SS_SNP		BIT_ULL(11)
#define TBL_SS_RESERVED_62	BIT_ULL(62)
#define TBL_SS_IGNORED		(BIT_ULL(10) | GENMASK_ULL(61, 52) | BIT_ULL(63))

/**
 * tbl_beyond() - bits that an address of a given width cannot have
 * @width: bits of address, below 64
 *
 * Return: mask of the bits from @width on.
 */
static inline u64 tbl_beyond(unsigned int width)
{
	return GENMASK_ULL(63, width);
}

/**
 * tbl_shift() - size of what one entry of a page table maps
 * @level: level of the table, 1 for the lowest
 *
 * Return: log2 of the bytes.
 */
static inline unsigned int tbl_shift(int level)
{
	return 12 + TBL_LEVEL_BITS * (level - 1);
}

/**
 * tbl_pte() - where a page walk finds its entry
 * @table: host address of the table
 * @addr: input address of the walk
 * @level: level of the table, 1 for the lowest
 *
 * Return: host address of the entry.
 */
static inline u64 tbl_pte(u64 table, u64 addr, int level)
{
	u64 index = (addr >> tbl_shift(level)) & GENMASK_ULL(TBL_LEVEL_BITS - 1, 0);

	return table + index * TBL_PTE_BYTES;
}

#endif /* _VTDSIM_FORMATS_H */
