// SPDX-License-Identifier: GPL-2.0-only
/* Root, context and PASID tables. */
#include "fixture.h"

/* Invalidate, and return the reason of the fault that the guest gets for it. */
static __u8 reason_after(struct fixture *f)
{
	__u8 reason;

	driver_queue_context(&f->d, SID, DID);
	EXPECT(driver_wait(&f->d));
	reason = fixture_fault(f, f->unit->fault_next ? f->unit->fault_next - 1 :
							VUNIT_FRCD_COUNT - 1);
	vunit_write(f->unit, VUNIT_FRCD + VUNIT_FRCD_SIZE *
		    ((f->unit->fault_next + VUNIT_FRCD_COUNT - 1) % VUNIT_FRCD_COUNT) +
		    VUNIT_FRCD_HIGH, VUNIT_FRCD_F, 8);
	return reason;
}

/* Set bits of a word, look at the fault, and set the word back. */
static __u8 reason_with(struct fixture *f, __u64 gpa, __u64 set, __u64 clear)
{
	__u64 *word = driver_word(&f->d, gpa), old = *word;
	__u8 reason;

	*word = (old & ~clear) | set;
	reason = reason_after(f);
	EXPECT_EQ(f->host.attached[0], 0);
	*word = old;
	EXPECT_EQ(reason_after(f), 0);
	EXPECT(f->host.attached[0]);
	return reason;
}

static void test_legacy(void)
{
	struct fixture f;
	__u64 table, context;

	fixture_open(&f, DRIVER_LEGACY);
	fixture_nest(&f, &table);
	context = driver_context_entry(&f.d, SID);
	EXPECT_EQ(reason_with(&f, f.d.root, 0, 1), 0);
	EXPECT_EQ(reason_with(&f, f.d.root, 2, 0), 0x0a);
	EXPECT_EQ(reason_with(&f, f.d.root + 8, 1, 0), 0x0a);
	EXPECT_EQ(reason_with(&f, f.d.root, ROM_GPA * 16, 0), 0x09);
	EXPECT_EQ(reason_with(&f, context, 0, 1), 0);
	EXPECT_EQ(reason_with(&f, context, 0x10, 0), 0x0b);
	EXPECT_EQ(reason_with(&f, context, BIT_ULL(52), 0), 0x0b);
	EXPECT_EQ(reason_with(&f, context + 8, 0x80, 0), 0x0b);
	EXPECT_EQ(reason_with(&f, context + 8, BIT_ULL(24), 0), 0x0b);
	EXPECT_EQ(reason_with(&f, context, 3 << 2, 0), 0x03);
	EXPECT_EQ(reason_with(&f, context, 1 << 2, 0), 0x03);
	/* AW: 4 and 0 are no widths, 3 is one. */
	EXPECT_EQ(reason_with(&f, context + 8, 4, 7), 0x03);
	EXPECT_EQ(reason_with(&f, context + 8, 0, 7), 0x03);
	*driver_word(&f.d, context + 8) += 1;
	EXPECT_EQ(reason_after(&f), 0);
	EXPECT_EQ(f.unit->devices->now.levels, 5);
	/* FPD: blocked, and no fault recorded */
	EXPECT_EQ(reason_with(&f, context, 3 << 2 | 2, 0), 0);
	fixture_close(&f);
}

static void test_scalable(enum driver_mode mode)
{
	struct fixture f;
	__u64 table, context, dir, e;

	fixture_open(&f, mode);
	fixture_nest(&f, &table);
	context = driver_context_entry(&f.d, SID);
	e = driver_pasid_entry(&f.d, SID);
	dir = *driver_word(&f.d, context) & VUNIT_POINTER;
	EXPECT_EQ(reason_with(&f, f.d.root, 0, 1), 0);
	EXPECT_EQ(reason_with(&f, f.d.root, 2, 0), 0x3a);
	EXPECT_EQ(reason_with(&f, f.d.root, ROM_GPA * 16, 0), 0x40);
	EXPECT_EQ(reason_with(&f, context, 0, 1), 0);
	EXPECT_EQ(reason_with(&f, context, 1 << 5, 0), 0x42);
	EXPECT_EQ(reason_with(&f, context, VUNIT_CTX0_PASIDE, 0), 0x42);
	EXPECT_EQ(reason_with(&f, context, VUNIT_CTX0_DTE, 0), 0x42);
	EXPECT_EQ(reason_with(&f, context, VUNIT_CTX0_PRE, 0), 0x42);
	EXPECT_EQ(reason_with(&f, context + 8, 1, 0), 0x42);
	EXPECT_EQ(reason_with(&f, context + 24, 1, 0), 0x42);
	EXPECT_EQ(reason_with(&f, context, ROM_GPA * 16, 0), 0x50);
	EXPECT_EQ(reason_with(&f, dir, 0, 1), 0);
	EXPECT_EQ(reason_with(&f, dir, 4, 0), 0x52);
	EXPECT_EQ(reason_with(&f, dir, ROM_GPA * 16, 0), 0x58);
	EXPECT_EQ(reason_with(&f, e, 0, 1), 0);
	EXPECT_EQ(reason_with(&f, e, 1 << 5, 0), 0x5a);
	EXPECT_EQ(reason_with(&f, e, BIT_ULL(9), 0), 0x5a);
	EXPECT_EQ(reason_with(&f, e + 8, BIT_ULL(16), 0), 0x5a);
	EXPECT_EQ(reason_with(&f, e + 16, 2, 0), 0x5a);
	EXPECT_EQ(reason_with(&f, e + 24, 1, 0), 0x5a);
	EXPECT_EQ(reason_with(&f, e + 56, BIT_ULL(63), 0), 0x5a);
	EXPECT_EQ(reason_with(&f, e, vunit_put(VUNIT_PASID0_PGTT, 7), 0), 0x5b);
	EXPECT_EQ(reason_with(&f, e, VUNIT_PASID0_FPD | vunit_put(VUNIT_PASID0_PGTT, 7), 0), 0);
	if (mode == DRIVER_FIRST) {
		/* There is no second stage, nor a third mode of paging. */
		EXPECT_EQ(reason_with(&f, e, PAGE, 0), 0x5a);
		EXPECT_EQ(reason_with(&f, e + 16, vunit_put(VUNIT_PASID2_FSPM, 2), 0), 0x5b);
	} else {
		EXPECT_EQ(reason_with(&f, e + 16, PAGE, 0), 0x5a);
		EXPECT_EQ(reason_with(&f, e + 16, VUNIT_PASID2_WPE, 0), 0x5a);
		EXPECT_EQ(reason_with(&f, e, vunit_put(VUNIT_PASID0_AW, 4),
				      VUNIT_PASID0_AW), 0x5b);
	}
	fixture_close(&f);
}

static void test_scalable_first(void)
{
	test_scalable(DRIVER_FIRST);
}

static void test_scalable_second(void)
{
	test_scalable(DRIVER_SECOND);
}

/* The root table itself, and modes that are none */
static void test_root(void)
{
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_SECOND);
	fixture_nest(&f, &table);
	vunit_write(f.unit, VUNIT_RTADDR, 0x7ffff000 | BIT_ULL(10), 8);
	vunit_write(f.unit, VUNIT_GCMD, VUNIT_G_QI | VUNIT_G_TE | VUNIT_G_RTP, 4);
	EXPECT_EQ(fixture_fault(&f, 0), 0x38);
	vunit_write(f.unit, VUNIT_RTADDR, f.d.root | BIT_ULL(11), 8);
	vunit_write(f.unit, VUNIT_GCMD, VUNIT_G_QI | VUNIT_G_TE | VUNIT_G_RTP, 4);
	EXPECT_EQ(f.host.attached[0], 0);
	EXPECT_EQ(f.unit->devices->now.reason, 0x30);
	fixture_close(&f);
}

/* A device in the upper half of another bus */
static void test_other_device(void)
{
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_SECOND);
	fixture_nest(&f, &table);
	EXPECT_EQ(vunit_device_add(f.unit, SID_2, fake_host_dev(1)), 0);
	EXPECT_EQ(f.host.attached[1], 0);
	driver_use_table(&f.d, SID_2, DID, table);
	driver_queue_context(&f.d, SID_2, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT(f.host.attached[1]);
	vunit_device_remove(f.unit, SID_2);
	EXPECT_EQ(f.host.attached[1], 0);
	fixture_close(&f);
}

static const struct test_case cases[] = {
	{ "legacy entries", test_legacy },
	{ "scalable entries, first stage", test_scalable_first },
	{ "scalable entries, second stage", test_scalable_second },
	{ "root table", test_root },
	{ "another device", test_other_device },
	{}
};

const struct test_suite suite_entries = { "entries", cases };
