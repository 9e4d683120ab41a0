// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA through both stages: the right bytes, or the right fault.
 */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "kselftest_harness.h"
#include "nested.h"
#include "pattern.h"

FIXTURE(dma)
{
	struct nested n;
	struct nested_s1 s1;
	__u64 page;
};

FIXTURE_SETUP(dma)
{
	struct nested *n = &self->n;

	NESTED_SETUP(return, nested_open, n, 1);
	ASSERT_EQ(0, nested_s1_create(n, &self->s1, 4));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	self->page = nested_page(n);
}

FIXTURE_TEARDOWN(dma)
{
	EXPECT_EQ(0, nested_finish(&self->n));
}

TEST_F(dma, read_and_write_4k_page)
{
	unsigned char data[PAGE], *mem;
	struct nested *n = &self->n;

	stage1_map(&self->s1.t, NESTED_IOVA, self->page, S1_4K, S1_RW);
	mem = guest_va(&n->guest, self->page);
	pattern_fill(mem, PAGE, 1);
	ASSERT_EQ(0, endpoint_read(&n->dev[0], NESTED_IOVA, data, PAGE, &n->last));
	EXPECT_EQ(VTDSIM_EP_S_OK, n->last.status);
	EXPECT_EQ(PAGE, n->last.count);
	EXPECT_EQ(0, memcmp(data, mem, PAGE));

	pattern_fill(data, PAGE, 2);
	ASSERT_EQ(0, endpoint_write(&n->dev[0], NESTED_IOVA, data, PAGE, &n->last));
	EXPECT_EQ(VTDSIM_EP_S_OK, n->last.status);
	EXPECT_EQ(PAGE, n->last.count);
	EXPECT_EQ(0, memcmp(data, mem, PAGE));
}

/* Returns the number of the first line of @path that begins with @kind and has @text, or 0. */
static int line_in(const char *path, const char *kind, const char *text)
{
	FILE *file = fopen(path, "r");
	char line[512];
	int n = 0, at = 0;

	while (file && !at && fgets(line, sizeof(line), file)) {
		n++;
		if (!strncmp(line, kind, strlen(kind)) && strstr(line, text))
			at = n;
	}
	if (file)
		fclose(file);
	return at;
}

/* debugfs shows what is cached for a device, with the entries of tables first. */
TEST_F(dma, cached_translation_is_shown)
{
	struct nested *n = &self->n;
	int pasid = 0, page = 0;
	char text[64];
	glob_t units;
	size_t i;

	if (glob("/sys/kernel/debug/vtdsim*/caches", 0, NULL, &units))
		SKIP(return, "needs vtdsim=on and debugfs");
	stage1_map(&self->s1.t, NESTED_IOVA, self->page, S1_4K, S1_RW);
	ASSERT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	snprintf(text, sizeof(text), " address %#llx+0x1000 -> ", NESTED_IOVA);
	for (i = 0; i < units.gl_pathc && !page; i++) {
		pasid = line_in(units.gl_pathv[i], "PASID-cache", " -> nested,");
		page = line_in(units.gl_pathv[i], "IOTLB (first stage)", text);
	}
	globfree(&units);
	EXPECT_GT(pasid, 0);
	EXPECT_GT(page, pasid);
}

TEST_F(dma, single_bytes)
{
	struct nested *n = &self->n;
	unsigned char *mem, byte, next;
	unsigned int i;

	stage1_map(&self->s1.t, NESTED_IOVA, self->page, S1_4K, S1_RW);
	mem = guest_va(&n->guest, self->page);
	pattern_fill(mem, PAGE, 3);
	for (i = 0; i < PAGE - 1; i += 585) {
		next = mem[i + 1];
		ASSERT_EQ(0, endpoint_read(&n->dev[0], NESTED_IOVA + i, &byte, 1,
					   &n->last));
		EXPECT_EQ(mem[i], byte);
		byte = ~byte;
		ASSERT_EQ(0, endpoint_write(&n->dev[0], NESTED_IOVA + i, &byte, 1,
					    &n->last));
		EXPECT_EQ(mem[i], byte);
		EXPECT_EQ(next, mem[i + 1]);
	}
}

TEST_F(dma, large_pages)
{
	const __u64 iova_1g = NESTED_IOVA + SIZE_1G;
	struct nested *n = &self->n;

	nested_stamp(n, NESTED_HIGH_GPA);
	nested_stamp(n, NESTED_HIGH_GPA + SIZE_2M - PAGE);
	stage1_map(&self->s1.t, NESTED_IOVA, NESTED_HIGH_GPA, S1_2M, S1_RW);
	EXPECT_EQ(NESTED_HIGH_GPA, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(NESTED_HIGH_GPA + SIZE_2M - PAGE,
		  nested_see(n, 0, NESTED_IOVA + SIZE_2M - PAGE));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, NESTED_IOVA + SIZE_2M));
	EXPECT_EQ(0, nested_poke(n, 0, NESTED_IOVA + 0x1238, 0x1122334455667788ULL));
	EXPECT_EQ(0x1122334455667788ULL,
		  *(__u64 *)guest_va(&n->guest, NESTED_HIGH_GPA + 0x1238));

	if (!(n->unit.cap_reg & VTD_CAP_FS1GP))
		return;
	/* The guest maps 1 GiB, of which the host maps less. */
	stage1_map(&self->s1.t, iova_1g, NESTED_GPA, S1_1G, S1_RW);
	EXPECT_EQ(self->page, nested_see(n, 0, iova_1g + self->page - NESTED_GPA));
	EXPECT_EQ(NESTED_HIGH_GPA, nested_see(n, 0, iova_1g + NESTED_HALF_SIZE));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT),
		  nested_see(n, 0, iova_1g + 2 * NESTED_HALF_SIZE));
	EXPECT_EQ(iova_1g + 2 * NESTED_HALF_SIZE, n->last.fault_addr);
}

TEST_F(dma, one_gib_page_that_the_unit_lacks)
{
	struct nested *n = &self->n;

	if (n->unit.cap_reg & VTD_CAP_FS1GP)
		SKIP(return, "the unit has 1 GiB pages in the first stage");
	stage1_map(&self->s1.t, NESTED_IOVA, NESTED_GPA, S1_1G, S1_RW);
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_RESERVED), nested_see(n, 0, NESTED_IOVA));
}

TEST_F(dma, across_pages)
{
	const __u64 start = NESTED_IOVA + PAGE - 100;
	const __u32 len = 100 + 2 * PAGE + 77;
	unsigned char data[3 * PAGE];
	struct nested *n = &self->n;
	__u64 gpa[4];
	int i;

	/* Consecutive for the device, in reverse order in memory. */
	for (i = 3; i >= 0; i--) {
		gpa[i] = nested_page(n);
		stage1_map(&self->s1.t, NESTED_IOVA + i * PAGE, gpa[i], S1_4K, S1_RW);
	}
	pattern_fill(data, len, 4);
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

	stage1_map(&self->s1.t, NESTED_IOVA, self->page, S1_4K, S1_RW);
	stage1_map(&self->s1.t, NESTED_IOVA + 2 * PAGE, self->page, S1_4K, S1_RW);
	mem = guest_va(&n->guest, self->page);
	pattern_fill(data, sizeof(data), 5);
	ASSERT_EQ(0, endpoint_write(&n->dev[0], NESTED_IOVA + PAGE - 60, data,
				    sizeof(data), &n->last));
	EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
	EXPECT_EQ(VTD_FR_FS_PRESENT, n->last.reason);
	EXPECT_EQ(NESTED_IOVA + PAGE, n->last.fault_addr);
	EXPECT_EQ(60, n->last.count);
	EXPECT_EQ(0, memcmp(data, mem + PAGE - 60, 60));
	EXPECT_EQ(self->page, *(__u64 *)mem);
}

TEST_F(dma, fetch_add)
{
	struct nested *n = &self->n;
	__u32 *num;

	stage1_map(&self->s1.t, NESTED_IOVA, self->page, S1_4K, S1_RW);
	num = guest_va(&n->guest, self->page + 16);
	num[0] = 0xffffffff;
	num[1] = 7;
	num[2] = 9;
	ASSERT_EQ(0, endpoint_fetch_add(&n->dev[0], NESTED_IOVA + 16, 2, 4, &n->last));
	EXPECT_EQ(VTDSIM_EP_S_OK, n->last.status);
	EXPECT_EQ(0xffffffffULL, n->last.old);
	EXPECT_EQ(1, num[0]);
	EXPECT_EQ(7, num[1]);

	num[0] = 0xffffffff;
	ASSERT_EQ(0, endpoint_fetch_add(&n->dev[0], NESTED_IOVA + 16, 2, 8, &n->last));
	EXPECT_EQ(VTDSIM_EP_S_OK, n->last.status);
	EXPECT_EQ(0x7ffffffffULL, n->last.old);
	EXPECT_EQ(1, num[0]);
	EXPECT_EQ(8, num[1]);
	EXPECT_EQ(9, num[2]);
}

TEST_F(dma, read_only_page)
{
	struct nested *n = &self->n;

	stage1_map(&self->s1.t, NESTED_IOVA, self->page, S1_4K, S1_RO);
	EXPECT_EQ(NESTED_FAULT(VTD_FR_WRITE), nested_poke(n, 0, NESTED_IOVA + 8, 1));
	EXPECT_EQ(NESTED_IOVA, n->last.fault_addr);
	EXPECT_EQ(0, n->last.count);
	ASSERT_EQ(0, endpoint_fetch_add(&n->dev[0], NESTED_IOVA, 1, 8, &n->last));
	EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
	EXPECT_EQ(VTD_FR_WRITE, n->last.reason);
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	/* The same when the translation is cached. */
	EXPECT_EQ(NESTED_FAULT(VTD_FR_WRITE), nested_poke(n, 0, NESTED_IOVA, 1));
	EXPECT_EQ(self->page, *(__u64 *)guest_va(&n->guest, self->page));
}

TEST_F(dma, read_only_table)
{
	struct nested *n = &self->n;
	__u64 *entry;

	stage1_map(&self->s1.t, NESTED_IOVA, self->page, S1_4K, S1_RW);
	entry = stage1_entry(&self->s1.t, NESTED_IOVA, 3);
	stage1_set(entry, stage1_get(entry) & ~S1_WRITE);
	EXPECT_EQ(NESTED_FAULT(VTD_FR_WRITE), nested_poke(n, 0, NESTED_IOVA, 1));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
}

TEST_F(dma, supervisor_page)
{
	struct nested *n = &self->n;

	stage1_map(&self->s1.t, NESTED_IOVA, self->page, S1_4K,
		   S1_PRESENT | S1_WRITE);
	EXPECT_EQ(NESTED_FAULT(VTD_FR_USER), nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(NESTED_IOVA, n->last.fault_addr);
}

TEST_F(dma, not_present_at_each_level)
{
	struct nested *n = &self->n;
	__u64 iova, *entry;
	int level;

	for (level = 1; level <= 4; level++) {
		/* The mappings share the top-level table only. */
		iova = NESTED_IOVA + ((__u64)level << 39);
		stage1_map(&self->s1.t, iova, self->page, S1_4K, S1_RW);
		entry = stage1_entry(&self->s1.t, iova, level);
		stage1_set(entry, stage1_get(entry) & ~S1_PRESENT);
		EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT),
			  nested_see(n, 0, iova + 0x123));
		EXPECT_EQ(iova, n->last.fault_addr);
		EXPECT_EQ(0, n->last.count);

		/* Entries that are not present are not cached. */
		stage1_set(entry, stage1_get(entry) | S1_PRESENT);
		EXPECT_EQ(self->page, nested_see(n, 0, iova));
	}
}

TEST_F(dma, reserved_bit)
{
	struct nested *n = &self->n;
	__u64 *entry;

	stage1_map(&self->s1.t, NESTED_IOVA, self->page, S1_4K, S1_RW);
	entry = stage1_entry(&self->s1.t, NESTED_IOVA, 4);
	stage1_set(entry, stage1_get(entry) | S1_LARGE);
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_RESERVED), nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(NESTED_IOVA, n->last.fault_addr);
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
	EXPECT_EQ(NESTED_FAULT(VTD_FR_CANONICAL), nested_see(n, 0, low_end + PAGE));
	EXPECT_EQ(low_end + PAGE, n->last.fault_addr);
	EXPECT_EQ(NESTED_FAULT(VTD_FR_CANONICAL), nested_see(n, 0, high - PAGE));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_CANONICAL), nested_see(n, 0, 1ULL << 63));
}

TEST_F(dma, page_that_the_host_does_not_map)
{
	struct nested *n = &self->n;
	__u64 seen;

	stage1_map(&self->s1.t, NESTED_IOVA, NESTED_GPA + 2 * NESTED_HALF_SIZE, S1_4K, S1_RW);
	EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(NESTED_IOVA, n->last.fault_addr);
	EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT), nested_poke(n, 0, NESTED_IOVA, 1));

	/*
	 * The last page that an entry can have. Bits beyond the host address
	 * width are reserved; if there are none, stage 2 reports the fault.
	 */
	stage1_map(&self->s1.t, NESTED_IOVA + PAGE, BIT_ULL(52) - PAGE, S1_4K, S1_RW);
	seen = nested_see(n, 0, NESTED_IOVA + PAGE);
	if (seen != NESTED_FAULT(VTD_FR_FS_RESERVED))
		EXPECT_EQ(NESTED_FAULT(vtd_stage2_width(n->unit.cap_reg) < 52 ?
				VTD_FR_FS_NEST_WIDTH : VTD_FR_SS_PRESENT), seen);
}

TEST_F(dma, table_that_the_host_does_not_map)
{
	struct nested *n = &self->n;
	struct iommu_hwpt_vtd_s1 cfg = {
		.pgtbl_addr = NESTED_GPA + 2 * NESTED_HALF_SIZE,
		.addr_width = 48,
	};
	__u32 hwpt;

	stage1_map(&self->s1.t, NESTED_IOVA, self->page, S1_4K, S1_RW);
	stage1_set(stage1_entry(&self->s1.t, NESTED_IOVA, 2),
		   (NESTED_GPA + 2 * NESTED_HALF_SIZE) | S1_RW | n->guest.preset);
	EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(NESTED_IOVA, n->last.fault_addr);

	/* The top table. */
	ASSERT_EQ(0, nested_s1_alloc(n, &cfg, &hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], hwpt));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, NESTED_IOVA));
}

TEST_F(dma, accessed_and_dirty)
{
	struct nested *n = &self->n;
	__u64 *entry[5];
	int level;

	if (n->guest.preset)
		SKIP(return, "page walks are not coherent: no flags are set");
	stage1_map(&self->s1.t, NESTED_IOVA, self->page, S1_4K, S1_RW);
	for (level = 1; level <= 4; level++)
		entry[level] = stage1_entry(&self->s1.t, NESTED_IOVA, level);

	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	for (level = 1; level <= 4; level++)
		EXPECT_EQ(S1_ACCESSED, stage1_get(entry[level]) &
				       (S1_ACCESSED | S1_DIRTY));

	EXPECT_EQ(0, nested_poke(n, 0, NESTED_IOVA, 1));
	EXPECT_EQ(S1_ACCESSED | S1_DIRTY,
		  stage1_get(entry[1]) & (S1_ACCESSED | S1_DIRTY));
	for (level = 2; level <= 4; level++)
		EXPECT_EQ(S1_ACCESSED, stage1_get(entry[level]) &
				       (S1_ACCESSED | S1_DIRTY));

	/* The unit sets them again after the guest has invalidated. */
	stage1_set(entry[1], self->page | S1_RW);
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 1, 0));
	EXPECT_EQ(0, nested_poke(n, 0, NESTED_IOVA, 2));
	EXPECT_EQ(S1_ACCESSED | S1_DIRTY,
		  stage1_get(entry[1]) & (S1_ACCESSED | S1_DIRTY));
}

TEST_F(dma, accessed_and_dirty_of_a_large_page)
{
	struct nested *n = &self->n;
	__u64 *entry;

	if (n->guest.preset)
		SKIP(return, "page walks are not coherent: no flags are set");
	stage1_map(&self->s1.t, NESTED_IOVA, NESTED_HIGH_GPA, S1_2M, S1_RW);
	entry = stage1_entry(&self->s1.t, NESTED_IOVA, 2);
	nested_see(n, 0, NESTED_IOVA + 5 * PAGE);
	EXPECT_EQ(S1_ACCESSED, stage1_get(entry) & (S1_ACCESSED | S1_DIRTY));
	EXPECT_EQ(0, nested_poke(n, 0, NESTED_IOVA + 6 * PAGE, 1));
	EXPECT_EQ(S1_ACCESSED | S1_DIRTY,
		  stage1_get(entry) & (S1_ACCESSED | S1_DIRTY));
}

TEST_F(dma, no_bits_set_by_a_request_that_faults)
{
	struct nested *n = &self->n;

	if (n->guest.preset)
		SKIP(return, "page walks are not coherent: no flags are set");
	stage1_map(&self->s1.t, NESTED_IOVA, self->page, S1_4K, S1_RO);
	EXPECT_EQ(NESTED_FAULT(VTD_FR_WRITE), nested_poke(n, 0, NESTED_IOVA, 1));
	EXPECT_EQ(0, stage1_get(stage1_entry(&self->s1.t, NESTED_IOVA, 1)) & S1_DIRTY);
}

/* Devices cannot use memory any more when the host has unmapped it. */
TEST_F(dma, stage2_unmapped_and_mapped_again)
{
	struct nested *n = &self->n;
	const __u64 gpa = NESTED_HIGH_GPA + 3 * PAGE;

	nested_stamp(n, gpa);
	nested_stamp(n, NESTED_HIGH_GPA);
	stage1_map(&self->s1.t, NESTED_IOVA, gpa, S1_4K, S1_RW);
	stage1_map(&self->s1.t, NESTED_IOVA + SIZE_2M, NESTED_HIGH_GPA, S1_2M, S1_RW);
	stage1_map(&self->s1.t, NESTED_IOVA + PAGE, self->page, S1_4K, S1_RW);
	ASSERT_EQ(gpa, nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(NESTED_HIGH_GPA, nested_see(n, 0, NESTED_IOVA + SIZE_2M));
	ASSERT_EQ(self->page, nested_see(n, 0, NESTED_IOVA + PAGE));

	ASSERT_EQ(0, nested_unmap_half(n, NESTED_HIGH_HALF));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT), nested_poke(n, 0, NESTED_IOVA, 1));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, NESTED_IOVA + SIZE_2M));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA + PAGE));

	ASSERT_EQ(0, nested_map_half(n, NESTED_HIGH_HALF));
	EXPECT_EQ(gpa, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(NESTED_HIGH_GPA, nested_see(n, 0, NESTED_IOVA + SIZE_2M));
}

/* The same for memory with a table: its cached entries must not be used. */
TEST_F(dma, stage2_of_a_table_unmapped)
{
	struct nested *n = &self->n;
	const __u64 table = NESTED_HIGH_GPA + 7 * PAGE;
	__u64 *pte = guest_va(&n->guest, table);

	stage1_map(&self->s1.t, NESTED_IOVA, self->page, S1_4K, S1_RW);
	stage1_set(&pte[0], self->page | S1_RW | n->guest.preset);
	stage1_set(&pte[1], self->page | S1_RW | n->guest.preset);
	stage1_set(stage1_entry(&self->s1.t, NESTED_IOVA, 2),
		   table | S1_RW | n->guest.preset);
	ASSERT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));

	ASSERT_EQ(0, nested_unmap_half(n, NESTED_HIGH_HALF));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, NESTED_IOVA + PAGE));
	ASSERT_EQ(0, nested_map_half(n, NESTED_HIGH_HALF));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA + PAGE));
}

TEST_HARNESS_MAIN
