// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of decoding the root table, context tables and PASID directories.
 * Entries are plain numbers here, counted out from the figures of chapter 9
 * of the VT-d specification.
 */
#include "fixture_entries.h"

static void tables_root(struct kunit *test)
{
	struct tables *t = tables_new(test);
	u64 good = *t->e.root;
	int bit;

	KUNIT_EXPECT_EQ(test, tables_context(t), 0);
	for (bit = 0; bit < 64; bit++) {
		u64 flip = BIT_ULL(bit);

		if (bit == 0 || (bit >= 12 && bit < TEST_HAW))
			continue;
		*t->e.root = good | flip;
		KUNIT_EXPECT_EQ_MSG(test, tables_context(t),
				    VTDSIM_FR_ROOT_RESERVED, "bit %d", bit);
		*t->e.root = (good | flip) & ~1ULL;
		KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_ROOT_PRESENT);
	}
	*t->e.root = good;
	/* The other half and the neighbours are ignored */
	t->e.root[-1] = ~0ULL;
	t->e.root[1] = ~0ULL;
	KUNIT_EXPECT_EQ(test, tables_context(t), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_fetch_context(&t->caps, t->e.rtaddr, SID & ~0x80, &t->ctx),
			VTDSIM_FR_ROOT_RESERVED);
	*t->e.root = TEST_HOLE | 1;
	KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_CTX_ACCESS);

	t->e.rtaddr ^= 1 << 10;
	KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_RTA_INVALID);
	t->e.rtaddr |= 2 << 10;
	KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_RTA_INVALID);
	t->e.rtaddr |= 3 << 10;
	KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_RTA_INVALID);
	t->e.rtaddr = TEST_HOLE | 1 << 10;
	KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_ROOT_ACCESS);
}

static void tables_context_fields(struct kunit *test)
{
	struct tables *t = tables_new(test);
	u64 dir = t->e.ctx[0] & ~0xfffULL;
	int pdts;

	for (pdts = 0; pdts < 8; pdts++) {
		t->e.ctx[0] = dir | pdts << 9 | 1;
		KUNIT_EXPECT_EQ(test, tables_context(t), 0);
		KUNIT_EXPECT_EQ(test, t->ctx.pasids, 1U << (13 + pdts));
		KUNIT_EXPECT_EQ(test, t->ctx.pasid_dir, dir);
		KUNIT_EXPECT_EQ(test, t->ctx.rid_pasid, 0);
		KUNIT_EXPECT_FALSE(test, t->ctx.fpd | t->ctx.dte | t->ctx.pre |
					 t->ctx.pasid_en | t->ctx.rid_priv);
	}
	t->e.ctx[0] = dir | 1 << 1 | 1;
	KUNIT_EXPECT_EQ(test, tables_context(t), 0);
	KUNIT_EXPECT_TRUE(test, t->ctx.fpd);
	t->e.ctx[0] = dir | 1 << 1;
	KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_CTX_PRESENT);
	KUNIT_EXPECT_TRUE(test, t->ctx.fpd);
	t->e.ctx[0] = dir | 1 << 2 | 1;
	KUNIT_EXPECT_EQ(test, tables_context(t), 0);
	KUNIT_EXPECT_TRUE(test, t->ctx.dte);
	t->e.ctx[0] = dir | 1 << 3 | 1;
	KUNIT_EXPECT_EQ(test, tables_context(t), 0);
	KUNIT_EXPECT_TRUE(test, t->ctx.pasid_en);
	t->e.ctx[0] = dir | 1 << 4 | 1 << 2 | 1;
	KUNIT_EXPECT_EQ(test, tables_context(t), 0);
	KUNIT_EXPECT_TRUE(test, t->ctx.pre);
	/* Page requests come from device-TLBs */
	t->e.ctx[0] = dir | 1 << 4 | 1;
	KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_CTX_INVALID);
	t->e.ctx[0] = dir | 1;

	/* RID_PASID must be one that the directory holds */
	t->e.ctx[1] = 1 << 20 | 0x1fff;
	KUNIT_EXPECT_EQ(test, tables_context(t), 0);
	KUNIT_EXPECT_EQ(test, t->ctx.rid_pasid, 0x1fff);
	KUNIT_EXPECT_TRUE(test, t->ctx.rid_priv);
	t->e.ctx[1] = 0x2000;
	KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_CTX_INVALID);
}

static void tables_context_reserved(struct kunit *test)
{
	static const struct {
		u64 ecap;
		int word;
		u64 bits;
	} fields[] = {
		{ ECAP_DT, 0, 1 << 2 },
		{ ECAP_PASID, 0, 1 << 3 },
		{ ECAP_PRS, 0, 1 << 4 | 1 << 2 },
		{ ECAP_RPS, 1, 1 << 0 },
		{ ECAP_RPS, 1, 1 << 19 },
		{ ECAP_RPRIVS, 1, 1 << 20 },
	};
	static const u64 reserved[4] = {
		0xffffc000000001e0, 0xffffffffffe00000, ~0ULL, ~0ULL,
	};
	struct tables *t = tables_new(test);
	int i;

	for (i = 0; i < 256; i++) {
		u64 bit = 1ULL << (i & 63);

		if (!(reserved[i / 64] & bit))
			continue;
		t->e.ctx[i / 64] ^= bit;
		KUNIT_EXPECT_EQ_MSG(test, tables_context(t),
				    VTDSIM_FR_CTX_RESERVED, "bit %d", i);
		t->e.ctx[i / 64] ^= bit;
	}
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		t->e.ctx[fields[i].word] ^= fields[i].bits;
		KUNIT_EXPECT_EQ(test, tables_context(t), 0);
		t->caps.ecap = ECAP_ALL & ~fields[i].ecap;
		KUNIT_EXPECT_EQ_MSG(test, tables_context(t),
				    VTDSIM_FR_CTX_RESERVED, "field %d", i);
		t->e.ctx[fields[i].word] ^= fields[i].bits;
		KUNIT_EXPECT_EQ(test, tables_context(t), 0);
		t->caps.ecap = ECAP_ALL;
	}
}

static void tables_directory(struct kunit *test)
{
	struct tables *t = tables_new(test);
	u64 good = *t->e.dir;
	int bit;

	KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
	KUNIT_EXPECT_FALSE(test, t->pasid.fpd);
	KUNIT_EXPECT_EQ(test, vtdsim_fetch_pasid(&t->caps, &t->ctx, 1 << 20, &t->pasid),
			VTDSIM_FR_CTX_PASID_SIZE);
	t->ctx.pasids = PASID;
	KUNIT_EXPECT_EQ(test, vtdsim_fetch_pasid(&t->caps, &t->ctx, PASID, &t->pasid),
			VTDSIM_FR_CTX_PASID_SIZE);
	t->ctx.pasids = PASID + 1;
	KUNIT_EXPECT_EQ(test, vtdsim_fetch_pasid(&t->caps, &t->ctx, PASID, &t->pasid), 0);

	for (bit = 2; bit < 64; bit++) {
		if (bit >= 12 && bit < TEST_HAW)
			continue;
		*t->e.dir = good | BIT_ULL(bit);
		KUNIT_EXPECT_EQ_MSG(test, tables_pasid(t),
				    VTDSIM_FR_DIR_RESERVED, "bit %d", bit);
	}
	*t->e.dir = good & ~1ULL;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), VTDSIM_FR_DIR_PRESENT);
	KUNIT_EXPECT_FALSE(test, t->pasid.fpd);
	*t->e.dir = (good & ~1ULL) | 2;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), VTDSIM_FR_DIR_PRESENT);
	KUNIT_EXPECT_TRUE(test, t->pasid.fpd);
	*t->e.dir = good | 2;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
	KUNIT_EXPECT_TRUE(test, t->pasid.fpd);
	*t->e.dir = good;
	t->e.ctx[0] |= 2;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
	KUNIT_EXPECT_TRUE(test, t->pasid.fpd);
	*t->e.dir = TEST_HOLE | 1;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), VTDSIM_FR_PASID_ACCESS);
	t->e.ctx[0] = TEST_HOLE | 7 << 9 | 1;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), VTDSIM_FR_DIR_ACCESS);
}

static struct kunit_case tables_cases[] = {
	KUNIT_CASE(tables_root),
	KUNIT_CASE(tables_context_fields),
	KUNIT_CASE(tables_context_reserved),
	KUNIT_CASE(tables_directory),
	{}
};

static struct kunit_suite tables_suite = {
	.name = "vtdsim-tables",
	.test_cases = tables_cases,
};

kunit_test_suite(tables_suite);
