/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest whose nest parent has dirty tracking, for the tests of it.
 */
#ifndef _SELFTESTS_IOMMU_VTD_NESTED_TRACKED_H
#define _SELFTESTS_IOMMU_VTD_NESTED_TRACKED_H

#include "nested.h"

#define TRACKED_PAGES	8	/* data pages, from NESTED_IOVA on */

/**
 * struct tracked - a guest whose memory is tracked in pages of 4 KiB
 * @n: the guest; its parent has dirty tracking
 * @s1: table that maps all of @page; nothing has used it yet
 * @page: data pages with consecutive GPAs
 * @map: filled by tracked_read()
 */
struct tracked {
	struct nested n;
	struct nested_s1 s1;
	__u64 page[TRACKED_PAGES];
	__u64 map[NESTED_SIZE / PAGE / 64];
};

int tracked_open(struct tracked *t, const char **skip);
int tracked_table(struct tracked *t, struct nested_s1 *s1);
int tracked_switch(struct tracked *t, bool on);
int tracked_read(struct tracked *t, __u32 flags);
int tracked_read_part(struct tracked *t, __u64 gpa, __u64 length,
		      __u64 page_size, __u32 flags);
bool tracked_is_dirty(const struct tracked *t, __u64 gpa);

/* gIOVA of a data page */
static inline __u64 tracked_iova(int i)
{
	return NESTED_IOVA + i * PAGE;
}

#endif /* _SELFTESTS_IOMMU_VTD_NESTED_TRACKED_H */
