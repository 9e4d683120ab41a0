/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of dirty tracking share: a guest whose memory is tracked.
 */
#ifndef _SELFTESTS_IOMMU_VTD_NESTED_TRACKED_H
#define _SELFTESTS_IOMMU_VTD_NESTED_TRACKED_H

#include "vtd_nested.h"

#define PAGES	8	/* data pages, at IOVA and behind it */
#define RAM	(2 * RAM_HALF)

/**
 * struct tracked - a guest whose memory is tracked by pages of 4 KiB
 * @n: the guest; its parent has dirty tracking
 * @s1: table with all of @page, of which nothing has been used yet
 * @page: data pages, next to each other
 * @map: filled by tracked_read()
 */
struct tracked {
	struct nested n;
	struct s1 s1;
	__u64 page[PAGES];
	__u64 map[RAM / PAGE / 64];
};

int tracked_open(struct tracked *t, const char **skip);
int tracked_table(struct tracked *t, struct s1 *s1);
int tracked_switch(struct tracked *t, bool on);
int tracked_read(struct tracked *t, __u32 flags);
int tracked_read_part(struct tracked *t, __u64 gpa, __u64 length,
		      __u64 page_size, __u32 flags);
bool is_dirty(const struct tracked *t, __u64 gpa);

/* The gIOVA of a data page. */
static inline __u64 at(int i)
{
	return IOVA + i * PAGE;
}

#endif /* _SELFTESTS_IOMMU_VTD_NESTED_TRACKED_H */
