// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unmapping while a device that does not nest is attached or detached. The driver
 * is at fault here, with and without the extension, so this is not run with the
 * other tests: see Documentation/driver-api/iommu-vtd/findings.rst.
 */
#include "kselftest_harness.h"
#include "nested_race.h"

#define ROUNDS	50U

FIXTURE(race)
{
	struct race r;
};

/**
 * struct race - tables that a device is attached to
 * @parent: a second stage that others could nest on; else the driver's choice
 */
FIXTURE_VARIANT(race)
{
	bool parent;
};

FIXTURE_VARIANT_ADD(race, flat) { .parent = false };
FIXTURE_VARIANT_ADD(race, second_stage) { .parent = true };

FIXTURE_SETUP(race)
{
	struct race *r = &self->r;

	NESTED_SETUP(return, race_open, r, 1);
	r->iova = RACE_GPA;
	r->table = r->n.parent;
	if (!variant->parent)
		ASSERT_EQ(0, nested_hwpt_alloc(&r->n, 0, 0, &r->table));
}

FIXTURE_TEARDOWN(race)
{
	race_close(&self->r);
}

TEST_F_TIMEOUT(race, unmapped_while_detached, 600)
{
	EXPECT_EQ(0, race_detach_rounds(&self->r, ROUNDS));
}

TEST_F_TIMEOUT(race, unmapped_while_attached, 600)
{
	EXPECT_EQ(0, race_attach_rounds(&self->r, ROUNDS));
}

TEST_HARNESS_MAIN
