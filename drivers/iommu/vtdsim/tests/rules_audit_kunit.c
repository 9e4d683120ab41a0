// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the rule checker: what is cached although the tables say something
 * else, when software says that it is done.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "dma_rig.h"
#include "prq_rig.h"

#define DID	5
#define ADDR	0x40000000ULL
#define SECOND	VTDSIM_PGTT_SECOND
#define FIRST	VTDSIM_PGTT_FIRST
#define NESTED	VTDSIM_PGTT_NESTED

/**
 * struct world - a unit that has translated, with all that it walked
 * @r: unit and tables
 * @pgtt: how PASID is translated
 * @second: second-stage table, or NULL
 * @first: first-stage table, or NULL
 * @page: two pages, mapped at ADDR and behind it
 * @pte: leaf for ADDR of the stage whose output the page is
 * @flags: rights of these leaves
 */
struct world {
	struct rig *r;
	enum vtdsim_pgtt pgtt;
	u64 *second;
	u64 *first;
	u64 *page[2];
	u64 *pte;
	u64 flags;
};

static void read_both(struct world *w)
{
	struct vtdsim_req req = rig_pasid(ADDR, PASID);

	KUNIT_EXPECT_EQ(w->r->test, 1, rig_read(w->r, req));
	req.addr += SZ_4K;
	KUNIT_EXPECT_EQ(w->r->test, 2, rig_read(w->r, req));
}

/* Nested: guest address = host address, tables and pages alike. */
static void identity(struct world *w, u64 *page)
{
	rig_map_second(w->r, w->second, virt_to_phys(page), page, SS_RW);
}

static void set_entry(struct world *w)
{
	switch (w->pgtt) {
	case SECOND:
		rig_set_second(w->r, PASID, DID, w->second);
		break;
	case FIRST:
		rig_set_first(w->r, PASID, DID, w->first);
		break;
	default:
		rig_set_nested(w->r, PASID, DID, virt_to_phys(w->first),
			       w->second);
		break;
	}
}

static struct world *world(struct kunit *test, enum vtdsim_pgtt pgtt)
{
	struct world *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	unsigned int i, level;
	u64 *root;

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->r = rig_make(test);
	w->pgtt = pgtt;
	asker_make(test, w->r->unit, SID);
	w->second = rig_page(test);
	w->first = rig_page(test);
	w->flags = pgtt == SECOND ? SS_RW : FS_URW;
	root = pgtt == SECOND ? w->second : w->first;
	for (i = 0; i < 2; i++) {
		w->page[i] = rig_page(test);
		*w->page[i] = i + 1;
		*rig_slot(test, root, 4, 1, ADDR + i * SZ_4K, w->flags) =
			virt_to_phys(w->page[i]) | w->flags;
		if (pgtt == NESTED)
			identity(w, w->page[i]);
	}
	w->pte = rig_slot(test, root, 4, 1, ADDR, w->flags);
	for (level = 1; pgtt == NESTED && level <= 4; level++)
		identity(w, PTR_ALIGN_DOWN(rig_slot(test, w->first, 4, level,
						    ADDR, FS_URW), SZ_4K));
	set_entry(w);
	read_both(w);
	KUNIT_EXPECT_EQ(test, 0, vtdsim_audit(w->r->unit));
	return w;
}

static void stale(struct world *w, unsigned int entries)
{
	u64 before = w->r->unit->stats.violations;

	KUNIT_EXPECT_EQ(w->r->test, entries, vtdsim_audit(w->r->unit));
	KUNIT_EXPECT_EQ(w->r->test, before + entries,
			w->r->unit->stats.violations);
	/* Once */
	KUNIT_EXPECT_EQ(w->r->test, 0, vtdsim_audit(w->r->unit));
}

static const enum vtdsim_pgtt types[] = { SECOND, FIRST, NESTED };

static void type_desc(const enum vtdsim_pgtt *type, char *desc)
{
	static const char * const names[] = {
		[FIRST] = "first stage", [SECOND] = "second stage",
		[NESTED] = "nested",
	};

	strscpy(desc, names[*type], KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(type, types, type_desc);

static struct world *world_of(struct kunit *test)
{
	return world(test, *(const enum vtdsim_pgtt *)test->param_value);
}

/* Page-selective for @addr, as the stage that has the leaf needs it */
static void invalidate(struct world *w, u64 addr, u8 am, bool ih)
{
	struct vtdsim_cache *c = w->r->unit->cache;

	if (w->pgtt == SECOND)
		vtdsim_inv_iotlb_pages(c, DID, addr, am, ih);
	else
		vtdsim_inv_piotlb_pages(c, DID, PASID, addr, am, ih);
}

static void other_page(struct kunit *test)
{
	struct world *w = world_of(test);

	*w->pte = virt_to_phys(w->page[1]) | w->flags;
	stale(w, 1);
	invalidate(w, ADDR, 0, true);
	*w->page[0] = 2;
	KUNIT_EXPECT_EQ(test, 2, rig_read(w->r, rig_pasid(ADDR, PASID)));
	stale(w, 0);
}

/* Two pages change, one is invalidated. */
static void too_narrow(struct kunit *test)
{
	struct world *w = world_of(test);

	w->pte[0] = 0;
	w->pte[1] = 0;
	invalidate(w, ADDR, 0, true);
	stale(w, 1);
	w = world_of(test);
	w->pte[0] = 0;
	w->pte[1] = 0;
	invalidate(w, ADDR, 1, true);
	stale(w, 0);
}

static void fewer_rights(struct kunit *test)
{
	struct world *w = world_of(test);
	u64 old = *w->pte;

	/* Software need not invalidate for more of them. */
	*w->pte = old & ~2ULL;
	stale(w, 1);
	invalidate(w, ADDR, 0, true);
	KUNIT_EXPECT_EQ(test, 1, rig_read(w->r, rig_pasid(ADDR, PASID)));
	*w->pte = old;
	stale(w, 0);

	if (w->pgtt == SECOND)
		return;
	*w->pte = old & ~4ULL;
	invalidate(w, ADDR, 0, true);
	*w->pte = old;
	KUNIT_EXPECT_EQ(test, 1, rig_read(w->r, rig_pasid(ADDR, PASID)));
	*w->pte &= ~4ULL;
	stale(w, 1);
}

/* The same pages by another table; the hint says that no table has changed. */
static void other_table(struct kunit *test)
{
	struct world *w = world_of(test);
	u64 *root = w->pgtt == SECOND ? w->second : w->first;
	u64 *table = rig_page(test), *pde;

	memcpy(table, PTR_ALIGN_DOWN(w->pte, SZ_4K), SZ_4K);
	pde = rig_slot(test, root, 4, 2, ADDR, w->flags);
	if (w->pgtt == NESTED)
		identity(w, table);
	*pde = virt_to_phys(table) | (*pde & (SZ_4K - 1));
	invalidate(w, ADDR, 1, true);
	stale(w, 1);

	w = world_of(test);
	root = w->pgtt == SECOND ? w->second : w->first;
	pde = rig_slot(test, root, 4, 2, ADDR, w->flags);
	*pde &= ~2ULL;
	invalidate(w, ADDR, 1, true);
	stale(w, 1);

	w = world_of(test);
	root = w->pgtt == SECOND ? w->second : w->first;
	*rig_slot(test, root, 4, 2, ADDR, w->flags) = 0;
	invalidate(w, ADDR, 1, true);
	stale(w, 1);
	w = world_of(test);
	root = w->pgtt == SECOND ? w->second : w->first;
	*rig_slot(test, root, 4, 2, ADDR, w->flags) = 0;
	invalidate(w, ADDR, 1, false);
	stale(w, 0);
}

/* A large page that has become small ones, some of them elsewhere */
static void large_page(struct kunit *test)
{
	struct world *w = world_of(test);
	u64 *root = w->pgtt == SECOND ? w->second : w->first;
	u64 addr = ADDR + SZ_2M, *table = rig_page(test), *pde;
	struct page *large;
	unsigned int i;
	u64 base;

	if (w->pgtt == NESTED)
		kunit_skip(test, "the same leaf as in the first stage");
	large = alloc_pages(GFP_KERNEL | __GFP_ZERO, 9);
	KUNIT_ASSERT_NOT_NULL(test, large);
	*(u64 *)page_address(large) = 3;
	base = page_to_phys(large);
	pde = rig_slot(test, root, 4, 2, addr, w->flags);
	*pde = base | PS | w->flags;
	KUNIT_EXPECT_EQ(test, 3, rig_read(w->r, rig_pasid(addr, PASID)));

	for (i = 0; i < 512; i++)
		table[i] = (base + i * SZ_4K) | w->flags;
	*pde = virt_to_phys(table) | w->flags;
	stale(w, 0);
	table[511] = 0;
	stale(w, 1);
	vtdsim_inv_iotlb_all(w->r->unit->cache);
	__free_pages(large, 9);
}

/* Looking marks nothing, and counts as no walk. */
static void leaves_no_trace(struct kunit *test)
{
	struct world *w = world_of(test);
	u64 flags = w->pgtt == SECOND ? 0 : 0x60, walks;

	rig_entry(w->r, PASID)[0] |= w->pgtt == FIRST ? 0 : PE_SSADE;
	vtdsim_inv_pasid_all(w->r->unit->cache);
	vtdsim_inv_iotlb_all(w->r->unit->cache);
	read_both(w);
	*w->pte &= ~flags;
	if (w->pgtt == SECOND)
		*w->pte &= ~(BIT_ULL(8) | SS_D);
	walks = w->r->unit->stats.walks;
	stale(w, 0);
	KUNIT_EXPECT_EQ(test, 0, *w->pte & flags);
	if (w->pgtt == SECOND)
		KUNIT_EXPECT_EQ(test, 0, *w->pte & BIT_ULL(8));
	KUNIT_EXPECT_EQ(test, walks, w->r->unit->stats.walks);
}

/* Who clears a dirty flag has to invalidate, or will not see it again. */
static void no_longer_dirty(struct kunit *test)
{
	struct world *w = world_of(test);
	u64 *leaf;

	if (w->pgtt == FIRST)
		kunit_skip(test, "the first stage's flags are the guest's own");
	rig_entry(w->r, PASID)[0] |= PE_SSADE;
	vtdsim_inv_pasid_all(w->r->unit->cache);
	vtdsim_inv_iotlb_all(w->r->unit->cache);
	KUNIT_EXPECT_EQ(test, 0, rig_write(w->r, rig_pasid(ADDR, PASID), 1));
	leaf = w->pgtt == SECOND ? w->pte :
	       rig_slot(test, w->second, 4, 1, virt_to_phys(w->page[0]), SS_RW);
	KUNIT_EXPECT_TRUE(test, *leaf & SS_D);
	stale(w, 0);
	*leaf &= ~SS_D;
	stale(w, 1);
}

/* PASID entry gone: with it the IOTLB's mapping and non-leaf entries */
static void entry_gone(struct kunit *test)
{
	struct world *w = world_of(test);
	u64 before = w->r->unit->stats.violations;
	struct vtdsim_cache *c = w->r->unit->cache;

	rig_entry(w->r, PASID)[0] &= ~PRESENT;
	vtdsim_inv_iotlb_domain(c, DID);
	vtdsim_inv_piotlb_pasid(c, DID, PASID);
	stale(w, 1);

	w = world_of(test);
	c = w->r->unit->cache;
	rig_entry(w->r, PASID)[0] &= ~PRESENT;
	vtdsim_inv_pasid_one(c, DID, PASID);
	KUNIT_EXPECT_LT(test, 2, vtdsim_audit(w->r->unit));
	KUNIT_EXPECT_LT(test, before + 2, w->r->unit->stats.violations);
}

/* The entry moves to other tables of the same contents. */
static void entry_changed(struct kunit *test)
{
	struct world *w = world_of(test);
	u64 *root = rig_page(test);

	memcpy(root, w->first, SZ_4K);
	if (w->pgtt == SECOND) {
		memcpy(root, w->second, SZ_4K);
		w->second = root;
	} else {
		w->first = root;
	}
	if (w->pgtt == NESTED)
		identity(w, root);
	set_entry(w);
	stale(w, 1);
}

static void context_changed(struct kunit *test)
{
	struct world *w = world_of(test);

	w->r->ctx[0] |= FPD;
	stale(w, 1);
	vtdsim_inv_context_all(w->r->unit->cache);
	read_both(w);
	stale(w, 0);
}

static struct kunit_case stale_cases[] = {
	KUNIT_CASE_PARAM(other_page, type_gen_params),
	KUNIT_CASE_PARAM(too_narrow, type_gen_params),
	KUNIT_CASE_PARAM(fewer_rights, type_gen_params),
	KUNIT_CASE_PARAM(other_table, type_gen_params),
	KUNIT_CASE_PARAM(large_page, type_gen_params),
	KUNIT_CASE_PARAM(leaves_no_trace, type_gen_params),
	KUNIT_CASE_PARAM(no_longer_dirty, type_gen_params),
	KUNIT_CASE_PARAM(entry_gone, type_gen_params),
	KUNIT_CASE_PARAM(entry_changed, type_gen_params),
	KUNIT_CASE_PARAM(context_changed, type_gen_params),
	{}
};

static struct kunit_suite stale_suite = {
	.name = "vtdsim-rules-stale",
	.test_cases = stale_cases,
};

kunit_test_suite(stale_suite);
