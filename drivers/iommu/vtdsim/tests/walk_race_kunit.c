// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of page walks while software changes the tables: setting a flag must not
 * bring back an entry that was cleared.
 */
#include <kunit/test-bug.h>
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/processor.h>
#include <linux/sched.h>

#include "cache/internals.h"
#include "tables/host_memory.h"
#include "unit/fault_reasons.h"
#include "fixture_walk.h"

#define ADDR	0x2a95aab555ULL
#define GPA	0x2540000000ULL
#define OUT	0x155540000000ULL

/**
 * struct race - a thread that walks
 * @w: the walk
 * @allowed: fault reason that a walk may end with
 * @odd: walks that ended with another
 */
struct race {
	struct vtdsim_test_walk *w;
	u8 allowed;
	unsigned long odd;
};

static int race_walker(void *data)
{
	struct race *race = data;
	struct vtdsim_test_walk *w = race->w;
	bool second = w->pe.pgtt == VTDSIM_PGTT_SECOND;
	u8 reason;

	while (!kthread_should_stop()) {
		reason = second ? vtdsim_test_walk_second(w, ADDR, true, true) :
				  vtdsim_test_walk_first(w, ADDR, true, true);
		race->odd += reason && reason != race->allowed;
		cond_resched();
	}
	return 0;
}

KUNIT_DEFINE_ACTION_WRAPPER(stop_walker, kthread_stop, struct task_struct *);

/* Waits for a time that differs from one call to the next. */
static void race_pause(int i)
{
	for (i &= 127; i; i--)
		cpu_relax();
}

/*
 * Takes @entry away and puts it back, over and over, under a walk that wants
 * to set @flags in it.
 */
static void race_run(struct vtdsim_test_walk *w, u64 *entry, u64 flags, u8 allowed)
{
	struct race *race = kunit_kzalloc(w->test, sizeof(*race), GFP_KERNEL);
	struct task_struct *walker;
	unsigned long marked = 0;
	unsigned long stray = 0;
	u64 good = *entry;
	int i;

	KUNIT_ASSERT_NOT_NULL(w->test, race);
	race->w = w;
	race->allowed = allowed;
	walker = kthread_run(race_walker, race, "vtdsim-walker");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(w->test, walker);
	KUNIT_ASSERT_EQ(w->test, 0, kunit_add_action_or_reset(w->test, stop_walker, walker));
	for (i = 0; i < 100000 || (!marked && i < 2000000); i++) {
		u64 was = xchg(entry, 0);

		marked += was == (good | flags);
		stray += was != good && was != (good | flags);
		race_pause(i);
		stray += !!xchg(entry, good);
		race_pause(i >> 7);
		cond_resched();
	}
	kunit_release_action(w->test, stop_walker, walker);
	KUNIT_EXPECT_EQ(w->test, stray, 0);
	KUNIT_EXPECT_EQ(w->test, race->odd, 0);
	KUNIT_EXPECT_GT(w->test, marked, 0);
}

static void race_second(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);

	vtdsim_test_walk_init(w, test, VTDSIM_PGTT_SECOND, 0, 3);
	w->pe.ssade = true;
	race_run(w, vtdsim_test_ss_map(w, ADDR, OUT | SS_RW, 1), SS_A | SS_D, VTDSIM_FR_SS_PRESENT);
}

static void race_first(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);

	vtdsim_test_walk_init(w, test, VTDSIM_PGTT_FIRST, 4, 0);
	race_run(w, vtdsim_test_fs_map(w, ADDR, OUT | FS_URW, 1), FS_A | FS_D,
		 VTDSIM_FR_FS_PRESENT);
}

static void race_nested(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);

	vtdsim_test_walk_init(w, test, VTDSIM_PGTT_NESTED, 4, 3);
	w->pe.ssade = true;
	vtdsim_test_ss_map(w, GPA, OUT | SS_RW, 1);
	race_run(w, vtdsim_test_fs_map(w, ADDR, GPA | FS_URW, 1), FS_A | FS_D,
		 VTDSIM_FR_FS_PRESENT);
}

#define GPA_STEP	BIT_ULL(30)

/**
 * struct storer - a thread that stores into an entry before each exchange
 * @guest: address in the entry, which moves on each time; 0 for one that stays
 * @tries: exchanges so far
 */
struct storer {
	u64 guest;
	unsigned int tries;
};

/* Lets an exchange succeed at last, so that a walk without bound ends, too. */
static bool storer_cmpxchg(u64 hpa, u64 *expected, u64 val, bool *swapped)
{
	struct storer *s = kunit_get_current_test()->priv;

	*swapped = ++s->tries > 1000;
	if (s->guest && s->guest < BIT_ULL(38)) {
		s->guest += GPA_STEP;
		*expected = s->guest | FS_URW;
	}
	return true;
}

static void store_end(void *unused)
{
	WRITE_ONCE(vtdsim_mem_cmpxchg64_stub, NULL);
}

static void store_begin(struct kunit *test, struct storer *s)
{
	test->priv = s;
	WRITE_ONCE(vtdsim_mem_cmpxchg64_stub, storer_cmpxchg);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, store_end, NULL), 0);
}

/* Software stores into an entry all the time: the walk gives up. */
static void store_second(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	struct storer s = {};

	vtdsim_test_walk_init(w, test, VTDSIM_PGTT_SECOND, 0, 3);
	w->pe.ssade = true;
	vtdsim_test_ss_map(w, ADDR, OUT | SS_RW, 1);
	store_begin(test, &s);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_second(w, ADDR, true, true), VTDSIM_FR_SS_AD_UPDATE);
	KUNIT_EXPECT_LT(test, s.tries, 100);
}

static void store_first(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	struct storer s = {};

	vtdsim_test_walk_init(w, test, VTDSIM_PGTT_FIRST, 4, 0);
	vtdsim_test_fs_map(w, ADDR, OUT | FS_URW, 1);
	store_begin(test, &s);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, true), VTDSIM_FR_FS_AD_UPDATE);
	KUNIT_EXPECT_LT(test, s.tries, 100);
}

/*
 * A guest that stores another address each time has the unit meet more second-stage
 * tables than a request has room for in the caches. They are not cached, and nothing
 * else happens.
 */
static void store_nested(struct kunit *test)
{
	struct vtdsim_test_walk *w = vtdsim_test_walk_new(test);
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	struct storer s = { .guest = BIT_ULL(30) };
	u64 guest;

	vtdsim_test_walk_init(w, test, VTDSIM_PGTT_NESTED, 4, 4);
	w->walk.cache = unit->cache;
	for (guest = s.guest; guest <= BIT_ULL(38); guest += GPA_STEP)
		vtdsim_test_ss_map(w, guest, OUT | SS_RW, 1);
	vtdsim_test_fs_map(w, ADDR, s.guest | FS_URW, 1);
	/* So that nothing but the dirty flag of the leaf is left to set */
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, false), 0);
	vtdsim_inv_iotlb_all(unit->cache);
	store_begin(test, &s);
	KUNIT_EXPECT_EQ(test, vtdsim_test_walk_first(w, ADDR, true, true), VTDSIM_FR_FS_AD_UPDATE);
	KUNIT_EXPECT_LT(test, s.tries, 100);
	KUNIT_EXPECT_EQ(test, unit->cache->free_count, 0);
}

static struct kunit_case race_cases[] = {
	KUNIT_CASE(store_second),
	KUNIT_CASE(store_first),
	KUNIT_CASE(store_nested),
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
