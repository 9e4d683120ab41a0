/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test rig: a unit with tables in real memory, and two devices behind it.
 *
 * Tables are written as the specification's chapter 9 lays them out, with
 * numbers of the rig's own.
 */
#ifndef _VTDSIM_DMA_RIG_H
#define _VTDSIM_DMA_RIG_H

#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/types.h>

#include "vtdsim.h"

#define SID		0x0108	/* bus 1, device 1, function 0 */
#define SID_B		0x0208	/* shares all tables from the context entry on */
#define SID_NONE	0x0308	/* no root entry */
#define RID_PASID	3
#define PASID		70	/* in the second PASID table */

#define GSTS		0x1c	/* global status register */

#define PRESENT		1ULL
#define FPD		2ULL
#define CTX_PASIDE	8ULL
#define PE_SSADE	BIT_ULL(9)
#define PE_WPE		BIT_ULL(4)	/* third word */
#define SS_R		1ULL
#define SS_RW		3ULL
#define SS_D		BIT_ULL(9)
#define FS_UR		5ULL
#define FS_URW		7ULL
#define FS_D		BIT_ULL(6)
#define PS		BIT_ULL(7)

/**
 * struct rig - a unit and its tables
 * @test: the test that it belongs to
 * @unit: the unit; translation is enabled
 * @out: how the last request ended
 * @ctx: context entry of both devices
 * @dir: PASID directory
 * @table: PASID table that has RID_PASID
 * @table2: PASID table that has PASID
 */
struct rig {
	struct kunit *test;
	struct vtdsim_unit *unit;
	struct vtdsim_outcome out;
	u64 *ctx;
	u64 *dir;
	u64 *table;
	u64 *table2;
};

/* A unit after reset, with empty caches. */
struct vtdsim_unit *rig_unit(struct kunit *test);
struct rig *rig_make(struct kunit *test);
/* A page of zeroes, freed when the test ends. */
u64 *rig_page(struct kunit *test);

/* PASID entries: 4-level tables of both stages, accessed/dirty allowed. */
u64 *rig_entry(struct rig *r, u32 pasid);
void rig_set_second(struct rig *r, u32 pasid, u16 did, u64 *root);
void rig_set_first(struct rig *r, u32 pasid, u16 did, u64 *root);
void rig_set_nested(struct rig *r, u32 pasid, u16 did, u64 fs_root,
		    u64 *ss_root);
void rig_set_pass(struct rig *r, u32 pasid, u16 did);

/* Entry for @addr in the table of @level; makes those above it, with @flags. */
u64 *rig_slot(struct kunit *test, u64 *root, int levels, int level, u64 addr,
	      u64 flags);
void rig_map_second(struct rig *r, u64 *root, u64 addr, void *page, u64 flags);
void rig_map_first(struct rig *r, u64 *root, u64 addr, void *page, u64 flags);

/* Requests of SID, without and with PASID. */
struct vtdsim_req rig_rid(u64 addr);
struct vtdsim_req rig_pasid(u64 addr, u32 pasid);

/* Reads 64 bits; 0 if it was blocked. Nothing that tests read is 0. */
u64 rig_read(struct rig *r, struct vtdsim_req req);
int rig_write(struct rig *r, struct vtdsim_req req, u64 val);
/* Expects the read to be blocked for @reason, and recorded or not. */
void rig_expect_fault(struct rig *r, struct vtdsim_req req, u8 reason,
		      bool record);

#endif /* _VTDSIM_DMA_RIG_H */
