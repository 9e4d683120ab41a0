// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the checks of an endpoint's commands: which are valid, and which the
 * configuration permits.
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <uapi/linux/vtdsim.h>

#include "endpoint/endpoint.h"

#define OP_READ		VTDSIM_EP_OP_READ
#define OP_WRITE		VTDSIM_EP_OP_WRITE
#define OP_ADD		VTDSIM_EP_OP_FETCH_ADD
#define OP_TRANSLATE	VTDSIM_EP_OP_TRANSLATE
#define OP_PAGE		VTDSIM_EP_OP_PAGE_REQUEST
#define BAD		VTDSIM_EP_S_BAD_COMMAND
#define ALL		VTDSIM_EP_BUFFER_SIZE
#define P		VTDSIM_EP_F_PASID

struct check_case {
	const char *name;
	struct vtdsim_command cmd;
	u32 status;
};

static const struct check_case check_cases[] = {
	{ "nop", { .op = VTDSIM_EP_OP_NOP } },
	{ "nop ignores the range", { .op = VTDSIM_EP_OP_NOP, .len = U32_MAX } },
	{ "unknown op", { .op = 6, .len = 4 }, BAD },
	{ "wild op", { .op = U32_MAX, .len = 4 }, BAD },
	{ "read a byte", { .op = OP_READ, .len = 1 } },
	{ "read nothing", { .op = OP_READ }, BAD },
	{ "write nothing", { .op = OP_WRITE }, BAD },
	{ "whole buffer", { .op = OP_WRITE, .len = ALL } },
	{ "more than the buffer", { .op = OP_WRITE, .len = ALL + 1 }, BAD },
	{ "wild length", { .op = OP_READ, .len = U32_MAX, .buf = 1 }, BAD },
	{ "last byte", { .op = OP_READ, .len = 1, .buf = ALL - 1 } },
	{ "beyond the last byte", { .op = OP_READ, .len = 1, .buf = ALL }, BAD },
	{ "over the end", { .op = OP_READ, .len = 2, .buf = ALL - 1 }, BAD },
	{ "sum wraps", { .op = OP_READ, .len = 2, .buf = U32_MAX }, BAD },
	{ "sum wraps to zero", { .op = OP_READ, .len = 4, .buf = -4U }, BAD },
	{ "last address", { .op = OP_READ, .addr = U64_MAX, .len = 1 } },
	{ "last page", { .op = OP_READ, .addr = -4096ull, .len = 4096 } },
	{ "address wraps", { .op = OP_READ, .addr = -4095ull, .len = 4096 }, BAD },
	{ "add 4", { .op = OP_ADD, .addr = 4, .len = 4 } },
	{ "add 8", { .op = OP_ADD, .addr = 8, .len = 8 } },
	{ "add 4 unaligned", { .op = OP_ADD, .addr = 2, .len = 4 }, BAD },
	{ "add 8 unaligned", { .op = OP_ADD, .addr = 4, .len = 8 }, BAD },
	{ "add nothing", { .op = OP_ADD }, BAD },
	{ "add 2", { .op = OP_ADD, .len = 2 }, BAD },
	{ "add 5", { .op = OP_ADD, .len = 5 }, BAD },
	{ "add 12", { .op = OP_ADD, .len = 12 }, BAD },
	{ "add 16", { .op = OP_ADD, .len = 16 }, BAD },
	{ "all flags", { .op = OP_READ, .len = 1, .flags = 0xf } },
	{ "unknown flag", { .op = OP_READ, .len = 1, .flags = 0x400 }, BAD },
	{ "untranslated", { .op = OP_WRITE, .len = 1, .flags = 0x10 } },
	{ "page request", { .op = OP_ADD, .len = 4, .flags = 0x20 } },
	{ "highest group", { .op = OP_READ, .len = 1, .flags = 0x20, .group = 511 } },
	{ "wild group", { .op = OP_READ, .len = 1, .flags = 0x20, .group = 512 }, BAD },
	{ "unused group", { .op = OP_READ, .len = 1, .group = 512 } },
	{ "untranslated page request", { .op = OP_READ, .len = 1, .flags = 0x30 }, BAD },
	{ "translated", { .op = OP_ADD, .len = 4, .flags = 0x200 } },
	{ "translated and untranslated", { .op = OP_READ, .len = 1, .flags = 0x210 }, BAD },
	{ "translated page request", { .op = OP_READ, .len = 1, .flags = 0x220 }, BAD },
	{ "translated with PASID", { .op = OP_READ, .len = 1, .flags = 0x201 }, BAD },
	{ "translate translated", { .op = OP_TRANSLATE, .flags = 0x200 }, BAD },
	{ "untranslated nop", { .op = VTDSIM_EP_OP_NOP, .flags = 0x10 }, BAD },
	{ "read with rights", { .op = OP_READ, .len = 1, .flags = 0x40 }, BAD },
	{ "read with write", { .op = OP_READ, .len = 1, .flags = 0x80 }, BAD },
	{ "read with last", { .op = OP_READ, .len = 1, .flags = 0x100 }, BAD },
	{ "translate", { .op = OP_TRANSLATE, .addr = U64_MAX, .len = U32_MAX } },
	{ "translate to write", { .op = OP_TRANSLATE, .flags = 0x80 } },
	{ "translate to execute", { .op = OP_TRANSLATE, .flags = P | VTDSIM_EP_F_EXEC } },
	{ "translate untranslated", { .op = OP_TRANSLATE, .flags = 0x10 }, BAD },
	{ "translate in a group", { .op = OP_TRANSLATE, .flags = 0x100 }, BAD },
	{ "page to read", { .op = OP_PAGE, .flags = 0x40 } },
	{ "page to write, last", { .op = OP_PAGE, .flags = 0x180, .group = 511 } },
	{ "page for nothing", { .op = OP_PAGE, .flags = 0x100 }, BAD },
	{ "page of a wild group", { .op = OP_PAGE, .flags = 0x40, .group = 512 }, BAD },
	{ "page on page request", { .op = OP_PAGE, .flags = 0x60 }, BAD },
	{ "top flag", { .op = VTDSIM_EP_OP_NOP, .flags = BIT(31) }, BAD },
	{ "priv alone", { .op = OP_READ, .len = 1, .flags = VTDSIM_EP_F_PRIV }, BAD },
	{ "exec alone", { .op = OP_READ, .len = 1, .flags = VTDSIM_EP_F_EXEC }, BAD },
	{ "priv write", { .op = OP_WRITE, .len = 1, .flags = P | VTDSIM_EP_F_PRIV } },
	{ "exec write", { .op = OP_WRITE, .len = 1, .flags = P | VTDSIM_EP_F_EXEC }, BAD },
	{ "exec add", { .op = OP_ADD, .len = 4, .flags = P | VTDSIM_EP_F_EXEC }, BAD },
	{ "msi without PASID", { .op = OP_WRITE, .len = 1, .flags = VTDSIM_EP_F_MSI } },
};

KUNIT_ARRAY_PARAM_DESC(check, check_cases, name);

static void commands_are_checked(struct kunit *test)
{
	const struct check_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_check(&c->cmd), c->status);
}

static void permission_is_needed(struct kunit *test)
{
	struct vtdsim_command cmd = { .op = OP_READ, .len = 1 };
	struct vtdsim_function_state s = {};

	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_permit(&s, &cmd), VTDSIM_EP_S_NO_MASTER);
	s.master = true;
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_permit(&s, &cmd), VTDSIM_EP_S_OK);
	cmd.flags = P;
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_permit(&s, &cmd), VTDSIM_EP_S_NO_PASID);
	s.pasid = true;
	cmd.pasid = 0xfffff;
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_permit(&s, &cmd), VTDSIM_EP_S_OK);
	cmd.pasid = 0x100000;
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_permit(&s, &cmd), VTDSIM_EP_S_NO_PASID);
	cmd.pasid = 0;
	cmd.flags = P | VTDSIM_EP_F_EXEC;
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_permit(&s, &cmd), VTDSIM_EP_S_NO_PASID);
	s.exec = true;
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_permit(&s, &cmd), VTDSIM_EP_S_OK);
	cmd.flags = P | VTDSIM_EP_F_PRIV;
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_permit(&s, &cmd), VTDSIM_EP_S_NO_PASID);
	s.priv = true;
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_permit(&s, &cmd), VTDSIM_EP_S_OK);
	s.master = false;
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_permit(&s, &cmd), VTDSIM_EP_S_NO_MASTER);
}

static void atomics_need_enable(struct kunit *test)
{
	const struct vtdsim_command add = { .op = OP_ADD, .len = 8 };
	const struct vtdsim_command write = { .op = OP_WRITE, .len = 8 };
	struct vtdsim_function_state s = { .master = true };

	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_permit(&s, &add), VTDSIM_EP_S_NO_ATOMICS);
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_permit(&s, &write), VTDSIM_EP_S_OK);
	s.atomics = true;
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_permit(&s, &add), VTDSIM_EP_S_OK);
	s.master = false;
	KUNIT_EXPECT_EQ(test, vtdsim_endpoint_permit(&s, &add), VTDSIM_EP_S_NO_MASTER);
}

static struct kunit_case command_cases[] = {
	KUNIT_CASE_PARAM(commands_are_checked, check_gen_params),
	KUNIT_CASE(permission_is_needed),
	KUNIT_CASE(atomics_need_enable),
	{}
};

static struct kunit_suite command_suite = {
	.name = "vtdsim-command",
	.test_cases = command_cases,
};

kunit_test_suite(command_suite);
