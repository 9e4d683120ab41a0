// SPDX-License-Identifier: GPL-2.0-only
/* Random programs: what a run has done, and whether that was enough. */
#include "fuzz.h"
#include "kselftest.h"

/* A run of so many steps has what is rare. A short one, as of one program again, may have none. */
#define STEPS_OF_ALL	6000
#define STEPS_OF_GROUPS	1500

/**
 * fuzz_print_verdict() - print what a run has done
 * @f: what all programs had
 * @steps: number of steps
 */
void fuzz_print_verdict(const struct fuzz *f, unsigned long steps)
{
	const struct fuzz_verdict *v = f->verdict;

	ksft_print_msg("%lu steps; %lu accesses moved data, %lu were blocked\n", steps, v->moved,
		       v->blocked);
	ksft_print_msg("%lu page requests, %lu dirty pages, %lu moved with PASID\n", v->answers,
		       v->dirty, v->pasids);
	ksft_print_msg("%lu devices pulled out, %lu drivers unbound, %lu wild calls, %lu killed\n",
		       v->pulls, v->unbinds, v->wild, v->kills);
	if (!f->group)
		return;
	ksft_print_msg("one group: %lu attachments of both, %lu refused, and %lu openings\n",
		       v->together, v->refused, v->foreign);
	ksft_print_msg("%lu accesses of a device that only its group has attached moved data\n",
		       v->lent);
}

static const char *group_lacks(const struct fuzz_verdict *v)
{
	if (!v->together)
		return "attachment that moved the other device of the group";
	if (!v->refused)
		return "attachment that the group refused";
	if (!v->foreign)
		return "opening that the owner of the group prevented";
	if (!v->lent)
		return "access of a device that only its group has attached";
	return NULL;
}

/**
 * fuzz_lacking() - find what a run should have done and has not
 * @f: what all programs had
 * @steps: number of steps
 *
 * Return: what it is, or NULL.
 */
const char *fuzz_lacking(const struct fuzz *f, unsigned long steps)
{
	const struct fuzz_verdict *v = f->verdict;
	const char *lacks = NULL;

	if (!v->moved)
		return "access that moved data";
	if (!v->blocked)
		return "access that was blocked";
	if (f->can_pasid && !v->pasids)
		return "access with PASID";
	if (f->group && steps >= STEPS_OF_GROUPS)
		lacks = group_lacks(v);
	if (lacks || steps < STEPS_OF_ALL)
		return lacks;
	if (f->can_fault && !v->answers)
		return "page request";
	if (f->can_track && !v->dirty)
		return "dirty page";
	if (f->can_pull && !v->pulls)
		return "device that was pulled out";
	if (!v->unbinds)
		return "driver that was unbound";
	if (!v->wild)
		return "wild call";
	if (!v->kills)
		return "owner that was killed";
	return NULL;
}
