/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Layouts of registers and of structures in memory, as tables of their fields.
 */
#ifndef _VTDCTL_FIELD_H
#define _VTDCTL_FIELD_H

#include <stddef.h>

typedef unsigned long long u64;

#define LAYOUT_WORDS	8

/**
 * struct field - a field of a layout
 * @name: as the specification abbreviates it
 * @word: number of the 64-bit word it is in
 * @low: its lowest bit there
 * @bits: how many bits it has there
 * @low2: lowest bit of its upper part, where a field is in two parts
 * @bits2: bits of the upper part; 0 where there is one part
 * @text: what it means when it is not 0, if @explain is NULL
 * @explain: writes what the value means
 */
struct field {
	const char *name;
	unsigned char word, low, bits;
	unsigned char low2, bits2;
	const char *text;
	void (*explain)(u64 value, char *buf, size_t size);
};

/**
 * struct layout - a register, or a structure in memory
 * @name: what the user calls it
 * @title: what the specification calls it
 * @section: where the specification describes it
 * @words: how many 64-bit words it has
 * @fields: how many fields it has
 * @field: the fields; a bit that is in none of them is reserved
 * @summarise: writes in a line what all of it means, if there is more to it
 *	than its fields
 */
struct layout {
	const char *name;
	const char *title;
	const char *section;
	unsigned int words;
	unsigned int fields;
	const struct field *field;
	void (*summarise)(const u64 *word, char *buf, size_t size);
};

u64 field_value(const struct field *field, const u64 *word);
void layout_print(const struct layout *layout, const u64 *word, unsigned int words);
void layout_print_json(const struct layout *layout, const u64 *word, unsigned int words);

/* registers.c */
extern const struct layout layout_cap, layout_ecap;
/* entries.c */
extern const struct layout layout_pasid_entry, layout_context_entry, layout_legacy_context_entry;
/* descriptors.c */
const struct layout *descriptor_layout(const u64 *word);

#endif /* _VTDCTL_FIELD_H */
