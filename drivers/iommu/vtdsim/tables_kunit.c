// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of root, context and PASID table decoding.
 * Entries are plain numbers here, counted out from the figures of chapter 9
 * of the VT-d specification.
 */
#include "faults.h"
#include "walk_bench.h"

#define ECAP_DT		BIT_ULL(2)
#define ECAP_PT		BIT_ULL(6)
#define ECAP_SC		BIT_ULL(7)
#define ECAP_MTS	BIT_ULL(25)
#define ECAP_NEST	BIT_ULL(26)
#define ECAP_PRS	BIT_ULL(29)
#define ECAP_SRS	BIT_ULL(31)
#define ECAP_EAFS	BIT_ULL(34)
#define ECAP_PASID	BIT_ULL(40)
#define ECAP_SSADS	BIT_ULL(45)
#define ECAP_SSTS	BIT_ULL(46)
#define ECAP_FSTS	BIT_ULL(47)
#define ECAP_SMPWCS	BIT_ULL(48)
#define ECAP_RPS	BIT_ULL(49)
#define ECAP_RPRIVS	BIT_ULL(53)
#define ECAP_ALL	(ECAP_DT | ECAP_PT | ECAP_SC | ECAP_MTS | ECAP_NEST | \
			 ECAP_PRS | ECAP_SRS | ECAP_EAFS | ECAP_PASID |	    \
			 ECAP_SSADS | ECAP_SSTS | ECAP_FSTS |  \
			 ECAP_SMPWCS | ECAP_RPS | ECAP_RPRIVS)
#define CAP_SAGAW(mask)	((u64)(mask) << 8)

#define SID		0xa5c7	/* bus a5, upper half, 0x47 in it */
#define PASID		0x54321

/* Tables for one device and PASID, and what decoding them gave */
struct tables {
	struct vtdsim_caps caps;
	u64 rtaddr;
	u64 *root;
	u64 *ce;
	u64 *dir;
	u64 *pe;
	struct vtdsim_context ctx;
	struct vtdsim_pasid pasid;
};

static struct tables *tables_new(struct kunit *test)
{
	struct tables *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	u64 root, ctx, dir, table;

	KUNIT_ASSERT_NOT_NULL(test, t);
	root = bench_page(test);
	ctx = bench_page(test);
	table = bench_page(test);
	/* A directory for all PASIDs is large: have only the page that is used */
	dir = bench_page(test) - ((PASID >> 6) * 8 & ~0xfffULL);
	KUNIT_ASSERT_LT(test, dir, BIT_ULL(BENCH_HAW));

	t->caps.haw = BENCH_HAW;
	t->caps.ecap = ECAP_ALL;
	t->caps.cap = BENCH_CAP_FS5LP | CAP_SAGAW(0xe) | BENCH_CAP_MGAW(57);
	t->rtaddr = root | 1 << 10;
	t->root = bench_at(root + 0xa5 * 16 + 8);
	t->ce = bench_at(ctx + 0x47 * 32);
	t->dir = bench_at(dir + (PASID >> 6) * 8);
	t->pe = bench_at(table + (PASID & 63) * 64);
	*t->root = ctx | 1;
	t->ce[0] = dir | 7 << 9 | 1;
	*t->dir = table | 1;
	t->pe[0] = 1 << 6 | 1;
	return t;
}

static u8 tables_context(struct tables *t)
{
	memset(&t->ctx, 0xff, sizeof(t->ctx));
	return vtdsim_fetch_context(&t->caps, t->rtaddr, SID, &t->ctx);
}

static u8 tables_pasid(struct tables *t)
{
	u8 reason = tables_context(t);

	memset(&t->pasid, 0xff, sizeof(t->pasid));
	return reason ?: vtdsim_fetch_pasid(&t->caps, &t->ctx, PASID, &t->pasid);
}

static void tables_root(struct kunit *test)
{
	struct tables *t = tables_new(test);
	u64 good = *t->root;
	int bit;

	KUNIT_EXPECT_EQ(test, tables_context(t), 0);
	for (bit = 0; bit < 64; bit++) {
		u64 flip = BIT_ULL(bit);

		if (bit == 0 || (bit >= 12 && bit < BENCH_HAW))
			continue;
		*t->root = good | flip;
		KUNIT_EXPECT_EQ_MSG(test, tables_context(t),
				    VTDSIM_FR_ROOT_RESERVED, "bit %d", bit);
		*t->root = (good | flip) & ~1ULL;
		KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_ROOT_PRESENT);
	}
	*t->root = good;
	/* The other half and the neighbours do not matter */
	t->root[-1] = ~0ULL;
	t->root[1] = ~0ULL;
	KUNIT_EXPECT_EQ(test, tables_context(t), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_fetch_context(&t->caps, t->rtaddr, SID & ~0x80,
						   &t->ctx),
			VTDSIM_FR_ROOT_RESERVED);
	*t->root = BENCH_HOLE | 1;
	KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_CTX_ACCESS);

	t->rtaddr ^= 1 << 10;
	KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_RTA_INVALID);
	t->rtaddr |= 2 << 10;
	KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_RTA_INVALID);
	t->rtaddr |= 3 << 10;
	KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_RTA_INVALID);
	t->rtaddr = BENCH_HOLE | 1 << 10;
	KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_ROOT_ACCESS);
}

static void tables_context_fields(struct kunit *test)
{
	struct tables *t = tables_new(test);
	u64 dir = t->ce[0] & ~0xfffULL;
	int pdts;

	for (pdts = 0; pdts < 8; pdts++) {
		t->ce[0] = dir | pdts << 9 | 1;
		KUNIT_EXPECT_EQ(test, tables_context(t), 0);
		KUNIT_EXPECT_EQ(test, t->ctx.pasids, 1U << (13 + pdts));
		KUNIT_EXPECT_EQ(test, t->ctx.pasid_dir, dir);
		KUNIT_EXPECT_EQ(test, t->ctx.rid_pasid, 0);
		KUNIT_EXPECT_FALSE(test, t->ctx.fpd | t->ctx.dte | t->ctx.pre |
					 t->ctx.pasid_en | t->ctx.rid_priv);
	}
	t->ce[0] = dir | 1 << 1 | 1;
	KUNIT_EXPECT_EQ(test, tables_context(t), 0);
	KUNIT_EXPECT_TRUE(test, t->ctx.fpd);
	t->ce[0] = dir | 1 << 1;
	KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_CTX_PRESENT);
	KUNIT_EXPECT_TRUE(test, t->ctx.fpd);
	t->ce[0] = dir | 1 << 2 | 1;
	KUNIT_EXPECT_EQ(test, tables_context(t), 0);
	KUNIT_EXPECT_TRUE(test, t->ctx.dte);
	t->ce[0] = dir | 1 << 3 | 1;
	KUNIT_EXPECT_EQ(test, tables_context(t), 0);
	KUNIT_EXPECT_TRUE(test, t->ctx.pasid_en);
	t->ce[0] = dir | 1 << 4 | 1 << 2 | 1;
	KUNIT_EXPECT_EQ(test, tables_context(t), 0);
	KUNIT_EXPECT_TRUE(test, t->ctx.pre);
	/* Page requests come from device-TLBs */
	t->ce[0] = dir | 1 << 4 | 1;
	KUNIT_EXPECT_EQ(test, tables_context(t), VTDSIM_FR_CTX_INVALID);
	t->ce[0] = dir | 1;

	/* RID_PASID must be one that the directory holds */
	t->ce[1] = 1 << 20 | 0x1fff;
	KUNIT_EXPECT_EQ(test, tables_context(t), 0);
	KUNIT_EXPECT_EQ(test, t->ctx.rid_pasid, 0x1fff);
	KUNIT_EXPECT_TRUE(test, t->ctx.rid_priv);
	t->ce[1] = 0x2000;
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
		t->ce[i / 64] ^= bit;
		KUNIT_EXPECT_EQ_MSG(test, tables_context(t),
				    VTDSIM_FR_CTX_RESERVED, "bit %d", i);
		t->ce[i / 64] ^= bit;
	}
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		t->ce[fields[i].word] ^= fields[i].bits;
		KUNIT_EXPECT_EQ(test, tables_context(t), 0);
		t->caps.ecap = ECAP_ALL & ~fields[i].ecap;
		KUNIT_EXPECT_EQ_MSG(test, tables_context(t),
				    VTDSIM_FR_CTX_RESERVED, "field %d", i);
		t->ce[fields[i].word] ^= fields[i].bits;
		KUNIT_EXPECT_EQ(test, tables_context(t), 0);
		t->caps.ecap = ECAP_ALL;
	}
}

static void tables_directory(struct kunit *test)
{
	struct tables *t = tables_new(test);
	u64 good = *t->dir;
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
		if (bit >= 12 && bit < BENCH_HAW)
			continue;
		*t->dir = good | BIT_ULL(bit);
		KUNIT_EXPECT_EQ_MSG(test, tables_pasid(t),
				    VTDSIM_FR_DIR_RESERVED, "bit %d", bit);
	}
	*t->dir = good & ~1ULL;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), VTDSIM_FR_DIR_PRESENT);
	KUNIT_EXPECT_FALSE(test, t->pasid.fpd);
	*t->dir = (good & ~1ULL) | 2;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), VTDSIM_FR_DIR_PRESENT);
	KUNIT_EXPECT_TRUE(test, t->pasid.fpd);
	*t->dir = good | 2;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
	KUNIT_EXPECT_TRUE(test, t->pasid.fpd);
	*t->dir = good;
	t->ce[0] |= 2;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
	KUNIT_EXPECT_TRUE(test, t->pasid.fpd);
	*t->dir = BENCH_HOLE | 1;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), VTDSIM_FR_PASID_ACCESS);
	t->ce[0] = BENCH_HOLE | 7 << 9 | 1;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), VTDSIM_FR_DIR_ACCESS);
}

/* All yes-or-no fields, in the order in which they stand in the entry */
static unsigned int tables_pasid_flags(const struct vtdsim_pasid *p)
{
	return p->fpd | p->ssade << 1 | p->pwsnp << 2 | p->pgsnp << 3 |
	       p->sre << 4 | p->wpe << 5 | p->eafe << 6;
}

static void tables_pasid_fields(struct kunit *test)
{
	static const int flags[] = {
		1, 9, 64 + 23, 64 + 24, 128, 132, 135,
	};
	struct tables *t = tables_new(test);
	struct vtdsim_pasid *p = &t->pasid;
	int i;

	/* Nested, 57 bits, everything on */
	t->pe[0] = 0x123456789000 | 1 << 9 | 3 << 6 | 3 << 2 | 3;
	t->pe[1] = 3 << 23 | 0xabcd;
	t->pe[2] = 0x3a987654f000 | 0xf0 | 1 << 2 | 1;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
	KUNIT_EXPECT_EQ(test, p->pgtt, VTDSIM_PGTT_NESTED);
	KUNIT_EXPECT_EQ(test, p->ss_root, 0x123456789000ULL);
	KUNIT_EXPECT_EQ(test, p->fs_root, 0x3a987654f000ULL);
	KUNIT_EXPECT_EQ(test, p->did, 0xabcd);
	KUNIT_EXPECT_EQ(test, p->fs_levels, 5);
	KUNIT_EXPECT_EQ(test, p->ss_levels, 5);
	KUNIT_EXPECT_EQ(test, tables_pasid_flags(p), 0x7f);

	/* One by one */
	t->pe[0] = 3 << 6 | 1 << 2 | 1;
	t->pe[1] = 0;
	t->pe[2] = 0;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
	KUNIT_EXPECT_EQ(test, p->fs_levels, 4);
	KUNIT_EXPECT_EQ(test, p->ss_levels, 3);
	KUNIT_EXPECT_EQ(test, tables_pasid_flags(p), 0);
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		t->pe[flags[i] / 64] ^= BIT_ULL(flags[i] % 64);
		KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
		KUNIT_EXPECT_EQ(test, tables_pasid_flags(p), BIT(i));
		t->pe[flags[i] / 64] ^= BIT_ULL(flags[i] % 64);
	}

	/* Of old, no-execute and no execution in supervisor mode: ignored */
	t->pe[2] = 3 << 5;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
	KUNIT_EXPECT_EQ(test, tables_pasid_flags(p), 0);

	t->pe[0] = 2;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), VTDSIM_FR_PASID_PRESENT);
	KUNIT_EXPECT_TRUE(test, p->fpd);
}

/* Which bits are reserved: always, and only without a capability */
static void tables_pasid_reserved(struct kunit *test)
{
	static const struct {
		u64 ecap;
		int word;
		u64 bits;
	} fields[] = {
		{ 0, 0, 0xffffc00000000c20 },
		{ ECAP_SSADS, 0, 1 << 9 },
		{ 0, 1, 0x7f0000 },
		{ ECAP_SMPWCS, 1, 1 << 23 },
		{ ECAP_SC, 1, 1 << 24 },
		{ ECAP_MTS, 1, 0xfffffffffe000000 },
		{ 0, 2, 0xffffc00000000f02 },
		{ ECAP_SRS, 2, 1 << 0 },
		{ ECAP_EAFS, 2, 1 << 7 },
		{ 0, 3, ~0ULL }, { 0, 4, ~0ULL }, { 0, 5, ~0ULL },
		{ 0, 6, ~0ULL }, { 0, 7, ~0ULL },
	};
	struct tables *t = tables_new(test);
	int i, bit;

	t->pe[0] = 3 << 6 | 2 << 2 | 1;
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		u64 *word = &t->pe[fields[i].word];

		for (bit = 0; bit < 64; bit++) {
			if (!(fields[i].bits & BIT_ULL(bit)))
				continue;
			*word ^= BIT_ULL(bit);
			t->caps.ecap = ECAP_ALL;
			KUNIT_EXPECT_EQ_MSG(test, tables_pasid(t), fields[i].ecap ? 0 :
					    VTDSIM_FR_PASID_RESERVED,
					    "word %d bit %d", fields[i].word, bit);
			t->caps.ecap = ECAP_ALL & ~fields[i].ecap;
			KUNIT_EXPECT_EQ_MSG(test, tables_pasid(t),
					    VTDSIM_FR_PASID_RESERVED,
					    "word %d bit %d", fields[i].word, bit);
			*word ^= BIT_ULL(bit);
		}
		KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
		t->caps.ecap = ECAP_ALL;
	}

	/* A pointer is ignored if its stage is not in use, but for its width */
	for (bit = 12; bit < 64; bit++) {
		u8 want = bit < BENCH_HAW ? 0 : VTDSIM_FR_PASID_RESERVED;

		t->pe[0] = 2 << 6 | 2 << 2 | 1;
		t->pe[2] = BIT_ULL(bit);
		KUNIT_EXPECT_EQ(test, tables_pasid(t), want);
		KUNIT_EXPECT_EQ(test, t->pasid.fs_root, 0);
		t->pe[0] = 1 << 6 | BIT_ULL(bit) | 1;
		t->pe[2] = 0;
		KUNIT_EXPECT_EQ(test, tables_pasid(t), want);
		KUNIT_EXPECT_EQ(test, t->pasid.ss_root, 0);
		t->pe[0] = 4 << 6 | BIT_ULL(bit) | 1;
		KUNIT_EXPECT_EQ(test, tables_pasid(t), want);
	}
}

/* Fields of a stage that the unit does not have, other type of translation */
static void tables_pasid_no_stage(struct kunit *test)
{
	static const struct {
		u64 ecap;
		int type;
		int word;
		u64 bits;
	} stages[] = {
		{ ECAP_SSTS, 1, 0, 0x3ffffffff21c },
		{ ECAP_FSTS, 2, 2, 0x3ffffffff01c },
	};
	struct tables *t = tables_new(test);
	int i, bit;

	for (i = 0; i < ARRAY_SIZE(stages); i++) {
		t->pe[2] = 0;
		for (bit = 0; bit < BENCH_HAW; bit++) {
			if (!(stages[i].bits & BIT_ULL(bit)))
				continue;
			t->pe[0] = stages[i].type << 6 | 1;
			if (stages[i].type == 2)
				t->pe[0] |= 2 << 2;
			t->pe[stages[i].word] |= BIT_ULL(bit);
			t->caps.ecap = ECAP_ALL;
			KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
			t->caps.ecap = ECAP_ALL & ~stages[i].ecap;
			KUNIT_EXPECT_EQ_MSG(test, tables_pasid(t),
					    VTDSIM_FR_PASID_RESERVED,
					    "stage %d bit %d", i, bit);
			t->pe[2] = 0;
		}
	}
}

/* The first stage's root when nested: within what the second translates */
static void tables_nested_root(struct kunit *test)
{
	struct tables *t = tables_new(test);
	int aw, mgaw, bit;

	for (aw = 1; aw <= 3; aw++) {
		for (mgaw = 38; mgaw <= 40; mgaw++) {
			int width = aw == 1 ? min(mgaw, 39) : mgaw;

			t->caps.cap = CAP_SAGAW(0xe) | BENCH_CAP_MGAW(mgaw);
			t->pe[0] = 3 << 6 | aw << 2 | 1;
			for (bit = 12; bit < BENCH_HAW; bit++) {
				t->pe[2] = BIT_ULL(bit);
				KUNIT_EXPECT_EQ_MSG(test, tables_pasid(t),
						    bit < width ? 0 :
						    VTDSIM_FR_PASID_INVALID,
						    "aw %d mgaw %d bit %d", aw,
						    mgaw, bit);
			}
		}
	}
}

static void tables_pasid_types(struct kunit *test)
{
	static const u64 need[8] = {
		[1] = ECAP_FSTS,
		[2] = ECAP_SSTS,
		[3] = ECAP_FSTS | ECAP_SSTS | ECAP_NEST,
		[4] = ECAP_PT,
	};
	struct tables *t = tables_new(test);
	int pgtt, aw, fspm, bit, sagaw;

	for (pgtt = 0; pgtt < 8; pgtt++) {
		bool second = pgtt == 2 || pgtt == 3;

		t->pe[0] = pgtt << 6 | second << 3 | 1;
		t->caps.ecap = ECAP_ALL;
		KUNIT_EXPECT_EQ_MSG(test, tables_pasid(t), need[pgtt] ? 0 :
				    VTDSIM_FR_PASID_INVALID, "pgtt %d", pgtt);
		for (bit = 0; bit < 64; bit++) {
			bool aw = second && BIT_ULL(bit) != ECAP_SSTS;

			t->caps.ecap = ECAP_ALL & ~BIT_ULL(bit);
			t->pe[0] = pgtt << 6 | aw << 3 | 1;
			if (need[pgtt] & BIT_ULL(bit))
				KUNIT_EXPECT_EQ(test, tables_pasid(t),
						VTDSIM_FR_PASID_INVALID);
		}
		t->pe[0] = pgtt << 6 | second << 3 | 1;
		t->caps.ecap = need[pgtt];
		if (need[pgtt])
			KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
	}

	t->caps.ecap = ECAP_ALL;
	for (pgtt = 1; pgtt <= 4; pgtt++) {
		bool second = pgtt == 2 || pgtt == 3;
		bool first = pgtt == 1 || pgtt == 3;

		for (aw = 0; aw < 8; aw++) {
			for (sagaw = 0; sagaw < 32; sagaw++) {
				bool ok = aw >= 1 && aw <= 3 && sagaw & 1 << aw;

				t->caps.cap = CAP_SAGAW(sagaw);
				t->pe[0] = pgtt << 6 | aw << 2 | 1;
				KUNIT_EXPECT_EQ_MSG(test, tables_pasid(t),
						    ok || !second ? 0 :
						    VTDSIM_FR_PASID_INVALID,
						    "pgtt %d aw %d sagaw %d",
						    pgtt, aw, sagaw);
				if (ok && second)
					KUNIT_EXPECT_EQ(test, t->pasid.ss_levels,
							aw + 2);
			}
		}
		t->pe[0] = pgtt << 6 | 2 << 2 | 1;
		for (fspm = 0; fspm < 4; fspm++) {
			t->pe[2] = fspm << 2;
			t->caps.cap = CAP_SAGAW(4) | BENCH_CAP_FS5LP;
			KUNIT_EXPECT_EQ(test, tables_pasid(t), first && fspm > 1 ?
					VTDSIM_FR_PASID_INVALID : 0);
			t->caps.cap = CAP_SAGAW(4);
			KUNIT_EXPECT_EQ(test, tables_pasid(t), first && fspm > 0 ?
					VTDSIM_FR_PASID_INVALID : 0);
		}
		t->pe[2] = 0;
	}
}

static struct kunit_case tables_cases[] = {
	KUNIT_CASE(tables_root),
	KUNIT_CASE(tables_context_fields),
	KUNIT_CASE(tables_context_reserved),
	KUNIT_CASE(tables_directory),
	KUNIT_CASE(tables_pasid_fields),
	KUNIT_CASE(tables_pasid_reserved),
	KUNIT_CASE(tables_pasid_no_stage),
	KUNIT_CASE(tables_nested_root),
	KUNIT_CASE(tables_pasid_types),
	{}
};

static struct kunit_suite tables_suite = {
	.name = "vtdsim-tables",
	.test_cases = tables_cases,
};

kunit_test_suite(tables_suite);
