// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of page walks while software changes the tables: an entry that is
 * taken away must not come back to life by a flag set in it.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/processor.h>
#include <linux/sched.h>

#include "unit/fault_reasons.h"
#include "walk_bench.h"

#define ADDR	0x2a95aab555ULL
#define GPA	0x2540000000ULL
#define OUT	0x155540000000ULL

/* A walker, and how many of its walks ended otherwise than they may */
struct race {
	struct walk_bench *b;
	u8 allowed;
	unsigned long odd;
};

static int race_walker(void *data)
{
	struct race *race = data;
	struct walk_bench *b = race->b;
	bool second = b->pe.pgtt == VTDSIM_PGTT_SECOND;
	u8 reason;

	while (!kthread_should_stop()) {
		reason = second ? bench_second(b, ADDR, true, true) :
				  bench_first(b, ADDR, true, true);
		race->odd += reason && reason != race->allowed;
		cond_resched();
	}
	return 0;
}

/* A while, of ever different length */
static void race_pause(int i)
{
	for (i &= 127; i; i--)
		cpu_relax();
}

/*
 * Takes @entry away and puts it back, over and over, under a walk that wants
 * to set @flags in it.
 */
static void race_run(struct walk_bench *b, u64 *entry, u64 flags, u8 allowed)
{
	struct race race = { .b = b, .allowed = allowed };
	struct task_struct *walker;
	unsigned long marked = 0;
	unsigned long stray = 0;
	u64 good = *entry;
	int i;

	walker = kthread_run(race_walker, &race, "vtdsim-walker");
	KUNIT_ASSERT_FALSE(b->test, IS_ERR(walker));
	for (i = 0; i < 100000 || (!marked && i < 2000000); i++) {
		u64 was = xchg(entry, 0);

		marked += was == (good | flags);
		stray += was != good && was != (good | flags);
		race_pause(i);
		stray += !!xchg(entry, good);
		race_pause(i >> 7);
		cond_resched();
	}
	kthread_stop(walker);
	KUNIT_EXPECT_EQ(b->test, stray, 0);
	KUNIT_EXPECT_EQ(b->test, race.odd, 0);
	KUNIT_EXPECT_GT(b->test, marked, 0);
}

static void race_second(struct kunit *test)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	bench_init(b, test, VTDSIM_PGTT_SECOND, 0, 3);
	b->pe.ssade = true;
	race_run(b, bench_ss_map(b, ADDR, OUT | SS_RW, 1), SS_A | SS_D,
		 VTDSIM_FR_SS_PRESENT);
}

static void race_first(struct kunit *test)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	bench_init(b, test, VTDSIM_PGTT_FIRST, 4, 0);
	race_run(b, bench_fs_map(b, ADDR, OUT | FS_ALL, 1), FS_A | FS_D,
		 VTDSIM_FR_FS_PRESENT);
}

static void race_nested(struct kunit *test)
{
	struct walk_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	bench_init(b, test, VTDSIM_PGTT_NESTED, 4, 3);
	b->pe.ssade = true;
	bench_ss_map(b, GPA, OUT | SS_RW, 1);
	race_run(b, bench_fs_map(b, ADDR, GPA | FS_ALL, 1), FS_A | FS_D,
		 VTDSIM_FR_FS_PRESENT);
}

static struct kunit_case race_cases[] = {
	KUNIT_CASE_SLOW(race_second),
	KUNIT_CASE_SLOW(race_first),
	KUNIT_CASE_SLOW(race_nested),
	{}
};

static struct kunit_suite race_suite = {
	.name = "vtdsim-walk-race",
	.test_cases = race_cases,
};

kunit_test_suite(race_suite);
