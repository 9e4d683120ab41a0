// SPDX-License-Identifier: GPL-2.0-only
/* Page requests of other devices, while those of one are drained. */

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>

#include "vtdsim.h"
#include "fixture.h"

/**
 * struct drain - a thread that drains the page requests of the fixture's endpoint
 * @dev: the endpoint
 * @done: it has
 */
struct drain {
	struct device *dev;
	struct completion done;
};

static int drain_thread(void *data)
{
	struct drain *drain = data;

	intel_iommu_drain_pasid_prq(drain->dev, IOMMU_NO_PASID);
	complete_all(&drain->done);
	return 0;
}

static void stop_requests(void *dev)
{
	iommu_dev_disable_feature(dev, IOMMU_DEV_FEAT_IOPF);
}

static bool queue_is_empty(struct vtdsim_unit *unit)
{
	unsigned long flags;
	bool empty;

	raw_spin_lock_irqsave(&unit->lock, flags);
	empty = vtdsim_reg_get64(unit, VTDSIM_PQH) == vtdsim_reg_get64(unit, VTDSIM_PQT);
	raw_spin_unlock_irqrestore(&unit->lock, flags);

	return empty;
}

/* Who detaches a device waits for its page requests, not for those of others on the unit. */
static void foreign_request_test(struct kunit *test)
{
	struct vtdsim_page_request req = { .addr = IOVA, .read = true, .last = true };
	struct drain *drain = kunit_kzalloc(test, sizeof(*drain), GFP_KERNEL);
	struct pci_dev *other = vtd_test_other_endpoint(test);
	struct vtd_test *fx = test->priv;
	struct device *dev[] = { &fx->pdev->dev, &other->dev };
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, drain);
	if (!fx->iommu->iopf_queue)
		kunit_skip(test, "the unit takes no page requests");
	for (i = 0; i < ARRAY_SIZE(dev); i++) {
		KUNIT_ASSERT_EQ(test, 0, iommu_dev_enable_feature(dev[i], IOMMU_DEV_FEAT_IOPF));
		KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, stop_requests, dev[i]));
	}
	drain->dev = dev[0];
	init_completion(&drain->done);
	req.sid = pci_dev_id(other);

	/* The request stays in the queue as long as nobody can report it. */
	mutex_lock(&fx->iommu->iopf_lock);
	vtdsim_page_request(&vtdsim_units[0], &req);
	KUNIT_EXPECT_FALSE(test, queue_is_empty(&vtdsim_units[0]));
	if (!IS_ERR(kthread_run(drain_thread, drain, "nested-drain")))
		KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&drain->done, 60 * HZ));
	else
		complete_all(&drain->done);
	KUNIT_EXPECT_FALSE(test, queue_is_empty(&vtdsim_units[0]));
	mutex_unlock(&fx->iommu->iopf_lock);
	wait_for_completion(&drain->done);
}

static struct kunit_case drain_cases[] = {
	KUNIT_CASE(foreign_request_test),
	{}
};

static struct kunit_suite drain_suite = {
	.name = "intel-nested-drain",
	.init = vtd_test_init,
	.test_cases = drain_cases,
};

kunit_test_suite(drain_suite);
