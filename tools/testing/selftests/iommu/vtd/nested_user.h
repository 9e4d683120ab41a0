/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest whose first device is attached to a stage-1 table and does DMA, in
 * this process or in another one.
 */
#ifndef _SELFTESTS_IOMMU_VTD_NESTED_USER_H
#define _SELFTESTS_IOMMU_VTD_NESTED_USER_H

#include <sys/types.h>

#include "nested.h"

/**
 * struct nested_user - a guest with a table that is in use
 * @n: the guest
 * @s1: its table, which the first device is attached to
 * @page: page at NESTED_IOVA, which begins with @mark
 * @mark: a number of this guest's own
 * @progress: event, signalled for each read of a process; 0 if there is none
 * @release: event, signalled when the kernel wants the first device back; 0 if
 *	there is none
 */
struct nested_user {
	struct nested n;
	struct nested_s1 s1;
	__u64 page;
	__u64 mark;
	int progress;
	int release;
};

int nested_user_begin(struct nested_user *u);
int nested_user_open(struct nested_user *u, __u64 mark);
__u64 nested_user_works(__u64 mark);
pid_t nested_user_fork(struct nested_user *u, __u64 mark);

#endif /* _SELFTESTS_IOMMU_VTD_NESTED_USER_H */
