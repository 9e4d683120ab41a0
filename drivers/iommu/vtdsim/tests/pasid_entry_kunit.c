// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of decoding PASID-table entries. Entries are plain numbers here, counted
 * out from the figures of chapter 9 of the VT-d specification.
 */
#include "fixture_entries.h"

/* All flags, in the order of the entry */
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
	t->e.pasid[0] = 0x123456789000 | 1 << 9 | 3 << 6 | 3 << 2 | 3;
	t->e.pasid[1] = 3 << 23 | 0xabcd;
	t->e.pasid[2] = 0x3a987654f000 | 0xf0 | 1 << 2 | 1;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
	KUNIT_EXPECT_EQ(test, p->pgtt, VTDSIM_PGTT_NESTED);
	KUNIT_EXPECT_EQ(test, p->ss_root, 0x123456789000ULL);
	KUNIT_EXPECT_EQ(test, p->fs_root, 0x3a987654f000ULL);
	KUNIT_EXPECT_EQ(test, p->did, 0xabcd);
	KUNIT_EXPECT_EQ(test, p->fs_levels, 5);
	KUNIT_EXPECT_EQ(test, p->ss_levels, 5);
	KUNIT_EXPECT_EQ(test, tables_pasid_flags(p), 0x7f);

	/* Flags one by one */
	t->e.pasid[0] = 3 << 6 | 1 << 2 | 1;
	t->e.pasid[1] = 0;
	t->e.pasid[2] = 0;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
	KUNIT_EXPECT_EQ(test, p->fs_levels, 4);
	KUNIT_EXPECT_EQ(test, p->ss_levels, 3);
	KUNIT_EXPECT_EQ(test, tables_pasid_flags(p), 0);
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		t->e.pasid[flags[i] / 64] ^= BIT_ULL(flags[i] % 64);
		KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
		KUNIT_EXPECT_EQ(test, tables_pasid_flags(p), BIT(i));
		t->e.pasid[flags[i] / 64] ^= BIT_ULL(flags[i] % 64);
	}

	/* NXE and SMEP of older revisions are ignored */
	t->e.pasid[2] = 3 << 5;
	KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
	KUNIT_EXPECT_EQ(test, tables_pasid_flags(p), 0);

	t->e.pasid[0] = 2;
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

	t->e.pasid[0] = 3 << 6 | 2 << 2 | 1;
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		u64 *word = &t->e.pasid[fields[i].word];

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

	/* A pointer of a stage that is not in use is ignored, except for its width */
	for (bit = 12; bit < 64; bit++) {
		u8 want = bit < TEST_HAW ? 0 : VTDSIM_FR_PASID_RESERVED;

		t->e.pasid[0] = 2 << 6 | 2 << 2 | 1;
		t->e.pasid[2] = BIT_ULL(bit);
		KUNIT_EXPECT_EQ(test, tables_pasid(t), want);
		KUNIT_EXPECT_EQ(test, t->pasid.fs_root, 0);
		t->e.pasid[0] = 1 << 6 | BIT_ULL(bit) | 1;
		t->e.pasid[2] = 0;
		KUNIT_EXPECT_EQ(test, tables_pasid(t), want);
		KUNIT_EXPECT_EQ(test, t->pasid.ss_root, 0);
		t->e.pasid[0] = 4 << 6 | BIT_ULL(bit) | 1;
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
		t->e.pasid[2] = 0;
		for (bit = 0; bit < TEST_HAW; bit++) {
			if (!(stages[i].bits & BIT_ULL(bit)))
				continue;
			t->e.pasid[0] = stages[i].type << 6 | 1;
			if (stages[i].type == 2)
				t->e.pasid[0] |= 2 << 2;
			t->e.pasid[stages[i].word] |= BIT_ULL(bit);
			t->caps.ecap = ECAP_ALL;
			KUNIT_EXPECT_EQ(test, tables_pasid(t), 0);
			t->caps.ecap = ECAP_ALL & ~stages[i].ecap;
			KUNIT_EXPECT_EQ_MSG(test, tables_pasid(t),
					    VTDSIM_FR_PASID_RESERVED,
					    "stage %d bit %d", i, bit);
			t->e.pasid[2] = 0;
		}
	}
}

/* When nested, the second stage has to be able to translate the first stage's root. */
static void tables_nested_root(struct kunit *test)
{
	struct tables *t = tables_new(test);
	int aw, mgaw, bit;

	for (aw = 1; aw <= 3; aw++) {
		for (mgaw = 38; mgaw <= 40; mgaw++) {
			int width = aw == 1 ? min(mgaw, 39) : mgaw;

			t->caps.cap = CAP_SAGAW(0xe) | CAP_MGAW(mgaw);
			t->e.pasid[0] = 3 << 6 | aw << 2 | 1;
			for (bit = 12; bit < TEST_HAW; bit++) {
				t->e.pasid[2] = BIT_ULL(bit);
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

		t->e.pasid[0] = pgtt << 6 | second << 3 | 1;
		t->caps.ecap = ECAP_ALL;
		KUNIT_EXPECT_EQ_MSG(test, tables_pasid(t), need[pgtt] ? 0 :
				    VTDSIM_FR_PASID_INVALID, "pgtt %d", pgtt);
		for (bit = 0; bit < 64; bit++) {
			bool aw = second && BIT_ULL(bit) != ECAP_SSTS;

			t->caps.ecap = ECAP_ALL & ~BIT_ULL(bit);
			t->e.pasid[0] = pgtt << 6 | aw << 3 | 1;
			if (need[pgtt] & BIT_ULL(bit))
				KUNIT_EXPECT_EQ(test, tables_pasid(t),
						VTDSIM_FR_PASID_INVALID);
		}
		t->e.pasid[0] = pgtt << 6 | second << 3 | 1;
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
				t->e.pasid[0] = pgtt << 6 | aw << 2 | 1;
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
		t->e.pasid[0] = pgtt << 6 | 2 << 2 | 1;
		for (fspm = 0; fspm < 4; fspm++) {
			t->e.pasid[2] = fspm << 2;
			t->caps.cap = CAP_SAGAW(4) | CAP_FS5LP;
			KUNIT_EXPECT_EQ(test, tables_pasid(t), first && fspm > 1 ?
					VTDSIM_FR_PASID_INVALID : 0);
			t->caps.cap = CAP_SAGAW(4);
			KUNIT_EXPECT_EQ(test, tables_pasid(t), first && fspm > 0 ?
					VTDSIM_FR_PASID_INVALID : 0);
		}
		t->e.pasid[2] = 0;
	}
}

/* A unit with fewer domain-ids takes the upper bits for reserved ones. */
static void domain_width(struct kunit *test)
{
	struct tables *t = tables_new(test);
	unsigned int nd, bit;

	for (nd = 0; nd <= 6; nd++) {
		for (bit = 0; bit < 16; bit++) {
			t->caps.cap = (t->caps.cap & ~7ULL) | nd;
			t->e.pasid[0] = VTDSIM_PGTT_PASS << 6 | 1;
			t->e.pasid[1] = BIT_ULL(bit);
			KUNIT_EXPECT_EQ_MSG(test, tables_pasid(t), bit < 4 + 2 * nd ? 0 :
					    VTDSIM_FR_PASID_RESERVED, "ND %u, bit %u", nd, bit);
		}
	}
}

static struct kunit_case pasid_entry_cases[] = {
	KUNIT_CASE(tables_pasid_fields),
	KUNIT_CASE(tables_pasid_reserved),
	KUNIT_CASE(tables_pasid_no_stage),
	KUNIT_CASE(tables_nested_root),
	KUNIT_CASE(tables_pasid_types),
	KUNIT_CASE(domain_width),
	{}
};

static struct kunit_suite pasid_entry_suite = {
	.name = "vtdsim-pasid-entry",
	.test_cases = pasid_entry_cases,
};

kunit_test_suite(pasid_entry_suite);
