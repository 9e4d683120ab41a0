/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The test fixture of the nested extension: an endpoint of the modelled unit
 * (vtdsim=on on the command line), guest memory behind a nest parent, and DMA
 * that goes to the model directly with the endpoint's source-id and a PASID.
 */
#ifndef _INTEL_NESTED_TESTS_FIXTURE_H
#define _INTEL_NESTED_TESTS_FIXTURE_H

#include <linux/iommu.h>
#include <linux/kmsg_dump.h>
#include <linux/pci.h>

#include "../nested.h"

struct answers;
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
 * struct vtd_test - an endpoint, and guest memory behind a nest parent
 * @pdev: the endpoint
 * @ops: IOMMU driver's operations
 * @iommu: the unit's driver
 * @parent: nest parent that maps @page at GPA
 * @page: guest memory
 * @mem: the same
 * @used: pages handed out
 * @user: user memory for requests
 * @flags: of the stage-1 domains that the functions below allocate
 * @ids: domain ids in use before the test
 * @attached: used by vtd_test_attach()
 * @before: what requests without PASID had before vtd_test_attach_device()
 * @now: what they have since
 * @answers: used by vtd_test_lose_answers()
 *
 * Whatever a test makes, attaches or changes through the functions below is
 * undone when it ends, in the reverse order, also when it ends by a failed
 * assertion. The functions with a counterpart undo it earlier.
 */
struct vtd_test {
	struct pci_dev *pdev;
	const struct iommu_ops *ops;
	struct intel_iommu *iommu;
	struct iommu_domain *parent;
	struct page *page;
	void *mem;
	unsigned int used;
	void __user *user;
	u64 flags;
	unsigned int ids;
	struct list_head attached;
	struct iommu_domain *before;
	struct iommu_domain *now;
	struct answers *answers;
};

int vtd_test_init(struct kunit *test);
int vtd_test_init_client(struct kunit *test);
struct pci_dev *vtd_test_other_endpoint(struct kunit *test);
struct pci_dev *vtd_test_second_unit(struct kunit *test, struct intel_iommu **unit);
unsigned int vtd_test_ids_in_use(struct vtd_test *fx);
u64 vtd_test_gpa(unsigned int page);
u64 vtd_test_stamp(unsigned int page);
unsigned int vtd_test_data_page(struct kunit *test, struct vtd_test *fx);
unsigned int vtd_test_table(struct kunit *test, struct vtd_test *fx, u64 iova,
			    unsigned int data);
u64 *vtd_test_leaf(struct vtd_test *fx, unsigned int root, u64 iova);
struct iommu_domain *vtd_test_bare_parent(struct kunit *test, struct vtd_test *fx);
struct iommu_domain *vtd_test_parent(struct kunit *test, struct vtd_test *fx);
struct iommu_domain *vtd_test_try_s1_for(struct vtd_test *fx, struct pci_dev *pdev,
					 struct iommu_domain *parent, unsigned int root);
struct iommu_domain *vtd_test_try_s1(struct vtd_test *fx, struct iommu_domain *parent,
				     unsigned int root);
struct iommu_domain *vtd_test_s1(struct kunit *test, struct vtd_test *fx,
				 struct iommu_domain *parent, unsigned int root);
void vtd_test_own(struct kunit *test, struct iommu_domain *domain);
void vtd_test_free(struct kunit *test, struct iommu_domain *domain);
int vtd_test_attach(struct kunit *test, struct iommu_domain *domain,
		    struct pci_dev *pdev, ioasid_t pasid);
int vtd_test_replace(struct kunit *test, struct iommu_domain *domain,
		     struct pci_dev *pdev, ioasid_t pasid, struct iommu_domain *old);
void vtd_test_detach(struct kunit *test, struct pci_dev *pdev, ioasid_t pasid);
int vtd_test_attach_device(struct kunit *test, struct iommu_domain *domain);
void vtd_test_restore_device(struct kunit *test);
void vtd_test_lose_answers(struct kunit *test, struct vtd_test *fx, u32 count);
unsigned int vtd_test_log_lines(struct pci_dev *pdev, struct kmsg_dump_iter *since,
				const char *text);
u64 vtd_test_read_from(struct pci_dev *pdev, ioasid_t pasid, u64 iova);
u64 vtd_test_read(struct vtd_test *fx, ioasid_t pasid, u64 iova);

#endif /* _INTEL_NESTED_TESTS_FIXTURE_H */
