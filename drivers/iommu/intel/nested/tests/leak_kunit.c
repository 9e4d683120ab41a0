// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attaching, replacing and detaching, as often as asked for, leaves nothing
 * behind: domain ids, PASID-table entries and what is on lists are counted, and
 * every allocation has its free, so that a leak of one shows at once.
 *
 * leak_kunit.cycles=N on the command line sets how often.
 */

#include <kunit/test.h>
#include <linux/moduleparam.h>
#include <trace/events/kmem.h>

#include "compat.h"
#include "fixture.h"

static unsigned int cycles = 5000;
module_param(cycles, uint, 0444);
MODULE_PARM_DESC(cycles, "how often to attach and detach");

/* KUnit gives every test five minutes: a million takes many tests. */
#define ROUND		50000U

/* PASIDs in use, in turn: more than one PASID table has. */
#define PASIDS		150

/**
 * struct balance - memory that a task has, at some places in the kernel
 * @task: the task
 * @objects: count_kmalloc, minus freed
 * @allocated: ever
 */
struct balance {
	struct task_struct *task;
	long objects;
	unsigned long allocated;
};

static void count_kmalloc(void *data, unsigned long call_site, const void *ptr,
			  size_t bytes_req, size_t bytes_alloc, gfp_t gfp_flags, int node)
{
	struct balance *b = data;

	if (current != b->task || !in_task() || !ptr)
		return;
	b->objects++;
	b->allocated++;
}

static void count_kfree(void *data, unsigned long call_site, const void *ptr)
{
	struct balance *b = data;

	if (current == b->task && in_task() && !ZERO_OR_NULL_PTR(ptr))
		b->objects--;
}

static void stop_counting(void *b)
{
	unregister_trace_kmalloc(count_kmalloc, b);
	unregister_trace_kfree(count_kfree, b);
	tracepoint_synchronize_unregister();
}

/* NULL on kernels without tracepoints: they count the rest. */
static struct balance *count_memory(struct kunit *test)
{
	struct balance *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	b->task = current;
	if (register_trace_kmalloc(count_kmalloc, b))
		return NULL;
	KUNIT_ASSERT_EQ(test, register_trace_kfree(count_kfree, b), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_counting, b), 0);

	return b;
}

static unsigned int entries_in_use(struct vtd_test *fx)
{
	unsigned int pasid, i, n = 0;

	for (pasid = 1; pasid <= PASIDS; pasid++) {
		struct pasid_entry *entry = intel_pasid_get_entry(&fx->pdev->dev, pasid);

		for (i = 0; i < ARRAY_SIZE(entry->val); i++) {
			if (entry->val[i]) {
				n++;
				break;
			}
		}
	}

	return n;
}

/* PASID tables that the directory leads to (VT-d 9.5) */
static unsigned int tables_in_use(struct vtd_test *fx)
{
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	struct pasid_dir_entry *dir = info->pasid_table->table;
	unsigned int i, n = 0;

	for (i = 0; i < info->pasid_table->max_pasid >> PASID_PDE_SHIFT; i++)
		n += dir[i].val & 1;

	return n;
}

/* Any attachment, and other ways out of it than the last one's. */
static int attach_cycle(struct vtd_test *fx, struct iommu_domain *s1[3], unsigned int i)
{
	struct device *dev = &fx->pdev->dev;
	struct iommu_domain *now = s1[i & 1];
	ioasid_t pasid = 1 + i % PASIDS;
	int ret;

	ret = iommu_attach_device_pasid(now, dev, pasid, NULL);
	if (ret)
		return ret;
	if (i % 3 == 0) {
		struct iommu_domain *next = i % 2 ? s1[0] : s1[1];

		/* The same parent, and the domain that is attached already. */
		ret = next->ops->set_dev_pasid(next, dev, pasid, now) ?:
		      next->ops->set_dev_pasid(next, dev, pasid, next);
	} else if (i % 5 == 0) {
		/* Another parent, and back: the core expects what it attached. */
		ret = s1[2]->ops->set_dev_pasid(s1[2], dev, pasid, now) ?:
		      now->ops->set_dev_pasid(now, dev, pasid, s1[2]);
	}
	iommu_detach_device_pasid(now, dev, pasid);

	return ret;
}

static VTD_TEST_GENERATOR(next_round, prev, desc)
{
	unsigned long round = (unsigned long)prev;

	if (round * ROUND >= cycles)
		return NULL;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "round %lu", round + 1);
	return (void *)(round + 1);
}

static void cycles_test(struct kunit *test)
{
	unsigned int done = ((unsigned long)test->param_value - 1) * ROUND;
	unsigned int count = min(ROUND, cycles - done);
	struct vtd_test *fx = test->priv;
	struct iommu_domain *other = vtd_test_parent(test, fx);
	struct dmar_domain *parent = to_dmar_domain(fx->parent);
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	unsigned int data = vtd_test_data_page(test, fx), i, failed = 0, tables;
	struct iommu_domain *s1[3];
	struct balance *b;
	long before = 0;

	s1[0] = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, data));
	s1[1] = vtd_test_s1(test, fx, fx->parent, vtd_test_table(test, fx, IOVA, data));
	s1[2] = vtd_test_s1(test, fx, other, vtd_test_table(test, fx, IOVA, data));

	/* What stays on purpose: PASID tables, and a parent's batch. */
	for (i = 0; i < 2 * PASIDS; i++)
		failed += !!attach_cycle(fx, s1, i);
	KUNIT_ASSERT_EQ(test, failed, 0);
	tables = tables_in_use(fx);

	b = count_memory(test);
	if (b)
		before = b->objects;
	for (i = 0; i < count; i++) {
		failed += !!attach_cycle(fx, s1, i);
		cond_resched();
	}
	if (b) {
		KUNIT_EXPECT_EQ(test, b->objects, before);
		KUNIT_EXPECT_GE(test, b->allocated, count);
	} else {
		kunit_info(test, "memory is not counted: no tracepoints");
	}
	kunit_info(test, "%u cycles, %lu allocations", count, b ? b->allocated : 0);

	KUNIT_EXPECT_EQ(test, failed, 0);
	KUNIT_EXPECT_EQ(test, vtd_test_ids_in_use(fx), fx->ids);
	KUNIT_EXPECT_EQ(test, entries_in_use(fx), 0);
	KUNIT_EXPECT_EQ(test, tables_in_use(fx), tables);
	KUNIT_EXPECT_NULL(test, info->nested);
	KUNIT_EXPECT_TRUE(test, list_empty(&parent->s1_domains));
	KUNIT_EXPECT_TRUE(test, list_empty(&parent->cache_tags));
	KUNIT_EXPECT_EQ(test, list_count_nodes(&parent->nested->exposures),
			to_vtd_s1(s1[0])->exposure.dev ? 2 : 0);

	/* It still works. */
	KUNIT_ASSERT_EQ(test, vtd_test_attach(test, s1[0], fx->pdev, 1), 0);
	KUNIT_EXPECT_EQ(test, vtd_test_read(fx, 1, IOVA), vtd_test_stamp(data));
}

/* The same for parents, stage-1 domains, and some that are refused. */
static void domains_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	unsigned int i, count = min(ROUND, cycles) / 10, failed = 0;
	struct balance *b = count_memory(test);
	struct iommu_domain *parent, *s1;
	long before;

	if (!b)
		kunit_skip(test, "needs tracepoints");
	before = b->objects;
	for (i = 0; i < count; i++) {
		parent = vtd_test_bare_parent(test, fx);
		s1 = vtd_test_s1(test, fx, parent, 0);
		/* Nothing nests on that. */
		failed += !IS_ERR(vtd_test_try_s1(fx, s1, 0));
		vtd_test_free(test, s1);
		vtd_test_free(test, parent);
		cond_resched();
	}
	KUNIT_EXPECT_EQ(test, b->objects, before);
	KUNIT_EXPECT_GE(test, b->allocated, count);
	KUNIT_EXPECT_EQ(test, failed, 0);
	KUNIT_EXPECT_EQ(test, vtd_test_ids_in_use(fx), fx->ids);
}

static struct kunit_case leak_cases[] = {
	KUNIT_CASE_PARAM_ATTR(cycles_test, next_round, {.speed = KUNIT_SPEED_SLOW}),
	KUNIT_CASE_SLOW(domains_test),
	{}
};

static struct kunit_suite leak_suite = {
	.name = "intel-nested-leak",
	.init = vtd_test_init,
	.test_cases = leak_cases,
};

kunit_test_suite(leak_suite);
