// SPDX-License-Identifier: GPL-2.0-only
/*
 * The DMAR table (VT-d specification chapter 8): the firmware's, with the modelled
 * units added. Each of them is the unit of all devices of a segment, and all root ports of
 * that forward ATS.
 */
#define pr_fmt(fmt) "vtdsim: " fmt

#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "boot/dmar_table.h"
#include "boot/units.h"
#include "boot/window.h"
#include "unit/registers.h"
#include "unit/unit.h"

enum dmar_state { DMAR_UNKNOWN, DMAR_COMPOSED, DMAR_FIRMWARE };

/* Protects the variables below. The table does not change once it is composed. */
static DEFINE_MUTEX(dmar_lock);
static enum dmar_state dmar_state;
/* Drivers keep pointers into it. */
static u8 dmar_table[PAGE_SIZE] __aligned(8);

static const struct acpi_table_dmar dmar_empty = {
	.header = {
		.signature = ACPI_SIG_DMAR,
		.length = sizeof(dmar_empty),
		.revision = 1,
		.oem_id = "VTDSIM",
		.oem_table_id = "VTDSIM  ",
	},
};

/*
 * Structures are in the order of their types (section 8.2). Returns where those of types up
 * to @last end.
 */
static size_t dmar_end_of(enum acpi_dmar_type last, const void *table, size_t length)
{
	size_t at = sizeof(struct acpi_table_dmar);

	while (at + sizeof(struct acpi_dmar_header) <= length) {
		const struct acpi_dmar_header *entry = table + at;

		if (entry->type > last ||
		    entry->length < sizeof(*entry) || entry->length > length - at)
			break;
		at += entry->length;
	}
	return at;
}

static u8 dmar_checksum(const u8 *bytes, size_t length)
{
	u8 sum = 0;

	while (length--)
		sum += *bytes++;
	return -sum;
}

static bool dmar_has_ports(const struct vtdsim_options *options)
{
	return options->place.topology == VTDSIM_PORTS ||
	       options->place.topology == VTDSIM_SWITCH;
}

static void *dmar_add_units(struct acpi_dmar_hardware_unit *unit,
			    const struct vtdsim_options *options, unsigned int n)
{
	for (; n--; options++)
		*unit++ = (struct acpi_dmar_hardware_unit) {
			.header.type = ACPI_DMAR_TYPE_HARDWARE_UNIT,
			.header.length = sizeof(*unit),
			.flags = ACPI_DMAR_INCLUDE_ALL,
			.segment = options->segment,
			.address = options->reg_base,
		};
	return unit;
}

static void *dmar_add_ports(struct acpi_dmar_atsr *ports,
			    const struct vtdsim_options *options, unsigned int n)
{
	for (; n--; options++)
		if (dmar_has_ports(options))
			*ports++ = (struct acpi_dmar_atsr) {
				.header.type = ACPI_DMAR_TYPE_ROOT_ATS,
				.header.length = sizeof(*ports),
				.flags = ACPI_DMAR_ALL_PORTS,
				.segment = options->segment,
			};
	return ports;
}

static size_t dmar_bytes_added(const struct vtdsim_options *options, unsigned int n)
{
	size_t bytes = n * sizeof(struct acpi_dmar_hardware_unit);

	for (; n--; options++)
		if (dmar_has_ports(options))
			bytes += sizeof(struct acpi_dmar_atsr);
	return bytes;
}

/**
 * vtdsim_dmar_compose() - compose a DMAR table with the modelled units
 * @buf: buffer for the table
 * @size: bytes there
 * @firmware: the firmware's table, or NULL
 * @options: segments and register addresses of the units, host address width
 * @n: how many
 *
 * The units follow the firmware's, each with INCLUDE_PCI_ALL of its segment
 * (sections 8.1 and 8.3). Where a segment has root ports, all of them forward ATS (section 8.5).
 *
 * Context: Any.
 * Return: length of the table, 0 if it does not fit.
 */
size_t vtdsim_dmar_compose(void *buf, size_t size,
			   const struct acpi_table_header *firmware,
			   const struct vtdsim_options *options, unsigned int n)
{
	const void *from = firmware ?: &dmar_empty.header;
	size_t length = firmware ? firmware->length : sizeof(dmar_empty);
	size_t units = dmar_end_of(ACPI_DMAR_TYPE_HARDWARE_UNIT, from, length);
	size_t ports = dmar_end_of(ACPI_DMAR_TYPE_ROOT_ATS, from, length);
	size_t added = dmar_bytes_added(options, n);
	struct acpi_table_dmar *dmar = buf;
	void *at;

	if (length < sizeof(*dmar) || length + added > size)
		return 0;

	memcpy(buf, from, units);
	at = dmar_add_units(buf + units, options, n);
	memcpy(at, from + units, ports - units);
	at = dmar_add_ports(at + (ports - units), options, n);
	memcpy(at, from + ports, length - ports);
	length += added;

	if (!firmware)
		dmar->width = options->caps.haw - 1;
	dmar->header.length = length;
	dmar->header.checksum = 0;
	dmar->header.checksum = dmar_checksum(buf, length);
	return length;
}

/*
 * Software remaps no interrupts unless all units can, and one of them has the I/O APIC.
 * That is none of the modelled ones, so the machine has to have one.
 */
static void dmar_check_interrupts(const struct acpi_table_header *firmware)
{
	const struct acpi_table_dmar *dmar = (const struct acpi_table_dmar *)firmware;
	bool machine = dmar && dmar->flags & ACPI_DMAR_INTR_REMAP;
	unsigned int i;

	for (i = 0; i < vtdsim_unit_count; i++) {
		bool unit = vtdsim_options[i].caps.ecap & VTDSIM_ECAP_IR;

		if (unit != machine)
			pr_info("interrupts are not remapped: %s cannot\n",
				unit ? "the machine" : vtdsim_units[i].name);
	}
}

static enum dmar_state dmar_prepare(void)
{
	struct acpi_table_header *firmware = NULL;
	bool fits;

	if (ACPI_FAILURE(acpi_get_table(ACPI_SIG_DMAR, 1, &firmware)))
		firmware = NULL;
	dmar_check_interrupts(firmware);
	fits = vtdsim_dmar_compose(dmar_table, sizeof(dmar_table), firmware,
				   vtdsim_options, vtdsim_unit_count);
	if (firmware)
		acpi_put_table(firmware);
	if (fits)
		return DMAR_COMPOSED;

	pr_err("no room for the units in the DMAR table\n");
	vtdsim_unit_count = 0;
	return DMAR_FIRMWARE;
}

/**
 * vtdsim_acpi_get_table() - acpi_get_table(), with the modelled units in DMAR
 * @signature: signature of the table
 * @instance: which of the tables with that signature
 * @table: the table, on success
 *
 * Context: As acpi_get_table(), from early boot on. May sleep.
 * Return: as acpi_get_table().
 */
acpi_status vtdsim_acpi_get_table(acpi_string signature, u32 instance,
				  struct acpi_table_header **table)
{
	enum dmar_state state;

	if (!static_branch_unlikely(&vtdsim_active) ||
	    strncmp(signature, ACPI_SIG_DMAR, ACPI_NAMESEG_SIZE) ||
	    instance > 1)
		return acpi_get_table(signature, instance, table);

	mutex_lock(&dmar_lock);
	if (dmar_state == DMAR_UNKNOWN)
		dmar_state = dmar_prepare();
	state = dmar_state;
	mutex_unlock(&dmar_lock);

	if (state == DMAR_FIRMWARE)
		return acpi_get_table(signature, instance, table);
	*table = (struct acpi_table_header *)dmar_table;
	return AE_OK;
}

/**
 * vtdsim_acpi_put_table() - acpi_put_table(), for what the above returned
 * @table: the table
 *
 * Context: As acpi_put_table().
 */
void vtdsim_acpi_put_table(struct acpi_table_header *table)
{
	if ((u8 *)table != dmar_table)
		acpi_put_table(table);
}
