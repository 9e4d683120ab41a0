// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of host-memory access.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/set_memory.h>
#include <asm/sections.h>
#include <asm/tlbflush.h>

#include "fixture_tables.h"
#include "fixture_unit.h"

static void mem_bounds(struct kunit *test)
{
	u8 *mem = (u8 *)vtdsim_test_page(test);
	u64 page = virt_to_phys(mem);
	u64 image = __pa_symbol(_stext) & ~0xfffULL;
	u8 buf[16];
	u64 val;

	KUNIT_EXPECT_TRUE(test, vtdsim_mem_write(page + 4080, "0123456789abcdef", 16));
	KUNIT_EXPECT_TRUE(test, vtdsim_mem_read(page + 4080, buf, 16));
	KUNIT_EXPECT_EQ(test, 0, memcmp(buf, "0123456789abcdef", 16));
	KUNIT_EXPECT_EQ(test, 0, memcmp(mem + 4080, buf, 16));

	KUNIT_EXPECT_FALSE(test, vtdsim_mem_read(TEST_HOLE, buf, 1));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_write(TEST_HOLE, buf, 1));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_read64(TEST_HOLE, &val));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_read(U64_MAX, buf, 16));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_read(U64_MAX - 15, buf, 16));
	/* Pages that the page allocator never had, and a run that ends in one */
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_read(image, buf, 1));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_read64(image, &val));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_read(image - 8, buf, 16));
}

static void mem_atomics(struct kunit *test)
{
	u64 *mem = vtdsim_test_page(test);
	u64 page = virt_to_phys(mem);
	u64 val = 1;
	bool swapped;

	mem[0] = 5;
	KUNIT_EXPECT_TRUE(test, vtdsim_mem_read64(page, &val));
	KUNIT_EXPECT_EQ(test, val, 5);
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_read64(page + 4, &val));

	val = 4;
	KUNIT_EXPECT_TRUE(test, vtdsim_mem_cmpxchg64(page, &val, 9, &swapped));
	KUNIT_EXPECT_FALSE(test, swapped);
	KUNIT_EXPECT_EQ(test, val, 5);
	KUNIT_EXPECT_EQ(test, mem[0], 5);
	KUNIT_EXPECT_TRUE(test, vtdsim_mem_cmpxchg64(page, &val, 9, &swapped));
	KUNIT_EXPECT_TRUE(test, swapped);
	KUNIT_EXPECT_EQ(test, mem[0], 9);
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_cmpxchg64(page + 4, &val, 9, &swapped));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_cmpxchg64(TEST_HOLE, &val, 9, &swapped));

	mem[0] = 0x1fffffffeULL;
	KUNIT_EXPECT_TRUE(test, vtdsim_mem_fetch_add(page, 3, 4, &val));
	KUNIT_EXPECT_EQ(test, val, 0xfffffffeULL);
	KUNIT_EXPECT_EQ(test, mem[0], 0x100000001ULL);
	KUNIT_EXPECT_TRUE(test, vtdsim_mem_fetch_add(page, ~0ULL, 8, &val));
	KUNIT_EXPECT_EQ(test, val, 0x100000001ULL);
	KUNIT_EXPECT_EQ(test, mem[0], 0x100000000ULL);
	KUNIT_EXPECT_TRUE(test, vtdsim_mem_fetch_add(page + 4, 1, 4, &val));
	KUNIT_EXPECT_EQ(test, mem[0], 0x200000000ULL);
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_fetch_add(page + 4, 1, 8, &val));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_fetch_add(page + 2, 1, 4, &val));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_fetch_add(page, 1, 2, &val));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_fetch_add(TEST_HOLE, 1, 8, &val));
}

/* Its result has nothing to tell here. */
static void mem_map_again(void *page)
{
	set_direct_map_default_noflush(page);
}

/* Free memory may be unmapped: an access finds no memory, and is no oops. */
static void mem_unmapped(struct kunit *test)
{
	u64 *mem = vtdsim_test_page(test);
	u64 page = virt_to_phys(mem);
	u64 val = 1, old;
	bool swapped;

	KUNIT_ASSERT_EQ(test, 0, set_direct_map_invalid_noflush(virt_to_page(mem)));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, mem_map_again, virt_to_page(mem)));
	flush_tlb_kernel_range((unsigned long)mem, (unsigned long)mem + PAGE_SIZE);

	KUNIT_EXPECT_FALSE(test, vtdsim_mem_read(page, &val, sizeof(val)));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_read(page + 1, &val, 1));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_write(page, &val, sizeof(val)));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_write(page + 1, &val, 1));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_read64(page, &val));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_cmpxchg64(page, &val, 2, &swapped));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_fetch_add(page, 1, 4, &old));
	KUNIT_EXPECT_FALSE(test, vtdsim_mem_fetch_add(page, 1, 8, &old));

	kunit_release_action(test, mem_map_again, virt_to_page(mem));
	mem[0] = 7;
	KUNIT_EXPECT_TRUE(test, vtdsim_mem_read64(page, &val));
	KUNIT_EXPECT_EQ(test, val, 7);
}

static struct kunit_case mem_cases[] = {
	KUNIT_CASE(mem_unmapped),
	KUNIT_CASE(mem_bounds),
	KUNIT_CASE(mem_atomics),
	{}
};

static struct kunit_suite mem_suite = {
	.name = "vtdsim-mem",
	.test_cases = mem_cases,
};

kunit_test_suite(mem_suite);
