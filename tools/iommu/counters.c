// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters and audit of vtdsim, in debugfs.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "counters.h"
#include "sysfs.h"

#define VTDSIM_DEBUGFS	"/sys/kernel/debug/vtdsim"

/**
 * vtdsim_counter() - read one of the model's counters
 * @name: file of the counter below /sys/kernel/debug/vtdsim, such as "violations"
 * @val: value of the counter
 *
 * Return: 0 or a negative errno, -ENOENT without debugfs or without vtdsim.
 */
int vtdsim_counter(const char *name, __u64 *val)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), VTDSIM_DEBUGFS "/%s", name);
	return sysfs_read_u64(path, val);
}

/**
 * vtdsim_violations() - how many rules of the specification has the driver broken?
 * @val: violations until now, zero in a kernel without vtdsim, as in a nested VM
 *
 * Return: 0 or a negative errno.
 */
int vtdsim_violations(__u64 *val)
{
	int ret;

	*val = 0;
	ret = vtdsim_counter("violations", val);
	return ret == -ENOENT ? 0 : ret;
}

/**
 * vtdsim_audit() - have vtdsim compare its caches with the tables in memory
 *
 * Call it when all invalidations are done: a stale entry that is found counts
 * as a violation. Does nothing without debugfs or without vtdsim.
 *
 * Return: 0 or a negative errno.
 */
int vtdsim_audit(void)
{
	int ret = sysfs_write(VTDSIM_DEBUGFS "/audit", "1");

	return ret == -ENOENT ? 0 : ret;
}
