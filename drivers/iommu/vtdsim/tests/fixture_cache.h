/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test fixture: entries put into a unit's caches, and looked up there, one by one.
 */
#ifndef _VTDSIM_TEST_FIXTURE_CACHE_H
#define _VTDSIM_TEST_FIXTURE_CACHE_H

#include <kunit/test.h>

#include "vtdsim.h"

void vtdsim_test_add_context(struct kunit *test, struct vtdsim_unit *unit, u16 sid,
			     const struct vtdsim_context *ctx);
bool vtdsim_test_has_context(struct vtdsim_unit *unit, u16 sid);
void vtdsim_test_add_pasid(struct kunit *test, struct vtdsim_unit *unit, u16 sid, u32 pasid,
			   u16 did);
bool vtdsim_test_has_pasid(struct vtdsim_unit *unit, u16 sid, u32 pasid);
void vtdsim_test_add_page(struct kunit *test, struct vtdsim_unit *unit, enum vtdsim_pgtt pgtt,
			  u16 did, u32 pasid, u64 addr);
bool vtdsim_test_has_page(struct vtdsim_unit *unit, enum vtdsim_pgtt pgtt, u16 did, u32 pasid,
			  u64 addr);

#endif /* _VTDSIM_TEST_FIXTURE_CACHE_H */
