// SPDX-License-Identifier: GPL-2.0-only
/*
 * An endpoint's DMA engine, with a BAR in ordinary memory and a unit that is
 * a recorder: what requests a command becomes, what the status registers say
 * afterwards, and what configuration writes do to a command under way.
 */
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/io.h>
#include <linux/limits.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <uapi/linux/vtdsim.h>

#include "endpoint/endpoint.h"
#include "unit_kunit.h"

#define PLACE		0x7ff10000u
#define SID		0x0008
#define MAX_REQUESTS	12

#define OP_READ		VTDSIM_EP_OP_READ
#define OP_WRITE		VTDSIM_EP_OP_WRITE
#define OP_ADD		VTDSIM_EP_OP_FETCH_ADD
#define BAD		VTDSIM_EP_S_BAD_COMMAND
#define ALL		VTDSIM_EP_BUFFER_SIZE
#define P		VTDSIM_EP_F_PASID

/* Configuration registers of an endpoint. */
#define COMMAND		0x04
#define MSI		0x48
#define DEVCTL		0x68
#define PASID_CTRL	0x106

/**
 * struct rig - an endpoint on the bench
 * @ep: the endpoint; first, and therefore what test->priv points to
 * @reqs: requests that it made
 * @lens: their lengths
 * @count: how many
 * @fail_at: the request of this index, from 0, gets @ret and @out
 * @ret: what it returns
 * @out: how it ends
 * @during: called inside of each request
 */
struct rig {
	struct vtdsim_endpoint ep;
	struct vtdsim_req reqs[MAX_REQUESTS];
	size_t lens[MAX_REQUESTS];
	unsigned int count;
	unsigned int fail_at;
	int ret;
	struct vtdsim_outcome out;
	void (*during)(struct kunit *test, struct rig *rig, void *data);
};

static int record(struct vtdsim_endpoint *ep, const struct vtdsim_req *req,
		  void *data, size_t len, struct vtdsim_outcome *out)
{
	struct kunit *test = kunit_get_current_test();
	struct rig *rig = test->priv;
	unsigned int i = rig->count++;

	KUNIT_ASSERT_LT(test, i, MAX_REQUESTS);
	rig->reqs[i] = *req;
	rig->lens[i] = len;
	if (rig->during)
		rig->during(test, rig, data);
	if (i == rig->fail_at) {
		*out = rig->out;
		return rig->ret;
	}
	return 0;
}

static int endpoint_test_init(struct kunit *test)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	void *bar = kunit_kzalloc(test, VTDSIM_EP_BAR_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rig);
	KUNIT_ASSERT_NOT_NULL(test, bar);
	vtdsim_endpoint_init(&rig->ep, test_unit(test), PLACE, SID);
	rig->ep.bar = (void __iomem __force *)bar;
	rig->ep.page = kunit_kzalloc(test, SZ_4K, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rig->ep.page);
	rig->fail_at = UINT_MAX;
	test->priv = rig;
	kunit_activate_static_stub(test, vtdsim_endpoint_request, record);
	vtdsim_function_write(&rig->ep.fn, COMMAND, 0x6, 2);
	return 0;
}

static u32 get(struct rig *rig, u32 at)
{
	return readl(rig->ep.bar + at);
}

static void put(struct rig *rig, u32 at, u32 val)
{
	writel(val, rig->ep.bar + at);
}

static enum vtdsim_endpoint_work ring(struct rig *rig, u32 seq,
				      const struct vtdsim_command *cmd)
{
	writeq(cmd->addr, rig->ep.bar + VTDSIM_EP_ADDR);
	writeq(cmd->operand, rig->ep.bar + VTDSIM_EP_OPERAND);
	put(rig, VTDSIM_EP_LEN, cmd->len);
	put(rig, VTDSIM_EP_BUF, cmd->buf);
	put(rig, VTDSIM_EP_PASID, cmd->pasid);
	put(rig, VTDSIM_EP_FLAGS, cmd->flags);
	put(rig, VTDSIM_EP_OP, cmd->op);
	put(rig, VTDSIM_EP_DOORBELL, seq);
	return vtdsim_endpoint_poll(&rig->ep);
}

static const struct vtdsim_command nop = { .op = VTDSIM_EP_OP_NOP };

static void doorbell_runs_once(struct kunit *test)
{
	struct rig *rig = test->priv;

	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rig->ep), VTDSIM_ENDPOINT_QUIET);
	KUNIT_EXPECT_EQ(test, ring(rig, 7, &nop), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_DONE), 7);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_MAGIC), VTDSIM_EP_MAGIC_VALUE);
	KUNIT_EXPECT_EQ(test, ring(rig, 7, &nop), VTDSIM_ENDPOINT_QUIET);
	KUNIT_EXPECT_EQ(test, ring(rig, 0, &nop), VTDSIM_ENDPOINT_QUIET);
	KUNIT_EXPECT_EQ(test, ring(rig, 6, &nop), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_DONE), 6);
	KUNIT_EXPECT_EQ(test, rig->count, 0);
}

static void scribbling_confuses_nobody(struct kunit *test)
{
	struct rig *rig = test->priv;

	ring(rig, 7, &nop);
	for (u32 at = 0; at < 0x60; at += 4)
		if (at < VTDSIM_EP_ADDR || at >= VTDSIM_EP_DONE)
			put(rig, at, 0xdeadbeef);
	KUNIT_EXPECT_EQ(test, ring(rig, 7, &nop), VTDSIM_ENDPOINT_QUIET);
	KUNIT_EXPECT_EQ(test, ring(rig, 8, &nop), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_MAGIC), VTDSIM_EP_MAGIC_VALUE);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_VERSION), VTDSIM_EP_VERSION_VALUE);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_DONE), 8);
	for (u32 at = VTDSIM_EP_STATUS; at < 0x60; at += 4)
		KUNIT_EXPECT_EQ(test, get(rig, at), 0);
}

static void silent_without_memory_space(struct kunit *test)
{
	struct rig *rig = test->priv;

	vtdsim_function_write(&rig->ep.fn, COMMAND, 0x4, 2);
	KUNIT_EXPECT_EQ(test, ring(rig, 1, &nop), VTDSIM_ENDPOINT_OFF);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_DONE), 0);
	vtdsim_function_write(&rig->ep.fn, COMMAND, 0x6, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rig->ep), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_DONE), 1);
}

static void bad_command_makes_no_request(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vtdsim_command cmd = { .op = OP_READ, .len = 2, .buf = ALL - 1 };

	ring(rig, 1, &cmd);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_DONE), 1);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_STATUS), BAD);
	KUNIT_EXPECT_EQ(test, rig->count, 0);
}

static void fill_page(struct kunit *test, struct rig *rig, void *data)
{
	memset(data, 0xa0 + rig->count, rig->lens[rig->count - 1]);
}

static void read_splits_at_pages(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vtdsim_command cmd = {
		.op = OP_READ, .addr = 0x12345ffd, .len = 3 + 4096 + 5, .buf = 100,
		.flags = P | VTDSIM_EP_F_EXEC | VTDSIM_EP_F_PRIV, .pasid = 0x54321,
	};
	static const u64 addrs[] = { 0x12345ffd, 0x12346000, 0x12347000 };
	static const size_t lens[] = { 3, 4096, 5 };
	void __iomem *buf = rig->ep.bar + VTDSIM_EP_BUFFER + 100;

	vtdsim_function_write(&rig->ep.fn, PASID_CTRL, 0x7, 2);
	rig->during = fill_page;
	ring(rig, 1, &cmd);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_COUNT), cmd.len);
	KUNIT_ASSERT_EQ(test, rig->count, 3);
	for (int i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, rig->reqs[i].addr, addrs[i]);
		KUNIT_EXPECT_EQ(test, rig->lens[i], lens[i]);
		KUNIT_EXPECT_EQ(test, rig->reqs[i].pasid, 0x54321);
		KUNIT_EXPECT_EQ(test, rig->reqs[i].sid, SID);
		KUNIT_EXPECT_TRUE(test, rig->reqs[i].with_pasid);
		KUNIT_EXPECT_TRUE(test, rig->reqs[i].read);
		KUNIT_EXPECT_FALSE(test, rig->reqs[i].write);
		KUNIT_EXPECT_TRUE(test, rig->reqs[i].exec);
		KUNIT_EXPECT_TRUE(test, rig->reqs[i].priv);
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

static void expect_pattern(struct kunit *test, struct rig *rig, void *data)
{
	u8 *bytes = data;

	KUNIT_EXPECT_EQ(test, bytes[0], rig->count == 1 ? 0x11 : 0x22);
}

static void write_takes_bytes_from_buffer(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vtdsim_command cmd = { .op = OP_WRITE, .addr = 0x1ff0, .len = 32, .buf = 8 };

	memset_io(rig->ep.bar + VTDSIM_EP_BUFFER + 8, 0x11, 16);
	memset_io(rig->ep.bar + VTDSIM_EP_BUFFER + 24, 0x22, 16);
	rig->during = expect_pattern;
	ring(rig, 1, &cmd);
	KUNIT_EXPECT_EQ(test, rig->count, 2);
	KUNIT_EXPECT_FALSE(test, rig->reqs[0].read);
	KUNIT_EXPECT_TRUE(test, rig->reqs[0].write);
	KUNIT_EXPECT_FALSE(test, rig->reqs[0].with_pasid);
	KUNIT_EXPECT_FALSE(test, rig->reqs[0].exec);
	KUNIT_EXPECT_FALSE(test, rig->reqs[0].priv);
}

static void add_operand(struct kunit *test, struct rig *rig, void *data)
{
	u64 *operand = data;

	KUNIT_EXPECT_EQ(test, *operand, 5);
	*operand = 0x123456789abcdefull;
}

static void fetch_add_reports_old_value(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vtdsim_command cmd = { .op = OP_ADD, .addr = 0x1ff8, .len = 8, .operand = 5 };

	rig->during = add_operand;
	ring(rig, 1, &cmd);
	KUNIT_ASSERT_EQ(test, rig->count, 1);
	KUNIT_EXPECT_TRUE(test, rig->reqs[0].read);
	KUNIT_EXPECT_TRUE(test, rig->reqs[0].write);
	KUNIT_EXPECT_EQ(test, rig->lens[0], 8);
	KUNIT_EXPECT_EQ(test, readq(rig->ep.bar + VTDSIM_EP_RESULT), 0x123456789abcdefull);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_COUNT), 8);
}

static void fault_is_reported(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vtdsim_command cmd = { .op = OP_WRITE, .addr = 0x1ff0, .len = 0x3000 };

	rig->fail_at = 2;
	rig->ret = -EFAULT;
	rig->out = (struct vtdsim_outcome) { .reason = 0x78, .addr = 0x123456789000ull };
	ring(rig, 1, &cmd);
	KUNIT_EXPECT_EQ(test, rig->count, 3);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_DONE), 1);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_STATUS), VTDSIM_EP_S_FAULT);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_REASON), 0x78);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_COUNT), 0x1010);
	KUNIT_EXPECT_EQ(test, readq(rig->ep.bar + VTDSIM_EP_FAULT_ADDR), 0x123456789000ull);

	/* Nothing of it is left after the next one. */
	ring(rig, 2, &nop);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_REASON), 0);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_COUNT), 0);
	KUNIT_EXPECT_EQ(test, readq(rig->ep.bar + VTDSIM_EP_FAULT_ADDR), 0);
}

static void failed_read_leaves_buffer(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vtdsim_command cmd = { .op = OP_READ, .addr = 0x1000, .len = 16 };

	rig->during = fill_page;
	rig->fail_at = 0;
	rig->ret = -EFAULT;
	rig->out.unsupported = true;
	ring(rig, 1, &cmd);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_STATUS), VTDSIM_EP_S_UNSUPPORTED);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_COUNT), 0);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_BUFFER), 0);
}

static void no_memory_means_later(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vtdsim_command cmd = { .op = OP_READ, .addr = 0x1000, .len = 16 };

	rig->fail_at = 0;
	rig->ret = -ENOMEM;
	ring(rig, 1, &cmd);
	KUNIT_EXPECT_EQ(test, rig->count, 2);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_COUNT), 16);
}

static void change_command(struct kunit *test, struct rig *rig, void *data)
{
	for (u32 at = VTDSIM_EP_ADDR; at <= VTDSIM_EP_OP; at += 4)
		put(rig, at, 0xffffffff);
}

static void command_is_read_once(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vtdsim_command cmd = { .op = OP_READ, .addr = 0x1000, .len = 0x2000 };

	rig->during = change_command;
	ring(rig, 1, &cmd);
	KUNIT_EXPECT_EQ(test, rig->count, 2);
	KUNIT_EXPECT_EQ(test, rig->reqs[1].addr, 0x2000);
	KUNIT_EXPECT_EQ(test, rig->lens[1], 0x1000);
	KUNIT_EXPECT_FALSE(test, rig->reqs[1].with_pasid);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);
}

static void start_flr(struct kunit *test, struct rig *rig, void *data)
{
	vtdsim_function_write(&rig->ep.fn, DEVCTL, 0x8000, 2);
}

static void flr_stops_and_clears(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vtdsim_command cmd = { .op = OP_READ, .addr = 0x1000, .len = 0x3000 };

	ring(rig, 5, &nop);
	put(rig, VTDSIM_EP_BUFFER + 0x7ffc, 0x5ec4e7);
	rig->during = start_flr;
	ring(rig, 6, &cmd);
	KUNIT_EXPECT_EQ(test, rig->count, 1);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_DONE), 5);

	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rig->ep), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_MAGIC), VTDSIM_EP_MAGIC_VALUE);
	for (u32 at = 8; at < VTDSIM_EP_BAR_SIZE; at += 4)
		KUNIT_ASSERT_EQ(test, get(rig, at), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_function_read(&rig->ep.fn, 0, 4), 0x7d511234);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rig->ep), VTDSIM_ENDPOINT_OFF);

	/* Numbers start anew: one from before the reset is new again. */
	rig->during = NULL;
	vtdsim_function_write(&rig->ep.fn, COMMAND, 0x6, 2);
	KUNIT_EXPECT_EQ(test, ring(rig, 6, &nop), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_DONE), 6);
}

static void stop_memory_space(struct kunit *test, struct rig *rig, void *data)
{
	vtdsim_function_write(&rig->ep.fn, COMMAND, 0x4, 2);
}

static void memory_space_off_abandons(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vtdsim_command cmd = { .op = OP_READ, .addr = 0x1000, .len = 0x3000 };

	rig->during = stop_memory_space;
	ring(rig, 1, &cmd);
	KUNIT_EXPECT_EQ(test, rig->count, 1);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_DONE), 0);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rig->ep), VTDSIM_ENDPOINT_OFF);
}

static void stop_master(struct kunit *test, struct rig *rig, void *data)
{
	vtdsim_function_write(&rig->ep.fn, COMMAND, 0x2, 2);
}

static void master_off_stops(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vtdsim_command cmd = { .op = OP_READ, .addr = 0x1800, .len = 0x3000 };

	rig->during = stop_master;
	ring(rig, 1, &cmd);
	KUNIT_EXPECT_EQ(test, rig->count, 1);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_DONE), 1);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_STATUS), VTDSIM_EP_S_NO_MASTER);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_COUNT), 0x800);
	ring(rig, 2, &cmd);
	KUNIT_EXPECT_EQ(test, rig->count, 1);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_DONE), 2);
	/* A command without requests needs no permission. */
	ring(rig, 3, &nop);
	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_STATUS), VTDSIM_EP_S_OK);
}

static void expect_done(struct kunit *test, struct rig *rig, void *data)
{
	u32 *word = data;

	KUNIT_EXPECT_EQ(test, get(rig, VTDSIM_EP_DONE), 1);
	KUNIT_EXPECT_EQ(test, *word, 0x4023);
}

static void enable_msi(struct rig *rig)
{
	vtdsim_function_write(&rig->ep.fn, MSI + 4, 0xfee01000, 4);
	vtdsim_function_write(&rig->ep.fn, MSI + 0xc, 0x4023, 2);
	vtdsim_function_write(&rig->ep.fn, MSI + 2, 1, 2);
}

static void msi_follows_done(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vtdsim_command cmd = { .flags = VTDSIM_EP_F_MSI };

	enable_msi(rig);
	rig->during = expect_done;
	KUNIT_EXPECT_EQ(test, ring(rig, 1, &cmd), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, rig->count, 0);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rig->ep), VTDSIM_ENDPOINT_BUSY);
	KUNIT_ASSERT_EQ(test, rig->count, 1);
	KUNIT_EXPECT_EQ(test, rig->reqs[0].addr, 0xfee01000);
	KUNIT_EXPECT_EQ(test, rig->reqs[0].sid, SID);
	KUNIT_EXPECT_TRUE(test, rig->reqs[0].write);
	KUNIT_EXPECT_FALSE(test, rig->reqs[0].read);
	KUNIT_EXPECT_FALSE(test, rig->reqs[0].with_pasid);
	KUNIT_EXPECT_EQ(test, rig->lens[0], 4);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rig->ep), VTDSIM_ENDPOINT_QUIET);

	/* Not asked for, not sent. */
	ring(rig, 2, &nop);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rig->ep), VTDSIM_ENDPOINT_QUIET);
	KUNIT_EXPECT_EQ(test, rig->count, 1);
}

static void msi_goes_out_without_memory_space(struct kunit *test)
{
	struct rig *rig = test->priv;
	struct vtdsim_command cmd = { .flags = VTDSIM_EP_F_MSI };

	enable_msi(rig);
	vtdsim_function_write(&rig->ep.fn, MSI + 0x10, 1, 4);
	ring(rig, 1, &cmd);
	vtdsim_function_write(&rig->ep.fn, COMMAND, 0x4, 2);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rig->ep), VTDSIM_ENDPOINT_OFF);
	vtdsim_function_write(&rig->ep.fn, MSI + 0x10, 0, 4);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_poll(&rig->ep), VTDSIM_ENDPOINT_BUSY);
	KUNIT_EXPECT_EQ(test, rig->count, 1);
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
