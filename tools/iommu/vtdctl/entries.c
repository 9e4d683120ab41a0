// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries of context tables (VT-d 9.3, 9.4) and of PASID tables (9.6).
 */
#include <stdio.h>

#include "field.h"
#include "vtdctl.h"

#define PAGE(number)	((number) << 12)

static void explain_page(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "%#llx", PAGE(value));
}

/* AW of a legacy context entry and of a PASID-table entry */
static unsigned int aw_bits(u64 aw)
{
	return aw >= 1 && aw <= 3 ? 30 + 9 * aw : 0;
}

static void explain_aw(u64 value, char *buf, size_t size)
{
	if (aw_bits(value))
		snprintf(buf, size, "%u bits, %llu levels", aw_bits(value), value + 2);
	else
		snprintf(buf, size, "reserved");
}

static const char *pgtt_name(u64 pgtt)
{
	static const char *const names[8] = {
		[1] = "first stage only", [2] = "second stage only", [3] = "nested",
		[4] = "pass-through",
	};

	return names[pgtt] ? names[pgtt] : "reserved";
}

static void explain_pgtt(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "%s", pgtt_name(value));
}

static void explain_did(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "domain id %llu", value);
}

static void explain_fspm(u64 value, char *buf, size_t size)
{
	static const char *const modes[] = { "4 levels", "5 levels", "reserved levels",
					    "reserved levels" };

	snprintf(buf, size, "%s", modes[value]);
}

static void explain_pat(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "page attribute table %#llx", value);
}

static void explain_emt(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "extended memory type %llu", value);
}

enum pasid_field {
	PASID_P, PASID_FPD, PASID_AW, PASID_PGTT, PASID_SSADE, PASID_SSPTPTR,
	PASID_DID, PASID_PWSNP, PASID_PGSNP, PASID_CD, PASID_EMTE, PASID_EMT,
	PASID_PWT, PASID_PCD, PASID_PAT,
	PASID_SRE, PASID_FSPM, PASID_WPE, PASID_EAFE, PASID_FSPTPTR,
};

static const struct field pasid_fields[] = {
	[PASID_P] = { "P", 0, 0, 1, .text = "present" },
	[PASID_FPD] = { "FPD", 0, 1, 1, .text = "faults are not recorded" },
	[PASID_AW] = { "AW", 0, 2, 3, .explain = explain_aw },
	[PASID_PGTT] = { "PGTT", 0, 6, 3, .explain = explain_pgtt },
	[PASID_SSADE] = { "SSADE", 0, 9, 1,
			  .text = "the unit sets accessed and dirty flags in the second stage" },
	[PASID_SSPTPTR] = { "SSPTPTR", 0, 12, 52, .explain = explain_page },
	[PASID_DID] = { "DID", 1, 0, 16, .explain = explain_did },
	[PASID_PWSNP] = { "PWSNP", 1, 23, 1, .text = "page walks snoop CPU caches" },
	[PASID_PGSNP] = { "PGSNP", 1, 24, 1, .text = "accesses to pages snoop CPU caches" },
	[PASID_CD] = { "CD", 1, 25, 1, .text = "caches disabled" },
	[PASID_EMTE] = { "EMTE", 1, 26, 1, .text = "EMT counts" },
	[PASID_EMT] = { "EMT", 1, 27, 3, .explain = explain_emt },
	[PASID_PWT] = { "PWT", 1, 30, 1, .text = "page-level write-through" },
	[PASID_PCD] = { "PCD", 1, 31, 1, .text = "page-level cache disable" },
	[PASID_PAT] = { "PAT", 1, 32, 32, .explain = explain_pat },
	[PASID_SRE] = { "SRE", 2, 0, 1, .text = "requests with supervisor privilege are allowed" },
	[PASID_FSPM] = { "FSPM", 2, 2, 2, .explain = explain_fspm },
	[PASID_WPE] = { "WPE", 2, 4, 1, .text = "supervisor writes obey read-only pages" },
	[PASID_EAFE] = { "EAFE", 2, 7, 1, .text = "the unit sets the extended accessed flag" },
	[PASID_FSPTPTR] = { "FSPTPTR", 2, 12, 52, .explain = explain_page },
};

static u64 pasid_value(enum pasid_field field, const u64 *word)
{
	return field_value(&pasid_fields[field], word);
}

static int summarise_first(const u64 *word, char *buf, size_t size)
{
	char levels[16];

	explain_fspm(pasid_value(PASID_FSPM, word), levels, sizeof(levels));
	return snprintf(buf, size, "first stage of %s at %#llx", levels,
			PAGE(pasid_value(PASID_FSPTPTR, word)));
}

static int summarise_second(const u64 *word, char *buf, size_t size)
{
	return snprintf(buf, size, "second stage of %u bits at %#llx",
			aw_bits(pasid_value(PASID_AW, word)),
			PAGE(pasid_value(PASID_SSPTPTR, word)));
}

static void summarise_pasid_entry(const u64 *word, char *buf, size_t size)
{
	int n;

	if (!pasid_value(PASID_P, word)) {
		snprintf(buf, size, "not present");
		return;
	}

	switch (pasid_value(PASID_PGTT, word)) {
	case 1:
		n = summarise_first(word, buf, size);
		break;
	case 2:
		n = summarise_second(word, buf, size);
		break;
	case 3:
		n = snprintf(buf, size, "nested: ");
		n += summarise_first(word, buf + n, size - n);
		n += snprintf(buf + n, size - n, ", ");
		n += summarise_second(word, buf + n, size - n);
		break;
	default:
		n = snprintf(buf, size, "%s", pgtt_name(pasid_value(PASID_PGTT, word)));
	}
	snprintf(buf + n, size - n, ", domain id %llu", pasid_value(PASID_DID, word));
}

const struct layout layout_pasid_entry = {
	.name = "pasid-entry",
	.title = "Scalable-Mode PASID-Table Entry",
	.section = "9.6",
	.words = 8,
	.fields = ARRAY_SIZE(pasid_fields), .field = pasid_fields,
	.summarise = summarise_pasid_entry,
};

static void explain_pdts(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "PASID directory of %u entries, PASIDs of %llu bits",
		 1U << (7 + value), 13 + value);
}

static void explain_rid_pasid(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "requests without PASID have PASID %llu", value);
}

static const struct field context_fields[] = {
	{ "P", 0, 0, 1, .text = "present" },
	{ "FPD", 0, 1, 1, .text = "faults are not recorded" },
	{ "DTE", 0, 2, 1, .text = "the device TLB may ask for translations" },
	{ "PASIDE", 0, 3, 1, .text = "requests with PASID are allowed" },
	{ "PRE", 0, 4, 1, .text = "page requests are allowed" },
	{ "PDTS", 0, 9, 3, .explain = explain_pdts },
	{ "PASIDDIRPTR", 0, 12, 52, .explain = explain_page },
	{ "RID_PASID", 1, 0, 20, .explain = explain_rid_pasid },
	{ "RID_PRIV", 1, 20, 1, .text = "requests without PASID have supervisor privilege" },
};

const struct layout layout_context_entry = {
	.name = "context-entry",
	.title = "Scalable-Mode Context Entry",
	.section = "9.4",
	.words = 4,
	.fields = ARRAY_SIZE(context_fields), .field = context_fields,
};

static void explain_tt(u64 value, char *buf, size_t size)
{
	static const char *const types[] = {
		"second stage, no device TLB", "second stage, device TLB allowed", "pass-through",
		"reserved",
	};

	snprintf(buf, size, "%s", types[value]);
}

static const struct field legacy_fields[] = {
	{ "P", 0, 0, 1, .text = "present" },
	{ "FPD", 0, 1, 1, .text = "faults are not recorded" },
	{ "TT", 0, 2, 2, .explain = explain_tt },
	{ "SSPTPTR", 0, 12, 52, .explain = explain_page },
	{ "AW", 1, 0, 3, .explain = explain_aw },
	{ "IGN", 1, 3, 4, .text = "ignored" },
	{ "DID", 1, 8, 16, .explain = explain_did },
};

const struct layout layout_legacy_context_entry = {
	.name = "context-entry",
	.title = "Context Entry of legacy mode",
	.section = "9.3",
	.words = 2,
	.fields = ARRAY_SIZE(legacy_fields), .field = legacy_fields,
};
