// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that are unmapped one by one while a device is attached or detached.
 *
 * An unmap flushes the caches of all devices that are attached, and frees the
 * page. A device that is on its way in or out may have the page cached as well.
 * vtdsim counts a violation if a page is freed while a cache entry refers to it.
 * For this the page has to be freed by the unmap, so that nothing else may use it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <sys/mman.h>

#include "counters.h"
#include "nested_event.h"
#include "nested_race.h"
#include "sysfs.h"

/* A new page waits in a batch of its CPU, which refers to it, until others come. */
#define RACE_BATCH	64U
#define RACE_MEM	((RACE_PAGES + RACE_BATCH) * PAGE)

#define RACE_STEPS	16
#define RACE_STEP_NS	10000

#define RACE_AT_ONCE	(VTDSIM_EP_BUFFER_SIZE / PAGE)

static int race_set_queue_delay(const char *ns)
{
	return sysfs_write("/sys/kernel/debug/vtdsim/queue_delay", ns);
}

/**
 * race_open() - open a guest behind a unit that takes time for invalidations
 * @r: filled, but for the table
 * @ndev: devices wanted
 * @skip: set to a reason if this machine cannot have such a guest, else NULL
 *
 * Return: 0 or a negative errno; race_close() has to be called either way.
 */
int race_open(struct race *r, int ndev, const char **skip)
{
	int ret = nested_open(&r->n, ndev, skip);

	if (ret)
		return ret;
	if (race_set_queue_delay("20000")) {
		*skip = "no vtdsim in debugfs";
		return -ENOENT;
	}
	r->mem = mmap(NULL, RACE_MEM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (r->mem == MAP_FAILED) {
		r->mem = NULL;
		return -ENOMEM;
	}
	/* The memory of a large page goes as one. */
	return madvise(r->mem, RACE_MEM, MADV_NOHUGEPAGE) && errno != EINVAL ? -errno : 0;
}

/**
 * race_close() - close everything
 * @r: the guest, also one that race_open() did not finish
 *
 * Return: as nested_close().
 */
__u64 race_close(struct race *r)
{
	if (r->n.open)
		race_set_queue_delay("0");
	if (r->mem)
		munmap(r->mem, RACE_MEM);
	r->mem = NULL;
	return nested_close(&r->n);
}

/* Map new pages, each in a mapping of its own, and drop this process's references. */
static int race_map(struct race *r)
{
	unsigned int i;
	int ret = 0;

	memset(r->mem, 0x5c, RACE_MEM);
	for (i = 0; !ret && i < RACE_PAGES; i++)
		ret = iommufd_ioas_map(r->n.iommufd, r->n.ioas, r->mem + i * PAGE, PAGE,
				       RACE_GPA + i * PAGE, IOMMUFD_MAP_RW);
	if (!ret && madvise(r->mem, RACE_MEM, MADV_DONTNEED))
		ret = -errno;
	return ret;
}

/* How many bytes from the first page on can the device read? */
static __u32 race_read(struct race *r)
{
	struct endpoint_result res = {};
	__u32 done = 0;
	unsigned int i;

	for (i = 0; i < RACE_PAGES && done == i * PAGE; i += RACE_AT_ONCE) {
		const struct endpoint_cmd cmd = {
			.op = VTDSIM_EP_OP_READ,
			.addr = r->iova + i * PAGE,
			.len = RACE_AT_ONCE * PAGE,
		};

		if (endpoint_run(&r->n.dev[0], &cmd, &res))
			break;
		done += res.count;
	}
	return done;
}

/**
 * struct mover - who attaches or detaches the device
 * @r: the guest
 * @table: what to attach it to; 0 for nothing
 * @waits: for @go, with a CPU of its own
 * @go: begin
 * @ret: 0 or a negative errno
 */
struct mover {
	struct race *r;
	__u32 table;
	bool waits;
	bool go;
	int ret;
};

static bool move_device(void *arg)
{
	struct mover *m = arg;
	struct vfio_dev *dev = &m->r->n.dev[0];

	__atomic_store_n(&m->waits, true, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&m->go, __ATOMIC_ACQUIRE))
		;
	m->ret = m->table ? vfio_attach(dev, m->table) : vfio_detach(dev);
	return false;
}

static int start_mover(struct worker *w, struct mover *m)
{
	int ret = worker_start(w, move_device, m);

	while (!ret && !__atomic_load_n(&m->waits, __ATOMIC_ACQUIRE))
		sched_yield();
	return ret;
}

/* Wait until the device has been moved. */
static int wait_moved(struct worker *w, const struct mover *m)
{
	bool ended = worker_wait_ended(w);

	worker_stop(w);
	return ended ? m->ret : -ETIMEDOUT;
}

static __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

/**
 * race_delay() - keep a CPU busy for a while
 * @ns: nanoseconds
 */
void race_delay(__u64 ns)
{
	__u64 begin = now_ns();

	while (now_ns() - begin < ns)
		;
}

/* Have the device moved, and unmap all pages from a while after that on. */
static int race_unmap(struct race *r, struct mover *m, __u64 delay_ns)
{
	unsigned int i;
	int ret = 0;

	__atomic_store_n(&m->go, true, __ATOMIC_RELEASE);
	race_delay(delay_ns);
	for (i = 0; !ret && i < RACE_PAGES; i++)
		ret = nested_unmap(&r->n, RACE_GPA + i * PAGE, PAGE);
	return ret;
}

static __u64 race_violations(void)
{
	__u64 val = 0;

	vtdsim_counter("violations", &val);
	return val;
}

static int race_detach_round(struct race *r, __u64 delay_ns)
{
	struct mover m = { .r = r };
	struct worker w;
	int ret, moved;

	ret = race_map(r);
	if (!ret)
		ret = vfio_attach(&r->n.dev[0], r->table);
	if (!ret && race_read(r) != RACE_PAGES * PAGE)
		ret = -EIO;
	if (!ret)
		ret = start_mover(&w, &m);
	if (ret)
		return ret;
	ret = race_unmap(r, &m, delay_ns);
	moved = wait_moved(&w, &m);
	return ret ?: moved;
}

/* The device reads whatever it can reach. */
static bool read_all(void *arg)
{
	race_read(arg);
	return true;
}

static int race_attach_round(struct race *r, __u64 delay_ns)
{
	struct mover m = { .r = r, .table = r->table };
	struct worker mover, reader;
	int ret, moved = 0;

	ret = race_map(r);
	if (!ret)
		ret = worker_start(&reader, read_all, r);
	if (ret)
		return ret;
	ret = start_mover(&mover, &m);
	if (!ret) {
		ret = race_unmap(r, &m, delay_ns);
		moved = wait_moved(&mover, &m);
	}
	worker_stop(&reader);
	/* Whatever is cached now stays until the device is detached. */
	if (!ret)
		ret = moved ?: vtdsim_audit();
	return ret ?: vfio_detach(&r->n.dev[0]);
}

/* Nobody knows how far apart both have to begin, so each round tries another time. */
static int race_rounds(struct race *r, unsigned int rounds,
		       int (*round)(struct race *r, __u64 delay_ns))
{
	unsigned int i;
	__u64 before;
	int ret, bad = 0;

	for (i = 0; i < rounds; i++) {
		before = race_violations();
		ret = round(r, i % RACE_STEPS * RACE_STEP_NS);
		if (ret)
			return ret;
		bad += race_violations() != before;
	}
	printf("# stale translations in %d of %u rounds\n", bad, rounds);
	return bad;
}

/**
 * race_detach_rounds() - unmap pages while the device is detached, again and again
 * @r: the guest, its device detached; @r->table maps the pages
 * @rounds: how often
 *
 * Return: number of rounds in which a page was freed that was still cached, or a
 * negative errno.
 */
int race_detach_rounds(struct race *r, unsigned int rounds)
{
	return race_rounds(r, rounds, race_detach_round);
}

/**
 * race_attach_rounds() - unmap pages while the device is attached, and uses them
 * @r: the guest, its device detached; @r->table maps the pages
 * @rounds: how often
 *
 * Return: number of rounds after which a translation was stale, or a negative
 * errno.
 */
int race_attach_rounds(struct race *r, unsigned int rounds)
{
	return race_rounds(r, rounds, race_attach_round);
}
