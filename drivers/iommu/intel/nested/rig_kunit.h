/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A test rig for the nested extension: an endpoint of the modelled unit
 * (vtdsim=on on the command line), guest memory behind a nest parent, and DMA
 * that goes to the model directly with the endpoint's source-id and a PASID.
 */
#ifndef _INTEL_NESTED_RIG_KUNIT_H
#define _INTEL_NESTED_RIG_KUNIT_H

#include <linux/iommu.h>
#include <linux/pci.h>

#include "nested.h"

struct kunit;

/* Reasons of VT-d 7.1.3 */
#define FR_PASID_NOT_PRESENT	0x59
#define FR_FIRST_NOT_PRESENT	0x71

/* Guest memory: one page each for the tables of a guest, then its data. */
#define GUEST_ORDER	6
#define GUEST_PAGES	BIT(GUEST_ORDER)
#define GPA		SZ_4G
#define PTE_ALL		0x7ULL	/* present, writable, user */

/* Where tests map what they map. */
#define IOVA		0x123456789000ULL

/**
 * struct rig - an endpoint, and guest memory behind a nest parent
 * @pdev: the endpoint
 * @ops: IOMMU driver's operations
 * @iommu: the unit's driver
 * @parent: nest parent that maps @page at GPA
 * @page: guest memory
 * @mem: the same
 * @used: pages handed out
 * @user: user memory for requests
 * @ids: domain ids in use before the test
 */
struct rig {
	struct pci_dev *pdev;
	const struct iommu_ops *ops;
	struct intel_iommu *iommu;
	struct iommu_domain *parent;
	struct page *page;
	void *mem;
	unsigned int used;
	void __user *user;
	unsigned int ids;
};

int rig_init(struct kunit *test);
void rig_exit(struct kunit *test);
struct pci_dev *second_unit(struct kunit *test, struct intel_iommu **unit);
unsigned int ids_in_use(struct rig *rig);
u64 gpa_of(unsigned int page);
u64 stamp_of(unsigned int page);
unsigned int new_data(struct kunit *test, struct rig *rig);
unsigned int new_table(struct kunit *test, struct rig *rig, u64 iova,
		       unsigned int data);
u64 *leaf_of(struct rig *rig, unsigned int root, u64 iova);
struct iommu_domain *bare_parent(struct kunit *test, struct rig *rig);
struct iommu_domain *new_parent(struct kunit *test, struct rig *rig);
struct iommu_domain *try_s1_for(struct rig *rig, struct pci_dev *pdev,
				struct iommu_domain *parent, unsigned int root);
struct iommu_domain *try_s1(struct rig *rig, struct iommu_domain *parent,
			    unsigned int root);
struct iommu_domain *new_s1(struct kunit *test, struct rig *rig,
			    struct iommu_domain *parent, unsigned int root);
u64 see_from(struct pci_dev *pdev, ioasid_t pasid, u64 iova);
u64 see(struct rig *rig, ioasid_t pasid, u64 iova);

#endif /* _INTEL_NESTED_RIG_KUNIT_H */
