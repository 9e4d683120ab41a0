// SPDX-License-Identifier: GPL-2.0-only
/* Submissions to invalidation queues, against the model of the unit. */

#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/swait.h>
#include <linux/uaccess.h>
#include <uapi/linux/vtdsim.h>

#include "../../../vtdsim/vtdsim.h"
#include "fixture.h"
#include "../../perf.h"

/* More than a batch takes, and with the waits a whole number of batches. */
#define LONG	(2 * (QI_LENGTH / 2 - 1))

/* PASID-cache invalidations of a domain id, which cost nobody anything. */
static struct qi_desc *harmless_descs(struct kunit *test, unsigned int n)
{
	struct qi_desc *desc = kunit_kcalloc(test, n, sizeof(*desc), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, desc);
	for (i = 0; i < n; i++)
		desc[i].qw0 = QI_PC_TYPE | QI_PC_GRAN(QI_PC_ALL_PASIDS) | QI_PC_DID(1);
	return desc;
}

static unsigned int free_slots(struct intel_iommu *iommu)
{
	unsigned long flags;
	unsigned int n;

	raw_spin_lock_irqsave(&iommu->qi->q_lock, flags);
	n = iommu->qi->free_cnt;
	raw_spin_unlock_irqrestore(&iommu->qi->q_lock, flags);
	return n;
}

/* Half of the ring at a time: what comes later waits for what was earlier. */
static void full_queue_test(struct kunit *test)
{
	struct vtdsim_stats before, *now = &vtdsim_units[0].stats;
	struct qi_desc *desc = harmless_descs(test, LONG);
	struct vtd_test *fx = test->priv;
	struct vtd_submission sub[4];
	unsigned int i, room = free_slots(fx->iommu);

	for (i = 0; i < ARRAY_SIZE(sub); i++)
		sub[i] = (struct vtd_submission) { fx->iommu, desc, LONG };
	before = *now;
	KUNIT_EXPECT_EQ(test, 0, vtd_queue_run(sub, ARRAY_SIZE(sub)));
	KUNIT_EXPECT_EQ(test, now->doorbells - before.doorbells, 2 * ARRAY_SIZE(sub));
	KUNIT_EXPECT_EQ(test, now->waits - before.waits, 2 * ARRAY_SIZE(sub));
	KUNIT_EXPECT_EQ(test, now->descriptors - before.descriptors,
			ARRAY_SIZE(sub) * (LONG + 2));
	KUNIT_EXPECT_EQ(test, free_slots(fx->iommu), room);
}

/* The first finds the ring idle; what comes meanwhile goes into it at once. */
static void short_submissions_test(struct kunit *test)
{
	struct vtdsim_stats before, *now = &vtdsim_units[0].stats;
	struct qi_desc *desc = harmless_descs(test, 8);
	struct vtd_test *fx = test->priv;
	unsigned int i, n, room = free_slots(fx->iommu);
	struct vtd_submission sub[8];

	for (n = 1; n <= ARRAY_SIZE(sub); n++) {
		for (i = 0; i < n; i++)
			sub[i] = (struct vtd_submission) { fx->iommu, desc, i + 1 };
		before = *now;
		KUNIT_EXPECT_EQ(test, 0, vtd_queue_run(sub, n));
		KUNIT_EXPECT_EQ(test, now->doorbells - before.doorbells, n > 1 ? 2 : 1);
		KUNIT_EXPECT_EQ(test, now->descriptors - before.descriptors,
				n * (n + 1) / 2 + (n > 1 ? 2 : 1));
		KUNIT_EXPECT_EQ(test, free_slots(fx->iommu), room);
	}
}

/* Wherever the bad descriptor is, it alone is not carried out. */
static void refused_descriptor_test(struct kunit *test)
{
	static const unsigned int at[] = { 0, 1, 7, 8 };
	struct vtdsim_stats before, *now = &vtdsim_units[0].stats;
	struct vtd_test *fx = test->priv;
	unsigned int i, room = free_slots(fx->iommu);

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		struct qi_desc *desc = harmless_descs(test, 9), *good = harmless_descs(test, 5);
		struct vtd_submission sub[] = {
			{ fx->iommu, desc, 9 },
			{ fx->iommu, good, 5 },
		};

		desc[at[i]].qw0 = 0xf;	/* no such type */
		KUNIT_EXPECT_EQ(test, -EINVAL, vtd_queue_run(sub, 2));
		KUNIT_EXPECT_EQ(test, sub[0].err, -EINVAL);
		KUNIT_EXPECT_EQ(test, sub[1].err, 0);
		KUNIT_EXPECT_EQ(test, free_slots(fx->iommu), room);

		before = *now;
		desc[at[i]] = desc[at[i] ? 0 : 1];
		sub[0] = (struct vtd_submission) { fx->iommu, desc, 9 };
		sub[1] = (struct vtd_submission) { fx->iommu, good, 5 };
		KUNIT_EXPECT_EQ(test, 0, vtd_queue_run(sub, 2));
		KUNIT_EXPECT_EQ(test, now->descriptors - before.descriptors, 9 + 5 + 2);
	}
}

/* Whoever measures latencies by debugfs has those of the extension's submissions, too. */
static void latency_test(struct kunit *test)
{
	struct qi_desc *desc = harmless_descs(test, 2);
	struct vtd_test *fx = test->priv;
	struct vtd_submission sub = { fx->iommu, &desc[0], 1 };
	const struct latency_statistic *stats;

	if (!IS_ENABLED(CONFIG_DMAR_PERF))
		kunit_skip(test, "needs CONFIG_DMAR_PERF");
	KUNIT_ASSERT_EQ(test, 0, dmar_latency_enable(fx->iommu, DMAR_LATENCY_INV_IOTLB));
	stats = fx->iommu->perf_statistic;
	KUNIT_EXPECT_EQ(test, 0, vtd_queue_run(&sub, 1));
	KUNIT_EXPECT_EQ(test, stats[DMAR_LATENCY_INV_IOTLB].samples, 1);
	KUNIT_EXPECT_EQ(test, 0, vtd_queue_submit(fx->iommu, &desc[1], 1));
	KUNIT_EXPECT_EQ(test, stats[DMAR_LATENCY_INV_IOTLB].samples, 2);
	dmar_latency_disable(fx->iommu, DMAR_LATENCY_INV_IOTLB);
}

/**
 * struct pair - endpoints behind two units
 * @unit: the units
 * @pdev: the endpoints; the first one's device TLB answers when the second
 *	  one's has been asked
 * @real: what they do otherwise
 * @tags: invalidations that the first has not answered yet
 * @asked: the second has been asked
 */
static struct pair {
	struct vtdsim_unit *unit[2];
	struct pci_dev *pdev[2];
	const struct vtdsim_requester_ops *real[2];
	unsigned long tags;
	bool asked;
} pair;

static DECLARE_SWAIT_QUEUE_HEAD(pair_changed);

static bool hold_back(struct vtdsim_requester *r, const struct vtdsim_devtlb_inv *inv)
{
	__set_bit(inv->itag, &pair.tags);
	swake_up_one(&pair_changed);
	return false;
}

static bool note_and_invalidate(struct vtdsim_requester *r, const struct vtdsim_devtlb_inv *inv)
{
	WRITE_ONCE(pair.asked, true);
	swake_up_one(&pair_changed);
	return pair.real[1]->invalidate(r, inv);
}

static const struct vtdsim_requester_ops paired_ops[2] = {
	{ .invalidate = hold_back },
	{ .invalidate = note_and_invalidate },
};

static void swap_ops(unsigned int i, const struct vtdsim_requester_ops *ops)
{
	struct vtdsim_unit *unit = pair.unit[i];
	struct vtdsim_requester *r;
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	r = vtdsim_requester_find(unit, pci_dev_id(pair.pdev[i]));
	pair.real[i] = r->ops;
	r->ops = ops;
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

static int answer_when_asked(void *unused)
{
	struct vtdsim_unit *unit = pair.unit[0];
	unsigned int tag;

	while (!kthread_should_stop()) {
		swait_event_idle_exclusive(pair_changed, kthread_should_stop() ||
					   (READ_ONCE(pair.asked) && READ_ONCE(pair.tags)));
		raw_spin_lock_irq(&unit->lock);
		while (READ_ONCE(pair.asked) && pair.tags) {
			tag = __ffs(pair.tags);
			__clear_bit(tag, &pair.tags);
			vtdsim_devtlb_done(unit, pci_dev_id(pair.pdev[0]), tag);
		}
		raw_spin_unlock_irq(&unit->lock);
	}
	return 0;
}

static int invalidate_all(struct vtd_test *fx, struct iommu_domain *s1)
{
	struct iommu_hwpt_vtd_s1_invalidate req = { .npages = U64_MAX };
	struct iommu_user_data_array array = {
		.type = IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
		.uptr = fx->user,
		.entry_len = sizeof(req),
		.entry_num = 1,
	};

	if (copy_to_user(fx->user, &req, sizeof(req)))
		return -EFAULT;
	return s1->ops->cache_invalidate_user(s1, &array);
}

static u64 read_behind_unit(unsigned int i, u64 iova)
{
	struct vtdsim_req req = {
		.addr = iova,
		.sid = pci_dev_id(pair.pdev[i]),
		.pasid = 1,
		.with_pasid = true,
	};
	struct vtdsim_outcome out;
	u64 val = 0;

	if (vtdsim_dma_read(pair.unit[i], &req, &val, sizeof(val), &out))
		return out.reason;
	return val;
}

static void find_second(struct kunit *test, struct vtd_test *fx)
{
	struct device_domain_info *info;
	struct pci_dev *pdev;

	if (vtdsim_unit_count < 2)
		kunit_skip(test, "needs a second unit: vtdsim=on,unit");
	pdev = pci_get_domain_bus_and_slot(vtdsim_options[1].segment, 0, PCI_DEVFN(1, 0));
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pci_dev_put(pdev);	/* the model's endpoints stay */

	pair = (struct pair) {
		.unit = { &vtdsim_units[0], &vtdsim_units[1] },
		.pdev = { fx->pdev, pdev },
	};
	info = dev_iommu_priv_get(&pdev->dev);
	if (!nested_supported(info->iommu) || !info->pasid_enabled)
		kunit_skip(test, "the second unit has no nesting or no PASIDs");
}

/*
 * No unit waits for another: the first one's invalidation ends only because
 * the second one has been given its own meanwhile.
 */
static void two_units_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info;
	struct task_struct *thread;
	struct iommu_domain *s1;
	unsigned int i, root, old, data;
	u64 doorbells[2];
	u32 timeout;

	find_second(test, fx);
	old = vtd_test_data_page(test, fx);
	data = vtd_test_data_page(test, fx);
	root = vtd_test_table(test, fx, IOVA, old);
	s1 = vtd_test_s1(test, fx, fx->parent, root);
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, 0,
				vtd_test_attach(test, s1, pair.pdev[i], 1));
		info = dev_iommu_priv_get(&pair.pdev[i]->dev);
		KUNIT_ASSERT_TRUE(test, info->ats_enabled);
		KUNIT_EXPECT_EQ(test, read_behind_unit(i, IOVA), vtd_test_stamp(old));
	}
	*vtd_test_leaf(fx, root, IOVA) = vtd_test_gpa(data) | PTE_ALL;

	for (i = 0; i < 2; i++) {
		doorbells[i] = pair.unit[i]->stats.doorbells;
		swap_ops(i, &paired_ops[i]);
	}
	/* Long enough for any machine; it only passes if something is wrong. */
	timeout = pair.unit[0]->devtlb.timeout_us;
	pair.unit[0]->devtlb.timeout_us = 10 * USEC_PER_SEC;
	thread = kthread_run(answer_when_asked, NULL, "two_units_test");
	KUNIT_EXPECT_EQ(test, 0, invalidate_all(fx, s1));
	KUNIT_EXPECT_TRUE(test, pair.asked);
	kthread_stop(thread);
	pair.unit[0]->devtlb.timeout_us = timeout;
	for (i = 0; i < 2; i++) {
		swap_ops(i, pair.real[i]);
		/* A second one would mean that the first timed out. */
		KUNIT_EXPECT_EQ(test, pair.unit[i]->stats.doorbells - doorbells[i], 1);
	}

	KUNIT_EXPECT_EQ(test, atomic64_read(&to_vtd_s1(s1)->stats.submissions), 2);
	KUNIT_EXPECT_EQ(test, atomic64_read(&to_vtd_s1(s1)->stats.timeouts), 0);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, read_behind_unit(i, IOVA), vtd_test_stamp(data));
		vtd_test_detach(test, pair.pdev[i], 1);
	}
	vtd_test_free(test, s1);
}

/* Of attachments that come in turns, each unit still gets one submission. */
static void mixed_order_test(struct kunit *test)
{
	struct vtdsim_stats before[2];
	struct vtd_test *fx = test->priv;
	struct iommu_domain *s1;
	unsigned int i, root;

	find_second(test, fx);
	root = vtd_test_table(test, fx, IOVA, vtd_test_data_page(test, fx));
	s1 = vtd_test_s1(test, fx, fx->parent, root);
	for (i = 0; i < 8; i++)
		KUNIT_ASSERT_EQ(test, 0,
				vtd_test_attach(test, s1, pair.pdev[i & 1], 1 + i));

	for (i = 0; i < 2; i++)
		before[i] = pair.unit[i]->stats;
	KUNIT_EXPECT_EQ(test, 0, invalidate_all(fx, s1));
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, pair.unit[i]->stats.doorbells - before[i].doorbells, 1);
		KUNIT_EXPECT_EQ(test, pair.unit[i]->stats.waits - before[i].waits, 1);
		KUNIT_EXPECT_EQ(test, pair.unit[i]->stats.descriptors - before[i].descriptors,
				4 * 2 + 1);
	}

	for (i = 0; i < 8; i++)
		vtd_test_detach(test, pair.pdev[i & 1], 1 + i);
	vtd_test_free(test, s1);
}

static struct kunit_case queue_cases[] = {
	KUNIT_CASE(full_queue_test),
	KUNIT_CASE(short_submissions_test),
	KUNIT_CASE(refused_descriptor_test),
	KUNIT_CASE(latency_test),
	KUNIT_CASE(two_units_test),
	KUNIT_CASE(mixed_order_test),
	{}
};

static struct kunit_suite queue_suite = {
	.name = "intel-nested-queue",
	.init = vtd_test_init,
	.test_cases = queue_cases,
};

kunit_test_suite(queue_suite);
