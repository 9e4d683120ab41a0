// SPDX-License-Identifier: GPL-2.0-only
/*
 * Translation requests, with tables in real memory: every part of a completion,
 * what is recorded, and what is not.
 */
#include <linux/io.h>
#include <linux/sizes.h>

#include "dma_rig.h"

#define ECAP_DT		BIT_ULL(2)
#define ECAP_NWFS	BIT_ULL(33)
#define CTX_DTE		BIT_ULL(2)
#define PE_PGSNP	BIT_ULL(24)	/* second word */
#define FS_XD		BIT_ULL(63)
#define FS_R		1ULL		/* supervisor only */
#define SS_W		2ULL
#define SS_SNP		BIT_ULL(11)
#define FSTS		0x34
#define FRCD		0x200
#define FRCD_HIGH	(FRCD + 8)

#define UR		VTDSIM_CPL_UR
#define CA		VTDSIM_CPL_CA
#define OK		VTDSIM_CPL_SUCCESS

static struct rig *ats_rig(struct kunit *test)
{
	struct rig *r = rig_make(test);

	r->unit->caps.ecap |= ECAP_DT | ECAP_NWFS;
	r->ctx[0] |= CTX_DTE;
	return r;
}

struct asked {
	const struct vtdsim_req *req;
	struct vtdsim_completion cpl;
};

static void ask_locked(struct vtdsim_unit *unit, void *data)
{
	struct asked *a = data;

	vtdsim_ats_translate(unit, a->req, &a->cpl);
}

static struct vtdsim_completion ask(struct rig *r, struct vtdsim_req req)
{
	struct asked a = { .req = &req };

	vtdsim_reg_set32(r->unit, FSTS, 0);
	vtdsim_reg_set64(r->unit, FRCD_HIGH, 0);
	KUNIT_ASSERT_EQ(r->test, 0, vtdsim_transact(r->unit, ask_locked, &a));
	return a.cpl;
}

static struct vtdsim_completion ask_write(struct rig *r, struct vtdsim_req req)
{
	req.write = true;
	return ask(r, req);
}

static u64 recorded(struct rig *r)
{
	return vtdsim_reg_get64(r->unit, FRCD_HIGH);
}

static void expect_refused(struct rig *r, struct vtdsim_req req,
			   enum vtdsim_completion_status status, u8 reason)
{
	u64 faults = r->unit->stats.faults;
	struct vtdsim_completion cpl = ask_write(r, req);

	KUNIT_EXPECT_EQ_MSG(r->test, cpl.status, status, "reason %#x", reason);
	KUNIT_EXPECT_EQ(r->test, cpl.reason, reason);
	KUNIT_EXPECT_EQ(r->test, recorded(r) >> 32 & 0xff, reason);
	/* A read (T1), by a translation request */
	KUNIT_EXPECT_EQ(r->test, recorded(r) >> 60, 0xd);
	KUNIT_EXPECT_EQ(r->test, recorded(r) >> 28 & 1, 0);
	KUNIT_EXPECT_EQ(r->test, r->unit->stats.faults, faults + 1);
}

static void expect_nothing(struct rig *r, struct vtdsim_req req, u8 reason)
{
	u64 faults = r->unit->stats.faults;
	struct vtdsim_completion cpl = ask(r, req);

	KUNIT_EXPECT_EQ(r->test, cpl.status, OK);
	KUNIT_EXPECT_FALSE(r->test, cpl.read);
	KUNIT_EXPECT_FALSE(r->test, cpl.write);
	KUNIT_EXPECT_FALSE(r->test, cpl.exec);
	KUNIT_EXPECT_EQ(r->test, cpl.reason, reason);
	KUNIT_EXPECT_EQ(r->test, recorded(r), 0);
	KUNIT_EXPECT_EQ(r->test, r->unit->stats.faults, faults);
}

static void needs_translation_enabled(struct kunit *test)
{
	struct rig *r = ats_rig(test);

	rig_set_pass(r, RID_PASID, 1);
	KUNIT_EXPECT_EQ(test, ask(r, rig_rid(0x1000)).status, OK);
	vtdsim_reg_set32(r->unit, GSTS, 0);
	KUNIT_EXPECT_EQ(test, ask(r, rig_rid(0x1000)).status, UR);
	KUNIT_EXPECT_EQ(test, recorded(r), 0);
}

static void needs_dte(struct kunit *test)
{
	struct rig *r = ats_rig(test);

	rig_set_pass(r, RID_PASID, 1);
	r->ctx[0] &= ~CTX_DTE;
	expect_refused(r, rig_rid(0x1000), UR, 0x44);
	r->ctx[0] |= FPD;
	KUNIT_EXPECT_EQ(test, ask(r, rig_rid(0x5000)).status, UR);
	vtdsim_inv_context_all(r->unit->cache);
	KUNIT_EXPECT_EQ(test, ask(r, rig_rid(0x1000)).reason, 0x44);
	KUNIT_EXPECT_EQ(test, recorded(r), 0);
}

static void rights_of_first_stage(struct kunit *test)
{
	struct rig *r = ats_rig(test);
	u64 *root = rig_page(test);
	void *page = rig_page(test);
	struct vtdsim_completion cpl;

	rig_set_first(r, PASID, 1, root);
	rig_map_first(r, root, 0x1000, page, FS_URW);
	rig_map_first(r, root, 0x2000, page, FS_UR);
	rig_map_first(r, root, 0x3000, page, FS_URW | FS_XD);
	rig_map_first(r, root, 0x4000, page, FS_R);

	/* Not asked for, not there; and the other way round. */
	cpl = ask(r, rig_pasid(0x1000, PASID));
	KUNIT_EXPECT_EQ(test, cpl.addr, virt_to_phys(page));
	KUNIT_EXPECT_FALSE(test, cpl.size);
	KUNIT_EXPECT_TRUE(test, cpl.read);
	KUNIT_EXPECT_FALSE(test, cpl.write);
	KUNIT_EXPECT_FALSE(test, cpl.exec);
	KUNIT_EXPECT_FALSE(test, cpl.priv);
	KUNIT_EXPECT_FALSE(test, cpl.untranslated);
	KUNIT_EXPECT_FALSE(test, cpl.no_snoop);
	KUNIT_EXPECT_TRUE(test, ask_write(r, rig_pasid(0x1000, PASID)).write);

	/* Less than what was asked for */
	cpl = ask_write(r, rig_pasid(0x2000, PASID));
	KUNIT_EXPECT_TRUE(test, cpl.read);
	KUNIT_EXPECT_FALSE(test, cpl.write);
	KUNIT_EXPECT_EQ(test, cpl.reason, 0x85);
	KUNIT_EXPECT_EQ(test, recorded(r), 0);

	/* Execute-disable does not count: execution is never allowed */
	cpl = ask_write(r, rig_pasid(0x3000, PASID));
	KUNIT_EXPECT_TRUE(test, cpl.read);
	KUNIT_EXPECT_TRUE(test, cpl.write);
	KUNIT_EXPECT_FALSE(test, cpl.exec);

	/* What a page request might bring */
	expect_nothing(r, rig_pasid(0x4000, PASID), 0x81);
	expect_nothing(r, rig_pasid(0x5000, PASID), 0x71);
}

static void rights_of_second_stage(struct kunit *test)
{
	struct rig *r = ats_rig(test);
	u64 *root = rig_page(test);
	void *page = rig_page(test);
	struct vtdsim_completion cpl;

	rig_set_second(r, RID_PASID, 1, root);
	rig_entry(r, RID_PASID)[1] |= PE_PGSNP;
	rig_map_second(r, root, 0x1000, page, SS_R);
	rig_map_second(r, root, 0x2000, page, SS_W);
	rig_map_second(r, root, 0x3000, page, SS_RW);

	cpl = ask_write(r, rig_rid(0x1000));
	KUNIT_EXPECT_TRUE(test, cpl.read);
	KUNIT_EXPECT_FALSE(test, cpl.write);
	KUNIT_EXPECT_TRUE(test, cpl.no_snoop);
	cpl = ask_write(r, rig_rid(0x2000));
	KUNIT_EXPECT_FALSE(test, cpl.read);
	KUNIT_EXPECT_TRUE(test, cpl.write);
	KUNIT_EXPECT_EQ(test, cpl.reason, 0x86);
	cpl = ask_write(r, rig_rid(0x3000));
	KUNIT_EXPECT_TRUE(test, cpl.read);
	KUNIT_EXPECT_TRUE(test, cpl.write);
	expect_nothing(r, rig_rid(0x2000), 0x86);
	expect_nothing(r, rig_rid(0x4000), 0x79);
}

/* The page's second-stage leaf asks for snooping, too (table 10). */
static void snoop(struct kunit *test)
{
	struct rig *r = ats_rig(test);
	u64 *ss = rig_page(test), *fs = rig_page(test);
	void *page = rig_page(test);
	u64 *table = &fs[1];

	rig_set_second(r, RID_PASID, 1, ss);
	rig_map_second(r, ss, 0x1000, page, SS_RW);
	rig_map_second(r, ss, 0x2000, page, SS_RW | SS_SNP);
	KUNIT_EXPECT_FALSE(test, ask(r, rig_rid(0x1000)).no_snoop);
	KUNIT_EXPECT_TRUE(test, ask(r, rig_rid(0x2000)).no_snoop);
	KUNIT_EXPECT_TRUE(test, ask(r, rig_rid(0x2000)).no_snoop);

	/* Nested: the page counts, not the tables */
	rig_set_nested(r, PASID, 1, 0x10000, ss);
	rig_map_second(r, ss, 0x10000, fs, SS_RW | SS_SNP);
	fs[0] = 0x10000 | FS_URW;
	*table = 0x1000 | FS_URW;
	KUNIT_EXPECT_FALSE(test, ask(r, rig_pasid(0x1000, PASID)).no_snoop);
	*table = 0x2000 | FS_URW;
	vtdsim_inv_piotlb_pasid(r->unit->cache, 1, PASID);
	KUNIT_EXPECT_TRUE(test, ask(r, rig_pasid(0x1000, PASID)).no_snoop);
}

/* No Write in the request: the page stays clean, and has no W. */
static void no_write_leaves_clean(struct kunit *test)
{
	struct rig *r = ats_rig(test);
	u64 *root = rig_page(test);
	void *page = rig_page(test);
	u64 *pte;

	rig_set_first(r, PASID, 1, root);
	rig_map_first(r, root, 0x1000, page, FS_URW);
	pte = rig_slot(test, root, 4, 1, 0x1000, FS_URW);
	ask(r, rig_pasid(0x1000, PASID));
	KUNIT_EXPECT_FALSE(test, *pte & FS_D);
	ask_write(r, rig_pasid(0x1000, PASID));
	KUNIT_EXPECT_TRUE(test, *pte & FS_D);

	/* A unit may ignore No Write */
	r->unit->caps.ecap &= ~ECAP_NWFS;
	*pte = virt_to_phys(page) | FS_URW;
	vtdsim_inv_iotlb_all(r->unit->cache);
	KUNIT_EXPECT_TRUE(test, ask(r, rig_pasid(0x1000, PASID)).write);
	KUNIT_EXPECT_TRUE(test, *pte & FS_D);
}

static void sizes(struct kunit *test)
{
	struct rig *r = ats_rig(test);
	u64 *root = rig_page(test);
	struct vtdsim_completion cpl;

	rig_set_first(r, PASID, 1, root);
	*rig_slot(test, root, 4, 2, 0x40000000, FS_URW) = 0x00600000 | PS | FS_URW;
	*rig_slot(test, root, 4, 3, 0x80000000, FS_URW) = 0x1c0000000 | PS | FS_URW;
	/* Interrupts in the last quarter, input or output */
	*rig_slot(test, root, 4, 3, 0xc0000000, FS_URW) = 0x1c0000000 | PS | FS_URW;
	*rig_slot(test, root, 4, 3, 0x100000000, FS_URW) = 0xc0000000 | PS | FS_URW;

	cpl = ask(r, rig_pasid(0x40123000, PASID));
	KUNIT_EXPECT_TRUE(test, cpl.size);
	KUNIT_EXPECT_EQ(test, cpl.addr, 0x006ff000);
	cpl = ask(r, rig_pasid(0xb0000000, PASID));
	KUNIT_EXPECT_TRUE(test, cpl.size);
	KUNIT_EXPECT_EQ(test, cpl.addr, 0x1dffff000);

	cpl = ask(r, rig_pasid(0xc0001000, PASID));
	KUNIT_EXPECT_EQ(test, cpl.addr, 0x1c0000000 | 0x0ffff000);
	cpl = ask(r, rig_pasid(0xfed00000, PASID));
	KUNIT_EXPECT_EQ(test, cpl.addr, 0x1fecff000);
	cpl = ask(r, rig_pasid(0xfee01000, PASID));
	KUNIT_EXPECT_FALSE(test, cpl.size);
	KUNIT_EXPECT_EQ(test, cpl.addr, 0x1fee01000);
	cpl = ask(r, rig_pasid(0x13ef00000, PASID));
	KUNIT_EXPECT_EQ(test, cpl.addr, 0xfef7f000);
	KUNIT_EXPECT_EQ(test, ask(r, rig_pasid(0x13ee00000, PASID)).reason, 0x87);
}

static void nested_size_is_the_smaller(struct kunit *test)
{
	struct rig *r = ats_rig(test);
	u64 *ss = rig_page(test);
	u64 *fs = rig_page(test);
	u64 *fs3 = rig_page(test);
	void *page = rig_page(test);

	rig_set_nested(r, PASID, 1, 0x10000, ss);
	rig_map_second(r, ss, 0x10000, fs, SS_RW);
	rig_map_second(r, ss, 0x11000, fs3, SS_RW);
	rig_map_second(r, ss, 0x40005000, page, SS_R);
	fs[0] = 0x11000 | FS_URW;
	fs3[1] = 0x40000000 | PS | FS_URW;
	KUNIT_EXPECT_EQ(test, ask(r, rig_pasid(0x40005000, PASID)).addr,
			virt_to_phys(page));
	KUNIT_EXPECT_FALSE(test, ask(r, rig_pasid(0x40005000, PASID)).size);
	KUNIT_EXPECT_FALSE(test, ask_write(r, rig_pasid(0x40005000, PASID)).write);
	expect_nothing(r, rig_pasid(0x40006000, PASID), 0x79);
}

/* Not for a page request to mend: recorded, and no translation */
static void refusals(struct kunit *test)
{
	struct rig *r = ats_rig(test);
	struct vtdsim_req req = rig_rid(0x1000);
	u64 *root = rig_page(test);
	u64 *pte;

	rig_set_first(r, PASID, 1, root);
	rig_set_pass(r, PASID + 1, 2);
	req.sid = SID_NONE;
	expect_refused(r, req, UR, 0x39);
	expect_refused(r, rig_pasid(0x1000, 0x2000), UR, 0x46);
	expect_refused(r, rig_pasid(0x1000, RID_PASID), UR, 0x48);
	r->unit->caps.ecap ^= (19ULL ^ 5ULL) << 35;
	expect_refused(r, rig_pasid(0x1000, PASID), UR, 0x89);
	r->unit->caps.ecap ^= (19ULL ^ 5ULL) << 35;
	expect_refused(r, rig_pasid(0xfee00000, PASID + 1), CA, 0x87);

	rig_set_pass(r, PASID + 3, 3);
	rig_entry(r, PASID + 3)[0] |= BIT_ULL(5);
	expect_refused(r, rig_pasid(0x1000, PASID + 3), CA, 0x5a);
	rig_set_pass(r, PASID + 4, 3);
	rig_entry(r, PASID + 4)[0] |= 7 << 6;
	expect_refused(r, rig_pasid(0x1000, PASID + 4), CA, 0x5b);
	rig_set_second(r, PASID + 5, 4, root);
	pte = rig_slot(test, root, 4, 1, 0x1000, SS_RW);
	*pte = BIT_ULL(50) | SS_RW;
	expect_refused(r, rig_pasid(0x1000, PASID + 5), CA, 0x7a);
	*rig_slot(test, root, 4, 4, BIT_ULL(39), SS_RW) = BIT_ULL(45) | SS_RW;
	expect_refused(r, rig_pasid(BIT_ULL(39), PASID + 5), CA, 0x78);

	/* Without FPD. With it, nothing is recorded. */
	rig_entry(r, PASID + 5)[0] |= FPD;
	vtdsim_inv_pasid_all(r->unit->cache);
	KUNIT_EXPECT_EQ(test, ask(r, rig_pasid(0x1000, PASID + 5)).status, CA);
	KUNIT_EXPECT_EQ(test, recorded(r), 0);

	vtdsim_inv_context_all(r->unit->cache);
	r->ctx[0] &= ~CTX_PASIDE;
	expect_refused(r, rig_pasid(0x1000, PASID), UR, 0x45);
	vtdsim_inv_context_all(r->unit->cache);
	r->ctx[0] |= BIT_ULL(5);
	expect_refused(r, rig_pasid(0x1000, PASID), CA, 0x42);
	r->unit->rtaddr &= ~BIT_ULL(10);
	expect_refused(r, rig_pasid(0x1000, PASID), UR, 0x31);
	expect_refused(r, rig_rid(0x1000), CA, 0x30);
}

/* The tables give nothing: no error for a request that only asks */
static void nothing_there(struct kunit *test)
{
	struct rig *r = ats_rig(test);
	struct vtdsim_req req = rig_pasid(0x1000, PASID);
	u64 *root = rig_page(test);
	u64 *pte = rig_slot(test, root, 4, 1, 0x1000, FS_URW);

	rig_set_first(r, PASID, 1, root);
	rig_set_pass(r, PASID + 1, 2);
	expect_nothing(r, rig_pasid(0x1000, 200), 0x51);
	expect_nothing(r, rig_pasid(0x1000, PASID + 2), 0x59);
	expect_nothing(r, rig_pasid(BIT_ULL(47), PASID), 0x80);
	expect_nothing(r, rig_pasid(BIT_ULL(46), PASID + 1), 0x83);
	rig_set_second(r, PASID + 3, 3, root);
	expect_nothing(r, rig_pasid(BIT_ULL(48), PASID + 3), 0x84);
	req.exec = true;
	expect_nothing(r, req, 0x5c);
	req.exec = false;
	req.priv = true;
	expect_nothing(r, req, 0x5d);
	*pte = BIT_ULL(50) | FS_URW;
	expect_nothing(r, rig_pasid(0x1000, PASID), 0x72);
	*rig_slot(test, root, 4, 4, BIT_ULL(39), FS_URW) = BIT_ULL(45) | FS_URW;
	expect_nothing(r, rig_pasid(BIT_ULL(39), PASID), 0x70);
	rig_set_first(r, PASID + 4, 1, phys_to_virt(BIT_ULL(45)));
	expect_nothing(r, rig_pasid(0x1000, PASID + 4), 0x73);
	/* Flags cannot be set */
	*pte = FS_URW;
	rig_entry(r, PASID + 5)[2] = virt_to_phys(root);
	rig_entry(r, PASID + 5)[1] = 6;
	rig_entry(r, PASID + 5)[0] = 1 << 6 | PRESENT;
	root[0] &= ~BIT_ULL(5);
	expect_nothing(r, rig_pasid(0x1000, PASID + 5), 0x90);
}

static void interrupts_stay_untranslated(struct kunit *test)
{
	struct rig *r = ats_rig(test);
	struct vtdsim_completion cpl;

	rig_set_pass(r, RID_PASID, 1);
	cpl = ask_write(r, rig_rid(0xfee12000));
	KUNIT_EXPECT_EQ(test, cpl.status, OK);
	KUNIT_EXPECT_EQ(test, cpl.addr, 0xfee12000);
	KUNIT_EXPECT_FALSE(test, cpl.size);
	KUNIT_EXPECT_FALSE(test, cpl.read);
	KUNIT_EXPECT_TRUE(test, cpl.write);
	KUNIT_EXPECT_TRUE(test, cpl.untranslated);
	KUNIT_EXPECT_EQ(test, recorded(r), 0);

	/* Nobody reads interrupts */
	cpl = ask(r, rig_rid(0xfee12000));
	KUNIT_EXPECT_EQ(test, cpl.status, OK);
	KUNIT_EXPECT_FALSE(test, cpl.read || cpl.write || cpl.untranslated);
	KUNIT_EXPECT_EQ(test, recorded(r), 0);
}

static void pass_through(struct kunit *test)
{
	struct rig *r = ats_rig(test);
	struct vtdsim_completion cpl;

	rig_set_pass(r, RID_PASID, 1);
	cpl = ask_write(r, rig_rid(0x123456000));
	KUNIT_EXPECT_EQ(test, cpl.addr, 0x123456000);
	KUNIT_EXPECT_TRUE(test, cpl.read);
	KUNIT_EXPECT_TRUE(test, cpl.write);
	KUNIT_EXPECT_FALSE(test, cpl.untranslated);
}

/* A cached "no" stays, as for other requests, until the page is asked for. */
static void sees_upgrades(struct kunit *test)
{
	struct rig *r = ats_rig(test);
	u64 *root = rig_page(test);
	void *page = rig_page(test);

	rig_set_first(r, PASID, 1, root);
	rig_map_first(r, root, 0x1000, page, FS_UR);
	KUNIT_EXPECT_FALSE(test, ask_write(r, rig_pasid(0x1000, PASID)).write);
	rig_map_first(r, root, 0x1000, page, FS_URW);
	KUNIT_EXPECT_FALSE(test, ask_write(r, rig_pasid(0x1000, PASID)).write);
	vtdsim_inv_piotlb_pages(r->unit->cache, 1, PASID, 0x1000, 0, false);
	KUNIT_EXPECT_TRUE(test, ask_write(r, rig_pasid(0x1000, PASID)).write);
}

static struct kunit_case ats_cases[] = {
	KUNIT_CASE(needs_translation_enabled),
	KUNIT_CASE(needs_dte),
	KUNIT_CASE(rights_of_first_stage),
	KUNIT_CASE(rights_of_second_stage),
	KUNIT_CASE(snoop),
	KUNIT_CASE(no_write_leaves_clean),
	KUNIT_CASE(sizes),
	KUNIT_CASE(nested_size_is_the_smaller),
	KUNIT_CASE(refusals),
	KUNIT_CASE(nothing_there),
	KUNIT_CASE(interrupts_stay_untranslated),
	KUNIT_CASE(pass_through),
	KUNIT_CASE(sees_upgrades),
	{}
};

static struct kunit_suite ats_suite = {
	.name = "vtdsim-ats",
	.test_cases = ats_cases,
};

kunit_test_suite(ats_suite);
