// SPDX-License-Identifier: GPL-2.0-only
/*
 * vtdctl: shows VT-d units and nested translation on them. vtdctl.1 describes
 * it to users.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	      "  -h, --help             print this text\n"
	      "\nExit status: 0 success, 1 failure, 2 wrong usage\n", out);
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

int main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "legacy", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int option, status;

	while ((option = getopt_long(argc, argv, "jh", long_options, NULL)) >= 0) {
		switch (option) {
		case 'j':
			options.json = true;
			break;
		case 'l':
			options.legacy = true;
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
