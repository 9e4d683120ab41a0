// SPDX-License-Identifier: GPL-2.0-only
/* The nested backend. */
#include <errno.h>

#include "fixture.h"

#define ERRATUM	IOMMU_HW_INFO_VTD_ERRATA_772415_SPR17

static struct fake_object *attached_domain(struct fixture *f, int dev)
{
	return &f->host.object[f->host.attached[dev]];
}

/* Blocked, pass-through, first stage, and back; the objects go when nobody uses them. */
static void test_attach(void)
{
	struct fixture f;
	__u64 table, other;

	fixture_open(&f, DRIVER_FIRST);
	EXPECT_EQ(f.host.attached[0], f.config.parent);
	fixture_nest(&f, &table);
	EXPECT_EQ(attached_domain(&f, 0)->kind, FAKE_S1);
	EXPECT_EQ(attached_domain(&f, 0)->s1.pgtbl_addr, table);
	EXPECT_EQ(attached_domain(&f, 0)->s1.addr_width, 48);
	EXPECT_EQ(attached_domain(&f, 0)->s1.flags, 0);
	EXPECT_EQ(f.host.calls.detach, 0);
	/* A new domain has nothing that could be invalidated. */
	EXPECT_EQ(f.host.calls.invalidate, 0);

	/* Another table: attached without a detach, and the old domain goes. */
	other = driver_page(&f.d);
	driver_use_table(&f.d, SID, DID, other);
	EXPECT_EQ(attached_domain(&f, 0)->s1.pgtbl_addr, table);
	driver_queue_context(&f.d, SID, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(attached_domain(&f, 0)->s1.pgtbl_addr, other);
	EXPECT_EQ(f.host.calls.detach, 0);
	EXPECT_EQ(f.host.calls.destroy, 1);

	/* Nothing has changed: no call. */
	f.host.calls.attach = 0;
	driver_queue_context(&f.d, SID, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.calls.attach + f.host.calls.alloc_s1, 2);

	driver_use_pass(&f.d, SID, DID);
	driver_queue_context(&f.d, SID, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.attached[0], f.config.parent);
	EXPECT_EQ(f.host.calls.destroy, 2);
	driver_use_nothing(&f.d, SID);
	driver_queue_context(&f.d, SID, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.attached[0], 0);
	EXPECT_EQ(fixture_fault(&f, 0), 0);
	driver_disable(&f.d);
	EXPECT_EQ(f.host.attached[0], f.config.parent);
	fixture_close(&f);
}

static void test_flags(void)
{
	struct fixture f;
	__u64 table, e;

	fixture_open(&f, DRIVER_FIRST);
	fixture_nest(&f, &table);
	e = driver_pasid_entry(&f.d, SID) + 16;
	*driver_word(&f.d, e) |= VUNIT_PASID2_SRE | vunit_put(VUNIT_PASID2_FSPM, 1);
	driver_queue_context(&f.d, SID, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(attached_domain(&f, 0)->s1.flags, IOMMU_VTD_S1_SRE);
	EXPECT_EQ(attached_domain(&f, 0)->s1.addr_width, 57);
	*driver_word(&f.d, e) ^= VUNIT_PASID2_SRE | VUNIT_PASID2_WPE | VUNIT_PASID2_EAFE;
	driver_queue_context(&f.d, SID, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(attached_domain(&f, 0)->s1.flags, IOMMU_VTD_S1_WPE | IOMMU_VTD_S1_EAFE);
	fixture_close(&f);
}

/* Two devices with one table share a domain, under two domain-ids. */
static void test_shared(void)
{
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_FIRST);
	fixture_nest(&f, &table);
	driver_use_table(&f.d, SID_2, DID + 1, table);
	EXPECT_EQ(vunit_device_add(f.unit, SID_2, fake_host_dev(1)), 0);
	EXPECT_EQ(vunit_device_add(f.unit, SID_2, fake_host_dev(2)), -EEXIST);
	EXPECT_EQ(f.host.attached[0], f.host.attached[1]);
	EXPECT_EQ(f.host.calls.alloc_s1, 1);
	f.host.calls.invalidate = 0;
	driver_queue_pages(&f.d, DID, 0x1000, 0);
	driver_queue_pages(&f.d, DID + 1, 0x2000, 0);
	driver_queue_pages(&f.d, DID + 2, 0x3000, 0);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.calls.invalidate, 1);
	EXPECT_EQ(f.host.num, 2);
	vunit_device_remove(f.unit, SID);
	EXPECT_EQ(f.host.calls.destroy, 0);
	EXPECT_EQ(f.host.attached[0], 0);
	vunit_device_remove(f.unit, SID_2);
	EXPECT_EQ(f.host.calls.destroy, 1);
	fixture_close(&f);
}

/* All requests up to the tail are one call, whatever waits are among them. */
static void test_one_call(void)
{
	struct fixture f;
	__u64 table;
	int i;

	fixture_open(&f, DRIVER_FIRST);
	fixture_nest(&f, &table);
	f.host.calls.invalidate = 0;
	for (i = 0; i < 40; i++) {
		driver_queue_pages(&f.d, DID, 0x200000ULL * i + 0x5000, i % 3);
		if (i % 10 == 0)
			driver_queue_wait(&f.d);
	}
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.calls.invalidate, 1);
	EXPECT_EQ(f.host.num, 40);
	EXPECT_EQ(f.host.entries[4].addr, 0x200000 * 4 + 0x4000);
	EXPECT_EQ(f.host.entries[4].npages, 2);
	EXPECT_EQ(f.host.entries[5].addr, 0x200000 * 5 + 0x4000);
	EXPECT_EQ(f.host.entries[5].npages, 4);
	EXPECT_EQ(f.host.entries[5].flags, 0);
	fixture_close(&f);
}

static void test_sizes(void)
{
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_FIRST);
	fixture_nest(&f, &table);
	driver_queue(&f.d, VUNIT_DESC_PIOTLB | 3 << 4 | DID << 16, 0x7000 | VUNIT_INV1_IH);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.entries[0].addr, 0x7000);
	EXPECT_EQ(f.host.entries[0].flags, IOMMU_VTD_INV_FLAGS_LEAF);
	driver_queue_pages(&f.d, DID, ~0ULL, 51);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.entries[0].addr, BIT_ULL(63));
	EXPECT_EQ(f.host.entries[0].npages, BIT_ULL(51));
	driver_queue_pages(&f.d, DID, ~0ULL, 52);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.num, 1);
	EXPECT_EQ(f.host.entries[0].addr, 0);
	EXPECT_EQ(f.host.entries[0].npages, ~0ULL);
	/* One of everything makes the others superfluous. */
	driver_queue_pages(&f.d, DID, 0x1000, 0);
	driver_queue_domain(&f.d, DID);
	driver_queue_pages(&f.d, DID, 0x2000, 0);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.num, 1);
	EXPECT_EQ(f.host.entries[0].npages, ~0ULL);
	/* Other PASIDs are not used. */
	f.host.calls.invalidate = 0;
	driver_queue(&f.d, VUNIT_DESC_PIOTLB | 2 << 4 | DID << 16 | BIT_ULL(32), 0);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.calls.invalidate, 0);
	/* Global */
	driver_queue(&f.d, VUNIT_DESC_IOTLB | 1 << 4, 0);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.calls.invalidate, 1);
	fixture_close(&f);
}

/* The domain-id that an invalidation names is that of the entry as it is then. */
static void test_new_did(void)
{
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_FIRST);
	fixture_nest(&f, &table);
	driver_use_table(&f.d, SID, DID + 1, table);
	f.host.calls.invalidate = 0;
	driver_queue_context(&f.d, SID, DID);
	driver_queue_domain(&f.d, DID + 1);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.calls.invalidate, 1);
	fixture_close(&f);
}

/* A device is silent: no wait is complete, and the guest gets a time-out that names it. */
static void test_time_out(void)
{
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_FIRST);
	fixture_nest(&f, &table);
	f.host.calls.invalidate = 0;
	f.host.fail_invalidate = -ETIMEDOUT;
	driver_queue_wait(&f.d);
	driver_queue_pages(&f.d, DID, 0x1000, 0);
	EXPECT(!driver_wait(&f.d));
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FSTS, 4), VUNIT_FSTS_ITE);
	EXPECT_EQ(vunit_get(VUNIT_IQERCD_ITESID, vunit_read(f.unit, VUNIT_IQERCD, 8)), SID);
	EXPECT_EQ(f.host.calls.invalidate, 1);
	/* Nothing goes on before the error is cleared. */
	f.host.fail_invalidate = 0;
	EXPECT(!driver_wait(&f.d));
	vunit_write(f.unit, VUNIT_FSTS, VUNIT_FSTS_ITE, 4);
	EXPECT(driver_waited(&f.d));
	fixture_close(&f);
}

/* Another error: once more as a whole, and a time-out if that fails, too. */
static void test_other_error(void)
{
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_FIRST);
	fixture_nest(&f, &table);
	f.host.calls.invalidate = 0;
	f.host.fail_invalidate = -ENOMEM;
	driver_queue_pages(&f.d, DID, 0x1000, 0);
	EXPECT(!driver_wait(&f.d));
	EXPECT_EQ(f.host.calls.invalidate, 2);
	EXPECT_EQ(f.host.entries[0].npages, ~0ULL);
	EXPECT_EQ(vunit_read(f.unit, VUNIT_FSTS, 4), VUNIT_FSTS_ITE);
	fixture_close(&f);
}

/* The host refuses a table: the device is blocked, until the guest has another one. */
static void test_refused(void)
{
	struct fixture f;
	__u64 table, other;

	fixture_open(&f, DRIVER_FIRST);
	fixture_nest(&f, &table);
	other = driver_page(&f.d);
	driver_use_table(&f.d, SID, DID, other);
	f.host.fail_alloc = -EINVAL;
	driver_queue_context(&f.d, SID, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.attached[0], 0);
	EXPECT_EQ(fixture_fault(&f, 0), 0x5b);
	EXPECT_EQ(f.host.calls.destroy, 1);
	driver_queue_context(&f.d, SID, DID);
	f.host.fail_attach = -ENOSPC;
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.attached[0], 0);
	EXPECT_EQ(fixture_fault(&f, 1), 0x5b);
	EXPECT_EQ(f.host.calls.destroy, 2);
	driver_queue_context(&f.d, SID, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(attached_domain(&f, 0)->s1.pgtbl_addr, other);
	fixture_close(&f);
}

/* Read-only memory is left out on units with the erratum, and only there. */
static void test_erratum(void)
{
	struct fixture f;

	fixture_open(&f, DRIVER_FIRST);
	EXPECT_EQ(f.host.object[f.config.ioas].num, 3);
	EXPECT_EQ(vunit_memory_remove(f.unit, ROM_GPA, ROM_SIZE), 0);
	EXPECT_EQ(f.host.object[f.config.ioas].num, 2);
	fixture_close(&f);

	f.config = (struct vunit_config) {
		.hw = { .flags = ERRATUM, .cap_reg = HOST_CAP, .ecap_reg = HOST_ECAP },
	};
	fixture_open_config(&f, DRIVER_FIRST);
	EXPECT_EQ(f.host.object[f.config.ioas].num, 2);
	EXPECT_EQ(vunit_memory_remove(f.unit, ROM_GPA, ROM_SIZE), 0);
	fixture_close(&f);

	f.config.max_mappings = 64;
	fixture_open_config(&f, DRIVER_SECOND);
	EXPECT_EQ(f.host.object[f.config.ioas].num, 3);
	fixture_close(&f);
}

/* Legacy second-stage tables cannot be nested. */
static void test_legacy(void)
{
	struct fixture f;
	__u64 table;

	fixture_open(&f, DRIVER_FIRST);
	f.d.mode = DRIVER_LEGACY;
	fixture_nest(&f, &table);
	EXPECT_EQ(f.host.attached[0], 0);
	EXPECT_EQ(fixture_fault(&f, 0), 0x03);
	driver_use_pass(&f.d, SID, DID);
	driver_queue_context(&f.d, SID, DID);
	EXPECT(driver_wait(&f.d));
	EXPECT_EQ(f.host.attached[0], f.config.parent);
	fixture_close(&f);
}

static const struct test_case cases[] = {
	{ "attach, replace, pass through, block", test_attach },
	{ "flags and levels", test_flags },
	{ "two devices with one table", test_shared },
	{ "one call up to the tail", test_one_call },
	{ "sizes of invalidations", test_sizes },
	{ "a new domain-id", test_new_did },
	{ "a device that is silent", test_time_out },
	{ "invalidation fails", test_other_error },
	{ "a table that the host refuses", test_refused },
	{ "erratum", test_erratum },
	{ "legacy mode", test_legacy },
	{}
};

const struct test_suite suite_nested = { "nested", cases };
