// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that get a stage-1 table, or lose it, while another thread changes the
 * nest parent: unmaps guest memory, or switches dirty tracking.
 */
#include "kselftest_harness.h"
#include "nested_event.h"
#include "nested_race.h"
#include "nested_tracked.h"
#include "sysfs.h"

FIXTURE(race)
{
	struct race r;
	struct nested_s1 s1;
};

FIXTURE_SETUP(race)
{
	struct race *r = &self->r;
	unsigned int i;

	NESTED_SETUP(return, race_open, r, 1);
	ASSERT_EQ(0, nested_s1_create(&r->n, &self->s1, 4));
	r->iova = NESTED_IOVA;
	r->table = self->s1.hwpt;
	for (i = 0; i < RACE_PAGES; i++)
		stage1_map(&self->s1.t, r->iova + i * PAGE, RACE_GPA + i * PAGE, S1_4K, S1_RW);
}

FIXTURE_TEARDOWN(race)
{
	EXPECT_EQ(0, race_close(&self->r));
}

TEST_F_TIMEOUT(race, unmapped_while_detached, 600)
{
	EXPECT_EQ(0, race_detach_rounds(&self->r, 20));
}

TEST_F_TIMEOUT(race, unmapped_while_attached, 600)
{
	EXPECT_EQ(0, race_attach_rounds(&self->r, 20));
}

#define TRACK_ROUNDS	100U

/**
 * struct switcher - who switches dirty tracking
 * @t: guest
 * @delay_ns: time to wait before
 * @on: what to switch it to
 * @ret: 0 or a negative errno
 */
struct switcher {
	struct tracked *t;
	__u64 delay_ns;
	bool on;
	int ret;
};

static bool switch_tracking(void *arg)
{
	struct switcher *s = arg;

	race_delay(s->delay_ns);
	s->ret = tracked_switch(s->t, s->on);
	return false;
}

FIXTURE(tracking)
{
	struct tracked t;
	struct nested_s1 other;
	struct switcher s;
	struct worker w;
};

/* The second device has a table of the same parent, so that switching takes a while. */
FIXTURE_SETUP(tracking)
{
	struct tracked *t = &self->t;

	NESTED_SETUP(return, tracked_open, t);
	ASSERT_EQ(0, sysfs_write("/sys/kernel/debug/vtdsim/queue_delay", "20000"));
	ASSERT_EQ(0, vfio_attach(&t->n.dev[1], t->s1.hwpt));
	ASSERT_EQ(0, tracked_table(t, &self->other));
	self->s.t = t;
}

FIXTURE_TEARDOWN(tracking)
{
	worker_stop(&self->w);
	EXPECT_EQ(0, sysfs_write("/sys/kernel/debug/vtdsim/queue_delay", "0"));
	EXPECT_EQ(0, nested_close(&self->t.n));
}

static int start_switch(struct worker *w, struct switcher *s, bool on, unsigned int round)
{
	s->on = on;
	s->delay_ns = round % 16 * 10000ULL;
	return worker_start(w, switch_tracking, s);
}

/* Whatever came first: tracking is on, and so the write is in the bitmap. */
TEST_F_TIMEOUT(tracking, switched_on_while_attached, 600)
{
	struct tracked *t = &self->t;
	struct nested *n = &t->n;
	unsigned int i, missing = 0, failed = 0;

	for (i = 0; i < TRACK_ROUNDS; i++) {
		ASSERT_EQ(0, start_switch(&self->w, &self->s, true, i));
		ASSERT_EQ(0, vfio_attach(&n->dev[0], self->other.hwpt));
		ASSERT_TRUE(worker_wait_ended(&self->w));
		worker_stop(&self->w);
		failed += self->s.ret != 0;
		ASSERT_EQ(0, nested_poke(n, 0, tracked_iova(1), i));
		ASSERT_EQ(0, tracked_read(t, 0));
		missing += !tracked_is_dirty(t, t->page[1]);
		ASSERT_EQ(0, tracked_switch(t, false));
		ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	}
	EXPECT_EQ(0, missing) TH_LOG("writes missing in %u of %u rounds", missing, i);
	EXPECT_EQ(0, failed) TH_LOG("switching failed in %u of %u rounds", failed, i);
}

TEST_F_TIMEOUT(tracking, switched_while_detached, 600)
{
	struct tracked *t = &self->t;
	struct nested *n = &t->n;
	unsigned int i, failed = 0;

	for (i = 0; i < TRACK_ROUNDS; i++) {
		ASSERT_EQ(0, vfio_attach(&n->dev[0], self->other.hwpt));
		ASSERT_EQ(0, start_switch(&self->w, &self->s, !(i & 1), i));
		ASSERT_EQ(0, vfio_detach(&n->dev[0]));
		ASSERT_TRUE(worker_wait_ended(&self->w));
		worker_stop(&self->w);
		failed += self->s.ret != 0;
	}
	EXPECT_EQ(0, failed) TH_LOG("switching failed in %u of %u rounds", failed, i);
}

TEST_HARNESS_MAIN
