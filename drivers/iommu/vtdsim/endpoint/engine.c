// SPDX-License-Identifier: GPL-2.0-only
/*
 * The engine of an endpoint: ends resets, answers invalidations, sends interrupts, and
 * has the endpoint's kind look at the registers in the BAR.
 *
 * The BAR is plain memory that a program maps through VFIO. The engine is not
 * notified of stores to it, and so polls.
 *
 * Each endpoint has a thread of its own: endpoints do DMA in parallel, as devices
 * do, and a slow one does not delay the others. Without a decoded BAR the thread
 * sleeps until configuration space is written; with one it spins for a moment after
 * each command and then sleeps for increasing times, up to a millisecond. It is not
 * freezable, as hardware is not: a driver stops its device for suspend, by power
 * state and Bus Master Enable.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "endpoint/endpoint.h"

/* In microseconds: time to spin after a command, then times to sleep */
#define SPIN_US		500
#define NAP_MIN_US	20
#define NAP_MAX_US	1000

/* PCIe 6.6.1 gives a function one second to become ready. */
#define POWER_UP_MS	1000

/**
 * vtdsim_endpoint_reset() - bring an endpoint's registers into their state after power-on
 * @ep: the endpoint
 *
 * The next user of the device must not see anything of the last one.
 *
 * Context: Process context; the endpoint's thread. Takes the unit's lock.
 */
void vtdsim_endpoint_reset(struct vtdsim_endpoint *ep)
{
	memset_io(ep->bar, 0, ep->kind->layout.bar_size);
	if (ep->state)
		memset(ep->state, 0, ep->kind->state_bytes);
	if (ep->fn.msix_entry)
		vtdsim_msix_reset(&ep->fn);
	vtdsim_endpoint_ats_reset(ep);
	ep->kind->reset(ep);
}

/* An MSI is a write of four bytes like any other. */
static void engine_send_message(struct vtdsim_endpoint *ep, struct vtdsim_message *msg)
{
	struct vtdsim_req req = {
		.addr = msg->addr,
		.sid = ep->requester.sid,
		.write = true,
	};
	struct vtdsim_outcome out;

	while (vtdsim_endpoint_request(ep, &req, &msg->data,
				       sizeof(msg->data), &out) == -ENOMEM)
		usleep_range_state(NAP_MAX_US, 2 * NAP_MAX_US, TASK_IDLE);
}

/* Nobody answers any more: reads of the BAR are all ones, and what was under way is lost. */
static void engine_pull(struct vtdsim_endpoint *ep)
{
	vtdsim_endpoint_ats_reset(ep);
	memset_io(ep->bar, 0xff, ep->kind->layout.bar_size);
	ep->pulled = true;
}

/**
 * vtdsim_endpoint_poll() - do the next work of an endpoint, if any
 * @ep: the endpoint
 *
 * That is one of: notice that the function was pulled out, end a reset, complete
 * invalidations, send an interrupt, do what the registers ask for.
 *
 * Context: Process context, may sleep; one caller at a time.
 * Return: whether there was work.
 */
enum vtdsim_endpoint_work vtdsim_endpoint_poll(struct vtdsim_endpoint *ep)
{
	struct vtdsim_function_state state;
	struct vtdsim_message msg;

	vtdsim_function_get_state(&ep->fn, &state);
	if (state.absent) {
		if (ep->pulled)
			return VTDSIM_ENDPOINT_OFF;
		engine_pull(ep);
		return VTDSIM_ENDPOINT_BUSY;
	}
	if (state.resetting) {
		ep->pulled = false;
		vtdsim_endpoint_reset(ep);
		vtdsim_function_reset_done(&ep->fn);
		return VTDSIM_ENDPOINT_BUSY;
	}
	if (vtdsim_endpoint_answer_late(ep))
		return VTDSIM_ENDPOINT_BUSY;
	if (state.message && vtdsim_function_take_message(&ep->fn, &msg)) {
		engine_send_message(ep, &msg);
		return VTDSIM_ENDPOINT_BUSY;
	}
	if (!state.answers) {
		if (ep->kind->abandon && ep->kind->abandon(ep))
			return VTDSIM_ENDPOINT_BUSY;
		return vtdsim_endpoint_is_late(ep) ? VTDSIM_ENDPOINT_QUIET :
						     VTDSIM_ENDPOINT_OFF;
	}
	return ep->kind->work(ep) ? VTDSIM_ENDPOINT_BUSY : VTDSIM_ENDPOINT_QUIET;
}

/* Sleeps until a configuration write has changed something for the engine. */
static void engine_wait_for_config(struct vtdsim_endpoint *ep)
{
	struct vtdsim_function_state state;

	set_current_state(TASK_IDLE);
	vtdsim_function_get_state(&ep->fn, &state);
	if (!state.resetting && !state.answers && !state.message &&
	    state.absent == ep->pulled && !kthread_should_stop())
		schedule();
	__set_current_state(TASK_RUNNING);
}

static void engine_publish(struct vtdsim_endpoint *ep)
{
	ep->kind->publish(ep);
	if (ep->fn.msix_entry)
		vtdsim_msix_publish(&ep->fn, ep->bar + ep->kind->layout.msix_pba);
}

static int engine_thread(void *data)
{
	struct vtdsim_endpoint *ep = data;
	ktime_t spin_until = 0;
	unsigned int nap = NAP_MIN_US;

	while (!kthread_should_stop()) {
		switch (vtdsim_endpoint_poll(ep)) {
		case VTDSIM_ENDPOINT_OFF:
			engine_wait_for_config(ep);
			fallthrough;
		case VTDSIM_ENDPOINT_BUSY:
			spin_until = ktime_add_us(ktime_get(), SPIN_US);
			nap = NAP_MIN_US;
			cond_resched();
			break;
		case VTDSIM_ENDPOINT_QUIET:
			if (ktime_before(ktime_get(), spin_until)) {
				cpu_relax();
				cond_resched();
				break;
			}
			/* Overwrite what a program wrote to read-only registers. */
			engine_publish(ep);
			usleep_range_state(nap, 2 * nap, TASK_IDLE);
			nap = min(2 * nap, NAP_MAX_US);
			break;
		}
	}
	return 0;
}

/**
 * vtdsim_endpoint_init() - bring an endpoint into its state before power-on
 * @ep: memory for the endpoint, all zero
 * @kind: what it is to be
 * @unit: the unit that it is behind
 * @bar: physical address of its BAR
 * @sid: source-id of its requests
 *
 * Context: Any; nobody else uses the endpoint.
 */
void vtdsim_endpoint_init(struct vtdsim_endpoint *ep, const struct vtdsim_endpoint_kind *kind,
			  struct vtdsim_unit *unit, u32 bar, u16 sid)
{
	vtdsim_function_init_endpoint(&ep->fn, &kind->layout, bar);
	vtdsim_atc_init(&ep->atc);
	ep->kind = kind;
	ep->unit = unit;
	ep->requester.ops = &vtdsim_endpoint_ops;
	ep->requester.sid = sid;
}

static void endpoint_free(struct vtdsim_endpoint *ep)
{
	if (ep->bar)
		iounmap(ep->bar);
	kfree(ep->state);
	kfree(ep->page);
}

/*
 * The BAR is mapped uncached although it is memory: VFIO gives user space an uncached
 * mapping, and x86 must not have one page mapped both ways.
 */
static int endpoint_allocate(struct vtdsim_endpoint *ep, u32 bar)
{
	const struct vtdsim_endpoint_kind *kind = ep->kind;

	ep->page = kmalloc(SZ_4K, GFP_KERNEL);
	ep->state = kind->state_bytes ? kzalloc(kind->state_bytes, GFP_KERNEL) : NULL;
	ep->bar = ioremap(bar, kind->layout.bar_size);
	if (!ep->page || !ep->bar || (kind->state_bytes && !ep->state)) {
		endpoint_free(ep);
		return -ENOMEM;
	}
	if (kind->layout.has & VTDSIM_HAS_MSIX)
		ep->fn.msix_entry = ep->bar + kind->layout.msix_table;
	return 0;
}

/**
 * vtdsim_endpoint_start() - bring an endpoint to life
 * @ep: memory for the endpoint, zero but for its place
 * @kind: what it is to be
 * @unit: the unit that it is behind
 * @bar: physical address of its BAR
 * @sid: source-id of its requests
 * @devtlb_limit: entries in its device TLB, 0 for any number
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM, or the error of starting a thread.
 */
int vtdsim_endpoint_start(struct vtdsim_endpoint *ep, const struct vtdsim_endpoint_kind *kind,
			  struct vtdsim_unit *unit, u32 bar, u16 sid, u32 devtlb_limit)
{
	struct task_struct *thread;
	int ret;

	vtdsim_endpoint_init(ep, kind, unit, bar, sid);
	ep->atc.limit = devtlb_limit;
	ret = endpoint_allocate(ep, bar);
	if (ret)
		return ret;
	vtdsim_endpoint_reset(ep);

	thread = kthread_run(engine_thread, ep, "vtdsim/%02x:%02x.%x", ep->bdf >> 8,
			     ep->bdf >> 3 & 0x1f, ep->bdf & 7);
	if (IS_ERR(thread)) {
		endpoint_free(ep);
		return PTR_ERR(thread);
	}
	ep->fn.engine = thread;
	vtdsim_requester_add(ep->unit, &ep->requester);
	return 0;
}

/**
 * vtdsim_endpoint_power_up() - let an endpoint that has power again become ready
 * @ep: the endpoint
 *
 * An endpoint that was pulled out stays as it is.
 *
 * Context: Process context, may sleep.
 * Return: 0, or -ETIMEDOUT if its engine got no CPU.
 */
int vtdsim_endpoint_power_up(struct vtdsim_endpoint *ep)
{
	struct vtdsim_function_state state;

	wake_up_process(ep->fn.engine);
	for (unsigned int ms = 0; ms < POWER_UP_MS; ms++) {
		vtdsim_function_get_state(&ep->fn, &state);
		if (!state.resetting)
			return 0;
		usleep_range(1000, 2000);
	}
	return -ETIMEDOUT;
}

/**
 * vtdsim_endpoint_stop() - undo vtdsim_endpoint_start()
 * @ep: the endpoint; no configuration access reaches it any more
 *
 * Context: Process context, may sleep.
 */
void vtdsim_endpoint_stop(struct vtdsim_endpoint *ep)
{
	vtdsim_requester_remove(ep->unit, &ep->requester);
	kthread_stop(ep->fn.engine);
	ep->fn.engine = NULL;
	vtdsim_atc_destroy(&ep->atc);
	endpoint_free(ep);
}
