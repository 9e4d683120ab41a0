// SPDX-License-Identifier: GPL-2.0-only
/*
 * The capability registers of a VT-d unit (VT-d 11.4.2, 11.4.3).
 */
#include <stdio.h>

#include "field.h"
#include "vtdctl.h"

static void explain_nd(u64 value, char *buf, size_t size)
{
	if (value == 7)
		snprintf(buf, size, "reserved");
	else
		snprintf(buf, size, "%u domain ids", 1U << (4 + 2 * value));
}

static void explain_sagaw(u64 value, char *buf, size_t size)
{
	static const struct {
		unsigned int bit;
		const char *text;
	} tables[] = { { 1, "3 levels (39 bits)" }, { 2, "4 levels (48 bits)" },
		       { 3, "5 levels (57 bits)" } };
	const char *comma = "";
	unsigned int i;
	int n;

	n = snprintf(buf, size, "second-stage tables of ");
	for (i = 0; i < 3; i++) {
		if (!(value >> tables[i].bit & 1))
			continue;
		n += snprintf(buf + n, size - n, "%s%s", comma, tables[i].text);
		comma = ", ";
	}
	if (!*comma)
		snprintf(buf, size, "no second-stage tables");
}

static void explain_mgaw(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "addresses of up to %llu bits", value + 1);
}

static void explain_fro(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "fault records at register offset %#llx", value * 16);
}

static void explain_sslps(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "second-stage pages of 4 KiB%s%s", value & 1 ? ", 2 MiB" : "",
		 value & 2 ? ", 1 GiB" : "");
}

static void explain_nfr(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "%llu fault record%s", value + 1, value ? "s" : "");
}

static void explain_mamv(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "one IOTLB invalidation takes up to 2^%llu pages", value);
}

static const struct field cap_fields[] = {
	{ "ND", 0, 0, 3, .explain = explain_nd },
	{ "AFL", 0, 3, 1, .text = "advanced fault logging" },
	{ "RWBF", 0, 4, 1, .text = "write buffers have to be flushed by software" },
	{ "PLMR", 0, 5, 1, .text = "protected low-memory region" },
	{ "PHMR", 0, 6, 1, .text = "protected high-memory region" },
	{ "CM", 0, 7, 1, .text = "caching mode: not-present entries may be cached" },
	{ "SAGAW", 0, 8, 5, .explain = explain_sagaw },
	{ "MGAW", 0, 16, 6, .explain = explain_mgaw },
	{ "ZLR", 0, 22, 1, .text = "reads of zero length from write-only pages" },
	{ "FRO", 0, 24, 10, .explain = explain_fro },
	{ "SSLPS", 0, 34, 4, .explain = explain_sslps },
	{ "PSI", 0, 39, 1, .text = "page-selective invalidation of the IOTLB" },
	{ "NFR", 0, 40, 8, .explain = explain_nfr },
	{ "MAMV", 0, 48, 6, .explain = explain_mamv },
	{ "DWD", 0, 54, 1, .text = "IOTLB invalidations drain DMA writes" },
	{ "DRD", 0, 55, 1, .text = "IOTLB invalidations drain DMA reads" },
	{ "FS1GP", 0, 56, 1, .text = "first-stage pages of 1 GiB" },
	{ "PI", 0, 59, 1, .text = "posted interrupts" },
	{ "FS5LP", 0, 60, 1, .text = "first-stage tables of 5 levels" },
	{ "ECMDS", 0, 61, 1, .text = "enhanced commands" },
	{ "ESIRTPS", 0, 62, 1,
	  .text = "setting the interrupt-remapping table invalidates what is cached of it" },
	{ "ESRTPS", 0, 63, 1, .text = "setting the root table invalidates what is cached of it" },
};

const struct layout layout_cap = {
	.name = "cap",
	.title = "Capability Register",
	.section = "11.4.2",
	.words = 1,
	.fields = ARRAY_SIZE(cap_fields), .field = cap_fields,
};

static void explain_iro(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "IOTLB registers at register offset %#llx", value * 16);
}

static void explain_mhmv(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "one interrupt-entry invalidation takes up to 2^%llu entries", value);
}

static void explain_pss(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "PASIDs of up to %llu bits", value + 1);
}

static const struct field ecap_fields[] = {
	{ "C", 0, 0, 1, .text = "walks of legacy-mode tables snoop CPU caches" },
	{ "QI", 0, 1, 1, .text = "queued invalidation" },
	{ "DT", 0, 2, 1, .text = "device TLBs" },
	{ "IR", 0, 3, 1, .text = "interrupt remapping" },
	{ "EIM", 0, 4, 1, .text = "APIC ids of 32 bits" },
	{ "PT", 0, 6, 1, .text = "pass-through" },
	{ "SC", 0, 7, 1, .text = "snoop control" },
	{ "IRO", 0, 8, 10, .explain = explain_iro },
	{ "MHMV", 0, 20, 4, .explain = explain_mhmv },
	{ "MTS", 0, 25, 1, .text = "memory types" },
	{ "NEST", 0, 26, 1, .text = "nested translation" },
	{ "PRS", 0, 29, 1, .text = "page requests" },
	{ "ERS", 0, 30, 1, .text = "requests to execute" },
	{ "SRS", 0, 31, 1, .text = "requests with supervisor privilege" },
	{ "NWFS", 0, 33, 1, .text = "the no-write flag of translation requests" },
	{ "EAFS", 0, 34, 1, .text = "extended accessed flag in first-stage tables" },
	{ "PSS", 0, 35, 5, .explain = explain_pss },
	{ "PASID", 0, 40, 1, .text = "requests with PASID" },
	{ "DIT", 0, 41, 1, .text = "device-TLB invalidations can be throttled" },
	{ "PDS", 0, 42, 1, .text = "page requests are drained" },
	{ "SMTS", 0, 43, 1, .text = "scalable mode" },
	{ "VCS", 0, 44, 1, .text = "virtual commands" },
	{ "SSADS", 0, 45, 1, .text = "accessed and dirty flags in the second stage" },
	{ "SSTS", 0, 46, 1, .text = "second-stage translation in scalable mode" },
	{ "FSTS", 0, 47, 1, .text = "first-stage translation in scalable mode" },
	{ "SMPWCS", 0, 48, 1, .text = "walks of scalable-mode tables snoop CPU caches" },
	{ "RPS", 0, 49, 1, .text = "RID_PASID" },
	{ "TDXC", 0, 50, 1, .text = "TDX Connect" },
	{ "PMS", 0, 51, 1, .text = "performance monitoring" },
	{ "ADMS", 0, 52, 1, .text = "abort-DMA mode" },
	{ "RPRIVS", 0, 53, 1, .text = "RID_PRIV" },
};

const struct layout layout_ecap = {
	.name = "ecap",
	.title = "Extended Capability Register",
	.section = "11.4.3",
	.words = 1,
	.fields = ARRAY_SIZE(ecap_fields), .field = ecap_fields,
};
