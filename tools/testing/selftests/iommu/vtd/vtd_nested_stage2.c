// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host changes stage 2 below several devices with several stage-1 tables
 * each. Devices do not use the old mapping any more when the call returns. The
 * cost depends on the number of devices alone.
 *
 * The tests use all endpoints of the machine, up to eight.
 */
#include <errno.h>
#include <string.h>

#include "counters.h"
#include "kselftest_harness.h"
#include "nested.h"
#include "nested_event.h"

#define DEVICES		8
#define HOT		4	/* pages that the host changes */
#define HOT_GPA		(NESTED_GPA + SIZE_1G)
#define STEADY_IOVA	NESTED_IOVA
#define HOT_IOVA	(NESTED_IOVA + SIZE_2M)

/* What the host does with a page that devices use */
enum state {
	GONE,
	READ_WRITE,
	READ_ONLY,
	STATES,
};

/**
 * struct hot - a page of stage 2 that the host changes
 * @seq: odd while the page is being changed
 * @state: enum state
 * @stamp: stamp of the memory that is mapped
 */
struct hot {
	unsigned int seq;
	int state;
	__u64 stamp;
};

/**
 * struct load - a device that does DMA without pause
 * @worker: thread that drives the device; one step uses all pages
 * @n: copy of the guest, so that @n.last is this device's own
 * @dev: index of the device
 * @s1: two tables, which the device is moved between
 * @hot: pages that the host changes
 * @steady: stamp of a page that it does not change
 * @passes: steps so far
 * @checked: answers with one correct value, by enum state
 * @wrong: answers that were wrong
 * @first: the first wrong answer
 */
struct load {
	struct worker worker;
	struct nested n;
	int dev;
	struct nested_s1 s1[2];
	struct hot *hot;
	__u64 steady;
	int passes;
	int checked[STATES];
	int wrong;
	__u64 first;
};

static int open_many(struct nested *n, const char **skip)
{
	char bdf[DEVICES][PCI_BDF_LEN];
	int ret = endpoint_find(bdf, DEVICES);

	return nested_open(n, ret > 2 ? ret : 2, skip);
}

FIXTURE(stage2)
{
	struct nested n;
	struct hot hot[HOT];
	struct load load[DEVICES];
};

FIXTURE_SETUP(stage2)
{
	NESTED_SETUP(return, open_many, &self->n);
}

FIXTURE_TEARDOWN(stage2)
{
	int i;

	for (i = 0; i < DEVICES; i++)
		worker_stop(&self->load[i].worker);
	EXPECT_EQ(0, nested_close(&self->n));
}

/**
 * struct cost - invalidation descriptors
 * @descriptors: all but wait descriptors
 * @waits: wait descriptors
 */
struct cost {
	__u64 descriptors;
	__u64 waits;
};

static int read_cost(struct cost *c)
{
	int ret = vtdsim_counter("descriptors", &c->descriptors);

	if (!ret)
		ret = vtdsim_counter("waits", &c->waits);
	c->descriptors -= c->waits;
	return ret;
}

/* Map a page, have all devices use it, and count the cost of unmapping it. */
static int unmap_cost(struct nested *n, __u64 page, struct cost *cost)
{
	struct cost before = {};
	int i, ret;

	ret = nested_map(n, HOT_GPA, page, PAGE, IOMMUFD_MAP_RW);
	if (ret)
		return ret;
	for (i = 0; i < n->ndev; i++)
		nested_see(n, i, HOT_IOVA);
	ret = read_cost(&before);
	if (!ret)
		ret = nested_unmap(n, HOT_GPA, PAGE);
	if (!ret)
		ret = read_cost(cost);
	cost->descriptors -= before.descriptors;
	cost->waits -= before.waits;
	return ret;
}

/*
 * Each device costs one IOTLB descriptor, whatever its tables are, and one
 * device-TLB descriptor if it has ATS. Each batch of 16 costs one wait.
 */
TEST_F_TIMEOUT(stage2, cost_of_unmapping, 600)
{
	static const int counts[] = { 1, 16, 100 };
	struct nested *n = &self->n;
	__u64 each = n->unit.ecap_reg & VTD_ECAP_DT ? 2 : 1;
	__u64 page = nested_page(n);
	static struct nested_s1 s1[100];
	unsigned int round, c;
	struct cost cost = {};
	int i, used, have = 0;

	ASSERT_EQ(0, unmap_cost(n, page, &cost));
	EXPECT_EQ(0, cost.descriptors);
	for (c = 0; c < ARRAY_SIZE(counts); c++) {
		for (; have < counts[c]; have++) {
			ASSERT_EQ(0, nested_s1_create(n, &s1[have], 4));
			stage1_map(&s1[have].t, HOT_IOVA, HOT_GPA, S1_4K,
				   S1_RW);
		}
		/* All devices on one table, then each on a table of its own. */
		for (round = 0; round < 2; round++) {
			for (used = 1; used <= n->ndev; used++) {
				i = round ? (used * 7) % have : have - 1;
				ASSERT_EQ(0, vfio_attach(&n->dev[used - 1],
							 s1[i].hwpt));
				ASSERT_EQ(0, unmap_cost(n, page, &cost));
				EXPECT_EQ(used * each, cost.descriptors);
				EXPECT_EQ((used * each + 15) / 16, cost.waits);
			}
			for (i = 0; i < n->ndev; i++)
				ASSERT_EQ(0, vfio_detach(&n->dev[i]));
		}
	}
	/* Detached devices cost nothing. */
	ASSERT_EQ(0, unmap_cost(n, page, &cost));
	EXPECT_EQ(0, cost.descriptors);
}

static void load_check(struct load *l, bool right, __u64 answer)
{
	if (right)
		return;
	if (!l->wrong++)
		l->first = answer;
}

static void load_use_page(struct load *l, int i)
{
	struct hot *hot = &l->hot[i];
	unsigned int seq = __atomic_load_n(&hot->seq, __ATOMIC_ACQUIRE);
	int state = __atomic_load_n(&hot->state, __ATOMIC_RELAXED);
	__u64 stamp = __atomic_load_n(&hot->stamp, __ATOMIC_RELAXED);
	__u64 read, written;

	read = nested_see(&l->n, l->dev, HOT_IOVA + i * PAGE);
	written = nested_poke(&l->n, l->dev,
			      HOT_IOVA + i * PAGE + 8 * (1 + l->dev), read);
	if (seq & 1 || seq != __atomic_load_n(&hot->seq, __ATOMIC_ACQUIRE))
		return;
	l->checked[state]++;
	load_check(l, read == (state == GONE ? NESTED_FAULT(VTD_FR_SS_PRESENT) : stamp),
		   read);
	load_check(l, state == READ_WRITE ? !written :
				       written >= NESTED_FAULT(0) &&
				       written <= NESTED_FAULT(0xff), written);
}

static bool load_pass(void *arg)
{
	struct load *l = arg;
	int i, pass = l->passes++;
	__u64 seen;

	for (i = 0; i < HOT; i++) {
		load_use_page(l, i);
		seen = nested_see(&l->n, l->dev, STEADY_IOVA);
		load_check(l, seen == l->steady, seen);
	}
	/* Not in every pass: a replacement invalidates everything. */
	if (pass % 8 == 7 &&
	    vfio_attach(&l->n.dev[l->dev], l->s1[pass >> 3 & 1].hwpt))
		load_check(l, false, NESTED_NO_ANSWER);
	return true;
}

static int change_page(struct nested *n, struct hot *hot, int i, int state,
		       __u64 from)
{
	int ret = 0;

	__atomic_store_n(&hot->seq, hot->seq + 1, __ATOMIC_SEQ_CST);
	if (hot->state != GONE)
		ret = nested_unmap(n, HOT_GPA + i * PAGE, PAGE);
	if (!ret && state != GONE)
		ret = nested_map(n, HOT_GPA + i * PAGE, from, PAGE,
				 state == READ_ONLY ? IOMMU_IOAS_MAP_READABLE :
					       IOMMUFD_MAP_RW);
	hot->state = state;
	hot->stamp = from;
	__atomic_store_n(&hot->seq, hot->seq + 1, __ATOMIC_SEQ_CST);
	return ret;
}

static int load_attach(struct load *l, struct nested *n, int dev, __u32 parent)
{
	int k, i, ret;

	for (k = 0; k < 2; k++) {
		ret = nested_s1_create_on(n, parent, &l->s1[k]);
		if (ret)
			return ret;
		stage1_map(&l->s1[k].t, STEADY_IOVA, l->steady, S1_4K, S1_RW);
		for (i = 0; i < HOT; i++)
			stage1_map(&l->s1[k].t, HOT_IOVA + i * PAGE,
				   HOT_GPA + i * PAGE, S1_4K, S1_RW);
	}
	l->n = *n;
	l->dev = dev;
	return vfio_attach(&n->dev[dev], l->s1[0].hwpt);
}

#define CHANGES	60

/* Pages are unmapped and mapped to other memory, with other rights. */
TEST_F_TIMEOUT(stage2, changes_while_all_devices_work, 600)
{
	struct nested *n = &self->n;
	struct load *load = self->load;
	struct hot *hot = self->hot;
	__u64 page[3], steady;
	__u32 parent[2] = { n->parent };
	int i, k, state, states = STATES;

	/* With erratum 772415, read-only mappings are refused here. */
	if (n->unit.flags & IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17)
		states = READ_ONLY;
	/* Half of the devices nest on a parent of their own. */
	ASSERT_EQ(0, iommufd_hwpt_alloc_parent(n->iommufd, n->dev[1].id,
					       n->ioas, &parent[1]));
	for (i = 0; i < 3; i++)
		page[i] = nested_page(n);
	steady = nested_page(n);
	for (i = 0; i < n->ndev; i++) {
		load[i].hot = hot;
		load[i].steady = steady;
		ASSERT_EQ(0, load_attach(&load[i], n, i, parent[i & 1]));
	}
	for (i = 0; i < n->ndev; i++)
		ASSERT_EQ(0, worker_start(&load[i].worker, load_pass,
					  &load[i]));
	for (i = 0; i < CHANGES; i++) {
		state = i * 7 / 3 % states;
		EXPECT_EQ(0, change_page(n, &hot[i % HOT], i % HOT, state,
					 page[i % 3]));
		if (i % 3 != 2)
			continue;
		/* Two passes: the first of them may have begun before. */
		for (k = 0; k < n->ndev; k++)
			ASSERT_TRUE(worker_wait_steps(&load[k].worker, 2));
	}
	for (i = 0; i < n->ndev; i++) {
		worker_stop(&load[i].worker);
		EXPECT_EQ(0, load[i].wrong)
			TH_LOG("device %d: first wrong answer %#llx", i,
			       load[i].first);
		for (state = 0; state < states; state++)
			EXPECT_LT(0, load[i].checked[state]);
	}
	/* After the load, devices see what the host has mapped last. */
	for (i = 0; i < n->ndev; i++)
		for (k = 0; k < HOT; k++)
			EXPECT_EQ(hot[k].state == GONE ?
				  NESTED_FAULT(VTD_FR_SS_PRESENT) : hot[k].stamp,
				  nested_see(&load[i].n, i,
					     HOT_IOVA + k * PAGE));
}

/* Do all devices see the memory from @base on, or nothing if it is 0? */
static bool all_see(struct nested *n, __u64 from, __u64 len, __u64 base)
{
	__u64 at, seen;
	int i;

	for (i = 0; i < n->ndev; i++)
		for (at = from; at < from + len; at += 37 * PAGE) {
			seen = nested_see(n, i, HOT_IOVA + at);
			if (seen != (base ? base + at :
					    NESTED_FAULT(VTD_FR_SS_PRESENT)))
				return false;
		}
	return true;
}

/*
 * A huge page of the host is replaced by small ones and comes back. Each time a
 * table replaces a leaf, or a leaf a table, and the unit may have cached the old
 * one.
 */
TEST_F_TIMEOUT(stage2, huge_pages_come_and_go, 600)
{
	struct nested *n = &self->n;
	struct guest huge;
	struct nested_s1 s1[2];
	__u64 at;
	int i, round, ret;

	ret = nested_huge_create(&huge, SIZE_2M);
	if (ret == -ENOMEM)
		SKIP(return, "there are no pages of 2 MiB");
	ASSERT_EQ(0, ret);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, nested_s1_create(n, &s1[i], 4));
		if (i) {
			stage1_map(&s1[i].t, HOT_IOVA, HOT_GPA, S1_2M, S1_RW);
			continue;
		}
		for (at = 0; at < SIZE_2M; at += PAGE)
			stage1_map(&s1[i].t, HOT_IOVA + at, HOT_GPA + at, S1_4K,
				   S1_RW);
	}
	for (i = 0; i < n->ndev; i++)
		ASSERT_EQ(0, vfio_attach(&n->dev[i], s1[i & 1].hwpt));

	for (round = 0; round < 3; round++) {
		EXPECT_TRUE(all_see(n, 0, SIZE_2M, 0));
		ASSERT_EQ(0, iommufd_ioas_map(n->iommufd, n->ioas, huge.va,
					      SIZE_2M, HOT_GPA,
					      IOMMUFD_MAP_RW));
		EXPECT_TRUE(all_see(n, 0, SIZE_2M, 1));
		/* A mapping cannot be unmapped in part. */
		EXPECT_GT(0, nested_unmap(n, HOT_GPA + PAGE, PAGE));
		EXPECT_GT(0, nested_unmap(n, HOT_GPA, SIZE_2M / 2));
		EXPECT_TRUE(all_see(n, 0, SIZE_2M, 1));
		ASSERT_EQ(0, nested_unmap(n, HOT_GPA, SIZE_2M));
		EXPECT_TRUE(all_see(n, 0, SIZE_2M, 0));

		/* The same in four areas, two of which go again. */
		for (i = 0; i < 4; i++)
			ASSERT_EQ(0, iommufd_ioas_map(n->iommufd, n->ioas,
						      huge.va + i * SIZE_2M / 4,
						      SIZE_2M / 4,
						      HOT_GPA + i * SIZE_2M / 4,
						      IOMMUFD_MAP_RW));
		EXPECT_TRUE(all_see(n, 0, SIZE_2M, 1));
		ASSERT_EQ(0, nested_unmap(n, HOT_GPA + SIZE_2M / 4, SIZE_2M / 2));
		EXPECT_TRUE(all_see(n, 0, SIZE_2M / 4, 1));
		EXPECT_TRUE(all_see(n, SIZE_2M / 4, SIZE_2M / 2, 0));
		EXPECT_TRUE(all_see(n, SIZE_2M * 3 / 4, SIZE_2M / 4, 1));
		ASSERT_EQ(0, nested_unmap(n, HOT_GPA, SIZE_2M / 4));
		ASSERT_EQ(0, nested_unmap(n, HOT_GPA + SIZE_2M * 3 / 4, SIZE_2M / 4));
	}
	EXPECT_TRUE(all_see(n, 0, SIZE_2M, 0));
	guest_destroy(&huge);
}

TEST_HARNESS_MAIN
