/* SPDX-License-Identifier: GPL-2.0-only */
/* Between attach.c, replace.c and detach.c, and attachment.c, which has their steps. */
#ifndef _INTEL_NESTED_ATTACHMENT_H
#define _INTEL_NESTED_ATTACHMENT_H

#include "nested.h"

/* attachment.c */
struct vtd_attachment *vtd_attachment_alloc(struct vtd_s1_domain *s1,
					    struct device_domain_info *info, ioasid_t pasid);
void vtd_attachment_compose(const struct vtd_attachment *att,
			    const struct vtd_s1_domain *s1, struct pasid_entry *entry);
struct list_head *vtd_s1_place_for_unit(struct vtd_s1_domain *s1, struct intel_iommu *iommu);
void vtd_attachment_activate(struct vtd_attachment *att);
void vtd_attachment_destroy(struct vtd_attachment *att);

/* replace.c */
int vtd_attachment_exchange_s1(struct vtd_attachment *att, struct vtd_s1_domain *s1);

#endif /* _INTEL_NESTED_ATTACHMENT_H */
