// SPDX-License-Identifier: GPL-2.0-only
/*
 * Capabilities and fault reasons of a VT-d unit, and their texts.
 */
#include "vtd.h"

/**
 * vtd_stage2_width() - width of guest physical addresses behind a unit
 * @cap: capability register
 *
 * The widest table that SAGAW allows, but not beyond MGAW.
 *
 * Return: bits.
 */
unsigned int vtd_stage2_width(__u64 cap)
{
	unsigned int mgaw = VTD_CAP_MGAW(cap);
	unsigned int width = 0;
	int i;

	for (i = 0; i < 5; i++)
		if (VTD_CAP_SAGAW(cap) & 1U << i)
			width = 30 + 9 * i;
	return width < mgaw ? width : mgaw;
}

/**
 * vtd_can_nest() - does the unit have all that nested translation needs?
 * @ecap: extended capability register
 *
 * Return: true if so.
 */
bool vtd_can_nest(__u64 ecap)
{
	const __u64 need = VTD_ECAP_NEST | VTD_ECAP_SMTS | VTD_ECAP_FSTS |
			   VTD_ECAP_SSTS;

	return (ecap & need) == need;
}

/**
 * vtd_describe() - describe the capabilities that a VMM needs to know
 * @say: prints one line, without the newline
 * @cap: capability register
 * @ecap: extended capability register
 */
void vtd_describe(void (*say)(const char *fmt, ...) __printf(1, 2),
		  __u64 cap, __u64 ecap)
{
	static const struct {
		__u64 bit;
		const char *name, *what;
	} bits[] = {
		{ VTD_ECAP_SMTS, "SMTS", "scalable mode" },
		{ VTD_ECAP_FSTS, "FSTS", "first-stage translation" },
		{ VTD_ECAP_SSTS, "SSTS", "second-stage translation" },
		{ VTD_ECAP_NEST, "NEST", "nested translation" },
		{ VTD_ECAP_SSADS, "SSADS", "accessed/dirty bits in stage 2" },
		{ VTD_ECAP_SMPWC, "SMPWC", "page walks snoop caches" },
		{ VTD_ECAP_SC, "SC", "snoop control" },
		{ VTD_ECAP_DT, "DT", "device TLBs (ATS)" },
		{ VTD_ECAP_PRS, "PRS", "page requests" },
		{ VTD_ECAP_SRS, "SRS", "supervisor requests (SRE)" },
		{ VTD_ECAP_EAFS, "EAFS", "extended access flag (EAFE)" },
		{ VTD_ECAP_PASID, "PASID", "process address spaces" },
	};
	unsigned int sagaw = VTD_CAP_SAGAW(cap);
	unsigned int sslps = VTD_CAP_SSLPS(cap);
	unsigned int i;

	say("cap  %#018llx", cap);
	say("  stage 1        %s levels; pages of 4K, 2M%s",
	    cap & VTD_CAP_FS5LP ? "4 or 5" : "4",
	    cap & VTD_CAP_FS1GP ? ", 1G" : "");
	say("  stage 2       %s%s%s levels; pages of 4K%s%s; %u bits",
	    sagaw & 2 ? " 3" : "", sagaw & 4 ? " 4" : "",
	    sagaw & 8 ? " 5" : "", sslps & 1 ? ", 2M" : "",
	    sslps & 2 ? ", 1G" : "", vtd_stage2_width(cap));
	say("  invalidations  2^%u pages at most in one", VTD_CAP_MAMV(cap));
	say("  domain ids     %u", VTD_CAP_DOMAINS(cap));
	say("ecap %#018llx", ecap);
	for (i = 0; i < ARRAY_SIZE(bits); i++)
		say("  %-7s%-4s %s", bits[i].name,
		    ecap & bits[i].bit ? "yes" : "no", bits[i].what);
	if (ecap & VTD_ECAP_PASID)
		say("  PASID width    %u bits", VTD_ECAP_PSS(ecap));
}

/**
 * vtd_fault_text() - describe a fault reason
 * @reason: fault reason of scalable mode
 *
 * Return: the text.
 */
const char *vtd_fault_text(unsigned int reason)
{
	static const struct {
		unsigned int reason;
		const char *text;
	} reasons[] = {
		{ 0x41, "no context entry" },
		{ 0x51, "no PASID directory entry" },
		{ VTD_FR_PASID_PRESENT, "no PASID entry" },
		{ VTD_FR_FS_ACCESS, "stage-1 table is where no memory is" },
		{ VTD_FR_FS_PRESENT, "not present in stage 1" },
		{ VTD_FR_FS_RESERVED, "reserved bit set in stage 1" },
		{ 0x73, "stage-1 root is where no memory is" },
		{ VTD_FR_FS_NEST_WIDTH, "stage-1 table beyond stage 2" },
		{ VTD_FR_FS_NEST_ROOT, "stage 2 does not let stage-1 root be read" },
		{ VTD_FR_FS_NEST_READ, "stage 2 does not let stage 1 be read" },
		{ VTD_FR_FS_NEST_WRITE, "stage 2 does not let stage 1 be written" },
		{ 0x78, "stage-2 table is where no memory is" },
		{ VTD_FR_SS_PRESENT, "not mapped in stage 2" },
		{ 0x7a, "reserved bit set in stage 2" },
		{ VTD_FR_CANONICAL, "address is not canonical" },
		{ VTD_FR_USER, "supervisor page in stage 1" },
		{ VTD_FR_WIDTH, "address beyond stage 2" },
		{ VTD_FR_WRITE, "no write permission" },
		{ VTD_FR_READ, "no read permission" },
		{ VTD_FR_INTERRUPT, "interrupt address range" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].reason == reason)
			return reasons[i].text;
	return "see VT-d section 7.1.3";
}
