// SPDX-License-Identifier: GPL-2.0-only
/*
 * The longest stretch with interrupts off during a call, from the kernel's own
 * trace events (CONFIG_PREEMPTIRQ_TRACEPOINTS).
 *
 * Stretches of interrupts are left out. The model carries out descriptors in one
 * of them, which stands for the unit at work beside the CPU.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "bench.h"

#define TRACING		"/sys/kernel/tracing/"
#define ROUNDS		5

/**
 * struct stretch - interrupts are off
 * @since: the trace's time at which it has begun
 * @open: it has not ended yet
 * @interrupt: it is that of an interrupt
 * @where: what turned them off
 */
struct stretch {
	__u64 since;
	bool open;
	bool interrupt;
	char where[64];
};

/**
 * struct longest - the longest of them
 * @ticks: by the time stamp counter
 * @where: what turned them off
 */
struct longest {
	__u64 ticks;
	char where[64];
};

static void set_tracing(const char *name, const char *value)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), TRACING "%s", name);
	f = fopen(path, "we");
	if (!f)
		bench_die(path, -errno);
	fputs(value, f);
	if (fclose(f))
		bench_die(path, -errno);
}

static void start_events(const char *on)
{
	set_tracing("events/preemptirq/irq_disable/enable", on);
	set_tracing("events/preemptirq/irq_enable/enable", on);
	set_tracing("events/irq_vectors/enable", on);
	set_tracing("events/irq/irq_handler_entry/enable", on);
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

static void note_event(struct stretch *s, struct longest *longest, __u64 now,
		       const char *event, const char *text)
{
	if (!strcmp(event, "irq_disable")) {
		*s = (struct stretch) { .since = now, .open = true };
		if (sscanf(text, " caller=%63[^+ ]", s->where) != 1)
			bench_die("an event without a caller in the trace", 0);
	} else if (!strcmp(event, "irq_enable")) {
		if (s->open && !s->interrupt && now - s->since > longest->ticks) {
			longest->ticks = now - s->since;
			memcpy(longest->where, s->where, sizeof(s->where));
		}
		s->open = false;
	} else if (ends_with(event, "_entry")) {
		s->interrupt = true;
	}
}

/* A line is: task, CPU in brackets, flags, time, event and what it says. */
static struct longest read_longest(void)
{
	struct longest longest = {};
	struct stretch s = {};
	bool inside = false;
	char line[512];
	FILE *f;

	f = fopen(TRACING "trace", "re");
	if (!f)
		bench_die(TRACING "trace", -errno);
	while (fgets(line, sizeof(line), f)) {
		const char *at = strstr(line, "] ");
		unsigned long long now;
		char event[64];
		int n = 0;

		if (*line == '#' || !at ||
		    sscanf(at, "] %*s %llu: %63[^:]:%n", &now, event, &n) != 2 || !n)
			continue;
		if (!strcmp(event, "tracing_mark_write"))
			inside = strstr(at + n, "begin");
		else if (inside)
			note_event(&s, &longest, now, event, at + n);
	}
	fclose(f);
	return longest;
}

static void measure_irqs_off(struct bench *b, const struct iommu_hwpt_vtd_s1_invalidate *req,
			     unsigned int n, unsigned int queue_ns)
{
	struct longest best = {}, one;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		set_tracing("trace", "");
		start_events("1");
		set_tracing("trace_marker", "begin");
		requests_call(b, b->s1[0], req, n);
		set_tracing("trace_marker", "end");
		start_events("0");
		one = read_longest();
		if (!one.ticks)
			bench_die("no stretch with interrupts off in the trace", 0);
		if (!best.ticks || one.ticks < best.ticks)
			best = one;
	}

	row_begin("irqs_off");
	row_number("batch", n);
	row_number("queue_ns", queue_ns);
	row_text("where", best.where);
	row_number("longest_ticks", best.ticks);
	row_end();
}

/**
 * bench_irqs_off() - longest stretch with interrupts off, by how long the unit
 *	takes
 * @b: bench
 */
void bench_irqs_off(struct bench *b)
{
	if (mount("tracefs", TRACING, "tracefs", 0, NULL) && errno != EBUSY)
		bench_die(TRACING, -errno);
	set_tracing("trace_clock", "x86-tsc");
	requests_by_delay(b, measure_irqs_off);
}
