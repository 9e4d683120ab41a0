/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test fixture: page walks. A PASID entry with empty paging structures, and the
 * walks that the model does with it.
 */
#ifndef _VTDSIM_TEST_FIXTURE_WALK_H
#define _VTDSIM_TEST_FIXTURE_WALK_H

#include "fixture_tables.h"
#include "fixture_unit.h"

/**
 * struct vtdsim_test_walk - a PASID entry with its paging structures
 * @test: the test
 * @caps: capabilities, all that a walk can use; width 57 and 46 bits
 * @pe: PASID entry
 * @walk: what the model's walk is given
 * @req: a user request that reads
 * @map: result of the last walk
 * @guest: memory that first-stage tables are in when nested
 */
struct vtdsim_test_walk {
	struct kunit *test;
	struct vtdsim_caps caps;
	struct vtdsim_pasid pe;
	struct vtdsim_walk walk;
	struct vtdsim_req req;
	struct vtdsim_map map;
	struct vtdsim_test_guest guest;
};

void vtdsim_test_walk_init(struct vtdsim_test_walk *w, struct kunit *test, u8 pgtt, u8 fs_levels,
			   u8 ss_levels);
struct vtdsim_test_walk *vtdsim_test_walk_new(struct kunit *test);
u64 *vtdsim_test_ss_entry(struct vtdsim_test_walk *w, u64 addr, int level);
u64 *vtdsim_test_fs_entry(struct vtdsim_test_walk *w, u64 addr, int level);
u64 *vtdsim_test_ss_map(struct vtdsim_test_walk *w, u64 addr, u64 out, int level);
u64 *vtdsim_test_fs_map(struct vtdsim_test_walk *w, u64 addr, u64 out, int level);
u64 *vtdsim_test_ss_of_table(struct vtdsim_test_walk *w, u64 addr, int level);
void vtdsim_test_expect_full(struct vtdsim_test_walk *w);
u8 vtdsim_test_walk_second(struct vtdsim_test_walk *w, u64 addr, bool read, bool write);
u8 vtdsim_test_walk_first(struct vtdsim_test_walk *w, u64 addr, bool read, bool write);

#endif /* _VTDSIM_TEST_FIXTURE_WALK_H */
