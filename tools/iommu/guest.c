// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of a guest: a memfd, seen by this process at an address of its own
 * and by the guest from a guest physical address on.
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

static int back(struct guest *guest, unsigned int flags)
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
 * Takes 2 MiB pages if the system has enough of them set aside, else pages of
 * the usual size; @guest->huge tells. The memory is zero.
 *
 * Return: 0 or a negative errno.
 */
int guest_create(struct guest *guest, __u64 gpa, __u64 size)
{
	*guest = (struct guest) { .gpa = gpa, .size = size, .huge = true };
	if (!back(guest, MFD_HUGETLB | MFD_HUGE_2MB))
		return 0;
	guest->huge = false;
	return back(guest, 0);
}

/**
 * guest_destroy() - give the memory back
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
 * guest_alloc() - set some of the guest's memory aside
 * @guest: guest
 * @size: bytes
 * @align: alignment of the guest physical address, a power of two
 *
 * There is no way to give it back. The program ends if there is not enough:
 * what a guest of ours needs is known before it runs.
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
 * guest_va() - where this process sees a guest physical address
 * @guest: guest
 * @gpa: guest physical address inside the guest's memory
 *
 * Return: the pointer, NULL if there is no memory at @gpa.
 */
void *guest_va(const struct guest *guest, __u64 gpa)
{
	if (gpa < guest->gpa || gpa - guest->gpa >= guest->size)
		return NULL;
	return (char *)guest->va + (gpa - guest->gpa);
}
