// SPDX-License-Identifier: GPL-2.0-only
/*
 * What happens to a device while its DMA is nested: interrupts, bus mastering,
 * reset, and the end of the process that drives it.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "vtd_nested.h"

FIXTURE(device)
{
	struct nested n;
	struct s1 s1;
	__u64 page;
	int irq;
};

FIXTURE_SETUP(device)
{
	struct nested *n = &self->n;
	const char *skip;
	int ret = nested_open(n, 1, &skip);

	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, nested_s1_create(n, &self->s1, 4));
	self->page = nested_page(n);
	stage1_map(&self->s1.t, IOVA, self->page, S1_4K, S1_RW);
	self->irq = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_LE(0, self->irq);
}

FIXTURE_TEARDOWN(device)
{
	EXPECT_EQ(0, nested_close(&self->n));
	close(self->irq);
}

/* How often was the interrupt raised since the last look? Waits for one. */
static __u64 interrupts(int irq)
{
	struct pollfd p = { .fd = irq, .events = POLLIN };
	__u64 count = 0;

	poll(&p, 1, 3000);
	if (read(irq, &count, sizeof(count)) != sizeof(count))
		return 0;
	return count;
}

static int run_with_msi(struct nested *n, __u32 op, __u64 addr)
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
	ASSERT_EQ(0, run_with_msi(n, VTDSIM_EP_OP_NOP, 0));
	EXPECT_EQ(1, interrupts(self->irq));

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(0, run_with_msi(n, VTDSIM_EP_OP_READ, IOVA));
	EXPECT_EQ(VTDSIM_EP_S_OK, n->last.status);
	EXPECT_EQ(1, interrupts(self->irq));
	/* The message is no DMA: no table of the guest has its address. */
	ASSERT_EQ(0, run_with_msi(n, VTDSIM_EP_OP_READ, IOVA + PAGE));
	EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
	EXPECT_EQ(1, interrupts(self->irq));

	ASSERT_EQ(0, vfio_detach(&n->dev[0]));
	ASSERT_EQ(0, run_with_msi(n, VTDSIM_EP_OP_NOP, 0));
	EXPECT_EQ(1, interrupts(self->irq));
}

TEST_F(device, msi_disabled)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(0, vfio_msi_enable(&n->dev[0], self->irq));
	ASSERT_EQ(0, run_with_msi(n, VTDSIM_EP_OP_READ, IOVA));
	EXPECT_EQ(1, interrupts(self->irq));
	ASSERT_EQ(0, vfio_msi_disable(&n->dev[0]));
	ASSERT_EQ(0, run_with_msi(n, VTDSIM_EP_OP_READ, IOVA));
	EXPECT_EQ(VTDSIM_EP_S_OK, n->last.status);
	EXPECT_EQ(0, interrupts(self->irq));
}

TEST_F(device, no_dma_without_bus_master)
{
	struct nested *n = &self->n;

	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(0, vfio_bus_master(&n->dev[0], false));
	EXPECT_EQ(STATUS(VTDSIM_EP_S_NO_MASTER), nested_see(n, 0, IOVA));
	ASSERT_EQ(0, vfio_bus_master(&n->dev[0], true));
	EXPECT_EQ(self->page, nested_see(n, 0, IOVA));
}

TEST_F(device, reset_while_attached)
{
	struct nested *n = &self->n;
	bool can;

	ASSERT_EQ(0, vfio_can_reset(&n->dev[0], &can));
	if (!can)
		SKIP(return, "the endpoint has no reset");
	ASSERT_EQ(0, vfio_attach(&n->dev[0], self->s1.hwpt));
	ASSERT_EQ(self->page, nested_see(n, 0, IOVA));
	ASSERT_EQ(0, vfio_reset(&n->dev[0]));
	ASSERT_EQ(0, endpoint_check(&n->dev[0]));
	ASSERT_EQ(0, vfio_bus_master(&n->dev[0], true));
	EXPECT_EQ(self->page, nested_see(n, 0, IOVA));
	EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, IOVA + PAGE));

	stage1_set(stage1_entry(&self->s1.t, IOVA, 1), 0);
	ASSERT_EQ(0, nested_invalidate(n, self->s1.hwpt, IOVA, 1, 0));
	EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(n, 0, IOVA));
}

/* Everything open, nested and in use. Returns 0 when a device has done DMA. */
static int use_a_guest(struct nested *n, __u64 mark)
{
	const char *skip;
	struct s1 s1;
	__u64 page;
	int ret;

	ret = nested_open(n, 1, &skip);
	if (!ret)
		ret = nested_s1_create(n, &s1, 4);
	if (!ret)
		ret = vfio_attach(&n->dev[0], s1.hwpt);
	if (ret)
		return ret;
	page = nested_page(n);
	*(__u64 *)guest_va(&n->guest, page) = mark;
	stage1_map(&s1.t, IOVA, page, S1_4K, S1_RW);
	return nested_see(n, 0, IOVA) == mark ? 0 : -EIO;
}

/* These open and close their guests themselves. */
FIXTURE(process)
{
};

FIXTURE_SETUP(process)
{
	struct nested n;
	const char *skip;
	int ret = nested_open(&n, 1, &skip);

	nested_close(&n);
	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
}

FIXTURE_TEARDOWN(process)
{
}

/* The process is killed; the next one finds the device as if new. */
TEST_F_TIMEOUT(process, killed, 600)
{
	struct nested n;
	int ready[2], i;
	char byte;
	pid_t pid;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, pipe(ready));
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			/* Not to outlive a test that fails. */
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			byte = use_a_guest(&n, 0x1000 + i) ? 'n' : 'y';
			if (write(ready[1], &byte, 1) == 1)
				pause();
			_exit(1);
		}
		close(ready[1]);
		ASSERT_EQ(1, read(ready[0], &byte, 1));
		EXPECT_EQ('y', byte);
		close(ready[0]);
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, NULL, 0));

		EXPECT_EQ(0, use_a_guest(&n, 0x2000 + i));
		EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), nested_see(&n, 0,
							       IOVA + PAGE));
		EXPECT_EQ(0, nested_close(&n));
	}
}

/* The context goes before the device: the device holds it. */
TEST_F(process, closes_the_context_first)
{
	struct nested n;

	ASSERT_EQ(0, use_a_guest(&n, 0x3000));
	close(n.iommufd);
	n.iommufd = -1;
	EXPECT_EQ(0x3000, nested_see(&n, 0, IOVA));
	EXPECT_EQ(0, nested_close(&n));
	EXPECT_EQ(0, use_a_guest(&n, 0x3001));
	EXPECT_EQ(0, nested_close(&n));
}

/* Memory of the process may go while a device can still reach it. */
TEST_F(process, unmaps_its_memory)
{
	struct nested n;
	__u64 num;

	ASSERT_EQ(0, use_a_guest(&n, 0x4000));
	guest_destroy(&n.guest);
	n.guest.va = NULL;
	num = nested_see(&n, 0, IOVA);
	EXPECT_EQ(0x4000, num);
	EXPECT_EQ(0, nested_close(&n));
}

TEST_HARNESS_MAIN
