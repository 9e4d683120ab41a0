// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test fixture: an endpoint of any kind, see fixture_kind.h.
 */
#include <kunit/static_stub.h>
#include <linux/string.h>

#include "fixture_kind.h"

static int memory_request(struct vtdsim_endpoint *ep, const struct vtdsim_req *req, void *data,
			  size_t len, struct vtdsim_outcome *out)
{
	struct kunit *test = kunit_get_current_test();
	struct vtdsim_test_kind *k = container_of(ep, struct vtdsim_test_kind, ep);
	u64 at = req->addr - TEST_MEMORY;

	k->requests++;
	if (k->during)
		k->during(k);
	KUNIT_EXPECT_EQ(test, req->sid, SID);
	KUNIT_EXPECT_FALSE(test, req->with_pasid);
	KUNIT_EXPECT_LE(test, req->addr % SZ_4K + len, SZ_4K);
	if (at >= TEST_MEMORY_BYTES || (k->blocked && req->addr / SZ_4K == k->blocked / SZ_4K))
		return -EFAULT;
	if (req->read)
		memcpy(data, k->memory + at, len);
	else
		memcpy(k->memory + at, data, len);
	return 0;
}

/**
 * vtdsim_test_kind_new() - make an endpoint that may master the bus
 * @test: the test
 * @kind: what it is to be
 *
 * It has been reset, and its memory is all zero.
 *
 * Context: A test; fails it without memory.
 * Return: the endpoint.
 */
struct vtdsim_test_kind *vtdsim_test_kind_new(struct kunit *test,
					      const struct vtdsim_endpoint_kind *kind)
{
	struct vtdsim_test_kind *k = kunit_kzalloc(test, sizeof(*k), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, k);
	vtdsim_test_kind_init(test, &k->ep, kind, vtdsim_test_unit(test), SID);
	vtdsim_endpoint_reset(&k->ep);
	kunit_activate_static_stub(test, vtdsim_endpoint_request, memory_request);
	return k;
}

/**
 * vtdsim_test_poll() - have an endpoint look until there is nothing left to do
 * @k: the endpoint
 *
 * Work that a reset or a command has stopped counts as nothing, and the endpoint sees
 * that one only when it looks again.
 *
 * Context: A test. Takes the unit's lock.
 * Return: how often it did something.
 */
unsigned int vtdsim_test_poll(struct vtdsim_test_kind *k)
{
	unsigned int n = 0, idle = 0;

	while (idle < 2) {
		if (vtdsim_endpoint_poll(&k->ep) == VTDSIM_ENDPOINT_BUSY)
			n++;
		else
			idle++;
	}
	return n;
}

/**
 * vtdsim_test_flr() - initiate a Function Level Reset
 * @k: the endpoint
 *
 * The endpoint ends the reset when it looks next.
 *
 * Context: A test. Takes the function's lock.
 */
void vtdsim_test_flr(struct vtdsim_test_kind *k)
{
	vtdsim_function_write(&k->ep.fn, k->ep.fn.express + 8, 0x8000, 2);
}
