// SPDX-License-Identifier: GPL-2.0-only
/* debugfs: counters of a unit, and how its queue takes time. */
#include <linux/debugfs.h>
#include <linux/errno.h>
#include <linux/stddef.h>

#include "cache/internals.h"
#include "debugfs/counters.h"
#include "queue/async.h"
#include "unit/unit.h"

/* Reads a counter under the lock that it is written under. */
static u64 vtdsim_counter_read(struct vtdsim_unit *unit, size_t offset)
{
	unsigned long flags;
	u64 val;

	raw_spin_lock_irqsave(&unit->lock, flags);
	val = *(u64 *)((void *)&unit->stats + offset);
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return val;
}

#define VTDSIM_COUNTER(_name)						\
static int vtdsim_##_name##_get(void *unit, u64 *val)			\
{									\
	*val = vtdsim_counter_read(unit, offsetof(struct vtdsim_stats, _name)); \
	return 0;							\
}									\
DEFINE_DEBUGFS_ATTRIBUTE(vtdsim_##_name##_fops, vtdsim_##_name##_get, NULL, "%llu\n")

VTDSIM_COUNTER(doorbells);
VTDSIM_COUNTER(descriptors);
VTDSIM_COUNTER(waits);
VTDSIM_COUNTER(requests);
VTDSIM_COUNTER(walks);
VTDSIM_COUNTER(faults);
VTDSIM_COUNTER(violations);
VTDSIM_COUNTER(printed);
VTDSIM_COUNTER(devtlb_invs);
VTDSIM_COUNTER(page_requests);
VTDSIM_COUNTER(page_responses);
VTDSIM_COUNTER(prq_overflows);
VTDSIM_COUNTER(register_cycles);

static int vtdsim_delay_get(void *data, u64 *val)
{
	*val = READ_ONCE(*(u32 *)data);
	return 0;
}

static int vtdsim_delay_set(void *data, u64 val)
{
	if (val > VTDSIM_MAX_DELAY)
		return -EINVAL;
	WRITE_ONCE(*(u32 *)data, val);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(vtdsim_delay_fops, vtdsim_delay_get, vtdsim_delay_set,
			 "%llu\n");

static int vtdsim_async_get(void *data, u64 *val)
{
	struct vtdsim_unit *unit = data;

	*val = READ_ONCE(unit->async.seed);
	return 0;
}

static int vtdsim_async_set(void *data, u64 val)
{
	if (val > U32_MAX)
		return -EINVAL;
	vtdsim_async_seed(data, val);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(vtdsim_async_fops, vtdsim_async_get, vtdsim_async_set, "%llu\n");

static int vtdsim_entries_get(void *data, u64 *val)
{
	struct vtdsim_unit *unit = data;

	/* No race that matters: one number, to look at */
	*val = data_race(unit->cache->entries);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(vtdsim_entries_fops, vtdsim_entries_get, NULL, "%llu\n");

static int vtdsim_max_entries_get(void *data, u64 *val)
{
	struct vtdsim_unit *unit = data;

	/* No race that matters: one number, to look at */
	*val = data_race(unit->cache->max_entries);
	return 0;
}

/* Caches that have more entries already keep them. */
static int vtdsim_max_entries_set(void *data, u64 val)
{
	struct vtdsim_unit *unit = data;
	unsigned long flags;

	if (val < VTDSIM_CACHE_RESERVE || val > UINT_MAX)
		return -EINVAL;
	raw_spin_lock_irqsave(&unit->lock, flags);
	unit->cache->max_entries = val;
	unit->cache->full = false;
	raw_spin_unlock_irqrestore(&unit->lock, flags);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(vtdsim_max_entries_fops, vtdsim_max_entries_get,
			 vtdsim_max_entries_set, "%llu\n");

/**
 * vtdsim_counter_files() - make a file for each counter, delay and limit
 * @unit: the unit, with its directory and its caches
 *
 * Context: Process context, may sleep.
 */
void vtdsim_counter_files(struct vtdsim_unit *unit)
{
	const struct {
		const char *name;
		const struct file_operations *fops;
	} files[] = {
		{ "doorbells", &vtdsim_doorbells_fops },
		{ "descriptors", &vtdsim_descriptors_fops },
		{ "waits", &vtdsim_waits_fops },
		{ "requests", &vtdsim_requests_fops },
		{ "walks", &vtdsim_walks_fops },
		{ "faults", &vtdsim_faults_fops },
		{ "violations", &vtdsim_violations_fops },
		{ "violations_printed", &vtdsim_printed_fops },
		{ "devtlb_invs", &vtdsim_devtlb_invs_fops },
		{ "page_requests", &vtdsim_page_requests_fops },
		{ "page_responses", &vtdsim_page_responses_fops },
		{ "prq_overflows", &vtdsim_prq_overflows_fops },
		{ "register_cycles", &vtdsim_register_cycles_fops },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		debugfs_create_file_unsafe(files[i].name, 0444, unit->dir, unit,
					   files[i].fops);
	debugfs_create_file_unsafe("queue_delay", 0644, unit->dir,
				   &unit->queue_delay, &vtdsim_delay_fops);
	debugfs_create_file_unsafe("desc_delay", 0644, unit->dir,
				   &unit->desc_delay, &vtdsim_delay_fops);
	debugfs_create_file_unsafe("cache_entries", 0444, unit->dir, unit, &vtdsim_entries_fops);
	debugfs_create_file_unsafe("max_cache_entries", 0644, unit->dir, unit,
				   &vtdsim_max_entries_fops);
	debugfs_create_bool("misbehave", 0644, unit->dir, &unit->misbehave);
	debugfs_create_bool("fill_line", 0644, unit->dir, &unit->fill_line);
	debugfs_create_bool("queue_async", 0644, unit->dir, &unit->queue_async);
	debugfs_create_file_unsafe("async", 0644, unit->dir, unit, &vtdsim_async_fops);
}
