// SPDX-License-Identifier: GPL-2.0-only
/*
 * Callers that lose their CPU to an interrupt after they have posted a batch, with
 * everybody else on another CPU meanwhile.
 *
 * The interrupt lasts until the others have done something. One of them may call all CPUs
 * for a reason of its own, and wait for the interrupted one: then neither goes on, and the
 * interrupt gives up. That is an accident, which does not happen each time.
 */

#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/initrd.h>
#include <linux/irq_work.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>

#include "vtdsim.h"
#include "../queue_ring.h"
#include "fixture_queue.h"

/* As many as a batch has at most, without the wait */
#define BATCH		(VTD_RING_SHARE - 1)
/* More than the ring has room for, each with its wait */
#define SUBMISSIONS	QI_LENGTH
#define ROUNDS		100
/* How often an interrupt may give up */
#define ACCIDENTS	2
#define PATIENCE_NS	(20 * (u64)NSEC_PER_SEC)

/**
 * struct interrupt - an interrupt that takes long
 * @work: what raises it on the CPU of a caller, while it has q_lock
 * @qi: the queue
 * @runs: it has begun
 * @over: what it waits for has happened
 * @shared: the caller comes back to a batch with others
 * @gave_up: what it waits for has not happened, for long
 */
static struct interrupt {
	struct irq_work work;
	struct q_inval *qi;
	bool runs;
	bool over;
	bool shared;
	bool gave_up;
} interrupt;

/* Goes on while this CPU has no tick. */
static bool gives_up(u64 since)
{
	if (ktime_get_mono_fast_ns() - since < PATIENCE_NS)
		return false;
	WRITE_ONCE(interrupt.gave_up, true);
	return true;
}

static void last_until_over(void *unused)
{
	u64 since = ktime_get_mono_fast_ns();

	WRITE_ONCE(interrupt.runs, true);
	while (!READ_ONCE(interrupt.over) && !gives_up(since))
		cpu_relax();
}

static bool batch_is_shared_and_done(struct q_inval *qi)
{
	bool shared;

	raw_spin_lock(&qi->q_lock);
	shared = !list_empty(&qi->nested.batch) && !list_is_singular(&qi->nested.batch);
	raw_spin_unlock(&qi->q_lock);

	return shared && vtd_ring_done(qi);
}

static void last_until_shared(struct irq_work *work)
{
	u64 since = ktime_get_mono_fast_ns();

	WRITE_ONCE(interrupt.runs, true);
	while (!READ_ONCE(interrupt.over) && !gives_up(since)) {
		if (batch_is_shared_and_done(interrupt.qi)) {
			interrupt.shared = true;
			return;
		}
		cpu_relax();
	}
}

static bool wait_until_it_runs(void)
{
	int i;

	for (i = 0; i < VTD_TEST_PATIENCE && !READ_ONCE(interrupt.runs); i++)
		usleep_range(1000, 2000);
	return READ_ONCE(interrupt.runs);
}

/* The test's thread stays on one CPU, for the interrupted caller to be on the one it returns. */
static unsigned int other_cpu(struct kunit *test)
{
	struct vtdsim_unit *unit = &vtdsim_units[0];
	unsigned int cpu;

	if (unit->queue_async || unit->async.seed)
		kunit_skip(test, "the unit's timers may be those of the CPU that is interrupted");
	if (num_online_cpus() < 2)
		kunit_skip(test, "needs two CPUs");

	/* When it has been unpacked its memory is freed, which calls all CPUs. */
	wait_for_initramfs();
	cpu = raw_smp_processor_id();
	KUNIT_ASSERT_EQ(test, 0, set_cpus_allowed_ptr(current, cpumask_of(cpu)));

	return cpumask_any_but(cpu_online_mask, cpu);
}

/* Returns whether the interrupt has lasted until all was done. */
static bool fill_ring_beside(struct kunit *test, unsigned int cpu)
{
	struct vtd_test *fx = test->priv;
	struct q_inval *qi = fx->iommu->qi;
	struct qi_desc desc = vtd_test_harmless_desc(), slow[2];
	struct vtd_caller *caller;
	unsigned int i;

	interrupt = (struct interrupt) {};
	vtd_mute.asked = 0;
	vtd_mute.keep = 2;
	caller = vtd_caller_start_on(test, cpu, vtd_test_add_devtlb(fx, 0, slow) - slow, slow);
	KUNIT_ASSERT_TRUE(test, vtd_mute_wait_asked(1));
	KUNIT_ASSERT_EQ(test, 0, smp_call_function_single(cpu, last_until_over, NULL, false));
	KUNIT_EXPECT_TRUE(test, wait_until_it_runs());
	/* Not complete, so it is not taken out. */
	vtd_queue_make_room(fx->iommu);
	KUNIT_EXPECT_LT(test, qi->free_cnt, QI_LENGTH);
	vtd_mute_answer();

	for (i = 0; i < SUBMISSIONS; i++)
		KUNIT_EXPECT_EQ(test, 0, qi_submit_sync(fx->iommu, &desc, 1, 0));

	WRITE_ONCE(interrupt.over, true);
	KUNIT_ASSERT_TRUE(test, vtd_caller_returned(caller));
	KUNIT_EXPECT_EQ(test, caller->ret, 0);
	KUNIT_EXPECT_EQ(test, qi->free_cnt, QI_LENGTH);

	return !READ_ONCE(interrupt.gave_up);
}

/*
 * In an interrupt, or beside one, the base submits more than the ring has room for. The
 * only caller of the batch at its tail does not come back before all is done.
 */
static void ring_is_filled_test(struct kunit *test)
{
	unsigned int cpu, accidents = 0;

	vtd_mute_init(test, 0, 600 * USEC_PER_SEC);
	cpu = other_cpu(test);
	while (accidents <= ACCIDENTS && !fill_ring_beside(test, cpu))
		accidents++;
	KUNIT_EXPECT_LE(test, accidents, ACCIDENTS);
}

/* The first device-TLB invalidation interrupts who posts it, as soon as q_lock is free. */
static bool interrupt_poster(struct vtdsim_requester *r, const struct vtdsim_devtlb_inv *inv)
{
	if (!vtd_mute.asked) {
		vtd_mute.asked++;
		irq_work_queue(&interrupt.work);
		return vtd_mute.real->invalidate(r, inv);
	}
	return vtd_mute_invalidate(r, inv);
}

static const struct vtdsim_requester_ops interrupt_poster_ops = {
	.invalidate = interrupt_poster,
};

static void last_beside_others(struct irq_work *work)
{
	last_until_over(NULL);
}

/* Returns whether the interrupt has lasted until the base's submission was done. */
static bool refuse_beside(struct kunit *test, unsigned int cpu)
{
	struct vtd_test *fx = test->priv;
	struct qi_desc harmless = vtd_test_harmless_desc(), desc[3], *end;
	struct vtd_caller *caller;

	end = vtd_test_add_devtlb(fx, 0, desc);
	*end++ = (struct qi_desc) { .qw0 = 0xf };	/* no such type */
	interrupt = (struct interrupt) {};
	interrupt.work = IRQ_WORK_INIT_HARD(last_beside_others);
	vtd_mute.asked = 0;
	caller = vtd_caller_start_on(test, cpu, end - desc, desc);
	KUNIT_ASSERT_TRUE(test, wait_until_it_runs());
	KUNIT_EXPECT_EQ(test, 0, qi_submit_sync(fx->iommu, &harmless, 1, 0));

	WRITE_ONCE(interrupt.over, true);
	KUNIT_ASSERT_TRUE(test, vtd_caller_returned(caller));
	irq_work_sync(&interrupt.work);
	KUNIT_EXPECT_EQ(test, caller->ret, -EINVAL);
	KUNIT_EXPECT_FALSE(test, fx->iommu->qi->nested.unreported);

	return !READ_ONCE(interrupt.gave_up);
}

/* The unit has stopped at a descriptor of the interrupted caller, in front of the base's. */
static void descriptor_is_refused_test(struct kunit *test)
{
	unsigned int cpu, accidents = 0;

	vtd_mute_init(test, 0, 600 * USEC_PER_SEC);
	vtd_mute_use_ops(&interrupt_poster_ops);
	cpu = other_cpu(test);
	while (accidents <= ACCIDENTS && !refuse_beside(test, cpu))
		accidents++;
	KUNIT_EXPECT_LE(test, accidents, ACCIDENTS);
}

/*
 * The interrupted caller had more than one batch takes. When it comes back, what is left
 * of it is in a batch with the submission of somebody else, and both have to return.
 */
static void batch_is_another_test(struct kunit *test)
{
	struct qi_desc *desc = kunit_kcalloc(test, BATCH + 2, sizeof(*desc), GFP_KERNEL), *end;
	struct vtd_test *fx = test->priv;
	struct vtd_caller *first, *slow, *last;
	unsigned int i, round, cpu, here, asked, shared = 0, accidents = 0;
	bool joined;

	KUNIT_ASSERT_NOT_NULL(test, desc);
	end = vtd_test_add_devtlb(fx, 0, desc);
	for (i = end - desc; i < BATCH + 2; i++)
		desc[i] = vtd_test_harmless_desc();

	vtd_mute_init(test, 0, 600 * USEC_PER_SEC);
	vtd_mute_use_ops(&interrupt_poster_ops);
	cpu = other_cpu(test);
	here = raw_smp_processor_id();
	/* Whatever tests before this one have done, a batch may take all of its share. */
	fx->iommu->qi->nested.withheld = 0;
	for (round = 0; !shared && round < ROUNDS && accidents <= ACCIDENTS; round++) {
		interrupt = (struct interrupt) { .qi = fx->iommu->qi };
		interrupt.work = IRQ_WORK_INIT_HARD(last_until_shared);
		vtd_mute.asked = 0;
		first = vtd_caller_start_on(test, cpu, BATCH + 1, desc);
		KUNIT_ASSERT_TRUE(test, wait_until_it_runs());

		asked = vtd_mute.asked;
		vtd_mute.keep = 2;
		slow = vtd_caller_start_on(test, here, BATCH, desc);
		KUNIT_ASSERT_TRUE(test, vtd_mute_wait_asked(asked + 1));
		last = vtd_caller_start_on(test, here, 1, &desc[BATCH]);
		joined = vtd_caller_wait_joined(fx->iommu->qi, 2);
		KUNIT_EXPECT_TRUE(test, joined || READ_ONCE(interrupt.gave_up));
		vtd_mute_answer();

		/* If the others are fast enough, nothing is left to come back to. */
		KUNIT_ASSERT_TRUE(test, vtd_caller_returned(slow));
		KUNIT_ASSERT_TRUE(test, vtd_caller_returned(last));
		WRITE_ONCE(interrupt.over, true);
		KUNIT_ASSERT_TRUE(test, vtd_caller_returned(first));
		irq_work_sync(&interrupt.work);
		shared += interrupt.shared;
		accidents += interrupt.gave_up;
	}
	KUNIT_EXPECT_LE(test, accidents, ACCIDENTS);
	if (!shared)
		kunit_skip(test, "the other callers were faster in all rounds");
}

static struct kunit_case queue_interrupted_cases[] = {
	KUNIT_CASE(ring_is_filled_test),
	KUNIT_CASE(descriptor_is_refused_test),
	KUNIT_CASE(batch_is_another_test),
	{}
};

static struct kunit_suite queue_interrupted_suite = {
	.name = "intel-nested-queue-interrupted",
	.init = vtd_test_init,
	.test_cases = queue_interrupted_cases,
};

kunit_test_suite(queue_interrupted_suite);
