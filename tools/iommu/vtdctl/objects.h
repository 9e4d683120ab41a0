/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Objects of the family as rows of a table, or as JSON.
 */
#ifndef _VTDCTL_OBJECTS_H
#define _VTDCTL_OBJECTS_H

#include "family.h"
#include "table.h"

enum column_kind {
	COLUMN_NUMBER,
	COLUMN_HEX,
	COLUMN_TEXT,
	COLUMN_FLAG,
};

/**
 * struct column - an attribute, and how it is shown
 * @attr: number of the attribute
 * @kind: what it is
 * @heading: heading of the column
 * @key: key in JSON, the name that the specification of the family has
 */
struct column {
	int attr;
	enum column_kind kind;
	const char *heading;
	const char *key;
};

void columns_begin(struct table *table, const struct column *column, unsigned int columns,
		   const char *last);
void columns_row(struct table *table, const struct column *column, unsigned int columns,
		 struct nlattr **attr);
void columns_json(const struct column *column, unsigned int columns, struct nlattr **attr);

int unit_command(int argc, char **argv);
int parent_command(int argc, char **argv);
int domain_command(int argc, char **argv);

#endif /* _VTDCTL_OBJECTS_H */
