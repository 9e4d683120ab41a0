/* SPDX-License-Identifier: GPL-2.0-only */
/* DMA all the time: an endpoint reads pages that stay mapped while others change. */
#ifndef _NESTED_READER_H
#define _NESTED_READER_H

#include <pthread.h>
#include <stdbool.h>

#include "endpoint.h"

#define READER_PAGES	2

/**
 * struct reader - a thread that has an endpoint read
 * @dev: endpoint
 * @iova: pages that it reads, in turn
 * @data: what is there
 * @thread: thread
 * @stop: the thread is to end
 * @reads: reads so far
 * @faults: reads that were blocked, or got other bytes
 */
struct reader {
	struct vfio_dev *dev;
	__u64 iova[READER_PAGES];
	const void *data[READER_PAGES];
	pthread_t thread;
	bool stop;
	unsigned long reads;
	unsigned long faults;
};

int reader_start(struct reader *r);
void reader_wait(struct reader *r, unsigned long more);
int reader_stop(struct reader *r);

#endif /* _NESTED_READER_H */
