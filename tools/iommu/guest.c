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
#include "util.h"

#define GUARD_WORDS	(PAGE / sizeof(__u64))

/* Address space for the memory, which pages of 2 MiB may be for, and for the guard pages */
static int guest_reserve(struct guest *guest)
{
	__u64 at;

	guest->region_size = guest->size + 3 * SIZE_2M;
	guest->region = mmap(NULL, guest->region_size, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (guest->region == MAP_FAILED)
		return -errno;
	at = (__u64)guest->region + SIZE_2M;
	guest->va = (void *)((at + SIZE_2M - 1) & ~(SIZE_2M - 1));
	return 0;
}

/* The page before the memory (0), or the one behind it (1) */
static __u64 *guest_guard(const struct guest *guest, int which)
{
	return (__u64 *)((char *)guest->va + (which ? (long)guest->size : -(long)PAGE));
}

static __u64 guest_guard_word(int which, unsigned int i)
{
	return (__u64)GUEST_GUARD_TAG << 56 | (__u64)which << 48 | i;
}

static int guest_fill_guards(const struct guest *guest)
{
	unsigned int i;
	__u64 *guard;
	int which;

	for (which = 0; which < 2; which++) {
		guard = guest_guard(guest, which);
		if (mprotect(guard, PAGE, PROT_READ | PROT_WRITE))
			return -errno;
		for (i = 0; i < GUARD_WORDS; i++)
			guard[i] = guest_guard_word(which, i);
	}
	return 0;
}

static int guest_map_memfd(struct guest *guest, unsigned int flags)
{
	int ret;

	guest->fd = memfd_create("guest", MFD_CLOEXEC | flags);
	if (guest->fd < 0)
		return -errno;
	if (ftruncate(guest->fd, guest->size))
		goto err_close;
	if (mmap(guest->va, guest->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		 guest->fd, 0) == MAP_FAILED)
		goto err_close;
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
 * @guest->huge accordingly. The memory is zero. The guard pages around it are filled, for
 * guest_guards_changed().
 *
 * Return: 0 or a negative errno.
 */
int guest_create(struct guest *guest, __u64 gpa, __u64 size)
{
	int ret;

	*guest = (struct guest) { .gpa = gpa, .size = size, .huge = true };
	ret = guest_reserve(guest);
	if (ret)
		goto err_none;
	ret = guest_fill_guards(guest);
	if (ret)
		goto err_unmap;
	if (!guest_map_memfd(guest, MFD_HUGETLB | MFD_HUGE_2MB))
		return 0;
	guest->huge = false;
	ret = guest_map_memfd(guest, 0);
	if (!ret)
		return 0;
err_unmap:
	munmap(guest->region, guest->region_size);
err_none:
	guest->va = NULL;
	return ret;
}

/**
 * guest_destroy() - free the memory of a guest
 * @guest: from guest_create()
 *
 * Mappings in an IO address space keep the pages until they are unmapped.
 */
void guest_destroy(struct guest *guest)
{
	munmap(guest->region, guest->region_size);
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

/**
 * guest_guards_changed() - has anybody written beside the memory?
 * @guest: guest
 *
 * Return: number of words in the two guard pages that are not as guest_create() filled them.
 */
int guest_guards_changed(const struct guest *guest)
{
	int which, changed = 0;
	unsigned int i;

	for (which = 0; which < 2; which++)
		for (i = 0; i < GUARD_WORDS; i++)
			changed += guest_guard(guest, which)[i] != guest_guard_word(which, i);
	return changed;
}
