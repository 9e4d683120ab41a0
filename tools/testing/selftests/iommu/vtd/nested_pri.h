/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest whose nested page table has a fault queue, for the tests of page
 * requests.
 */
#ifndef _SELFTESTS_IOMMU_VTD_NESTED_PRI_H
#define _SELFTESTS_IOMMU_VTD_NESTED_PRI_H

#include "nested.h"

/* gIOVA that is not mapped */
#define FAULTING_MISSING	(NESTED_IOVA + PAGE)
#define FAULTING_GROUP		7	/* page request group index */
#define FAULTING_RECORDS	8

/* How long a request may take from the endpoint to the test, under emulation */
#define FAULTING_PATIENCE_MS	100000

/* PRI response codes, PCIe 10.4.2.1 */
#define FAULTING_PRG_SUCCESS	0
#define FAULTING_PRG_INVALID	1

/* What faulting_finish() returns if the response was not success. */
#define FAULTING_REFUSED	NESTED_STATUS(VTDSIM_EP_S_PAGE_REQUEST_FAILED)

/**
 * struct faulting - a guest with a fault queue, and two devices
 * @n: the guest
 * @s1: table with a fault queue; it maps @page at NESTED_IOVA
 * @page: page of data
 * @queue: the fault queue
 * @fd: file of @queue, to read page requests from and write responses to;
 *	negative if it is closed
 * @got: page requests, filled by faulting_next_group()
 */
struct faulting {
	struct nested n;
	struct nested_s1 s1;
	__u64 page;
	__u32 queue;
	int fd;
	struct iommu_hwpt_pgfault got[FAULTING_RECORDS];
};

int faulting_open(struct faulting *f, const char **skip);
int faulting_open_attached(struct faulting *f, const char **skip);
__u64 faulting_close(struct faulting *f);
int faulting_hwpt(struct faulting *f, const struct stage1 *t, __u32 *hwpt);
void faulting_map(struct faulting *f, __u64 iova, __u64 gpa);

bool faulting_wait(struct faulting *f, int ms);
int faulting_next_group(struct faulting *f);
int faulting_respond(struct faulting *f, __u32 cookie, __u32 code);
int faulting_respond_ok(struct faulting *f);

void faulting_start_dma(struct faulting *f, int dev, __u32 op, __u64 addr, __u32 len);
void faulting_start_read(struct faulting *f, int dev, __u64 addr);
__u64 *faulting_buffer(struct faulting *f, int dev, unsigned int offset);
__u64 faulting_finish(struct faulting *f, int dev);
int faulting_ask(struct faulting *f, int dev, __u64 addr, __u32 flags);
__u64 faulting_fault_in(struct faulting *f, int dev, __u64 iova);

#endif /* _SELFTESTS_IOMMU_VTD_NESTED_PRI_H */
