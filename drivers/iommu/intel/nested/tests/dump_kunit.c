// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dumps of the netlink family in several parts: NLM_F_DUMP_INTR says that what is
 * shown was not all there at one time, and only then.
 */

#include <kunit/test.h>
#include <linux/dmar.h>
#include <linux/skbuff.h>

#include "../netlink_gen.h"
#include "fixture.h"

/* Room for all messages; for one message of two, this much of the first. */
#define DUMP_ROOM	4096
#define DUMP_ONE(len)	((len) * 3 / 2)

/* Room for a message without its last attributes */
#define DUMP_TOO_SMALL	(NLMSG_HDRLEN + GENL_HDRLEN + 2 * nla_total_size(sizeof(u32)))

/**
 * struct dump - a dump, as the netlink core keeps it from one part to the next
 * @get: the family's operation
 * @command: what user space has sent
 * @info: the same, as generic netlink has parsed it
 * @cb: where the dump goes on
 * @shown: how many messages there were
 * @first: length of the first
 * @interrupted: one of them has NLM_F_DUMP_INTR, or the end has
 */
struct dump {
	int (*get)(struct sk_buff *skb, struct netlink_callback *cb);
	struct genlmsghdr command;
	struct genl_dumpit_info info;
	struct netlink_callback cb;
	unsigned int shown;
	unsigned int first;
	bool interrupted;
};

static void dump_begin(struct dump *dump,
		       int (*get)(struct sk_buff *skb, struct netlink_callback *cb))
{
	*dump = (struct dump) { .get = get };
	dump->info.info.family = &vtd_nested_nl_family;
	dump->info.info.genlhdr = &dump->command;
	dump->cb.data = &dump->info;
}

/* One part, in a buffer of this size. Returns 0 when it is the last. */
static int dump_part(struct kunit *test, struct dump *dump, unsigned int room)
{
	struct sk_buff *skb = alloc_skb(room, GFP_KERNEL);
	struct nlmsghdr *message, end = {};
	int left, ret;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, skb_tailroom(skb) - room);
	ret = dump->get(skb, &dump->cb);
	left = skb->len;
	for (message = nlmsg_hdr(skb); nlmsg_ok(message, left);
	     message = nlmsg_next(message, &left)) {
		if (!dump->shown++)
			dump->first = message->nlmsg_len;
		dump->interrupted |= !!(message->nlmsg_flags & NLM_F_DUMP_INTR);
	}
	kfree_skb(skb);
	if (!ret) {
		/* The core's last message is NLMSG_DONE. */
		nl_dump_check_consistent(&dump->cb, &end);
		dump->interrupted |= !!(end.nlmsg_flags & NLM_F_DUMP_INTR);
	}

	return ret;
}

/* Begins a dump, and goes on until one message has been shown. */
static void dump_first(struct kunit *test, struct dump *dump,
		       int (*get)(struct sk_buff *skb, struct netlink_callback *cb))
{
	unsigned int len;

	dump_begin(dump, get);
	KUNIT_ASSERT_EQ(test, 0, dump_part(test, dump, DUMP_ROOM));
	KUNIT_ASSERT_GE(test, dump->shown, 2);
	KUNIT_EXPECT_FALSE(test, dump->interrupted);

	len = dump->first;
	dump_begin(dump, get);
	KUNIT_ASSERT_EQ(test, -EMSGSIZE, dump_part(test, dump, DUMP_ONE(len)));
	KUNIT_ASSERT_EQ(test, dump->shown, 1);
	KUNIT_EXPECT_FALSE(test, dump->interrupted);
}

/**
 * struct shown - what the dumps of a test show
 * @fx: the fixture, with a nest parent
 * @idle: a parent that nothing nests on
 * @s1: stage-1 domains; PASIDs 1 and 2 are attached to the first
 */
struct shown {
	struct vtd_test *fx;
	struct iommu_domain *idle;
	struct iommu_domain *s1[2];
};

static void show_objects(struct kunit *test, struct shown *shown)
{
	struct vtd_test *fx = test->priv;
	unsigned int i;

	shown->fx = fx;
	shown->idle = vtd_test_bare_parent(test, fx);
	for (i = 0; i < ARRAY_SIZE(shown->s1); i++)
		shown->s1[i] = vtd_test_s1(test, fx, fx->parent, 0);
	for (i = 1; i <= 2; i++)
		KUNIT_ASSERT_EQ(test, 0, vtd_test_attach(test, shown->s1[0], fx->pdev, i));
}

static void add_parent(struct kunit *test, struct shown *shown)
{
	vtd_test_bare_parent(test, shown->fx);
}

static void free_parent(struct kunit *test, struct shown *shown)
{
	vtd_test_free(test, shown->idle);
}

static void add_domain(struct kunit *test, struct shown *shown)
{
	vtd_test_s1(test, shown->fx, shown->fx->parent, 0);
}

static void free_domain(struct kunit *test, struct shown *shown)
{
	vtd_test_free(test, shown->s1[1]);
}

static void attach_pasid(struct kunit *test, struct shown *shown)
{
	KUNIT_EXPECT_EQ(test, 0, vtd_test_attach(test, shown->s1[1], shown->fx->pdev, 3));
}

static void replace_pasid(struct kunit *test, struct shown *shown)
{
	KUNIT_EXPECT_EQ(test, 0, vtd_test_replace(test, shown->s1[1], shown->fx->pdev, 1,
						  shown->s1[0]));
}

static void detach_pasid(struct kunit *test, struct shown *shown)
{
	vtd_test_detach(test, shown->fx->pdev, 2);
}

static void change_nothing(struct kunit *test, struct shown *shown)
{
}

/**
 * struct change - what happens between two parts of a dump
 * @name: for messages
 * @make: makes it happen
 * @interrupts: the dump is not consistent then
 */
struct change {
	const char *name;
	void (*make)(struct kunit *test, struct shown *shown);
	bool interrupts;
};

static const struct change changes[] = {
	{ "nothing", change_nothing, false },
	{ "a parent is made", add_parent, true },
	{ "a parent is freed", free_parent, true },
	{ "a domain is made", add_domain, true },
	{ "a domain is freed", free_domain, true },
	{ "a PASID is attached", attach_pasid, true },
	{ "a PASID gets another domain", replace_pasid, true },
	{ "a PASID is detached", detach_pasid, true },
};

static void describe_change(const struct change *change, char *text)
{
	strscpy(text, change->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(change, changes, describe_change);

static int (*const dumps_of_objects[])(struct sk_buff *skb, struct netlink_callback *cb) = {
	vtd_nested_nl_parent_get_dumpit,
	vtd_nested_nl_domain_get_dumpit,
	vtd_nested_nl_attachment_get_dumpit,
};

#define DUMPS	ARRAY_SIZE(dumps_of_objects)

/* Each of them at the same time */
static struct dump *dump_objects(struct kunit *test, struct shown *shown)
{
	struct dump *dump = kunit_kcalloc(test, DUMPS, sizeof(*dump), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, dump);
	show_objects(test, shown);
	for (i = 0; i < DUMPS; i++)
		dump_first(test, &dump[i], dumps_of_objects[i]);

	return dump;
}

static void change_test(struct kunit *test)
{
	const struct change *change = test->param_value;
	struct shown shown;
	struct dump *dump = dump_objects(test, &shown);
	unsigned int i;

	change->make(test, &shown);
	for (i = 0; i < DUMPS; i++) {
		KUNIT_EXPECT_EQ(test, 0, dump_part(test, &dump[i], DUMP_ROOM));
		KUNIT_EXPECT_EQ(test, dump[i].interrupted, change->interrupts);
	}
}

/* The first message after the change does not fit, and is made again. */
static void no_room_for_mark_test(struct kunit *test)
{
	struct shown shown;
	struct dump *dump = dump_objects(test, &shown);
	unsigned int i;

	attach_pasid(test, &shown);
	for (i = 0; i < DUMPS; i++) {
		KUNIT_EXPECT_EQ(test, -EMSGSIZE, dump_part(test, &dump[i], DUMP_TOO_SMALL));
		KUNIT_EXPECT_EQ(test, dump[i].shown, 1);
		KUNIT_EXPECT_EQ(test, 0, dump_part(test, &dump[i], DUMP_ROOM));
		KUNIT_EXPECT_TRUE(test, dump[i].interrupted);
	}
}

/**
 * struct moved_unit - a unit that looks like another one
 * @iommu: the unit
 * @base: where its registers are
 */
struct moved_unit {
	struct intel_iommu *iommu;
	phys_addr_t base;
};

static void move_unit(struct intel_iommu *iommu, phys_addr_t base)
{
	down_write(&dmar_global_lock);
	iommu->reg_phys = base;
	up_write(&dmar_global_lock);
}

static void move_unit_back(void *data)
{
	const struct moved_unit *moved = data;

	move_unit(moved->iommu, moved->base);
}

static struct intel_iommu *find_last_unit(void)
{
	struct intel_iommu *iommu, *last = NULL;
	struct dmar_drhd_unit *drhd;

	down_read(&dmar_global_lock);
	for_each_active_iommu(iommu, drhd)
		last = iommu;
	up_read(&dmar_global_lock);

	return last;
}

/* A unit goes, and another one comes with its number: there are as many as before. */
static void other_unit_test(struct kunit *test)
{
	struct vtd_test *fx = test->priv;
	struct moved_unit moved = { find_last_unit() };
	struct dump dump;

	if (moved.iommu == fx->iommu)
		kunit_skip(test, "needs a second unit: vtdsim=on,unit");

	dump_first(test, &dump, vtd_nested_nl_unit_get_dumpit);
	KUNIT_EXPECT_EQ(test, 0, dump_part(test, &dump, DUMP_ROOM));
	KUNIT_EXPECT_FALSE(test, dump.interrupted);

	dump_first(test, &dump, vtd_nested_nl_unit_get_dumpit);
	moved.base = moved.iommu->reg_phys;
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, move_unit_back, &moved));
	move_unit(moved.iommu, moved.base + SZ_4K);
	KUNIT_EXPECT_EQ(test, 0, dump_part(test, &dump, DUMP_ROOM));
	KUNIT_EXPECT_TRUE(test, dump.interrupted);
	kunit_release_action(test, move_unit_back, &moved);
}

static struct kunit_case dump_cases[] = {
	KUNIT_CASE_PARAM(change_test, change_gen_params),
	KUNIT_CASE(no_room_for_mark_test),
	KUNIT_CASE(other_unit_test),
	{}
};

static struct kunit_suite dump_suite = {
	.name = "intel-nested-dump",
	.init = vtd_test_init,
	.test_cases = dump_cases,
};

kunit_test_suite(dump_suite);
