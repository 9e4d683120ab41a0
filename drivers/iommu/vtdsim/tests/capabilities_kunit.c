// SPDX-License-Identifier: GPL-2.0-only
/* Tests of capabilities set by name. */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/string.h>

#include "boot/capabilities.h"
#include "unit/unit.h"

/* A word, and the bits that it sets if all others are clear */
static const struct word {
	const char *word;
	u64 cap;
	u64 ecap;
} words[] = {
	{ "cap.nd=2", 2 },
	{ "cap.sagaw=0xc", 0xc00 },
	{ "cap.mgaw=47", 47 << 16 },
	{ "cap.sslps=3", 3ULL << 34 },
	{ "cap.mamv=63", 63ULL << 48 },
	{ "cap.fs1gp=1", BIT_ULL(56) },
	{ "cap.fs5lp=1", BIT_ULL(60) },
	{ "cap.esirtps=1", BIT_ULL(62) },
	{ "cap.esrtps=1", BIT_ULL(63) },
	{ "ecap.c=1", 0, BIT_ULL(0) },
	{ "ecap.dt=1", 0, BIT_ULL(2) },
	{ "ecap.ir=1", 0, BIT_ULL(3) },
	{ "ecap.eim=1", 0, BIT_ULL(4) },
	{ "ecap.pt=1", 0, BIT_ULL(6) },
	{ "ecap.sc=1", 0, BIT_ULL(7) },
	{ "ecap.mhmv=15", 0, 15ULL << 20 },
	{ "ecap.nest=1", 0, BIT_ULL(26) },
	{ "ecap.prs=1", 0, BIT_ULL(29) },
	{ "ecap.srs=1", 0, BIT_ULL(31) },
	{ "ecap.eafs=1", 0, BIT_ULL(34) },
	{ "ecap.pss=19", 0, 19ULL << 35 },
	{ "ecap.pasid=1", 0, BIT_ULL(40) },
	{ "ecap.dit=1", 0, BIT_ULL(41) },
	{ "ecap.pds=1", 0, BIT_ULL(42) },
	{ "ecap.ssads=1", 0, BIT_ULL(45) },
	{ "ecap.ssts=1", 0, BIT_ULL(46) },
	{ "ecap.fsts=1", 0, BIT_ULL(47) },
	{ "ecap.smpwcs=1", 0, BIT_ULL(48) },
	{ "ecap.rps=1", 0, BIT_ULL(49) },
};

KUNIT_ARRAY_PARAM_DESC(word, words, word);

static void caps_word(struct kunit *test)
{
	const struct word *w = test->param_value;
	struct vtdsim_caps caps = {};
	char clear[32];

	KUNIT_EXPECT_TRUE(test, vtdsim_caps_word(&caps, w->word));
	KUNIT_EXPECT_EQ(test, w->cap, caps.cap);
	KUNIT_EXPECT_EQ(test, w->ecap, caps.ecap);

	/* Zero clears the field, and nothing else. */
	strscpy(clear, w->word);
	strscpy(strchr(clear, '='), "=0", 3);
	caps.cap = ~0ULL;
	caps.ecap = ~0ULL;
	KUNIT_EXPECT_TRUE(test, vtdsim_caps_word(&caps, clear));
	KUNIT_EXPECT_EQ(test, 0, caps.cap & w->cap);
	KUNIT_EXPECT_EQ(test, 0, caps.ecap & w->ecap);
	KUNIT_EXPECT_EQ(test, ~0ULL, w->cap ? caps.ecap : caps.cap);
	KUNIT_EXPECT_TRUE(test, vtdsim_caps_word(&caps, w->word));
	KUNIT_EXPECT_EQ(test, w->cap, caps.cap & w->cap);
	KUNIT_EXPECT_EQ(test, w->ecap, caps.ecap & w->ecap);
}

static void caps_refused(struct kunit *test)
{
	static const char * const bad[] = {
		"", "cap", "cap.nd", "cap.nd=", "cap.nd=8", "cap.nd=-1",
		"cap.nd=2x", "ecap.nest=2", "ecap.nd=1", "cap.nest=1",
		"cap.mgaw=64", "cap.fro=1", "ecap.smts=0", "ecap.qi=0", "nd=1",
	};
	struct vtdsim_caps caps = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_FALSE_MSG(test, vtdsim_caps_word(&caps, bad[i]),
				       "%s", bad[i]);
	KUNIT_EXPECT_EQ(test, 0, caps.cap);
	KUNIT_EXPECT_EQ(test, 0, caps.ecap);
}

static struct kunit_case caps_cases[] = {
	KUNIT_CASE_PARAM(caps_word, word_gen_params),
	KUNIT_CASE(caps_refused),
	{}
};

static struct kunit_suite caps_suite = {
	.name = "vtdsim-caps",
	.test_cases = caps_cases,
};

kunit_test_suite(caps_suite);
