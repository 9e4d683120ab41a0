/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stubs of tests, for functions that are called under raw spinlocks. KUnit looks for
 * its static stubs under a lock of the test, which sleeps with PREEMPT_RT.
 *
 * The stub of FUNCTION() is FUNCTION_stub, a pointer that a test sets with WRITE_ONCE(),
 * and sets to NULL at its end. It exists with CONFIG_VTDSIM_KUNIT_TEST only.
 */
#ifndef _VTDSIM_RAW_STUB_H
#define _VTDSIM_RAW_STUB_H

#include <kunit/test-bug.h>
#include <linux/compiler.h>

/**
 * VTDSIM_RAW_STUB_REDIRECT() - call the stub of a function instead of it, if it has one
 * @name: the function that this is in
 * @args: its arguments
 *
 * Only the thread of a test calls stubs, as with KUNIT_STATIC_STUB_REDIRECT().
 *
 * Context: Any; takes no lock.
 */
#if IS_ENABLED(CONFIG_VTDSIM_KUNIT_TEST)
#define VTDSIM_RAW_STUB_REDIRECT(name, args...)				\
do {									\
	typeof(name) *stub_ = READ_ONCE(name##_stub);			\
									\
	if (stub_ && kunit_get_current_test())				\
		return stub_(args);					\
} while (0)
#else
#define VTDSIM_RAW_STUB_REDIRECT(...)	do {} while (0)
#endif

#endif /* _VTDSIM_RAW_STUB_H */
