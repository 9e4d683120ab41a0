/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Operations of IOMMU drivers that are not the same in all kernels that the tests are
 * built for. Nothing else depends on the kernel's version.
 */
#ifndef _VTDSIM_TESTS_COMPAT_H
#define _VTDSIM_TESTS_COMPAT_H

#include <linux/iommu.h>
#include <linux/version.h>

/**
 * vtdsim_test_attach_domain() - attach a domain without the core
 * @domain: the domain
 * @dev: the device
 * @old: the domain that is attached so far
 *
 * Return: 0, or the driver's error.
 */
static inline int vtdsim_test_attach_domain(struct iommu_domain *domain, struct device *dev,
					    struct iommu_domain *old)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
	return domain->ops->attach_dev(domain, dev, old);
#else
	return domain->ops->attach_dev(domain, dev);
#endif
}

/**
 * vtdsim_test_alloc_domain() - have the driver allocate a paging domain
 * @ops: the driver's operations
 * @dev: the device
 * @flags: IOMMU_HWPT_ALLOC_*
 *
 * Return: the domain, which the core does not know, or an error pointer.
 */
static inline struct iommu_domain *vtdsim_test_alloc_domain(const struct iommu_ops *ops,
							    struct device *dev, u32 flags)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 14, 0)
	return ops->domain_alloc_paging_flags(dev, flags, NULL);
#else
	return ops->domain_alloc_user(dev, flags, NULL, NULL);
#endif
}

#endif /* _VTDSIM_TESTS_COMPAT_H */
