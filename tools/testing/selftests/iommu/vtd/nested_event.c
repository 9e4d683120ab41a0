// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events that a test waits for, so that no test has to sleep.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/eventfd.h>

#include "sysfs.h"
#include "nested_event.h"

/**
 * event_create() - create an event
 *
 * Child processes inherit it.
 *
 * Return: an eventfd, or a negative errno.
 */
int event_create(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

/**
 * event_signal() - signal an event once
 * @event: the event
 */
void event_signal(int event)
{
	/* Fails only if nobody has looked at the event 2^64 times. */
	if (eventfd_write(event, 1))
		perror("# eventfd_write");
}

/**
 * event_count() - how often was an event signalled since the last call?
 * @event: the event
 * @ms: if it was not, wait for it for so many milliseconds
 *
 * Return: the number of signals, 0 if none came.
 */
__u64 event_count(int event, int ms)
{
	struct pollfd p = { .fd = event, .events = POLLIN };
	eventfd_t count;

	if (poll(&p, 1, ms) != 1 || eventfd_read(event, &count))
		return 0;
	return count;
}

/**
 * event_wait() - wait until an event was signalled a number of times
 * @event: the event
 * @times: signals to wait for, from the last event_count() on
 *
 * Return: true if they came, false if one was missing for EVENT_PATIENCE_MS.
 */
bool event_wait(int event, __u64 times)
{
	__u64 seen = 0, more;

	while (seen < times) {
		more = event_count(event, EVENT_PATIENCE_MS);
		if (!more)
			return false;
		seen += more;
	}
	return true;
}

static void *worker_thread(void *arg)
{
	struct worker *w = arg;
	bool go_on = true;

	pthread_mutex_lock(&w->lock);
	w->tid = gettid();
	while (go_on && !w->stop) {
		pthread_mutex_unlock(&w->lock);
		go_on = w->step(w->arg);
		pthread_mutex_lock(&w->lock);
		w->steps++;
		pthread_cond_broadcast(&w->changed);
	}
	w->ended = true;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/**
 * worker_start() - start a thread
 * @w: filled
 * @step: what it does until worker_stop(), or until it returns false
 * @arg: argument of @step
 *
 * Return: 0 or a negative errno.
 */
int worker_start(struct worker *w, bool (*step)(void *arg), void *arg)
{
	int ret;

	*w = (struct worker) {
		.step = step,
		.arg = arg,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};
	ret = pthread_create(&w->thread, NULL, worker_thread, w);
	w->started = !ret;
	return -ret;
}

/* Wait for a change of a worker, with its lock held; false if it hangs. */
static bool worker_changed(struct worker *w)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += EVENT_PATIENCE_MS / 1000;
	return !pthread_cond_clockwait(&w->changed, &w->lock, CLOCK_MONOTONIC,
				       &until);
}

/**
 * worker_wait_steps() - wait until a worker has done some steps
 * @w: worker
 * @more: steps to wait for, not counting those done before
 *
 * Return: true if they are done, false if the worker ended before or hangs.
 */
bool worker_wait_steps(struct worker *w, unsigned int more)
{
	unsigned int from;
	bool done;

	pthread_mutex_lock(&w->lock);
	from = w->steps;
	while (w->steps - from < more && !w->ended && worker_changed(w))
		;
	done = w->steps - from >= more;
	pthread_mutex_unlock(&w->lock);
	return done;
}

/**
 * worker_wait_ended() - wait until a worker has done its last step
 * @w: worker whose steps end by themselves
 *
 * Return: true if it has, false if it hangs.
 */
bool worker_wait_ended(struct worker *w)
{
	bool ended;

	pthread_mutex_lock(&w->lock);
	while (!w->ended && worker_changed(w))
		;
	ended = w->ended;
	pthread_mutex_unlock(&w->lock);
	return ended;
}

/* State of a thread as in /proc, 'R' while it runs; '?' if it is gone. */
static char thread_state(pid_t tid)
{
	char path[64], text[256], *name_end;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	if (sysfs_read(path, text, sizeof(text)))
		return '?';
	name_end = strrchr(text, ')');
	return name_end && name_end[1] ? name_end[2] : '?';
}

/**
 * worker_wait_blocked() - wait until a worker's step waits in the kernel
 * @w: worker
 *
 * Return: true if it waits, false if the worker ended before.
 */
bool worker_wait_blocked(struct worker *w)
{
	bool ended = false;
	char state = 'R';
	pid_t tid;

	while (!ended && state != 'S' && state != 'D') {
		sched_yield();
		pthread_mutex_lock(&w->lock);
		tid = w->tid;
		ended = w->ended;
		pthread_mutex_unlock(&w->lock);
		/* Without the lock, or the worker might wait for that. */
		state = tid ? thread_state(tid) : 'R';
	}
	return !ended;
}

/**
 * worker_ended() - has a worker done its last step?
 * @w: worker
 *
 * Return: true if it has.
 */
bool worker_ended(struct worker *w)
{
	bool ended;

	pthread_mutex_lock(&w->lock);
	ended = w->ended;
	pthread_mutex_unlock(&w->lock);
	return ended;
}

/**
 * worker_stop() - end a worker after its current step
 * @w: worker; one that was not started, or is stopped, stays as it is
 */
void worker_stop(struct worker *w)
{
	if (!w->started)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	w->started = false;
}
