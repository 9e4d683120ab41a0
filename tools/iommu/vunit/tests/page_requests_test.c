// SPDX-License-Identifier: GPL-2.0-only
/* The page request queue. */
#include "fixture.h"

static void pages_open(struct fixture *f, __u64 *queue)
{
	__u64 table;

	f->config = (struct vunit_config) {
		.hw = { .cap_reg = HOST_CAP, .ecap_reg = HOST_ECAP },
		.page_requests = true,
	};
	fixture_open_config(f, DRIVER_FIRST);
	fixture_nest(f, &table);
	EXPECT(driver_enable_pages(&f->d, SID, DID));
	*queue = f->d.requests;
	vunit_write(f->unit, VUNIT_PECTL + VUNIT_EVENT_DATA, 0x33, 4);
	vunit_write(f->unit, VUNIT_PECTL, 0, 4);
}

static void test_requests(void)
{
	struct vunit_page_request req = {
		.sid = SID, .group = 0x155, .addr = 0x7000123, .read = true, .last = true,
	};
	struct vunit_page_request got;
	struct fixture f;
	__u64 queue;
	unsigned int i;

	pages_open(&f, &queue);
	EXPECT(!driver_next_request(&f.d, &got));
	EXPECT(vunit_page_request(f.unit, &req));
	EXPECT_EQ(f.interrupts, 1);
	EXPECT_EQ(f.irq_data, 0x33);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_PQT, 8), 32);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_PRS, 4), VUNIT_PRS_PPR);
	EXPECT_EQ(*driver_word(&f.d, queue), 1 | (__u64)SID << 16);
	EXPECT_EQ(*driver_word(&f.d, queue + 8), 0x7000000 | 0x155 << 3 | 4 | 1);
	EXPECT_EQ(*driver_word(&f.d, queue + 16), 0);
	req.sid = SID_2;
	EXPECT(!vunit_page_request(f.unit, &req));
	req.sid = SID;
	for (i = 1; i < PAGE / 32 - 1; i++)
		EXPECT(vunit_page_request(f.unit, &req));
	EXPECT_EQ(f.interrupts, 1);
	EXPECT(!vunit_page_request(f.unit, &req));
	EXPECT_EQ(vunit_read(f.unit, VUNIT_PRS, 4), VUNIT_PRS_PPR | VUNIT_PRS_PRO);
	/* Dropped until the overflow is cleared. */
	vunit_write(f.unit, VUNIT_PQH, 64, 8);
	EXPECT(!vunit_page_request(f.unit, &req));
	vunit_write(f.unit, VUNIT_PRS, VUNIT_PRS_PPR | VUNIT_PRS_PRO, 4);
	EXPECT(vunit_page_request(f.unit, &req));
	EXPECT_EQ(f.interrupts, 2);
	fixture_close(&f);
}

/* A device that may not request pages (PRE), and one that may */
static void test_enable(void)
{
	struct vunit_page_request req = { .sid = SID, .group = 3, .write = true, .last = true };
	struct vunit_page_request got;
	struct fixture f;
	__u64 queue;

	pages_open(&f, &queue);
	*driver_word(&f.d, driver_context_entry(&f.d, SID)) &= ~VUNIT_CTX0_PRE;
	driver_queue_context(&f.d, SID, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT(!vunit_page_request(f.unit, &req));
	EXPECT_EQ(vunit_read(f.unit, VUNIT_PRS, 4), 0);
	EXPECT(driver_enable_pages(&f.d, SID, DID));
	EXPECT(vunit_page_request(f.unit, &req));
	EXPECT(driver_next_request(&f.d, &got));
	EXPECT_EQ(got.sid, SID);
	EXPECT_EQ(got.group, 3);
	EXPECT_EQ(got.read, false);
	EXPECT_EQ(got.write, true);
	EXPECT(!driver_next_request(&f.d, &got));
	EXPECT_EQ(vunit_read(f.unit, VUNIT_PRS, 4), 0);
	fixture_close(&f);
}

static void test_responses(void)
{
	struct fixture f;
	__u64 queue;

	pages_open(&f, &queue);
	driver_queue_response(&f.d, SID, 0x1aa, 1);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.responses, 1);
	EXPECT_EQ(f.response.sid, SID);
	EXPECT_EQ(f.response.group, 0x1aa);
	EXPECT_EQ(f.response.code, 1);
	/* No such device */
	driver_queue_response(&f.d, SID_2, 0, 0);
	/* The host invalidates device TLBs. */
	driver_queue(&f.d, VUNIT_DESC_DEVTLB | vunit_put(VUNIT_BITS(47, 32), SID), ~0xffeULL);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.responses, 1);
	fixture_close(&f);
}

/* A queue that is not memory, and one that the guest may only read */
static void test_bad_queue(void)
{
	const struct vunit_page_request req = { .sid = SID, .read = true, .last = true };
	const __u64 bad[] = { ROM_GPA * 16, ROM_GPA };
	struct fixture f;
	__u64 queue;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		pages_open(&f, &queue);
		vunit_write(f.unit, VUNIT_PQA, bad[i], 8);
		EXPECT(!vunit_page_request(f.unit, &req));
		EXPECT_EQ(vunit_read(f.unit, VUNIT_PRS, 4), VUNIT_PRS_PRO);
		EXPECT_EQ(vunit_read(f.unit, VUNIT_PQT, 8), 0);
		fixture_close(&f);
	}
}

static const struct test_case cases[] = {
	{ "requests and overflow", test_requests },
	{ "page request enable", test_enable },
	{ "responses", test_responses },
	{ "a queue that is no memory", test_bad_queue },
	{}
};

const struct test_suite suite_pages = { "page_requests", cases };
