// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the page request queue: its entries, overflow, and its event.
 */
#include "fixture_cache.h"
#include "fixture_prq.h"
#include "kunit_case.h"
#include "queue/descriptors.h"

#define PRG_SUCCESS	0

static void entry_is(struct kunit *test, struct vtdsim_test_prq *p, unsigned int index, u64 q0,
		     u64 q1)
{
	const u64 *desc = p->queue + index * 4;

	KUNIT_EXPECT_EQ_MSG(test, desc[0], q0, "entry %u", index);
	KUNIT_EXPECT_EQ_MSG(test, desc[1], q1, "entry %u", index);
	KUNIT_EXPECT_EQ_MSG(test, desc[2] | desc[3], 0, "entry %u", index);
}

/* Lets through a PASID of a source-id. */
static void prq_allow(struct kunit *test, struct vtdsim_test_prq *p, u16 sid, u32 pasid)
{
	const struct vtdsim_context ctx = {
		.pasids = BIT(20), .rid_pasid = RID_PASID, .dte = true,
		.pasid_en = true, .pre = true,
	};

	vtdsim_test_add_context(test, p->unit, sid, &ctx);
	vtdsim_test_add_pasid(test, p->unit, sid, pasid, 1);
}

static void prq_layout(struct kunit *test)
{
	static const struct {
		struct vtdsim_page_request req;
		u64 q0;
		u64 q1;
	} pages[] = {
		{ { .pasid = 1, .with_pasid = true }, 0x100000101, 0 },
		{ { .pasid = 0xffffd, .with_pasid = true }, 0xffffd00000101, 0 },
		{ { .sid = 0x1234 }, 0x12340001, 0 },
		{ { .sid = 0xedcb }, 0xedcb0001, 0 },
		{ { .pasid = 1, .with_pasid = true, .exec = true },
		  0x10000100000101, 0 },
		{ { .pasid = 1, .with_pasid = true, .priv = true },
		  0x20000100000101, 0 },
		/* Fields that need a PASID are zero without one. */
		{ { .pasid = 0xfffff, .exec = true, .priv = true }, 0x1, 0 },
		{ { .read = true }, 0x1, 0x1 },
		{ { .write = true }, 0x1, 0x2 },
		{ { .last = true }, 0x1, 0x4 },
		{ { .group = 0x1 }, 0x1, 0x8 },
		{ { .group = 0x1ff }, 0x1, 0xff8 },
		{ { .addr = 0x1000 }, 0x1, 0x1000 },
		{ { .addr = ~0ULL }, 0x1, 0xfffffffffffff000 },
		{ { .addr = 0x123456789abcdef0, .pasid = 0x54321, .sid = 0x0110,
		    .group = 0x155, .with_pasid = true, .read = true,
		    .write = true, .last = true },
		  0x5432101100101, 0x123456789abcdaaf },
	};
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		const struct vtdsim_page_request *req = &pages[i].req;

		prq_allow(test, p, req->sid, req->with_pasid ? req->pasid : RID_PASID);
		memset(p->queue + i * 4, 0xff, PRQ_ENTRY_BYTES);
		request_page(p, *req);
		entry_is(test, p, i, pages[i].q0, pages[i].q1);
		KUNIT_EXPECT_EQ(test, read64(p->unit, PQT), (i + 1) * PRQ_ENTRY_BYTES);
	}
	KUNIT_EXPECT_EQ(test, p->unit->stats.page_requests, ARRAY_SIZE(pages));
	KUNIT_EXPECT_EQ(test, p->unit->stats.faults, 0);
}

/* A queue of two pages, and of one: the last entry, then the first again */
static void prq_wrap(struct kunit *test)
{
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);
	u64 *two = kunit_kzalloc(test, 2 * PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, two);
	write64(p->unit, PQH, 0xfe0);
	write64(p->unit, PQT, 0xfe0);
	request_page(p, page_at(0x1000));
	KUNIT_EXPECT_EQ(test, read64(p->unit, PQT), 0);
	request_page(p, page_at(0x2000));
	KUNIT_EXPECT_EQ(test, read64(p->unit, PQT), 0x20);
	entry_is(test, p, PRQ_ENTRIES - 1, 0x4601080101, 0x1005);
	entry_is(test, p, 0, 0x4601080101, 0x2005);

	write64(p->unit, PQA, virt_to_phys(two) | 1);
	write64(p->unit, PQH, 0xfe0);
	write64(p->unit, PQT, 0xfe0);
	request_page(p, page_at(0x1000));
	KUNIT_EXPECT_EQ(test, read64(p->unit, PQT), 0x1000);
	request_page(p, page_at(0x2000));
	KUNIT_EXPECT_EQ(test, two[512 + 1], 0x2005);
	write64(p->unit, PQH, 0x1fe0);
	write64(p->unit, PQT, 0x1fe0);
	request_page(p, page_at(0x3000));
	KUNIT_EXPECT_EQ(test, read64(p->unit, PQT), 0);
	KUNIT_EXPECT_EQ(test, two[1023 - 2], 0x3005);
}

static void prq_fill(struct vtdsim_test_prq *p)
{
	unsigned int i;

	for (i = 0; i < PRQ_ENTRIES - 1; i++)
		request_page(p, page_at((i + 1) * 0x1000));
}

static void prq_overflow(struct kunit *test)
{
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);
	struct vtdsim_page_request req = page_at(0x800000);

	prq_fill(p);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PRS), PRS_PPR);
	KUNIT_EXPECT_EQ(test, read64(p->unit, PQT), 0xfe0);
	KUNIT_EXPECT_EQ(test, p->unit->stats.prq_overflows, 0);

	/* One entry stays empty. The last request of a group is answered with success. */
	req.group = 7;
	request_page(p, req);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PRS), PRS_PPR | PRS_PRO);
	KUNIT_EXPECT_EQ(test, read64(p->unit, PQT), 0xfe0);
	entry_is(test, p, PRQ_ENTRIES - 1, 0, 0);
	KUNIT_EXPECT_EQ(test, p->a->responses, 1);
	KUNIT_EXPECT_EQ(test, p->a->resp.code, PRG_SUCCESS);
	KUNIT_EXPECT_EQ(test, p->a->resp.group, 7);
	KUNIT_EXPECT_EQ(test, p->a->resp.pasid, PASID);
	KUNIT_EXPECT_TRUE(test, p->a->resp.with_pasid);

	/* No response to a request that is not the last; no room until PRO is cleared. */
	req.last = false;
	request_page(p, req);
	KUNIT_EXPECT_EQ(test, p->a->responses, 1);
	write64(p->unit, PQH, 0x40);
	req.last = true;
	request_page(p, req);
	KUNIT_EXPECT_EQ(test, read64(p->unit, PQT), 0xfe0);
	KUNIT_EXPECT_EQ(test, p->a->responses, 2);
	req.read = false;
	request_page(p, req);
	KUNIT_EXPECT_EQ(test, p->a->responses, 2);
	KUNIT_EXPECT_EQ(test, p->unit->stats.prq_overflows, 4);
	KUNIT_EXPECT_EQ(test, p->unit->stats.faults, 0);

	write32(p->unit, PRS, PRS_PRO);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PRS), PRS_PPR);
	request_page(p, page_at(0x900000));
	entry_is(test, p, PRQ_ENTRIES - 1, 0x4601080101, 0x900005);
	KUNIT_EXPECT_EQ(test, read64(p->unit, PQT), 0);
	KUNIT_EXPECT_EQ(test, p->unit->stats.prq_overflows, 4);
	KUNIT_EXPECT_EQ(test, p->unit->stats.page_requests, PRQ_ENTRIES + 4);
}

/* Events address no CPU here, so only the pending bit shows. */
static void prq_event(struct kunit *test)
{
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);

	/* Masked: held pending until PPR is cleared */
	request_page(p, page_at(0x1000));
	KUNIT_EXPECT_EQ(test, read32(p->unit, PECTL), EVENT_IM | EVENT_IP);
	write32(p->unit, PRS, PRS_PPR);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PRS), 0);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PECTL), EVENT_IM);

	/* Held, and sent when unmasked; nothing new while PPR is set */
	request_page(p, page_at(0x2000));
	KUNIT_EXPECT_EQ(test, read32(p->unit, PECTL), EVENT_IM | EVENT_IP);
	write32(p->unit, PECTL, 0);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PECTL), 0);
	write32(p->unit, PECTL, EVENT_IM);
	request_page(p, page_at(0x3000));
	KUNIT_EXPECT_EQ(test, read32(p->unit, PECTL), EVENT_IM);

	/* Sent at once */
	write32(p->unit, PRS, PRS_PPR);
	write32(p->unit, PECTL, 0);
	request_page(p, page_at(0x4000));
	KUNIT_EXPECT_EQ(test, read32(p->unit, PECTL), 0);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PRS), PRS_PPR);
}

static void event_overflow(struct kunit *test)
{
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);

	prq_fill(p);
	write32(p->unit, PRS, PRS_PPR);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PECTL), EVENT_IM);
	request_page(p, page_at(0x1000));
	KUNIT_EXPECT_EQ(test, read32(p->unit, PRS), PRS_PRO);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PECTL), EVENT_IM | EVENT_IP);

	/* Acknowledged, room made, and two conditions at once */
	write32(p->unit, PRS, PRS_PRO);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PECTL), EVENT_IM);
	write64(p->unit, PQH, 0x20);
	request_page(p, page_at(0x1000));
	request_page(p, page_at(0x1000));
	KUNIT_EXPECT_EQ(test, read32(p->unit, PRS), PRS_PPR | PRS_PRO);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PECTL), EVENT_IM | EVENT_IP);
	write32(p->unit, PRS, PRS_PPR);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PECTL), EVENT_IM | EVENT_IP);
	write32(p->unit, PRS, PRS_PRO);
	KUNIT_EXPECT_EQ(test, read32(p->unit, PECTL), EVENT_IM);
}

#define ADDR	0x5000

/* Which of five translations are still cached? */
static unsigned int prq_left(struct kunit *test, struct vtdsim_test_prq *p)
{
	struct vtdsim_unit *unit = p->unit;

	return vtdsim_test_has_page(unit, VTDSIM_PGTT_FIRST, 1, PASID, ADDR) |
	       vtdsim_test_has_page(unit, VTDSIM_PGTT_FIRST, 1, PASID, 0x6000) << 1 |
	       vtdsim_test_has_page(unit, VTDSIM_PGTT_SECOND, 1, 0, ADDR) << 2 |
	       vtdsim_test_has_page(unit, VTDSIM_PGTT_SECOND, 1, 0, 0x6000) << 3 |
	       vtdsim_test_has_page(unit, VTDSIM_PGTT_FIRST, 2, PASID, ADDR) << 4;
}

static void prq_remember(struct kunit *test, struct vtdsim_test_prq *p)
{
	struct vtdsim_unit *unit = p->unit;

	vtdsim_test_add_page(test, unit, VTDSIM_PGTT_FIRST, 1, PASID, ADDR);
	vtdsim_test_add_page(test, unit, VTDSIM_PGTT_FIRST, 1, PASID, 0x6000);
	vtdsim_test_add_page(test, unit, VTDSIM_PGTT_SECOND, 1, 0, ADDR);
	vtdsim_test_add_page(test, unit, VTDSIM_PGTT_SECOND, 1, 0, 0x6000);
	vtdsim_test_add_page(test, unit, VTDSIM_PGTT_FIRST, 2, PASID, ADDR);
}

/* A page request invalidates (section 6.5.3.1). */
static void prq_invalidates(struct kunit *test)
{
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);
	u64 *root = vtdsim_test_page(test);

	prq_remember(test, p);
	KUNIT_EXPECT_EQ(test, prq_left(test, p), 0x1f);
	vtdsim_test_set_first(p->dma, PASID, 1, root);
	request_page(p, page_at(ADDR));
	KUNIT_EXPECT_EQ(test, prq_left(test, p), 0x1e);

	prq_remember(test, p);
	vtdsim_test_set_second(p->dma, PASID, 1, root);
	request_page(p, page_at(ADDR));
	KUNIT_EXPECT_EQ(test, prq_left(test, p), 0x18);

	prq_remember(test, p);
	vtdsim_test_set_nested(p->dma, PASID, 1, 0, root);
	request_page(p, page_at(ADDR));
	KUNIT_EXPECT_EQ(test, prq_left(test, p), 0x10);

	prq_remember(test, p);
	vtdsim_test_set_pass(p->dma, PASID, 1);
	request_page(p, page_at(ADDR));
	KUNIT_EXPECT_EQ(test, prq_left(test, p), 0x18);

	/* No invalidation if it is dropped */
	prq_remember(test, p);
	write64(p->unit, PQH, read64(p->unit, PQT) + PRQ_ENTRY_BYTES);
	request_page(p, page_at(ADDR));
	KUNIT_EXPECT_EQ(test, read32(p->unit, PRS), PRS_PPR | PRS_PRO);
	KUNIT_EXPECT_EQ(test, prq_left(test, p), 0x1f);
}

/* With pass-through, mappings in the range (table 27) */
static void prq_invalidates_pass(struct kunit *test)
{
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);
	struct vtdsim_cache *c = p->unit->cache;

	vtdsim_cache_add_pass(c, SID, PASID, 1, ADDR);
	vtdsim_cache_add_pass(c, SID, PASID, 1, ADDR + 0x1000);
	request_page(p, page_at(ADDR));
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_find_pass(c, SID, PASID, ADDR));
	KUNIT_EXPECT_TRUE(test, vtdsim_cache_find_pass(c, SID, PASID, ADDR + 0x1000));
}

/* A response invalidates nothing. */
static void prq_response_keeps(struct kunit *test)
{
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);
	u64 resp = VTDSIM_DESC_PAGE | VTDSIM_PAGE0_PP | SID << 16 | (u64)PASID << 32;

	vtdsim_test_set_nested(p->dma, PASID, 1, 0, vtdsim_test_page(test));
	request_page(p, page_at(ADDR));
	prq_remember(test, p);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_descriptor(p->unit, resp, 0));
	KUNIT_EXPECT_EQ(test, 1, p->a->responses);
	KUNIT_EXPECT_EQ(test, prq_left(test, p), 0x1f);
}

/* The endpoint's page request does not stand for an invalidation that software forgot. */
static void prq_excuses_nothing(struct kunit *test)
{
	struct vtdsim_test_prq *p = vtdsim_test_prq_new(test);
	u64 *second = vtdsim_test_page(test), *first = vtdsim_test_page(test);
	u64 *page = vtdsim_test_page(test), *pe = vtdsim_test_pasid_entry(p->dma, PASID);

	*page = 0x55;
	vtdsim_test_map_first(p->dma, first, ADDR, page, FS_URW);
	vtdsim_test_map_identity(test, second, page);
	vtdsim_test_map_tables(test, second, first, ADDR);
	vtdsim_test_set_nested(p->dma, PASID, 2, virt_to_phys(first), second);
	KUNIT_EXPECT_EQ(test, 0x55, vtdsim_test_read(p->dma, pasid_req(ADDR, PASID)));
	pe[2] |= PE_WPE;
	vtdsim_inv_pasid_all(p->unit->cache);
	request_page(p, page_at(ADDR));
	KUNIT_EXPECT_EQ(test, 1, vtdsim_audit(p->unit));
}

static void prq_registers(struct kunit *test)
{
	static const struct {
		u32 offset;
		u32 bits;
	} regs[] = {
		{ 0xc0, 0x7ffe0 }, { 0xc4, 0 }, { 0xc8, 0x7ffe0 }, { 0xcc, 0 },
		{ 0xd0, 0xfffff007 }, { 0xd4, 0xffffffff }, { 0xd8, 0 },
		{ 0xdc, 0 }, { 0xe0, EVENT_IM }, { 0xe4, 0xffff },
		{ 0xe8, 0xfffffffc }, { 0xec, 0xffffffff },
	};
	struct vtdsim_unit *without = vtdsim_test_unit(test);
	struct vtdsim_unit *with = vtdsim_test_unit_with(test, TEST_CAP, TEST_ECAP | ECAP_PRS);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, read32(with, PECTL), EVENT_IM);
	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		u32 offset = regs[i].offset;

		write32(with, offset, 0xffffffff);
		KUNIT_EXPECT_EQ_MSG(test, read32(with, offset), regs[i].bits,
				    "register %#x", offset);
		write32(with, offset, 0);
		KUNIT_EXPECT_EQ_MSG(test, read32(with, offset), 0,
				    "register %#x", offset);
		write32(without, offset, 0xffffffff);
		KUNIT_EXPECT_EQ_MSG(test, read32(without, offset), 0,
				    "register %#x", offset);
	}
}

static struct kunit_case prq_cases[] = {
	VTDSIM_CASE(prq, layout),
	VTDSIM_CASE(prq, wrap),
	VTDSIM_CASE(prq, overflow),
	VTDSIM_CASE(prq, event),
	KUNIT_CASE(event_overflow),
	VTDSIM_CASE(prq, invalidates),
	KUNIT_CASE(prq_invalidates_pass),
	KUNIT_CASE(prq_response_keeps),
	KUNIT_CASE(prq_excuses_nothing),
	VTDSIM_CASE(prq, registers),
	{}
};

static struct kunit_suite prq_suite = {
	.name = "vtdsim-page-request",
	.test_cases = prq_cases,
};

kunit_test_suite(prq_suite);
