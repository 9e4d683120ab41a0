// SPDX-License-Identifier: GPL-2.0-only
/*
 * How often the lock of the invalidation queue is taken, as the kernel's own
 * lock statistics count it (CONFIG_LOCK_STAT).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

#define LOCK_STAT	"/proc/lock_stat"
#define CALLS		16

static void reset_statistics(void)
{
	FILE *f = fopen(LOCK_STAT, "we");

	if (!f)
		bench_die(LOCK_STAT, -errno);
	fputs("0\n", f);
	if (fclose(f))
		bench_die(LOCK_STAT, -errno);
}

/* The eighth column behind the name of the class; a lock never taken has no line. */
static __u64 read_acquisitions(void)
{
	FILE *f = fopen(LOCK_STAT, "re");
	unsigned long long n, sum = 0;
	char line[512];

	if (!f)
		bench_die(LOCK_STAT, -errno);
	while (fgets(line, sizeof(line), f)) {
		const char *name = strstr(line, "qi->q_lock");
		const char *columns = name ? strchr(name, ':') : NULL;

		if (columns &&
		    sscanf(columns + 1, "%*s %*s %*s %*s %*s %*s %*s %llu", &n) == 1)
			sum += n;
	}
	fclose(f);
	return sum;
}

static void measure_locks(struct bench *b, const struct iommu_hwpt_vtd_s1_invalidate *req,
			  unsigned int n, unsigned int queue_ns)
{
	struct bench_counts counts;
	unsigned int i;
	__u64 locked;

	meter_counts(&counts);
	reset_statistics();
	for (i = 0; i < CALLS; i++)
		requests_call(b, b->s1[0], req, n);
	locked = read_acquisitions();
	counts = meter_since(&counts);

	row_begin("locks");
	row_number("batch", n);
	row_number("queue_ns", queue_ns);
	row_ratio("waits_per_call", (double)counts.waits / CALLS);
	row_ratio("q_lock_per_call", (double)locked / CALLS);
	row_end();
}

/**
 * bench_locks() - acquisitions of the queue's lock, by how long the unit takes
 * @b: bench
 */
void bench_locks(struct bench *b)
{
	requests_by_delay(b, measure_locks);
}
