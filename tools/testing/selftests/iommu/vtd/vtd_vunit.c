// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VT-d unit for guests (tools/iommu/vunit) on the real /dev/iommu: guest programs, which
 * end the same nested and shadowed, DMA all the time while tables change, and a VMM that is
 * killed.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"
#include "nested.h"
#include "nested_child.h"
#include "counters.h"
#include "vunit/guest/program.h"

#define IOVA	0x7000000000ULL
#define ROUNDS	24
#define PAGES	64
#define RW	(DRIVER_R | DRIVER_W)

FIXTURE(vunit)
{
	char bdf[1][PCI_BDF_LEN];
	struct machine m;
	bool open;
	__u64 violations;
};

FIXTURE_VARIANT(vunit)
{
	enum driver_mode mode;
};

FIXTURE_VARIANT_ADD(vunit, nested)
{
	.mode = DRIVER_FIRST,
};

FIXTURE_VARIANT_ADD(vunit, shadow_scalable)
{
	.mode = DRIVER_SECOND,
};

FIXTURE_VARIANT_ADD(vunit, shadow_legacy)
{
	.mode = DRIVER_LEGACY,
};

FIXTURE_SETUP(vunit)
{
	int ret;

	if (endpoint_find(self->bdf, 1) < 1)
		SKIP(return, "no vtdsim endpoint (boot with vtdsim=on)");
	ASSERT_EQ(0, vtdsim_counter("violations", &self->violations));
	ret = machine_open(&self->m, self->bdf[0], variant->mode);
	if (ret == -EOPNOTSUPP)
		SKIP(return, "the unit cannot nest");
	ASSERT_EQ(0, ret);
	self->open = true;
}

FIXTURE_TEARDOWN(vunit)
{
	__u64 violations;

	if (!self->open)
		return;
	machine_close(&self->m);
	EXPECT_EQ(0, vtdsim_counter("violations", &violations));
	EXPECT_EQ(self->violations, violations);
}

/* What a program leaves depends neither on the kind of tables nor on the backend. */
TEST(same_bytes)
{
	static const enum driver_mode modes[] = { DRIVER_SECOND, DRIVER_LEGACY, DRIVER_FIRST };
	void *data[2] = { malloc(MACHINE_DATA_SIZE), malloc(MACHINE_DATA_SIZE) };
	char bdf[1][PCI_BDF_LEN];
	__u64 before, after;
	struct machine m;
	unsigned int i, k;
	int ret, step;

	ASSERT_TRUE(data[0] && data[1]);
	if (endpoint_find(bdf, 1) < 1)
		SKIP(return, "no vtdsim endpoint (boot with vtdsim=on)");
	ASSERT_EQ(0, vtdsim_counter("violations", &before));
	for (i = 0; i < programs_num * ARRAY_SIZE(modes); i++) {
		k = i % ARRAY_SIZE(modes);
		ret = machine_open(&m, bdf[0], modes[k]);
		if (ret == -EOPNOTSUPP)
			SKIP(return, "the unit cannot nest");
		ASSERT_EQ(0, ret);
		step = -1;
		EXPECT_EQ(0, program_play(&m, &programs[i / ARRAY_SIZE(modes)], &step)) {
			TH_LOG("%s, %s, step %d", programs[i / ARRAY_SIZE(modes)].name,
			       machine_mode_name(modes[k]), step);
		}
		memcpy(data[!!k], machine_data(&m, 0), MACHINE_DATA_SIZE);
		machine_close(&m);
		if (k)
			EXPECT_EQ(0, memcmp(data[0], data[1], MACHINE_DATA_SIZE));
	}
	EXPECT_EQ(0, vtdsim_counter("violations", &after));
	EXPECT_EQ(before, after);
	free(data[0]);
	free(data[1]);
}

/**
 * struct reader - DMA all the time
 * @m: machine
 * @stop: end
 * @reads: reads so far
 * @faults: reads that were blocked, or got other bytes
 */
struct reader {
	struct machine *m;
	bool stop;
	unsigned long reads;
	unsigned long faults;
};

/* The first and the last page are mapped all the time, with others in between that change. */
static void *reader_run(void *arg)
{
	const __u64 at[] = { IOVA, IOVA + (PAGES - 1) * PAGE };
	struct reader *r = arg;
	unsigned int i = 0;

	while (!__atomic_load_n(&r->stop, __ATOMIC_ACQUIRE)) {
		if (!endpoint_reads(&r->m->dev, at[i % 2],
				    machine_data(r->m, at[i % 2] - IOVA), 64))
			r->faults++;
		__atomic_fetch_add(&r->reads, 1, __ATOMIC_RELEASE);
		i++;
	}
	return NULL;
}

static void reader_wait(struct reader *r, unsigned long more)
{
	unsigned long end = __atomic_load_n(&r->reads, __ATOMIC_ACQUIRE) + more;

	while (__atomic_load_n(&r->reads, __ATOMIC_ACQUIRE) < end)
		sched_yield();
}

static void map_pages(struct driver *d, __u64 table, unsigned int round)
{
	unsigned int i;

	for (i = 0; i < PAGES; i++) {
		bool ends = i == 0 || i == PAGES - 1;

		if (!ends && (i + round) % 3 == 0)
			driver_unmap(d, table, IOVA + i * PAGE, DRIVER_4K);
		else
			driver_map(d, table, IOVA + i * PAGE, MACHINE_DATA_GPA +
				   (ends ? i : (i + round / 4) % PAGES) * PAGE, DRIVER_4K, RW);
	}
}

/* The domain is invalidated as a whole, and tables are exchanged: DMA goes on. */
TEST_F_TIMEOUT(vunit, never_faults, 600)
{
	struct driver *d = &self->m.driver;
	__u64 table[2] = { driver_page(d), driver_page(d) };
	struct reader r = { .m = &self->m };
	pthread_t thread;
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		memset(machine_data(&self->m, i * PAGE), i + 1, PAGE);
	map_pages(d, table[0], 0);
	driver_use_table(d, MACHINE_SID, MACHINE_DID, table[0]);
	driver_enable(d);
	ASSERT_EQ(0, pthread_create(&thread, NULL, reader_run, &r));
	for (i = 1; i < ROUNDS; i++) {
		map_pages(d, table[i & 1], i);
		driver_use_table(d, MACHINE_SID, MACHINE_DID, table[i & 1]);
		driver_queue_context(d, MACHINE_SID, MACHINE_DID);
		driver_queue_domain(d, MACHINE_DID);
		ASSERT_TRUE(driver_wait(d));
		map_pages(d, table[i & 1], i + 1);
		driver_queue_domain(d, MACHINE_DID);
		ASSERT_TRUE(driver_wait(d));
		reader_wait(&r, 2);
	}
	__atomic_store_n(&r.stop, true, __ATOMIC_RELEASE);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, r.faults);
	EXPECT_LE(2 * (ROUNDS - 1), r.reads);
	/* What is not mapped now is blocked. */
	EXPECT_TRUE(endpoint_blocked(&self->m.dev, IOVA + (3 - ROUNDS % 3) * PAGE));
}

/**
 * struct victim - a VMM to be killed
 * @bdf: endpoint
 * @mode: tables of its guest
 * @m: its machine
 */
struct victim {
	const char *bdf;
	enum driver_mode mode;
	struct machine m;
};

static int victim_begin(void *arg)
{
	struct victim *v = arg;
	struct driver *d = &v->m.driver;
	__u64 table;

	if (machine_open(&v->m, v->bdf, v->mode))
		return -1;
	table = driver_page(d);
	map_pages(d, table, 0);
	driver_use_table(d, MACHINE_SID, MACHINE_DID, table);
	driver_enable(d);
	return endpoint_reads(&v->m.dev, IOVA, machine_data(&v->m, 0), 64) ? 0 : -1;
}

static void victim_go_on(void *arg)
{
	struct victim *v = arg;
	unsigned int i;

	for (i = 0; ; i++) {
		driver_queue_pages(&v->m.driver, MACHINE_DID, IOVA, i % 20);
		driver_wait(&v->m.driver);
		endpoint_reads(&v->m.dev, IOVA, machine_data(&v->m, 0), 64);
	}
}

/* The VMM is killed while its guest runs; another one takes the device and works. */
TEST_F_TIMEOUT(vunit, killed, 600)
{
	struct victim *victim = calloc(1, sizeof(*victim));
	int step = -1, i;
	pid_t pid;

	ASSERT_NE(NULL, victim);
	victim->bdf = self->bdf[0];
	victim->mode = variant->mode;
	machine_close(&self->m);
	self->open = false;
	for (i = 0; i < 2; i++) {
		pid = child_start(victim_begin, victim_go_on, victim);
		ASSERT_LT(0, pid);
		ASSERT_EQ(0, child_kill(&pid));
		ASSERT_EQ(0, machine_open(&self->m, self->bdf[0], variant->mode));
		EXPECT_EQ(0, program_play(&self->m, &programs[i], &step));
		machine_close(&self->m);
	}
	ASSERT_EQ(0, machine_open(&self->m, self->bdf[0], variant->mode));
	self->open = true;
	free(victim);
}

TEST_HARNESS_MAIN
