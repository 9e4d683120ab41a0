// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of an endpoint's translation cache: how a completion is decoded, what a
 * look-up finds, and what an invalidation drops.
 */
#include "endpoint/atc.h"
#include "fixture_unit.h"
#include "kunit_case.h"

/**
 * struct atc - a translation cache
 * @unit: the unit that the endpoint is behind
 * @atc: the cache
 */
struct atc {
	struct vtdsim_unit *unit;
	struct vtdsim_atc atc;
};

KUNIT_DEFINE_ACTION_WRAPPER(destroy_atc, vtdsim_atc_destroy, struct vtdsim_atc *);

static int atc_test_init(struct kunit *test)
{
	struct atc *a = kunit_kzalloc(test, sizeof(*a), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, a);
	a->unit = vtdsim_test_unit(test);
	vtdsim_atc_init(&a->atc);
	test->priv = a;
	return kunit_add_action_or_reset(test, destroy_atc, &a->atc);
}

static struct vtdsim_req read_request(u64 addr)
{
	return (struct vtdsim_req) { .addr = addr, .read = true };
}

static struct vtdsim_req read_request_as(u64 addr, u32 pasid)
{
	return (struct vtdsim_req) {
		.addr = addr, .pasid = pasid, .with_pasid = true, .read = true,
	};
}

static void atc_add(struct kunit *test, const struct vtdsim_translation *t)
{
	struct atc *a = test->priv;

	KUNIT_ASSERT_EQ(test, vtdsim_atc_reserve(a->unit, &a->atc), 0);
	vtdsim_atc_add(&a->atc, t);
}

/* Readable, 4 KiB pages unless @shift says otherwise */
static void add_page(struct kunit *test, u64 in, u64 out, u8 shift)
{
	atc_add(test, &(struct vtdsim_translation) {
		.in = in, .out = out, .shift = shift, .read = true,
	});
}

static void add_pasid(struct kunit *test, u64 in, u64 out, u32 pasid)
{
	atc_add(test, &(struct vtdsim_translation) {
		.in = in, .out = out, .shift = 12, .read = true, .pasid = pasid,
		.with_pasid = true,
	});
}

/* Host address, or 0 */
static u64 atc_lookup(struct kunit *test, struct vtdsim_req req)
{
	struct atc *a = test->priv;
	struct vtdsim_translation t;

	if (!vtdsim_atc_find(&a->atc, &req, &t))
		return 0;
	return t.out + (req.addr - t.in);
}

static void atc_drop(struct kunit *test, struct vtdsim_devtlb_inv inv)
{
	struct atc *a = test->priv;

	vtdsim_atc_invalidate(&a->atc, &inv);
}

static void atc_decodes(struct kunit *test)
{
	static const struct {
		u64 addr;
		bool size;
		u64 in;
		u64 out;
		u8 shift;
	} cases[] = {
		{ 0x5000, false, 0x12345000, 0x5000, 12 },
		{ 0x4000, true, 0x12344000, 0x4000, 13 },
		{ 0x5000, true, 0x12344000, 0x4000, 14 },
		{ 0x7ff000, false, 0x12345000, 0x7ff000, 12 },
		{ 0x8ff000, true, 0x12200000, 0x800000, 21 },
		{ 0x1dffff000, true, 0, 0x1c0000000, 30 },
	};
	struct vtdsim_req req = read_request_as(0x12345000, 7);
	struct vtdsim_translation t;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vtdsim_completion cpl = {
			.addr = cases[i].addr, .size = cases[i].size,
			.read = true,
		};

		vtdsim_translation_decode(&req, &cpl, &t);
		KUNIT_EXPECT_EQ(test, t.in, cases[i].in);
		KUNIT_EXPECT_EQ(test, t.out, cases[i].out);
		KUNIT_EXPECT_EQ(test, t.shift, cases[i].shift);
		KUNIT_EXPECT_TRUE(test, t.read);
		KUNIT_EXPECT_FALSE(test, t.write || t.exec || t.untranslated);
		KUNIT_EXPECT_TRUE(test, t.with_pasid);
		KUNIT_EXPECT_EQ(test, t.pasid, 7);
	}
}

static void found_by_tags(struct kunit *test)
{
	struct vtdsim_req req;

	add_page(test, 0x1000, 0xa000, 12);
	add_pasid(test, 0x1000, 0xb000, 0);
	add_pasid(test, 0x1000, 0xc000, 5);
	KUNIT_EXPECT_EQ(test, atc_lookup(test, read_request(0x1234)), 0xa234);
	KUNIT_EXPECT_EQ(test, atc_lookup(test, read_request_as(0x1234, 0)), 0xb234);
	KUNIT_EXPECT_EQ(test, atc_lookup(test, read_request_as(0x1fff, 5)), 0xcfff);
	KUNIT_EXPECT_EQ(test, atc_lookup(test, read_request_as(0x1234, 6)), 0);
	KUNIT_EXPECT_EQ(test, atc_lookup(test, read_request(0x2000)), 0);
	req = read_request_as(0x1000, 5);
	req.priv = true;
	KUNIT_EXPECT_EQ(test, atc_lookup(test, req), 0);
}

static void found_by_size(struct kunit *test)
{
	add_page(test, 0x40000000, 0x80000000, 21);
	add_page(test, 0x40200000, 0x90000000, 20);
	add_page(test, 0x40001000, 0xa0000000, 12);
	KUNIT_EXPECT_EQ(test, atc_lookup(test, read_request(0x401fffff)), 0x801fffff);
	KUNIT_EXPECT_EQ(test, atc_lookup(test, read_request(0x40200000)), 0x90000000);
	KUNIT_EXPECT_EQ(test, atc_lookup(test, read_request(0x40300000)), 0);
	KUNIT_EXPECT_EQ(test, atc_lookup(test, read_request(0x40001000)), 0x80001000);
}

static void rights_decide(struct kunit *test)
{
	struct vtdsim_req req = read_request(0x1000);
	struct vtdsim_translation t = {
		.in = 0x1000, .out = 0xa000, .shift = 12, .write = true,
	};

	atc_add(test, &t);
	KUNIT_EXPECT_EQ(test, atc_lookup(test, req), 0);
	req.write = true;
	KUNIT_EXPECT_EQ(test, atc_lookup(test, req), 0);
	req.read = false;
	KUNIT_EXPECT_EQ(test, atc_lookup(test, req), 0xa000);
	/* A later translation replaces an earlier one. */
	t.read = true;
	t.out = 0xb000;
	atc_add(test, &t);
	KUNIT_EXPECT_EQ(test, atc_lookup(test, req), 0xb000);
	req.read = true;
	KUNIT_EXPECT_EQ(test, atc_lookup(test, req), 0xb000);
	req.exec = true;
	KUNIT_EXPECT_EQ(test, atc_lookup(test, req), 0);
	t.exec = true;
	atc_add(test, &t);
	KUNIT_EXPECT_EQ(test, atc_lookup(test, req), 0xb000);
	atc_drop(test, (struct vtdsim_devtlb_inv) { .order = 52 });
	KUNIT_EXPECT_EQ(test, atc_lookup(test, req), 0);
}

/* Pages 1 to 4 without and with PASIDs, and 2 MiB at 2 MiB */
static void atc_fill(struct kunit *test)
{
	for (u64 in = 0x1000; in <= 0x4000; in += 0x1000) {
		add_page(test, in, in | BIT_ULL(40), 12);
		add_pasid(test, in, in | BIT_ULL(40), 5);
		add_pasid(test, in, in | BIT_ULL(40), 6);
	}
	add_page(test, 0x200000, 0x80000000, 21);
}

static void expect_left(struct kunit *test, const char *what, u32 plain,
			u32 pasid5, u32 pasid6, bool large)
{
	for (u64 page = 1; page <= 4; page++) {
		u64 at = page << 12;

		KUNIT_EXPECT_EQ_MSG(test, !!atc_lookup(test, read_request(at)),
				    plain >> page & 1, "%s", what);
		KUNIT_EXPECT_EQ_MSG(test, !!atc_lookup(test, read_request_as(at, 5)),
				    pasid5 >> page & 1, "%s", what);
		KUNIT_EXPECT_EQ_MSG(test, !!atc_lookup(test, read_request_as(at, 6)),
				    pasid6 >> page & 1, "%s", what);
	}
	KUNIT_EXPECT_EQ_MSG(test, !!atc_lookup(test, read_request(0x200000)), large, "%s", what);
}

static void atc_invalidations(struct kunit *test)
{
	static const struct {
		const char *what;
		struct vtdsim_devtlb_inv inv;
		u32 plain, pasid5, pasid6;
		bool large;
	} cases[] = {
		{ "a page", { 0x2000 }, 0x1a, 0x1a, 0x1a, true },
		{ "two pages", { 0x2000, 1 }, 0x12, 0x12, 0x12, true },
		{ "aligned", { 0, 2 }, 0x10, 0x10, 0x10, true },
		{ "nothing there", { 0x5000 }, 0x1e, 0x1e, 0x1e, true },
		{ "part of a large one", { 0x3ff000 }, 0x1e, 0x1e, 0x1e, false },
		{ "behind it", { 0x400000 }, 0x1e, 0x1e, 0x1e, true },
		{ "more than it", { 0x0, 10 }, 0, 0, 0, false },
		{ "everything", { 0, 52 }, 0, 0, 0, false },
		{ "a page of a PASID", { 0x2000, 0, 5, true },
		  0x1e, 0x1a, 0x1e, true },
		{ "all of a PASID", { 0, 52, 5, true }, 0x1e, 0, 0x1e, true },
		{ "of another", { 0, 52, 7, true }, 0x1e, 0x1e, 0x1e, true },
		{ "a page of any", { 0x2000, 0, 5, true, true },
		  0x1e, 0x1a, 0x1a, true },
		{ "all of any", { 0, 52, 7, true, true }, 0x1e, 0, 0, true },
	};
	struct atc *a = test->priv;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		atc_fill(test);
		expect_left(test, "filled", 0x1e, 0x1e, 0x1e, true);
		atc_drop(test, cases[i].inv);
		expect_left(test, cases[i].what, cases[i].plain,
			    cases[i].pasid5, cases[i].pasid6, cases[i].large);
	}
	atc_fill(test);
	vtdsim_atc_flush(&a->atc);
	expect_left(test, "flushed", 0, 0, 0, false);
}

/* A privileged translation is another than one for users. */
static void found_by_privilege(struct kunit *test)
{
	struct vtdsim_translation t = {
		.in = 0x1000, .out = 0xa000, .shift = 12, .read = true, .pasid = 5,
		.with_pasid = true,
	};
	struct vtdsim_req req = read_request_as(0x1000, 5);

	atc_add(test, &t);
	t.priv = true;
	t.out = 0xb000;
	atc_add(test, &t);
	KUNIT_EXPECT_EQ(test, atc_lookup(test, req), 0xa000);
	req.priv = true;
	KUNIT_EXPECT_EQ(test, atc_lookup(test, req), 0xb000);
}

static struct kunit_case atc_cases[] = {
	VTDSIM_CASE(atc, decodes),
	KUNIT_CASE(found_by_tags),
	KUNIT_CASE(found_by_size),
	KUNIT_CASE(found_by_privilege),
	KUNIT_CASE(rights_decide),
	VTDSIM_CASE(atc, invalidations),
	{}
};

static struct kunit_suite atc_suite = {
	.name = "vtdsim-atc",
	.init = atc_test_init,
	.test_cases = atc_cases,
};

kunit_test_suite(atc_suite);
