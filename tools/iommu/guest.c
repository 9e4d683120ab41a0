// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of a guest: a memfd that this process maps, and that the guest sees at
 * guest physical addresses.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/memfd.h>
#include <sys/mman.h>

#include "guest.h"

static int guest_map_memfd(struct guest *guest, unsigned int flags)
{
	void *va;
	int ret;

	guest->fd = memfd_create("guest", MFD_CLOEXEC | flags);
	if (guest->fd < 0)
		return -errno;
	if (ftruncate(guest->fd, guest->size))
		goto err_close;
	va = mmap(NULL, guest->size, PROT_READ | PROT_WRITE, MAP_SHARED,
		  guest->fd, 0);
	if (va == MAP_FAILED)
		goto err_close;
	guest->va = va;
	return 0;

err_close:
	ret = -errno;
	close(guest->fd);
	return ret;
}

/**
 * guest_create() - get memory for a guest
 * @guest: filled
 * @gpa: guest physical address of the first byte, a multiple of 2 MiB
 * @size: bytes, a multiple of 2 MiB
 *
 * Uses 2 MiB pages if enough of them are reserved, else 4 KiB pages, and sets
 * @guest->huge accordingly. The memory is zero.
 *
 * Return: 0 or a negative errno.
 */
int guest_create(struct guest *guest, __u64 gpa, __u64 size)
{
	*guest = (struct guest) { .gpa = gpa, .size = size, .huge = true };
	if (!guest_map_memfd(guest, MFD_HUGETLB | MFD_HUGE_2MB))
		return 0;
	guest->huge = false;
	return guest_map_memfd(guest, 0);
}

/**
 * guest_destroy() - free the memory of a guest
 * @guest: from guest_create()
 *
 * Mappings in an IO address space keep the pages until they are unmapped.
 */
void guest_destroy(struct guest *guest)
{
	munmap(guest->va, guest->size);
	close(guest->fd);
}

/**
 * guest_alloc() - allocate some of the guest's memory
 * @guest: guest
 * @size: bytes
 * @align: alignment of the guest physical address, a power of two
 *
 * It cannot be freed. The program aborts if there is not enough, because each
 * program knows how much its guest needs.
 *
 * Return: a guest physical address.
 */
__u64 guest_alloc(struct guest *guest, __u64 size, __u64 align)
{
	__u64 offset = (guest->used + align - 1) & ~(align - 1);

	if (offset + size > guest->size) {
		fprintf(stderr, "guest memory of %llu bytes is too small\n",
			guest->size);
		abort();
	}
	guest->used = offset + size;
	return guest->gpa + offset;
}

/**
 * guest_va() - translate a guest physical address
 * @guest: guest
 * @gpa: guest physical address inside the guest's memory
 *
 * Return: its address in this process, NULL if there is no memory at @gpa.
 */
void *guest_va(const struct guest *guest, __u64 gpa)
{
	if (gpa < guest->gpa || gpa - guest->gpa >= guest->size)
		return NULL;
	return (char *)guest->va + (gpa - guest->gpa);
}
