// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of translation requests, with tables in real memory: every field of a
 * completion, and which faults are recorded.
 */
#include <linux/io.h>
#include <linux/sizes.h>

#include "fixture_dma.h"
#include "kunit_case.h"

#define UR		VTDSIM_CPL_UR
#define CA		VTDSIM_CPL_CA
#define OK		VTDSIM_CPL_SUCCESS

static struct vtdsim_test_dma *ats_new(struct kunit *test)
{
	struct vtdsim_test_dma *d = vtdsim_test_dma_new(test);

	d->unit->caps.ecap |= ECAP_DT | ECAP_NWFS;
	d->ctx[0] |= CTX_DTE;
	return d;
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

static struct vtdsim_completion ats_ask(struct vtdsim_test_dma *d, struct vtdsim_req req)
{
	struct asked a = { .req = &req };

	vtdsim_reg_set32(d->unit, FSTS, 0);
	vtdsim_reg_set64(d->unit, DMA_FRCD_HIGH, 0);
	KUNIT_ASSERT_EQ(d->test, 0, vtdsim_transact(d->unit, ask_locked, &a));
	return a.cpl;
}

static struct vtdsim_completion ask_write(struct vtdsim_test_dma *d, struct vtdsim_req req)
{
	req.write = true;
	return ats_ask(d, req);
}

static void expect_refused(struct vtdsim_test_dma *d, struct vtdsim_req req,
			   enum vtdsim_completion_status status, u8 reason)
{
	u64 faults = d->unit->stats.faults;
	struct vtdsim_completion cpl = ask_write(d, req);

	KUNIT_EXPECT_EQ_MSG(d->test, cpl.status, status, "reason %#x", reason);
	KUNIT_EXPECT_EQ(d->test, cpl.reason, reason);
	KUNIT_EXPECT_EQ(d->test, recorded_fault(d) >> 32 & 0xff, reason);
	/* A read (T1), by a translation request */
	KUNIT_EXPECT_EQ(d->test, recorded_fault(d) >> 60, 0xd);
	KUNIT_EXPECT_EQ(d->test, recorded_fault(d) >> 28 & 1, 0);
	KUNIT_EXPECT_EQ(d->test, d->unit->stats.faults, faults + 1);
}

static void expect_nothing(struct vtdsim_test_dma *d, struct vtdsim_req req, u8 reason)
{
	u64 faults = d->unit->stats.faults;
	struct vtdsim_completion cpl = ats_ask(d, req);

	KUNIT_EXPECT_EQ(d->test, cpl.status, OK);
	KUNIT_EXPECT_FALSE(d->test, cpl.read);
	KUNIT_EXPECT_FALSE(d->test, cpl.write);
	KUNIT_EXPECT_FALSE(d->test, cpl.exec);
	KUNIT_EXPECT_EQ(d->test, cpl.reason, reason);
	KUNIT_EXPECT_EQ(d->test, recorded_fault(d), 0);
	KUNIT_EXPECT_EQ(d->test, d->unit->stats.faults, faults);
}

static void needs_translation_enabled(struct kunit *test)
{
	struct vtdsim_test_dma *d = ats_new(test);

	vtdsim_test_set_pass(d, RID_PASID, 1);
	KUNIT_EXPECT_EQ(test, ats_ask(d, rid_req(0x1000)).status, OK);
	vtdsim_reg_set32(d->unit, GSTS, 0);
	KUNIT_EXPECT_EQ(test, ats_ask(d, rid_req(0x1000)).status, UR);
	KUNIT_EXPECT_EQ(test, recorded_fault(d), 0);
}

static void needs_dte(struct kunit *test)
{
	struct vtdsim_test_dma *d = ats_new(test);

	vtdsim_test_set_pass(d, RID_PASID, 1);
	d->ctx[0] &= ~CTX_DTE;
	expect_refused(d, rid_req(0x1000), UR, 0x44);
	d->ctx[0] |= FPD;
	KUNIT_EXPECT_EQ(test, ats_ask(d, rid_req(0x5000)).status, UR);
	vtdsim_inv_context_all(d->unit->cache);
	KUNIT_EXPECT_EQ(test, ats_ask(d, rid_req(0x1000)).reason, 0x44);
	KUNIT_EXPECT_EQ(test, recorded_fault(d), 0);
}

static void rights_of_first_stage(struct kunit *test)
{
	struct vtdsim_test_dma *d = ats_new(test);
	u64 *root = vtdsim_test_page(test);
	void *page = vtdsim_test_page(test);
	struct vtdsim_completion cpl;

	vtdsim_test_set_first(d, PASID, 1, root);
	vtdsim_test_map_first(d, root, 0x1000, page, FS_URW);
	vtdsim_test_map_first(d, root, 0x2000, page, FS_UR);
	vtdsim_test_map_first(d, root, 0x3000, page, FS_URW | FS_XD);
	vtdsim_test_map_first(d, root, 0x4000, page, FS_P);

	/* A right is returned only if it was asked for. */
	cpl = ats_ask(d, pasid_req(0x1000, PASID));
	KUNIT_EXPECT_EQ(test, cpl.addr, virt_to_phys(page));
	KUNIT_EXPECT_FALSE(test, cpl.size);
	KUNIT_EXPECT_TRUE(test, cpl.read);
	KUNIT_EXPECT_FALSE(test, cpl.write);
	KUNIT_EXPECT_FALSE(test, cpl.exec);
	KUNIT_EXPECT_FALSE(test, cpl.priv);
	KUNIT_EXPECT_FALSE(test, cpl.untranslated);
	KUNIT_EXPECT_FALSE(test, cpl.no_snoop);
	KUNIT_EXPECT_TRUE(test, ask_write(d, pasid_req(0x1000, PASID)).write);

	/* Less than what was asked for */
	cpl = ask_write(d, pasid_req(0x2000, PASID));
	KUNIT_EXPECT_TRUE(test, cpl.read);
	KUNIT_EXPECT_FALSE(test, cpl.write);
	KUNIT_EXPECT_EQ(test, cpl.reason, 0x85);
	KUNIT_EXPECT_EQ(test, recorded_fault(d), 0);

	/* Execute-disable is ignored: execution is never allowed */
	cpl = ask_write(d, pasid_req(0x3000, PASID));
	KUNIT_EXPECT_TRUE(test, cpl.read);
	KUNIT_EXPECT_TRUE(test, cpl.write);
	KUNIT_EXPECT_FALSE(test, cpl.exec);

	/* A page request may resolve these */
	expect_nothing(d, pasid_req(0x4000, PASID), 0x81);
	expect_nothing(d, pasid_req(0x5000, PASID), 0x71);
}

static void rights_of_second_stage(struct kunit *test)
{
	struct vtdsim_test_dma *d = ats_new(test);
	u64 *root = vtdsim_test_page(test);
	void *page = vtdsim_test_page(test);
	struct vtdsim_completion cpl;

	vtdsim_test_set_second(d, RID_PASID, 1, root);
	vtdsim_test_pasid_entry(d, RID_PASID)[1] |= PE_PGSNP;
	vtdsim_test_map_second(d, root, 0x1000, page, SS_R);
	vtdsim_test_map_second(d, root, 0x2000, page, SS_W);
	vtdsim_test_map_second(d, root, 0x3000, page, SS_RW);

	cpl = ask_write(d, rid_req(0x1000));
	KUNIT_EXPECT_TRUE(test, cpl.read);
	KUNIT_EXPECT_FALSE(test, cpl.write);
	KUNIT_EXPECT_TRUE(test, cpl.no_snoop);
	cpl = ask_write(d, rid_req(0x2000));
	KUNIT_EXPECT_FALSE(test, cpl.read);
	KUNIT_EXPECT_TRUE(test, cpl.write);
	KUNIT_EXPECT_EQ(test, cpl.reason, 0x86);
	cpl = ask_write(d, rid_req(0x3000));
	KUNIT_EXPECT_TRUE(test, cpl.read);
	KUNIT_EXPECT_TRUE(test, cpl.write);
	expect_nothing(d, rid_req(0x2000), 0x86);
	expect_nothing(d, rid_req(0x4000), 0x79);
}

/* The second-stage leaf of the page may ask for snooping, too (table 10). */
static void ats_snoop(struct kunit *test)
{
	struct vtdsim_test_dma *d = ats_new(test);
	u64 *ss = vtdsim_test_page(test), *fs = vtdsim_test_page(test);
	void *page = vtdsim_test_page(test);
	u64 *table = &fs[1];

	vtdsim_test_set_second(d, RID_PASID, 1, ss);
	vtdsim_test_map_second(d, ss, 0x1000, page, SS_RW);
	vtdsim_test_map_second(d, ss, 0x2000, page, SS_RW | SS_SNP);
	KUNIT_EXPECT_FALSE(test, ats_ask(d, rid_req(0x1000)).no_snoop);
	KUNIT_EXPECT_TRUE(test, ats_ask(d, rid_req(0x2000)).no_snoop);
	KUNIT_EXPECT_TRUE(test, ats_ask(d, rid_req(0x2000)).no_snoop);

	/* Nested: the page counts, not the tables */
	vtdsim_test_set_nested(d, PASID, 1, 0x10000, ss);
	vtdsim_test_map_second(d, ss, 0x10000, fs, SS_RW | SS_SNP);
	fs[0] = 0x10000 | FS_URW;
	*table = 0x1000 | FS_URW;
	KUNIT_EXPECT_FALSE(test, ats_ask(d, pasid_req(0x1000, PASID)).no_snoop);
	*table = 0x2000 | FS_URW;
	vtdsim_inv_piotlb_pasid(d->unit->cache, 1, PASID);
	KUNIT_EXPECT_TRUE(test, ats_ask(d, pasid_req(0x1000, PASID)).no_snoop);
}

/* A request with No Write leaves the page clean and gets no W. */
static void no_write_leaves_clean(struct kunit *test)
{
	struct vtdsim_test_dma *d = ats_new(test);
	u64 *root = vtdsim_test_page(test);
	void *page = vtdsim_test_page(test);
	u64 *pte;

	vtdsim_test_set_first(d, PASID, 1, root);
	vtdsim_test_map_first(d, root, 0x1000, page, FS_URW);
	pte = vtdsim_test_pte(test, root, 4, 1, 0x1000, FS_URW);
	ats_ask(d, pasid_req(0x1000, PASID));
	KUNIT_EXPECT_FALSE(test, *pte & FS_D);
	ask_write(d, pasid_req(0x1000, PASID));
	KUNIT_EXPECT_TRUE(test, *pte & FS_D);

	/* A unit may ignore No Write */
	d->unit->caps.ecap &= ~ECAP_NWFS;
	*pte = virt_to_phys(page) | FS_URW;
	vtdsim_inv_iotlb_all(d->unit->cache);
	KUNIT_EXPECT_TRUE(test, ats_ask(d, pasid_req(0x1000, PASID)).write);
	KUNIT_EXPECT_TRUE(test, *pte & FS_D);
}

static void ats_sizes(struct kunit *test)
{
	struct vtdsim_test_dma *d = ats_new(test);
	u64 *root = vtdsim_test_page(test);
	struct vtdsim_completion cpl;

	vtdsim_test_set_first(d, PASID, 1, root);
	*vtdsim_test_pte(test, root, 4, 2, 0x40000000, FS_URW) = 0x00600000 | PTE_PS | FS_URW;
	*vtdsim_test_pte(test, root, 4, 3, 0x80000000, FS_URW) = 0x1c0000000 | PTE_PS | FS_URW;
	/* The interrupt range is in the last quarter, of the input or of the output */
	*vtdsim_test_pte(test, root, 4, 3, 0xc0000000, FS_URW) = 0x1c0000000 | PTE_PS | FS_URW;
	*vtdsim_test_pte(test, root, 4, 3, 0x100000000, FS_URW) = 0xc0000000 | PTE_PS | FS_URW;

	cpl = ats_ask(d, pasid_req(0x40123000, PASID));
	KUNIT_EXPECT_TRUE(test, cpl.size);
	KUNIT_EXPECT_EQ(test, cpl.addr, 0x006ff000);
	cpl = ats_ask(d, pasid_req(0xb0000000, PASID));
	KUNIT_EXPECT_TRUE(test, cpl.size);
	KUNIT_EXPECT_EQ(test, cpl.addr, 0x1dffff000);

	cpl = ats_ask(d, pasid_req(0xc0001000, PASID));
	KUNIT_EXPECT_EQ(test, cpl.addr, 0x1c0000000 | 0x0ffff000);
	cpl = ats_ask(d, pasid_req(0xfed00000, PASID));
	KUNIT_EXPECT_EQ(test, cpl.addr, 0x1fecff000);
	cpl = ats_ask(d, pasid_req(0xfee01000, PASID));
	KUNIT_EXPECT_FALSE(test, cpl.size);
	KUNIT_EXPECT_EQ(test, cpl.addr, 0x1fee01000);
	cpl = ats_ask(d, pasid_req(0xfee81000, PASID));
	KUNIT_EXPECT_FALSE(test, cpl.size);
	KUNIT_EXPECT_EQ(test, cpl.addr, 0x1fee81000);
	cpl = ats_ask(d, pasid_req(0x13ef00000, PASID));
	KUNIT_EXPECT_EQ(test, cpl.addr, 0xfef7f000);
	KUNIT_EXPECT_EQ(test, ats_ask(d, pasid_req(0x13ee00000, PASID)).reason, 0x87);
}

static void nested_size_is_the_smaller(struct kunit *test)
{
	struct vtdsim_test_dma *d = ats_new(test);
	u64 *ss = vtdsim_test_page(test);
	u64 *fs = vtdsim_test_page(test);
	u64 *fs3 = vtdsim_test_page(test);
	void *page = vtdsim_test_page(test);

	vtdsim_test_set_nested(d, PASID, 1, 0x10000, ss);
	vtdsim_test_map_second(d, ss, 0x10000, fs, SS_RW);
	vtdsim_test_map_second(d, ss, 0x11000, fs3, SS_RW);
	vtdsim_test_map_second(d, ss, 0x40005000, page, SS_R);
	fs[0] = 0x11000 | FS_URW;
	fs3[1] = 0x40000000 | PTE_PS | FS_URW;
	KUNIT_EXPECT_EQ(test, ats_ask(d, pasid_req(0x40005000, PASID)).addr, virt_to_phys(page));
	KUNIT_EXPECT_FALSE(test, ats_ask(d, pasid_req(0x40005000, PASID)).size);
	KUNIT_EXPECT_FALSE(test, ask_write(d, pasid_req(0x40005000, PASID)).write);
	expect_nothing(d, pasid_req(0x40006000, PASID), 0x79);
}

/* Faults that no page request can resolve are recorded, and nothing is translated. */
static void ats_refusals(struct kunit *test)
{
	struct vtdsim_test_dma *d = ats_new(test);
	struct vtdsim_req req = rid_req(0x1000);
	u64 *root = vtdsim_test_page(test);
	u64 *pte;

	vtdsim_test_set_first(d, PASID, 1, root);
	vtdsim_test_set_pass(d, PASID + 1, 2);
	req.sid = SID_NONE;
	expect_refused(d, req, UR, 0x39);
	expect_refused(d, pasid_req(0x1000, 0x2000), UR, 0x46);
	expect_refused(d, pasid_req(0x1000, RID_PASID), UR, 0x48);
	d->unit->caps.ecap ^= (19ULL ^ 5ULL) << 35;
	expect_refused(d, pasid_req(0x1000, PASID), UR, 0x89);
	d->unit->caps.ecap ^= (19ULL ^ 5ULL) << 35;
	expect_refused(d, pasid_req(0xfee00000, PASID + 1), CA, 0x87);

	vtdsim_test_set_pass(d, PASID + 3, 3);
	vtdsim_test_pasid_entry(d, PASID + 3)[0] |= BIT_ULL(5);
	expect_refused(d, pasid_req(0x1000, PASID + 3), CA, 0x5a);
	vtdsim_test_set_pass(d, PASID + 4, 3);
	vtdsim_test_pasid_entry(d, PASID + 4)[0] |= 7 << 6;
	expect_refused(d, pasid_req(0x1000, PASID + 4), CA, 0x5b);
	vtdsim_test_set_second(d, PASID + 5, 4, root);
	pte = vtdsim_test_pte(test, root, 4, 1, 0x1000, SS_RW);
	*pte = BIT_ULL(50) | SS_RW;
	expect_refused(d, pasid_req(0x1000, PASID + 5), CA, 0x7a);
	*vtdsim_test_pte(test, root, 4, 4, BIT_ULL(39), SS_RW) = BIT_ULL(45) | SS_RW;
	expect_refused(d, pasid_req(BIT_ULL(39), PASID + 5), CA, 0x78);

	/* With FPD nothing is recorded. */
	vtdsim_test_pasid_entry(d, PASID + 5)[0] |= FPD;
	vtdsim_inv_pasid_all(d->unit->cache);
	KUNIT_EXPECT_EQ(test, ats_ask(d, pasid_req(0x1000, PASID + 5)).status, CA);
	KUNIT_EXPECT_EQ(test, recorded_fault(d), 0);

	vtdsim_inv_context_all(d->unit->cache);
	d->ctx[0] &= ~CTX_PASIDE;
	expect_refused(d, pasid_req(0x1000, PASID), UR, 0x45);
	vtdsim_inv_context_all(d->unit->cache);
	d->ctx[0] |= BIT_ULL(5);
	expect_refused(d, pasid_req(0x1000, PASID), CA, 0x42);
	d->unit->rtaddr &= ~BIT_ULL(10);
	expect_refused(d, pasid_req(0x1000, PASID), UR, 0x31);
	expect_refused(d, rid_req(0x1000), CA, 0x30);
}

/* Tables that grant nothing are no error for a translation request. */
static void nothing_there(struct kunit *test)
{
	struct vtdsim_test_dma *d = ats_new(test);
	struct vtdsim_req req = pasid_req(0x1000, PASID);
	u64 *root = vtdsim_test_page(test);
	u64 *pte = vtdsim_test_pte(test, root, 4, 1, 0x1000, FS_URW);

	vtdsim_test_set_first(d, PASID, 1, root);
	vtdsim_test_set_pass(d, PASID + 1, 2);
	expect_nothing(d, pasid_req(0x1000, 200), 0x51);
	expect_nothing(d, pasid_req(0x1000, PASID + 2), 0x59);
	expect_nothing(d, pasid_req(BIT_ULL(47), PASID), 0x80);
	expect_nothing(d, pasid_req(BIT_ULL(46), PASID + 1), 0x83);
	vtdsim_test_set_second(d, PASID + 3, 3, root);
	expect_nothing(d, pasid_req(BIT_ULL(48), PASID + 3), 0x84);
	req.exec = true;
	expect_nothing(d, req, 0x5c);
	req.exec = false;
	req.priv = true;
	expect_nothing(d, req, 0x5d);
	*pte = BIT_ULL(50) | FS_URW;
	expect_nothing(d, pasid_req(0x1000, PASID), 0x72);
	*vtdsim_test_pte(test, root, 4, 4, BIT_ULL(39), FS_URW) = BIT_ULL(45) | FS_URW;
	expect_nothing(d, pasid_req(BIT_ULL(39), PASID), 0x70);
	vtdsim_test_set_first(d, PASID + 4, 1, phys_to_virt(BIT_ULL(45)));
	expect_nothing(d, pasid_req(0x1000, PASID + 4), 0x73);
	/* Flags cannot be set */
	*pte = FS_URW;
	vtdsim_test_pasid_entry(d, PASID + 5)[2] = virt_to_phys(root);
	vtdsim_test_pasid_entry(d, PASID + 5)[1] = 6;
	vtdsim_test_pasid_entry(d, PASID + 5)[0] = 1 << 6 | PRESENT;
	root[0] &= ~BIT_ULL(5);
	expect_nothing(d, pasid_req(0x1000, PASID + 5), 0x90);
}

static void interrupts_stay_untranslated(struct kunit *test)
{
	struct vtdsim_test_dma *d = ats_new(test);
	struct vtdsim_completion cpl;

	vtdsim_test_set_pass(d, RID_PASID, 1);
	cpl = ask_write(d, rid_req(0xfee12000));
	KUNIT_EXPECT_EQ(test, cpl.status, OK);
	KUNIT_EXPECT_EQ(test, cpl.addr, 0xfee12000);
	KUNIT_EXPECT_FALSE(test, cpl.size);
	KUNIT_EXPECT_FALSE(test, cpl.read);
	KUNIT_EXPECT_TRUE(test, cpl.write);
	KUNIT_EXPECT_TRUE(test, cpl.untranslated);
	KUNIT_EXPECT_EQ(test, recorded_fault(d), 0);

	/* The interrupt range cannot be read */
	cpl = ats_ask(d, rid_req(0xfee12000));
	KUNIT_EXPECT_EQ(test, cpl.status, OK);
	KUNIT_EXPECT_FALSE(test, cpl.read || cpl.write || cpl.untranslated);
	KUNIT_EXPECT_EQ(test, recorded_fault(d), 0);
}

static void pass_through(struct kunit *test)
{
	struct vtdsim_test_dma *d = ats_new(test);
	struct vtdsim_completion cpl;

	vtdsim_test_set_pass(d, RID_PASID, 1);
	cpl = ask_write(d, rid_req(0x123456000));
	KUNIT_EXPECT_EQ(test, cpl.addr, 0x11ffff000);
	KUNIT_EXPECT_TRUE(test, cpl.size);
	KUNIT_EXPECT_TRUE(test, cpl.read);
	KUNIT_EXPECT_TRUE(test, cpl.write);
	KUNIT_EXPECT_FALSE(test, cpl.untranslated);

	/* In the gigabyte that has the interrupts, as much as has none */
	KUNIT_EXPECT_EQ(test, ask_write(d, rid_req(0xd2345000)).addr, 0xcffff000);

	/* The largest page is that of any stage; without large pages there is still 4 KiB. */
	d->unit->caps.cap &= ~CAP_SPS_1G;
	KUNIT_EXPECT_EQ(test, ask_write(d, rid_req(0x123456000)).addr, 0x11ffff000);
	d->unit->caps.cap &= ~CAP_FS1GP;
	KUNIT_EXPECT_EQ(test, ask_write(d, rid_req(0x123456000)).addr, 0x1234ff000);
	d->unit->caps.ecap &= ~ECAP_FSTS;
	KUNIT_EXPECT_EQ(test, ask_write(d, rid_req(0x123456000)).addr, 0x1234ff000);
	d->unit->caps.cap &= ~CAP_SPS_2M;
	cpl = ask_write(d, rid_req(0x123456000));
	KUNIT_EXPECT_EQ(test, cpl.addr, 0x123456000);
	KUNIT_EXPECT_FALSE(test, cpl.size);
}

/* A cached denial stays until it is invalidated, as for other requests. */
static void sees_upgrades(struct kunit *test)
{
	struct vtdsim_test_dma *d = ats_new(test);
	u64 *root = vtdsim_test_page(test);
	void *page = vtdsim_test_page(test);

	vtdsim_test_set_first(d, PASID, 1, root);
	vtdsim_test_map_first(d, root, 0x1000, page, FS_UR);
	KUNIT_EXPECT_FALSE(test, ask_write(d, pasid_req(0x1000, PASID)).write);
	vtdsim_test_map_first(d, root, 0x1000, page, FS_URW);
	KUNIT_EXPECT_FALSE(test, ask_write(d, pasid_req(0x1000, PASID)).write);
	vtdsim_inv_piotlb_pages(d->unit->cache, 1, PASID, 0x1000, 0, false);
	KUNIT_EXPECT_TRUE(test, ask_write(d, pasid_req(0x1000, PASID)).write);
}

/* RID_PRIV gives privilege, which a completion without PASID does not show. */
static void rid_privilege(struct kunit *test)
{
	struct vtdsim_test_dma *d = ats_new(test);
	u64 *root = vtdsim_test_page(test);
	struct vtdsim_completion cpl;

	d->unit->caps.ecap |= ECAP_RPRIVS;
	d->ctx[1] |= BIT_ULL(20);
	vtdsim_test_set_first(d, RID_PASID, 1, root);
	vtdsim_test_pasid_entry(d, RID_PASID)[2] |= PE_SRE;
	vtdsim_test_map_first(d, root, 0x1000, vtdsim_test_page(test), FS_P | FS_RW);
	cpl = ask_write(d, rid_req(0x1000));
	KUNIT_EXPECT_TRUE(test, cpl.read);
	KUNIT_EXPECT_TRUE(test, cpl.write);
	KUNIT_EXPECT_FALSE(test, cpl.priv);
}

/* Privilege shows in each completion of a request for it, also if it got no rights. */
static void privilege_without_rights(struct kunit *test)
{
	struct vtdsim_test_dma *d = ats_new(test);
	struct vtdsim_req req = pasid_req(0x1000, PASID);
	u64 *root = vtdsim_test_page(test);
	struct vtdsim_completion cpl;

	/* Nothing is mapped; then the entry does not have SRE. */
	req.priv = true;
	vtdsim_test_set_first(d, PASID, 1, root);
	vtdsim_test_pasid_entry(d, PASID)[2] |= PE_SRE;
	cpl = ats_ask(d, req);
	KUNIT_EXPECT_EQ(test, cpl.reason, 0x71);
	KUNIT_EXPECT_TRUE(test, cpl.priv);
	vtdsim_test_set_first(d, PASID + 1, 1, root);
	vtdsim_test_map_first(d, root, 0x1000, vtdsim_test_page(test), FS_URW);
	req.pasid = PASID + 1;
	cpl = ats_ask(d, req);
	KUNIT_EXPECT_EQ(test, cpl.reason, 0x5d);
	KUNIT_EXPECT_FALSE(test, cpl.read || cpl.write);
	KUNIT_EXPECT_TRUE(test, cpl.priv);
	req.priv = false;
	KUNIT_EXPECT_FALSE(test, ats_ask(d, req).priv);
}

static struct kunit_case ats_cases[] = {
	KUNIT_CASE(needs_translation_enabled),
	KUNIT_CASE(needs_dte),
	KUNIT_CASE(rights_of_first_stage),
	KUNIT_CASE(rights_of_second_stage),
	VTDSIM_CASE(ats, snoop),
	KUNIT_CASE(no_write_leaves_clean),
	VTDSIM_CASE(ats, sizes),
	KUNIT_CASE(nested_size_is_the_smaller),
	VTDSIM_CASE(ats, refusals),
	KUNIT_CASE(nothing_there),
	KUNIT_CASE(interrupts_stay_untranslated),
	KUNIT_CASE(pass_through),
	KUNIT_CASE(sees_upgrades),
	KUNIT_CASE(rid_privilege),
	KUNIT_CASE(privilege_without_rights),
	{}
};

static struct kunit_suite ats_suite = {
	.name = "vtdsim-ats",
	.test_cases = ats_cases,
};

kunit_test_suite(ats_suite);
