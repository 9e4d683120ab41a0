// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of a unit that does not snoop: it reads tables as software last flushed
 * them (section 3.10).
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "fixture_dma.h"
#include "fixture_prq.h"
#include "kunit_case.h"
#include "tables/cache_lines.h"

#define DID		5
#define ADDR		0x40000000ULL
#define FS_FLAGS	(FS_URW | 0x60)	/* accessed and dirty, which are not set */

/**
 * struct noncoherent - a unit with lines, and a second-stage table of PASID
 * @dma: unit and tables
 * @lines: memory as the unit sees it
 * @root: second-stage table
 * @page: mapped at ADDR, has 1 in it
 * @other: not mapped, has 2 in it
 * @pte: leaf for ADDR
 */
struct noncoherent {
	struct vtdsim_test_dma *dma;
	struct vtdsim_lines *lines;
	u64 *root;
	u64 *page;
	u64 *other;
	u64 *pte;
};

static void lines_flush(struct noncoherent *l, void *addr, u64 size)
{
	vtdsim_lines_flush(l->lines, virt_to_phys(addr), size);
}

static void flush_page_of(struct noncoherent *l, void *entry)
{
	lines_flush(l, table_of(entry), SZ_4K);
}

static void flush_tables(struct noncoherent *l, u64 *root, u64 addr)
{
	unsigned int level;

	for (level = 1; level <= 4; level++)
		flush_page_of(l, vtdsim_test_pte(l->dma->test, root, 4, level, addr, SS_RW));
}

KUNIT_DEFINE_ACTION_WRAPPER(destroy_lines, vtdsim_lines_destroy, struct vtdsim_lines *);

/* Everything has been flushed, and nothing is cached. */
static struct noncoherent *noncoherent_new(struct kunit *test)
{
	struct noncoherent *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);
	struct vtdsim_unit *unit;

	KUNIT_ASSERT_NOT_NULL(test, l);
	l->dma = vtdsim_test_dma_new(test);
	unit = l->dma->unit;
	vtdsim_test_requester_new(test, unit, SID);
	l->lines = vtdsim_lines_create(unit);
	KUNIT_ASSERT_NOT_NULL(test, l->lines);
	unit->caps.lines = l->lines;
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, destroy_lines, l->lines));
	l->root = vtdsim_test_page(test);
	l->page = vtdsim_test_page(test);
	l->other = vtdsim_test_page(test);
	*l->page = 1;
	*l->other = 2;
	vtdsim_test_set_second(l->dma, PASID, DID, l->root);
	vtdsim_test_pasid_entry(l->dma, PASID)[1] &= ~PE_PWSNP;
	vtdsim_test_map_second(l->dma, l->root, ADDR, l->page, SS_RW);
	l->pte = vtdsim_test_pte(test, l->root, 4, 1, ADDR, SS_RW);

	lines_flush(l, phys_to_virt(unit->rtaddr & PAGE_MASK), SZ_4K);
	flush_page_of(l, l->dma->ctx);
	lines_flush(l, l->dma->dir, SZ_4K);
	lines_flush(l, l->dma->table, SZ_4K);
	lines_flush(l, l->dma->table2, SZ_4K);
	flush_tables(l, l->root, ADDR);
	return l;
}

static void forget_cached(struct noncoherent *l)
{
	struct vtdsim_cache *c = l->dma->unit->cache;

	vtdsim_inv_context_all(c);
	vtdsim_inv_pasid_all(c);
	vtdsim_inv_iotlb_all(c);
}

/* A read with nothing cached */
static u64 lines_fetch(struct noncoherent *l)
{
	forget_cached(l);
	return vtdsim_test_read(l->dma, pasid_req(ADDR, PASID));
}

static void expect_violations(struct noncoherent *l, unsigned int n)
{
	KUNIT_EXPECT_EQ(l->dma->test, n, l->dma->unit->stats.violations);
}

static void all_flushed(struct kunit *test)
{
	struct noncoherent *l = noncoherent_new(test);

	KUNIT_EXPECT_EQ(test, 1, lines_fetch(l));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(l->dma->unit));
	expect_violations(l, 0);
}

/* An entry is written and not flushed: the unit still reads the old one. */
static void lines_leaf(struct kunit *test)
{
	struct noncoherent *l = noncoherent_new(test);

	*l->pte = virt_to_phys(l->other) | SS_RW;
	KUNIT_EXPECT_EQ(test, 1, lines_fetch(l));
	expect_violations(l, 0);
	/* The mapping that is cached, and the line that it was read from */
	KUNIT_EXPECT_EQ(test, 2, vtdsim_audit(l->dma->unit));
	forget_cached(l);
	KUNIT_EXPECT_EQ(test, 1, vtdsim_audit(l->dma->unit));
	expect_violations(l, 3);

	lines_flush(l, l->pte, 8);
	KUNIT_EXPECT_EQ(test, 2, lines_fetch(l));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(l->dma->unit));
	expect_violations(l, 3);
}

/* Bits that the unit ignores are software's own, and need no flush. */
static void ignored_bits(struct kunit *test)
{
	struct noncoherent *l = noncoherent_new(test);

	*l->pte |= BIT_ULL(10) | BIT_ULL(52) | BIT_ULL(63);
	KUNIT_EXPECT_EQ(test, 1, lines_fetch(l));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(l->dma->unit));

	*l->pte &= ~SS_W;
	KUNIT_EXPECT_EQ(test, 1, lines_fetch(l));
	forget_cached(l);
	KUNIT_EXPECT_EQ(test, 1, vtdsim_audit(l->dma->unit));
	expect_violations(l, 1);
}

/* The unit may read between a write and its flush. */
static void on_its_way(struct kunit *test)
{
	struct noncoherent *l = noncoherent_new(test);

	*l->pte = virt_to_phys(l->other) | SS_RW;
	KUNIT_EXPECT_EQ(test, 1, lines_fetch(l));
	lines_flush(l, l->pte, 8);
	forget_cached(l);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(l->dma->unit));

	/* The same if the write is undone */
	*l->pte = 0;
	KUNIT_EXPECT_EQ(test, 2, lines_fetch(l));
	*l->pte = virt_to_phys(l->other) | SS_RW;
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(l->dma->unit));
	expect_violations(l, 0);
}

/* A flush covers whole lines, and no others. */
static void line_by_line(struct kunit *test)
{
	struct noncoherent *l = noncoherent_new(test);

	l->pte[7] = virt_to_phys(l->page) | SS_RW;
	l->pte[8] = l->pte[7];
	lines_flush(l, (char *)l->pte + 63, 1);
	forget_cached(l);
	KUNIT_EXPECT_EQ(test, 1, vtdsim_test_read(l->dma, pasid_req(ADDR + 7 * SZ_4K, PASID)));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_read(l->dma, pasid_req(ADDR + 8 * SZ_4K, PASID)));
	lines_flush(l, (char *)l->pte + 63, 2);
	KUNIT_EXPECT_EQ(test, 1, vtdsim_test_read(l->dma, pasid_req(ADDR + 8 * SZ_4K, PASID)));
	expect_violations(l, 0);
}

/* The entry that points to a table has been flushed, and the table has not. */
static void new_table(struct kunit *test)
{
	struct noncoherent *l = noncoherent_new(test);
	u64 addr = ADDR + SZ_2M;

	vtdsim_test_map_second(l->dma, l->root, addr, l->other, SS_RW);
	lines_flush(l, vtdsim_test_pte(test, l->root, 4, 2, addr, SS_RW), 8);
	KUNIT_EXPECT_EQ(test, 2, vtdsim_test_read(l->dma, pasid_req(addr, PASID)));
	expect_violations(l, 1);
	forget_cached(l);
	KUNIT_EXPECT_EQ(test, 2, vtdsim_test_read(l->dma, pasid_req(addr, PASID)));
	expect_violations(l, 1);
}

/* Memory that was freed has to be flushed again. */
static void freed_table(struct kunit *test)
{
	struct noncoherent *l = noncoherent_new(test);

	KUNIT_EXPECT_EQ(test, 1, lines_fetch(l));
	forget_cached(l);
	vtdsim_inv_complete(l->dma->unit->cache);
	vtdsim_rule_freed(l->dma->unit, virt_to_phys(table_of(l->pte)), SZ_4K);
	expect_violations(l, 0);
	KUNIT_EXPECT_EQ(test, 1, lines_fetch(l));
	expect_violations(l, 1);
}

static void pasid_entry(struct kunit *test)
{
	struct noncoherent *l = noncoherent_new(test);
	u64 *pe = vtdsim_test_pasid_entry(l->dma, PASID);

	pe[0] &= ~PRESENT;
	KUNIT_EXPECT_EQ(test, 1, lines_fetch(l));
	/* It is still present in memory, and therefore in the cache. */
	KUNIT_EXPECT_LT(test, 1, vtdsim_audit(l->dma->unit));
	lines_flush(l, pe, 64);
	KUNIT_EXPECT_EQ(test, 0, lines_fetch(l));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(l->dma->unit));
}

/* Table 5: each of these needs a flush, unless the unit is coherent. */
static void entries_above(struct kunit *test)
{
	static const char * const names[] = {
		"root", "context", "directory", "PASID",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct noncoherent *l = noncoherent_new(test);
		u64 *root = phys_to_virt(l->dma->unit->rtaddr & PAGE_MASK);
		u64 *entry[] = {
			root + (SID >> 8) * 2, l->dma->ctx,
			l->dma->dir + PASID / 64, vtdsim_test_pasid_entry(l->dma, PASID),
		};

		*entry[i] &= ~PRESENT;
		KUNIT_EXPECT_EQ_MSG(test, 1, lines_fetch(l), "%s", names[i]);
		l->dma->unit->caps.ecap |= ECAP_C;
		KUNIT_EXPECT_EQ_MSG(test, 0, lines_fetch(l), "%s", names[i]);
		l->dma->unit->caps.ecap &= ~ECAP_C;
		lines_flush(l, entry[i], 8);
		KUNIT_EXPECT_EQ_MSG(test, 0, lines_fetch(l), "%s", names[i]);
		expect_violations(l, 0);
	}
}

/* Paging structures are snooped if the PASID entry says so. */
static void page_walk_snoop(struct kunit *test)
{
	struct noncoherent *l = noncoherent_new(test);
	u64 *pe = vtdsim_test_pasid_entry(l->dma, PASID);

	pe[1] |= PE_PWSNP;
	lines_flush(l, pe, 64);
	*l->pte = virt_to_phys(l->other) | SS_RW;
	KUNIT_EXPECT_EQ(test, 2, lines_fetch(l));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(l->dma->unit));
	expect_violations(l, 0);
}

/* First-stage tables need flushes, unless they are a guest's. */
static void first_stage(struct kunit *test)
{
	struct noncoherent *l = noncoherent_new(test);
	u64 *fs = vtdsim_test_page(test), *pe = vtdsim_test_pasid_entry(l->dma, PASID), *pte;
	unsigned int level;

	vtdsim_test_map_first(l->dma, fs, ADDR, l->page, FS_FLAGS);
	for (level = 2; level <= 4; level++)
		*vtdsim_test_pte(test, fs, 4, level, ADDR, FS_FLAGS) |= FS_FLAGS;
	pte = vtdsim_test_pte(test, fs, 4, 1, ADDR, FS_FLAGS);
	vtdsim_test_set_first(l->dma, PASID, DID, fs);
	pe[1] &= ~PE_PWSNP;
	lines_flush(l, pe, 64);
	flush_tables(l, fs, ADDR);
	KUNIT_EXPECT_EQ(test, 1, lines_fetch(l));
	*pte = virt_to_phys(l->other) | FS_FLAGS;
	KUNIT_EXPECT_EQ(test, 1, lines_fetch(l));
	KUNIT_EXPECT_EQ(test, 2, vtdsim_audit(l->dma->unit));

	vtdsim_test_map_tables(test, l->root, fs, ADDR);
	for (level = 1; level <= 4; level++) {
		u64 *table = table_of(vtdsim_test_pte(test, fs, 4, level, ADDR, FS_FLAGS));

		flush_tables(l, l->root, virt_to_phys(table));
	}
	vtdsim_test_map_identity(test, l->root, l->other);
	flush_tables(l, l->root, virt_to_phys(l->other));
	vtdsim_test_set_nested(l->dma, PASID, DID, virt_to_phys(fs), l->root);
	pe[1] &= ~PE_PWSNP;
	lines_flush(l, pe, 64);
	KUNIT_EXPECT_EQ(test, 2, lines_fetch(l));
}

static struct kunit_case lines_cases[] = {
	KUNIT_CASE(all_flushed),
	VTDSIM_CASE(lines, leaf),
	KUNIT_CASE(ignored_bits),
	KUNIT_CASE(on_its_way),
	KUNIT_CASE(line_by_line),
	KUNIT_CASE(new_table),
	KUNIT_CASE(freed_table),
	KUNIT_CASE(pasid_entry),
	KUNIT_CASE(entries_above),
	KUNIT_CASE(page_walk_snoop),
	KUNIT_CASE(first_stage),
	{}
};

static struct kunit_suite lines_suite = {
	.name = "vtdsim-lines",
	.test_cases = lines_cases,
};

kunit_test_suite(lines_suite);
