// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the rule checker: memory freed while a unit may still use it. */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "cache/internals.h"
#include "dma_rig.h"
#include "unit/fault_reasons.h"

#define DID	5
#define ADDR	(3ULL * SZ_1G + 0x5000)
#define GUEST	0x7000ULL

/* What is freed, and which caches refer to it */
enum part {
	PART_CONTEXT, PART_DIRECTORY, PART_TABLE, PART_SS_ROOT, PART_SS_TABLE,
	PART_FS_TABLE, PART_PAGE, PART_OTHER,
};

static const struct freed_case {
	const char *name;
	enum part part;
	bool context;
	bool pasid;
	bool mappings;
} freed_cases[] = {
	{ "context table", PART_CONTEXT, .context = true },
	{ "PASID directory", PART_DIRECTORY, .context = true },
	{ "PASID table", PART_TABLE, .pasid = true },
	{ "second-stage root", PART_SS_ROOT, .pasid = true },
	{ "second-stage table", PART_SS_TABLE, .mappings = true },
	{ "first-stage table", PART_FS_TABLE, .mappings = true },
	{ "page", PART_PAGE, .mappings = true },
	{ "unrelated", PART_OTHER },
};

static void freed_desc(const struct freed_case *t, char *desc)
{
	strscpy(desc, t->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(freed, freed_cases, freed_desc);

/**
 * struct memory - nested translation of ADDR, cached
 * @r: the rig
 * @part: host address of each part
 */
struct memory {
	struct rig *r;
	u64 part[PART_OTHER + 1];
};

static void memory_make(struct kunit *test, struct memory *m)
{
	u64 *ss = rig_page(test), *tables[4], *page = rig_page(test);
	struct rig *r = rig_make(test);
	unsigned int i;

	m->r = r;
	for (i = 0; i < 4; i++) {
		tables[i] = rig_page(test);
		rig_map_second(r, ss, i * SZ_4K, tables[i], SS_RW);
	}
	rig_map_second(r, ss, GUEST, page, SS_RW);
	for (i = 0; i < 4; i++)
		tables[i][ADDR >> (39 - 9 * i) & 511] = FS_URW |
			(i == 3 ? GUEST : (i + 1) * SZ_4K);
	rig_set_nested(r, PASID, DID, 0, ss);
	page[0] = 0x1234;
	KUNIT_ASSERT_EQ(test, 0x1234, rig_read(r, rig_pasid(ADDR, PASID)));

	m->part[PART_CONTEXT] = virt_to_phys(r->ctx) & PAGE_MASK;
	m->part[PART_DIRECTORY] = virt_to_phys(r->dir);
	m->part[PART_TABLE] = virt_to_phys(r->table2);
	m->part[PART_SS_ROOT] = virt_to_phys(ss);
	m->part[PART_SS_TABLE] =
		virt_to_phys(rig_slot(test, ss, 4, 1, 0, SS_RW)) & PAGE_MASK;
	m->part[PART_FS_TABLE] = virt_to_phys(tables[2]);
	m->part[PART_PAGE] = virt_to_phys(page);
	m->part[PART_OTHER] = virt_to_phys(rig_page(test));
}

/* A violation until exactly those caches are invalidated that refer to it */
static void freed_while_cached(struct kunit *test)
{
	const struct freed_case *t = test->param_value;
	struct memory m;
	struct vtdsim_unit *unit;
	unsigned int drop;

	for (drop = 0; drop < 8; drop++) {
		bool context = t->context && !(drop & 1);
		bool pasid = t->pasid && !(drop & 2);
		bool mappings = t->mappings && !(drop & 4);
		bool bad = context || pasid || mappings;

		memory_make(test, &m);
		unit = m.r->unit;
		if (drop & 1)
			vtdsim_inv_context_all(unit->cache);
		if (drop & 2)
			vtdsim_inv_pasid_all(unit->cache);
		if (drop & 4)
			vtdsim_inv_iotlb_domain(unit->cache, DID);
		vtdsim_inv_complete(unit->cache);
		vtdsim_rule_freed(unit, m.part[t->part], PAGE_SIZE);
		KUNIT_EXPECT_EQ_MSG(test, bad, unit->stats.violations,
				    "invalidated: %u", drop);

		/* Reported once */
		vtdsim_rule_freed(unit, m.part[t->part], PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, bad, unit->stats.violations);
	}
}

/* The other tables of the same translation are not affected. */
static void freed_each_once(struct kunit *test)
{
	struct memory m;
	unsigned int i;

	memory_make(test, &m);
	for (i = 0; i <= PART_OTHER; i++)
		vtdsim_rule_freed(m.r->unit, m.part[i], PAGE_SIZE);
	/* The context and the PASID entry refer to two of them each. */
	KUNIT_EXPECT_EQ(test, PART_OTHER - 2, m.r->unit->stats.violations);
}

static void freed_in_a_block(struct kunit *test)
{
	struct memory m;
	u64 page, block;

	memory_make(test, &m);
	/* The root table may be in the same block, and has a rule of its own. */
	vtdsim_reg_set32(m.r->unit, GSTS, 0);
	page = m.part[PART_SS_TABLE];
	block = page & ~(SZ_64K - 1ULL);
	vtdsim_rule_freed(m.r->unit, block, SZ_64K);
	KUNIT_EXPECT_EQ(test, 1, m.r->unit->stats.violations);
}

/* Large pages: any part of them */
static void freed_in_large_page(struct kunit *test)
{
	struct vtdsim_unit *unit = rig_unit(test);
	struct vtdsim_pasid pe = { .did = DID, .pgtt = VTDSIM_PGTT_SECOND };
	struct vtdsim_map map = { .in = SZ_1G, .out = 6ULL * SZ_1G, .shift = 30 };

	vtdsim_cache_add_iotlb(unit->cache, &pe, 0, &map);
	vtdsim_rule_freed(unit, map.out - SZ_4K, SZ_4K);
	vtdsim_rule_freed(unit, map.out + SZ_1G, SZ_4K);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);
	vtdsim_rule_freed(unit, map.out + SZ_1G - SZ_4K, SZ_4K);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);

	map = (struct vtdsim_map){ .in = 0, .out = SZ_2M, .shift = 21 };
	vtdsim_cache_add_iotlb(unit->cache, &pe, 0, &map);
	vtdsim_rule_freed(unit, SZ_2M + 0x9000, SZ_4K);
	KUNIT_EXPECT_EQ(test, 2, unit->stats.violations);
}

/* The first pages looked at take what is stale out of the filter only. */
static void freed_after_others(struct kunit *test)
{
	struct memory m;

	memory_make(test, &m);
	vtdsim_rule_freed(m.r->unit, m.part[PART_FS_TABLE], PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, m.r->unit->stats.violations);
	vtdsim_rule_freed(m.r->unit, m.part[PART_PAGE], PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 2, m.r->unit->stats.violations);
}

static void freed_before_wait(struct kunit *test)
{
	struct vtdsim_unit *unit;
	struct memory m;

	memory_make(test, &m);
	unit = m.r->unit;
	vtdsim_inv_iotlb_domain(unit->cache, DID);
	vtdsim_rule_freed(unit, m.part[PART_SS_TABLE], PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
	vtdsim_rule_freed(unit, m.part[PART_SS_TABLE], PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
	vtdsim_inv_complete(unit->cache);
	vtdsim_rule_freed(unit, m.part[PART_PAGE], PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);

	/* Room that comes later does not hide what was invalidated before. */
	KUNIT_EXPECT_EQ(test, 0x1234, rig_read(m.r, rig_pasid(ADDR, PASID)));
	vtdsim_inv_iotlb_domain(unit->cache, DID);
	unit->cache->free_count = 0;
	KUNIT_EXPECT_EQ(test, 0, vtdsim_cache_reserve(unit));
	vtdsim_rule_freed(unit, m.part[PART_PAGE], PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 2, unit->stats.violations);
}

static void freed_root_table(struct kunit *test)
{
	struct memory m;
	u64 root;

	memory_make(test, &m);
	root = m.r->unit->rtaddr & PAGE_MASK;
	vtdsim_rule_freed(m.r->unit, m.part[PART_OTHER], PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 0, m.r->unit->stats.violations);
	vtdsim_inv_iotlb_all(m.r->unit->cache);
	vtdsim_inv_pasid_all(m.r->unit->cache);
	vtdsim_inv_context_all(m.r->unit->cache);
	vtdsim_inv_complete(m.r->unit->cache);
	vtdsim_rule_freed(m.r->unit, root, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, m.r->unit->stats.violations);
	vtdsim_reg_set32(m.r->unit, GSTS, 0);
	vtdsim_rule_freed(m.r->unit, root, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, m.r->unit->stats.violations);
}

/* Queues, of two pages each: the second is theirs too, the next is not. */
static void freed_queue(struct kunit *test)
{
	const u64 iqa = 0x100000, pqa = 0x200000;
	struct vtdsim_unit *unit = rig_unit(test);

	vtdsim_reg_set64(unit, 0x90, iqa | 1);
	vtdsim_rule_freed(unit, iqa, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);
	vtdsim_reg_set32(unit, GSTS, BIT(26));
	vtdsim_rule_freed(unit, iqa + PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
	vtdsim_rule_freed(unit, iqa - PAGE_SIZE, PAGE_SIZE);
	vtdsim_rule_freed(unit, iqa + 2 * PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);

	vtdsim_rule_freed(unit, pqa, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
	vtdsim_reg_set64(unit, 0xd0, pqa | 1);
	vtdsim_rule_freed(unit, pqa + PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 2, unit->stats.violations);
	vtdsim_rule_freed(unit, pqa + 2 * PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 2, unit->stats.violations);
	vtdsim_reg_set64(unit, 0xd0, 0);
	vtdsim_rule_freed(unit, pqa, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 2, unit->stats.violations);
}

static void unwatch(void *unit)
{
	vtdsim_unwatch(unit);
}

/* The page allocator does tell. */
static void freed_for_real(struct kunit *test)
{
	struct vtdsim_unit *unit = rig_unit(test);
	struct vtdsim_pasid pe = { .did = DID, .pgtt = VTDSIM_PGTT_SECOND };
	struct vtdsim_psc psc = {};
	unsigned long page;

	if (!IS_ENABLED(CONFIG_TRACEPOINTS))
		kunit_skip(test, "no tracepoints");
	KUNIT_ASSERT_EQ(test, 0, vtdsim_watch(unit));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, unwatch, unit));

	page = __get_free_page(GFP_KERNEL);
	KUNIT_ASSERT_NE(test, 0, page);
	psc.table = virt_to_phys((void *)page);
	vtdsim_cache_add_psc(unit->cache, VTDSIM_STAGE_SECOND, &pe, 0, 0, 2,
			     &psc);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);
	free_page(page);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
}

/* An entry that is fetched must not point to free memory. */
static void root_is_free(struct kunit *test)
{
	struct vtdsim_unit *unit = rig_unit(test);
	unsigned long page = __get_free_page(GFP_KERNEL);
	struct vtdsim_pasid pe = {
		.did = DID, .pgtt = VTDSIM_PGTT_NESTED, .fs_root = GUEST,
		.ss_root = virt_to_phys((void *)page),
	};

	KUNIT_ASSERT_NE(test, 0, page);
	vtdsim_rule_roots(unit, SID, PASID, &pe);
	pe.pgtt = VTDSIM_PGTT_SECOND;
	vtdsim_rule_roots(unit, SID, PASID, &pe);
	pe.fs_root = pe.ss_root;
	pe.pgtt = VTDSIM_PGTT_FIRST;
	vtdsim_rule_roots(unit, SID, PASID, &pe);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);

	/* As if it were free, and nobody else could get it meanwhile */
	page_ref_sub(virt_to_page(page), 1);
	vtdsim_rule_roots(unit, SID, PASID, &pe);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
	pe.pgtt = VTDSIM_PGTT_SECOND;
	vtdsim_rule_roots(unit, SID, PASID, &pe);
	KUNIT_EXPECT_EQ(test, 2, unit->stats.violations);
	pe.pgtt = VTDSIM_PGTT_PASS;
	vtdsim_rule_roots(unit, SID, PASID, &pe);
	KUNIT_EXPECT_EQ(test, 2, unit->stats.violations);
	page_ref_add(virt_to_page(page), 1);
	free_page(page);
}

static struct kunit_case memory_cases[] = {
	KUNIT_CASE_PARAM(freed_while_cached, freed_gen_params),
	KUNIT_CASE(freed_each_once),
	KUNIT_CASE(freed_in_a_block),
	KUNIT_CASE(freed_in_large_page),
	KUNIT_CASE(freed_after_others),
	KUNIT_CASE(freed_before_wait),
	KUNIT_CASE(freed_root_table),
	KUNIT_CASE(freed_queue),
	KUNIT_CASE(freed_for_real),
	KUNIT_CASE(root_is_free),
	{}
};

static struct kunit_suite memory_suite = {
	.name = "vtdsim-rules-memory",
	.test_cases = memory_cases,
};

kunit_test_suite(memory_suite);
