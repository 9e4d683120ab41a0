// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaches PASIDs of devices, and requests without PASID, to stage-1 domains.
 *
 * Everything that can fail is done before the device's translation is changed, so
 * a failed attach leaves the old attachment as it was.
 */

#define dev_fmt(fmt)	"nested: " fmt

#include <linux/ktime.h>

#include "compat.h"
#include "attachment.h"
#include "trace.h"

/* Read while attachments are traced, and otherwise 0. */
static u64 vtd_attach_clock(void)
{
	return trace_vtd_s1_attach_enabled() ? ktime_get_ns() : 0;
}

/* Tells who traces or listens of an attachment that did not replace another in place. */
static void vtd_attach_report(struct vtd_attachment *att, unsigned long from, u64 since)
{
	enum vtd_plan plan = from ? VTD_PLAN_BREAK : VTD_PLAN_PUBLISH;
	struct device *dev = att->link->info->dev;
	u64 now = vtd_attach_clock();

	trace_vtd_s1_attach(dev, att->pasid, from, att->s1->id, plan,
			    since && now ? now - since : 0);
	if (from)
		vtd_event_replaced(dev, att->pasid, from, att->s1->id, false);
}

static int vtd_check_device(struct vtd_s1_domain *s1, struct device_domain_info *info)
{
	struct dmar_domain *parent = s1->parent;
	struct intel_iommu *iommu = info->iommu;
	struct vtd_s2_needs needs = {
		.agaw = vtd_s2_agaw(parent),
		.superpage = vtd_s2_superpage(parent),
		.max_addr = vtd_s2_max_addr(parent),
		/* Constant by now; Linux 7 writes another bit of its byte. */
		.force_snooping = data_race(!!parent->force_snooping),
		.dirty_ops = parent->domain.dirty_ops,
		.coherent = vtd_s2_coherent(parent),
	};
	const char *why = "no scalable mode";

	/* A kdump kernel that still runs on the crashed kernel's tables. */
	if (context_copied(iommu, info->bus, info->devfn)) {
		vtd_refuse(info->dev, VTD_REFUSED_BUSY,
			   "attach refused: %s runs on a crashed kernel's tables\n", iommu->name);
		return -EBUSY;
	}

	/* Behind a VMD endpoint: DMA has the source-id of the endpoint, and the table is there. */
	if (sm_supported(iommu) && !info->pasid_table) {
		vtd_refuse(info->dev, VTD_REFUSED_UNIT,
			   "attach refused: the device has no PASID table\n");
		return -EOPNOTSUPP;
	}

	/* -EINVAL tells iommufd that another domain may do. */
	if (!sm_supported(iommu) ||
	    vtd_s1_check_unit(&s1->cfg, iommu->cap, iommu->ecap, &why) ||
	    vtd_s2_check_unit(&needs, iommu->cap, iommu->ecap, &why)) {
		vtd_refuse(info->dev, VTD_REFUSED_UNIT, "attach refused: %s\n", why);
		return -EINVAL;
	}

	return 0;
}

/**
 * vtd_s1_attach() - attach a device's requests without PASID
 * @domain: a stage-1 domain
 * @dev: the device, attached to whatever it is attached to
 * @old: the domain that it is attached to, if the core tells
 *
 * If a stage-1 domain on the same parent is attached, DMA goes on during the
 * change. Otherwise the device is blocked first, and DMA faults in between.
 *
 * Context: Process, under the device's group mutex. May sleep.
 * Return: 0; -EINVAL if the unit cannot do what the domain wants; -EOPNOTSUPP if the
 * device has no PASID table of its own; -ENOMEM;
 * -ENOSPC if the unit has no domain id left; -EBUSY in a kdump kernel;
 * -ETIMEDOUT if the device did not answer when its device TLB was to be flushed.
 * After an error the old attachment is as it was.
 */
int vtd_s1_attach(struct iommu_domain *domain, struct device *dev,
		  struct iommu_domain *old)
{
	struct device_domain_info *info = dev_iommu_priv_get(dev);
	struct vtd_s1_domain *s1 = to_vtd_s1(domain);
	struct vtd_attachment *att;
	unsigned long from;
	u64 since;
	int ret;

	ret = vtd_check_device(s1, info);
	if (ret)
		return ret;

	/* Both domains count until one of them has the device. */
	ret = vtd_take_page_requests(domain, dev);
	if (ret)
		return ret;

	att = vtd_find_attachment(info, IOMMU_NO_PASID);
	if (att && att->link->parent == s1->parent) {
		ret = vtd_attachment_exchange_s1(att, s1);
		vtd_drop_page_requests(ret ? domain : old, dev);
		return ret;
	}
	from = att ? att->s1->id : 0;

	att = vtd_attachment_alloc(s1, info, IOMMU_NO_PASID);
	if (IS_ERR(att)) {
		vtd_drop_page_requests(domain, dev);
		return PTR_ERR(att);
	}

	/*
	 * ATS is on before there is anything to translate, so that nothing gets
	 * into the device TLB before invalidations can reach it.
	 */
	since = vtd_attach_clock();
	device_block_translation(dev);
	vtd_enable_ats(info);
	vtd_attachment_activate(att);
	info->domain_attached = true;
	vtd_drop_page_requests(old, dev);
	vtd_attach_report(att, from, since);

	return 0;
}

/**
 * vtd_s1_set_dev_pasid() - attach a PASID of a device
 * @domain: a stage-1 domain
 * @dev: the device
 * @pasid: PASID, not IOMMU_NO_PASID
 * @old: the domain that the PASID is attached to, or NULL
 *
 * DMA goes on while a stage-1 domain on the same parent is replaced, and faults
 * while one on another parent is. Other domains have to be detached first.
 *
 * Context: Process, under the device's group mutex. May sleep.
 * Return: as vtd_s1_attach(); -EOPNOTSUPP also if the device or its unit has no
 * PASIDs; -EBUSY if something that cannot be replaced is attached.
 */
int vtd_s1_set_dev_pasid(struct iommu_domain *domain, struct device *dev,
			 ioasid_t pasid, struct iommu_domain *old)
{
	struct device_domain_info *info = dev_iommu_priv_get(dev);
	struct vtd_s1_domain *s1 = to_vtd_s1(domain);
	struct vtd_attachment *att, *replaced;
	unsigned long from = 0;
	u64 since;
	int ret;

	if (!pasid_supported(info->iommu) || !info->pasid_enabled)
		return -EOPNOTSUPP;

	ret = vtd_check_device(s1, info);
	if (ret)
		return ret;

	replaced = vtd_find_attachment(info, pasid);
	if (!replaced != !old && !(old && vtd_can_take_over(old))) {
		vtd_refuse(dev, VTD_REFUSED_BUSY,
			   "attach refused: PASID %u has a domain that stays\n", pasid);
		return -EBUSY;
	}
	ret = vtd_take_page_requests(domain, dev);
	if (ret)
		return ret;
	if (replaced && replaced->link->parent == s1->parent) {
		ret = vtd_attachment_exchange_s1(replaced, s1);
		vtd_drop_page_requests(ret ? domain : old, dev);
		return ret;
	}

	att = vtd_attachment_alloc(s1, info, pasid);
	if (IS_ERR(att)) {
		vtd_drop_page_requests(domain, dev);
		return PTR_ERR(att);
	}

	since = vtd_attach_clock();
	if (replaced) {
		from = replaced->s1->id;
		vtd_nested_remove_pasid(info, pasid);
	} else if (old) {
		vtd_take_over_pasid(info, pasid, old);
	}
	vtd_attachment_activate(att);
	vtd_drop_page_requests(old, dev);
	vtd_attach_report(att, from, since);

	return 0;
}
