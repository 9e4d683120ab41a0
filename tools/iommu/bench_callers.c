// SPDX-License-Identifier: GPL-2.0-only
/*
 * Callers that have one request each, at the same time: what QEMU makes of a
 * guest with several CPUs or devices, and what several guests make of a unit.
 */
#include <pthread.h>

#include "bench.h"
#include "iommu.h"
#include "util.h"

/**
 * struct caller - a thread with a domain of its own
 * @b: bench
 * @s1: its stage-1 domain, which has one device
 * @number: its number
 * @calls: how many calls it makes
 * @start: all begin together
 * @thread: the thread
 */
struct caller {
	const struct bench *b;
	__u32 s1;
	unsigned int number;
	unsigned int calls;
	pthread_barrier_t *start;
	pthread_t thread;
};

static void *call_again_and_again(void *arg)
{
	struct iommu_hwpt_vtd_s1_invalidate req;
	struct caller *c = arg;
	unsigned int i;

	bench_pin(c->number);
	requests_contiguous(&req, 1);
	pthread_barrier_wait(c->start);
	for (i = 0; i < c->calls; i++)
		requests_call(c->b, c->s1, &req, 1);
	return NULL;
}

static void measure_callers(struct bench *b, const __u32 *s1, unsigned int callers,
			    unsigned int queue_ns)
{
	unsigned int i, calls = b->quick ? 20 : 50;
	struct caller c[BENCH_DEVICES];
	struct bench_counts counts;
	pthread_barrier_t start;
	struct bench_time t;
	int ret;

	pthread_barrier_init(&start, NULL, callers + 1);
	for (i = 0; i < callers; i++) {
		c[i] = (struct caller) { b, s1[i], i, calls, &start, 0 };
		ret = pthread_create(&c[i].thread, NULL, call_again_and_again, &c[i]);
		if (ret)
			bench_die("a thread", -ret);
	}
	meter_counts(&counts);
	t = meter_now();
	pthread_barrier_wait(&start);
	for (i = 0; i < callers; i++)
		pthread_join(c[i].thread, NULL);
	t = meter_elapsed(&t);
	counts = meter_since(&counts);
	pthread_barrier_destroy(&start);

	calls *= callers;
	row_begin("callers");
	row_number("callers", callers);
	row_number("queue_ns", queue_ns);
	row_number("calls", calls);
	row_ratio("doorbells_per_call", (double)counts.doorbells / calls);
	row_ratio("waits_per_call", (double)counts.waits / calls);
	row_ratio("descriptors_per_call", (double)counts.descriptors / calls);
	row_number("calls_per_s", calls * 1000000000ULL / t.ns);
	row_end();
}

/**
 * bench_callers() - one request a call, from 1 to 16 threads at a time
 * @b: bench
 */
void bench_callers(struct bench *b)
{
	static const unsigned int delay[] = { 0, 2000, 20000 };
	static const unsigned int callers[] = { 1, 2, 4, 8, 16 };
	__u32 s1[BENCH_DEVICES];
	unsigned int i, j;
	int n, ret;

	for (n = 0; n < b->ndev; n++) {
		s1[n] = bench_alloc_s1(b, 0);
		ret = vfio_attach(&b->dev[n], s1[n]);
		if (ret)
			bench_die(b->dev[n].bdf, ret);
	}
	meter_set_async(true);
	for (i = 0; i < ARRAY_SIZE(delay); i++) {
		meter_set_delay(delay[i], 0);
		for (j = 0; j < ARRAY_SIZE(callers); j++)
			if ((int)callers[j] <= b->ndev)
				measure_callers(b, s1, callers[j], delay[i]);
	}
	meter_set_delay(0, 0);
	meter_set_async(false);
	bench_attach_first(b, 0, 0);
	while (n--)
		iommufd_destroy(b->iommufd, s1[n]);
}
