// SPDX-License-Identifier: GPL-2.0-only
/*
 * A noisy neighbour: what a guest that invalidates without a pause does to
 * others behind the same unit.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "bench.h"
#include "iommu.h"
#include "util.h"

#define SAMPLES_MAX	1000

static __u64 sample[SAMPLES_MAX];

/**
 * struct flood - a guest that does nothing but invalidate
 * @b: bench
 * @stop: asks it to end
 * @calls: how many it has made
 */
struct flood {
	const struct bench *b;
	bool stop;
	unsigned long calls;
};

static void *run_flood(void *arg)
{
	static struct iommu_hwpt_vtd_s1_invalidate req[BENCH_BLOCKS];
	struct flood *f = arg;

	bench_pin(1);
	requests_scattered(req, BENCH_BLOCKS);
	while (!__atomic_load_n(&f->stop, __ATOMIC_ACQUIRE)) {
		requests_call(f->b, f->b->s1[0], req, BENCH_BLOCKS);
		__atomic_add_fetch(&f->calls, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static int compare_samples(const void *a, const void *b)
{
	const __u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void measure_unmaps(struct bench *b, __u32 ioas, void *va, unsigned int n)
{
	struct bench_time t;
	unsigned int i;
	int ret;

	for (i = 0; i < n; i++) {
		ret = iommufd_ioas_map(b->iommufd, ioas, va, BENCH_PAGE, BENCH_IOVA,
				       IOMMUFD_MAP_RW);
		t = meter_now();
		if (!ret)
			ret = iommufd_ioas_unmap(b->iommufd, ioas, BENCH_IOVA, BENCH_PAGE);
		sample[i] = meter_elapsed(&t).ns;
		if (ret)
			bench_die("a neighbour's mapping", ret);
	}
	qsort(sample, n, sizeof(*sample), compare_samples);
}

static void measure_neighbour(struct bench *b, __u32 ioas, void *va, bool flooded,
			      unsigned int queue_ns)
{
	unsigned int n = b->quick ? SAMPLES_MAX / 5 : SAMPLES_MAX;
	struct flood f = { .b = b };
	pthread_t thread;
	int ret;

	if (flooded) {
		ret = pthread_create(&thread, NULL, run_flood, &f);
		if (ret)
			bench_die("a thread", -ret);
		while (!__atomic_load_n(&f.calls, __ATOMIC_ACQUIRE))
			sched_yield();
	}
	measure_unmaps(b, ioas, va, n);
	if (flooded) {
		__atomic_store_n(&f.stop, true, __ATOMIC_RELEASE);
		pthread_join(thread, NULL);
	}

	row_begin("neighbour");
	row_text("flood", flooded ? "254 blocks" : "none");
	row_number("queue_ns", queue_ns);
	row_number("unmaps", n);
	row_number("median_ns", sample[n / 2]);
	row_number("p99_ns", sample[n * 99 / 100]);
	row_number("max_ns", sample[n - 1]);
	row_number("flood_calls", f.calls);
	row_end();
}

/**
 * bench_neighbour() - unmaps of one device while another's guest invalidates
 * @b: bench
 *
 * The neighbour's domain is not nested. One device floods the unit with arrays
 * that need BENCH_BLOCKS descriptors.
 */
void bench_neighbour(struct bench *b)
{
	static const unsigned int delay[] = { 2000, 20000 };
	unsigned int i;
	__u32 ioas;
	void *va;
	int ret;

	if (b->ndev < 2)
		return;
	va = mmap(NULL, BENCH_PAGE, PROT_READ | PROT_WRITE,
		  MAP_ANONYMOUS | MAP_PRIVATE | MAP_POPULATE, -1, 0);
	if (va == MAP_FAILED)
		bench_die("memory", -errno);
	bench_attach_first(b, 1, b->s1[0]);
	ret = iommufd_ioas_alloc(b->iommufd, &ioas);
	if (!ret)
		ret = vfio_attach(&b->dev[1], ioas);
	if (ret)
		bench_die("a neighbour", ret);
	bench_pin(0);

	meter_set_async(true);
	for (i = 0; i < ARRAY_SIZE(delay); i++) {
		meter_set_delay(delay[i], 0);
		measure_neighbour(b, ioas, va, false, delay[i]);
		measure_neighbour(b, ioas, va, true, delay[i]);
	}
	meter_set_delay(0, 0);
	meter_set_async(false);
	bench_attach_first(b, 0, 0);
	iommufd_destroy(b->iommufd, ioas);
	munmap(va, BENCH_PAGE);
}
