// SPDX-License-Identifier: GPL-2.0-only
/*
 * From every kind of PASID-table entry to every other, with every flag: the
 * plan, and what hardware gets to vtd_test_read and to flush when it is carried out.
 *
 * The entries are bits as in VT-d 9.6, and stay away from the helpers that
 * compose them. They belong to a PASID of an endpoint that does no DMA.
 */

#include <kunit/test.h>

#include "fixture.h"
#include "watch.h"

#define PASID		11

#define P		BIT_ULL(0)
#define FPD		BIT_ULL(1)
#define AW_4		(2ULL << 2)
#define AW_5		(3ULL << 2)
#define FIRST		BIT_ULL(6)
#define SECOND		(2ULL << 6)
#define NESTED		(3ULL << 6)
#define PASS		(4ULL << 6)
#define SSADE		BIT_ULL(9)
#define SS_A		0x123456000ULL
#define SS_B		0x123457000ULL
/* Bits 64 to 127 */
#define DID_A		0x21ULL
#define DID_B		0x22ULL
#define PWSNP		BIT_ULL(87 - 64)
#define PGSNP		BIT_ULL(88 - 64)
/* Bits 128 to 191 */
#define SRE		BIT_ULL(128 - 128)
#define FSPM_5		BIT_ULL(130 - 128)
#define WPE		BIT_ULL(132 - 128)
#define EAFE		BIT_ULL(135 - 128)
#define FS_A		0x140000000ULL
#define FS_B		0x140001000ULL

/*
 * Bits 128 to 191 are fetched by themselves (9.6) and leave domain-id and type alone:
 * kinds of one family differ in nothing else, and one may become another in place.
 * All others have to be broken. A family is named where there is more than one kind.
 */
enum family { ALONE, OF_FIRST, OF_NESTED };

static const struct kind {
	const char *name;
	struct pasid_entry e;
	enum family family;
} kinds[] = {
	{ "blocked", { } },
	{ "blocked, FPD", {{ FPD }} },
	{ "blocked, remains", {{ SS_A | NESTED | AW_4, DID_A | PWSNP, FS_A }} },
	{ "pass-through", {{ PASS | AW_4 | P, 1 | PWSNP }} },
	{ "pass-through, no AW", {{ PASS | P, 1 | PWSNP }} },
	{ "pass-through, FPD", {{ PASS | AW_4 | FPD | P, 1 | PWSNP }} },
	{ "pass-through, PGSNP", {{ PASS | AW_4 | P, 1 | PWSNP | PGSNP }} },
	{ "pass-through, other id", {{ PASS | AW_4 | P, DID_A | PWSNP }} },
	{ "second", {{ SS_A | SECOND | AW_4 | P, DID_A | PWSNP }} },
	{ "second, 5 levels", {{ SS_A | SECOND | AW_5 | P, DID_A | PWSNP }} },
	{ "second, SSADE", {{ SS_A | SECOND | AW_4 | SSADE | P, DID_A | PWSNP }} },
	{ "second, FPD", {{ SS_A | SECOND | AW_4 | FPD | P, DID_A | PWSNP }} },
	{ "second, no PWSNP", {{ SS_A | SECOND | AW_4 | P, DID_A }} },
	{ "second, PGSNP", {{ SS_A | SECOND | AW_4 | P, DID_A | PWSNP | PGSNP }} },
	{ "second, other id", {{ SS_A | SECOND | AW_4 | P, DID_B | PWSNP }} },
	{ "second, other root", {{ SS_B | SECOND | AW_4 | P, DID_A | PWSNP }} },
	{ "first", {{ FIRST | P, DID_A | PWSNP, FS_A }}, OF_FIRST },
	{ "first, AW", {{ FIRST | AW_4 | P, DID_A | PWSNP, FS_A }} },
	{ "first, 5 levels", {{ FIRST | P, DID_A | PWSNP, FS_A | FSPM_5 }}, OF_FIRST },
	{ "first, SRE", {{ FIRST | P, DID_A | PWSNP, FS_A | SRE }}, OF_FIRST },
	{ "first, SRE, WPE", {{ FIRST | P, DID_A | PWSNP, FS_A | SRE | WPE }}, OF_FIRST },
	{ "first, EAFE", {{ FIRST | P, DID_A | PWSNP, FS_A | EAFE }}, OF_FIRST },
	{ "first, FPD", {{ FIRST | FPD | P, DID_A | PWSNP, FS_A }} },
	{ "first, no PWSNP", {{ FIRST | P, DID_A, FS_A }} },
	{ "first, PGSNP", {{ FIRST | P, DID_A | PWSNP | PGSNP, FS_A }} },
	{ "first, other id", {{ FIRST | P, DID_B | PWSNP, FS_A }} },
	{ "first, other root", {{ FIRST | P, DID_A | PWSNP, FS_B }}, OF_FIRST },
	{ "nested", {{ SS_A | NESTED | AW_4 | P, DID_A | PWSNP, FS_A }}, OF_NESTED },
	{ "nested, 5 levels", {{ SS_A | NESTED | AW_4 | P, DID_A | PWSNP,
				 FS_A | FSPM_5 }}, OF_NESTED },
	{ "nested, SRE", {{ SS_A | NESTED | AW_4 | P, DID_A | PWSNP, FS_A | SRE }}, OF_NESTED },
	{ "nested, SRE, WPE", {{ SS_A | NESTED | AW_4 | P, DID_A | PWSNP,
				 FS_A | SRE | WPE }}, OF_NESTED },
	{ "nested, EAFE", {{ SS_A | NESTED | AW_4 | P, DID_A | PWSNP, FS_A | EAFE }}, OF_NESTED },
	{ "nested, other first root", {{ SS_A | NESTED | AW_4 | P, DID_A | PWSNP,
					 FS_B }}, OF_NESTED },
	{ "nested, all of the first", {{ SS_A | NESTED | AW_4 | P, DID_A | PWSNP,
					 FS_B | FSPM_5 | SRE | WPE | EAFE }}, OF_NESTED },
	{ "nested, AW of 5 levels", {{ SS_A | NESTED | AW_5 | P, DID_A | PWSNP, FS_A }} },
	{ "nested, SSADE", {{ SS_A | NESTED | AW_4 | SSADE | P, DID_A | PWSNP, FS_A }} },
	{ "nested, FPD", {{ SS_A | NESTED | AW_4 | FPD | P, DID_A | PWSNP, FS_A }} },
	{ "nested, no PWSNP", {{ SS_A | NESTED | AW_4 | P, DID_A, FS_A }} },
	{ "nested, PGSNP", {{ SS_A | NESTED | AW_4 | P, DID_A | PWSNP | PGSNP, FS_A }} },
	{ "nested, other id", {{ SS_A | NESTED | AW_4 | P, DID_B | PWSNP, FS_A }} },
	{ "nested, other second root", {{ SS_B | NESTED | AW_4 | P, DID_A | PWSNP, FS_A }} },
	{ "nested, other parent", {{ SS_B | NESTED | AW_4 | P, DID_B | PWSNP, FS_B }} },
};

static enum vtd_plan plan_expected(const struct kind *from, const struct kind *to)
{
	if (!vtd_test_entry_present(&from->e))
		return VTD_PLAN_PUBLISH;
	if (from == to)
		return VTD_PLAN_NONE;
	return from->family != ALONE && from->family == to->family ? VTD_PLAN_IN_PLACE :
								     VTD_PLAN_BREAK;
}

static void plan_test(struct kunit *test)
{
	const struct kind *from, *to;
	unsigned int n[VTD_PLAN_BREAK + 1] = {};

	for (from = kinds; from < kinds + ARRAY_SIZE(kinds); from++) {
		for (to = kinds; to < kinds + ARRAY_SIZE(kinds); to++) {
			enum vtd_plan plan;

			if (!vtd_test_entry_present(&to->e))
				continue;
			plan = vtd_plan_update(&from->e, &to->e);
			KUNIT_EXPECT_EQ_MSG(test, plan, plan_expected(from, to), "%s -> %s",
					    from->name, to->name);
			n[plan]++;
		}
	}

	/* Nested, seven kinds that differ in the first stage only; first, six. */
	KUNIT_EXPECT_EQ(test, n[VTD_PLAN_IN_PLACE], 7 * 6 + 6 * 5);
	KUNIT_EXPECT_EQ(test, n[VTD_PLAN_NONE], ARRAY_SIZE(kinds) - 3);
	KUNIT_EXPECT_EQ(test, n[VTD_PLAN_PUBLISH], 3 * (ARRAY_SIZE(kinds) - 3));
}

static void write_slot(struct watch *w, const struct pasid_entry *entry)
{
	int i;

	for (i = ARRAY_SIZE(entry->val) - 1; i >= 0; i--)
		WRITE_ONCE(w->slot->val[i], entry->val[i]);
}

static const char *change_entry(struct device_domain_info *info, struct watch *w,
				const struct kind *from, const struct kind *to)
{
	struct flush want[WATCH_FLUSHES];
	struct intel_iommu *iommu = w->iommu;
	enum vtd_plan plan = VTD_PLAN_BREAK;
	unsigned int n;
	bool in_place;
	const char *why;
	u16 did = to->e.val[1];

	write_slot(w, &from->e);
	vtd_test_watch_reset(w);
	if (vtd_test_entry_present(&to->e))
		plan = vtd_plan_update(w->slot, &to->e);
	in_place = plan == VTD_PLAN_IN_PLACE;

	/* A break is the base's work; attach.c goes on from there. */
	if (plan == VTD_PLAN_BREAK)
		intel_pasid_tear_down_entry(iommu, info->dev, PASID, false);
	spin_lock(&iommu->lock);
	if (in_place)
		vtd_slot_store(iommu, w->slot, to->e.val[2]);
	else if (plan != VTD_PLAN_NONE && vtd_test_entry_present(&to->e))
		vtd_slot_publish(iommu, w->slot, &to->e, PASID, did);
	spin_unlock(&iommu->lock);
	if (in_place && vtd_slot_flush(info, PASID, did, info->ats_enabled))
		return "the flush failed";

	if (plan == VTD_PLAN_NONE)
		return w->count == 1 ? NULL : "there was nothing to do";
	why = vtd_test_watch_steps_wrong(w, &to->e, in_place);
	if (why)
		return why;
	n = vtd_test_flushes_for(info, &from->e, PASID, in_place, info->ats_enabled, want);
	return vtd_test_watch_flushes_wrong(w, want, n, 0);
}

static void execution_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	struct pasid_entry *slot = intel_pasid_get_entry(&fx->pdev->dev, PASID);
	struct watch *w = vtd_test_watch_start(test, fx->iommu, slot);
	bool ats = info->ats_enabled;
	const struct kind *from, *to;
	int with_ats, wrong = 0;
	const char *why;

	for (with_ats = 0; with_ats <= ats; with_ats++) {
		info->ats_enabled = with_ats;
		for (from = kinds; from < kinds + ARRAY_SIZE(kinds); from++) {
			for (to = kinds; to < kinds + ARRAY_SIZE(kinds); to++) {
				/* What is blocked is blocked by a break, to nothing. */
				if (!vtd_test_entry_present(&to->e) &&
				    (to != kinds || !vtd_test_entry_present(&from->e)))
					continue;
				why = change_entry(info, w, from, to);
				if (why && wrong++ < 10)
					KUNIT_FAIL(test, "%s -> %s%s: %s", from->name, to->name,
						   with_ats ? " (ATS)" : "", why);
			}
			cond_resched();
		}
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);

	info->ats_enabled = ats;
	write_slot(w, &kinds[0].e);
}

/* Requests without PASID are in the device TLB without one, too. */
static void no_pasid_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	const struct pasid_entry *first = &kinds[ARRAY_SIZE(kinds) - 1].e;
	struct pasid_entry *slot = kunit_kmalloc(test, sizeof(*slot), GFP_KERNEL);
	struct flush want[WATCH_FLUSHES];
	struct watch *w;
	unsigned int n;

	if (!info->ats_enabled)
		kunit_skip(test, "the endpoint's ATS is off");

	KUNIT_ASSERT_NOT_NULL(test, slot);
	*slot = *first;
	w = vtd_test_watch_start(test, fx->iommu, slot);
	vtd_test_watch_reset(w);
	spin_lock(&fx->iommu->lock);
	vtd_slot_store(fx->iommu, slot, FS_A);
	spin_unlock(&fx->iommu->lock);
	KUNIT_EXPECT_EQ(test, vtd_slot_flush(info, IOMMU_NO_PASID, DID_B, true), 0);
	n = vtd_test_flushes_for(info, first, IOMMU_NO_PASID, true, true, want);
	KUNIT_EXPECT_EQ(test, n, 3);
	KUNIT_EXPECT_EQ(test, want[2].qw[0] & 0xf, 3);
	KUNIT_EXPECT_STREQ(test, vtd_test_watch_flushes_wrong(w, want, n, 0) ?: "right", "right");
}

/* A unit in caching mode has to be told of what comes, too (6.1). */
static void caching_mode_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	const struct pasid_entry *next = &kinds[ARRAY_SIZE(kinds) - 1].e;
	struct pasid_entry *slot = kunit_kzalloc(test, sizeof(*slot), GFP_KERNEL);
	struct intel_iommu *unit = kunit_kmalloc(test, sizeof(*unit), GFP_KERNEL);
	struct flush want[] = {
		vtd_test_flush_pasid_cache(DID_B, PASID),
		vtd_test_flush_pasid(DID_B, PASID),
	};
	struct watch *w;

	KUNIT_ASSERT_NOT_NULL(test, slot);
	KUNIT_ASSERT_NOT_NULL(test, unit);
	*unit = *fx->iommu;
	unit->cap |= BIT_ULL(7);
	w = vtd_test_watch_start(test, fx->iommu, slot);
	vtd_test_watch_reset(w);
	vtd_slot_publish(unit, slot, next, PASID, DID_B);
	KUNIT_EXPECT_STREQ(test, vtd_test_watch_steps_wrong(w, next, false) ?: "right", "right");
	KUNIT_EXPECT_EQ(test, w->step[w->count - 1].head, w->step[0].head);
	KUNIT_EXPECT_STREQ(test, vtd_test_watch_flushes_wrong(w, want, 0, 2) ?: "right", "right");
}

static struct kunit_case pairs_cases[] = {
	KUNIT_CASE(plan_test),
	KUNIT_CASE(execution_test),
	KUNIT_CASE(no_pasid_test),
	KUNIT_CASE(caching_mode_test),
	{}
};

static struct kunit_suite pairs_suite = {
	.name = "intel-nested-pairs",
	.init = vtd_test_init,
	.test_cases = pairs_cases,
};

kunit_test_suite(pairs_suite);
