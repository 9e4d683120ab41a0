// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of devices and tables under nested translation: drivers unbound and
 * devices removed while in use, processes that end or share a unit, many
 * tables, and interrupts all the time.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "vtd_nested.h"

#define SYSFS_PCI	"/sys/bus/pci/"
#define MSI_FIRST	0xfee00000ULL
#define MSI_LAST	0xfeefffffULL

/* How long what must not happen may take to happen after all. */
#define A_WHILE_US	300000

/**
 * struct user - a guest with a table that is in use
 * @n: the guest
 * @s1: its table, attached to the first device
 * @page: data page at IOVA, with @mark in it
 * @mark: a number of this guest's own
 */
struct user {
	struct nested n;
	struct s1 s1;
	__u64 page;
	__u64 mark;
};

/* Attached, and seen to do DMA. */
static int begin(struct user *u)
{
	struct nested *n = &u->n;
	int ret;

	ret = nested_s1_create(n, &u->s1, 4);
	if (!ret)
		ret = vfio_attach(&n->dev[0], u->s1.hwpt);
	if (ret)
		return ret;
	u->page = nested_page(n);
	*(__u64 *)guest_va(&n->guest, u->page) = u->mark;
	stage1_map(&u->s1.t, IOVA, u->page, S1_4K, S1_RW);
	return nested_see(n, 0, IOVA) == u->mark ? 0 : -EIO;
}

static int open_user(struct user *u, __u64 mark)
{
	const char *skip;
	int ret = nested_open(&u->n, 1, &skip);

	u->mark = mark;
	return ret ?: begin(u);
}

/* The same with the second device alone. */
static int open_second(struct user *u, __u64 mark)
{
	struct nested *n = &u->n;
	const char *skip;
	int ret = nested_open(n, 2, &skip);

	if (ret)
		return ret;
	vfio_close(&n->dev[0]);
	n->dev[0] = n->dev[1];
	n->ndev = 1;
	u->mark = mark;
	return begin(u);
}

/* A device works from the beginning to the end. */
static int use_and_close(__u64 mark)
{
	struct user u;
	int ret = open_user(&u, mark);
	int broken = nested_close(&u.n);

	return ret ?: broken;
}

/* Reads until something is wrong. */
static void keep_reading(struct user *u)
{
	while (nested_see(&u->n, 0, IOVA) == u->mark)
		;
}

/* A process that uses the first device until it is killed. */
static pid_t start_user(__u64 mark)
{
	struct user u;
	int ready[2];
	char byte = 'n';
	pid_t pid;

	if (pipe(ready))
		return -1;
	pid = fork();
	if (!pid) {
		/* Not to outlive a test that fails. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		byte = open_user(&u, mark) ? 'n' : 'y';
		if (write(ready[1], &byte, 1) == 1 && byte == 'y')
			keep_reading(&u);
		_exit(1);
	}
	close(ready[1]);
	if (pid > 0 && (read(ready[0], &byte, 1) != 1 || byte != 'y')) {
		waitpid(pid, NULL, 0);
		pid = -1;
	}
	close(ready[0]);
	return pid;
}

static bool ended(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) == pid;
}

/* Returns how the process ended; negative if not within 20 seconds. */
static int wait_end(pid_t pid)
{
	int i, status;

	for (i = 0; i < 2000; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		usleep(10000);
	}
	return -1;
}

static int write_sysfs(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static pid_t start_write(const char *path, const char *text)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(-write_sysfs(path, text));
	}
	return pid;
}

FIXTURE(life)
{
	char bdf[2][VFIO_BDF_LEN];
};

FIXTURE_SETUP(life)
{
	struct nested n;
	const char *skip;
	int ret = nested_open(&n, 2, &skip);

	nested_close(&n);
	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
	ASSERT_EQ(2, vfio_find(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID,
			       self->bdf, 2));
}

FIXTURE_TEARDOWN(life)
{
}

/* The driver does not let go of a device that is in use. */
TEST_F_TIMEOUT(life, driver_unbound_in_use, 600)
{
	char path[PATH_MAX];
	pid_t user, unbind;

	snprintf(path, sizeof(path), SYSFS_PCI "devices/%s/driver/unbind",
		 self->bdf[0]);
	user = start_user(0x1000);
	ASSERT_LT(0, user);
	unbind = start_write(path, self->bdf[0]);
	ASSERT_LT(0, unbind);
	usleep(A_WHILE_US);
	EXPECT_FALSE(ended(unbind));
	EXPECT_FALSE(ended(user));

	ASSERT_EQ(0, kill(user, SIGKILL));
	ASSERT_LE(0, wait_end(user));
	EXPECT_EQ(0, wait_end(unbind));
	EXPECT_EQ(0, use_and_close(0x1001));
}

TEST_F_TIMEOUT(life, device_removed_in_use, 600)
{
	char path[PATH_MAX], bdf[2][VFIO_BDF_LEN];
	pid_t user, removal;
	struct user u;

	snprintf(path, sizeof(path), SYSFS_PCI "devices/%s/remove",
		 self->bdf[0]);
	user = start_user(0x2000);
	ASSERT_LT(0, user);
	removal = start_write(path, "1");
	ASSERT_LT(0, removal);
	usleep(A_WHILE_US);
	EXPECT_FALSE(ended(removal));
	EXPECT_FALSE(ended(user));

	ASSERT_EQ(0, kill(user, SIGKILL));
	ASSERT_LE(0, wait_end(user));
	EXPECT_EQ(0, wait_end(removal));
	EXPECT_EQ(1, vfio_find(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, bdf,
			       2));
	/* The other one is the first now, and none the worse. */
	EXPECT_EQ(0, open_user(&u, 0x2001));
	EXPECT_STREQ(self->bdf[1], u.n.dev[0].bdf);
	EXPECT_EQ(0, nested_close(&u.n));

	ASSERT_EQ(0, write_sysfs(SYSFS_PCI "rescan", "1"));
	ASSERT_EQ(2, vfio_find(VTDSIM_PCI_VENDOR_ID, VTDSIM_PCI_DEVICE_ID, bdf,
			       2));
	EXPECT_STREQ(self->bdf[0], bdf[0]);
	EXPECT_EQ(0, open_user(&u, 0x2002));
	EXPECT_STREQ(self->bdf[0], u.n.dev[0].bdf);
	EXPECT_EQ(0, nested_close(&u.n));
}

TEST_F_TIMEOUT(life, process_killed_while_dma_runs, 600)
{
	pid_t user;
	int i;

	for (i = 0; i < 5; i++) {
		user = start_user(0x3000 + i);
		ASSERT_LT(0, user);
		usleep(1000 + 7000 * i);
		ASSERT_EQ(0, kill(user, SIGKILL));
		ASSERT_LE(0, wait_end(user));
		EXPECT_EQ(0, use_and_close(0x3100 + i));
	}
}

/* The device keeps what it needs of a context that its process has closed. */
TEST_F_TIMEOUT(life, context_closed_first, 600)
{
	struct user u;
	int i;

	ASSERT_EQ(0, open_user(&u, 0x4000));
	close(u.n.iommufd);
	u.n.iommufd = -1;
	for (i = 0; i < 10; i++)
		EXPECT_EQ(0x4000, nested_see(&u.n, 0, IOVA));
	ASSERT_EQ(0, vfio_detach(&u.n.dev[0]));
	nested_see(&u.n, 0, IOVA);
	EXPECT_EQ(VTDSIM_EP_S_FAULT, u.n.last.status);
	EXPECT_EQ(0, nested_close(&u.n));
	EXPECT_EQ(0, use_and_close(0x4001));
}

/* Two guests with the same addresses; the death of one is not the other's. */
TEST_F_TIMEOUT(life, two_processes, 600)
{
	struct user second;
	pid_t user;
	int i;

	ASSERT_EQ(0, open_second(&second, 0x5555));
	for (i = 0; i < 3; i++) {
		user = start_user(0x5000 + i);
		ASSERT_LT(0, user);
		EXPECT_EQ(0x5555, nested_see(&second.n, 0, IOVA));
		stage1_map(&second.s1.t, IOVA + PAGE, second.page, S1_4K, S1_RW);
		EXPECT_EQ(0x5555, nested_see(&second.n, 0, IOVA + PAGE));
		stage1_set(stage1_entry(&second.s1.t, IOVA + PAGE, 1), 0);
		EXPECT_EQ(0, nested_invalidate(&second.n, second.s1.hwpt,
					       IOVA + PAGE, 1, 0));
		EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT),
			  nested_see(&second.n, 0, IOVA + PAGE));
		EXPECT_FALSE(ended(user));
		ASSERT_EQ(0, kill(user, SIGKILL));
		ASSERT_LE(0, wait_end(user));
		EXPECT_EQ(0x5555, nested_see(&second.n, 0, IOVA));
	}
	EXPECT_EQ(0, nested_close(&second.n));
}

#define TABLES	100

TEST_F_TIMEOUT(life, a_hundred_tables, 600)
{
	static struct s1 s1[TABLES];
	static __u64 page[TABLES];
	const char *skip;
	struct nested n;
	int i;

	ASSERT_EQ(0, nested_open(&n, 2, &skip));
	for (i = 0; i < TABLES; i++) {
		ASSERT_EQ(0, nested_s1_create(&n, &s1[i], 4));
		page[i] = nested_page(&n);
		stage1_map(&s1[i].t, IOVA, page[i], S1_4K, S1_RW);
	}
	/* Both devices go through all of them, one ahead of the other. */
	for (i = 0; i < TABLES; i++) {
		ASSERT_EQ(0, vfio_attach(&n.dev[0], s1[i].hwpt));
		ASSERT_EQ(0, vfio_attach(&n.dev[1],
					 s1[(i * 7 + 1) % TABLES].hwpt));
		EXPECT_EQ(page[i], nested_see(&n, 0, IOVA));
		EXPECT_EQ(page[(i * 7 + 1) % TABLES], nested_see(&n, 1, IOVA));
	}
	/* Those that nobody uses can be invalidated and destroyed. */
	ASSERT_EQ(0, vfio_attach(&n.dev[0], s1[50].hwpt));
	ASSERT_EQ(0, vfio_attach(&n.dev[1], s1[51].hwpt));
	for (i = 0; i < TABLES; i++) {
		EXPECT_EQ(0, nested_invalidate(&n, s1[i].hwpt, 0, ~0ULL, 0));
		EXPECT_EQ(i == 50 || i == 51 ? -EBUSY : 0,
			  iommufd_destroy(n.iommufd, s1[i].hwpt));
	}
	EXPECT_EQ(page[50], nested_see(&n, 0, IOVA));
	EXPECT_EQ(page[51], nested_see(&n, 1, IOVA));
	EXPECT_EQ(-EBUSY, iommufd_destroy(n.iommufd, n.parent));
	ASSERT_EQ(0, vfio_detach(&n.dev[0]));
	ASSERT_EQ(0, vfio_detach(&n.dev[1]));
	ASSERT_EQ(0, iommufd_destroy(n.iommufd, s1[50].hwpt));
	ASSERT_EQ(0, iommufd_destroy(n.iommufd, s1[51].hwpt));
	EXPECT_EQ(0, iommufd_destroy(n.iommufd, n.parent));
	EXPECT_EQ(0, nested_close(&n));
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

TEST_F_TIMEOUT(life, interrupt_window, 600)
{
	const __u64 probe[] = {
		MSI_FIRST - 1, MSI_FIRST, MSI_LAST, MSI_LAST + 1
	};
	struct user u;
	struct nested *n = &u.n;
	unsigned int i;
	bool yes;

	ASSERT_EQ(0, open_user(&u, 0x6000));
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

	/* What a guest's table makes of it is a GPA, and no interrupt. */
	stage1_map(&u.s1.t, IOVA + PAGE, MSI_FIRST, S1_4K, S1_RW);
	EXPECT_EQ(FAULT(VTD_FR_SS_PRESENT), nested_see(n, 0, IOVA + PAGE));
	EXPECT_EQ(FAULT(VTD_FR_SS_PRESENT),
		  nested_poke(n, 0, IOVA + PAGE, 0x31));
	EXPECT_EQ(0x6000, nested_see(n, 0, IOVA));

	/* Nor is there a table. */
	stage1_set(stage1_entry(&u.s1.t, IOVA, 2), MSI_FIRST | S1_RW);
	ASSERT_EQ(0, nested_invalidate(n, u.s1.hwpt, 0, ~0ULL, 0));
	nested_see(n, 0, IOVA);
	EXPECT_EQ(VTDSIM_EP_S_FAULT, n->last.status);
	EXPECT_EQ(0, nested_close(n));
	EXPECT_EQ(0, use_and_close(0x6001));
}

/* One interrupt for one command. */
static bool interrupts(struct nested *n, int irq)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_NOP,
		.flags = VTDSIM_EP_F_MSI,
	};
	struct pollfd p = { .fd = irq, .events = POLLIN };
	__u64 count = 0;

	if (endpoint_run(&n->dev[0], &cmd, &n->last))
		return false;
	poll(&p, 1, 10000);
	return read(irq, &count, sizeof(count)) == sizeof(count) && count == 1;
}

TEST_F_TIMEOUT(life, interrupts_all_the_time, 600)
{
	int irq = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	const char *skip;
	struct nested n;
	struct s1 s1[2];
	int i, round;

	ASSERT_EQ(0, nested_open(&n, 1, &skip));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, nested_s1_create(&n, &s1[i], 4));
	ASSERT_EQ(0, vfio_msi_enable(&n.dev[0], irq));
	const __u32 order[] = {
		s1[0].hwpt, s1[1].hwpt, n.parent, s1[1].hwpt, n.ioas,
		s1[0].hwpt, s1[0].hwpt,
	};

	for (round = 0; round < 2; round++) {
		EXPECT_TRUE(interrupts(&n, irq));
		for (i = 0; i < (int)ARRAY_SIZE(order); i++) {
			ASSERT_EQ(0, vfio_attach(&n.dev[0], order[i]));
			EXPECT_TRUE(interrupts(&n, irq));
		}
		ASSERT_EQ(0, vfio_detach(&n.dev[0]));
		EXPECT_TRUE(interrupts(&n, irq));
	}
	EXPECT_EQ(0, nested_close(&n));
	close(irq);
}

/**
 * struct replacer - a table is replaced by another, again and again
 * @n: guest
 * @s1: the two tables
 * @stop: set when it shall stop
 * @times: how often it was done
 * @ret: error
 */
struct replacer {
	struct nested *n;
	struct s1 *s1;
	bool stop;
	int times;
	int ret;
};

static void *keep_replacing(void *arg)
{
	struct replacer *r = arg;

	while (!r->ret && !__atomic_load_n(&r->stop, __ATOMIC_ACQUIRE))
		r->ret = vfio_attach(&r->n->dev[0],
				     r->s1[r->times++ & 1].hwpt);
	return NULL;
}

TEST_F_TIMEOUT(life, interrupts_during_replacements, 600)
{
	int irq = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct replacer r = {};
	const char *skip;
	pthread_t thread;
	struct nested n;
	struct s1 s1[2];
	int i;

	ASSERT_EQ(0, nested_open(&n, 1, &skip));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, nested_s1_create(&n, &s1[i], 4));
	ASSERT_EQ(0, vfio_msi_enable(&n.dev[0], irq));
	ASSERT_EQ(0, vfio_attach(&n.dev[0], s1[0].hwpt));
	r.n = &n;
	r.s1 = s1;
	ASSERT_EQ(0, pthread_create(&thread, NULL, keep_replacing, &r));
	for (i = 0; i < 100; i++)
		EXPECT_TRUE(interrupts(&n, irq));
	__atomic_store_n(&r.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, r.ret);
	EXPECT_LT(0, r.times);
	EXPECT_EQ(0, nested_close(&n));
	close(irq);
}

TEST_HARNESS_MAIN
