// SPDX-License-Identifier: GPL-2.0-only
/*
 * Callers that share an invalidation queue, and device TLBs that keep them
 * waiting. A device is silent, or answers late, because a test says so.
 */

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/smp.h>

#include "vtdsim.h"
#include "fixture.h"

#define CALLERS		6

/* Limit for what has to happen at some time, in steps of a millisecond. */
#define PATIENCE	60000

/**
 * struct mute - an endpoint whose device TLB answers as a test wants
 * @unit: its unit
 * @pdev: the endpoint
 * @real: what it does otherwise
 * @held: tags of invalidations that it keeps
 * @keep: how many it is going to keep
 * @asked: invalidations it was asked for
 * @done: of these, what was carried out at once
 */
static struct mute {
	struct vtdsim_unit *unit;
	struct pci_dev *pdev;
	const struct vtdsim_requester_ops *real;
	unsigned long held;
	unsigned int keep;
	unsigned int asked;
	unsigned int done;
} mute;

static bool mute_invalidate(struct vtdsim_requester *r, const struct vtdsim_devtlb_inv *inv)
{
	WRITE_ONCE(mute.asked, mute.asked + 1);
	if (mute.keep) {
		mute.keep--;
		__set_bit(inv->itag, &mute.held);
		return false;
	}
	mute.done++;
	return mute.real->invalidate(r, inv);
}

static const struct vtdsim_requester_ops mute_ops = { .invalidate = mute_invalidate };

static void mute_set_ops(const struct vtdsim_requester_ops *ops)
{
	struct vtdsim_requester *r;
	unsigned long flags;

	raw_spin_lock_irqsave(&mute.unit->lock, flags);
	r = vtdsim_requester_find(mute.unit, pci_dev_id(mute.pdev));
	swap(r->ops, ops);
	mute.real = ops;
	raw_spin_unlock_irqrestore(&mute.unit->lock, flags);
}

/* The endpoint answers all that it has kept and that has not timed out. */
static void mute_answer(void)
{
	const struct vtdsim_devtlb_slot *slots = mute.unit->devtlb.slots;
	unsigned long flags;
	unsigned int tag;

	raw_spin_lock_irqsave(&mute.unit->lock, flags);
	mute.keep = 0;
	while (mute.held) {
		tag = __ffs(mute.held);
		__clear_bit(tag, &mute.held);
		if (slots[tag].busy)
			vtdsim_devtlb_done(mute.unit, pci_dev_id(mute.pdev), tag);
	}
	raw_spin_unlock_irqrestore(&mute.unit->lock, flags);
}

static void mute_exit(void *timeout_us)
{
	mute_answer();
	mute_set_ops(mute.real);
	mute.unit->devtlb.timeout_us = (unsigned long)timeout_us;
}

/* From now on the endpoint keeps @keep invalidations, which time out after @timeout_us. */
static void mute_init(struct kunit *test, unsigned int keep, u32 timeout_us)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	unsigned long old;

	if (!info->ats_supported)
		kunit_skip(test, "the endpoint has no device TLB");

	mute = (struct mute) {
		.unit = &vtdsim_units[0],
		.pdev = fx->pdev,
		.keep = keep,
	};
	mute_set_ops(&mute_ops);
	old = mute.unit->devtlb.timeout_us;
	mute.unit->devtlb.timeout_us = timeout_us;
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, mute_exit, (void *)old));
}

/* One PASID-cache invalidation of a domain id, which costs nobody anything. */
static struct qi_desc harmless_desc(void)
{
	return (struct qi_desc) {
		.qw0 = QI_PC_TYPE | QI_PC_GRAN(QI_PC_ALL_PASIDS) | QI_PC_DID(1),
	};
}

static struct qi_desc *add_devtlb(struct vtd_test *fx, u64 addr, struct qi_desc *desc)
{
	return vtd_add_devtlb(dev_iommu_priv_get(&fx->pdev->dev), 1, addr, 0, desc);
}

/**
 * struct caller - a thread with one submission
 * @iommu: the unit
 * @desc: its descriptors
 * @count: how many
 * @ret: what vtd_queue_submit() returned
 * @thread: the thread
 * @done: it has returned
 */
struct caller {
	struct intel_iommu *iommu;
	struct qi_desc *desc;
	unsigned int count;
	int ret;
	struct task_struct *thread;
	struct completion done;
};

static int caller_main(void *data)
{
	struct caller *caller = data;

	caller->ret = vtd_queue_submit(caller->iommu, caller->desc, caller->count);
	complete(&caller->done);
	return 0;
}

/* Kernel memory: a failed assertion ends the test while the thread goes on. */
static struct caller *caller_create(struct kunit *test, unsigned int count,
				    const struct qi_desc *desc)
{
	struct vtd_test *fx = test->priv;
	struct caller *caller = kunit_kzalloc(test, sizeof(*caller), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, caller);
	caller->iommu = fx->iommu;
	caller->count = count;
	caller->desc = kunit_kcalloc(test, count, sizeof(*desc), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, caller->desc);
	memcpy(caller->desc, desc, count * sizeof(*desc));
	init_completion(&caller->done);
	return caller;
}

static struct caller *caller_start(struct kunit *test, unsigned int count,
				   const struct qi_desc *desc)
{
	struct caller *caller = caller_create(test, count, desc);

	caller->thread = kthread_run(caller_main, caller, "queue_caller");
	KUNIT_ASSERT_FALSE(test, IS_ERR(caller->thread));
	return caller;
}

static bool caller_returned(struct caller *caller)
{
	return wait_for_completion_timeout(&caller->done, 120 * HZ);
}

static unsigned int count_joined(struct q_inval *qi)
{
	struct vtd_queue *queue = &qi->nested;
	struct llist_node *node;
	struct list_head *entry;
	unsigned int n = 0;

	raw_spin_lock_irq(&qi->q_lock);
	for (node = READ_ONCE(queue->joined.first); node; node = READ_ONCE(node->next))
		n++;
	list_for_each(entry, &queue->waiting)
		n++;
	raw_spin_unlock_irq(&qi->q_lock);
	return n;
}

static bool wait_until_joined(struct q_inval *qi, unsigned int n)
{
	int i;

	for (i = 0; i < PATIENCE && count_joined(qi) < n; i++)
		usleep_range(1000, 2000);
	return count_joined(qi) == n;
}

static bool wait_until_asked(unsigned int n)
{
	int i;

	for (i = 0; i < PATIENCE && READ_ONCE(mute.asked) < n; i++)
		usleep_range(1000, 2000);
	return READ_ONCE(mute.asked) >= n;
}

/* What callers submit while a batch is in the ring goes in with one doorbell. */
static void one_doorbell_test(struct kunit *test)
{
	struct vtdsim_stats before, *now = &vtdsim_units[0].stats;
	struct qi_desc desc = harmless_desc(), slow[2];
	struct caller *first, *caller[CALLERS];
	struct vtd_test *fx = test->priv;
	unsigned int i;

	mute_init(test, 2, 600 * USEC_PER_SEC);
	before = *now;
	first = caller_start(test, add_devtlb(fx, 0, slow) - slow, slow);
	KUNIT_ASSERT_TRUE(test, wait_until_asked(1));

	for (i = 0; i < CALLERS; i++)
		caller[i] = caller_start(test, 1, &desc);
	KUNIT_EXPECT_TRUE(test, wait_until_joined(fx->iommu->qi, CALLERS));
	mute_answer();

	KUNIT_ASSERT_TRUE(test, caller_returned(first));
	KUNIT_EXPECT_EQ(test, first->ret, 0);
	for (i = 0; i < CALLERS; i++) {
		KUNIT_ASSERT_TRUE(test, caller_returned(caller[i]));
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
	struct caller *caller;
	struct qi_desc slow[2];
	bool interrupted = false;
	unsigned int cpu;

	mute_init(test, 2, 600 * USEC_PER_SEC);
	caller = caller_start(test, add_devtlb(fx, 0, slow) - slow, slow);
	KUNIT_ASSERT_TRUE(test, wait_until_asked(1));

	for_each_online_cpu(cpu) {
		interrupted = false;
		smp_call_function_single(cpu, note_cpu, &interrupted, true);
		KUNIT_EXPECT_TRUE(test, interrupted);
	}
	KUNIT_EXPECT_FALSE(test, raw_spin_is_locked(&fx->iommu->qi->q_lock));
	KUNIT_EXPECT_FALSE(test, completion_done(&caller->done));

	mute_answer();
	KUNIT_ASSERT_TRUE(test, caller_returned(caller));
	KUNIT_EXPECT_EQ(test, caller->ret, 0);
}

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

	mute_init(test, 1, 20 * USEC_PER_MSEC);
	info->ats_qdep = 1;
	end = add_devtlb(fx, 0x1000, desc);
	end = add_devtlb(fx, 0x5000, end);
	info->ats_qdep = qdep;

	KUNIT_EXPECT_EQ(test, 0, vtd_queue_submit(fx->iommu, desc, end - desc));
	/* The one that was lost, and those after it, at least once each. */
	KUNIT_EXPECT_GE(test, mute.done, end - desc);
}

/* A silent device is given up; what is not for it is carried out. */
static void silent_device_test(struct kunit *test)
{
	struct vtdsim_stats before, *now = &vtdsim_units[0].stats;
	struct qi_desc harmless = harmless_desc(), desc[4], *end;
	struct caller *silent, *caller[CALLERS];
	struct vtd_test *fx = test->priv;
	unsigned int i;

	/* The first keeps the queue busy until all others are there. */
	mute_init(test, 2, 600 * USEC_PER_SEC);
	silent = caller_start(test, add_devtlb(fx, 0, desc) - desc, desc);
	KUNIT_ASSERT_TRUE(test, wait_until_asked(1));

	before = *now;
	desc[0] = harmless;
	end = add_devtlb(fx, 0, &desc[1]);
	caller[0] = caller_start(test, end - desc, desc);
	for (i = 1; i < CALLERS; i++)
		caller[i] = caller_start(test, 1, &harmless);
	KUNIT_EXPECT_TRUE(test, wait_until_joined(fx->iommu->qi, CALLERS));

	mute.unit->devtlb.timeout_us = 20 * USEC_PER_MSEC;
	mute_answer();
	mute.keep = UINT_MAX;
	KUNIT_ASSERT_TRUE(test, caller_returned(silent));
	for (i = 0; i < CALLERS; i++) {
		KUNIT_ASSERT_TRUE(test, caller_returned(caller[i]));
		KUNIT_EXPECT_EQ(test, caller[i]->ret, i ? 0 : -ETIMEDOUT);
	}
	/* All together, the others again, the silent one again, without its device. */
	KUNIT_EXPECT_EQ(test, now->doorbells - before.doorbells, 4);
}

static int submit_like_base(void *data)
{
	struct caller *caller = data;

	caller->ret = qi_submit_sync(caller->iommu, caller->desc, caller->count, 0);
	complete(&caller->done);
	return 0;
}

/* Time-outs of a device that others ask abort a submission, as often as it takes. */
static void foreign_device_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct qi_desc desc[2];
	struct caller *base;
	unsigned int i;

	mute_init(test, UINT_MAX, 5 * USEC_PER_MSEC);
	base = caller_create(test, add_devtlb(fx, 0, desc) - desc, desc);
	base->thread = kthread_run(submit_like_base, base, "queue_base");
	KUNIT_ASSERT_FALSE(test, IS_ERR(base->thread));
	KUNIT_ASSERT_TRUE(test, wait_until_asked(1));

	for (i = 0; i < 20; i++) {
		desc[0] = harmless_desc();
		KUNIT_EXPECT_EQ(test, 0, vtd_queue_submit(fx->iommu, desc, 1));
	}
	mute_answer();
	KUNIT_ASSERT_TRUE(test, caller_returned(base));
	KUNIT_EXPECT_EQ(test, base->ret, 0);
}

/* Takes slots like somebody who has not come to free them yet. Returns the first. */
static unsigned int take_slots(struct q_inval *qi, unsigned int n)
{
	unsigned int i, slot, first;

	raw_spin_lock_irq(&qi->q_lock);
	first = qi->free_head;
	for (i = 0; i < n; i++) {
		slot = (first + i) % QI_LENGTH;
		((struct qi_desc *)qi->desc)[slot] = harmless_desc();
		qi->desc_status[slot] = QI_IN_USE;
	}
	qi->free_head = (first + n) % QI_LENGTH;
	qi->free_cnt -= n;
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
	struct caller *caller;
	unsigned int i, first;

	KUNIT_ASSERT_NOT_NULL(test, desc);
	for (i = 0; i < count; i++)
		desc[i] = harmless_desc();

	first = take_slots(qi, taken);
	caller = caller_start(test, count, desc);
	for (i = 0; i < PATIENCE && READ_ONCE(now->doorbells) == doorbells; i++)
		usleep_range(1000, 2000);
	KUNIT_EXPECT_GT(test, now->doorbells, doorbells);

	free_slots(qi, first, taken);
	KUNIT_ASSERT_TRUE(test, caller_returned(caller));
	KUNIT_EXPECT_EQ(test, caller->ret, 0);
	KUNIT_EXPECT_EQ(test, qi->free_cnt, QI_LENGTH);
}

static struct kunit_case queue_share_cases[] = {
	KUNIT_CASE(one_doorbell_test),
	KUNIT_CASE(interrupts_on_test),
	KUNIT_CASE(lost_answer_test),
	KUNIT_CASE(silent_device_test),
	KUNIT_CASE(foreign_device_test),
	KUNIT_CASE(shared_ring_test),
	{}
};

static struct kunit_suite queue_share_suite = {
	.name = "intel-nested-queue-share",
	.init = vtd_test_init,
	.test_cases = queue_share_cases,
};

kunit_test_suite(queue_share_suite);
