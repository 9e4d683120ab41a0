// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the rule checker: the audit, which compares all caches with the tables.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "cache/internals.h"
#include "fixture_dma.h"
#include "fixture_prq.h"

#define DID	5
#define ADDR	0x40000000ULL
#define SECOND	VTDSIM_PGTT_SECOND
#define FIRST	VTDSIM_PGTT_FIRST
#define NESTED	VTDSIM_PGTT_NESTED

/**
 * struct mapping - a unit that has translated, with all that it walked
 * @dma: unit and tables
 * @pgtt: how PASID is translated
 * @second: second-stage table, or NULL
 * @first: first-stage table, or NULL
 * @page: two pages, mapped at ADDR and behind it
 * @pte: leaf for ADDR of the stage whose output the page is
 * @flags: rights of these leaves
 */
struct mapping {
	struct vtdsim_test_dma *dma;
	enum vtdsim_pgtt pgtt;
	u64 *second;
	u64 *first;
	u64 *page[2];
	u64 *pte;
	u64 flags;
};

static void read_both(struct mapping *m)
{
	struct vtdsim_req req = pasid_req(ADDR, PASID);

	KUNIT_EXPECT_EQ(m->dma->test, 1, vtdsim_test_read(m->dma, req));
	req.addr += SZ_4K;
	KUNIT_EXPECT_EQ(m->dma->test, 2, vtdsim_test_read(m->dma, req));
}

static void set_entry(struct mapping *m)
{
	switch (m->pgtt) {
	case SECOND:
		vtdsim_test_set_second(m->dma, PASID, DID, m->second);
		break;
	case FIRST:
		vtdsim_test_set_first(m->dma, PASID, DID, m->first);
		break;
	default:
		vtdsim_test_set_nested(m->dma, PASID, DID, virt_to_phys(m->first), m->second);
		break;
	}
}

static struct mapping *mapping_new(struct kunit *test, enum vtdsim_pgtt pgtt)
{
	struct mapping *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	unsigned int i;
	u64 *root;

	KUNIT_ASSERT_NOT_NULL(test, m);
	m->dma = vtdsim_test_dma_new(test);
	m->pgtt = pgtt;
	vtdsim_test_requester_new(test, m->dma->unit, SID);
	m->second = vtdsim_test_page(test);
	m->first = vtdsim_test_page(test);
	m->flags = pgtt == SECOND ? SS_RW : FS_URW;
	root = pgtt == SECOND ? m->second : m->first;
	for (i = 0; i < 2; i++) {
		m->page[i] = vtdsim_test_page(test);
		*m->page[i] = i + 1;
		*vtdsim_test_pte(test, root, 4, 1, ADDR + i * SZ_4K, m->flags) =
			virt_to_phys(m->page[i]) | m->flags;
		if (pgtt == NESTED)
			vtdsim_test_map_identity(test, m->second, m->page[i]);
	}
	m->pte = vtdsim_test_pte(test, root, 4, 1, ADDR, m->flags);
	if (pgtt == NESTED)
		vtdsim_test_map_tables(test, m->second, m->first, ADDR);
	set_entry(m);
	read_both(m);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(m->dma->unit));
	return m;
}

static void expect_stale(struct mapping *m, unsigned int entries)
{
	u64 before = m->dma->unit->stats.violations;

	KUNIT_EXPECT_EQ(m->dma->test, entries, vtdsim_audit(m->dma->unit));
	KUNIT_EXPECT_EQ(m->dma->test, before + entries, m->dma->unit->stats.violations);
	/* Reported once */
	KUNIT_EXPECT_EQ(m->dma->test, 0, vtdsim_audit(m->dma->unit));
}

static const struct type {
	const char *name;
	enum vtdsim_pgtt pgtt;
} types[] = {
	{ "second stage", SECOND },
	{ "first stage", FIRST },
	{ "nested", NESTED },
};

KUNIT_ARRAY_PARAM_DESC(type, types, name);

static struct mapping *mapping_of(struct kunit *test)
{
	const struct type *type = test->param_value;

	return mapping_new(test, type->pgtt);
}

/* Invalidates pages of the stage that has the leaf. */
static void mapping_invalidate(struct mapping *m, u64 addr, u8 am, bool ih)
{
	struct vtdsim_cache *c = m->dma->unit->cache;

	if (m->pgtt == SECOND)
		vtdsim_inv_iotlb_pages(c, DID, addr, am, ih);
	else
		vtdsim_inv_piotlb_pages(c, DID, PASID, addr, am, ih);
}

static void other_page(struct kunit *test)
{
	struct mapping *m = mapping_of(test);

	*m->pte = virt_to_phys(m->page[1]) | m->flags;
	expect_stale(m, 1);
	mapping_invalidate(m, ADDR, 0, true);
	*m->page[0] = 2;
	KUNIT_EXPECT_EQ(test, 2, vtdsim_test_read(m->dma, pasid_req(ADDR, PASID)));
	expect_stale(m, 0);
}

/* Two pages change, one is invalidated. */
static void too_narrow(struct kunit *test)
{
	struct mapping *m = mapping_of(test);

	m->pte[0] = 0;
	m->pte[1] = 0;
	mapping_invalidate(m, ADDR, 0, true);
	expect_stale(m, 1);
	m = mapping_of(test);
	m->pte[0] = 0;
	m->pte[1] = 0;
	mapping_invalidate(m, ADDR, 1, true);
	expect_stale(m, 0);
}

static void fewer_rights(struct kunit *test)
{
	struct mapping *m = mapping_of(test);
	u64 old = *m->pte;

	/* More rights need no invalidation. */
	*m->pte = old & ~2ULL;
	expect_stale(m, 1);
	mapping_invalidate(m, ADDR, 0, true);
	KUNIT_EXPECT_EQ(test, 1, vtdsim_test_read(m->dma, pasid_req(ADDR, PASID)));
	*m->pte = old;
	expect_stale(m, 0);

	if (m->pgtt == SECOND)
		return;
	*m->pte = old & ~4ULL;
	mapping_invalidate(m, ADDR, 0, true);
	*m->pte = old;
	KUNIT_EXPECT_EQ(test, 1, vtdsim_test_read(m->dma, pasid_req(ADDR, PASID)));
	*m->pte &= ~4ULL;
	expect_stale(m, 1);
}

/* Another table with the same pages. The hint leaves paging-structure caches alone. */
static void other_table(struct kunit *test)
{
	struct mapping *m = mapping_of(test);
	u64 *root = m->pgtt == SECOND ? m->second : m->first;
	u64 *table = vtdsim_test_page(test), *pde;

	memcpy(table, table_of(m->pte), SZ_4K);
	pde = vtdsim_test_pte(test, root, 4, 2, ADDR, m->flags);
	if (m->pgtt == NESTED)
		vtdsim_test_map_identity(test, m->second, table);
	*pde = virt_to_phys(table) | (*pde & (SZ_4K - 1));
	mapping_invalidate(m, ADDR, 1, true);
	expect_stale(m, 1);

	m = mapping_of(test);
	root = m->pgtt == SECOND ? m->second : m->first;
	pde = vtdsim_test_pte(test, root, 4, 2, ADDR, m->flags);
	*pde &= ~2ULL;
	mapping_invalidate(m, ADDR, 1, true);
	expect_stale(m, 1);

	m = mapping_of(test);
	root = m->pgtt == SECOND ? m->second : m->first;
	*vtdsim_test_pte(test, root, 4, 2, ADDR, m->flags) = 0;
	mapping_invalidate(m, ADDR, 1, true);
	expect_stale(m, 1);
	m = mapping_of(test);
	root = m->pgtt == SECOND ? m->second : m->first;
	*vtdsim_test_pte(test, root, 4, 2, ADDR, m->flags) = 0;
	mapping_invalidate(m, ADDR, 1, false);
	expect_stale(m, 0);
}

/* A large page is replaced by small ones, one of which is not present. */
static void large_page(struct kunit *test)
{
	struct mapping *m = mapping_of(test);
	u64 *root = m->pgtt == SECOND ? m->second : m->first;
	u64 addr = ADDR + SZ_2M, *table = vtdsim_test_page(test), *pde, *large;
	unsigned int i;
	u64 base;

	if (m->pgtt == NESTED)
		kunit_skip(test, "the same leaf as in the first stage");
	large = vtdsim_test_large_page(test);
	*large = 3;
	base = virt_to_phys(large);
	pde = vtdsim_test_pte(test, root, 4, 2, addr, m->flags);
	*pde = base | PTE_PS | m->flags;
	KUNIT_EXPECT_EQ(test, 3, vtdsim_test_read(m->dma, pasid_req(addr, PASID)));

	for (i = 0; i < 512; i++)
		table[i] = (base + i * SZ_4K) | m->flags;
	*pde = virt_to_phys(table) | m->flags;
	expect_stale(m, 0);
	table[511] = 0;
	expect_stale(m, 1);
	vtdsim_inv_iotlb_all(m->dma->unit->cache);
}

/* The audit sets no flags, and counts as no walk. */
static void leaves_no_trace(struct kunit *test)
{
	struct mapping *m = mapping_of(test);
	u64 flags = m->pgtt == SECOND ? 0 : 0x60, walks;

	vtdsim_test_pasid_entry(m->dma, PASID)[0] |= m->pgtt == FIRST ? 0 : PE_SSADE;
	vtdsim_inv_pasid_all(m->dma->unit->cache);
	vtdsim_inv_iotlb_all(m->dma->unit->cache);
	read_both(m);
	*m->pte &= ~flags;
	if (m->pgtt == SECOND)
		*m->pte &= ~(BIT_ULL(8) | SS_D);
	walks = m->dma->unit->stats.walks;
	expect_stale(m, 0);
	KUNIT_EXPECT_EQ(test, 0, *m->pte & flags);
	if (m->pgtt == SECOND)
		KUNIT_EXPECT_EQ(test, 0, *m->pte & BIT_ULL(8));
	KUNIT_EXPECT_EQ(test, walks, m->dma->unit->stats.walks);
}

/* Clearing a dirty flag needs an invalidation. */
static void no_longer_dirty(struct kunit *test)
{
	struct mapping *m = mapping_of(test);
	u64 *leaf, dirty;

	if (m->pgtt != FIRST)
		vtdsim_test_pasid_entry(m->dma, PASID)[0] |= PE_SSADE;
	vtdsim_inv_pasid_all(m->dma->unit->cache);
	vtdsim_inv_iotlb_all(m->dma->unit->cache);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_write(m->dma, pasid_req(ADDR, PASID), 1));
	leaf = m->pgtt != NESTED ? m->pte :
	       vtdsim_test_pte(test, m->second, 4, 1, virt_to_phys(m->page[0]), SS_RW);
	dirty = m->pgtt == FIRST ? FS_D : SS_D;
	KUNIT_EXPECT_TRUE(test, *leaf & dirty);
	expect_stale(m, 0);
	*leaf &= ~dirty;
	expect_stale(m, 1);
}

/* When nested, either stage's flag counts. */
static void guest_page_no_longer_dirty(struct kunit *test)
{
	struct mapping *m = mapping_new(test, NESTED);

	vtdsim_inv_iotlb_all(m->dma->unit->cache);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_write(m->dma, pasid_req(ADDR, PASID), 1));
	KUNIT_EXPECT_TRUE(test, *m->pte & FS_D);
	expect_stale(m, 0);
	*m->pte &= ~FS_D;
	expect_stale(m, 1);
}

/* 1 GiB is compared to its last page. */
static void huge_page(struct kunit *test)
{
	struct mapping *m = mapping_new(test, SECOND);
	u64 *page = vtdsim_test_page(test), *pmds = vtdsim_test_page(test);
	u64 *ptes = vtdsim_test_page(test), *pud;
	u64 base = virt_to_phys(page) & ~(SZ_1G - 1ULL);
	u64 addr = 64ULL * SZ_1G;
	unsigned int i;

	page[0] = 3;
	pud = vtdsim_test_pte(test, m->second, 4, 3, addr, SS_RW);
	*pud = base | PTE_PS | SS_RW;
	KUNIT_EXPECT_EQ(test, 3, vtdsim_test_read(m->dma, pasid_req(addr + virt_to_phys(page) -
								    base, PASID)));
	for (i = 0; i < 512; i++) {
		pmds[i] = (base + i * (u64)SZ_2M) | PTE_PS | SS_RW;
		ptes[i] = (base + 511 * (u64)SZ_2M + i * SZ_4K) | SS_RW;
	}
	pmds[511] = virt_to_phys(ptes) | SS_RW;
	*pud = virt_to_phys(pmds) | SS_RW;
	expect_stale(m, 0);
	ptes[511] = 0;
	expect_stale(m, 1);
}

/* However many PASID entries there are, one that is gone is missed. */
static void many_pasids(struct kunit *test)
{
	struct mapping *m = mapping_new(test, SECOND);
	u64 *table = vtdsim_test_page(test);
	unsigned int i;

	memcpy(table, vtdsim_test_pasid_entry(m->dma, PASID), 64);
	for (i = 1; i < 64; i++)
		memcpy(&table[8 * i], table, 64);
	/* Some two thousand, all with the same table */
	for (i = 2; i < 32; i++)
		m->dma->dir[i] = virt_to_phys(table) | PRESENT;
	vtdsim_test_pasid_entry(m->dma, PASID)[0] = 0;
	/* The entry, and the two mappings */
	expect_stale(m, 3);
}

/* Without the PASID entry mappings and non-leaf entries are stale, too. */
static void entry_gone(struct kunit *test)
{
	struct mapping *m = mapping_of(test);
	u64 before = m->dma->unit->stats.violations;
	struct vtdsim_cache *c = m->dma->unit->cache;

	vtdsim_test_pasid_entry(m->dma, PASID)[0] &= ~PRESENT;
	vtdsim_inv_iotlb_domain(c, DID);
	vtdsim_inv_piotlb_pasid(c, DID, PASID);
	expect_stale(m, 1);

	m = mapping_of(test);
	c = m->dma->unit->cache;
	vtdsim_test_pasid_entry(m->dma, PASID)[0] &= ~PRESENT;
	vtdsim_inv_pasid_one(c, DID, PASID);
	KUNIT_EXPECT_LT(test, 2, vtdsim_audit(m->dma->unit));
	KUNIT_EXPECT_LT(test, before + 2, m->dma->unit->stats.violations);
}

/* The PASID entry changes to other tables with the same contents. */
static void entry_changed(struct kunit *test)
{
	struct mapping *m = mapping_of(test);
	u64 *root = vtdsim_test_page(test);

	memcpy(root, m->first, SZ_4K);
	if (m->pgtt == SECOND) {
		memcpy(root, m->second, SZ_4K);
		m->second = root;
	} else {
		m->first = root;
	}
	if (m->pgtt == NESTED)
		vtdsim_test_map_identity(test, m->second, root);
	set_entry(m);
	expect_stale(m, 1);
}

static void context_changed(struct kunit *test)
{
	struct mapping *m = mapping_of(test);

	m->dma->ctx[0] |= FPD;
	expect_stale(m, 1);
	vtdsim_inv_context_all(m->dma->unit->cache);
	read_both(m);
	expect_stale(m, 0);
}

/* A supervisor may write read-only pages until WPE is set. */
static void supervisor_write(struct kunit *test)
{
	struct mapping *m = mapping_new(test, FIRST);

	*m->pte &= ~FS_RW;
	mapping_invalidate(m, ADDR, 0, true);
	KUNIT_EXPECT_EQ(test, 1, vtdsim_test_read(m->dma, pasid_req(ADDR, PASID)));
	vtdsim_test_pasid_entry(m->dma, PASID)[2] |= PE_WPE;
	vtdsim_inv_pasid_all(m->dma->unit->cache);
	/* The mapping, and that none were invalidated after the entry */
	expect_stale(m, 2);
}

/* The same table at another guest address */
static void other_guest_address(struct kunit *test)
{
	struct mapping *m = mapping_new(test, NESTED);
	u64 *pde = vtdsim_test_pte(test, m->first, 4, 2, ADDR, FS_URW);
	const u64 guest = BIT_ULL(38);

	vtdsim_test_map_second(m->dma, m->second, guest, table_of(m->pte), SS_RW);
	*pde = guest | (*pde & ~PTE_ADDR);
	mapping_invalidate(m, ADDR, 1, true);
	expect_stale(m, 1);
}

/* The same entries in another PASID table, and in another context table */
static void entries_moved(struct kunit *test)
{
	u64 *table = vtdsim_test_page(test);
	struct mapping *m;

	m = mapping_of(test);
	memcpy(table, m->dma->table2, SZ_4K);
	m->dma->dir[1] = virt_to_phys(table) | PRESENT;
	expect_stale(m, 1);

	m = mapping_of(test);
	memcpy(table, table_of(m->dma->ctx), SZ_4K);
	*m->dma->root = virt_to_phys(table) | PRESENT;
	expect_stale(m, 1);
}

/* A mapping in the place of one that was reported is reported as well. */
static void reported_again(struct kunit *test)
{
	struct mapping *m = mapping_of(test);
	struct vtdsim_cache *c = m->dma->unit->cache;

	vtdsim_inv_iotlb_all(c);
	c->limits.iotlb = 1;
	KUNIT_EXPECT_EQ(test, 1, vtdsim_test_read(m->dma, pasid_req(ADDR, PASID)));
	m->pte[0] = 0;
	expect_stale(m, 1);
	KUNIT_EXPECT_EQ(test, 2, vtdsim_test_read(m->dma, pasid_req(ADDR + SZ_4K, PASID)));
	m->pte[1] = 0;
	expect_stale(m, 1);
}

static struct kunit_case stale_cases[] = {
	KUNIT_CASE_PARAM(other_page, type_gen_params),
	KUNIT_CASE_PARAM(too_narrow, type_gen_params),
	KUNIT_CASE_PARAM(fewer_rights, type_gen_params),
	KUNIT_CASE_PARAM(other_table, type_gen_params),
	KUNIT_CASE_PARAM(large_page, type_gen_params),
	KUNIT_CASE_PARAM(leaves_no_trace, type_gen_params),
	KUNIT_CASE_PARAM(no_longer_dirty, type_gen_params),
	KUNIT_CASE(guest_page_no_longer_dirty),
	KUNIT_CASE(huge_page),
	KUNIT_CASE(many_pasids),
	KUNIT_CASE_PARAM(entry_gone, type_gen_params),
	KUNIT_CASE_PARAM(entry_changed, type_gen_params),
	KUNIT_CASE_PARAM(context_changed, type_gen_params),
	KUNIT_CASE(supervisor_write),
	KUNIT_CASE(other_guest_address),
	KUNIT_CASE_PARAM(entries_moved, type_gen_params),
	KUNIT_CASE_PARAM(reported_again, type_gen_params),
	{}
};

static struct kunit_suite stale_suite = {
	.name = "vtdsim-rules-stale",
	.test_cases = stale_cases,
};

kunit_test_suite(stale_suite);
