// SPDX-License-Identifier: GPL-2.0-only
/*
 * What software reads from the registers of a unit, and what it sets off by
 * writing them (VT-d specification section 11.4).
 *
 * Tables have, for each register, the bits that software can write, those that it
 * clears by writing 1, and what a write sets off. All other registers read as zero
 * and ignore writes; so do registers of features that the unit lacks (page requests)
 * or the model lacks (protected memory).
 */
#include <linux/align.h>
#include <linux/bitfield.h>
#include <linux/string.h>
#include <linux/timex.h>

#include "dispatch/register_access.h"
#include "queue/async.h"
#include "queue/control.h"
#include "queue/global_command.h"
#include "request/page_request.h"
#include "unit/fault_log.h"
#include "unit/interrupts.h"
#include "unit/registers.h"
#include "unit/unit.h"
#include "unit/violation.h"

/**
 * struct vtdsim_reg - how a register behaves
 * @size: 4 or 8 bytes
 * @rw: bits that a write replaces
 * @w1c: bits that writing 1 clears
 * @written: called after a write that touched the bits in @trigger
 * @trigger: bits, 0 for any of them
 * @ecap: capability that the register is reserved without, or 0
 *
 * @written gets the value written, zero where nothing was written.
 */
struct vtdsim_reg {
	u8 size;
	u64 rw;
	u64 w1c;
	void (*written)(struct vtdsim_unit *unit, u64 val);
	u64 trigger;
	u64 ecap;
};

/*
 * Section 6.5.1: units of version 6 and later have no register-based invalidation.
 * The request completes at once and does nothing.
 */
static void vtdsim_ccmd_written(struct vtdsim_unit *unit, u64 val)
{
	if (!(val & VTDSIM_CCMD_ICC))
		return;
	val = vtdsim_reg_get64(unit, VTDSIM_CCMD);
	val &= ~(VTDSIM_CCMD_ICC | VTDSIM_CCMD_CAIG);
	vtdsim_reg_set64(unit, VTDSIM_CCMD, val);
	vtdsim_violation(unit, "6.5.1", "context-cache invalidation by register");
}

static void vtdsim_iotlb_written(struct vtdsim_unit *unit, u64 val)
{
	u32 offset = 16 * FIELD_GET(VTDSIM_ECAP_IRO, unit->caps.ecap) + VTDSIM_IOTLB;

	if (!(val & VTDSIM_IOTLB_IVT))
		return;
	val = vtdsim_reg_get64(unit, offset);
	val &= ~(VTDSIM_IOTLB_IVT | VTDSIM_IOTLB_IAIG);
	vtdsim_reg_set64(unit, offset, val);
	vtdsim_violation(unit, "6.5.1", "IOTLB invalidation by register");
}

static void vtdsim_fsts_written(struct vtdsim_unit *unit, u64 val)
{
	vtdsim_fault_status_update(unit);
	/* Section 6.5.2.11: an error had stopped the queue. */
	if (val & (VTDSIM_FSTS_IQE | VTDSIM_FSTS_ITE))
		vtdsim_qi_run(unit);
}

static void vtdsim_frcd_written(struct vtdsim_unit *unit, u64 val)
{
	vtdsim_fault_status_update(unit);
}

static void vtdsim_fectl_written(struct vtdsim_unit *unit, u64 val)
{
	vtdsim_event_unmask(unit, VTDSIM_FECTL);
}

static void vtdsim_iectl_written(struct vtdsim_unit *unit, u64 val)
{
	vtdsim_event_unmask(unit, VTDSIM_IECTL);
}

static void vtdsim_prs_written(struct vtdsim_unit *unit, u64 val)
{
	vtdsim_page_status_update(unit);
}

static void vtdsim_pectl_written(struct vtdsim_unit *unit, u64 val)
{
	vtdsim_event_unmask(unit, VTDSIM_PECTL);
}

static void vtdsim_ics_written(struct vtdsim_unit *unit, u64 val)
{
	if (!(vtdsim_reg_get32(unit, VTDSIM_ICS) & VTDSIM_ICS_IWC))
		vtdsim_event_serviced(unit, VTDSIM_IECTL);
}

/* Section 11.4.10: EIME is reserved without Extended Interrupt Mode. */
static void vtdsim_irta_written(struct vtdsim_unit *unit, u64 val)
{
	if (unit->caps.ecap & VTDSIM_ECAP_EIM)
		return;
	val = vtdsim_reg_get64(unit, VTDSIM_IRTA);
	vtdsim_reg_set64(unit, VTDSIM_IRTA, val & ~VTDSIM_IRTA_EIME);
}

static void vtdsim_iqt_written(struct vtdsim_unit *unit, u64 val)
{
	unit->stats.doorbells++;
	vtdsim_async_kick(unit);
}

/* Tables are indexed by offset, in units of 4 bytes. */
#define REG(_offset, _size, ...) \
	[(_offset) / 4] = { .size = (_size), ##__VA_ARGS__ }

static const struct vtdsim_reg vtdsim_fixed_regs[] = {
	REG(VTDSIM_GCMD, 4, .written = vtdsim_command_written),
	REG(VTDSIM_RTADDR, 8, .rw = GENMASK_ULL(63, 10)),
	REG(VTDSIM_CCMD, 8, .rw = GENMASK_ULL(63, 61) | GENMASK_ULL(33, 0),
	    .written = vtdsim_ccmd_written),
	REG(VTDSIM_FSTS, 4, .w1c = VTDSIM_FSTS_PFO | VTDSIM_FSTS_IQE |
	    VTDSIM_FSTS_ICE | VTDSIM_FSTS_ITE, .written = vtdsim_fsts_written),
	REG(VTDSIM_FECTL, 4, .rw = VTDSIM_EVENT_IM, .written = vtdsim_fectl_written),
	REG(VTDSIM_FECTL + VTDSIM_EVENT_DATA, 4, .rw = GENMASK(15, 0)),
	REG(VTDSIM_FECTL + VTDSIM_EVENT_ADDR, 4, .rw = GENMASK(31, 2)),
	REG(VTDSIM_FECTL + VTDSIM_EVENT_UADDR, 4, .rw = GENMASK(31, 0)),
	REG(VTDSIM_IQT, 8, .rw = VTDSIM_IQT_QT, .written = vtdsim_iqt_written,
	    .trigger = VTDSIM_IQT_QT),
	REG(VTDSIM_IQA, 8,
	    .rw = VTDSIM_IQA_IQA | VTDSIM_IQA_DW | VTDSIM_IQA_QS),
	REG(VTDSIM_ICS, 4, .w1c = VTDSIM_ICS_IWC, .written = vtdsim_ics_written),
	REG(VTDSIM_IECTL, 4, .rw = VTDSIM_EVENT_IM, .written = vtdsim_iectl_written),
	REG(VTDSIM_IECTL + VTDSIM_EVENT_DATA, 4, .rw = GENMASK(15, 0)),
	REG(VTDSIM_IECTL + VTDSIM_EVENT_ADDR, 4, .rw = GENMASK(31, 2)),
	REG(VTDSIM_IECTL + VTDSIM_EVENT_UADDR, 4, .rw = GENMASK(31, 0)),
	REG(VTDSIM_IRTA, 8, .rw = VTDSIM_IRTA_IRTA | VTDSIM_IRTA_EIME | VTDSIM_IRTA_S,
	    .ecap = VTDSIM_ECAP_IR, .written = vtdsim_irta_written),
	/* Reserved without Page Request Support, section 11.4.11 */
	REG(VTDSIM_PQH, 8, .rw = VTDSIM_PQ_OFFSET, .ecap = VTDSIM_ECAP_PRS),
	REG(VTDSIM_PQT, 8, .rw = VTDSIM_PQ_OFFSET, .ecap = VTDSIM_ECAP_PRS),
	REG(VTDSIM_PQA, 8, .rw = VTDSIM_PQA_PQA | VTDSIM_PQA_PQS, .ecap = VTDSIM_ECAP_PRS),
	REG(VTDSIM_PRS, 4, .w1c = VTDSIM_PRS_PPR | VTDSIM_PRS_PRO,
	    .written = vtdsim_prs_written, .ecap = VTDSIM_ECAP_PRS),
	REG(VTDSIM_PECTL, 4, .rw = VTDSIM_EVENT_IM, .written = vtdsim_pectl_written,
	    .ecap = VTDSIM_ECAP_PRS),
	REG(VTDSIM_PECTL + VTDSIM_EVENT_DATA, 4, .rw = GENMASK(15, 0),
	    .ecap = VTDSIM_ECAP_PRS),
	REG(VTDSIM_PECTL + VTDSIM_EVENT_ADDR, 4, .rw = GENMASK(31, 2),
	    .ecap = VTDSIM_ECAP_PRS),
	REG(VTDSIM_PECTL + VTDSIM_EVENT_UADDR, 4, .rw = GENMASK(31, 0),
	    .ecap = VTDSIM_ECAP_PRS),
};

static const struct vtdsim_reg vtdsim_iotlb_regs[] = {
	REG(VTDSIM_IVA, 8, .rw = GENMASK_ULL(63, 12) | GENMASK_ULL(6, 0)),
	REG(VTDSIM_IOTLB, 8,
	    .rw = VTDSIM_IOTLB_IVT | GENMASK_ULL(61, 60) | GENMASK_ULL(49, 32),
	    .written = vtdsim_iotlb_written),
};

static const struct vtdsim_reg vtdsim_frcd_regs[VTDSIM_FRCD_BYTES / 4] = {
	REG(VTDSIM_FRCD_HI, 8, .w1c = VTDSIM_FRCD_F, .written = vtdsim_frcd_written),
};

/* The register that begins at @at, a multiple of 4, or NULL */
static const struct vtdsim_reg *vtdsim_reg_find(const struct vtdsim_unit *unit, u32 at)
{
	u32 iotlb = at - 16 * FIELD_GET(VTDSIM_ECAP_IRO, unit->caps.ecap);
	u32 frcd = at - 16 * FIELD_GET(VTDSIM_CAP_FRO, unit->caps.cap);
	u32 records = FIELD_GET(VTDSIM_CAP_NFR, unit->caps.cap) + 1;
	const struct vtdsim_reg *r;

	if (at / 4 < ARRAY_SIZE(vtdsim_fixed_regs))
		r = &vtdsim_fixed_regs[at / 4];
	else if (iotlb / 4 < ARRAY_SIZE(vtdsim_iotlb_regs))
		r = &vtdsim_iotlb_regs[iotlb / 4];
	else if (frcd < records * VTDSIM_FRCD_BYTES)
		r = &vtdsim_frcd_regs[frcd % VTDSIM_FRCD_BYTES / 4];
	else
		return NULL;
	return r->size && !(r->ecap & ~unit->caps.ecap) ? r : NULL;
}

/* Writes those bits of the register @r, which is at @at, that are in @lanes. */
static void vtdsim_reg_write_lanes(struct vtdsim_unit *unit, const struct vtdsim_reg *r, u32 at,
				   u64 val, u64 lanes)
{
	bool wide = r->size == 8;
	u64 old, new;

	if (!wide) {
		val = lower_32_bits(val);
		lanes = lower_32_bits(lanes);
	}
	if (!lanes)
		return;
	old = wide ? vtdsim_reg_get64(unit, at) : vtdsim_reg_get32(unit, at);
	new = (old & ~(r->rw & lanes)) | (val & r->rw);
	new &= ~(val & r->w1c);
	if (wide)
		vtdsim_reg_set64(unit, at, new);
	else
		vtdsim_reg_set32(unit, at, new);

	if (r->written && (!r->trigger || r->trigger & lanes))
		r->written(unit, val);
}

static bool vtdsim_reg_access_valid(struct vtdsim_unit *unit, u32 offset, unsigned int size)
{
	if ((size == 4 || size == 8) && IS_ALIGNED(offset, size) &&
	    offset < VTDSIM_REG_BYTES)
		return true;
	vtdsim_violation(unit, "11.2", "access of %u bytes to register %#x",
			 size, offset);
	return false;
}

/**
 * vtdsim_reg_read() - what software reads from a register
 * @unit: unit
 * @offset: offset of the register
 * @size: 4 or 8 bytes; @offset is a multiple of it
 *
 * Section 11.2. Reads have no side effects, but each register access checks for
 * time-outs of device-TLB invalidations, and for other things whose time has come.
 *
 * Context: Any. Takes the unit's lock.
 * Return: the value; all ones for an access that the unit does not accept.
 */
u64 vtdsim_reg_read(struct vtdsim_unit *unit, u32 offset, unsigned int size)
{
	cycles_t since = get_cycles();
	unsigned long flags;
	u64 val = ~0ULL;

	raw_spin_lock_irqsave(&unit->lock, flags);
	vtdsim_qi_check_endpoints(unit);
	vtdsim_async_check(unit);
	if (vtdsim_reg_access_valid(unit, offset, size))
		val = size == 8 ? vtdsim_reg_get64(unit, offset) :
				  vtdsim_reg_get32(unit, offset);
	unit->stats.register_cycles += get_cycles() - since;
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return val;
}

/* The 8 aligned bytes around a write have one register of 8 bytes, or up to two of 4 bytes. */
static void vtdsim_reg_write_aligned(struct vtdsim_unit *unit, u32 offset, u64 val,
				     unsigned int size)
{
	u32 at = round_down(offset, 8);
	unsigned int shift = (offset - at) * 8;
	u64 lanes = GENMASK_ULL(size * 8 - 1, 0) << shift;
	const struct vtdsim_reg *r = vtdsim_reg_find(unit, at);

	val = val << shift & lanes;
	if (r)
		vtdsim_reg_write_lanes(unit, r, at, val, lanes);
	if (r && r->size == 8)
		return;
	r = vtdsim_reg_find(unit, at + 4);
	if (r)
		vtdsim_reg_write_lanes(unit, r, at + 4, val >> 32, lanes >> 32);
}

/**
 * vtdsim_reg_write() - software writes a register
 * @unit: unit
 * @offset: offset of the register
 * @val: value
 * @size: 4 or 8 bytes; @offset is a multiple of it
 *
 * Returns when all that the write sets off is done, such as all descriptors up to
 * the new tail, unless the unit works beside the CPUs. 8 bytes written to two
 * registers of 4 bytes reach the lower one first.
 *
 * Context: Any. Takes the unit's lock.
 */
void vtdsim_reg_write(struct vtdsim_unit *unit, u32 offset, u64 val,
		      unsigned int size)
{
	cycles_t since = get_cycles();
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	vtdsim_qi_check_endpoints(unit);
	vtdsim_async_check(unit);
	if (vtdsim_reg_access_valid(unit, offset, size))
		vtdsim_reg_write_aligned(unit, offset, val, size);
	unit->stats.register_cycles += get_cycles() - since;
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}
