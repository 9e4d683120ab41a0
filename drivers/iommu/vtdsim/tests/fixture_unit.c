// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test fixture: units, see fixture_unit.h.
 */
#include "fixture_unit.h"
#include "queue/descriptors.h"
#include "remap/entry_cache.h"

/*
 * 48 and 57 bits wide second stage, large pages in both stages, 5-level first
 * stage, one fault recording register.
 */
#define DMA_CAP		(CAP_ND_16 | CAP_SAGAW(0xc) | CAP_MGAW(57) | CAP_FRO(DMA_FRCD) | \
			 CAP_SPS_2M | CAP_SPS_1G | CAP_FS1GP | CAP_FS5LP)
#define DMA_ECAP	(ECAP_PT | ECAP_SC | ECAP_NEST | ECAP_SRS | ECAP_PSS(20) | ECAP_PASID | \
			 ECAP_SSADS | ECAP_SSTS | ECAP_FSTS | ECAP_SMPWCS | ECAP_RPS)

/* A test may have destroyed the cache itself, and cleared the pointer. */
static void release_unit(struct vtdsim_unit *unit)
{
	vtdsim_cache_destroy(unit->cache);
	vtdsim_irte_cache_destroy(unit->irtes);
}

static void stop_unit(void *unit)
{
	hrtimer_cancel(&((struct vtdsim_unit *)unit)->async.timer);
}

KUNIT_DEFINE_ACTION_WRAPPER(release_unit_action, release_unit, struct vtdsim_unit *);

/**
 * vtdsim_test_unit_with() - make a unit with given capabilities
 * @test: the test
 * @cap: Capability Register
 * @ecap: Extended Capability Register
 *
 * The unit is as after reset, with the rule checker. Its caches are empty and have
 * room for one request. Its events address no CPU. It works beside the CPUs if the
 * machine's unit has been asked to at boot. It goes when the test ends.
 *
 * Context: A test; fails it without memory.
 * Return: the unit.
 */
struct vtdsim_unit *vtdsim_test_unit_with(struct kunit *test, u64 cap, u64 ecap)
{
	const struct vtdsim_caps caps = { .cap = cap, .ecap = ecap, .haw = TEST_HAW };
	struct vtdsim_unit *unit = kunit_kzalloc(test, sizeof(*unit), GFP_KERNEL);
	struct vtdsim_rules *rules = kunit_kzalloc(test, sizeof(*rules), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, unit);
	KUNIT_ASSERT_NOT_NULL(test, rules);
	vtdsim_unit_init(unit, &caps, "test");
	vtdsim_rules_install(rules, unit);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, release_unit_action, unit));
	unit->cache = vtdsim_cache_create();
	KUNIT_ASSERT_NOT_NULL(test, unit->cache);
	KUNIT_ASSERT_EQ(test, 0, vtdsim_cache_reserve(unit));
	if (ecap & ECAP_IR) {
		unit->irtes = vtdsim_irte_cache_create();
		KUNIT_ASSERT_NOT_NULL(test, unit->irtes);
	}
	vtdsim_async_init(unit);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, stop_unit, unit));
	vtdsim_async_seed(unit, vtdsim_options[0].async);
	return unit;
}

/**
 * vtdsim_test_unit() - make a unit for tests of registers, queue and fault log
 * @test: the test
 *
 * Context: A test; fails it without memory.
 * Return: a unit with TEST_CAP and TEST_ECAP.
 */
struct vtdsim_unit *vtdsim_test_unit(struct kunit *test)
{
	return vtdsim_test_unit_with(test, TEST_CAP, TEST_ECAP);
}

/**
 * vtdsim_test_dma_unit() - make a unit for tests of translation
 * @test: the test
 *
 * Context: A test; fails it without memory.
 * Return: a unit with all types of translation, and one fault recording register
 * at DMA_FRCD.
 */
struct vtdsim_unit *vtdsim_test_dma_unit(struct kunit *test)
{
	return vtdsim_test_unit_with(test, DMA_CAP, DMA_ECAP);
}

/**
 * vtdsim_test_expire() - let the invalidations of an endpoint time out
 * @unit: the unit
 * @sid: the endpoint
 *
 * The unit finds out at the next access to a register.
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_test_expire(struct vtdsim_unit *unit, u16 sid)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&unit->lock, flags);
	for (i = 0; i < VTDSIM_ITAGS; i++)
		if (unit->devtlb.slots[i].sid == sid)
			unit->devtlb.slots[i].deadline = 0;
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}

/**
 * vtdsim_test_descriptor() - have a unit carry out a descriptor, past its queue
 * @unit: the unit
 * @low: quadword 0
 * @high: quadword 1
 *
 * Context: Any; takes the unit's lock.
 * Return: 0, or the error that the queue would stop with.
 */
enum vtdsim_iqei vtdsim_test_descriptor(struct vtdsim_unit *unit, u64 low, u64 high)
{
	const u64 desc[4] = { low, high };
	enum vtdsim_iqei error;
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	error = vtdsim_descriptor_check(unit, desc, true);
	if (!error) {
		vtdsim_descriptor_observe(unit, desc);
		vtdsim_descriptor_run(unit, desc);
	}
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return error;
}

/**
 * vtdsim_test_settle() - let a unit do all that it can do without anybody else
 * @unit: the unit
 *
 * As if much time passed. Does nothing where the unit does everything at once.
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_test_settle(struct vtdsim_unit *unit)
{
	unsigned long flags;

	if (!unit->async.seed)
		return;
	raw_spin_lock_irqsave(&unit->lock, flags);
	while (vtdsim_async_step(unit, KTIME_MAX))
		;
	raw_spin_unlock_irqrestore(&unit->lock, flags);
}
