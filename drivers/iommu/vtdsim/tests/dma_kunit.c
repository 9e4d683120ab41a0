// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of DMA: which requests move bytes, and which are blocked.
 */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/sizes.h>

#include "fixture_dma.h"
#include "kunit_case.h"
#include "unit/fault_reasons.h"

static void second_moves_bytes(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *page = vtdsim_test_page(test);
	u64 at = 5ULL * SZ_1G + 0x3000, old = 0;
	struct vtdsim_req req = rid_req(at + 0x108);
	u8 bytes[] = { 1, 2, 3 };

	vtdsim_test_set_second(d, RID_PASID, 5, root);
	vtdsim_test_map_second(d, root, at, page, SS_RW);
	page[2] = 0x1122334455667788;
	KUNIT_EXPECT_EQ(test, page[2], vtdsim_test_read(d, rid_req(at + 16)));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_write(d, rid_req(at + 4088), 0xabcd));
	KUNIT_EXPECT_EQ(test, 0xabcd, page[511]);

	KUNIT_EXPECT_EQ(test, 0, vtdsim_dma_write(d->unit, &req, bytes, sizeof(bytes), &d->out));
	KUNIT_EXPECT_EQ(test, 0x30201, page[33]);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_dma_fetch_add(d->unit, &req, 0xff, 8, &old, &d->out));
	KUNIT_EXPECT_EQ(test, 0x30201, old);
	KUNIT_EXPECT_EQ(test, 0x30300, page[33]);
	KUNIT_EXPECT_EQ(test, 4, d->unit->stats.requests);
	KUNIT_EXPECT_EQ(test, 1, d->unit->stats.walks);
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.faults);
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.violations);
}

static void bad_requests(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	struct vtdsim_req req = rid_req(0x1ffc);
	u64 val;

	KUNIT_EXPECT_EQ(test, -EINVAL, vtdsim_test_write(d, req, 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, vtdsim_dma_read(d->unit, &req, &val, 0, &d->out));
	KUNIT_EXPECT_EQ(test, -EINVAL, vtdsim_dma_fetch_add(d->unit, &req, 1, 8, &val, &d->out));
	KUNIT_EXPECT_EQ(test, -EINVAL, vtdsim_dma_fetch_add(d->unit, &req, 1, 2, &val, &d->out));
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.requests);
}

/* For each cache: what is stale, and which invalidation drops it. */
static void stale_until_invalidated(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *root2 = vtdsim_test_page(test);
	u64 *a = vtdsim_test_page(test), *b = vtdsim_test_page(test), *c = vtdsim_test_page(test);
	u64 *table2 = vtdsim_test_page(test);
	const u64 at = SZ_4K;

	a[0] = 0xa;
	b[0] = 0xb;
	c[0] = 0xc;
	vtdsim_test_set_second(d, RID_PASID, 5, root);
	vtdsim_test_map_second(d, root, at, a, SS_RW);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, rid_req(at)));

	/* Leaf */
	vtdsim_test_map_second(d, root, at, b, SS_RW);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, rid_req(at)));
	vtdsim_inv_iotlb_pages(d->unit->cache, 5, at, 0, true);
	KUNIT_EXPECT_EQ(test, 0xb, vtdsim_test_read(d, rid_req(at)));

	/* Table of leaves: with the hint the old one stays cached */
	table2[1] = virt_to_phys(c) | SS_RW;
	*vtdsim_test_pte(test, root, 4, 2, at, SS_RW) = virt_to_phys(table2) | SS_RW;
	vtdsim_inv_iotlb_pages(d->unit->cache, 5, at, 0, true);
	KUNIT_EXPECT_EQ(test, 0xb, vtdsim_test_read(d, rid_req(at)));
	vtdsim_inv_iotlb_pages(d->unit->cache, 5, at, 0, false);
	KUNIT_EXPECT_EQ(test, 0xc, vtdsim_test_read(d, rid_req(at)));

	/* PASID entry: mappings through the old one stay */
	vtdsim_test_map_second(d, root2, at, a, SS_RW);
	vtdsim_test_set_second(d, RID_PASID, 5, root2);
	vtdsim_inv_iotlb_domain(d->unit->cache, 5);
	KUNIT_EXPECT_EQ(test, 0xc, vtdsim_test_read(d, rid_req(at)));
	vtdsim_inv_pasid_one(d->unit->cache, 5, RID_PASID);
	KUNIT_EXPECT_EQ(test, 0xc, vtdsim_test_read(d, rid_req(at)));
	vtdsim_inv_iotlb_domain(d->unit->cache, 5);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, rid_req(at)));

	/* Context entry: to another PASID, whose entry is another domain */
	vtdsim_test_set_second(d, PASID, 6, root);
	d->ctx[1] = PASID;
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, rid_req(at)));
	vtdsim_inv_context_device(d->unit->cache, SID, 0);
	KUNIT_EXPECT_EQ(test, 0xc, vtdsim_test_read(d, rid_req(at)));

	/* Not present any more */
	d->ctx[0] = 0;
	KUNIT_EXPECT_EQ(test, 0xc, vtdsim_test_read(d, rid_req(at)));
	vtdsim_inv_context_all(d->unit->cache);
	vtdsim_test_expect_fault(d, rid_req(at), VTDSIM_FR_CTX_PRESENT, true);
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.violations);
}

/* A fault is not cached (section 6.1, CM is 0): no invalidation needed. */
static void faults_not_cached(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *page = vtdsim_test_page(test);

	page[0] = 0xa;
	vtdsim_test_expect_fault(d, rid_req(SZ_4K), VTDSIM_FR_PASID_PRESENT, true);
	vtdsim_test_set_second(d, RID_PASID, 5, root);
	vtdsim_test_expect_fault(d, rid_req(SZ_4K), VTDSIM_FR_SS_PRESENT, true);
	vtdsim_test_map_second(d, root, SZ_4K, page, SS_RW);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, rid_req(SZ_4K)));
}

static void pasid_and_rid(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *ss = vtdsim_test_page(test), *fs = vtdsim_test_page(test);
	u64 *a = vtdsim_test_page(test), *b = vtdsim_test_page(test);

	a[0] = 0xa;
	b[0] = 0xb;
	vtdsim_test_set_second(d, RID_PASID, 5, ss);
	vtdsim_test_map_second(d, ss, SZ_4K, a, SS_RW);
	vtdsim_test_set_first(d, PASID, 6, fs);
	vtdsim_test_map_first(d, fs, SZ_4K, b, FS_URW);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, rid_req(SZ_4K)));
	KUNIT_EXPECT_EQ(test, 0xb, vtdsim_test_read(d, pasid_req(SZ_4K, PASID)));
	/* RID_PASID is for requests without PASID */
	vtdsim_test_expect_fault(d, pasid_req(SZ_4K, RID_PASID), VTDSIM_FR_CTX_RID_PASID, true);
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.violations);
}

/* Execute-requested is not supported, with any type of translation. */
static void dma_execute(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *ss = vtdsim_test_page(test), *fs = vtdsim_test_page(test);
	u64 *page = vtdsim_test_page(test);
	struct vtdsim_req req = pasid_req(SZ_4K, PASID);

	vtdsim_test_map_second(d, ss, SZ_4K, page, SS_RW);
	vtdsim_test_map_first(d, fs, SZ_4K, page, FS_URW);
	req.exec = true;
	vtdsim_test_set_second(d, PASID, 5, ss);
	vtdsim_test_expect_fault(d, req, VTDSIM_FR_PASID_EXEC, true);
	vtdsim_inv_pasid_all(d->unit->cache);
	vtdsim_test_set_first(d, PASID, 6, fs);
	vtdsim_test_expect_fault(d, req, VTDSIM_FR_PASID_EXEC, true);
	vtdsim_inv_pasid_all(d->unit->cache);
	vtdsim_test_set_pass(d, PASID, 1);
	vtdsim_test_expect_fault(d, req, VTDSIM_FR_PASID_EXEC, true);
}

/* SRE applies to every type of translation. */
static void dma_privileged(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *ss = vtdsim_test_page(test), *page = vtdsim_test_page(test);
	struct vtdsim_req req = pasid_req(virt_to_phys(page), PASID);
	unsigned int sre;

	page[0] = 0xa;
	req.priv = true;
	vtdsim_test_map_second(d, ss, req.addr, page, SS_RW);
	for (sre = 0; sre < 2; sre++) {
		vtdsim_test_pasid_entry(d, PASID)[2] = sre;
		vtdsim_test_set_second(d, PASID, 5, ss);
		if (sre)
			KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, req));
		else
			vtdsim_test_expect_fault(d, req, VTDSIM_FR_PASID_SRE, true);
		vtdsim_inv_pasid_all(d->unit->cache);
		vtdsim_test_set_pass(d, PASID, 1);
		if (sre)
			KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, req));
		else
			vtdsim_test_expect_fault(d, req, VTDSIM_FR_PASID_SRE, true);
		vtdsim_inv_pasid_all(d->unit->cache);
	}
}

static void early_reasons(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *page = vtdsim_test_page(test);
	struct vtdsim_req req = rid_req(SZ_4K);
	const u32 pasids = 1 << 13;	/* PDTS 0: 2^7 tables of 2^6 */

	req.sid = SID_NONE;
	vtdsim_test_expect_fault(d, req, VTDSIM_FR_ROOT_PRESENT, true);

	vtdsim_test_expect_fault(d, pasid_req(SZ_4K, pasids), VTDSIM_FR_CTX_PASID_SIZE, true);
	vtdsim_test_expect_fault(d, pasid_req(SZ_4K, pasids - 1), VTDSIM_FR_DIR_PRESENT, true);
	vtdsim_test_expect_fault(d, pasid_req(SZ_4K, PASID), VTDSIM_FR_PASID_PRESENT, true);
	/* PASIDs of 13 bits, of 12 bits */
	d->unit->caps.ecap ^= (19ULL ^ 12ULL) << 35;
	vtdsim_test_expect_fault(d, pasid_req(SZ_4K, pasids - 1), VTDSIM_FR_DIR_PRESENT, true);
	d->unit->caps.ecap ^= (12ULL ^ 11ULL) << 35;
	vtdsim_test_expect_fault(d, pasid_req(SZ_4K, pasids - 1), VTDSIM_FR_PASID_WIDTH, true);
	vtdsim_test_expect_fault(d, pasid_req(SZ_4K, pasids / 2), VTDSIM_FR_PASID_WIDTH, true);
	vtdsim_test_expect_fault(d, pasid_req(SZ_4K, pasids / 2 - 1), VTDSIM_FR_DIR_PRESENT, true);

	d->ctx[0] &= ~CTX_PASIDE;
	vtdsim_inv_context_all(d->unit->cache);
	vtdsim_test_expect_fault(d, pasid_req(SZ_4K, RID_PASID), VTDSIM_FR_CTX_PASIDE, true);

	/* Requests without PASID are not affected */
	vtdsim_test_set_second(d, RID_PASID, 5, root);
	vtdsim_test_map_second(d, root, SZ_4K, page, SS_RW);
	page[0] = 0xa;
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, rid_req(SZ_4K)));

	/* Legacy mode has no PASIDs; modes 2 and 3 are not supported */
	vtdsim_inv_context_all(d->unit->cache);
	d->unit->rtaddr &= ~GENMASK_ULL(11, 10);
	vtdsim_test_expect_fault(d, pasid_req(SZ_4K, PASID), VTDSIM_FR_RTA_PASID, true);
	vtdsim_test_expect_fault(d, rid_req(SZ_4K), VTDSIM_FR_RTA_INVALID, true);
	d->unit->rtaddr |= BIT_ULL(11);
	vtdsim_test_expect_fault(d, pasid_req(SZ_4K, PASID), VTDSIM_FR_RTA_INVALID, true);
	d->unit->rtaddr |= BIT_ULL(10);
	vtdsim_test_expect_fault(d, pasid_req(SZ_4K, PASID), VTDSIM_FR_RTA_INVALID, true);
}

/* The directory size applies to cached PASID entries, too. */
static void smaller_directory(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *page = vtdsim_test_page(test);
	struct vtdsim_req req = pasid_req(SZ_4K, 1 << 13);

	page[0] = 0xa;
	vtdsim_test_set_first(d, 64, 6, root);	/* first of its table, as 1 << 13 is */
	vtdsim_test_map_first(d, root, SZ_4K, page, FS_URW);
	d->dir[128] = d->dir[1];
	d->ctx[0] |= 1 << 9;
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, req));
	d->ctx[0] &= ~(1ULL << 9);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, req));
	vtdsim_inv_context_all(d->unit->cache);
	vtdsim_test_expect_fault(d, req, VTDSIM_FR_CTX_PASID_SIZE, true);
}

/* With fault processing disabled a request is blocked and not recorded. */
static void dma_fpd(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test);

	d->ctx[0] |= FPD;
	vtdsim_test_expect_fault(d, rid_req(SZ_4K), VTDSIM_FR_PASID_PRESENT, false);
	vtdsim_test_expect_fault(d, pasid_req(SZ_4K, 1 << 13), VTDSIM_FR_CTX_PASID_SIZE, false);
	vtdsim_test_set_second(d, RID_PASID, 5, root);
	vtdsim_test_expect_fault(d, rid_req(SZ_4K), VTDSIM_FR_SS_PRESENT, false);

	/* A directory that cannot be read is always recorded */
	d->ctx[0] = BIT_ULL(44) | FPD | PRESENT;
	vtdsim_inv_context_all(d->unit->cache);
	vtdsim_inv_pasid_all(d->unit->cache);
	vtdsim_test_expect_fault(d, rid_req(SZ_4K), VTDSIM_FR_DIR_ACCESS, true);
	d->ctx[0] = FPD;
	vtdsim_inv_context_all(d->unit->cache);
	vtdsim_test_expect_fault(d, rid_req(SZ_4K), VTDSIM_FR_CTX_PRESENT, false);

	d->ctx[0] = virt_to_phys(d->dir) | PRESENT;
	vtdsim_test_expect_fault(d, rid_req(SZ_4K), VTDSIM_FR_SS_PRESENT, true);
	vtdsim_test_pasid_entry(d, RID_PASID)[0] |= FPD;
	vtdsim_test_expect_fault(d, rid_req(SZ_4K), VTDSIM_FR_SS_PRESENT, true);
	vtdsim_inv_pasid_all(d->unit->cache);
	vtdsim_test_expect_fault(d, rid_req(SZ_4K), VTDSIM_FR_SS_PRESENT, false);

	/* The same from the cache */
	vtdsim_test_expect_fault(d, rid_req(SZ_4K), VTDSIM_FR_SS_PRESENT, false);
}

static void pass_through(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *page = vtdsim_test_page(test);
	struct vtdsim_req req = rid_req(virt_to_phys(page));

	page[0] = 0xa;
	vtdsim_test_set_pass(d, RID_PASID, 1);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, req));
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.walks);

	vtdsim_test_expect_fault(d, rid_req(BIT_ULL(46)), VTDSIM_FR_HAW, true);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_read(d, rid_req(BIT_ULL(46) - SZ_4K)));
	KUNIT_EXPECT_TRUE(test, d->out.unsupported);
	KUNIT_EXPECT_EQ(test, 0, d->out.reason);
}

static void interrupt_range(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *page = vtdsim_test_page(test);
	struct vtdsim_req req = pasid_req(0xfee00000, PASID);

	page[0] = 0xa;
	vtdsim_test_set_second(d, RID_PASID, 5, root);
	vtdsim_test_map_second(d, root, 0xfee00000, page, SS_RW);
	vtdsim_test_map_second(d, root, 0xfeeff000, page, SS_RW);
	vtdsim_test_map_second(d, root, 0xfedff000, page, SS_RW);
	vtdsim_test_map_second(d, root, 0xfef00000, page, SS_RW);

	/* As input: without PASID anything but an interrupt is blocked */
	vtdsim_test_expect_fault(d, rid_req(0xfee00000), VTDSIM_FR_INTERRUPT, true);
	vtdsim_test_expect_fault(d, rid_req(0xfeeffff8), VTDSIM_FR_INTERRUPT, true);
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_test_write(d, rid_req(0xfee00000), 1));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_INTERRUPT, d->out.reason);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, rid_req(0xfedff000)));
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, rid_req(0xfef00000)));

	/* With PASID it is mapped like any other address */
	vtdsim_test_set_second(d, PASID, 5, root);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, req));

	/* ... but not with pass-through */
	vtdsim_test_set_pass(d, PASID, 1);
	vtdsim_inv_pasid_all(d->unit->cache);
	vtdsim_test_expect_fault(d, req, VTDSIM_FR_INTERRUPT, true);

	/* As output */
	*vtdsim_test_pte(test, root, 4, 1, SZ_4K, SS_RW) = 0xfee00000 | SS_RW;
	vtdsim_test_expect_fault(d, rid_req(SZ_4K), VTDSIM_FR_INTERRUPT, true);
}

/*
 * No CPU has this destination as its APIC ID, so the interrupt reaches none.
 */
static void interrupt_write(struct kunit *test)
{
	const u64 nobody = 0xfee00000 | 0xfe << 12;
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	struct vtdsim_req req = rid_req(nobody);
	u32 data = 0x31;

	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_dma_write(d->unit, &req, &data, 4, &d->out));
	KUNIT_EXPECT_EQ(test, 0, d->out.reason);
	KUNIT_EXPECT_TRUE(test, d->out.unsupported);
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.faults);
	KUNIT_EXPECT_EQ(test, 1, d->unit->stats.requests);

	/* Not aligned; two bytes; with PASID: no interrupt, but DMA */
	req.addr = nobody + 2;
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_dma_write(d->unit, &req, &data, 4, &d->out));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_PASID_PRESENT, d->out.reason);
	req.addr = nobody;
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_dma_write(d->unit, &req, &data, 2, &d->out));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_PASID_PRESENT, d->out.reason);
	req = pasid_req(nobody, PASID);
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_dma_write(d->unit, &req, &data, 4, &d->out));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_PASID_PRESENT, d->out.reason);
}

static void translation_disabled(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *page = vtdsim_test_page(test);

	page[0] = 0xa;
	vtdsim_reg_set32(d->unit, GSTS, 0);
	KUNIT_EXPECT_EQ(test, 0xa, vtdsim_test_read(d, rid_req(virt_to_phys(page))));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_read(d, rid_req(BIT_ULL(50))));
	KUNIT_EXPECT_TRUE(test, d->out.unsupported);
	KUNIT_EXPECT_EQ(test, 0, d->unit->stats.faults);
}

static struct kunit_case dma_cases[] = {
	KUNIT_CASE(second_moves_bytes),
	KUNIT_CASE(bad_requests),
	KUNIT_CASE(stale_until_invalidated),
	KUNIT_CASE(faults_not_cached),
	KUNIT_CASE(pasid_and_rid),
	VTDSIM_CASE(dma, execute),
	VTDSIM_CASE(dma, privileged),
	KUNIT_CASE(early_reasons),
	KUNIT_CASE(smaller_directory),
	VTDSIM_CASE(dma, fpd),
	KUNIT_CASE(pass_through),
	KUNIT_CASE(interrupt_range),
	KUNIT_CASE(interrupt_write),
	KUNIT_CASE(translation_disabled),
	{}
};

static struct kunit_suite dma_suite = {
	.name = "vtdsim-dma",
	.test_cases = dma_cases,
};

kunit_test_suite(dma_suite);
