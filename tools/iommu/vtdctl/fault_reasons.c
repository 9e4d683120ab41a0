// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fault reasons (VT-d 7.1.3, and 5.1.4.1 for interrupts).
 */
#include <stddef.h>

#include "fault_reasons.h"

static const char legacy[] = "legacy mode";
static const char interrupt[] = "interrupt remapping";
static const char root[] = "root entry";
static const char context[] = "context entry";
static const char directory[] = "PASID-directory entry";
static const char pasid[] = "PASID-table entry";
static const char first[] = "first-stage entry";
static const char second[] = "second-stage entry";
static const char general[] = "translation";

static const struct fault_reason reasons[256] = {
	[0x01] = { "LRT.2", legacy, "root entry is not present" },
	[0x02] = { "LCT.2", legacy, "context entry is not present" },
	[0x03] = { "LCT.3", legacy, "context entry is invalid" },
	[0x04] = { "LGN.1", legacy, "address is beyond what the context entry allows" },
	[0x05] = { "LGN.2", legacy, "write to a page that is not writable" },
	[0x06] = { "LGN.3", legacy, "read of a page that is not readable" },
	[0x07] = { "LSL.1", legacy, "paging entry could not be read" },
	[0x08] = { "LRT.1", legacy, "root entry could not be read" },
	[0x09] = { "LCT.1", legacy, "context entry could not be read" },
	[0x0a] = { "LRT.3", legacy, "reserved bit in the root entry" },
	[0x0b] = { "LCT.4", legacy, "reserved bit in the context entry" },
	[0x0c] = { "LSL.2", legacy, "reserved bit in a paging entry" },
	[0x0d] = { "LCT.5", legacy, "translation request of a device whose TT forbids it" },
	[0x20] = { NULL, interrupt, "reserved bit in the request" },
	[0x21] = { NULL, interrupt, "index is beyond the table" },
	[0x22] = { NULL, interrupt, "entry is not present" },
	[0x23] = { NULL, interrupt, "table could not be read" },
	[0x24] = { NULL, interrupt, "reserved bit in the entry" },
	[0x25] = { NULL, interrupt, "request of compatibility format is blocked" },
	[0x26] = { NULL, interrupt, "requester is not the one the entry is for" },
	[0x30] = { "RTA.1", "root table address", "translation table mode is not usable" },
	[0x31] = { "RTA.2", "root table address", "request with PASID in legacy mode" },
	[0x32] = { "RTA.3", "root table address", "page request in legacy mode" },
	[0x38] = { "SRT.1", root, "could not be read" },
	[0x39] = { "SRT.2", root, "not present (LP or UP is clear)" },
	[0x3a] = { "SRT.3", root, "reserved bit is set" },
	[0x40] = { "SCT.1", context, "could not be read" },
	[0x41] = { "SCT.2", context, "not present",
		   "The device is not attached to any domain." },
	[0x42] = { "SCT.3", context, "reserved bit is set" },
	[0x43] = { "SCT.4", context, "invalid" },
	[0x44] = { "SCT.5", context, "translation request while DTE is clear",
		   "ATS is on in the device and off in the unit." },
	[0x45] = { "SCT.6", context, "request with PASID while PASIDE is clear" },
	[0x46] = { "SCT.7", context, "PASID is beyond PDTS" },
	[0x47] = { "SCT.8", context, "page request while PRE is clear" },
	[0x48] = { "SCT.9", context, "PASID of the request is RID_PASID" },
	[0x50] = { "SPD.1", directory, "could not be read" },
	[0x51] = { "SPD.2", directory, "not present", "Nothing is attached to the PASID." },
	[0x52] = { "SPD.3", directory, "reserved bit is set" },
	[0x58] = { "SPT.1", pasid, "could not be read" },
	[0x59] = { "SPT.2", pasid, "not present",
		   "Nothing is attached to the PASID, or the device is blocked." },
	[0x5a] = { "SPT.3", pasid, "reserved bit is set" },
	[0x5b] = { "SPT.4", pasid, "asks for what the unit cannot do" },
	[0x5c] = { "SPT.5", pasid, "request to execute is not allowed" },
	[0x5d] = { "SPT.6", pasid, "request with supervisor privilege while SRE is clear" },
	[0x70] = { "SFS.1", first, "table below the top one could not be read" },
	[0x71] = { "SFS.2", first, "not present",
		   "The guest has not mapped the address, or has unmapped it." },
	[0x72] = { "SFS.3", first, "reserved bit is set" },
	[0x73] = { "SFS.4", first, "top table (FSPTPTR) could not be read" },
	[0x74] = { "SFS.5", first, "nested: guest address of the table is beyond stage 2" },
	[0x75] = { "SFS.6", first, "nested: stage 2 does not let the top table be read",
		   "The guest address of the root is not mapped in the parent." },
	[0x76] = { "SFS.7", first, "nested: stage 2 does not let a table be read" },
	[0x77] = { "SFS.8", first,
		   "nested: stage 2 does not let accessed and dirty flags be written" },
	[0x78] = { "SSS.1", second, "table below the top one could not be read" },
	[0x79] = { "SSS.2", second, "not present (R and W are clear)",
		   "The host has not mapped the guest address (IOMMU_IOAS_MAP)." },
	[0x7a] = { "SSS.3", second, "reserved bit is set" },
	[0x7b] = { "SSS.4", second, "top table (SSPTPTR) could not be read" },
	[0x7c] = { "SSS.5", second, "accessed and dirty flags without snooping" },
	[0x7d] = { "SSS.6", second, "accessed and dirty flags could not be set" },
	[0x80] = { "SGN.1", general, "address is not canonical" },
	[0x81] = { "SGN.2", general, "user request to a supervisor page",
		   "Requests without supervisor privilege need the U/S flag in all levels." },
	[0x82] = { "SGN.3", general, "request to execute from a page that forbids it" },
	[0x83] = { "SGN.4", general, "pass-through address is beyond the host's width" },
	[0x84] = { "SGN.5", general, "address is beyond the second stage's width" },
	[0x85] = { "SGN.6", general, "write to a page that is not writable" },
	[0x86] = { "SGN.7", general, "read of a page that is not readable" },
	[0x87] = { "SGN.8", general, "address is in the interrupt range (0xfeexxxxx)" },
	[0x89] = { "SGN.10", general, "PASID is beyond the unit's PSS" },
	[0x90] = { "SFS.9", first, "accessed and dirty flags without snooping" },
	[0x91] = { "SFS.10", first, "accessed and dirty flags could not be set" },
};

/**
 * fault_reason_find() - look up a fault reason
 * @code: field FR of a fault record
 *
 * Return: the reason, or NULL if the specification reserves it.
 */
const struct fault_reason *fault_reason_find(unsigned long long code)
{
	return code < 256 && reasons[code].text ? &reasons[code] : NULL;
}
