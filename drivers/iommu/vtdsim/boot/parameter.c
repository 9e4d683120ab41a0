// SPDX-License-Identifier: GPL-2.0-only
/*
 * The boot parameter, whose words are in words.c.
 *
 * Parsed when the firmware's memory map is known and no memory has been allocated,
 * so that memory for the endpoints' BARs can be taken out of the map.
 */
#define pr_fmt(fmt) "vtdsim: " fmt

#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/printk.h>
#include <linux/sizes.h>

#include <asm/bootparam.h>
#include <asm/e820/api.h>
#include <asm/setup.h>

#include "boot/units.h"
#include "boot/window.h"
#include "boot/words.h"
#include "endpoint/segment.h"
#include "unit/unit.h"

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

static bool __init vtdsim_place_endpoints(struct vtdsim_options *opt)
{
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

	n = vtdsim_words_parse(words ?: "", vtdsim_options);
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
