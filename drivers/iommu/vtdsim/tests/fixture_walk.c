// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test fixture: page walks, see fixture_walk.h.
 */
#include "fixture_walk.h"

/* Guest addresses of first-stage tables; three levels reach them. */
#define GUEST_TABLES	0x7f00000000ULL

/**
 * vtdsim_test_walk_new() - allocate a walk
 * @test: the test
 *
 * Context: A test; fails it without memory.
 * Return: a walk for vtdsim_test_walk_init().
 */
struct vtdsim_test_walk *vtdsim_test_walk_new(struct kunit *test)
{
	struct vtdsim_test_walk *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	return w;
}

/**
 * vtdsim_test_walk_init() - set up a PASID entry with empty paging structures
 * @w: the walk; may have been set up before
 * @test: the test
 * @pgtt: translation type
 * @fs_levels: first-stage levels, if the type has a first stage
 * @ss_levels: second-stage levels, if the type has a second stage
 *
 * The unit can do everything. The PASID entry enables nothing of what can be
 * enabled except page-walk snooping.
 *
 * Context: A test; fails it without memory.
 */
void vtdsim_test_walk_init(struct vtdsim_test_walk *w, struct kunit *test, u8 pgtt, u8 fs_levels,
			   u8 ss_levels)
{
	memset(w, 0, sizeof(*w));
	w->test = test;
	w->caps.haw = TEST_HAW;
	w->caps.cap = CAP_FS5LP | CAP_FS1GP | CAP_SPS_1G | CAP_SPS_2M | CAP_MGAW(57);
	w->caps.ecap = ECAP_SC;
	w->walk.caps = &w->caps;
	w->walk.pe = &w->pe;
	w->walk.pasid = 7;
	w->req.with_pasid = true;
	w->req.pasid = 7;
	w->pe.pgtt = pgtt;
	w->pe.pwsnp = true;
	w->pe.fs_levels = fs_levels;
	w->pe.ss_levels = ss_levels;
	if (pgtt != VTDSIM_PGTT_FIRST)
		w->pe.ss_root = virt_to_phys(vtdsim_test_page(test));
	if (pgtt == VTDSIM_PGTT_FIRST)
		w->pe.fs_root = virt_to_phys(vtdsim_test_page(test));
	if (pgtt == VTDSIM_PGTT_NESTED) {
		w->guest = (struct vtdsim_test_guest) {
			.test = test, .ss_root = phys_to_virt(w->pe.ss_root),
			.ss_levels = ss_levels, .first = GUEST_TABLES, .step = PAGE_SIZE,
		};
		w->pe.fs_root = vtdsim_test_guest_page(&w->guest);
	}
}

/**
 * vtdsim_test_ss_entry() - the second-stage entry that a walk meets
 * @w: the walk
 * @addr: input address
 * @level: level of the entry
 *
 * New tables grant everything.
 *
 * Context: A test; fails it without memory.
 * Return: the entry.
 */
u64 *vtdsim_test_ss_entry(struct vtdsim_test_walk *w, u64 addr, int level)
{
	return vtdsim_test_pte(w->test, phys_to_virt(w->pe.ss_root), w->pe.ss_levels, level, addr,
			       SS_RW);
}

/**
 * vtdsim_test_fs_entry() - the first-stage entry that a walk meets
 * @w: the walk
 * @addr: input address
 * @level: level of the entry
 *
 * New tables grant everything.
 *
 * Context: A test; fails it without memory.
 * Return: the entry, also when nested.
 */
u64 *vtdsim_test_fs_entry(struct vtdsim_test_walk *w, u64 addr, int level)
{
	if (w->pe.pgtt == VTDSIM_PGTT_NESTED)
		return vtdsim_test_guest_pte(&w->guest, w->pe.fs_root, w->pe.fs_levels, level,
					     addr);
	return vtdsim_test_pte(w->test, phys_to_virt(w->pe.fs_root), w->pe.fs_levels, level, addr,
			       FS_URW);
}

/**
 * vtdsim_test_ss_map() - enter a second-stage mapping
 * @w: the walk
 * @addr: input address
 * @out: the whole leaf entry but for the page size bit
 * @level: level of the leaf
 *
 * Context: A test; fails it without memory.
 * Return: the leaf entry.
 */
u64 *vtdsim_test_ss_map(struct vtdsim_test_walk *w, u64 addr, u64 out, int level)
{
	u64 *entry = vtdsim_test_ss_entry(w, addr, level);

	*entry = out | (level > 1 ? PTE_PS : 0);
	return entry;
}

/**
 * vtdsim_test_fs_map() - enter a first-stage mapping
 * @w: the walk
 * @addr: input address
 * @out: the whole leaf entry but for the page size bit
 * @level: level of the leaf
 *
 * Context: A test; fails it without memory.
 * Return: the leaf entry.
 */
u64 *vtdsim_test_fs_map(struct vtdsim_test_walk *w, u64 addr, u64 out, int level)
{
	u64 *entry = vtdsim_test_fs_entry(w, addr, level);

	*entry = out | (level > 1 ? PTE_PS : 0);
	return entry;
}

/**
 * vtdsim_test_ss_of_table() - the second-stage leaf that maps a first-stage table
 * @w: the walk, nested
 * @addr: input address of the first stage
 * @level: level of the table
 *
 * Context: A test; fails it without memory.
 * Return: the second-stage entry.
 */
u64 *vtdsim_test_ss_of_table(struct vtdsim_test_walk *w, u64 addr, int level)
{
	u64 guest = w->pe.fs_root;

	if (level < w->pe.fs_levels)
		guest = *vtdsim_test_fs_entry(w, addr, level + 1) & PTE_ADDR;
	return vtdsim_test_ss_entry(w, guest, 1);
}

/**
 * vtdsim_test_expect_full() - expect the last translation to allow everything
 * @w: the walk
 *
 * Context: A test.
 */
void vtdsim_test_expect_full(struct vtdsim_test_walk *w)
{
	KUNIT_EXPECT_TRUE(w->test, w->map.read);
	KUNIT_EXPECT_TRUE(w->test, w->map.write);
	KUNIT_EXPECT_TRUE(w->test, w->map.super_write);
	KUNIT_EXPECT_TRUE(w->test, w->map.user);
	KUNIT_EXPECT_TRUE(w->test, w->map.dirty);
}

/**
 * vtdsim_test_walk_second() - walk the second stage
 * @w: the walk; the translation is left in @w->map
 * @addr: input address
 * @read: read request
 * @write: write request
 *
 * Context: Any.
 * Return: the fault reason.
 */
u8 vtdsim_test_walk_second(struct vtdsim_test_walk *w, u64 addr, bool read, bool write)
{
	memset(&w->map, 0xff, sizeof(w->map));
	return vtdsim_walk_second(&w->walk, addr, read, write, &w->map);
}

/**
 * vtdsim_test_walk_first() - walk the first stage, or both
 * @w: the walk; the translation is left in @w->map, and @w->req is what else the
 *	request is
 * @addr: input address
 * @read: read request
 * @write: write request
 *
 * Context: Any.
 * Return: the fault reason.
 */
u8 vtdsim_test_walk_first(struct vtdsim_test_walk *w, u64 addr, bool read, bool write)
{
	w->req.addr = addr;
	w->req.read = read;
	w->req.write = write;
	memset(&w->map, 0xff, sizeof(w->map));
	return vtdsim_walk_first(&w->walk, &w->req, &w->map);
}
