// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the rule checker: the order of IOTLB and device-TLB invalidations. */
#include <kunit/test.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "cache/internals.h"
#include "queue/descriptors.h"
#include "fixture_cache.h"
#include "fixture_tables.h"
#include "fixture_unit.h"

#define SID	0x0108
#define DID	5
#define RID	3
#define ADDR	0x40000000ULL
#define ALL	0x7ffffffffffff000ULL

enum step {
	END,
	IOTLB_PAGE, IOTLB_OTHER_PAGE, IOTLB_TWO_PAGES, IOTLB_DOMAIN, IOTLB_OTHER_DOMAIN,
	IOTLB_BEYOND, IOTLB_ALL, PIOTLB_PAGE, PIOTLB_PASID, PIOTLB_OTHER_PASID,
	DEV_PAGE, DEV_OTHER_PAGE, DEV_TWO_PAGES, DEV_NEXT_TWO_PAGES, DEV_FOUR_PAGES, DEV_ALL,
	DEV_OTHER_SID, PDEV_PAGE, PDEV_ALL,
	PDEV_OTHER_PASID, PDEV_GLOBAL, WAIT,
};

static void run_step(struct vtdsim_unit *unit, enum step step)
{
	const u64 did = DID << 16, pasid = 7ULL << 32;
	const u64 dev = (u64)SID << 32, pdev = (u64)SID << 16;
	u64 desc[4] = {};
	u32 type;

	switch (step) {
	case IOTLB_PAGE:
	case IOTLB_OTHER_PAGE:
		type = VTDSIM_DESC_IOTLB;
		desc[0] = did | 3 << 4;
		desc[1] = step == IOTLB_PAGE ? ADDR : ADDR + SZ_4K;
		break;
	case IOTLB_TWO_PAGES:
		type = VTDSIM_DESC_IOTLB;
		desc[0] = did | 3 << 4;
		desc[1] = ADDR | 1;
		break;
	case IOTLB_BEYOND:
		type = VTDSIM_DESC_IOTLB;
		desc[0] = did | 3 << 4;
		desc[1] = ADDR | TEST_BEYOND;
		break;
	case IOTLB_DOMAIN:
	case IOTLB_OTHER_DOMAIN:
		type = VTDSIM_DESC_IOTLB;
		desc[0] = (step == IOTLB_DOMAIN ? did : 6 << 16) | 2 << 4;
		break;
	case IOTLB_ALL:
		type = VTDSIM_DESC_IOTLB;
		desc[0] = 1 << 4;
		break;
	case PIOTLB_PAGE:
		type = VTDSIM_DESC_PIOTLB;
		desc[0] = did | pasid | 3 << 4;
		desc[1] = ADDR;
		break;
	case PIOTLB_PASID:
	case PIOTLB_OTHER_PASID:
		type = VTDSIM_DESC_PIOTLB;
		desc[0] = did | (step == PIOTLB_PASID ? pasid : 8ULL << 32) |
			  2 << 4;
		break;
	case DEV_PAGE:
	case DEV_OTHER_PAGE:
		type = VTDSIM_DESC_DEVTLB;
		desc[0] = dev;
		desc[1] = step == DEV_PAGE ? ADDR : ADDR + SZ_4K;
		break;
	case DEV_TWO_PAGES:
	case DEV_NEXT_TWO_PAGES:
	case DEV_FOUR_PAGES:
		type = VTDSIM_DESC_DEVTLB;
		desc[0] = dev;
		desc[1] = ADDR | (step == DEV_FOUR_PAGES ? SZ_4K : 0) |
			  (step == DEV_NEXT_TWO_PAGES ? SZ_8K : 0) | 1;
		break;
	case DEV_ALL:
	case DEV_OTHER_SID:
		type = VTDSIM_DESC_DEVTLB;
		desc[0] = step == DEV_ALL ? dev : 0x110ULL << 32;
		desc[1] = ALL | 1;
		break;
	case PDEV_PAGE:
		type = VTDSIM_DESC_PDEVTLB;
		desc[0] = pdev | pasid;
		desc[1] = ADDR;
		break;
	case PDEV_ALL:
	case PDEV_OTHER_PASID:
	case PDEV_GLOBAL:
		type = VTDSIM_DESC_PDEVTLB;
		desc[0] = pdev | (step == PDEV_OTHER_PASID ? 8ULL << 32 : pasid);
		desc[1] = ALL | BIT(11) | (step == PDEV_GLOBAL ? 1 : 0);
		break;
	default:
		type = VTDSIM_DESC_WAIT;
		break;
	}
	vtdsim_rule_order(unit, type, desc);
}

static const struct order {
	const char *name;
	u8 pgtt;
	bool with_pasid;
	enum step steps[6];
	bool wrong;
} orders[] = {
#define SECOND	.pgtt = VTDSIM_PGTT_SECOND
#define NESTED	.pgtt = VTDSIM_PGTT_NESTED, .with_pasid = true
	{ "right", SECOND, .steps = { IOTLB_PAGE, DEV_PAGE, WAIT } },
	{ "pages", SECOND, .steps = { DEV_PAGE, IOTLB_PAGE, WAIT }, .wrong = true },
	{ "ignored bits", SECOND, .steps = { DEV_PAGE, IOTLB_BEYOND, WAIT }, .wrong = true },
	{ "domain", SECOND, .steps = { DEV_PAGE, IOTLB_DOMAIN, WAIT },
	  .wrong = true },
	{ "global", SECOND, .steps = { DEV_ALL, IOTLB_ALL, WAIT }, .wrong = true },
	{ "all and one", SECOND, .steps = { DEV_ALL, IOTLB_PAGE, WAIT },
	  .wrong = true },
	{ "other page", SECOND, .steps = { DEV_PAGE, IOTLB_OTHER_PAGE, WAIT } },
	{ "other device page", SECOND,
	  .steps = { DEV_OTHER_PAGE, IOTLB_PAGE, WAIT } },
	{ "other domain", SECOND,
	  .steps = { DEV_ALL, IOTLB_OTHER_DOMAIN, WAIT } },
	{ "other device", SECOND, .steps = { DEV_OTHER_SID, IOTLB_PAGE, WAIT } },
	{ "made up for", SECOND,
	  .steps = { DEV_PAGE, IOTLB_PAGE, DEV_PAGE, WAIT } },
	{ "made up for with all", SECOND,
	  .steps = { DEV_PAGE, IOTLB_PAGE, DEV_ALL, WAIT } },
	{ "not made up for", SECOND,
	  .steps = { DEV_ALL, IOTLB_PAGE, DEV_OTHER_PAGE, WAIT }, .wrong = true },
	{ "made up for the page", SECOND,
	  .steps = { DEV_ALL, IOTLB_PAGE, DEV_PAGE, WAIT } },
	{ "first page not made up for", SECOND,
	  .steps = { DEV_TWO_PAGES, IOTLB_DOMAIN, DEV_OTHER_PAGE, WAIT },
	  .wrong = true },
	{ "last page not made up for", SECOND,
	  .steps = { DEV_TWO_PAGES, IOTLB_DOMAIN, DEV_PAGE, WAIT },
	  .wrong = true },
	{ "made up for page by page", SECOND,
	  .steps = { DEV_TWO_PAGES, IOTLB_TWO_PAGES, DEV_PAGE, DEV_OTHER_PAGE,
		     WAIT } },
	{ "last two not made up for", SECOND,
	  .steps = { DEV_FOUR_PAGES, IOTLB_DOMAIN, DEV_TWO_PAGES, WAIT }, .wrong = true },
	{ "first two not made up for", SECOND,
	  .steps = { DEV_FOUR_PAGES, IOTLB_DOMAIN, DEV_NEXT_TWO_PAGES, WAIT },
	  .wrong = true },
	{ "made up for by halves", SECOND,
	  .steps = { DEV_FOUR_PAGES, IOTLB_DOMAIN, DEV_NEXT_TWO_PAGES, DEV_TWO_PAGES,
		     WAIT } },
	/* A range with a hole is not remembered. */
	{ "made up for in the middle", SECOND,
	  .steps = { DEV_FOUR_PAGES, IOTLB_DOMAIN, DEV_OTHER_PAGE, WAIT } },
	{ "sent again in the middle", SECOND,
	  .steps = { DEV_FOUR_PAGES, DEV_OTHER_PAGE, IOTLB_PAGE, WAIT },
	  .wrong = true },
	{ "waited", SECOND, .steps = { DEV_PAGE, WAIT, IOTLB_PAGE, WAIT } },
	{ "no wait yet", SECOND, .steps = { DEV_PAGE, IOTLB_PAGE } },
	{ "nested, right", NESTED, .steps = { PIOTLB_PAGE, PDEV_PAGE, WAIT } },
	{ "nested, pages", NESTED, .steps = { PDEV_PAGE, PIOTLB_PAGE, WAIT },
	  .wrong = true },
	{ "nested, PASID", NESTED, .steps = { PDEV_ALL, PIOTLB_PASID, WAIT },
	  .wrong = true },
	{ "nested, domain", NESTED, .steps = { PDEV_ALL, IOTLB_DOMAIN, WAIT },
	  .wrong = true },
	{ "nested, other PASID", NESTED,
	  .steps = { PDEV_OTHER_PASID, PIOTLB_PASID, WAIT } },
	{ "nested, other PASID in IOTLB", NESTED,
	  .steps = { PDEV_ALL, PIOTLB_OTHER_PASID, WAIT } },
	/* A second-stage page: which nested mappings it was in is not known */
	{ "nested, second-stage pages", NESTED,
	  .steps = { PDEV_ALL, IOTLB_PAGE, WAIT } },
	{ "nested, all PASIDs", NESTED,
	  .steps = { PDEV_GLOBAL, PIOTLB_PASID, WAIT }, .wrong = true },
	{ "nested, all PASIDs, right", NESTED,
	  .steps = { PIOTLB_PASID, PDEV_GLOBAL, WAIT } },
	{ "nested, made up for with all PASIDs", NESTED,
	  .steps = { PDEV_ALL, PIOTLB_PASID, PDEV_GLOBAL, WAIT } },
	{ "nested, all PASIDs made up for with one", NESTED,
	  .steps = { PDEV_GLOBAL, PIOTLB_PASID, PDEV_ALL, WAIT }, .wrong = true },
	{ "nested, made up for without PASID", NESTED,
	  .steps = { PDEV_ALL, PIOTLB_PASID, DEV_ALL, WAIT } },
	{ "nested, global", NESTED, .steps = { PDEV_ALL, IOTLB_ALL, WAIT }, .wrong = true },
	{ "nested, without PASID", NESTED,
	  .steps = { DEV_ALL, PIOTLB_PASID, WAIT } },
	{ "pass-through", .pgtt = VTDSIM_PGTT_PASS,
	  .steps = { DEV_ALL, IOTLB_DOMAIN, WAIT } },
};

KUNIT_ARRAY_PARAM_DESC(order, orders, name);

static struct vtdsim_unit *order_unit(struct kunit *test, const struct order *o)
{
	const struct vtdsim_context ctx = { .rid_pasid = RID, .pasids = 64 };
	const struct vtdsim_pasid pe = { .did = DID, .pgtt = o->pgtt };
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	u32 pasid = o->with_pasid ? 7 : RID;

	vtdsim_cache_add_context(unit->cache, SID, &ctx);
	vtdsim_cache_add_pasid(unit->cache, SID, pasid, &pe);
	if (o->pgtt != VTDSIM_PGTT_PASS)
		vtdsim_test_add_page(test, unit, o->pgtt, DID, pasid, ADDR);
	return unit;
}

static void order_of_two(struct kunit *test)
{
	const struct order *o = test->param_value;
	struct vtdsim_unit *unit = order_unit(test, o);
	const enum step *step;

	for (step = o->steps; *step; step++)
		run_step(unit, *step);
	KUNIT_EXPECT_EQ(test, o->wrong, unit->stats.violations);

	/* Reported once */
	run_step(unit, WAIT);
	if (o->wrong)
		KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
}

/* No violation without a cached mapping and PASID entry. */
static void order_not_cached(struct kunit *test)
{
	const struct order *o = &orders[1];
	struct vtdsim_unit *unit = order_unit(test, o);

	vtdsim_inv_iotlb_all(unit->cache);
	run_step(unit, DEV_PAGE);
	run_step(unit, IOTLB_PAGE);
	run_step(unit, WAIT);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);

	unit = order_unit(test, o);
	vtdsim_inv_pasid_all(unit->cache);
	run_step(unit, DEV_PAGE);
	run_step(unit, IOTLB_PAGE);
	run_step(unit, WAIT);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);
}

/* Only mappings of the domain of the PASID entry count. */
static void order_other_domain(struct kunit *test)
{
	struct vtdsim_unit *unit = order_unit(test, &orders[1]);

	vtdsim_inv_iotlb_all(unit->cache);
	vtdsim_test_add_page(test, unit, VTDSIM_PGTT_SECOND, DID + 1, RID, ADDR);
	run_step(unit, DEV_PAGE);
	run_step(unit, IOTLB_DOMAIN);
	run_step(unit, WAIT);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);
}

/* Sends many invalidations of other pages that are cached. */
static void send_many(struct kunit *test, struct vtdsim_unit *unit)
{
	u64 desc[4] = { (u64)SID << 32 };
	unsigned int i;

	for (i = 1; i < 3 * ARRAY_SIZE(vtdsim_unit_rules(unit)->order.sent.s); i++) {
		desc[1] = ADDR + i * SZ_4K;
		vtdsim_test_add_page(test, unit, VTDSIM_PGTT_SECOND, DID, RID, desc[1]);
		vtdsim_rule_order(unit, VTDSIM_DESC_DEVTLB, desc);
	}
}

/* More invalidations than are remembered: the oldest are forgotten. */
static void order_many(struct kunit *test)
{
	struct vtdsim_unit *unit = order_unit(test, &orders[1]);

	run_step(unit, DEV_PAGE);
	send_many(test, unit);
	run_step(unit, IOTLB_PAGE);
	run_step(unit, WAIT);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);

	send_many(test, unit);
	run_step(unit, DEV_PAGE);
	run_step(unit, IOTLB_PAGE);
	run_step(unit, WAIT);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
}

/* What is not cached is not remembered, however much of it there is. */
static void order_many_not_cached(struct kunit *test)
{
	struct vtdsim_unit *unit = order_unit(test, &orders[1]);
	u64 desc[4] = { (u64)SID << 32 };
	unsigned int i;

	run_step(unit, DEV_PAGE);
	for (i = 1; i < 3 * ARRAY_SIZE(vtdsim_unit_rules(unit)->order.sent.s); i++) {
		desc[1] = ADDR + i * SZ_4K;
		vtdsim_rule_order(unit, VTDSIM_DESC_DEVTLB, desc);
	}
	run_step(unit, IOTLB_PAGE);
	run_step(unit, WAIT);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
}

/* An entry that was changed and invalidated counts until its mappings are invalidated. */
static void order_entry_gone(struct kunit *test)
{
	const struct vtdsim_pasid pe = { .did = DID, .pgtt = VTDSIM_PGTT_SECOND };
	struct vtdsim_unit *unit = order_unit(test, &orders[1]);
	u64 *entry = vtdsim_test_page(test);
	struct vtdsim_pasid old = pe;

	old.raw[0] = 1;
	old.at = virt_to_phys(entry);
	vtdsim_cache_add_pasid(unit->cache, SID, RID, &old);
	vtdsim_inv_pasid_all(unit->cache);
	run_step(unit, DEV_ALL);
	run_step(unit, IOTLB_DOMAIN);
	run_step(unit, WAIT);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
}

static struct kunit_case order_cases[] = {
	KUNIT_CASE_PARAM(order_of_two, order_gen_params),
	KUNIT_CASE(order_not_cached),
	KUNIT_CASE(order_other_domain),
	KUNIT_CASE(order_many),
	KUNIT_CASE(order_many_not_cached),
	KUNIT_CASE(order_entry_gone),
	{}
};

static struct kunit_suite order_suite = {
	.name = "vtdsim-rules-order",
	.test_cases = order_cases,
};

kunit_test_suite(order_suite);
