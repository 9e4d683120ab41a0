// SPDX-License-Identifier: GPL-2.0-only
/* Tests of translated requests (section 4.2.5): which are let through, and where to. */
#include <linux/io.h>

#include "fixture_dma.h"

static void translated_requests(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *page = vtdsim_test_page(test);
	struct vtdsim_req req = rid_req(virt_to_phys(page));
	u32 word = 0;

	d->unit->caps.ecap |= ECAP_DT;
	d->ctx[0] |= CTX_DTE;
	page[0] = 0x1122334455667788;
	req.at = VTDSIM_AT_TRANSLATED;
	/* No PASID entry is there, and none is needed. */
	KUNIT_EXPECT_EQ(test, vtdsim_test_read(d, req), page[0]);
	KUNIT_EXPECT_EQ(test, vtdsim_test_write(d, req, 77), 0);
	KUNIT_EXPECT_EQ(test, page[0], 77);

	/* Untranslated requests still are translated. */
	req.at = VTDSIM_AT_UNTRANSLATED;
	vtdsim_test_expect_fault(d, req, 0x59, true);
	req.at = VTDSIM_AT_TRANSLATED;

	req.addr = BIT_ULL(45);
	KUNIT_EXPECT_EQ(test, vtdsim_test_write(d, req, 1), -EFAULT);
	KUNIT_EXPECT_TRUE(test, d->out.unsupported);

	req.addr = BIT_ULL(46);
	vtdsim_test_expect_fault(d, req, 0x83, true);
	KUNIT_EXPECT_EQ(test, recorded_fault(d) >> 60 & 3, 2);
	req.addr = 0xfee00000;
	vtdsim_test_expect_fault(d, req, 0x87, true);
	KUNIT_EXPECT_EQ(test, recorded_fault(d) >> 60 & 3, 2);
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_dma_write(d->unit, &req, &word, 4, &d->out));
	KUNIT_EXPECT_EQ(test, d->out.reason, 0x87);

	req.addr = virt_to_phys(page);
	vtdsim_inv_context_all(d->unit->cache);
	d->ctx[0] &= ~CTX_DTE;
	vtdsim_test_expect_fault(d, req, 0x44, true);
	KUNIT_EXPECT_EQ(test, recorded_fault(d) >> 60 & 3, 2);
	vtdsim_inv_context_all(d->unit->cache);
	d->ctx[0] |= FPD;
	vtdsim_test_expect_fault(d, req, 0x44, false);

	vtdsim_reg_set32(d->unit, GSTS, 0);
	KUNIT_EXPECT_EQ(test, vtdsim_test_write(d, req, 1), -EFAULT);
	KUNIT_EXPECT_TRUE(test, d->out.unsupported);
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
