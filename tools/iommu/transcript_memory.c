// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory that dma-transcript maps. Every eight bytes of it differ, so that
 * those that a device read tell where it got them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <linux/mman.h>

#include "transcript.h"

#define SMALL_SIZE	(256 * PAGE)
#define LARGE_PAGES	4U

/* The kernel has pages of 1 GiB only if it was booted with them. */
static void reserve_large_pages(void)
{
	FILE *f = fopen("/proc/sys/vm/nr_hugepages", "we");

	if (!f)
		return;
	fprintf(f, "%u\n", LARGE_PAGES);
	fclose(f);
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

	reserve_large_pages();
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

static void fill(const struct pool pool[POOLS], enum pool_id id, __u64 off,
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
 * What has been looked for in a lazy pool is zero again.
 */
void memory_reset(struct pool pool[POOLS])
{
	__u64 page;
	int id;

	for (id = 0; id < POOLS; id++) {
		if (!pool[id].lazy) {
			fill(pool, id, 0, pool[id].size);
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
 * memory_touch() - give memory its pattern that is going to be used
 * @pool: memory
 * @id: of a pool
 * @off: where in it
 * @len: bytes
 *
 * There is something to do in a lazy pool only, and only once.
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
		fill(pool, id, page * PAGE, PAGE);
	}
}

/**
 * memory_hash() - a number that stands for all memory
 * @pool: memory
 *
 * Of a lazy pool only what has been touched.
 *
 * Return: the number.
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
 * memory_stray() - look where nothing should have been written
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
