/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables for people: columns as wide as they need, the last one wrapped where
 * the terminal ends.
 */
#ifndef _VTDCTL_TABLE_H
#define _VTDCTL_TABLE_H

#include <stddef.h>

#define TABLE_COLUMNS	12

/* How a row looks on a terminal that has colours. */
enum table_look {
	TABLE_PLAIN,
	TABLE_FAINT,
	TABLE_ALARM,
};

struct table_row {
	enum table_look look;
	char *cell[TABLE_COLUMNS];
};

/**
 * struct table - a table that is filled and then printed
 * @columns: how many columns there are
 * @rows: how many rows there are, the heading included
 * @row: the rows
 */
struct table {
	unsigned int columns;
	unsigned int rows;
	struct table_row *row;
};

void table_begin(struct table *table, unsigned int columns, const char *const headings[]);
void table_row(struct table *table, enum table_look look);
void table_cell(struct table *table, unsigned int column, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void table_end(struct table *table);

int terminal_colour(void);
unsigned int terminal_width(void);

#endif /* _VTDCTL_TABLE_H */
