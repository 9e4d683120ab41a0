// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test fixture: tables in real memory, see fixture_tables.h.
 */
#include <linux/gfp.h>

#include "fixture_tables.h"

KUNIT_DEFINE_ACTION_WRAPPER(free_page_action, free_page, unsigned long);

/**
 * vtdsim_test_page() - allocate a page of zeroes
 * @test: the test
 *
 * Context: A test; fails it without memory.
 * Return: the page, which is freed when the test ends.
 */
u64 *vtdsim_test_page(struct kunit *test)
{
	unsigned long page = get_zeroed_page(GFP_KERNEL);

	KUNIT_ASSERT_NE(test, page, 0UL);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_page_action, (void *)page));
	return (u64 *)page;
}

#define LARGE_ORDER	(PMD_SHIFT - PAGE_SHIFT)

static void free_large_page(void *page)
{
	free_pages((unsigned long)page, LARGE_ORDER);
}

/**
 * vtdsim_test_large_page() - allocate 2 MiB of zeroes, aligned to their size
 * @test: the test
 *
 * Context: A test; fails it without memory.
 * Return: the page, which is freed when the test ends.
 */
u64 *vtdsim_test_large_page(struct kunit *test)
{
	void *page = (void *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, LARGE_ORDER);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_large_page, page));
	return page;
}

/**
 * vtdsim_test_entries_init() - make the tables that lead to a PASID entry
 * @e: filled with where the entries are
 * @test: the test
 * @sid: source-id
 * @pasid: PASID
 *
 * Root, context and directory entry are present; the PASID entry is empty. The
 * directory has the smallest size.
 *
 * Context: A test; fails it without memory.
 */
void vtdsim_test_entries_init(struct vtdsim_test_entries *e, struct kunit *test, u16 sid,
			      u32 pasid)
{
	u64 *root = vtdsim_test_page(test), *ctx = vtdsim_test_page(test);
	u64 *dir = vtdsim_test_page(test), *table = vtdsim_test_page(test);
	/* A directory for all PASIDs is large: there is only the page that is used. */
	u64 before = (pasid / 64 * sizeof(*dir)) & PAGE_MASK;

	KUNIT_ASSERT_GT(test, virt_to_phys(dir), before);
	e->rtaddr = virt_to_phys(root) | BIT_ULL(10);
	e->root = &root[(sid >> 8) * 2 + (sid >> 7 & 1)];
	e->ctx = &ctx[(sid & 0x7f) * 4];
	e->dir = &dir[pasid / 64 % 512];
	e->pasid = &table[pasid % 64 * 8];
	*e->root = virt_to_phys(ctx) | PRESENT;
	e->ctx[0] = (virt_to_phys(dir) - before) | PRESENT;
	*e->dir = virt_to_phys(table) | PRESENT;
}

/* A page at a guest address, as the CPU sees it */
static u64 *guest_at(struct vtdsim_test_guest *g, u64 addr)
{
	u64 index = (addr - g->first) / g->step;

	KUNIT_ASSERT_LT(g->test, index, g->pages);
	return g->page[index];
}

/*
 * The entry for @addr at @level, and the tables above it as needed: pages of @g if
 * there is a guest, otherwise of the host.
 */
static u64 *find_or_make(struct kunit *test, struct vtdsim_test_guest *g, u64 *table, int levels,
			 int level, u64 addr, u64 flags)
{
	for (;; levels--) {
		u64 *e = &table[addr >> (12 + 9 * (levels - 1)) & 511];

		if (levels == level)
			return e;
		if (!*e)
			*e = (g ? vtdsim_test_guest_page(g) :
				  virt_to_phys(vtdsim_test_page(test))) | flags;
		table = g ? guest_at(g, *e & PTE_ADDR) : phys_to_virt(*e & PTE_ADDR);
	}
}

/**
 * vtdsim_test_pte() - find a paging entry, and make the tables above it
 * @test: the test
 * @root: top-level table
 * @levels: its level
 * @level: level of the entry, 1 for the lowest
 * @addr: input address
 * @flags: what the entries of new tables grant
 *
 * Context: A test; fails it without memory.
 * Return: the entry.
 */
u64 *vtdsim_test_pte(struct kunit *test, u64 *root, int levels, int level, u64 addr, u64 flags)
{
	return find_or_make(test, NULL, root, levels, level, addr, flags);
}

/**
 * vtdsim_test_guest_page() - add a page of zeroes to a guest
 * @g: the guest
 *
 * The second stage maps it, to be read and written.
 *
 * Context: A test; fails it without memory.
 * Return: its guest address.
 */
u64 vtdsim_test_guest_page(struct vtdsim_test_guest *g)
{
	u64 addr = g->first + g->pages * g->step;

	KUNIT_ASSERT_LT(g->test, g->pages, ARRAY_SIZE(g->page));
	g->page[g->pages] = vtdsim_test_page(g->test);
	*vtdsim_test_pte(g->test, g->ss_root, g->ss_levels, 1, addr, SS_RW) =
		virt_to_phys(g->page[g->pages]) | SS_RW;
	g->pages++;
	return addr;
}

/**
 * vtdsim_test_guest_pte() - find a first-stage entry of a guest, and make the tables above it
 * @g: the guest
 * @root: guest address of the top-level table
 * @levels: its level
 * @level: level of the entry, 1 for the lowest
 * @addr: input address
 *
 * Entries of new tables grant everything.
 *
 * Context: A test; fails it without memory.
 * Return: the entry.
 */
u64 *vtdsim_test_guest_pte(struct vtdsim_test_guest *g, u64 root, int levels, int level, u64 addr)
{
	return find_or_make(g->test, g, guest_at(g, root), levels, level, addr, FS_URW);
}

/**
 * vtdsim_test_map_identity() - map a page in a second stage at its own host address
 * @test: the test
 * @ss_root: second-stage table, of four levels
 * @page: the page
 *
 * Context: A test; fails it without memory.
 */
void vtdsim_test_map_identity(struct kunit *test, u64 *ss_root, void *page)
{
	u64 addr = virt_to_phys(page);

	*vtdsim_test_pte(test, ss_root, 4, 1, addr, SS_RW) = addr | SS_RW;
}

/**
 * vtdsim_test_map_tables() - map first-stage tables in a second stage, like
 *	vtdsim_test_map_identity()
 * @test: the test
 * @ss_root: second-stage table, of four levels
 * @fs_root: first-stage table, of four levels
 * @addr: input address that the tables are for
 *
 * Context: A test; fails it without memory.
 */
void vtdsim_test_map_tables(struct kunit *test, u64 *ss_root, u64 *fs_root, u64 addr)
{
	int level;

	for (level = 1; level <= 4; level++)
		vtdsim_test_map_identity(test, ss_root,
					 table_of(vtdsim_test_pte(test, fs_root, 4, level, addr,
								  FS_URW)));
}
