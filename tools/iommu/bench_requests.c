// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arrays of invalidation requests, and the calls that have them carried out.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "bench.h"
#include "iommu.h"
#include "util.h"

static void set_request(struct iommu_hwpt_vtd_s1_invalidate *req, __u64 page, __u64 npages)
{
	*req = (struct iommu_hwpt_vtd_s1_invalidate) {
		.addr = BENCH_IOVA + page * BENCH_PAGE,
		.npages = npages,
		.flags = IOMMU_VTD_INV_FLAGS_LEAF,
	};
}

/**
 * requests_contiguous() - a buffer that is unmapped page by page
 * @req: filled
 * @n: how many
 */
void requests_contiguous(struct iommu_hwpt_vtd_s1_invalidate *req, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		set_request(&req[i], i, 1);
}

/**
 * requests_scattered() - single pages in any order, none next to another
 * @req: filled
 * @n: how many, no multiple of 1021
 */
void requests_scattered(struct iommu_hwpt_vtd_s1_invalidate *req, unsigned int n)
{
	unsigned int i;

	/* 1021 is a prime number: times it, modulo another number, is a permutation. */
	for (i = 0; i < n; i++)
		set_request(&req[i], (i * 1021 % n) * 3, 1);
}

/**
 * requests_mixed() - buffers of 1 to 16 pages that begin anywhere
 * @req: filled
 * @n: how many
 */
void requests_mixed(struct iommu_hwpt_vtd_s1_invalidate *req, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		set_request(&req[i], i * 64 + i % 3, 1 + i * 7 % 16);
}

/**
 * requests_duplicates() - every page four times
 * @req: filled
 * @n: how many
 */
void requests_duplicates(struct iommu_hwpt_vtd_s1_invalidate *req, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		set_request(&req[i], i / 4 * 3, 1);
}

/**
 * requests_call() - one IOMMU_HWPT_INVALIDATE, which must succeed
 * @b: bench
 * @s1: stage-1 domain
 * @req: requests
 * @n: how many
 */
void requests_call(const struct bench *b, __u32 s1,
		   const struct iommu_hwpt_vtd_s1_invalidate *req, unsigned int n)
{
	__u32 num = n;
	int ret = iommufd_hwpt_invalidate(b->iommufd, s1, req, &num);

	if (ret || num != n)
		bench_die("IOMMU_HWPT_INVALIDATE", ret);
}

/**
 * requests_by_delay() - measure short and long calls, by how long the unit takes
 * @b: bench; its first device is attached
 * @measure: measures calls of @n requests, after one such call
 *
 * The unit works beside the CPUs.
 */
void requests_by_delay(struct bench *b,
		       void (*measure)(struct bench *b,
				       const struct iommu_hwpt_vtd_s1_invalidate *req,
				       unsigned int n, unsigned int queue_ns))
{
	static struct iommu_hwpt_vtd_s1_invalidate req[BENCH_BLOCKS];
	static const unsigned int delay[] = { 0, 2000, 20000 };
	static const unsigned int size[] = { 1, BENCH_BLOCKS };
	unsigned int i, j;

	bench_attach_first(b, 1, b->s1[0]);
	requests_scattered(req, BENCH_BLOCKS);
	meter_set_async(true);
	for (i = 0; i < ARRAY_SIZE(delay); i++) {
		meter_set_delay(delay[i], 0);
		for (j = 0; j < ARRAY_SIZE(size); j++) {
			requests_call(b, b->s1[0], req, size[j]);
			measure(b, req, size[j], delay[i]);
		}
	}
	meter_set_delay(0, 0);
	meter_set_async(false);
}

/**
 * bench_pin() - keep the calling thread on one CPU
 * @i: number of the thread; threads share CPUs where there are fewer of these
 */
void bench_pin(unsigned int i)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(i % sysconf(_SC_NPROCESSORS_ONLN), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		bench_die("a CPU for a thread", -errno);
}
