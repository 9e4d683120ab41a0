/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test cases whose functions have longer names than the cases.
 */
#ifndef _VTDSIM_TEST_KUNIT_CASE_H
#define _VTDSIM_TEST_KUNIT_CASE_H

#include <kunit/test.h>

/*
 * Case @case_name is function @subject_@case_name(). The suite's name says the subject already;
 * a backtrace has only the function's.
 */
#define VTDSIM_CASE(subject, case_name)				\
		{ .run_case = subject##_##case_name, .name = #case_name,	\
		  .module_name = KBUILD_MODNAME }

#endif /* _VTDSIM_TEST_KUNIT_CASE_H */
