// SPDX-License-Identifier: GPL-2.0-only
/* Registers and capabilities. */
#include <errno.h>

#include "fixture.h"

static __u64 cap_of(enum vunit_mode mode, __u64 host_cap)
{
	const struct vunit_vmm_ops ops = {};
	const struct vunit_config config = {
		.mode = mode,
		.hw = { .cap_reg = host_cap, .ecap_reg = HOST_ECAP },
		.ops = &ops,
	};
	__u64 cap, ecap;

	vunit_capabilities(&config, &cap, &ecap);
	return cap;
}

static __u64 ecap_of(enum vunit_mode mode, __u64 host_ecap, bool pages)
{
	const struct vunit_vmm_ops ops = { .respond = (void *)1 };
	const struct vunit_config config = {
		.mode = mode,
		.hw = { .cap_reg = HOST_CAP, .ecap_reg = host_ecap },
		.page_requests = pages,
		.ops = &ops,
	};
	__u64 cap, ecap;

	vunit_capabilities(&config, &cap, &ecap);
	return ecap;
}

/* Each bit is there if the host has it and the mode allows it. */
static void test_capabilities(void)
{
	const __u64 both = VUNIT_ECAP_C | VUNIT_ECAP_QI | VUNIT_ECAP_PT | VUNIT_ECAP_SMTS |
			   vunit_put(VUNIT_ECAP_IRO, 0x50);
	const __u64 no_pages = VUNIT_ECAP_SC | VUNIT_ECAP_SRS | VUNIT_ECAP_EAFS |
			       VUNIT_ECAP_SMPWCS | VUNIT_ECAP_FSTS;

	EXPECT_EQ(ecap_of(VUNIT_NESTED, 0, true), both | VUNIT_ECAP_FSTS);
	EXPECT_EQ(ecap_of(VUNIT_NESTED, ~0ULL, false), both | no_pages);
	EXPECT_EQ(ecap_of(VUNIT_NESTED, ~0ULL, true),
		  both | no_pages | VUNIT_ECAP_PRS | VUNIT_ECAP_PDS | VUNIT_ECAP_DT);
	EXPECT_EQ(ecap_of(VUNIT_NESTED, ~VUNIT_ECAP_PRS, true), both | no_pages);
	EXPECT_EQ(ecap_of(VUNIT_SHADOW, ~0ULL, true), both | VUNIT_ECAP_SC | VUNIT_ECAP_SSTS);
	EXPECT(cap_of(VUNIT_NESTED, 0) & VUNIT_CAP_CM);
	EXPECT(cap_of(VUNIT_SHADOW, 0) & VUNIT_CAP_CM);
	EXPECT(!(cap_of(VUNIT_NESTED, 0) & (VUNIT_CAP_FS5LP | VUNIT_CAP_FS1GP)));
	EXPECT(cap_of(VUNIT_NESTED, ~0ULL) & VUNIT_CAP_FS5LP);
	EXPECT(!(cap_of(VUNIT_SHADOW, ~0ULL) & (VUNIT_CAP_FS5LP | VUNIT_CAP_FS1GP)));
	EXPECT_EQ(vunit_get(VUNIT_CAP_SSLPS, cap_of(VUNIT_SHADOW, 0)), 3);
	EXPECT_EQ(vunit_get(VUNIT_CAP_SAGAW, cap_of(VUNIT_SHADOW, HOST_CAP)), 0xe);
	EXPECT_EQ(vunit_get(VUNIT_CAP_NFR, cap_of(VUNIT_NESTED, ~0ULL)), 7);
}

static void test_no_nest(void)
{
	const struct vunit_config config = {
		.mode = VUNIT_NESTED,
		.hw = { .cap_reg = HOST_CAP, .ecap_reg = HOST_ECAP & ~VUNIT_ECAP_NEST },
	};

	errno = 0;
	EXPECT(!vunit_create(&config));
	EXPECT_EQ(errno, EOPNOTSUPP);
}

static void test_access(void)
{
	struct fixture f;

	fixture_open(&f, DRIVER_SECOND);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_VER, 4), 0x60);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_CAP, 8), f.unit->cap);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_CAP + 4, 4), f.unit->cap >> 32);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_CAP + 1, 4), ~0ULL);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_CAP, 2), ~0ULL);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_REGS_SIZE, 4), ~0ULL);
	vunit_write(f.unit, VUNIT_CAP, 0, 8);
	vunit_write(f.unit, VUNIT_VER, 0, 4);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_CAP, 8), f.unit->cap);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_VER, 4), 0x60);

	/* In halves, and with reserved bits. */
	vunit_write(f.unit, VUNIT_RTADDR, 0x12345fff, 4);
	vunit_write(f.unit, VUNIT_RTADDR + 4, 0x9, 4);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_RTADDR, 8), 0x912345c00);
	vunit_write(f.unit, VUNIT_IQA, ~0ULL, 8);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_IQA, 8),
		  VUNIT_IQA_IQA | VUNIT_IQA_DW | VUNIT_IQA_QS);
	/* Two registers of 4 bytes at once */
	vunit_write(f.unit, VUNIT_FECTL + VUNIT_EVENT_ADDR, 0x7fee01003, 8);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FECTL + VUNIT_EVENT_ADDR, 4), 0xfee01000);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FECTL + VUNIT_EVENT_UADDR, 4), 7);
	/* Without page requests, these are not there. */
	vunit_write(f.unit, VUNIT_PQA, ~0ULL, 8);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_PQA, 8), 0);
	fixture_close(&f);
}

static void test_commands(void)
{
	struct fixture f;

	fixture_open(&f, DRIVER_SECOND);
	vunit_write(f.unit, VUNIT_GCMD, VUNIT_G_RTP, 4);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_GSTS, 4), VUNIT_G_RTP);
	vunit_write(f.unit, VUNIT_GCMD, ~0ULL, 4);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_GSTS, 4), VUNIT_G_RTP | VUNIT_G_TE | VUNIT_G_QI);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_GCMD, 4), 0);
	vunit_write(f.unit, VUNIT_GCMD, VUNIT_G_QI, 4);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_GSTS, 4), VUNIT_G_RTP | VUNIT_G_QI);
	vunit_reset(f.unit);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_GSTS, 4), 0);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FECTL, 4), VUNIT_EVENT_IM);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_CAP, 8), f.unit->cap);
	fixture_close(&f);
}

static const struct test_case cases[] = {
	{ "capabilities of each mode", test_capabilities },
	{ "a host that cannot nest", test_no_nest },
	{ "accesses", test_access },
	{ "global commands and reset", test_commands },
	{}
};

const struct test_suite suite_registers = { "registers", cases };
