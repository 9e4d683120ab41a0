/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Operations of the core and of the driver that are not the same in all kernels that
 * the tests are built for. Nothing else in the tests depends on the kernel's version.
 */
#ifndef _INTEL_NESTED_TESTS_COMPAT_H
#define _INTEL_NESTED_TESTS_COMPAT_H

#include <linux/bitmap.h>
#include <linux/iommu.h>
#include <linux/slab.h>
#include <linux/version.h>

#include "../compat.h"

struct kunit;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)

/* Head of a function that generates the parameters of a test */
#define VTD_TEST_GENERATOR(name, prev, desc) \
	const void *(name)(struct kunit *test, const void *(prev), char *(desc))

/* For a unit of which the model does not know: enough that no other is free. */
#define VTD_TEST_IDS_APART	4096

/**
 * vtd_test_alloc_paging() - have the driver allocate a paging domain
 * @ops: the driver's operations
 * @dev: the device
 * @flags: IOMMU_HWPT_ALLOC_*
 *
 * Return: the domain, or an error pointer.
 */
static inline struct iommu_domain *vtd_test_alloc_paging(const struct iommu_ops *ops,
							 struct device *dev, u32 flags)
{
	return iommu_paging_domain_alloc_flags(dev, flags);
}

/**
 * vtd_test_alloc_nested() - have the driver allocate a stage-1 domain
 * @ops: the driver's operations
 * @dev: the device
 * @parent: the nest parent
 * @data: what user space asks for
 *
 * Return: the domain, or an error pointer.
 */
static inline struct iommu_domain *vtd_test_alloc_nested(const struct iommu_ops *ops,
							 struct device *dev,
							 struct iommu_domain *parent,
							 const struct iommu_user_data *data)
{
	return ops->domain_alloc_nested(dev, parent, 0, data);
}

/**
 * vtd_test_op_attach() - attach a domain without the core
 * @domain: the domain
 * @dev: the device
 * @old: the domain that is attached so far
 *
 * Return: 0, or the driver's error.
 */
static inline int vtd_test_op_attach(struct iommu_domain *domain, struct device *dev,
				     struct iommu_domain *old)
{
	return domain->ops->attach_dev(domain, dev, old);
}

/**
 * vtd_test_op_remove_pasid() - detach a domain from a PASID without the core
 * @ops: the driver's operations
 * @dev: the device
 * @pasid: the PASID
 * @old: the domain
 */
static inline void vtd_test_op_remove_pasid(const struct iommu_ops *ops, struct device *dev,
					    ioasid_t pasid, struct iommu_domain *old)
{
	ops->blocked_domain->ops->set_dev_pasid(ops->blocked_domain, dev, pasid, old);
}

/**
 * vtd_test_attach_takes_requests() - does attaching have page requests handled?
 *
 * Return: true if so, for domains with a handler.
 */
static inline bool vtd_test_attach_takes_requests(void)
{
	return true;
}

/**
 * vtd_test_take_requests() - have page requests of a device handled
 * @iommu: the unit
 * @dev: the device
 *
 * Return: 0, or the error of enabling them.
 */
static inline int vtd_test_take_requests(struct intel_iommu *iommu, struct device *dev)
{
	return intel_iommu_enable_iopf(dev);
}

/**
 * vtd_test_drop_requests() - undo vtd_test_take_requests()
 * @iommu: the unit
 * @dev: the device
 */
static inline void vtd_test_drop_requests(struct intel_iommu *iommu, struct device *dev)
{
	intel_iommu_disable_iopf(dev);
}

/**
 * vtd_test_base_keeps_ats() - does the driver leave ATS on when it blocks a device?
 *
 * Return: true if so.
 */
static inline bool vtd_test_base_keeps_ats(void)
{
	return true;
}

/**
 * vtd_test_base_snoops_late() - can snooping be forced on a domain with mappings?
 *
 * Return: true if so.
 */
static inline bool vtd_test_base_snoops_late(void)
{
	return true;
}

/**
 * vtd_test_unit_ids() - how many domain ids of a unit are in use?
 * @iommu: the unit
 *
 * Return: the number.
 */
static inline unsigned int vtd_test_unit_ids(struct intel_iommu *iommu)
{
	unsigned int n = 0;
	int id = -1;

	guard(mutex)(&iommu->did_lock);
	while ((id = ida_find_first_range(&iommu->domain_ida, id + 1, ~0)) >= 0)
		n++;

	return n;
}

/**
 * vtd_test_take_ids() - take every domain id of a unit
 * @iommu: the unit
 *
 * Return: which ones, for vtd_test_return_ids(), or NULL without memory.
 */
static inline unsigned long *vtd_test_take_ids(struct intel_iommu *iommu)
{
	unsigned long *taken = bitmap_zalloc(iommu->max_domain_id, GFP_KERNEL);
	int id;

	while (taken && (id = vtd_unit_alloc_did(iommu)) >= 0)
		__set_bit(id, taken);

	return taken;
}

/**
 * vtd_test_id_in_use() - is a domain id of a unit taken?
 * @iommu: the unit
 * @did: the id
 *
 * Return: true if so.
 */
static inline bool vtd_test_id_in_use(struct intel_iommu *iommu, unsigned int did)
{
	return ida_exists(&iommu->domain_ida, did);
}

/**
 * vtd_test_spare_id() - leave one of the ids taken to others
 * @iommu: the unit
 * @taken: from vtd_test_take_ids()
 * @did: the id
 */
static inline void vtd_test_spare_id(struct intel_iommu *iommu, unsigned long *taken,
				     unsigned int did)
{
	if (__test_and_clear_bit(did, taken))
		vtd_unit_free_did(iommu, did);
}

/**
 * vtd_test_return_ids() - undo vtd_test_take_ids()
 * @iommu: the unit
 * @taken: from vtd_test_take_ids()
 *
 * Return: true if no id was free meanwhile.
 */
static inline bool vtd_test_return_ids(struct intel_iommu *iommu, unsigned long *taken)
{
	int id, another = vtd_unit_alloc_did(iommu);

	for_each_set_bit(id, taken, iommu->max_domain_id)
		vtd_unit_free_did(iommu, id);
	bitmap_free(taken);
	if (another >= 0)
		vtd_unit_free_did(iommu, another);

	return another == -ENOSPC;
}

/**
 * vtd_test_copy_unit() - make the driver's view of one more unit
 * @copy: filled
 * @iommu: the unit that it is like, and whose domain ids it must not use
 */
static inline void vtd_test_copy_unit(struct intel_iommu *copy, const struct intel_iommu *iommu)
{
	unsigned int i;

	*copy = *iommu;
	spin_lock_init(&copy->lock);
	mutex_init(&copy->did_lock);
	ida_init(&copy->domain_ida);
	for (i = 0; i < VTD_TEST_IDS_APART; i++)
		vtd_unit_alloc_did(copy);
}

/**
 * vtd_test_drop_unit() - undo vtd_test_copy_unit()
 * @copy: the view
 */
static inline void vtd_test_drop_unit(struct intel_iommu *copy)
{
	ida_destroy(&copy->domain_ida);
}

#else

#define VTD_TEST_GENERATOR(name, prev, desc) \
	const void *(name)(const void *(prev), char *(desc))

static inline struct iommu_domain *vtd_test_alloc_paging(const struct iommu_ops *ops,
							 struct device *dev, u32 flags)
{
	struct iommu_domain *domain = ops->domain_alloc_user(dev, flags, NULL, NULL);

	if (!IS_ERR_OR_NULL(domain))
		domain->owner = ops;
	return domain;
}

static inline struct iommu_domain *vtd_test_alloc_nested(const struct iommu_ops *ops,
							 struct device *dev,
							 struct iommu_domain *parent,
							 const struct iommu_user_data *data)
{
	return ops->domain_alloc_user(dev, 0, parent, data);
}

static inline int vtd_test_op_attach(struct iommu_domain *domain, struct device *dev,
				     struct iommu_domain *old)
{
	return domain->ops->attach_dev(domain, dev);
}

static inline void vtd_test_op_remove_pasid(const struct iommu_ops *ops, struct device *dev,
					    ioasid_t pasid, struct iommu_domain *old)
{
	ops->remove_dev_pasid(dev, pasid, old);
}

static inline bool vtd_test_attach_takes_requests(void)
{
	return false;
}

static inline int vtd_test_take_requests(struct intel_iommu *iommu, struct device *dev)
{
	return iopf_queue_add_device(iommu->iopf_queue, dev);
}

static inline void vtd_test_drop_requests(struct intel_iommu *iommu, struct device *dev)
{
	iopf_queue_remove_device(iommu->iopf_queue, dev);
}

static inline bool vtd_test_base_keeps_ats(void)
{
	return false;
}

static inline bool vtd_test_base_snoops_late(void)
{
	return false;
}

static inline unsigned int vtd_test_unit_ids(struct intel_iommu *iommu)
{
	return bitmap_weight(iommu->domain_ids, cap_ndoms(iommu->cap));
}

/* Which were taken before */
static inline unsigned long *vtd_test_take_ids(struct intel_iommu *iommu)
{
	unsigned long max = cap_ndoms(iommu->cap);
	unsigned long *before = bitmap_alloc(max, GFP_KERNEL);

	if (!before)
		return NULL;
	spin_lock(&iommu->lock);
	bitmap_copy(before, iommu->domain_ids, max);
	bitmap_fill(iommu->domain_ids, max);
	spin_unlock(&iommu->lock);

	return before;
}

static inline bool vtd_test_id_in_use(struct intel_iommu *iommu, unsigned int did)
{
	return test_bit(did, iommu->domain_ids);
}

static inline void vtd_test_spare_id(struct intel_iommu *iommu, unsigned long *before,
				     unsigned int did)
{
	spin_lock(&iommu->lock);
	clear_bit(did, iommu->domain_ids);
	spin_unlock(&iommu->lock);
}

static inline bool vtd_test_return_ids(struct intel_iommu *iommu, unsigned long *before)
{
	unsigned long max = cap_ndoms(iommu->cap);
	bool all;

	spin_lock(&iommu->lock);
	all = bitmap_full(iommu->domain_ids, max);
	bitmap_copy(iommu->domain_ids, before, max);
	spin_unlock(&iommu->lock);
	bitmap_free(before);

	return all;
}

/* The bitmap of domain ids is the same. */
static inline void vtd_test_copy_unit(struct intel_iommu *copy, const struct intel_iommu *iommu)
{
	*copy = *iommu;
	spin_lock_init(&copy->lock);
}

static inline void vtd_test_drop_unit(struct intel_iommu *copy)
{
}

#endif

#endif /* _INTEL_NESTED_TESTS_COMPAT_H */
