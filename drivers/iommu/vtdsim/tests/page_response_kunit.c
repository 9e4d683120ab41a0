// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of page group responses, from the invalidation queue to the
 * endpoint, and of draining page requests.
 */
#include "fixture_prq.h"
#include "kunit_case.h"

#define PP		BIT_ULL(4)
#define CODE(c)		((u64)(c) << 12)
#define LAST		BIT_ULL(2)	/* of older revisions; ignored */
#define GROUP(g)	((u64)(g) << 3)

static void prq_respond(struct vtdsim_test_prq *p, u16 sid, u64 group)
{
	ring_submit(p->ring, DESC_RESPONSE(sid) | PP | DESC_HIGH(PASID), GROUP(group));
}

static void expect_queue(struct kunit *test, struct vtdsim_test_prq *p, u32 iqei)
{
	KUNIT_EXPECT_EQ(test, !!(read32(p->unit, FSTS) & FSTS_IQE), !!iqei);
	KUNIT_EXPECT_EQ(test, read64(p->unit, IQERCD), iqei);
}

/* Each field at its ends, to the endpoint that the descriptor names */
static void response_fields(struct kunit *test)
{
	static const struct {
		u64 q0;
		u64 q1;
		struct vtdsim_page_response resp;
	} responses[] = {
		{ DESC_RESPONSE(0), 0, { } },
		{ DESC_RESPONSE(0) | PP, 0, { .with_pasid = true } },
		{ DESC_RESPONSE(0) | PP | DESC_HIGH(1), 0, { .pasid = 1, .with_pasid = true } },
		{ DESC_RESPONSE(0) | PP | DESC_HIGH(0xfffff), 0,
		  { .pasid = 0xfffff, .with_pasid = true } },
		{ DESC_RESPONSE(0) | CODE(1), 0, { .code = 1 } },
		{ DESC_RESPONSE(0) | CODE(0xf), 0, { .code = 0xf } },
		{ DESC_RESPONSE(0), GROUP(1), { .group = 1 } },
		{ DESC_RESPONSE(0), GROUP(0x1ff), { .group = 0x1ff } },
		{ DESC_RESPONSE(0), LAST, { } },
	};
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(responses); i++) {
		const struct vtdsim_page_response *resp = &responses[i].resp;
		struct vtdsim_test_requester *to = i % 2 ? p->b : p->a;

		ring_submit(p->ring, responses[i].q0 | DESC_RESPONSE(to->requester.sid),
			    responses[i].q1);
		KUNIT_EXPECT_EQ(test, to->responses, i / 2 + 1);
		KUNIT_EXPECT_EQ(test, to->resp.with_pasid, resp->with_pasid);
		KUNIT_EXPECT_EQ(test, to->resp.pasid, resp->pasid);
		KUNIT_EXPECT_EQ(test, to->resp.code, resp->code);
		KUNIT_EXPECT_EQ(test, to->resp.group, resp->group);
	}
	expect_queue(test, p, 0);
	KUNIT_EXPECT_EQ(test, p->unit->stats.page_responses,
			ARRAY_SIZE(responses));
}

static void response_reserved(struct kunit *test)
{
	static const u64 bits[4] = {
		GENMASK_ULL(63, 52) | GENMASK_ULL(8, 5),
		GENMASK_ULL(63, 12) | GENMASK_ULL(1, 0),
		~0ULL, ~0ULL,
	};
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);
	unsigned int i;
	u32 head;

	for (i = 0; i < 256; i++) {
		u64 q[4] = { DESC_RESPONSE(SID), };

		if (!(bits[i / 64] & BIT_ULL(i % 64)))
			continue;
		q[i / 64] |= BIT_ULL(i % 64);
		head = p->ring->tail;
		vtdsim_test_put4(p->ring, q[0], q[1], q[2], q[3]);
		ring_kick(p->ring);
		expect_queue(test, p, 4);
		KUNIT_EXPECT_EQ(test, read64(p->unit, IQH), head);
		vtdsim_test_expect_recovers(test, p->ring, head);
	}
	KUNIT_EXPECT_EQ(test, p->a->responses, 0);
}

/* The type is invalid without PRS, and with 128 bits. */
static void response_type(struct kunit *test)
{
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);

	p->unit->caps.ecap &= ~ECAP_PRS;
	ring_submit(p->ring, DESC_RESPONSE(SID), 0);
	expect_queue(test, p, 3);
	KUNIT_EXPECT_EQ(test, p->a->responses, 0);

	p = vtdsim_test_prq_new(test);
	p->unit->rtaddr &= PAGE_MASK;
	write64(p->unit, IQA, virt_to_phys(p->ring->mem));
	ring_submit(p->ring, DESC_RESPONSE(SID), 0);
	expect_queue(test, p, 3);
	KUNIT_EXPECT_EQ(test, p->a->responses, 0);
}

/* Groups of both endpoints, of one request and of two, with one response each */
static void response_answers(struct kunit *test)
{
	struct vtdsim_page_request req = page_at(0x1000);
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);

	req.group = 0x1ff;
	request_page(p, req);
	req.group = 0;
	req.last = false;
	request_page(p, req);
	req.last = true;
	request_page(p, req);
	req.sid = SID_B;
	req.with_pasid = false;
	request_page(p, req);

	ring_submit(p->ring, DESC_RESPONSE(SID_B) | DESC_HIGH(0x33), GROUP(0));
	prq_respond(p, SID, 0);
	prq_respond(p, SID, 0x1ff);
	KUNIT_EXPECT_EQ(test, p->a->responses, 2);
	KUNIT_EXPECT_EQ(test, p->b->responses, 1);
	KUNIT_EXPECT_EQ(test, p->unit->stats.violations, 0);
}

/* A group index used anew after a reset, while the first answer is under way */
static void answers_late(struct kunit *test)
{
	struct vtdsim_page_request req = page_at(0x1000);
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);

	request_page(p, req);
	req.with_pasid = false;
	request_page(p, req);
	ring_submit(p->ring, DESC_RESPONSE(SID), 0);
	KUNIT_EXPECT_EQ(test, p->unit->stats.violations, 0);
	prq_respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, p->unit->stats.violations, 0);

	/* The other way round, and one too many */
	request_page(p, req);
	request_page(p, page_at(0x1000));
	ring_submit(p->ring, DESC_RESPONSE(SID), 0);
	prq_respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, p->unit->stats.violations, 0);
	prq_respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, p->unit->stats.violations, 1);

	/* Nothing is outstanding any more, so the PASID counts again */
	request_page(p, req);
	prq_respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, p->unit->stats.violations, 2);
}

/* Each response breaks one rule, and reaches the endpoint. */
static void answers_wrong(struct kunit *test)
{
	struct vtdsim_page_request req = page_at(0x1000);
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);
	u64 *violations = &p->unit->stats.violations;

	/* No request; none of this group; none of this endpoint */
	prq_respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, *violations, 1);
	request_page(p, req);
	prq_respond(p, SID, 1);
	KUNIT_EXPECT_EQ(test, *violations, 2);
	prq_respond(p, SID_B, 0);
	KUNIT_EXPECT_EQ(test, *violations, 3);
	prq_respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, *violations, 3);
	prq_respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, *violations, 4);

	/* A request that is not the last; a stop marker; one that the unit answered */
	req.last = false;
	request_page(p, req);
	prq_respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, *violations, 5);
	req.last = true;
	req.read = false;
	request_page(p, req);
	prq_respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, *violations, 6);
	req.read = true;
	req.pasid = RID_PASID;
	request_page(p, req);
	ring_submit(p->ring, DESC_RESPONSE(SID) | PP | DESC_HIGH(RID_PASID), 0);
	KUNIT_EXPECT_EQ(test, *violations, 7);

	/* Another PASID, none, one too many, a reserved code */
	req.pasid = PASID;
	request_page(p, req);
	ring_submit(p->ring, DESC_RESPONSE(SID) | PP | DESC_HIGH(PASID + 1), 0);
	KUNIT_EXPECT_EQ(test, *violations, 8);
	request_page(p, req);
	ring_submit(p->ring, DESC_RESPONSE(SID) | DESC_HIGH(PASID), 0);
	KUNIT_EXPECT_EQ(test, *violations, 9);
	req.with_pasid = false;
	request_page(p, req);
	prq_respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, *violations, 10);
	request_page(p, req);
	ring_submit(p->ring, DESC_RESPONSE(SID) | CODE(2), 0);
	KUNIT_EXPECT_EQ(test, *violations, 11);
	request_page(p, req);
	ring_submit(p->ring, DESC_RESPONSE(SID) | CODE(0xe), 0);
	KUNIT_EXPECT_EQ(test, *violations, 12);
	KUNIT_EXPECT_EQ(test, p->a->responses, 13);

	/* No such endpoint */
	prq_respond(p, SID_NONE, 0);
	KUNIT_EXPECT_EQ(test, *violations, 13);
	vtdsim_requester_remove(p->unit, &p->b->requester);
	prq_respond(p, SID_B, 0);
	KUNIT_EXPECT_EQ(test, *violations, 14);
	KUNIT_EXPECT_EQ(test, p->b->responses, 1);
	expect_queue(test, p, 0);
}

/* Page requests are in the queue before a drain completes (section 7.7). */
static void response_drain(struct kunit *test)
{
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);
	u32 *status = p->ring->status;

	request_page(p, page_at(0x1000));
	ring_submit(p->ring, DESC_WAIT_WRITE(0x55) | WAIT_PD, virt_to_phys(status));
	KUNIT_EXPECT_EQ(test, *status, 0x55);
	KUNIT_EXPECT_EQ(test, read64(p->unit, PQT), 0x20);
	KUNIT_EXPECT_EQ(test, p->queue[1], 0x1005);
	expect_queue(test, p, 0);

	p->unit->caps.ecap &= ~ECAP_PDS;
	ring_submit(p->ring, DESC_WAIT_WRITE(0x66) | WAIT_PD, virt_to_phys(status));
	KUNIT_EXPECT_EQ(test, *status, 0x55);
	expect_queue(test, p, 4);
}

static struct kunit_case response_cases[] = {
	VTDSIM_CASE(response, fields),
	VTDSIM_CASE(response, reserved),
	VTDSIM_CASE(response, type),
	VTDSIM_CASE(response, answers),
	KUNIT_CASE(answers_late),
	KUNIT_CASE(answers_wrong),
	VTDSIM_CASE(response, drain),
	{}
};

static struct kunit_suite response_suite = {
	.name = "vtdsim-page-response",
	.test_cases = response_cases,
};

kunit_test_suite(response_suite);
