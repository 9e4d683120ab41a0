/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of a guest: a memfd, seen by this process at an address of its own
 * and by the guest from a guest physical address on.
 */
#ifndef _TOOLS_IOMMU_GUEST_H
#define _TOOLS_IOMMU_GUEST_H

#include <stdbool.h>
#include <linux/types.h>

/**
 * struct guest - the memory of a guest
 * @fd: memfd
 * @va: where this process sees it
 * @gpa: where the guest sees it
 * @size: bytes
 * @used: bytes handed out by guest_alloc()
 * @huge: backed by 2 MiB pages
 * @preset: accessed and dirty flags that stage-1 entries must be born with, for a
 *	unit that cannot set them (VT-d section 3.10); 0 as a rule
 */
struct guest {
	int fd;
	void *va;
	__u64 gpa;
	__u64 size;
	__u64 used;
	bool huge;
	__u64 preset;
};

int guest_create(struct guest *guest, __u64 gpa, __u64 size);
void guest_destroy(struct guest *guest);
__u64 guest_alloc(struct guest *guest, __u64 size, __u64 align);
void *guest_va(const struct guest *guest, __u64 gpa);

#endif /* _TOOLS_IOMMU_GUEST_H */
