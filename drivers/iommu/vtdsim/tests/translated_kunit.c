// SPDX-License-Identifier: GPL-2.0-only
/* Translated requests: whom the unit lets through, and where to (4.2.5). */
#include <linux/io.h>

#include "dma_rig.h"

#define ECAP_DT		BIT_ULL(2)
#define CTX_DTE		BIT_ULL(2)
#define FRCD_HIGH	0x208

static u64 recorded(struct rig *r)
{
	return vtdsim_reg_get64(r->unit, FRCD_HIGH);
}

static void translated_requests(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *page = rig_page(test);
	struct vtdsim_req req = rig_rid(virt_to_phys(page));
	u32 word = 0;

	r->unit->caps.ecap |= ECAP_DT;
	r->ctx[0] |= CTX_DTE;
	page[0] = 0x1122334455667788;
	req.at = VTDSIM_AT_TRANSLATED;
	/* No PASID entry is there, and none is needed. */
	KUNIT_EXPECT_EQ(test, rig_read(r, req), page[0]);
	KUNIT_EXPECT_EQ(test, rig_write(r, req, 77), 0);
	KUNIT_EXPECT_EQ(test, page[0], 77);

	/* Untranslated requests still are translated. */
	req.at = VTDSIM_AT_UNTRANSLATED;
	rig_expect_fault(r, req, 0x59, true);
	req.at = VTDSIM_AT_TRANSLATED;

	req.addr = BIT_ULL(45);
	KUNIT_EXPECT_EQ(test, rig_write(r, req, 1), -EFAULT);
	KUNIT_EXPECT_TRUE(test, r->out.unsupported);

	req.addr = BIT_ULL(46);
	rig_expect_fault(r, req, 0x83, true);
	KUNIT_EXPECT_EQ(test, recorded(r) >> 60 & 3, 2);
	req.addr = 0xfee00000;
	rig_expect_fault(r, req, 0x87, true);
	KUNIT_EXPECT_EQ(test, recorded(r) >> 60 & 3, 2);
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_dma_write(r->unit, &req, &word, 4, &r->out));
	KUNIT_EXPECT_EQ(test, r->out.reason, 0x87);

	req.addr = virt_to_phys(page);
	vtdsim_inv_context_all(r->unit->cache);
	r->ctx[0] &= ~CTX_DTE;
	rig_expect_fault(r, req, 0x44, true);
	KUNIT_EXPECT_EQ(test, recorded(r) >> 60 & 3, 2);
	vtdsim_inv_context_all(r->unit->cache);
	r->ctx[0] |= FPD;
	rig_expect_fault(r, req, 0x44, false);

	vtdsim_reg_set32(r->unit, GSTS, 0);
	KUNIT_EXPECT_EQ(test, rig_write(r, req, 1), -EFAULT);
	KUNIT_EXPECT_TRUE(test, r->out.unsupported);
	KUNIT_EXPECT_EQ(test, page[0], 77);
}

static struct kunit_case translated_cases[] = {
	KUNIT_CASE(translated_requests),
	{}
};

static struct kunit_suite translated_suite = {
	.name = "vtdsim-translated",
	.test_cases = translated_cases,
};

kunit_test_suite(translated_suite);
