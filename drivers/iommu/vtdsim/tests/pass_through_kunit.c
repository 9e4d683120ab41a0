// SPDX-License-Identifier: GPL-2.0-only
/* Tests of pass-through mappings in the IOTLB: tags, invalidation, rules. */
#include <linux/io.h>
#include <linux/sizes.h>

#include "cache/internals.h"
#include "fixture_dma.h"
#include "fixture_requester.h"
#include "queue/descriptors.h"
#include "request/translation_request.h"
#include "unit/fault_reasons.h"

#define DID	5
#define OTHER	6

/**
 * struct pass_unit - a unit whose PASID passed through, and may lead to another page
 * @dma: unit and tables
 * @addr: address of a page that holds 1; in @second it leads to one that holds 2
 * @second: second-stage table
 */
struct pass_unit {
	struct vtdsim_test_dma *dma;
	u64 addr;
	u64 *second;
};

static u64 pass_read(struct pass_unit *p, u16 sid)
{
	struct vtdsim_req req = pasid_req(p->addr, PASID);

	req.sid = sid;
	return vtdsim_test_read(p->dma, req);
}

static void pass_unit_init(struct kunit *test, struct pass_unit *p)
{
	u64 *direct = vtdsim_test_page(test), *mapped = vtdsim_test_page(test);

	*direct = 1;
	*mapped = 2;
	p->dma = vtdsim_test_dma_new(test);
	p->second = vtdsim_test_page(test);
	p->addr = virt_to_phys(direct);
	vtdsim_test_requester_new(test, p->dma->unit, SID);
	vtdsim_test_requester_new(test, p->dma->unit, SID_B);
	vtdsim_test_map_second(p->dma, p->second, p->addr, mapped, SS_RW);
	vtdsim_test_set_pass(p->dma, PASID, DID);
	KUNIT_ASSERT_EQ(test, 1, pass_read(p, SID));
	KUNIT_ASSERT_EQ(test, 0, vtdsim_audit(p->dma->unit));
}

/* The entry changes to second-stage in place, and the IOTLB is not invalidated. */
static void pass_is_stale(struct kunit *test)
{
	struct pass_unit p;

	pass_unit_init(test, &p);
	vtdsim_test_set_second(p.dma, PASID, OTHER, p.second);
	vtdsim_inv_pasid_all(p.dma->unit->cache);
	KUNIT_EXPECT_EQ(test, 1, pass_read(&p, SID));
	/* Another source-id has none cached. */
	KUNIT_EXPECT_EQ(test, 2, pass_read(&p, SID_B));
	KUNIT_EXPECT_EQ(test, 0, p.dma->unit->stats.violations);
	/* The mapping, and that none were invalidated after the entry */
	KUNIT_EXPECT_EQ(test, 2, vtdsim_audit(p.dma->unit));

	vtdsim_inv_piotlb_pasid(p.dma->unit->cache, DID, PASID);
	KUNIT_EXPECT_EQ(test, 2, pass_read(&p, SID));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(p.dma->unit));
}

/* The entry is cleared, and used again before the IOTLB is invalidated. */
static void pass_is_reused(struct kunit *test)
{
	struct pass_unit p;

	pass_unit_init(test, &p);
	vtdsim_test_pasid_entry(p.dma, PASID)[0] = 0;
	vtdsim_inv_pasid_all(p.dma->unit->cache);
	vtdsim_test_set_second(p.dma, PASID, OTHER, p.second);
	KUNIT_EXPECT_EQ(test, 1, pass_read(&p, SID));
	KUNIT_EXPECT_EQ(test, 1, p.dma->unit->stats.violations);

	/* The same with another domain-id */
	pass_unit_init(test, &p);
	vtdsim_test_pasid_entry(p.dma, PASID)[0] = 0;
	vtdsim_inv_pasid_all(p.dma->unit->cache);
	vtdsim_test_set_pass(p.dma, PASID, OTHER);
	KUNIT_EXPECT_EQ(test, 1, pass_read(&p, SID));
	KUNIT_EXPECT_EQ(test, 1, p.dma->unit->stats.violations);

	/* The same entry again is no harm. */
	pass_unit_init(test, &p);
	vtdsim_test_pasid_entry(p.dma, PASID)[0] = 0;
	vtdsim_inv_pasid_all(p.dma->unit->cache);
	vtdsim_test_set_pass(p.dma, PASID, DID);
	KUNIT_EXPECT_EQ(test, 1, pass_read(&p, SID));
	KUNIT_EXPECT_EQ(test, 0, p.dma->unit->stats.violations);

	/* And so is one that is used after the invalidation. */
	pass_unit_init(test, &p);
	vtdsim_test_pasid_entry(p.dma, PASID)[0] = 0;
	vtdsim_inv_pasid_all(p.dma->unit->cache);
	vtdsim_inv_iotlb_domain(p.dma->unit->cache, DID);
	vtdsim_test_set_second(p.dma, PASID, OTHER, p.second);
	KUNIT_EXPECT_EQ(test, 2, pass_read(&p, SID));
	KUNIT_EXPECT_EQ(test, 0, p.dma->unit->stats.violations);
}

/* Translation requests fill the cache and are served from it. */
static void pass_serves_translations(struct kunit *test)
{
	struct vtdsim_completion cpl;
	struct pass_unit p;
	struct vtdsim_req req;
	unsigned long flags;

	pass_unit_init(test, &p);
	p.dma->unit->caps.ecap |= ECAP_DT;
	p.dma->ctx[0] |= CTX_DTE;
	vtdsim_inv_context_all(p.dma->unit->cache);
	vtdsim_inv_iotlb_all(p.dma->unit->cache);
	req = pasid_req(p.addr, PASID);
	KUNIT_ASSERT_EQ(test, 0, vtdsim_cache_reserve(p.dma->unit));
	raw_spin_lock_irqsave(&p.dma->unit->lock, flags);
	vtdsim_ats_translate(p.dma->unit, &req, &cpl);
	raw_spin_unlock_irqrestore(&p.dma->unit->lock, flags);
	KUNIT_EXPECT_TRUE(test, cpl.read);
	KUNIT_EXPECT_TRUE(test, cpl.size);

	/* Of the old mapping, only the page is cached that was asked for. */
	vtdsim_test_set_second(p.dma, PASID, OTHER, p.second);
	vtdsim_inv_pasid_all(p.dma->unit->cache);
	KUNIT_ASSERT_EQ(test, 0, vtdsim_cache_reserve(p.dma->unit));
	raw_spin_lock_irqsave(&p.dma->unit->lock, flags);
	vtdsim_ats_translate(p.dma->unit, &req, &cpl);
	raw_spin_unlock_irqrestore(&p.dma->unit->lock, flags);
	KUNIT_EXPECT_EQ(test, p.addr, cpl.addr);
}

/* An address beyond the host address width is a fault, and not cached. */
static void pass_beyond_width(struct kunit *test)
{
	struct vtdsim_req req = pasid_req(BIT_ULL(TEST_HAW), PASID);
	struct pass_unit p;

	pass_unit_init(test, &p);
	vtdsim_test_expect_fault(p.dma, req, VTDSIM_FR_HAW, true);
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_find_pass(p.dma->unit->cache, SID, PASID, req.addr));
	/* Nor are interrupt addresses. */
	req.addr = 0xfee00000;
	vtdsim_test_expect_fault(p.dma, req, VTDSIM_FR_INTERRUPT, true);
	KUNIT_EXPECT_FALSE(test, vtdsim_cache_find_pass(p.dma->unit->cache, SID, PASID, req.addr));
}

/* Tables 23 and 24: which invalidation takes a mapping of DID, PASID, page 1 */
static const struct pass_inv {
	const char *name;
	u64 low;
	u64 high;
	bool takes;
} pass_invs[] = {
	{ "global", 0x12, 0, true },
	{ "domain", 0x22 | DID << 16, 0, true },
	{ "other domain", 0x22 | OTHER << 16, 0 },
	{ "page", 0x32 | DID << 16, 0x1000, true },
	{ "two pages", 0x32 | DID << 16, 1, true },
	{ "most pages", 0x32 | DID << 16, TEST_MAMV, true },
	{ "other page", 0x32 | DID << 16, 0x2000 },
	{ "page of other domain", 0x32 | OTHER << 16, 0x1000 },
	{ "PASID", 0x26 | DID << 16 | (u64)PASID << 32, 0, true },
	{ "other PASID", 0x26 | DID << 16 | (u64)(PASID + 1) << 32, 0 },
	{ "PASID of other domain", 0x26 | OTHER << 16 | (u64)PASID << 32, 0 },
	{ "page of PASID", 0x36 | DID << 16 | (u64)PASID << 32, 0x1000 },
	{ "PASID-cache", 0x37, 0 },
	{ "context-cache", 0x11, 0 },
};

KUNIT_ARRAY_PARAM_DESC(pass_inv, pass_invs, name);

static bool pass_has_page(struct vtdsim_unit *unit)
{
	return vtdsim_cache_find_pass(unit->cache, SID, PASID, 0x1000);
}

static void pass_invalidate(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	const struct pass_inv *inv = test->param_value;

	vtdsim_cache_add_pass(unit->cache, SID, PASID, DID, 0x1000);
	vtdsim_cache_add_pass(unit->cache, SID_B, PASID, DID, 0x1000);
	KUNIT_ASSERT_TRUE(test, pass_has_page(unit));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_descriptor(unit, inv->low, inv->high));
	KUNIT_EXPECT_EQ(test, inv->takes, !pass_has_page(unit));
	KUNIT_EXPECT_EQ(test, inv->takes,
			!vtdsim_cache_find_pass(unit->cache, SID_B, PASID, 0x1000));
}

/* ND: bits of a domain-id beyond the width are ignored (section 6.5.2.3). */
static void domain_id_is_wide(struct kunit *test)
{
	static const u64 lows[] = {
		0x22 | (DID | 0xff00ULL) << 16,
		0x32 | (DID | 0x100ULL) << 16,
		0x26 | (DID | 0x8000ULL) << 16 | (u64)PASID << 32,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lows); i++) {
		struct vtdsim_unit *unit = vtdsim_test_unit(test);
		u64 high = i == 1 ? 0x1000 : 0;

		vtdsim_cache_add_pass(unit->cache, SID, PASID, DID, 0x1000);
		KUNIT_EXPECT_EQ(test, 0, vtdsim_test_descriptor(unit, lows[i], high));
		KUNIT_EXPECT_TRUE(test, pass_has_page(unit));
		/* 256 domain-ids */
		unit->caps.cap = (unit->caps.cap & ~VTDSIM_CAP_ND) | 2;
		KUNIT_EXPECT_EQ(test, 0, vtdsim_test_descriptor(unit, lows[i], high));
		KUNIT_EXPECT_FALSE(test, pass_has_page(unit));
	}
}

static struct kunit_case pass_cases[] = {
	KUNIT_CASE(pass_is_stale),
	KUNIT_CASE(pass_is_reused),
	KUNIT_CASE(pass_serves_translations),
	KUNIT_CASE(pass_beyond_width),
	KUNIT_CASE_PARAM(pass_invalidate, pass_inv_gen_params),
	KUNIT_CASE(domain_id_is_wide),
	{}
};

static struct kunit_suite pass_suite = {
	.name = "vtdsim-pass-through",
	.test_cases = pass_cases,
};

kunit_test_suite(pass_suite);
