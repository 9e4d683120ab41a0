// SPDX-License-Identifier: GPL-2.0-only
/*
 * Callers that lose their CPU to an interrupt after they have posted a batch, with
 * everybody else on another CPU meanwhile.
 */

#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/sched/clock.h>
#include <linux/smp.h>

#include "vtdsim.h"
#include "fixture_queue.h"

/* More than the ring has room for, each with its wait */
#define SUBMISSIONS	QI_LENGTH

/**
 * struct interrupt - an interrupt that takes long
 * @runs: it has begun
 * @over: what it waits for has happened
 * @gave_up: it has not, for long
 */
static struct interrupt {
	bool runs;
	bool over;
	bool gave_up;
} interrupt;

static u64 deadline(void)
{
	return local_clock() + VTD_TEST_PATIENCE * (u64)NSEC_PER_MSEC;
}

static void last_until_over(void *unused)
{
	u64 until = deadline();

	WRITE_ONCE(interrupt.runs, true);
	while (!smp_load_acquire(&interrupt.over)) {
		if (local_clock() > until) {
			WRITE_ONCE(interrupt.gave_up, true);
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

	cpu = raw_smp_processor_id();
	KUNIT_ASSERT_EQ(test, 0, set_cpus_allowed_ptr(current, cpumask_of(cpu)));

	return cpumask_any_but(cpu_online_mask, cpu);
}

/*
 * In an interrupt, or beside one, the base submits more than the ring has room for. The
 * only caller of the batch at its tail does not come back before all is done.
 */
static void ring_is_filled_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct q_inval *qi = fx->iommu->qi;
	struct qi_desc desc = vtd_test_harmless_desc(), slow[2];
	struct vtd_caller *caller;
	unsigned int i, cpu;

	vtd_mute_init(test, 2, 600 * USEC_PER_SEC);
	cpu = other_cpu(test);
	interrupt = (struct interrupt) {};
	caller = vtd_caller_start_on(test, cpu, vtd_test_add_devtlb(fx, 0, slow) - slow, slow);
	KUNIT_ASSERT_TRUE(test, vtd_mute_wait_asked(1));
	KUNIT_ASSERT_EQ(test, 0, smp_call_function_single(cpu, last_until_over, NULL, false));
	KUNIT_EXPECT_TRUE(test, wait_until_it_runs());
	vtd_mute_answer();

	for (i = 0; i < SUBMISSIONS; i++)
		KUNIT_EXPECT_EQ(test, 0, qi_submit_sync(fx->iommu, &desc, 1, 0));
	KUNIT_EXPECT_FALSE(test, READ_ONCE(interrupt.gave_up));

	smp_store_release(&interrupt.over, true);
	KUNIT_ASSERT_TRUE(test, vtd_caller_returned(caller));
	KUNIT_EXPECT_EQ(test, caller->ret, 0);
	KUNIT_EXPECT_EQ(test, qi->free_cnt, QI_LENGTH);
}

static struct kunit_case queue_interrupted_cases[] = {
	KUNIT_CASE(ring_is_filled_test),
	{}
};

static struct kunit_suite queue_interrupted_suite = {
	.name = "intel-nested-queue-interrupted",
	.init = vtd_test_init,
	.test_cases = queue_interrupted_cases,
};

kunit_test_suite(queue_interrupted_suite);
