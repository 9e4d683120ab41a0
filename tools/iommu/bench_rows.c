// SPDX-License-Identifier: GPL-2.0-only
/*
 * Results: a line each for people, or one JSON object for programs; or the
 * reason why there are none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define EXIT_ENVIRONMENT	2

static struct {
	bool json;
	bool first_row;
} rows;

/**
 * rows_start() - begin the results on stdout
 * @json: for a program
 */
void rows_start(bool json)
{
	rows.json = json;
	rows.first_row = true;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (json)
		printf("{\"rows\": [");
}

/** rows_end() - all results are there */
void rows_end(void)
{
	if (rows.json)
		printf("\n]}\n");
}

/**
 * row_begin() - begin a result
 * @section: what was measured
 */
void row_begin(const char *section)
{
	if (rows.json)
		printf("%s\n {\"section\": \"%s\"", rows.first_row ? "" : ",", section);
	else
		printf("%-10s", section);
	rows.first_row = false;
}

/**
 * row_text() - a condition of the measurement
 * @key: its name
 * @value: a word
 */
void row_text(const char *key, const char *value)
{
	printf(rows.json ? ", \"%s\": \"%s\"" : " %s %-10s", key, value);
}

/**
 * row_number() - a condition or a result
 * @key: its name
 * @value: value
 */
void row_number(const char *key, __u64 value)
{
	printf(rows.json ? ", \"%s\": %llu" : " %s %-7llu", key, value);
}

/**
 * row_ratio() - a result that is no whole number
 * @key: its name
 * @value: value
 */
void row_ratio(const char *key, double value)
{
	printf(rows.json ? ", \"%s\": %.4f" : " %s %-9.2f", key, value);
}

/** row_end() - that is the result */
void row_end(void)
{
	putchar(rows.json ? '}' : '\n');
}

/**
 * bench_die() - something that must work did not
 * @what: what
 * @err: a negative errno, or 0
 */
void bench_die(const char *what, int err)
{
	fprintf(stderr, "%s: %s%s%s\n", program_invocation_short_name, what, err ? ": " : "",
		err ? strerror(-err) : "");
	exit(EXIT_ENVIRONMENT);
}
