// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shows the fields of a layout.
 */
#include <stdbool.h>
#include <stdio.h>

#include "field.h"
#include "json.h"
#include "table.h"

#define FIELD_TEXT	160

static u64 field_mask(unsigned int low, unsigned int bits)
{
	return bits ? (~0ULL >> (64 - bits)) << low : 0;
}

/**
 * field_value() - value of a field
 * @field: the field
 * @word: all words of its layout
 *
 * Return: the value, its two parts put together.
 */
u64 field_value(const struct field *field, const u64 *word)
{
	u64 low = (word[field->word] & field_mask(field->low, field->bits)) >> field->low;
	u64 high = (word[field->word] & field_mask(field->low2, field->bits2)) >> field->low2;

	return low | high << field->bits;
}

static u64 layout_reserved(const struct layout *layout, const u64 *word, unsigned int i)
{
	u64 known = 0;
	unsigned int n;

	for (n = 0; n < layout->fields; n++) {
		const struct field *field = &layout->field[n];

		if (field->word == i)
			known |= field_mask(field->low, field->bits) |
				 field_mask(field->low2, field->bits2);
	}

	return word[i] & ~known;
}

static void field_explain(const struct field *field, u64 value, char *buf, size_t size)
{
	if (field->explain)
		field->explain(value, buf, size);
	else
		snprintf(buf, size, "%s", field->text);
}

/* Bits are counted through all words, as the specification does. */
static void field_bits(const struct field *field, char *buf, size_t size)
{
	unsigned int base = 64 * field->word;
	int n = 0;

	if (field->bits2)
		n = snprintf(buf, size, "%u:%u,", base + field->low2 + field->bits2 - 1,
			     base + field->low2);
	if (field->bits == 1)
		snprintf(buf + n, size - n, "%u", base + field->low);
	else
		snprintf(buf + n, size - n, "%u:%u", base + field->low + field->bits - 1,
			 base + field->low);
}

/**
 * layout_print() - print fields as a table
 * @layout: the layout
 * @word: values of all its words
 * @words: how many of these are known; others are not shown
 */
void layout_print(const struct layout *layout, const u64 *word, unsigned int words)
{
	static const char *const headings[] = { "FIELD", "BITS", "VALUE", "MEANING" };
	char text[FIELD_TEXT];
	struct table table;
	unsigned int i;

	printf("%s (VT-d %s)\n", layout->title, layout->section);
	if (layout->summarise) {
		layout->summarise(word, text, sizeof(text));
		if (text[0])
			printf("%s\n", text);
	}

	table_begin(&table, 4, headings);
	for (i = 0; i < layout->fields; i++) {
		const struct field *field = &layout->field[i];
		u64 value = field_value(field, word);

		if (field->word >= words)
			continue;
		table_row(&table, value ? TABLE_PLAIN : TABLE_FAINT);
		table_cell(&table, 0, "%s", field->name);
		field_bits(field, text, sizeof(text));
		table_cell(&table, 1, "%s", text);
		table_cell(&table, 2, value > 9 ? "%#llx" : "%llu", value);
		field_explain(field, value, text, sizeof(text));
		table_cell(&table, 3, "%s%s", value || field->explain ? "" : "(no) ", text);
	}
	for (i = 0; i < words; i++) {
		u64 reserved = layout_reserved(layout, word, i);

		if (!reserved)
			continue;
		table_row(&table, TABLE_ALARM);
		table_cell(&table, 0, "reserved");
		table_cell(&table, 1, "%u:%u", 64 * i + 63, 64 * i);
		table_cell(&table, 2, "%#llx", reserved);
		table_cell(&table, 3, "bits that should be 0, or that are newer than this program");
	}
	table_end(&table);
}

/**
 * layout_print_json() - print fields as a JSON object
 * @layout: the layout
 * @word: values of all its words
 * @words: how many of these are known; others are not shown
 */
void layout_print_json(const struct layout *layout, const u64 *word, unsigned int words)
{
	char text[FIELD_TEXT];
	unsigned int i;

	json_begin_object(NULL);
	json_string("what", layout->name);
	json_string("title", layout->title);
	json_string("section", layout->section);
	json_begin_array("words");
	for (i = 0; i < words; i++)
		json_hex(NULL, word[i]);
	json_end_array();
	if (layout->summarise) {
		layout->summarise(word, text, sizeof(text));
		json_string("summary", text);
	}

	json_begin_object("fields");
	for (i = 0; i < layout->fields; i++) {
		const struct field *field = &layout->field[i];
		u64 value = field_value(field, word);

		if (field->word >= words)
			continue;
		json_begin_object(field->name);
		json_hex("value", value);
		field_explain(field, value, text, sizeof(text));
		json_string("meaning", text);
		json_end_object();
	}
	json_end_object();

	json_begin_array("reserved");
	for (i = 0; i < words; i++)
		json_hex(NULL, layout_reserved(layout, word, i));
	json_end_array();
	json_end_object();
}
