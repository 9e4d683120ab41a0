// SPDX-License-Identifier: GPL-2.0-only
/*
 * A page request queue that overflows under nested translation, because the
 * kernel's thread that reads it gets no time.
 *
 * It is made to run on one CPU, where a thread of this test with a higher
 * real-time priority does not let go; everything else runs on another.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/pci_regs.h>

#include "../../../../iommu/counters.h"
#include "kselftest_harness.h"
#include "vtd_nested_child.h"
#include "vtd_nested_pri.h"

/* More than the driver's queue holds. */
#define REQUESTS_MAX	5000

#define WORK_CPU	0
#define HELD_CPU	1

/* Moves all threads whose names match to a CPU; negative is all CPUs. */
static int move_threads(const char *name, int cpu)
{
	char comm[32] = "";
	cpu_set_t set;
	glob_t found;
	int n = 0;
	size_t i;
	FILE *f;

	CPU_ZERO(&set);
	for (i = 0; i < CPU_SETSIZE; i++)
		if (cpu < 0 || (int)i == cpu)
			CPU_SET(i, &set);
	if (glob("/proc/[0-9]*/comm", 0, NULL, &found))
		return 0;
	for (i = 0; i < found.gl_pathc; i++) {
		f = fopen(found.gl_pathv[i], "re");
		if (!f)
			continue;
		if (fgets(comm, sizeof(comm), f) && !fnmatch(name, comm, 0) &&
		    !sched_setaffinity(atoi(found.gl_pathv[i] + 6),
				       sizeof(set), &set))
			n++;
		fclose(f);
	}
	globfree(&found);
	return n;
}

static int run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

/**
 * struct holder - keeps the kernel from reading the queue
 * @thread: the thread that does it
 * @begun: it does
 * @stop: set when it shall stop
 * @ret: error
 */
struct holder {
	pthread_t thread;
	bool begun;
	bool stop;
	int ret;
};

static void *hold(void *arg)
{
	const struct sched_param param = { .sched_priority = 90 };
	struct holder *h = arg;

	h->ret = run_on(HELD_CPU);
	if (!h->ret && sched_setscheduler(0, SCHED_FIFO, &param))
		h->ret = -errno;
	__atomic_store_n(&h->begun, true, __ATOMIC_RELEASE);
	while (!h->ret && !__atomic_load_n(&h->stop, __ATOMIC_ACQUIRE))
		;
	return NULL;
}

static int hold_begin(struct holder *h)
{
	int ret = run_on(WORK_CPU);

	if (ret)
		return ret;
	/* Names of threads end after 15 characters. */
	move_threads("vtdsim/*", WORK_CPU);
	if (!move_threads("irq/*-dmar*-pr*", HELD_CPU))
		return -ENOENT;
	*h = (struct holder) {};
	if (pthread_create(&h->thread, NULL, hold, h))
		return -EAGAIN;
	while (!__atomic_load_n(&h->begun, __ATOMIC_ACQUIRE))
		usleep(1000);
	return h->ret;
}

static void hold_end(struct holder *h)
{
	if (!h->thread)
		return;
	__atomic_store_n(&h->stop, true, __ATOMIC_RELEASE);
	pthread_join(h->thread, NULL);
	h->thread = 0;
	move_threads("vtdsim/*", -1);
	move_threads("irq/*-dmar*-pr*", -1);
}

FIXTURE(overflow)
{
	struct faulting f;
	struct holder h;
};

FIXTURE_SETUP(overflow)
{
	struct faulting *f = &self->f;
	const char *skip;
	int i, ret;

	ret = faulting_open(f, &skip);
	if (skip)
		SKIP(return, "%s", skip);
	ASSERT_EQ(0, ret);
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "there is one CPU only");
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, vfio_attach(&f->n.dev[i], f->s1.hwpt));
}

FIXTURE_TEARDOWN(overflow)
{
	hold_end(&self->h);
	EXPECT_EQ(0, faulting_close(&self->f));
}

/* Where a function's page request capability is, or 0. */
static int find_pri(int config)
{
	__u32 header;
	int at;

	for (at = PCI_CFG_SPACE_SIZE; at; at = PCI_EXT_CAP_NEXT(header)) {
		if (pread(config, &header, sizeof(header), at) !=
		    sizeof(header))
			return 0;
		if (PCI_EXT_CAP_ID(header) == PCI_EXT_CAP_ID_PRI)
			return at;
	}
	return 0;
}

/*
 * The device forgets what it has asked for, as it does when its page request
 * interface is reset; the unit does not.
 */
static int forget_requests(struct faulting *f, int dev)
{
	const __u16 control[] = { PCI_PRI_CTRL_RESET, PCI_PRI_CTRL_ENABLE };
	char path[PATH_MAX];
	int config, at, i, ret = 0;

	snprintf(path, sizeof(path), SYSFS_PCI "devices/%s/config",
		 f->n.dev[dev].bdf);
	config = open(path, O_RDWR | O_CLOEXEC);
	if (config < 0)
		return -errno;
	at = find_pri(config);
	for (i = 0; i < 2; i++)
		if (!at || pwrite(config, &control[i], sizeof(control[i]),
				  at + PCI_PRI_CTRL) != sizeof(control[i]))
			ret = -EIO;
	close(config);
	return ret;
}

static __u64 overflows(void)
{
	__u64 n = 0;

	vtdsim_counter("prq_overflows", &n);
	return n;
}

/* The first device asks until a request gets lost. */
static int fill_queue(struct faulting *f)
{
	__u64 before = overflows();
	int ret, i;

	for (i = 0; i < REQUESTS_MAX; i++) {
		ret = ask(f, 0, MISSING + (10 + i) * PAGE, VTDSIM_EP_F_READ);
		if (ret == VTDSIM_EP_S_NO_PRI)
			ret = forget_requests(f, 0);
		if (ret)
			return ret;
		if (overflows() > before)
			return forget_requests(f, 0);
	}
	return -ENOSPC;
}

/*
 * Until the kernel has gone through the queue, the unit takes nothing more, and
 * devices that ask give up.
 */
static bool settled(struct faulting *f)
{
	int i;

	for (i = 0; i < 1000; i++) {
		start_read(f, 0, MISSING + 3 * PAGE);
		while (endpoint_busy(&f->n.dev[0]) && !wait_queue(f, 10))
			;
		if (wait_queue(f, 0)) {
			faulting_map(f, MISSING + 3 * PAGE, f->page);
			return next_group(f) == 1 && !respond_ok(f) &&
			       finish(f, 0) == f->page;
		}
		if (finish(f, 0) != FAULT(VTD_FR_FS_PRESENT))
			return false;
		usleep(10000);
	}
	return false;
}

TEST_F_TIMEOUT(overflow, requests_are_lost_and_made_again, 600)
{
	struct faulting *f = &self->f;
	__u64 lost, page = nested_page(&f->n);
	int i;

	/* Behind the second device's request there is no room in the end. */
	ASSERT_EQ(0, hold_begin(&self->h));
	start_read(f, 1, MISSING);
	ASSERT_EQ(0, fill_queue(f));
	EXPECT_FALSE(wait_queue(f, 0));
	/*
	 * The unit itself answers the last request of a group that it has no
	 * place for, so that the device tries again, and gives up in the end.
	 */
	lost = overflows();
	start_read(f, 0, MISSING + 2 * PAGE);
	EXPECT_EQ(FAULT(VTD_FR_FS_PRESENT), finish(f, 0));
	EXPECT_EQ(PRG_SUCCESS, f->n.last.response);
	EXPECT_LT(lost, overflows());
	/* DMA that does not ask is not concerned. */
	EXPECT_EQ(f->page, nested_see(&f->n, 0, IOVA));

	/* What was in the queue is delivered, as far as groups are whole. */
	hold_end(&self->h);
	ASSERT_EQ(1, next_group(f));
	EXPECT_EQ(f->n.dev[1].id, f->got[0].dev_id);
	EXPECT_EQ(MISSING, f->got[0].addr);
	faulting_map(f, MISSING, page);
	ASSERT_EQ(0, respond_ok(f));
	EXPECT_EQ(page, finish(f, 1));

	/* From some time on nothing is lost, and no part of a group has stayed. */
	EXPECT_TRUE(settled(f));
	lost = overflows();
	for (i = 0; i < 10; i++)
		EXPECT_EQ(0, fault_in(f, i & 1, MISSING + (20 + i) * PAGE));
	EXPECT_EQ(lost, overflows());
}

/**
 * struct leaver - a device that is detached
 * @dev: the device
 * @left: it is done
 * @ret: error
 */
struct leaver {
	struct vfio_dev *dev;
	bool left;
	int ret;
};

static void *leave(void *arg)
{
	struct leaver *l = arg;

	l->ret = vfio_detach(l->dev);
	__atomic_store_n(&l->left, true, __ATOMIC_RELEASE);
	return NULL;
}

/* Who leaves waits until its own requests are out of the queue. */
TEST_F_TIMEOUT(overflow, device_leaves, 600)
{
	struct faulting *f = &self->f;
	struct leaver l = { .dev = &f->n.dev[0] };
	pthread_t thread;
	int i;

	ASSERT_EQ(0, hold_begin(&self->h));
	start_read(f, 1, MISSING);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, ask(f, 0, MISSING + (10 + i) * PAGE,
				 VTDSIM_EP_F_READ));
	ASSERT_EQ(0, pthread_create(&thread, NULL, leave, &l));
	usleep(A_WHILE_US);
	EXPECT_FALSE(__atomic_load_n(&l.left, __ATOMIC_ACQUIRE));

	hold_end(&self->h);
	pthread_join(thread, NULL);
	EXPECT_EQ(0, l.ret);
	/* The other one's request has got through. */
	ASSERT_EQ(1, next_group(f));
	EXPECT_EQ(f->n.dev[1].id, f->got[0].dev_id);
	faulting_map(f, MISSING, f->page);
	ASSERT_EQ(0, respond_ok(f));
	EXPECT_EQ(f->page, finish(f, 1));

	ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
	EXPECT_EQ(0, fault_in(f, 0, MISSING + PAGE));
	EXPECT_EQ(0, fault_in(f, 1, MISSING + 2 * PAGE));
}

TEST_HARNESS_MAIN
