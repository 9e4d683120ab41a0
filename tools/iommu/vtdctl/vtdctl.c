// SPDX-License-Identifier: GPL-2.0-only
/*
 * vtdctl: shows VT-d units and nested translation on them. vtdctl.8 describes
 * it to users.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor.h"
#include "objects.h"
#include "stats.h"
#include "vtdctl.h"

struct vtdctl_options options;

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *text;
} commands[] = {
	{ "decode", decode_command,
	  "decode WHAT HEX...     what a number means; WHAT is cap, ecap, pasid-entry,\n"
	  "                         context-entry, descriptor or fault-reason" },
	{ "unit", unit_command, "unit                   remapping units" },
	{ "parent", parent_command,
	  "parent                 stage-2 domains that others nest on" },
	{ "domain", domain_command,
	  "domain                 stage-1 domains, and what is attached to them" },
	{ "stats", stats_command,
	  "stats                  counters of stage-1 domains, and of refusals" },
	{ "monitor", monitor_command,
	  "monitor                events: what goes wrong, as it happens" },
};

/**
 * vtdctl_error() - tell the user what is wrong
 * @format: as in printf(), without a newline
 */
void vtdctl_error(const char *format, ...)
{
	va_list args;

	fputs("vtdctl: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

static void print_help(FILE *out)
{
	unsigned int i;

	fputs("usage: vtdctl [OPTION...] COMMAND [ARGUMENT...]\n\nCommands:\n", out);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %s\n", commands[i].text);
	fputs("\nOptions:\n"
	      "  -j, --json             print JSON\n"
	      "      --legacy           decode: a context entry is of legacy mode\n"
	      "  -w, --watch=SECONDS    stats: again after so many seconds, without end\n"
	      "  -n, --count=N          end after N lots of figures, or N events\n"
	      "  -r, --replaces         monitor: show domains that replace each other, too\n"
	      "  -h, --help             print this text\n"
	      "\nExit status: 0 success, 1 failure, 2 wrong usage, 3 not in this kernel,\n"
	      "4 permission denied\n", out);
}

static int run_command(int argc, char **argv)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(argv[0], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	}
	vtdctl_error("no such command: '%s' (vtdctl --help lists them)", argv[0]);

	return VTDCTL_USAGE;
}

static double positive(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (*end || end == text || !(value > 0 && value < 1e9)) {
		vtdctl_error("not a number above 0: '%s'", text);
		exit(VTDCTL_USAGE);
	}

	return value;
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "legacy", no_argument, NULL, 'l' },
		{ "watch", required_argument, NULL, 'w' },
		{ "count", required_argument, NULL, 'n' },
		{ "replaces", no_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int option, status;

	while ((option = getopt_long(argc, argv, "jw:n:rh", long_options, NULL)) >= 0) {
		switch (option) {
		case 'j':
			options.json = true;
			break;
		case 'l':
			options.legacy = true;
			break;
		case 'w':
			options.watch = positive(optarg);
			break;
		case 'n':
			options.count = positive(optarg);
			break;
		case 'r':
			options.replaces = true;
			break;
		case 'h':
			print_help(stdout);
			return VTDCTL_OK;
		default:
			return VTDCTL_USAGE;
		}
	}
	if (optind == argc) {
		print_help(stderr);
		return VTDCTL_USAGE;
	}

	status = run_command(argc - optind, argv + optind);
	if (fflush(stdout) || ferror(stdout))
		return VTDCTL_FAILED;

	return status;
}
