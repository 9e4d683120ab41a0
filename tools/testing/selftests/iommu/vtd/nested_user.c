// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest whose first device is attached to a stage-1 table and does DMA, in
 * this process or in another one.
 */
#include <errno.h>

#include "nested_child.h"
#include "nested_event.h"
#include "nested_user.h"

/**
 * nested_user_begin() - attach the first device of an open guest, and use it
 * @u: guest with @u->mark set
 *
 * Return: 0 or a negative errno, -EIO if the device does not read @u->mark.
 */
int nested_user_begin(struct nested_user *u)
{
	struct nested *n = &u->n;
	int ret;

	ret = nested_s1_create_mapped(n, &u->s1, &u->page);
	if (!ret && u->release)
		ret = vfio_release_eventfd(&n->dev[0], u->release);
	if (!ret)
		ret = vfio_attach(&n->dev[0], u->s1.hwpt);
	if (ret)
		return ret;
	*(__u64 *)guest_va(&n->guest, u->page) = u->mark;
	return nested_see(n, 0, NESTED_IOVA) == u->mark ? 0 : -EIO;
}

/**
 * nested_user_open() - open a guest with one device, and use the device
 * @u: filled but for its events
 * @mark: number in the guest's page
 *
 * Return: 0 or a negative errno; nested_close() has to be called either way.
 */
int nested_user_open(struct nested_user *u, __u64 mark)
{
	const char *skip;
	int ret = nested_open(&u->n, 1, &skip);

	u->mark = mark;
	return ret ?: nested_user_begin(u);
}

/**
 * nested_user_works() - does the first device work, from open to close?
 * @mark: number to read
 *
 * Return: 0; else an error, or the number of violations of VT-d rules.
 */
__u64 nested_user_works(__u64 mark)
{
	struct nested_user u = {};
	int ret = nested_user_open(&u, mark);
	__u64 violations = nested_close(&u.n);

	return ret ? (__u64)-ret : violations;
}

static int user_begin(void *arg)
{
	struct nested_user *u = arg;

	return nested_user_open(u, u->mark);
}

/* Reads until something is wrong. */
static void user_go_on(void *arg)
{
	struct nested_user *u = arg;

	while (nested_see(&u->n, 0, NESTED_IOVA) == u->mark)
		if (u->progress)
			event_signal(u->progress);
}

/**
 * nested_user_fork() - start a process that uses the first device
 * @u: events, which begin anew; the process has a guest of its own
 * @mark: number in its page
 *
 * Return: PID of the process, which reads without pause; -1 if that failed.
 */
pid_t nested_user_fork(struct nested_user *u, __u64 mark)
{
	u->mark = mark;
	if (u->progress)
		event_count(u->progress, 0);
	return child_start(user_begin, user_go_on, u);
}
