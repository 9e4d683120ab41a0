/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A watch on a PASID-table entry: debug registers stop the CPU after every
 * store into it, whoever stores, and what hardware would find there goes on
 * record, and with it how far the invalidation queue has got.
 */
#ifndef _INTEL_NESTED_TESTS_WATCH_H
#define _INTEL_NESTED_TESTS_WATCH_H

#include <linux/hw_breakpoint.h>

#include "../nested.h"

struct kunit;

/* x86 watches four quad-words: all of an entry that has a meaning. */
#define WATCH_QWORDS	4
#define WATCH_STEPS	64

/**
 * struct watch_step - the entry after a store
 * @entry: what is there
 * @head: where the next invalidation descriptor will go
 * @ats: ATS of &watch.info is on
 */
struct watch_step {
	struct pasid_entry entry;
	unsigned int head;
	bool ats;
};

/**
 * struct watch - a watch
 * @slot: the entry
 * @iommu: its unit
 * @info: the device, if ATS is of interest
 * @bp: debug registers
 * @count: steps on record; more than there is room for if some are lost
 * @step: what was there before, and after each store
 */
struct watch {
	struct pasid_entry *slot;
	struct intel_iommu *iommu;
	const struct device_domain_info *info;
	struct perf_event * __percpu *bp[WATCH_QWORDS];
	unsigned int count;
	struct watch_step step[WATCH_STEPS];
};

/**
 * struct flush - an invalidation descriptor, without what is a hint to hardware
 * @qw: the first two quad-words (VT-d 6.5.2)
 */
struct flush {
	u64 qw[2];
};

#define WATCH_FLUSHES	16

struct flush vtd_test_flush_pasid_cache(u16 did, ioasid_t pasid);
struct flush vtd_test_flush_domain(u16 did);
struct flush vtd_test_flush_pasid(u16 did, ioasid_t pasid);
struct flush vtd_test_flush_devtlb(struct device_domain_info *info, ioasid_t pasid);
unsigned int vtd_test_flushes_for(struct device_domain_info *info, const struct pasid_entry *was,
				  ioasid_t pasid, bool in_place, bool ats,
				  struct flush *list);

struct watch *vtd_test_watch_start(struct kunit *test, struct intel_iommu *iommu,
				   struct pasid_entry *slot);
void vtd_test_watch_reset(struct watch *w);
bool vtd_test_entry_present(const struct pasid_entry *entry);
const char *vtd_test_watch_steps_wrong(struct watch *w, const struct pasid_entry *next,
				       bool in_place);
const char *vtd_test_watch_flushes_wrong(struct watch *w, const struct flush *want,
					 unsigned int first, unsigned int rest);

#endif /* _INTEL_NESTED_TESTS_WATCH_H */
