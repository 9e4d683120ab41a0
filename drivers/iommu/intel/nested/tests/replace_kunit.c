// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device's requests, with a PASID and without, from every kind of domain to
 * every other, as the base driver and this extension do it together: what
 * hardware gets to vtd_test_read of the PASID-table entry, what is flushed, and where DMA
 * goes afterwards.
 */

#include <kunit/test.h>

#include "compat.h"
#include "fixture.h"
#include "watch.h"

#define STATES		8
#define OWN		2	/* the first that the test made itself */
#define PASID		77

/**
 * struct state - something to be attached to
 * @name: for messages
 * @domain: the domain
 * @parent: what it nests on, or NULL
 * @addr: where to read
 * @sees: what is there
 */
struct state {
	const char *name;
	struct iommu_domain *domain;
	struct iommu_domain *parent;
	u64 addr;
	u64 sees;
};

struct states {
	struct state s[STATES];
	unsigned int n;
	const struct state *now;
	struct vtd_test *fx;
};

static struct state *add_state(struct kunit *test, struct states *all, const char *name,
			       struct iommu_domain *domain, u64 addr, u64 sees)
{
	struct state *s = &all->s[all->n];

	KUNIT_ASSERT_LT(test, all->n, STATES);
	all->n++;
	*s = (struct state) { .name = name, .domain = domain, .addr = addr, .sees = sees };
	return s;
}

static struct iommu_domain *new_paging_domain(struct kunit *test, struct vtd_test *fx, u32 flags)
{
	struct iommu_domain *domain;

	domain = vtd_test_alloc_paging(fx->ops, &fx->pdev->dev, flags);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	vtd_test_own(test, domain);
	KUNIT_ASSERT_EQ(test, 0, iommu_map(domain, GPA, page_to_phys(fx->page),
					   GUEST_PAGES * PAGE_SIZE,
					   IOMMU_READ | IOMMU_WRITE, GFP_KERNEL));
	return domain;
}

static void add_nested_state(struct kunit *test, struct vtd_test *fx, struct states *all,
			     const char *name, struct iommu_domain *parent)
{
	unsigned int data = vtd_test_data_page(test, fx);
	struct iommu_domain *s1;

	s1 = vtd_test_s1(test, fx, parent, vtd_test_table(test, fx, IOVA, data));
	add_state(test, all, name, s1, IOVA, vtd_test_stamp(data))->parent = parent;
}

/* Hitless if only the first stage changes; else by a break. */
static bool is_in_place(const struct state *from, const struct state *to)
{
	return from->parent && from->parent == to->parent;
}

/*
 * Without PASID a domain takes the place of another, and one blocks. A PASID is
 * blocked by being detached, and only stage-1 domains replace each other there.
 */
static int change_domain(struct vtd_test *fx, ioasid_t pasid, const struct state *from,
			 const struct state *to)
{
	struct iommu_domain *old = from->domain, *next = to->domain;
	struct device *dev = &fx->pdev->dev;

	if (pasid == IOMMU_NO_PASID)
		return vtd_test_op_attach(next, dev, old);

	if (old != fx->ops->blocked_domain && !(from->parent && to->parent)) {
		vtd_test_op_remove_pasid(fx->ops, dev, pasid, old);
		old = fx->ops->blocked_domain;
	}
	if (next == fx->ops->blocked_domain)
		return 0;
	return next->ops->set_dev_pasid(next, dev, pasid,
					old == fx->ops->blocked_domain ? NULL : old);
}

/*
 * What does not nest is torn down with ATS off, as the base has it. A stage-1
 * domain has the same ATS from when its entry is present until it is gone.
 */
static const char *ats_order_wrong(const struct watch *w, const struct state *from,
				   const struct state *to)
{
	const struct watch_step *step, *end = &w->step[w->count];
	bool was_present = vtd_test_entry_present(&w->step[0].entry);

	for (step = &w->step[1]; step < end; step++) {
		bool present = vtd_test_entry_present(&step->entry);

		if (was_present && !present) {
			if (!from->parent && step->ats && !vtd_test_base_keeps_ats())
				return "ATS is on while the base's domain is torn down";
			if (from->parent && step->ats != w->step[0].ats)
				return "ATS was switched before the stage-1 domain was gone";
		}
		if (!was_present && present && to->parent && step->ats != w->info->ats_enabled)
			return "ATS was switched with the stage-1 domain in force";
		was_present = present;
	}

	return NULL;
}

static const char *changed_wrong(struct kunit *test, struct watch *w, ioasid_t pasid,
				 const struct state *from, const struct state *to)
{
	struct vtd_test *fx = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&fx->pdev->dev);
	bool in_place = is_in_place(from, to);
	struct flush want[WATCH_FLUSHES];
	unsigned int first;
	struct pasid_entry now;
	const char *why;

	if (vtd_test_read(fx, pasid, from->addr) != from->sees)
		return "the first does not translate";

	/* The base may disable ATS of requests without PASID first: the device TLB is empty. */
	first = vtd_test_flushes_for(info, w->slot, pasid, in_place,
				     info->ats_enabled &&
				     (from->parent || pasid != IOMMU_NO_PASID ||
				      vtd_test_base_keeps_ats()),
				     want);
	w->info = info;
	vtd_test_watch_reset(w);
	KUNIT_ASSERT_EQ_MSG(test, change_domain(fx, pasid, from, to), 0, "%s -> %s",
			    from->name, to->name);
	now = *w->slot;

	if (vtd_test_read(fx, pasid, to->addr) != to->sees)
		return "the second does not translate";
	if (from == to && in_place)
		return w->count == 1 ? NULL : "there was nothing to do";
	why = vtd_test_watch_steps_wrong(w, &now, in_place);
	if (why)
		return why;
	why = pasid == IOMMU_NO_PASID ? ats_order_wrong(w, from, to) : NULL;
	if (why)
		return why;
	return vtd_test_watch_flushes_wrong(w, want, first, 0);
}

/* Blocks a PASID, whatever it is attached to. */
static void block_pasid(void *data)
{
	struct states *all = data;

	WARN_ON(change_domain(all->fx, PASID, all->now, all->s));
}

static void every_pair(struct kunit *test, struct states *all, ioasid_t pasid)
{
	struct vtd_test *fx = test->priv;
	const struct state *end = all->s + all->n, *from, *to;
	struct pasid_entry *slot = intel_pasid_get_entry(&fx->pdev->dev, pasid);
	struct watch *w = vtd_test_watch_start(test, fx->iommu, slot);
	unsigned int wrong = 0;

	all->fx = fx;
	all->now = all->s;
	if (pasid == IOMMU_NO_PASID)
		KUNIT_ASSERT_EQ(test, vtd_test_attach_device(test, all->s->domain), 0);
	else
		KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, block_pasid, all), 0);
	for (from = all->s; from < end; from++) {
		for (to = all->s; to < end; to++) {
			const char *why;

			KUNIT_ASSERT_EQ_MSG(test, change_domain(fx, pasid, all->now, from), 0,
					    "-> %s", from->name);
			all->now = from;
			why = changed_wrong(test, w, pasid, from, to);
			all->now = to;
			if (why && wrong++ < 10)
				KUNIT_FAIL(test, "%s -> %s: %s", from->name, to->name, why);
		}
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, change_domain(fx, pasid, all->now, all->s), 0);
	all->now = all->s;
}

/* What does not nest. The base tracks what is dirty for requests without PASID only. */
static struct states *client_states(struct kunit *test, bool dirty_tracking)
{
	struct states *all = kunit_kzalloc(test, sizeof(*all), GFP_KERNEL);
	struct vtd_test *fx = test->priv;
	unsigned int page = vtd_test_data_page(test, fx);

	KUNIT_ASSERT_NOT_NULL(test, all);
	add_state(test, all, "blocked", fx->ops->blocked_domain, vtd_test_gpa(page),
		  FR_PASID_NOT_PRESENT);
	add_state(test, all, "identity", fx->ops->identity_domain,
		  page_to_phys(fx->page) + page * PAGE_SIZE, vtd_test_stamp(page));
	KUNIT_ASSERT_EQ(test, all->n, OWN);
	add_state(test, all, "second stage", new_paging_domain(test, fx, 0),
		  vtd_test_gpa(page), vtd_test_stamp(page));
	if (dirty_tracking)
		add_state(test, all, "second stage, dirty tracking",
			  new_paging_domain(test, fx, IOMMU_HWPT_ALLOC_DIRTY_TRACKING),
			  vtd_test_gpa(page), vtd_test_stamp(page));

	return all;
}

static struct states *every_state(struct kunit *test, struct iommu_domain *other,
				  bool dirty_tracking)
{
	struct states *all = client_states(test, dirty_tracking);
	struct vtd_test *fx = test->priv;
	const struct state *paging = &all->s[OWN];

	add_nested_state(test, fx, all, "nested", fx->parent);
	add_nested_state(test, fx, all, "nested, same parent", fx->parent);
	add_nested_state(test, fx, all, "nested, other parent", other);
	add_state(test, all, "parent", fx->parent, paging->addr, paging->sees);

	return all;
}

static void without_pasid_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *other = vtd_test_parent(test, fx);
	struct states *all = every_state(test, other, true);

	every_pair(test, all, IOMMU_NO_PASID);
	vtd_test_restore_device(test);
	KUNIT_EXPECT_EQ(test, vtd_test_ids_in_use(fx), fx->ids);
}

static void pasid_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct iommu_domain *other = vtd_test_parent(test, fx);
	struct states *all = every_state(test, other, false);

	every_pair(test, all, PASID);
	KUNIT_EXPECT_EQ(test, vtd_test_ids_in_use(fx), fx->ids);
}

/*
 * A device that never nests: what is flushed, and when ATS is switched, is as the
 * base driver has it. This runs with the extension disabled, too.
 */
static void client_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct states *all = client_states(test, true);

	every_pair(test, all, IOMMU_NO_PASID);
	vtd_test_restore_device(test);
	KUNIT_EXPECT_EQ(test, vtd_test_ids_in_use(fx), fx->ids);
}

static struct kunit_case client_cases[] = {
	KUNIT_CASE(client_test),
	{}
};

static struct kunit_suite client_suite = {
	.name = "intel-nested-client",
	.init = vtd_test_init_client,
	.test_cases = client_cases,
};

static struct kunit_case replace_cases[] = {
	KUNIT_CASE(without_pasid_test),
	KUNIT_CASE(pasid_test),
	{}
};

static struct kunit_suite replace_suite = {
	.name = "intel-nested-replace",
	.init = vtd_test_init,
	.test_cases = replace_cases,
};

kunit_test_suites(&replace_suite, &client_suite);
