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

static int set_one(const char *path, unsigned int ns)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return -errno;
	fprintf(f, "%u\n", ns);
	return fclose(f) ? -errno : 0;
}

/**
 * meter_set_delay() - how long the unit takes for descriptors
 * @queue_ns: for a wait descriptor, in nanoseconds
 * @desc_ns: for any other
 *
 * Return: 0 or a negative errno.
 */
int meter_set_delay(unsigned int queue_ns, unsigned int desc_ns)
{
	int ret = set_one(MODEL "queue_delay", queue_ns);

	return ret ? ret : set_one(MODEL "desc_delay", desc_ns);
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
