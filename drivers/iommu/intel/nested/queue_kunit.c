// SPDX-License-Identifier: GPL-2.0-only
/* Submissions to invalidation queues, against the model of the unit. */

#include <kunit/test.h>

#include "../../vtdsim/vtdsim.h"
#include "rig_kunit.h"

#define FULL	(QI_LENGTH - 2)

/* PASID-cache invalidations of a domain id, which cost nobody anything. */
static struct qi_desc *harmless(struct kunit *test, unsigned int n)
{
	struct qi_desc *desc = kunit_kcalloc(test, n, sizeof(*desc), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, desc);
	for (i = 0; i < n; i++)
		desc[i].qw0 = QI_PC_TYPE | QI_PC_GRAN(QI_PC_ALL_PASIDS) | QI_PC_DID(1);
	return desc;
}

static unsigned int free_slots(struct intel_iommu *iommu)
{
	unsigned long flags;
	unsigned int n;

	raw_spin_lock_irqsave(&iommu->qi->q_lock, flags);
	n = iommu->qi->free_cnt;
	raw_spin_unlock_irqrestore(&iommu->qi->q_lock, flags);
	return n;
}

/* Each fills the queue: the later wait until the earlier have been collected. */
static void full_queue_test(struct kunit *test)
{
	struct vtdsim_stats before, *now = &vtdsim_unit0.stats;
	struct qi_desc *desc = harmless(test, FULL);
	struct rig *rig = test->priv;
	struct vtd_submission sub[4];
	unsigned int i, room = free_slots(rig->iommu);

	for (i = 0; i < ARRAY_SIZE(sub); i++)
		sub[i] = (struct vtd_submission) { rig->iommu, desc, FULL };
	before = *now;
	KUNIT_EXPECT_EQ(test, 0, vtd_queue_run(sub, ARRAY_SIZE(sub)));
	KUNIT_EXPECT_EQ(test, now->doorbells - before.doorbells, ARRAY_SIZE(sub));
	KUNIT_EXPECT_EQ(test, now->waits - before.waits, ARRAY_SIZE(sub));
	KUNIT_EXPECT_EQ(test, now->descriptors - before.descriptors,
			ARRAY_SIZE(sub) * (FULL + 1));
	KUNIT_EXPECT_EQ(test, free_slots(rig->iommu), room);
}

/* All that fit are in the queue at once. */
static void short_submissions_test(struct kunit *test)
{
	struct qi_desc *desc = harmless(test, 8);
	struct rig *rig = test->priv;
	unsigned int i, n, room = free_slots(rig->iommu);
	struct vtd_submission sub[8];

	for (n = 1; n <= ARRAY_SIZE(sub); n++) {
		for (i = 0; i < n; i++)
			sub[i] = (struct vtd_submission) { rig->iommu, desc, i + 1 };
		KUNIT_EXPECT_EQ(test, 0, vtd_queue_run(sub, n));
		KUNIT_EXPECT_EQ(test, free_slots(rig->iommu), room);
	}
}

/* Wherever the bad descriptor is, it alone is not carried out. */
static void refused_descriptor_test(struct kunit *test)
{
	static const unsigned int at[] = { 0, 1, 7, 8 };
	struct vtdsim_stats before, *now = &vtdsim_unit0.stats;
	struct rig *rig = test->priv;
	unsigned int i, room = free_slots(rig->iommu);

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		struct qi_desc *desc = harmless(test, 9);
		struct vtd_submission sub[] = {
			{ rig->iommu, desc, 9 },
			{ rig->iommu, harmless(test, 5), 5 },
		};

		desc[at[i]].qw0 = 0xf;	/* no such type */
		KUNIT_EXPECT_EQ(test, -EINVAL, vtd_queue_run(sub, 2));
		KUNIT_EXPECT_EQ(test, sub[0].err, -EINVAL);
		KUNIT_EXPECT_EQ(test, sub[1].err, 0);
		KUNIT_EXPECT_EQ(test, free_slots(rig->iommu), room);

		before = *now;
		desc[at[i]] = desc[at[i] ? 0 : 1];
		KUNIT_EXPECT_EQ(test, 0, vtd_queue_run(sub, 2));
		KUNIT_EXPECT_EQ(test, now->descriptors - before.descriptors, 9 + 5 + 2);
	}
}

static struct kunit_case queue_cases[] = {
	KUNIT_CASE(full_queue_test),
	KUNIT_CASE(short_submissions_test),
	KUNIT_CASE(refused_descriptor_test),
	{}
};

static struct kunit_suite queue_suite = {
	.name = "intel-nested-queue",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = queue_cases,
};

kunit_test_suite(queue_suite);
