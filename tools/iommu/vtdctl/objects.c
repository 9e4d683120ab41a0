// SPDX-License-Identifier: GPL-2.0-only
/*
 * vtdctl unit, parent and domain: what there is.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>

#include <netlink/attr.h>

#include "json.h"
#include "objects.h"
#include "vtdctl.h"

/**
 * columns_begin() - begin a table of objects
 * @table: the table
 * @column: its columns
 * @columns: how many
 * @last: heading of one more column, or NULL
 */
void columns_begin(struct table *table, const struct column *column, unsigned int columns,
		   const char *last)
{
	const char *headings[TABLE_COLUMNS];
	unsigned int i;

	for (i = 0; i < columns; i++)
		headings[i] = column[i].heading;
	if (last)
		headings[i++] = last;
	table_begin(table, i, headings);
}

/**
 * columns_row() - add an object to a table
 * @table: the table
 * @column: its columns
 * @columns: how many
 * @attr: attributes of the object
 */
void columns_row(struct table *table, const struct column *column, unsigned int columns,
		 struct nlattr **attr)
{
	unsigned int i;

	table_row(table, TABLE_PLAIN);
	for (i = 0; i < columns; i++) {
		unsigned long long number = attr_number(attr[column[i].attr]);

		switch (column[i].kind) {
		case COLUMN_NUMBER:
			table_cell(table, i, "%llu", number);
			break;
		case COLUMN_HEX:
			table_cell(table, i, "0x%llx", number);
			break;
		case COLUMN_TEXT:
			table_cell(table, i, "%s", attr_text(attr[column[i].attr]));
			break;
		case COLUMN_FLAG:
			table_cell(table, i, "%s", number ? "yes" : "no");
			break;
		}
	}
}

/**
 * columns_json() - write the attributes of an object into a JSON object
 * @column: which of them
 * @columns: how many
 * @attr: attributes of the object
 */
void columns_json(const struct column *column, unsigned int columns, struct nlattr **attr)
{
	unsigned int i;

	for (i = 0; i < columns; i++) {
		struct nlattr *value = attr[column[i].attr];

		if (!value)
			continue;
		switch (column[i].kind) {
		case COLUMN_NUMBER:
			json_number(column[i].key, attr_number(value));
			break;
		case COLUMN_HEX:
			json_hex(column[i].key, attr_number(value));
			break;
		case COLUMN_TEXT:
			json_string(column[i].key, attr_text(value));
			break;
		case COLUMN_FLAG:
			json_bool(column[i].key, attr_number(value));
			break;
		}
	}
}

static int no_arguments(int argc, char **argv)
{
	if (!argc)
		return VTDCTL_OK;
	vtdctl_error("one argument too many: '%s'", argv[0]);

	return VTDCTL_USAGE;
}

static int show_all(int command, const struct column *column, unsigned int columns)
{
	struct nl_sock *socket;
	struct table table;
	struct dump dump;
	unsigned int i;
	int ret;

	ret = family_open(&socket);
	if (!ret)
		ret = dump_fetch(socket, command, &dump);
	if (ret)
		return ret;

	if (options.json) {
		json_begin_array(NULL);
		for (i = 0; i < dump.n; i++) {
			json_begin_object(NULL);
			columns_json(column, columns, dump.attr[i]);
			json_end_object();
		}
		json_end_array();
	} else {
		columns_begin(&table, column, columns, NULL);
		for (i = 0; i < dump.n; i++)
			columns_row(&table, column, columns, dump.attr[i]);
		table_end(&table);
	}
	dump_free(&dump);
	nl_socket_free(socket);

	return VTDCTL_OK;
}

/**
 * unit_command() - vtdctl unit
 * @argc: how many arguments there are
 * @argv: none is expected
 *
 * Return: the exit status.
 */
int unit_command(int argc, char **argv)
{
	static const struct column columns[] = {
		{ VTD_NESTED_A_UNIT_NAME, COLUMN_TEXT, "UNIT", "name" },
		{ VTD_NESTED_A_UNIT_SEGMENT, COLUMN_HEX, "SEGMENT", "segment" },
		{ VTD_NESTED_A_UNIT_REGISTER_BASE, COLUMN_HEX, "REGISTERS", "register-base" },
		{ VTD_NESTED_A_UNIT_CAP, COLUMN_HEX, "CAP", "cap" },
		{ VTD_NESTED_A_UNIT_ECAP, COLUMN_HEX, "ECAP", "ecap" },
		{ VTD_NESTED_A_UNIT_ERRATUM, COLUMN_FLAG, "ERRATUM", "erratum" },
		{ VTD_NESTED_A_UNIT_DOMAIN_IDS_USED, COLUMN_NUMBER, "IDS USED", "domain-ids-used" },
		{ VTD_NESTED_A_UNIT_DOMAIN_IDS, COLUMN_NUMBER, "OF", "domain-ids" },
		{ VTD_NESTED_A_UNIT_QUEUE_FREE, COLUMN_NUMBER, "QUEUE FREE", "queue-free" },
		{ VTD_NESTED_A_UNIT_QUEUE_SLOTS, COLUMN_NUMBER, "OF", "queue-slots" },
		{ VTD_NESTED_A_UNIT_QUEUE_TIMEOUTS, COLUMN_NUMBER, "TIMEOUTS", "queue-timeouts" },
		{ VTD_NESTED_A_UNIT_QUEUE_ERRORS, COLUMN_NUMBER, "ERRORS", "queue-errors" },
	};

	return no_arguments(argc, argv) ?:
	       show_all(VTD_NESTED_CMD_UNIT_GET, columns, ARRAY_SIZE(columns));
}

/**
 * parent_command() - vtdctl parent
 * @argc: how many arguments there are
 * @argv: none is expected
 *
 * Return: the exit status.
 */
int parent_command(int argc, char **argv)
{
	static const struct column columns[] = {
		{ VTD_NESTED_A_PARENT_ID, COLUMN_NUMBER, "PARENT", "id" },
		{ VTD_NESTED_A_PARENT_WIDTH, COLUMN_NUMBER, "WIDTH", "width" },
		{ VTD_NESTED_A_PARENT_LEVELS, COLUMN_NUMBER, "LEVELS", "levels" },
		{ VTD_NESTED_A_PARENT_DIRTY_TRACKING, COLUMN_FLAG, "DIRTY", "dirty-tracking" },
		{ VTD_NESTED_A_PARENT_FORCE_SNOOPING, COLUMN_FLAG, "SNOOP", "force-snooping" },
		{ VTD_NESTED_A_PARENT_READ_ONLY, COLUMN_FLAG, "READ-ONLY", "read-only" },
		{ VTD_NESTED_A_PARENT_EXPOSURES, COLUMN_NUMBER, "EXPOSURES", "exposures" },
	};

	return no_arguments(argc, argv) ?:
	       show_all(VTD_NESTED_CMD_PARENT_GET, columns, ARRAY_SIZE(columns));
}

static const struct column domain_columns[] = {
	{ VTD_NESTED_A_DOMAIN_ID, COLUMN_NUMBER, "DOMAIN", "id" },
	{ VTD_NESTED_A_DOMAIN_PARENT, COLUMN_NUMBER, "PARENT", "parent" },
	{ VTD_NESTED_A_DOMAIN_ROOT, COLUMN_HEX, "ROOT", "root" },
	{ VTD_NESTED_A_DOMAIN_WIDTH, COLUMN_NUMBER, "WIDTH", "width" },
	{ VTD_NESTED_A_DOMAIN_FLAGS, COLUMN_HEX, "FLAGS", "flags" },
};

static const struct column attachment_columns[] = {
	{ VTD_NESTED_A_ATTACHMENT_DEVICE, COLUMN_TEXT, NULL, "device" },
	{ VTD_NESTED_A_ATTACHMENT_PASID, COLUMN_NUMBER, NULL, "pasid" },
	{ VTD_NESTED_A_ATTACHMENT_UNIT_ID, COLUMN_NUMBER, NULL, "unit-id" },
	{ VTD_NESTED_A_ATTACHMENT_DID, COLUMN_NUMBER, NULL, "did" },
	{ VTD_NESTED_A_ATTACHMENT_ATS, COLUMN_FLAG, NULL, "ats" },
};

static bool attached_to(const struct dump *attachments, unsigned int i, struct nlattr **domain)
{
	return attr_number(attachments->attr[i][VTD_NESTED_A_ATTACHMENT_DOMAIN]) ==
	       attr_number(domain[VTD_NESTED_A_DOMAIN_ID]);
}

/* In words: "1000:00:01.0 PASID 5 (DID 3, ATS), ..." */
static char *domain_attachments(const struct dump *attachments, struct nlattr **domain)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	const char *comma = "";
	unsigned int i;

	if (!out)
		abort();
	for (i = 0; i < attachments->n; i++) {
		struct nlattr **attr = attachments->attr[i];

		if (!attached_to(attachments, i, domain))
			continue;
		fprintf(out, "%s%s", comma, attr_text(attr[VTD_NESTED_A_ATTACHMENT_DEVICE]));
		if (attr[VTD_NESTED_A_ATTACHMENT_PASID])
			fprintf(out, " PASID %llu",
				attr_number(attr[VTD_NESTED_A_ATTACHMENT_PASID]));
		fprintf(out, " (DID %llu%s)", attr_number(attr[VTD_NESTED_A_ATTACHMENT_DID]),
			attr_number(attr[VTD_NESTED_A_ATTACHMENT_ATS]) ? ", ATS" : "");
		comma = ", ";
	}
	fclose(out);

	return text;
}

static void domains_json(const struct dump *domains, const struct dump *attachments)
{
	unsigned int i, j;

	json_begin_array(NULL);
	for (i = 0; i < domains->n; i++) {
		json_begin_object(NULL);
		columns_json(domain_columns, ARRAY_SIZE(domain_columns), domains->attr[i]);
		json_begin_array("attachments");
		for (j = 0; j < attachments->n; j++) {
			if (!attached_to(attachments, j, domains->attr[i]))
				continue;
			json_begin_object(NULL);
			columns_json(attachment_columns, ARRAY_SIZE(attachment_columns),
				     attachments->attr[j]);
			json_end_object();
		}
		json_end_array();
		json_end_object();
	}
	json_end_array();
}

static void domains_table(const struct dump *domains, const struct dump *attachments)
{
	struct table table;
	unsigned int i;

	columns_begin(&table, domain_columns, ARRAY_SIZE(domain_columns), "ATTACHED");
	for (i = 0; i < domains->n; i++) {
		char *text = domain_attachments(attachments, domains->attr[i]);

		columns_row(&table, domain_columns, ARRAY_SIZE(domain_columns), domains->attr[i]);
		table_cell(&table, ARRAY_SIZE(domain_columns), "%s", text);
		free(text);
	}
	table_end(&table);
}

/**
 * domain_command() - vtdctl domain
 * @argc: how many arguments there are
 * @argv: none is expected
 *
 * Return: the exit status.
 */
int domain_command(int argc, char **argv)
{
	struct dump domains, attachments;
	struct nl_sock *socket;
	int ret;

	ret = no_arguments(argc, argv);
	if (!ret)
		ret = family_open(&socket);
	if (!ret)
		ret = dump_fetch(socket, VTD_NESTED_CMD_DOMAIN_GET, &domains);
	if (!ret)
		ret = dump_fetch(socket, VTD_NESTED_CMD_ATTACHMENT_GET, &attachments);
	if (ret)
		return ret;

	if (options.json)
		domains_json(&domains, &attachments);
	else
		domains_table(&domains, &attachments);
	dump_free(&domains);
	dump_free(&attachments);
	nl_socket_free(socket);

	return VTDCTL_OK;
}
