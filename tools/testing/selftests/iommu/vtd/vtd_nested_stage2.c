// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host changes stage 2 below several devices with several stage-1 domains
 * each: nothing of the old is left when the call returns, and what that costs
 * depends on the devices alone.
 *
 * It takes as many endpoints as there are, up to eight.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../../../iommu/counters.h"
#include "kselftest_harness.h"
#include "vtd_nested.h"

#define DEVICES		8
#define HOT		4	/* pages that the host changes */
#define HOT_GPA		(RAM_GPA + SIZE_1G)
#define STEADY		IOVA
#define HOT_IOVA	(IOVA + SIZE_2M)

static int open_many(struct nested *n, const char **skip)
{
	char bdf[DEVICES][PCI_BDF_LEN];
	int ret = pci_find(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, bdf,
			    DEVICES);

	return nested_open(n, ret > 2 ? ret : 2, skip);
}

static int map(struct nested *n, __u64 gpa, __u64 from, __u64 len, __u32 access)
{
	return iommufd_ioas_map(n->iommufd, n->ioas, guest_va(&n->guest, from),
				len, gpa, access);
}

static int unmap(struct nested *n, __u64 gpa, __u64 len)
{
	return iommufd_ioas_unmap(n->iommufd, n->ioas, gpa, len);
}

FIXTURE(stage2)
{
	struct nested n;
};

FIXTURE_SETUP(stage2)
{
	const char *skip;
	int ret = open_many(&self->n, &skip);

	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
}

FIXTURE_TEARDOWN(stage2)
{
	EXPECT_EQ(0, nested_close(&self->n));
}

/**
 * struct cost - what the unit was told
 * @descriptors: how many descriptors, waits not included
 * @waits: wait descriptors
 */
struct cost {
	__u64 descriptors;
	__u64 waits;
};

static struct cost read_cost(void)
{
	struct cost c = {};

	vtdsim_counter("descriptors", &c.descriptors);
	vtdsim_counter("waits", &c.waits);
	c.descriptors -= c.waits;
	return c;
}

/* One page is mapped, used by all devices, and unmapped. */
static int unmap_cost(struct nested *n, __u64 page, struct cost *cost)
{
	struct cost before;
	int i, ret;

	ret = map(n, HOT_GPA, page, PAGE, IOMMUFD_MAP_RW);
	if (ret)
		return ret;
	for (i = 0; i < n->ndev; i++)
		nested_see(n, i, HOT_IOVA);
	before = read_cost();
	ret = unmap(n, HOT_GPA, PAGE);
	*cost = read_cost();
	cost->descriptors -= before.descriptors;
	cost->waits -= before.waits;
	return ret;
}

/*
 * For each device one descriptor for the IOTLB, whatever is nested there, and
 * one for its own TLB; and one wait for each batch of 16.
 */
TEST_F_TIMEOUT(stage2, cost_of_unmapping, 600)
{
	static const int counts[] = { 1, 16, 100 };
	struct nested *n = &self->n;
	__u64 each = n->unit.ecap_reg & VTD_ECAP_DT ? 2 : 1;
	__u64 page = nested_page(n);
	static struct s1 s1[100];
	unsigned int round, c;
	struct cost cost;
	int i, used, have = 0;

	ASSERT_EQ(0, unmap_cost(n, page, &cost));
	EXPECT_EQ(0, cost.descriptors);
	for (c = 0; c < ARRAY_SIZE(counts); c++) {
		for (; have < counts[c]; have++) {
			ASSERT_EQ(0, nested_s1_create(n, &s1[have], 4));
			stage1_map(&s1[have].t, HOT_IOVA, HOT_GPA, S1_4K,
				   S1_RW);
		}
		/* Devices share a domain, and have one each as far as they go. */
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
	/* Who has left costs nothing. */
	ASSERT_EQ(0, unmap_cost(n, page, &cost));
	EXPECT_EQ(0, cost.descriptors);
}

/* What the host does with a page that devices use. */
enum state {
	GONE,
	READ_WRITE,
	READ_ONLY,
	STATES,
};

/**
 * struct hot - a page of stage 2 that the host changes
 * @seq: odd while it is being changed
 * @state: enum state
 * @stamp: what is in the memory that is there now
 */
struct hot {
	unsigned int seq;
	int state;
	__u64 stamp;
};

/**
 * struct load - a device that does DMA without pause
 * @n: guest, with @n->last of this device's own
 * @dev: index of the device
 * @s1: two domains, which the device changes between
 * @hot: the pages that the host changes
 * @steady: stamp of the page that it does not
 * @stop: set when it shall stop
 * @passes: how often all pages have been used
 * @checked: answers that had to be exactly what they were, by enum state
 * @wrong: number of answers that were not
 * @first: the first of these
 */
struct load {
	struct nested n;
	int dev;
	struct s1 s1[2];
	struct hot *hot;
	__u64 steady;
	bool stop;
	int passes;
	int checked[STATES];
	int wrong;
	__u64 first;
};

static void check(struct load *l, bool right, __u64 answer)
{
	if (right)
		return;
	if (!l->wrong++)
		l->first = answer;
}

static void use_hot_page(struct load *l, int i)
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
	check(l, read == (state == GONE ? FAULT(VTD_FR_SS_PRESENT) : stamp),
	      read);
	check(l, state == READ_WRITE ? !written :
				       written >= FAULT(0) &&
				       written <= FAULT(0xff), written);
}

static void *keep_using(void *arg)
{
	struct load *l = arg;
	__u64 seen;
	int i, pass;

	for (pass = 0; !__atomic_load_n(&l->stop, __ATOMIC_ACQUIRE); pass++) {
		for (i = 0; i < HOT; i++) {
			use_hot_page(l, i);
			seen = nested_see(&l->n, l->dev, STEADY);
			check(l, seen == l->steady, seen);
		}
		/* To replace a domain flushes all, so not too often. */
		if (pass % 8 == 7 &&
		    vfio_attach(&l->n.dev[l->dev], l->s1[pass >> 3 & 1].hwpt))
			check(l, false, NO_ANSWER);
		__atomic_add_fetch(&l->passes, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

/* Two whole passes, the first of which may have begun before. */
static void wait_pass(struct load *l)
{
	int until = __atomic_load_n(&l->passes, __ATOMIC_ACQUIRE) + 2;

	while (__atomic_load_n(&l->passes, __ATOMIC_ACQUIRE) < until)
		usleep(200);
}

static int change(struct nested *n, struct hot *hot, int i, int state,
		  __u64 from)
{
	int ret = 0;

	__atomic_store_n(&hot->seq, hot->seq + 1, __ATOMIC_SEQ_CST);
	if (hot->state != GONE)
		ret = unmap(n, HOT_GPA + i * PAGE, PAGE);
	if (!ret && state != GONE)
		ret = map(n, HOT_GPA + i * PAGE, from, PAGE,
			  state == READ_ONLY ? IOMMU_IOAS_MAP_READABLE :
					       IOMMUFD_MAP_RW);
	hot->state = state;
	hot->stamp = from;
	__atomic_store_n(&hot->seq, hot->seq + 1, __ATOMIC_SEQ_CST);
	return ret;
}

static int set_up_load(struct nested *n, struct load *l, int dev, __u32 parent)
{
	int k, i, ret;

	for (k = 0; k < 2; k++) {
		struct iommu_hwpt_vtd_s1 cfg = { .addr_width = 48 };

		stage1_create(&l->s1[k].t, &n->guest, 4);
		cfg.pgtbl_addr = l->s1[k].t.root;
		stage1_map(&l->s1[k].t, STEADY, l->steady, S1_4K, S1_RW);
		for (i = 0; i < HOT; i++)
			stage1_map(&l->s1[k].t, HOT_IOVA + i * PAGE,
				   HOT_GPA + i * PAGE, S1_4K, S1_RW);
		ret = iommufd_hwpt_alloc_s1(n->iommufd, n->dev[dev].id, parent,
					    &cfg, &l->s1[k].hwpt);
		if (ret)
			return ret;
	}
	l->n = *n;
	l->dev = dev;
	return vfio_attach(&n->dev[dev], l->s1[0].hwpt);
}

#define CHANGES	60

/* Unmapped, mapped to other memory, with other rights, all under load. */
TEST_F_TIMEOUT(stage2, changes_while_all_devices_work, 600)
{
	struct nested *n = &self->n;
	struct hot hot[HOT] = {};
	static struct load load[DEVICES];
	pthread_t thread[DEVICES];
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
		memset(&load[i], 0, sizeof(load[i]));
		load[i].hot = hot;
		load[i].steady = steady;
		ASSERT_EQ(0, set_up_load(n, &load[i], i, parent[i & 1]));
	}
	for (i = 0; i < n->ndev; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, keep_using,
					    &load[i]));
	for (i = 0; i < CHANGES; i++) {
		state = i * 7 / 3 % states;
		EXPECT_EQ(0, change(n, &hot[i % HOT], i % HOT, state,
				    page[i % 3]));
		if (i % 3 == 2)
			for (k = 0; k < n->ndev; k++)
				wait_pass(&load[k]);
	}
	for (i = 0; i < n->ndev; i++)
		__atomic_store_n(&load[i].stop, true, __ATOMIC_RELEASE);
	for (i = 0; i < n->ndev; i++) {
		pthread_join(thread[i], NULL);
		EXPECT_EQ(0, load[i].wrong)
			TH_LOG("device %d: first wrong answer %#llx", i,
			       load[i].first);
		for (state = 0; state < states; state++)
			EXPECT_LT(0, load[i].checked[state]);
	}
	/* At rest all is as the host left it. */
	for (i = 0; i < n->ndev; i++)
		for (k = 0; k < HOT; k++)
			EXPECT_EQ(hot[k].state == GONE ?
				  FAULT(VTD_FR_SS_PRESENT) : hot[k].stamp,
				  nested_see(&load[i].n, i,
					     HOT_IOVA + k * PAGE));
}

static bool reserve_huge_pages(void)
{
	static const char pages[] = "8\n";
	int fd = open("/proc/sys/vm/nr_hugepages", O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, pages, sizeof(pages) - 1) > 0;

	close(fd);
	return ok;
}

/* What every device sees in a range of stage 2, by samples. */
static bool all_see(struct nested *n, __u64 from, __u64 len, __u64 base)
{
	__u64 at, seen;
	int i;

	for (i = 0; i < n->ndev; i++)
		for (at = from; at < from + len; at += 37 * PAGE) {
			seen = nested_see(n, i, HOT_IOVA + at);
			if (seen != (base ? base + at :
					    FAULT(VTD_FR_SS_PRESENT)))
				return false;
		}
	return true;
}

/*
 * A huge page of the host gives way to small ones and comes back. Each time a
 * table takes the place of a leaf, or a leaf that of a table, which hardware
 * may have cached.
 */
TEST_F_TIMEOUT(stage2, huge_pages_come_and_go, 600)
{
	struct nested *n = &self->n;
	struct guest huge;
	struct s1 s1[2];
	__u64 at;
	int i, round;

	ASSERT_TRUE(reserve_huge_pages());
	ASSERT_EQ(0, guest_create(&huge, 0, SIZE_2M));
	if (!huge.huge)
		SKIP(guest_destroy(&huge); return, "no 2 MiB pages to be had");
	/* The memory's stamp is its offset, plus one. */
	for (at = 0; at < SIZE_2M; at += PAGE)
		*(__u64 *)guest_va(&huge, at) = at + 1;
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
		/* Not in part. */
		EXPECT_GT(0, unmap(n, HOT_GPA + PAGE, PAGE));
		EXPECT_GT(0, unmap(n, HOT_GPA, SIZE_2M / 2));
		EXPECT_TRUE(all_see(n, 0, SIZE_2M, 1));
		ASSERT_EQ(0, unmap(n, HOT_GPA, SIZE_2M));
		EXPECT_TRUE(all_see(n, 0, SIZE_2M, 0));

		/* The same in four areas, two of which go again. */
		for (i = 0; i < 4; i++)
			ASSERT_EQ(0, iommufd_ioas_map(n->iommufd, n->ioas,
						      huge.va + i * SIZE_2M / 4,
						      SIZE_2M / 4,
						      HOT_GPA + i * SIZE_2M / 4,
						      IOMMUFD_MAP_RW));
		EXPECT_TRUE(all_see(n, 0, SIZE_2M, 1));
		ASSERT_EQ(0, unmap(n, HOT_GPA + SIZE_2M / 4, SIZE_2M / 2));
		EXPECT_TRUE(all_see(n, 0, SIZE_2M / 4, 1));
		EXPECT_TRUE(all_see(n, SIZE_2M / 4, SIZE_2M / 2, 0));
		EXPECT_TRUE(all_see(n, SIZE_2M * 3 / 4, SIZE_2M / 4, 1));
		ASSERT_EQ(0, unmap(n, HOT_GPA, SIZE_2M / 4));
		ASSERT_EQ(0, unmap(n, HOT_GPA + SIZE_2M * 3 / 4, SIZE_2M / 4));
	}
	EXPECT_TRUE(all_see(n, 0, SIZE_2M, 0));
	guest_destroy(&huge);
}

TEST_HARNESS_MAIN
