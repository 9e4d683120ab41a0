// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of interrupt remapping: which interrupt requests reach a CPU, which are blocked,
 * and what is recorded.
 */
#include <linux/io.h>
#include <linux/sizes.h>

#include "fixture_remap.h"
#include "kunit_case.h"

/* Has the first record that fault? Clears it, and begins anew with the first one. */
static void remap_expect_record(struct kunit *test, u16 sid, u16 index, u8 reason)
{
	struct remap_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, (u64)index << 48, read64(t->unit, TEST_FRCD));
	KUNIT_EXPECT_EQ(test, BIT_ULL(63) | (u64)reason << 32 | sid,
			read64(t->unit, TEST_FRCD + 8));
	KUNIT_EXPECT_EQ(test, FSTS_PPF, read32(t->unit, FSTS));
	write64(t->unit, TEST_FRCD + 8, BIT_ULL(63));
	KUNIT_EXPECT_EQ(test, 0, read32(t->unit, FSTS));
	t->unit->fault_next = 0;
}

static void remap_disabled(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_new(test, 0, 0);

	vtdsim_test_remap_set_table(t, virt_to_phys(t->table) | REMAP_SIZE);
	t->table[0].q[0] = ENTRY(0x41ULL);
	KUNIT_EXPECT_EQ(test, 0x52, vtdsim_test_remap_send(t, COMPATIBILITY | 7 << 12, 0x52));
	KUNIT_EXPECT_EQ(test, 7, t->irq.dest);
	/* It has no remappable format. */
	KUNIT_EXPECT_EQ(test, 0, vtdsim_test_remap_send(t, HANDLE(0), 0x52));
	KUNIT_EXPECT_TRUE(test, t->out.unsupported);
	KUNIT_EXPECT_EQ(test, 0, t->unit->stats.faults);
}

static void remap_delivers(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, 0, 0);

	t->table[5] = (struct vtdsim_irte) { { ENTRY(0x41ULL), SOURCE(REMAP_SID) } };
	t->table[255].q[0] = ENTRY(0x42ULL);
	KUNIT_EXPECT_EQ(test, 0x41, vtdsim_test_remap_send(t, HANDLE(5), ~0));
	KUNIT_EXPECT_EQ(test, 3, t->irq.dest);
	KUNIT_EXPECT_EQ(test, 0x41, vtdsim_test_remap_send(t, HANDLE(2) | SHV, 3));
	KUNIT_EXPECT_EQ(test, 0x42, vtdsim_test_remap_send(t, HANDLE(255), 0));
	KUNIT_EXPECT_EQ(test, 3, t->count);
	KUNIT_EXPECT_EQ(test, 0, t->unit->stats.faults);
	KUNIT_EXPECT_EQ(test, 0, t->out.reason);
	KUNIT_EXPECT_FALSE(test, t->out.unsupported);
}

/* These are DMA requests, and no interrupts (section 3.15). */
static void remap_other_requests(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, 0, 0);
	struct vtdsim_req req = { .addr = HANDLE(5), .sid = REMAP_SID };
	u64 data = 0;

	t->table[5].q[0] = ENTRY(0x41ULL);
	vtdsim_dma_write(t->unit, &req, &data, 8, &t->out);
	vtdsim_dma_write(t->unit, &req, &data, 2, &t->out);
	vtdsim_dma_read(t->unit, &req, &data, 4, &t->out);
	req.with_pasid = true;
	vtdsim_dma_write(t->unit, &req, &data, 4, &t->out);
	KUNIT_EXPECT_EQ(test, 0, t->count);
}

static void remap_faults(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, 0, 0);

	t->table[5] = (struct vtdsim_irte) { { ENTRY(0x41ULL), SOURCE(REMAP_SID) } };
	t->table[6].q[0] = ENTRY(0x41ULL) | BIT(31);
	vtdsim_test_remap_blocked(test, HANDLE(5) | SHV, 0x10000, 0x20);
	remap_expect_record(test, REMAP_SID, 5, 0x20);
	vtdsim_test_remap_blocked(test, HANDLE(256), 0, 0x21);
	remap_expect_record(test, REMAP_SID, 256, 0x21);
	vtdsim_test_remap_blocked(test, HANDLE(255) | SHV, 1, 0x21);
	remap_expect_record(test, REMAP_SID, 256, 0x21);
	vtdsim_test_remap_blocked(test, HANDLE(4), 0, 0x22);
	remap_expect_record(test, REMAP_SID, 4, 0x22);
	vtdsim_test_remap_blocked(test, HANDLE(6), 0, 0x24);
	remap_expect_record(test, REMAP_SID, 6, 0x24);

	vtdsim_test_remap_send_from(t, REMAP_OTHER, HANDLE(5), 0);
	KUNIT_EXPECT_EQ(test, 0x26, t->out.reason);
	remap_expect_record(test, REMAP_OTHER, 5, 0x26);
	/* The same, when the entry is cached */
	KUNIT_EXPECT_EQ(test, 0x41, vtdsim_test_remap_send(t, HANDLE(5), 0));
	vtdsim_test_remap_send_from(t, REMAP_OTHER, HANDLE(5), 0);
	remap_expect_record(test, REMAP_OTHER, 5, 0x26);

	vtdsim_test_remap_set_table(t, TEST_HOLE | REMAP_SIZE);
	vtdsim_test_remap_blocked(test, HANDLE(4), 0, 0x23);
	remap_expect_record(test, REMAP_SID, 4, 0x23);
	/* The table ends at the Host Address Width, or begins there. */
	vtdsim_test_remap_set_table(t, (BIT_ULL(TEST_HAW) - SZ_4K) | (REMAP_SIZE + 1));
	vtdsim_test_remap_blocked(test, HANDLE(255), 0, 0x23);
	remap_expect_record(test, REMAP_SID, 255, 0x23);
	vtdsim_test_remap_blocked(test, HANDLE(256), 0, 0x21);
	remap_expect_record(test, REMAP_SID, 256, 0x21);
	vtdsim_test_remap_set_table(t, BIT_ULL(63) | REMAP_SIZE);
	vtdsim_test_remap_blocked(test, HANDLE(4), 0, 0x21);
	remap_expect_record(test, REMAP_SID, 4, 0x21);
	/* The sum of the base and the offset is not. */
	vtdsim_test_remap_set_table(t, ~0xfffULL | (REMAP_SIZE + 1));
	vtdsim_test_remap_blocked(test, HANDLE(256), 0, 0x21);
	remap_expect_record(test, REMAP_SID, 256, 0x21);
	KUNIT_EXPECT_EQ(test, 1, t->count);
	KUNIT_EXPECT_EQ(test, 12, t->unit->stats.faults);
}

/* Who may use an entry is checked before what is in it, and only if it is present. */
static void remap_order_of_checks(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, 0, 0);

	t->table[4] = (struct vtdsim_irte) { { 0, SOURCE(REMAP_OTHER) } };
	t->table[5] = (struct vtdsim_irte) { { ENTRY(0x41ULL) | BIT(31), SOURCE(REMAP_OTHER) } };
	vtdsim_test_remap_blocked(test, HANDLE(4), 0, 0x22);
	vtdsim_test_remap_blocked(test, HANDLE(5), 0, 0x26);
	vtdsim_test_remap_send_from(t, REMAP_OTHER, HANDLE(5), 0);
	KUNIT_EXPECT_EQ(test, 0x24, t->out.reason);
}

/* FPD keeps faults of the entry from being recorded, and blocks all the same. */
static void remap_quiet(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, 0, 0);

	t->table[4].q[0] = ENTRY_FPD;
	t->table[5] = (struct vtdsim_irte) { { ENTRY(0x41ULL) | ENTRY_FPD, SOURCE(REMAP_OTHER) } };
	t->table[6].q[0] = ENTRY(0x41ULL) | ENTRY_FPD | BIT(12);
	vtdsim_test_remap_blocked(test, HANDLE(4), 0, 0x22);
	vtdsim_test_remap_blocked(test, HANDLE(5), 0, 0x26);
	vtdsim_test_remap_blocked(test, HANDLE(6), 0, 0x24);
	KUNIT_EXPECT_EQ(test, 0, read32(t->unit, FSTS));
	KUNIT_EXPECT_EQ(test, 3, t->unit->stats.faults);
	/* It says nothing about the request. */
	vtdsim_test_remap_blocked(test, HANDLE(5) | SHV, 0x10000, 0x20);
	remap_expect_record(test, REMAP_SID, 5, 0x20);
}

static void remap_table_size(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, 0, 0);
	unsigned int size;

	for (size = 0; size < 7; size++) {
		unsigned int entries = 2U << size;

		vtdsim_test_remap_set_table(t, virt_to_phys(t->table) | size);
		t->table[entries - 1].q[0] = ENTRY(0x41ULL);
		t->table[entries].q[0] = ENTRY(0x42ULL);
		KUNIT_EXPECT_EQ(test, 0x41, vtdsim_test_remap_send(t, HANDLE(entries - 1), 0));
		vtdsim_test_remap_blocked(test, HANDLE(entries), 0, 0x21);
	}
}

/* The register alone changes nothing before the command. */
static void remap_table_pointer(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, 0, 0);
	struct vtdsim_irte *other = kunit_kzalloc(test, SZ_4K, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, other);
	t->table[5].q[0] = ENTRY(0x41ULL);
	other[6].q[0] = ENTRY(0x42ULL);
	write64(t->unit, IRTA, virt_to_phys(other) | REMAP_SIZE);
	KUNIT_EXPECT_EQ(test, 0x41, vtdsim_test_remap_send(t, HANDLE(5), 0));
	vtdsim_test_remap_blocked(test, HANDLE(6), 0, 0x22);
	vtdsim_test_remap_command(t->unit, GCMD_SIRTP, 0);
	KUNIT_EXPECT_EQ(test, 0x42, vtdsim_test_remap_send(t, HANDLE(6), 0));
}

static void remap_compatibility(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, ECAP_EIM, 0);

	vtdsim_test_remap_blocked(test, COMPATIBILITY, 0x52, 0x25);
	remap_expect_record(test, REMAP_SID, 0, 0x25);
	vtdsim_test_remap_command(t->unit, GCMD_CFI, 0);
	KUNIT_EXPECT_EQ(test, 0x52, vtdsim_test_remap_send(t, COMPATIBILITY, 0x52));
	/* Others need their entry now, as before. */
	vtdsim_test_remap_blocked(test, HANDLE(4), 0, 0x22);
	remap_expect_record(test, REMAP_SID, 4, 0x22);

	vtdsim_test_remap_set_table(t, virt_to_phys(t->table) | IRTA_EIME | REMAP_SIZE);
	vtdsim_test_remap_blocked(test, COMPATIBILITY, 0x52, 0x25);
	vtdsim_test_remap_set_table(t, virt_to_phys(t->table) | REMAP_SIZE);
	KUNIT_EXPECT_EQ(test, 0x52, vtdsim_test_remap_send(t, COMPATIBILITY, 0x52));
	vtdsim_test_remap_command(t->unit, 0, GCMD_CFI);
	vtdsim_test_remap_blocked(test, COMPATIBILITY, 0x52, 0x25);
}

static void remap_extended(struct kunit *test)
{
	struct remap_test *t = vtdsim_test_remap_enabled(test, 0, ECAP_EIM, IRTA_EIME);

	t->table[5].q[0] = 1 | 0x41 << 16 | 0x12345678ULL << 32;
	KUNIT_EXPECT_EQ(test, 0x41, vtdsim_test_remap_send(t, HANDLE(5), 0));
	KUNIT_EXPECT_EQ(test, 0x12345678, t->irq.dest);

	/* A unit that has no such mode */
	t = vtdsim_test_remap_enabled(test, 0, 0, IRTA_EIME);
	t->table[5].q[0] = 1 | 0x41 << 16 | 0x12345678ULL << 32;
	vtdsim_test_remap_blocked(test, HANDLE(5), 0, 0x24);
	vtdsim_test_remap_command(t->unit, GCMD_CFI, 0);
	KUNIT_EXPECT_EQ(test, 0x52, vtdsim_test_remap_send(t, COMPATIBILITY, 0x52));
}

static struct kunit_case remap_cases[] = {
	VTDSIM_CASE(remap, disabled),
	VTDSIM_CASE(remap, delivers),
	VTDSIM_CASE(remap, other_requests),
	VTDSIM_CASE(remap, faults),
	VTDSIM_CASE(remap, order_of_checks),
	VTDSIM_CASE(remap, quiet),
	VTDSIM_CASE(remap, table_size),
	VTDSIM_CASE(remap, table_pointer),
	VTDSIM_CASE(remap, compatibility),
	VTDSIM_CASE(remap, extended),
	{}
};

static struct kunit_suite remap_suite = {
	.name = "vtdsim-remap",
	.test_cases = remap_cases,
};

kunit_test_suite(remap_suite);
