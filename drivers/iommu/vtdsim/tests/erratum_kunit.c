// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of erratum 772415: flags set in first-stage entries that the second
 * stage maps read-only.
 */
#include <linux/array_size.h>
#include <linux/io.h>
#include <linux/sizes.h>

#include "dma_rig.h"
#include "unit/fault_reasons.h"

#define FS_A		BIT_ULL(5)
#define DID		5
#define ADDR		0x40201000ULL	/* index 0, 1, 1, 1 */
#define GUEST_PAGE	0x5000ULL

/**
 * struct erratum_rig - nested translation of ADDR
 * @r: the rig
 * @table: first-stage tables, at guest addresses 0, 4 KiB and so on; the last
 *	one is mapped read-only
 * @page: what is mapped
 * @leaf: first-stage entry for ADDR
 * @ss: second-stage entry for the last table
 */
struct erratum_rig {
	struct rig *r;
	u64 *table[4];
	u64 *page;
	u64 *leaf;
	u64 *ss;
};

static void erratum_rig(struct kunit *test, struct erratum_rig *e, bool erratum)
{
	u64 *ss = rig_page(test);
	unsigned int i, next;

	e->r = rig_make(test);
	e->r->unit->caps.erratum_772415 = erratum;
	e->page = rig_page(test);
	rig_map_second(e->r, ss, GUEST_PAGE, e->page, SS_RW);
	for (i = 0; i < ARRAY_SIZE(e->table); i++) {
		e->table[i] = rig_page(test);
		rig_map_second(e->r, ss, i * SZ_4K, e->table[i],
			       i == 3 ? SS_R : SS_RW);
		next = i == 3 ? GUEST_PAGE : (i + 1) * SZ_4K;
		e->table[i][i ? 1 : 0] = next | FS_URW;
	}
	e->leaf = &e->table[3][1];
	e->ss = rig_slot(test, ss, 4, 1, 3 * SZ_4K, SS_RW);
	rig_set_nested(e->r, PASID, DID, 0, ss);
}

/* As specified: SFS.8, and the page is left alone. */
static void erratum_absent(struct kunit *test)
{
	struct erratum_rig e;

	erratum_rig(test, &e, false);
	rig_expect_fault(e.r, rig_pasid(ADDR, PASID), VTDSIM_FR_FS_NEST_WRITE,
			 true);
	KUNIT_EXPECT_EQ(test, GUEST_PAGE | FS_URW, *e.leaf);
	KUNIT_EXPECT_EQ(test, -EFAULT, rig_write(e.r, rig_pasid(ADDR, PASID), 7));
	KUNIT_EXPECT_EQ(test, GUEST_PAGE | FS_URW, *e.leaf);
	KUNIT_EXPECT_EQ(test, 0, e.page[0]);
}

/* Host memory that was given for reading only is changed. */
static void erratum_present(struct kunit *test)
{
	struct erratum_rig e;

	erratum_rig(test, &e, true);
	e.page[0] = 0x1234;
	KUNIT_EXPECT_EQ(test, 0x1234, rig_read(e.r, rig_pasid(ADDR, PASID)));
	KUNIT_EXPECT_EQ(test, GUEST_PAGE | FS_URW | FS_A, *e.leaf);
	KUNIT_EXPECT_EQ(test, 0, rig_write(e.r, rig_pasid(ADDR, PASID), 7));
	KUNIT_EXPECT_EQ(test, GUEST_PAGE | FS_URW | FS_A | FS_D, *e.leaf);
	KUNIT_EXPECT_EQ(test, 7, e.page[0]);
	KUNIT_EXPECT_EQ(test, virt_to_phys(e.table[3]) | SS_R, *e.ss);
	KUNIT_EXPECT_EQ(test, 0, e.r->unit->stats.faults);
}

/* It is about flags only: DMA itself obeys the second stage. */
static void erratum_not_for_data(struct kunit *test)
{
	const struct vtdsim_req req = rig_pasid(ADDR, PASID);
	struct erratum_rig e;

	erratum_rig(test, &e, true);
	*e.leaf = 3 * SZ_4K | FS_URW;
	KUNIT_EXPECT_EQ(test, -EFAULT, rig_write(e.r, req, 7));
	KUNIT_EXPECT_EQ(test, VTDSIM_FR_WRITE, e.r->out.reason);
	KUNIT_EXPECT_EQ(test, 0, e.table[3][0]);

	/* And not about tables that are not mapped at all */
	*e.leaf = GUEST_PAGE | FS_URW;
	*e.ss = 0;
	vtdsim_inv_iotlb_domain(e.r->unit->cache, DID);
	rig_expect_fault(e.r, req, VTDSIM_FR_SS_PRESENT, true);
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
