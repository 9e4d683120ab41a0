// SPDX-License-Identifier: GPL-2.0-only
/* Fuzzing by libFuzzer, which looks for inputs that reach more of the code. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	fuzz_run(data, size);
	return 0;
}
