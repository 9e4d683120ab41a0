// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of devices whose DMA is nested. A message is not translated: it
 * arrives whatever the device's tables are, and no table can map the interrupt
 * range.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "nested.h"
#include "nested_event.h"

/**
 * struct changer - a device whose page table is changed again and again
 * @worker: thread that changes it
 * @n: guest
 * @pt: page tables to take in turn; 0 detaches
 * @times: changes so far
 * @ret: error
 */
struct changer {
	struct worker worker;
	struct nested *n;
	__u32 pt[2];
	int times;
	int ret;
};

FIXTURE(msi)
{
	struct nested n;
	struct nested_s1 s1[2];
	__u64 page;
	int irq[2];
	struct changer c;
};

/* Both tables map a page at NESTED_IOVA, and both devices have an interrupt. */
FIXTURE_SETUP(msi)
{
	struct nested *n = &self->n;
	int i;

	NESTED_SETUP(return, nested_open, n, 2);
	self->page = nested_page(n);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, nested_s1_create(n, &self->s1[i], 4));
		stage1_map(&self->s1[i].t, NESTED_IOVA, self->page, S1_4K, S1_RW);
		self->irq[i] = event_create();
		ASSERT_LE(0, self->irq[i]);
		ASSERT_EQ(0, vfio_msi_enable(&n->dev[i], self->irq[i]));
	}
}

FIXTURE_TEARDOWN(msi)
{
	worker_stop(&self->c.worker);
	EXPECT_EQ(0, nested_close(&self->n));
	close(self->irq[0]);
	close(self->irq[1]);
}

/* Does a command raise exactly one interrupt? */
static bool interrupts_once(struct nested *n, int dev, int irq)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_NOP,
		.flags = VTDSIM_EP_F_MSI,
	};
	struct endpoint_result res;

	return !endpoint_run(&n->dev[dev], &cmd, &res) &&
	       event_count(irq, EVENT_PATIENCE_MS) == 1;
}

/* Is an address in the ranges that an address space offers? */
static int ioas_offers(struct nested *n, __u64 addr, bool *yes)
{
	struct iommu_iova_range range[32];
	__u32 i, num = ARRAY_SIZE(range);
	int ret;

	ret = iommufd_ioas_iova_ranges(n->iommufd, n->ioas, range, &num);
	*yes = false;
	for (i = 0; !ret && i < num; i++)
		*yes |= range[i].start <= addr && addr <= range[i].last;
	return ret;
}

TEST_F(msi, window_is_reserved)
{
	const __u64 probe[] = {
		VTD_MSI_FIRST - 1, VTD_MSI_FIRST, VTD_MSI_LAST, VTD_MSI_LAST + 1
	};
	struct nested *n = &self->n;
	const __u32 states[] = { n->ioas, n->parent, self->s1[0].hwpt };
	char regions[1024];
	unsigned int i, state;
	ssize_t len;
	bool yes;
	int fd;

	fd = pci_attr_open(n->dev[0].bdf, "iommu_group/reserved_regions",
			   O_RDONLY);
	ASSERT_LE(0, fd);
	len = read(fd, regions, sizeof(regions) - 1);
	close(fd);
	ASSERT_LT(0, len);
	regions[len] = '\0';
	EXPECT_NE(NULL, strstr(regions,
			       "0x00000000fee00000 0x00000000feefffff msi\n"));

	for (state = 0; state < ARRAY_SIZE(states); state++) {
		ASSERT_EQ(0, vfio_attach(&n->dev[0], states[state]));
		for (i = 0; i < ARRAY_SIZE(probe); i++) {
			ASSERT_EQ(0, ioas_offers(n, probe[i], &yes));
			EXPECT_EQ(i == 0 || i == 3, yes);
		}
		/* No mapping can overlap the range. */
		EXPECT_GT(0, iommufd_ioas_map(n->iommufd, n->ioas, n->guest.va,
					      2 * PAGE, VTD_MSI_FIRST - PAGE,
					      IOMMUFD_MAP_RW));
		EXPECT_GT(0, iommufd_ioas_map(n->iommufd, n->ioas, n->guest.va,
					      2 * PAGE, VTD_MSI_LAST + 1 - PAGE,
					      IOMMUFD_MAP_RW));
		EXPECT_GT(0, iommufd_ioas_map(n->iommufd, n->ioas, n->guest.va,
					      PAGE, VTD_MSI_FIRST + PAGE,
					      IOMMUFD_MAP_RW));
	}
}

/*
 * In a guest's table the interrupt range is a range of GPAs without memory. An
 * access through a leaf or a table there faults, and raises no interrupt.
 */
TEST_F_TIMEOUT(msi, tables_that_lead_there, 600)
{
	struct nested *n = &self->n;
	struct iommu_hwpt_vtd_s1 cfg = {
		.pgtbl_addr = VTD_MSI_FIRST,
		.addr_width = 48,
	};
	struct stage1 *t = &self->s1[0].t;
	const __u64 there[] = {
		NESTED_IOVA + PAGE, NESTED_IOVA + SIZE_2M, NESTED_IOVA + 2 * SIZE_2M
	};
	unsigned int i;
	__u32 hwpt;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[1], self->s1[1].hwpt));
	stage1_map(t, there[0], VTD_MSI_FIRST, S1_4K, S1_RW);
	stage1_map(t, there[1], VTD_MSI_FIRST, S1_2M, S1_RW);
	stage1_map(t, there[2], self->page, S1_4K, S1_RW);
	stage1_set(stage1_entry(t, there[2], 2), VTD_MSI_FIRST | S1_RW);
	for (i = 0; i < ARRAY_SIZE(there); i++) {
		nested_see(n, 0, there[i]);
		EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
		nested_poke(n, 0, there[i], 0x31);
		EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
		ASSERT_EQ(0, endpoint_fetch_add(&n->dev[0], there[i], 1, 4,
						&n->last));
		EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);

		EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
		EXPECT_EQ(self->page, nested_see(n, 1, NESTED_IOVA));
		EXPECT_TRUE(interrupts_once(n, 0, self->irq[0]));
		EXPECT_TRUE(interrupts_once(n, 1, self->irq[1]));
	}
	EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, there[0]));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, there[1]));

	ASSERT_EQ(0, nested_s1_alloc(n, &cfg, &hwpt));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], hwpt));
	nested_see(n, 0, NESTED_IOVA);
	EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
	nested_poke(n, 0, 0x31, 1);
	EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
	EXPECT_EQ(self->page, nested_see(n, 1, NESTED_IOVA));
	EXPECT_TRUE(interrupts_once(n, 0, self->irq[0]));
	EXPECT_TRUE(interrupts_once(n, 1, self->irq[1]));
	/* The device can be moved back. */
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[1].hwpt));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(0, event_count(self->irq[0], 100));
	EXPECT_EQ(0, event_count(self->irq[1], 0));
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
		EXPECT_TRUE(interrupts_once(n, 0, self->irq[0]));
		for (i = 0; i < (int)ARRAY_SIZE(order); i++) {
			ASSERT_EQ(0, vfio_attach(&n->dev[0], order[i]));
			EXPECT_TRUE(interrupts_once(n, 0, self->irq[0]));
			EXPECT_EQ(0, event_count(self->irq[1], 0));
		}
		ASSERT_EQ(0, vfio_detach(&n->dev[0]));
		EXPECT_TRUE(interrupts_once(n, 0, self->irq[0]));
	}
}

static bool change_table(void *arg)
{
	struct changer *c = arg;
	__u32 pt = c->pt[c->times++ & 1];

	c->ret = pt ? vfio_attach(&c->n->dev[0], pt) :
		      vfio_detach(&c->n->dev[0]);
	return !c->ret;
}

static int start_changer(struct changer *c, struct nested *n,
			 const __u32 pt[2])
{
	*c = (struct changer) { .n = n, .pt = { pt[0], pt[1] } };
	return worker_start(&c->worker, change_table, c);
}

/* Returns false if a change failed, or if there were not two of them. */
static bool stop_changer(struct changer *c)
{
	bool changing = worker_wait_steps(&c->worker, 2);

	worker_stop(&c->worker);
	return changing && !c->ret;
}

#define SHOTS	40

/* No interrupt is lost during a change of tables, and none comes twice. */
TEST_F_TIMEOUT(msi, during_changes, 600)
{
	struct nested *n = &self->n;
	__u32 other_parent;
	struct nested_s1 other;
	int i, k;

	ASSERT_EQ(0, iommufd_hwpt_alloc_parent(n->iommufd, n->dev[0].id,
					       n->ioas, &other_parent));
	ASSERT_EQ(0, nested_s1_create_on(n, other_parent, &other));
	const __u32 pairs[][2] = {
		{ self->s1[0].hwpt, self->s1[1].hwpt },
		{ self->s1[0].hwpt, n->parent },
		{ self->s1[0].hwpt, n->ioas },
		{ self->s1[0].hwpt, other.hwpt },
		{ self->s1[0].hwpt, 0 },
	};

	ASSERT_EQ(0, vfio_attach(&n->dev[1], self->s1[1].hwpt));
	for (k = 0; k < (int)ARRAY_SIZE(pairs); k++) {
		ASSERT_EQ(0, start_changer(&self->c, n, pairs[k]));
		for (i = 0; i < SHOTS; i++)
			EXPECT_TRUE(interrupts_once(n, i & 1, self->irq[i & 1]));
		EXPECT_TRUE(stop_changer(&self->c));
	}
	EXPECT_EQ(0, event_count(self->irq[0], 100));
	EXPECT_EQ(0, event_count(self->irq[1], 0));
}

/* The write before an interrupt is visible when the interrupt arrives. */
TEST_F_TIMEOUT(msi, tells_of_a_write, 600)
{
	struct nested *n = &self->n;
	__u64 *va = guest_va(&n->guest, self->page);
	const __u32 tables[] = { self->s1[0].hwpt, self->s1[1].hwpt };
	struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_WRITE,
		.flags = VTDSIM_EP_F_MSI,
		.addr = NESTED_IOVA + 8,
		.len = 8,
	};
	__u64 i;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1[0].hwpt));
	ASSERT_EQ(0, start_changer(&self->c, n, tables));
	for (i = 1; i <= SHOTS; i++) {
		*(__u64 *)((char *)n->dev[0].bar + VTDSIM_EP_BUFFER) = i;
		endpoint_start(&n->dev[0], &cmd);
		EXPECT_EQ(1, event_count(self->irq[0], EVENT_PATIENCE_MS));
		EXPECT_EQ(i, __atomic_load_n(&va[1], __ATOMIC_ACQUIRE));
		ASSERT_EQ(0, endpoint_finish(&n->dev[0], &n->last));
		EXPECT_EQ(VTDSIM_EP_S_OK, n->last.status);
	}
	EXPECT_TRUE(stop_changer(&self->c));
}

TEST_HARNESS_MAIN
