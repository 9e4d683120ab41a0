// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VT-d unit for guests (tools/iommu/vunit) on the real /dev/iommu: guest programs, which
 * end the same nested and shadowed, DMA all the time while tables change, and a VMM that is
 * killed. In a guest of QEMU (vtd_shadow_vmm.sh), this is a guest with a guest: its tables are
 * the third level, after those of QEMU's guest and those of the host.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kselftest_harness.h"
#include "nested.h"
#include "nested_child.h"
#include "nested_reader.h"
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
	ASSERT_EQ(0, vtdsim_violations(&self->violations));
	ret = machine_open(&self->m, &machine_vunit, self->bdf[0], variant->mode);
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
	EXPECT_EQ(0, vtdsim_violations(&violations));
	EXPECT_EQ(self->violations, violations);
}

FIXTURE(programs)
{
	char bdf[1][PCI_BDF_LEN];
	void *data[2];
	__u64 violations;
};

FIXTURE_VARIANT(programs)
{
	const struct machine_vmm *vmm;
};

FIXTURE_VARIANT_ADD(programs, libvunit)
{
	.vmm = &machine_vunit,
};

FIXTURE_VARIANT_ADD(programs, qemu)
{
	.vmm = &machine_qemu,
};

FIXTURE_SETUP(programs)
{
	if (endpoint_find(self->bdf, 1) < 1)
		SKIP(return, "no vtdsim endpoint (boot with vtdsim=on)");
	if (variant->vmm == &machine_qemu && !machine_has_qemu())
		SKIP(return, "no QEMU in this machine");
	self->data[0] = malloc(MACHINE_DATA_SIZE);
	self->data[1] = malloc(MACHINE_DATA_SIZE);
	ASSERT_TRUE(self->data[0] && self->data[1]);
	ASSERT_EQ(0, vtdsim_violations(&self->violations));
}

FIXTURE_TEARDOWN(programs)
{
	__u64 violations;

	free(self->data[0]);
	free(self->data[1]);
	EXPECT_EQ(0, vtdsim_violations(&violations));
	EXPECT_EQ(self->violations, violations);
}

/* What a program leaves depends neither on the kind of tables nor on what runs it. */
TEST_F_TIMEOUT(programs, same_bytes, 1200)
{
	static const enum driver_mode modes[] = { DRIVER_SECOND, DRIVER_LEGACY, DRIVER_FIRST };
	const struct machine_vmm *vmm;
	struct machine m;
	unsigned int i, k;
	bool differs;
	int ret, step;

	for (i = 0; i < programs_num; i++) {
		if (!program_fits(&programs[i], variant->vmm))
			continue;
		TH_LOG("%s", programs[i].name);
		/* The first bytes are those of libvunit, shadowing. */
		for (k = 0; k <= ARRAY_SIZE(modes); k++) {
			vmm = k ? variant->vmm : &machine_vunit;
			ret = machine_open(&m, vmm, self->bdf[0], modes[k ? k - 1 : 0]);
			/* A unit that cannot nest */
			if (ret == -EOPNOTSUPP && k && modes[k - 1] == DRIVER_FIRST)
				continue;
			ASSERT_EQ(0, ret);
			step = -1;
			ret = program_play(&m, &programs[i], &step);
			differs = ret && program_differs(&programs[i], &m, step);
			EXPECT_TRUE(!ret || differs) {
				TH_LOG("%s, %s, %s, step %d", programs[i].name, vmm->name,
				       machine_mode_name(m.mode), step);
			}
			memcpy(self->data[!!k], machine_data(&m, 0), MACHINE_DATA_SIZE);
			machine_close(&m);
			if (k && !differs)
				EXPECT_EQ(0, memcmp(self->data[0], self->data[1],
						    MACHINE_DATA_SIZE));
		}
	}
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
	struct reader r = { .dev = &self->m.dev };
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		memset(machine_data(&self->m, i * PAGE), i + 1, PAGE);
	map_pages(d, table[0], 0);
	driver_use_table(d, MACHINE_SID, MACHINE_DID, table[0]);
	driver_enable(d);
	/* The first and the last page stay mapped, while others in between change. */
	for (i = 0; i < READER_PAGES; i++) {
		r.iova[i] = IOVA + i * (PAGES - 1) * PAGE;
		r.data[i] = machine_data(&self->m, r.iova[i] - IOVA);
	}
	ASSERT_EQ(0, reader_start(&r));
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
	ASSERT_EQ(0, reader_stop(&r));
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

	if (machine_open(&v->m, &machine_vunit, v->bdf, v->mode))
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
		ASSERT_EQ(0, machine_open(&self->m, &machine_vunit, self->bdf[0], variant->mode));
		EXPECT_EQ(0, program_play(&self->m, &programs[i], &step));
		machine_close(&self->m);
	}
	ASSERT_EQ(0, machine_open(&self->m, &machine_vunit, self->bdf[0], variant->mode));
	self->open = true;
	free(victim);
}

#define GROUP		9
#define LARGE		40	/* requests of a group */
#define PATIENCE_MS	100000

FIXTURE(pages)
{
	struct machine m;
	__u64 table;
	bool open;
	__u64 violations;
};

FIXTURE_SETUP(pages)
{
	struct driver *d = &self->m.driver;
	char bdf[1][PCI_BDF_LEN];
	int ret;

	if (endpoint_find(bdf, 1) < 1)
		SKIP(return, "no vtdsim endpoint (boot with vtdsim=on)");
	ASSERT_EQ(0, vtdsim_violations(&self->violations));
	ret = machine_open(&self->m, &machine_vunit_pages, bdf[0], DRIVER_FIRST);
	if (ret == -EOPNOTSUPP)
		SKIP(return, "the unit cannot nest, or takes no page requests");
	ASSERT_EQ(0, ret);
	self->open = true;
	self->table = driver_page(d);
	driver_use_table(d, MACHINE_SID, MACHINE_DID, self->table);
	driver_enable(d);
}

FIXTURE_TEARDOWN(pages)
{
	__u64 violations;

	if (!self->open)
		return;
	machine_close(&self->m);
	EXPECT_EQ(0, vtdsim_violations(&violations));
	EXPECT_EQ(self->violations, violations);
}

static void start_read(struct machine *m, __u64 iova)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_READ,
		.flags = VTDSIM_EP_F_PAGE_REQUEST,
		.addr = iova,
		.len = 8,
		.group = GROUP,
	};

	endpoint_start(&m->dev, &cmd);
}

/* DMA waits until the guest has mapped what it needs. */
TEST_F_TIMEOUT(pages, come_when_requested, 600)
{
	struct machine *m = &self->m;
	struct driver *d = &m->driver;
	struct vunit_page_request req;
	struct endpoint_result res;
	unsigned int i;

	ASSERT_TRUE(driver_enable_pages(d, MACHINE_SID, MACHINE_DID));
	for (i = 0; i < 3; i++) {
		memset(machine_data(m, i * PAGE), 0x61 + i, PAGE);
		start_read(m, IOVA + i * PAGE);
		ASSERT_EQ(1, machine_faults_deliver(m, PATIENCE_MS));
		ASSERT_TRUE(driver_next_request(d, &req));
		EXPECT_EQ(MACHINE_SID, req.sid);
		EXPECT_EQ(IOVA + i * PAGE, req.addr);
		EXPECT_EQ(GROUP, req.group);
		EXPECT_TRUE(req.read);
		EXPECT_FALSE(req.write);
		EXPECT_TRUE(req.last);
		EXPECT_FALSE(driver_next_request(d, &req));
		EXPECT_TRUE(endpoint_busy(&m->dev));
		driver_map(d, self->table, IOVA + i * PAGE, MACHINE_DATA_GPA + i * PAGE,
			   DRIVER_4K, DRIVER_R);
		driver_queue_response(d, MACHINE_SID, GROUP, 0);
		ASSERT_TRUE(driver_wait(d));
		ASSERT_EQ(0, endpoint_finish(&m->dev, &res));
		EXPECT_EQ(VTDSIM_EP_S_OK, res.status);
		EXPECT_TRUE(endpoint_reads(&m->dev, IOVA + i * PAGE, machine_data(m, i * PAGE),
					   PAGE));
	}
}

/* The guest refuses, and goes on. */
TEST_F_TIMEOUT(pages, may_be_refused, 600)
{
	struct machine *m = &self->m;
	struct driver *d = &m->driver;
	struct vunit_page_request req;
	struct endpoint_result res;

	ASSERT_TRUE(driver_enable_pages(d, MACHINE_SID, MACHINE_DID));
	start_read(m, IOVA);
	ASSERT_EQ(1, machine_faults_deliver(m, PATIENCE_MS));
	ASSERT_TRUE(driver_next_request(d, &req));
	driver_queue_response(d, MACHINE_SID, req.group, 1);
	ASSERT_TRUE(driver_wait(d));
	ASSERT_EQ(0, endpoint_finish(&m->dev, &res));
	EXPECT_EQ(VTDSIM_EP_S_PAGE_REQUEST_FAILED, res.status);
	driver_map(d, self->table, IOVA, MACHINE_DATA_GPA, DRIVER_4K, DRIVER_R);
	EXPECT_TRUE(endpoint_reads(&m->dev, IOVA, machine_data(m, 0), PAGE));
}

/* Asks for a page, and if it is the last one of its group begins to wait for the response. */
static void ask_for_page(struct machine *m, __u16 group, __u64 iova, bool last)
{
	const struct endpoint_cmd cmd = {
		.op = VTDSIM_EP_OP_PAGE_REQUEST,
		.flags = VTDSIM_EP_F_READ | (last ? VTDSIM_EP_F_LAST : 0),
		.addr = iova,
		.group = group,
	};
	struct endpoint_result res;

	endpoint_start(&m->dev, &cmd);
	if (!last)
		endpoint_finish(&m->dev, &res);
}

/* The guest gets all requests of a group, and responds once. */
TEST_F_TIMEOUT(pages, in_a_large_group, 600)
{
	struct machine *m = &self->m;
	struct driver *d = &m->driver;
	struct vunit_page_request req;
	struct endpoint_result res;
	__u64 asked = 0;
	unsigned int i;

	ASSERT_TRUE(driver_enable_pages(d, MACHINE_SID, MACHINE_DID));
	for (i = 0; i < LARGE; i++)
		ask_for_page(m, GROUP, IOVA + i * PAGE, i == LARGE - 1);
	ASSERT_EQ(LARGE, machine_faults_deliver(m, PATIENCE_MS));
	for (i = 0; i < LARGE; i++) {
		ASSERT_TRUE(driver_next_request(d, &req));
		EXPECT_EQ(GROUP, req.group);
		EXPECT_EQ(i == LARGE - 1, req.last);
		asked |= 1ULL << (req.addr - IOVA) / PAGE;
	}
	EXPECT_FALSE(driver_next_request(d, &req));
	EXPECT_EQ((1ULL << LARGE) - 1, asked);
	driver_queue_response(d, MACHINE_SID, GROUP, 0);
	ASSERT_TRUE(driver_wait(d));
	ASSERT_EQ(0, endpoint_finish(&m->dev, &res));
	EXPECT_EQ(VTDSIM_EP_S_OK, res.status);
}

/* Another response to a group is for none that comes later. */
TEST_F_TIMEOUT(pages, once_each, 600)
{
	struct machine *m = &self->m;
	struct driver *d = &m->driver;
	struct vunit_page_request req;
	struct endpoint_result res;

	ASSERT_TRUE(driver_enable_pages(d, MACHINE_SID, MACHINE_DID));
	ask_for_page(m, GROUP, IOVA, true);
	ASSERT_EQ(1, machine_faults_deliver(m, PATIENCE_MS));
	ASSERT_TRUE(driver_next_request(d, &req));
	driver_queue_response(d, MACHINE_SID, GROUP, 0);
	ASSERT_TRUE(driver_wait(d));
	ASSERT_EQ(0, endpoint_finish(&m->dev, &res));
	ask_for_page(m, GROUP + 1, IOVA, true);
	ASSERT_EQ(1, machine_faults_deliver(m, PATIENCE_MS));
	ASSERT_TRUE(driver_next_request(d, &req));
	driver_queue_response(d, MACHINE_SID, GROUP, 1);
	ASSERT_TRUE(driver_wait(d));
	EXPECT_TRUE(endpoint_busy(&m->dev));
	driver_queue_response(d, MACHINE_SID, GROUP + 1, 0);
	ASSERT_TRUE(driver_wait(d));
	ASSERT_EQ(0, endpoint_finish(&m->dev, &res));
	EXPECT_EQ(VTDSIM_EP_S_OK, res.status);
}

/* A guest that takes no page requests does not see any: the VMM answers. */
TEST_F_TIMEOUT(pages, not_taken, 600)
{
	struct machine *m = &self->m;
	struct endpoint_result res;

	start_read(m, IOVA);
	ASSERT_EQ(0, machine_faults_deliver(m, PATIENCE_MS));
	ASSERT_EQ(0, endpoint_finish(&m->dev, &res));
	EXPECT_EQ(VTDSIM_EP_S_PAGE_REQUEST_FAILED, res.status);
	EXPECT_EQ(0, driver_read(&m->driver, VUNIT_PRS, 4));
}

TEST_HARNESS_MAIN
