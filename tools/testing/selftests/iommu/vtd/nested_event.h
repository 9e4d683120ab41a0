/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events that a test waits for: an eventfd that a device, the kernel or another
 * process signals, and threads that work beside the test.
 */
#ifndef _SELFTESTS_IOMMU_VTD_NESTED_EVENT_H
#define _SELFTESTS_IOMMU_VTD_NESTED_EVENT_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>
#include <linux/types.h>

/* What has not happened after this time hangs, even under emulation. */
#define EVENT_PATIENCE_MS	100000

int event_create(void);
void event_signal(int event);
__u64 event_count(int event, int ms);
bool event_wait(int event, __u64 times);

/**
 * struct worker - a thread that does the same step again and again
 * @thread: the thread
 * @tid: its thread ID
 * @step: the step; returns false if it is the last one
 * @arg: argument of @step
 * @lock: protects the fields below
 * @changed: signalled when one of them has changed
 * @steps: steps done so far
 * @stop: no further step is to begin
 * @ended: no further step will begin
 * @started: the thread has to be joined; only the starting thread uses it
 */
struct worker {
	pthread_t thread;
	pid_t tid;
	bool (*step)(void *arg);
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned int steps;
	bool stop;
	bool ended;
	bool started;
};

int worker_start(struct worker *w, bool (*step)(void *arg), void *arg);
bool worker_wait_steps(struct worker *w, unsigned int more);
bool worker_wait_blocked(struct worker *w);
bool worker_wait_ended(struct worker *w);
bool worker_ended(struct worker *w);
void worker_stop(struct worker *w);

#endif /* _SELFTESTS_IOMMU_VTD_NESTED_EVENT_H */
