// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaching, replacing and detaching a stage-1 domain, and what a running
 * device notices of it.
 */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "bench.h"
#include "endpoint.h"
#include "iommu.h"

#define REPLACES	1000
#define DMA_BYTES	(BENCH_PAGES * 4096U)
#define SLAB_DOMAINS	1024

static void attach_domain(struct bench *b, __u32 pt_id)
{
	int ret = vfio_attach(&b->dev[0], pt_id);

	if (ret)
		bench_die("attaching a device", ret);
}

static void detach_domain(struct bench *b)
{
	int ret = vfio_detach(&b->dev[0]);

	if (ret)
		bench_die("detaching a device", ret);
}

static void row_attach(const char *what, const struct bench_counts *counts,
		       const struct bench_time *best)
{
	row_begin("attach");
	row_text("what", what);
	row_number("doorbells", counts->doorbells);
	row_number("waits", counts->waits);
	row_number("descriptors", counts->descriptors);
	row_number("call_ns", best->ns);
	row_number("call_ticks", best->ticks);
	row_end();
}

/**
 * bench_attach() - time of attach, replace and detach
 * @b: bench
 */
void bench_attach(struct bench *b)
{
	struct bench_time in = {}, over = {}, out = {}, t;
	struct bench_counts c_in, c_over, c_out;
	unsigned int i, rounds = b->quick ? 5 : 50;

	bench_attach_first(b, 0, 0);
	for (i = 0; i < rounds; i++) {
		meter_counts(&c_in);
		t = meter_now();
		attach_domain(b, b->s1[0]);
		t = meter_elapsed(&t);
		meter_best(&in, &t);
		c_in = meter_since(&c_in);

		meter_counts(&c_over);
		t = meter_now();
		attach_domain(b, b->s1[1]);
		t = meter_elapsed(&t);
		meter_best(&over, &t);
		c_over = meter_since(&c_over);

		meter_counts(&c_out);
		t = meter_now();
		detach_domain(b);
		t = meter_elapsed(&t);
		meter_best(&out, &t);
		c_out = meter_since(&c_out);
	}
	row_attach("attach", &c_in, &in);
	row_attach("replace", &c_over, &over);
	row_attach("detach", &c_out, &out);
}

struct stream {
	struct bench *b;
	bool stop;
	unsigned long done, faults, wrong;
};

/* Every page must be one of the two that the tables give it. */
static bool data_right(struct bench *b, const unsigned char *data)
{
	unsigned int page, i;

	for (page = 0; page < BENCH_PAGES; page++) {
		__u64 iova = BENCH_IOVA + page * BENCH_PAGE;

		for (i = 0; i < 2; i++) {
			__u64 pte = stage1_get(stage1_entry(&b->table[i], iova, 1));

			if (!memcmp(data + page * BENCH_PAGE,
				    guest_va(&b->guest, pte & S1_ADDR), BENCH_PAGE))
				break;
		}
		if (i == 2)
			return false;
	}
	return true;
}

static void *run_stream(void *arg)
{
	static unsigned char data[DMA_BYTES];
	struct stream *s = arg;
	struct endpoint_result res;

	while (!__atomic_load_n(&s->stop, __ATOMIC_ACQUIRE)) {
		if (endpoint_read(&s->b->dev[0], BENCH_IOVA, data, DMA_BYTES, &res))
			bench_die("a device that does DMA", 0);
		__atomic_add_fetch(&s->done, 1, __ATOMIC_RELEASE);
		if (res.status != VTDSIM_EP_S_OK)
			s->faults++;
		else if (!data_right(s->b, data))
			s->wrong++;
	}
	return NULL;
}

/* Until one more read has ended, and then on into the next, @ns from there. */
static void wait_for_read(struct stream *s, __u64 ns)
{
	unsigned long done = __atomic_load_n(&s->done, __ATOMIC_ACQUIRE);
	struct bench_time t;

	while (__atomic_load_n(&s->done, __ATOMIC_ACQUIRE) == done)
		sched_yield();
	for (t = meter_now(); meter_elapsed(&t).ns < ns;)
		;
}

/**
 * bench_replace_dma() - what a DMA stream sees while its domain is replaced
 * @b: bench
 */
void bench_replace_dma(struct bench *b)
{
	unsigned int i, replaces = b->quick ? REPLACES / 10 : REPLACES;
	struct bench_time best = {}, t;
	struct stream s = { .b = b };
	pthread_t thread;
	int ret;

	bench_attach_first(b, 1, b->s1[0]);
	ret = pthread_create(&thread, NULL, run_stream, &s);
	if (ret)
		bench_die("a thread", -ret);
	for (i = 1; i <= replaces; i++) {
		wait_for_read(&s, i * 7 % 97 * 500);
		t = meter_now();
		attach_domain(b, b->s1[i & 1]);
		t = meter_elapsed(&t);
		meter_best(&best, &t);
	}
	__atomic_store_n(&s.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);

	row_begin("replace");
	row_number("replaces", replaces);
	row_number("reads", s.done);
	row_number("bytes", DMA_BYTES);
	row_number("faults", s.faults);
	row_number("wrong", s.wrong);
	row_number("call_ns", best.ns);
	row_end();
}

/**
 * bench_memory() - memory of a stage-1 page table, iommufd's object included
 * @b: bench
 */
void bench_memory(struct bench *b)
{
	static __u32 id[SLAB_DOMAINS];
	struct bench_time t;
	unsigned int i;
	long before;

	before = meter_slab();
	t = meter_now();
	for (i = 0; i < SLAB_DOMAINS; i++)
		id[i] = bench_alloc_s1(b, 0);
	t = meter_elapsed(&t);

	row_begin("memory");
	row_number("domains", SLAB_DOMAINS);
	row_number("slab_bytes", (meter_slab() - before) / SLAB_DOMAINS);
	row_number("alloc_ns", t.ns / SLAB_DOMAINS);
	row_number("alloc_ticks", t.ticks / SLAB_DOMAINS);
	row_end();

	for (i = 0; i < SLAB_DOMAINS; i++)
		iommufd_destroy(b->iommufd, id[i]);
}
