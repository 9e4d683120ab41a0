/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests of the invalidation queue: an endpoint whose device TLB answers as
 * a test wants, and threads that submit.
 */
#ifndef _INTEL_NESTED_TESTS_FIXTURE_QUEUE_H
#define _INTEL_NESTED_TESTS_FIXTURE_QUEUE_H

#include <linux/completion.h>

#include "fixture.h"

struct vtdsim_devtlb_inv;
struct vtdsim_requester;
struct vtdsim_requester_ops;

/* Limit for what has to happen at some time, in steps of a millisecond. */
#define VTD_TEST_PATIENCE	60000

/**
 * struct vtd_mute - an endpoint whose device TLB answers as a test wants
 * @unit: its unit
 * @pdev: the endpoint
 * @real: what it does otherwise
 * @held: tags of invalidations that it keeps
 * @keep: how many it is going to keep
 * @asked: invalidations it was asked for
 * @done: of these, what was carried out at once
 */
struct vtd_mute {
	struct vtdsim_unit *unit;
	struct pci_dev *pdev;
	const struct vtdsim_requester_ops *real;
	unsigned long held;
	unsigned int keep;
	unsigned int asked;
	unsigned int done;
};

extern struct vtd_mute vtd_mute;

/**
 * struct vtd_caller - a thread with one submission
 * @iommu: the unit
 * @desc: its descriptors
 * @count: how many
 * @like_base: by qi_submit_sync()
 * @ret: what the function returned
 * @thread: the thread
 * @done: it has returned
 */
struct vtd_caller {
	struct intel_iommu *iommu;
	struct qi_desc *desc;
	unsigned int count;
	bool like_base;
	int ret;
	struct task_struct *thread;
	struct completion done;
};

extern const struct vtdsim_requester_ops vtd_mute_ops;

bool vtd_mute_invalidate(struct vtdsim_requester *r, const struct vtdsim_devtlb_inv *inv);
const struct vtdsim_requester_ops *vtd_mute_use_ops(const struct vtdsim_requester_ops *ops);
void vtd_mute_init(struct kunit *test, unsigned int keep, u32 timeout_us);
void vtd_mute_answer_and_keep(unsigned int keep);
void vtd_mute_answer(void);
void vtd_mute_answer_late(void);
bool vtd_mute_wait_asked(unsigned int n);
struct qi_desc vtd_test_harmless_desc(void);
struct qi_desc *vtd_test_add_devtlb(struct vtd_test *fx, u64 addr, struct qi_desc *desc);
unsigned int vtd_test_put_slot(struct q_inval *qi, const struct qi_desc *desc);
struct vtd_caller *vtd_caller_start(struct kunit *test, unsigned int count,
				    const struct qi_desc *desc);
struct vtd_caller *vtd_caller_start_on(struct kunit *test, unsigned int cpu,
				       unsigned int count, const struct qi_desc *desc);
struct vtd_caller *vtd_caller_start_base(struct kunit *test, unsigned int count,
					 const struct qi_desc *desc);
bool vtd_caller_returned(struct vtd_caller *caller);
bool vtd_caller_wait_joined(struct q_inval *qi, unsigned int n);

#endif /* _INTEL_NESTED_TESTS_FIXTURE_QUEUE_H */
