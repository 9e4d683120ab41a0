/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test fixture: tables in real memory, built entry by entry, from the root table
 * to the pages of either stage.
 *
 * Entries are put together from numbers of the tests' own, counted out from the
 * figures of chapter 9 of the VT-d specification, so that a wrong bit in the
 * formats of the model shows.
 */
#ifndef _VTDSIM_TEST_FIXTURE_TABLES_H
#define _VTDSIM_TEST_FIXTURE_TABLES_H

#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/types.h>

/* All entries but those of the paging structures */
#define PRESENT		1ULL
#define FPD		2ULL
/* First word of a context entry */
#define CTX_DTE		BIT_ULL(2)
#define CTX_PASIDE	BIT_ULL(3)
#define CTX_PRE		BIT_ULL(4)
#define CTX_PDTS(n)	((u64)(n) << 9)
/* PASID entry: first, second and third word */
#define PE_AW_48	(2 << 2)
#define PE_PGTT(type)	((u64)(type) << 6)
#define PE_SSADE	BIT_ULL(9)
#define PE_PWSNP	BIT_ULL(23)
#define PE_PGSNP	BIT_ULL(24)
#define PE_SRE		BIT_ULL(0)
#define PE_WPE		BIT_ULL(4)
/* Paging structures: first stage */
#define FS_P		BIT_ULL(0)
#define FS_RW		BIT_ULL(1)
#define FS_US		BIT_ULL(2)
#define FS_A		BIT_ULL(5)
#define FS_D		BIT_ULL(6)
#define FS_EA		BIT_ULL(10)
#define FS_XD		BIT_ULL(63)
#define FS_UR		(FS_P | FS_US)
#define FS_URW		(FS_P | FS_US | FS_RW)
/* Paging structures: second stage */
#define SS_R		BIT_ULL(0)
#define SS_W		BIT_ULL(1)
#define SS_RW		(SS_R | SS_W)
#define SS_A		BIT_ULL(8)
#define SS_D		BIT_ULL(9)
#define SS_SNP		BIT_ULL(11)
/* Both stages: a large page; the address */
#define PTE_PS		BIT_ULL(7)
#define PTE_ADDR	GENMASK_ULL(51, 12)

#define VTDSIM_TEST_GUEST_PAGES	64

/**
 * struct vtdsim_test_guest - guest memory that holds first-stage tables
 * @test: the test
 * @ss_root: second-stage table that maps the pages, of @ss_levels levels
 * @ss_levels: its levels
 * @first: guest address of the first page
 * @step: from the guest address of one page to that of the next
 * @page: the pages
 * @pages: number of pages
 */
struct vtdsim_test_guest {
	struct kunit *test;
	u64 *ss_root;
	int ss_levels;
	u64 first;
	u64 step;
	u64 *page[VTDSIM_TEST_GUEST_PAGES];
	unsigned int pages;
};

/**
 * struct vtdsim_test_entries - what the unit reads before it walks
 * @rtaddr: contents of the Root Table Address Register, in scalable mode
 * @root: half of the root entry
 * @ctx: context entry
 * @dir: PASID-directory entry
 * @pasid: PASID entry
 */
struct vtdsim_test_entries {
	u64 rtaddr;
	u64 *root;
	u64 *ctx;
	u64 *dir;
	u64 *pasid;
};

u64 *vtdsim_test_page(struct kunit *test);
u64 *vtdsim_test_large_page(struct kunit *test);
void vtdsim_test_entries_init(struct vtdsim_test_entries *e, struct kunit *test, u16 sid,
			      u32 pasid);
u64 *vtdsim_test_pte(struct kunit *test, u64 *root, int levels, int level, u64 addr, u64 flags);
u64 vtdsim_test_guest_page(struct vtdsim_test_guest *g);
u64 *vtdsim_test_guest_pte(struct vtdsim_test_guest *g, u64 root, int levels, int level, u64 addr);
void vtdsim_test_map_identity(struct kunit *test, u64 *ss_root, void *page);
void vtdsim_test_map_tables(struct kunit *test, u64 *ss_root, u64 *fs_root, u64 addr);

/* The page that an entry is in */
static inline u64 *table_of(u64 *entry)
{
	return PTR_ALIGN_DOWN(entry, PAGE_SIZE);
}

#endif /* _VTDSIM_TEST_FIXTURE_TABLES_H */
