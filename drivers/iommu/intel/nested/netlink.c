// SPDX-License-Identifier: GPL-2.0-only
/*
 * The generic netlink family "vtd-nested": dumps of units, nest parents, stage-1
 * domains and what is attached to them. Documentation/netlink/specs/vtd-nested.yaml
 * describes it, and netlink_gen.c is made from that.
 *
 * A dump takes several calls, and objects come and go in between. Each message
 * shows one object as it is, and each call begins behind the number of the last. The
 * first message after an object has come, gone or moved carries NLM_F_DUMP_INTR, or
 * the end of the dump does. Counters and other values may differ from one message to
 * the next.
 *
 * What a message shows is copied first. No lock of an invalidation or of an
 * attachment is held while the message is filled.
 */

#include <linux/dmar.h>
#include <linux/jhash.h>
#include <net/net_namespace.h>

#include "compat.h"
#include "events.h"
#include "netlink_gen.h"

/* Where a dump goes on: the lowest number not shown, and what is inside of it. */
struct vtd_nl_cursor {
	unsigned long id;
	unsigned int index;
};

static struct vtd_nl_cursor *vtd_nl_cursor(struct netlink_callback *cb)
{
	static_assert(sizeof(struct vtd_nl_cursor) <= sizeof_field(struct netlink_callback, ctx));

	return (struct vtd_nl_cursor *)cb->ctx;
}

static void *vtd_nl_begin(struct sk_buff *skb, struct netlink_callback *cb)
{
	return genlmsg_iput(skb, genl_info_dump(cb));
}

/*
 * @failed: the sum of what nla_put_*() returned; each is 0 or -EMSGSIZE. A message
 * that does not fit is made again in the next call, and must not take NLM_F_DUMP_INTR
 * with it.
 */
static int vtd_nl_end(struct sk_buff *skb, struct netlink_callback *cb, void *hdr, int failed)
{
	if (failed) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genl_dump_check_consistent(cb, hdr);
	genlmsg_end(skb, hdr);

	return 0;
}

static int vtd_nl_put_unit(struct sk_buff *skb, struct netlink_callback *cb,
			   struct intel_iommu *iommu)
{
	const struct q_inval *qi = iommu->qi;
	void *hdr = vtd_nl_begin(skb, cb);
	int failed = 0;

	if (!hdr)
		return -EMSGSIZE;

	failed |= nla_put_u32(skb, VTD_NESTED_A_UNIT_ID, iommu->seq_id);
	failed |= nla_put_string(skb, VTD_NESTED_A_UNIT_NAME, iommu->name);
	failed |= nla_put_u32(skb, VTD_NESTED_A_UNIT_SEGMENT, iommu->segment);
	failed |= nla_put_uint(skb, VTD_NESTED_A_UNIT_REGISTER_BASE, iommu->reg_phys);
	failed |= nla_put_uint(skb, VTD_NESTED_A_UNIT_CAP, iommu->cap);
	failed |= nla_put_uint(skb, VTD_NESTED_A_UNIT_ECAP, iommu->ecap);
	failed |= nla_put_u8(skb, VTD_NESTED_A_UNIT_ERRATUM, vtd_unit_affected(iommu));
	failed |= nla_put_u32(skb, VTD_NESTED_A_UNIT_DOMAIN_IDS, cap_ndoms(iommu->cap));
	failed |= nla_put_u32(skb, VTD_NESTED_A_UNIT_DOMAIN_IDS_USED,
			      vtd_unit_count_dids(iommu));
	if (qi) {
		failed |= nla_put_u32(skb, VTD_NESTED_A_UNIT_QUEUE_SLOTS, QI_LENGTH);
		failed |= nla_put_u32(skb, VTD_NESTED_A_UNIT_QUEUE_FREE, READ_ONCE(qi->free_cnt));
		failed |= nla_put_uint(skb, VTD_NESTED_A_UNIT_QUEUE_TIMEOUTS,
				       atomic64_read(&qi->nested.timeouts));
		failed |= nla_put_uint(skb, VTD_NESTED_A_UNIT_QUEUE_ERRORS,
				       atomic64_read(&qi->nested.errors));
	}

	return vtd_nl_end(skb, cb, hdr, failed);
}

/* Which units there are: another number, never 0, when others are shown. */
static unsigned int vtd_nl_unit_generation(void)
{
	struct dmar_drhd_unit *drhd;
	struct intel_iommu *iommu;
	u32 hash = 0;

	for_each_active_iommu(iommu, drhd)
		hash = jhash_3words(iommu->seq_id, lower_32_bits(iommu->reg_phys),
				    upper_32_bits(iommu->reg_phys), hash);

	return hash | 1;
}

/* The unit with the lowest number that is not below @id, or NULL. */
static struct intel_iommu *vtd_nl_next_unit(unsigned long id)
{
	struct intel_iommu *iommu, *next = NULL;
	struct dmar_drhd_unit *drhd;

	for_each_active_iommu(iommu, drhd) {
		if (iommu->seq_id >= id && (!next || iommu->seq_id < next->seq_id))
			next = iommu;
	}

	return next;
}

/**
 * vtd_nested_nl_unit_get_dumpit() - show the remapping units
 * @skb: where to
 * @cb: the dump
 *
 * Context: Process. May sleep. Units stay while it runs, as hot-plug waits for
 * dmar_global_lock. A dump in which units have come or gone is not consistent.
 * Return: 0 when all have been shown, or -EMSGSIZE.
 */
int vtd_nested_nl_unit_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vtd_nl_cursor *cursor = vtd_nl_cursor(cb);
	struct intel_iommu *iommu;
	int ret = 0;

	down_read(&dmar_global_lock);
	cb->seq = vtd_nl_unit_generation();
	while ((iommu = vtd_nl_next_unit(cursor->id))) {
		ret = vtd_nl_put_unit(skb, cb, iommu);
		if (ret)
			break;
		cursor->id = iommu->seq_id + 1;
	}
	up_read(&dmar_global_lock);

	return ret;
}

static int vtd_nl_put_parent(struct sk_buff *skb, struct netlink_callback *cb,
			     const struct vtd_parent_state *parent)
{
	void *hdr = vtd_nl_begin(skb, cb);
	int failed = 0;

	if (!hdr)
		return -EMSGSIZE;

	failed |= nla_put_uint(skb, VTD_NESTED_A_PARENT_ID, parent->id);
	failed |= nla_put_u32(skb, VTD_NESTED_A_PARENT_WIDTH, parent->width);
	failed |= nla_put_u32(skb, VTD_NESTED_A_PARENT_LEVELS, parent->levels);
	failed |= nla_put_u8(skb, VTD_NESTED_A_PARENT_DIRTY_TRACKING, parent->dirty);
	failed |= nla_put_u8(skb, VTD_NESTED_A_PARENT_FORCE_SNOOPING, parent->force_snooping);
	failed |= nla_put_u8(skb, VTD_NESTED_A_PARENT_READ_ONLY, parent->read_only);
	failed |= nla_put_u32(skb, VTD_NESTED_A_PARENT_EXPOSURES, parent->exposures);

	return vtd_nl_end(skb, cb, hdr, failed);
}

/**
 * vtd_nested_nl_parent_get_dumpit() - show the nest parents
 * @skb: where to
 * @cb: the dump
 *
 * Context: Process. May sleep.
 * Return: 0 when all have been shown, or -EMSGSIZE.
 */
int vtd_nested_nl_parent_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vtd_nl_cursor *cursor = vtd_nl_cursor(cb);
	struct vtd_parent_state parent;
	int ret;

	for (;;) {
		cb->seq = vtd_registry_generation();
		if (!vtd_registry_describe_parent(cursor->id, &parent))
			return 0;
		ret = vtd_nl_put_parent(skb, cb, &parent);
		if (ret)
			return ret;
		cursor->id = parent.id + 1;
	}
}

static unsigned int vtd_nl_count_attachments(struct vtd_s1_domain *s1)
{
	unsigned int count;

	down_read(&s1->sem);
	count = list_count_nodes(&s1->attachments);
	up_read(&s1->sem);

	return count;
}

static int vtd_nl_put_domain(struct sk_buff *skb, struct netlink_callback *cb,
			     struct vtd_s1_domain *s1)
{
	unsigned int attachments = vtd_nl_count_attachments(s1);
	struct vtd_s1_stats *stats = &s1->stats;
	void *hdr = vtd_nl_begin(skb, cb);
	int failed = 0;

	if (!hdr)
		return -EMSGSIZE;

	failed |= nla_put_uint(skb, VTD_NESTED_A_DOMAIN_ID, s1->id);
	failed |= nla_put_uint(skb, VTD_NESTED_A_DOMAIN_PARENT, s1->parent->nested->id);
	failed |= nla_put_uint(skb, VTD_NESTED_A_DOMAIN_ROOT, s1->cfg.pgtbl_addr);
	failed |= nla_put_u32(skb, VTD_NESTED_A_DOMAIN_WIDTH, s1->cfg.addr_width);
	failed |= nla_put_uint(skb, VTD_NESTED_A_DOMAIN_FLAGS, s1->cfg.flags);
	failed |= nla_put_u32(skb, VTD_NESTED_A_DOMAIN_ATTACHMENTS, attachments);
	failed |= nla_put_uint(skb, VTD_NESTED_A_DOMAIN_ENTRIES, atomic64_read(&stats->entries));
	failed |= nla_put_uint(skb, VTD_NESTED_A_DOMAIN_RANGES, atomic64_read(&stats->ranges));
	failed |= nla_put_uint(skb, VTD_NESTED_A_DOMAIN_DESCRIPTORS,
			       atomic64_read(&stats->descriptors));
	failed |= nla_put_uint(skb, VTD_NESTED_A_DOMAIN_SUBMISSIONS,
			       atomic64_read(&stats->submissions));
	failed |= nla_put_uint(skb, VTD_NESTED_A_DOMAIN_TIMEOUTS, atomic64_read(&stats->timeouts));

	return vtd_nl_end(skb, cb, hdr, failed);
}

/**
 * vtd_nested_nl_domain_get_dumpit() - show the stage-1 domains
 * @skb: where to
 * @cb: the dump
 *
 * Context: Process. May sleep.
 * Return: 0 when all have been shown, or -EMSGSIZE.
 */
int vtd_nested_nl_domain_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vtd_nl_cursor *cursor = vtd_nl_cursor(cb);
	struct vtd_s1_domain *s1;
	int ret = 0;

	do {
		cb->seq = vtd_registry_generation();
		s1 = vtd_registry_pin_domain(cursor->id);
		if (!s1)
			return 0;
		ret = vtd_nl_put_domain(skb, cb, s1);
		if (!ret)
			cursor->id = s1->id + 1;
		vtd_registry_unpin_domain(s1);
	} while (!ret);

	return ret;
}

/* What there is to say of an attachment. */
struct vtd_nl_attachment {
	char device[32];
	u32 unit_id;
	u32 pasid;
	u32 did;
	bool ats;
};

static bool vtd_nl_copy_attachment(struct vtd_s1_domain *s1, unsigned int index,
				   struct vtd_nl_attachment *copy)
{
	struct vtd_attachment *att;
	bool found = false;

	down_read(&s1->sem);
	list_for_each_entry(att, &s1->attachments, s1_node) {
		struct device_domain_info *info = att->link->info;

		if (index--)
			continue;
		strscpy(copy->device, dev_name(info->dev));
		copy->unit_id = info->iommu->seq_id;
		copy->pasid = att->pasid;
		copy->did = att->link->did;
		copy->ats = att->ats;
		found = true;
		break;
	}
	up_read(&s1->sem);

	return found;
}

static int vtd_nl_put_attachment(struct sk_buff *skb, struct netlink_callback *cb,
				 unsigned long domain, const struct vtd_nl_attachment *att)
{
	void *hdr = vtd_nl_begin(skb, cb);
	int failed = 0;

	if (!hdr)
		return -EMSGSIZE;

	failed |= nla_put_uint(skb, VTD_NESTED_A_ATTACHMENT_DOMAIN, domain);
	failed |= nla_put_string(skb, VTD_NESTED_A_ATTACHMENT_DEVICE, att->device);
	failed |= nla_put_u32(skb, VTD_NESTED_A_ATTACHMENT_UNIT_ID, att->unit_id);
	if (att->pasid != IOMMU_NO_PASID)
		failed |= nla_put_u32(skb, VTD_NESTED_A_ATTACHMENT_PASID, att->pasid);
	failed |= nla_put_u32(skb, VTD_NESTED_A_ATTACHMENT_DID, att->did);
	failed |= nla_put_u8(skb, VTD_NESTED_A_ATTACHMENT_ATS, att->ats);

	return vtd_nl_end(skb, cb, hdr, failed);
}

/**
 * vtd_nested_nl_attachment_get_dumpit() - show what is attached to stage-1 domains
 * @skb: where to
 * @cb: the dump
 *
 * Context: Process. May sleep.
 * Return: 0 when all have been shown, or -EMSGSIZE.
 */
int vtd_nested_nl_attachment_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vtd_nl_cursor *cursor = vtd_nl_cursor(cb);
	struct vtd_nl_attachment att;
	struct vtd_s1_domain *s1;
	int ret = 0;

	do {
		cb->seq = vtd_registry_generation();
		s1 = vtd_registry_pin_domain(cursor->id);
		if (!s1)
			return 0;
		if (s1->id != cursor->id)
			*cursor = (struct vtd_nl_cursor) { .id = s1->id };
		if (vtd_nl_copy_attachment(s1, cursor->index, &att)) {
			ret = vtd_nl_put_attachment(skb, cb, s1->id, &att);
			cursor->index += !ret;
		} else {
			*cursor = (struct vtd_nl_cursor) { .id = s1->id + 1 };
		}
		vtd_registry_unpin_domain(s1);
	} while (!ret);

	return ret;
}

/**
 * vtd_nested_nl_refusals_get_dumpit() - show how often something was refused
 * @skb: where to
 * @cb: the dump
 *
 * Context: Process.
 * Return: 0 when all reasons have been shown, or -EMSGSIZE.
 */
int vtd_nested_nl_refusals_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct vtd_nl_cursor *cursor = vtd_nl_cursor(cb);
	int failed, ret;
	void *hdr;

	for (; cursor->index < VTD_REFUSALS; cursor->index++) {
		hdr = vtd_nl_begin(skb, cb);
		if (!hdr)
			return -EMSGSIZE;
		failed = nla_put_u32(skb, VTD_NESTED_A_REFUSALS_REASON, cursor->index);
		failed |= nla_put_uint(skb, VTD_NESTED_A_REFUSALS_COUNT,
				       vtd_stats_refusals(cursor->index));
		ret = vtd_nl_end(skb, cb, hdr, failed);
		if (ret)
			return ret;
	}

	return 0;
}

/* Reasons have the same numbers inside and outside. */
static_assert((int)VTD_REFUSED_UNIT == VTD_NESTED_REFUSAL_UNIT);
static_assert((int)VTD_REFUSED_ERRATUM == VTD_NESTED_REFUSAL_ERRATUM);
static_assert((int)VTD_REFUSED_NO_ID == VTD_NESTED_REFUSAL_NO_DOMAIN_ID);
static_assert((int)VTD_REFUSED_BUSY == VTD_NESTED_REFUSAL_BUSY);
static_assert((int)VTD_REFUSED_SILENT == VTD_NESTED_REFUSAL_SILENT);
static_assert(VTD_NESTED_REFUSAL_MAX + 1 == (int)VTD_REFUSALS);

/* What the specification of the family cannot say of its groups. */
static const struct genl_multicast_group vtd_nl_groups[] = {
	[VTD_NESTED_NLGRP_ERRORS] = {
		.name = VTD_NESTED_MCGRP_ERRORS,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
	[VTD_NESTED_NLGRP_REPLACES] = {
		.name = VTD_NESTED_MCGRP_REPLACES,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

static int __init vtd_nl_init(void)
{
	int ret;

	if (!vtd_nested_enabled())
		return 0;

	/* DMA remapping is of the machine, so nobody sees it in a namespace of his own. */
	vtd_nested_nl_family.netnsok = false;
	vtd_nested_nl_family.mcgrps = vtd_nl_groups;
	static_assert(ARRAY_SIZE(vtd_nl_groups) == VTD_NESTED_NLGRP_REPLACES + 1);

	ret = genl_register_family(&vtd_nested_nl_family);
	if (!ret)
		vtd_events_start();

	return ret;
}
late_initcall(vtd_nl_init);
