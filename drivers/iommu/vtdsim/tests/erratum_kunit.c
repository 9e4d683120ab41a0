// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of erratum 772415: flags set in first-stage entries that the second
 * stage maps read-only.
 */
#include <linux/io.h>
#include <linux/sizes.h>

#include "fixture_dma.h"
#include "unit/fault_reasons.h"

#define DID		5
#define ADDR		0x40201000ULL	/* index 0, 1, 1, 1 */
#define GUEST_PAGE	0x5000ULL

/**
 * struct erratum - nested translation of ADDR; the lowest first-stage table is
 *	mapped read-only
 * @dma: unit and tables
 * @page: what is mapped
 * @leaf: first-stage entry for ADDR
 * @ss: second-stage entry for the table that @leaf is in, at guest address @table
 * @table: see there
 */
struct erratum {
	struct vtdsim_test_dma *dma;
	u64 *page;
	u64 *leaf;
	u64 *ss;
	u64 table;
};

static void erratum_make(struct kunit *test, struct erratum *e, bool erratum)
{
	struct vtdsim_test_guest g = {
		.test = test, .ss_root = vtdsim_test_page(test), .ss_levels = 4,
		.step = SZ_4K,
	};
	u64 root = vtdsim_test_guest_page(&g);

	e->dma = vtdsim_test_dma_new(test);
	e->dma->unit->caps.erratum_772415 = erratum;
	e->page = vtdsim_test_page(test);
	vtdsim_test_map_second(e->dma, g.ss_root, GUEST_PAGE, e->page, SS_RW);
	e->leaf = vtdsim_test_guest_pte(&g, root, 4, 1, ADDR);
	*e->leaf = GUEST_PAGE | FS_URW;
	e->table = *vtdsim_test_guest_pte(&g, root, 4, 2, ADDR) & PTE_ADDR;
	e->ss = vtdsim_test_pte(test, g.ss_root, 4, 1, e->table, SS_RW);
	*e->ss &= ~SS_W;
	vtdsim_test_set_nested(e->dma, PASID, DID, root, g.ss_root);
}

/* As specified: SFS.8, and the page is left alone. */
static void erratum_absent(struct kunit *test)
{
	struct erratum e;

	erratum_make(test, &e, false);
	vtdsim_test_expect_fault(e.dma, pasid_req(ADDR, PASID), VTDSIM_FR_FS_NEST_WRITE, true);
	KUNIT_EXPECT_EQ(test, GUEST_PAGE | FS_URW, *e.leaf);
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_test_write(e.dma, pasid_req(ADDR, PASID), 7));
	KUNIT_EXPECT_EQ(test, GUEST_PAGE | FS_URW, *e.leaf);
	KUNIT_EXPECT_EQ(test, 0, e.page[0]);
}

/* The unit changes memory that is mapped read-only. */
static void erratum_present(struct kunit *test)
{
	struct erratum e;

	erratum_make(test, &e, true);
	e.page[0] = 0x1234;
	KUNIT_EXPECT_EQ(test, 0x1234, vtdsim_test_read(e.dma, pasid_req(ADDR, PASID)));
	KUNIT_EXPECT_EQ(test, GUEST_PAGE | FS_URW | FS_A, *e.leaf);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_write(e.dma, pasid_req(ADDR, PASID), 7));
	KUNIT_EXPECT_EQ(test, GUEST_PAGE | FS_URW | FS_A | FS_D, *e.leaf);
	KUNIT_EXPECT_EQ(test, 7, e.page[0]);
	KUNIT_EXPECT_EQ(test, virt_to_phys(table_of(e.leaf)) | SS_R, *e.ss);
	KUNIT_EXPECT_EQ(test, 0, e.dma->unit->stats.faults);
}

/* Only flags are affected: DMA obeys the second stage. */
static void erratum_not_for_data(struct kunit *test)
{
	const struct vtdsim_req req = pasid_req(ADDR, PASID);
	struct erratum e;

	erratum_make(test, &e, true);
	*e.leaf = e.table | FS_URW;
	KUNIT_EXPECT_EQ(test, -EFAULT, vtdsim_test_write(e.dma, req, 7));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_WRITE, e.dma->out.reason);
	KUNIT_EXPECT_EQ(test, 0, table_of(e.leaf)[0]);

	/* Tables that are not mapped at all are not affected */
	*e.leaf = GUEST_PAGE | FS_URW;
	*e.ss = 0;
	vtdsim_inv_iotlb_domain(e.dma->unit->cache, DID);
	vtdsim_test_expect_fault(e.dma, req, VTDSIM_FR_SS_PRESENT, true);
}

static struct kunit_case erratum_cases[] = {
	KUNIT_CASE(erratum_absent),
	KUNIT_CASE(erratum_present),
	KUNIT_CASE(erratum_not_for_data),
	{}
};

static struct kunit_suite erratum_suite = {
	.name = "vtdsim-erratum",
	.test_cases = erratum_cases,
};

kunit_test_suite(erratum_suite);
