// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test fixture: entries of a unit's caches, see fixture_cache.h.
 */
#include "fixture_cache.h"

/**
 * vtdsim_test_add_context() - put an entry into the context-cache
 * @test: the test
 * @unit: the unit
 * @sid: source-id
 * @ctx: contents; NULL for a PASID table of 64 PASIDs that is nowhere
 *
 * Context: A test; fails it without memory. Takes the unit's lock.
 */
void vtdsim_test_add_context(struct kunit *test, struct vtdsim_unit *unit, u16 sid,
			     const struct vtdsim_context *ctx)
{
	static const struct vtdsim_context some = { .pasid_dir = 0x1000, .pasids = 64 };
	unsigned long flags;

	KUNIT_ASSERT_EQ(test, vtdsim_cache_reserve(unit), 0);
	raw_spin_lock_irqsave(&unit->lock, flags);
	vtdsim_cache_add_context(unit->cache, sid, ctx ?: &some);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

/**
 * vtdsim_test_has_context() - look into the context-cache
 * @unit: the unit
 * @sid: source-id
 *
 * Context: Any; takes the unit's lock.
 * Return: whether there is an entry.
 */
bool vtdsim_test_has_context(struct vtdsim_unit *unit, u16 sid)
{
	struct vtdsim_context ctx;
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&unit->lock, flags);
	found = vtdsim_cache_find_context(unit->cache, sid, &ctx);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return found;
}

/**
 * vtdsim_test_add_pasid() - put a first-stage entry into the PASID-cache
 * @test: the test
 * @unit: the unit
 * @sid: source-id
 * @pasid: PASID
 * @did: domain-id
 *
 * Context: A test; fails it without memory. Takes the unit's lock.
 */
void vtdsim_test_add_pasid(struct kunit *test, struct vtdsim_unit *unit, u16 sid, u32 pasid,
			   u16 did)
{
	const struct vtdsim_pasid pe = { .did = did, .pgtt = VTDSIM_PGTT_FIRST };
	unsigned long flags;

	KUNIT_ASSERT_EQ(test, vtdsim_cache_reserve(unit), 0);
	raw_spin_lock_irqsave(&unit->lock, flags);
	vtdsim_cache_add_pasid(unit->cache, sid, pasid, &pe);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

/**
 * vtdsim_test_has_pasid() - look into the PASID-cache
 * @unit: the unit
 * @sid: source-id
 * @pasid: PASID
 *
 * Context: Any; takes the unit's lock.
 * Return: whether there is an entry.
 */
bool vtdsim_test_has_pasid(struct vtdsim_unit *unit, u16 sid, u32 pasid)
{
	struct vtdsim_pasid pe;
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&unit->lock, flags);
	found = vtdsim_cache_find_pasid(unit->cache, sid, pasid, &pe);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return found;
}

/**
 * vtdsim_test_add_page() - put a mapping of 4 KiB with all rights into the IOTLB
 * @test: the test
 * @unit: the unit
 * @pgtt: type of translation that the mapping is of
 * @did: domain-id
 * @pasid: PASID
 * @addr: input address, and output address
 *
 * Context: A test; fails it without memory. Takes the unit's lock.
 */
void vtdsim_test_add_page(struct kunit *test, struct vtdsim_unit *unit, enum vtdsim_pgtt pgtt,
			  u16 did, u32 pasid, u64 addr)
{
	const struct vtdsim_pasid pe = { .did = did, .pgtt = pgtt };
	const struct vtdsim_map map = {
		.in = addr, .out = addr, .shift = 12, .read = true, .write = true,
		.user = true, .super_write = true, .dirty = true,
	};
	unsigned long flags;

	KUNIT_ASSERT_EQ(test, vtdsim_cache_reserve(unit), 0);
	raw_spin_lock_irqsave(&unit->lock, flags);
	vtdsim_cache_add_iotlb(unit->cache, &pe, pasid, &map);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

/**
 * vtdsim_test_has_page() - look into the IOTLB
 * @unit: the unit
 * @pgtt: type of translation
 * @did: domain-id
 * @pasid: PASID
 * @addr: input address
 *
 * Context: Any; takes the unit's lock.
 * Return: whether there is a mapping.
 */
bool vtdsim_test_has_page(struct vtdsim_unit *unit, enum vtdsim_pgtt pgtt, u16 did, u32 pasid,
			  u64 addr)
{
	const struct vtdsim_pasid pe = { .did = did, .pgtt = pgtt };
	struct vtdsim_map map;
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&unit->lock, flags);
	found = vtdsim_cache_find_iotlb(unit->cache, &pe, pasid, addr, &map);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return found;
}
