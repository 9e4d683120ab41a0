// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA through both stages: the right bytes, or the right fault.
 */
#include <string.h>

#include "kselftest_harness.h"
#include "vtd_nested.h"

FIXTURE(dma)
{
	struct nested n;
	struct s1 s1;
	__u64 page;
};

FIXTURE_SETUP(dma)
{
	struct nested *n = &self->n;
	const char *skip;
	int ret = nested_open(n, 1, &skip);

	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, nested_s1_create(n, &self->s1, 4));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	self->page = nested_page(n);
}

FIXTURE_TEARDOWN(dma)
{
	EXPECT_EQ(0, nested_finish(&self->n));
}

static void fill(unsigned char *p, size_t len, unsigned int seed)
{
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = seed + 13 * i + (i >> 8);
}

TEST_F(dma, read_and_write_4k_page)
{
	unsigned char data[PAGE], *mem;
	struct nested *n = &self->n;

	stage1_map(&self->s1.t, IOVA, self->page, S1_4K, S1_RW);
	mem = guest_va(&n->guest, self->page);
	fill(mem, PAGE, 1);
	ASSERT_EQ(0, endpoint_read(&n->dev[0], IOVA, data, PAGE, &n->last));
	EXPECT_EQ(VTDSIM_EP_S_OK, n->last.status);
	EXPECT_EQ(PAGE, n->last.count);
	EXPECT_EQ(0, memcmp(data, mem, PAGE));

	fill(data, PAGE, 2);
	ASSERT_EQ(0, endpoint_write(&n->dev[0], IOVA, data, PAGE, &n->last));
	EXPECT_EQ(VTDSIM_EP_S_OK, n->last.status);
	EXPECT_EQ(PAGE, n->last.count);
	EXPECT_EQ(0, memcmp(data, mem, PAGE));
}

TEST_F(dma, single_bytes)
{
	struct nested *n = &self->n;
	unsigned char *mem, byte;
	unsigned int i;

	stage1_map(&self->s1.t, IOVA, self->page, S1_4K, S1_RW);
	mem = guest_va(&n->guest, self->page);
	fill(mem, PAGE, 3);
	for (i = 0; i < PAGE; i += 585) {
		ASSERT_EQ(0, endpoint_read(&n->dev[0], IOVA + i, &byte, 1,
					   &n->last));
		EXPECT_EQ(mem[i], byte);
		byte = ~byte;
		ASSERT_EQ(0, endpoint_write(&n->dev[0], IOVA + i, &byte, 1,
					    &n->last));
		EXPECT_EQ(mem[i], byte);
		byte = 3 + 13 * (i + 1) + ((i + 1) >> 8);
		if (i + 1 < PAGE)
			EXPECT_EQ(byte, mem[i + 1]);
	}
}

TEST_F(dma, large_pages)
{
	const __u64 iova_1g = IOVA + SIZE_1G;
	struct nested *n = &self->n;

	nested_stamp(n, HIGH_GPA);
	nested_stamp(n, HIGH_GPA + SIZE_2M - PAGE);
	stage1_map(&self->s1.t, IOVA, HIGH_GPA, S1_2M, S1_RW);
	EXPECT_EQ(HIGH_GPA, nested_see(n, 0, IOVA));
	EXPECT_EQ(HIGH_GPA + SIZE_2M - PAGE,
		  nested_see(n, 0, IOVA + SIZE_2M - PAGE));
	EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, IOVA + SIZE_2M));
	EXPECT_EQ(0, nested_poke(n, 0, IOVA + 0x1238, 0x1122334455667788ULL));
	EXPECT_EQ(0x1122334455667788ULL,
		  *(__u64 *)guest_va(&n->guest, HIGH_GPA + 0x1238));

	if (!(n->unit.cap_reg & VTD_CAP_FS1GP))
		return;
	/* The guest says that 1 GiB is there; the host knows better. */
	stage1_map(&self->s1.t, iova_1g, RAM_GPA, S1_1G, S1_RW);
	EXPECT_EQ(self->page, nested_see(n, 0, iova_1g + self->page - RAM_GPA));
	EXPECT_EQ(HIGH_GPA, nested_see(n, 0, iova_1g + RAM_HALF));
	EXPECT_EQ(FAULT(VTD_FR_SS_PRESENT),
		  nested_see(n, 0, iova_1g + 2 * RAM_HALF));
	EXPECT_EQ(iova_1g + 2 * RAM_HALF, n->last.fault_addr);
}

TEST_F(dma, one_gib_page_that_the_unit_lacks)
{
	struct nested *n = &self->n;

	if (n->unit.cap_reg & VTD_CAP_FS1GP)
		SKIP(return, "the unit has 1 GiB pages in the first stage");
	stage1_map(&self->s1.t, IOVA, RAM_GPA, S1_1G, S1_RW);
	EXPECT_EQ(FAULT(VTD_FR_FS_RESERVED), nested_see(n, 0, IOVA));
}

TEST_F(dma, across_pages)
{
	const __u64 start = IOVA + PAGE - 100;
	const __u32 len = 100 + 2 * PAGE + 77;
	unsigned char data[3 * PAGE];
	struct nested *n = &self->n;
	__u64 gpa[4];
	int i;

	/* Neighbours for the device, in reverse order in memory. */
	for (i = 3; i >= 0; i--) {
		gpa[i] = nested_page(n);
		stage1_map(&self->s1.t, IOVA + i * PAGE, gpa[i], S1_4K, S1_RW);
	}
	fill(data, len, 4);
	ASSERT_EQ(0, endpoint_write(&n->dev[0], start, data, len, &n->last));
	ASSERT_EQ(VTDSIM_EP_S_OK, n->last.status);
	EXPECT_EQ(len, n->last.count);
	EXPECT_EQ(0, memcmp(data, guest_va(&n->guest, gpa[0] + PAGE - 100),
			    100));
	EXPECT_EQ(0, memcmp(data + 100, guest_va(&n->guest, gpa[1]), PAGE));
	EXPECT_EQ(0, memcmp(data + 100 + PAGE, guest_va(&n->guest, gpa[2]),
			    PAGE));
	EXPECT_EQ(0, memcmp(data + 100 + 2 * PAGE, guest_va(&n->guest, gpa[3]),
			    77));
	EXPECT_EQ(gpa[0], *(__u64 *)guest_va(&n->guest, gpa[0]));

	memset(data, 0, sizeof(data));
	ASSERT_EQ(0, endpoint_read(&n->dev[0], start, data, len, &n->last));
	EXPECT_EQ(VTDSIM_EP_S_OK, n->last.status);
	EXPECT_EQ(0, memcmp(data, guest_va(&n->guest, gpa[0] + PAGE - 100),
			    100));
	EXPECT_EQ(0, memcmp(data + 100 + 2 * PAGE, guest_va(&n->guest, gpa[3]),
			    77));
}

TEST_F(dma, across_pages_up_to_a_hole)
{
	unsigned char data[256], *mem;
	struct nested *n = &self->n;

	stage1_map(&self->s1.t, IOVA, self->page, S1_4K, S1_RW);
	stage1_map(&self->s1.t, IOVA + 2 * PAGE, self->page, S1_4K, S1_RW);
	mem = guest_va(&n->guest, self->page);
	fill(data, sizeof(data), 5);
	ASSERT_EQ(0, endpoint_write(&n->dev[0], IOVA + PAGE - 60, data,
				    sizeof(data), &n->last));
	EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
	EXPECT_EQ(VTD_FR_FS_PRESENT, n->last.reason);
	EXPECT_EQ(IOVA + PAGE, n->last.fault_addr);
	EXPECT_EQ(60, n->last.count);
	EXPECT_EQ(0, memcmp(data, mem + PAGE - 60, 60));
	EXPECT_EQ(self->page, *(__u64 *)mem);
}

TEST_F(dma, fetch_add)
{
	struct nested *n = &self->n;
	__u32 *num;

	stage1_map(&self->s1.t, IOVA, self->page, S1_4K, S1_RW);
	num = guest_va(&n->guest, self->page + 16);
	num[0] = 0xffffffff;
	num[1] = 7;
	num[2] = 9;
	ASSERT_EQ(0, endpoint_fetch_add(&n->dev[0], IOVA + 16, 2, 4, &n->last));
	EXPECT_EQ(VTDSIM_EP_S_OK, n->last.status);
	EXPECT_EQ(0xffffffffULL, n->last.old);
	EXPECT_EQ(1, num[0]);
	EXPECT_EQ(7, num[1]);

	num[0] = 0xffffffff;
	ASSERT_EQ(0, endpoint_fetch_add(&n->dev[0], IOVA + 16, 2, 8, &n->last));
	EXPECT_EQ(VTDSIM_EP_S_OK, n->last.status);
	EXPECT_EQ(0x7ffffffffULL, n->last.old);
	EXPECT_EQ(1, num[0]);
	EXPECT_EQ(8, num[1]);
	EXPECT_EQ(9, num[2]);
}

TEST_F(dma, read_only_page)
{
	struct nested *n = &self->n;

	stage1_map(&self->s1.t, IOVA, self->page, S1_4K, S1_RO);
	EXPECT_EQ(FAULT(VTD_FR_WRITE), nested_poke(n, 0, IOVA + 8, 1));
	EXPECT_EQ(IOVA, n->last.fault_addr);
	EXPECT_EQ(0, n->last.count);
	ASSERT_EQ(0, endpoint_fetch_add(&n->dev[0], IOVA, 1, 8, &n->last));
	EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
	EXPECT_EQ(VTD_FR_WRITE, n->last.reason);
	EXPECT_EQ(self->page, nested_see(n, 0, IOVA));
	/* The same when the translation is cached. */
	EXPECT_EQ(FAULT(VTD_FR_WRITE), nested_poke(n, 0, IOVA, 1));
	EXPECT_EQ(self->page, *(__u64 *)guest_va(&n->guest, self->page));
}

TEST_F(dma, read_only_table)
{
	struct nested *n = &self->n;
	__u64 *entry;

	stage1_map(&self->s1.t, IOVA, self->page, S1_4K, S1_RW);
	entry = stage1_entry(&self->s1.t, IOVA, 3);
	stage1_set(entry, stage1_get(entry) & ~S1_WRITE);
	EXPECT_EQ(FAULT(VTD_FR_WRITE), nested_poke(n, 0, IOVA, 1));
	EXPECT_EQ(self->page, nested_see(n, 0, IOVA));
}

TEST_F(dma, supervisor_page)
{
	struct nested *n = &self->n;

	stage1_map(&self->s1.t, IOVA, self->page, S1_4K,
		   S1_PRESENT | S1_WRITE);
	EXPECT_EQ(FAULT(VTD_FR_USER), nested_see(n, 0, IOVA));
	EXPECT_EQ(IOVA, n->last.fault_addr);
}

TEST_F(dma, not_present_at_each_level)
{
	struct nested *n = &self->n;
	__u64 iova, *entry;
	int level;

	for (level = 1; level <= 4; level++) {
		/* Nothing in common but the top table. */
		iova = IOVA + ((__u64)level << 39);
		stage1_map(&self->s1.t, iova, self->page, S1_4K, S1_RW);
		entry = stage1_entry(&self->s1.t, iova, level);
		stage1_set(entry, stage1_get(entry) & ~S1_PRESENT);
		EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT),
			  nested_see(n, 0, iova + 0x123));
		EXPECT_EQ(iova, n->last.fault_addr);
		EXPECT_EQ(0, n->last.count);

		/* What is not present is not cached: no invalidation. */
		stage1_set(entry, stage1_get(entry) | S1_PRESENT);
		EXPECT_EQ(self->page, nested_see(n, 0, iova));
	}
}

TEST_F(dma, reserved_bit)
{
	struct nested *n = &self->n;
	__u64 *entry;

	stage1_map(&self->s1.t, IOVA, self->page, S1_4K, S1_RW);
	entry = stage1_entry(&self->s1.t, IOVA, 4);
	stage1_set(entry, stage1_get(entry) | S1_LARGE);
	EXPECT_EQ(FAULT(VTD_FR_FS_RESERVED), nested_see(n, 0, IOVA));
	EXPECT_EQ(IOVA, n->last.fault_addr);
}

TEST_F(dma, canonical_addresses)
{
	const __u64 high = 0xffff800000000000ULL;
	const __u64 low_end = 0x00007ffffffff000ULL;
	struct nested *n = &self->n;
	__u64 other = nested_page(n);

	stage1_map(&self->s1.t, low_end, self->page, S1_4K, S1_RW);
	stage1_map(&self->s1.t, high, other, S1_4K, S1_RW);
	EXPECT_EQ(self->page, nested_see(n, 0, low_end));
	EXPECT_EQ(other, nested_see(n, 0, high));
	EXPECT_EQ(FAULT(VTD_FR_CANONICAL), nested_see(n, 0, low_end + PAGE));
	EXPECT_EQ(low_end + PAGE, n->last.fault_addr);
	EXPECT_EQ(FAULT(VTD_FR_CANONICAL), nested_see(n, 0, high - PAGE));
	EXPECT_EQ(FAULT(VTD_FR_CANONICAL), nested_see(n, 0, 1ULL << 63));
}

TEST_F(dma, page_that_the_host_does_not_map)
{
	struct nested *n = &self->n;
	__u64 seen;

	stage1_map(&self->s1.t, IOVA, RAM_GPA + 2 * RAM_HALF, S1_4K, S1_RW);
	EXPECT_EQ(FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, IOVA));
	EXPECT_EQ(IOVA, n->last.fault_addr);
	EXPECT_EQ(FAULT(VTD_FR_SS_PRESENT), nested_poke(n, 0, IOVA, 1));

	/*
	 * The last page that an entry could name. Bits from the host address
	 * width on are reserved; if it is 52, stage 2 may have something to say.
	 */
	stage1_map(&self->s1.t, IOVA + PAGE, BIT_ULL(52) - PAGE, S1_4K, S1_RW);
	seen = nested_see(n, 0, IOVA + PAGE);
	if (seen != FAULT(VTD_FR_FS_RESERVED))
		EXPECT_EQ(FAULT(vtd_stage2_width(n->unit.cap_reg) < 52 ?
				VTD_FR_FS_NEST_WIDTH : VTD_FR_SS_PRESENT), seen);
}

TEST_F(dma, table_that_the_host_does_not_map)
{
	struct nested *n = &self->n;
	struct iommu_hwpt_vtd_s1 cfg = {
		.pgtbl_addr = RAM_GPA + 2 * RAM_HALF,
		.addr_width = 48,
	};
	__u32 hwpt;

	stage1_map(&self->s1.t, IOVA, self->page, S1_4K, S1_RW);
	stage1_set(stage1_entry(&self->s1.t, IOVA, 2),
		   (RAM_GPA + 2 * RAM_HALF) | S1_RW | n->guest.preset);
	EXPECT_EQ(FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, IOVA));
	EXPECT_EQ(IOVA, n->last.fault_addr);

	/* The top table. */
	ASSERT_EQ(0, nested_s1_alloc(n, &cfg, &hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], hwpt));
	EXPECT_EQ(FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, IOVA));
}

TEST_F(dma, accessed_and_dirty)
{
	struct nested *n = &self->n;
	__u64 *entry[5];
	int level;

	if (n->guest.preset)
		SKIP(return, "page walks are not coherent: no flags are set");
	stage1_map(&self->s1.t, IOVA, self->page, S1_4K, S1_RW);
	for (level = 1; level <= 4; level++)
		entry[level] = stage1_entry(&self->s1.t, IOVA, level);

	EXPECT_EQ(self->page, nested_see(n, 0, IOVA));
	for (level = 1; level <= 4; level++)
		EXPECT_EQ(S1_ACCESSED, stage1_get(entry[level]) &
				       (S1_ACCESSED | S1_DIRTY));

	EXPECT_EQ(0, nested_poke(n, 0, IOVA, 1));
	EXPECT_EQ(S1_ACCESSED | S1_DIRTY,
		  stage1_get(entry[1]) & (S1_ACCESSED | S1_DIRTY));
	for (level = 2; level <= 4; level++)
		EXPECT_EQ(S1_ACCESSED, stage1_get(entry[level]) &
				       (S1_ACCESSED | S1_DIRTY));

	/* A guest that clears them invalidates, and sees them set again. */
	stage1_set(entry[1], self->page | S1_RW);
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, IOVA, 1, 0));
	EXPECT_EQ(0, nested_poke(n, 0, IOVA, 2));
	EXPECT_EQ(S1_ACCESSED | S1_DIRTY,
		  stage1_get(entry[1]) & (S1_ACCESSED | S1_DIRTY));
}

TEST_F(dma, accessed_and_dirty_of_a_large_page)
{
	struct nested *n = &self->n;
	__u64 *entry;

	if (n->guest.preset)
		SKIP(return, "page walks are not coherent: no flags are set");
	stage1_map(&self->s1.t, IOVA, HIGH_GPA, S1_2M, S1_RW);
	entry = stage1_entry(&self->s1.t, IOVA, 2);
	nested_see(n, 0, IOVA + 5 * PAGE);
	EXPECT_EQ(S1_ACCESSED, stage1_get(entry) & (S1_ACCESSED | S1_DIRTY));
	EXPECT_EQ(0, nested_poke(n, 0, IOVA + 6 * PAGE, 1));
	EXPECT_EQ(S1_ACCESSED | S1_DIRTY,
		  stage1_get(entry) & (S1_ACCESSED | S1_DIRTY));
}

TEST_F(dma, no_bits_set_by_a_request_that_faults)
{
	struct nested *n = &self->n;

	if (n->guest.preset)
		SKIP(return, "page walks are not coherent: no flags are set");
	stage1_map(&self->s1.t, IOVA, self->page, S1_4K, S1_RO);
	EXPECT_EQ(FAULT(VTD_FR_WRITE), nested_poke(n, 0, IOVA, 1));
	EXPECT_EQ(0, stage1_get(stage1_entry(&self->s1.t, IOVA, 1)) & S1_DIRTY);
}

/* Memory that the host takes away is out of reach at once, and for good. */
TEST_F(dma, stage2_unmapped_and_mapped_again)
{
	struct nested *n = &self->n;
	const __u64 gpa = HIGH_GPA + 3 * PAGE;

	nested_stamp(n, gpa);
	nested_stamp(n, HIGH_GPA);
	stage1_map(&self->s1.t, IOVA, gpa, S1_4K, S1_RW);
	stage1_map(&self->s1.t, IOVA + SIZE_2M, HIGH_GPA, S1_2M, S1_RW);
	stage1_map(&self->s1.t, IOVA + PAGE, self->page, S1_4K, S1_RW);
	ASSERT_EQ(gpa, nested_see(n, 0, IOVA));
	ASSERT_EQ(HIGH_GPA, nested_see(n, 0, IOVA + SIZE_2M));
	ASSERT_EQ(self->page, nested_see(n, 0, IOVA + PAGE));

	ASSERT_EQ(0, nested_unmap_half(n, RAM_HIGH));
	EXPECT_EQ(FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, IOVA));
	EXPECT_EQ(FAULT(VTD_FR_SS_PRESENT), nested_poke(n, 0, IOVA, 1));
	EXPECT_EQ(FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, IOVA + SIZE_2M));
	EXPECT_EQ(self->page, nested_see(n, 0, IOVA + PAGE));

	ASSERT_EQ(0, nested_map_half(n, RAM_HIGH));
	EXPECT_EQ(gpa, nested_see(n, 0, IOVA));
	EXPECT_EQ(HIGH_GPA, nested_see(n, 0, IOVA + SIZE_2M));
}

/* The same for memory that holds a table: cached entries must go. */
TEST_F(dma, stage2_of_a_table_unmapped)
{
	struct nested *n = &self->n;
	const __u64 table = HIGH_GPA + 7 * PAGE;
	__u64 *pte = guest_va(&n->guest, table);

	stage1_map(&self->s1.t, IOVA, self->page, S1_4K, S1_RW);
	stage1_set(&pte[0], self->page | S1_RW | n->guest.preset);
	stage1_set(&pte[1], self->page | S1_RW | n->guest.preset);
	stage1_set(stage1_entry(&self->s1.t, IOVA, 2),
		   table | S1_RW | n->guest.preset);
	ASSERT_EQ(self->page, nested_see(n, 0, IOVA));

	ASSERT_EQ(0, nested_unmap_half(n, RAM_HIGH));
	EXPECT_EQ(FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, IOVA + PAGE));
	ASSERT_EQ(0, nested_map_half(n, RAM_HIGH));
	EXPECT_EQ(self->page, nested_see(n, 0, IOVA + PAGE));
}

TEST_HARNESS_MAIN
