/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Invalidation descriptors, VT-d specification section 6.5.2.
 *
 * Fields are named by the quadword that holds them. What is not named in a
 * type is reserved there; quadwords 2 and 3 are, in all types listed here.
 */
#ifndef _VTDSIM_DESCRIPTORS_H
#define _VTDSIM_DESCRIPTORS_H

#include <linux/bits.h>
#include <linux/types.h>

#include "unit/registers.h"

struct vtdsim_unit;

/* All types; the type number has its upper three bits apart */
#define VTDSIM_DESC0_TYPE_LOW	GENMASK_ULL(3, 0)
#define VTDSIM_DESC0_TYPE_HIGH	GENMASK_ULL(11, 9)

#define VTDSIM_DESC_CONTEXT	1	/* context-cache, 6.5.2.1 */
#define VTDSIM_DESC_IOTLB	2	/* 6.5.2.3 */
#define VTDSIM_DESC_DEVTLB	3	/* device-TLB, 6.5.2.5 */
#define VTDSIM_DESC_IEC		4	/* interrupt entry cache */
#define VTDSIM_DESC_WAIT	5	/* 6.5.2.9 */
#define VTDSIM_DESC_PIOTLB	6	/* PASID-based IOTLB, 6.5.2.4 */
#define VTDSIM_DESC_PASID	7	/* PASID-cache, 6.5.2.2 */
#define VTDSIM_DESC_PDEVTLB	8	/* PASID-based device-TLB, 6.5.2.6 */
#define VTDSIM_DESC_PAGE	9	/* page group response, 7.6.1 */

/* All invalidations */
#define VTDSIM_INV0_G		GENMASK_ULL(5, 4)
#define VTDSIM_INV0_DID		GENMASK_ULL(31, 16)
/* PASID-based ones */
#define VTDSIM_INV0_PASID	GENMASK_ULL(51, 32)
/* Those of the IOTLB */
#define VTDSIM_INV1_AM		GENMASK_ULL(5, 0)
#define VTDSIM_INV1_IH		BIT_ULL(6)
#define VTDSIM_INV1_ADDR	GENMASK_ULL(63, 12)

#define VTDSIM_CONTEXT0_SID	GENMASK_ULL(47, 32)
#define VTDSIM_CONTEXT0_FM	GENMASK_ULL(49, 48)
#define VTDSIM_CONTEXT_G_GLOBAL	1
#define VTDSIM_CONTEXT_G_DOMAIN	2
#define VTDSIM_CONTEXT_G_DEVICE	3

#define VTDSIM_IOTLB0_DW	BIT_ULL(6)
#define VTDSIM_IOTLB0_DR	BIT_ULL(7)
#define VTDSIM_IOTLB_G_GLOBAL	1
#define VTDSIM_IOTLB_G_DOMAIN	2
#define VTDSIM_IOTLB_G_PAGES	3

/* Both device-TLB invalidations; PFSID has its lower four bits apart */
#define VTDSIM_DEVTLB0_PFSID_LOW	GENMASK_ULL(15, 12)
#define VTDSIM_DEVTLB0_PFSID_HIGH	GENMASK_ULL(63, 52)
#define VTDSIM_DEVTLB1_ADDR	GENMASK_ULL(63, 12)

#define VTDSIM_DEVTLB0_MIP	GENMASK_ULL(20, 16)
#define VTDSIM_DEVTLB0_SID	GENMASK_ULL(47, 32)
#define VTDSIM_DEVTLB1_S	BIT_ULL(0)

#define VTDSIM_PDEVTLB0_MIP	GENMASK_ULL(8, 4)
#define VTDSIM_PDEVTLB0_SID	GENMASK_ULL(31, 16)
#define VTDSIM_PDEVTLB1_G	BIT_ULL(0)
#define VTDSIM_PDEVTLB1_S	BIT_ULL(11)

#define VTDSIM_IEC0_G		BIT_ULL(4)	/* index-selective */
#define VTDSIM_IEC0_IM		GENMASK_ULL(31, 27)
#define VTDSIM_IEC0_IIDX	GENMASK_ULL(47, 32)

#define VTDSIM_WAIT0_IF		BIT_ULL(4)
#define VTDSIM_WAIT0_SW		BIT_ULL(5)
#define VTDSIM_WAIT0_FN		BIT_ULL(6)
#define VTDSIM_WAIT0_PD		BIT_ULL(7)
#define VTDSIM_WAIT0_DATA	GENMASK_ULL(63, 32)
#define VTDSIM_WAIT1_ADDR	GENMASK_ULL(63, 2)

#define VTDSIM_PIOTLB_G_PASID	2
#define VTDSIM_PIOTLB_G_PAGES	3

#define VTDSIM_PASID_G_DOMAIN	0
#define VTDSIM_PASID_G_PASID	1
#define VTDSIM_PASID_G_GLOBAL	3

#define VTDSIM_PAGE0_PP		BIT_ULL(4)
#define VTDSIM_PAGE0_RC		GENMASK_ULL(15, 12)
#define VTDSIM_PAGE0_RID	GENMASK_ULL(31, 16)
#define VTDSIM_PAGE0_PASID	GENMASK_ULL(51, 32)
#define VTDSIM_PAGE1_IGN	BIT_ULL(2)
#define VTDSIM_PAGE1_PRGI	GENMASK_ULL(11, 3)

/**
 * enum vtdsim_desc_order - what a descriptor must not overtake (sections 6.5.2.12, 7.8)
 * @VTDSIM_ORDER_IEC: nothing but a fence
 * @VTDSIM_ORDER_CONTEXT: nothing but a fence
 * @VTDSIM_ORDER_PASID: those of the context-cache
 * @VTDSIM_ORDER_IOTLB: those two
 * @VTDSIM_ORDER_DEVTLB: those three, and those of the interrupt entry cache; and messages to the
 *	same endpoint, as a page group response is, too
 * @VTDSIM_ORDER_RESPONSE: messages to the same endpoint
 * @VTDSIM_ORDER_WAIT: anything
 */
enum vtdsim_desc_order {
	VTDSIM_ORDER_IEC,
	VTDSIM_ORDER_CONTEXT,
	VTDSIM_ORDER_PASID,
	VTDSIM_ORDER_IOTLB,
	VTDSIM_ORDER_DEVTLB,
	VTDSIM_ORDER_RESPONSE,
	VTDSIM_ORDER_WAIT,
};

enum vtdsim_iqei vtdsim_descriptor_check(const struct vtdsim_unit *unit, const u64 *desc,
					 bool wide);
enum vtdsim_desc_order vtdsim_descriptor_order(const u64 *desc);
u16 vtdsim_descriptor_endpoint(const u64 *desc);
void vtdsim_descriptor_observe(struct vtdsim_unit *unit, const u64 *desc);
u64 vtdsim_iotlb_address(const struct vtdsim_unit *unit, const u64 *desc);
bool vtdsim_descriptor_run(struct vtdsim_unit *unit, const u64 *desc);
void vtdsim_wait_complete(struct vtdsim_unit *unit, const u64 *desc, u64 epoch);

#endif /* _VTDSIM_DESCRIPTORS_H */
