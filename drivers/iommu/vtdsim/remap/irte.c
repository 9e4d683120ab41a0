// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an interrupt request and an interrupt remapping table entry say (VT-d
 * specification sections 5.1 and 9.10).
 *
 * The model has no posted interrupts: CAP.PI is clear, so the bit that tells the
 * posted format is reserved.
 */
#include <linux/bitfield.h>
#include <linux/bits.h>

#include "remap/irte.h"
#include "unit/fault_reasons.h"
#include "unit/interrupts.h"

/* Interrupt request, section 5.1.2.2: address and data */
#define REQUEST_HANDLE_LOW	GENMASK_ULL(19, 5)	/* bits 14:0 */
#define REQUEST_REMAPPABLE	BIT_ULL(4)
#define REQUEST_SHV		BIT_ULL(3)
#define REQUEST_HANDLE_HIGH	BIT_ULL(2)		/* bit 15 */
#define REQUEST_SUBHANDLE	GENMASK(15, 0)
#define REQUEST_DATA_RESERVED	GENMASK(31, 16)

#define IRTE0_P			BIT_ULL(0)
#define IRTE0_FPD		BIT_ULL(1)
#define IRTE0_DM		BIT_ULL(2)
#define IRTE0_TM		BIT_ULL(4)
#define IRTE0_DLM		GENMASK_ULL(7, 5)
#define IRTE0_V			GENMASK_ULL(23, 16)
#define IRTE0_DST		GENMASK_ULL(63, 32)
#define IRTE0_DST_XAPIC		GENMASK_ULL(47, 40)
#define IRTE0_RESERVED		(GENMASK_ULL(31, 24) | GENMASK_ULL(15, 12))
#define IRTE1_SID		GENMASK_ULL(15, 0)
#define IRTE1_SID_END_BUS	GENMASK_ULL(7, 0)
#define IRTE1_SID_START_BUS	GENMASK_ULL(15, 8)
#define IRTE1_SQ		GENMASK_ULL(17, 16)
#define IRTE1_SVT		GENMASK_ULL(19, 18)
#define IRTE1_RESERVED		GENMASK_ULL(63, 20)

enum { SVT_NONE = 0, SVT_SID = 1, SVT_BUS = 2 };

/**
 * vtdsim_interrupt_is_remappable() - is a request in remappable format?
 * @addr: its address, in the interrupt address range
 *
 * Return: false for one in compatibility format.
 */
bool vtdsim_interrupt_is_remappable(u64 addr)
{
	return addr & REQUEST_REMAPPABLE;
}

/**
 * vtdsim_interrupt_has_reserved() - has a remappable request reserved bits?
 * @addr: address
 * @data: data
 *
 * Without a subhandle the data is ignored.
 *
 * Return: true if one of them is set.
 */
bool vtdsim_interrupt_has_reserved(u64 addr, u32 data)
{
	return addr & REQUEST_SHV && data & REQUEST_DATA_RESERVED;
}

/**
 * vtdsim_interrupt_index() - the table entry that a remappable request asks for
 * @addr: address
 * @data: data
 *
 * Section 5.1.3.
 *
 * Return: its index, which may be beyond any table.
 */
u32 vtdsim_interrupt_index(u64 addr, u32 data)
{
	u32 index = FIELD_GET(REQUEST_HANDLE_LOW, addr) |
		    FIELD_GET(REQUEST_HANDLE_HIGH, addr) << 15;

	if (addr & REQUEST_SHV)
		index += data & REQUEST_SUBHANDLE;
	return index;
}

/**
 * vtdsim_irte_is_quiet() - does an entry keep faults from being recorded?
 * @e: the entry
 *
 * FPD counts whether or not the entry is present.
 *
 * Return: true if it does.
 */
bool vtdsim_irte_is_quiet(const struct vtdsim_irte *e)
{
	return e->q[0] & IRTE0_FPD;
}

/**
 * vtdsim_irte_check() - can an entry be used?
 * @e: the entry
 * @extended: destinations have 32 bits (EIME); otherwise they have 8
 *
 * Return: 0 or the fault reason.
 */
u8 vtdsim_irte_check(const struct vtdsim_irte *e, bool extended)
{
	u64 reserved = IRTE0_RESERVED;

	if (!(e->q[0] & IRTE0_P))
		return VTDSIM_FR_IRTE_PRESENT;
	if (!extended)
		reserved |= IRTE0_DST & ~IRTE0_DST_XAPIC;
	if (e->q[0] & reserved || e->q[1] & IRTE1_RESERVED)
		return VTDSIM_FR_IRTE_RESERVED;
	return 0;
}

/* Bits of the source-id that SQ has ignored */
static u16 irte_ignored(const struct vtdsim_irte *e)
{
	static const u16 ignored[] = { 0, BIT(2), GENMASK(2, 1), GENMASK(2, 0) };

	return ignored[FIELD_GET(IRTE1_SQ, e->q[1])];
}

/**
 * vtdsim_irte_admits() - may a requester use an entry?
 * @e: the entry
 * @sid: source-id of the requester
 *
 * Source validation, by SVT, SQ and SID. The reserved value of SVT admits nobody.
 *
 * Return: true if it may.
 */
bool vtdsim_irte_admits(const struct vtdsim_irte *e, u16 sid)
{
	switch (FIELD_GET(IRTE1_SVT, e->q[1])) {
	case SVT_NONE:
		return true;
	case SVT_SID:
		return !((FIELD_GET(IRTE1_SID, e->q[1]) ^ sid) & ~irte_ignored(e) & 0xffff);
	case SVT_BUS:
		return sid >> 8 >= FIELD_GET(IRTE1_SID_START_BUS, e->q[1]) &&
		       sid >> 8 <= FIELD_GET(IRTE1_SID_END_BUS, e->q[1]);
	default:
		return false;
	}
}

/**
 * vtdsim_irte_decode() - the interrupt that an entry stands for
 * @e: an entry that vtdsim_irte_check() accepts
 * @extended: destinations have 32 bits
 * @irq: the interrupt
 */
void vtdsim_irte_decode(const struct vtdsim_irte *e, bool extended,
			struct vtdsim_interrupt *irq)
{
	*irq = (struct vtdsim_interrupt) {
		.dest = extended ? FIELD_GET(IRTE0_DST, e->q[0]) :
				   FIELD_GET(IRTE0_DST_XAPIC, e->q[0]),
		.logical = e->q[0] & IRTE0_DM,
		.delivery = FIELD_GET(IRTE0_DLM, e->q[0]),
		.vector = FIELD_GET(IRTE0_V, e->q[0]),
		.level = e->q[0] & IRTE0_TM,
	};
}
