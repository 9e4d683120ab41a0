// SPDX-License-Identifier: GPL-2.0-only
/*
 * The exact counters that vtdsim keeps of its unit, and its audit.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "counters.h"

/**
 * vtdsim_counter() - read one of the model's counters
 * @name: its file below /sys/kernel/debug/vtdsim, "violations" for example
 * @val: its value
 *
 * Return: 0 or a negative errno, -ENOENT without debugfs or without vtdsim.
 */
int vtdsim_counter(const char *name, __u64 *val)
{
	char path[PATH_MAX];
	FILE *f;
	int n;

	snprintf(path, sizeof(path), "/sys/kernel/debug/vtdsim/%s", name);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	n = fscanf(f, "%llu", val);
	fclose(f);
	return n == 1 ? 0 : -EIO;
}

/**
 * vtdsim_audit() - have vtdsim compare all that is cached with the tables
 *
 * To be called when all invalidations have been done: what is stale then counts
 * as a violation. Does nothing without debugfs or without vtdsim.
 *
 * Return: 0 or a negative errno.
 */
int vtdsim_audit(void)
{
	FILE *f;
	int ret = 0;

	f = fopen("/sys/kernel/debug/vtdsim/audit", "we");
	if (!f)
		return errno == ENOENT ? 0 : -errno;
	if (fputs("1", f) < 0 || fflush(f))
		ret = -errno;
	fclose(f);
	return ret;
}
