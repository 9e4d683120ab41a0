// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events of the netlink family: what went wrong goes to its group "errors", and
 * domains that replace each other to its group "replaces".
 *
 * Nothing is allocated unless somebody listens. Nobody waits for a listener: one
 * that is too slow, or an event for which there was no memory, is a lost event,
 * and the listener is told by ENOBUFS.
 */

#include <linux/pci.h>
#include <linux/timekeeping.h>
#include <net/net_namespace.h>

#include "events.h"
#include "nested.h"
#include "netlink_gen.h"

static bool vtd_events_on __ro_after_init;

/**
 * vtd_events_start() - report events from now on
 *
 * Context: Boot, when the family is registered.
 */
void __init vtd_events_start(void)
{
	vtd_events_on = true;
}

/* Returns NULL if nobody listens, or if there is no memory. */
static struct sk_buff *vtd_event_begin(unsigned int group, enum vtd_nested_event type, void **hdr)
{
	struct sk_buff *skb;

	if (!vtd_events_on || !genl_has_listeners(&vtd_nested_nl_family, &init_net, group))
		return NULL;

	skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_NOWAIT | __GFP_NOWARN);
	if (!skb) {
		genl_set_err(&vtd_nested_nl_family, &init_net, 0, group, -ENOBUFS);
		return NULL;
	}
	/* There is room for everything that an event has. */
	*hdr = genlmsg_put(skb, 0, 0, &vtd_nested_nl_family, 0, VTD_NESTED_CMD_EVENT_NTF);
	nla_put_u32(skb, VTD_NESTED_A_EVENT_REPORT_TYPE, type);
	nla_put_uint(skb, VTD_NESTED_A_EVENT_REPORT_TIME, ktime_get_boottime_ns());

	return skb;
}

static void vtd_event_send(struct sk_buff *skb, void *hdr, unsigned int group)
{
	genlmsg_end(skb, hdr);
	genlmsg_multicast(&vtd_nested_nl_family, skb, 0, group, GFP_NOWAIT | __GFP_NOWARN);
}

/**
 * vtd_event_refused() - report that something was refused
 * @dev: the device that it was for
 * @why: the reason
 *
 * Context: Any but hard interrupts and raw spinlocks.
 */
void vtd_event_refused(struct device *dev, enum vtd_refusal why)
{
	struct sk_buff *skb;
	void *hdr;

	skb = vtd_event_begin(VTD_NESTED_NLGRP_ERRORS, VTD_NESTED_EVENT_REFUSED, &hdr);
	if (!skb)
		return;
	nla_put_string(skb, VTD_NESTED_A_EVENT_REPORT_DEVICE, dev_name(dev));
	nla_put_u32(skb, VTD_NESTED_A_EVENT_REPORT_REASON, why);
	vtd_event_send(skb, hdr, VTD_NESTED_NLGRP_ERRORS);
}

/**
 * vtd_event_device_silent() - report that a device TLB did not answer
 * @iommu: the unit
 * @dev: the device, or NULL if it has gone
 * @sid: its source-id
 *
 * Context: Any but hard interrupts and raw spinlocks.
 */
void vtd_event_device_silent(struct intel_iommu *iommu, struct device *dev, u16 sid)
{
	struct sk_buff *skb;
	void *hdr;

	skb = vtd_event_begin(VTD_NESTED_NLGRP_ERRORS, VTD_NESTED_EVENT_DEVICE_SILENT, &hdr);
	if (!skb)
		return;
	nla_put_string(skb, VTD_NESTED_A_EVENT_REPORT_UNIT, iommu->name);
	nla_put_u32(skb, VTD_NESTED_A_EVENT_REPORT_SOURCE_ID, sid);
	if (dev)
		nla_put_string(skb, VTD_NESTED_A_EVENT_REPORT_DEVICE, dev_name(dev));
	vtd_event_send(skb, hdr, VTD_NESTED_NLGRP_ERRORS);
}

/**
 * vtd_event_queue_error() - report that a unit refused a descriptor
 * @iommu: the unit
 * @qw0: first word of the descriptor
 * @qw1: second word
 *
 * Context: Any but hard interrupts and raw spinlocks.
 */
void vtd_event_queue_error(struct intel_iommu *iommu, u64 qw0, u64 qw1)
{
	struct sk_buff *skb;
	void *hdr;

	skb = vtd_event_begin(VTD_NESTED_NLGRP_ERRORS, VTD_NESTED_EVENT_QUEUE_ERROR, &hdr);
	if (!skb)
		return;
	nla_put_string(skb, VTD_NESTED_A_EVENT_REPORT_UNIT, iommu->name);
	nla_put_uint(skb, VTD_NESTED_A_EVENT_REPORT_QW0, qw0);
	nla_put_uint(skb, VTD_NESTED_A_EVENT_REPORT_QW1, qw1);
	vtd_event_send(skb, hdr, VTD_NESTED_NLGRP_ERRORS);
}

/**
 * vtd_event_page_requests_lost() - report that a page-request queue has overflowed
 * @iommu: the unit
 *
 * Context: Any but hard interrupts and raw spinlocks.
 */
void vtd_event_page_requests_lost(struct intel_iommu *iommu)
{
	struct sk_buff *skb;
	void *hdr;

	skb = vtd_event_begin(VTD_NESTED_NLGRP_ERRORS, VTD_NESTED_EVENT_PAGE_REQUESTS_LOST, &hdr);
	if (!skb)
		return;
	nla_put_string(skb, VTD_NESTED_A_EVENT_REPORT_UNIT, iommu->name);
	vtd_event_send(skb, hdr, VTD_NESTED_NLGRP_ERRORS);
}

/**
 * vtd_event_replaced() - report that a stage-1 domain was replaced by another
 * @dev: the device
 * @pasid: PASID, or IOMMU_NO_PASID
 * @from: number of the domain that was attached
 * @to: number of the one that is
 * @hitless: DMA went on meanwhile
 *
 * Context: Any but hard interrupts and raw spinlocks.
 */
void vtd_event_replaced(struct device *dev, ioasid_t pasid, u64 from, u64 to, bool hitless)
{
	struct sk_buff *skb;
	void *hdr;

	skb = vtd_event_begin(VTD_NESTED_NLGRP_REPLACES, VTD_NESTED_EVENT_REPLACED, &hdr);
	if (!skb)
		return;
	nla_put_string(skb, VTD_NESTED_A_EVENT_REPORT_DEVICE, dev_name(dev));
	if (pasid != IOMMU_NO_PASID)
		nla_put_u32(skb, VTD_NESTED_A_EVENT_REPORT_PASID, pasid);
	nla_put_uint(skb, VTD_NESTED_A_EVENT_REPORT_FROM_DOMAIN, from);
	nla_put_uint(skb, VTD_NESTED_A_EVENT_REPORT_TO_DOMAIN, to);
	nla_put_u8(skb, VTD_NESTED_A_EVENT_REPORT_HITLESS, hitless);
	vtd_event_send(skb, hdr, VTD_NESTED_NLGRP_REPLACES);
}
