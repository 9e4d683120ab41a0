// SPDX-License-Identifier: GPL-2.0-only
/* Callers that share an invalidation queue, with each other and with the base. */

#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/smp.h>

#include "vtdsim.h"
#include "fixture_queue.h"

#define CALLERS		6

/* What callers submit while a batch is in the ring goes in with one doorbell. */
static void one_doorbell_test(struct kunit *test)
{
	struct vtdsim_stats before, *now = &vtdsim_units[0].stats;
	struct qi_desc desc = vtd_test_harmless_desc(), slow[2];
	struct vtd_caller *first, *caller[CALLERS];
	struct vtd_test *fx = test->priv;
	unsigned int i;

	vtd_mute_init(test, 2, 600 * USEC_PER_SEC);
	before = *now;
	first = vtd_caller_start(test, vtd_test_add_devtlb(fx, 0, slow) - slow, slow);
	KUNIT_ASSERT_TRUE(test, vtd_mute_wait_asked(1));

	for (i = 0; i < CALLERS; i++)
		caller[i] = vtd_caller_start(test, 1, &desc);
	KUNIT_EXPECT_TRUE(test, vtd_caller_wait_joined(fx->iommu->qi, CALLERS));
	vtd_mute_answer();

	KUNIT_ASSERT_TRUE(test, vtd_caller_returned(first));
	KUNIT_EXPECT_EQ(test, first->ret, 0);
	for (i = 0; i < CALLERS; i++) {
		KUNIT_ASSERT_TRUE(test, vtd_caller_returned(caller[i]));
		KUNIT_EXPECT_EQ(test, caller[i]->ret, 0);
	}
	KUNIT_EXPECT_EQ(test, now->doorbells - before.doorbells, 2);
	KUNIT_EXPECT_EQ(test, now->waits - before.waits, 2);
}

static void note_cpu(void *flag)
{
	*(bool *)flag = true;
}

/* Who waits for a device TLB has interrupts on and no lock of the queue. */
static void interrupts_on_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct vtd_caller *caller;
	struct qi_desc slow[2];
	bool interrupted = false;
	unsigned int cpu;

	vtd_mute_init(test, 2, 600 * USEC_PER_SEC);
	caller = vtd_caller_start(test, vtd_test_add_devtlb(fx, 0, slow) - slow, slow);
	KUNIT_ASSERT_TRUE(test, vtd_mute_wait_asked(1));

	for_each_online_cpu(cpu) {
		interrupted = false;
		smp_call_function_single(cpu, note_cpu, &interrupted, true);
		KUNIT_EXPECT_TRUE(test, interrupted);
	}
	KUNIT_EXPECT_FALSE(test, raw_spin_is_locked(&fx->iommu->qi->q_lock));
	KUNIT_EXPECT_FALSE(test, completion_done(&caller->done));

	vtd_mute_answer();
	KUNIT_ASSERT_TRUE(test, vtd_caller_returned(caller));
	KUNIT_EXPECT_EQ(test, caller->ret, 0);
}

/* Takes slots like somebody who has not come to free them yet. Returns the first. */
static unsigned int take_slots(struct q_inval *qi, unsigned int n)
{
	struct qi_desc desc = vtd_test_harmless_desc();
	unsigned int first;

	raw_spin_lock_irq(&qi->q_lock);
	first = vtd_test_put_slot(qi, &desc);
	while (--n)
		vtd_test_put_slot(qi, &desc);
	raw_spin_unlock_irq(&qi->q_lock);

	return first;
}

static void free_slots(struct q_inval *qi, unsigned int first, unsigned int n)
{
	raw_spin_lock_irq(&qi->q_lock);
	while (n--)
		qi->desc_status[(first + n) % QI_LENGTH] = QI_FREE;
	reclaim_free_desc(qi);
	raw_spin_unlock_irq(&qi->q_lock);
}

/* A long submission does not need the ring to be empty. */
static void shared_ring_test(struct kunit *test)
{
	const unsigned int taken = 20, count = QI_LENGTH - 2;
	struct qi_desc *desc = kunit_kcalloc(test, count, sizeof(*desc), GFP_KERNEL);
	struct vtdsim_stats *now = &vtdsim_units[0].stats;
	struct vtd_test *fx = test->priv;
	struct q_inval *qi = fx->iommu->qi;
	u64 doorbells = now->doorbells;
	struct vtd_caller *caller;
	unsigned int i, first;

	KUNIT_ASSERT_NOT_NULL(test, desc);
	for (i = 0; i < count; i++)
		desc[i] = vtd_test_harmless_desc();

	first = take_slots(qi, taken);
	caller = vtd_caller_start(test, count, desc);
	for (i = 0; i < VTD_TEST_PATIENCE && READ_ONCE(now->doorbells) == doorbells; i++)
		usleep_range(1000, 2000);
	KUNIT_EXPECT_GT(test, now->doorbells, doorbells);

	free_slots(qi, first, taken);
	KUNIT_ASSERT_TRUE(test, vtd_caller_returned(caller));
	KUNIT_EXPECT_EQ(test, caller->ret, 0);
	KUNIT_EXPECT_EQ(test, qi->free_cnt, QI_LENGTH);
}

/*
 * Once the base has had to wait behind a batch, batches are short: three
 * descriptors, then four, and so on, until nothing has been behind them for long.
 * A real submission of the base would keep interrupts off as long as the device is
 * silent, and with two CPUs that can keep the test from ending the silence.
 */
static void crowded_ring_test(struct kunit *test)
{
	const unsigned int count = QI_LENGTH / 2 - 1, first = 3;
	struct qi_desc *desc = kunit_kcalloc(test, count, sizeof(*desc), GFP_KERNEL);
	struct vtdsim_stats *now = &vtdsim_units[0].stats;
	struct vtd_test *fx = test->priv;
	struct q_inval *qi = fx->iommu->qi;
	unsigned int i, behind, batches, descs;
	struct vtd_caller *caller;
	struct qi_desc slow[2];
	u64 doorbells;

	KUNIT_ASSERT_NOT_NULL(test, desc);
	for (i = 0; i < count; i++)
		desc[i] = vtd_test_harmless_desc();

	vtd_mute_init(test, 2, 600 * USEC_PER_SEC);
	caller = vtd_caller_start(test, vtd_test_add_devtlb(fx, 0, slow) - slow, slow);
	KUNIT_ASSERT_TRUE(test, vtd_mute_wait_asked(1));
	behind = take_slots(qi, 1);
	vtd_mute_answer();
	KUNIT_ASSERT_TRUE(test, vtd_caller_returned(caller));
	free_slots(qi, behind, 1);

	for (batches = 0, descs = 0; descs < count; batches++)
		descs += first + batches;
	doorbells = now->doorbells;
	KUNIT_EXPECT_EQ(test, 0, vtd_queue_submit(fx->iommu, desc, count));
	KUNIT_EXPECT_EQ(test, now->doorbells - doorbells, batches);

	for (; first + batches < count; batches++)
		KUNIT_EXPECT_EQ(test, 0, vtd_queue_submit(fx->iommu, desc, 1));
	doorbells = now->doorbells;
	KUNIT_EXPECT_EQ(test, 0, vtd_queue_submit(fx->iommu, desc, count));
	KUNIT_EXPECT_EQ(test, now->doorbells - doorbells, 1);
}

static struct kunit_case queue_share_cases[] = {
	KUNIT_CASE(one_doorbell_test),
	KUNIT_CASE(interrupts_on_test),
	KUNIT_CASE(shared_ring_test),
	KUNIT_CASE(crowded_ring_test),
	{}
};

static struct kunit_suite queue_share_suite = {
	.name = "intel-nested-queue-share",
	.init = vtd_test_init,
	.test_cases = queue_share_cases,
};

kunit_test_suite(queue_share_suite);
