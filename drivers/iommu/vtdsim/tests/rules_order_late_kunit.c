// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the rule checker: device TLBs that are invalidated before the IOTLB, with
 * waits between.
 */
#include <linux/io.h>
#include <linux/sizes.h>

#include "cache/internals.h"
#include "fixture_dma.h"
#include "fixture_requester.h"
#include "queue/descriptors.h"

#define DID	5
#define ADDR	0x40000000ULL
#define ALL	0x7ffffffffffff000ULL

/**
 * struct late_unit - a unit that has a page of two endpoints' PASID cached
 * @dma: unit and tables
 * @r: the endpoint SID
 * @pte: leaf that maps the page
 * @pgtt: how PASID is translated
 */
struct late_unit {
	struct vtdsim_test_dma *dma;
	struct vtdsim_test_requester *r;
	u64 *pte;
	enum vtdsim_pgtt pgtt;
};

enum late_step {
	LATE_END,
	DEV,		/* device TLB: the page */
	DEV_ALL,	/* all addresses */
	DEV_ALL_PASIDS,	/* of all PASIDs */
	DEV_NO_PASID,	/* without PASID */
	IOTLB,		/* the page */
	IOTLB_DOMAIN,
	IOTLB_ALL,
	CHANGE,		/* the page is not mapped any more */
	RESET,		/* the endpoint forgets its translations */
	DISABLED,	/* ATS is disabled */
};

static void late_submit(struct vtdsim_unit *unit, u64 low, u64 high)
{
	vtdsim_test_descriptor(unit, low, high);
	vtdsim_test_descriptor(unit, VTDSIM_DESC_WAIT | VTDSIM_WAIT0_FN, 0);
}

/* Each invalidation is followed by a wait. */
static void late_step(struct late_unit *l, enum late_step step)
{
	const u64 pasid = (u64)PASID << 32, did = DID << 16;
	struct vtdsim_unit *unit = l->dma->unit;

	switch (step) {
	case DEV:
		late_submit(unit, 8 | SID << 16 | pasid, ADDR);
		break;
	case DEV_ALL:
		late_submit(unit, 8 | SID << 16 | pasid, ALL | BIT(11));
		break;
	case DEV_ALL_PASIDS:
		late_submit(unit, 8 | SID << 16, ALL | BIT(11) | 1);
		break;
	case DEV_NO_PASID:
		late_submit(unit, 3 | (u64)SID << 32, ALL | 1);
		break;
	case IOTLB:
		if (l->pgtt == VTDSIM_PGTT_SECOND)
			late_submit(unit, 2 | 3 << 4 | did, ADDR);
		else
			late_submit(unit, 6 | 3 << 4 | did | pasid, ADDR);
		break;
	case IOTLB_DOMAIN:
		late_submit(unit, 2 | 2 << 4 | did, 0);
		break;
	case IOTLB_ALL:
		late_submit(unit, 2 | 1 << 4, 0);
		break;
	case CHANGE:
		*l->pte = 0;
		break;
	case RESET:
		l->r->epoch++;
		break;
	case DISABLED:
		l->r->epoch = 0;
		break;
	case LATE_END:
		break;
	}
}

static const struct late_order {
	const char *name;
	enum late_step steps[6];
	unsigned int wrong;
} late_orders[] = {
	{ "right", { CHANGE, IOTLB, DEV } },
	{ "right, all", { CHANGE, IOTLB_ALL, DEV_ALL } },
	{ "page", { CHANGE, DEV, IOTLB }, 1 },
	{ "all and page", { CHANGE, DEV_ALL, IOTLB }, 1 },
	{ "all and domain", { CHANGE, DEV_ALL, IOTLB_DOMAIN }, 1 },
	{ "all and global", { CHANGE, DEV_ALL, IOTLB_ALL }, 1 },
	{ "page and global", { CHANGE, DEV, IOTLB_ALL }, 1 },
	{ "all PASIDs", { CHANGE, DEV_ALL_PASIDS, IOTLB }, 1 },
	{ "changed between", { DEV, CHANGE, IOTLB }, 1 },
	{ "changed at last", { DEV, IOTLB, CHANGE }, 1 },
	{ "not changed", { DEV, IOTLB } },
	{ "made up for", { CHANGE, DEV, IOTLB, DEV } },
	{ "made up for with all", { CHANGE, DEV, IOTLB, DEV_ALL } },
	{ "made up for with all PASIDs", { CHANGE, DEV, IOTLB, DEV_ALL_PASIDS } },
	{ "made up for without PASID", { CHANGE, DEV, IOTLB, DEV_NO_PASID } },
	{ "without PASID", { CHANGE, DEV_NO_PASID, IOTLB } },
	{ "reset", { CHANGE, DEV, IOTLB, RESET } },
	{ "reset before", { CHANGE, DEV, RESET, IOTLB }, 1 },
	{ "disabled", { CHANGE, DEV, IOTLB, DISABLED } },
	{ "disabled before", { CHANGE, DISABLED, DEV, IOTLB } },
};

KUNIT_ARRAY_PARAM_DESC(late_order, late_orders, name);

static void late_read(struct late_unit *l, u64 addr, u64 value)
{
	KUNIT_EXPECT_EQ(l->dma->test, value, vtdsim_test_read(l->dma, pasid_req(addr, PASID)));
}

static void late_unit_init(struct kunit *test, struct late_unit *l, enum vtdsim_pgtt pgtt)
{
	u64 *second = vtdsim_test_page(test), *first = vtdsim_test_page(test);
	u64 *page = vtdsim_test_page(test);

	*page = 0x1234;
	l->dma = vtdsim_test_dma_new(test);
	l->dma->unit->caps.cap |= VTDSIM_CAP_PSI | FIELD_PREP_CONST(VTDSIM_CAP_MAMV, 9);
	l->dma->unit->caps.ecap |= VTDSIM_ECAP_DT;
	l->r = vtdsim_test_requester_new(test, l->dma->unit, SID);
	l->pgtt = pgtt;
	if (pgtt == VTDSIM_PGTT_SECOND) {
		vtdsim_test_map_second(l->dma, second, ADDR, page, SS_RW);
		l->pte = vtdsim_test_pte(test, second, 4, 1, ADDR, SS_RW);
		vtdsim_test_set_second(l->dma, PASID, DID, second);
	} else {
		vtdsim_test_map_first(l->dma, first, ADDR, page, FS_URW);
		l->pte = vtdsim_test_pte(test, first, 4, 1, ADDR, FS_URW);
		vtdsim_test_map_identity(test, second, page);
		vtdsim_test_map_tables(test, second, first, ADDR);
		vtdsim_test_set_nested(l->dma, PASID, DID, virt_to_phys(first), second);
	}
	late_read(l, ADDR, 0x1234);
}

static void late_expect(struct late_unit *l, unsigned int wrong)
{
	struct kunit *test = l->dma->test;

	KUNIT_EXPECT_EQ(test, 0, l->dma->unit->stats.violations);
	KUNIT_EXPECT_EQ(test, wrong, vtdsim_audit(l->dma->unit));
	KUNIT_EXPECT_EQ(test, wrong, l->dma->unit->stats.violations);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(l->dma->unit));
}

static void late_second(struct kunit *test)
{
	const struct late_order *o = test->param_value;
	const enum late_step *step;
	struct late_unit l;

	late_unit_init(test, &l, VTDSIM_PGTT_SECOND);
	for (step = o->steps; *step; step++)
		late_step(&l, *step);
	late_expect(&l, o->wrong);
}

static void late_nested(struct kunit *test)
{
	const struct late_order *o = test->param_value;
	const enum late_step *step;
	struct late_unit l;

	late_unit_init(test, &l, VTDSIM_PGTT_NESTED);
	for (step = o->steps; *step; step++)
		late_step(&l, *step);
	late_expect(&l, o->wrong);
}

/* Without a wait between, the next wait reports it, and the audit does not. */
static void late_reported_by_wait(struct kunit *test)
{
	const u64 to = 8 | SID << 16 | (u64)PASID << 32;
	struct vtdsim_unit *unit;
	struct late_unit l;

	late_unit_init(test, &l, VTDSIM_PGTT_SECOND);
	unit = l.dma->unit;
	*l.pte = 0;
	vtdsim_test_descriptor(unit, to, ALL | BIT(11));
	vtdsim_test_descriptor(unit, 2 | 2 << 4 | DID << 16, 0);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);
	/* Any descriptor with a wait behind it */
	late_submit(unit, 2 | 2 << 4 | (DID + 1) << 16, 0);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(unit));
}

/* A second-stage range takes all nested mappings with it. */
static void late_second_stage_range(struct kunit *test)
{
	struct late_unit l;

	late_unit_init(test, &l, VTDSIM_PGTT_NESTED);
	late_step(&l, CHANGE);
	late_step(&l, DEV);
	late_submit(l.dma->unit, 2 | 3 << 4 | DID << 16, 0x1000);
	late_expect(&l, 1);
}

/* What came into the IOTLB after the invalidation is another translation. */
static void late_mapping_is_younger(struct kunit *test)
{
	u64 *second = vtdsim_test_page(test), *page = vtdsim_test_page(test);
	struct late_unit l;

	late_unit_init(test, &l, VTDSIM_PGTT_SECOND);
	*page = 0x99;
	vtdsim_test_map_second(l.dma, second, ADDR, page, SS_RW);
	vtdsim_test_map_second(l.dma, second, ADDR + SZ_4K, page, SS_RW);
	l.pte = vtdsim_test_pte(test, second, 4, 1, ADDR, SS_RW);
	vtdsim_test_set_second(l.dma, PASID, DID, second);
	vtdsim_inv_pasid_all(l.dma->unit->cache);
	vtdsim_inv_iotlb_all(l.dma->unit->cache);
	late_read(&l, ADDR + SZ_4K, 0x99);
	late_step(&l, DEV_ALL);
	late_read(&l, ADDR, 0x99);
	late_step(&l, CHANGE);
	late_step(&l, IOTLB);
	late_expect(&l, 0);
}

/* The same address leads to another page. */
static void late_leads_elsewhere(struct kunit *test)
{
	u64 *other = vtdsim_test_page(test);
	struct late_unit l;

	late_unit_init(test, &l, VTDSIM_PGTT_SECOND);
	*l.pte = virt_to_phys(other) | SS_RW;
	late_step(&l, DEV);
	late_step(&l, IOTLB);
	late_expect(&l, 1);
}

/*
 * A large page becomes small ones. All but the last quarter MiB is made up for; of that,
 * @missing pages are not mapped any more.
 */
static void late_split(struct kunit *test, unsigned int missing, unsigned int wrong)
{
	u64 *second = vtdsim_test_page(test), *large = vtdsim_test_large_page(test), *pde;
	const u64 did = (DID + 1) << 16, to = 8 | SID << 16 | (u64)PASID << 32;
	u64 *table = vtdsim_test_page(test);
	struct late_unit l;
	unsigned int i;

	late_unit_init(test, &l, VTDSIM_PGTT_SECOND);
	large[0] = 0x77;
	pde = vtdsim_test_pte(test, second, 4, 2, ADDR, SS_RW);
	*pde = virt_to_phys(large) | SS_RW | PTE_PS;
	vtdsim_test_set_second(l.dma, PASID, DID + 1, second);
	vtdsim_inv_pasid_all(l.dma->unit->cache);
	vtdsim_inv_iotlb_all(l.dma->unit->cache);
	late_read(&l, ADDR, 0x77);

	for (i = 512 - 64 + missing; i < 512; i++)
		table[i] = (virt_to_phys(large) + i * SZ_4K) | SS_RW;
	*pde = virt_to_phys(table) | SS_RW;
	late_step(&l, DEV_ALL);
	late_submit(l.dma->unit, 2 | 3 << 4 | did, ADDR | 9);
	late_submit(l.dma->unit, to, ADDR | BIT(11) | 0x7f000);
	late_submit(l.dma->unit, to, (ADDR + SZ_1M) | BIT(11) | 0x3f000);
	late_submit(l.dma->unit, to, (ADDR + SZ_1M + SZ_512K) | BIT(11) | 0x1f000);
	late_expect(&l, wrong);
}

static void late_large_page(struct kunit *test)
{
	late_split(test, 0, 0);
	late_split(test, 1, 1);
}

/* There is an end to what is remembered. The oldest is forgotten. */
static void late_many(struct kunit *test)
{
	u64 *second = vtdsim_test_page(test), *page = vtdsim_test_page(test), *table;
	struct late_unit l;
	unsigned int i;

	late_unit_init(test, &l, VTDSIM_PGTT_SECOND);
	*page = 0x99;
	for (i = 0; i < VTDSIM_MAX_REFETCHES + 10; i++)
		vtdsim_test_map_second(l.dma, second, ADDR + i * SZ_4K, page, SS_RW);
	table = vtdsim_test_pte(test, second, 4, 1, ADDR, SS_RW);
	vtdsim_test_set_second(l.dma, PASID, DID, second);
	vtdsim_inv_pasid_all(l.dma->unit->cache);
	vtdsim_inv_iotlb_all(l.dma->unit->cache);
	for (i = 0; i < VTDSIM_MAX_REFETCHES + 10; i++)
		late_read(&l, ADDR + i * SZ_4K, 0x99);
	memset(table, 0, SZ_4K);
	late_step(&l, DEV_ALL);
	late_step(&l, IOTLB_DOMAIN);
	late_expect(&l, VTDSIM_MAX_REFETCHES);
}

static struct kunit_case late_cases[] = {
	KUNIT_CASE_PARAM(late_second, late_order_gen_params),
	KUNIT_CASE_PARAM(late_nested, late_order_gen_params),
	KUNIT_CASE(late_reported_by_wait),
	KUNIT_CASE(late_second_stage_range),
	KUNIT_CASE(late_mapping_is_younger),
	KUNIT_CASE(late_leads_elsewhere),
	KUNIT_CASE(late_large_page),
	KUNIT_CASE(late_many),
	{}
};

static struct kunit_suite late_suite = {
	.name = "vtdsim-rules-order-late",
	.test_cases = late_cases,
};

kunit_test_suite(late_suite);
