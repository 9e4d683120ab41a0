// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of libvunit. Arguments are suites to run; all without one.
 */
#include <stdbool.h>
#include <string.h>

#include "harness.h"
#include "../../util.h"

static unsigned int failures;

/**
 * test_failed() - an expectation was not met
 * @file: where
 * @line: line there
 * @what: the expectation
 * @a: its left side
 * @b: its right side
 */
void test_failed(const char *file, int line, const char *what, __u64 a, __u64 b)
{
	printf("    # %s:%d: %s: %#llx, %#llx\n", file, line, what, a, b);
	failures++;
}

static const struct test_suite * const suites[] = {
	&suite_mappings, &suite_registers, &suite_entries, &suite_queue, &suite_faults,
	&suite_pages, &suite_state, &suite_nested, &suite_shadow, &suite_guest_errors,
	&suite_threads,
};

static int run_suite(const struct test_suite *suite)
{
	const struct test_case *test;
	int num = 0, bad = 0;

	for (test = suite->cases; test->name; test++)
		num++;
	printf("    KTAP version 1\n    # Subtest: %s\n    1..%d\n", suite->name, num);
	for (test = suite->cases; test->name; test++) {
		failures = 0;
		test->run();
		printf("    %sok %d %s\n", failures ? "not " : "",
		       (int)(test - suite->cases) + 1, test->name);
		fflush(stdout);
		bad += !!failures;
	}
	return bad;
}

static bool test_wanted(const char *name, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	unsigned int i, num = 0, bad = 0;

	printf("KTAP version 1\n");
	for (i = 0; i < ARRAY_SIZE(suites); i++) {
		int failed;

		if (!test_wanted(suites[i]->name, argc, argv))
			continue;
		failed = run_suite(suites[i]);
		printf("%sok %u %s\n", failed ? "not " : "", ++num, suites[i]->name);
		bad += failed;
	}
	printf("1..%u\n# %u failed\n", num, bad);
	return bad || !num;
}
