// SPDX-License-Identifier: GPL-2.0-only
/* Tests of the rule checker: memory freed while a unit may still use it. */
#include <kunit/test.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "cache/internals.h"
#include "fixture_cache.h"
#include "fixture_dma.h"
#include "fixture_requester.h"
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

KUNIT_ARRAY_PARAM_DESC(freed, freed_cases, name);

/**
 * struct memory - nested translation of ADDR, cached
 * @dma: unit and tables
 * @part: host address of each part
 */
struct memory {
	struct vtdsim_test_dma *dma;
	u64 part[PART_OTHER + 1];
};

static void memory_make(struct kunit *test, struct memory *m)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *page = vtdsim_test_page(test);
	struct vtdsim_test_guest g = {
		.test = test, .ss_root = vtdsim_test_page(test), .ss_levels = 4,
		.step = SZ_4K,
	};
	u64 root = vtdsim_test_guest_page(&g);

	m->dma = d;
	*vtdsim_test_guest_pte(&g, root, 4, 1, ADDR) = GUEST | FS_URW;
	vtdsim_test_map_second(d, g.ss_root, GUEST, page, SS_RW);
	vtdsim_test_set_nested(d, PASID, DID, root, g.ss_root);
	page[0] = 0x1234;
	KUNIT_ASSERT_EQ(test, 0x1234, vtdsim_test_read(d, pasid_req(ADDR, PASID)));

	m->part[PART_CONTEXT] = virt_to_phys(table_of(d->ctx));
	m->part[PART_DIRECTORY] = virt_to_phys(d->dir);
	m->part[PART_TABLE] = virt_to_phys(d->table2);
	m->part[PART_SS_ROOT] = virt_to_phys(g.ss_root);
	m->part[PART_SS_TABLE] =
		virt_to_phys(table_of(vtdsim_test_pte(test, g.ss_root, 4, 1, 0, SS_RW)));
	m->part[PART_FS_TABLE] =
		virt_to_phys(table_of(vtdsim_test_guest_pte(&g, root, 4, 2, ADDR)));
	m->part[PART_PAGE] = virt_to_phys(page);
	m->part[PART_OTHER] = virt_to_phys(vtdsim_test_page(test));
}

/* A violation unless the caches that refer to it have been invalidated. */
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
		unit = m.dma->unit;
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

/* The root of a first stage that is not nested is a host address, too. */
static void freed_first_stage_root(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *page = vtdsim_test_page(test);

	*page = 0x1234;
	vtdsim_test_map_first(d, root, ADDR, page, FS_URW);
	vtdsim_test_set_first(d, PASID, DID, root);
	KUNIT_ASSERT_EQ(test, 0x1234, vtdsim_test_read(d, pasid_req(ADDR, PASID)));
	vtdsim_inv_iotlb_domain(d->unit->cache, DID);
	vtdsim_inv_complete(d->unit->cache);
	vtdsim_rule_freed(d->unit, virt_to_phys(root), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, d->unit->stats.violations);
}

/* The other tables of the same translation are not affected. */
static void freed_each_once(struct kunit *test)
{
	struct memory m;
	unsigned int i;

	memory_make(test, &m);
	for (i = 0; i <= PART_OTHER; i++)
		vtdsim_rule_freed(m.dma->unit, m.part[i], PAGE_SIZE);
	/* The context and the PASID entry refer to two of them each. */
	KUNIT_EXPECT_EQ(test, PART_OTHER - 2, m.dma->unit->stats.violations);
}

static void freed_in_a_block(struct kunit *test)
{
	struct memory m;
	u64 page, block;

	memory_make(test, &m);
	/* The root table may be in the same block, and has a rule of its own. */
	vtdsim_reg_set32(m.dma->unit, GSTS, 0);
	page = m.part[PART_SS_TABLE];
	block = page & ~(SZ_64K - 1ULL);
	vtdsim_rule_freed(m.dma->unit, block, SZ_64K);
	KUNIT_EXPECT_EQ(test, 1, m.dma->unit->stats.violations);
}

/* Any part of a large page */
static void freed_in_large_page(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
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

/* After the filter of held pages has been renewed, pages that are held are still in it. */
static void freed_after_others(struct kunit *test)
{
	struct memory m;

	memory_make(test, &m);
	vtdsim_rule_freed(m.dma->unit, m.part[PART_FS_TABLE], PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, m.dma->unit->stats.violations);
	vtdsim_rule_freed(m.dma->unit, m.part[PART_PAGE], PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 2, m.dma->unit->stats.violations);
}

static void freed_before_wait(struct kunit *test)
{
	struct vtdsim_unit *unit;
	struct memory m;

	memory_make(test, &m);
	unit = m.dma->unit;
	vtdsim_inv_iotlb_domain(unit->cache, DID);
	vtdsim_rule_freed(unit, m.part[PART_SS_TABLE], PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
	vtdsim_rule_freed(unit, m.part[PART_SS_TABLE], PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
	vtdsim_inv_complete(unit->cache);
	vtdsim_rule_freed(unit, m.part[PART_PAGE], PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);

	/* Allocating more room does not hide invalidated entries. */
	KUNIT_EXPECT_EQ(test, 0x1234, vtdsim_test_read(m.dma, pasid_req(ADDR, PASID)));
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
	root = m.dma->unit->rtaddr & PAGE_MASK;
	vtdsim_rule_freed(m.dma->unit, m.part[PART_OTHER], PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 0, m.dma->unit->stats.violations);
	vtdsim_inv_iotlb_all(m.dma->unit->cache);
	vtdsim_inv_pasid_all(m.dma->unit->cache);
	vtdsim_inv_context_all(m.dma->unit->cache);
	vtdsim_inv_complete(m.dma->unit->cache);
	vtdsim_rule_freed(m.dma->unit, root, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, m.dma->unit->stats.violations);
	vtdsim_reg_set32(m.dma->unit, GSTS, 0);
	vtdsim_rule_freed(m.dma->unit, root, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, m.dma->unit->stats.violations);
}

/* Queues of two pages each */
static void freed_queue(struct kunit *test)
{
	const u64 iqa = 0x100000, pqa = 0x200000;
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);

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

KUNIT_DEFINE_ACTION_WRAPPER(unwatch, vtdsim_unwatch, struct vtdsim_unit *);

/* The page allocator reports freed pages. */
static void freed_for_real(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
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

/* A device TLB with one translation, from and to these addresses */
static struct vtdsim_translation lent_translation;

static void lent_each(struct vtdsim_requester *r,
		      void (*fn)(void *data, const struct vtdsim_translation *t), void *data)
{
	fn(data, &lent_translation);
}

static const struct vtdsim_requester_ops lent_ops = { .each = lent_each };

/* Addresses that are the same on both sides count as passed through. */
static void lent_identity(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
	u64 hpa = virt_to_phys(vtdsim_test_page(test));

	vtdsim_test_requester_new(test, unit, SID)->requester.ops = &lent_ops;
	lent_translation = (struct vtdsim_translation) { .in = hpa, .out = hpa, .shift = 12 };
	vtdsim_rule_lent(unit, hpa, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);
	lent_translation.in = ADDR;
	vtdsim_rule_lent(unit, hpa, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
}

/* An entry that is fetched must not point to free memory. */
static void root_is_free(struct kunit *test)
{
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);
	u64 *page = vtdsim_test_page(test);
	struct vtdsim_pasid pe = {
		.did = DID, .pgtt = VTDSIM_PGTT_NESTED, .fs_root = GUEST,
		.ss_root = virt_to_phys(page),
	};

	vtdsim_rule_roots(unit, SID, PASID, &pe);
	pe.pgtt = VTDSIM_PGTT_SECOND;
	vtdsim_rule_roots(unit, SID, PASID, &pe);
	pe.fs_root = pe.ss_root;
	pe.pgtt = VTDSIM_PGTT_FIRST;
	vtdsim_rule_roots(unit, SID, PASID, &pe);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);

	/* Looks free, but cannot be allocated. No assertion till its count is back. */
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
}

/* The directory of all PASIDs, up to its last page */
static void freed_in_directory(struct kunit *test)
{
	const struct vtdsim_context ctx = { .pasid_dir = SZ_256M - SZ_64K, .pasids = BIT(20) };
	struct vtdsim_unit *unit = vtdsim_test_dma_unit(test);

	vtdsim_test_add_context(test, unit, SID, &ctx);
	vtdsim_rule_freed(unit, SZ_256M - SZ_128K, SZ_64K);
	vtdsim_rule_freed(unit, SZ_256M + SZ_64K, SZ_4K);
	KUNIT_EXPECT_EQ(test, 0, unit->stats.violations);
	vtdsim_rule_freed(unit, SZ_256M + SZ_64K - SZ_4K, SZ_4K);
	KUNIT_EXPECT_EQ(test, 1, unit->stats.violations);
}

/**
 * struct filter - a thread that frees memory which shares a place in the filter
 * @unit: the unit
 * @hpa: the memory
 */
struct filter {
	struct vtdsim_unit *unit;
	u64 hpa;
};

static int filter_thread(void *data)
{
	struct filter *f = data;

	while (!kthread_should_stop()) {
		vtdsim_rule_freed(f->unit, f->hpa, PAGE_SIZE);
		cond_resched();
	}
	return 0;
}

KUNIT_DEFINE_ACTION_WRAPPER(filter_stop, kthread_stop, struct task_struct *);

/* While other memory is freed, memory that an entry refers to is always found. */
static void freed_filter_is_whole(struct kunit *test)
{
	struct filter *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct task_struct *thread;
	unsigned long missed = 0;
	struct memory m;
	unsigned int i;
	u64 hpa;

	KUNIT_ASSERT_NOT_NULL(test, f);
	memory_make(test, &m);
	hpa = m.part[PART_PAGE];
	f->unit = m.dma->unit;
	f->hpa = hpa ^ (u64)VTDSIM_REFERRED_PLACES << PAGE_SHIFT;
	/* Something to do between the first page and the last one */
	for (i = 0; i < 500; i++)
		vtdsim_test_add_page(test, f->unit, VTDSIM_PGTT_SECOND, DID + 1, 1,
				     SZ_1G + i * SZ_4K);
	thread = kthread_run(filter_thread, f, "vtdsim-freer");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, thread);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, filter_stop, thread));
	for (i = 0; i < 200000; i++) {
		missed += !vtdsim_cache_may_refer(f->unit->cache, hpa, PAGE_SIZE);
		if (!(i % 1000))
			cond_resched();
	}
	kunit_release_action(test, filter_stop, thread);
	KUNIT_EXPECT_EQ(test, missed, 0);
	KUNIT_EXPECT_EQ(test, f->unit->stats.violations, 0);
}

/* The filter forgets what was invalidated, and knows what was mapped by a large page. */
static void freed_filter_sizes(struct kunit *test)
{
	const struct vtdsim_pasid pe = { .did = DID, .pgtt = VTDSIM_PGTT_SECOND };
	static const u8 shifts[] = { 12, 21, 30 };
	struct vtdsim_unit *unit = vtdsim_test_unit(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shifts); i++) {
		u64 first = 64ULL * SZ_1G, last = first + BIT_ULL(shifts[i]) - PAGE_SIZE;
		const struct vtdsim_map map = { .out = first, .shift = shifts[i], .read = true };

		KUNIT_ASSERT_EQ(test, vtdsim_cache_reserve(unit), 0);
		vtdsim_cache_add_iotlb(unit->cache, &pe, 1, &map);
		KUNIT_EXPECT_TRUE(test, vtdsim_cache_may_refer(unit->cache, first, PAGE_SIZE));
		KUNIT_EXPECT_TRUE(test, vtdsim_cache_may_refer(unit->cache, last, PAGE_SIZE));
		KUNIT_EXPECT_FALSE(test, vtdsim_cache_may_refer(unit->cache, last + PAGE_SIZE,
								PAGE_SIZE));
		KUNIT_EXPECT_FALSE(test, vtdsim_cache_may_refer(unit->cache,
								first - BIT_ULL(shifts[i]),
								PAGE_SIZE));
		KUNIT_EXPECT_TRUE(test, vtdsim_cache_may_refer(unit->cache, first - PAGE_SIZE,
							       2 * PAGE_SIZE));
		vtdsim_inv_iotlb_all(unit->cache);
		vtdsim_inv_complete(unit->cache);
		vtdsim_rule_freed(unit, last, PAGE_SIZE);
		KUNIT_EXPECT_FALSE(test, vtdsim_cache_may_refer(unit->cache, first, PAGE_SIZE));
	}
	KUNIT_EXPECT_EQ(test, unit->stats.violations, 0);
}

static struct kunit_case memory_cases[] = {
	KUNIT_CASE_PARAM(freed_while_cached, freed_gen_params),
	KUNIT_CASE(freed_each_once),
	KUNIT_CASE(freed_in_a_block),
	KUNIT_CASE(freed_in_large_page),
	KUNIT_CASE(freed_in_directory),
	KUNIT_CASE(freed_after_others),
	KUNIT_CASE(freed_before_wait),
	KUNIT_CASE(freed_root_table),
	KUNIT_CASE(freed_queue),
	KUNIT_CASE(freed_for_real),
	KUNIT_CASE(freed_first_stage_root),
	KUNIT_CASE(lent_identity),
	KUNIT_CASE(root_is_free),
	KUNIT_CASE(freed_filter_is_whole),
	KUNIT_CASE(freed_filter_sizes),
	{}
};

static struct kunit_suite memory_suite = {
	.name = "vtdsim-rules-memory",
	.test_cases = memory_cases,
};

kunit_test_suite(memory_suite);
