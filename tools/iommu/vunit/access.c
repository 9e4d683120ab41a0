// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses of the guest to registers: which bits a write changes, and what it sets off
 * (VT-d specification section 11.4).
 *
 * A register that is not in the tables reads as it is stored, zero as a rule, and ignores
 * writes.
 */
#include "unit.h"

/**
 * struct reg - how a register behaves
 * @offset: offset
 * @size: 4 or 8 bytes
 * @rw: bits that a write replaces
 * @w1c: bits that writing 1 clears
 * @written: called after a write with the bits that were written, or NULL
 */
struct reg {
	__u16 offset;
	__u8 size;
	__u64 rw;
	__u64 w1c;
	void (*written)(struct vunit *unit, __u64 val);
};

/*
 * A new root table, and translation as a whole, need no invalidation of the guest
 * (CAP.ESRTPS, and section 11.4.4 for TE).
 */
static void gcmd_written(struct vunit *unit, __u64 val)
{
	__u64 old = vunit_reg_get(unit, VUNIT_GSTS, 4);
	__u64 lasting = VUNIT_G_QI | VUNIT_G_TE;
	__u64 new = (old & ~lasting) | (val & (lasting | VUNIT_G_RTP));

	if (val & VUNIT_G_RTP)
		unit->root = vunit_reg_get(unit, VUNIT_RTADDR, 8);
	vunit_reg_set(unit, VUNIT_GSTS, new, 4);
	if (old & ~new & VUNIT_G_TE)
		unit->fault_next = 0;
	if ((val & VUNIT_G_RTP || (old ^ new) & VUNIT_G_TE) && vunit_settle_all(unit))
		vunit_fault_status_set(unit, VUNIT_FSTS_ITE);
	if (!(new & VUNIT_G_QI))
		vunit_reg_set(unit, VUNIT_IQH, 0, 8);
	else if (!(old & VUNIT_G_QI))
		vunit_queue_run(unit);
}

static void fsts_written(struct vunit *unit, __u64 val)
{
	vunit_fault_status_update(unit);
	/* Section 6.5.2.11: an error had stopped the queue. */
	if (val & (VUNIT_FSTS_IQE | VUNIT_FSTS_ITE))
		vunit_queue_run(unit);
}

static void frcd_written(struct vunit *unit, __u64 val)
{
	(void)val;
	vunit_fault_status_update(unit);
}

static void fectl_written(struct vunit *unit, __u64 val)
{
	(void)val;
	vunit_event_unmask(unit, VUNIT_FECTL);
}

static void iectl_written(struct vunit *unit, __u64 val)
{
	(void)val;
	vunit_event_unmask(unit, VUNIT_IECTL);
}

static void pectl_written(struct vunit *unit, __u64 val)
{
	(void)val;
	vunit_event_unmask(unit, VUNIT_PECTL);
}

static void ics_written(struct vunit *unit, __u64 val)
{
	if (val & VUNIT_ICS_IWC)
		vunit_event_serviced(unit, VUNIT_IECTL);
}

static void prs_written(struct vunit *unit, __u64 val)
{
	(void)val;
	vunit_page_status_update(unit);
}

static void iqt_written(struct vunit *unit, __u64 val)
{
	(void)val;
	vunit_queue_run(unit);
}

#define REG_EVENT_DATA	VUNIT_BITS(15, 0)
#define REG_EVENT_ADDR	VUNIT_BITS(31, 2)
#define REG_EVENT_UADDR	VUNIT_BITS(31, 0)

static const struct reg regs[] = {
	{ VUNIT_GCMD, 4, 0, 0, gcmd_written },
	{ VUNIT_RTADDR, 8, VUNIT_BITS(63, 10), 0, NULL },
	{ VUNIT_FSTS, 4, 0, VUNIT_FSTS_PFO | VUNIT_FSTS_IQE | VUNIT_FSTS_ITE, fsts_written },
	{ VUNIT_FECTL, 4, VUNIT_EVENT_IM, 0, fectl_written },
	{ VUNIT_FECTL + VUNIT_EVENT_DATA, 4, REG_EVENT_DATA, 0, NULL },
	{ VUNIT_FECTL + VUNIT_EVENT_ADDR, 4, REG_EVENT_ADDR, 0, NULL },
	{ VUNIT_FECTL + VUNIT_EVENT_UADDR, 4, REG_EVENT_UADDR, 0, NULL },
	{ VUNIT_IQA, 8, VUNIT_IQA_IQA | VUNIT_IQA_DW | VUNIT_IQA_QS, 0, NULL },
	{ VUNIT_IQT, 8, VUNIT_IQT_QT, 0, iqt_written },
	{ VUNIT_ICS, 4, 0, VUNIT_ICS_IWC, ics_written },
	{ VUNIT_IECTL, 4, VUNIT_EVENT_IM, 0, iectl_written },
	{ VUNIT_IECTL + VUNIT_EVENT_DATA, 4, REG_EVENT_DATA, 0, NULL },
	{ VUNIT_IECTL + VUNIT_EVENT_ADDR, 4, REG_EVENT_ADDR, 0, NULL },
	{ VUNIT_IECTL + VUNIT_EVENT_UADDR, 4, REG_EVENT_UADDR, 0, NULL },
};

/* Reserved without page requests */
static const struct reg page_regs[] = {
	{ VUNIT_PQH, 8, VUNIT_PQ_OFFSET, 0, NULL },
	{ VUNIT_PQT, 8, VUNIT_PQ_OFFSET, 0, NULL },
	{ VUNIT_PQA, 8, VUNIT_PQA_PQA | VUNIT_PQA_PQS, 0, NULL },
	{ VUNIT_PRS, 4, 0, VUNIT_PRS_PPR | VUNIT_PRS_PRO, prs_written },
	{ VUNIT_PECTL, 4, VUNIT_EVENT_IM, 0, pectl_written },
	{ VUNIT_PECTL + VUNIT_EVENT_DATA, 4, REG_EVENT_DATA, 0, NULL },
	{ VUNIT_PECTL + VUNIT_EVENT_ADDR, 4, REG_EVENT_ADDR, 0, NULL },
	{ VUNIT_PECTL + VUNIT_EVENT_UADDR, 4, REG_EVENT_UADDR, 0, NULL },
};

/* Writes the part of [offset, offset + size) that is in a register. */
static void reg_write(struct vunit *unit, const struct reg *r, __u32 offset, __u64 val,
		      unsigned int size)
{
	__u32 first = offset > r->offset ? offset : r->offset;
	__u32 end = offset + size < (__u32)r->offset + r->size ? offset + size :
							     (__u32)r->offset + r->size;
	__u64 lanes, old;

	if (first >= end)
		return;
	lanes = VUNIT_BITS((end - r->offset) * 8 - 1, (first - r->offset) * 8);
	val = ((val >> ((first - offset) * 8)) << ((first - r->offset) * 8)) & lanes;
	old = vunit_reg_get(unit, r->offset, r->size);
	vunit_reg_set(unit, r->offset,
		      ((old & ~(r->rw & lanes)) | (val & r->rw)) & ~(val & r->w1c), r->size);
	if (r->written)
		r->written(unit, val);
}

static void regs_write(struct vunit *unit, __u32 offset, __u64 val, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(regs); i++)
		reg_write(unit, &regs[i], offset, val, size);
	for (i = 0; i < ARRAY_SIZE(page_regs); i++)
		if (unit->ecap & VUNIT_ECAP_PRS)
			reg_write(unit, &page_regs[i], offset, val, size);
	for (i = 0; i < VUNIT_FRCD_COUNT; i++) {
		const struct reg frcd = {
			VUNIT_FRCD + i * VUNIT_FRCD_SIZE + VUNIT_FRCD_HIGH, 8,
			0, VUNIT_FRCD_F, frcd_written,
		};

		reg_write(unit, &frcd, offset, val, size);
	}
}

static bool access_valid(__u32 offset, unsigned int size)
{
	return (size == 4 || size == 8) && !(offset % size) && offset < VUNIT_REGS_SIZE;
}

/**
 * vunit_read() - the guest reads a register
 * @unit: unit
 * @offset: offset of the register
 * @size: bytes: 4 or 8, and @offset a multiple of it
 *
 * Return: the value; all ones for any other access.
 */
__u64 vunit_read(struct vunit *unit, __u32 offset, unsigned int size)
{
	__u64 val = ~0ULL;

	if (!access_valid(offset, size))
		return val;
	pthread_mutex_lock(&unit->lock);
	val = vunit_reg_get(unit, offset, size);
	pthread_mutex_unlock(&unit->lock);
	return val;
}

/**
 * vunit_write() - the guest writes a register
 * @unit: unit
 * @offset: offset of the register
 * @val: value
 * @size: bytes: 4 or 8, and @offset a multiple of it; other accesses are ignored
 *
 * Returns when all that the write sets off is done.
 */
void vunit_write(struct vunit *unit, __u32 offset, __u64 val, unsigned int size)
{
	if (!access_valid(offset, size))
		return;
	pthread_mutex_lock(&unit->lock);
	regs_write(unit, offset, val, size);
	pthread_mutex_unlock(&unit->lock);
}
