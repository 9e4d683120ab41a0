/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test bench for page walks: real page tables in real pages, built entry by
 * entry from addresses and plain numbers, so that a wrong bit in the formats
 * that the walks use cannot hide.
 */
#ifndef _VTDSIM_WALK_BENCH_H
#define _VTDSIM_WALK_BENCH_H

#include <kunit/test.h>
#include <linux/bits.h>

#include "vtdsim.h"

/* Bits of paging entries, on purpose not taken from the code under test */
#define FS_P		0x1ULL
#define FS_RW		0x2ULL
#define FS_US		0x4ULL
#define FS_A		0x20ULL
#define FS_D		0x40ULL
#define FS_EA		0x400ULL
#define FS_XD		0x8000000000000000ULL
#define FS_ALL		(FS_P | FS_RW | FS_US)
#define SS_R		0x1ULL
#define SS_W		0x2ULL
#define SS_RW		(SS_R | SS_W)
#define SS_A		0x100ULL
#define SS_D		0x200ULL
#define PTE_PS		0x80ULL

/* Capability bits */
#define BENCH_CAP_FS5LP		BIT_ULL(60)
#define BENCH_CAP_FS1GP		BIT_ULL(56)
#define BENCH_CAP_SPS_1G	BIT_ULL(35)
#define BENCH_CAP_SPS_2M	BIT_ULL(34)
#define BENCH_CAP_MGAW(width)	(((width) - 1ULL) << 16)
#define BENCH_ECAP_SC		BIT_ULL(7)

#define BENCH_HAW	46
/* An address within the host address width at which no memory is */
#define BENCH_HOLE	BIT_ULL(45)
/* Guest addresses of first-stage tables */
#define BENCH_GUEST	0x7f00000000ULL
#define BENCH_TABLES	64

/**
 * struct walk_bench - a PASID entry with its page tables
 * @test: the test that it belongs to
 * @caps: capabilities, all that a walk can use; width 57 and 46 bits
 * @pe: PASID entry; tables empty
 * @w: what the walk is given
 * @req: a user request that reads
 * @map: result of the last walk
 * @host: host addresses of the tables at guest addresses from BENCH_GUEST on
 * @tables: number of them
 */
struct walk_bench {
	struct kunit *test;
	struct vtdsim_caps caps;
	struct vtdsim_pasid pe;
	struct vtdsim_walk w;
	struct vtdsim_req req;
	struct vtdsim_map map;
	u64 host[BENCH_TABLES];
	unsigned int tables;
};

u64 bench_page(struct kunit *test);
u64 *bench_at(u64 hpa);
void bench_init(struct walk_bench *b, struct kunit *test, u8 pgtt,
		u8 fs_levels, u8 ss_levels);
u64 *bench_ss_entry(struct walk_bench *b, u64 addr, int level);
u64 *bench_fs_entry(struct walk_bench *b, u64 addr, int level);
u64 *bench_ss_map(struct walk_bench *b, u64 addr, u64 out, int level);
u64 *bench_fs_map(struct walk_bench *b, u64 addr, u64 out, int level);
u64 *bench_ss_of_table(struct walk_bench *b, u64 addr, int level);
void bench_expect_full(struct walk_bench *b);
u8 bench_second(struct walk_bench *b, u64 addr, bool read, bool write);
u8 bench_first(struct walk_bench *b, u64 addr, bool read, bool write);

#endif /* _VTDSIM_WALK_BENCH_H */
