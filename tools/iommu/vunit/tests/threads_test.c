// SPDX-License-Identifier: GPL-2.0-only
/* Several vCPUs and the VMM use a unit at once. */
#include <pthread.h>

#include "fixture.h"

#define ROUNDS	300

static struct fixture fixture;

static void *read_registers(void *arg)
{
	unsigned int i;

	(void)arg;
	for (i = 0; i < 20 * ROUNDS; i++)
		EXPECT_EQ(vunit_read(fixture.unit, VUNIT_VER, 4), VUNIT_VER_VALUE);
	return NULL;
}

static void *report_faults(void *arg)
{
	unsigned int i;

	(void)arg;
	for (i = 0; i < ROUNDS; i++) {
		vunit_fault(fixture.unit, SID, i * PAGE, true, 0x86);
		vunit_write(fixture.unit, VUNIT_FRCD + i % VUNIT_FRCD_COUNT * VUNIT_FRCD_SIZE +
			    VUNIT_FRCD_HIGH, VUNIT_FRCD_F, 8);
		vunit_write(fixture.unit, VUNIT_FSTS, VUNIT_FSTS_PFO, 4);
	}
	return NULL;
}

static void *plug_devices(void *arg)
{
	unsigned int i;

	(void)arg;
	for (i = 0; i < ROUNDS; i++) {
		EXPECT_EQ(vunit_device_add(fixture.unit, SID_2, fake_host_dev(1)), 0);
		vunit_device_remove(fixture.unit, SID_2);
	}
	return NULL;
}

/* Only one vCPU at a time uses the queue, as in a guest that has a lock for it. */
static void use_unit(enum driver_mode mode)
{
	void *(*const other[])(void *) = { read_registers, report_faults, plug_devices };
	pthread_t thread[3];
	__u64 table;
	unsigned int i;

	fixture_open(&fixture, mode);
	fixture_nest(&fixture, &table);
	driver_use_table(&fixture.d, SID_2, DID, table);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(pthread_create(&thread[i], NULL, other[i], NULL), 0);
	for (i = 0; i < ROUNDS; i++) {
		driver_map(&fixture.d, table, i % 64 * PAGE, HIGH_GPA + i * PAGE, DRIVER_4K,
			   DRIVER_R | DRIVER_W);
		driver_queue_pages(&fixture.d, DID, i % 64 * PAGE, 0);
		EXPECT(driver_wait(&fixture.d));
		if (mode != DRIVER_FIRST)
			EXPECT(fixture_reaches(&fixture, i % 64 * PAGE, HIGH_GPA + i * PAGE));
	}
	for (i = 0; i < 3; i++)
		EXPECT_EQ(pthread_join(thread[i], NULL), 0);
	EXPECT(driver_wait(&fixture.d));
	fixture_close(&fixture);
}

static void test_nested_threads(void)
{
	use_unit(DRIVER_FIRST);
}

static void test_shadow_threads(void)
{
	use_unit(DRIVER_SECOND);
}

static const struct test_case cases[] = {
	{ "nested", test_nested_threads },
	{ "shadow", test_shadow_threads },
	{}
};

const struct test_suite suite_threads = { "threads", cases };
