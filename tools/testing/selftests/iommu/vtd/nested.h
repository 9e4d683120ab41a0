/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest with endpoints behind a VT-d unit, for the tests of nested
 * translation.
 *
 * Every data page of the guest has its own guest physical address in its first
 * eight bytes, so that nested_see() tells where an address leads to, or why it
 * leads nowhere, in one number.
 */
#ifndef _SELFTESTS_IOMMU_VTD_NESTED_H
#define _SELFTESTS_IOMMU_VTD_NESTED_H

#include <stdbool.h>
#include <linux/types.h>

#include "endpoint.h"
#include "guest.h"
#include "iommu.h"
#include "stage1.h"
#include "util.h"
#include "vfio.h"
#include "vtd.h"

/*
 * Tests run under emulation, on machines that have other things to do. The
 * limit of the harness is for tests that hang.
 */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	300

/* Guest memory: two halves, each of which is one mapping of stage 2. */
#define NESTED_HALF_SIZE	(8ULL << 20)
#define NESTED_SIZE		(2 * NESTED_HALF_SIZE)
#define NESTED_GPA		0x140000000ULL	/* a multiple of 1 GiB */
#define NESTED_HIGH_GPA		(NESTED_GPA + NESTED_HALF_SIZE)
#define NESTED_LOW_HALF		0	/* guest_alloc() begins here */
#define NESTED_HIGH_HALF	1

/* First gIOVA that tests map, with room for TiBs behind it. */
#define NESTED_IOVA		0x2a8000000000ULL

/* As many endpoints as vtdsim can have */
#define NESTED_DEVICES_MAX	16

/* What nested_see() returns instead of data. */
#define NESTED_FAULT(reason)	(0xfa17000000000000ULL | (reason))
#define NESTED_STATUS(status)	(0x57a7000000000000ULL | (status))
#define NESTED_NO_ANSWER	0xdeadULL

/**
 * struct nested - a guest and its devices
 * @open: nested_close() has something to give back
 * @iommufd: iommufd context, negative if there is none
 * @ndev: devices opened
 * @dev: the devices, bus masters
 * @unit: capabilities of the VT-d unit
 * @guest: memory
 * @ioas: address space with both halves of @guest at their GPAs
 * @parent: nest parent made from @ioas; 0 after nested_open_flat()
 * @last: answer to the last command of an endpoint
 * @violations: violations of VT-d rules by the kernel before nested_open()
 */
struct nested {
	bool open;
	int iommufd;
	int ndev;
	struct vfio_dev dev[NESTED_DEVICES_MAX];
	struct iommu_hw_info_vtd unit;
	struct guest guest;
	__u32 ioas;
	__u32 parent;
	struct endpoint_result last;
	__u64 violations;
};

/**
 * struct nested_s1 - a stage-1 table of the guest, and its object
 * @t: the table
 * @hwpt: the nested page table made from it
 */
struct nested_s1 {
	struct stage1 t;
	__u32 hwpt;
};

/*
 * For FIXTURE_SETUP(): open a guest, or skip the test if this machine cannot
 * have it. @leave is "return"; the function's last argument is the reason to
 * skip, which this macro adds.
 */
#define NESTED_SETUP(leave, open_guest, ...)			\
do {								\
	const char *skip;					\
	int opened = open_guest(__VA_ARGS__, &skip);		\
								\
	if (skip)						\
		SKIP(leave, "%s", skip);			\
	ASSERT_EQ(0, opened);					\
} while (0)

int nested_open_flat(struct nested *n, int ndev, const char **skip);
int nested_open(struct nested *n, int ndev, const char **skip);
int nested_open_in(struct nested *n, const char *segment, int ndev, const char **skip);
__u64 nested_close(struct nested *n);
__u64 nested_finish(struct nested *n);

int nested_map(struct nested *n, __u64 iova, __u64 gpa, __u64 len,
	       __u32 access);
int nested_unmap(struct nested *n, __u64 iova, __u64 len);
int nested_map_half(struct nested *n, int half);
int nested_unmap_half(struct nested *n, int half);
__u64 nested_page(struct nested *n);
void nested_stamp(struct nested *n, __u64 gpa);
int nested_huge_create(struct guest *huge, __u64 size);

int nested_hwpt_alloc(struct nested *n, int dev, __u32 flags, __u32 *hwpt);
int nested_s1_alloc(struct nested *n, const struct iommu_hwpt_vtd_s1 *cfg,
		    __u32 *hwpt);
int nested_s1_create(struct nested *n, struct nested_s1 *s1, int levels);
int nested_s1_create_on(struct nested *n, __u32 parent, struct nested_s1 *s1);
int nested_s1_create_mapped(struct nested *n, struct nested_s1 *s1,
			    __u64 *page);
int nested_invalidate(struct nested *n, __u32 hwpt, __u64 addr, __u64 npages,
		      __u32 flags);

__u64 nested_answer(const struct nested *n, int ret, __u64 val);
__u64 nested_see(struct nested *n, int dev, __u64 iova);
__u64 nested_poke(struct nested *n, int dev, __u64 iova, __u64 val);
bool nested_blocked(struct nested *n, int dev, __u64 iova);

#endif /* _SELFTESTS_IOMMU_VTD_NESTED_H */
