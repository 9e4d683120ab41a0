// SPDX-License-Identifier: GPL-2.0-only
/*
 * The boot parameter: vtdsim=on, or a comma-separated list of
 *
 *	spr, gnr, icx	profile of the unit; the default is spr
 *	fsonly		profile of a unit that has no second stage
 *	noncoherent	profile of a unit that reads tables from memory only
 *	cap.FIELD=N	field of the Capability Register, see capabilities.c
 *	ecap.FIELD=N	field of the Extended Capability Register
 *	ir		the unit remaps interrupts
 *	erratum		the unit has erratum 772415, as the profile spr
 *	no-erratum	the unit does not have it, whatever the profile
 *	endpoints=N	number of endpoints of the own kind, 1 to 16
 *	endpoint=KIND	one more endpoint: own, own-msix, edu or ioat
 *	functions=N	endpoints that are functions of one device, 1 to 8
 *	ports, switch, bridge
 *			they are behind root ports, a switch, or a bridge to PCI
 *	acs		functions and ports have Access Control Services
 *	queue_delay=NS	time that the unit takes for a wait descriptor
 *	desc_delay=NS	time that it takes for any other descriptor
 *	queue_async	the queue works beside the CPUs, in order
 *	async=SEED	the unit works beside the CPUs, in any order; 0 does not
 *	fill_line	walks cache eight neighbouring translations
 *	iotlb=N, pasid_cache=N, psc=N, devtlb=N
 *			entries in the IOTLB, in the PASID-cache, in the
 *			paging-structure caches, in each endpoint's device TLB
 *	segment=N	PCI segment of the unit and its endpoints, not 0
 *	unit		the words that follow are for one more unit
 *
 * Of conflicting words, the last one counts.
 *
 * Parsed when the firmware's memory map is known and no memory has been allocated,
 * so that memory for the endpoints' BARs can be taken out of the map.
 */
#define pr_fmt(fmt) "vtdsim: " fmt

#include <linux/bits.h>
#include <linux/init.h>
#include <linux/kstrtox.h>
#include <linux/memblock.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <asm/bootparam.h>
#include <asm/e820/api.h>
#include <asm/processor.h>
#include <asm/setup.h>

#include "boot/capabilities.h"
#include "boot/profiles.h"
#include "boot/units.h"
#include "boot/window.h"
#include "endpoint/kind.h"
#include "endpoint/segment.h"
#include "unit/registers.h"
#include "unit/unit.h"

#define DEFAULT_ENDPOINTS	2
#define MAX_FUNCTIONS		8
#define DEFAULT_SEGMENT		0x1000

/* Interrupt remapping, with destinations of 32 bits; as the root table, so its table */
#define CAP_IR		VTDSIM_CAP_ESIRTPS
#define ECAP_IR		(VTDSIM_ECAP_IR | VTDSIM_ECAP_EIM | VTDSIM_ECAP_MHMV)

static bool __init parameter_parse_profile(const char *word, struct vtdsim_options *opt)
{
	unsigned int i;

	for (i = 0; i < vtdsim_profile_count; i++) {
		if (strcmp(word, vtdsim_profiles[i].name))
			continue;
		/* No profile says anything about interrupts. */
		opt->caps.cap = vtdsim_profiles[i].cap | (opt->caps.cap & CAP_IR);
		opt->caps.ecap = vtdsim_profiles[i].ecap | (opt->caps.ecap & ECAP_IR);
		opt->caps.erratum_772415 = vtdsim_profiles[i].erratum;
		return true;
	}
	return false;
}

static bool __init parameter_parse_number(const char *word, struct vtdsim_options *opt)
{
	const struct {
		const char *name;
		u32 *number;
		u32 min;
		u32 max;
	} numbers[] = {
		{ "functions=", &opt->place.functions, 1, MAX_FUNCTIONS },
		{ "queue_delay=", &opt->queue_delay, 0, VTDSIM_MAX_DELAY },
		{ "desc_delay=", &opt->desc_delay, 0, VTDSIM_MAX_DELAY },
		{ "async=", &opt->async, 0, U32_MAX },
		{ "iotlb=", &opt->limits.iotlb, 0, U32_MAX },
		{ "pasid_cache=", &opt->limits.pasid, 0, U32_MAX },
		{ "psc=", &opt->limits.psc, 0, U32_MAX },
		{ "devtlb=", &opt->devtlb, 0, U32_MAX },
	};
	unsigned int i;
	size_t len;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		len = str_has_prefix(word, numbers[i].name);
		if (len)
			return !kstrtou32(word + len, 0, numbers[i].number) &&
			       *numbers[i].number >= numbers[i].min &&
			       *numbers[i].number <= numbers[i].max;
	}
	return false;
}

static bool __init parameter_add_endpoint(struct vtdsim_options *opt, const char *name)
{
	const struct vtdsim_endpoint_kind *kind = vtdsim_endpoint_kind_find(name);

	if (!kind || opt->endpoints == VTDSIM_MAX_ENDPOINTS)
		return false;
	opt->kinds[opt->endpoints++] = kind;
	return true;
}

/* As many of the own kind, in place of all that was asked for before */
static bool __init parameter_set_endpoints(struct vtdsim_options *opt, u32 count)
{
	if (!count || count > VTDSIM_MAX_ENDPOINTS)
		return false;
	for (opt->endpoints = 0; opt->endpoints < count; opt->endpoints++)
		opt->kinds[opt->endpoints] = &vtdsim_endpoint_own;
	return true;
}

static bool __init parameter_parse_endpoint(const char *word, struct vtdsim_options *opt)
{
	size_t len;
	u32 count;

	len = str_has_prefix(word, "endpoint=");
	if (len)
		return parameter_add_endpoint(opt, word + len);
	len = str_has_prefix(word, "endpoints=");
	return len && !kstrtou32(word + len, 0, &count) && parameter_set_endpoints(opt, count);
}

static bool __init parameter_parse_topology(const char *word, struct vtdsim_options *opt)
{
	static const char * const names[] = {
		[VTDSIM_PORTS] = "ports",
		[VTDSIM_SWITCH] = "switch",
		[VTDSIM_BRIDGE] = "bridge",
	};
	unsigned int i;

	for (i = VTDSIM_PORTS; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(word, names[i])) {
			opt->place.topology = i;
			return true;
		}
	}
	return false;
}

static bool __init parameter_parse_word(const char *word, struct vtdsim_options *opt)
{
	size_t len;

	len = str_has_prefix(word, "segment=");
	if (len)
		return !kstrtou16(word + len, 0, &opt->segment) &&
		       opt->segment;
	if (!strcmp(word, "ir")) {
		opt->caps.cap |= CAP_IR;
		opt->caps.ecap |= ECAP_IR;
		return true;
	}
	if (!strcmp(word, "erratum") || !strcmp(word, "no-erratum")) {
		opt->caps.erratum_772415 = *word == 'e';
		return true;
	}
	if (!strcmp(word, "acs")) {
		opt->acs = true;
		return true;
	}
	if (!strcmp(word, "queue_async")) {
		opt->queue_async = true;
		return true;
	}
	if (!strcmp(word, "fill_line")) {
		opt->fill_line = true;
		return true;
	}
	return !strcmp(word, "on") || parameter_parse_number(word, opt) ||
	       parameter_parse_endpoint(word, opt) ||
	       parameter_parse_topology(word, opt) ||
	       parameter_parse_profile(word, opt) ||
	       vtdsim_caps_word(&opt->caps, word);
}

static bool __init vtdsim_ranges_overlap(u64 base, u64 size, u64 other, u64 other_size)
{
	return base < other + other_size && other < base + size;
}

/* Is it RAM without anything that the boot still has to read? */
static bool __init vtdsim_memory_usable(u64 base, u64 size)
{
	const struct efi_info *efi = &boot_params.efi_info;
	u64 efi_map = (u64)efi->efi_memmap_hi << 32 | efi->efi_memmap;

	return e820__mapped_all(base, base + size, E820_TYPE_RAM) &&
	       !memblock_is_region_reserved(base, size) &&
	       !vtdsim_ranges_overlap(base, size, efi_map, efi->efi_memmap_size);
}

/* Takes the highest usable memory below 4 GiB out of the memory map. */
static u64 __init vtdsim_set_aside(u64 size)
{
	u64 base;

	for (base = SZ_4G - size; base >= SZ_16M; base -= SZ_1M) {
		if (!vtdsim_memory_usable(base, size))
			continue;
		e820__range_update(base, size, E820_TYPE_RAM,
				   E820_TYPE_RESERVED);
		e820__update_table(e820_table);
		return base;
	}
	return 0;
}

static void __init parameter_defaults(struct vtdsim_options *opt, u16 segment)
{
	/* Above all memory and devices */
	u64 reg_base = BIT_ULL(boot_cpu_data.x86_phys_bits) - SZ_1M;

	*opt = (struct vtdsim_options) {
		.caps.haw = boot_cpu_data.x86_phys_bits,
		.place.functions = 1,
		.segment = segment,
		.reg_base = reg_base + (opt - vtdsim_options) * VTDSIM_REG_BYTES,
	};
	parameter_parse_profile("spr", opt);
}

/* Returns the number of units, or 0 if a word is invalid. */
static unsigned int __init parameter_parse(char *words)
{
	struct vtdsim_options *opt = vtdsim_options;
	unsigned int n = 1;
	const char *word;

	parameter_defaults(opt, DEFAULT_SEGMENT);
	while ((word = strsep(&words, ","))) {
		if (!strcmp(word, "unit") && n < VTDSIM_MAX_UNITS) {
			n++;
			opt++;
			parameter_defaults(opt, opt[-1].segment + 1);
		} else if (!parameter_parse_word(word, opt)) {
			pr_warn("off: cannot make sense of \"%s\"\n", word);
			return 0;
		}
	}
	return n;
}

static bool __init vtdsim_same_segment(unsigned int n)
{
	unsigned int i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < i; j++) {
			if (vtdsim_options[i].segment == vtdsim_options[j].segment)
				return true;
		}
	}
	return false;
}

static bool __init vtdsim_place_endpoints(struct vtdsim_options *opt)
{
	if (!opt->endpoints)
		parameter_set_endpoints(opt, DEFAULT_ENDPOINTS);
	opt->place.count = opt->endpoints;
	opt->bar_base = vtdsim_set_aside(vtdsim_segment_bytes(&(struct vtdsim_segment_plan) {
		.kinds = opt->kinds,
		.place = opt->place,
	}));
	return opt->bar_base;
}

static int __init vtdsim_setup(char *words)
{
	unsigned int i, n;

	if (vtdsim_unit_count)
		return 0;

	n = parameter_parse(words ?: "");
	if (vtdsim_same_segment(n)) {
		pr_warn("off: two units with the same segment\n");
		return 0;
	}
	for (i = 0; i < n; i++) {
		if (!vtdsim_place_endpoints(&vtdsim_options[i])) {
			pr_err("off: no memory below 4 GiB for the endpoints\n");
			return 0;
		}
	}

	vtdsim_units_start(n);
	for (i = 0; i < n; i++) {
		const struct vtdsim_options *opt = &vtdsim_options[i];

		pr_info("%u endpoints in segment %#x at %#llx, unit at %#llx\n",
			opt->endpoints, opt->segment, opt->bar_base,
			opt->reg_base);
	}
	if (n)
		static_branch_enable(&vtdsim_active);
	return 0;
}
early_param("vtdsim", vtdsim_setup);
