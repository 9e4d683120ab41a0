// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage-1 invalidation: what an array costs, by its size and shape.
 */
#include "bench.h"
#include "util.h"

#define BATCH_MAX	4096
#define CALLS_MAX	32

static struct iommu_hwpt_vtd_s1_invalidate requests[BATCH_MAX];

static const struct {
	const char *name;
	void (*fill)(struct iommu_hwpt_vtd_s1_invalidate *req, unsigned int n);
} shapes[] = {
	{ "contiguous", requests_contiguous },
	{ "scattered", requests_scattered },
	{ "mixed", requests_mixed },
	{ "duplicates", requests_duplicates },
};

static void measure_array(struct bench *b, unsigned int n, struct bench_counts *counts,
			  struct bench_time *best)
{
	unsigned int calls = n < 256 ? 256 / n : 1;
	unsigned int rounds = n > 256 ? 3 : 7;
	unsigned int round, i;

	if (calls > CALLS_MAX)
		calls = CALLS_MAX;
	requests_call(b, b->s1[0], requests, n);
	meter_counts(counts);
	requests_call(b, b->s1[0], requests, n);
	*counts = meter_since(counts);

	*best = (struct bench_time) {};
	for (round = 0; round < rounds; round++) {
		struct bench_time t = meter_now();

		for (i = 0; i < calls; i++)
			requests_call(b, b->s1[0], requests, n);
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

	if (devices > b->ndev)
		return;
	meter_set_delay(queue_ns, desc_ns);
	bench_attach_first(b, devices, b->s1[0]);

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		for (j = 0; j < ARRAY_SIZE(batches); j++) {
			unsigned int n = batches[j];
			struct bench_counts counts;
			struct bench_time best;

			/* The smallest are the same in every shape. */
			if ((b->quick && n != 1 && n != 256) || (i && n == 1))
				continue;
			shapes[i].fill(requests, n);
			measure_array(b, n, &counts, &best);

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

/**
 * bench_share() - where the instructions of one request go
 * @b: bench
 *
 * A call without requests goes all the way to the driver and back, and the
 * model tells how long its registers were accessed. What is left is the share
 * of the driver and its queue.
 */
void bench_share(struct bench *b)
{
	struct bench_time one = {}, none = {}, t;
	struct bench_counts counts;
	__u64 registers = ~0ULL;
	unsigned int i;

	bench_attach_first(b, 1, b->s1[0]);
	requests_contiguous(requests, 1);
	for (i = 0; i < 20; i++) {
		t = meter_now();
		requests_call(b, b->s1[0], requests, 0);
		t = meter_elapsed(&t);
		meter_best(&none, &t);

		meter_counts(&counts);
		t = meter_now();
		requests_call(b, b->s1[0], requests, 1);
		t = meter_elapsed(&t);
		meter_best(&one, &t);
		counts = meter_since(&counts);
		if (counts.register_cycles < registers)
			registers = counts.register_cycles;
	}

	row_begin("share");
	row_number("call_ticks", one.ticks);
	row_number("empty_call_ticks", none.ticks);
	row_number("register_ticks", registers);
	row_number("driver_ticks", one.ticks - none.ticks - registers);
	row_end();
}
