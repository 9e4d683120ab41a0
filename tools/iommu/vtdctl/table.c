// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables for people.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "table.h"

/* The last column gets at least this, whatever the terminal's width. */
#define TABLE_LAST_MIN	24

static void *table_memory(void *memory)
{
	if (!memory) {
		fputs("vtdctl: out of memory\n", stderr);
		exit(1);
	}

	return memory;
}

/**
 * terminal_colour() - may the output have colours?
 *
 * Return: not 0 on a terminal, unless NO_COLOR is set or the terminal is dumb.
 */
int terminal_colour(void)
{
	const char *term = getenv("TERM");
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb");
}

/**
 * terminal_width() - how many characters fit on a line
 *
 * Return: the terminal's width, else that of COLUMNS, else 0 for no limit.
 */
unsigned int terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;

	return columns ? strtoul(columns, NULL, 10) : 0;
}

/**
 * table_begin() - begin a table
 * @table: the table
 * @columns: how many columns it has
 * @headings: a heading for each
 */
void table_begin(struct table *table, unsigned int columns, const char *const headings[])
{
	unsigned int i;

	*table = (struct table) { .columns = columns };
	table_row(table, TABLE_PLAIN);
	for (i = 0; i < columns; i++)
		table_cell(table, i, "%s", headings[i]);
}

/**
 * table_row() - begin the next row
 * @table: the table
 * @look: how it looks
 *
 * Cells that are not filled stay empty.
 */
void table_row(struct table *table, enum table_look look)
{
	table->row = table_memory(realloc(table->row, (table->rows + 1) * sizeof(*table->row)));
	table->row[table->rows++] = (struct table_row) { .look = look };
}

/**
 * table_cell() - fill a cell of the row that was begun last
 * @table: the table
 * @column: number of the column, from 0 on
 * @format: as in printf()
 */
void table_cell(struct table *table, unsigned int column, const char *format, ...)
{
	struct table_row *row = &table->row[table->rows - 1];
	va_list args;

	va_start(args, format);
	if (vasprintf(&row->cell[column], format, args) < 0)
		table_memory(NULL);
	va_end(args);
}

static const char *table_text(const struct table_row *row, unsigned int column)
{
	return row->cell[column] ? row->cell[column] : "";
}

/* Prints the last cell of a row, wrapped between words; it begins at @indent. */
static void table_print_wrapped(const char *text, unsigned int indent, unsigned int width)
{
	unsigned int room = width > indent + TABLE_LAST_MIN ? width - indent : TABLE_LAST_MIN;
	size_t n;

	while (width && strlen(text) > room) {
		for (n = room; n && text[n] != ' '; n--)
			;
		if (!n)
			break;
		printf("%.*s\n%*s", (int)n, text, indent, "");
		text += n + 1;
	}
	printf("%s", text);
}

/**
 * table_end() - print a table and free it
 * @table: the table
 */
void table_end(struct table *table)
{
	static const char *const looks[] = {
		[TABLE_PLAIN] = "", [TABLE_FAINT] = "\033[2m", [TABLE_ALARM] = "\033[31m",
	};
	unsigned int wide[TABLE_COLUMNS] = {};
	unsigned int width = terminal_width();
	int colour = terminal_colour();
	unsigned int i, j, indent;

	for (i = 0; i < table->rows; i++) {
		for (j = 0; j < table->columns; j++) {
			unsigned int n = strlen(table_text(&table->row[i], j));

			wide[j] = n > wide[j] ? n : wide[j];
		}
	}

	for (i = 0; i < table->rows; i++) {
		struct table_row *row = &table->row[i];

		if (colour)
			printf("%s", i ? looks[row->look] : "\033[1m");
		indent = 0;
		for (j = 0; j + 1 < table->columns; j++) {
			printf("%-*s  ", wide[j], table_text(row, j));
			indent += wide[j] + 2;
		}
		table_print_wrapped(table_text(row, j), indent, width);
		printf("%s\n", colour ? "\033[0m" : "");
		for (j = 0; j < table->columns; j++)
			free(row->cell[j]);
	}
	free(table->row);
}
