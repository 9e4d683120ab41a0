// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of DMA from request to bytes: what moves them and what stops them.
 */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/sizes.h>

#include "dma_rig.h"
#include "unit/fault_reasons.h"

static void second_moves_bytes(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test), *page = rig_page(test);
	u64 at = 5ULL * SZ_1G + 0x3000, old = 0;
	struct vtdsim_req req = rig_rid(at + 0x108);
	u8 bytes[] = { 1, 2, 3 };

	rig_set_second(r, RID_PASID, 5, root);
	rig_map_second(r, root, at, page, SS_RW);
	page[2] = 0x1122334455667788;
	KUNIT_EXPECT_EQ(test, page[2], rig_read(r, rig_rid(at + 16)));
	KUNIT_EXPECT_EQ(test, 0, rig_write(r, rig_rid(at + 4088), 0xabcd));
	KUNIT_EXPECT_EQ(test, 0xabcd, page[511]);

	KUNIT_EXPECT_EQ(test, 0, vtdsim_dma_write(r->unit, &req, bytes,
						  sizeof(bytes), &r->out));
	KUNIT_EXPECT_EQ(test, 0x30201, page[33]);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_dma_fetch_add(r->unit, &req, 0xff, 8,
						      &old, &r->out));
	KUNIT_EXPECT_EQ(test, 0x30201, old);
	KUNIT_EXPECT_EQ(test, 0x30300, page[33]);
	KUNIT_EXPECT_EQ(test, 4, r->unit->stats.requests);
	KUNIT_EXPECT_EQ(test, 1, r->unit->stats.walks);
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.faults);
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.violations);
}

static void bad_requests(struct kunit *test)
{
	struct rig *r = rig_make(test);
	struct vtdsim_req req = rig_rid(0x1ffc);
	u64 val;

	KUNIT_EXPECT_EQ(test, -EINVAL, rig_write(r, req, 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, vtdsim_dma_read(r->unit, &req, &val, 0,
						       &r->out));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			vtdsim_dma_fetch_add(r->unit, &req, 1, 8, &val,
					     &r->out));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			vtdsim_dma_fetch_add(r->unit, &req, 1, 2, &val,
					     &r->out));
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.requests);
}

/* What is stale, and which invalidation ends it, for each cache. */
static void stale_until_invalidated(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test), *root2 = rig_page(test);
	u64 *a = rig_page(test), *b = rig_page(test), *c = rig_page(test);
	u64 *table2 = rig_page(test);
	const u64 at = SZ_4K;

	a[0] = 0xa;
	b[0] = 0xb;
	c[0] = 0xc;
	rig_set_second(r, RID_PASID, 5, root);
	rig_map_second(r, root, at, a, SS_RW);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_rid(at)));

	/* Leaf */
	rig_map_second(r, root, at, b, SS_RW);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_rid(at)));
	vtdsim_inv_iotlb_pages(r->unit->cache, 5, at, 0, true);
	KUNIT_EXPECT_EQ(test, 0xb, rig_read(r, rig_rid(at)));

	/* Table of leaves: the hint leaves the old one in use */
	table2[1] = virt_to_phys(c) | SS_RW;
	*rig_slot(test, root, 4, 2, at, SS_RW) = virt_to_phys(table2) | SS_RW;
	vtdsim_inv_iotlb_pages(r->unit->cache, 5, at, 0, true);
	KUNIT_EXPECT_EQ(test, 0xb, rig_read(r, rig_rid(at)));
	vtdsim_inv_iotlb_pages(r->unit->cache, 5, at, 0, false);
	KUNIT_EXPECT_EQ(test, 0xc, rig_read(r, rig_rid(at)));

	/* PASID entry: mappings through the old one stay */
	rig_map_second(r, root2, at, a, SS_RW);
	rig_set_second(r, RID_PASID, 5, root2);
	vtdsim_inv_iotlb_domain(r->unit->cache, 5);
	KUNIT_EXPECT_EQ(test, 0xc, rig_read(r, rig_rid(at)));
	vtdsim_inv_pasid_one(r->unit->cache, 5, RID_PASID);
	KUNIT_EXPECT_EQ(test, 0xc, rig_read(r, rig_rid(at)));
	vtdsim_inv_iotlb_domain(r->unit->cache, 5);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_rid(at)));

	/* Context entry: to another PASID, whose entry is another domain */
	rig_set_second(r, PASID, 6, root);
	r->ctx[1] = PASID;
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_rid(at)));
	vtdsim_inv_context_device(r->unit->cache, SID, 0);
	KUNIT_EXPECT_EQ(test, 0xc, rig_read(r, rig_rid(at)));

	/* Not present any more */
	r->ctx[0] = 0;
	KUNIT_EXPECT_EQ(test, 0xc, rig_read(r, rig_rid(at)));
	vtdsim_inv_context_all(r->unit->cache);
	rig_expect_fault(r, rig_rid(at), VTDSIM_FR_CTX_PRESENT, true);
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.violations);
}

/* A fault is not cached (section 6.1, CM is 0): no invalidation needed. */
static void faults_not_cached(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test), *page = rig_page(test);

	page[0] = 0xa;
	rig_expect_fault(r, rig_rid(SZ_4K), VTDSIM_FR_PASID_PRESENT, true);
	rig_set_second(r, RID_PASID, 5, root);
	rig_expect_fault(r, rig_rid(SZ_4K), VTDSIM_FR_SS_PRESENT, true);
	rig_map_second(r, root, SZ_4K, page, SS_RW);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_rid(SZ_4K)));
}

static void pasid_and_rid(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *ss = rig_page(test), *fs = rig_page(test);
	u64 *a = rig_page(test), *b = rig_page(test);

	a[0] = 0xa;
	b[0] = 0xb;
	rig_set_second(r, RID_PASID, 5, ss);
	rig_map_second(r, ss, SZ_4K, a, SS_RW);
	rig_set_first(r, PASID, 6, fs);
	rig_map_first(r, fs, SZ_4K, b, FS_URW);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_rid(SZ_4K)));
	KUNIT_EXPECT_EQ(test, 0xb, rig_read(r, rig_pasid(SZ_4K, PASID)));
	/* RID_PASID is for requests without */
	rig_expect_fault(r, rig_pasid(SZ_4K, RID_PASID), VTDSIM_FR_CTX_RID_PASID,
			 true);
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.violations);
}

/* Execute-requested is not supported, with any type of translation. */
static void execute(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *ss = rig_page(test), *fs = rig_page(test), *page = rig_page(test);
	struct vtdsim_req req = rig_pasid(SZ_4K, PASID);

	rig_map_second(r, ss, SZ_4K, page, SS_RW);
	rig_map_first(r, fs, SZ_4K, page, FS_URW);
	req.exec = true;
	rig_set_second(r, PASID, 5, ss);
	rig_expect_fault(r, req, VTDSIM_FR_PASID_EXEC, true);
	vtdsim_inv_pasid_all(r->unit->cache);
	rig_set_first(r, PASID, 6, fs);
	rig_expect_fault(r, req, VTDSIM_FR_PASID_EXEC, true);
	vtdsim_inv_pasid_all(r->unit->cache);
	rig_set_pass(r, PASID, 1);
	rig_expect_fault(r, req, VTDSIM_FR_PASID_EXEC, true);
}

/* SRE counts with every type of translation. */
static void privileged(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *ss = rig_page(test), *page = rig_page(test);
	struct vtdsim_req req = rig_pasid(virt_to_phys(page), PASID);
	unsigned int sre;

	page[0] = 0xa;
	req.priv = true;
	rig_map_second(r, ss, req.addr, page, SS_RW);
	for (sre = 0; sre < 2; sre++) {
		rig_entry(r, PASID)[2] = sre;
		rig_set_second(r, PASID, 5, ss);
		if (sre)
			KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, req));
		else
			rig_expect_fault(r, req, VTDSIM_FR_PASID_SRE, true);
		vtdsim_inv_pasid_all(r->unit->cache);
		rig_set_pass(r, PASID, 1);
		if (sre)
			KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, req));
		else
			rig_expect_fault(r, req, VTDSIM_FR_PASID_SRE, true);
		vtdsim_inv_pasid_all(r->unit->cache);
	}
}

static void early_reasons(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test), *page = rig_page(test);
	struct vtdsim_req req = rig_rid(SZ_4K);
	const u32 pasids = 1 << 13;	/* PDTS 0: 2^7 tables of 2^6 */

	req.sid = SID_NONE;
	rig_expect_fault(r, req, VTDSIM_FR_ROOT_PRESENT, true);

	rig_expect_fault(r, rig_pasid(SZ_4K, pasids), VTDSIM_FR_CTX_PASID_SIZE,
			 true);
	rig_expect_fault(r, rig_pasid(SZ_4K, pasids - 1), VTDSIM_FR_DIR_PRESENT,
			 true);
	rig_expect_fault(r, rig_pasid(SZ_4K, PASID), VTDSIM_FR_PASID_PRESENT,
			 true);
	/* PASIDs of 13 bits, of 12 bits */
	r->unit->caps.ecap ^= (19ULL ^ 12ULL) << 35;
	rig_expect_fault(r, rig_pasid(SZ_4K, pasids - 1), VTDSIM_FR_DIR_PRESENT,
			 true);
	r->unit->caps.ecap ^= (12ULL ^ 11ULL) << 35;
	rig_expect_fault(r, rig_pasid(SZ_4K, pasids - 1), VTDSIM_FR_PASID_WIDTH,
			 true);
	rig_expect_fault(r, rig_pasid(SZ_4K, pasids / 2), VTDSIM_FR_PASID_WIDTH,
			 true);
	rig_expect_fault(r, rig_pasid(SZ_4K, pasids / 2 - 1),
			 VTDSIM_FR_DIR_PRESENT, true);

	r->ctx[0] &= ~CTX_PASIDE;
	vtdsim_inv_context_all(r->unit->cache);
	rig_expect_fault(r, rig_pasid(SZ_4K, RID_PASID), VTDSIM_FR_CTX_PASIDE,
			 true);

	/* Which is no matter for requests without */
	rig_set_second(r, RID_PASID, 5, root);
	rig_map_second(r, root, SZ_4K, page, SS_RW);
	page[0] = 0xa;
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_rid(SZ_4K)));

	/* Legacy mode has no PASIDs, and 2 and 3 are no modes */
	vtdsim_inv_context_all(r->unit->cache);
	r->unit->rtaddr &= ~GENMASK_ULL(11, 10);
	rig_expect_fault(r, rig_pasid(SZ_4K, PASID), VTDSIM_FR_RTA_PASID, true);
	rig_expect_fault(r, rig_rid(SZ_4K), VTDSIM_FR_RTA_INVALID, true);
	r->unit->rtaddr |= BIT_ULL(11);
	rig_expect_fault(r, rig_pasid(SZ_4K, PASID), VTDSIM_FR_RTA_INVALID, true);
	r->unit->rtaddr |= BIT_ULL(10);
	rig_expect_fault(r, rig_pasid(SZ_4K, PASID), VTDSIM_FR_RTA_INVALID, true);
}

/* The size of the directory counts for PASIDs that are cached as well. */
static void smaller_directory(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test), *page = rig_page(test);
	struct vtdsim_req req = rig_pasid(SZ_4K, 1 << 13);

	page[0] = 0xa;
	rig_set_first(r, 64, 6, root);	/* first of its table, as 1 << 13 is */
	rig_map_first(r, root, SZ_4K, page, FS_URW);
	r->dir[128] = r->dir[1];
	r->ctx[0] |= 1 << 9;
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, req));
	r->ctx[0] &= ~(1ULL << 9);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, req));
	vtdsim_inv_context_all(r->unit->cache);
	rig_expect_fault(r, req, VTDSIM_FR_CTX_PASID_SIZE, true);
}

/* Fault processing disable: blocked all the same, but not recorded. */
static void fpd(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test);

	r->ctx[0] |= FPD;
	rig_expect_fault(r, rig_rid(SZ_4K), VTDSIM_FR_PASID_PRESENT, false);
	rig_expect_fault(r, rig_pasid(SZ_4K, 1 << 13), VTDSIM_FR_CTX_PASID_SIZE,
			 false);
	rig_set_second(r, RID_PASID, 5, root);
	rig_expect_fault(r, rig_rid(SZ_4K), VTDSIM_FR_SS_PRESENT, false);

	/* A directory that cannot be read is always recorded */
	r->ctx[0] = BIT_ULL(44) | FPD | PRESENT;
	vtdsim_inv_context_all(r->unit->cache);
	vtdsim_inv_pasid_all(r->unit->cache);
	rig_expect_fault(r, rig_rid(SZ_4K), VTDSIM_FR_DIR_ACCESS, true);
	r->ctx[0] = FPD;
	vtdsim_inv_context_all(r->unit->cache);
	rig_expect_fault(r, rig_rid(SZ_4K), VTDSIM_FR_CTX_PRESENT, false);

	r->ctx[0] = virt_to_phys(r->dir) | PRESENT;
	rig_expect_fault(r, rig_rid(SZ_4K), VTDSIM_FR_SS_PRESENT, true);
	rig_entry(r, RID_PASID)[0] |= FPD;
	rig_expect_fault(r, rig_rid(SZ_4K), VTDSIM_FR_SS_PRESENT, true);
	vtdsim_inv_pasid_all(r->unit->cache);
	rig_expect_fault(r, rig_rid(SZ_4K), VTDSIM_FR_SS_PRESENT, false);

	/* From the cache as well */
	rig_expect_fault(r, rig_rid(SZ_4K), VTDSIM_FR_SS_PRESENT, false);
}

static void pass_through(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *page = rig_page(test);
	struct vtdsim_req req = rig_rid(virt_to_phys(page));

	page[0] = 0xa;
	rig_set_pass(r, RID_PASID, 1);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, req));
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.walks);

	rig_expect_fault(r, rig_rid(BIT_ULL(46)), VTDSIM_FR_HAW, true);
	KUNIT_EXPECT_EQ(test, 0, rig_read(r, rig_rid(BIT_ULL(46) - SZ_4K)));
	KUNIT_EXPECT_TRUE(test, r->out.unsupported);
	KUNIT_EXPECT_EQ(test, 0, r->out.reason);
}

static void interrupt_range(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *root = rig_page(test), *page = rig_page(test);
	struct vtdsim_req req = rig_pasid(0xfee00000, PASID);

	page[0] = 0xa;
	rig_set_second(r, RID_PASID, 5, root);
	rig_map_second(r, root, 0xfee00000, page, SS_RW);
	rig_map_second(r, root, 0xfeeff000, page, SS_RW);
	rig_map_second(r, root, 0xfedff000, page, SS_RW);
	rig_map_second(r, root, 0xfef00000, page, SS_RW);

	/* As input: without PASID anything but an interrupt is blocked */
	rig_expect_fault(r, rig_rid(0xfee00000), VTDSIM_FR_INTERRUPT, true);
	rig_expect_fault(r, rig_rid(0xfeeffff8), VTDSIM_FR_INTERRUPT, true);
	KUNIT_EXPECT_EQ(test, -EFAULT, rig_write(r, rig_rid(0xfee00000), 1));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_INTERRUPT, r->out.reason);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_rid(0xfedff000)));
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_rid(0xfef00000)));

	/* With PASID it is mapped like any other address */
	rig_set_second(r, PASID, 5, root);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, req));

	/* ... which pass-through does not do */
	rig_set_pass(r, PASID, 1);
	vtdsim_inv_pasid_all(r->unit->cache);
	rig_expect_fault(r, req, VTDSIM_FR_INTERRUPT, true);

	/* As output */
	*rig_slot(test, root, 4, 1, SZ_4K, SS_RW) = 0xfee00000 | SS_RW;
	rig_expect_fault(r, rig_rid(SZ_4K), VTDSIM_FR_INTERRUPT, true);
}

/*
 * No CPU has this destination in its APIC ID, so that the write is seen to be
 * taken as an interrupt, and nobody is disturbed.
 */
static void interrupt_write(struct kunit *test)
{
	const u64 nobody = 0xfee00000 | 0xfe << 12;
	struct rig *r = rig_make(test);
	struct vtdsim_req req = rig_rid(nobody);
	u32 data = 0x31;

	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_dma_write(r->unit, &req, &data, 4,
							&r->out));
	KUNIT_EXPECT_EQ(test, 0, r->out.reason);
	KUNIT_EXPECT_TRUE(test, r->out.unsupported);
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.faults);
	KUNIT_EXPECT_EQ(test, 1, r->unit->stats.requests);

	/* Not aligned; two bytes; with PASID: no interrupt, but DMA */
	req.addr = nobody + 2;
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_dma_write(r->unit, &req, &data, 4,
							&r->out));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_PASID_PRESENT, r->out.reason);
	req.addr = nobody;
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_dma_write(r->unit, &req, &data, 2,
							&r->out));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_PASID_PRESENT, r->out.reason);
	req = rig_pasid(nobody, PASID);
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_dma_write(r->unit, &req, &data, 4,
							&r->out));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_PASID_PRESENT, r->out.reason);
}

static void translation_disabled(struct kunit *test)
{
	struct rig *r = rig_make(test);
	u64 *page = rig_page(test);

	page[0] = 0xa;
	vtdsim_reg_set32(r->unit, GSTS, 0);
	KUNIT_EXPECT_EQ(test, 0xa, rig_read(r, rig_rid(virt_to_phys(page))));
	KUNIT_EXPECT_EQ(test, 0, rig_read(r, rig_rid(BIT_ULL(50))));
	KUNIT_EXPECT_TRUE(test, r->out.unsupported);
	KUNIT_EXPECT_EQ(test, 0, r->unit->stats.faults);
}

static struct kunit_case dma_cases[] = {
	KUNIT_CASE(second_moves_bytes),
	KUNIT_CASE(bad_requests),
	KUNIT_CASE(stale_until_invalidated),
	KUNIT_CASE(faults_not_cached),
	KUNIT_CASE(pasid_and_rid),
	KUNIT_CASE(execute),
	KUNIT_CASE(privileged),
	KUNIT_CASE(early_reasons),
	KUNIT_CASE(smaller_directory),
	KUNIT_CASE(fpd),
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
