// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device TLBs that do not answer, or answer late: what becomes of submissions
 * that asked them, and of those that did not.
 */

#include <kunit/test.h>
#include <linux/delay.h>

#include "queue/devtlb.h"
#include "vtdsim.h"
#include "compat.h"
#include "fixture_queue.h"

#define CALLERS		6

/*
 * A device takes one invalidation at a time and loses the first of two. The
 * unit stops with its head between them; the wait descriptor behind them is
 * complete later, and nothing but the slot of the first tells.
 */
static void lost_answer_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	u8 qdep = info->ats_qdep;
	struct qi_desc desc[4], *end;

	vtd_mute_init(test, 1, 20 * USEC_PER_MSEC);
	info->ats_qdep = 1;
	end = vtd_test_add_devtlb(fx, 0x1000, desc);
	end = vtd_test_add_devtlb(fx, 0x5000, end);
	info->ats_qdep = qdep;

	KUNIT_EXPECT_EQ(test, 0, vtd_queue_submit(fx->iommu, desc, end - desc));
	/* The one that was lost, and those after it, at least once each. */
	KUNIT_EXPECT_GE(test, vtd_mute.done, end - desc);
}

/* A silent device is given up; what is not for it is carried out. */
static void silent_device_test(struct kunit *test)
{
	struct vtdsim_stats before, *now = &vtdsim_units[0].stats;
	struct qi_desc harmless = vtd_test_harmless_desc(), desc[4], *end;
	struct vtd_caller *silent, *caller[CALLERS];
	struct vtd_test *fx = test->priv;
	unsigned int i;

	/* The first keeps the queue busy until all others are there. */
	vtd_mute_init(test, 2, 600 * USEC_PER_SEC);
	silent = vtd_caller_start(test, vtd_test_add_devtlb(fx, 0, desc) - desc, desc);
	KUNIT_ASSERT_TRUE(test, vtd_mute_wait_asked(1));

	before = *now;
	desc[0] = harmless;
	end = vtd_test_add_devtlb(fx, 0, &desc[1]);
	caller[0] = vtd_caller_start(test, end - desc, desc);
	for (i = 1; i < CALLERS; i++)
		caller[i] = vtd_caller_start(test, 1, &harmless);
	KUNIT_EXPECT_TRUE(test, vtd_caller_wait_joined(fx->iommu->qi, CALLERS));

	vtd_mute.unit->devtlb.timeout_us = 20 * USEC_PER_MSEC;
	vtd_mute_answer_and_keep(UINT_MAX);
	KUNIT_ASSERT_TRUE(test, vtd_caller_returned(silent));
	for (i = 0; i < CALLERS; i++) {
		KUNIT_ASSERT_TRUE(test, vtd_caller_returned(caller[i]));
		KUNIT_EXPECT_EQ(test, caller[i]->ret, i ? 0 : -ETIMEDOUT);
	}
	/* All together, the others again, the silent one again, without its device. */
	KUNIT_EXPECT_EQ(test, now->doorbells - before.doorbells, 4);
}

/**
 * struct company - who is asked together
 * @qi: the queue
 * @asked: how often the device has been asked in a batch of several submissions
 */
static struct company {
	struct q_inval *qi;
	unsigned int asked;
} company;

static bool company_invalidate(struct vtdsim_requester *r, const struct vtdsim_devtlb_inv *inv)
{
	company.asked += !list_is_singular(&company.qi->nested.batch);
	return vtd_mute_invalidate(r, inv);
}

static const struct vtdsim_requester_ops company_ops = { .invalidate = company_invalidate };

/* What the device keeps times out as soon as anybody looks. */
static void expire_all(void)
{
	raw_spin_lock_irq(&vtd_mute.unit->lock);
	while (vtd_mute.held) {
		vtd_mute.unit->devtlb.slots[__ffs(vtd_mute.held)].deadline = 0;
		vtd_mute.held &= vtd_mute.held - 1;
	}
	raw_spin_unlock_irq(&vtd_mute.unit->lock);
}

/* Whoever waits is not posted together with a submission whose device has been silent. */
static void retried_alone_test(struct kunit *test)
{
	struct qi_desc harmless = vtd_test_harmless_desc(), desc[2], *end;
	struct vtd_caller *silent, *slow, *other;
	struct vtd_test *fx = test->priv;
	unsigned int asked;

	end = vtd_test_add_devtlb(fx, 0, desc);
	asked = end - desc;
	vtd_mute_init(test, UINT_MAX, 600 * USEC_PER_SEC);
	silent = vtd_caller_start(test, end - desc, desc);
	KUNIT_ASSERT_TRUE(test, vtd_mute_wait_asked(asked));
	slow = vtd_caller_start(test, end - desc, desc);
	KUNIT_ASSERT_TRUE(test, vtd_caller_wait_joined(fx->iommu->qi, 1));
	expire_all();
	asked += end - desc;
	KUNIT_ASSERT_TRUE(test, vtd_mute_wait_asked(asked));

	KUNIT_ASSERT_TRUE(test, vtd_caller_wait_joined(fx->iommu->qi, 1));
	other = vtd_caller_start(test, 1, &harmless);
	KUNIT_ASSERT_TRUE(test, vtd_caller_wait_joined(fx->iommu->qi, 2));
	company = (struct company) { .qi = fx->iommu->qi };
	vtd_mute_use_ops(&company_ops);
	vtd_mute_answer();
	KUNIT_ASSERT_TRUE(test, vtd_caller_returned(slow));
	KUNIT_ASSERT_TRUE(test, vtd_caller_returned(silent));
	KUNIT_ASSERT_TRUE(test, vtd_caller_returned(other));
	KUNIT_EXPECT_EQ(test, silent->ret, 0);
	KUNIT_EXPECT_EQ(test, vtd_mute.asked, asked + (end - desc));
	KUNIT_EXPECT_EQ(test, company.asked, 0);
}

/* Time-outs of a device that others ask abort a submission, as often as it takes. */
static void foreign_device_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct qi_desc desc[2];
	struct vtd_caller *base;
	unsigned int i;

	vtd_mute_init(test, UINT_MAX, 5 * USEC_PER_MSEC);
	base = vtd_caller_start_base(test, vtd_test_add_devtlb(fx, 0, desc) - desc, desc);
	KUNIT_ASSERT_TRUE(test, vtd_mute_wait_asked(1));

	for (i = 0; i < 20; i++) {
		desc[0] = vtd_test_harmless_desc();
		KUNIT_EXPECT_EQ(test, 0, vtd_queue_submit(fx->iommu, desc, 1));
	}
	vtd_mute_answer();
	KUNIT_ASSERT_TRUE(test, vtd_caller_returned(base));
	KUNIT_EXPECT_EQ(test, base->ret, 0);
}

/*
 * The same with two of them, which abort each other. They keep two CPUs busy with
 * interrupts off, so nobody can end the silence: it has to end by itself.
 */
static void foreign_devices_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct vtd_caller *base[2];
	struct qi_desc desc[2];
	unsigned int i;

	vtd_mute_init(test, 12, 5 * USEC_PER_MSEC);
	for (i = 0; i < ARRAY_SIZE(base); i++)
		base[i] = vtd_caller_start_base(test, vtd_test_add_devtlb(fx, 0, desc) - desc,
						desc);
	for (i = 0; i < 20; i++) {
		desc[0] = vtd_test_harmless_desc();
		KUNIT_EXPECT_EQ(test, 0, vtd_queue_submit(fx->iommu, desc, 1));
	}
	for (i = 0; i < ARRAY_SIZE(base); i++) {
		KUNIT_ASSERT_TRUE(test, vtd_caller_returned(base[i]));
		KUNIT_EXPECT_EQ(test, base[i]->ret, 0);
	}
	KUNIT_EXPECT_EQ(test, vtd_mute.keep, 0);
}

#define ABORTS		6

/**
 * struct intruder - descriptors in the ring that nobody waits for
 * @qi: the queue
 * @desc: what it puts in front of each batch
 * @slot: where it has put them
 * @slots: how many
 */
static struct intruder {
	struct q_inval *qi;
	struct qi_desc desc;
	unsigned int slot[ABORTS + 1];
	unsigned int slots;
} intruder;

/* The batch is in the ring, and q_lock held: what comes now is in front of the next. */
static bool intruder_invalidate(struct vtdsim_requester *r, const struct vtdsim_devtlb_inv *inv)
{
	if (vtd_mute.keep)
		intruder.slot[intruder.slots++] = vtd_test_put_slot(intruder.qi, &intruder.desc);
	return vtd_mute_invalidate(r, inv);
}

static const struct vtdsim_requester_ops intruder_ops = { .invalidate = intruder_invalidate };

/*
 * The unit fetches an innocent submission together with what a silent device is
 * asked, and each time-out aborts both. It is submitted again until it is done.
 */
static void innocent_test(struct kunit *test)
{
	struct vtdsim_stats before, *now = &vtdsim_units[0].stats;
	struct qi_desc desc = vtd_test_harmless_desc(), foreign[2];
	struct vtd_test *fx = test->priv;
	struct q_inval *qi = fx->iommu->qi;

	vtd_mute_init(test, ABORTS, 5 * USEC_PER_MSEC);
	vtd_test_add_devtlb(fx, 0, foreign);
	intruder = (struct intruder) { .qi = qi, .desc = foreign[0] };
	raw_spin_lock_irq(&qi->q_lock);
	intruder.slot[intruder.slots++] = vtd_test_put_slot(qi, &intruder.desc);
	raw_spin_unlock_irq(&qi->q_lock);

	before = *now;
	vtd_mute_use_ops(&intruder_ops);
	KUNIT_EXPECT_EQ(test, 0, vtd_queue_submit(fx->iommu, &desc, 1));
	vtd_mute_use_ops(&vtd_mute_ops);
	KUNIT_EXPECT_EQ(test, now->doorbells - before.doorbells, ABORTS + 1);
	KUNIT_EXPECT_EQ(test, vtd_mute.asked, ABORTS + 1);

	raw_spin_lock_irq(&qi->q_lock);
	while (intruder.slots--)
		qi->desc_status[intruder.slot[intruder.slots]] = QI_FREE;
	reclaim_free_desc(qi);
	raw_spin_unlock_irq(&qi->q_lock);
	KUNIT_EXPECT_EQ(test, qi->free_cnt, QI_LENGTH);
}

/* The index of the fault record, which is above these, has no meaning without them. */
#define FAULTS	GENMASK(7, 0)

static u32 fault_status(void)
{
	unsigned long flags;
	u32 status;

	raw_spin_lock_irqsave(&vtd_mute.unit->lock, flags);
	status = vtdsim_reg_get32(vtd_mute.unit, VTDSIM_FSTS);
	raw_spin_unlock_irqrestore(&vtd_mute.unit->lock, flags);

	return status & FAULTS;
}

static bool wait_until_no_fault(void)
{
	int i;

	for (i = 0; i < VTD_TEST_PATIENCE / 10 && fault_status(); i++)
		usleep_range(1000, 2000);
	return !fault_status();
}

/*
 * A unit sends no event for faults of DMA while an error of its queue is set
 * (VT-d 7.3), and after a fast wait nobody looks at the status.
 */
static void late_answer_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct qi_desc desc[2];

	vtd_mute_init(test, 1, 5 * USEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, 0, vtd_queue_submit(fx->iommu, desc,
						  vtd_test_add_devtlb(fx, 0, desc) - desc));
	KUNIT_ASSERT_NE(test, vtd_mute.held, 0);

	raw_spin_lock_irq(&vtd_mute.unit->lock);
	vtd_mute_answer_late();
	raw_spin_unlock_irq(&vtd_mute.unit->lock);
	KUNIT_EXPECT_TRUE(test, wait_until_no_fault());
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 1, IOVA), FR_PASID_NOT_PRESENT);
	KUNIT_EXPECT_TRUE(test, wait_until_no_fault());
}

/* The answer comes while the time-out is set, so that the unit sends no event. */
static void answer_with_time_out_test(struct kunit *test)
{
	struct vtdsim_devtlb_slot *slots = vtdsim_units[0].devtlb.slots;
	struct vtd_test *fx = test->priv;
	struct vtd_caller *caller;
	struct qi_desc desc[2];

	vtd_mute_init(test, 1, 600 * USEC_PER_SEC);
	caller = vtd_caller_start(test, vtd_test_add_devtlb(fx, 0, desc) - desc, desc);
	KUNIT_ASSERT_TRUE(test, vtd_mute_wait_asked(1));

	raw_spin_lock_irq(&vtd_mute.unit->lock);
	slots[__ffs(vtd_mute.held)].deadline = 0;
	vtdsim_devtlb_check(vtd_mute.unit);
	vtd_mute_answer_late();
	raw_spin_unlock_irq(&vtd_mute.unit->lock);

	KUNIT_ASSERT_TRUE(test, vtd_caller_returned(caller));
	KUNIT_EXPECT_EQ(test, caller->ret, 0);
	KUNIT_EXPECT_TRUE(test, wait_until_no_fault());
}

/* The device answers what nobody has asked, and no event tells of it: who polls finds out. */
static void uncalled_answer_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct vtd_caller *caller;
	struct qi_desc desc[2];
	u8 other;

	vtd_mute_init(test, 1, 600 * USEC_PER_SEC);
	caller = vtd_caller_start(test, vtd_test_add_devtlb(fx, 0, desc) - desc, desc);
	KUNIT_ASSERT_TRUE(test, vtd_mute_wait_asked(1));

	raw_spin_lock_irq(&vtd_mute.unit->lock);
	other = (__ffs(vtd_mute.held) + 1) % VTDSIM_ITAGS;
	vtdsim_reg_set32(vtd_mute.unit, VTDSIM_FECTL, VTDSIM_EVENT_IM);
	KUNIT_EXPECT_FALSE(test, vtdsim_devtlb_complete(vtd_mute.unit, pci_dev_id(fx->pdev),
							other));
	raw_spin_unlock_irq(&vtd_mute.unit->lock);
	KUNIT_EXPECT_TRUE(test, wait_until_no_fault());
	raw_spin_lock_irq(&vtd_mute.unit->lock);
	vtdsim_reg_set32(vtd_mute.unit, VTDSIM_FECTL, 0);
	raw_spin_unlock_irq(&vtd_mute.unit->lock);

	vtd_mute_answer();
	KUNIT_ASSERT_TRUE(test, vtd_caller_returned(caller));
	KUNIT_EXPECT_EQ(test, caller->ret, 0);
}

/*
 * A function in D3hot need not answer, so it is not asked when its domain is
 * detached. ATS is off by then, as the base driver has it.
 */
static void detach_asleep(struct kunit *test, struct iommu_domain *s1)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	bool asleep;

	for (asleep = false;; asleep = true) {
		KUNIT_ASSERT_EQ(test, 0, vtd_test_attach_device(test, s1));
		KUNIT_ASSERT_TRUE(test, info->ats_enabled);
		vtd_mute.asked = 0;
		if (asleep)
			fx->pdev->current_state = PCI_D3hot;
		vtd_test_restore_device(test);
		fx->pdev->current_state = PCI_D0;
		KUNIT_EXPECT_EQ(test, !vtd_mute.asked, asleep);
		if (asleep)
			break;
	}
}

static void sleeping_function_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	unsigned int root = vtd_test_table(test, fx, IOVA, vtd_test_data_page(test, fx));
	struct pasid_entry *entry;
	struct iommu_domain *parent, *s1 = vtd_test_s1(test, fx, fx->parent, root);

	if (vtd_test_base_keeps_ats())
		kunit_skip(test, "the driver never switches ATS off");
	vtd_mute_init(test, 0, 600 * USEC_PER_SEC);
	detach_asleep(test, s1);

	/* One that tracks dirty pages until the end */
	parent = vtd_test_alloc_paging(fx->ops, &fx->pdev->dev, IOMMU_HWPT_ALLOC_NEST_PARENT |
				       IOMMU_HWPT_ALLOC_DIRTY_TRACKING);
	if (PTR_ERR_OR_ZERO(parent) == -EOPNOTSUPP)
		return;
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, parent);
	vtd_test_own(test, parent);
	s1 = vtd_test_s1(test, fx, parent, root);
	detach_asleep(test, s1);

	/* Nothing is tracked of what does not write. */
	KUNIT_ASSERT_EQ(test, 0, vtd_test_attach_device(test, s1));
	fx->pdev->current_state = PCI_D3hot;
	vtd_nested_block_begin(info);
	fx->pdev->current_state = PCI_D0;
	entry = intel_pasid_get_entry(&fx->pdev->dev, IOMMU_NO_PASID);
	KUNIT_EXPECT_FALSE(test, pasid_get_ssade(entry));
	vtd_test_restore_device(test);
}

/* A device that has been pulled does not answer, so it is not asked. */
static void gone_device_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	unsigned int root = vtd_test_table(test, fx, IOVA, vtd_test_data_page(test, fx));
	struct iommu_domain *parent, *s1, *other;

	parent = vtd_test_alloc_paging(fx->ops, &fx->pdev->dev, IOMMU_HWPT_ALLOC_NEST_PARENT |
				       IOMMU_HWPT_ALLOC_DIRTY_TRACKING);
	if (PTR_ERR_OR_ZERO(parent) == -EOPNOTSUPP)
		kunit_skip(test, "the unit has no dirty tracking");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, parent);
	vtd_test_own(test, parent);
	s1 = vtd_test_s1(test, fx, parent, root);
	other = vtd_test_s1(test, fx, parent, root);
	KUNIT_ASSERT_EQ(test, 0, vtd_test_attach_device(test, s1));
	KUNIT_ASSERT_TRUE(test, info->ats_enabled);

	vtd_mute_init(test, 0, 600 * USEC_PER_SEC);
	fx->pdev->error_state = pci_channel_io_perm_failure;
	KUNIT_EXPECT_EQ(test, 0, vtd_test_attach_device(test, other));
	KUNIT_EXPECT_EQ(test, vtd_mute.asked, 0);
	vtd_nested_block_begin(info);
	KUNIT_EXPECT_EQ(test, vtd_mute.asked, 0);
	fx->pdev->error_state = pci_channel_io_normal;
	vtd_test_restore_device(test);
}

static struct kunit_case queue_silent_cases[] = {
	KUNIT_CASE(lost_answer_test),
	KUNIT_CASE(silent_device_test),
	KUNIT_CASE(retried_alone_test),
	KUNIT_CASE(foreign_device_test),
	KUNIT_CASE(foreign_devices_test),
	KUNIT_CASE(innocent_test),
	KUNIT_CASE(late_answer_test),
	KUNIT_CASE(answer_with_time_out_test),
	KUNIT_CASE(uncalled_answer_test),
	KUNIT_CASE(sleeping_function_test),
	KUNIT_CASE(gone_device_test),
	{}
};

static struct kunit_suite queue_silent_suite = {
	.name = "intel-nested-queue-silent",
	.init = vtd_test_init,
	.test_cases = queue_silent_cases,
};

kunit_test_suite(queue_silent_suite);
