/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test fixture: an endpoint of any kind, whose requests go to memory of the test
 * instead of to a unit.
 */
#ifndef _VTDSIM_TEST_FIXTURE_KIND_H
#define _VTDSIM_TEST_FIXTURE_KIND_H

#include <linux/sizes.h>

#include "fixture_endpoint.h"

/* Where requests find memory: not a multiple of anything that a device may mask */
#define TEST_MEMORY		0x4321000ull
#define TEST_MEMORY_BYTES	SZ_32K

/**
 * struct vtdsim_test_kind - an endpoint and its memory
 * @ep: the endpoint; requests are of SID
 * @memory: what is at TEST_MEMORY
 * @blocked: requests to the page at this address are blocked, if it is not 0
 * @requests: how many there have been
 * @during: called before each request, unless NULL
 */
struct vtdsim_test_kind {
	struct vtdsim_endpoint ep;
	u8 memory[TEST_MEMORY_BYTES];
	u64 blocked;
	unsigned int requests;
	void (*during)(struct vtdsim_test_kind *k);
};

struct vtdsim_test_kind *vtdsim_test_kind_new(struct kunit *test,
					      const struct vtdsim_endpoint_kind *kind);
unsigned int vtdsim_test_poll(struct vtdsim_test_kind *k);
void vtdsim_test_flr(struct vtdsim_test_kind *k);

#endif /* _VTDSIM_TEST_FIXTURE_KIND_H */
