/* SPDX-License-Identifier: GPL-2.0-only */
/* A guest that does anything. */
#ifndef _VUNIT_TEST_FUZZ_H
#define _VUNIT_TEST_FUZZ_H

#include <stddef.h>
#include <linux/types.h>

/**
 * struct fuzz_step - a step of a program
 * @op: what; see fuzz_step()
 * @a: operand
 * @b: operand
 * @c: operand
 */
struct fuzz_step {
	__u8 op;
	__u8 a;
	__u16 b;
	__u32 c;
};

void fuzz_run(const __u8 *data, size_t size);

#endif /* _VUNIT_TEST_FUZZ_H */
