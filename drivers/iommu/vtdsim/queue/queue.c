// SPDX-License-Identifier: GPL-2.0-only
/*
 * The invalidation queue, VT-d specification section 6.5.2.
 *
 * Each descriptor is completed before the next one is fetched, so fences and drains
 * have nothing to wait for. Only device-TLB invalidations may take time: after a
 * wait descriptor behind them, nothing is fetched until they are complete. An error
 * stops the queue at the descriptor that caused it until software clears the error
 * (section 6.5.2.11).
 */
#include <linux/align.h>
#include <linux/bitfield.h>
#include <linux/mm.h>

#include "queue/descriptors.h"
#include "queue/devtlb.h"
#include "queue/queue.h"
#include "queue/timing.h"
#include "tables/host_memory.h"
#include "unit/fault_log.h"
#include "unit/registers.h"
#include "unit/unit.h"

#define CREATE_TRACE_POINTS
#include "queue/trace.h"

/* Errors of the queue itself, before any descriptor is fetched */
static enum vtdsim_iqei qi_check(struct vtdsim_unit *unit, u64 iqa,
				 u64 head, u64 tail)
{
	u64 bytes = (u64)PAGE_SIZE << FIELD_GET(VTDSIM_IQA_QS, iqa);
	u64 ttm = FIELD_GET(VTDSIM_RTADDR_TTM, unit->rtaddr);
	u64 ecap = unit->caps.ecap;

	if (ttm == VTDSIM_TTM_RESERVED ||
	    (ttm == VTDSIM_TTM_SCALABLE && !(ecap & VTDSIM_ECAP_SMTS)) ||
	    (ttm == VTDSIM_TTM_ABORT && !(ecap & VTDSIM_ECAP_ADMS)))
		return VTDSIM_IQEI_TTM;
	/* Only legacy mode takes 128-bit descriptors */
	if (!(iqa & VTDSIM_IQA_DW) && ttm != VTDSIM_TTM_LEGACY)
		return VTDSIM_IQEI_WIDTH;
	if (iqa & VTDSIM_IQA_DW) {
		if (!(ecap & (VTDSIM_ECAP_SMTS | VTDSIM_ECAP_ADMS)))
			return VTDSIM_IQEI_WIDTH;
		/* The head is odd if the width changed under a running queue. */
		if (!IS_ALIGNED(head | tail, 32))
			return VTDSIM_IQEI_MISALIGNED;
	}
	return tail < bytes ? VTDSIM_IQEI_NONE : VTDSIM_IQEI_TAIL;
}

static enum vtdsim_iqei qi_drain(struct vtdsim_unit *unit)
{
	u64 iqa = vtdsim_reg_get64(unit, VTDSIM_IQA);
	u64 head = vtdsim_reg_get64(unit, VTDSIM_IQH);
	u64 tail = vtdsim_reg_get64(unit, VTDSIM_IQT);
	u64 bytes = (u64)PAGE_SIZE << FIELD_GET(VTDSIM_IQA_QS, iqa);
	bool wide = iqa & VTDSIM_IQA_DW;
	size_t step = wide ? 32 : 16;
	enum vtdsim_iqei err = qi_check(unit, iqa, head, tail);

	while (!err && head != tail && !unit->devtlb.waiting) {
		u64 desc[4] = {};

		if (!vtdsim_mem_read((iqa & VTDSIM_IQA_IQA) + head, desc, step))
			return VTDSIM_IQEI_FETCH;
		err = vtdsim_descriptor_run(unit, desc, wide);
		if (err == VTDSIM_DESC_LATER)
			return VTDSIM_IQEI_NONE;
		unit->stats.descriptors++;
		trace_vtdsim_descriptor(unit, head, desc);
		if (err)
			break;
		head = (head + step) % bytes;
		vtdsim_reg_set64(unit, VTDSIM_IQH, head);
	}
	return err;
}

/**
 * vtdsim_qi_run() - fetch and carry out descriptors from head to tail
 * @unit: unit
 *
 * Does nothing while the queue is disabled or stopped by an error. Stops at a wait
 * descriptor that waits for endpoints, or for time to pass. On an error the head
 * stays at the descriptor, IQERCD has the error, and the fault event is raised
 * (sections 6.5.2.11 and 11.4.9.9).
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_qi_run(struct vtdsim_unit *unit)
{
	u32 stopped = VTDSIM_FSTS_IQE | VTDSIM_FSTS_ITE;
	enum vtdsim_iqei err;
	u64 info;

	if (!(vtdsim_reg_get32(unit, VTDSIM_GSTS) & VTDSIM_G_QI) ||
	    vtdsim_reg_get32(unit, VTDSIM_FSTS) & stopped)
		return;
	if (!vtdsim_timing_ready(unit))
		return;
	if (unit->devtlb.waiting && !vtdsim_devtlb_busy(unit)) {
		unit->devtlb.waiting = false;
		vtdsim_wait_complete(unit, unit->devtlb.wait);
	}
	err = qi_drain(unit);
	if (!err)
		return;
	info = vtdsim_reg_get64(unit, VTDSIM_IQERCD) & ~VTDSIM_IQERCD_IQEI;
	vtdsim_reg_set64(unit, VTDSIM_IQERCD, info | err);
	vtdsim_fault_status_set(unit, VTDSIM_FSTS_IQE);
}

/**
 * vtdsim_qi_stop() - the queue has been disabled
 * @unit: unit
 *
 * Drops a wait descriptor that was fetched. Device-TLB invalidations were sent, and
 * stay under way.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_qi_stop(struct vtdsim_unit *unit)
{
	vtdsim_reg_set64(unit, VTDSIM_IQH, 0);
	unit->devtlb.waiting = false;
	unit->async.pending = false;
	unit->async.owed_ns = 0;
}

/**
 * vtdsim_devtlb_done() - an endpoint has completed an invalidation
 * @unit: unit
 * @sid: the endpoint's source-id
 * @itag: ITag of the invalidation; its invalidate operation has returned false
 *
 * Runs the queue, which may have been waiting for that.
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_devtlb_done(struct vtdsim_unit *unit, u16 sid, u8 itag)
{
	if (vtdsim_devtlb_complete(unit, sid, itag))
		vtdsim_qi_run(unit);
}
