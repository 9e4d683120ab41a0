// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices whose DMA is nested: interrupts, bus mastering, reset, and the end of
 * the process that drives them.
 */
#include <errno.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "nested.h"
#include "nested_child.h"
#include "nested_event.h"
#include "nested_user.h"
#include "sysfs.h"

#define MSI_MS	3000

/* Whether an endpoint does what lose_invalidations() tells it */
#define MISBEHAVE	"/sys/kernel/debug/vtdsim/misbehave"

FIXTURE(device)
{
	struct nested n;
	struct nested_s1 s1;
	__u64 page;
	int irq;
};

FIXTURE_SETUP(device)
{
	struct nested *n = &self->n;

	NESTED_SETUP(return, nested_open, n, 1);
	ASSERT_EQ(0, nested_s1_create_mapped(n, &self->s1, &self->page));
	self->irq = event_create();
	ASSERT_LE(0, self->irq);
}

FIXTURE_TEARDOWN(device)
{
	EXPECT_EQ(0, nested_close(&self->n));
	close(self->irq);
}

static int command_with_msi(struct nested *n, __u32 op, __u64 addr)
{
	const struct endpoint_cmd cmd = {
		.op = op,
		.flags = VTDSIM_EP_F_MSI,
		.addr = addr,
		.len = op == VTDSIM_EP_OP_NOP ? 0 : 8,
	};

	return endpoint_run(&n->dev[0], &cmd, &n->last);
}

TEST_F(device, msi_before_during_and_after_nesting)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, vfio_msi_enable(&n->dev[0], self->irq));
	ASSERT_EQ(0, command_with_msi(n, VTDSIM_EP_OP_NOP, 0));
	EXPECT_EQ(1, event_count(self->irq, EVENT_PATIENCE_MS));

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(0, command_with_msi(n, VTDSIM_EP_OP_READ, NESTED_IOVA));
	EXPECT_EQ(VTDSIM_EP_S_OK, n->last.status);
	EXPECT_EQ(1, event_count(self->irq, EVENT_PATIENCE_MS));
	/* A message needs no mapping in the guest's table. */
	ASSERT_EQ(0, command_with_msi(n, VTDSIM_EP_OP_READ, NESTED_IOVA + PAGE));
	EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
	EXPECT_EQ(1, event_count(self->irq, EVENT_PATIENCE_MS));

	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	ASSERT_EQ(0, command_with_msi(n, VTDSIM_EP_OP_NOP, 0));
	EXPECT_EQ(1, event_count(self->irq, EVENT_PATIENCE_MS));
}

TEST_F(device, msi_disabled)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(0, vfio_msi_enable(&n->dev[0], self->irq));
	ASSERT_EQ(0, command_with_msi(n, VTDSIM_EP_OP_READ, NESTED_IOVA));
	EXPECT_EQ(1, event_count(self->irq, EVENT_PATIENCE_MS));
	ASSERT_EQ(0, vfio_msi_disable(&n->dev[0]));
	ASSERT_EQ(0, command_with_msi(n, VTDSIM_EP_OP_READ, NESTED_IOVA));
	EXPECT_EQ(VTDSIM_EP_S_OK, n->last.status);
	EXPECT_EQ(0, event_count(self->irq, MSI_MS));
}

TEST_F(device, no_dma_without_bus_master)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(0, vfio_bus_master(&n->dev[0], false));
	EXPECT_EQ(NESTED_STATUS(VTDSIM_EP_S_NO_MASTER), nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, vfio_bus_master(&n->dev[0], true));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
}

TEST_F(device, reset_while_attached)
{
	struct nested *n = &self->n;
	bool can;

	ASSERT_EQ(0, vfio_can_reset(&n->dev[0], &can));
	if (!can)
		SKIP(return, "the endpoint has no reset");
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	ASSERT_EQ(0, endpoint_reset(&n->dev[0]));
	EXPECT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, NESTED_IOVA + PAGE));

	stage1_set(stage1_entry(&self->s1.t, NESTED_IOVA, 1), 0);
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 1, 0));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, NESTED_IOVA));
}

/* Its device TLB does not answer until it is reset. */
static void lose_invalidations(struct vfio_dev *dev)
{
	__atomic_store_n((__u32 *)((char *)dev->bar + VTDSIM_EP_INV_LOSE), ~0U, __ATOMIC_RELEASE);
}

/*
 * What a VMM does about a device TLB that does not answer: reset the device, and repeat the
 * request.
 */
TEST_F(device, silent_until_reset)
{
	struct nested *n = &self->n;
	char before[8];
	bool can;

	ASSERT_EQ(0, vfio_can_reset(&n->dev[0], &can));
	if (!can)
		SKIP(return, "the endpoint has no reset");
	if (sysfs_read(MISBEHAVE, before, sizeof(before)))
		SKIP(return, "no device TLB that may be told to be silent");
	ASSERT_EQ(0, sysfs_write(MISBEHAVE, "Y"));
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(self->page, nested_see(n, 0, NESTED_IOVA));

	stage1_set(stage1_entry(&self->s1.t, NESTED_IOVA, 1), 0);
	lose_invalidations(&n->dev[0]);
	EXPECT_EQ(-ETIMEDOUT, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 1, 0));
	EXPECT_EQ(0, endpoint_reset(&n->dev[0]));
	EXPECT_EQ(0, nested_invalidate(n, self->s1.hwpt, NESTED_IOVA, 1, 0));
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, NESTED_IOVA));
	EXPECT_EQ(0, sysfs_write(MISBEHAVE, before));
}

FIXTURE(process)
{
	struct nested_user u;
	pid_t user;
};

FIXTURE_SETUP(process)
{
	NESTED_SETUP(return, nested_open, &self->u.n, 1);
	EXPECT_EQ(0, nested_close(&self->u.n));
}

FIXTURE_TEARDOWN(process)
{
	EXPECT_EQ(0, child_kill(&self->user));
	EXPECT_EQ(0, nested_close(&self->u.n));
}

/* When a process is killed, the next one finds the device as if new. */
TEST_F_TIMEOUT(process, killed, 600)
{
	struct nested_user *u = &self->u;
	int i;

	for (i = 0; i < 3; i++) {
		self->user = nested_user_fork(u, 0x1000 + i);
		ASSERT_LT(0, self->user);
		ASSERT_EQ(0, child_kill(&self->user));

		EXPECT_EQ(0, nested_user_open(u, 0x2000 + i));
		EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT),
			  nested_see(&u->n, 0, NESTED_IOVA + PAGE));
		EXPECT_EQ(0, nested_close(&u->n));
	}
}

/* A device keeps what it needs of a context that is closed before it. */
TEST_F(process, closes_the_context_first)
{
	struct nested_user *u = &self->u;

	ASSERT_EQ(0, nested_user_open(u, 0x3000));
	close(u->n.iommufd);
	u->n.iommufd = -1;
	EXPECT_EQ(0x3000, nested_see(&u->n, 0, NESTED_IOVA));
	EXPECT_EQ(0, nested_close(&u->n));
	EXPECT_EQ(0, nested_user_works(0x3001));
}

/* A process may unmap its memory while a device can still access it. */
TEST_F(process, unmaps_its_memory)
{
	struct nested_user *u = &self->u;

	ASSERT_EQ(0, nested_user_open(u, 0x4000));
	guest_destroy(&u->n.guest);
	u->n.guest.va = NULL;
	EXPECT_EQ(0x4000, nested_see(&u->n, 0, NESTED_IOVA));
	EXPECT_EQ(0, nested_close(&u->n));
}

TEST_HARNESS_MAIN
