/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of page requests share: a guest with a table whose missing
 * pages are asked for through a fault queue.
 */
#ifndef _SELFTESTS_IOMMU_VTD_NESTED_PRI_H
#define _SELFTESTS_IOMMU_VTD_NESTED_PRI_H

#include "vtd_nested.h"

#define MISSING		(IOVA + PAGE)
#define GROUP		7
#define RECORDS		8

/* How long a request may take from the endpoint to here, under emulation. */
#define PATIENCE_MS	10000

/* PRI response codes, PCIe 10.4.2.1 */
#define PRG_SUCCESS	0
#define PRG_INVALID	1

/* What finish() returns when the answer was not success. */
#define REFUSED		STATUS(VTDSIM_EP_S_PAGE_REQUEST_FAILED)

/**
 * struct faulting - a guest that gets page requests of two devices
 * @n: the guest
 * @s1: table with a fault queue; @page is at IOVA
 * @page: page of data
 * @queue: the fault queue
 * @fd: where page requests are read, and answers written
 * @got: page requests, filled by next_group()
 */
struct faulting {
	struct nested n;
	struct s1 s1;
	__u64 page;
	__u32 queue;
	int fd;
	struct iommu_hwpt_pgfault got[RECORDS];
};

int faulting_open(struct faulting *f, const char **skip);
__u64 faulting_close(struct faulting *f);
int faulting_hwpt(struct faulting *f, const struct stage1 *t, __u32 *hwpt);
void faulting_map(struct faulting *f, __u64 iova, __u64 gpa);

bool wait_queue(struct faulting *f, int ms);
int next_group(struct faulting *f);
int respond(struct faulting *f, __u32 cookie, __u32 code);
int respond_ok(struct faulting *f);

void start_dma(struct faulting *f, int dev, __u32 op, __u64 addr, __u32 len);
void start_read(struct faulting *f, int dev, __u64 addr);
__u64 *endpoint_buffer(struct faulting *f, int dev, unsigned int offset);
__u64 finish(struct faulting *f, int dev);
int ask(struct faulting *f, int dev, __u64 addr, __u32 flags);
__u64 fault_in(struct faulting *f, int dev, __u64 iova);

#endif /* _SELFTESTS_IOMMU_VTD_NESTED_PRI_H */
