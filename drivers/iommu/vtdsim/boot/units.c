// SPDX-License-Identifier: GPL-2.0-only
/* The units of the DMAR table, and their set-up at boot. */
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/panic.h>
#include <linux/string.h>

#include "boot/units.h"
#include "cache/internals.h"
#include "debugfs/counters.h"
#include "debugfs/dump.h"
#include "endpoint/segment.h"
#include "queue/async.h"
#include "remap/entry_cache.h"
#include "rules/rules.h"
#include "tables/cache_lines.h"
#include "unit/registers.h"
#include "unit/unit.h"

struct vtdsim_unit vtdsim_units[VTDSIM_MAX_UNITS];
unsigned int vtdsim_unit_count;
struct vtdsim_options vtdsim_options[VTDSIM_MAX_UNITS];

static struct vtdsim_rules vtdsim_unit_rule_checkers[VTDSIM_MAX_UNITS];

/**
 * vtdsim_units_start() - make the units of the DMAR table usable
 * @n: how many; vtdsim_options says what they are to be
 *
 * Context: Early boot; nothing can be allocated yet.
 */
void __init vtdsim_units_start(unsigned int n)
{
	static const char * const names[] = { "vtdsim0", "vtdsim1", "vtdsim2", "vtdsim3" };
	unsigned int i;

	static_assert(ARRAY_SIZE(names) == VTDSIM_MAX_UNITS);
	for (i = 0; i < n; i++) {
		const struct vtdsim_options *opt = &vtdsim_options[i];
		struct vtdsim_unit *unit = &vtdsim_units[i];

		vtdsim_unit_init(unit, &opt->caps, names[i]);
		vtdsim_rules_install(&vtdsim_unit_rule_checkers[i], unit);
		unit->queue_delay = opt->queue_delay;
		unit->desc_delay = opt->desc_delay;
		/* Tests of a driver have no other way to ask for it. */
		unit->misbehave = IS_ENABLED(CONFIG_VTDSIM_KUNIT_TEST);
	}
	vtdsim_unit_count = n;
}

static bool vtdsim_units_coherent(const struct vtdsim_caps *caps)
{
	return caps->ecap & VTDSIM_ECAP_C && caps->ecap & VTDSIM_ECAP_SMPWCS;
}

static void vtdsim_unit_allocate(struct vtdsim_unit *unit, const struct vtdsim_options *opt)
{
	if (unit->cache)
		return;
	unit->cache = vtdsim_cache_create();
	if (!unit->cache)
		panic("vtdsim: no memory for the caches\n");
	unit->cache->limits = opt->limits;
	if (unit->caps.ecap & VTDSIM_ECAP_IR) {
		unit->irtes = vtdsim_irte_cache_create();
		if (!unit->irtes)
			panic("vtdsim: no memory for the interrupt entry cache\n");
	}
	if (!vtdsim_units_coherent(&unit->caps)) {
		unit->caps.lines = vtdsim_lines_create(unit);
		if (!unit->caps.lines)
			panic("vtdsim: no memory for a unit that is not coherent\n");
	}
	vtdsim_async_init(unit);
	unit->queue_async = opt->queue_async;
	vtdsim_async_seed(unit, opt->async);
	unit->fill_line = opt->fill_line;
}

/**
 * vtdsim_units_allocate() - give the units the memory that they work with
 *
 * Does nothing the second time. A driver uses the queue of a unit that remaps interrupts
 * before any initcall.
 *
 * Context: Process context, may sleep; the boot. Nobody has accessed registers of the
 *	units before the first call, but for those with constant values.
 */
void vtdsim_units_allocate(void)
{
	unsigned int i;

	for (i = 0; i < vtdsim_unit_count; i++)
		vtdsim_unit_allocate(&vtdsim_units[i], &vtdsim_options[i]);
}

static int __init vtdsim_units_set_up(void)
{
	unsigned int i;

	vtdsim_units_allocate();
	for (i = 0; i < vtdsim_unit_count; i++) {
		struct vtdsim_unit *unit = &vtdsim_units[i];
		char dir[] = "vtdsimN";

		if (vtdsim_watch(unit))
			pr_warn("%s: will not notice tables freed too early\n",
				unit->name);
		/* The first unit's directory has no number. */
		dir[6] = i ? '0' + i : 0;
		unit->dir = debugfs_create_dir(dir, NULL);
		vtdsim_counter_files(unit);
		vtdsim_dump_files(unit);
	}
	return 0;
}
postcore_initcall(vtdsim_units_set_up);

/*
 * After the intel-iommu driver has come up, in a rootfs initcall: its bus notifier
 * and that of the IOMMU core then add the devices.
 */
static int __init vtdsim_units_add_segments(void)
{
	const struct vtdsim_options *opt = vtdsim_options;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < vtdsim_unit_count && !ret; i++, opt++) {
		const struct vtdsim_segment_plan plan = {
			.domain = opt->segment,
			.base = opt->bar_base,
			.kinds = opt->kinds,
			.place = opt->place,
			.acs = opt->acs,
			.devtlb_limit = opt->devtlb,
		};

		ret = vtdsim_segment_add(&vtdsim_units[i], &plan);
	}
	return ret;
}
device_initcall(vtdsim_units_add_segments);
