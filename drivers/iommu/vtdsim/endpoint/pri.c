// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Page Request Interface of an endpoint (PCI Express sections 7.8.9 and
 * 10.4): its capability, and the count of requests that wait for a response.
 */
#include <linux/string.h>

#include "endpoint/function.h"

/**
 * vtdsim_pri_fill() - lay out the Page Request extended capability
 * @fn: function that is being reset
 * @at: its offset
 *
 * Context: Caller holds the function's lock, or nobody else uses it.
 */
void vtdsim_pri_fill(struct vtdsim_function *fn, u16 at)
{
	fn->pri.at = at;
	fn->pri.failed = false;
	fn->pri.outstanding = 0;
	memset(fn->pri.pages, 0, sizeof(fn->pri.pages));
	config_set16(fn, at + PCI_PRI_STATUS, PCI_PRI_STATUS_STOPPED |
		     PCI_PRI_STATUS_PASID);
	config_set32(fn, at + PCI_PRI_MAX_REQ, VTDSIM_PRI_CAPACITY);
	config_allow16(fn, at + PCI_PRI_CTRL, PCI_PRI_CTRL_ENABLE | PCI_PRI_CTRL_RESET);
	config_allow_clear16(fn, at + PCI_PRI_STATUS, PCI_PRI_STATUS_RF |
			     PCI_PRI_STATUS_UPRGI);
	config_allow32(fn, at + PCI_PRI_ALLOC_REQ, GENMASK(31, 0));
}

static bool pri_is_enabled(const struct vtdsim_function *fn)
{
	return config_get16(fn, fn->pri.at + PCI_PRI_CTRL) & PCI_PRI_CTRL_ENABLE;
}

static void pri_set_status(struct vtdsim_function *fn, u16 mask, bool on)
{
	u16 at = fn->pri.at + PCI_PRI_STATUS;
	u16 status = config_get16(fn, at);

	config_set16(fn, at, on ? status | mask : status & ~mask);
}

/* Stopped: disabled, and there is a response to all requests. */
static void pri_update_stopped(struct vtdsim_function *fn)
{
	pri_set_status(fn, PCI_PRI_STATUS_STOPPED,
		       !pri_is_enabled(fn) && !fn->pri.outstanding);
}

/**
 * vtdsim_pri_written() - configuration space has been written
 * @fn: an endpoint
 *
 * Reset only works while the interface is disabled, and always reads zero (PCIe
 * 7.8.9.2). It drops all requests that were sent. After a Response Failure, the
 * interface does not work until it is disabled and enabled again.
 *
 * Context: Caller holds the function's lock.
 */
void vtdsim_pri_written(struct vtdsim_function *fn)
{
	u16 at = fn->pri.at + PCI_PRI_CTRL;
	u16 ctrl = config_get16(fn, at);

	config_set16(fn, at, ctrl & ~PCI_PRI_CTRL_RESET);
	if (!pri_is_enabled(fn)) {
		fn->pri.failed = false;
		if (ctrl & PCI_PRI_CTRL_RESET) {
			fn->pri.outstanding = 0;
			memset(fn->pri.pages, 0, sizeof(fn->pri.pages));
		}
	}
	pri_update_stopped(fn);
}

/**
 * vtdsim_function_request_page() - count a page request, if it may be sent
 * @fn: an endpoint
 * @group: index of the request's group
 *
 * Context: Any; takes the function's lock.
 * Return: true if it may be sent: the interface is enabled, and the allocation is
 * not used up.
 */
bool vtdsim_function_request_page(struct vtdsim_function *fn, u16 group)
{
	unsigned long irq;
	bool may;

	raw_spin_lock_irqsave(&fn->lock, irq);
	may = !fn->resetting && pri_is_enabled(fn) && !fn->pri.failed &&
	      fn->pri.outstanding < VTDSIM_PRI_CAPACITY &&
	      fn->pri.outstanding < config_get32(fn, fn->pri.at + PCI_PRI_ALLOC_REQ);
	if (may) {
		fn->pri.outstanding++;
		fn->pri.pages[group]++;
	}
	raw_spin_unlock_irqrestore(&fn->lock, irq);
	return may;
}

/**
 * vtdsim_function_answer_pages() - a page group response has arrived
 * @fn: an endpoint
 * @group: index of the group
 * @code: VTDSIM_PRG_*
 *
 * An unexpected response sets Unexpected Page Request Group Index, and a failure
 * stops the interface (PCIe 7.8.9.3, 10.4.2.1).
 *
 * Context: Any; takes the function's lock.
 * Return: true if requests of that group were waiting.
 */
bool vtdsim_function_answer_pages(struct vtdsim_function *fn, u16 group,
				  u8 code)
{
	unsigned long irq;
	bool known = false;

	raw_spin_lock_irqsave(&fn->lock, irq);
	if (!fn->pri.at || fn->resetting || fn->pri.failed)
		goto out;
	known = fn->pri.pages[group];
	if (!known) {
		pri_set_status(fn, PCI_PRI_STATUS_UPRGI, true);
		goto out;
	}
	fn->pri.outstanding -= fn->pri.pages[group];
	fn->pri.pages[group] = 0;
	if (code == VTDSIM_PRG_FAILURE) {
		fn->pri.failed = true;
		pri_set_status(fn, PCI_PRI_STATUS_RF, true);
	}
	pri_update_stopped(fn);
out:
	raw_spin_unlock_irqrestore(&fn->lock, irq);
	return known;
}

/**
 * vtdsim_function_waits_for_pages() - does a group wait for a response?
 * @fn: an endpoint
 * @group: index of the group
 *
 * Context: Any; takes the function's lock.
 * Return: true if requests of the group were sent, and no response has arrived.
 */
bool vtdsim_function_waits_for_pages(struct vtdsim_function *fn, u16 group)
{
	unsigned long irq;
	bool waits;

	raw_spin_lock_irqsave(&fn->lock, irq);
	waits = !fn->resetting && fn->pri.pages[group];
	raw_spin_unlock_irqrestore(&fn->lock, irq);
	return waits;
}
