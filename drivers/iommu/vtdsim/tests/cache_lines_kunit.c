// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of a unit that reads tables from memory, where they are what software
 * has flushed (section 3.10).
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "dma_rig.h"
#include "prq_rig.h"
#include "tables/cache_lines.h"

#define DID		5
#define ADDR		0x40000000ULL
#define ECAP_C		BIT_ULL(0)
#define PE_PWSNP	BIT_ULL(23)	/* second word */
#define FS_FLAGS	(FS_URW | 0x60)	/* accessed and dirty, which are not set */

/**
 * struct lab - a unit with lines, and a second-stage table of PASID
 * @r: unit and tables
 * @lines: what the unit reads
 * @root: second-stage table
 * @page: mapped at ADDR, has 1 in it
 * @other: not mapped, has 2 in it
 * @pte: leaf for ADDR
 */
struct lab {
	struct rig *r;
	struct vtdsim_lines *lines;
	u64 *root;
	u64 *page;
	u64 *other;
	u64 *pte;
};

static void flush(struct lab *l, void *addr, u64 size)
{
	vtdsim_lines_flush(l->lines, virt_to_phys(addr), size);
}

static void flush_page_of(struct lab *l, void *entry)
{
	flush(l, PTR_ALIGN_DOWN(entry, SZ_4K), SZ_4K);
}

static void flush_tables(struct lab *l, u64 *root, u64 addr)
{
	unsigned int level;

	for (level = 1; level <= 4; level++)
		flush_page_of(l, rig_slot(l->r->test, root, 4, level, addr,
					  SS_RW));
}

static void destroy(void *lines)
{
	vtdsim_lines_destroy(lines);
}

/* Everything has been flushed, and nothing is cached. */
static struct lab *lab(struct kunit *test)
{
	struct lab *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);
	struct vtdsim_unit *unit;

	KUNIT_ASSERT_NOT_NULL(test, l);
	l->r = rig_make(test);
	unit = l->r->unit;
	asker_make(test, unit, SID);
	l->lines = vtdsim_lines_create(unit);
	KUNIT_ASSERT_NOT_NULL(test, l->lines);
	unit->caps.lines = l->lines;
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, destroy,
							   l->lines));
	l->root = rig_page(test);
	l->page = rig_page(test);
	l->other = rig_page(test);
	*l->page = 1;
	*l->other = 2;
	rig_set_second(l->r, PASID, DID, l->root);
	rig_entry(l->r, PASID)[1] &= ~PE_PWSNP;
	rig_map_second(l->r, l->root, ADDR, l->page, SS_RW);
	l->pte = rig_slot(test, l->root, 4, 1, ADDR, SS_RW);

	flush(l, phys_to_virt(unit->rtaddr & PAGE_MASK), SZ_4K);
	flush_page_of(l, l->r->ctx);
	flush(l, l->r->dir, SZ_4K);
	flush(l, l->r->table, SZ_4K);
	flush(l, l->r->table2, SZ_4K);
	flush_tables(l, l->root, ADDR);
	return l;
}

static void forget_cached(struct lab *l)
{
	struct vtdsim_cache *c = l->r->unit->cache;

	vtdsim_inv_context_all(c);
	vtdsim_inv_pasid_all(c);
	vtdsim_inv_iotlb_all(c);
}

/* A read with nothing cached */
static u64 fetch(struct lab *l)
{
	forget_cached(l);
	return rig_read(l->r, rig_pasid(ADDR, PASID));
}

static void expect_violations(struct lab *l, unsigned int n)
{
	KUNIT_EXPECT_EQ(l->r->test, n, l->r->unit->stats.violations);
}

static void all_flushed(struct kunit *test)
{
	struct lab *l = lab(test);

	KUNIT_EXPECT_EQ(test, 1, fetch(l));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(l->r->unit));
	expect_violations(l, 0);
}

/* Written, and not flushed: the unit goes on with what memory has. */
static void leaf(struct kunit *test)
{
	struct lab *l = lab(test);

	*l->pte = virt_to_phys(l->other) | SS_RW;
	KUNIT_EXPECT_EQ(test, 1, fetch(l));
	expect_violations(l, 0);
	/* The mapping that the unit has got, and the line that it is from */
	KUNIT_EXPECT_EQ(test, 2, vtdsim_audit(l->r->unit));
	forget_cached(l);
	KUNIT_EXPECT_EQ(test, 1, vtdsim_audit(l->r->unit));
	expect_violations(l, 3);

	flush(l, l->pte, 8);
	KUNIT_EXPECT_EQ(test, 2, fetch(l));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(l->r->unit));
	expect_violations(l, 3);
}

/* Read between writing and flushing, as may happen to any software */
static void on_its_way(struct kunit *test)
{
	struct lab *l = lab(test);

	*l->pte = virt_to_phys(l->other) | SS_RW;
	KUNIT_EXPECT_EQ(test, 1, fetch(l));
	flush(l, l->pte, 8);
	forget_cached(l);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(l->r->unit));

	/* Or it is undone. */
	*l->pte = 0;
	KUNIT_EXPECT_EQ(test, 2, fetch(l));
	*l->pte = virt_to_phys(l->other) | SS_RW;
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(l->r->unit));
	expect_violations(l, 0);
}

/* Neighbours in a line are flushed along, and no others. */
static void line_by_line(struct kunit *test)
{
	struct lab *l = lab(test);

	l->pte[7] = virt_to_phys(l->page) | SS_RW;
	l->pte[8] = l->pte[7];
	flush(l, (char *)l->pte + 63, 1);
	forget_cached(l);
	KUNIT_EXPECT_EQ(test, 1, rig_read(l->r, rig_pasid(ADDR + 7 * SZ_4K,
							  PASID)));
	KUNIT_EXPECT_EQ(test, 0, rig_read(l->r, rig_pasid(ADDR + 8 * SZ_4K,
							  PASID)));
	flush(l, (char *)l->pte + 63, 2);
	KUNIT_EXPECT_EQ(test, 1, rig_read(l->r, rig_pasid(ADDR + 8 * SZ_4K,
							  PASID)));
	expect_violations(l, 0);
}

/* The way to a table has been flushed, and the table has not. */
static void new_table(struct kunit *test)
{
	struct lab *l = lab(test);
	u64 addr = ADDR + SZ_2M;

	rig_map_second(l->r, l->root, addr, l->other, SS_RW);
	flush(l, rig_slot(test, l->root, 4, 2, addr, SS_RW), 8);
	KUNIT_EXPECT_EQ(test, 2, rig_read(l->r, rig_pasid(addr, PASID)));
	expect_violations(l, 1);
	forget_cached(l);
	KUNIT_EXPECT_EQ(test, 2, rig_read(l->r, rig_pasid(addr, PASID)));
	expect_violations(l, 1);
}

/* Memory that was freed has to be flushed anew. */
static void freed_table(struct kunit *test)
{
	struct lab *l = lab(test);

	KUNIT_EXPECT_EQ(test, 1, fetch(l));
	forget_cached(l);
	vtdsim_inv_complete(l->r->unit->cache);
	vtdsim_rule_freed(l->r->unit,
			  virt_to_phys(PTR_ALIGN_DOWN(l->pte, SZ_4K)), SZ_4K);
	expect_violations(l, 0);
	KUNIT_EXPECT_EQ(test, 1, fetch(l));
	expect_violations(l, 1);
}

static void pasid_entry(struct kunit *test)
{
	struct lab *l = lab(test);
	u64 *pe = rig_entry(l->r, PASID);

	pe[0] &= ~PRESENT;
	KUNIT_EXPECT_EQ(test, 1, fetch(l));
	/* In memory and so in the cache it is still there. */
	KUNIT_EXPECT_LT(test, 1, vtdsim_audit(l->r->unit));
	flush(l, pe, 64);
	KUNIT_EXPECT_EQ(test, 0, fetch(l));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(l->r->unit));
}

/* Table 5: each on its way, unless the unit is coherent */
static void entries_above(struct kunit *test)
{
	static const char * const names[] = {
		"root", "context", "directory", "PASID",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		struct lab *l = lab(test);
		u64 *root = phys_to_virt(l->r->unit->rtaddr & PAGE_MASK);
		u64 *entry[] = {
			root + (SID >> 8) * 2, l->r->ctx,
			l->r->dir + PASID / 64, rig_entry(l->r, PASID),
		};

		*entry[i] &= ~PRESENT;
		KUNIT_EXPECT_EQ_MSG(test, 1, fetch(l), "%s", names[i]);
		l->r->unit->caps.ecap |= ECAP_C;
		KUNIT_EXPECT_EQ_MSG(test, 0, fetch(l), "%s", names[i]);
		l->r->unit->caps.ecap &= ~ECAP_C;
		flush(l, entry[i], 8);
		KUNIT_EXPECT_EQ_MSG(test, 0, fetch(l), "%s", names[i]);
		expect_violations(l, 0);
	}
}

/* Paging structures are snooped if the PASID entry says so. */
static void page_walk_snoop(struct kunit *test)
{
	struct lab *l = lab(test);
	u64 *pe = rig_entry(l->r, PASID);

	pe[1] |= PE_PWSNP;
	flush(l, pe, 64);
	*l->pte = virt_to_phys(l->other) | SS_RW;
	KUNIT_EXPECT_EQ(test, 2, fetch(l));
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(l->r->unit));
	expect_violations(l, 0);
}

/* First-stage tables count, unless they are a guest's. */
static void first_stage(struct kunit *test)
{
	struct lab *l = lab(test);
	u64 *fs = rig_page(test), *pe = rig_entry(l->r, PASID), *pte;
	unsigned int level;

	rig_map_first(l->r, fs, ADDR, l->page, FS_FLAGS);
	for (level = 2; level <= 4; level++)
		*rig_slot(test, fs, 4, level, ADDR, FS_FLAGS) |= FS_FLAGS;
	pte = rig_slot(test, fs, 4, 1, ADDR, FS_FLAGS);
	rig_set_first(l->r, PASID, DID, fs);
	pe[1] &= ~PE_PWSNP;
	flush(l, pe, 64);
	flush_tables(l, fs, ADDR);
	KUNIT_EXPECT_EQ(test, 1, fetch(l));
	*pte = virt_to_phys(l->other) | FS_FLAGS;
	KUNIT_EXPECT_EQ(test, 1, fetch(l));
	KUNIT_EXPECT_EQ(test, 2, vtdsim_audit(l->r->unit));

	for (level = 1; level <= 4; level++) {
		u64 *table = PTR_ALIGN_DOWN(rig_slot(test, fs, 4, level, ADDR,
						     FS_FLAGS), SZ_4K);

		rig_map_second(l->r, l->root, virt_to_phys(table), table, SS_RW);
		flush_tables(l, l->root, virt_to_phys(table));
	}
	rig_map_second(l->r, l->root, virt_to_phys(l->other), l->other, SS_RW);
	flush_tables(l, l->root, virt_to_phys(l->other));
	rig_set_nested(l->r, PASID, DID, virt_to_phys(fs), l->root);
	pe[1] &= ~PE_PWSNP;
	flush(l, pe, 64);
	KUNIT_EXPECT_EQ(test, 2, fetch(l));
}

static struct kunit_case lines_cases[] = {
	KUNIT_CASE(all_flushed),
	KUNIT_CASE(leaf),
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
