// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters in intel-nested/ in debugfs: "domains" has those of every stage-1
 * domain, "refusals" counts what was refused.
 */

#include <linux/debugfs.h>
#include <linux/init.h>
#include <linux/seq_file.h>

#include "nested.h"

static atomic64_t vtd_stats_refused_count[VTD_REFUSALS];

/**
 * vtd_stats_refused() - count a refusal and report it
 * @dev: the device that it was for
 * @why: the reason
 *
 * Context: Any but hard interrupts and raw spinlocks.
 */
void vtd_stats_refused(struct device *dev, enum vtd_refusal why)
{
	atomic64_inc(&vtd_stats_refused_count[why]);
	vtd_event_refused(dev, why);
}

/**
 * vtd_stats_refusals() - how often something was refused
 * @why: the reason
 *
 * Context: Any.
 * Return: the count since boot.
 */
u64 vtd_stats_refusals(enum vtd_refusal why)
{
	return atomic64_read(&vtd_stats_refused_count[why]);
}

static u64 vtd_stats_read(atomic64_t *counter)
{
	return atomic64_read(counter);
}

static int vtd_stats_domains_show(struct seq_file *m, void *unused)
{
	struct vtd_s1_domain *s1;
	u64 id = 0;

	seq_puts(m, "root entries ranges descriptors submissions timeouts\n");
	while ((s1 = vtd_registry_pin_domain(id))) {
		struct vtd_s1_stats *stats = &s1->stats;

		seq_printf(m, "%#llx %llu %llu %llu %llu %llu\n",
			   s1->cfg.pgtbl_addr, vtd_stats_read(&stats->entries),
			   vtd_stats_read(&stats->ranges), vtd_stats_read(&stats->descriptors),
			   vtd_stats_read(&stats->submissions), vtd_stats_read(&stats->timeouts));
		id = s1->id + 1;
		vtd_registry_unpin_domain(s1);
	}

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vtd_stats_domains);

static int vtd_refusals_show(struct seq_file *m, void *unused)
{
	static const char * const names[VTD_REFUSALS] = {
		[VTD_REFUSED_UNIT] = "unit",
		[VTD_REFUSED_ERRATUM] = "erratum",
		[VTD_REFUSED_NO_ID] = "no-domain-id",
		[VTD_REFUSED_BUSY] = "busy",
		[VTD_REFUSED_SILENT] = "timeout",
	};
	int i;

	for (i = 0; i < VTD_REFUSALS; i++)
		seq_printf(m, "%s %llu\n", names[i], vtd_stats_refusals(i));

	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vtd_refusals);

static int __init vtd_stats_init(void)
{
	struct dentry *dir;

	if (!vtd_nested_enabled())
		return 0;

	dir = debugfs_create_dir("intel-nested", NULL);
	debugfs_create_file("domains", 0400, dir, NULL, &vtd_stats_domains_fops);
	debugfs_create_file("refusals", 0400, dir, NULL, &vtd_refusals_fops);

	return 0;
}
late_initcall(vtd_stats_init);
