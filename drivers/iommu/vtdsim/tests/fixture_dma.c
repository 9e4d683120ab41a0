// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test fixture: DMA, see fixture_dma.h.
 */
#include "fixture_dma.h"

#define FRCD_F		BIT_ULL(63)

/**
 * vtdsim_test_dma_new() - make a unit with tables for two devices
 * @test: the test
 *
 * Translation is enabled. All PASID entries are empty.
 *
 * Context: A test; fails it without memory.
 * Return: the unit and its tables, which go when the test ends.
 */
struct vtdsim_test_dma *vtdsim_test_dma_new(struct kunit *test)
{
	struct vtdsim_test_dma *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	struct vtdsim_test_entries e;

	KUNIT_ASSERT_NOT_NULL(test, d);
	vtdsim_test_entries_init(&e, test, SID, PASID);
	d->test = test;
	d->unit = vtdsim_test_dma_unit(test);
	d->root = e.root;
	d->ctx = e.ctx;
	d->dir = table_of(e.dir);
	d->table = vtdsim_test_page(test);
	d->table2 = table_of(e.pasid);
	d->dir[0] = virt_to_phys(d->table) | PRESENT;
	d->ctx[1] = RID_PASID;
	d->ctx[0] |= CTX_PASIDE;
	table_of(e.root)[(SID_B >> 8) * 2] = *e.root;
	d->unit->rtaddr = e.rtaddr;
	vtdsim_reg_set32(d->unit, GSTS, GCMD_TE);
	return d;
}

/**
 * vtdsim_test_dma_cached() - like vtdsim_test_dma_new(), with a mapping cached
 * @test: the test
 * @pgtt: type of translation of PASID: first-stage or second-stage
 * @did: domain-id of PASID
 * @addr: address at which PASID has a page that holds 0x1234
 *
 * Context: A test; fails it without memory.
 * Return: the unit and its tables.
 */
struct vtdsim_test_dma *vtdsim_test_dma_cached(struct kunit *test, enum vtdsim_pgtt pgtt, u16 did,
					       u64 addr)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);
	u64 *root = vtdsim_test_page(test), *page = vtdsim_test_page(test);

	page[0] = 0x1234;
	if (pgtt == VTDSIM_PGTT_FIRST) {
		vtdsim_test_set_first(d, PASID, did, root);
		vtdsim_test_map_first(d, root, addr, page, FS_URW);
	} else {
		vtdsim_test_set_second(d, PASID, did, root);
		vtdsim_test_map_second(d, root, addr, page, SS_RW);
	}
	KUNIT_ASSERT_EQ(test, 0x1234, vtdsim_test_read(d, pasid_req(addr, PASID)));
	return d;
}

/**
 * vtdsim_test_pasid_entry() - find a PASID entry
 * @d: unit and tables
 * @pasid: PASID, below 128
 *
 * Context: Any.
 * Return: the entry, of eight words.
 */
u64 *vtdsim_test_pasid_entry(struct vtdsim_test_dma *d, u32 pasid)
{
	return (pasid < 64 ? d->table : d->table2) + pasid % 64 * 8;
}

/**
 * vtdsim_test_set_second() - make a PASID entry of type second-stage
 * @d: unit and tables
 * @pasid: PASID
 * @did: domain-id
 * @root: second-stage table, of four levels
 *
 * Page walks are snooped. Nothing is invalidated.
 *
 * Context: Any.
 */
void vtdsim_test_set_second(struct vtdsim_test_dma *d, u32 pasid, u16 did, u64 *root)
{
	u64 *pe = vtdsim_test_pasid_entry(d, pasid);

	pe[1] = did | PE_PWSNP;
	pe[0] = virt_to_phys(root) | PE_PGTT(VTDSIM_PGTT_SECOND) | PE_AW_48 | PRESENT;
}

/**
 * vtdsim_test_set_first() - make a PASID entry of type first-stage
 * @d: unit and tables
 * @pasid: PASID
 * @did: domain-id
 * @root: first-stage table, of four levels
 *
 * Page walks are snooped. Nothing is invalidated.
 *
 * Context: Any.
 */
void vtdsim_test_set_first(struct vtdsim_test_dma *d, u32 pasid, u16 did, u64 *root)
{
	u64 *pe = vtdsim_test_pasid_entry(d, pasid);

	pe[2] = virt_to_phys(root);
	pe[1] = did | PE_PWSNP;
	pe[0] = PE_PGTT(VTDSIM_PGTT_FIRST) | PRESENT;
}

/**
 * vtdsim_test_set_nested() - make a PASID entry of type nested
 * @d: unit and tables
 * @pasid: PASID
 * @did: domain-id
 * @fs_root: guest address of the first-stage table, of four levels
 * @ss_root: second-stage table, of four levels
 *
 * Page walks are snooped. Nothing is invalidated.
 *
 * Context: Any.
 */
void vtdsim_test_set_nested(struct vtdsim_test_dma *d, u32 pasid, u16 did, u64 fs_root,
			    u64 *ss_root)
{
	u64 *pe = vtdsim_test_pasid_entry(d, pasid);

	pe[2] = fs_root;
	pe[1] = did | PE_PWSNP;
	pe[0] = virt_to_phys(ss_root) | PE_PGTT(VTDSIM_PGTT_NESTED) | PE_AW_48 | PRESENT;
}

/**
 * vtdsim_test_set_pass() - make a PASID entry of type pass-through
 * @d: unit and tables
 * @pasid: PASID
 * @did: domain-id
 *
 * Nothing is invalidated.
 *
 * Context: Any.
 */
void vtdsim_test_set_pass(struct vtdsim_test_dma *d, u32 pasid, u16 did)
{
	u64 *pe = vtdsim_test_pasid_entry(d, pasid);

	pe[1] = did;
	pe[0] = PE_PGTT(VTDSIM_PGTT_PASS) | PE_AW_48 | PRESENT;
}

/**
 * vtdsim_test_map_second() - map a page of 4 KiB in a second stage
 * @d: unit and tables
 * @root: table, of four levels
 * @addr: input address
 * @page: the page
 * @flags: rights
 *
 * Context: A test; fails it without memory.
 */
void vtdsim_test_map_second(struct vtdsim_test_dma *d, u64 *root, u64 addr, void *page, u64 flags)
{
	*vtdsim_test_pte(d->test, root, 4, 1, addr, SS_RW) = virt_to_phys(page) | flags;
}

/**
 * vtdsim_test_map_first() - map a page of 4 KiB in a first stage that is not nested
 * @d: unit and tables
 * @root: table, of four levels
 * @addr: input address
 * @page: the page
 * @flags: rights
 *
 * Context: A test; fails it without memory.
 */
void vtdsim_test_map_first(struct vtdsim_test_dma *d, u64 *root, u64 addr, void *page, u64 flags)
{
	*vtdsim_test_pte(d->test, root, 4, 1, addr, FS_URW) = virt_to_phys(page) | flags;
}

/**
 * vtdsim_test_read() - read 64 bits by DMA
 * @d: unit and tables
 * @req: the request
 *
 * Context: A test.
 * Return: what was read; 0 if the request was blocked. Nothing that tests read is 0.
 */
u64 vtdsim_test_read(struct vtdsim_test_dma *d, struct vtdsim_req req)
{
	u64 val = 0;

	if (vtdsim_dma_read(d->unit, &req, &val, sizeof(val), &d->out))
		return 0;
	return val;
}

/**
 * vtdsim_test_write() - write 64 bits by DMA
 * @d: unit and tables
 * @req: the request
 * @val: what to write
 *
 * Context: A test.
 * Return: 0, or the error of vtdsim_dma_write().
 */
int vtdsim_test_write(struct vtdsim_test_dma *d, struct vtdsim_req req, u64 val)
{
	return vtdsim_dma_write(d->unit, &req, &val, sizeof(val), &d->out);
}

/**
 * vtdsim_test_expect_fault() - expect a read to be blocked
 * @d: unit and tables
 * @req: the request
 * @reason: fault reason
 * @record: whether the fault has to be recorded
 *
 * Context: A test.
 */
void vtdsim_test_expect_fault(struct vtdsim_test_dma *d, struct vtdsim_req req, u8 reason,
			      bool record)
{
	struct kunit *test = d->test;
	u64 before = d->unit->stats.faults;
	u64 val;

	vtdsim_reg_set32(d->unit, FSTS, 0);
	vtdsim_reg_set64(d->unit, DMA_FRCD_HIGH, 0);
	KUNIT_EXPECT_EQ(test, -EFAULT,
			vtdsim_dma_read(d->unit, &req, &val, sizeof(val), &d->out));
	KUNIT_EXPECT_EQ(test, reason, d->out.reason);
	KUNIT_EXPECT_EQ(test, req.addr & PAGE_MASK, d->out.addr);
	KUNIT_EXPECT_FALSE(test, d->out.unsupported);
	KUNIT_EXPECT_EQ(test, before + 1, d->unit->stats.faults);
	KUNIT_EXPECT_EQ(test, record, !!(recorded_fault(d) & FRCD_F));
}
