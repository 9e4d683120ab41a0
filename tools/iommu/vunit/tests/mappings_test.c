// SPDX-License-Identifier: GPL-2.0-only
/* The tree of mappings. */
#include <malloc.h>
#include <stdlib.h>

#include "../../util.h"
#include "../mappings.h"
#include "harness.h"

#define SLOTS	600

static int map_slot(struct vunit_mappings *maps, __u64 slot)
{
	const struct vunit_mapping m = {
		.start = slot * 2 * PAGE,
		.last = slot * 2 * PAGE + PAGE - 1,
		.gpa = (SLOTS - slot) * PAGE,
		.rights = 1 + slot % 3,
	};

	return vunit_mappings_add(maps, &m);
}

/* Random insertions and removals, compared with an array. */
static void test_random(void)
{
	struct vunit_mappings maps = {};
	bool there[SLOTS] = {};
	unsigned int seed = 7, i, slot, next;
	struct vunit_mapping m;

	for (i = 0; i < 20000; i++) {
		seed = seed * 1103515245 + 12345;
		slot = (seed >> 8) % SLOTS;
		if (there[slot])
			vunit_mappings_remove(&maps, slot * 2 * PAGE);
		else
			EXPECT_EQ(map_slot(&maps, slot), 0);
		there[slot] = !there[slot];
		if (i % 64)
			continue;
		EXPECT(vunit_mappings_valid(&maps));
		for (next = slot; next < SLOTS && !there[next]; next++)
			;
		EXPECT_EQ(vunit_mappings_next(&maps, slot * 2 * PAGE, &m), next < SLOTS);
		if (next == SLOTS)
			continue;
		EXPECT_EQ(m.start, next * 2 * PAGE);
		EXPECT_EQ(m.last, m.start + PAGE - 1);
		EXPECT_EQ(m.gpa, (SLOTS - next) * PAGE);
		EXPECT_EQ(m.rights, 1 + next % 3);
	}
	vunit_mappings_clear(&maps);
	EXPECT_EQ(maps.num, 0);
}

/* An address inside a mapping, at its ends, and behind the last one. */
static void test_next(void)
{
	struct vunit_mappings maps = {};
	struct vunit_mapping m;

	EXPECT(!vunit_mappings_next(&maps, 0, &m));
	EXPECT_EQ(map_slot(&maps, 3), 0);
	EXPECT_EQ(map_slot(&maps, 5), 0);
	EXPECT(vunit_mappings_next(&maps, 0, &m) && m.start == 6 * PAGE);
	EXPECT(vunit_mappings_next(&maps, 6 * PAGE + 5, &m) && m.start == 6 * PAGE);
	EXPECT(vunit_mappings_next(&maps, 7 * PAGE - 1, &m) && m.start == 6 * PAGE);
	EXPECT(vunit_mappings_next(&maps, 7 * PAGE, &m) && m.start == 10 * PAGE);
	EXPECT(!vunit_mappings_next(&maps, 11 * PAGE, &m));
	vunit_mappings_clear(&maps);
}

/* Sorted input is the worst for a tree that does not balance itself. */
static void test_memory(void)
{
	struct vunit_mappings maps = {};
	struct mallinfo2 before = mallinfo2(), after;
	unsigned int i, num = 100000;

	for (i = 0; i < num; i++)
		EXPECT_EQ(map_slot(&maps, i % SLOTS + i / SLOTS * SLOTS), 0);
	EXPECT(vunit_mappings_valid(&maps));
	after = mallinfo2();
	/* A checker of memory has an allocator of its own, which does not tell. */
	if (after.uordblks > before.uordblks) {
		printf("    # %zu bytes for each mapping\n",
		       (after.uordblks - before.uordblks) / num);
		EXPECT((after.uordblks - before.uordblks) / num <= 64);
	}
	vunit_mappings_clear(&maps);
}

static const struct test_case cases[] = {
	{ "random insertions and removals", test_random },
	{ "the next mapping", test_next },
	{ "memory of a mapping", test_memory },
	{}
};

const struct test_suite suite_mappings = { "mappings", cases };
