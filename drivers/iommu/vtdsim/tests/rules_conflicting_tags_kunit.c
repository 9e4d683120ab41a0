// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the rule checker: which PASID entries may have the same tags.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "fixture_dma.h"
#include "vtdsim.h"

#define SECOND(root)	{ .did = 5, .pgtt = VTDSIM_PGTT_SECOND, \
			  .ss_root = (root), .ss_levels = 4 }
#define FIRST(root)	{ .did = 5, .pgtt = VTDSIM_PGTT_FIRST, \
			  .fs_root = (root), .fs_levels = 4 }
#define NESTED(fs, ss)	{ .did = 5, .pgtt = VTDSIM_PGTT_NESTED, \
			  .fs_root = (fs), .fs_levels = 4, \
			  .ss_root = (ss), .ss_levels = 4 }
#define PASS		{ .did = 5, .pgtt = VTDSIM_PGTT_PASS }

/* Two entries of domain-id 5, and whether they may have the same PASID */
static const struct tags {
	const char *name;
	struct vtdsim_pasid cached;
	struct vtdsim_pasid fetched;
	bool same_pasid;
	bool clash;
} tags[] = {
	{ "second, same table", SECOND(0x1000), SECOND(0x1000), true },
	{ "second, other table", SECOND(0x1000), SECOND(0x2000), false, true },
	{ "nested, other second", NESTED(0x7000, 0x1000),
	  NESTED(0x8000, 0x2000), false, true },
	{ "second and nested, same second", SECOND(0x1000),
	  NESTED(0x7000, 0x1000), true },
	{ "second and nested, other second", SECOND(0x1000),
	  NESTED(0x7000, 0x2000), false, true },
	{ "nested, other first, other PASID", NESTED(0x7000, 0x1000),
	  NESTED(0x8000, 0x1000), false },
	{ "nested, other first, same PASID", NESTED(0x7000, 0x1000),
	  NESTED(0x8000, 0x1000), true, true },
	{ "nested, same tables, same PASID", NESTED(0x7000, 0x1000),
	  NESTED(0x7000, 0x1000), true },
	{ "nested, same first, other second", NESTED(0x7000, 0x1000),
	  NESTED(0x7000, 0x2000), true, true },
	{ "first, other table, other PASID", FIRST(0x7000), FIRST(0x8000),
	  false },
	{ "first, other table, same PASID", FIRST(0x7000), FIRST(0x8000), true,
	  true },
	{ "first, same table, same PASID", FIRST(0x7000), FIRST(0x7000), true },
	{ "first and nested", FIRST(0x7000), NESTED(0x7000, 0x1000), false,
	  true },
	{ "first and second", FIRST(0x7000), SECOND(0x1000), false, true },
	{ "pass-through and second", PASS, SECOND(0x1000), false, true },
	{ "pass-through and first", PASS, FIRST(0x7000), true },
	{ "pass-through twice", PASS, PASS, true },
};

KUNIT_ARRAY_PARAM_DESC(tags, tags, name);

static void tags_clash(struct kunit *test)
{
	const struct tags *t = test->param_value;
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
	struct vtdsim_pasid other = t->cached;
	u32 pasid = t->same_pasid ? 1 : 2;

	/* In either order */
	vtdsim_cache_add_pasid(unit->cache, 0x108, 1, &t->cached);
	vtdsim_rule_tags(unit, 0x208, pasid, &t->fetched);
	KUNIT_EXPECT_EQ(test, t->clash, unit->stats.violations);
	vtdsim_inv_pasid_all(unit->cache);
	vtdsim_cache_add_pasid(unit->cache, 0x108, 1, &t->fetched);
	vtdsim_rule_tags(unit, 0x208, pasid, &t->cached);
	KUNIT_EXPECT_EQ(test, 2 * t->clash, unit->stats.violations);

	/* Of another domain-id */
	other.did = 6;
	vtdsim_rule_tags(unit, 0x208, pasid, &other);
	KUNIT_EXPECT_EQ(test, 2 * t->clash, unit->stats.violations);

	/* No longer cached */
	vtdsim_inv_pasid_domain(unit->cache, 5);
	vtdsim_rule_tags(unit, 0x208, pasid, &t->cached);
	KUNIT_EXPECT_EQ(test, 2 * t->clash, unit->stats.violations);
}

/* The number of levels is part of what a table means. */
static void tags_levels(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
	struct vtdsim_pasid ss = SECOND(0x1000);
	struct vtdsim_pasid fs = FIRST(0x7000);

	fs.did = 6;
	vtdsim_cache_add_pasid(unit->cache, 0x108, 1, &ss);
	vtdsim_cache_add_pasid(unit->cache, 0x108, 2, &fs);
	ss.ss_levels = 3;
	vtdsim_rule_tags(unit, 0x208, 1, &ss);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
	fs.fs_levels = 5;
	vtdsim_rule_tags(unit, 0x208, 2, &fs);
	KUNIT_EXPECT_EQ(test, 2, unit->stats.violations);
}

static void tags_each_counts(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
	struct vtdsim_pasid pe = SECOND(0x1000);

	vtdsim_cache_add_pasid(unit->cache, 0x108, 1, &pe);
	vtdsim_cache_add_pasid(unit->cache, 0x208, 1, &pe);
	pe.ss_root = 0x2000;
	vtdsim_rule_tags(unit, 0x308, 1, &pe);
	KUNIT_EXPECT_EQ(test, 2, unit->stats.violations);
}

static struct kunit_case rules_cases[] = {
	KUNIT_CASE_PARAM(tags_clash, tags_gen_params),
	KUNIT_CASE(tags_levels),
	KUNIT_CASE(tags_each_counts),
	{}
};

static struct kunit_suite rules_suite = {
	.name = "vtdsim-rules",
	.test_cases = rules_cases,
};

kunit_test_suite(rules_suite);
