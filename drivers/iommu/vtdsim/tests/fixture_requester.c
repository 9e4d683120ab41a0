// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test fixture: an endpoint as a unit knows it, see fixture_requester.h.
 */
#include "fixture_requester.h"

static bool remember_invalidation(struct vtdsim_requester *requester,
				  const struct vtdsim_devtlb_inv *inv)
{
	struct vtdsim_test_requester *r =
		container_of(requester, struct vtdsim_test_requester, requester);

	r->inv = *inv;
	r->responses_before = r->responses;
	if (r->invs < ARRAY_SIZE(r->addrs))
		r->addrs[r->invs] = inv->addr;
	r->invs++;
	return !r->slow;
}

static void remember_response(struct vtdsim_requester *requester,
			      const struct vtdsim_page_response *resp)
{
	struct vtdsim_test_requester *r =
		container_of(requester, struct vtdsim_test_requester, requester);

	r->resp = *resp;
	r->invs_before = r->invs;
	r->responses++;
}

static u32 requester_epoch(struct vtdsim_requester *requester)
{
	return container_of(requester, struct vtdsim_test_requester, requester)->epoch;
}

static const struct vtdsim_requester_ops remember_ops = {
	.invalidate = remember_invalidation,
	.respond = remember_response,
	.epoch = requester_epoch,
};

/**
 * vtdsim_test_requester_new() - put an endpoint behind a unit
 * @test: the test
 * @unit: the unit
 * @sid: source-id
 *
 * Context: A test; fails it without memory. Takes the unit's lock.
 * Return: the endpoint, which goes with the unit when the test ends.
 */
struct vtdsim_test_requester *vtdsim_test_requester_new(struct kunit *test,
							struct vtdsim_unit *unit, u16 sid)
{
	struct vtdsim_test_requester *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, r);
	r->requester.ops = &remember_ops;
	r->requester.sid = sid;
	r->epoch = 1;
	vtdsim_requester_add(unit, &r->requester);
	return r;
}
