// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of devices whose DMA is nested: a message is no DMA, it arrives
 * whatever happens to the device's tables; and no table leads to where
 * messages go.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/eventfd.h>

#include "kselftest_harness.h"
#include "vtd_nested.h"

#define MSI_FIRST	0xfee00000ULL
#define MSI_LAST	0xfeefffffULL

FIXTURE(msi)
{
	struct nested n;
	struct s1 s1[2];
	__u64 page;
	int irq[2];
};

/* Both tables have a page at IOVA, and both devices an interrupt. */
FIXTURE_SETUP(msi)
{
	struct nested *n = &self->n;
	const char *skip;
	int i, ret = nested_open(n, 2, &skip);

	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
	self->page = nested_page(n);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, nested_s1_create(n, &self->s1[i], 4));
		stage1_map(&self->s1[i].t, IOVA, self->page, S1_4K, S1_RW);
		self->irq[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		ASSERT_LE(0, self->irq[i]);
		ASSERT_EQ(0, vfio_msi_enable(&n->dev[i], self->irq[i]));
	}
}

FIXTURE_TEARDOWN(msi)
{
	EXPECT_EQ(0, nested_close(&self->n));
	close(self->irq[0]);
	close(self->irq[1]);
}

/* How often was the interrupt raised since the last look? Waits for one. */
static __u64 raised(int irq, int ms)
{
	struct pollfd p = { .fd = irq, .events = POLLIN };
	__u64 count = 0;

	poll(&p, 1, ms);
	if (read(irq, &count, sizeof(count)) != sizeof(count))
		return 0;
	return count;
}

/* One interrupt for one command. */
static bool interrupts(struct nested *n, int dev, int irq)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_NOP,
		.flags = VTDSIM_EP_F_MSI,
	};
	struct endpoint_result res;

	return !endpoint_run(&n->dev[dev], &cmd, &res) &&
	       raised(irq, 10000) == 1;
}

/* Is an address in the ranges that an address space offers? */
static int offers(struct nested *n, __u64 addr, bool *yes)
{
	struct iommu_iova_range range[32];
	struct iommu_ioas_iova_ranges cmd = {
		.size = sizeof(cmd),
		.ioas_id = n->ioas,
		.num_iovas = ARRAY_SIZE(range),
		.allowed_iovas = (uintptr_t)range,
	};
	unsigned int i;
	int ret;

	ret = iommufd_ioctl(n->iommufd, IOMMU_IOAS_IOVA_RANGES, &cmd);
	*yes = false;
	for (i = 0; !ret && i < cmd.num_iovas; i++)
		*yes |= range[i].start <= addr && addr <= range[i].last;
	return ret;
}

TEST_F(msi, window_is_reserved)
{
	const __u64 probe[] = {
		MSI_FIRST - 1, MSI_FIRST, MSI_LAST, MSI_LAST + 1
	};
	struct nested *n = &self->n;
	const __u32 states[] = { n->ioas, n->parent, self->s1[0].hwpt };
	char path[128], line[128];
	unsigned int i, state;
	bool yes, listed = false;
	FILE *f;

	snprintf(path, sizeof(path),
		 "/sys/bus/pci/devices/%s/iommu_group/reserved_regions",
		 n->dev[0].bdf);
	f = fopen(path, "re");
	ASSERT_NE(NULL, f);
	while (fgets(line, sizeof(line), f))
		listed |= !strcmp(line, "0x00000000fee00000 0x00000000feefffff msi\n");
	fclose(f);
	EXPECT_TRUE(listed);

	for (state = 0; state < ARRAY_SIZE(states); state++) {
		ASSERT_EQ(0, vfio_attach(&n->dev[0], states[state]));
		for (i = 0; i < ARRAY_SIZE(probe); i++) {
			ASSERT_EQ(0, offers(n, probe[i], &yes));
			EXPECT_EQ(i == 0 || i == 3, yes);
		}
		/* No mapping reaches into it from either side. */
		EXPECT_GT(0, iommufd_ioas_map(n->iommufd, n->ioas, n->guest.va,
					      2 * PAGE, MSI_FIRST - PAGE,
					      IOMMUFD_MAP_RW));
		EXPECT_GT(0, iommufd_ioas_map(n->iommufd, n->ioas, n->guest.va,
					      2 * PAGE, MSI_LAST + 1 - PAGE,
					      IOMMUFD_MAP_RW));
		EXPECT_GT(0, iommufd_ioas_map(n->iommufd, n->ioas, n->guest.va,
					      PAGE, MSI_FIRST + PAGE,
					      IOMMUFD_MAP_RW));
	}
}

/*
 * A guest's table may lead there by a leaf of either size, by a table, or be
 * there: it is a GPA like others, that nothing is behind, and no interrupt.
 */
TEST_F_TIMEOUT(msi, tables_that_lead_there, 600)
{
	struct nested *n = &self->n;
	struct iommu_hwpt_vtd_s1 cfg = {
		.pgtbl_addr = MSI_FIRST,
		.addr_width = 48,
	};
	struct stage1 *t = &self->s1[0].t;
	const __u64 there[] = {
		IOVA + PAGE, IOVA + SIZE_2M, IOVA + 2 * SIZE_2M
	};
	unsigned int i;
	__u32 hwpt;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], self->s1[1].hwpt));
	stage1_map(t, there[0], MSI_FIRST, S1_4K, S1_RW);
	stage1_map(t, there[1], MSI_FIRST, S1_2M, S1_RW);
	stage1_map(t, there[2], self->page, S1_4K, S1_RW);
	stage1_set(stage1_entry(t, there[2], 2), MSI_FIRST | S1_RW);
	for (i = 0; i < ARRAY_SIZE(there); i++) {
		nested_see(n, 0, there[i]);
		EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
		nested_poke(n, 0, there[i], 0x31);
		EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
		ASSERT_EQ(0, endpoint_fetch_add(&n->dev[0], there[i], 1, 4,
						&n->last));
		EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);

		EXPECT_EQ(self->page, nested_see(n, 0, IOVA));
		EXPECT_EQ(self->page, nested_see(n, 1, IOVA));
		EXPECT_TRUE(interrupts(n, 0, self->irq[0]));
		EXPECT_TRUE(interrupts(n, 1, self->irq[1]));
	}
	EXPECT_EQ(FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, there[0]));
	EXPECT_EQ(FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, there[1]));

	ASSERT_EQ(0, nested_s1_alloc(n, &cfg, &hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], hwpt));
	nested_see(n, 0, IOVA);
	EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
	nested_poke(n, 0, 0x31, 1);
	EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
	EXPECT_EQ(self->page, nested_see(n, 1, IOVA));
	EXPECT_TRUE(interrupts(n, 0, self->irq[0]));
	EXPECT_TRUE(interrupts(n, 1, self->irq[1]));
	/* And back. */
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[1].hwpt));
	EXPECT_EQ(self->page, nested_see(n, 0, IOVA));
	EXPECT_EQ(0, raised(self->irq[0], 100));
	EXPECT_EQ(0, raised(self->irq[1], 0));
}

TEST_F_TIMEOUT(msi, between_changes, 600)
{
	struct nested *n = &self->n;
	const __u32 order[] = {
		self->s1[0].hwpt, self->s1[1].hwpt, n->parent,
		self->s1[1].hwpt, n->ioas, self->s1[0].hwpt, self->s1[0].hwpt,
	};
	int i, round;

	for (round = 0; round < 2; round++) {
		EXPECT_TRUE(interrupts(n, 0, self->irq[0]));
		for (i = 0; i < (int)ARRAY_SIZE(order); i++) {
			ASSERT_EQ(0, vfio_attach(&n->dev[0], order[i]));
			EXPECT_TRUE(interrupts(n, 0, self->irq[0]));
			EXPECT_EQ(0, raised(self->irq[1], 0));
		}
		ASSERT_EQ(0, vfio_detach(&n->dev[0]));
		EXPECT_TRUE(interrupts(n, 0, self->irq[0]));
	}
}

/**
 * struct changer - a device's page table is changed again and again
 * @n: guest
 * @pt: to which, in turn; 0 detaches
 * @stop: set when it shall stop
 * @times: how often it was done
 * @ret: error
 */
struct changer {
	struct nested *n;
	__u32 pt[2];
	bool stop;
	int times;
	int ret;
};

static void *keep_changing(void *arg)
{
	struct changer *c = arg;
	__u32 pt;

	while (!c->ret && !__atomic_load_n(&c->stop, __ATOMIC_ACQUIRE)) {
		pt = c->pt[c->times++ & 1];
		c->ret = pt ? vfio_attach(&c->n->dev[0], pt) :
			      vfio_detach(&c->n->dev[0]);
	}
	return NULL;
}

#define SHOTS	40

/* None is lost in the middle of whatever change, and none comes twice. */
TEST_F_TIMEOUT(msi, during_changes, 600)
{
	struct nested *n = &self->n;
	__u32 other_parent, other;
	struct s1 s1;
	pthread_t thread;
	int i, k;

	ASSERT_EQ(0, iommufd_hwpt_alloc_parent(n->iommufd, n->dev[0].id,
					       n->ioas, &other_parent));
	stage1_create(&s1.t, &n->guest, 4);
	const struct iommu_hwpt_vtd_s1 cfg = {
		.pgtbl_addr = s1.t.root,
		.addr_width = 48,
	};
	ASSERT_EQ(0, iommufd_hwpt_alloc_s1(n->iommufd, n->dev[0].id,
					   other_parent, &cfg, &other));
	const __u32 pairs[][2] = {
		{ self->s1[0].hwpt, self->s1[1].hwpt },
		{ self->s1[0].hwpt, n->parent },
		{ self->s1[0].hwpt, n->ioas },
		{ self->s1[0].hwpt, other },
		{ self->s1[0].hwpt, 0 },
	};

	ASSERT_EQ(0, vfio_attach(&n->dev[1], self->s1[1].hwpt));
	for (k = 0; k < (int)ARRAY_SIZE(pairs); k++) {
		struct changer c = { .n = n };

		memcpy(c.pt, pairs[k], sizeof(c.pt));
		ASSERT_EQ(0, pthread_create(&thread, NULL, keep_changing, &c));
		for (i = 0; i < SHOTS; i++)
			EXPECT_TRUE(interrupts(n, i & 1, self->irq[i & 1]));
		__atomic_store_n(&c.stop, true, __ATOMIC_RELEASE);
		pthread_join(thread, NULL);
		EXPECT_EQ(0, c.ret);
		EXPECT_LT(1, c.times);
	}
	EXPECT_EQ(0, raised(self->irq[0], 100));
	EXPECT_EQ(0, raised(self->irq[1], 0));
}

/* Whoever gets the interrupt finds what the device had written before it. */
TEST_F_TIMEOUT(msi, tells_of_a_write, 600)
{
	struct nested *n = &self->n;
	__u64 *va = guest_va(&n->guest, self->page);
	struct changer c = {
		.n = n,
		.pt = { self->s1[0].hwpt, self->s1[1].hwpt },
	};
	struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_WRITE,
		.flags = VTDSIM_EP_F_MSI,
		.addr = IOVA + 8,
		.len = 8,
	};
	pthread_t thread;
	__u64 i;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	ASSERT_EQ(0, pthread_create(&thread, NULL, keep_changing, &c));
	for (i = 1; i <= SHOTS; i++) {
		*(__u64 *)((char *)n->dev[0].bar + VTDSIM_EP_BUFFER) = i;
		endpoint_start(&n->dev[0], &cmd);
		EXPECT_EQ(1, raised(self->irq[0], 10000));
		EXPECT_EQ(i, __atomic_load_n(&va[1], __ATOMIC_ACQUIRE));
		ASSERT_EQ(0, endpoint_finish(&n->dev[0], &n->last));
		EXPECT_EQ(VTDSIM_EP_S_OK, n->last.status);
	}
	__atomic_store_n(&c.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, c.ret);
	EXPECT_LT(1, c.times);
}

TEST_HARNESS_MAIN
