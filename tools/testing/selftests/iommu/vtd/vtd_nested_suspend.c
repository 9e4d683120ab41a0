// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suspend to memory and resume, while devices are attached to nested page tables. The
 * simulated unit and its endpoints lose power, and with it everything that is not in
 * memory: the kernel has to bring back what user space has set up.
 *
 * The machine is suspended up to the last step that needs no firmware to wake it up
 * (/sys/power/pm_test).
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "counters.h"
#include "kselftest_harness.h"
#include "nested_event.h"
#include "nested_pri.h"
#include "sysfs.h"

#define POWER		"/sys/power/"
#define TEST_DELAY	"/sys/module/suspend/parameters/pm_test_delay"

FIXTURE(suspend)
{
	struct faulting f;
	struct nested *n;
	struct nested_s1 s1;
	__u64 page;
	int irq;
};

/*
 * Suspends to memory as far as @level says, and resumes. Returns 0, a negative errno, or
 * -EOPNOTSUPP if this kernel or this machine cannot.
 */
static int suspend_to(const char *state, const char *level)
{
	int ret;

	if (sysfs_write(POWER "mem_sleep", "deep") || sysfs_write(TEST_DELAY, "0") ||
	    sysfs_write(POWER "pm_test", level))
		return -EOPNOTSUPP;
	ret = sysfs_write(POWER "state", state);
	return sysfs_write(POWER "pm_test", "none") ?: ret;
}

static int suspend_to_memory(void)
{
	return suspend_to("mem", "core");
}

/* Is the last level there? Without it nothing here can be tested. */
static bool can_suspend(void)
{
	char states[64];

	if (sysfs_read(POWER "mem_sleep", states, sizeof(states)) || !strstr(states, "deep"))
		return false;
	return !sysfs_read(POWER "pm_test", states, sizeof(states)) && strstr(states, "core");
}

/* The first device has @s1, the second one the nest parent. */
FIXTURE_SETUP(suspend)
{
	struct nested *n = &self->f.n;

	if (!can_suspend())
		SKIP(return, "no suspend to memory, or no /sys/power/pm_test");
	NESTED_SETUP(return, faulting_open, &self->f);
	self->n = n;
	self->irq = event_create();
	ASSERT_LE(0, self->irq);
	ASSERT_EQ(0, nested_s1_create_mapped(n, &self->s1, &self->page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], n->parent));
	ASSERT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(self->page, nested_see(n, 1, self->page));
}

FIXTURE_TEARDOWN(suspend)
{
	EXPECT_EQ(0, vtdsim_audit());
	EXPECT_EQ(0, faulting_close(&self->f));
	close(self->irq);
}

/* Both devices find what they are attached to, and nothing else. */
TEST_F(suspend, attached_stays_attached)
{
	struct nested *n = self->n;
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, suspend_to_memory());
		EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
		EXPECT_EQ(0, nested_poke(n, 0, NESTED_IOVA, self->page));
		EXPECT_EQ(self->page, nested_see(n, 1, self->page));
		EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, NESTED_IOVA + PAGE));
		EXPECT_TRUE(nested_blocked(n, 1, NESTED_IOVA));
	}
}

/* Nothing was kept in the unit, nor in a device TLB: nobody has invalidated the page. */
TEST_F(suspend, nothing_is_stale)
{
	struct nested *n = self->n;
	__u64 page = nested_page(n);

	ASSERT_NE(0, page);
	stage1_map(&self->s1.t, NESTED_IOVA, page, S1_4K, S1_RW);
	ASSERT_EQ(0, suspend_to_memory());
	EXPECT_EQ(page, nested_see(n, 0, NESTED_IOVA));
}

/* The queue works, and invalidations reach the unit and the device TLB. */
TEST_F(suspend, invalidations_go_on)
{
	struct nested *n = self->n;
	__u64 page, before, after;
	int i;

	ASSERT_EQ(0, suspend_to_memory());
	for (i = 0; i < 300; i++) {
		page = i % 2 ? self->page : nested_page(n);
		ASSERT_NE(0, page);
		stage1_map(&self->s1.t, NESTED_IOVA, page, S1_4K, S1_RW);
		ASSERT_EQ(0, vtdsim_counter("waits", &before));
		ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 1, 0));
		ASSERT_EQ(0, vtdsim_counter("waits", &after));
		EXPECT_LT(before, after);
		ASSERT_EQ(page, nested_see(n, 0, NESTED_IOVA));
	}
}

/* Attach, replace and detach, and stage 2: what was made before and what is made now */
TEST_F(suspend, tables_can_be_changed)
{
	struct nested *n = self->n;
	struct nested_s1 other;
	__u64 page;

	ASSERT_EQ(0, suspend_to_memory());
	ASSERT_EQ(0, nested_s1_create_mapped(n, &other, &page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], other.hwpt));
	EXPECT_EQ(page, nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], self->s1.hwpt));
	EXPECT_EQ(self->page, nested_see(n, 1, NESTED_IOVA));
	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	EXPECT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, nested_unmap_half(n, NESTED_LOW_HALF));
	EXPECT_TRUE(nested_blocked(n, 1, NESTED_IOVA));
	ASSERT_EQ(0, nested_map_half(n, NESTED_LOW_HALF));
	EXPECT_EQ(self->page, nested_see(n, 1, NESTED_IOVA));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], n->parent));
	EXPECT_EQ(page, nested_see(n, 0, page));
}

/* A device that is blocked stays so. */
TEST_F(suspend, detached_stays_blocked)
{
	struct nested *n = self->n;

	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	ASSERT_EQ(0, suspend_to_memory());
	EXPECT_TRUE(nested_blocked(n, 0, NESTED_IOVA));
	EXPECT_TRUE(nested_blocked(n, 0, self->page));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
}

TEST_F(suspend, interrupts_arrive)
{
	const struct endpoint_cmd cmd = { .op = VTDSIM_EP_OP_NOP, .flags = VTDSIM_EP_F_MSI };
	struct nested *n = self->n;

	ASSERT_EQ(0, vfio_msi_enable(&n->dev[0], self->irq));
	ASSERT_EQ(0, suspend_to_memory());
	ASSERT_EQ(0, endpoint_run(&n->dev[0], &cmd, &n->last));
	EXPECT_EQ(1, event_count(self->irq, EVENT_PATIENCE_MS));
}

/* Page requests reach user space, and answers the device. */
TEST_F(suspend, pages_are_requested)
{
	struct faulting *f = &self->f;
	int i;

	ASSERT_EQ(0, vfio_attach(&self->n->dev[0], f->s1.hwpt));
	EXPECT_EQ(0, faulting_fault_in(f, 0, FAULTING_MISSING));
	for (i = 1; i < 4; i++) {
		ASSERT_EQ(0, suspend_to_memory());
		EXPECT_EQ(0, faulting_fault_in(f, 0, FAULTING_MISSING + i * PAGE));
	}
}

/* To idle: devices are put into D3hot, and the unit keeps what it has. */
TEST_F(suspend, idle_keeps_power)
{
	const struct endpoint_cmd cmd = { .op = VTDSIM_EP_OP_NOP, .flags = VTDSIM_EP_F_MSI };
	struct nested *n = self->n;

	ASSERT_EQ(0, vfio_msi_enable(&n->dev[0], self->irq));
	ASSERT_EQ(0, suspend_to("freeze", "platform"));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(self->page, nested_see(n, 1, self->page));
	ASSERT_EQ(0, endpoint_run(&n->dev[0], &cmd, &n->last));
	EXPECT_EQ(1, event_count(self->irq, EVENT_PATIENCE_MS));
	stage1_set(stage1_entry(&self->s1.t, NESTED_IOVA, 1), 0);
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 1, 0));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, NESTED_IOVA));
}

TEST_HARNESS_MAIN
