/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The demonstration: its state, and its steps. Each step prints what it did and whether
 * that was right.
 */
#ifndef _NESTING_DEMO_H
#define _NESTING_DEMO_H

#include <stdbool.h>
#include <linux/iommufd.h>
#include <linux/types.h>

#include "guest.h"
#include "stage1.h"
#include "vfio.h"

#define GUEST_SIZE	(16ULL << 20)
/* Different, so that no address is mistaken for one of the other kind. */
#define GUEST_GPA	0x140000000ULL
#define GUEST_IOVA	0x7f0000200000ULL

#define GUEST_PASID	23U

#define IOVA_DATA	GUEST_IOVA			/* two pages, read-write */
#define IOVA_RO		(GUEST_IOVA + 4 * PAGE)		/* one page, read-only */
#define IOVA_HOLE	(GUEST_IOVA + 8 * PAGE)		/* never mapped */

/**
 * struct demo - the state of the program
 * @iommufd: iommufd context
 * @dev: the device that the guest drives
 * @unit: what the VT-d unit in front of it can do
 * @guest: the guest's memory
 * @table: the guest's first-stage tables
 * @ioas: IO address space: the guest's memory at its GPAs
 * @parent: stage 2, made from @ioas
 * @s1: stage 1, one for each of @table, and one for a PASID
 * @page: GPAs of the guest's buffers
 * @violations: rules of VT-d that the driver had broken before
 * @verbose: say more
 */
struct demo {
	int iommufd;
	struct vfio_dev dev;
	struct iommu_hw_info_vtd unit;
	struct guest guest;
	struct stage1 table[2];
	__u32 ioas;
	__u32 parent;
	__u32 s1[3];
	__u64 page[5];
	__u64 violations;
	bool verbose;
};

/* demo_tables.c */
void demo_show_unit(struct demo *d);
bool demo_build_stage2(struct demo *d);
void demo_build_stage1(struct demo *d);
bool demo_attach_stage1(struct demo *d, int which);

/* demo_dma.c */
void demo_show_read(struct demo *d, __u64 iova, __u64 gpa);
void demo_show_dma(struct demo *d);
void demo_show_invalidation(struct demo *d);
void demo_show_faults(struct demo *d);
void demo_show_msi(struct demo *d);
void demo_show_detach(struct demo *d);
void demo_show_pasid(struct demo *d);

#endif
