// SPDX-License-Identifier: GPL-2.0-only
/*
 * Test rig: a unit with tables in real memory, and two devices behind it.
 */
#include <linux/io.h>
#include <linux/slab.h>

#include "dma_rig.h"

#define GSTS_TES	BIT(31)
#define FSTS		0x34
#define FRCD		0x200
#define FRCD_HIGH	(FRCD + 8)
#define FRCD_F		BIT_ULL(63)

/*
 * 48 and 57 bits wide second stage, large pages in both stages, 5-level first
 * stage, one fault recording register
 */
#define CAP	((BIT_ULL(2) | BIT_ULL(3)) << 8 | 56ULL << 16 |		\
		 (u64)(FRCD / 16) << 24 | BIT_ULL(34) | BIT_ULL(35) |	\
		 BIT_ULL(56) | BIT_ULL(60))
/* PT, SC, NEST, SRS, PSS of 20 bits, PASID, SSADS, SSTS, FSTS, SMPWCS, RPS */
#define ECAP	(BIT_ULL(6) | BIT_ULL(7) | BIT_ULL(26) |	\
		 BIT_ULL(31) | 19ULL << 35 | BIT_ULL(40) | BIT_ULL(45) | BIT_ULL(46) |	\
		 BIT_ULL(47) | BIT_ULL(48) | BIT_ULL(49))

#define PE_PWSNP	BIT_ULL(23)
#define AW_48		(2 << 2)

static void free_page_at(void *page)
{
	free_page((unsigned long)page);
}

u64 *rig_page(struct kunit *test)
{
	u64 *page = (u64 *)get_zeroed_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_page_at,
							   page));
	return page;
}

u64 *rig_entry(struct rig *r, u32 pasid)
{
	return (pasid < 64 ? r->table : r->table2) + pasid % 64 * 8;
}

void rig_set_second(struct rig *r, u32 pasid, u16 did, u64 *root)
{
	u64 *pe = rig_entry(r, pasid);

	pe[1] = did | PE_PWSNP;
	pe[0] = virt_to_phys(root) | VTDSIM_PGTT_SECOND << 6 | AW_48 |
		PRESENT;
}

void rig_set_first(struct rig *r, u32 pasid, u16 did, u64 *root)
{
	u64 *pe = rig_entry(r, pasid);

	pe[2] = virt_to_phys(root);
	pe[1] = did | PE_PWSNP;
	pe[0] = VTDSIM_PGTT_FIRST << 6 | PRESENT;
}

void rig_set_nested(struct rig *r, u32 pasid, u16 did, u64 fs_root,
		    u64 *ss_root)
{
	u64 *pe = rig_entry(r, pasid);

	pe[2] = fs_root;
	pe[1] = did | PE_PWSNP;
	pe[0] = virt_to_phys(ss_root) | VTDSIM_PGTT_NESTED << 6 | AW_48 |
		PRESENT;
}

void rig_set_pass(struct rig *r, u32 pasid, u16 did)
{
	u64 *pe = rig_entry(r, pasid);

	pe[1] = did;
	pe[0] = VTDSIM_PGTT_PASS << 6 | AW_48 | PRESENT;
}

u64 *rig_slot(struct kunit *test, u64 *root, int levels, int level, u64 addr,
	      u64 flags)
{
	u64 *table = root, *e;

	for (;; levels--) {
		e = &table[addr >> (12 + 9 * (levels - 1)) & 511];
		if (levels == level)
			return e;
		if (!*e) {
			table = rig_page(test);
			*e = virt_to_phys(table) | flags;
		} else {
			table = phys_to_virt(*e & GENMASK_ULL(51, 12));
		}
	}
}

void rig_map_second(struct rig *r, u64 *root, u64 addr, void *page, u64 flags)
{
	*rig_slot(r->test, root, 4, 1, addr, SS_RW) = virt_to_phys(page) | flags;
}

void rig_map_first(struct rig *r, u64 *root, u64 addr, void *page, u64 flags)
{
	*rig_slot(r->test, root, 4, 1, addr, FS_URW) = virt_to_phys(page) | flags;
}

static void destroy_cache(void *unit)
{
	vtdsim_cache_destroy(((struct vtdsim_unit *)unit)->cache);
}

struct vtdsim_unit *rig_unit(struct kunit *test)
{
	static const struct vtdsim_caps caps = {
		.cap = CAP, .ecap = ECAP, .haw = 46,
	};
	struct vtdsim_unit *unit = kunit_kzalloc(test, sizeof(*unit),
						 GFP_KERNEL);
	struct vtdsim_rules *rules = kunit_kzalloc(test, sizeof(*rules),
						   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, unit);
	KUNIT_ASSERT_NOT_NULL(test, rules);
	vtdsim_unit_init(unit, &caps, "test");
	vtdsim_rules_install(rules, unit);
	KUNIT_ASSERT_EQ(test, 0, vtdsim_cache_reserve(unit));
	KUNIT_ASSERT_NOT_NULL(test, unit->cache);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, destroy_cache,
							   unit));
	return unit;
}

struct rig *rig_make(struct kunit *test)
{
	struct rig *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);
	u64 *root = rig_page(test);
	u64 *ctx_table = rig_page(test);

	KUNIT_ASSERT_NOT_NULL(test, r);
	r->test = test;
	r->unit = rig_unit(test);
	r->dir = rig_page(test);
	r->table = rig_page(test);
	r->table2 = rig_page(test);
	r->dir[0] = virt_to_phys(r->table) | PRESENT;
	r->dir[1] = virt_to_phys(r->table2) | PRESENT;
	r->ctx = ctx_table + (SID & 0x7f) * 4;
	r->ctx[1] = RID_PASID;
	r->ctx[0] = virt_to_phys(r->dir) | CTX_PASIDE | PRESENT;
	root[(SID >> 8) * 2] = virt_to_phys(ctx_table) | PRESENT;
	root[(SID_B >> 8) * 2] = virt_to_phys(ctx_table) | PRESENT;
	r->unit->rtaddr = virt_to_phys(root) | BIT_ULL(10);
	vtdsim_reg_set32(r->unit, GSTS, GSTS_TES);
	return r;
}

struct vtdsim_req rig_rid(u64 addr)
{
	return (struct vtdsim_req){ .addr = addr, .sid = SID };
}

struct vtdsim_req rig_pasid(u64 addr, u32 pasid)
{
	return (struct vtdsim_req){
		.addr = addr, .sid = SID, .pasid = pasid, .with_pasid = true,
	};
}

u64 rig_read(struct rig *r, struct vtdsim_req req)
{
	u64 val = 0;

	if (vtdsim_dma_read(r->unit, &req, &val, sizeof(val), &r->out))
		return 0;
	return val;
}

int rig_write(struct rig *r, struct vtdsim_req req, u64 val)
{
	return vtdsim_dma_write(r->unit, &req, &val, sizeof(val), &r->out);
}

void rig_expect_fault(struct rig *r, struct vtdsim_req req, u8 reason,
		      bool record)
{
	struct kunit *test = r->test;
	u64 before = r->unit->stats.faults;
	u64 val;

	vtdsim_reg_set32(r->unit, FSTS, 0);
	vtdsim_reg_set64(r->unit, FRCD_HIGH, 0);
	KUNIT_EXPECT_EQ(test, -EFAULT,
			vtdsim_dma_read(r->unit, &req, &val, sizeof(val),
					&r->out));
	KUNIT_EXPECT_EQ(test, reason, r->out.reason);
	KUNIT_EXPECT_EQ(test, req.addr & PAGE_MASK, r->out.addr);
	KUNIT_EXPECT_FALSE(test, r->out.unsupported);
	KUNIT_EXPECT_EQ(test, before + 1, r->unit->stats.faults);
	KUNIT_EXPECT_EQ(test, record, !!(vtdsim_reg_get64(r->unit, FRCD_HIGH) & FRCD_F));
}
