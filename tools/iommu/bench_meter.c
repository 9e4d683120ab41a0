// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the benchmark reads: clocks, the model's counters, slab memory.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

#include "bench.h"
#include "counters.h"

#define MODEL	"/sys/kernel/debug/vtdsim/"

static void set_model(const char *path, unsigned int value)
{
	FILE *f = fopen(path, "we");

	if (!f)
		bench_die(path, -errno);
	fprintf(f, "%u\n", value);
	if (fclose(f))
		bench_die(path, -errno);
}

/**
 * meter_set_delay() - how long the unit takes for descriptors
 * @queue_ns: for a wait descriptor, in nanoseconds
 * @desc_ns: for any other
 */
void meter_set_delay(unsigned int queue_ns, unsigned int desc_ns)
{
	set_model(MODEL "queue_delay", queue_ns);
	set_model(MODEL "desc_delay", desc_ns);
}

/**
 * meter_set_async() - does the unit work beside the CPU that told it to?
 * @async: true if so
 */
void meter_set_async(bool async)
{
	set_model(MODEL "queue_async", async);
}

static __u64 read_counter(const char *name)
{
	__u64 val;
	int ret = vtdsim_counter(name, &val);

	if (ret)
		bench_die("the model's counters in debugfs", ret);
	return val;
}

/**
 * meter_counts() - read the model's counters
 * @counts: filled
 */
void meter_counts(struct bench_counts *counts)
{
	counts->doorbells = read_counter("doorbells");
	counts->waits = read_counter("waits");
	counts->descriptors = read_counter("descriptors");
	counts->register_cycles = read_counter("register_cycles");
}

/**
 * meter_since() - what the model has counted since
 * @then: from meter_counts()
 *
 * Return: the differences.
 */
struct bench_counts meter_since(const struct bench_counts *then)
{
	struct bench_counts now;

	meter_counts(&now);
	now.doorbells -= then->doorbells;
	now.waits -= then->waits;
	now.descriptors -= then->descriptors;
	now.register_cycles -= then->register_cycles;
	return now;
}

/**
 * meter_violations() - rules of the specification that the driver broke
 *
 * Return: how often, since the kernel booted.
 */
__u64 meter_violations(void)
{
	return read_counter("violations");
}

/**
 * meter_now() - the time
 *
 * Return: both clocks.
 */
struct bench_time meter_now(void)
{
	struct bench_time now;
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	now.ns = ts.tv_sec * 1000000000ULL + ts.tv_nsec;
	now.ticks = __rdtsc();
	return now;
}

/**
 * meter_elapsed() - the time that has passed
 * @then: from meter_now()
 *
 * Return: the differences.
 */
struct bench_time meter_elapsed(const struct bench_time *then)
{
	struct bench_time now;
	struct timespec ts;

	now.ticks = __rdtsc() - then->ticks;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	now.ns = ts.tv_sec * 1000000000ULL + ts.tv_nsec - then->ns;
	return now;
}

/**
 * meter_best() - keep the shorter of two times
 * @best: zero at first
 * @one: another measurement of the same
 *
 * What disturbs a measurement makes it longer, so the shortest is the truest.
 */
void meter_best(struct bench_time *best, const struct bench_time *one)
{
	if (!best->ns || one->ns < best->ns)
		best->ns = one->ns;
	if (!best->ticks || one->ticks < best->ticks)
		best->ticks = one->ticks;
}

/**
 * meter_slab() - memory in the kernel's slabs
 *
 * Return: bytes.
 */
long meter_slab(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	long kib = 0;

	if (!f)
		bench_die("/proc/meminfo", -errno);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Slab: %ld kB", &kib) == 1)
			break;
	fclose(f);
	return kib * 1024;
}
