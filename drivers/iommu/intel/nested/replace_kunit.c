// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device's requests without PASID, from every kind of domain to every other,
 * as the base driver and this extension do it together: what hardware gets to
 * see of the PASID-table entry, what is flushed, and where DMA goes afterwards.
 */

#include <kunit/test.h>

#include "rig_kunit.h"
#include "watch_kunit.h"

#define STATES		8
#define OWN		3	/* the first that the test made itself */

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

static int attach(struct rig *rig, struct iommu_domain *domain)
{
	return domain->ops->attach_dev(domain, &rig->pdev->dev);
}

/* Hitless if only the first stage changes; else by a break. */
static bool is_in_place(const struct state *from, const struct state *to)
{
	return from->parent && from->parent == to->parent;
}

static const char *change(struct rig *rig, struct watch *w, const struct state *from,
			  const struct state *to)
{
	struct device_domain_info *info = dev_iommu_priv_get(&rig->pdev->dev);
	bool in_place = is_in_place(from, to);
	struct flush want[WATCH_FLUSHES];
	struct pasid_entry now;
	unsigned int first, rest = 0;
	const char *why;

	if (attach(rig, from->domain))
		return "not attached to the first";
	if (see(rig, IOMMU_NO_PASID, from->addr) != from->sees)
		return "the first does not translate";

	first = flushes_for(info, w->slot, IOMMU_NO_PASID, in_place, want);
	/* ATS comes back on last, and with an empty device TLB. */
	if (to->parent && !in_place && info->ats_supported)
		want[first + rest++] = flush_devtlb(info, IOMMU_NO_PASID);
	watch_reset(w);
	if (attach(rig, to->domain))
		return "not attached to the second";
	now = *w->slot;

	if (see(rig, IOMMU_NO_PASID, to->addr) != to->sees)
		return "the second does not translate";
	if (from == to && in_place)
		return w->count == 1 ? NULL : "there was nothing to do";
	why = watch_steps_wrong(w, &now, in_place);
	if (why)
		return why;
	return watch_flushes_wrong(w, want, first, rest);
}

static void every_pair_test(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct device *dev = &rig->pdev->dev;
	struct iommu_domain *before = iommu_get_domain_for_dev(dev);
	struct states *all = kunit_kzalloc(test, sizeof(*all), GFP_KERNEL);
	unsigned int page = new_data(test, rig), i, j, wrong = 0;
	struct iommu_domain *other = new_parent(test, rig);
	struct watch *w;

	KUNIT_ASSERT_NOT_NULL(test, all);
	add(test, all, "blocked", rig->ops->blocked_domain, gpa_of(page), FR_PASID_NOT_PRESENT);
	add(test, all, "identity", rig->ops->identity_domain,
	    page_to_phys(rig->page) + page * PAGE_SIZE, stamp_of(page));
	add(test, all, "parent", rig->parent, gpa_of(page), stamp_of(page));
	KUNIT_ASSERT_EQ(test, all->n, OWN);
	add(test, all, "second stage", paging(test, rig, 0), gpa_of(page), stamp_of(page));
	add(test, all, "second stage, dirty tracking",
	    paging(test, rig, IOMMU_HWPT_ALLOC_DIRTY_TRACKING), gpa_of(page), stamp_of(page));
	nested(test, rig, all, "nested", rig->parent);
	nested(test, rig, all, "nested, same parent", rig->parent);
	nested(test, rig, all, "nested, other parent", other);

	w = watch_start(test, rig->iommu, intel_pasid_get_entry(dev, IOMMU_NO_PASID));
	for (i = 0; i < all->n; i++) {
		for (j = 0; j < all->n; j++) {
			const char *why = change(rig, w, &all->s[i], &all->s[j]);

			if (why && wrong++ < 10)
				KUNIT_FAIL(test, "%s -> %s: %s", all->s[i].name,
					   all->s[j].name, why);
		}
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);

	KUNIT_EXPECT_EQ(test, attach(rig, before), 0);
	KUNIT_EXPECT_EQ(test, ids_in_use(rig), rig->ids);
	for (i = OWN; i < all->n; i++)
		iommu_domain_free(all->s[i].domain);
	iommu_domain_free(other);
}

static struct kunit_case replace_cases[] = {
	KUNIT_CASE(every_pair_test),
	{}
};

static struct kunit_suite replace_suite = {
	.name = "intel-nested-replace",
	.init = rig_init,
	.exit = rig_exit,
	.test_cases = replace_cases,
};

kunit_test_suite(replace_suite);
