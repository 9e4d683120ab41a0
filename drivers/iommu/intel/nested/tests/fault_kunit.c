// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page requests without PASID on their way to a domain that is replaced or
 * detached: the attach handle lives for as long as they need it.
 */

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/slab.h>

#include "../../../iommu-priv.h"
#include "compat.h"
#include "fixture.h"

/**
 * struct delivery - a page request that is held up on its way
 * @fx: the fixture
 * @s1: the domain before and after
 * @handle: the attach handles of the two; the first is freed by @changer
 * @group: the device's
 * @replace: replace the domain; else detach it
 * @entered: the request is at the domain
 * @go: it may go on
 * @delivered: it has
 * @changed: the domain has been changed, and the handle is free
 * @delivered_to: the domain of the handle, after it went on
 * @ret: of the change
 */
struct delivery {
	struct vtd_test *fx;
	struct iommu_domain *s1[2];
	struct iommu_attach_handle *handle[2];
	struct iommu_group *group;
	bool replace;
	struct completion entered;
	struct completion go;
	struct completion delivered;
	struct completion changed;
	struct iommu_domain *delivered_to;
	int ret;
};

static struct delivery *delivery;

/* Nobody has asked for an answer in the unit, so none is sent. */
static void drop_group(struct iopf_group *group)
{
	mutex_lock(&group->fault_param->lock);
	list_del_init(&group->pending_node);
	mutex_unlock(&group->fault_param->lock);
	iopf_free_group(group);
}

static int held_up_handler(struct iopf_group *group)
{
	struct delivery *d = delivery;

	complete(&d->entered);
	wait_for_completion(&d->go);
	/* As iommufd does: whoever frees the handle comes later. */
	d->delivered_to = group->attach_handle->domain;
	drop_group(group);
	return 0;
}

static int report_thread(void *data)
{
	struct delivery *d = data;
	struct iopf_fault fault = {
		.fault = {
			.type = IOMMU_FAULT_PAGE_REQ,
			.prm = {
				.flags = IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE,
				.addr = IOVA,
				.perm = IOMMU_FAULT_PERM_READ,
			},
		},
	};

	iommu_report_device_fault(&d->fx->pdev->dev, &fault);
	complete(&d->delivered);
	return 0;
}

static int change_thread(void *data)
{
	struct delivery *d = data;

	if (d->replace)
		d->ret = iommu_replace_group_handle(d->group, d->s1[1], d->handle[1]);
	else
		iommu_detach_group_handle(d->s1[0], d->group);
	kfree(d->handle[0]);
	complete(&d->changed);
	return 0;
}

static void stop_reporting(void *data)
{
	struct vtd_test *fx = data;

	vtd_test_drop_requests(fx->iommu, &fx->pdev->dev);
}

/* The old handle cannot be found any more. */
static bool handle_is_gone(struct delivery *d)
{
	struct iommu_attach_handle *now = iommu_attach_handle_get(d->group, IOMMU_NO_PASID, 0);

	return d->replace ? now == d->handle[1] : IS_ERR(now);
}

static void hold_up(struct kunit *test, bool replace)
{
	struct vtd_test *fx = test->priv;
	struct delivery *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	struct task_struct *changer;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, d);
	if (!fx->iommu->iopf_queue)
		kunit_skip(test, "the unit takes no page requests");

	*d = (struct delivery) {
		.fx = fx,
		.group = fx->pdev->dev.iommu_group,
		.replace = replace,
	};
	init_completion(&d->entered);
	init_completion(&d->go);
	init_completion(&d->delivered);
	init_completion(&d->changed);
	for (i = 0; i < 2; i++) {
		d->s1[i] = vtd_test_s1(test, fx, fx->parent, i);
		d->s1[i]->iopf_handler = held_up_handler;
		d->handle[i] = kzalloc(sizeof(*d->handle[i]), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, d->handle[i]);
	}
	delivery = d;

	KUNIT_ASSERT_EQ(test, 0, vtd_test_take_requests(fx->iommu, &fx->pdev->dev));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, stop_reporting, fx));
	KUNIT_ASSERT_EQ(test, 0, iommu_attach_group_handle(d->s1[0], d->group, d->handle[0]));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(report_thread, d, "nested-report"));
	wait_for_completion(&d->entered);
	changer = kthread_create(change_thread, d, "nested-change");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, changer);
	get_task_struct(changer);
	wake_up_process(changer);

	/* Until it has done its work, or sleeps for the request to get through. */
	while (!completion_done(&d->changed) &&
	       !(handle_is_gone(d) && READ_ONCE(changer->__state) != TASK_RUNNING))
		cond_resched();
	KUNIT_EXPECT_FALSE_MSG(test, completion_done(&d->changed),
			       "the handle was freed with a request on its way");
	complete(&d->go);
	wait_for_completion(&d->delivered);
	wait_for_completion(&d->changed);
	put_task_struct(changer);
	KUNIT_EXPECT_EQ(test, d->ret, 0);
	KUNIT_EXPECT_PTR_EQ(test, d->delivered_to, d->s1[0]);

	if (replace)
		iommu_detach_group_handle(d->s1[1], d->group);
	kfree(d->handle[1]);
	for (i = 0; i < 2; i++)
		vtd_test_free(test, d->s1[i]);
}

static void replaced_handle_test(struct kunit *test)
{
	hold_up(test, true);
}

static void detached_handle_test(struct kunit *test)
{
	hold_up(test, false);
}

static unsigned int requests_in_group;

static int counting_handler(struct iopf_group *group)
{
	requests_in_group = list_count_nodes(&group->faults);
	drop_group(group);
	return 0;
}

static void report_page(struct device *dev, u64 addr, bool last)
{
	struct iopf_fault fault = {
		.fault = {
			.type = IOMMU_FAULT_PAGE_REQ,
			.prm = {
				.flags = last ? IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE : 0,
				.addr = addr,
				.perm = IOMMU_FAULT_PERM_READ,
			},
		},
	};

	iommu_report_device_fault(dev, &fault);
}

/*
 * A replacement that fails by a domain that takes no page requests. The domain that
 * stays has its page requests as before, those of an unfinished group included.
 */
static void failed_replace_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *other = vtd_test_parent(test, fx), *s1[2];
	struct iommu_group *group = fx->pdev->dev.iommu_group;
	struct iommu_attach_handle handle[2] = {};
	unsigned long *ids;

	if (!fx->iommu->iopf_queue)
		kunit_skip(test, "the unit takes no page requests");
	s1[0] = vtd_test_s1(test, fx, fx->parent, 0);
	s1[0]->iopf_handler = counting_handler;
	s1[1] = vtd_test_s1(test, fx, other, 0);
	if (!vtd_test_attach_takes_requests()) {
		KUNIT_ASSERT_EQ(test, 0, vtd_test_take_requests(fx->iommu, &fx->pdev->dev));
		KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, stop_reporting, fx));
	}
	KUNIT_ASSERT_EQ(test, 0, iommu_attach_group_handle(s1[0], group, &handle[0]));

	requests_in_group = 0;
	report_page(&fx->pdev->dev, IOVA, false);
	ids = vtd_test_take_ids(fx->iommu);
	if (ids) {
		KUNIT_EXPECT_EQ(test, iommu_replace_group_handle(group, s1[1], &handle[1]),
				-ENOSPC);
		vtd_test_return_ids(fx->iommu, ids);
	}
	report_page(&fx->pdev->dev, IOVA + PAGE_SIZE, true);
	KUNIT_EXPECT_EQ(test, requests_in_group, 2);

	iommu_detach_group_handle(s1[0], group);
	vtd_test_free(test, s1[0]);
	vtd_test_free(test, s1[1]);
}

static struct kunit_case fault_cases[] = {
	KUNIT_CASE(replaced_handle_test),
	KUNIT_CASE(detached_handle_test),
	KUNIT_CASE(failed_replace_test),
	{}
};

static struct kunit_suite fault_suite = {
	.name = "intel-nested-fault",
	.init = vtd_test_init,
	.test_cases = fault_cases,
};

kunit_test_suite(fault_suite);
