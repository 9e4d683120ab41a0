// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of the DMAR table, and of what a driver finds there but not in a register.
 */
#include <kunit/test.h>
#include <linux/vtdsim.h>

#include "boot/dmar_table.h"
#include "kunit_case.h"
#include "vtdsim.h"

static const struct vtdsim_options configs[] = {
	{ .caps.haw = 46, .segment = 0x1234, .reg_base = 0x3ffffff00000 },
	{ .caps.haw = 45, .segment = 0x2345, .reg_base = 0x3ffffff01000 },
};

static const struct vtdsim_options with_ports[] = {
	{ .caps.haw = 46, .segment = 0x1234, .place.topology = VTDSIM_PORTS },
	{ .caps.haw = 46, .segment = 0x2345, .place.topology = VTDSIM_BRIDGE },
	{ .caps.haw = 46, .segment = 0x3456, .place.topology = VTDSIM_SWITCH },
};

/* Two units, a reserved memory region, and the proximity of a unit */
static const struct {
	struct acpi_table_dmar dmar;
	struct acpi_dmar_hardware_unit unit[2];
	struct acpi_dmar_reserved_memory region;
	struct acpi_dmar_rhsa proximity;
} __packed firmware = {
	.dmar = {
		.header.signature = ACPI_SIG_DMAR,
		.header.length = sizeof(firmware),
		.header.checksum = 0x55,
		.header.oem_id = "FWARE ",
		.width = 38,
		.flags = 5,
	},
	.unit = {
		{ .header = { ACPI_DMAR_TYPE_HARDWARE_UNIT, 16 },
		  .address = 0xfed90000 },
		{ .header = { ACPI_DMAR_TYPE_HARDWARE_UNIT, 16 },
		  .address = 0xfed91000, .flags = 1 },
	},
	.region = {
		.header = { ACPI_DMAR_TYPE_RESERVED_MEMORY, 24 },
		.base_address = 0x1000, .end_address = 0x1fff,
	},
	.proximity = {
		.header = { ACPI_DMAR_TYPE_HARDWARE_AFFINITY, 20 },
		.base_address = 0xfed90000,
	},
};

static void expect_unit(struct kunit *test, const void *at)
{
	const struct acpi_dmar_hardware_unit *unit = at;

	KUNIT_EXPECT_EQ(test, unit->header.type, 0);
	KUNIT_EXPECT_EQ(test, unit->header.length, 16);
	KUNIT_EXPECT_EQ(test, unit->flags, 1);
	KUNIT_EXPECT_EQ(test, unit->size, 0);
	KUNIT_EXPECT_EQ(test, unit->segment, 0x1234);
	KUNIT_EXPECT_EQ(test, unit->address, 0x3ffffff00000);
}

static void expect_checksum(struct kunit *test, const u8 *table, size_t length)
{
	u8 sum = 0;

	while (length--)
		sum += *table++;
	KUNIT_EXPECT_EQ(test, sum, 0);
}

static void dmar_alone(struct kunit *test)
{
	u8 *buf = kunit_kzalloc(test, 128, GFP_KERNEL);
	const struct acpi_table_dmar *dmar = (void *)buf;
	size_t length;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	length = vtdsim_dmar_compose(buf, 128, NULL, configs, 1);
	KUNIT_ASSERT_EQ(test, length, 48 + 16);
	KUNIT_EXPECT_MEMEQ(test, dmar->header.signature, "DMAR", 4);
	KUNIT_EXPECT_EQ(test, dmar->header.length, length);
	KUNIT_EXPECT_EQ(test, dmar->width, 45);
	KUNIT_EXPECT_EQ(test, dmar->flags, 0);
	expect_unit(test, buf + 48);
	expect_checksum(test, buf, length);
}

/* Behind the firmware's units, before everything else */
static void beside_firmware(struct kunit *test)
{
	u8 *buf = kunit_kzalloc(test, 256, GFP_KERNEL);
	const struct acpi_table_dmar *dmar = (void *)buf;
	size_t length;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	length = vtdsim_dmar_compose(buf, 256, &firmware.dmar.header, configs, 1);
	KUNIT_ASSERT_EQ(test, length, sizeof(firmware) + 16);
	KUNIT_EXPECT_EQ(test, dmar->header.length, length);
	KUNIT_EXPECT_MEMEQ(test, dmar->header.oem_id, "FWARE ", 6);
	KUNIT_EXPECT_EQ(test, dmar->width, 38);
	KUNIT_EXPECT_EQ(test, dmar->flags, 5);
	KUNIT_EXPECT_MEMEQ(test, buf + 48, firmware.unit, 32);
	expect_unit(test, buf + 80);
	KUNIT_EXPECT_MEMEQ(test, buf + 96, &firmware.region, 24);
	KUNIT_EXPECT_MEMEQ(test, buf + 120, &firmware.proximity, 20);
	expect_checksum(test, buf, length);
}

static void two_units(struct kunit *test)
{
	u8 *buf = kunit_kzalloc(test, 128, GFP_KERNEL);
	const struct acpi_table_dmar *dmar = (void *)buf;
	const struct acpi_dmar_hardware_unit *second = (void *)buf + 64;
	size_t length;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	length = vtdsim_dmar_compose(buf, 128, NULL, configs, 2);
	KUNIT_ASSERT_EQ(test, length, 48 + 2 * 16);
	KUNIT_EXPECT_EQ(test, dmar->width, 45);
	expect_unit(test, buf + 48);
	KUNIT_EXPECT_EQ(test, second->header.type, 0);
	KUNIT_EXPECT_EQ(test, second->header.length, 16);
	KUNIT_EXPECT_EQ(test, second->flags, 1);
	KUNIT_EXPECT_EQ(test, second->segment, 0x2345);
	KUNIT_EXPECT_EQ(test, second->address, 0x3ffffff01000);
	expect_checksum(test, buf, length);
	KUNIT_EXPECT_EQ(test, vtdsim_dmar_compose(buf, length - 1, NULL, configs, 2), 0);
}

static void expect_ports(struct kunit *test, const void *at, u16 segment)
{
	const struct acpi_dmar_atsr *ports = at;

	KUNIT_EXPECT_EQ(test, ports->header.type, 2);
	KUNIT_EXPECT_EQ(test, ports->header.length, 8);
	KUNIT_EXPECT_EQ(test, ports->flags, 1);
	KUNIT_EXPECT_EQ(test, ports->segment, segment);
}

/* Behind memory regions, and in front of types with a higher number */
static void ports_forward_ats(struct kunit *test)
{
	const size_t units = sizeof(firmware) + 3 * 16;
	u8 *buf = kunit_kzalloc(test, 256, GFP_KERNEL);
	const struct acpi_table_dmar *dmar = (void *)buf;
	size_t length;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	length = vtdsim_dmar_compose(buf, 256, &firmware.dmar.header, with_ports, 3);
	KUNIT_ASSERT_EQ(test, length, units + 2 * 8);
	KUNIT_EXPECT_EQ(test, dmar->header.length, length);
	KUNIT_EXPECT_MEMEQ(test, buf + 128, &firmware.region, 24);
	expect_ports(test, buf + 152, 0x1234);
	expect_ports(test, buf + 160, 0x3456);
	KUNIT_EXPECT_MEMEQ(test, buf + 168, &firmware.proximity, 20);
	expect_checksum(test, buf, length);
	KUNIT_EXPECT_EQ(test, vtdsim_dmar_compose(buf, length - 1, &firmware.dmar.header,
						  with_ports, 3), 0);
}

static void dmar_room(struct kunit *test)
{
	const size_t need = sizeof(firmware) + 16;
	u8 *buf = kunit_kzalloc(test, need, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	KUNIT_EXPECT_EQ(test, vtdsim_dmar_compose(buf, need - 1,
						  &firmware.dmar.header,
						  configs, 1), 0);
	KUNIT_EXPECT_EQ(test, buf[0], 0);
	KUNIT_EXPECT_EQ(test, vtdsim_dmar_compose(buf, need,
						  &firmware.dmar.header,
						  configs, 1), need);
}

/* An address that is not a unit's has no erratum. */
static void erratum_by_address(struct kunit *test)
{
	const struct vtdsim_options *config = vtdsim_options;
	unsigned int i;

	if (!vtdsim_unit_count)
		kunit_skip(test, "needs vtdsim=on");

	for (i = 0; i < vtdsim_unit_count; i++, config++)
		KUNIT_EXPECT_EQ(test, vtdsim_has_erratum_772415(config->reg_base),
				config->caps.erratum_772415);
	config--;
	KUNIT_EXPECT_EQ(test, vtdsim_has_erratum_772415(config->reg_base + PAGE_SIZE), -ENODEV);
	KUNIT_EXPECT_EQ(test, vtdsim_has_erratum_772415(0xfed90000), -ENODEV);
}

static struct kunit_case boot_cases[] = {
	VTDSIM_CASE(dmar, alone),
	KUNIT_CASE(beside_firmware),
	KUNIT_CASE(two_units),
	KUNIT_CASE(ports_forward_ats),
	VTDSIM_CASE(dmar, room),
	KUNIT_CASE(erratum_by_address),
	{}
};

static struct kunit_suite boot_suite = {
	.name = "vtdsim-boot",
	.test_cases = boot_cases,
};

kunit_test_suite(boot_suite);
