// SPDX-License-Identifier: GPL-2.0-only
/*
 * vtdctl decode: what registers, entries, descriptors and fault reasons mean.
 * Needs no VT-d unit.
 */
#include <stdio.h>
#include <string.h>

#include "fault_reasons.h"
#include "field.h"
#include "input.h"
#include "json.h"
#include "table.h"
#include "vtdctl.h"

static void show_layout(const struct layout *layout, const u64 *word, unsigned int words)
{
	if (options.json)
		layout_print_json(layout, word, words);
	else
		layout_print(layout, word, words);
}

static int decode_layout(const struct layout *layout, const char *label, int argc, char **argv)
{
	u64 word[LAYOUT_WORDS] = {};
	int words = input_hex(argv, argc, label, word, layout->words);

	if (words < 0)
		return VTDCTL_USAGE;
	show_layout(layout, word, words);

	return VTDCTL_OK;
}

static int decode_cap(int argc, char **argv)
{
	return decode_layout(&layout_cap, "cap", argc, argv);
}

static int decode_ecap(int argc, char **argv)
{
	return decode_layout(&layout_ecap, "ecap", argc, argv);
}

static int decode_pasid_entry(int argc, char **argv)
{
	return decode_layout(&layout_pasid_entry, NULL, argc, argv);
}

static int decode_context_entry(int argc, char **argv)
{
	return decode_layout(options.legacy ? &layout_legacy_context_entry : &layout_context_entry,
			     NULL, argc, argv);
}

static int decode_descriptor(int argc, char **argv)
{
	u64 word[LAYOUT_WORDS] = {};
	int words = input_hex(argv, argc, NULL, word, 4);

	if (words < 0)
		return VTDCTL_USAGE;
	show_layout(descriptor_layout(word), word, words);

	return VTDCTL_OK;
}

static void show_fault_reason(u64 code, const struct fault_reason *reason)
{
	if (options.json) {
		json_begin_object(NULL);
		json_string("what", "fault-reason");
		json_hex("code", code);
		if (reason->name)
			json_string("name", reason->name);
		json_string("where", reason->where);
		json_string("meaning", reason->text);
		if (reason->hint)
			json_string("hint", reason->hint);
		json_end_object();
		return;
	}
	printf("Fault reason %#llx%s%s: %s: %s\n", code, reason->name ? ", " : "",
	       reason->name ? reason->name : "", reason->where, reason->text);
	if (reason->hint)
		printf("%s\n", reason->hint);
}

static int decode_fault_reason(int argc, char **argv)
{
	const struct fault_reason *reason;
	u64 code;

	if (input_hex(argv, argc, "fault reason", &code, 1) < 0)
		return VTDCTL_USAGE;
	reason = fault_reason_find(code);
	if (!reason) {
		vtdctl_error("fault reason %#llx is reserved", code);
		return VTDCTL_FAILED;
	}
	show_fault_reason(code, reason);

	return VTDCTL_OK;
}

/**
 * decode_command() - vtdctl decode
 * @argc: how many arguments there are
 * @argv: what to decode, and the numbers
 *
 * Return: the exit status.
 */
int decode_command(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*decode)(int argc, char **argv);
	} things[] = {
		{ "cap", decode_cap },
		{ "ecap", decode_ecap },
		{ "pasid-entry", decode_pasid_entry },
		{ "context-entry", decode_context_entry },
		{ "descriptor", decode_descriptor },
		{ "fault-reason", decode_fault_reason },
	};
	unsigned int i;

	for (i = 0; argc && i < ARRAY_SIZE(things); i++) {
		if (!strcmp(argv[0], things[i].name))
			return things[i].decode(argc - 1, argv + 1);
	}
	if (argc)
		vtdctl_error("decode: cannot decode '%s'", argv[0]);
	else
		vtdctl_error("decode: what?");
	fputs("decode takes cap, ecap, pasid-entry, context-entry, descriptor or fault-reason,\n"
	      "and hexadecimal numbers\n", stderr);

	return VTDCTL_USAGE;
}
