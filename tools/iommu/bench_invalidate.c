// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage-1 invalidation: what an array costs, by its size and shape.
 */
#include <stdlib.h>

#include "bench.h"
#include "iommu.h"
#include "util.h"

#define BATCH_MAX	4096
#define CALLS_MAX	32

static struct iommu_hwpt_vtd_s1_invalidate entries[BATCH_MAX];

static void set_entry(unsigned int i, __u64 page, __u64 npages)
{
	entries[i] = (struct iommu_hwpt_vtd_s1_invalidate) {
		.addr = BENCH_IOVA + page * BENCH_PAGE,
		.npages = npages,
		.flags = IOMMU_VTD_INV_FLAGS_LEAF,
	};
}

/* A buffer that is unmapped page by page. */
static void contiguous(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		set_entry(i, i, 1);
}

/* Single pages that have nothing to do with each other, in any order. */
static void scattered(unsigned int n)
{
	unsigned int i;

	/* 1021 is odd: times it, modulo a power of two, is a permutation. */
	for (i = 0; i < n; i++)
		set_entry(i, (i * 1021 % n) * 3, 1);
}

/* Buffers of 1 to 16 pages that begin anywhere. */
static void mixed(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		set_entry(i, i * 64 + i % 3, 1 + i * 7 % 16);
}

/* Every page four times. */
static void duplicates(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		set_entry(i, i / 4 * 3, 1);
}

static const struct {
	const char *name;
	void (*fill)(unsigned int n);
} shapes[] = {
	{ "contiguous", contiguous },
	{ "scattered", scattered },
	{ "mixed", mixed },
	{ "duplicates", duplicates },
};

static void once(struct bench *b, unsigned int n)
{
	__u32 num = n;
	int ret = iommufd_hwpt_invalidate(b->iommufd, b->s1[0], entries, &num);

	if (ret || num != n)
		bench_die("IOMMU_HWPT_INVALIDATE", ret);
}

static void measure(struct bench *b, unsigned int n, struct bench_counts *counts,
		    struct bench_time *best)
{
	unsigned int calls = n < 256 ? 256 / n : 1;
	unsigned int rounds = n > 256 ? 3 : 7;
	unsigned int round, i;

	if (calls > CALLS_MAX)
		calls = CALLS_MAX;
	once(b, n);
	meter_counts(counts);
	once(b, n);
	*counts = meter_since(counts);

	*best = (struct bench_time) {};
	for (round = 0; round < rounds; round++) {
		struct bench_time t = meter_now();

		for (i = 0; i < calls; i++)
			once(b, n);
		t = meter_elapsed(&t);
		t.ns /= calls;
		t.ticks /= calls;
		meter_best(best, &t);
	}
}

/**
 * bench_invalidate() - measure arrays of all sizes and shapes
 * @b: bench
 * @queue_ns: time of a wait descriptor
 * @desc_ns: time of any other
 * @devices: how many share the stage-1 domain
 */
void bench_invalidate(struct bench *b, unsigned int queue_ns, unsigned int desc_ns,
		      int devices)
{
	static const unsigned int batches[] = { 1, 4, 16, 64, 256, 1024, 4096 };
	unsigned int i, j;
	int ret;

	if (devices > b->ndev)
		return;
	ret = meter_set_delay(queue_ns, desc_ns);
	if (ret)
		bench_die("the model's queue delay", ret);
	bench_attach_first(b, devices, b->s1[0]);

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		for (j = 0; j < ARRAY_SIZE(batches); j++) {
			unsigned int n = batches[j];
			struct bench_counts counts;
			struct bench_time best;

			/* The smallest are the same in every shape. */
			if ((b->quick && n != 1 && n != 256) || (i && n == 1))
				continue;
			shapes[i].fill(n);
			measure(b, n, &counts, &best);

			row_begin("invalidate");
			row_text("shape", shapes[i].name);
			row_number("batch", n);
			row_number("devices", devices);
			row_number("ats", b->ats);
			row_number("queue_ns", queue_ns);
			row_number("desc_ns", desc_ns);
			row_number("doorbells", counts.doorbells);
			row_number("waits", counts.waits);
			row_number("descriptors", counts.descriptors);
			row_number("call_ns", best.ns);
			row_number("call_ticks", best.ticks);
			row_ratio("entry_ticks", (double)best.ticks / n);
			row_number("entries_per_s", n * 1000000000ULL / best.ns);
			row_end();
		}
	}
	meter_set_delay(0, 0);
}
