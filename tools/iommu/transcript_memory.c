// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory that dma-transcript maps. Every eight bytes differ, so that the
 * data a device reads shows where it comes from.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <linux/mman.h>

#include "sysfs.h"
#include "transcript.h"

#define SMALL_SIZE	(256 * PAGE)
#define LARGE_PAGES	4U

/* Pages of 1 GiB have to be reserved at boot. */
static int reserve_large_pages(void)
{
	char pages[16];

	snprintf(pages, sizeof(pages), "%u", LARGE_PAGES);
	return sysfs_write("/proc/sys/vm/nr_hugepages", pages);
}

static int pool_create(struct pool *pool, const char *name, __u64 size,
		       __u64 page, int flags)
{
	*pool = (struct pool) { .name = name, .size = size, .page = page };
	pool->va = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE | flags, -1,
			0);
	return pool->va == MAP_FAILED ? -errno : 0;
}

/**
 * memory_create() - get memory in pages of all sizes
 * @pool: filled; the pool of 1 GiB is empty if the machine has no such page
 *
 * Return: 0 or a negative errno.
 */
int memory_create(struct pool pool[POOLS])
{
	struct pool *huge = &pool[POOL_1G];
	int ret;

	ret = reserve_large_pages();
	if (ret)
		return ret;
	ret = pool_create(&pool[POOL_4K], "4K", SMALL_SIZE, PAGE, 0);
	if (!ret)
		ret = pool_create(&pool[POOL_2M], "2M", LARGE_PAGES * SIZE_2M,
				  SIZE_2M, MAP_HUGETLB | MAP_HUGE_2MB);
	if (ret)
		return ret;
	if (pool_create(huge, "1G", SIZE_1G, SIZE_1G,
			MAP_HUGETLB | MAP_HUGE_1GB))
		huge->size = 0;
	huge->lazy = true;
	huge->touched = calloc(SIZE_1G / PAGE, 1);
	return huge->touched ? 0 : -ENOMEM;
}

static void pool_fill(const struct pool pool[POOLS], enum pool_id id, __u64 off,
		      __u64 len)
{
	__u64 *p = (__u64 *)(pool[id].va + off);
	__u64 x = (__u64)(id + 1) << 40 | off / sizeof(*p);
	__u64 *end = p + len / sizeof(*p);

	while (p < end)
		*p++ = x++ * 0x9e3779b97f4a7c15ULL;
}

/**
 * memory_reset() - give all memory its pattern
 * @pool: memory
 *
 * The pages of a lazy pool that were touched become zero again.
 */
void memory_reset(struct pool pool[POOLS])
{
	__u64 page;
	int id;

	for (id = 0; id < POOLS; id++) {
		if (!pool[id].lazy) {
			pool_fill(pool, id, 0, pool[id].size);
			continue;
		}
		for (page = 0; page < pool[id].size / PAGE; page++) {
			if (!pool[id].touched[page])
				continue;
			memset(pool[id].va + page * PAGE, 0, PAGE);
			pool[id].touched[page] = 0;
		}
	}
}

/**
 * memory_touch() - give memory that is about to be used its pattern
 * @pool: memory
 * @id: of a pool
 * @off: where in it
 * @len: bytes
 *
 * Does something in a lazy pool only, and once for each page.
 */
void memory_touch(struct pool pool[POOLS], enum pool_id id, __u64 off,
		  __u64 len)
{
	__u64 page;

	if (!pool[id].lazy)
		return;
	for (page = off / PAGE; page * PAGE < off + len; page++) {
		if (pool[id].touched[page])
			continue;
		pool[id].touched[page] = 1;
		pool_fill(pool, id, page * PAGE, PAGE);
	}
}

/**
 * memory_restore() - give pages their pattern again
 * @pool: memory
 * @id: of a pool
 * @off: where in it
 * @len: bytes
 */
void memory_restore(struct pool pool[POOLS], enum pool_id id, __u64 off,
		    __u64 len)
{
	__u64 first = off & -PAGE;

	memory_touch(pool, id, off, len);
	pool_fill(pool, id, first, ((off + len - 1) & -PAGE) + PAGE - first);
}

/**
 * memory_hash() - compute a hash of all memory
 * @pool: memory
 *
 * Of a lazy pool, the pages that have been touched.
 *
 * Return: the hash.
 */
__u64 memory_hash(const struct pool pool[POOLS])
{
	__u64 hash = HASH_START, page;
	int id;

	for (id = 0; id < POOLS; id++) {
		if (!pool[id].lazy) {
			hash = hash_bytes(hash, pool[id].va, pool[id].size);
			continue;
		}
		for (page = 0; page < pool[id].size / PAGE; page++)
			if (pool[id].touched[page])
				hash = hash_bytes(hash, pool[id].va +
						  page * PAGE, PAGE);
	}
	return hash;
}

/**
 * memory_stray() - count the pages that were written though nobody should
 * @pool: memory
 *
 * Return: how many pages of lazy pools are not zero and have not been touched.
 */
__u64 memory_stray(const struct pool pool[POOLS])
{
	__u64 page, n = 0;
	const __u64 *p;
	unsigned int i;
	int id;

	for (id = 0; id < POOLS; id++) {
		for (page = 0; pool[id].lazy && page < pool[id].size / PAGE;
		     page++) {
			p = (const __u64 *)(pool[id].va + page * PAGE);
			for (i = 0; i < PAGE / sizeof(*p) && !p[i]; i++)
				;
			n += i < PAGE / sizeof(*p) && !pool[id].touched[page];
		}
	}
	return n;
}
