// SPDX-License-Identifier: GPL-2.0-only
/* Allocates and frees stage-1 domains. */

#define dev_fmt(fmt)	"nested: " fmt

#include <linux/slab.h>

#include "compat.h"
#include "trace.h"

static void vtd_s1_free(struct iommu_domain *domain)
{
	struct vtd_s1_domain *s1 = to_vtd_s1(domain);

	WARN_ON(!list_empty(&s1->attachments));
	vtd_registry_remove_domain(s1);
	if (s1->exposure.dev)
		vtd_parent_conceal(s1->parent, &s1->exposure);
	kfree(s1);
}

static const struct iommu_domain_ops vtd_s1_domain_ops = {
	.attach_dev		= vtd_op_attach_dev,
	.set_dev_pasid		= vtd_s1_set_dev_pasid,
	.cache_invalidate_user	= vtd_s1_invalidate_user,
	.free			= vtd_s1_free,
};

/**
 * vtd_nested_alloc() - allocate a stage-1 domain (IOMMU_HWPT_DATA_VTD_S1)
 * @dev: the device it is for; its unit must be able to walk the table
 * @parent: the stage-2 domain; the caller keeps it alive until the new domain
 *          is freed
 * @user_data: struct iommu_hwpt_vtd_s1 in user memory
 *
 * Context: Process. May sleep.
 * Return: the domain; ERR_PTR(-EOPNOTSUPP) for another data type, for flags
 * and fields without meaning and for what the unit cannot do;
 * ERR_PTR(-EINVAL) for invalid values, for a parent that is not a nest parent, or
 * that has read-only mappings where erratum 772415 forbids them;
 * ERR_PTR(-EFAULT); ERR_PTR(-ENOMEM).
 */
struct iommu_domain *vtd_nested_alloc(struct device *dev,
				      struct iommu_domain *parent,
				      const struct iommu_user_data *user_data)
{
	struct device_domain_info *info = dev_iommu_priv_get(dev);
	struct iommu_hwpt_vtd_s1 cfg;
	struct dmar_domain *s2;
	struct vtd_s1_domain *s1;
	const char *why;
	int ret;

	if (user_data->type != IOMMU_HWPT_DATA_VTD_S1)
		return ERR_PTR(-EOPNOTSUPP);

	if (!vtd_is_stage2(parent))
		return ERR_PTR(-EINVAL);
	s2 = to_dmar_domain(parent);
	/* The bit is constant. Linux 7 writes others of its byte. */
	if (data_race(!s2->nested_parent))
		return ERR_PTR(-EINVAL);

	ret = iommu_copy_struct_from_user(&cfg, user_data,
					  IOMMU_HWPT_DATA_VTD_S1, __reserved);
	if (ret)
		return ERR_PTR(ret);

	ret = vtd_s1_check_request(&cfg, vtd_s2_width(s2));
	if (ret)
		return ERR_PTR(ret);

	ret = vtd_s1_check_unit(&cfg, info->iommu->cap, info->iommu->ecap, &why);
	if (ret) {
		vtd_refuse(dev, VTD_REFUSED_UNIT, "stage-1 domain refused: %s\n", why);
		return ERR_PTR(ret);
	}

	s1 = kzalloc(sizeof(*s1), GFP_KERNEL_ACCOUNT);
	if (!s1)
		return ERR_PTR(-ENOMEM);

	s1->domain.type = IOMMU_DOMAIN_NESTED;
	s1->domain.ops = &vtd_s1_domain_ops;
	s1->parent = s2;
	s1->cfg = cfg;
	init_rwsem(&s1->sem);
	INIT_LIST_HEAD(&s1->attachments);
	if (vtd_unit_affected(info->iommu)) {
		ret = vtd_parent_expose(s2, dev, &s1->exposure);
		if (ret)
			goto err_free;
	}
	ret = vtd_registry_add_domain(s1);
	if (ret)
		goto err_conceal;
	trace_vtd_s1_alloc(dev, s1);

	return &s1->domain;

err_conceal:
	if (s1->exposure.dev)
		vtd_parent_conceal(s2, &s1->exposure);
err_free:
	kfree(s1);
	return ERR_PTR(ret);
}
