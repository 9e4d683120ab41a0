/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's first-stage page table, in the guest's own memory.
 */
#ifndef _TOOLS_IOMMU_STAGE1_H
#define _TOOLS_IOMMU_STAGE1_H

#include <linux/types.h>

#include "guest.h"
#include "util.h"

/* First-stage paging entries, VT-d section 9.8. */
#define S1_PRESENT	BIT_ULL(0)
#define S1_WRITE	BIT_ULL(1)
#define S1_USER		BIT_ULL(2)
#define S1_ACCESSED	BIT_ULL(5)
#define S1_DIRTY	BIT_ULL(6)
#define S1_LARGE	BIT_ULL(7)	/* leaf of 2 MiB or 1 GiB */
#define S1_ADDR		0x000ffffffffff000ULL

/* Bits of an ordinary page */
#define S1_RO		(S1_PRESENT | S1_USER)
#define S1_RW		(S1_RO | S1_WRITE)

/* Sizes of pages, as a power of two. */
#define S1_4K		12
#define S1_2M		21
#define S1_1G		30

/**
 * struct stage1 - a first-stage page table
 * @guest: guest whose memory it is in
 * @root: guest physical address of the top table
 * @levels: 4 (48-bit addresses) or 5 (57-bit)
 */
struct stage1 {
	struct guest *guest;
	__u64 root;
	int levels;
};

void stage1_create(struct stage1 *s1, struct guest *guest, int levels);
void stage1_map(struct stage1 *s1, __u64 iova, __u64 gpa, int shift,
		__u64 bits);
__u64 *stage1_entry(const struct stage1 *s1, __u64 iova, int level);
void stage1_set(__u64 *entry, __u64 val);
__u64 stage1_get(const __u64 *entry);

#endif /* _TOOLS_IOMMU_STAGE1_H */
