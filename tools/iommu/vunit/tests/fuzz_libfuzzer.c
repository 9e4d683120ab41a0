// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzing by libFuzzer, which looks for inputs that reach more of the code. */
#include "fuzz.h"

/* The name that libFuzzer calls */
int fuzz_one_input(const __u8 *data, size_t size) __asm__("LLVMFuzzerTestOneInput");

int fuzz_one_input(const __u8 *data, size_t size)
{
	fuzz_run(data, size);
	return 0;
}
