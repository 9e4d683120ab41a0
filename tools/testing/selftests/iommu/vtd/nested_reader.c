// SPDX-License-Identifier: GPL-2.0-only
/* DMA all the time: an endpoint reads pages that stay mapped while others change. */
#include <sched.h>

#include "nested_reader.h"

#define LEN	64

static void *reader_run(void *arg)
{
	struct reader *r = arg;
	unsigned int i;

	for (i = 0; !__atomic_load_n(&r->stop, __ATOMIC_ACQUIRE); i = (i + 1) % READER_PAGES) {
		if (!endpoint_reads(r->dev, r->iova[i], r->data[i], LEN))
			r->faults++;
		__atomic_fetch_add(&r->reads, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

/**
 * reader_start() - begin to read
 * @r: reader with @dev, @iova and @data filled in, the rest zero. The endpoint is the thread's
 *	until reader_stop()
 *
 * Return: 0 or an errno.
 */
int reader_start(struct reader *r)
{
	return pthread_create(&r->thread, NULL, reader_run, r);
}

/**
 * reader_wait() - wait until it has read more often
 * @r: reader
 * @more: reads
 */
void reader_wait(struct reader *r, unsigned long more)
{
	unsigned long end = __atomic_load_n(&r->reads, __ATOMIC_ACQUIRE) + more;

	while (__atomic_load_n(&r->reads, __ATOMIC_ACQUIRE) < end)
		sched_yield();
}

/**
 * reader_stop() - end it
 * @r: reader
 *
 * Return: 0 or an errno.
 */
int reader_stop(struct reader *r)
{
	__atomic_store_n(&r->stop, true, __ATOMIC_RELEASE);
	return pthread_join(r->thread, NULL);
}
