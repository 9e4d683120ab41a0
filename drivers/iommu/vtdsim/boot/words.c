// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words of the boot parameter: vtdsim=on, or a comma-separated list of
 *
 *	spr, gnr, icx	profile of the unit; the default is spr
 *	fsonly		profile of a unit that has no second stage
 *	noncoherent	profile of a unit that reads tables from memory only
 *	cap.FIELD=N	field of the Capability Register, see capabilities.c
 *	ecap.FIELD=N	field of the Extended Capability Register
 *	ir		the unit remaps interrupts
 *	erratum		the unit has erratum 772415, as the profile spr
 *	no-erratum	the unit does not have it, whatever the profile
 *	endpoints=N	number of endpoints of the own kind, 1 to 16
 *	endpoint=KIND	one more endpoint: own, own-msix, edu or ioat
 *	functions=N	endpoints that are functions of one device, 1 to 8
 *	ports, switch, bridge
 *			they are behind root ports, a switch, or a bridge to PCI
 *	acs		functions and ports have Access Control Services
 *	queue_delay=NS	time that the unit takes for a wait descriptor
 *	desc_delay=NS	time that it takes for any other descriptor
 *	queue_async	the queue works beside the CPUs, in order
 *	async=SEED	the unit works beside the CPUs, in any order; 0 does not
 *	fill_line	walks cache eight neighbouring translations
 *	iotlb=N, pasid_cache=N, psc=N, devtlb=N
 *			entries in the IOTLB, in the PASID-cache, in the
 *			paging-structure caches, in each endpoint's device TLB
 *	segment=N	PCI segment of the unit and its endpoints, not 0
 *	unit		the words that follow are for one more unit
 *
 * Of conflicting words, the last one counts.
 */
#define pr_fmt(fmt) "vtdsim: " fmt

#include <linux/bits.h>
#include <linux/kstrtox.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <asm/processor.h>

#include "boot/capabilities.h"
#include "boot/profiles.h"
#include "boot/units.h"
#include "boot/words.h"
#include "endpoint/kind.h"
#include "unit/registers.h"
#include "unit/unit.h"

#define DEFAULT_ENDPOINTS	2
#define MAX_FUNCTIONS		8
#define DEFAULT_SEGMENT		0x1000

/* Interrupt remapping, with destinations of 32 bits; as the root table, so its table */
#define CAP_IR		VTDSIM_CAP_ESIRTPS
#define ECAP_IR		(VTDSIM_ECAP_IR | VTDSIM_ECAP_EIM | VTDSIM_ECAP_MHMV)

static bool words_parse_profile(const char *word, struct vtdsim_options *opt)
{
	unsigned int i;

	for (i = 0; i < vtdsim_profile_count; i++) {
		if (strcmp(word, vtdsim_profiles[i].name))
			continue;
		/* No profile says anything about interrupts. */
		opt->caps.cap = vtdsim_profiles[i].cap | (opt->caps.cap & CAP_IR);
		opt->caps.ecap = vtdsim_profiles[i].ecap | (opt->caps.ecap & ECAP_IR);
		opt->caps.erratum_772415 = vtdsim_profiles[i].erratum;
		return true;
	}
	return false;
}

static bool words_parse_number(const char *word, struct vtdsim_options *opt)
{
	const struct {
		const char *name;
		u32 *number;
		u32 min;
		u32 max;
	} numbers[] = {
		{ "functions=", &opt->place.functions, 1, MAX_FUNCTIONS },
		{ "queue_delay=", &opt->queue_delay, 0, VTDSIM_MAX_DELAY },
		{ "desc_delay=", &opt->desc_delay, 0, VTDSIM_MAX_DELAY },
		{ "async=", &opt->async, 0, U32_MAX },
		{ "iotlb=", &opt->limits.iotlb, 0, U32_MAX },
		{ "pasid_cache=", &opt->limits.pasid, 0, U32_MAX },
		{ "psc=", &opt->limits.psc, 0, U32_MAX },
		{ "devtlb=", &opt->devtlb, 0, U32_MAX },
	};
	unsigned int i;
	size_t len;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		len = str_has_prefix(word, numbers[i].name);
		if (len)
			return !kstrtou32(word + len, 0, numbers[i].number) &&
			       *numbers[i].number >= numbers[i].min &&
			       *numbers[i].number <= numbers[i].max;
	}
	return false;
}

static bool words_add_endpoint(struct vtdsim_options *opt, const char *name)
{
	const struct vtdsim_endpoint_kind *kind = vtdsim_endpoint_kind_find(name);

	if (!kind || opt->endpoints == VTDSIM_MAX_ENDPOINTS)
		return false;
	opt->kinds[opt->endpoints++] = kind;
	return true;
}

/* As many of the own kind, in place of all that was asked for before */
static bool words_set_endpoints(struct vtdsim_options *opt, u32 count)
{
	if (!count || count > VTDSIM_MAX_ENDPOINTS)
		return false;
	for (opt->endpoints = 0; opt->endpoints < count; opt->endpoints++)
		opt->kinds[opt->endpoints] = &vtdsim_endpoint_own;
	return true;
}

static bool words_parse_endpoint(const char *word, struct vtdsim_options *opt)
{
	size_t len;
	u32 count;

	len = str_has_prefix(word, "endpoint=");
	if (len)
		return words_add_endpoint(opt, word + len);
	len = str_has_prefix(word, "endpoints=");
	return len && !kstrtou32(word + len, 0, &count) && words_set_endpoints(opt, count);
}

static bool words_parse_topology(const char *word, struct vtdsim_options *opt)
{
	static const char * const names[] = {
		[VTDSIM_PORTS] = "ports",
		[VTDSIM_SWITCH] = "switch",
		[VTDSIM_BRIDGE] = "bridge",
	};
	unsigned int i;

	for (i = VTDSIM_PORTS; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(word, names[i])) {
			opt->place.topology = i;
			return true;
		}
	}
	return false;
}

static bool words_parse_word(const char *word, struct vtdsim_options *opt)
{
	size_t len;

	len = str_has_prefix(word, "segment=");
	if (len)
		return !kstrtou16(word + len, 0, &opt->segment) &&
		       opt->segment;
	if (!strcmp(word, "ir")) {
		opt->caps.cap |= CAP_IR;
		opt->caps.ecap |= ECAP_IR;
		return true;
	}
	if (!strcmp(word, "erratum") || !strcmp(word, "no-erratum")) {
		opt->caps.erratum_772415 = *word == 'e';
		return true;
	}
	if (!strcmp(word, "acs")) {
		opt->acs = true;
		return true;
	}
	if (!strcmp(word, "queue_async")) {
		opt->queue_async = true;
		return true;
	}
	if (!strcmp(word, "fill_line")) {
		opt->fill_line = true;
		return true;
	}
	return !strcmp(word, "on") || words_parse_number(word, opt) ||
	       words_parse_endpoint(word, opt) ||
	       words_parse_topology(word, opt) ||
	       words_parse_profile(word, opt) ||
	       vtdsim_caps_word(&opt->caps, word);
}

static void words_defaults(struct vtdsim_options *opt, unsigned int nr, u16 segment)
{
	/* Above all memory and devices */
	u64 reg_base = BIT_ULL(boot_cpu_data.x86_phys_bits) - SZ_1M;

	*opt = (struct vtdsim_options) {
		.caps.haw = boot_cpu_data.x86_phys_bits,
		.place.functions = 1,
		.segment = segment,
		.reg_base = reg_base + nr * VTDSIM_REG_BYTES,
	};
	words_parse_profile("spr", opt);
}

static bool words_same_segment(const struct vtdsim_options *opt, unsigned int n)
{
	unsigned int i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < i; j++) {
			if (opt[i].segment == opt[j].segment)
				return true;
		}
	}
	return false;
}

/**
 * vtdsim_words_parse() - what units do these words ask for?
 * @words: value of the boot parameter; strsep() ends each word where the comma was
 * @options: of each unit, room for VTDSIM_MAX_UNITS
 *
 * Says why, where it is none.
 *
 * Context: Any, also before memory can be allocated. Does not sleep.
 * Return: number of units, or 0 if a word has no meaning or two units are in one segment.
 */
unsigned int vtdsim_words_parse(char *words, struct vtdsim_options *options)
{
	struct vtdsim_options *opt = options;
	unsigned int n = 1, i;
	const char *word;

	words_defaults(opt, 0, DEFAULT_SEGMENT);
	while ((word = strsep(&words, ","))) {
		if (!strcmp(word, "unit") && n < VTDSIM_MAX_UNITS) {
			opt++;
			words_defaults(opt, n++, opt[-1].segment + 1);
		} else if (!words_parse_word(word, opt)) {
			pr_warn("off: cannot make sense of \"%s\"\n", word);
			return 0;
		}
	}
	if (words_same_segment(options, n)) {
		pr_warn("off: two units with the same segment\n");
		return 0;
	}
	for (i = 0; i < n; i++) {
		if (!options[i].endpoints)
			words_set_endpoints(&options[i], DEFAULT_ENDPOINTS);
		options[i].place.count = options[i].endpoints;
	}
	return n;
}
