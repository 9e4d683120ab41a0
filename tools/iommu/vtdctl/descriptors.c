// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors of the invalidation queue (VT-d 6.5.2, 7.6.1).
 */
#include <stdio.h>

#include "field.h"
#include "vtdctl.h"

static const char *name_of(const char *const *names, unsigned int n, u64 value)
{
	return value < n && names[value] ? names[value] : "reserved";
}

#define EXPLAIN_NAMES(function, ...)						\
static void function(u64 value, char *buf, size_t size)			\
{										\
	static const char *const names[] = { __VA_ARGS__ };			\
										\
	snprintf(buf, size, "%s", name_of(names, ARRAY_SIZE(names), value)); \
}

EXPLAIN_NAMES(explain_g_context, [1] = "all", [2] = "of a domain", [3] = "of a device")
EXPLAIN_NAMES(explain_g_iotlb, [1] = "all", [2] = "of a domain", [3] = "pages of a domain")
EXPLAIN_NAMES(explain_g_piotlb, [2] = "of a PASID", [3] = "pages of a PASID")
EXPLAIN_NAMES(explain_g_pasid, [0] = "of a domain", [1] = "of a PASID", [3] = "all")
EXPLAIN_NAMES(explain_g_iec, [0] = "all", [1] = "by index")
EXPLAIN_NAMES(explain_fm, [0] = "this function", [1] = "functions that differ in bit 2",
	      [2] = "functions that differ in bits 2:1", [3] = "all functions of the device")
EXPLAIN_NAMES(explain_type, [1] = "context-cache invalidation", [2] = "IOTLB invalidation",
	      [3] = "device-TLB invalidation", [4] = "interrupt-entry-cache invalidation",
	      [5] = "invalidation wait", [6] = "PASID-based IOTLB invalidation",
	      [7] = "PASID-cache invalidation", [8] = "PASID-based device-TLB invalidation",
	      [9] = "page group response")
EXPLAIN_NAMES(explain_rc, [0] = "success", [1] = "invalid request", [15] = "response failure")

static void explain_number(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "%llu", value);
}

static void explain_device(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "%02llx:%02llx.%llx", value >> 8, value >> 3 & 31, value & 7);
}

static void explain_page(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "%#llx", value << 12);
}

static void explain_status_addr(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "%#llx", value << 2);
}

static void explain_am(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "2^%llu pages", value);
}

static void explain_mip(u64 value, char *buf, size_t size)
{
	if (value)
		snprintf(buf, size, "at most %llu invalidations of the device at a time", value);
	else
		snprintf(buf, size, "no limit");
}

#define TYPE	{ "TYPE", 0, 0, 4, 9, 3, .explain = explain_type }
#define DID	{ "DID", 0, 16, 16, .explain = explain_number }
#define PASID	{ "PASID", 0, 32, 20, .explain = explain_number }
#define PFSID	{ "PFSID", 0, 12, 4, 52, 12, .explain = explain_device }
#define AM	{ "AM", 1, 0, 6, .explain = explain_am }
#define IH	{ "IH", 1, 6, 1, .text = "only leaf entries have changed" }
#define ADDR	{ "ADDR", 1, 12, 52, .explain = explain_page }

/* A page address and the number of pages, log2. */
static int summarise_pages(char *buf, size_t size, u64 addr, unsigned int order)
{
	if (order >= 52)
		return snprintf(buf, size, "all pages");
	return snprintf(buf, size, "%llu page%s from %#llx", 1ULL << order, order ? "s" : "",
			addr & (~0ULL << (order + 12)));
}

/*
 * With S, the lowest bit of the address that is clear tells how many pages there
 * are (VT-d 6.5.2.5).
 */
static unsigned int devtlb_order(u64 word1, unsigned int s)
{
	unsigned int order = 1;

	if (!(word1 >> s & 1))
		return 0;
	while (order < 52 && word1 >> (order + 11) & 1)
		order++;

	return order;
}

static const struct field context_fields[] = {
	TYPE, { "G", 0, 4, 2, .explain = explain_g_context }, DID,
	{ "SID", 0, 32, 16, .explain = explain_device },
	{ "FM", 0, 48, 2, .explain = explain_fm },
};

static const struct field pasid_cache_fields[] = {
	TYPE, { "G", 0, 4, 2, .explain = explain_g_pasid }, DID, PASID,
};

static const struct field iotlb_fields[] = {
	TYPE, { "G", 0, 4, 2, .explain = explain_g_iotlb },
	{ "DW", 0, 6, 1, .text = "DMA writes are drained" },
	{ "DR", 0, 7, 1, .text = "DMA reads are drained" }, DID, AM, IH, ADDR,
};

static void summarise_iotlb(const u64 *word, char *buf, size_t size)
{
	int n;

	buf[0] = '\0';
	if ((word[0] >> 4 & 3) != 3)
		return;
	n = summarise_pages(buf, size, word[1], word[1] & 0x3f);
	snprintf(buf + n, size - n, ", domain id %llu", word[0] >> 16 & 0xffff);
}

static const struct field piotlb_fields[] = {
	TYPE, { "G", 0, 4, 2, .explain = explain_g_piotlb }, DID, PASID, AM, IH, ADDR,
};

static void summarise_piotlb(const u64 *word, char *buf, size_t size)
{
	int n = 0;

	if ((word[0] >> 4 & 3) == 3)
		n = summarise_pages(buf, size, word[1], word[1] & 0x3f);
	else
		n = summarise_pages(buf, size, 0, 52);
	snprintf(buf + n, size - n, ", PASID %llu, domain id %llu", word[0] >> 32 & 0xfffff,
		 word[0] >> 16 & 0xffff);
}

static const struct field devtlb_fields[] = {
	TYPE, PFSID, { "MIP", 0, 16, 5, .explain = explain_mip },
	{ "SID", 0, 32, 16, .explain = explain_device },
	{ "S", 1, 0, 1, .text = "several pages, as the low bits of the address tell" }, ADDR,
};

static void summarise_devtlb(const u64 *word, char *buf, size_t size)
{
	int n = summarise_pages(buf, size, word[1], devtlb_order(word[1], 0));

	n += snprintf(buf + n, size - n, ", device ");
	explain_device(word[0] >> 32 & 0xffff, buf + n, size - n);
}

static const struct field pdevtlb_fields[] = {
	TYPE, { "MIP", 0, 4, 5, .explain = explain_mip }, PFSID,
	{ "SID", 0, 16, 16, .explain = explain_device }, PASID,
	{ "G", 1, 0, 1, .text = "of all PASIDs" },
	{ "S", 1, 11, 1, .text = "several pages, as the low bits of the address tell" }, ADDR,
};

static void summarise_pdevtlb(const u64 *word, char *buf, size_t size)
{
	int n = summarise_pages(buf, size, word[1], devtlb_order(word[1], 11));

	n += snprintf(buf + n, size - n, ", PASID %llu, device ", word[0] >> 32 & 0xfffff);
	explain_device(word[0] >> 16 & 0xffff, buf + n, size - n);
}

static const struct field iec_fields[] = {
	TYPE, { "G", 0, 4, 1, .explain = explain_g_iec },
	{ "IM", 0, 27, 5, .explain = explain_number },
	{ "IIDX", 0, 32, 16, .explain = explain_number },
};

static const struct field wait_fields[] = {
	TYPE, { "IF", 0, 4, 1, .text = "interrupt when done" },
	{ "SW", 0, 5, 1, .text = "write the status when done" },
	{ "FN", 0, 6, 1, .text = "fence: what follows begins after this" },
	{ "PD", 0, 7, 1, .text = "drain page requests" },
	{ "STATUS_DATA", 0, 32, 32, .explain = explain_number },
	{ "STATUS_ADDR", 1, 2, 62, .explain = explain_status_addr },
};

static const struct field page_response_fields[] = {
	TYPE, { "PP", 0, 4, 1, .text = "PASID counts" },
	{ "RC", 0, 12, 4, .explain = explain_rc },
	{ "RID", 0, 16, 16, .explain = explain_device }, PASID,
	{ "PRGI", 1, 3, 9, .explain = explain_number },
};

static const struct field unknown_fields[] = { TYPE };

static const struct layout layouts[] = {
	[0] = {
		.name = "descriptor", .title = "Descriptor of an unknown type",
		.section = "6.5.2", .words = 4,
		.fields = ARRAY_SIZE(unknown_fields), .field = unknown_fields,
	},
	[1] = {
		.name = "descriptor", .title = "Context-Cache Invalidate Descriptor",
		.section = "6.5.2.1", .words = 4,
		.fields = ARRAY_SIZE(context_fields), .field = context_fields,
	},
	[2] = {
		.name = "descriptor", .title = "IOTLB Invalidate Descriptor",
		.section = "6.5.2.3", .words = 4,
		.fields = ARRAY_SIZE(iotlb_fields), .field = iotlb_fields,
		.summarise = summarise_iotlb,
	},
	[3] = {
		.name = "descriptor", .title = "Device-TLB Invalidate Descriptor",
		.section = "6.5.2.5", .words = 4,
		.fields = ARRAY_SIZE(devtlb_fields), .field = devtlb_fields,
		.summarise = summarise_devtlb,
	},
	[4] = {
		.name = "descriptor", .title = "Interrupt Entry Cache Invalidate Descriptor",
		.section = "6.5.2", .words = 4,
		.fields = ARRAY_SIZE(iec_fields), .field = iec_fields,
	},
	[5] = {
		.name = "descriptor", .title = "Invalidation Wait Descriptor",
		.section = "6.5.2.9", .words = 4,
		.fields = ARRAY_SIZE(wait_fields), .field = wait_fields,
	},
	[6] = {
		.name = "descriptor", .title = "PASID-based IOTLB Invalidate Descriptor",
		.section = "6.5.2.4", .words = 4,
		.fields = ARRAY_SIZE(piotlb_fields), .field = piotlb_fields,
		.summarise = summarise_piotlb,
	},
	[7] = {
		.name = "descriptor", .title = "PASID-Cache Invalidate Descriptor",
		.section = "6.5.2.2", .words = 4,
		.fields = ARRAY_SIZE(pasid_cache_fields), .field = pasid_cache_fields,
	},
	[8] = {
		.name = "descriptor", .title = "PASID-based Device-TLB Invalidate Descriptor",
		.section = "6.5.2.6", .words = 4,
		.fields = ARRAY_SIZE(pdevtlb_fields), .field = pdevtlb_fields,
		.summarise = summarise_pdevtlb,
	},
	[9] = {
		.name = "descriptor", .title = "Page Group Response Descriptor",
		.section = "7.6.1", .words = 4,
		.fields = ARRAY_SIZE(page_response_fields), .field = page_response_fields,
	},
};

/**
 * descriptor_layout() - layout of a descriptor
 * @word: its first word, which tells the type
 *
 * Return: the layout; that of unknown types has nothing but the type.
 */
const struct layout *descriptor_layout(const u64 *word)
{
	u64 type = field_value(&unknown_fields[0], word);

	return &layouts[type < ARRAY_SIZE(layouts) ? type : 0];
}
