// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test fixture: interrupt remapping, see fixture_remap.h.
 */
#include <kunit/test-bug.h>
#include <linux/io.h>
#include <linux/sizes.h>

#include "fixture_remap.h"

static bool note_delivery(const struct vtdsim_interrupt *irq)
{
	struct remap_test *t = kunit_get_current_test()->priv;

	t->irq = *irq;
	t->count++;
	return true;
}

static void note_no_delivery(void *unused)
{
	WRITE_ONCE(vtdsim_interrupt_deliver_stub, NULL);
}

/**
 * vtdsim_test_remap_command() - give a global command
 * @unit: the unit
 * @on: bits to set
 * @off: bits to clear
 *
 * All others stay as they are.
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_test_remap_command(struct vtdsim_unit *unit, u32 on, u32 off)
{
	u32 lasting = read32(unit, GSTS) & (GCMD_TE | GCMD_QIE | GCMD_IRE | GCMD_CFI);

	write32(unit, GCMD, (lasting | on) & ~off);
}

/**
 * vtdsim_test_remap_set_table() - put a table into force
 * @t: the test
 * @irta: contents of the Interrupt Remapping Table Address Register
 *
 * Context: Any; takes the unit's lock.
 */
void vtdsim_test_remap_set_table(struct remap_test *t, u64 irta)
{
	write64(t->unit, IRTA, irta);
	vtdsim_test_remap_command(t->unit, GCMD_SIRTP, 0);
}

/**
 * vtdsim_test_remap_new() - make a unit that can remap interrupts, and does not
 * @test: the test; its private pointer is set to what is returned
 * @cap: bits of the Capability Register besides TEST_CAP
 * @ecap: bits of the Extended Capability Register besides TEST_ECAP
 *
 * Context: A test; fails it without memory.
 * Return: the unit, and a table that is all zero.
 */
struct remap_test *vtdsim_test_remap_new(struct kunit *test, u64 cap, u64 ecap)
{
	struct remap_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->unit = vtdsim_test_unit_with(test, TEST_CAP | cap, TEST_ECAP | ECAP_IR | ecap);
	t->table = kunit_kzalloc(test, SZ_4K, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->table);
	WRITE_ONCE(vtdsim_interrupt_deliver_stub, note_delivery);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, note_no_delivery, NULL), 0);
	return t;
}

/**
 * vtdsim_test_remap_enabled() - make a unit that remaps interrupts
 * @test: the test; its private pointer is set to what is returned
 * @cap: bits of the Capability Register besides TEST_CAP
 * @ecap: bits of the Extended Capability Register besides TEST_ECAP
 * @mode: IRTA_EIME or 0
 *
 * Context: A test; fails it without memory.
 * Return: the unit, whose table of REMAP_ENTRIES is in force.
 */
struct remap_test *vtdsim_test_remap_enabled(struct kunit *test, u64 cap, u64 ecap, u64 mode)
{
	struct remap_test *t = vtdsim_test_remap_new(test, cap, ecap);

	vtdsim_test_remap_set_table(t, virt_to_phys(t->table) | mode | REMAP_SIZE);
	vtdsim_test_remap_command(t->unit, GCMD_IRE, 0);
	KUNIT_ASSERT_EQ(test, GCMD_IRE | GCMD_SIRTP, read32(t->unit, GSTS));
	KUNIT_ASSERT_EQ(test, 0, t->unit->stats.violations);
	return t;
}

/**
 * vtdsim_test_remap_send_from() - send an interrupt request
 * @t: the test
 * @sid: source-id
 * @addr: address
 * @data: data
 *
 * Context: Process context, may sleep; takes the unit's lock.
 */
void vtdsim_test_remap_send_from(struct remap_test *t, u16 sid, u64 addr, u32 data)
{
	const struct vtdsim_req req = { .addr = addr, .sid = sid };

	vtdsim_dma_write(t->unit, &req, &data, sizeof(data), &t->out);
}

/**
 * vtdsim_test_remap_send() - send an interrupt request of REMAP_SID
 * @t: the test
 * @addr: address
 * @data: data
 *
 * Context: Process context, may sleep; takes the unit's lock.
 * Return: the vector that was delivered, or 0.
 */
u8 vtdsim_test_remap_send(struct remap_test *t, u64 addr, u32 data)
{
	unsigned int before = t->count;

	vtdsim_test_remap_send_from(t, REMAP_SID, addr, data);
	return t->count == before + 1 ? t->irq.vector : 0;
}

/**
 * vtdsim_test_remap_blocked() - expect that an interrupt request of REMAP_SID is blocked
 * @test: the test
 * @addr: address
 * @data: data
 * @reason: fault reason
 *
 * Context: Process context, may sleep; takes the unit's lock.
 */
void vtdsim_test_remap_blocked(struct kunit *test, u64 addr, u32 data, u8 reason)
{
	struct remap_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_remap_send(t, addr, data));
	KUNIT_EXPECT_EQ(test, reason, t->out.reason);
}
