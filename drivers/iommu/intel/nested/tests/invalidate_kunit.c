// SPDX-License-Identifier: GPL-2.0-only
/*
 * What invalidations cost the queue, exactly, as the model of the unit counts
 * it; and that they are complete and say so.
 */

#include <kunit/test.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <uapi/linux/vtdsim.h>

#include "../../../vtdsim/vtdsim.h"
#include "fixture.h"

#define ENTRIES		4096
#define REQ_BYTES	sizeof(struct iommu_hwpt_vtd_s1_invalidate)
#define PASIDS		4

/* How many descriptors go into one submission. */
#define FULL		254

/**
 * struct inv_test - a stage-1 domain and an array of requests
 * @fx: the fixture
 * @s1: the domain, attached to the PASIDs from 1 on
 * @pasids: how many
 * @root: the guest's table
 * @old: data page that IOVA led to first
 * @req: the requests
 * @user: room for them in user memory
 * @tags: caches that hold what a PASID used: IOTLB, device TLB
 */
struct inv_test {
	struct vtd_test *fx;
	struct iommu_domain *s1;
	unsigned int pasids;
	unsigned int root;
	unsigned int old;
	struct iommu_hwpt_vtd_s1_invalidate *req;
	void __user *user;
	unsigned int tags;
};

static void set_up(struct kunit *test, struct inv_test *a, unsigned int pasids,
		   unsigned long user_bytes)
{
	struct device_domain_info *info;
	unsigned int i;

	a->fx = test->priv;
	a->pasids = pasids;
	a->old = vtd_test_data_page(test, a->fx);
	a->root = vtd_test_table(test, a->fx, IOVA, a->old);
	a->s1 = vtd_test_s1(test, a->fx, a->fx->parent, a->root);
	for (i = 1; i <= pasids; i++)
		KUNIT_ASSERT_EQ(test, 0,
				vtd_test_attach(test, a->s1, a->fx->pdev, i));

	a->req = kunit_kcalloc(test, ENTRIES, sizeof(*a->req), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, a->req);
	a->user = (void __user *)kunit_vm_mmap(test, NULL, 0, user_bytes,
					       PROT_READ | PROT_WRITE,
					       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NOT_NULL(test, (void __force *)a->user);

	info = dev_iommu_priv_get(&a->fx->pdev->dev);
	a->tags = info->ats_enabled ? 2 : 1;
}

/* Runs the first @n requests; *done is how many were carried out. */
static int run_requests(struct kunit *test, struct inv_test *a, unsigned int n, u32 *done)
{
	struct iommu_user_data_array array = {
		.type = IOMMU_HWPT_INVALIDATE_DATA_VTD_S1,
		.uptr = a->user,
		.entry_len = REQ_BYTES,
		.entry_num = n,
	};
	int ret;

	ret = a->s1->ops->cache_invalidate_user(a->s1, &array);
	*done = array.entry_num;
	return ret;
}

static void give_requests(struct kunit *test, struct inv_test *a, unsigned int n)
{
	KUNIT_ASSERT_EQ(test, 0, copy_to_user(a->user, a->req, n * sizeof(*a->req)));
}

static void set_request(struct iommu_hwpt_vtd_s1_invalidate *req, u64 page)
{
	*req = (struct iommu_hwpt_vtd_s1_invalidate) {
		.addr = page << PAGE_SHIFT,
		.npages = 1,
		.flags = IOMMU_VTD_INV_FLAGS_LEAF,
	};
}

/* Everything the domain's PASIDs have cached. */
static void flush_all(struct kunit *test, struct inv_test *a)
{
	u32 done;

	a->req[0] = (struct iommu_hwpt_vtd_s1_invalidate) { .npages = U64_MAX };
	give_requests(test, a, 1);
	KUNIT_ASSERT_EQ(test, 0, run_requests(test, a, 1, &done));
}

static u64 page_scattered(unsigned int i, unsigned int n)
{
	return i * 2;
}

static u64 page_shuffled(unsigned int i, unsigned int n)
{
	return i * 1021 % n;
}

static u64 page_scattered_shuffled(unsigned int i, unsigned int n)
{
	return i * 1021 % n * 2;
}

static u64 page_contiguous(unsigned int i, unsigned int n)
{
	return i;
}

static u64 page_descending(unsigned int i, unsigned int n)
{
	return n - 1 - i;
}

static u64 page_duplicates(unsigned int i, unsigned int n)
{
	return i % (n / 4) * 2;
}

static u64 page_runs_of_eight(unsigned int i, unsigned int n)
{
	return i / 8 * 16 + i % 8;
}

/* Of @blocks and @wholes, one goes to each tag of each PASID. */
struct cost_case {
	const char *what;
	u64 (*page)(unsigned int i, unsigned int n);
	unsigned int n, pasids;
	unsigned int ranges, blocks, wholes;
	unsigned int max_doorbells;
};

static const struct cost_case cost_cases[] = {
	{ "one page", page_contiguous, 1, 1, 1, 1, 0, 1 },
	{ "one page, four PASIDs", page_contiguous, 1, 4, 1, 1, 0, 1 },
	{ "256 contiguous", page_contiguous, 256, 1, 1, 1, 0, 1 },
	{ "256 contiguous, four PASIDs", page_contiguous, 256, 4, 1, 1, 0, 1 },
	{ "256 descending", page_descending, 256, 1, 1, 1, 0, 1 },
	{ "256 contiguous in no order", page_shuffled, 256, 1, 1, 1, 0, 1 },
	{ "4096 contiguous", page_contiguous, 4096, 1, 4, 4, 0, 4 },
	{ "100 scattered", page_scattered, 100, 1, 100, 100, 0, 2 },
	{ "as many as go into a submission", page_scattered, FULL, 1, FULL, FULL, 0, 4 },
	{ "one more", page_scattered, FULL + 1, 1, FULL + 1, 0, 1, 1 },
	{ "256 scattered", page_scattered_shuffled, 256, 1, 256, 0, 1, 1 },
	{ "256 scattered, four PASIDs", page_scattered_shuffled, 256, 4, 256, 0, 1, 1 },
	{ "4096 scattered", page_scattered_shuffled, 4096, 1, 1024, 0, 1, 1 },
	{ "256, each four times", page_duplicates, 256, 1, 64, 64, 0, 2 },
	{ "too many only with the second piece", page_runs_of_eight, 4096, 1, 256, 128, 1, 4 },
};

KUNIT_ARRAY_PARAM_DESC(cost, cost_cases, what);

static void cost_test(struct kunit *test)
{
	const struct cost_case *c = test->param_value;
	struct vtdsim_stats before, *now = &vtdsim_units[0].stats;
	struct vtd_s1_stats *stats;
	struct inv_test a = {};
	u64 waits, descs;
	unsigned int i;
	u32 done;

	set_up(test, &a, c->pasids, ENTRIES * REQ_BYTES);
	for (i = 0; i < c->n; i++)
		set_request(&a.req[i], c->page(i, c->n));
	give_requests(test, &a, c->n);

	before = *now;
	KUNIT_EXPECT_EQ(test, 0, run_requests(test, &a, c->n, &done));
	waits = now->waits - before.waits;
	descs = now->descriptors - before.descriptors - waits;
	KUNIT_EXPECT_EQ(test, done, c->n);
	KUNIT_EXPECT_LE(test, waits, c->max_doorbells);
	KUNIT_EXPECT_EQ(test, now->doorbells - before.doorbells, waits);
	KUNIT_EXPECT_EQ(test, descs, (c->blocks + c->wholes) * a.tags * c->pasids);

	stats = &to_vtd_s1(a.s1)->stats;
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->entries), c->n);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->ranges), c->ranges);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->descriptors), descs);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->submissions), waits);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->timeouts), 0);
}

/* The page that changed is named last, long after everything was flushed. */
static void late_request_test(struct kunit *test)
{
	struct inv_test a = {};
	unsigned int data, i;
	u32 done;

	set_up(test, &a, PASIDS, ENTRIES * REQ_BYTES);
	data = vtd_test_data_page(test, a.fx);
	for (i = 0; i < ENTRIES; i++)
		set_request(&a.req[i], i * 2);
	a.req[ENTRIES - 1].addr = IOVA;
	give_requests(test, &a, ENTRIES);

	for (i = 1; i <= PASIDS; i++)
		KUNIT_EXPECT_EQ(test, vtd_test_read(a.fx, i, IOVA), vtd_test_stamp(a.old));
	*vtd_test_leaf(a.fx, a.root, IOVA) = vtd_test_gpa(data) | PTE_ALL;
	KUNIT_EXPECT_EQ(test, vtd_test_read(a.fx, 1, IOVA), vtd_test_stamp(a.old));
	KUNIT_EXPECT_EQ(test, 0, run_requests(test, &a, ENTRIES, &done));
	KUNIT_EXPECT_EQ(test, done, ENTRIES);
	for (i = 1; i <= PASIDS; i++)
		KUNIT_EXPECT_EQ(test, vtd_test_read(a.fx, i, IOVA), vtd_test_stamp(data));
}

/* Wherever the bad request is, those before it are done, and counted. */
static void bad_request_test(struct kunit *test)
{
	static const unsigned int at[] = { 0, 1, 255, 1023, 1024, 1025, 3000, ENTRIES - 1 };
	struct inv_test a = {};
	unsigned int data, i;
	u32 done;

	set_up(test, &a, 1, ENTRIES * REQ_BYTES);
	data = vtd_test_data_page(test, a.fx);
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		unsigned int seen = i & 1 ? a.old : data, next = i & 1 ? data : a.old;
		unsigned int k;

		*vtd_test_leaf(a.fx, a.root, IOVA) = vtd_test_gpa(seen) | PTE_ALL;
		flush_all(test, &a);
		KUNIT_EXPECT_EQ(test, vtd_test_read(a.fx, 1, IOVA), vtd_test_stamp(seen));

		for (k = 0; k < ENTRIES; k++)
			set_request(&a.req[k], k);
		if (at[i])
			a.req[at[i] - 1].addr = IOVA;
		a.req[at[i]].npages = 0;
		give_requests(test, &a, ENTRIES);

		*vtd_test_leaf(a.fx, a.root, IOVA) = vtd_test_gpa(next) | PTE_ALL;
		KUNIT_EXPECT_EQ(test, -EINVAL, run_requests(test, &a, ENTRIES, &done));
		KUNIT_EXPECT_EQ(test, done, at[i]);
		KUNIT_EXPECT_EQ(test, vtd_test_read(a.fx, 1, IOVA),
				vtd_test_stamp(at[i] ? next : seen));
	}
}

/* User memory ends in the middle of the array, and of a request. */
static void short_memory_test(struct kunit *test)
{
	struct inv_test a = {};
	unsigned int i;
	u32 done;

	set_up(test, &a, 1, 2 * PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, 0, vm_munmap((unsigned long)a.user + PAGE_SIZE, PAGE_SIZE));
	for (i = 0; i < PAGE_SIZE / REQ_BYTES; i++)
		set_request(&a.req[i], i);
	give_requests(test, &a, i);
	KUNIT_EXPECT_EQ(test, -EFAULT, run_requests(test, &a, 2 * i, &done));
	KUNIT_EXPECT_LE(test, done, i);
	/* What a copy that faults has copied is whole words, not all there is. */
	KUNIT_EXPECT_GE(test, done, i - 3);
}

/* A killed caller is let go at the end of a piece, with the right count. */
static void killed_caller_test(struct kunit *test)
{
	struct inv_test a = {};
	unsigned int data, i;
	u32 done;

	set_up(test, &a, 1, ENTRIES * REQ_BYTES);
	data = vtd_test_data_page(test, a.fx);
	for (i = 0; i < ENTRIES; i++)
		set_request(&a.req[i], i);
	a.req[1023].addr = IOVA;
	give_requests(test, &a, ENTRIES);
	KUNIT_EXPECT_EQ(test, vtd_test_read(a.fx, 1, IOVA), vtd_test_stamp(a.old));
	*vtd_test_leaf(a.fx, a.root, IOVA) = vtd_test_gpa(data) | PTE_ALL;

	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
	KUNIT_EXPECT_EQ(test, -EINTR, run_requests(test, &a, ENTRIES, &done));
	flush_signals(current);
	disallow_signal(SIGKILL);

	KUNIT_EXPECT_EQ(test, done, 1024);
	KUNIT_EXPECT_EQ(test, vtd_test_read(a.fx, 1, IOVA), vtd_test_stamp(data));
	KUNIT_EXPECT_EQ(test, 0, run_requests(test, &a, ENTRIES, &done));
	KUNIT_EXPECT_EQ(test, done, ENTRIES);
}

struct loss_case {
	const char *what;
	unsigned int requests, lost;
	int ret;
	u32 done;
};

static const struct loss_case loss_cases[] = {
	{ "one request, answered at the second try", 1, 1, 0, 1 },
	{ "one request, never answered", 1, 1000000, -ETIMEDOUT, 0 },
	{ "an array, answered at the second try", 100, 1, 0, 100 },
	{ "an array, never answered", 100, 1000000, -ETIMEDOUT, 0 },
	{ "the first piece, never answered", ENTRIES, 1000000, -ETIMEDOUT, 0 },
};

KUNIT_ARRAY_PARAM_DESC(loss, loss_cases, what);

/* A device TLB that does not answer is reported, and the next call works. */
static void lost_answer_test(struct kunit *test)
{
	const struct loss_case *c = test->param_value;
	struct vtd_s1_stats *stats;
	struct inv_test a = {};
	struct kmsg_dump_iter log = {};
	unsigned int i;
	u32 done;

	set_up(test, &a, 1, ENTRIES * REQ_BYTES);
	if (a.tags < 2)
		kunit_skip(test, "the unit or the endpoint has no ATS");
	for (i = 0; i < c->requests; i++)
		set_request(&a.req[i], i * 2);
	give_requests(test, &a, c->requests);
	/* Tests before this one may have used up the messages that the limit allows. */
	if (c == &loss_cases[1])
		schedule_timeout_idle(DEFAULT_RATELIMIT_INTERVAL + 1);
	vtd_test_lose_answers(test, a.fx, c->lost);
	vtd_test_log_lines(a.fx->pdev, &log, "");
	KUNIT_EXPECT_EQ(test, c->ret, run_requests(test, &a, c->requests, &done));
	KUNIT_EXPECT_EQ(test, done, c->done);
	KUNIT_EXPECT_EQ(test, vtd_test_log_lines(a.fx->pdev, &log, "device TLB does not answer"),
			c->ret ? 1 : 0);
	vtd_test_lose_answers(test, a.fx, 0);

	stats = &to_vtd_s1(a.s1)->stats;
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->entries), c->done);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->timeouts), c->ret ? 1 : 0);

	KUNIT_EXPECT_EQ(test, 0, run_requests(test, &a, c->requests, &done));
	KUNIT_EXPECT_EQ(test, done, c->requests);
	KUNIT_EXPECT_EQ(test, atomic64_read(&stats->timeouts), c->ret ? 1 : 0);
}

static struct kunit_case invalidate_cases[] = {
	KUNIT_CASE_PARAM(cost_test, cost_gen_params),
	KUNIT_CASE(late_request_test),
	KUNIT_CASE(bad_request_test),
	KUNIT_CASE(short_memory_test),
	KUNIT_CASE(killed_caller_test),
	KUNIT_CASE_PARAM(lost_answer_test, loss_gen_params),
	{}
};

static struct kunit_suite invalidate_suite = {
	.name = "intel-nested-invalidate",
	.init = vtd_test_init,
	.test_cases = invalidate_cases,
};

kunit_test_suite(invalidate_suite);
