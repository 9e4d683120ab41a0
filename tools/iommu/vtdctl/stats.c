// SPDX-License-Identifier: GPL-2.0-only
/*
 * vtdctl stats: what invalidations of stage-1 domains have cost, and how often
 * something was refused.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "json.h"
#include "objects.h"
#include "stats.h"
#include "vtdctl.h"

static const struct column stats_columns[] = {
	{ VTD_NESTED_A_DOMAIN_ID, COLUMN_NUMBER, "DOMAIN", "id" },
	{ VTD_NESTED_A_DOMAIN_ATTACHMENTS, COLUMN_NUMBER, "ATTACHED", "attachments" },
	{ VTD_NESTED_A_DOMAIN_ENTRIES, COLUMN_NUMBER, "ENTRIES", "entries" },
	{ VTD_NESTED_A_DOMAIN_RANGES, COLUMN_NUMBER, "RANGES", "ranges" },
	{ VTD_NESTED_A_DOMAIN_DESCRIPTORS, COLUMN_NUMBER, "DESCRIPTORS", "descriptors" },
	{ VTD_NESTED_A_DOMAIN_SUBMISSIONS, COLUMN_NUMBER, "SUBMISSIONS", "submissions" },
	{ VTD_NESTED_A_DOMAIN_TIMEOUTS, COLUMN_NUMBER, "TIMEOUTS", "timeouts" },
};

/**
 * refusal_name() - name of a reason to refuse something
 * @reason: enum vtd_nested_refusal
 *
 * Return: the name, as the specification of the family has it.
 */
const char *refusal_name(unsigned long long reason)
{
	static const char *const names[] = {
		[VTD_NESTED_REFUSAL_UNIT] = "unit",
		[VTD_NESTED_REFUSAL_ERRATUM] = "erratum",
		[VTD_NESTED_REFUSAL_NO_DOMAIN_ID] = "no-domain-id",
		[VTD_NESTED_REFUSAL_BUSY] = "busy",
		[VTD_NESTED_REFUSAL_SILENT] = "silent",
	};

	return reason < ARRAY_SIZE(names) ? names[reason] : "unknown";
}

static void stats_json(const struct dump *domains, const struct dump *refusals)
{
	unsigned int i;

	json_begin_object(NULL);
	json_begin_array("domains");
	for (i = 0; i < domains->n; i++) {
		json_begin_object(NULL);
		columns_json(stats_columns, ARRAY_SIZE(stats_columns), domains->attr[i]);
		json_end_object();
	}
	json_end_array();
	json_begin_object("refusals");
	for (i = 0; i < refusals->n; i++) {
		struct nlattr **attr = refusals->attr[i];

		json_number(refusal_name(attr_number(attr[VTD_NESTED_A_REFUSALS_REASON])),
			    attr_number(attr[VTD_NESTED_A_REFUSALS_COUNT]));
	}
	json_end_object();
	json_end_object();
}

static void stats_table(const struct dump *domains, const struct dump *refusals)
{
	struct table table;
	unsigned int i;

	columns_begin(&table, stats_columns, ARRAY_SIZE(stats_columns), NULL);
	for (i = 0; i < domains->n; i++)
		columns_row(&table, stats_columns, ARRAY_SIZE(stats_columns), domains->attr[i]);
	table_end(&table);

	printf("refused:");
	for (i = 0; i < refusals->n; i++) {
		struct nlattr **attr = refusals->attr[i];

		printf(" %s %llu", refusal_name(attr_number(attr[VTD_NESTED_A_REFUSALS_REASON])),
		       attr_number(attr[VTD_NESTED_A_REFUSALS_COUNT]));
	}
	printf("\n");
}

static int stats_once(struct nl_sock *socket)
{
	struct dump domains, refusals;
	int ret;

	ret = dump_fetch(socket, VTD_NESTED_CMD_DOMAIN_GET, &domains);
	if (!ret)
		ret = dump_fetch(socket, VTD_NESTED_CMD_REFUSALS_GET, &refusals);
	if (ret)
		return ret;

	if (options.watch && !options.json && terminal_colour())
		printf("\033[H\033[2J");
	if (options.json)
		stats_json(&domains, &refusals);
	else
		stats_table(&domains, &refusals);
	fflush(stdout);
	dump_free(&domains);
	dump_free(&refusals);

	return VTDCTL_OK;
}

static void stats_pause(double seconds)
{
	struct timespec pause = {
		.tv_sec = seconds,
		.tv_nsec = (seconds - (time_t)seconds) * 1e9,
	};

	nanosleep(&pause, NULL);
}

/**
 * stats_command() - vtdctl stats
 * @argc: how many arguments there are
 * @argv: none is expected
 *
 * Return: the exit status.
 */
int stats_command(int argc, char **argv)
{
	struct nl_sock *socket;
	unsigned int i;
	int ret;

	if (argc) {
		vtdctl_error("one argument too many: '%s'", argv[0]);
		return VTDCTL_USAGE;
	}
	ret = family_open(&socket);
	for (i = 1; !ret; i++) {
		ret = stats_once(socket);
		if (!options.watch || i == options.count)
			break;
		stats_pause(options.watch);
	}

	return ret;
}
