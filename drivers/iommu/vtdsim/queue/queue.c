// SPDX-License-Identifier: GPL-2.0-only
/*
 * The invalidation queue, VT-d specification section 6.5.2.
 *
 * Here each descriptor is completed before the next one is fetched, so fences and
 * drains have nothing to wait for. Only device-TLB invalidations may take time: after
 * a wait descriptor behind them, nothing is fetched until they are complete. Units
 * that have several descriptors in flight fetch them here, too; see flights.c. An
 * error stops the queue at the descriptor that caused it until software clears the
 * error (section 6.5.2.11).
 */
#include <linux/align.h>
#include <linux/bitfield.h>
#include <linux/mm.h>

#include "cache/caches.h"
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

/**
 * struct qi_ring - the registers of a queue
 * @base: address of its memory
 * @bytes: size of its memory, a power of two
 * @head: offset of the next descriptor
 * @tail: offset behind the last descriptor
 * @step: size of a descriptor
 */
struct qi_ring {
	u64 base;
	u64 bytes;
	u64 head;
	u64 tail;
	unsigned int step;
};

/* Fills @r. Returns an error of the queue itself, before any descriptor is fetched. */
static enum vtdsim_iqei qi_load(const struct vtdsim_unit *unit, struct qi_ring *r)
{
	u64 iqa = vtdsim_reg_get64(unit, VTDSIM_IQA);
	u64 ttm = FIELD_GET(VTDSIM_RTADDR_TTM, unit->rtaddr);
	u64 ecap = unit->caps.ecap;

	*r = (struct qi_ring) {
		.base = iqa & VTDSIM_IQA_IQA,
		.bytes = (u64)PAGE_SIZE << FIELD_GET(VTDSIM_IQA_QS, iqa),
		.head = vtdsim_reg_get64(unit, VTDSIM_IQH),
		.tail = vtdsim_reg_get64(unit, VTDSIM_IQT),
		.step = iqa & VTDSIM_IQA_DW ? 32 : 16,
	};
	if (ttm == VTDSIM_TTM_RESERVED ||
	    (ttm == VTDSIM_TTM_SCALABLE && !(ecap & VTDSIM_ECAP_SMTS)) ||
	    (ttm == VTDSIM_TTM_ABORT && !(ecap & VTDSIM_ECAP_ADMS)))
		return VTDSIM_IQEI_TTM;
	/* Only legacy mode takes 128-bit descriptors */
	if (r->step == 16 && ttm != VTDSIM_TTM_LEGACY)
		return VTDSIM_IQEI_WIDTH;
	if (r->step == 32) {
		if (!(ecap & (VTDSIM_ECAP_SMTS | VTDSIM_ECAP_ADMS)))
			return VTDSIM_IQEI_WIDTH;
		/* The head is odd if the width changed under a running queue. */
		if (!IS_ALIGNED(r->head | r->tail, 32))
			return VTDSIM_IQEI_MISALIGNED;
	}
	return r->tail < r->bytes ? VTDSIM_IQEI_NONE : VTDSIM_IQEI_TAIL;
}

/* Does the unit look at the queue? */
static bool qi_enabled(const struct vtdsim_unit *unit)
{
	u32 stopped = VTDSIM_FSTS_IQE | VTDSIM_FSTS_ITE;

	return vtdsim_reg_get32(unit, VTDSIM_GSTS) & VTDSIM_G_QI &&
	       !(vtdsim_reg_get32(unit, VTDSIM_FSTS) & stopped);
}

/* The descriptor at the head, if it is valid; what a short one leaves of @desc is 0 before. */
static enum vtdsim_iqei qi_read(struct vtdsim_unit *unit, const struct qi_ring *r, u64 *desc)
{
	if (!vtdsim_mem_read(r->base + r->head, desc, r->step))
		return VTDSIM_IQEI_FETCH;
	return vtdsim_descriptor_check(unit, desc, r->step == 32);
}

/* The descriptor at the head was fetched: the next one has its turn. */
static void qi_advance(struct vtdsim_unit *unit, struct qi_ring *r, const u64 *desc)
{
	unit->stats.descriptors++;
	trace_vtdsim_descriptor(unit, r->head, desc);
	r->head = (r->head + r->step) & (r->bytes - 1);
	vtdsim_reg_set64(unit, VTDSIM_IQH, r->head);
}

static void qi_stop_at_error(struct vtdsim_unit *unit, const u64 *desc, enum vtdsim_iqei err)
{
	u64 info = vtdsim_reg_get64(unit, VTDSIM_IQERCD) & ~VTDSIM_IQERCD_IQEI;

	/* The descriptor itself is wrong, and not the queue. */
	if (err == VTDSIM_IQEI_TYPE || err == VTDSIM_IQEI_RESERVED) {
		unit->stats.descriptors++;
		trace_vtdsim_descriptor(unit, vtdsim_reg_get64(unit, VTDSIM_IQH), desc);
	}
	vtdsim_reg_set64(unit, VTDSIM_IQERCD, info | err);
	vtdsim_fault_status_set(unit, VTDSIM_FSTS_IQE);
}

/**
 * vtdsim_qi_can_fetch() - is there a descriptor to be fetched, or an error to be found?
 * @unit: unit
 *
 * Context: Caller holds the unit's lock.
 * Return: false while the queue is empty, disabled, or stopped by an error.
 */
bool vtdsim_qi_can_fetch(const struct vtdsim_unit *unit)
{
	struct qi_ring r;

	return qi_enabled(unit) && (qi_load(unit, &r) || r.head != r.tail);
}

/**
 * vtdsim_qi_fetch() - fetch a descriptor
 * @unit: unit whose vtdsim_qi_can_fetch() is true
 * @desc: room for its four quadwords, which are 0
 *
 * Context: Caller holds the unit's lock.
 * Return: true if it is in @desc; false if an error has stopped the queue.
 */
bool vtdsim_qi_fetch(struct vtdsim_unit *unit, u64 *desc)
{
	struct qi_ring r;
	enum vtdsim_iqei err = qi_load(unit, &r) ?: qi_read(unit, &r, desc);

	if (err)
		qi_stop_at_error(unit, desc, err);
	else
		qi_advance(unit, &r, desc);
	return !err;
}

static void qi_drain(struct vtdsim_unit *unit)
{
	struct qi_ring r;
	enum vtdsim_iqei err = qi_load(unit, &r);
	u64 desc[4] = {};

	while (!err && r.head != r.tail && !unit->devtlb.waiting) {
		err = qi_read(unit, &r, desc);
		if (err)
			break;
		vtdsim_descriptor_observe(unit, desc);
		vtdsim_timing_take(unit, vtdsim_descriptor_order(desc) == VTDSIM_ORDER_WAIT);
		if (!vtdsim_descriptor_run(unit, desc))
			return;
		qi_advance(unit, &r, desc);
	}
	if (err)
		qi_stop_at_error(unit, desc, err);
}

/**
 * vtdsim_qi_end_wait() - complete the wait descriptor that the queue has stopped at
 * @unit: unit
 *
 * Context: Caller holds the unit's lock.
 * Return: false if endpoints have still to answer.
 */
bool vtdsim_qi_end_wait(struct vtdsim_unit *unit)
{
	if (!unit->devtlb.waiting)
		return true;
	if (vtdsim_devtlb_busy(unit))
		return false;
	unit->devtlb.waiting = false;
	vtdsim_wait_complete(unit, unit->devtlb.wait, vtdsim_inv_fetch(unit->cache));
	return true;
}

/**
 * vtdsim_qi_run_in_order() - fetch and carry out descriptors, one after the other
 * @unit: unit with none in flight
 *
 * Does nothing while the queue is disabled or stopped by an error. Stops at a wait
 * descriptor that waits for endpoints, or for time to pass. On an error the head
 * stays at the descriptor, IQERCD has the error, and the fault event is raised
 * (sections 6.5.2.11 and 11.4.9.9).
 *
 * Context: Caller holds the unit's lock.
 */
void vtdsim_qi_run_in_order(struct vtdsim_unit *unit)
{
	if (qi_enabled(unit) && vtdsim_timing_ready(unit) && vtdsim_qi_end_wait(unit))
		qi_drain(unit);
}
