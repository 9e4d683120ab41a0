/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test fixture: units, and their registers as software accesses them.
 *
 * Offsets and bits are numbers of the tests' own, counted out from chapter 11 of
 * the VT-d specification, so that a wrong constant in the model shows.
 */
#ifndef _VTDSIM_TEST_FIXTURE_UNIT_H
#define _VTDSIM_TEST_FIXTURE_UNIT_H

#include <kunit/test.h>
#include <linux/bitfield.h>
#include <linux/bits.h>

#include "unit/registers.h"
#include "vtdsim.h"

#define GCMD		0x18
#define GCMD_TE		0x80000000
#define GCMD_SRTP	0x40000000
#define GCMD_QIE	0x04000000
#define GCMD_IRE	0x02000000
#define GCMD_SIRTP	0x01000000
#define GCMD_CFI	0x00800000
#define GSTS		0x1c
#define RTADDR		0x20
#define RTADDR_SCALABLE	0x400
#define FSTS		0x34
#define FSTS_PFO	0x01
#define FSTS_PPF	0x02
#define FSTS_IQE	0x10
#define FSTS_ICE	0x20
#define FSTS_ITE	0x40
#define FECTL		0x38
#define IQH		0x80
#define IQT		0x88
#define IQA		0x90
#define IQA_WIDE	0x800
#define ICS		0x9c
#define IECTL		0xa0
#define IQERCD		0xb0
#define IRTA		0xb8
#define IRTA_EIME	0x800
#define PQH		0xc0
#define PQT		0xc8
#define PQA		0xd0
#define PRS		0xdc
#define PRS_PPR		1
#define PRS_PRO		2
#define PECTL		0xe0
/* Bits of FECTL, IECTL and PECTL */
#define EVENT_IM	0x80000000
#define EVENT_IP	0x40000000

#define ECAP_C		BIT_ULL(0)
#define ECAP_QI		BIT_ULL(1)
#define ECAP_DT		BIT_ULL(2)
#define ECAP_IR		BIT_ULL(3)
#define ECAP_EIM	BIT_ULL(4)
#define ECAP_PT		BIT_ULL(6)
#define ECAP_SC		BIT_ULL(7)
#define ECAP_MHMV(bits)	((u64)(bits) << 20)
#define ECAP_MTS	BIT_ULL(25)
#define ECAP_NEST	BIT_ULL(26)
#define ECAP_PRS	BIT_ULL(29)
#define ECAP_SRS	BIT_ULL(31)
#define ECAP_NWFS	BIT_ULL(33)
#define ECAP_EAFS	BIT_ULL(34)
#define ECAP_PSS(bits)	(((bits) - 1ULL) << 35)
#define ECAP_PASID	BIT_ULL(40)
#define ECAP_DIT	BIT_ULL(41)
#define ECAP_PDS	BIT_ULL(42)
#define ECAP_SMTS	BIT_ULL(43)
#define ECAP_SSADS	BIT_ULL(45)
#define ECAP_SSTS	BIT_ULL(46)
#define ECAP_FSTS	BIT_ULL(47)
#define ECAP_SMPWCS	BIT_ULL(48)
#define ECAP_RPS	BIT_ULL(49)
#define ECAP_RPRIVS	BIT_ULL(53)

#define CAP_ND_16	6	/* domain-ids of 16 bits */
#define CAP_SAGAW(mask)	((u64)(mask) << 8)
#define CAP_MGAW(width)	(((width) - 1ULL) << 16)
#define CAP_FRO(offset)	((u64)((offset) / 16) << 24)
#define CAP_SPS_2M	BIT_ULL(34)
#define CAP_SPS_1G	BIT_ULL(35)
#define CAP_FS1GP	BIT_ULL(56)
#define CAP_FS5LP	BIT_ULL(60)
#define CAP_ESIRTPS	BIT_ULL(62)

/* Host address width of all units here */
#define TEST_HAW	46
/* An address within that width at which no memory is */
#define TEST_HOLE	BIT_ULL(TEST_HAW - 1)

/*
 * What vtdsim_test_unit() can do. Its register blocks are not where a profile of
 * the boot parameter has them.
 */
#define TEST_FRCD		0x400
#define TEST_RECORDS		3
#define TEST_IOTLB		0x300
#define TEST_MAMV		9
#define TEST_MGAW		48
/* Address bits that the second stage does not have */
#define TEST_BEYOND		(~0ULL << TEST_MGAW)

#define TEST_CAP						\
	(FIELD_PREP_CONST(VTDSIM_CAP_FRO, TEST_FRCD / 16) |	\
	 FIELD_PREP_CONST(VTDSIM_CAP_NFR, TEST_RECORDS - 1) |	\
	 FIELD_PREP_CONST(VTDSIM_CAP_MAMV, TEST_MAMV) |		\
	 FIELD_PREP_CONST(VTDSIM_CAP_ND, CAP_ND_16) |		\
	 CAP_MGAW(TEST_MGAW) |					\
	 VTDSIM_CAP_PSI | VTDSIM_CAP_ESRTPS)

#define TEST_ECAP						\
	(FIELD_PREP_CONST(VTDSIM_ECAP_IRO, TEST_IOTLB / 16) |	\
	 VTDSIM_ECAP_C | VTDSIM_ECAP_QI | VTDSIM_ECAP_SMTS |	\
	 VTDSIM_ECAP_PASID)

/* The fault recording register of vtdsim_test_dma_unit() */
#define DMA_FRCD		0x200
#define DMA_FRCD_HIGH		(DMA_FRCD + 8)

/* A timeout that no test reaches */
#define TEST_HOUR_US		3600000000U

struct vtdsim_unit *vtdsim_test_unit_with(struct kunit *test, u64 cap, u64 ecap);
struct vtdsim_unit *vtdsim_test_unit(struct kunit *test);
struct vtdsim_unit *vtdsim_test_dma_unit(struct kunit *test);
enum vtdsim_iqei vtdsim_test_descriptor(struct vtdsim_unit *unit, u64 low, u64 high);
void vtdsim_test_expire(struct vtdsim_unit *unit, u16 sid);
void vtdsim_test_settle(struct vtdsim_unit *unit);

/* Accesses of software that has waited for what it has asked the unit to do */

static inline u32 read32(struct vtdsim_unit *unit, u32 offset)
{
	vtdsim_test_settle(unit);
	return vtdsim_reg_read(unit, offset, 4);
}

static inline u64 read64(struct vtdsim_unit *unit, u32 offset)
{
	vtdsim_test_settle(unit);
	return vtdsim_reg_read(unit, offset, 8);
}

static inline void write32(struct vtdsim_unit *unit, u32 offset, u32 val)
{
	vtdsim_reg_write(unit, offset, val, 4);
	vtdsim_test_settle(unit);
}

static inline void write64(struct vtdsim_unit *unit, u32 offset, u64 val)
{
	vtdsim_reg_write(unit, offset, val, 8);
	vtdsim_test_settle(unit);
}

#endif /* _VTDSIM_TEST_FIXTURE_UNIT_H */
