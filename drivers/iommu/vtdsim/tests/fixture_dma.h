/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Test fixture: DMA. A unit that translates, with tables in real memory, and two
 * devices behind it.
 */
#ifndef _VTDSIM_TEST_FIXTURE_DMA_H
#define _VTDSIM_TEST_FIXTURE_DMA_H

#include "fixture_tables.h"
#include "fixture_unit.h"

#define SID		0x0108	/* bus 1, device 1, function 0 */
#define SID_B		0x0208	/* shares all tables from the context entry on */
#define SID_NONE	0x0308	/* no root entry */
#define RID_PASID	3
#define PASID		70	/* in the second PASID table */

/**
 * struct vtdsim_test_dma - a unit and its tables
 * @test: the test
 * @unit: the unit; translation is enabled
 * @out: how the last request ended
 * @root: root entry of SID
 * @ctx: context entry of both devices
 * @dir: PASID directory
 * @table: PASID table that has RID_PASID
 * @table2: PASID table that has PASID
 */
struct vtdsim_test_dma {
	struct kunit *test;
	struct vtdsim_unit *unit;
	struct vtdsim_outcome out;
	u64 *root;
	u64 *ctx;
	u64 *dir;
	u64 *table;
	u64 *table2;
};

struct vtdsim_test_dma *vtdsim_test_dma_new(struct kunit *test);
struct vtdsim_test_dma *vtdsim_test_dma_cached(struct kunit *test, enum vtdsim_pgtt pgtt, u16 did,
					       u64 addr);

u64 *vtdsim_test_pasid_entry(struct vtdsim_test_dma *d, u32 pasid);
void vtdsim_test_set_second(struct vtdsim_test_dma *d, u32 pasid, u16 did, u64 *root);
void vtdsim_test_set_first(struct vtdsim_test_dma *d, u32 pasid, u16 did, u64 *root);
void vtdsim_test_set_nested(struct vtdsim_test_dma *d, u32 pasid, u16 did, u64 fs_root,
			    u64 *ss_root);
void vtdsim_test_set_pass(struct vtdsim_test_dma *d, u32 pasid, u16 did);
void vtdsim_test_map_second(struct vtdsim_test_dma *d, u64 *root, u64 addr, void *page, u64 flags);
void vtdsim_test_map_first(struct vtdsim_test_dma *d, u64 *root, u64 addr, void *page, u64 flags);

u64 vtdsim_test_read(struct vtdsim_test_dma *d, struct vtdsim_req req);
int vtdsim_test_write(struct vtdsim_test_dma *d, struct vtdsim_req req, u64 val);
void vtdsim_test_expect_fault(struct vtdsim_test_dma *d, struct vtdsim_req req, u8 reason,
			      bool record);

/* A request of SID without PASID */
static inline struct vtdsim_req rid_req(u64 addr)
{
	return (struct vtdsim_req){ .addr = addr, .sid = SID };
}

/* A request of SID with PASID */
static inline struct vtdsim_req pasid_req(u64 addr, u32 pasid)
{
	return (struct vtdsim_req){
		.addr = addr, .sid = SID, .pasid = pasid, .with_pasid = true,
	};
}

/* The upper half of the fault recording register */
static inline u64 recorded_fault(struct vtdsim_test_dma *d)
{
	return vtdsim_reg_get64(d->unit, DMA_FRCD_HIGH);
}

#endif /* _VTDSIM_TEST_FIXTURE_DMA_H */
