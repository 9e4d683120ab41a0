// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of page group responses, from the invalidation queue to the
 * endpoint, and of draining page requests.
 */
#include "prq_rig.h"

#define RESPONSE	0x9ULL
#define PP		BIT_ULL(4)
#define CODE(c)		((u64)(c) << 12)
#define RID(r)		((u64)(r) << 16)
#define HIGH(x)		((u64)(x) << 32)
#define LAST		BIT_ULL(2)	/* what software used to say; ignored */
#define GROUP(g)	((u64)(g) << 3)

#define WAIT		0x5ULL
#define WAIT_SW		BIT_ULL(5)
#define WAIT_PD		BIT_ULL(7)

static void respond(struct prq *p, u16 sid, u64 group)
{
	submit2(p, RESPONSE | PP | RID(sid) | HIGH(PASID), GROUP(group));
}

static void expect_queue(struct kunit *test, struct prq *p, u32 iqei)
{
	KUNIT_EXPECT_EQ(test, !!(read32(p->unit, FSTS) & FSTS_IQE), !!iqei);
	KUNIT_EXPECT_EQ(test, read64(p->unit, IQERCD), iqei);
}

/* Each field at its ends, to the endpoint that the descriptor names */
static void fields(struct kunit *test)
{
	static const struct {
		u64 q0;
		u64 q1;
		struct vtdsim_page_response resp;
	} responses[] = {
		{ RESPONSE, 0, { } },
		{ RESPONSE | PP, 0, { .with_pasid = true } },
		{ RESPONSE | PP | HIGH(1), 0, { .pasid = 1, .with_pasid = true } },
		{ RESPONSE | PP | HIGH(0xfffff), 0,
		  { .pasid = 0xfffff, .with_pasid = true } },
		{ RESPONSE | CODE(1), 0, { .code = 1 } },
		{ RESPONSE | CODE(0xf), 0, { .code = 0xf } },
		{ RESPONSE, GROUP(1), { .group = 1 } },
		{ RESPONSE, GROUP(0x1ff), { .group = 0x1ff } },
		{ RESPONSE, LAST, { } },
	};
	struct prq *p = prq_make(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(responses); i++) {
		const struct vtdsim_page_response *resp = &responses[i].resp;
		struct asker *to = i % 2 ? p->b : p->a;

		submit2(p, responses[i].q0 | RID(to->r.sid), responses[i].q1);
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

static void reserved(struct kunit *test)
{
	static const u64 bits[4] = {
		GENMASK_ULL(63, 52) | GENMASK_ULL(8, 5),
		GENMASK_ULL(63, 12) | GENMASK_ULL(1, 0),
		~0ULL, ~0ULL,
	};
	struct prq *p = prq_make(test);
	unsigned int i;

	for (i = 0; i < 256; i++) {
		u64 q[4] = { RESPONSE | RID(SID), };

		if (!(bits[i / 64] & BIT_ULL(i % 64)))
			continue;
		q[i / 64] |= BIT_ULL(i % 64);
		submit4(p, q[0], q[1], q[2], q[3]);
		expect_queue(test, p, 4);

		/* Clear the queue: it stopped at the bad one. */
		memset(p->iq, 0, PAGE_SIZE);
		p->iq[read64(p->unit, IQH) / sizeof(*p->iq)] = WAIT;
		write32(p->unit, FSTS, FSTS_IQE);
		KUNIT_EXPECT_EQ(test, read64(p->unit, IQH), p->iq_tail);
	}
	KUNIT_EXPECT_EQ(test, p->a->responses, 0);
}

/* No such descriptor without the feature, or among those of 128 bits */
static void type(struct kunit *test)
{
	struct prq *p = prq_make(test);

	p->unit->caps.ecap &= ~ECAP_PRS;
	submit2(p, RESPONSE | RID(SID), 0);
	expect_queue(test, p, 3);
	KUNIT_EXPECT_EQ(test, p->a->responses, 0);

	p = prq_make(test);
	p->unit->rtaddr &= PAGE_MASK;
	write64(p->unit, IQA, virt_to_phys(p->iq));
	submit2(p, RESPONSE | RID(SID), 0);
	expect_queue(test, p, 3);
	KUNIT_EXPECT_EQ(test, p->a->responses, 0);
}

/* Groups of both endpoints, of one request and of two, answered once each */
static void answers(struct kunit *test)
{
	struct vtdsim_page_request req = page_at(0x1000);
	struct prq *p = prq_make(test);

	req.group = 0x1ff;
	ask(p, req);
	req.group = 0;
	req.last = false;
	ask(p, req);
	req.last = true;
	ask(p, req);
	req.sid = SID_B;
	req.with_pasid = false;
	ask(p, req);

	submit2(p, RESPONSE | RID(SID_B) | HIGH(0x33), GROUP(0));
	respond(p, SID, 0);
	respond(p, SID, 0x1ff);
	KUNIT_EXPECT_EQ(test, p->a->responses, 2);
	KUNIT_EXPECT_EQ(test, p->b->responses, 1);
	KUNIT_EXPECT_EQ(test, p->unit->stats.violations, 0);
}

/* A group index used anew after a reset, while the first answer is under way */
static void answers_late(struct kunit *test)
{
	struct vtdsim_page_request req = page_at(0x1000);
	struct prq *p = prq_make(test);

	ask(p, req);
	req.with_pasid = false;
	ask(p, req);
	submit2(p, RESPONSE | RID(SID), 0);
	KUNIT_EXPECT_EQ(test, p->unit->stats.violations, 0);
	respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, p->unit->stats.violations, 0);

	/* The other way round, and one too many */
	ask(p, req);
	ask(p, page_at(0x1000));
	submit2(p, RESPONSE | RID(SID), 0);
	respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, p->unit->stats.violations, 0);
	respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, p->unit->stats.violations, 1);

	/* All clear: strict again */
	ask(p, req);
	respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, p->unit->stats.violations, 2);
}

/* Each breaks one rule; the endpoint gets it all the same. */
static void answers_wrong(struct kunit *test)
{
	struct vtdsim_page_request req = page_at(0x1000);
	struct prq *p = prq_make(test);
	u64 *violations = &p->unit->stats.violations;

	/* Nobody has asked, at all or in this group, or it was another */
	respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, *violations, 1);
	ask(p, req);
	respond(p, SID, 1);
	KUNIT_EXPECT_EQ(test, *violations, 2);
	respond(p, SID_B, 0);
	KUNIT_EXPECT_EQ(test, *violations, 3);
	respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, *violations, 3);
	respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, *violations, 4);

	/* Not the last of its group; a stop marker; answered by the unit */
	req.last = false;
	ask(p, req);
	respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, *violations, 5);
	req.last = true;
	req.read = false;
	ask(p, req);
	respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, *violations, 6);
	req.read = true;
	req.pasid = RID_PASID;
	ask(p, req);
	submit2(p, RESPONSE | PP | RID(SID) | HIGH(RID_PASID), 0);
	KUNIT_EXPECT_EQ(test, *violations, 7);

	/* Another PASID, none, one too many, a reserved code */
	req.pasid = PASID;
	ask(p, req);
	submit2(p, RESPONSE | PP | RID(SID) | HIGH(PASID + 1), 0);
	KUNIT_EXPECT_EQ(test, *violations, 8);
	ask(p, req);
	submit2(p, RESPONSE | RID(SID) | HIGH(PASID), 0);
	KUNIT_EXPECT_EQ(test, *violations, 9);
	req.with_pasid = false;
	ask(p, req);
	respond(p, SID, 0);
	KUNIT_EXPECT_EQ(test, *violations, 10);
	ask(p, req);
	submit2(p, RESPONSE | RID(SID) | CODE(2), 0);
	KUNIT_EXPECT_EQ(test, *violations, 11);
	ask(p, req);
	submit2(p, RESPONSE | RID(SID) | CODE(0xe), 0);
	KUNIT_EXPECT_EQ(test, *violations, 12);
	KUNIT_EXPECT_EQ(test, p->a->responses, 13);

	/* Nobody is there */
	respond(p, SID_NONE, 0);
	KUNIT_EXPECT_EQ(test, *violations, 13);
	vtdsim_requester_remove(p->unit, &p->b->r);
	respond(p, SID_B, 0);
	KUNIT_EXPECT_EQ(test, *violations, 14);
	KUNIT_EXPECT_EQ(test, p->b->responses, 1);
	expect_queue(test, p, 0);
}

/* Section 7.7: what a drain reports complete has been written. */
static void drain(struct kunit *test)
{
	struct prq *p = prq_make(test);
	u64 *status = rig_page(test);

	ask(p, page_at(0x1000));
	submit2(p, WAIT | WAIT_SW | WAIT_PD | HIGH(0x55), virt_to_phys(status));
	KUNIT_EXPECT_EQ(test, *status, 0x55);
	KUNIT_EXPECT_EQ(test, read64(p->unit, PQT), 0x20);
	KUNIT_EXPECT_EQ(test, p->queue[1], 0x1005);
	expect_queue(test, p, 0);

	p->unit->caps.ecap &= ~ECAP_PDS;
	submit2(p, WAIT | WAIT_SW | WAIT_PD | HIGH(0x66), virt_to_phys(status));
	KUNIT_EXPECT_EQ(test, *status, 0x55);
	expect_queue(test, p, 4);
}

static struct kunit_case response_cases[] = {
	KUNIT_CASE(fields),
	KUNIT_CASE(reserved),
	KUNIT_CASE(type),
	KUNIT_CASE(answers),
	KUNIT_CASE(answers_late),
	KUNIT_CASE(answers_wrong),
	KUNIT_CASE(drain),
	{}
};

static struct kunit_suite response_suite = {
	.name = "vtdsim-page-response",
	.test_cases = response_cases,
};

kunit_test_suite(response_suite);
