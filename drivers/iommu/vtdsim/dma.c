// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA requests of endpoints: translation through the caches and tables, and
 * the bytes moved (chapter 3, sections 6.2 and 7.1).
 */
#include <linux/align.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "faults.h"
#include "regs.h"
#include "vtdsim.h"

/* Interrupt address range, section 3.14 */
#define DMA_INTERRUPT_FIRST	0xfee00000ULL
#define DMA_INTERRUPT_LAST	0xfeefffffULL

enum dma_op { DMA_READ, DMA_WRITE, DMA_FETCH_ADD };

/*
 * A request and what goes with it: buf for a read, data for a write, operand
 * and old for a fetch-add.
 */
struct dma {
	enum dma_op op;
	struct vtdsim_req req;
	size_t len;
	void *buf;
	const void *data;
	u64 operand;
	u64 *old;
};

static bool in_interrupt_range(u64 addr)
{
	return addr >= DMA_INTERRUPT_FIRST && addr <= DMA_INTERRUPT_LAST;
}

/* Section 3.14: only a write of one aligned DWORD, and without PASID. */
static bool is_interrupt(const struct dma *d)
{
	return d->op == DMA_WRITE && !d->req.with_pasid && d->len == 4 &&
	       IS_ALIGNED(d->req.addr, 4) && in_interrupt_range(d->req.addr);
}

static u8 get_context(struct vtdsim_unit *unit, u16 sid,
		      struct vtdsim_context *ctx)
{
	u8 reason;

	if (vtdsim_cache_find_context(unit->cache, sid, ctx))
		return 0;
	reason = vtdsim_fetch_context(&unit->caps, unit->rtaddr, sid, ctx);
	if (!reason)
		vtdsim_cache_add_context(unit->cache, sid, ctx);
	return reason;
}

static u8 get_pasid(struct vtdsim_unit *unit, u16 sid, u32 pasid,
		    const struct vtdsim_context *ctx, struct vtdsim_pasid *pe)
{
	u8 reason;

	if (vtdsim_cache_find_pasid(unit->cache, sid, pasid, pe))
		return 0;
	reason = vtdsim_fetch_pasid(&unit->caps, ctx, pasid, pe);
	if (reason)
		return reason;
	vtdsim_rule_tags(unit, sid, pasid, pe);
	vtdsim_cache_add_pasid(unit->cache, sid, pasid, pe);
	return 0;
}

static u8 walk(struct vtdsim_unit *unit, const struct vtdsim_req *req,
	       u32 pasid, const struct vtdsim_pasid *pe, struct vtdsim_map *map)
{
	const struct vtdsim_walk w = {
		.caps = &unit->caps, .pe = pe, .cache = unit->cache,
		.pasid = pasid,
	};
	u8 reason;

	unit->stats.walks++;
	if (pe->pgtt == VTDSIM_PGTT_SECOND)
		reason = vtdsim_walk_second(&w, req->addr, req->read,
					    req->write, map);
	else
		reason = vtdsim_walk_first(&w, req, map);
	if (!reason)
		vtdsim_cache_add_iotlb(unit->cache, pe, pasid, map);
	return reason;
}

/*
 * Software may give more rights in a first-stage entry without invalidating,
 * as it may for a processor, so a cached first-stage or nested mapping that
 * says no is not the last word: the tables are read once more before a fault.
 * A change of the second stage does need an invalidation (section 6.5.3.3),
 * and what is cached of it decides.
 */
static bool cached_is_final(const struct vtdsim_pasid *pe)
{
	return pe->pgtt == VTDSIM_PGTT_SECOND;
}

static u8 use_tables(struct vtdsim_unit *unit, const struct vtdsim_req *req,
		     u32 pasid, const struct vtdsim_pasid *pe, u64 *hpa)
{
	struct vtdsim_map map;
	bool usable = false;
	u8 reason;

	if (vtdsim_cache_find_iotlb(unit->cache, pe, pasid, req->addr, &map)) {
		reason = vtdsim_check_access(pe, req, &map);
		if (reason && cached_is_final(pe))
			return reason;
		usable = !reason && (map.dirty || !req->write);
	}
	if (!usable) {
		reason = walk(unit, req, pasid, pe, &map);
		if (reason)
			return reason;
	}
	*hpa = map.out | (req->addr & ~(~0ULL << map.shift));
	return 0;
}

/* Sets *@quiet when the tables ask for a fault not to be recorded. */
static u8 translate(struct vtdsim_unit *unit, struct vtdsim_req req, u64 *hpa,
		    bool *quiet)
{
	struct vtdsim_context ctx;
	struct vtdsim_pasid pe;
	u32 pasid;
	u8 reason;

	reason = get_context(unit, req.sid, &ctx);
	*quiet = ctx.fpd;
	if (reason)
		return reason;

	if (req.with_pasid) {
		if (!ctx.pasid_en)
			return VTDSIM_FR_CTX_PASIDE;
		if (req.pasid >= ctx.pasids)
			return VTDSIM_FR_CTX_PASID_SIZE;
		pasid = req.pasid;
	} else {
		pasid = ctx.rid_pasid;
		req.priv = ctx.rid_priv;
		req.exec = false;
	}

	reason = get_pasid(unit, req.sid, pasid, &ctx, &pe);
	*quiet = pe.fpd && vtdsim_fault_qualified(reason);
	if (reason)
		return reason;

	/*
	 * With PASID, the range is input like any other, but no translation
	 * may lead there (section 3.14). The walks see to that.
	 */
	if (in_interrupt_range(req.addr) &&
	    (!req.with_pasid || pe.pgtt == VTDSIM_PGTT_PASS))
		return VTDSIM_FR_INTERRUPT;

	if (pe.pgtt != VTDSIM_PGTT_PASS)
		return use_tables(unit, &req, pasid, &pe, hpa);

	/* Nothing to cache: the PASID entry is all there is to it. */
	if (req.addr >> unit->caps.haw)
		return VTDSIM_FR_HAW;
	*hpa = req.addr;
	return 0;
}

static bool move(const struct dma *d, u64 hpa)
{
	switch (d->op) {
	case DMA_READ:
		return vtdsim_mem_read(hpa, d->buf, d->len);
	case DMA_WRITE:
		return vtdsim_mem_write(hpa, d->data, d->len);
	case DMA_FETCH_ADD:
		return vtdsim_mem_fetch_add(hpa, d->operand, d->len, d->old);
	}
	return false;
}

static void carry_out(struct vtdsim_unit *unit, const struct dma *d,
		      struct vtdsim_outcome *out)
{
	u64 hpa = d->req.addr;
	bool quiet = false;

	unit->stats.requests++;
	if (is_interrupt(d)) {
		u32 data;

		memcpy(&data, d->data, sizeof(data));
		out->unsupported = !vtdsim_msi_send(d->req.addr, data);
		return;
	}

	if (vtdsim_reg_get32(unit, VTDSIM_GSTS) & VTDSIM_G_TRANSLATION)
		out->reason = translate(unit, d->req, &hpa, &quiet);
	if (!out->reason) {
		out->unsupported = !move(d, hpa);
		return;
	}

	unit->stats.faults++;
	out->addr = d->req.addr & PAGE_MASK;
	if (!quiet)
		vtdsim_fault_record(unit, &d->req, out->reason);
}

static int run(struct vtdsim_unit *unit, const struct dma *d,
	       struct vtdsim_outcome *out)
{
	unsigned long flags;
	int ret;

	if (!d->len || offset_in_page(d->req.addr) + d->len > PAGE_SIZE)
		return -EINVAL;
	memset(out, 0, sizeof(*out));

	for (;;) {
		ret = vtdsim_cache_reserve(unit);
		if (ret)
			return ret;
		raw_spin_lock_irqsave(&unit->lock, flags);
		if (vtdsim_cache_ready(unit->cache))
			break;
		/* Another request was faster and used the room. */
		raw_spin_unlock_irqrestore(&unit->lock, flags);
	}
	carry_out(unit, d, out);
	raw_spin_unlock_irqrestore(&unit->lock, flags);

	return out->reason || out->unsupported ? -EFAULT : 0;
}

/**
 * vtdsim_dma_read - an endpoint reads memory
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
	struct dma d = { .op = DMA_READ, .req = *req, .len = len, .buf = buf };

	d.req.read = true;
	d.req.write = false;
	return run(unit, &d, out);
}

/**
 * vtdsim_dma_write - an endpoint writes memory, or sends an interrupt
 * @unit: the unit that the endpoint is behind
 * @req: the request; whether it reads or writes is set here
 * @buf: the bytes
 * @len: number of bytes; the request must not cross a 4 KiB boundary
 * @out: how it ended
 *
 * An aligned write of four bytes without PASID to 0xfeexxxxx is an interrupt
 * and never translated (section 3.14).
 *
 * Context: Process context, may sleep; takes the unit's lock.
 * Return: as vtdsim_dma_read().
 */
int vtdsim_dma_write(struct vtdsim_unit *unit, const struct vtdsim_req *req,
		     const void *buf, size_t len, struct vtdsim_outcome *out)
{
	struct dma d = {
		.op = DMA_WRITE, .req = *req, .len = len, .data = buf,
	};

	d.req.read = false;
	d.req.write = true;
	d.req.exec = false;
	return run(unit, &d, out);
}

/**
 * vtdsim_dma_fetch_add - an endpoint adds to a number in memory
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
	struct dma d = {
		.op = DMA_FETCH_ADD, .req = *req, .len = size,
		.operand = operand, .old = old,
	};

	if ((size != 4 && size != 8) || !IS_ALIGNED(req->addr, size))
		return -EINVAL;
	d.req.read = true;
	d.req.write = true;
	d.req.exec = false;
	return run(unit, &d, out);
}
