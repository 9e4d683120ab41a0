/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The benchmark's parts, and what they measure with.
 */
#ifndef _TOOLS_IOMMU_BENCH_H
#define _TOOLS_IOMMU_BENCH_H

#include <stdbool.h>
#include <linux/iommufd.h>
#include <linux/types.h>

#include "guest.h"
#include "stage1.h"
#include "vfio.h"

#define BENCH_DEVICES	16
#define BENCH_PAGE	4096ULL
#define BENCH_GPA	0x140000000ULL
#define BENCH_IOVA	0x7f0000200000ULL
/* Pages from BENCH_IOVA on that both stage-1 tables map. */
#define BENCH_PAGES	8
/* Single pages far apart that one submission has room for */
#define BENCH_BLOCKS	254

/**
 * struct bench - a guest with devices whose DMA is nested
 * @iommufd: iommufd context
 * @found: addresses of the endpoints
 * @dev: the same, open
 * @ndev: how many there are
 * @ats: the unit and the first device do ATS
 * @guest: the guest's memory
 * @table: two first-stage tables with the same addresses and different pages
 * @ioas: IO address space: the guest's memory at its GPAs
 * @parent: stage 2, made from @ioas
 * @s1: stage 1, one for each of @table
 * @quick: few cells, few rounds
 * @delays: also with a queue that takes time
 */
struct bench {
	int iommufd;
	char found[BENCH_DEVICES][PCI_BDF_LEN];
	struct vfio_dev dev[BENCH_DEVICES];
	int ndev;
	bool ats;
	struct guest guest;
	struct stage1 table[2];
	__u32 ioas;
	__u32 parent;
	__u32 s1[2];
	bool quick;
	bool delays;
};

/**
 * struct bench_counts - what the model of the unit has counted
 * @doorbells: writes of the invalidation queue's tail register
 * @waits: wait descriptors
 * @descriptors: all descriptors, waits included
 * @register_cycles: time inside accesses to the model's registers, by the time
 *	stamp counter
 */
struct bench_counts {
	__u64 doorbells;
	__u64 waits;
	__u64 descriptors;
	__u64 register_cycles;
};

/**
 * struct bench_time - a span of time
 * @ns: by the monotonic clock
 * @ticks: by the time stamp counter; instructions in QEMU with -icount shift=0
 */
struct bench_time {
	__u64 ns;
	__u64 ticks;
};

/* bench_rows.c */
void rows_start(bool json);
void rows_end(void);
void row_begin(const char *section);
void row_text(const char *key, const char *value);
void row_number(const char *key, __u64 value);
void row_ratio(const char *key, double value);
void row_end(void);
void __attribute__((__noreturn__)) bench_die(const char *what, int err);

/* bench_meter.c */
void meter_set_delay(unsigned int queue_ns, unsigned int desc_ns);
void meter_set_async(bool async);
void meter_counts(struct bench_counts *counts);
struct bench_counts meter_since(const struct bench_counts *then);
__u64 meter_violations(void);
struct bench_time meter_now(void);
struct bench_time meter_elapsed(const struct bench_time *then);
void meter_best(struct bench_time *best, const struct bench_time *one);
long meter_slab(void);

/* bench_guest.c */
void bench_find_devices(struct bench *b);
void bench_set_up(struct bench *b);
__u32 bench_alloc_s1(struct bench *b, unsigned int table);
void bench_attach_first(struct bench *b, int n, __u32 pt_id);

/* bench_requests.c */
void requests_contiguous(struct iommu_hwpt_vtd_s1_invalidate *req, unsigned int n);
void requests_scattered(struct iommu_hwpt_vtd_s1_invalidate *req, unsigned int n);
void requests_mixed(struct iommu_hwpt_vtd_s1_invalidate *req, unsigned int n);
void requests_duplicates(struct iommu_hwpt_vtd_s1_invalidate *req, unsigned int n);
void requests_call(const struct bench *b, __u32 s1,
		   const struct iommu_hwpt_vtd_s1_invalidate *req, unsigned int n);
void requests_by_delay(struct bench *b,
		       void (*measure)(struct bench *b,
				       const struct iommu_hwpt_vtd_s1_invalidate *req,
				       unsigned int n, unsigned int queue_ns));
void bench_pin(unsigned int i);

/* What is measured: one file each, in alphabetical order */
void bench_attach(struct bench *b);
void bench_callers(struct bench *b);
void bench_dma(const char *bdf);
void bench_invalidate(struct bench *b, unsigned int queue_ns, unsigned int desc_ns,
		      int devices);
void bench_irqs_off(struct bench *b);
void bench_locks(struct bench *b);
void bench_map(struct bench *b);
void bench_memory(struct bench *b);
void bench_neighbour(struct bench *b);
void bench_replace_dma(struct bench *b);
void bench_share(struct bench *b);
void bench_unmap(struct bench *b);

#endif /* _TOOLS_IOMMU_BENCH_H */
