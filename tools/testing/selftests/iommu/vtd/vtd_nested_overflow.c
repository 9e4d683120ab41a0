// SPDX-License-Identifier: GPL-2.0-only
/*
 * A page request queue that overflows under nested translation, because the
 * kernel's thread that reads it gets no CPU time.
 *
 * The test binds that thread to one CPU, and keeps this CPU busy with a thread
 * of its own at a higher real-time priority. Everything else runs on another
 * CPU.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/pci_regs.h>

#include "counters.h"
#include "kselftest_harness.h"
#include "nested_event.h"
#include "nested_pri.h"

/* More than the driver's queue holds */
#define REQUESTS_MAX	5000

/* Behind the guest's memory */
#define OTHER_GPA	(NESTED_GPA + NESTED_SIZE)

#define WORK_CPU	0
#define HELD_CPU	1

/* Bind all threads whose names match to a CPU, or to all CPUs if negative. */
static int bind_threads(const char *name, int cpu)
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

static int bind_self(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

/**
 * struct holder - a thread that keeps the kernel from reading the queue
 * @worker: the thread; its one step lasts until @release is set
 * @begun: event, signalled when the CPU is busy, or on an error
 * @release: the thread is to end
 * @ret: error
 */
struct holder {
	struct worker worker;
	int begun;
	bool release;
	int ret;
};

static bool hold_cpu(void *arg)
{
	const struct sched_param param = { .sched_priority = 90 };
	struct holder *h = arg;

	h->ret = bind_self(HELD_CPU);
	if (!h->ret && sched_setscheduler(0, SCHED_FIFO, &param))
		h->ret = -errno;
	event_signal(h->begun);
	/* No system call from here on, or the CPU might be released. */
	while (!h->ret && !__atomic_load_n(&h->release, __ATOMIC_ACQUIRE))
		;
	return false;
}

static int hold_begin(struct holder *h)
{
	int ret = bind_self(WORK_CPU);

	if (ret)
		return ret;
	/* The kernel cuts names of threads after 15 characters. */
	bind_threads("vtdsim/*", WORK_CPU);
	if (!bind_threads("irq/*-dmar*-pr*", HELD_CPU))
		return -ENOENT;
	*h = (struct holder) { .begun = event_create() };
	if (h->begun < 0)
		return h->begun;
	ret = worker_start(&h->worker, hold_cpu, h);
	if (ret)
		return ret;
	return event_wait(h->begun, 1) ? h->ret : -ETIMEDOUT;
}

static void hold_end(struct holder *h)
{
	__atomic_store_n(&h->release, true, __ATOMIC_RELEASE);
	worker_stop(&h->worker);
	bind_threads("vtdsim/*", -1);
	bind_threads("irq/*-dmar*-pr*", -1);
}

/**
 * struct leaver - a device that is detached
 * @worker: thread that detaches it
 * @dev: the device
 * @ret: error
 */
struct leaver {
	struct worker worker;
	struct vfio_dev *dev;
	int ret;
};

FIXTURE(overflow)
{
	struct faulting f;
	struct holder h;
	struct leaver l;
};

FIXTURE_SETUP(overflow)
{
	struct faulting *f = &self->f;
	int i;

	NESTED_SETUP(return, faulting_open, f);
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "there is one CPU only");
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, vfio_attach(&f->n.dev[i], f->s1.hwpt));
}

FIXTURE_TEARDOWN(overflow)
{
	hold_end(&self->h);
	worker_stop(&self->l.worker);
	EXPECT_EQ(0, faulting_close(&self->f));
}

/* Offset of a function's page request capability, or 0 */
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
 * Reset the page request interface of the device, which forgets its requests.
 * They stay in the queue of the unit.
 */
static int forget_requests(struct faulting *f, int dev)
{
	const __u16 control[] = { PCI_PRI_CTRL_RESET, PCI_PRI_CTRL_ENABLE };
	int config, at, i, ret = 0;

	config = pci_attr_open(f->n.dev[dev].bdf, "config", O_RDWR);
	if (config < 0)
		return config;
	at = find_pri(config);
	for (i = 0; i < 2; i++)
		if (!at || pwrite(config, &control[i], sizeof(control[i]),
				  at + PCI_PRI_CTRL) != sizeof(control[i]))
			ret = -EIO;
	close(config);
	return ret;
}

static __u64 lost_requests(void)
{
	__u64 n = 0;

	vtdsim_counter("prq_overflows", &n);
	return n;
}

/* The first device asks until a request gets lost. */
static int fill_queue(struct faulting *f)
{
	__u64 before = lost_requests();
	int ret, i;

	for (i = 0; i < REQUESTS_MAX; i++) {
		ret = faulting_ask(f, 0, FAULTING_MISSING + (10 + i) * PAGE, VTDSIM_EP_F_READ);
		if (ret == VTDSIM_EP_S_NO_PRI)
			ret = forget_requests(f, 0);
		if (ret)
			return ret;
		if (lost_requests() > before)
			return forget_requests(f, 0);
	}
	return -ENOSPC;
}

/*
 * Until the kernel has read the queue, the unit drops requests, and devices give
 * up. Wait until a request is delivered.
 */
static bool queue_settles(struct faulting *f)
{
	int i;

	for (i = 0; i < 1000; i++) {
		faulting_start_read(f, 0, FAULTING_MISSING + 3 * PAGE);
		while (endpoint_busy(&f->n.dev[0]) && !faulting_wait(f, 10))
			;
		if (faulting_wait(f, 0)) {
			faulting_map(f, FAULTING_MISSING + 3 * PAGE, f->page);
			return faulting_next_group(f) == 1 && !faulting_respond_ok(f) &&
			       faulting_finish(f, 0) == f->page;
		}
		if (faulting_finish(f, 0) != NESTED_FAULT(VTD_FR_FS_PRESENT))
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

	/* The queue fills up after a request of the second device. */
	ASSERT_EQ(0, hold_begin(&self->h));
	faulting_start_read(f, 1, FAULTING_MISSING);
	ASSERT_EQ(0, fill_queue(f));
	EXPECT_FALSE(faulting_wait(f, 0));
	/*
	 * The unit responds to the last request of a group that does not fit,
	 * so that the device tries again, and gives up after some tries.
	 */
	lost = lost_requests();
	faulting_start_read(f, 0, FAULTING_MISSING + 2 * PAGE);
	EXPECT_EQ(NESTED_FAULT(VTD_FR_FS_PRESENT), faulting_finish(f, 0));
	EXPECT_EQ(FAULTING_PRG_SUCCESS, f->n.last.response);
	EXPECT_LT(lost, lost_requests());
	/* DMA without page requests still works. */
	EXPECT_EQ(f->page, nested_see(&f->n, 0, NESTED_IOVA));

	/* The complete groups in the queue are delivered. */
	hold_end(&self->h);
	ASSERT_EQ(1, faulting_next_group(f));
	EXPECT_EQ(f->n.dev[1].id, f->got[0].dev_id);
	EXPECT_EQ(FAULTING_MISSING, f->got[0].addr);
	faulting_map(f, FAULTING_MISSING, page);
	ASSERT_EQ(0, faulting_respond_ok(f));
	EXPECT_EQ(page, faulting_finish(f, 1));

	/* After that nothing is lost, and no part of a group is left. */
	EXPECT_TRUE(queue_settles(f));
	lost = lost_requests();
	for (i = 0; i < 10; i++)
		EXPECT_EQ(0, faulting_fault_in(f, i & 1, FAULTING_MISSING + (20 + i) * PAGE));
	EXPECT_EQ(lost, lost_requests());
}

static bool detach_device(void *arg)
{
	struct leaver *l = arg;

	l->ret = vfio_detach(l->dev);
	return false;
}

/* A detach waits until the device's requests are out of the queue. */
TEST_F_TIMEOUT(overflow, device_leaves, 600)
{
	struct faulting *f = &self->f;
	struct leaver *l = &self->l;
	int i;

	ASSERT_EQ(0, hold_begin(&self->h));
	faulting_start_read(f, 1, FAULTING_MISSING);
	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, faulting_ask(f, 0, FAULTING_MISSING + (10 + i) * PAGE,
					  VTDSIM_EP_F_READ));
	l->dev = &f->n.dev[0];
	ASSERT_EQ(0, worker_start(&l->worker, detach_device, l));
	ASSERT_TRUE(worker_wait_blocked(&l->worker));
	/* It stays blocked while the unit does other work. */
	for (i = 0; i < 20; i++) {
		EXPECT_EQ(0, nested_map(&f->n, OTHER_GPA, f->page, PAGE,
					IOMMUFD_MAP_RW));
		EXPECT_EQ(0, nested_unmap(&f->n, OTHER_GPA, PAGE));
	}
	EXPECT_FALSE(worker_ended(&l->worker));

	hold_end(&self->h);
	ASSERT_TRUE(worker_wait_ended(&l->worker));
	EXPECT_EQ(0, l->ret);
	/* The request of the other device was delivered. */
	ASSERT_EQ(1, faulting_next_group(f));
	EXPECT_EQ(f->n.dev[1].id, f->got[0].dev_id);
	faulting_map(f, FAULTING_MISSING, f->page);
	ASSERT_EQ(0, faulting_respond_ok(f));
	EXPECT_EQ(f->page, faulting_finish(f, 1));

	ASSERT_EQ(0, vfio_attach(&f->n.dev[0], f->s1.hwpt));
	EXPECT_EQ(0, faulting_fault_in(f, 0, FAULTING_MISSING + PAGE));
	EXPECT_EQ(0, faulting_fault_in(f, 1, FAULTING_MISSING + 2 * PAGE));
}

TEST_HARNESS_MAIN
