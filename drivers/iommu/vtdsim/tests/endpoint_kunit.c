// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of an endpoint's DMA engine: the requests that a command becomes, the
 * status registers afterwards, and configuration writes during a command. Requests
 * are recorded in place of the unit.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/limits.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <uapi/linux/vtdsim.h>

#include "fixture_endpoint.h"

#define MAX_REQUESTS	12

#define OP_READ		VTDSIM_EP_OP_READ
#define OP_WRITE		VTDSIM_EP_OP_WRITE
#define OP_ADD		VTDSIM_EP_OP_FETCH_ADD
#define BAD		VTDSIM_EP_S_BAD_COMMAND
#define ALL		VTDSIM_EP_BUFFER_SIZE
#define P		VTDSIM_EP_F_PASID

/**
 * struct recorder - an endpoint, and the requests that it made
 * @ep: the endpoint; first, and therefore what test->priv points to
 * @reqs: the requests
 * @lens: their lengths
 * @count: how many
 * @fail_at: the request of this index, from 0, gets @ret and @out
 * @ret: what it returns
 * @out: how it ends
 * @during: called inside of each request
 */
struct recorder {
	struct vtdsim_endpoint ep;
	struct vtdsim_req reqs[MAX_REQUESTS];
	size_t lens[MAX_REQUESTS];
	unsigned int count;
	unsigned int fail_at;
	int ret;
	struct vtdsim_outcome out;
	void (*during)(struct kunit *test, struct recorder *rec, void *data);
};

static int record_request(struct vtdsim_endpoint *ep, const struct vtdsim_req *req, void *data,
			  size_t len, struct vtdsim_outcome *out)
{
	struct kunit *test = kunit_get_current_test();
	struct recorder *rec = test->priv;
	unsigned int i = rec->count++;

	KUNIT_ASSERT_LT(test, i, MAX_REQUESTS);
	rec->reqs[i] = *req;
	rec->lens[i] = len;
	if (rec->during)
		rec->during(test, rec, data);
	if (i == rec->fail_at) {
		*out = rec->out;
		return rec->ret;
	}
	return 0;
}

static int endpoint_test_init(struct kunit *test)
{
	struct recorder *rec = kunit_kzalloc(test, sizeof(*rec), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rec);
	vtdsim_test_bar_init(test, &rec->ep, vtdsim_test_unit(test), SID);
	rec->fail_at = UINT_MAX;
	test->priv = rec;
	kunit_activate_static_stub(test, vtdsim_endpoint_request, record_request);
	return 0;
}

static const struct vtdsim_command nop = { .op = VTDSIM_EP_OP_NOP };

static void doorbell_runs_once(struct kunit *test)
{
	struct recorder *rec = test->priv;

	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rec->ep), VTDSIM_ENDPOINT_QUIET);
	KUNIT_EXPECT_EQ(test, vtdsim_test_doorbell(&rec->ep, 7, &nop), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_DONE), 7);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_MAGIC), VTDSIM_EP_MAGIC_VALUE);
	KUNIT_EXPECT_EQ(test, vtdsim_test_doorbell(&rec->ep, 7, &nop), VTDSIM_ENDPOINT_QUIET);
	KUNIT_EXPECT_EQ(test, vtdsim_test_doorbell(&rec->ep, 0, &nop), VTDSIM_ENDPOINT_QUIET);
	KUNIT_EXPECT_EQ(test, vtdsim_test_doorbell(&rec->ep, 6, &nop), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_DONE), 6);
	KUNIT_EXPECT_EQ(test, rec->count, 0);
}

static void scribbling_confuses_nobody(struct kunit *test)
{
	struct recorder *rec = test->priv;

	vtdsim_test_doorbell(&rec->ep, 7, &nop);
	for (u32 at = 0; at < 0x60; at += 4)
		if (at < VTDSIM_EP_ADDR || at >= VTDSIM_EP_DONE)
			bar_write(&rec->ep, at, 0xdeadbeef);
	KUNIT_EXPECT_EQ(test, vtdsim_test_doorbell(&rec->ep, 7, &nop), VTDSIM_ENDPOINT_QUIET);
	KUNIT_EXPECT_EQ(test, vtdsim_test_doorbell(&rec->ep, 8, &nop), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_MAGIC), VTDSIM_EP_MAGIC_VALUE);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_VERSION), VTDSIM_EP_VERSION_VALUE);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_DONE), 8);
	for (u32 at = VTDSIM_EP_STATUS; at < 0x60; at += 4)
		KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, at), 0);
}

static void silent_without_memory_space(struct kunit *test)
{
	struct recorder *rec = test->priv;

	vtdsim_function_write(&rec->ep.fn, CFG_COMMAND, 0x4, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_test_doorbell(&rec->ep, 1, &nop), VTDSIM_ENDPOINT_OFF);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_DONE), 0);
	vtdsim_function_write(&rec->ep.fn, CFG_COMMAND, 0x6, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rec->ep), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_DONE), 1);
}

static void bad_command_makes_no_request(struct kunit *test)
{
	struct recorder *rec = test->priv;
	struct vtdsim_command cmd = { .op = OP_READ, .len = 2, .buf = ALL - 1 };

	vtdsim_test_doorbell(&rec->ep, 1, &cmd);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_DONE), 1);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_STATUS), BAD);
	KUNIT_EXPECT_EQ(test, rec->count, 0);
}

static void fill_page(struct kunit *test, struct recorder *rec, void *data)
{
	memset(data, 0xa0 + rec->count, rec->lens[rec->count - 1]);
}

static void read_splits_at_pages(struct kunit *test)
{
	struct recorder *rec = test->priv;
	struct vtdsim_command cmd = {
		.op = OP_READ, .addr = 0x12345ffd, .len = 3 + 4096 + 5, .buf = 100,
		.flags = P | VTDSIM_EP_F_EXEC | VTDSIM_EP_F_PRIV, .pasid = 0x54321,
	};
	static const u64 addrs[] = { 0x12345ffd, 0x12346000, 0x12347000 };
	static const size_t lens[] = { 3, 4096, 5 };
	void __iomem *buf = rec->ep.bar + VTDSIM_EP_BUFFER + 100;

	vtdsim_function_write(&rec->ep.fn, CFG_PASID_CTRL, 0x7, 2);
	rec->during = fill_page;
	vtdsim_test_doorbell(&rec->ep, 1, &cmd);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_COUNT), cmd.len);
	KUNIT_ASSERT_EQ(test, rec->count, 3);
	for (int i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, rec->reqs[i].addr, addrs[i]);
		KUNIT_EXPECT_EQ(test, rec->lens[i], lens[i]);
		KUNIT_EXPECT_EQ(test, rec->reqs[i].pasid, 0x54321);
		KUNIT_EXPECT_EQ(test, rec->reqs[i].sid, SID);
		KUNIT_EXPECT_TRUE(test, rec->reqs[i].with_pasid);
		KUNIT_EXPECT_TRUE(test, rec->reqs[i].read);
		KUNIT_EXPECT_FALSE(test, rec->reqs[i].write);
		KUNIT_EXPECT_TRUE(test, rec->reqs[i].exec);
		KUNIT_EXPECT_TRUE(test, rec->reqs[i].priv);
	}
	KUNIT_EXPECT_EQ(test, readb(buf - 1), 0);
	KUNIT_EXPECT_EQ(test, readb(buf), 0xa1);
	KUNIT_EXPECT_EQ(test, readb(buf + 2), 0xa1);
	KUNIT_EXPECT_EQ(test, readb(buf + 3), 0xa2);
	KUNIT_EXPECT_EQ(test, readb(buf + 4098), 0xa2);
	KUNIT_EXPECT_EQ(test, readb(buf + 4099), 0xa3);
	KUNIT_EXPECT_EQ(test, readb(buf + 4103), 0xa3);
	KUNIT_EXPECT_EQ(test, readb(buf + 4104), 0);
}

static void expect_pattern(struct kunit *test, struct recorder *rec, void *data)
{
	u8 *bytes = data;

	KUNIT_EXPECT_EQ(test, bytes[0], rec->count == 1 ? 0x11 : 0x22);
}

static void write_takes_bytes_from_buffer(struct kunit *test)
{
	struct recorder *rec = test->priv;
	struct vtdsim_command cmd = { .op = OP_WRITE, .addr = 0x1ff0, .len = 32, .buf = 8 };

	memset_io(rec->ep.bar + VTDSIM_EP_BUFFER + 8, 0x11, 16);
	memset_io(rec->ep.bar + VTDSIM_EP_BUFFER + 24, 0x22, 16);
	rec->during = expect_pattern;
	vtdsim_test_doorbell(&rec->ep, 1, &cmd);
	KUNIT_EXPECT_EQ(test, rec->count, 2);
	KUNIT_EXPECT_FALSE(test, rec->reqs[0].read);
	KUNIT_EXPECT_TRUE(test, rec->reqs[0].write);
	KUNIT_EXPECT_FALSE(test, rec->reqs[0].with_pasid);
	KUNIT_EXPECT_FALSE(test, rec->reqs[0].exec);
	KUNIT_EXPECT_FALSE(test, rec->reqs[0].priv);
}

static void add_operand(struct kunit *test, struct recorder *rec, void *data)
{
	u64 *operand = data;

	KUNIT_EXPECT_EQ(test, *operand, 5);
	*operand = 0x123456789abcdefull;
}

static void fetch_add_reports_old_value(struct kunit *test)
{
	struct recorder *rec = test->priv;
	struct vtdsim_command cmd = { .op = OP_ADD, .addr = 0x1ff8, .len = 8, .operand = 5 };

	rec->during = add_operand;
	vtdsim_test_doorbell(&rec->ep, 1, &cmd);
	KUNIT_ASSERT_EQ(test, rec->count, 1);
	KUNIT_EXPECT_TRUE(test, rec->reqs[0].read);
	KUNIT_EXPECT_TRUE(test, rec->reqs[0].write);
	KUNIT_EXPECT_EQ(test, rec->lens[0], 8);
	KUNIT_EXPECT_EQ(test, readq(rec->ep.bar + VTDSIM_EP_RESULT), 0x123456789abcdefull);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_COUNT), 8);
}

static void fault_is_reported(struct kunit *test)
{
	struct recorder *rec = test->priv;
	struct vtdsim_command cmd = { .op = OP_WRITE, .addr = 0x1ff0, .len = 0x3000 };

	rec->fail_at = 2;
	rec->ret = -EFAULT;
	rec->out = (struct vtdsim_outcome){ .reason = 0x78, .addr = 0x123456789000ull };
	vtdsim_test_doorbell(&rec->ep, 1, &cmd);
	KUNIT_EXPECT_EQ(test, rec->count, 3);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_DONE), 1);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_FAULT);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_REASON), 0x78);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_COUNT), 0x1010);
	KUNIT_EXPECT_EQ(test, readq(rec->ep.bar + VTDSIM_EP_FAULT_ADDR), 0x123456789000ull);

	/* The next command clears it. */
	vtdsim_test_doorbell(&rec->ep, 2, &nop);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_REASON), 0);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_COUNT), 0);
	KUNIT_EXPECT_EQ(test, readq(rec->ep.bar + VTDSIM_EP_FAULT_ADDR), 0);
}

static void failed_read_leaves_buffer(struct kunit *test)
{
	struct recorder *rec = test->priv;
	struct vtdsim_command cmd = { .op = OP_READ, .addr = 0x1000, .len = 16 };

	rec->during = fill_page;
	rec->fail_at = 0;
	rec->ret = -EFAULT;
	rec->out.unsupported = true;
	vtdsim_test_doorbell(&rec->ep, 1, &cmd);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_UNSUPPORTED);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_COUNT), 0);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_BUFFER), 0);
}

static void no_memory_means_later(struct kunit *test)
{
	struct recorder *rec = test->priv;
	struct vtdsim_command cmd = { .op = OP_READ, .addr = 0x1000, .len = 16 };

	rec->fail_at = 0;
	rec->ret = -ENOMEM;
	vtdsim_test_doorbell(&rec->ep, 1, &cmd);
	KUNIT_EXPECT_EQ(test, rec->count, 2);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_COUNT), 16);
}

static void change_command(struct kunit *test, struct recorder *rec, void *data)
{
	for (u32 at = VTDSIM_EP_ADDR; at <= VTDSIM_EP_OP; at += 4)
		bar_write(&rec->ep, at, 0xffffffff);
}

static void command_is_read_once(struct kunit *test)
{
	struct recorder *rec = test->priv;
	struct vtdsim_command cmd = { .op = OP_READ, .addr = 0x1000, .len = 0x2000 };

	rec->during = change_command;
	vtdsim_test_doorbell(&rec->ep, 1, &cmd);
	KUNIT_EXPECT_EQ(test, rec->count, 2);
	KUNIT_EXPECT_EQ(test, rec->reqs[1].addr, 0x2000);
	KUNIT_EXPECT_EQ(test, rec->lens[1], 0x1000);
	KUNIT_EXPECT_FALSE(test, rec->reqs[1].with_pasid);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);
}

static void start_flr(struct kunit *test, struct recorder *rec, void *data)
{
	vtdsim_function_write(&rec->ep.fn, CFG_DEVCTL, 0x8000, 2);
}

static void flr_stops_and_clears(struct kunit *test)
{
	struct recorder *rec = test->priv;
	struct vtdsim_command cmd = { .op = OP_READ, .addr = 0x1000, .len = 0x3000 };

	vtdsim_test_doorbell(&rec->ep, 5, &nop);
	bar_write(&rec->ep, VTDSIM_EP_BUFFER + 0x7ffc, 0x5ec4e7);
	rec->during = start_flr;
	vtdsim_test_doorbell(&rec->ep, 6, &cmd);
	KUNIT_EXPECT_EQ(test, rec->count, 1);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_DONE), 5);

	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rec->ep), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_MAGIC), VTDSIM_EP_MAGIC_VALUE);
	for (u32 at = 8; at < VTDSIM_EP_BAR_SIZE; at += 4)
		KUNIT_ASSERT_EQ(test, bar_read(&rec->ep, at), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&rec->ep.fn, 0, 4), 0x7d511234);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rec->ep), VTDSIM_ENDPOINT_OFF);

	/* A number from before the reset is new again. */
	rec->during = NULL;
	vtdsim_function_write(&rec->ep.fn, CFG_COMMAND, 0x6, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_test_doorbell(&rec->ep, 6, &nop), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_DONE), 6);
}

static void stop_memory_space(struct kunit *test, struct recorder *rec, void *data)
{
	vtdsim_function_write(&rec->ep.fn, CFG_COMMAND, 0x4, 2);
}

static void memory_space_off_abandons(struct kunit *test)
{
	struct recorder *rec = test->priv;
	struct vtdsim_command cmd = { .op = OP_READ, .addr = 0x1000, .len = 0x3000 };

	rec->during = stop_memory_space;
	vtdsim_test_doorbell(&rec->ep, 1, &cmd);
	KUNIT_EXPECT_EQ(test, rec->count, 1);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_DONE), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rec->ep), VTDSIM_ENDPOINT_OFF);
}

static void stop_master(struct kunit *test, struct recorder *rec, void *data)
{
	vtdsim_function_write(&rec->ep.fn, CFG_COMMAND, 0x2, 2);
}

static void master_off_stops(struct kunit *test)
{
	struct recorder *rec = test->priv;
	struct vtdsim_command cmd = { .op = OP_READ, .addr = 0x1800, .len = 0x3000 };

	rec->during = stop_master;
	vtdsim_test_doorbell(&rec->ep, 1, &cmd);
	KUNIT_EXPECT_EQ(test, rec->count, 1);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_DONE), 1);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_NO_MASTER);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_COUNT), 0x800);
	vtdsim_test_doorbell(&rec->ep, 2, &cmd);
	KUNIT_EXPECT_EQ(test, rec->count, 1);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_DONE), 2);
	/* A command without requests needs no permission. */
	vtdsim_test_doorbell(&rec->ep, 3, &nop);
	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);
}

static void expect_done_before(struct kunit *test, struct recorder *rec, void *data)
{
	u32 *word = data;

	KUNIT_EXPECT_EQ(test, bar_read(&rec->ep, VTDSIM_EP_DONE), 1);
	KUNIT_EXPECT_EQ(test, *word, 0x4023);
}

static void enable_msi(struct recorder *rec)
{
	vtdsim_function_write(&rec->ep.fn, CFG_MSI + 4, 0xfee01000, 4);
	vtdsim_function_write(&rec->ep.fn, CFG_MSI + 0xc, 0x4023, 2);
	vtdsim_function_write(&rec->ep.fn, CFG_MSI + 2, 1, 2);
}

static void msi_follows_done(struct kunit *test)
{
	struct recorder *rec = test->priv;
	struct vtdsim_command cmd = { .flags = VTDSIM_EP_F_MSI };

	enable_msi(rec);
	rec->during = expect_done_before;
	KUNIT_EXPECT_EQ(test, vtdsim_test_doorbell(&rec->ep, 1, &cmd), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, rec->count, 0);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rec->ep), VTDSIM_ENDPOINT_BUSY);
	KUNIT_ASSERT_EQ(test, rec->count, 1);
	KUNIT_EXPECT_EQ(test, rec->reqs[0].addr, 0xfee01000);
	KUNIT_EXPECT_EQ(test, rec->reqs[0].sid, SID);
	KUNIT_EXPECT_TRUE(test, rec->reqs[0].write);
	KUNIT_EXPECT_FALSE(test, rec->reqs[0].read);
	KUNIT_EXPECT_FALSE(test, rec->reqs[0].with_pasid);
	KUNIT_EXPECT_EQ(test, rec->lens[0], 4);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rec->ep), VTDSIM_ENDPOINT_QUIET);

	/* Not asked for, not sent. */
	vtdsim_test_doorbell(&rec->ep, 2, &nop);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rec->ep), VTDSIM_ENDPOINT_QUIET);
	KUNIT_EXPECT_EQ(test, rec->count, 1);
}

static void msi_goes_out_without_memory_space(struct kunit *test)
{
	struct recorder *rec = test->priv;
	struct vtdsim_command cmd = { .flags = VTDSIM_EP_F_MSI };

	enable_msi(rec);
	vtdsim_function_write(&rec->ep.fn, CFG_MSI + 0x10, 1, 4);
	vtdsim_test_doorbell(&rec->ep, 1, &cmd);
	vtdsim_function_write(&rec->ep.fn, CFG_COMMAND, 0x4, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rec->ep), VTDSIM_ENDPOINT_OFF);
	vtdsim_function_write(&rec->ep.fn, CFG_MSI + 0x10, 0, 4);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rec->ep), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, rec->count, 1);
}

static struct kunit_case endpoint_cases[] = {
	KUNIT_CASE(doorbell_runs_once),
	KUNIT_CASE(scribbling_confuses_nobody),
	KUNIT_CASE(silent_without_memory_space),
	KUNIT_CASE(bad_command_makes_no_request),
	KUNIT_CASE(read_splits_at_pages),
	KUNIT_CASE(write_takes_bytes_from_buffer),
	KUNIT_CASE(fetch_add_reports_old_value),
	KUNIT_CASE(fault_is_reported),
	KUNIT_CASE(failed_read_leaves_buffer),
	KUNIT_CASE(no_memory_means_later),
	KUNIT_CASE(command_is_read_once),
	KUNIT_CASE(flr_stops_and_clears),
	KUNIT_CASE(memory_space_off_abandons),
	KUNIT_CASE(master_off_stops),
	KUNIT_CASE(msi_follows_done),
	KUNIT_CASE(msi_goes_out_without_memory_space),
	{}
};

static struct kunit_suite endpoint_suite = {
	.name = "vtdsim-endpoint",
	.init = endpoint_test_init,
	.test_cases = endpoint_cases,
};

kunit_test_suite(endpoint_suite);
