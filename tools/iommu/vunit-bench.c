// SPDX-License-Identifier: GPL-2.0-only
/*
 * vunit-bench: what a guest costs its host, with a unit of libvunit and an endpoint of vtdsim on
 * the real /dev/iommu. Prints JSON: each thing that a guest does, nested and shadowed; the memory
 * that mappings take; and the guest's queue with one call for each request, as QEMU makes them,
 * and with one call for all requests of a submission.
 *
 * Time is in ticks of the time stamp counter: instructions under QEMU's -icount shift=0.
 */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "endpoint.h"
#include "util.h"
#include "vunit/guest/program.h"

#define IOVA		0x7000000000ULL
#define PAGES		1024U
/* Every other page, so that neighbours are not one range */
#define STRIDE		(2 * PAGE)
#define RW		(DRIVER_R | DRIVER_W)
#define TIMES		8
#define SUBMISSIONS	240U
#define MAX_THREADS	4

/**
 * struct load - a guest whose calls are counted
 * @m: its machine
 * @table: two tables; the device uses the first one, unless exchanged
 * @before: calls until a measurement began
 * @counts: what the model had counted
 * @time: when it began
 */
struct load {
	struct machine m;
	__u64 table[2];
	struct machine_calls before;
	struct bench_counts counts;
	struct bench_time time;
};

static void load_open(struct load *l, const char *bdf, enum driver_mode mode)
{
	struct driver *d = &l->m.driver;
	int ret = machine_open(&l->m, &machine_vunit, bdf, mode);

	if (ret)
		bench_die("the guest's machine", ret);
	l->table[0] = driver_page(d);
	l->table[1] = driver_page(d);
	driver_use_table(d, MACHINE_SID, MACHINE_DID, l->table[0]);
	driver_enable(d);
}

static void load_wait(struct load *l)
{
	if (!driver_wait(&l->m.driver))
		bench_die("an invalidation of the guest", -EIO);
}

static void load_invalidate(struct load *l)
{
	driver_queue_domain(&l->m.driver, MACHINE_DID);
	load_wait(l);
}

static void load_map_all(struct load *l, __u64 table)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		driver_map(&l->m.driver, table, IOVA + i * STRIDE, MACHINE_DATA_GPA + i * PAGE,
			   DRIVER_4K, RW);
}

static void load_unmap_all(struct load *l, __u64 table)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		driver_unmap(&l->m.driver, table, IOVA + i * STRIDE, DRIVER_4K);
}

/* What a guest does. Each begins with all pages mapped, and one more place that is not. */
static void guest_maps_page(struct load *l)
{
	driver_map(&l->m.driver, l->table[0], IOVA - PAGE, MACHINE_DATA_GPA, DRIVER_4K, RW);
	driver_queue_pages(&l->m.driver, MACHINE_DID, IOVA - PAGE, 0);
	load_wait(l);
}

static void guest_unmaps_page(struct load *l)
{
	driver_unmap(&l->m.driver, l->table[0], IOVA - PAGE, DRIVER_4K);
	driver_queue_pages(&l->m.driver, MACHINE_DID, IOVA - PAGE, 0);
	load_wait(l);
}

static void guest_changes_nothing(struct load *l)
{
	load_invalidate(l);
}

static void guest_unmaps_all(struct load *l)
{
	load_unmap_all(l, l->table[0]);
	load_invalidate(l);
}

static void guest_maps_all(struct load *l)
{
	load_map_all(l, l->table[0]);
	load_invalidate(l);
}

static void guest_use_table(struct load *l, __u64 table)
{
	driver_use_table(&l->m.driver, MACHINE_SID, MACHINE_DID, table);
	driver_queue_context(&l->m.driver, MACHINE_SID, MACHINE_DID);
	load_invalidate(l);
}

static void guest_exchanges_table(struct load *l)
{
	guest_use_table(l, l->table[1]);
}

static void guest_returns_table(struct load *l)
{
	guest_use_table(l, l->table[0]);
}

/* In this order; what one of them changes, a later one undoes. */
static const struct {
	const char *what;
	void (*act)(struct load *l);
} acts[] = {
	{ "maps a page", guest_maps_page },
	{ "unmaps a page", guest_unmaps_page },
	{ "invalidates a domain of 1024 pages that stay", guest_changes_nothing },
	{ "uses another table with the same 1024 pages", guest_exchanges_table },
	{ "and the first one again", guest_returns_table },
	{ "unmaps 1024 pages, invalidates the domain", guest_unmaps_all },
	{ "maps 1024 pages, invalidates the domain", guest_maps_all },
};

static void load_begin(struct load *l)
{
	machine_calls(&l->m, &l->before);
	meter_counts(&l->counts);
	l->time = meter_now();
}

/* The results of @n times the same; @ticks is what one of them took. */
static void load_end_row(struct load *l, unsigned int n, __u64 ticks)
{
	struct bench_counts counts = meter_since(&l->counts);
	struct machine_calls calls;

	machine_calls(&l->m, &calls);
	row_ratio("new", (double)(calls.alloc - l->before.alloc) / n);
	row_ratio("attach", (double)(calls.attach - l->before.attach) / n);
	row_ratio("map", (double)(calls.map - l->before.map) / n);
	row_ratio("unmap", (double)(calls.unmap - l->before.unmap) / n);
	row_ratio("invalidate", (double)(calls.invalidate - l->before.invalidate) / n);
	row_ratio("doorbells", (double)counts.doorbells / n);
	row_number("ticks", ticks);
	row_end();
}

/* Counted once, and the shortest time of several */
static void measure_acts(const char *bdf, enum driver_mode mode)
{
	struct bench_time best[ARRAY_SIZE(acts)] = {}, one;
	struct load l = {};
	unsigned int i, n;

	load_open(&l, bdf, mode);
	load_map_all(&l, l.table[0]);
	load_map_all(&l, l.table[1]);
	load_invalidate(&l);
	for (n = 0; n < TIMES; n++) {
		for (i = 0; i < ARRAY_SIZE(acts); i++) {
			load_begin(&l);
			acts[i].act(&l);
			one = meter_elapsed(&l.time);
			meter_best(&best[i], &one);
			if (n < TIMES - 1)
				continue;
			row_begin("act");
			row_text("what", acts[i].what);
			row_text("tables", machine_mode_name(mode));
			load_end_row(&l, 1, best[i].ticks);
		}
	}
	machine_close(&l.m);
}

/* Memory of the kernel, IOMMU page tables included */
static long kernel_bytes(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	long kib, sum = 0;
	char line[128];

	if (!f)
		bench_die("/proc/meminfo", -errno);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Slab: %ld kB", &kib) == 1 ||
		    sscanf(line, "SecPageTables: %ld kB", &kib) == 1)
			sum += kib * 1024;
	fclose(f);
	return sum;
}

/* What the mappings of the guest take, beyond the tables that it has itself */
static void measure_memory(const char *bdf, enum driver_mode mode)
{
	struct load l = {};
	long kernel, own;

	load_open(&l, bdf, mode);
	guest_maps_all(&l);
	guest_unmaps_all(&l);
	kernel = kernel_bytes();
	own = mallinfo2().uordblks;
	guest_maps_all(&l);
	row_begin("memory");
	row_text("tables", machine_mode_name(mode));
	row_ratio("kernel_bytes", (double)(kernel_bytes() - kernel) / PAGES);
	row_ratio("own_bytes", (double)((long)mallinfo2().uordblks - own) / PAGES);
	row_end();
	machine_close(&l.m);
}

/**
 * struct vcpus - processors of a guest that unmap
 * @l: the guest
 * @lock: the lock of its driver's queue. As Linux's, it is held until the unit has done what was
 *	submitted
 * @descriptors: invalidations in a submission
 * @each: submissions of each of them
 */
struct vcpus {
	struct load l;
	pthread_mutex_t lock;
	unsigned int descriptors;
	unsigned int each;
};

static void *vcpu_run(void *arg)
{
	struct vcpus *v = arg;
	unsigned int i, k;

	for (i = 0; i < v->each; i++) {
		pthread_mutex_lock(&v->lock);
		for (k = 0; k < v->descriptors; k++)
			driver_queue_pages(&v->l.m.driver, MACHINE_DID, IOVA + k * STRIDE, 0);
		load_wait(&v->l);
		pthread_mutex_unlock(&v->lock);
	}
	return NULL;
}

static void vcpus_run(struct vcpus *v, unsigned int threads)
{
	pthread_t thread[MAX_THREADS];
	unsigned int i;

	v->each = SUBMISSIONS / threads;
	for (i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, vcpu_run, v))
			bench_die("a thread", -EAGAIN);
	for (i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
}

static void measure_queue(const char *bdf, bool together, unsigned int descriptors,
			  unsigned int threads)
{
	struct vcpus v = {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.descriptors = descriptors,
	};
	struct bench_time best = {}, one;
	unsigned int i;

	load_open(&v.l, bdf, DRIVER_FIRST);
	v.l.m.host.one_by_one = !together;
	for (i = 0; i < TIMES; i++) {
		load_begin(&v.l);
		vcpus_run(&v, threads);
		one = meter_elapsed(&v.l.time);
		meter_best(&best, &one);
	}
	row_begin("queue");
	row_text("calls", together ? "one for all" : "one each");
	row_number("descriptors", descriptors);
	row_number("vcpus", threads);
	load_end_row(&v.l, SUBMISSIONS, best.ticks / SUBMISSIONS);
	machine_close(&v.l.m);
}

int main(void)
{
	static const enum driver_mode modes[] = { DRIVER_FIRST, DRIVER_SECOND, DRIVER_LEGACY };
	static const unsigned int sizes[] = { 1, 4, 16 }, threads[] = { 1, 2, MAX_THREADS };
	char bdf[1][PCI_BDF_LEN];
	unsigned int i, k;

	if (endpoint_find(bdf, 1) < 1)
		bench_die("no endpoint of vtdsim", 0);
	rows_start(true);
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		measure_acts(bdf[0], modes[i]);
		measure_memory(bdf[0], modes[i]);
	}
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (k = 0; k < ARRAY_SIZE(threads); k++) {
			measure_queue(bdf[0], false, sizes[i], threads[k]);
			measure_queue(bdf[0], true, sizes[i], threads[k]);
		}
	}
	row_begin("rules");
	row_number("violations", meter_violations());
	row_end();
	rows_end();
	return 0;
}
