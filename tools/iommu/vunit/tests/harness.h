/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A harness for unit tests in one process, whose output is KTAP.
 */
#ifndef _VUNIT_TEST_HARNESS_H
#define _VUNIT_TEST_HARNESS_H

#include <stdio.h>
#include <linux/types.h>

/**
 * struct test_case - a test
 * @name: what is tested
 * @run: the test; calls EXPECT()
 */
struct test_case {
	const char *name;
	void (*run)(void);
};

/**
 * struct test_suite - tests of one file
 * @name: name
 * @cases: the tests; the last one has no name
 */
struct test_suite {
	const char *name;
	const struct test_case *cases;
};

extern const struct test_suite suite_mappings, suite_registers, suite_queue, suite_entries;
extern const struct test_suite suite_faults, suite_pages, suite_state, suite_nested;
extern const struct test_suite suite_shadow, suite_guest_errors, suite_threads;

void test_failed(const char *file, int line, const char *what, __u64 a, __u64 b);

/* Both are evaluated once; the test goes on after a failure. */
#define EXPECT_EQ(a, b)								\
do {										\
	__u64 test_a = (a), test_b = (b);					\
										\
	if (test_a != test_b)							\
		test_failed(__FILE__, __LINE__, #a " == " #b, test_a, test_b);	\
} while (0)

#define EXPECT(x)	EXPECT_EQ(!!(x), 1)

#endif /* _VUNIT_TEST_HARNESS_H */
