// SPDX-License-Identifier: GPL-2.0-only
/*
 * One stage-1 table for devices behind three units (vtdsim=gnr,endpoints=1 three times over): what
 * is invalidated for one of them is for all, with one submission to each unit, and none to a unit
 * whose device is gone.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "kselftest_harness.h"
#include "nested.h"
#include "sysfs.h"

#define UNITS	3

/* A counter of the unit with that number; zero if there is no such unit */
static __u64 counter(int unit, const char *name)
{
	char path[PATH_MAX], number[12] = "";
	__u64 val = 0;

	if (unit)
		snprintf(number, sizeof(number), "%d", unit);
	snprintf(path, sizeof(path), "/sys/kernel/debug/vtdsim%s/%s", number, name);
	sysfs_read_u64(path, &val);
	return val;
}

/* Are the devices behind the units of their numbers? */
static bool has_unit_each(struct nested *n)
{
	__u64 before;
	int i;

	for (i = 0; i < UNITS; i++) {
		before = counter(i, "requests");
		nested_see(n, i, NESTED_IOVA);
		if (counter(i, "requests") == before)
			return false;
	}
	return true;
}

FIXTURE(units)
{
	struct nested n;
	struct nested_s1 s1;
	__u64 old, new;
	__u64 doorbells[UNITS], waits[UNITS];
};

FIXTURE_SETUP(units)
{
	struct nested *n = &self->n;
	int i;

	NESTED_SETUP(return, nested_open, n, UNITS);
	ASSERT_EQ(0, nested_s1_create(n, &self->s1, 4));
	for (i = 0; i < UNITS; i++)
		ASSERT_EQ(0, vfio_attach(&n->dev[i], self->s1.hwpt));
	self->old = nested_page(n);
	self->new = nested_page(n);
	stage1_map(&self->s1.t, NESTED_IOVA, self->old, S1_4K, S1_RW);
	if (!has_unit_each(n)) {
		nested_finish(n);
		SKIP(return, "needs a device behind each of three units, and debugfs");
	}
	stage1_map(&self->s1.t, NESTED_IOVA, self->new, S1_4K, S1_RW);
	for (i = 0; i < UNITS; i++) {
		ASSERT_EQ(self->old, nested_see(n, i, NESTED_IOVA));
		self->doorbells[i] = counter(i, "doorbells");
		self->waits[i] = counter(i, "waits");
	}
}

FIXTURE_TEARDOWN(units)
{
	EXPECT_EQ(0, nested_finish(&self->n));
}

TEST_F(units, one_submission_to_each)
{
	struct nested *n = &self->n;
	int i;

	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 1, 0));
	for (i = 0; i < UNITS; i++) {
		EXPECT_EQ(1, counter(i, "doorbells") - self->doorbells[i]);
		EXPECT_EQ(1, counter(i, "waits") - self->waits[i]);
		EXPECT_EQ(self->new, nested_see(n, i, NESTED_IOVA));
	}
}

/* What is in front of a bad request is done on all units, and nothing behind it on any. */
TEST_F(units, as_far_as_the_bad_one)
{
	struct iommu_hwpt_vtd_s1_invalidate inv[] = {
		{ .addr = NESTED_IOVA, .npages = 1 },
		{ .addr = NESTED_IOVA, .npages = 0 },
		{ .addr = NESTED_IOVA + PAGE, .npages = 1 },
	};
	struct nested *n = &self->n;
	__u32 num = 3;
	int i;

	stage1_map(&self->s1.t, NESTED_IOVA + PAGE, self->old, S1_4K, S1_RW);
	for (i = 0; i < UNITS; i++)
		ASSERT_EQ(self->old, nested_see(n, i, NESTED_IOVA + PAGE));
	stage1_map(&self->s1.t, NESTED_IOVA + PAGE, self->new, S1_4K, S1_RW);
	ASSERT_EQ(-EINVAL, iommufd_hwpt_invalidate(n->iommufd, self->s1.hwpt, inv, &num));
	EXPECT_EQ(1, num);
	for (i = 0; i < UNITS; i++) {
		EXPECT_EQ(self->new, nested_see(n, i, NESTED_IOVA));
		EXPECT_EQ(self->old, nested_see(n, i, NESTED_IOVA + PAGE));
	}
	EXPECT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA + PAGE, 1, 0));
}

/* The device of one unit is detached. The others stay as they were. */
TEST_F(units, none_to_a_unit_without_a_device)
{
	struct nested *n = &self->n;
	int gone, i;

	for (gone = 0; gone < UNITS; gone++) {
		ASSERT_EQ(0, vfio_detach(&n->dev[gone]));
		for (i = 0; i < UNITS; i++)
			self->doorbells[i] = counter(i, "doorbells");
		ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 1, 0));
		for (i = 0; i < UNITS; i++) {
			EXPECT_EQ(i != gone, counter(i, "doorbells") - self->doorbells[i]);
			if (i == gone)
				continue;
			EXPECT_EQ(self->new, nested_see(n, i, NESTED_IOVA));
		}
		EXPECT_TRUE(nested_blocked(n, gone, NESTED_IOVA));
		ASSERT_EQ(0, vfio_attach(&n->dev[gone], self->s1.hwpt));
		EXPECT_EQ(self->new, nested_see(n, gone, NESTED_IOVA));
	}
}

/* Nothing of the host's memory is left in any unit when it is unmapped. */
TEST_F(units, stage2_unmapped)
{
	struct nested *n = &self->n;
	int i;

	nested_stamp(n, NESTED_HIGH_GPA);
	stage1_map(&self->s1.t, NESTED_IOVA + PAGE, NESTED_HIGH_GPA, S1_4K, S1_RW);
	for (i = 0; i < UNITS; i++)
		ASSERT_EQ(NESTED_HIGH_GPA, nested_see(n, i, NESTED_IOVA + PAGE));
	ASSERT_EQ(0, nested_unmap_half(n, NESTED_HIGH_HALF));
	for (i = 0; i < UNITS; i++)
		EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT), nested_see(n, i, NESTED_IOVA + PAGE));
	ASSERT_EQ(0, nested_map_half(n, NESTED_HIGH_HALF));
	EXPECT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 1, 0));
}

TEST_HARNESS_MAIN
