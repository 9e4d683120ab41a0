/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two guests, of which one attacks the other. Each word of their memory says whose it is.
 * Of each guest's memory only half is mapped, and guard pages are around all of it.
 */
#ifndef _SELFTESTS_IOMMU_VTD_NESTED_PARTY_H
#define _SELFTESTS_IOMMU_VTD_NESTED_PARTY_H

#include <stdbool.h>
#include <linux/types.h>

#include "nested.h"

#define PARTY_SIZE	SIZE_2M
#define PARTY_MAPPED	(PARTY_SIZE / 2)
#define PARTY_ATTACKER	0xa7
#define PARTY_VICTIM	0x51

/* Addresses in a party's table */
#define PARTY_OWN	NESTED_IOVA			/* leads to @page */
#define PARTY_LEAF	(NESTED_IOVA + PAGE)		/* in the same table as PARTY_OWN */
#define PARTY_LEVEL_2	(NESTED_IOVA + SIZE_2M)
#define PARTY_LEVEL_3	(NESTED_IOVA + SIZE_1G)
#define PARTY_LEVEL_4	(NESTED_IOVA + (1ULL << 39))

/**
 * struct party - a guest, and its device
 * @iommufd: context; negative if there is none
 * @dev: the device
 * @guest: memory
 * @expected: what must be in it
 * @ioas: address space with half of the memory
 * @parent: nest parent
 * @hwpt: nested page table of @t, which the device is attached to
 * @t: table; PARTY_OWN leads to @page
 * @page: page of data, between two that nobody may touch
 * @host: host address of @page
 */
struct party {
	int iommufd;
	struct vfio_dev dev;
	struct guest guest;
	__u64 *expected;
	__u32 ioas;
	__u32 parent;
	__u32 hwpt;
	struct stage1 t;
	__u64 page;
	__u64 host;
};

int party_open(struct party *p, const char *bdf, __u64 tag);
void party_close(struct party *p);

__u64 party_expected(const struct party *p, __u64 gpa);
void party_set(struct party *p, __u64 gpa, __u64 val);
void party_expect(struct party *p, __u64 gpa, __u64 val);
void party_set_entry(struct party *p, __u64 iova, int level, __u64 val);
int party_s1_alloc(struct party *p, const struct stage1 *t, __u32 flags, __u32 *hwpt);
__u64 party_second_table(struct party *p, struct stage1 *t);
int party_invalidate(struct party *p, __u32 hwpt);
__u64 party_ask_host_address(struct party *p, __u64 iova);

int isolation_broken(struct party *attacker, struct party *victim);
bool harmless(struct party *attacker, struct party *victim, __u64 addr, __u32 flags,
	      __u32 pasid);

#endif /* _SELFTESTS_IOMMU_VTD_NESTED_PARTY_H */
