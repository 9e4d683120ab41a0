// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a unit: reset, and what the units of the DMAR table need at boot.
 */
#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/panic.h>
#include <linux/string.h>

#include "cache/internals.h"
#include "debugfs/dump.h"
#include "tables/cache_lines.h"
#include "unit/registers.h"
#include "vtdsim.h"

struct vtdsim_unit vtdsim_units[VTDSIM_MAX_UNITS];

/**
 * vtdsim_unit_init() - bring a unit into its state after reset
 * @unit: unit
 * @caps: what it can do
 * @name: name for messages; must stay valid
 *
 * Section 11.4 tells the reset values: the events are masked, everything else
 * that is not constant is zero. @unit->cache is left alone.
 *
 * Context: Any, from early boot on; nobody else uses the unit.
 */
void vtdsim_unit_init(struct vtdsim_unit *unit, const struct vtdsim_caps *caps,
		      const char *name)
{
	raw_spin_lock_init(&unit->lock);
	unit->caps = *caps;
	memset(unit->regs, 0, sizeof(unit->regs));
	unit->rtaddr = 0;
	unit->fault_next = 0;
	memset(&unit->stats, 0, sizeof(unit->stats));
	vtdsim_devtlb_init(unit);
	INIT_LIST_HEAD(&unit->requesters);
	unit->order = (struct vtdsim_order) {};
	INIT_LIST_HEAD(&unit->watch);
	unit->queue_delay = 0;
	unit->desc_delay = 0;
	unit->name = name;
	unit->dir = NULL;

	vtdsim_reg_set32(unit, VTDSIM_VER, VTDSIM_VER_VALUE);
	vtdsim_reg_set64(unit, VTDSIM_CAP, caps->cap);
	vtdsim_reg_set64(unit, VTDSIM_ECAP, caps->ecap);
	vtdsim_reg_set32(unit, VTDSIM_FECTL, VTDSIM_EVENT_IM);
	vtdsim_reg_set32(unit, VTDSIM_IECTL, VTDSIM_EVENT_IM);
	if (caps->ecap & VTDSIM_ECAP_PRS)
		vtdsim_reg_set32(unit, VTDSIM_PECTL, VTDSIM_EVENT_IM);
}

/* Counters are written under the lock; a reader wants them whole. */
static int stat_get(void *data, u64 *val)
{
	size_t at = data - (void *)vtdsim_units;
	struct vtdsim_unit *unit = &vtdsim_units[at / sizeof(*unit)];
	unsigned long flags;

	raw_spin_lock_irqsave(&unit->lock, flags);
	*val = *(u64 *)data;
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(stat_fops, stat_get, NULL, "%llu\n");

static int delay_get(void *data, u64 *val)
{
	*val = READ_ONCE(*(u32 *)data);
	return 0;
}

static int delay_set(void *data, u64 val)
{
	if (val > VTDSIM_MAX_DELAY)
		return -EINVAL;
	WRITE_ONCE(*(u32 *)data, val);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(delay_fops, delay_get, delay_set, "%llu\n");

static void __init make_files(struct vtdsim_unit *unit, const char *dir)
{
	struct vtdsim_stats *stats = &unit->stats;
	const struct {
		const char *name;
		u64 *counter;
	} files[] = {
		{ "doorbells", &stats->doorbells },
		{ "descriptors", &stats->descriptors },
		{ "waits", &stats->waits },
		{ "requests", &stats->requests },
		{ "walks", &stats->walks },
		{ "faults", &stats->faults },
		{ "violations", &stats->violations },
		{ "devtlb_invs", &stats->devtlb_invs },
		{ "page_requests", &stats->page_requests },
		{ "page_responses", &stats->page_responses },
		{ "prq_overflows", &stats->prq_overflows },
	};
	unsigned int i;

	unit->dir = debugfs_create_dir(dir, NULL);
	for (i = 0; i < ARRAY_SIZE(files); i++)
		debugfs_create_file_unsafe(files[i].name, 0444,
					   unit->dir, files[i].counter,
					   &stat_fops);
	debugfs_create_file_unsafe("queue_delay", 0644, unit->dir,
				   &unit->queue_delay, &delay_fops);
	debugfs_create_file_unsafe("desc_delay", 0644, unit->dir,
				   &unit->desc_delay, &delay_fops);
	vtdsim_dump_files(unit);
}

static bool __init is_coherent(const struct vtdsim_caps *caps)
{
	return caps->ecap & VTDSIM_ECAP_C && caps->ecap & VTDSIM_ECAP_SMPWCS;
}

/*
 * Memory for the caches is needed before the intel-iommu driver brings the
 * units up, which it does in a rootfs initcall.
 */
static int __init set_up_units(void)
{
	unsigned int i;

	for (i = 0; i < vtdsim_unit_count; i++) {
		struct vtdsim_unit *unit = &vtdsim_units[i];
		char dir[] = "vtdsimN";

		unit->cache = vtdsim_cache_create();
		if (!unit->cache)
			panic("vtdsim: no memory for the caches\n");
		unit->cache->limits = vtdsim_configs[i].limits;
		if (!is_coherent(&unit->caps)) {
			unit->caps.lines = vtdsim_lines_create(unit);
			if (!unit->caps.lines)
				panic("vtdsim: no memory for a unit that is not coherent\n");
		}
		if (vtdsim_watch(unit))
			pr_warn("%s: will not notice tables freed too early\n",
				unit->name);
		/* Most often there is one, whose directory needs no number. */
		dir[6] = i ? '0' + i : 0;
		make_files(unit, dir);
	}
	return 0;
}
postcore_initcall(set_up_units);
