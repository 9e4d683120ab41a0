// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA requests of endpoints: translation, and the transfer of the bytes (chapter 3,
 * section 7.1).
 */
#include <linux/align.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "cache/caches.h"
#include "remap/remap.h"
#include "request/dma.h"
#include "request/trace.h"
#include "request/transact.h"
#include "request/translate.h"
#include "tables/host_memory.h"
#include "unit/fault_log.h"
#include "unit/fault_reasons.h"
#include "unit/interrupts.h"
#include "unit/registers.h"
#include "unit/unit.h"

/* Section 3.15: only a write of one aligned DWORD, and without PASID. */
static bool dma_is_interrupt(const struct vtdsim_dma *d)
{
	return d->op == VTDSIM_DMA_WRITE && !d->req.with_pasid && d->len == 4 &&
	       d->req.at == VTDSIM_AT_UNTRANSLATED &&
	       IS_ALIGNED(d->req.addr, 4) &&
	       vtdsim_in_interrupt_range(d->req.addr);
}

/* Sets *@quiet if the tables disable the recording of a fault (FPD). */
static u8 dma_translate(struct vtdsim_unit *unit, struct vtdsim_req req, u64 *hpa,
			bool *quiet)
{
	struct vtdsim_target t;
	struct vtdsim_map map;
	bool pass;
	u8 reason;

	reason = vtdsim_find_entry(unit, &req, &t);
	*quiet = t.quiet;
	if (reason)
		return reason;

	pass = vtdsim_passes_through(unit, &req, &t);
	/*
	 * With PASID, the range is translated like any other, but no output
	 * may be in it (section 3.15), which the walks check.
	 */
	if (vtdsim_in_interrupt_range(req.addr) &&
	    (!req.with_pasid || pass))
		return VTDSIM_FR_INTERRUPT;

	if (pass) {
		if (req.addr >> unit->caps.haw)
			return VTDSIM_FR_HAW;
		vtdsim_note_pass_through(unit, &req, &t);
		*hpa = req.addr;
		return 0;
	}

	reason = vtdsim_find_map(unit, &req, &t, &map);
	if (!reason)
		*hpa = map.out | (req.addr & ~(~0ULL << map.shift));
	return reason;
}

/*
 * A translated request goes to memory as it is, if software has enabled the device
 * TLB in the context entry (section 4.2.5). No other table is read.
 */
static u8 dma_admit_translated(struct vtdsim_unit *unit, const struct vtdsim_req *req,
			       bool *quiet)
{
	struct vtdsim_target t;
	u8 reason;

	reason = vtdsim_find_context(unit, req->sid, &t);
	*quiet = t.quiet;
	if (reason)
		return reason;
	if (!t.ctx.dte)
		return VTDSIM_FR_CTX_DTE;
	if (req->addr >> unit->caps.haw)
		return VTDSIM_FR_HAW;
	return vtdsim_in_interrupt_range(req->addr) ? VTDSIM_FR_INTERRUPT : 0;
}

static bool dma_move_bytes(const struct vtdsim_dma *d, u64 hpa)
{
	switch (d->op) {
	case VTDSIM_DMA_READ:
		return vtdsim_mem_read(hpa, d->buf, d->len);
	case VTDSIM_DMA_WRITE:
		return vtdsim_mem_write(hpa, d->data, d->len);
	case VTDSIM_DMA_FETCH_ADD:
		return vtdsim_mem_fetch_add(hpa, d->operand, d->len, d->old);
	}
	return false;
}

static void dma_execute(struct vtdsim_unit *unit, const struct vtdsim_dma *d,
			struct vtdsim_outcome *out)
{
	bool on = vtdsim_reg_get32(unit, VTDSIM_GSTS) & VTDSIM_G_TRANSLATION;
	bool translated = d->req.at == VTDSIM_AT_TRANSLATED;
	u64 hpa = d->req.addr;
	bool quiet = false;

	unit->stats.requests++;
	if (dma_is_interrupt(d)) {
		u32 data;

		memcpy(&data, d->data, sizeof(data));
		vtdsim_interrupt_request(unit, d->req.sid, d->req.addr, data, out);
		return;
	}

	if (translated && !on) {
		out->unsupported = true;
		return;
	}
	if (translated)
		out->reason = dma_admit_translated(unit, &d->req, &quiet);
	else if (on)
		out->reason = dma_translate(unit, d->req, &hpa, &quiet);
	if (!out->reason) {
		out->unsupported = !dma_move_bytes(d, hpa);
		return;
	}

	unit->stats.faults++;
	out->addr = d->req.addr & PAGE_MASK;
	if (!quiet)
		vtdsim_fault_record(unit, &d->req, out->reason);
}

/**
 * vtdsim_dma_carry_out() - translate a request and access memory, or block it
 * @unit: the unit that the endpoint is behind
 * @d: the request, untranslated or translated
 * @out: how it ended; zeroed by the caller
 *
 * Translated requests are unsupported while translation is disabled (section
 * 4.2.5).
 *
 * Context: Caller holds the unit's lock and has asked vtdsim_cache_ready().
 */
void vtdsim_dma_carry_out(struct vtdsim_unit *unit, const struct vtdsim_dma *d,
			  struct vtdsim_outcome *out)
{
	dma_execute(unit, d, out);
	trace_vtdsim_request(unit, &d->req, d->len, out);
}

struct dma_transaction {
	const struct vtdsim_dma *d;
	struct vtdsim_outcome *out;
};

static void dma_transaction(struct vtdsim_unit *unit, void *data)
{
	struct dma_transaction *t = data;

	vtdsim_dma_carry_out(unit, t->d, t->out);
}

static int dma_run(struct vtdsim_unit *unit, const struct vtdsim_dma *d,
		   struct vtdsim_outcome *out)
{
	struct dma_transaction t = { .d = d, .out = out };
	int ret;

	if (!d->len || offset_in_page(d->req.addr) + d->len > PAGE_SIZE)
		return -EINVAL;
	memset(out, 0, sizeof(*out));

	ret = vtdsim_transact(unit, dma_transaction, &t);
	if (ret)
		return ret;
	return out->reason || out->unsupported ? -EFAULT : 0;
}

/**
 * vtdsim_dma_read() - an endpoint reads memory
 * @unit: the unit that the endpoint is behind
 * @req: the request; whether it reads or writes is set here
 * @buf: where the bytes go
 * @len: number of bytes; the request must not cross a 4 KiB boundary
 * @out: how it ended
 *
 * Context: Process context, may sleep; takes the unit's lock.
 * Return: 0; -EFAULT when the request was blocked or found no memory, see
 *	@out; -EINVAL for a request that an endpoint cannot send; -ENOMEM.
 */
int vtdsim_dma_read(struct vtdsim_unit *unit, const struct vtdsim_req *req,
		    void *buf, size_t len, struct vtdsim_outcome *out)
{
	struct vtdsim_dma d = {
		.op = VTDSIM_DMA_READ, .req = *req, .len = len, .buf = buf,
	};

	d.req.read = true;
	d.req.write = false;
	return dma_run(unit, &d, out);
}

/**
 * vtdsim_dma_write() - an endpoint writes memory, or sends an interrupt
 * @unit: the unit that the endpoint is behind
 * @req: the request; whether it reads or writes is set here
 * @buf: the bytes
 * @len: number of bytes; the request must not cross a 4 KiB boundary
 * @out: how it ended
 *
 * An aligned write of four bytes without PASID to 0xfeexxxxx is an interrupt
 * and never translated (section 3.15). It may be remapped, or blocked (5.1).
 *
 * Context: Process context, may sleep; takes the unit's lock.
 * Return: as vtdsim_dma_read().
 */
int vtdsim_dma_write(struct vtdsim_unit *unit, const struct vtdsim_req *req,
		     const void *buf, size_t len, struct vtdsim_outcome *out)
{
	struct vtdsim_dma d = {
		.op = VTDSIM_DMA_WRITE, .req = *req, .len = len, .data = buf,
	};

	d.req.read = false;
	d.req.write = true;
	d.req.exec = false;
	return dma_run(unit, &d, out);
}

/**
 * vtdsim_dma_fetch_add() - an endpoint adds to a number in memory
 * @unit: the unit that the endpoint is behind
 * @req: the request; whether it reads or writes is set here
 * @operand: what is added
 * @size: 4 or 8 bytes; the address must be a multiple of it
 * @old: the number before, set on success only
 * @out: how it ended
 *
 * Context: Process context, may sleep; takes the unit's lock.
 * Return: as vtdsim_dma_read().
 */
int vtdsim_dma_fetch_add(struct vtdsim_unit *unit, const struct vtdsim_req *req,
			 u64 operand, size_t size, u64 *old,
			 struct vtdsim_outcome *out)
{
	struct vtdsim_dma d = {
		.op = VTDSIM_DMA_FETCH_ADD, .req = *req, .len = size,
		.operand = operand, .old = old,
	};

	if ((size != 4 && size != 8) || !IS_ALIGNED(req->addr, size))
		return -EINVAL;
	d.req.read = true;
	d.req.write = true;
	d.req.exec = false;
	return dma_run(unit, &d, out);
}
