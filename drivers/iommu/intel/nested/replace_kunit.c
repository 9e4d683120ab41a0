// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device's requests, with a PASID and without, from every kind of domain to
 * every other, as the base driver and this extension do it together: what
 * hardware gets to see of the PASID-table entry, what is flushed, and where DMA
 * goes afterwards.
 */

#include <kunit/test.h>

#include "rig_kunit.h"
#include "watch_kunit.h"

#define STATES		8
#define OWN		3	/* the first that the test made itself */
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
};

static struct state *add(struct kunit *test, struct states *all, const char *name,
			 struct iommu_domain *domain, u64 addr, u64 sees)
{
	struct state *s = &all->s[all->n];

	KUNIT_ASSERT_LT(test, all->n, STATES);
	all->n++;
	*s = (struct state) { .name = name, .domain = domain, .addr = addr, .sees = sees };
	return s;
}

static struct iommu_domain *paging(struct kunit *test, struct rig *rig, u32 flags)
{
	struct iommu_domain *domain;

	domain = rig->ops->domain_alloc_user(&rig->pdev->dev, flags, NULL, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, domain);
	domain->owner = rig->ops;
	KUNIT_ASSERT_EQ(test, 0, iommu_map(domain, GPA, page_to_phys(rig->page),
					   GUEST_PAGES * PAGE_SIZE,
					   IOMMU_READ | IOMMU_WRITE, GFP_KERNEL));
	return domain;
}

static void nested(struct kunit *test, struct rig *rig, struct states *all,
		   const char *name, struct iommu_domain *parent)
{
	unsigned int data = new_data(test, rig);
	struct iommu_domain *s1;

	s1 = new_s1(test, rig, parent, new_table(test, rig, IOVA, data));
	add(test, all, name, s1, IOVA, stamp_of(data))->parent = parent;
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
static int change(struct rig *rig, ioasid_t pasid, const struct state *from,
		  const struct state *to)
{
	struct iommu_domain *old = from->domain, *next = to->domain;
	struct device *dev = &rig->pdev->dev;

	if (pasid == IOMMU_NO_PASID)
		return next->ops->attach_dev(next, dev);

	if (old != rig->ops->blocked_domain && !(from->parent && to->parent)) {
		rig->ops->remove_dev_pasid(dev, pasid, old);
		old = rig->ops->blocked_domain;
	}
	if (next == rig->ops->blocked_domain)
		return 0;
	return next->ops->set_dev_pasid(next, dev, pasid,
					old == rig->ops->blocked_domain ? NULL : old);
}

static const char *changed_wrong(struct kunit *test, struct watch *w, ioasid_t pasid,
				 const struct state *from, const struct state *to)
{
	struct rig *rig = test->priv;
	struct device_domain_info *info = dev_iommu_priv_get(&rig->pdev->dev);
	bool in_place = is_in_place(from, to);
	struct flush want[WATCH_FLUSHES];
	unsigned int first, rest = 0;
	struct pasid_entry now;
	const char *why;

	if (see(rig, pasid, from->addr) != from->sees)
		return "the first does not translate";

	first = flushes_for(info, w->slot, pasid, in_place, want);
	/* ATS comes back on last, and with an empty device TLB. */
	if (pasid == IOMMU_NO_PASID && to->parent && !in_place && info->ats_supported)
		want[first + rest++] = flush_devtlb(info, pasid);
	watch_reset(w);
	KUNIT_ASSERT_EQ_MSG(test, change(rig, pasid, from, to), 0, "%s -> %s",
			    from->name, to->name);
	now = *w->slot;

	if (see(rig, pasid, to->addr) != to->sees)
		return "the second does not translate";
	if (from == to && in_place)
		return w->count == 1 ? NULL : "there was nothing to do";
	why = watch_steps_wrong(w, &now, in_place);
	if (why)
		return why;
	return watch_flushes_wrong(w, want, first, rest);
}

static void every_pair(struct kunit *test, struct states *all, ioasid_t pasid)
{
	struct rig *rig = test->priv;
	const struct state *end = all->s + all->n, *from, *to, *now = all->s;
	struct pasid_entry *slot = intel_pasid_get_entry(&rig->pdev->dev, pasid);
	struct watch *w = watch_start(test, rig->iommu, slot);
	unsigned int wrong = 0;

	KUNIT_ASSERT_EQ(test, change(rig, pasid, now, now), 0);
	for (from = all->s; from < end; from++) {
		for (to = all->s; to < end; to++) {
			const char *why;

			KUNIT_ASSERT_EQ_MSG(test, change(rig, pasid, now, from), 0, "-> %s",
					    from->name);
			why = changed_wrong(test, w, pasid, from, to);
			now = to;
			if (why && wrong++ < 10)
				KUNIT_FAIL(test, "%s -> %s: %s", from->name, to->name, why);
		}
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, change(rig, pasid, now, all->s), 0);
}

/* The base tracks what is dirty for requests without PASID only. */
static struct states *every_state(struct kunit *test, struct iommu_domain *other,
				  bool dirty_tracking)
{
	struct states *all = kunit_kzalloc(test, sizeof(*all), GFP_KERNEL);
	struct rig *rig = test->priv;
	unsigned int page = new_data(test, rig);

	KUNIT_ASSERT_NOT_NULL(test, all);
	add(test, all, "blocked", rig->ops->blocked_domain, gpa_of(page), FR_PASID_NOT_PRESENT);
	add(test, all, "identity", rig->ops->identity_domain,
	    page_to_phys(rig->page) + page * PAGE_SIZE, stamp_of(page));
	add(test, all, "parent", rig->parent, gpa_of(page), stamp_of(page));
	KUNIT_ASSERT_EQ(test, all->n, OWN);
	add(test, all, "second stage", paging(test, rig, 0), gpa_of(page), stamp_of(page));
	if (dirty_tracking)
		add(test, all, "second stage, dirty tracking",
		    paging(test, rig, IOMMU_HWPT_ALLOC_DIRTY_TRACKING), gpa_of(page),
		    stamp_of(page));
	nested(test, rig, all, "nested", rig->parent);
	nested(test, rig, all, "nested, same parent", rig->parent);
	nested(test, rig, all, "nested, other parent", other);

	return all;
}

static void free_states(struct states *all)
{
	unsigned int i;

	for (i = OWN; i < all->n; i++)
		iommu_domain_free(all->s[i].domain);
}

static void without_pasid_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct device *dev = &rig->pdev->dev;
	struct iommu_domain *before = iommu_get_domain_for_dev(dev);
	struct iommu_domain *other = new_parent(test, rig);
	struct states *all = every_state(test, other, true);

	every_pair(test, all, IOMMU_NO_PASID);
	KUNIT_EXPECT_EQ(test, before->ops->attach_dev(before, dev), 0);
	KUNIT_EXPECT_EQ(test, ids_in_use(rig), rig->ids);
	free_states(all);
	iommu_domain_free(other);
}

static void pasid_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct iommu_domain *other = new_parent(test, rig);
	struct states *all = every_state(test, other, false);

	every_pair(test, all, PASID);
	KUNIT_EXPECT_EQ(test, ids_in_use(rig), rig->ids);
	free_states(all);
	iommu_domain_free(other);
}

static struct kunit_case replace_cases[] = {
	KUNIT_CASE(without_pasid_test),
	KUNIT_CASE(pasid_test),
	{}
};

static struct kunit_suite replace_suite = {
	.name = "intel-nested-replace",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = replace_cases,
};

kunit_test_suite(replace_suite);
