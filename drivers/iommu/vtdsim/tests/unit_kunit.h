/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A unit for tests of the register file, the queue and fault logging. Its
 * register blocks are not where a profile of the boot parameter has them, and
 * its events address no CPU.
 */
#ifndef _VTDSIM_UNIT_KUNIT_H
#define _VTDSIM_UNIT_KUNIT_H

#include <kunit/test.h>
#include <linux/bitfield.h>

#include "unit/registers.h"
#include "vtdsim.h"

#define TEST_FRCD		0x400
#define TEST_RECORDS		3
#define TEST_IOTLB		0x300
#define TEST_MAMV		9

#define TEST_CAP						\
	(FIELD_PREP_CONST(VTDSIM_CAP_FRO, TEST_FRCD / 16) |	\
	 FIELD_PREP_CONST(VTDSIM_CAP_NFR, TEST_RECORDS - 1) |	\
	 FIELD_PREP_CONST(VTDSIM_CAP_MAMV, TEST_MAMV) |		\
	 VTDSIM_CAP_PSI | VTDSIM_CAP_ESRTPS)

#define TEST_ECAP						\
	(FIELD_PREP_CONST(VTDSIM_ECAP_IRO, TEST_IOTLB / 16) |	\
	 VTDSIM_ECAP_C | VTDSIM_ECAP_QI | VTDSIM_ECAP_SMTS |	\
	 VTDSIM_ECAP_PASID)

static inline void test_unit_destroy(void *unit)
{
	vtdsim_cache_destroy(((struct vtdsim_unit *)unit)->cache);
}

static inline struct vtdsim_unit *
test_unit_with(struct kunit *test, u64 cap, u64 ecap)
{
	const struct vtdsim_caps caps = { .cap = cap, .ecap = ecap, .haw = 46 };
	struct vtdsim_unit *unit = kunit_kzalloc(test, sizeof(*unit), GFP_KERNEL);
	struct vtdsim_rules *rules = kunit_kzalloc(test, sizeof(*rules), GFP_KERNEL);
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, unit);
	KUNIT_ASSERT_NOT_NULL(test, rules);
	vtdsim_unit_init(unit, &caps, "test");
	vtdsim_rules_install(rules, unit);
	unit->cache = vtdsim_cache_create();
	KUNIT_ASSERT_NOT_NULL(test, unit->cache);
	ret = kunit_add_action_or_reset(test, test_unit_destroy, unit);
	KUNIT_ASSERT_EQ(test, ret, 0);
	return unit;
}

static inline struct vtdsim_unit *test_unit(struct kunit *test)
{
	return test_unit_with(test, TEST_CAP, TEST_ECAP);
}

static inline u32 read32(struct vtdsim_unit *unit, u32 offset)
{
	return vtdsim_reg_read(unit, offset, 4);
}

static inline u64 read64(struct vtdsim_unit *unit, u32 offset)
{
	return vtdsim_reg_read(unit, offset, 8);
}

static inline void write32(struct vtdsim_unit *unit, u32 offset, u32 val)
{
	vtdsim_reg_write(unit, offset, val, 4);
}

static inline void write64(struct vtdsim_unit *unit, u32 offset, u64 val)
{
	vtdsim_reg_write(unit, offset, val, 8);
}

#define TEST_HOUR_US		3600000000U	/* as long as nothing that happens */

/* Time is up for what is under way at an endpoint. */
static inline void test_time_is_up(struct vtdsim_unit *unit, u16 sid)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&unit->lock, flags);
	for (i = 0; i < VTDSIM_ITAGS; i++)
		if (unit->devtlb.slots[i].sid == sid)
			unit->devtlb.slots[i].deadline = 0;
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

/* Room in the cache for whatever a test puts there. */
static inline void test_reserve(struct kunit *test, struct vtdsim_unit *unit)
{
	KUNIT_ASSERT_EQ(test, vtdsim_cache_reserve(unit), 0);
}

static inline void test_add_context(struct kunit *test,
				    struct vtdsim_unit *unit, u16 sid)
{
	const struct vtdsim_context ctx = { .pasid_dir = 0x1000, .pasids = 64 };
	unsigned long flags;

	test_reserve(test, unit);
	raw_spin_lock_irqsave(&unit->lock, flags);
	vtdsim_cache_add_context(unit->cache, sid, &ctx);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

static inline bool test_has_context(struct vtdsim_unit *unit, u16 sid)
{
	struct vtdsim_context ctx;
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&unit->lock, flags);
	found = vtdsim_cache_find_context(unit->cache, sid, &ctx);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return found;
}

/* PASID entries and translations of tests: first stage, with a domain-id. */
static inline void test_add_pasid(struct kunit *test, struct vtdsim_unit *unit,
				  u16 sid, u32 pasid, u16 did)
{
	const struct vtdsim_pasid pe = { .did = did, .pgtt = VTDSIM_PGTT_FIRST };
	unsigned long flags;

	test_reserve(test, unit);
	raw_spin_lock_irqsave(&unit->lock, flags);
	vtdsim_cache_add_pasid(unit->cache, sid, pasid, &pe);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

static inline bool test_has_pasid(struct vtdsim_unit *unit, u16 sid, u32 pasid)
{
	struct vtdsim_pasid pe;
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&unit->lock, flags);
	found = vtdsim_cache_find_pasid(unit->cache, sid, pasid, &pe);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return found;
}

static inline void test_add_page(struct kunit *test, struct vtdsim_unit *unit,
				 enum vtdsim_pgtt pgtt, u16 did, u32 pasid,
				 u64 addr)
{
	const struct vtdsim_pasid pe = { .did = did, .pgtt = pgtt };
	const struct vtdsim_map map = {
		.in = addr, .out = addr, .shift = 12, .read = true,
		.write = true, .user = true,
		.super_write = true, .dirty = true,
	};
	unsigned long flags;

	test_reserve(test, unit);
	raw_spin_lock_irqsave(&unit->lock, flags);
	vtdsim_cache_add_iotlb(unit->cache, &pe, pasid, &map);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

static inline bool test_has_page(struct vtdsim_unit *unit,
				 enum vtdsim_pgtt pgtt, u16 did, u32 pasid,
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

#endif /* _VTDSIM_UNIT_KUNIT_H */
