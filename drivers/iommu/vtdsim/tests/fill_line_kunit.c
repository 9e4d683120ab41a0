// SPDX-License-Identifier: GPL-2.0-only
/* Tests of a unit that caches all translations of a cache line of table entries. */
#include <linux/io.h>
#include <linux/sizes.h>

#include "cache/internals.h"
#include "fixture_cache.h"
#include "fixture_dma.h"
#include "fixture_requester.h"

#define DID	5
/* The second page of a line */
#define ADDR	0x40009000ULL

/**
 * struct line_unit - a unit with sixteen pages, in two lines
 * @dma: unit and tables
 * @pte: leaf of the first page
 */
struct line_unit {
	struct vtdsim_test_dma *dma;
	u64 *pte;
};

static void line_unit_init(struct kunit *test, struct line_unit *l, enum vtdsim_pgtt pgtt)
{
	u64 flags = pgtt == VTDSIM_PGTT_SECOND ? SS_RW : FS_URW | FS_A;
	u64 *root = vtdsim_test_page(test), *second = vtdsim_test_page(test), *page, at;
	unsigned int i;

	l->dma = vtdsim_test_dma_new(test);
	l->dma->unit->fill_line = true;
	vtdsim_test_requester_new(test, l->dma->unit, SID);
	for (i = 0; i < 16; i++) {
		at = ADDR - SZ_4K + i * SZ_4K;
		page = vtdsim_test_page(test);
		*page = i + 1;
		*vtdsim_test_pte(test, root, 4, 1, at, flags) = virt_to_phys(page) | flags;
		if (pgtt == VTDSIM_PGTT_NESTED)
			vtdsim_test_map_identity(test, second, page);
	}
	l->pte = vtdsim_test_pte(test, root, 4, 1, ADDR - SZ_4K, flags);
	if (pgtt == VTDSIM_PGTT_NESTED) {
		vtdsim_test_map_tables(test, second, root, ADDR);
		vtdsim_test_set_nested(l->dma, PASID, DID, virt_to_phys(root), second);
	} else if (pgtt == VTDSIM_PGTT_FIRST) {
		vtdsim_test_set_first(l->dma, PASID, DID, root);
	} else {
		vtdsim_test_set_second(l->dma, PASID, DID, root);
	}
}

static u64 line_read(struct line_unit *l)
{
	return vtdsim_test_read(l->dma, pasid_req(ADDR, PASID));
}

/* Which of the pages are cached, by bits */
static unsigned int line_cached(struct line_unit *l, enum vtdsim_pgtt pgtt)
{
	unsigned int i, found = 0;

	for (i = 0; i < 16; i++)
		found |= vtdsim_test_has_page(l->dma->unit, pgtt, DID, PASID,
					      ADDR - SZ_4K + i * SZ_4K) << i;
	return found;
}

static const struct line_type {
	const char *name;
	enum vtdsim_pgtt pgtt;
} line_types[] = {
	{ "second stage", VTDSIM_PGTT_SECOND },
	{ "first stage", VTDSIM_PGTT_FIRST },
	{ "nested", VTDSIM_PGTT_NESTED },
};

KUNIT_ARRAY_PARAM_DESC(line_type, line_types, name);

static void line_is_filled(struct kunit *test)
{
	const struct line_type *type = test->param_value;
	struct line_unit l;

	line_unit_init(test, &l, type->pgtt);
	KUNIT_EXPECT_EQ(test, 2, line_read(&l));
	KUNIT_EXPECT_EQ(test, 0xff, line_cached(&l, type->pgtt));
	KUNIT_EXPECT_EQ(test, 1, l.dma->unit->stats.walks);
	KUNIT_EXPECT_EQ(test, 0, l.dma->unit->stats.violations);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(l.dma->unit));

	l.dma->unit->fill_line = false;
	vtdsim_inv_iotlb_all(l.dma->unit->cache);
	KUNIT_EXPECT_EQ(test, 2, line_read(&l));
	KUNIT_EXPECT_EQ(test, 2, line_cached(&l, type->pgtt));
}

/* A forgotten invalidation shows although no request has used the page before. */
static void line_shows(struct kunit *test)
{
	const struct line_type *type = test->param_value;
	struct line_unit l;

	line_unit_init(test, &l, type->pgtt);
	KUNIT_EXPECT_EQ(test, 2, line_read(&l));
	l.pte[2] = 0;
	KUNIT_EXPECT_EQ(test, 3, vtdsim_test_read(l.dma, pasid_req(ADDR + SZ_4K, PASID)));
	KUNIT_EXPECT_EQ(test, 1, vtdsim_audit(l.dma->unit));
}

/* Pages that are not present, or lead nowhere */
static void line_with_holes(struct kunit *test)
{
	const struct line_type *type = test->param_value;
	struct line_unit l;

	line_unit_init(test, &l, type->pgtt);
	l.pte[0] = 0;
	l.pte[3] |= BIT_ULL(TEST_HAW);
	l.pte[7] = 0xfee00000 | (l.pte[7] & 0xfff);
	KUNIT_EXPECT_EQ(test, 2, line_read(&l));
	KUNIT_EXPECT_EQ(test, 0x76, line_cached(&l, type->pgtt));
	KUNIT_EXPECT_EQ(test, 0, l.dma->unit->stats.faults);
	KUNIT_EXPECT_EQ(test, 0, recorded_fault(l.dma));
}

/* What would need an accessed flag is not cached, and no flag is set. */
static void line_not_accessed(struct kunit *test)
{
	struct line_unit l;

	line_unit_init(test, &l, VTDSIM_PGTT_FIRST);
	l.pte[4] &= ~FS_A;
	KUNIT_EXPECT_EQ(test, 2, line_read(&l));
	KUNIT_EXPECT_EQ(test, 0xef, line_cached(&l, VTDSIM_PGTT_FIRST));
	KUNIT_EXPECT_FALSE(test, l.pte[4] & FS_A);

	line_unit_init(test, &l, VTDSIM_PGTT_SECOND);
	vtdsim_test_pasid_entry(l.dma, PASID)[0] |= PE_SSADE;
	l.pte[5] |= SS_A;
	KUNIT_EXPECT_EQ(test, 2, line_read(&l));
	KUNIT_EXPECT_EQ(test, 0x22, line_cached(&l, VTDSIM_PGTT_SECOND));
	KUNIT_EXPECT_TRUE(test, l.pte[1] & SS_A);
	KUNIT_EXPECT_FALSE(test, l.pte[2] & SS_A);
}

/* A mapping that is there already is not made anew. */
static void line_keeps_older(struct kunit *test)
{
	struct line_unit l;

	line_unit_init(test, &l, VTDSIM_PGTT_SECOND);
	KUNIT_EXPECT_EQ(test, 2, line_read(&l));
	l.pte[2] = l.pte[3];
	vtdsim_inv_iotlb_pages(l.dma->unit->cache, DID, ADDR, 0, true);
	KUNIT_EXPECT_EQ(test, 2, line_read(&l));
	KUNIT_EXPECT_EQ(test, 3, vtdsim_test_read(l.dma, pasid_req(ADDR + SZ_4K, PASID)));
}

static struct kunit_case line_cases[] = {
	KUNIT_CASE_PARAM(line_is_filled, line_type_gen_params),
	KUNIT_CASE_PARAM(line_shows, line_type_gen_params),
	KUNIT_CASE_PARAM(line_with_holes, line_type_gen_params),
	KUNIT_CASE(line_not_accessed),
	KUNIT_CASE(line_keeps_older),
	{}
};

static struct kunit_suite line_suite = {
	.name = "vtdsim-fill-line",
	.test_cases = line_cases,
};

kunit_test_suite(line_suite);
