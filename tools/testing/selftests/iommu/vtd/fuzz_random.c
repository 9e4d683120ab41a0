// SPDX-License-Identifier: GPL-2.0-only
/* Random programs: numbers of a step, and how a step is shown and fails. */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "fuzz.h"

/* splitmix64, which makes good numbers even of seeds that follow each other */
static __u64 mix(__u64 x)
{
	x += 0x9e3779b97f4a7c15ULL;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

/**
 * fuzz_step_begin() - begin a step
 * @f: program
 * @step: number of the step, which chooses its random numbers
 */
void fuzz_step_begin(struct fuzz *f, unsigned int step)
{
	f->step = step;
	f->random = mix(mix(f->seed) ^ step);
}

/**
 * fuzz_word() - draw a number
 * @f: program
 *
 * Return: 64 random bits.
 */
__u64 fuzz_word(struct fuzz *f)
{
	f->random = mix(f->random);
	return f->random;
}

/**
 * fuzz_below() - draw a small number
 * @f: program
 * @below: how many numbers there are, from 0 on
 *
 * Return: the number.
 */
unsigned int fuzz_below(struct fuzz *f, unsigned int below)
{
	return (fuzz_word(f) >> 20) % below;
}

/**
 * fuzz_say() - describe the step, if the program is to be listed
 * @f: program
 * @fmt: as for printf()
 */
void fuzz_say(struct fuzz *f, const char *fmt, ...)
{
	va_list args;

	if (!f->listing)
		return;
	va_start(args, fmt);
	printf("# %6u: ", f->step);
	vprintf(fmt, args);
	putchar('\n');
	fflush(stdout);
	va_end(args);
}

/**
 * fuzz_fail() - end the process: something is not as it must be
 * @f: program
 * @fmt: what it is, as for printf()
 */
void fuzz_fail(struct fuzz *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(f->verdict->why, sizeof(f->verdict->why), fmt, args);
	va_end(args);
	f->verdict->step = f->step;
	f->verdict->failed = true;
	_exit(1);
}

/**
 * fuzz_expect() - compare the result of a call with what it must be
 * @f: program
 * @what: the call
 * @ret: 0 or a negative errno
 * @expected: what the model says
 */
void fuzz_expect(struct fuzz *f, const char *what, int ret, int expected)
{
	if (ret != expected)
		fuzz_fail(f, "%s: %d instead of %d", what, ret, expected);
}
