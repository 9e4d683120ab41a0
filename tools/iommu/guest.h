/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory of a guest: a memfd that this process maps, and that the guest sees at
 * guest physical addresses.
 */
#ifndef _TOOLS_IOMMU_GUEST_H
#define _TOOLS_IOMMU_GUEST_H

#include <stdbool.h>
#include <linux/types.h>

/* First byte of each word in the pages around a guest's memory */
#define GUEST_GUARD_TAG	0xc9

/**
 * struct guest - the memory of a guest
 * @fd: memfd
 * @region: what this process has reserved for the memory and the guard pages
 * @region_size: its bytes
 * @va: address in this process; a guard page is right before and right behind the memory
 * @gpa: address in the guest
 * @size: bytes
 * @used: bytes handed out by guest_alloc()
 * @huge: backed by 2 MiB pages
 * @preset: accessed and dirty flags that all stage-1 entries are created with, for
 *	a unit that does not set them (VT-d section 3.10); 0 for other units
 */
struct guest {
	int fd;
	void *region;
	__u64 region_size;
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
int guest_guards_changed(const struct guest *guest);

#endif /* _TOOLS_IOMMU_GUEST_H */
