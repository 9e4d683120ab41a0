// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the DMA engine that drivers/dma/ioat drives: the channel's registers, chains
 * of descriptors, completions, errors, interrupts. Offsets and bits are numbers of the
 * tests' own.
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "fixture_kind.h"

/* Registers of the channel */
#define CHANCTRL	0x80
#define CHANCMD		0x84
#define DMACOUNT	0x86
#define CHANSTS		0x88
#define CHAINADDR	0x90
#define CHANCMP		0x98
#define CHANERR		0xa8
#define MSIX_TABLE	0x2000

/* States in CHANSTS */
enum { ACTIVE, IDLE, SUSPENDED, HALTED };

#define CTL_INT		BIT(0)
#define CTL_COMPL	BIT(3)
#define CTL_NULL	BIT(5)

/* In memory: descriptors, the completion, and data from the third page on */
#define DESC(i)		(TEST_MEMORY + 64 * (i))
#define COMPLETION	(TEST_MEMORY + SZ_4K)
#define DATA		(TEST_MEMORY + 2 * SZ_4K)

static int ioat_test_init(struct kunit *test)
{
	struct vtdsim_test_kind *k = vtdsim_test_kind_new(test, &vtdsim_endpoint_ioat);

	vtdsim_function_write(&k->ep.fn, k->ep.fn.msix + 2, 0x8000, 2);
	writew(0x1d, k->ep.bar + CHANCTRL);
	writel((u32)COMPLETION, k->ep.bar + CHANCMP);
	test->priv = k;
	return 0;
}

static void ioat_put64(struct vtdsim_test_kind *k, u64 addr, u64 val)
{
	put_unaligned_le64(val, k->memory + (addr - TEST_MEMORY));
}

static u64 ioat_completion(struct vtdsim_test_kind *k)
{
	return get_unaligned_le64(k->memory + (COMPLETION - TEST_MEMORY));
}

/* A descriptor that leads to the one behind it */
static void ioat_put_desc(struct vtdsim_test_kind *k, unsigned int i, u64 from, u64 to,
			  u32 size, u32 ctl)
{
	ioat_put64(k, DESC(i), size | (u64)ctl << 32);
	ioat_put64(k, DESC(i) + 8, from);
	ioat_put64(k, DESC(i) + 16, to);
	ioat_put64(k, DESC(i) + 24, DESC(i + 1));
}

static void ioat_start(struct vtdsim_test_kind *k, u64 chain, u16 count)
{
	writel((u32)chain, k->ep.bar + CHAINADDR);
	writel(chain >> 32, k->ep.bar + CHAINADDR + 4);
	writew(count, k->ep.bar + DMACOUNT);
}

static u64 ioat_status(struct vtdsim_test_kind *k)
{
	return readq(k->ep.bar + CHANSTS);
}

static void ioat_command(struct vtdsim_test_kind *k, u8 command)
{
	writeb(command, k->ep.bar + CHANCMD);
	vtdsim_endpoint_poll(&k->ep);
}

static void ioat_fill(struct vtdsim_test_kind *k, u64 addr, size_t len)
{
	for (size_t i = 0; i < len; i++)
		k->memory[addr - TEST_MEMORY + i] = i * 13 + 5;
}

static bool ioat_copied(struct vtdsim_test_kind *k, u64 from, u64 to, size_t len)
{
	return !memcmp(k->memory + (from - TEST_MEMORY), k->memory + (to - TEST_MEMORY), len);
}

static bool ioat_interrupted(struct vtdsim_test_kind *k)
{
	bool pending = k->ep.fn.msix_pending;

	k->ep.fn.msix_pending = false;
	return pending;
}

static void ioat_identifies(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&k->ep.fn, 0, 4), 0x20218086);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&k->ep.fn, 8, 4) >> 8, 0x088000);
	vtdsim_function_write(&k->ep.fn, 0x10, ~0, 4);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&k->ep.fn, 0x10, 4), 0xffffc000);
	KUNIT_EXPECT_EQ(test, readb(k->ep.bar + 0x00), 1);
	KUNIT_EXPECT_EQ(test, readb(k->ep.bar + 0x01), 20);
	KUNIT_EXPECT_EQ(test, readb(k->ep.bar + 0x08), 0x32);
	KUNIT_EXPECT_EQ(test, readl(k->ep.bar + 0x10), 0);
	KUNIT_EXPECT_EQ(test, ioat_status(k), IDLE);
}

static void ioat_copies(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;
	u64 from = DATA + 100, to = DATA + 3 * SZ_4K - 7;

	ioat_fill(k, from, 9000);
	ioat_put_desc(k, 0, from, to, 9000, CTL_COMPL);
	ioat_start(k, DESC(0), 1);
	KUNIT_EXPECT_EQ(test, vtdsim_test_poll(k), 1);
	KUNIT_EXPECT_TRUE(test, ioat_copied(k, from, to, 9000));
	KUNIT_EXPECT_EQ(test, k->memory[to - TEST_MEMORY - 1], 0);
	KUNIT_EXPECT_EQ(test, k->memory[to - TEST_MEMORY + 9000], 0);
	KUNIT_EXPECT_EQ(test, ioat_status(k), DESC(0) | IDLE);
	KUNIT_EXPECT_EQ(test, ioat_completion(k), DESC(0) | IDLE);
	KUNIT_EXPECT_FALSE(test, ioat_interrupted(k));
	/* Done: nothing more happens until the count grows. */
	KUNIT_EXPECT_EQ(test, vtdsim_test_poll(k), 0);
}

static void ioat_follows_the_chain(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	ioat_put_desc(k, 0, 0, 0, 1, CTL_NULL | CTL_COMPL);
	ioat_put_desc(k, 1, DATA, DATA + 512, 256, 0);
	ioat_put_desc(k, 2, DATA + 512, DATA + 1024, 256, CTL_COMPL);
	ioat_put_desc(k, 3, DATA + 1024, DATA + 2048, 256, CTL_COMPL);
	ioat_fill(k, DATA, 256);
	ioat_start(k, DESC(0), 1);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, ioat_completion(k), DESC(0) | IDLE);
	writew(3, k->ep.bar + DMACOUNT);
	vtdsim_endpoint_poll(&k->ep);
	KUNIT_EXPECT_EQ(test, ioat_status(k), DESC(1) | ACTIVE);
	KUNIT_EXPECT_EQ(test, ioat_completion(k), DESC(0) | IDLE);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, ioat_completion(k), DESC(2) | IDLE);
	KUNIT_EXPECT_TRUE(test, ioat_copied(k, DATA, DATA + 1024, 256));
	KUNIT_EXPECT_FALSE(test, ioat_copied(k, DATA, DATA + 2048, 256));
}

static void ioat_count_wraps(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	/* A chain of one descriptor that leads to itself */
	ioat_put_desc(k, 0, 0, 0, 1, CTL_NULL);
	ioat_put64(k, DESC(0) + 24, DESC(0));
	ioat_start(k, DESC(0), 0xffff);
	KUNIT_EXPECT_EQ(test, vtdsim_test_poll(k), 0xffff);
	writew(0, k->ep.bar + DMACOUNT);
	KUNIT_EXPECT_EQ(test, vtdsim_test_poll(k), 1);
	writew(2, k->ep.bar + DMACOUNT);
	KUNIT_EXPECT_EQ(test, vtdsim_test_poll(k), 2);
}

static void ioat_rearms_interrupts(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	for (unsigned int i = 0; i < 3; i++)
		ioat_put_desc(k, i, 0, 0, 1, CTL_NULL | CTL_INT);
	ioat_start(k, DESC(0), 1);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_TRUE(test, ioat_interrupted(k));
	KUNIT_EXPECT_EQ(test, readw(k->ep.bar + CHANCTRL), 0x1c);
	writew(3, k->ep.bar + DMACOUNT);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_FALSE(test, ioat_interrupted(k));
	writew(0x1d, k->ep.bar + CHANCTRL);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_TRUE(test, ioat_interrupted(k));
	writew(0x1d, k->ep.bar + CHANCTRL);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_FALSE(test, ioat_interrupted(k));
}

struct ioat_error_case {
	const char *name;
	u64 from;
	u64 to;
	u32 size;
	u32 ctl;
	u64 blocked;
	u32 error;
};

static const struct ioat_error_case ioat_error_cases[] = {
	{ "source", DATA, DATA + SZ_4K, 64, CTL_COMPL, DATA, BIT(8) },
	{ "target", DATA, DATA + SZ_4K, 64, CTL_COMPL, DATA + SZ_4K, BIT(9) },
	{ "second page", DATA + SZ_4K - 8, DATA + 2 * SZ_4K, 64, CTL_COMPL, DATA + SZ_4K, BIT(8) },
	{ "descriptor", DATA, DATA + SZ_4K, 64, CTL_COMPL, DESC(0), BIT(2) },
	{ "operation", DATA, DATA + SZ_4K, 64, 0x87000000, 0, BIT(10) },
	{ "no bytes", DATA, DATA + SZ_4K, 0, CTL_COMPL, 0, BIT(11) },
	{ "too many bytes", DATA, DATA + SZ_4K, 0x100001, CTL_COMPL, 0, BIT(11) },
	{ "completion", DATA, DATA + SZ_4K, 64, CTL_COMPL, COMPLETION, BIT(12) },
};

KUNIT_ARRAY_PARAM_DESC(ioat_error, ioat_error_cases, name);

static void ioat_halts(struct kunit *test)
{
	const struct ioat_error_case *c = test->param_value;
	struct vtdsim_test_kind *k = test->priv;

	ioat_put_desc(k, 0, c->from, c->to, c->size, c->ctl);
	ioat_put_desc(k, 1, DATA, DATA + 3 * SZ_4K, 64, CTL_COMPL);
	ioat_fill(k, DATA, 64);
	k->blocked = c->blocked;
	ioat_start(k, DESC(0), 2);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, readl(k->ep.bar + CHANERR), c->error);
	KUNIT_EXPECT_EQ(test, ioat_status(k) & 7, HALTED);
	if (c->blocked != COMPLETION)
		KUNIT_EXPECT_EQ(test, ioat_completion(k), HALTED);
	KUNIT_EXPECT_TRUE(test, ioat_interrupted(k));
	KUNIT_EXPECT_FALSE(test, ioat_copied(k, DATA, DATA + 3 * SZ_4K, 64));

	/* Only a reset gets it going again. */
	k->blocked = 0;
	ioat_start(k, DESC(1), 1);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, ioat_status(k) & 7, HALTED);
	ioat_command(k, 0x20);
	KUNIT_EXPECT_EQ(test, readb(k->ep.bar + CHANCMD), 0);
	KUNIT_EXPECT_EQ(test, readl(k->ep.bar + CHANERR), 0);
	KUNIT_EXPECT_EQ(test, ioat_status(k), IDLE);
	ioat_start(k, DESC(1), 1);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_TRUE(test, ioat_copied(k, DATA, DATA + 3 * SZ_4K, 64));
}

static void ioat_wants_alignment(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	ioat_start(k, DESC(0) + 32, 1);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, readl(k->ep.bar + CHANERR), BIT(3));
	KUNIT_EXPECT_EQ(test, k->requests, 1);
}

static void ioat_suspends(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	for (unsigned int i = 0; i < 4; i++)
		ioat_put_desc(k, i, 0, 0, 1, CTL_NULL | CTL_COMPL);
	ioat_start(k, DESC(0), 2);
	vtdsim_endpoint_poll(&k->ep);
	ioat_command(k, 0x04);
	KUNIT_EXPECT_EQ(test, readb(k->ep.bar + CHANCMD), 0);
	KUNIT_EXPECT_EQ(test, ioat_status(k), DESC(0) | SUSPENDED);
	KUNIT_EXPECT_EQ(test, vtdsim_test_poll(k), 0);
	ioat_command(k, 0x10);
	KUNIT_EXPECT_EQ(test, readw(k->ep.bar + DMACOUNT), 2);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, ioat_status(k), DESC(1) | IDLE);

	/* Another chain in place of the one that was suspended */
	ioat_command(k, 0x04);
	KUNIT_EXPECT_EQ(test, ioat_status(k), DESC(1) | SUSPENDED);
	ioat_start(k, DESC(3), 1);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, ioat_status(k), DESC(3) | IDLE);
}

static void ioat_command_during_request(struct vtdsim_test_kind *k)
{
	if (k->requests == 3)
		writeb(0x20, k->ep.bar + CHANCMD);
}

static void ioat_reset_stops_a_copy(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	ioat_put_desc(k, 0, DATA, DATA + 2 * SZ_4K, 2 * SZ_4K, CTL_COMPL);
	k->during = ioat_command_during_request;
	ioat_start(k, DESC(0), 1);
	vtdsim_test_poll(k);
	/* The descriptor, and the first page */
	KUNIT_EXPECT_EQ(test, k->requests, 3);
	KUNIT_EXPECT_EQ(test, ioat_status(k), IDLE);
	KUNIT_EXPECT_EQ(test, ioat_completion(k), 0);
}

static void ioat_flr_during_request(struct vtdsim_test_kind *k)
{
	if (k->requests == 3)
		vtdsim_test_flr(k);
}

static void ioat_flr_ends_everything(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	ioat_put_desc(k, 0, DATA, DATA + 2 * SZ_4K, 2 * SZ_4K, CTL_COMPL | CTL_INT);
	writel(0xfee00000, k->ep.bar + MSIX_TABLE);
	writel(0, k->ep.bar + MSIX_TABLE + 12);
	k->during = ioat_flr_during_request;
	ioat_start(k, DESC(0), 1);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, k->requests, 3);
	KUNIT_EXPECT_FALSE(test, ioat_interrupted(k));
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&k->ep.fn, CFG_COMMAND, 2), 0);
	KUNIT_EXPECT_EQ(test, ioat_status(k), IDLE);
	KUNIT_EXPECT_EQ(test, readw(k->ep.bar + CHANCTRL), 0);
	KUNIT_EXPECT_EQ(test, readq(k->ep.bar + CHANCMP), 0);
	KUNIT_EXPECT_EQ(test, readw(k->ep.bar + DMACOUNT), 0);
	KUNIT_EXPECT_EQ(test, readl(k->ep.bar + MSIX_TABLE), 0);
	KUNIT_EXPECT_EQ(test, readl(k->ep.bar + MSIX_TABLE + 12), 1);
	KUNIT_EXPECT_EQ(test, readb(k->ep.bar + 0x08), 0x32);
}

static void ioat_needs_master(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	ioat_put_desc(k, 0, DATA, DATA + SZ_4K, 64, CTL_COMPL);
	ioat_fill(k, DATA, 64);
	vtdsim_function_write(&k->ep.fn, CFG_COMMAND, 0x2, 2);
	ioat_start(k, DESC(0), 1);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_EQ(test, k->requests, 0);
	KUNIT_EXPECT_EQ(test, ioat_status(k) & 7, ACTIVE);
	vtdsim_function_write(&k->ep.fn, CFG_COMMAND, 0x6, 2);
	vtdsim_test_poll(k);
	KUNIT_EXPECT_TRUE(test, ioat_copied(k, DATA, DATA + SZ_4K, 64));
}

static void ioat_status_cannot_be_written(struct kunit *test)
{
	struct vtdsim_test_kind *k = test->priv;

	writeq(DESC(5) | HALTED, k->ep.bar + CHANSTS);
	writel(0xffff, k->ep.bar + CHANERR);
	writeb(4, k->ep.bar);
	k->ep.kind->publish(&k->ep);
	KUNIT_EXPECT_EQ(test, ioat_status(k), IDLE);
	KUNIT_EXPECT_EQ(test, readl(k->ep.bar + CHANERR), 0);
	KUNIT_EXPECT_EQ(test, readb(k->ep.bar), 1);
}

static struct kunit_case ioat_cases[] = {
	KUNIT_CASE(ioat_identifies),
	KUNIT_CASE(ioat_copies),
	KUNIT_CASE(ioat_follows_the_chain),
	KUNIT_CASE(ioat_count_wraps),
	KUNIT_CASE(ioat_rearms_interrupts),
	KUNIT_CASE_PARAM(ioat_halts, ioat_error_gen_params),
	KUNIT_CASE(ioat_wants_alignment),
	KUNIT_CASE(ioat_suspends),
	KUNIT_CASE(ioat_reset_stops_a_copy),
	KUNIT_CASE(ioat_flr_ends_everything),
	KUNIT_CASE(ioat_needs_master),
	KUNIT_CASE(ioat_status_cannot_be_written),
	{}
};

static struct kunit_suite ioat_suite = {
	.name = "vtdsim-ioat",
	.init = ioat_test_init,
	.test_cases = ioat_cases,
};

kunit_test_suite(ioat_suite);
