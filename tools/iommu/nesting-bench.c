// SPDX-License-Identifier: GPL-2.0-only
/*
 * What nested translation costs: invalidations, attaching, mapping, memory.
 *
 * The unit is vtdsim's, which counts what it is told. Whose nesting the kernel
 * uses, this project's or the base's, is decided at boot; so the program runs
 * once on each, and tools/rig/bench.sh puts the two side by side.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "util.h"

#define EXIT_USAGE	2

static void all_invalidations(struct bench *b)
{
	static const unsigned int delay[] = { 0, 500, 2000 };
	static const int devices[] = { 1, 4, 16 };
	unsigned int i, j;

	for (i = 0; i < (b->delays ? ARRAY_SIZE(delay) : 1); i++)
		for (j = 0; j < (b->quick ? 1 : ARRAY_SIZE(devices)); j++)
			bench_invalidate(b, delay[i], 0, devices[j]);
	/* Descriptors that are not free either. */
	if (b->delays && !b->quick)
		bench_invalidate(b, 2000, 100, 1);
}

static void measure_costs(struct bench *b)
{
	bench_dma(b->found[0]);
	bench_set_up(b);
	bench_attach(b);
	bench_replace_dma(b);
	bench_memory(b);
	bench_unmap(b);
	bench_share(b);
	all_invalidations(b);
	bench_map(b);
}

static void measure_sharing(struct bench *b)
{
	bench_set_up(b);
	bench_callers(b);
	bench_neighbour(b);
}

static void measure_waiting(struct bench *b)
{
	bench_set_up(b);
	bench_locks(b);
	bench_irqs_off(b);
}

static const struct {
	const char *name;
	void (*measure)(struct bench *b);
} parts[] = {
	{ "costs", measure_costs },
	{ "sharing", measure_sharing },
	{ "waiting", measure_waiting },
};

static void print_usage(FILE *out)
{
	fputs("usage: nesting-bench [OPTION]... [PART]\n"
	      "Measures nested translation on the endpoints of vtdsim. PART is one of\n"
	      "\n"
	      "  costs          what each operation costs (the default)\n"
	      "  sharing        several callers, and a noisy neighbour, at one unit\n"
	      "  waiting        locks and interrupts while the unit works; for a kernel with\n"
	      "                 lock statistics and events for disabled interrupts\n"
	      "\n"
	      "  -j, --json     print one JSON object\n"
	      "  -n, --no-delay costs: only a queue that takes no time (for QEMU's -icount)\n"
	      "  -q, --quick    few measurements\n"
	      "  -h, --help     show this text\n"
	      "\n"
	      "Exit status: 0, or 2 if something needed is missing or did not work.\n", out);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "no-delay", no_argument, NULL, 'n' },
		{ "quick", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	struct bench b = { .delays = true };
	bool json = false;
	unsigned int part = 0;
	int c;

	while ((c = getopt_long(argc, argv, "jnqh", options, NULL)) != -1) {
		switch (c) {
		case 'j':
			json = true;
			break;
		case 'n':
			b.delays = false;
			break;
		case 'q':
			b.quick = true;
			break;
		case 'h':
			print_usage(stdout);
			return 0;
		default:
			print_usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		while (part < ARRAY_SIZE(parts) && strcmp(argv[optind], parts[part].name))
			part++;
	if (part == ARRAY_SIZE(parts) || optind + 1 < argc) {
		print_usage(stderr);
		return EXIT_USAGE;
	}

	bench_find_devices(&b);
	rows_start(json);
	parts[part].measure(&b);
	row_begin("rules");
	row_number("violations", meter_violations());
	row_end();
	rows_end();
	return 0;
}
