/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of nested translation share: a guest with endpoints behind a
 * VT-d unit.
 *
 * Every page of guest memory that is data has its own guest physical address
 * in its first eight bytes. So nested_see() tells where an address leads, or
 * why it leads nowhere, in one number that a test can compare.
 */
#ifndef _SELFTESTS_IOMMU_VTD_NESTED_H
#define _SELFTESTS_IOMMU_VTD_NESTED_H

#include <linux/types.h>

#include "../../../../iommu/endpoint.h"
#include "../../../../iommu/guest.h"
#include "../../../../iommu/iommu.h"
#include "../../../../iommu/stage1.h"
#include "../../../../iommu/util.h"
#include "../../../../iommu/vfio.h"
#include "../../../../iommu/vtd.h"

/*
 * Tests run under emulation, on machines that have other things to do too: the
 * harness's limit is for what hangs, not for what is slow.
 */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	300


/* The guest's memory, in two halves that are mapped one by one. */
#define RAM_HALF	(8ULL << 20)
#define RAM_GPA		0x140000000ULL	/* a multiple of 1 GiB */
#define RAM_LOW		0		/* page tables, and pages by nested_page() */
#define RAM_HIGH	1
#define HIGH_GPA	(RAM_GPA + RAM_HALF)

/* Where tests map what they map, with room for TiBs behind it. */
#define IOVA		0x2a8000000000ULL

/* As many endpoints as vtdsim can have. */
#define DEVICES_MAX	16

/* What nested_see() returns where there is nothing to see. */
#define FAULT(reason)	(0xfa17000000000000ULL | (reason))
#define STATUS(status)	(0x57a7000000000000ULL | (status))
#define NO_ANSWER	0xdeadULL

/**
 * struct nested - a guest and its devices
 * @iommufd: iommufd context
 * @ndev: devices opened
 * @dev: the devices, bus masters
 * @unit: what the VT-d unit can do
 * @guest: memory
 * @ioas: its halves at their GPAs
 * @parent: nest parent made from @ioas; 0 after nested_open_flat()
 * @last: answer to the last command that an endpoint got
 * @violations: rules of VT-d that the kernel had broken before
 */
struct nested {
	int iommufd;
	int ndev;
	struct vfio_dev dev[DEVICES_MAX];
	struct iommu_hw_info_vtd unit;
	struct guest guest;
	__u32 ioas;
	__u32 parent;
	struct endpoint_result last;
	__u64 violations;
};

/**
 * struct s1 - a stage-1 table of the guest, and its object
 * @t: the table
 * @hwpt: the nested page table made from it
 */
struct s1 {
	struct stage1 t;
	__u32 hwpt;
};

int nested_open_flat(struct nested *n, int ndev, const char **skip);
int nested_open(struct nested *n, int ndev, const char **skip);
__u64 nested_close(struct nested *n);
__u64 nested_finish(struct nested *n);

int nested_map_half(struct nested *n, int half);
int nested_unmap_half(struct nested *n, int half);
__u64 nested_page(struct nested *n);
void nested_stamp(struct nested *n, __u64 gpa);

int nested_s1_create(struct nested *n, struct s1 *s1, int levels);
int nested_s1_alloc(struct nested *n, const struct iommu_hwpt_vtd_s1 *cfg,
		    __u32 *hwpt);
int nested_invalidate(struct nested *n, __u32 hwpt, __u64 addr, __u64 npages,
		      __u32 flags);

__u64 nested_see(struct nested *n, int dev, __u64 iova);
__u64 nested_poke(struct nested *n, int dev, __u64 iova, __u64 val);

#endif /* _SELFTESTS_IOMMU_VTD_NESTED_H */
