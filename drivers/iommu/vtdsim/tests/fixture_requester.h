/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test fixture: an endpoint as a unit knows it, which remembers what the unit told
 * it.
 */
#ifndef _VTDSIM_TEST_FIXTURE_REQUESTER_H
#define _VTDSIM_TEST_FIXTURE_REQUESTER_H

#include <kunit/test.h>

#include "vtdsim.h"

/**
 * struct vtdsim_test_requester - the endpoint
 * @requester: as the unit knows it
 * @inv: the last device-TLB invalidation
 * @invs: number of them
 * @addrs: addresses of the first of them, in the order of their arrival
 * @epoch: number that changes when it forgets all translations
 * @slow: an invalidation is not complete at once
 * @resp: the last page group response
 * @responses: number of them
 * @invs_before: number of invalidations before the last response
 * @responses_before: number of responses before the last invalidation
 */
struct vtdsim_test_requester {
	struct vtdsim_requester requester;
	struct vtdsim_devtlb_inv inv;
	unsigned int invs;
	u64 addrs[VTDSIM_ITAGS];
	u32 epoch;
	bool slow;
	struct vtdsim_page_response resp;
	unsigned int responses;
	unsigned int invs_before;
	unsigned int responses_before;
};

struct vtdsim_test_requester *vtdsim_test_requester_new(struct kunit *test,
							struct vtdsim_unit *unit, u16 sid);

#endif /* _VTDSIM_TEST_FIXTURE_REQUESTER_H */
