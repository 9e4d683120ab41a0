// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random programs: the process that owns a guest and its devices is killed in the
 * middle of a call. What it had is taken apart by the kernel alone.
 */
#include <signal.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "fuzz.h"

#define CALLS_MAX	64	/* before the one that is interrupted */

/* Calls that change nothing in the end: an invalidation, or a mapping for a moment */
static int change_nothing(struct fuzz_context *c, const struct fuzz_hwpt *hwpt)
{
	struct iommu_hwpt_vtd_s1_invalidate all = { .npages = ~0ULL };
	__u64 iova = FUZZ_GPA(FUZZ_PAGES);
	__u32 num = 1;
	int ret;

	if (hwpt)
		return iommufd_hwpt_invalidate(c->iommufd, hwpt->id, &all, &num);
	ret = iommufd_ioas_map(c->iommufd, c->ioas[0].id,
			       (char *)c->guest.va + FUZZ_PAGES * PAGE, PAGE, iova,
			       IOMMUFD_MAP_RW);
	return ret ? ret : iommufd_ioas_unmap(c->iommufd, c->ioas[0].id, iova, PAGE);
}

/* Says so after @calls calls, and goes on until it is killed. */
static void __noreturn own(struct fuzz_context *c, const struct fuzz_hwpt *hwpt,
			   unsigned int calls, int told)
{
	unsigned int done = 0;
	char said = 'y';

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!change_nothing(c, hwpt))
		if (++done == calls && write(told, &said, 1) != 1)
			break;
	_exit(1);
}

/* A nested page table of the context, NULL if there is none */
static const struct fuzz_hwpt *find_nested(struct fuzz *f, const struct fuzz_context *c)
{
	int i = fuzz_below(f, FUZZ_HWPTS), n;

	for (n = 0; n < FUZZ_HWPTS; n++, i = (i + 1) % FUZZ_HWPTS)
		if (c->hwpt[i].kind == FUZZ_NESTED)
			return &c->hwpt[i];
	return NULL;
}

/**
 * fuzz_kill() - kill the process that has a context and its devices
 * @f: program
 *
 * All that the program had of them is given to a child, so that nothing is left open.
 */
void fuzz_kill(struct fuzz *f)
{
	int ctx = fuzz_any_context(f), other = fuzz_below(f, FUZZ_CONTEXTS), i;
	unsigned int calls = 1 + fuzz_below(f, CALLS_MAX);
	struct fuzz_context *c = &f->ctx[ctx];
	const struct fuzz_hwpt *hwpt = fuzz_below(f, 4) ? find_nested(f, c) : NULL;
	int told[2], status = 0;
	char said = 'n';
	pid_t pid;

	fuzz_say(f, "guest %d: kill its owner after %u %s", ctx, calls,
		 hwpt ? "invalidations" : "mappings");
	if (pipe(told))
		fuzz_fail(f, "no pipe");
	pid = fork();
	if (!pid)
		own(c, hwpt, calls, told[1]);
	close(told[1]);
	close(c->iommufd);
	if (c->queue_fd >= 0)
		close(c->queue_fd);
	c->queue_fd = -1;
	for (i = 0; i < FUZZ_DEVICES; i++)
		if (f->dev[i].open && f->dev[i].ctx == ctx)
			fuzz_device_close(f, &f->dev[i]);
	if (pid < 0 || read(told[0], &said, 1) != 1 || said != 'y')
		fuzz_fail(f, "the owner of guest %d has ended", ctx);
	close(told[0]);
	if (kill(pid, SIGKILL) || waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
		fuzz_fail(f, "the owner of guest %d was not killed: status %#x", ctx, status);
	f->verdict->kills++;
	fuzz_context_renew(f, ctx, other);
}
