// SPDX-License-Identifier: GPL-2.0-only
/* See fixture_queue.h. */

#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/swait.h>

#include "vtdsim.h"
#include "fixture_queue.h"

struct vtd_mute vtd_mute;

/* The endpoint has been asked, under a raw spinlock. */
static DECLARE_SWAIT_QUEUE_HEAD(vtd_mute_changed);

/**
 * vtd_mute_invalidate() - the endpoint is asked to invalidate
 * @r: the endpoint
 * @inv: what
 *
 * Context: Caller holds the unit's lock.
 * Return: false if the endpoint keeps it.
 */
bool vtd_mute_invalidate(struct vtdsim_requester *r, const struct vtdsim_devtlb_inv *inv)
{
	WRITE_ONCE(vtd_mute.asked, vtd_mute.asked + 1);
	swake_up_one(&vtd_mute_changed);
	if (vtd_mute.keep) {
		vtd_mute.keep--;
		__set_bit(inv->itag, &vtd_mute.held);
		return false;
	}
	vtd_mute.done++;
	return vtd_mute.real->invalidate(r, inv);
}

const struct vtdsim_requester_ops vtd_mute_ops = { .invalidate = vtd_mute_invalidate };

/**
 * vtd_mute_use_ops() - change what the endpoint does
 * @ops: what it does from now on
 *
 * Context: Any.
 * Return: what it did before.
 */
const struct vtdsim_requester_ops *vtd_mute_use_ops(const struct vtdsim_requester_ops *ops)
{
	struct vtdsim_requester *r;
	unsigned long flags;

	raw_spin_lock_irqsave(&vtd_mute.unit->lock, flags);
	r = vtdsim_requester_find(vtd_mute.unit, pci_dev_id(vtd_mute.pdev));
	swap(r->ops, ops);
	raw_spin_unlock_irqrestore(&vtd_mute.unit->lock, flags);

	return ops;
}

/**
 * vtd_mute_answer_and_keep() - the endpoint answers all that it has kept, and keeps what comes then
 * @keep: how many
 *
 * What has timed out is not answered.
 *
 * Context: Any.
 */
void vtd_mute_answer_and_keep(unsigned int keep)
{
	const struct vtdsim_devtlb_slot *slots = vtd_mute.unit->devtlb.slots;
	unsigned long flags;
	unsigned int tag;

	raw_spin_lock_irqsave(&vtd_mute.unit->lock, flags);
	vtd_mute.keep = keep;
	while (vtd_mute.held) {
		tag = __ffs(vtd_mute.held);
		__clear_bit(tag, &vtd_mute.held);
		if (slots[tag].busy)
			vtdsim_devtlb_done(vtd_mute.unit, pci_dev_id(vtd_mute.pdev), tag);
	}
	raw_spin_unlock_irqrestore(&vtd_mute.unit->lock, flags);
}

/**
 * vtd_mute_answer() - the endpoint answers all that it has kept, and all that comes then
 *
 * Context: Any.
 */
void vtd_mute_answer(void)
{
	vtd_mute_answer_and_keep(0);
}

static void vtd_mute_exit(void *timeout_us)
{
	vtd_mute_answer();
	vtd_mute_use_ops(vtd_mute.real);
	vtd_mute.unit->devtlb.timeout_us = (unsigned long)timeout_us;
}

/**
 * vtd_mute_init() - keep invalidations of the fixture's endpoint
 * @test: the test, which is skipped if the endpoint has no device TLB
 * @keep: how many the endpoint is going to keep
 * @timeout_us: microseconds until the unit gives up waiting for one of them
 *
 * Ends with the test.
 *
 * Context: Process.
 */
void vtd_mute_init(struct kunit *test, unsigned int keep, u32 timeout_us)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	unsigned long old;

	if (!info->ats_supported)
		kunit_skip(test, "the endpoint has no device TLB");

	vtd_mute = (struct vtd_mute) {
		.unit = &vtdsim_units[0],
		.pdev = fx->pdev,
		.keep = keep,
	};
	vtd_mute.real = vtd_mute_use_ops(&vtd_mute_ops);
	old = vtd_mute.unit->devtlb.timeout_us;
	vtd_mute.unit->devtlb.timeout_us = timeout_us;
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, vtd_mute_exit, (void *)old));
}

/**
 * vtd_test_harmless_desc() - a descriptor that costs nobody anything
 *
 * Context: Any.
 * Return: a PASID-cache invalidation of a domain id.
 */
struct qi_desc vtd_test_harmless_desc(void)
{
	return (struct qi_desc) {
		.qw0 = QI_PC_TYPE | QI_PC_GRAN(QI_PC_ALL_PASIDS) | QI_PC_DID(1),
	};
}

/**
 * vtd_test_add_devtlb() - compose an invalidation of the endpoint's device TLB
 * @fx: the fixture
 * @addr: page
 * @desc: where to write, room for two
 *
 * Context: Any.
 * Return: the place after the last.
 */
struct qi_desc *vtd_test_add_devtlb(struct vtd_test *fx, u64 addr, struct qi_desc *desc)
{
	return vtd_add_devtlb(dev_iommu_priv_get(&fx->pdev->dev), 1, addr, 0, desc);
}

static int vtd_caller_main(void *data)
{
	struct vtd_caller *caller = data;

	if (caller->like_base)
		caller->ret = qi_submit_sync(caller->iommu, caller->desc, caller->count, 0);
	else
		caller->ret = vtd_queue_submit(caller->iommu, caller->desc, caller->count);
	complete(&caller->done);
	return 0;
}

/* In memory of the test: a failed assertion ends it while the thread goes on. */
static struct vtd_caller *vtd_caller_new(struct kunit *test, unsigned int count,
					 const struct qi_desc *desc)
{
	struct vtd_test *fx = test->priv;
	struct vtd_caller *caller = kunit_kzalloc(test, sizeof(*caller), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, caller);
	caller->iommu = fx->iommu;
	caller->count = count;
	caller->desc = kunit_kcalloc(test, count, sizeof(*desc), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, caller->desc);
	memcpy(caller->desc, desc, count * sizeof(*desc));
	init_completion(&caller->done);
	caller->thread = kthread_create(vtd_caller_main, caller, "queue_caller");
	KUNIT_ASSERT_FALSE(test, IS_ERR(caller->thread));

	return caller;
}

/**
 * vtd_caller_start() - start a thread that calls vtd_queue_submit()
 * @test: the test
 * @count: how many descriptors
 * @desc: the descriptors, which are copied
 *
 * Context: Process.
 * Return: the caller.
 */
struct vtd_caller *vtd_caller_start(struct kunit *test, unsigned int count,
				    const struct qi_desc *desc)
{
	struct vtd_caller *caller = vtd_caller_new(test, count, desc);

	wake_up_process(caller->thread);
	return caller;
}

/**
 * vtd_caller_start_on() - start a thread that calls vtd_queue_submit() on one CPU
 * @test: the test
 * @cpu: the CPU, where the thread stays
 * @count: how many descriptors
 * @desc: the descriptors, which are copied
 *
 * Context: Process.
 * Return: the caller.
 */
struct vtd_caller *vtd_caller_start_on(struct kunit *test, unsigned int cpu,
				       unsigned int count, const struct qi_desc *desc)
{
	struct vtd_caller *caller = vtd_caller_new(test, count, desc);

	kthread_bind(caller->thread, cpu);
	wake_up_process(caller->thread);
	return caller;
}

/**
 * vtd_caller_start_base() - start a thread that calls qi_submit_sync()
 * @test: the test
 * @count: how many descriptors
 * @desc: the descriptors, which are copied
 *
 * It keeps a CPU busy, with interrupts off, until the unit is done.
 *
 * Context: Process.
 * Return: the caller.
 */
struct vtd_caller *vtd_caller_start_base(struct kunit *test, unsigned int count,
					 const struct qi_desc *desc)
{
	struct vtd_caller *caller = vtd_caller_new(test, count, desc);

	caller->like_base = true;
	wake_up_process(caller->thread);
	return caller;
}

/**
 * vtd_caller_returned() - wait for a caller
 * @caller: the caller
 *
 * Context: Process.
 * Return: false if it does not return.
 */
bool vtd_caller_returned(struct vtd_caller *caller)
{
	return wait_for_completion_timeout(&caller->done, 120 * HZ);
}

static unsigned int vtd_caller_count_joined(struct q_inval *qi)
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

/**
 * vtd_caller_wait_joined() - wait for callers that wait for the next batch
 * @qi: the queue
 * @n: how many
 *
 * Context: Process.
 * Return: true if there are as many.
 */
bool vtd_caller_wait_joined(struct q_inval *qi, unsigned int n)
{
	int i;

	for (i = 0; i < VTD_TEST_PATIENCE && vtd_caller_count_joined(qi) < n; i++)
		usleep_range(1000, 2000);
	return vtd_caller_count_joined(qi) == n;
}

/**
 * vtd_mute_wait_asked() - wait until the endpoint has been asked
 * @n: how often
 *
 * Context: Process.
 * Return: false if it is not.
 */
bool vtd_mute_wait_asked(unsigned int n)
{
	return swait_event_idle_timeout_exclusive(vtd_mute_changed,
						  READ_ONCE(vtd_mute.asked) >= n,
						  msecs_to_jiffies(VTD_TEST_PATIENCE));
}

/**
 * vtd_test_put_slot() - put a descriptor into the ring without a doorbell
 * @qi: the queue
 * @desc: the descriptor
 *
 * Somebody else's doorbell has the unit fetch it.
 *
 * Context: Caller holds q_lock.
 * Return: its slot.
 */
unsigned int vtd_test_put_slot(struct q_inval *qi, const struct qi_desc *desc)
{
	unsigned int slot = qi->free_head;

	((struct qi_desc *)qi->desc)[slot] = *desc;
	qi->desc_status[slot] = QI_IN_USE;
	qi->free_head = (slot + 1) % QI_LENGTH;
	qi->free_cnt--;

	return slot;
}

/**
 * vtd_mute_answer_late() - the endpoint answers one that has timed out
 *
 * Context: Caller holds the unit's lock.
 */
void vtd_mute_answer_late(void)
{
	unsigned int tag = __ffs(vtd_mute.held);

	__clear_bit(tag, &vtd_mute.held);
	vtdsim_devtlb_done(vtd_mute.unit, pci_dev_id(vtd_mute.pdev), tag);
}
