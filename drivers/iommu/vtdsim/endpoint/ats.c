// SPDX-License-Identifier: GPL-2.0-only
/*
 * ATS of an endpoint: requests through its address translation cache, and the
 * operations that the unit calls (PCI Express chapter 10).
 *
 * Looking up a translation, requesting it, adding it and using it is one critical
 * section under the unit's lock. An invalidation comes before or after all of that,
 * so none has to wait for requests under way.
 */
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <uapi/linux/vtdsim.h>

#include "endpoint/endpoint.h"
#include "queue/control.h"
#include "request/dma.h"
#include "request/transact.h"
#include "request/translation_request.h"

/**
 * struct ats_work - a request under way
 * @ep: the endpoint
 * @dma: the request and its bytes
 * @out: how it ended
 * @cpl: the completion, if a translation was asked for
 * @t: the translation
 */
struct ats_work {
	struct vtdsim_endpoint *ep;
	struct vtdsim_dma dma;
	struct vtdsim_outcome *out;
	struct vtdsim_completion cpl;
	struct vtdsim_translation t;
};

/* Returns false if ATS is disabled. Drops translations of an earlier epoch. */
static bool ats_check_enabled(struct vtdsim_endpoint *ep)
{
	struct vtdsim_function_state state;

	vtdsim_function_get_state(&ep->fn, &state);
	if (ep->atc_epoch != state.ats_epoch) {
		vtdsim_atc_flush(&ep->atc);
		ep->atc_epoch = state.ats_epoch;
	}
	return state.ats;
}

/* Requests that do not write set No Write, so that the page stays clean. */
static void ats_ask_unit(struct vtdsim_unit *unit, struct ats_work *w)
{
	struct vtdsim_req req = w->dma.req;

	req.addr &= PAGE_MASK;
	vtdsim_ats_translate(unit, &req, &w->cpl);
	if (w->cpl.status != VTDSIM_CPL_SUCCESS)
		return;
	vtdsim_translation_decode(&req, &w->cpl, &w->t);
	if (w->t.read || w->t.write)
		vtdsim_atc_add(&w->ep->atc, &w->t);
}

static void ats_fail_request(struct ats_work *w, bool recoverable)
{
	w->out->reason = w->cpl.reason;
	w->out->addr = w->dma.req.addr & PAGE_MASK;
	w->out->recoverable = recoverable;
	/* Refused without a reason: translation is disabled. */
	w->out->unsupported = !w->cpl.reason;
}

static void ats_send_request(struct vtdsim_unit *unit, void *data)
{
	struct ats_work *w = data;
	struct vtdsim_req *req = &w->dma.req;

	if (ats_check_enabled(w->ep)) {
		if (!vtdsim_atc_find(&w->ep->atc, req, &w->t))
			ats_ask_unit(unit, w);
		if (w->cpl.status != VTDSIM_CPL_SUCCESS ||
		    !vtdsim_translation_allows(&w->t, req)) {
			ats_fail_request(w, w->cpl.status == VTDSIM_CPL_SUCCESS);
			return;
		}
		if (!w->t.untranslated) {
			req->addr = w->t.out | (req->addr & ~(~0ULL << w->t.shift));
			req->at = VTDSIM_AT_TRANSLATED;
			req->with_pasid = false;
			req->exec = false;
			req->priv = false;
		}
	}
	vtdsim_dma_carry_out(unit, &w->dma, w->out);
}

/**
 * vtdsim_endpoint_ats_request() - send a request, by way of the cache
 * @ep: the endpoint
 * @req: the request, untranslated; within one 4 KiB page
 * @data: as for vtdsim_endpoint_request()
 * @len: bytes; 4 or 8 for a fetch-add
 * @out: how it ended, if it was blocked
 *
 * Uses a translation in the cache, whatever the tables have by now. Without one that
 * has the rights, sends a translation request. If ATS has been disabled meanwhile,
 * the request is sent untranslated.
 *
 * Context: Process context, may sleep; the endpoint's thread.
 * Return: 0; -EFAULT when it was blocked, see @out; -ENOMEM.
 */
int vtdsim_endpoint_ats_request(struct vtdsim_endpoint *ep,
				const struct vtdsim_req *req, void *data,
				size_t len, struct vtdsim_outcome *out)
{
	u64 *operand = data;
	struct ats_work w = {
		.ep = ep, .out = out,
		.dma = { .req = *req, .len = len, .buf = data, .data = data },
	};
	int ret;

	if (req->read && req->write) {
		w.dma.op = VTDSIM_DMA_FETCH_ADD;
		w.dma.operand = *operand;
		w.dma.old = operand;
	} else {
		w.dma.op = req->read ? VTDSIM_DMA_READ : VTDSIM_DMA_WRITE;
	}

	memset(out, 0, sizeof(*out));
	ret = vtdsim_atc_reserve(ep->unit, &ep->atc);
	if (!ret)
		ret = vtdsim_transact(ep->unit, ats_send_request, &w);
	if (ret)
		return ret;
	return out->reason || out->unsupported ? -EFAULT : 0;
}

static void ats_translate(struct vtdsim_unit *unit, void *data)
{
	struct ats_work *w = data;

	if (ats_check_enabled(w->ep))
		ats_ask_unit(unit, w);
	else
		w->cpl.status = VTDSIM_CPL_UR;
}

/**
 * vtdsim_endpoint_translate() - send a translation request only
 * @ep: the endpoint
 * @req: address, PASID, attributes, and whether to ask for writing
 * @cpl: the completion
 * @t: the translation, if successful; it is in the cache if it has any rights
 *
 * Context: Process context, may sleep; the endpoint's thread.
 * Return: 0 or -ENOMEM.
 */
int vtdsim_endpoint_translate(struct vtdsim_endpoint *ep,
			      const struct vtdsim_req *req,
			      struct vtdsim_completion *cpl,
			      struct vtdsim_translation *t)
{
	struct ats_work w = { .ep = ep, .dma = { .req = *req } };
	int ret;

	ret = vtdsim_atc_reserve(ep->unit, &ep->atc);
	if (!ret)
		ret = vtdsim_transact(ep->unit, ats_translate, &w);
	*cpl = w.cpl;
	*t = w.t;
	return ret;
}

/**
 * vtdsim_endpoint_ats_reset() - reset the state of ATS and page requests
 * @ep: the endpoint, whose function is being reset
 *
 * Invalidations under way are never completed.
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_endpoint_ats_reset(struct vtdsim_endpoint *ep)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ep->unit->lock, flags);
	vtdsim_atc_flush(&ep->atc);
	memset(ep->late, 0, sizeof(ep->late));
	ep->late_count = 0;
	ep->group.waiting = false;
	raw_spin_unlock_irqrestore(&ep->unit->lock, flags);
}

/**
 * vtdsim_endpoint_is_late() - are there invalidations to be completed later?
 * @ep: the endpoint
 *
 * Context: Any; takes the unit's lock.
 * Return: true if there are.
 */
bool vtdsim_endpoint_is_late(struct vtdsim_endpoint *ep)
{
	unsigned long flags;
	bool late;

	raw_spin_lock_irqsave(&ep->unit->lock, flags);
	late = ep->late_count;
	raw_spin_unlock_irqrestore(&ep->unit->lock, flags);
	return late;
}

/**
 * vtdsim_endpoint_answer_late() - complete invalidations that are due
 * @ep: the endpoint
 *
 * Their translations were in use until now.
 *
 * Context: Any; takes the unit's lock.
 * Return: true if there was any.
 */
bool vtdsim_endpoint_answer_late(struct vtdsim_endpoint *ep)
{
	unsigned long flags;
	bool any = false;
	unsigned int i;
	ktime_t now;

	raw_spin_lock_irqsave(&ep->unit->lock, flags);
	now = ep->late_count ? ktime_get() : 0;
	for (i = 0; ep->late_count && i < VTDSIM_ITAGS; i++) {
		struct vtdsim_late *late = &ep->late[i];

		if (!late->pending || ktime_before(now, late->due))
			continue;
		late->pending = false;
		ep->late_count--;
		any = true;
		vtdsim_atc_invalidate(&ep->atc, &late->inv);
		/* This runs the queue, which may send the next one here. */
		vtdsim_devtlb_done(ep->unit, ep->requester.sid, i);
	}
	raw_spin_unlock_irqrestore(&ep->unit->lock, flags);
	return any;
}

static struct vtdsim_endpoint *vtdsim_to_endpoint(struct vtdsim_requester *r)
{
	return container_of(r, struct vtdsim_endpoint, requester);
}

/* Decrements a debug register. Returns false if it was zero. */
static bool vtdsim_endpoint_count_down(void __iomem *reg)
{
	u32 left = readl(reg);

	if (left)
		writel(left - 1, reg);
	return left;
}

/*
 * An endpoint without ATS ignores the message, and so does one that was told to
 * lose it: translations stay, and no completion is sent.
 */
static bool vtdsim_endpoint_invalidate(struct vtdsim_requester *r,
				       const struct vtdsim_devtlb_inv *sent)
{
	struct vtdsim_endpoint *ep = vtdsim_to_endpoint(r);
	struct vtdsim_late *late = &ep->late[sent->itag];
	struct vtdsim_devtlb_inv inv = *sent;
	bool misbehave = READ_ONCE(ep->unit->misbehave);
	struct vtdsim_function_state state;
	u32 delay;

	if (!ats_check_enabled(ep) ||
	    (misbehave && vtdsim_endpoint_count_down(ep->bar + VTDSIM_EP_INV_LOSE)))
		return false;

	if (!vtdsim_function_global_invalidate(&ep->fn))
		inv.global = false;

	/* Without a decoded BAR, the thread that completes it later may sleep. */
	vtdsim_function_get_state(&ep->fn, &state);
	delay = misbehave ? readl(ep->bar + VTDSIM_EP_INV_DELAY) : 0;
	if (!delay || !state.answers) {
		vtdsim_atc_invalidate(&ep->atc, &inv);
		return true;
	}
	ep->late_count += !late->pending;
	*late = (struct vtdsim_late) {
		.inv = inv,
		.due = ktime_add_us(ktime_get(), delay),
		.pending = true,
	};
	return false;
}

static void vtdsim_endpoint_respond(struct vtdsim_requester *r,
				    const struct vtdsim_page_response *resp)
{
	struct vtdsim_endpoint *ep = vtdsim_to_endpoint(r);
	struct vtdsim_group *group = &ep->group;

	if (!vtdsim_function_answer_pages(&ep->fn, resp->group, resp->code))
		return;
	if (!group->waiting || group->index != resp->group)
		return;
	group->answered = true;
	group->code = resp->code;
	/* PRG Response PASID Required: the PASID must be that of the requests. */
	if (group->with_pasid != resp->with_pasid ||
	    (group->with_pasid && group->pasid != resp->pasid))
		group->code = VTDSIM_PRG_INVALID;
}

static void vtdsim_endpoint_each(struct vtdsim_requester *r,
				 void (*fn)(void *data, const struct vtdsim_translation *t),
				 void *data)
{
	struct vtdsim_endpoint *ep = vtdsim_to_endpoint(r);

	if (ats_check_enabled(ep))
		vtdsim_atc_each(&ep->atc, fn, data);
}

static u32 vtdsim_endpoint_epoch(struct vtdsim_requester *r)
{
	struct vtdsim_function_state state;

	vtdsim_function_get_state(&vtdsim_to_endpoint(r)->fn, &state);
	return state.ats ? state.ats_epoch + 1 : 0;
}

static bool vtdsim_endpoint_waits(struct vtdsim_requester *r, u16 group)
{
	return vtdsim_function_waits_for_pages(&vtdsim_to_endpoint(r)->fn, group);
}

static void vtdsim_endpoint_lose_power(struct vtdsim_requester *r)
{
	vtdsim_function_lose_power(&vtdsim_to_endpoint(r)->fn);
}

const struct vtdsim_requester_ops vtdsim_endpoint_ops = {
	.invalidate = vtdsim_endpoint_invalidate,
	.respond = vtdsim_endpoint_respond,
	.each = vtdsim_endpoint_each,
	.epoch = vtdsim_endpoint_epoch,
	.waits = vtdsim_endpoint_waits,
	.lose_power = vtdsim_endpoint_lose_power,
};
